"""`grad`, `value_and_grad`, `gradients`, `jvp`, `vjp`, `hvp`: every order, both modes, all forms of arguments."""

from __future__ import annotations

import functools
import itertools
import math
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import random_graphs
import table_oracle
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from smooth_programs import SMOOTH, function
from table_oracle import REFERENCES, Point, tame_points

import autograd
from autograd import (
    Value,
    clip,
    cos,
    dot,
    elu,
    exp,
    grad,
    gradients,
    hvp,
    hypot,
    jvp,
    leaky_relu,
    log,
    log_softmax,
    logsumexp,
    maximum,
    minimum,
    no_grad,
    prod,
    relu,
    sigmoid,
    sin,
    softmax,
    softplus,
    sqrt,
    tanh,
    value_and_grad,
    vjp,
    where,
    xlogy,
)
from autograd.errors import NotANumberError, StaleGraphError
from autograd.ops import TABLE

F = Callable[..., Any]


def reverse(f: F) -> F:
    """f' of a function of one number, by a backward sweep."""
    return grad(f)


def forward(f: F) -> F:
    """f' of a function of one number, by a forward sweep."""
    return lambda x: jvp(f, x, 1.0)[1]


def pulled(f: F) -> F:
    """f' of a function of one number, by the pullback."""
    return lambda x: vjp(f, x)[1](1.0)


MODES = {"reverse": reverse, "forward": forward}
ALL_MODES = {**MODES, "pullback": pulled}


def in_all_mixes(order: int) -> list[Any]:
    mixes = itertools.product(MODES, repeat=order)
    return [pytest.param([MODES[name] for name in names], id="-".join(names)) for names in mixes]


def derived(f: F, operators: Sequence[F]) -> F:
    return functools.reduce(lambda g, operator: operator(g), operators, f)


# Every row of the table to order 3 ------------------------------------------------------------------------------------


@functools.cache
def true_derivative(name: str, operands: Point, *by: int) -> Any:
    """∂ᵏ(row)/∂xᵢ∂xⱼ… by central differences of the formula, with steps of 2**-100."""
    with mp.workprec(table_oracle._bits(operands) + 300):
        h, f = table_oracle._step(operands), REFERENCES[name].true
        total = mpf(0)
        for signs in itertools.product((1, -1), repeat=len(by)):
            moved = [mpf(x) for x in operands]
            for i, sign in zip(by, signs, strict=True):
                moved[i] += sign * h
            total += math.prod(signs) * table_oracle.real(f(*moved))
        return total / (2 * h) ** len(by)


def by_gradients(f: F, xs: Sequence[float], by: Sequence[int]) -> float:
    variables = [Value(x) for x in xs]
    y = f(*variables)
    for i in by:
        (y,) = gradients(y, [variables[i]])
    return float(y.data)


def by_jvp(f: F, xs: Sequence[float], by: Sequence[int]) -> float:
    def along(f: F, i: int) -> F:
        return lambda *xs: jvp(f, tuple(xs), tuple(float(i == j) for j in range(len(xs))))[1]

    y = functools.reduce(along, by, f)(*xs)
    return float(y)


def by_hvp(f: F, xs: Sequence[float], by: Sequence[int]) -> float:
    """Forward over reverse, and, for the third order, reverse over that."""

    def second(*xs: Any) -> Any:
        return hvp(f, tuple(xs), tuple(float(by[0] == j) for j in range(len(xs))))[by[1]]

    return float(grad(second, by[2])(*xs) if len(by) == 3 else second(*xs))


@pytest.mark.parametrize("name", list(REFERENCES))
def test_every_row_to_order_three_in_both_modes(name: str) -> None:
    row, fixed = TABLE[name], REFERENCES[name].fixed
    points = tame_points(name)
    assert points
    for operands in points:
        free = [i for i in range(len(operands)) if i not in fixed]

        def f(*xs: Any, operands: Point = operands, free: list[int] = free) -> Any:
            given = dict(zip(free, xs, strict=True))
            return row.function(*(given.get(i, x) for i, x in enumerate(operands)))

        xs = [operands[i] for i in free]
        orders = [list(itertools.combinations_with_replacement(range(len(free)), k)) for k in (1, 2, 3)]
        true = {by: true_derivative(name, operands, *(free[i] for i in by)) for order in orders for by in order}
        finite = [abs(t) for t in true.values() if not mp.isnan(t)]
        for by, t in true.items():
            found = [by_gradients(f, xs, by), by_jvp(f, xs, by)] + ([by_hvp(f, xs, by)] if len(by) > 1 else [])
            if mp.isnan(t):  # x**y by y, for a negative x
                assert all(map(math.isnan, found)), (operands, by, found)
                continue
            # A rule differentiated twice is a sum of terms, each about as large as the largest derivative.
            for got in found:
                assert abs(got - t) <= 2e-12 * max(finite) + 1e-300, (operands, by, found, float(t))


def test_exp_has_all_its_derivatives() -> None:
    for modes in ([reverse] * 8, [forward] * 8, [reverse, forward] * 4):
        assert derived(exp, modes)(0.5) == pytest.approx(math.exp(0.5), rel=1e-14)


# Conventions, to order 3 and more -------------------------------------------------------------------------------------

