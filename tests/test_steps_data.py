"""The walk as data: all that the page computes with and writes is there, and the same in every process."""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings

import autograd
from autograd import Value, log, relu, steps, tanh, where
from autograd.show import words
from autograd.show.local import filled
from tests.random_graphs import library_of, programs, run

LIBRARY = library_of(autograd)


def page_pass(data: dict) -> list[tuple[str, float]]:
    """What the page computes: the gradients, from the sweep and the local derivatives."""
    gradients: list[float | None] = [None] * len(data["boxes"])
    gradients[data["root"]] = 1.0
    for box in data["sweep"]:
        g = gradients[box]
        for at in data["boxes"][box]["edges"]:
            edge = data["edges"][at]
            if g is not None and not edge["dead"]:
                gradients[edge["source"]] = (gradients[edge["source"]] or 0.0) + g * float(edge["derivative"])
    return [(box["name"], 0.0 if g is None else g) for box, g in zip(data["boxes"], gradients, strict=True)]


@settings(max_examples=40, deadline=None)
@given(programs())
def test_the_data_has_all_that_the_page_computes_with(program):
    _, made = run(program, Value, LIBRARY, lambda v: v.data if isinstance(v, Value) else v)
    root = made[-1].value
    if not isinstance(root, Value):
        return
    data = json.loads(json.dumps(steps(root).data(), allow_nan=False))
    for box in data["boxes"]:
        for at, number in enumerate(box["edges"]):
            edge = data["edges"][number]
            assert box["operands"][edge["operand"]] == {"box": edge["source"]}
            assert at == box["edges"].index(number)
    seen = set()
    for box in data["sweep"]:
        seen.add(box)
        assert all(data["edges"][at]["source"] not in seen for at in data["boxes"][box]["edges"])
    size = max(abs(float(event["result"] or 0)) for event in data["events"]) + 1
    for (name, g), box in zip(page_pass(data), data["boxes"], strict=True):
        assert g == pytest.approx(float(box["grad"]), rel=1e-9, abs=1e-12 * size), name


def test_texts_can_be_filled_anew_from_the_data():
    L, x = tanh(Value(2.0, label="a") * Value(-3.0, label="b") + 5.5), Value(-0.3, label="x")
    root = relu(L * x) * x + where(x > 0, x, x * 2) / L + relu(x + 0.3)
    data = steps(root).data()
    names = [box["name"] for box in data["boxes"]]
    for event in data["events"]:
        box, target = data["boxes"][event["box"]], data["boxes"][event["target"]]
        told = {"name": box["name"], "target": target["name"], "root": names[data["root"]], "g": box["grad"]}
        told |= {"s": event["result"], "b": event["before"] or 0.0, "n": event["now"], "uses": float(target["uses"])}
        if event["edge"] is not None:
            told["l"] = data["edges"][event["edge"]]["derivative"]
        told |= {"left": 0.0, "right": 1.0}  # of the one kink
        if event["phase"] == "forward":
            inside = {
                str(at): x["const"] if "const" in x else data["boxes"][x["box"]]["data"]
                for at, x in enumerate(box["operands"])
            }
            assert filled(box["numbers"], {**inside, "out": box["data"]}.__getitem__) == event["numbers"]
        else:
            assert filled(data["templates"]["numbers"][event["kind"]], told.__getitem__) == event["numbers"]
            sentences = [
                filled(text, {**told, **{key: told.get(key) or 0.0 for key in "gls"}, "d": 0.0, "lr": 0.0}.__getitem__)
                for text in data["templates"]["sentences"].values()
            ]
            assert event["sentence"] in sentences
    assert [event["kind"] for event in data["events"] if "kink" in event["sentence"]] == ["dead"]


def test_numbers_that_json_does_not_know_are_words():
    x = Value(0.0, label="x")
    data = steps(log(x) * 0.0).data()
    assert json.dumps(data, allow_nan=False)
    assert [box["data"] for box in data["boxes"]] == [0.0, "-Infinity", "NaN"]
    assert any("not a number" in step.note for step in steps(log(x) * 0.0 * math.inf) if step.phase == "backward")


def test_boxes_and_edges_lie_inside_the_picture_and_edges_begin_and_end_at_boxes():
    generator = random.Random(4)
    nodes = [Value(generator.uniform(-1, 1)) for _ in range(5)]
    for _ in range(40):
        x, y = generator.sample(nodes[-12:], 2) if len(nodes) > 12 else generator.sample(nodes, 2)
        nodes.append(generator.choice([x * y, x + y, tanh(x)]))
    data = steps(nodes[-1]).data()
    picture = data["picture"]
    for box in data["boxes"]:
        assert 0 <= box["x"] <= box["x"] + box["w"] <= picture["width"]
        assert 0 <= box["y"] <= box["y"] + box["h"] <= picture["height"]
    for edge in data["edges"]:
        source, target = data["boxes"][edge["source"]], data["boxes"][edge["target"]]
        (x, y), (to_x, to_y) = edge["points"][0], edge["points"][-1]
        assert x == source["x"] + source["w"]
        assert source["y"] <= y <= source["y"] + source["h"]
        assert to_x == target["x"]
        assert target["y"] <= to_y <= target["y"] + target["h"]
        assert all(a[0] <= b[0] for a, b in zip(edge["points"], edge["points"][1:], strict=False))


def test_the_data_is_the_same_in_every_process():
    program = (
        "import json\nfrom autograd import Value, steps, tanh\na, b = Value(2.0), Value(-3.0)\n"
        "L = tanh(a*b + 5.5) * a\n"
        "print(json.dumps(steps(L, train=[a, b]).data()))"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    ]
    assert outputs[0] == outputs[1]
    assert outputs[0]


def test_hostile_labels_stay_words():
    for label in ("{g}", "{0}", "{name!}", "<script>alert(1)</script>", 'a"b\\', "a\nb", "∂", "x − 1", "\U000f0001"):
        x, y = Value(1.5, label=label), Value(2.0, label="y")
        root = tanh(x * y) / x + where(x > y, x, y)
        text = steps(root, train=[x]).text
        assert words.clean(label) in text
        assert json.loads(json.dumps(steps(root).data()))["boxes"][0]["name"] == words.clean(label)


def test_above_400_values_the_steps_are_all_there_and_the_page_gets_a_list():
    x = Value(0.5, label="x")
    v = x
    for _ in range(300):
        v = tanh(v * x)
    walk = steps(v)
    assert len(walk) == 600 + 1 + 900
    assert len({step.box for step in walk}) == 600
    data = walk.data()
    assert data["picture"] is None
    assert len(data["events"]) == 400
    assert "601 values" in data["many"]["line"]
    assert json.dumps(data)


@pytest.mark.no_cover
def test_what_is_too_large_to_be_drawn_is_still_walked_through():
    x = Value(0.5, label="x")
    v = x
    for at in range(7000):
        v = v * x if at % 7 else v + at
    data = steps(v).data()
    assert data["picture"] is None
    assert data["layers"] == []
    assert len(steps(v)) == 7000 + 1 + 13000


@pytest.mark.no_cover
def test_1500_values_are_stepped_through_in_a_moment():
    x = Value(0.5, label="x")
    v = x
    for _ in range(500):
        v = tanh(v * x + 0.1)
    begin = time.perf_counter()
    assert sum(len(str(step)) for step in steps(v)) > 100_000
    assert time.perf_counter() - begin < 20
