"""The walk neuron by neuron: error signals are those of the backward pass, and weights move only when all are known."""

from __future__ import annotations

import json

import pytest

import autograd
import nn
from autograd import Value, steps
from autograd.show.local import filled


def walk_of(model, x, target=1.0, **more):
    y = model(x)
    loss = nn.mse_loss(y, [target] * len(y) if isinstance(y, list) else target)
    return loss, steps(loss, model=model, view="neurons", **more)


MODELS = [
    nn.MLP(2, [3, 1], activation="tanh", seed=1),
    nn.MLP(2, [3, 2, 1], activation="relu", seed=2),
    nn.MLP(3, [2, 2], activation="sigmoid", output_activation="tanh", seed=3),
    nn.MLP(2, [2, 1], activation="leaky_relu", seed=4),
    nn.MLP(2, [2, 1], activation=lambda z: z * autograd.sigmoid(z), seed=5),
    nn.Sequential(nn.Layer(2, 2, activation="gelu", seed=6), nn.Layer(2, 1, nonlin=False, seed=7)),
    nn.Layer(2, 2, activation="silu", seed=8),
    nn.Neuron(2, activation="tanh", seed=9),
    nn.Neuron(2, nonlin=False, seed=10),
]


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_every_number_is_that_of_backward(model):
    loss, walk = walk_of(model, [1.0, -2.0, 0.5][: len(model.parameters()) and nin(model)])
    told = list(walk)
    assert not any(parameter.computed for parameter in model.parameters())
    loss.backward()
    seen = set()
    for step in told:
        if step.phase == "backward":
            assert repr(step.result) == repr(step.target.grad)
            seen.add(step.target)
        elif step.phase == "update":
            assert step.result == step.node.data - 0.1 * step.node.grad
    assert seen.issuperset(model.parameters())
    model.zero_grad()


def nin(model):
    part = model.layers[0] if isinstance(model, nn.Sequential) else model
    return part.nin if isinstance(part, nn.Layer) else len(part.w)


@pytest.mark.parametrize("model", MODELS[:4], ids=repr)
def test_delta_is_the_weighted_sum_of_the_next_deltas_times_the_slope(model):
    loss, walk = walk_of(model, [1.0, -2.0, 0.5][: nin(model)])
    told = list(walk)
    delta = {step.node: step.result for step in told if step.kind == "delta"}
    loss.backward()
    for layer, following in zip(model.layers, model.layers[1:], strict=False):
        sums = [next(z for z in delta if z.operands[-1] is neuron.b) for neuron in layer.neurons]
        after = [next(z for z in delta if z.operands[-1] is neuron.b) for neuron in following.neurons]
        for at, z in enumerate(sums):
            out = after[0].operands[len(following.neurons[0].w) + at]
            slope = out.local_grads[0]
            back = 0.0
            for neuron, next_z in zip(following.neurons, after, strict=True):
                back += neuron.w[at].data * delta[next_z]
            assert delta[z] == pytest.approx(back * slope, rel=1e-12, abs=1e-15)
        for neuron, z in zip(layer.neurons, sums, strict=True):
            assert neuron.b.grad == delta[z]
            for weight, x in zip(neuron.w, z.operands[len(neuron.w) : -1], strict=True):
                assert weight.grad == delta[z] * (x.data if isinstance(x, Value) else x)
    model.zero_grad()


def test_layers_come_back_in_order_and_weights_move_only_after_the_last_delta():
    model = nn.MLP(2, [3, 2, 1], activation="tanh", seed=1)
    before = [parameter.data for parameter in model.parameters()]
    _, walk = walk_of(model, [1.0, -2.0], lr=0.5)
    kinds = [step.kind for step in walk]
    assert kinds == (
        ["sum", "out"] * 5 + ["sum", "value", "seed"]
        + ["delta", "bias", "weight", "weight"] + ["delta", "bias", *["weight"] * 3] * 2
        + ["delta", "bias", "weight", "weight"] * 3 + ["update"] * 20
    )  # fmt: skip
    deltas = [step.formula.partition(" ")[0] for step in walk if step.kind == "delta"]
    assert deltas == ["δ[2.0]", "δ[1.0]", "δ[1.1]", "δ[0.0]", "δ[0.1]", "δ[0.2]"]
    assert [parameter.data for parameter in model.parameters()] == before
    first = kinds.index("update")
    assert "Only now, when the last δ is known" in walk[first].sentence
    assert [step.node for step in walk[first:]] == model.parameters()