inf = math.inf
CONVENTIONS: list[tuple[str, F, float, list[float]]] = [
    ("x**2 at 0", lambda x: x**2, 0.0, [0, 0, 2, 0, 0]),
    ("x**2.0 at 0", lambda x: x**2.0, 0.0, [0, 0, 2, 0, 0]),
    ("x**3 at 0", lambda x: x**3, 0.0, [0, 0, 0, 6, 0]),
    ("x**1 at 0", lambda x: x**1, 0.0, [0, 1, 0, 0, 0]),
    ("x**0 at 0", lambda x: x**0, 0.0, [1, 0, 0, 0, 0]),
    ("x**2 at -3", lambda x: x**2, -3.0, [9, -6, 2, 0, 0]),
    ("x**-1 at -2", lambda x: x**-1, -2.0, [-0.5, -0.25, -0.25, -0.375]),
    ("x*x at 0", lambda x: x * x, 0.0, [0, 0, 2, 0, 0]),
    ("where(x > 0, sqrt(x), 0)", lambda x: where(x > 0, sqrt(x), 0), 0.0, [0, 0, 0, 0]),
    ("where(x > 0, log(x), x)", lambda x: where(x > 0, log(x), x), 0.0, [0, 1, 0, 0]),
    ("where(x != 0, 1/x, 0)", lambda x: where(x != 0, 1 / x, 0), 0.0, [0, 0, 0, 0]),
    ("where(x > 0, log(x), x) at 2", lambda x: where(x > 0, log(x), x), 2.0, [math.log(2), 0.5, -0.25, 0.25]),
    ("relu at 0", relu, 0.0, [0, 0, 0, 0]),
    ("relu at -0.0", relu, -0.0, [0, 0, 0, 0]),
    ("relu(log) where it is not chosen", lambda x: relu(log(x)), 0.0, [0, 0, 0, 0]),
    ("abs at 0", autograd.abs, 0.0, [0, 0, 0, 0]),
    ("abs(x)**3 at 0", lambda x: autograd.abs(x) ** 3, 0.0, [0, 0, 0]),
    ("leaky_relu at 0", lambda x: leaky_relu(x, 0.25), 0.0, [0, 0.25, 0, 0]),
    ("elu at 0", lambda x: elu(x, 0.5), 0.0, [0, 0.5]),
    ("clip at its lower bound", lambda x: clip(x, 0.0, 2.0), 0.0, [0, 1, 0, 0]),
    ("clip at its upper bound", lambda x: clip(x, 0.0, 2.0), 2.0, [2, 1, 0, 0]),
    ("clip(log x) outside", lambda x: clip(log(x), -3.0, 2.0), 0.0, [-3, 0, 0, 0]),
    ("maximum(x, x²) at the tie", lambda x: maximum(x, 1.0), 1.0, [1, 0.5, 0, 0]),
    ("minimum at the tie", lambda x: minimum(x, 1.0), 1.0, [1, 0.5, 0, 0]),
    ("maximum(x, -x) at 0", lambda x: maximum(x, -x), 0.0, [0, 0, 0, 0]),
    ("max of three equal ones", lambda x: autograd.max([x, 1.0, 1.0]), 1.0, [1, 1 / 3, 0, 0]),
    ("sqrt at 0", sqrt, 0.0, [0, inf, -inf, inf]),
    ("log at 0", log, 0.0, [-inf, inf, -inf, inf]),
    ("xlogy(0, y) by y", lambda y: xlogy(0.0, y), 0.0, [0, 0, 0, 0]),
    ("hypot(x, 0) at 0", lambda x: hypot(x, 0.0), 0.0, [0, 0]),
    ("tanh at 1000", tanh, 1000.0, [1, 0, 0, 0]),
    ("tanh at -1000", tanh, -1000.0, [-1, 0, 0, 0]),
    ("sigmoid at 1000", sigmoid, 1000.0, [1, 0, 0, 0]),
    ("sigmoid at -1000", sigmoid, -1000.0, [0, 0, 0, 0]),
    ("softplus at 1000", softplus, 1000.0, [1000, 1, 0, 0]),
    ("softplus at -1000", softplus, -1000.0, [0, 0, 0, 0]),
    ("prod with a zero", lambda x: prod([x, x, 3.0]), 0.0, [0, 0, 6, 0]),
    ("prod of three zeros", lambda x: prod([x, x, x]), 0.0, [0, 0, 0, 6]),
    ("dot(x, x) at 0", lambda x: dot([x, 1.0], [x, 2.0]), 0.0, [2, 0, 2, 0]),
]


@pytest.mark.parametrize(("f", "x", "expected"), [pytest.param(*c[1:], id=c[0]) for c in CONVENTIONS])
def test_conventions_hold_at_every_order_in_every_mix_of_modes(f: F, x: float, expected: list[float]) -> None:
    assert f(Value(x)).data == expected[0]
    for order in range(1, len(expected)):
        for param in in_all_mixes(order):
            assert derived(f, param.values[0])(x) == pytest.approx(expected[order], rel=1e-14, abs=0), (order, param.id)


@pytest.mark.parametrize("operators", in_all_mixes(2))
@pytest.mark.parametrize("x", [2.0, 0.3])
def test_mixed_second_derivatives_of_a_power_at_exponent_0(x: float, operators: list[F]) -> None:
    """∂²(x**y)/∂x∂y = x**(y-1)·(1 + y·log x), which is 1/x at y = 0, in either order."""
    first, second = operators
    by_x_then_y = second(lambda y: first(lambda x: x**y)(x))(0.0)
    by_y_then_x = second(lambda x: first(lambda y: x**y)(0.0))(x)
    assert by_x_then_y == pytest.approx(1 / x, rel=1e-15)
    assert by_y_then_x == pytest.approx(1 / x, rel=1e-15)
    assert derived(lambda y: x**y, operators)(0.0) == pytest.approx(math.log(x) ** 2, rel=1e-15)
    assert derived(lambda x: x ** Value(0.0), operators)(x) == 0
    # ∂³/∂x∂y² = (2·log x)/x at y = 0
    third = reverse(lambda x: derived(lambda y: x**y, operators)(0.0))(x)
    assert third == pytest.approx(2 * math.log(x) / x, rel=1e-14)


@pytest.mark.parametrize("operators", in_all_mixes(2))
def test_second_derivatives_of_a_power_at_base_0(operators: list[F]) -> None:
    """x³ at 0 with a Value as exponent: the limits from above, 0 by the exponent."""
    first, second = operators
    three = Value(3.0)
    assert derived(lambda x: x**three, operators)(0.0) == 0
    assert derived(lambda y: Value(0.0) ** y, operators)(3.0) == 0
    assert second(lambda y: first(lambda x: x**y)(0.0))(3.0) == 0
    assert second(lambda x: first(lambda y: x**y)(3.0))(0.0) == 0
    assert reverse(derived(lambda x: x**three, operators))(0.0) == 6


SCORES = [[1000.0, 1000.0], [-1000.0, -1000.5, -1001.0], [1000.0, -1000.0], [1000.0, 999.0, 0.0, -1000.0], [0.5, 2.0]]


@pytest.mark.parametrize("xs", SCORES, ids=str)
def test_logsumexp_and_softmax_at_1000_to_order_three(xs: list[float]) -> None:
    n = len(xs)
    for order in (1, 2, 3):
        for by in itertools.combinations_with_replacement(range(n), order):
            true = float(true_derivative("logsumexp", tuple(xs), *by))

            def first(*v: Any, i: int = by[0]) -> Any:
                return softmax(v)[i]

            found = [by_gradients(lambda *v: logsumexp(v), xs, by), by_jvp(lambda *v: logsumexp(v), xs, by)]
            found += [by_gradients(first, xs, by[1:]), by_jvp(first, xs, by[1:])]
            if order > 1:  # log softmax is xᵢ - logsumexp
                found += [-by_gradients(lambda *v: log_softmax(v)[0], xs, by)]
            assert found == pytest.approx([true] * len(found), rel=1e-12, abs=1e-15), by


