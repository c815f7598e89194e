"""The exceptions a user can meet, and the conversion to a number that raises the first of them."""

from __future__ import annotations

from typing import Any


class NotANumberError(TypeError):
    """A number was expected and something else was given."""


class NoGraphError(RuntimeError):
    """A gradient was asked for where no graph was recorded."""


class StaleGraphError(RuntimeError):
    """A leaf was changed after its value was used, and the graph was to be differentiated again."""


class NoRuleError(TypeError):
    """A node made by hand was to be differentiated by a rule of the table."""


class GradcheckError(AssertionError):
    """`gradcheck` found a derivative that is wrong."""


class AnomalyError(ArithmeticError):
    """Under `detect_anomaly()`: an operation made an inf or a nan out of finite numbers."""


class RecordingError(RuntimeError):
    """A function cannot be recorded by `autograd.compile` as it is written."""


def number(x: Any) -> float:
    """`x` as a Python float: from int, bool, float, numpy's scalars, Fraction, Decimal.

    >>> number(True)
    1.0
    >>> number("3")
    Traceback (most recent call last):
    ...
    autograd.errors.NotANumberError: expected a number, was given the string '3': write float('3')
    """
    if type(x) is float:
        return x
    shape, kind = getattr(x, "shape", ()), getattr(getattr(x, "dtype", None), "kind", "f")
    if hasattr(type(x), "__float__") and not isinstance(x, complex) and not shape and kind in "biufO":
        try:
            return number(x.item()) if kind == "O" else float(x)
        except OverflowError:
            raise NotANumberError(
                f"expected a number below 1.8e308, which a float can hold, was given a larger {type(x).__name__}: scale"
                " it, or write float('inf')"
            ) from None
    raise NotANumberError(f"expected a number, was given {_described(x)}")


def _described(x: Any) -> str:
    """What was given, and what to write instead."""
    if isinstance(x, (str, bytes)):
        return f"the string {x!r}: write float({x!r})"
    if isinstance(x, complex) or getattr(getattr(x, "dtype", None), "kind", "") == "c":
        return f"the complex number {x!r}: a Value is real, write Value(z.real) and Value(z.imag)"
    if x is None:
        return "None: a function that should have returned a number may lack its `return`"
    shape = getattr(x, "shape", None)
    if shape:
        one = " (one element: write x.item())" if getattr(x, "size", 0) == 1 else ""
        return (
            f"an array of shape {shape}{one}: a Value is one number, write [Value(x) for x in xs],"
            " or np.array([Value(x) for x in xs], dtype=object)"
        )
    if isinstance(x, (list, tuple, set, dict, range)):
        return f"a {type(x).__name__} of {len(x)}: a Value is one number, write [Value(x) for x in xs]"
    if callable(x):
        return f"the function {getattr(x, '__name__', x)!r}: it may lack its brackets ()"
    return f"{x!r} of type {type(x).__name__}"
