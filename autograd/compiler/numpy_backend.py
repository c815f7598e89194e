"""The numpy backend: a program as two functions of straight code that calls numpy on views made beforehand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.arrays import KERNELS
from autograd.compiler import formula
from autograd.compiler.numpy_products import Products
from autograd.compiler.program import (
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
        self.selected = np.zeros(program.cells, dtype=bool)
        """Which cells an index selected on the way back."""
        self._buffers = (self.values, self.adjoints)
        self._chosen: dict[
            int, Any
        ] = {}  # by the table of candidates: the cells chosen, which the way back has to know
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
            strides = [stride * 8 if size > 1 else 0 for stride, size in zip(access.strides, axes, strict=True)]
            return np.ndarray(axes, float, buffer, access.start * 8, strides)
        gathered = np.empty(access.table.shape)
        self._call(buffer.take, access.table, None, gathered, "clip")
        return np.broadcast_to(gathered, axes)

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
        slope = formula.partial(operation.row, operation.number, len(operation.operands))
        assert slope is not None
        terms = [self._operand(x, axes) for x in operation.operands] + [self._view(operation.value, axes)]
        upstream = self._view(operation.upstream, axes)
        for name, slots in slope.steps:
            operands = [terms[slot] if isinstance(slot, int) else slot for slot in slots]
            made = np.empty_like(terms[-1], dtype=bool if name in TRUTHS else float)  # in the same order in memory
            is_zero = isinstance(operands[-1], float) and operands[-1] == 0.0
            if name == "where" and is_zero and getattr(operands[0], "dtype", None) == np.dtype(bool):
                self._call(np.multiply, *map(_as_array, operands[:2]), out=made)
            else:
                self._apply(name, operands, made)
            terms.append(made)
        self._send([upstream, terms[int(slope.result)]], 1.0, axes, operation.out, operation.accumulate)

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
        values, out = self.values, self._view(operation.out, operation.axes)
        at, table = self._view(operation.at, operation.axes), operation.candidates.table
        count = table.shape[-1]
        candidates = np.ascontiguousarray(np.broadcast_to(table, (*operation.axes, count)))
        flat, first = candidates.reshape(-1), np.arange(candidates.size).reshape(candidates.shape)[..., 0]
        chosen = np.empty(first.shape, dtype=int)
        self._chosen[id(table)] = chosen

        def select() -> None:
            flat.take(first + at.astype(int) % count, None, chosen, "clip")
            values.take(chosen, None, out, "clip")

        self._call(select)

    def _pull_select(self, operation: PullSelect) -> None:
        chosen, adjoints = self._chosen[id(operation.candidates.table)].reshape(-1), self.adjoints
        upstream = self._view(operation.upstream, operation.axes)
        low = int(operation.candidates.table.min())
        room = adjoints[low : int(operation.candidates.table.max()) + 1]

        selected = self.selected

        def pull() -> None:
            selected[chosen] = True
            np.add(room, np.bincount(chosen - low, upstream.ravel(), len(room)), out=room)

        self._call(pull)

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


def _into(out: Any, function: Callable[..., Any], operands: Sequence[Any]) -> None:
    out[...] = function(*operands)


def _as_array(x: Any) -> Any:
    """A constant as an array, which numpy need not convert at each call."""
    return np.array(x) if isinstance(x, float) else x
