"""`jacobian` and `hessian`: their forms, both modes, what colouring must not change, and their errors."""

from __future__ import annotations

import itertools
import math
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import random_graphs
from hypothesis import given, settings
from hypothesis import strategies as st
from smooth_programs import SMOOTH, function

import autograd
from autograd import Value, cos, exp, grad, hessian, hvp, jacobian, jvp, log, no_grad, sin, sqrt, tanh, vjp, where
from autograd.matrices import coloured

F = Callable[..., Any]
A = np.array([[2.0, 1.0, 0.0], [0.5, 3.0, -1.0], [0.0, 4.0, 1.0]])
MODES = [None, "forward", "reverse"]


def rosenbrock(x: Any) -> Any:
    return autograd.sum([100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(x)])


def rosenbrock_hessian(x: Any) -> Any:
    """By hand: the textbook's three diagonals."""
    x, n = np.asarray(x), len(x)
    H = np.zeros((n, n))
    for i in range(n - 1):
        H[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        H[i + 1, i + 1] += 200
        H[i, i + 1] = H[i + 1, i] = -400 * x[i]
    return H


def values(x: Any) -> Any:
    """The numbers of any nesting of Values."""
    if isinstance(x, (list, tuple)):
        return type(x)(map(values, x))
    return np.vectorize(lambda v: v.data)(x) if isinstance(x, np.ndarray) else x.data


@pytest.mark.parametrize("mode", MODES)
class TestJacobianForms:
    def test_number_to_number(self, mode: Any) -> None:
        found = jacobian(sin, mode=mode)(0.3)
        assert type(found) is float
        assert found == math.cos(0.3)

    def test_number_to_list_and_array(self, mode: Any) -> None:
        assert jacobian(lambda x: [x * x, 3 * x, 7.0], mode=mode)(2.0) == [4.0, 3.0, 0.0]
        found = jacobian(lambda x: np.array([[x * x, 3 * x]]), mode=mode)(2.0)
        assert found.shape == (1, 2)
        assert found.dtype == float
        assert found.tolist() == [[4.0, 3.0]]

    def test_list_to_number(self, mode: Any) -> None:
        assert jacobian(lambda x: x[0] * x[1], mode=mode)([2.0, 5]) == [5.0, 2.0]

    def test_list_to_list(self, mode: Any) -> None:
        found = jacobian(lambda x: [x[0] * x[1], x[2] ** 2], mode=mode)([2.0, 5.0, 3.0])
        assert found == [[5.0, 2.0, 0.0], [0.0, 0.0, 6.0]]
        assert type(found[0][0]) is float

    def test_nested_lists(self, mode: Any) -> None:
        found = jacobian(lambda x: [[x[0][0]], x[1] * x[0][0]], mode=mode)([[2.0], 3.0])
        assert found == [[[[1.0], 0.0]], [[3.0], 2.0]]

    def test_array_to_array(self, mode: Any) -> None:
        found = jacobian(lambda x: A[:2] @ x, mode=mode)(np.array([1.0, 2.0, 3.0]))
        assert found.dtype == float
        np.testing.assert_array_equal(found, A[:2])

    def test_array_to_number(self, mode: Any) -> None:
        x = np.arange(6.0).reshape(2, 3)
        np.testing.assert_array_equal(jacobian(lambda x: (x * x).sum(), mode=mode)(x), 2 * x)

    def test_matrices_to_matrices_have_four_indices(self, mode: Any) -> None:
        """∂(A·X)ᵢₖ/∂Xⱼₗ = Aᵢⱼ·δₖₗ."""
        found = jacobian(lambda X: A @ X, mode=mode)(np.ones((3, 2)))
        assert found.shape == (3, 2, 3, 2)
        np.testing.assert_array_equal(found, np.einsum("ij,kl->ikjl", A, np.eye(2)))

    def test_whole_numbers_are_taken_as_floats(self, mode: Any) -> None:
        found = jacobian(lambda x: x / 2, mode=mode)(np.array([1, 2]))
        assert found.dtype == float
        assert found.tolist() == [[0.5, 0.0], [0.0, 0.5]]

    def test_argnums(self, mode: Any) -> None:
        def f(x: Any, y: Any) -> Any:
            return x * y

        x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
        np.testing.assert_array_equal(jacobian(f, 1, mode=mode)(x, y), np.diag(x))
        np.testing.assert_array_equal(jacobian(f, -2, mode=mode)(x, y), np.diag(y))
        by_x, by_y = jacobian(f, (0, 1), mode=mode)(x, y)
        np.testing.assert_array_equal(by_x, np.diag(y))
        np.testing.assert_array_equal(by_y, np.diag(x))
        assert jacobian(f, (0, 1), mode=mode)(3.0, 4.0) == (4.0, 3.0)

    def test_plain_numbers_and_unused_arguments_give_zeros_of_the_right_shape(self, mode: Any) -> None:
        assert jacobian(lambda x: 4.0, mode=mode)(1.0) == 0.0
        assert jacobian(lambda x: [4.0, 5], mode=mode)([1.0, 2.0]) == [[0.0, 0.0], [0.0, 0.0]]
        assert jacobian(lambda x: np.ones(2), mode=mode)(np.ones((2, 3))).tolist() == np.zeros((2, 2, 3)).tolist()
        assert jacobian(lambda x, y: x * x, 1, mode=mode)(np.ones(2), np.ones(3)).tolist() == np.zeros((2, 3)).tolist()
        assert jacobian(lambda x: [], mode=mode)([1.0]) == []
        assert jacobian(lambda x: x[:0], mode=mode)(np.ones(3)).shape == (0, 3)
        assert jacobian(lambda x: x, mode=mode)(np.ones(0)).shape == (0, 0)

    def test_the_identity_and_results_that_are_one_and_the_same(self, mode: Any) -> None:
        assert jacobian(lambda x: x, mode=mode)([1.0, 2.0]) == [[1.0, 0.0], [0.0, 1.0]]

        def twice(x: Any) -> Any:
            y = x[0] * x[1]
            return [y, y, x[0]]

        assert jacobian(twice, mode=mode)([2.0, 3.0]) == [[3.0, 2.0], [3.0, 2.0], [1.0, 0.0]]

    def test_a_result_that_another_result_is_computed_from(self, mode: Any) -> None:
        def f(x: Any) -> Any:
            y = x[0] * x[1]
            return [y, y * y, x[1] * y]

        assert jacobian(f, mode=mode)([2.0, 3.0]) == [[3.0, 2.0], [36.0, 24.0], [9.0, 12.0]]

    def test_values_give_values(self, mode: Any) -> None:
        x = [Value(2.0), Value(3.0)]
        found = jacobian(lambda x: [x[0] ** 2 * x[1]], mode=mode)(x)
        assert values(found) == [[12.0, 4.0]]
        found[0][0].backward()
        assert [v.grad for v in x] == [6.0, 4.0]

    def test_inside_another_derivative(self, mode: Any) -> None:
        """Perturbation confusion: d/dx (x · ∂(x·y)/∂y) = 2x."""
        assert grad(lambda x: x * jacobian(lambda y: x * y, mode=mode)(1.0))(3.0) == 6.0
        assert jvp(lambda x: x * jacobian(lambda y: x + y, mode=mode)(1.0), 3.0, 1.0)[1] == 1.0
        assert jacobian(jacobian(lambda x: x**3, mode=mode), mode=mode)(2.0) == 12.0
        assert jacobian(jacobian(lambda x: [x[0] ** 2 * x[1]], mode=mode), mode=mode)([2.0, 5.0]) == [
            [[10.0, 4.0], [4.0, 0.0]]
        ]

    def test_inside_no_grad(self, mode: Any) -> None:
        with no_grad():
            assert jacobian(lambda x: [x * x], mode=mode)(3.0) == [6.0]


class TestHessianForms:
    def test_of_a_number(self) -> None:
        found = hessian(lambda x: x**3)(2.0)
        assert type(found) is float
        assert found == 12.0

    def test_of_a_list(self) -> None:
        found = hessian(lambda x: x[0] ** 2 * x[1])([2, 5.0])
        assert found == [[10.0, 4.0], [4.0, 0.0]]
        assert type(found[0][0]) is float

    def test_of_nested_lists(self) -> None:
        found = hessian(lambda x: x[0][0] ** 2 * x[1])([[2.0], 5.0])
        assert found == [[[[10.0], 4.0]], [[4.0], 0.0]]

    def test_of_an_array(self) -> None:
        found = hessian(lambda x: x @ A @ x)(np.array([1.0, 2.0, 3.0]))
        assert found.dtype == float
        np.testing.assert_array_equal(found, A + A.T)

    def test_of_a_matrix(self) -> None:
        X = np.array([[1.0, 2.0], [3.0, 5.0]])
        found = hessian(lambda X: X[0, 0] * X[1, 1] - X[0, 1] * X[1, 0])(X)
        assert found.shape == (2, 2, 2, 2)
        assert found.reshape(4, 4).tolist() == [[0, 0, 0, 1], [0, 0, -1, 0], [0, -1, 0, 0], [1, 0, 0, 0]]

    def test_numpy_functions(self) -> None:
        x = np.array([0.5, -1.0])
        np.testing.assert_allclose(hessian(lambda x: np.exp(x).sum())(x), np.diag(np.exp(x)), rtol=1e-15)

    def test_argnums(self) -> None:
        def f(x: Any, y: Any) -> Any:
            return x**2 * y**3

        assert hessian(f)(2.0, 3.0) == 54.0
        assert hessian(f, 1)(2.0, 3.0) == 72.0
        assert hessian(f, -1)(2.0, 3.0) == 72.0
        assert hessian(f, (0, 1))(2.0, 3.0) == ((54.0, 108.0), (108.0, 72.0))
        found = hessian(lambda x, s: (x * x).sum() * s, (0, 1))(np.array([1.0, 2.0]), 3.0)
        assert found[0][0].tolist() == [[6.0, 0.0], [0.0, 6.0]]
        assert found[0][1].tolist() == found[1][0].tolist() == [2.0, 4.0]
        assert found[1][1] == 0.0

    def test_keyword_arguments(self) -> None:
        assert hessian(lambda x, *, n=1: x**n)(2.0, n=3) == 12.0
        assert jacobian(lambda x, *, n=1: [x**n])(2.0, n=3) == [12.0]

    def test_zeros_of_the_right_shape(self) -> None:
        assert hessian(lambda x: 4.0)([1.0, 2.0]) == [[0.0, 0.0], [0.0, 0.0]]
        assert hessian(lambda x: 4.0)(1.0) == 0.0
        assert hessian(lambda x: x.sum())(np.ones(3)).tolist() == np.zeros((3, 3)).tolist()
        assert hessian(lambda x: x[0] ** 2)([1.0, 2.0]) == [[2.0, 0.0], [0.0, 0.0]]
        assert hessian(lambda x, y: x**2, 1)(1.0, [1.0]) == [[0.0]]
        assert hessian(lambda x: 0.0)(np.ones(0)).shape == (0, 0)

    def test_values_give_values(self) -> None:
        x = np.array([Value(2.0), Value(3.0)], dtype=object)
        H = hessian(lambda x: (x**3).sum() * x[0])(x)
        assert H.dtype == object
        np.testing.assert_array_equal(values(H), [[48.0, 27.0], [27.0, 36.0]])
        H[0, 0].backward()
        assert x[0].grad == 48.0
        y = Value(2.0)
        third = hessian(lambda x: x**4)(y)
        third.backward()
        assert (third.data, y.grad) == (48.0, 48.0)

    def test_nesting(self) -> None:
        """Third derivatives, and the derivative of a determinant of a Hessian."""
        third = jacobian(hessian(lambda x: x[0] ** 3 * x[1] ** 2))([2.0, 3.0])
        assert third == [[[54.0, 72.0], [72.0, 24.0]], [[72.0, 24.0], [24.0, 0.0]]]
        assert grad(lambda x: hessian(lambda y: x * y**3)(x))(2.0) == 24.0  # (6x²)' = 12x
        assert jvp(lambda x: hessian(lambda y: x * y**3)(x), 2.0, 1.0)[1] == 24.0
        assert hessian(lambda x: grad(lambda y: x * y)(x) ** 2)(2.0) == 2.0

    def test_of_rosenbrock_is_the_textbook_s(self) -> None:
        x = np.random.default_rng(0).normal(size=100)
        found = hessian(rosenbrock)(x)
        np.testing.assert_allclose(found, rosenbrock_hessian(x), rtol=1e-13, atol=1e-12)
        assert np.count_nonzero(found) == 298

    def test_inside_no_grad_and_untouched_values(self) -> None:
        w = Value(2.0)
        with no_grad():
            assert hessian(lambda x: w * x**3)(2.0) == 24.0
        assert (w.data, w.grad, w.computed) == (2.0, 0.0, False)

    def test_threads(self) -> None:
        wrong = []

        def work(seed: int) -> None:
            x = np.random.default_rng(seed).normal(size=12)
            for _ in range(5):
                if not np.allclose(hessian(rosenbrock)(x), rosenbrock_hessian(x)):
                    wrong.append(seed)

        threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong


# Properties -----------------------------------------------------------------------------------------------------------


@st.composite
def sparse_functions(draw: Any) -> tuple[F, list[float], list[set[int]]]:
    """A function whose every result depends on a random few of the variables, some through parts they share."""
    n, m = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    subsets = [sorted(draw(st.sets(st.integers(0, n - 1), max_size=draw(st.integers(0, 4))))) for _ in range(m)]
    extra = [draw(st.none() | st.integers(0, m - 1)) for _ in range(m)]
    xs = [round(draw(st.floats(-2, 2)), 3) for _ in range(n)]

    def f(x: Any) -> list[Any]:
        parts = [tanh(autograd.sum([(j + 1) * x[j] for j in of])) * (x[of[0]] if of else 1.0) for of in subsets]
        return [p if k is None else p + sin(parts[k]) for p, k in zip(parts, extra, strict=True)]

    pattern = [set(of) | set(subsets[k] if k is not None else []) for of, k in zip(subsets, extra, strict=True)]
    return f, xs, pattern


@settings(max_examples=80)
@given(sparse_functions())
def test_colouring_changes_no_entry(case: tuple[F, list[float], list[set[int]]]) -> None:
    f, xs, pattern = case
    n = len(xs)
    columns = [jvp(f, xs, [float(i == j) for i in range(n)])[1] for j in range(n)]
    expected = np.array(columns).T
    for mode in MODES:
        found = np.array(jacobian(f, mode=mode)(xs))
        np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15)
        for i, row in enumerate(pattern):
            assert all(found[i, j] == 0 for j in set(range(n)) - row)


