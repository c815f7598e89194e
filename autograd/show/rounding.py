"""Tells a number that is only rounding from a small number: 0.1 + 0.2 - 0.3 is 5.6e-17, and sin(pi) is 1.2e-16."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

from autograd.show import words
from autograd.show.passes import live_edges
from autograd.value import Value

UNIT = sys.float_info.epsilon


def near_zero(x: float, doubt: float) -> str:
    """The number as text, or ≈ 0 where it is no larger than its doubt."""
    return "≈ 0" if 0 < abs(x) < 1e-12 and abs(x) <= doubt < math.inf else words.number(x)


def doubts(order: Sequence[Value]) -> dict[Value, float]:
    """How far each number may be from the true one, to first order, when every step is rounded once."""
    doubt: dict[Value, float] = {}
    for node in order:
        total = UNIT * abs(node._data)
        for parent, derivative in live_edges(node) if node._row is not None else ():
            total += abs(derivative or 0.0) * doubt[parent]
        doubt[node] = total
    return doubt
