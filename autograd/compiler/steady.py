"""The steady step: a step of training in a loop in which nothing is new but numbers, written out as straight code."""

from __future__ import annotations

import contextvars
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import modes
from autograd.compiler.inputs import form_of
from autograd.compiler.recording import Recording
from autograd.compiler.runner import Runner
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
        plan, forms = runner.plan, [form_of(x) for x in inputs]
        return (
            plan is not None
            and None not in forms
            and runner.one_output
            and not runner.gathered
            and not runner.reach.varies
            and plan.moves is not None
            and all(_is_steady(part) for part in plan.parts)
            and runner.views([form.shape for form in forms if form is not None]) is not None
        )

    def __call__(self, inputs: Sequence[Any]) -> float | None:
        """The loss; or None, with no parameter or gradient changed, where the long way has to be gone."""
        return self._quiet.run(self._step, inputs)


def _is_steady(part: Any) -> bool:
    """Whether the next update of these parameters is the same code as the last one."""
    if part.by_index:
        return isinstance(part.cells, slice) and part.views is not None and any(part.formulas.values())
    return part.t > 0 and part.formulas.get(False) is not None and part.views is not None


def _written(
    inputs: Sequence[Any], recording: Recording, runner: Runner, updates: Updates
) -> Callable[[Sequence[Any]], float | None]:
    """The code of the step. Every name of an object is a default of the function, which Python finds fastest."""
    lines, optimizer = Lines(), updates.optimizer
    held, parts = lines.held, [part for part in runner.plan.parts if not part.by_index]
    is_same = held(recording.outside.is_same)
    body = [
        f"if {held(modes)}.unusual or {held(optimizer)}.kept_by is not {held(updates)}: return None",
        f"if not {is_same}(): return None",
        f"settings = {held(optimizer)}.settings",
    ]
    body += [f"if not {held(p)}.t or not {held(p.formulas[False].suits)}(settings): return None" for p in parts]
    body += _loading(held, inputs, runner)
    if len(recording.limits) or len(recording.fixed):
        body.append(f"if not {held(recording.takes)}({held(runner)}.inputs): return None")
    body += [*_computing(held, runner), *_delivering(held, runner, updates)]
    for part in parts:
        formula, (p, g, state) = part.formulas[False], part.views
        words = ", ".join(map(held, (p, g, *state)))
        after = "".join(f", {held(array)}" for array in formula.room(len(p)))
        body.append(f"t = {held(part)}.t = {held(part)}.t + 1")
        body.append(f"{held(part)}.pending += 1")
        body.append(f"{held(formula.run)}({words}, t, *{held(formula.numbers)}(settings){after})")
    return lines.written("\n    ".join([*body, "return value"]), "inputs")


Held = Callable[[Any], str]  # what an object is called in the code


def _loading(held: Held, inputs: Sequence[Any], runner: Runner) -> list[str]:
    """Look whether the inputs are like those of the last call, and put their numbers into their cells."""
    forms = [form for x in inputs if (form := form_of(x)) is not None]
    views = runner.views([form.shape for form in forms]) or []
    tests, moves = [f"if len(inputs) != {len(inputs)}: return None"], []
    for place, (form, view) in enumerate(zip(forms, views, strict=True)):
        x, kind, container = f"x{place}", held(form.kind), held(form.container)
        tests += [f"{x} = inputs[{place}]", f"if type({x}) is not {container}: return None"]
        if form.container is list:
            tests.append(f"if len({x}) != {form.shape[0]} or set(map(type, {x})) != {kind}: return None")
            # Among them may be a whole number that no float can be; the long way says so.
            moves += ["try:", f"    {held(view)}[...] = {x}", "except OverflowError: return None"]
        else:
            tests.append(f"if {x}.shape != {held(form.shape)} or {x}.dtype != {kind}: return None")
            moves.append(f"{held(view)}[...] = {x}")
    return tests + moves


def _computing(held: Held, runner: Runner) -> list[str]:
    """Fetch the parameters, and go there and back; what is not finite is for the long way."""
    machine, found = runner.machine, held(runner.found)
    lines = []
    for store, data, cells in runner.fetched:
        lines.append(f"if not {held(store)}.held: {held(store)}.hold()")
        lines.append(f"{held(cells)}[...] = {held(data)}")
    lines.append(f"{held(machine.forward)}()")
    lines += [f"if not {held(is_fine)}(): return None" for is_fine in runner.looks]
    if any(part.by_index for part in runner.plan.parts):
        lines.append(f"{held(machine.selected.fill)}(False)")
    return [
        *lines,
        f"{held(machine.adjoints)}[{runner.output}] = 1.0",
        f"{held(machine.backward)}()",
        f"value = {held(machine.values.item)}({runner.output})",
        f"if not {held(math.isfinite)}({found}.dot({found}) + value): return None",
    ]


def _delivering(held: Held, runner: Runner, updates: Updates) -> list[str]:
    """Give all parameters their gradients, and update those that only an index leads to."""
    plan, lines = runner.plan, []
    for grad, computed, adjoints in plan.moves:
        lines += [f"{held(grad)}[...] = {held(adjoints)}", f"{held(computed.fill)}(True)"]
    for store, places, _ in plan.others:
        lines.append(f"if not {held(store)}.held: {held(store)}.hold()")
        lines.append(f"{held(store.grad)}[{held(places)}] = 0.0")
        lines.append(f"{held(store.computed)}[{held(places)}] = False")
    for part in plan.parts:
        if part.by_index:
            here, words = held(runner.machine.selected[part.cells]), ", ".join(map(held, (updates, plan, part)))
            lines.append(f"if {held(part.mark)}({here}): {held(part.state.update)}({words}, {here})")
    return lines
