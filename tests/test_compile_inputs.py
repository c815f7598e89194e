"""What a compiled function is given: numbers, lists and arrays of every form, shapes that change, and batches."""

from __future__ import annotations

import collections
import functools
import itertools
import warnings
from typing import Any

import numpy as np
import pytest
from side_by_side import XS, YS, agree, close, gradients, hold, recorded, right_or_refused

import autograd
import nn
from autograd import Value, tanh, where
from autograd.errors import NotANumberError

BACKENDS = ["numpy", "python"]


def rosenbrock(x: Any) -> Any:
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(x))


# Inputs are numbers, nested lists or arrays ---------------------------------------------------------------------------


def total(w: Value) -> Any:
    def walk(x: Any) -> Any:
        return sum((walk(item) for item in x), 0.0) if isinstance(x, (list, tuple, np.ndarray)) else w * x * x

    return walk


@pytest.mark.parametrize(
    "x",
    [
        2.5,
        3,
        True,
        -0.0,
        1e300,
        5e-324,
        2**60,
        np.float64(2.5),
        np.float32(1 / 3),
        np.int64(-4),
        np.bool_(True),
        [1.0, 2.0],
        (1.0, 2.0),
        [1, 2.5, True],
        [[1.0, 2.0], [3.0]],
        [[1.0], [], [2.0, [3.0, [4.0]]]],
        np.array([1.0, 2.0]),
        np.array([[1, 2], [3, 4]]),
        np.array([1 / 3, 2.0], dtype=np.float32),
        np.array([True, False]),
        np.ones((2, 0)),
        np.arange(24.0).reshape(2, 3, 4),
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12.0)[::-2],
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([1.0, 2.0], dtype=">f8"),
        np.broadcast_to(np.array([1.0, 2.0]), (3, 2)),
        functools.reduce(lambda x, _: [x], range(100), 2.0),
        [np.array([1.0, 2.0]), np.array([3.0])],
        [np.float64(1.0), 2],
    ],
)
def test_every_form_of_input(x):
    w = Value(0.5)
    f = total(w)
    program = agree(f, (x,), parameters=[w])
    assert recorded(program) == 1


@pytest.mark.parametrize("kind", [np.float32, np.float16, np.int64, bool])
def test_an_array_of_small_numbers_is_computed_with_in_full(kind):
    # numpy would multiply two float32 in float32; a Value is a float.
    w, x = Value(0.5), np.array([1 / 3, 1 / 7, 0]).astype(kind)
    numbers = [float(number) for number in x]
    program = autograd.compile(lambda x: w * (x[0] * x[1] + x[2]) + w * x.sum())
    for _ in range(2):
        assert close(program(x), 0.5 * (numbers[0] * numbers[1] + numbers[2]) + 0.5 * sum(numbers))


@pytest.mark.parametrize("kind", [np.uint8, np.int8])
def test_integers_that_overflow_in_numpy_are_refused_or_right(kind):
    # To numpy 120·100 + 7 is 231 in uint8, with a warning.
    w, x = Value(0.5), np.array([120, 100, 7]).astype(kind)
    assert close(autograd.compile(lambda x: sum(w * item for item in x))(x), 113.5)
    with warnings.catch_warnings(), right_or_refused("plain numbers"):
        warnings.simplefilter("ignore")
        assert close(autograd.compile(lambda x: w * (x[0] * x[1] + x[2]))(x), 6003.5)


def test_tuples_stay_tuples_and_lists_lists():
    w = Value(0.5)
    program = autograd.compile(lambda x: w * sum(x * 2) if isinstance(x, tuple) else w * sum(x * 3))
    assert program((1.0, 2.0)) == 3.0
    assert program([1.0, 2.0]) == 4.5
    assert program((2.0, 2.0)) == 4.0
    f = lambda x: sum(w * a * a for a in x * 2)  # noqa: E731 twice as long, or twice as large
    agree(f, ([1.0, 2.0],), (np.array([1.0, 4.0]),), ((1.0, 2.0),), (np.array([1.0, 2.0]),), parameters=[w])
    f = lambda x: sum(w * a * a for a in x[0] + x[1])  # noqa: E731
    agree(f, ([[1.0, 2.0], [3.0, 4.0]],), (np.array([[1.0, 2.0], [3.0, 4.0]]),), parameters=[w])
    agree(f, (np.array([[1.0, 2.0], [3.0, 4.0]]),), ([[1.0, 2.0], [3.0, 4.0]],), parameters=[w])
    point = collections.namedtuple("point", "x y")
    program = autograd.compile(lambda p: w * p.x - p.y)
    with right_or_refused("tuple", errors=(TypeError, AttributeError)):
        assert program(point(4.0, 2.0)) == 0.0


