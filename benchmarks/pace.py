"""Pace: how long a step takes in a loop of steps, for engines from a second a step to some microseconds."""

from __future__ import annotations

import gc
from collections.abc import Callable

from benchmarks.runner import Result, clock
from benchmarks.table import TITLES, Row, significant

COMPARED = 5  # so many first steps give a number that the engines must agree on
STRETCHES = 3


def pace(step: Callable[[int], float], seconds: float, collect: bool = True, cycles: bool = False) -> Result:
    """Seconds a step, one mean for each of some stretches, and the numbers of the first steps: `step(k)` gives one.

    The first step, which compiles, is not in the time. A stretch is as many steps as fit into so many seconds; where
    the first few steps alone take longer, they are it.

    `cycles`: nothing but the collector frees what the engine leaves. Where it is off it is called outside the clock.
    """
    numbers = [step(0)]
    gc.collect()
    if not collect:
        gc.disable()

    def stretch(first: int, count: int) -> float:
        start = clock()
        for k in range(first, first + count):
            number = step(k)
            if len(numbers) < COMPARED:
                numbers.append(number)
            if cycles and not collect:
                pause = clock()
                gc.collect()
                start += clock() - pause
        return (clock() - start) / count

    means = [stretch(1, COMPARED - 1)]
    if means[0] * (COMPARED - 1) < seconds:
        done, count = COMPARED, max(1, int(seconds / means[0]))
        means = [stretch(done + part * count, count) for part in range(STRETCHES)]
    return {"seconds": means, "numbers": numbers}


def promise(row: Row, peer: str, times: float) -> list[str]:
    """Whether a row's ratio to a peer is at least what is promised of it, in one line; nothing where one is missing."""
    ratio = row.times(peer)
    if ratio is None:
        return []
    collector = f", collector {row.collector}" if row.collector else ""
    return [
        kept(
            f"{row.measured}{collector}: {ratio:,.{significant(ratio, 2)}f} times as fast as {TITLES[peer]}",
            f"at least {round(times, 2):,}",
            ratio >= times,
        )
    ]


def kept(measured: str, promised: str, is_kept: bool) -> str:
    """What was measured, what is promised, and whether that is kept."""
    return f"{measured}, promised {promised}: {'kept' if is_kept else 'NOT KEPT'}"
