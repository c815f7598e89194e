"""The graph behind a Value: its topological order, and the only place where the chain rule is applied."""

from __future__ import annotations

import threading
from collections.abc import Container
from typing import TYPE_CHECKING, Any

from autograd import modes

if TYPE_CHECKING:
    from autograd.value import Value

_one_pass_at_a_time = threading.RLock()  # two threads may share parameters; `+=` on a gradient is not atomic


def backward(root: Value, gradient: float) -> None:
    """Add gradient · ∂root/∂leaf to the gradient of every leaf; gradients of interior nodes are made anew.

    Along every edge flows  upstream gradient × local derivative,  and where paths meet their shares add up. An operand
    that was not chosen (`where`, `relu`, …) is a dead edge: nothing flows, so nothing of it counts, not even 0·inf.
    """
    with _one_pass_at_a_time:
        order, leaves = _reset_and_order(root)
        root._grad = gradient
        try:
            _apply_chain_rule(order)
        except BaseException:
            for leaf, before in leaves:
                leaf._grad = before
            raise
        left = []
        for leaf, before in leaves:
            if before is not None:
                leaf._grad = before + leaf._grad
                if before:
                    left.append((leaf, before))
        if left and root._row is not None:  # for `had_before`; the seed, a new object, shows whether it is out of date
            root._grad = gradient * 1.0
            root.__dict__["_left"] = root._grad, left


def _apply_chain_rule(order: list[Value]) -> None:
    if modes.unusual and modes.is_detecting():
        from autograd.anomaly import watched_pass

        return watched_pass(order)
    for node in reversed(order):
        x = node._x
        if x is not None:
            g = node._grad
            x._grad += g * node._dx
            y = node._y
            if y is not None:
                y._grad += g * node._dy
        elif node._wide is not None:
            if not node._row.rules:  # a node made by hand passes back what its maker wrote
                node._backward()
                continue
            g = node._grad
            for parent, partial in zip(*node._wide, strict=True):
                if partial is not None:
                    parent._grad += g * partial


def _reset_and_order(root: Value) -> tuple[list[Value], list[tuple[Value, float | None]]]:
    """The interior nodes that live edges lead to, operands before results, and the leaves with the gradients they had.

    All gradients are set to 0. A zero made for this pass is at once the fresh gradient and the mark "visited".
    """
    zero = float("0")
    order: list[Value] = []
    leaves: list[tuple[Value, float | None]] = []
    dead: list[Value] = []
    stack: list[Value | None] = []
    push, pop, done = stack.append, stack.pop, order.append
    node: Any = root
    while True:
        if node._grad is not zero:
            x, before = node._x, node._grad
            node._grad = zero
            if x is not None:
                y = node._y
                follow_y = y is not None and y._grad is not zero
                follow_x = x._grad is not zero
                if follow_x or follow_y:
                    push(node)
                    push(None)  # what is on the stack above comes before the node in the order
                    if not follow_y:
                        node = x
                    else:
                        if follow_x:
                            push(x)
                        node = y
                    continue
                done(node)
            elif node._row is None:
                leaves.append((node, before))
            elif node._wide is None:
                dead.extend(node.parents)
            else:
                push(node)
                push(None)
                for parent, partial in zip(*node._wide, strict=True):
                    if partial is None:
                        dead.append(parent)
                    elif parent._grad is not zero:
                        push(parent)
        node = None
        while stack and node is None:
            node = pop()
            if node is None:
                done(pop())  # type: ignore[arg-type]
        if node is None:
            break
    while dead:  # what only dead edges lead to has a gradient, and it is 0
        node = dead.pop()
        if node._grad is not zero:
            if node._row is None:
                leaves.append((node, node._grad))
            node._grad = zero
            dead.extend(node.parents)
    return order, leaves


def had_before(root: Value) -> list[tuple[Value, float]] | None:
    """The leaves that had a gradient before the pass from `root`, with it; None if another pass has reached it since.

    A pass that comes by leaves at `root` the result of an addition, which is an object of its own.
    """
    from autograd.value import Value

    seed, left = root.__dict__.get("_left", (None, []))
    if seed is not None and root._grad is seed:
        return left  # type: ignore[no-any-return]
    return [] if root._grad is (Value.backward.__defaults__ or (1.0,))[0] else None


def topological_order(*roots: Value, ends: Container[int] = frozenset()) -> list[Value]:
    """Every node the roots depend on and the roots themselves, leaves included, operands before results.

    The graph is not followed beyond the nodes whose ids are in `ends`.

    >>> from autograd import Value
    >>> a = Value(2.0)
    >>> b = a * 3
    >>> [node.op for node in topological_order(a + b)]
    ['', '*', '+']
    """
    order: list[Value] = []
    visited: set[int] = set()
    stack: list[Value | None] = [*reversed(roots)]
    while stack:
        node = stack.pop()
        if node is None:  # all operands of the node below it are in the order
            order.append(stack.pop())  # type: ignore[arg-type]
        elif id(node) not in visited:
            visited.add(id(node))
            if node._row is None or id(node) in ends:
                order.append(node)
            elif node._x is None:
                stack += [node, None, *reversed(node.parents if node._wide is None else node._wide.parents)]
            elif node._y is None:
                stack += [node, None, node._x]
            else:
                stack += [node, None, node._y, node._x]
    return order