@pytest.mark.parametrize(
    "x", [np.ma.array([1.0, 2.0], mask=[False, True]), np.array([(1.0, 2)], dtype=[("a", "f8"), ("b", "i4")])]
)
def test_arrays_with_more_than_numbers_in_them_are_refused(x):
    with pytest.raises(TypeError, match=r"x"):
        autograd.compile(lambda x: sum(x))(x)


def test_an_array_is_read_as_it_is_at_each_call():
    w, x = Value(0.5), np.array([1.0, 2.0])
    program = autograd.compile(lambda x: w * x[0] * x[1])
    assert program(x) == 1.0
    x[0] = 10.0
    assert program(x) == 10.0
    assert program(x.astype(np.float32)) == 10.0
    assert program(list(x)) == 10.0
    assert x.tolist() == [10.0, 2.0]


def test_new_numbers_replay_and_a_new_shape_records_anew():
    w = Value(0.5)
    f = total(w)
    program = autograd.compile(f)
    hold(program, f, ([1.0, 2.0],), ([3.0, -4.0],), ([0.0, 1e5],), parameters=[w])
    assert recorded(program) == 1
    hold(program, f, ([1.0, 2.0, 3.0],), ([1.0, 2.0],), parameters=[w])
    assert recorded(program) == 2
    hold(program, f, ([[1.0, 2.0]],), ([[1.0], [2.0]],), ([1.0, 2.0, 3.0],), parameters=[w])
    assert recorded(program) == 4


def test_inputs_of_equal_count_and_other_nesting_are_not_confused():
    w = Value(3.0)

    def f(x: Any, y: Any) -> Any:
        return w * len(x) + sum(x) * 10 + sum(y) + len(y) * w * w

    agree(f, ([1.0], [2.0, 3.0]), ([1.0, 2.0], [3.0]), ([1.0], [2.0, 3.0]), ([], [1.0, 2.0, 3.0]), parameters=[w])


def test_an_empty_input_compiles():
    w, b = Value(3.0), Value(2.0)
    agree(lambda xs: autograd.sum([w * x for x in xs], b), ([],), ([1.0],), ([],), parameters=[w, b])
    program = autograd.compile(lambda xs: autograd.sum([w * x for x in xs], b))
    assert program.value_and_grad([]) == (2.0, [])
    assert close(autograd.compile(rosenbrock).hessian([1.0]), autograd.hessian(lambda x: x[0] * 0)([1.0]))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ((x for x in [1.0, 2.0]), r"generator.*list\("),
        (iter([1.0]), r"list\("),
        (map(abs, [1.0]), r"list\("),
        ({1.0, 2.0}, r"set"),
        ({"a": 1.0}, r"dict"),
        (None, r"None"),
        ("1.0", r"string"),
        ([1.0, "2.0"], r"string"),
        (b"12", r"b'12'|bytes"),
        (1j, r"complex"),
        (np.array([1j]), r"complex"),
        (object(), r"object"),
        ([1.0, [object()]], r"object"),
        (10**400, r"1\.8e308"),
        (np.array(["a"]), r"'a'|str|string"),
        (np.array([1.0, None], dtype=object), r"None|object"),
        (Value(1.0), r"Value"),
        ([1.0, Value(1.0)], r"Value"),
        (lambda: 1.0, r"function"),
    ],
)
def test_what_is_no_number_is_refused_by_the_name_of_the_input(wrong, says):
    w = Value(3.0)
    program = autograd.compile(lambda first, second: w * first)
    for inputs in ((1.0, wrong), (wrong, 1.0), (1.0, wrong)):
        with pytest.raises((NotANumberError, TypeError), match=says) as caught:
            program(*inputs)
        assert ("first" if inputs[0] is wrong else "second") in str(caught.value)
        assert program(2.0, 1.0) == 6.0


def test_a_changed_length_gives_the_right_result_or_the_error_of_the_function():
    w = Value(3.0)

    def f(xs: Any, ys: Any) -> Any:
        return sum(w * x * y for x, y in zip(xs, ys, strict=True))

    program = agree(f, ([1.0], [2.0]), ([1.0, 2.0], [3.0, 4.0]), ([1.0], [5.0]), parameters=[w])
    with pytest.raises(ValueError, match="zip"):
        program([1.0, 2.0], [3.0])
    assert program([1.0], [2.0]) == 6.0


# Cached by structure, max_recordings=64, one warning ------------------------------------------------------------------


def test_too_many_shapes_warn_once_and_name_the_input():
    w = Value(3.0)

    def f(fixed: Any, growing: Any) -> Any:
        return w * sum(fixed) * sum(growing)

    program = autograd.compile(f, max_recordings=4)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for n in [*range(1, 9), 1, 2, 8]:
            hold(program, f, ([1.0, 2.0], [1.0] * n), parameters=[w])
    assert len(seen) == 1, [str(warning.message) for warning in seen]
    message = str(seen[0].message)
    assert "growing" in message
    assert "fixed" not in message
    assert recorded(program) <= 4


