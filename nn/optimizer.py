"""Optimizer: what all optimisers share, from the checks of the parameters to the state that is saved."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from autograd import Value
from autograd.errors import NotANumberError, number
from nn.module import Module
from nn.wording import counted, given, some

Number: TypeAlias = Any  # a float, or an array of them
Parameters: TypeAlias = Iterable[Value] | Iterable[tuple[str, Value]]


class Optimizer:
    """The parameters, the numbers kept for each between steps, and the steps themselves.

    `params` are Values, or the pairs of `named_parameters()`: errors then use the names. A subclass names its `slots`,
    the numbers kept for each parameter, and gives its `formula`, for floats and arrays alike; or, where that depends on
    more than what it is given, `update`.
    """

    slots: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()  # the settings that are true or false
    formula: Callable[..., tuple[Number, ...]] | None = None
    """(p, g, *state, t, **settings) → the next p and state, element by element, of these alone, without an `if` but on
    settings: a compiled step writes it out as operations on whole arrays."""

    def __init__(self, params: Parameters, **settings: Any) -> None:
        self.settings = self._checked(settings)
        if self.settings["lr"] == 0:
            raise ValueError(f"{self._name}: lr is above 0, or nothing would be learnt")
        self.names, self.parameters = _parameters(params, self._name)
        self._steps = [0] * len(self.parameters)
        self._state = {slot: [0.0] * len(self.parameters) for slot in self.slots}
        self.kept_by: Any = None
        """A compiled program that has steps and state in arrays; it gives them back when they are asked for."""

    @property
    def steps(self) -> list[int]:
        """How often each parameter was updated."""
        return self.lists()[0]

    @property
    def state(self) -> dict[str, list[float]]:
        """What is kept for each parameter, by slot."""
        return self.lists()[1]

    def lists(self) -> tuple[list[int], dict[str, list[float]]]:
        """Steps and state, here and nowhere else."""
        if self.kept_by is not None:
            self.kept_by.give_back()
        return self._steps, self._state

    def __getstate__(self) -> dict[str, Any]:
        """A copy has its steps and state to itself."""
        self.lists()
        return dict(self.__dict__)

    @property
    def lr(self) -> float:
        """The learning rate. It may be set at any time, also to 0, where a schedule ends."""
        return self.settings["lr"]  # type: ignore[no-any-return]

    @lr.setter
    def lr(self, lr: float) -> None:
        self.settings = {**self.settings, **self._checked({"lr": lr})}

    def update(self, p: Number, g: Number, *state: Number, t: Number) -> tuple[Number, ...]:
        """The next p, followed by what is kept for it, in the order of `slots`; t counts the updates of p from 1."""
        if self.formula is None:
            raise NotImplementedError(
                f"{self._name} has neither a formula nor an update() of its own: give the class a line such as"
                " formula = staticmethod(lambda p, g, t, *, lr: (p - lr * g,))"
            )
        return self.formula(p, g, *state, t, **self.settings)

    @property
    def pure_formula(self) -> Callable[..., tuple[Number, ...]] | None:
        """The formula, if a step is it and nothing else."""
        return self.formula if type(self).update is Optimizer.update else None

    @property
    def steps_otherwise(self) -> bool:
        """Whether `step` or `zero_grad` is not the one here, and so does more than to update each parameter."""
        kind, mine = type(self), vars(self)
        own = kind.step is not Optimizer.step or kind.zero_grad is not Optimizer.zero_grad
        return own or "step" in mine or "zero_grad" in mine

    def step(self) -> None:
        """Update every parameter by its gradient.

        A parameter that no `backward()` has reached since `zero_grad()` keeps its value and its state, as in PyTorch.
        If none was reached that is a RuntimeError. A gradient that is inf or nan is a FloatingPointError that names the
        parameter. After an error nothing has been changed.
        """
        reached = [i for i, value in enumerate(self.parameters) if value.computed]
        if not reached:
            raise RuntimeError(
                f"{self._name}.step() before any backward(): no parameter has a gradient. Write loss.backward() first,"
                " with its brackets (`loss.backward` alone does nothing), and zero_grad() before it, not after; the"
                f" loss must be made of these parameters: {some(self.names, 3)}"
            )
        for i in reached:
            if not math.isfinite(self.parameters[i].grad):
                raise self.not_finite(i, self.parameters[i].grad)
        steps, state = self.lists()
        columns = [state[slot] for slot in self.slots]
        for i in reached:
            value, t = self.parameters[i], steps[i] + 1
            value.data, *kept = self.update(value.data, value.grad, *(column[i] for column in columns), t=t)
            steps[i] = t
            for column, x in zip(columns, kept, strict=True):
                column[i] = x

    def not_finite(self, i: int, gradient: float) -> FloatingPointError:
        """What to say of a gradient that cannot be followed."""
        return FloatingPointError(
            f"{self._name}.step(): the gradient of {self.names[i]} is {gradient}, so no parameter was changed. To find"
            " the operation, compute the loss and its backward() inside `with autograd.detect_anomaly():`; a smaller lr"
            " may avoid it"
        )

    def zero_grad(self) -> None:
        """Set every gradient back to "not computed", which reads 0.0."""
        for value in self.parameters:
            value.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        """What is needed beside the parameters to go on later as if nothing had happened: lists and numbers, a copy."""
        return {
            "optimizer": self._name,
            "settings": dict(self.settings),
            "steps": list(self.steps),
            "state": {slot: list(column) for slot, column in self.state.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over a `state_dict()`; one that does not fit is a ValueError that says why and changes nothing."""
        expected, found = self.state_dict(), _as_dict(state)
        if found is None or set(found) != set(expected):
            raise ValueError(
                f"{self._name}: a state is a dict of {', '.join(expected)}, from state_dict(); was given {given(state)}"
            )
        if found["optimizer"] != self._name:
            raise ValueError(f"{self._name}: the state is that of {found['optimizer']}: load it into one")
        for part in ("settings", "state"):
            names = _as_dict(found[part]) or {}
            if set(names) != set(expected[part]):
                raise ValueError(
                    f"{self._name}: the names in {part!r} are {', '.join(expected[part])};"
                    f" the given state has {', '.join(map(str, names)) or 'none'}"
                )
        here = len(self.parameters)
        for column in (found["steps"], *found["state"].values()):
            if not isinstance(column, (list, tuple)) or len(column) != here:
                raise ValueError(
                    f"{self._name}: the state is one number for each of {counted(here, 'parameter')},"
                    f" was given {given(column)}"
                )
        settings = self._checked(dict(found["settings"]))
        steps = [operator.index(t) for t in found["steps"]]
        kept = {slot: [number(x) for x in found["state"][slot]] for slot in self.slots}
        self.lists()  # whoever keeps them lets go
        self.settings, self._steps, self._state = settings, steps, kept

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _checked(self, settings: dict[str, Any]) -> dict[str, Any]:
        """The settings as floats and bools, each in its range."""
        checked: dict[str, Any] = {}
        for name, x in settings.items():
            if name in self.flags:
                checked[name] = bool(x)
                continue
            try:
                checked[name] = number(x)
            except NotANumberError as error:
                raise NotANumberError(f"{self._name}: {name}: {error}") from None
            below = 1.0 if name in ("beta1", "beta2") else math.inf
            if not 0.0 <= checked[name] < below or (name == "eps" and not x):
                least = "above 0" if name in ("lr", "eps") else "at least 0"
                most = "below 1" if below == 1.0 else "finite"
                raise ValueError(f"{self._name}: {name} is {least} and {most}, was given {x!r}")
        return checked

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={x}" for name, x in self.settings.items() if x or name == "lr")
        return f"{self._name}({counted(len(self.parameters), 'parameter')}, {settings})"


