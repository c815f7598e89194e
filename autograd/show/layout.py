"""Places the boxes and lines of an acyclic graph in columns from left to right: numbers in, coordinates out.

The five steps are those of Sugiyama, Tagawa and Toda (1981), "Methods for visual understanding of hierarchical system
structures": columns, places for lines that pass through a column, an order in each column with few crossings, heights,
widths. Nothing is random, nothing recurses, and ties keep the order that was given, so the same input gives the same
coordinates. Distances are in pixels; y grows downwards.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]

ROW_GAP = 22  # between two boxes of a column, or a box and a line that passes it
LINE_GAP = 12  # between two lines that pass
PORT_GAP = 16  # between the ends of two lines in one box: what is written at an end is lower than this
ARROW = 12  # the straight end of a line
PLACES = 60_000  # for lines that pass through columns, in all: beyond, the longest lines run under boxes
LEVEL = {0: 1.0, 1: 2.0, 2: 8.0}  # how much a line should be level, by how many of its two ends are such places


@dataclass(frozen=True)
class Box:
    """What is to be placed: whole, even `width` and `height`."""

    width: int
    height: int


@dataclass(frozen=True)
class Edge:
    """A line from box `source` to box `target`, a later one; `room` is the width of what is written at its end."""

    source: int
    target: int
    room: int = 0


@dataclass(frozen=True)
class Layout:
    """The answer: corners of boxes, and lines as the points they pass, level wherever they pass one."""

    width: int
    height: int
    corners: list[Point]
    """The upper left corner of each box."""
    trunks: list[list[Point]]
    """One for each box whose edges reach beyond the next column: the part that they share. Else empty."""
    branches: list[list[Point]]
    """One for each edge: from its box, or from the trunk, to its end at the target."""


def height_for(ends: int) -> int:
    """The height that a box needs for this many lines to end in it."""
    return ends * PORT_GAP + 8


def layout(boxes: Sequence[Box], edges: Sequence[Edge]) -> Layout:
    """Places `boxes` in columns so that every edge goes from left to right.

    No two boxes overlap, and neither do the rooms at the ends of edges. No line crosses a box or a room, unless the
    graph has so many long edges that they were not given places (`PLACES`).

    >>> placed = layout([Box(80, 40), Box(80, 40), Box(80, 40)], [Edge(0, 2), Edge(1, 2)])
    >>> placed.corners
    [(0, 0), (0, 62), (142, 31)]
    """
    if any(not 0 <= edge.source < edge.target < len(boxes) for edge in edges):
        raise ValueError("an edge goes from a box to a later one: give the boxes in topological order")
    columns = _columns(len(boxes), edges)
    grid = _Grid(boxes, edges, columns)
    _order(grid)
    _heights(grid)
    return _widths(grid)


def _columns(count: int, edges: Sequence[Edge]) -> list[int]:
    """Each box as far right as its edges allow: a leaf then stands beside the operation that first needs it."""
    from_right = [0] * count
    for edge in sorted(edges, key=lambda edge: -edge.target):
        from_right[edge.source] = max(from_right[edge.source], from_right[edge.target] + 1)
    most = max(from_right, default=0)
    return [most - steps for steps in from_right]


class _Grid:
    """Columns of items: the boxes, and after them the places where trunks pass through a column."""

    def __init__(self, boxes: Sequence[Box], edges: Sequence[Edge], columns: Sequence[int]) -> None:
        self.boxes, self.edges = boxes, edges
        self.column = list(columns)
        self.height = [box.height for box in boxes]
        self.trunk: list[list[int]] = [[] for _ in boxes]  # the places of a box's trunk, from left to right
        reach = PLACES
        if sum(columns[edge.target] - columns[edge.source] - 1 for edge in edges) > PLACES:
            reach = max(PLACES // len(boxes), 2)
            furthest = [0] * len(boxes)
            for edge in edges:
                furthest[edge.source] = max(furthest[edge.source], columns[edge.target] - columns[edge.source] - 1)
            if sum(furthest) <= PLACES:
                reach = PLACES
        self.entry: list[int] = []  # the item from which an edge enters its target
        for edge in edges:
            trunk, passed = self.trunk[edge.source], columns[edge.target] - columns[edge.source] - 1
            if passed > reach:
                self.entry.append(edge.source)
                continue
            while len(trunk) < passed:
                trunk.append(len(self.column))
                self.column.append(columns[edge.source] + len(trunk))
                self.height.append(0)
            self.entry.append(trunk[passed - 1] if passed else edge.source)
        self.columns: list[list[int]] = [[] for _ in range(max(self.column, default=-1) + 1)]
        self.left: list[list[int]] = [[] for _ in self.column]  # the items that lines come from, with repetitions
        self.right: list[list[int]] = [[] for _ in self.column]
        for source, trunk in enumerate(self.trunk):
            for before, after in pairwise([source, *trunk]):
                self._link(before, after)
        for edge, entry in zip(edges, self.entry, strict=True):
            if self.column[entry] + 1 == self.column[edge.target]:
                self._link(entry, edge.target)
        self.y = [0.0] * len(self.column)  # the middle of each item
        self.port: dict[int, float] = {}  # how far below the middle of its target an edge ends

    def _link(self, before: int, after: int) -> None:
        self.right[before].append(after)
        self.left[after].append(before)

    def is_line(self, item: int) -> bool:
        return item >= len(self.boxes)

    def gap(self, above: int, below: int) -> int:
        """The least distance between the middles of two neighbours."""
        free = LINE_GAP if self.is_line(above) and self.is_line(below) else ROW_GAP
        return (self.height[above] + self.height[below]) // 2 + free


# The order in each column ---------------------------------------------------------------------------------------------


def _order(grid: _Grid) -> None:
    """Sorts each column by the mean place of its neighbours, to and fro, and keeps the order with fewest crossings."""
    source_of = {item: source for source, trunk in enumerate(grid.trunk) for item in trunk}
    for item in sorted(range(len(grid.column)), key=lambda item: source_of.get(item, item)):
        grid.columns[grid.column[item]].append(item)
    place = [0] * len(grid.column)

    def number(column: Iterable[int]) -> None:
        for at, item in enumerate(column):
            place[item] = at

    for column in grid.columns:
        number(column)
    best, fewest = [list(column) for column in grid.columns], _crossings(grid, place)
    patience = 4 if len(grid.column) < 4000 else 2
    tries = 0
    while fewest and tries < patience:
        leftwards = tries % 2 == 0
        steps = range(len(grid.columns) - 2, -1, -1) if leftwards else range(1, len(grid.columns))
        neighbours = grid.right if leftwards else grid.left
        for at in steps:
            mean = {
                item: sum(place[other] for other in neighbours[item]) / len(neighbours[item])
                if neighbours[item]
                else float(place[item])
                for item in grid.columns[at]
            }
            grid.columns[at].sort(key=mean.__getitem__)
            number(grid.columns[at])
        if len(grid.column) < 1000:
            for column in grid.columns:
                _swap_neighbours(grid, column, place)
        crossings = _crossings(grid, place)
        tries += 1
        if crossings < fewest:
            best, fewest, tries = [list(column) for column in grid.columns], crossings, tries % 2
    grid.columns = best


def _crossings(grid: _Grid, place: Sequence[int]) -> int:
    """How many pairs of lines cross, between all columns."""
    count = 0
    for column in grid.columns:
        seen: list[int] = []
        for item in sorted(column, key=place.__getitem__):
            ends = sorted(place[other] for other in grid.right[item])
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


def _swap_neighbours(grid: _Grid, column: list[int], place: list[int]) -> None:
    """Swaps neighbours in a column as long as a swap saves a crossing."""
    improved = True
    while improved:
        improved = False
        for at in range(len(column) - 1):
            above, below = column[at], column[at + 1]
            saved = 0
            for side in (grid.left, grid.right):
                for p in side[above]:
                    for q in side[below]:
                        saved += (place[p] > place[q]) - (place[p] < place[q])
            if saved > 0:
                column[at], column[at + 1] = below, above
                place[above], place[below] = at + 1, at
                improved = True


# Heights --------------------------------------------------------------------------------------------------------------


def _heights(grid: _Grid) -> None:
    """Chooses the y of every item: lines as level as the distances and the order allow."""
    place = [0] * len(grid.column)
    for column in grid.columns:
        for at, item in enumerate(column):
            place[item] = at
        for above, below in pairwise(column):
            grid.y[below] = grid.y[above] + grid.gap(above, below)
        if column:
            middle = (grid.y[column[0]] + grid.y[column[-1]]) / 2
            for item in column:
                grid.y[item] -= middle
    wires = _wires(grid, place)
    rounds = 24 if len(grid.column) < 4000 else 10
    for turn in range(rounds):
        both = turn >= rounds // 2
        steps = range(len(grid.columns)) if turn % 2 else range(len(grid.columns) - 1, -1, -1)
        for at in steps:
            wanted, weights = [], []
            for item in grid.columns[at]:
                pulls = wires[item][2] if both else wires[item][turn % 2 == 0] or wires[item][2]
                weight = sum(pull for _, _, pull in pulls)
                target = sum((grid.y[other] + shift) * pull for other, shift, pull in pulls)
                wanted.append(target / weight if weight else grid.y[item])
                weights.append(weight or 1.0)
            for item, y in zip(grid.columns[at], _spread(grid, grid.columns[at], wanted, weights), strict=True):
                grid.y[item] = y
    for item, y in enumerate(grid.y):
        grid.y[item] = (y + 0.5) // 1  # distances are whole numbers, and rounding alike keeps them


def _wires(grid: _Grid, place: Sequence[int]) -> list[tuple[list[tuple[int, float, float]], ...]]:
    """For each item the lines at its left, at its right, and both: (other item, shift that makes it level, weight).

    On the way, the ends of edges are given their places on the left side of their target, in the order they come from.
    """
    wires: list[tuple[list[tuple[int, float, float]], ...]] = [([], [], []) for _ in grid.column]

    def wire(before: int, after: int, port: float) -> None:
        pull = LEVEL[grid.is_line(before) + grid.is_line(after)]
        for side, item, other, shift in ((0, after, before, -port), (1, before, after, port)):
            wires[item][side].append((other, shift, pull))
            wires[item][2].append((other, shift, pull))

    for source, trunk in enumerate(grid.trunk):
        for before, after in pairwise([source, *trunk]):
            wire(before, after, 0.0)
    ends: list[list[int]] = [[] for _ in grid.boxes]
    for at, edge in enumerate(grid.edges):
        ends[edge.target].append(at)
    for target, arriving in enumerate(ends):
        arriving.sort(key=lambda at: place[grid.entry[at]])
        for rank, at in enumerate(arriving):
            grid.port[at] = (rank - (len(arriving) - 1) / 2) * PORT_GAP
            if grid.column[grid.entry[at]] + 1 == grid.column[target]:
                wire(grid.entry[at], target, grid.port[at])
    return wires


def _spread(grid: _Grid, column: Sequence[int], wanted: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The y nearest to those wanted, in the weighted sum of squares, that keep the order and the gaps of a column.

    Without its gap from the first item, each y must only not decrease: isotonic regression, by pooling adjacent
    violators (Ayer et al. 1955).
    """
    offset, offsets = 0.0, []
    for at, item in enumerate(column):
        offset += grid.gap(column[at - 1], item) if at else 0
        offsets.append(offset)
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for want, shift, weight in zip(wanted, offsets, weights, strict=True):
        mean, total, count = want - shift, weight, 1
        while pools and pools[-1][0] > mean:
            other, more, others = pools.pop()
            mean = (mean * total + other * more) / (total + more)
            total, count = total + more, count + others
        pools.append((mean, total, count))
    levels = [mean for mean, _, count in pools for _ in range(count)]
    return [level + shift for level, shift in zip(levels, offsets, strict=True)]


