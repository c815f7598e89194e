"""Pictures for the lessons: `axes` to draw on, `show` for a figure, `film` for a short loop of figures."""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from matplotlib import rcParams
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 6.8, 3.6  # in inches; a page shows 100 points of the screen for each
SCREEN, DPI, FILM_DPI = 100, 160, 100
BLUE, ORANGE, GREEN, GREY = "#1f5fa8", "#c8621b", "#2d7a46", "#777777"
rcParams.update(
    {
        "font.size": 11,
        "font.family": "DejaVu Sans",  # it comes with matplotlib, so that a figure is the same everywhere
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 11,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#e6e8ec",
        "legend.frameon": False,
        "lines.linewidth": 2,
        "figure.figsize": (WIDTH, HEIGHT),
        "figure.constrained_layout.use": True,
    }
)


def axes(xlabel: str = "", ylabel: str = "", width: float = WIDTH, height: float = HEIGHT) -> Axes:
    """An empty picture to draw on, in the style of the course; its figure is `.figure`.

    `width` and `height` are inches; the whole picture stays as large, whatever is drawn.
    """
    return panels(1, xlabel, ylabel, width, height)[0]


def panels(
    count: int, xlabel: str = "", ylabel: str = "", width: float = WIDTH, height: float = HEIGHT, **more: Any
) -> list[Axes]:
    """Pictures side by side in one figure, with what `Figure.subplots` takes: `sharey=True`."""
    figure = Figure(figsize=(width, height))
    made = list(figure.subplots(1, count, squeeze=False, **more)[0])
    for one in made:
        one.set_xlabel(xlabel)
    made[0].set_ylabel(ylabel)
    return made


class Picture:
    """An image with its data inside, which a notebook keeps when it is not trusted, and what is to be seen on it."""

    def __init__(self, data: bytes, kind: str, width: int, height: int, alt: str) -> None:
        self.data, self.kind, self.width, self.height, self.alt = data, kind, width, height, alt

    def __repr__(self) -> str:
        return f"[{'film' if self.kind == 'gif' else 'picture'}: {self.alt}]"

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.data).decode()
        return (
            f'<img alt="{escape(self.alt)}" width="{self.width}" height="{self.height}"'
            f' style="max-width:100%;height:auto" src="data:image/{self.kind};base64,{data}">'
        )


def show(figure: Any, alt: str) -> None:
    """Shows a figure of matplotlib, or the figure of these axes, as a PNG. `alt` says what is to be seen on it."""
    figure, data = _figure(figure), io.BytesIO()
    _drawn(figure, DPI).quantize(256, dither=0).save(data, "png", optimize=True)
    _display(Picture(data.getvalue(), "png", *_size(figure), _said(alt)))


def film(figures: Iterable[Any], alt: str, seconds: float = 0.5, last: float = 2.0) -> None:
    """Shows figures one after the other, again and again, as a GIF: each for `seconds`, the last one longer.

    All figures have one size; a generator may make them one by one.
    """
    pictures: list[Any] = []
    size = (0, 0)
    for one in map(_figure, figures):
        if pictures and _size(one) != size:
            raise ValueError(f"the figures of a film have one size, here {size} and then {_size(one)}")
        size = _size(one)
        pictures.append(_drawn(one, FILM_DPI).quantize(64, dither=0))
    if not pictures:
        raise ValueError("film was given no figures")
    out = io.BytesIO()
    durations = [round(1000 * seconds)] * (len(pictures) - 1) + [round(1000 * max(seconds, last))]
    pictures[0].save(out, "gif", save_all=True, append_images=pictures[1:], duration=durations, loop=0, optimize=True)
    _display(Picture(out.getvalue(), "gif", *size, _said(alt)))


def _figure(given: Any) -> Figure:
    found = getattr(given, "figure", None)  # a figure has it too, and it is itself
    if not isinstance(found, Figure):
        raise TypeError(f"show takes a figure of matplotlib, or its axes; was given {given!r:.60}")
    if "matplotlib.pyplot" in sys.modules:  # else the notebook would show it once more
        sys.modules["matplotlib.pyplot"].close(found)
    return found


def _drawn(figure: Figure, dpi: int) -> Any:
    from PIL import Image

    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=dpi, facecolor="white", bbox_inches=None)
    return Image.open(data).convert("RGB")


def _size(figure: Figure) -> tuple[int, int]:
    width, height = figure.get_size_inches()
    return round(width * SCREEN), round(height * SCREEN)


def _said(alt: Any) -> str:
    if not isinstance(alt, str) or len(alt.split()) < 4:
        raise ValueError(f"alt says in a sentence what is to be seen, was given {alt!r}")
    return alt


def _display(picture: Picture) -> None:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if hasattr(shell, "kernel"):
        from IPython.display import display

        display(picture)
    else:
        print(picture)
