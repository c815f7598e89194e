"""`draw(model)`: what a picture of a network tells, the familiar circles and lines: sizes, activations, weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from autograd.show import words
from autograd.show.dot_text import quoted
from autograd.value import Value

MOST_CIRCLES = 16  # in a column; of more, the first eight and the last three are drawn
HEAD, TAIL = 8, 3


@dataclass(frozen=True)
class Circle:
    """A neuron, or an input: `tip` is what a pointer held over it shows, `bias` its number, if it has one."""

    number: int
    tip: str
    bias: float | None = None


@dataclass(frozen=True)
class Line:
    """A weight, from a circle of the column before: both by their numbers in the columns."""

    source: int
    target: int
    weight: float
    tip: str


@dataclass(frozen=True)
class Column:
    """The inputs, or a layer: how many neurons it has, those that are drawn, and the lines that are drawn to them."""

    name: str
    size: int
    circles: tuple[Circle, ...]
    lines: tuple[Line, ...] = ()
    activation: str = ""
    parameters: int = 0

    @property
    def about(self) -> tuple[str, ...]:
        """What stands over the column."""
        if not self.parameters:
            return self.name, f"{self.size:,} number{'s' * (self.size != 1)}"
        what = f"{self.size:,} neuron{'s' * (self.size != 1)}" + (f", {self.activation}" if self.activation else "")
        return self.name, what, f"{self.parameters:,} parameters"


@dataclass(frozen=True)
class Net:
    """The inputs and all layers of a model."""

    name: str
    columns: tuple[Column, ...]
    parameters: int
    weights: int
    functions: tuple[str, ...]
    """What comes after the last layer without parameters of its own, such as softmax."""

    @property
    def drawn(self) -> int:
        """How many weights are drawn."""
        return sum(len(column.lines) for column in self.columns)

    @property
    def told(self) -> str:
        """The picture in a sentence, for who cannot see it."""
        inputs, *layers = (column.size for column in self.columns)
        sizes = [f"{size:,}" for size in layers]
        listed = ", ".join(sizes[:-1]) + (" and " if len(sizes) > 1 else "") + sizes[-1]
        return (
            f"{self.name} of {inputs:,} input{'s' * (inputs != 1)} and layer{'s' * (len(sizes) != 1)} of {listed}"
            f" neuron{'s' * (layers[-1] != 1)}: {self.parameters:,} parameters"
        )


def read(model: Any) -> Net:
    """The layers of a model, in the order of definition: what has `neurons`, each with weights `w` and a bias `b`."""
    kind = type(model).__name__
    names = {parameter: name for name, parameter in model.named_parameters()}
    layers = list(_layers(model, "", set()))
    if not layers:
        raise ValueError(
            f"draw(model) draws layers of neurons, and {kind} has none: draw what it computes,"
            " draw(model(x), model=model)"
        )
    for (before, neurons), (after, following) in pairwise(layers):
        if len(neurons) != len(following[0].w):
            raise ValueError(
                f"draw(model) draws layers that follow one another, but {before} of this {kind} has {len(neurons)}"
                f" neurons and {after} takes {len(following[0].w)} numbers: draw what it computes,"
                " draw(model(x), model=model)"
            )
    inputs = len(layers[0][1][0].w)
    columns = [Column("inputs", inputs, tuple(Circle(at, f"input {at + 1} of {inputs:,}") for at in _shown(inputs)))]
    columns += [_column(name, neurons, names) for name, neurons in layers]
    return Net(
        kind,
        tuple(columns),
        len(names),
        sum(len(neuron.w) for _, neurons in layers for neuron in neurons),
        tuple(_functions(model)),
    )


def dot_body(net: Net) -> list[str]:
    """The picture as statements of DOT: the circles and lines that are drawn."""
    lines = ["rankdir=LR", "node [shape=circle]", "edge [arrowhead=none]"]
    for at, column in enumerate(net.columns):
        title = quoted("\n".join(column.about))
        circles = " ".join(f"n{at}_{circle.number} [label={quoted(_bias(circle))}]" for circle in column.circles)
        lines.append(f"subgraph cluster_{at} {{ label={title} {circles} }}")
    for at, column in enumerate(net.columns):
        for line in column.lines:
            weight = quoted(words.number(line.weight))
            lines.append(f"n{at - 1}_{line.source} -> n{at}_{line.target} [tooltip={weight}]")
    return [f"\t{line}\n" for line in lines]


def _bias(circle: Circle) -> str:
    return "" if circle.bias is None else words.number(circle.bias)


def _layers(part: Any, path: str, seen: set[int]) -> Iterator[tuple[str, list[Any]]]:
    """(name, neurons) of each layer in `part`, depth first, in the order of definition."""
    if id(part) in seen or isinstance(part, Value):
        return
    seen.add(id(part))
    if _is_neuron(part):
        yield path or type(part).__name__, [part]
    elif isinstance(neurons := getattr(part, "neurons", None), list) and neurons and all(map(_is_neuron, neurons)):
        yield path or type(part).__name__, neurons
    else:
        children = enumerate(part) if isinstance(part, (list, tuple)) else getattr(part, "__dict__", {}).items()
        for key, child in children:
            yield from _layers(child, f"{path}.{key}" if path else str(key), seen)


def _is_neuron(part: Any) -> bool:
    return isinstance(getattr(part, "w", None), list) and isinstance(getattr(part, "b", None), Value) and bool(part.w)


def _functions(model: Any) -> list[str]:
    """The functions after the last layer of a model that lists its parts."""
    found: list[str] = []
    for part in getattr(model, "layers", []):
        found = (
            [] if hasattr(part, "named_parameters") else [*found, words.clean(getattr(part, "__name__", "function"))]
        )
    return found


def _shown(size: int) -> list[int]:
    return list(range(size)) if size <= MOST_CIRCLES else [*range(HEAD), *range(size - TAIL, size)]


def _column(name: str, neurons: list[Any], names: dict[Value, str]) -> Column:
    activation = getattr(neurons[0], "activation", None)
    circles, lines = [], []
    for at in _shown(len(neurons)):
        neuron = neurons[at]
        circles.append(Circle(at, _tip(neuron.b, names.get(neuron.b, f"{name}.neurons.{at}.b")), neuron.b.data))
        lines += [
            Line(source, at, neuron.w[source].data, _tip(neuron.w[source], names.get(neuron.w[source], "weight")))
            for source in _shown(len(neuron.w))
        ]
    return Column(
        words.clean(name),
        len(neurons),
        tuple(circles),
        tuple(lines),
        activation if isinstance(activation, str) else words.clean(getattr(activation, "__name__", "")),
        sum(len(neuron.w) + 1 for neuron in neurons),
    )


def _tip(value: Value, name: str) -> str:
    grad = repr(value.grad) if value.computed else "not computed"
    return f"{words.clean(name)}\ndata {value.data!r}\ngrad {grad}"
