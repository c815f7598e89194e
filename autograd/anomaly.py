"""`detect_anomaly()`: find the first operation that makes an inf or a nan out of finite numbers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from math import isfinite, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd.errors import AnomalyError

if TYPE_CHECKING:
    from autograd.value import Value

HERE = Path(__file__).parent
INSIDE = tuple(str(folder) + "/" for folder in (HERE, HERE.parent / "nn"))


def inspect_forward(op: str, operands: Sequence[Value | float], out: float) -> str:
    """The user's line that asked for the operation; raises if this is where numbers went wrong."""
    line = _users_line()
    if _spoilt(out, [x if isinstance(x, float) else x.data for x in operands]):
        raise AnomalyError(f"{_written(op, operands)} gave {out} in the forward pass{line}")
    return line


def watched_pass(order: list[Value]) -> None:
    """The backward pass, looking at every share and every sum of them."""
    for node in reversed(order):
        g = node.grad
        edges = [(p, d) for p, d in zip(node.parents, node._partials(), strict=True) if d is not None]
        if not node._row.rules:
            node._backward()
            continue
        for parent, partial in edges:
            share, before = g * partial, parent.grad
            line = node.__dict__.get("_line", "; compute it too under detect_anomaly() to see the line")
            told = f"the gradient of {_written(node.op, node.operands)} by {_named(parent)} became"
            if _spoilt(share, [g, *(p.data for p in node.parents)]):
                raise AnomalyError(
                    f"{told} {share} in the backward pass: {g} (from above) × {partial} (its own slope){line}"
                )
            if _spoilt(before + share, [before, share]):
                raise AnomalyError(
                    f"{told} {before + share} in the backward pass: {before} (from other paths) + {share}{line}"
                )
            parent._grad = before + share


def _spoilt(result: float, given: list[float]) -> bool:
    return (isnan(result) and not any(map(isnan, given))) or (not isfinite(result) and all(map(isfinite, given)))


def _written(op: str, operands: Sequence[Value | float]) -> str:
    named = [_named(x) for x in operands]
    return f"{op}({', '.join(named)})" if op.isidentifier() else f"({named[0]}) {op} ({named[1]})"


def _named(x: Any) -> str:
    if isinstance(x, float):
        return repr(x)
    return f"{x.label} = {x.data!r}" if x.label else repr(x.data)


def _users_line() -> str:
    """The innermost line of the program that is not the library's own."""
    frame: Any = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith(INSIDE):
        frame = frame.f_back
    return f" at {frame.f_code.co_filename}, line {frame.f_lineno}" if frame is not None else ""
