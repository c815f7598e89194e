"""The walk over a network, neuron by neuron: sums and outputs forward, error signals backward, and then the weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autograd.show import circles, phrases, words
from autograd.show.graph_walk import Event, Step, update_step
from autograd.show.local import differential, filled
from autograd.show.neurons import Found, Layer
from autograd.show.stage import UNKNOWN, Stage
from autograd.show.sweep import Sweep
from autograd.value import Value

MOST_TERMS = 4


class NeuronWalk:
    """All events, layer by layer; each is told when it is asked for.

    The error signal of a neuron is δ = ∂L/∂z, the gradient of its weighted sum. It is the gradient of its output, for a
    hidden neuron Σ w·δ over the neurons that it feeds, times the slope of its activation. The gradient of the bias is
    δ, and that of a weight δ times what comes in there. All numbers are those of the backward pass itself.
    """

    def __init__(self, stage: Stage, layers: Sequence[Layer], train: Sequence[int], lr: float) -> None:
        self.stage, self.layers, self.train, self.lr = stage, layers, tuple(train), lr
        self.number = stage.sweep.number
        self.leaving: dict[int, list[int]] = {}
        """The numbers of the edges that lead from each box."""
        for at, edge in enumerate(stage.sweep.edges):
            self.leaving.setdefault(edge.source, []).append(at)
        self.owner = {self.number[neuron.sum]: neuron for layer in layers for neuron in layer.neurons}
        parameters = [leaf for _, _, neuron in self._neurons() for leaf in (*neuron.weights, neuron.bias)]
        leaves = [*(self.number[leaf] for leaf in parameters), *stage.leaves]
        self.leaves = list(dict.fromkeys(leaves))
        """The boxes of the leaves: the parameters neuron by neuron, then others."""
        self.events = [*self._forward(), *self._backward(), *self._update()]

    def _forward(self) -> Iterator[Event]:
        for row, column, neuron in self._neurons():
            z, a = self.number[neuron.sum], self.number[neuron.out]
            place = {"layer": row, "neuron": column}
            yield Event("forward", "sum", z, z, more={**place, "of": {"data": z}})
            if a != z:
                yield Event("forward", "out", a, a, more={**place, "of": {"data": a}})
        root = self.stage.root
        yield Event("forward", "value", root, root, more={"of": {"data": root}})

    def _backward(self) -> Iterator[Event]:
        root = self.stage.root
        yield Event("backward", "seed", root, root, more={"of": {"grad": root}})
        for row in reversed(range(len(self.layers))):
            for at, column, neuron in self._neurons():
                if at == row:
                    z, place = self.number[neuron.sum], {"layer": row, "neuron": column}
                    leaves = [("bias", None, neuron.bias), *(("weight", i, w) for i, w in enumerate(neuron.weights))]
                    yield Event("backward", "delta", z, z, more={**place, "of": {"grad": z}})
                    for kind, weight, leaf in leaves:
                        box = self.number[leaf]
                        yield Event("backward", kind, z, box, more={**place, "weight": weight, "of": {"grad": box}})

    def _update(self) -> Iterator[Event]:
        for leaf in self.train:
            yield Event("update", "update", leaf, leaf, more={"of": {"update": leaf}})

    def _neurons(self) -> Iterator[tuple[int, int, Found]]:
        for row, layer in enumerate(self.layers):
            for column, neuron in enumerate(layer.neurons):
                yield row, column, neuron

    def step(self, at: int) -> Step:
        """Event number `at` in full."""
        event = self.events[at]
        if event.kind == "update":
            step = update_step(self.stage, event.box, self.lr)
            first = not at or self.events[at - 1].kind != "update"
            return step._replace(sentence=phrases.NEURONS["first_update"] if first else "")
        told = self._told(event)
        gradients, forward = self.stage.sweep.gradients, event.phase == "forward"
        result = self.stage.nodes[event.box].data if forward else gradients[event.target]
        return Step(
            phase=event.phase,
            kind=event.kind,
            node=self.stage.nodes[event.box],
            box=event.box,
            target=self.stage.nodes[event.target],
            edge=None,
            formula=told["formula"],
            numbers=filled(told["fill"], self._number).replace("= ≈", "≈"),
            local=told.get("local", ""),
            result=result,
            before=None,
            now=result,
            sentence=told["sentence"],
            note=told.get("note", ""),
        )

    def fill(self, at: int) -> str:
        """The arithmetic of an event as a template: {d3} is the data of box 3, {g3} its gradient, {m5} ∂ at edge 5."""
        return "" if self.events[at].kind == "update" else self._told(self.events[at])["fill"]

    def _number(self, name: str) -> float | str:
        kind, at = name[0], int(name[1:])
        if kind == "d":
            return self.stage.nodes[at].data
        x = self.stage.sweep.gradients[at] if kind == "g" else self.stage.sweep.edges[at].derivative or 0.0
        return UNKNOWN if x is None else x

    # What is told of each kind of event -------------------------------------------------------------------------------

    def _told(self, event: Event) -> dict[str, str]:
        match event.kind:
            case "sum" | "out":
                return self._told_forward(event)
            case "value":
                return {
                    "formula": self.stage.names[event.box],
                    "fill": f"{{d{event.box}}}",
                    "sentence": phrases.NEURONS["value"].format(root=self.stage.names[event.box]),
                }
            case "seed":
                sentence = phrases.SENTENCES["seed"].format(root=self.stage.names[event.box])
                return {"formula": self.stage.total(event.box), "fill": "1", "sentence": sentence}
            case "delta":
                return self._told_delta(event.box)
        return self._told_leaf(event)

    def _told_forward(self, event: Event) -> dict[str, str]:
        stage, box, neuron = self.stage, event.box, self._of(event)
        names = {"z": stage.names[self.number[neuron.sum]], "tag": neuron.short or "the neuron"}
        formula = f"{stage.names[box]} = {stage.expression(box)}"
        fill = self._forward_fill(box)
        if event.kind == "sum":
            terms = [f"{stage.called[w]}*{self._input(neuron, at)}" for at, w in enumerate(neuron.weights)]
            formula = f"{stage.names[box]} = {' + '.join([*_with_dots(terms), stage.called[neuron.bias]])}"
        if event.kind == "out" and not neuron.activation:  # a function of several operations
            formula, fill = f"{stage.names[box]} = f({names['z']})", f"{{d{box}}}"
        note = phrases.NOTES["stale"].format(name=stage.names[box]) if stage.is_stale(box) else ""
        return {
            "formula": formula,
            "fill": f"{{d{box}}}" if note else fill,
            "sentence": phrases.NEURONS[event.kind].format(**names, activation=neuron.activation or "f"),
            "note": note,
        }

    def _forward_fill(self, box: int) -> str:
        """The template of the box's arithmetic with {d7} for the operand that is box 7, and constants written out."""
        operands = self.stage.nodes[box].operands
        template = self.stage.arithmetic(box).replace("{out}", f"{{d{box}}}")
        for at, operand in enumerate(operands):
            for suffix in ("", "!", "?"):
                token = f"{{{at}{suffix}}}"
                if token in template:
                    constant = "" if isinstance(operand, Value) else filled(token, {str(at): operand}.__getitem__)
                    new = f"{{d{self.number[operand]}{suffix}}}" if isinstance(operand, Value) else constant
                    template = template.replace(token, new)
        return template

    def _told_delta(self, z: int) -> dict[str, str]:
        stage, neuron = self.stage, self.owner[z]
        a = self.number[neuron.out]
        terms, name = self._fed(a), f"δ{neuron.tag}"
        if terms:
            written = [(f"{stage.names[w]}·δ{to.tag}", f"{{d{w}}} × {{g{self.number[to.sum]}!}}") for w, to in terms]
            formula, fill = (" + ".join(_with_dots(part)) for part in zip(*written, strict=True))
            if len(terms) > 1 and a != z:
                formula, fill = f"({formula})", f"({fill})"
            key = "delta_hidden" if len(terms) > 1 else "delta_through_one"
            to = ", ".join(_with_dots([to.short for _, to in terms]))
        else:
            formula, fill, key, to = stage.total(a), f"{{g{a}}}", "delta_output", ""
        told = {"local": "", "note": ""}
        if a != z:
            slope = self._slope(z, a)
            formula, fill = f"{formula} · {slope['formula']}", f"{fill} × {slope['fill']}"
            told |= {"local": slope["local"], "note": slope["note"]}
        elif not terms:
            key = "delta_plain"
        fill = f"{{g{z}}}" if told["note"] or (fill == f"{{g{z}}}") else f"{fill} = {{g{z}}}"
        sentence = phrases.NEURONS[key].format(
            tag=neuron.short or "of this neuron",
            z=stage.names[z],
            a=stage.names[a],
            root=stage.names[stage.root],
            to=to,
        )
        return {**told, "formula": f"{name} = {formula}", "fill": fill, "sentence": sentence}

    def _slope(self, z: int, a: int) -> dict[str, str]:
        """∂a/∂z: the local derivative, or for a function of several operations a pass of its own."""
        stage = self.stage
        name = f"{differential(stage.names[a])}/{differential(stage.names[z])}"
        if stage.nodes[a].parents == (stage.nodes[z],):
            edge = stage.sweep.arriving[a].start
            found = stage.sweep.edges[edge]
            note = phrases.NOTES[phrases.reason(stage.nodes[a]._row.name, found.operand)] if found.dead else ""
            return {"formula": name, "fill": f"{{m{edge}!}}", "local": stage.local_line(edge), "note": note}
        inner = Sweep(stage.nodes[a])
        slope = inner.gradients[inner.number[stage.nodes[z]]]
        written = UNKNOWN if slope is None else words.bracketed(slope)
        return {"formula": name, "fill": written, "local": f"{name} = {written.strip('()')}", "note": ""}

    def _fed(self, a: int) -> list[tuple[int, Found]]:
        """The weights by which an output goes on, and the neurons it goes to; nothing if it goes elsewhere too."""
        terms = []
        for number in self.leaving.get(a, ()):
            edge = self.stage.sweep.edges[number]
            neuron = self.owner.get(edge.target)
            place = edge.operand - len(neuron.weights) if neuron else -1
            if neuron is None or not 0 <= place < len(neuron.weights):
                return []
            terms.append((self.number[neuron.weights[place]], neuron))
        return terms

    def _told_leaf(self, event: Event) -> dict[str, str]:
        """The gradient of a bias, δ, or of a weight, δ times its input."""
        stage, neuron, leaf = self.stage, self._of(event), event.target
        z, delta = self.number[neuron.sum], f"δ{neuron.tag}"
        formula, fill, x = f"{stage.total(leaf)} = {delta}", f"{{g{z}}}", ""
        if event.kind == "weight":
            given = neuron.inputs[event.more["weight"]]
            x = self._input(neuron, event.more["weight"])
            number = f"{{d{self.number[given]}!}}" if isinstance(given, Value) else words.bracketed(given)
            formula, fill = f"{formula} · {x}", f"{fill} × {number} = {{g{leaf}}}"
        note = ""
        if stage.uses[leaf] > 1:
            formula, fill = formula.replace("=", "+=", 1), f"{{g{leaf}}}"
            note = phrases.NEURONS["used_elsewhere"].format(target=stage.names[leaf], uses=stage.uses[leaf])
        sentence = phrases.NEURONS[event.kind].format(target=stage.names[leaf], delta=delta, x=x)
        return {"formula": formula, "fill": fill, "sentence": sentence, "note": note}

    def _input(self, neuron: Found, at: int) -> str:
        """What input number `at` of a neuron is called."""
        x = neuron.inputs[at]
        return self.stage.called[x] if isinstance(x, Value) else f"x[{at}]"

    def _of(self, event: Event) -> Found:
        row, column = event.more["layer"], event.more["neuron"]
        found: Found = self.layers[row].neurons[column]
        return found

    def data(self) -> dict[str, Any]:
        """What the page needs beside boxes, edges and events: circles and lines."""
        return circles.placed(self.stage, self.layers)


def _with_dots(terms: Sequence[str]) -> list[str]:
    """The terms, or of many the first two and the last."""
    return [*terms[:2], "…", terms[-1]] if len(terms) > MOST_TERMS else list(terms)
