"""The backward pass as it would be, on numbers of its own: in what order, and what would reach each value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from autograd.value import Value


@dataclass(frozen=True)
class Pass:
    """What `root.backward(gradient)` would do, were every gradient not computed before."""

    order: list[Value]
    """The values whose shares go to their parents, in the order in which they do: the root first; no leaf."""
    gradients: dict[Value, float | None]
    """What each value that the pass reaches would get, to the bit; None where a value made by hand has its part."""

    @property
    def places(self) -> dict[Value, int]:
        """Each value's place, from 1, in the order in which gradients are complete: then a value passes its own on.

        What the pass does not go through, because it was not chosen, has none.
        """
        waiting = Counter(parent for node in self.order for parent, _ in live_edges(node) if not parent.op)
        complete: list[Value] = [] if self.order else list(self.gradients)
        for node in self.order:
            complete.append(node)
            for parent, _ in live_edges(node):
                if parent in waiting:
                    waiting[parent] -= 1
                    if not waiting[parent]:
                        complete.append(parent)
        return {node: place for place, node in enumerate(complete, 1)}


def live_edges(node: Value) -> Iterator[tuple[Value, float | None]]:
    """The operands that were chosen, with the local derivative by each; None for a value made by hand."""
    by_hand = node._row is not None and not node._row.rules
    for parent, partial in zip(node.parents, node._partials(), strict=True):
        if partial is not None:
            yield parent, None if by_hand else partial


def backward_pass(root: Value, gradient: float = 1.0) -> Pass:
    """The pass from `root`: the order and the additions are those of `root.backward(gradient)`, and nothing is changed.

    >>> a = Value(3.0)
    >>> L = a * a + a
    >>> backward_pass(L).gradients[a], a.grad
    (7.0, 0.0)
    """
    order: list[Value] = []
    visited: set[Value] = set()
    dead: list[Value] = []
    stack: list[tuple[Value, bool]] = [(root, False)]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            order.append(node)
        elif node._row is not None and node not in visited:
            visited.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent, _ in live_edges(node))
            dead += [parent for parent, partial in zip(node.parents, node._partials(), strict=True) if partial is None]
    order.reverse()
    gradients: dict[Value, float | None] = {root: gradient}
    for node in order:
        g = gradients[node]
        for parent, partial in live_edges(node):
            before = gradients.get(parent, 0.0)
            known = g is not None and partial is not None and before is not None
            gradients[parent] = before + g * partial if known else None  # type: ignore[operator]
    while dead:  # what only edges lead to that were not chosen has a gradient, and it is 0
        node = dead.pop()
        if node not in gradients:
            gradients[node] = 0.0
            dead.extend(node.parents)
    return Pass(order, gradients)
