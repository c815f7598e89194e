"""Runner: a program and its way back on a machine, with the parameters' numbers fetched and delivered."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.compiler import affine
from autograd.compiler.numpy_backend import Machine
from autograd.compiler.program import Contract, Program, Select
from autograd.compiler.python_backend import PythonMachine
from autograd.compiler.reach import Reach

if TYPE_CHECKING:
    from autograd.compiler.recording import Recording

BACKENDS: dict[str, Callable[..., Any]] = {"numpy": Machine, "python": PythonMachine}


class Runner:
    """A program and its way back on a machine, with the parameters' numbers fetched and delivered.

    Whoever runs it has told numpy to be quiet about what is not finite: `np.errstate(all="ignore")`.
    """

    def __init__(self, recording: Recording, program: Program, back: Any, wanted: Any) -> None:
        self.recording, self.program, self.back = recording, program, back
        self.wanted = wanted  # the parameters, then the inputs in their order, which their cells need not have
        self.machine = BACKENDS[recording.backend](program, back)
        self.found = self.machine.adjoints[: int(wanted.max(initial=-1)) + 1]
        """The adjoints of the parameters, of the inputs where they are wanted, and of the ones beside these."""
        self.eagerly: Callable[[Any], Any] = lambda seeds: None
        self.plan: Any = None
        """What a step of an optimiser has to do with this runner's parameters."""
        self.finite = True
        """Whether all adjoints of the last way back are finite."""
        self._reached: Any = None
        self._spoilt = self._strayed = False
        padded = any(isinstance(o, Contract) and o.padded for o in program.forward)
        self._delicate = padded or self.machine.factored
        self._has_guards = bool(len(program.guards))
        self.one_output = len(program.outputs) == 1
        self.output = int(program.outputs[0]) if self.one_output else 0
        self._has_choices = any(isinstance(operation, Select) for operation in program.forward)
        self.fetched = [
            (store, store.data[places], self.machine.values[cells])
            for store, places, cells in recording.sources
            if isinstance(places, slice) and isinstance(cells, slice)
        ]
        cells = program.inputs
        regular = affine.strides(cells) if cells.size else None
        self._inputs, self._regular = cells, None
        if regular is not None:
            self._regular = affine.view(self.machine.values, cells.shape, *regular).T
        self.gathered = [source for source in recording.sources if not all(isinstance(x, slice) for x in source[1:])]

    @cached_property
    def reach(self) -> Reach:
        """Which parameters its way back leads to."""
        with self.recording.timed("adjoint"):
            return Reach(self.program, len(self.recording.parameters))

    def load(self, numbers: Any) -> None:
        """Set the parameters' and the inputs' cells."""
        self.fetch()
        cells = self.program.inputs
        if numbers.size:
            self.machine.values[cells] = numbers.T if numbers.ndim == 2 else numbers.reshape(cells.shape)

    def fetch(self) -> None:
        """Set the parameters' cells."""
        for store, data, cells in self.fetched:
            if not store.held:
                store.hold()
            cells[...] = data
        for store, places, cells in self.gathered:
            store.hold()
            self.machine.values[cells] = store.data[places]

    @property
    def inputs(self) -> Any:
        """The inputs' numbers as they are loaded; the last axis is that of one example."""
        return self.machine.values[self._inputs].T if self._regular is None else self._regular

    def views(self, shapes: Sequence[Any]) -> list[Any] | None:
        """The inputs' cells as arrays of these shapes, to be filled one by one; None where they are not such."""
        found, start, cells = [], 0, self.program.inputs
        lanes = cells.ndim == 2
        for shape in shapes:
            each = shape[1:] if lanes else shape
            size = int(np.prod(each))
            mine = cells[start : start + size]
            start += size
            mine = np.moveaxis(mine.reshape(*each, -1), -1, 0) if lanes else mine.reshape(shape)
            regular = affine.strides(mine) if mine.size else None
            if regular is None:
                return None
            found.append(affine.view(self.machine.values, shape, *regular))
        return found

    def forward(self, eagerly: Callable[[Any], Any]) -> None:
        """Compute the values; `eagerly` runs the function itself, for where they are not finite."""
        self.eagerly, self._reached = eagerly, None
        self.machine.forward()
        self._spoilt = self._delicate and not _finite(self.machine.values)
        if self._spoilt:  # by 0·inf of terms that are not there, or by a sum that was multiplied as a whole
            self._exactly(np.ones(len(self.program.outputs)))

    @property
    def looks(self) -> list[Callable[[], bool]]:
        """What has to be true when the values are computed, for the way back to be gone without a further look."""
        values, guards, truths = self.machine.values, self.program.guards, self.program.truths
        found: list[Callable[[], bool]] = [lambda: _finite(values)] if self._delicate else []
        return [*found, lambda: bool(((values[guards] != 0) == truths).all())] if self._has_guards else found

    def holds(self) -> int:
        """−1 if Python would have taken the same branches as when it was recorded; else which it would not."""
        if not self._has_guards:
            return -1
        if self._spoilt:  # the eager engine took the branches itself
            return 0 if self._strayed else -1
        other = (self.machine.values[self.program.guards] != 0) != self.program.truths
        return int(other.argmax()) if other.any() else -1

    def backward(self, seeds: Any) -> None:
        """Compute the adjoints; where a number is not finite, as the eager engine does, to the last nan."""
        machine = self.machine
        if self._spoilt:
            return self._exactly(np.broadcast_to(seeds, len(self.program.outputs)))
        if self._has_choices:
            machine.selected.fill(False)
        self.seed(seeds)
        machine.backward()
        self.finite = _finite(self.found)
        if not self.finite or not (math.isfinite(self.value) if self.one_output else _finite(self.results())):
            self._exactly(np.broadcast_to(seeds, len(self.program.outputs)))

    def _exactly(self, seeds: Any) -> None:
        """The results, and their adjoints, as the eager engine has them, to the last nan."""
        results, adjoints, reached, same = self.eagerly(seeds)
        self._strayed = not same
        for store, _, _ in self.recording.sources:  # which the engine's operations have emptied
            store.hold()
        self.machine.values[self.program.outputs] = results
        self.machine.adjoints[self.wanted] = adjoints[: len(self.wanted)]
        self.finite = _finite(self.found)
        self._reached = reached

    def seed(self, seeds: Any) -> None:
        """Set the adjoints of the outputs."""
        machine = self.machine
        if self.one_output:
            machine.adjoints[self.output] = seeds
        else:  # one cell may be several outputs
            machine.adjoints[self.program.outputs] = 0.0
            np.add.at(machine.adjoints, self.program.outputs, seeds)

    def reached(self) -> Any:
        """The parameters that the last way back led to, as truths; None for all."""
        return self.reach.now(self.machine) if self._reached is None else self._reached

    def reached_of(self, part: Any) -> Any:
        """The same for the parameters of a part of an update, which are all reached by an index alone, or none is."""
        if part.by_index and self._reached is None:
            return self.machine.selected[part.cells]
        reached = self.reached()
        here = None if reached is None else reached[part.cells]
        return None if here is None or here.all() else here

    def add_gradients(self) -> None:
        """Add the adjoints to the gradients of the parameters that were reached."""
        adjoints, reached = self.machine.adjoints, self.reached()
        for store, places, cells in self.recording.sources:
            store.hold()
            if reached is None:
                store.grad[places] += adjoints[cells]
                store.computed[places] = True
            else:
                store.grad[places] += np.where(reached[cells], adjoints[cells], 0.0)
                store.computed[places] |= reached[cells]

    def results(self) -> Any:
        """The outputs, as an array."""
        return self.machine.values[self.program.outputs]

    @property
    def value(self) -> float:
        """The one output."""
        return self.machine.values.item(self.output)  # type: ignore[no-any-return]


def _finite(numbers: Any) -> bool:
    """Whether all are finite."""
    return math.isfinite(numbers.dot(numbers)) or bool(np.isfinite(numbers).all())  # the squares may overflow
