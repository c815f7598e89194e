"""The kinds of answers that an exercise takes: a number, numbers, a word, a choice, a truth, a function."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from io import StringIO
from typing import Any

ARTICLES = {"a", "an", "the"}
YES = {"true", "yes", "right", "correct", "t", "y"}
NO = {"false", "no", "wrong", "incorrect", "nottrue", "f", "n"}
TURNED = {"not", "no", "never", "but", "except", "without", "less"}  # words after which a name may mean another
SIGNS = str.maketrans({"−": "-", "–": "-", "∞": "inf", "·": "*", "×": "*", "\u00a0": " "})  # fmt: skip


class OddAnswerError(Exception):
    """An answer of another kind than was asked for; its text says so, kindly, and is shown instead of the hint."""


@dataclass(frozen=True)
class Kind:
    """An entry of the ledger: a judge that says True or False, or raises `OddAnswerError`, and a hint."""

    judge: Callable[[Any], bool]
    hint: str


def number(right: float, hint: str, rel: float = 0.01) -> Kind:
    """One number, right when it is off by at most `rel` of it, or rounded to two digits or more.

    An integer in the ledger is a count: half of one beside it is already wrong. A zero is met within 0.005.

    >>> [number(2.359, hint="").judge(answer) for answer in (2.36, "2,36", 2.4, "2.4", 2, -2.359)]
    [True, True, True, True, False, False]
    >>> [number(1000, hint="").judge(answer) for answer in (1000, "1000.0", 1001)]
    [True, True, False]
    """
    return Kind(lambda answer: close(as_number(answer), right, rel), hint)


def numbers(right: Iterable[float], hint: str, rel: float = 0.01, any_order: bool = False) -> Kind:
    """A list of numbers, each right as `number` says; with any_order=True the order does not matter.

    >>> [numbers([1, 0.25], hint="").judge(answer) for answer in ([1, 0.25], (1.0, "1/4"), "1; 0,25", [0.25, 1])]
    [True, True, True, False]
    """
    wanted = list(right)

    def judge(answer: Any) -> bool:
        given = [as_number(one) for one in as_list(answer)]
        if len(given) != len(wanted):
            raise OddAnswerError(f"{len(wanted)} numbers are asked for, in a list; your answer has {len(given)}.")
        pairs = zip(sorted(given), sorted(wanted), strict=True) if any_order else zip(given, wanted, strict=True)
        return all(close(one, other, rel) for one, other in pairs)

    return Kind(judge, hint)


def word(*right: str, hint: str) -> Kind:
    """A word or some words, of which several wordings may be right; case, spaces, punctuation, articles are ignored.

    >>> kind = word("chain rule", hint="")
    >>> [kind.judge(answer) for answer in ("the chain rule", "Chain-rule.", "chain", "rule of chains")]
    [True, True, False, False]
    """
    spellings = {normal(spelling) for spelling in right}
    return Kind(lambda answer: normal(as_text(answer, "A word is asked for, between quotes")) in spellings, hint)


def choice(right: str, *others: str, hint: str) -> Kind:
    """One of some named choices, such as a, b and c; an answer that is none of them is told the names.

    A name of one word may have others around it, as long as they name no second choice and turn nothing round.

    >>> [choice("b", "a", "c", hint="").judge(answer) for answer in ("b", "B", "(b)", "b.", "option b", "a")]
    [True, True, True, True, True, False]
    >>> [choice("bias", "weight", hint="").judge(answer) for answer in ("only the bias", "the weight w")]
    [True, False]
    """
    names = sorted([right, *others]) if all(len(name) == 1 for name in (right, *others)) else [*others, right]
    named = {normal(name) for name in names}

    def judge(answer: Any) -> bool:
        ask = f"Choose one of {', '.join(repr(name) for name in sorted(names))}, between quotes"
        given = re.sub(r"^(option|answer|choice)", "", normal(as_text(answer, ask), keep=named))
        words = set(re.findall(r"\w+", answer.casefold()))
        met = [name for name in named if len(name) > 1 and name in words]
        if given not in named and len(met) == 1 and not words & TURNED:
            given = met[0]
        if given not in named:
            raise OddAnswerError(f"{ask}; your answer is {shown(answer)}.")
        return given == normal(right, keep=named)

    return Kind(judge, hint)


def truth(right: bool, hint: str) -> Kind:
    """True or False, also as a word: "yes", "no", "right", "wrong".

    >>> [truth(False, hint="").judge(answer) for answer in (False, "no", "False.", 0, True)]
    [True, True, True, True, False]
    """

    def judge(answer: Any) -> bool:
        given = normal(answer) if isinstance(answer, str) else None
        if given in YES | NO:
            return (given in YES) == right
        if type(answer).__name__ in ("bool", "bool_") or (isinstance(answer, int) and answer in (0, 1)):
            return bool(answer) == right
        raise OddAnswerError(f"True or False is asked for; your answer is {shown(answer)}.")

    return Kind(judge, hint)


def function(test: Callable[[Callable[..., Any]], Any], hint: str) -> Kind:
    """A function; `test` tries it, and is true or raises nothing when the function is right.

    >>> kind = function(lambda f: close(f(3.0), 9.0), hint="")
    >>> [kind.judge(answer) for answer in (lambda x: x * x, lambda x: x + x)]
    [True, False]
    """

    def judge(answer: Any) -> bool:
        if not callable(answer):
            raise OddAnswerError(f"A function is asked for: its name without brackets; your answer is {shown(answer)}.")

        def tried(*args: Any, **more: Any) -> Any:
            with redirect_stdout(StringIO()):
                given = answer(*args, **more)
            if given is None:
                raise OddAnswerError("The function gives back None. Has it a return?")
            return given

        try:
            found = test(tried)
        except AssertionError:
            return False
        except OddAnswerError:
            raise
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
            raise OddAnswerError(f"The function was tried, and stopped with {told[:200]}") from None
        return found is None or bool(found)

    return Kind(judge, hint)


# Reading what was written ---------------------------------------------------------------------------------------------


def as_number(answer: Any) -> float:
    """The number that was meant: 0.25, Value(0.25), "0,25", "1/4", "25 %" and an array of one number are all 0.25."""
    if isinstance(answer, str):
        text = answer.strip().rstrip(".").translate(SIGNS).replace(" ", "")
        if re.fullmatch(r"[-+]?\d*,\d+(e[-+]?\d+)?%?", text, re.IGNORECASE):
            text = text.replace(",", ".")
        percent = text.endswith("%")
        try:
            found = float(Fraction(text.rstrip("%"))) if "/" in text else float(text.rstrip("%"))
        except (ValueError, ZeroDivisionError, OverflowError):
            raise OddAnswerError(f"A number is asked for, such as 0.5; your answer is {shown(answer)}.") from None
        return found / 100 if percent else found
    if type(answer).__name__ in ("bool", "bool_"):
        raise OddAnswerError(f"A number is asked for, such as 0.5; your answer is {answer}.")
    try:
        item = answer.item() if hasattr(answer, "item") else answer
        return float(item)
    except Exception:
        raise OddAnswerError(f"A number is asked for, such as 0.5; your answer is {shown(answer)}.") from None


def as_list(answer: Any) -> list[Any]:
    """The items of a list, a tuple, an array, or of text with commas or semicolons between them."""
    if isinstance(answer, str):
        inside = answer.strip().strip("[](){}").strip()
        mark = ";" if ";" in inside else r",\s+" if re.search(r",\s", inside) else r",|\s+"
        return [item for item in re.split(mark, inside) if item.strip()]
    try:
        return list(answer)
    except Exception:
        raise OddAnswerError(f"A list of numbers is asked for, such as [1, 0.5]; yours is {shown(answer)}.") from None


def as_text(answer: Any, ask: str) -> str:
    """The answer, when it is text."""
    if not isinstance(answer, str):
        raise OddAnswerError(f"{ask}; your answer is {shown(answer)}.")
    return answer


def normal(text: str, keep: Iterable[str] = ()) -> str:
    """Text without what does not matter: case, spaces, punctuation, articles. What is all punctuation stays."""
    words = re.findall(r"\w+", text.casefold().replace("_", " ").replace("'", "").replace("’", ""))
    left = [one for one in words if one not in ARTICLES or one in keep or len(words) == 1]
    return "".join(left) or text.strip()


def close(given: float, right: float, rel: float = 0.01) -> bool:
    """Whether a number is met: within `rel` of it, or rounded to two digits or more. See `number`."""
    if math.isnan(right) or math.isinf(right):
        return given == right or (math.isnan(given) and math.isnan(right))
    room = rel * abs(right) if right else 0.005
    if isinstance(right, int):
        return abs(given - right) <= min(room, 0.49)
    return abs(given - right) <= room or rounded(given, right)


def rounded(given: float, right: float) -> bool:
    """Whether `given` is `right` rounded to the digits it has, two or more of which count."""
    try:
        digits = Decimal(repr(given)).normalize()
        places = int(digits.as_tuple().exponent)
        return len(digits.as_tuple().digits) >= 2 and Decimal(repr(right)).quantize(Decimal(1).scaleb(places)) == digits
    except (InvalidOperation, TypeError, ValueError):
        return False


def shown(answer: Any) -> str:
    """An answer, short enough to be quoted."""
    if isinstance(answer, str):
        return f"the text {answer[:60]!r}"
    if callable(answer):
        return f"the function {getattr(answer, '__name__', 'itself')}"
    try:
        text = repr(answer)
    except Exception:
        text = "there"
    return f"{text[:60]} of type {type(answer).__name__}"