# Perturbation confusion -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inner", ALL_MODES.values(), ids=ALL_MODES)
@pytest.mark.parametrize("outer", ALL_MODES.values(), ids=ALL_MODES)
class TestPerturbationConfusion:
    """What an inner derivative is by must not be confused with what the outer one is by."""

    def test_closure_over_an_outer_variable(self, outer: F, inner: F) -> None:
        """d/dx (x · d/dy (x + y)) = 1; who confuses x with y gets 2."""
        assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0

    def test_closure_over_an_outer_variable_in_a_product(self, outer: F, inner: F) -> None:
        assert outer(lambda x: x * inner(lambda y: x * y)(1.0))(3.0) == 6.0

    def test_closure_at_the_outer_variable_itself(self, outer: F, inner: F) -> None:
        """∂(x²·y³)/∂y at y = x is 3·x⁴; its derivative is 12·x³."""
        assert outer(lambda x: inner(lambda y: x**2 * y**3)(x))(2.0) == 96.0

    def test_a_derivative_inside_a_function_that_is_itself_differentiated(self, outer: F, inner: F) -> None:
        """(x·sin' x)' = cos x − x·sin x."""
        x = 0.7
        found = outer(lambda x: x * inner(sin)(x))(x)
        assert found == pytest.approx(math.cos(x) - x * math.sin(x), rel=1e-15)

    def test_the_inner_function_ignores_its_variable(self, outer: F, inner: F) -> None:
        assert outer(lambda x: x + inner(lambda y: x * x)(5.0))(3.0) == 1.0

    def test_the_inner_function_returns_a_plain_number(self, outer: F, inner: F) -> None:
        assert outer(lambda x: x + inner(lambda y: 4.0)(x))(3.0) == 1.0

    def test_the_inner_function_returns_the_outer_variable(self, outer: F, inner: F) -> None:
        assert outer(lambda x: x * (1 + inner(lambda y: x)(x)))(3.0) == 1.0

    def test_the_inner_function_is_called_with_the_outer_variable_twice(self, outer: F, inner: F) -> None:
        def f(x: Any) -> Any:
            return inner(lambda y: y * inner(lambda z: y * z * x)(x))(x)  # d/dy (y·y·x) = 2·y·x = 2x²

        assert outer(f)(3.0) == 12.0

    @pytest.mark.parametrize("third", ALL_MODES.values(), ids=ALL_MODES)
    def test_three_levels(self, outer: F, inner: F, third: F) -> None:
        """d/dx x·d/dy (x·y·d/dz (x·y·z)) at y = x = z: d/dz is x·y, d/dy (x²·y²) is 2·x²·y, x·2x³ gives 8x³."""
        assert outer(lambda x: x * inner(lambda y: x * y * third(lambda z: x * y * z)(y))(x))(2.0) == 64.0


def test_pullback_is_linear_and_can_itself_be_differentiated() -> None:
    _, pullback = vjp(lambda x: x**3, 2.0)
    assert grad(pullback)(5.0) == 12.0
    assert grad(grad(pullback))(5.0) == 0.0
    assert grad(lambda v: jvp(lambda x: x**3, 2.0, v)[1])(5.0) == 12.0
    assert grad(lambda x: vjp(sin, x)[1](x))(0.7) == pytest.approx(math.cos(0.7) - 0.7 * math.sin(0.7), rel=1e-15)


def test_differentiating_by_the_direction_of_hvp() -> None:
    def f(x: Any) -> Any:
        return x[0] ** 2 * x[1] + sin(x[1])

    assert grad(lambda v: hvp(f, [2.0, 5.0], v)[0])([0.3, 0.4]) == [10.0, 4.0]


def test_a_newton_step_can_be_differentiated() -> None:
    """x − f/f' for f = x² − a is (x + a/x)/2: its slope by x is (1 − a/x²)/2, by a 1/(2x)."""

    def step(x: Any, a: Any) -> Any:
        value, slope = value_and_grad(lambda x: x**2 - a)(x)
        return x - value / slope

    assert grad(step, (0, 1))(2.0, 3.0) == (pytest.approx((1 - 3 / 4) / 2), pytest.approx(0.25))


# Forms of arguments and results ---------------------------------------------------------------------------------------

A = np.array([[2.0, 1.0, 0.0], [0.5, 3.0, -1.0], [0.0, 4.0, 1.0]])


