"""Puts a picture or a page where it can be seen: in a file, in a notebook, in the browser."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import Any


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
