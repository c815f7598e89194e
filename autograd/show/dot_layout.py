"""Has `dot`, the program of Graphviz, place the boxes and lines of a graph, for the same painter to paint."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from autograd.show.grid import Box, Edge
from autograd.show.layout import Layout, Point

SECONDS = 60
MISSING = (
    'engine="graphviz" needs the program dot, which was not found: install Graphviz by `apt install graphviz`,'
    " `brew install graphviz` or `winget install graphviz`, or drop engine="
)


def program() -> str:
    """Where `dot` is; an error that says how to get it, and how to do without."""
    found = shutil.which("dot")
    if found is None:
        raise FileNotFoundError(MISSING)
    return found


def run(source: str, kind: str) -> bytes:
    """What `dot` makes of DOT text, in a format that it knows: json0, png, pdf."""
    try:
        done = subprocess.run([program(), f"-T{kind}"], input=source.encode(), capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise RuntimeError(
            f"dot was still at work after {SECONDS} seconds: draw a smaller graph, fold more, or drop engine="
        ) from None
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().splitlines()[:1] or ["nothing"]
        raise RuntimeError(f"dot failed and said {said[0]!r}: drop engine=")
    return done.stdout


def layout(boxes: Sequence[Box], edges: Sequence[Edge]) -> Layout:
    """What `autograd.show.layout.layout` answers, as `dot` has it."""
    answer = json.loads(run(_source(boxes, edges), "json0"))
    _, _, width, height = map(float, answer["bb"].split(","))

    def point(text: str) -> Point:
        x, y = map(float, text.split(","))
        return x, height - y

    middles = {thing["name"]: point(thing["pos"]) for thing in answer["objects"]}
    corners = [
        (middles[f"n{at}"][0] - box.width / 2, middles[f"n{at}"][1] - box.height / 2) for at, box in enumerate(boxes)
    ]
    found = {thing["id"]: thing for thing in answer.get("edges", [])}
    things = [found[f"e{at}"] for at in range(len(edges))]
    branches = [[point(pair) for pair in thing["pos"].split()] for thing in things]
    rooms = [(x, y + 3) for x, y in (point(thing["lp"]) if "lp" in thing else (0.0, 0.0) for thing in things)]
    return Layout(round(width), round(height), corners, [[] for _ in boxes], branches, True, rooms)


def _source(boxes: Sequence[Box], edges: Sequence[Edge]) -> str:
    """Boxes as tables without text, one row for the end of each line: a point is a pixel."""
    ends = Counter(edge.target for edge in edges)
    lines = ["digraph{rankdir=LR nodesep=0.3 ranksep=0.5 node[shape=plain] edge[arrowhead=none]"]
    for at, box in enumerate(boxes):
        count = ends[at] or 1
        steps = [box.height * row // count for row in range(count + 1)]
        rows = "".join(
            f'<TR><TD PORT="p{row}" FIXEDSIZE="TRUE" WIDTH="{box.width}" HEIGHT="{below - above}"></TD></TR>'
            for row, (above, below) in enumerate(pairwise(steps))
        )
        lines.append(f'n{at}[label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{rows}</TABLE>>]')
    rank: Counter[int] = Counter()
    for at, edge in enumerate(edges):
        room = (
            '<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'
            f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{edge.room + 6}" HEIGHT="14"></TD></TR></TABLE>>'
        )
        label = f" label={room}" if edge.room else ""
        lines.append(f"n{edge.source}:e->n{edge.target}:p{rank[edge.target]}:w[id=e{at}{label}]")
        rank[edge.target] += 1
    return "\n".join([*lines, "}"])
