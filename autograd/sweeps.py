"""The chain rule on numbers kept beside the graph: sweeps that change no node, in both modes and to any order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from autograd.errors import NoRuleError, StaleGraphError
from autograd.floats import KERNELS
from autograd.graph import topological_order
from autograd.value import Value, datum


class Tape(NamedTuple):
    """What lies between variables and results, operands before results, each node by its place in that order."""

    places: dict[int, int]
    """The place of a node, by its id."""
    edges: list[list[tuple[int, Any]]]
    """Of the node at each place, the places of its parents with the partial by them: a float, a Value or an array.
    Only live edges to what depends on the variables: along no other is there anything to compute."""

    def place(self, x: Any) -> int | None:
        """Where x is, if it is a Value and on the tape."""
        return self.places.get(id(x)) if isinstance(x, Value) else None


def tape(results: Iterable[Any], variables: list[Value], exact: bool, through: bool = False) -> Tape:
    """Between variables and results, with the partials as floats or, if `exact`, as Values by the table's rules.

    If one variable depends on another, the way `through` it counts or not.
    """
    roots = [y for y in results if isinstance(y, Value)]
    wanted = {id(x) for x in variables}
    order = topological_order(*roots, ends=frozenset() if through else wanted)
    places: dict[int, int] = {}
    edges: list[list[tuple[int, Any]]] = []
    place_of = places.get
    for node in order:
        key, x = id(node), node._x
        mine: list[tuple[int, Any]] = []
        if node._row is not None and (through or key not in wanted):
            if exact:
                for parent, partial in _toward(node, places):
                    if (place := place_of(id(parent))) is not None:
                        mine.append((place, partial))
            elif x is not None:
                if (place := place_of(id(x))) is not None:
                    mine.append((place, node._dx))
                y = node._y
                if y is not None and (place := place_of(id(y))) is not None:
                    mine.append((place, node._dy))
            else:
                for parent, partial in zip(node.parents, node._partials(), strict=True):
                    if partial is not None and (place := place_of(id(parent))) is not None:
                        mine.append((place, partial))
        if mine or key in wanted:
            places[key] = len(edges)
            edges.append(mine)
    return Tape(places, edges)


def pull_back(edges: list[list[tuple[int, Any]]], adjoints: list[Any]) -> list[Any]:
    """Reverse mode: from ∂/∂result to ∂/∂(everything); None is zero, from which nothing comes, not even 0·inf."""
    for place in range(len(edges) - 1, -1, -1):
        g = adjoints[place]
        if g is not None:
            for parent, partial in edges[place]:
                share = g * partial if type(partial) is float else times(g, partial)
                if share is not None:
                    before = adjoints[parent]
                    adjoints[parent] = share if before is None else before + share
    return adjoints


def push_forward(edges: list[list[tuple[int, Any]]], tangents: list[Any]) -> list[Any]:
    """Forward mode: from the tangents of the variables to those of everything; None is zero."""
    for place, mine in enumerate(edges):
        total = tangents[place]
        for parent, partial in mine:
            t = tangents[parent]
            if t is not None:
                share = t * partial if type(partial) is float else times(t, partial)
                if share is not None:
                    total = share if total is None else total + share
        tangents[place] = total
    return tangents


def times(g: Any, partial: Any) -> Any:
    """g·partial. A whole number 1 or 0, by a rule and so for every input, costs no operation; None stands for zero."""
    if type(partial) is int:
        return g if partial == 1 else None if partial == 0 else g * partial
    return partial if type(g) is int and g == 1 else g * partial


def _toward(node: Value, places: dict[int, int]) -> list[tuple[Value, Any]]:
    """The live edges with the partials as Values, of a node with any parent at one of the places."""
    x, y = node._x, node._y
    if x is None:
        reached = any(id(parent) in places for parent in node.parents)
    else:
        reached = id(x) in places or (y is not None and id(y) in places)
    return rederived(node) if reached else []


def rederived(node: Value) -> list[tuple[Value, Any]]:
    """The live edges of a node with the partial derivatives as Values, by the table's rules on the operands themselves.

    Raises StaleGraphError where the numbers are not those that were recorded: a leaf was changed since.
    """
    row = node._row
    if not row.rules:
        raise NoRuleError(
            f"{node!r} was made by hand, by Value(data, children): there is no rule to differentiate it by again;"
            " build it from the operations of autograd"
        )
    x, y, operands = node._x, node._y, node.operands
    if x is None or row.chosen or row.variadic:
        edges = _rederived_all(node)
    elif y is None:  # one parent: the other operands are constants, and their rules are of no use
        edges = [(x, row.rules[0 if operands[0] is x else 1](*operands, node), node._dx)]
    else:
        edges = [(x, row.rules[0](x, y, node), node._dx), (y, row.rules[1](x, y, node), node._dy)]
    live = []
    for parent, partial, then in edges:
        now = partial._data if type(partial) is Value else partial
        if now != then and (now is None or then is None or then == then):
            raise _stale(node)
        if parent._row is None and KERNELS[row.name](*map(datum, operands)) != node._data == node._data:
            raise _stale(node)  # exp, say: its slope is its value, as recorded
        if partial is not None:
            live.append((parent, partial))
    return live


def _rederived_all(node: Value) -> list[tuple[Value, Any, float | None]]:
    """Each parent with the partial as the rules give it now, None on a dead edge, and as it was recorded."""
    row, operands = node._row, node.operands
    partials = row.partials(operands, node)
    if row.chosen:
        partials = [p if alive else None for p, alive in zip(partials, row.live(operands, node), strict=True)]
    of_values = [(x, p) for x, p in zip(operands, partials, strict=True) if isinstance(x, Value)]
    return [(x, p, then) for (x, p), then in zip(of_values, node._partials(), strict=True)]


def _stale(node: Value) -> StaleGraphError:
    leaves = [x for x in node.parents if x._row is None] or list(node.parents)
    named = " or ".join(dict.fromkeys(repr(x) for x in leaves))
    return StaleGraphError(
        f"the graph is stale: {named} was changed after {node.op!r} had used it; compute the value again from the"
        " leaves, then differentiate"
    )
