"""Parameters in a buffer: while a compiled program has them, its array holds their numbers, and they read them there.

A parameter that a program uses becomes a `Held`: the same object, with `.data` and `.grad` in the arrays of a `Store`.
To read or write one costs what a property costs, and a step of the program costs nothing for it. As soon as the engine
itself touches one, in an ordinary operation or pass, all numbers go back into the objects, and they are plain Values
again; the next call of the program fetches them.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from autograd.errors import number
from autograd.value import Value

_data, _grad = Value.__dict__["_data"], Value.__dict__["_grad"]
_wide, _place = Value.__dict__["_wide"], Value.__dict__["_dx"]


_stores: weakref.WeakSet[Store] = weakref.WeakSet()
_looking = threading.Lock()  # held while a home in one of them is looked for, or made


class Store:
    """The numbers of some parameters, in arrays."""

    def __init__(self, parameters: Sequence[Value]) -> None:
        self.parameters = list(parameters)
        self.data = np.empty(len(self.parameters))
        self.grad = np.zeros(len(self.parameters))
        self.computed = np.zeros(len(self.parameters), dtype=bool)
        self.held = False
        self.lock = threading.RLock()

    def hold(self) -> None:
        """Take the numbers out of the objects."""
        with self.lock:
            if self.held:
                return
            parameters = self.parameters
            for value in parameters:
                if isinstance(value, Held):  # another store has it
                    _wide.__get__(value)._release()
            self.data[:] = [_data.__get__(value) for value in parameters]
            grads = [_grad.__get__(value) for value in parameters]
            self.grad[:] = [0.0 if g is None else g for g in grads]
            self.computed[:] = [g is not None for g in grads]
            for place, value in enumerate(parameters):
                _place.__set__(value, place)
                _wide.__set__(value, self)
                kind: Any = type(value)
                value.__class__ = _held(kind)
            self.held = True

    def _release(self) -> None:
        """Put the numbers back into the objects."""
        with self.lock:
            if not self.held:
                return
            self.held = False
            columns = zip(self.parameters, self.data.tolist(), self.grad.tolist(), self.computed.tolist(), strict=True)
            for value, data, grad, computed in columns:
                value.__class__ = type(value).plain  # type: ignore[attr-defined]
                _wide.__set__(value, None)
                _place.__set__(value, 0.0)
                _data.__set__(value, data)
                _grad.__set__(value, grad if computed else None)


class Held:
    """A parameter whose numbers are in a store."""

    __slots__ = ()

    @property
    def data(self) -> float:
        """The number; any real number may be assigned, anything else raises."""
        store, place = _wide.__get__(self), _place.__get__(self)
        if _tracing():
            return self._plain().data  # type: ignore[no-any-return]
        return store.data.item(place)  # type: ignore[no-any-return]

    @data.setter
    def data(self, data: Any) -> None:
        if _tracing():
            self._plain().data = data
        _wide.__get__(self).data[_place.__get__(self)] = number(data)

    @property
    def grad(self) -> float:
        """∂(the root of the last backward())/∂(this), summed over calls; 0.0 until it is computed."""
        return _wide.__get__(self).grad.item(_place.__get__(self))  # type: ignore[no-any-return]

    @grad.setter
    def grad(self, grad: Any) -> None:
        store, place = _wide.__get__(self), _place.__get__(self)
        store.grad[place], store.computed[place] = number(grad), True

    @property
    def computed(self) -> bool:
        """Whether `.grad` was computed by a pass, or set, since the node was made or `zero_grad()` was called."""
        return _wide.__get__(self).computed.item(_place.__get__(self))  # type: ignore[no-any-return]

    def zero_grad(self) -> None:
        """Forget the gradient: `.grad` reads 0.0 again, and is not computed."""
        store, place = _wide.__get__(self), _place.__get__(self)
        store.grad[place], store.computed[place] = 0.0, False

    # The engine's own fields: whoever reads or writes these gets plain Values.

    def _plain(self) -> Any:
        _wide.__get__(self)._release()
        return self

    @property
    def _data(self) -> Any:
        return self._plain()._data

    @_data.setter
    def _data(self, data: Any) -> None:
        self._plain()._data = data

    @property
    def _grad(self) -> Any:
        return self._plain()._grad

    @_grad.setter
    def _grad(self, grad: Any) -> None:
        self._plain()._grad = grad

    @property
    def _wide(self) -> Any:
        return self._plain()._wide


def _tracing() -> bool:
    from autograd import modes

    return bool(modes.tracing)


@cache
def _held(kind: Any) -> Any:
    """The class of held parameters that were of this class."""
    return type(kind.__name__, (Held, kind), {"__slots__": (), "__module__": kind.__module__, "plain": kind})


Source = tuple[Store, Any, Any]


def sources(parameters: Sequence[Value]) -> list[Source]:
    """The stores that hold the parameters, with the places there and the cells here; a new one for those in none."""
    with _looking:
        homes = {id(value): (store, place) for store in _stores for place, value in enumerate(store.parameters)}
        missing = [value for value in parameters if id(value) not in homes]
        if missing:
            store = Store(missing)
            _stores.add(store)
            homes.update((id(value), (store, place)) for place, value in enumerate(missing))
    found: dict[int, tuple[Store, list[int], list[int]]] = {}
    for cell, value in enumerate(parameters):
        store, place = homes[id(value)]
        _, places, cells = found.setdefault(id(store), (store, [], []))
        places.append(place)
        cells.append(cell)
    return [(store, as_slice(places), as_slice(cells)) for store, places, cells in found.values()]


def as_slice(numbers: list[int]) -> Any:
    """The numbers as a slice where they follow each other."""
    if not numbers:
        return slice(0, 0)
    if numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        return slice(numbers[0], numbers[0] + len(numbers))
    return np.array(numbers)
