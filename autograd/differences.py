"""Numerical derivatives with an estimate of their error, from both sides; they know no rule of differentiation.

Differences over steps that shrink are extrapolated to a step of 0 (Ridders 1982, "Accurate computation of F'(x) and
F'(x)F''(x)"). The steps go through all orders of magnitude, for nobody knows how fast the function varies; of all
extrapolations the one that agrees best with its neighbours is taken. Large steps may agree with each other and pass
by what the function does nearby: who doubts the result asks for opinions from smaller steps alone.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

Numbers = list[float]

EPS = 2.0**-52
FIRST, SHRINK = 0.23, 3.7  # no whole number, so that the steps are not all multiples of a period of the function


class Limit:
    """What differences d(h) tend to for h -> 0, where d(h) = limit + a·hᵖ + b·h²ᵖ + …"""

    def __init__(self, power: int) -> None:
        self.factors = (SHRINK**power, SHRINK ** (2 * power))
        self.value, self.error = 0.0, math.inf
        self.raw: Numbers = []
        self.row: Numbers = []
        self.noise = math.inf  # the least that rounding may do to any of the differences
        self.flat = False  # differences that are 0 for small steps only, though rounding does not explain it

    def take(self, difference: float, noise: float) -> None:
        """The next difference, for a smaller step; `noise` is what rounding may do to it."""
        if not math.isfinite(difference):
            self.row = []  # outside the domain
            return
        if difference == 0 and self.error < 1e-3 * abs(self.value):  # so small a step is lost in rounding, or
            self.flat = self.flat or noise < 1e-3 * abs(self.value)  # does not reach as far as a kink that is near
            return
        self.noise = min(self.noise, noise)
        row, before = [difference], self.row
        for factor, coarser in zip(self.factors, before, strict=False):
            row.append(row[-1] + (row[-1] - coarser) / (factor - 1))
        self.row = row
        self.raw.append(difference)
        if len(before) == 3:
            error = max(abs(row[2] - row[1]), abs(row[2] - before[2])) + noise
            least = 1e6 * self.noise  # large steps over a fast function may agree on a slope that is all but 0
            if error / (abs(row[2]) + least or 1.0) < self.error / (abs(self.value) + least or 1.0):
                self.value, self.error = row[2], error

    @property
    def size(self) -> float:
        """How large a slope may be that goes with these differences, and below which a slope is as good as 0."""
        return abs(self.value) + abs(self.raw[0]) + 1e8 * self.noise if self.raw else 0.0

    @property
    def reached(self) -> bool:
        """Whether there is a limit; an error as large as the differences themselves says that there is none."""
        return 20 * self.error <= 1e-3 * self.size

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
    """The numerical derivatives of one result: from both sides together, and from each.

    `at` is its value at x, and `noise` what rounding inside of the function may do to it there, and for each step away.
    """

    def __init__(self, at: float, noise: tuple[float, float]) -> None:
        self.at, self.noise = at, noise
        self.central, self.left, self.right = Limit(2), Limit(1), Limit(1)

    def take(self, x: float, above: float, below: float, up: float, down: float) -> None:
        """The values above and below x. Rounding is that of the results, and that of x in what is computed of it."""
        right, left = above - x, x - below
        for limit, difference, step, size in (
            (self.central, (up - down) / (right + left), (right + left) / 2, abs(up) + abs(down) + abs(self.at)),
            (self.right, (up - self.at) / right, right, 2 * (abs(up) + abs(self.at))),
            (self.left, (self.at - down) / left, left, 2 * (abs(self.at) + abs(down))),
        ):
            limit.take(difference, (EPS * (size + abs(x * difference)) + self.noise[0]) / step + self.noise[1])

    @property
    def settled(self) -> bool:
        """Whether smaller steps would tell nothing new."""
        left, right, central = self.left, self.right, self.central
        rounding, size = 200 * central.noise, abs(central.value)
        return (
            central.error <= 1e-10 * size + rounding < math.inf
            and left.error + right.error <= 1e-4 * size + 2 * rounding
            and abs(left.value - right.value) <= 1e-4 * size + rounding
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

    def overrules(self, other: Numerical) -> bool:
        """Whether this, which is from smaller steps, shows the other to be wrong: its steps passed something by."""
        if self.smooth is None or other.smooth is None:
            return self.smooth is not None
        (value, error), (theirs, their_error) = self.smooth, other.smooth
        return abs(value - theirs) > 3 * (error + their_error) + 1e-8 * abs(theirs)

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


class Differences:
    """The numerical derivatives of each result of the function by the number at place j.

    `noise` is what rounding inside of the function may do to each result, and for each step away from there.
    """

    def __init__(
        self, function: Callable[[Numbers], Numbers], at: Numbers, j: int, noise: Sequence[tuple[float, float]]
    ) -> None:
        self.function, self.at, self.j, self.noise = function, at, j, noise
        self.here = function(at)
        size = abs(at[j]) or 1.0
        first, last = FIRST * max(size, 1.0), FIRST * size * SHRINK**-12
        self.steps = [first * SHRINK**-k for k in range(20)]
        while self.steps[-1] > last:
            self.steps.append(self.steps[-1] / SHRINK)
        self.samples: list[tuple[float, float, Numbers, Numbers]] = []
        self.found: dict[int, list[Numerical]] = {}

    def opinions(self, i: int) -> Iterator[Numerical]:
        """What is found for result number i: by all steps, then without the three largest, then without six, …"""
        for first in range(0, len(self.steps) - 6, 3):
            if first not in self.found:
                self.found[first] = self._limits(first)
            yield self.found[first][i]

    def _limits(self, first: int) -> list[Numerical]:
        found = [Numerical(y, noise) for y, noise in zip(self.here, self.noise, strict=True)]
        for number in range(first, len(self.steps)):
            above, below, ups, downs = self._sample(number)
            if not below < self.at[self.j] < above:
                break
            for one, up, down in zip(found, ups, downs, strict=True):
                one.take(self.at[self.j], above, below, up, down)
            if all(one.settled for one in found):
                break
        return found

    def _sample(self, number: int) -> tuple[float, float, Numbers, Numbers]:
        """The places above and below x at a step, and the values there."""
        at, j = self.at, self.j
        while len(self.samples) <= number:
            step = self.steps[len(self.samples)]
            above, below = at[j] + step, at[j] - step
            ups, downs = (self.function([*at[:j], moved, *at[j + 1 :]]) for moved in (above, below))
            self.samples.append((above, below, ups, downs))
        return self.samples[number]
