"""The walk over a network, neuron by neuron: sums and outputs forward, error signals backward, and then the weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autograd.show import circles, phrases, words
from autograd.show.graph_walk import Event, Step, update_step
from autograd.show.local import filled
from autograd.show.neuron_lines import Lines, Told
from autograd.show.neurons import Found, Layer
from autograd.show.stage import UNKNOWN, Stage
from autograd.value import Value


class NeuronWalk:
    """All events, layer by layer; each is told when it is asked for.

    The error signal of a neuron is δ = ∂L/∂z, the gradient of its weighted sum. It is the gradient of its output, for a
    hidden neuron Σ w·δ over the neurons that it feeds, times the slope of its activation. The gradient of the bias is
    δ, and that of a weight δ times what comes in there. All numbers are those of the backward pass itself.
    """

    def __init__(self, stage: Stage, layers: Sequence[Layer], train: Sequence[int], lr: float) -> None:
        self.stage, self.layers, self.train, self.lr = stage, layers, tuple(train), lr
        self.number = stage.sweep.number
        self.lines = Lines(stage, layers)
        parameters = [leaf for _, _, neuron in self._neurons() for leaf in (*neuron.weights, neuron.bias)]
        leaves = [*(self.number[leaf] for leaf in parameters), *stage.leaves]
        self.leaves = list(dict.fromkeys(leaves))
        """The boxes of the leaves: the parameters neuron by neuron, then others."""
        self.constants = [
            f"x[{at}] = {words.number(x)}"
            for at, x in enumerate(layers[0].neurons[0].inputs)
            if not isinstance(x, Value)
        ]
        """The inputs that are plain numbers, which nothing can change."""
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
            return step._replace(sentence=phrases.NEURONS["first_update"]) if first else step
        told = self.lines.told(event)
        numbers, local, notes = self._texts(event, told)
        forward = event.phase == "forward"
        result = self.stage.nodes[event.box].data if forward else self.stage.sweep.gradients[event.target]
        return Step(
            phase=event.phase,
            kind=event.kind,
            node=self.stage.nodes[event.box],
            box=event.box,
            target=self.stage.nodes[event.target],
            edge=None,
            formula=told.formula,
            numbers=numbers,
            local=local,
            result=result,
            before=None,
            now=result,
            sentence=told.sentence,
            note="; ".join(notes),
        )

    def live(self, at: int) -> dict[str, Any]:
        """What the page tells an event by, whatever its numbers are: templates, and where to look what holds of them.

        {d3} is the data of box 3, {g3} its gradient, {m5} the local derivative of edge 5, {s9_7} that of box 9 by box
        7 over all operations between them; {D3} and {G3} are written as they stand in the picture.
        """
        event = self.events[at]
        if event.kind == "update":
            first = not at or self.events[at - 1].kind != "update"
            return {"fill": "", "fixed": phrases.NEURONS["first_update"] if first else ""}
        told = self.lines.told(event)
        listed = {
            "fill": told.fill,
            "fixed": told.sentence,
            "aside": list(map(list, told.aside)),
            "remark": told.remark,
        }
        return {**listed, "slope": told.slope, "made": list(told.made), "within": list(told.within)}

    @property
    def slopes(self) -> set[int]:
        """The edges whose local derivative is told beside a line."""
        found = (self.lines.told(event).slope for event in self.events if event.kind == "delta")
        return {edge for edge in found if edge is not None}

    def _texts(self, event: Event, told: Told) -> tuple[str, str, list[str]]:
        """The arithmetic, what stands beside it, and the notes."""
        stage, slope, notes = self.stage, told.slope, []
        odd = any(not stage.sweep.edges[edge].dead and stage.is_convention(edge) for edge in told.within)
        stale = [stage.names[box] for box in told.made if stage.is_stale(box)]
        bare, local = odd or bool(stale), []
        for name, rule, fill in told.aside:
            written = filled(fill.rpartition(" = ")[2] if bare else fill, self._number)
            local.append(" = ".join(filter(None, [name, "" if bare else rule, written])).replace("= ≈", "≈"))
        local += [] if slope is None else [stage.local_line(slope)]
        off = slope is not None and stage.sweep.edges[slope].dead
        if slope is not None and off:
            notes.append(phrases.NOTES[self.lines.why(slope)])
        elif slope is not None and stage.is_convention(slope):
            notes.append(_noted("convention", stage.sweep.edges[slope].derivative or 0.0))
        notes += [phrases.NOTES["special"]] if odd else []
        notes += [_noted("stale", name) for name in stale]
        fill = told.fill
        if off or stale or told.remark:  # the line alone does not give the number
            fill = f"{{{'D' if event.phase == 'forward' else 'G'}{event.target}}}"
        notes += [told.remark] if told.remark else []
        earlier = stage.earlier(event.target) if event.phase == "backward" else None
        notes += [] if earlier is None else [_noted("earlier", earlier)]
        return filled(fill, self._number).replace("= ≈", "≈"), "; ".join(local), notes

    def _number(self, name: str) -> float | str:
        if name[0] == "s":
            x = self.lines.slope(*map(int, name[1:].split("_")))
            return UNKNOWN if x is None else x
        at = int(name[1:])
        match name[0]:
            case "d":
                return self.stage.nodes[at].data
            case "D":
                return self.stage.data_text(at)
            case "G":
                return self.stage.gradient_text(at)
            case "m":
                return self.stage.sweep.edges[at].derivative or 0.0
        gradient = self.stage.sweep.gradients[at]
        return UNKNOWN if gradient is None else gradient

    def data(self) -> dict[str, Any]:
        """What the page needs beside boxes, edges and events: circles and lines."""
        return circles.placed(self.stage, self.layers)


def _noted(note: str, x: float | str) -> str:
    """A note with its one number or name."""
    return filled(phrases.NOTES[note], lambda _: x)
