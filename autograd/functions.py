"""The functions of the table, one a row that is no operator, for any number type.

A float gives a float, a `Value` a `Value`, a `Symbol` a `Symbol`; arrays and (nested) lists go element by element.
Each function hands its name and operands to the interpreter that knows their type. The derivatives are in `ops.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, TypeVar

from autograd import floats, modes
from autograd.errors import number

T = TypeVar("T")  # what goes in comes out
Number = Any  # float, Value, Symbol, array or (nested) list, in any mix

PLAIN = frozenset({float, int, bool})


def apply(name: str, operands: tuple[Number, ...]) -> Any:
    """The function `name` on operands of any type: who computes it is found by what they are."""
    interpreter = None
    for kind in dict.fromkeys(map(type, operands)):
        if kind not in PLAIN:
            interpreter = getattr(kind, "_apply", None)
            if interpreter is None:
                return _apply_elementwise(name, operands)
    if interpreter is not None:
        return interpreter(name, operands)
    return floats.KERNELS[name](*map(number, operands))


def _of(name: str, x: T) -> T:
    """`apply` for one operand, with a short way for a float."""
    result: T = floats.KERNELS[name](x) if type(x) is float else apply(name, (x,))  # type: ignore[assignment]
    return result


def _apply_elementwise(name: str, operands: tuple[Number, ...]) -> Any:
    """`apply` where something is neither a plain number nor a Value: an array, a list, a numpy scalar, a mistake."""
    numpy = sys.modules.get("numpy")  # who never imported numpy has no arrays
    if numpy is not None and any(isinstance(x, numpy.ndarray) for x in operands):
        from autograd import arrays

        return arrays.apply(name, operands)
    lengths = {len(x) for x in operands if isinstance(x, (list, tuple))}
    if not lengths:
        return apply(name, tuple(x if hasattr(type(x), "_apply") else number(x) for x in operands))
    if len(lengths) > 1:
        raise ValueError(f"{name} was given lists of different lengths {sorted(lengths)}: make them equally long")
    (n,) = lengths
    columns = [x if isinstance(x, (list, tuple)) else [x] * n for x in operands]
    return [apply(name, scalars) for scalars in zip(*columns, strict=True)]


def exp(x: T) -> T:
    """eˣ.

    >>> exp(0.0)
    1.0
    """
    return _of("exp", x)


def expm1(x: T) -> T:
    """eˣ - 1, accurate near 0.

    >>> expm1(1e-20)
    1e-20
    """
    return _of("expm1", x)


def log(x: T) -> T:
    """The natural logarithm: -inf at 0, nan below.

    >>> log(1.0)
    0.0
    """
    return _of("log", x)


def log1p(x: T) -> T:
    """log(1 + x), accurate near 0.

    >>> log1p(1e-20)
    1e-20
    """
    return _of("log1p", x)


def log2(x: T) -> T:
    """The logarithm to base 2.

    >>> log2(8.0)
    3.0
    """
    return _of("log2", x)


def log10(x: T) -> T:
    """The logarithm to base 10.

    >>> log10(1000.0)
    3.0
    """
    return _of("log10", x)


def sqrt(x: T) -> T:
    """√x; nan below 0. Its slope at 0 is inf.

    >>> sqrt([4.0, 9.0])
    [2.0, 3.0]
    """
    return _of("sqrt", x)


def sin(x: T) -> T:
    """The sine of x radians.

    >>> sin(0.0)
    0.0
    """
    return _of("sin", x)


def cos(x: T) -> T:
    """The cosine of x radians.

    >>> cos(0.0)
    1.0
    """
    return _of("cos", x)


def tan(x: T) -> T:
    """The tangent of x radians.

    >>> tan(0.0)
    0.0
    """
    return _of("tan", x)


def asin(x: T) -> T:
    """The angle in [-π/2, π/2] whose sine is x; nan outside [-1, 1].

    >>> asin(0.0)
    0.0
    """
    return _of("asin", x)


def acos(x: T) -> T:
    """The angle in [0, π] whose cosine is x; nan outside [-1, 1].

    >>> acos(1.0)
    0.0
    """
    return _of("acos", x)


def atan(x: T) -> T:
    """The angle in (-π/2, π/2) whose tangent is x.

    >>> atan(0.0)
    0.0
    """
    return _of("atan", x)


def sinh(x: T) -> T:
    """(eˣ - e⁻ˣ)/2.

    >>> sinh(0.0)
    0.0
    """
    return _of("sinh", x)


def cosh(x: T) -> T:
    """(eˣ + e⁻ˣ)/2.

    >>> cosh(0.0)
    1.0
    """
    return _of("cosh", x)


def tanh(x: T) -> T:
    """sinh(x)/cosh(x), between -1 and 1.

    >>> tanh([0.0, 1000.0])
    [0.0, 1.0]
    """
    return _of("tanh", x)


def asinh(x: T) -> T:
    """The number whose sinh is x.

    >>> asinh(0.0)
    0.0
    """
    return _of("asinh", x)


def acosh(x: T) -> T:
    """The number ≥ 0 whose cosh is x; nan below 1.

    >>> acosh(1.0)
    0.0
    """
    return _of("acosh", x)


def atanh(x: T) -> T:
    """The number whose tanh is x; nan outside [-1, 1].

    >>> atanh(0.0)
    0.0
    """
    return _of("atanh", x)


def sigmoid(x: T) -> T:
    """The logistic function 1/(1 + e⁻ˣ), between 0 and 1, in a form that never overflows.

    >>> sigmoid(-1000.0)
    0.0
    """
    return _of("sigmoid", x)


def softplus(x: T) -> T:
    """log(1 + eˣ), a smooth relu, in a form that never overflows.

    >>> softplus(1000.0)
    1000.0
    """
    return _of("softplus", x)


def relu(x: T) -> T:
    """x where x > 0, else 0. Its slope at 0 is 0.

    >>> relu([-2.0, 3.0])
    [0.0, 3.0]
    """
    return _of("relu", x)


def gelu(x: T) -> T:
    """x·Φ(x) with Φ the normal distribution function, exact (Hendrycks and Gimpel 2016, section 2).

    >>> gelu([0.0, -100.0])
    [0.0, -0.0]
    """
    return _of("gelu", x)


def silu(x: T) -> T:
    """x·sigmoid(x), also called swish (Ramachandran et al. 2017; Elfwing et al. 2018, equation 6).

    >>> silu(0.0)
    0.0
    """
    return _of("silu", x)


def erf(x: T) -> T:
    """The error function 2/√π · ∫₀ˣ exp(-t²) dt.

    >>> erf(0.0)
    0.0
    """
    return _of("erf", x)


def abs(x: T) -> T:
    """|x|. Its slope at 0 is 0.

    >>> abs([-2.0, 3.0])
    [2.0, 3.0]
    """
    return _of("abs", x)


def sign(x: T) -> T:
    """-1, 0 or 1 as x is negative, zero or positive: the slope of |x|.

    >>> sign(-3.0)
    -1.0
    """
    return _of("sign", x)


def normal_cdf(x: T) -> T:
    """Φ(x), the normal distribution function.

    >>> normal_cdf(0.0)
    0.5
    """
    return _of("normal_cdf", x)


def leaky_relu(x: T, slope: Number = 0.01) -> T:
    """x where x > 0, else slope·x. Its slope at 0 is `slope` (Maas et al. 2013, section 2).

    >>> leaky_relu([-2.0, 3.0])
    [-0.02, 3.0]
    """
    return apply("leaky_relu", (x, slope))  # type: ignore[no-any-return]


def elu(x: T, alpha: Number = 1.0) -> T:
    """x where x > 0, else alpha·(eˣ - 1). Its slope at 0 is `alpha` (Clevert et al. 2016, equation 15).

    >>> elu([0.0, 3.0])
    [0.0, 3.0]
    """
    return apply("elu", (x, alpha))  # type: ignore[no-any-return]


def gauss(x: T, k: Number = 1.0) -> T:
    """exp(-k·x²) for a constant k of 1 or 1/2, accurate in the tails: the slopes of `erf` and `normal_cdf`.

    >>> gauss(0.0)
    1.0
    """
    return apply("gauss", (x, k))  # type: ignore[no-any-return]


def exp_difference(x: Number, y: Number) -> Any:
    """exp(x - y), without the digits that rounding the difference first would cost: what a softmax is made of.

    >>> exp_difference(1000.0, 1000.0)
    1.0
    """
    return apply("exp_difference", (x, y))


def maximum(x: Number, y: Number) -> Any:
    """The larger of two numbers; only it has a slope, and two equal ones have half each.

    For an array of Values write this, not np.maximum: numpy compares and picks, and nothing is recorded of that.

    >>> maximum([1.0, 5.0], 3.0)
    [3.0, 5.0]
    """
    return apply("maximum", (x, y))


def minimum(x: Number, y: Number) -> Any:
    """The smaller of two numbers; only it has a slope, and two equal ones have half each.

    For an array of Values write this, not np.minimum: numpy compares and picks, and nothing is recorded of that.

    >>> minimum([1.0, 5.0], 3.0)
    [1.0, 3.0]
    """
    return apply("minimum", (x, y))


def clip(x: Number, lo: Number, hi: Number) -> Any:
    """x, or the bound it lies beyond. Its slope in x is 1 from bound to bound, the bounds included.

    >>> clip([-2.0, 0.5, 2.0], -1.0, 1.0)
    [-1.0, 0.5, 1.0]
    """
    if isinstance(lo, (int, float)) and isinstance(hi, (int, float)) and lo > hi:
        raise ValueError(f"clip takes the lower bound first, was given {lo} and {hi}: write clip(x, {hi}, {lo})")
    return apply("clip", (x, lo, hi))


def where(condition: Number, a: Number, b: Number) -> Any:
    """a where the condition holds, else b. What is not chosen contributes nothing, even if it is inf or nan.

    >>> where(2 > 1, 10.0, 20.0)
    10.0
    """
    return apply("where", (condition, a, b))


def choose(condition: Number, a: Number, b: Number) -> Any:
    """`where`, as the rules of the table use it: a condition that is known chooses at once, and leaves no node.

    >>> choose(2 > 1, 10.0, 20.0)
    10.0
    """
    return (a if condition else b) if isinstance(condition, bool) else where(condition, a, b)


def equal(a: Number, b: Number) -> Any:
    """Whether two numbers are the same number: between two Values `==` asks for the same node.

    >>> equal([1.0, 2.0], [1, 3])
    [True, False]
    """
    return a == b if type(a) in PLAIN and type(b) in PLAIN else apply("equal", (a, b))


def hypot(x: Number, y: Number) -> Any:
    """√(x² + y²) without overflow. At (0, 0) both slopes are 0.

    >>> hypot(3.0, 4.0)
    5.0
    """
    return apply("hypot", (x, y))


def atan2(y: Number, x: Number) -> Any:
    """The angle of the point (x, y), in [-π, π]. At (0, 0) both slopes are 0.

    >>> atan2(0.0, 1.0)
    0.0
    """
    return apply("atan2", (y, x))


def xlogy(x: Number, y: Number) -> Any:
    """x·log(y), and 0 for x = 0: the term of an entropy.

    >>> xlogy(0.0, 0.0)
    0.0
    """
    return apply("xlogy", (x, y))


def divide(x: Number, y: Number) -> Any:
    """x/y by IEEE 754: Python's own division of floats raises where the answer is inf or nan.

    >>> divide(1.0, 0.0)
    inf
    """
    return apply("/", (x, y))


def power(x: Number, y: Number) -> Any:
    """x**y by IEEE 754: a negative number to a fraction is nan, overflow is inf.

    >>> power(-8.0, 1 / 3)
    nan
    """
    return x if type(y) is float and y == 1.0 else apply("**", (x, y))


def identity(x: T) -> T:
    """x itself; of a Value, a new node that stands for it.

    >>> identity(2.0)
    2.0
    """
    return _of("identity", x)


# Reductions: many numbers to one. The rows take the numbers themselves as operands: `sum_of(x, y, z)`.


def sum_of(*xs: Number) -> Any:
    """The row `sum`."""
    return apply("sum", xs)


def prod_of(*xs: Number) -> Any:
    """The row `prod`."""
    return apply("prod", xs)


def max_of(*xs: Number) -> Any:
    """The row `max`."""
    return apply("max", xs)


def min_of(*xs: Number) -> Any:
    """The row `min`."""
    return apply("min", xs)


def dot_of(*operands: Number) -> Any:
    """The row `dot`, of x₁ … xₙ, y₁ … yₙ, bias."""
    return apply("dot", operands)


def logsumexp_of(*xs: Number) -> Any:
    """The row `logsumexp`."""
    return apply("logsumexp", xs)


def sum(xs: Iterable[Number], start: Number = 0) -> Any:
    """start + x₁ + x₂ + …, from left to right, as one operation.

    >>> sum([1.0, 2.0, 3.0])
    6.0
    """
    return sum_of(*([] if type(start) is int and start == 0 else [start]), *_items(xs))


def prod(xs: Iterable[Number]) -> Any:
    """x₁·x₂·…; 1 for none.

    >>> prod([2.0, 3.0, 4.0])
    24.0
    """
    return prod_of(*_items(xs))


def mean(xs: Iterable[Number]) -> Any:
    """(x₁ + … + xₙ)/n.

    >>> mean([1.0, 2.0, 6.0])
    3.0
    """
    xs = _some(xs, "mean")
    return sum(xs) / len(xs)


def max(xs: Iterable[Number]) -> Any:
    """The largest of some numbers; only it has a slope, and k equal ones have 1/k each.

    >>> max([1.0, 3.0, 2.0])
    3.0
    """
    return max_of(*_some(xs, "max"))


def min(xs: Iterable[Number]) -> Any:
    """The smallest of some numbers; only it has a slope, and k equal ones have 1/k each.

    >>> min([1.0, 3.0, 2.0])
    1.0
    """
    return min_of(*_some(xs, "min"))


def dot(xs: Iterable[Number], ys: Iterable[Number], bias: Number = 0) -> Any:
    """bias + x₁·y₁ + x₂·y₂ + …, from left to right, as one operation: what a neuron sums up.

    >>> dot([1.0, 2.0], [3.0, 4.0], bias=10.0)
    21.0
    """
    xs, ys = _items(xs), _items(ys)
    if len(xs) != len(ys):
        raise ValueError(f"dot takes two lists of one length, was given {len(xs)} and {len(ys)} numbers")
    return dot_of(*xs, *ys, float(bias) if type(bias) is int else bias)


def logsumexp(xs: Iterable[Number]) -> Any:
    """log(exp(x₁) + exp(x₂) + …) without overflow; its slopes are the softmax.

    >>> logsumexp([1000.0, 1000.0])
    1000.6931471805599
    """
    return logsumexp_of(*_some(xs, "logsumexp"))


def softmax(xs: Iterable[Number]) -> Any:
    """exp(xᵢ)/Σⱼ exp(xⱼ): positive numbers that sum to 1. A list for a list, an array for an array.

    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    items = _some(xs, "softmax")
    top = max(items)
    powers = [exp_difference(x, top) for x in items]
    total = sum(powers)
    return _like(xs, [p / total for p in powers])


