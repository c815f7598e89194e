"""What a picture tells of a graph: a box for every value and an edge for every use of one, read once and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.graph import topological_order
from autograd.show import words
from autograd.show.names import called
from autograd.show.passes import is_by_hand
from autograd.show.rounding import doubts, near_zero
from autograd.show.shares import Share, shares
from autograd.value import Value

MOST_BOXES = 6000
MOST_PLAIN = 60  # values that are drawn one by one if nothing else is said
MOST_VALUES = 200_000  # of a graph that is looked at for what can be folded
FOLDS = (None, False, "neuron", "layer", "block")
MOST_WITH_DERIVATIVES = 30


@dataclass(frozen=True)
class Line:
    """A line of text in a box: `left` at its left side, `right` at its right side."""

    left: str
    right: str


@dataclass(frozen=True)
class Fact:
    """One value, or several that are folded: what the box says."""

    name: str
    formula: str
    """How it was made, of the names of others; empty for a leaf."""
    terms: tuple[Line, ...]
    """What stands between the name and the number: each product of a `dot`, with its numbers."""
    data_text: str
    grad_text: str
    grads: tuple[float, ...] = ()
    """The gradient, or of several values the least and the greatest; none where no pass has reached them."""
    note: str = ""
    """What is to be said of the gradient beside it."""
    place: int | None = None
    """Its place in the order of the backward pass; None where that does not come."""
    exactly: str = ""
    """What a pointer held over the box shows: nothing shortened, nothing rounded."""
    count: int = 1
    """How many values are in the box."""

    @property
    def made(self) -> str:
        """` = ` and how it was made, to follow the name; nothing for a leaf."""
        return f" = {self.formula}" if self.formula else ""


@dataclass(frozen=True)
class Use:
    """One operand of one operation: the numbers of both boxes, and the local derivative, if it is known."""

    source: int
    target: int
    derivative: float | None
    count: int = 1
    """How many edges are folded in it."""


@dataclass(frozen=True)
class Facts:
    """All boxes, operands before results, the drawn value last; and all edges, operation by operation."""

    boxes: tuple[Fact, ...]
    uses: tuple[Use, ...]
    local_grads: bool
    inner: int = 0
    """How many edges are inside of boxes."""
    nearest: bool = False
    """Whether some boxes hold all that comes before, so that only what is nearest to the end is drawn one by one."""

    def label(self, use: Use) -> str:
        """What stands on an edge: its local derivative, or how many edges it is, or nothing."""
        if use.count > 1:
            return f"×{use.count}"
        return words.number(use.derivative) if self.local_grads and use.derivative is not None else ""

    def title(self, use: Use) -> str:
        """What a pointer held over an edge shows."""
        if use.count > 1:
            return f"{use.count} edges"
        if use.derivative is None:
            return ""
        return f"∂{self.boxes[use.target].name}/∂{self.boxes[use.source].name} = {use.derivative!r}"

    @property
    def root(self) -> Fact:
        """The box of the drawn value."""
        return self.boxes[-1]

    @property
    def told(self) -> str:
        """The picture in a sentence, for who cannot see it."""
        root, boxes = self.root, len(self.boxes)
        values, edges = sum(box.count for box in self.boxes), self.inner + sum(use.count for use in self.uses)
        folded = f" in {boxes} box{'es' * (boxes != 1)}" if values > boxes else ""
        return (
            f"Graph of {root.name}{root.made}: {values:,} value{'s' * (values != 1)}{folded},"
            f" {edges:,} edge{'s' * (edges != 1)}; data {root.data_text}, gradient {root.grad_text}"
        )


def read(
    root: Value,
    names: Mapping[Any, Any] | None = None,
    model: Any = None,
    local_grads: bool | None = None,
    variables: Mapping[str, Any] | None = None,
    fold: Any = False,
    as_if: bool = False,
) -> Facts:
    """The facts of the graph behind `root`, folded as `draw` says; at most `MOST_BOXES` boxes. Nothing is changed.

    The gradients are those that are stored, or, if `as_if`, those of a pass from `root` with nothing stored before.
    """
    if fold not in FOLDS or isinstance(fold, int) is not (fold is False):
        raise ValueError(f'fold is None, False, "neuron", "layer" or "block", was given {fold!r}')
    order = ordered(root)
    if fold is not False and MOST_VALUES >= len(order) > (MOST_PLAIN if fold is None else 1):
        from autograd.show.summary import read_folded

        found = read_folded(order, fold, names, model, variables, local_grads, as_if)
        if found is not None and len(found.boxes) <= MOST_BOXES:
            return found
    if len(order) > MOST_BOXES:
        how = "leave out fold=False, or " if fold is False else ""
        raise ValueError(
            f"the graph has {len(order):,} values, and a picture takes at most {MOST_BOXES:,} boxes: {how}draw a part"
            " of it, for example a value nearer to the inputs, or the loss of one example in place of a whole batch"
        )
    name = called(order, names, model, variables)
    number = {node: at for at, node in enumerate(order)}
    uses = tuple(
        Use(number[parent], number[node], derivative)
        for node in order
        for parent, derivative in zip(node.parents, _derivatives(node), strict=True)
    )
    doubt, (share, places) = doubts(order), shares(order, as_if)
    boxes = (fact(node, name, doubt[node], share[node], places.get(node)) for node in order)
    return Facts(tuple(boxes), uses, with_derivatives(len(order), local_grads))


def with_derivatives(boxes: int, local_grads: bool | None) -> bool:
    """Whether edges carry their local derivatives: where it is not said, in small pictures."""
    return boxes <= MOST_WITH_DERIVATIVES if local_grads is None else bool(local_grads)


def ordered(root: Value) -> list[Value]:
    """The graph in topological order; an error where values made by hand are operands of themselves."""
    order = topological_order(root)
    by_hand = [node for node in order if is_by_hand(node)]  # what the library has made is in no circle
    number = {node: at for at, node in enumerate(order)} if by_hand else {}
    for node in by_hand:
        for parent in node.parents:
            if number[parent] >= number[node]:
                raise ValueError(
                    f"the graph goes in a circle: {_told(node)} is computed from {_told(parent)}, and that from"
                    f" {'itself' if parent is node else 'it again'}: a value cannot be its own operand, so look at what"
                    " was given to Value(data, children, op)"
                )
    return order


def fact(node: Value, name: Mapping[Value, str], doubt: float, share: Share, place: int | None) -> Fact:
    """What the box of one value says."""
    formula = words.formula(node._row.name, node.op, _written(node, name)) if node._row is not None else ""
    exact = "not computed" if share.grad is None else repr(share.grad)
    lines = [name[node] + (f" = {formula}" if formula else ""), f"data {node.data!r}", f"grad {exact}"]
    return Fact(
        name=name[node],
        formula=formula,
        terms=_terms(node, name),
        data_text=near_zero(node.data, doubt),
        grad_text="not computed" if share.grad is None else near_zero(share.grad, share.doubt),
        grads=() if share.grad is None else (share.grad,),
        note=share.note,
        place=place,
        exactly="\n".join([*lines, *([share.note] if share.note else [])]),
    )


def _told(node: Value) -> str:
    return words.clean(node.label) or f"the value {words.number(node.data)} of the operation {words.clean(node.op)!r}"


def _derivatives(node: Value) -> Sequence[float | None]:
    """The local derivatives; unknown for a node made by hand, micrograd's `Value(data, children, op)`."""
    return [None] * len(node.parents) if is_by_hand(node) else node.local_grads


def _written(node: Value, called: Mapping[Value, str]) -> list[str | float]:
    """The operands as a formula takes them: names and numbers."""
    return [called[operand] if isinstance(operand, Value) else float(operand) for operand in node.operands]


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
