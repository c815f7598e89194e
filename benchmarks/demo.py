"""A training step of micrograd's own demo: 100 two-moons points, an MLP 2-16-16-1, hinge loss + L2, full batch."""

from __future__ import annotations

import gc
import math
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from benchmarks.runner import COLLECTOR, Result, clock, disagreement, in_turn, median, run, trouble
from benchmarks.table import Row

POINTS = 100
ALPHA = 1e-4


def moons(points: int = POINTS, noise: float = 0.1, seed: int = 1) -> tuple[list[list[float]], list[int]]:
    """Two interleaving half circles with Gaussian noise, and the labels -1 and 1."""
    rng = random.Random(seed)
    inputs, labels = [], []
    for index in range(points):
        outer = index % 2 == 0
        angle = math.pi * (index // 2) / (points // 2 - 1)
        x, y = (math.cos(angle), math.sin(angle)) if outer else (1 - math.cos(angle), 0.5 - math.sin(angle))
        inputs.append([x + rng.gauss(0.0, noise), y + rng.gauss(0.0, noise)])
        labels.append(-1 if outer else 1)
    return inputs, labels


def scalar_step(Value: Any, model: Any, X: Any, y: Any) -> Callable[[int], float]:
    """One step of the demo, in the demo's own lines; ``Value`` and ``model`` are micrograd's or ours."""

    def loss() -> tuple[Any, float]:
        inputs = [list(map(Value, xrow)) for xrow in X]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        reg_loss = ALPHA * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss
        accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(y, scores, strict=True)]
        return total_loss, sum(accuracy) / len(accuracy)

    def step(k: int) -> float:
        total_loss, _ = loss()
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad
        return float(total_loss.data)

    return step


def torch_step() -> Callable[[int], float]:
    """The same step as PyTorch is meant to be used: a few eager array operations."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(1337)
    points, labels = moons()
    X = torch.tensor(points, dtype=torch.float64)
    y = torch.tensor(labels, dtype=torch.float64)
    model = torch.nn.Sequential(
        torch.nn.Linear(2, 16), torch.nn.ReLU(), torch.nn.Linear(16, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1)
    ).double()
    parameters = list(model.parameters())

    def step(k: int) -> float:
        scores = model(X)[:, 0]
        data_loss = (1 - y * scores).relu().mean()
        reg_loss = torch.stack([(p * p).sum() for p in parameters]).sum()
        total_loss = data_loss + ALPHA * reg_loss
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        with torch.no_grad():
            for p in parameters:
                p.sub_(p.grad, alpha=learning_rate)  # type: ignore[arg-type]
        return float(total_loss)

    return step


def work(name: str, steps: int, collect: bool, arrays: bool = True) -> Result:
    """Seconds a step, the mean over all steps, for the collector's long passes fall on few of them; and the losses."""
    step: Callable[[int], float]
    if name == "torch":
        step, steps = torch_step(), 20 * steps
    else:
        points, labels = moons()
        X: Any = points
        y: Any = labels
        if arrays:  # the demo's data come from scikit-learn, as numpy arrays
            import numpy as np

            X, y = np.array(points), np.array(labels)
        random.seed(1337)
        if name == "micrograd":
            from micrograd.engine import Value as TheirValue  # type: ignore[import-untyped]
            from micrograd.nn import MLP as TheirMLP  # type: ignore[import-untyped]

            step = scalar_step(TheirValue, TheirMLP(2, [16, 16, 1]), X, y)
        else:
            from autograd import Value
            from nn import MLP

            step = scalar_step(Value, MLP(2, [16, 16, 1], init="uniform"), X, y)
    if not collect:
        gc.disable()
    losses = []
    start = clock()
    for k in range(steps):
        losses.append(step(k))
        if not collect and name == "micrograd":
            # Without the collector its graphs are never freed; they are let go outside the clock.
            pause = clock()
            gc.collect()
            start += clock() - pause
    return {"seconds": (clock() - start) / steps, "losses": losses[:5]}


def measure(quick: bool) -> tuple[list[Row], list[str]]:
    """Rows for the demo as it is written, with numpy data, and for plain floats, with the collector on and off."""
    steps, rounds = (2, 1) if quick else (10, 3)
    rows, notes = [], []
    for arrays, words in ((True, "micrograd's demo, a training step"), (False, "the same, data as plain floats")):
        for collector, collect in COLLECTOR.items():
            engines = ("autograd", "micrograd", "torch") if arrays else ("autograd", "micrograd")
            job = partial(run, "demo", steps=steps, collect=collect, arrays=arrays)
            results = in_turn(rounds, engines, job)
            cells = {name: median(found, "seconds") for name, found in results.items()}
            if "torch" in cells and not trouble(results["torch"]):
                cells["torch"] = replace(cells["torch"], words="(tensors)")
            rows.append(Row(words, collector, cells))
            # PyTorch draws its own initial weights; micrograd's sums follow a set's order, so its last digits differ.
            scalar = {name: found for name, found in results.items() if name != "torch"}
            notes = disagreement("micrograd's demo", scalar, "losses", 1e-6)
    notes.append(
        "micrograd's demo: 100 two-moons points, MLP 2-16-16-1, hinge loss + 1e-4 L2, full batch, plain gradient "
        "descent; PyTorch, for reference, with whole tensors instead of scalars."
    )
    return rows, notes