def log_softmax(xs: Iterable[Number]) -> Any:
    """xᵢ - log Σⱼ exp(xⱼ), accurate where the softmax rounds to 0 or 1. A list for a list, an array for an array.

    >>> log_softmax([0.0, -1000.0])
    [0.0, -1000.0]
    """
    items = _some(xs, "log_softmax")
    top = max(items)  # subtracted first, so that a large offset costs no digits
    shifted = [x - top for x in items]
    total = logsumexp(shifted)
    return _like(xs, [x - total for x in shifted])


def _items(xs: Any) -> list[Any]:
    """The numbers of a list, iterable or array (whatever its shape)."""
    if type(xs) is list:
        return xs
    if hasattr(type(xs), "_apply") or not hasattr(xs, "__iter__"):
        raise TypeError(f"expected several numbers, was given one {type(xs).__name__}: write [x, y, ...]")
    return list(xs.ravel().tolist()) if hasattr(xs, "ravel") else list(xs)


def _some(xs: Any, name: str) -> list[Any]:
    items = _items(xs)
    if not items:
        raise ValueError(f"{name} of no numbers is not defined: give at least one")
    return items


def _like(xs: Any, results: list[Any]) -> Any:
    """`results` as the container `xs` came in: an array for an array, else a list."""
    if not hasattr(xs, "reshape"):
        return modes.listed(results)
    import numpy

    return numpy.array(results, dtype=xs.dtype if xs.dtype == object else float).reshape(xs.shape)
