"""The node, sentence by sentence: what a Value holds, what its operators record, what may be written on it and read."""

from __future__ import annotations

import math
import operator
import weakref
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, equal, where
from autograd.ops import TABLE

INF, NAN = math.inf, math.nan


def state(v: Value) -> tuple[Any, ...]:
    """Everything that can be read of a node, so that a test can say: nothing has changed."""
    return v.data.hex(), v.grad.hex(), v.computed, v.op, v.parents, v.operands, v.local_grads, v.label


# --- making one


def test_a_leaf_has_data_a_label_and_nothing_else() -> None:
    a = Value(2.0, label="a")
    assert state(a) == ((2.0).hex(), (0.0).hex(), False, "", (), (), (), "a")


def test_a_leaf_has_no_label_unless_given() -> None:
    assert Value(2.0).label == ""


def test_the_label_may_be_given_by_position() -> None:
    """`Value(data, label="")`: a string in second place is the label, a tuple is micrograd's children."""
    assert Value(2.0, "a").label == "a"


def test_a_label_can_be_set_later() -> None:
    a = Value(2.0)
    a.label = "weight"
    assert a.label == "weight"
    b = a * 3
    b.label = "b"
    assert b.label == "b"
    assert a.label == "weight"


@pytest.mark.parametrize(
    ("given", "held"),
    [
        (3, 3.0),
        (True, 1.0),
        (-0.0, -0.0),
        (INF, INF),
        (10**300, 1e300),
        (np.float64(0.1), 0.1),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7.0),
        (np.uint8(7), 7.0),
        (np.bool_(True), 1.0),
        (Fraction(1, 4), 0.25),
        (Decimal("0.5"), 0.5),
    ],
    ids=repr,
)
def test_data_is_a_python_float_whatever_number_is_given(given: Any, held: float) -> None:
    v = Value(given)
    assert type(v.data) is float
    assert v.data.hex() == held.hex()
    v = Value(0.0)
    v.data = given
    assert type(v.data) is float
    assert v.data.hex() == held.hex()
    v.grad = given
    assert type(v.grad) is float
    assert v.grad.hex() == held.hex()


def test_nan_is_a_number_that_can_be_held() -> None:
    assert math.isnan(Value(NAN).data)


def test_a_value_of_a_value_is_an_identity_node_linked_to_it() -> None:
    a = Value(3.0)
    b = Value(a)
    assert b is not a
    assert b.data == 3.0
    assert b.op == "identity"
    assert b.operands == b.parents == (a,)
    assert b.local_grads == (1.0,)
    (b * 5).backward()
    assert (a.grad, b.grad) == (5.0, 5.0)


def test_an_identity_node_takes_a_label_of_its_own() -> None:
    a = Value(3.0, label="a")
    b = Value(a, label="b")
    assert (a.label, b.label) == ("a", "b")


@pytest.mark.parametrize(
    "result",
    [
        lambda a: a + 1,
        lambda a: a + np.float64(1),
        lambda a: 3 * a,
        lambda a: np.float32(3) * a,
        lambda a: a**2,
        lambda a: a ** np.int64(2),
        lambda a: a**-1,
        lambda a: -a,
        lambda a: abs(a),
        lambda a: a.relu(),
        lambda a: a.exp(),
        lambda a: a / 7,
        lambda a: 7 / a,
        lambda a: 2**a,
        lambda a: autograd.sum([a, 1, True, np.int64(3)]),
        lambda a: autograd.max([a, 5]),
        lambda a: autograd.clip(a, 0, 1),
        lambda a: autograd.where(True, a, 0),
        lambda a: autograd.maximum(a, 7),
        lambda a: autograd.dot([a, 1], [2, 3], 1),
    ],
)
def test_results_hold_python_floats_too(result: Callable[[Value], Value]) -> None:
    a = Value(4)
    out = result(a)
    assert isinstance(out, Value)
    assert type(out.data) is float
    assert [type(g) for g in out.local_grads] == [float]
    out.backward()
    assert type(a.grad) is float
    assert type(out.grad) is float


# --- gradients that are not computed yet