def test_it_is_told_in_the_words_of_the_textbook():
    model = nn.MLP(2, [2, 2], activation="tanh", seed=3)
    for parameter, x in zip(model.parameters(), [0.5, -1, 0.25, 2, 1, 0, 1, -1, 0, 0.5, 2, -1], strict=True):
        parameter.data = x
    y = model([1.0, 0.5])
    L = nn.mse_loss(y, [0.0, 1.0])
    lines = [str(step) for step in steps(L, model=model, view="neurons", lr=0.5)]
    assert lines[0] == "z[0.0] = w[0.0][0]*x[0] + w[0.0][1]*x[1] + b[0.0] = 0.5 × 1 + (−1) × 0.5 + 0.25 = 0.25"
    assert lines[1] == "a[0.0] = tanh(z[0.0]) = tanh(0.25) = 0.2449"
    told = {line.partition(" ")[0]: line for line in lines}
    assert told["δ[0.0]"] == (
        "δ[0.0] = (w[1.0][0]·δ[1.0] + w[1.1][0]·δ[1.1]) · ∂a[0.0]/∂z[0.0]"
        " = (1 × (−0.7417) + 0.5 × 0.09569) × 0.94 = −0.6522"
    )
    assert told["∂L/∂b[0.0]"] == "∂L/∂b[0.0] = δ[0.0] = −0.6522"
    assert told["∂L/∂w[0.0][1]"] == "∂L/∂w[0.0][1] = δ[0.0] · x[1] = −0.6522 × 0.5 = −0.3261"
    assert told["∂L/∂w[1.1][0]"].startswith("∂L/∂w[1.1][0] = δ[1.1] · a[0.0] = ")
    assert lines[-1] == "b[1.1] ← b[1.1] − lr · ∂L/∂b[1.1] = −1 − 0.5 × 0.09569 = −1.048"


def test_labels_and_variables_are_kept_as_names():
    model = nn.Neuron(2, activation="tanh", seed=1)
    model.w[0].label = "rain"
    x = Value(2.0, label="x")
    loss = (model([x, 3.0]) - 1.0) ** 2
    text = steps(loss, model=model, view="neurons").text
    assert "z = rain*x + w[1]*x[1] + b = " in text
    assert "∂loss/∂rain = δ · x = " in text
    assert "δ = ∂loss/∂a · ∂a/∂z" in text


def test_a_relu_that_is_off_has_no_error_signal():
    model = nn.MLP(1, [1, 1], seed=1)
    model.layers[0].neurons[0].b.data = -10.0
    _, walk = walk_of(model, [1.0])
    delta = [step for step in walk if step.kind == "delta"][1]
    assert delta.result == 0.0
    assert delta.note == "this relu is off, its input is not above 0: nothing flows"
    assert delta.numbers == "0"


def test_a_weight_that_is_used_elsewhere_too_has_its_whole_gradient():
    model = nn.MLP(1, [1], seed=1)
    w, b = model.parameters()
    loss = (model([2.0]) - 1.0) ** 2 + 0.1 * w * w
    walk = steps(loss, model=model, view="neurons")
    step = next(step for step in walk if step.target is w and step.kind == "weight")
    assert "used 3 times: this is its whole gradient" in step.note
    loss.backward()
    assert step.result == w.grad
    assert next(step for step in walk if step.target is b).note == ""


def test_an_output_that_is_used_elsewhere_too_has_the_gradient_of_all_uses():
    model = nn.MLP(1, [1, 1], activation="tanh", seed=1)
    hidden = model.layers[0].forward([2.0])
    loss = (model.layers[1].forward(hidden)[0] + hidden[0]) ** 2
    walk = steps(loss, model=model, view="neurons")
    deltas = [step for step in walk if step.kind == "delta"]
    assert "∂loss/∂" in deltas[1].formula
    loss.backward()
    assert [step.result for step in deltas] == [step.node.grad for step in deltas]


