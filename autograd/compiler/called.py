"""Which functions of the user a run calls, wherever it finds them: as Python itself tells who traces it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from autograd.compiler.indices import LIBRARY

Codes = dict[CodeType, dict[str, Any]]
"""Functions, with the globals of their modules."""

known_code: dict[
    int, bool
] = {}  # whether it is ours, by the id of the code: to hash a code takes longer than to run a short one
_codes: list[CodeType] = []  # which keeps the ids their own


def is_ours(code: CodeType) -> bool:
    """Whether a function is the library's."""
    known = known_code.get(id(code))
    if known is None:
        _codes.append(code)
        known = known_code[id(code)] = code.co_filename.startswith(LIBRARY)
    return known


@contextmanager
def noting_calls(codes: Codes) -> Iterator[None]:
    """Inside, the user's functions that this thread calls are noted.

    A debugger that traces goes on afterwards; what is called meanwhile it does not see.
    """
    seen: set[int] = set()

    def called(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if id(code) not in seen:
            seen.add(id(code))
            if not is_ours(code):
                codes[code] = frame.f_globals

    if sys.version_info >= (3, 12) and (tool := _taken_tool()) is not None:
        yield from _monitored(tool, called)
        return
    before = sys.gettrace()
    sys.settrace(called)
    try:
        yield
    finally:
        sys.settrace(before)


if sys.version_info >= (3, 12):
    import threading

    def _taken_tool() -> int | None:
        """The number of a tool, ours until it is freed; None where others have them all, perhaps in other threads."""
        for tool in (4, 3):
            try:
                sys.monitoring.use_tool_id(tool, "autograd.compile")
            except ValueError:  # it is in use
                continue
            return tool
        return None

    def _monitored(tool: int, called: Any) -> Iterator[None]:
        """Each function tells once that it begins, which costs nothing for all further calls."""
        thread, monitoring = threading.get_ident(), sys.monitoring

        def begins(code: CodeType, _: int) -> Any:
            if threading.get_ident() == thread:
                called(sys._getframe(1), "call", None)
                return monitoring.DISABLE
            return None

        try:
            monitoring.register_callback(tool, monitoring.events.PY_START, begins)
            monitoring.set_events(tool, monitoring.events.PY_START)
            monitoring.restart_events()
            yield
        finally:
            monitoring.set_events(tool, 0)
            monitoring.register_callback(tool, monitoring.events.PY_START, None)
            monitoring.free_tool_id(tool)
