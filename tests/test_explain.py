"""`explain`: the number is that of backward(), the paths add up to it, the formula gives it, and reasons are true."""

from __future__ import annotations

import itertools
import math
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import (
    Value,
    clip,
    detect_anomaly,
    dot,
    exp,
    explain,
    log,
    logsumexp,
    maximum,
    no_grad,
    relu,
    sigmoid,
    sin,
    sqrt,
    tanh,
    where,
)  # fmt: skip
from autograd.graph import topological_order
from autograd.ops import TABLE
from autograd.show.account import share
from autograd.show.derived import Writer
from autograd.show.paths import Path as Way
from autograd.show.paths import Paths
from autograd.show.simplify import evaluated, tidy
from autograd.show.words import count, number, power_of_ten
from autograd.symbols import derivative


def leaves() -> tuple[Value, Value, Value]:
    return Value(2.0, label="a"), Value(-3.0, label="b"), Value(5.5, label="c")


def gradient(v: Value, wrt: Value) -> float:
    for node in topological_order(v):
        node.zero_grad()
    v.backward()
    found = wrt.grad
    for node in topological_order(v):
        node.zero_grad()
    return found


def same(x: float, y: float) -> bool:
    return x == y or (math.isnan(x) and math.isnan(y))


def grown(seed: int, size: int) -> tuple[list[Value], Value]:
    """A random graph over four leaves that shares nodes, has double uses, choices and dead edges."""
    draw = random.Random(seed)
    first = [Value(draw.uniform(-1.5, 1.5), label=name) for name in "wxyz"]
    nodes = list(first)
    for _ in range(size):
        x, y, z = (draw.choice(nodes[-6:]) for _ in range(3))
        new = draw.choice(
            [
                lambda x, y, z: x + y,
                lambda x, y, z: x * y,
                lambda x, y, z: x - y,
                lambda x, y, z: tanh(x),
                lambda x, y, z: relu(x),
                lambda x, y, z: x * x,
                lambda x, y, z: where(x > 0, y, z),
                lambda x, y, z: maximum(x, y),
                lambda x, y, z: dot([x, y], [z, x], bias=0.5),
                lambda x, y, z: autograd.sum([x, y, z, x]),
                lambda x, y, z: sigmoid(x) / 2,
                lambda x, y, z: logsumexp([x, y]),
            ]
        )(x, y, z)
        nodes.append(new)
    return first, nodes[-1]


def every_path(v: Value, wrt: Value) -> Iterator[float]:
    """The product of each path along which something flows, found by walking all of them."""
    if v is wrt:
        yield 1.0
        return
    for parent, slope in zip(v.parents, v._partials(), strict=True):
        if slope:
            for rest in every_path(parent, wrt):
                yield slope * rest


# The number and the paths ---------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 14))
def test_the_value_is_that_of_backward_to_the_bit_and_all_paths_add_up_to_it(seed: int, size: int) -> None:
    first, v = grown(seed, size)
    for wrt in first:
        found = Paths(v, wrt)
        products = [*every_path(v, wrt)] if wrt in found.nodes else []
        assert explain(v, wrt).value == gradient(v, wrt)
        assert found.count == len(products)
        total = math.fsum(map(abs, products))
        assert math.fsum(products) == pytest.approx(explain(v, wrt).value, rel=1e-9, abs=1e-12 * total)
        assert math.exp(found.magnitude) == pytest.approx(total, rel=1e-9)
        largest = [path.product for path in found.largest(7)]
        expected = sorted(products, key=abs, reverse=True)[:7]
        assert [abs(p) for p in largest] == pytest.approx([abs(p) for p in expected], rel=1e-9)
        assert len({path.edges for path in found.largest(7)}) == len(largest), "a path was given twice"


def test_looking_changes_nothing_and_needs_no_backward() -> None:
    a, b, c = leaves()
    L = tanh(a * b + c)
    explain(L, [a, b])
    assert not any(node.computed for node in topological_order(L))
    assert (a.label, L.label) == ("a", "")
    L.backward()
    before = [(node.data, node.grad) for node in topological_order(L)]
    explanation = explain(L, a)
    assert all([str(explanation), explanation._repr_html_(), explanation.latex])
    assert [(node.data, node.grad) for node in topological_order(L)] == before