def test_a_gradient_reads_zero_until_it_is_computed_and_the_node_knows() -> None:
    a = Value(2.0)
    b = a * 0
    assert (a.grad, a.computed, b.grad, b.computed) == (0.0, False, 0.0, False)
    b.backward()
    assert (a.grad, a.computed, b.grad, b.computed) == (0.0, True, 1.0, True)


def test_repr_says_not_computed_until_it_is() -> None:
    a = Value(2.5)
    L = a * 3
    assert repr(a) == "Value(data=2.5, grad=not computed)"
    assert "not computed" in repr(L)
    L.backward()
    assert "not computed" not in repr(a) + repr(L)
    assert repr(a) == "Value(data=2.5, grad=3.0)"
    assert repr(L) == "Value(data=7.5, grad=1.0)"


def test_a_computed_gradient_of_zero_is_shown_as_zero() -> None:
    a = Value(2.5)
    (a * 0).backward()
    assert repr(a) == "Value(data=2.5, grad=0.0)"


def test_repr_shows_the_label() -> None:
    assert "weight" in repr(Value(1.0, label="weight"))


def test_repr_of_a_deep_graph_is_one_short_line() -> None:
    x = Value(1.0)
    for _ in range(5000):
        x = x + 1
    assert len(repr(x)) < 100
    assert str(x) == repr(x)


def test_zero_grad_makes_a_gradient_not_computed_again() -> None:
    a = Value(2.0)
    (a * 3).backward()
    a.zero_grad()
    assert (a.grad, a.computed) == (0.0, False)
    assert "not computed" in repr(a)
    (a * 3).backward()
    assert a.grad == 3.0


def test_a_gradient_can_be_set_by_hand_and_counts_as_computed() -> None:
    a = Value(2.0)
    a.grad = 0
    assert (a.grad, a.computed) == (0.0, True)
    a.grad += 2.5
    assert a.grad == 2.5
    (a * 3).backward()
    assert a.grad == 5.5


# --- what an operation records


@pytest.mark.parametrize(
    ("made", "op", "data", "grads"),
    [
        (lambda a, b: a + b, "+", 8.0, (1.0, 1.0)),
        (lambda a, b: a - b, "-", 4.0, (1.0, -1.0)),
        (lambda a, b: a * b, "*", 12.0, (2.0, 6.0)),
        (lambda a, b: a / b, "/", 3.0, (0.5, -1.5)),
        (lambda a, b: a**b, "**", 36.0, (12.0, 36.0 * math.log(6.0))),
        (lambda a, b: autograd.maximum(a, b), "maximum", 6.0, (1.0, 0.0)),
        (lambda a, b: autograd.minimum(a, b), "minimum", 2.0, (0.0, 1.0)),
        (lambda a, b: where(True, a, b), "where", 6.0, (1.0, 0.0)),
        (lambda a, b: autograd.sum([a, b]), "sum", 8.0, (1.0, 1.0)),
        (lambda a, b: autograd.prod([a, b]), "prod", 12.0, (2.0, 6.0)),
    ],
    ids="+ - * / ** maximum minimum where sum prod".split(),
)
def test_two_values_make_one_node(made: Callable[[Value, Value], Value], op: str, data: float, grads: Any) -> None:
    a, b = Value(6.0), Value(2.0)
    c = made(a, b)
    assert (c.op, c.data, c.parents) == (op, data, (a, b))
    assert c.local_grads == pytest.approx(grads, rel=1e-15)
    c.backward()
    assert (a.grad, b.grad) == c.local_grads


