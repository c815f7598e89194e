"""The marks that all pictures are made of: their colours, their text, their legend, and the frame around them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from autograd.show import words

Entry = tuple[str, str]
"""The class of a colour, or nothing; and what it, or what is drawn, means."""

TEXT, SMALL = 12, 10  # sizes of letters, in pixels
PAD = 10  # from the side of a box to its text
MARGIN = 16
SHRINKS = re.compile(r'width="(\d+)" height="\d+" style="')
LEGEND = 28

# Classes stand under the root's, so that the style touches nothing else on a page.
# Blue and orange differ for every eye.
STYLE = """
.autograd-graph{font:12px Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace}
.autograd-graph .paper{fill:#fff}
.autograd-graph text{fill:#1c2128}
.autograd-graph .name{font-weight:bold}
.autograd-graph .dim{fill:#5b6470}
.autograd-graph .small{font-size:10px}
.autograd-graph .local{stroke:#fff;stroke-width:3px;stroke-linejoin:round;paint-order:stroke}
.autograd-graph .box{fill:#f6f8fa;stroke:#7d8794}
.autograd-graph .leaf{fill:#fff}
.autograd-graph .corner{fill:#fff;stroke:#7d8794}
.autograd-graph .rule{stroke:#d3d9e0}
.autograd-graph .line{fill:none;stroke:#7d8794;stroke-width:1.2}
.autograd-graph .dead{stroke-dasharray:4 3}
.autograd-graph .tip{fill:#7d8794}
.autograd-graph .plus{fill:#2f7de1}
.autograd-graph .minus{fill:#f0851a}
.autograd-graph .nan{fill:#c03bc4}
.autograd-graph .weight{fill:none}
.autograd-graph .plus-line{stroke:#2f7de1}
.autograd-graph .minus-line{stroke:#f0851a;stroke-dasharray:5 3}
.autograd-graph .nan-line{stroke:#c03bc4}
@media (prefers-color-scheme:dark){
.autograd-graph .paper{fill:#14181d}
.autograd-graph text{fill:#e8ecf1}
.autograd-graph .dim{fill:#9aa5b1}
.autograd-graph .local{stroke:#14181d}
.autograd-graph .box{fill:#20262d;stroke:#77828e}
.autograd-graph .leaf{fill:#14181d}
.autograd-graph .corner{fill:#14181d;stroke:#77828e}
.autograd-graph .rule{stroke:#3a434d}
}
"""


def frame(inner: Iterable[str], width: float, height: int, title: str, told: str, entries: Sequence[Entry]) -> str:
    """The whole picture: `inner`, so wide and so high, in the middle of its paper, with the legend under it."""
    legend, legend_width = _legend(entries)
    whole = math.ceil(max(width, legend_width)) + 2 * MARGIN
    total = height + 2 * MARGIN + (LEGEND if entries else 0)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="autograd-graph" viewBox="0 0 {whole} {total}"'
            f' width="{whole}" height="{total}" style="max-width:100%;height:auto"'
            f' role="img" aria-label={quoteattr(told)}>',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{whole}" height="{total}" rx="8"/>',
            f'<g transform="translate({px((whole - width) // 2)} {MARGIN})">',
            *inner,
            "</g>",
            f'<g class="legend" transform="translate({MARGIN} {total - MARGIN})">{legend}</g>',
            "</svg>\n",
        ]
    )


def legible(svg: str, least: float = 0.6) -> str:
    """The picture as it is in a page: a wide one shrinks until its letters are small, and is then to be scrolled."""
    return SHRINKS.sub(lambda found: f"{found[0]}min-width:{px(least * int(found[1]))}px;", svg, count=1)


def _legend(entries: Sequence[Entry]) -> tuple[str, float]:
    """One line of what colours, numbers and dashes mean, each with its colour if it has one; and its width."""
    x, parts = 0.0, []
    for hue, text in entries:
        if hue:
            parts.append(f'<rect class="{hue}" fill-opacity="0.55" x="{px(x)}" y="-9" width="14" height="11" rx="2"/>')
            x += 19
        elif parts:
            parts.append(text_element(x - 8, 0, "·", "·", "dim small"))
            x += 8
        parts.append(text_element(x, 0, escape(text), text, "dim small"))
        x += words.width(text, SMALL) + 16
    return "".join(parts), max(x - 16, 0.0)


def text_element(x: float, y: float, inner: str, plain: str, kind: str = "", more: str = "") -> str:
    """A text element; where a letter's width is not known, it is squeezed into the width that was laid out for it."""
    attributes = [f'class="{kind}"'] if kind else []
    attributes += [f'x="{px(x)}"', f'y="{px(y)}"', *([more] if more else [])]
    if not words.is_plain(plain):
        attributes.append(f'textLength="{px(words.width(plain, TEXT))}" lengthAdjust="spacingAndGlyphs"')
    return f"<text {' '.join(attributes)}>{inner}</text>"


def hue_and_strength(grad: float, largest: float) -> tuple[str, float]:
    """The class and the opacity of the band behind a gradient: its hue is the sign, its strength the size."""
    strength = 0.1 + 0.45 * (math.sqrt(abs(grad) / largest) if math.isfinite(grad) else 1.0)
    return "nan" if grad != grad else "plus" if grad > 0 else "minus", strength if grad else 0.0


def path(points: Sequence[Sequence[float]]) -> str:
    """Level where two points are level, else an S that is level at both ends.

    >>> path([(0, 0), (10, 0), (20, 0), (30, 8)])
    'M0 0H20C25 0 25 8 30 8'
    """
    x, y = points[0]
    parts = [f"M{px(x)} {px(y)}"]
    for to_x, to_y in points[1:]:
        middle = px((x + to_x) / 2)
        if y != to_y:
            parts.append(f"C{middle} {px(y)} {middle} {px(to_y)} {px(to_x)} {px(to_y)}")
        elif parts[-1].startswith("H"):
            parts[-1] = f"H{px(to_x)}"
        else:
            parts.append(f"H{px(to_x)}")
        x, y = to_x, to_y
    return "".join(parts)


def px(x: float) -> str:
    """A coordinate, to a tenth of a pixel, without idle zeros."""
    return f"{x:.1f}".removesuffix(".0")
