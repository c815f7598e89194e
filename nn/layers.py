"""Neuron, Layer, Sequential and MLP: lists of numbers in, lists of Values out."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from autograd import Value, dot
from autograd.errors import number
from autograd.modes import listed
from nn.activations import Activation, activation_function, written
from nn.init import Generator, Init, generator_of, scheme
from nn.module import Module
from nn.wording import counted, given

PLAIN = frozenset({float, int, Value})  # what inputs mostly are: no need to look closer


class Neuron(Module):
    """activation(b + w₁·x₁ + … + wₙ·xₙ), for a list of n numbers or Values; gives a Value.

    `nonlin=False`, or `activation=None`, leaves the weighted sum as it is. `activation` is the name of any function of
    the table that takes one number, or a function of your own. `init` and `seed` say how the weights start: see `MLP`.

    >>> neuron = Neuron(2, activation="tanh", seed=7)
    >>> neuron
    TanhNeuron(2)
    >>> neuron.w, neuron.b = [Value(2.0), Value(-3.0)], Value(1.0)
    >>> neuron([4.0, 3.0]).data
    0.0
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        activation: Activation = "relu",
        init: Init = None,
        seed: int | Generator | None = None,
    ) -> None:
        nin = _size(nin, "nin, the number of inputs,")
        self.activation = activation if nonlin else None
        self._function = activation_function(self.activation)
        draw, generator = scheme(init, self.activation), generator_of(seed)
        self.w = [Value(number(draw(generator, nin, 1))) for _ in range(nin)]
        self.b = Value(0.0)

    def forward(self, x: Any) -> Value:
        """The neuron's output for a list of as many inputs as it has weights."""
        return self._fire(_inputs(x, len(self.w), self))

    def _fire(self, x: list[Any]) -> Value:
        total = dot(self.w, x, bias=self.b)
        return total if self._function is None else self._function(total)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"{written(self.activation)}Neuron({len(self.w)})"


class Layer(Module):
    """`nout` neurons that see the same `nin` inputs: a list in, a list out.

    Called by itself a Layer of width one returns the Value, not a list of it; inside a model it hands on a list as any
    other does. `nonlin` and `activation` as in `Neuron`; `init` and `seed` as in `MLP`.

    >>> layer = Layer(2, 3, activation="sigmoid", init="zeros")
    >>> layer
    Layer of 3 SigmoidNeuron(2)
    >>> [out.data for out in layer([1.0, 2.0])]
    [0.5, 0.5, 0.5]
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        nonlin: bool = True,
        activation: Activation = "relu",
        init: Init = None,
        seed: int | Generator | None = None,
    ) -> None:
        nin, nout = _size(nin, "nin, the number of inputs,"), _size(nout, "nout, the number of neurons,")
        activation = activation if nonlin else None
        draw, generator = scheme(init, activation), generator_of(seed)

        def weight(generator: Generator, nin: int, _: int) -> float:
            return draw(generator, nin, nout)  # a neuron does not know how many stand beside it

        self.neurons = [Neuron(nin, activation=activation, init=weight, seed=generator) for _ in range(nout)]

    def forward(self, x: Any) -> list[Value]:
        """The outputs of all neurons, in order; a list also where there is one."""
        x = _inputs(x, self.nin, self)
        return listed([neuron._fire(x) for neuron in self.neurons])

    def __call__(self, x: Any) -> Any:
        """`forward`, and for a layer of width one the Value itself."""
        outputs = self.forward(x)
        return outputs[0] if len(outputs) == 1 else outputs

    @property
    def nin(self) -> int:
        """The number of inputs."""
        return len(self.neurons[0].w)

    @property
    def nout(self) -> int:
        """The number of outputs."""
        return len(self.neurons)

    def __repr__(self) -> str:
        return f"Layer of {self.nout} {self.neurons[0]!r}"


class Sequential(Module):
    """One part after the other; a part is a Module or any function, such as `autograd.softmax`.

    A model whose last width is one returns the Value, not a list of it.

    >>> import autograd
    >>> model = Sequential(Layer(2, 4, activation="tanh"), Layer(4, 2, nonlin=False, init="zeros"), autograd.softmax)
    >>> [p.data for p in model([1.0, 2.0])]
    [0.5, 0.5]
    """

    def __init__(self, *layers: Module | Callable[[Any], Any]) -> None:
        parts: tuple[Any, ...] = layers
        if not parts:
            raise ValueError("Sequential was given no layers: write Sequential(Layer(2, 8), Layer(8, 1, nonlin=False))")
        for place, part in enumerate(parts):
            if not callable(part) or isinstance(part, type):
                star = ": write Sequential(*layers), with the star" if isinstance(part, (list, tuple)) else ""
                raise TypeError(f"Sequential takes Modules and functions; part {place} is {given(part)}{star}")
            before = parts[place - 1] if place else None
            if isinstance(before, Layer) and isinstance(part, Layer) and before.nout != part.nin:
                raise ValueError(
                    f"layers.{place - 1}, a {before!r}, gives {counted(before.nout, 'number')}, but layers.{place},"
                    f" a {part!r}, takes {part.nin}: make the two equal"
                )
        self.layers: list[Any] = list(parts)

    def forward(self, x: Any) -> Any:
        """`x` through all parts, one after the other; a list also where the last width is one."""
        for place, part in enumerate(self.layers):
            try:
                x = part.forward(x) if _hands_on_lists(part) else part(x)
            except InputError as error:
                raise InputError(f"layers.{place} of this {type(self).__name__}: {error}") from None
        return x

    def __call__(self, x: Any) -> Any:
        """`forward`, and for a model whose last width is one the Value itself."""
        outputs = self.forward(x)
        return outputs[0] if self.nout == 1 and isinstance(outputs, list) and len(outputs) == 1 else outputs

    @property
    def nout(self) -> int | None:
        """The number of outputs: the width of the last layer; None where the last module is of another kind."""
        modules = [part for part in self.layers if isinstance(part, Module)]
        last = modules[-1] if modules else None
        return last.nout if isinstance(last, (Layer, Sequential)) else None

    def __repr__(self) -> str:
        parts = [
            repr(part) if isinstance(part, Module) else getattr(part, "__name__", repr(part)) for part in self.layers
        ]
        return f"{type(self).__name__} of [{', '.join(parts)}] ({counted(len(self.parameters()), 'parameter')})"


class MLP(Sequential):
    """A multi-layer perceptron: `nin` inputs, then one Layer for every number in `nouts`, each fed by the one before.

    `activation` is that of every layer but the last, which has `output_activation` (None: the plain weighted sums).

    `init` says how weights start, while biases start at 0: None takes what fits the activation ("kaiming" for the ReLU
    family, else "xavier"); "uniform" is micrograd's uniform(−1, 1); "zeros" shows why symmetry must be broken; a
    function (generator, nin, nout) → weight is called once a weight. The formulae are in `nn/init.py`. With `seed` the
    numbers are drawn from a generator of the model's own, else from Python's `random`: neuron by neuron, as micrograd
    does.

    Calling it takes one example, a list of `nin` numbers or Values. It returns a list of Values, or the Value where the
    last width is one.

    >>> model = MLP(2, [16, 16, 1], seed=7)
    >>> model
    MLP of [Layer of 16 ReLUNeuron(2), Layer of 16 ReLUNeuron(16), Layer of 1 LinearNeuron(16)] (337 parameters)
    >>> model([1, 2, 3])
    Traceback (most recent call last):
    ...
    nn.layers.InputError: layers.0 of this MLP: Layer of 16 ReLUNeuron(2) takes 2 inputs, was given a list of 3:
    [1, 2, 3]
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activation = "relu",
        output_activation: Activation = None,
        init: Init = None,
        seed: int | Generator | None = None,
    ) -> None:
        widths: Any = nouts  # for the checks: anything may be given
        if isinstance(widths, str) or not hasattr(widths, "__len__"):
            raise TypeError(f"nouts lists the widths of the layers: write MLP(2, [16, 1]); was given {given(widths)}")
        if len(widths) == 0:
            raise ValueError("nouts lists the widths of the layers, at least one: write MLP(2, [16, 1])")
        activation_function(activation)  # wrong names are errors, also where no layer but the last is made
        sizes, generator = [nin, *widths], generator_of(seed)
        activations = [activation] * (len(widths) - 1) + [output_activation]
        super().__init__(
            *(
                Layer(before, after, activation=function, init=init, seed=generator)
                for before, after, function in zip(sizes, sizes[1:], activations, strict=False)
            )
        )


