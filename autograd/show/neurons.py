"""Finds the neurons of a model in a graph: the weighted sum of each, its output, and what feeds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from autograd.graph import topological_order
from autograd.show.local import NUMBERED
from autograd.show.names import parameters
from autograd.value import Value

WANTED = 'write steps(loss, model=net, view="neurons") with a net of nn.Layer or nn.Neuron, such as nn.MLP(2, [3, 1])'


@dataclass
class Found:
    """A neuron, and where it stands in the graph."""

    path: str
    """Its name in the model: `layers.0.neurons.1`; empty where the model is one neuron."""
    weights: list[Value]
    bias: Value
    activation: str
    sum: Value
    """The node of its weighted sum z = w₁·x₁ + … + b."""
    out: Value
    """The node of its output a = f(z); z itself where there is no f, or one that cannot be told from what follows."""
    inputs: list[Value | float] = field(default_factory=list)

    @property
    def short(self) -> str:
        """Its place: `0.1`, of `layers.0.neurons.1`."""
        return ".".join(part for part in self.path.split(".") if part not in ("layers", "neurons"))

    @property
    def tag(self) -> str:
        """Its place in brackets, to follow z, a, δ, w and b."""
        return f"[{self.short}]" if self.short else ""


@dataclass
class Layer:
    """Neurons that see the same inputs."""

    path: str
    neurons: list[Found]


def find(root: Value, model: Any) -> list[Layer]:
    """The layers of the model that `root` was computed with, first to last; an error where there are none."""
    if model is None:
        raise ValueError(f"the neurons view needs the model that v was computed with: {WANTED}")
    parameters(model)
    sums: dict[tuple[Value, ...], list[Value]] = {}
    users: dict[Value, list[Value]] = {}
    for node in topological_order(root):
        for parent in node.parents:
            users.setdefault(parent, []).append(node)
        if node._row is not None and node._row.name == "dot":
            operands = node.operands
            key = (*operands[: len(operands) // 2], operands[-1])
            if all(isinstance(operand, Value) for operand in key):
                sums.setdefault(key, []).append(node)  # type: ignore[arg-type]
    layers, several = [], 0
    listed = list(_layers(model, "", set()))
    for path, neurons in listed:
        found = []
        for name, neuron in neurons:
            at = sums.get((*neuron.w, neuron.b), [])
            several = max(several, len(at))
            if at:
                found.append(_found(name, neuron, at[0], users))
        if found:
            layers.append(Layer(path, found))
    if several > 1:
        raise ValueError(
            f"the neurons view is of one example, but the model was used {several} times on the way to v: give the loss"
            ' of one of them, steps(loss_of_one_example, model=net, view="neurons")'
        )
    if not listed:
        raise ValueError(f"{type(model).__name__} has no neurons, that is parts with weights w and a bias b: {WANTED}")
    if not layers:
        raise ValueError(
            f"no neuron of this {type(model).__name__} is in the graph of v as one weighted sum, dot(w, x, bias=b):"
            " compute v with this very model, and the loss from v"
        )
    for layer, following in pairwise(layers):
        _outputs(layer, following)
    return layers


def renamed(layers: Sequence[Layer], called: Mapping[Value, str]) -> dict[Value, str]:
    """The names with those of the textbook: w[0.1][2] and b[0.1] but for labels, z[0.1], a[0.1], x[0] where none is."""
    fresh: dict[Value, str] = {}
    for layer in layers:
        for neuron in layer.neurons:
            leaves = [(neuron.bias, f"b{neuron.tag}")]
            leaves += [(weight, f"w{neuron.tag}[{at}]") for at, weight in enumerate(neuron.weights)]
            names = [(x, f"x[{at}]") for at, x in enumerate(neuron.inputs) if isinstance(x, Value)]
            names += [(neuron.sum, f"z{neuron.tag}"), (neuron.out, f"a{neuron.tag}")]
            names = [(node, name) for node, name in names if NUMBERED.fullmatch(called[node])]
            for node, name in [*((leaf, name) for leaf, name in leaves if not leaf.label), *names]:
                fresh.setdefault(node, name)
    taken = set(called.values())
    return {**called, **{node: name for node, name in fresh.items() if name not in taken}}


def _layers(item: Any, path: str, seen: set[int]) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """(name, neurons) of every layer in a model, in order; a neuron that stands alone is a layer of one."""
    if id(item) in seen or isinstance(item, Value):
        return
    seen.add(id(item))
    if _is_neuron(item):
        yield path, [(path, item)]
    elif hasattr(item, "neurons") and all(map(_is_neuron, item.neurons)):
        yield path, [(f"{path}.neurons.{at}".lstrip("."), neuron) for at, neuron in enumerate(item.neurons)]
    else:
        children: list[tuple[Any, Any]] = []
        if isinstance(item, (list, tuple)):
            children = list(enumerate(item))
        elif isinstance(item, dict):
            children = list(item.items())
        elif hasattr(item, "named_parameters"):
            children = list(vars(item).items())
        for name, child in children:
            yield from _layers(child, f"{path}.{name}".lstrip("."), seen)


def _is_neuron(item: Any) -> bool:
    weights = getattr(item, "w", None)
    return (
        isinstance(getattr(item, "b", None), Value)
        and isinstance(weights, (list, tuple))
        and bool(weights)
        and all(isinstance(weight, Value) for weight in weights)
    )


def _found(path: str, neuron: Any, z: Value, users: Mapping[Value, Sequence[Value]]) -> Found:
    activation = getattr(neuron, "activation", None)
    name = activation if isinstance(activation, str) else getattr(activation, "__name__", "")
    outputs = [user for user in users.get(z, ()) if name and user._row is not None and user._row.name == name]
    half = len(z.operands) // 2
    return Found(
        path=path,
        weights=list(neuron.w),
        bias=neuron.b,
        activation=name if outputs else "",
        sum=z,
        out=outputs[0] if len(users.get(z, ())) == 1 and outputs else z,
        inputs=list(z.operands[half:-1]),
    )


def _outputs(layer: Layer, following: Layer) -> None:
    """The output of a neuron whose activation is a function of several operations: what the next layer is given."""
    given = following.neurons[0].inputs
    if len(given) != len(layer.neurons):
        return
    for neuron, x in zip(layer.neurons, given, strict=True):
        if neuron.out is neuron.sum and isinstance(x, Value) and x is not neuron.sum:
            between = topological_order(x)
            if neuron.sum in set(between):
                neuron.out = x
