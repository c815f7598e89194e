"""Where the circles of a network stand: a column for the inputs, one for each layer, and the loss."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from autograd.show import words
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.show.neurons import Layer
    from autograd.show.stage import Stage

RADIUS, BETWEEN, ACROSS, MARGIN = 26, 64, 240, 40  # pixels: of a circle, between two, from column to column, around
LOSS, MOST_LOSS = (140, 70), 200  # the least width, and the height, of the box of the loss; its greatest width
TO_LOSS = 100  # from the last column to it
LETTERS, SMALL, PAD = 12, 10, 10  # in that box: the size of letters, and the distance from the side; of small letters
MOST_BETWEEN = 12  # so many lines between two columns have their numbers written on them
LABEL = 62, 24  # the room for the two numbers of a weight
PLACES = [at / 40 for at in sorted(range(8, 33), key=lambda at: (abs(at - 18), at))]  # how far along a line they stand
LEGEND = 14  # from one line of the legend to the next

Spot = Mapping[str, Any]


def placed(stage: Stage, layers: Sequence[Layer]) -> dict[str, Any]:
    """Circles for inputs and neurons (x, y: the centre), lines for weights, a box for the loss; in pixels."""
    number = stage.sweep.number
    given = layers[0].neurons[0].inputs
    tallest = max(len(given), *(len(layer.neurons) for layer in layers))
    height = max(tallest * (2 * RADIUS + BETWEEN) - BETWEEN, LOSS[1]) + 2 * MARGIN

    def spot(column: int, row: int, count: int) -> dict[str, float]:
        step = 2 * RADIUS + BETWEEN
        return {
            "x": MARGIN + RADIUS + column * ACROSS,
            "y": height / 2 + (row - (count - 1) / 2) * step,
            "r": RADIUS,
        }

    inputs = [
        {
            "name": stage.called[x] if isinstance(x, Value) else f"x[{at}]",
            "operand": _operand(x, stage),
            **spot(0, at, len(given)),
        }
        for at, x in enumerate(given)
    ]
    columns: list[dict[str, Any]] = []
    lines = []
    for row, layer in enumerate(layers):
        neurons = []
        for at, neuron in enumerate(layer.neurons):
            entry: dict[str, Any] = {"name": neuron.path, "short": neuron.short, "activation": neuron.activation}
            entry |= {"sum": number[neuron.sum], "out": number[neuron.out], "bias": number[neuron.bias]}
            entry |= {"weights": [number[weight] for weight in neuron.weights]}
            entry |= {"inputs": [_operand(x, stage) for x in neuron.inputs]}
            neurons.append({**entry, **spot(row + 1, at, len(layer.neurons))})
        before = columns[-1]["neurons"] if columns else inputs
        between: list[dict[str, Any]] = [
            {"weight": weight, "from": [row - 1, place], "to": [row, at]}
            for at, neuron in enumerate(neurons)
            if len(neuron["weights"]) == len(before)
            for place, weight in enumerate(neuron["weights"])
        ]
        ends = [(before[line["from"][1]], neurons[line["to"][1]]) for line in between]
        for line, label in zip(between, labels(ends), strict=True):
            lines.append({**line, "label": label})
        title = " · ".join(filter(None, [words.clean(layer.path) or "neuron", _activation(layer)]))
        columns.append({"name": words.clean(layer.path), "title": title, "neurons": neurons})
    left = MARGIN + RADIUS + len(layers) * ACROSS + TO_LOSS
    loss = min(max(LOSS[0], math.ceil(words.width(stage.title, LETTERS)) + 2 * PAD), MOST_LOSS)
    width = left + loss + MARGIN
    legend = _legend(layers, lines, width)
    return {
        "layers": columns,
        "inputs": inputs,
        "lines": lines,
        "loss": {
            "box": stage.root,
            "x": left,
            "y": height / 2 - LOSS[1] / 2,
            "w": loss,
            "h": LOSS[1],
            "room": int((loss - 2 * PAD) / words.width("x", LETTERS)),
        },
        "legend": [{"text": text, "x": MARGIN // 2, "y": height + LEGEND * at} for at, text in enumerate(legend)],
        "picture": {"width": width, "height": height + LEGEND * len(legend)},
    }


def labels(ends: Sequence[tuple[Spot, Spot]]) -> list[list[float] | None]:
    """Where the numbers of weights stand on their lines, none on another; none at all where there is no room for all.

    >>> circle = {"x": 0, "y": 0, "r": 26}
    >>> labels([(circle, {**circle, "x": 240}), (circle, {**circle, "x": 240, "y": 90})])
    [[110.6, 0.0], [110.6, 40.5]]
    """
    if len(ends) > MOST_BETWEEN:
        return [None] * len(ends)
    lines = [(one["x"] + one["r"], one["y"], other["x"] - other["r"], other["y"]) for one, other in ends]
    found: list[list[float]] = []
    for line in lines:
        x, y, to_x, to_y = line
        spots = [[round(x + (to_x - x) * at, 1), round(y + (to_y - y) * at, 1)] for at in PLACES]
        free = [spot for spot in spots if all(_apart(spot, taken) for taken in found)]
        if not free:
            return [None] * len(ends)
        found.append(min(free, key=lambda spot: sum(_crosses(other, spot) for other in lines)))
    return [*found]


def _crosses(line: Sequence[float], spot: Sequence[float]) -> bool:
    """Whether a line goes through the room of a label, or close by."""
    x, y, to_x, to_y = line
    left, right = (max(min(spot[0] + side * LABEL[0] / 2, to_x), x) for side in (-1, 1))
    heights = [y + (to_y - y) * (at - x) / (to_x - x) for at in (left, right)]
    return min(heights) < spot[1] + LABEL[1] / 2 and max(heights) > spot[1] - LABEL[1] / 2


def _activation(layer: Layer) -> str:
    """What the neurons of a layer apply to their weighted sums: a name, f for a function of their own, or nothing."""
    first = layer.neurons[0]
    return words.clean(first.activation) or ("f" if first.out is not first.sum else "")


def _apart(one: Sequence[float], other: Sequence[float]) -> bool:
    return abs(one[0] - other[0]) >= LABEL[0] or abs(one[1] - other[1]) >= LABEL[1]


def _legend(layers: Sequence[Layer], lines: Sequence[Mapping[str, Any]], width: float) -> list[str]:
    """What the picture means, in lines that are no wider than it."""
    told = [
        "In a circle: what a neuron gives. Under it: its weighted sum z, and its error signal δ, the gradient of z."
        " Over it: its bias b, whose gradient is δ too.",
        "A line is a weight: wider is larger, blue above 0, orange and dashed below 0"
        + ("; on it the weight, and under that its gradient." if any(line["label"] for line in lines) else "."),
    ]
    example = layers[-1].neurons[-1]
    if example.short:
        at = len(example.weights) - 1
        told.append(
            f"w{example.tag}[{at}] is the weight of neuron {example.short} for its input {at}. The number of a neuron"
            " is its layer, and its place there, from 0."
        )
    room = int((width - MARGIN) / words.width("x", SMALL))
    return [line for text in told for line in wrap(text, room)]


def _operand(x: Any, stage: Stage) -> dict[str, Any]:
    return {"box": stage.sweep.number[x]} if isinstance(x, Value) else {"const": x}
