"""The pieces of a moving picture of a network."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from autograd.show import board, graph_film, moments, neuron_board, words
from autograd.show.moments import TRAVEL, Shown

Data = Mapping[str, Any]


def still(data: Data) -> str:
    """Lines, circles and the loss without their numbers."""
    parts = neuron_board.lines(data) + neuron_board.last_lines(data) + neuron_board.legend(data)
    parts += [neuron_board.given(data, entry) for entry in data["inputs"]]
    parts += neuron_board.titles(data)
    for neuron in neuron_board.neurons(data):
        parts.append(neuron_board.circle(neuron, data["boxes"][neuron["out"]], ""))
    return "\n".join([*parts, graph_film.empty(_loss(data))])


def moving(data: Data) -> list[Shown]:
    """Numbers as they become known, what is lit, and dots that go along the weights."""
    end, boxes = len(data["events"]) + 2, data["boxes"]
    largest = board.largest_gradient(data)
    lines = {line["weight"]: line for line in data["lines"]}
    shown = _numbers(data, end)
    for at, event in enumerate(data["events"], 1):
        target, kind = event["target"], event["kind"]
        if kind in ("value", "seed"):
            shown += _loss_piece(data, at, end, kind, largest)
            continue
        if kind == "update":
            shown += _lit(data, [target], at)
            continue
        neuron = data["layers"][event["layer"]]["neurons"][event["neuron"]]
        numbers = ""
        if kind == "sum":
            shown += _along(data, [lines[w] for w in neuron["weights"] if w in lines], at)
            numbers = neuron_board.total(neuron, boxes[target]["data_text"])
        if kind == "out" or (kind == "sum" and neuron["sum"] == neuron["out"]):
            numbers += neuron_board.value(neuron, boxes[target]["data_text"])
        if kind == "delta":
            numbers = neuron_board.signal(neuron, boxes[target]["grad"], boxes[target]["grad_text"], largest)
            back = [lines[w] for w in _leaving(data, event)]
            shown += _along(data, back, at, backward=True)
        if kind in ("weight", "bias"):
            shown += _lit(data, [target], at)
        if numbers:
            late = TRAVEL if kind != "out" else 0.0
            shown.append(Shown(moments.at(neuron["x"], neuron["y"], numbers), at + late, end))
        lit = "works" if event["phase"] == "forward" else "changes"
        shown.append(Shown(moments.at(neuron["x"], neuron["y"], neuron_board.disc(neuron, f"lit {lit}")), at, at + 1))
    return shown


def _loss(data: Data) -> dict[str, Any]:
    return {**data["boxes"][data["root"]], **data["loss"], "kind": "loss"}


def _loss_piece(data: Data, at: int, end: int, kind: str, largest: float) -> list[Shown]:
    """The number of the loss, or its gradient, and the box lit."""
    box = _loss(data)
    text = board.text(box["w"] - board.PAD, 45, box["data_text"], "data")
    if kind == "seed":
        text = board.shade(box, largest) + board.text(box["w"] - board.PAD, 63, box["grad_text"], "grad")
        text += board.text(board.PAD, 63, "grad", "dim")
    lit = board.outline(box, "lit works" if kind == "value" else "lit changes")
    return [
        Shown(moments.at(box["x"], box["y"], text), at, end),
        Shown(moments.at(box["x"], box["y"], lit), at, at + 1),
    ]


def _leaving(data: Data, event: Data) -> list[int]:
    """The weights through which the output of the neuron of an event goes on."""
    if event["layer"] + 1 == len(data["layers"]):
        return []
    place = [event["layer"], event["neuron"]]
    return [line["weight"] for line in data["lines"] if line["from"] == place]


def _lit(data: Data, leaves: list[int], at: int, kind: str = "changes") -> list[Shown]:
    """The lines of weights and biases, lit."""
    lines = [neuron_board.weight(data, line, f"lit {kind}") for line in data["lines"] if line["weight"] in leaves]
    lines += [
        neuron_board.stem(data, neuron, f"lit {kind}")
        for neuron in neuron_board.neurons(data)
        if neuron["bias"] in leaves
    ]
    return [Shown(line, at, at + 1) for line in lines]


def _numbers(data: Data, end: int) -> list[Shown]:
    """The numbers of weights and biases, until they are moved and then, and their gradients."""
    texts = {at: [(0.0, data["boxes"][at]["data_text"])] for at in neuron_board.spots(data)}
    found = []
    for at, event in enumerate(data["events"], 1):
        target, now = event["target"], event["now"]
        if target in texts and event["kind"] == "update":
            texts[target].append((at, "unknown" if now is None else words.number(float(now))))
        if target in texts and event["kind"] == "weight":
            written = neuron_board.gradient(data, target, data["boxes"][target]["grad_text"])
            found.append(Shown(moments.at(*neuron_board.spots(data)[target], written), at, end))
    for target, spot in neuron_board.spots(data).items():
        for (begin, text), (after, _) in pairwise([*texts[target], (float(end), "")]):
            found.append(Shown(moments.at(*spot, neuron_board.number(data, target, text)), begin, after))
    return found


def _along(data: Data, lines: list[Data], at: int, backward: bool = False) -> list[Shown]:
    """Lines lit, and a dot along each of them."""
    kind = "changes" if backward else "works"
    dots = []
    for line in lines:
        ends = neuron_board.ends(data, line)
        dots.append(Shown(f'<circle class="dot {kind}" r="4"/>', at, at + TRAVEL, ends[::-1] if backward else ends))
    return [*_lit(data, [line["weight"] for line in lines], at, kind), *dots]
