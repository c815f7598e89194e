"""The backward pass once more, on numbers of its own: share by share, in the engine's order, and nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from autograd.graph import topological_order
from autograd.show.passes import backward_pass, is_by_hand
from autograd.value import Value

Gradient: TypeAlias = float | None
"""None: it cannot be told, because a node made by hand had a part in it."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One use of a Value: the number of the node it leads from, of the one it ends at, and of the operand it is."""

    source: int
    target: int
    operand: int
    derivative: float | None
    """The local derivative; None: nothing flows here, or nothing is known of it."""

    @property
    def dead(self) -> bool:
        """Whether nothing flows here: the operand was not chosen, or it is a condition."""
        return self.derivative is None


@dataclass(frozen=True, slots=True)
class Share:
    """What flowed along an edge, and the gradient at its source before and after."""

    edge: int
    flowed: Gradient
    before: Gradient
    after: Gradient
    first: bool
    """Whether nothing had reached the source before."""


class Sweep:
    """A whole pass from `root`, which is added up as `root.backward()` adds up, on leaves that start from nothing.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> sweep = Sweep(x * x)
    >>> [(share.before, share.flowed, share.after) for share in sweep.shares]
    [(0.0, 3.0, 3.0), (3.0, 3.0, 6.0)]
    >>> x.computed
    False
    """

    def __init__(self, root: Value) -> None:
        self.nodes: list[Value] = topological_order(root)
        """Operands before results."""
        self.number = {node: at for at, node in enumerate(self.nodes)}
        self.edges: list[Edge] = []
        self.arriving: list[range] = []
        """The numbers of the edges that end at each node, operand by operand."""
        for at, node in enumerate(self.nodes):
            begin, partials = len(self.edges), iter(node._partials())
            for place, operand in enumerate(node.operands):
                if isinstance(operand, Value):
                    self.edges.append(Edge(self.number[operand], at, place, next(partials)))
            self.arriving.append(range(begin, len(self.edges)))
        self.order = [self.number[node] for node in backward_pass(root).order]
        """The interior nodes that live edges lead to, the root first."""
        self.shares: list[Share] = []
        """One for each edge that the pass comes to, live or dead, in the order of the pass."""
        self.gradients: list[Gradient] = [0.0] * len(self.nodes)
        self._pass()

    def _pass(self) -> None:
        gradients, reached = self.gradients, [False] * len(self.nodes)
        gradients[-1], reached[-1] = 1.0, True
        for at in self.order:
            node, upstream = self.nodes[at], gradients[at]
            by_hand = is_by_hand(node)
            for number in self.arriving[at]:
                edge = self.edges[number]
                before, first = gradients[edge.source], not reached[edge.source]
                flowed: Gradient = None
                if by_hand:
                    flowed = None if passes_back(node) else 0.0
                elif edge.derivative is None:
                    self.shares.append(Share(number, 0.0, before, before, first))
                    continue
                elif upstream is not None:
                    flowed = upstream * edge.derivative
                after = None if flowed is None or before is None else before + flowed
                gradients[edge.source], reached[edge.source] = after, True
                self.shares.append(Share(number, flowed, before, after, first))


def passes_back(node: Value) -> bool:
    """Whether the maker of a node made by hand wrote a `_backward` for it; without one nothing flows."""
    return "_backward" in node.__dict__ or type(node)._backward is not Value._backward
