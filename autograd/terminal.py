"""What a terminal can show: colours, signs like ∂, a browser beside it; in a pipe, plain text."""

from __future__ import annotations

import os
import re
import sys
from typing import Any, TextIO

PARTIAL = re.compile(r"(∂\S+?/∂[\w.]+)(?=[ ,:]|$)")


def has_screen() -> bool:
    """Whether a browser would have a place to open."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def coloured(text: str) -> str:
    """Titles bold, formulas of derivatives blue, what goes wrong orange: on a terminal that has colours."""
    if not has_colours(sys.stdout):
        return text
    lines = []
    for number, line in enumerate(text.split("\n")):
        if number == 0 or " ← " in line:
            line = f"\033[1m{line}\033[0m"
        elif line.startswith("As a formula: "):
            line = f"As a formula: \033[34m{line.removeprefix('As a formula: ')}\033[0m"
        elif line.startswith("  "):
            line = PARTIAL.sub("\033[36m\\1\033[39m", line)
        lines.append(line)
    return "\n".join(lines)


def has_colours(stream: TextIO) -> bool:
    """Whether it is a terminal with colours, and they are wanted (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") != "dumb"


def speak_unicode(stream: Any) -> None:
    """∂ is not in every encoding: then UTF-8 is written, which today's terminals read."""
    try:
        "∂←−²≈".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        stream.reconfigure(encoding="utf-8")