def test_a_list_gives_a_list() -> None:
    a, b, _ = leaves()
    assert explain(a * b, [a, b]).value == [-3.0, 2.0]
    assert explain(a * b, (a,)).value == [-3.0]
    assert explain(a * b, a).value == -3.0


def test_more_paths_than_there_are_atoms_are_counted_exactly() -> None:
    x = Value(1.0, label="x")
    v = x
    for _ in range(400):
        v = v * 0.5 + v * 0.5
    found = Paths(v, x)
    assert found.count == 2**400
    assert math.exp(found.magnitude) == pytest.approx(1.0)
    said = explain(v, x)
    assert said.value == 1.0
    assert "About 2.582e120 paths" in said.text
    assert "less than 0.01 %" in said.text
    assert said.text.count("Path ") == 5


def test_fewer_or_more_paths_on_request() -> None:
    x = Value(1.0, label="x")
    v = (x + x) * (x + x) * (x + x)
    assert explain(v, x, paths=2).text.count("Path ") == 2
    assert "The other 4 paths add up to 16" in explain(v, x, paths=2).text
    assert "All 6 together" in explain(v, x, paths=9).text


def test_what_the_shown_ones_carry_is_said_right() -> None:
    x = Value(1.0, label="x")
    v = autograd.sum([x * 6, x * -3, x * 1])
    said = explain(v, x, paths=1)
    assert "Path 1: v ← v1 ← x   (60 % of all)" in said.text
    assert "The other 2 paths add up to −2. Of the absolute values of all the products the 1 shown make up 60 %." in (
        " ".join(said.text.split())
    )


def test_a_long_path_is_folded() -> None:
    x = Value(0.25, label="x")
    v = x
    for n in range(100):
        v = v * (0.5 if n % 10 == 0 else 1.0)
    text = explain(v, x).text
    assert "… (93 more) …" in text
    assert "92 more slopes multiply to 0.25 (90 of them are 1)" in text


@pytest.mark.no_cover
def test_ten_thousand_nodes_take_about_a_second() -> None:
    x = Value(0.3, label="x")
    v = x
    for _ in range(2500):
        half = v * 0.5
        v = half + tanh(v) * 0.4
    begin = time.perf_counter()
    text = explain(v, x).text
    assert time.perf_counter() - begin < 10  # about one, on a machine with nothing else to do
    assert len(text.splitlines()) < 120


@pytest.mark.no_cover
def test_a_million_operations_deep_is_no_recursion() -> None:
    x = Value(1.0, label="x")
    v = x
    for _ in range(30_000):
        v = v + 1.0
    assert explain(v, x).value == 1.0


# Formulas -------------------------------------------------------------------------------------------------------------


FORMULAS = [
    (lambda a, b, c: tanh(a * b), "∂/∂a tanh(a*b) = b·(1 − tanh²(a*b))"),
    (lambda a, b, c: a**3, "∂/∂a (a**3) = 3·a²"),
    (lambda a, b, c: b / a, "∂/∂a (b/a) = −b/a²"),
    (lambda a, b, c: a * a + a, "∂/∂a (a*a + a) = 2·a + 1"),
    (lambda a, b, c: exp(-(a**2) / 2), "∂/∂a exp(−a**2/2) = −a·exp(−a**2/2)"),
    (lambda a, b, c: sigmoid(a * c), "∂/∂a sigmoid(a*c) = c·sigmoid(a*c)·(1 − sigmoid(a*c))"),
    (lambda a, b, c: a * log(a), "∂/∂a (a*log(a)) = log(a) + 1"),
    (lambda a, b, c: relu(a * c) * b, "∂/∂a (relu(a*c)*b) = c·b if a*c > 0 else 0"),
    (lambda a, b, c: (a + b + c) / 3, "∂/∂a ((a + b + c)/3) = 1/3"),
    (lambda a, b, c: where(a > 0, a * b, c), "∂/∂a (a*b if True else c) = b"),
    (lambda a, b, c: sqrt(a * a + c * c), "∂/∂a sqrt(a*a + c*c) = a/sqrt(a*a + c*c)"),
    (lambda a, b, c: 2**a, "∂/∂a (2**a) = 2**a·log(2)"),
    (lambda a, b, c: autograd.log2(a), "∂/∂a log2(a) = 1/(a·log(2))"),
    (lambda a, b, c: b * -(a + c), "∂/∂a (b*(−(a + c))) = −b"),
    (lambda a, b, c: dot([a, b], [b, c]), "∂/∂a (a*b + b*c) = b"),
    (lambda a, b, c: sin(a) ** 2, "∂/∂a (sin(a)**2) = 2·cos(a)·sin(a)"),
    (lambda a, b, c: a - (b - a), "∂/∂a (a − (b − a)) = 2"),
    (lambda a, b, c: (a - b) ** 2 * (1 / 7), "∂/∂a ((a − b)**2*0.1429) = 2·0.1429·(a − b)"),
]


