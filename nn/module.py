"""Module: whatever has parameters, found in its attributes and in those of the modules it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from autograd import Value
from autograd.errors import NotANumberError, number
from nn.wording import counted, given, some


class Module:
    """The base of everything that has parameters.

    A parameter is a leaf `Value` among the attributes, or inside a list, tuple, dict or array of them, or of a Module
    found there. The order is that of definition. What is met twice (a shared weight) counts once, under its first name;
    the result of an operation is no parameter.

    A subclass writes `forward`; calling the module calls it. (Writing `__call__` instead, as micrograd does, works
    too.)

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...
    ...     def forward(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(10.0).data
    21.0
    >>> [name for name, value in line.named_parameters()]
    ['slope', 'offset']
    """

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes."""
        raise NotImplementedError(
            f"{type(self).__name__} does not say what it computes: write `def forward(self, x): return …` in the class"
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """`forward` of the same arguments."""
        return self.forward(*args, **kwargs)

    def parameters(self) -> list[Value]:
        """Every parameter once, in the order of definition."""
        return [value for _, value in self.named_parameters()]

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Every parameter once, with the path of attributes and places that leads to it.

        >>> import nn
        >>> [name for name, value in nn.MLP(1, [2]).named_parameters()]
        ['layers.0.neurons.0.w.0', 'layers.0.neurons.0.b', 'layers.0.neurons.1.w.0', 'layers.0.neurons.1.b']
        """
        return list(_walk(self, "", {}))

    def zero_grad(self) -> None:
        """Set every gradient back to "not computed", which reads 0.0."""
        for value in self.parameters():
            value.zero_grad()

    def state_dict(self) -> dict[str, float]:
        """The data of every parameter by its name: plain numbers, a copy.

        >>> import nn
        >>> nn.Neuron(2, init="zeros").state_dict()
        {'w.0': 0.0, 'w.1': 0.0, 'b': 0.0}
        """
        named = self.named_parameters()
        state = {name: value.data for name, value in named}
        if len(state) != len(named):
            raise ValueError(f"two parameters of {self!r} have one name: rename an attribute or the key of a dict")
        return state

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set every parameter to the number the state has under its name.

        A state that does not fit is a ValueError that says which names are missing, which are unexpected, and where
        something other than one number stands; then nothing has been changed.

        >>> import nn
        >>> neuron = nn.Neuron(1)
        >>> neuron.load_state_dict({"w.0": 3.0, "b": 1.0})
        >>> neuron([10.0]).data
        31.0
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"a state is a dict of numbers by name, as from state_dict(); was given {given(state)}")
        named = dict(self.named_parameters())
        faults = []
        if missing := [name for name in named if name not in state]:
            faults.append(f"missing: {some(missing)}")
        if unexpected := [str(name) for name in state if name not in named]:
            faults.append(f"unexpected: {some(unexpected)}")
        numbers, misshapen = {}, []
        for name in named:
            if name in state:
                try:
                    numbers[name] = number(state[name])
                except NotANumberError:
                    misshapen.append(f"{name} ({given(state[name])})")
        if misshapen:
            faults.append(f"of another shape, where one number was expected: {some(misshapen)}")
        if faults:
            raise ValueError(f"this state does not fit {self!r}. {'; '.join(faults)}. Nothing was changed")
        for name, value in named.items():
            value.data = numbers[name]

    def __repr__(self) -> str:
        return f"{type(self).__name__} ({counted(len(self.parameters()), 'parameter')})"


def _walk(item: Any, name: str, seen: dict[int, Any]) -> Iterator[tuple[str, Value]]:
    """The parameters in `item`, in order; `seen` keeps what was met alive, so that no id is given out twice."""
    if isinstance(item, Value):
        if id(item) not in seen and not item.op:
            seen[id(item)] = item
            yield name, item
        return
    if isinstance(item, Module):
        children = list(vars(item).items())
    elif isinstance(item, (list, tuple)):
        children = [(str(place), child) for place, child in enumerate(item)]
    elif isinstance(item, dict):
        children = [(str(key), child) for key, child in item.items()]
    elif isinstance(item, (set, frozenset)):
        if any(isinstance(child, (Value, Module)) for child in item):
            raise TypeError(f"the parameters in the set {name!r} have no order: make it a list")
        return
    elif getattr(getattr(item, "dtype", None), "kind", "") == "O":
        children = [(str(place), child) for place, child in enumerate(item.tolist())] if item.ndim else []
    else:
        return
    if id(item) not in seen:
        seen[id(item)] = item
        for place, child in children:
            yield from _walk(child, f"{name}.{place}" if name else place, seen)
