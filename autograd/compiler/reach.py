"""Reach: which parameters the way back of a program leads to; those it does not lead to keep value and state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd.compiler.clean import SUM
from autograd.compiler.lanes import operands_of
from autograd.compiler.program import Access, Contract, Forward, Map, Program, Reduce, Region, Select
from autograd.ops import TABLE

TRIED, MIXED = 256, 8
"""At most so many choices are tried for all indices alike, and so many mixed ones."""
MOST = 64
"""So many choices of indices are remembered, with what they lead to."""


class Reach:
    """Which of a program's parameters, its first `count` cells, a result depends on.

    A way along which nothing flows, as to an operand that a maximum did not take, counts: there the gradient is 0. Only
    what an index did not choose does not: in the graph of the eager engine it is not there.
    """

    def __init__(self, program: Program, count: int) -> None:
        self.program, self.count = program, count
        self._selects = [operation for operation in program.forward if isinstance(operation, Select)]
        self._known: dict[bytes, Any] = {}
        surely = self._surely()
        computed = self._found(lambda select, here: (cells := _candidates(select)[here])[cells >= count])
        by_index, certain = np.zeros(count, dtype=bool), True
        for select in self._selects:
            mine = np.zeros(program.cells, dtype=bool)
            mine[select.candidates.table] = True
            mine = mine[:count] & ~surely[:count]
            by_index |= mine
            certain = certain and (not mine.any() or bool(surely[select.out.cells(select.axes)].all()))
        self.varies = not certain or bool((computed & ~surely)[:count].any())
        """Whether an index chooses among computed numbers, so that all that led to the others is not reached."""
        self.by_index = by_index if by_index.any() and not self.varies else None
        """The parameters that an index leads to, and nothing else; those it led to the machine has marked."""
        self.always = None if surely[:count].all() else surely[:count]
        """Those that all ways lead to; None for all."""

    def _surely(self) -> Any:
        """The cells that a result depends on whichever are chosen: tried with each choice for all, and with mixed ones.

        Of a softmax one number is chosen, but what led to all of them led to the sum by which that one was divided.
        """
        widest = max((select.candidates.table.shape[-1] for select in self._selects), default=1)
        rng, found = np.random.default_rng(0), np.ones(self.program.cells, dtype=bool)
        places = np.unique(np.linspace(0, widest - 1, min(widest, TRIED)).astype(int)).tolist()
        for through in [*(partial(_alike, place) for place in places), *[partial(_mixed, rng)] * MIXED]:
            found &= self._found(through)
            if not self._selects:
                break
        return found

    def now(self, machine: Any) -> Any:
        """The parameters that the last way back led to, as truths; None for all."""
        if self.varies:
            return self._by_choice(machine.values)
        if self.by_index is None:
            return self.always
        return self.always | (self.by_index & machine.selected[: self.count])

    def _by_choice(self, values: Any) -> Any:
        """Those that a result depends on where the indices have these values."""
        at = [values[select.at.cells(select.axes)] for select in self._selects]
        key = b"".join(index.tobytes() for index in at)
        if key not in self._known:
            if len(self._known) == MOST:
                self._known.clear()
            chosen = {id(select): index for select, index in zip(self._selects, at, strict=True)}
            self._known[key] = self._found(lambda select, here: _chosen(select, chosen[id(select)])[here])[: self.count]
        return self._known[key]

    def _found(self, through: Callable[[Select, Any], Any]) -> Any:
        """The cells that a result depends on, if `through` says which ones a selection leads to."""
        found = np.zeros(self.program.cells, dtype=bool)
        found[self.program.outputs] = True
        for operation in reversed(self.program.forward):
            if isinstance(operation, Region):
                for scalar in reversed(operation.scalars):
                    if found[scalar.out] and (scalar.row == SUM or scalar.row in TABLE):
                        found[cells_of(scalar)] = True
                continue
            axes = operation.axes
            here = np.broadcast_to(found[operation.out.cells(axes)], axes)
            if not here.any():
                continue
            if isinstance(operation, Select):
                found[through(operation, here)] = True
                continue
            for operand in differentiated(operation):
                cells = operand.cells(axes)
                found[cells if here.all() else np.broadcast_to(cells, axes)[here]] = True
        return found


def differentiated(operation: Forward) -> list[Access]:
    """The operands by which an operation has a derivative."""
    operands = operands_of(operation)
    if isinstance(operation, Contract):
        return operands
    if isinstance(operation, Map):
        rules = TABLE[operation.row].rules if operation.row in TABLE else ()
        found = zip(operands, rules, strict=False)
        return [x for x, rule in found if rule is not None and not isinstance(x, float)]
    return operands if isinstance(operation, Reduce) else []


def cells_of(scalar: Any) -> list[int]:
    """The cells a scalar operation reads."""
    if scalar.row == SUM:
        return [x for _, factors in scalar.operands for x in factors if not isinstance(x, float)]
    return [x for x in scalar.operands if not isinstance(x, float)]


def _candidates(select: Select) -> Any:
    """The cells to choose from, at every point of the axes."""
    table = select.candidates.table
    return np.broadcast_to(table, (*select.axes, table.shape[-1]))


def _alike(place: int, select: Select, here: Any) -> Any:
    """The candidate at one place, at every point that counts."""
    return _candidates(select)[here][..., place % select.candidates.table.shape[-1]]


def _mixed(rng: Any, select: Select, here: Any) -> Any:
    """Any candidates."""
    candidates = _candidates(select)[here]
    return np.take_along_axis(candidates, rng.integers(candidates.shape[-1], size=(len(candidates), 1)), axis=-1)


def _chosen(select: Select, index: Any) -> Any:
    """The cell that is chosen at every point."""
    candidates = _candidates(select)
    places = np.broadcast_to(index, select.axes).astype(int) % candidates.shape[-1]
    return np.take_along_axis(candidates, places[..., None], axis=-1)[..., 0]
