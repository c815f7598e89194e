"""The walk as a GIF, for slides: what stands still is drawn once, and dots are put on it as they go."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd.show import board, files, raster
from autograd.show.animation import STYLE, Film, film, second_of, seconds_of
from autograd.show.moments import TRAVEL, Shown

if TYPE_CHECKING:
    from autograd.show.stepping import Steps

DOTS = (0.0, 0.2, 0.4, 0.6, 0.8)  # where a dot stands on its way, picture by picture
CIRCLE = re.compile("<circle [^>]*/>")
ROOM = 12  # from the middle of a dot to the edge of its small picture, in pixels
DOT = (
    '<svg xmlns="http://www.w3.org/2000/svg" class="autograd-board" width="{size}" height="{size}">'
    "<style>{style}</style>{circle}</svg>"
)
MISSING = (
    "a .gif needs resvg and Pillow: pip install 'scalar-autograd[images]'; .svg, which moves too, .html and .txt need"
    " nothing ({error})"
)


def gif(steps: Steps, path: Path) -> None:
    """Writes the walk as a GIF; always the light colours."""
    try:
        import resvg_py  # noqa: F401 (it is asked for here, before work is done, and used by `raster`)
        from PIL import Image
    except ImportError as error:
        raise ImportError(MISSING.format(error=error)) from None
    found = film(steps)
    times = seconds_of(found.moments)
    pictures: list[Any] = []
    lasting: list[int] = []
    before, ground = "", None
    for moment in range(found.moments):
        moves = any(piece.way and piece.begin == moment for piece in found.shown)
        stops = [moment + TRAVEL * dot for dot in DOTS] if moves else [float(moment)]
        stops += [moment + TRAVEL] if moves else []
        for stop, after in pairwise([*stops, moment + 1.0]):
            seen = [piece for piece in found.shown if piece.begin <= stop < piece.end]
            still = "".join(piece.svg for piece in seen if not piece.way)
            if still != before:
                before, ground = still, _opened(_frozen(found, still)).convert("RGB")
            picture = ground.copy()  # type: ignore[union-attr]
            for piece in seen:
                if piece.way:
                    _put(picture, piece, (stop - piece.begin) / (piece.end - piece.begin), found.corner)
            pictures.append(picture)
            lasting.append(round(1000 * (second_of(times, after) - second_of(times, stop))))
    small = _in_few_colours(pictures, Image)
    written = io.BytesIO()
    small[0].save(written, "GIF", save_all=True, append_images=small[1:], duration=lasting, loop=0, optimize=True)
    files.write(path, written.getvalue(), "the walk")


def _opened(svg: str, fonts: bool = True) -> Any:
    from PIL import Image

    return Image.open(io.BytesIO(raster.png(svg, 1.0, fonts)))


def _frozen(found: Film, still: str) -> str:
    """The picture with the pieces that are seen and stand still."""
    style = board.SHAPES + board.COLOURS.format(**board.LIGHT) + STYLE
    paper = board.paper(found.data).replace(' rx="8"', "")  # a GIF has no corners to look through
    return board.frame(found.data, f"<style>{style}</style>\n{paper}{found.still}{still}")


def _put(picture: Any, piece: Shown, part: float, corner: tuple[int, int]) -> None:
    """Puts a dot on the picture, so far on its way."""
    x, y = along(piece.way, part)
    left, top = int(x) - ROOM, int(y) - ROOM
    for circle in CIRCLE.findall(piece.svg):
        placed = circle.replace("<circle ", f'<circle cx="{x - left:.2f}" cy="{y - top:.2f}" ')
        dot = _opened(DOT.format(size=2 * ROOM, style=STYLE, circle=placed), fonts=False).convert("RGBA")
        picture.paste(dot, (left + corner[0], top + corner[1]), dot)


def _in_few_colours(pictures: Sequence[Any], images: Any) -> list[Any]:
    """The pictures with one palette, so that nothing flickers: the 256 colours that most of the areas are of."""
    import numpy as np

    counts: dict[tuple[int, int, int], int] = {}
    for picture in pictures:
        for count, colour in picture.getcolors(1 << 14) or picture.getcolors(1 << 24):  # the latter is slow
            counts[colour] = counts.get(colour, 0) + count
    found = np.array(sorted(counts, key=lambda colour: (-counts[colour], colour)))
    chosen = found[:256]
    nearest = np.abs(found[:, None] - chosen[None]).sum(axis=2).argmin(axis=1).astype(np.uint8)
    index = np.zeros(1 << 24, np.uint8)
    index[found @ (1 << 16, 1 << 8, 1)] = nearest
    small = []
    for picture in pictures:
        red, green, blue = np.moveaxis(np.asarray(picture).astype(np.uint32), 2, 0)
        image = images.fromarray(index[red << 16 | green << 8 | blue], "P")
        image.putpalette(chosen.astype(np.uint8).tobytes())
        small.append(image)
    return small


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
