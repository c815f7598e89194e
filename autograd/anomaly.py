"""`detect_anomaly()`: find the first operation that makes an inf or a nan out of finite numbers."""

from __future__ import annotations

import sys
from math import isfinite, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd.errors import AnomalyError

if TYPE_CHECKING:
    from autograd.value import Value

HERE = Path(__file__).parent
INSIDE = tuple(str(folder) + "/" for folder in (HERE, HERE.parent / "nn"))


def inspect_forward(node: Value) -> None:
    """Note the user's line on the node, and raise if the node is where numbers went wrong."""
    node.__dict__["_line"] = line = _users_line()
    if _spoilt(node._data, [x if isinstance(x, float) else x.data for x in node.operands]):
        raise AnomalyError(f"{_written(node)} gave {node._data} in the forward pass{line}")


def watched_pass(order: list[Value]) -> None:
    """The backward pass, looking at every share."""
    for node in reversed(order):
        g = node.grad
        for parent, partial in zip(node.parents, node._partials(), strict=True):
            if partial is not None and _spoilt(g * partial, [g, *(p.data for p in node.parents)]):
                raise AnomalyError(
                    f"the gradient of {_written(node)} by {_named(parent)} became {g * partial} in the backward pass:"
                    f" {g} (from above) × {partial} (its own slope)"
                    + node.__dict__.get("_line", "; compute it too under detect_anomaly() to see the line")
                )
        node._backward()


def _spoilt(result: float, given: list[float]) -> bool:
    return (isnan(result) and not any(map(isnan, given))) or (not isfinite(result) and all(map(isfinite, given)))


def _written(node: Value) -> str:
    operands = [_named(x) for x in node.operands]
    if node.op.isidentifier():
        return f"{node.op}({', '.join(operands)})"
    return f"{node.op}({operands[0]})" if len(operands) == 1 else f"({operands[0]}) {node.op} ({operands[1]})"


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
