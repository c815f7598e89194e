"""The check of a recording on its first use: value and every gradient, against the eager engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.inputs import flat
from autograd.compiler.trace import Trace
from autograd.errors import RecordingError
from autograd.sweeps import pull_back, tape
from autograd.value import Value

TOLERANCE, EACH = 1e-12, 1e-15
"""How far off a number may be, of the sum of its absolute terms; and a bit more for every operation, which rounds."""
RUNS, ROUNDINGS, TIMES = 3, 8, 16
"""So often a program is run on numbers that are so many roundings off; a number may be off by so many times of what it
moves then."""


class Eager(NamedTuple):
    """What the eager engine computes of some results."""

    values: list[float]
    scales: list[float]
    """For each result an upper bound of its terms, whose rounding it may have."""
    adjoints: dict[int, float]
    """∂(Σ seed·result)/∂leaf by the leaf's id."""
    largest: dict[int, float]
    """The same of absolute terms."""


def eager(results: Any, seeds: Sequence[float] | None = None) -> Eager:
    """The results of a run with its way back, in which nothing is changed."""
    outputs = flat(results)
    seeds = [1.0] * len(outputs) if seeds is None else seeds
    way = tape([x for x in outputs if isinstance(x, Value)])
    start: list[Any] = [None] * len(way.nodes)
    for root, seed in zip(outputs, seeds, strict=True):
        place = way.place(root)
        if place is not None:
            start[place] = (start[place] or 0.0) + seed
    absolute = [(node, parent, abs(partial)) for node, parent, partial in way.edges]
    signed = pull_back(way.edges, list(start))
    largest = pull_back(absolute, [None if g is None else abs(g) for g in start])
    leaves = [(place, node) for place, node in enumerate(way.nodes) if node._row is None]
    terms = sum(abs(largest[place] * node._data) for place, node in leaves if largest[place] is not None)
    values = [x._data if isinstance(x, Value) else float(x) for x in outputs]
    return Eager(
        values,
        [max(abs(value), terms) for value in values],
        {id(node): signed[place] for place, node in leaves if signed[place] is not None},
        {id(node): largest[place] for place, node in leaves if largest[place] is not None},
    )


class Replayed(NamedTuple):
    """What a program gives."""

    results: Any
    gradients: Any


def compare(trace: Trace, found: Replayed, leaves: list[Any], plain: Any, nearby: Callable[[], Replayed]) -> None:
    """Raise unless the results and the gradients by the leaves are what the eager engine says.

    `plain` is what the function gives for the plain numbers: Python may do with these what it does not with Values.
    `nearby` runs the program on numbers that are a few roundings off: by what it gives it is told, should there be a
    difference, how far rounding is magnified. Where a loss is almost 0 it may leave few digits of a gradient.
    """
    spread = _Spread(found, nearby)
    true, count = eager(trace.run.outputs), len(trace.tape.names)
    if plain is not None:
        other, inputs = eager(plain), set(map(id, trace.inputs))
        parameters = [id(x) for x in leaves if id(x) not in inputs]
        _agree("value", np.array(other.values), true.values, true.scales, PLAIN, count)
        mine = np.array([other.adjoints.get(x, 0.0) for x in parameters])
        if any(isinstance(x, Value) for x in flat(plain)):
            _agree("gradient", mine, *_columns(true, parameters), PLAIN, count)
    _agree("value", found.results, true.values, true.scales, FAULT, count, spread.of_results)
    _agree("gradient", found.gradients, *_columns(true, [id(x) for x in leaves]), FAULT, count, spread.of_gradients)


class _Spread:
    """How far results and gradients move when all numbers are moved by a few roundings."""

    def __init__(self, found: Replayed, nearby: Callable[[], Replayed]) -> None:
        self._found, self._nearby = found, nearby

    @cached_property
    def _runs(self) -> list[Replayed]:
        return [self._nearby() for _ in range(RUNS)]

    def of_results(self) -> Any:
        """How far each result moves at most."""
        return np.max([np.abs(run.results - self._found.results) for run in self._runs], axis=0)

    def of_gradients(self) -> Any:
        """How far each gradient moves at most."""
        return np.max([np.abs(run.gradients - self._found.gradients) for run in self._runs], axis=0)


def _columns(true: Eager, leaves: list[int]) -> tuple[list[float], list[float]]:
    return [true.adjoints.get(x, 0.0) for x in leaves], [true.largest.get(x, 0.0) for x in leaves]


FAULT = (
    "Either the function magnifies rounding so much that no digits are left, or this is a fault of autograd.compile:"
    " then please report the function. Without compile it is right; verify=False leaves this check out"
)
PLAIN = (
    "With Values in place of its inputs the function does something else than with plain numbers: look for"
    " isinstance(), float(), or a type of numpy that it asks for"
)


def _agree(
    name: str, mine: Any, true: Any, scale: Any, why: str, operations: int, spread: Callable[[], Any] | None = None
) -> None:
    true, scale = np.asarray(true, dtype=float), np.asarray(scale, dtype=float)
    if mine.shape != true.shape:
        raise RecordingError(f"the function returned {true.size} numbers when recorded, then {mine.size}. {why}")
    with np.errstate(all="ignore"):
        off = np.abs(mine - true)
        wrong = ~(
            (off <= max(TOLERANCE, EACH * operations) * scale + 1e-300)
            | (mine == true)
            | (np.isnan(mine) & np.isnan(true))
        )
        if wrong.any() and spread is not None:
            wrong &= ~(off <= TIMES * spread())
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise RecordingError(
            f"the recording does not agree with the function: {name} {at} is {float(mine[at])!r}, and should be"
            f" {float(true[at])!r}. {why}"
        )
