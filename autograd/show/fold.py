"""Decides which values of a large graph go into one box: neurons, layers of what is computed alike, repeated blocks.

Folding only ever joins what may be joined: the boxes, too, form a graph without circles. Three joints are used.

- What has equal colours. A colour says how a value is made, of which colours; it holds no number and ignores how many
  terms a sum has. Equal colours are equally far above the leaves, so no path leads from one to another.
- A box and the only box that uses it: a weight and its neuron, a weighted sum and its activation.
- Neighbours in a topological order: the repetitions of a block.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heapify, heappop, heappush
from typing import Any

from autograd.value import Value

ARITHMETIC = frozenset({"+", "-", "*", "/", "neg", "sum"})
SMALL_TREE = 4  # a tree of so few operations that is like no other is not folded
LONGEST_PERIOD = 32  # of a block, in boxes
LEAF = -1
WEIGHTS, PLACES = ("w", "b"), ("0", "1", "2")  # roles of operands


@dataclass
class Group:
    """What goes into one box: the numbers of its values, in topological order."""

    members: list[int]
    parameters: list[int] = field(default_factory=list)
    """Those of them that are leaves of its own."""
    repeats: int = 1
    """How often a block is repeated."""
    rest: bool = False
    """Whether it is all that comes before, alike or not."""


class Folding:
    """A graph in topological order, looked at for what can be folded; `named` and `parameters` are numbers of values.

    What is named is the one result of its box. Parameters go into the box of what uses them.
    """

    def __init__(self, order: Sequence[Value], named: Collection[int], parameters: Collection[int] | None) -> None:
        self.order = order
        self.named = frozenset(named)
        number = {node: at for at, node in enumerate(order)}
        self.rows = ["" if node._row is None else node._row.name for node in order]
        self.operands: list[list[int]] = []
        """The operands of each value: numbers, and `LEAF` for a constant."""
        self.users: list[list[int]] = [[] for _ in order]
        for at, node in enumerate(order):
            mine = [number[x] if isinstance(x, Value) else LEAF for x in node.operands] if self.rows[at] else []
            self.operands.append(mine)
            for operand in mine:
                if operand >= 0:
                    self.users[operand].append(at)
        self.tree = self._trees()
        """For each value the operation at the top of its tree: of arithmetic that is used once, by arithmetic."""
        self.inside: dict[int, list[int]] = {}
        for at, top in enumerate(self.tree):
            self.inside.setdefault(top, []).append(at)
        self.uses = self._uses()
        self.weights, self.only_weight = self._weights(parameters)
        """Parameters are those of the model, or without one the first half of a `dot` and its bias."""
        self.colour = self._colours()

    def groups(self, level: str, most: float = math.inf) -> list[Group]:
        """What goes into which box, boxes in topological order; neurons are not looked for among more than `most`."""
        if level == "neuron" and any(self.weights):
            classes = self._classes(by_neuron=True)
            return self._absorbed(classes) if len(classes) <= most else [Group([at]) for at in range(len(self.order))]
        return self.blocks if level == "block" else self.layers

    @cached_property
    def layers(self) -> list[Group]:
        """The boxes of what is computed alike."""
        return self._absorbed(self._classes(by_neuron=False))

    @cached_property
    def blocks(self) -> list[Group]:
        """Those boxes in which repeated blocks of layers are joined."""
        return self._blocks(self.layers)

    # Colours ----------------------------------------------------------------------------------------------------------

    def _trees(self) -> list[int]:
        tree = list(range(len(self.order)))
        for at in range(len(self.order) - 1, -1, -1):
            if self.rows[at] in ARITHMETIC and at not in self.named and len(self.users[at]) == 1:
                (user,) = self.users[at]
                if self.rows[user] in ARITHMETIC:
                    tree[at] = tree[user]
        return tree

    def _colours(self) -> list[int]:
        """A number for each value that is the top of its tree, equal where they are made alike; 0 for a leaf."""
        known: dict[Any, int] = {"": 0}
        colour = [0] * len(self.order)
        for at, row in enumerate(self.rows):
            if row and self.tree[at] == at:
                made = [self._made(at, colour)]
                if len(self.inside[at]) > 1:
                    made = sorted({self._made(inner, colour) for inner in self.inside[at]}, key=repr)
                key = (*made, at if at in self.named else None)
                colour[at] = known.setdefault(key, len(known))
        return colour

    def _made(self, at: int, colour: Sequence[int]) -> Any:
        """The operation of one value on the colours of what it takes from outside of its tree."""
        row, operands = self.rows[at], self.operands[at]
        colours = [
            LEAF if operand < 0 else colour[operand] if self.tree[operand] != self.tree[at] else None
            for operand in operands
        ]
        if row == "dot":
            half = len(operands) // 2
            pairs = set(zip(colours[:half], colours[half:-1], strict=True))
            return row, tuple(sorted(pairs, key=repr)), colours[-1]
        if len(colours) > 3 or row in ARITHMETIC:
            return row, tuple(sorted(set(colours), key=repr))
        return row, tuple(colours), str(self.order[at].operands[1]) if row == "**n" else ""

    # Classes ----------------------------------------------------------------------------------------------------------

    def _classes(self, by_neuron: bool) -> list[list[int]]:
        """The values in classes of those that are alike, each class in topological order."""
        numbers: dict[Any, int] = {}
        kind = [0] * len(self.order)  # of each value that is the top of its tree
        own: list[tuple[int, ...]] = [()] * len(self.order)
        trees = Counter(self.colour[top] for top, inside in self.inside.items() if self.rows[top])
        classes: dict[Any, list[int]] = {}
        for top, inside in self.inside.items():
            if not self.rows[top]:
                continue
            if by_neuron:
                weights = {leaf for at in inside for leaf in self.weights[at]}
                if not weights and len(values := [x for x in self.operands[top] if x >= 0]) == 1:
                    own[top] = own[self.tree[values[0]]]  # an activation is its neuron's
                else:
                    own[top] = tuple(sorted(weights))
            key = (self.colour[top], own[top])
            kind[top] = numbers.setdefault(key, len(numbers))
            alone = len(inside) <= SMALL_TREE and trees[self.colour[top]] == 1
            for at in inside:
                classes.setdefault((kind[top], at) if alone else kind[top], []).append(at)
        for at, used in self.uses.items():
            alike = ("leaf", frozenset((kind[self.tree[user]], role) for user, role in used))
            classes.setdefault(("named", at) if at in self.named else alike, []).append(at)
        return [sorted(members) for members in classes.values()]

    def _uses(self) -> dict[int, list[tuple[int, str]]]:
        """Of each leaf the operations that take it, and as what."""
        uses: dict[int, list[tuple[int, str]]] = {at: [] for at, row in enumerate(self.rows) if not row}
        for at, operands in enumerate(self.operands):
            for operand, role in zip(operands, self._roles(at), strict=True):
                if operand in uses:
                    uses[operand].append((at, role))
        return uses

    def _weights(self, parameters: Collection[int] | None) -> tuple[list[list[int]], list[bool]]:
        """The parameters that each operation takes, and of each value whether it is one in all its uses."""
        taken: list[list[int]] = [[] for _ in self.order]
        always = [False] * len(self.order)
        known = None if parameters is None else frozenset(parameters)
        for leaf, uses in self.uses.items():
            if known is None and leaf not in self.named:
                found = uses if self._used_like_a_weight(leaf) else [use for use in uses if use[1] in WEIGHTS]
            else:
                found = uses if known is not None and leaf in known else []
            always[leaf] = len(found) == len(uses)
            for user, _ in found:
                taken[user].append(leaf)
        return taken, always

    def _used_like_a_weight(self, leaf: int) -> bool:
        """Without a model: once, in a product or a sum among others."""
        return len(self.users[leaf]) == 1 and len(self.inside[self.tree[self.users[leaf][0]]]) >= 3

    def _roles(self, at: int) -> Sequence[str]:
        """As what an operation takes each of its operands."""
        count = len(self.operands[at])
        if self.rows[at] == "dot":
            return ("w",) * (count // 2) + ("x",) * (count // 2) + ("b",)
        return PLACES[:count] if count <= len(PLACES) else ("",) * count

    # Joining ----------------------------------------------------------------------------------------------------------

    def _absorbed(self, classes: list[list[int]]) -> list[Group]:
        """Each activation with the sums that only it uses, and each parameter with the box that alone uses it."""
        of = [0] * len(self.order)
        for number, members in enumerate(classes):
            for at in members:
                of[at] = number
        into = list(range(len(classes)))
        for number, members in enumerate(classes):
            users = {of[user] for at in members for user in self.users[at]} - {number}
            if self.rows[members[0]] and len(users) == 1:
                (user,) = users
                if self._is_sum(members) and self._is_activation(classes[user], members):
                    into[number] = user
        joined: dict[int, Group] = {number: Group([]) for number in range(len(classes)) if into[number] == number}
        for number, members in enumerate(classes):
            users = set() if self.rows[members[0]] else {into[of[user]] for at in members for user in self.users[at]}
            if len(users) == 1 and all(self.only_weight[at] for at in members):
                (user,) = users
                joined[user].members += members
                joined[user].parameters += members
                joined.pop(number)
            else:
                joined[into[number]].members += members
        for group in joined.values():
            group.members.sort()
        return self.sorted(list(joined.values()))

    def _is_sum(self, members: Sequence[int]) -> bool:
        top = members[-1]
        return top not in self.named and (self.rows[top] == "dot" or len(self.inside[self.tree[top]]) > 1)

    def _is_activation(self, members: Sequence[int], sums: Sequence[int]) -> bool:
        """Whether a class is a function of one value, applied to each of the sums."""
        return all(
            self.rows[at] not in ARITHMETIC and len([x for x in self.operands[at] if x >= 0]) == 1 for at in members
        ) and len(members) == sum(self.tree[at] == at for at in sums)

    def sorted(self, groups: list[Group]) -> list[Group]:
        """Groups so that none comes before what it uses, else in the order of their last values (Kahn 1962)."""
        of = {at: number for number, group in enumerate(groups) for at in group.members}
        needs = [
            {of[x] for at in group.members for x in self.operands[at] if x >= 0} - {number}
            for number, group in enumerate(groups)
        ]
        users: list[list[int]] = [[] for _ in groups]
        for number, needed in enumerate(needs):
            for other in sorted(needed):
                users[other].append(number)
        left = [len(needed) for needed in needs]
        ready = [(groups[number].members[-1], number) for number, count in enumerate(left) if not count]
        heapify(ready)
        done = []
        while ready:
            _, number = heappop(ready)
            done.append(groups[number])
            for user in users[number]:
                left[user] -= 1
                if not left[user]:
                    heappush(ready, (groups[user].members[-1], user))
        return done

    # Blocks -----------------------------------------------------------------------------------------------------------

    def _blocks(self, groups: list[Group]) -> list[Group]:
        """Boxes in a row that repeat, joined; leaves come first, so that they stand in no row."""
        leaves = [group for group in groups if not self.rows[group.members[-1]]]
        others = [group for group in groups if self.rows[group.members[-1]]]
        of = {at: number - len(leaves) for number, group in enumerate(leaves + others) for at in group.members}
        known: dict[Any, int] = {}
        tokens = [known.setdefault(self._token(group, at, of), len(known)) for at, group in enumerate(others)]
        folded = list(leaves)
        start = 0
        while start < len(others):
            period, repeats = _best_run(tokens, start)
            if repeats < 3 or any(at in self.named for group in others[start : start + period] for at in group.members):
                folded.append(others[start])
                start += 1
                continue
            inner = others[start : start + period * repeats]
            members = sorted(at for group in inner for at in group.members)
            folded.append(Group(members, sorted(at for group in inner for at in group.parameters), repeats))
            start += period * repeats
        return self.sorted(folded)

    def _token(self, group: Group, number: int, of: dict[int, int]) -> Any:
        """What a box is, and what it uses: how far back in the row, or which leaves."""
        made = {self.rows[at] for at in group.members}
        used = {of[x] for at in group.members for x in self.operands[at] if x >= 0} - {number}
        uses = sorted(number - x if x >= 0 else x for x in used)  # leaves are below 0
        return tuple(sorted(made)), tuple(uses), sum(1 for at in group.members if self.rows[at])


def _best_run(tokens: Sequence[int], start: int) -> tuple[int, int]:
    """The period and the number of repetitions, from `start`, that cover the most; of equal ones the shortest."""
    best, covered = (1, 1), 1
    for period, token in enumerate(tokens[start + 1 : start + 1 + LONGEST_PERIOD], 1):
        if token != tokens[start]:
            continue
        at = start + period
        while at < len(tokens) and tokens[at] == tokens[at - period]:
            at += 1
        repeats = (at - start) // period
        if repeats >= 3 and repeats * period > covered:
            best, covered = (period, repeats), repeats * period
    return best
