"""The table's independent reference: for every row a formula in mpmath, where it holds, and the checks against it.

Nothing here states a derivative of a smooth function or uses a rule of the table.  A true value is the naive textbook
formula, evaluated with 1300 bits and more; a true partial is its central difference, with steps of 2**-100; a true
second partial is the second central difference.  Only what such arithmetic cannot know, because it is a convention
(kinks, ties, infinities, the sign of a zero), is written down by hand, in EDGES (values) and SLOPES (partials).

A new row of the table needs one new line in REFERENCES, and its conventions in EDGES and SLOPES.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from mpmath import mp, mpc, mpf

from autograd import Value

inf, nan, pi = math.inf, math.nan, math.pi
MAX = 1.7976931348623157e308
Point = tuple[float, ...]
Strategy = st.SearchStrategy[Any]

# Where accuracy is promised, |x| <= 350: subnormal, tiny and ordinary numbers, the neighbours of 1, and 0.7517...,
# 1.278..., where the derivatives of gelu and silu cross zero.
# fmt: off
_SIZES = (
    5e-324, 1e-310, 1e-300, 1e-160, 1e-20, 1e-8, 1e-3, 0.1, 0.3, 0.5, 0.75, 0.7517915246935645, 0.9999,
    0.9999999999999999, 1.0, 1.0000000000000002, 1.0001, 1.2784645427610738, 1.5, 2.0, 3.0, 5.0, 7.3, 10.0, 20.0, 20.3,
    25.7, 37.0, 40.0, 88.8, 177.7, 349.99, 350.0,
)
# fmt: on
LINE = (*_SIZES, *(-x for x in _SIZES), 0.0)
# Beyond that only values are compared.
_FAR_SIZES = (355.0, 709.7, 709.8, 745.0, 746.0, 1e4, 1e16, 1e150, 1e300, 1e308, MAX)
FAR = (*_FAR_SIZES, *(-x for x in _FAR_SIZES))
FEW = (-350.0, -2.5, -1.0, -1e-8, 0.3, 1.0, 3.0, 350.0)
PAIRS = tuple(itertools.product(FEW, FEW))
UNEQUAL = tuple(p for p in PAIRS if p[0] != p[1])


def _nothing(*operands: Any) -> Sequence[Any]:
    return ()


def _no_more(*operands: float) -> float:
    return 0.0


def _never(i: int, j: int, n: int) -> bool:
    return False


@dataclass(frozen=True)
class Reference:
    """What is known about one row without looking at it."""

    true: Callable[..., Any]  # the formula, on mpmath numbers
    points: tuple[Point, ...]  # operands where it is smooth
    random: Strategy  # more of them
    far: tuple[Point, ...] = ()  # operands beyond the promise: only values are compared
    fixed: tuple[int, ...] = ()  # operands that are never differentiated
    nans: tuple[int, ...] | None = None  # operands where a nan must show; None: all of them
    indifferent: Callable[[int, int, int], bool] = _never  # partial i does not depend on operand j of n
    terms: Callable[..., Sequence[Any]] = _nothing  # the terms of a value that crosses zero
    slope_terms: Callable[..., Sequence[Any]] = _nothing  # ... of a partial, given i and the operands
    bend_terms: Callable[..., Sequence[Any]] = _nothing  # ... of a second partial, given i, j and the operands
    more: Callable[..., float] = _no_more  # ulp beyond 8 that a partial is allowed, where the row says so too


def near(low: float, high: float, smallest: float = 0.0) -> Strategy:
    """Numbers strictly between the bounds and within 350 of zero, often close to a bound, to zero or to one."""
    a, b = max(low, -350.0), min(high, 350.0)
    parts = st.tuples(st.sampled_from([a, b, 0.0, 1.0, -1.0]), st.sampled_from([-1.0, 1.0]), st.floats(-60.0, -1.0))
    close = parts.map(lambda t: t[0] + t[1] * 2.0 ** t[2])
    return st.one_of(st.floats(a, b), close).filter(lambda x: low < x < high and smallest < abs(x) <= 350.0)


# For rows of several operands: no product or quotient beyond what a float can hold.
REAL = near(-inf, inf, 1e-60)
POSITIVE = near(0.0, inf, 1e-60)


def one(
    true: Callable[..., Any], low: float = -inf, high: float = inf, kinks: Sequence[float] = (), **more: Any
) -> Reference:
    """The reference of a function of one number, smooth between the bounds but at the kinks."""

    def smooth(x: float) -> bool:
        return low < x < high and x not in kinks

    points = tuple((x,) for x in LINE if smooth(x))
    far = tuple((x,) for x in FAR if smooth(x))
    return Reference(true, points, near(low, high).filter(smooth).map(lambda x: (x,)), far, **more)


def many(true: Callable[..., Any], points: Sequence[Point], random: Strategy, **more: Any) -> Reference:
    """The reference of a function of several numbers."""
    return Reference(true, tuple(points), random.map(tuple), **more)


def lists(low: int, high: int, of: Strategy = REAL, unique: bool = False) -> Strategy:
    return st.lists(of, min_size=low, max_size=high, unique=unique)


def two(first: Strategy = REAL, second: Strategy = REAL) -> Strategy:
    return st.tuples(first, second)


def _erfc(x: Any) -> Any:
    return mp.erfc(x) if abs(x) < 1e6 else mpf(0 if x > 0 else 2)  # mpmath's own fails at 1e300


def _sigma(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _density(x: Any) -> Any:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def _normal(x: Any) -> Any:
    return _erfc(-x / mp.sqrt(2)) / 2


def _products(*xs: Any) -> list[Any]:
    n = len(xs) // 2
    return [*(x * y for x, y in zip(xs[:n], xs[n : 2 * n], strict=True)), xs[-1]]


def _softmax_terms(i: int, j: int, *xs: Any) -> list[Any]:
    return [mp.exp(xs[i]) / mp.fsum(map(mp.exp, xs))] if i == j else []


def _power_terms(i: int, j: int, x: Any, y: Any) -> Sequence[Any]:
    return [x ** (y - 1), y * x ** (y - 1) * mp.log(x)] if i != j and x > 0 else ()


def _rounded_exponent(x: float, y: float) -> float:
    """y - 1 is rounded, by up to |y - 1| / 2**53, and that moves x ** (y - 1) by log(x) times as much."""
    return abs((y - 1) * math.log(abs(x))) if x else 0.0


def _arc_terms(i: int, j: int, x: Any) -> list[Any]:
    return [(1 + abs(x)) / (1 - x * x) ** mpf(1.5)]


def _always(i: int, j: int, n: int) -> bool:
    return True


def _itself(i: int, j: int, n: int) -> bool:
    return i == j


def _first(i: int, j: int, n: int) -> bool:
    return i == j == 0


def _not_its_factor(i: int, j: int, n: int) -> bool:
    return n - 1 in (i, j) or abs(i - j) != n // 2


# Below this the factors of gelu, silu and gauss' are subnormal: multiples of 5e-324, which are then multiplied by x.
_SMALL = mpf(2) ** -1022

_BASES = (1e-300, 1e-8, 0.3, 0.9999999999999999, 1.0, 2.5, 300.0, 350.0)
_EXPONENTS = (-31.7, -2.0, -0.5, -1e-8, 0.0, 1e-20, 0.3, 1.0, 2.0, 3.5, 40.0)
_NEGATIVE = itertools.product((-0.3, -2.5, -350.0), (-3.0, -2.0, 0.0, 1.0, 2.0, 7.0))
_POWERS = (*itertools.product(_BASES, _EXPONENTS), *_NEGATIVE)
_RANDOM_POWERS = two(near(0.0, inf, 1e-5), st.floats(-40.0, 40.0))
_RATIOS = ((0.0, 2.0), (1e-300, 1e-200), (1e-200, 1e-100), (350.0, 1e-100), (1e-310, 3.0), (3.0, 1e-160))
_AXES = ((0.0, 2.0), (2.0, 0.0), (-2.0, 0.0), (5e-324, 1.0), (1.0, 5e-324))
_TINY = ((3e-170, 4e-170), (-1e-200, 1e-200), (1e-300, -1e-300), (1e-310, 1e-310), (5e-324, 5e-324))
_LOGS = (5e-324, 1e-310, 1e-8, 0.3, 0.9999999999999999, 1.0, 1.0000000000000002, 2.0, 350.0)
_WHERE = [(chosen, *p) for chosen in (True, False) for p in PAIRS[::5]]
_CLIPS = [(x, -1.25, 2.5) for x in LINE]
_LISTS = ((3.0,), (1.0, 2.0, -5.0), (-2.0, -1.0), (350.0, 349.99, 0.0, -1.0))
_SUMS = ((3.0,), (0.1, 0.2, 0.3), (350.0, -1e-8, -350.0), (1e16, 1.0, -1e16, 1.0), (0.0, -0.0))
_PRODUCTS = ((3.0,), (2.0, -0.5, 7.0), (2.0, 0.0, 5.0), (0.0, 3.0, 0.0), (350.0, 350.0, -1e-8, 0.3))
_DOTS = ((0.5,), (2.0, 3.0, 0.0), (1.0, 2.0, 3.0, 4.0, 0.5), (350.0, -350.0, 1.0, 1.0, 0.1), (0.0, 1.0, 5.0, 0.0, -3.0))
_EXPS = ((3.0,), (0.0, 0.0), (1.0, 2.0, 3.0), (-1.0, -0.5, -2.0), (350.0, -350.0), (-350.0, -349.0), (20.3, 0.1, 7.0))
_FAR_EXPS = ((1000.0, 1000.0), (-1000.0, -1001.0), (1e300, 0.0), (-1e300, -1e300), (1000.0, -1000.0))

# Formula, then where it is smooth: the bounds of its domain, or points and a strategy for more.
# fmt: off
REFERENCES: dict[str, Reference] = {
    "+":          many(lambda x, y: x + y, PAIRS, two(), indifferent=_always),
    "-":          many(lambda x, y: x - y, PAIRS, two(), indifferent=_always),
    "*":          many(lambda x, y: x * y, PAIRS, two(), indifferent=_itself),
    "/":          many(lambda x, y: x / y, (*PAIRS, *_RATIOS), two(), indifferent=_first),
    "neg":        one(lambda x: -x, indifferent=_always),
    "**":         many(lambda x, y: x**y, _POWERS, _RANDOM_POWERS,
                       bend_terms=_power_terms, more=_rounded_exponent),
    "**n":        many(lambda x, n: x**n, _POWERS, _RANDOM_POWERS, fixed=(1,), nans=(0,),
                       more=_rounded_exponent),
    "exp":        one(mp.exp),
    "exp_difference": many(lambda x, y: mp.exp(x - y), PAIRS, two()),
    "expm1":      one(lambda x: mp.exp(x) - 1),
    "log":        one(mp.log, 0.0),
    "log1p":      one(lambda x: mp.log(1 + x), -1.0),
    "log2":       one(lambda x: mp.log(x) / mp.log(2), 0.0),
    "log10":      one(lambda x: mp.log(x) / mp.log(10), 0.0),
    "sqrt":       one(mp.sqrt, 0.0),
    "sin":        one(mp.sin),
    "cos":        one(mp.cos),
    "tan":        one(mp.tan),
    # Written with (1 - x)(1 + x), which is exact near 1, their second derivatives are differences near 0.
    "asin":       one(mp.asin, -1.0, 1.0, bend_terms=_arc_terms),
    "acos":       one(mp.acos, -1.0, 1.0, bend_terms=_arc_terms),
    "atan":       one(mp.atan),
    "atan2":      many(mp.atan2, (*PAIRS, *_AXES, *_TINY), two(), bend_terms=lambda i, j, y, x: [1 / (x * x + y * y)]),
    "sinh":       one(mp.sinh),
    "cosh":       one(mp.cosh),
    "tanh":       one(mp.tanh, bend_terms=lambda i, j, x: [8 * _sigma(2 * x) * _sigma(-2 * x)]),
    "asinh":      one(mp.asinh),
    "acosh":      one(mp.acosh, 1.0),
    "atanh":      one(mp.atanh, -1.0, 1.0, bend_terms=lambda i, j, x: [(1 + abs(x)) / (1 - x * x) ** 2]),
    "sigmoid":    one(_sigma, bend_terms=lambda i, j, x: [_sigma(x) * _sigma(-x)]),
    "softplus":   one(lambda x: mp.log(1 + mp.exp(x))),
    "relu":       one(lambda x: max(x, mpf(0)), kinks=[0.0]),
    "leaky_relu": many(lambda x, slope: x if x > 0 else slope * x,
                       [(x, slope) for x in LINE if x for slope in (0.01, 0.0, -0.2)],
                       two(near(-inf, inf), st.sampled_from([0.0, 0.01, 0.2, 1.0])), nans=(0,)),
    "elu":        many(lambda x, alpha: x if x > 0 else alpha * (mp.exp(x) - 1),
                       [(x, alpha) for x in LINE if x for alpha in (1.0, 0.7)],
                       two(near(-inf, inf), st.sampled_from([0.5, 1.0, 2.0])), nans=(0,)),
    "gelu":       one(lambda x: x * _normal(x), terms=lambda x: [x * _SMALL],
                      slope_terms=lambda i, x: [_normal(x), x * _density(x), x * _SMALL],
                      bend_terms=lambda i, j, x: [2 * _density(x), x * x * _density(x)]),
    "silu":       one(lambda x: x * _sigma(x), terms=lambda x: [x * _SMALL],
                      slope_terms=lambda i, x: [_sigma(x), x * _sigma(x) * _sigma(-x)],
                      bend_terms=lambda i, j, x: [(2 + abs(x)) * _sigma(x) * _sigma(-x)]),
    "erf":        one(mp.erf),
    "normal_cdf": one(_normal),
    "gauss":      many(lambda x, k: mp.exp(-k * x * x), [(x, k) for x in LINE for k in (0.5, 1.0)],
                       two(near(-inf, inf), st.sampled_from([0.5, 1.0])), fixed=(1,), nans=(0,),
                       slope_terms=lambda i, x, k: [x * _SMALL],
                       bend_terms=lambda i, j, x, k: [(2 * k + (2 * k * x) ** 2) * mp.exp(-k * x * x)]),
    "abs":        one(abs, kinks=[0.0]),
    "sign":       one(lambda x: mpf((x > 0) - (x < 0)), kinks=[0.0], nans=()),
    "maximum":    many(lambda x, y: max(x, y), UNEQUAL, two().filter(lambda p: p[0] != p[1])),
    "minimum":    many(lambda x, y: min(x, y), UNEQUAL, two().filter(lambda p: p[0] != p[1])),
    "clip":       many(lambda x, low, high: min(max(x, low), high), _CLIPS,
                       st.tuples(REAL, st.floats(-5.0, -1.0), st.floats(1.0, 5.0)).filter(lambda p: p[0] not in p[1:]),
                       nans=(0,)),
    "where":      many(lambda chosen, x, y: x if chosen else y, _WHERE, st.tuples(st.booleans(), REAL, REAL),
                       fixed=(0,), nans=()),
    "hypot":      many(lambda x, y: mp.sqrt(x * x + y * y), (*PAIRS, *_AXES, *_TINY), two(),
                       far=((1e300, 1e300), (3e200, 4e200), (1e308, 1e308), (1e308, 1.0)),
                       bend_terms=lambda i, j, x, y: [1 / mp.sqrt(x * x + y * y)]),
    "xlogy":      many(lambda x, y: x * mp.log(y) if x else mpf(0),
                       [(x, y) for x in (-350.0, -1e-8, 0.0, 0.3, 3.0) for y in _LOGS],
                       two(REAL, POSITIVE), indifferent=_first),
    "sum":        many(lambda *xs: mp.fsum(xs), _SUMS, lists(1, 4), indifferent=_always, terms=lambda *xs: xs),
    "prod":       many(lambda *xs: mp.fprod(xs), _PRODUCTS, lists(1, 4), indifferent=_itself),
    "max":        many(lambda *xs: max(xs), _LISTS, lists(1, 4, unique=True)),
    "min":        many(lambda *xs: min(xs), _LISTS, lists(1, 4, unique=True)),
    # x1, ..., xn, y1, ..., yn, bias
    "dot":        many(lambda *xs: mp.fsum(_products(*xs)), _DOTS,
                       st.integers(0, 3).flatmap(lambda n: lists(2 * n + 1, 2 * n + 1)),
                       indifferent=_not_its_factor, terms=_products),
    "identity":   one(lambda x: x, indifferent=_always),
    # The maximum plus the log of the sum of exp(x - maximum): these two cancel where the result crosses zero.
    "logsumexp":  many(lambda *xs: mp.log(mp.fsum(map(mp.exp, xs))), _EXPS, lists(1, 4, near(-inf, inf)), far=_FAR_EXPS,
                       terms=lambda *xs: [max(xs), mp.log(len(xs))], bend_terms=_softmax_terms),
}

_ODD = ((0.0, 0.0), (-0.0, -0.0))
_POWER_EDGES = [
    (0.0, 0.0, 1.0), (-0.0, 0.0, 1.0), (0.0, 2.0, 0.0), (0.0, 0.5, 0.0), (-0.0, 3.0, -0.0), (-0.0, 2.0, 0.0),
    (0.0, -1.0, inf), (-0.0, -1.0, -inf), (-0.0, -2.0, inf), (0.0, -0.5, inf), (-8.0, 1 / 3, nan), (-2.0, 0.5, nan),
    (-2.0, -0.5, nan), (10.0, 400.0, inf), (-10.0, 401.0, -inf), (10.0, -400.0, 0.0), (inf, 2.0, inf), (inf, -1.0, 0.0),
    (-inf, 3.0, -inf), (inf, 0.0, 1.0), (-inf, 2.0, inf), (1e300, 2.0, inf), (1e-300, 2.0, 0.0), (1e-200, -2.0, inf),
]

# Operands and, last, the value there; the sign of a zero counts.
EDGES: dict[str, Sequence[Point]] = {
    "+":          [(inf, -inf, nan), (MAX, MAX, inf), (0.0, 0.0, 0.0), (-0.0, -0.0, -0.0), (5e-324, 5e-324, 1e-323)],
    "-":          [(inf, inf, nan), (-MAX, MAX, -inf), (1e-310, 5e-324, 1e-310 - 5e-324), (-0.0, 0.0, -0.0)],
    "*":          [(0.0, inf, nan), (-inf, 0.0, nan), (1e200, 1e200, inf), (-1e200, 1e200, -inf),
                   (1e-200, 1e-200, 0.0), (-0.0, 3.0, -0.0), (5e-324, 0.75, 5e-324), (1e308, 10.0, inf)],
    "/":          [(1.0, 0.0, inf), (1.0, -0.0, -inf), (-1.0, 0.0, -inf), (0.0, 0.0, nan), (inf, inf, nan),
                   (1.0, inf, 0.0), (1.0, -inf, -0.0), (nan, 0.0, nan), (1.0, 5e-324, inf), (1e308, 0.1, inf),
                   (-0.0, 2.0, -0.0), (inf, 0.0, inf)],
    "neg":        [(0.0, -0.0), (-0.0, 0.0), (inf, -inf)],
    "**":         _POWER_EDGES,
    "**n":        _POWER_EDGES,
    "exp":        [(inf, inf), (-inf, 0.0), (-0.0, 1.0)],
    "exp_difference": [(inf, 1.0, inf), (1.0, inf, 0.0), (-inf, 0.0, 0.0), (1e300, 1e300, 1.0), (1000.0, 1000.0, 1.0)],
    "expm1":      [*_ODD, (inf, inf), (-inf, -1.0)],
    "log":        [(0.0, -inf), (-0.0, -inf), (1.0, 0.0), (inf, inf), (-5e-324, nan), (-1.0, nan), (-inf, nan)],
    "log1p":      [*_ODD, (-1.0, -inf), (inf, inf), (-1.5, nan), (-inf, nan)],
    "log2":       [(0.0, -inf), (-0.0, -inf), (8.0, 3.0), (5e-324, -1074.0), (inf, inf), (-1.0, nan), (-inf, nan)],
    "log10":      [(0.0, -inf), (-0.0, -inf), (1000.0, 3.0), (inf, inf), (-1.0, nan), (-inf, nan)],
    "sqrt":       [*_ODD, (inf, inf), (-5e-324, nan), (-1.0, nan), (-inf, nan)],
    "sin":        [*_ODD, (inf, nan), (-inf, nan)],
    "cos":        [(-0.0, 1.0), (inf, nan), (-inf, nan)],
    "tan":        [*_ODD, (inf, nan), (-inf, nan)],
    "asin":       [*_ODD, (1.0, pi / 2), (-1.0, -pi / 2), (1.5, nan), (-inf, nan), (inf, nan)],
    "acos":       [(1.0, 0.0), (-1.0, pi), (1.5, nan), (-inf, nan), (inf, nan)],
    "atan":       [*_ODD, (inf, pi / 2), (-inf, -pi / 2)],
    "atan2":      [(0.0, 0.0, 0.0), (-0.0, 0.0, -0.0), (0.0, -0.0, pi), (-0.0, -0.0, -pi), (0.0, -1.0, pi),
                   (-0.0, -1.0, -pi), (0.0, 1.0, 0.0), (inf, inf, pi / 4), (1.0, inf, 0.0), (1.0, -inf, pi),
                   (inf, 1.0, pi / 2), (1e300, 1e300, pi / 4), (1e-300, 1e300, 0.0)],
    "sinh":       [*_ODD, (inf, inf), (-inf, -inf)],
    "cosh":       [(0.0, 1.0), (inf, inf), (-inf, inf)],
    "tanh":       [*_ODD, (inf, 1.0), (-inf, -1.0)],
    "asinh":      [*_ODD, (inf, inf), (-inf, -inf)],
    "acosh":      [(1.0, 0.0), (0.5, nan), (-3.0, nan), (inf, inf), (-inf, nan)],
    "atanh":      [*_ODD, (1.0, inf), (-1.0, -inf), (2.0, nan), (inf, nan), (-inf, nan)],
    "sigmoid":    [(-0.0, 0.5), (inf, 1.0), (-inf, 0.0)],
    "softplus":   [(inf, inf), (-inf, 0.0), (1000.0, 1000.0), (-1000.0, 0.0)],
    "relu":       [(0.0, 0.0), (inf, inf), (-inf, 0.0)],
    "leaky_relu": [(0.0, 0.01, 0.0), (inf, 0.01, inf), (-inf, 0.01, -inf), (-1e300, 0.5, -5e299), (inf, 0.0, inf)],
    "elu":        [(0.0, 1.0, 0.0), (inf, 1.0, inf), (-inf, 2.0, -2.0), (1000.0, 1.0, 1000.0), (-1000.0, 1.0, -1.0)],
    "gelu":       [*_ODD, (inf, inf)],
    "silu":       [*_ODD, (inf, inf)],
    "erf":        [*_ODD, (inf, 1.0), (-inf, -1.0)],
    "normal_cdf": [(0.0, 0.5), (inf, 1.0), (-inf, 0.0)],
    "gauss":      [(0.0, 0.5, 1.0), (inf, 1.0, 0.0), (-inf, 0.5, 0.0), (1e300, 1.0, 0.0)],
    "abs":        [(0.0, 0.0), (-0.0, 0.0), (inf, inf), (-inf, inf)],
    "sign":       [(0.0, 0.0), (inf, 1.0), (-inf, -1.0)],
    "maximum":    [(nan, 1.0, nan), (1.0, nan, nan), (inf, 1.0, inf), (-inf, -inf, -inf), (2.0, 2.0, 2.0),
                   (5e-324, 0.0, 5e-324)],
    "minimum":    [(nan, 1.0, nan), (1.0, nan, nan), (inf, 1.0, 1.0), (-inf, 1.0, -inf), (2.0, 2.0, 2.0)],
    "clip":       [(2.0, 0.0, 2.0, 2.0), (-0.5, 0.0, 2.0, 0.0), (inf, 0.0, 2.0, 2.0), (-inf, 0.0, 2.0, 0.0),
                   (3.0, -inf, inf, 3.0), (1e308, 0.0, inf, 1e308)],
    "where":      [(True, inf, nan, inf), (False, nan, -0.0, -0.0), (True, nan, 1.0, nan),
                   (False, inf, 5e-324, 5e-324)],
    "hypot":      [(0.0, 0.0, 0.0), (-0.0, -0.0, 0.0), (inf, 1.0, inf), (-1.0, -inf, inf), (MAX, MAX, inf)],
    "xlogy":      [(0.0, 0.0, 0.0), (-0.0, 0.0, 0.0), (0.0, inf, 0.0), (0.0, -1.0, 0.0), (0.0, 5.0, 0.0),
                   (0.0, nan, nan), (1.0, 0.0, -inf), (-1.0, 0.0, inf), (1.0, -1.0, nan), (2.0, inf, inf)],
    "sum":        [(inf, -inf, nan), (MAX, MAX, -MAX, inf), (1e16, 1.0, -1e16, 0.0), (1.0, inf, inf)],
    "prod":       [(inf, 0.0, nan), (1e200, 1e200, inf), (-2.0, 3.0, -6.0)],
    "max":        [(1.0, nan, 2.0, nan), (nan, 1.0, nan), (1.0, nan, nan), (inf, 1.0, inf), (-inf, -inf, -inf)],
    "min":        [(1.0, nan, 2.0, nan), (nan, 1.0, nan), (1.0, nan, nan), (inf, 1.0, 1.0), (-inf, 1.0, -inf)],
    "dot":        [(0.0, inf, 0.0, nan), (1e200, 1e200, 1.0, inf), (2.0, 3.0, 4.0, 10.0)],
    "identity":   [*_ODD, (inf, inf)],
    "logsumexp":  [(-inf, -inf, -inf), (-inf, -inf), (inf, 0.0, inf), (inf, inf, inf), (-inf, 0.0, 0.0),
                   (-inf, 2.0, -inf, 2.0), (1000.0, 1000.0, 1000.0 + math.log(2.0))],
}

# Operands and the partials there; None where nothing is promised, or nothing is differentiated.
SLOPES: dict[str, Sequence[tuple[Point, tuple[float | None, ...]]]] = {
    "+":          [((inf, 1.0), (1.0, 1.0))],
    "-":          [((inf, 1.0), (1.0, -1.0))],
    "*":          [((0.0, inf), (inf, 0.0))],
    "/":          [((1.0, 0.0), (inf, -inf)), ((1.0, 1e-200), (1e200, -inf)), ((1.0, inf), (0.0, 0.0))],
    "neg":        [((inf,), (-1.0,)), ((-0.0,), (-1.0,))],
    # At base 0 the limit from above: the derivative by the exponent is 0 for y > 0, -inf for y <= 0.
    "**":         [((0.0, 0.0), (0.0, -inf)), ((0.0, 2.0), (0.0, 0.0)), ((0.0, 3.5), (0.0, 0.0)),
                   ((0.0, 1.0), (1.0, 0.0)), ((0.0, 0.5), (inf, 0.0)), ((0.0, -1.0), (-inf, -inf)),
                   ((-2.0, 3.0), (12.0, nan)), ((-2.0, -1.0), (-0.25, nan)), ((-2.0, 0.0), (0.0, nan))],
    "**n":        [((0.0, 0.0), (0.0, None)), ((-0.0, 0.0), (0.0, None)), ((inf, 0.0), (0.0, None)),
                   ((-inf, 0.0), (0.0, None)), ((-3.0, 0.0), (0.0, None)), ((0.0, 2.0), (0.0, None)),
                   ((0.0, 1.0), (1.0, None)), ((0.0, 0.5), (inf, None)), ((0.0, -1.0), (-inf, None)),
                   ((0.0, 3.0), (0.0, None)), ((inf, 1.0), (1.0, None)), ((inf, 2.0), (inf, None))],
    "exp":        [((inf,), (inf,)), ((-inf,), (0.0,)), ((1000.0,), (inf,))],
    "expm1":      [((inf,), (inf,)), ((-inf,), (0.0,))],
    "log":        [((0.0,), (inf,)), ((inf,), (0.0,))],
    "log1p":      [((-1.0,), (inf,)), ((inf,), (0.0,))],
    "log2":       [((0.0,), (inf,)), ((inf,), (0.0,))],
    "log10":      [((0.0,), (inf,)), ((inf,), (0.0,))],
    "sqrt":       [((0.0,), (inf,)), ((-0.0,), (inf,)), ((inf,), (0.0,))],
    "sin":        [((inf,), (nan,)), ((-0.0,), (1.0,))],
    "cos":        [((inf,), (nan,))],
    "tan":        [((inf,), (nan,))],
    "asin":       [((1.0,), (inf,)), ((-1.0,), (inf,))],
    "acos":       [((1.0,), (-inf,)), ((-1.0,), (-inf,))],
    "atan":       [((inf,), (0.0,)), ((-inf,), (0.0,))],
    "atan2":      [((0.0, 0.0), (0.0, 0.0)), ((-0.0, 0.0), (0.0, 0.0)), ((0.0, -0.0), (0.0, 0.0)),
                   ((0.0, -2.0), (-0.5, 0.0)), ((-0.0, -2.0), (-0.5, 0.0))],
    "sinh":       [((inf,), (inf,)), ((-inf,), (inf,))],
    "cosh":       [((inf,), (inf,)), ((-inf,), (-inf,))],
    "tanh":       [((inf,), (0.0,)), ((-inf,), (0.0,))],
    "asinh":      [((inf,), (0.0,)), ((-inf,), (0.0,))],
    "acosh":      [((1.0,), (inf,)), ((inf,), (0.0,))],
    "atanh":      [((1.0,), (inf,)), ((-1.0,), (inf,))],
    "sigmoid":    [((inf,), (0.0,)), ((-inf,), (0.0,))],
    "softplus":   [((inf,), (1.0,)), ((-inf,), (0.0,)), ((1000.0,), (1.0,))],
    "relu":       [((0.0,), (0.0,)), ((-0.0,), (0.0,)), ((inf,), (1.0,)), ((-inf,), (0.0,)), ((nan,), (nan,))],
    "leaky_relu": [((0.0, 0.01), (0.01, 0.0)), ((-0.0, 0.3), (0.3, 0.0)), ((inf, 0.01), (1.0, 0.0)),
                   ((-inf, 0.01), (0.01, None)), ((nan, 0.01), (nan, None))],
    "elu":        [((0.0, 1.0), (1.0, 0.0)), ((-0.0, 0.7), (0.7, 0.0)), ((inf, 1.0), (1.0, 0.0)),
                   ((-inf, 1.0), (0.0, None)), ((nan, 1.0), (nan, None)), ((1000.0, 1.0), (1.0, 0.0))],
    "erf":        [((inf,), (0.0,)), ((-inf,), (0.0,))],
    "normal_cdf": [((inf,), (0.0,)), ((-inf,), (0.0,))],
    "gauss":      [((0.0, 0.5), (0.0, None))],
    "abs":        [((0.0,), (0.0,)), ((-0.0,), (0.0,)), ((inf,), (1.0,)), ((-inf,), (-1.0,)), ((nan,), (nan,))],
    "sign":       [((0.0,), (0.0,))],
    "maximum":    [((2.0, 2.0), (0.5, 0.5)), ((0.0, -0.0), (0.5, 0.5)), ((-0.0, 0.0), (0.5, 0.5)),
                   ((inf, inf), (0.5, 0.5)), ((inf, 1.0), (1.0, 0.0)), ((-inf, 1.0), (0.0, 1.0)),
                   ((nan, 1.0), (nan, nan)), ((1.0, nan), (nan, nan))],
    "minimum":    [((2.0, 2.0), (0.5, 0.5)), ((0.0, -0.0), (0.5, 0.5)), ((-inf, -inf), (0.5, 0.5)),
                   ((inf, 1.0), (0.0, 1.0)), ((nan, 1.0), (nan, nan)), ((1.0, nan), (nan, nan))],
    "clip":       [((2.0, 0.0, 2.0), (1.0, None, None)), ((0.0, 0.0, 2.0), (1.0, None, None)),
                   ((-0.0, 0.0, 2.0), (1.0, None, None)), ((inf, 0.0, 2.0), (0.0, None, None)),
                   ((-inf, 0.0, 2.0), (0.0, None, None)), ((nan, 0.0, 2.0), (nan, None, None)),
                   ((3.0, -inf, inf), (1.0, None, None))],
    "where":      [((True, 2.0, nan), (None, 1.0, 0.0)), ((False, inf, 3.0), (None, 0.0, 1.0)),
                   ((True, nan, 1.0), (None, 1.0, 0.0))],
    "hypot":      [((0.0, 0.0), (0.0, 0.0)), ((-0.0, 0.0), (0.0, 0.0)), ((0.0, -0.0), (0.0, 0.0))],
    # xlogy(0, y) is 0 for every y, so its slope along y is 0, also at y = 0.
    "xlogy":      [((0.0, 0.0), (-inf, 0.0)), ((0.0, inf), (inf, 0.0)), ((1.0, 0.0), (-inf, inf)),
                   ((0.0, 1.0), (0.0, 0.0))],
    "sum":        [((inf, -inf), (1.0, 1.0))],
    "prod":       [((0.0, inf), (inf, 0.0)), ((0.0, 0.0), (0.0, 0.0)), ((0.0, 2.0, 3.0), (6.0, 0.0, 0.0))],
    "max":        [((2.0, 2.0), (0.5, 0.5)), ((1.0, 3.0, 3.0), (0.0, 0.5, 0.5)),
                   ((3.0, 3.0, 3.0), (1 / 3, 1 / 3, 1 / 3)), ((nan, 1.0), (nan, nan)), ((inf, 1.0), (1.0, 0.0)),
                   ((inf, inf), (0.5, 0.5)), ((0.0, -0.0), (0.5, 0.5))],
    "min":        [((2.0, 2.0), (0.5, 0.5)), ((3.0, 1.0, 1.0), (0.0, 0.5, 0.5)),
                   ((3.0, 3.0, 3.0), (1 / 3, 1 / 3, 1 / 3)), ((1.0, nan), (nan, nan)), ((-inf, -inf), (0.5, 0.5))],
    "dot":        [((0.0, inf, 1.0), (inf, 0.0, 1.0))],
    "identity":   [((inf,), (1.0,)), ((-0.0,), (1.0,))],
    "logsumexp":  [((-inf, -inf), (0.0, 0.0)), ((-inf,), (0.0,)), ((-inf, 0.0), (0.0, 1.0)),
                   ((1000.0, 1000.0), (0.5, 0.5)), ((1000.0, -1000.0), (1.0, 0.0))],
}
# fmt: on


def _bits(operands: Point) -> int:
    """Enough to see steps of 2**-100, relative to the smallest operand, in results as small as a float can be."""
    return 1300 + 2 * max(abs(math.frexp(x)[1]) for x in operands)


def real(x: Any) -> Any:
    """A complex number is what a real function gives outside its domain: nan."""
    return mpf("nan") if isinstance(x, mpc) else mpf(x)


def _call(true: Callable[..., Any], operands: Sequence[Any]) -> Any:
    return real(true(*operands))


def _step(operands: Point) -> Any:
    return mpf(2) ** -100 * min([1.0, *(abs(x) for x in operands if x)])


def _moved(operands: Sequence[Any], *moves: tuple[int, Any]) -> list[Any]:
    moved = list(operands)
    for i, h in moves:
        moved[i] += h
    return moved


@functools.cache
def true_value(name: str, operands: Point) -> Any:
    with mp.workprec(_bits(operands)):
        return _call(REFERENCES[name].true, [mpf(x) for x in operands])


@functools.cache
def true_partial(name: str, operands: Point, i: int) -> Any:
    """(f(x + h) - f(x - h)) / 2h by operand i."""
    with mp.workprec(_bits(operands)):
        h, xs, f = _step(operands), [mpf(x) for x in operands], REFERENCES[name].true
        return (_call(f, _moved(xs, (i, h))) - _call(f, _moved(xs, (i, -h)))) / (2 * h)


@functools.cache
def true_second(name: str, operands: Point, i: int, j: int) -> Any:
    """The second central difference by operands i and j, mixed or not."""
    with mp.workprec(_bits(operands) + 100):
        h, xs, f = _step(operands), [mpf(x) for x in operands], REFERENCES[name].true
        corners = [(a, b, _call(f, _moved(xs, (i, a * h), (j, b * h)))) for a in (1, -1) for b in (1, -1)]
        return sum(a * b * y for a, b, y in corners) / (4 * h * h)


def terms(function: Callable[..., Sequence[Any]], operands: Point, *indices: int) -> list[Any]:
    with mp.workprec(_bits(operands)):
        return [mpf(t) for t in function(*indices, *(mpf(x) for x in operands))]


def ulps(got: Any, true: Any, largest: Sequence[Any] = ()) -> float:
    """How far a float is from the true number, in units of the last place of it or of the largest of its terms."""
    got = float(got)
    if mp.isnan(true) or math.isnan(got):
        return 0.0 if mp.isnan(true) and math.isnan(got) else inf
    if math.isinf(got) or mp.isinf(true) or abs(true) > MAX:
        if math.isinf(got) and got * mp.sign(true) > 0 and (mp.isinf(true) or abs(true) > MAX):
            return 0.0
        if mp.isinf(true) or (math.isinf(got) and got * mp.sign(true) <= 0):
            return inf
        got, true = max(-MAX, min(MAX, got)), max(-mpf(MAX), min(mpf(MAX), true))
        return float(1 + abs(mpf(got) - true) / math.ulp(MAX))
    scale = min(mpf(MAX), max([abs(true), *(abs(t) for t in largest)]))
    with mp.workprec(2200):
        return float(abs(mpf(got) - true) / math.ulp(float(scale)))


def same(got: Any, expected: float) -> bool:
    """Equal as floats of one bit pattern, any nan being equal to any nan."""
    got = float(got)
    if math.isnan(got) or math.isnan(expected):
        return math.isnan(got) and math.isnan(expected)
    return got == expected and math.copysign(1.0, got) == math.copysign(1.0, expected)


def same_point(p: Point, q: Point) -> bool:
    return len(p) == len(q) and all(map(same, p, q))


def shown(name: str) -> list[Point]:
    """Every list of operands that is written down for a row: ordinary, far, at edges, at kinks."""
    reference = REFERENCES[name]
    edges = [edge[:-1] for edge in EDGES.get(name, ())]
    return [*reference.points, *reference.far, *edges, *(operands for operands, _ in SLOPES.get(name, ()))]


def columns(points: Sequence[Point]) -> list[Any]:
    """Points as one numpy array an operand: points of one length only, the most frequent."""
    lengths = [len(p) for p in points]
    chosen = [p for p in points if len(p) == max(set(lengths), key=lengths.count)]
    return [np.array(c, dtype=bool if isinstance(c[0], bool) else float) for c in zip(*chosen, strict=True)]


# The checks.  They take the row, so that a test can hand them a wrong one and see that they fail.


def check_value(name: str, row: Any, operands: Point) -> None:
    """The row's function on floats is the true value, to 8 ulp: a row allowed more is allowed it for its partials."""
    out = row.function(*operands)
    assert type(out) is float, f"{name}{operands} gives {out!r}, a {type(out).__name__}; expected a float"
    true = true_value(name, operands)
    error = ulps(out, true, terms(REFERENCES[name].terms, operands))
    assert error <= 8, f"{name}{operands} = {out!r} is {error:.4g} ulp from {mp.nstr(true, 20)}"


