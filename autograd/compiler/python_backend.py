"""The Python backend: a program run point by point, in plain loops, by the rules of the table themselves.

It is the readable statement of what each operation means, the judge of the other backends, and what runs where numbers
are not finite: as in the eager engine, nothing at all flows to what was not chosen, not even 0·inf.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.clean import SUM
from autograd.compiler.conditions import KERNELS as CONDITIONS
from autograd.compiler.program import (
    VALUES,
    Access,
    Axes,
    Contract,
    Map,
    Operation,
    Program,
    Pull,
    PullReduce,
    PullRegion,
    PullSelect,
    Reduce,
    Region,
    Scalar,
    Select,
    Zero,
)  # fmt: skip
from autograd.floats import KERNELS
from autograd.ops import TABLE

Number = float | None  # an adjoint is None until something reaches it


class PythonMachine:
    """A program with its two buffers, as arrays; while it runs they are lists."""

    factored = False

    def __init__(self, program: Program, back: Sequence[Operation] = ()) -> None:
        self.program, self.back = program, back
        self.values, self.adjoints = np.zeros(program.cells), np.zeros(program.cells)
        self.selected = np.zeros(program.cells, dtype=bool)
        for block in program.blocks:
            if block.numbers is not None:
                self.values[block.start : block.start + block.size] = block.numbers

    def forward(self) -> None:
        """Compute all values from those of the parameters and inputs."""
        self._run(self.program.forward, [self.values.tolist(), []])

    def backward(self) -> None:
        """Compute the adjoints from those of the outputs."""
        adjoints: list[Number] = [None] * self.program.cells
        for cell in self.program.outputs:
            adjoints[cell] = float(self.adjoints[cell])
        for operation in self.back:
            if isinstance(operation, PullSelect):
                self.selected[_chosen(operation, [self.values.tolist()])] = True
        self._run(self.back, [self.values.tolist(), adjoints])

    def _run(self, operations: Sequence[Operation], buffers: list[list[Any]]) -> None:
        for operation in operations:
            RUN[type(operation)](operation, buffers)
        self.values[:] = buffers[VALUES]
        if buffers[1]:
            self.adjoints[:] = [0.0 if x is None else x for x in buffers[1]]


def _cells(access: Access, axes: Axes) -> list[int]:
    """The cell an access means at each point, the last axis running fastest."""
    return np.broadcast_to(access.cells(axes), axes).ravel().tolist()


def _numbers(operand: Access | float, axes: Axes, buffers: list[list[Any]]) -> list[Any]:
    if isinstance(operand, float):
        return [operand] * int(np.prod(axes))
    buffer = buffers[operand.buffer]
    return [buffer[cell] for cell in _cells(operand, axes)]


def _add(out: Access, axes: Axes, shares: list[Number], accumulate: bool, buffers: list[list[Any]]) -> None:
    """Add the share of each point to the cell it leads to; what is None does not reach it."""
    buffer, cells = buffers[out.buffer], _cells(out, axes)
    if not accumulate:
        for cell in cells:
            buffer[cell] = None
    for cell, share in zip(cells, shares, strict=True):
        if share is not None:
            buffer[cell] = share if buffer[cell] is None else buffer[cell] + share


def _contract(operation: Contract, buffers: list[list[Any]]) -> None:
    axes, out, coefficient, factors, accumulate, _ = operation
    shares: list[Number] = [coefficient] * int(np.prod(axes))
    for factor in factors:
        numbers = _numbers(factor, axes, buffers)
        shares = [None if s is None or x is None else s * x for s, x in zip(shares, numbers, strict=True)]
    _add(out, axes, shares, accumulate, buffers)


def _evaluated(row: str, operands: Sequence[float]) -> float:
    return float(
        CONDITIONS[row](*operands) if row in CONDITIONS else operands[0] if row == "detach" else KERNELS[row](*operands)
    )


def _map(operation: Map, buffers: list[list[Any]]) -> None:
    columns = [_numbers(x, operation.axes, buffers) for x in operation.operands]
    results = [_evaluated(operation.row, operands) for operands in zip(*columns, strict=True)]
    for cell, result in zip(_cells(operation.out, operation.axes), results, strict=True):
        buffers[VALUES][cell] = result


def _share(row: str, number: int, upstream: Number, operands: Sequence[float], value: float) -> Number:
    """upstream · ∂row/∂operands[number] by the table's rule; None where nothing flows."""
    if upstream is None or not TABLE[row].live(operands, value)[number]:
        return None
    return float(upstream * TABLE[row].partials(operands, value)[number])


def _pull(operation: Pull, buffers: list[list[Any]]) -> None:
    axes = operation.axes
    columns = [_numbers(x, axes, buffers) for x in (operation.upstream, operation.value, *operation.operands)]
    shares = [_share(operation.row, operation.number, g, xs, out) for g, out, *xs in zip(*columns, strict=True)]
    _add(operation.out, axes, shares, operation.accumulate, buffers)


