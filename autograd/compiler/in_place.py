"""A formula for many numbers at once, written out as Python code that computes in arrays it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from autograd.compiler.formula import Notes, Slot, Term
from autograd.compiler.numpy_backend import FUNCTIONS
from autograd.compiler.outside import Outside
from autograd.compiler.regions import INFIX, NAMES, NAMESPACE
from autograd.compiler.straight import BY_NAME

MOST_ROOMS = 8
"""Of so many lengths the arrays are kept that are computed in."""


class Setting(Term):
    """A number that is not 0, and the same for all."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return True


class InPlace:
    """formula(p, g, *state, t, **settings) on arrays p, g and state of any length, into p and the state themselves.

    t is one number, or an array of them. Settings that are 0, True or False are taken as they are; the others may be
    other numbers at each call.

    >>> def descent(p, g, velocity, t, *, lr, momentum):
    ...     velocity = momentum * velocity + g
    ...     return p - lr * velocity, velocity
    >>> step = InPlace(descent, 1, {"lr": 0.1, "momentum": 0.9}, counts=False)
    >>> print(step.text)
    def run(x0, x1, x2, x3, x4, x5, b0):
        multiply(x5, x2, b0)
        add(b0, x1, x2)
        multiply(x4, x2, b0)
        subtract(x0, b0, x0)
    >>> p, velocity = np.array([1.0, 2.0]), np.zeros(2)
    >>> step(p, np.array([1.0, -1.0]), [velocity], 1, {"lr": 0.1, "momentum": 0.9})
    >>> p, velocity
    (array([0.9, 2.1]), array([ 1., -1.]))
    """

    def __init__(self, formula: Callable[..., Any], slots: int, settings: dict[str, Any], counts: bool) -> None:
        self.varying = [name for name, x in settings.items() if is_varying(x)]
        fixed = [name for name in settings if name not in self.varying]
        self._fixed, self.numbers = _getter(fixed), _getter(self.varying)
        self._constants = self._fixed(settings)
        self._outside = Outside(formula)
        self.operands = slots + 3 + len(self.varying)
        notes = Notes(self.operands - 1)
        arrays = [Term(notes, i) for i in range(slots + 2)]
        t = Term(notes, slots + 2)
        numbers = {name: Setting(notes, slots + 3 + i) for i, name in enumerate(self.varying)}
        results = formula(*arrays, t, **{**settings, **numbers})
        kept = [0, *range(2, slots + 2)]  # p, and the state
        self.results = []
        for place, x in zip(kept, results, strict=True):
            slot = notes.slot(x)
            if isinstance(slot, int) and slot < self.operands and slot != place:  # it may itself be written to
                slot = notes.slot(notes.enter("detach", x))
            self.results.append((place, slot))
        self.written = [
            place - 2 for place, slot in self.results if place and (slot != place or isinstance(slot, float))
        ]
        """Which slots of the state are written to; those of the others stay as they are."""
        self.steps = notes.steps
        self.is_array = [i < slots + 2 or (counts and i == slots + 2) for i in range(self.operands)]
        for _, operands in self.steps:
            self.is_array.append(any(isinstance(x, int) and self.is_array[x] for x in operands))
        self._rooms: dict[int, list[Any]] = {}
        self._write()

    def __call__(self, p: Any, g: Any, state: Sequence[Any], t: Any, settings: dict[str, Any]) -> None:
        """The next p, and the next state."""
        self.run(p, g, *state, t, *self.numbers(settings), *self._room_for(len(p))[: self._needed])

    def where(self, here: Any, p: Any, g: Any, state: Sequence[Any], t: Any, settings: dict[str, Any]) -> None:
        """The same where `here` is true; elsewhere p and the state stay what they are."""
        numbers, kept = [p, *state], [0, *(slot + 1 for slot in self.written)]
        room = self._room_for(len(p))
        for slot, copy in zip(kept, room[self._needed :], strict=True):
            copy[...], numbers[slot] = numbers[slot], copy
        self.run(numbers[0], g, *numbers[1:], t, *self.numbers(settings), *room[: self._needed])
        for slot, array in zip(kept, [p, *(state[slot] for slot in self.written)], strict=True):
            np.copyto(array, numbers[slot], where=here)

    def room(self, length: int) -> list[Any]:
        """Arrays to compute in."""
        return list(np.empty((self._needed, length)))

    def _room_for(self, length: int) -> list[Any]:
        """Arrays to compute in, and to hold copies of what is written to, kept for the next time."""
        if length not in self._rooms:
            if len(self._rooms) == MOST_ROOMS:
                self._rooms.clear()
            self._rooms[length] = list(np.empty((self._needed + 1 + len(self.written), length)))
        return self._rooms[length]

    def suits(self, settings: dict[str, Any]) -> bool:
        """Whether it is the formula with these settings."""
        numbers = self.numbers(settings)
        if self._fixed(settings) != self._constants or 0.0 in numbers or None in numbers:
            return False
        return not self._outside.changed()

    def _write(self) -> None:
        steps, first = self.steps, self.operands
        last: dict[Slot, int] = {}  # the step that reads a term last
        for number, (_, operands) in enumerate(steps):
            last.update((x, number) for x in operands if isinstance(x, int))
        last.update((x, len(steps)) for _, x in self.results if isinstance(x, int))
        names = [f"x{i}" for i in range(first)]
        homes: dict[Slot, int] = {}  # which array is free to take a result at once: nobody reads what is in it any more
        for place, x in self.results:
            if isinstance(x, int) and x >= first and self.is_array[x] and last.get(place, -1) <= x - first:
                homes.setdefault(x, place)
        free: list[str] = []
        needed = 0
        lines: list[str] = []
        for number, (name, operands) in enumerate(steps):
            term = first + number
            words = [names[x] if isinstance(x, int) else repr(float(x)) for x in operands]
            if not self.is_array[term]:
                names.append(f"n{term}")
                call = INFIX[name].format(*words) if name in INFIX else f"number_{NAMES[name]}({', '.join(words)})"
                lines.append(f"n{term} = {call}")
                continue
            if term in homes:
                names.append(names[homes[term]])
            else:
                if not free:
                    free, needed = [f"b{needed}"], needed + 1
                names.append(free.pop())
            lines.append(self._line(name, operands, words, names[term]))
            for x in {x for x in (*operands, term) if isinstance(x, int) and x >= first and self.is_array[x]}:
                if last.get(x, number) == number and names[x].startswith("b"):
                    free.append(names[x])
        for place, x in self.results:
            if isinstance(x, float) or (x != place and homes.get(x) != place):
                lines.append(f"x{place}[...] = {names[x] if isinstance(x, int) else repr(float(x))}")
        self._needed = needed
        arguments = ", ".join([*names[:first], *(f"b{i}" for i in range(needed))])
        self.text = f"def run({arguments}):\n    " + "\n    ".join(lines or ["pass"])
        namespace: dict[str, Any] = {f"number_{name}": kernel for name, kernel in NAMESPACE.items()}
        namespace.update(choose=np.where, inf=np.inf, nan=np.nan)
        for name, _ in steps:
            namespace[_called(name)] = FUNCTIONS[name]
        exec(self.text, namespace)
        self.run = namespace["run"]

    def _line(self, name: str, operands: Sequence[Slot], words: list[str], out: str) -> str:
        """An operation on arrays, into one of them."""
        if name == "where":
            condition = operands[0]
            if isinstance(condition, int) and not self.is_array[condition]:
                return f"{out}[...] = {words[1]} if {words[0]} else {words[2]}"
            return f"{out}[...] = choose({', '.join(words)})"
        function = FUNCTIONS[name]
        if not isinstance(function, np.ufunc):
            return f"{out}[...] = {_called(name)}({', '.join(words)})"
        by_name = "out=" if function in BY_NAME else ""
        return f"{_called(name)}({', '.join(words)}, {by_name}{out})"


def _getter(names: Sequence[str]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """What takes these settings out of all of them, as a tuple."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda settings: tuple([settings[name] for name in names])


def is_varying(x: Any) -> bool:
    """Whether a setting may be another number at the next step without the formula being another one."""
    return isinstance(x, float) and x != 0.0


def _called(name: str) -> str:
    """What a function on arrays is called in the code."""
    function = FUNCTIONS[name]
    return function.__name__ if isinstance(function, np.ufunc) else f"array_{NAMES[name]}"
