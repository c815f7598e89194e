"""`gradcheck`: the derivatives of a function in both modes against differences that know none of the rules."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd.anomaly import INSIDE
from autograd.errors import GradcheckError
from autograd.matrices import jacobian
from autograd.structure import flatten
from autograd.transforms import backward_sweep, check_callable, differentiating
from autograd.value import Value

Numbers = list[float]


class Report(NamedTuple):
    """What was compared; true in a condition."""

    compared: int
    kinks: list[str]

    def __str__(self) -> str:
        kinks = "".join(f"\n{kink}" for kink in self.kinks)
        return f"{self.compared} derivatives agree in reverse mode, in forward mode and numerically{kinks}"


class Slope(NamedTuple):
    """A numerical derivative, how far it may be off, and the slopes on both sides if they are not the same."""

    value: float
    error: float
    sides: tuple[float, float] | None


def gradcheck(f: Callable[..., Any], xs: Any, order: int = 1, names: Sequence[str] = ()) -> Report:
    """Compare ∂f/∂xs in reverse mode, in forward mode and by differences; with order=2 the second derivatives too.

    A tuple xs is several arguments, f(*xs). Differences are extrapolated to a step of 0 with an estimate of their error
    (Ridders 1982, "Accurate computation of F'(x) and F'(x)F''(x)"). Where the slopes on both sides differ there is a
    kink: a derivative between them is accepted and reported. Raises GradcheckError at the first that is wrong, with the
    numbers of all modes; `names` are what it calls the numbers of xs.

    >>> from autograd import Value, relu, tanh
    >>> print(gradcheck(lambda a, b: tanh(a * b), (2.0, -0.3), order=2))
    6 derivatives agree in reverse mode, in forward mode and numerically
    >>> print(gradcheck(relu, 0.0))
    1 derivatives agree in reverse mode, in forward mode and numerically
    kink: ∂f/∂x at x = 0.0 is 0.0, the slopes on its sides are 0.0 and 1.0
    >>> gradcheck(lambda x: x * Value(x.data), 3.0)
    Traceback (most recent call last):
    ...
    autograd.errors.GradcheckError: ∂f/∂x at x = 3.0 is wrong: reverse mode 3.0, forward mode 3.0, numerically 6 ± ...
    """
    if order not in (1, 2):
        raise ValueError(f"gradcheck compares derivatives of order 1 or 2, was given order={order!r}")
    checked = _Checked(f, xs, names)
    results = [checked.named("f", i) for i in range(len(checked.values(checked.at)))]
    report = checked.compared(checked.outputs, [f"∂{y}/∂{{}}" for y in results])
    if order == 1:
        return report
    slopes = [f"∂(∂{y}/∂{x})/∂{{}}" for y in results for x in checked.names]
    second = checked.compared(checked.slopes, slopes)
    return Report(report.compared + second.compared, report.kinks + second.kinks)


class _Checked:
    """The function, as one from a flat list of numbers to a flat list of numbers."""

    def __init__(self, f: Callable[..., Any], xs: Any, names: Sequence[str]) -> None:
        check_callable(f, "gradcheck")
        self.f, self.several = f, isinstance(xs, tuple)
        numbers, self.rebuild = flatten(xs, "gradcheck")
        self.at = [_float(x) for x in numbers]
        self.names = list(names) or _names(xs, "x")

    def named(self, name: str, i: int) -> str:
        return name if len(self.values(self.at)) == 1 else f"{name}[{i}]"

    def called(self, numbers: list[Any]) -> Any:
        arguments = self.rebuild(numbers)
        return self.f(*arguments) if self.several else self.f(arguments)

    def outputs(self, numbers: list[Any]) -> list[Any]:
        """What the function gives of these numbers, one after the other."""
        return flatten(self.called(numbers), "the function given to gradcheck returned")[0]

    def slopes(self, numbers: list[Any]) -> list[Any]:
        """∂f/∂x for each result and each number, as Values."""
        variables = [Value(x) for x in numbers]
        with differentiating():
            ys = self.outputs(variables)
        unit = [[int(i == j) for j in range(len(ys))] for i in range(len(ys))]
        return [g for weights in unit for g in backward_sweep(ys, weights, variables, exact=True)]

    def values(self, numbers: Numbers, of: Callable[[list[Any]], list[Any]] | None = None) -> Numbers:
        return [_float(y) for y in (of or self.outputs)([Value(x) for x in numbers])]

    def compared(self, of: Callable[[list[Any]], list[Any]], derivatives: list[str]) -> Report:
        """All derivatives of `of`, three times; `derivatives` are their names, with {} for what they are by."""
        reverse, forward = jacobian(of, mode="reverse")(self.at), jacobian(of, mode="forward")(self.at)
        kinks = []
        for j, name in enumerate(self.names):
            for i, slope in enumerate(_slopes(lambda numbers: self.values(numbers, of), self.at, j)):
                r, t = reverse[i][j], forward[i][j]
                what = f"{derivatives[i].format(name)} at {name} = {self.at[j]!r}"
                if slope.sides is not None and _between(r, *slope.sides) and _close(r, t, 0.0):
                    kinks.append(
                        f"kink: {what} is {r!r}, the slopes on its sides are {slope.sides[0]} and {slope.sides[1]}"
                    )
                elif not (_close(r, slope.value, slope.error) and _close(r, t, 0.0)):
                    raise GradcheckError(
                        f"{what} is wrong: reverse mode {r!r}, forward mode {t!r}, numerically {slope.value:.10g} ±"
                        f" {slope.error:.1g}{self.conversion()}"
                    )
        return Report(len(self.names) * len(derivatives), kinks)

    def conversion(self) -> str:
        """Where the function read a number out of a Value, which cuts the graph there, if it did."""
        readers = {
            Value.data.fget.__code__: ".data",  # type: ignore[attr-defined]
            Value.item.__code__: ".item()",
            Value.detach.__code__: ".detach()",
        }
        found: list[str] = []

        def profile(frame: Any, event: str, _: Any) -> None:
            caller = frame.f_back
            if event == "call" and frame.f_code in readers and caller is not None:
                file = caller.f_code.co_filename
                if not file.startswith(INSIDE):
                    found.append(f"{readers[frame.f_code]} at {file}, line {caller.f_lineno}")

        before = sys.getprofile()
        sys.setprofile(profile)
        try:
            self.called([Value(x) for x in self.at])
        finally:
            sys.setprofile(before)
        if not found:
            return ""
        return f"; the likely cause: the function reads a number with {found[0]}, and no gradient flows through that"


def _between(r: float, left: float, right: float) -> bool:
    low, high = sorted((left, right))
    margin = 1e-4 * max(abs(low), abs(high), 1e-8)
    return low - margin <= r <= high + margin


def _close(a: float, b: float, error: float) -> bool:
    if a == b or (a != a and b != b):
        return True
    return abs(a - b) <= 20 * error + 1e-8 * max(abs(a), abs(b)) + 1e-11


def _slopes(function: Callable[[Numbers], Numbers], at: Numbers, j: int) -> list[Slope]:
    """The numerical derivative of each result by the number at place j."""
    scale = max(abs(at[j]), 1e-3 if at[j] else 1.0)

    def moved(step: float) -> Numbers:
        return function([*at[:j], at[j] + step, *at[j + 1 :]])

    here = function(at)
    wide, near = 1e-4 * scale, 1e-6 * scale
    sides = {step: moved(step) for step in (wide, -wide, near, -near)}
    central = _central(moved, scale, len(here))
    return [_slope(here[i], {s: ys[i] for s, ys in sides.items()}, wide, near, central[i]) for i in range(len(here))]


def _slope(y: float, sides: dict[float, float], wide: float, near: float, central: tuple[float, float]) -> Slope:
    """From both sides, to see a kink or the edge of the domain; else from central differences."""
    right, left = (sides[near] - y) / near, (y - sides[-near]) / near
    further = abs((sides[wide] - 2 * y + sides[-wide]) / wide)  # of a smooth function a hundred times the nearer one
    gap = abs(right - left)
    noise = 1e-14 * max(abs(y), abs(sides[near]), abs(sides[-near])) / near
    if math.isfinite(gap) and gap > 1e-5 * max(abs(right), abs(left)) + 100 * noise and gap > 0.3 * further:
        return Slope((left + right) / 2, gap, (_rounded(left), _rounded(right)))
    if not math.isfinite(left) and math.isfinite(right):  # the function ends here
        return Slope(right, max(abs(right) * 1e-3, noise), (_rounded(right), math.inf if right > 0 else -math.inf))
    return Slope(*central, None)


def _rounded(slope: float) -> float:
    return float(f"{slope:.6g}")


def _central(moved: Callable[[float], Numbers], scale: float, count: int) -> list[tuple[float, float]]:
    """Ridders' table for each result: central differences of shrinking steps, extrapolated; the best and its error."""
    shrink, size = 1.6, 12
    best = [(math.nan, math.inf)] * count
    rows: list[Numbers] = [[] for _ in range(count)]
    step = 0.1 * scale
    for _ in range(size):
        up, down = moved(step), moved(-step)
        for i in range(count):
            difference = (up[i] - down[i]) / (2 * step)
            if not math.isfinite(difference):
                rows[i] = []  # outside the domain: begin again with a smaller step
                continue
            row: Numbers = [difference]
            factor = shrink * shrink
            for k, before in enumerate(rows[i]):
                row.append((row[k] * factor - before) / (factor - 1))
                factor *= shrink * shrink
                error = max(abs(row[k + 1] - row[k]), abs(row[k + 1] - before))
                if error <= best[i][1]:
                    best[i] = row[k + 1], error
            rows[i] = row
        step /= shrink
    return best


def _float(y: Any) -> float:
    return y.data if isinstance(y, Value) else float(y)


def _names(xs: Any, name: str) -> list[str]:
    """What each number of xs is called: x, x[0], x[1][2], …; the arguments of a tuple are x0, x1, …"""
    if isinstance(xs, tuple) and name == "x":
        return [n for k, x in enumerate(xs) for n in _names(x, f"x{k}")]
    if isinstance(xs, (list, tuple)) or getattr(xs, "shape", None):
        return [n for k, x in enumerate(xs) for n in _names(x, f"{name}[{k}]")]
    return [name]
