"""Paints a network that steps walk over: circles for inputs and neurons, lines for weights, a box for the loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from autograd.show import board, words

Data = Mapping[str, Any]
LOWER = 12, 24  # how far below a circle its sum and its error signal stand
TITLE = 14  # how far from the top the title of a column stands
STEM = 14  # the line of a bias, from above into its circle


def body(data: Data) -> str:
    """Lines, then circles and the loss, with all numbers."""
    largest = board.largest_gradient(data)
    parts = [*titles(data), *lines(data), *last_lines(data), *labels(data), *legend(data)]
    parts += [given(data, entry) for entry in data["inputs"]]
    for neuron in neurons(data):
        sum_, out = data["boxes"][neuron["sum"]], data["boxes"][neuron["out"]]
        numbers = value(neuron, out["data_text"]) + total(neuron, sum_["data_text"])
        numbers += signal(neuron, sum_["grad"], sum_["grad_text"], largest)
        parts.append(circle(neuron, out, numbers))
    parts.append(board.box({**data["boxes"][data["root"]], **data["loss"], "kind": "loss"}, data["root"], largest))
    return "\n".join([*parts, ""])


def neurons(data: Data) -> Iterator[Data]:
    """All neurons, layer by layer."""
    for layer in data["layers"]:
        yield from layer["neurons"]


def lines(data: Data) -> list[str]:
    """The lines of weights and biases."""
    return [weight(data, line) for line in data["lines"]] + [stem(data, neuron) for neuron in neurons(data)]


def titles(data: Data) -> list[str]:
    """What stands over the columns."""
    columns = [("inputs", data["inputs"][0])]
    columns += [(layer["title"], layer["neurons"][0]) for layer in data["layers"]]
    return [
        board.text(spot["x"], TITLE, words.shortened(title, words.LONGEST_NAME), "mid dim small")
        for title, spot in columns
    ]


def labels(data: Data) -> list[str]:
    """The numbers of weights and biases, on their lines."""
    found = []
    for at, (x, y) in spots(data).items():
        entry = data["boxes"][at]
        inside = number(data, at, entry["data_text"]) + gradient(data, at, entry["grad_text"])
        title = f"<title>{escape(board.exactly(entry))}</title>"
        found.append(
            f'<g class="number" data-box="{at}" transform="translate({board.n(x)} {board.n(y)})">{title}{inside}</g>'
        )
    return found


def spots(data: Data) -> dict[int, tuple[float, float]]:
    """Where the number of each weight and bias stands, that has a place."""
    found = {line["weight"]: tuple(line["label"]) for line in data["lines"] if line["label"]}
    return found | {neuron["bias"]: _top(neuron) for neuron in neurons(data)}


def number(data: Data, at: int, text: str) -> str:
    """The number of a weight, over its line; or of a bias, beside its line and with its letter."""
    if any(neuron["bias"] == at for neuron in neurons(data)):
        letter = '<tspan class="dim">b </tspan>'
        return f'<text class="small" x="5" y="8">{letter}<tspan class="start data">{escape(text)}</tspan></text>'
    return board.text(0, -2, text, "data mid small on")


def gradient(data: Data, at: int, text: str) -> str:
    """The gradient of a weight, under its line; that of a bias is the δ under its neuron."""
    if any(neuron["bias"] == at for neuron in neurons(data)):
        return ""
    return board.text(0, 10, text, "grad mid small dim on")


def legend(data: Data) -> list[str]:
    """What the picture means."""
    return [board.text(line["x"], line["y"], line["text"], "dim small") for line in data["legend"]]


def _top(neuron: Data) -> tuple[float, float]:
    return neuron["x"], neuron["y"] - neuron["r"] - STEM


def stem(data: Data, neuron: Data, kind: str = "") -> str:
    """The line of a bias."""
    x, y = _top(neuron)
    return _line(data, neuron["bias"], [(x, y), (x, y + STEM)], kind)


def circle(neuron: Data, out: Data, numbers: str, kind: str = "neuron") -> str:
    """A neuron: its output in the circle, its weighted sum and its error signal below."""
    name = words.shortened(neuron["name"] or out["name"], words.LONGEST_NAME)
    activation = f", {neuron['activation']}" if neuron["activation"] else ""
    return (
        f'<g class="{kind}" data-box="{neuron["out"]}" data-sum="{neuron["sum"]}"'
        f' transform="translate({board.n(neuron["x"])} {board.n(neuron["y"])})">'
        f"<title>{escape(name + activation)}</title>{disc(neuron, 'frame')}"
        f"{board.text(0, -8, words.shortened(out['name'], 8), 'mid dim small')}{numbers}</g>"
    )


def disc(entry: Data, kind: str) -> str:
    """The circle itself."""
    return f'<circle class="{kind}" r="{entry["r"]}"/>'


def last_lines(data: Data) -> list[str]:
    """From the last neurons to the loss: many operations, drawn as one line."""
    loss = data["loss"]
    x, y = loss["x"], loss["y"] + loss["h"] / 2
    return [
        f'<path class="line" d="{board.path([(last["x"] + last["r"], last["y"]), (x, y)])}"/>'
        for last in data["layers"][-1]["neurons"]
    ]


def value(neuron: Data, text: str) -> str:
    """The output of a neuron."""
    return board.text(0, 7, text, "data mid small")


def total(neuron: Data, text: str) -> str:
    """The weighted sum of a neuron, where its output is another number."""
    if neuron["sum"] == neuron["out"]:
        return ""
    return (
        f'<text class="mid small" y="{neuron["r"] + LOWER[0]}"><tspan class="dim">z </tspan>'
        f'<tspan class="sum">{escape(text)}</tspan></text>'
    )


def signal(neuron: Data, grad: Any, text: str, largest: float) -> str:
    """The error signal of a neuron, on a band of the colour of its sign."""
    hue, strength = board.hue_and_strength(float(grad or 0.0), largest)
    y = neuron["r"] + LOWER[1]
    return (
        f'<rect class="shade {hue}" fill-opacity="{strength:.2f}" x="-34" y="{y - 9}" width="68" height="12" rx="3"/>'
        f'<text class="mid small" y="{y}"><tspan class="dim">δ </tspan>'
        f'<tspan class="grad">{escape(text)}</tspan></text>'
    )


def given(data: Data, entry: Data) -> str:
    """An input: its name and its number in a circle."""
    operand = entry["operand"]
    at = operand.get("box")
    text = words.number(float(operand["const"])) if at is None else data["boxes"][at]["data_text"]
    mark = "" if at is None else f' data-box="{at}"'
    return (
        f'<g class="leaf"{mark} transform="translate({board.n(entry["x"])} {board.n(entry["y"])})">'
        f"<title>{escape(entry['name'])}</title>{disc(entry, 'frame')}"
        f"{board.text(0, -8, words.shortened(entry['name'], 8), 'mid dim small')}"
        f"{board.text(0, 7, text, 'data mid small')}</g>"
    )


def weight(data: Data, line: Data, kind: str = "") -> str:
    """The line of a weight: its width is the size, its colour the sign."""
    return _line(data, line["weight"], ends(data, line), kind)


def _line(data: Data, at: int, way: Sequence[tuple[float, float]], kind: str) -> str:
    entry = data["boxes"][at]
    w = float(entry["data"])
    sign = "plus" if w >= 0 else "minus"
    (x1, y1), (x2, y2) = way
    attributes = f'class="{kind or f"weight {sign}"}" stroke-width="{thickness(w):.1f}"'
    return (
        f'<path data-weight="{at}" {attributes} d="M{board.n(x1)} {board.n(y1)}L{board.n(x2)} {board.n(y2)}">'
        f"<title>{escape(board.exactly(entry))}</title></path>"
    )


def thickness(w: float) -> float:
    """How wide the line of a weight is, in pixels."""
    return min(0.5 + 1.5 * abs(w), 6.0) if w == w else 1.0


def ends(data: Data, line: Data) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where the line of a weight begins and ends: at the sides of two circles."""
    one, other = _spot(data, *line["from"]), _spot(data, *line["to"])
    return (one["x"] + one["r"], one["y"]), (other["x"] - other["r"], other["y"])


def _spot(data: Data, layer: int, place: int) -> Data:
    spot: Data = data["inputs"][place] if layer < 0 else data["layers"][layer]["neurons"][place]
    return spot
