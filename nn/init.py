"""How weights start: drawn so that signals neither fade nor explode on their way through the layers.

A scheme is a function (generator, nin, nout) → one weight, called once a weight, in order; biases start at 0. The
generator has the methods `uniform` and `gauss` of `random.Random`; nin and nout count the inputs and the neurons of the
layer.
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from nn.activations import Activation, activation_name
from nn.wording import given, nearest

RELU_FAMILY = ("relu", "leaky_relu", "elu", "gelu", "silu", "softplus")


class Generator(Protocol):
    """What a scheme draws from: `random.Random(seed)`, or the module `random` itself."""

    def uniform(self, a: float, b: float) -> float:
        """A number between a and b."""

    def gauss(self, mu: float, sigma: float) -> float:
        """A number from the normal distribution."""


Scheme = Callable[[Any, int, int], float]
Init = str | Scheme | None


def kaiming(generator: Generator, nin: int, nout: int, slope: float = 0.0) -> float:
    """From the normal distribution with variance 2/((1 + slope²)·nin).

    He et al. 2015, "Delving deep into rectifiers", equation 10, and equation 15 where negative numbers pass with a
    slope: a relu halves the mean square of what passes, so the weights double it.
    """
    return generator.gauss(0.0, math.sqrt(2.0 / ((1.0 + slope * slope) * nin)))


def xavier(generator: Generator, nin: int, nout: int) -> float:
    """From the uniform distribution on ±√(6/(nin + nout)), whose variance is 2/(nin + nout).

    Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", equation 16.
    """
    bound = math.sqrt(6.0 / (nin + nout))
    return generator.uniform(-bound, bound)


def uniform(generator: Generator, nin: int, nout: int) -> float:
    """From the uniform distribution on ±1, whatever the layer: micrograd's choice."""
    return generator.uniform(-1.0, 1.0)


def zeros(generator: Generator, nin: int, nout: int) -> float:
    """0: to see that neurons which start alike stay alike."""
    return 0.0


SCHEMES: dict[str, Scheme] = {"kaiming": kaiming, "xavier": xavier, "uniform": uniform, "zeros": zeros}


def scheme(init: Init, activation: Activation) -> Scheme:
    """The scheme that `init` names; for None the one that fits the activation.

    That is Kaiming for relu, leaky_relu, elu, gelu, silu and softplus; Xavier for tanh, sigmoid, none and any other.

    >>> scheme(None, "relu").func is kaiming, scheme(None, "tanh") is xavier
    (True, True)
    """
    name = activation_name(activation)
    if init is None:
        init = "kaiming" if name in RELU_FAMILY else "xavier"
    if init == "kaiming":
        return partial(kaiming, slope=0.01 if name == "leaky_relu" else 0.0)
    if isinstance(init, str):
        if init not in SCHEMES:
            raise ValueError(f"unknown init {init!r}: {nearest(init, SCHEMES)}")
        return SCHEMES[init]
    if callable(init):
        return init
    raise TypeError(
        f"init is one of {', '.join(map(repr, SCHEMES))}, a function (generator, nin, nout) → weight, or None for the"
        f" one that fits the activation; was given {given(init)}"
    )


def generator_of(seed: int | Generator | None) -> Generator:
    """A generator of its own for a whole number, Python's `random` for None, and a generator as it is.

    >>> generator_of(7).uniform(0, 1) == random.Random(7).uniform(0, 1)
    True
    """
    if seed is None:
        return random
    if isinstance(seed, random.Random) or seed is random:
        return seed
    try:
        return random.Random(operator.index(seed))  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(
            f"a seed is a whole number, a random.Random, or None for Python's own `random`; was given {given(seed)}"
        ) from None
