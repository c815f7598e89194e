"""Every row of the table beside JAX in float64: values, partials by `jax.grad`, second partials by `jax.hessian`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from table_oracle import REFERENCES, Known, Point, against, against_second

import autograd
from autograd.ops import TABLE

pytestmark = pytest.mark.oracle
jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp, special = jax.numpy, jax.scipy.special


def stacked(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *xs: function(jnp.stack(xs))


JAX: dict[str, Callable[..., Any]] = {
    "+": jnp.add,
    "-": jnp.subtract,
    "*": jnp.multiply,
    "/": jnp.divide,
    "neg": jnp.negative,
    "**": jnp.power,
    "**n": jnp.power,
    "log2": lambda x: jnp.log2(x),
    "asin": jnp.arcsin,
    "acos": jnp.arccos,
    "atan": jnp.arctan,
    "atan2": jnp.arctan2,
    "asinh": jnp.arcsinh,
    "acosh": jnp.arccosh,
    "atanh": jnp.arctanh,
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,
    "elu": jax.nn.elu,
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "silu": jax.nn.silu,
    "erf": special.erf,
    "normal_cdf": special.ndtr,
    "exp_difference": lambda x, y: jnp.exp(x - y),
    "gauss": lambda x, k: jnp.exp(-k * x * x),
    "xlogy": special.xlogy,
    "logsumexp": stacked(special.logsumexp),
    "identity": lambda x: x,
    "dot": lambda *xs: jnp.dot(jnp.array(xs[: len(xs) // 2]), jnp.array(xs[len(xs) // 2 : -1])) + xs[-1],
    **{name: stacked(getattr(jnp, name)) for name in ("sum", "prod", "max", "min")},
    **{name: getattr(jnp, name) for name in ("exp", "expm1", "log", "log1p", "log10", "sqrt", "sin", "cos", "tan")},
    **{name: getattr(jnp, name) for name in ("sinh", "cosh", "tanh", "abs", "sign", "maximum", "minimum", "clip")},
    **{name: getattr(jnp, name) for name in ("where", "hypot")},
}

NAN = "a slope at nan is not known, and nan says so"
# Where JAX is not right or keeps another convention, and why ours is the number to have.
KNOWN: dict[str, Known] = {
    "/": [("partial", lambda x, y: abs(y) < 1e-150, "theirs is −x/y², and y² is 0 as a float")],
    "**": [
        ("partial", lambda x, y: x == y == 0, "theirs is 0·0⁻¹ = nan; x⁰ is 1 for every x, so its slope is 0"),
        ("partial", lambda x, y: x == 0 and y < 0, "theirs is nan by y; 0⁻¹·log 0 is inf·(−inf) = −inf"),
        ("second", lambda x, y: x < 0, "theirs is nan for every exponent; the second derivative of x⁷ is 42·x⁵"),
    ],
    "**n": [("partial", lambda x, n: x == n == 0, "theirs is 0·0⁻¹ = nan; x⁰ is 1 for every x, so its slope is 0")],
    "atan2": [("partial", lambda y, x: math.hypot(x, y) < 1e-150, "theirs divides by x² + y², which is 0 as a float")],
    "sigmoid": [("partial", lambda x: x >= 7, "theirs is s·(1 − s), and 1 − s has lost its digits")],
    "sqrt": [
        ("partial", lambda x: x == 0, "theirs is −inf at −0.0, with the sign of 1/√x; the slope of √ is never negative")
    ],
    "relu": [("partial", math.isnan, NAN)],
    "leaky_relu": [
        ("partial", lambda x, slope: x == 0, "theirs is 1 at 0; 0 is on the side of the slope here, as in PyTorch"),
        ("partial", lambda x, slope: math.isinf(x), "theirs is 0·inf; the branch not chosen contributes nothing"),
        ("partial", lambda x, slope: math.isnan(x), NAN),
    ],
    "elu": [("partial", lambda x, alpha: x <= -7, "theirs is expm1(x) + 1, which has lost its digits; ours is exp(x)")],
    "expm1": [("partial", lambda x: x <= -7, "theirs is expm1(x) + 1, which has lost its digits; ours is exp(x)")],
    "tanh": [("partial", lambda x: abs(x) >= 3, "theirs is 1 − t², which has lost its digits")],
    "abs": [
        ("partial", lambda x: x == 0, "theirs is 1 at 0; the middle of the slopes −1 and 1 is 0, as in PyTorch"),
        ("partial", math.isnan, NAN),
    ],
    "maximum": [("partial", lambda x, y: math.isnan(x + y), NAN)],
    "minimum": [("partial", lambda x, y: math.isnan(x + y), NAN)],
    "max": [("partial", lambda *xs: math.isnan(math.fsum(xs)), NAN)],
    "min": [("partial", lambda *xs: math.isnan(math.fsum(xs)), NAN)],
    "clip": [
        ("partial", lambda x, low, high: x in (low, high), "theirs is a half at a bound; there x itself is the result"),
        ("partial", lambda x, low, high: math.isnan(x), NAN),
    ],
    "hypot": [
        ("partial", lambda x, y: x == y == 0, "theirs is a half at 0, 0; the function is even there: 0"),
        ("partial", lambda x, y: math.hypot(x, y) < 1e-150, "theirs divides by x² + y², which is 0 as a float"),
        ("second", lambda x, y: abs(x) == abs(y), "theirs is 0: it takes the larger of two equal numbers for a tie"),
    ],
    "logsumexp": [
        ("partial", lambda *xs: max(xs) == -math.inf, "theirs is 0/0; what is −inf adds nothing however it moves: 0"),
    ],
    "xlogy": [("partial", lambda x, y: x == y == 0, "theirs is 0/0; xlogy(0, y) is 0 for every y, so its slope is 0")],
}


def library(name: str) -> Callable[[list[Any]], tuple[Any, list[Any]]]:
    """Values and partials of JAX's function at many points at once."""
    function, fixed = JAX[name], REFERENCES[name].fixed

    def of(operands: list[Any]) -> tuple[Any, list[Any]]:
        free = tuple(i for i in range(len(operands)) if i not in fixed)
        values = np.asarray(jax.vmap(function)(*operands))
        found = dict(zip(free, jax.vmap(jax.grad(function, free))(*operands), strict=True))
        return values, [None if i in fixed else np.asarray(found[i]) for i in range(len(operands))]

    return of


