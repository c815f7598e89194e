"""What a picture tells of gradients: what is the drawn value's own doing, and apart from it what was there before.

A picture of `v` shows in each box the gradient that paths from `v` bring: those of a pass of the picture's own, on its
own numbers, which is compared with what is stored.

- No pass has reached `v`: every gradient is "not computed", and what is stored somewhere is left from earlier.
- The last pass that reached `v` began there. It has left at `v` what the leaves had before, so that all is known to the
  bit. Where what is stored is that and the share of the pass, what was there before is told apart. Where it is not,
  another pass has come by since, or the program has changed it, by `zero_grad()` and a new pass, say; and this is told.
- The last pass that reached `v` began further on. Its gradient there, times ∂v/∂(a value), is what the paths drawn
  bring. Where something else is stored, it may have come by paths that are not drawn, too: then the picture says what
  `.grad` reads and supposes nothing.
- A value whose gradient was cleared by `zero_grad()` is "not computed".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from autograd.graph import had_before
from autograd.show import words
from autograd.show.passes import Pass, backward_pass
from autograd.show.rounding import UNIT
from autograd.value import Value

LEFT = "left from an earlier backward(): {} (zero_grad() clears it)"
CHANGED = ".grad reads {}: another backward(), or the program, has changed it since"
ELSEWHERE = ".grad reads {}: paths that are not drawn, or another backward(), have a part in it"


class Share(NamedTuple):
    """The gradient a box shows, None where it is not computed; how far rounding may move it; and what to add."""

    grad: float | None
    doubt: float = 0.0
    said: str = ""
    """Which of the three sentences is to be added."""
    number: float = 0.0
    """The number in it."""

    @property
    def note(self) -> str:
        """The sentence that is to be added; empty where there is nothing to say."""
        return self.said.format(words.number(self.number))


def shares(order: Sequence[Value], as_if: bool = False) -> tuple[dict[Value, Share], dict[Value, int]]:
    """Of each value of a graph, in topological order, the share to show, and its place in the backward pass.

    `as_if` : what a pass would bring, whatever is stored.
    """
    root = order[-1]
    if as_if:
        flow = backward_pass(root)
        size = flow.sizes
        return {node: Share(flow.gradients.get(node), UNIT * size.get(node, 0.0)) for node in order}, flow.places
    flow = backward_pass(root, root.grad if root.computed else 1.0)
    places = flow.places
    if not root.computed:
        return {node: _left(None, 0.0, node.grad) for node in order}, places
    size, left = flow.sizes, had_before(root)
    before = None if left is None else dict(left)
    return {node: _share(node, root, flow, UNIT * size.get(node, 0.0), before, len(order)) for node in order}, places


def same(x: float, y: float) -> bool:
    """Whether two numbers are equal, or both are nan."""
    return x == y or (x != x and y != y)


def _share(
    node: Value, root: Value, flow: Pass, doubt: float, before: Mapping[Value, float] | None, count: int
) -> Share:
    if not node.computed:
        return Share(None)
    stored, share = node.grad, flow.gradients.get(node)
    if node is root or share is None:
        return Share(stored, doubt)
    if before is not None:
        had = before.get(node, 0.0)
        unchanged = same(stored, had + share)
        return _left(share, doubt, had) if unchanged else Share(share, doubt, CHANGED, stored)
    if same(stored, share) or abs(stored - share) <= doubt * (count + 8):  # the same, added up in another order
        return Share(stored, doubt)
    return Share(share, doubt, ELSEWHERE, stored)


def _left(grad: float | None, doubt: float, rest: float) -> Share:
    return Share(grad, doubt, LEFT, rest) if rest else Share(grad, doubt)
