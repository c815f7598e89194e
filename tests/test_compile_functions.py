"""What functions `autograd.compile` is given: constants they hold, faults they have, threads they run in."""

from __future__ import annotations

import functools
import math
import random
import sys
import threading
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from side_by_side import XS, YS, agree, clear, close, eagerly, gradients, hold, network, recorded, right_or_refused
from threads import together

import autograd
import nn
from autograd import Value, dot, log, relu
from autograd.errors import AnomalyError, NotANumberError, RecordingError

HERE = Path(__file__).parent


# Constants of the recording -------------------------------------------------------------------------------------------

SCALE = 2.0


def test_a_plain_number_in_a_global_or_a_cell_is_seen_when_it_changes(monkeypatch):
    w, inner = Value(3.0), 1.0

    def f(x: Any) -> Any:
        return w * x * SCALE * inner

    program = autograd.compile(f)
    hold(program, f, (2.0,), parameters=[w])
    monkeypatch.setattr(sys.modules[__name__], "SCALE", 5.0)
    hold(program, f, (2.0,), parameters=[w])
    inner = -1.0
    hold(program, f, (2.0,), (3.0,), parameters=[w])
    inner = True
    hold(program, f, (2.0,), parameters=[w])


def scaled(x: Any) -> Any:
    return x * SCALE


def test_a_number_is_seen_in_the_functions_that_are_called_too(monkeypatch):
    w = Value(3.0)

    def outer(factor: float) -> Any:
        def inner(x: Any) -> Any:
            return scaled(w * x * factor)

        return inner

    nested = outer(4.0)

    def f(x: Any) -> Any:
        return sum(scaled(part) for part in [nested(x)]) + (lambda v: scaled(v))(x)

    program = autograd.compile(f)
    for scale in (2.0, 7.0, 2.0):
        monkeypatch.setattr(sys.modules[__name__], "SCALE", scale)
        hold(program, f, (2.0,), (5.0,), parameters=[w])


def doubled(x: Any) -> Any:
    return x * 2


def test_a_function_that_is_defined_anew_is_seen(monkeypatch):
    # As when a cell of a notebook is run again.
    w = Value(3.0)
    helper = doubled

    def f(x: Any) -> Any:
        return doubled(w * x) + helper(x)

    program = agree(f, (2.0,), parameters=[w])
    monkeypatch.setattr(sys.modules[__name__], "doubled", lambda x: x * 7)
    hold(program, f, (2.0,), parameters=[w])
    helper = lambda x: x * x  # noqa: E731
    hold(program, f, (2.0,), (3.0,), parameters=[w])


def test_a_dict_of_settings_is_a_constant_that_is_listed():
    w, settings = Value(3.0), {"scale": 2.0}
    f = lambda x: w * x * settings["scale"]  # noqa: E731
    program = agree(f, (2.0,), parameters=[w])
    listed = "settings" in program.constants
    settings["scale"] = 5.0
    seen = close(program(2.0), 30.0)
    assert listed or seen
    program.forget()
    hold(program, f, (2.0,), parameters=[w])


class Reader(nn.Module):
    """A model whose methods read numbers in many places."""

    rate = 2.0

    def __init__(self) -> None:
        self.w = Value(3.0)
        self.steps = [lambda x: x * SCALE]
        self.inner = types.SimpleNamespace(rate=2.0)

    def forward(self, x: Any) -> Any:
        return self.helper(self.w * x)

    def helper(self, x: Any) -> Any:
        return x * SCALE

    @property
    def scale(self) -> float:
        return SCALE

    def by_property(self, x: Any) -> Any:
        return self.w * x * self.scale

    def by_step(self, x: Any) -> Any:
        return self.steps[0](self.w * x)


STEPS = {"scaled": lambda x: x * SCALE}
READER = Reader()


