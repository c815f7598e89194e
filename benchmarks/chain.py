"""A chain of 1,000,000 operations: built, differentiated and freed, on the main thread and in another."""

from __future__ import annotations

import gc
import sys
import threading
from functools import partial

from benchmarks.engines import engine
from benchmarks.runner import COLLECTOR, Result, clock, in_turn, median, run, trouble
from benchmarks.table import Row

LENGTH = 1_000_000
FIRST_TRY = 10_000  # an engine that recurses fails here already; it is not made to fill the memory first


def peak_megabytes() -> float | None:
    """The most memory this process has had, in units of 10^6 bytes; None where the system does not say (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6  # macOS counts bytes, others kibibytes


def work(name: str, length: int, thread: bool, collect: bool) -> Result:
    """Seconds from the first operation to the last one freed, and the peak memory."""
    result: Result = {}

    def job() -> None:
        for operations in (min(FIRST_TRY, length), length):
            try:
                result["seconds"] = seconds(name, operations, collect)
            except ModuleNotFoundError as error:
                result["missing"] = error.name
                return
            except Exception as error:
                result["failed"] = f"{type(error).__name__} at {operations:,}"
                return

    if thread:
        worker = threading.Thread(target=job)
        worker.start()
        worker.join()
    else:
        job()
    result["megabytes"] = peak_megabytes()
    return result


def seconds(name: str, length: int, collect: bool) -> float:
    """Build x·c + d over and over, go backward, check the gradient c^(length/2), and free it all."""
    make, _, grad = engine(name)
    if name == "micrograd":
        sys.setrecursionlimit(1000)  # the interpreter's own limit, as users have it
    gc.collect()
    if not collect:
        gc.disable()
    leaf = make(1.0)
    start = clock()
    x = leaf
    for _ in range(length // 2):
        x = x * 1.000001 + 0.000001
    x.backward()
    del x
    elapsed = clock() - start
    gc.enable()
    expected = 1.000001 ** (length // 2)
    if abs(grad(leaf) - expected) > 1e-6 * expected:
        raise ArithmeticError(f"the gradient is {grad(leaf)}, expected {expected}")
    return elapsed


def measure(quick: bool) -> tuple[list[Row], list[str]]:
    """
    On the main thread, with the collector on and off, and in a thread: the time, then the peak memory.

    PyTorch, which takes its time, runs once, on the main thread with the collector on.
    """
    length, rounds = (20_000, 1) if quick else (LENGTH, 3)
    rows = []
    for where, thread, collectors in (("main thread", False, ("on", "off")), ("in a thread", True, ("on",))):
        peaks = {}
        for collector in collectors:
            job = partial(run, "chain", length=length, thread=thread, collect=COLLECTOR[collector])
            results = in_turn(rounds, ("autograd", "micrograd"), job)
            if not thread and collector == "on":
                results |= in_turn(1, ("torch",), job)
            cells = {name: median(found, "seconds") for name, found in results.items()}
            rows.append(Row(f"chain of {length:,} operations, {where}: built, differentiated, freed", collector, cells))
            if collector == "on":
                sound = {name: found for name, found in results.items() if not trouble(found)}
                peaks = {name: median(found, "megabytes", "MB") for name, found in sound.items()}
        rows.append(Row("the same: peak memory of the process", "on", peaks))
    return rows, []
