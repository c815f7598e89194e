"""The checks of exercises and guesses: right answers in any spelling, odd ones met kindly, nothing given away."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import checks
from answers import Kind, choice, function, number, numbers, truth, word
from autograd import Value
from checks import ANSWERS, check, guess


class Odd:
    """Fails whatever is asked of it."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __repr__(self) -> str:
        raise RuntimeError("repr")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq")

    __hash__ = None  # type: ignore[assignment]


def called(x: Any) -> str:
    if isinstance(x, Kind) or type(x) is Odd or callable(x):
        return type(x).__name__
    return repr(x)[:30]


def exercise(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, kind: Kind, answer: Any) -> str:
    """What the check of an exercise of this kind prints."""
    monkeypatch.setitem(ANSWERS, "9.9", kind)
    check("9.9", answer)
    said: str = capsys.readouterr().out
    assert said.startswith("9.9: ")
    return said[5:].rstrip("\n")


QUARTER = number(0.25, hint="a hint")
THIRD = number(1 / 3, hint="a hint")
COUNT = number(17, hint="a hint")
PAIR = numbers([1, -0.25], hint="a hint")
SET = numbers([1, 2, 2], hint="a hint", any_order=True)
RULE = word("chain rule", "the rule of chains", hint="a hint")
DIVERGES = word("diverges", "it diverges", "blows up", hint="a hint")
LETTER = choice("b", "a", "c", hint="a hint")
NAMED = choice("it grows", "it shrinks", "it stays the same", hint="a hint")
WRONG = truth(False, hint="a hint")
SQUARE = function(lambda f: abs(f(3.0) - 9.0) < 1e-9 and f(-1) == 1, hint="a hint")

RIGHT = [
    *((QUARTER, a) for a in (0.25, "0.25", "0,25", ",25", ".25", "1/4", " 1 / 4 ", "+0.25", "25%", "25 %", "0.25.")),
    *((QUARTER, a) for a in (Value(0.25), np.float64(0.25), np.array([0.25]), Fraction(1, 4), 0.2512, "2.5e-1")),
    *((THIRD, a) for a in ("1/3", 0.33, 0.333, 0.3333, "0,33", 0.336)),
    *((COUNT, a) for a in (17, 17.0, "17", "17.0", Value(17), np.int64(17))),
    *((PAIR, a) for a in ([1, -0.25], (1, -0.25), np.array([1, -0.25]), [Value(1), "-1/4"])),
    *((PAIR, a) for a in ("1, -0.25", "1; −0,25", "[1, -0.25]", "(1,-1/4)", "1 -0.25")),
    *((SET, a) for a in ([2, 1, 2], "1 2 2")),
    *(
        (RULE, a)
        for a in ("chain rule", "The Chain Rule.", "chain-rule", "chainrule", "rule of chains", "'chain rule'")
    ),
    *((DIVERGES, a) for a in ("diverges", "It diverges!", " BLOWS  UP ")),
    *((LETTER, a) for a in ("b", "B", "b)", "(b)", "b.", "option b", "Answer: b")),
    *((NAMED, a) for a in ("it grows", "It grows.")),
    *((WRONG, a) for a in (False, "False", "false.", "no", "No!", "wrong", "not true", 0, np.bool_(False))),
    *((SQUARE, a) for a in (lambda x: x * x, lambda x: x**2, np.square)),
]
NOT_YET = [
    *((QUARTER, a) for a in (0.3, -0.25, "4", "-1/4", 0.2, 0.24, 25, math.nan, math.inf, "nan", 1e308)),
    *((THIRD, a) for a in (0.3, "0.34", 0.32, 3)),
    *((COUNT, a) for a in (16, 18, 17.6, "16", -17)),
    *((PAIR, a) for a in ([-0.25, 1], [1, 0.25], "1, 0.25")),
    *((SET, a) for a in ([1, 1, 2],)),
    *((RULE, a) for a in ("chain", "rule", "product rule", "the", "", "chain rules")),
    *((DIVERGES, a) for a in ("converges", "does not diverge")),
    *((LETTER, a) for a in ("a", "C")),
    *((NAMED, a) for a in ("it shrinks",)),
    *((WRONG, a) for a in (True, "yes", 1, "True")),
    *((SQUARE, a) for a in (lambda x: 2 * x, abs, lambda x: x**3)),
]
KINDLY = [
    *((QUARTER, a, "A number is asked for") for a in ("a quarter", [0.25, 1], [0.25], True, {}, "1/0", "0,2,5", Odd())),
    *((QUARTER, a, "A number is asked for") for a in (complex(1, 1), print, np.array([1.0, 2.0]), "1e999999/3")),
    (PAIR, [1, 2, 3], "2 numbers are asked for, in a list; your answer has 3."),
    *((PAIR, a, "A list of numbers is asked for") for a in (0.25, print, Odd())),
    *((PAIR, a, "A number is asked for") for a in ("one, two", [1, "x"], [1, True])),
    *((RULE, a, "A word is asked for, between quotes") for a in (3, ["chain rule"], print, Odd())),
    *((LETTER, a, "Choose one of 'a', 'b', 'c'") for a in ("d", 2, "b or c", "", Odd())),
    *((NAMED, a, "Choose one of 'it grows', 'it shrinks', 'it stays the same'") for a in ("grows", 2)),
    *((WRONG, a, "True or False is asked for") for a in ("perhaps", 2, 0.0, [], Odd())),
    *((SQUARE, a, "A function is asked for") for a in (9, "lambda x: x", Odd())),
    (SQUARE, lambda: 9, "The function was tried, and stopped with TypeError"),
    *((SQUARE, a, "The function gives back None") for a in (lambda x: None, lambda x: print(x), print)),
    (SQUARE, lambda x: x / 0, "The function was tried, and stopped with ZeroDivisionError"),
    *((kind, None, "The answer is None") for kind in (QUARTER, PAIR, RULE, SQUARE)),
]


