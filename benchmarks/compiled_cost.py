"""What compiling costs: seconds by pass, peak memory, and the steps after which it has paid for itself."""

from __future__ import annotations

import gc
import random
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.demo import ALPHA, POINTS, moons
from benchmarks.pace import kept
from benchmarks.runner import Result, in_turn, median, run, trouble
from benchmarks.table import OURS, Row

CHECKS = ("run again, to compare", "check against the eager engine")
# What is compiled, with the seconds that all passes but the checks are promised to take at most.
PROMISED: dict[str, float | None] = {
    "micrograd's demo": 0.3, "the transformer on 8 tokens": 1.0, "the transformer on 16 tokens": None,
    "digits, 64-32-10, a batch of 32": None, "the random graph": None,
}  # fmt: skip


def demo(points: int) -> Any:
    import autograd
    from nn import MLP

    model = MLP(2, [16, 16, 1], init="uniform", seed=1)

    def loss(X: Any, y: Any) -> Any:
        losses = [(1 + -yi * model(x)).relu() for x, yi in zip(X, y, strict=True)]
        return sum(losses) * (1.0 / len(losses)) + ALPHA * sum(p * p for p in model.parameters())

    return autograd.compile(loss), moons(points)


def transformer(length: int) -> Any:
    import autograd
    from benchmarks.compiled_transformer import texts
    from benchmarks.programs import Transformer

    return autograd.compile(Transformer().loss), texts(length)[0]


def digits(width: int) -> Any:
    import autograd
    from nn import MLP, cross_entropy

    rng = random.Random(1)
    model = MLP(64, [width, 10], seed=1)
    pictures = [[rng.random() for _ in range(64)] for _ in range(32)]
    labels = [rng.randrange(10) for _ in range(32)]
    return autograd.compile(lambda x, y: cross_entropy([model(p) for p in x], y)), (pictures, labels)


def graph(operations: int) -> Any:
    import autograd
    from autograd import Value
    from benchmarks.random_graph import program

    code = program(operations)
    leaves = [Value(x) for x in code.leaves]
    return autograd.compile(lambda: code.run(leaves)[-1]), ()


def work(name: str, which: str, quick: bool) -> Result:
    """What `report()` says after a first step, before which there is no garbage."""
    make: Callable[[], Any] = {
        "micrograd's demo": lambda: demo(10 if quick else POINTS),
        "the transformer on 8 tokens": lambda: transformer(2 if quick else 8),
        "the transformer on 16 tokens": lambda: transformer(16),
        "digits, 64-32-10, a batch of 32": lambda: digits(32),
        "the random graph": lambda: graph(100_000),
    }[which]
    program, inputs = make()
    gc.collect()
    program.backward(*inputs)
    report = program.report()
    return {
        "passes": report.seconds, "seconds": sum(s for name, s in report.seconds.items() if name not in CHECKS),
        "scalars": report.scalars, "operations": report.operations, "payback": report.payback,
        "buffers": report.megabytes, "peak": report.peak_megabytes,
    }  # fmt: skip


def measure(quick: bool) -> tuple[list[Row], list[str]]:
    """For each program a row of seconds and a row of memory, and the passes in a note."""
    rows, notes = [], []
    for which, at_most in list(PROMISED.items())[: 1 if quick else None]:
        results = in_turn(1 if quick else 5, [OURS], partial(run, "compiled_cost", which=which, quick=quick))
        found = results[OURS]
        seconds = median(found, "seconds")
        rows.append(Row(f"compiling {which}: all passes but the checks", "on", {OURS: seconds}))
        rows.append(Row("the same: peak memory above what was there", "", {OURS: median(found, "peak", "MB")}))
        if trouble(found):
            continue
        passes = {name: statistics.median(result["passes"][name] for result in found) for name in found[0]["passes"]}
        payback = statistics.median(result["payback"] for result in found)
        notes.append(
            f"compiling {which}: {found[0]['scalars']:,} scalars → {found[0]['operations']:,} array operations; "
            + ", ".join(f"{name} {1000 * s:.0f} ms" for name, s in passes.items())
            + f"; buffers {found[0]['buffers']:.2g} MB; pays for itself after {payback:,.0f} steps"
        )
        if at_most is not None and seconds.number is not None and not quick:
            notes.append(
                kept(f"compiling {which}: {seconds.number:.3g} s", f"at most {at_most:g} s", seconds.number <= at_most)
            )
    return rows, notes
