"""The backward pass as it would be, on numbers of its own: in what order, and what would reach each value."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from autograd.sweeps import tape
from autograd.value import Value

Edges: TypeAlias = list[tuple[int, int, float | None]]
"""The number of a node, of an operand that was chosen, and the local derivative by it; None where it is not known."""
Gradient: TypeAlias = float | None
"""None: it cannot be told, because a node made by hand had a part in it."""


@dataclass(frozen=True)
class Pass:
    """What `root.backward(gradient)` would do, were every gradient not computed before."""

    nodes: list[Value]
    """What the pass goes through, leaves too, operands before results: it goes from the end to the beginning."""
    edges: Edges
    """Where shares go, in the order of the pass."""
    gradients: dict[Value, Gradient]
    """What each value that the pass reaches would get, to the bit; None where a value made by hand has its part."""

    @property
    def order(self) -> list[Value]:
        """The values whose shares go to their parents, in the order in which they do: the root first; no leaf."""
        return [node for node in reversed(self.nodes) if node._row is not None]

    @property
    def places(self) -> dict[Value, int]:
        """Each value's place, from 1, in the order in which gradients are complete: then a value passes its own on.

        What the pass does not go through, because it was not chosen, has none.
        """
        waiting = [0] * len(self.nodes)
        for _, parent, _ in self.edges:
            waiting[parent] += 1
        complete: list[Value] = []
        edges, passed, last = self.edges, 0, len(self.nodes) - 1
        for at in range(last, -1, -1):
            if at == last or self.nodes[at]._row is not None:
                complete.append(self.nodes[at])
            while passed < len(edges) and edges[passed][0] == at:
                parent = edges[passed][1]
                waiting[parent] -= 1
                if not waiting[parent] and self.nodes[parent]._row is None:
                    complete.append(self.nodes[parent])
                passed += 1
        return {node: place for place, node in enumerate(complete, 1)}

    @property
    def sizes(self) -> dict[Value, float]:
        """The sum of the absolute values of all that flows into each value: rounding is a part of that."""
        size = [0.0] * len(self.nodes)
        size[-1] = abs(self.gradients[self.nodes[-1]] or 0.0)
        for at, parent, partial in self.edges:
            size[parent] += size[at] * abs(partial or 0.0)
        return dict(zip(self.nodes, size, strict=True))


def backward_pass(root: Value, gradient: float = 1.0) -> Pass:
    """The pass from `root`: the order and the additions are those of `root.backward(gradient)`, and nothing is changed.

    >>> a = Value(3.0)
    >>> L = a * a + a
    >>> backward_pass(L).gradients[a], a.grad
    (7.0, 0.0)
    """
    nodes, edges = live_graph(root)
    found: list[Gradient] = [0.0] * len(nodes)
    found[-1] = gradient
    deque(flow(edges, found), maxlen=0)
    gradients = dict(zip(nodes, found, strict=True))
    for node in nodes:
        if node._x is None and node._row is not None and (node._wide is None or None in node._wide.partials):
            _spread_zeros(node, gradients)
    return Pass(nodes, edges, gradients)


def live_graph(root: Value) -> tuple[list[Value], Edges]:
    """The values that live edges lead to, operands before results; and these edges, in the order of the pass."""
    way = tape([root])
    edges: Edges = way.edges[::-1]
    for number, (at, parent, partial) in enumerate(edges):
        if partial is None and not passes_back(way.nodes[at]):  # nobody wrote a `_backward`: nothing flows
            edges[number] = at, parent, 0.0
    return way.nodes, edges


def flow(edges: Edges, gradients: list[Gradient]) -> Iterator[tuple[Gradient, Gradient]]:
    """Edge by edge what flows, and the gradient at its end with that added, which goes into `gradients` too."""
    for at, parent, partial in edges:
        g, share, after = gradients[at], None, None
        if g is not None and partial is not None:
            share, before = g * partial, gradients[parent]
            after = None if before is None else before + share
        gradients[parent] = after
        yield share, after


def is_by_hand(node: Value) -> bool:
    """Whether it is micrograd's `Value(data, children, op)`, whose derivatives no table has."""
    return node._row is not None and not node._row.rules


def passes_back(node: Value) -> bool:
    """Whether it was made by hand, and its maker wrote a `_backward` for it; without one nothing flows."""
    return is_by_hand(node) and ("_backward" in node.__dict__ or type(node)._backward is not Value._backward)


def _spread_zeros(node: Value, gradients: dict[Value, Gradient]) -> None:
    """What only edges lead to that were not chosen has a gradient, and it is 0."""
    stack = list(node.parents)
    while stack:
        dead = stack.pop()
        if dead not in gradients:
            gradients[dead] = 0.0
            stack.extend(dead.parents)
