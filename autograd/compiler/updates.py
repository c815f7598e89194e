"""Updates: an optimiser's formula on whole arrays, with its state kept beside the parameters' numbers."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.parameters import Source, Store, as_slice, sources


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
        self._states: dict[int, _State] = {}
        self._plans: dict[Any, _Plan] = {}

    def step(self, recording: Any, runner: Any) -> None:
        """Zero the gradients, take these, and update; what was not reached keeps its value and its state."""
        adjoints, reached = runner.machine.adjoints, runner.reached()
        plan = self._plans.get(recording)
        if plan is None:
            plan = self._plans[recording] = self._plan(recording, runner)
        for store, places, cells, mine in plan.sources:
            here = None if reached is None else reached[cells]
            if mine is None and here is None:
                store.grad[places], store.computed[places] = adjoints[cells], True
            else:
                before = store.grad[places] if mine is not None else 0.0
                before = before if mine is None else np.where(mine, 0.0, before)
                arrived = True if here is None else here
                store.grad[places] = np.where(arrived, before + adjoints[cells], before)
                store.computed[places] = arrived if mine is None else arrived | (~mine & store.computed[places])
        for store, places, _ in plan.others:
            store.hold()
            store.grad[places], store.computed[places] = 0.0, False
        todo = []
        for part in plan.parts:
            places = part.places
            if reached is not None:
                here = reached[part.cells]
                if not here.all():
                    places = part.each[here]
            if not isinstance(places, slice) and not len(places):
                continue
            g = part.state.store.grad[places]
            if not math.isfinite(g.dot(g)) and not np.isfinite(g).all():
                at = int(np.flatnonzero(~np.isfinite(g))[0])
                number = part.state.numbers[places][at]
                raise self.optimizer.not_finite(int(number), float(g[at]))
            todo.append((part, places, g))
        if not todo:
            self.optimizer.step()  # says that it has nothing to do
        if todo and self.optimizer.kept_by is not self:
            self.optimizer.lists()  # whoever has them lets go
            self.optimizer.kept_by = self
        for part, places, g in todo:
            part.state.update(self.optimizer, part, places, g)

    def give_back(self) -> None:
        """Put the state into the optimiser's lists."""
        optimizer, optimizer.kept_by = self.optimizer, None
        for state in self._states.values():
            state.give_back(optimizer)

    def _plan(self, recording: Any, runner: Any) -> _Plan:
        """Which parameters of a recording the optimiser has, and where; those that an index may miss are apart."""
        by_index = runner.by_index()
        found, parts = [], []
        for store, places, cells in recording.sources:
            state = self._states.get(id(store))
            if state is None:
                state = self._states[id(store)] = _State(store, self._numbers)
            each, each_cell = np.arange(len(store.parameters))[places], np.arange(len(recording.parameters))[cells]
            mine = state.numbers[each] >= 0
            found.append((store, places, cells, None if mine.all() else mine))
            for missed in (False, True):
                chosen = mine & (by_index[each_cell] == missed)
                if chosen.any():
                    parts.append(_Part(state, each[chosen], each_cell[chosen]))
        met = {id(value) for value in recording.parameters}
        others = sources([v for v in self.optimizer.parameters if id(v) not in met])
        return _Plan(found, parts, others)


class _Plan(NamedTuple):
    """What a step of one recording has to do."""

    sources: list[Any]
    """Each store with the places there, the cells here, and which of these the optimiser has; None: all."""
    parts: list[_Part]
    others: list[Source]
    """Parameters of the optimiser that the recording does not meet."""


class _Part:
    """Parameters of one store that are updated together."""

    def __init__(self, state: _State, each: Any, cells: Any) -> None:
        self.state, self.each, self.cells = state, each, cells
        self.places: Any = as_slice(each.tolist())
        self.stamp, self.t = -1, 0


class _State:
    """What the optimiser keeps for the parameters of one store."""

    def __init__(self, store: Store, numbers: dict[int, int]) -> None:
        self.store = store
        self.numbers = np.array([numbers.get(id(value), -1) for value in store.parameters], dtype=int)
        self.taken = False
        self.columns: list[Any] = []
        self.t: Any = np.zeros(len(self.numbers), dtype=int)
        self.stamp = 0
        """How many updates there were: a part that was the last one knows its t."""

    def update(self, optimizer: Any, part: _Part, places: Any, g: Any) -> None:
        """The optimiser's formula on the parameters at these places."""
        if not self.taken:
            self.take(optimizer)
        self.t[places] += 1
        whole = places is part.places
        if whole and part.stamp == self.stamp:
            part.t += 1
            t: Any = part.t
        else:
            t = self.t[places]
            if (t == t[0]).all():
                t = int(t[0])
                part.t = t
        self.stamp += 1
        part.stamp = self.stamp if whole and isinstance(t, int) else -1
        kept = [column[places] for column in self.columns]
        new, *after = optimizer.update(self.store.data[places], g, *kept, t=t)
        self.store.data[places] = new
        for column, before, now in zip(self.columns, kept, after, strict=True):
            if now is not before:
                column[places] = now

    def take(self, optimizer: Any) -> None:
        """Take the state over from the optimiser's lists."""
        mine = self.numbers >= 0
        of_mine = self.numbers[mine]
        self.t[mine] = np.array(optimizer._steps, dtype=int)[of_mine]
        self.columns = []
        for slot in optimizer.slots:
            column = np.zeros(len(self.numbers))
            column[mine] = np.array(optimizer._state[slot], dtype=float)[of_mine]
            self.columns.append(column)
        self.taken = True
        self.stamp += 1

    def give_back(self, optimizer: Any) -> None:
        """Put it back."""
        if not self.taken:
            return
        self.taken = False
        for place in np.flatnonzero(self.numbers >= 0).tolist():
            number = self.numbers[place]
            optimizer._steps[number] = int(self.t[place])
            for slot, column in zip(optimizer.slots, self.columns, strict=True):
                optimizer._state[slot][number] = float(column[place])
