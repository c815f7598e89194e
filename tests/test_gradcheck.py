"""`gradcheck`: it passes what is right, at every scale; it fails what is wrong, and says where and why."""

from __future__ import annotations

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
from smooth_programs import LIBRARY, SMOOTH
from table_oracle import REFERENCES, tame_points

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


# Steps so large that the function has gone through whole periods between them: it looks constant, at 402 = 64·2π.
PASSED_BY = [1747.5534954528555, -1748.7309191876714, *[2 * math.pi * 4**k / 0.23 for k in range(1, 6)]]


@pytest.mark.parametrize("x", PASSED_BY)
def test_a_period_that_falls_on_the_steps(x: float, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gradcheck(sin, x)
    assert gradcheck(lambda x: exp(sin(x)), x)
    plant(monkeypatch, "sin", lambda x, out: x * 0)
    with pytest.raises(GradcheckError):
        gradcheck(sin, x)


@pytest.mark.parametrize("width", [1e-2, 1e-4, 1e-6])
def test_what_happens_only_nearby_is_not_passed_by(width: float) -> None:
    """A step and a bump that are narrow: from afar the function is flat, and all large steps agree on that."""
    assert gradcheck(lambda x: tanh((x - 1) / width), 1 + 0.3 * width)
    assert gradcheck(lambda x: x + exp(-(((x - 1) / width) ** 2)), 1 + 0.3 * width)
    assert gradcheck(lambda x: width**2 * sin(x / width), 1.0)


@settings(max_examples=150)
@given(random_graphs.programs(SMOOTH, longest=10), st.sampled_from([1e-200, 1e-30, 1e-15, 1.0, 1e15]))
def test_a_smooth_function_passes_at_any_size(program: random_graphs.Program, size: float) -> None:
    f = smooth(program)
    assert gradcheck(lambda *xs: size * f(*xs), tuple(program.leaves)).kinks == []


@settings(max_examples=40)
@given(random_graphs.programs(SMOOTH, longest=8))
def test_a_smooth_function_passes_to_order_two(program: random_graphs.Program) -> None:
    assert gradcheck(smooth(program), tuple(program.leaves), order=2)


def smooth(program: random_graphs.Program) -> F:
    """The program as a function; what leaves the range of its operation at the start is a sine instead, everywhere."""
    tame: dict[int, bool] = {}

    def f(*leaves: Any) -> Any:
        slots = list(leaves)
        for at, step in enumerate(program.steps):
            operation = random_graphs.OPERATIONS[step.operation]
            chosen = [slots[k % len(slots)] if isinstance(k, int) else k for k in step.operands[: operation.arity]]
            if at not in tame:
                numbers = [x.data if isinstance(x, Value) else x for x in chosen]
                out = LIBRARY[step.operation](*numbers) if operation.domain(*numbers) else math.inf
                tame[at] = abs(out) < 100
            slots.append(LIBRARY[step.operation](*chosen) if tame[at] else sin(chosen[-1]))
        return slots[-1]

    f(*program.leaves)
    return f


def test_terms_that_cancel_leave_rounding_and_no_error() -> None:
    """The derivative is 0, what is computed 1e-17: as much as rounding leaves of terms of the size of 1."""
    f = lambda x: (0.1 * x + 0.2 * x) - 0.3 * x  # noqa: E731
    assert autograd.grad(f)(0.7) != 0.0
    for x in (0.0, 0.7, 3.0, 1e6):
        assert gradcheck(f, x, order=2)
        assert gradcheck(lambda x: 1e-30 * f(x), x, order=2)
        assert gradcheck(lambda x: ((x + 1e8) - 1e8) - x, x, order=2)


def test_subnormal_slopes_have_hardly_a_digit() -> None:
    assert gradcheck(exp, -738.97, order=2)
    assert gradcheck(lambda x: 1e-320 * tanh(x), 0.3, order=2)


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


@pytest.mark.parametrize("size", [1e-200, 1e-100, 1e-30, 1e-15, 1e-8, 1e8, 1e100])
@pytest.mark.parametrize("factor", [2.0, 0.0, -1.0, 1.00001])
def test_a_wrong_rule_is_found_however_small_the_slope(
    size: float, factor: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def f(x: Any) -> Any:
        return size * sin(x)

    assert gradcheck(f, 0.7)
    plant(monkeypatch, "sin", lambda x, out: factor * cos(x))
    with pytest.raises(GradcheckError):
        gradcheck(f, 0.7)


WAYS_TO_BE_WRONG: dict[str, Callable[[F], F]] = {
    "a factor": lambda rule: lambda *operands: 1.01 * rule(*operands),
    "the sign": lambda rule: lambda *operands: -rule(*operands),
    "a term": lambda rule: lambda *operands: rule(*operands) + 0.01,
    "nothing": lambda rule: lambda *operands: 0.0 * rule(*operands),
}


@pytest.mark.parametrize("way", WAYS_TO_BE_WRONG)
def test_a_wrong_rule_is_found_in_random_functions(way: str) -> None:
    """Unless it makes no difference there: the derivative with the wrong rule is compared with the right one."""
    found = 0
    names = ["sin", "cos", "tanh", "sigmoid", "atan", "erf"]

    @settings(max_examples=60)
    @given(random_graphs.programs(SMOOTH, longest=8))
    def check(program: random_graphs.Program) -> None:
        nonlocal found
        f, xs = smooth(program), tuple(program.leaves)
        used = [step.operation for step in program.steps if step.operation in names] or ["tanh"]

        def ending(*xs: Any) -> Any:
            return LIBRARY[used[-1]](f(*xs) + 0.25 * xs[0])

        right = autograd.grad(ending, range(len(xs)))(*xs)
        with pytest.MonkeyPatch.context() as patch:
            plant(patch, used[-1], WAYS_TO_BE_WRONG[way](TABLE[used[-1]].rules[0]))
            wrong = autograd.grad(ending, range(len(xs)))(*xs)
            size = 1e-6 * max(1.0, *map(abs, right))
            if any(abs(a - b) > size for a, b in zip(right, wrong, strict=True)):
                found += 1
                with pytest.raises(GradcheckError):
                    gradcheck(ending, xs)

    check()
    assert found > 20


def test_a_wrong_rule_is_found_where_the_function_grows_beyond_all_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    """One large step away it is 1e15 times as large: that says nothing of how exact the slope has to be here."""
    for k in (1, 20, 150):
        assert gradcheck(lambda x, k=k: exp(k * x), 0.1)
    plant(monkeypatch, "exp", lambda x, out: 1.0001 * out)
    for k in (1, 20, 150):
        with pytest.raises(GradcheckError):
            gradcheck(lambda x, k=k: exp(k * x), 0.1)


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
