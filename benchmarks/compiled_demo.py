"""A training step of micrograd's own demo, compiled; beside it scalars one by one, and the same on arrays."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from benchmarks.demo import ALPHA, POINTS, moons, scalar_step
from benchmarks.pace import pace, promise
from benchmarks.runner import COLLECTOR, Result, disagreement, in_turn, median, run
from benchmarks.table import Row

ENGINES = ("autograd", "eager", "micrograd", "torch", "numpy", "numpy_tuned", "jax_jit")
READING = ("autograd", "torch", "numpy", "numpy_tuned")
WIDTHS = (2, 16, 16, 1)
SEED = 1337


class Training(NamedTuple):
    """`step(k)` is the demo's step k and gives its loss; `gradients()` are those of the last step, as floats."""

    step: Callable[[int], float]
    gradients: Callable[[], list[float]] | None = None


def learning_rate(k: int) -> float:
    """The demo's, which falls over 100 steps; then from its start again."""
    return 1.0 - 0.9 * (k % 100) / 100


def initial() -> list[list[list[float]]]:
    """For each layer the weights of its neurons, as the demo draws them; its biases are 0."""
    rng = random.Random(SEED)
    return [[[rng.uniform(-1, 1) for _ in range(nin)] for _ in range(nout)] for nin, nout in pairwise(WIDTHS)]


def compiled(points: int) -> Training:
    """The demo's loss as it stands there; its parameters are live throughout."""
    import numpy as np

    import autograd
    from nn import MLP, SGD

    examples, labels = moons(points)
    X, y = np.array(examples), np.array(labels)
    random.seed(SEED)
    model = MLP(2, [16, 16, 1], init="uniform")
    parameters = model.parameters()
    optimizer = SGD(parameters, lr=1.0)

    @partial(autograd.compile, optimizer=optimizer)
    def loss(X: Any, y: Any) -> Any:
        scores = list(map(model, X))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        reg_loss = ALPHA * sum(p * p for p in parameters)
        return data_loss + reg_loss

    def step(k: int) -> float:
        optimizer.lr = learning_rate(k)
        return loss.step(X, y)

    return Training(step, lambda: [p.grad for p in parameters])


def one_by_one(points: int, engine: str) -> Training:
    """The demo's own lines, over Values of ours or of micrograd."""
    import numpy as np

    if engine == "micrograd":
        from micrograd.engine import Value as TheirValue  # type: ignore[import-untyped]
        from micrograd.nn import MLP as TheirMLP  # type: ignore[import-untyped]

        Value: Any = TheirValue
        random.seed(SEED)
        model: Any = TheirMLP(2, [16, 16, 1])
    else:
        from autograd import Value
        from nn import MLP

        random.seed(SEED)
        model = MLP(2, [16, 16, 1], init="uniform")
    examples, labels = moons(points)
    step = scalar_step(Value, model, np.array(examples), np.array(labels))
    return Training(lambda k: step(k % 100))


def torch_eager(points: int) -> Training:
    """Whole tensors, as PyTorch is meant to be used."""
    import torch

    torch.set_num_threads(1)
    examples, labels = moons(points)
    X = torch.tensor(examples, dtype=torch.float64)
    y = torch.tensor(labels, dtype=torch.float64)
    linear = [torch.nn.Linear(nin, nout, dtype=torch.float64) for nin, nout in pairwise(WIDTHS)]
    model = torch.nn.Sequential(linear[0], torch.nn.ReLU(), linear[1], torch.nn.ReLU(), linear[2])
    parameters = list(model.parameters())
    with torch.no_grad():
        for layer, weights in zip(linear, initial(), strict=True):
            layer.weight.copy_(torch.tensor(weights, dtype=torch.float64))
            layer.bias.zero_()

    def step(k: int) -> float:
        scores = model(X)[:, 0]
        data_loss = (1 - y * scores).relu().mean()
        reg_loss = torch.stack([(p * p).sum() for p in parameters]).sum()
        loss = data_loss + ALPHA * reg_loss
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p in parameters:
                p.sub_(p.grad, alpha=learning_rate(k))  # type: ignore[arg-type]
        return loss.item()

    def gradients() -> list[float]:
        return [g for p in parameters for g in p.grad.flatten().tolist()]  # type: ignore[union-attr]

    return Training(step, gradients)


