"""Neurons, layers and models: what they compute, width one, what they say of wrong inputs, how weights start."""

from __future__ import annotations

import math
import random
import statistics

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from nn.activations import activations

ACTIVATIONS = sorted(activations())


def data(x):
    return [v.data for v in x] if isinstance(x, list) else x.data


def slopes_by_differences(f, parameters, h=1e-6):
    """∂f/∂p for each parameter by central differences, which know nothing of the rules."""
    slopes = []
    for p in parameters:
        at = p.data
        p.data = at + h
        above = f().data
        p.data = at - h
        below = f().data
        p.data = at
        slopes.append((above - below) / (2 * h))
    return slopes


# What is computed -----------------------------------------------------------------------------------------------------


def test_the_activations_are_the_functions_of_one_number_of_the_table():
    assert {"relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "sigmoid", "tanh", "sin", "abs"} <= set(
        ACTIVATIONS
    )
    assert not {"maximum", "where", "clip", "sum", "softmax", "hypot", "+", "neg", "identity"} & set(ACTIVATIONS)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_neuron_is_its_activation_of_the_weighted_sum(activation):
    neuron = nn.Neuron(2, activation=activation)
    neuron.w, neuron.b = (
        [Value(0.5), Value(-0.25)],
        Value(2.125 if activation == "acosh" else 0.125),
    )  # inside its domain
    function = getattr(autograd, activation)
    out = neuron([1.0, 0.5])
    z = Value(neuron.b.data + 0.5 * 1.0 - 0.25 * 0.5)
    assert out.data == function(z.data)
    out.backward()
    function(z).backward()
    assert [p.grad for p in neuron.parameters()] == [z.grad * 1.0, z.grad * 0.5, z.grad]


def test_an_activation_may_be_a_function_or_a_module():
    class Slope(nn.Module):
        def __init__(self):
            self.a = Value(3.0)

        def forward(self, x):
            return self.a * x

    assert (
        nn.Neuron(1, activation=autograd.tanh, seed=1)([2.0]).data
        == nn.Neuron(1, activation="tanh", seed=1)([2.0]).data
    )
    slope = Slope()
    layer = nn.Layer(1, 2, activation=slope, init="zeros")
    assert len(layer.parameters()) == 5
    assert repr(layer) == "Layer of 2 SlopeNeuron(1)"


def test_nonlin_false_and_no_activation_leave_the_weighted_sum():
    for neuron in (nn.Neuron(1, nonlin=False), nn.Neuron(1, activation=None), nn.Layer(1, 1, nonlin=False)):
        for p, number in zip(neuron.parameters(), [2.0, -10.0], strict=True):
            p.data = number
        assert neuron([1.0]).data == -8.0


def test_the_last_layer_of_an_mlp_is_linear_unless_told():
    assert [layer.neurons[0].activation for layer in nn.MLP(2, [3, 3, 1]).layers] == ["relu", "relu", None]
    model = nn.MLP(2, [3, 2], activation="tanh", output_activation="sigmoid")
    assert [layer.neurons[0].activation for layer in model.layers] == ["tanh", "sigmoid"]


@pytest.mark.parametrize(
    "inputs", [(1.0, -2.0), np.array([1.0, -2.0]), np.array([1, -2]), [Value(1.0), -2], range(1, -3, -3)]
)
def test_inputs_are_lists_tuples_arrays_of_numbers_or_values(inputs):
    model = nn.MLP(2, [3, 2], activation="tanh", seed=3)
    assert data(model(inputs)) == data(model([1.0, -2.0]))


def test_gradients_flow_to_inputs_and_parameters():
    model = nn.MLP(2, [3, 3, 1], activation="tanh", seed=5)
    x = [Value(0.3), Value(-0.7)]
    everything = [*x, *model.parameters()]
    model(x).backward()
    for ours, theirs in zip(
        [v.grad for v in everything], slopes_by_differences(lambda: model(x), everything), strict=True
    ):
        assert ours == pytest.approx(theirs, rel=1e-7, abs=1e-9)


def test_models_run_without_recording():
    model = nn.MLP(2, [3, 1], seed=5)
    with autograd.no_grad():
        out = model([1.0, 2.0])
    assert out.data == model([1.0, 2.0]).data
    assert out.parents == ()


# Width one ------------------------------------------------------------------------------------------------------------


