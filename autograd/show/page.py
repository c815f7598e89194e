"""The page that steps: one HTML text that needs nothing else, readable without scripts, and live with them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any

from autograd.show import board, files, walk_text
from autograd.show.animation import animated_svg
from autograd.show.arithmetic import arithmetic, row_key
from autograd.show.slides import gif

if TYPE_CHECKING:
    from autograd.show.stepping import Steps

__all__ = ["animated_svg", "fragment", "gif", "html", "notebook"]

Data = Mapping[str, Any]
COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)  # of a line of its own: for who reads the file, not the page
STYLE = "body{margin:.5rem}@media (prefers-color-scheme:dark){body{background:#14181d}}"
FRAGMENT = """<section class="autograd-steps" tabindex="-1" aria-label="{title}"{wide}>
<style>{style}</style>
<h1>{title}</h1>
<div class="told" aria-live="polite">
<p class="phase">All numbers, as they are in the end</p>
<p class="formula">{given}</p>
<p class="local"></p>
<p class="sentence">{gradients}</p>
</div>
<div class="bar"></div>
<div class="scene">
<figure>
{picture}</figure>
</div>
<p class="hint">{legend}</p>
<div class="leaves"></div>
<div class="descent"></div>
<details open>
<summary>{count}</summary>
<ol>
{items}
</ol>
</details>
{script}</section>
"""
SCRIPT = """<script type="application/json">{data}</script>
<script>
(() => {{
"use strict";
const section = document.currentScript.parentElement;
const data = JSON.parse(section.querySelector("script").textContent);
{arithmetic}
{walk}
{controls}
{edits}}})();
</script>
"""
START = "These numbers are given. The arrow keys, or the buttons, go on from here, one step at a time."
LEGEND = (
    "Green: where the work is done. Violet: what changes. On a line: its local derivative; dashed: nothing flows."
    " Behind a gradient: blue above 0, orange below."
)
LEGEND_OF_NEURONS = "Green: where the work is done. Violet: what changes."
HINT = "Change a number: type it, drag its slider, or drag its {what} in the picture. Both passes are computed anew."
DECIDED = " A condition that was decided in Python stays as it is."
BY_HAND = "Numbers cannot be changed here: {name} was made by hand, and only its maker knows how to compute it anew."
DOWNHILL = (
    "Each step moves {names} downhill, so that {root} falls: against the gradient, by lr, the learning rate, times it."
)


def html(steps: Steps) -> str:
    """A whole page, to be saved as one file."""
    data = steps.data()
    return files.page(data["title"], _fragment(data), STYLE)


def fragment(steps: Steps) -> str:
    """The same as an element that can stand on any page, as often as wanted."""
    return _fragment(steps.data())


def notebook(steps: Steps) -> str:
    """The page in a frame of its own; where a notebook is not trusted, which hides frames and styles, the picture."""
    data = steps.data()
    page = escape(files.page(data["title"], _fragment(data), STYLE))
    size = data["picture"]
    height = (
        640 if size is None else min(408 + size["height"] + 96 * bool(data["train"]) + 24 * len(data["editable"]), 900)
    )
    still = "" if size is None else _image(data)
    return (
        f"<div><style>.autograd-steps-still{{display:none}}</style>{still}"
        f'<iframe srcdoc="{page}" sandbox="allow-scripts" title="{escape(data["title"])}"'
        f' style="width:100%;height:{height}px;border:0"></iframe></div>'
    )


def _image(data: Data) -> str:
    svg = base64.b64encode(board.picture(data).encode()).decode()
    return (
        f'<img class="autograd-steps-still" alt="{escape(data["told"])}" src="data:image/svg+xml;base64,{svg}"'
        ' style="max-width:100%">'
    )


def _fragment(data: Data) -> str:
    many = data["many"]
    if many:
        drawn, script = f"<p>{files.coded(many['line'])}</p>\n{many['svg']}", ""
    else:
        drawn = board.frame(data, board.paper(data) + board.body(data), least=0.7)
        parts = {name: COMMENT.sub("", _file(f"{name}.js")) for name in ("walk", "controls", "edits")}
        script = SCRIPT.format(data=_json(_told(data)), arithmetic=arithmetic(_uses(data)), **parts)
    count = len(data["events"])
    items, before = "", 0
    for number, event in zip(data["numbers"] or range(1, count + 1), data["events"], strict=True):
        jump = "" if number == before + 1 else f' value="{number}"'
        items, before = f"{items}<li{jump}>{escape(line(event))}</li>\n", number
    return FRAGMENT.format(
        title=escape(data["title"]),
        wide=_wide(data),
        style=_file("steps.css") + board.style(),
        given=escape(data["given"]),
        legend="" if many else LEGEND_OF_NEURONS if data["layers"] else LEGEND,
        gradients=escape("; ".join(data["gradients"])),
        picture=drawn,
        count=f"{count} of the steps" if many else f"All {count} steps" if count != 1 else "The one step",
        items=items.rstrip(),
        script=script,
    )


def _wide(data: Data) -> str:
    """The page is wider than text needs it to be where the picture is, and the window."""
    width = data["picture"]["width"] if data["picture"] else 0
    return f' style="max-width:max(76rem,{width + 32}px)"' if width else ""


def line(event: Data) -> str:
    """A step in a line, as in the list under the picture."""
    return walk_text.line(event["formula"], event["numbers"], event["note"])


def _uses(data: Data) -> set[tuple[str, int]]:
    """The rows of the table that the page computes with, and the numbers of their operands."""
    return {(entry["row"], len(entry["operands"])) for entry in data["boxes"] if entry["row"]}


def _told(data: Data) -> dict[str, Any]:
    """What the script is told: what the page does not show already. What is None, false or empty is left out."""
    forward = {event["box"]: event for event in data["events"] if event["phase"] == "forward"}
    updates = {event["target"]: event for event in data["events"] if event["phase"] == "update"}
    boxes = []
    for at, entry in enumerate(data["boxes"]):
        made = {"made": entry["expression"]} if entry["expression"] else {}
        told = {key: entry[key] for key in ("name", "data", "earlier", "stale", "uses", "edges", "operands")} | made
        if at in forward and not data["layers"]:
            event = forward[at]
            told |= {"formula": event["formula"], "numbers": entry["numbers"], "sentence": event["sentence"]}
        if entry["row"]:
            told["key"] = row_key(entry["row"], len(entry["operands"]))
        if at in updates:
            told["update"] = updates[at]["formula"]
        boxes.append(_full(told))
    for edge in data["edges"]:
        if edge["kind"].startswith("by_hand"):
            boxes[edge["target"]]["hand"] = edge["kind"]
    keys = ("operand", "derivative", "dead", "why", "local", "rule", "arithmetic", "formula")
    boxes[data["root"]]["total"] = next((event["formula"] for event in data["events"] if event["kind"] == "seed"), "")
    names = ", ".join(data["boxes"][at]["name"] for at in data["train"])
    return {
        **{key: data[key] for key in ("root", "lr", "train", "editable", "constants", "stale", "notes", "templates")},
        "boxes": boxes,
        "edges": [_full({key: edge.get(key) for key in keys}) for edge in data["edges"]],
        "events": _of_neurons(data) if data["layers"] else None,
        "live": not _by_hand(data),
        "told": data["told"].removesuffix(data["boxes"][data["root"]]["data_text"]),
        "most": walk_text.MOST_LEAVES,
        "start": START,
        "hint": _hint(data),
        "downhill": DOWNHILL.format(
            root=data["boxes"][data["root"]]["name"], names=names if len(names) < 60 else f"{len(data['train'])} leaves"
        ),
    }


def _by_hand(data: Data) -> list[str]:
    """The names of the boxes that were made by hand."""
    return [entry["name"] for entry in data["boxes"] if entry["kind"] == "by hand"]


def _hint(data: Data) -> str:
    """What can be done with the numbers."""
    if by_hand := _by_hand(data):
        return BY_HAND.format(name=by_hand[0])
    decided = any(entry["row"] == "where" and "const" in entry["operands"][0] for entry in data["boxes"])
    return HINT.format(what="line or number" if data["layers"] else "box") + DECIDED * decided


def _full(entry: dict[str, Any]) -> dict[str, Any]:
    """Without what is None, false or empty; 0 stays."""
    return {key: x for key, x in entry.items() if not (x is None or x is False or x in ("", []))}


def _of_neurons(data: Data) -> list[dict[str, Any]]:
    """The events of the neurons' view, as the script takes them; `lit` are the weights whose lines are lit."""
    keys = ("phase", "kind", "box", "target", "formula", "fill", "aside", "slope", "made", "within", "remark")
    owner = {neuron["bias"]: neuron["sum"] for layer in data["layers"] for neuron in layer["neurons"]}
    told = []
    for event in data["events"]:
        lit = [event["target"]] if event["kind"] in ("bias", "weight", "update") else []
        if event["kind"] == "sum":
            neuron = data["layers"][event["layer"]]["neurons"][event["neuron"]]
            lit = [*neuron["weights"], neuron["bias"]]
        near = owner.get(event["target"]) if event["kind"] == "update" else None
        told.append(
            _full({**{key: event.get(key) for key in keys}, "sentence": event["fixed"], "lit": lit, "near": near})
        )
    return told


def _json(told: dict[str, Any]) -> str:
    """JSON that can stand in a script element: nothing in it ends the element."""
    return json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


@cache
def _file(name: str) -> str:
    return resources.files("autograd.show").joinpath(name).read_text(encoding="utf-8")