class TestForms:
    def test_a_float_gives_a_float(self) -> None:
        for x in (3.0, 3, np.float64(3.0), np.float32(3.0), np.int64(3)):
            found = grad(lambda x: x**2)(x)
            assert type(found) is float
            assert found == 6.0

    def test_a_list_gives_a_list_of_floats(self) -> None:
        found = grad(lambda x: x[0] ** 2 * x[1])([2, 5.0])
        assert found == [20.0, 4.0]
        assert type(found) is list
        assert {type(x) for x in found} == {float}

    def test_nested_lists_and_tuples_within_keep_their_nesting(self) -> None:
        found = grad(lambda x: x[0][0] * x[1][1] + x[2] ** 2 + x[1][0][0])([[1.0], ([2.0], 3.0), 4.0, []])
        assert found == [[3.0], ([1.0], 1.0), 8.0, []]

    def test_an_array_gives_an_array_of_its_shape(self) -> None:
        found = grad(lambda x: x @ A @ x)(np.array([1.0, 2.0, 3.0]))
        np.testing.assert_allclose(found, (A + A.T) @ [1, 2, 3], rtol=1e-15)
        assert found.dtype == float

    @pytest.mark.parametrize("shape", [(1,), (4,), (2, 3), (3, 1), (2, 1, 2), (0,), (2, 0)])
    def test_numpy_functions_on_object_arrays(self, shape: tuple[int, ...]) -> None:
        x = np.linspace(-1, 1, math.prod(shape)).reshape(shape)
        found = grad(lambda x: np.exp(x).sum() + 0.5 * (x * x).sum())(x)
        assert found.shape == shape
        assert found.dtype == float
        np.testing.assert_allclose(found, np.exp(x) + x, rtol=1e-15)

    def test_a_transposed_array_keeps_its_order(self) -> None:
        x = np.arange(6.0).reshape(2, 3).T
        np.testing.assert_array_equal(grad(lambda x: (x * x * x).sum())(x), 3 * x * x)

    def test_whole_numbers_are_taken_as_floats(self) -> None:
        found = grad(lambda x: (x / 2).sum() ** 2)(np.array([1, 2], dtype=np.int32))
        assert found.dtype == float
        assert found.tolist() == [1.5, 1.5]
        assert grad(lambda x: x[0] / 2)([1, 2]) == [0.5, 0.0]

    def test_float32_arrays_are_taken_as_floats(self) -> None:
        assert grad(lambda x: (x * x).sum())(np.array([0.5], dtype=np.float32)).dtype == float

    def test_a_matrix_product(self) -> None:
        B = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        np.testing.assert_allclose(grad(lambda A: (A @ B).sum())(A), np.ones((3, 2)) @ B.T)

    def test_values_give_values(self) -> None:
        x = Value(3.0)
        slope = grad(lambda x: x**3)(x)
        assert isinstance(slope, Value)
        slope.backward()
        assert (slope.data, x.grad) == (27.0, 18.0)

    def test_a_list_with_one_value_gives_values(self) -> None:
        w = Value(2.0)
        found = grad(lambda x: x[0] * x[1])([w, 3.0])
        assert all(isinstance(v, Value) for v in found)
        assert [v.data for v in found] == [3.0, 2.0]

    def test_an_object_array_of_values_gives_one(self) -> None:
        x = np.array([Value(1.0), Value(2.0)], dtype=object)
        found = grad(lambda x: (x**3).sum())(x)
        assert found.dtype == object
        assert [v.data for v in found] == [3.0, 12.0]
        found.sum().backward()
        assert [v.grad for v in x] == [6.0, 12.0]

    def test_a_value_among_the_other_arguments_gives_values(self) -> None:
        w = Value(2.0)
        slope = grad(lambda x, w: x**2 * w)(3.0, w)
        slope.backward()
        assert (slope.data, w.grad) == (12.0, 6.0)
        assert isinstance(grad(lambda x, w: x * w)(3.0, w=w), Value)

    def test_argnums(self) -> None:
        def f(x: Any, y: Any, z: Any) -> Any:
            return x * y**2 + z[0]

        args = (2.0, 3.0, [1.0, 1.0])
        assert grad(f)(*args) == 9.0
        assert grad(f, 1)(*args) == 12.0
        assert grad(f, 2)(*args) == [1.0, 0.0]
        assert grad(f, -1)(*args) == [1.0, 0.0]
        assert grad(f, -2)(*args) == 12.0
        assert grad(f, (0, 2))(*args) == (9.0, [1.0, 0.0])
        assert grad(f, (2, 0))(*args) == ([1.0, 0.0], 9.0)
        assert grad(f, [1])(*args) == (12.0,)
        assert value_and_grad(f, (1, 0))(*args) == (19.0, (12.0, 9.0))

    def test_keyword_arguments_are_passed_on_and_not_differentiated(self) -> None:
        assert grad(lambda x, *, power=1: x**power)(3.0, power=2) == 6.0
        assert value_and_grad(lambda x, scale: x * scale)(3.0, scale=5) == (15.0, 5.0)

    def test_arguments_that_are_not_differentiated_may_be_anything(self) -> None:
        assert grad(lambda x, how, none: x**2 if how == "square" and none is None else x)(3.0, "square", None) == 6.0

    def test_several_arguments_as_a_tuple(self) -> None:
        def f(x: Any, y: Any) -> Any:
            return x**2 * y[1] + y[0]

        assert jvp(f, (3.0, [1.0, 2.0]), (1.0, [10.0, 100.0])) == (19.0, 12.0 + 10.0 + 900.0)
        value, pullback = vjp(f, (3.0, [1.0, 2.0]))
        assert (value, pullback(2.0)) == (19.0, (24.0, [2.0, 18.0]))
        assert hvp(f, (3.0, [1.0, 2.0]), (1.0, [0.0, 1.0])) == (4.0 + 6.0, [0.0, 6.0])
        assert vjp(lambda x: x * x, (3.0,))[1](1.0) == (6.0,)

    def test_a_list_is_one_argument(self) -> None:
        assert jvp(lambda x: x[0] * x[1], [2.0, 3.0], [1.0, 0.0]) == (6.0, 3.0)
        assert hvp(lambda x: x[0] * x[1], [2.0, 3.0], [1.0, 0.0]) == [0.0, 1.0]

    def test_an_array_is_one_argument(self) -> None:
        x, v = np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.0, -1.0])
        value, tangent = jvp(lambda x: A @ x, x, v)
        np.testing.assert_allclose(value, A @ x)
        np.testing.assert_allclose(tangent, A @ v)
        assert (value.dtype, tangent.dtype) == (float, float)
        _, pullback = vjp(lambda x: A @ x, x)
        np.testing.assert_allclose(pullback(v), A.T @ v)
        np.testing.assert_allclose(hvp(lambda x: x @ A @ x, x, v), (A + A.T) @ v)

    def test_results_of_jvp_and_vjp_keep_their_form(self) -> None:
        def f(x: Any) -> Any:
            return [x, (x**2, np.array([x, 2 * x]))], 7.0

        value, tangent = jvp(f, 3.0, 1.0)
        assert value[0][0] == 3.0
        assert value[0][1][0] == 9.0
        assert value[0][1][1].tolist() == [3.0, 6.0]
        assert value[1] == 7.0
        assert tangent[0][1][0] == 6.0
        assert tangent[0][1][1].tolist() == [1.0, 2.0]
        assert tangent[1] == 0.0
        _, pullback = vjp(lambda x: (x, [x * x]), 3.0)
        assert pullback((1.0, [10.0])) == 61.0

    def test_numpy_scalars_as_the_result(self) -> None:
        assert value_and_grad(lambda x: np.float64(2.0))(3.0) == (2.0, 0.0)
        assert grad(lambda x: np.array(x * x))(3.0) == 6.0  # an array of no dimension is one number

    def test_value_and_grad_gives_floats(self) -> None:
        value, slope = value_and_grad(lambda x: (x * x).sum())(np.array([1.0, 2.0]))
        assert type(value) is float
        assert value == 5.0
        assert slope.tolist() == [2.0, 4.0]

    @pytest.mark.parametrize("result", [4.0, 4, np.float64(4.0)])
    def test_a_plain_number_as_the_result_has_derivative_zero(self, result: Any) -> None:
        assert grad(lambda x: result)(3.0) == 0.0
        assert grad(lambda x: result)([1.0, [2.0]]) == [0.0, [0.0]]
        assert grad(lambda x: result)(np.ones((2, 3))).tolist() == [[0.0] * 3] * 2
        assert grad(lambda x, y: result, (0, 1))(1.0, [1.0]) == (0.0, [0.0])
        assert jvp(lambda x: result, 3.0, 1.0) == (4.0, 0.0)
        assert jvp(lambda x: [result, x], 3.0, 1.0) == ([4.0, 3.0], [0.0, 1.0])
        assert vjp(lambda x: [result, x], 3.0)[1]([5.0, 7.0]) == 7.0
        assert hvp(lambda x: result, [3.0, 1.0], [1.0, 1.0]) == [0.0, 0.0]
        assert grad(grad(lambda x: result))(3.0) == 0.0

    def test_an_unused_argument_has_derivative_zero(self) -> None:
        assert grad(lambda x, y: x * x, 1)(3.0, np.ones(2)).tolist() == [0.0, 0.0]
        assert grad(lambda x: x[0])([3.0, 1.0]) == [1.0, 0.0]
        assert hvp(lambda x: x[0] ** 2, [3.0, 1.0], [1.0, 1.0]) == [2.0, 0.0]

    def test_a_result_that_is_another_value_has_derivative_zero(self) -> None:
        w = Value(5.0)
        assert grad(lambda x: w)(3.0) == 0.0
        assert grad(lambda x: w * 2)([3.0]) == [0.0]

    def test_the_identity(self) -> None:
        assert grad(lambda x: x)(3.0) == 1.0
        assert grad(lambda x: x[1])([3.0, 4.0]) == [0.0, 1.0]
        assert jvp(lambda x: x, [3.0, 4.0], [1.0, 2.0]) == ([3.0, 4.0], [1.0, 2.0])

    def test_no_arguments_of_one_form_are_changed(self) -> None:
        xs, x = [1.0, [2.0]], np.array([1.0, 2.0])
        grad(lambda x: x[0] * x[1][0])(xs)
        grad(lambda x: (x * x).sum())(x)
        assert xs == [1.0, [2.0]]
        assert x.tolist() == [1.0, 2.0]
        assert x.dtype == float

    def test_the_derivative_has_the_name_and_the_docstring_of_the_function(self) -> None:
        def energy(x: Any) -> Any:
            """The energy."""
            return x * x

        assert "energy" in grad(energy).__name__
        assert grad(energy).__doc__ is not None

    def test_builtin_and_partial_functions(self) -> None:
        assert grad(functools.partial(lambda a, x: a * x, 3.0))(2.0) == 3.0
        assert grad(abs)(-2.0) == -1.0

        class Model:
            w = 3.0

            def __call__(self, x: Any) -> Any:
                return self.w * x

            def loss(self, x: Any) -> Any:
                return self(x) ** 2

        assert grad(Model())(2.0) == 3.0
        assert grad(Model().loss)(2.0) == 36.0

    def test_a_loss_by_the_parameters_of_a_network_as_lists(self) -> None:
        weights = [[[0.1, -0.2], [0.4, 0.3]], [[0.7, -0.5]]]

        def loss(weights: Any) -> Any:
            h = [1.0, 2.0]
            for layer in weights:
                h = [tanh(dot(row, h)) for row in layer]
            return (h[0] - 1) ** 2

        found, step = grad(loss)(weights), 1e-6
        assert [[len(row) for row in layer] for layer in found] == [[2, 2], [2]]
        moved = [[[0.1 + step, -0.2], [0.4, 0.3]], [[0.7, -0.5]]], [[[0.1 - step, -0.2], [0.4, 0.3]], [[0.7, -0.5]]]
        assert found[0][0][0] == pytest.approx((loss(moved[0]) - loss(moved[1])) / (2 * step), rel=1e-8)


