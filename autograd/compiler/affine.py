"""Order in lists of cells: which are start + Σ stride·index over a few axes, and over which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

MOST_AXES = 6


def runs(cells: Any) -> list[tuple[int, int]] | None:
    """The axes (size, stride), outermost first, over which the cells go regularly; None where they do not.

    >>> runs(np.array([5, 7, 9, 105, 107, 109]))
    [(2, 100), (3, 2)]
    >>> runs(np.array([3, 1, 4, 1, 5]))
    """
    axes: list[tuple[int, int]] = []
    while len(cells) > 1:
        steps = cells[1:] - cells[:-1]
        other = np.flatnonzero(steps != steps[0])
        size = int(other[0]) + 1 if len(other) else len(cells)
        if len(cells) % size or len(axes) == MOST_AXES:
            return None
        rows = cells.reshape(-1, size)
        if len(other) and (rows - rows[:, :1] != rows[0] - rows[0, 0]).any():
            return None
        axes.append((size, int(steps[0])))
        cells = rows[:, 0]
    return axes[::-1]


def common(count: int, several: Iterable[list[tuple[int, int]] | None]) -> list[int]:
    """Sizes of axes for `count` points that suit as many of the given runs as go together.

    >>> common(24, [[(24, 1)], [(4, 10), (6, 0)], [(2, 1), (12, 7)]])
    [2, 2, 6]
    """
    breaks = [1, count]
    for axes in several:
        size, mine = 1, []
        for length, _ in reversed(axes or ()):
            size *= length
            mine.append(size)
        together = sorted({*breaks, *mine})
        if all(b % a == 0 for a, b in pairwise(together)) and len(together) <= MOST_AXES + 1:
            breaks = together
    breaks = sorted(set(breaks))
    return [b // a for a, b in pairwise(breaks)][::-1] or [1]


def strides(cells: Any) -> tuple[int, tuple[int, ...]] | None:
    """The start and the stride of each axis of an array of cells; None where it is not regular.

    >>> strides(np.array([[5, 7, 9], [105, 107, 109]]))
    (5, (100, 2))
    """
    start = cells.flat[0]
    found = []
    regular = np.full((1,) * cells.ndim, start)
    for axis, size in enumerate(cells.shape):
        step = int(cells.take(1, axis).flat[0] - start) if size > 1 else 0
        found.append(step)
        if step:
            shape = [1] * cells.ndim
            shape[axis] = size
            regular = regular + (step * np.arange(size)).reshape(shape)
    return (int(start), tuple(found)) if (cells == regular).all() else None


def view(buffer: Any, shape: Sequence[int], start: int, steps: Sequence[int]) -> Any:
    """The cells of a buffer of floats from `start` on, at these steps along each axis, as an array of their own.

    >>> view(np.arange(10.0), (2, 3), 1, (4, 2))
    array([[1., 3., 5.],
           [5., 7., 9.]])
    """
    return np.ndarray(shape, float, buffer, start * 8, [step * 8 for step in steps])