class InputError(ValueError):
    """A neuron, layer or model was given something other than a list of as many numbers as it takes."""


def _hands_on_lists(part: Any) -> bool:
    """Whether calling `part` would take a list of one out of its list (a subclass may call otherwise)."""
    return type(part).__call__ in (Layer.__call__, Sequential.__call__)


def _size(n: Any, what: str) -> int:
    """`n` as a count of at least one."""
    try:
        size = operator.index(n)
    except TypeError:
        raise TypeError(f"{what} is a whole number, was given {given(n)}") from None
    if size < 1 or isinstance(n, bool):
        raise ValueError(f"{what} is at least 1, was given {n!r}")
    return size


def _inputs(x: Any, count: int, module: Module) -> list[Any]:
    """`x` as a list of `count` numbers, or an error that names the module, what it takes and what it was given."""
    items: list[Any] | None = None
    if type(x) is list:
        items = x
    elif getattr(x, "ndim", None) == 1 and hasattr(x, "tolist"):
        items = x.tolist()
    elif isinstance(x, Sequence) and not isinstance(x, (str, bytes)):
        items = list(x)
    if (
        items is not None
        and len(items) == count
        and (PLAIN.issuperset(map(type, items)) or not any(map(_is_list, items)))
    ):
        return items
    hint = ""
    if getattr(x, "ndim", 0) > 1 or (items and all(map(_is_list, items))):
        hint = ". It takes one example at a time: write [model(x) for x in examples]"
    elif items is None or any(map(_is_list, items)):
        listed = "[x]" if count == 1 else "[x1, x2]" if count == 2 else "[x1, x2, …]"
        hint = f". Inputs are a list of numbers or Values: write {listed}"
    raise InputError(f"{module!r} takes {counted(count, 'input')}, was given {given(x)}{hint}")


def _is_list(item: Any) -> bool:
    return isinstance(item, (list, tuple)) or bool(getattr(item, "ndim", 0))
