"""The numpy backend: a program as two functions of straight code that calls numpy on views made beforehand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.arrays import KERNELS
from autograd.compiler import affine, formula
from autograd.compiler.numpy_products import Products, without_repeats
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
    Select,
    Strided,
    Table,
    Zero,
)
from autograd.compiler.regions import region_code
from autograd.compiler.straight import Lines
from autograd.ops import TABLE

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **KERNELS,
    "+": np.add, "-": np.subtract, "*": np.multiply, "neg": np.negative, "detach": np.positive,
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "equal": np.equal,
    "and": np.logical_and, "or": np.logical_or, "not": np.logical_not,
}  # fmt: skip
TRUTHS = frozenset({"<", "<=", ">", ">=", "equal", "and", "or", "not"})


class Machine(Products):
    """A program with its two buffers, ready to run."""

    def __init__(self, program: Program, back: Sequence[Operation] = ()) -> None:
        self.program = program
        self.values, self.adjoints = np.zeros(program.cells), np.zeros(program.cells)
        # Tables of values, and what was gathered by them: nothing changes a value once it is computed, so the way
        # back does not gather it again.
        self._gathered: dict[int, Any] = {}
        self.selected = np.zeros(program.cells, dtype=bool)
        """Which cells an index selected on the way back."""
        self._buffers = (self.values, self.adjoints)
        # By the table of candidates the cells chosen, which the way back has to know.
        self._chosen: dict[int, Any] = {}
        for block in program.blocks:
            if block.numbers is not None:
                self.values[block.start : block.start + block.size] = block.numbers
        self.forward = self._written(program.forward)
        """Compute all values from those of the parameters and inputs."""
        self.backward = self._written(back)
        """Compute the adjoints from those of the outputs."""

    def _written(self, operations: Sequence[Operation]) -> Callable[[], None]:
        self._lines = Lines()
        for operation in operations:
            BUILD[type(operation)](self, operation)
        return self._lines.function()

    # Views ------------------------------------------------------------------------------------------------------------

    def _view(self, access: Access, axes: Axes) -> Any:
        """An operand as an array over the axes; what a table says is gathered first."""
        buffer = self._buffers[access.buffer]
        if isinstance(access, Strided):
            strides = [stride if size > 1 else 0 for stride, size in zip(access.strides, axes, strict=True)]
            return affine.view(buffer, axes, access.start, strides)
        if access.buffer != VALUES:
            return np.broadcast_to(self._gather(buffer, access.table), axes)
        if id(access.table) not in self._gathered:
            self._gathered[id(access.table)] = access.table, self._gather(buffer, access.table)
        return np.broadcast_to(self._gathered[id(access.table)][1], axes)

    def _gather(self, buffer: Any, table: Any) -> Any:
        """What is in these cells, as an array of its own; whole rows at once where they are rows of a matrix."""
        gathered, size = np.empty(table.shape), table.shape[-1] if table.ndim else 1
        low = int(table.min())
        rows, odd = np.divmod(table[..., 0] - low, size) if size > 1 else (table, True)
        if np.any(odd) or (table != table[..., :1] + np.arange(size)).any():
            self._call(buffer.take, table, None, gathered, "clip")
        else:
            matrix = buffer[low : low + (int(rows.max()) + 1) * size].reshape(-1, size)
            self._call(matrix.take, rows, 0, gathered, "clip")
        return gathered

    def _operand(self, operand: Access | float, axes: Axes) -> Any:
        return operand if isinstance(operand, float) else self._view(operand, axes)

    def _apply(self, name: str, operands: Sequence[Any], out: Any) -> None:
        """out = name(operands)."""
        function = FUNCTIONS[name]
        if name == "relu":
            function, operands = np.maximum, (operands[0], 0.0)
        if isinstance(function, np.ufunc):
            self._call(function, *map(_as_array, operands), out=out)
        else:
            self._call(_into, out, function, operands)

    # Operations -------------------------------------------------------------------------------------------------------

    def _map(self, operation: Map) -> None:
        operands = [self._operand(x, operation.axes) for x in operation.operands]
        self._apply(operation.row, operands, self._view(operation.out, operation.axes))

    def _pull(self, operation: Pull) -> None:
        axes = operation.axes
        constants = tuple((place, x) for place, x in enumerate(operation.operands) if isinstance(x, float))
        slope = formula.partial(operation.row, operation.number, len(operation.operands), constants)
        assert slope is not None
        upstream = self._view(operation.upstream, axes)
        if isinstance(slope.result, float):
            self._send([upstream], slope.result, axes, operation.out, operation.accumulate)
            return
        terms: list[Any] = [
            x if isinstance(x, float) else without_repeats(self._view(x, axes))
            for x in (*operation.operands, operation.value)
        ]
        for name, slots in slope.steps:
            operands = [terms[slot] if isinstance(slot, int) else slot for slot in slots]
            made = _room_like([x for x in operands if not isinstance(x, float)], bool if name in TRUTHS else float)
            is_zero = isinstance(operands[-1], float) and operands[-1] == 0.0
            if name == "where" and is_zero and getattr(operands[0], "dtype", None) == np.dtype(bool):
                self._call(np.multiply, *map(_as_array, operands[:2]), out=made)
            else:
                self._apply(name, operands, made)
            terms.append(made)
        share = np.broadcast_to(terms[slope.result], axes)
        self._send([upstream, share], 1.0, axes, operation.out, operation.accumulate)

    def _contract(self, operation: Contract) -> None:
        axes = operation.axes
        factors = [self._view(factor, axes) for factor in operation.factors]
        self._send(factors, operation.coefficient, axes, operation.out, operation.accumulate)

    # The rest ---------------------------------------------------------------------------------------------------------

    def _reduce(self, operation: Reduce) -> None:
        function = {"max": np.maximum, "min": np.minimum}[operation.row]
        out = self._view(operation.out, operation.axes)[..., 0]
        self._call(function.reduce, self._view(operation.operand, operation.axes), axis=-1, out=out)

    def _pull_reduce(self, operation: PullReduce) -> None:
        axes = operation.axes
        operand, value = self._view(operation.operand, axes), self._view(operation.value, axes)[..., 0]
        slopes, row = np.zeros(axes), TABLE[operation.row]
        lengths = np.broadcast_to(axes[-1] if operation.lengths is None else operation.lengths, axes[:-1])
        parts: list[tuple[int, Any]] = [(int(length), np.nonzero(lengths == length)) for length in np.unique(lengths)]

        def slope() -> None:
            for length, at in parts:
                xs, out = [operand[(*at, place)] for place in range(length)], value[at]
                for place, (p, live) in enumerate(zip(row.partials(xs, out), row.live(xs, out), strict=True)):
                    slopes[(*at, place)] = np.where(live, p, 0.0)

        self._call(slope)
        upstream = self._view(operation.upstream, axes)
        self._send([upstream, slopes], 1.0, axes, operation.out, operation.accumulate)

    def _select(self, operation: Select) -> None:
        axes, table = operation.axes, operation.candidates.table
        count, size = table.shape[-1], int(np.prod(axes))
        candidates = np.broadcast_to(table, (*axes, count)).reshape(size, count)
        chosen = np.empty(size, dtype=int)
        self._chosen[id(table)] = chosen
        # An index that chooses a row of a matrix is there once for each item of the row: it is looked at once.
        at = np.broadcast_to(operation.at.cells(axes), axes).ravel()
        (*_, (times, step)) = affine.runs(at) or [(1, 1)]
        each = times if step == 0 else 1
        index = np.empty(size // each)
        regular = affine.strides(at[::each])
        where = Table(VALUES, at[::each]) if regular is None else Strided(VALUES, *regular)
        self._call(np.remainder, self._view(where, index.shape), np.array(float(count)), out=index)
        by_row = np.broadcast_to(index[:, None], (len(index), each)).reshape(-1, each)
        rows = chosen.reshape(by_row.shape)
        stride = int(candidates[0, 1] - candidates[0, 0]) if count > 1 else 0
        if (candidates == candidates[:, :1] + stride * np.arange(count)).all():
            self._call(np.multiply, index, np.array(float(stride)), out=index)
            first = candidates[:, 0].astype(float).reshape(by_row.shape)
            self._call(np.add, first, by_row, out=rows, casting="unsafe")
        else:
            flat, first = np.ascontiguousarray(candidates).reshape(-1), np.arange(size) * float(count)
            places = np.empty(rows.shape, dtype=int)
            self._call(np.add, first.reshape(by_row.shape), by_row, out=places, casting="unsafe")
            self._call(flat.take, places, None, rows, "clip")
        self._call(self.values.take, chosen.reshape(axes), None, self._view(operation.out, axes), "clip")

    def _pull_select(self, operation: PullSelect) -> None:
        table = operation.candidates.table
        chosen, low = self._chosen[id(table)], int(table.min())
        upstream, room = self._view(operation.upstream, operation.axes), self.adjoints[low : int(table.max()) + 1]
        if low < len(self.program.parameters):
            self._call(self.selected.__setitem__, chosen, True)
        places = np.empty(len(chosen), dtype=int)
        self._call(np.subtract, chosen, np.array(low), out=places)
        self._lines.line(
            "{0}({1}, {2}({3}, {4}.ravel(), {5}), {1})", np.add, room, np.bincount, places, upstream, len(room)
        )

    def _region(self, operation: Region) -> None:
        self._call(region_code(operation.scalars).forward, self.values)

    def _pull_region(self, operation: PullRegion) -> None:
        self._call(region_code(operation.scalars).backward, self.values, self.adjoints)

    def _zero(self, operation: Zero) -> None:
        cells = operation.out.table
        for piece in np.split(cells, np.flatnonzero(np.diff(cells) != 1) + 1):
            self._call(self.adjoints[piece[0] : piece[-1] + 1].fill, 0.0)


BUILD: dict[type, Callable[[Machine, Any], None]] = {
    Contract: Machine._contract,
    Map: Machine._map,
    Pull: Machine._pull,
    Reduce: Machine._reduce,
    PullReduce: Machine._pull_reduce,
    Select: Machine._select,
    PullSelect: Machine._pull_select,
    Region: Machine._region,
    PullRegion: Machine._pull_region,
    Zero: Machine._zero,
}


def _room_like(arrays: list[Any], kind: type) -> Any:
    """An array for what is computed from these point by point, in the same order in memory."""
    shape = np.broadcast_shapes(*[x.shape for x in arrays])
    like = next((x for x in arrays if x.shape == shape), None)
    return np.empty(shape, kind) if like is None else np.empty_like(like, kind)


def _into(out: Any, function: Callable[..., Any], operands: Sequence[Any]) -> None:
    out[...] = function(*operands)


def _as_array(x: Any) -> Any:
    """A constant as an array, which numpy need not convert at each call."""
    return np.array(x) if isinstance(x, float) else x