@settings(max_examples=60)
@given(st.lists(st.sets(st.integers(0, 9)), min_size=1, max_size=10))
def test_no_two_columns_of_one_colour_share_a_row(rows: list[set[int]]) -> None:
    pattern = [sorted(row) for row in rows]
    columns = [[i for i, row in enumerate(pattern) if j in row] for j in range(10)]
    colours = coloured(columns, pattern)
    for row in pattern:
        assert len({colours[j] for j in row}) == len(row)


def test_three_diagonals_need_three_colours_and_an_arrow_few() -> None:
    n = 50
    diagonals = [[j for j in (i - 1, i, i + 1) if 0 <= j < n] for i in range(n)]
    assert max(coloured(diagonals, diagonals)) + 1 == 3
    diagonal = [[i] for i in range(n)]
    assert max(coloured(diagonal, diagonal)) + 1 == 1


@settings(max_examples=40)
@given(random_graphs.programs(longest=10), st.integers(0, 100))
def test_modes_agree_and_are_transposed_to_each_other(program: random_graphs.Program, seed: int) -> None:
    f, xs = function(program, last=5), list(program.leaves)

    def of_list(x: Any) -> Any:
        return f(*x)

    forward, reverse = (np.array(jacobian(of_list, mode=m)(xs)) for m in ("forward", "reverse"))
    assert np.isfinite(forward).all() == np.isfinite(reverse).all()
    np.testing.assert_allclose(forward, reverse, rtol=1e-11, atol=1e-11 * (1 + np.abs(forward).max()))
    v = np.random.default_rng(seed).normal(size=len(forward))
    np.testing.assert_allclose(
        vjp(of_list, xs)[1](list(v)), v @ forward, rtol=1e-10, atol=1e-10 * (1 + np.abs(forward).max())
    )


