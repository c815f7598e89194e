"""Kinks: where the slopes to the left and to the right differ, so that the one that is taken is a convention."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd.floats import KERNELS
from autograd.ops import TABLE
from autograd.show.paths import Paths
from autograd.value import Value

BESIDE, BESIDE_ZERO = 2.0**-36, 2.0**-500  # how far off the neighbours of a number are, as a part of it; and those of 0
SAME, FLAT = 1e-6, 1e-100  # slopes that differ by a smaller part of what they are made of, or by less, are one


def sides_of(node: Value, place: int) -> tuple[float, float] | None:
    """The slopes of one operation to the left and to the right of operand number `place`; None where these are one.

    >>> from autograd import Value, abs, relu
    >>> sides_of(abs(Value(0.0)), 0), sides_of(relu(Value(0.5)), 0)
    ((-1.0, 1.0), None)
    """
    numbers = _numbers(node)
    if not numbers or (numbers[place] != 0 and numbers.count(numbers[place]) < 2):
        return None
    towards = [float(at == place) for at in range(len(numbers))]
    left, here, right = (_beside(node, numbers, towards, side)[place] for side in (-1, 0, 1))
    values = [at for at, x in enumerate(node.operands) if isinstance(x, Value)]
    taken = node._partials()[values.index(place)] or 0.0
    known = all(map(math.isfinite, (left, here, right))) and _same(here, taken, abs(taken))  # else it is out of date
    return (left, right) if known and not _same(left, right, max(abs(left), abs(right))) else None


class Sides:
    """The slopes of `v` to the left and to the right of `wrt`, and the operations on the way that are at a kink.

    >>> from autograd import Value, relu
    >>> x = Value(0.0)
    >>> sides = Sides(Paths(relu(x) * 3 + x, x))
    >>> sides.left, sides.right, len(sides.bent)
    (1.0, 4.0, 1)
    """

    def __init__(self, paths: Paths) -> None:
        bent: set[int] = set()
        (self.left, left_size), (self.right, right_size) = (_slope(paths, side, bent) for side in (-1, 1))
        self._size = max(left_size, right_size)
        self.bent = [paths.nodes[at] for at in sorted(bent)]

    @property
    def agree(self) -> bool:
        """Whether it is the same slope on both sides."""
        return _same(self.left, self.right, self._size)

    def differ_from(self, value: float) -> bool:
        """Whether the slopes on both sides are known, and not both are `value`."""
        known = bool(self.bent) and math.isfinite(self.left) and math.isfinite(self.right)
        return known and not (self.agree and _same(self.left, value, self._size))


def _slope(paths: Paths, side: int, bent: set[int]) -> tuple[float, float]:
    """The slope of `v` on one side of `wrt`, and the sum of the absolute values it is made of; nan where unknown.

    Forward mode, where each operation at a kink has the slopes of the side that it is moved to.
    """
    slopes, sizes = ([0.0] * len(paths.nodes) for _ in range(2))
    slopes[paths.end] = sizes[paths.end] = 1.0
    for at, edges in enumerate(paths.edges):
        for edge in edges:
            slopes[at] += (edge.slope or 0.0) * slopes[edge.source]
            sizes[at] += abs(edge.slope or 0.0) * sizes[edge.source]
        numbers = _numbers(paths.nodes[at]) if edges else []
        if 0 in numbers or len(set(numbers)) < len(numbers):  # every kink is at 0, or where two operands are equal
            towards = [0.0] * len(numbers)
            for edge in edges:
                towards[edge.place] = slopes[edge.source]
            here, partials = (_beside(paths.nodes[at], numbers, towards, one) for one in (0, side))
            if not all(_same(here[edge.place], edge.slope or 0.0, abs(edge.slope or 0.0)) for edge in edges):
                return math.nan, math.nan  # its operands were changed since
            slope = size = 0.0
            for edge in edges:
                slope += partials[edge.place] * slopes[edge.source]
                size += abs(partials[edge.place]) * sizes[edge.source]
            if not _same(slope, slopes[at], max(size, sizes[at])):
                slopes[at], sizes[at] = slope, size
                bent.add(at)
    return slopes[paths.start], sizes[paths.start]


def _numbers(node: Value) -> list[float]:
    """The operands of an operation of the table; none of any other."""
    if node._row is None or node._row.name not in TABLE:
        return []
    return [x.data if isinstance(x, Value) else x for x in node.operands]


def _beside(node: Value, numbers: Sequence[float], towards: Sequence[float], side: int) -> list[float]:
    """The local derivatives where the operands have gone a little to one side, each as far as `towards` says."""
    row = node._row
    free = [t if row.variadic or row.rules[at] is not None else 0.0 for at, t in enumerate(towards)]
    longest = max(map(abs, free)) or 1.0
    size = max((abs(x) for x, t in zip(numbers, free, strict=True) if t), default=0.0)
    step = side * (size * BESIDE if size else BESIDE_ZERO)
    moved = [x + step * (t / longest) if t else x for x, t in zip(numbers, free, strict=True)]
    try:
        out = KERNELS[row.name](*moved)
    except OverflowError:
        return [math.nan] * len(moved)
    found = zip(row.partials(moved, out), row.live(moved, out), strict=True)
    return [partial if partial is not None and alive else 0.0 for partial, alive in found]


def _same(x: float, y: float, size: float) -> bool:
    return abs(x - y) <= max(SAME * size, FLAT)
