"""What the current thread has switched: `no_grad()`, `detect_anomaly()`.

An ordinary operation pays one test, of `unusual`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ContextDecorator, contextmanager
from types import TracebackType
from typing import Any

unusual = 0
"""How many of these contexts are open, in all threads together; while it is 0, no operation looks further."""

tracing = 0
"""How many recordings of `autograd.compile` are under way, in all threads together: 0, and nobody looks further."""

_counting = threading.Lock()


class _Switches(threading.local):
    no_grad = 0
    detect_anomaly = 0
    recorder: Any = None


_here = _Switches()


class _Mode(ContextDecorator):
    """A switch for the current thread that nests and can be entered again."""

    switch: str

    def __enter__(self) -> None:
        self._turn(+1)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._turn(-1)

    def _turn(self, by: int) -> None:
        global unusual
        setattr(_here, self.switch, getattr(_here, self.switch) + by)
        with _counting:
            unusual += by


class no_grad(_Mode):
    """Compute without recording: results are constants, and their `backward()` is an error that says so.

    >>> from autograd import Value, no_grad
    >>> w = Value(2.0)
    >>> with no_grad():
    ...     y = w * 3
    >>> y.data, y.parents
    (6.0, ())
    """

    switch = "no_grad"


class detect_anomaly(_Mode):
    """Raise at the first operation that makes an inf or a nan out of finite numbers, forward or backward.

    The `AnomalyError` names the operation, what it was given, and the line of the user's program. It costs time: use it
    to find a fault, not to train.

    >>> from autograd import Value, detect_anomaly, log
    >>> with detect_anomaly():
    ...     log(Value(0.0, label="p"))
    Traceback (most recent call last):
    ...
    autograd.errors.AnomalyError: log(p = 0.0) gave -inf ...
    """

    switch = "detect_anomaly"


@contextmanager
def recording() -> Iterator[None]:
    """Inside, operations of this thread are recorded, whatever `no_grad()` there is around: a derivative needs them."""
    closed, _here.no_grad = _here.no_grad, 0
    try:
        yield
    finally:
        _here.no_grad = closed


@contextmanager
def not_detecting() -> Iterator[None]:
    """Inside, operations of this thread are not looked at for a nan, whatever `detect_anomaly()` there is around."""
    closed, _here.detect_anomaly = _here.detect_anomaly, 0
    try:
        yield
    finally:
        _here.detect_anomaly = closed


def is_recording() -> bool:
    """Whether operations of this thread become part of a graph."""
    return not _here.no_grad


def is_detecting() -> bool:
    """Whether this thread looks for the first nan or inf."""
    return _here.detect_anomaly > 0


def recorder() -> Any:
    """What records this thread's operations for `autograd.compile`, if anything does."""
    return _here.recorder if tracing else None


def read(node: Any, how: str) -> None:
    """A number leaves the graph, or is set: an error while a function is recorded, which would freeze it."""
    if tracing and _here.recorder is not None:
        _here.recorder.was_read(node, how)


def listed(items: list[Any]) -> list[Any]:
    """A list that the library hands out: while a function is recorded, one that says by which index it is asked."""
    return _here.recorder.listed(items) if tracing and _here.recorder is not None else items


@contextmanager
def recorded_by(recorder: Any) -> Iterator[None]:
    """Inside, comparisons and reads of numbers by this thread go to the recorder."""
    global tracing
    outer, _here.recorder = _here.recorder, recorder
    with _counting:
        tracing += 1
    try:
        yield
    finally:
        _here.recorder = outer
        with _counting:
            tracing -= 1
