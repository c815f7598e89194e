"""Stepping: every event of the forward and the backward pass, with its texts, and the data of the page."""

from __future__ import annotations

from functools import partial
from time import perf_counter

from benchmarks.runner import Result, in_turn, median, run
from benchmarks.table import OURS, Row

VALUES = 1_500


def work(name: str, values: int) -> Result:
    """Seconds to step through a graph of so many values: all events told; and the whole walk as data for the page."""
    import autograd

    v = x = autograd.Value(0.5, label="x")
    for _ in range(values // 3):
        v = autograd.tanh(v * x + 0.1)
    autograd.steps(x).data()  # what loads when first used is loaded
    result: Result = {}
    begin = perf_counter()
    walk = autograd.steps(v)
    result["events"] = sum(1 for _ in map(str, walk))
    result["told"] = perf_counter() - begin
    begin = perf_counter()
    walk.data()
    result["data"] = perf_counter() - begin
    return result


def measure(quick: bool) -> tuple[list[Row], list[str]]:
    """The time to tell all events, and the time to make the data."""
    values, rounds = (150, 1) if quick else (VALUES, 3)
    results = in_turn(rounds, (OURS,), partial(run, "stepping", values=values))
    events = results[OURS][0].get("events", 0)
    return [
        Row(
            f"stepping through {values:,} values: all {events:,} events, told",
            "on",
            {OURS: median(results[OURS], "told")},
        ),
        Row("the same as data for the page", "on", {OURS: median(results[OURS], "data")}),
    ], []
