"""How pictures write a number, a name and an operation, and how wide that is."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from typing import Any

from autograd.ops import TABLE
from autograd.symbols import Symbol

LONGEST_NAME = 24
LONGEST_FORMULA = 40
MANY = 5  # an operation of more operands is written with dots

_DIRECTIONS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def number(x: float) -> str:
    """Four significant digits, with a true minus sign; the digits before the point are never rounded away.

    >>> number(-0.70710678), number(-0.0), number(3.0), number(1 / 30000), number(123456.7), number(1e20)
    ('−0.7071', '0', '3', '3.333e−5', '123457', '1e20')
    """
    if x == 0:
        return "0"
    if not math.isfinite(x):
        return str(x).replace("-", "−")
    digits = f"{x:.0f}" if 1e4 <= abs(x) < 1e6 else f"{x:.4g}"
    mantissa, e, exponent = digits.partition("e")
    return (mantissa + (f"e{int(exponent)}" if e else "")).replace("-", "−")


def bracketed(x: float) -> str:
    """The number as it stands after another sign.

    >>> bracketed(-2.0), bracketed(2.0)
    ('(−2)', '2')
    """
    return f"({number(x)})" if x < 0 else number(x)


def clean(text: object) -> str:
    """`text` on one line, without what XML forbids or what turns the direction of writing.

    >>> clean("a\\nb \\x00")
    'a b �'
    """
    words = " ".join(str(text).split())
    return "".join(
        "�" if char in _DIRECTIONS or unicodedata.category(char) in ("Cc", "Cs", "Cn", "Co") else char for char in words
    )


def shortened(text: str, longest: int) -> str:
    """`text`, or its beginning and an ellipsis.

    >>> shortened("logarithm", 4)
    'log…'
    """
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def width(text: str, size: float) -> float:
    """An upper bound for the width of `text` in pixels, in any common monospaced font of `size` pixels."""
    return sum(_em(char) for char in text) * size


def is_plain(text: str) -> bool:
    """Whether common monospaced fonts have every character, so that `width` is sure without a font at hand."""
    return all(_is_common(char) for char in text)


def _is_common(char: str) -> bool:
    return char < "\u0250" or "\u0370" <= char < "\u0500" or char in "−×·∂…≈ΣΔ"


def _em(char: str) -> float:
    if _is_common(char):
        return 0.61  # Menlo and DejaVu Sans Mono have 0.602, others less
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0.0
    return 1.4 if char >= "\U0001f000" else 1.05


def formula(name: str, op: str, operands: Sequence[Any]) -> str:
    """The operation `name` of the table on operands given by name (a string) or number, in the table's notation.

    `op` is what to write where the table has no such operation: a node made by hand.

    >>> formula("*", "*", ["x", 2.0]), formula("**n", "**", ["x", -0.5]), formula("sum", "sum", list("abcdefgh"))
    ('x*2', 'x**−0.5', 'sum(a, b, …, h)')
    """
    stand_ins: list[tuple[str, str]] = []

    def symbol(operand: Any) -> Symbol:
        """A name of one character that no other text contains: a minus in a label must not be taken for the sign."""
        if isinstance(operand, float) and math.copysign(1.0, operand) < 0:
            return Symbol("", "neg", (symbol(-operand),))
        stand_ins.append(
            (chr(0xE000 + len(stand_ins)), operand if isinstance(operand, str) else number(float(operand)))
        )
        return Symbol(stand_ins[-1][0])

    if name == "dot":
        half = len(operands) // 2
        pairs = [symbol(x) * symbol(y) for x, y in zip(operands[:half], operands[half:-1], strict=True)]
        total: Any = operands[-1] if operands[-1] == 0 else symbol(operands[-1])
        if len(pairs) > 2:
            pairs = [pairs[0], symbol("…"), pairs[-1]]
        for pair in reversed(pairs):
            total = pair + total
        text = str(total)
    else:
        if name == "where" and isinstance(operands[0], float):
            operands = ["True" if operands[0] else "False", *operands[1:]]
        if len(operands) > MANY:
            operands = [*operands[:2], "…", operands[-1]]
        symbols = [symbol(operand) for operand in operands]
        if name in TABLE:
            text = Symbol("", name, tuple(symbols)).text
        else:
            text = f"{clean(op)}({', '.join(map(str, symbols))})"
    text = text.replace("-", "−")
    for stand_in, written in stand_ins:
        text = text.replace(stand_in, written)
    return shortened(text, LONGEST_FORMULA)
