"""The time of an import beyond the interpreter's own start."""

from __future__ import annotations

import statistics
import subprocess
import sys
from time import perf_counter

from benchmarks.runner import ENVIRONMENT, ROOT
from benchmarks.table import Cell, Row

RUNS = {"autograd": 20, "micrograd": 20, "torch": 5}  # PyTorch takes more than a second a time
STATEMENTS = {"autograd": "import autograd", "micrograd": "import micrograd.engine", "torch": "import torch"}


def children_seconds() -> float:
    """The processor time of all the processes that were started and have ended; the wall's where it is not counted."""
    try:
        import resource
    except ImportError:  # Windows
        return perf_counter()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def start(statement: str) -> float:
    """Seconds of a whole interpreter that runs one statement; infinity if it fails."""
    begin = children_seconds()
    process = subprocess.run([sys.executable, "-c", statement], cwd=ROOT, env=ENVIRONMENT, capture_output=True)
    return children_seconds() - begin if process.returncode == 0 else float("inf")


def beyond(engine: str, runs: int) -> Cell:
    """The median over alternating runs of an import's time less the time of ``pass``."""
    statement = STATEMENTS[engine]
    if start(statement) == float("inf"):  # also leaves the compiled files on the disk
        return Cell(words=f"not installed: pip install {engine}" if engine != "autograd" else "fails")
    return Cell(statistics.median(-start("pass") + start(statement) for _ in range(runs)))


def measure(quick: bool) -> tuple[list[Row], list[str]]:
    """One row; the collector stays as it is."""
    cells = {engine: beyond(engine, 2 if quick else runs) for engine, runs in RUNS.items()}
    return [Row("import, beyond the interpreter's own start", "", cells)], []
