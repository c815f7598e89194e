"""Recording: one trace of a function, with the machines that run it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import modes
from autograd.compiler import check
from autograd.compiler.adjoint import adjoint
from autograd.compiler.biases import with_biases
from autograd.compiler.clean import clean
from autograd.compiler.inputs import Inputs, flat
from autograd.compiler.lanes import with_lanes
from autograd.compiler.outside import Outside
from autograd.compiler.parameters import as_slice, sources
from autograd.compiler.recorder import Run
from autograd.compiler.reroll import reroll
from autograd.compiler.runner import Runner
from autograd.compiler.splits import with_splits
from autograd.compiler.trace import trace
from autograd.value import Value


class Recording:
    """A program for inputs of one structure, and for the branches that Python took when it was recorded."""

    def __init__(
        self, function: Callable[..., Any], example: Inputs, outside: Outside, batch: bool, backend: str
    ) -> None:
        self.seconds: dict[str, float] = {}
        self.function, self.outside, self.batch, self.backend = function, outside, batch, backend
        with _no_collector():
            with self.timed("trace"):
                self.trace = trace(function, example)
            self.seconds["trace"] -= self.trace.seconds_again
            self.seconds["run again, to compare"] = self.trace.seconds_again
            outside.watch_codes(self.trace.codes)
            with self.timed("clean"):
                scalars = clean(self.trace.tape)
            with self.timed("re-roll"):
                self.program = reroll(scalars, example.sizes, batch)
        leaves = self.trace.tape.leaves
        self.parameters: list[Value] = [leaves[number].content for number in self.program.parameters]
        numbers = example.numbers()
        self.fixed = np.array(sorted(self.trace.fixed), dtype=int)
        self.fixed_numbers = numbers[self.fixed]
        indices = sorted(self.trace.indices)
        self.indices = as_slice(indices)
        self.limits = np.array([self.trace.indices[position] for position in indices], dtype=float)
        self.lines = [line for _, _, line in self.trace.run.guards]
        self.truths = [truth for _, truth, _ in self.trace.run.guards]
        self.shape = self.trace.shape
        self.eager_seconds = 0.0
        """What a step of the eager engine took: the function's run, and the way back."""
        self.peak_megabytes = 0.0
        """How far making it, and checking it, has raised the peak of memory."""
        self._runners: dict[tuple[int, bool], Runner] = {}
        self.sources = sources(self.parameters)

    def verify(self, function: Callable[..., Any] | None, example: Inputs) -> None:
        """Compare value and gradients at the inputs that were recorded with the eager engine.

        The function is run on the plain numbers too; None where it is not made for these.
        """
        with self.timed("check against the eager engine"), _no_collector(), np.errstate(all="ignore"):
            start = time.thread_time()
            plain = self._plain(function, example)
            check.eager(self.trace.run.outputs if plain is None else plain)
            self.eager_seconds = time.thread_time() - start
            runner = self.runner(1, True)
            runner.load(example.numbers())
            runner.forward(lambda seeds: self.eagerly(function or self.function, [example], seeds))
            runner.backward(1.0)
            found = self._replayed(runner)
            leaves, machine = [*self.parameters, *self.trace.inputs], runner.machine
            rng, cells = np.random.default_rng(0), self._movable(runner)
            numbers = machine.values[cells]

            def nearby() -> check.Replayed:
                roundings = rng.choice([-1.0, 1.0], len(cells)) * check.ROUNDINGS * np.finfo(float).eps
                machine.values[cells] = numbers * (1 + roundings)
                machine.forward()
                runner.seed(1.0)
                machine.backward()
                return self._replayed(runner)

            check.compare(self.trace, found, leaves, plain, nearby)

    def _replayed(self, runner: Runner) -> check.Replayed:
        """The function's results and the gradients by all leaves, as the program has computed them."""
        values, adjoints = runner.machine.values, runner.machine.adjoints
        results = values[self.program_outputs(runner)] if self.batch else runner.results()
        by_inputs = adjoints[runner.program.inputs].ravel()
        return check.Replayed(results, np.concatenate([adjoints[: len(self.parameters)], by_inputs]))

    def _movable(self, runner: Runner) -> Any:
        """The cells of parameters and inputs, but for whole numbers used as such, which may be a little other ones."""
        inputs = np.delete(runner.program.inputs.ravel(), self.fixed)
        indices = runner.program.inputs.ravel()[self.indices]
        return np.concatenate([np.arange(len(self.parameters)), inputs[~np.isin(inputs, indices)]])

    def _plain(self, function: Callable[..., Any] | None, example: Inputs) -> Any:
        """What the function gives for plain numbers; None where it is made for Values alone."""
        if function is None or self.trace.run.beyond_plain:
            return None
        try:
            with modes.recording():
                return function(*example.copies())
        except (AttributeError, TypeError, ArithmeticError):  # x.tanh(), say, or 1/0
            return None

    def program_outputs(self, runner: Runner) -> Any:
        """The cells of the function's own results in a program with one lane."""
        cells = [operation.factors[0].start for operation in runner.program.steps[-1].operations]  # type: ignore[union-attr]
        return np.array(cells)

    def eagerly(self, function: Callable[..., Any], examples: Sequence[Inputs], seeds: Any) -> Any:
        """Results, adjoints, which parameters were reached, and whether the branches are ours, by the eager engine."""
        places = {id(value): place for place, value in enumerate(self.parameters)}
        share = 1.0 / len(examples)
        seeds = [float(seed) for seed in seeds]
        weights = [seeds[0] * share, seeds[0]] if self.batch else seeds
        adjoints, reached = np.zeros(len(places)), np.zeros(len(places), dtype=bool)
        by_inputs, results, same = [], np.zeros(len(seeds)), True
        for number, example in enumerate(examples):
            values = example.values()
            leaves = flat(values)
            run = Run()(function, values)  # in which comparisons are what they were when recorded
            outputs, same = flat(run.outputs), same and [truth for _, truth, _ in run.guards] == self.truths
            if self.batch and number:
                outputs = outputs[:1]  # the penalty counts once
            found = check.eager(outputs, weights[: len(outputs)])
            for leaf, adjoint_of in found.adjoints.items():
                if leaf in places:
                    adjoints[places[leaf]] += adjoint_of
                    reached[places[leaf]] = True
            by_inputs.append([found.adjoints.get(id(leaf), 0.0) for leaf in leaves])
            results += (
                np.dot(found.values, weights[: len(outputs)]) / seeds[0] if self.batch else np.array(found.values)
            )
        return results, np.concatenate([adjoints, np.array(by_inputs).T.ravel()]), reached, same

    def takes(self, numbers: Any) -> bool:
        """Whether the integers that it holds for are these; raises where one is not an index of its list."""
        if len(self.fixed) and (numbers[..., self.fixed] != self.fixed_numbers).any():
            return False
        if len(self.limits):
            indices = numbers[..., self.indices]
            fine = (indices < self.limits) & (indices >= -self.limits) & (indices == np.floor(indices))
            if not fine.all():
                raise IndexError(
                    f"{indices[~fine][0]:g} was given where an index of a list is used; the list has"
                    f" {np.broadcast_to(self.limits, indices.shape)[~fine][0]:g} items"
                )
        return True

    def forget_graph(self) -> None:
        """Let go of the eager graph that was recorded."""
        run = self.trace.run
        run.made.clear()
        run.origins.clear()
        run.guards.clear()
        run.lookups.clear()
        run.outputs = None
        self.trace.inputs.clear()

    def runner(self, lanes: int, by_inputs: bool) -> Runner:
        """What runs the program on so many examples, and can go back to the parameters, or to the inputs as well."""
        key = lanes, by_inputs
        if key not in self._runners:
            program = with_splits(with_biases(with_lanes(self.program, lanes) if self.batch else self.program))
            wanted = np.arange(len(self.parameters))
            if by_inputs:
                wanted = np.concatenate([wanted, program.inputs.ravel()])
            with self.timed("adjoint"):
                back = adjoint(program, wanted)
            with self.timed(f"{self.backend} backend"):
                self._runners[key] = Runner(self, program, back, wanted)
        return self._runners[key]

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note how long a pass takes."""
        start = time.thread_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.thread_time() - start


@contextmanager
def _no_collector() -> Iterator[None]:
    """Without the garbage collector, which would visit the whole graph again and again while it grows."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
