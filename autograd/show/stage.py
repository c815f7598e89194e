"""What steps are told of: one graph with its names, formulae and numbers, and the pass that is walked through."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property

from autograd.floats import KERNELS
from autograd.graph import had_before
from autograd.show import phrases, words
from autograd.show.kinks import sides_of
from autograd.show.local import Local, differential, expanded, filled, locals_of, off_the_books
from autograd.show.passes import is_by_hand
from autograd.show.rounding import UNIT, doubts, near_zero
from autograd.show.shares import same
from autograd.show.sweep import Sweep
from autograd.value import Value

UNKNOWN = "unknown"


class Stage:
    """One graph, read once. A box is the number of a value, operands before results; an edge one use of a value."""

    def __init__(self, root: Value, called: Mapping[Value, str]) -> None:
        self.sweep = Sweep(root)
        self.nodes = self.sweep.nodes
        self.called = called
        self.names = [called[node] for node in self.nodes]
        self.root = len(self.nodes) - 1
        self._locals: dict[int, list[Local]] = {}
        self._off: dict[int, list[bool]] = {}
        self.uses = [0] * len(self.nodes)
        """How many edges lead from each box."""
        for edge in self.sweep.edges:
            self.uses[edge.source] += 1

    # Names and formulae -----------------------------------------------------------------------------------------------

    def operands(self, box: int) -> list[str | float]:
        """The operands of a box as a formula takes them: names and numbers."""
        return [self.called[x] if isinstance(x, Value) else x for x in self.nodes[box].operands]

    def expression(self, box: int, longest: int = words.LONGEST_FORMULA) -> str:
        """How the box was made, of names: `a*b`; empty for a leaf."""
        node = self.nodes[box]
        return words.formula(node._row.name, node.op, self.operands(box), longest) if node._row is not None else ""

    @property
    def made(self) -> str:
        """How the root was made: of values that have names, where that is short."""
        return expanded(self.nodes[self.root], self.called) or self.expression(self.root)

    @property
    def title(self) -> str:
        """The name of the root and how it was made."""
        return f"{self.names[self.root]} = {self.made}" if self.made else self.names[self.root]

    def total(self, box: int) -> str:
        """∂root/∂box."""
        return f"{differential(self.names[self.root])}/{differential(self.names[box])}"

    def local(self, number: int) -> str:
        """∂target/∂source of an edge. Into the root it is written with the expression: ∂L/∂a is already the total."""
        edge = self.sweep.edges[number]
        top = differential(self.names[edge.target])
        if edge.target == self.root:
            made = self.expression(edge.target)
            plain = made.endswith(")") and made.partition("(")[0].isidentifier()
            top = f"∂{made}" if plain else f"∂({made})"
        return f"{top}/{differential(self.names[edge.source])}"

    def rule(self, number: int) -> Local:
        """The local derivative of an edge as a formula."""
        edge = self.sweep.edges[number]
        if edge.target not in self._locals:
            self._locals[edge.target] = locals_of(self.nodes[edge.target], self.called)
        return self._locals[edge.target][number - self.sweep.arriving[edge.target].start]

    def formula(self, number: int) -> str:
        """The chain rule at an edge: ∂L/∂w += ∂L/∂h · ∂h/∂w; with = where w is used only here."""
        edge = self.sweep.edges[number]
        sign = "+=" if self.uses[edge.source] > 1 else "="
        return f"{self.total(edge.source)} {sign} {self.total(edge.target)} · {self.local(number)}"

    def local_line(self, number: int) -> str:
        """The local derivative as name, formula, formula with numbers and number; empty where the table has none."""
        edge = self.sweep.edges[number]
        rule, arithmetic = self.rule(number)
        if self.is_by_hand(edge.target) or (not rule and edge.derivative is None):
            return ""
        last = words.number(0.0 if edge.derivative is None else edge.derivative)
        node = self.nodes[edge.target]

        def lookup(name: str) -> float:
            operand = node if name == "out" else node.operands[int(name)]
            return operand.data if isinstance(operand, Value) else operand

        parts = [self.local(number), *([] if self.is_convention(number) else [rule])]
        if rule and not self.is_stale(edge.target) and len(parts) > 1:
            parts.append(filled(arithmetic, lookup))
        then = " when it was computed" if self.is_stale(edge.target) else ""
        return " = ".join([part for part in parts if part and part != last] + [last]) + then

    def is_convention(self, number: int) -> bool:
        """Whether the local derivative is a convention, at a tie or a kink, and not what the formula gives."""
        edge = self.sweep.edges[number]
        if edge.target not in self._off:
            self._off[edge.target] = off_the_books(self.nodes[edge.target])
        return self._off[edge.target][number - self.sweep.arriving[edge.target].start] and not self.is_stale(
            edge.target
        )

    def sides(self, number: int) -> tuple[float, float] | None:
        """The slopes to the left and to the right of an edge whose operation is at a kink; None where it is at none."""
        edge = self.sweep.edges[number]
        return None if self.is_stale(edge.target) else sides_of(self.nodes[edge.target], edge.operand)

    @property
    def leaves(self) -> list[int]:
        """The boxes that no operation made."""
        return [box for box in range(len(self.nodes)) if self.is_leaf(box)]

    # Numbers ----------------------------------------------------------------------------------------------------------

    def is_by_hand(self, box: int) -> bool:
        """Whether it is micrograd's `Value(data, children, op)`, whose derivatives no table has."""
        return is_by_hand(self.nodes[box])

    def is_leaf(self, box: int) -> bool:
        """Whether no operation made it."""
        return self.nodes[box]._row is None

    def is_stale(self, box: int) -> bool:
        """Whether its operands were changed after it was computed, so that they do not give its number any more."""
        return box in self._stale

    @cached_property
    def _stale(self) -> frozenset[int]:
        stale = []
        for box, node in enumerate(self.nodes):
            if node._row is not None and not self.is_by_hand(box):
                numbers = [x.data if isinstance(x, Value) else x for x in node.operands]
                now = KERNELS[node._row.name](*numbers)
                if now != node.data and not (math.isnan(now) and math.isnan(node.data)):
                    stale.append(box)
        return frozenset(stale)

    def earlier(self, box: int) -> float | None:
        """What a leaf has in its `.grad` beside what this pass gives it, from passes before; None: nothing."""
        node, share = self.nodes[box], self.sweep.gradients[box]
        if not self.is_leaf(box) or not node.computed:
            return None
        if self._before is not None and share is not None:
            had = self._before.get(node, 0.0)
            if same(node.grad, had + share):  # this very pass was the last one to add to it
                return had or None
        return node.grad or None

    @cached_property
    def _before(self) -> dict[Value, float] | None:
        left = had_before(self.nodes[self.root])
        return None if left is None else dict(left)

    def data_text(self, box: int) -> str:
        """The number of a box, or ≈ 0 where it is all rounding."""
        return near_zero(self.nodes[box].data, self._doubts[self.nodes[box]])

    def gradient_text(self, box: int) -> str:
        """The gradient of a box in the end, or ≈ 0 where it is all rounding."""
        gradient = self.sweep.gradients[box]
        return UNKNOWN if gradient is None else near_zero(gradient, self._gradient_doubt[box])

    @cached_property
    def _doubts(self) -> dict[Value, float]:
        return doubts(self.nodes)

    @cached_property
    def _gradient_doubt(self) -> list[float]:
        """How far rounding may move each gradient: that of the largest sum on the way to it."""
        doubt = [0.0] * len(self.nodes)
        for share in self.sweep.shares:
            doubt[self.sweep.edges[share.edge].source] += UNIT * abs(share.flowed or 0.0)
        return doubt

    # Forward arithmetic -----------------------------------------------------------------------------------------------

    def arithmetic(self, box: int) -> str:
        """The forward arithmetic of a box as a template: {0} × {1!} = {out}; empty for a leaf."""
        node = self.nodes[box]
        return phrases.arithmetic(node._row.name, self.operands(box)) if node._row is not None else ""

    def forward_numbers(self, box: int) -> str:
        """The forward arithmetic of a box with its numbers."""
        if self.is_stale(box):
            return self.data_text(box)
        operands = self.nodes[box].operands

        def lookup(name: str) -> float | str:
            if name == "out":
                return self.data_text(box)
            operand = operands[int(name)]
            return operand.data if isinstance(operand, Value) else operand

        return filled(self.arithmetic(box), lookup)
