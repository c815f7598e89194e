"""Every function of the table on Python floats, by IEEE 754: inf or nan is an answer where `math` raises.

The names are those of the rows in `ops.py`; nothing here knows a derivative.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

inf, nan = math.inf, math.nan
erf, hypot, atan2, atan, asinh, tanh = math.erf, math.hypot, math.atan2, math.atan, math.asinh, math.tanh
abs_ = math.fabs


def divide(x: float, y: float) -> float:
    try:
        return x / y
    except ZeroDivisionError:
        return nan if x == 0 or x != x else math.copysign(inf, x) * math.copysign(1.0, y)


def power(x: float, y: float) -> float:
    try:
        out: Any = x**y  # complex for a negative number to a fraction
    except ZeroDivisionError:  # 0 ** negative: the sign of zero counts only under an odd whole exponent
        return math.copysign(inf, x) if y % 2 == 1 else inf
    except OverflowError:
        return -inf if x < 0 and y % 2 == 1 else inf
    return out if isinstance(out, float) else nan


def _saturating(function: Callable[[float], float], at_minus: float) -> Callable[[float], float]:
    """`function` with overflow answered: inf on the right, `at_minus` on the left."""

    def saturated(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return inf if x > 0 else at_minus

    return saturated


def _on_domain(function: Callable[[float], float], poles: dict[float, float] | None = None) -> Callable[[float], float]:
    """`function` with its poles answered by an infinity and everything else outside its domain by nan."""
    at_pole = poles or {}

    def total(x: float) -> float:
        try:
            return function(x)
        except ValueError:
            return at_pole.get(x, nan)

    return total


exp, expm1 = _saturating(math.exp, 0.0), _saturating(math.expm1, -1.0)
sinh, cosh = _saturating(math.sinh, -inf), _saturating(math.cosh, inf)
log, log2, log10 = (_on_domain(f, {0.0: -inf}) for f in (math.log, math.log2, math.log10))
log1p, atanh = _on_domain(math.log1p, {-1.0: -inf}), _on_domain(math.atanh, {1.0: inf, -1.0: -inf})
sqrt, asin, acos, acosh = (_on_domain(f) for f in (math.sqrt, math.asin, math.acos, math.acosh))
sin, cos, tan = (_on_domain(f) for f in (math.sin, math.cos, math.tan))


def sign(x: float) -> float:
    return 1.0 if x > 0 else -1.0 if x < 0 else x * 0.0


def sigmoid(x: float) -> float:
    e = math.exp(-abs_(x))  # at most 1: nothing overflows on either side
    return (1.0 if x >= 0 else e) / (1.0 + e)


def softplus(x: float) -> float:
    return (x if x > 0 else 0.0) + math.log1p(math.exp(-abs_(x)))


def relu(x: float) -> float:
    return 0.0 if x <= 0 else x


def leaky_relu(x: float, slope: float = 0.01) -> float:
    return x if x > 0 else slope * x


def elu(x: float, alpha: float = 1.0) -> float:
    return x if x > 0 else alpha * expm1(x)


def silu(x: float) -> float:
    return x * sigmoid(x) if x != -inf else -0.0


def exp_difference(x: float, y: float) -> float:
    """exp(x - y), corrected for the rounding of the difference (Knuth's two-sum), which exp would magnify."""
    d = x - y
    if not -800.0 < d < 800.0:
        return exp(d)
    back = d + y
    return exp(d) * (1.0 + ((x - back) - (y - (back - d))))


def gauss(x: float, k: float = 1.0) -> float:
    """exp(-k x²) for k = 1 or 1/2. x² is split, for exp would magnify the rounding of a square x² times."""
    if not -40.0 < x < 40.0:
        return 0.0 if x == x else x
    z = math.floor(16.0 * x) / 16.0  # z² is exact
    return math.exp(-k * z * z) * math.exp(-k * (x - z) * (x + z))


# sqrt(1/2) as a sum of two floats, and the first of them split into halves of 26 bits.
ROOT, ROOT_REST, ROOT_HIGH = 0.7071067811865476, -4.833646656726457e-17, 0.7071067839860916
ROOT_LOW = ROOT - ROOT_HIGH


def scaled_rest(x: Any, product: Any) -> Any:
    """x·sqrt(1/2) - product exactly enough, where `product` is that number rounded (Dekker 1971, section 5)."""
    split = 134217729.0 * x
    high = split - (split - x)
    low = x - high
    return ((high * ROOT_HIGH - product) + high * ROOT_LOW + low * ROOT_HIGH) + low * ROOT_LOW + x * ROOT_REST


def normal_cdf(x: float) -> float:
    """Φ(x) = erfc(-x/√2)/2, with a first-order correction for the rounding of x/√2, which the tail magnifies."""
    product = x * ROOT
    if not -30.0 < product < 30.0:
        return x if x != x else (1.0 if x > 0 else 0.0)
    correction: float = scaled_rest(x, product) * 0.5641895835477563 * gauss(product)
    return 0.5 * math.erfc(-product) + correction


def gelu(x: float) -> float:
    return x * normal_cdf(x) if x != -inf else -0.0


def maximum(x: float, y: float) -> float:
    return x if x >= y or x != x else y


def minimum(x: float, y: float) -> float:
    return x if x <= y or x != x else y


def clip(x: float, lo: float, hi: float) -> float:
    return minimum(maximum(x, lo), hi)


def where(condition: float, a: float, b: float) -> float:
    return a if condition else b


def xlogy(x: float, y: float) -> float:
    return 0.0 if x == 0 and y == y else x * log(y)


def sum_(*xs: float) -> float:
    """From left to right in plain additions: the built-in `sum` compensates since Python 3.12."""
    total = xs[0] if xs else 0.0
    for x in xs[1:]:
        total += x
    return total


def prod(*xs: float) -> float:
    product = 1.0
    for x in xs:
        product *= x
    return product


def max_(*xs: float) -> float:
    best = xs[0]
    for x in xs[1:]:
        best = maximum(best, x)
    return best


def min_(*xs: float) -> float:
    best = xs[0]
    for x in xs[1:]:
        best = minimum(best, x)
    return best


def dot(*operands: float) -> float:
    n = len(operands) // 2
    total = operands[-1]
    for product in map(operator.mul, operands[:n], operands[n:-1]):
        total += product
    return total


def logsumexp(*xs: float) -> float:
    top = max_(*xs)
    if top - top != 0:  # inf, -inf or nan: no difference can be taken
        return top
    at = xs.index(top)  # its own term is exactly 1, and log1p keeps what is small beside it
    return top + math.log1p(sum_(0.0, *[math.exp(x - top) for x in xs[:at] + xs[at + 1 :]]))


KERNELS: dict[str, Callable[..., float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": divide, "neg": operator.neg,
    "**": power, "**n": power, "identity": float,
    "exp": exp, "expm1": expm1, "log": log, "log1p": log1p, "log2": log2, "log10": log10, "sqrt": sqrt,
    "sin": sin, "cos": cos, "tan": tan, "asin": asin, "acos": acos, "atan": atan, "atan2": atan2,
    "sinh": sinh, "cosh": cosh, "tanh": tanh, "asinh": asinh, "acosh": acosh, "atanh": atanh,
    "sigmoid": sigmoid, "softplus": softplus, "relu": relu, "leaky_relu": leaky_relu, "elu": elu, "gelu": gelu,
    "silu": silu, "erf": erf, "abs": abs_, "sign": sign, "gauss": gauss, "normal_cdf": normal_cdf,
    "maximum": maximum, "minimum": minimum, "clip": clip, "where": where, "hypot": hypot, "xlogy": xlogy,
    "sum": sum_, "prod": prod, "max": max_, "min": min_, "dot": dot, "logsumexp": logsumexp,
    "exp_difference": exp_difference, "equal": operator.eq,
}  # fmt: skip
