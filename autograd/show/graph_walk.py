"""The walk over a graph, use by use: values forward, shares of the gradient backward, and leaves moved downhill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from autograd.show import phrases, walk_text, words
from autograd.show.local import filled
from autograd.show.passes import passes_back
from autograd.show.stage import UNKNOWN, Stage
from autograd.show.sweep import Share
from autograd.value import Value


class Step(NamedTuple):
    """One event of the forward pass, the backward pass, or the update of the leaves that are trained.

    Its line is formula = numbers (note); `print(step)` shows it.
    """

    phase: str
    """"forward", "backward" or "update"."""
    kind: str
    """What happens: "value", "seed", "share", "dead" (nothing flows), "by_hand", "update", …"""
    node: Value
    """Where the work is done: the value that is computed, or that passes its gradient on."""
    box: int
    """The number of the node, operands before results: the number of its box in the picture."""
    target: Value
    """Whose number changes: its data forward, its gradient backward."""
    edge: int | None
    """Which of the node's parents the target is, counted from 0; None where no edge is walked over."""
    formula: str
    numbers: str
    """The formula with its numbers, and what comes out."""
    local: str
    """The local derivative: as formula, with its numbers, and what comes out."""
    result: float | None
    """What comes out; None where it cannot be told, after a node made by hand."""
    before: float | None
    """What was there before; None: nothing, or nothing that can be told."""
    now: float | None
    """What is there after."""
    sentence: str
    note: str

    def __repr__(self) -> str:
        return f"<Step: {self}>"

    def __str__(self) -> str:
        return walk_text.line(self.formula, self.numbers, self.note)


class Event(NamedTuple):
    """A step before it is told: numbers of boxes and edges, which the page takes too."""

    phase: str
    kind: str
    box: int
    target: int
    edge: int | None = None
    share: Share | None = None
    first: bool = False
    """Whether it is the first that comes to its target."""
    more: Mapping[str, Any] = MappingProxyType({})
    """What else the page should know of it."""


