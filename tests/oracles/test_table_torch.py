"""Every row of the table beside PyTorch in float64: values, partials and second partials by its autograd."""

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
torch = pytest.importorskip("torch")
functional, special = torch.nn.functional, torch.special


def stacked(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *xs: function(torch.stack(xs))


TORCH: dict[str, Callable[..., Any]] = {
    "+": torch.add,
    "-": torch.subtract,
    "*": torch.multiply,
    "/": torch.divide,
    "neg": torch.negative,
    "**": torch.pow,
    "**n": torch.pow,
    "sigmoid": torch.sigmoid,
    "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),  # its softplus switches to x at 20: 2e-9 off
    "relu": torch.relu,
    "leaky_relu": lambda x, slope: torch.where(x > 0, x, slope * x),  # its own takes a constant slope only
    "elu": lambda x, alpha: torch.where(x > 0, x, alpha * torch.expm1(x)),
    "gelu": functional.gelu,
    "silu": functional.silu,
    "normal_cdf": special.ndtr,
    "exp_difference": lambda x, y: torch.exp(x - y),
    "gauss": lambda x, k: torch.exp(-k * x * x),
    "xlogy": torch.xlogy,
    "logsumexp": stacked(lambda x: torch.logsumexp(x, 0)),
    "sum": stacked(lambda x: torch.sum(x, 0)),
    "prod": stacked(lambda x: torch.prod(x, 0)),
    "max": stacked(lambda x: torch.amax(x, 0)),
    "min": stacked(lambda x: torch.amin(x, 0)),
    "dot": lambda *xs: sum(
        (x * y for x, y in zip(xs[: len(xs) // 2], xs[len(xs) // 2 : -1], strict=True)), start=xs[-1]
    ),
    "identity": lambda x: x * 1,
    "clip": torch.clip,
    **{name: getattr(torch, name) for name in ("exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "erf")},
    **{name: getattr(torch, name) for name in ("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "hypot")},
    **{name: getattr(torch, name) for name in ("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "abs", "sign")},
    **{name: getattr(torch, name) for name in ("maximum", "minimum", "where")},
}

NAN = "a slope at nan is not known, and nan says so"
# Where PyTorch is not right or keeps another convention, and why ours is the number to have.
KNOWN: dict[str, Known] = {
    "**": [
        ("partial", lambda x, y: x == y == 0, "theirs is 0 by y; the limit of 0ʸ·log 0 at y = 0 is −inf"),
        ("second", lambda x, y: y == 0 and x > 0, "theirs is 0 at y = 0; the mixed derivative there is 1/x"),
        ("second", lambda x, y: x < 0, "xʸ is no real function of y there, so nothing mixed is known: nan"),
    ],
    "atan2": [("partial", lambda y, x: math.hypot(x, y) < 1e-150, "theirs divides by x² + y², which is 0 as a float")],
    "hypot": [("partial", lambda x, y: x == y == 0, "theirs is 0/0; the function is even there: 0")],
    "sinh": [("value", lambda x: abs(x) > 709.7, "theirs overflows with exp(x), one factor of 2 early")],
    "cosh": [("value", lambda x: abs(x) > 709.7, "theirs overflows with exp(x), one factor of 2 early")],
    "sigmoid": [("partial", lambda x: x >= 7, "theirs is s·(1 − s), and 1 − s has lost its digits")],
    "tanh": [("partial", lambda x: abs(x) >= 3, "theirs is 1 − t², which has lost its digits")],
    "expm1": [("partial", lambda x: x <= -7, "theirs is expm1(x) + 1, which has lost its digits; ours is exp(x)")],
    "elu": [
        ("partial", lambda x, alpha: x <= -7, "theirs is expm1(x) + 1, which has lost its digits; ours is exp(x)"),
        ("partial", lambda x, alpha: x > 700, "theirs is 0·inf; the branch not chosen contributes nothing"),
    ],
    "gelu": [
        ("value", lambda x: x <= -2, "theirs is 1 + erf, which cancels; ours is erfc"),
        ("partial", lambda x: x <= -2, "theirs is 1 + erf, which cancels; ours is erfc"),
    ],
    "normal_cdf": [("value", lambda x: x <= -2, "theirs is 1 + erf, which cancels; ours is erfc")],
    "sqrt": [
        ("partial", lambda x: x == 0, "theirs is −inf at −0.0, with the sign of 1/√x; the slope of √ is never negative")
    ],
    "relu": [("partial", math.isnan, NAN)],
    "abs": [("partial", math.isnan, NAN)],
    "leaky_relu": [
        ("partial", lambda x, slope: math.isinf(x), "theirs is 0·inf; the branch not chosen contributes nothing"),
        ("partial", lambda x, slope: math.isnan(x), NAN),
    ],
    "maximum": [("partial", lambda x, y: math.isnan(x + y), NAN)],
    "minimum": [("partial", lambda x, y: math.isnan(x + y), NAN)],
    "max": [("partial", lambda *xs: math.isnan(math.fsum(xs)), NAN)],
    "min": [("partial", lambda *xs: math.isnan(math.fsum(xs)), NAN)],
    "clip": [("partial", lambda x, low, high: math.isnan(x), NAN)],
    "logsumexp": [
        ("partial", lambda *xs: max(xs) == -math.inf, "theirs is 0/0; what is −inf adds nothing however it moves: 0"),
    ],
    "xlogy": [("partial", lambda x, y: x == y == 0, "theirs is 0 and 0/0; by x it is log 0 = −inf, by y 0")],
}


def tensors(name: str, operands: list[Any]) -> list[Any]:
    return [torch.tensor(x, requires_grad=i not in REFERENCES[name].fixed) for i, x in enumerate(operands)]


def library(name: str) -> Callable[[list[Any]], tuple[Any, list[Any]]]:
    """Values and partials of PyTorch's function at many points at once."""

    def of(operands: list[Any]) -> tuple[Any, list[Any]]:
        leaves = tensors(name, operands)
        out = TORCH[name](*leaves)
        out.sum().backward()
        return out.detach().numpy(), [None if leaf.grad is None else leaf.grad.numpy() for leaf in leaves]

    return of


def test_every_row_is_compared() -> None:
    assert set(TORCH) == set(REFERENCES) == set(TABLE)


@pytest.mark.parametrize("name", list(TORCH))
def test_values_and_partials_are_those_of_torch(name: str) -> None:
    against(name, TABLE[name], library(name), KNOWN.get(name, ()), 1e-12)


def second(name: str) -> Callable[[Point], dict[tuple[int, int], float]]:
    def of(operands: Point) -> dict[tuple[int, int], float]:
        leaves = tensors(name, [np.array(x) for x in operands])
        free = {i: leaf for i, leaf in enumerate(leaves) if leaf.requires_grad}
        out = TORCH[name](*leaves)
        slopes = torch.autograd.grad(out, list(free.values()), create_graph=True, materialize_grads=True)
        found = {}
        for i, slope in zip(free, slopes, strict=True):
            bends = [0.0] * len(free)
            if slope.requires_grad:
                bends = torch.autograd.grad(slope, list(free.values()), retain_graph=True, materialize_grads=True)
            found |= {(i, j): float(bend) for j, bend in zip(free, bends, strict=True)}
        return found

    return of


@pytest.mark.parametrize("name", list(TORCH))
def test_second_partials_are_those_of_torch(name: str) -> None:
    against_second(name, TABLE[name], second(name), KNOWN.get(name, ()))


@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0])
def test_softmax_log_softmax_and_mean_are_those_of_torch(shift: float) -> None:
    xs = [shift + x for x in (0.3, -1.2, 2.5, 2.5)]
    assert autograd.mean(xs) == pytest.approx(torch.tensor(xs, dtype=torch.float64).mean().item(), rel=1e-15)
    for ours, theirs in ((autograd.softmax, torch.softmax), (autograd.log_softmax, torch.log_softmax)):
        leaf = torch.tensor(xs, dtype=torch.float64, requires_grad=True)
        values = [autograd.Value(x) for x in xs]
        for y, their in zip(ours(values), theirs(leaf, 0), strict=True):
            assert y.data == pytest.approx(their.item(), rel=1e-12)
            for v in values:
                v.zero_grad()
            y.backward()
            (slopes,) = torch.autograd.grad(their, leaf, retain_graph=True)
            assert [v.grad for v in values] == pytest.approx(slopes.tolist(), rel=1e-12, abs=1e-15)
