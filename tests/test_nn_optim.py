"""Optimisers: their formulas on floats and arrays, their state, and what they refuse before anything is changed."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value
from nn.optim import adam_update, sgd_update

SGD_SETTINGS = [
    {"lr": 0.1},
    {"lr": 0.1, "momentum": 0.9},
    {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01},
    {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
]
ADAM_SETTINGS = [
    {"lr": 0.1},
    {"lr": 0.1, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3},
    {"lr": 0.1, "weight_decay": 0.1, "amsgrad": True},
]
MAKERS = [
    lambda params: nn.SGD(params, lr=0.1),
    lambda params: nn.SGD(params, lr=0.1, momentum=0.9, dampening=0.2, weight_decay=0.01),
    lambda params: nn.Adam(params, lr=0.1, betas=(0.8, 0.95), amsgrad=True),
]
gentle = st.floats(-10, 10)


def leaves(*numbers):
    return [Value(x) for x in numbers]


def set_gradients(parameters, gradients):
    for p, g in zip(parameters, gradients, strict=True):
        p.zero_grad()
        if g is not None:
            p.grad = g


def snapshot(parameters, optimizer):
    return [(p.data, p.grad, p.computed) for p in parameters], optimizer.state_dict()


# The formulas ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("update", "settings", "slots"),
    [(sgd_update, s, 1) for s in SGD_SETTINGS] + [(adam_update, s, 3) for s in ADAM_SETTINGS],
)
@given(
    rows=st.lists(
        st.tuples(gentle, gentle, gentle, st.floats(0, 10), st.floats(0, 10), st.integers(1, 50)),
        min_size=1,
        max_size=5,
    )
)
def test_the_same_text_updates_floats_and_arrays(update, settings, slots, rows):
    one_by_one = [update(p, g, *state[:slots], t, **settings) for p, g, *state, t in rows]
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    together = update(*columns[: 2 + slots], columns[-1], **settings)
    assert np.allclose(np.array(one_by_one).T, together, rtol=1e-14, atol=1e-15)
    at_once = update(*columns[: 2 + slots], 3, **settings)  # one t for all
    assert np.allclose(
        at_once, np.array([update(p, g, *s[:slots], 3, **settings) for p, g, *s, _ in rows]).T, rtol=1e-14, atol=1e-15
    )


def test_sgd_by_hand():
    (w,) = leaves(1.0)
    optimizer = nn.SGD([w], lr=0.5)
    set_gradients([w], [3.0])
    optimizer.step()
    assert w.data == 1.0 - 0.5 * 3.0


def test_momentum_gathers_speed_up_to_its_limit():
    (w,) = leaves(0.0)
    optimizer = nn.SGD([w], lr=1.0, momentum=0.5)
    steps = []
    for _ in range(60):
        before = w.data
        set_gradients([w], [1.0])
        optimizer.step()
        steps.append(before - w.data)
    assert steps[:3] == [1.0, 1.5, 1.75]
    assert steps[-1] == pytest.approx(1 / (1 - 0.5), rel=1e-12)


def test_the_first_velocity_is_the_whole_gradient_and_later_ones_are_dampened():
    (w,) = leaves(0.0)
    optimizer = nn.SGD([w], lr=1.0, momentum=0.5, dampening=0.25)
    for expected in (-8.0, -8.0 - (0.5 * 8.0 + 0.75 * 8.0)):
        set_gradients([w], [8.0])
        optimizer.step()
        assert w.data == expected


@pytest.mark.parametrize(("amsgrad", "second"), [(False, 1.0), (True, 0.1)])
def test_amsgrad_remembers_the_largest_gradient(amsgrad, second):
    (w,) = leaves(0.0)
    optimizer = nn.Adam([w], lr=1.0, betas=(0.0, 0.0), eps=1e-300, amsgrad=amsgrad)  # no means: each step is g/|g|
    for gradient, expected in ((10.0, -1.0), (1.0, -1.0 - second), (-20.0, -second)):
        set_gradients([w], [gradient])
        optimizer.step()
        assert w.data == pytest.approx(expected, rel=1e-15)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=10), st.floats(1e-3, 1e3))
def test_adam_does_not_see_the_scale_of_gradients(gradients, scale):
    a, b = leaves(1.0, 1.0)
    first, second = nn.Adam([a], lr=0.1, eps=1e-300), nn.Adam([b], lr=0.1, eps=1e-300)
    for g in gradients:
        set_gradients([a, b], [g, scale * g])
        first.step()
        second.step()
    assert a.data == pytest.approx(b.data, rel=1e-12, abs=1e-12)
    set_gradients([c := Value(0.0)], [-scale])
    nn.Adam([c], lr=0.1, eps=1e-300).step()
    assert c.data == pytest.approx(0.1, rel=1e-12)  # its first step has the length lr


@pytest.mark.parametrize("make", MAKERS)
def test_a_parabola_is_rolled_down(make):
    x, y = leaves(3.0, -2.0)
    optimizer = make([x, y])
    for _ in range(400):
        loss = (x - 1) ** 2 + 2 * (y + 1) ** 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (x.data, y.data) == (pytest.approx(1.0, abs=0.02), pytest.approx(-1.0, abs=0.02))


# Steps ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", MAKERS)
def test_a_parameter_without_gradient_keeps_value_and_state(make):
    a, b = leaves(1.0, 2.0)
    optimizer, alone = make([a, b]), make([c := Value(2.0)])
    for g in (None, 1.0, None, -2.0, 0.0):
        set_gradients([a, b, c], [1.0, g, g])
        before = b.data
        optimizer.step()
        if g is None:
            assert b.data == before
        else:
            alone.step()
    assert b.data == c.data
    assert optimizer.steps == [5, 3]


@pytest.mark.parametrize("make", MAKERS)
def test_zero_grad_forgets_gradients(make):
    a, b = leaves(1.0, 2.0)
    optimizer = make([a, b])
    set_gradients([a, b], [1.0, 2.0])
    optimizer.zero_grad()
    assert [(p.grad, p.computed) for p in (a, b)] == [(0.0, False)] * 2


def test_the_learning_rate_may_be_set():
    (w,) = leaves(1.0)
    optimizer = nn.SGD([w], lr=0.5)
    assert optimizer.lr == 0.5
    optimizer.lr = 2
    set_gradients([w], [1.0])
    optimizer.step()
    assert w.data == -1.0
    optimizer.lr = 0  # the end of a schedule
    optimizer.step()
    assert w.data == -1.0
    for wrong in (-0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match="SGD: lr is above 0 and finite"):
            optimizer.lr = wrong
    with pytest.raises(TypeError, match="SGD: lr: expected a number"):
        optimizer.lr = "0.1"
    assert optimizer.lr == 0.0


def test_parameters_come_as_list_generator_pairs_dict_or_array():
    w = Value(1.0, label="w")
    model = nn.Neuron(1)
    for params in ([w], (p for p in [w]), (w,), np.array([[w]], dtype=object), {w: None}.keys()):
        optimizer = nn.SGD(params, lr=0.1)
        assert optimizer.parameters == [w]
        assert optimizer.names == ["w"]
    for params in (model.named_parameters(), dict(model.named_parameters())):
        optimizer = nn.SGD(params, lr=0.1)
        assert optimizer.parameters == model.parameters()
        assert optimizer.names == ["w.0", "b"]
    assert nn.SGD(model.parameters()).names == ["parameters[0]", "parameters[1]"]
    assert repr(nn.SGD([w], lr=0.1, momentum=0.9)) == "SGD(1 parameter, lr=0.1, momentum=0.9)"


# State ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", MAKERS)
def test_a_run_interrupted_and_resumed_is_the_same_run(make):
    def gradients(step):
        return [math.sin(step), None if step % 3 == 0 else math.cos(step)]

    straight = leaves(1.0, 2.0)
    optimizer = make(straight)
    for step in range(20):
        set_gradients(straight, gradients(step))
        optimizer.step()

    resumed = leaves(1.0, 2.0)
    first = make(resumed)
    for step in range(20):
        if step == 7:
            state = json.loads(json.dumps(first.state_dict()))
            first = make(resumed)
            first.lr = 55.0
            first.load_state_dict(state)
        set_gradients(resumed, gradients(step))
        first.step()
    assert [p.data for p in resumed] == [p.data for p in straight]
    assert first.state_dict() == optimizer.state_dict()


def test_a_state_is_a_copy():
    (w,) = leaves(1.0)
    optimizer = nn.SGD([w], lr=0.1, momentum=0.9)
    state = optimizer.state_dict()
    set_gradients([w], [1.0])
    optimizer.step()
    assert state["state"] == {"velocity": [0.0]}
    later = optimizer.state_dict()
    later["state"]["velocity"][0] = 100.0
    later["settings"]["lr"] = 100.0
    assert optimizer.state_dict()["state"] == {"velocity": [1.0]}
    assert optimizer.lr == 0.1


def test_a_state_that_does_not_fit_changes_nothing():
    a, b = leaves(1.0, 2.0)
    optimizer = nn.SGD([a, b], lr=0.1, momentum=0.9)
    good = optimizer.state_dict()
    cases = [
        ({}, "a state is a dict of optimizer, settings, steps, state"),
        ([1], "was given a list of 1"),
        (nn.Adam([a, b]).state_dict(), "the state is that of Adam"),
        ({**good, "settings": {"lr": 0.1}}, "the names in 'settings' are lr, momentum"),
        ({**good, "state": {"m": [0.0, 0.0]}}, "the names in 'state' are velocity; the given state has m"),
        (nn.SGD([a]).state_dict(), "one number for each of 2 parameters, was given a list of 1"),
        ({**good, "state": {"velocity": [0.0]}}, "one number for each of 2 parameters"),
        ({**good, "settings": {**good["settings"], "lr": -1.0}}, "lr is above 0"),
    ]
    for state, message in cases:
        with pytest.raises(ValueError) as error:  # noqa: PT011 — the message is looked at below
            optimizer.load_state_dict(state)
        assert message in str(error.value)
        assert optimizer.state_dict() == good
    for state in ({**good, "steps": [1.5, 2]}, {**good, "state": {"velocity": [0.0, "1"]}}):
        with pytest.raises(TypeError):
            optimizer.load_state_dict(state)
        assert optimizer.state_dict() == good


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", MAKERS)
def test_step_before_any_backward_says_so(make):
    model = nn.MLP(1, [1], seed=1)
    optimizer = make(model.named_parameters())
    before = snapshot(model.parameters(), optimizer)
    with pytest.raises(RuntimeError, match=r"step\(\) before any backward\(\): no parameter has a gradient") as error:
        optimizer.step()
    assert "layers.0.neurons.0.w.0, layers.0.neurons.0.b" in str(error.value)
    assert snapshot(model.parameters(), optimizer) == before


def test_backward_without_brackets_is_told_at_the_step():
    model = nn.MLP(2, [1], seed=1)
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    loss = nn.mse_loss(model([1.0, 2.0]), 1.0)
    loss.backward  # noqa: B018 — the mistake
    with pytest.raises(
        RuntimeError, match=r"Write loss\.backward\(\) first, with its brackets \(`loss\.backward` alone does"
    ):
        optimizer.step()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    with pytest.raises(RuntimeError, match=r"zero_grad\(\) before it, not after"):
        optimizer.step()


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_not_finite_is_named_and_nothing_changes(make, bad):
    model = nn.MLP(1, [2, 1], seed=1)
    parameters = model.parameters()
    optimizer = make(model.named_parameters())
    set_gradients(parameters, [1.0, 2.0, 3.0, bad, 5.0, 6.0, 7.0])
    before = repr(snapshot(parameters, optimizer))  # as text, for nan is not itself
    with pytest.raises(FloatingPointError, match=rf"the gradient of layers\.0\.neurons\.1\.b is {bad}.*detect_anomaly"):
        optimizer.step()
    assert repr(snapshot(parameters, optimizer)) == before
    w = Value(1.0, label="my w")
    for params, name in (([w], "my w"), ([("named", w)], "named"), ([Value(1.0), Value(2.0)], r"parameters\[0\]")):
        optimizer = make(params)
        set_gradients(optimizer.parameters, [bad] * len(params))
        with pytest.raises(FloatingPointError, match=f"the gradient of {name} is"):
            optimizer.step()


W = Value(1.0)
LABELLED = Value(1.0, label="w")


@pytest.mark.parametrize("optimizer", [nn.SGD, nn.Adam])
@pytest.mark.parametrize(
    ("params", "kind", "message"),
    [
        ([], ValueError, "was given no parameters: model.parameters() was empty, or a generator was already used up"),
        (iter(()), ValueError, "was given no parameters"),
        (nn.MLP(2, [1]), TypeError, "(3 parameters): write {}(model.parameters(), …)"),
        (W, TypeError, "was given one Value: write {}([w], …)"),
        ("w", TypeError, "takes a list of parameters, was given the string 'w'"),
        (None, TypeError, "takes a list of parameters, was given None"),
        (3.0, TypeError, "takes a list of parameters, was given the number 3.0"),
        ([W, 1.0], TypeError, "parameters[1] is the number 1.0, where a Value was expected: make it a Value"),
        ([[W]], TypeError, "first.parameters() + second.parameters()"),
        ([nn.Neuron(1)], TypeError, "write its .parameters()"),
        ([{"params": [W]}], TypeError, "one optimiser a group"),
        ([("name", 1.0)], TypeError, "name is the number 1.0"),
        (["w"], TypeError, "parameters[0] is the string 'w', where a Value was expected"),
        ([W, Value(2.0), W], ValueError, "parameters[0] and parameters[2] are the same Value, to be updated once"),
        ([LABELLED, LABELLED], ValueError, "w and w are the same Value"),
        ([W * 2], ValueError, "parameters[0] is the result of an operation (*)"),
    ],
)
def test_wrong_parameters_are_described(optimizer, params, kind, message):
    with pytest.raises(kind) as error:
        optimizer(params, lr=0.1)
    assert message.format(optimizer.__name__) in str(error.value)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: nn.SGD([W], lr=0.0), ValueError, "SGD: lr is above 0"),
        (lambda: nn.SGD([W], lr=-1.0), ValueError, "SGD: lr is above 0 and finite, was given -1.0"),
        (lambda: nn.SGD([W], lr=math.nan), ValueError, "lr is above 0 and finite, was given nan"),
        (lambda: nn.SGD([W], lr="0.1"), TypeError, "SGD: lr: expected a number, was given the string '0.1'"),
        (lambda: nn.SGD([W], lr=0.1, momentum=-0.1), ValueError, "momentum is at least 0 and finite"),
        (lambda: nn.SGD([W], lr=0.1, weight_decay=-0.1), ValueError, "weight_decay is at least 0"),
        (lambda: nn.SGD([W], lr=0.1, nesterov=True), ValueError, "nesterov needs momentum and no dampening"),
        (lambda: nn.SGD([W], 0.1, 0.9, 0.1, nesterov=True), ValueError, "nesterov needs momentum and no dampening"),
        (
            lambda: nn.Adam([W], betas=0.9),
            TypeError,
            "Adam: betas are two numbers such as (0.9, 0.999), was given the number 0.9",
        ),
        (lambda: nn.Adam([W], betas=(0.9, 1.0)), ValueError, "Adam: beta2 is at least 0 and below 1, was given 1.0"),
        (lambda: nn.Adam([W], betas=(-0.1, 0.9)), ValueError, "Adam: beta1 is at least 0 and below 1"),
        (lambda: nn.Adam([W], eps=0.0), ValueError, "Adam: eps is above 0"),
        (lambda: nn.Adam([W], weight_decay=math.inf), ValueError, "weight_decay is at least 0 and finite"),
    ],
)
def test_wrong_settings_are_described(call, kind, message):
    with pytest.raises(kind) as error:
        call()
    assert message in str(error.value)


# Training -------------------------------------------------------------------------------------------------------------

RUN = """
import random, nn
random.seed(1337)
model = nn.MLP(2, [4, 4, 1], activation="tanh")
xs = [[random.gauss(0, 1), random.gauss(0, 1)] for _ in range(20)]
ys = [1 if x[0] * x[1] > 0 else -1 for x in xs]
optimizer = nn.SGD(model.parameters(), lr=0.2, momentum=0.9)
for step in range(15):
    loss = nn.hinge_loss([model(x) for x in xs], ys) + 1e-3 * sum(p * p for p in model.parameters())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.data.hex())
"""


def test_a_training_run_has_the_same_bits_in_every_process():
    root = Path(__file__).parent.parent

    def run(seed):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        done = subprocess.run([sys.executable, "-c", RUN], env=environment, capture_output=True, text=True, check=True)
        return done.stdout.split()

    first, second = run("0"), run("4711")
    assert first == second
    assert len(first) == 15
    assert float.fromhex(first[-1]) < 0.8 * float.fromhex(first[0])


def test_a_line_is_fitted():
    xs = [i / 10 for i in range(-10, 11)]
    ys = [3 * x - 1 for x in xs]
    neuron = nn.Neuron(1, nonlin=False, init="zeros")
    optimizer = nn.SGD(neuron.parameters(), lr=0.5)
    for _ in range(100):
        loss = nn.mse_loss([neuron([x]) for x in xs], ys)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (neuron.w[0].data, neuron.b.data) == (pytest.approx(3.0, abs=1e-6), pytest.approx(-1.0, abs=1e-6))
