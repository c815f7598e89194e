"""The walk neuron by neuron: error signals are those of the backward pass, and weights move only when all are known."""

from __future__ import annotations

import json
import re

import pytest

import autograd
import nn
from autograd import Value, steps
from autograd.show import board, words
from autograd.show.animation import animated_svg
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

    def lookup(name: str) -> float | str:
        at = int(name[1:])
        if name[0] == "m":
            return data["edges"][at]["derivative"] or 0.0
        return data["boxes"][at][{"d": "data", "g": "grad", "D": "data_text", "G": "grad_text"}[name[0]]]

    for event in data["events"]:
        if event["kind"] != "update":
            assert filled(event["fill"], lookup) == event["numbers"]
            key, box = next(iter(event["of"].items()))
            assert data["boxes"][box][key] == event["result"]


def test_a_sum_of_negative_terms_has_them_in_brackets():
    model = nn.MLP(2, [1, 2, 1], activation="tanh", seed=1)
    for parameter in model.parameters():
        parameter.data = -1.5
    _, walk = walk_of(model, [-1.0, 1.0])
    assert walk[0].numbers == "−1.5 × (−1) + (−1.5) × 1 + (−1.5) = −1.5"
    for step in walk:
        assert not re.search(r"[+×−] −|≈ 0 [+×]|[+×] ≈", f"{step.numbers} {step.local}"), step
    hidden = next(step for step in walk if step.formula.startswith("δ[0.0]"))
    assert re.fullmatch(r"\(−1.5 × \S+ \+ \(−1.5\) × \S+\) × \S+ = \S+", hidden.numbers)


def test_the_way_from_the_outputs_to_the_loss_is_told_where_it_is_short():
    model = nn.Neuron(1, activation="tanh", seed=1)
    model.w[0].data, model.b.data = 0.5, 0.0
    walk = steps(nn.mse_loss(model([1.0]), 1.0), model=model, view="neurons")
    value, delta = next(s for s in walk if s.kind == "value"), next(s for s in walk if s.kind == "delta")
    assert str(value) == f"{value.formula} = (0.4621 − 1)**2 = 0.2893"
    assert value.formula.endswith(" = (a − 1)**2")
    assert delta.local.startswith("∂v4/∂a = 2·(a − 1) = 2 × (0.4621 − 1) = −1.076; ∂a/∂z = 1 − a")
    long = autograd.sum([(model([1.0]) + float(at)) ** 2 for at in range(1)] + [Value(float(at)) for at in range(50)])
    value = next(s for s in steps(long, model=model, view="neurons") if s.kind == "value")
    assert "the graph view goes through every operation" in value.sentence


@pytest.mark.parametrize(
    ("activation", "note"),
    [
        ("leaky_relu", ""),  # what books write for 0 is the convention
        ("relu", "this relu is off, its input is not above 0: nothing flows"),
        (lambda z: autograd.maximum(z, -z), "a special point, where a slope is a convention"),
        (lambda z: autograd.maximum(z, -2.0), ""),
    ],
)
def test_at_a_kink_the_convention_is_told(activation, note):
    model = nn.MLP(1, [1, 1], activation=activation, seed=1)
    for parameter in model.parameters():
        parameter.data = 0.0
    _, walk = walk_of(model, [1.0])
    hidden = [step for step in walk if step.kind == "delta"][1]
    assert hidden.note == note


def test_a_loss_at_a_kink_is_told_without_the_formula_that_does_not_hold_there():
    model = nn.MLP(1, [1], seed=1)
    loss = autograd.maximum(model([1.0]), 0.25)
    delta = next(step for step in steps(loss, model=model, view="neurons") if step.kind == "delta")
    assert delta.local.startswith("∂loss/∂z[0.0] = 1 if ")
    model.layers[0].neurons[0].w[0].data, model.layers[0].neurons[0].b.data = 0.25, 0.0
    loss = autograd.maximum(model([1.0]), 0.25)
    delta = next(step for step in steps(loss, model=model, view="neurons") if step.kind == "delta")
    assert (delta.local, delta.note) == ("∂loss/∂z[0.0] = 0.5", "a special point, where a slope is a convention")


def test_numbers_changed_after_the_loss_are_told_as_such():
    model = nn.MLP(1, [1, 1], activation="tanh", seed=1)
    _, walk = walk_of(model, [1.0])
    model.parameters()[0].data += 1.0
    notes = {step.formula.split(" = ")[0]: step.note for step in walk if step.phase != "update"}
    assert notes["z[0.0]"] == "z[0.0] was computed before numbers it is made of were changed"
    weight = next(step for step in walk if step.kind == "weight" and step.target is model.parameters()[0])
    assert weight.note == notes["z[0.0]"]
    assert notes["y"] == notes["δ[1.0]"] == ""


def test_what_an_earlier_pass_left_is_told_at_the_leaf():
    model = nn.MLP(1, [1], seed=1)
    nn.mse_loss(model([3.0]), 0.0).backward()
    _, walk = walk_of(model, [1.0])
    weight = next(step for step in walk if step.kind == "weight")
    assert f"left from an earlier backward(): {words.number(weight.target.grad)} (" in weight.note


@pytest.mark.parametrize("sizes", [[3, 1], [3, 2, 1], [1], [4, 4, 4, 1], [16, 1]], ids=str)
def test_biases_are_drawn_and_no_number_stands_on_another(sizes):
    model = nn.MLP(2, sizes, activation="tanh", seed=1)
    _, walk = walk_of(model, [1.0, -2.0])
    data = walk.data()
    svg = board.picture(data)
    for layer in data["layers"]:
        for neuron in layer["neurons"]:
            assert svg.count(f'data-weight="{neuron["bias"]}"') == svg.count(f'data-box="{neuron["bias"]}"') == 1
    spots = [line["label"] for line in data["lines"] if line["label"]]
    assert bool(spots) == (sizes != [16, 1])
    for at, (x, y) in enumerate(spots):
        assert all(abs(x - u) >= 62 or abs(y - v) >= 24 for u, v in spots[:at])
    for text in data["legend"]:
        assert text["x"] + words.width(text["text"], 10) <= data["picture"]["width"]


def test_the_moving_picture_shows_weights_until_they_are_moved():
    model = nn.MLP(1, [1], seed=1)
    w, b = model.parameters()
    b.data = -0.125
    _, walk = walk_of(model, [2.0])
    svg = animated_svg(walk)
    for step in walk:
        if step.phase == "update":
            assert f">{words.number(step.before)}<" in svg
            assert f">{words.number(step.now)}<" in svg
    weight = next(step for step in walk if step.target is w and step.kind == "weight")
    assert f'grad mid small dim on" x="0" y="10">{words.number(weight.now)}<' in svg


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
