"""The graph behind a Value: its topological order, and the only place where the chain rule is applied."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

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
        if root._row is None:
            root._grad = (root._grad or 0.0) + gradient
            return
        order = _reset_and_order(root)
        root._grad = gradient
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


def _reset_and_order(root: Value) -> list[Value]:
    """The interior nodes that live edges lead to, operands before results, their gradients set to 0.

    A zero made for this pass is at once the fresh gradient and the mark "visited".
    """
    zero = float("0")
    order: list[Value] = []
    dead: list[Value] = []
    stack: list[Value | None] = [root]
    push, pop, done = stack.append, stack.pop, order.append
    while stack:
        node = pop()
        if node is None:  # all operands of the node below it are in the order
            done(pop())  # type: ignore[arg-type]
            continue
        if node._grad is zero:
            continue
        if node._row is None:
            if node._grad is None:
                node._grad = 0.0
            continue
        node._grad = zero
        push(node)
        push(None)
        x = node._x
        if x is not None:
            if x._grad is not zero:
                push(x)
            y = node._y
            if y is not None and y._grad is not zero:
                push(y)
        elif node._wide is not None:
            for parent, partial in zip(*node._wide, strict=True):
                if partial is None:
                    dead.append(parent)
                elif parent._row is not None:
                    push(parent)
                elif parent._grad is None:
                    parent._grad = 0.0
        else:
            dead.extend(node.parents)
    while dead:  # what only dead edges lead to has a gradient, and it is 0
        node = dead.pop()
        if node._row is None:
            node._grad = 0.0 if node._grad is None else node._grad
        elif node._grad is not zero:
            node._grad = zero
            dead.extend(node.parents)
    return order


def topological_order(*roots: Value) -> list[Value]:
    """Every node the roots depend on and the roots themselves, leaves included, operands before results.

    >>> from autograd import Value
    >>> a = Value(2.0)
    >>> b = a * 3
    >>> [node.op for node in topological_order(a + b)]
    ['', '*', '+']
    """
    order: list[Value] = []
    visited: set[int] = set()
    stack: list[tuple[Value, bool]] = [(root, False) for root in reversed(roots)]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            order.append(node)
        elif id(node) not in visited:
            visited.add(id(node))
            stack.append((node, True))
            stack.extend((parent, False) for parent in reversed(node.parents))
    return order
