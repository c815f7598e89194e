"""The height of every item of a layout: lines should be level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import floor, inf

from autograd.show.grid import Grid

FIXED = 1_000_000  # the weight of what is not to move
LEVEL = {0: 1, 1: 2, 2: 8}  # how much a line should be level, by how many of its two ends are in passing lines


def heights(grid: Grid) -> None:
    """Chooses the y of every item: lines as level as the distances and the order allow.

    Each column in turn, to and fro, goes as near as it can to where its neighbours are: at first the neighbours on one
    side, which spreads what is crowded, then those on both. In the last turns lines that pass are made level and kept.
    """
    y, wires = grid.y, _wires(grid)
    for column in grid.columns:
        for item in column:
            y[item] = grid.offset[item] - (grid.offset[column[0]] + grid.offset[column[-1]]) / 2
    turns = max(8, min(60, 60_000 // (len(y) + 1)))
    for turn in range(turns):
        last = turn >= turns - 4
        if last:
            for source, trunk in enumerate(grid.trunk):
                _level(grid, trunk, y[source])
        for column in grid.columns if turn % 2 else reversed(grid.columns):
            wanted, weights = [], []
            for item in column:
                left, right = wires[item]
                pulls = left + right if turn >= turns // 2 else (left if turn % 2 else right) or left + right
                weight, moment = 0, 0.0
                for other, pull in pulls:
                    weight, moment = weight + pull, moment + pull * y[other]
                kept = not weight or (last and grid.is_line(item))
                wanted.append(y[item] if kept else moment / weight)
                weights.append(FIXED if kept else weight)
            _spread(grid, column, wanted, weights)
    for chain in _chains(grid):
        _level(grid, chain, (y[chain[0]] + y[chain[-1]]) / 2)
    for item in range(len(y)):
        y[item] = floor(y[item] + 0.5)  # distances are whole numbers, and rounding alike keeps them


def _wires(grid: Grid) -> list[tuple[list[tuple[int, int]], list[tuple[int, int]]]]:
    """For each item the lines at its left and at its right: (the other item, how much the line should be level)."""

    def wires(item: int, others: Sequence[int]) -> list[tuple[int, int]]:
        return [(other, LEVEL[grid.is_line(item) + grid.is_line(other)]) for other in others]

    return [(wires(item, grid.left[item]), wires(item, grid.right[item])) for item in range(len(grid.column))]


def _spread(grid: Grid, column: Sequence[int], wanted: Sequence[float], weights: Sequence[int]) -> None:
    """Gives a column the y nearest to those wanted, in the weighted sum of squares, that keep its order and gaps.

    Less the least distance from the first item, each y must only not decrease: isotonic regression, by pooling adjacent
    violators (Ayer et al. 1955).
    """
    pools: list[tuple[float, int, int]] = []  # mean, weight, how many items
    for item, want, weight in zip(column, wanted, weights, strict=True):
        mean, total, count = want - grid.offset[item], weight, 1
        while pools and pools[-1][0] > mean:
            above, more, others = pools.pop()
            mean = (mean * total + above * more) / (total + more)
            total, count = total + more, count + others
        pools.append((mean, total, count))
    at = 0
    for mean, _, count in pools:
        for item in column[at : at + count]:
            grid.y[item] = mean + grid.offset[item]
        at += count


def _level(grid: Grid, line: Sequence[int], y: float) -> None:
    """Gives items in neighbouring columns the height y, or as few others as what is above and below them allows."""
    start = 0
    while start < len(line):
        above, below = _room(grid, line[start])
        end = start + 1
        while end < len(line):
            lower, upper = _room(grid, line[end])
            if max(above, lower) > min(below, upper):
                break
            above, below, end = max(above, lower), min(below, upper), end + 1
        y = min(max(y, above), below)
        for item in line[start:end]:
            grid.y[item] = y
        start = end


def _room(grid: Grid, item: int) -> tuple[float, float]:
    """How high and how low an item may stand between its neighbours."""
    column, at, offset = grid.columns[grid.column[item]], grid.place[item], grid.offset
    above = grid.y[column[at - 1]] + offset[item] - offset[column[at - 1]] if at else -inf
    below = grid.y[column[at + 1]] + offset[item] - offset[column[at + 1]] if at + 1 < len(column) else inf
    return above, below


def _chains(grid: Grid) -> Iterator[list[int]]:
    """Boxes in a row, each with one line in and one line out."""

    def follows(item: int) -> int | None:
        after = grid.right[item]
        return after[0] if len(after) == 1 and len(grid.left[after[0]]) == 1 else None

    for item in range(len(grid.column)):
        before = grid.left[item]
        if len(before) == 1 and follows(before[0]) == item:
            continue  # not the first of its chain
        chain = [item]
        while (after := follows(chain[-1])) is not None:
            chain.append(after)
        if len(chain) > 1:
            yield chain
