"""Places the boxes and lines of an acyclic graph in columns from left to right: numbers in, coordinates out.

The five steps are those of Sugiyama, Tagawa and Toda (1981), "Methods for visual understanding of hierarchical system
structures": columns, places for lines that pass through a column, an order in each column with few crossings, heights,
widths. Nothing is random, nothing recurses, and ties keep the order that was given, so the same input gives the same
coordinates. Distances are in pixels; y grows downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd.show.grid import Box, Edge, Grid
from autograd.show.heights import heights
from autograd.show.order import order

Point = tuple[float, float]

PORT_GAP = 16  # between the ends of two lines in one box: what is written at an end is lower than this
BARE_GAP = 8  # where nothing is written at any of them
ARROW = 12  # the straight end of a line


@dataclass(frozen=True)
class Layout:
    """The answer: corners of boxes, and lines as the points they pass, level wherever they pass one."""

    width: int
    height: int
    corners: list[Point]
    """The upper left corner of each box."""
    trunks: list[list[Point]]
    """One for each box: what its edges share, up to the column before the furthest; empty where there is nothing."""
    branches: list[list[Point]]
    """One for each edge: from its box, or from the trunk, to its end at the target."""
    curved: bool = False
    """Whether the lines are Bézier curves: an end, and then by threes two handles and an end."""
    rooms: Sequence[Point] = ()
    """Where the middle of what is written on each edge stands, if that is not at the end of the edge."""


def height_for(ends: int, gap: int = PORT_GAP) -> int:
    """The height that a box needs for this many lines to end in it."""
    return ends * gap + 8


def layout(boxes: Sequence[Box], edges: Sequence[Edge]) -> Layout:
    """Places `boxes` in columns so that every edge goes from left to right.

    No two boxes overlap, and neither do the rooms at the ends of edges. No line crosses a box or a room, unless the
    graph has so many long edges that they were not given places (`PLACES`).

    >>> placed = layout([Box(80, 40), Box(80, 40), Box(80, 40)], [Edge(0, 2), Edge(1, 2)])
    >>> placed.corners
    [(0.0, 0.0), (0.0, 62.0), (128.0, 31.0)]
    """
    if any(not 0 <= edge.source < edge.target < len(boxes) for edge in edges):
        raise ValueError("an edge goes from a box to a later one: give the boxes in topological order")
    grid = Grid(boxes, edges, columns(len(boxes), edges))
    order(grid)
    _ports(grid)
    heights(grid)
    return _widths(grid)


def columns(count: int, edges: Sequence[Edge]) -> list[int]:
    """Each box as far right as its edges allow: a leaf then stands beside the operation that first needs it."""
    from_right = [0] * count
    for edge in sorted(edges, key=lambda edge: -edge.target):
        from_right[edge.source] = max(from_right[edge.source], from_right[edge.target] + 1)
    most = max(from_right, default=0)
    return [most - steps for steps in from_right]


def _ports(grid: Grid) -> None:
    """Edges end at the left side of their target in the order they come from, so that none cross there."""
    ends: list[list[int]] = [[] for _ in grid.boxes]
    for at, edge in enumerate(grid.edges):
        ends[edge.target].append(at)
    for arriving in ends:
        arriving.sort(key=lambda at: grid.place[grid.entry[at]])
        gap = PORT_GAP if any(grid.edges[at].room for at in arriving) else BARE_GAP
        for rank, at in enumerate(arriving):
            grid.port[at] = (rank - (len(arriving) - 1) / 2) * gap


def _widths(grid: Grid) -> Layout:
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

    def leave(item: int) -> Point:
        """All lines leave a column at its right side; the box may end before."""
        return float(right[grid.column[item]]), grid.y[item]

    def enter(item: int, y: float) -> Point:
        """Before what is written in front of a column, a line is level."""
        column = grid.column[item]
        return float(left[column] - ARROW - room[column]), y

    trunks: list[list[Point]] = []
    for source, (box, trunk) in enumerate(zip(boxes, grid.trunk, strict=True)):
        side = float(left[grid.column[source]] + box.width), grid.y[source]
        points = [side, leave(source)] if side != leave(source) else [side]
        for item in trunk:
            points += [enter(item, grid.y[item]), leave(item)]
        trunks.append(points if len(points) > 1 and grid.right[source] else [])
    branches = []
    for at, (edge, entry) in enumerate(zip(edges, grid.entry, strict=True)):
        y = grid.y[edge.target] + grid.port[at]
        branches.append([leave(entry), enter(edge.target, y), (float(left[grid.column[edge.target]]), y)])
    corners = [(float(left[grid.column[item]]), grid.y[item] - box.height // 2) for item, box in enumerate(boxes)]
    return Layout(x, int(bottom - top), corners, trunks, branches)
