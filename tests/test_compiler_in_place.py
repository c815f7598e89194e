"""An optimiser's formula in place, straight code, and the notes of which functions are called: each alone."""

from __future__ import annotations

import cProfile
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threads import together

import autograd
from autograd import Value, maximum, minimum, sqrt, where
from autograd.compiler.called import Codes, noting_calls
from autograd.compiler.in_place import InPlace
from autograd.compiler.straight import LINES, Lines
from nn.optim import adam_update, sgd_update

# Formulae -------------------------------------------------------------------------------------------------------------

LEAVES = ["p", "g", "s0", "s1", "s2", "t", "a", "b", 0.0, 1.0, 0.5, -2.0]
Expression = Any  # a leaf, or (operation, operands…)


def apply(name: str, xs: list[Any]) -> Any:
    """An operation, none of which divides by 0 or leaves the real numbers, on floats, arrays or symbols."""
    x, y = xs[0], xs[-1]
    match name:
        case "+":
            return x + y
        case "-":
            return x - y
        case "*":
            return x * y
        case "/":
            return x / (1.5 + y * y)
        case "neg":
            return -x
        case "sqrt":
            return sqrt(0.25 + x * x)
        case "maximum":
            return maximum(x, y)
        case "minimum":
            return minimum(x, y)
        case "where":
            return where(xs[0] > xs[1], xs[2], xs[3])
        case "first":
            return where(xs[0] == 1, xs[1], xs[2])
        case _:  # an `if` on a setting is part of the formula
            return x if xs[0] else y


ARITIES = {
    "+": 2, "-": 2, "*": 2, "/": 2, "neg": 1, "sqrt": 1, "maximum": 2, "minimum": 2, "where": 4, "first": 3, "if": 2,
}  # fmt: skip


@st.composite
def expressions(draw: Any, depth: int = 3) -> Expression:
    name = draw(st.sampled_from(["leaf", *ARITIES])) if depth else "leaf"
    if name == "leaf":
        return draw(st.sampled_from(LEAVES))
    if name == "if":
        return name, draw(st.sampled_from(["a", "b"])), draw(expressions(depth - 1))
    first = [draw(st.sampled_from(["t", "g"]))] if name == "first" else []
    return name, *first, *(draw(expressions(depth - 1)) for _ in range(ARITIES[name] - len(first)))


def evaluated(expression: Expression, names: dict[str, Any]) -> Any:
    if isinstance(expression, tuple):
        return apply(expression[0], [evaluated(x, names) for x in expression[1:]])
    return names[expression] if isinstance(expression, str) else expression


class Formula:
    """A formula of an optimiser made of expressions, one for p and each slot."""

    def __init__(self, results: list[Expression]) -> None:
        self.results, self.slots = results, len(results) - 1

    def __call__(self, p: Any, g: Any, *state_and_t: Any, a: Any, b: Any) -> tuple[Any, ...]:
        *state, t = state_and_t
        names = {"p": p, "g": g, "t": t, "a": a, "b": b, **{f"s{i}": x for i, x in enumerate(state)}}
        names.update((f"s{i}", p) for i in range(len(state), 3))
        return tuple([evaluated(result, names) for result in self.results])

    def one_by_one(self, p: Any, g: Any, state: list[Any], t: Any, values: dict[str, Any]) -> list[Any]:
        """What is right: on floats, for one number after the other."""
        ts = np.broadcast_to(t, p.shape).tolist()
        rows = zip(p.tolist(), g.tolist(), *(s.tolist() for s in state), ts, strict=True)
        return [np.array(column, dtype=float) for column in zip(*(self(*row, **values) for row in rows), strict=True)]


def check_in_place(formula: Formula, counts: bool, seed: int, calls: list[dict[str, Any]]) -> None:
    """Steps in place against steps on floats, over calls with other settings, other t and other lengths."""
    rng = np.random.default_rng(seed)
    made: InPlace | None = None
    before: dict[str, Any] = {}
    p, state = rng.uniform(-1, 1, 5), [rng.uniform(-1, 1, 5) for _ in range(formula.slots)]
    for number, values in enumerate(calls):
        others = {name for name in values if values[name] != before.get(name)}
        suits = made is not None and made.suits(values)
        if made is not None:  # other numbers are the same formula, unless one is 0
            assert suits == all(values[name] and before[name] for name in others)
        if not suits:
            made, before = InPlace(formula, formula.slots, values, counts), values
        assert made is not None
        g = rng.uniform(-1, 1, 5)
        t = rng.integers(1, 3, 5) if counts else number % 3 + 1
        expected = formula.one_by_one(p, g, state, t, values)
        gradients = g.copy()
        made(p, g, state, t, values)
        np.testing.assert_array_equal(g, gradients)
        for mine, right in zip([p, *state], expected, strict=True):
            np.testing.assert_allclose(mine, right, rtol=1e-13, atol=1e-13)
        p, state = np.clip(p, -2, 2), [np.clip(s, -2, 2) for s in state]
        if number == 2:  # other lengths: the arrays between are others
            p, state = np.resize(p, 9), [np.resize(s, 9) for s in state]
            p, state = p[:5].copy(), [s[:5].copy() for s in state]


