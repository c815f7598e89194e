"""What a picture tells of a graph: a box for every value and an edge for every use of one, read once and kept."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.graph import topological_order
from autograd.ops import TABLE
from autograd.show import words
from autograd.value import Value

MOST_BOXES = 6000
UNIT = sys.float_info.epsilon


@dataclass(frozen=True)
class Line:
    """A line of text in a box: `left` at its left side, `right` at its right side."""

    left: str
    right: str


@dataclass(frozen=True)
class Fact:
    """One value: what its box says."""

    name: str
    formula: str
    """How it was made, of the names of others; empty for a leaf."""
    terms: tuple[Line, ...]
    """Each product of a `dot`, with its numbers."""
    data: float
    data_text: str
    grad: float | None
    """None: no backward pass has reached it."""
    grad_text: str

    @property
    def made(self) -> str:
        """` = ` and how it was made, to follow the name; nothing for a leaf."""
        return f" = {self.formula}" if self.formula else ""

    @property
    def exactly(self) -> str:
        """What a pointer held over the box shows: nothing shortened, nothing rounded."""
        grad = "not computed" if self.grad is None else repr(self.grad)
        return f"{self.name}{self.made}\ndata {self.data!r}\ngrad {grad}"


@dataclass(frozen=True)
class Use:
    """One operand of one operation: the numbers of both boxes, and the local derivative, if it is known."""

    source: int
    target: int
    derivative: float | None


@dataclass(frozen=True)
class Facts:
    """All boxes, operands before results, the drawn value last; and all edges, operation by operation."""

    boxes: tuple[Fact, ...]
    uses: tuple[Use, ...]
    local_grads: bool

    def label(self, use: Use) -> str:
        """What stands on an edge: its local derivative, or nothing."""
        return words.number(use.derivative) if self.local_grads and use.derivative is not None else ""

    @property
    def root(self) -> Fact:
        """The box of the drawn value."""
        return self.boxes[-1]

    @property
    def told(self) -> str:
        """The picture in a sentence, for who cannot see it."""
        root, boxes, uses = self.root, len(self.boxes), len(self.uses)
        return (
            f"Graph of {root.name}{root.made}: {boxes} value{'s' * (boxes != 1)}, {uses} edge{'s' * (uses != 1)};"
            f" data {root.data_text}, gradient {root.grad_text}"
        )


def read(
    root: Value, names: Mapping[Any, Any] | None = None, model: Any = None, local_grads: bool | None = None
) -> Facts:
    """The facts of the graph behind `root`; at most `MOST_BOXES` boxes. Nothing is changed."""
    order = topological_order(root)
    if len(order) > MOST_BOXES:
        raise ValueError(
            f"the graph has {len(order):,} values, and a picture takes at most {MOST_BOXES:,}: draw a part of it, for"
            " example a value nearer to the inputs, or the loss of one example in place of a whole batch"
        )
    called = _names(order, names, model)
    number = {node: at for at, node in enumerate(order)}
    uses = tuple(
        Use(number[parent], number[node], derivative)
        for node in order
        for parent, derivative in zip(node.parents, _derivatives(node), strict=True)
    )
    doubt = _rounding(order)
    doubt_of_gradient = _gradient_rounding(order, uses)
    boxes = []
    for at, node in enumerate(order):
        grad = node.grad if node.computed else None
        boxes.append(
            Fact(
                called[node],
                _formula(node, called),
                _terms(node, called),
                node.data,
                _near_zero(node.data, doubt[node]),
                grad,
                "not computed" if grad is None else _near_zero(grad, doubt_of_gradient[at]),
            )
        )
    return Facts(tuple(boxes), uses, len(order) <= 30 if local_grads is None else bool(local_grads))


def _derivatives(node: Value) -> Sequence[float | None]:
    """The local derivatives; unknown for a node made by hand, micrograd's `Value(data, children, op)`."""
    by_hand = node._row is not None and node._row.name not in TABLE
    return [None] * len(node.parents) if by_hand else node.local_grads


# Names ----------------------------------------------------------------------------------------------------------------


