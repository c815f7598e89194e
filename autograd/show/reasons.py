"""Why a derivative is what it is: zero, very small, very large, or no number at all."""

from __future__ import annotations

import math
from collections.abc import Iterator

from autograd.show import words
from autograd.show.derived import Writer
from autograd.show.kinks import sides_of
from autograd.show.paths import Edge, Paths, sum_of_logs
from autograd.show.words import count, partial, power_of_ten
from autograd.value import Value

SMALL, LARGE = 1e-4, 1e4  # beyond these a derivative is said to vanish or to explode
FEW = 5


class Reasons:
    """Finds the sentences that say why, in the names that `writer` has for the nodes."""

    def __init__(self, paths: Paths, writer: Writer) -> None:
        self.paths, self.writer = paths, writer
        self.name = writer.called

    def found(self) -> list[str]:
        """All there is to say; nothing about an ordinary number."""
        paths, value = self.paths, self.paths.derivative
        if not paths.depends:
            return [*self._independent()]
        if value is None or paths.v is paths.wrt:
            return []
        if not math.isfinite(value):
            return [*self._spoilt()]
        if paths.count == 0:
            return [*self._nothing_flows()]
        if paths.cancels:
            return [*self._cancelling()]
        if abs(value) < SMALL:
            return [*self._small()]
        if abs(value) > LARGE:
            return [*self._large()]
        return []

    # Zero -------------------------------------------------------------------------------------------------------------

    def _independent(self) -> Iterator[str]:
        v, wrt = self.name[self.paths.v], self.name[self.paths.wrt]
        yield f"{v} does not depend on {wrt}: none of the operations that led to {v} used it, so the derivative is 0."
        unrecorded = [node for node in self.paths.nodes if node._operands == ()]
        if unrecorded:
            some = "It" if unrecorded[0] is self.paths.v else self.name[unrecorded[0]]
            yield f"{some} was computed under no_grad(), which does not record how. Compute it outside of that block."
        label = self.paths.wrt.label
        twins = [node for node in self.paths.nodes if label and node.label == label]
        if twins:
            yield (
                f"There is another value labelled {label} in the graph: detach(), a copy, or a new Value(…) makes a new"
                " one, and the derivative by the old one is 0."
            )

    def _nothing_flows(self) -> Iterator[str]:
        v, wrt = self.name[self.paths.v], self.name[self.paths.wrt]
        blocked = [*self._blocked()]
        if self.paths.live_count == 0 and not any(map(self._sides, blocked)):
            yield f"{wrt} was used on the way to {v}, but was not chosen, so nothing flows back to it:"
        elif len(blocked) == 1:
            yield f"Every way back from {v} to {wrt} comes to a factor 0, and with it the product is 0:"
        else:
            yield f"Every way back from {v} to {wrt} comes to one of these factors 0, and with it the product is 0:"
        yield from self._listed([self._why_closed(edge) for edge in blocked])

    def paths_that_give_nothing(self) -> Iterator[str]:
        """How many paths come to a factor 0, and where."""
        more = self.paths.all_count - self.paths.count
        if more:
            text = f"{count(more)} more path{' gives' if more == 1 else 's give'} 0, because of a factor 0 on the way:"
            yield text[0].upper() + text[1:]
            yield from self._listed([self._why_closed(edge) for edge in self._blocked()])

    def _blocked(self) -> Iterator[Edge]:
        """The edges where the ways back end: reached from v, but nothing flows on."""
        paths = self.paths
        reached = [False] * len(paths.nodes)
        reached[paths.start] = True
        for at in range(len(paths.nodes) - 1, -1, -1):
            for edge in paths.edges[at] if reached[at] else ():
                if edge.open:
                    reached[edge.source] = True
                else:
                    yield edge

    def _sides(self, edge: Edge) -> tuple[float, float] | None:
        return sides_of(self.paths.nodes[edge.target], edge.place)

    def _why_closed(self, edge: Edge) -> str:
        node = self.paths.nodes[edge.target]
        operand = node.operands[edge.place]
        assert isinstance(operand, Value)
        name, x = self.name[operand], f"{self.name[operand]} = {words.number(operand.data)}"
        made, row = self._made(node), node._row.name
        if sides := self._sides(edge):
            left, right = map(words.number, sides)
            return (
                f"{made}: {x} is at a kink, with the slope {left} to the left and {right} to the right. The engine"
                " chooses 0 there, and nothing flows back through it."
            )
        if edge.slope is not None:
            return f"{made}: {self._slope(edge)}" + self._why_flat(node)
        match row:
            case "relu":
                return f"{made}: {x} is not above 0, so this relu is off (dead), and nothing flows back through it."
            case "clip" if edge.place == 0:
                return f"{made}: {x} lies outside of the bounds, and only the bound was chosen."
            case "where" if edge.place == 0:
                return f"{made}: {name} is only the condition. It decides what is chosen, but has no slope of its own."
            case "where":
                which = "holds" if edge.place == 2 else "does not hold"
                return f"{made}: the condition {which}, so {name} was not chosen."
            case "maximum" | "minimum" | "max" | "min":
                size = "larger" if row.startswith("max") else "smaller"
                return f"{made} = {words.number(node.data)}: {x} was not chosen, because another one is {size}."
        return f"{made}: nothing of {name} counts here, because it was not chosen."

    def _why_flat(self, node: Value) -> str:
        """What stands behind a local derivative that is 0 although its formula never is."""
        if node._row.name in ("tanh", "sigmoid", "exp", "gauss", "erf", "normal_cdf", "logsumexp"):
            return f". Here {node.op} is so flat that a float has no number for its slope but 0 (it is saturated)."
        return "."

    def _cancelling(self) -> Iterator[str]:
        paths = self.paths
        value = paths.derivative or 0.0
        try:
            half = words.number(math.exp(paths.magnitude) / 2)
        except OverflowError:
            half = power_of_ten(paths.magnitude - math.log(2))
        yield f"The paths cancel: those above 0 add up to {half}, and those below 0 to −{half}."
        if value:
            yield f"What is left, {words.number(value)}, is only what the rounding of floats leaves."

    # Small and large --------------------------------------------------------------------------------------------------

    def _small(self) -> Iterator[str]:
        (largest,) = self.paths.largest(1)
        value = abs(self.paths.derivative or 0.0)
        if largest.magnitude > math.log(value or 5e-324) + math.log(1000):
            yield (
                "The paths nearly cancel: the absolute values of their products add up to"
                f" {power_of_ten(self.paths.magnitude)}, but they have both signs."
            )
            return
        small = sorted((e for e in largest.edges if abs(e.slope or 0) < 1), key=lambda edge: abs(edge.slope or 0))
        product = power_of_ten(sum_of_logs(small))
        steps = len(largest.edges)
        yield "The gradient vanishes: it is a product of small slopes." if len(small) > 1 else "The gradient is small."
        if small:
            yield from self._named(small, f"On the largest path {self._of(len(small), steps)} below 1", product)
        if value == 0:
            yield f"The largest product is {power_of_ten(largest.magnitude)}: below the smallest float, so it became 0."

    def _large(self) -> Iterator[str]:
        (largest,) = self.paths.largest(1)
        if self.paths.magnitude > largest.magnitude + math.log(100):
            yield (
                f"The gradient explodes: {count(self.paths.count)} paths add up, though the largest single one has only"
                f" {power_of_ten(largest.magnitude)}."
            )
        large = sorted((e for e in largest.edges if abs(e.slope or 0) > 1), key=lambda edge: -abs(edge.slope or 0))
        product = power_of_ten(sum_of_logs(large))
        if len(large) > 1:
            yield "The gradient explodes: it is a product of large slopes."
        elif large:
            yield "The gradient is large."
        if large:
            yield from self._named(
                large, f"On the largest path {self._of(len(large), len(largest.edges))} above 1", product
            )

    def _of(self, some: int, steps: int) -> str:
        return f"{some:,} of the {steps:,} slopes {'is' if some == 1 else 'are'}" if steps > 1 else "the only slope is"

    def _named(self, edges: list[Edge], head: str, product: str) -> Iterator[str]:
        yield head + (f"; together they multiply to {product}:" if len(edges) > 1 else ":")
        yield from self._listed([f"{self._made(self.paths.nodes[e.target])}: {self._slope(e)}." for e in edges])

    # nan and inf ------------------------------------------------------------------------------------------------------

    def _spoilt(self) -> Iterator[str]:
        paths, gradients = self.paths, self.paths.backward.gradients
        v = self.name[paths.v]
        for node in paths.backward.order:
            at, upstream = paths.number[node], gradients[node] or 0.0
            for edge in paths.edges[at]:
                slope = edge.slope
                if slope is None or math.isfinite(upstream * slope):
                    continue
                if not math.isfinite(upstream):  # shares that were finite added up to what is not
                    yield (
                        f"{partial(v, self.name[node])} became {words.number(upstream)} in the backward pass: what"
                        f" flows back to {self.name[node]} adds up to more than a float holds (1.8e308)."
                    )
                    return
                yield from self._first_share(edge, upstream)
                return
        yield (
            f"What flows back to {self.name[paths.wrt]} on its {count(paths.count)} paths adds up to more than a float"
            " holds (1.8e308)."
        )

    def _first_share(self, edge: Edge, upstream: float) -> Iterator[str]:
        paths, v = self.paths, self.name[self.paths.v]
        node, source = paths.nodes[edge.target], paths.nodes[edge.source]
        slope = edge.slope or 0.0
        origin = None if math.isfinite(slope) else self._first_spoilt_before(node)
        if origin is not None:
            yield f"The first number that was {words.number(origin.data)} is {self.name[origin]}, in the forward pass:"
            if origin.op:
                yield f"  {self._made(origin)} = {words.number(origin.data)}, given {self._given(origin)}."
            else:
                yield f"  {self.name[origin]} is {words.number(origin.data)} from the beginning: it was not computed."
        share = upstream * slope
        yield (
            f"{'From there' if origin else 'First'} the backward pass became {words.number(share)} at"
            f" {self._made(node)}, on the way to {self.name[source]}:"
        )
        yield f"  the slope there is {self._slope(edge)}" + (f", given {self._given(node)};" if origin is None else ";")
        arrived = f"  {partial(v, self.name[node])} × slope = {words.number(upstream)} × {words.bracketed(slope)}"
        yield f"{arrived} = {words.number(share)}" + (
            ", which has no value." if share != share and slope == slope else "."
        )
        value = paths.derivative or 0.0
        if value != value and share == share:
            yield "  On the way to the end this meets 0 × inf or inf − inf, which have no value: the derivative is nan."
        if math.isfinite(slope):
            yield "  Both are finite, but the product is more than a float holds (1.8e308)."
        yield self._line(origin or node)

    def _first_spoilt_before(self, node: Value) -> Value | None:
        """The first value that is inf or nan although what it was made of is not, of those that `node` depends on."""
        needed = {node}
        for one in reversed(self.paths.nodes[: self.paths.number[node] + 1]):
            if one in needed:
                needed.update(one.parents)
        for one in self.paths.nodes:
            if one in needed and not math.isfinite(one.data):
                return one
        return None

    def _line(self, node: Value) -> str:
        line = node.__dict__.get("_line", "")
        if line:
            return f"{self.name[node]} was computed{line}."
        if not node.op:
            return f"Look where {self.name[node]} was given its number."
        return (
            "To see the line of your program that did it, compute it again under `with detect_anomaly():`"
            " (from autograd import detect_anomaly)."
        )

    # In words ---------------------------------------------------------------------------------------------------------

    def _made(self, node: Value) -> str:
        return f"{self.name[node]} = {self.writer.made(node)}"

    def _given(self, node: Value) -> str:
        operands = list(dict.fromkeys(node.parents))
        some = [f"{self.name[x]} = {words.number(x.data)}" for x in operands[:FEW]]
        return ", ".join(some) + (f" and {len(operands) - FEW} more" if len(operands) > FEW else "")

    def _slope(self, edge: Edge) -> str:
        """∂h/∂x = rule = number, of one operation."""
        node = self.paths.nodes[edge.target]
        formula = self.writer.local(node, edge.place)
        parts = [partial(self.name[node], self.name[self.paths.nodes[edge.source]])]
        value = words.number(edge.slope or 0.0)
        if formula is not None and formula.text != value:
            parts.append(formula.text)
            if formula.numbers != formula.text and formula.numbers != value:
                parts.append(formula.numbers)
        return " = ".join([*parts, value])

    def _listed(self, lines: list[str]) -> Iterator[str]:
        for line in lines[:FEW]:
            yield "  " + line
        if len(lines) > FEW:
            yield f"  … and {len(lines) - FEW:,} more."