@pytest.mark.parametrize(
    ("made", "op", "operands", "data", "grad"),
    [
        (lambda a: a + 3, "+", ("a", 3), 7.0, 1.0),
        (lambda a: 3 + a, "+", (3, "a"), 7.0, 1.0),
        (lambda a: a - 3, "-", ("a", 3), 1.0, 1.0),
        (lambda a: 3 - a, "-", (3, "a"), -1.0, -1.0),
        (lambda a: a * 3, "*", ("a", 3), 12.0, 3.0),
        (lambda a: 3 * a, "*", (3, "a"), 12.0, 3.0),
        (lambda a: a / 8, "/", ("a", 8), 0.5, 0.125),
        (lambda a: 8 / a, "/", (8, "a"), 2.0, -0.5),
        (lambda a: a**3, "**", ("a", 3), 64.0, 48.0),
        (lambda a: 2**a, "**", (2, "a"), 16.0, 16.0 * math.log(2.0)),
        (lambda a: -a, "neg", ("a",), -4.0, -1.0),
        (lambda a: abs(a), "abs", ("a",), 4.0, 1.0),
        (lambda a: a.sqrt(), "sqrt", ("a",), 2.0, 0.25),
        (lambda a: autograd.exp(a), "exp", ("a",), math.exp(4.0), math.exp(4.0)),
        (lambda a: autograd.clip(a, 0, 5), "clip", ("a", 0, 5), 4.0, 1.0),
        (lambda a: autograd.leaky_relu(a, 0.2), "leaky_relu", ("a", 0.2), 4.0, 1.0),
        (lambda a: autograd.maximum(1, a), "maximum", (1, "a"), 4.0, 1.0),
        (lambda a: autograd.sum([1, a, 2]), "sum", (1, "a", 2), 7.0, 1.0),
    ],
)
def test_plain_numbers_are_constants_not_nodes_and_operands_keep_their_order(
    made: Callable[[Value], Value], op: str, operands: Any, data: float, grad: float
) -> None:
    a = Value(4.0)
    c = made(a)
    assert c.op == op
    assert [a if x == "a" else x for x in operands] == [x if isinstance(x, Value) else float(x) for x in c.operands]
    assert all(x is a for x in c.operands if isinstance(x, Value))
    assert c.parents == (a,)
    assert c.data == pytest.approx(data, rel=1e-15)
    assert c.local_grads == (pytest.approx(grad, rel=1e-15),)
    c.backward()
    assert a.grad == c.local_grads[0]


def test_x_times_x_has_two_parents_and_two_local_derivatives() -> None:
    x = Value(3.0)
    y = x * x
    assert y.parents == y.operands == (x, x)
    assert y.local_grads == (3.0, 3.0)
    y.backward()
    assert x.grad == 6.0


@pytest.mark.parametrize("name", [n for n in TABLE if n.isidentifier() and n in vars(autograd)])
def test_the_rows_function_applied_to_the_operands_gives_the_data_again(name: str) -> None:
    a, b, c, d = Value(0.5), Value(0.75), Value(-0.25), Value(1.5)
    row = TABLE[name]
    if row.variadic:
        made = autograd.dot([a, b], [c, d], d) if name == "dot" else getattr(autograd, name)([a, 2.0, b, c])
    elif name == "where":
        made = where(a < b, a, 3.0)
    elif name == "clip":
        made = autograd.clip(a, -1, 1)
    elif name == "acosh":
        made = autograd.acosh(d)
    else:
        made = getattr(autograd, name)(*(a, b)[: len([n for n in row.operands if n in ("x", "y")])])
    assert made._row is row
    assert made.op == row.op == name
    again = row.function(*(x.data if isinstance(x, Value) else x for x in made.operands))
    assert type(again) is float
    assert again.hex() == made.data.hex()
    as_node = row.function(*made.operands)
    assert isinstance(as_node, Value)
    assert (as_node.data, as_node.local_grads, as_node.parents) == (made.data, made.local_grads, made.parents)


@pytest.mark.parametrize(
    "make", [lambda a, b: a + b, lambda a, b: a - 2, lambda a, b: 2 / a, lambda a, b: a**b, lambda a, b: -a]
)
def test_the_rows_function_gives_the_data_of_operators_again(make: Callable[[Value, Value], Value]) -> None:
    made = make(Value(3.0), Value(0.5))
    assert made._row.function(*(x.data if isinstance(x, Value) else x for x in made.operands)) == made.data


def test_a_leaf_belongs_to_no_row() -> None:
    assert Value(1.0)._row is None


@pytest.mark.parametrize(
    ("of", "nodes"),
    [(lambda a, b: a - b, 1), (lambda a, b: -a, 1), (lambda a, b: a / b, 1), (lambda a, b: 3 - 2 * a, 2)],
)
def test_difference_negation_and_quotient_are_one_node_each(of: Callable[[Value, Value], Value], nodes: int) -> None:
    a, b = Value(6.0), Value(2.0)
    todo, seen = [of(a, b)], set()
    while todo:
        v = todo.pop()
        if v not in seen and v.parents:
            seen.add(v)
            todo.extend(v.parents)
    assert len(seen) == nodes


