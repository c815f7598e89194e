"""The steady step: a step of training in a loop in which nothing is new but numbers, written out as straight code."""

from __future__ import annotations

import contextvars
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import modes
from autograd.compiler.recording import Recording, Runner
from autograd.compiler.straight import Lines
from autograd.compiler.updates import Updates


class Steady:
    """One recording, run on arrays like those of the last call and followed by an update of all its parameters.

    All that a step looks up is looked up once, and what could be otherwise the next time is compared first.
    """

    def __init__(self, inputs: Sequence[Any], recording: Recording, runner: Runner, updates: Updates) -> None:
        self.recording = recording
        self._step = _written(inputs, recording, runner, updates)
        # numpy keeps in the context what it warns of: to enter one made before is cheaper than to set it each time.
        self._quiet = contextvars.copy_context()
        self._quiet.run(np.seterr, all="ignore")

    @staticmethod
    def suits(inputs: Sequence[Any], recording: Recording, runner: Runner) -> bool:
        """Whether steps like the last one are of this kind."""
        plan = runner.plan
        return (
            plan is not None
            and all(type(x) is np.ndarray and x.ndim for x in inputs)
            and not len(recording.fixed)
            and not len(recording.indices)
            and runner.is_plain
            and not runner.gathered
            and runner.reached() is None
            and plan.moves is not None
            and not plan.others
            and all(part.t and part.formulas.get(False) is not None and part.views is not None for part in plan.parts)
            and runner.views([x.shape for x in inputs]) is not None
        )

    def __call__(self, inputs: Sequence[Any]) -> float | None:
        """The loss; or None, with no parameter or gradient changed, where the long way has to be gone."""
        return self._quiet.run(self._step, inputs)


def _written(
    inputs: Sequence[Any], recording: Recording, runner: Runner, updates: Updates
) -> Callable[[Sequence[Any]], float | None]:
    """The code of the step. Every name of an object is a default of the function, which Python finds fastest."""
    lines, plan, machine = Lines(), runner.plan, runner.machine
    held, views = lines.held, runner.views([x.shape for x in inputs]) or []
    names = [f"x{number}" for number in range(len(inputs))]
    is_same, optimizer = held(recording.outside.is_same), held(updates.optimizer)
    body = [
        f"if {held(modes)}.unusual or {optimizer}.kept_by is not {held(updates)} or not {is_same}(): return None",
        f"settings = {optimizer}.settings",
    ]
    formulas = []
    for part in plan.parts:
        p, g, state = part.views
        formula = part.formulas[False]
        formulas.append((part, formula, [p, g, *state], formula.room(len(p))))
        mine, suits = held(part), held(formula.suits)
        body.append(f"if not {mine}.t or {held(part.state)}.latest is not {held(plan)}: return None")
        body.append(f"if not {suits}(settings): return None")
    body.append(f"if len(inputs) != {len(inputs)}: return None")
    for name, x, place in zip(names, inputs, range(len(inputs)), strict=True):
        shape, kind = held(x.shape), held(x.dtype)
        body.append(f"{name} = inputs[{place}]")
        body.append(f"if type({name}) is not {held(np.ndarray)} or {name}.shape != {shape}: return None")
        body.append(f"if {name}.dtype != {kind}: return None")
    body += [f"{held(view)}[...] = {name}" for name, view in zip(names, views, strict=True)]
    for store, data, cells in runner.fetched:
        body.append(f"if not {held(store)}.held: {held(store)}.hold()")
        body.append(f"{held(cells)}[...] = {held(data)}")
    found = held(runner.found)
    body += [
        f"{held(machine.forward)}()",
        f"{held(machine.adjoints)}[{runner.output}] = 1.0",
        f"{held(machine.backward)}()",
        f"value = {held(machine.values.item)}({runner.output})",
        f"if not {held(math.isfinite)}({found}.dot({found}) + value): return None",
    ]
    for grad, computed, adjoints in plan.moves:
        body.append(f"{held(grad)}[...] = {held(adjoints)}")
        body.append(f"{held(computed.fill)}(True)")
    for part, formula, arrays, room in formulas:
        mine, numbers = held(part), held(formula.numbers)
        body.append(f"t = {mine}.t = {mine}.t + 1")
        body.append(f"{mine}.pending += 1")
        after = "".join(f", {held(array)}" for array in room)
        body.append(f"{held(formula.run)}({', '.join(map(held, arrays))}, t, *{numbers}(settings){after})")
    return lines.written("\n    ".join([*body, "return value"]), "inputs")
