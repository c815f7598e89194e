"""Values beside numpy: its scalars and arrays on either side, arrays of Values, its functions on them."""

from __future__ import annotations

import operator
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value

SCALARS = [np.float64(2.0), np.float32(2.0), np.int64(2), np.int8(2), np.uint16(2), np.bool_(True)]
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]


def values(numbers: Any) -> Any:
    """An object array of Values."""
    numbers = np.asarray(numbers, dtype=float)
    out = np.empty(numbers.shape, dtype=object)
    for index in np.ndindex(numbers.shape):
        out[index] = Value(numbers[index])
    return out


def data(array: Any) -> Any:
    return np.array([v.data for v in array.ravel()]).reshape(array.shape)


def grads(array: Any) -> Any:
    return np.array([v.grad for v in array.ravel()]).reshape(array.shape)


# --- scalars


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("operate", OPERATORS)
def test_numpy_scalars_on_either_side_are_numbers(scalar: Any, operate: Callable[[Any, Any], Any]) -> None:
    number = float(scalar)
    for numpys, plain in (
        (lambda a: operate(a, scalar), lambda a: operate(a, number)),
        (lambda a: operate(scalar, a), lambda a: operate(number, a)),
    ):
        a, b = Value(3.0), Value(3.0)
        out, expected = numpys(a), plain(b)
        assert type(out) is Value
        assert (out.data, out.op, out.local_grads, out.parents) == (
            expected.data,
            expected.op,
            expected.local_grads,
            (a,),
        )
        out.backward()
        expected.backward()
        assert a.grad == b.grad
        assert type(a.grad) is float


def test_numpy_scalars_in_functions_and_reductions() -> None:
    a = Value(3.0)
    two = np.float64(2.0)
    for out, expected in [
        (autograd.maximum(a, two), 3.0),
        (autograd.minimum(two, a), 2.0),
        (autograd.where(np.bool_(True), a, two), 3.0),
        (autograd.where(np.float64(3.0) > a, a, two * a), 6.0),
        (autograd.clip(a, np.int64(0), two), 2.0),
        (autograd.sum([a, two, np.int32(1)]), 6.0),
        (autograd.dot([a, two], np.array([2.0, 3.0]), two), 14.0),
        (autograd.hypot(np.float32(4), a), 5.0),
    ]:
        assert type(out) is Value
        assert out.data == expected


def test_in_place_operators_with_a_numpy_scalar() -> None:
    a = Value(3.0)
    b = a
    b += np.float64(1)
    b *= np.float32(2)
    assert type(b) is Value
    b.backward()
    assert a.grad == 2.0
    x = np.float64(2.0)
    x *= a  # type: ignore[misc]
    assert type(x) is Value
    assert x.data == 6.0


def test_a_label_that_is_multiplied_like_the_lectures_hinge_loss() -> None:
    """micrograd's demo: `1 + -yi*scorei` where yi comes out of a numpy array."""
    score = Value(0.5)
    for y in np.array([1, -1]):
        loss = (1 + -y * score).relu()
        assert type(loss) is Value
        assert loss.data == 1 - y * 0.5


# --- arrays of numbers


@pytest.mark.parametrize("operate", OPERATORS)
@pytest.mark.parametrize("shape", [(3,), (2, 3), (1,), (0,)])
def test_an_array_of_numbers_and_a_value_elementwise_both_orders(
    operate: Callable[[Any, Any], Any], shape: tuple[int, ...]
) -> None:
    array = np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape)
    v = Value(2.0)
    for out, expected in ((operate(array, v), operate(array, 2.0)), (operate(v, array), operate(2.0, array))):
        assert isinstance(out, np.ndarray)
        assert out.dtype == object
        assert out.shape == shape
        assert all(type(x) is Value and x.parents == (v,) for x in out.ravel())
        np.testing.assert_array_equal(data(out), expected)


def test_the_gradient_of_an_array_times_a_value() -> None:
    v = Value(2.0)
    (np.array([1.0, 2.0, 4.0]) * v).sum().backward()
    assert v.grad == 7.0
    v.zero_grad()
    (v / np.array([1.0, 2.0, 4.0])).sum().backward()
    assert v.grad == 1.75


def test_an_array_of_integers_too() -> None:
    v = Value(2.0)
    out = np.array([1, 2]) * v
    assert [type(x.data) for x in out] == [float, float]


def test_comparing_an_array_with_a_value_compares_each() -> None:
    v = Value(2.0)
    array = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(np.asarray(array > v, dtype=bool), [False, False, True])
    np.testing.assert_array_equal(np.asarray(array <= v, dtype=bool), [True, True, False])
    np.testing.assert_array_equal(np.asarray(array == v, dtype=bool), [False, True, False])
    np.testing.assert_array_equal(np.asarray(values(array) < v, dtype=bool), [True, False, False])
    np.testing.assert_array_equal(np.asarray(values(array) >= 2, dtype=bool), [False, True, True])


