"""Paints what steps walk over, with every number known: boxes and lines, or the circles of a network."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from autograd.show import marks, words

Data = Mapping[str, Any]
TEXT, PAD = marks.TEXT, marks.PAD
n, path, hue_and_strength = marks.px, marks.path, marks.hue_and_strength
LIGHT = {
    "paper": "#fff", "text": "#1c2128", "dim": "#5b6470", "box": "#f6f8fa", "leaf": "#fff", "edge": "#7d8794",
    "rule": "#d3d9e0", "plus": "#2f7de1", "minus": "#f0851a", "nan": "#c03bc4", "works": "#1f883d",
    "changes": "#8250df",
}  # fmt: skip
DARK = {
    **LIGHT, "paper": "#14181d", "text": "#e8ecf1", "dim": "#9aa5b1", "box": "#20262d", "leaf": "#14181d",
    "edge": "#77828e", "rule": "#3a434d", "works": "#3fb950", "changes": "#b083f0",
}  # fmt: skip
SHAPES = """
.autograd-board{max-width:100%;height:auto;font:12px Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace}
.autograd-board .name{font-weight:bold}
.autograd-board .made{font-weight:normal}
.autograd-board .small{font-size:10px}
.autograd-board .data,.autograd-board .grad,.autograd-board .local{text-anchor:end}
.autograd-board .mid,.autograd-board .data.mid,.autograd-board .mid *{text-anchor:middle}
.autograd-board .line{fill:none;stroke-width:1.2}
.autograd-board .dead{stroke-dasharray:4 3}
.autograd-board .lit{fill:none}
.autograd-board .frame{stroke-width:1}
.autograd-board .weight.minus{stroke-dasharray:6 3}
.autograd-board .start.data{text-anchor:start}
.autograd-board .on{stroke-width:3px;stroke-linejoin:round;paint-order:stroke}
.autograd-board .grip{fill:none;stroke:transparent;stroke-width:14}
.autograd-board .number.changes text{font-weight:bold}
"""
COLOURS = """
.autograd-board .paper{{fill:{paper}}}
.autograd-board text{{fill:{text}}}
.autograd-board .dim{{fill:{dim}}}
.autograd-board .on{{stroke:{paper}}}
.autograd-board .frame{{fill:{box};stroke:{edge}}}
.autograd-board .leaf .frame{{fill:{leaf}}}
.autograd-board .rule{{fill:none;stroke:{rule}}}
.autograd-board .line{{stroke:{edge}}}
.autograd-board .tip{{fill:{edge}}}
.autograd-board .plus{{fill:{plus}}}
.autograd-board .minus{{fill:{minus}}}
.autograd-board .nan{{fill:{nan}}}
.autograd-board .weight.plus{{fill:none;stroke:{plus}}}
.autograd-board .weight.minus{{fill:none;stroke:{minus}}}
.autograd-board .works .frame,.autograd-board .works.lit{{stroke:{works};stroke-width:3}}
.autograd-board .changes .frame,.autograd-board .changes.lit{{stroke:{changes};stroke-width:3}}
.autograd-board .flows .line,.autograd-board .flows.lit{{stroke:{works};stroke-width:3}}
.autograd-board .flows .tip{{fill:{works}}}
.autograd-board .weight.lit{{fill:none;stroke:{changes};stroke-width:4}}
"""


def style() -> str:
    """The style of the picture, light or dark as the reader's screen is; it touches nothing else on a page."""
    return f"{SHAPES}{COLOURS.format(**LIGHT)}@media (prefers-color-scheme:dark){{{COLOURS.format(**DARK)}}}\n"


def picture(data: Data) -> str:
    """The whole picture as SVG with its style in it, for where it stands alone."""
    return frame(data, f"<style>{style()}</style>\n{paper(data)}{body(data)}")


def frame(data: Data, inside: str, least: float = 0.0) -> str:
    """The SVG element of a picture, which shrinks to its container, but to `least` of its size at the most."""
    width, height = data["picture"]["width"], data["picture"]["height"]
    style = f' style="min-width:{n(least * width)}px"' if least else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="autograd-board" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" aria-label="{escape(data["told"])}"{style}>\n'
        f"<title>{escape(data['title'])}</title>\n{inside}</svg>\n"
    )


def paper(data: Data) -> str:
    """The ground on which the picture stands."""
    size = data["picture"]
    return f'<rect class="paper" width="{size["width"]}" height="{size["height"]}" rx="8"/>\n'


