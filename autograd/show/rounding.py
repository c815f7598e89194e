"""Tells a number that is only rounding from a small number: 0.1 + 0.2 - 0.3 is 5.6e-17, and sin(pi) is 1.2e-16."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

from autograd.show import words
from autograd.sweeps import live_edges
from autograd.value import Value

UNIT = sys.float_info.epsilon


def near_zero(x: float, doubt: float) -> str:
    """The number as text, or ≈ 0 where it is no larger than its doubt."""
    return "≈ 0" if 0 < abs(x) < 1e-12 and abs(x) <= doubt < math.inf else words.number(x)


def doubts(order: Sequence[Value]) -> dict[Value, float]:
    """How far each number may be from the true one, to first order, when every step is rounded once."""
    doubt: dict[Value, float] = {}
    for node in order:
        total, x, y = UNIT * abs(node._data), node._x, node._y
        if x is not None:
            total += abs(node._dx) * doubt[x]
            if y is not None:
                total += abs(node._dy) * doubt[y]
        else:
            for parent, derivative in live_edges(node):
                total += abs(derivative or 0.0) * doubt[parent]
        doubt[node] = total
    return doubt