# Widths ---------------------------------------------------------------------------------------------------------------


def _widths(grid: _Grid) -> Layout:
    """Chooses the x of every column, wide enough apart for what is written there, and draws the lines."""
    boxes, edges = grid.boxes, grid.edges
    room = [0] * len(grid.columns)
    rise = [0.0] * len(grid.columns)
    for at, edge in enumerate(edges):
        column = grid.column[edge.target]
        room[column] = max(room[column], edge.room)
        rise[column] = max(rise[column], abs(grid.y[edge.target] + grid.port[at] - grid.y[grid.entry[at]]))
    left: list[int] = []
    right: list[int] = []
    x = 0
    for at, items in enumerate(grid.columns):
        if at:
            x += round(min(max(24 + 0.2 * rise[at], 36), 140)) + room[at] + ARROW
        left.append(x)
        x += max((boxes[item].width for item in items if not grid.is_line(item)), default=0)
        right.append(x)
    top = min((grid.y[item] - grid.height[item] / 2 for item in range(len(grid.y))), default=0)
    bottom = max((grid.y[item] + grid.height[item] / 2 for item in range(len(grid.y))), default=0)
    grid.y = [y - top for y in grid.y]

    def start(item: int) -> list[Point]:
        """A line leaves a box at its right side, and its column at the column's."""
        column = grid.column[item]
        points = [(right[column], grid.y[item])]
        if not grid.is_line(item) and left[column] + boxes[item].width < right[column]:
            points.insert(0, (left[column] + boxes[item].width, grid.y[item]))
        return points

    def enter(item: int, y: float) -> Point:
        """Before what is written in front of a column, a line is level."""
        column = grid.column[item]
        return left[column] - ARROW - room[column], y

    trunks: list[list[Point]] = []
    for source, trunk in enumerate(grid.trunk):
        trunks.append(start(source) if trunk else [])
        for item in trunk:
            trunks[-1] += [enter(item, grid.y[item]), *start(item)]
    branches = []
    for at, (edge, entry) in enumerate(zip(edges, grid.entry, strict=True)):
        y = grid.y[edge.target] + grid.port[at]
        branches.append([*start(entry), enter(edge.target, y), (left[grid.column[edge.target]], y)])
    corners = [(float(left[grid.column[item]]), grid.y[item] - box.height // 2) for item, box in enumerate(boxes)]
    return Layout(x, int(bottom - top), corners, trunks, branches)
