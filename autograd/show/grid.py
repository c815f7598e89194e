"""The columns of a layout: the boxes, and the places where long lines pass between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ROW_GAP = 22  # between two boxes of a column, or a box and a line that passes it
LINE_GAP = 12  # between two lines that pass
PLACES = 60_000  # for lines that pass through columns, in all: beyond, the longest lines run under boxes


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


class Grid:
    """Columns of items: the boxes, and after them the places where trunks pass through a column."""

    def __init__(self, boxes: Sequence[Box], edges: Sequence[Edge], column: Sequence[int]) -> None:
        self.boxes, self.edges = boxes, edges
        self.column = list(column)  # of each item, as all lists below
        self.height = [box.height for box in boxes]
        self.trunk: list[list[int]] = [[] for _ in boxes]  # the places of a box's trunk, from left to right
        self.entry: list[int] = []  # the item from which an edge enters its target
        self.left: list[list[int]] = [[] for _ in boxes]  # the items that lines come from, with repetitions
        self.right: list[list[int]] = [[] for _ in boxes]
        furthest = self._furthest()
        for edge in edges:
            passed = self.column[edge.target] - self.column[edge.source] - 1
            if passed > furthest:
                self.entry.append(edge.source)
                continue
            trunk = self.trunk[edge.source]
            while len(trunk) < passed:
                self._pass(edge.source, trunk)
            self.entry.append(trunk[passed - 1] if passed else edge.source)
            self._link(self.entry[-1], edge.target)
        # At first a trunk stands where its box would.
        source = {item: box for box, trunk in enumerate(self.trunk) for item in trunk}
        self.columns: list[list[int]] = [[] for _ in range(max(self.column, default=-1) + 1)]
        for item in sorted(range(len(self.column)), key=lambda item: source.get(item, item)):
            self.columns[self.column[item]].append(item)
        self.place = [0] * len(self.column)  # in its column
        self.offset = [0] * len(self.column)  # the least distance from the first in its column
        self.y = [0.0] * len(self.column)  # of its middle
        self.port = [0.0] * len(edges)  # how far below the middle of its target an edge ends

    def _furthest(self) -> int:
        """How many columns an edge may pass on a trunk, so that all trunks together have at most `PLACES` places."""
        reach = [0] * len(self.boxes)
        for edge in self.edges:
            reach[edge.source] = max(reach[edge.source], self.column[edge.target] - self.column[edge.source] - 1)
        return max(reach, default=0) if sum(reach) <= PLACES else PLACES // len(reach)

    def _pass(self, source: int, trunk: list[int]) -> None:
        item, before = len(self.column), trunk[-1] if trunk else source
        trunk.append(item)
        self.column.append(self.column[before] + 1)
        self.height.append(0)
        self.left.append([])
        self.right.append([])
        self._link(before, item)

    def _link(self, before: int, after: int) -> None:
        self.right[before].append(after)
        self.left[after].append(before)

    def is_line(self, item: int) -> bool:
        """Whether an item is a line that passes, and no box."""
        return item >= len(self.boxes)

    def stand(self, columns: Iterable[Sequence[int]]) -> None:
        """Numbers the items of these columns from top to bottom, and measures how far apart they must stand."""
        for column in columns:
            before, offset = -1, 0
            for at, item in enumerate(column):
                if at:
                    gap = LINE_GAP if self.is_line(before) and self.is_line(item) else ROW_GAP
                    offset += gap + (self.height[before] + self.height[item]) // 2
                self.place[item], self.offset[item], before = at, offset, item
