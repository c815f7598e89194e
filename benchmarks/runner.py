"""The measuring side: start workers in fresh processes, in turn, and take medians of what they report."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.table import Cell

ROOT = Path(__file__).resolve().parent.parent
# One thread for numpy and PyTorch; and modules are compiled once, as they are where a package is installed.
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)
# Processor time: what the clock on the wall shows on an idle machine, for every engine here works on one thread. It is
# the wall's where the system counts the processor's coarsely (Windows).
clock = time.process_time if time.get_clock_info("process_time").resolution < 1e-4 else time.perf_counter

COLLECTOR = {"on": True, "off": False}
Result = dict[str, Any]


def run(benchmark: str, engine: str, **config: object) -> Result:
    """One worker in a fresh process: what it reported, or how it ended."""
    command = [sys.executable, "-m", "benchmarks.worker", benchmark, engine, json.dumps(config)]
    process = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
    lines = process.stdout.splitlines()
    if process.returncode == 0 and lines:
        result: Result = json.loads(lines[-1])
        return result
    if process.returncode < 0:
        return {"failed": f"crashed: {signal.Signals(-process.returncode).name}"}
    return {"failed": (process.stderr.splitlines() or ["no output"])[-1]}


def in_turn(rounds: int, engines: Iterable[str], job: Callable[[str], Result]) -> dict[str, list[Result]]:
    """
    Every engine's results, ``rounds`` of each.

    The engines take turns, so that a slow minute of the machine falls on all of them. An engine that is not installed
    or fails is not asked again.
    """
    results: dict[str, list[Result]] = {engine: [] for engine in engines}
    for _ in range(rounds):
        for engine, so_far in results.items():
            if not (so_far and trouble(so_far)):
                so_far.append(job(engine))
    return results


def trouble(results: Sequence[Result]) -> str:
    """Why there is no number, in words for the table; empty when there is one."""
    for result in results:
        if "missing" in result:
            return f"not installed: pip install {result['missing']}"
        if "failed" in result:
            return str(result["failed"])
    return ""


def median(results: Sequence[Result], key: str, unit: str = "s") -> Cell:
    """The median over all the numbers the results hold under a key: one each, or a list each."""
    words = trouble(results)
    if words:
        return Cell(words=words)
    numbers: list[float] = []
    for result in results:
        numbers += result[key] if isinstance(result[key], list) else [result[key]]
    return Cell(statistics.median(numbers), unit)


def disagreement(what: str, results: dict[str, list[Result]], key: str, relative: float = 1e-9) -> list[str]:
    """A note for each engine whose numbers under a key are not the first engine's: then the times compare nothing."""
    notes = []
    sound = {engine: found[0][key] for engine, found in results.items() if found and not trouble(found)}
    for engine, numbers in list(sound.items())[1:]:
        first, reference = next(iter(sound.items()))
        if not all(abs(a - b) <= relative * max(1.0, abs(b)) for a, b in zip(numbers, reference, strict=True)):
            notes.append(f"WARNING, {what}: {engine} computes {numbers}, {first} {reference}")
    return notes
