"""Updates: an optimiser's formula on whole arrays, with its state kept beside the parameters' numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.compiler.parameters import Source, Store, sources


class Updates:
    """The steps of one optimiser on the parameters of the recordings.

    While it has them, the optimiser's `state` and `steps` are arrays here, in the order of the stores; as soon as
    somebody asks the optimiser for them they are its lists again.
    """

    def __init__(self, optimizer: Any) -> None:
        if not all(hasattr(optimizer, name) for name in ("update", "parameters", "kept_by")):
            raise TypeError(
                "optimizer= takes an optimiser of nn, such as nn.SGD(model.parameters(), lr=0.01), was given"
                f" {optimizer!r}"
            )
        self.optimizer = optimizer
        self._numbers = {id(value): number for number, value in enumerate(optimizer.parameters)}
        self._parts: dict[int, _Part] = {}
        self._others: dict[int, list[Source]] = {}

    def step(self, recording: Any, runner: Any) -> None:
        """Zero the gradients, take these, and update; what was not reached keeps its value and its state."""
        optimizer, adjoints, reached = self.optimizer, runner.machine.adjoints, runner.reached()
        todo = []
        for store, places, cells in recording.sources:
            part = self._part(store, places)
            here = None if reached is None else reached[cells]
            if part.everywhere and here is None:
                store.grad[places] = adjoints[cells]
                store.computed[places] = True
            else:
                here = np.ones(len(part.mine), dtype=bool) if here is None else here
                before = np.where(part.mine, 0.0, store.grad[places])
                store.grad[places] = np.where(here, before + adjoints[cells], before)
                store.computed[places] = here | (~part.mine & store.computed[places])
            if part.count:
                todo.append((store, part, None if here is None or here[part.mine].all() else here[part.mine]))
        self._zero_others(recording)
        if not any(here is None or here.any() for _, _, here in todo):
            optimizer.step()  # says that it has nothing to do
        for store, part, _ in todo:
            g = store.grad[part.places]
            if not math.isfinite(g.dot(g)) and not np.isfinite(g).all():
                at = int(np.flatnonzero(~np.isfinite(g))[0])
                raise optimizer.not_finite(int(part.numbers[at]), float(g[at]))
        for store, part, here in todo:
            self._update(store, part, here)

    def _zero_others(self, recording: Any) -> None:
        """Zero the gradients of the optimiser's parameters that the recording does not meet."""
        others = self._others.get(id(recording))
        if others is None:
            met = {id(value) for value in recording.parameters}
            others = sources([v for v in self.optimizer.parameters if id(v) not in met])
            self._others[id(recording)] = others
        for store, places, _ in others:
            store.hold()
            store.grad[places], store.computed[places] = 0.0, False

    def _update(self, store: Store, part: _Part, here: Any) -> None:
        optimizer = self.optimizer
        if optimizer.kept_by is not self:
            optimizer.lists()  # whoever has them lets go
            optimizer.kept_by = self
        if not part.taken:
            part.take(optimizer)
        if here is None:
            part.t = part.t + 1
            new, *state = optimizer.update(store.data[part.places], store.grad[part.places], *part.state, t=part.t)
            store.data[part.places] = new
            for column, after in zip(part.state, state, strict=True):
                if after is not column:
                    column[...] = after
            return
        at = np.flatnonzero(here)
        part.t = np.broadcast_to(part.t, part.count).copy()
        part.t[at] += 1
        places = np.arange(len(store.data))[part.places][at]
        kept = [column[at] for column in part.state]
        new, *state = optimizer.update(store.data[places], store.grad[places], *kept, t=part.t[at])
        store.data[places] = new
        for column, after in zip(part.state, state, strict=True):
            column[at] = after

    def give_back(self) -> None:
        """Put the state into the optimiser's lists."""
        optimizer, optimizer.kept_by = self.optimizer, None
        for part in self._parts.values():
            part.give_back(optimizer)

    def _part(self, store: Store, places: Any) -> _Part:
        part = self._parts.get(id(store))
        if part is None or part.key is not places:
            if part is not None and part.taken:
                self.give_back()
            part = self._parts[id(store)] = _Part(store, places, self._numbers)
        return part


class _Part:
    """Those of the optimiser's parameters that a recording finds in one store."""

    def __init__(self, store: Store, places: Any, numbers: dict[int, int]) -> None:
        self.store, self.key = store, places
        here = np.arange(len(store.parameters))[places]
        known = [numbers.get(id(store.parameters[place]), -1) for place in here]
        self.mine = np.array([number >= 0 for number in known], dtype=bool)
        self.everywhere = bool(self.mine.all())
        self.places: Any = places if self.everywhere else here[self.mine]
        self.numbers = np.array([number for number in known if number >= 0], dtype=int)
        self.count = len(self.numbers)
        self.taken = False
        self.state: list[Any] = []
        self.t: Any = 0
        """How often each was updated: one number where it is the same for all."""

    def take(self, optimizer: Any) -> None:
        """Take the state over from the optimiser's lists."""
        steps, state = optimizer._steps, optimizer._state
        t = np.array(steps, dtype=int)[self.numbers]
        self.t = int(t[0]) if (t == t[0]).all() else t
        self.state = [np.array(state[slot], dtype=float)[self.numbers] for slot in optimizer.slots]
        self.taken = True

    def give_back(self, optimizer: Any) -> None:
        """Put it back."""
        if not self.taken:
            return
        self.taken = False
        steps, state = optimizer._steps, optimizer._state
        t = np.broadcast_to(self.t, self.count).tolist()
        for place, number in enumerate(self.numbers.tolist()):
            steps[number] = t[place]
            for slot, column in zip(optimizer.slots, self.state, strict=True):
                state[slot][number] = float(column[place])