def test_local_derivatives_are_recorded_when_the_node_is_made() -> None:
    a, b = Value(3.0), Value(4.0)
    nodes = [a * b, a**2, a / b, a**b, autograd.tanh(a), autograd.log(a), autograd.dot([a, b], [b, a])]
    before = [n.local_grads for n in nodes]
    a.data, b.data = 100.0, -7.0
    for node in nodes:
        node.data = 0.0
    assert [n.local_grads for n in nodes] == before
    nodes[0].backward()
    assert (a.grad, b.grad) == (4.0, 3.0)


def test_what_was_made_before_a_change_keeps_its_number() -> None:
    a = Value(3.0)
    b = a * 2
    a.data = 10.0
    assert b.data == 6.0
    assert (a * 2).data == 20.0


def test_names_are_rebound_by_plus_equals_and_the_old_node_stays() -> None:
    a = Value(1.0)
    old = a
    a += 2
    a -= 0.5
    a *= 4
    a /= 2
    a **= 2
    assert old.data == 1.0
    assert a.data == 25.0
    a.backward()
    assert old.grad == 2 * 5 * 2.0


def test_unary_plus_is_the_same_number_with_the_same_gradient() -> None:
    a = Value(3.0)
    (+a * 2).backward()
    assert a.grad == 2.0


def test_a_subclass_works_beside_a_value() -> None:
    class Mine(Value):
        pass

    a, b = Mine(2.0), Value(3.0)
    for out in (a * b, b * a, a - 1, 1 / a, autograd.exp(a), autograd.dot([a, b], [b, a])):
        assert isinstance(out, Value)
        assert a in out.parents
    (a * b + b * a * a).backward()
    assert (a.grad, b.grad) == (3 + 12.0, 2 + 4.0)


# --- attributes of the user's own, weak references


def test_a_node_takes_attributes_of_the_users_own() -> None:
    a = Value(1.0)
    b = a + 1
    for node in (a, b):
        node.name_of_my_own = ["anything"]  # type: ignore[attr-defined]
        assert node.name_of_my_own == ["anything"]  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        _ = Value(1.0).name_of_my_own  # type: ignore[attr-defined]


def test_a_node_can_be_weakly_referenced_and_dies_with_its_last_name() -> None:
    a = Value(1.0)
    b = a * 2
    ref_a, ref_b = weakref.ref(a), weakref.ref(b)
    del a
    assert ref_a() is b.parents[0]  # the graph keeps what it was made of
    del b
    assert ref_a() is None
    assert ref_b() is None


# --- backward, item, detach, _backward


def test_backward_starts_from_one() -> None:
    a = Value(3.0)
    L = a * a
    L.backward()
    assert (L.grad, a.grad) == (1.0, 6.0)


@pytest.mark.parametrize("gradient", [2.5, -1, np.float64(0.25), np.int64(3), 0])
def test_backward_starts_from_the_gradient_it_is_given(gradient: Any) -> None:
    a = Value(3.0)
    L = a * a
    L.backward(gradient)
    assert (L.grad, a.grad) == (float(gradient), 6.0 * float(gradient))
    b = Value(3.0)
    (b * b).backward(gradient=gradient)
    assert b.grad == a.grad


def test_backward_returns_nothing() -> None:
    assert Value(3.0).backward() is None  # type: ignore[func-returns-value]


def test_backward_of_a_leaf_adds_to_it_as_to_any_leaf() -> None:
    a = Value(3.0)
    a.backward()
    assert a.grad == 1.0
    a.backward(2.0)
    assert a.grad == 3.0


def test_item_reads_the_number() -> None:
    v = Value(3.0) * 2
    assert v.item() == 6.0
    assert type(v.item()) is float


def test_detach_is_a_leaf_with_the_same_number_and_no_link() -> None:
    a = Value(3.0)
    b = a * 2
    c = b.detach()
    assert c is not b
    assert (c.data, c.op, c.parents, c.operands) == (6.0, "", (), ())
    (c * b).backward()
    assert c.grad == 6.0
    assert a.grad == 12.0  # through b only
    c.data = 0.0
    assert b.data == 6.0


