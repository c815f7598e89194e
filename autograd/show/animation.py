"""The walk as a picture that moves, piece by piece, and as an animated SVG without script."""

from __future__ import annotations

import hashlib
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.show import board, graph_film, neuron_film, walk_text, words
from autograd.show.moments import Shown

if TYPE_CHECKING:
    from autograd.show.stepping import Steps

Data = Mapping[str, Any]
BEGIN, EACH, END = 1.0, 1.0, 2.0  # seconds: before the first step, a step, after the last
LONGEST, SHORTEST_STEP = 60.0, 0.25  # seconds: a long walk goes faster
FADE = 0.12  # seconds until something is seen
CAPTION, FORMULA = 92, 15  # height of what is written above, and the size of its letters, in pixels
NARROWEST, WIDEST = 560, 940
PHASES = {"forward": "Forward pass", "backward": "Backward pass", "update": "Update"}
STYLE = """
.autograd-board .formula{font-size:15px;font-weight:bold}
.autograd-board .dot.works{fill:#1f883d}
.autograd-board .dot.changes{fill:#8250df}
.autograd-board .phase{font-size:11px}
"""


class Film(NamedTuple):
    """What is always seen, what is seen at times, the number of moments, the size, and where the picture begins."""

    still: str
    shown: list[Shown]
    moments: int
    data: Data
    corner: tuple[int, int]


def film(steps: Steps) -> Film:
    """The walk, piece by piece."""
    data = dict(steps.data())
    if data["picture"] is None:
        raise ValueError(
            f"{len(data['events']):,} steps and more are too many for a picture that moves: take a part of the graph,"
            ' or save("steps.html")'
        )
    last = len(data["events"]) + 1
    told = [_told(event) for event in data["events"]]
    end = "; ".join(data["gradients"])
    captions = [("Start", data["given"], "These numbers are given."), *told, ("The end", end, "")]
    widest = max(words.width(line, FORMULA) for _, line, _ in captions) + 32
    size = data["picture"]
    width = math.ceil(min(max(size["width"], widest, NARROWEST), max(WIDEST, size["width"])))
    shift = (width - size["width"]) // 2
    data["picture"] = {"width": width, "height": size["height"] + CAPTION}
    shown = [Shown(_caption(*caption, width), at, at + 1) for at, caption in enumerate(captions)]
    pieces = neuron_film if data["layers"] else graph_film
    still, moving = pieces.still(data), pieces.moving(data)
    place = f'<g transform="translate({shift} {CAPTION})">'
    return Film(
        f"{place}{still}</g>\n",
        [*(_placed(piece, place) for piece in moving), *shown],
        last + 1,
        data,
        (shift, CAPTION),
    )


def _placed(piece: Shown, place: str) -> Shown:
    return piece._replace(svg=f"{place}{piece.svg}</g>")


def _told(event: Data) -> tuple[str, str, str]:
    return PHASES[event["phase"]], walk_text.line(event["formula"], event["numbers"], event["note"]), event["sentence"]


def _caption(phase: str, line: str, sentence: str, width: int) -> str:
    room = width - 32
    lines = textwrap.wrap(line, int(room / words.width("x", FORMULA)), break_long_words=False)[:2] or [line]
    if " ".join(lines) != " ".join(line.split()):  # too long for two lines: squeezed into one
        lines = [line]
    rows = textwrap.wrap(sentence, int(room / words.width("x", board.TEXT)))[: 3 - len(lines)]
    parts = [board.text(16, 22, phase, "dim phase")]
    for at, part in enumerate(lines):
        squeezed = f' textLength="{room}" lengthAdjust="spacingAndGlyphs"' if words.width(part, FORMULA) > room else ""
        parts.append(f'<text class="formula" x="16" y="{42 + 19 * at}"{squeezed}>{escape(part)}</text>')
    top = 42 + 19 * len(lines) + 1
    return "".join([*parts, *(board.text(16, top + 16 * at, row, "dim") for at, row in enumerate(rows))])


# In time --------------------------------------------------------------------------------------------------------------


def seconds_of(moments: int) -> list[float]:
    """When each moment begins, and when the last ends."""
    each = max(min(EACH, (LONGEST - BEGIN - END) / max(moments - 2, 1)), SHORTEST_STEP)
    times = [0.0, *(BEGIN + each * at for at in range(moments - 1))]
    return [*times, times[-1] + END]


def second_of(times: Sequence[float], moment: float) -> float:
    """When a moment, or what comes between two, begins."""
    whole = int(moment)
    return times[whole] if moment == whole else times[whole] + (moment - whole) * (times[whole + 1] - times[whole])


def animated_svg(steps: Steps) -> str:
    """The walk as an SVG that moves without script; where nothing moves, it is the picture with all numbers.

    >>> from autograd import Value
    >>> from autograd.show.stepping import steps
    >>> svg = animated_svg(steps(Value(2.0, label="x") ** 2))
    >>> "<script" in svg, svg.count("@keyframes") > 3
    (False, True)
    """
    found = film(steps)
    times = seconds_of(found.moments)
    name = "k" + hashlib.sha256(repr(found.shown).encode()).hexdigest()[:6]
    frames: dict[tuple[float, float], str] = {}
    pieces = []
    for piece in found.shown:
        frame = frames.setdefault((piece.begin, piece.end), f"{name}-{len(frames)}")
        pieces.append(f'<g class="{frame}">{_riding(piece, times)}</g>')
    rules = [_rule(frame, *span, times) for span, frame in frames.items()]
    style = board.style() + STYLE + "".join(rules)
    style += f"@media (prefers-reduced-motion:no-preference){{[class^={name}]{{animation-duration:{times[-1]:g}s}}}}\n"
    inside = f"<style>{style}</style>\n{board.paper(found.data)}{found.still}" + "\n".join(pieces) + "\n"
    return board.frame(found.data, inside)


def _rule(name: str, begin: float, end: float, times: Sequence[float]) -> str:
    """Unseen before it begins and after it ends; where nothing moves it is seen if it is there in the end."""
    first, last = 100 * second_of(times, begin) / times[-1], 100 * second_of(times, end) / times[-1]
    soft = first + 100 * FADE / times[-1]
    stays = end == len(times) - 1
    stops = "0%" if begin == 0 else f"0%,{first:.2f}%{{opacity:0}}{soft:.2f}%"
    stops += ",100%{opacity:1}" if stays else f",{last - 0.01:.2f}%{{opacity:1}}{last:.2f}%,100%{{opacity:0}}"
    seen = "" if stays else "opacity:0;"
    return f".{name}{{{seen}animation-name:{name};animation-iteration-count:infinite}}@keyframes {name}{{{stops}}}\n"


def _riding(piece: Shown, times: Sequence[float]) -> str:
    """The piece, moving along its way where it has one."""
    if not piece.way:
        return piece.svg
    seconds = (0.0, second_of(times, piece.begin), second_of(times, piece.end), times[-1])
    keys = ";".join(f"{second / times[-1]:.4f}" for second in seconds)
    way = board.path(piece.way)
    if len(piece.way) == 2:
        way = "L".join(f"{board.n(x)} {board.n(y)}" for x, y in piece.way).join(["M", ""])
    motion = (
        f'<animateMotion dur="{times[-1]:g}s" repeatCount="indefinite" calcMode="linear" keyPoints="0;0;1;1"'
        f' keyTimes="{keys}" path="{way}"/>'
    )
    return re.sub(r"(<circle [^>]*)/>", rf"\1>{motion}</circle>", piece.svg)
