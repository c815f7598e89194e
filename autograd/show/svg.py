"""Paints the facts of a graph as one SVG picture that needs nothing else: no script, no font, no id."""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from autograd.show import words
from autograd.show.facts import Fact, Facts, Line
from autograd.show.grid import Box, Edge
from autograd.show.layout import BARE_GAP, PORT_GAP, Layout, Point, height_for, layout
from autograd.show.marks import PAD, SMALL, TEXT, Entry, frame, hue_and_strength, path, px, text_element

LINE = 18  # from one line of text to the next
NOTE, NOTE_LINE = 26, 13  # the letters in a line of a note, and the pixels from one to the next


def paint(facts: Facts, place: Callable[[Sequence[Box], Sequence[Edge]], Layout] = layout) -> str:
    """The picture as SVG text, laid out by `place`; the same facts and places give the same bytes."""
    ends = Counter(use.target for use in facts.uses)
    labelled = {use.target for use in facts.uses if facts.label(use)}
    gaps = [PORT_GAP if at in labelled else BARE_GAP for at in range(len(facts.boxes))]
    boxes = [_measured(fact, height_for(ends[at], gaps[at])) for at, fact in enumerate(facts.boxes)]
    edges = [Edge(use.source, use.target, math.ceil(words.width(facts.label(use), SMALL))) for use in facts.uses]
    placed = place(boxes, edges)
    sizes = [abs(grad) for fact in facts.boxes for grad in fact.grads if grad and math.isfinite(grad)]
    largest = max(sizes, default=1.0)
    inner = [
        *_lines(facts, placed),
        *(_box(*one, largest) for one in zip(facts.boxes, boxes, placed.corners, strict=True)),
    ]
    return frame(inner, placed.width, placed.height, f"Graph of {facts.root.name}", facts.told, _entries(facts))


# Boxes ----------------------------------------------------------------------------------------------------------------


def _head(fact: Fact) -> tuple[str, str]:
    """The name, and after a no-break space, which no program drops, how it was made."""
    return words.shortened(fact.name, words.LONGEST_NAME), fact.made.replace(" ", "\u00a0", 1)


def _body(fact: Fact) -> list[Line]:
    return [*fact.terms, Line("data", fact.data_text), Line("grad", fact.grad_text)]


def _note(fact: Fact) -> list[str]:
    """What is to be said of the gradient, in short lines: all together they are the sentence."""
    return [line + " " for line in textwrap.wrap(fact.note, NOTE, break_long_words=False, break_on_hyphens=False)]


def _measured(fact: Fact, least: int) -> Box:
    """How large a box must be for its text, and at least how high for the lines that end in it: even numbers."""
    lines = ["".join(_head(fact)), *(f"{line.left}  {line.right}" for line in _body(fact))]
    notes = _note(fact)
    widths = [words.width(line, TEXT) for line in lines] + [words.width(line, SMALL) for line in notes]
    width = max(math.ceil(max(widths)) + 2 * PAD, 124)
    height = max(LINE * len(lines) + (NOTE_LINE * len(notes) + 3 if notes else 0) + 16, least)
    return Box(width + width % 2, height + height % 2)


def _box(fact: Fact, box: Box, corner: Point, largest: float) -> str:
    name, formula = _head(fact)
    right, y = box.width - PAD, 19
    parts = [
        f'<g transform="translate({px(corner[0])} {px(corner[1])})">',
        f"<title>{escape(fact.exactly)}</title>",
        f'<rect class="{"box" if formula else "box leaf"}" width="{box.width}" height="{box.height}"'
        f' rx="{3 if formula else 12}"/>',
        _place(fact, box.width),
        text_element(PAD, y, f'<tspan class="name">{escape(name)}</tspan>{escape(formula)}', name + formula),
        f'<path class="rule" d="M{PAD} {y + 8}H{right}"/>',
    ]
    y += 8
    for line in _body(fact):
        y += LINE
        if line.left == "data" and fact.terms:
            parts.append(f'<path class="rule" d="M{PAD} {y - 13}H{right}"/>')
        of_grad = line.left == "grad"
        if of_grad and fact.grad_text != "≈ 0":
            parts += _shades(fact.grads, largest, y, box.width)
        parts.append(text_element(PAD, y, escape(line.left), line.left, "dim"))
        missing = of_grad and not fact.grads
        parts.append(
            text_element(right, y, escape(line.right), line.right, "dim" if missing else "", 'text-anchor="end"')
        )
    if fact.note:
        spans = "".join(
            f'<tspan x="{PAD}" y="{y + 3 + NOTE_LINE * at}">{escape(line)}</tspan>'
            for at, line in enumerate(_note(fact), 1)
        )
        parts.append(f'<text class="dim small">{spans}</text>')
    return "".join(parts) + "</g>"


