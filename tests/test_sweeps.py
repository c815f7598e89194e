"""The tape: what is on it, in what order, and that sweeps over it are `backward()` to the bit."""

from __future__ import annotations

import math
from typing import Any

import pytest
import random_graphs
from hypothesis import given, settings
from test_transforms import function

import autograd
from autograd import Value, exp, grad, gradients, hessian, hvp, jacobian, jvp, maximum, relu, sin, vjp, where
from autograd.errors import NoRuleError, StaleGraphError
from autograd.graph import _reset_and_order
from autograd.sweeps import live_edges, pull_back, push_forward, tape


def same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


@settings(max_examples=150)
@given(random_graphs.programs(longest=20))
def test_gradients_are_those_of_backward_to_the_bit(program: random_graphs.Program) -> None:
    f, leaves = function(program), [Value(x) for x in program.leaves]
    root = f(*leaves)
    if isinstance(root, Value):
        root.backward()
    mine = grad(f, range(len(leaves)))(*program.leaves)
    assert all(same(g, leaf.grad) for g, leaf in zip(mine, leaves, strict=True))


@settings(max_examples=100)
@given(random_graphs.programs(longest=20))
def test_the_order_is_that_of_backward(program: random_graphs.Program) -> None:
    root = function(program)(*map(Value, program.leaves))
    if isinstance(root, Value):
        order, _ = _reset_and_order(root)
        assert [node for node in tape([root]).nodes if node._row is not None and live_edges(node)] == order


@settings(max_examples=60)
@given(random_graphs.programs(longest=12))
def test_operands_come_before_results_and_every_edge_is_there_once(program: random_graphs.Program) -> None:
    leaves = [Value(x) for x in program.leaves]
    root = function(program)(*leaves)
    for exact in (False, True):
        way = tape([root], leaves, exact)
        assert way.nodes[: len(leaves)] == leaves
        assert [way.place(node) for node in way.nodes] == list(range(len(way.nodes)))
        assert all(parent < node for node, parent, _ in way.edges)
        edges = [(way.nodes[node], way.nodes[parent]) for node, parent, _ in way.edges]
        for node in way.nodes[len(leaves) :]:
            there = [parent for parent, _ in live_edges(node) if way.place(parent) is not None]
            assert [parent for child, parent in reversed(edges) if child is node] == there


def test_only_what_depends_on_the_variables_is_on_the_tape() -> None:
    x, w = Value(2.0), Value(3.0)
    constant = w * w
    h = x * constant
    way = tape([h + 1.0, constant], [x])
    assert way.nodes[:2] == [x, h]
    assert way.place(constant) is None
    assert way.place(w) is None
    assert way.place(3.0) is None
    assert len(way.nodes) == 3
    assert tape([constant], [x]).nodes == [x]
    assert tape([], [x]).nodes == [x]


def test_a_variable_that_depends_on_another() -> None:
    x = Value(2.0)
    h = x * x
    y = h * x
    beside, through = tape([y], [x, h]), tape([y], [x, h], through=True)
    assert beside.edges == [(2, 0, 4.0), (2, 1, 2.0)]
    assert through.edges == [(1, 0, 2.0), (1, 0, 2.0), (2, 0, 4.0), (2, 1, 2.0)]
    unused = Value(1.0)
    assert tape([y], [h, unused, x], through=True).nodes == [unused, x, h, y]
    assert tape([y], [h, unused, x]).nodes == [h, unused, x, y]


def test_what_only_dead_edges_lead_to_is_not_on_the_tape() -> None:
    x = Value(-1.0)
    dead = relu(x * 2.0)
    for exact in (False, True):
        way = tape([dead + x], [x], exact)
        assert way.place(dead) is None
        assert len(way.edges) == 1 + exact  # what is behind the dead edge may be stale: exact partials look at it