@settings(max_examples=40)
@given(random_graphs.programs(SMOOTH, longest=10), st.integers(0, 100))
def test_hessians_are_symmetric_and_give_hvp_and_the_jacobian_of_grad(
    program: random_graphs.Program, seed: int
) -> None:
    f, xs = function(program), list(program.leaves)

    def of_list(x: Any) -> Any:
        return f(*x)

    H = np.array(hessian(of_list)(xs))
    allowed = 1e-9 * (1 + np.abs(H).max())
    assert np.abs(H - H.T).max() <= allowed
    v = np.random.default_rng(seed).normal(size=len(xs))
    assert np.abs(np.array(hvp(of_list, xs, list(v))) - H @ v).max() <= 10 * allowed
    for mode in MODES:
        assert np.abs(np.array(jacobian(grad(of_list), mode=mode)(xs)) - H).max() <= allowed


def test_the_chain_rule_of_jacobians() -> None:
    """J(g ∘ f) = J(g)(f)·J(f)."""

    def f(x: Any) -> Any:
        return [x[0] * x[1], sin(x[1]), x[0] / x[2], exp(x[2])]

    def g(y: Any) -> Any:
        return [y[0] * y[3], tanh(y[1] - y[2])]

    x = [0.3, -0.7, 1.2]
    product = np.array(jacobian(g)(f(x))) @ np.array(jacobian(f)(x))
    np.testing.assert_allclose(jacobian(lambda x: g(f(x)))(x), product, rtol=1e-14)


