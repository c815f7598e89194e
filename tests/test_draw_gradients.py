"""What pictures tell of gradients: what paths from the drawn value bring, and apart from it what was there before."""

from __future__ import annotations

import copy
import math
import pickle
import random
import weakref
from xml.etree import ElementTree

import pytest

from autograd import Value, draw, maximum, relu, tanh, where
from autograd import dot as dot_of
from autograd import sum as sum_of
from autograd.graph import topological_order
from autograd.show.facts import read
from autograd.show.passes import backward_pass

SVG = "{http://www.w3.org/2000/svg}"


def box(picture, name):
    """The texts of the box of one value, one string each."""
    for group in ElementTree.fromstring(picture.svg).iter(f"{SVG}g"):
        found = ["".join(text.itertext()).strip() for text in group.findall(f"{SVG}text")]
        heads = group.findall(f"{SVG}text/{SVG}tspan[@class='name']")
        if heads and heads[0].text == name:
            return found
    raise LookupError(name)


def grad(picture, name):
    texts = box(picture, name)
    return texts[texts.index("grad") + 1]


def note(picture, name):
    """What stands under the gradient."""
    texts = box(picture, name)
    return " ".join(texts[texts.index("grad") + 2 :])


LEFT = "left from an earlier backward(): {} (zero_grad() clears it)"
CHANGED = ".grad reads {}: another backward(), or the program, has changed it since"


# The place in the backward pass ---------------------------------------------------------------------------------------


def test_the_number_on_a_corner_is_the_place_in_the_backward_pass():
    a, b, c = Value(2.0), Value(-3.0), Value(5.5)
    h = a * b
    s = h + c
    L = tanh(s)
    assert {name: box(draw(L), name)[0] for name in ("L", "s", "c", "h", "a", "b")} == {
        "L": "1", "s": "2", "c": "3", "h": "4", "a": "5", "b": "6",
    }  # fmt: skip


def test_what_was_not_chosen_has_no_place():
    x = Value(-1.0)
    dead = x * 3
    y = where(False, dead, x)
    assert box(draw(y), "dead")[0] == "dead\u00a0= x*3"
    assert box(draw(y), "x")[0] == "2"
    assert draw(relu(dead)).svg.count("place") == 1 + 1  # the root's own, and the word in the legend


OPERATIONS = [
    lambda a, b: a + b,
    lambda a, b: a * b,
    lambda a, b: tanh(a),
    lambda a, b: relu(a),
    lambda a, b: where(a > b, a, b * a),
    lambda a, b: maximum(a, b),
    lambda a, b: dot_of([a, b, a], [b, b, 2.0], a),
    lambda a, b: sum_of([a, b, a, b]),
    lambda a, b: a / 2.0,
]


@pytest.mark.parametrize("seed", range(40))
def test_the_pass_on_numbers_of_its_own_is_that_of_backward_to_the_bit(seed):
    rng = random.Random(seed)
    nodes = [Value(rng.uniform(-1, 1)) for _ in range(4)]
    for _ in range(40):
        nodes.append(rng.choice(OPERATIONS)(rng.choice(nodes[-8:]), rng.choice(nodes[-20:])))
    root = nodes[-1]
    told = backward_pass(root, 1.5)
    assert not any(node.computed for node in nodes)
    root.backward(1.5)
    assert {node for node in topological_order(root) if node.computed} == set(told.gradients) >= set(told.nodes)
    assert [node.grad for node in told.gradients] == list(told.gradients.values())
    places = told.places
    assert sorted(places.values()) == list(range(1, len(places) + 1))
    assert told.order == [node for node in reversed(told.nodes) if node.op]
    assert all(places[told.nodes[parent]] > places[told.nodes[at]] for at, parent, _ in told.edges)


# What was there before ------------------------------------------------------------------------------------------------


def test_before_a_pass_what_is_stored_is_left_from_earlier():
    a, b = Value(2.0), Value(-3.0)
    a.grad = 0.3
    L = a * b
    assert (grad(draw(L), "a"), note(draw(L), "a")) == ("not computed", LEFT.format("0.3"))
    assert (grad(draw(L), "b"), note(draw(L), "b")) == ("not computed", "")
    assert LEFT.format("0.3") in draw(L).source


def test_after_a_pass_it_is_told_apart_from_what_the_paths_bring():
    a, b = Value(2.0), Value(-3.0)
    a.grad = 0.3
    L = a * b
    L.backward()
    assert a.grad == -2.7
    assert (grad(draw(L), "a"), note(draw(L), "a")) == ("−3", LEFT.format("0.3"))
    assert (grad(draw(L), "b"), note(draw(L), "b")) == ("2", "")