@pytest.mark.parametrize(("build", "says"), FORMULAS)
def test_formulas_are_as_books_write_them(build: Any, says: str) -> None:
    a, b, c = leaves()
    assert f"As a formula: {says}" in explain(build(a, b, c), a).text


POINTS = {"x": 0.4, "y": 0.7, "n": 3.0, "slope": 0.1, "alpha": 1.3, "lo": 0.1, "hi": 0.9, "a": 0.3, "b": 0.8, "k": 0.5}
POINTS |= {"condition": 1.0, "x1": 0.3, "x2": 0.9, "x3": 0.6, "y1": 0.2, "y2": -0.4, "bias": 0.1, "π": math.pi}


@pytest.mark.parametrize("name", TABLE)
def test_tidying_keeps_the_value_of_every_rule_of_the_table(name: str) -> None:
    row = TABLE[name]
    shift = 1.0 if name == "acosh" else 0.0
    at = {key: x + shift for key, x in POINTS.items()}
    places = range(5 if name == "dot" else 3) if row.variadic else range(len(row.rules))
    for place in places:
        if not row.variadic and row.rules[place] is None:
            continue
        raw = derivative(name, place).value
        assert evaluated(tidy(raw), at.__getitem__) == pytest.approx(float(evaluated(raw, at.__getitem__)), rel=1e-12)
        assert tidy(raw).text.count("(") == tidy(raw).text.count(")")
        assert balanced(tidy(raw).latex)


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_the_formula_gives_the_number(seed: int, size: int) -> None:
    first, v = grown(seed, size)
    if any(node.op == "maximum" and node.operands[0].data == node.operands[1].data for node in topological_order(v)):
        return  # at a tie a book's formula does not know that each has half
    called = {node: f"n{at}" for at, node in enumerate(topological_order(v))}
    for wrt in first:
        found = Paths(v, wrt) if wrt in called else None
        if found is None or not found.depends or v is wrt:
            continue
        writer = Writer(called)
        for written_out in (writer.written_out(found), None):
            if written_out is not None and found.start not in written_out:
                continue
            formula = writer.whole(found, written_out)
            if formula is not None:
                assert writer.gives(formula, found.derivative or 0.0)


def test_a_formula_that_does_not_give_the_number_is_left_out() -> None:
    a, _, _ = leaves()
    said = explain(maximum(a, a * 1), a)
    assert said.value == 1.0
    assert "As a formula" not in said.text
    assert "= 1 if" not in said.text


def test_a_formula_too_long_to_be_read_is_left_out() -> None:
    x = Value(0.1, label="x")
    v = x
    for _ in range(12):
        v = sin(v * v + x)
    assert "As a formula" not in explain(v, x).text


def test_long_expressions_are_given_in_names_of_nodes() -> None:
    inputs = [Value(0.1 * n, label=f"input{n}") for n in range(6)]
    weights = [Value(0.2 * n - 0.5, label=f"weight{n}") for n in range(6)]
    h = dot(inputs, weights)
    L = tanh(h)
    assert "As a formula: ∂L/∂weight3 = input3·(1 − L²)" in explain(L, weights[3]).text


