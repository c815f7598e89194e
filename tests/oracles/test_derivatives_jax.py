"""The transforms beside those of JAX in float64, on the same programs; and where JAX is not right."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from derivative_programs import PROGRAMS, agree, direction

import autograd

pytestmark = pytest.mark.oracle
jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy

JAX = SimpleNamespace(
    total=lambda xs: jnp.stack(xs).sum(),
    logsumexp=lambda xs: jax.scipy.special.logsumexp(jnp.stack(xs)),
    sigmoid=jax.nn.sigmoid,
    softplus=jax.nn.softplus,
    erf=jax.scipy.special.erf,
    asin=jnp.arcsin,
    atan2=jnp.arctan2,
    **{name: getattr(jnp, name) for name in "exp expm1 log log1p sqrt sin cos tan tanh abs".split()},
)


@pytest.mark.parametrize("name", PROGRAMS)
def test_all_transforms_agree(name: str) -> None:
    program = PROGRAMS[name]
    x, v = jnp.array(program.at), jnp.array(direction(len(program.at)))

    def f(x: Any) -> Any:
        return program.function(JAX, x)

    def several(x: Any) -> Any:
        return jnp.stack([f(x), x[0] * f(x), jnp.sin(x[-1])])

    def hvp(x: Any) -> Any:
        return jax.jvp(jax.grad(f), (x,), (v,))[1]

    agree(
        name,
        {
            "value": f(x),
            "gradient": jax.grad(f)(x),
            "hessian": jax.hessian(f)(x),
            "jvp": jax.jvp(f, (x,), (v,))[1],
            "vjp": jax.vjp(several, x)[1](jnp.array([1.0, -2.0, 0.5]))[0],
            "hvp": hvp(x),
            "jacobian": jax.jacfwd(several)(x),
            "third": jax.grad(lambda x: hvp(x) @ v)(x),
            "nested": jax.grad(lambda t: (t * t * v * jax.grad(f)(t * x)).sum())(1.0),
        },
    )


@pytest.mark.parametrize("argnums", [0, 1, -1, (0, 1), (1, 0)])
def test_argnums_and_forms_are_those_of_jax(argnums: Any) -> None:
    def f(m: Any, x: Any, y: Any) -> Any:
        return (x * x).sum() * y[0] + y[1] ** 2

    x, y = np.array([1.0, 2.0]), [3.0, 4.0]
    theirs = jax.grad(lambda x, y: f(jnp, x, y), argnums)(x, y)
    mine = autograd.grad(lambda x, y: f(np, x, y), argnums)(x, y)
    assert jax.tree.structure(theirs) == jax.tree.structure(mine)
    for a, b in zip(jax.tree.leaves(mine), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-15)
    theirs = jax.hessian(lambda x, y: f(jnp, x, y), argnums)(x, y)
    mine = autograd.hessian(lambda x, y: f(np, x, y), argnums)(x, y)
    assert jax.tree.structure(theirs) == jax.tree.structure(mine)
    for a, b in zip(jax.tree.leaves(mine), jax.tree.leaves(theirs), strict=True):
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(a, b, rtol=1e-15)


# Where ours is right and JAX is not: what is expected is stated by mathematics, and JAX's number only shown to differ.


def test_where_selects_at_every_order() -> None:
    """Theirs is nan: the branch not chosen is multiplied by 0, and 0·inf is nan."""
    for mine, theirs in (
        (lambda x: autograd.where(x > 0, autograd.sqrt(x), 0.0), lambda x: jnp.where(x > 0, jnp.sqrt(x), 0.0)),
        (lambda x: autograd.where(x > 0, autograd.log(x), 0.0), lambda x: jnp.where(x > 0, jnp.log(x), 0.0)),
        (lambda x: autograd.where(x != 0, 1 / x, 0.0), lambda x: jnp.where(x != 0, 1 / x, 0.0)),
    ):
        assert autograd.grad(mine)(0.0) == autograd.hessian(mine)(0.0) == 0.0
        assert math.isnan(jax.grad(theirs)(0.0))
        assert math.isnan(jax.hessian(theirs)(0.0))


def test_second_derivative_of_relu_squared_and_of_abs_at_0() -> None:
    """|x|'(0) is the middle of −1 and 1; theirs is 1."""
    assert autograd.grad(autograd.abs)(0.0) == 0.0
    assert jax.grad(jnp.abs)(0.0) == 1.0


def test_tails_of_tanh() -> None:
    """tanh'' = −2·t·(1 − t²): theirs has lost every digit at 20, where 1 − t² is 0 as a float."""
    expected = -8 * math.exp(-40.0)
    assert autograd.hessian(autograd.tanh)(20.0) == pytest.approx(expected, rel=1e-14, abs=0)
    assert float(jax.hessian(jnp.tanh)(20.0)) != pytest.approx(expected, rel=1e-3, abs=0)


def test_mixed_second_derivative_of_a_power_at_exponent_0() -> None:
    """∂²(xʸ)/∂x∂y at (2, 0) is 1/x."""
    assert autograd.hessian(lambda x: x[0] ** x[1])([2.0, 0.0])[0][1] == 0.5
    theirs = jax.hessian(lambda x: x[0] ** x[1])(jnp.array([2.0, 0.0]))
    assert float(theirs[1, 0]) == 0.5  # theirs too
