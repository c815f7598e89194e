"""A small program as a user may write it: mypy --strict finds nothing wrong with it, and knows the types it asserts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_type

import autograd
from autograd import Value, detect_anomaly, dot, exp, maximum, no_grad, relu, softmax, tanh, where
from nn import MLP, SGD, Adam, Module, mse_loss


def expression() -> float:
    a, b, c = Value(2.0, label="a"), Value(-0.5, label="b"), Value(0.25)
    assert_type(a * b + c, Value)
    assert_type(1 - a, Value)
    assert_type(2.0 / (a**2), Value)
    assert_type(-a, Value)
    assert_type(a.tanh(), Value)
    assert_type(tanh(a), Value)
    assert_type(exp(0.5), float)
    assert_type(a > b, bool)
    loss = (a * b + c).tanh()
    loss.label = "L"
    loss.backward()
    assert_type(loss.data, float)
    assert_type(loss.item(), float)
    assert_type(a.grad, float)
    assert_type(loss.parents, tuple[Value, ...])
    assert_type(loss.local_grads, tuple[float, ...])
    return a.grad


def mixtures(x: Value, weights: Sequence[Value], inputs: Sequence[float]) -> Value:
    chosen = where(x > 0, relu(x), maximum(x, 0.0))
    total: Value = autograd.sum([chosen, x, 1.0])
    activation: Value = dot(weights, inputs, bias=0.5)
    probabilities: list[Value] = softmax([total, activation])
    return probabilities[0]


def train(model: Module, steps: int) -> list[float]:
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9)
    losses: list[float] = []
    for _ in range(steps):
        loss = mse_loss([model([0.5, -1.0]), model([1.0, 2.0])], [1.0, -1.0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def main() -> None:
    assert expression() != 0.0
    mixtures(Value(1.0), [Value(0.5), Value(-0.5)], [1.0, 2.0])
    model = MLP(2, [4, 1], activation="tanh", seed=7)
    losses = train(model, steps=20)
    assert losses[-1] < losses[0]
    Adam(model.parameters(), lr=1e-3)
    with no_grad(), detect_anomaly():
        model([0.5, 0.5])
    drawing = autograd.draw(Value(1.0) * 2)
    assert_type(drawing.source, str)
    assert_type(drawing.svg, str)


if __name__ == "__main__":
    main()
