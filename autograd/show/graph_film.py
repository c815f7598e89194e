"""The pieces of a moving picture of a graph."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from autograd.show import board, moments, words
from autograd.show.moments import TRAVEL, Shown

Data = Mapping[str, Any]


def still(data: Data) -> str:
    """Lines and boxes without their numbers."""
    lines = [board.line({**edge, "text": ""}, at) for at, edge in enumerate(data["edges"])]
    return "\n".join([*lines, *map(empty, data["boxes"])])


def empty(entry: Data) -> str:
    """A box without its numbers."""
    leaf = " leaf" if entry["kind"] == "leaf" else ""
    place = f'transform="translate({board.n(entry["x"])} {board.n(entry["y"])})"'
    return (
        f'<g class="box{leaf}" {place}>{board.outline(entry, "frame")}{board.head(entry)}'
        f'<path class="rule" d="M{board.PAD} 27H{entry["w"] - board.PAD}"/>'
        f"{board.text(board.PAD, 45, 'data', 'dim')}{board.text(board.PAD, 63, 'grad', 'dim')}</g>"
    )


def moving(data: Data) -> list[Shown]:
    """Numbers as they become known, what is lit, and dots that go along the lines."""
    events, boxes, edges = data["events"], data["boxes"], data["edges"]
    end = len(events) + 2
    shown = []
    numbers: dict[int, list[tuple[float, str]]] = {at: [(0, box["data_text"])] for at, box in enumerate(boxes)}
    gradients: dict[int, list[tuple[float, float | None]]] = {at: [] for at in range(len(boxes))}
    for at, event in enumerate(events, 1):
        target, edge = event["target"], event["edge"]
        if event["phase"] == "forward":
            numbers[target] = [(at + TRAVEL, boxes[target]["data_text"])]
        elif event["phase"] == "update":
            numbers[target].append(
                (at + TRAVEL, "unknown" if event["now"] is None else words.number(float(event["now"])))
            )
        elif event["kind"] != "dead" or not gradients[target]:
            begin = at if event["kind"] in ("seed", "dead") else at + TRAVEL
            gradients[target].append((begin, None if event["now"] is None else float(event["now"])))
        lit = boxes[event["box"]]["edges"] if event["phase"] == "forward" else [] if edge is None else [edge]
        for number in lit:
            shown += _flow(edges[number], at, event)
        if edge is not None and edges[edge]["text"]:
            shown.append(Shown(_label(edges[edge]), at, end))
        if event["box"] != target:
            shown.append(Shown(_lit(boxes[event["box"]], "works"), at, at + 1))
        kind = "works" if event["phase"] == "forward" else "changes"
        shown.append(Shown(_lit(boxes[target], kind), at, at + 1))
    largest = board.largest_gradient(data)
    for at, box in enumerate(boxes):
        for (begin, text), (after, _) in pairwise([*numbers[at], (end, "")]):
            shown.append(Shown(_at(box, board.text(box["w"] - board.PAD, 45, text, "data")), begin, after))
        for (begin, grad), (after, _) in pairwise([*(gradients[at] or [(end - 1, 0.0)]), (end, None)]):
            text = box["grad_text"] if after == end else "unknown" if grad is None else words.number(grad)
            band = board.shade({**box, "grad": grad, "grad_text": text}, largest)
            shown.append(Shown(_at(box, band + board.text(box["w"] - board.PAD, 63, text, "grad")), begin, after))
    return shown


def _label(edge: Data) -> str:
    x, y = edge["label"]
    return board.text(x, y, edge["text"], "local small")


def _at(entry: Data, svg: str) -> str:
    # The label is painted over by the band of colour, and so stands on it once more.
    over = board.text(board.PAD, 63, "grad", "dim") if "shade" in svg else ""
    return moments.at(entry["x"], entry["y"], svg + over)


def _lit(entry: Data, kind: str) -> str:
    return _at(entry, board.outline(entry, f"lit {kind}"))


def _flow(edge: Data, at: int, event: Data) -> list[Shown]:
    """The line lit, and a dot that goes along it: forward to the result, backward from it."""
    kind = "works" if event["phase"] == "forward" else "changes"
    line = Shown(f'<path class="lit {kind}" d="{board.path(edge["points"])}"/>', at, at + 1)
    if event["kind"] == "dead" or event["result"] == 0:
        return [line]
    way = edge["points"] if event["phase"] == "forward" else edge["points"][::-1]
    return [line, Shown(f'<circle class="dot {kind}" r="5"/>', at, at + TRAVEL, way)]
