"""Gradient descent in mini-batches, compiled, with a progress bar; the loop both trainings share."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from tqdm import tqdm

from autograd import Value, compile, mean
from nn import Adam

Loss = Callable[[Any, Any], Value]


def train(
    loss: Loss, parameters: list[Value], inputs: Any, targets: Any, epochs: int, batch: int, lr: float, what: str
) -> list[float]:
    """The loss of every mini-batch, in order. `loss(x, y)` is written for one example, in scalars."""
    program = compile(loss, batch=True, optimizer=Adam(parameters, lr=lr))
    X, y = np.array(inputs), np.array(targets)
    shuffler, order = random.Random(0), list(range(len(X)))
    losses: list[float] = []
    eager = seconds_of_a_step(loss, parameters, inputs[:batch], targets[:batch])
    steps, spent = epochs * -(-len(X) // batch), 0.0
    form = "{desc} {bar} {n_fmt}/{total_fmt} steps{postfix}"
    silent_in_a_pipe = None
    with tqdm(total=steps, desc=what, ncols=88, bar_format=form, mininterval=0.2, disable=silent_in_a_pipe) as bar:
        for _ in range(epochs):
            shuffler.shuffle(order)
            for start in range(0, len(X), batch):
                chosen = order[start : start + batch]
                started = time.perf_counter()
                losses.append(program.step(X[chosen], y[chosen]))
                if len(losses) > steps // 2:  # by now everything is recorded
                    spent += time.perf_counter() - started
                bar.set_postfix_str(f"loss {average(losses[-20:]):.3f}", refresh=False)
                bar.update()
    step = spent / max(1, len(losses) - steps // 2)
    head = str(program).partition("\n")[0]
    print(
        f"compiled: {head}; a step takes {step * 1e3:.2g} ms, {eager / step:.0f} times faster than {eager * 1e3:.0f} ms"
    )
    return losses


def seconds_of_a_step(loss: Loss, parameters: list[Value], inputs: Any, targets: Any) -> float:
    """How long the engine takes for the loss of a mini-batch and its gradient, without compiling."""
    started = time.perf_counter()
    mean([loss(x, y) for x, y in zip(inputs, targets, strict=True)]).backward()
    seconds = time.perf_counter() - started
    for parameter in parameters:
        parameter.zero_grad()
    return seconds


def average(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


def split(data: list[Any], held_out: int) -> tuple[list[Any], list[Any]]:
    """Shuffled once, always alike, and cut in two: to learn from, and to be judged by."""
    order = list(range(len(data)))
    random.Random(0).shuffle(order)
    return [data[i] for i in order[held_out:]], [data[i] for i in order[:held_out]]
