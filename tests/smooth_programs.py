"""Random programs of smooth operations, as functions of their leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import random_graphs

import autograd
from autograd import Value

F = Callable[..., Any]

LIBRARY = random_graphs.library_of(autograd)
SMOOTH = tuple(
    "+ - * / neg **2 **3 sin cos tanh sigmoid softplus atan asinh erf gelu silu sum prod dot mean logsumexp".split()
)


def function(program: random_graphs.Program, last: int = 1) -> F:
    """The program as a function of its leaves; an operation that leaves its range is a sine instead."""

    def f(*leaves: Any) -> Any:
        slots = list(leaves)
        for step in program.steps:
            operation = random_graphs.OPERATIONS[step.operation]
            chosen = [slots[k % len(slots)] if isinstance(k, int) else k for k in step.operands[: operation.arity]]
            numbers = [x.data if isinstance(x, Value) else x for x in chosen]
            out = None
            if operation.domain(*numbers):
                out = LIBRARY[step.operation](*chosen)
            if out is None or not abs(out.data if isinstance(out, Value) else out) < 100:
                out = autograd.sin(chosen[-1])
            slots.append(out)
        return slots[-1] if last == 1 else slots[-last:]

    return f
