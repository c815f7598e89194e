"""`gradcheck`: the derivatives of a function in both modes against differences that know none of the rules."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from autograd.anomaly import INSIDE
from autograd.differences import EPS, Differences, Numerical
from autograd.errors import GradcheckError
from autograd.matrices import jacobian
from autograd.structure import flatten
from autograd.sweeps import pull_back, tape
from autograd.transforms import backward_sweep, check_callable, differentiating
from autograd.value import Value

Numbers = list[float]


class Report(NamedTuple):
    """What was compared; true in a condition."""

    compared: int
    kinks: list[str]

    def __str__(self) -> str:
        kinks = "".join(f"\n{kink}" for kink in self.kinks)
        agree = "derivative agrees" if self.compared == 1 else "derivatives agree"
        return f"{self.compared} {agree} in reverse mode, in forward mode and numerically{kinks}"


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
    1 derivative agrees in reverse mode, in forward mode and numerically
    kink: ∂f/∂x at x = 0.0 is 0.0, the slopes on its sides are 0 and 1
    >>> gradcheck(lambda x: x * Value(x.data), 3.0)
    Traceback (most recent call last):
    ...
    autograd.errors.GradcheckError: ∂f/∂x at x = 3.0 is wrong: reverse mode 3.0, forward mode 3.0, numerically 6 ± ...
    """
    if order not in (1, 2):
        raise ValueError(f"gradcheck compares derivatives of order 1 or 2, was given order={order!r}")
    checked = _Checked(f, xs, names)
    results = checked.results()
    report = checked.compared(checked.outputs, [f"∂{y}/∂{{}}" for y in results])
    if order == 1:
        return report
    checked.compared_nearby([f"∂{y}/∂{{}}" for y in results])
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

    def results(self) -> list[str]:
        """What each number of the result is called; there is one, and it is a number."""
        values = self.values(self.at)
        if not values or not self.at:
            raise ValueError("gradcheck has nothing to compare: the function takes, or returns, no number at all")
        names = ["f"] if len(values) == 1 else [f"f[{i}]" for i in range(len(values))]
        for name, value in (*zip(self.names, self.at, strict=True), *zip(names, values, strict=True)):
            if not math.isfinite(value):
                raise GradcheckError(f"{name} is {value!r}: there is no derivative to compare; check at another point")
        return names

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

    def compared_nearby(self, derivatives: list[str]) -> None:
        """First derivatives a little way off, if the function is defined there."""
        here, n = self.at, len(self.at)
        self.at = [x + 0.01 * (k + 1) / n * (x or 1.0) for k, x in enumerate(here)]
        if all(map(math.isfinite, self.values(self.at))):
            self.compared(self.outputs, derivatives)
        self.at = here

    def compared(self, of: Callable[[list[Any]], list[Any]], derivatives: list[str]) -> Report:
        """All derivatives of `of`, three times; `derivatives` are their names, with {} for what they are by."""
        reverse, forward = jacobian(of, mode="reverse")(self.at), jacobian(of, mode="forward")(self.at)
        rounding = self.rounding(of)
        second, count, kinks = of == self.slopes, 0, []
        for j, name in enumerate(self.names):
            noise = [(of_result, of_derivatives[j]) for of_result, of_derivatives in rounding]
            measured = Differences(lambda numbers: self.values(numbers, of), self.at, j, noise)
            for i, derivative in enumerate(derivatives):
                r, t = reverse[i][j], forward[i][j]
                what = f"{derivative.format(name)} at {name} = {self.at[j]!r}"
                if second and not math.isfinite(measured.here[i]):
                    kinks.append(
                        f"kink: {what} is not compared, for the first derivative is {measured.here[i]!r} there"
                    )
                    continue
                count += 1
                numerical, verdict = _judged(measured.opinions(i), r, t, jumps=second)
                if verdict == "wrong":
                    raise GradcheckError(
                        f"{what} is wrong: reverse mode {r!r}, forward mode {t!r}, numerically {numerical}"
                        f"{self.conversion()}"
                    )
                if verdict == "kink":
                    kinks.append(f"kink: {what} is {r!r}, the slopes on its sides are {numerical.sides}")
        return Report(count, kinks)

    def rounding(self, of: Callable[[list[Any]], list[Any]]) -> list[tuple[float, Numbers]]:
        """For each result, how far rounding may carry it and its derivatives, where terms cancel too.

        Each number v on the way is off by as much as EPS·|v|, and so the result by EPS·Σ |∂result/∂v|·|v|. A derivative
        is Σ over all ways of a product of partials: with their sizes in place of them, no terms cancel in the sum.
        """
        variables = [Value(x) for x in self.at]
        with differentiating():
            outputs = of(variables)
        way = tape(outputs, variables)
        sizes = [(node, parent, abs(d)) for node, parent, d in way.edges]
        found = []
        for y in outputs:
            adjoints: list[Any] = [None] * len(way.nodes)
            if (place := way.place(y)) is not None:
                adjoints[place] = EPS
            off, total = [g or 0.0 for g in pull_back(sizes, adjoints)], 0.0
            for g, node in zip(off, way.nodes, strict=True):
                total += g * abs(node._data)
            found.append((_finite(total), [_finite(g) for g in off[: len(variables)]]))
        return found

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


def _judged(opinions: Iterator[Numerical], reverse: float, forward: float, jumps: bool) -> tuple[Numerical, str]:
    """Whether the derivative is "right", "wrong" or on a "kink", and the numerical one by which that is told.

    The first opinion counts, unless it says "wrong" and one from smaller steps shows that it is mistaken itself.
    """
    believed = None
    for opinion in opinions:
        if believed is None or opinion.overrules(believed):
            believed = opinion
            if _close(reverse, forward, opinion.central.error):
                if opinion.smooth and _close(reverse, *opinion.smooth):
                    return opinion, "right"
                if opinion.allows(reverse, jumps):
                    return opinion, "kink"
    assert believed is not None
    return believed, "wrong"


def _close(a: float, b: float, error: float) -> bool:
    """Equal but for rounding and the error of the second."""
    if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(error)):
        return a == b
    return abs(a - b) <= 20 * error + 1e-8 * max(abs(a), abs(b)) + sys.float_info.min


def _finite(x: float) -> float:
    return x if math.isfinite(x) else 0.0


def _float(y: Any) -> float:
    return y.data if isinstance(y, Value) else float(y)


def _names(xs: Any, name: str) -> list[str]:
    """What each number of xs is called: x, x[0], x[1][2], …; the arguments of a tuple are x0, x1, …"""
    if isinstance(xs, tuple) and name == "x":
        return [n for k, x in enumerate(xs) for n in _names(x, f"x{k}")]
    if isinstance(xs, (list, tuple)) or getattr(xs, "shape", None):
        return [n for k, x in enumerate(xs) for n in _names(x, f"{name}[{k}]")]
    return [name]