def test_comparing_a_numpy_scalar_with_a_value_warns_of_nothing() -> None:
    """`np.float64(nan) < 1.0` is False without a word, and so it is here."""
    nan = np.float64("nan")
    assert not nan < Value(1.0)
    assert not Value(1.0) < nan
    assert not nan >= Value(1.0)
    assert not np.float64(1.0) < Value(float("nan"))


# --- arrays of Values


def test_an_array_of_values_is_an_object_array() -> None:
    a, b = Value(1.0), Value(2.0)
    array = np.array([a, b])
    assert array.dtype == object
    assert array[0] is a
    assert np.array([[a, b], [b, a]]).shape == (2, 2)
    assert np.asarray(a).shape == ()


def test_it_is_never_turned_into_floats_unseen() -> None:
    a = Value(1.0)
    with pytest.raises((TypeError, ValueError)):
        np.array([a, a], dtype=float)
    with pytest.raises((TypeError, ValueError)):
        values([1.0]).astype(float)
    numbers = np.zeros(2)
    with pytest.raises((TypeError, ValueError)):
        numbers[0] = a
    assert numbers[0] == 0.0


@pytest.mark.parametrize("operate", OPERATORS)
def test_arrays_of_values_combine_elementwise(operate: Callable[[Any, Any], Any]) -> None:
    x, y = values([1.0, 2.0, 3.0]), values([2.0, 0.5, 4.0])
    out = operate(x, y)
    np.testing.assert_array_equal(data(out), operate(data(x), data(y)))
    np.testing.assert_array_equal(data(operate(x, 2.0)), operate(data(x), 2.0))
    np.testing.assert_array_equal(data(operate(2.0, x)), operate(2.0, data(x)))
    np.testing.assert_array_equal(data(operate(x, Value(2.0))), operate(data(x), 2.0))
    np.testing.assert_array_equal(data(operate(Value(2.0), x)), operate(2.0, data(x)))
    np.testing.assert_array_equal(data(operate(np.ones((2, 1)), x)), operate(np.ones((2, 1)), data(x)))


def test_negation_and_absolute_value_of_an_array() -> None:
    x = values([1.0, -2.0])
    np.testing.assert_array_equal(data(-x), [-1.0, 2.0])
    np.testing.assert_array_equal(data(abs(x)), [1.0, 2.0])