# Why ------------------------------------------------------------------------------------------------------------------


def why(v: Value, wrt: Value, **names: Value) -> str:
    return " ".join(explain(v, wrt, names=names).text.split())


def test_why_zero_when_it_does_not_depend() -> None:
    a, b, c = leaves()
    assert "does not depend on c" in why(a * b, c)
    copy = a.detach()
    assert "another value labelled a" in why(copy * b, a)
    with no_grad():
        h = a * b
    assert "h was computed under no_grad()" in why(h * c, a, h=h)
    assert "It was computed under no_grad()" in why(h, a, h=h)


def test_why_zero_of_a_dead_relu() -> None:
    a, b, c = leaves()
    h = relu(a * b)
    said = why(h * c, a, h=h)
    assert "h = relu(v1): v1 = −6 is not above 0, so this relu is off (dead)" in said
    assert explain(h * c, a).value == 0.0


def test_why_zero_of_what_was_not_chosen() -> None:
    a, b, c = leaves()
    assert "the condition holds, so c was not chosen" in why(where(a > 0, b, c), c)
    assert "the condition does not hold, so b was not chosen" in why(where(a < 0, b, c), b)
    assert "a is only the condition" in why(where(a, b, c), a)
    assert "b = −3 was not chosen, because another one is larger" in why(maximum(a, b), b)
    assert "c = 5.5 was not chosen, because another one is smaller" in why(autograd.min([a, b, c]), c)
    assert "c = 5.5 lies outside of the bounds" in why(clip(c, -1, 1), c)


def bent(seed: int, x: Value | float) -> Any:
    """A piecewise linear function, whose kinks and ties, many of them at 0, are far apart."""
    draw = random.Random(seed)
    nodes: list[Any] = [x]
    for _ in range(draw.randint(1, 12)):
        y, z, n = draw.choice(nodes[-4:]), draw.choice(nodes[-4:]), draw.choice([-2.0, -1.0, 0.0, 1.0, 2.0])
        kind = draw.randrange(9)
        if kind < 3:
            nodes.append((y + z, y - z, y * n)[kind])
        elif kind < 6:
            nodes.append((relu(y), autograd.abs(y), autograd.leaky_relu(y, 0.25))[kind - 3])
        else:
            nodes.append((maximum(y, z), autograd.min([y, z, n]), clip(y, min(n, -1.0), n))[kind - 6])
    return nodes[-1]


@settings(max_examples=200)
@given(st.integers(0, 10**6), st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0]))
def test_at_a_kink_the_slopes_on_both_sides_are_those_that_are_measured(seed: int, at: float) -> None:
    x, h = Value(at, label="x"), 2.0**-10
    v = bent(seed, x)
    if not isinstance(v, Value) or v is x:
        return
    left, right = ((bent(seed, at + side) - v.data) / side for side in (-h, h))
    said = " ".join(explain(v, x).text.split())
    if left == right == explain(v, x).value:
        assert "a kink. To the left" not in said
        assert "the true slope is" not in said
    elif left == right:
        assert f"but the true slope is {number(left)}." in said
    else:
        assert f"To the left the slope is {number(left)}, to the right {number(right)}: there is no one" in said
        assert f"and so says {number(explain(v, x).value)}." in said


def test_at_a_kink_nothing_untrue_is_said_of_a_change() -> None:
    x = Value(0.0, label="x")
    for v in (autograd.abs(x), relu(x) * 3, maximum(x, -x), relu(x) - relu(-x)):
        assert "does not change" not in why(v, x)
        assert "is not above 0" not in why(v, x)
    h = relu(x)
    said = (
        "h = relu(x): x = 0 is at a kink, with the slope 0 to the left and 1 to the right. The engine chooses 0 there"
    )
    assert said in why(h, x, h=h)
    assert "h = abs(v1) is at a kink. To the left" in why(h := autograd.abs(tanh(x)), x, h=h)
    assert "To the left" not in why(0.1 * relu(x) + 0.2 * relu(x) - 0.3 * relu(x), x)  # rounding leaves 6e-17


