"""What beginners write to the engine by mistake: each gets the sentence that helps, and leaves everything as it was."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, no_grad


def state(v: Value) -> tuple[Any, ...]:
    return v.data.hex(), v.grad.hex(), v.computed, v.op, v.parents, v.operands, v.local_grads, v.label


class Scene:
    """A leaf with a gradient, one without, and a node made of both."""

    def __init__(self) -> None:
        self.a, self.b = Value(2.0, label="a"), Value(3.0, label="b")
        (self.a * 5).backward()
        self.y = self.a * self.b

    def states(self) -> list[tuple[Any, ...]]:
        return [state(v) for v in (self.a, self.b, self.y)]


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Whatever a test does wrong with it, all of it must be as it was, and still work."""
    s = Scene()
    before = s.states()
    yield s
    assert s.states() == before
    s.y.backward()
    assert (s.a.grad, s.b.grad) == (8.0, 2.0)


WRONG: dict[str, tuple[Any, list[str]]] = {  # what is given: (it, what the message must contain)
    "list": ([1, 2], ["list", "[Value(x) for x in"]),
    "tuple": ((1.0, 2.0, 3.0), ["tuple", "[Value(x) for x in"]),
    "string": ("3", ["'3'", "float('3')"]),
    "word": ("three", ["'three'"]),
    "bytes": (b"3", ["b'3'"]),
    "complex": (1 + 2j, ["complex", "(1+2j)", ".real"]),
    "complex that is real": (2 + 0j, ["complex"]),
    "numpy complex": (np.complex128(1j), ["complex"]),
    "None": (None, ["None"]),
    "array": (np.array([1.0, 2.0]), ["array", "(2,)", "[Value(x) for x in"]),
    "matrix": (np.ones((2, 3)), ["array", "(2, 3)"]),
    "array of one": (np.array([1.0]), ["array", "(1,)", ".item()"]),
    "array of strings": (np.array(["1", "2"]), ["array"]),
    "numpy string": (np.str_("3"), ["'3'"]),
    "function": (math.exp, ["exp", "()"]),
    "dict": ({"x": 1.0}, ["dict"]),
    "object": (object(), ["object"]),
    "too large": (10**400, ["1.8e308"]),
    "too large fraction": (Fraction(10**400), []),
    "date": (np.datetime64("2020-01-01"), ["datetime64"]),
}


@pytest.fixture(params=WRONG)
def wrong(request: pytest.FixtureRequest) -> tuple[Any, list[str]]:
    return WRONG[request.param]


def helps(error: pytest.ExceptionInfo[BaseException], words: list[str]) -> None:
    message = str(error.value)
    assert message
    for word in words:
        assert word in message, message


# --- where a number is wanted


def test_making_a_value_of_what_is_no_number(wrong: tuple[Any, list[str]]) -> None:
    thing, words = wrong
    with pytest.raises(TypeError) as error:
        Value(thing)
    helps(error, words)


def test_assigning_what_is_no_number_to_data(scene: Scene, wrong: tuple[Any, list[str]]) -> None:
    thing, words = wrong
    for node in (scene.a, scene.b, scene.y):
        with pytest.raises(TypeError) as error:
            node.data = thing
        helps(error, words)


def test_assigning_what_is_no_number_to_grad(scene: Scene, wrong: tuple[Any, list[str]]) -> None:
    thing, words = wrong
    for node in (scene.a, scene.b, scene.y):
        with pytest.raises(TypeError) as error:
            node.grad = thing
        helps(error, words)


def test_starting_backward_from_what_is_no_number(scene: Scene, wrong: tuple[Any, list[str]]) -> None:
    thing, words = wrong
    with pytest.raises(TypeError) as error:
        scene.y.backward(thing)
    helps(error, words)


@pytest.mark.parametrize("name", [n for n in WRONG if "array" not in n and n != "matrix" and "large" not in n])
@pytest.mark.parametrize(
    "operate",
    [
        lambda a, x: a + x,
        lambda a, x: x + a,
        lambda a, x: a - x,
        lambda a, x: x - a,
        lambda a, x: a * x,
        lambda a, x: x * a,
        lambda a, x: a / x,
        lambda a, x: x / a,
        lambda a, x: a**x,
        lambda a, x: x**a,
        lambda a, x: autograd.hypot(a, x),
    ],
    ids="a+x x+a a-x x-a a*x x*a a/x x/a a**x x**a hypot".split(),
)
def test_arithmetic_with_what_is_no_number(scene: Scene, operate: Callable[[Any, Any], Any], name: str) -> None:
    if name in ("list", "tuple") and "hypot" in operate.__code__.co_names:
        assert len(operate(scene.a, WRONG[name][0])) == len(WRONG[name][0])  # functions map over lists
        return
    with pytest.raises(TypeError):
        operate(scene.a, WRONG[name][0])