def test_too_many_branches_warn_once_too():
    w = Value(3.0)

    def f(x: Any) -> Any:
        y = w * x
        n = 0
        while n < x:
            n += 1
            y = y + n * w
        return y

    program = autograd.compile(f, max_recordings=4)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for x in (0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 0.25, 6.75):
            hold(program, f, (x,), parameters=[w])
    assert len(seen) == 1, [str(warning.message) for warning in seen]
    assert recorded(program) <= 4


def test_64_recordings_are_kept_without_a_word():
    w = Value(3.0)
    program = autograd.compile(lambda xs: w * sum(xs), verify=False)
    assert program.max_recordings == 64
    for n in range(1, 65):
        program([1.0] * n)
    assert recorded(program) == 64
    with pytest.warns(UserWarning, match=r"xs"):
        program([1.0] * 65)


@pytest.mark.parametrize("wrong", [0, -1, 2.5, "many"])
def test_max_recordings_is_a_count(wrong):
    with pytest.raises((ValueError, TypeError), match="max_recordings"):
        autograd.compile(lambda x: x, max_recordings=wrong)


# batch=True -----------------------------------------------------------------------------------------------------------


def one_example() -> tuple[nn.MLP, Any]:
    model = nn.MLP(2, [4, 3, 1], activation="tanh", seed=3)

    def loss(x: Any, y: Any) -> Any:
        return (model(x) - y) ** 2, 1e-2 * sum(p * p for p in model.parameters())

    return model, loss


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_function_of_one_example_is_its_mean_over_many_and_the_penalty_counts_once(backend):
    model, loss = one_example()
    calls = [(XS, YS), (XS[::-1], YS), (np.array(XS), np.array(YS)), (XS[:1], YS[:1]), (XS * 5, YS * 5)]
    agree(loss, *calls, parameters=model.parameters(), batch=True, backend=backend)
    agree(lambda x, y: loss(x, y)[0], *calls, parameters=model.parameters(), batch=True, backend=backend)


def test_a_batch_is_what_the_unrolled_loss_says_and_steps_alike():
    (model, loss), (other, other_loss) = one_example(), one_example()
    program = autograd.compile(loss, batch=True, optimizer=nn.Adam(model.parameters(), lr=0.05))
    optimizer = nn.Adam(other.parameters(), lr=0.05)
    for step in range(20):
        # The size changes from step to step.
        xs, ys = XS[: 1 + step % 3], YS[: 1 + step % 3]
        pairs = [other_loss(x, y) for x, y in zip(xs, ys, strict=True)]
        expected = autograd.mean([a for a, _ in pairs]) + pairs[0][1]
        optimizer.zero_grad()
        expected.backward()
        optimizer.step()
        assert close(program.step(xs, ys), expected)
    assert close(list(model.state_dict().values()), list(other.state_dict().values()), 1e-11)


def test_a_batch_of_another_size_is_no_new_recording():
    w = Value(3.0)
    program = autograd.compile(lambda x: (w * x) ** 2, batch=True, max_recordings=2)
    for n in (1, 2, 3, 100, 1000, 7, 1):
        assert close(program(np.arange(float(n))), float(np.mean((3 * np.arange(float(n))) ** 2)))
    assert recorded(program) == 1


def test_a_huge_batch():
    w, b = Value(3.0), Value(-1.0)
    x = np.linspace(-2, 2, 200_001)
    program = autograd.compile(lambda x: tanh(w * x + b), batch=True)
    y = np.tanh(3 * x - 1)
    assert close(program.backward(x), float(y.mean()), 1e-11)
    assert close(gradients([w, b]), [float(((1 - y * y) * x).mean()), float((1 - y * y).mean())], 1e-11)


def test_gradients_by_the_inputs_of_a_batch_have_one_row_an_example():
    w = Value(3.0)

    def f(x: Any, y: Any) -> Any:
        return w * x[0] * x[1] * y, w * w

    program = autograd.compile(f, batch=True)
    xs, ys = np.array([[1.0, 2.0], [3.0, 4.0]]), [5.0, 6.0]
    value, (by_x, by_y) = program.value_and_grad(xs, ys)
    assert close(value, 3.0 * (10 + 72) / 2 + 9)
    assert close(by_x, [[15.0, 7.5], [36.0, 27.0]])
    assert close(by_y, [3.0, 18.0])
    assert isinstance(by_x, np.ndarray)
    assert isinstance(by_y, list)


