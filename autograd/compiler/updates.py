"""Updates: an optimiser's formula on whole arrays, with its state kept beside the parameters' numbers."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.in_place import InPlace, is_varying
from autograd.compiler.parameters import Source, Store, as_slice, sources

DENSE = 4
"""Where at least one of so many is reached, all are computed and these taken: it takes less than to gather them."""


class Updates:
    """The steps of one optimiser on the parameters of the recordings.

    While it has them, the optimiser's `state` and `steps` are arrays here, in the order of the stores; as soon as
    somebody asks the optimiser for them they are its lists again.
    """

    def __init__(self, optimizer: Any) -> None:
        if not all(hasattr(optimizer, name) for name in ("update", "parameters", "kept_by", "steps_otherwise")):
            raise TypeError(
                "optimizer= takes an optimiser of nn, such as nn.SGD(model.parameters(), lr=0.01), was given"
                f" {optimizer!r}"
            )
        self.optimizer = optimizer
        self._numbers = {id(value): number for number, value in enumerate(optimizer.parameters)}
        self._states: dict[int, _State] = {}
        self._formulas: dict[Any, InPlace | None] = {}

    def step(self, runner: Any) -> None:
        """Zero the gradients, take these, and update; what was not reached keeps its value and its state."""
        if self.optimizer.steps_otherwise:  # it does more than its formula says, clipping for example
            self.optimizer.zero_grad()
            runner.add_gradients()
            self.optimizer.step()
            return
        plan: _Plan = runner.plan
        if plan is None:
            plan = runner.plan = self._plan(runner)
        if plan.moves is not None:
            for grad, computed, adjoints in plan.moves:
                grad[...] = adjoints
                computed.fill(True)
        else:
            _deliver(plan, runner.machine.adjoints, runner.reached())
        for store, places, _ in plan.others:
            store.hold()
            store.grad[places], store.computed[places] = 0.0, False
        todo = []
        for part in plan.parts:
            here = runner.reached_of(part)
            if here is not None and not part.mark(here):
                continue
            todo.append((part, here))
        if not runner.finite:
            self._check(todo)
        if not todo:
            self.optimizer.step()  # says that it has nothing to do
        elif self.optimizer.kept_by is not self:
            self.optimizer.lists()  # whoever has them lets go
            self.optimizer.kept_by = self
        for part, here in todo:
            part.state.update(self, plan, part, here)

    def formula(self, counts: bool) -> InPlace | None:
        """The optimiser's formula with its present settings, `counts`: for parameters of several ages."""
        settings = self.optimizer.settings
        key = counts, *[(name, None if is_varying(x) else (x,)) for name, x in settings.items()]
        try:
            known = key in self._formulas
        except TypeError:  # a list, say, is among them
            return None
        formula = self._formulas[key] if known else None
        if not known or (formula is not None and not formula.suits(settings)):
            formula = self._formulas[key] = self._written(counts, settings)
        return formula

    def _written(self, counts: bool, settings: dict[str, Any]) -> InPlace | None:
        formula = getattr(self.optimizer, "pure_formula", None)
        if formula is None:
            return None
        try:
            return InPlace(formula, len(self.optimizer.slots), settings, counts)
        except (
            TypeError,
            AttributeError,
        ):  # it branches, or is not made of the engine's own: it is called
            return None

    def give_back(self) -> None:
        """Put the state into the optimiser's lists."""
        optimizer, optimizer.kept_by = self.optimizer, None
        for state in self._states.values():
            state.give_back(optimizer)

    def _check(self, todo: list[tuple[_Part, Any]]) -> None:
        """Raise for the first of the parameters to be updated whose gradient is not finite."""
        wrong: list[tuple[int, float]] = []
        for part, here in todo:
            g = part.state.store.grad[part.places]
            at = np.flatnonzero(~np.isfinite(g) if here is None else here & ~np.isfinite(g))
            wrong += zip(part.state.numbers[part.places][at].tolist(), g[at].tolist(), strict=True)
        if wrong:
            raise self.optimizer.not_finite(*min(wrong, key=itemgetter(0)))

    def _plan(self, runner: Any) -> _Plan:
        """Which parameters of a recording the optimiser has, and where; those that an index may miss are apart."""
        recording, adjoints = runner.recording, runner.machine.adjoints
        by_index = runner.reach.by_index
        by_index = np.zeros(len(recording.parameters), dtype=bool) if by_index is None else by_index
        found, parts = [], []
        for store, places, cells in recording.sources:
            state = self._states.get(id(store))
            if state is None:
                state = self._states[id(store)] = _State(store, self._numbers, self.optimizer.slots)
            each, each_cell = np.arange(len(store.parameters))[places], np.arange(len(recording.parameters))[cells]
            mine = state.numbers[each] >= 0
            found.append((store, places, cells, None if mine.all() else mine))
            for missed in (False, True):
                chosen = mine & (by_index[each_cell] == missed)
                if chosen.any():
                    parts.append(_Part(state, each[chosen], each_cell[chosen], missed))
        met = {id(value) for value in recording.parameters}
        others = sources([v for v in self.optimizer.parameters if id(v) not in met])
        moves = None
        if all(
            mine is None and isinstance(places, slice) and isinstance(cells, slice) for _, places, cells, mine in found
        ):
            moves = [(store.grad[places], store.computed[places], adjoints[cells]) for store, places, cells, _ in found]
        return _Plan(found, parts, others, moves)


