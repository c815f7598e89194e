"""Expressions as text: read as Python reads them, and nothing else can be run."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.expressions import FUNCTIONS, parse
from autograd.ops import TABLE
from autograd.tokens import ExpressionError

NAMES = {name: getattr(autograd, name) for name in FUNCTIONS}
NUMBERS = {"a": 0.75, "b": -1.5, "c": 2.0}


def values() -> dict[str, Value]:
    return {name: Value(x) for name, x in NUMBERS.items()}


def number(x: Any) -> float:
    return x.data if isinstance(x, Value) else x


atoms = st.sampled_from(["a", "b", "c", "2", "0.5", "3.", ".25", "1e-1"])


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from([" + ", "-", "*", " / "]), inner).map("".join),
        inner.map(lambda x: f"({x})"),
        inner.map(lambda x: f"-{x}"),
        inner.map(lambda x: f"({x})**2"),
        inner.map(lambda x: f"2**-({x})"),
        st.tuples(st.sampled_from(["tanh", "sigmoid", "relu", "sin"]), inner).map(lambda x: f"{x[0]}({x[1]})"),
        st.lists(inner, min_size=1, max_size=3).map(lambda xs: f"sum([{', '.join(xs)}])"),
        st.tuples(inner, inner, inner).map(lambda x: f"where({x[0]} < {x[1]}, {x[2]}, 1)"),
    )


@given(st.recursive(atoms, grown, max_leaves=8))
def test_an_expression_means_what_it_means_in_python(text: str) -> None:
    try:
        expected = number(eval(text, {**NAMES, **values(), "__builtins__": {}}))
    except ArithmeticError:
        return
    found = number(parse(text).compute(values()))
    assert found == expected or (math.isnan(found) and math.isnan(expected)), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-2**2", -4.0),
        ("2**-1", 0.5),
        ("2**3**2", 512.0),
        ("8/4/2", 1.0),
        ("1 - 2 - 3", -4.0),
        ("--2", 2.0),
        ("+2", 2.0),
        ("1/0", math.inf),
        ("2×3 − 4·5", -14.0),
        ("h = 3; k = h*h; k + 1", 10.0),
        ("max([1, 2]) + min([1, 2]) + mean([1, 2])", 4.5),
        ("dot([1, 2], [3, 4], 10)", 21.0),
        ("leaky_relu(-1)", -0.01),
        ("clip(5, 0, 1,)", None),
        ("1;", 1.0),
    ],
)
def test_numbers(text: str, expected: float | None) -> None:
    if expected is None:
        with pytest.raises(ExpressionError):
            parse(text)
    else:
        assert parse(text).compute({}) == expected


def test_every_row_that_is_public_can_be_written() -> None:
    public = {name for name in TABLE if name in autograd.__all__ or name in ("sum", "abs", "max", "min")}
    assert public <= set(FUNCTIONS)
    assert all(name in autograd.__all__ or name in ("sum", "abs", "max", "min") for name in FUNCTIONS)


def test_parts_with_names_become_labels() -> None:
    result = parse("h = a*b; L = tanh(h); L").compute(values())
    assert result.label == "L"
    assert result.parents[0].label == "h"


def test_the_name_of_a_variable_is_not_taken_for_a_part() -> None:
    a = Value(1.0, "a")
    assert parse("h = a; h*h").compute({"a": a}).parents[0] is a
    assert a.label == "a"


MISTAKES = [  # the text, where the caret stands, and a word of the message
    ("", 0, "nothing to compute"),
    ("tanh(a*b + c", 4, "never closed"),
    ("tanh(a))", 7, "closes nothing"),
    ("tahn(a)", 0, "tanh"),
    ("2a", 1, "write *"),
    ("a b", 2, "write *"),
    ("(a)(b)", 3, "write *"),
    ("a ^ 2", 2, "**"),
    ("a +", 3, "missing"),
    ("a + * b", 4, "not expected"),
    ("a.data", 1, "dots"),
    ("a % 2", 2, "means nothing"),
    ("__import__('os')", 11, "means nothing"),
    ("exec(a)", 0, "no function"),
    ("open(a)", 0, "no function"),
    ("tanh", 0, "tanh(x)"),
    ("tanh()", 0, "tanh(x)"),
    ("clip(a, 1)", 0, "clip(x, lo, hi)"),
    ("sum(a, b)", 4, "list"),
    ("sum([])", 4, "empty"),
    ("[a, b]", 0, "sum([a, b])"),
    ("a < b < c", 6, "one comparison"),
    ("a == b", 2, "compare"),
    ("1e999 + a", 0, "larger"),
    ("tanh = a", 0, "function"),
    ("a + 1; a = 2", 7, "another name"),
    ("a if b > 0 else c", 2, "a choice is made by a function: write where(b > 0, a, c)"),
    ("h = 2*a; tanh(h if (h > 0) else -h) + 1", 16, "write where((h > 0), h, -h)"),
    ("sum([a, (b) if c < 2 else d*(a + 1)])", 12, "write where(c < 2, (b), d*(a + 1))"),
    ("a if b", 2, "write where(c, a, b)"),
    ("a if b else", 2, "write where(c, a, b)"),
    ("λ", None, ""),
    ("lambda: a", 6, "means nothing"),
    ("a\n*\n)", 4, "not expected"),
]


@pytest.mark.parametrize(("text", "at", "says"), MISTAKES)
def test_a_mistake_is_pointed_at(text: str, at: int | None, says: str) -> None:
    if at is None:
        parse(text)
        return
    with pytest.raises(ExpressionError, match=re.escape(says)) as caught:
        parse(text)
    assert caught.value.at == at
    _, line, caret = str(caught.value).rsplit("\n", 2)
    assert caret.index("^") - 2 == at
    assert line == "  " + text.replace("\n", " ")


def test_the_caret_finds_its_place_in_a_long_line() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("a + " * 50 + "a ^ 2" + " + a" * 50)
    _, line, caret = str(caught.value).rsplit("\n", 2)
    assert line[caret.index("^")] == "^"
    assert len(line) < 120


@given(st.lists(st.sampled_from(["if ", "else ", *"ab1.e-+*/()[],;=<> tanhsum^_'"]), max_size=30).map("".join))
def test_any_text_is_computed_or_is_one_clear_error(text: str) -> None:
    found = 0
    try:
        parse(text)
    except ExpressionError as error:
        found = error.at
    assert 0 <= found <= len(text)


def test_depth_and_length_are_no_danger() -> None:
    with pytest.raises(ExpressionError, match="brackets"):
        parse("(" * 100_000 + "a")
    with pytest.raises(ExpressionError, match="brackets"):
        parse("-" * 100_000 + "a")
    long = parse("+".join(["a"] * 10_000)).compute({"a": Value(1.0)})
    assert long.data == 10_000
