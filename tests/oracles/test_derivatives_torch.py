"""The transforms beside those of PyTorch in double precision, on the same programs; and where PyTorch is not right."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest
from derivative_programs import PROGRAMS, agree, direction

import autograd

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning"),  # their own, on import
]
torch = pytest.importorskip("torch")
functional = torch.autograd.functional

TORCH = SimpleNamespace(
    total=lambda xs: torch.stack(xs).sum(),
    logsumexp=lambda xs: torch.logsumexp(torch.stack(xs), 0),
    softplus=lambda x: torch.logaddexp(x, torch.zeros_like(x)),  # its softplus switches to x at 20
    **{name: getattr(torch, name) for name in "exp expm1 log log1p sqrt sin cos tan asin atan2 tanh".split()},
    **{name: getattr(torch, name) for name in "sigmoid erf abs".split()},
)


def tensor(numbers: Any) -> Any:
    return torch.tensor(numbers, dtype=torch.float64)


@pytest.mark.parametrize("name", PROGRAMS)
def test_all_transforms_agree(name: str) -> None:
    program = PROGRAMS[name]
    x, v = tensor(program.at), tensor(direction(len(program.at)))

    def f(x: Any) -> Any:
        return program.function(TORCH, x)

    def several(x: Any) -> Any:
        return torch.stack([f(x), x[0] * f(x), torch.sin(x[-1])])

    grad, jvp = torch.func.grad, torch.func.jvp

    def hvp(x: Any) -> Any:
        return jvp(grad(f), (x,), (v,))[1]

    agree(
        name,
        {
            "value": f(x),
            "gradient": grad(f)(x),
            "hessian": functional.hessian(f, x),
            "jvp": jvp(f, (x,), (v,))[1],
            "vjp": functional.vjp(several, x, tensor([1.0, -2.0, 0.5]))[1],
            "hvp": functional.hvp(f, x, v)[1],
            "jacobian": functional.jacobian(several, x),
            "third": grad(lambda x: hvp(x) @ v)(x),
            "nested": grad(lambda t: (t * t * v * grad(f)(t * x)).sum())(tensor(1.0)),
        },
    )


# Where ours is right and PyTorch is not: what is expected is stated by mathematics.


def theirs(f: Any, *xs: float) -> Any:
    return functional.hessian(f, tuple(map(tensor, xs)))


def test_mixed_second_derivative_of_a_power_at_exponent_0() -> None:
    """∂²(xʸ)/∂x∂y at (2, 0) is 1/x. By x first, their rule is the constant 0 where y is 0, and so its slope by y."""
    mine = autograd.hessian(lambda x: x[0] ** x[1])([2.0, 0.0])
    assert mine[0][1] == mine[1][0] == 0.5
    found = theirs(lambda x, y: x**y, 2.0, 0.0)
    assert float(found[0][1]) != 0.5
    assert float(found[1][0]) == 0.5


def test_where_selects_at_every_order() -> None:
    """Theirs is nan: the branch not chosen is multiplied by 0, and 0·inf is nan."""
    assert autograd.hessian(lambda x: autograd.where(x > 0, autograd.sqrt(x), 0.0))(0.0) == 0.0
    found = theirs(lambda x: torch.where(x > 0, torch.sqrt(x), tensor(0.0)), 0.0)
    assert math.isnan(found[0][0])


def test_tails_of_tanh() -> None:
    """tanh'' = −2·t·(1 − t²): theirs has lost every digit at 20, where 1 − t² is 0 as a float."""
    expected = -8 * math.exp(-40.0)
    assert autograd.hessian(autograd.tanh)(20.0) == pytest.approx(expected, rel=1e-14, abs=0)
    assert float(theirs(torch.tanh, 20.0)[0][0]) != pytest.approx(expected, rel=1e-3, abs=0)


def test_an_unused_number_has_derivative_zero() -> None:
    """Theirs gives zeros as well, when it is not strict."""
    assert autograd.hessian(lambda x: x[0] ** 2)([1.0, 2.0]) == [[2.0, 0.0], [0.0, 0.0]]
    assert functional.hessian(lambda x: x[0] ** 2, tensor([1.0, 2.0])).tolist() == [[2.0, 0.0], [0.0, 0.0]]
