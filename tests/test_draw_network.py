"""`draw(model)`: circles and lines, and what they say of sizes, weights and what is left out."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

import autograd
import nn
from autograd import Value, draw

SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg)


def lines(picture) -> list[ElementTree.Element]:
    return [path for path in parsed(picture).iter(f"{SVG}path") if "weight" in path.get("class", "")]


def circles(picture) -> list[ElementTree.Element]:
    return [circle for circle in parsed(picture).iter(f"{SVG}circle") if "box" in circle.get("class", "")]


def texts(picture) -> list[str]:
    return ["".join(text.itertext()) for text in parsed(picture).iter(f"{SVG}text")]


def test_every_neuron_is_a_circle_and_every_weight_a_line():
    net = nn.MLP(2, [16, 16, 1], seed=1)
    picture = draw(net)
    assert len(circles(picture)) == 2 + 16 + 16 + 1
    assert len(lines(picture)) == 2 * 16 + 16 * 16 + 16
    assert str(picture) == "MLP of 2 inputs and layers of 16, 16 and 1 neuron: 337 parameters"
    assert {"inputs", "2 numbers", "layers.0", "16 neurons, relu", "48 parameters", "1 neuron"} <= set(texts(picture))
    assert picture.source.count("->") == 304


def test_a_weight_is_width_and_sign_and_its_exact_number_is_under_the_pointer():
    net = nn.Neuron(3, activation="tanh")
    net.w, net.b = [Value(2.0), Value(-1.0), Value(0.0)], Value(0.5)
    first, second, third = lines(draw(net))
    widths = [float(line.get("stroke-width", 0)) for line in (first, second, third)]
    assert widths[0] > widths[1] > widths[2] > 0
    assert ["minus" in line.get("class", "") for line in (first, second, third)] == [False, True, False]
    assert second.find(f"{SVG}title").text == "w.1\ndata -1.0\ngrad not computed"
    assert "minus-line{stroke:#f0851a;stroke-dasharray" in draw(net).svg  # the sign is not told by colour alone
    assert {"2", "−1", "0", "0.5"} <= set(texts(draw(net)))


def test_gradients_are_under_the_pointer():
    net = nn.MLP(1, [1], seed=1)
    (net([3.0]) * 1).backward()
    assert "layers.0.neurons.0.w.0\n" in draw(net).svg
    assert "\ngrad 3.0" in draw(net).svg


def test_large_layers_are_abbreviated_and_say_so():
    net = nn.Sequential(nn.Layer(784, 100), nn.Layer(100, 10, nonlin=False), autograd.softmax)
    picture = draw(net)
    assert len(circles(picture)) == 11 + 11 + 10
    said = texts(picture)
    assert "773 more" in said
    assert "89 more" in said
    assert "231 of 79,400 weights are drawn" in said
    assert "784 numbers" in said
    assert "then softmax" in said
    titles = [title.text or "" for title in parsed(picture).iter(f"{SVG}title")]
    assert any(title.startswith("layers.0.neurons.99.w.783\n") for title in titles)


def test_a_layer_or_a_neuron_alone_is_a_network_too():
    assert str(draw(nn.Layer(3, 2))) == "Layer of 3 inputs and layer of 2 neurons: 8 parameters"
    assert str(draw(nn.Neuron(1))) == "Neuron of 1 input and layer of 1 neuron: 2 parameters"


def test_a_model_of_the_users_own():
    class Net(nn.Module):
        def __init__(self):
            self.body = nn.MLP(2, [3, 3])
            self.head = nn.Layer(3, 1, activation="sigmoid")

        def forward(self, x):
            return self.head(self.body(x))

    assert {"body.layers.0", "body.layers.1", "head", "1 neuron, sigmoid"} <= set(texts(draw(Net())))


def test_what_has_no_layers_or_layers_that_do_not_follow_is_refused_with_what_to_write():
    class Line(nn.Module):
        def __init__(self):
            self.slope = Value(2.0)

    class Two(nn.Module):
        def __init__(self):
            self.a, self.b = nn.Layer(2, 3), nn.Layer(2, 3)

    with pytest.raises(ValueError, match=r"Line has none: draw what it computes, draw\(model\(x\), model=model\)"):
        draw(Line())
    with pytest.raises(ValueError, match=r"a of this Two has 3 neurons and b takes 2 numbers: draw what it computes"):
        draw(Two())


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), 1e308, 0.0, -1e-300])
def test_any_weight_can_be_drawn(weight):
    net = nn.Neuron(2)
    net.w[0].data = weight
    assert len(lines(draw(net))) == 2
    assert not re.search(r'="[^"]*\b(nan|inf)\b', re.sub(r'class="[^"]*"', "", draw(net).svg))


def test_the_picture_needs_nothing_else_and_nothing_is_changed(tmp_path):
    net = nn.MLP(2, [4, 1], seed=1)
    before = [(p.data, p.grad, p.computed, p.label) for p in net.parameters()]
    picture = draw(net)
    assert not re.search(r"\bid=|<script|href|url\(|@import|<image|<foreignObject", picture.svg)
    for ending in ("svg", "html", "dot"):
        picture.save(tmp_path / f"net.{ending}")
    assert picture.svg == draw(net).svg
    assert picture.graphviz.source == picture.source
    assert [(p.data, p.grad, p.computed, p.label) for p in net.parameters()] == before


def test_hostile_names_are_harmless():
    net = nn.Layer(1, 1, activation=autograd.tanh)
    net.neurons[0].activation = lambda x: x
    net.neurons[0].activation.__name__ = '<script>"'
    assert "<script" not in draw(net).svg
    assert '<script>"' in "".join(texts(draw(net)))
