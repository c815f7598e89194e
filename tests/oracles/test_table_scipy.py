"""Every row of the table beside NumPy and SciPy: values, and derivatives by SciPy's own differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from table_oracle import REFERENCES, Point, against, partials, terms

import autograd
from autograd.ops import TABLE

pytestmark = pytest.mark.oracle
special = pytest.importorskip("scipy.special")
differentiate = pytest.importorskip("scipy.differentiate")


def stacked(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *xs: function(np.stack(xs), axis=0)


SCIPY: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "neg": np.negative,
    "**": np.power,
    "**n": np.power,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "sigmoid": special.expit,
    "softplus": lambda x: -special.log_expit(-x),
    "relu": lambda x: np.maximum(x, 0.0),
    "leaky_relu": lambda x, slope: np.where(x > 0, x, slope * x),
    "elu": lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(x)),
    "gelu": lambda x: x * special.ndtr(x),
    "silu": lambda x: x * special.expit(x),
    "erf": special.erf,
    "normal_cdf": special.ndtr,
    "exp_difference": lambda x, y: np.exp(x - y),
    "gauss": lambda x, k: np.exp(-k * x * x),
    "xlogy": special.xlogy,
    "logsumexp": stacked(special.logsumexp),
    "identity": np.positive,
    "dot": lambda *xs: sum((x * y for x, y in zip(xs[: len(xs) // 2], xs[len(xs) // 2 : -1], strict=True)), xs[-1]),
    **{name: stacked(getattr(np, name)) for name in ("sum", "prod", "max", "min")},
    **{name: getattr(np, name) for name in ("exp", "expm1", "log", "log1p", "log2", "log10", "sqrt")},
    **{name: getattr(np, name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "abs", "sign")},
    **{name: getattr(np, name) for name in ("maximum", "minimum", "clip", "where", "hypot")},
}


def library(name: str) -> Callable[[list[Any]], tuple[Any, list[Any]]]:
    def of(operands: list[Any]) -> tuple[Any, list[Any]]:
        with np.errstate(all="ignore"):
            return SCIPY[name](*operands), [None] * len(operands)

    return of


def test_every_row_is_compared() -> None:
    assert set(SCIPY) == set(REFERENCES) == set(TABLE)


@pytest.mark.parametrize("name", list(SCIPY))
def test_values_are_those_of_scipy(name: str) -> None:
    against(name, TABLE[name], library(name), (), 1e-12)


def room(operands: Point, i: int) -> float:
    """A step from operand i that stays on one side of a kink and inside the domain of log, asin, ..."""
    walls = [abs(operands[i] - wall) for wall in (-1.0, 0.0, 1.0, *operands) if operands[i] != wall]
    return min(0.1, *(distance / 4 for distance in walls))


@pytest.mark.parametrize("name", list(SCIPY))
def test_partials_are_those_of_scipy_differences(name: str) -> None:
    reference = REFERENCES[name]
    tame = [p for p in reference.points if all(x == 0 or 0.05 <= abs(x) <= 20 for x in p)]
    compared = 0
    for operands in tame:
        for i, ours in enumerate(partials(TABLE[name], operands)):
            step = room(operands, i)
            if i in reference.fixed or np.isnan(ours) or step < 0.01:
                continue

            def along(x: Any, i: int = i, operands: Any = operands) -> Any:
                return SCIPY[name](*(x if k == i else np.broadcast_to(v, np.shape(x)) for k, v in enumerate(operands)))

            with np.errstate(all="ignore"):
                found = differentiate.derivative(along, operands[i], initial_step=step, tolerances={"rtol": 1e-11})
                height = abs(float(along(np.array(operands[i]))))
            theirs = float(found.df)
            noise = 4e-15 * height * 2.0 ** int(found.nit) / step  # of a difference with the last of the halved steps
            scale = max([abs(ours), *(float(abs(t)) for t in terms(reference.slope_terms, operands, i))])
            told = f"partial {i} of {name}{operands}: ours {ours!r}, differences {theirs!r}"
            assert abs(theirs - ours) <= 1e-8 * scale + noise, told
            compared += 1
    assert compared


@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0])
def test_softmax_and_log_softmax_are_those_of_scipy(shift: float) -> None:
    xs = [shift + x for x in (0.3, -1.2, 2.5, 2.5)]
    assert autograd.softmax(xs) == pytest.approx(special.softmax(xs).tolist(), rel=1e-12)
    assert autograd.log_softmax(xs) == pytest.approx(special.log_softmax(xs).tolist(), rel=1e-12)
    assert autograd.mean(xs) == pytest.approx(np.mean(xs), rel=1e-15)
