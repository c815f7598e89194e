"""The backward pass once more, on numbers of its own: share by share, in the engine's order, and nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass

from autograd.graph import topological_order
from autograd.show.passes import Gradient, flow, live_graph
from autograd.value import Value


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
        live, live_edges = live_graph(root)
        self.order = [self.number[node] for node in reversed(live) if node._row is not None]
        """The interior nodes that live edges lead to, the root first."""
        self.shares: list[Share] = []
        """One for each edge that the pass comes to, live or dead, in the order of the pass."""
        self.gradients: list[Gradient] = [0.0] * len(self.nodes)
        self.gradients[-1] = 1.0
        reached = {len(self.nodes) - 1}
        flowing = flow(live_edges, [*([0.0] * (len(live) - 1)), 1.0])
        for number in (number for at in self.order for number in self.arriving[at]):
            edge = self.edges[number]
            before, first = self.gradients[edge.source], edge.source not in reached
            flowed, after = (0.0, before) if edge.dead else next(flowing)
            self.shares.append(Share(number, flowed, before, after, first))
            self.gradients[edge.source] = after
            if not edge.dead:
                reached.add(edge.source)