def test_of_numbers_that_were_changed_since_no_kink_is_told() -> None:
    x = Value(1.0, label="x")
    v = relu(x)
    x.data = 0.0
    assert "kink" not in why(v, x)
    w = autograd.abs(x) * 2
    x.data = 1.0
    assert "kink" not in why(w, x)


def test_paths_that_give_nothing_are_counted_and_told() -> None:
    x = Value(-1.0, label="x")
    v = relu(x) * 3 + where(x > 0, x, x * 2) + x
    said = why(v, x)
    assert "Of the 4 paths that lead from v back to x 2 give something." in said
    assert "2 more paths give 0, because of a factor 0 on the way:" in said
    assert "v1 = relu(x): x = −1 is not above 0, so this relu is off" in said
    assert "the condition does not hold, so x was not chosen" in said
    v = relu(x) + x
    said = why(v, x)
    assert "Of the 2 paths that lead from v back to x one gives something: it is one operation" in said
    assert "1 more path gives 0" in said
    assert "more path" not in why(x * x + x, x)
    assert "is not above 0, so this relu is off" in explain(relu(x) + x, x).html


def test_a_number_alone_in_brackets_has_no_more_of_them() -> None:
    x = Value(-1.0, label="x")
    assert "= sign(x) = sign(−1) = −1" in why(autograd.abs(x) * 2, x)
    assert "= 2·x = 2·(−1) = −2" in why(x**2 * 2, x)


def test_why_zero_of_a_factor_zero() -> None:
    a, b, _ = leaves()
    z = Value(0.0, label="z")
    assert "v1 = a*z: ∂v1/∂a = z = 0." in why(a * z + b, a)
    said = why(a * z + relu(a * b), a)
    assert "one of these factors 0" in said
    assert "relu is off" in said
    assert "so flat that a float has no number for its slope but 0" in why(tanh(a * 1000), a)


def test_why_zero_of_paths_that_cancel() -> None:
    a, b, _ = leaves()
    said = explain(a * b - b * a, a)
    assert said.value == 0.0
    assert "The paths cancel: those above 0 add up to 3, and those below 0 to −3." in said.text
    rounding = explain(0.1 * a + 0.2 * a - 0.3 * a, a)
    assert rounding.value != 0.0
    assert rounding.text.startswith("∂v5/∂a ≈ 0\n")
    assert "rounding" in rounding.text


def test_why_it_vanishes() -> None:
    x = Value(0.5, label="x")
    v = x
    for _ in range(20):
        v = sigmoid(v)
    said = why(v, x)
    assert "The gradient vanishes: it is a product of small slopes." in said
    assert "20 of the 20 slopes are below 1" in said
    for _ in range(600):
        v = sigmoid(v)
    gone = explain(v, x)
    assert gone.value == 0.0
    assert "below the smallest float, so it became 0" in gone.text
    assert "0 paths" not in gone.text


def test_why_it_explodes() -> None:
    x = Value(1.5, label="x")
    v = x
    for _ in range(8):
        v = v * 10.0
    said = why(v, x)
    assert "The gradient explodes: it is a product of large slopes." in said
    assert "together they multiply to 1e8" in said
    v = x
    for _ in range(40):
        v = v + v
    assert "paths add up, though the largest single one has only 1." in why(v, x)


def test_why_nan_forward() -> None:
    p = Value(0.0, label="p")
    h = log(p)
    said = why(p * h, p, h=h)
    assert "The first number that was −inf is h, in the forward pass: h = log(p) = −inf, given p = 0." in said
    assert "with detect_anomaly()" in said
    assert math.isnan(explain(p * h, p).value)


def test_why_inf_backward_names_the_line_where_anomalies_are_recorded() -> None:
    p, a, _ = Value(0.0, label="p"), *leaves()[:2]
    with detect_anomaly():
        s = sqrt(p)
        v = s * a
    said = why(v, p, s=s)
    assert "First the backward pass became inf at s = sqrt(p)" in said
    assert "∂s/∂p = 0.5/s = 0.5/0 = inf, given p = 0" in said or "1/(2·s)" in said
    assert re.search(r"s was computed at .*test_explain\.py, line \d+\.", said)
    assert "detect_anomaly" not in said