@pytest.mark.parametrize(
    "f",
    [
        READER,
        READER.forward,
        READER.by_property,
        READER.by_step,
        lambda x: READER(x),
        lambda x: READER.helper(x) * READER.w,
        lambda x: STEPS["scaled"](READER.w * x),
        functools.partial(lambda k, x: READER.w * x * k * SCALE, 2.0),
        lambda x: sum(map(scaled, [READER.w * x])),
        lambda x: sum([READER.w * x * SCALE for _ in range(2)]),
        lambda x: (lambda y: y * SCALE)(READER.w * x),
    ],
)
def test_a_number_is_seen_wherever_code_that_ran_reads_it(f, monkeypatch):
    program = agree(f, (2.0,), parameters=[READER.w])
    for number in (7.0, -1.0):
        monkeypatch.setattr(sys.modules[__name__], "SCALE", number)
        hold(program, f, (2.0,), (3.0,), parameters=[READER.w])


def test_a_number_is_seen_in_attributes_of_attributes_and_of_the_class(monkeypatch):
    for f in (lambda x: READER.w * x * READER.inner.rate, lambda x: READER.w * x * READER.rate):
        program = agree(f, (2.0,), parameters=[READER.w])
        monkeypatch.setattr(READER.inner, "rate", 5.0)
        monkeypatch.setattr(Reader, "rate", -3.0)
        hold(program, f, (2.0,), (3.0,), parameters=[READER.w])


def test_a_setting_of_the_object_is_seen_when_it_changes():
    class Scaled(nn.Module):
        factor = 2.0

        def __init__(self, w: float) -> None:
            self.w = Value(w)

        def forward(self, x: Any) -> Any:
            return self.w * x * self.factor

    model = Scaled(3.0)
    for program in (autograd.compile(model), autograd.compile(model.forward), autograd.compile(lambda x: model(x))):
        for factor in (2.0, 5.0, -1.0, 2.0):
            model.factor = factor
            try:
                hold(program, model, (2.0,), parameters=[model.w])
            except AssertionError:
                # Then it has to be one of the constants that the documentation tells to renew.
                program.forget()
                hold(program, model, (2.0,), parameters=[model.w])
                pytest.fail("a number in an attribute of the object that is compiled went unnoticed")


def test_an_array_closed_over_is_a_constant_that_is_listed_and_renewed_by_forget():
    w, table, weights = Value(3.0), np.array([1.0, 2.0]), [4.0, 5.0]

    def f(x: Any) -> Any:
        return w * x * table[0] + dot(weights, [w, x])

    program = agree(f, (2.0,), parameters=[w])
    assert set(program.constants) >= {"table", "weights"}
    table[0], weights[1] = 10.0, -5.0
    program.forget()
    assert recorded(program) == 0
    hold(program, f, (2.0,), (3.0,), parameters=[w])


def test_a_leaf_made_while_recording_is_a_constant():
    w = Value(3.0)
    made: list[Value] = []

    def f(x: Any) -> Any:
        bias = Value(2.0)
        made.append(bias)
        return w * x + bias * bias

    program = autograd.compile(f)
    assert program.backward(2.0) == 10.0
    assert not any(leaf.computed for leaf in made)
    assert w.grad == 2.0
    w.zero_grad()
    hold(program, f, (5.0,), parameters=[w])


def test_forget_is_harmless_at_any_time():
    model, loss = network()
    program = autograd.compile(loss, optimizer=nn.Adam(model.parameters(), lr=0.01))
    program.forget()
    first = program.step(XS, YS)
    after = model.state_dict()
    program.forget()
    assert model.state_dict() == after
    assert program.step(XS, YS) < first
    program.forget()
    hold(program, loss, (XS, YS), parameters=model.parameters())


# Bad functions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "result", [None, "text", {"a": 1.0}, object(), [[None]], [1.0, "a"], (1.0, None), 1j, lambda: 1.0]
)
def test_a_result_that_is_no_value_is_refused(result):
    w = Value(3.0)
    program = autograd.compile(lambda x: (w * x, result)[1])
    with pytest.raises((NotANumberError, TypeError), match=r"return|number"):
        program(2.0)


