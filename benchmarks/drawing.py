"""Drawing the graph behind a value: from the graph to the whole picture, beside torchviz on the same expression."""

from __future__ import annotations

from functools import partial
from statistics import median as middle
from time import perf_counter

from benchmarks.runner import Result, in_turn, median, run
from benchmarks.table import OURS, Row

SIZES = (15, 150, 1_500)
FOLDED = 10_000
ENGINES = (OURS, "torch")


def work(name: str, values: int, fold: bool, layout: bool) -> Result:
    """Seconds from a graph of so many values to its picture: SVG that is laid out, or the text for `dot` to lay out."""
    if name == "torch":
        import torch
        from torchviz import make_dot

        torch.set_num_threads(1)
        v = expression(torch.tensor(0.5, dtype=torch.float64, requires_grad=True), torch.tanh, values)
        job = (lambda: make_dot(v).pipe(format="svg")) if layout else (lambda: make_dot(v).source)
    else:
        from autograd import Value, draw, tanh

        v = expression(Value(0.5, label="x"), tanh, values)
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


def measure(quick: bool) -> tuple[list[Row], list[str]]:
    """Two rows for each size, every value a box; and a large graph that is folded."""
    rows, rounds = [], 1 if quick else 3
    for values in SIZES[:2] if quick else SIZES:
        for layout, what in ((True, "as SVG, laid out"), (False, "as text for dot")):
            job = partial(run, "drawing", values=values, fold=False, layout=layout)
            results = in_turn(rounds, ENGINES, job)
            cells = {name: median(found, "seconds") for name, found in results.items()}
            rows.append(Row(f"drawing {values:,} values {what}", "on", cells))
    values = 1_000 if quick else FOLDED
    job = partial(run, "drawing", values=values, fold=True, layout=True)
    cells = {name: median(found, "seconds") for name, found in in_turn(rounds, ENGINES[:1], job).items()}
    rows.append(Row(f"drawing {values:,} values, folded", "on", cells))
    return rows, ["Drawing: the peer is torchviz, which needs the program dot for SVG."]
