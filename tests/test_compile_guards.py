"""`autograd.compile` is right, or an error, never silently wrong: where Python looks at data while it is recorded."""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import math
import operator
import random
import time
from typing import Any

import numpy as np
import pytest
from side_by_side import agree, clear, close, eagerly, gradients, hold, recorded, right_or_refused

import autograd
from autograd import Value, clip, exp, log, logsumexp, maximum, minimum, relu, sqrt, tanh, where, xlogy
from autograd.errors import NotANumberError, RecordingError

max_, min_, sum_, abs_, round_ = max, min, sum, abs, round
EDGES = [1.0, -2.0, 0.0, -0.0, 3.5, math.inf, -math.inf, math.nan, 5e-324]


def leaves() -> tuple[Value, Value]:
    return Value(3.0), Value(-2.0)


def explained(error: Exception) -> bool:
    """Whether an error names the user's line, or is what the check says of a function that treats Values otherwise."""
    return "test_compile_guards.py:" in str(error) or "than with plain numbers" in str(error)


def right_or_error(f: Any, *calls: tuple[Any, ...], parameters: Any = ()) -> int:
    """Each call equals the eager one, or is an error of the recording with the user's line; how many were right."""
    program, right = autograd.compile(f), 0
    for inputs in [*calls, *calls]:
        try:
            value = program(*inputs)
        except TypeError:
            continue  # as Python says it, with its line
        except RecordingError as error:
            if not explained(error):
                raise
            continue
        expected, expected_gradients = eagerly(f, inputs, parameters)
        assert close(value, expected), (inputs, value, expected)
        clear(parameters)
        program.backward(*inputs)
        assert close(gradients(parameters), expected_gradients), (inputs, gradients(parameters), expected_gradients)
        clear(parameters)
        right += 1
    return right


# A branch is re-checked on every call ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "condition",
    [
        lambda x, w: x > 0,
        lambda x, w: x >= 0,
        lambda x, w: x < 1,
        lambda x, w: x <= 1,
        lambda x, w: x > 3,
        lambda x, w: 0 < x,  # noqa: SIM300 both ways round
        lambda x, w: 0 < x < 3,
        lambda x, w: x,
        lambda x, w: not x,
        lambda x, w: not x > 0,
        lambda x, w: bool(x),
        lambda x, w: x == 1.0,
        lambda x, w: x != 1.0,
        lambda x, w: x == 1,
        lambda x, w: x in (1.0, 3.5),
        lambda x, w: x not in [0.0, -2.0],
        lambda x, w: x > 0 and x < 2,
        lambda x, w: x > 0 or x == -2,
        lambda x, w: (x > 0) & (x < 2),
        lambda x, w: (x > 0) | (x < -1),
        lambda x, w: (x > 0) ^ (x > 2),
        lambda x, w: x > w,
        lambda x, w: w > x,
        lambda x, w: x * w > 3,
        lambda x, w: tanh(x) * w < 2.5,
        lambda x, w: x * w == 3.0,
        lambda x, w: x * w != 3.0,
        lambda x, w: w * x,
        lambda x, w: abs_(x) > 1,
        lambda x, w: max_(x, 2 * w / 3) > x,
        lambda x, w: any(y > 0 for y in (x, x - 2)),
        lambda x, w: all(y > 0 for y in (x, x - 2)),
        lambda x, w: [y for y in (x, -x) if y > 0],
        lambda x, w: min_([x, -x, w - 3]) == x,
        lambda x, w: autograd.equal(x, 1.0),
        lambda x, w: operator.gt(x, 0),
        lambda x, w: x > np.float64(0.5),
        lambda x, w: np.float64(0.5) < x,
        lambda x, w: x.__gt__(0.5),
        lambda x, w: (x > 0) == (w > 0),
        lambda x, w: {True: 1, False: 0}[bool(x > 0)],
        lambda x, w: [0, 1][x > 0],
        lambda x, w: (x > 0) + (x > 2) >= 1,
        lambda x, w: sum_([x > 0, x > 2, x > -1]) > 1,
        lambda x, w: (x > 0) * 1.0 > 0.5,
        lambda x, w: int(x > 0) == 1,
    ],
)
def test_a_branch_goes_the_way_of_the_numbers_of_the_call(condition):
    w, u = leaves()

    def f(x: Any) -> Any:
        return w * x if condition(x, w) else u * x * x + w

    right = right_or_error(f, *[(x,) for x in EDGES], parameters=[w, u])
    first = right_or_error(f, *[(x,) for x in reversed(EDGES)], parameters=[w, u])
    # What is plain Python on two numbers must work, not only be refused.
    assert right == first
    assert right in (0, 2 * len(EDGES))


