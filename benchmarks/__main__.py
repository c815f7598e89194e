"""The command: ``python -m benchmarks`` prints the whole table, ``python -m benchmarks NAME`` one benchmark of it."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from benchmarks.table import text
from benchmarks.worker import pin

BENCHMARKS = ("random_graph", "memory", "demo", "chain", "drawing", "stepping", "hessian", "import_time")
# One name for several; the table without names has them too.
GROUPS = {
    "compiled": tuple(f"compiled_{part}" for part in ("demo", "transformer", "digits", "programs", "hessian", "cost")),
}
NAMES = ", ".join((*BENCHMARKS, *GROUPS))
ALL = (*BENCHMARKS, *(name for group in GROUPS.values() for name in group))


def facts() -> str:
    """The facts about this machine that the numbers depend on, in one line."""
    versions = []
    for package in ("numpy", "micrograd", "torch", "jax", "casadi"):
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            versions.append(f"{package} not installed")
    python = f"{platform.python_implementation()} {platform.python_version()}"
    pinned = ", each process kept on one" if hasattr(os, "sched_setaffinity") else ""
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors{pinned}"
    return (
        f"{python}; {system}; {', '.join(versions)}. Medians of several fresh processes, in processor "
        "time; ratio = peer / ours."
    )


def main() -> None:
    """Run what was asked for and print it as one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of {NAMES}; all without")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: a test that it runs")
    parser.add_argument("--markdown", action="store_true", help="print the table as markdown")
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in ALL and name not in GROUPS:
            parser.error(f"no benchmark is called {name!r}; write one of {NAMES}")
    pin()
    rows, notes = [], []
    for name in [part for asked in arguments.names or ALL for part in GROUPS.get(asked, (asked,))]:
        print(f"{name} …", file=sys.stderr, flush=True)
        found, remarks = import_module(f"benchmarks.{name}").measure(arguments.quick)
        rows += found
        notes += remarks
    print(text(rows, arguments.markdown))
    print()
    for note in [facts(), *notes]:
        print(f"- {note}" if arguments.markdown else note)


if __name__ == "__main__":
    main()
