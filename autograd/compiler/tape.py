"""Tape: a recorded function as a flat list of operations, each with the places of its operands."""

from __future__ import annotations

from typing import Any, NamedTuple

PARAMETER, INPUT, CONSTANT, SELECT, DETACH = "parameter", "input", "constant", "select", "detach"

Ref = int  # an operation by its place on the tape, or a leaf: -1 is the first leaf, -2 the second, …


class Leaf(NamedTuple):
    """A number that no operation made: a parameter (the Value), an input (its position), or a constant (its number)."""

    kind: str
    content: Any


class Tape(NamedTuple):
    """The operations in the order they were made, operands before results.

    >>> print(Tape(["*"], [(-1, -2)], [Leaf("input", 0), Leaf("constant", 2.0)], [0], [], [None]))
    v0 = * input:0 constant:2.0
    returns v0
    """

    names: list[str]
    """The row's name; or a condition's, or `select`, or `detach`."""
    operands: list[tuple[Ref, ...]]
    leaves: list[Leaf]
    outputs: list[Ref]
    guards: list[tuple[Ref, bool]]
    """Conditions that Python branched on, with the truth that the recorded branch belongs to."""
    origins: list[Any]
    """Where in the user's program each operation was made: a code object and a place in it, or None."""

    def __str__(self) -> str:
        def shown(ref: Ref) -> str:
            return f"v{ref}" if ref >= 0 else "{}:{}".format(*self.leaves[-1 - ref])

        lines = [
            " ".join([f"v{place} =", name, *map(shown, operands)])
            for place, (name, operands) in enumerate(zip(self.names, self.operands, strict=True))
        ]
        return "\n".join([*lines, " ".join(["returns", *map(shown, self.outputs)])])
