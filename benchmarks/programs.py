"""Programs as a person writes them, over plain scalars: what `autograd.compile` is tested and measured on.

Each function here makes one program: a loss to be compiled, and the inputs to call it with.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import autograd as ag
from autograd import Value, cos, exp, log, sin, sqrt, tanh
from autograd import max as largest

Made = tuple[Callable[..., Any], tuple[Any, ...]]


def weights(rng: random.Random, *shape: int, scale: float = 0.5) -> Any:
    """A nested list of parameters of this shape."""
    if not shape:
        return Value(rng.gauss(0.0, scale))
    return [weights(rng, *shape[1:], scale=scale) for _ in range(shape[0])]


def numbers(rng: random.Random, *shape: int) -> Any:
    """A nested list of plain numbers of this shape."""
    return [numbers(rng, *shape[1:]) for _ in range(shape[0])] if shape else rng.gauss(0.0, 1.0)


class Neuron:
    """micrograd's neuron, in its own words: one multiplication and one addition a weight."""

    def __init__(self, rng: random.Random, nin: int, nonlin: bool = True) -> None:
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(nin)]
        self.b, self.nonlin = Value(0.0), nonlin

    def __call__(self, x: Any) -> Any:
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return act.relu() if self.nonlin else act


class Network:
    """micrograd's MLP, in its own words."""

    def __init__(self, rng: random.Random, *widths: int) -> None:
        pairs = list(pairwise(widths))
        self.layers = [
            [Neuron(rng, nin, nonlin=k < len(pairs) - 1) for _ in range(nout)] for k, (nin, nout) in enumerate(pairs)
        ]

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0] if len(x) == 1 else x

    def parameters(self) -> list[Value]:
        """Neuron by neuron, weights then bias."""
        return [p for layer in self.layers for neuron in layer for p in [*neuron.w, neuron.b]]


