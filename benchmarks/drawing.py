"""Drawing the graph behind a value: from the graph to the whole picture, beside torchviz on the same expression."""

from __future__ import annotations

import random
from functools import partial
from statistics import median as middle
from time import perf_counter

from benchmarks.runner import Result, in_turn, median, run
from benchmarks.table import OURS, Row

SIZES = (15, 150, 1_500)
FOLDED = 10_000
ENGINES = (OURS, "torch")


def work(name: str, values: int, fold: bool, layout: bool, graph: str = "a recurrence") -> Result:
    """Seconds from a graph of so many values to its picture: SVG that is laid out, or the text for `dot` to lay out."""
    if name == "torch":
        import torch
        from torchviz import make_dot

        torch.set_num_threads(1)
        v = expression(torch.tensor(0.5, dtype=torch.float64, requires_grad=True), torch.tanh, values)
        job = (lambda: make_dot(v).pipe(format="svg")) if layout else (lambda: make_dot(v).source)
    else:
        from autograd import Value, draw, tanh

        v = GRAPHS[graph](Value(0.5, label="x"), tanh, values)
        how = None if fold else False
        job = (lambda: draw(v, fold=how).svg) if layout else (lambda: draw(v, fold=how).source)
        draw(Value(1.0)).svg  # noqa: B018  # what loads when first used is loaded
    seconds = []
    for _ in range(3):
        begin = perf_counter()
        job()
        seconds.append(perf_counter() - begin)
        if seconds[-1] > 1:
            break
    return {"seconds": middle(seconds)}


def expression(x, tanh, values: int):  # type: ignore[no-untyped-def]
    """h = tanh(h·x + 0.1), again and again: three values a time."""
    h = x
    for _ in range(values // 3):
        h = tanh(h * x + 0.1)
    return h


def network(x, tanh, values: int):  # type: ignore[no-untyped-def]
    """The loss of a network over so many examples that they are about as many values: each a weighted sum of many."""
    import nn

    net, rng = nn.MLP(4, [24, 24, 1], activation="tanh", seed=1), random.Random(0)
    examples = [[rng.gauss(0, 1) for _ in range(3)] for _ in range(values // 105 + 1)]
    return nn.mse_loss([net([x, *example]) for example in examples], [1.0] * len(examples))


def irregular(x, tanh, values: int):  # type: ignore[no-untyped-def]
    """Operations on what came shortly before, chosen at random: nothing is like anything else."""
    nodes, rng = [x, x * 2], random.Random(0)
    while len(nodes) < values:
        a, b = rng.choice(nodes[-9:]), nodes[-1]
        nodes.append(rng.choice([a + b, a * b, tanh(b)]))
    return nodes[-1]


GRAPHS = {"a recurrence": expression, "a network": network, "nothing alike": irregular}


def measure(quick: bool) -> tuple[list[Row], list[str]]:
    """Two rows for each size, every value a box; and large graphs that are folded."""
    rows, rounds = [], 1 if quick else 3
    for values in SIZES[:2] if quick else SIZES:
        for layout, what in ((True, "as SVG, laid out"), (False, "as text for dot")):
            job = partial(run, "drawing", values=values, fold=False, layout=layout)
            results = in_turn(rounds, ENGINES, job)
            cells = {name: median(found, "seconds") for name, found in results.items()}
            rows.append(Row(f"drawing {values:,} values {what}", "on", cells))
    values = 1_000 if quick else FOLDED
    for graph in GRAPHS:
        job = partial(run, "drawing", values=values, fold=True, layout=True, graph=graph)
        cells = {name: median(found, "seconds") for name, found in in_turn(rounds, ENGINES[:1], job).items()}
        rows.append(Row(f"drawing {values:,} values, folded: {graph}", "on", cells))
    return rows, ["Drawing: the peer is torchviz, which needs the program dot for SVG."]
