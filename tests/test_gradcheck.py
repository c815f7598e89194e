"""`gradcheck`: it passes what is right, at every scale; it fails what is wrong, and says where and why."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from table_oracle import REFERENCES
from test_transforms import tame_points

import autograd
from autograd import (
    Value,
    acos,
    asin,
    clip,
    cos,
    dot,
    exp,
    gradcheck,
    hypot,
    leaky_relu,
    log,
    logsumexp,
    maximum,
    minimum,
    no_grad,
    prod,
    relu,
    sigmoid,
    sin,
    softmax,
    sqrt,
    tan,
    tanh,
    where,
    xlogy,
)
from autograd.errors import GradcheckError
from autograd.ops import TABLE
from autograd.value import FAST

F = Callable[..., Any]


# It passes what is right ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(REFERENCES))
def test_every_row_passes_to_order_two(name: str) -> None:
    row, fixed = TABLE[name], REFERENCES[name].fixed
    for operands in tame_points(name):
        free = [i for i in range(len(operands)) if i not in fixed]
        if name == "**" and operands[0] <= 0:
            continue  # no derivative by the exponent there, and no function beside it
        if any(0 < abs(abs(x) - 1) < 1e-12 for x in operands):
            continue  # no float between that and the edge of the domain

        def f(*xs: Any, operands: Any = operands, free: Any = free) -> Any:
            given = dict(zip(free, xs, strict=True))
            return row.function(*(given.get(i, x) for i, x in enumerate(operands)))

        assert gradcheck(f, tuple(operands[i] for i in free), order=2)


def test_all_forms_of_arguments_and_results() -> None:
    assert gradcheck(sin, 0.3, order=2)
    assert gradcheck(sin, 1, order=2)
    assert gradcheck(lambda x, y: x * y, (2.0, 3.0), order=2)
    assert gradcheck(lambda x: x[0] * x[1], [2.0, 3.0], order=2)
    assert gradcheck(lambda x: x[0][0] * x[1], [[2.0], 3.0], order=2)
    assert gradcheck(lambda x: x @ x * x.sum(), np.array([1.0, -2.0, 0.5]), order=2)
    assert gradcheck(lambda x, y: (x * y).sum(), (np.ones((2, 2)), 3.0), order=2)
    assert gradcheck(lambda x: [x, x * x, (sin(x), 4.0)], 0.3, order=2)
    assert gradcheck(lambda x: x * x, np.array([[1.0, 2.0]]), order=2)
    assert gradcheck(softmax, [0.1, 0.2, -1.0], order=2)
    assert gradcheck(lambda x: 4.0, 0.3, order=2)
    assert gradcheck(lambda x, y: x, (1.0, 2.0), order=2)
    assert gradcheck(sin, Value(0.3))


SCALES = [10.0**k for k in range(-6, 7, 2)]


@pytest.mark.parametrize("at", SCALES)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_step_fits_where_the_number_is_large_or_small(at: float, sign: int) -> None:
    x = sign * at
    for f in (
        lambda x: x**2,
        lambda x: x**3 - 2 * x,
        lambda x: 1 / x,
        lambda x: sin(x / at),
        lambda x: exp(x / at),
        lambda x: log(x * x),
        lambda x: tanh(x / at) * at,
        lambda x: hypot(x, at),
        lambda x: 3 * x + 1,
        lambda x: sqrt(sign * x),
    ):
        assert gradcheck(f, x, order=2)


@pytest.mark.parametrize("scale", SCALES)
def test_the_step_fits_how_fast_the_function_varies(scale: float) -> None:
    """A slow function, and one that varies a million times faster than its argument is large."""
    assert gradcheck(lambda x: sin(scale * x), 1 / scale if scale < 1 else 1.0, order=2)
    assert gradcheck(lambda x: scale * sin(x), 0.7, order=2)
    assert gradcheck(lambda x: exp(-scale * x), 1 / scale, order=2)
    assert gradcheck(lambda x: tanh(scale * x), 0.3 / scale, order=2)
    assert gradcheck(lambda x: x + scale, 0.7, order=2)


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 1e3, 1e6])
def test_each_variable_has_a_step_of_its_own(scale: float) -> None:
    assert gradcheck(lambda x, y: sin(x * scale) * log(y), (1 / scale, 0.5), order=2)
    assert gradcheck(lambda x, y, z: x * y + z**2, (scale, 1 / scale, 1.0), order=2)


@pytest.mark.parametrize("x", [1.0, 1e-3, 1e-5, 1e-9, 1e-12, 1e-100])
def test_near_the_edge_of_the_domain(x: float) -> None:
    assert gradcheck(log, x)
    assert gradcheck(sqrt, x)
    assert gradcheck(lambda x: xlogy(x, x), x)
    assert gradcheck(lambda x: x**0.5, x)


@pytest.mark.parametrize("gap", [1e-2, 1e-5, 1e-9])
def test_near_the_upper_edge_of_the_domain(gap: float) -> None:
    assert gradcheck(asin, 1 - gap)
    assert gradcheck(acos, -1 + gap)
    assert gradcheck(autograd.atanh, 1 - gap)
    assert gradcheck(autograd.acosh, 1 + gap)


@pytest.mark.parametrize(
    ("f", "x"), [(sqrt, 0.0), (asin, 1.0), (asin, -1.0), (acos, 1.0), (autograd.acosh, 1.0), (lambda x: x**0.5, 0.0)]
)
def test_an_infinite_slope_at_the_edge_of_the_domain_is_reported(f: F, x: float) -> None:
    report = gradcheck(f, x)
    assert "inf" in str(report)


def test_a_finite_slope_at_the_edge_of_the_domain() -> None:
    assert gradcheck(lambda x: x**1.5, 0.0)
    assert gradcheck(lambda x: x * sqrt(x), 1e-12)
    with pytest.raises(GradcheckError, match="nan"):  # 0·inf
        gradcheck(lambda x: x * sqrt(x), 0.0)
    assert gradcheck(lambda x: where(x >= 0, x**2 + x, math.nan), 0.0)


def test_a_noisy_difference_is_not_taken_for_an_error() -> None:
    """The value is 1e8 times the part that varies: a difference has half its digits, and knows it."""
    assert gradcheck(lambda x: 1e8 + sin(x), 0.3)
    assert gradcheck(lambda x: (1e8 + x) - 1e8, 0.3)


# Kinks ----------------------------------------------------------------------------------------------------------------

KINKS: dict[str, tuple[F, Any]] = {
    "relu": (relu, 0.0),
    "abs": (autograd.abs, 0.0),
    "leaky_relu": (leaky_relu, 0.0),
    "maximum at a tie": (maximum, (1.5, 1.5)),
    "minimum at a tie": (minimum, (1.5, 1.5)),
    "max at a tie": (lambda x: autograd.max(x), [1.0, 2.0, 2.0]),
    "clip": (lambda x: clip(x, -1.0, 1.0), 1.0),
    "elu": (lambda x: autograd.elu(x, 2.0), 0.0),
    "relu of a sum": (lambda x: relu(x[0] + 2 * x[1]), [2.0, -1.0]),
    "large slopes": (lambda x: 1e6 * relu(x), 0.0),
    "small slopes": (lambda x: 1e-6 * autograd.abs(x), 0.0),
    "abs far from 0": (lambda x: autograd.abs(x - 1e4), 1e4),
    "with curvature": (lambda x: relu(x) * 2 + x**2 + sin(x), 0.0),
    "hypot": (hypot, (0.0, 0.0)),
}


@pytest.mark.parametrize(("f", "xs"), KINKS.values(), ids=KINKS)
def test_kinks_are_recognised_and_reported(f: F, xs: Any) -> None:
    report = gradcheck(f, xs)
    assert report
    assert "kink" in str(report)


@pytest.mark.parametrize(
    ("f", "x"),
    [(sin, 0.0), (lambda x: x**2, 0.0), (relu, 1.0), (exp, 10.0), (lambda x: x**3, 1e-3), (lambda x: sin(1e4 * x), 0.0)]
    + [(lambda x, k=k: tanh(k * x), 0.1 / k) for k in (1.0, 100.0)],
)
def test_smooth_functions_have_no_kinks(f: F, x: float) -> None:
    assert "kink" not in str(gradcheck(f, x, order=2))


@pytest.mark.parametrize("x", [1e-2, 1e-4, 1e-5, 1e-6, 1e-7, 1e-9, 1e-12])
def test_close_to_a_kink(x: float) -> None:
    """The slope is that of the side, whether the difference can tell or sees a kink."""
    for at in (x, -x):
        assert gradcheck(relu, at)
        assert gradcheck(autograd.abs, at)
        assert gradcheck(lambda x: maximum(1 + x, 1.0) * x, at)


@pytest.mark.parametrize("wrong", [-1.5, 1.5, 1e6, math.inf, math.nan])
def test_a_derivative_outside_the_slopes_of_a_kink_is_wrong(wrong: float, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, "abs", lambda x, out: x * 0 + wrong)
    with pytest.raises(GradcheckError):
        gradcheck(autograd.abs, 0.0)


@pytest.mark.parametrize(("f", "xs"), KINKS.values(), ids=KINKS)
def test_second_derivatives_at_a_kink_are_reported(f: F, xs: Any) -> None:
    assert "kink" in str(gradcheck(f, xs, order=2))


# It fails what is wrong -----------------------------------------------------------------------------------------------


def plant(monkeypatch: pytest.MonkeyPatch, name: str, *rules: Any, **more: Any) -> None:
    """Put wrong rules into the table, for every interpreter."""
    monkeypatch.setitem(TABLE, name, TABLE[name]._replace(rules=rules, **more))
    monkeypatch.delitem(FAST, name, raising=False)


WRONG: dict[str, tuple[str, tuple[Any, ...], dict[str, Any], F, Any]] = {
    "a factor": ("sin", (lambda x, out: 2 * cos(x),), {}, sin, 0.7),
    "a factor of 1.01": ("sin", (lambda x, out: 1.01 * cos(x),), {}, sin, 0.7),
    "a factor of 1.000001": ("sin", (lambda x, out: 1.000001 * cos(x),), {}, sin, 0.7),
    "a factor, at a large number": ("sin", (lambda x, out: 1.001 * cos(x),), {}, sin, 1e6),
    "a factor, at a small number": ("tan", (lambda x, out: 1.001 * (1 + out**2),), {}, tan, 1e-6),
    "a factor, of a small slope": ("tanh", (lambda x, out: 1.01 * (1 - out**2),), {}, lambda x: tanh(x) * 1e-6, 0.7),
    "the sign": ("cos", (lambda x, out: sin(x),), {}, cos, 0.7),
    "the sign of one of two": ("hypot", (lambda x, y, out: x / out, lambda x, y, out: -y / out), {}, hypot, (3.0, 4.0)),
    "two exchanged": ("atan2", (lambda y, x, out: -y / (x * x + y * y), lambda y, x, out: x / (x * x + y * y)), {},
                      autograd.atan2, (1.0, 2.0)),
    "an edge that is missing": ("hypot", (lambda x, y, out: x / out, None), {}, hypot, (3.0, 4.0)),
    "an edge that is dead": ("hypot", (lambda x, y, out: x / out, lambda x, y, out: y / out),
                             {"chosen": (None, lambda x, y, out: False)}, hypot, (3.0, 4.0)),
    "a term that is missing": ("silu", (lambda x, out: sigmoid(x),), {}, autograd.silu, 0.7),
    "a constant slope": ("exp", (lambda x, out: 1,), {}, exp, 0.7),
    "no slope": ("exp", (lambda x, out: x * 0,), {}, exp, 0.7),
    "nan": ("exp", (lambda x, out: x * math.nan,), {}, exp, 0.7),
    "inf": ("exp", (lambda x, out: x * math.inf,), {}, exp, 0.7),
    "the function for its slope": ("sigmoid", (lambda x, out: out,), {}, sigmoid, 0.7),
    "one of a list": ("prod", (lambda xs, out: [out / x for x in xs[:-1]] + [out],), {},
                      lambda x: prod(x), [2.0, 3.0, 4.0]),
    "all of a list": ("logsumexp", (lambda xs, out: [x * 0 + 1 / len(xs) for x in xs],), {},
                      lambda x: logsumexp(x), [1.0, 2.0]),
    "the bias of dot": ("dot", (lambda xs, out: [*xs[len(xs) // 2 : -1], *xs[: len(xs) // 2], 0],), {},
                        lambda b: dot([1.0, 2.0], [3.0, 4.0], b), 0.5),
    "the wrong branch": ("maximum", (lambda x, y, out: 0, lambda x, y, out: 1), {"chosen": ()}, maximum, (3.0, 1.0)),
    "only deep inside": ("sin", (lambda x, out: 1.001 * cos(x),), {},
                         lambda x: exp(tanh(sin(x[0]) * x[1])), [0.7, 2.0]),
}  # fmt: skip


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(("name", "rules", "more", "f", "xs"), WRONG.values(), ids=WRONG)
def test_planted_wrong_rules_are_found(
    name: str, rules: Any, more: Any, f: F, xs: Any, order: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gradcheck(f, xs, order=order)
    plant(monkeypatch, name, *rules, **more)
    with pytest.raises(GradcheckError):
        gradcheck(f, xs, order=order)


SECOND: dict[str, Any] = {
    "that forgets it depends on x": lambda x, out: cos(x.detach() if isinstance(x, Value) else x),
    "that is constant on Values": lambda x, out: Value(math.cos(x.data)) if isinstance(x, Value) else cos(x),
    "whose own slope has the wrong sign": lambda x, out: 2 * cos(x.detach()) - cos(x) if type(x) is Value else cos(x),
    "right at this point only": lambda x, out: cos(x) + 0.25 * (x - 0.7),
}


@pytest.mark.parametrize("rule", SECOND.values(), ids=SECOND)
def test_a_wrong_second_derivative_of_a_right_first_one(rule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, "sin", rule)
    assert gradcheck(sin, 0.7)
    with pytest.raises(GradcheckError):
        gradcheck(sin, 0.7, order=2)


def test_a_wrong_mixed_second_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    def rule(x: Any, y: Any, out: Any) -> Any:
        return log(y.detach() if isinstance(y, Value) else y)

    plant(monkeypatch, "xlogy", rule, TABLE["xlogy"].rules[1])
    assert gradcheck(xlogy, (2.0, 3.0))
    with pytest.raises(GradcheckError):
        gradcheck(xlogy, (2.0, 3.0), order=2)


def test_the_message_shows_the_first_wrong_entry_and_the_numbers_of_all_modes(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, "sin", lambda x, out: 2 * cos(x))
    with pytest.raises(GradcheckError) as caught:
        gradcheck(lambda x: [x[0], x[1] + sin(x[2])], [0.1, 0.2, 0.7])
    said = str(caught.value)
    assert "x[2]" in said
    assert "f[1]" in said
    assert said.count(f"{2 * math.cos(0.7)}"[:12]) >= 2, said  # reverse and forward
    assert f"{math.cos(0.7)}"[:8] in said
    assert "0.7" in said
    for mode in ("reverse", "forward", "numerical"):
        assert mode in said
    assert ".data" not in said


def test_the_second_order_is_named_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(
        monkeypatch,
        "xlogy",
        lambda x, y, out: log(y),
        lambda x, y, out: Value(x.data / y.data) if type(x) is Value else x / y,
    )
    with pytest.raises(GradcheckError, match=r"∂.*∂.*x[01].*x[01]"):
        gradcheck(xlogy, (2.0, 3.0), order=2)


# Conversions ----------------------------------------------------------------------------------------------------------


def with_item(x: Any) -> Any:
    return x * x.item()


def with_data(x: Any) -> Any:
    return sin(x) + Value(x.data) ** 2


def with_detach(x: Any) -> Any:
    return x * x.detach()


@pytest.mark.parametrize(("f", "named"), [(with_item, ".item()"), (with_data, ".data"), (with_detach, "detach")])
@pytest.mark.parametrize("order", [1, 2])
def test_a_conversion_is_named_as_the_likely_cause(f: F, named: str, order: int) -> None:
    with pytest.raises(GradcheckError) as caught:
        gradcheck(f, 3.0, order=order)
    assert named in str(caught.value)
    assert "test_gradcheck.py" in str(caught.value)


def test_a_conversion_that_cuts_the_second_derivative_only() -> None:
    """x·|x| written with a sign taken from .data is right to both orders; x²·(x.data) is not."""
    assert gradcheck(lambda x: x * x * math.copysign(1, x.data), 3.0, order=2)
    with pytest.raises(GradcheckError, match=r"\.data"):
        gradcheck(lambda x: [x * x, x**2 * x.data], 3.0, order=2)


def test_a_conversion_under_no_grad_is_a_wrong_derivative_too() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            factor = x * 2
        return factor * x

    with pytest.raises(GradcheckError):
        gradcheck(f, 3.0)


def test_a_profiler_goes_on_afterwards() -> None:
    calls: list[str] = []

    def profile(frame: Any, event: str, argument: Any) -> None:
        calls.append(event)

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        with pytest.raises(GradcheckError):
            gradcheck(with_item, 3.0)
        kept = sys.getprofile()
    finally:
        sys.setprofile(before)
    assert kept is profile


# Never in vain --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    ("f", "xs"),
    [
        (log, -1.0),
        (sqrt, -1.0),
        (lambda x: x * math.nan, 1.0),
        (lambda x: [x, x * math.nan], 1.0),
        (lambda x: math.nan, 1.0),
        (lambda x: x, math.nan),
        (lambda x: x[0] * x[1], [1.0, math.nan]),
        (exp, 1000.0),
        (lambda x: x / 0.0 if isinstance(x, Value) else math.inf, 1.0),
        (log, 0.0),
        (lambda x: 1 / x, Value(0.0)),
        (lambda x: x, math.inf),
        (tanh, math.inf),
        (lambda x: where(x < 0.7, x, math.nan), 0.7),
    ],
)
def test_what_cannot_be_compared_does_not_pass(f: F, xs: Any, order: int) -> None:
    with pytest.raises(GradcheckError):
        gradcheck(f, xs, order=order)


@pytest.mark.parametrize(("f", "xs"), [(lambda x: [], 1.0), (lambda x: 1.0, []), (lambda: 1.0, ()), (sum, np.ones(0))])
def test_nothing_to_compare_does_not_pass(f: F, xs: Any) -> None:
    with pytest.raises((ValueError, GradcheckError)):
        gradcheck(f, xs)


def test_a_jump_is_no_kink() -> None:
    """By its rules the slope of a step is 0 on both sides; at the jump there is none."""
    with pytest.raises(GradcheckError):
        gradcheck(lambda x: where(x >= 0, 1.0, 0.0) + x, 0.0)


def test_how_much_was_compared() -> None:
    assert gradcheck(lambda x, y: [x * y, x, y], (1.0, 2.0)).compared == 6
    assert gradcheck(lambda x, y: [x * y, x, y], (1.0, 2.0), order=2).compared == 6 + 12


# Around it ------------------------------------------------------------------------------------------------------------


def test_inside_no_grad_and_untouched_values() -> None:
    w = Value(2.0)
    (w * 3).backward()
    with no_grad():
        assert gradcheck(lambda x: w * x**2, 0.3, order=2)
    assert (w.data, w.grad) == (2.0, 3.0)
    with no_grad(), pytest.raises(GradcheckError):
        gradcheck(with_item, 0.3)


def test_threads() -> None:
    failed = []

    def work(seed: int) -> None:
        for k in range(3):
            x = 0.1 + seed + k
            if not gradcheck(lambda a, b: tanh(a * b) + sin(a), (x, 0.1), order=2):
                failed.append(x)
            try:
                gradcheck(with_item, x)
                failed.append(x)
            except GradcheckError:
                pass

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


BAD: dict[str, tuple[Callable[[], Any], Any, str]] = {
    "order 3": (lambda: gradcheck(sin, 1.0, order=3), ValueError, "order"),
    "order 0": (lambda: gradcheck(sin, 1.0, order=0), ValueError, "order"),
    "no function": (lambda: gradcheck(3.0, 1.0), TypeError, "function"),
    "a Value for the function": (lambda: gradcheck(Value(1.0), 1.0), TypeError, "function"),
    "a string for the argument": (lambda: gradcheck(sin, "1"), TypeError, "float"),
    "None for the argument": (lambda: gradcheck(sin, None), TypeError, "None"),
    "a string as the result": (lambda: gradcheck(lambda x: "a", 1.0), TypeError, "string"),
    "None as the result": (lambda: gradcheck(lambda x: None, 1.0), TypeError, "return"),
    "a bool as the result": (lambda: gradcheck(lambda x: x > 0, 1.0), TypeError, "where"),
    "a complex number as the result": (lambda: gradcheck(lambda x: 1j, 1.0), TypeError, "complex"),
}


@pytest.mark.parametrize(("call", "error", "says"), BAD.values(), ids=BAD)
def test_bad_input_is_told_what_to_use_instead(call: Callable[[], Any], error: Any, says: str) -> None:
    with pytest.raises(error, match=says):
        call()
