"""Activations: every function of the table that takes one number, by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
from autograd.ops import TABLE
from nn.wording import given, nearest

Function = Callable[[Any], Any]
Activation = str | Function | None

USUAL = ("relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "sigmoid", "tanh")  # errors name these first
WRITTEN = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "gelu": "GELU", "silu": "SiLU"}


def activations() -> dict[str, Function]:
    """Every public function of the table that can be called with one number, by name."""
    known = {}
    for name in dict.fromkeys((*USUAL, *TABLE)):
        row = TABLE[name]
        needed = len(row.operands) - len(getattr(row.function, "__defaults__", None) or ()) if not row.variadic else 0
        if needed == 1 and getattr(autograd, name, None) is row.function:
            known[name] = row.function
    return known


def activation_function(activation: Activation) -> Function | None:
    """The function an activation names: a name of the table, a function of one number, or None for none.

    >>> activation_function("tanh") is autograd.tanh
    True
    >>> activation_function("rleu")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: unknown activation 'rleu': did you mean 'relu'? Known are relu, leaky_relu, ...
    """
    if activation is None:
        return None
    if isinstance(activation, str):
        known = activations()
        if activation in known:
            return known[activation]
        if activation in ("softmax", "log_softmax"):
            raise ValueError(
                f"{activation!r} is a function of a whole list, not of one number: leave the last layer without"
                f" activation and give its outputs to cross_entropy, or write Sequential(model, autograd.{activation})"
            )
        if activation.lower() in ("linear", "identity", "none", ""):
            raise ValueError(f"unknown activation {activation!r}: for none at all write None, without quotes")
        raise ValueError(f"unknown activation {activation!r}: {nearest(activation, known)}")
    if callable(activation):
        return activation
    raise TypeError(
        "an activation is a name such as 'relu', a function of one number such as autograd.relu, or None;"
        f" was given {given(activation)}"
    )


def activation_name(activation: Activation) -> str:
    """The name in the table, the name of a function of the user's own, or "" for none.

    >>> activation_name("relu"), activation_name(autograd.tanh), activation_name(None)
    ('relu', 'tanh', '')
    """
    if activation is None or isinstance(activation, str):
        return activation or ""
    return str(getattr(activation, "__name__", type(activation).__name__))


def written(activation: Activation) -> str:
    """The activation as the name of a neuron begins with it.

    >>> written("relu"), written("tanh"), written(None)
    ('ReLU', 'Tanh', 'Linear')
    """
    name = activation_name(activation)
    return WRITTEN.get(name) or name.replace("_", " ").title().replace(" ", "") or "Linear"
