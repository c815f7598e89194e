"""The order of the items in each column of a layout: few lines should cross."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

from autograd.show.grid import Grid


def order(grid: Grid) -> None:
    """Sorts each column by the mean place of its neighbours, to and fro, and keeps the order with fewest crossings."""

    def mean(items: Sequence[int]) -> float:
        return sum(grid.place[item] for item in items) / len(items)

    grid.stand(grid.columns)
    best, fewest = [list(column) for column in grid.columns], count_crossings(grid)
    patience = 4 if len(grid.column) < 4000 else 2
    tries = 0
    while fewest and tries < patience:
        rightwards = tries % 2
        neighbours = grid.left if rightwards else grid.right
        for column in grid.columns if rightwards else reversed(grid.columns):
            means = {item: mean(neighbours[item] or [item]) for item in column}
            column.sort(key=means.__getitem__)
            grid.stand([column])
        if len(grid.column) < 1000:
            for column in grid.columns:
                _swap_neighbours(grid, column)
        crossings = count_crossings(grid)
        tries += 1
        if crossings < fewest:
            best, fewest, tries = [list(column) for column in grid.columns], crossings, tries % 2
    grid.columns = best
    grid.stand(best)


def count_crossings(grid: Grid) -> int:
    """How many pairs of lines cross, between all columns."""
    count = 0
    for column in grid.columns:
        seen: list[int] = []
        for item in column:
            ends = [grid.place[other] for other in grid.right[item]]
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


def _swap_neighbours(grid: Grid, column: list[int]) -> None:
    """Swaps neighbours in a column as long as a swap saves a crossing."""
    place, improved = grid.place, True
    while improved:
        improved = False
        for at in range(len(column) - 1):
            above, below, saved = column[at], column[at + 1], 0
            for side in (grid.left, grid.right):
                for p in side[above]:
                    for q in side[below]:
                        saved += (place[p] > place[q]) - (place[p] < place[q])
            if saved > 0:
                column[at], column[at + 1] = below, above
                place[above], place[below] = at + 1, at
                improved = True
