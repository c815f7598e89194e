"""One pass of the compiler alone: a program before and after it, on both machines, against the eager engine."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from compiled_judge import as_values, check_gradients, check_value, flat, judge

import autograd as ag
from autograd import Value
from autograd.compiler.adjoint import adjoint
from autograd.compiler.clean import clean
from autograd.compiler.inputs import Inputs
from autograd.compiler.lanes import with_lanes
from autograd.compiler.numpy_backend import Machine
from autograd.compiler.program import Contract, Program
from autograd.compiler.python_backend import PythonMachine
from autograd.compiler.reroll import reroll
from autograd.compiler.trace import trace

MACHINES: list[Callable[..., Any]] = [Machine, PythonMachine]


class Made(NamedTuple):
    """A program before and after the pass, and which leaf has which of its first cells."""

    before: Program
    after: Program
    parameters: list[Value]

    @property
    def fewer(self) -> int:
        """How many products and sums are no operations of their own any more."""
        return contracts(self.before) - contracts(self.after)


def contracts(program: Program) -> int:
    """How many operations are sums of products."""
    return sum(isinstance(operation, Contract) for operation in program.forward)


Change = Callable[[Program], Program]


def made(change: Change, function: Any, inputs: Sequence[Any], lanes: int = 0) -> Made:
    """The function as a program; in a batch the inputs are those of the first example."""
    example = Inputs(inputs, [""] * len(inputs))
    scalars = clean(trace(function, example).tape)
    program = reroll(scalars, example.sizes, bool(lanes))
    parameters = [scalars.leaves[place].content for place in program.parameters]
    program = with_lanes(program, lanes) if lanes else program
    return Made(program, change(program), parameters)


def check(change: Change, function: Any, inputs: Sequence[Any], lanes: int = 0) -> Made:
    """Both programs on both machines against the eager engine; with lanes the inputs have one item an example."""
    rows = list(zip(*inputs, strict=True)) if lanes else [tuple(inputs)]
    it = made(change, function, rows[0], lanes)
    values = [as_values(list(row)) for row in rows]
    results = [function(*row) for row in values]
    true = judge(ag.mean(results) if lanes else results[0])
    leaves = [flat(row) for row in values]
    numbers = np.array([flat(list(row)) for row in rows])
    for program in (it.before, it.after):
        wanted = np.concatenate([np.arange(len(it.parameters)), program.inputs.ravel()])
        for kind in MACHINES:
            machine = kind(program, adjoint(program, wanted))
            for _ in range(2):  # nothing may be left over
                machine.values[: len(it.parameters)] = [p.data for p in it.parameters]
                machine.values[program.inputs] = numbers.T if lanes else numbers[0]
                machine.forward()
                machine.adjoints[program.outputs] = 1.0
                machine.backward()
            check_value(float(machine.values[program.outputs][0]), true)
            check_gradients(machine.adjoints[: len(it.parameters)].tolist(), it.parameters, true)
            by_inputs = machine.adjoints[program.inputs].T.ravel().tolist()
            check_gradients(by_inputs, [x for row in leaves for x in row], true, "by input")
    return it


class Numbers:
    """Random numbers, the same each time."""

    def __init__(self, seed: int = 1) -> None:
        self.draw = random.Random(seed)

    def row(self, count: int) -> list[float]:
        return [self.draw.uniform(-1.0, 1.0) for _ in range(count)]

    def rows(self, *sizes: int) -> Any:
        return [self.rows(*sizes[1:]) for _ in range(sizes[0])] if len(sizes) > 1 else self.row(sizes[0])

    def weights(self, *sizes: int) -> Any:
        return as_values(self.rows(*sizes))
