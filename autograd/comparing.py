"""Comparisons of Values by their numbers: a bool, or, while a function is recorded to be compiled, a condition."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from autograd import modes
from autograd.errors import NotANumberError, number

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "equal": operator.eq,
}


class Comparing:
    """What `Value` answers to < <= > >= == and to `if`."""

    __slots__ = ()

    def __bool__(self) -> bool:
        if modes.recorder() is not None:
            return not compared("equal", self, 0.0)
        return bool(self._data)  # type: ignore[attr-defined]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Comparing):  # as hashing is; equal(a, b) compares the numbers
            if (recorder := modes.recorder()) is not None:
                recorder.by_identity = True
            return self is other
        try:
            return compared("equal", self, number(other))
        except NotANumberError:
            return NotImplemented

    __hash__ = object.__hash__

    def __lt__(self, other: Any) -> bool:
        return NotImplemented if getattr(other, "shape", ()) else compared("<", self, other)

    def __le__(self, other: Any) -> bool:
        return NotImplemented if getattr(other, "shape", ()) else compared("<=", self, other)

    def __gt__(self, other: Any) -> bool:
        return NotImplemented if getattr(other, "shape", ()) else compared(">", self, other)

    def __ge__(self, other: Any) -> bool:
        return NotImplemented if getattr(other, "shape", ()) else compared(">=", self, other)


def compared(name: str, x: Any, y: Any) -> bool:
    """Whether two numbers, Values or not, compare so."""
    if modes.tracing and (recorder := modes.recorder()) is not None:
        return recorder.compared(name, x, y)  # type: ignore[no-any-return]
    x, y = (v._data if isinstance(v, Comparing) else number(v) for v in (x, y))  # type: ignore[attr-defined]
    return COMPARISONS[name](x, y)
