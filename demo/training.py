"""Gradient descent in mini-batches, with a progress bar; the loop both trainings share."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tqdm import tqdm

from autograd import Value
from nn import Adam


def train(
    loss_of: Callable[[list[int]], Value],
    parameters: list[Value],
    examples: int,
    epochs: int,
    batch: int,
    lr: float,
    what: str,
) -> list[float]:
    """The loss of every mini-batch, in order. `loss_of` gives the loss of the examples with these indices."""
    optimizer = Adam(parameters, lr=lr)
    order, shuffler = list(range(examples)), random.Random(0)
    losses: list[float] = []
    steps = epochs * -(-examples // batch)
    form = "{desc} {bar} {n_fmt}/{total_fmt} steps{postfix}"
    silent_in_a_pipe = None
    with tqdm(total=steps, desc=what, ncols=88, bar_format=form, mininterval=0.2, disable=silent_in_a_pipe) as bar:
        for _ in range(epochs):
            shuffler.shuffle(order)
            for start in range(0, examples, batch):
                optimizer.zero_grad()
                loss = loss_of(order[start : start + batch])
                loss.backward()
                optimizer.step()
                losses.append(loss.data)
                bar.set_postfix_str(f"loss {average(losses[-20:]):.3f}", refresh=False)
                bar.update()
    return losses


def average(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


def split(data: list[Any], held_out: int) -> tuple[list[Any], list[Any]]:
    """Shuffled once, always alike, and cut in two: to learn from, and to be judged by."""
    order = list(range(len(data)))
    random.Random(0).shuffle(order)
    return [data[i] for i in order[held_out:]], [data[i] for i in order[:held_out]]
