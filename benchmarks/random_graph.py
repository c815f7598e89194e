"""A random graph of 100,000 mixed operations, the same one for every engine: forward plus backward."""

from __future__ import annotations

import gc
import operator
import random
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from benchmarks.engines import SCALAR_ENGINES, engine
from benchmarks.runner import COLLECTOR, Result, clock, disagreement, in_turn, median, run
from benchmarks.table import Row

OPERATIONS = 100_000
LEAVES = 2_000
REACH = 10_000  # a second operand is one of this many latest values
LARGEST = 8.0  # no value of the graph is greater in magnitude ...
SMALLEST_DIVISOR = 0.25  # ... and none less than this is divided by or raised to a power below 1

# Per hundred operations. A quarter of the binary ones have a constant on one side, left and right alike.
MIX = {"+": 25, "-": 15, "*": 25, "/": 10, "**": 10, "relu": 10, "neg": 5}
CONSTANT_SHARE = 0.25
EXPONENTS = (2, 3, -1, 0.5)
CONSTANTS = (-2.0, -1.5, -0.75, -0.5, 0.5, 0.75, 1.25, 1.5, 2.0, 3.0)

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
}  # fmt: skip
UNARY: dict[str, Callable[[Any], Any]] = {"neg": operator.neg, "relu": operator.methodcaller("relu")}


class Program(NamedTuple):
    """
    Straight-line code over one growing list of values: exponents, constants, leaves, then one entry a step.

    A step is ``(function, i, j)``: ``function(values[i], values[j])``, or ``function(values[i])`` where j is -1.
    """

    constants: list[float]
    leaves: list[float]
    steps: list[tuple[Callable[..., Any], int, int]]

    def run(self, leaves: list[Any]) -> list[Any]:
        """All the values, in order; the last is the root."""
        values = [*self.constants, *leaves]
        append = values.append
        for function, i, j in self.steps:
            append(function(values[i], values[j]) if j >= 0 else function(values[i]))
        return values


def program(operations: int = OPERATIONS, seed: int = 1) -> Program:
    """
    A random program in which every step leads to the root.

    The first operand is always the oldest value that nothing uses yet, so nothing is left over; the second is any of
    the latest values. At the end what is unused is added up by twos. A step out of the tame range is drawn again.
    """
    rng = random.Random(seed)
    constants: list[float] = [*EXPONENTS, *CONSTANTS]
    count = min(LEAVES, operations // 4)
    leaves = [rng.uniform(-2.0, 2.0) for _ in range(count)]
    numbers = [*constants, *leaves]
    unused = deque(range(len(constants), len(numbers)))
    names, weights = list(MIX), list(MIX.values())
    steps: list[tuple[Callable[..., Any], int, int]] = []

    def step(function: Callable[..., Any], i: int, j: int, number: float) -> None:
        steps.append((function, i, j))
        unused.append(len(numbers))
        numbers.append(number)

    while len(steps) < operations - (count - 1):
        first = unused.popleft()
        while True:
            name = rng.choices(names, weights)[0]
            i, j = first, -1
            if name == "**":
                j = rng.randrange(len(EXPONENTS))
            elif name in BINARY:
                if rng.random() < CONSTANT_SHARE:
                    j = rng.randrange(len(EXPONENTS), len(constants))
                else:
                    j = rng.randrange(max(len(constants), len(numbers) - REACH), len(numbers))
                if rng.random() < 0.5:
                    i, j = j, i
            x = numbers[i]
            if j < 0:
                step(UNARY[name], i, j, -x if name == "neg" else (x if x > 0 else 0.0))
                break
            y = numbers[j]
            if name == "/" and abs(y) < SMALLEST_DIVISOR:
                continue
            if name == "**" and (abs(x) if y == -1 else x if y == 0.5 else 1.0) < SMALLEST_DIVISOR:
                continue
            number = BINARY[name](x, y)
            if abs(number) <= LARGEST:
                step(BINARY[name], i, j, number)
                break
    while len(unused) > 1:
        i, j = unused.popleft(), unused.popleft()
        step(operator.add, i, j, numbers[i] + numbers[j])
    return Program(constants, leaves, steps)


def work(name: str, operations: int, runs: int, collect: bool) -> Result:
    """
    Seconds of forward plus backward, once a run, with the root and the sum of the leaves' gradients to compare.

    With the collector on, the runs follow each other as in a training loop: what one leaves behind, the next collects.
    With it off, each starts clean.
    """
    code = program(operations)
    # The program is no part of any engine: the collector is not to walk it.
    gc.collect()
    gc.freeze()
    make, data, grad = engine(name)
    seconds = []
    check: list[float] = []
    for _ in range(runs):
        leaves = [make(x) for x in code.leaves]
        if not collect:
            gc.collect()
            gc.disable()
        start = clock()
        values = code.run(leaves)
        values[-1].backward()
        seconds.append(clock() - start)
        gc.enable()
        total = 0.0
        for leaf in leaves:
            total += grad(leaf)
        check = [data(values[-1]), total]
        del values, leaves
    return {"seconds": seconds, "check": check}


def measure(quick: bool) -> tuple[list[Row], list[str]]:
    """Rows with the collector on and off, and the notes under the table."""
    operations, runs, rounds = (5_000, 1, 1) if quick else (OPERATIONS, 3, 3)
    rows, notes = [], []
    for collector, collect in COLLECTOR.items():
        job = partial(run, "random_graph", operations=operations, runs=runs, collect=collect)
        results = in_turn(rounds, SCALAR_ENGINES, job)
        cells = {name: median(found, "seconds") for name, found in results.items()}
        rows.append(Row(f"random graph, {operations:,} operations: forward + backward", collector, cells))
        notes = disagreement("random graph", results, "check", 1e-6)
    mix = ", ".join(f"{share}% {name}" for name, share in MIX.items())
    notes.append(
        f"random graph: {mix}, and additions at the end; exponents {', '.join(map(str, EXPONENTS))}; "
        f"{CONSTANT_SHARE:.0%} of + - * / with a constant on one side; PyTorch with float64 scalars (0-d tensors)."
    )
    return rows, notes