def test_why_nan_of_a_leaf_and_of_overflow() -> None:
    x, y = Value(math.nan, label="x"), Value(1e200, label="y")
    assert "x is nan from the beginning" in why(x * x, x)
    assert "more than a float holds" in why((y * y) * 1e-300 * y, y) or "inf" in why((y * y) * y, y)
    big = Value(1.0, label="big")
    v = big * 1e200 * 1e200
    assert "Both are finite, but the product is more than a float holds" in why(v * 0.5, big)
    assert "adds up to more than a float holds" in why(big * 1e308 + big * 1e308, big)


@pytest.mark.parametrize("seed", range(30))
def test_nothing_breaks_at_the_edges(seed: int) -> None:
    draw = random.Random(seed)
    edge = [0.0, -0.0, math.inf, -math.inf, math.nan, 1e308, 1e-308, 1.0, -2.0]
    nodes = [Value(draw.choice(edge), label=name) for name in "xyz"]
    for _ in range(8):
        x, y = draw.choice(nodes), draw.choice(nodes)
        operation = draw.choice(
            ["x*y", "x+y", "x/y", "log(x)", "sqrt(x)", "exp(x)", "relu(x)", "maximum(x, y)", "x**2"]
        )
        nodes.append(eval(operation, {**vars(autograd), "x": x, "y": y}))
    for wrt in nodes[:3]:
        said = explain(nodes[-1], wrt)
        assert same(said.value, gradient(nodes[-1], wrt))
        assert said.text
        assert said.html
        assert said.latex


# In print -------------------------------------------------------------------------------------------------------------


def balanced(latex: str) -> bool:
    plain = re.sub(r"\\[{}]", "", latex)
    depths = [*itertools.accumulate((c == "{") - (c == "}") for c in plain)]
    return min(depths, default=0) >= 0 and (depths or [0])[-1] == 0 and latex.count(r"\left") == latex.count(r"\right")


def test_what_a_slope_holds_fixed_is_said_where_it_could_be_misread() -> None:
    x = Value(3.0, label="x")
    v = x * x
    y = v * x
    text = explain(y, x).text
    assert "∂y/∂x, v fixed = v = 9" in text
    assert "∂v/∂x, the second x fixed" in text
    assert "fixed" not in explain(tanh(x * 2.0), x).text


def test_names_are_those_of_the_program_of_the_model_and_those_given() -> None:
    a, b = Value(1.0), Value(2.0)
    L = a * b
    assert explain(L, a).text.startswith("∂L/∂a = 2\n")
    assert explain(L, a, names={"loss": L}).text.startswith("∂loss/∂a = 2\n")
    model = nn.MLP(2, [2, 1], seed=1)
    loss = model([1.0, 2.0])
    assert explain(loss, model.parameters()[0], model=model).text.startswith("∂loss/∂layers.0.neurons.0.w.0 =")


def test_latex_is_balanced_and_escaped() -> None:
    a, b, c = Value(2.0, label="w_in"), Value(-3.0, label=r"50% \of {b}"), Value(1.0, label="x1")
    for v in (tanh(a * b + c), a * a * b, relu(a) * c, exp(a) / b, where(a > 0, a, b) ** 2, a / (b * c)):
        said = explain(v, [a, b, c])
        assert balanced(said.latex), said.latex
        assert r"w\_in" in said.latex
        assert said._repr_latex_().startswith("$$\n\\begin{aligned}")
        assert not re.search("[\U000f0000-\U0010ffff]", said.latex + said.text + said.html), "a mark was left"


def test_html_shows_hostile_labels_harmlessly() -> None:
    a = Value(2.0, label='<script>alert("x")</script>')
    html = explain(a * a, a).html
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "id=" not in html


def test_the_same_bytes_each_time() -> None:
    def told() -> tuple[str, str, str]:
        first, v = grown(11, 14)
        said = explain(v, first)
        return said.text, said.latex, said.html

    assert told() == told()