def partials(row: Any, operands: Sequence[Any]) -> list[Any]:
    """What each operand contributes for an upstream gradient of 1: its partial; 0 where it is not live."""
    out = row.function(*operands)
    found, live = row.partials(operands, out), row.live(operands, out)
    assert len(found) == len(live) == len(operands), f"{len(found)} partials, {len(live)} live: {operands}"
    return [None if p is None else p if alive else 0.0 for p, alive in zip(found, live, strict=True)]


def allowed(name: str, row: Any, operands: Point) -> float:
    """How many ulp a partial may be off: 8, or more where the row and the reference both say so."""
    return min(row.ulps, 8 + REFERENCES[name].more(*operands))


def check_partials(name: str, row: Any, operands: Point) -> None:
    """The row's partials on floats are the true partials, to 8 ulp or what more the row is allowed there."""
    reference = REFERENCES[name]
    for i, partial in enumerate(partials(row, operands)):
        if i in reference.fixed:
            assert partial is None, f"{name}: operand {i} is not differentiated: expected None, got {partial!r}"
            continue
        true = true_partial(name, operands, i)
        error = ulps(partial, true, terms(reference.slope_terms, operands, i))
        told = f"partial {i} of {name}{operands} = {partial!r} is {error:.4g} ulp from {mp.nstr(true, 20)}"
        assert error <= allowed(name, row, operands), told