@pytest.mark.parametrize(
    "inputs",
    [([1.0, 2.0], [1.0]), ([], []), (1.0, 2.0), ([1.0], 2.0), (np.ones((2, 3)), np.ones(3)), (np.ones(()), [1.0])],
)
def test_a_batch_without_equally_many_examples_is_refused(inputs):
    w = Value(3.0)
    program = autograd.compile(lambda x, y: w * y, batch=True)
    with pytest.raises((NotANumberError, ValueError), match=r"batch=True.*example"):
        program(*inputs)
    assert program([1.0], [2.0]) == 6.0


def test_a_ragged_batch_is_right_or_refused():
    w = Value(3.0)
    program = autograd.compile(lambda x: w * sum(x) * len(x), batch=True)
    ragged = [[1.0, 2.0], [3.0]]
    with pytest.raises((NotANumberError, ValueError), match=r"batch=True"):
        program(ragged)
    assert program([[1.0, 2.0], [3.0, 4.0]]) == 30.0


def test_a_penalty_that_depends_on_the_inputs_is_refused():
    # It would be another number for each example, and which counts is nowhere said.
    w = Value(3.0)
    for penalty in (lambda x: w * x, lambda x: where(x > 0, w, 0.0), lambda x: w if x > 0 else w * 2):
        program = autograd.compile(lambda x, p=penalty: (w * x, p(x)), batch=True)
        with pytest.raises((ValueError, RuntimeError), match=r"penalty|example"):
            program([1.0, -2.0])


def test_a_batch_where_examples_take_different_branches_is_right_or_an_error():
    w, u = Value(3.0), Value(-2.0)

    def f(x: Any) -> Any:
        return w * x if x > 0 else u * x * x

    program = autograd.compile(f, batch=True)
    hold(program, f, ([1.0, 2.0],), ([-1.0, -3.0],), parameters=[w, u])
    for xs in ([1.0, -2.0], [-1.0, 2.0, 3.0]):
        with right_or_refused("where"):
            hold(program, f, (xs,), parameters=[w, u])
    hold(program, f, ([4.0, 2.0],), parameters=[w, u])
    agree(lambda x: where(x > 0, w * x, u * x * x), ([1.0, -2.0],), ([-1.0, 0.0],), parameters=[w, u], batch=True)


def test_branches_on_parameters_in_a_batch_and_in_its_penalty():
    w, u = Value(3.0), Value(-2.0)

    def f(x: Any) -> Any:
        return (w * x if w > 0 else u * x), (w * w if u > 0 else u * u)

    program = autograd.compile(f, batch=True)
    for a, b in ((3.0, -2.0), (-3.0, -2.0), (-3.0, 2.0), (3.0, 2.0)):
        w.data, u.data = a, b
        hold(program, f, ([1.0, 2.0, 5.0],), ([-1.0],), parameters=[w, u])


@pytest.mark.parametrize(
    "f",
    [
        lambda x, w: w * 2.0,
        lambda x, w: w,
        lambda x, w: x,
        lambda x, w: 3.0,
        lambda x, w: (w * x, 0.5),
        lambda x, w: (w * x, w),
        lambda x, w: (w * x, w.detach() * 2),
        lambda x, w: (0.5, w * w),
        lambda x, w: (x, w),
        lambda x, w: (w * x.detach() if isinstance(x, Value) else w * x, w * 0),
    ],
)
def test_the_simplest_functions_of_one_example(f):
    w = Value(3.0)
    agree(lambda x: f(x, w), ([1.0, 2.0, 4.0],), ([-1.0],), ([5.0, 6.0],), parameters=[w], batch=True)


def test_what_python_does_with_an_integer_of_each_example_is_right_or_refused():
    w, u = Value(3.0), Value(-2.0)
    for f in (lambda x, n: sum((w * x for _ in range(n)), u), lambda x, k: {0: w, 1: u, 2: w * u, 3: u}[k] * x):
        program = autograd.compile(f, batch=True)
        for integers in ([2, 2], [2, 3], [3, 3], [0, 2], [2, 2]):
            with right_or_refused("batch"):
                hold(program, f, ([1.0, 2.0], integers), parameters=[w, u])


@pytest.mark.parametrize("result", [lambda x: (x, x, x), lambda x: None, lambda x: (x,), lambda x: "x"])
def test_a_batched_function_returns_a_loss_or_a_loss_and_a_penalty(result):
    w = Value(3.0)
    with pytest.raises((NotANumberError, TypeError, ValueError), match=r"return"):
        autograd.compile(lambda x: result(w * x), batch=True)([1.0, 2.0])


def test_a_batch_has_no_hessian_and_says_so():
    with pytest.raises(TypeError, match="batch"):
        autograd.compile(lambda x: x * x, batch=True).hessian([1.0, 2.0])
