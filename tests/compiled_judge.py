"""What a compiled program has to agree with: the eager graph, and how exactly the numbers in it can be known at all.

A program that adds in another order rounds otherwise. What may be asked of it is an error small beside the sum of the
absolute terms that a number is made of: of a value, its terms as they are added and multiplied; of a gradient, the
absolute products of local derivatives along all paths.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from autograd import Value

TOLERANCE = 1e-12


class Known(NamedTuple):
    """A number as the eager engine has it, and the sum of the absolute terms it is made of."""

    number: float
    scale: float


class Judgement(NamedTuple):
    """A result of the eager engine, and its derivative by every leaf it depends on."""

    value: Known
    leaves: dict[Value, Known]

    def gradient(self, leaf: Value) -> Known:
        """∂result/∂leaf; 0 where the result does not depend on it."""
        return self.leaves.get(leaf, Known(0.0, 0.0))


def judge(result: Any) -> Judgement:
    """The eager graph of a result, walked through once forward, for sizes, and once back."""
    if not isinstance(result, Value):
        return Judgement(Known(float(result), abs(float(result))), {})
    order = list(ordered(result))
    size: dict[Value, float] = {}
    for node in order:
        size[node] = _size(node, size)
    for node in order:
        if not node.op:
            node.zero_grad()
    result.backward()
    total = dict.fromkeys(order, 0.0)
    total[result] = 1.0
    for node in reversed(order):
        for parent, partial in zip(node.parents, _partials(node, size), strict=True):
            if partial:  # none flows along a dead edge, and 0·inf is a matter of the gradient itself
                total[parent] += total[node] * partial
    leaves = {node: Known(node.grad, total[node]) for node in order if not node.op}
    for node in leaves:
        node.zero_grad()
    return Judgement(Known(result.data, size[result]), leaves)


def ordered(root: Value) -> Iterator[Value]:
    """All nodes below the root, operands before results."""
    seen = {root}
    stack = [(root, iter(root.parents))]
    while stack:
        node, parents = stack[-1]
        for parent in parents:
            if parent not in seen:
                seen.add(parent)
                stack.append((parent, iter(parent.parents)))
                break
        else:
            stack.pop()
            yield node


def _size(node: Value, size: dict[Value, float]) -> float:
    """How large the terms are that the number is added up from, those of its operands carried through."""
    operands = [size[x] if isinstance(x, Value) else abs(x) for x in node.operands]
    if node.op in ("+", "-", "sum", "neg"):
        return math.fsum(operands) if all(map(math.isfinite, operands)) else math.inf
    if node.op in ("*", "prod"):
        return math.prod(operands)
    carried = 0.0
    for parent, partial in zip(node.parents, node.local_grads, strict=True):
        carried += abs(partial) * size[parent] if partial else 0.0
    return max(abs(node.data), carried)


def _partials(node: Value, size: dict[Value, float]) -> list[float]:
    """The absolute local derivatives; where an operand is a factor of one, all its terms are."""
    partials = [abs(partial) for partial in node.local_grads]
    if node.op == "*" and len(node.parents) == 2:
        x, y = node.parents
        return [size[y], size[x]]
    if node.op == "**" and len(node.parents) == 1 and isinstance(node.operands[1], float) and node.operands[1] > 1.0:
        n, x = node.operands[1], size[node.parents[0]]
        return [n * x ** (n - 1.0) if x < 1e100 else math.inf]
    if node.op == "/" and len(node.parents) == 2:
        return [partials[0], size[node.parents[0]] * partials[0] ** 2]
    return partials


def agrees(mine: float, known: Known, tolerance: float = TOLERANCE) -> bool:
    """Whether a number is the known one, up to rounding; where that is not finite, the same inf or nan."""
    true = known.number
    if math.isnan(true):
        return math.isnan(mine)
    if math.isinf(true):
        return mine == true
    return abs(mine - true) <= tolerance * known.scale + 1e-290 if known.scale < math.inf else math.isfinite(mine)


def check_value(mine: float, true: Judgement, what: str = "the value") -> None:
    """Fail unless the value is right."""
    number, scale = true.value
    assert agrees(mine, true.value), f"{what}: {mine!r}, eagerly {number!r} (of terms {scale:.3g})"


def check_gradients(mine: Sequence[float], leaves: Sequence[Value], true: Judgement, what: str = "gradient") -> None:
    """Fail unless every derivative by a leaf is right."""
    for place, (g, leaf) in enumerate(zip(mine, leaves, strict=True)):
        known = true.gradient(leaf)
        assert agrees(g, known), f"{what} {place}: {g!r}, eagerly {known.number!r} (of terms {known.scale:.3g})"


def as_values(x: Any) -> Any:
    """The inputs with a leaf in place of each number that is no whole one."""
    if isinstance(x, (list, tuple)):
        return [as_values(item) for item in x]
    return Value(x) if isinstance(x, float) else x


def flat(x: Any) -> list[Any]:
    """The numbers or Values in nested lists, in order."""
    return [leaf for item in x for leaf in flat(item)] if isinstance(x, (list, tuple)) else [x]


def changed(x: Any, factor: float, offset: float = 0.0) -> Any:
    """Nested lists with every number that is no whole one changed."""
    if isinstance(x, (list, tuple)):
        return [changed(item, factor, offset) for item in x]
    return x * factor + offset if isinstance(x, float) else x
