"""The operators of any number type that is not a float: each hands its row's name to the type's own `_apply`."""

from __future__ import annotations

from typing import Any

from autograd.functions import apply


class Operators:
    """What symbols, and the script of a page, have in common: + - * / ** and comparisons, on both sides."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return apply("+", (self, other))

    def __radd__(self, other: Any) -> Any:
        return apply("+", (other, self))

    def __sub__(self, other: Any) -> Any:
        return apply("-", (self, other))

    def __rsub__(self, other: Any) -> Any:
        return apply("-", (other, self))

    def __mul__(self, other: Any) -> Any:
        return apply("*", (self, other))

    def __rmul__(self, other: Any) -> Any:
        return apply("*", (other, self))

    def __truediv__(self, other: Any) -> Any:
        return apply("/", (self, other))

    def __rtruediv__(self, other: Any) -> Any:
        return apply("/", (other, self))

    def __pow__(self, other: Any) -> Any:
        return apply("**", (self, other))

    def __rpow__(self, other: Any) -> Any:
        return apply("**", (other, self))

    def __neg__(self) -> Any:
        return apply("neg", (self,))

    def __lt__(self, other: Any) -> Any:
        return apply("<", (self, other))

    def __le__(self, other: Any) -> Any:
        return apply("<=", (self, other))

    def __gt__(self, other: Any) -> Any:
        return apply(">", (self, other))

    def __ge__(self, other: Any) -> Any:
        return apply(">=", (self, other))
