"""Random graphs (shared nodes, diamonds, constants, names reused by `+=`) against an oracle that uses no rule."""

from __future__ import annotations

import copy
import gc
import pickle
import sys
import weakref
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from random_graphs import (
    BOUND,
    EPS,
    OPERATIONS,
    Exact,
    Node,
    Program,
    Step,
    apply,
    library_of,
    mpf,
    programs,
    run,
    steps,
)

import autograd
from autograd import Value, no_grad

LIBRARY = library_of(autograd)


NUMBERS = st.floats(-BOUND, BOUND).filter(lambda x: x == 0 or abs(x) > 1e-6)


def read(v: Any) -> float:
    return v.data if isinstance(v, Value) else float(v)


def in_engine(program: Program) -> tuple[list[Node], list[Node]]:
    return run(program, Value, LIBRARY, read)


def bits(values: list[Value]) -> list[str]:
    return [f"{v.data.hex()} {v.grad.hex()} {v.computed}" for v in values]


def test_every_operation_of_the_generator_is_reached() -> None:
    """A program of one step an operation, at an ordinary point: none of them is replaced by the sine of last resort."""
    for name in OPERATIONS:
        leaves = [Node(Value(x), Exact()) for x in (0.7, 1.3, 0.4, 2.1)]
        assert apply(Step(name, (0, 1, 2, 3), False), leaves, LIBRARY, read).operation == name


@pytest.mark.no_cover
@settings(max_examples=150)
@given(programs())
def test_every_gradient_equals_the_sum_over_all_paths(program: Program) -> None:
    _, made = in_engine(program)
    root = made[-1]
    root.value.backward()
    for node in made:
        error = abs(node.value.grad - root.exact.derivative(node.exact))
        assert error <= root.exact.tolerance(node.exact)
        assert node.value.computed == root.exact.reaches(node.exact)


@settings(max_examples=60)
@given(programs(), st.floats(-4, 4))
def test_backward_is_linear_in_the_gradient_it_is_given(program: Program, gradient: float) -> None:
    leaves, made = in_engine(program)
    root = made[-1]
    root.value.backward(gradient)
    for leaf in leaves:
        expected = gradient * root.exact.derivative(leaf.exact)
        assert abs(leaf.value.grad - expected) <= abs(gradient) * root.exact.tolerance(leaf.exact) + 1e-200


@pytest.mark.no_cover
@settings(max_examples=200)
@given(programs())
def test_a_second_backward_doubles_the_leaves_exactly_and_makes_the_interior_anew(program: Program) -> None:
    leaves, made = in_engine(program)
    root = made[-1].value
    root.backward()
    once = [node.value.grad for node in made]
    root.backward()
    for node, first in zip(made, once, strict=True):
        assert node.value.grad == (2 * first if node in leaves else first)


@settings(max_examples=60)
@given(programs(), st.integers(0, 99))
def test_two_roots_that_share_nodes_add_up(program: Program, where: int) -> None:
    leaves, made = in_engine(program)
    first, second = made[where % len(made)], made[-1]
    first.value.backward()
    second.value.backward()
    for leaf in leaves:
        expected = first.exact.derivative(leaf.exact) + second.exact.derivative(leaf.exact)
        allowed = first.exact.tolerance(leaf.exact) + second.exact.tolerance(leaf.exact)
        assert abs(leaf.value.grad - expected) <= allowed + abs(expected) * EPS
    for node in made:
        if node not in leaves and second.exact.reaches(node.exact):
            assert abs(node.value.grad - second.exact.derivative(node.exact)) <= second.exact.tolerance(node.exact)


@settings(max_examples=60)
@given(programs(), st.floats(-10, 10))
def test_a_leaf_changed_before_backward_does_not_change_one_bit(program: Program, other: float) -> None:
    left, right = in_engine(program)[1], in_engine(program)[1]
    left[-1].value.backward()
    for node in right:
        node.value.data = other
    right[-1].value.backward()
    assert [n.value.grad.hex() for n in left] == [n.value.grad.hex() for n in right]


@settings(max_examples=60)
@given(programs())
def test_floats_and_values_compute_the_same_bits(program: Program) -> None:
    values = in_engine(program)[1]
    floats = run(program, float, LIBRARY, read)[1]
    assert all(type(node.value) is float for node in floats)
    assert [n.value.data.hex() for n in values] == [n.value.hex() for n in floats]


@settings(max_examples=60)
@given(programs())
def test_copies_and_pickles_differentiate_to_the_same_bits(program: Program) -> None:
    values = [node.value for node in in_engine(program)[1]]
    copies = copy.deepcopy(values)
    loaded = pickle.loads(pickle.dumps(values))
    for these in (values, copies, loaded):
        these[-1].backward()
    assert bits(values) == bits(copies) == bits(loaded)


@settings(max_examples=60)
@given(programs())
def test_the_node_says_what_it_was_made_of(program: Program) -> None:
    leaves, made = in_engine(program)
    for node in made:
        v = node.value
        if node in leaves:
            assert v.op == ""
            assert v.operands == v.parents == v.local_grads == ()
            continue
        assert v.op != ""
        assert v.parents == tuple(x for x in v.operands if isinstance(x, Value))
        assert len(v.local_grads) == len(v.parents) > 0
        assert v._row.function(*map(read, v.operands)) == v.data


