"""Puts a picture or a page where it can be seen: in a file, in a notebook, in the browser."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Any

CODE = re.compile("`(.*?)`")
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}</body>
</html>
"""
STYLE = "body{margin:1rem}@media (prefers-color-scheme:dark){body{background:#14181d}}"


def coded(text: str) -> str:
    """A sentence as HTML, with what stands between backticks as code."""
    return CODE.sub(r"<code>\1</code>", escape(text))


def page(title: str, body: str, style: str = STYLE) -> str:
    """A page that holds `body`, which is HTML, and needs nothing else."""
    return PAGE.format(title=escape(title), body=body, style=style)


def target(path: str | os.PathLike[str], endings: Sequence[str], saved: str, name: str) -> tuple[Path, str]:
    """The file to write and its ending; an error that says how it is `saved`, and proposes a `name` that goes."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{saved}, was given {path!r}, which names no file: write save({name!r})")
    found = Path(path)
    ending = found.suffix.lower()
    if ending not in endings:
        named = found.name and not found.name.startswith(".")
        proposed = found.with_suffix(Path(name).suffix) if named else found.with_name(name) if found.name else name
        raise ValueError(f"{saved}, was given {os.fspath(path)!r}: write save({str(proposed)!r})")
    return found, ending


def write(path: str | os.PathLike[str], content: str | bytes, what: str = "the drawing") -> None:
    """Writes beside the target and then puts in its place, so that no broken file is ever there."""
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if isinstance(content, str):
            beside.write_text(content, encoding="utf-8", newline="\n")
        else:
            beside.write_bytes(content)
        os.replace(beside, target)
    except OSError as error:
        raise type(error)(
            error.errno,
            f"{what} was not saved ({error.strerror}): name a file in a folder that is there and open to you",
            str(target),
        ) from None
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def show(shown: Any, page: str) -> None:
    """Shows `shown` in the notebook that runs, else the HTML text `page` in the browser, or says where the page is."""
    if in_notebook():
        from IPython.display import display

        display(shown)
        return
    descriptor, name = tempfile.mkstemp(prefix="autograd-", suffix=".html")
    os.close(descriptor)
    write(name, page, "the page")
    if not webbrowser.open(Path(name).as_uri()):
        print(f"No browser was found. The page is the file {name}")


def in_notebook() -> bool:
    """Whether this program runs in a notebook, which shows rich output."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")
