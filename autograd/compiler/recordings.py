"""Recordings: finds the one that fits the inputs of a call, or makes it."""

from __future__ import annotations

import inspect
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import modes
from autograd.compiler.inputs import Argument, Form, Inputs, Key, form_of, read
from autograd.compiler.outside import Outside
from autograd.compiler.recording import Recording
from autograd.compiler.report import peak_memory
from autograd.compiler.runner import BACKENDS, Runner
from autograd.compiler.updates import Updates
from autograd.errors import NotANumberError, RecordingError

AGAIN = "; more recordings than max_recordings={} were made, so that the oldest are forgotten again and again: {}"


class Recordings:
    """What was recorded of a function, by the structure of its inputs."""

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        batch: bool = False,
        optimizer: Any = None,
        verify: bool = True,
        max_recordings: int = 64,
        backend: str = "numpy",
    ) -> None:
        if not callable(function):
            raise TypeError(
                f"autograd.compile takes a function of numbers that computes with Values, was given {function!r}:"
                " write autograd.compile(loss), without calling it"
            )
        most: Any = max_recordings
        if not isinstance(most, int) or most < 1:
            raise ValueError(f"max_recordings is a whole number of at least 1, was given {max_recordings!r}")
        if backend not in BACKENDS:
            raise ValueError(f"unknown backend {backend!r}: write one of {', '.join(map(repr, BACKENDS))}")
        self.function, self.batch, self.optimizer, self.verify = function, batch, optimizer, verify
        self.max_recordings, self.backend = max_recordings, backend
        self.recordings: dict[Key, list[Recording]] = {}
        """What was recorded, by the structure of the inputs."""
        self._order: list[tuple[Key, Recording]] = []
        self._updates = None if optimizer is None else Updates(optimizer)
        self.takes_plain_numbers = True
        """Whether the function can be run on the inputs themselves, as the check of a recording does."""
        self._lock = threading.RLock()
        self._warned = False
        self._last: Recording | None = None
        self._names, self._signature = _names(function)
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.__doc__ = getattr(function, "__doc__", None)
        self.__wrapped__ = function
        self._hessians: dict[Key, Any] = {}
        self._again: Any = None
        self._steady: Any = None
        self._of_objects: dict[int, dict[str, Any]] = {}
        self._is_kept = False

    def _run(
        self, inputs: Sequence[Any], named: dict[str, Any], by_inputs: bool = False
    ) -> tuple[Recording, Runner, list[Argument]]:
        """Run the recording that fits these inputs, made anew if there is none."""
        keywords: tuple[str, ...] = ()
        if modes.unusual and modes.is_detecting():
            self.function(*inputs, **named)  # eagerly, which raises at the operation
        if named:
            bound = self._signature.bind(*inputs, **named)
            inputs, keywords = (*bound.args, *bound.kwargs.values()), tuple(bound.kwargs)
        found = self._run_again(inputs, by_inputs)
        if found is not None:
            return found
        if len(inputs) > len(self._names):
            self._names = [*self._names, *(f"input {n}" for n in range(len(self._names), len(inputs)))]
        arguments = [read(x, name) for x, name in zip(inputs, self._names, strict=False)]
        lanes = self._lanes(arguments) if self.batch else 1
        numbers = self._numbers(arguments, lanes)
        key: Key = tuple([(a.form[1:] if self.batch else a.form, a.kind, a.containers) for a in arguments])
        if keywords:
            key += keywords
        why = ""
        for recording in self.recordings.get(key, ()):
            if not recording.takes(numbers):
                why = "a number that is used in Python's own way, as by range() or a dict, changed"
                continue
            changed = recording.outside.changed()
            if changed:
                why = f"{changed!r}, which the function takes from outside, changed"
                continue
            runner = recording.runner(lanes, by_inputs)
            runner.load(numbers)
            runner.forward(self._eagerly(recording, inputs, keywords))
            broken = runner.holds()
            if broken < 0:
                self._last = recording
                self._remember(recording, runner, arguments, inputs, by_inputs)
                return recording, runner, arguments
            line = recording.lines[broken * len(recording.lines) // len(runner.program.guards)]
            why = f"a branch of Python went another way at {line}"
        recording = self._record(inputs, arguments, key, why, keywords)
        if not recording.takes(numbers):
            self._drop(key, recording)
            raise RecordingError(
                "a whole number is used in Python's own way, as by range() or a dict, and is not the same in all"
                " examples of the batch, which is computed by one program: leave batch=True out, or use it as an index"
                " of a list"
            )
        runner = recording.runner(lanes, by_inputs)
        runner.load(numbers)
        runner.forward(self._eagerly(recording, inputs, keywords))
        if lanes > 1 and runner.holds() >= 0:
            self._drop(key, recording)
            raise RecordingError(
                f"Python branches at {recording.lines[0]}, and not all examples of the batch go the same way: a batch"
                " is computed by one program; write where(condition, a, b) instead of `if`"
            )
        return recording, runner, arguments

    def _eagerly(self, recording: Recording, inputs: Sequence[Any], keywords: tuple[str, ...]) -> Callable[[Any], Any]:
        """The function on these inputs by the eager engine, should it be needed."""

        def eagerly(seeds: Any) -> Any:
            function = _with_keywords(self.function, keywords) if keywords else self.function
            examples = list(zip(*inputs, strict=True)) if self.batch else [inputs]
            return recording.eagerly(function, [Inputs(x, self._names[: len(x)]) for x in examples], seeds)

        return eagerly

    def _remember(
        self, recording: Recording, runner: Runner, arguments: list[Argument], inputs: Sequence[Any], by_inputs: bool
    ) -> None:
        """Next time arrays and lists like these go straight into the cells of the inputs."""
        self._again = self._steady = None
        forms = [form_of(x) for x in inputs]
        if None not in forms:
            views = runner.views([form.shape for form in forms if form is not None])
            if views is not None:
                self._again = forms, by_inputs, recording, runner, arguments, views

    def _run_again(self, inputs: Sequence[Any], by_inputs: bool) -> tuple[Recording, Runner, list[Argument]] | None:
        """`_run` for arrays and lists like those of the last call, without a second look at them."""
        if self._again is None:
            return None
        forms, again_by_inputs, recording, runner, arguments, views = self._again
        if by_inputs != again_by_inputs or len(inputs) != len(forms):
            return None
        if not all(map(Form.suits, forms, inputs)):
            return None
        if recording.outside.changed():
            return None
        runner.fetch()
        try:
            for view, x in zip(views, inputs, strict=True):
                view[...] = x
        except OverflowError:  # a whole number in a list that no float can be; the long way says so
            return None
        if not recording.takes(runner.inputs):
            return None
        runner.forward(self._eagerly(recording, inputs, ()))
        self._last = recording
        return None if runner.holds() >= 0 else (recording, runner, arguments)

    def _lanes(self, arguments: list[Argument]) -> int:
        counts = {
            a.form[0] if isinstance(a.form, tuple) and a.form and a.form[0] != "nested" else None for a in arguments
        }
        if len(counts) != 1 or None in counts or 0 in counts:
            shown = ", ".join(
                f"{name}: {a.form or 'one number'}" for name, a in zip(self._names, arguments, strict=False)
            )
            raise NotANumberError(
                "batch=True takes inputs with one item an example, equally many of each; was given"
                f" {shown or 'nothing'}"
            )
        return int(counts.pop())  # type: ignore[arg-type]

    def _numbers(self, arguments: list[Argument], lanes: int) -> Any:
        columns = [a.numbers.reshape(lanes, -1) if self.batch else a.numbers for a in arguments]
        if len(columns) == 1:
            return columns[0]
        return np.concatenate(columns, axis=-1) if columns else np.empty(0)

    def _record(
        self, inputs: Sequence[Any], arguments: list[Argument], key: Key, why: str, keywords: tuple[str, ...]
    ) -> Recording:
        given = [_first(x) for x in inputs] if self.batch else inputs
        example = Inputs(given, self._names[: len(given)])
        function = _with_keywords(self.function, keywords) if keywords else self.function
        before = peak_memory()
        recording = Recording(function, example, Outside(self.function), self.batch, self.backend)
        if self.batch and recording.shape not in (None, (None, None)):
            raise NotANumberError(
                "a function compiled with batch=True returns the loss of one example, or (loss, penalty); it returned"
                f" {len(recording.program.outputs)} numbers"
            )
        if self.verify:
            recording.verify(function if self.takes_plain_numbers else None, example)
        recording.peak_megabytes = peak_memory() - before
        recording.forget_graph()
        self.recordings.setdefault(key, []).insert(0, recording)
        self._order.append((key, recording))
        self._last = recording
        if len(self._order) > self.max_recordings:
            self._drop(*self._order[0])
            if not self._warned:
                self._warned = True
                warnings.warn(self._too_many(why), stacklevel=4)
        return recording

    def _drop(self, key: Key, recording: Recording) -> None:
        """Forget one recording."""
        self._order.remove((key, recording))
        self.recordings[key].remove(recording)
        if not self.recordings[key]:
            del self.recordings[key]
        self._again = self._steady = None

    def _too_many(self, why: str) -> str:
        """Why so many recordings were made."""
        forms = [key for key, _ in self._order]
        for place, name in enumerate(self._names):
            if len({key[place] for key in forms if place < len(key)}) > len(forms) // 2:
                why = f"input {name!r} has another shape each time: pad it to a few lengths, or raise max_recordings"
        return f"compiled {self.__name__}" + AGAIN.format(self.max_recordings, why or "its inputs differ each time")


def _names(function: Any) -> tuple[list[str], Any]:
    """What the inputs are called."""
    try:
        signature = inspect.signature(function.forward if hasattr(function, "forward") else function)
    except (TypeError, ValueError):
        return [], None
    various = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [name for name, parameter in signature.parameters.items() if parameter.kind not in various], signature


def _with_keywords(function: Callable[..., Any], keywords: tuple[str, ...]) -> Callable[..., Any]:
    """The function with its last inputs given by name."""

    def called(*inputs: Any) -> Any:
        count = len(inputs) - len(keywords)
        return function(*inputs[:count], **dict(zip(keywords, inputs[count:], strict=True)))

    return called


def _first(x: Any) -> Any:
    return x[0]