MUST_WORK = [
    lambda x, w: x > 0,
    lambda x, w: x,
    lambda x, w: not x > 0,
    lambda x, w: x == 1.0,
    lambda x, w: x != 1.0,
    lambda x, w: 0 < x < 3,
    lambda x, w: x in (1.0, 3.5),
    lambda x, w: x > w,
    lambda x, w: x * w > 3,
    lambda x, w: x > 0 and x < 2,
    lambda x, w: x > 0 or x == -2,
    lambda x, w: (x > 0) & (x < 2),
    lambda x, w: any(y > 0 for y in (x, x - 2)),
    lambda x, w: max_(x, 2 * w / 3) > x,
]


@pytest.mark.parametrize("condition", MUST_WORK)
@pytest.mark.parametrize("backend", ["numpy", "python"])
def test_branches_by_comparison_are_guards_and_work(condition, backend):
    w, u = leaves()

    def f(x: Any) -> Any:
        return w * x if condition(x, w) else u * x * x + w

    program = agree(f, *[(x,) for x in EDGES], *[(x,) for x in EDGES], parameters=[w, u], backend=backend)
    assert recorded(program) <= 4


def test_branches_that_were_recorded_are_kept():
    w, u = leaves()
    runs: list[int] = []

    def f(x: Any) -> Any:
        runs.append(1)
        return w * x if x > 0 else u * x

    program = autograd.compile(f)
    hold(program, f, (1.0,), (-1.0,), parameters=[w, u])
    runs.clear()
    for k in range(50):
        assert program(float(k - 25)) == (3.0 if k > 25 else -2.0) * (k - 25)
    assert not runs


def test_a_guard_on_a_parameter_is_checked_when_the_parameter_changes():
    w, u = leaves()

    def f(x: Any) -> Any:
        if w > 0:
            return w * x
        return u * x if u < -1 else w * u * x

    program = autograd.compile(f)
    for a, b in ((3.0, -2.0), (-3.0, -2.0), (-3.0, 2.0), (3.0, 2.0), (0.0, -1.0), (math.nan, math.nan)):
        w.data, u.data = a, b
        hold(program, f, (2.0,), (-1.0,), parameters=[w, u])


def test_a_guard_on_a_parameter_that_training_itself_flips():
    import nn

    def make() -> tuple[Any, Any]:
        w = Value(1.0)
        return w, lambda x: (w - x) ** 2 if w > 0 else (w + x) ** 2 * 0.5

    (w, f), (v, g) = make(), make()
    mine, theirs = nn.SGD([w], lr=0.3), nn.SGD([v], lr=0.3)
    program = autograd.compile(f, optimizer=mine)
    for x in (-2.0, -2.0, -2.0, 3.0, -3.0, -3.0, -1.0, 0.5, 0.5):
        loss = g(x)
        theirs.zero_grad()
        loss.backward()
        theirs.step()
        assert close(program.step(x), loss)
        assert close((w.data, w.grad), (v.data, v.grad))


def test_guards_in_loops_and_far_down():
    w, u = leaves()

    def newton(x: Any) -> Any:
        y = x
        for _ in range(50):
            step = (y * y - x * w) / (2 * y)
            y = y - step
            if abs_(step) < 1e-6:
                break
        return y + u

    def collatz(x: Any) -> Any:
        steps, y = 0, w * x
        while y < 100:
            y = y * 2 + 1
            steps += 1
        return y * steps * u

    for f in (newton, collatz):
        agree(f, (2.0,), (10.0,), (200.0,), (2.5,), (1e-3,), (2.0,), parameters=[w, u])


