"""The walk as plain data: what the page that steps is made of.

`data(steps)` is a dict of str, int, float, bool, None, list and dict, which JSON takes; a number that is not finite is
one of the strings "NaN", "Infinity", "-Infinity". Numbers of boxes, edges and events are their places in the lists; the
same walk gives the same data.

    view, title, told     "graph" or "neurons", the heading, and the picture in a sentence
    root, train, lr       the box of the end, the boxes of the leaves that descent moves, and how far
    editable, stale       the boxes of leaves; whether leaves were changed after the graph was computed
    given, gradients      the lines before the first step and after the last; the numbers in `given` that never change
    constants             are the first of them
    boxes                 name, kind, row, op, expression, operands ({"box": 0} or {"const": 2.0}), data, grad, earlier,
                          stale (changed after it was computed), the numbers of arriving `edges`, `numbers` (a template
                          of the forward arithmetic), editable, train; and x, y, w, h, where there is a picture
    edges                 source, target, operand, local, rule, arithmetic (a template), derivative, dead, why (the note
                          that says why it is or would be dead), formula; and points, label, where there is a picture
    events                phase, kind, box, target, edge, first, formula, numbers, local, result, before, now, sentence,
                          note: a `Step` with numbers in place of Values; of neurons also layer, neuron, weight (their
                          places), `of` (where the result is found), and templates: see `NeuronWalk.live`
    numbers               where `many` is shown, which steps the events are, counted from 1
    sweep                 boxes in an order for a backward pass over all edges, dead ones too
    templates, notes      the texts of `phrases.py`, to be filled anew when a leaf is edited
    picture               width and height; None for more than 400 boxes, which `many` then shows folded
    layers, inputs,       neurons view only, else layers is empty: circles, lines of weights from [layer, place] to
    lines, loss           [layer, place] with layer −1 for inputs, and the box of the loss; see `circles.py`
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container
from typing import TYPE_CHECKING, Any

from autograd.ops import TABLE
from autograd.show import phrases, walk_text, words
from autograd.show.facts import read
from autograd.show.grid import Box, Edge
from autograd.show.layout import Point, height_for, layout
from autograd.show.marks import legible
from autograd.show.neuron_walk import NeuronWalk
from autograd.show.passes import passes_back
from autograd.show.svg import paint
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.show.stage import Stage
    from autograd.show.stepping import Steps

MOST_BOXES = 400
MOST_LISTED = 400  # steps of a walk that is longer than that
MOST_OF_NEURONS = 2000  # where boxes are not drawn, but only computed with
TEXT, SMALL, PAD, LINE, MARGIN = 12, 10, 10, 18, 16
LEAST_WIDTH = 140  # so that any number fits beside "data" and "grad" when a leaf is edited
ROOM = 46  # for a local derivative at the end of an edge


def data(steps: Steps) -> dict[str, Any]:
    """All that the page needs, as the docstring of this file says."""
    stage = steps.stage
    neurons = steps.view == "neurons"
    small = len(stage.nodes) <= (MOST_OF_NEURONS if neurons else MOST_BOXES)
    beside = steps.walk.slopes if isinstance(steps.walk, NeuronWalk) else range(len(stage.sweep.edges))
    boxes, edges = (_boxes(steps, neurons), _edges(stage, beside)) if small else ([], [])
    listed = range(len(steps)) if small else _beginnings(steps)
    found = {
        "view": steps.view,
        "title": steps.title,
        "told": told(steps),
        "root": stage.root,
        "lr": steps.lr,
        "train": list(steps.train),
        "editable": steps.walk.leaves,
        "stale": any(map(stage.is_stale, range(len(stage.nodes)))),
        "constants": walk_text.given(stage, [], steps.walk.constants),
        "given": walk_text.given(stage, steps.walk.leaves, steps.walk.constants),
        "gradients": list(walk_text.results(stage, steps.walk.leaves)),
        "picture": _placed(stage, boxes, edges) if small and not neurons else None,
        "many": None if small else _many(steps),
        "boxes": boxes,
        "edges": edges,
        "events": [_event(steps, at) for at in listed],
        "numbers": None if small else [at + 1 for at in listed],
        "sweep": _sweep(stage) if small else [],
        "templates": {"numbers": phrases.NUMBERS, "sentences": phrases.SENTENCES},
        "notes": phrases.NOTES,
        **(steps.walk.data() if small else {"layers": []}),
    }
    return _plain(found)  # type: ignore[no-any-return]


def told(steps: Steps) -> str:
    """The walk in a sentence, for who cannot see the picture."""
    stage = steps.stage
    return (
        f"{steps.title}: {len(stage.nodes):,} values, {len(steps):,} steps; in the end {stage.names[stage.root]} ="
        f" {stage.data_text(stage.root)}"
    )


def _event(steps: Steps, at: int) -> dict[str, Any]:
    """Event number `at`."""
    event, step = steps.walk.events[at], steps.walk.step(at)
    entry = {"phase": step.phase, "kind": step.kind, "box": step.box, "target": event.target, "edge": event.edge}
    entry |= {"formula": step.formula, "numbers": step.numbers, "local": step.local, "result": step.result}
    entry |= {"before": step.before, "now": step.now, "sentence": step.sentence, "note": step.note}
    live = steps.walk.live(at) if isinstance(steps.walk, NeuronWalk) else {}
    return {**entry, "first": event.first, **event.more, **live}


def _beginnings(steps: Steps) -> list[int]:
    """Of a walk that is too long to be listed, how each of the two passes begins."""
    half = MOST_LISTED // 2
    turn = next(at for at, event in enumerate(steps.walk.events) if event.phase == "backward")
    return [*range(min(turn, half)), *range(turn, min(turn + half, len(steps)))]


def _boxes(steps: Steps, bare: bool) -> list[dict[str, Any]]:
    """All boxes; `bare` without the arithmetic, which the events of neurons bring along."""
    stage = steps.stage
    return [
        {
            "name": stage.names[box],
            "kind": "leaf" if stage.is_leaf(box) else "by hand" if stage.is_by_hand(box) else "operation",
            "row": node._row.name if node._row is not None and node._row.name in TABLE else None,
            "op": words.clean(node.op),
            "expression": stage.made if bare and box == stage.root else stage.expression(box),
            "operands": [
                {"box": stage.sweep.number[x]} if isinstance(x, Value) else {"const": x} for x in node.operands
            ],
            "data": node.data,
            "data_text": stage.data_text(box),
            "grad": stage.sweep.gradients[box],
            "grad_text": stage.gradient_text(box),
            "earlier": stage.earlier(box),
            "edges": list(stage.sweep.arriving[box]),
            "uses": stage.uses[box],
            "stale": stage.is_stale(box),
            "editable": stage.is_leaf(box),
            "train": box in steps.train,
            **({} if bare else {"numbers": stage.arithmetic(box)}),
        }
        for box, node in enumerate(stage.nodes)
    ]


def _edges(stage: Stage, beside: Container[int]) -> list[dict[str, Any]]:
    """All edges; those whose local derivative is told, `beside` a line, with its text."""
    found = []
    for number, edge in enumerate(stage.sweep.edges):
        node = stage.nodes[edge.target]
        by_hand = stage.is_by_hand(edge.target)
        why = "" if by_hand else phrases.reason(node._row.name, edge.operand)
        kind = ("by_hand" if passes_back(node) else "by_hand_nothing") if by_hand else "dead" if edge.dead else "share"
        entry = {"source": edge.source, "target": edge.target, "operand": edge.operand, "kind": kind}
        entry |= {"derivative": None if by_hand else edge.derivative, "dead": edge.dead, "why": why}
        if number not in beside:
            found.append(entry)
            continue
        rule = stage.rule(number)
        entry |= {"text": "" if by_hand or edge.derivative is None else words.number(edge.derivative)}
        entry |= {"local": stage.local(number), "rule": rule.rule, "arithmetic": rule.arithmetic}
        found.append({**entry, "formula": stage.formula(number)})
    return found


def _placed(stage: Stage, boxes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> dict[str, int]:
    """Gives every box its place and every edge its line; the answer is the size of the picture."""
    ends = Counter(edge.target for edge in stage.sweep.edges)
    sizes = [size(stage.names[box], stage.expression(box), ends[box]) for box in range(len(stage.nodes))]
    placed = layout(sizes, [Edge(edge.source, edge.target, ROOM) for edge in stage.sweep.edges])
    for entry, box, (x, y) in zip(boxes, sizes, placed.corners, strict=True):
        entry |= {"x": _short(x + MARGIN), "y": _short(y + MARGIN), "w": box.width, "h": box.height}
    for entry, edge, branch in zip(edges, stage.sweep.edges, placed.branches, strict=True):
        points = _joined(placed.trunks[edge.source], branch)
        corner, box = placed.corners[edge.source], sizes[edge.source]
        if points[0] != (corner[0] + box.width, points[0][1]):  # a line begins at the side of its box
            points.insert(0, (corner[0] + box.width, points[0][1]))
        entry["points"] = [[_short(x + MARGIN), _short(y + MARGIN)] for x, y in points]
        entry["label"] = [_short(points[-1][0] + MARGIN - 10), _short(points[-1][1] + MARGIN - 3)]
    return {"width": placed.width + 2 * MARGIN, "height": placed.height + 2 * MARGIN}


def _short(x: float) -> float:
    """A coordinate to a tenth of a pixel, and whole where it is."""
    return int(x) if x == int(x) else round(x, 1)


def size(name: str, expression: str, ends: int) -> Box:
    """The size of a box with a line for its name and how it was made, and lines for data and gradient."""
    head = words.shortened(name, words.LONGEST_NAME) + (f" = {expression}" if expression else "")
    width = max(math.ceil(words.width(head, TEXT)) + 2 * PAD, LEAST_WIDTH)
    height = max(3 * LINE + 16, height_for(ends))
    return Box(width + width % 2, height + height % 2)


def _joined(trunk: list[Point], branch: list[Point]) -> list[Point]:
    """The whole line of an edge: along the trunk that it shares, up to where its own branch begins."""
    if branch[0] in trunk:
        return [*trunk[: trunk.index(branch[0])], *branch]
    return list(branch)


def _sweep(stage: Stage) -> list[int]:
    """The order of the pass, if it comes everywhere; else an order that serves whichever edges are live."""
    if any(edge.dead for edge in stage.sweep.edges):
        return [box for box in reversed(range(len(stage.nodes))) if not stage.is_leaf(box)]
    return stage.sweep.order


def _many(steps: Steps) -> dict[str, str]:
    """A graph of too many boxes to step through in a picture: the drawing, folded, and what to do."""
    count = len(steps)
    line = (
        f"{len(steps.stage.nodes):,} values are too many to step through in a picture. Below is how each of the two"
        f" passes begins; in Python, `for step in steps(v)` goes through all {count:,} steps."
    )
    root = steps.stage.nodes[-1]
    try:
        svg = legible(paint(read(root, steps.stage.called, local_grads=False, fold=None, as_if=True)))
    except ValueError:  # folded, it would still be too large
        svg = ""
    return {"svg": svg, "line": line}


def _plain(x: Any) -> Any:
    """The same with words in place of numbers that JSON does not know."""
    if isinstance(x, dict):
        return {key: _plain(item) for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        return [_plain(item) for item in x]
    if isinstance(x, float) and not math.isfinite(x):
        return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
    return x