def body(data: Data) -> str:
    """Lines, then boxes or circles, with all numbers."""
    if data["layers"]:
        from autograd.show import neuron_board

        return neuron_board.body(data)
    largest = largest_gradient(data)
    lines = [line(edge, at) for at, edge in enumerate(data["edges"])]
    return "\n".join([*lines, *(box(entry, at, largest) for at, entry in enumerate(data["boxes"])), ""])


def largest_gradient(data: Data) -> float:
    """The largest size of a gradient: what the strength of colours is measured by."""
    sizes = [abs(g) for entry in data["boxes"] if isinstance(g := entry["grad"], float)]
    return max((size for size in sizes if size > 0), default=1.0)


# Boxes ----------------------------------------------------------------------------------------------------------------


def box(entry: Data, at: int, largest: float) -> str:
    """A box with its name, how it was made, its data and its gradient."""
    width, leaf = entry["w"], " leaf" if entry["kind"] == "leaf" else ""
    parts = [
        f'<g class="box{leaf}" data-box="{at}" transform="translate({n(entry["x"])} {n(entry["y"])})">',
        f"<title>{escape(exactly(entry))}</title>",
        outline(entry, "frame"),
        head(entry),
        f'<path class="rule" d="M{PAD} 27H{width - PAD}"/>',
        shade(entry, largest),
        text(PAD, 45, "data", "dim"),
        text(width - PAD, 45, entry["data_text"], "data"),
        text(PAD, 63, "grad", "dim"),
        text(width - PAD, 63, entry["grad_text"], "grad"),
    ]
    return "".join(parts) + "</g>"


def outline(entry: Data, kind: str) -> str:
    """The rectangle of a box: a leaf is round at its corners."""
    return (
        f'<rect class="{kind}" width="{entry["w"]}" height="{entry["h"]}" rx="{12 if entry["kind"] == "leaf" else 3}"/>'
    )


def head(entry: Data) -> str:
    """The name, and after it how the value was made."""
    made = f" = {entry['expression']}" if entry["expression"] else ""
    name = words.shortened(entry["name"], words.LONGEST_NAME)
    if "room" in entry:
        made = words.shortened(made, max(entry["room"] - len(name), 0))
    tail = f'<tspan class="made">\u00a0{escape(made[1:])}</tspan>' if made else ""
    squeezed = "" if words.is_plain(name + made) else f' textLength="{n(words.width(name + made, TEXT))}"'
    adjust = ' lengthAdjust="spacingAndGlyphs"' if squeezed else ""
    return f'<text class="name" x="{PAD}" y="19"{squeezed}{adjust}>{escape(name)}{tail}</text>'


def exactly(entry: Data) -> str:
    """What a pointer held over a box shows: nothing shortened, nothing rounded."""
    made = f" = {entry['expression']}" if entry["expression"] else ""
    grad = "unknown" if entry["grad"] is None else f"{entry['grad']}"
    return f"{entry['name']}{made}\ndata {entry['data']}\ngrad {grad}"


def shade(entry: Data, largest: float) -> str:
    """The band behind a gradient: its hue is the sign, its strength the size."""
    grad = float(entry["grad"] or 0.0)
    hue, strength = hue_and_strength(0.0 if entry["grad_text"] == "≈ 0" else grad, largest)
    return (
        f'<rect class="shade {hue}" fill-opacity="{strength:.2f}" x="4" y="50" width="{entry["w"] - 8}" height="17"'
        ' rx="3"/>'
    )


# Lines ----------------------------------------------------------------------------------------------------------------


def line(edge: Data, at: int) -> str:
    """A line with its tip, and its local derivative at the end."""
    dead = " dead" if edge["dead"] or edge["derivative"] == 0 else ""
    title = f"{edge['local']} = {edge['derivative']}" if edge["derivative"] is not None else edge["local"]
    (x, y), (label_x, label_y) = edge["points"][-1], edge["label"]
    return (
        f'<g data-edge="{at}"><title>{escape(title)}</title><path class="line{dead}" d="{path(edge["points"])}"/>'
        f'<path class="tip" d="M{n(x)} {n(y)}l-8 -4v8z"/>{text(label_x, label_y, edge["text"], "local small")}</g>'
    )


def text(x: float, y: float, content: str, kind: str) -> str:
    """A text element."""
    return f'<text class="{kind}" x="{n(x)}" y="{n(y)}">{escape(content)}</text>'