def by_hand(points: int) -> Training:
    """The derivatives by hand, as numpy is usually written: a matrix and a vector for each layer, an array a result."""
    import numpy as np

    examples, labels = moons(points)
    X, y = np.array(examples), np.array(labels, float)
    W1, W2, W3 = (np.array(weights) for weights in initial())
    b1, b2, b3 = (np.zeros(len(weights)) for weights in (W1, W2, W3))
    parameters = [W1, b1, W2, b2, W3, b3]
    gradients: list[Any] = []

    def step(k: int) -> float:
        H1 = np.maximum(X @ W1.T + b1, 0.0)
        H2 = np.maximum(H1 @ W2.T + b2, 0.0)
        scores = (H2 @ W3.T + b3)[:, 0]
        margin = np.maximum(1.0 - y * scores, 0.0)
        loss = margin.mean() + ALPHA * sum((p * p).sum() for p in parameters)

        D3 = (-y * (margin > 0.0) / len(y))[:, None]
        D2 = (D3 @ W3) * (H2 > 0.0)
        D1 = (D2 @ W2) * (H1 > 0.0)
        gradients[:] = [D1.T @ X, D1.sum(0), D2.T @ H1, D2.sum(0), D3.T @ H2, D3.sum(0)]
        for p, g in zip(parameters, gradients, strict=True):
            g += 2 * ALPHA * p
            p -= learning_rate(k) * g
        return float(loss)

    return Training(step, lambda: [x for g in gradients for x in g.ravel().tolist()])


def tuned_by_hand(points: int) -> Training:
    """The same with nothing allocated: all parameters in one vector, an example a column.

    The matrices have a last column for the biases, the layers a last row of ones. That the gradient of the penalty and
    the update are of the whole vector makes each one call.
    """
    import numpy as np

    dot, add, subtract, multiply, maximum, greater = np.dot, np.add, np.subtract, np.multiply, np.maximum, np.greater
    examples, labels = moons(points)
    n, hidden = points, WIDTHS[1]
    X, A1, A2 = np.ones((WIDTHS[0] + 1, n)), np.ones((hidden + 1, n)), np.ones((hidden + 1, n))
    X[:-1] = np.array(examples).T
    sign = -np.array(labels, float)
    share = sign / n
    shapes = [(nout, nin + 1) for nin, nout in pairwise(WIDTHS)]
    size = sum(rows * columns for rows, columns in shapes)
    p, g, penalty = np.zeros(size), np.zeros(size), np.empty(size)
    matrices: list[tuple[Any, Any]] = []
    at = 0
    for (rows, columns), weights in zip(shapes, initial(), strict=True):
        W, G = (v[at : at + rows * columns].reshape(rows, columns) for v in (p, g))
        W[:, :-1] = weights
        matrices.append((W, G))
        at += rows * columns
    (W1, G1), (W2, G2), (W3, G3) = matrices
    H1, H2 = A1[:-1], A2[:-1]  # the layers without their row of ones
    D1, D2, on = np.empty((hidden, n)), np.empty((hidden, n)), np.empty((hidden, n), bool)
    scores, d = np.empty((1, n)), np.empty((1, n))
    score, slope, margin, wrong = scores[0], d[0], np.empty(n), np.empty(n, bool)
    XT, A1T, A2T, W2T, W3T = X.T, A1.T, A2.T, W2[:, :-1].T, W3[:, :-1].T
    zero, one, ones = np.array(0.0), np.array(1.0), np.full(n, 1.0 / n)

    def step(k: int) -> float:
        dot(W1, X, H1)
        maximum(H1, zero, out=H1)
        dot(W2, A1, H2)
        maximum(H2, zero, out=H2)
        dot(W3, A2, scores)
        multiply(score, sign, margin)
        add(margin, one, margin)
        maximum(margin, zero, out=margin)
        loss = dot(margin, ones) + ALPHA * dot(p, p)

        greater(margin, zero, wrong)
        multiply(share, wrong, slope)
        dot(d, A2T, G3)
        dot(W3T, d, D2)
        greater(H2, zero, on)
        multiply(D2, on, D2)
        dot(D2, A1T, G2)
        dot(W2T, D2, D1)
        greater(H1, zero, on)
        multiply(D1, on, D1)
        dot(D1, XT, G1)
        multiply(p, 2 * ALPHA, penalty)
        add(g, penalty, g)

        multiply(g, learning_rate(k), penalty)
        subtract(p, penalty, p)
        return float(loss)

    return Training(step, g.tolist)


