"""Colours: which operations are alike, and in which order and by which kind of code they are computed.

Every operation gets a colour, which says what it is made of down to the leaves. Operations of one colour are as deep as
each other, so none depends on another of them: they are a group. A sum of products is coloured by which kinds of terms
it has, and not by how many.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from autograd.compiler.clean import SUM, Scalars
from autograd.compiler.tape import INPUT, SELECT

FEW = 12
"""Fewer operands than this in a group, and scalar code is faster: about 0.4 µs each, and an array operation 5."""
TURN = 25
"""What it costs to go over to scalar code and back, in operands: about 10 µs."""
REDUCTIONS = frozenset({"max", "min"})


class Group(NamedTuple):
    """Forwards of one colour."""

    name: str
    members: list[int]
    depth: int
    work: int
    """How many operands there are, for each kind of term in a sum."""
    varying: bool
    below: tuple[int, ...]
    """The groups that the operands are in."""


def coloured(scalars: Scalars, argument: Any) -> tuple[list[int], list[Group]]:
    """The colour of every operation and, counted from the end, leaf; and the groups, a colour each.

    `argument` says to which input each of the inputs' numbers belongs.
    """
    known: dict[Any, int] = {}
    groups: list[Group] = []
    colours = [0] * (len(scalars.names) + len(scalars.leaves))
    for number, leaf in enumerate(scalars.leaves):
        kind = f"{INPUT} {argument[leaf.content]}" if leaf.kind == INPUT else leaf.kind
        colours[-1 - number] = known.setdefault(kind, -1 - len(known))  # leaves: below zero
    inputs = frozenset(colour for kind, colour in known.items() if kind.startswith(INPUT))
    names: list[str] = []
    members: list[list[int]] = []
    depth: list[int] = []
    work: list[int] = []
    below: list[tuple[int, ...]] = []
    varying: list[bool] = []
    kinds_in: list[int] = []
    forms: dict[Any, int] = {}
    sums: dict[Any, Any] = {}  # the form of a sum by the colours of its factors in order: many sums have the same
    for place, (name, operands) in enumerate(zip(scalars.names, scalars.operands, strict=True)):
        form: Any
        if name == SUM:
            kinds: Any = None
            sequence = tuple([len(factors) for _, factors in operands]), *[colours[f] for _, fs in operands for f in fs]
            form = sums.get(sequence)
            if form is None:
                kinds = frozenset([tuple(sorted([colours[f] for f in factors])) for _, factors in operands])
                form = sums[sequence] = (name, kinds)
            kinds = form[1]
            amount = len(operands)
        else:
            kinds = None
            if name == SELECT:
                form = (
                    name,
                    colours[operands[0]],
                    tuple(sorted({colours[ref] for ref in operands[1:]})),
                    len(operands),
                )
            elif name in REDUCTIONS:
                form = (name, frozenset([colours[ref] for ref in operands]))
            else:
                form = (name, *[colours[ref] for ref in operands])
            amount = len(operands) if name in REDUCTIONS else 1
        colour = forms.get(form)
        if colour is None:
            colour = forms[form] = len(members)
            under = {c for kind in kinds for c in kind} if kinds is not None else {colours[ref] for ref in operands}
            of_groups = tuple(sorted(c for c in under if c >= 0))
            depth.append(1 + max((depth[c] for c in of_groups), default=0))
            below.append(of_groups)
            varying.append(any(varying[c] for c in of_groups) or bool(under & inputs))
            members.append([])
            work.append(0)
            kinds_in.append(max(1, len(kinds or ())))
            names.append(name)
        members[colour].append(place)
        work[colour] += amount
        colours[place] = colour
    work = [amount // kinds for amount, kinds in zip(work, kinds_in, strict=True)]
    groups = [Group(*fields) for fields in zip(names, members, depth, work, varying, below, strict=True)]
    return colours, groups


class Job(NamedTuple):
    """Operations that are computed together."""

    name: str
    """The row of them all; empty for scalar code."""
    places: list[int]
    regular: bool = True
    """Whether they are of one colour."""


def schedule(groups: list[Group], batch: bool) -> list[Job]:
    """All groups in an order in which they can be computed: array operations and scalar code in turns, each long.

    In a batch, what varies is computed by array operations alone.
    """
    few = [g.work < FEW and g.name != SELECT and not (batch and g.varying) for g in groups]
    together = _irregular(groups, few)
    while True:
        turns = _turns(groups, few)
        short = [
            numbers
            for turn, numbers in turns.items()
            if turn % 2 and FEW * len(numbers) < TURN + sum(groups[n].work for n in numbers)
        ]
        if not short:
            break
        for number in [n for numbers in short for n in numbers]:
            few[number] = False
    jobs: list[Job] = []
    for turn in sorted(turns):
        numbers = sorted(turns[turn], key=lambda number: (groups[number].depth, number))
        if turn % 2:
            jobs.append(Job("", sorted(place for n in numbers for place in groups[n].members)))
            continue
        done: set[int] = set()
        for number in numbers:
            if number not in together:
                jobs.append(Job(groups[number].name, groups[number].members))
            elif together[number] not in done:
                done.add(together[number])
                alike = [n for n in numbers if together.get(n) == together[number]]
                places = sorted(place for n in alike for place in groups[n].members)
                jobs.append(Job(groups[number].name, places, regular=False))
    return jobs


def _turns(groups: list[Group], few: list[bool]) -> dict[int, list[int]]:
    """Which groups are computed in which turn: array operations in the even ones, scalar code in the odd ones."""
    turn: list[int] = []
    turns: dict[int, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        mine = 1 if few[number] else 0
        for other in group.below:
            mine = max(mine, turn[other] + (few[other] != few[number]))
        turn.append(mine)
        turns[mine].append(number)
    return turns


def _irregular(groups: list[Group], few: list[bool]) -> dict[int, int]:
    """Groups that are small alone, but many at one depth: together they are an array operation by tables."""
    found: dict[Any, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        if few[number] and group.name not in REDUCTIONS:
            found[group.depth, group.name].append(number)
    together: dict[int, int] = {}
    for numbers in found.values():
        if sum(groups[n].work for n in numbers) >= 4 * FEW:
            for n in numbers:
                together[n], few[n] = numbers[0], False
    return together
