"""The walk as a picture that moves: an animated SVG without script, and a GIF of the same."""

from __future__ import annotations

import hashlib
import io
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.show import board, files, graph_film, neuron_film, raster, words
from autograd.show.moments import TRAVEL, Shown

if TYPE_CHECKING:
    from autograd.show.stepping import Steps

Data = Mapping[str, Any]
BEGIN, EACH, END = 1.0, 1.0, 2.0  # seconds: before the first step, a step, after the last
LONGEST, SHORTEST_STEP = 60.0, 0.25  # seconds: a long walk goes faster
FADE = 0.12  # seconds until something is seen
CAPTION, FORMULA = 92, 15  # height of what is written above, and the size of its letters, in pixels
NARROWEST, WIDEST = 560, 940
DOTS = (0.0, 0.2, 0.4, 0.6, 0.8)  # where a dot stands on its way, picture by picture of a GIF
MISSING = (
    "a .gif needs CairoSVG and Pillow: pip install 'scalar-autograd[images]'; .svg, which moves too, .html and .txt"
    " need nothing ({error})"
)
PHASES = {"forward": "Forward pass", "backward": "Backward pass", "update": "Update"}
STYLE = """
.autograd-board .formula{font-size:15px;font-weight:bold}
.autograd-board .dot.works{fill:#1f883d}
.autograd-board .dot.changes{fill:#8250df}
.autograd-board .phase{font-size:11px}
"""


class Film(NamedTuple):
    """What is always seen, what is seen at times, the number of moments, and the size."""

    still: str
    shown: list[Shown]
    moments: int
    data: Data


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
    return Film(f"{place}{still}</g>\n", [*(_placed(piece, place) for piece in moving), *shown], last + 1, data)


def _placed(piece: Shown, place: str) -> Shown:
    return piece._replace(svg=f"{place}{piece.svg}</g>")


def _told(event: Data) -> tuple[str, str, str]:
    line = f"{event['formula']} = {event['numbers']}" if event["numbers"] else event["formula"]
    line = f"{line}   ({event['note']})" if event["note"] else line
    return PHASES[event["phase"]], line, event["sentence"]


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


# Both forms -----------------------------------------------------------------------------------------------------------


def _seconds(moments: int) -> list[float]:
    """When each moment begins, and when the last ends."""
    each = max(min(EACH, (LONGEST - BEGIN - END) / max(moments - 2, 1)), SHORTEST_STEP)
    times = [0.0, *(BEGIN + each * at for at in range(moments - 1))]
    return [*times, times[-1] + END]


def _second(times: Sequence[float], moment: float) -> float:
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
    times = _seconds(found.moments)
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
    first, last = 100 * _second(times, begin) / times[-1], 100 * _second(times, end) / times[-1]
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
    seconds = (0.0, _second(times, piece.begin), _second(times, piece.end), times[-1])
    keys = ";".join(f"{second / times[-1]:.4f}" for second in seconds)
    way = board.path(piece.way)
    if len(piece.way) == 2:
        way = "L".join(f"{board.n(x)} {board.n(y)}" for x, y in piece.way).join(["M", ""])
    motion = (
        f'<animateMotion dur="{times[-1]:g}s" repeatCount="indefinite" calcMode="linear" keyPoints="0;0;1;1"'
        f' keyTimes="{keys}" path="{way}"/>'
    )
    return re.sub(r"(<circle [^>]*)/>", rf"\1>{motion}</circle>", piece.svg)


def gif(steps: Steps, path: Path) -> None:
    """Writes the walk as a GIF, for slides; always the light colours."""
    try:
        import cairosvg  # noqa: F401 (it is asked for here, before work is done, and used by `raster`)
        from PIL import Image
    except (ImportError, OSError) as error:  # OSError: the package is there, the cairo library of the system is not
        raise ImportError(MISSING.format(error=error)) from None
    found = film(steps)
    times = _seconds(found.moments)
    pictures, lasting = [], []
    for moment in range(found.moments):
        moves = any(piece.way and piece.begin == moment for piece in found.shown)
        stops = [moment + TRAVEL * dot for dot in DOTS] if moves else [float(moment)]
        stops += [moment + TRAVEL] if moves else []
        for stop, after in pairwise([*stops, moment + 1.0]):
            png = raster.render(_frozen(found, stop), ".png", 1.0)
            pictures.append(Image.open(io.BytesIO(png)).convert("RGB"))
            lasting.append(round(1000 * (_second(times, after) - _second(times, stop))))
    small = _in_few_colours(pictures)
    written = io.BytesIO()
    small[0].save(written, "GIF", save_all=True, append_images=small[1:], duration=lasting, loop=0, optimize=True)
    files.write(path, written.getvalue(), "the walk")


def _in_few_colours(pictures: Sequence[Any]) -> list[Any]:
    """The pictures with one palette, so that nothing flickers: the 256 colours that most of the areas are of."""
    import numpy as np
    from PIL import Image

    codes = [np.asarray(picture).astype(int) @ (1 << 16, 1 << 8, 1) for picture in pictures]
    found, counts = np.unique(np.concatenate([code.ravel() for code in codes]), return_counts=True)
    chosen = found[np.argsort(-counts, kind="stable")[:256]]
    parts = [(colours[:, None] >> (16, 8, 0)) & 255 for colours in (found, chosen)]
    nearest = np.abs(parts[0][:, None] - parts[1][None]).sum(axis=2).argmin(axis=1).astype(np.uint8)
    small = []
    for code in codes:
        image = Image.fromarray(nearest[np.searchsorted(found, code)], "P")
        image.putpalette(parts[1].astype(np.uint8).tobytes())
        small.append(image)
    return small


def _frozen(found: Film, moment: float) -> str:
    """The picture as it is at a moment, with moving dots so far on their way."""
    pieces = []
    for piece in found.shown:
        if piece.begin <= moment < piece.end:
            x, y = along(piece.way, (moment - piece.begin) / (piece.end - piece.begin)) if piece.way else (0.0, 0.0)
            pieces.append(piece.svg.replace("<circle ", f'<circle cx="{board.n(x)}" cy="{board.n(y)}" '))
    shapes = re.sub(r"^.*font:.*$", ".autograd-board{font:12px monospace}", board.SHAPES, flags=re.MULTILINE)
    style = shapes + board.COLOURS.format(**board.LIGHT) + STYLE
    paper = board.paper(found.data).replace(' rx="8"', "")  # a GIF has no corners to look through
    return board.frame(found.data, f"<style>{style}</style>\n{paper}{found.still}{''.join(pieces)}")


def along(points: Sequence[Sequence[float]], part: float) -> tuple[float, float]:
    """The point of a line after a part of its way, measured from left to right; between two points it is straight.

    >>> along([[0, 0], [10, 0], [20, 8]], 0.25), along([[0, 0], [10, 0], [20, 8]], 0.75)
    ((5.0, 0.0), (15.0, 4.0))
    """
    x = points[0][0] + part * (points[-1][0] - points[0][0])
    if len(points) == 2:
        return float(x), float(points[0][1] + part * (points[1][1] - points[0][1]))
    for (left, top), (right, bottom) in pairwise(points):
        if min(left, right) <= x <= max(left, right) and left != right:
            t = (x - left) / (right - left)
            for _ in range(20):  # x of the S at t, by Newton's method: 1.5 t (1 - t) + t³ from 0 to 1
                t -= (1.5 * t * (1 - t) + t**3 - (x - left) / (right - left)) / (1.5 - 3 * t + 3 * t * t)
            return float(x), float(top + (bottom - top) * (3 - 2 * t) * t * t)
    return float(points[-1][0]), float(points[-1][1])
