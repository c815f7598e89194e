"""Program: a computation as a few array operations over numbered cells; what all passes speak and backends run.

A cell holds one number. There are two buffers of them, the values and, for the way back, their adjoints ∂result/∂cell.
An operation runs over axes, as nested loops do, and says by an `Access` for each operand which cell it means at each
point. A backend has to know the operations of this file and nothing else.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np

VALUES, ADJOINTS = 0, 1
Axes: TypeAlias = tuple[int, ...]  # the sizes of the loops, outermost first


class Strided(NamedTuple):
    """The cell start + Σ stride·index: a stride 0 means that the axis does not matter."""

    buffer: int
    start: int
    strides: tuple[int, ...]

    def cells(self, axes: Axes) -> Any:
        """The cell at every point of the axes, as an array; 1 long where the axis does not matter."""
        found = np.full((1,) * len(axes), self.start)
        for axis, (size, stride) in enumerate(zip(axes, self.strides, strict=True)):
            if stride:
                shape = [1] * len(axes)
                shape[axis] = size
                found = found + (stride * np.arange(size)).reshape(shape)
        return found


class Table(NamedTuple):
    """The cells one by one: an array of as many dimensions as there are axes, 1 long where the axis does not matter."""

    buffer: int
    table: Any

    def cells(self, axes: Axes) -> Any:
        """The cell at every point of the axes, as an array; 1 long where the axis does not matter."""
        return self.table


Access: TypeAlias = Strided | Table


class Contract(NamedTuple):
    """out (+)= Σ coefficient · Π factors, the sum being over all points of the axes that lead to the same cell.

    Addition, products, dot products, matrix products, outer products and reductions are all this; and so is the way
    back through it: the adjoint of each factor is the same operation with that factor and the result changed over.
    """

    axes: Axes
    out: Access
    coefficient: float
    factors: tuple[Access, ...]
    accumulate: bool = False
    padded: bool = False
    """Whether sums were made equally long, by terms in which a factor, or the coefficient, is 0."""


class Map(NamedTuple):
    """out = row(operands), point by point."""

    row: str
    axes: Axes
    out: Access
    operands: tuple[Access | float, ...]


class Pull(NamedTuple):
    """out (+)= upstream · ∂row/∂operands[number], nothing where that operand was not chosen."""

    row: str
    number: int
    axes: Axes
    out: Access
    upstream: Access
    operands: tuple[Access | float, ...]
    value: Access
    accumulate: bool = False


class Reduce(NamedTuple):
    """out = row(x₁, …, xₙ), where the operands are along the last axis."""

    row: str
    axes: Axes
    out: Access
    operand: Access
    lengths: Any = None
    """How many operands there are at each point, where they are not equally many; the first is then repeated."""


class PullReduce(NamedTuple):
    """The way back through a `Reduce`: out (+)= upstream · ∂row/∂xᵢ at every point."""

    row: str
    axes: Axes
    out: Access
    upstream: Access
    operand: Access
    value: Access
    lengths: Any = None
    accumulate: bool = False


class Select(NamedTuple):
    """out = the candidate that the index says; the candidates' cells are along the last axis of the table."""

    axes: Axes
    out: Access
    at: Access
    candidates: Table


class PullSelect(NamedTuple):
    """The way back through a `Select`: the candidate's adjoint += upstream."""

    axes: Axes
    candidates: Table
    at: Access
    upstream: Access


class Scalar(NamedTuple):
    """One operation on single cells; of a sum of products the operands are (coefficient, cells) each."""

    row: str
    out: int
    operands: tuple[Any, ...]


class Region(NamedTuple):
    """Scalar operations one after the other, where there are too few of a kind to make an array operation of."""

    scalars: list[Scalar]


class PullRegion(NamedTuple):
    """The way back through a `Region`."""

    scalars: list[Scalar]


class Zero(NamedTuple):
    """out = 0."""

    out: Table


Forward: TypeAlias = Contract | Map | Reduce | Select | Region
Operation: TypeAlias = Forward | Pull | PullReduce | PullSelect | PullRegion | Zero


class Step(NamedTuple):
    """One array operation as a person counts them: a sum of several products is one."""

    operations: list[Forward]
    block: int
    """Which block it computes; −1 for a region."""
    words: str
    origin: str
    scalars: int
    """How many recorded operations it stands for."""


class Block(NamedTuple):
    """Cells that belong together: an input, the parameters, a constant, or what one step computes."""

    name: str
    start: int
    size: int
    numbers: Any = None
    """Of a constant, its numbers."""


class Program(NamedTuple):
    """What is computed, in order; and, once derived, the way back."""

    blocks: list[Block]
    steps: list[Step]
    cells: int
    parameters: list[int]
    """Which leaf of the tape the parameter in each of the first cells is."""
    inputs: Any
    """The cell of each of the inputs' numbers."""
    outputs: Any
    """The cells of the results."""
    guards: Any
    """The cells of the conditions Python branched on."""
    truths: Any
    """What they were."""
    recorded: int
    """How many scalar operations were recorded."""

    @property
    def forward(self) -> list[Forward]:
        """All operations, in order."""
        return [operation for step in self.steps for operation in step.operations]