def test_polar_coordinates() -> None:
    def to_plane(p: Any) -> Any:
        return [p[0] * cos(p[1]), p[0] * sin(p[1])]

    r, t = 2.0, 0.7
    np.testing.assert_allclose(
        jacobian(to_plane)([r, t]), [[math.cos(t), -r * math.sin(t)], [math.sin(t), r * math.cos(t)]], rtol=1e-15
    )
    assert np.linalg.det(jacobian(to_plane)([r, t])) == pytest.approx(r)


# Edges ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("n", [2, 4, 5, 11, 30])
class TestInfinitePartials:
    """The number of variables decides how many sweeps go together: it must not decide about nan."""

    def test_beside_unrelated_variables(self, n: int, mode: Any) -> None:
        def f(x: Any) -> Any:
            rest = autograd.sum([v * v for v in x])
            return [sqrt(x[0]) + k * rest for k in range(n)]

        x = [0.0, *map(float, range(1, n))]
        expected = [[math.inf, *(2.0 * k * v for v in x[1:])] for k in range(n)]
        assert jacobian(f, mode=mode)(x) == expected

    def test_in_the_middle_of_the_graph(self, n: int, mode: Any) -> None:
        def f(x: Any) -> Any:
            root = sqrt(x[0] * 2.0)
            return [root * v + v for v in x[1:]] + [log(x[0]) * 1.0]

        x = [0.0, *map(float, range(1, n))]
        found = jacobian(f, mode=mode)(x)
        for i in range(n - 1):
            assert found[i] == [math.inf, *(float(i + 1 == j) for j in range(1, n))]
        assert found[-1] == [math.inf] + [0.0] * (n - 1)

    def test_zero_times_inf_is_nan_in_every_mode(self, n: int, mode: Any) -> None:
        """sqrt(x·x + y·y) at 0 is inf·0: nan, as IEEE 754 has it (hypot is what to write)."""

        def f(x: Any) -> Any:
            r = sqrt(autograd.sum([v * v for v in x]))
            return [r * float(k + 1) for k in range(n)]

        assert np.isnan(jacobian(f, mode=mode)([0.0] * n)).all()

    def test_what_is_not_chosen_contributes_nothing(self, n: int, mode: Any) -> None:
        def f(x: Any) -> Any:
            return [where(v > 0, sqrt(v), 0.0) + w for v, w in zip(x, x[1:] + x[:1], strict=True)]

        expected = [[float(j == (i + 1) % n) for j in range(n)] for i in range(n)]
        assert jacobian(f, mode=mode)([0.0] * n) == expected

    def test_hessian(self, n: int, mode: Any) -> None:
        def f(x: Any) -> Any:
            return sqrt(x[0]) + autograd.sum([a * b for a, b in itertools.pairwise(x[1:])] + [v**2 for v in x[1:]])

        found = hessian(f)([0.0, *map(float, range(1, n))])
        assert found[0] == [-math.inf] + [0.0] * (n - 1)
        for i in range(1, n):
            assert found[i] == [0.0] + [2.0 if i == j else float(abs(i - j) == 1) for j in range(1, n)]


