"""How each engine makes a leaf and gives back its numbers: all that differs between them in the scalar benchmarks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

SCALAR_ENGINES = ("autograd", "micrograd", "torch")


class Engine(NamedTuple):
    """A leaf from a float; the float behind a value; the float behind its gradient."""

    leaf: Callable[[float], Any]
    data: Callable[[Any], float]
    grad: Callable[[Any], float]


def engine(name: str) -> Engine:
    """The engine of that name; importing it is left to now, so that a worker loads its own and no other."""
    if name == "torch":
        import torch

        torch.set_num_threads(1)
        return Engine(
            lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True),
            lambda v: v.item(),
            lambda v: 0.0 if v.grad is None else v.grad.item(),
        )
    if name == "micrograd":
        from micrograd.engine import Value  # type: ignore[import-untyped]

        # Its topological sort recurses once a level of the graph; the default limit would end some runs.
        sys.setrecursionlimit(20_000)
    else:
        from autograd import Value
    return Engine(Value, lambda v: float(v.data), lambda v: float(v.grad))
