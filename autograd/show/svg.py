"""Paints the facts of a graph as one SVG picture that needs nothing else: no script, no font, no id."""

from __future__ import annotations

import math
from collections import Counter
from xml.sax.saxutils import escape, quoteattr

from autograd.show import words
from autograd.show.facts import Fact, Facts, Line, Use
from autograd.show.grid import Box, Edge
from autograd.show.layout import Layout, Point, height_for, layout

TEXT, SMALL = 12, 10  # sizes of letters, in pixels
LINE = 18  # from one line of text to the next
PAD = 10  # from the side of a box to its text
MARGIN = 16
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
.autograd-graph .rule{stroke:#d3d9e0}
.autograd-graph .line{fill:none;stroke:#7d8794;stroke-width:1.2}
.autograd-graph .dead{stroke-dasharray:4 3}
.autograd-graph .tip{fill:#7d8794}
.autograd-graph .plus{fill:#2f7de1}
.autograd-graph .minus{fill:#f0851a}
.autograd-graph .nan{fill:#c03bc4}
@media (prefers-color-scheme:dark){
.autograd-graph .paper{fill:#14181d}
.autograd-graph text{fill:#e8ecf1}
.autograd-graph .dim{fill:#9aa5b1}
.autograd-graph .local{stroke:#14181d}
.autograd-graph .box{fill:#20262d;stroke:#77828e}
.autograd-graph .leaf{fill:#14181d}
.autograd-graph .rule{stroke:#3a434d}
}
"""


def paint(facts: Facts) -> str:
    """The picture as SVG text; the same facts give the same bytes."""
    ends = Counter(use.target for use in facts.uses)
    boxes = [_measured(fact, ends[at]) for at, fact in enumerate(facts.boxes)]
    edges = [Edge(use.source, use.target, math.ceil(words.width(facts.label(use), SMALL))) for use in facts.uses]
    placed = layout(boxes, edges)
    legend, legend_width = _legend(facts)
    width = math.ceil(max(placed.width, legend_width)) + 2 * MARGIN
    height = placed.height + 2 * MARGIN + LEGEND
    largest = max((abs(fact.grad) for fact in facts.boxes if fact.grad and math.isfinite(fact.grad)), default=1.0)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="autograd-graph" viewBox="0 0 {width} {height}"'
            f' width="{width}" height="{height}" style="max-width:100%;height:auto"'
            f' role="img" aria-label={quoteattr(facts.told)}>',
            f"<title>Graph of {escape(facts.root.name)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{width}" height="{height}" rx="8"/>',
            f'<g transform="translate({(width - placed.width) // 2} {MARGIN})">',
            *_lines(facts, placed),
            *(_box(*one, largest) for one in zip(facts.boxes, boxes, placed.corners, strict=True)),
            "</g>",
            f'<g transform="translate({MARGIN} {height - MARGIN})">{legend}</g>',
            "</svg>\n",
        ]
    )


# Boxes ----------------------------------------------------------------------------------------------------------------


def _head(fact: Fact) -> tuple[str, str]:
    """The name, and after a no-break space, which no program drops, how it was made."""
    return words.shortened(fact.name, words.LONGEST_NAME), fact.made.replace(" ", "\u00a0", 1)


def _body(fact: Fact) -> list[Line]:
    return [*fact.terms, Line("data", fact.data_text), Line("grad", fact.grad_text)]


def _measured(fact: Fact, ends: int) -> Box:
    """How large a box must be for its text and for the lines that end in it: even numbers."""
    lines = ["".join(_head(fact)), *(f"{line.left}  {line.right}" for line in _body(fact))]
    width = max(math.ceil(max(words.width(line, TEXT) for line in lines)) + 2 * PAD, 124)
    height = max(LINE * len(lines) + 16, height_for(ends))
    return Box(width + width % 2, height + height % 2)


def _box(fact: Fact, box: Box, corner: Point, largest: float) -> str:
    name, formula = _head(fact)
    right, y = box.width - PAD, 19
    parts = [
        f'<g transform="translate({_n(corner[0])} {_n(corner[1])})"><title>{escape(fact.exactly)}</title>',
        f'<rect class="{"box" if formula else "box leaf"}" width="{box.width}" height="{box.height}"'
        f' rx="{3 if formula else 12}"/>',
        _text(PAD, y, f'<tspan class="name">{escape(name)}</tspan>{escape(formula)}', name + formula),
        f'<path class="rule" d="M{PAD} {y + 8}H{right}"/>',
    ]
    y += 8
    for line in _body(fact):
        y += LINE
        if line.left == "data" and fact.terms:
            parts.append(f'<path class="rule" d="M{PAD} {y - 13}H{right}"/>')
        of_grad = line.left == "grad"
        if of_grad and fact.grad and fact.grad_text != "≈ 0":
            parts.append(_shade(fact.grad, largest, y, box.width))
        parts.append(_text(PAD, y, escape(line.left), line.left, "dim"))
        missing = of_grad and fact.grad is None
        parts.append(_text(right, y, escape(line.right), line.right, "dim" if missing else "", 'text-anchor="end"'))
    return "".join(parts) + "</g>"


def _shade(grad: float, largest: float, y: int, width: int) -> str:
    """The band behind a gradient: its hue is the sign, its strength the size."""
    strength = 1.0 if not math.isfinite(grad) else math.sqrt(abs(grad) / largest)
    hue = "nan" if grad != grad else "plus" if grad > 0 else "minus"
    return (
        f'<rect class="{hue}" fill-opacity="{0.1 + 0.45 * strength:.2f}"'
        f' x="4" y="{y - 13}" width="{width - 8}" height="17" rx="3"/>'
    )


# Lines ----------------------------------------------------------------------------------------------------------------


def _lines(facts: Facts, placed: Layout) -> list[str]:
    """The trunks, then each edge with its tip and its local derivative."""
    parts = [f'<path class="line" d="{_path(trunk)}"/>' for trunk in placed.trunks if trunk]
    for use, points in zip(facts.uses, placed.branches, strict=True):
        (x, y), label = points[-1], facts.label(use)
        title = f"<title>{escape(_partial(facts, use))}</title>" if use.derivative is not None else ""
        local = _text(x - 10, y - 3, label, label, "local small", 'text-anchor="end"') if label else ""
        parts.append(
            f'<g>{title}<path class="{"line dead" if use.derivative == 0 else "line"}" d="{_path(points)}"/>'
            f'<path class="tip" d="M{_n(x)} {_n(y)}l-8 -4v8z"/>{local}</g>'
        )
    return parts


def _partial(facts: Facts, use: Use) -> str:
    return f"∂{facts.boxes[use.target].name}/∂{facts.boxes[use.source].name} = {use.derivative!r}"


def _path(points: list[Point]) -> str:
    """Level where two points are level, else an S that is level at both ends."""
    x, y = points[0]
    parts = [f"M{_n(x)} {_n(y)}"]
    for to_x, to_y in points[1:]:
        middle = _n((x + to_x) / 2)
        parts.append(f"H{_n(to_x)}" if y == to_y else f"C{middle} {_n(y)} {middle} {_n(to_y)} {_n(to_x)} {_n(to_y)}")
        x, y = to_x, to_y
    return "".join(parts)


# Text -----------------------------------------------------------------------------------------------------------------


def _legend(facts: Facts) -> tuple[str, float]:
    """One line that says what colours, numbers and dashes mean, as far as the picture has them; and its width."""
    x, parts = 0.0, []
    entries = []
    if any(fact.grad for fact in facts.boxes):
        entries += [("plus", "gradient above 0"), ("minus", "below 0"), ("", "stronger colour: larger")]
    elif any(fact.grad is None for fact in facts.boxes):
        entries += [("", "gradients are computed by .backward()")]
    if any(map(facts.label, facts.uses)):
        entries += [("", "number on a line: local derivative")]
    if any(use.derivative == 0 for use in facts.uses):
        entries += [("", "dashed line: local derivative 0")]
    for hue, text in entries:
        if hue:
            parts.append(f'<rect class="{hue}" fill-opacity="0.55" x="{_n(x)}" y="-9" width="14" height="11" rx="2"/>')
            x += 19
        elif parts:
            parts.append(_text(x - 8, 0, "·", "·", "dim small"))
            x += 8
        parts.append(_text(x, 0, text, text, "dim small"))
        x += words.width(text, SMALL) + 16
    return "".join(parts), max(x - 16, 0.0)


def _text(x: float, y: float, inner: str, plain: str, kind: str = "", more: str = "") -> str:
    """A text element; where a letter's width is not known, it is squeezed into the width that was laid out for it."""
    attributes = [f'class="{kind}"'] if kind else []
    attributes += [f'x="{_n(x)}"', f'y="{_n(y)}"', *([more] if more else [])]
    if not words.is_plain(plain):
        attributes.append(f'textLength="{_n(words.width(plain, TEXT))}" lengthAdjust="spacingAndGlyphs"')
    return f"<text {' '.join(attributes)}>{inner}</text>"


def _n(x: float) -> str:
    """A coordinate, to a tenth of a pixel, without idle zeros."""
    return f"{x:.1f}".removesuffix(".0")