def test_second_derivatives_at_conventions() -> None:
    assert hessian(lambda x: x[0] ** x[1])([2.0, 0.0]) == [
        [0.0, 0.5],
        [0.5, pytest.approx(math.log(2) ** 2, rel=1e-15)],
    ]
    assert hessian(lambda x: autograd.maximum(x[0], x[1]) ** 2)([1.0, 1.0]) == [[0.5, 0.5], [0.5, 0.5]]
    assert hessian(lambda x: autograd.relu(x[0]) * x[1])([0.0, 3.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert hessian(lambda x: autograd.prod(x))([0.0, 0.0, 5.0]) == [[0, 5, 0], [5, 0, 0], [0, 0, 0]]
    assert hessian(lambda x: x**2)(0.0) == 2.0


def test_large_and_tiny_numbers_in_one_matrix() -> None:
    found = hessian(lambda x: 1e200 * x[0] ** 2 + 1e-200 * x[1] ** 2 + x[2] * x[3] + x[4] * x[5])([1.0] * 6)
    assert found[0][0] == 2e200
    assert found[1][1] == 2e-200
    assert found[2][3] == found[5][4] == 1.0


# Errors ---------------------------------------------------------------------------------------------------------------

BAD: dict[str, tuple[Callable[[], Any], Any, str]] = {
    "hessian of a list": (lambda: hessian(lambda x: [x, x])(1.0), TypeError, "one number"),
    "hessian of an array": (lambda: hessian(lambda x: x * x)(np.ones(2)), TypeError, "one number"),
    "hessian of a bool": (lambda: hessian(lambda x: x > 0)(1.0), TypeError, "where"),
    "hessian of None": (lambda: hessian(lambda x: None)(1.0), TypeError, "return"),
    "hessian of a string": (lambda: hessian(lambda x: "a")(1.0), TypeError, "string"),
    "hessian of no function": (lambda: hessian(np.ones(2)), TypeError, "function"),
    "jacobian of None": (lambda: jacobian(lambda x: None)(1.0), TypeError, "return"),
    "jacobian of a list with a string": (lambda: jacobian(lambda x: [x, "a"])(1.0), TypeError, "string"),
    "jacobian of a dict": (lambda: jacobian(lambda x: {"a": x})(1.0), TypeError, "dict"),
    "jacobian of a bool": (lambda: jacobian(lambda x: [x > 0])(1.0), TypeError, "where"),
    "jacobian of no function": (lambda: jacobian(3.0), TypeError, "function"),
    "another mode": (lambda: jacobian(sin, mode="backward"), ValueError, "reverse"),
    "argnums of jacobian": (lambda: jacobian(sin, 3)(1.0), (IndexError, ValueError), "argnums 3"),
    "argnums of hessian": (lambda: hessian(sin, "x")(1.0), TypeError, "argnums"),
    "a string": (lambda: hessian(sin)("1"), TypeError, "float"),
    "sparse, of Values": (lambda: hessian(sin, sparse=True)(Value(1.0)), TypeError, "Values"),
}


@pytest.mark.parametrize(("call", "error", "says"), BAD.values(), ids=BAD)
def test_bad_input_is_told_what_to_use_instead(call: Callable[[], Any], error: Any, says: str) -> None:
    if "sparse" in says or says == "Values":
        pytest.importorskip("scipy")
    with pytest.raises(error, match=says):
        call()


@pytest.mark.parametrize("transform", [hessian, jacobian])
def test_without_scipy_sparse_says_what_to_install(transform: F, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("scipy", "scipy.sparse"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"pip install 'scalar-autograd\[sparse\]'"):
        transform(lambda x: x[0] * x[1], sparse=True)([1.0, 2.0])
    assert hessian(lambda x: x[0] * x[1])([1.0, 2.0]) == [[0.0, 1.0], [1.0, 0.0]]
