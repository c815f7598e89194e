"""Copies and pickles: sharing, numbers, operations, labels and gradients are kept at any depth."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import autograd
from autograd import Value, no_grad

PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)
DEPTHS = [15_000, pytest.param(100_000, marks=pytest.mark.oracle)]


def stored(x: Any) -> Any:
    return pickle.loads(pickle.dumps(x))


def everything(v: Value) -> tuple[Any, ...]:
    return v.data.hex(), v.grad.hex(), v.computed, v.op, v.label, v.local_grads, len(v.parents)


def small_graph() -> tuple[Value, Value, Value]:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    d = autograd.tanh(a * b + 2 * a**2 - autograd.where(a > 0, b, 1.0))
    d.label = "d"
    return a, b, d


def deep_graph(depth: int) -> tuple[Value, Value]:
    """Every second node has two edges to the one before: walked without remembering, it would never end."""
    x = Value(1.0, label="x")
    y = x
    for k in range(depth // 2):
        y = y + y
        y = y * 0.5 if k % 7 else autograd.dot([y, x], [0.5, 0.0])
    y.label = "y"
    return x, y


def all_nodes(root: Value) -> list[Value]:
    order: list[Value] = []
    seen = {id(root)}
    todo = [root]
    while todo:
        v = todo.pop()
        order.append(v)
        for p in v.parents:
            if id(p) not in seen:
                seen.add(id(p))
                todo.append(p)
    return order


@pytest.fixture(params=["deepcopy", *(f"pickle protocol {p}" for p in PROTOCOLS)])
def again(request: pytest.FixtureRequest) -> Any:
    """A way to make a second one of what it is given."""
    if request.param == "deepcopy":
        return copy.deepcopy
    protocol = int(request.param.split()[-1])
    return lambda x: pickle.loads(pickle.dumps(x, protocol))


def test_a_small_graph_is_kept_whole(again: Any) -> None:
    d = small_graph()[2]
    e = again(d)
    assert e is not d
    assert [everything(v) for v in all_nodes(e)] == [everything(v) for v in all_nodes(d)]
    assert not {id(v) for v in all_nodes(d)} & {id(v) for v in all_nodes(e)}


def test_gradients_and_whether_they_are_computed_are_kept(again: Any) -> None:
    a, b, d = small_graph()
    side = a * 5
    d.backward()
    a2, b2, d2, side2 = again([a, b, d, side])
    assert [everything(v) for v in (a2, b2, d2, side2)] == [everything(v) for v in (a, b, d, side)]
    assert (d2.computed, side2.computed) == (True, False)


def test_the_two_graphs_are_separate_from_then_on(again: Any) -> None:
    a, b, d = small_graph()
    a2, _, d2 = again([a, b, d])
    d2.backward()
    a2.data = 100.0
    assert (a.grad, a.computed, a.data, d.computed) == (0.0, False, 2.0, False)
    d.backward()
    assert a.grad == a2.grad


def test_the_operands_are_kept_with_their_constants(again: Any) -> None:
    a = Value(2.0)
    for y in (3 - a, a**3, autograd.clip(a, 0, 5), autograd.where(a > 0, a, 7.0), autograd.sum([1, a, 2.5])):
        z = again(y)
        assert [x for x in z.operands if not isinstance(x, Value)] == [
            x for x in y.operands if not isinstance(x, Value)
        ]
        assert (z.op, z._op, z._row) == (y.op, y._op, y._row)
        assert z._row.function(*(x.data if isinstance(x, Value) else x for x in z.operands)) == z.data


@pytest.mark.parametrize("order", ["leaf first", "root first"])
def test_a_leaf_and_its_root_keep_their_link(again: Any, order: str) -> None:
    a, _, d = small_graph()
    a2, d2 = again([a, d]) if order == "leaf first" else again([d, a])[::-1]
    assert any(v is a2 for v in all_nodes(d2))
    d2.backward()
    assert a2.computed


def test_two_roots_that_share_nodes_share_them_after_loading(again: Any) -> None:
    x = Value(3.0)
    shared = x * x
    found = again({"roots": (shared * 2, shared + 1), "inner": [x, shared]})
    first, second = found["roots"]
    x2, shared2 = found["inner"]
    assert first.parents[0] is second.parents[0] is shared2
    assert shared2.parents == (x2, x2)
    first.backward()
    second.backward()
    assert x2.grad == 12.0 + 6.0


def test_sharing_inside_one_node_is_kept(again: Any) -> None:
    x = Value(3.0)
    y = again(x * x)
    assert y.parents[0] is y.parents[1]
    y.backward()
    assert y.parents[0].grad == 6.0


def test_the_same_value_twice_in_a_list_stays_one(again: Any) -> None:
    x = Value(3.0)
    p, q = again([x, x])
    assert p is q


def test_attributes_of_the_users_own_go_along(again: Any) -> None:
    x = Value(3.0)
    y = x * 2
    x.colour = ["red"]  # type: ignore[attr-defined]
    y.of = x  # type: ignore[attr-defined]
    z = again(y)
    assert z.of is z.parents[0]
    assert z.of.colour == ["red"]
    z.of.colour.append("blue")
    assert x.colour == ["red"]  # type: ignore[attr-defined]


def test_an_attribute_may_point_back_at_a_user_of_the_node(again: Any) -> None:
    x = Value(3.0)
    y = x * 2
    x.used_by = y  # type: ignore[attr-defined]
    z = again(y)
    assert z.parents[0].used_by is z


def test_odd_numbers_are_kept_to_the_bit(again: Any) -> None:
    values = [Value(x) for x in (float("inf"), float("-inf"), float("nan"), -0.0, 5e-324, 0.1)]
    for v in values:
        v.grad = v.data
    assert [everything(v) for v in again(values)] == [everything(v) for v in values]


def test_what_was_computed_under_no_grad_remembers_that(again: Any) -> None:
    with no_grad():
        y = Value(3.0) * 2
    with pytest.raises(RuntimeError, match="no_grad"):
        again(y).backward()


def test_new_nodes_may_be_made_of_loaded_ones(again: Any) -> None:
    x = again(Value(3.0, label="x"))
    (x * x).backward()
    assert (x.grad, x.label) == (6.0, "x")


@pytest.mark.no_cover
@pytest.mark.parametrize("depth", DEPTHS)
def test_deepcopy_of_many_operations_keeps_all_sharing(depth: int) -> None:
    x, y = deep_graph(depth)
    x2, y2 = copy.deepcopy([x, y])
    assert len(all_nodes(y2)) == len(all_nodes(y)) == depth + 1
    y2.backward()
    assert (x.computed, y.computed) == (False, False)
    y.backward()
    assert (x2.grad, x2.label, y2.data, y2.label) == (x.grad, "x", 1.0, "y")


@pytest.mark.no_cover
@pytest.mark.parametrize("depth", DEPTHS)
def test_a_pickle_of_many_operations_keeps_values_operations_labels_and_gradients(depth: int) -> None:
    x, y = deep_graph(depth)
    y.backward()
    x2, y2 = stored([x, y])
    mine, theirs = all_nodes(y), all_nodes(y2)
    assert len(mine) == depth + 1
    assert [everything(v) for v in mine] == [everything(v) for v in theirs]
    assert [v for v in theirs if not v.parents] == [x2]
    y.backward()
    y2.backward()
    assert x2.grad == x.grad


def test_two_deep_roots_that_share_keep_what_they_share() -> None:
    _, y = deep_graph(20_000)
    left, right = stored((y * 2, y * 3))
    assert left.parents[0] is right.parents[0]


def test_a_pickle_is_about_as_long_as_the_graph() -> None:
    """Not quadratic, and not one text an attribute: below 100 bytes a node."""
    _, y = deep_graph(10_000)
    assert len(pickle.dumps(y)) < 100 * 10_000


def test_all_nodes_of_a_chain_in_the_order_made_cost_no_more_than_the_chain() -> None:
    """As one keeps the states of a recurrent network: each is an ancestor of the next, and none is written twice."""
    states = [Value(1.0)]
    for _ in range(600):
        states.append(states[-1] * 0.5)
    assert len(pickle.dumps(states)) < 100 * len(states)


@pytest.mark.parametrize("again", ["copy.deepcopy(states)", "pickle.loads(pickle.dumps(states))"])
def test_five_thousand_states_in_the_order_made_take_a_moment(again: str) -> None:
    """A walk over all ancestors for every one of them would take minutes."""
    program = f"""
