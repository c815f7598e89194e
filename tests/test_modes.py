"""`no_grad` and `detect_anomaly`: what they change, for which thread, and what they say."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from threads import together

import autograd
from autograd import Value, detect_anomaly, no_grad
from autograd.errors import AnomalyError, NoGraphError

INF, NAN = math.inf, math.nan
HERE = __file__


def in_another_thread(work: Callable[[], Any]) -> Any:
    """What `work` returns or raises there."""
    result: list[Any] = []

    def run() -> None:
        try:
            result.append(work())
        except BaseException as error:
            result.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(result[0], BaseException):
        raise result[0]
    return result[0]


def is_recording() -> bool:
    a = Value(2.0)
    return (a * 3).parents == (a,)


def is_watching() -> bool:
    """Whether anomalies raise in this thread."""
    try:
        autograd.log(Value(0.0))
    except AnomalyError:
        return True
    return False


# --- no_grad


def test_under_no_grad_nothing_is_recorded() -> None:
    a, b = Value(2.0), Value(3.0)
    with no_grad():
        for y in (a * b, a + 1, a**2, -a, a.tanh(), autograd.dot([a], [b]), autograd.sum([a, b])):
            assert isinstance(y, Value)
            assert (y.parents, y.operands, y.local_grads) == ((), (), ())
    assert (a * b).data == 6.0
    assert is_recording()


def test_numbers_are_the_same_under_no_grad() -> None:
    a = Value(2.0)
    recorded = [a * 3, a**a, autograd.exp(a), autograd.softmax([a, 1.0])[0]]
    with no_grad():
        assert [a * 3, a**a, autograd.exp(a), autograd.softmax([a, 1.0])[0]] == [v.data for v in recorded]


def test_leaves_made_under_no_grad_are_ordinary_leaves() -> None:
    with no_grad():
        a = Value(2.0, label="a")
    (a * a).backward()
    assert a.grad == 4.0


def test_what_was_computed_under_no_grad_is_a_constant_to_later_graphs() -> None:
    a, w = Value(2.0), Value(5.0)
    with no_grad():
        frozen = a * 3
    (frozen * w).backward()
    assert (w.grad, a.grad, a.computed) == (6.0, 0.0, False)


def test_an_identity_node_made_under_no_grad_is_not_linked() -> None:
    a = Value(2.0)
    with no_grad():
        b = Value(a)
    assert (b.data, b.parents) == (2.0, ())


def test_no_grad_nests_and_ends_with_the_outermost() -> None:
    with no_grad():
        with no_grad():
            assert not is_recording()
        assert not is_recording()
    assert is_recording()


def test_no_grad_ends_when_the_block_raises() -> None:
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert is_recording()


def test_a_graph_made_before_can_be_differentiated_under_no_grad() -> None:
    a = Value(3.0)
    y = a * a
    with no_grad():
        y.backward()
    assert a.grad == 6.0


def test_the_update_of_a_parameter_under_no_grad() -> None:
    """As PyTorch's users write it, and as micrograd's do without."""
    w = Value(3.0)
    (w * w).backward()
    with no_grad():
        w.data -= 0.5 * w.grad
    assert w.data == 0.0


def test_backward_of_a_value_computed_under_no_grad_is_an_error_that_says_so() -> None:
    a = Value(3.0)
    with no_grad():
        y = a * a
    with pytest.raises(NoGraphError, match=r"no_grad"):
        y.backward()
    assert (y.grad, y.computed, a.computed, y.data) == (0.0, False, False, 9.0)


def test_no_grad_acts_on_the_current_thread_only() -> None:
    with no_grad():
        assert in_another_thread(is_recording)
        assert not is_recording()

    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with no_grad():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(10)
    assert is_recording()
    leave.set()
    thread.join()
    assert is_recording()


def test_a_thread_starts_with_both_modes_off() -> None:
    with no_grad(), detect_anomaly():
        assert in_another_thread(is_recording)
        assert not in_another_thread(is_watching)


# --- detect_anomaly, forward


@pytest.mark.parametrize(
    ("make", "operation", "inputs"),
    [
        (lambda x: autograd.log(x), "log", ["0.0"]),
        (lambda x: 1 / x, "/", ["1", "0.0"]),
        (lambda x: x / 0, "/", ["0.0", "0"]),
        (lambda x: x**-1, "**", ["0.0", "-1"]),
        (lambda x: autograd.sqrt(x - 2.0), "sqrt", ["-2.0"]),
        (lambda x: autograd.exp(x + 800.0), "exp", ["800.0"]),
        (lambda x: (x + 1e300) * (x + 1e300), "*", ["1e+300"]),
        (lambda x: (x + 1e308) + (x + 1e308), "+", ["1e+308"]),
        (lambda x: autograd.prod([x + 1e200, x + 1e200, 2]), "prod", ["1e+200"]),
        (lambda x: autograd.acos(x + 3.0), "acos", ["3.0"]),
    ],
    ids="log 1/x x/0 ** sqrt exp * + prod acos".split(),
)
def test_an_operation_that_makes_inf_or_nan_of_finite_numbers_is_named(
    make: Callable[[Value], Value], operation: str, inputs: list[str]
) -> None:
    x = Value(0.0)
    make(x)  # outside, no error
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        make(x)
    message = str(caught.value)
    assert operation in message
    for number in inputs:
        assert number in message
    assert ("nan" if operation in ("sqrt", "acos") or number == "0" else "inf") in message


def test_the_message_names_the_line_of_the_user() -> None:
    x = Value(0.0, label="pressure")
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        _ = autograd.log(x)
    line = sys._getframe().f_lineno - 1
    message = str(caught.value)
    assert HERE in message
    assert str(line) in message
    assert "pressure" in message


def test_the_line_of_the_user_is_named_through_methods_operators_and_reductions() -> None:
    x = Value(0.0)
    for number, guilty in enumerate(
        [
            lambda: x.log(),
            lambda: 1 / x,
            lambda: autograd.mean([x + 1e308, x + 1e308]),
            lambda: autograd.logsumexp([autograd.log(x), x]),
            lambda: autograd.log_softmax([x, 1 / x]),
        ]
    ):
        with pytest.raises(AnomalyError) as caught, detect_anomaly():
            guilty()
        assert f"{HERE}" in str(caught.value), number
        assert str(guilty.__code__.co_firstlineno) in str(caught.value), number


def test_inf_out_of_inf_and_nan_out_of_nan_is_no_anomaly() -> None:
    """Who reads on after an inf of his own has already been told, or wants it."""
    inf, nan = Value(INF), Value(NAN)
    with detect_anomaly():
        assert (inf + 1).data == INF
        assert autograd.exp(inf).data == INF
        assert math.isnan((nan * 2).data)
        assert math.isnan((nan + inf).data)
        assert autograd.max([inf, 1.0]).data == INF


@pytest.mark.parametrize(
    "make",
    [lambda v: v - v, lambda v: v * 0, lambda v: v / v, lambda v: autograd.sin(v), lambda v: autograd.sum([v, -INF])],
)
def test_nan_while_no_input_was_nan_is_an_anomaly(make: Callable[[Value], Value]) -> None:
    with pytest.raises(AnomalyError, match="nan"), detect_anomaly():
        make(Value(INF))


def test_a_where_that_does_not_select_the_nan_is_no_anomaly() -> None:
    x = Value(2.0)
    with detect_anomaly():
        y = autograd.where(x > 0, x, Value(NAN))
        y.backward()
    assert (y.data, x.grad) == (2.0, 1.0)


def test_constants_of_inf_are_inputs_too() -> None:
    with detect_anomaly():
        assert (Value(1.0) + INF).data == INF
        assert autograd.maximum(Value(1.0), -INF).data == 1.0


def test_ordinary_work_under_detect_anomaly_is_the_same_to_the_bit() -> None:
    def work() -> tuple[str, str]:
        x = Value(0.3)
        y = autograd.tanh(x * x + 2 * x) / (x + 1) - autograd.dot([x, 1.0], [x, x])
        y.backward()
        return y.data.hex(), x.grad.hex()

    plain = work()
    with detect_anomaly():
        assert work() == plain


def test_after_an_anomaly_everything_is_as_it_was_and_the_mode_is_off() -> None:
    x = Value(0.0)
    with pytest.raises(AnomalyError), detect_anomaly():
        autograd.log(x)
    assert (x.data, x.grad, x.computed) == (0.0, 0.0, False)
    assert not is_watching()
    assert autograd.log(x).data == -INF


def test_detect_anomaly_nests() -> None:
    with detect_anomaly():
        with detect_anomaly():
            assert is_watching()
        assert is_watching()
    assert not is_watching()


def test_detect_anomaly_acts_on_the_current_thread_only() -> None:
    with detect_anomaly():
        assert not in_another_thread(is_watching)
        assert is_watching()


def test_both_modes_together() -> None:
    x = Value(0.0)
    with no_grad(), detect_anomaly():
        assert is_watching()
        assert not is_recording()
        with pytest.raises(AnomalyError, match="log"):
            autograd.log(x)


# --- detect_anomaly, backward


def test_an_anomaly_of_the_backward_pass_names_the_operation_its_inputs_and_its_line() -> None:
    x = Value(0.0)
    with detect_anomaly():
        y = autograd.sqrt(x)  # finite, its derivative is not
        line = sys._getframe().f_lineno - 1
        z = y * 3
        with pytest.raises(AnomalyError) as caught:
            z.backward()
    message = str(caught.value)
    assert "sqrt" in message
    assert "0.0" in message
    assert "inf" in message
    assert HERE in message
    assert str(line) in message


def test_zero_times_inf_in_the_backward_pass_is_found() -> None:
    x = Value(0.0)
    with pytest.raises(AnomalyError, match="sqrt"), detect_anomaly():
        (autograd.sqrt(x) * 0).backward()


def test_an_overflow_of_a_share_is_found() -> None:
    x = Value(1.0)
    with pytest.raises(AnomalyError, match="inf"), detect_anomaly():
        ((x * 1e200) * 1e-200 * 1e200).backward(1e200)


def test_an_overflow_of_the_sum_of_shares_is_found() -> None:
    """Each of the two is finite, 1e308; what the leaf, or an interior node, gets is not."""
    x = Value(1e-10)
    with detect_anomaly():
        y = x * 1e308 + x * 1e308
        with pytest.raises(AnomalyError, match="inf"):
            y.backward()
    inner = Value(1e-10) * 1.0
    with detect_anomaly():
        y = inner * 1e308 + inner * 1e308
        with pytest.raises(AnomalyError, match="inf"):
            y.backward()


def test_a_backward_anomaly_of_nodes_made_outside_says_how_to_get_their_lines() -> None:
    x = Value(0.0)
    y = autograd.sqrt(x)
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        y.backward()
    message = str(caught.value)
    assert "sqrt" in message
    assert HERE not in message
    assert "detect_anomaly" in message


def test_outside_there_is_no_error_and_no_line_is_recorded() -> None:
    x = Value(0.0)
    y = autograd.sqrt(x)
    y.backward()
    assert x.grad == INF
    assert not any(HERE in repr(getattr(y, name, "")) for name in dir(y) if name != "__init__")


@pytest.mark.parametrize(
    "make",
    [
        lambda x, w: autograd.sqrt(x) * w + w * 3,
        lambda x, w: w * 3 + autograd.sqrt(x) * w,
        lambda x, w: autograd.sqrt(x * w) + w,
        lambda x, w: w + autograd.sqrt(x * w),
        lambda x, w: autograd.sum([w, autograd.sqrt(x), w]),
    ],
)
def test_leaf_gradients_are_as_they_were_after_a_backward_anomaly(make: Callable[[Value, Value], Value]) -> None:
    """The pass is undone: half a gradient added to some leaves would be silently wrong afterwards."""
    x, w = Value(0.0), Value(2.0)
    w.grad = 0.5
    with detect_anomaly():
        y = make(x, w)
        with pytest.raises(AnomalyError):
            y.backward()
    assert (w.grad, x.grad, x.computed) == (0.5, 0.0, False)


def test_backward_of_finite_graphs_raises_nothing_under_detect_anomaly() -> None:
    x = Value(2.0)
    with detect_anomaly():
        (autograd.sqrt(x) * x).backward()
    assert x.grad == pytest.approx(1.5 * math.sqrt(2.0), rel=1e-15)


def test_a_dead_infinite_branch_is_no_anomaly_of_the_backward_pass() -> None:
    x = Value(0.0)
    with detect_anomaly():
        autograd.where(x > 0, autograd.sqrt(x), x * 2).backward()
    assert x.grad == 2.0


# --- threads and the backward pass


@pytest.mark.usefixtures("eager_switching")
def test_threads_that_differentiate_graphs_sharing_parameters_give_the_right_sums() -> None:
    """Whole numbers, so that every order of adding gives the same bits and one lost addition shows."""
    parameters = [Value(float(k)) for k in range(4)]
    rounds = 2000

    def work() -> None:
        for _ in range(rounds):
            autograd.sum([p * 3 + p for p in parameters]).backward()

    together(work, work, work, work)
    assert [p.grad for p in parameters] == [4 * rounds * 4.0] * 4


@pytest.mark.usefixtures("eager_switching")
def test_threads_with_long_passes_over_one_parameter_lose_none_of_its_shares() -> None:
    p = Value(1.0)
    roots = [autograd.sum([p * 2 for _ in range(1000)]) for _ in range(3)]

    def work(root: Value) -> None:
        for _ in range(60):
            root.backward()

    together(*(partial(work, root) for root in roots))
    assert p.grad == 3 * 60 * 2000.0


@pytest.mark.usefixtures("eager_switching")
def test_threads_may_differentiate_different_roots_over_a_shared_interior() -> None:
    """What a pass keeps on the way is its own: leaves get right sums even where interior nodes are shared."""
    x = Value(1.0)
    shared = [x * k for k in range(30)]
    rounds = 400

    def work() -> None:
        for _ in range(rounds):
            autograd.sum([s * 2 for s in shared]).backward()

    together(work, work)
    assert x.grad == 2 * rounds * 2 * sum(range(30))


@pytest.mark.usefixtures("eager_switching")
def test_modes_of_threads_do_not_mix_while_they_run_together() -> None:
    def frozen() -> None:
        for _ in range(300):
            with no_grad():
                assert not is_recording()
            assert is_recording()

    def watching() -> None:
        for _ in range(300):
            with detect_anomaly():
                assert is_watching()
            assert not is_watching()

    def plain() -> None:
        for _ in range(600):
            assert is_recording()
            assert not is_watching()

    together(frozen, watching, plain)
