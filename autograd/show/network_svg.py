"""Paints a network: neurons as circles, weights as lines."""

from __future__ import annotations

import math
from itertools import pairwise
from xml.sax.saxutils import escape

from autograd.show import words
from autograd.show.marks import SMALL, TEXT, Entry, frame, px, text_element
from autograd.show.network import Circle, Column, Line, Net

RADIUS, STEP = 18, 48  # of a circle; from one to the next below it
APART = 170  # from one column to the next, at least
TOP = 66  # what stands over the columns
MOST_NUMBERS = 12  # so many weights are written on their lines
PLACES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.22, 0.78)  # how far along a line its number may stand
LETTERS = 12  # from one line of small text to the next

Spot = tuple[float, float]


def paint(net: Net) -> str:
    """The picture as SVG text; the same network gives the same bytes."""
    rows = max(len(column.circles) + (column.size > len(column.circles)) for column in net.columns)
    numbered = net.drawn <= MOST_NUMBERS
    middles, width = _middles(net, APART + 60 * numbered)
    height = TOP + rows * STEP
    weights = [abs(line.weight) for column in net.columns for line in column.lines if math.isfinite(line.weight)]
    largest = max(weights, default=0.0) or 1.0
    spots = [
        {circle.number: (x, y) for circle, y in zip(column.circles, _heights(column, rows), strict=True)}
        for column, x in zip(net.columns, middles, strict=True)
    ]
    inner = []
    for at, column in enumerate(net.columns):
        for line in column.lines:
            inner.append(_line(line, spots[at - 1][line.source], spots[at][line.target], largest))
    if numbered:
        taken: list[tuple[float, float, float]] = []
        for at, column in enumerate(net.columns):
            inner += [_weight(line, spots[at - 1][line.source], spots[at][line.target], taken) for line in column.lines]
    for at, column in enumerate(net.columns):
        inner += [_circle(circle, *spots[at][circle.number]) for circle in column.circles]
        inner += _about(column, middles[at], rows)
    return frame(inner, width, height, f"Network {net.name}", net.told, _entries(net, largest))


def _middles(net: Net, apart: int) -> tuple[list[float], float]:
    """The x of every column, far enough apart for what stands over them; and the width of all."""
    half = [max(words.width(line, TEXT) for line in column.about) / 2 + 8 for column in net.columns]
    middles = [max(half[0], RADIUS)]
    for before, after in pairwise(half):
        middles.append(middles[-1] + max(apart, before + after))
    return [float(math.ceil(x)) for x in middles], math.ceil(middles[-1] + max(half[-1], RADIUS))


def _heights(column: Column, rows: int) -> list[float]:
    """The y of every circle of a column, in the middle of the picture; where some are left out there is a gap."""
    gap = _gap(column)
    count = len(column.circles) + (gap is not None)
    top = TOP + (rows - count) * STEP / 2 + STEP / 2
    return [top + STEP * (at + (gap is not None and at >= gap)) for at in range(len(column.circles))]


def _gap(column: Column) -> int | None:
    """Before which circle some are left out."""
    numbers = [circle.number for circle in column.circles]
    return next((at for at, number in enumerate(numbers) if number != at), None)


def _line(line: Line, start: Spot, end: Spot, largest: float) -> str:
    hue = "nan" if line.weight != line.weight else "plus" if line.weight >= 0 else "minus"
    share = min(abs(line.weight) / largest, 1.0) if line.weight == line.weight else 1.0
    (x0, y0), (x1, y1) = start, end
    strokes = f'stroke-width="{0.6 + 4.4 * share:.2f}" stroke-opacity="{0.25 + 0.6 * share:.2f}"'
    title = f"<title>{escape(line.tip)}</title>"
    return f'<path class="weight {hue}-line" {strokes} d="M{px(x0)} {px(y0)}L{px(x1)} {px(y1)}">{title}</path>'


def _weight(line: Line, start: Spot, end: Spot, taken: list[tuple[float, float, float]]) -> str:
    """The weight as a number on its line, at the first place where no other number stands."""
    text = words.number(line.weight)
    half = words.width(text, SMALL) / 2 + 2
    places = [(start[0] + (end[0] - start[0]) * at, start[1] + (end[1] - start[1]) * at) for at in PLACES]
    free = (
        (x, y) for x, y in places if all(abs(x - u) >= half + wide or abs(y - v) >= LETTERS for u, v, wide in taken)
    )
    x, y = next(free, places[0])
    taken.append((x, y, half))
    return text_element(x, y + 3, text, text, "local small", 'text-anchor="middle"')


def _circle(circle: Circle, x: float, y: float) -> str:
    text = "" if circle.bias is None else words.number(circle.bias)
    short = text if words.width(text, SMALL) <= 2 * RADIUS else words.number(float(f"{circle.bias:.2g}"))
    label = text_element(x, y + 3, short, short, "small", 'text-anchor="middle"') if text else ""
    kind = "box leaf" if circle.bias is None else "box"
    return (
        f'<g><title>{escape(circle.tip)}</title><circle class="{kind}" cx="{px(x)}" cy="{px(y)}"'
        f' r="{RADIUS}"/>{label}</g>'
    )


def _about(column: Column, x: float, rows: int) -> list[str]:
    """What stands over a column, and the dots where circles are left out."""
    middle = 'text-anchor="middle"'
    lines = [words.shortened(line, 40) for line in column.about]
    parts = [
        text_element(x, 12 + 16 * at, escape(line), line, "dim" if at else "name", middle)
        for at, line in enumerate(lines)
    ]
    gap = _gap(column)
    if gap is not None:
        y = _heights(column, rows)[gap] - STEP
        hidden = f"{column.size - len(column.circles):,} more"
        parts += [f'<circle class="tip" cx="{px(x)}" cy="{px(y + 5 * d - 12)}" r="1.5"/>' for d in range(3)]
        parts.append(text_element(x, y + 16, hidden, hidden, "local small", middle))
    return parts


def _entries(net: Net, largest: float) -> list[Entry]:
    """What the legend says."""
    entries = [
        ("plus", "weight above 0"),
        ("minus", "below 0, dashed"),
        ("", f"wider: larger, up to {words.number(largest)}"),
    ]
    entries.append(("", "in a circle: bias"))
    if net.functions:
        entries.append(("", f"then {', '.join(net.functions)}"))
    if net.drawn < net.weights:
        entries.append(("", f"{net.drawn:,} of {net.weights:,} weights are drawn"))
    return entries