def test_width_one_is_a_list_inside_a_model_and_a_value_at_its_end():
    assert isinstance(nn.Layer(2, 1)([1.0, 2.0]), Value)
    assert isinstance(nn.Layer(2, 2)([1.0, 2.0]), list)
    assert isinstance(nn.MLP(2, [3, 1])([1.0, 2.0]), Value)
    outputs = nn.MLP(2, [1, 1, 3])([1.0, 2.0])  # hidden layers of width one
    assert isinstance(outputs, list)
    assert len(outputs) == 3
    assert isinstance(nn.MLP(1, [1])([1.0]), Value)
    assert isinstance(nn.Sequential(nn.Layer(2, 1), autograd.sigmoid)([1.0, 2.0]), Value)
    inside = nn.Sequential(nn.MLP(2, [3, 1]), nn.Layer(1, 2))  # a model inside a model hands on a list
    assert len(inside([1.0, 2.0])) == 2


def test_a_list_that_happens_to_be_of_length_one_stays_a_list():
    class Each(nn.Module):
        def forward(self, xs):
            return [x * 2 for x in xs]

    assert data(nn.Sequential(Each())([Value(1.0)])) == [2.0]


def test_sequential_takes_modules_and_functions():
    model = nn.Sequential(
        nn.Layer(2, 3, nonlin=False, seed=1), autograd.tanh, nn.Layer(3, 2, nonlin=False, seed=2), autograd.softmax
    )
    same = nn.Sequential(
        nn.Layer(2, 3, activation="tanh", init="xavier", seed=1), nn.Layer(2 + 1, 2, nonlin=False, seed=2)
    )
    assert data(model([1.0, 2.0])) == data(autograd.softmax(same([1.0, 2.0])))
    assert sum(data(model([1.0, 2.0]))) == pytest.approx(1.0, rel=1e-15)
    assert (
        repr(nn.Sequential(nn.Layer(2, 1), autograd.tanh))
        == "Sequential of [Layer of 1 ReLUNeuron(2), tanh] (3 parameters)"
    )


def test_a_layer_of_the_users_own_is_called_as_written():
    class Residual(nn.Layer):
        def __call__(self, x):
            return [a + b for a, b in zip(super().forward(x), x, strict=True)]

    model = nn.Sequential(
        Residual(1, 1, init="zeros"), nn.Layer(1, 1, nonlin=False, init=lambda generator, nin, nout: 3.0)
    )
    assert model([5.0]).data == 15.0


# How weights start ----------------------------------------------------------------------------------------------------


def test_a_seed_fixes_the_weights_and_leaves_pythons_random_alone():
    random.seed(1)
    state = random.getstate()
    a, b, c = (nn.MLP(2, [4, 1], seed=seed) for seed in (7, 7, 8))
    assert random.getstate() == state
    assert a.state_dict() == b.state_dict() != c.state_dict()
    drawn = nn.MLP(2, [4, 1])
    assert random.getstate() != state
    random.seed(1)
    assert nn.MLP(2, [4, 1]).state_dict() == drawn.state_dict()


def test_parts_may_share_a_generator():
    generator = random.Random(7)
    parts = nn.Sequential(nn.Layer(2, 4, seed=generator), nn.Layer(4, 1, nonlin=False, seed=generator))
    assert parts.state_dict() == nn.MLP(2, [4, 1], seed=7).state_dict()


def test_uniform_draws_in_micrograds_order():
    random.seed(1337)
    model = nn.MLP(2, [3, 1], init="uniform")
    random.seed(1337)
    for layer in model.layers:
        for neuron in layer.neurons:
            assert [w.data for w in neuron.w] == [random.uniform(-1, 1) for _ in neuron.w]
            assert neuron.b.data == 0.0


