"""What a network's outputs are made into, as one formula with its derivatives, where that is short."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.ops import TABLE
from autograd.show.derived import MARK, Writer
from autograd.show.phrases import TIMES
from autograd.show.simplify import RAISED, NoFormulaError, Sum, add, in_books, tidy, times
from autograd.symbols import Symbol, derivative, printed
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.show.stage import Stage

LONGEST, MOST_NODES = 60, 40
BINDING = frozenset("+−*/×")  # signs after which a negative number stands in brackets


class Line(NamedTuple):
    """A formula of names, and the template of its arithmetic: {d7} is the data of box 7."""

    formula: str
    fill: str


class Loss:
    """The root of a graph as a formula of the outputs of a network, `outs`."""

    def __init__(self, stage: Stage, outs: Sequence[Value]) -> None:
        self.stage = stage
        self.root = stage.nodes[stage.root]
        self.writer = Template(stage)
        self.order = self._between(set(outs))
        """The values after the outputs, operands first; none where the formula is not short."""
        self.meaning: dict[Value, Any] = {}
        for node in self.order:
            operands = tuple([self.meaning.get(x, written) for x, written in self._operands(node)])
            self.meaning[node] = Symbol("", node._row.name, operands)

    def _between(self, outs: set[Value]) -> list[Value]:
        found, stack = set[Value](), [self.root]
        while stack:
            node = stack.pop()
            if node not in outs and node not in found and node._row is not None:
                if not self._is_written(node) or len(found) == MOST_NODES:
                    return []
                found.add(node)
                stack.extend(node.parents)
        return sorted(found, key=self.stage.sweep.number.__getitem__)

    def _is_written(self, node: Value) -> bool:
        """Whether an operation can stand in a formula: not one made by hand, and no condition decided in Python."""
        name = node._row.name
        return name in TABLE and name != "dot" and not (name == "where" and not isinstance(node.operands[0], Value))

    def _operands(self, node: Value) -> list[tuple[Any, Any]]:
        return list(zip(node.operands, map(self.writer.symbol, node.operands), strict=True))

    def made(self) -> Line | None:
        """How the root is made of the outputs, or None."""
        if not self.order:
            return None
        text = printed(self.meaning[self.root], latex=False)[0].replace("-", "−")
        return self.writer.line(text) if len(text) <= LONGEST else None

    def slope(self, out: Value) -> Line | None:
        """The derivative of the root by an output, or None."""
        found: dict[Value, Sum] = {out: tidy(1)}
        try:
            for node in self.order:
                operands = tuple([self.meaning.get(x, written) for x, written in self._operands(node)])
                parts = [
                    times(tidy(derivative(node._row.name, at, operands, None).value), found[x])
                    for at, x in enumerate(node.operands)
                    if isinstance(x, Value) and x in found
                ]
                if parts:
                    found[node] = add(parts)
        except NoFormulaError:
            return None
        whole = found.get(self.root)
        if not self.order or whole is None or len(whole.text) > LONGEST:
            return None
        return self.writer.line(in_books(whole.text))


class Template(Writer):
    """Writes formulas, and their arithmetic as templates."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.called)
        self.number = stage.sweep.number

    def line(self, text: str) -> Line:
        """A formula in which marks stand for values, with their names and with places for their numbers."""
        numbers = TIMES.sub(" × ", text).replace("·", " × ")

        def place(mark: re.Match[str]) -> str:
            x = self._marked[mark[0]]
            if not isinstance(x, Value):
                return self._number(mark)
            before, after = numbers[: mark.start()].rstrip()[-1:], numbers[mark.end() : mark.end() + 2]
            raised = after == "**" or (after and after[0] in RAISED)
            return f"{{d{self.number[x]}{'^' if raised else '!' if before in BINDING else ''}}}"

        return Line(MARK.sub(self._name, text), MARK.sub(place, numbers))
