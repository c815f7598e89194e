"""The biases pass alone: a program whose biases are folded computes what it did before, and what the engine does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pass_alone
import pytest
from compiled_judge import agrees, as_values, check_gradients, check_value, flat, judge
from hypothesis import given, settings
from hypothesis import strategies as st
from pass_alone import Numbers

import autograd as ag
import nn
from autograd import Value
from autograd.compiler.biases import with_biases

made = partial(pass_alone.made, with_biases)
check = partial(pass_alone.check, with_biases)


def dot(ws: Sequence[Any], xs: Sequence[Any]) -> Any:
    return ag.sum([w * x for w, x in zip(ws, xs, strict=True)])


def dense(W: Any, b: Any, x: Any) -> list[Any]:
    return [dot(row, x) + bias for row, bias in zip(W, b, strict=True)]


def tanhs(xs: Any) -> list[Any]:
    return [ag.tanh(x) for x in xs]


def squares(rows: Any) -> Any:
    return ag.sum([v * v for row in rows for v in row])


# Where it folds -------------------------------------------------------------------------------------------------------


def test_a_dense_layer_over_examples_has_its_biases_folded() -> None:
    n = Numbers()
    W, b, X = n.weights(4, 3), n.weights(4), n.rows(5, 3)
    it = check(lambda X: squares(tanhs(dense(W, b, x)) for x in X), [X])
    assert it.fewer == 1
    assert sum(len(block.numbers) for block in it.after.blocks if block.numbers is not None) == 5  # the row of ones


def test_a_dense_layer_for_one_example() -> None:
    n = Numbers()
    W, b = n.weights(4, 3), n.weights(4)
    check(lambda x: squares([tanhs(dense(W, b, x))]), [n.row(3)])


@pytest.mark.parametrize("lanes", [1, 2, 7])
def test_a_batch_has_its_biases_folded(lanes: int) -> None:
    n = Numbers()
    W, b, V, c = n.weights(4, 3), n.weights(4), n.weights(2, 4), n.weights(2)
    it = check(lambda x: squares([tanhs(dense(V, c, tanhs(dense(W, b, x))))]), [n.rows(lanes, 3)], lanes)
    assert it.fewer == 2


@pytest.mark.parametrize("lanes", [0, 6])
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_networks_have_all_biases_folded(lanes: int, activation: str) -> None:
    n = Numbers(4)
    model = nn.MLP(3, [5, 4, 2], activation=activation, seed=2)  # type: ignore[arg-type]

    def one(x: Any, y: Any) -> Any:
        return ag.sum([(a - t) ** 2 for a, t in zip(model(x), y, strict=True)])

    def whole(X: Any, Y: Any) -> Any:
        return ag.mean([one(x, y) for x, y in zip(X, Y, strict=True)])

    it = check(one if lanes else whole, [n.rows(6, 3), n.rows(6, 2)], lanes)
    assert it.fewer == 3
    assert len(it.after.forward) == len(it.before.forward) - 3


def test_two_layers_on_the_same_input_share_its_row_of_ones() -> None:
    n = Numbers()
    W, b, V, U, c = n.weights(4, 3), n.weights(4), n.weights(4, 3), n.weights(4, 4), n.weights(4)

    def f(X: Any) -> Any:
        first = [tanhs(dense(W, b, x)) for x in X]
        return squares(
            tanhs(dot(v, x) + dot(u, h) + bias for v, u, bias in zip(V, U, c, strict=True))
            for x, h in zip(X, first, strict=True)
        )

    it = check(f, [n.rows(5, 3)])
    assert it.fewer == 2
    assert len(it.after.blocks) == len(it.before.blocks) + 1
    assert it.after.cells == it.before.cells + 5


@pytest.mark.parametrize(("product", "bias", "count"), [(1.0, 1.0, 1), (-1.0, -1.0, 1), (2.0, 1.0, 0), (1.0, -1.0, 0)])
def test_only_a_bias_with_the_coefficient_of_its_product_is_folded(product: float, bias: float, count: int) -> None:
    n = Numbers()
    W, b = n.weights(4, 3), n.weights(4)

    def f(x: Any) -> Any:
        return squares([tanhs(product * dot(row, x) + bias * v for row, v in zip(W, b, strict=True))])

    assert check(f, [n.rows(5, 3)], 5).fewer == count


# Where it may, and must be right --------------------------------------------------------------------------------------


def shared_bias(n: Numbers) -> tuple[Any, Any]:
    W, V, b = n.weights(4, 3), n.weights(4, 3), n.weights(4)
    return (lambda X: squares(tanhs(dense(W, b, x)) + [ag.sin(v) for v in dense(V, b, x)] for x in X)), [n.rows(5, 3)]


def one_bias_for_all(n: Numbers) -> tuple[Any, Any]:
    W, b = n.weights(4, 3), n.weights(1)
    return (lambda X: squares(tanhs(dense(W, b * 4, x)) for x in X)), [n.rows(5, 3)]


def bias_used_before(n: Numbers) -> tuple[Any, Any]:
    W, b = n.weights(4, 3), n.weights(4)
    return (lambda X: squares(tanhs(dense(W, b, x)) for x in X) * squares([b])), [n.rows(5, 3)]


def bias_twice_in_a_sum(n: Numbers) -> tuple[Any, Any]:
    W, b = n.weights(4, 3), n.weights(4)
    return (lambda X: squares(tanhs(v + c for v, c in zip(dense(W, b, x), b, strict=True)) for x in X)), [n.rows(5, 3)]


def two_biases(n: Numbers) -> tuple[Any, Any]:
    W, b, c = n.weights(4, 3), n.weights(4), n.weights(4)
    return (lambda X: squares(tanhs(v + d for v, d in zip(dense(W, b, x), c, strict=True)) for x in X)), [n.rows(5, 3)]


def weights_and_bias_multiplied(n: Numbers) -> tuple[Any, Any]:
    W, b = n.weights(4, 3), n.weights(4)

    def f(X: Any) -> Any:
        return squares(tanhs(dense(W, b, x)) for x in X) + ag.sum(
            [w * v for row, v in zip(W, b, strict=True) for w in row]
        )

    return f, [n.rows(5, 3)]


def tied(n: Numbers) -> tuple[Any, Any]:
    W, b, c = n.weights(4, 3), n.weights(4), n.weights(3)

    def back(h: Any) -> list[Any]:
        return [dot([row[j] for row in W], h) + c[j] for j in range(3)]

    return (lambda X: squares(tanhs(back(tanhs(dense(W, b, x)))) for x in X)), [n.rows(5, 3)]


def tied_on_two_inputs(n: Numbers) -> tuple[Any, Any]:
    """Two products that each could take the one bias, which counts once."""
    W, b = n.weights(4, 3), n.weights(4)

    def f(X: Any, H: Any) -> Any:
        return squares(
            tanhs(dot(row, x) + dot(row, h) + bias for row, bias in zip(W, b, strict=True))
            for x, h in zip(X, H, strict=True)
        )

    return f, [n.rows(5, 3), n.rows(5, 3)]


def square_weights(n: Numbers) -> tuple[Any, Any]:
    W, b = n.weights(3, 3), n.weights(3)
    return (lambda X: squares(tanhs(dense(W, b, tanhs(dense(W, b, x)))) for x in X)), [n.rows(3, 3)]


def constant_biases(n: Numbers) -> tuple[Any, Any]:
    W, b = n.weights(4, 3), n.row(4)
    return (lambda X: squares(tanhs(dense(W, b, x)) for x in X)), [n.rows(5, 3)]


def constant_weights(n: Numbers) -> tuple[Any, Any]:
    W, b = n.rows(4, 3), n.weights(4)
    return (lambda X: squares(tanhs(dense(W, b, x)) for x in X)), [n.rows(5, 3)]


def biases_that_are_inputs(n: Numbers) -> tuple[Any, Any]:
    W = n.weights(4, 3)
    return (lambda X, b: squares(tanhs(dense(W, b, x)) for x in X)), [n.rows(5, 3), n.row(4)]


def weights_that_are_inputs(n: Numbers) -> tuple[Any, Any]:
    b = n.weights(4)
    return (lambda X, W: squares(tanhs(dense(W, b, x)) for x in X)), [n.rows(5, 3), n.rows(4, 3)]


def inputs_that_are_parameters(n: Numbers) -> tuple[Any, Any]:
    W, b, X = n.weights(4, 3), n.weights(4), n.weights(5, 3)
    return (lambda s: squares([ag.tanh(s * v) for v in dense(W, b, x)] for x in X)), [0.5]


def computed_biases(n: Numbers) -> tuple[Any, Any]:
    W, b = n.weights(4, 3), n.weights(4)
    return (lambda X: squares(tanhs(dense(W, [ag.exp(v) for v in b], x)) for x in X)), [n.rows(5, 3)]


def multiplied(product: float, bias: float) -> Callable[[Numbers], tuple[Any, Any]]:
    def case(n: Numbers) -> tuple[Any, Any]:
        W, b = n.weights(4, 3), n.weights(4)

        def f(X: Any) -> Any:
            return squares(tanhs(product * dot(row, x) + bias * v for row, v in zip(W, b, strict=True)) for x in X)

        return f, [n.rows(5, 3)]

    return case


def in_two_orders(n: Numbers) -> tuple[Any, Any]:
    """Read by example and by feature: of the products with one input only those of one order have a row of ones."""
    W, b, V, c = n.weights(4, 3), n.weights(4), n.weights(2, 5), n.weights(2)

    def f(X: Any) -> Any:
        columns = [[x[j] for x in X] for j in range(3)]
        return squares(tanhs(dense(W, b, x)) for x in X) + squares([ag.sin(v) for v in dense(V, c, x)] for x in columns)

    return f, [n.rows(5, 3)]


def by_features(n: Numbers) -> tuple[Any, Any]:
    W, b = n.weights(4, 3), n.weights(4)
    return (lambda F: squares(tanhs(dense(W, b, [row[k] for row in F])) for k in range(5))), [n.rows(3, 5)]


def neurons_outside(n: Numbers) -> tuple[Any, Any]:
    W, b = n.weights(4, 3), n.weights(4)
    return (lambda X: squares([ag.tanh(dot(row, x) + v) for x in X] for row, v in zip(W, b, strict=True))), [
        n.rows(5, 3)
    ]


def backwards(n: Numbers) -> tuple[Any, Any]:
    W, b = n.weights(4, 3), n.weights(4)
    return (lambda X: squares(tanhs(dense(W[::-1], b, x[::-1])) for x in X[::-1])), [n.rows(5, 3)]


def half_of_the_input(n: Numbers) -> tuple[Any, Any]:
    W, b, V, c = n.weights(4, 2), n.weights(4), n.weights(4, 2), n.weights(4)

    def f(X: Any) -> Any:
        return squares(tanhs(dense(W, b, x[:2])) + [ag.sin(v) for v in dense(V, c, x[2:])] for x in X)

    return f, [n.rows(5, 4)]


def input_used_elsewhere(n: Numbers) -> tuple[Any, Any]:
    W, b = n.weights(3, 3), n.weights(3)

    def f(X: Any) -> Any:
        layers = ([a + x for a, x in zip(tanhs(dense(W, b, x)), x, strict=True)] for x in X)
        return squares(layers) + ag.exp(X[4][2]) + ag.sum([x[1] * X[0][0] for x in X])

    return f, [n.rows(5, 3)]


def one_number_for_all_weights(n: Numbers) -> tuple[Any, Any]:
    """The numbers do not depend on what is summed over; six of them divide evenly into its three rows."""
    W, b = n.weights(4, 3), n.weights(4)
    return (
        lambda s: squares(tanhs(ag.sum([w * x for w in row]) + v for row, v in zip(W, b, strict=True)) for x in s)
    ), [n.row(6)]


def one_number_for_all_weights_and_no_even_part(n: Numbers) -> tuple[Any, Any]:
    f, _ = one_number_for_all_weights(n)
    return f, [n.row(5)]


def convolution(n: Numbers) -> tuple[Any, Any]:
    kernels, b = n.weights(2, 3, 3), n.weights(2)

    def f(image: Any) -> Any:
        return squares(
            [
                ag.tanh(ag.sum([k[i][j] * image[y + i][x + j] for i in range(3) for j in range(3)]) + v)
                for y in range(4)
                for x in range(4)
            ]
            for k, v in zip(kernels, b, strict=True)
        )

    return f, [n.rows(6, 6)]


def convolution_without_overlap(n: Numbers) -> tuple[Any, Any]:
    kernels, b = n.weights(2, 2, 2), n.weights(2)

    def f(image: Any) -> Any:
        return squares(
            [
                ag.tanh(ag.sum([k[i][j] * image[2 * y + i][2 * x + j] for i in range(2) for j in range(2)]) + v)
                for y in range(3)
                for x in range(3)
            ]
            for k, v in zip(kernels, b, strict=True)
        )

    return f, [n.rows(6, 6)]


def recurrent(n: Numbers) -> tuple[Any, Any]:
    W, U, b = n.weights(3, 2), n.weights(3, 3), n.weights(3)

    def f(steps: Any) -> Any:
        h: list[Any] = [0.1, 0.2, 0.3]
        for x in steps:
            h = tanhs(dot(w, x) + dot(u, h) + v for w, u, v in zip(W, U, b, strict=True))
        return squares([h])

    return f, [n.rows(6, 2)]


def narrow(n: Numbers) -> tuple[Any, Any]:
    W, b, V, c = n.weights(4, 1), n.weights(4), n.weights(1, 4), n.weights(1)
    return (lambda X: squares(tanhs(dense(V, c, tanhs(dense(W, b, x)))) for x in X)), [n.rows(5, 1)]


def with_scalar_code(n: Numbers) -> tuple[Any, Any]:
    """Single operations on the cells that are moved."""
    W, b = n.weights(4, 3), n.weights(4)

    def f(X: Any) -> Any:
        odd = ag.exp(ag.sin(X[0][0]) / (2.0 + ag.cos(X[3][1])))
        h = [tanhs(dense(W, b, x)) for x in X]
        return squares(h) * odd + ag.log(2.0 + h[1][2]) / (3.0 + ag.exp(h[4][0]))

    return f, [n.rows(5, 3)]


CASES = [
    shared_bias, one_bias_for_all, bias_used_before, bias_twice_in_a_sum, two_biases, weights_and_bias_multiplied, tied,
    tied_on_two_inputs, square_weights, constant_biases, constant_weights, biases_that_are_inputs,
    weights_that_are_inputs, inputs_that_are_parameters, computed_biases, multiplied(1.0, 1.0), multiplied(2.0, 2.0),
    multiplied(-1.0, -1.0), multiplied(2.0, 1.0), multiplied(1.0, -1.0), in_two_orders, by_features, neurons_outside,
    backwards, half_of_the_input, input_used_elsewhere, one_number_for_all_weights,
    one_number_for_all_weights_and_no_even_part, convolution, convolution_without_overlap, recurrent, narrow,
    with_scalar_code,
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_folded_or_not_the_numbers_are_the_same(case: Callable[[Numbers], tuple[Any, Any]]) -> None:
    function, inputs = case(Numbers())
    check(function, inputs)
    compiled = ag.compile(function)  # and as a whole, with its own check against the eager engine
    true = judge(function(*as_values(inputs)))
    check_value(compiled(*inputs), true)
    check_value(compiled.value_and_grad(*inputs)[0], true)


UNTOUCHED = [
    constant_biases, constant_weights, biases_that_are_inputs, weights_that_are_inputs, inputs_that_are_parameters,
    computed_biases, multiplied(2.0, 1.0), multiplied(1.0, -1.0), one_number_for_all_weights, convolution,
]  # fmt: skip


@pytest.mark.parametrize("case", UNTOUCHED)
def test_what_cannot_be_folded_is_left_as_it_is(case: Callable[[Numbers], tuple[Any, Any]]) -> None:
    it = made(*case(Numbers()))
    assert it.after is it.before


def test_a_bias_that_two_products_could_take_is_taken_by_one() -> None:
    assert made(*tied_on_two_inputs(Numbers())).fewer == 1


def test_where_numbers_are_infinite_the_gradients_by_inputs_are_in_their_order() -> None:
    # The cells of the input are in another order, with ones behind them, than the inputs themselves.
    n = Numbers()
    W, b = n.weights(4, 3), n.weights(4)

    def f(X: Any, y: Any) -> Any:
        return ag.sum([ag.exp(v) * t for x, t in zip(X, y, strict=True) for v in dense(W, b, x)])

    X, y = np.array(n.rows(5, 3)), np.array(n.row(5))
    assert made(f, [X.tolist(), y.tolist()]).fewer == 1
    program = ag.compile(f)
    program.value_and_grad(X, y)
    X[1, 2] = 1e5 if W[0][2].data > 0 else -1e5
    values = as_values([X.tolist(), y.tolist()])
    true = judge(f(*values))
    value, (by_X, by_y) = program.value_and_grad(X, y)
    check_value(value, true)
    assert not np.isfinite(by_X).all()
    check_gradients([*by_X.ravel().tolist(), *by_y.tolist()], flat(values), true)


@st.composite
def programs(draw: Any) -> tuple[Any, list[Any], int]:
    """Layers one upon another, their weights, biases and inputs in part the same, read in either order."""
    lanes = draw(st.sampled_from([0, 0, 1, 4]))
    n = Numbers(draw(st.integers(0, 99)))
    examples, width = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    weights: dict[Any, Any] = {}

    def kept(what: str, *sizes: int) -> Any:
        key = what, draw(st.integers(0, 1)), *sizes
        if key not in weights:
            weights[key] = n.weights(*sizes)
        return weights[key]

    plan, now = [], width
    for _ in range(draw(st.integers(1, 3))):
        wide = draw(st.integers(1, 4))
        W, b = kept("W", wide, now), kept("b", wide)
        second = draw(st.sampled_from([None, None, kept("W", wide, now), kept("V", wide, width)]))
        kind = draw(st.sampled_from(["plain", "plain", "twice", "minus", "skip"]))
        plan.append((W, b, second, kind, draw(st.sampled_from([ag.tanh, ag.sin, None]))))
        now = wide

    def layer(h: Any, x: Any, W: Any, b: Any, second: Any, kind: str, activation: Any) -> list[Any]:
        out = dense(W, b, h)
        if second is not None:
            out = [v + dot(row, h if len(row) == len(h) else x) for v, row in zip(out, second, strict=True)]
        if kind == "twice":
            out = [v + bias for v, bias in zip(out, b, strict=True)]
        if kind == "minus":
            out = [v - 2.0 * bias for v, bias in zip(out, b, strict=True)]
        if kind == "skip" and len(h) == len(out):
            out = [v + y for v, y in zip(out, h, strict=True)]
        return [activation(v) for v in out] if activation else out

    by_feature = draw(st.booleans()) and not lanes

    def one(x: Any) -> Any:
        h = x
        for parts in plan:
            h = layer(h, x, *parts)
        return squares([h])

    def whole(X: Any) -> Any:
        rows = [list(row) for row in zip(*X, strict=True)] if by_feature else X
        return ag.sum([one(x) for x in rows])

    if lanes:
        return one, [n.rows(lanes, width)], lanes
    return whole, [n.rows(width, examples) if by_feature else n.rows(examples, width)], 0


@settings(max_examples=60)
@given(programs())
def test_random_layers_give_the_same_numbers(program: tuple[Any, list[Any], int]) -> None:
    check(*program)


def test_the_judge_would_see_a_difference() -> None:
    true = judge(Value(1.0) + 2.0)
    assert not agrees(3.0 + 1e-10, true.value)
