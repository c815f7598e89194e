"""Losses: their values and gradients as mathematics has them, at both ends of the numbers, and what they refuse."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value

mpmath.mp.dps = 60

logits = st.floats(-30, 30)
far = st.floats(-1000, 1000)
probabilities = st.floats(1e-9, 1 - 1e-9)
several = st.integers(1, 6)


def gradients(loss, values):
    for v in values:
        v.zero_grad()
    loss.backward()
    return [v.grad for v in values]


def slope(f, numbers, i, h=1e-20):
    """∂f/∂numbers[i] by a central difference in 60 digits: exact to 30, and none of the rules is used."""
    above, below = [mpmath.mpf(x) for x in numbers], [mpmath.mpf(x) for x in numbers]
    above[i] += h
    below[i] -= h
    return float((f(above) - f(below)) / (2 * h))


# Each loss as its definition has it, in 60 digits: (our function, its mean over lists, predictions, targets).


def mean(terms):
    return mpmath.fsum(terms) / len(terms)


def exact_mse(ps, ts):
    return mean([(mpmath.mpf(p) - t) ** 2 for p, t in zip(ps, ts, strict=True)])


def exact_bce(ps, ts):
    pairs = [(mpmath.mpf(p), mpmath.mpf(t)) for p, t in zip(ps, ts, strict=True)]
    return mean([-(t * mpmath.log(p) + (1 - t) * mpmath.log(1 - p)) for p, t in pairs])


def exact_bce_with_logits(xs, ts):
    return exact_bce([1 / (1 + mpmath.exp(-mpmath.mpf(x))) for x in xs], ts)


def exact_hinge(ss, ts):
    return mean([max(mpmath.mpf(0), 1 - t * s) for s, t in zip(ss, ts, strict=True)])


ELEMENTWISE = [
    pytest.param(nn.mse_loss, exact_mse, logits, logits, id="mse"),
    pytest.param(nn.binary_cross_entropy, exact_bce, probabilities, st.floats(0, 1), id="bce"),
    pytest.param(nn.binary_cross_entropy_with_logits, exact_bce_with_logits, logits, st.floats(0, 1), id="bce_logits"),
    pytest.param(nn.hinge_loss, exact_hinge, logits, st.sampled_from([-1, 1]), id="hinge"),
]


@pytest.mark.parametrize(("loss", "exact", "predictions", "targets"), ELEMENTWISE)
@given(draw=st.data())
def test_value_and_gradient_are_those_of_the_definition(loss, exact, predictions, targets, draw):
    n = draw.draw(several)
    ps, ts = (draw.draw(st.lists(some, min_size=n, max_size=n)) for some in (predictions, targets))
    if loss is nn.hinge_loss and any(abs(1 - t * s) < 1e-9 for s, t in zip(ps, ts, strict=True)):
        return  # the kink has no slope
    values = [Value(p) for p in ps]
    out = loss(values, ts)
    terms = [float(exact([p], [t])) for p, t in zip(ps, ts, strict=True)]
    size = 1 if loss is nn.hinge_loss else 0  # 1 − t·s crosses zero: the largest term is 1
    assert out.data == pytest.approx(float(exact(ps, ts)), rel=1e-14, abs=1e-15 * (size + max(terms)))
    assert loss(ps, ts) == out.data  # plain numbers: a float, the same
    for i, ours in enumerate(gradients(out, values)):
        # σ(x) − t, p − t: the scale is that of the terms of the difference
        assert ours == pytest.approx(slope(lambda xs: exact(xs, ts), ps, i), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(("loss", "exact", "predictions", "targets"), ELEMENTWISE)
@given(draw=st.data())
def test_mean_and_sum_are_those_of_none(loss, exact, predictions, targets, draw):
    n = draw.draw(several)
    ps, ts = (draw.draw(st.lists(some, min_size=n, max_size=n)) for some in (predictions, targets))
    terms = loss(ps, ts, reduction="none")
    assert terms == [loss(p, t) for p, t in zip(ps, ts, strict=True)]
    assert loss(ps, ts, reduction="sum") == autograd.sum(terms)
    assert loss(ps, ts) == loss(ps, ts, "mean") == autograd.sum(terms) / n
    nested = loss([ps, ps], [ts, ts], reduction="none")
    assert nested == [terms, terms]
    assert loss([[p] for p in ps], [[t] for t in ts], reduction="none") == [[term] for term in terms]


def test_one_number_is_not_reduced_to_a_mean():
    loss = nn.mse_loss(Value(3.0), 1.0)
    assert (loss.data, loss.op) == (4.0, "**")
    assert nn.mse_loss(Value(3.0), 1.0, "none").data == 4.0


def test_arrays_and_values_mix():
    values = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
    targets = np.array([[0.0, 2.0], [3.0, 2.0]])
    assert nn.mse_loss(values, targets).data == 5 / 4
    assert nn.mse_loss(np.array(values, dtype=object), targets.tolist()).data == 5 / 4
    assert nn.mse_loss(np.array([1.0, 2.0]), np.array([0, 2])) == 0.5
    assert nn.mse_loss(np.float32(1.5), np.int64(1)) == 0.25
    target = Value(1.0)
    nn.mse_loss(3.0, target).backward()
    assert target.grad == -4.0


# Mean squared error ---------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(logits, logits), min_size=1, max_size=6), st.floats(-5, 5), st.floats(-10, 10))
def test_mse_is_invariant_under_shift_and_scales_with_the_square(pairs, factor, shift):
    ps, ts = zip(*pairs, strict=True)
    base = nn.mse_loss(ps, ts)
    assert nn.mse_loss([p + shift for p in ps], [t + shift for t in ts]) == pytest.approx(base, rel=1e-9, abs=1e-12)
    assert nn.mse_loss([factor * p for p in ps], [factor * t for t in ts]) == pytest.approx(
        factor**2 * base, rel=1e-9, abs=1e-12
    )


def test_mse_overflows_to_inf():
    assert nn.mse_loss(1e200, 0.0) == math.inf == nn.mse_loss(Value(1e200), 0.0).data


# Binary cross-entropy -------------------------------------------------------------------------------------------------


@given(far, st.sampled_from([0, 1]))
def test_bce_with_logits_keeps_its_digits_in_both_tails(x, t):
    v = Value(x)
    loss = nn.binary_cross_entropy_with_logits(v, t)
    sign = 1 - 2 * t
    exact = mpmath.log1p(mpmath.exp(sign * mpmath.mpf(x)))
    assert loss.data == pytest.approx(float(exact), rel=1e-14, abs=5e-324)
    loss.backward()
    assert v.grad == pytest.approx(float(sign / (1 + mpmath.exp(-sign * mpmath.mpf(x)))), rel=1e-14, abs=5e-324)


@given(far, st.floats(0, 1))
def test_bce_with_logits_is_symmetric_and_has_the_gradient_sigmoid_minus_target(x, t):
    v = Value(x)
    loss = nn.binary_cross_entropy_with_logits(v, t)
    loss.backward()
    assert v.grad == pytest.approx(autograd.sigmoid(x) - t, abs=1e-15)
    assert nn.binary_cross_entropy_with_logits(-x, 1 - t) == pytest.approx(loss.data, rel=1e-13, abs=1e-13)


@given(logits, st.floats(0, 1))
def test_both_binary_cross_entropies_agree(x, t):
    assert nn.binary_cross_entropy(autograd.sigmoid(x), t) == pytest.approx(
        nn.binary_cross_entropy_with_logits(x, t), rel=1e-11 if abs(x) < 5 else 1e-2, abs=1e-15
    )


def test_bce_is_cut_off_at_100():
    assert nn.binary_cross_entropy([0.0, 1.0, 0.0, 1.0, 1e-50], [1, 0, 0, 1, 1], "none") == [
        100.0,
        100.0,
        0.0,
        0.0,
        100.0,
    ]
    assert nn.binary_cross_entropy([0.0, 1.0], [0.5, 0.25], "none") == [50.0, 75.0]
    for none in (nn.binary_cross_entropy(1.0, 1), nn.binary_cross_entropy(Value(0.0), 0).data):
        assert math.copysign(1.0, none) == 1.0, "a loss of nothing is 0, not −0"
    for p, t in ((0.0, 1), (1.0, 0), (0.0, 0), (1.0, 1), (0.0, 0.5), (1.0, 0.5)):
        v = Value(p)
        nn.binary_cross_entropy(v, t).backward()
        assert math.isfinite(v.grad)
        assert v.grad == {(0.0, 0): 1.0, (1.0, 1): -1.0, (0.0, 0.5): 0.5, (1.0, 0.5): -0.5}.get((p, t), 0.0)


@pytest.mark.parametrize("infinite", [math.inf, -math.inf])
def test_bce_with_logits_at_infinity(infinite):
    right, wrong = (1, 0) if infinite > 0 else (0, 1)
    v = Value(infinite)
    loss = nn.binary_cross_entropy_with_logits(v, right)
    loss.backward()
    assert (loss.data, v.grad) == (0.0, 0.0)
    assert nn.binary_cross_entropy_with_logits(infinite, wrong) == math.inf


def test_a_target_that_is_a_value_is_differentiated():
    t = Value(1.0)
    nn.binary_cross_entropy(0.25, t).backward()
    assert t.grad == pytest.approx(-(math.log(0.25) - math.log(0.75)), rel=1e-14)
    t.zero_grad()
    nn.binary_cross_entropy_with_logits(2.0, t).backward()
    assert t.grad == pytest.approx(-2.0, rel=1e-14)


# Hinge ----------------------------------------------------------------------------------------------------------------


def test_hinge_has_no_slope_at_its_kink_and_beyond():
    for s, t, expected in (
        (0.5, 1, -1.0),
        (1.0, 1, 0.0),
        (2.0, 1, 0.0),
        (0.5, -1, 1.0),
        (-1.0, -1, 0.0),
        (-3.0, -1, 0.0),
    ):
        v = Value(s)
        nn.hinge_loss(v, t).backward()
        assert (v.grad, v.computed) == (expected, True)


@given(st.lists(st.tuples(logits, st.sampled_from([-1, 1])), min_size=1, max_size=6))
def test_hinge_is_symmetric_and_an_upper_bound_of_the_errors(pairs):
    ss, ts = zip(*pairs, strict=True)
    loss = nn.hinge_loss(ss, ts)
    assert loss == nn.hinge_loss([-s for s in ss], [-t for t in ts])
    assert loss * (1 + 1e-12) >= sum(s * t <= 0 for s, t in pairs) / len(pairs)


# Cross-entropy --------------------------------------------------------------------------------------------------------

classes = st.lists(far, min_size=1, max_size=6).flatmap(lambda xs: st.tuples(st.just(xs), st.integers(0, len(xs) - 1)))


@given(classes)
def test_cross_entropy_is_minus_the_log_of_the_softmax(example):
    xs, c = example
    values = [Value(x) for x in xs]
    loss = nn.cross_entropy(values, c)
    weights = [mpmath.exp(mpmath.mpf(x) - xs[c]) for x in xs]  # relative to that of the right class
    total = mpmath.fsum(weights)
    softmax = [float(w / total) for w in weights]
    # a difference of logsumexp and a logit: the error is relative to the larger of them
    size = max(map(abs, xs))
    assert loss.data == pytest.approx(float(mpmath.log(total)), rel=1e-14, abs=1e-15 * size)
    for j, ours in enumerate(gradients(loss, values)):
        assert ours == pytest.approx(softmax[j] - (j == c), rel=1e-12, abs=1e-12)
    assert sum(v.grad for v in values) == pytest.approx(0.0, abs=1e-12)


@given(classes, st.floats(-100, 100))
def test_cross_entropy_is_invariant_under_a_shift_of_all_logits(example, shift):
    xs, c = example
    assert nn.cross_entropy([x + shift for x in xs], c) == pytest.approx(nn.cross_entropy(xs, c), rel=1e-12, abs=1e-12)


@given(logits, st.integers(0, 1))
def test_cross_entropy_of_two_classes_is_the_binary_one(x, c):
    assert nn.cross_entropy([0.0, x], c) == pytest.approx(
        nn.binary_cross_entropy_with_logits(x, c), rel=1e-9, abs=1e-13
    )


def test_cross_entropy_of_a_batch():
    xs = [[1.0, 2.0, 3.0], [0.0, -5.0, 1.0]]
    single = [nn.cross_entropy(x, c) for x, c in zip(xs, [2, 0], strict=True)]
    assert nn.cross_entropy(xs, [2, 0], "none") == single
    assert nn.cross_entropy(xs, [2, 0]) == autograd.sum(single) / 2
    assert nn.cross_entropy(np.array(xs), np.array([2, 0]), "sum") == autograd.sum(single)
    assert nn.cross_entropy([[Value(x) for x in row] for row in xs], (2, np.int8(0))).data == autograd.sum(single) / 2
    assert nn.cross_entropy(xs[0], np.array(2)) == single[0]
    assert nn.cross_entropy([-math.inf, 0.0], 1) == 0.0
    assert nn.cross_entropy([-math.inf, 0.0], 0) == math.inf


# Learning -------------------------------------------------------------------------------------------------------------

XOR = [([0.0, 0.0], 0), ([0.0, 1.0], 1), ([1.0, 0.0], 1), ([1.0, 1.0], 0)]


@pytest.mark.parametrize(
    ("width", "loss", "target", "right"),
    [
        (1, nn.mse_loss, lambda c: c, lambda out, c: abs(out.data - c) < 0.3),
        (1, nn.binary_cross_entropy_with_logits, lambda c: c, lambda out, c: (out > 0) == c),
        (1, nn.hinge_loss, lambda c: 2 * c - 1, lambda out, c: (out > 0) == c),
        (2, nn.cross_entropy, lambda c: c, lambda out, c: (out[1] > out[0]) == c),
    ],
)
def test_a_small_network_learns_xor_with_every_loss(width, loss, target, right):
    model = nn.MLP(2, [8, width], activation="tanh", seed=4)
    optimizer = nn.Adam(model.parameters(), lr=0.05)
    first = last = None
    for _ in range(150):
        last = loss([model(x) for x, _ in XOR], [target(c) for _, c in XOR])
        first = first or last
        optimizer.zero_grad()
        last.backward()
        optimizer.step()
    assert last.data < 0.1 * first.data
    assert all(right(model(x), c) for x, c in XOR)


# What is wrong is said ------------------------------------------------------------------------------------------------

V = Value


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: nn.mse_loss([1.0, 2.0], [1.0]),
            ValueError,
            "mse_loss: prediction and target have the same shape; the prediction is a list of 2, the target a list",
        ),
        (
            lambda: nn.mse_loss(V(1.0), [1.0]),
            ValueError,
            "the prediction is one number, the target a list of 1: write target[0]",
        ),
        (
            lambda: nn.mse_loss([V(1.0), V(2.0)], [[1.0], [2.0]]),
            ValueError,
            "a nested list of shape (2, 1): write [t[0] for t in target]",
        ),
        (lambda: nn.mse_loss([[V(1.0)], [V(2.0)]], [1.0, 2.0]), ValueError, "write [t] for each target t"),
        (
            lambda: nn.mse_loss([[1.0, 2.0], [3.0]], [[1.0, 2.0], [3.0]]),
            ValueError,
            "the prediction: the items of a list have one shape; item 0 is a list of 2, item 1 is a list of 1",
        ),
        (lambda: nn.mse_loss([], []), ValueError, "was given no predictions"),
        (
            lambda: nn.mse_loss([1.0], ["1"]),
            TypeError,
            "mse_loss: the target: expected a number, was given the string '1'",
        ),
        (lambda: nn.mse_loss(None, 1.0), TypeError, "mse_loss: the prediction: expected a number, was given None"),
        (lambda: nn.mse_loss((x for x in [1.0]), [1.0]), TypeError, "mse_loss: the prediction: expected a number"),
        (lambda: nn.mse_loss(1.0, 1.0, "avg"), ValueError, "unknown reduction 'avg': Known are mean, sum, none"),
        (lambda: nn.cross_entropy([1.0], 0, "Sum"), ValueError, "unknown reduction 'Sum': did you mean 'sum'?"),
        (
            lambda: nn.hinge_loss([V(0.5), V(0.5)], [1, 0]),
            ValueError,
            "hinge_loss: the targets are −1 or 1, was given 0.0: for labels 0 and 1 write 2*y - 1",
        ),
        (lambda: nn.hinge_loss(0.5, 2), ValueError, "the targets are −1 or 1, was given 2.0"),
        (lambda: nn.hinge_loss(0.5, math.nan), ValueError, "the targets are −1 or 1, was given nan"),
        (
            lambda: nn.binary_cross_entropy(V(3.0), 1),
            ValueError,
            "a probability is between 0 and 1, was given 3.0. That looks like a logit: use binary_cross_entropy_with",
        ),
        (lambda: nn.binary_cross_entropy([0.5, -0.1], [1, 1]), ValueError, "was given -0.1. That looks like a logit"),
        (
            lambda: nn.binary_cross_entropy(0.5, -1),
            ValueError,
            "the targets are between 0 and 1, was given -1.0: for labels −1 and 1 use hinge_loss, or write (y + 1) / 2",
        ),
        (
            lambda: nn.binary_cross_entropy_with_logits(0.5, -1),
            ValueError,
            "binary_cross_entropy_with_logits: the targets are between 0 and 1",
        ),
        (lambda: nn.binary_cross_entropy_with_logits(0.5, 2), ValueError, "was given 2.0"),
        (
            lambda: nn.cross_entropy([1.0, 2.0, 3.0], 3),
            ValueError,
            "a class index for 3 logits is from 0 to 2, was given 3",
        ),
        (lambda: nn.cross_entropy([1.0, 2.0, 3.0], -1), ValueError, "from 0 to 2, was given -1"),
        (
            lambda: nn.cross_entropy([1.0, 2.0], 1.0),
            TypeError,
            "a class index is a whole number, was given the number 1.0: write int(y)",
        ),
        (
            lambda: nn.cross_entropy([1.0, 2.0], True),
            TypeError,
            "a class index is a whole number, was given the number True: write int(y)",
        ),
        (
            lambda: nn.cross_entropy([[1.0, 2.0]], np.array([1.0])),
            TypeError,
            "a class index is a whole number, was given the number 1.0",
        ),
        (lambda: nn.cross_entropy([[1.0, 2.0]], [np.float64(1.0)]), TypeError, "write int(y)"),
        (lambda: nn.cross_entropy([1.0, 2.0], V(1.0)), TypeError, "was given one Value: write int(y)"),
        (lambda: nn.cross_entropy([1.0, 2.0], [0, 1]), TypeError, "of a one-hot list write y.index(1)"),
        (lambda: nn.cross_entropy([1.0, 2.0], "1"), TypeError, "was given the string '1'"),
        (
            lambda: nn.cross_entropy([[1.0, 2.0]], 0),
            ValueError,
            "the logits of 1 example need a list of as many class indices, was given the number 0",
        ),
        (
            lambda: nn.cross_entropy([[1.0, 2.0], [1.0, 2.0]], [0, 1, 1]),
            ValueError,
            "the logits of 2 examples need a list of as many class indices, was given a list of 3",
        ),
        (lambda: nn.cross_entropy([[1.0, 2.0]], [[0, 1]]), TypeError, "one-hot"),
        (
            lambda: nn.cross_entropy(V(1.0), 0),
            ValueError,
            "for a model with one output use binary_cross_entropy_with_logits",
        ),
        (lambda: nn.cross_entropy([], 0), ValueError, "a list of 0"),
        (lambda: nn.cross_entropy([[[1.0]]], [[0]]), ValueError, "a nested list of shape (1, 1, 1)"),
        (
            lambda: nn.cross_entropy([[1.0, 2.0], [1.0]], [0, 0]),
            ValueError,
            "cross_entropy: the logits: the items of a list have one shape",
        ),
    ],
)
def test_wrong_arguments_are_described(call, kind, message):
    with pytest.raises(kind) as error:
        call()
    assert message in str(error.value)


def test_nan_goes_through():
    assert math.isnan(nn.mse_loss(math.nan, 1.0))
    assert math.isnan(nn.binary_cross_entropy(math.nan, 1))
    assert math.isnan(nn.binary_cross_entropy_with_logits(math.nan, 0))
    assert math.isnan(nn.cross_entropy([math.nan, 1.0], 1))
    assert math.isnan(nn.hinge_loss(math.nan, 1))