setting = st.sampled_from([0.0, 0.5, 1.0, -0.75])


@settings(max_examples=150)
@given(
    st.lists(expressions(), min_size=1, max_size=4),
    st.booleans(),
    st.integers(0, 999),
    st.lists(st.fixed_dictionaries({"a": setting, "b": setting}), min_size=1, max_size=5),
)
def test_a_random_formula_in_place_is_the_formula_on_floats(
    results: list[Expression], counts: bool, seed: int, calls: list[dict[str, Any]]
) -> None:
    check_in_place(Formula(results), counts, seed, calls)


@pytest.mark.parametrize("counts", [False, True])
@pytest.mark.parametrize(
    "results",
    [
        [("-", "p", "g"), "s1", "s0"],  # swapped
        ["s0", "p"],  # with p
        ["s0", "s1", "s2", "p"],  # round in a circle
        ["p", "s0", "s1"],  # unchanged
        ["g", "g", "g"],  # the gradient, which stays its own
        [0.5, 0.0, -2.0],  # constant
        [0.0, 1.0, 2.0, 3.0],  # which are also the numbers of operands
        [2.0, 2.0, 2.0, 2.0],
        [("+", "p", "g"), ("+", "p", 1.0), ("*", ("+", "p", 0.0), ("+", "p", "p"))],
        [("maximum", "g", 1.0), ("maximum", "g", "g"), ("minimum", "g", 0.0), ("minimum", "g", "p")],
        ["t", "t", "a"],  # numbers, the same for all
        [("*", "p", "p"), ("*", "p", "p")],  # one result in two places
        [("+", "p", "s0"), ("-", "p", "s0")],  # each of both
        [("+", "s0", "p"), ("*", ("+", "s0", "p"), "p"), "s0"],
        [("first", "t", "g", "s0"), ("first", "t", "p", "s0")],
        [("first", "g", "p", "s0"), "g"],
        [("where", "a", "b", "p", "s0"), ("if", "a", "p")],
        [("maximum", "p", "s0"), ("minimum", "p", "s0")],
    ],
)
def test_results_may_be_anything_in_any_place(results: list[Expression], counts: bool) -> None:
    calls = [{"a": a, "b": 0.5} for a in (0.5, 1.0, 0.0, 0.0, 0.25)]
    check_in_place(Formula(results), counts, 1, calls)


def test_arrays_of_other_lengths_one_after_the_other() -> None:
    formula = Formula([("-", "p", ("*", "a", ("+", "g", "s0"))), ("*", ("+", "p", "g"), ("-", "p", "g"))])
    values = {"a": 0.5, "b": 1.0}
    made = InPlace(formula, 1, values, counts=False)
    for length in (3, 7, 1, 7, 0, 2):
        p, g, s = (np.random.default_rng(k).uniform(-1, 1, length) for k in range(3))
        expected = formula.one_by_one(p, g, [s], 2, values) if length else [p, s]
        made(p, g, [s], 2, values)
        np.testing.assert_allclose([p, s], expected, rtol=1e-14)


