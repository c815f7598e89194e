"""What a compiled function says of itself: its operations, and what compiling cost and saves."""

from __future__ import annotations

import sys
import time
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.program import Contract, Region

LONGEST = 8


def listing(recording: Any) -> str:
    """The program, one line an array operation."""
    program = recording.program
    count = len(program.steps)
    lines = [f"{program.recorded:,} scalars → {count:,} array operation{'s' * (count != 1)}"]
    names: dict[int, str] = {}
    for number, block in enumerate(program.blocks):
        if block.name == "parameters":
            names[number] = "p"
        elif block.name.startswith("input"):
            names[number] = "x" + block.name.removeprefix("input ")
    steps = [step for step in program.steps if step.block >= 0]
    for number, step in enumerate(steps):
        names[step.block] = f"v{number}"
    starts = np.array([block.start for block in program.blocks])
    sizes = np.array([block.size for block in program.blocks])

    def name(access: Any, axes: Any) -> str:
        if isinstance(access, float):
            return f"{access:.4g}"
        cell = int(np.asarray(access.cells(axes)).flat[0])
        block = int(np.flatnonzero((starts <= cell) & (cell < starts + sizes))[0])
        kind = "c" if program.blocks[block].numbers is not None else names.get(block, "s")
        return kind if hasattr(access, "strides") else f"{kind}[…]"

    rows = []
    for step in program.steps:
        first = step.operations[0]
        if isinstance(first, Region):
            rows.append(("", f"scalar code: {len(first.scalars):,} operations, one after the other", step.origin))
            continue
        last = step.operations[-1]
        free = [size for size, stride in zip(last.axes, getattr(last.out, "strides", ()), strict=False) if stride]
        shape = "×".join(map(str, free)) or "1"
        if isinstance(first, Contract):
            terms = []
            for operation in step.operations:
                if not isinstance(operation, Contract) or not (operation.factors or operation.coefficient):
                    continue
                factors = [name(x, operation.axes) for x in operation.factors]
                strides = getattr(operation.out, "strides", (0,) * len(operation.axes))
                summed = [n for n, s in zip(operation.axes, strides, strict=True) if not s and n > 1]
                scale = [] if operation.coefficient == 1.0 and factors else [f"{operation.coefficient:.4g}"]
                sign = f"Σ({'×'.join(map(str, summed))}) " if summed else ""
                terms.append(sign + "·".join(scale + factors))
            text = " + ".join(terms)
        else:
            operands = getattr(first, "operands", None) or [getattr(first, "operand", None) or first.at]
            text = f"{getattr(first, 'row', 'select')}({', '.join(name(x, first.axes) for x in operands)})"
        rows.append((f"{names[step.block]}[{shape}]", text, step.origin))
    wide = max([len(left) for left, _, _ in rows], default=0)
    middle = min(60, max([len(text) for _, text, _ in rows], default=0))
    for left, text, origin in rows:
        lines.append(
            f"  {left:<{wide}} = {text:<{middle}}   {origin}".rstrip() if left else f"  {text}   {origin}".rstrip()
        )
    return "\n".join(lines)


class Report(NamedTuple):
    """What compiling cost, and what it saves."""

    scalars: int
    operations: int
    seconds: dict[str, float]
    """The time of each pass."""
    megabytes: float
    """The buffers of the program."""
    peak_megabytes: float
    """How far compiling has raised the peak of the process's memory; 0 where that was higher before."""
    eager_step: float
    step: float

    @property
    def payback(self) -> float:
        """After how many steps, forward and backward, compiling has paid for itself."""
        saved = self.eager_step - self.step
        return sum(self.seconds.values()) / saved if saved > 0 else float("inf")

    def __str__(self) -> str:
        if not self.operations:
            return "nothing recorded yet; it is when the program is first called"
        lines = [f"{self.scalars:,} scalars → {self.operations:,} array operations"]
        lines += [f"  {name:<30} {1000 * seconds:8.1f} ms" for name, seconds in self.seconds.items()]
        lines += [
            f"  {'all passes':<30} {1000 * sum(self.seconds.values()):8.1f} ms",
            f"  {'a step, eager':<30} {1000 * self.eager_step:8.3f} ms",
            f"  {'a step, compiled':<30} {1000 * self.step:8.3f} ms",
            f"  {'buffers':<30} {self.megabytes:8.3f} MB",
            f"  {'peak memory of compiling':<30} {self.peak_megabytes:8.3f} MB more than before",
            f"compiling has paid for itself after {int(np.ceil(self.payback)):,} steps"
            if self.payback < float("inf") else "the eager engine is as fast: compiling does not pay here",
        ]  # fmt: skip
        return "\n".join(lines)


def report(recording: Any) -> Report:
    """Measure a step of the last recording, as it is loaded now."""
    if recording is None:
        return Report(0, 0, {}, 0.0, 0.0, 0.0, 0.0)
    runner = next(iter(recording._runners.values()))
    times = []
    for _ in range(5):
        start = time.perf_counter()
        with np.errstate(all="ignore"):
            runner.forward(runner.eagerly)
            runner.backward(1.0)
        times.append(time.perf_counter() - start)
    size = sum(r.machine.values.nbytes + r.machine.adjoints.nbytes for r in recording._runners.values())
    program = runner.program
    seconds = dict(recording.seconds)
    grown, eager = recording.peak_megabytes, recording.eager_seconds
    return Report(program.recorded, len(program.steps), seconds, size / 1e6, grown, eager, min(times))


def peak_memory() -> float:
    """The most memory that this process has had so far, in MB; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6