def test_the_second_of_two_passes_finds_what_the_first_has_left():
    a, b = Value(2.0), Value(-3.0)
    L = a * b + a
    L.backward()
    assert (grad(draw(L), "a"), note(draw(L), "a")) == ("−2", "")
    L.backward()
    assert (grad(draw(L), "a"), note(draw(L), "a")) == ("−2", LEFT.format("−2"))
    assert (grad(draw(L), "b"), note(draw(L), "b")) == ("2", LEFT.format("2"))
    assert note(draw(L), "L") == ""


def test_a_new_graph_on_old_leaves():
    a = Value(2.0)
    (a * 3).backward()
    L = a * a
    assert (grad(draw(L), "a"), note(draw(L), "a")) == ("not computed", LEFT.format("3"))
    L.backward()
    assert (grad(draw(L), "a"), note(draw(L), "a")) == ("4", LEFT.format("3"))
    a.zero_grad()
    assert (grad(draw(L), "a"), note(draw(L), "a")) == ("not computed", "")


def test_a_pass_from_something_built_on_it_has_reached_it():
    a, b = Value(2.0), Value(-3.0)
    h = a * b
    L = h * 5
    assert grad(draw(h), "h") == "not computed"
    L.backward()
    assert [grad(draw(h), name) for name in ("h", "a", "b")] == ["5", "−15", "10"]
    assert [note(draw(h), name) for name in ("h", "a", "b")] == ["", "", ""]


def test_paths_beside_the_picture_are_not_taken_for_something_earlier():
    a, b = Value(2.0), Value(-3.0)
    h = a * b
    L = h + a * 7
    L.backward()
    said = note(draw(h), "a")
    assert grad(draw(h), "a") == "−3"
    assert said == ".grad reads 4: paths that are not drawn, or another backward(), have a part in it"
    assert "earlier" not in said
    assert (grad(draw(L), "a"), note(draw(L), "a")) == ("4", "")


def test_another_root_that_shares_an_interior_value():
    a = Value(2.0)
    h = a * 3
    first, second = h * 2, h * 5
    first.backward()
    second.backward()
    assert grad(draw(first), "h") == "2"
    assert note(draw(first), "h") == CHANGED.format("5")
    assert (grad(draw(second), "h"), note(draw(second), "h")) == ("5", "")
    assert (grad(draw(second), "a"), note(draw(second), "a")) == ("15", LEFT.format("6"))


def test_after_a_step_of_training_an_old_loss_is_not_told_what_the_new_one_left():
    a, x = Value(2.0), [1.0, 5.0]
    first = a * x[0]
    first.backward()
    a.data -= 0.1 * a.grad
    a.zero_grad()
    second = a * x[1]
    second.backward()
    assert (grad(draw(first), "a"), note(draw(first), "a")) == ("1", CHANGED.format("5"))
    assert (grad(draw(second), "a"), note(draw(second), "a")) == ("5", "")


def test_after_zero_grad_what_another_pass_brought_is_not_taken_for_something_earlier():
    a = Value(2.0)
    first, second = a * 3, a * 5
    first.backward()
    a.zero_grad()
    second.backward()
    assert (grad(draw(first), "a"), note(draw(first), "a")) == ("3", CHANGED.format("5"))
    assert (grad(draw(second), "a"), note(draw(second), "a")) == ("5", "")
    first.backward()
    assert (grad(draw(first), "a"), note(draw(first), "a")) == ("3", LEFT.format("5"))


def test_a_gradient_set_by_the_program_is_told():
    a, b = Value(2.0), Value(-3.0)
    h = a * b
    L = h * 2
    L.backward()
    h.grad, a.grad = 7.0, 0.0
    assert (grad(draw(L), "h"), note(draw(L), "h")) == ("2", CHANGED.format("7"))
    assert (grad(draw(L), "a"), note(draw(L), "a")) == ("−6", CHANGED.format("0"))
    assert note(draw(L), "b") == ""


