"""SVG pictures as PNG and PDF, drawn by CairoSVG where it is installed."""

from __future__ import annotations

import re

MISSING = (
    "{ending} needs CairoSVG: pip install 'scalar-autograd[images]'; or draw with engine=\"graphviz\", which needs the"
    " program dot; .svg, .html and .dot need nothing"
)


def render(svg: str, ending: str, scale: float = 2.0) -> bytes:
    """The picture as the bytes of a .png, `scale` pixels to each of its own, or of a .pdf; always the light colours."""
    try:
        import cairosvg
    except (ImportError, OSError) as error:  # OSError: the package is there, the cairo library of the system is not
        raise ImportError(MISSING.format(ending=ending) + f" ({error})") from None
    convert = cairosvg.svg2png if ending == ".png" else cairosvg.svg2pdf
    content: bytes = convert(bytestring=plain(svg).encode(), scale=scale if ending == ".png" else 1.0)
    return content


def plain(svg: str) -> str:
    """The picture without what CairoSVG takes amiss: dark colours, edges of letters, many fonts, a size by style."""
    svg = re.sub(r"font:(\d+px) [^}]*monospace", r"font-size:\1;font-family:monospace", svg, count=1)
    svg = svg.replace(' style="max-width:100%;height:auto"', "", 1)
    svg = re.sub(r"@media \(prefers-color-scheme:dark\)\{.*?\n\}\n", "", svg, flags=re.DOTALL)
    return re.sub(r"^.*paint-order:stroke.*\n", "", svg, flags=re.MULTILINE)
