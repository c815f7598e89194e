"""Scalar code: a region of a program as Python functions on lists, for where arrays would be too short to pay.

Each scalar operation is a line of Python with places in it to fill in. A short region is the lines themselves, one
after the other; of a long one, which Python would take long to compile, each kind of line is a function that is called
for every operation of that kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from autograd import floats
from autograd.compiler.clean import SUM
from autograd.compiler.formula import partial
from autograd.compiler.program import Scalar
from autograd.ops import TABLE

SHORT = 3000
"""Up to so many operations a region is compiled line by line."""
LINES = 500
KEPT = 16
LONGEST = 100
"""How many terms of a sum are one expression."""
INFIX = {
    "+": "{} + {}", "-": "{} - {}", "*": "{} * {}", "neg": "-{}", "detach": "{}", "where": "{1} if {0} else {2}",
    "<": "{} < {}", "<=": "{} <= {}", ">": "{} > {}", ">=": "{} >= {}", "equal": "{} == {}",
    "and": "{} and {}", "or": "{} or {}", "not": "not {}",
}  # fmt: skip
TRUTHS = frozenset({"<", "<=", "equal", "and", "or", "not"})
NAMES = {name: {"/": "divide", "**": "power", "**n": "power"}.get(name, name) for name in floats.KERNELS}
NAMESPACE: dict[str, Any] = {NAMES[name]: kernel for name, kernel in floats.KERNELS.items()}
NAMESPACE.update(inf=float("inf"), nan=float("nan"))

Form = tuple[Any, ...]  # the row, and which operands are cells: operations of one form are the same line of Python


class Code(NamedTuple):
    """The two functions of a region, on the buffers of a machine."""

    forward: Callable[[Any], None]
    backward: Callable[[Any, Any], None]


_latest: dict[int, tuple[list[Scalar], Code]] = {}


def region_code(scalars: list[Scalar]) -> Code:
    """A region as two functions, kept for a while: forward and backward, and all machines, share them."""
    kept = _latest.get(id(scalars))
    if kept is None:
        if len(_latest) >= KEPT:
            del _latest[next(iter(_latest))]
        kept = _latest[id(scalars)] = scalars, _coded(scalars)
    return kept[1]


def _coded(scalars: list[Scalar]) -> Code:
    """A region as two functions; it reads cells from outside, and computes its own."""
    own = [scalar.out for scalar in scalars]
    computed = set(own)
    formed = [formed_of(scalar) for scalar in scalars]
    outside = sorted({x for _, slots in formed for x in slots if not isinstance(x, float)} - computed)
    place = {cell: number for number, cell in enumerate([*outside, *own])}
    first = len(outside)
    items = [(form, [x if isinstance(x, float) else place[x] for x in slots]) for form, slots in formed]
    forward, backward = (_short if len(items) <= SHORT else _long)(items)
    read, written = np.array(outside, dtype=int), np.array(own, dtype=int)
    both = np.concatenate([read, written])
    room = [0.0] * len(own)

    def run(values: Any) -> None:
        cells = values.take(read).tolist() + room
        forward(cells)
        values[written] = cells[first:]

    def run_back(values: Any, adjoints: Any) -> None:
        cells = values.take(both).tolist()
        shares = [0.0] * first + adjoints.take(written).tolist()
        backward(cells, shares)
        adjoints[read] += shares[:first]

    return Code(run, run_back)


def formed_of(scalar: Scalar) -> tuple[Form, list[int | float]]:
    """The form of an operation, and what to fill in: its own cell, then cells and constants in order."""
    slots: list[int | float] = [scalar.out]
    if scalar.row == SUM:
        terms = []
        for coefficient, factors in scalar.operands:
            plain = coefficient == 1.0 and bool(factors)
            if not plain:
                slots.append(coefficient)
            slots.extend(factors)
            terms.append((plain, *[isinstance(x, float) for x in factors]))
        return (SUM, *terms), slots
    slots.extend(scalar.operands)
    return (scalar.row, *[isinstance(x, float) for x in scalar.operands]), slots


@cache
def lines_of(form: Form) -> tuple[str, tuple[str, ...]]:
    """The line of Python that computes an operation, and those that pass its adjoint back, with places to fill in.

    >>> lines_of(("tanh", False))
    ('c[{0}] = tanh(c[{1}])', ('d[{1}] += d[{0}]*(4.0 * (sigmoid((2.0 * c[{1}])) * sigmoid((-2.0 * c[{1}]))))',))
    """
    target, upstream = "c[{0}]", "d[{0}]"
    back: list[str] = []
    number = 1
    if form[0] == SUM:
        terms = []
        for plain, *kinds in form[1:]:
            coefficient = [] if plain else [f"{{{number}}}"]
            number += not plain
            words = [f"{{{number + i}}}" if constant else f"c[{{{number + i}}}]" for i, constant in enumerate(kinds)]
            for i, constant in enumerate(kinds):
                if not constant:
                    back.append(
                        f"d[{{{number + i}}}] += {'*'.join([upstream, *coefficient, *words[:i], *words[i + 1 :]])}"
                    )
            number += len(kinds)
            terms.append("*".join([*coefficient, *words]))
        lines = [f"{target} = {' + '.join(terms[:LONGEST])}"]
        for start in range(LONGEST, len(terms), LONGEST):  # Python's compiler recurses once a term
            lines.append(f"{target} = {target} + {' + '.join(terms[start : start + LONGEST])}")
        return "; ".join(lines), tuple(back)
    row, kinds = form[0], form[1:]
    operands = [f"{{{i}}}" if constant else f"c[{{{i}}}]" for i, constant in enumerate(kinds, 1)]
    text = _written(row, operands)
    line = f"{target} = {f'float(bool({text}))' if row in TRUTHS else text}"
    for i, constant in enumerate(kinds):
        formula = None if constant or row not in TABLE else partial(row, i, len(kinds))
        if formula is not None and (isinstance(formula.result, int) or formula.result):
            terms = [*operands, target]
            for name, slots in formula.steps:
                terms.append(_written(name, [terms[slot] if isinstance(slot, int) else repr(slot) for slot in slots]))
            slope = terms[formula.result] if isinstance(formula.result, int) else repr(formula.result)
            back.append(f"d[{{{i + 1}}}] += {upstream}*{slope}")
    return line, tuple(back)


def _written(name: str, operands: list[str]) -> str:
    if name in INFIX:
        return "(" + INFIX[name].format(*operands) + ")"
    return f"{NAMES[name]}({', '.join(operands)})"


Items = Sequence[tuple[Form, list[int | float]]]


def _short(items: Items) -> tuple[Callable[..., None], Callable[..., None]]:
    """The lines one after the other."""
    lines = [lines_of(form)[0].format(*slots) for form, slots in items]
    back = [line.format(*slots) for form, slots in reversed(items) for line in lines_of(form)[1]]
    parts, back_parts = _functions("c", lines), _functions("c, d", back)

    def forward(cells: list[float]) -> None:
        for part in parts:
            part(cells)

    def backward(cells: list[float], shares: list[float]) -> None:
        for part in back_parts:
            part(cells, shares)

    return forward, backward


def _functions(parameters: str, lines: list[str]) -> list[Any]:
    found = []
    for start in range(0, len(lines), LINES):
        found.append(_compiled(parameters, lines[start : start + LINES]))
    return found


def _compiled(parameters: str, lines: Sequence[str]) -> Any:
    space = dict(NAMESPACE)
    exec(f"def part({parameters}):\n    " + ("\n    ".join(lines) or "pass"), space)
    return space["part"]


@cache
def _callable(form: Form) -> tuple[Any, Any]:
    """An operation of this form, and its way back, as functions."""
    line, back = lines_of(form)
    count = 1 + max(int(part.split("}")[0]) for part in line.split("{")[1:])
    names = [f"p{i}" for i in range(count)]
    parameters = ", ".join(names)
    return (
        _compiled(f"c, {parameters}", [line.format(*names)]),
        _compiled(f"c, d, {parameters}", [text.format(*names) for text in back]) if back else None,
    )


def _long(items: Items) -> tuple[Callable[..., None], Callable[..., None]]:
    """A call for each operation."""
    calls = [(_callable(form)[0], slots) for form, slots in items]
    back_calls = [(function, slots) for form, slots in reversed(items) if (function := _callable(form)[1])]

    def forward(cells: list[float]) -> None:
        for function, slots in calls:
            function(cells, *slots)

    def backward(cells: list[float], shares: list[float]) -> None:
        for function, slots in back_calls:
            function(cells, shares, *slots)

    return forward, backward
