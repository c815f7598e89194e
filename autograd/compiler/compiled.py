"""Compiled: a function that is recorded once for each structure of its inputs, and then runs as array operations."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.inputs import Argument, Key, read
from autograd.compiler.outside import Outside
from autograd.compiler.recording import Recording
from autograd.compiler.recordings import Recordings
from autograd.compiler.report import Report, listing, report
from autograd.compiler.runner import Runner
from autograd.compiler.steady import Steady
from autograd.errors import number


class Compiled(Recordings):
    """What `autograd.compile` makes of a function: call it with plain numbers, nested lists or arrays."""

    # Use --------------------------------------------------------------------------------------------------------------

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        """The value; a list of them where the function returns a list."""
        with self._lock, np.errstate(all="ignore"):
            recording, runner, _ = self._run(inputs, named)
            if recording.shape is None or self.batch:
                return runner.value
            return _nested(recording.shape, iter(runner.results().tolist()))

    def backward(self, *inputs: Any, **named: Any) -> float:
        """The value; and ∂value/∂p is added to `.grad` of every parameter, as `f(*inputs).backward()` would."""
        with self._lock, np.errstate(all="ignore"):
            recording, runner, _ = self._run(inputs, named)
            self._one_result(recording, "backward")
            runner.backward(1.0)
            runner.add_gradients()
            return runner.value

    def step(self, *inputs: Any, **named: Any) -> float:
        """One step of training: gradients from zero, forward, backward, and the optimiser's update; gives the loss."""
        if self._updates is None:
            raise TypeError(
                "step() needs an optimiser: write autograd.compile(loss, optimizer=nn.SGD(model.parameters(), lr=0.1))."
                " Without one, call backward() and update the parameters yourself"
            )
        if self._steady is not None and not named:
            with self._lock:
                value: float | None = None if self._steady is None else self._steady(inputs)
                if value is not None:
                    self._last = self._steady.recording
                    return value
                self._steady = None
        with self._lock, np.errstate(all="ignore"):
            recording, runner, _ = self._run(inputs, named)
            self._one_result(recording, "step")
            runner.backward(1.0)
            self._updates.step(runner)
            if self._steady is None and Steady.suits(inputs, recording, runner):
                self._steady = Steady(inputs, recording, runner, self._updates)
            return runner.value

    def value_and_grad(self, *inputs: Any, **named: Any) -> tuple[float, Any]:
        """The value, and its gradient by the input, nested as that is; of several inputs a tuple of gradients."""
        with self._lock, np.errstate(all="ignore"):
            recording, runner, arguments = self._run(inputs, named, by_inputs=True)
            self._one_result(recording, "value_and_grad")
            runner.backward(1.0)
            return runner.value, self._by_inputs(runner, arguments, inputs)

    def grad(self, *inputs: Any, **named: Any) -> Any:
        """The gradient of `value_and_grad`."""
        return self.value_and_grad(*inputs, **named)[1]

    def jacobian(self, *inputs: Any, **named: Any) -> Any:
        """∂output/∂input for a function that returns a list: for each output, nested as they are, its gradient."""
        with self._lock, np.errstate(all="ignore"):
            recording, runner, arguments = self._run(inputs, named, by_inputs=True)
            if recording.shape is None or self.batch:
                raise TypeError("jacobian() is for functions that return a list of Values: write value_and_grad(…)[1]")
            rows = []
            for number in range(len(runner.program.outputs)):
                seeds = np.zeros(len(runner.program.outputs))
                seeds[number] = 1.0
                runner.backward(seeds if len(seeds) > 1 else 1.0)
                rows.append(self._by_inputs(runner, arguments, inputs))
            return _nested(recording.shape, iter(rows))

    def hessian(self, *inputs: Any, sparse: bool = False) -> Any:
        """The second derivatives by the one input; see `autograd.hessian`. They are themselves recorded once."""
        from autograd.compiler.second import Hessian

        if len(inputs) != 1 or self.batch:
            raise TypeError("hessian() is for a function of one input, not in a batch: give all variables as one list")
        with self._lock:
            x = _floats(inputs[0])
            key: Key = (read(x, self._names[0]).form,)
            if key not in self._hessians:
                self._hessians[key] = Hessian(self.function, self.verify, self.backend)
            return self._hessians[key](x, sparse)

    # What it knows ----------------------------------------------------------------------------------------------------

    @property
    def constants(self) -> dict[str, Any]:
        """The numbers, lists and arrays from outside the function that the recordings hold as constants, by name."""
        return Outside(self.function).constants() if self._last is None else self._last.outside.constants()

    def forget(self) -> None:
        """Throw all recordings away: the next call records anew, with the constants as they are then."""
        with self._lock:
            self.recordings.clear()
            self._order.clear()
            self._again = self._steady = None
            self._hessians.clear()
            self._last = None

    @property
    def latest(self) -> Recording | None:
        """The recording that was run last."""
        return self._last

    def report(self) -> Report:
        """How long each pass took, how much memory the program has, and after how many steps it has paid for itself."""
        return report(self._last)

    def __str__(self) -> str:
        if self._last is None:
            return f"compiled {self.__name__}: nothing recorded yet; it is when it is first called"
        return listing(self._last)

    def __repr__(self) -> str:
        return f"<compiled {self.__name__}: {len(self._order)} recordings>"

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """As a method: compiled once for each object."""
        if instance is None:
            return self
        name = f"_compiled_{self.__name__}"
        kept = getattr(instance, "__dict__", self._of_objects.setdefault(id(instance), {}))
        bound = kept.get(name)
        if bound is None:
            bound = Compiled(self.function.__get__(instance, owner), **self._options())
            bound._is_kept = True
            kept[name] = bound
        return bound

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """The same function, which then records for itself; of a method None, until it is called."""
        return None if self._is_kept else Compiled(copy.deepcopy(self.function, memo), **self._options())

    def __reduce__(self) -> Any:
        return (_nothing, ()) if self._is_kept else (_again, (self.function, self._options()))

    def _options(self) -> dict[str, Any]:
        names = ("batch", "optimizer", "verify", "max_recordings", "backend")
        return {name: getattr(self, name) for name in names}

    # Results ----------------------------------------------------------------------------------------------------------

    def _one_result(self, recording: Recording, what: str) -> None:
        if recording.shape is not None and not self.batch:
            raise TypeError(
                f"{what}() needs a function that returns one Value; {self.__name__} returned"
                f" {len(recording.program.outputs)} of them: return their sum or mean, or use jacobian()"
            )

    def _by_inputs(self, runner: Runner, arguments: list[Argument], inputs: Sequence[Any]) -> Any:
        """The adjoints of the inputs, nested as they are."""
        found = runner.machine.adjoints[runner.program.inputs]
        found = found.T if self.batch else found
        gradients, start = [], 0
        for argument, x in zip(arguments, inputs, strict=True):
            width = argument.numbers.size // (len(found) if self.batch else 1)
            mine = found[..., start : start + width].ravel()
            start += width
            gradients.append(_gradient_like(x, mine))
        return gradients[0] if len(gradients) == 1 else tuple(gradients)


def _nothing() -> None:
    """What a program that an object keeps for its method becomes in a pickle."""


def _again(function: Callable[..., Any], options: dict[str, Any]) -> Compiled:
    return Compiled(function, **options)


def _floats(x: Any) -> Any:
    """The input with whole numbers as floats."""
    if isinstance(x, (list, tuple)):
        return [_floats(item) for item in x]
    return x.astype(float) if isinstance(x, np.ndarray) else number(x)


def _nested(shape: Any, items: Any) -> Any:
    return next(items) if shape is None else [_nested(part, items) for part in shape]


def _gradient_like(x: Any, numbers: Any) -> Any:
    return numbers.reshape(x.shape).copy() if isinstance(x, np.ndarray) else like(x, iter(numbers.tolist()))


def like(x: Any, items: Any) -> Any:
    """The items, one for each number of x, nested as x is; in place of an array within a list comes an array."""
    if isinstance(x, np.ndarray) and x.shape:
        return np.array([next(items) for _ in range(x.size)]).reshape(x.shape)
    if isinstance(x, (list, tuple)):
        made = [like(part, items) for part in x]
        return made if isinstance(x, list) else tuple(made)
    return next(items)