@pytest.mark.parametrize(
    ("operate", "words"),
    [
        (lambda a: a + "3", ["'3'", "float('3')"]),
        (lambda a: "3" * a, ["'3'", "float('3')"]),
        (lambda a: a * 1j, ["complex"]),
        (lambda a: a - None, ["None"]),
        (lambda a: a * [1, 2], ["list"]),
        (lambda a: [1, 2] * a, ["list"]),
        (lambda a: a ** "2", ["'2'"]),
        (lambda a: a / math.exp, ["exp"]),
        (lambda a: a < "3", ["'3'"]),
        (lambda a: autograd.maximum(a, "3"), ["'3'"]),
        (lambda a: autograd.sum([a, "3"]), ["'3'"]),
        (lambda a: autograd.dot([a, None], [1, 2]), ["None"]),
        (lambda a: autograd.exp("3"), ["'3'"]),
        (lambda a: autograd.exp(None), ["None"]),
        (lambda a: autograd.exp(1j), ["complex"]),
        (lambda a: autograd.tanh([1.0, "x"]), ["'x'"]),
    ],
)
def test_the_message_says_what_was_given(scene: Scene, operate: Callable[[Value], Any], words: list[str]) -> None:
    with pytest.raises(TypeError) as error:
        operate(scene.a)
    helps(error, words)


def test_an_array_in_place_of_a_number_is_elementwise_only_in_arithmetic(scene: Scene) -> None:
    assert (scene.a * np.array([1.0, 2.0])).shape == (2,)
    with pytest.raises(TypeError, match="array"):
        Value(np.array([1.0, 2.0]))


# --- assigning a Value where its number is meant


@pytest.mark.parametrize("attribute", ["data", "grad"])
def test_assigning_a_value_to_a_number(scene: Scene, attribute: str) -> None:
    """`p.data = p - 0.1 * p.grad` would put a node where the number is meant."""
    with pytest.raises(TypeError) as error:
        setattr(scene.a, attribute, scene.b * 2)
    helps(error, [".data"])


def test_starting_backward_from_a_value_reads_well(scene: Scene) -> None:
    with pytest.raises(TypeError) as error:
        scene.y.backward(scene.b)  # type: ignore[arg-type]
    helps(error, [".data"])


def test_an_update_written_with_values_by_mistake(scene: Scene) -> None:
    with pytest.raises(TypeError):
        scene.a.data -= 0.1 * scene.b  # type: ignore[operator, assignment]


# --- cutting the graph unseen


def test_math_exp_of_a_value_names_autograd_exp(scene: Scene) -> None:
    with pytest.raises(TypeError) as error:
        math.exp(scene.a)  # type: ignore[arg-type]
    helps(error, ["autograd.exp", "math.exp"])


def test_float_in_a_formula_names_item(scene: Scene) -> None:
    with pytest.raises(TypeError) as error:
        float(scene.a) * 2  # type: ignore[arg-type]
    helps(error, [".item()"])


def test_an_array_of_floats_made_of_values_names_dtype_object(scene: Scene) -> None:
    with pytest.raises((TypeError, ValueError)) as error:
        np.array([scene.a, scene.b], dtype=float)
    assert "dtype=object" in str(error.value) + str(error.value.__cause__)


# --- calls with wrong numbers of things


def test_lengths_that_differ(scene: Scene) -> None:
    with pytest.raises(ValueError, match=r"2.*3|3.*2"):
        autograd.dot([scene.a, scene.b], [1, 2, 3])


@pytest.mark.parametrize("name", ["mean", "max", "min"])
def test_reducing_nothing_is_an_error_where_there_is_no_neutral_element(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        getattr(autograd, name)([])
    assert autograd.sum([]) == 0
    assert autograd.prod([]) == 1


def test_a_single_value_where_a_list_is_wanted(scene: Scene) -> None:
    with pytest.raises(TypeError, match=r"one Value.*\["):
        autograd.sum(scene.a)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"one Value.*\["):
        autograd.softmax(scene.a)  # type: ignore[arg-type]


# --- backward where there is nothing to go back on


def test_backward_of_a_value_computed_under_no_grad(scene: Scene) -> None:
    with no_grad():
        loss = (scene.a * scene.b - 1) ** 2
    with pytest.raises(RuntimeError) as error:
        loss.backward()
    helps(error, ["no_grad", "backward"])


def test_backward_of_a_leaf_is_no_mistake() -> None:
    """A leaf's derivative by itself is 1."""
    a = Value(2.0)
    a.backward()
    assert a.grad == 1.0


def test_backward_of_a_constant_result_is_the_mistake_of_a_float() -> None:
    """Functions map floats to floats: the mistake shows by itself, in Python's own words."""
    with pytest.raises(AttributeError, match="backward"):
        autograd.exp(2.0).backward()


def test_iterating_over_or_indexing_a_value(scene: Scene) -> None:
    with pytest.raises(TypeError):
        list(scene.a)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        scene.a[0]  # type: ignore[index]
    with pytest.raises(TypeError):
        len(scene.a)  # type: ignore[arg-type]
