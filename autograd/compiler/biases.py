"""The biases pass: a bias that is added to a product of matrices becomes one more term of its sums, times one.

W·x + b is [W b]·[x; 1], where a row of ones lies behind the numbers that the weights are multiplied with. So the sum,
and on the way back the adjoints of weights and biases, are one operation each in place of two.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.compiler import affine
from autograd.compiler.lanes import changed, moved_region, operands_of
from autograd.compiler.program import VALUES, Access, Axes, Block, Contract, Forward, Program, Region, Strided, Table


class Fold(NamedTuple):
    """A product, the bias that is added to it, and what has to be done to make them one."""

    step: int
    product: Contract
    bias: Contract
    along: int
    """The axis of the sum, of which the bias is one more point."""
    block: int
    """Where the numbers are that the weights are multiplied with."""
    order: Any
    """The cells there, row by row: a row for each point of the sum."""


def with_biases(program: Program) -> Program:
    """The program with the biases taken into the products, wherever it can be done."""
    return _Biases(program).program()


class _Biases:
    def __init__(self, program: Program) -> None:
        self.source = program
        self.starts = np.array([block.start for block in program.blocks])
        self.orders: dict[int, Any] = {}  # the blocks that get a row of ones, with the new order of their cells
        self.folds: list[Fold] = []
        for number, step in enumerate(program.steps):
            for at, operation in enumerate(step.operations):
                taken = [fold.bias for fold in self.folds]
                others = [other for other in step.operations[at + 1 :] if not any(other is bias for bias in taken)]
                found = (self._fold(number, operation, other) for other in others)
                self.folds += [fold for fold in found if fold is not None][:1]
        self.folds = [fold for fold in self.folds if fold.block in self.orders]

    def program(self) -> Program:
        """The whole program."""
        source = self.source
        if not self.folds:
            return source
        self._place()
        steps = []
        for number, step in enumerate(source.steps):
            folds = [fold for fold in self.folds if fold.step == number]
            without = [fold.bias for fold in folds]
            operations: list[Forward] = []
            for operation in step.operations:
                if any(operation is bias for bias in without):
                    continue
                moved = self._moved(operation)
                for fold in folds:
                    if fold.product is operation:
                        assert isinstance(moved, Contract)
                        axes = tuple(size + (axis == fold.along) for axis, size in enumerate(moved.axes))
                        moved = moved._replace(axes=axes)
                operations.append(moved)
            steps.append(step._replace(operations=operations))
        place = self.place
        return source._replace(
            blocks=self.blocks,
            steps=steps,
            cells=self.cells,
            inputs=place[source.inputs],
            outputs=place[source.outputs],
            guards=place[source.guards],
        )

    # What can be done -------------------------------------------------------------------------------------------------

    def _fold(self, step: int, product: Forward, bias: Forward) -> Fold | None:
        """How to make the two one, if they are such."""
        if not (isinstance(product, Contract) and isinstance(bias, Contract)):
            return None
        if len(product.factors) != 2 or len(bias.factors) != 1 or product.padded or bias.padded:
            return None
        accesses = (product.out, bias.out, *product.factors, *bias.factors)
        if product.coefficient != bias.coefficient or not all(isinstance(x, Strided) for x in accesses):
            return None
        axes = product.axes
        summed = [axis for axis, size in enumerate(axes) if size > 1 and not product.out.strides[axis]]  # type: ignore[union-attr]
        if len(summed) != 1:
            return None
        along = summed[0]
        weights, numbers, biases, out, total = map(_strided, (*product.factors, *bias.factors, product.out, bias.out))
        if not self._is_parameter(weights):
            weights, numbers = numbers, weights
        if not (self._is_parameter(weights) and self._is_parameter(biases)) or self._is_parameter(numbers):
            return None
        if _without(axes, along) != bias.axes or _without(out.strides, along) != total.strides:
            return None
        if not numbers.strides[along]:  # each is multiplied with several weights: there is no row for each of these
            return None
        goes_on = biases.start == weights.start + axes[along] * weights.strides[along]
        if not goes_on or _without(weights.strides, along) != biases.strides or out.start != total.start:
            return None
        others = [axis for axis, size in enumerate(axes) if size > 1 and axis != along]
        if any(bool(weights.strides[axis]) == bool(numbers.strides[axis]) for axis in others):
            return None
        columns = sorted((a for a in others if numbers.strides[a]), key=lambda a: -abs(numbers.strides[a]))
        cells = numbers.cells(axes).transpose(
            [along, *columns, *(a for a in range(len(axes)) if a not in (along, *columns))]
        )
        order = cells.reshape(axes[along], -1)
        block = int(np.searchsorted(self.starts, numbers.start, side="right")) - 1
        if block in self.orders:
            return Fold(step, product, bias, along, block, order) if np.array_equal(order, self.orders[block]) else None
        if not self._can_be(block, order):
            return None
        self.orders[block] = order
        return Fold(step, product, bias, along, block, order)

    def _is_parameter(self, access: Strided) -> bool:
        return access.start < len(self.source.parameters)

    def _can_be(self, block: int, order: Any) -> bool:
        """Whether the block is these cells and no others, and its cells are at regular distances also in this order."""
        start, size = self.source.blocks[block][1:3]
        if self.source.blocks[block].numbers is not None or order.size != size:
            return False
        if not np.array_equal(np.sort(order.ravel()), np.arange(start, start + size)):
            return False
        place = np.empty(size, dtype=int)
        place[order.ravel() - start] = np.arange(size)
        for operation in self.source.forward:
            if isinstance(operation, Region):
                continue
            for access in (operation.out, *operands_of(operation)):
                mine = isinstance(access, Strided) and start <= access.start < start + size
                if mine and affine.strides(place[access.cells(operation.axes) - start]) is None:
                    return False
        return True

    # Doing it ---------------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        """Where each cell goes, and the blocks there."""
        self.place, self.blocks, self.cells = np.empty(self.source.cells, dtype=int), [], 0
        for number, block in enumerate(self.source.blocks):
            self.blocks.append(block._replace(start=self.cells))
            order = self.orders.get(number)
            old = np.arange(block.start, block.start + block.size) if order is None else order.ravel()
            self.place[old] = self.cells + np.arange(block.size)
            self.cells += block.size
            if order is not None:
                ones = np.ones(order.shape[1])
                self.blocks.append(Block("constants", self.cells, len(ones), ones))
                self.cells += len(ones)

    def _moved(self, operation: Forward) -> Forward:
        if isinstance(operation, Region):
            return moved_region(operation, self.place)
        return changed(operation, operation.axes, lambda access: self._access(access, operation.axes))

    def _access(self, access: Access, axes: Axes) -> Access:
        if isinstance(access, Table):
            return Table(access.buffer, self.place[access.table])
        block = int(np.searchsorted(self.starts, access.start, side="right")) - 1
        if block not in self.orders:
            return access._replace(start=int(self.place[access.start]))
        found = affine.strides(self.place[access.cells(axes)])
        assert found is not None
        return Strided(VALUES, *found)


def _strided(access: Access) -> Strided:
    assert isinstance(access, Strided)
    return access


def _without(items: tuple[int, ...], place: int) -> tuple[int, ...]:
    return items[:place] + items[place + 1 :]
