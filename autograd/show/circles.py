"""Where the circles of a network stand: a column for the inputs, one for each layer, and the loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd.show import words
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.show.neurons import Layer
    from autograd.show.stage import Stage

RADIUS, BETWEEN, ACROSS, MARGIN = 26, 44, 210, 40  # pixels: of a circle, between two, from column to column, around
LOSS = 140, 70  # the least width, and the height, of the box of the loss
LETTERS, PAD = 12, 10  # in that box: the size of letters, and the distance from the side


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
            before = len(given) if row == 0 else len(layers[row - 1].neurons)
            if len(neuron.weights) == before:
                lines += [
                    {"weight": number[weight], "from": [row - 1, place], "to": [row, at]}
                    for place, weight in enumerate(neuron.weights)
                ]
        columns.append({"name": words.clean(layer.path), "neurons": neurons})
    left = MARGIN + RADIUS + (len(layers) + 1) * ACROSS - LOSS[0] // 2
    loss = max(LOSS[0], math.ceil(words.width(stage.title, LETTERS)) + 2 * PAD)
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
        },
        "picture": {"width": left + loss + MARGIN, "height": height},
    }


def _operand(x: Any, stage: Stage) -> dict[str, Any]:
    return {"box": stage.sweep.number[x]} if isinstance(x, Value) else {"const": x}