def test_detach_of_a_leaf_is_another_leaf() -> None:
    a = Value(3.0)
    assert a.detach() is not a
    (a.detach() * 2).backward()
    assert (a.grad, a.computed) == (0.0, False)


def test__backward_adds_this_nodes_share_to_its_parents_and_to_nobody_else() -> None:
    a, b = Value(2.0), Value(-3.0)
    e = a * b
    d = e + 10
    d.grad = 1.0
    d._backward()
    assert (e.grad, a.grad, b.grad) == (1.0, 0.0, 0.0)
    e._backward()
    assert (a.grad, b.grad) == (-3.0, 2.0)
    e._backward()
    assert (a.grad, b.grad) == (-6.0, 4.0)


def test__backward_of_x_times_x_adds_both_shares() -> None:
    x = Value(3.0)
    y = x * x
    y.grad = 2.0
    y._backward()
    assert x.grad == 12.0


def test__backward_on_a_leaf_does_nothing() -> None:
    a = Value(2.0)
    a.grad = 5.0
    before = state(a)
    a._backward()
    assert state(a) == before


# --- reading the number


@pytest.mark.parametrize(
    ("spec", "text"), [(".3f", "3.142"), ("", None), ("10.1f", "       3.1"), ("e", "3.141593e+00")]
)
def test_an_f_string_reads_the_number(spec: str, text: str | None) -> None:
    v = Value(math.pi)
    assert format(v, spec) == (repr(v) if text is None else text)
    assert f"{v:.3f}" == "3.142"


@pytest.mark.parametrize(
    "read",
    [
        float,
        int,
        complex,
        math.exp,
        math.sqrt,
        math.floor,
        round,
        "%.3f".__mod__,
        lambda v: [0, 1][v],
        lambda v: math.hypot(v, 1),
    ],
    ids="float int complex math.exp math.sqrt math.floor round %.3f index math.hypot".split(),
)
def test_what_would_cut_the_graph_unseen_raises(read: Callable[[Any], Any]) -> None:
    v = Value(1.0)
    before = state(v)
    with pytest.raises(TypeError):
        read(v)
    assert state(v) == before