class _Plan(NamedTuple):
    """What a step of one recording has to do."""

    sources: list[Any]
    """Each store with the places there, the cells here, and which of these the optimiser has; None: all."""
    parts: list[_Part]
    others: list[Source]
    """Parameters of the optimiser that the recording does not meet."""
    moves: list[Any] | None
    """The gradients, whether they are computed, and the adjoints, where one goes to the other as it is."""


def _deliver(plan: _Plan, adjoints: Any, reached: Any) -> None:
    """Put the adjoints into the gradients: those of the optimiser's parameters are new, to others they are added."""
    for store, places, cells, mine in plan.sources:
        arrived = True if reached is None else reached[cells]
        if mine is None:
            store.grad[places] = np.where(arrived, adjoints[cells], 0.0)
            store.computed[places] = arrived
        else:
            before = np.where(mine, 0.0, store.grad[places])
            store.grad[places] = np.where(arrived, before + adjoints[cells], before)
            store.computed[places] = arrived | (~mine & store.computed[places])


def _updated(optimizer: Any, p: Any, g: Any, state: Sequence[Any], t: Any) -> Any:
    """The next p and state by the optimiser's own `update`: on whole arrays, or on one number after the other."""
    columns = [p, g, *state]
    try:  # on copies: it may write into what it is given, and may hand one back in the place of another
        return optimizer.update(*(column.copy() for column in columns), t=t)
    except (TypeError, ValueError):  # it branches on a number, say, or takes math.sqrt of it
        rows = zip(*(column.tolist() for column in columns), np.broadcast_to(t, p.shape).tolist(), strict=True)
        return zip(*[optimizer.update(*row, t=count) for *row, count in rows], strict=True)


class _Part:
    """Parameters of one store that are updated together."""

    def __init__(self, state: _State, each: Any, cells: Any, by_index: bool) -> None:
        self.state, self.each, self.by_index = state, each, by_index
        self.places: Any = as_slice(each.tolist())
        self.cells: Any = as_slice(cells.tolist())
        self.t = 0
        """How often all of them were updated, where that is known to be equal; else 0."""
        self.pending = 0
        """How many of these are not yet in the state."""
        self.age = 0
        """How often those that were updated last, some of all, were so, where that is known to be equal; else 0."""
        self.pattern = b""
        """Which these are."""
        self.formulas: dict[bool, InPlace | None] = {}
        store = state.store
        self.views = None
        if isinstance(self.places, slice):
            columns = [column[self.places] for column in state.columns]
            self.views = store.data[self.places], store.grad[self.places], columns

    def mark(self, here: Any) -> bool:
        """Say of the gradients which are computed, the others being 0 as their adjoints are; whether there are any."""
        self.state.store.computed[self.places] = here
        return bool(here.any())