@pytest.mark.parametrize(
    "f",
    [
        lambda xs, w, u: sum_(w * (i + 1) * x for i, x in enumerate(sorted(xs))),
        lambda xs, w, u: sum_(w * (i + 1) * x for i, x in enumerate(sorted(xs, reverse=True))),
        lambda xs, w, u: sum_((i + 1) * x for i, x in enumerate(sorted([w * x for x in xs]))),
        lambda xs, w, u: sum_((i + 1) * x * w for i, x in enumerate(sorted(xs, key=lambda x: -x * x))),
        lambda xs, w, u: max_(xs) * w + min_(xs) * u,
        lambda xs, w, u: max_([w * x for x in xs]) - min_([u * x for x in xs]),
        lambda xs, w, u: max_(xs, key=lambda x: w * x) * u,
        lambda xs, w, u: max_(enumerate(xs), key=operator.itemgetter(1))[0] * w + u,
        lambda xs, w, u: w * sum_(x > 0 for x in xs) + u,
        lambda xs, w, u: w * len([x for x in xs if x > 0]) + u,
        lambda xs, w, u: sum_(w * x for x in xs if x > 0) + u,
        lambda xs, w, u: sum_(w * x for x in itertools.takewhile(lambda x: x > 0, xs)) + u,
        lambda xs, w, u: functools.reduce(lambda a, b: a if a > b else b, [w * x for x in xs]) * u,
        lambda xs, w, u: w * xs.index(max_(xs)) + u,
        lambda xs, w, u: w * xs.count(xs[0]) + u,
        lambda xs, w, u: w * (xs[0] == xs[1]) + u,
        lambda xs, w, u: w if xs[0] == xs[1] else u,
        lambda xs, w, u: w if xs[0] != xs[1] else u,
        lambda xs, w, u: w if xs[2] in xs[:2] else u,
        lambda xs, w, u: w if xs == sorted(xs) else u,
        lambda xs, w, u: w if xs[:2] < xs[1:] else u,
        lambda xs, w, u: w if (xs[0], 1) < (xs[1], 0) else u,
        lambda xs, w, u: autograd.max(xs) * w,
        lambda xs, w, u: logsumexp([x * w - max_(xs) for x in xs]) + u,
        lambda xs, w, u: where(max_(xs) > 2, w, u),
    ],
)
def test_sorting_and_choosing_by_comparison(f):
    w, u = leaves()
    lists = [[1.0, 3.0, 2.0], [3.0, 1.0, 2.0], [1.0, 1.0, 0.0], [-1.0, -1.0, -1.0], [1.0, 2.0, 3.0], [2.0, 5.0, 2.0]]
    agree(lambda xs: f(xs, w, u), *[(xs,) for xs in lists + lists[::-1]], parameters=[w, u])


