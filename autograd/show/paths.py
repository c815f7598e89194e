"""The paths from a value back to one it depends on: how many there are, what they carry, and which carry most."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple, TypeAlias

from autograd.show.facts import ordered
from autograd.show.passes import Pass, backward_pass
from autograd.value import Value

ROUNDING = 1e-14  # of the sum of absolute values: a sum that is smaller is what rounding left
SMALLEST = 1e-300  # products below may have been rounded to 0


class Edge(NamedTuple):
    """One use of an operand: the number of the node that uses it, of the operand, and the local derivative.

    `place` is its place among the operands as written; `slope` is None on a dead edge, to an operand not chosen.
    """

    target: int
    source: int
    place: int
    slope: float | None

    @property
    def open(self) -> bool:
        """Whether anything can flow: it is neither dead nor is the local derivative 0."""
        return self.slope is not None and self.slope != 0


class Path(NamedTuple):
    """A way from the value back, edge by edge, and the product of its local derivatives, multiplied in this order."""

    edges: tuple[Edge, ...]
    product: float

    @property
    def magnitude(self) -> float:
        """log |product|, also where the product itself is too small or too large for a float."""
        total = 0.0
        for edge in self.edges:
            total += log_size(edge.slope)
        return total


class Paths:
    """All paths from `v` back to `wrt`, which are never enumerated: every question is answered node by node.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> paths = Paths((x + x) * x, x)
    >>> paths.count, paths.derivative, [path.product for path in paths.largest(2)]
    (3, 12.0, [6.0, 3.0])
    """

    def __init__(self, v: Value, wrt: Value) -> None:
        self.v, self.wrt = v, wrt
        self.nodes = ordered(v)  # operands before results, v last
        self.number = {node: at for at, node in enumerate(self.nodes)}
        self.start, self.end = len(self.nodes) - 1, self.number.get(wrt, -1)
        self.edges: list[tuple[Edge, ...]] = [()] * len(self.nodes)
        """Of each node, the edges to those of its operands that are `wrt` or depend on it."""
        depends = [node is wrt for node in self.nodes]
        for at in range(self.end + 1, len(self.nodes)) if self.end >= 0 else ():
            self.edges[at] = tuple(edge for edge in self._edges_of(at) if depends[edge.source])
            depends[at] = bool(self.edges[at])
        self.depends = depends[-1]
        """Whether `v` is `wrt`, or was computed from it."""

    def _edges_of(self, at: int) -> list[Edge]:
        node = self.nodes[at]
        operands = [(place, x) for place, x in enumerate(node.operands) if isinstance(x, Value)]
        return [
            Edge(at, self.number[parent], place, slope)
            for (place, parent), slope in zip(operands, node._partials(), strict=True)
        ]

    # One pass over the nodes for each question ------------------------------------------------------------------------

    @cached_property
    def backward(self) -> Pass:
        """The pass that `v.backward()` would make: its order, and the gradients to the bit."""
        return backward_pass(self.v)

    @property
    def derivative(self) -> float | None:
        """∂v/∂wrt, the number that `v.backward()` computes; None where a value made by hand lies on the way."""
        return self.backward.gradients[self.wrt] if self.depends else 0.0

    @cached_property
    def count(self) -> int:
        """How many paths there are along which something flows: no dead edge, no local derivative of 0."""
        return self._counted(lambda edge: edge.open)

    @cached_property
    def live_count(self) -> int:
        """How many paths there are without a dead edge."""
        return self._counted(lambda edge: edge.slope is not None)

    @cached_property
    def all_count(self) -> int:
        """How many paths there are at all."""
        return self._counted(lambda edge: True)

    def _counted(self, passes: Callable[[Edge], bool]) -> int:
        ways = [0] * len(self.nodes)
        ways[self.end] = 1
        for at, edges in enumerate(self.edges):
            for edge in edges:
                if passes(edge):
                    ways[at] += ways[edge.source]
        return ways[self.start] if self.depends else 0

    @cached_property
    def finite(self) -> bool:
        """Whether every local derivative on the way is a finite number."""
        return all(math.isfinite(edge.slope or 0.0) for edges in self.edges for edge in edges)

    @cached_property
    def magnitude(self) -> float:
        """log of the sum over all paths of |product of the local derivatives|; -inf where nothing flows."""
        return self._log_sizes(added)[self.start] if self.depends else -math.inf

    @property
    def cancels(self) -> bool:
        """Whether the paths cancel, as far as floats can tell."""
        value = self.derivative
        if value is None or not math.isfinite(value) or self.count < 2:
            return False
        return self.magnitude > math.log(SMALLEST) and log_size(value) <= self.magnitude + math.log(ROUNDING)

    @cached_property
    def _best(self) -> list[float]:
        """Of each node, log |product| of the largest path from it to `wrt`."""
        return self._log_sizes(max)

    def _log_sizes(self, combine: Callable[[Sequence[float]], float]) -> list[float]:
        sizes = [-math.inf] * len(self.nodes)
        sizes[self.end] = 0.0
        for at, edges in enumerate(self.edges):
            flowing = [log_size(edge.slope) + sizes[edge.source] for edge in edges if edge.open]
            if flowing:
                sizes[at] = combine(flowing)
        return sizes

    def leads(self, source: int, target: int) -> bool:
        """Whether the node `target` is, or depends on, the node `source`."""
        reached = {source}
        for at in range(source + 1, target + 1):
            if any(edge.source in reached for edge in self.edges[at]):
                reached.add(at)
        return target in reached

    # The largest ones -------------------------------------------------------------------------------------------------

    def largest(self, most: int) -> list[Path]:
        """The `most` paths with the largest |product|, largest first, of those along which something flows.

        What is best from each node on is known. So every path that is taken off the heap is walked straight to its end,
        and leaves on the heap the paths that turn off from it on the way.
        """
        found: list[Path] = []
        waiting: list[tuple[float, int, float, Trail]] = [(0.0, 0, 0.0, None)] if self.count else []
        pushed = 0  # of equal ones, the first comes first
        while waiting and len(found) < most:
            _, _, size, trail = heapq.heappop(waiting)
            at = trail[0].source if trail else self.start
            while at != self.end:
                best: tuple[float, float, Edge] | None = None
                for edge in self.edges[at]:
                    here = size + log_size(edge.slope) if edge.open else -math.inf
                    whole = here + self._best[edge.source]
                    if not whole > -math.inf:
                        continue
                    if best is None or whole > best[0]:
                        best, later = (whole, here, edge), best
                    else:
                        later = (whole, here, edge)
                    if later is not None:
                        pushed += 1
                        heapq.heappush(waiting, (-later[0], pushed, later[1], (later[2], trail)))
                _, size, edge = best  # type: ignore[misc]  # count > 0: a way goes on from every node that is reached
                trail, at = (edge, trail), edge.source
            found.append(_path(trail))
        return sorted(found, key=lambda path: -path.magnitude)


Trail: TypeAlias = "tuple[Edge, Trail] | None"


def _path(trail: Trail) -> Path:
    edges = []
    while trail is not None:
        edge, trail = trail
        edges.append(edge)
    product = 1.0
    for edge in reversed(edges):
        product *= edge.slope or 0.0
    return Path(tuple(reversed(edges)), product)


def sum_of_logs(edges: Sequence[Edge]) -> float:
    """log of the product of the absolute slopes."""
    return Path(tuple(edges), 0.0).magnitude


def log_size(slope: float | None) -> float:
    """log |slope|; a nan counts as infinitely large, so that it is seen first.

    >>> log_size(-1.0), log_size(0.0), log_size(float("nan"))
    (0.0, -inf, inf)
    """
    if slope is None or slope == 0:
        return -math.inf
    return math.log(abs(slope)) if math.isfinite(slope) else math.inf


def added(logs: Sequence[float]) -> float:
    """log(exp(x₁) + exp(x₂) + …), without leaving the range of floats.

    >>> added([-2000.0, -2000.0]) - math.log(2.0)
    -2000.0
    """
    top = max(logs)
    if math.isinf(top):
        return top
    total = 0.0
    for x in logs:
        total += math.exp(x - top)
    return top + math.log(total)
