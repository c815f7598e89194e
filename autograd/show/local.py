"""Local derivatives in writing: as a formula of the names in the graph, and the same formula to put numbers into."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.ops import TABLE
from autograd.show import words
from autograd.show.simplify import RAISED, NoFormulaError, in_books, tidy
from autograd.symbols import Symbol, derivative
from autograd.value import Value

FIRST_MARK = 0xF0000  # marks are private-use characters, which no name has: `words.clean` takes them out
MOST_OPERANDS = 200
LONGEST_RULE = 60
MOST_EXPANDED = 16  # values and constants in one formula
NUMBERED = re.compile(r"v\d+")  # the name of a value that nothing names
ONE_MARK = re.compile("[\U000f0000-\U000fffff]")
TOKEN = re.compile(r"\{(\w+)([!^?~]?)\}")
TIGHT = frozenset("+−·*/")  # signs after which a negative number stands in brackets


class Local(NamedTuple):
    """A local derivative: `rule` of names (`1 − h²`), `arithmetic` a template for numbers (`1 − {out^}²`)."""

    rule: str = ""
    arithmetic: str = ""


def filled(template: str, lookup: Callable[[str], float | str]) -> str:
    """The template with a number, or a word, for each {name}.

    {name!} is in brackets where it is negative, {name^}, before an exponent, where it has one itself, too; {name?} is
    True or False, and {name~} says what a factor does.

    >>> told = {"x": 2.0, "y": -3.0, "z": -6.0}.__getitem__
    >>> filled("{x} × {y!} = {z}", told), filled("z {y~}", told)
    ('2 × (−3) = −6', 'z falls 3 times as much')
    """

    def one(token: re.Match[str]) -> str:
        x = lookup(token[1])
        if isinstance(x, str):
            return f"({x})" if token[2] in ("!", "^") and x.startswith("−") else x
        if token[2] == "~":
            return change(x)
        if token[2] == "?":
            return str(x != 0)
        return words.bracketed(x, raised=token[2] == "^") if token[2] else words.number(x)

    return TOKEN.sub(one, template)


def change(factor: float) -> str:
    """What something does that changes `factor` times as much as what it is made of grows.

    >>> change(0.5), change(-3.0), change(1.0), change(0.0)
    ('grows 0.5 times as much', 'falls 3 times as much', 'grows just as much', 'stays as it is')
    """
    size = words.number(abs(factor))
    if factor == 0:
        return "stays as it is"
    times = "just as much" if size == "1" else f"{size} times as much"
    return f"{'falls' if factor < 0 else 'grows'} {times}"


def differential(name: str) -> str:
    """A name after ∂: in brackets where it has signs in it.

    >>> differential("h"), differential("a + b")
    ('∂h', '∂(a + b)')
    """
    return f"∂{bracketed(name)}"


def locals_of(node: Value, called: Mapping[Value, str]) -> list[Local]:
    """The local derivative by each parent; an empty one where the table has none.

    >>> from autograd import Value, tanh
    >>> x = Value(0.5)
    >>> h = tanh(x)
    >>> locals_of(h, {x: "x", h: "h"})
    [Local(rule='1 − h²', arithmetic='1 − {out^}²')]
    """
    operands = node.operands
    if node._row is None or node._row.name not in TABLE or len(operands) > MOST_OPERANDS:
        return [Local()] * len(node.parents)
    names, places = {}, {}
    symbols: list[Any] = []
    for at, operand in enumerate([*operands, node]):
        mark = chr(FIRST_MARK + at)
        places[mark] = "out" if at == len(operands) else "0?" if not at and node._row.name == "where" else str(at)
        if isinstance(operand, Value):
            name = called[operand]
            names[mark] = bracketed(name)
            symbols.append(Symbol(mark))
        elif _is_short(operand):
            symbols.append(operand)
        else:
            names[mark] = words.bracketed(operand)
            symbols.append(Symbol(mark))
    found = _partials(node._row.name, tuple(symbols[:-1]), symbols[-1])
    written = [
        _printed(partial) for partial, operand in zip(found, operands, strict=True) if isinstance(operand, Value)
    ]
    return [_local(text, names, places) for text in written]


def expanded(node: Value, called: Mapping[Value, str]) -> str:
    """How a value was made, down to what has a name of its own: `tanh(a*b + c)`; empty where that is long.

    >>> from autograd import Value, tanh
    >>> a, b = Value(2.0), Value(-3.0)
    >>> product = a * b
    >>> L = tanh(product)
    >>> expanded(L, {a: "a", b: "b", product: "v1", L: "L"})
    'tanh(a*b)'
    """
    names: dict[str, str] = {}
    left = MOST_EXPANDED

    def symbol(operand: Value | float, root: bool = False, truth: bool = False) -> Any:
        nonlocal left
        left -= 1
        if not isinstance(operand, Value) and truth:
            return Symbol(str(operand != 0))
        if not isinstance(operand, Value) and _is_short(operand):
            return operand
        if isinstance(operand, Value):
            row, numbered = operand._row, NUMBERED.fullmatch(called[operand])
            if left > 0 and row is not None and row.name in TABLE and row.name != "dot" and (root or numbered):
                asked = row.name == "where"
                inside = [symbol(x, truth=asked and not at) for at, x in enumerate(operand.operands)]
                return Symbol("", row.name, tuple(inside))
        mark = chr(FIRST_MARK + len(names))
        names[mark] = bracketed(called[operand]) if isinstance(operand, Value) else words.bracketed(operand)
        return Symbol(mark)

    written = symbol(node, root=True).text.replace("-", "−") if node._row is not None else ""
    text = ONE_MARK.sub(lambda mark: names[mark[0]], written)
    return text if left > 0 and len(text) <= LONGEST_RULE else ""


def bracketed(name: str) -> str:
    """A name as it stands in a formula: in brackets where it has signs in it."""
    return f"({name})" if words.SIGNS.intersection(name) else name


def off_the_books(node: Value) -> list[bool]:
    """For each parent, whether the local derivative is not what books write: at a tie, or where no slope exists.

    >>> from autograd import Value, maximum, tanh
    >>> a, b = Value(2.0), Value(2.0)
    >>> off_the_books(maximum(a, b)), off_the_books(tanh(a))
    ([True, True], [False])
    """
    row, partials = node._row, node._partials()
    if row is None or not row.textbook or len(node.operands) > MOST_OPERANDS:
        return [False] * len(partials)
    numbers = [x.data if isinstance(x, Value) else x for x in node.operands]
    if row.variadic:
        books = row.textbook[0](numbers, node.data)
    else:
        books = [rule and _attempted(rule, numbers, node.data) for rule in row.textbook]
    asked = [book for book, operand in zip(books, node.operands, strict=True) if isinstance(operand, Value)]
    return [not _agree(book, partial or 0.0) for book, partial in zip(asked, partials, strict=True)]


def _attempted(rule: Callable[..., Any], numbers: Sequence[float], out: float) -> Any:
    try:
        return rule(*numbers, out)
    except ZeroDivisionError:
        return math.nan
    except OverflowError:
        return None


def _agree(book: Any, partial: float) -> bool:
    """Whether the two are the same but for rounding; a formula that was not, or cannot be, evaluated is believed."""
    if book is None or not math.isfinite(partial):
        return True
    return isinstance(book, (int, float)) and math.isclose(book, partial, rel_tol=1e-6, abs_tol=1e-12)


def _is_short(constant: float) -> bool:
    """Whether all its digits are worth showing; then 1·x is x, and x**(2 − 1) too."""
    return math.isfinite(constant) and len(repr(constant)) <= 7


def _partials(name: str, operands: tuple[Any, ...], out: Symbol) -> Sequence[Any]:
    """The derivative by each operand as books write it; None where there is none."""
    row = TABLE[name]
    if row.variadic:
        found: Sequence[Any] = (row.textbook[0] if row.textbook else row.partials)(operands, out)  # type: ignore[misc]
        return found
    return [derivative(name, at, operands, out).value if rule else None for at, rule in enumerate(row.rules)]


def _printed(partial: Any) -> str:
    if partial is None:
        return ""
    try:
        text = in_books(tidy(partial).text) if isinstance(partial, Symbol) else words.number(partial)
    except NoFormulaError:
        return ""
    return text if len(text) <= LONGEST_RULE else ""


def _local(text: str, names: Mapping[str, str], places: Mapping[str, str]) -> Local:
    """A rule that is one number says all; so does one that is one name, whose number follows anyway."""

    def place(mark: re.Match[str]) -> str:
        before, after = text[: mark.start()].rstrip()[-1:], text[mark.end() : mark.end() + 2]
        raised = after == "**" or (after and after[0] in RAISED)
        return f"{{{places[mark[0]]}{'^' if raised else '!' if before in TIGHT else ''}}}"

    rule = ONE_MARK.sub(lambda mark: names[mark[0]], text)
    tells = len(text) > 1 and ONE_MARK.search(text)
    return Local(rule, ONE_MARK.sub(place, text).replace("·", " × ") if tells else "")
