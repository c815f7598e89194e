"""Modules: which parameters are found, in which order, under which names; their state."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest

import nn
from autograd import Value


class Line(nn.Module):
    def __init__(self) -> None:
        self.slope, self.offset = Value(2.0), Value(1.0)

    def forward(self, x):
        return self.slope * x + self.offset


class Zoo(nn.Module):
    """Parameters in every place where they are looked for, and much that is none."""

    def __init__(self) -> None:
        self.z = Value(1.0)
        self.name, self.count, self.nothing = "zoo", 3, None
        self.many = [Value(2.0), (Value(3.0), "text", Value(4.0))]
        self.table = {"left": Value(5.0), "right": [Line()], 7: Value(6.0)}
        self.array = np.array([[Value(7.0)], [Value(8.0)]], dtype=object)
        self.numbers = np.ones(3)
        self.a = Value(9.0)
        self.shared = [self.z, self.many]
        self.parent = self  # a circle
        self.result = self.z * 2  # no leaf
        self.function = Value.tanh

    def forward(self, x):
        return x


def test_parameters_are_found_in_the_order_of_definition_once_each():
    assert [name for name, _ in Zoo().named_parameters()] == [
        "z", "many.0", "many.1.0", "many.1.2", "table.left", "table.right.0.slope", "table.right.0.offset", "table.7",
        "array.0.0", "array.1.0", "a",
    ]  # fmt: skip
    zoo = Zoo()
    assert [p.data for p in zoo.parameters()] == [1.0, 2.0, 3.0, 4.0, 5.0, 2.0, 1.0, 6.0, 7.0, 8.0, 9.0]
    assert all(p is q for p, (_, q) in zip(zoo.parameters(), zoo.named_parameters(), strict=True))


def test_parameters_of_a_network_come_neuron_by_neuron_weights_then_bias():
    model = nn.MLP(2, [2, 1])
    assert [name for name, _ in model.named_parameters()] == [
        "layers.0.neurons.0.w.0", "layers.0.neurons.0.w.1", "layers.0.neurons.0.b",
        "layers.0.neurons.1.w.0", "layers.0.neurons.1.w.1", "layers.0.neurons.1.b",
        "layers.1.neurons.0.w.0", "layers.1.neurons.0.w.1", "layers.1.neurons.0.b",
    ]  # fmt: skip
    by_hand = [p for layer in model.layers for neuron in layer.neurons for p in [*neuron.w, neuron.b]]
    assert all(p is q for p, q in zip(model.parameters(), by_hand, strict=True))
    assert len(nn.MLP(2, [16, 16, 1]).parameters()) == 337


def test_shared_weights_count_once():
    model = nn.Sequential(nn.Layer(2, 2), nn.Layer(2, 2))
    model.layers[1].neurons[0].w = model.layers[0].neurons[0].w
    assert len(model.parameters()) == 12 - 2
    layer = nn.Layer(2, 2)
    assert len(nn.Sequential(layer, layer).parameters()) == 6


def test_a_set_of_parameters_has_no_order():
    model = Line()
    model.more = {Value(1.0)}
    with pytest.raises(TypeError, match="'more' have no order: make it a list"):
        model.parameters()
    model.more = {1, 2}
    assert len(model.parameters()) == 2


def test_zero_grad_makes_gradients_not_computed():
    line = Line()
    line(3.0).backward()
    assert (line.slope.grad, line.offset.grad) == (3.0, 1.0)
    line.zero_grad()
    assert [(p.grad, p.computed) for p in line.parameters()] == [(0.0, False)] * 2


def test_a_module_written_as_in_micrograd_works():
    class Doubled(nn.Module):
        def __init__(self):
            self.w = Value(2.0)

        def __call__(self, x):
            return self.w * x * 2

        def parameters(self):
            return [self.w]

    module = Doubled()
    module(3.0).backward()
    assert module.w.grad == 6.0
    module.zero_grad()
    assert not module.w.computed


def test_a_module_without_forward_says_what_to_write():
    class Empty(nn.Module):
        pass

    with pytest.raises(
        NotImplementedError, match=r"Empty does not say what it computes: write `def forward\(self, x\)"
    ):
        Empty()(1.0)


def test_repr_counts_the_parameters():
    assert repr(Line()) == "Line (2 parameters)"
    assert repr(nn.MLP(2, [3, 1], activation="tanh", output_activation="sigmoid")) == (
        "MLP of [Layer of 3 TanhNeuron(2), Layer of 1 SigmoidNeuron(3)] (13 parameters)"
    )
    assert repr(nn.Neuron(2, nonlin=False)) == "LinearNeuron(2)"
    assert repr(nn.Neuron(2, activation="leaky_relu")) == "LeakyReLUNeuron(2)"


def test_state_goes_round():
    model, other = nn.MLP(2, [3, 1], seed=1), nn.MLP(2, [3, 1], seed=2)
    state = model.state_dict()
    assert model([1.0, 2.0]).data != other([1.0, 2.0]).data
    other.load_state_dict(json.loads(json.dumps(state)))
    assert other.state_dict() == state == model.state_dict()
    assert model([1.0, 2.0]).data == other([1.0, 2.0]).data
    state["layers.0.neurons.0.b"] = 100.0  # a copy: the model does not hear of it
    assert model.layers[0].neurons[0].b.data == 0.0


def test_a_state_that_does_not_fit_is_described_and_nothing_changes():
    model = nn.MLP(2, [3, 1], seed=1)
    before = model.state_dict()
    state = {**dict.fromkeys(before, 5.0), "extra": 1.0, "layers.1.neurons.0.w.1": [1.0, 2.0]}
    del state["layers.0.neurons.0.b"]
    with pytest.raises(ValueError, match="does not fit MLP of") as error:
        model.load_state_dict(state)
    message = str(error.value)
    assert "missing: layers.0.neurons.0.b;" in message
    assert "unexpected: extra;" in message
    assert "layers.1.neurons.0.w.1 (a list of 2: [1.0, 2.0])" in message
    assert model.state_dict() == before
    with pytest.raises(ValueError, match=r"missing: layers\.0\.neurons\.1\.w\.0, .* and 3 more\. Nothing was changed"):
        model.load_state_dict(nn.MLP(2, [1, 1]).state_dict())
    for wrong in ({**before, "layers.0.neurons.0.b": "1"}, {**before, "layers.0.neurons.0.b": None}):
        with pytest.raises(
            ValueError, match=r"of another shape, where one number was expected: layers\.0\.neurons\.0\.b"
        ):
            model.load_state_dict(wrong)
    with pytest.raises(TypeError, match="a state is a dict of numbers by name"):
        model.load_state_dict([1.0, 2.0])
    assert model.state_dict() == before


def test_two_parameters_of_one_name_have_no_state():
    class Clash(nn.Module):
        def __init__(self):
            self.w = {"1": Value(1.0), 1: Value(2.0)}

    with pytest.raises(ValueError, match="two parameters"):
        Clash().state_dict()


def test_copies_and_pickles_keep_sharing_and_behave_alike():
    model = nn.Sequential(nn.Layer(2, 2, activation="tanh", seed=1), nn.Layer(2, 1, nonlin=False, seed=2))
    model.layers[1].neurons[0].w[0] = model.layers[0].neurons[0].b
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin([1.0, 2.0]).data == model([1.0, 2.0]).data
        assert len(twin.parameters()) == len(model.parameters()) == 8
        assert not {id(p) for p in twin.parameters()} & {id(p) for p in model.parameters()}
