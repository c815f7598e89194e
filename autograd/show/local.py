"""Local derivatives in writing: as a formula of the names in the graph, and the same formula to put numbers into."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.ops import TABLE
from autograd.show import words
from autograd.symbols import Symbol, derivative
from autograd.value import Value

FIRST_MARK = 0xF0000  # marks are private-use characters, which no name has: `words.clean` takes them out
MOST_OPERANDS = 200
LONGEST_RULE = 60
ONE_MARK = re.compile("[\U000f0000-\U000fffff]")
TOKEN = re.compile(r"\{(\w+)([!?]?)\}")


class Local(NamedTuple):
    """A local derivative: `rule` of names (`1 − h**2`), `arithmetic` a template for numbers (`1 − {out!}**2`)."""

    rule: str = ""
    arithmetic: str = ""


def filled(template: str, lookup: Callable[[str], float | str]) -> str:
    """The template with a number, or a word, for each {name}; {name!} is in brackets where negative, {name?} is a bool.

    >>> filled("{x} × {y!} = {z}", {"x": 2.0, "y": -3.0, "z": -6.0}.__getitem__)
    '2 × (−3) = −6'
    """

    def one(token: re.Match[str]) -> str:
        x = lookup(token[1])
        if isinstance(x, str):
            return f"({x})" if token[2] == "!" and x.startswith("−") else x
        return words.bracketed(x) if token[2] == "!" else str(x != 0) if token[2] == "?" else words.number(x)

    return TOKEN.sub(one, template)


def differential(name: str) -> str:
    """A name after ∂: in brackets where it has signs in it.

    >>> differential("h"), differential("a + b")
    ('∂h', '∂(a + b)')
    """
    return f"∂({name})" if words.SIGNS.intersection(name) else f"∂{name}"


def locals_of(node: Value, called: Mapping[Value, str]) -> list[Local]:
    """The local derivative by each parent; an empty one where the table has none.

    >>> from autograd import Value, tanh
    >>> x = Value(0.5)
    >>> locals_of(tanh(x) * 3, {x: "x"}), locals_of(tanh(x), {x: "x"})
    Traceback (most recent call last):
    ...
    KeyError: Value(data=0.46211715726000973, grad=not computed)
    >>> h = tanh(x)
    >>> locals_of(h, {x: "x", h: "h"})
    [Local(rule='1 − h**2', arithmetic='1 − {out!}**2')]
    """
    operands = node.operands
    if node._row is None or node._row.name not in TABLE or len(operands) > MOST_OPERANDS:
        return [Local()] * len(node.parents)
    names, places = {}, {}
    symbols: list[Any] = []
    for at, operand in enumerate([*operands, node]):
        mark = chr(FIRST_MARK + at)
        places[mark] = "{out!}" if at == len(operands) else f"{{{at}!}}"
        if isinstance(operand, Value):
            name = called[operand]
            names[mark] = f"({name})" if words.SIGNS.intersection(name) else name
            symbols.append(Symbol(mark))
        elif _is_short(operand):
            symbols.append(operand)
        else:
            names[mark] = words.bracketed(operand)
            symbols.append(Symbol(mark))
    found = _partials(node._row.name, tuple(symbols[:-1]), symbols[-1])
    written = [_printed(partial) for partial, operand in zip(found, operands, strict=True) if isinstance(operand, Value)]
    return [_local(text, names, places) for text in written]


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
    text = partial.text.replace("-", "−") if isinstance(partial, Symbol) else words.number(partial)
    return text if len(text) <= LONGEST_RULE else ""


def _local(text: str, names: Mapping[str, str], places: Mapping[str, str]) -> Local:
    """A rule that is one number says all; so does one that is one name, whose number follows anyway."""
    rule = ONE_MARK.sub(lambda mark: names[mark[0]], text)
    tells = len(text) > 1 and ONE_MARK.search(text)
    return Local(rule, ONE_MARK.sub(lambda mark: places[mark[0]], text) if tells else "")