@pytest.mark.parametrize("words", ["autograd.exp", "math.exp", ".item()", "dtype=object"])
@pytest.mark.parametrize("read", [float, math.exp, lambda v: math.exp(v * 2), lambda v: np.array([v, v], dtype=float)])
def test_the_message_of_float_says_what_to_write(read: Callable[[Any], Any], words: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        read(Value(1.0))
    texts, error = [], caught.value
    while error is not None:  # numpy wraps it
        texts.append(str(error))
        error = error.__cause__  # type: ignore[assignment]
    assert words in " ".join(texts)


@pytest.mark.parametrize(("x", "truth"), [(0.0, False), (-0.0, False), (1e-300, True), (-2.0, True), (NAN, True)])
def test_bool_is_that_of_the_float(x: float, truth: bool) -> None:
    assert bool(Value(x)) is truth


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
@pytest.mark.parametrize("pair", [(1.0, 2.0), (2.0, 2.0), (2.0, 1.0), (NAN, 1.0), (1.0, NAN), (-0.0, 0.0)])
def test_comparisons_are_of_the_data_and_give_a_bool(
    compare: Callable[[Any, Any], Any], pair: tuple[float, float]
) -> None:
    x, y = pair
    expected = compare(x, y)
    for got in (
        compare(Value(x), Value(y)),
        compare(Value(x), y),
        compare(x, Value(y)),
        compare(np.float64(x), Value(y)),
        compare(Value(x), np.float64(y)),
    ):
        assert bool(got) is expected
        assert isinstance(got, (bool, np.bool_))
    assert type(compare(Value(x), Value(y))) is bool


@pytest.mark.parametrize("compare", [operator.lt, operator.ge])
@pytest.mark.parametrize("other", ["3", None, [1], 1j])
def test_comparing_with_what_has_no_order_is_an_error(compare: Callable[[Any, Any], Any], other: Any) -> None:
    with pytest.raises(TypeError):
        compare(Value(1.0), other)


def test_equality_with_a_number_compares_data() -> None:
    a = Value(3.0)
    assert a == 3.0
    assert a == 3
    assert operator.eq(3, a)
    assert a == np.float64(3.0)
    assert np.float64(3.0) == a
    assert a != 4
    assert not operator.ne(a, 3)
    assert Value(1.0) == True  # noqa: E712
    assert Value(NAN) != NAN


def test_equality_between_two_values_is_identity() -> None:
    a, b = Value(3.0), Value(3.0)
    assert a == a
    assert a != b
    assert not operator.eq(a, b)
    nan = Value(NAN)
    assert nan == nan


@pytest.mark.parametrize("other", ["3", None, [3.0], object()])
def test_equality_with_anything_else_is_false(other: Any) -> None:
    assert (Value(3.0) == other) is False
    assert (Value(3.0) != other) is True


def test_hashing_is_by_identity_and_survives_a_change_of_data() -> None:
    a, b = Value(3.0), Value(3.0)
    assert len({a, b}) == 2
    names = {a: "a", b: "b"}
    a.data = 4.0
    assert names[a] == "a"
    assert a in [b, a]
    assert [b, a].index(a) == 1


def test_equal_compares_data() -> None:
    assert equal(Value(3.0), Value(3.0)) is True
    assert equal(Value(3.0), Value(4.0)) is False
    assert equal(Value(3.0), 3) is True
    assert equal(3.0, Value(3.0)) is True
    assert equal(Value(NAN), Value(NAN)) is False
    assert equal(0.0, -0.0) is True


# --- sums in plain float additions, left to right


def test_sums_run_left_to_right_in_plain_additions() -> None:
    """A compensated sum, such as the built-in one since Python 3.12, would give 1.0 and 2.0 here."""
    tenths = [Value(0.1) for _ in range(10)]
    by_hand = 0.0
    for v in tenths:
        by_hand += v.data
    assert by_hand != 1.0
    assert autograd.sum(tenths).data == by_hand
    assert sum(tenths).data == by_hand  # type: ignore[union-attr]
    assert autograd.sum([0.1] * 10) == by_hand
    assert autograd.mean(tenths).data == by_hand / 10
    assert autograd.dot(tenths, [1] * 10).data == by_hand
    assert autograd.dot([Value(1e16), Value(1.0), Value(-1e16), Value(1.0)], [1, 1, 1, 1]).data == 1.0
    assert autograd.sum([Value(1e16), 1.0, -1e16, 1.0]).data == 1.0


def test_gradients_too_are_added_plainly() -> None:
    x = Value(1.0)
    autograd.sum([x * c for c in (0.1,) * 10]).backward()
    assert x.grad == 0.9999999999999999
    x = Value(1.0)
    autograd.dot([x] * 10, [0.1] * 10).backward()
    assert x.grad == 0.9999999999999999


def test_the_built_in_sum_works_on_values() -> None:
    a, b = Value(1.0), Value(2.0)
    total = sum([a, b, a])
    assert isinstance(total, Value)
    total.backward()
    assert (total.data, a.grad, b.grad) == (4.0, 2.0, 1.0)


# --- IEEE, not Python's exceptions


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda: Value(1.0) / 0, INF),
        (lambda: Value(-1.0) / 0, -INF),
        (lambda: 1 / Value(-0.0), -INF),
        (lambda: Value(0.0) / Value(0.0), NAN),
        (lambda: Value(0.0) ** -1, INF),
        (lambda: Value(10.0) ** 400, INF),
        (lambda: Value(-8.0) ** (1 / 3), NAN),
        (lambda: Value(1e200) * Value(1e200), INF),
        (lambda: autograd.exp(Value(1000.0)), INF),
        (lambda: autograd.log(Value(0.0)), -INF),
        (lambda: autograd.log(Value(-1.0)), NAN),
        (lambda: autograd.sqrt(Value(-1.0)), NAN),
        (lambda: autograd.sin(Value(INF)), NAN),
        (lambda: Value(0.0) * INF, NAN),
    ],
)
def test_arithmetic_is_that_of_ieee_754_and_raises_nothing(made: Callable[[], Value], expected: float) -> None:
    out = made()
    assert out.data == expected or (math.isnan(out.data) and math.isnan(expected))
