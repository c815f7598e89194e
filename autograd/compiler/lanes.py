"""The batch pass: a program for one example becomes one for many, by one more axis that runs over the examples."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compiler.program import (
    VALUES,
    Access,
    Block,
    Contract,
    Forward,
    Map,
    Program,
    Reduce,
    Region,
    Select,
    Step,
    Strided,
    Table,
)  # fmt: skip


def with_lanes(program: Program, lanes: int) -> Program:
    """The program over `lanes` examples: the mean of its first output, plus its second, which counts once.

    What depends on an input is there once an example, side by side; everything else stays as it is.
    """
    return _Lanes(program, lanes).program()


class _Lanes:
    def __init__(self, program: Program, lanes: int) -> None:
        self.source, self.lanes = program, lanes
        self.varying = np.zeros(program.cells, dtype=bool)
        self.varying[program.inputs] = True
        for operation in program.forward:
            if isinstance(operation, (Contract, Map, Reduce, Select)):
                axes = operation.axes
                if any(self._varies(x, axes) for x in operands_of(operation)):
                    self.varying[operation.out.cells(axes)] = True
        self.place = np.empty(program.cells, dtype=int)  # where each cell goes
        self.blocks: list[Block] = []
        cells = 0
        for block in program.blocks:
            mine = slice(block.start, block.start + block.size)
            width = lanes if self.varying[mine].any() else 1
            self.varying[mine] = width > 1 or (lanes == 1 and self.varying[mine].any())
            self.place[mine] = cells + width * np.arange(block.size)
            self.blocks.append(block._replace(start=cells, size=block.size * width))
            cells += block.size * width
        self.cells = cells

    def _varies(self, operand: Access | float, axes: Any) -> bool:
        return not isinstance(operand, float) and bool(self.varying[operand.cells(axes)].any())

    def program(self) -> Program:
        """The whole program."""
        source = self.source
        steps = [step._replace(operations=[self._moved(o) for o in step.operations]) for step in source.steps]
        total = self.cells
        self.blocks.append(Block("step", total, 1))
        operations: list[Forward] = []
        for number, cell in enumerate(source.outputs):
            is_mean = number == 0
            varies = bool(self.varying[cell])
            if not is_mean and varies:
                raise ValueError(
                    "the penalty, the second number that the function returns, depends on the inputs: it counts once"
                    " for the whole batch, so it can only depend on parameters; add it to the first number instead"
                )
            axes = (self.lanes,) if is_mean and varies else (1,)
            out, factor = Strided(VALUES, total, (0,)), Strided(VALUES, int(self.place[cell]), (1 if varies else 0,))
            operations.append(Contract(axes, out, 1.0 / axes[0], (factor,), number > 0))
        words = "mean over the examples" + (" + penalty" if len(source.outputs) > 1 else "")
        steps.append(Step(operations, len(self.blocks) - 1, words, "", 1))
        guards = self._table(source.guards)
        truths = np.broadcast_to(source.truths[:, None], guards.shape)
        return source._replace(
            blocks=self.blocks,
            steps=steps,
            cells=total + 1,
            inputs=self._table(source.inputs),
            outputs=np.array([total]),
            guards=guards.ravel(),
            truths=truths.ravel(),
        )

    def _table(self, cells: Any) -> Any:
        """The cells of all examples, along one more axis; one that does not vary is 1 long if none does."""
        varies = self.varying[cells]
        if not varies.any():
            return self.place[cells][..., None]
        return self.place[cells][..., None] + np.arange(self.lanes) * varies[..., None]

    def _moved(self, operation: Forward) -> Forward:
        if isinstance(operation, Region):
            return moved_region(operation, self.place)
        if not self._varies(operation.out, operation.axes):
            return changed(operation, operation.axes, self._still)
        axes = operation.axes
        at = len(axes) - 1 if isinstance(operation, Reduce) else len(axes)
        return changed(operation, (*axes[:at], self.lanes, *axes[at:]), lambda x: self._widened(x, at))

    def _still(self, access: Access) -> Access:
        if isinstance(access, Strided):
            return access._replace(start=int(self.place[access.start]))
        return Table(access.buffer, self.place[access.table])

    def _widened(self, access: Access, at: int) -> Access:
        """The access with the axis of the examples at this place."""
        if isinstance(access, Strided):
            varies = bool(self.varying[access.start])
            strides = [stride * (self.lanes if varies else 1) for stride in access.strides]
            strides.insert(at, 1 if varies else 0)
            return Strided(access.buffer, int(self.place[access.start]), tuple(strides))
        return Table(access.buffer, np.moveaxis(self._table(access.table), -1, at))


def moved_region(region: Region, place: Any) -> Region:
    """The scalar code with its cells in other places."""

    def moved(operands: Any) -> Any:
        if isinstance(operands, tuple):
            return tuple(map(moved, operands))
        return operands if isinstance(operands, float) else int(place[operands])

    return Region([s._replace(out=int(place[s.out]), operands=moved(s.operands)) for s in region.scalars])


def operands_of(operation: Any) -> list[Any]:
    """The cells that an operation reads."""
    if isinstance(operation, Contract):
        return list(operation.factors)
    if isinstance(operation, Map):
        return list(operation.operands)
    if isinstance(operation, Reduce):
        return [operation.operand]
    return [operation.at, Table(VALUES, operation.candidates.table)]


def changed(operation: Any, axes: Any, change: Any) -> Forward:
    """The operation over other axes, with each access changed."""
    out = change(operation.out)
    if isinstance(operation, Contract):
        return operation._replace(axes=axes, out=out, factors=tuple(map(change, operation.factors)))
    if isinstance(operation, Map):
        operands = tuple(x if isinstance(x, float) else change(x) for x in operation.operands)
        return operation._replace(axes=axes, out=out, operands=operands)
    if isinstance(operation, Reduce):
        lengths = operation.lengths
        if lengths is not None and len(axes) > len(operation.axes):
            lengths = np.asarray(lengths)[..., None]
        return operation._replace(axes=axes, out=out, operand=change(operation.operand), lengths=lengths)
    assert isinstance(operation, Select)
    return operation._replace(axes=axes, out=out, at=change(operation.at), candidates=change(operation.candidates))