def check_slopes(name: str, row: Any, operands: Point, expected: tuple[float | None, ...]) -> None:
    """The row's partials on floats are those the conventions state."""
    for i, (partial, wanted) in enumerate(zip(partials(row, operands), expected, strict=True)):
        if wanted is not None:
            close = partial == wanted or ulps(partial, mpf(wanted)) <= 8
            assert close, f"partial {i} of {name}{operands} is {partial!r}; by convention: {wanted!r}"


def second_partials(name: str, row: Any, operands: Point) -> list[list[float]]:
    """The row's partials run on Values, each differentiated by ``backward``: the matrix of second partials."""
    fixed, matrix = REFERENCES[name].fixed, []
    for i in range(len(operands)):
        values = tuple(x if k in fixed else Value(x) for k, x in enumerate(operands))
        partial = partials(row, values)[i]
        if isinstance(partial, Value):
            partial.backward()
        matrix.append([v.grad if isinstance(v, Value) else 0.0 for v in values])
    return matrix


# A second derivative is that of a formula of the first, so errors of its terms add up: 1e-12 of the largest term.
SECOND_ORDER_TOLERANCE = 1e-12


def check_second(name: str, row: Any, operands: Point) -> None:
    """The second partials are the true ones, to 1e-12 of the largest term."""
    reference = REFERENCES[name]
    for i, line in enumerate(second_partials(name, row, operands)):
        for j, got in enumerate(line):
            if {i, j} & set(reference.fixed):
                continue
            true = true_second(name, operands, i, j)
            scale = max([abs(true), *map(abs, terms(reference.bend_terms, operands, i, j))])
            close = math.isnan(got) if mp.isnan(true) else abs(got - true) <= SECOND_ORDER_TOLERANCE * scale + 5e-324
            assert close, f"second partial {i},{j} of {name}{operands} = {got!r}; true: {mp.nstr(true, 20)}"