def moons_data(examples: int, seed: int = 1) -> tuple[list[list[float]], list[int]]:
    """Two interleaving half circles with Gaussian noise, and the labels −1 and 1."""
    rng = random.Random(seed)
    inputs, labels = [], []
    for k in range(examples):
        angle = math.pi * (k // 2) / max(1, examples // 2 - 1)
        x, y = (math.cos(angle), math.sin(angle)) if k % 2 == 0 else (1 - math.cos(angle), 0.5 - math.sin(angle))
        inputs.append([x + rng.gauss(0.0, 0.1), y + rng.gauss(0.0, 0.1)])
        labels.append(-1 if k % 2 == 0 else 1)
    return inputs, labels


def moons(seed: int = 0, examples: int = 100, model: Any = None) -> Made:
    """micrograd's demo: hinge loss and L2 over all examples, MLP 2-16-16-1."""
    model = model or Network(random.Random(seed), 2, 16, 16, 1)

    def loss(X: Any, y: Any) -> Any:
        scores = [model(row) for row in X]
        losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        return data_loss + 1e-4 * sum(p * p for p in model.parameters())

    return loss, moons_data(examples)


def moons_one_example(seed: int = 0, examples: int = 100) -> Made:
    """The same, written for one example, with the penalty apart: for `batch=True`."""
    model = Network(random.Random(seed), 2, 16, 16, 1)

    def loss(x: Any, y: Any) -> Any:
        return (1 + -y * model(x)).relu(), 1e-4 * sum(p * p for p in model.parameters())

    return loss, moons_data(examples)


def rms_norm(x: list[Any]) -> list[Any]:
    """x/√(mean x² + ε): Zhang and Sennrich 2019, equation 4, without gains."""
    scale = (sum(xi * xi for xi in x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def linear(x: list[Any], w: list[list[Any]]) -> list[Any]:
    """Each row of w times x."""
    return [sum(wi * xi for wi, xi in zip(row, x, strict=True)) for row in w]


def softmax(logits: list[Any]) -> list[Any]:
    """exp(x − top)/Σ, as it is written by hand; the top has no say in the result."""
    top = largest(logits).detach()
    powers = [exp(x - top) for x in logits]
    total = sum(powers)
    return [p / total for p in powers]


class Transformer:
    """One layer of a causal language model over lists of scalars: embedding, RMS norm, attention, MLP, logits.

    Vaswani et al. 2017, section 3, with the norm before each part (Xiong et al. 2020) and no biases.
    """

    def __init__(self, seed: int = 0, vocabulary: int = 27, block: int = 16, width: int = 16, heads: int = 4) -> None:
        rng = random.Random(seed)
        self.width, self.heads = width, heads
        shapes = {
            "wte": (vocabulary, width), "wpe": (block, width), "wq": (width, width), "wk": (width, width),
            "wv": (width, width), "wo": (width, width), "w1": (4 * width, width), "w2": (width, 4 * width),
            "head": (vocabulary, width),
        }  # fmt: skip
        self.state = {name: weights(rng, *shape, scale=0.08) for name, shape in shapes.items()}

    def parameters(self) -> list[Value]:
        """Matrix by matrix, row by row."""
        return [p for matrix in self.state.values() for row in matrix for p in row]

    def loss(self, tokens: Any, targets: Any) -> Any:
        """The mean cross-entropy of the next token."""
        state, heads, size = self.state, self.heads, self.width // self.heads
        keys: list[Any] = []
        values: list[Any] = []
        losses = []
        for position, token in enumerate(tokens):
            x = [t + p for t, p in zip(state["wte"][token], state["wpe"][position], strict=True)]
            x = rms_norm(x)
            before, x = x, rms_norm(x)
            query = linear(x, state["wq"])
            keys.append(linear(x, state["wk"]))
            values.append(linear(x, state["wv"]))
            found: list[Any] = []
            for head in range(heads):
                part = slice(head * size, (head + 1) * size)
                scores = [sum(q * k for q, k in zip(query[part], key[part], strict=True)) / size**0.5 for key in keys]
                attention = softmax(scores)
                found += [
                    sum(a * v[head * size + j] for a, v in zip(attention, values, strict=True)) for j in range(size)
                ]
            x = [a + b for a, b in zip(linear(found, state["wo"]), before, strict=True)]
            before, x = x, rms_norm(x)
            x = linear([h.relu() for h in linear(x, state["w1"])], state["w2"])
            x = [a + b for a, b in zip(x, before, strict=True)]
            probabilities = softmax(linear(x, state["head"]))
            target = targets[position]
            losses.append(-log(probabilities[target]))
        return sum(losses) / len(losses)


def transformer(seed: int = 0, length: int = 8) -> Made:
    """The transformer's loss on a text of that length."""
    rng = random.Random(seed + 1)
    model = Transformer(seed)
    text = [rng.randrange(27) for _ in range(length + 1)]
    return model.loss, (text[:-1], text[1:])


def convolution(seed: int = 0, size: int = 8, channels: int = 4) -> Made:
    """Two 3×3 convolutions over an image, tanh between them, squared error to a target image."""
    rng = random.Random(seed)
    first, second = weights(rng, channels, 3, 3), weights(rng, channels, 3, 3)
    biases = weights(rng, channels)
    image, target = numbers(rng, size, size), numbers(rng, size - 4, size - 4)

    def patch(kernel: Any, plane: Any, i: int, j: int) -> Any:
        return sum(kernel[a][b] * plane[i + a][j + b] for a in range(3) for b in range(3))

    def loss(image: Any, target: Any) -> Any:
        inner = size - 2
        planes = [
            [[tanh(patch(first[c], image, i, j) + biases[c]) for j in range(inner)] for i in range(inner)]
            for c in range(channels)
        ]
        error = 0.0
        for i in range(size - 4):
            for j in range(size - 4):
                out = sum(patch(second[c], planes[c], i, j) for c in range(channels))
                error = error + (out - target[i][j]) ** 2
        return error

    return loss, (image, target)


def recurrent(seed: int = 0, steps: int = 20, width: int = 8) -> Made:
    """A recurrent cell, h ← tanh(W h + U x + b), over a sequence."""
    rng = random.Random(seed)
    W, U, b, v = weights(rng, width, width), weights(rng, width, 2), weights(rng, width), weights(rng, width)

    def loss(sequence: Any, target: Any) -> Any:
        h: list[Any] = [0.0] * width
        for x in sequence:
            h = [
                tanh(sum(w * hj for w, hj in zip(W[i], h, strict=True)) + U[i][0] * x[0] + U[i][1] * x[1] + b[i])
                for i in range(width)
            ]
        return (sum(vi * hi for vi, hi in zip(v, h, strict=True)) - target) ** 2

    return loss, (numbers(rng, steps, 2), 0.5)


def distances(seed: int = 0, points: int = 30) -> Made:
    """Pairwise distances of points in the plane that should all be 1."""
    rng = random.Random(seed)
    places = weights(rng, points, 2)

    def loss() -> Any:
        total = 0.0
        for i in range(points):
            for j in range(i):
                dx, dy = places[i][0] - places[j][0], places[i][1] - places[j][1]
                total = total + (sqrt(dx * dx + dy * dy) - 1.0) ** 2
        return total

    return loss, ()


def black_scholes(seed: int = 0, options: int = 200) -> Made:
    """Volatility and rate fitted to the prices of many calls: Black and Scholes 1973, equation 13."""
    rng = random.Random(seed)
    sigma, rate = Value(0.3), Value(0.02)

    def cdf(x: Any) -> Any:
        return 0.5 * (1.0 + ag.erf(x / math.sqrt(2.0)))

    def loss(spots: Any, strikes: Any, times: Any, prices: Any) -> Any:
        errors = []
        for s, k, t, price in zip(spots, strikes, times, prices, strict=True):
            root = sigma * sqrt(t)
            d1 = (log(s / k) + (rate + sigma * sigma / 2) * t) / root
            d2 = d1 - root
            errors.append((s * cdf(d1) - k * exp(-rate * t) * cdf(d2) - price) ** 2)
        return ag.mean(errors)

    spots = [rng.uniform(80, 120) for _ in range(options)]
    strikes = [rng.uniform(80, 120) for _ in range(options)]
    times = [rng.uniform(0.1, 2.0) for _ in range(options)]
    prices = [max(s - k, 0.0) + 8.0 * math.sqrt(t) for s, k, t in zip(spots, strikes, times, strict=True)]
    return loss, (spots, strikes, times, prices)


def pendulum(seed: int = 0, steps: int = 200) -> Made:
    """A damped pendulum integrated by the semi-implicit Euler method, and its distance from what was measured."""
    rng = random.Random(seed)
    length, damping, angle0 = Value(1.3), Value(0.1), Value(0.8)

    def loss(measured: Any) -> Any:
        angle, speed, dt, error = angle0, 0.0, 0.02, 0.0
        for target in measured:
            speed = speed + dt * (-9.81 / length * sin(angle) - damping * speed)
            angle = angle + dt * speed
            error = error + (angle - target) ** 2
        return error / steps

    return loss, ([math.cos(0.06 * k) + rng.gauss(0.0, 0.01) for k in range(steps)],)


def irregular(seed: int = 0, operations: int = 100_000, leaves: int = 100) -> Made:
    """Random operations on random earlier results, all of which lead to the loss: nothing repeats."""
    rng = random.Random(seed)
    parameters = weights(rng, leaves)
    plan = [(rng.choice("+-*scstct"), rng.random()) for _ in range(operations)]

    def loss() -> Any:
        values = list(parameters)
        unused = deque(parameters)
        for kind, j in plan:
            a, b = unused.popleft(), values[int(j * len(values))]
            if kind == "+":
                values.append(a + b)
            elif kind == "-":
                values.append(a - b)
            elif kind == "*":
                values.append(a * b)
            else:
                values.append({"s": sin, "c": cos, "t": tanh}[kind](a))
            unused.append(values[-1])
        return ag.sum(list(unused)) / len(unused)

    return loss, ()


def chain(seed: int = 0, depth: int = 100_000) -> Made:
    """One operation after the other."""
    x = Value(0.5)

    def loss() -> Any:
        v = x
        for k in range(depth):
            v = sin(v) if k % 2 else v * 1.01 + 0.1
        return v

    return loss, ()


def rosenbrock(x: Any) -> Any:
    """Σ 100·(x₊₁ − x²)² + (1 − x)²: Rosenbrock 1960, in any number of dimensions."""
    return sum(100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2 for a, b in pairwise(x))
