"""Our derivatives in the hands of SciPy's optimisers; sparse matrices; and SciPy's own differences beside ours."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from derivative_programs import OURS, PROGRAMS

import autograd
from autograd import Value, cos, exp, grad, hessian, hvp, jacobian, log, sin, value_and_grad

pytestmark = pytest.mark.oracle
sparse = pytest.importorskip("scipy.sparse")
optimize = pytest.importorskip("scipy.optimize")


def rosenbrock(x: Any) -> Any:
    return autograd.sum([100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(x)])


def himmelblau(x: Any) -> Any:
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


# Minimising ------------------------------------------------------------

X0 = np.array([1.3, 0.7, 0.8, 1.9, 1.2])  # from others it is also drawn to the local minimum near (-1, 1, 1, 1, 1)


@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B", "CG", "SLSQP"])
def test_value_and_grad_is_what_minimize_takes(method: str) -> None:
    found = optimize.minimize(value_and_grad(rosenbrock), X0, jac=True, method=method, options={"maxiter": 2000})
    np.testing.assert_allclose(found.x, np.ones(5), atol=2e-3)


@pytest.mark.parametrize("method", ["Newton-CG", "trust-exact", "trust-ncg", "trust-krylov", "dogleg"])
def test_hessian_is_what_hess_takes(method: str) -> None:
    x0 = X0 if method != "dogleg" else np.array([1.1, 1.2, 1.4, 1.9, 3.6])  # dogleg needs a positive definite Hessian
    found = optimize.minimize(
        value_and_grad(rosenbrock), x0, jac=True, hess=hessian(rosenbrock), method=method, tol=1e-8
    )
    assert found.success, found.message
    np.testing.assert_allclose(found.x, np.ones(5), atol=1e-4)


@pytest.mark.parametrize("method", ["Newton-CG", "trust-ncg", "trust-krylov", "trust-constr"])
def test_hvp_is_what_hessp_takes(method: str) -> None:
    found = optimize.minimize(
        value_and_grad(rosenbrock), X0, jac=True, hessp=lambda x, p: hvp(rosenbrock, x, p), method=method, tol=1e-8
    )
    np.testing.assert_allclose(found.x, np.ones(5), atol=1e-4)


def test_a_sparse_hessian_in_trust_constr() -> None:
    found = optimize.minimize(
        value_and_grad(rosenbrock), np.zeros(20), jac=True, hess=hessian(rosenbrock, sparse=True), method="trust-constr"
    )
    np.testing.assert_allclose(found.x, np.ones(20), atol=1e-3)


def test_all_four_minima_of_himmelblau() -> None:
    for x0, expected in (
        ([3.0, 1.0], [3.0, 2.0]),
        ([-3.0, 3.0], [-2.805118, 3.131312]),
        ([-4.0, -3.0], [-3.779310, -3.283186]),
        ([4.0, -2.0], [3.584428, -1.848126]),
    ):
        found = optimize.minimize(
            value_and_grad(himmelblau), x0, jac=True, hess=hessian(himmelblau), method="Newton-CG"
        )
        np.testing.assert_allclose(found.x, expected, atol=1e-5)


def test_jacobian_is_what_root_and_least_squares_take() -> None:
    def circle_and_line(x: Any) -> Any:
        return np.array([x[0] ** 2 + x[1] ** 2 - 4, x[0] - x[1] - 1])

    found = optimize.root(circle_and_line, [1.0, 0.5], jac=jacobian(circle_and_line))
    assert found.success
    assert found.x[0] - found.x[1] == pytest.approx(1)

    t = np.linspace(0, 4, 20)
    y = 2.5 * np.exp(-1.3 * t)

    def residuals(p: Any) -> Any:
        return p[0] * np.exp(-p[1] * t) - y

    fit = optimize.least_squares(residuals, [1.0, 1.0], jac=jacobian(residuals))
    np.testing.assert_allclose(fit.x, [2.5, 1.3], rtol=1e-7)


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_and_hessians_beside_scipy_differences(name: str) -> None:
    program = PROGRAMS[name]

    def f(x: Any) -> Any:
        return program.function(OURS, x)

    x = np.array(program.at)
    gradient = np.array(grad(f)(program.at))
    approximate = optimize.approx_fprime(x, lambda x: f(list(map(float, x))), 1e-7 * np.maximum(1, np.abs(x)))
    np.testing.assert_allclose(gradient, approximate, rtol=2e-4, atol=2e-5 * np.abs(gradient).max())


# Sparse ------------------------------------------------------------


def test_rosenbrock_in_100_dimensions_has_298_entries() -> None:
    x = np.random.default_rng(0).normal(size=100)
    H = hessian(rosenbrock, sparse=True)(x)
    assert sparse.issparse(H)
    assert H.shape == (100, 100)
    assert H.nnz == 298
    np.testing.assert_allclose(H.toarray(), optimize.rosen_hess(x), rtol=1e-13, atol=1e-11)
    np.testing.assert_array_equal(H.toarray(), hessian(rosenbrock)(x))
    rows, columns = H.nonzero()
    assert np.abs(rows - columns).max() == 1


def test_the_pattern_is_that_of_the_graph_not_of_the_numbers() -> None:
    """At 0 the entries are 0 and yet there: the matrix keeps its pattern from step to step."""
    pattern = hessian(rosenbrock, sparse=True)(np.ones(10))
    at_zero = hessian(rosenbrock, sparse=True)(np.zeros(10))
    assert at_zero.nnz == pattern.nnz == 28
    np.testing.assert_array_equal(at_zero.indices, pattern.indices)
    np.testing.assert_array_equal(at_zero.indptr, pattern.indptr)


def test_a_large_chain() -> None:
    """A dense matrix would have a hundred million entries."""
    n = 10_000
    x = np.linspace(-1, 1, n)
    H = hessian(rosenbrock, sparse=True)(x)
    assert H.nnz == 3 * n - 2
    p = np.cos(np.arange(n))
    np.testing.assert_allclose(H @ p, optimize.rosen_hess_prod(x, p), rtol=1e-10, atol=1e-9)


def test_sparse_jacobians() -> None:
    def f(x: Any) -> Any:
        return [x[0] * x[1], sin(x[2]), 4.0, exp(x[4]) * x[0], x[3]]

    x = [1.0, 2.0, 3.0, 4.0, 0.5]
    for mode in (None, "forward", "reverse"):
        J = jacobian(f, mode=mode, sparse=True)(x)
        assert J.shape == (5, 5)
        assert J.nnz == 6
        np.testing.assert_array_equal(J.toarray(), jacobian(f)(x))
    assert jacobian(lambda x: x * x, sparse=True)(np.ones(4)).nnz == 4
    assert jacobian(lambda x: x[:2], sparse=True)(np.ones(4)).toarray().tolist() == [[1, 0, 0, 0], [0, 1, 0, 0]]


def test_forms() -> None:
    H = hessian(lambda x: x[0][0] ** 2 * x[1], sparse=True)([[2.0], 5.0])
    assert H.toarray().tolist() == [[10.0, 4.0], [4.0, 0.0]]
    H = hessian(lambda x, y: x**2 * y[0], (0, 1), sparse=True)(3.0, [2.0, 1.0])
    assert H.toarray().tolist() == [[4.0, 6.0, 0.0], [6.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    assert hessian(lambda x: 4.0, sparse=True)([1.0, 2.0]).nnz == 0
    assert hessian(lambda x: autograd.sum(x), sparse=True)([1.0, 2.0]).nnz == 0
    assert hessian(lambda x: x**3, sparse=True)(2.0).toarray().tolist() == [[12.0]]


def test_an_arrow() -> None:
    def f(x: Any) -> Any:
        return autograd.sum([x[0] * v**2 for v in x[1:]]) + cos(x[0])

    x = [0.3 + 0.1 * k for k in range(40)]
    H = hessian(f, sparse=True)(x)
    assert H.nnz == 1 + 3 * 39
    np.testing.assert_allclose(H.toarray(), hessian(f)(x), rtol=1e-14)


def test_infinite_entries_beside_others() -> None:
    def f(x: Any) -> Any:
        return autograd.sqrt(x[0]) + autograd.sum([v**2 for v in x[1:]])

    H = hessian(f, sparse=True)([0.0, *[1.0] * 10])
    assert H.toarray().tolist() == np.diag([-np.inf] + [2.0] * 10).tolist()


@pytest.mark.parametrize("seed", range(10))
def test_random_sparsity(seed: int) -> None:
    draw = np.random.default_rng(seed)
    n = 25
    pairs = {tuple(sorted(draw.integers(0, n, 2))) for _ in range(30)}

    def f(x: Any) -> Any:
        return autograd.sum([sin(x[i] * x[j]) + log(2 + x[i] ** 2) for i, j in sorted(pairs)])

    x = draw.normal(size=n)
    H = hessian(f, sparse=True)(x)
    np.testing.assert_allclose(H.toarray(), np.array([hvp(f, x, e) for e in np.eye(n)]), rtol=1e-12, atol=1e-13)
    allowed = {*pairs, *((j, i) for i, j in pairs), *((i, i) for pair in pairs for i in pair)}
    assert set(zip(*map(list, H.nonzero()), strict=True)) <= allowed
    assert H.nnz <= len(allowed)


def test_inside_another_derivative_there_is_no_sparse_matrix() -> None:
    with pytest.raises(TypeError, match="Values"):
        grad(lambda x: hessian(lambda y: x * y**2, sparse=True)(1.0))(2.0)
    with pytest.raises(TypeError, match="Values"):
        hessian(lambda x: x**2, sparse=True)(Value(1.0))