# Against another library

Library = Callable[[list[Any]], tuple[Any, list[Any]]]  # one array an operand -> values, and partials or None
# Where a library is not right: "value" or "partial", for which operands, and why ours is the number to have.
Known = Sequence[tuple[str, Callable[..., bool], str]]


def known_here(known: Known, what: str, operands: Point) -> bool:
    return any(what.startswith(kind) and holds(*operands) for kind, holds, _ in known)


def agree(ours: float, theirs: float, tolerance: float, largest: Sequence[Any] = ()) -> bool:
    """Equal relative to the largest term; the same infinity; or both nan."""
    if not (math.isfinite(ours) and math.isfinite(theirs)):
        return ours == theirs or (math.isnan(ours) and math.isnan(theirs))
    scale = max([abs(ours), abs(theirs), *(float(abs(x)) for x in largest)])
    return abs(ours - theirs) <= tolerance * scale + 1e-300


def _finite_terms(function: Callable[..., Sequence[Any]], operands: Point, *indices: int) -> list[Any]:
    return terms(function, operands, *indices) if all(map(math.isfinite, operands)) else []


def _by_length(points: Sequence[Point]) -> list[list[Point]]:
    # Without subnormal numbers, which some libraries take for zero.
    normal = [p for p in points if all(x == 0 or not abs(x) < 1e-300 for x in p)]
    return [[p for p in normal if len(p) == n] for n in sorted({len(p) for p in normal})]


