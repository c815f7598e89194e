"""Lessons 3 to 5: right answers are taken in several spellings, and the usual wrong ones are met with the hint."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from answers_judged import is_judged, is_odd, said

from autograd import Value, explain, grad
from build import lessons
from checks import ANSWERS


def downhill(slope: Callable[[float], float], start: float, lr: float, count: int) -> float:
    w = start
    for _ in range(count):
        w = w - lr * slope(w)
    return w


def uphill(slope: Callable[[float], float], start: float, lr: float, count: int) -> float:
    return downhill(slope, start, -lr, count)


def felt_once(slope: Callable[[float], float], start: float, lr: float, count: int) -> float:
    return start - count * lr * slope(start)


def rate_alone(slope: Callable[[float], float], start: float, lr: float, count: int) -> float:
    return start - count * lr


def one_too_many(slope: Callable[[float], float], start: float, lr: float, count: int) -> float:
    return downhill(slope, start, lr, count + 1)


def whole_path(slope: Callable[[float], float], start: float, lr: float, count: int) -> list[float]:
    return [downhill(slope, start, lr, n) for n in range(count + 1)]


def recursive(slope: Callable[[float], float], start: float, lr: float, count: int) -> float:
    return start if count == 0 else recursive(slope, start - lr * slope(start), lr, count - 1)


def relay(x: float, u_adds: bool = True, x_adds: bool = True) -> float:
    """∂L/∂x of u = x*x, v = u + x, L = u*v by hand, with its sums or without."""
    u = x * x
    v = u + x
    grad_u, grad_v = v, u
    grad_u = grad_u + grad_v if u_adds else grad_v
    parts = [grad_v, grad_u * x, grad_u * x]
    return parts[0] + parts[1] + parts[2] if x_adds else parts[-1]


def with_values(x: float) -> float:
    w = Value(x)
    u = w * w
    (u * (u + w)).backward()
    return w.grad


# exercise, answers that are right, answers that are wrong and met with the hint
TABLE: list[tuple[str, list[Any], list[Any]]] = [
    ("3.1", [4.6, "4.6", "4,6", "23/5", 5 - 0.1 * 4, Value(4.6)], [5.4, 4.9, 1, 5.1, 0.4, 4.8, -4.6, 4.36]),
    ("3.2", ["b", "B", "b)", "(b)", "option b"], ["a", "c", "d", "C)"]),
    ("3.3", [0.125, "0.125", "0,125", "1/8", Fraction(1, 8), 1 / 8, "12.5 %"], [0.25, 0.5, 8, 0.1, 0.2, -0.125]),
    (
        "3.4",
        [downhill, recursive, lambda slope, start, lr, count: Value(downhill(slope, start, lr, count))],
        [uphill, felt_once, rate_alone, one_too_many, lambda slope, start, lr, count: start],
    ),
    (
        "4.1",
        [[2.5, 0], (2.5, 0.0), "2.5, 0", "2,5; 0", np.array([2.5, 0]), ["5/2", 0]],
        [[2.5, -1.5], [2, 0], [0, 2.5], [10.5, 6.5], [2.0, -2.0], [2.5, 1.5]],
    ),
    ("4.2", [-10, -10.0, "-10", "−10", "-10,0", Value(-10.0), -4 * 2.5], [10, 2.5, -2.5, 4, 0.5, -9.5, -1.6]),
    (
        "4.3",
        [[1.8, 32], (1.8, 32.0), "1.8, 32", "1,8; 32", ["9/5", 32], [180 / 100, 32]],
        [[32, 1.8], [2.12, 32], [1.8, 0], [5 / 9, 32], [1.8, -32], [180, 32]],
    ),
    (
        "4.4",
        ["bias", "Bias", "the bias", " bias. ", "only the bias", "the bias b"],
        ["weight", "both", "neither", "the weight", "neither of them", "only the weight"],
    ),
    ("5.1", [24, 24.0, "24", Value(24.0), 2 * 4 * 3], [6, 11, 8, 3, 16, 32, 12, 48]),
    (
        "5.2",
        [[24, 12], (24, 12), "24, 12", [24.0, Value(12.0)], np.array([24, 12])],
        [[12, 12], [12, 24], [24, 36], [6, 4], [12, 36], [36, 0], [8, 12]],
    ),
    ("5.3", [100, 100.002, "100", "100,0", 50001 * 0.002, 50000 * 0.002], [100002, 0.006, 300, 200, 0.1, 1000, 0.004]),
    (
        "5.4",
        [relay, with_values, lambda x: Value(relay(x)), grad(lambda x: x * x * (x * x + x))],
        [
            lambda x: x * x * (x * x + x),
            lambda x: relay(x, u_adds=False),
            lambda x: relay(x, x_adds=False),
            lambda x: 44.0,
            lambda x: 0.0,
        ],
    ),
]
ODD = [
    ("3.1", "to the left", "A number is asked for"),
    ("3.2", "smaller", "'a', 'b', 'c', 'd'"),
    ("3.4", 1.08, "A function is asked for"),
    ("3.4", whole_path, "A number is asked for"),
    ("3.4", lambda slope, start, lr, count: None, "Has it a return?"),
    ("3.4", lambda slope, start: start, "stopped with TypeError"),
    ("4.1", 2.5, "A list of numbers is asked for"),
    ("4.1", [2.5], "2 numbers are asked for"),
    ("4.3", "fahrenheit", "A number is asked for"),
    ("4.4", "b", "'bias', 'both', 'neither', 'weight'"),
    ("4.4", "everything but the weight", "'bias', 'both', 'neither', 'weight'"),
    ("4.4", "the weight and the bias", "'bias', 'both', 'neither', 'weight'"),
    ("5.2", 36, "A list of numbers is asked for"),
    ("5.2", [12, 12, 12], "2 numbers are asked for"),
    ("5.3", "100 s", "A number is asked for"),
    ("5.4", lambda: 1, "stopped with TypeError"),
]
HERE = [lesson for lesson in lessons() if lesson.name[:2] in ("03", "04", "05")]
FOLDED = re.compile(r'check\("([\d.]+)", answer\)\n\n# %% \[markdown\]\n(# <details>.*?# </details>)', re.DOTALL)
CODE = re.compile(r"# ```python\n(.*?)# ```", re.DOTALL)


def test_every_exercise_is_in_the_table():
    assert [name for name, _, _ in TABLE] == sorted(name for name in ANSWERS if name[:2] in ("3.", "4.", "5."))


@pytest.mark.parametrize(("name", "right", "wrong"), TABLE, ids=[name for name, _, _ in TABLE])
def test_right_answers_are_taken_and_wrong_ones_get_the_hint(name, right, wrong, capsys):
    is_judged(capsys, name, right, wrong)


@pytest.mark.parametrize(("name", "answer", "told"), ODD)
def test_answers_of_another_kind_are_told_what_is_asked_for(name, answer, told, capsys):
    is_odd(capsys, name, answer, told)


@pytest.mark.parametrize("name", [name for name, _, _ in TABLE])
def test_no_hint_gives_the_answer_away(name):
    right = next(right[0] for at, right, _ in TABLE if at == name)
    if isinstance(right, int | float):
        numbers = [float(x.replace("−", "-")) for x in re.findall(r"[-−]?\d+(?:\.\d+)?", ANSWERS[name].hint)]
        assert not any(math.isclose(x, right) for x in numbers)


def test_the_folded_solutions_are_right(capsys):
    """The functions in the folds are run and checked; what else is in code there runs."""
    found = {}
    for lesson in HERE:
        for name, fold in FOLDED.findall(lesson.read_text("utf-8")):
            found[name] = fold
            for block in CODE.findall(fold):
                scope: dict[str, Any] = {"Value": Value, "explain": explain}
                exec(re.sub(r"^# ?", "", block, flags=re.MULTILINE), scope)
                capsys.readouterr()
                for solution in ("downhill", "slope"):
                    if solution in scope:
                        assert said(capsys, name, scope[solution]) == f"{name}: right"
                        found[name] = "checked"
    assert sorted(found) == [name for name, _, _ in TABLE]
    assert [name for name, fold in found.items() if fold == "checked"] == ["3.4", "5.4"]