@pytest.mark.parametrize(
    ("activation", "init", "variance", "bound"),
    [
        ("relu", None, 2 / 20, math.inf),
        ("silu", None, 2 / 20, math.inf),
        ("leaky_relu", None, 2 / 20 / (1 + 0.01**2), math.inf),
        ("tanh", None, 2 / (20 + 400), math.sqrt(6 / 420)),
        ("sigmoid", None, 2 / 420, math.sqrt(6 / 420)),
        (None, None, 2 / 420, math.sqrt(6 / 420)),
        ("tanh", "kaiming", 2 / 20, math.inf),
        ("relu", "xavier", 2 / 420, math.sqrt(6 / 420)),
        ("relu", "uniform", 1 / 3, 1.0),
    ],
)
def test_weights_have_the_variance_of_their_scheme(activation, init, variance, bound):
    weights = [
        w.data for neuron in nn.Layer(20, 400, activation=activation, init=init, seed=1).neurons for w in neuron.w
    ]
    # The standard error of the mean of 8000 numbers is √(variance/8000), of their variance at most √(2/8000) of it.
    assert abs(statistics.fmean(weights)) < 4 * math.sqrt(variance / 8000)
    assert statistics.pvariance(weights) == pytest.approx(variance, rel=4 * math.sqrt(2 / 8000))
    assert max(map(abs, weights)) <= bound
    assert (bound == math.inf) == (max(map(abs, weights)) > 2 * math.sqrt(variance))  # a normal distribution has tails


@pytest.mark.parametrize(("activation", "low", "high"), [("relu", 0.3, 3.0), ("tanh", 0.05, 1.0)])
def test_the_default_keeps_signals_alive_through_many_layers(activation, low, high):
    model = nn.MLP(30, [30] * 10, activation=activation, output_activation=activation, seed=2)
    generator = random.Random(3)
    outputs = model([generator.gauss(0, 1) for _ in range(30)])
    assert low < statistics.fmean(out.data**2 for out in outputs) * 2 < high * 2
    faded = nn.MLP(30, [30] * 10, activation=activation, output_activation=activation, seed=2)
    for p in faded.parameters():
        p.data *= 0.1
    assert statistics.fmean(out.data**2 for out in faded([1.0] * 30)) < 1e-6


def test_zeros_leave_neurons_alike():
    model = nn.MLP(2, [3, 1], activation="sigmoid", init="zeros")
    assert set(model.state_dict().values()) == {0.0}
    optimizer = nn.SGD(model.parameters(), lr=0.5)
    for _ in range(5):
        model.zero_grad()
        nn.mse_loss(model([1.0, 2.0]), 1.0).backward()
        optimizer.step()
    states = [neuron.state_dict() for neuron in model.layers[0].neurons]
    assert states[0] == states[1] == states[2]
    assert len(set(states[0].values())) > 1


def test_a_scheme_may_be_a_function():
    seen = []

    def scheme(generator, nin, nout):
        seen.append((nin, nout))
        return generator.uniform(0, 1)

    model = nn.MLP(2, [3, 1], init=scheme, seed=7)
    assert seen == [(2, 3)] * 6 + [(3, 1)] * 3
    drawn = random.Random(7)
    assert [w.data for w in model.layers[0].neurons[0].w] == [drawn.uniform(0, 1), drawn.uniform(0, 1)]


# What is wrong is said ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: nn.MLP(2, [16, 1])([1, 2, 3]),
            "layers.0 of this MLP: Layer of 16 ReLUNeuron(2) takes 2 inputs, was given a list of 3: [1, 2, 3]",
        ),
        (lambda: nn.Layer(3, 2)([1.0]), "Layer of 2 ReLUNeuron(3) takes 3 inputs, was given a list of 1: [1.0]"),
        (lambda: nn.Neuron(1)(()), "ReLUNeuron(1) takes 1 input, was given a tuple of 0: ()"),
        (lambda: nn.Neuron(1)(3.0), "was given the number 3.0. Inputs are a list of numbers or Values: write [x]"),
        (
            lambda: nn.Neuron(2)(Value(1.0)),
            "was given one Value. Inputs are a list of numbers or Values: write [x1, x2]",
        ),
        (lambda: nn.Neuron(2)("12"), "was given the string '12'. Inputs are a list"),
        (lambda: nn.Neuron(2)({1.0, 2.0}), "was given a set of 2"),
        (lambda: nn.Neuron(2)(None), "was given None"),
        (lambda: nn.Neuron(2)([1.0, [2.0]]), "list of 2: [1.0, [2.0]]. Inputs are a list of numbers or Values"),
        (lambda: nn.Neuron(2)([1.0, np.ones(1)]), "Inputs are a list of numbers or Values: write [x1, x2]"),
        (
            lambda: nn.MLP(2, [1])([[1.0, 2.0], [3.0, 4.0]]),
            "It takes one example at a time: write [model(x) for x in examples]",
        ),
        (lambda: nn.MLP(2, [1])(np.ones((5, 2))), "was given an array of shape (5, 2). It takes one example at a time"),
        (lambda: nn.MLP(2, [1])(np.ones(3)), "was given an array of shape (3,)"),
        (
            lambda: nn.Sequential(nn.Layer(2, 3), lambda xs: xs[:2], nn.Layer(3, 1))([1.0, 2.0]),
            "layers.2 of this Sequential: Layer of 1 ReLUNeuron(3) takes 3 inputs, was given a list of 2",
        ),
    ],
)
def test_wrong_inputs_are_described(call, message):
    with pytest.raises(ValueError, match="takes") as error:
        call()
    assert message in str(error.value)


