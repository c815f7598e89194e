"""How pictures write a number, a name and an operation, and how wide that is."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

from autograd.ops import TABLE

LONGEST_NAME = 24
LONGEST_FORMULA = 40
LONGEST_LINE = 240  # where a formula has a line of its own, in which names are not shortened
MANY = 5  # an operation of more operands is written with dots
SIGNS = frozenset(" +-*/=<>|")
PATH = re.compile(r"\w+(\.\w+)+")

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


def bracketed(x: float, raised: bool = False) -> str:
    """The number as it stands after another sign, or before an exponent, by which it is `raised`.

    >>> bracketed(-2.0), bracketed(2.0), bracketed(2e-5), bracketed(2e-5, raised=True)
    ('(−2)', '2', '2e−5', '(2e−5)')
    """
    text = number(x)
    return f"({text})" if x < 0 or (raised and "e" in text) else text


def power_of_ten(log: float) -> str:
    """exp(log) with four digits, however large or small it is.

    >>> power_of_ten(math.log(0.25)), power_of_ten(-2000.0)
    ('0.25', '2.577e−869')
    """
    if log == -math.inf or -700 < log < 700:
        return number(math.exp(log))
    exponent = math.floor(log / math.log(10))
    mantissa = f"{math.exp(log - exponent * math.log(10)):.4g}"
    if mantissa == "10":
        mantissa, exponent = "1", exponent + 1
    return f"{mantissa}e{exponent}".replace("-", "−")


def count(n: int) -> str:
    """How many, in full up to a million million.

    >>> count(4096), count(2**10000)
    ('4,096', 'about 1.995e3010')
    """
    if n < 10**12:
        return f"{n:,}"
    shift = max(n.bit_length() - 64, 0)
    return "about " + power_of_ten(math.log(n >> shift) + shift * math.log(2))


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
    """`text`, or its beginning and an ellipsis; of a path the end, which tells it from its neighbours.

    >>> shortened("a long story", 7), shortened("layers.0.neurons.2.w.1", 12)
    ('a long…', '…2.w.1')
    """
    if len(text) <= longest:
        return text
    if PATH.fullmatch(text):
        parts = text.split(".")
        while len(parts) > 1 and len(".".join(parts)) >= longest:
            parts.pop(0)
        if len(parts[0]) < longest:
            return "…" + ".".join(parts)
    return text[: longest - 1].rstrip() + "…"


def width(text: str, size: float) -> float:
    """An upper bound for the width of `text` in pixels, in any common monospaced font of `size` pixels."""
    return sum(_hundredths(char) for char in text) * size / 100


def is_plain(text: str) -> bool:
    """Whether common monospaced fonts have every character, so that `width` is sure without a font at hand."""
    return all(_is_common(char) for char in text)


def _is_common(char: str) -> bool:
    return char < "\u0250" or "\u0370" <= char < "\u0500" or char in "−×·∂…≈ΣΔ"


def _hundredths(char: str) -> int:
    """The width of a letter in hundredths of its size: whole numbers, whose sum is the same in every Python."""
    if _is_common(char):
        return 61  # Menlo and DejaVu Sans Mono have 60.2, others less
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    if char >= "\U0001f000":
        return 140
    return 105 if unicodedata.east_asian_width(char) in "WF" else 80


def formula(name: str, op: str, operands: Sequence[str | float], longest: int = LONGEST_FORMULA) -> str:
    """The operation `name` of the table on operands given by name or number, in the table's notation.

    `op` is what to write where the table has no such operation: a node made by hand. What is `longest` is shortened,
    and so are names, if it is no more than fits into a box.

    >>> formula("*", "*", ["x", 2.0]), formula("**n", "**", ["x", -0.5]), formula("sum", "sum", list("abcdefgh"))
    ('x*2', 'x**(−0.5)', 'sum(a, b, …, h)')
    >>> formula("dot", "dot", ["w1", "w2", "x1", "x2", "b"])
    'w1*x1 + w2*x2 + b'
    """
    boxed = longest <= LONGEST_FORMULA

    def written(x: str | float, binding: int = 0, place: int = 0) -> str:
        return operand(x, binding, place, LONGEST_NAME // 2 if boxed else longest)

    if name == "dot":
        half = len(operands) // 2
        terms = [formula("*", "*", pair, longest) for pair in zip(operands[:half], operands[half:-1], strict=True)]
        if half > (2 if boxed else 3):
            terms[1 if boxed else 2 : -1] = ["…"]
        if operands[-1] != 0:
            terms.append(written(operands[-1], *((1, 1) if isinstance(operands[-1], float) else ())))
        return shortened(" + ".join(terms), longest)
    if name == "where" and isinstance(operands[0], float):
        operands = [str(operands[0] != 0), *operands[1:]]
    if len(operands) > MANY:
        operands = [*operands[:2], "…", operands[-1]]
    if name not in TABLE:
        return shortened(f"{clean(op)}({', '.join(map(written, operands))})", longest)
    notation = TABLE[name].notation
    template = notation.text.replace("-", "−")
    if "{}" in template:
        return shortened(template.format(", ".join(map(written, operands))), longest)
    bindings = notation.inside or (0,) * len(operands)
    return shortened(template.format(*map(written, operands, bindings, range(len(operands)))), longest)


def operand(x: str | float, binding: int = 0, place: int = 0, longest: int = LONGEST_NAME // 2) -> str:
    """An operand as it stands in a formula: in brackets where signs in it, or its own, would be misread.

    `binding` and `place` : how tightly it must bind to go without brackets, and its number among the operands; a name
    is shortened to the `longest` that there is room for.

    >>> operand("a - b"), operand("a - b", 2), operand(-1.0, 2), operand(-1.0, 2, 1)
    ('a - b', '(a - b)', '−1', '(−1)')
    """
    text = shortened(x, longest) if isinstance(x, str) else number(x)
    signs = SIGNS.intersection(text) if isinstance(x, str) else x < 0 and (place > 0 or binding > 3)
    return f"({text})" if binding and signs else text


def partial(of: str, by: str) -> str:
    """A partial derivative in print.

    >>> partial("L", "a"), partial("a + b", "a")
    ('∂L/∂a', '∂(a + b)/∂a')
    """
    left, right = (f"({name})" if SIGNS.intersection(name) else name for name in (of, by))
    return f"∂{left}/∂{right}"
