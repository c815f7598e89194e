"""Folds a graph that is like nothing else in its parts: what is nearest to its end stays, what comes before is joined.

Two joints are used, by which the boxes form a graph without circles again. What is nearest to the end, by the longest
way, has all that uses it among what is nearest. And of the rest, neighbours in a topological order are joined, up to
what has a name and stays a box of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd.show.fold import Folding, Group

NEAREST = 30  # boxes that stay, leaves not counted
DEEPEST = 9  # boxes from the end: what is wider is drawn too small
LEAVES = 15  # and so many of the leaves that only these use


def nearest(folding: Folding, groups: Sequence[Group]) -> list[Group]:
    """The groups that are nearest to the last one, and all others joined."""
    of = {at: number for number, group in enumerate(groups) for at in group.members}
    far = [0] * len(groups)  # the longest way to the end, in boxes
    for number in range(len(groups) - 1, -1, -1):
        for at in groups[number].members:
            for x in folding.operands[at]:
                if x >= 0 and of[x] != number:
                    far[of[x]] = max(far[of[x]], far[number] + 1)
    is_leaf = [not folding.rows[group.members[-1]] for group in groups]
    ways = sorted(way for way, leaf in zip(far, is_leaf, strict=True) if not leaf)
    most = min(ways[-1] if len(ways) <= NEAREST else max(ways[NEAREST] - 1, 0), DEEPEST)
    kept = [way <= most and not leaf for way, leaf in zip(far, is_leaf, strict=True)]
    leaves = [
        number
        for number, leaf in enumerate(is_leaf)
        if leaf and all(kept[of[user]] for at in groups[number].members for user in folding.users[at])
    ]
    named = [not folding.named.isdisjoint(group.members) for group in groups]
    for number in sorted(leaves, key=lambda number: far[number])[:LEAVES]:
        kept[number] = True
    found: list[Group] = []
    rest: list[Group] = []
    for number, group in enumerate(groups):
        if kept[number] or (is_leaf[number] and named[number]):
            found.append(group)
        elif named[number]:
            found += [*_joined(rest), group]
            rest = []
        else:
            rest.append(group)
    return folding.sorted([*found, *_joined(rest)])


def _joined(groups: list[Group]) -> list[Group]:
    if len(groups) < 2:
        return groups
    members = sorted(at for group in groups for at in group.members)
    return [Group(members, sorted(at for group in groups for at in group.parameters), rest=True)]
