"""The backends alone: each operation of a program, forward and back, on both, against a statement of its own."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd import floats
from autograd.compiler import regions
from autograd.compiler.adjoint import adjoint
from autograd.compiler.clean import SUM
from autograd.compiler.conditions import KERNELS as CONDITIONS
from autograd.compiler.formula import Formula, partial, partials
from autograd.compiler.numpy_backend import Machine
from autograd.compiler.program import (
    ADJOINTS,
    VALUES,
    Access,
    Block,
    Contract,
    Map,
    Operation,
    Program,
    Pull,
    Reduce,
    Region,
    Scalar,
    Select,
    Step,
    Strided,
    Table,
)
from autograd.compiler.python_backend import PythonMachine
from autograd.ops import TABLE

MACHINES: list[Callable[..., Any]] = [Machine, PythonMachine]
calm = settings(suppress_health_check=[HealthCheck.too_slow])
CELLS = 40  # of the values that an operation reads; what it writes comes after


def program(operations: Sequence[Operation], cells: int, outputs: Sequence[int]) -> Program:
    """A program of these operations, over one block of cells."""
    nothing = np.array([], dtype=int)
    step = Step(list(operations), 0, "", "", 1)
    return Program(
        blocks=[Block("step", 0, cells)], steps=[step], cells=cells, parameters=[], inputs=nothing,
        outputs=np.array(outputs, dtype=int), guards=nothing, truths=nothing.astype(bool), recorded=1,
    )  # fmt: skip


def points(access: Access, axes: tuple[int, ...]) -> list[int]:
    """The cell at every point of the axes."""
    return [int(c) for c in np.broadcast_to(access.cells(axes), axes).ravel()]


def ran(kind: Any, made: Program, values: Any, seeds: Any, wanted: Any) -> tuple[Any, Any]:
    """The values after a run, and the adjoints of the wanted cells; run twice, for nothing may be left over."""
    machine = kind(made, adjoint(made, wanted))
    with np.errstate(all="ignore"):
        for _ in range(2):
            machine.values[:] = values
            machine.forward()
            machine.adjoints[made.outputs] = seeds
            machine.backward()
    return machine.values, machine.adjoints[wanted]


# Sums of products -----------------------------------------------------------------------------------------------------


@st.composite
def contracts(draw: Any) -> Contract:
    """A `Contract` over up to four axes, its factors regular, broadcast, overlapping or by tables."""
    axes = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    sized = [axis for axis, size in enumerate(axes) if size > 1]

    def read() -> Access:
        if draw(st.integers(0, 3)) == 0:
            shape = [size if rng.random() < 0.7 else 1 for size in axes]
            return Table(VALUES, rng.integers(0, CELLS, shape))
        strides, room = [], CELLS - 1
        for size in axes:
            stride = int(rng.integers(-3, 4)) if rng.random() < 0.7 else 0
            if abs(stride) * (size - 1) > room:
                stride = 0
            room -= abs(stride) * (size - 1)
            strides.append(stride)
        low = sum(min(0, stride * (size - 1)) for stride, size in zip(strides, axes, strict=True))
        return Strided(VALUES, int(rng.integers(-low, -low + room + 1)), tuple(strides))

    kept = draw(st.permutations(sized))[: draw(st.integers(0, len(sized)))] if sized else []
    if draw(st.integers(0, 2)) == 0:
        shape = [size if axis in kept else 1 for axis, size in enumerate(axes)]
        out: Access = Table(VALUES, CELLS + rng.integers(0, 12, shape))
    else:
        strides, stride = [0] * len(axes), 1
        for axis in kept:  # in any order: the result may be written along any of its axes
            strides[axis], stride = stride, stride * axes[axis]
        out = Strided(VALUES, CELLS, tuple(strides))
    factors = tuple(read() for _ in range(draw(st.integers(0, 3))))
    if factors and draw(st.booleans()):
        factors = (*factors, factors[0])  # x·x
    return Contract(axes, out, draw(st.sampled_from([1.0, -1.0, 0.5, 3.0])), factors, draw(st.booleans()))


@settings(calm, max_examples=250)
@given(contracts())
def test_a_contraction_and_its_way_back_are_the_sums_over_all_points(contract: Contract) -> None:
    check_contract(contract)


@pytest.mark.oracle
@settings(calm, max_examples=4000)
@given(contracts())
def test_thousands_of_contractions_are_the_sums_over_all_points(contract: Contract) -> None:
    check_contract(contract)


def check_contract(contract: Contract) -> None:
    """Both machines against loops over all points, forward and, by the product rule, back."""
    axes, out, coefficient, factors, accumulate = contract[:5]
    targets = points(out, axes)
    cells = CELLS + 4**4 + 1
    outputs = sorted(set(targets))
    rng = np.random.default_rng(len(targets))
    values, seeds = rng.uniform(-2, 2, cells), rng.uniform(-2, 2, len(outputs))
    upstream = dict(zip(outputs, seeds, strict=True))
    columns = [points(factor, axes) for factor in factors]
    expected, size = values.copy(), np.abs(values)
    if not accumulate:
        expected[outputs] = size[outputs] = 0.0
    slopes, sizes = np.zeros(CELLS), np.zeros(CELLS)
    for place, target in enumerate(targets):
        mine = [column[place] for column in columns]
        term = coefficient * math.prod(values[mine])
        expected[target] += term
        size[target] += abs(term)
        for number, cell in enumerate(mine):
            share = upstream[target] * coefficient * math.prod(values[mine[:number] + mine[number + 1 :]])
            slopes[cell] += share
            sizes[cell] += abs(share)
    made = program([contract], cells, outputs)
    for kind in MACHINES:
        found, back = ran(kind, made, values, seeds, np.arange(CELLS))
        assert (np.abs(found - expected) <= 1e-13 * size).all(), kind.__name__
        assert (np.abs(back - slopes) <= 1e-13 * sizes).all(), kind.__name__


# Rows, point by point -------------------------------------------------------------------------------------------------

FIXED = sorted(name for name, row in TABLE.items() if not row.variadic)
NUMBERS = [-2.5, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 1.5, 2.5]


@pytest.mark.parametrize("name", FIXED)
def test_a_row_over_an_array_and_its_way_back_are_the_row_at_each_point(name: str) -> None:
    row = TABLE[name]
    rng = np.random.default_rng(3)
    axes, count = (3, 5), len(row.rules)
    arrays: list[Access | float] = [
        Strided(VALUES, 0, (5, 1)), Table(VALUES, rng.integers(0, CELLS, (3, 1))), Strided(VALUES, 7, (0, 3)),
    ]  # fmt: skip
    for shift in range(3):
        operands = tuple((arrays + arrays)[shift : shift + count])
        if name in ("**n", "gauss"):
            operands = (operands[0], 2.5)
        elif count == 3 and shift == 1:
            operands = (operands[0], operands[1], 0.5)
        values = np.concatenate([rng.uniform(0.2, 0.9, CELLS), np.zeros(15)])
        seeds = rng.uniform(0.5, 2.0, 15)
        made = program(
            [Map(name, axes, Strided(VALUES, CELLS, (5, 1)), operands)], CELLS + 15, range(CELLS, CELLS + 15)
        )
        columns = [[x] * 15 if isinstance(x, float) else points(x, axes) for x in operands]
        slopes = np.zeros(CELLS)
        for place in range(15):
            xs = [x[0] if isinstance(x[0], float) else float(values[x[place]]) for x in columns]
            value = floats.KERNELS[name](*xs)
            for number, (p, live) in enumerate(zip(row.partials(xs, value), row.live(xs, value), strict=False)):
                if p is not None and live and not isinstance(operands[number], float):
                    slopes[columns[number][place]] += seeds[place] * p
            values[CELLS + place] = value
        for kind in MACHINES:
            found, back = ran(kind, made, np.where(np.arange(CELLS + 15) < CELLS, values, 9.0), seeds, np.arange(CELLS))
            np.testing.assert_allclose(found, values, rtol=1e-14, err_msg=kind.__name__)
            np.testing.assert_allclose(back, slopes, rtol=1e-12, atol=1e-14, err_msg=kind.__name__)


@pytest.mark.parametrize("name", sorted(CONDITIONS))
def test_a_condition_over_an_array_is_that_of_each_point_and_has_no_way_back(name: str) -> None:
    count = 1 if name == "not" else 2
    pairs = list(itertools.product([0.0, 1.0, 2.0], repeat=count))
    operands = tuple(Strided(VALUES, number, (count,)) for number in range(count))
    cells = count * len(pairs)
    outs = range(cells, cells + len(pairs))
    made = program([Map(name, (len(pairs),), Strided(VALUES, cells, (1,)), operands)], cells + len(pairs), outs)
    values = np.array([x for pair in pairs for x in pair] + [5.0] * len(pairs))
    for kind in MACHINES:
        found, back = ran(kind, made, values, np.ones(len(pairs)), np.arange(cells))
        assert found[cells:].tolist() == [float(CONDITIONS[name](*pair)) for pair in pairs]
        assert not back.any()


@pytest.mark.parametrize("name", ["max", "min"])
@pytest.mark.parametrize("lengths", [None, [3, 1, 2, 3]])
def test_a_reduction_and_its_way_back_share_among_equals_and_leave_out_padding(name: str, lengths: Any) -> None:
    rng = np.random.default_rng(5)
    table = np.arange(12).reshape(4, 3)
    if lengths:
        for row, length in zip(table, lengths, strict=True):
            row[length:] = row[0]
    best = -math.inf if name == "max" else math.inf
    values = np.array([*rng.integers(0, 3, 9).astype(float), best, best, best, *[7.0] * 4])
    made_of = np.array(lengths) if lengths else None
    reduce = Reduce(name, (4, 3), Strided(VALUES, 12, (1, 0)), Table(VALUES, table), made_of)
    made = program([reduce], 16, range(12, 16))
    seeds, slopes = rng.uniform(0.5, 2.0, 4), np.zeros(12)
    for row, seed, length in zip(table, seeds, lengths or [3] * 4, strict=True):
        mine = row[:length]
        xs = [float(x) for x in values[mine]]
        equal = [x == floats.KERNELS[name](*xs) for x in xs]
        for cell, chosen in zip(mine, equal, strict=True):
            slopes[cell] += seed * chosen / sum(equal)
    for kind in MACHINES:
        found, back = ran(kind, made, values, seeds, np.arange(12))
        expected = [floats.KERNELS[name](*values[row]) for row in table]
        assert found[12:].tolist() == expected
        np.testing.assert_allclose(back, slopes, rtol=1e-15)


def test_a_selection_takes_the_candidate_of_each_point_and_adds_to_its_adjoint_alone() -> None:
    rng = np.random.default_rng(6)
    table = rng.integers(0, 10, (6, 4))
    values = np.concatenate([rng.uniform(-2, 2, 10), [0.0, 3.0, 1.0, 1.0, 2.0, 3.0], np.full(6, 9.0)])
    chosen = [int(row[int(k)]) for row, k in zip(table, values[10:16], strict=True)]
    seeds, slopes = rng.uniform(0.5, 2.0, 6), np.zeros(10)
    np.add.at(slopes, chosen, seeds)
    select = Select((6,), Strided(VALUES, 16, (1,)), Strided(VALUES, 10, (1,)), Table(VALUES, table))
    for kind in MACHINES:
        found, back = ran(kind, program([select], 22, range(16, 22)), values, seeds, np.arange(10))
        assert found[16:].tolist() == values[chosen].tolist()
        np.testing.assert_allclose(back, slopes, rtol=1e-15)


# Formulae -------------------------------------------------------------------------------------------------------------


def evaluated(formula: Formula, operands: Sequence[float], value: float) -> float:
    """A formula worked out on floats."""
    terms: list[Any] = [*operands, value]
    compare = {">": lambda a, b: float(a > b), ">=": lambda a, b: float(a >= b)}
    for name, slots in formula.steps:
        xs = [terms[slot] if isinstance(slot, int) else slot for slot in slots]
        function: Any = compare.get(name) or CONDITIONS.get(name) or floats.KERNELS[name]
        terms.append(float(function(*xs)))
    return float(terms[formula.result] if isinstance(formula.result, int) else formula.result)


def same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b)) or abs(a - b) <= 1e-14 * abs(b)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_the_formula_of_every_row_is_its_partial_and_zero_where_the_operand_is_dead(name: str) -> None:
    row = TABLE[name]
    counts = [1, 2, 3] if row.variadic else [len(row.rules)]
    counts = [3] if name == "dot" else counts
    compared = dead = 0
    for count in counts:
        for xs in itertools.product(NUMBERS, repeat=count):
            value = float(floats.KERNELS[name](*xs))
            if not math.isfinite(value):
                continue  # a program is run by formulae only while its numbers are finite
            for number, (p, live) in enumerate(zip(row.partials(xs, value), row.live(xs, value), strict=False)):
                formula = partial(name, number, count)
                if p is None:
                    assert formula is None
                    continue
                assert formula is not None
                expected = float(p) if live else 0.0
                assert same(evaluated(formula, xs, value), expected), (xs, number, str(formula))
                compared += 1
                dead += not live
    assert compared >= 3
    assert (dead > 0) == bool(row.chosen and any(row.chosen))


def test_formulae_hold_nothing_that_is_not_needed() -> None:
    for name, row in TABLE.items():
        count = 2 if row.variadic and name != "dot" else 3 if name == "dot" else len(row.rules)
        for formula in partials(name, count):
            if formula is None:
                continue
            used = {slot for _, slots in formula.steps for slot in slots} | {formula.result}
            assert {count + 1 + k for k in range(len(formula.steps))} <= used, name
            assert len(set(formula.steps)) == len(formula.steps), name
            for k, (_, slots) in enumerate(formula.steps):
                assert all(not isinstance(slot, int) or slot <= count + k for slot in slots), name


# Scalar code ----------------------------------------------------------------------------------------------------------


def region() -> tuple[list[Scalar], Any]:
    """One operation of every row and condition, and sums of products, on the cells before them; and numbers."""
    rng = np.random.default_rng(8)
    scalars: list[Scalar] = []
    for name, row in TABLE.items():
        if row.variadic and name not in ("max", "min"):
            continue  # written as sums and products, and by other rows, when a recording is cleaned
        count = 3 if row.variadic else len(row.rules)
        operands: list[Any] = [int(c) for c in rng.integers(0, 10, count)]
        if name in ("**n", "gauss"):
            operands[1] = 2.5
        scalars.append(Scalar(name, 10 + len(scalars), tuple(operands)))
    for name in CONDITIONS:
        scalars.append(Scalar(name, 10 + len(scalars), tuple(range(1 if name == "not" else 2))))
    scalars.append(Scalar("where", 10 + len(scalars), (10 + len(scalars) - 1, 3, 0.25)))
    for terms in (((1.0, (0, 1)), (-2.0, (12, 12)), (0.5, ())), ((1.0, (2,)),), ((3.0, (13, 4, 15)), (1.0, (5,)))):
        scalars.append(Scalar(SUM, 10 + len(scalars), terms))
    return scalars, rng.uniform(0.2, 0.9, 10)


@pytest.mark.parametrize("short", [True, False])
def test_scalar_code_is_the_same_on_both_machines_line_by_line_or_by_calls(
    short: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not short:
        monkeypatch.setattr(regions, "SHORT", 0)
    scalars, numbers = region()
    cells = 10 + len(scalars)
    made = program([Region(scalars)], cells, range(10, cells))
    values = np.concatenate([numbers, np.full(len(scalars), 9.0)])
    seeds = np.random.default_rng(9).uniform(0.5, 2.0, len(scalars))
    (found, back), (judged, judged_back) = (ran(kind, made, values, seeds, np.arange(10)) for kind in MACHINES)
    for scalar in scalars:
        xs: list[Any] = []
        if scalar.row == SUM:
            expected = sum(c * math.prod(judged[list(factors)]) for c, factors in scalar.operands)
        else:
            xs = [x if isinstance(x, float) else float(judged[x]) for x in scalar.operands]
            expected = float(({**floats.KERNELS, **CONDITIONS})[scalar.row](*xs))
        assert same(judged[scalar.out], expected), scalar
        assert same(found[scalar.out], expected), scalar
    np.testing.assert_allclose(back, judged_back, rtol=1e-12)
    assert (back != 0).all()


def test_lines_of_scalar_code_are_compiled_in_parts_that_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions, "LINES", 2)
    scalars = [Scalar("sin", 1 + k, (k,)) for k in range(7)]
    found, back = ran(Machine, program([Region(scalars)], 8, [7]), np.array([0.5] + [9.0] * 7), 1.0, np.arange(1))
    expected, slope = 0.5, 1.0
    for _ in range(7):
        slope *= math.cos(expected)
        expected = math.sin(expected)
    assert same(found[7], expected)
    assert same(back[0], slope)


# Several operations: what is written first and what is added ----------------------------------------------------------


def test_a_cell_that_is_used_often_collects_the_shares_of_all() -> None:
    """0…3 are used by an array operation, by scalar code, by a table and by a sum; 20… is read before it is reached."""
    operations: list[Operation] = [
        Map("sin", (4,), Strided(VALUES, 4, (1,)), (Strided(VALUES, 0, (1,)),)),
        Contract((4,), Strided(VALUES, 8, (0,)), 2.0, (Strided(VALUES, 0, (1,)), Strided(VALUES, 4, (1,)))),
        Region([Scalar("exp", 9, (1,)), Scalar("*", 10, (9, 8))]),
        Map("*", (3,), Strided(VALUES, 11, (1,)), (Table(VALUES, np.array([2, 2, 0])), Strided(VALUES, 8, (1,)))),
        Contract((3,), Strided(VALUES, 14, (0,)), 1.0, (Strided(VALUES, 11, (1,)),)),
    ]  # fmt: skip

    def function(x: list[Any]) -> Any:
        import autograd as ag

        s = [ag.sin(v) for v in x]
        dot = 2.0 * ag.sum([a * b for a, b in zip(x, s, strict=True)])
        e = ag.exp(x[1])
        return x[2] * dot + x[2] * e + x[0] * (e * dot)

    from autograd import value_and_grad

    numbers = [0.3, -0.7, 1.1, 0.9]
    value, slopes = value_and_grad(function)(numbers)
    for kind in MACHINES:
        values = np.array(numbers + [9.0] * 11)
        found, back = ran(kind, program(operations, 15, [14]), values, 1.0, np.arange(4))
        assert same(found[14], value)
        np.testing.assert_allclose(back, slopes, rtol=1e-13)


def test_what_leads_to_no_wanted_cell_is_left_out() -> None:
    operations: list[Operation] = [
        Map("sin", (4,), Strided(VALUES, 4, (1,)), (Strided(VALUES, 0, (1,)),)),
        Map("cos", (4,), Strided(VALUES, 8, (1,)), (Strided(VALUES, 12, (1,)),)),
        Contract((4,), Strided(VALUES, 16, (0,)), 1.0, (Strided(VALUES, 4, (1,)), Strided(VALUES, 8, (1,)))),
    ]
    back = adjoint(program(operations, 17, [16]), np.arange(4))
    assert [type(operation) for operation in back] == [Contract, Pull]
    assert all(operation.out.buffer == ADJOINTS for operation in back)  # type: ignore[union-attr]
    assert adjoint(program(operations[1:], 17, [16]), np.arange(4)) == []


# What is gathered -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MACHINES)
def test_values_and_adjoints_that_the_same_table_names_are_two_things(kind: Any) -> None:
    table = np.array([2, 0, 1, 2])
    there = Contract((4,), Strided(VALUES, 4, (1,)), 2.0, (Table(VALUES, table),))
    back = Contract((4,), Strided(ADJOINTS, 4, (1,)), 3.0, (Table(ADJOINTS, table),))
    made = program([there], 8, [])
    machine = kind(made, [back])
    machine.values[:4], machine.adjoints[:4] = [1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]
    if kind is PythonMachine:  # whose adjoints begin with the outputs alone
        made.outputs.resize(4, refcheck=False)
        made.outputs[:] = range(4)
    machine.forward()
    machine.backward()
    assert machine.values[4:].tolist() == [6.0, 2.0, 4.0, 6.0]
    assert machine.adjoints[4:].tolist() == [21.0, 15.0, 18.0, 21.0]


def test_tables_that_are_gathered_stay_alive() -> None:
    """What was gathered is found by the id of its table, which another table must not get."""
    candidates = Table(VALUES, np.arange(12).reshape(1, 12))
    at = [Table(VALUES, np.array(cells)) for cells in ([13, 15, 12], [15, 12, 13], [12, 13, 15])]
    selects = [Select((3,), Strided(VALUES, 16 + 3 * n, (1,)), a, candidates) for n, a in enumerate(at)]
    made = program(selects, 25, [])
    machine = Machine(made)
    machine.values[:12] = np.arange(12) * 10.0
    machine.values[12:16] = [3.0, 5.0, 0.0, 7.0]
    machine.forward()
    assert machine.values[16:].tolist() == [50, 70, 30, 70, 30, 50, 30, 50, 70]
    assert [id(table) for table, _ in machine._gathered.values()] == list(machine._gathered)


@pytest.mark.parametrize("kind", MACHINES)
def test_a_slope_that_is_a_number(kind: Any) -> None:
    """∂x⁰/∂x, where the exponent is known."""
    power = Map("**n", (3,), Strided(VALUES, 3, (1,)), (Strided(VALUES, 0, (1,)), 0.0))
    made = program([power], 6, [3, 4, 5])
    _, slopes = ran(kind, made, np.array([2.0, -3.0, 0.5, 0, 0, 0]), [1.0, 10.0, 100.0], np.arange(3))
    assert slopes.tolist() == [0.0, 0.0, 0.0]
    assert partial("**n", 0, 2, ((1, 0.0),)) == Formula(2, (), 0.0)
