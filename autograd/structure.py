"""Arguments and results of any shape, taken apart into their numbers and put together again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.errors import NotANumberError, number
from autograd.value import Value

Rebuild = Callable[[list[Any]], Any]


def flatten(x: Any, what: str) -> tuple[list[Value | float], Rebuild]:
    """The numbers in x, a number, list, tuple or array of them, nested or not; and how to build its like of others.

    >>> numbers, rebuild = flatten([1, [2, 3]], "x")
    >>> rebuild([10 * n for n in numbers])
    [10.0, [20.0, 30.0]]
    """
    if isinstance(x, Value):
        return [x], lambda numbers: numbers[0]
    if isinstance(x, (list, tuple)):
        if not any(isinstance(item, (list, tuple)) or getattr(item, "shape", ()) for item in x):  # nothing nested
            return [_number(item, what) for item in x], list if isinstance(x, list) else tuple
        parts = [flatten(item, what) for item in x]
        sizes = [len(numbers) for numbers, _ in parts]

        def rebuild(numbers: list[Any]) -> Any:
            rest = iter(numbers)
            items = [build([next(rest) for _ in range(size)]) for size, (_, build) in zip(sizes, parts, strict=True)]
            return items if isinstance(x, list) else tuple(items)

        return [n for numbers, _ in parts for n in numbers], rebuild
    if hasattr(x, "shape") and hasattr(x, "ravel"):
        found = [_number(n, what) for n in x.ravel().tolist()]
        return found, lambda numbers: array(numbers, x.shape) if x.shape else numbers[0]
    return [_number(x, what)], lambda numbers: numbers[0]


def array(numbers: list[Any], shape: tuple[int, ...]) -> Any:
    """An array of floats, or, where one is a Value, of objects."""
    import numpy as np

    kind = object if any(isinstance(n, Value) for n in numbers) else float
    filled = np.empty(len(numbers), dtype=kind)
    filled[:] = numbers
    return filled.reshape(shape)


def form(x: Any) -> Any:
    """How the numbers are nested in x, an array being as good as the nested lists of its shape; None of a number.

    >>> form([1.0, [2.0, 3.0]])
    (None, (None, None))
    """
    if isinstance(x, (list, tuple)):
        return tuple(map(form, x))
    nested = None
    for size in reversed(getattr(x, "shape", ())):
        nested = (nested,) * size
    return nested


def shape_of(x: Any) -> tuple[int, ...] | None:
    """The shape of an array, () of a number, None of a list."""
    if isinstance(x, (list, tuple)):
        return None
    return tuple(getattr(x, "shape", ()))


def _number(x: Any, what: str) -> Value | float:
    if isinstance(x, Value):
        return x
    if isinstance(x, bool) or getattr(getattr(x, "dtype", None), "kind", "") == "b":
        raise NotANumberError(
            f"{what}: expected a number, was given {x!r}, which has no slope: where(condition, a, b) makes a number of"
            " a condition"
        )
    try:
        return number(x)
    except NotANumberError as error:
        raise NotANumberError(f"{what}: {error}") from None
