"""The exercises of lessons 6 to 8 take the right answers however they are written, and none of the usual wrong ones."""

from __future__ import annotations

import math
import random
import re
from pathlib import Path
from typing import Any

import pytest

import autograd
from build import FOLDER
from checks import ANSWERS, check

RIGHT = [
    ("6.1", [[0.5, -1.5], (0.5, -1.5), "0.5, -1.5", "[1/2, -3/2]", "0,5; −1,5", [1 / 2, -6 / 4]]),
    ("6.2", [2 * math.e, 5.437, 5.44, "5,44", autograd.Value(5.4366)]),
    ("6.3", ["b", "B", "(b)", "b."]),
    ("6.4", [True, "true", "yes", "Right."]),
    ("7.1", [-0.25, "-1/4", "−0,25", "-25 %"]),
    ("7.2", [[-2, 0, -0.5], (-2.0, 0.0, -0.5), "-2, 0, -0.5", "−2; 0; −0,5", [-2, -0.0, "-1/2"]]),
    ("7.3", ["up", "Up", "UP.", "up!"]),
    ("7.4", [[1000, 8000], "1000, 8000", "1000 8000", (1e3, 8e3)]),
    (
        "8.1",
        [
            lambda x1, x2: x1 + x2 - 0.5,
            lambda x1, x2: 2 * x1 + 3 * x2 - 1,
            lambda a, b: autograd.Value(1.0) * a + b - 0.3,
            lambda x1, x2: 1000 * (x1 + x2) - 1,
        ],
    ),
    ("8.2", ["b", "B", "option b"]),
    ("8.3", [[3, 2, -1], "3, 2, -1", "[3, 2, −1]", (3.0, 2.0, -1.0)]),
    ("8.4", [False, "no", "false", "Wrong"]),
]
WRONG = [
    # the second sign forgotten; the other way round; the factors instead of the slopes; the result
    ("6.1", [[0.5, 1.5], [-1.5, 0.5], [2, 6], [0.5, -0.75], [3, -3], [0.5], 0.5]),
    # one path only; the doubling forgotten; the value; e
    ("6.2", [math.e, 1.5 * math.e, math.e / 2, 3 * math.e, 1.0, "two paths"]),
    ("6.3", ["a", "c", "d", 2]),
    ("6.4", [False, "no", "a tape"]),
    # slope forgotten; weights forgotten; δ forgotten; the sign lost; everything added
    ("7.1", [-1, 1, 0.375, 0.25, -0.75, "no"]),
    # signs lost; the bias without δ; inputs as gradients
    ("7.2", [[2, 0, 0.5], [-2, 0, 1], [4, 0, 1], [-2, 0, 0], [-2, -0.5, -0.5], [-2, 0]]),
    ("7.3", ["down", "stay", "left", -0.05]),
    ("7.4", [[1000, 1000], [8000, 1000], [2000, 16000], [1, 8], 8000]),
    # AND; always; a product; not a weighted sum; no numbers at all
    (
        "8.1",
        [
            lambda x1, x2: x1 + x2 - 1.5,
            lambda x1, x2: x1 + x2 + 0.5,
            lambda x1, x2: x1 + x2,
            lambda x1, x2: x1 + x2 - x1 * x2 - 0.5,
            lambda x1, x2: 1 if x1 or x2 else -1,
            lambda x1, x2: max(x1, x2) - 0.5,
            lambda x1, x2: None,
            lambda x: x,
            [1, 1, -0.5],
        ],
    ),
    ("8.2", ["a", "c", "x1² + x2²"]),
    ("8.3", [[3, 2, 1], [3, 3, -3], [2, 1, 0], [3, 2]]),
    ("8.4", [True, "yes", "sometimes"]),
]


def tried(name: str, answer: Any, capsys: pytest.CaptureFixture[str]) -> str:
    check(name, answer)
    return capsys.readouterr().out


@pytest.mark.parametrize(("name", "answers"), RIGHT, ids=[name for name, _ in RIGHT])
def test_the_right_answer_is_taken_however_it_is_written(
    name: str, answers: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert {tried(name, answer, capsys) for answer in answers} == {f"{name}: right\n"}


@pytest.mark.parametrize(("name", "answers"), WRONG, ids=[name for name, _ in WRONG])
def test_the_usual_wrong_answers_get_a_hint(name: str, answers: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    for answer in answers:
        told = tried(name, answer, capsys)
        assert re.fullmatch(rf"{re.escape(name)}: not yet\. .{{15,}}\n", told), (answer, told)


def test_every_exercise_of_these_lessons_stands_in_both_tables() -> None:
    names = [name for name in ANSWERS if name[0] in "678"]
    assert [name for name, _ in RIGHT] == [name for name, _ in WRONG] == names


# The whole engine that stands folded at the end of lesson 6 -----------------------------------------------------------

LESSON = FOLDER / "06_build_the_engine.py"


def the_whole_engine(lesson: Path) -> type:
    text = lesson.read_text("utf-8")
    folded = text.split("<details><summary>The whole engine")[1].split("# ```python\n")[1].split("# ```\n")[0]
    scope: dict[str, Any] = {}
    exec(re.sub(r"^# ?", "", folded, flags=re.MULTILINE), scope)
    found: type = scope["Value"]
    return found


def grown(numbers: list[Any], seed: int) -> Any:
    rng, pool = random.Random(seed), list(numbers)
    for _ in range(12):
        x, y = rng.choice(pool), rng.choice(pool)
        pool.append(rng.choice([x + y, x - y, 1 - x, 2 * x, (x * y).tanh(), x / (y * y + 1), -x, (x + 1) ** 2 / 9]))
        pool.append(pool[-1].tanh() + 0.5 / (y**2 + 3))
    return pool[-1] + pool[-2] * pool[-3]


def test_the_whole_engine_agrees_with_the_library() -> None:
    value = the_whole_engine(LESSON)
    for seed in range(50):
        mine, theirs = [value(0.7), value(-1.3)], [autograd.Value(0.7), autograd.Value(-1.3)]
        for numbers in (mine, theirs):
            root = grown(numbers, seed)
            root.backward()
            root.backward()  # leaves add up, what is computed begins anew
        assert [one.grad for one in mine] == pytest.approx([one.grad for one in theirs], rel=1e-9, abs=1e-12)


def test_the_whole_engine_goes_deep_and_takes_each_number_once() -> None:
    x = y = the_whole_engine(LESSON)(1.0)
    for _ in range(5000):
        y = y + x
    y.backward()
    assert x.grad == 5001
    x = y = the_whole_engine(LESSON)(1.0)
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad == 2**60