import copy, pickle
from autograd import Value
states = [Value(1.0)]
for _ in range(5_000):
    states.append(states[-1] * 0.5)
twins = {again}
assert all(b.parents == (a,) for a, b in zip(twins, twins[1:]))
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=20, cwd=Path(autograd.__file__).parents[1])


def test_another_process_loads_it(tmp_path: Path) -> None:
    x, y = deep_graph(20_000)
    (tmp_path / "graph").write_bytes(pickle.dumps([x, y]))
    program = f"""
import pickle
x, y = pickle.load(open({str(tmp_path / "graph")!r}, "rb"))
y.backward()
print(x.grad.hex(), y.op, y.label)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(autograd.__file__).parents[1],
    )
    y.backward()
    assert done.stdout.split() == [x.grad.hex(), y.op, "y"]


def test_a_graph_is_copied_in_the_middle_of_other_objects() -> None:
    """As a model's parameters are: in objects, lists and dicts, each pickled by Python's own rules."""
    a, _, d = small_graph()
    box = {"weights": [a], "history": [d, d], "self": None}
    box["self"] = box  # type: ignore[assignment]
    for other in (copy.deepcopy(box), stored(box)):
        assert other["self"] is other
        assert other["history"][0] is other["history"][1]
        assert any(v is other["weights"][0] for v in all_nodes(other["history"][0]))


# --- copy.copy: another node, the same operands


def test_a_shallow_copy_of_a_leaf_is_a_leaf_of_its_own() -> None:
    a = Value(2.0, label="a")
    a.grad = 5.0
    b = copy.copy(a)
    assert b is not a
    assert everything(b) == everything(a)
    b.data, b.grad, b.label = 7.0, 0.0, "b"
    assert (a.data, a.grad, a.label) == (2.0, 5.0, "a")
    (a * b).backward()
    assert (a.grad, b.grad) == (12.0, 2.0)


def test_a_shallow_copy_of_a_node_was_made_of_the_same_nodes() -> None:
    a, _, d = small_graph()
    e = copy.copy(d)
    assert e is not d
    assert all(p is q for p, q in zip(e.parents, d.parents, strict=True))
    assert everything(e) == everything(d)
    e.backward()
    assert a.computed
    assert not d.computed


def test_a_shallow_copy_shares_the_users_attributes_but_not_their_names() -> None:
    a = Value(2.0)
    a.notes = ["one"]  # type: ignore[attr-defined]
    b = copy.copy(a)
    assert b.notes is a.notes  # type: ignore[attr-defined]
    b.other = 1  # type: ignore[attr-defined]
    assert not hasattr(a, "other")