# gradients() and stale graphs -----------------------------------------------------------------------------------------


class TestGradients:
    def test_any_order(self) -> None:
        x = Value(0.3)
        y = sin(x) * exp(x)
        for order in range(1, 9):  # the n-th derivative is 2^(n/2)·eˣ·sin(x + n·π/4)
            (y,) = gradients(y, [x])
            expected = 2 ** (order / 2) * math.exp(0.3) * math.sin(0.3 + order * math.pi / 4)
            assert y.data == pytest.approx(expected, rel=1e-13, abs=1e-13)

    def test_the_form_of_the_variables_is_the_form_of_the_result(self) -> None:
        a, b = Value(2.0), Value(3.0)
        y = a * b
        assert gradients(y, a).data == 3.0
        assert [g.data for g in gradients(y, [a, b])] == [3.0, 2.0]
        assert isinstance(gradients(y, (a, b)), tuple)
        assert gradients(y, np.array([[a], [b]], dtype=object)).shape == (2, 1)
        assert gradients(y, [[a], b])[0][0].data == 3.0

    def test_by_an_interior_node(self) -> None:
        x = Value(2.0)
        h = x * x
        y = h**3 + x
        (by_h,) = gradients(y, [h])
        assert by_h.data == 3 * 16.0

    def test_by_a_node_and_by_what_it_was_made_of(self) -> None:
        """∂y/∂x holds all paths, the one through h too; what is asked for beside it does not change it."""
        x = Value(2.0)
        h = x * x
        y = h * x
        assert [g.data for g in gradients(y, [x, h])] == [12.0, 2.0]
        assert [g.data for g in gradients(y, [h, x])] == [2.0, 12.0]

    def test_the_same_variable_twice(self) -> None:
        x = Value(2.0)
        assert [g.data for g in gradients(x * x, [x, x])] == [4.0, 4.0]

    def test_of_itself_is_one_and_of_a_stranger_zero(self) -> None:
        x, other = Value(2.0), Value(1.0)
        assert [g.data for g in gradients(x, [x, other])] == [1.0, 0.0]
        (zero,) = gradients(x * x, [other])
        assert isinstance(zero, Value)
        assert gradients(zero, [x])[0].data == 0.0

    def test_gradients_can_be_used_in_a_loss_that_is_trained(self) -> None:
        """A penalty on the slope: ∂/∂w (∂(w·x²)/∂x)² = ∂/∂w 4w²x² = 8wx²."""
        w, x = Value(3.0), Value(0.5)
        (slope,) = gradients(w * x**2, [x])
        (slope**2).backward()
        assert w.grad == pytest.approx(8 * 3 * 0.25)

    def test_no_data_and_no_grad_is_touched(self) -> None:
        x = Value(2.0)
        y = x**3
        y.backward()
        before = (x.data, x.grad, y.grad)
        gradients(gradients(y, [x])[0], [x])
        assert (x.data, x.grad, y.grad) == before

    def test_not_stale_when_nothing_was_changed(self) -> None:
        x = Value(2.0, "x")
        y = exp(x) * x + relu(x)
        x.data = 7.0
        x.data = 2.0
        assert gradients(y, [x])[0].data == pytest.approx(3 * math.exp(2) + 1)

    def test_not_stale_when_another_leaf_was_changed(self) -> None:
        x, other = Value(2.0), Value(1.0)
        y = x**2
        _ = x * other
        other.data = 5.0
        assert gradients(y, [x])[0].data == 4.0

    def test_nan_is_not_taken_for_a_change(self) -> None:
        x = Value(math.nan)
        assert math.isnan(gradients(sin(x) * x, [x])[0].data)
        x = Value(-1.0)
        assert math.isnan(gradients(x**0.5, [x])[0].data)
        x = Value(-0.0)
        assert gradients(x * 3 + x * x, [x])[0].data == 3.0

    def test_a_changed_variable_is_refused_also_after_a_step_of_training(self) -> None:
        w = Value(1.0, label="w")
        loss = (w * 3 - 1) ** 2
        loss.backward()
        w.data -= 0.1 * w.grad
        with pytest.raises(StaleGraphError, match="'w'"):
            gradients(loss, [w])

    def test_a_gradient_that_has_become_stale(self) -> None:
        x = Value(2.0, label="x")
        (slope,) = gradients(x**3, [x])
        x.data = 3.0
        with pytest.raises(StaleGraphError, match="'x'"):
            gradients(slope, [x])

    def test_backward_after_a_change_is_still_right_and_not_refused(self) -> None:
        x = Value(2.0)
        y = x**3
        x.data = 5.0
        y.backward()
        assert x.grad == 12.0