@settings(max_examples=60)
@given(programs())
def test_shares_added_by_hand_in_reverse_order_are_the_backward_pass(program: Program) -> None:
    """As in the lecture: every node's `_backward()`, users before their operands."""
    _, made = in_engine(program)
    root = made[-1]
    order: list[Value] = []
    seen: set[Value] = set()

    def visit(v: Value) -> None:
        if v not in seen:
            seen.add(v)
            for p in v.parents:
                visit(p)
            order.append(v)

    visit(root.value)
    for v in order:
        v.grad = 0.0
    root.value.grad = 1.0
    for v in reversed(order):
        v._backward()
    for node in made:
        assert abs(node.value.grad - root.exact.derivative(node.exact)) <= root.exact.tolerance(node.exact)


@settings(max_examples=60)
@given(programs())
def test_a_graph_is_freed_at_once_without_the_collector(program: Program) -> None:
    gc.disable()
    try:
        made = in_engine(program)[1]
        made[-1].value.backward()
        alive = [weakref.ref(node.value) for node in made]
        del made
        assert [ref() for ref in alive if ref() is not None] == []
    finally:
        gc.enable()


class Growing(RuleBasedStateMachine):
    """Graphs that grow, are differentiated, freed, mutated, copied and stored, in any order, beside their oracle.

    The engine is believed about nothing but the number of a node, and that is checked when the node is made.
    """

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[Node] = []  # what the user still has a name for
        self.expected: dict[int, tuple[Any, float]] = {}  # id of an Exact -> the gradient, and the error allowed
        self.interior: set[int] = set()
        self.alive: list[Exact] = []  # keeps ids from being used again

    def add(self, node: Node, interior: bool) -> None:
        self.nodes.append(node)
        self.alive.append(node.exact)
        if interior:
            self.interior.add(id(node.exact))

    @initialize(x=st.sampled_from([0.0, 1.0, -2.0, 0.5]))
    def start(self, x: float) -> None:
        self.add(Node(Value(x), Exact()), interior=False)

    @rule(x=NUMBERS)
    def leaf(self, x: float) -> None:
        self.add(Node(Value(x), Exact()), interior=False)

    @precondition(lambda self: len(self.alive) < 80)
    @rule(several=st.lists(steps(), min_size=1, max_size=4))
    def grow(self, several: list[Step]) -> None:
        for step in several:
            node = apply(step, self.nodes, LIBRARY, read)
            node.operands = ()  # the engine's graph alone keeps alive what has lost its name
            first, count = step.operands[0], len(self.nodes)
            self.add(node, interior=True)
            if step.rebind and isinstance(first, int):  # the name now means the new node; the old may have users still
                self.nodes[first % count] = self.nodes.pop()

    @rule(k=st.integers(0, 99), gradient=st.sampled_from([1.0, 1.0, -2.0, 0.5, 0.0]))
    def backward(self, k: int, gradient: float) -> None:
        root = self.nodes[k % len(self.nodes)]
        root.value.backward(gradient)
        for exact in self.alive:
            if root.exact.reaches(exact):
                grad = gradient * root.exact.derivative(exact)
                error = abs(gradient) * root.exact.tolerance(exact)
                if id(exact) not in self.interior:
                    before, allowed = self.expected.get(id(exact), (mpf(0), 0.0))
                    error += allowed + EPS * float(abs(before) + abs(grad))
                    grad += before
                self.expected[id(exact)] = (grad, error)

    @rule(k=st.integers(0, 99), x=NUMBERS)
    def change_data(self, k: int, x: float) -> None:
        """What was recorded stays; what is made from now on sees the new number."""
        self.nodes[k % len(self.nodes)].value.data = x

    @rule(k=st.integers(0, 99), x=st.floats(-5, 5))
    def set_gradient(self, k: int, x: float) -> None:
        node = self.nodes[k % len(self.nodes)]
        node.value.grad = x
        self.expected[id(node.exact)] = (mpf(x), 0.0)

    @rule(k=st.integers(0, 99))
    def zero_gradient(self, k: int) -> None:
        node = self.nodes[k % len(self.nodes)]
        node.value.zero_grad()
        self.expected.pop(id(node.exact), None)

    @rule(k=st.integers(0, 99))
    def freeze(self, k: int) -> None:
        """Under no_grad, and detached: new leaves that know nothing of where they came from."""
        node = self.nodes[k % len(self.nodes)]
        with no_grad():
            frozen = node.value * 0.5
        assert frozen.data == read(node.value) * 0.5
        assert frozen.parents == ()
        cut = node.value.detach()
        assert cut is not node.value
        self.add(Node(cut, Exact()), interior=False)

    @precondition(lambda self: len(self.nodes) > 1)
    @rule(k=st.integers(0, 99))
    def free(self, k: int) -> None:
        """A name is dropped. Its node lives on only where another node was made of it."""
        del self.nodes[k % len(self.nodes)]

    @rule(store=st.sampled_from([copy.deepcopy, lambda values: pickle.loads(pickle.dumps(values))]))
    def go_on_with_a_copy(self, store: Any) -> None:
        """All names at once, so that what they share stays shared; nodes without a name go along."""
        for node, value in zip(self.nodes, store([node.value for node in self.nodes]), strict=True):
            assert value is not node.value
            node.value = value

    @invariant()
    def every_gradient_is_what_the_oracle_says(self) -> None:
        for node in self.nodes:
            expected, allowed = self.expected.get(id(node.exact), (mpf(0), 0.0))
            assert node.value.computed == (id(node.exact) in self.expected)
            assert abs(node.value.grad - expected) <= allowed

    def teardown(self) -> None:
        refs = [weakref.ref(node.value) for node in self.nodes]
        for node in self.nodes:
            node.value = None
        if sys.exc_info()[0] is None:  # a failure on its way keeps alive what it speaks of
            assert [ref() for ref in refs if ref() is not None] == []


Growing.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
TestGrowing = pytest.mark.no_cover(pytest.mark.filterwarnings("error")(Growing.TestCase))
