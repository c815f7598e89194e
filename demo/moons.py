"""Two interleaved half-moons, a problem of two dimensions, so that what the network has learned can be seen whole."""

from __future__ import annotations

import time
from typing import Any

from sklearn.datasets import make_moons

from autograd import no_grad
from demo.pictures import boundary, loss_curve
from demo.training import split, train
from nn import MLP, binary_cross_entropy_with_logits

EPOCHS, BATCH = 60, 20
GRID = 41


def section() -> tuple[str, str]:
    """Train, judge, and tell it as a section of the page."""
    points, labels = make_moons(n_samples=200, noise=0.15, random_state=3)
    learn, held_out = split(list(zip(points.tolist(), labels.tolist(), strict=True)), held_out=60)
    model = MLP(2, [8, 8, 1], activation="tanh", seed=2)
    print(f"\nTwo moons: {len(learn)} points in the plane, {len(model.parameters())} parameters")

    def loss(x: Any, kind: Any) -> Any:
        return binary_cross_entropy_with_logits(model(x), kind)

    started = time.perf_counter()
    inputs, targets = [x for x, _ in learn], [y for _, y in learn]
    losses = train(loss, model.parameters(), inputs, targets, EPOCHS, BATCH, lr=0.02, what="moons ")
    seconds = time.perf_counter() - started
    accuracy = [sum((score(model, x) > 0) == bool(y) for x, y in part) / len(part) for part in (learn, held_out)]
    print(f"accuracy: {accuracy[0]:.1%} on the points it learned from, {accuracy[1]:.1%} on held-out ones")
    across = [-1.7 + 4.4 * i / (GRID - 1) for i in range(GRID)]
    up = [-1.2 + 2.9 * i / (GRID - 1) for i in range(GRID)]
    scores = [[score(model, [x, y]) for x in across] for y in up]
    return (
        "Two moons",
        f"""<p>The same training on a problem one can see whole: {len(learn)} points of the plane, of
two kinds that no straight line separates. A network of 2-8-8-1 scalars with tanh took {seconds:.1f} seconds. It calls
{accuracy[0]:.1%} of these points right, and {accuracy[1]:.1%} of {len(held_out)} held-out ones.</p>
<figure class="plot">{boundary(across, up, scores, learn, held_out)}
<figcaption>On the line the network is undecided; the further from it, the surer. Filled marks were learned from, hollow
ones held out.</figcaption></figure>
<figure class="plot">{loss_curve(losses, "binary cross-entropy", chance=0.693147)}
<figcaption>The loss of each mini-batch. It begins near that of guessing, ln 2 ≈ 0.69.</figcaption></figure>""",
    )


def score(model: MLP, x: list[float]) -> float:
    """Above 0 for the one kind, below 0 for the other."""
    with no_grad():
        return float(model(x).data)
