"""Bytes an operation of the random graph keeps after backward, as tracemalloc counts them."""

from __future__ import annotations

import gc
import tracemalloc
from functools import partial

from benchmarks.engines import engine
from benchmarks.random_graph import OPERATIONS, program
from benchmarks.runner import Result, in_turn, median, run
from benchmarks.table import Row

# tracemalloc sees what Python allocates; PyTorch's nodes live in C++ and would look small.
ENGINES = ("autograd", "micrograd")


def work(name: str, operations: int) -> Result:
    """Build the graph, go backward, and divide what is then allocated by the number of leaves and operations."""
    code = program(operations)
    make, _, _ = engine(name)
    make(1.0)
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    values = code.run([make(x) for x in code.leaves])
    values[-1].backward()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    nodes = len(values) - len(code.constants)
    # The list that holds the values is the benchmark's, not the engine's.
    return {"bytes": (after - before - values.__sizeof__()) / nodes}


def measure(quick: bool) -> tuple[list[Row], list[str]]:
    """One row: the count does not depend on the collector."""
    operations = 5_000 if quick else OPERATIONS
    results = in_turn(1, ENGINES, partial(run, "memory", operations=operations))
    cells = {name: median(found, "bytes", "bytes") for name, found in results.items()}
    return [Row("the same graph: memory an operation after backward", "", cells)], []