def test_a_pass_from_further_down_is_another_pass():
    a, b = Value(2.0), Value(-3.0)
    h = a * b
    L = h * 5
    L.backward()
    h.backward()
    assert [grad(draw(L), name) for name in ("L", "h", "a")] == ["1", "5", "−15"]
    assert [note(draw(L), name) for name in ("L", "h", "a")] == ["", CHANGED.format("1"), CHANGED.format("−18")]
    assert [note(draw(h), name) for name in ("h", "a", "b")] == ["", LEFT.format("−15"), LEFT.format("10")]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_a_copy_knows_as_much(copied):
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    a.grad = 0.3
    h = a * b
    h.label = "h"
    L = (h / 5).tanh()
    L.label = "L"
    L.backward(0.1)
    twin = copied(L)
    assert draw(twin).source == draw(L).source
    assert LEFT.format("0.3") in draw(twin).source
    h.backward()
    h.grad = 4.0
    L._grad = 1.0
    twin = copied(L)
    assert draw(twin).source == draw(L).source
    assert LEFT[:20] not in draw(twin).source


def test_the_mark_that_a_pass_leaves_is_no_circle():
    a = Value(2.0)
    a.grad = 1.0
    a.backward()
    L = a * 3
    L.backward()
    watched = weakref.ref(L), weakref.ref(a)
    del L, a
    assert [ref() for ref in watched] == [None, None]


def test_the_pass_may_have_begun_with_another_number():
    a = Value(2.0)
    L = a * a
    L.backward(10.0)
    assert (grad(draw(L), "L"), grad(draw(L), "a"), note(draw(L), "a")) == ("10", "40", "")
    L.backward(5.0)
    assert (grad(draw(L), "L"), grad(draw(L), "a"), note(draw(L), "a")) == ("5", "20", LEFT.format("40"))


def test_a_leaf_by_itself_shows_what_is_stored():
    x = Value(2.0)
    assert grad(draw(x), "x") == "not computed"
    x.grad = 0.3
    assert (grad(draw(x), "x"), note(draw(x), "x")) == ("0.3", "")


@pytest.mark.no_cover
def test_rounding_is_not_taken_for_something_earlier():
    rng = random.Random(1)
    for _ in range(20):
        xs = [Value(rng.gauss(0, 1)) for _ in range(6)]
        h = xs[0]
        for _ in range(15):
            h = tanh(h * rng.choice(xs) + rng.choice(xs)) + rng.choice(xs)
        L = h * 1.7
        L.backward()
        assert "earlier" not in draw(h, fold=False).svg
        assert ".grad reads" not in draw(h, fold=False).svg


@pytest.mark.parametrize("left", [math.nan, math.inf, -math.inf])
def test_what_is_left_may_be_no_number(left):
    a = Value(2.0)
    a.grad = left
    L = a * 3
    assert note(draw(L), "a").startswith("left from an earlier backward(): ")
    L.backward()
    assert (grad(draw(L), "a"), note(draw(L), "a")) == ("3", LEFT.format(str(left).replace("-", "−")))


def test_after_a_value_made_by_hand_what_is_stored_is_shown():
    a = Value(2.0)
    b = Value(6.0, (a,), "triple")

    def pass_back():
        a.grad += 3 * b.grad

    b._backward = pass_back
    a.grad = 0.5
    L = b * 1
    L.backward()
    assert (a.grad, grad(draw(L), "a"), note(draw(L), "a")) == (3.5, "3.5", "")


def test_a_gradient_that_is_shown_is_never_changed():
    a, b = Value(2.0), Value(-3.0)
    a.grad = 0.25
    L = a * b
    for _ in range(2):
        before = [(node.data, node.grad, node.computed, node.label) for node in (a, b, L)]
        assert draw(L).svg
        assert draw(L).source
        assert [(node.data, node.grad, node.computed, node.label) for node in (a, b, L)] == before
        L.backward()


def test_the_exact_numbers_are_under_the_pointer():
    a = Value(0.1)
    a.grad = 0.3
    L = a * 0.7
    L.backward()
    titles = [title.text or "" for title in ElementTree.fromstring(draw(L).svg).iter(f"{SVG}title")]
    assert f"a\ndata 0.1\ngrad 0.7\n{LEFT.format('0.3')}" in titles


# Circles --------------------------------------------------------------------------------------------------------------


def test_a_circle_made_by_hand_is_an_error_and_no_hang():
    a = Value(1.0, label="a")
    b = Value(2.0, (a,), "mix")
    c = Value(3.0, (b,), "mix")
    b._operands = (a, c)
    b._wide = type(b._wide)((a, c), (0.0, 0.0))
    with pytest.raises(ValueError, match=r"the graph goes in a circle.*a value cannot be its own operand"):
        draw(c)
    c._operands = (c,)
    c._wide = type(c._wide)((c,), (0.0,))
    with pytest.raises(ValueError, match="in a circle: the value 3 of the operation 'mix' is computed from"):
        read(c)
