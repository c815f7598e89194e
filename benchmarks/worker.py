"""
The measured process: ``python -m benchmarks.worker BENCHMARK ENGINE CONFIG`` runs one engine once.

It prints one line of JSON: what ``benchmarks.BENCHMARK.work(ENGINE, **CONFIG)`` returned, or ``{"missing": package}``,
or ``{"failed": name of the exception}``.
"""

from __future__ import annotations

import importlib
import json
import os
import sys


def pin() -> None:
    """Keep this process on one core, where the system can: moving between cores is noise."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def main(benchmark: str, engine: str, config: str) -> None:
    """Run one engine on one benchmark and print the result."""
    pin()
    try:
        result = importlib.import_module(f"benchmarks.{benchmark}").work(engine, **json.loads(config))
    except ModuleNotFoundError as error:
        result = {"missing": (error.name or engine).partition(".")[0]}
    except Exception as error:  # whatever a peer does wrong becomes one cell of the table
        result = {"failed": type(error).__name__, "message": str(error)}
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