def jax_jit(points: int) -> Training:
    """The whole step as one compiled function of arrays."""
    import jax  # type: ignore[import-not-found, unused-ignore]

    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    examples, labels = moons(points)
    X, y = jnp.array(examples), jnp.array(labels, float)
    parameters: Any = [(jnp.array(weights), jnp.zeros(len(weights))) for weights in initial()]

    def loss(parameters: Any, X: Any, y: Any) -> Any:
        *hidden, (W, b) = parameters
        x = X
        for V, c in hidden:
            x = jax.nn.relu(x @ V.T + c)
        scores = (x @ W.T + b)[:, 0]
        penalty = sum((W * W).sum() + (b * b).sum() for W, b in parameters)
        return jax.nn.relu(1 - y * scores).mean() + ALPHA * penalty

    @partial(jax.jit, donate_argnums=0)
    def update(parameters: Any, X: Any, y: Any, lr: Any) -> Any:
        value, gradient = jax.value_and_grad(loss)(parameters, X, y)
        return jax.tree.map(lambda p, g: p - lr * g, parameters, gradient), value

    def step(k: int) -> float:
        nonlocal parameters
        parameters, value = update(parameters, X, y, learning_rate(k))
        return float(value)

    return Training(step)


MAKERS: dict[str, Callable[[int], Training]] = {
    "autograd": compiled,
    "eager": partial(one_by_one, engine="autograd"),
    "micrograd": partial(one_by_one, engine="micrograd"),
    "torch": torch_eager,
    "numpy": by_hand,
    "numpy_tuned": tuned_by_hand,
    "jax_jit": jax_jit,
}


def work(name: str, points: int, seconds: float, collect: bool, read: bool = False) -> Result:
    """Seconds a step, and the first losses; or, where every gradient is read after each step, their sums instead."""
    step, gradients = MAKERS[name](points)
    if not read or gradients is None:
        return pace(step, seconds, collect, cycles=name == "micrograd")

    def reading(k: int) -> float:
        step(k)
        total = 0.0
        for gradient in gradients():
            total += abs(gradient)
        return total

    return pace(reading, seconds, collect)


def measure(quick: bool) -> tuple[list[Row], list[str]]:
    """Rows for the step, and for a loop that reads every gradient, with what is promised of the first."""
    points, seconds, rounds = (10, 0.005, 1) if quick else (POINTS, 0.5, 5)
    rows, notes, wrong = [], [], []
    for read, engines in ((False, ENGINES), (True, READING)):
        words = "the same, and every gradient read" if read else "micrograd's demo, a training step, compiled"
        for collector, collect in list(COLLECTOR.items())[: 1 if quick else 2]:
            if quick:  # an engine that takes seconds to start is asked once for all that is compiled
                engines = ("autograd", "numpy", "numpy_tuned") if read else ENGINES[:-1]
            job = partial(run, "compiled_demo", points=points, seconds=seconds, collect=collect, read=read)
            results = in_turn(rounds, engines, job)
            row = Row(words, collector, {name: median(found, "seconds") for name, found in results.items()})
            rows.append(row)
            wrong += disagreement(words, results, "numbers")
            if collect and not read and not quick:
                notes += promise(row, "micrograd", 10_000) + promise(row, "torch", 4)
                notes += promise(row, "numpy", 1 / 1.3) + promise(row, "numpy_tuned", 1 / 1.3)
    notes.append(
        "micrograd's demo, compiled: 100 two-moons points, MLP 2-16-16-1, hinge loss + 1e-4 L2, full batch, gradient "
        "descent with the demo's rates, over live parameters; PyTorch, numpy and JAX have the same mathematics on "
        "whole arrays in float64, and every engine hands the loss back as a float after each step. By hand is numpy as "
        "it is usually written; tuned is without any allocation, with biases as columns of the matrices."
    )
    return rows, [*dict.fromkeys(wrong), *notes]
