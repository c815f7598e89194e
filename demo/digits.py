"""A network of scalars learns to read the 8×8 handwritten digits of Alpaydin and Kaynak (1998), from scikit-learn."""

from __future__ import annotations

import time
from typing import Any

from sklearn.datasets import load_digits

from autograd import no_grad, softmax
from demo.pictures import bitmap, loss_curve
from demo.training import split, train
from nn import MLP, cross_entropy

HELD_OUT, EPOCHS, BATCH = 450, 5, 16

Example = tuple[list[float], int]


def section() -> tuple[str, str]:
    """Train, judge, and tell it as a section of the page."""
    digits = load_digits()
    examples = list(zip((digits.data / 16).tolist(), digits.target.tolist(), strict=True))
    learn, held_out = split(examples, HELD_OUT)
    model = MLP(64, [16, 10], seed=1)
    print(f"Reading digits: {len(learn)} pictures of 8×8, {len(model.parameters())} parameters, all of them scalars")

    def loss(pixels: Any, digit: Any) -> Any:
        return cross_entropy(model(pixels), digit)

    started = time.perf_counter()
    inputs, targets = [x for x, _ in learn], [y for _, y in learn]
    losses = train(loss, model.parameters(), inputs, targets, EPOCHS, BATCH, lr=0.01, what="digits")
    seconds = time.perf_counter() - started
    seen, unseen = judged(model, learn), judged(model, held_out)
    accuracy = {"train": rate(seen), "held-out": rate(unseen)}
    print(f"accuracy: {accuracy['train']:.1%} on what it learned from, {accuracy['held-out']:.1%} on held-out digits")
    mistakes = sorted((m for m in unseen if m[1] != m[2]), key=lambda m: -m[3])
    rows = "".join(f"<tr><td>{name}</td><td class=number>{value:.1%}</td></tr>" for name, value in accuracy.items())
    return (
        "Reading digits",
        f"""<p>An MLP of scalars, 64 inputs (the pixels), 16 hidden neurons, 10 outputs
({len(model.parameters())} weights and biases), saw {len(learn)} handwritten digits {EPOCHS} times in mini-batches of
{BATCH}. It took {seconds:.1f} seconds. {HELD_OUT} further digits were kept back, to see whether it learned to read or
only to remember.</p>
<table><tr><th>pictures</th><th>accuracy</th></tr>{rows}</table>
<figure class="plot">{loss_curve(losses, "cross-entropy", chance=2.302585)}
<figcaption>The loss of each mini-batch. It falls from that of guessing, ln 10 ≈ 2.3, and jitters because each step sees
other digits.</figcaption></figure>
<h3>The mistakes, looked at</h3>
<p>{len(mistakes)} of {HELD_OUT} held-out digits were misread. Here are those it was most sure of: some would make a
person hesitate, others show what 16 hidden neurons cannot see.</p>
<div class="mistakes">{"".join(told(*mistake) for mistake in mistakes[:10])}</div>""",
    )


def judged(model: MLP, examples: list[Example]) -> list[tuple[list[float], int, int, float]]:
    """For each example its pixels, what it is, what the model reads, and how sure the model is."""
    results = []
    with no_grad():
        for pixels, digit in examples:
            probabilities = [p.data for p in softmax(model(pixels))]
            read = max(range(10), key=probabilities.__getitem__)
            results.append((pixels, digit, read, probabilities[read]))
    return results


def rate(results: list[tuple[list[float], int, int, float]]) -> float:
    return sum(digit == read for _, digit, read, _ in results) / len(results)


def told(pixels: list[float], digit: int, read: int, sure: float) -> str:
    return (
        f"<figure>{bitmap(pixels, f'a handwritten {digit}, read as {read}')}"
        f"<figcaption>a {digit}, read as {read} ({sure:.0%} sure)</figcaption></figure>"
    )