@pytest.mark.parametrize("name", ["x.txt", "x.tex", "x.html", "x.HTML"])
def test_save(tmp_path: Path, name: str) -> None:
    a, b, _ = leaves()
    explain(tanh(a * b), [a, b]).save(tmp_path / name)
    text = (tmp_path / name).read_text("utf-8")
    assert (
        {"t": "∂v2/∂a", "e": r"\end{document}", "l": "</html>", "L": "</html>"}[name[-1]] in text
        if name != "x.tex"
        else True
    )
    assert len([*tmp_path.iterdir()]) == 1


def test_save_refuses_what_it_cannot_write_and_leaves_nothing(tmp_path: Path) -> None:
    a, b, _ = leaves()
    said = explain(a * b, a)
    with pytest.raises(ValueError, match=r"\.txt, \.tex or \.html"):
        said.save(tmp_path / "x.pdf")
    with pytest.raises(OSError, match="was not saved"):
        said.save(tmp_path / "nowhere" / "x.txt")
    assert not [*tmp_path.iterdir()]


def test_show_opens_a_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    a, b, _ = leaves()
    explain(a * b, a).show()
    assert len(opened) == 1


# Bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("v", "wrt", "error", "says"),
    [
        (2.0, Value(1.0), TypeError, "the number 2.0, which has no graph"),
        ([Value(1.0)], Value(1.0), TypeError, r"a list: give one of its Values, explain\(xs\[0\], a\)"),
        ("L", Value(1.0), TypeError, r"the string 'L': give the Value itself, without quotes, explain\(L, a\)"),
        (None, Value(1.0), TypeError, r"None, which a function gives .* write explain\(L, a\)"),
        (nn.MLP(2, [1]), Value(1.0), TypeError, r"give what it computes, explain\(model\(x\), a, model=model\)"),
        (tanh, Value(1.0), TypeError, r"the function tanh: give what it returns, explain\(f\(a\), a\)"),
        (Value(1.0), nn.MLP(2, [1]), TypeError, r"of type MLP: write explain\(v, model.parameters\(\)\)"),
        (Value(1.0), None, TypeError, r"None of type NoneType: write explain\(v, a\)"),
        (Value(1.0), 2.0, TypeError, "wrt is a Value or a list of Values"),
        (Value(1.0), "a", TypeError, "without quotes|no quotes"),
        (Value(1.0), [], ValueError, "empty list"),
        (Value(1.0), [Value(1.0), 3], TypeError, r"one with 3 of type int: write explain\(v, \[a, b\]\)"),
    ],
)
def test_bad_input_is_said_in_words(v: Any, wrt: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        explain(v, wrt)


@pytest.mark.parametrize("paths", [0, -1, 2.0, True, "all"])
def test_a_wrong_number_of_paths(paths: Any) -> None:
    a, b, _ = leaves()
    with pytest.raises(ValueError, match="1 or more"):
        explain(a * b, a, paths=paths)


def test_a_model_without_parameters() -> None:
    a, b, _ = leaves()
    with pytest.raises(TypeError, match="named_parameters"):
        explain(a * b, a, model=3)


def test_a_node_made_by_hand_cannot_be_told() -> None:
    a, b, _ = leaves()
    node = Value(6.0, (a, b), "area")
    node._backward = lambda: None  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="made by hand"):
        explain(node * 2, a)


def test_a_cycle_made_by_hand_is_refused() -> None:
    a = Value(1.0)
    node = Value(1.0, (a,), "loop")
    node._operands = (node,)
    with pytest.raises(ValueError, match=r"cycle|itself|circle"):
        explain(node, a)


# Small parts ----------------------------------------------------------------------------------------------------------


def test_counts_and_sizes_in_words() -> None:
    assert count(1) == "1"
    assert count(10**11) == "100,000,000,000"
    assert count(10**12) == "about 1e12"
    assert count(3**5000) == "about 4.039e2385"
    assert power_of_ten(1000 * math.log(10)) == "1e1000"
    assert power_of_ten(-math.inf) == "0"
    assert share(0.0) == "more than 99.99 %"
    assert Way((), 1.0).magnitude == 0.0
