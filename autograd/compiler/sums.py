"""The terms of one kind in all sums of a group, as one array operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.compiler.affine import common, runs
from autograd.compiler.program import Access

if TYPE_CHECKING:
    from autograd.compiler.reroll import Layout

PADDING = 2.5
"""How many times more terms an array operation may have than there are, so that all its sums are equally long."""


class Part:
    """The terms of one kind in all sums of a group."""

    def __init__(self, layout: Layout, sums: int, rows: Any, coefficients: Any, refs: Any) -> None:
        """For each term: which of the sums it is in (in order), its coefficient and, along an axis, its factors."""
        self.layout, self.rows, self.terms, self.refs = layout, rows, coefficients, refs
        self.counts = np.bincount(rows, minlength=sums)
        self.longest = int(self.counts.max())
        self.order = refs.shape[1]
        self.words = f"{self.longest} × {self.order} factors"

    def decide(self, regular: bool) -> None:
        """Whether the sums are made equally long, and the factors as arrays (sum, term)."""
        total, members = len(self.rows), len(self.counts)
        self.padded = regular and members * self.longest <= PADDING * total
        if self.padded:
            self.valid = np.arange(self.longest) < self.counts[:, None]
            shape: tuple[int, ...] = (members, self.longest)
        else:
            self.valid = np.ones(total, dtype=bool)
            shape = (total,)
        self.coefficients = np.zeros(shape)
        self.coefficients[self.valid] = self.terms
        self.factors = []
        for slot in range(self.order):
            refs = np.full(shape, self.refs[0, slot])
            refs[self.valid] = self.refs[:, slot]
            self.factors.append(refs)
        for refs in self.factors:
            self.layout.place(refs[self.valid])
        self.complete = bool(self.valid.all())
        if self.padded and not self.complete:
            self._fill()
        self.accesses: list[Any] = [None] * self.order

    def _fill(self) -> None:
        """The cells that sums would have beyond their last term, if they went on as they begin."""
        layout, valid = self.layout, self.valid
        full = int(np.argmax(self.counts))
        self.filled, carrier = [], None
        for slot, refs in enumerate(self.factors):
            cells = layout.cell[refs]
            row, column = cells[full], cells[:, 0]
            going_on = column[:, None] + (row - row[0])[None, :]
            first_there = self.counts.min() > 0
            inside = first_there and (going_on == cells)[valid].all()
            if (
                inside
                and runs(column) is not None
                and going_on.min() >= cells[valid].min()
                and going_on.max() <= cells[valid].max()
            ):
                self.filled.append(going_on)
            else:
                cells = np.where(valid, cells, layout.zero())
                self.filled.append(cells)
                carrier = slot
        self.carried = carrier is not None

    def cells(self, slot: int) -> Any:
        """The cells of a factor."""
        if self.padded and not self.complete:
            return self.filled[slot]
        return self.layout.cell[self.factors[slot]]

    def free_runs(self) -> list[Any]:
        """How each factor goes over the sums."""
        return [runs(self.cells(slot)[:, 0]) for slot in range(self.order)]

    def _along(self) -> list[int]:
        """The axes of the sum, for which its terms may be put in another order."""
        if self.longest == 1:
            return []
        found = [runs(self.cells(slot)[0]) for slot in range(self.order)]
        if self.complete and None in found:
            for slot in range(self.order):
                order = np.argsort(self.cells(slot), axis=1, kind="stable")
                cells = [np.take_along_axis(self.cells(slot), order, axis=1) for slot in range(self.order)]
                if sum(runs(c[0]) is None for c in cells) < sum(axes is None for axes in found):
                    self.factors = [np.take_along_axis(refs, order, axis=1) for refs in self.factors]
                    self.coefficients = np.take_along_axis(self.coefficients, order, axis=1)
                    found = [runs(c[0]) for c in cells]
        return common(self.longest, found)

    def contract(self, free: list[int]) -> tuple[tuple[int, ...], float, tuple[Access, ...], Any, bool]:
        """The axes, the coefficient, the factors; and, where the sums are not equally long, which sum a term is in."""
        layout = self.layout
        along = self._along() if self.padded else []  # first, for it may change the order of the terms
        constants: list[Any] = []
        coefficients = self.coefficients
        first = coefficients[self.valid][0]
        if (coefficients[self.valid] == first).all() and (self.complete or not self.padded or self.carried):
            coefficient = float(first)
        else:
            coefficient = 1.0
            constants.append(coefficients)
        if not self.padded:
            axes: tuple[int, ...] = (coefficients.size,)
            constant = [layout.constants(numbers) for numbers in constants]
            factors = [layout.access(self.cells(slot), axes) for slot in range(self.order)]
            return axes, coefficient, (*factors, *constant), self.rows, False
        axes = (*free, *along)
        constant = [layout.constants(numbers.reshape(axes)) for numbers in constants]
        factors = [layout.access(self.cells(slot), axes) for slot in range(self.order)]
        return axes, coefficient, (*factors, *constant), None, not self.complete
