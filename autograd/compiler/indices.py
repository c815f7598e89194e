"""Integers among the inputs: a number in arithmetic, and an index where a list is asked for its item."""

from __future__ import annotations

import ast
import linecache
import math
import operator
import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple

from autograd import modes
from autograd.comparing import compared
from autograd.value import Value

LIBRARY = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class Given(Value):
    """A number given as input, while a function is recorded: what Python does with it beside arithmetic is an error."""

    __slots__ = ()

    def _use(self, how: str) -> Any:
        """The number itself is used, by which the recording would hold for no other."""
        modes.read(self, how)
        return self._data

    def __float__(self) -> float:
        return float(self._use("float() or a function of math"))

    def __int__(self) -> int:
        return int(self._use("int()"))

    def __index__(self) -> int:
        return operator.index(self._use("as the index of a list a number that is not whole"))

    def __round__(self, digits: Any = None) -> Any:
        return round(self._use("round()"), digits)

    def __floor__(self) -> int:
        return math.floor(float(self._use("math.floor()")))

    def __ceil__(self) -> int:
        return math.ceil(float(self._use("math.ceil()")))

    def __trunc__(self) -> int:
        return math.trunc(float(self._use("math.trunc()")))

    def __mod__(self, other: Any) -> Any:
        return self._use("%") % other

    def __rmod__(self, other: Any) -> Any:
        return other % self._use("%")

    def __floordiv__(self, other: Any) -> Any:
        return self._use("//") // other

    def __rfloordiv__(self, other: Any) -> Any:
        return other // self._use("//")

    def __str__(self) -> str:
        return str(self._use("str()"))

    def __repr__(self) -> str:
        return repr(self._use("repr()"))

    def __format__(self, spec: str) -> str:
        return format(self._use("a text with the number in it"), spec)

    def __hash__(self) -> int:
        if sys._getframe(1).f_code.co_filename.startswith(LIBRARY):
            return object.__hash__(self)
        return hash(self._use("as the key of a dict, or in a set,"))

    def __eq__(self, other: object) -> Any:
        if isinstance(other, Given):  # plain numbers where the function is called: equal if their data are
            return compared("equal", self, other)
        return Value.__eq__(self, other)


class Integer(Given):
    """A whole number given as input: where Python uses the number itself, the recording holds for this number alone.

    So is what + − × make of integers and whole constants.
    """

    __slots__ = ()

    def _use(self, how: str) -> Any:
        recorder = modes.recorder()
        if recorder is not None:
            recorder.fix(self)
        return int(self._data)

    def __index__(self) -> int:
        recorder = modes.recorder()
        if recorder is None or self._row is not None:
            return int(self._use("an index"))
        return recorder.indexed(self, sys._getframe(1))  # type: ignore[no-any-return]

    def __add__(self, other: Any) -> Any:
        return self._whole(Value.__add__, other)

    def __radd__(self, other: Any) -> Any:
        return self._whole(Value.__radd__, other)

    def __sub__(self, other: Any) -> Any:
        return self._whole(Value.__sub__, other)

    def __rsub__(self, other: Any) -> Any:
        return self._whole(Value.__rsub__, other)

    def __mul__(self, other: Any) -> Any:
        return self._whole(Value.__mul__, other)

    def __rmul__(self, other: Any) -> Any:
        return self._whole(Value.__rmul__, other)

    def __abs__(self) -> Any:
        return self._whole(lambda x, _: Value.__abs__(x), 0)

    def __neg__(self) -> Any:
        return self._whole(lambda x, _: Value.__neg__(x), 0)

    def _whole(self, operation: Callable[[Value, Any], Any], other: Any) -> Any:
        if isinstance(other, (list, tuple, str)):
            return NotImplemented  # [0] * n: Python asks for the index
        node = operation(self, other)
        if isinstance(other, (int, Integer)) and type(node) is Value:
            node.__class__ = Integer
            node.__dict__["positions"] = self.positions + (other.positions if isinstance(other, Integer) else ())
        return node

    @property
    def positions(self) -> tuple[int, ...]:
        """Which of the inputs' numbers it is made of."""
        found: tuple[int, ...] = self.__dict__["positions"]
        return found


class Lookup(NamedTuple):
    """An integer input was used as the index of a list that could be found."""

    position: int
    """Which of the inputs' numbers it is."""
    items: Any
    """The list."""
    handed: int
    """Which of its items was handed out."""


PURE = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Load)


def indexed_list(frame: FrameType) -> Any:
    """The list, tuple or array whose item the frame is just taking by an index; None where that cannot be told.

    The expression in the user's line is evaluated again up to the bracket, provided that it only names things.
    """
    places = list(frame.f_code.co_positions())
    line, last, start, end = places[frame.f_lasti // 2]
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    if None in (line, last, start, end) or not lines or last > len(lines):  # type: ignore[operator]
        return None
    text = [source.encode() for source in lines[line - 1 : last]]  # type: ignore[operator]
    text[-1] = text[-1][:end]
    text[0] = text[0][start:]
    try:
        expression = ast.parse(b"(" + b"".join(text) + b")", mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(expression, ast.Subscript) or isinstance(expression.slice, (ast.Slice, ast.Tuple)):
        return None
    if not all(isinstance(node, PURE) for node in ast.walk(expression.value)):
        return None
    try:
        found = eval(compile(ast.Expression(expression.value), "<index>", "eval"), frame.f_globals, frame.f_locals)
    except Exception:  # whatever the names do: then the list is not known
        return None
    return found if isinstance(found, (list, tuple)) or getattr(found, "shape", None) else None


def numbers_in(item: Any) -> list[Any] | None:
    """The Values and numbers in an item of a list, in order; None where there is something else."""
    if isinstance(item, (Value, float, int)):
        return [item]
    if hasattr(item, "tolist"):
        item = item.tolist()
    if not isinstance(item, (list, tuple)):
        return None
    found: list[Any] = []
    for part in item:
        numbers = numbers_in(part)
        if numbers is None:
            return None
        found += numbers
    return found