class _State:
    """What the optimiser keeps for the parameters of one store."""

    def __init__(self, store: Store, numbers: dict[int, int], slots: Sequence[str]) -> None:
        self.store = store
        self.numbers = np.array([numbers.get(id(value), -1) for value in store.parameters], dtype=int)
        self.taken = False
        self.columns = [np.zeros(len(self.numbers)) for _ in slots]
        self.t: Any = np.zeros(len(self.numbers), dtype=int)
        self.latest: _Plan | None = None

    def update(self, updates: Updates, plan: _Plan, part: _Part, here: Any) -> None:
        """The optimiser's formula on the parameters of a part, where `here` is true; None: on all."""
        optimizer, store = updates.optimizer, self.store
        if not self.taken:
            self.take(optimizer)
        if plan is not self.latest:
            self._turn_to(plan)
        t = self._counted_all(part) if here is None else self._counted(part, here)
        several = type(t) is not int
        formula = part.formulas.get(several)
        if formula is None or not formula.suits(optimizer.settings):
            formula = part.formulas[several] = updates.formula(several)
        if formula is not None and part.views is not None:
            if here is None:
                formula(*part.views, t, optimizer.settings)
                return
            if np.count_nonzero(here) * DENSE >= len(here):
                formula.where(here, *part.views, t, optimizer.settings)
                return
        places = part.places if here is None else part.each[here]
        t = t[here] if several and here is not None else t
        new, g, *after = (column[places] for column in (store.data, store.grad, *self.columns))
        if formula is None:
            try:
                new, *after = _updated(optimizer, new, g, after, t)
            except BaseException:
                self._settle(part)
                self.t[places] -= 1
                raise
        else:
            formula(new, g, after, t, optimizer.settings)
        store.data[places] = new
        for slot, (column, now) in enumerate(zip(self.columns, after, strict=True)):
            if formula is None or slot in formula.written:
                column[places] = now

    def _counted_all(self, part: _Part) -> Any:
        """The number of this update of all of a part: one for all, or an array."""
        if part.t:
            part.t += 1
            part.pending += 1
            return part.t
        self._settle(part)
        self.t[part.places] += 1
        t = self.t[part.places]
        first = int(t[0])
        if (t != first).any():
            return t
        part.t = first
        return first

    def _counted(self, part: _Part, here: Any) -> Any:
        """The number of this update of some of a part: one for these, or an array for all."""
        if part.t:
            self._settle(part)
        self.t[part.places] += here
        pattern = here.tobytes()
        if part.age and pattern == part.pattern:  # one after the other they were all updated once more
            part.age += 1
            return part.age
        t = self.t[part.places]
        mine = t[here]
        first = int(mine[0])
        part.pattern, part.age = pattern, first if (mine == first).all() else 0
        return part.age or t

    def _settle(self, part: _Part) -> None:
        if part.pending:
            self.t[part.places] += part.pending
        part.t = part.pending = part.age = 0

    def _turn_to(self, plan: _Plan | None) -> None:
        """Another plan's parts count from now on."""
        for one in (self.latest, plan):
            for part in one.parts if one is not None else ():
                if part.state is self:
                    self._settle(part)
        self.latest = plan

    def take(self, optimizer: Any) -> None:
        """Take the state over from the optimiser's lists."""
        mine = self.numbers >= 0
        of_mine = self.numbers[mine]
        self.t[mine] = np.array(optimizer._steps, dtype=int)[of_mine]
        for slot, column in zip(optimizer.slots, self.columns, strict=True):
            column[mine] = np.array(optimizer._state[slot], dtype=float)[of_mine]
        self.taken = True

    def give_back(self, optimizer: Any) -> None:
        """Put it back."""
        if not self.taken:
            return
        self._turn_to(None)
        self.taken = False
        for place in np.flatnonzero(self.numbers >= 0).tolist():
            number = self.numbers[place]
            optimizer._steps[number] = int(self.t[place])
            for slot, column in zip(optimizer.slots, self.columns, strict=True):
                optimizer._state[slot][number] = float(column[place])
