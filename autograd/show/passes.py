"""The backward pass as it would be, on numbers of its own: in what order, and what would reach each value."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TypeAlias

from autograd.value import Value

Edges: TypeAlias = list[tuple[Value, float | None]]
"""The operands that were chosen, with the local derivative by each; None where it is not known."""


@dataclass(frozen=True)
class Pass:
    """What `root.backward(gradient)` would do, were every gradient not computed before."""

    order: list[Value]
    """The values whose shares go to their parents, in the order in which they do: the root first; no leaf."""
    edges: dict[Value, Edges]
    """Where the shares of each of them go."""
    gradients: dict[Value, float | None]
    """What each value that the pass reaches would get, to the bit; None where a value made by hand has its part."""

    @property
    def places(self) -> dict[Value, int]:
        """Each value's place, from 1, in the order in which gradients are complete: then a value passes its own on.

        What the pass does not go through, because it was not chosen, has none.
        """
        waiting = Counter([parent for node in self.order for parent, _ in self.edges[node] if parent._row is None])
        complete: list[Value] = [] if self.order else list(self.gradients)
        for node in self.order:
            complete.append(node)
            for parent, _ in self.edges[node]:
                if parent._row is None:
                    waiting[parent] -= 1
                    if not waiting[parent]:
                        complete.append(parent)
        return {node: place for place, node in enumerate(complete, 1)}


def live_edges(node: Value) -> Edges:
    """Where the share of `node` goes.

    The derivatives of a value made by hand are not known, if its maker wrote a `_backward` for it. Where he wrote none,
    nothing flows: 0.
    """
    if node._x is not None:
        return [(node._x, node._dx)] if node._y is None else [(node._x, node._dx), (node._y, node._dy)]
    if is_by_hand(node) and ("_backward" in node.__dict__ or type(node)._backward is not Value._backward):
        return [(parent, None) for parent in node.parents]
    return [(parent, d) for parent, d in zip(node.parents, node._partials(), strict=True) if d is not None]


def is_by_hand(node: Value) -> bool:
    """Whether it is micrograd's `Value(data, children, op)`, whose derivatives no table has."""
    return node._row is not None and not node._row.rules


def backward_pass(root: Value, gradient: float = 1.0) -> Pass:
    """The pass from `root`: the order and the additions are those of `root.backward(gradient)`, and nothing is changed.

    >>> a = Value(3.0)
    >>> L = a * a + a
    >>> backward_pass(L).gradients[a], a.grad
    (7.0, 0.0)
    """
    order: list[Value] = []
    edges: dict[Value, Edges] = {}
    stack: list[Value | None] = [root]
    while stack:
        node = stack.pop()
        if node is None:  # all operands of the value below it are in the order
            order.append(stack.pop())  # type: ignore[arg-type]
        elif node._row is not None and node not in edges:
            edges[node] = live_edges(node)
            stack += [node, None]
            stack += [parent for parent, _ in edges[node] if parent._row is not None]
    order.reverse()
    gradients: dict[Value, float | None] = {root: gradient}
    for node in order:
        g = gradients[node]
        for parent, partial in edges[node]:
            before = gradients.get(parent, 0.0)
            known = g is not None and partial is not None and before is not None
            gradients[parent] = before + g * partial if known else None  # type: ignore[operator]
    for node in order:
        if node._x is None and len(edges[node]) < len(node.parents):
            _spread_zeros(node, gradients)
    return Pass(order, edges, gradients)


def _spread_zeros(node: Value, gradients: dict[Value, float | None]) -> None:
    """What only edges lead to that were not chosen has a gradient, and it is 0."""
    stack = list(node.parents)
    while stack:
        dead = stack.pop()
        if dead not in gradients:
            gradients[dead] = 0.0
            stack.extend(dead.parents)