USES: dict[str, F] = {
    "x*x": lambda x: x * x,
    "2*x": lambda x: 2 * x,
    "x+1": lambda x: x + 1,
    "1-x": lambda x: 1 - x,
    "-x": lambda x: -x,
    "x/2": lambda x: x / 2,
    "2/x": lambda x: 2 / x,
    "x**2": lambda x: x**2,
    "2**x": lambda x: 2**x,
    "exp": exp,
    "log": log,
    "sin": sin,
    "relu": relu,
    "sqrt": sqrt,
    "where": lambda x: where(True, x, 0),
    "maximum": lambda x: maximum(x, -5.0),
    "sum": lambda x: autograd.sum([x, x, 1.0]),
    "prod": lambda x: prod([x, 3.0]),
    "dot": lambda x: dot([x, 1.0], [2.0, 3.0]),
    "logsumexp": lambda x: logsumexp([x, 0.0]),
    "identity": lambda x: Value(x),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("after", [lambda v: v, lambda v: sin(v), lambda v: v * 2 + 1], ids=["", "sin", "2v+1"])
def test_a_stale_graph_is_refused_by_naming_the_leaf(use: F, after: F) -> None:
    leaf, other = Value(2.0, label="weight"), Value(3.0, label="innocent")
    y = after(use(leaf)) * other
    leaf.data = 2.5
    with pytest.raises(StaleGraphError) as caught:
        gradients(y, [leaf])
    assert "weight" in str(caught.value)
    assert "innocent" not in str(caught.value)


# Properties, on random graphs -----------------------------------------------------------------------------------------


def close(a: Any, b: Any, rel: float = 1e-9) -> bool:
    a, b = np.asarray(a, float), np.asarray(b, float)
    return bool(np.all(np.abs(a - b) <= rel * (1 + max(np.abs(a).max(), np.abs(b).max()))))


def direction(n: int, seed: int) -> tuple[float, ...]:
    return tuple(np.random.default_rng(seed).integers(-8, 9, n) / 4.0)


@settings(max_examples=80)
@given(random_graphs.programs(longest=12), st.integers(0, 1000))
def test_pullback_and_jvp_are_dual(program: random_graphs.Program, seed: int) -> None:
    """⟨v, J·u⟩ = ⟨Jᵀ·v, u⟩, kinks and all: both modes use one number an edge."""
    xs, f = program.leaves, function(program, last=3)
    m = len(f(*xs))
    u, v = direction(len(xs), seed), direction(m, seed + 1)
    value, tangent = jvp(f, tuple(xs), u)
    value2, pullback = vjp(f, tuple(xs))
    assert value == value2
    terms = [a * b for a, b in zip(tangent, v, strict=True)]
    terms2 = [a * b for a, b in zip(pullback(list(v)), u, strict=True)]
    assert abs(sum(terms) - sum(terms2)) <= 1e-10 * (1 + max(map(abs, terms + terms2)))


@settings(max_examples=60)
@given(random_graphs.programs(longest=12), random_graphs.programs(longest=12), st.integers(-8, 8), st.integers(-8, 8))
def test_grad_is_linear_and_obeys_the_product_rule(
    one: random_graphs.Program, two: random_graphs.Program, a: int, b: int
) -> None:
    xs, f, g = (*one.leaves, 0.5, -0.25, 2.0)[:4], function(one), function(two)
    every = range(4)
    df, dg = np.array(grad(f, every)(*xs)), np.array(grad(g, every)(*xs))
    fx, gx = f(*xs), g(*xs)
    assert close(grad(lambda *xs: a * f(*xs) + b * g(*xs), every)(*xs), a * df + b * dg)
    assert close(grad(lambda *xs: f(*xs) * g(*xs), every)(*xs), gx * df + fx * dg)


@settings(max_examples=60)
@given(random_graphs.programs(SMOOTH, longest=8), st.floats(-2, 2))
def test_the_chain_rule(program: random_graphs.Program, x: float) -> None:
    """(f ∘ h)' = f'(h)·h', with f'(h) and h' by transforms of their own."""

    def h(x: Any) -> list[Any]:
        return [sin(x), x * x, cos(x) + x][: len(program.leaves)] + [x] * (len(program.leaves) - 3)

    f = function(program)
    outer = np.array(grad(f, range(len(program.leaves)))(*h(x)))
    inner = np.array(jvp(h, x, 1.0)[1])
    scale = 1 + np.abs(outer * inner).max()
    assert abs(grad(lambda x: f(*h(x)))(x) - outer @ inner) <= 1e-11 * scale


@settings(max_examples=40)
@given(random_graphs.programs(longest=8))
def test_hvp_is_symmetric_and_equals_both_other_mixes(program: random_graphs.Program) -> None:
    xs, f, n = program.leaves, function(program), len(program.leaves)
    units = [tuple(float(i == j) for j in range(n)) for i in range(n)]
    forward_reverse = np.array([hvp(f, tuple(xs), u) for u in units])
    reverse_reverse = np.array(
        [grad(lambda *xs, i=i: grad(f, range(n))(*xs)[i], range(n))(*xs) for i in range(n)]  # type: ignore[misc]
    )
    forward_forward = np.array(
        [[jvp(lambda *ys, u=u: jvp(f, ys, u)[1], tuple(xs), v)[1] for v in units] for u in units]  # type: ignore[misc]
    )
    reverse_forward = np.array(
        [grad(lambda *ys, u=u: jvp(f, ys, u)[1], range(n))(*xs) for u in units]  # type: ignore[misc]
    )
    if np.isfinite(forward_reverse).all():
        scale = np.abs(forward_reverse).max()
        for other in (reverse_reverse, forward_forward, reverse_forward, forward_reverse.T):
            assert np.abs(forward_reverse - other).max() <= 1e-9 * (1 + scale)


@settings(max_examples=40)
@given(random_graphs.programs(longest=15))
def test_grad_equals_backward_and_gradients_and_jvp(program: random_graphs.Program) -> None:
    xs, f, n = program.leaves, function(program), len(program.leaves)
    leaves = [Value(x) for x in xs]
    y = f(*leaves)
    if not isinstance(y, Value):
        return
    y.backward()
    expected = [x.grad for x in leaves]
    assert close(grad(f, range(n))(*xs), expected)
    assert close([g.data for g in gradients(y, leaves)], expected)
    assert close([jvp(f, tuple(xs), tuple(float(i == j) for j in range(n)))[1] for i in range(n)], expected)


# Beside infinite partials ---------------------------------------------------------------------------------------------


def test_an_infinite_partial_spoils_nothing_beside_it() -> None:
    def f(x: Any) -> Any:
        return sqrt(x[0]) + autograd.sum([v * v for v in x[1:]])

    xs, others = [0.0, *map(float, range(1, 11))], [2.0 * k for k in range(1, 11)]
    assert grad(f)(xs) == [inf, *others]
    assert jvp(f, xs, [0.0] + [1.0] * 10)[1] == sum(others)
    assert jvp(f, xs, [1.0] + [0.0] * 10)[1] == inf
    assert hvp(f, xs, [0.0] + [1.0] * 10) == [0.0] + [2.0] * 10
    assert hvp(f, xs, [1.0] + [0.0] * 10) == [-inf] + [0.0] * 10
    _, pullback = vjp(lambda x: [sqrt(x[0]), x[0] * x[1]], [0.0, 3.0])
    assert pullback([0.0, 1.0]) == [3.0, 0.0]  # an output that is not asked for contributes nothing, not even 0·inf


# Contexts, threads, what must not be touched --------------------------------------------------------------------------


def test_inside_no_grad() -> None:
    with no_grad():
        assert grad(lambda x: x**3)(2.0) == 12.0
        assert grad(grad(lambda x: x**3))(2.0) == 12.0
        assert jvp(lambda x: x**3, 2.0, 1.0) == (8.0, 12.0)
        _, pullback = vjp(lambda x: [x**3], 2.0)
        assert pullback([1.0]) == 12.0
        assert hvp(lambda x: x**3, 2.0, 1.0) == 12.0
        assert (Value(2.0) * 3).parents == ()  # and no_grad is on again after them
    assert (Value(2.0) * 3).parents != ()


def test_no_grad_inside_a_function_cuts_there() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            factor = x * 1
        return factor * x

    assert grad(f)(3.0) == 3.0


def test_an_exception_inside_the_function_leaves_everything_as_it_was() -> None:
    def broken(x: Any) -> Any:
        raise KeyError("mine")

    for transform in (lambda: grad(broken)(1.0), lambda: jvp(broken, 1.0, 1.0), lambda: hvp(broken, 1.0, 1.0)):
        with pytest.raises(KeyError, match="mine"):
            transform()
    found = grad(lambda x: x * x)(3.0)
    assert type(found) is float
    with no_grad():
        assert (Value(2.0) * 3).parents == ()


def test_values_closed_over_are_never_touched() -> None:
    w, b = Value(2.0), Value(1.0)
    (w * 5).backward()
    before = (w.data, w.grad, w.computed, b.data, b.grad, b.computed)

    def f(x: Any) -> Any:
        return tanh(w * x + b) * w

    assert type(grad(f)(0.3)) is float
    grad(grad(f))(0.3)
    value_and_grad(f)(0.3)
    jvp(f, 0.3, 1.0)
    vjp(f, 0.3)[1](1.0)
    hvp(f, 0.3, 1.0)
    autograd.jacobian(lambda x: [f(x), f(2 * x)])(0.3)
    autograd.hessian(f)(0.3)
    autograd.gradcheck(f, 0.3, order=2)
    assert (w.data, w.grad, w.computed, b.data, b.grad, b.computed) == before


def test_the_values_given_are_not_touched() -> None:
    x = Value(0.3)
    for found in (grad(sin)(x), jvp(sin, x, 1.0)[1], vjp(sin, x)[1](1.0)):
        assert found.data == math.cos(0.3)
    assert (x.data, x.grad, x.computed) == (0.3, 0.0, False)


def test_threads_do_not_disturb_each_other() -> None:
    """An outer derivative in one thread does not make the results of another Values, nor mix up their numbers."""
    w, wrong, start = Value(2.0), [], threading.Barrier(6)

    def work(k: int) -> None:
        start.wait()
        for n in range(30):
            x = k + n / 30
            found = grad(lambda x: x * grad(lambda y: w * x * y**2)(x))(x)  # x·2·w·x² -> 6·w·x²
            if type(found) is not float or abs(found - 12 * x * x) > 1e-9 * (1 + x * x):
                wrong.append((x, found))
            with no_grad():
                if jvp(lambda x: w * x**3, x, 1.0)[1] != pytest.approx(6 * x * x):
                    wrong.append((x, "jvp"))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_deep_chain_needs_no_recursion() -> None:
    def f(x: Any) -> Any:
        for _ in range(20_000):
            x = x * 1.0001 + 1e-6
        return x

    expected = 1.0001**20_000
    assert grad(f)(1.0) == pytest.approx(expected, rel=1e-9)
    assert jvp(f, 1.0, 1.0)[1] == pytest.approx(expected, rel=1e-9)
    assert grad(grad(lambda x: f(x) ** 2))(1.0) == pytest.approx(2 * expected**2, rel=1e-9)


def test_the_same_call_gives_the_same_bits() -> None:
    def f(x: Any) -> Any:
        return logsumexp([sin(v) * w for v, w in itertools.pairwise(x)])

    xs = [0.1 * k for k in range(20)]
    assert [v.hex() for v in grad(f)(xs)] == [v.hex() for v in grad(f)(xs)]
    assert [v.hex() for v in hvp(f, xs, xs)] == [v.hex() for v in hvp(f, xs, xs)]


# Bad input ------------------------------------------------------------------------------------------------------------


def square(x: Any) -> Any:
    return x * x


def list_of_two(x: Any) -> Any:
    return [x, x]


BAD: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "a list as the result": (lambda: grad(list_of_two)(1.0), TypeError, "jacobian"),
    "a list of one": (lambda: grad(lambda x: [x])(1.0), TypeError, "jacobian"),
    "an array as the result": (lambda: grad(lambda x: x * x)(np.ones(3)), TypeError, "jacobian"),
    "hvp of a list": (lambda: hvp(list_of_two, 1.0, 1.0), TypeError, "jacobian"),
    "value_and_grad of a list": (lambda: value_and_grad(list_of_two)(1.0), TypeError, "jacobian"),
    "a string as the result": (lambda: grad(lambda x: "no")(1.0), TypeError, "string 'no'"),
    "None as the result": (lambda: grad(lambda x: None)(1.0), TypeError, "return"),
    "a bool as the result": (lambda: grad(lambda x: x > 0)(1.0), TypeError, "where"),
    "numpy's bool as the result": (lambda: grad(lambda x: np.bool_(True))(1.0), TypeError, "where"),
    "a complex number as the result": (lambda: grad(lambda x: 1j)(1.0), TypeError, "complex"),
    "a function as the result": (lambda: grad(lambda x: square)(1.0), TypeError, "square"),
    "jvp: a string as the result": (lambda: jvp(lambda x: "no", 1.0, 1.0), TypeError, "string 'no'"),
    "vjp: None as the result": (lambda: vjp(lambda x: None, 1.0), TypeError, "return"),
    "jvp: a list with None": (lambda: jvp(lambda x: [x, None], 1.0, 1.0), TypeError, "return|None"),
    "a string as the argument": (lambda: grad(square)("3"), TypeError, r"float\('3'\)"),
    "None as the argument": (lambda: grad(square)(None), TypeError, "None"),
    "a complex number as the argument": (lambda: grad(square)(1 + 2j), TypeError, "complex"),
    "an array of strings": (lambda: grad(square)(np.array(["a"])), TypeError, "string 'a'"),
    "an array of complex numbers": (lambda: grad(square)(np.array([1j])), TypeError, "complex"),
    "a dict as the argument": (lambda: grad(square)({"w": 1.0}), TypeError, "dict"),
    "a list with a string": (lambda: grad(square)([1.0, "2"]), TypeError, r"float\('2'\)"),
    "no argument": (lambda: grad(lambda x=1.0: x)(), (TypeError, ValueError), "argnums 0"),
    "argnums too large": (lambda: grad(square, 1)(1.0), (IndexError, ValueError), "argnums 1"),
    "argnums too small": (lambda: grad(square, -2)(1.0), (IndexError, ValueError), "argnums -2"),
    "argnums a string": (lambda: grad(square, "x")(1.0), TypeError, "argnums"),
    "argnums a float": (lambda: grad(square, 0.0)(1.0), TypeError, "argnums"),
    "argnums a bool": (lambda: grad(square, True)(1.0, 2.0), TypeError, "argnums"),
    "argnums None": (lambda: grad(square, None)(1.0), TypeError, "argnums"),
    "argnums the same twice": (lambda: grad(square, (0, 0))(1.0), ValueError, "twice"),
    "argnums the same twice, once negative": (lambda: grad(square, (0, -1))(1.0), ValueError, "twice"),
    "grad of no function": (lambda: grad(3.0), TypeError, "function"),
    "grad of a Value": (lambda: grad(Value(3.0) ** 2), TypeError, "gradients"),
    "grad of the value of a function": (lambda: grad(square(3.0)), TypeError, "function"),
    "jvp of no function": (lambda: jvp(3.0, 1.0, 1.0), TypeError, "function"),
    "vjp of no function": (lambda: vjp("f", 1.0), TypeError, "function"),
    "hvp of no function": (lambda: hvp(None, 1.0, 1.0), TypeError, "function"),
    "jvp: too short a direction": (lambda: jvp(sum, [1.0, 2.0], [1.0]), ValueError, "direction.*1.*2"),
    "jvp: a number for a list": (lambda: jvp(sum, [1.0, 2.0], 1.0), ValueError, "direction"),
    "jvp: a direction of another shape": (
        lambda: jvp(lambda x: x.sum(), np.ones((2, 3)), np.ones((3, 2))), ValueError, r"\(3, 2\).*\(2, 3\)|shape|form"),
    "jvp: another nesting": (
        lambda: jvp(lambda x: x[0][0], [[1.0, 2.0], [3.0]], [[1.0], [2.0, 3.0]]), ValueError, "form"),
    "jvp: the numbers of several arguments shared out otherwise": (
        lambda: jvp(lambda x, y: x[0] * y[0], ([1.0, 2.0], [3.0]), ([1.0], [2.0, 3.0])), ValueError, "form"),
    "hvp: too long a vector": (lambda: hvp(square, 1.0, [1.0, 2.0]), ValueError, "vector"),
    "hvp: a vector of another shape": (
        lambda: hvp(lambda x: x.sum(), np.ones((2, 3)), np.ones((3, 2))), ValueError, "form"),
    "vjp: too long a vector": (lambda: vjp(list_of_two, 1.0)[1]([1.0, 2.0, 3.0]), ValueError, "vector"),
    "vjp: a vector of another shape": (
        lambda: vjp(lambda x: x, np.ones((2, 3)))[1](np.ones((3, 2))), ValueError, "form"),
    "jvp: a string as the direction": (lambda: jvp(square, 1.0, "1"), TypeError, "direction"),
    "gradients by a number": (lambda: gradients(Value(1.0) * 2, [1.0]), TypeError, "Value"),
    "gradients of a number": (lambda: gradients(2.0, [Value(1.0)]), TypeError, "Value"),
    "gradients of a list": (lambda: gradients([Value(1.0)], [Value(1.0)]), TypeError, "Value"),
    "gradients of a function": (lambda: gradients(square, [Value(1.0)]), TypeError, "Value"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "error", "says"), BAD.values(), ids=BAD)
def test_bad_input_is_told_what_to_use_instead(call: Callable[[], Any], error: Any, says: str) -> None:
    with pytest.raises(error, match=says) as caught:
        call()
    assert len(str(caught.value)) > 20


def test_a_value_that_was_computed_under_no_grad_is_refused_by_gradients() -> None:
    x = Value(2.0)
    with no_grad():
        y = x * x
    with pytest.raises((RuntimeError, TypeError), match="no_grad"):
        gradients(y, [x])


def test_math_functions_inside_name_ours() -> None:
    with pytest.raises(NotANumberError, match=r"autograd\.exp"):
        grad(lambda x: math.exp(x))(1.0)
