"""The steady step: a step of training in a loop in which nothing is new but numbers, with all the rest known before."""

from __future__ import annotations

import contextvars
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import modes
from autograd.compiler.recording import Recording, Runner
from autograd.compiler.updates import Updates


class Steady:
    """One recording, run on arrays like those of the last call and followed by an update of all its parameters."""

    def __init__(self, inputs: Sequence[Any], recording: Recording, runner: Runner, updates: Updates) -> None:
        self.recording = recording
        self._updates, self._plan, self._fetch = updates, runner.plan, runner.fetch
        views = runner.views([x.shape for x in inputs])
        self._inputs = [(x.shape, x.dtype, view) for x, view in zip(inputs, views or (), strict=True)]
        self._changed = recording.outside.changed
        machine = runner.machine
        self._forward, self._backward, self._value = machine.forward, machine.backward, machine.values.item
        self._output, self._adjoints, self._found = runner.output, machine.adjoints, runner.found
        self._formulas = []
        for part in self._plan.parts:
            p, g, state = part.views
            formula = part.formula
            self._formulas.append((part, formula, (p, g, *state), formula.room(len(p))))
        # numpy keeps in the context what it warns of: to enter one made before is cheaper than to set it each time.
        self._quiet = contextvars.copy_context()
        self._quiet.run(np.seterr, all="ignore")

    @staticmethod
    def suits(inputs: Sequence[Any], recording: Recording, runner: Runner) -> bool:
        """Whether steps like the last one are of this kind."""
        plan = runner.plan
        return (
            all(type(x) is np.ndarray and x.ndim for x in inputs)
            and not len(recording.fixed)
            and not len(recording.indices)
            and runner.is_plain
            and runner.reached() is None
            and plan.moves is not None
            and not plan.others
            and all(part.t and part.formula is not None and part.views is not None for part in plan.parts)
            and runner.views([x.shape for x in inputs]) is not None
        )

    def __call__(self, inputs: Sequence[Any]) -> float | None:
        """The loss; or None, with no parameter or gradient changed, where the long way has to be gone."""
        return self._quiet.run(self._step, inputs)

    def _step(self, inputs: Sequence[Any]) -> float | None:
        updates, plan = self._updates, self._plan
        optimizer = updates.optimizer
        if modes.unusual or optimizer.kept_by is not updates or len(inputs) != len(self._inputs) or self._changed():
            return None
        settings = optimizer.settings
        for part, formula, *_ in self._formulas:
            if not part.t or part.state.latest is not plan or not formula.suits(settings):
                return None
        for x, (shape, dtype, view) in zip(inputs, self._inputs, strict=True):
            if type(x) is not np.ndarray or x.shape != shape or x.dtype != dtype:
                return None
            view[...] = x
        self._fetch()
        self._forward()
        self._adjoints[self._output] = 1.0
        self._backward()
        value: float = self._value(self._output)
        if not math.isfinite(self._found.dot(self._found) + value):
            return None
        for grad, computed, adjoints in plan.moves:
            grad[...] = adjoints
            computed.fill(True)
        for part, formula, arrays, room in self._formulas:
            part.t += 1
            part.pending += 1
            formula.run(*arrays, part.t, *formula.numbers(settings), *room)
        return value
