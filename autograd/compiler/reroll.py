"""The third pass: operations of one form become one array operation over axes that are found in their operands.

Each group of one colour is laid out contiguously, in the order in which its members were made; most operands are then
at regular distances, and the others are found by a table.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compiler import affine
from autograd.compiler.affine import common, runs
from autograd.compiler.clean import SUM, Scalars
from autograd.compiler.colours import REDUCTIONS, coloured, schedule
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
    Scalar,
    Select,
    Step,
    Strided,
    Table,
)  # fmt: skip
from autograd.compiler.recorder import place_of
from autograd.compiler.sums import Part
from autograd.compiler.tape import CONSTANT, INPUT, PARAMETER, SELECT, Ref


def reroll(scalars: Scalars, sizes: list[int], batch: bool = False) -> Program:
    """The scalars as a program; `sizes` says how many numbers each input has, `batch` that more axes will come.

    In a batch only what depends on no input is ever computed by scalar code.
    """
    return Layout(scalars, sizes, batch).program()


class Layout:
    """Where everything is: blocks of cells, and which cell each operation, parameter and input has."""

    def __init__(self, scalars: Scalars, sizes: list[int], batch: bool) -> None:
        self.scalars, self.batch = scalars, batch
        self.count = len(scalars.names)
        self.blocks: list[Block] = []
        self.cells = 0
        leaves = scalars.leaves
        self.argument = np.repeat(np.arange(len(sizes)), sizes)
        self.parameters = sum(leaf.kind == PARAMETER for leaf in leaves)
        total = self.count + len(leaves)
        self.cell = np.full(total, -1)  # by reference: operations, and from the end the leaves
        self.number = np.full(total, np.nan)
        self.is_number = np.zeros(total, dtype=bool)
        self.sizes = sizes
        self._place_leaves()
        colours, self.groups = coloured(scalars, self.argument)
        self.colour = np.array(colours, dtype=int)
        self._zero: int | None = None

    # Leaves -----------------------------------------------------------------------------------------------------------

    def _place_leaves(self) -> None:
        """The parameters' cells come first, then those of the inputs; which parameter has which, its first use says."""
        self._block("parameters", self.parameters)
        self.order: list[Ref] = []
        self.inputs = np.empty(int(sum(self.sizes)), dtype=int)
        for number, size in enumerate(self.sizes):
            at = int(sum(self.sizes[:number]))
            self.inputs[at : at + size] = self._block(f"input {number}", size) + np.arange(size)
        for number, leaf in enumerate(self.scalars.leaves):
            ref = -1 - number
            if leaf.kind == INPUT:
                self.cell[ref] = self.inputs[leaf.content]
            elif leaf.kind == CONSTANT:
                self.number[ref], self.is_number[ref] = leaf.content, True

    def place(self, refs: Any) -> None:
        """Give those parameters their cells that have none yet, in this order."""
        refs = np.asarray(refs, dtype=int)
        for ref in refs[(self.cell[refs] < 0) & ~self.is_number[refs]].tolist():
            if self.cell[ref] < 0:
                self.cell[ref] = len(self.order)
                self.order.append(ref)

    def _block(self, name: str, size: int, numbers: Any = None) -> int:
        self.blocks.append(Block(name, self.cells, size, numbers))
        self.cells += size
        return self.cells - size

    # The program ------------------------------------------------------------------------------------------------------

    def program(self) -> Program:
        """All jobs as steps, one after the other."""
        steps = [
            self._step(job.name, job.places, job.regular) if job.name else self._region(job.places)
            for job in schedule(self.groups, self.batch)
        ]
        self.place(self.scalars.outputs)
        self.place([-1 - n for n, leaf in enumerate(self.scalars.leaves) if leaf.kind == PARAMETER])
        guards = [self.cell[ref] for ref, _ in self.scalars.guards]
        truths = np.array([truth for _, truth in self.scalars.guards], dtype=bool)
        outputs = np.array([self._cell_of(ref) for ref in self.scalars.outputs], dtype=int)
        return Program(
            blocks=self.blocks,
            steps=steps,
            cells=self.cells,
            parameters=[-1 - ref for ref in self.order],
            inputs=self.inputs,
            outputs=outputs,
            guards=np.array(guards, dtype=int),
            truths=truths,
            recorded=self.scalars.recorded,
        )

    # Steps ------------------------------------------------------------------------------------------------------------

    def _region(self, places: list[int]) -> Step:
        start = self._block("scalars", len(places))
        self.cell[places] = start + np.arange(len(places))
        self.place(self._refs(places))
        cell, is_number, number = self.cell, self.is_number, self.number

        def operand(ref: Ref) -> int | float:
            return float(number[ref]) if is_number[ref] else int(cell[ref])

        found = []
        for place in places:
            name, operands = self.scalars.names[place], self.scalars.operands[place]
            mine: tuple[Any, ...]
            if name == SUM:
                mine = tuple((coefficient, tuple(map(operand, factors))) for coefficient, factors in operands)
            else:
                mine = tuple(map(operand, operands))
            found.append(Scalar(name, int(cell[place]), mine))
        origin = place_of(self.scalars.origins[places[0]]) if places else ""
        return Step([Region(found)], -1, "scalar code", origin, len(places))

    def _step(self, name: str, members: list[int], regular: bool = True) -> Step:
        block = len(self.blocks)
        origin = place_of(self.scalars.origins[members[0]])
        if name == SUM:
            operations, words = self._sum(members, regular)
        else:
            operations, words = self._map(name, members)
        block = next(n for n in range(len(self.blocks) - 1, -1, -1) if self.blocks[n].name == "step")
        return Step(operations, block, words, origin, len(members))

    def _refs(self, places: list[int]) -> list[Ref]:
        """All operands of these operations."""
        found: list[Ref] = []
        for place in places:
            if self.scalars.names[place] == SUM:
                found += [ref for _, factors in self.scalars.operands[place] for ref in factors]
            else:
                found += self.scalars.operands[place]
        return [ref for ref in found if ref < 0]

    def _out(self, members: list[int], axes: list[int]) -> tuple[int, tuple[int, ...]]:
        """A block for the results, with the start and the strides of the axes: the longest axis is without gaps."""
        count = len(members)
        start = self._block("step", count)
        outer_first = sorted(range(len(axes)), key=axes.__getitem__)
        strides, stride = [0] * len(axes), 1
        for axis in reversed(outer_first):
            strides[axis] = stride
            stride *= axes[axis]
        cells = Strided(VALUES, start, tuple(strides)).cells(tuple(axes))
        self.cell[members] = np.broadcast_to(cells, axes).ravel()
        return start, tuple(strides)

    def _map(self, name: str, members: list[int]) -> tuple[list[Forward], str]:
        """One row, point by point; or along a last axis where it takes any number of operands."""
        if name in REDUCTIONS:
            return self._reduction(name, members)
        refs = np.array([self.scalars.operands[place] for place in members])
        count = len(members)
        for column in refs.T:
            self.place(column)
        if name == SELECT:
            index, candidates = refs[:, :1], np.vectorize(self._cell_of)(refs[:, 1:])
            start, _ = self._out(members, [count])
            (where,) = [self.access(self.cell[index[:, 0]], [count])]
            out = Strided(VALUES, start, (1,))
            return [Select((count,), out, where, Table(VALUES, candidates))], f"{name} one of {refs.shape[1] - 1}"
        columns = [refs[:, slot] for slot in range(refs.shape[1])]
        free = common(count, [runs(self.cell[c]) for c in columns if not self.is_number[c].any()])
        operands = [self._operand(column, free) for column in columns]
        start, strides = self._out(members, free)
        return [Map(name, tuple(free), Strided(VALUES, start, strides), tuple(operands))], name

    def _reduction(self, name: str, members: list[int]) -> tuple[list[Forward], str]:
        """A row of any number of operands; where there are fewer, the first one is repeated, which changes nothing."""
        rows = [self.scalars.operands[place] for place in members]
        for row in rows:
            self.place(row)
        longest = max(map(len, rows))
        if min(map(len, rows)) < longest:
            cells = np.empty((len(rows), longest), dtype=int)
            for number, row in enumerate(rows):
                mine = [self._cell_of(ref) for ref in row]
                cells[number] = mine + mine[:1] * (longest - len(mine))
        else:
            cells = np.array([[self._cell_of(ref) for ref in row] for row in rows])
        free = common(len(members), [runs(cells[:, 0])])
        axes = (*free, longest)
        start, strides = self._out(members, free)
        out = Strided(VALUES, start, (*strides, 0))
        lengths = np.array([len(row) for row in rows]).reshape(free)
        operation = Reduce(name, axes, out, self.access(cells, axes), None if (lengths == longest).all() else lengths)
        return [operation], f"{name} of {longest}"

    def _operand(self, refs: Any, axes: list[int]) -> Access | float:
        """What is at each point: a number where it is one and the same, else cells."""
        constant = self.is_number[refs]
        if constant.all():
            numbers = self.number[refs]
            if (numbers == numbers[0]).all() or np.isnan(numbers).all():
                return float(numbers[0])
            return self.constants(numbers.reshape(axes))
        if constant.any():
            return self.access(np.array([self._cell_of(ref) for ref in refs]).reshape(axes), axes)
        return self.access(self.cell[refs].reshape(axes), axes)

    def constants(self, numbers: Any) -> Access:
        """A block of constants, without the axes along which they are equal."""
        axes = numbers.shape
        kept = numbers
        for axis in range(numbers.ndim):
            first = kept.take([0], axis)
            if (kept == first).all():
                kept = first
        start = self._block("constants", kept.size, kept.ravel().copy())
        found, stride = [], 1
        for size in reversed(kept.shape):
            found.append(stride if size > 1 else 0)
            stride *= size
        return Strided(VALUES, start, tuple(found[::-1])) if axes else Strided(VALUES, start, ())

    def _cell_of(self, ref: Ref) -> int:
        """The cell of an operation or leaf; a constant gets one."""
        if self.cell[ref] < 0:
            self.cell[ref] = self._block("constants", 1, np.array([self.number[ref]]))
        return int(self.cell[ref])

    def access(self, cells: Any, axes: Any) -> Access:
        """Cells at regular distances within one block, or a table of them."""
        cells = cells.reshape(tuple(axes))
        found = affine.strides(cells) if cells.size else None
        if found is not None and self._one_block(cells):
            return Strided(VALUES, *found)
        for axis in range(cells.ndim):
            first = cells.take([0], axis)
            if (cells == first).all():
                cells = first
        return Table(VALUES, cells)

    def _one_block(self, cells: Any) -> bool:
        """Whether all cells are in one block: blocks may be moved and stretched."""
        starts = [block.start for block in self.blocks]
        low, high = np.searchsorted(starts, [cells.min(), cells.max()], side="right")
        return bool(low == high)

    # Sums of products -------------------------------------------------------------------------------------------------

    def _sum(self, members: list[int], regular: bool) -> tuple[list[Forward], str]:
        """One `Contract` for each kind of term."""
        parts = self._parts(members, regular)
        if regular:
            self._place_biases(parts)
        for part in parts:
            part.decide(regular)
        free = common(len(members), [axes for part in parts if part.padded for axes in part.free_runs()])
        terms = [part.contract(free) for part in parts]
        start, strides = self._out(members, free)
        by_member = np.broadcast_to(Strided(VALUES, 0, strides).cells(tuple(free)), free).ravel()
        operations: list[Forward] = []
        for axes, coefficient, factors, rows, padded in terms:
            out: Access
            if rows is None:
                out = Strided(VALUES, start, (*strides, *(0,) * (len(axes) - len(free))))
            else:
                out = Table(VALUES, start + by_member[rows])
                if not operations and len(np.unique(rows)) < len(members):
                    everything = Strided(VALUES, start, (1,))
                    operations.append(Contract((len(members),), everything, 0.0, ()))
            operations.append(Contract(axes, out, coefficient, factors, bool(operations), padded))
        words = " + ".join(part.words for part in parts)
        return operations, words

    def _parts(self, members: list[int], regular: bool) -> list[Part]:
        """The terms of the sums by kind: how many factors they have, and where the sums are alike, of what colours."""
        sums = [self.scalars.operands[place] for place in members]
        rows = np.repeat(np.arange(len(members)), [len(terms) for terms in sums])
        coefficients = np.array([coefficient for terms in sums for coefficient, _ in terms], dtype=float)
        factors = [refs for terms in sums for _, refs in terms]
        orders = np.array([len(refs) for refs in factors])
        parts = []
        for order in np.unique(orders)[::-1].tolist():
            at = np.flatnonzero(orders == order)
            refs = np.array([factors[n] for n in at.tolist()], dtype=int).reshape(len(at), order)
            kinds = np.zeros((len(at), 0), dtype=int)
            if regular:
                kinds = self.colour[refs]
                by_colour = np.argsort(kinds, axis=1, kind="stable")
                refs, kinds = (np.take_along_axis(array, by_colour, axis=1) for array in (refs, kinds))
            for number in _each_kind(kinds):
                mine = at[number]
                parts.append(Part(self, len(members), rows[mine], coefficients[mine], refs[number]))
        return parts

    def _place_biases(self, parts: list[Part]) -> None:
        """Where each sum has weights of its own and a bias: the biases' cells come behind those of the last weights."""
        products = next((part for part in parts if part.order == 2 and part.longest > 1), None)
        biases = next((part for part in parts if part.order == 1 and part.longest == 1), None)
        if products is None or biases is None:
            return
        if products.counts.min() < products.longest or not biases.counts.all():
            return
        for slot in range(2):
            refs = np.vstack([products.refs[:, slot].reshape(len(products.counts), -1).T, biases.refs[:, 0]])
            if (self.cell[refs] < 0).all() and not self.is_number[refs].any():
                self.place(refs.ravel())

    def zero(self) -> int:
        """A cell that holds 0."""
        if self._zero is None:
            self._zero = self._block("constants", 1, np.array([0.0]))
        return self._zero


def _each_kind(kinds: Any) -> list[Any]:
    """Where the rows of each kind are, the least kind first."""
    if len(kinds) == 0 or (kinds == kinds[0]).all():
        return [np.arange(len(kinds))]
    _, which = np.unique(kinds, axis=0, return_inverse=True)
    return [np.flatnonzero(which.ravel() == number) for number in range(int(which.max()) + 1)]