def test_none_says_that_the_return_is_missing():
    w = Value(3.0)

    def forgetful(x: Any) -> None:
        w * x

    with pytest.raises(NotANumberError, match=r"return"):
        autograd.compile(forgetful)(2.0)


def test_a_generator_as_a_result_is_refused_or_right():
    w = Value(3.0)
    with pytest.raises((NotANumberError, TypeError), match=r"return|generator"):
        autograd.compile(lambda x: (w * a for a in x))([1.0, 2.0])


def test_a_function_without_values_gives_its_number_or_a_clear_error():
    for f, x, expected in ((lambda x: 3.0, 1.0, 3.0), (lambda x: x, 2.0, 2.0), (lambda x: x * x, 3.0, 9.0)):
        program = autograd.compile(f)
        assert program(x) == expected
        assert program.backward(x) == expected
    assert autograd.compile(lambda x: 3.0).value_and_grad(2.0) == (3.0, 0.0)
    assert autograd.compile(lambda x: x).value_and_grad(2.0) == (2.0, 1.0)
    assert autograd.compile(lambda: 3.0)() == 3.0


@pytest.mark.parametrize("wrong", [3.0, Value(1.0), "loss", [1.0]])
def test_what_is_no_function_is_refused_at_once(wrong):
    with pytest.raises(TypeError, match=r"autograd\.compile takes a function"):
        autograd.compile(wrong)


def test_an_unknown_backend_is_refused_at_once():
    with pytest.raises(ValueError, match=r"numpy.*python"):
        autograd.compile(lambda x: x, backend="cuda")


def test_an_error_of_the_function_comes_through_and_harms_nothing():
    w = Value(3.0)

    def f(x: Any) -> Any:
        if x < 0:
            raise KeyError("below")
        return w * x

    program = autograd.compile(f, optimizer=nn.SGD([w], lr=0.1))
    assert program(2.0) == 6.0
    for ask in (program, program.backward, program.value_and_grad, program.step):
        with pytest.raises(KeyError, match="below"):
            ask(-1.0)
    assert w.data == 3.0
    assert not w.computed
    assert program.backward(2.0) == 6.0
    assert w.grad == 2.0
    # Recording has ended: what is computed now is an ordinary graph.
    y = w * 2.0
    assert (y.data, y.op) == (6.0, "*")
    assert y.item() == 6.0


def test_a_list_that_the_function_appends_to_is_an_error_or_right_and_stays_the_callers():
    w = Value(3.0)

    def f(xs: Any) -> Any:
        xs.append(1.0)
        return sum(w * x for x in xs)

    program = autograd.compile(f)
    for given in ([3.0, 4.0], [1.0, 2.0]):
        before = list(given)
        expected = 3.0 * (sum(given) + 1)
        assert close(program(given), expected)
        assert close(program.backward(given), expected)
        assert given in (before, [*before, 1.0])


def test_a_list_that_grows_while_recording_is_an_error_or_right():
    w = Value(3.0)
    seen: list[Any] = []

    def collects(x: Any) -> Any:
        seen.append(w * x)
        return sum(seen)

    def counts(x: Any) -> Any:
        seen.append(x)
        return w * x * len(seen)

    for f in (collects, counts):
        with pytest.raises(RuntimeError, match=r"grows|twice|again"):
            autograd.compile(f)(2.0)
        seen.clear()


def test_a_log_beside_the_result_does_no_harm():
    w = Value(3.0)
    log_of: list[int] = []

    def f(x: Any) -> Any:
        log_of.append(1)
        return w * x

    assert autograd.compile(f)(2.0) == 6.0


# Threads and nesting --------------------------------------------------------------------------------------------------


