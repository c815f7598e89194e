"""Condition: what a comparison gives while a function is recorded: data for `where`, a guard where Python branches."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from autograd import modes
from autograd import value as values
from autograd.ops import Row, infix
from autograd.value import Value, datum

KERNELS: dict[str, Callable[..., bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "equal": operator.eq,
    "and": lambda a, b: bool(a and b),
    "or": lambda a, b: bool(a or b),
    "not": operator.not_,
}
ROWS = {
    name: Row(name, kernel, infix("{0} " + name + " {1}", "", 0), (None,) * (1 if name == "not" else 2), op=name)
    for name, kernel in KERNELS.items()
}


class Condition(Value):
    """A truth that depends on data: 1.0 or 0.0, with no slope. Its `bool` is a promise that the recording keeps."""

    __slots__ = ()

    def __bool__(self) -> bool:
        truth = bool(self._data)
        recorder = modes.recorder()
        if recorder is not None:
            truth = recorder.guard(self, truth)
        return truth

    def __and__(self, other: Any) -> Condition:
        return condition("and", self, _truth(other))

    def __or__(self, other: Any) -> Condition:
        return condition("or", self, _truth(other))

    def __xor__(self, other: Any) -> Condition:
        return condition("not", condition("equal", self, _truth(other)))

    def __invert__(self) -> Condition:
        recorder = modes.recorder()
        if recorder is not None:
            recorder.beyond_plain = True  # ~True is -2
        return condition("not", self)

    def __eq__(self, other: object) -> Any:
        return condition("equal", self, other)

    def __ne__(self, other: object) -> Any:
        return condition("not", condition("equal", self, other))

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__
    __hash__ = Value.__hash__


def condition(name: str, *operands: Any) -> Condition:
    """The comparison as a node, whose operands are Values or numbers."""
    numbers = [datum(x) for x in operands]
    node: Condition = values.new(Condition)
    node._data = float(KERNELS[name](*numbers))
    node._row = ROWS[name]
    node._operands = tuple(x if isinstance(x, Value) else n for x, n in zip(operands, numbers, strict=True))
    node._grad = node._x = node._y = node._wide = None
    return node


def _truth(x: Any) -> Any:
    return x if isinstance(x, Value) else float(bool(x))