def _as_dict(state: Any) -> dict[str, Any] | None:
    return dict(state) if isinstance(state, Mapping) else None


def _parameters(params: Any, optimizer: str) -> tuple[list[str], list[Value]]:
    """The parameters and what errors call them: the name given, else the label, else the place."""
    if isinstance(params, Module):
        raise TypeError(f"{optimizer} takes parameters, was given {params!r}: write {optimizer}(model.parameters(), …)")
    if isinstance(params, Value):
        raise TypeError(f"{optimizer} takes a list of parameters, was given one Value: write {optimizer}([w], …)")
    if isinstance(params, Mapping):
        params = params.items()
    if not isinstance(params, Iterable) or isinstance(params, str):
        raise TypeError(f"{optimizer} takes a list of parameters, was given {given(params)}")
    named: dict[int, tuple[str, Value]] = {}
    for place, item in enumerate(params.ravel().tolist() if hasattr(params, "ravel") else params):
        is_pair = isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str)
        name, value = item if is_pair else ("", item)
        name = name or getattr(value, "label", "") or f"parameters[{place}]"
        if not isinstance(value, Value):
            raise TypeError(f"{optimizer}: {name} is {given(value)}, where a Value was expected{_hint(value)}")
        if value.op:
            raise ValueError(
                f"{optimizer}: {name} is the result of an operation ({value.op}), which the next forward pass computes"
                " anew: give the leaves it is made of"
            )
        if id(value) in named:
            first, _ = named[id(value)]
            raise ValueError(f"{optimizer}: {first} and {name} are the same Value, to be updated once: give it once")
        named[id(value)] = name, value
    if not named:
        raise ValueError(
            f"{optimizer} was given no parameters: model.parameters() was empty, or a generator was already used up"
        )
    return [name for name, _ in named.values()], [value for _, value in named.values()]


def _hint(item: Any) -> str:
    """What to write in place of an item that is no parameter."""
    if isinstance(item, Module):
        return ": write its .parameters()"
    if isinstance(item, (list, tuple)):
        return ": put the lists together, as in first.parameters() + second.parameters()"
    if isinstance(item, dict):
        return ": for groups with settings of their own make one optimiser a group"
    if isinstance(item, (int, float)):
        return ": make it a Value, and use that in the model"
    return ""