def against(name: str, row: Any, library: Library, known: Known, tolerance: float) -> None:
    """The row's values and partials are those of another library, but where it is known not to be right."""
    reference, found = REFERENCES[name], []
    ordinary = [(operands, (0.0,) * len(operands)) for operands in reference.points]
    for points in _by_length(shown(name)):
        values, slopes = library(columns(points))
        for k, (operands, value) in enumerate(zip(points, np.asarray(values).tolist(), strict=True)):
            ours, largest = row.function(*operands), _finite_terms(reference.terms, operands)
            if not known_here(known, "value", operands) and not agree(ours, value, tolerance, largest):
                found.append(f"value of {name}{operands}: ours {ours!r}, theirs {value!r}")
            known_slopes = (ys for p, ys in (*SLOPES.get(name, ()), *ordinary) if same_point(p, operands))
            promised = next(known_slopes, (None,) * len(operands))
            for i, ours in enumerate(partials(row, operands)):
                if ours is None or slopes[i] is None or promised[i] is None:
                    continue
                theirs, largest = float(slopes[i][k]), _finite_terms(reference.slope_terms, operands, i)
                if not known_here(known, f"partial {i}", operands) and not agree(ours, theirs, tolerance, largest):
                    found.append(f"partial {i} of {name}{operands}: ours {ours!r}, theirs {theirs!r}")
    assert not found, "\n".join(found)


