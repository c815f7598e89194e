"""The fourth pass: the way back through a program, as a program of the same operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiler.formula import Formula, partial
from autograd.compiler.program import (
    ADJOINTS,
    Access,
    Contract,
    Forward,
    Map,
    Operation,
    Program,
    Pull,
    PullReduce,
    PullRegion,
    PullSelect,
    Reduce,
    Region,
    Select,
    Strided,
    Table,
    Zero,
)  # fmt: skip
from autograd.compiler.reach import cells_of, differentiated
from autograd.ops import TABLE


def adjoint(program: Program, wanted: Any) -> list[Operation]:
    """The operations that compute ∂/∂(the wanted cells) from the adjoints of the outputs, which are there before.

    Each operation is undone in turn, the last one first. What no wanted cell leads to is left out. A cell's first share
    is written and all later ones are added, so that nothing needs to be cleared; what is read before anything was
    written is set to zero at the start.
    """
    return _Way(program, wanted).operations()


class _Way:
    def __init__(self, program: Program, wanted: Any) -> None:
        self.program = program
        self.active = np.zeros(program.cells, dtype=bool)
        self.active[wanted] = True
        self.reached = np.zeros(program.cells, dtype=bool)  # adjoints that something was written to
        self.reached[program.outputs] = True
        self.cleared = np.zeros(program.cells, dtype=bool)
        self.wanted = self.active.copy()
        self.back: list[Operation] = []
        self.last: list[Any] = []  # what leads to wanted cells alone: it can wait

    def operations(self) -> list[Operation]:
        """All of them, in the order of the way back."""
        forward = self.program.forward
        useful = [self._activate(operation) for operation in forward]
        for operation, does in zip(reversed(forward), reversed(useful), strict=True):
            if does:
                self._undo(operation)
        for operation, cells in sorted(self.last, key=lambda item: item[1].size):  # the widest is added to the others
            self.back.append(operation._replace(accumulate=self._write(cells)))
        clear = np.flatnonzero(self.cleared)
        return [Zero(Table(ADJOINTS, clear)), *self.back] if len(clear) else self.back

    # Forward: what depends on a wanted cell ---------------------------------------------------------------------------

    def _activate(self, operation: Forward) -> bool:
        if isinstance(operation, Region):
            for scalar in operation.scalars:
                if any(self.active[cell] for cell in cells_of(scalar)):
                    self.active[scalar.out] = True
            return any(self.active[scalar.out] for scalar in operation.scalars)
        operands: Sequence[Any] = differentiated(operation)
        if isinstance(operation, Select):
            operands = [operation.candidates]
        axes = operation.axes
        if not any(self._is_active(x, axes) for x in operands):
            return False
        self.active[operation.out.cells(axes)] = True
        return True

    def _is_active(self, operand: Access | float, axes: Any) -> bool:
        return not isinstance(operand, float) and bool(self.active[operand.cells(axes)].any())

    # Backward: what each operation passes back ------------------------------------------------------------------------

    def _undo(self, operation: Forward) -> None:
        if isinstance(operation, Region):
            outs = np.array([scalar.out for scalar in operation.scalars])
            if self.reached[outs].any():
                self._read(outs)
                used = [c for s in operation.scalars for c in cells_of(s) if self.active[c]]
                self._write(np.array(sorted(set(used)), dtype=int), add=True)
                self.back.append(PullRegion(operation.scalars))
            return
        axes = operation.axes
        cells = operation.out.cells(axes)
        if not self.reached[cells].any():
            return
        self._read(cells)
        upstream = _adjoint_of(operation.out)
        if isinstance(operation, Contract):
            self._undo_contract(operation, upstream)
        elif isinstance(operation, Map):
            self._undo_map(operation, upstream)
        elif isinstance(operation, Reduce):
            if TABLE[operation.row].rules:
                out = _adjoint_of(operation.operand)
                self._share(
                    PullReduce(operation.row, axes, out, upstream, operation.operand, operation.out, operation.lengths)
                )
        elif isinstance(operation, Select):
            self._write(operation.candidates.table, add=True)
            table = Table(ADJOINTS, operation.candidates.table)
            self.back.append(PullSelect(axes, table, operation.at, upstream))

    def _undo_contract(self, operation: Contract, upstream: Access) -> None:
        axes, _, coefficient, factors, _, padded = operation
        done: list[Access] = []
        for number, factor in enumerate(factors):
            if not self._is_active(factor, axes) or any(_same(factor, other) for other in done):
                continue
            times = sum(_same(factor, other) for other in factors)  # x·x: twice the same share
            done.append(factor)
            others = factors[:number] + factors[number + 1 :]
            out = _adjoint_of(factor)
            self._share(Contract(axes, out, coefficient * times, (*others, upstream), padded=padded))

    def _undo_map(self, operation: Map, upstream: Access) -> None:
        row, axes, value, operands = operation
        for number, operand in enumerate(operands):
            if isinstance(operand, float) or not self._is_active(operand, axes):
                continue
            formula = partial(row, number, len(operands)) if row in TABLE else None
            if formula is None or (_is_number(formula) and not formula.result):
                continue
            out = _adjoint_of(operand)
            if _is_number(formula):
                self._share(Contract(axes, out, float(formula.result), (upstream,)))
            else:
                self._share(Pull(row, number, axes, out, upstream, operands, value))

    def _share(self, operation: Any) -> None:
        """Enter an operation that passes something back."""
        cells = np.unique(operation.out.cells(operation.axes))
        if self.wanted[cells].all():
            self.last.append((operation, cells))
        else:
            self.back.append(operation._replace(accumulate=self._write(cells)))

    def _read(self, cells: Any) -> None:
        """These adjoints are needed: zero where nothing was written."""
        missing = cells[~self.reached[cells]]
        self.cleared[missing] = True
        self.reached[missing] = True

    def _write(self, cells: Any, add: bool = False) -> bool:
        """These adjoints get a share: whether it is added, or is the first."""
        before = self.reached[cells]
        if not before.any() and not add:
            self.reached[cells] = True
            return False
        self._read(cells)
        return True


def _adjoint_of(access: Access) -> Access:
    return access._replace(buffer=ADJOINTS)


def _same(a: Access, b: Access) -> bool:
    return a is b or (isinstance(a, Strided) and isinstance(b, Strided) and a == b)


def _is_number(formula: Formula) -> bool:
    return isinstance(formula.result, float)
