"""SVG pictures as PNG, drawn by resvg, and as PDF, drawn by CairoSVG, where these are installed."""

from __future__ import annotations

import re

MISSING = (
    "{ending} needs {what}: pip install 'scalar-autograd[{extra}]'; or draw with engine=\"graphviz\", which needs the"
    " program dot; .svg, .html and .dot need nothing ({error})"
)


def render(svg: str, ending: str) -> bytes:
    """The picture as the bytes of a .png, two pixels to each of its own, or of a .pdf; always the light colours."""
    return png(svg, 2.0) if ending == ".png" else pdf(svg)


def png(svg: str, scale: float, fonts: bool = True) -> bytes:
    """The picture as a PNG, `scale` pixels to each of its own; without `fonts` it is quicker, but has no letters."""
    try:
        import resvg_py
    except ImportError as error:
        raise ImportError(MISSING.format(ending=".png", what="resvg", extra="images", error=error)) from None
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=scale, skip_system_fonts=not fonts))


def pdf(svg: str) -> bytes:
    """The picture as a PDF."""
    try:
        import cairosvg
    except (ImportError, OSError) as error:  # OSError: the package is there, the cairo library of the system is not
        raise ImportError(MISSING.format(ending=".pdf", what="CairoSVG", extra="pdf", error=error)) from None
    content: bytes = cairosvg.svg2pdf(bytestring=plain(svg).encode())
    return content


def plain(svg: str) -> str:
    """The picture without what CairoSVG takes amiss: dark colours, edges of letters, many fonts, a size by style."""
    svg = re.sub(r"font:(\d+px) [^}]*monospace", r"font-size:\1;font-family:monospace", svg, count=1)
    svg = svg.replace(' style="max-width:100%;height:auto"', "", 1)
    svg = re.sub(r"@media \(prefers-color-scheme:dark\)\{.*?\n\}\n", "", svg, flags=re.DOTALL)
    return re.sub(r"^.*paint-order:stroke.*\n", "", svg, flags=re.MULTILINE)