def test_every_row_is_compared() -> None:
    assert set(JAX) == set(REFERENCES) == set(TABLE)


@pytest.mark.parametrize("name", list(JAX))
def test_values_and_partials_are_those_of_jax(name: str) -> None:
    against(name, TABLE[name], library(name), KNOWN.get(name, ()), 1e-12)


def second(name: str) -> Callable[[Point], dict[tuple[int, int], float]]:
    def of(operands: Point) -> dict[tuple[int, int], float]:
        free = tuple(i for i in range(len(operands)) if i not in REFERENCES[name].fixed)
        matrix = jax.hessian(JAX[name], free)(*operands)
        return {(i, j): float(matrix[a][b]) for a, i in enumerate(free) for b, j in enumerate(free)}

    return of


@pytest.mark.parametrize("name", list(JAX))
def test_second_partials_are_those_of_jax(name: str) -> None:
    against_second(name, TABLE[name], second(name), KNOWN.get(name, ()))


@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0])
def test_softmax_log_softmax_and_mean_are_those_of_jax(shift: float) -> None:
    xs = [shift + x for x in (0.3, -1.2, 2.5, 2.5)]
    assert autograd.softmax(xs) == pytest.approx(list(map(float, jax.nn.softmax(jnp.array(xs)))), rel=1e-12)
    assert autograd.log_softmax(xs) == pytest.approx(list(map(float, jax.nn.log_softmax(jnp.array(xs)))), rel=1e-12)
    assert autograd.mean(xs) == pytest.approx(float(jnp.mean(jnp.array(xs))), rel=1e-15)
    for ours, theirs in ((autograd.softmax, jax.nn.softmax), (autograd.log_softmax, jax.nn.log_softmax)):
        jacobian = jax.jacrev(theirs)(jnp.array(xs))
        values = [autograd.Value(x) for x in xs]
        for i, y in enumerate(ours(values)):
            for v in values:
                v.zero_grad()
            y.backward()
            assert [v.grad for v in values] == pytest.approx(list(map(float, jacobian[i])), rel=1e-12, abs=1e-15)
