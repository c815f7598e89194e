"""Inputs: what a compiled function is called with, as one flat array of numbers, and its structure as a key."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.indices import Given, Integer
from autograd.errors import NotANumberError, number
from autograd.value import Value

Key = tuple[Any, ...]
PLAIN = (list, tuple, int, float, np.generic)


class Argument(NamedTuple):
    """One input: its numbers, how they are nested, and of what kind they are.

    That is "i" for whole numbers, "b" for truths, of which one alone goes by its name, and "f" for others.
    """

    numbers: Any
    form: Any
    kind: str
    containers: str = ""
    """What it is made of, from the outside: l, t or a for lists, tuples and arrays."""


def read(x: Any, name: str) -> Argument:
    """The numbers of one input: a number, an array, or a list of them, nested or not.

    >>> numbers, form, kind, containers = read([[1, 2], [3, 4]], "X")
    >>> numbers.tolist(), form, kind, containers
    ([1.0, 2.0, 3.0, 4.0], (2, 2), 'i', 'll')
    """
    try:
        array = np.asarray(x) if type(x) is np.ndarray or isinstance(x, PLAIN) else None
    except (ValueError, OverflowError):  # lists of different lengths
        array = None
    if array is not None and array.dtype.kind in "fiub" and (array.size or array.ndim == 1):
        kind = (
            f"{x}" if isinstance(x, bool) else array.dtype.kind.replace("u", "i")
        )  # a switch is part of the structure
        return Argument(array.astype(float, copy=False).ravel(), array.shape, kind, _containers(x))
    found: list[float] = []
    form = _walk(x, name, found)
    return Argument(np.array(found, dtype=float), form, "f", _containers(x))


def _containers(x: Any) -> str:
    """The kinds of containers, down to the first number."""
    found = ""
    while isinstance(x, (list, tuple)):
        found += "l" if isinstance(x, list) else "t"
        if not x:
            break
        x = x[0]
    return found + ("a" if isinstance(x, np.ndarray) else "")


def _walk(x: Any, name: str, found: list[float]) -> Any:
    """The numbers of x, appended to `found`; how they are nested is handed back."""
    if isinstance(x, np.ndarray) and type(x) is not np.ndarray:
        raise NotANumberError(
            f"{name}: a {type(x).__name__} is more than numbers: give np.array(…) of it, or its .data"
        )
    if isinstance(x, np.ndarray) and x.shape:
        return tuple(_walk(item, name, found) for item in x)
    if isinstance(x, (list, tuple)):
        return ("nested", *(_walk(item, name, found) for item in x))
    if isinstance(x, Value):
        raise NotANumberError(
            f"{name}: a compiled function takes plain numbers, was given {x!r}: a Value that is to learn is met inside"
            " the function; for one that is only read give its .data"
        )
    if hasattr(x, "__next__") or isinstance(x, (dict, set, range)):
        raise NotANumberError(
            f"{name}: a compiled function takes numbers, nested lists of them and arrays, was given a"
            f" {type(x).__name__}: write list(…)"
        )
    try:
        found.append(number(x))
    except NotANumberError as error:
        raise NotANumberError(f"{name}: {error}") from None
    return None


class Inputs:
    """All inputs of one call."""

    def __init__(self, given: Sequence[Any], names: Sequence[str]) -> None:
        self.given, self.names = given, names
        self.arguments = [read(x, name) for x, name in zip(given, names, strict=True)]

    @property
    def key(self) -> Key:
        """The structure: equal for inputs that differ in their numbers alone."""
        return tuple((argument.form, argument.kind, argument.containers) for argument in self.arguments)

    @property
    def sizes(self) -> list[int]:
        """How many numbers each input has."""
        return [argument.numbers.size for argument in self.arguments]

    def numbers(self) -> Any:
        """All numbers of all inputs, one after the other."""
        return np.concatenate([argument.numbers for argument in self.arguments]) if self.arguments else np.empty(0)

    def copies(self) -> list[Any]:
        """The inputs as they were given, copied, so that the function may change its lists; arrays of 64 bits."""
        return [
            x.astype(float) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else copy.deepcopy(x)
            for x in self.given
        ]

    def values(self, make: Callable[[int, Any], Any] | None = None) -> list[Any]:
        """The inputs with a Value, or what `make` makes, for each number: new ones at each call."""
        make = make or _leaf
        start, built = 0, []
        for x, argument in zip(self.given, self.arguments, strict=True):
            items = iter(range(start, start + argument.numbers.size))
            built.append(_rebuilt(x, items, make))
            start += argument.numbers.size
        return built


def _leaf(position: int, x: Any) -> Value:
    leaf = (Integer if isinstance(x, (int, np.integer, np.bool_)) else Given)(float(x))
    leaf.__dict__["positions"] = (position,)
    return leaf


def _rebuilt(x: Any, positions: Any, make: Callable[[int, Any], Any]) -> Any:
    if isinstance(x, (list, tuple)):
        items = [_rebuilt(item, positions, make) for item in x]
        if hasattr(x, "_fields"):  # a named tuple
            return type(x)(*items)
        return items if isinstance(x, list) else tuple(items)
    if isinstance(x, np.ndarray) and x.shape:
        filled = np.empty(x.size, dtype=object)
        filled[:] = [make(next(positions), item) for item in x.ravel()]
        return filled.reshape(x.shape)
    return make(next(positions), x.item() if isinstance(x, np.ndarray) else x)


def flat(values: Any) -> list[Any]:
    """All leaves of nested lists and arrays, in order.

    >>> flat([1, [2, (3, 4)]])
    [1, 2, 3, 4]
    """
    if isinstance(values, (list, tuple)):
        return [leaf for item in values for leaf in flat(item)]
    if isinstance(values, np.ndarray):
        return list(values.ravel()) if values.shape else [values.item()]
    return [values]


class Form(NamedTuple):
    """What arrays, and lists of numbers, have in common that are read in the same way."""

    container: Any
    shape: tuple[int, ...]
    kind: Any
    """The type of an array's numbers; of a list's, a set of one."""

    def suits(self, x: Any) -> bool:
        """Whether it is of this form.

        >>> form = form_of([1, 2, 3])
        >>> form.suits([4, 5, 6]), form.suits([1, 2]), form.suits([1.0, 2.0, 3.0])
        (True, False, False)
        """
        if type(x) is not self.container:
            return False
        if isinstance(x, np.ndarray):
            return x.shape == self.shape and bool(x.dtype == self.kind)
        return len(x) == self.shape[0] and set(map(type, x)) == self.kind


def form_of(x: Any) -> Form | None:
    """The form of an array, or of a list of floats or of whole numbers; None of anything else."""
    if type(x) is np.ndarray and x.ndim:
        return Form(np.ndarray, x.shape, x.dtype)
    kind = set(map(type, x)) if type(x) is list else set()
    return Form(list, (len(x),), kind) if kind in ({int}, {float}) else None