@pytest.mark.parametrize(("kind", "answer"), RIGHT, ids=called)
def test_a_right_answer_is_right_in_any_spelling(capsys: Any, monkeypatch: Any, kind: Kind, answer: Any) -> None:
    assert exercise(capsys, monkeypatch, kind, answer) == "right"


@pytest.mark.parametrize(("kind", "answer"), NOT_YET, ids=called)
def test_a_wrong_answer_gets_the_hint_and_nothing_more(capsys: Any, monkeypatch: Any, kind: Kind, answer: Any) -> None:
    assert exercise(capsys, monkeypatch, kind, answer) == "not yet. a hint"


@pytest.mark.parametrize(("kind", "answer", "said"), KINDLY, ids=called)
def test_an_odd_answer_is_told_what_is_asked_for(
    capsys: Any, monkeypatch: Any, kind: Kind, answer: Any, said: str
) -> None:
    told = exercise(capsys, monkeypatch, kind, answer)
    assert told.startswith(f"not yet. {said}")
    assert len(told) < 320
    for secret in ("0.25", "chain rule"):
        assert secret not in told or secret in str(type(answer).__name__ == "Odd" or answer)


@pytest.mark.parametrize("kind", [QUARTER, PAIR, RULE, LETTER, WRONG, SQUARE])
def test_dots_are_no_answer_yet(capsys: Any, monkeypatch: Any, kind: Kind) -> None:
    assert exercise(capsys, monkeypatch, kind, ...) == "not answered yet"


def test_an_exercise_that_is_not_there_is_said_not_to_be() -> None:
    assert "9.9" not in ANSWERS


def test_zero_and_what_is_not_finite() -> None:
    zero, endless = number(0.0, hint=""), number(math.inf, hint="")
    assert [zero.judge(a) for a in (0, 0.001, "−0", 0.01, -1)] == [True, True, True, False, False]
    assert [endless.judge(a) for a in ("inf", math.inf, "∞", "infinity", 1e300, -math.inf)] == [True] * 4 + [False] * 2
    assert number(math.nan, hint="").judge("nan")
    assert not number(math.nan, hint="").judge(0)


def test_how_near_is_near_enough_can_be_said() -> None:
    assert number(100.0, hint="", rel=0.1).judge(109)
    assert not number(100.0, hint="", rel=0.001).judge(101)
    assert numbers([10.0], hint="", rel=0.1).judge([10.9])


def test_a_function_may_be_tried_by_asserts() -> None:
    def tried(f: Any) -> None:
        assert f(2) == 4

    assert function(tried, hint="").judge(lambda x: x * x)
    assert not function(tried, hint="").judge(lambda x: x)


# Guesses --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mine", "result", "said"),
    [
        (..., 4.2, "your guess: none yet        the answer: 4.2"),
        (..., 2 / 3, "your guess: none yet        the answer: 0.6667"),
        (..., Value(2 / 3), "your guess: none yet        the answer: 0.6667"),
        (..., "it falls", "your guess: none yet        the answer: it falls"),
        (4, 4.2, "your guess: 4        the answer: 4.2        near"),
        ("4,2", 4.2, "your guess: 4,2        the answer: 4.2        that is it"),
        (3, 4.2, "your guess: 3        the answer: 4.2        far"),
        (-4.2, 4.2, "your guess: -4.2        the answer: 4.2        far"),
        (0.1, 0, "your guess: 0.1        the answer: 0        far"),
        (0, 0.0, "your guess: 0        the answer: 0        that is it"),
        ("many", 4.2, "your guess: many        the answer: 4.2"),
        (None, 4.2, "your guess: None        the answer: 4.2"),
        ("b", "B", "your guess: b        the answer: B        that is it"),
        ("a", "b", "your guess: a        the answer: b"),
        (True, True, "your guess: True        the answer: True        that is it"),
        ([1, 2.0], [1, 2.5], "your guess: [1, 2]        the answer: [1, 2.5]"),
        (np.array([1.0]), np.array([1.0, 2.0]), "your guess: 1        the answer: [1, 2]"),
        (65536, 65536, "your guess: 65536        the answer: 65536        that is it"),
    ],
)
def test_guess_and_answer_stand_side_by_side(capsys: Any, mine: Any, result: Any, said: str) -> None:
    guess(mine, result)
    assert capsys.readouterr().out == said + "\n"


# The ledger -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ANSWERS)
def test_every_entry_of_the_ledger_has_a_hint_and_bears_any_answer(capsys: Any, name: str) -> None:
    """The hint is a sentence; it may name no number that is the answer, which only a reader can tell."""
    assert len(ANSWERS[name].hint.split()) >= 4
    assert ANSWERS[name].hint.rstrip(")")[-1] in ".?!"
    for odd in (..., None, "what", "", 1e9, -1, [], [1, 2], {}, print, True, Value(-77.5), Odd(), np.zeros(3)):
        check(name, odd)
        (line,) = capsys.readouterr().out.splitlines()
        assert line.startswith(f"{name}: ")


def test_the_ledger_offers_the_kinds() -> None:
    assert set(checks.__all__) >= {"check", "guess", "number", "numbers", "word", "choice", "truth", "function"}
