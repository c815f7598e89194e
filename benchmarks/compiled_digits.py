"""Training on handwritten digits, an MLP 64-32-10 in mini-batches of 32 as a user writes it: compiled and eager."""

from __future__ import annotations

import gc
from functools import partial
from typing import Any

from benchmarks.pace import promise
from benchmarks.runner import Result, clock, disagreement, in_turn, median, run
from benchmarks.table import Row

ENGINES = ("autograd", "eager")
BATCH, WIDTH = 32, 32


def pictures(examples: int) -> tuple[Any, Any]:
    """The first so many pictures and digits; of less than a batch or two random ones, which need no scikit-learn."""
    if examples <= 3 * BATCH:
        import numpy as np

        rng = np.random.default_rng(1)
        return rng.random((examples, 64)), rng.integers(10, size=examples)
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.data[:examples] / 16, digits.target[:examples]


def work(name: str, examples: int, width: int, epochs: int) -> Result:
    """Seconds of each step of the last epoch that is not the first of its shape; the losses of the first epoch."""
    import autograd
    from nn import MLP, Adam, cross_entropy

    images, labels = pictures(examples)
    model = MLP(64, [width, 10], seed=1)
    optimizer = Adam(model.parameters(), lr=0.01)

    def loss(x: Any, y: Any) -> Any:
        return cross_entropy([model(pixels) for pixels in x], y)

    program = autograd.compile(loss, optimizer=optimizer)

    def eager(x: Any, y: Any) -> float:
        value = loss(x.tolist(), y.tolist())
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        return float(value.data)

    step = program.step if name == "autograd" else eager
    losses: list[float] = []
    seconds: list[float] = []
    gc.collect()
    for _ in range(epochs):
        seconds.clear()
        for start in range(0, examples, BATCH):
            batch = images[start : start + BATCH], labels[start : start + BATCH]
            begin = clock()
            losses.append(step(*batch))
            if len(batch[0]) == BATCH and start:
                seconds.append(clock() - begin)
    return {"seconds": seconds, "numbers": losses[: -(-examples // BATCH)]}


def measure(quick: bool) -> tuple[list[Row], list[str]]:
    """One row, what is promised, and whether all losses of the first epoch are the same."""
    examples, width = (70, 2) if quick else (1797, WIDTH)
    words = f"digits, MLP 64-{width}-10, mini-batches of {BATCH}: a step with Adam, compiled"
    job = partial(run, "compiled_digits", examples=examples, width=width)
    # One epoch of the eager engine has some fifty steps: enough for a median.
    results = {
        "autograd": in_turn(1 if quick else 5, ["autograd"], partial(job, epochs=2))["autograd"],
        "eager": in_turn(1, ["eager"], partial(job, epochs=1))["eager"],
    }
    row = Row(words, "on", {name: median(found, "seconds") for name, found in results.items()})
    notes = disagreement(words, results, "numbers") + ([] if quick else promise(row, "eager", 50))
    notes.append(
        "digits: scikit-learn's 1,797 pictures of 8×8 in their order, cross-entropy; every loss of the first epoch, "
        "with the short last batch's, is compared with the eager engine's."
    )
    return [row], notes
