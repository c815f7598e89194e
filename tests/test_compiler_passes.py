"""The passes of the compiler alone: what each makes of a program, and that the numbers stay the same in each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from compiled_judge import as_values, flat
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from vector_programs import Program as Random
from vector_programs import Runner, vector_programs

import autograd as ag
from autograd import Value, floats
from autograd.compiler import runner
from autograd.compiler.adjoint import adjoint
from autograd.compiler.affine import common, runs, strides
from autograd.compiler.clean import SUM, Scalars, clean
from autograd.compiler.conditions import KERNELS as CONDITIONS
from autograd.compiler.inputs import Inputs
from autograd.compiler.lanes import with_lanes
from autograd.compiler.numpy_backend import Machine
from autograd.compiler.program import (
    Contract,
    Map,
    Program,
    Reduce,
    Region,
    Select,
    Strided,
    Table,
)
from autograd.compiler.python_backend import PythonMachine
from autograd.compiler.reroll import reroll
from autograd.compiler.tape import CONSTANT, DETACH, INPUT, PARAMETER, SELECT, Tape
from autograd.compiler.trace import Trace, trace
from autograd.errors import RecordingError

calm = settings(suppress_health_check=[HealthCheck.too_slow])


def traced(function: Any, *inputs: Any) -> Trace:
    """The function recorded at these inputs."""
    return trace(function, Inputs(inputs, [f"input {n}" for n in range(len(inputs))]))


def cleaned(function: Any, *inputs: Any) -> Scalars:
    """The function recorded and cleaned."""
    return clean(traced(function, *inputs).tape)


def rerolled(function: Any, *inputs: Any, batch: bool = False) -> Program:
    """The function as a program."""
    return reroll(cleaned(function, *inputs), Inputs(inputs, [""] * len(inputs)).sizes, batch)


# Trace and tape -------------------------------------------------------------------------------------------------------


def test_a_tape_is_the_operations_in_the_order_they_were_made() -> None:
    w = Value(3.0)
    tape = traced(lambda x, y: ag.sin(w * x) - y / 2.0, 1.0, 4.0).tape
    assert tape.names == ["*", "sin", "/", "-"]
    kinds = {str(leaf.kind) for leaf in tape.leaves}
    assert kinds == {PARAMETER, INPUT, CONSTANT}
    assert [leaf.content for leaf in tape.leaves if leaf.kind == INPUT] == [0, 1]
    assert [leaf.content for leaf in tape.leaves if leaf.kind == PARAMETER] == [w]
    for place, operands in enumerate(tape.operands):
        assert all(-len(tape.leaves) <= ref < place for ref in operands)
    assert str(tape).splitlines()[1:] == ["v1 = sin v0", "v2 = / input:1 constant:2.0", "v3 = - v1 v2", "returns v3"]


def test_a_leaf_that_was_there_before_is_a_parameter_and_one_made_inside_a_constant() -> None:
    w = Value(3.0)
    leaves = traced(lambda x: Value(5.0) * x + w, 1.0).tape.leaves
    assert [(leaf.kind, getattr(leaf.content, "data", leaf.content)) for leaf in leaves] == [
        (INPUT, 0), (CONSTANT, 5.0), (PARAMETER, 3.0),
    ]  # fmt: skip


def test_branches_are_guards_with_their_truth() -> None:
    def function(x: Any, y: Any) -> Any:
        if x > 1.0 and not y <= x:
            return x * y
        return x + y

    for x, y, truths, name in ((2.0, 3.0, [True, False], "*"), (2.0, 1.0, [True, True], "+"), (0.0, 1.0, [False], "+")):
        tape = traced(function, x, y).tape
        assert [truth for _, truth in tape.guards] == truths
        assert tape.names[-1] == name
        assert all(tape.names[ref] in CONDITIONS for ref, _ in tape.guards)


def test_a_detached_number_is_an_operation_of_its_own() -> None:
    assert DETACH in traced(lambda x: (x * 2.0).detach() * x, 1.0).tape.names


def test_an_index_that_is_an_input_becomes_a_selection() -> None:
    table = [Value(float(k)) for k in range(5)]

    def function(i: Any, j: Any) -> Any:
        return table[i] * table[j]

    made = traced(function, 3, 3)
    selects = [ops for name, ops in zip(made.tape.names, made.tape.operands, strict=True) if name == SELECT]
    leaves = made.tape.leaves
    assert [(leaves[-1 - index].content, len(rest)) for index, *rest in selects] == [(0, 5), (1, 5)]
    for _, *rest in selects:
        assert [leaves[-1 - ref].content for ref in rest] == table
    assert (made.fixed, made.indices) == (frozenset(), {0: 5, 1: 5})


def test_a_number_used_by_range_is_fixed() -> None:
    w = Value(2.0)
    made = traced(lambda n, x: ag.sum([w * x for _ in range(n)]), 3, 1.0)
    assert made.fixed == {0}


def test_what_is_not_the_same_twice_is_refused() -> None:
    items: list[float] = []
    with pytest.raises(RecordingError, match="twice"):
        traced(lambda x: ag.sum([x * k for k in items]) + (items.append(2.0) or x), 1.0)  # type: ignore[func-returns-value]


# Numbers of a tape, of what is left after cleaning, and of a program, each by an interpreter of its own ---------------


def of_tape(tape: Tape, inputs: Sequence[float]) -> list[float]:
    """The outputs of a tape."""
    leaves = [_leaf(leaf, inputs) for leaf in tape.leaves]
    values: list[float] = []

    def at(ref: int) -> float:
        return values[ref] if ref >= 0 else leaves[-1 - ref]

    for name, operands in zip(tape.names, tape.operands, strict=True):
        values.append(_row(name, [at(ref) for ref in operands]))
    return [at(ref) for ref in tape.outputs]


def of_scalars(scalars: Scalars, inputs: Sequence[float]) -> list[float]:
    """The outputs of what is left."""
    leaves = [_leaf(leaf, inputs) for leaf in scalars.leaves]
    values: list[float] = []

    def at(ref: int) -> float:
        return values[ref] if ref >= 0 else leaves[-1 - ref]

    for name, operands in zip(scalars.names, scalars.operands, strict=True):
        if name == SUM:
            total = 0.0
            for coefficient, factors in operands:
                total += coefficient * math.prod(map(at, factors))
            values.append(total)
        else:
            values.append(_row(name, [at(ref) for ref in operands]))
    return [at(ref) for ref in scalars.outputs]


def _leaf(leaf: Any, inputs: Sequence[float]) -> float:
    if leaf.kind == PARAMETER:
        return float(leaf.content.data)
    return inputs[leaf.content] if leaf.kind == INPUT else float(leaf.content)


def _row(name: str, xs: list[float]) -> float:
    if name == SELECT:
        return xs[1 + int(xs[0])]
    if name in (DETACH, "identity"):
        return xs[0]
    return float(CONDITIONS[name](*xs) if name in CONDITIONS else floats.KERNELS[name](*xs))


def filled(kind: Any, program: Program, parameters: Sequence[Value], inputs: Any, back: Any = ()) -> Any:
    """A machine with the numbers of parameters and inputs, run forward."""
    machine = kind(program, back)
    machine.values[: len(parameters)] = [p.data for p in parameters]
    machine.values[program.inputs.ravel()] = np.ravel(inputs)
    with np.errstate(all="ignore"):
        machine.forward()
    return machine


@settings(calm, max_examples=60)
@given(vector_programs())
def test_every_pass_leaves_the_numbers_as_they_are(random: Random) -> None:
    rng = np.random.default_rng(1)
    w = as_values([rng.uniform(-2, 2, size).tolist() for size in random.parameters])
    x = [rng.uniform(-2, 2, size).tolist() for size in random.inputs]
    integers = [2] * random.integers

    def function(x: Any, integers: Any) -> Any:
        return Runner(random)(w, x, integers)

    expected = np.array([v.data if isinstance(v, Value) else v for v in function(as_values(x), integers)])
    assume(np.isfinite(expected).all())
    made = traced(function, x, integers)
    numbers = [*flat(x), *map(float, integers)]
    tolerance = {"rtol": 1e-9, "atol": 1e-9}  # here faults are sought, not rounding
    np.testing.assert_allclose(of_tape(made.tape, numbers), expected, rtol=0, atol=0)
    scalars = clean(made.tape)
    np.testing.assert_allclose(of_scalars(scalars, numbers), expected, **tolerance)
    for batch in (False, True):
        program = reroll(scalars, [len(flat(x)), len(integers)], batch)
        check_well_formed(program)
        parameters = [scalars.leaves[place].content for place in program.parameters]
        for kind in (Machine, PythonMachine):
            machine = filled(kind, program, parameters, numbers)
            np.testing.assert_allclose(machine.values[program.outputs], expected, **tolerance)
            truths = machine.values[program.guards] != 0
            assert (truths == program.truths).all()


def reads_and_writes(operation: Any) -> tuple[list[int], list[int]]:
    """The cells an operation reads, and those it writes."""
    if isinstance(operation, Region):
        own: list[int] = []
        outside: list[int] = []
        for scalar in operation.scalars:
            cells = [c for _, factors in scalar.operands for c in factors] if scalar.row == SUM else scalar.operands
            outside += [c for c in cells if not isinstance(c, float) and c not in own]
            own.append(scalar.out)
        return outside, own
    assert isinstance(operation, (Contract, Map, Reduce, Select))
    if isinstance(operation, Contract):
        operands: Any = operation.factors
    elif isinstance(operation, Map):
        operands = operation.operands
    elif isinstance(operation, Reduce):
        operands = [operation.operand]
    else:
        operands = [operation.at, Table(0, operation.candidates.table)]
    read = [int(c) for x in operands if not isinstance(x, float) for c in np.ravel(x.cells(operation.axes))]
    return read, [int(c) for c in np.unique(operation.out.cells(operation.axes))]


def check_well_formed(program: Program) -> None:
    """Blocks follow each other; whatever is read was written before; each cell is made by one step."""
    at = 0
    for block in program.blocks:
        assert block.start == at
        at += block.size
    assert at == program.cells
    known = set(range(len(program.parameters))) | set(map(int, np.ravel(program.inputs)))
    for block in program.blocks:
        if block.numbers is not None:
            assert len(block.numbers) == block.size
            known |= set(range(block.start, block.start + block.size))
    starts = np.array([block.start for block in program.blocks if block.size])
    for step in program.steps:
        mine: set[int] = set()
        for operation in step.operations:
            read, written = reads_and_writes(operation)
            assert known.issuperset(read), "a cell is read before it is written"
            assert known.isdisjoint(written), "a cell is written by two steps"
            assert not getattr(operation, "accumulate", False) or mine.issuperset(written)
            mine.update(written)
            operands = [operation.operand] if isinstance(operation, Reduce) else getattr(operation, "operands", ())
            for access in (getattr(operation, "out", None), *getattr(operation, "factors", ()), *operands):
                if isinstance(access, Strided):  # blocks are moved apart in a batch
                    cells = np.unique(access.cells(operation.axes))  # type: ignore[union-attr]
                    assert len(np.unique(np.searchsorted(starts, cells, side="right"))) == 1
        known |= mine
    assert known.issuperset(map(int, [*program.outputs, *program.guards]))


# Clean ----------------------------------------------------------------------------------------------------------------


def test_what_nothing_depends_on_goes() -> None:
    def function(x: Any) -> Any:
        ag.exp(x * 3.0)
        return ag.sin(x)

    assert cleaned(function, 1.0).names == ["sin"]


def test_what_is_said_twice_is_computed_once() -> None:
    w = Value(2.0)
    scalars = cleaned(lambda x: ag.sin(w * x) * ag.cos(w * x) + ag.sin(w * x), 1.0)
    assert sorted(scalars.names) == sorted([SUM, "sin", "cos", SUM])


def test_numbers_that_are_constant_are_computed_beforehand() -> None:
    scalars = cleaned(lambda x: x * ag.exp(Value(2.0)) + ag.sin(Value(1.0)), 1.0)
    assert scalars.names == [SUM]
    ((first, factors), (second, nothing)) = scalars.operands[0]
    assert (first, second, len(factors), nothing) == (math.exp(2.0), math.sin(1.0), 1, ())


def test_additions_and_products_become_one_sum_of_products() -> None:
    a, b = Value(2.0), Value(3.0)
    scalars = cleaned(lambda x, y: -(a * x - 2.0 * (b * y)) + (x - 1.5) - (-y), 1.0, 4.0)
    assert scalars.names == [SUM]
    kinds = [(c, sorted(scalars.leaves[-1 - f].kind for f in factors)) for c, factors in scalars.operands[0]]
    both = [INPUT, PARAMETER]
    assert kinds == [(-1.0, both), (2.0, both), (1.0, [INPUT]), (1.0, [INPUT]), (-1.5, [])]


def test_a_sum_that_is_used_twice_stays() -> None:
    def function(x: Any, y: Any) -> Any:
        s = x + y
        return ag.sin(s) + s * s

    assert cleaned(function, 1.0, 2.0).names == [SUM, "sin", SUM]


def test_a_long_product_is_not_as_deep_as_it_is_long() -> None:
    program = rerolled(lambda xs: ag.prod([ag.sin(x) for x in xs]), [0.1 * k + 0.5 for k in range(64)])
    assert len(program.steps) <= 8


def test_nothing_becomes_zero_or_infinite_by_being_folded() -> None:
    for constant, x in ((1e200, 1e-300), (1e-200, 1e300)):

        def function(x: Any, c: float = constant) -> Any:
            return c * (c * x)

        (found,) = of_scalars(cleaned(function, x), [x])
        assert found == function(x)


# Affine ---------------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(2, 5), st.integers(-20, 20)), min_size=1, max_size=4), st.integers(0, 99))
def test_runs_are_the_cells_they_were_made_of(axes: list[tuple[int, int]], start: int) -> None:
    cells = np.array([start])
    for size, stride in reversed(axes):
        cells = (cells[None, :] + stride * np.arange(size)[:, None]).ravel()
    found = runs(cells)
    assert found is not None
    assert regenerated(found, start) == cells.tolist()
    array = cells.reshape([size for size, _ in axes])
    assert strides(array) == (start, tuple(stride for _, stride in axes))
    spoilt = array.copy()
    spoilt.flat[-1] += 1
    if spoilt.size > 2 and len(axes) > 1:
        assert strides(spoilt) is None
    again = runs(spoilt.ravel())
    assert again is None or regenerated(again, start) == spoilt.ravel().tolist()


@given(st.lists(st.integers(0, 6), min_size=1, max_size=24))
def test_runs_of_any_cells_are_those_cells_or_none(cells: list[int]) -> None:
    found = runs(np.array(cells))
    assert found is None or regenerated(found, cells[0]) == cells


def regenerated(axes: list[tuple[int, int]], start: int) -> list[int]:
    cells = [start]
    for size, stride in reversed(axes):
        cells = [cell + stride * k for k in range(size) for cell in cells]
    return cells


@given(st.integers(1, 60), st.lists(st.lists(st.integers(1, 6), max_size=3), max_size=4))
def test_common_axes_have_as_many_points(count: int, several: list[list[int]]) -> None:
    fitting = [[(size, 1) for size in sizes] for sizes in several if count % max(1, math.prod(sizes)) == 0]
    whole = [[(count // math.prod(size for size, _ in axes), 7), *axes] for axes in fitting]
    sizes = common(count, [*whole, None])
    assert math.prod(sizes) == count
    if whole:  # the first is always heeded: its axes are among the products
        products = {math.prod(sizes[k:]) for k in range(len(sizes) + 1)}
        assert products >= {math.prod(size for size, _ in whole[0][k:]) for k in range(len(whole[0]) + 1)}


# Re-roll and lanes ----------------------------------------------------------------------------------------------------


def test_what_is_written_in_loops_comes_back_as_axes() -> None:
    W = as_values([[float(i + j) for j in range(6)] for i in range(5)])
    program = rerolled(
        lambda X: ag.sum([ag.tanh(ag.sum([w * x for w, x in zip(row, xs, strict=True)])) for xs in X for row in W]),
        [[0.1 * i * j for j in range(6)] for i in range(7)],
    )
    matrix_product, tanh, total = program.forward
    assert isinstance(matrix_product, Contract)
    assert (sorted(matrix_product.axes), len(matrix_product.factors)) == ([5, 6, 7], 2)
    assert all(isinstance(x, Strided) for x in (matrix_product.out, *matrix_product.factors))
    assert isinstance(tanh, Map)
    assert isinstance(total, Contract)


def test_operations_of_one_form_but_of_other_depths_are_not_put_together() -> None:
    def function(x: Any) -> Any:
        for _ in range(30):
            x = [ag.sin(v) for v in x]
        return ag.sum(x)

    program = rerolled(function, [0.1 * k for k in range(20)])
    assert len(program.steps) == 31
    check_well_formed(program)


def test_a_batch_is_one_more_axis_and_what_does_not_vary_is_computed_once() -> None:
    w = as_values([0.1 * k for k in range(20)])

    def function(x: Any) -> Any:
        powers = [ag.exp(v) for v in w]
        return ag.sum([p * v for p, v in zip(powers, x, strict=True)]), ag.sum(powers)

    x = [0.05 * k for k in range(20)]
    program = rerolled(function, x, batch=True)
    batch = np.array([[v + k for v in x] for k in range(4)])
    wide = with_lanes(program, 4)
    check_well_formed(wide)
    sizes = {block.name: block.size for block in wide.blocks}
    assert (sizes["parameters"], sizes["input 0"]) == (20, 80)
    exponentials = [o for o in wide.forward if isinstance(o, Map) and o.row == "exp"]
    assert [o.axes for o in exponentials] == [(20,)]
    expected = np.mean([sum(math.exp(v.data) * xi for v, xi in zip(w, row, strict=True)) for row in batch])
    expected += sum(math.exp(v.data) for v in w)
    scalars = cleaned(function, x)
    parameters = [scalars.leaves[place].content for place in program.parameters]
    for kind in (Machine, PythonMachine):
        machine = filled(kind, wide, parameters, batch.T, adjoint(wide, np.arange(20)))
        np.testing.assert_allclose(machine.values[wide.outputs], [expected], rtol=1e-13)
        machine.adjoints[wide.outputs] = 1.0
        machine.backward()
        means = {id(v): math.exp(v.data) * (1.0 + batch[:, k].mean()) for k, v in enumerate(w)}
        np.testing.assert_allclose(machine.adjoints[:20], [means[id(v)] for v in parameters], rtol=1e-13)


def test_a_batch_with_a_part_without_regularity_that_depends_on_parameters_alone() -> None:
    """Many chains, no two alike: together they are array operations by tables, side by side with what varies."""
    w = Value(0.7)
    rows = {"s": ag.sin, "c": ag.cos}
    names = ["".join(rows_of) for rows_of in sorted(itertools.product("sc", repeat=6))]

    def function(x: Any) -> Any:
        total: Any = 0.0
        for name in names:
            v = w
            for letter in name:
                v = rows[letter](v)
            total = total + ag.tanh(v) * x
        return total

    for lanes in (1, 3):
        check_well_formed(with_lanes(rerolled(function, 0.5, batch=True), lanes))
    program = ag.compile(function, batch=True)
    expected = function(Value(2.0))
    expected.backward()
    slope = w.grad
    w.zero_grad()
    assert program.backward([1.0, 2.0, 3.0]) == pytest.approx(expected.data, rel=1e-13)
    assert w.grad == pytest.approx(slope, rel=1e-13)


def test_a_penalty_that_depends_on_the_inputs_is_refused() -> None:
    with pytest.raises(ValueError, match="penalty"):
        with_lanes(rerolled(lambda x: (x * 2.0, x * x), 1.0, batch=True), 3)


# The check on first use -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["value", "gradient"])
def test_a_backend_that_is_wrong_in_the_eighth_digit_is_found_out(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong(PythonMachine):
        def forward(self) -> None:
            super().forward()
            if what == "value":
                self.values[self.program.outputs] *= 1 + 3e-8

        def backward(self) -> None:
            super().backward()
            if what == "gradient":
                self.adjoints[0] *= 1 + 3e-8

    w = [Value(0.3 * k + 0.5) for k in range(5)]
    monkeypatch.setitem(runner.BACKENDS, "python", Wrong)
    program = ag.compile(lambda xs: ag.sum([v * ag.exp(x) for v, x in zip(w, xs, strict=True)]), backend="python")
    with pytest.raises(RecordingError, match=f"{what} 0 "):
        program.backward([0.1, 0.2, 0.3, 0.4, 0.5])


@pytest.mark.parametrize("lanes", [1, 2, 3])
def test_cells_of_two_blocks_are_no_regular_operand_even_if_they_follow_each_other(lanes: int) -> None:
    """The 0 that makes sums equally long lies behind what is summed: in a batch that is stretched, and the 0 is not."""

    def loss(xs: Any) -> Any:
        heights = [ag.tanh(x) for x in xs]
        return ag.sum([ag.exp(ag.sum(part)) for part in (heights[:2], heights[2:4], heights[4:])])

    program = ag.compile(loss, batch=True)
    for shift in (0.0, 0.3, -0.7):
        batch = np.sin(np.arange(5.0 * lanes) + shift).reshape(lanes, 5)
        eagerly = sum(loss([Value(x) for x in row]).data for row in batch.tolist()) / lanes
        assert program(batch) == pytest.approx(eagerly, rel=1e-14)