def against_second(name: str, row: Any, library: Callable[[Point], dict[tuple[int, int], float]], known: Known) -> None:
    """The row's second partials are those of another library, which gives them by their two indices."""
    reference, found = REFERENCES[name], []
    tame = [p for p in reference.points if all(x == 0 or 1e-2 <= abs(x) <= 20 for x in p)]
    for operands in tame[:: max(1, len(tame) // 12)]:
        ours = second_partials(name, row, operands)
        for (i, j), theirs in library(operands).items():
            largest = terms(reference.bend_terms, operands, i, j)
            if not known_here(known, f"second {i} {j}", operands) and not agree(ours[i][j], theirs, 1e-9, largest):
                found.append(f"second partial {i},{j} of {name}{operands}: ours {ours[i][j]!r}, theirs {theirs!r}")
    assert not found, "\n".join(found)


# Reading what is printed

MPMATH: dict[str, Any] = {name: reference.true for name, reference in REFERENCES.items() if name.isidentifier()}
MPMATH["pi"] = mp.pi
LATEX_NAMES = {
    r"\ln": "log", r"\log_2": "log2", r"\log_{10}": "log10", r"\sigma": "sigmoid", r"\Phi": "normal_cdf",
    r"\arcsin": "asin", r"\arccos": "acos", r"\arctan": "atan", "arsinh": "asinh", "arcosh": "acosh",
    "artanh": "atanh", r"leaky\_relu": "leaky_relu",
}  # fmt: skip


class Latex:
    r"""The number that a LaTeX formula stands for, read by recursive descent, to see that no bracket is missing.

    A formula is a sum of products of powers; a power is an atom with an optional exponent; an atom is a number, a name,
    a bracket, ``\frac``, ``\sqrt``, a function of a bracket, or ``cases``.
    """

    token = re.compile(
        r"\\left\||\\right\||\\left\(|\\right\)|\\begin\{cases\}|\\end\{cases\}|\\text\{ ?(?:if|else) ?\}|\\\\"
        r"|\\operatorname\{[^}]*\}|\\mathrm\{[^}]*\}|\\log_2|\\log_\{10\}|\\[a-zA-Z]+|[a-zA-Z](?:_\{?\w+\}?)?"
        r"|\d+(?:\.\d+)?(?:e-?\d+)?|[-+=<>^{}&,()]"
    )

    def __init__(self, text: str, variables: dict[str, Any]) -> None:
        assert not self.token.sub("", text).strip(" "), f"not understood: {self.token.sub('', text)!r} in {text}"
        self.tokens, self.variables = [*self.token.findall(text), ""], variables

    def number(self) -> Any:
        result = self.sum()
        assert self.tokens == [""], f"left over: {self.tokens}"
        return result

    def next(self, *expected: str) -> str:
        assert not expected or self.tokens[0] in expected, f"expected {expected}: {self.tokens}"
        return self.tokens.pop(0)

    def group(self, opening: str = "{", closing: str = "}") -> Any:
        self.next(opening)
        result = self.sum()
        self.next(closing)
        return result

    def sum(self) -> Any:
        result = -self.product() if self.tokens[0] == "-" and self.next() else self.product()
        while self.tokens[0] in ("+", "-"):
            result = result + self.product() if self.next() == "+" else result - self.product()
        return result

    def product(self) -> Any:
        result = self.power()
        while self.tokens[0] == r"\cdot" or re.match(r"[a-zA-Z\d]|\\(?!right|end|text|\\|le|ge|ne|l)", self.tokens[0]):
            if self.tokens[0] == r"\cdot":
                self.next()
            result = result * self.power()
        return result

    def power(self) -> Any:
        base = self.atom()
        if self.tokens[0] != "^":
            return base
        self.next()
        return base ** (self.group() if self.tokens[0] == "{" else mpf(self.next()))

    def condition(self) -> bool:
        compare = {"=": operator.eq, "<": operator.lt, ">": operator.gt, r"\le": operator.le, r"\ge": operator.ge}
        left = self.sum()
        return bool(compare[self.next()](left, self.sum())) if self.tokens[0] in compare else bool(left)

    def cases(self) -> Any:
        chosen: list[Any] = []
        while True:
            try:
                value = self.sum()
            except ZeroDivisionError:  # in a case that does not hold
                value = None
                while self.tokens[0] != "&":
                    self.next()
            self.next("&")
            if "if" not in self.next() or self.condition():
                chosen.append(value)
            if self.next("\\\\", r"\end{cases}") == r"\end{cases}":
                return chosen[0]

    def arguments(self) -> list[Any]:
        self.next(r"\left(")
        found = [self.sum()]
        while self.next(",", r"\right)") == ",":
            found.append(self.sum())
        return found

    def atom(self) -> Any:
        token = self.next()
        name = re.sub(r"\\(?:operatorname|mathrm)\{(.*)\}", r"\1", token)
        name = LATEX_NAMES.get(name, name.lstrip("\\"))
        plain = re.sub(r"[{}_]", "", name) if name not in MPMATH else name
        if token == "e" and self.tokens[0] == "^":
            self.next()
            return mp.exp(self.group() if self.tokens[0] == "{" else mpf(self.next()))
        if token[0].isdigit():
            return mpf(token)
        if token == r"\pi":
            return +mp.pi
        if token == r"\frac":
            return self.group() / self.group()
        if token == r"\sqrt":
            return mp.sqrt(self.group())
        if token == r"\begin{cases}":
            return self.cases()
        if token == r"\left|":
            return abs(self.group_rest(r"\right|"))
        if token == r"\left(":
            return self.group_rest(r"\right)")
        if name in MPMATH and name not in self.variables:
            return MPMATH[name](*self.arguments()) if self.tokens[0] == r"\left(" else MPMATH[name](self.atom())
        return mpf(self.variables[plain])

    def group_rest(self, closing: str) -> Any:
        result = self.sum()
        self.next(closing)
        return result


def tame_points(name: str) -> list[Point]:
    """Some points of a row whose numbers are zero or neither small nor large."""
    reference = REFERENCES[name]
    tame = [p for p in reference.points if all(x == 0 or 5e-2 <= abs(x) <= 20 for x in p)]
    several = [p for p in tame if len(p) - len(reference.fixed) <= 3] or tame
    return several[:: max(1, len(several) // 6)][:7]
