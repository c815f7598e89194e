"""The chain rule on numbers kept beside the graph: sweeps that change no node, in both modes and to any order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from autograd.errors import NoRuleError, StaleGraphError
from autograd.floats import KERNELS
from autograd.value import Value, datum

Edges = list[tuple[int, int, Any]]

UNSEEN: Any = object()


class Tape(NamedTuple):
    """What lies between variables and results: nodes, operands before results, and the edges from each to its parents.

    From end to beginning the edges are in the order in which `backward()` goes, so that sums are the same to the bit.
    """

    places: dict[Value, int | None]
    """The place of a node; None of one that depends on no variable, and so is not on the tape."""
    nodes: list[Value]
    """The node at each place."""
    edges: Edges
    """The place of a node, the place of a parent, and the partial by it: a float, a Value or an array. Only live edges
    to what depends on the variables: along no other is there anything to compute."""

    def place(self, x: Any) -> int | None:
        """Where x is, if it is a Value and on the tape."""
        return self.places.get(x) if isinstance(x, Value) else None


def tape(
    results: Iterable[Any], variables: Sequence[Value] | None = None, exact: bool = False, through: bool = False
) -> Tape:
    """Between variables and results, with the partials as floats or, if `exact`, as Values by the table's rules.

    Variables that are leaves come first. If one depends on another, the way `through` it counts or not. Without
    variables, everything is on the tape that the results depend on by live edges, with a partial of None where a node
    made by hand keeps it to itself.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> way = tape([a * b + a], [a])
    >>> [node.op for node in way.nodes], way.edges
    (['', '*', '+'], [(1, 0, -3.0), (2, 0, 1.0), (2, 1, 1.0)])
    """
    everything, wanted = variables is None, set(variables or ())
    nodes = list(dict.fromkeys(x for x in variables or () if x._row is None or not through))
    places: dict[Value, int | None] = {x: place for place, x in enumerate(nodes)}
    edges: Edges = []
    place_of, add = places.get, edges.append
    waiting: dict[Value, Iterator[Value]] = {}  # parents still to be looked at, of a node whose edges are many or dead
    for root in results:
        stack = [root] if isinstance(root, Value) and root not in places else []
        while stack:
            node = stack[-1]
            x, y = node._x, node._y
            at_x = at_y = None
            if x is not None:
                if y is not None and (at_y := place_of(y, UNSEEN)) is UNSEEN:
                    stack.append(y)
                    continue
                if (at_x := place_of(x, UNSEEN)) is UNSEEN:
                    stack.append(x)
                    continue
            else:
                if node not in waiting:  # what is stale beyond a dead edge shows only in exact partials
                    waiting[node] = reversed(node.parents if exact else [parent for parent, _ in live_edges(node)])
                    places[node] = None  # so that a circle, made by hand, comes to an end
                parent = next((parent for parent in waiting[node] if parent not in places), None)
                if parent is not None:
                    stack.append(parent)
                    continue
            stack.pop()
            here = len(nodes)
            reached = at_x is not None or at_y is not None
            if x is not None and not exact:  # by far the most frequent case, written out
                if at_y is not None:
                    add((here, at_y, node._dy))
                if at_x is not None:
                    add((here, at_x, node._dx))
            elif reached or any(place_of(parent) is not None for parent in node.parents):
                before = len(edges)
                for parent, partial in reversed(rederived(node) if exact else live_edges(node)):
                    if (at := places[parent]) is not None:
                        add((here, at, partial))
                        if partial is None and not everything:
                            raise no_rule(node)
                reached = len(edges) > before
            if reached or everything or node in wanted:
                places[node] = here
                nodes.append(node)
            else:
                places[node] = None
    return Tape(places, nodes, edges)


def live_edges(node: Value) -> list[tuple[Value, float | None]]:
    """The parents to which the share of a node goes, with the local derivative by each as it was recorded.

    Of a node made by hand, whose derivatives no table has, they are None.
    """
    x, y = node._x, node._y
    if x is not None:
        return [(x, node._dx)] if y is None else [(x, node._dx), (y, node._dy)]
    if node._wide is None:
        return []
    if not node._row.rules:
        return [(parent, None) for parent in node._wide.parents]
    return [edge for edge in zip(*node._wide, strict=True) if edge[1] is not None]


def pull_back(edges: Edges, adjoints: list[Any]) -> list[Any]:
    """Reverse mode: from ∂/∂result to ∂/∂(everything); None is zero, from which nothing comes, not even 0·inf."""
    for node, parent, partial in reversed(edges):
        g = adjoints[node]
        if g is not None:
            share = g * partial if type(partial) is float else times(g, partial)
            if share is not None:
                before = adjoints[parent]
                adjoints[parent] = share if before is None else before + share
    return adjoints


def push_forward(edges: Edges, tangents: list[Any]) -> list[Any]:
    """Forward mode: from the tangents of the variables to those of everything; None is zero."""
    for node, parent, partial in edges:
        t = tangents[parent]
        if t is not None:
            share = t * partial if type(partial) is float else times(t, partial)
            if share is not None:
                before = tangents[node]
                tangents[node] = share if before is None else before + share
    return tangents


def times(g: Any, partial: Any) -> Any:
    """g·partial. A whole number 1 or 0, by a rule and so for every input, costs no operation; None stands for zero."""
    if type(partial) is int:
        return g if partial == 1 else None if partial == 0 else g * partial
    return partial if type(g) is int and g == 1 else g * partial


def rederived(node: Value) -> list[tuple[Value, Any]]:
    """The live edges of a node with the partial derivatives as Values, by the table's rules on the operands themselves.

    Raises StaleGraphError where the numbers are not those that were recorded: a leaf was changed since.
    """
    x, y, row = node._x, node._y, node._row
    live: list[tuple[Value, Any]]
    if x is None or row.chosen or row.variadic:
        live = _all_rederived(node)
        on_leaf = any(parent._row is None for parent, _ in live)
    elif y is None:  # one parent: the other operands are constants, and their rules are of no use
        operands = node.operands
        live = [(x, partial := row.rules[0 if operands[0] is x else 1](*operands, node))]
        _compare(node, partial, node._dx)
        on_leaf = x._row is None
    else:
        live = [(x, by_x := row.rules[0](x, y, node)), (y, by_y := row.rules[1](x, y, node))]
        _compare(node, by_x, node._dx)
        _compare(node, by_y, node._dy)
        on_leaf = x._row is None or y._row is None
    if on_leaf and KERNELS[row.name](*map(datum, node.operands)) != node._data == node._data:
        raise _stale(node)  # exp, say: its slope is its value, as recorded
    return live


def _all_rederived(node: Value) -> list[tuple[Value, Any]]:
    """`rederived` for any number of parents, dead edges among them."""
    row, operands = node._row, node.operands
    if not row.rules:
        raise no_rule(node)
    partials = row.partials(operands, node)
    if row.chosen:
        partials = [p if alive else None for p, alive in zip(partials, row.live(operands, node), strict=True)]
    of_values = [(x, p) for x, p in zip(operands, partials, strict=True) if isinstance(x, Value)]
    for (_, now), then in zip(of_values, node._partials(), strict=True):
        _compare(node, now, then)
    return [(x, p) for x, p in of_values if p is not None]


def _compare(node: Value, partial: Any, then: float | None) -> None:
    """A partial as the rules give it now with the one that was recorded; None on a dead edge, and nan equals nan."""
    now = partial._data if type(partial) is Value else partial
    if now != then and (now is None or then is None or then == then):
        raise _stale(node)


def no_rule(node: Value) -> NoRuleError:
    """What to say of a node made by hand, when a derivative is to go through it."""
    return NoRuleError(
        f"{node!r} was made by hand, by Value(data, children): there is no rule to differentiate it by; build it from"
        " the operations of autograd"
    )


def _stale(node: Value) -> StaleGraphError:
    leaves = [x for x in node.parents if x._row is None] or list(node.parents)
    named = " or ".join(dict.fromkeys(repr(x) for x in leaves))
    return StaleGraphError(
        f"the graph is stale: {named} was changed after {node.op!r} had used it; compute the value again from the"
        " leaves, then differentiate"
    )
