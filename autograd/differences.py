"""Numerical derivatives with an estimate of their error, from both sides; they know no rule of differentiation.

Differences over steps that shrink are extrapolated to a step of 0 (Ridders 1982, "Accurate computation of F'(x) and
F'(x)F''(x)"). The steps go through all orders of magnitude, for nobody knows how fast the function varies; of all
extrapolations the one that agrees best with its neighbours is taken.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator

Numbers = list[float]

EPS = 2.0**-52
SHRINK = 4.0
NOTHING = 1e-13  # as much as rounding leaves of a derivative whose terms cancel
FIRST = 0.23  # no power of 2, so that steps and periods of a function do not fall on each other


class Limit:
    """What differences d(h) tend to for h -> 0, where d(h) = limit + a·hᵖ + b·h²ᵖ + …"""

    def __init__(self, power: int) -> None:
        self.factors = (SHRINK**power, SHRINK ** (2 * power))
        self.value, self.error = 0.0, math.inf
        self.raw: Numbers = []
        self.row: Numbers = []
        self.first_noise = 0.0
        self.flat = False  # differences that are 0 for small steps only, though rounding does not explain it

    def begin(self) -> None:
        """The steps begin anew."""
        self.row = []

    def take(self, difference: float, noise: float) -> None:
        """The next difference, for a smaller step; `noise` is what rounding may do to it."""
        if not math.isfinite(difference):
            self.row = []  # outside the domain
            return
        if difference == 0 and self.error < 1e-3 * abs(self.value):  # rounding swallows so small a step; or a kink
            self.flat = self.flat or noise < 1e-3 * abs(self.value)  # is near
            return
        if not self.raw:
            self.first_noise = noise
        row, before = [difference], self.row
        for factor, coarser in zip(self.factors, before, strict=False):
            row.append(row[-1] + (row[-1] - coarser) / (factor - 1))
        self.row = row
        self.raw.append(difference)
        if len(before) == 3:
            error = max(abs(row[2] - row[1]), abs(row[2] - before[2])) + noise
            least = 1e6 * self.first_noise  # large steps over a fast function may agree on a slope that is all but 0
            if error / (abs(row[2]) + least or 1.0) < self.error / (abs(self.value) + least or 1.0):
                self.value, self.error = row[2], error

    @property
    def size(self) -> float:
        """How large a slope may be that goes with these differences, and below which a slope is as good as 0."""
        return abs(self.value) + abs(self.raw[0]) + 1e8 * self.first_noise if self.raw else 0.0

    @property
    def reached(self) -> bool:
        """Whether there is a limit; an error as large as the differences themselves says that there is none."""
        return 20 * self.error <= 1e-3 * self.size + NOTHING

    @property
    def infinite(self) -> float:
        """inf or -inf where the differences grow by ever more, as those of √ at 0 do; else 0."""
        last = [] if self.reached else self.raw[-6:]  # of a limit that is reached the last differences are noise
        growth = [b - a for a, b in itertools.pairwise(last)]
        direction = math.copysign(math.inf, last[-1]) if last else 0.0
        if len(growth) == 5 and all(g * direction > 0 for g in growth):
            return direction if all(abs(b) > 0.9 * abs(a) for a, b in itertools.pairwise(growth)) else 0.0
        return 0.0

    def __str__(self) -> str:
        slope = self.infinite or self.value
        return f"{slope:.6g}" if self.reached or self.infinite else "unknown"


class Numerical:
    """The numerical derivatives of one result, whose value is `at`: from both sides together, and from each."""

    def __init__(self, at: float) -> None:
        self.at = at
        self.central, self.left, self.right = Limit(2), Limit(1), Limit(1)

    def begin(self) -> None:
        """The steps begin anew."""
        for limit in (self.central, self.left, self.right):
            limit.begin()

    def take(self, x: float, above: float, below: float, up: float, down: float) -> None:
        """The values above and below x. Rounding is that of the results, and that of x in what is computed of it."""
        right, left = above - x, x - below
        for limit, difference, step, size in (
            (self.central, (up - down) / (right + left), (right + left) / 2, abs(up) + abs(down) + abs(self.at)),
            (self.right, (up - self.at) / right, right, 2 * (abs(up) + abs(self.at))),
            (self.left, (self.at - down) / left, left, 2 * (abs(self.at) + abs(down))),
        ):
            limit.take(difference, EPS * (size + abs(x * difference)) / step)

    @property
    def settled(self) -> bool:
        """Whether smaller steps would tell nothing new."""
        left, right, central = self.left, self.right, self.central
        rounding = 200 * central.first_noise
        size = central.size - 1e8 * central.first_noise
        alike = abs(left.value - right.value) <= 1e-4 * size + rounding
        return (
            alike
            and central.error <= 1e-10 * size + rounding
            and left.error + right.error <= 1e-4 * size + 2 * rounding
        )

    @property
    def kink(self) -> bool:
        """Whether the slopes on both sides are not the same."""
        left, right = self.left, self.right
        if not (left.reached and right.reached):
            return False
        rounding = 1e-6 * max(abs(left.value), abs(right.value)) + 1e-9 * (left.size + right.size)
        return abs(left.value - right.value) > 20 * (left.error + right.error) + rounding

    @property
    def smooth(self) -> tuple[float, float] | None:
        """The derivative and its error, where there is one: at the edge of the domain, that of the one side."""
        found = self.central
        if not self.left.raw or not self.right.raw:
            found = self.left if self.left.raw else self.right
        elif self.kink:
            return None
        elif not found.reached and self.left.reached and self.right.reached:
            return (self.left.value + self.right.value) / 2, self.left.error + self.right.error
        return (found.value, found.error) if found.reached and not found.infinite else None

    def allows(self, slope: float, jumps: bool) -> bool:
        """Whether `slope` lies between those of a kink, or is the infinite one that is there.

        Where a function has a kink its derivative has a jump: of a derivative, `jumps` are no more wrong than kinks.
        """
        sides = [side for side in (self.left, self.right) if side.raw]
        if self.kink:
            low, high = sorted((self.left.value, self.right.value))
            margin = 1e-4 * max(abs(low), abs(high))
            return low - margin <= slope <= high + margin
        if slope == 0 and any(side.flat for side in sides):
            return True
        if math.isinf(slope):
            return bool(sides) and all(side.infinite == slope for side in sides)
        return jumps and len(sides) == 2 and any(side.infinite for side in sides)

    @property
    def sides(self) -> str:
        """The slopes on both sides."""
        return f"{self.left if self.left.raw else 'none'} and {self.right if self.right.raw else 'none'}"

    def __str__(self) -> str:
        if self.smooth:
            return f"{self.smooth[0]:.10g} ± {self.smooth[1]:.1g}"
        return f"{self.sides} on its sides"


def differences(function: Callable[[Numbers], Numbers], at: Numbers, j: int) -> list[Numerical]:
    """The numerical derivatives of each result of the function by the number at place j."""
    x = at[j]
    found = [Numerical(y) for y in function(at)]
    for steps in _ladders(x):
        for one in found:
            one.begin()
        for step in steps:
            above, below = x + step, x - step
            if not below < x < above:
                break
            ups, downs = (function([*at[:j], moved, *at[j + 1 :]]) for moved in (above, below))
            for one, up, down in zip(found, ups, downs, strict=True):
                one.take(x, above, below, up, down)
            if all(one.settled for one in found):
                return found
    return found


def _ladders(x: float) -> Iterator[Numbers]:
    """Steps from about |x| or 1, whichever is more, downwards; for a tiny x again, from about |x|."""
    yield [FIRST * max(abs(x), 1.0) * SHRINK**-k for k in range(19)]
    if 0 < abs(x) < 1e-3:
        yield [FIRST * abs(x) * SHRINK**-k for k in range(12)]
