"""Copying and pickling of graphs of any depth, without recursion and with all sharing kept."""

from __future__ import annotations

import copy
import threading
import weakref
from typing import TYPE_CHECKING, Any

from autograd.graph import had_before, topological_order
from autograd.ops import BY_HAND, TABLE

if TYPE_CHECKING:
    from autograd.value import Value

FIELDS = ("_data", "_grad", "_x", "_dx", "_y", "_dy", "_operands")


class Copying:
    """`copy.copy`, `copy.deepcopy` and `pickle` for nodes."""

    __slots__ = ()

    def __copy__(self: Value) -> Value:  # type: ignore[misc]
        """Another node made by the same operation from the same operands."""
        twin = _blank(type(self))
        twin.__setstate__(self._state(None))
        return twin

    def __deepcopy__(self: Value, memo: dict[int, Any]) -> Value:  # type: ignore[misc]
        for node in topological_order(self, ends=memo):
            if id(node) not in memo:
                twin = memo[id(node)] = _blank(type(node))
                memo.setdefault(id(memo), []).append(node)  # keeps the id from being used again, as `copy` does
                _, fields, row, partials, attributes = node._state(None)
                twin.__setstate__((None, [_mapped(x, memo) for x in fields], row, partials, {}))
                twin._take(copy.deepcopy(attributes, memo))
        return memo[id(self)]  # type: ignore[no-any-return]

    def __reduce_ex__(self: Value, protocol: Any) -> Any:  # type: ignore[misc]
        """The root of a graph sends all its ancestors ahead, operands first; each then finds its own already sent."""
        if _here.under_way() is not None:
            return _blank, (getattr(type(self), "plain", type(self)),), self._state(None)
        sent = _here.sent()
        if sent is None:
            sent = _Sent()
            _here.sent = weakref.ref(sent)
        ahead = _Ahead([node for node in topological_order(self, ends=sent) if id(node) not in sent][:-1], sent)
        sent.update(map(id, [*ahead.nodes, self]))
        _here.under_way = weakref.ref(ahead)
        return _blank, (getattr(type(self), "plain", type(self)),), self._state(ahead)

    def _state(self: Value, ahead: _Ahead | None) -> tuple[Any, ...]:  # type: ignore[misc]
        row = self._row and (self._row.name, self._row.op)
        partials = self._wide and self._wide.partials
        attributes = {**self.__dict__, "_left": (None, had_before(self))}
        if attributes["_left"][1] is None:
            del attributes["_left"]
        return ahead, [getattr(self, name, None) for name in FIELDS], row, partials, attributes

    def __setstate__(self: Value, state: tuple[Any, ...]) -> None:  # type: ignore[misc]
        from autograd.value import Wide

        _, fields, row, partials, attributes = state
        for name, field in zip(FIELDS, fields, strict=True):
            setattr(self, name, field)
        self._row = row and (TABLE[row[0]] if row[0] in TABLE else BY_HAND._replace(op=row[1]))
        self._wide = partials and Wide(self.parents, partials)
        self._take(attributes)

    def _take(self: Value, attributes: dict[str, Any]) -> None:  # type: ignore[misc]
        self.__dict__.update(attributes)
        if "_left" in attributes:  # the seed is another object now
            self.__dict__["_left"] = self._grad, attributes["_left"][1]


def _blank(kind: type[Value]) -> Value:
    kind = getattr(kind, "plain", kind)  # of a parameter that a compiled program holds
    node: Value = kind.__new__(kind)
    return node


def _mapped(field: Any, memo: dict[int, Any]) -> Any:
    if isinstance(field, tuple):
        return tuple(_mapped(x, memo) for x in field)
    return memo[id(field)] if isinstance(field, Copying) else field


class _Sent(set[int]):
    """The ids of what one run of a pickler has met. It ends with that run, in whose memory it is."""


class _Here(threading.local):
    """What is just being pickled in this thread: the ancestors of which node, and in which run."""

    under_way: Any = staticmethod(lambda: None)
    sent: Any = staticmethod(lambda: None)


_here = _Here()


class _Ahead:
    """The ancestors of a node, and then a mark that ends them."""

    def __init__(self, nodes: list[Value], sent: _Sent) -> None:
        self.nodes, self.sent = nodes, sent

    def __reduce__(self) -> Any:
        return _nothing, (self.nodes, _End())


class _End:
    def __reduce__(self) -> Any:
        _here.under_way = lambda: None
        return _nothing, ()


def _nothing(*sent: Any) -> None:
    """What was sent ahead needs no place of its own once it is loaded."""
