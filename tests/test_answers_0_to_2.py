"""Lessons 0 to 2: right answers are taken in several spellings, and the usual wrong ones are met with the hint."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from answers_judged import is_judged, is_odd

from autograd import Value, grad, maximum, where
from checks import ANSWERS


def nudge(h: float) -> Callable[..., Any]:
    return lambda f, x: (f(x + h) - f(x)) / h


def around(h: float) -> Callable[..., Any]:
    return lambda f, x: (f(x + h) - f(x - h)) / (2 * h)


# exercise, answers that are right, answers that are wrong and met with the hint
TABLE: list[tuple[str, list[Any], list[Any]]] = [
    ("0.1", [4.3, "4.3", "4,3", "43/10", Value(4.3), np.float64(4.3), 1.9 * -3 + 10], [4.2, 4.1, 3.7, 4, 4.6, 7, -3]),
    ("0.2", [6, 6.0, "6", "6.0", "+6", Value(6.0)], [5, 4, 20, 24, 9, 1, 0.006]),
    ("0.3", [3.5, "3.5", "3,5", "7/2", Fraction(7, 2), 3.49997], [3, 4, 0.5, -3.5, 2.5, 0.2857]),
    ("1.1", [2.5, "2.5", "2,5", "5/2", (2**2 + (-1) ** 2) / 2], [5, 1.5, 0.5, 1, 3, 0.25, -2.5]),
    (
        "1.2",
        ["absolute", "Absolute", " absolute. ", "the absolute", "absolute error", "the absolute cost |e|"],
        ["squared", "Squared!", "the squared error"],
    ),
    ("1.3", [2, 2.0, "2", "8/4"], [8, 1.386, 1.25, 0.3281, 4, 0.5, -2]),
    (
        "1.4",
        [
            lambda e: e if e > 0 else -3 * e,
            lambda e: max(e, -3 * e),
            lambda e: maximum(e, -3 * e),
            lambda e: where(e > 0, e, -3 * e),
            lambda e: Value(2 * abs(e) - e),
        ],
        [abs, lambda e: e**2, lambda e: 3 * abs(e), lambda e: -e if e < 0 else 3 * e, lambda e: e if e > 0 else 3 * e],
    ),
    ("2.1", [-3, -3.0, "-3", "−3", "-3,0", grad(lambda x: x * x)(-1.5)], [3, 2.25, -1.5, -2.25, 0, -6]),
    ("2.2", [4.4, "4.4", "4,4", 4 + 4 * 0.1, "22/5"], [4.41, 4.2, 4.1, 4, 8.4, 0.4, 4.04]),
    ("2.3", [False, "False", "false", "no", np.False_, 0], [True, "true", "Yes", 1]),
    (
        "2.4",
        [around(1e-4), around(1e-5), around(1e-6), lambda f, x: grad(f)(x)],
        [
            *(nudge(h) for h in (1e-3, 1e-5, 1e-8, 1e-17)),
            *(around(h) for h in (0.1, 1e-12)),
            lambda f, x: (f(x + 1e-5) - f(x - 1e-5)) / 1e-5,
            lambda f, x: 2 * x,
            lambda f, x: math.inf,
        ],
    ),
]
ODD = [
    ("0.1", "a down", "A number is asked for"),
    ("1.1", [2, -1], "A number is asked for"),
    ("1.2", "both", "'absolute', 'squared'"),
    ("1.2", "not the squared error", "'absolute', 'squared'"),
    ("1.2", "absolute or squared", "'absolute', 'squared'"),
    ("1.2", 3, "'absolute', 'squared'"),
    ("1.4", 2.0, "A function is asked for"),
    ("1.4", lambda: 1, "stopped with TypeError"),
    ("1.4", lambda e: print(end=""), "Has it a return?"),
    ("2.3", "sometimes", "True or False is asked for"),
    ("2.4", lambda f: f(1.0), "stopped with TypeError"),
]


def test_every_exercise_is_in_the_table():
    assert [name for name, _, _ in TABLE] == sorted(name for name in ANSWERS if name[:2] in ("0.", "1.", "2."))


@pytest.mark.parametrize(("name", "right", "wrong"), TABLE, ids=[name for name, _, _ in TABLE])
def test_right_answers_are_taken_and_wrong_ones_get_the_hint(name, right, wrong, capsys):
    is_judged(capsys, name, right, wrong)


@pytest.mark.parametrize(("name", "answer", "told"), ODD, ids=[f"{name}-{told}" for name, _, told in ODD])
def test_answers_of_another_kind_are_told_what_is_asked_for(name, answer, told, capsys):
    is_odd(capsys, name, answer, told)
