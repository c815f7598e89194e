"""Optimisers: SGD and Adam, each one formula that turns a parameter and its gradient into its next value.

`sgd_update` and `adam_update` are pure and go element by element: the same text runs on floats and on arrays.
"""

from __future__ import annotations

from typing import Any

from autograd import maximum, sqrt, where
from nn.optimizer import Number, Optimizer, Parameters
from nn.wording import given


def sgd_update(
    p: Number,
    g: Number,
    velocity: Number,
    t: Number,
    *,
    lr: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
) -> tuple[Number, Number]:
    """The next p and velocity of `SGD`; t counts the updates of p from 1.

    >>> sgd_update(1.0, 0.5, 0.0, 1, lr=0.1)
    (0.95, 0.0)
    """
    if weight_decay:
        g = g + weight_decay * p
    if momentum:
        velocity = where(t == 1, g, momentum * velocity + (1 - dampening) * g)
        g = g + momentum * velocity if nesterov else velocity
    return p - lr * g, velocity


def adam_update(
    p: Number,
    g: Number,
    m: Number,
    v: Number,
    v_max: Number,
    t: Number,
    *,
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    amsgrad: bool = False,
) -> tuple[Number, Number, Number, Number]:
    """The next p, m, v and v_max of `Adam`; t counts the updates of p from 1.

    >>> p, m, v, v_max = adam_update(1.0, 0.5, 0.0, 0.0, 0.0, 1, lr=0.1)
    >>> round(p, 6)
    0.9
    """
    if weight_decay:
        g = g + weight_decay * p
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    if amsgrad:
        v_max = maximum(v_max, v)
    root = sqrt(v_max if amsgrad else v) / sqrt(1 - beta2**t)
    return p - lr / (1 - beta1**t) * m / (root + eps), m, v, v_max


class SGD(Optimizer):
    """Stochastic gradient descent, p ← p − lr·g, with momentum as PyTorch has it.

    First weight_decay·p is added to g. With momentum μ and dampening d the velocity is v ← μ·v + (1 − d)·g, at the
    first step v ← g, and p ← p − lr·v; with `nesterov` p ← p − lr·(g + μ·v). Sutskever et al. 2013, "On the importance
    of initialization and momentum in deep learning", equations 1 to 4, have lr inside the velocity, so that a later
    change of lr does not rescale what has been gathered; in equations 3 and 4 their parameter is the point before
    looking ahead.

    >>> from autograd import Value
    >>> w = Value(3.0)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.data, 6)
    2.4
    """

    slots, flags, formula = ("velocity",), ("nesterov",), staticmethod(sgd_update)

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        if nesterov and (not momentum or dampening):
            raise ValueError("SGD: nesterov needs momentum and no dampening: write SGD(…, momentum=0.9, nesterov=True)")
        super().__init__(
            params, lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=nesterov
        )


class Adam(Optimizer):
    """Adam: the step of each parameter is scaled by running means of its gradient g and of g².

    m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²,  p ← p − lr·m̂/(√v̂ + eps),  where m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 −
    β₂ᵗ) make up for the start at 0. (Kingma and Ba 2015, "Adam: a method for stochastic optimization", algorithm 1.) As
    in PyTorch, weight_decay·p is added to g first. With `amsgrad` the largest v so far stands for v (Reddi et al. 2018,
    "On the convergence of Adam and beyond", algorithm 2; here, as in PyTorch, m and v are still divided as above).

    >>> from autograd import Value
    >>> w = Value(3.0)
    >>> optimizer = Adam([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()  # the first step has the length lr, whatever the gradient
    >>> round(w.data, 6)
    2.9
    """

    slots, flags, formula = ("m", "v", "v_max"), ("amsgrad",), staticmethod(adam_update)

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
    ) -> None:
        pair: Any = betas  # for the check: anything may be given
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise TypeError(f"Adam: betas are two numbers such as (0.9, 0.999), was given {given(pair)}")
        beta1, beta2 = betas
        super().__init__(params, lr=lr, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad)
