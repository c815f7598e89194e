"""The same functions on numpy arrays: loaded when the first array is met."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from autograd import floats

Array = Any  # an ndarray of floats, of any shape

try:
    from scipy.special import erf, erfcx  # type: ignore[import-untyped, unused-ignore]

    def erfc(x: Array) -> Array:
        """By exp(-x²)·erfcx(x), where scipy's own erfc loses digits."""
        tail = gauss(x) * erfcx(np.abs(x))
        return np.where(x > 0, tail, 2.0 - tail)

except ImportError:  # numpy has no error function: element by element
    erf, erfc = np.vectorize(math.erf, otypes=[float]), np.vectorize(math.erfc, otypes=[float])


def sigmoid(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


def softplus(x: Array) -> Array:
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def silu(x: Array) -> Array:
    return np.where(x == -np.inf, -0.0, x * sigmoid(x))


def exp_difference(x: Array, y: Array) -> Array:
    d = x - y
    back = d + y
    rest = (x - back) - (y - (back - d))
    return np.exp(d) * np.where(np.isfinite(rest), 1.0 + rest, 1.0)


def gauss(x: Array, k: Array = 1.0) -> Array:
    near = np.abs(x) < 40.0
    x = np.where(near, x, np.where(np.isnan(x), x, 40.0))
    z = np.floor(16.0 * x) / 16.0
    return np.where(near | np.isnan(x), np.exp(-k * z * z) * np.exp(-k * (x - z) * (x + z)), 0.0)


def normal_cdf(x: Array) -> Array:
    x = np.clip(x, -60.0, 60.0)
    product = x * floats.ROOT
    return 0.5 * erfc(-product) + floats.scaled_rest(x, product) * 0.5641895835477563 * gauss(product)


def gelu(x: Array) -> Array:
    return np.where(x == -np.inf, -0.0, x * normal_cdf(x))


def dot(*operands: Array) -> Array:
    n = len(operands) // 2
    return sum_(operands[-1], *[x * y for x, y in zip(operands[:n], operands[n:-1], strict=True)])


def sum_(*xs: Array) -> Array:
    return reduce(np.add, xs, 0.0) if not xs else reduce(np.add, xs)


def max_(*xs: Array) -> Array:
    return reduce(np.maximum, xs)


def logsumexp(*xs: Array) -> Array:
    top = max_(*xs)
    stacked = np.stack(np.broadcast_arrays(*xs))
    terms = np.exp(stacked - top)
    largest = np.argmax(stacked, axis=0)[None]  # its term, exactly 1, goes to log1p
    np.put_along_axis(terms, largest, 0.0, axis=0)
    return np.where(np.isfinite(top), top + np.log1p(sum_(*terms)), top)


KERNELS: dict[str, Callable[..., Array]] = {
    "/": np.divide, "**": np.power, "**n": np.power, "identity": np.positive,
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "log2": np.log2, "log10": np.log10,
    "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos,
    "atan": np.arctan, "atan2": np.arctan2, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh, "sigmoid": sigmoid, "softplus": softplus,
    "relu": lambda x: np.where(x <= 0, 0.0, x),
    "leaky_relu": lambda x, slope=0.01: np.where(x > 0, x, slope * x),
    "elu": lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(x)),
    "gelu": gelu, "silu": silu, "erf": erf, "abs": np.abs, "sign": np.sign, "gauss": gauss, "normal_cdf": normal_cdf,
    "maximum": np.maximum, "minimum": np.minimum, "clip": np.clip, "where": np.where, "hypot": np.hypot,
    "xlogy": lambda x, y: np.where((x == 0) & ~np.isnan(y), 0.0, x * np.log(y)),
    "sum": sum_, "prod": lambda *xs: reduce(np.multiply, xs, 1.0), "max": max_,
    "min": lambda *xs: reduce(np.minimum, xs), "dot": dot, "logsumexp": logsumexp, "equal": np.equal,
    "exp_difference": exp_difference,
}  # fmt: skip


def apply(name: str, operands: tuple[Any, ...]) -> Array:
    """One function on arrays of numbers (whole numbers are taken as floats), or of Values, element by element."""
    from autograd.functions import apply as apply_scalar

    arrays = [np.asarray(operand) for operand in operands]
    if any(array.dtype == object for array in arrays):
        return np.frompyfunc(lambda *scalars: apply_scalar(name, scalars), len(arrays), 1)(*arrays)
    if any(array.dtype.kind not in "biuf" for array in arrays):
        raise TypeError(f"{name} takes arrays of numbers, not of {[array.dtype.name for array in arrays]}")
    condition = arrays[:1] if name == "where" else []
    floated = [array.astype(float, copy=False) for array in arrays[len(condition) :]]
    with np.errstate(all="ignore"):
        return KERNELS[name](*[c.astype(bool) for c in condition], *floated)
