"""The splits pass: an axis along which a table repeats each cell some times in a row becomes two.

An attention head of 4 numbers weighs all 4 alike: over an axis of 16 numbers the table of the weights has each cell 4
times. Over an axis of 4 heads and one of 4 numbers it has each once, so that less is gathered, and on the way back the
shares of one cell are added up before they are put there.
"""

from __future__ import annotations

from typing import Any

from autograd.compiler import affine
from autograd.compiler.lanes import changed, operands_of
from autograd.compiler.program import Access, Contract, Forward, Map, Program, Strided, Table


def with_splits(program: Program) -> Program:
    """The program with such axes split."""
    steps = [step._replace(operations=list(map(_split, step.operations))) for step in program.steps]
    return program._replace(steps=steps)


def _split(operation: Forward) -> Forward:
    if not isinstance(operation, (Contract, Map)):
        return operation
    found, was = operation, True
    while was:
        was = False
        tables = [x for x in (found.out, *operands_of(found)) if isinstance(x, Table)]
        for axis in range(len(found.axes)):
            repeats = max((_repeats(x.table, axis) for x in tables), default=1)
            if repeats > 1:
                sizes = found.axes[axis] // repeats, repeats
                axes = (*found.axes[:axis], *sizes, *found.axes[axis + 1 :])
                found = changed(found, axes, lambda x, a=axis, s=sizes: _over_two(x, a, s))  # type: ignore[assignment]
                was = True
                break
    return found


def _repeats(table: Any, axis: int) -> int:
    """How often in a row the table has each cell along the axis.

    >>> import numpy as np
    >>> _repeats(np.array([[7, 7, 8, 8, 9, 9]]), 1), _repeats(np.array([7, 7, 8, 8, 8, 8]), 0)
    (2, 2)
    """
    size: int = table.shape[axis]
    for repeats in (size // parts for parts in range(2, size // 2 + 1) if size % parts == 0):
        rows = table.reshape(*table.shape[:axis], -1, repeats, *table.shape[axis + 1 :])
        if (rows == rows.take([0], axis + 1)).all():
            return repeats
    return 1


def _over_two(access: Access, axis: int, sizes: tuple[int, int]) -> Access:
    """The access over two axes in the place of one."""
    if isinstance(access, Strided):
        stride = access.strides[axis]
        return access._replace(strides=(*access.strides[:axis], stride * sizes[1], stride, *access.strides[axis + 1 :]))
    shape = access.table.shape
    if shape[axis] == 1:
        sizes = 1, 1
    table = access.table.reshape(*shape[:axis], *sizes, *shape[axis + 1 :])
    first = table.take([0], axis + 1)
    table = first if (table == first).all() else table
    regular = affine.strides(table)
    return Table(access.buffer, table) if regular is None else Strided(access.buffer, *regular)