@pytest.mark.parametrize(
    "f",
    [
        lambda x, w, u: X_max(x) * w,
        lambda x, w, u: w * int(x.argmax()) + u,
        lambda x, w, u: sum_(w * y for y in x[x > 0]) + u,
        lambda x, w, u: sum_(np.where(x > 0, x * w, u)),
        lambda x, w, u: w * x.std() + u,
        lambda x, w, u: w * (x > 0).sum() + u,
        lambda x, w, u: w if (x > 0).all() else u,
        lambda x, w, u: w if np.any(x > 2) else u,
        lambda x, w, u: (np.sort(x) * np.array([w, u, 1.0])).sum(),
        lambda x, w, u: (x.clip(0, 1) * w).sum(),
        lambda x, w, u: np.maximum(x, 0).sum() * w,
        lambda x, w, u: np.abs(x).sum() * w,
        lambda x, w, u: np.linalg.norm(x) * w,
        lambda x, w, u: (x.astype(float) * w).sum(),
        lambda x, w, u: (np.asarray(x, dtype=float) * w).sum(),
        lambda x, w, u: x.tolist()[0] * w,
        lambda x, w, u: (x.copy() * w).sum(),
        lambda x, w, u: np.isnan(x).sum() * w + u,
        lambda x, w, u: np.unique(x).size * w,
        lambda x, w, u: (x / x.max() * w).mean(),
        lambda x, w, u: np.exp(x - x.max()).sum() * w,
        lambda x, w, u: (np.round(x) * w).sum(),
        lambda x, w, u: (x // 1 * w).sum(),
        lambda x, w, u: np.cumsum(x)[1] * w,
        lambda x, w, u: np.prod(x) * w,
        lambda x, w, u: x.dot(np.array([w, u, w])),
        lambda x, w, u: float(x[0]) * w,
        lambda x, w, u: x.sum().item() * w if hasattr(x.sum(), "item") else w,
        lambda x, w, u: w * x.astype(int).sum(),
        lambda x, w, u: w * np.array_equal(x, x[::-1]) + u,
        lambda x, w, u: np.median(x) * w,
        lambda x, w, u: np.array(x, dtype=np.float32).sum() * w,
    ],
)
def test_what_numpy_does_with_an_array_is_right_or_an_error(f):
    w, u = leaves()
    arrays = [[1.0, 3.0, 2.0], [3.0, 1.0, 2.5], [1.0, -1.0, 1.0], [-1.0, -1.5, -1.0], [3.0, 1.0, 3.0]]
    program = autograd.compile(lambda x: f(x, w, u))
    for numbers in arrays + arrays[::-1]:
        x = np.array(numbers)
        try:
            value = program(x)
        except (RuntimeError, TypeError, AttributeError, ValueError):
            continue  # refused is as good
        expected, expected_gradients = eagerly(lambda x: f(x, w, u), (x,), [w, u])
        assert close(value, expected), (numbers, value, expected)
        clear([w, u])
        program.backward(x)
        assert close(gradients([w, u]), expected_gradients), (numbers, gradients([w, u]), expected_gradients)


def X_max(x: Any) -> Any:
    return x.max()


# Or it raises at recording, with the user's line and the line to write instead ----------------------------------------


@pytest.mark.parametrize(
    "look",
    [
        lambda x, w: w * (w * x).data,
        lambda x, w: w * (w * x).item(),
        lambda x, w: w.data * x,
        lambda x, w: w.item() * x,
        lambda x, w: w * x / abs_(w.data),
        lambda x, w: w * (x + w).detach().data,
        lambda x, w: w * {"9.0": 2.0}.get(f"{w * x:.1f}", 5.0),
        lambda x, w: w * len(f"{x * w}"),
        lambda x, w: w * len(str(x * w)),
        lambda x, w: w * len(repr(w * x)),
        lambda x, w: w * len("%s" % (w * x,)),  # noqa: UP031 that is what is tested
        lambda x, w: w * len(f"{x}"),
        lambda x, w: w * len(str(x)),
        lambda x, w: w * {3.0: 2.0}.get(x, 5.0),
        lambda x, w: w * len({x, 3.0}),
        lambda x, w: w * hash(x),
        lambda x, w: w * int(x),
        lambda x, w: w * float(x),
        lambda x, w: w * round_(x),
        lambda x, w: w * round_(x, 1),
        lambda x, w: w * math.exp(x / 1e3),
        lambda x, w: w * math.floor(x),
        lambda x, w: w * math.ceil(x),
        lambda x, w: w * (x % 3),
        lambda x, w: w * (x // 2),
        lambda x, w: w * divmod(x, 2)[0],
        lambda x, w: w * math.isnan(x),
        lambda x, w: w * x.is_integer(),
        lambda x, w: w * x.hex().count("0"),
        lambda x, w: w * x.as_integer_ratio()[0],
        lambda x, w: w * complex(x).real,
        lambda x, w: w * (2.0 if isinstance(x, float) else 5.0) * x,
        lambda x, w: w * (2.0 if type(x) is float else 5.0) * x,
        lambda x, w: w * (5.0 if isinstance(x, Value) else 2.0) * x,
        lambda x, w: w * np.float64(x),
        lambda x, w: w * np.array([x]).sum(),
        lambda x, w: w * np.array([x], dtype=float)[0],
        lambda x, w: w * float(f"{float(x):.3f}"),
        lambda x, w: w * x.real,
        lambda x, w: w * x.conjugate(),
        lambda x, w: w * w.grad + w * x,
        lambda x, w: w * x + w.computed,
        lambda x, w: w * x * (w * x).local_grads[0],
        lambda x, w: w * autograd.grad(lambda z: z * z * w)(x),
        lambda x, w: w * autograd.value_and_grad(lambda z: z * z * w)(x)[1],
        lambda x, w: w * autograd.hessian(lambda z: z[0] ** 3)([x])[0][0],
        lambda x, w: (w * x).backward() or w * w.grad,
        lambda x, w: w * autograd.gradients(w * w * x, [w])[0],
        lambda x, w: autograd.jvp(lambda z: z * z * w, x, 1.0)[1] * w,
        lambda x, w: w * x * autograd.gradcheck(lambda z: z * z, 1.0),
        lambda x, w: w * Value((w * x).data),
        lambda x, w: w * Value(x),
        lambda x, w: Value(w) * x,
        lambda x, w: w * [1.0, 2.0, 3.0, 4.0][int(x > 2) + (x > 3)],
        lambda x, w: w * [1.0, 2.0, 3.0, 4.0][(x > 2) + (x > 3)],
        lambda x, w: w * bytes(3)[x > 2] + w * x,
        lambda x, w: w * sum_([x, x, 1], 0.5),
        lambda x, w: w * math.fsum([x, x, 1]),
        lambda x, w: w * pow(x, 2),
        lambda x, w: w * 2.0**x,
        lambda x, w: w * max_(x, 0),
        lambda x, w: w * np.maximum(x, 0),
        lambda x, w: w * np.sign(x),
        lambda x, w: w * np.floor(x),
        lambda x, w: w * np.heaviside(x, 1.0),
        lambda x, w: w * np.isnan(x),
        lambda x, w: w * np.clip(x, 0, 1),
        lambda x, w: w * math.dist([x], [0.0]),
        lambda x, w: w * math.hypot(x, 1.0),
        lambda x, w: w * range(5)[int(x > 2)],
        lambda x, w: w * eval("x + 1", {"x": x}),
    ],
)
def test_a_look_at_the_number_is_right_or_an_error_with_the_line(look):
    w, _ = leaves()
    for numbers in ([3.0, 1.5, 7.25, 3.0, -2.0], [7.25, 3.0, 1.0]):
        program = autograd.compile(lambda x: look(x, w))
        for x in numbers:
            try:
                value = program(x)
            except (TypeError, AttributeError):
                continue  # as Python says it, with its line
            except RecordingError as error:
                if not explained(error):
                    raise
                continue
            clear([w])
            expected, expected_gradients = eagerly(lambda x: look(x, w), (x,), [w])
            assert close(value, expected), (x, value, expected)
            clear([w])
            program.backward(x)
            assert close(gradients([w]), expected_gradients), (x, w.grad, expected_gradients)
            clear([w])


@pytest.mark.parametrize(
    ("look", "says"),
    [
        (lambda x, w: w * (w * x).data, [".data", "detach", "where"]),
        (lambda x, w: w * (w * x).item(), [".item()", "detach", "where"]),
        (lambda x, w: w.data * x, [".data", "detach"]),
        (lambda x, w: w * math.exp(x), ["autograd.exp"]),
        (lambda x, w: w * float(x), ["float"]),
        (lambda x, w: w * int(x), ["int"]),
    ],
)
def test_the_error_names_what_was_used_and_what_to_write(look, says):
    w, _ = leaves()
    with pytest.raises((RecordingError, NotANumberError)) as caught:
        autograd.compile(lambda x: look(x, w))(2.0)
    for word in [*says, "test_compile_guards.py:"]:
        assert word in str(caught.value)
    # And recording is over.
    assert (w * 2).item() == 6.0
    assert f"{w.data:.1f}" == "3.0"


def test_numbers_computed_without_a_graph_are_no_constants():
    w, u = leaves()

    def statistics(x: Any) -> Any:
        with autograd.no_grad():
            c = w * x
        return c * u * w

    def read(x: Any) -> Any:
        with autograd.no_grad():
            return_of = w * x
        return u * return_of.data * w

    for f in (statistics, read):
        right_or_error(f, (5.0,), (7.25,), (-1.0,), parameters=[w, u])


def test_detach_is_followed():
    w, u = leaves()
    agree(lambda x: (w * x).detach() * w, (5.0,), (7.25,), parameters=[w])
    agree(lambda x: sum_((w * k - (w * x).detach()) ** 2 for k in range(3)), (5.0,), (7.25,), parameters=[w])
    agree(lambda x: w.detach() * u * x, (5.0,), (7.25,), parameters=[w, u])
    agree(lambda x: tanh((u * x).detach() * w) * u.detach(), (0.5,), (-0.25,), parameters=[w, u])
    program = autograd.compile(lambda x: w.detach() * u * x)
    assert program(1.0) == -6.0
    w.data = 10.0
    assert program(1.0) == -20.0
    right_or_error(lambda x: w * x if (w * x).detach() > 3 else u, (5.0,), (0.5,), parameters=[w, u])
    agree(lambda x: w * x.detach() if isinstance(x, Value) else w * x, (5.0,), (7.25,), parameters=[w])


def test_detach_of_an_input_has_no_gradient():
    def f(x: Any) -> Any:
        return (x * x).detach() * x

    program = autograd.compile(f)
    for x in (2.0, 3.0):
        assert close(program.value_and_grad(x), (x**3, x**2))


# While recording, a comparison is a condition that where() accepts as data --------------------------------------------


@pytest.mark.parametrize("backend", ["numpy", "python"])
@pytest.mark.parametrize(
    "f",
    [
        lambda x, w, u: where(x > 0, w, u),
        lambda x, w, u: where(x > 0, u, w),
        lambda x, w, u: where(x >= 0, w * x, u * x),
        lambda x, w, u: where(0 < x, w, u),  # noqa: SIM300
        lambda x, w, u: where(w * x > u, w, u * w),
        lambda x, w, u: where(x == 1.0, w, u),
        lambda x, w, u: where(x != 1.0, w, u),
        lambda x, w, u: where(autograd.equal(x, 1.0), w, u),
        lambda x, w, u: where((w * x > 0) & (w * x < 9), w, u),
        lambda x, w, u: where((w * x > 0) | (u * x > 3), w, u),
        lambda x, w, u: where((x > 0) & (x < 2), w * x, where((x < 0) | (x == 3.5), u, w * u)),
        lambda x, w, u: where(x > 0, log(w * x), u * x),
        lambda x, w, u: where(x > 0, log(w * x) * u, w * u),
        lambda x, w, u: where(x > 0, sqrt(w * x), 0.0 * u),
        lambda x, w, u: where(x > 0, 1.0, exp(-w * x * 1e3)),
        lambda x, w, u: where(x * w != 0, 1.0 / (w * x), u),
        lambda x, w, u: where(w * x > 0, xlogy(w, w * x), u) * w,
        lambda x, w, u: where(x > 1e9, w * math.inf, u),
        lambda x, w, u: where(x > 1e9, w * math.nan, u) + w,
        lambda x, w, u: maximum(w * x, u) + minimum(w, u * x),
        lambda x, w, u: maximum(w * x, 3.0) * minimum(3.0, w * x),
        lambda x, w, u: clip(w * x, u, w) + clip(w * x, -1, 3),
        lambda x, w, u: relu(w * x) + relu(u * x),
        lambda x, w, u: abs_(w * x) + autograd.abs(u * x),
        lambda x, w, u: maximum(log(w * x), u),
        lambda x, w, u: where(x > 0, w, w) - where(x > 0, 0.0, u),
        lambda x, w, u: where(True, w * x, u) + where(False, w, u * x) + where(1, w, u),
        lambda x, w, u: w * x * (x > 0) + u,
        lambda x, w, u: where(x > 0, w, u) if x < 3 else where(x < 5, u, w * x),
        lambda x, w, u: w * x / (w * x),
        lambda x, w, u: log(w * x) * 0.0 + u,
        lambda x, w, u: exp(w * x * 1e3) * 0.0 + u,
        lambda x, w, u: logsumexp([w * x, u * x, w]),
        lambda x, w, u: (w * x) ** 2 + (w * x) ** 0.5 + (w * x) ** 0 + (w * x) ** -1,
        lambda x, w, u: (w * x + 0.0) ** (u * u),
        lambda x, w, u: sum_([w * x, -w * x, u, x]) * 0.5,
        lambda x, w, u: autograd.hypot(w * x, u * x),
    ],
)
def test_where_selects_and_what_is_not_chosen_is_dead(f, backend):
    w, u = leaves()
    calls = [(x,) for x in EDGES] + [(x,) for x in reversed(EDGES)]

    def of_value(x: Any) -> Any:
        return f(x + 0.0 * w.detach(), w, u)  # eagerly IEEE rules hold for Values, Python's for plain floats

    program = autograd.compile(of_value, backend=backend)
    for inputs in calls:
        try:
            hold(program, of_value, inputs, parameters=[w, u])
        except ZeroDivisionError:
            with pytest.raises(ZeroDivisionError):
                eagerly(of_value, inputs, [w, u])


def test_where_in_a_batch_chooses_for_each_example():
    w, u = leaves()
    xs = [1.0, -2.0, 0.0, 3.5, -0.0, 1e-300]

    def f(x: Any) -> Any:
        return where(x > 0, log(w * x) * u, w * x), where(w > 0, w * w, u)

    agree(f, (xs,), (xs[::-1],), ([-1.0],), ([2.0, 2.0],), parameters=[w, u], batch=True)
    program = autograd.compile(f, batch=True)
    program(xs)
    w.data = -3.0
    hold(program, f, (xs,), parameters=[w, u])


def test_conditions_are_negated_and_joined():
    # Eagerly a comparison is a bool, of which Python makes -2 or -1 by ~; so what is meant is written out beside it.
    w, u = leaves()
    for f, meant in (
        (lambda x: where(~(x > 0), w, u * x), lambda x: where(x > 0, u * x, w)),
        (lambda x: where(~(w * x > 0) | (x > 3), w, u * x), lambda x: where((w * x > 0) & (x <= 3), u * x, w)),
        (lambda x: w if ~(x > 0) & (x < 5) else u * x, lambda x: w if not x > 0 else u * x),
    ):
        program = autograd.compile(f)
        hold(program, meant, *[(x,) for x in EDGES if not math.isnan(x)], parameters=[w, u])


def test_dead_branches_have_gradient_0_by_the_inputs_too():
    def f(x: Any) -> Any:
        return where(x > 0, sqrt(x), 0.0) + where(x < 5, x * x, exp(x * 1e3))

    program = autograd.compile(f)
    for x in (4.0, -4.0, 0.0, 1.0, 7.0, math.nan, -math.inf):
        found, expected = program.value_and_grad(x), autograd.value_and_grad(f)(x)
        assert close(found, expected), (x, found, expected)


def test_a_condition_is_no_number_that_is_kept():
    w, u = leaves()

    def kept(x: Any) -> Any:
        positive = x > 0
        return where(positive, w, u) + (w if positive else u) + (not positive) * w + [u, w][bool(positive)]

    agree(kept, (1.0,), (-1.0,), (0.0,), (math.nan,), (2.0,), parameters=[w, u])


def test_nan_and_inf_as_inputs_and_as_parameters():
    w, u = leaves()

    def f(x: Any) -> Any:
        return tanh(w * x) + relu(u * x) * w + maximum(w, x) - logsumexp([w * x, u])

    program = autograd.compile(f)
    for a, b in itertools.product(EDGES, repeat=2):
        w.data = a
        hold(program, f, (b,), parameters=[w, u])


# Randomness, time, things that are used up ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "draw",
    [
        random.random,
        lambda: random.gauss(0, 1),
        lambda: random.choice([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]),
        lambda: random.randrange(10**9),
        random.Random(3).random,
        np.random.rand,
        np.random.default_rng(0).normal,
        np.random.RandomState(1).rand,
        time.perf_counter,
        itertools.count(1).__next__,
        iter([float(k) for k in range(1000)]).__next__,
    ],
)
def test_randomness_inside_is_detected(draw):
    w, _ = leaves()
    with pytest.raises(RecordingError, match=r"twice|random|[Rr]andom") as caught:
        autograd.compile(lambda x: w * x * draw())(2.0)
    assert "input" in str(caught.value)


def test_dropout_inside_is_detected_however_rarely_it_drops():
    # Each run of the function may happen to drop the same; what is asked of the generator is seen all the same.
    w, _ = leaves()
    state = random.getstate()

    def f(xs: Any) -> Any:
        return sum_(w * x for x in xs if random.random() < 0.999)

    try:
        program = autograd.compile(f)
        found = set()
        for seed in range(40):
            random.seed(seed)
            with contextlib.suppress(RecordingError):
                found.add(program([1.0, 1.0]))
        assert not found, "a loss with random numbers in it was recorded"
    finally:
        random.setstate(state)


def test_a_generator_seeded_inside_is_no_randomness():
    w, _ = leaves()

    def f(xs: Any) -> Any:
        noise = random.Random(7)
        return sum_(w * x * noise.random() for x in xs)

    agree(f, ([1.0, 2.0],), ([3.0, -1.0],), parameters=[w])


def test_a_mask_given_as_an_input_is_how_to_drop():
    w, _ = leaves()
    draw = random.Random(1)
    program = autograd.compile(lambda xs, mask: sum_(w * x * m for x, m in zip(xs, mask, strict=True)))
    for _ in range(5):
        mask = [float(draw.random() < 0.5) for _ in range(4)]
        assert close(
            program([1.0, 2.0, 3.0, 4.0], mask), 3 * sum_(k * m for k, m in zip((1, 2, 3, 4), mask, strict=True))
        )
    assert recorded(program) == 1


def test_an_iterator_that_is_used_up_is_detected():
    w, _ = leaves()
    once = iter([1.0, 2.0])
    with pytest.raises(RecordingError, match=r"twice|used up"):
        autograd.compile(lambda x: sum_(w * x * k for k in once) + w)(2.0)


def test_writing_to_a_parameter_inside_is_refused_or_right():
    def running(x: Any) -> Any:
        w.data = w.data + 1.0
        return w * x

    def clearing(x: Any) -> Any:
        w.zero_grad()
        return w * x

    def setting(x: Any) -> Any:
        w.grad = 0.0
        return w * x

    for f in (running, clearing, setting):
        w = Value(3.0)
        with pytest.raises(RecordingError, match=r"test_compile_guards\.py:"):
            autograd.compile(f)(2.0)
        assert w.data in (3.0, 4.0, 5.0)


def test_printing_inside_is_an_error_that_says_print_outside_or_prints_the_number():
    w, _ = leaves()

    def chatty(x: Any) -> Any:
        y = w * x
        print(y)
        return y

    out = io.StringIO()
    with contextlib.redirect_stdout(out), right_or_refused("print"):
        assert autograd.compile(chatty)(2.0) == 6.0


def test_an_assertion_inside_is_a_guard():
    w, u = leaves()

    def f(x: Any) -> Any:
        assert x > 0, "x must be positive"
        return w * x

    program = autograd.compile(f)
    assert program(2.0) == 6.0
    with pytest.raises(AssertionError, match="positive"):
        program(-2.0)
    assert program(3.0) == 9.0
    del u


# The check on first use -----------------------------------------------------------------------------------------------


def test_what_values_do_otherwise_than_numbers_is_found_by_the_check():
    w, _ = leaves()

    def f(x: Any) -> Any:
        return w * x if isinstance(x, (int, float)) else w * x * 2

    with pytest.raises(RecordingError, match="isinstance"):
        autograd.compile(f)(2.0)
    assert autograd.compile(f, verify=False)(2.0) in (6.0, 12.0)


def test_gradients_of_every_sign_of_zero_inf_and_nan_pass_the_check():
    w, u = Value(0.0), Value(math.inf)
    agree(lambda x: w * x + u * x, (0.0,), (-0.0,), (1.0,), (-1.0,), parameters=[w, u])
    agree(lambda x: sqrt(w) * x, (1.0,), (0.0,), parameters=[w])
    agree(lambda x: w / w * x, (1.0,), parameters=[w])


def test_an_overflow_warns_of_nothing():
    w, _ = leaves()
    agree(lambda x: exp(w * x) + log(-w * x) + 1 / (w * x), (1e6,), (-1e6,), (1.0,), parameters=[w])
    agree(lambda xs: sum_(exp(w * x) + log(w * x) for x in xs), ([1e6, -1e6, 1.0] * 20,), parameters=[w])


def test_cancelling_terms_do_not_trouble_the_check():
    # What is small only because large terms cancel is compared with the size of the terms.
    w, u = Value(1e8), Value(1.0)
    f = lambda xs: sum_(w * x - w * x * (1 + 1e-12) + u * x for x in xs)  # noqa: E731
    xs = [random.Random(k).uniform(-1, 1) for k in range(300)]
    program = autograd.compile(f)
    assert abs_(program(xs) - f(xs).data) < 1e-12 * 600 * 1e8
    program = autograd.compile(lambda xs: sum_(w * x for x in xs) - sum_(w * x for x in reversed(xs)))
    assert abs_(program(xs)) < 1e-12 * 600 * 1e8
