"""What is told of each event of a network's walk: its formula, its arithmetic as a template, and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from autograd.show import phrases, words
from autograd.show.graph_walk import Event
from autograd.show.local import differential, filled
from autograd.show.neuron_loss import Loss
from autograd.show.neurons import Found, Layer
from autograd.show.stage import Stage
from autograd.value import Value

MOST_TERMS = 4


@dataclass
class Told:
    """An event in words and templates, which hold whatever the numbers are."""

    formula: str
    fill: str
    """The arithmetic, with {d3} and the like for numbers; see `NeuronWalk.live`."""
    sentence: str
    aside: list[tuple[str, str, str]] = field(default_factory=list)
    """What stands beside it: derivatives by name, formula or nothing, and arithmetic that ends with the number."""
    within: tuple[int, ...] = ()
    """The edges that these derivatives go along."""
    slope: int | None = None
    """The edge whose local derivative stands beside it too."""
    made: tuple[int, ...] = ()
    """The boxes whose numbers the arithmetic gives only if nothing was changed since they were computed."""
    remark: str = ""
    """Why the formula alone does not give the number."""


class Lines:
    """What is told of the events of one network."""

    def __init__(self, stage: Stage, layers: Sequence[Layer]) -> None:
        self.stage, self.layers = stage, layers
        self.number = stage.sweep.number
        self.leaving: dict[int, list[int]] = {}
        """The numbers of the edges that lead from each box."""
        for at, edge in enumerate(stage.sweep.edges):
            self.leaving.setdefault(edge.source, []).append(at)
        self.owner = {self.number[neuron.sum]: neuron for layer in layers for neuron in layer.neurons}
        self.loss = Loss(stage, [neuron.out for neuron in layers[-1].neurons])

    def told(self, event: Event) -> Told:
        """What is told of an event of the forward or the backward pass."""
        match event.kind:
            case "sum":
                return self._sum(self._of(event))
            case "out":
                return self._out(self._of(event))
            case "value":
                return self._value()
            case "seed":
                root = self.stage.names[event.box]
                return Told(self.stage.total(event.box), "1", phrases.SENTENCES["seed"].format(root=root))
            case "delta":
                return self._delta(self.owner[event.box])
        return self._leaf(event)

    def _of(self, event: Event) -> Found:
        found: Found = self.layers[event.more["layer"]].neurons[event.more["neuron"]]
        return found

    # Forward ----------------------------------------------------------------------------------------------------------

    def _sum(self, neuron: Found) -> Told:
        stage, z = self.stage, self.number[neuron.sum]
        names = [f"{stage.called[w]}*{self._input(neuron, at)}" for at, w in enumerate(neuron.weights)]
        numbers = [
            f"{{d{self.number[w]}{'!' if at else ''}}} × {self._input_number(neuron, at)}"
            for at, w in enumerate(neuron.weights)
        ]
        terms = " + ".join([*_with_dots(names), stage.called[neuron.bias]])
        total = " + ".join([*_with_dots(numbers), f"{{d{self.number[neuron.bias]}!}}"])
        sentence = phrases.NEURONS["sum"].format(tag=neuron.short or "the neuron", z=stage.names[z])
        return Told(f"{stage.names[z]} = {terms}", f"{total} = {{D{z}}}", sentence, made=(z,))

    def _out(self, neuron: Found) -> Told:
        stage, z, a = self.stage, self.number[neuron.sum], self.number[neuron.out]
        formula, fill = stage.expression(a), self._arithmetic(a)
        if not neuron.activation:  # a function of several operations
            formula, fill = f"f({stage.names[z]})", f"{{D{a}}}"
        sentence = phrases.NEURONS["out"].format(activation=neuron.activation or "f", z=stage.names[z])
        return Told(f"{stage.names[a]} = {formula}", fill, sentence, made=(a,))

    def _value(self) -> Told:
        """The end: made of the outputs of the network."""
        name, root = self.stage.names[self.stage.root], self.stage.root
        made = self.loss.made()
        if made is None:
            return Told(name, f"{{D{root}}}", phrases.NEURONS["value_long"].format(root=name))
        fill = f"{made.fill} = {{D{root}}}" if "{" in made.fill else f"{{D{root}}}"
        between = tuple(map(self.number.__getitem__, self.loss.order))
        return Told(f"{name} = {made.formula}", fill, phrases.NEURONS["value"].format(root=name), made=between)

    def _arithmetic(self, box: int) -> str:
        """The template of the box's arithmetic with {d7} for the operand that is box 7, and constants written out."""
        template = self.stage.arithmetic(box).replace("{out}", f"{{D{box}}}")
        for at, operand in enumerate(self.stage.nodes[box].operands):
            for suffix in ("", "!", "^", "?"):
                token = f"{{{at}{suffix}}}"
                if token in template:
                    constant = "" if isinstance(operand, Value) else filled(token, {str(at): operand}.__getitem__)
                    new = f"{{d{self.number[operand]}{suffix}}}" if isinstance(operand, Value) else constant
                    template = template.replace(token, new)
        return template

    # Backward ---------------------------------------------------------------------------------------------------------

    def _delta(self, neuron: Found) -> Told:
        """δ = (Σ w·δ of the neurons that it feeds, or the gradient of the output) × the slope of the activation."""
        stage, z, a = self.stage, self.number[neuron.sum], self.number[neuron.out]
        terms, told = self._fed(a), Told("", "", "")
        if terms:
            names = [f"{stage.names[w]}·δ{to.tag}" for w, to in terms]
            numbers = [f"{{d{w}{'!' if at else ''}}} × {{g{self.number[to.sum]}!}}" for at, (w, to) in enumerate(terms)]
            formula, fill = " + ".join(_with_dots(names)), " + ".join(_with_dots(numbers))
            if len(terms) > 1 and a != z:
                formula, fill = f"({formula})", f"({fill})"
            key = "delta_hidden" if len(terms) > 1 else "delta_through_one"
            told.made = tuple(self.number[to.sum] for _, to in terms)
        else:
            formula, fill = stage.total(a), f"{{g{a}}}"
            key = "delta_output" if a != z else "delta_plain"
            between = set(map(self.number.__getitem__, self.loss.order))
            into = {stage.sweep.edges[edge].target for edge in self.leaving.get(a, ())}
            slope = self.loss.slope(neuron.out) if into <= between else None
            if slope is not None:
                told.made = tuple(sorted(between))
                arithmetic = f"{slope.fill} = {{G{a}}}" if "{" in slope.fill else f"{{G{a}}}"
                told.aside.append((formula, slope.formula, arithmetic))
                told.within = tuple(edge for box in self.loss.order for edge in stage.sweep.arriving[self.number[box]])
        if a != z:
            rate = f"{differential(stage.names[a])}/{differential(stage.names[z])}"
            formula, fill = f"{formula} · {rate}", f"{fill} × {self._rate(told, rate, a, z)}"
            told.made = (a, *(box for box in told.made if box != a))
        told.formula = f"δ{neuron.tag} = {formula}"
        told.fill = f"{{G{z}}}" if fill == f"{{g{z}}}" else f"{fill} = {{G{z}}}"
        told.sentence = phrases.NEURONS[key].format(
            delta=f"δ{neuron.tag}",
            end=phrases.NEURONS["end" if a != z else "end_plain"].format(delta=f"δ{neuron.tag}"),
            z=stage.names[z],
            a=stage.names[a],
            root=stage.names[stage.root],
            to=", ".join(_with_dots([to.short for _, to in terms])),
        )
        return told

    def _rate(self, told: Told, rate: str, a: int, z: int) -> str:
        """The template of ∂a/∂z: a local derivative, or for a function of several operations a pass of its own."""
        stage = self.stage
        if stage.nodes[a].parents == (stage.nodes[z],):
            told.slope = stage.sweep.arriving[a].start
            return f"{{m{told.slope}!}}"
        told.aside.append((rate, "", f"{{s{a}_{z}}}"))
        told.within += tuple(edge for box in range(z + 1, a + 1) for edge in stage.sweep.arriving[box])
        return f"{{s{a}_{z}!}}"

    def slope(self, a: int, z: int) -> float | None:
        """The derivative of box `a` by box `z`, which is all that `a` is made of; None where it cannot be told."""
        found: dict[int, float | None] = {a: 1.0}
        for box in range(a, z, -1):  # operands come before results
            if box in found:
                for edge in map(self.stage.sweep.edges.__getitem__, self.stage.sweep.arriving[box]):
                    by_hand, upstream = self.stage.is_by_hand(box), found[box]
                    if not edge.dead or by_hand:
                        before = found.get(edge.source, 0.0)
                        known = upstream is not None and before is not None and edge.derivative is not None
                        found[edge.source] = before + upstream * edge.derivative if known else None  # type: ignore[operator]
        return found.get(z, 0.0)

    def why(self, slope: int) -> str:
        """The note that says why nothing flows along an edge."""
        edge = self.stage.sweep.edges[slope]
        return phrases.reason(self.stage.nodes[edge.target]._row.name, edge.operand)

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

    def _leaf(self, event: Event) -> Told:
        """The gradient of a bias, δ, or of a weight, δ times its input."""
        stage, neuron, leaf = self.stage, self._of(event), event.target
        z, delta = self.number[neuron.sum], f"δ{neuron.tag}"
        told, x = Told(f"{stage.total(leaf)} = {delta}", f"{{G{leaf}}}", ""), ""
        if event.kind == "weight":
            at = event.more["weight"]
            x = self._input(neuron, at)
            told.formula = f"{told.formula} · {x}"
            told.fill = f"{{g{z}}} × {self._input_number(neuron, at)} = {{G{leaf}}}"
            told.made = (z,)
        if stage.uses[leaf] > 1:
            told.formula = told.formula.replace("=", "+=", 1)
            told.remark = phrases.NEURONS["used_elsewhere"].format(target=stage.names[leaf], uses=stage.uses[leaf])
        told.sentence = phrases.NEURONS[event.kind].format(target=stage.names[leaf], delta=delta, x=x)
        return told

    def _input(self, neuron: Found, at: int) -> str:
        """What input number `at` of a neuron is called."""
        x = neuron.inputs[at]
        return self.stage.called[x] if isinstance(x, Value) else f"x[{at}]"

    def _input_number(self, neuron: Found, at: int) -> str:
        """The template of its number, as it stands after a sign."""
        x = neuron.inputs[at]
        return f"{{d{self.number[x]}!}}" if isinstance(x, Value) else words.bracketed(x)


def _with_dots(terms: Sequence[str]) -> list[str]:
    """The terms, or of many the first two and the last."""
    return [*terms[:2], "…", terms[-1]] if len(terms) > MOST_TERMS else list(terms)
