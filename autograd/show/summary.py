"""What a picture tells of a folded graph: a box of one value as ever, a box of many with their number and range."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from autograd.show import words
from autograd.show.facts import MOST_PLAIN, Fact, Facts, Line, Use, fact, with_derivatives
from autograd.show.fold import Folding, Group
from autograd.show.names import called, chosen_names
from autograd.show.nearest import nearest
from autograd.show.rounding import doubts, near_zero
from autograd.show.shares import LEFT, Share, shares
from autograd.value import Value

READABLE = 30, 80  # boxes, and lines between them: what is no more than this is not folded further
AT_MOST = MOST_PLAIN, 200  # of more, those that are nearest to the end are shown
MOST_CLASSES = 300  # before weights go into their neurons: more do not come down to what is readable
MOST_NAMED = 20  # so many values with names of their own stay boxes of their own
LEVELS = ("neuron", "layer", "block")
SMALL_FORMULA = 2  # operations of a sum or product that are written out in the formula of a folded box
DEEP = 4  # operations inside one another that the formula of a folded box shows


def read_folded(
    order: Sequence[Value],
    fold: str | None,
    names: Mapping[Any, Any] | None,
    model: Any,
    variables: Mapping[str, Any] | None,
    local_grads: bool | None,
    as_if: bool = False,
) -> Facts | None:
    """The facts, folded at the level `fold`, or as little as makes them readable; None where nothing can be folded."""
    number = {node: at for at, node in enumerate(order)}
    own, known = chosen_names(order, names, model, variables)
    named = {number[node] for node in own} if len(own) <= MOST_NAMED else set()
    parameters = None if model is None else [number[node] for _, node in model.named_parameters() if node in number]
    folding = Folding(order, named - set(parameters or ()) | {len(order) - 1}, parameters)
    best, found = list[Group](), ""
    for level in LEVELS if fold is None else (fold,):
        groups = folding.groups(level, math.inf if fold else MOST_CLASSES)
        if not best or len(groups) < len(best):
            best, found = groups, level
        if len(groups) <= READABLE[0] and len(_lines(folding, groups)) <= READABLE[1]:
            break
    if fold is None and (len(best) > AT_MOST[0] or len(_lines(folding, best)) > AT_MOST[1]):
        best = nearest(folding, best if len(best) <= len(order) // 2 else [Group([at]) for at in range(len(order))])
    elif len(best) == len(order) or (fold is None and len(best) > len(order) // 2):
        return None
    return _Summary(folding, best, found == "neuron", known, names, model, variables).facts(local_grads, as_if)


def _lines(folding: Folding, groups: Sequence[Group]) -> Counter[tuple[int, int]]:
    """How many edges lead from box to box, in the order of the boxes they end at."""
    of = [-1] * (len(folding.order) + 1)  # of a constant, whose number is -1, too
    for number, group in enumerate(groups):
        for at in group.members:
            of[at] = number
    lines: Counter[tuple[int, int]] = Counter()
    for number, group in enumerate(groups):
        sources: Counter[int] = Counter()
        for at in group.members:
            sources.update([of[x] for x in folding.operands[at]])
        lines.update({(x, number): count for x, count in sources.items() if x not in (-1, number)})
    return lines


class _Summary:
    """The boxes of a folded graph, with their names."""

    def __init__(
        self,
        folding: Folding,
        groups: list[Group],
        by_neuron: bool,
        known: Mapping[Value, str],
        names: Mapping[Any, Any] | None,
        model: Any,
        variables: Mapping[str, Any] | None,
    ) -> None:
        self.folding, self.groups, self.order, self.known = folding, groups, folding.order, known
        self.by_neuron = by_neuron
        self.of = {at: number for number, group in enumerate(groups) for at in group.members}
        self.results = [self._results(number) for number in range(len(groups))]
        single = [self.order[group.members[0]] for group in groups if len(group.members) == 1]
        self.called = called(single, names, model, variables)
        self.titles: list[str] = []
        counts: Counter[str] = Counter()
        for number, group in enumerate(groups):
            title = self._title(number)
            if not title:
                kind = self._kind(group)
                counts[kind] += 1
                title = kind if kind == "inputs" and counts[kind] == 1 else f"{kind} {counts[kind]}"
            self.titles.append(title)
            if len(group.members) > 1:
                result = self.results[number]
                self.called.update(
                    {
                        self.order[at]: title if len(result) == 1 else f"{title}[{place}]"
                        for place, at in enumerate(result)
                    }
                )

    def facts(self, local_grads: bool | None, as_if: bool) -> Facts:
        """What the boxes and the lines say."""
        doubt, (share, places) = doubts(self.order), shares(self.order, as_if)
        reached = [any(self.order[at] in places for at in group.members) for group in self.groups]
        ranked = [number for number, passed in enumerate(reached) if passed]
        rank = {number: place for place, number in enumerate(reversed(ranked), 1)}
        boxes = []
        for number, group in enumerate(self.groups):
            if len(group.members) == 1:
                node = self.order[group.members[0]]
                boxes.append(fact(node, self.called, doubt[node], share[node], rank.get(number)))
            else:
                boxes.append(self._fact(number, doubt, share, rank.get(number)))
        uses = self._uses()
        edges = sum(x >= 0 for operands in self.folding.operands for x in operands)
        inner = edges - sum(use.count for use in uses)
        rest = any(group.rest for group in self.groups)
        return Facts(tuple(boxes), tuple(uses), with_derivatives(len(boxes), local_grads), inner, rest)

    def _uses(self) -> list[Use]:
        uses = []
        for (source, target), count in _lines(self.folding, self.groups).items():
            derivative = None
            if count == 1:
                at, node = next(
                    (place, self.order[at])
                    for at in self.groups[target].members
                    for place, x in enumerate(x for x in self.folding.operands[at] if x >= 0)
                    if self.of[x] == source
                )
                derivative = node.local_grads[at] if node._row.rules else None
            uses.append(Use(source, target, derivative, count))
        return uses

    def _kind(self, group: Group) -> str:
        """What a box without a name is called, with a number."""
        if not self.folding.rows[group.members[-1]]:
            return "inputs"
        if group.repeats > 1:
            return "block"
        return "part" if not group.parameters else "neuron" if self.by_neuron else "layer"

    def _results(self, number: int) -> list[int]:
        """The values of a box that others use, or the root."""
        return [
            at
            for at in self.groups[number].members
            if at == len(self.order) - 1 or any(self.of[user] != number for user in self.folding.users[at])
        ]

    def _title(self, number: int) -> str:
        """The name of a box: of its one value, or what the names of its parameters, or of all it holds, begin with."""
        group = self.groups[number]
        if len(group.members) == 1:
            return self.called[self.order[group.members[0]]]
        (first, *others) = self.results[number]
        if not others and self.order[first] in self.known:
            return self.known[self.order[first]]
        inside = group.parameters or group.members
        named = [self.known[self.order[at]] for at in inside if self.order[at] in self.known]
        if len(named) < len(inside):
            return ""
        paths = [name.replace("[", ".").split(".") for name in named]
        shared = [steps[0] for steps in takewhile(lambda steps: len(set(steps)) == 1, zip(*paths, strict=False))]
        if "neurons" in shared and not self.by_neuron:
            shared = shared[: shared.index("neurons")]
        title = ".".join(shared)
        return "" if title == "layers" or title in self.titles else title

    def _fact(self, number: int, doubt: Mapping[Value, float], share: Mapping[Value, Share], place: int | None) -> Fact:
        group, result = self.groups[number], [self.order[at] for at in self.results[number]]
        parameters = [self.order[at] for at in group.parameters]
        leaves = not self.folding.rows[group.members[-1]]
        times = group.repeats if group.repeats > 1 else len(result)
        made = [at for at in group.members if self.folding.rows[at]]
        text = "" if leaves else self._told(self.results[number][-1], number, min(DEEP, len(made) // group.repeats - 1))
        formula = f"{times:,} × {_bracketed(text)}" if times > 1 and text else text
        terms = [Line("values", f"{len(group.members):,}")]
        if group.rest:
            formula = f"{len(made):,} operations"
        elif made and (added := self._plain_sum(made[-1], number)):
            terms.append(Line("terms", f"{len(added) + 1:,}"))
        grads, left = [share[node] for node in result], [share[node] for node in parameters]
        if parameters:
            terms.append(Line("parameters", f"{len(parameters):,}"))
            if any(one.grad is not None for one in left):
                terms.append(Line("their grad", _range([(x.grad, x.doubt) for x in left if x.grad is not None])))
        known = [(one.grad, one.doubt) for one in grads if one.grad is not None]
        noted = Counter(one.said for one in [*grads, *(left if not leaves else [])] if one.said)
        kinds = Counter(self.order[at].op for at in made)
        counted = ", ".join(f"{count:,} {words.clean(op)}" for op, count in kinds.items())
        return Fact(
            name=self.titles[number],
            formula=formula,
            terms=tuple(terms),
            data_text=_range([(node.data, doubt[node]) for node in result]),
            grad_text=_range(known) if known else "not computed",
            grads=_ends([grad for grad, _ in known]),
            note=_note(noted),
            place=place,
            exactly="\n".join(
                [
                    self.titles[number] + (f" = {formula}" if formula else ""),
                    f"{len(group.members):,} values" + (f": {counted}" if counted else ""),
                    f"data {_exact([node.data for node in result])}",
                    f"grad {_exact([grad for grad, _ in known]) if known else 'not computed'}",
                ]
            ),
            count=len(group.members),
        )

    def _told(self, at: int, number: int, deep: int) -> str:
        """How one of the results of a box is made, of the names of boxes."""
        node, operands = self.order[at], self.folding.operands[at]
        if self.folding.rows[at] == "dot":
            return "w·x + b" if node.operands[-1] != 0 or operands[-1] >= 0 else "w·x"
        tree = [x for x in self.folding.inside[self.folding.tree[at]] if self.of[x] == number]
        if len(tree) > SMALL_FORMULA:
            used = {self.folding.rows[x] for x in tree}
            if self._plain_sum(at, number):
                return self._ends_of(tree)
            terms = "products" if "*" in used else "terms"
            return f"sum of {terms}" if used <= {"+", "-", "*", "neg", "sum"} else "arithmetic"
        written: list[str | float] = []
        inner: dict[str, str] = {}
        for operand, x in zip(node.operands, operands, strict=True):
            if x < 0:
                written.append(float(operand))
            elif self.of[x] != number:
                written.append(self.titles[self.of[x]])
            else:
                mark = f"\0{len(inner)}"  # what is inside is put in afterwards, so that it is not shortened like a name
                inside = deep and self.folding.rows[x]
                inner[mark] = self._told(x, number, deep - 1) if inside else "…" if self.folding.rows[x] else "w"
                written.append(mark)
        text = words.formula(node._row.name, node.op, written)
        for mark, told in inner.items():
            text = text.replace(mark, told if f"({mark})" in text else _bracketed(told))
        return words.shortened(text, words.LONGEST_FORMULA)

    def _plain_sum(self, at: int, number: int) -> list[int]:
        """The additions of a box that is one long sum, with the result `at`; nothing where it is something else."""
        tree = [x for x in self.folding.inside[self.folding.tree[at]] if self.of[x] == number]
        plain = len(tree) > SMALL_FORMULA and all(self.folding.rows[x] == "+" for x in tree)
        return tree if plain and len(self.results[number]) == 1 else []

    def _ends_of(self, tree: Sequence[int]) -> str:
        """A long sum by its two ends: a + b + … + c."""
        inside, written = set(tree), list[str]()
        for place in (0, -1):
            at = tree[-1]
            while self.folding.operands[at][place] in inside:
                at = self.folding.operands[at][place]
            operands = self.order[at].operands
            for operand in operands if place == 0 else operands[-1:]:
                name = self.called.get(operand) or self.known.get(operand) if isinstance(operand, Value) else None
                data = operand.data if isinstance(operand, Value) else operand
                written.append(words.operand(name or float(data), 1, 1))
        return " + ".join([*written[:-1], "…", written[-1]])


def _note(said: Mapping[str, int]) -> str:
    """How many have something to add to their gradients, by what it is."""
    left = said.get(LEFT, 0)
    others = sum(said.values()) - left
    parts = [f"in {left:,} of them left from an earlier backward() (zero_grad() clears it)"] * bool(left)
    parts += [f"in {others:,} of them .grad reads otherwise: another backward(), or the program, had a part"] * bool(
        others
    )
    return "; ".join(parts)


def _bracketed(text: str) -> str:
    """A formula as it stands after a sign for multiplication."""
    return text if re.fullmatch(r"…|\w+(\([^()]*\))?", text) else f"({text})"


def _ends(numbers: Sequence[float]) -> tuple[float, ...]:
    """The least and the greatest, or the one; nan where there is one."""
    if any(math.isnan(x) for x in numbers):
        return (math.nan,)
    return tuple(sorted({min(numbers), max(numbers)})) if numbers else ()


def _range(numbers: Sequence[tuple[float, float]]) -> str:
    """From the least to the greatest of numbers, each with its doubt."""
    doubt = dict(numbers)
    return " … ".join(near_zero(x, doubt.get(x, 0.0)) for x in _ends([x for x, _ in numbers]))


def _exact(numbers: Sequence[float]) -> str:
    return " … ".join(map(repr, _ends(numbers)))