def _names(order: Sequence[Value], names: Mapping[Any, Any] | None, model: Any) -> dict[Value, str]:
    """What each node is called: by `names`, else its label, else its name in the model, else v1, v2, … in order."""
    given = dict(_given_names(names or {}))
    in_model = {parameter: words.clean(name) for name, parameter in _parameters(model)}
    called = {node: given.get(node) or words.clean(node.label or "") or in_model.get(node, "") for node in order}
    taken = set(called.values())
    free = (name for name in map("v{}".format, range(1, len(order) + len(taken) + 1)) if name not in taken)
    return {node: name or next(free) for node, name in called.items()}


def _given_names(names: Mapping[Any, Any]) -> Iterator[tuple[Value, str]]:
    """(node, name) of a mapping from names to Values, such as `locals()`, or from Values to names.

    What is no Value is passed over. Of several names for one node the last given here counts: private ones come first.
    """
    if not isinstance(names, Mapping):
        raise TypeError(
            f"names is a mapping from names to Values, was given {_described(names)}: write names=locals(),"
            ' or names={"w": w}'
        )
    pairs = [(value, key) if isinstance(value, Value) else (key, value) for key, value in names.items()]
    pairs += [
        (item, f"{key}[{at}]")
        for key, value in names.items()
        if isinstance(key, str) and isinstance(value, (list, tuple))
        for at, item in enumerate(value)
    ]
    nodes = [(node, words.clean(name)) for node, name in reversed(pairs) if isinstance(node, Value)]
    return iter(sorted(nodes, key=lambda pair: not pair[1].startswith("_")))


def _parameters(model: Any) -> list[tuple[str, Value]]:
    if model is None:
        return []
    if not hasattr(model, "named_parameters"):
        raise TypeError(
            f"model is something with named_parameters(), such as an MLP, was given {_described(model)}:"
            " write draw(loss, model=net)"
        )
    return list(model.named_parameters())


def _described(x: Any) -> str:
    return f"{words.shortened(repr(x), 40)} of type {type(x).__name__}"


# Operations -----------------------------------------------------------------------------------------------------------


def _written(node: Value, called: Mapping[Value, str]) -> list[str | float]:
    """The operands as a formula takes them: names and numbers."""
    return [called[operand] if isinstance(operand, Value) else float(operand) for operand in node.operands]


def _formula(node: Value, called: Mapping[Value, str]) -> str:
    return words.formula(node._row.name, node.op, _written(node, called)) if node._row is not None else ""


def _terms(node: Value, called: Mapping[Value, str]) -> tuple[Line, ...]:
    """What a `dot` adds up: each product with its numbers, and the bias."""
    if node.op != "dot":
        return ()
    written = _written(node, called)
    numbers = [operand.data if isinstance(operand, Value) else float(operand) for operand in node.operands]
    half = len(numbers) // 2
    lines = [
        Line(
            words.formula("*", "*", (written[at], written[half + at])),
            f"{words.number(x)} × {words.operand(y, binding=2, place=1)} = {words.number(x * y)}",
        )
        for at, (x, y) in enumerate(zip(numbers[:half], numbers[half:-1], strict=True))
    ]
    if isinstance(written[-1], str) or written[-1] != 0:
        bias = f"+ {words.operand(written[-1])}" if isinstance(written[-1], str) else "+ bias"
        lines.append(Line(bias, words.number(numbers[-1])))
    return tuple(lines)


# Numbers that are only rounding ---------------------------------------------------------------------------------------


def _near_zero(x: float, doubt: float) -> str:
    """The number, or ≈ 0 where it is all rounding: 0.1 + 0.2 - 0.3 is 5.6e-17, and sin(pi) is 1.2e-16."""
    return "≈ 0" if 0 < abs(x) < 1e-12 and abs(x) <= doubt < math.inf else words.number(x)


def _rounding(order: Sequence[Value]) -> dict[Value, float]:
    """How far each number may be from the true one, to first order, when every step is rounded once."""
    doubt: dict[Value, float] = {}
    for node in order:
        total = UNIT * abs(node.data)
        for parent, derivative in zip(node.parents, _derivatives(node), strict=True):
            total += abs(derivative or 0.0) * doubt[parent]
        doubt[node] = total
    return doubt


def _gradient_rounding(order: Sequence[Value], uses: Sequence[Use]) -> list[float]:
    """The same for gradients, which add up shares that may cancel: the rounding of the largest sum on the way."""
    doubt = [0.0] * len(order)
    for use in uses:
        doubt[use.source] += UNIT * abs(order[use.target].grad * (use.derivative or 0.0))
    return doubt
