"""How the errors of this package say what was given, and which known name was probably meant."""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Iterable
from typing import Any

from autograd import Value


def given(x: Any) -> str:
    """What `x` is, in a few words.

    >>> given([1, 2, 3]), given("relu"), given(None), given(2.0)
    ('a list of 3: [1, 2, 3]', "the string 'relu'", 'None', 'the number 2.0')
    """
    if x is None:
        return "None"
    if isinstance(x, Value):
        return "one Value"
    if isinstance(x, str):
        return f"the string {reprlib.repr(x)}"
    if isinstance(x, (bool, int, float)):
        return f"the number {x!r}"
    if shape := getattr(x, "shape", ()):
        return f"an array of shape {tuple(shape)}"
    if isinstance(x, (list, tuple, set, dict)):
        return f"a {type(x).__name__} of {len(x)}: {reprlib.repr(x)}"
    return f"{reprlib.repr(x)} of type {type(x).__name__}"


def nearest(name: Any, known: Iterable[str]) -> str:
    """The known names, or the first of them, and before them the one that `name` is probably a misspelling of.

    >>> nearest("rleu", ["relu", "tanh"])
    "did you mean 'relu'? Known are relu, tanh"
    """
    known = list(known)
    close = difflib.get_close_matches(str(name).lower(), known, n=1)
    return (f"did you mean {close[0]!r}? " if close else "") + f"Known are {some(known, 8)}"


def some(names: Iterable[str], most: int = 5) -> str:
    """The first few of many names.

    >>> some("abcdefg", most=2)
    'a, b and 5 more'
    """
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def counted(n: int, noun: str) -> str:
    """A number of things.

    >>> counted(1, "input"), counted(1300, "parameter")
    ('1 input', '1,300 parameters')
    """
    return f"{n:,} {noun}" + ("" if n == 1 else "s")