def test_a_deep_chain_and_many_operands() -> None:
    x = Value(0.5)
    y = x
    for _ in range(20_000):
        y = y + x
    way = tape([y], [x])
    assert pull_back(way.edges, [None] * (len(way.nodes) - 1) + [1.0])[0] == 20_001.0
    total = autograd.sum([x] * 3_000 + [sin(x) for _ in range(3_000)])
    assert len(tape([total], [x]).edges) == 9_000
    assert len(tape([total], [x], exact=True).edges) == 9_000


def test_forward_and_reverse_sweeps_give_the_same_sum() -> None:
    x = Value(0.3)
    y = sin(x) * exp(x) + relu(x) / x
    way = tape([y], [x])
    reverse = pull_back(way.edges, [None] * (len(way.nodes) - 1) + [1.0])[0]
    forward = push_forward(way.edges, [1.0] + [None] * (len(way.nodes) - 1))[-1]
    assert reverse == pytest.approx(forward, rel=1e-15)


# Values made by hand --------------------------------------------------------------------------------------------------


def square(x: Any) -> Any:
    """x², made by hand in micrograd's way: only its `_backward` knows the derivative."""
    out = Value(x.data**2, (x,), "square")

    def _backward() -> None:
        x.grad += 2 * x.data * out.grad

    out._backward = _backward  # type: ignore[method-assign]
    return out


@pytest.mark.parametrize(
    "derivative",
    [
        lambda f: grad(f)(3.0),
        lambda f: jvp(f, 3.0, 1.0),
        lambda f: vjp(f, 3.0)[1](1.0),
        lambda f: jacobian(f)(3.0),
        lambda f: hessian(f)(3.0),
        lambda f: hvp(f, 3.0, 1.0),
        lambda f: gradients(f(x := Value(3.0)), x),
    ],
    ids="grad jvp vjp jacobian hessian hvp gradients".split(),
)
def test_no_derivative_goes_silently_past_a_value_made_by_hand(derivative: Any) -> None:
    with pytest.raises(NoRuleError, match="made by hand"):
        derivative(lambda x: square(x) + x)
    derivative(lambda x: square(Value(2.0)) + x * x)  # beside the way there may be some


def test_a_circle_made_by_hand_comes_to_an_end() -> None:
    node = Value(1.0, (Value(1.0),), "loop")
    node._operands = (node,)
    node._wide = type(node._wide)((node,), (0.0,))  # type: ignore[misc]
    assert tape([node]).nodes == [node]


# Stale graphs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "use", [lambda h: relu(h), lambda h: maximum(h, 0.0), lambda h: where(h > 0, h, 0.0), lambda h: where(h, 1.0, 2.0)]
)
def test_a_leaf_behind_a_dead_edge_is_not_changed_unseen(use: Any) -> None:
    """The branch was not chosen, but from the new number it would be: a slope of 0 would be wrong."""
    x = Value(-1.0, label="x")
    y = use(x * 3.0) * 2.0
    assert gradients(y, [x])[0].data == 0.0
    x.data = 1.0
    with pytest.raises(StaleGraphError, match="'x'"):
        gradients(y, [x])


@pytest.mark.parametrize(
    ("use", "before", "after"),
    [
        (lambda x, w: x * w, 2.0, 3.0),
        (lambda x, w: w * x, 2.0, 3.0),
        (lambda x, w: w / x, 2.0, 3.0),
        (lambda x, w: autograd.prod([w, x, 3.0]), 2.0, 3.0),
        (lambda x, w: autograd.dot([x, 1.0], [w, w]), 2.0, 3.0),
        (lambda x, w: autograd.abs(x) + w, -2.0, 2.0),
        (lambda x, w: x**2 + w, -2.0, 2.0),
        (lambda x, w: maximum(x, w), 0.0, -1.0),
    ],
)
def test_a_change_that_only_the_slopes_show(use: Any, before: float, after: float) -> None:
    """The value is what it was, for w is 0 or the function even; the derivatives are not."""
    x, w = Value(before, label="x"), Value(0.0, label="w")
    y = use(x, w) * 2.0
    x.data = after
    with pytest.raises(StaleGraphError, match="'x'"):
        gradients(y, [x, w])