def test_an_input_that_is_no_number_is_refused():
    for wrong in ("2", None, 1j):
        with pytest.raises(TypeError):
            nn.MLP(2, [1])([1.0, wrong])


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: nn.Neuron(0), ValueError, "nin, the number of inputs, is at least 1, was given 0"),
        (lambda: nn.Neuron(2.0), TypeError, "nin, the number of inputs, is a whole number, was given the number 2.0"),
        (lambda: nn.Layer(2, -1), ValueError, "nout, the number of neurons, is at least 1"),
        (
            lambda: nn.MLP(2, 16),
            TypeError,
            "nouts lists the widths of the layers: write MLP(2, [16, 1]); was given the number 16",
        ),
        (lambda: nn.MLP(2, []), ValueError, "at least one"),
        (lambda: nn.MLP(2, [4, "1"]), TypeError, "is a whole number, was given the string '1'"),
        (
            lambda: nn.Neuron(2, activation="rleu"),
            ValueError,
            "unknown activation 'rleu': did you mean 'relu'? Known are relu,",
        ),
        (lambda: nn.MLP(2, [1], output_activation="Sigmoid"), ValueError, "did you mean 'sigmoid'?"),
        (lambda: nn.MLP(2, [1], activation="softmax"), ValueError, "a function of a whole list"),
        (lambda: nn.MLP(2, [1], output_activation="softmax"), ValueError, "cross_entropy"),
        (lambda: nn.Neuron(2, activation="linear"), ValueError, "write None, without quotes"),
        (lambda: nn.Neuron(2, activation="maximum"), ValueError, "unknown activation 'maximum'"),
        (lambda: nn.Neuron(2, activation=3), TypeError, "an activation is a name such as 'relu'"),
        (
            lambda: nn.MLP(2, [1], init="kaimning"),
            ValueError,
            "unknown init 'kaimning': did you mean 'kaiming'? Known are kaiming,",
        ),
        (lambda: nn.MLP(2, [1], init=3), TypeError, "init is one of 'kaiming'"),
        (
            lambda: nn.MLP(2, [1], init=lambda generator, nin, nout: "0"),
            TypeError,
            "expected a number, was given the string '0'",
        ),
        (lambda: nn.MLP(2, [1], seed="7"), TypeError, "a seed is a whole number"),
        (lambda: nn.MLP(2, [1], seed=1.5), TypeError, "a seed is a whole number"),
        (lambda: nn.Sequential(), ValueError, "no layers"),
        (lambda: nn.Sequential([nn.Layer(2, 1)]), TypeError, "with the star"),
        (lambda: nn.Sequential(nn.Layer(2, 1), "tanh"), TypeError, "part 1 is the string 'tanh'"),
        (lambda: nn.Sequential(nn.Layer), TypeError, "Sequential takes Modules and functions"),
        (
            lambda: nn.Sequential(nn.Layer(2, 3), nn.Layer(4, 1)),
            ValueError,
            "layers.0, a Layer of 3 ReLUNeuron(2), gives 3 numbers, but layers.1, a Layer of 1 ReLUNeuron(4), takes 4",
        ),
    ],
)
def test_wrong_arguments_are_described(call, kind, message):
    with pytest.raises(kind) as error:
        call()
    assert message in str(error.value)


def test_every_misspelt_activation_is_known_again():
    for name in ACTIVATIONS:
        if len(name) > 3:
            with pytest.raises(ValueError, match=f"did you mean '{name}'"):
                nn.Neuron(1, activation=name.upper())