def _reduce(operation: Reduce, buffers: list[list[Any]]) -> None:
    length = operation.axes[-1]
    numbers = _numbers(operation.operand, operation.axes, buffers)
    cells = _cells(operation.out, operation.axes)[::length]
    for place, (cell, count) in enumerate(zip(cells, _lengths(operation), strict=True)):
        buffers[VALUES][cell] = KERNELS[operation.row](*numbers[place * length : place * length + count])


def _lengths(operation: Reduce | PullReduce) -> list[int]:
    """How many operands there are at each point."""
    free = operation.axes[:-1]
    lengths = operation.axes[-1] if operation.lengths is None else operation.lengths
    return np.broadcast_to(lengths, free).ravel().tolist()


def _pull_reduce(operation: PullReduce, buffers: list[list[Any]]) -> None:
    axes, length = operation.axes, operation.axes[-1]
    xs, gs, outs = (_numbers(x, axes, buffers) for x in (operation.operand, operation.upstream, operation.value))
    shares: list[Number] = []
    for place, count in enumerate(_lengths(operation)):
        start = place * length
        mine = xs[start : start + count]
        shares += [_share(operation.row, n, gs[start], mine, outs[start]) for n in range(count)]
        shares += [None] * (length - count)
    _add(operation.out, axes, shares, operation.accumulate, buffers)


def _chosen(operation: Select | PullSelect, buffers: list[list[Any]]) -> list[int]:
    index = _numbers(operation.at, operation.axes, buffers)
    table = operation.candidates.table
    rows = np.broadcast_to(table, (*operation.axes, table.shape[-1])).reshape(len(index), -1)
    return [int(row[int(i)]) for row, i in zip(rows, index, strict=True)]


def _select(operation: Select, buffers: list[list[Any]]) -> None:
    for cell, chosen in zip(_cells(operation.out, operation.axes), _chosen(operation, buffers), strict=True):
        buffers[VALUES][cell] = buffers[VALUES][chosen]


def _pull_select(operation: PullSelect, buffers: list[list[Any]]) -> None:
    adjoints = buffers[1]
    upstream = _numbers(operation.upstream, operation.axes, buffers)
    for cell, g in zip(_chosen(operation, buffers), upstream, strict=True):
        if g is not None:
            adjoints[cell] = g if adjoints[cell] is None else adjoints[cell] + g


def _region(operation: Region, buffers: list[list[Any]]) -> None:
    values = buffers[VALUES]
    for scalar in operation.scalars:
        if scalar.row == SUM:
            total = None
            for coefficient, factors in scalar.operands:
                product = coefficient
                for x in factors:
                    product *= x if isinstance(x, float) else values[x]
                total = product if total is None else total + product
            values[scalar.out] = total
        else:
            values[scalar.out] = _evaluated(scalar.row, _operands(scalar, values))


def _operands(scalar: Scalar, values: list[float]) -> list[float]:
    return [x if isinstance(x, float) else values[x] for x in scalar.operands]


def _pull_region(operation: PullRegion, buffers: list[list[Any]]) -> None:
    values, adjoints = buffers

    def add(cell: int, share: Number) -> None:
        if share is not None:
            adjoints[cell] = share if adjoints[cell] is None else adjoints[cell] + share

    for scalar in reversed(operation.scalars):
        g = adjoints[scalar.out]
        if g is None:
            continue
        if scalar.row == SUM:
            for coefficient, factors in scalar.operands:
                for number, cell in enumerate(factors):
                    if not isinstance(cell, float):
                        share = g * coefficient
                        for other, x in enumerate(factors):
                            if other != number:
                                share *= x if isinstance(x, float) else values[x]
                        add(cell, share)
        elif scalar.row in TABLE:
            operands = _operands(scalar, values)
            for number, cell in enumerate(scalar.operands):
                if (
                    not isinstance(cell, float)
                    and TABLE[scalar.row].rules[min(number, len(TABLE[scalar.row].rules) - 1)]
                ):
                    add(cell, _share(scalar.row, number, g, operands, values[scalar.out]))


def _zero(operation: Zero, buffers: list[list[Any]]) -> None:
    for cell in operation.out.table.ravel().tolist():
        buffers[operation.out.buffer][cell] = None


RUN: dict[type, Callable[[Any, list[list[Any]]], None]] = {
    Contract: _contract, Map: _map, Pull: _pull, Reduce: _reduce, PullReduce: _pull_reduce, Select: _select,
    PullSelect: _pull_select, Region: _region, PullRegion: _pull_region, Zero: _zero,
}  # fmt: skip
