"""Derivatives as formulas: of one operation, and, where it is short, of a whole computation."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import reduce
from typing import Any, NamedTuple

from autograd.ops import TABLE
from autograd.show import words
from autograd.show.paths import Paths
from autograd.show.simplify import RAISED, NoFormulaError, Sum, add, evaluated, in_books, tidy, times, written
from autograd.symbols import Symbol, derivative, latex_name, printed
from autograd.value import Value

MOST_OPERANDS = 200  # of one operation
LARGEST = 60  # symbols in an expression that is written out
MOST_PATHS = 8  # that are added up in one formula
LONGEST_LOCAL = 60
LONGEST = 90
MARK = re.compile("[\U000f0000-\U0010ffff]")
LATEX_MARK = re.compile(r"\\text\{([\U000f0000-\U0010ffff])\}")


class Formula(NamedTuple):
    """A formula as text, with numbers in place of names, and as LaTeX."""

    text: str
    numbers: str
    latex: str
    alone: bool
    """Whether it needs no brackets as a factor."""


class Derived(NamedTuple):
    """What is differentiated, as text and LaTeX, or nothing if that is only a name; and its derivative."""

    of: tuple[str, str]
    formula: Formula


class Writer:
    """Writes formulas of the nodes of one graph, by the names they are called by.

    A name is kept out of the formulas until they are in print, where a mark, a character that no name has, stands for
    it: then a - in a name is no minus, and the same formula can be printed with numbers.
    """

    def __init__(self, called: Mapping[Value, str]) -> None:
        self.called = called
        self._symbols: dict[Any, Symbol] = {}
        self._marked: dict[str, Any] = {}

    def symbol(self, x: Value | float | bool) -> Any:
        """A node, or a number too long to be written out, as a symbol; a short number as it is."""
        if not isinstance(x, (Value, bool)) and math.isfinite(x) and len(repr(x)) <= 7:
            return x
        key = x if isinstance(x, Value) else (type(x), repr(x))
        if key not in self._symbols:
            mark = chr(0xF0000 + len(self._symbols))
            self._symbols[key], self._marked[mark] = Symbol(mark), x
        return self._symbols[key]

    def formula(self, x: Any, by_rule: bool = False) -> Formula:
        """A formula in print; `by_rule` if nothing in it is as the user wrote it."""
        found = x if isinstance(x, Sum) else tidy(x)
        text = in_books(found.text) if by_rule else found.text
        numbers = MARK.sub(self._number, text)
        return Formula(
            MARK.sub(self._name, text),
            numbers[1:-1] if len(text) == 1 and numbers[0] == "(" else numbers,
            LATEX_MARK.sub(self._latex, found.latex),
            written(found)[1] >= 2,
        )

    def expression(self, x: Any, brackets: bool = False) -> tuple[str, str]:
        """What the user wrote, as text and LaTeX; in brackets, if asked, where signs in it would be misread."""
        both = []
        for latex in (False, True):
            text, binds = printed(x, latex)
            if brackets and binds < (2 if latex else 9):
                text = rf"\left({text}\right)" if latex else f"({text})"
            both.append(text)
        return MARK.sub(self._name, both[0].replace("-", "−")), LATEX_MARK.sub(self._latex, both[1])

    def operands(self, node: Value) -> list[Any]:
        """The operands as symbols and numbers."""
        if node.op == "where" and not isinstance(node.operands[0], Value):
            return [bool(node.operands[0]), *map(self.symbol, node.operands[1:])]
        return list(map(self.symbol, node.operands))

    def made(self, node: Value) -> str:
        """The operation that made a node, of the names of its operands."""
        operands = [self.called[x] if isinstance(x, Value) else float(x) for x in node.operands]
        return words.formula(node._row.name, node.op, operands)

    def _name(self, mark: re.Match[str]) -> str:
        x = self._marked[mark[0]]
        if not isinstance(x, Value):
            return str(x) if isinstance(x, bool) else words.number(x)
        return f"({self.called[x]})" if words.SIGNS.intersection(self.called[x]) else self.called[x]

    def _number(self, mark: re.Match[str]) -> str:
        x = self._marked[mark[0]]
        after = mark.string[mark.end() : mark.end() + 2]
        raised = after == "**" or (bool(after) and after[0] in RAISED)
        if isinstance(x, bool):
            return str(x)
        number = x.data if isinstance(x, Value) else x
        alone = mark.string[: mark.start()].endswith("(") and after.startswith(")") and not raised
        return words.number(number) if alone else words.bracketed(number, raised)

    def _latex(self, mark: re.Match[str]) -> str:
        x = self._marked[mark[1]]
        if isinstance(x, Value):
            return latex_name(self.called[x])
        return rf"\text{{{x}}}" if isinstance(x, bool) else latex_number(x)

    # Derivatives ------------------------------------------------------------------------------------------------------

    def local(self, node: Value, place: int) -> Formula | None:
        """The derivative of one operation by its operand number `place`; None where it is long.

        >>> from autograd import Value, tanh
        >>> x = Value(-0.5)
        >>> h = tanh(x)
        >>> Writer({x: "x", h: "h"}).local(h, 0)
        Formula(text='1 − h²', numbers='1 − (−0.4621)²', latex='1 - h^{2}', alone=False)
        """
        if len(node.operands) > MOST_OPERANDS:
            return None
        found = derivative(node._row.name, place, tuple(self.operands(node)), self.symbol(node)).value
        try:
            whole = tidy(found)
        except NoFormulaError:
            return None
        values = [at for at, operand in enumerate(node.operands) if isinstance(operand, Value)]
        slope = node._partials()[values.index(place)]
        formula = self.formula(whole, by_rule=True) if self.gives(whole, slope or 0.0) else None
        return formula if formula is not None and len(formula.text) <= LONGEST_LOCAL else None

    def gives(self, formula: Sum, number: float) -> bool:
        """Whether the formula gives this number here: at a kink, the convention may be none that it knows."""
        found = evaluated(formula, lambda mark: _datum(self._marked[mark]))
        if not (math.isfinite(found) and math.isfinite(number)):
            return True
        return math.isclose(found, number, rel_tol=1e-6, abs_tol=1e-9)

    def derived(self, paths: Paths) -> Derived | None:
        """∂v/∂wrt as one formula, written out down to the leaves or else of names of nodes; None where it is long."""
        if not paths.depends or paths.end == paths.start or not 0 < paths.live_count <= MOST_PATHS:
            return None
        for meaning in (self.written_out(paths), None):
            if meaning is None or paths.start in meaning:
                whole = self.whole(paths, meaning)
                value = paths.derivative or 0.0
                found = self.formula(whole) if whole is not None and self.gives(whole, value) else None
                if found is not None and len(found.text) <= LONGEST:
                    v = meaning[paths.start] if meaning else None
                    of = self.expression(v, brackets=True) if v is not None else ("", "")
                    if len(of[0]) <= LONGEST:
                        return Derived(of, found)
        return None

    def written_out(self, paths: Paths) -> dict[int, Any]:
        """Each node as an expression of leaves, as far as it is not too large."""
        written_out: dict[int, Any] = {}
        size: dict[int, int] = {}
        for at, node in enumerate(paths.nodes):
            inside = [paths.number[parent] for parent in node.parents]
            if all(n in written_out for n in inside):
                size[at] = 1 + sum(size[n] for n in inside) + len(node.operands) - len(inside)
                if size[at] <= LARGEST:
                    written_out[at] = self._expression(node, self._operands_in(node, paths, written_out))
        return written_out

    def _operands_in(self, node: Value, paths: Paths, written_out: Mapping[int, Any]) -> list[Any]:
        return [
            written_out[paths.number[x]] if isinstance(x, Value) else symbol
            for x, symbol in zip(node.operands, self.operands(node), strict=True)
        ]

    def _expression(self, node: Value, operands: list[Any]) -> Any:
        """The operation as the user wrote it; a sum of products, where it is a `dot`."""
        if node._row is None or node._row.name not in TABLE:
            return self.symbol(node)
        if node.op == "dot":
            half = len(operands) // 2
            terms = [Symbol("", "*", pair) for pair in zip(operands[:half], operands[half:-1], strict=True)]
            terms += [operands[-1]] * (operands[-1] != 0)
            return reduce(lambda x, y: Symbol("", "+", (x, y)), terms)
        if operands and isinstance(operands[0], bool):
            operands = [self.symbol(operands[0]), *operands[1:]]
        return Symbol("", node._row.name, tuple(operands))

    def whole(self, paths: Paths, written_out: Mapping[int, Any] | None) -> Sum | None:
        """The sum over all paths, node by node from `wrt` on; None where there is none, or it grows long."""
        found: dict[int, Sum] = {paths.end: tidy(1)}
        for at, edges in enumerate(paths.edges):
            node = paths.nodes[at]
            live = [edge for edge in edges if edge.slope is not None and edge.source in found]
            if not live or (written_out is not None and at not in written_out):
                continue
            if len(node.operands) > MOST_OPERANDS:
                return None
            operands, out = self.operands(node), None if written_out is not None else self.symbol(node)
            if written_out is not None:
                operands = self._operands_in(node, paths, written_out)
            try:
                slopes = [derivative(node._row.name, edge.place, tuple(operands), out).value for edge in live]
                found[at] = add(times(tidy(s), found[edge.source]) for s, edge in zip(slopes, live, strict=True))
            except NoFormulaError:
                return None
            if len(found[at].text) > 4 * LONGEST:
                return None
        return found.get(paths.start)


def _datum(x: Any) -> float:
    return x.data if isinstance(x, Value) else float(x)


def latex_number(x: float) -> str:
    r"""A number as LaTeX writes it, with four digits.

    >>> latex_number(-0.00001234), latex_number(math.inf)
    ('-1.234 \\cdot 10^{-5}', '\\infty')
    """
    text = words.number(x).replace("−", "-")
    if not math.isfinite(x):
        return text.replace("inf", r"\infty").replace("nan", r"\text{nan}")
    mantissa, e, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if e else mantissa