def _place(fact: Fact, width: int) -> str:
    """The box's place in the backward pass, on its upper right corner."""
    if fact.place is None:
        return ""
    wide = words.width(str(fact.place), SMALL) + 8
    return (
        f'<rect class="corner" x="{px(width - 6 - wide)}" y="-7" width="{px(wide)}" height="13" rx="6.5"/>'
        + text_element(
            width - 6 - wide / 2, 3, str(fact.place), str(fact.place), "dim small place", 'text-anchor="middle"'
        )
    )


def _shades(grads: tuple[float, ...], largest: float, y: int, width: int) -> list[str]:
    """The band behind a gradient; one part each for least and greatest."""
    parts, wide = [], (width - 8) / max(len(grads), 1)
    for at, grad in enumerate(grads):
        if not grad:
            continue
        hue, strength = hue_and_strength(grad, largest)
        parts.append(
            f'<rect class="{hue}" fill-opacity="{strength:.2f}"'
            f' x="{px(4 + at * wide)}" y="{y - 13}" width="{px(wide)}" height="17" rx="3"/>'
        )
    return parts


# Lines ----------------------------------------------------------------------------------------------------------------


def _lines(facts: Facts, placed: Layout) -> list[str]:
    """The trunks, then each edge with its tip and its local derivative."""
    drawn = _curve if placed.curved else path
    parts = [f'<path class="line" d="{drawn(trunk)}"/>' for trunk in placed.trunks if trunk]
    for at, (use, points) in enumerate(zip(facts.uses, placed.branches, strict=True)):
        (x, y), label = points[-1], facts.label(use)
        spot, anchor = (placed.rooms[at], "middle") if placed.curved else ((x - 10, y - 3), "end")
        title = f"<title>{escape(facts.title(use))}</title>" if facts.title(use) else ""
        local = text_element(*spot, label, label, "local small", f'text-anchor="{anchor}"') if label else ""
        parts.append(
            f'<g>{title}<path class="{"line dead" if use.derivative == 0 else "line"}" d="{drawn(points)}"/>'
            f'<path class="tip" d="M{px(x)} {px(y)}l-8 -4v8z"/>{local}</g>'
        )
    return parts


def _curve(points: list[Point]) -> str:
    """A Bézier curve: the points are its first end, and then by threes two handles and the next end."""
    first, *others = (f"{px(x)} {px(y)}" for x, y in points)
    return f"M{first}C{' '.join(others)}"


def _entries(facts: Facts) -> list[Entry]:
    """What the legend says, as far as the picture has it."""
    entries = []
    if any(any(fact.grads) for fact in facts.boxes):
        entries += [("plus", "gradient above 0"), ("minus", "below 0"), ("", "stronger colour: larger")]
    elif not all(fact.grads for fact in facts.boxes):
        entries += [("", "gradients are computed by .backward()")]
    if any(fact.place is not None for fact in facts.boxes):
        entries += [("", "on a corner: place in the backward order")]
    if any(facts.label(use) and use.count == 1 for use in facts.uses):
        entries += [("", "on a line: local derivative")]
    if any(use.count > 1 for use in facts.uses):
        entries += [("", "×n on a line: n edges")]
    if facts.nearest:
        entries += [("", "part: what comes before")]
    if any(use.derivative == 0 for use in facts.uses):
        entries += [("", "dashed: local derivative 0")]
    return entries