class GraphWalk:
    """All events, in the order in which they happen; each is told when it is asked for."""

    def __init__(self, stage: Stage, train: Sequence[int], lr: float) -> None:
        self.stage, self.train, self.lr = stage, tuple(train), lr
        self.leaves = stage.leaves
        self.constants: list[str] = []
        """What is given beside the leaves: nothing here; constants stand in the formulas."""
        self.events = [*self._forward(), *self._backward(), *self._update()]

    def _forward(self) -> list[Event]:
        boxes = range(len(self.stage.nodes))
        return [Event("forward", "value", box, box) for box in boxes if not self.stage.is_leaf(box)]

    def _backward(self) -> list[Event]:
        sweep = self.stage.sweep
        events = [Event("backward", "seed", self.stage.root, self.stage.root)]
        met: set[int] = set()
        for share in sweep.shares:
            edge = sweep.edges[share.edge]
            kind = "dead" if edge.dead else "share"
            if self.stage.is_by_hand(edge.target):
                kind = "by_hand" if passes_back(self.stage.nodes[edge.target]) else "by_hand_nothing"
            first = edge.source not in met
            met.add(edge.source)
            events.append(Event("backward", kind, edge.target, edge.source, share.edge, share, first))
        return events

    def _update(self) -> list[Event]:
        return [Event("update", "update", leaf, leaf) for leaf in self.train]

    def data(self) -> dict[str, Any]:
        """What the page needs beside boxes, edges and events: nothing here."""
        return {"layers": []}

    def step(self, at: int) -> Step:
        """Event number `at` in full."""
        event = self.events[at]
        if event.phase == "forward":
            return self._forward_step(event)
        if event.phase == "update":
            return update_step(self.stage, event.box, self.lr)
        return self._backward_step(event)

    def _forward_step(self, event: Event) -> Step:
        stage, box = self.stage, event.box
        node = stage.nodes[box]
        return Step(
            phase="forward",
            kind=event.kind,
            node=node,
            box=box,
            target=node,
            edge=None,
            formula=f"{stage.names[box]} = {stage.expression(box, words.LONGEST_LINE)}",
            numbers=stage.forward_numbers(box),
            local="",
            result=node.data,
            before=None,
            now=node.data,
            sentence=phrases.forward(node._row.name, stage.operands(box)),
            note=phrases.NOTES["stale"].format(name=stage.names[box]) if stage.is_stale(box) else "",
        )

    def _backward_step(self, event: Event) -> Step:
        stage, share, number = self.stage, event.share, event.edge
        if share is None or number is None:  # the root: it changes as much as it changes
            share, edge, formula, local = Share(-1, 1.0, None, 1.0, True), None, stage.total(event.box), ""
        else:
            edge = number - stage.sweep.arriving[event.box].start
            formula, local = stage.formula(number), stage.local_line(number)
        numbers, sentence, note = self._texts(event)
        return Step(
            phase="backward",
            kind=event.kind,
            node=stage.nodes[event.box],
            box=event.box,
            target=stage.nodes[event.target],
            edge=edge,
            formula=formula,
            numbers=numbers,
            local=local,
            result=share.flowed,
            before=None if share.first else share.before,
            now=share.after,
            sentence=sentence,
            note=note,
        )

    def _texts(self, event: Event) -> tuple[str, str, str]:
        """The arithmetic, the sentence and the note of a backward step."""
        stage, share = self.stage, event.share
        told: dict[str, float | str | None] = {
            "name": stage.names[event.box],
            "target": stage.names[event.target],
            "root": stage.names[stage.root],
            "uses": float(stage.uses[event.target]),
            "e": stage.earlier(event.target),
        }
        notes, sentence = [], event.kind
        if share is not None:
            edge = stage.sweep.edges[share.edge]
            gradient, local = stage.sweep.gradients[event.box], edge.derivative
            told |= {"g": gradient, "l": local, "s": share.flowed, "b": share.before, "n": share.after}
            if sides := stage.sides(share.edge):
                told |= {"left": sides[0], "right": sides[1], "l": local or 0.0}
            if event.kind == "share":
                adds, part = not share.first and share.flowed is not None, stage.uses[event.target] > 1
                is_root = event.box == stage.root
                sentence = phrases.share(gradient, local or 0.0, share.flowed, is_root, adds, part, bool(sides))
                notes += ["adds"] if adds else []
                notes += ["nan"] if share.flowed is not None and share.flowed != share.flowed else []
            if event.kind == "dead":
                sentence = "kink" if sides else sentence
                notes.append(phrases.reason(stage.nodes[event.box]._row.name, edge.operand))
            if event.kind == "share" and stage.is_convention(share.edge):
                notes.append("tie" if phrases.TIED.fullmatch(stage.nodes[event.box]._row.name) else "convention")
            notes += ["stale"] if stage.is_stale(event.box) else []
        if told["e"] is not None and (event.first or share is None):
            notes.append("earlier")

        def lookup(name: str) -> float | str:
            x = told[name]
            return UNKNOWN if x is None else x

        return (
            filled(phrases.NUMBERS[event.kind], lookup),
            filled(phrases.SENTENCES[sentence], lookup),
            "; ".join(filled(phrases.NOTES[note], lookup) for note in notes),
        )


def update_step(stage: Stage, leaf: int, lr: float) -> Step:
    """A leaf moved against its gradient, as it would be: w ← w − lr · ∂L/∂w. The leaf itself stays as it is."""
    node, gradient, name = stage.nodes[leaf], stage.sweep.gradients[leaf], stage.names[leaf]
    moved = None if gradient is None else node.data - lr * gradient
    told: dict[str, float | str | None] = {
        "d": node.data,
        "lr": lr,
        "g": gradient,
        "n": moved,
        "target": name,
        "root": stage.names[stage.root],
    }

    def lookup(key: str) -> float | str:
        x = told[key]
        return UNKNOWN if x is None else x

    return Step(
        phase="update",
        kind="update",
        node=node,
        box=leaf,
        target=node,
        edge=None,
        formula=f"{name} ← {name} − lr · {stage.total(leaf)}",
        numbers=filled(phrases.NUMBERS["update"], lookup),
        local="",
        result=moved,
        before=node.data,
        now=moved,
        sentence=filled(phrases.SENTENCES["update"], lookup),
        note="",
    )