def test_matrix_products() -> None:
    A, B = values([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), values([[1.0, -1.0], [0.5, 2.0]])
    out = A @ B
    np.testing.assert_array_equal(data(out), data(A) @ data(B))
    (out * out).sum().backward()
    full = 2 * data(out)
    np.testing.assert_allclose(grads(A), full @ data(B).T, rtol=1e-14)
    np.testing.assert_allclose(grads(B), data(A).T @ full, rtol=1e-14)


def test_matrix_products_of_numbers_and_values() -> None:
    W = values([[1.0, 2.0], [3.0, 4.0]])
    X = np.array([[1.0, 0.5], [2.0, -1.0], [0.0, 3.0]])
    np.testing.assert_array_equal(data(X @ W), X @ data(W))
    np.testing.assert_array_equal(data(W @ X.T), data(W) @ X.T)
    out = W @ np.array([1.0, 2.0])
    assert out.shape == (2,)
    out[0].backward()
    np.testing.assert_array_equal(grads(W), [[1.0, 2.0], [0.0, 0.0]])


def test_dot_and_inner_products() -> None:
    x, y = values([1.0, 2.0, 3.0]), values([4.0, 5.0, 6.0])
    for out in (np.dot(x, y), x @ y, x.dot(y), np.inner(x, y), (x * y).sum()):
        assert type(out) is Value
        assert out.data == 32.0
    (x @ y).backward()
    np.testing.assert_array_equal(grads(x), [4.0, 5.0, 6.0])


def test_sum_mean_and_prod_of_arrays() -> None:
    x = values([[1.0, 2.0], [3.0, 4.0]])
    for out, number in (
        (x.sum(), 10.0),
        (np.sum(x), 10.0),
        (x.mean(), 2.5),
        (np.mean(x), 2.5),
        (x.prod(), 24.0),
        (np.trace(x), 5.0),
    ):
        assert type(out) is Value
        assert out.data == number
    np.testing.assert_array_equal(data(x.sum(axis=0)), [4.0, 6.0])
    np.testing.assert_array_equal(data(x.mean(axis=1)), [1.5, 3.5])
    np.testing.assert_array_equal(data(np.cumsum(x)), [1.0, 3.0, 6.0, 10.0])
    x.mean().backward()
    np.testing.assert_array_equal(grads(x), np.full((2, 2), 0.25))


def test_a_regression_written_with_numpy() -> None:
    """Mean squared error of X @ w, whose gradient is known in closed form."""
    X = np.array([[1.0, 2.0], [0.5, -1.0], [3.0, 0.25]])
    t = np.array([1.0, -1.0, 0.5])
    w = values([0.5, -0.25])
    loss = ((X @ w - t) ** 2).mean()
    loss.backward()
    np.testing.assert_allclose(grads(w), 2 / 3 * X.T @ (X @ data(w) - t), rtol=1e-14)


# --- numpy's functions

NAMES = {  # numpy's name: (ours, a point)
    "exp": ("exp", 0.5),
    "expm1": ("expm1", 0.5),
    "log": ("log", 0.5),
    "log1p": ("log1p", 0.5),
    "log2": ("log2", 0.5),
    "log10": ("log10", 0.5),
    "sqrt": ("sqrt", 0.5),
    "sin": ("sin", 0.5),
    "cos": ("cos", 0.5),
    "tan": ("tan", 0.5),
    "arcsin": ("asin", 0.5),
    "arccos": ("acos", 0.5),
    "arctan": ("atan", 0.5),
    "sinh": ("sinh", 0.5),
    "cosh": ("cosh", 0.5),
    "tanh": ("tanh", 0.5),
    "arcsinh": ("asinh", 0.5),
    "arccosh": ("acosh", 1.5),
    "arctanh": ("atanh", 0.5),
    "absolute": ("abs", -0.5),
    "fabs": ("abs", -0.5),
}


@pytest.mark.parametrize("name", NAMES)
def test_numpys_functions_of_an_array_of_values(name: str) -> None:
    ours, point = NAMES[name]
    x = values([[point], [point * 1.25 if abs(point) > 0 else 1.0]])
    out = getattr(np, name)(x)
    assert out.shape == (2, 1)
    np.testing.assert_allclose(data(out), getattr(np, name)(data(x)), rtol=2e-15)
    for v, leaf in zip(out.ravel(), x.ravel(), strict=True):
        assert type(v) is Value
        assert (v.op, v.parents) == (ours, (leaf,))
    out.sum().backward()
    for leaf in x.ravel():
        twin = Value(leaf.data)
        getattr(autograd, ours)(twin).backward()
        assert leaf.grad == twin.grad != 0.0


@pytest.mark.parametrize("name", NAMES)
def test_numpys_functions_of_one_value(name: str) -> None:
    ours, point = NAMES[name]
    x = Value(point)
    out = getattr(np, name)(x)
    assert type(out) is Value
    assert (out.op, out.parents) == (ours, (x,))


@pytest.mark.parametrize(("name", "ours"), [("arctan2", "atan2"), ("hypot", "hypot")])
def test_numpys_functions_of_two_arrays_of_values(name: str, ours: str) -> None:
    y, x = values([3.0, -1.0]), values([4.0, 2.0])
    out = getattr(np, name)(y, x)
    np.testing.assert_allclose(data(out), getattr(np, name)(data(y), data(x)), rtol=2e-15)
    assert [v.op for v in out] == [ours, ours]
    assert out[0].parents == (y[0], x[0])
    assert data(getattr(np, name)(y, 2.0)) == pytest.approx(getattr(np, name)(data(y), 2.0), rel=2e-15)
    assert type(getattr(np, name)(y[0], x[0])) is Value


def test_power_square_and_reciprocal() -> None:
    x = values([2.0, 4.0])
    np.testing.assert_array_equal(data(np.power(x, 2)), [4.0, 16.0])
    np.testing.assert_array_equal(data(np.square(x)), [4.0, 16.0])
    np.testing.assert_array_equal(data(np.add(x, 1)), [3.0, 5.0])
    np.testing.assert_array_equal(data(np.negative(x)), [-2.0, -4.0])


def test_our_functions_take_arrays_of_values_elementwise() -> None:
    x = values([[-1.0, 0.0], [0.5, 2.0]])
    out = autograd.relu(x)
    assert out.shape == (2, 2)
    np.testing.assert_array_equal(data(out), [[0.0, 0.0], [0.5, 2.0]])
    out = autograd.maximum(x, 0.25)
    np.testing.assert_array_equal(data(out), [[0.25, 0.25], [0.5, 2.0]])
    assert out[1, 1].parents == (x[1, 1],)


def test_our_functions_map_float_arrays_to_float_arrays() -> None:
    x = np.array([[-1.0, 0.0], [0.5, 2.0]])
    out = autograd.exp(x)
    assert out.dtype == np.float64
    np.testing.assert_allclose(out, np.exp(x), rtol=1e-15)


def test_numpys_maximum_of_values_names_our_function_in_the_documentation() -> None:
    """numpy decides np.maximum on object arrays by comparison: a tie gives the whole gradient to one of the two."""
    readme = Path(autograd.__file__).parents[1] / "README.md"
    documentation = (autograd.maximum.__doc__ or "") + (readme.read_text(encoding="utf-8") if readme.exists() else "")
    assert "np.maximum" in documentation


def test_importing_autograd_and_using_values_needs_no_numpy() -> None:
    program = """
import sys
sys.modules["numpy"] = None
from autograd import Value, exp, sum, softmax
x = Value(2.0)
y = exp(x) * 3 + sum(softmax([x, 1.0])) - x / 2
y.backward()
assert x == 2.0 and x != "a" and repr(x)
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(autograd.__file__).parents[1])
