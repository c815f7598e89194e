"""A piece of a picture that moves: what it is, and from when until when it is seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autograd.show.board import n

TRAVEL = 0.5  # the part of a step until a dot has arrived, and what it brings is seen


class Shown(NamedTuple):
    """A piece of SVG, and from when until when it is seen, in moments: in moment 0 nothing is computed, then comes a
    moment a step, and in the last nothing more happens; 2.5 is in the middle of moment 2."""

    svg: str
    begin: float
    end: float
    way: Sequence[Sequence[float]] = ()
    """The line that it moves along while it is seen; none where it stays."""


def at(x: float, y: float, svg: str) -> str:
    """The piece, moved to (x, y)."""
    return f'<g transform="translate({n(x)} {n(y)})">{svg}</g>'