def test_one_program_in_many_threads_gives_each_its_own_answer():
    model, _ = network()
    program = autograd.compile(lambda x: model(x) * 2)
    points = [[0.1 * k, 1.0 - 0.05 * k] for k in range(20)]
    expected = [(model(x) * 2).data for x in points]
    found: dict[tuple[int, int], float] = {}

    def work(number: int) -> None:
        for k, x in enumerate(points):
            found[number, k] = program(x)

    together(*(functools.partial(work, number) for number in range(4)))
    assert all(close(found[number, k], y) for number in range(4) for k, y in enumerate(expected))
    assert len(found) == 80


@pytest.mark.usefixtures("eager_switching")
def test_threads_may_record_at_the_same_time() -> None:
    """Each program of its own."""

    def work(seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(6):
            weights = [Value(rng.uniform(-1, 1)) for _ in range(4)]
            x = [rng.uniform(-1, 1) for _ in weights]

            def loss(x: list[float], weights: list[Value] = weights) -> Value:
                return sum((w * xi).tanh() for w, xi in zip(weights, x, strict=True))

            value = autograd.compile(loss).backward(x)
            gradients = [w.grad for w in weights]
            expected, slopes = autograd.value_and_grad(lambda w, x=x: loss(x, w))([w.data for w in weights])
            assert value == pytest.approx(expected, abs=1e-13)
            assert gradients == pytest.approx(slopes, abs=1e-13)

    together(*(functools.partial(work, seed) for seed in range(8)))


def test_other_threads_compute_eagerly_while_one_records():
    w, v = Value(3.0), Value(2.0)
    inside, go_on = threading.Event(), threading.Event()

    def slow(x: Any) -> Any:
        inside.set()
        assert go_on.wait(30)
        return w * x

    results: list[float] = []
    recording = threading.Thread(target=lambda: results.append(autograd.compile(slow)(2.0)))
    recording.start()
    assert inside.wait(30)
    y = v * v * 2
    y.backward()
    read = y.item(), v.grad, bool(v > 1), f"{v.data:.1f}"
    go_on.set()
    recording.join()
    assert read == (8.0, 8.0, True, "2.0")
    assert results == [6.0]


def test_a_program_inside_a_program_is_right_or_an_error():
    w, u = Value(3.0), Value(5.0)
    inner = autograd.compile(lambda x: w * x * x)

    def outer(x: Any) -> Any:
        return u * inner(x) + x

    program = autograd.compile(outer)
    with right_or_refused("compile"):
        assert close(program(2.0), 62.0)
        clear([w, u])
        assert close(program.backward(3.0), 138.0)
        assert gradients([w, u]) == [45.0, 27.0]
    assert inner(2.0) == 12.0


def test_a_program_inside_grad_is_right_or_an_error():
    program = autograd.compile(lambda x: x * x * x)
    with right_or_refused("Value"):
        assert close(autograd.grad(program)(2.0), 12.0)


def test_grad_inside_a_program_is_right_or_an_error():
    w = Value(3.0)

    def f(x: Any) -> Any:
        return w * autograd.grad(lambda z: z**3)(x)

    program = autograd.compile(f)
    for x in (2.0, -1.0, 5.0):
        with right_or_refused("compile", "Value"):
            assert close(program(x), 9.0 * x * x)


def test_it_computes_the_same_inside_no_grad():
    w = Value(3.0)
    program = autograd.compile(lambda x: w * x)
    with autograd.no_grad():
        assert program(2.0) == 6.0
    program.backward(4.0)
    assert w.grad == 4.0


def test_inside_detect_anomaly_it_is_the_number_or_the_anomaly():
    w = Value(3.0)
    with autograd.detect_anomaly():
        program = autograd.compile(lambda x: log(w * x))
        assert close(program(1.0), float(np.log(3.0)))
        assert close(program.backward(2.0), float(np.log(6.0)))
        with right_or_refused("log", errors=(AnomalyError,)):
            assert np.isnan(autograd.compile(lambda x: log(w * x))(-1.0))
    assert close(w.grad, 1 / 3)


def test_calls_between_eager_graphs_disturb_neither():
    w = Value(3.0)
    program = autograd.compile(lambda x: relu(w * x))
    y = w * w
    program.backward(2.0)
    y.backward()
    assert w.grad == 8.0
    assert close(eagerly(lambda x: log(w) * x, (2.0,), [w]), (2 * float(np.log(3.0)), [2 / 3]))


def test_flat_lists_go_the_short_way_and_are_looked_at_each_time():
    w = Value(0.5)

    def loss(xs: list[Any], ks: list[Any]) -> Any:
        return autograd.sum([w * x + k * w * w for x, k in zip(xs, ks, strict=True)])

    program = autograd.compile(loss)

    def check(xs: Any, ks: Any) -> None:
        assert program(xs, ks) == pytest.approx(loss(xs, ks).data, rel=1e-14)

    for k in range(3):
        check([0.5 + k, 2.0], [k, 3])
    assert len(program.recordings) == 1
    check([1, 2], [4, 5])  # whole numbers in the place of floats
    check([0.5, 2], [4, 5])  # some of them
    check([True, False], [4, 5])
    check([1.0, 2.0, 3.0], [4, 5, 6])
    check([np.float64(1.0), 2.0], [4, np.int64(5)])
    check((1.0, 2.0), [4, 5])
    check([1.0, 2.0], [4, 5])
    with pytest.raises((NotANumberError, OverflowError)):
        program([1.0, 2.0], [4, 10**400])
    with pytest.raises(NotANumberError):
        program([1.0, "2"], [4, 5])
    check([7.0, 2.0], [4, 5])


# The check where rounding is magnified -------------------------------------------------------------------------------


def almost_solved(off: float) -> tuple[Any, list[list[float]], list[float], list[Value]]:
    """A regression whose residuals are almost 0, so that of their digits few are left."""
    rng = random.Random(3)
    weights = [Value(rng.uniform(-1, 1)) for _ in range(4)]
    xs = [[rng.uniform(-1, 1) for _ in weights] for _ in range(9)]
    ys = [
        sum(w.data * math.tanh(x) for w, x in zip(weights, row, strict=True)) + off * rng.uniform(-1, 1) for row in xs
    ]

    def loss(xs: Any, ys: Any) -> Any:
        rows = [sum(w * autograd.tanh(x) for w, x in zip(weights, row, strict=True)) for row in xs]
        return nn.mse_loss(rows, ys)

    return loss, xs, ys, weights


@pytest.mark.parametrize("backend", ["numpy", "python"])
@pytest.mark.parametrize("off", [1e-4, 1e-8, 1e-12, 0.0])
def test_a_model_that_has_learned_everything_can_be_compiled(off: float, backend: str) -> None:
    loss, xs, ys, weights = almost_solved(off)
    value = autograd.compile(loss, backend=backend).backward(xs, ys)
    assert value <= off * off + 1e-30
    assert all(abs(w.grad) <= 10 * off + 1e-15 for w in weights)


def test_a_batch_that_has_learned_everything_can_be_compiled() -> None:
    _, xs, ys, weights = almost_solved(1e-7)

    def loss(x: Any, y: Any) -> Any:
        return (sum(w * autograd.tanh(a) for w, a in zip(weights, x, strict=True)) - y) ** 2

    autograd.compile(loss, batch=True).backward(xs, ys)


@pytest.mark.parametrize("off", [1.0, 1e-4, 1e-7])
def test_a_wrong_operation_is_found_where_little_is_left_too(monkeypatch: pytest.MonkeyPatch, off: float) -> None:
    from autograd.compiler import numpy_backend

    monkeypatch.setitem(numpy_backend.FUNCTIONS, "tanh", lambda x: np.tanh(x) * (1 + 1e-10))
    loss, xs, ys, _ = almost_solved(off)
    with pytest.raises(RecordingError, match="does not agree"):
        autograd.compile(loss).backward(xs, ys)