def test_only_what_is_to_be_trained_moves():
    model = nn.MLP(1, [1], seed=1)
    w, _ = model.parameters()
    _, walk = walk_of(model, [2.0], train=[w])
    assert [step.node for step in walk if step.phase == "update"] == [w]
    assert walk.data()["train"] == [walk.stage.sweep.number[w]]


def test_models_of_ones_own_and_layers_one_by_one_are_found():
    class Own(nn.Module):
        def __init__(self):
            self.hidden, self.parts = nn.Layer(1, 2, activation="tanh", seed=1), {"end": [nn.Neuron(2, seed=2)]}

        def forward(self, x):
            return self.parts["end"][0](self.hidden.forward(x))

    model = Own()
    _, walk = walk_of(model, [1.0])
    assert [layer.path for layer in walk.walk.layers] == ["hidden", "parts.end.0"]
    assert any(step.formula.startswith("δ[hidden.1] = w[parts.end.0][1]·δ[parts.end.0]") for step in walk)


def test_the_data_has_circles_lines_and_templates():
    model = nn.MLP(2, [3, 1], activation="tanh", seed=1)
    _, walk = walk_of(model, [1.0, -2.0])
    data = json.loads(json.dumps(walk.data(), allow_nan=False))
    assert [len(layer["neurons"]) for layer in data["layers"]] == [3, 1]
    assert len(data["lines"]) == 9
    assert [entry["name"] for entry in data["inputs"]] == ["x[0]", "x[1]"]
    circles = [*data["inputs"], *(neuron for layer in data["layers"] for neuron in layer["neurons"])]
    for circle in circles:
        assert circle["r"] <= circle["x"] <= data["picture"]["width"] - circle["r"]
        assert circle["r"] <= circle["y"] <= data["picture"]["height"] - circle["r"]
    for line in data["lines"]:
        row, at = line["to"]
        assert line["weight"] in data["layers"][row]["neurons"][at]["weights"]

    def lookup(name: str) -> float:
        at = int(name[1:])
        if name[0] == "m":
            return data["edges"][at]["derivative"] or 0.0
        return data["boxes"][at]["data" if name[0] == "d" else "grad"]

    for event in data["events"]:
        if event["kind"] != "update":
            assert filled(event["fill"], lookup) == event["numbers"]
            key, box = next(iter(event["of"].items()))
            assert data["boxes"][box][key] == event["result"]


def test_a_2_16_16_1_network_is_told_in_full():
    model = nn.MLP(2, [16, 16, 1], seed=1)
    _, walk = walk_of(model, [1.0, -2.0])
    assert len([step for step in walk if step.kind == "weight"]) == 2 * 16 + 16 * 16 + 16
    data = walk.data()
    assert data["many"] is None
    assert "…" in next(step.formula for step in walk if step.formula.startswith("δ[0.0]"))
    assert len(json.dumps(data, ensure_ascii=False, separators=(",", ":"))) < 700_000


def test_what_cannot_be_told_says_what_to_do():
    model = nn.MLP(2, [2, 1], seed=1)
    loss = nn.mse_loss(model([1.0, 2.0]), 1.0)
    with pytest.raises(ValueError, match=r"the neurons view needs the model that v was computed with: write steps\("):
        steps(loss, view="neurons")
    with pytest.raises(ValueError, match="used 2 times on the way to v: give the loss of one of them"):
        steps(loss + nn.mse_loss(model([1.0, 3.0]), 0.0), model=model, view="neurons")
    with pytest.raises(ValueError, match="compute v with this very model"):
        steps(loss, model=nn.MLP(2, [2, 1], seed=1), view="neurons")
    with pytest.raises(TypeError, match="named_parameters"):
        steps(loss, model=[1], view="neurons")

    class Line(nn.Module):
        def __init__(self):
            self.slope = Value(2.0)

        def forward(self, x):
            return self.slope * x

    line = Line()
    with pytest.raises(ValueError, match="Line has no neurons"):
        steps(line(2.0), model=line, view="neurons")