SETTINGS = {
    sgd_update: {"lr": 0.1, "momentum": 0.9, "dampening": 0.1, "weight_decay": 0.01, "nesterov": False},
    adam_update: {"lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8, "weight_decay": 0.01, "amsgrad": False},
}


@pytest.mark.parametrize("formula", SETTINGS)
@pytest.mark.parametrize("counts", [False, True])
@pytest.mark.parametrize("changed", ["nothing", "lr", "momentum", "beta1", "weight_decay", "nesterov", "amsgrad"])
def test_the_formulae_of_the_optimisers(formula: Callable[..., Any], counts: bool, changed: str) -> None:
    rng = np.random.default_rng(3)
    values = dict(SETTINGS[formula])
    slots = 1 if formula is sgd_update else 3
    p, state = rng.normal(size=6), [np.zeros(6) for _ in range(slots)]
    right_p, right_state = p.copy(), [s.copy() for s in state]
    made = InPlace(formula, slots, values, counts)
    for number in range(8):
        if changed in values and number in (3, 5):
            values[changed] = (
                (not values[changed]) if isinstance(values[changed], bool) else 0.0 if number == 3 else 0.4
            )
        if not made.suits(values):
            made = InPlace(formula, slots, values, counts)
        g, t = rng.normal(size=6), (rng.integers(1, 3, 6) if counts else number + 1)
        rows = zip(right_p, g, *right_state, np.broadcast_to(t, 6).tolist(), strict=True)
        right_p, *right_state = (np.array(x) for x in zip(*(formula(*row, **values) for row in rows), strict=True))
        made(p, g, state, t, values)
        np.testing.assert_allclose([p, *state], [right_p, *right_state], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    "formula",
    [
        lambda p, g, t, *, a, b: (p - g if t == 1 else p,),
        lambda p, g, t, *, a, b: (p - g if g == 0 else p,),
        lambda p, g, t, *, a, b: (p - g if a == 0.5 else p,),
        lambda p, g, t, *, a, b: (p - g if a != 0.5 else p,),
        lambda p, g, t, *, a, b: (p - g if a > b else p,),
        lambda p, g, t, *, a, b: (p * {1: 2.0}.get(t, 3.0),),
        lambda p, g, t, *, a, b: (max(p, g),),
        lambda p, g, t, *, a, b: (p * float(a),),
        lambda p, g, t, *, a, b: (p * (t % 2),),
        lambda p, g, t, *, a, b: (p if t in (1, 2) else g,),
    ],
)
def test_what_is_no_formula_is_refused_and_never_taken_for_another_one(formula: Any) -> None:
    with pytest.raises((TypeError, AttributeError)):
        InPlace(formula, 0, {"a": 0.5, "b": 0.25}, counts=False)


# Straight code --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, LINES - 1, LINES, LINES + 1, 3 * LINES + 2])
def test_lines_run_in_order_however_many_they_are(count: int) -> None:
    lines, x, seen = Lines(), np.zeros(3), list[int]()
    for number in range(count):
        lines.call(np.multiply, x, 0.5, out=x)
        lines.call(np.add, x, number, out=x)
        lines.call(seen.append, number)
    run = lines.function()
    for _ in range(2):
        x[:], right = 1.0, 1.0
        seen.clear()
        run()
        for number in range(count):
            right = right * 0.5 + number
        assert x.tolist() == [right] * 3
        assert seen == list(range(count))


def test_arguments_arrive_as_they_are() -> None:
    lines, seen = Lines(), list[Any]()
    array = np.array([1.0])
    given = [
        None,
        1,
        -1,
        2**80,
        0.1,
        -0.0,
        float("inf"),
        float("nan"),
        True,
        False,
        "a'b\n",
        (1, 2),
        array,
        np.float64(2),
    ]

    def keep(*arguments: Any, **named: Any) -> None:
        seen.append((arguments, named))

    lines.call(keep, *given, word=array, other=-2.5)
    lines.line("{}({}, {}, word={})", keep, 1.5, array, "x")
    lines.function()()
    (first, named), second = seen
    assert len(first) == len(given)
    for mine, right in zip(first, given, strict=True):
        assert mine is right or (type(mine) is type(right) and repr(mine) == repr(right))
    assert named["word"] is array
    assert named["other"] == -2.5
    assert second[0][0] == 1.5
    assert second[0][1] is array
    assert second[1] == {"word": "x"}


@pytest.mark.parametrize("function", [np.add, np.maximum, np.minimum, np.matmul, np.einsum])
def test_results_go_into_the_place_that_is_given(function: Any) -> None:
    lines, x, y, out = (
        Lines(),
        np.array([[1.0, -2.0], [3.0, 0.5]]),
        np.array([[0.5, 4.0], [-1.0, 1.0]]),
        np.zeros((2, 2)),
    )
    arguments = ("ij,jk->ik", x, y) if function is np.einsum else (x, y)
    lines.call(function, *arguments, out=out)
    lines.function()()
    np.testing.assert_array_equal(out, function(*arguments))


def test_arrays_made_on_the_way_are_not_taken_for_each_other() -> None:
    lines, total = Lines(), np.zeros(1)
    for number in range(50):  # nobody else holds these arrays: an id may come again
        lines.call(np.add, total, np.array([float(number)]), out=total)
    lines.function()()
    assert total.item() == sum(range(50))


# Which functions are called -------------------------------------------------------------------------------------------


def noted(run: Callable[[], Any]) -> set[str]:
    codes: Codes = {}
    with noting_calls(codes):
        run()
    assert all(isinstance(module, dict) for module in codes.values())
    return {code.co_name for code in codes}


def in_a_dict() -> int:
    return 1


def in_a_list() -> int:
    return 2


def given_on() -> int:
    return 3


def generated() -> Any:
    yield from_generator()


def from_generator() -> int:
    return 4


class Holder:
    def __init__(self) -> None:
        self.function = given_on

    def method(self) -> int:
        return self.function()

    def __call__(self) -> int:
        return self.method()

    @property
    def worth(self) -> int:
        return in_a_list()

    def __add__(self, other: Any) -> int:
        return in_a_dict()


TABLE: dict[str, Any] = {"f": in_a_dict, "all": [in_a_list]}


def test_functions_are_noted_wherever_they_are_found() -> None:
    assert {"in_a_dict"} <= noted(lambda: TABLE["f"]())
    assert {"in_a_list"} <= noted(lambda: [f() for f in TABLE["all"]])
    assert {"__init__", "__call__", "method", "given_on"} <= noted(lambda: Holder()())
    assert {"worth", "in_a_list"} <= noted(lambda: Holder().worth)
    assert {"__add__", "in_a_dict"} <= noted(lambda: Holder() + 1)
    assert {"generated", "from_generator"} <= noted(lambda: list(generated()))
    assert {"given_on"} <= noted(lambda: sorted([1, 2], key=lambda _: given_on()))
    assert "from_generator" not in noted(generated)


def test_each_time_they_are_noted_anew() -> None:
    for _ in range(3):
        assert "in_a_dict" in noted(in_a_dict)
    assert "in_a_dict" not in noted(in_a_list)


def test_the_library_is_not_noted_and_neither_is_another_thread() -> None:
    assert not {"__mul__", "apply"} & noted(lambda: Value(2.0) * 3.0)

    def elsewhere() -> None:
        thread = threading.Thread(target=in_a_dict)
        thread.start()
        thread.join()
        in_a_list()

    found = noted(elsewhere)
    assert "in_a_list" in found
    assert "in_a_dict" not in found


def test_one_within_another_and_after_an_error() -> None:
    outer: Codes = {}
    with noting_calls(outer):
        in_a_dict()
        assert "in_a_list" in noted(in_a_list)
        given_on()
    assert {"in_a_dict", "given_on"} <= {code.co_name for code in outer}
    with pytest.raises(ZeroDivisionError):
        noted(lambda: 1 / 0)
    before = sys.gettrace()
    for _ in range(10):  # tools are given back
        with pytest.raises(ZeroDivisionError):
            noted(lambda: 1 / 0)
    assert sys.gettrace() is before
    assert "in_a_dict" in noted(in_a_dict)


def compiled_rightly() -> None:
    w = [Value(0.5 * k) for k in range(4)]
    functions = {"square": lambda x: x * x * SCALE}

    def loss(xs: Any) -> Any:
        return autograd.sum([functions["square"](v * x) for v, x in zip(w, xs, strict=True)])

    program = autograd.compile(loss)
    xs = [1.0, 2.0, 3.0, 4.0]
    assert program(xs) == loss(xs).data
    assert program(xs[::-1]) == loss(xs[::-1]).data
    assert "SCALE" in str(program.constants)


SCALE = 3.0


def test_a_number_is_seen_that_only_a_function_in_a_dict_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Value(2.0)
    functions = {"scaled": [lambda x: x * SCALE]}
    program = autograd.compile(lambda x: functions["scaled"][0](w * x))
    assert program(1.0) == 6.0
    monkeypatch.setitem(globals(), "SCALE", 5.0)
    assert program(1.0) == 10.0


def test_compiling_under_a_profiler() -> None:
    with cProfile.Profile() as profile:
        compiled_rightly()
        given_on()
    profile.create_stats()
    assert "given_on" in {name for _, _, name in profile.stats}  # type: ignore[attr-defined]


def test_compiling_under_a_tracer_which_goes_on_afterwards() -> None:
    seen = []

    def tracer(frame: Any, event: str, argument: Any) -> Any:
        seen.append((frame.f_code.co_name, event))
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        compiled_rightly()
        now = sys.gettrace()
        in_a_list()
    finally:
        sys.settrace(before)
    assert now is tracer
    assert ("in_a_list", "call") in seen
    assert ("in_a_list", "line") in seen
    assert ("compiled_rightly", "line") in seen


def test_compiling_in_several_threads_at_once() -> None:
    def run() -> None:
        for _ in range(3):
            compiled_rightly()

    together(run, run, run, run)
