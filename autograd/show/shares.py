"""What a picture tells of gradients: what is the drawn value's own doing, and apart from it what was there before.

A picture of `v` shows in each box the gradient that paths from `v` bring. Nothing in a value says how many passes have
added to its `.grad`, so a pass of the picture's own, on its own numbers, is compared with what is stored:

- No pass has reached `v`: every gradient is "not computed", and what is stored somewhere is left from earlier.
- A pass has reached `v`: its gradient, times ∂v/∂(a value), is what the paths drawn bring to that value. Where just
  this is stored, there is nothing to add. Where something else is stored in a leaf, and the last pass that reached `v`
  began there, the rest is left from another pass. Where the pass began further on, it may have come by paths
  that are not drawn, too: then the picture says what `.grad` reads and supposes nothing. So it does where a leaf was
  changed after `v` was computed, as training changes it: gradients may have been cleared and made anew since.
- A value whose gradient was cleared by `zero_grad()` is "not computed".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from autograd.floats import KERNELS
from autograd.show import words
from autograd.show.passes import Pass, backward_pass
from autograd.show.rounding import UNIT
from autograd.value import Value

BEGINNING = (Value.backward.__defaults__ or (1.0,))[0]


class Share(NamedTuple):
    """The gradient a box shows, None where it is not computed; how far rounding may move it; and what to add."""

    grad: float | None
    doubt: float = 0.0
    note: str = ""


def shares(order: Sequence[Value]) -> tuple[dict[Value, Share], dict[Value, int]]:
    """Of each value of a graph, in topological order, the share to show, and its place in the backward pass."""
    root = order[-1]
    flow = backward_pass(root, root.grad if root.computed else 1.0)
    places = flow.places
    if not root.computed:
        return {node: Share(None, 0.0, _left(node.grad)) for node in order}, places
    size = _sizes(flow)
    sure = began_at(root) and not is_stale(order)
    return {node: _share(node, root, flow, size.get(node, 0.0), len(order), sure) for node in order}, places


def began_at(root: Value) -> bool:
    """Whether it is known that the last pass that reached `root` began there: it has the very 1.0 of `backward()`.

    Any other pass leaves it the result of an addition, which is a number of its own.

    >>> a = Value(2.0)
    >>> b = a * 3
    >>> L = b + 1
    >>> L.backward()
    >>> b.grad, began_at(b), began_at(L)
    (1.0, False, True)
    """
    return root._grad is BEGINNING


def is_stale(order: Sequence[Value]) -> bool:
    """Whether a number was changed after something had been computed from it.

    >>> a = Value(2.0)
    >>> b = a * 3
    >>> a.data = 5.0
    >>> is_stale([a, b])
    True
    """
    for node in order:
        if node._row is not None and node._row.name in KERNELS:
            now = KERNELS[node._row.name](*(x._data if isinstance(x, Value) else x for x in node.operands))
            if now != node._data and (now == now or node._data == node._data):
                return True
    return False


def _share(node: Value, root: Value, flow: Pass, size: float, count: int, sure: bool) -> Share:
    if not node.computed:
        return Share(None)
    stored, share = node.grad, flow.gradients.get(node)
    if node is root or share is None or stored == share or (stored != stored and share != share):
        return Share(stored, UNIT * size)
    rest = stored - share
    if abs(rest) <= UNIT * (count + 8) * size:  # the same, added up in another order
        return Share(stored, UNIT * size)
    if not node.op and sure and math.isfinite(rest):
        return Share(share, UNIT * size, _left(rest))
    return Share(
        share,
        UNIT * size,
        f".grad reads {words.number(stored)}: paths that are not drawn, or another backward(), have a part in it",
    )


def _left(rest: float) -> str:
    return f"left from an earlier backward(): {words.number(rest)} (zero_grad() clears it)" if rest else ""


def _sizes(flow: Pass) -> dict[Value, float]:
    """The sum of the absolute values of all that flows into each value: rounding is a part of that."""
    size = {flow.order[0]: abs(flow.gradients[flow.order[0]] or 0.0)} if flow.order else {}
    for node in flow.order:
        for parent, partial in flow.edges[node]:
            size[parent] = size.get(parent, 0.0) + size[node] * abs(partial or 0.0)
    return size
