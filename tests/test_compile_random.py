"""Random scalar programs, compiled: value and gradients are eager's, also with numbers changed after recording."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from compiled_judge import Judgement, Known, agrees, as_values, check_gradients, check_value, flat, judge, ordered
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from vector_programs import INDICES, KINDS, KINKED, ROWS, SMOOTH, Program, Runner, Step, nearest_kink, vector_programs

import autograd
from autograd import Value, gradients
from autograd.ops import TABLE

pytestmark = pytest.mark.oracle  # hundreds of random programs: too long for the light tests

BACKENDS = ["numpy", "python"]
NEAR = 1e-7  # a number closer to a kink than this may be on the other side of it, when it is added up in another order
calm = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large])
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, float("inf"), -float("inf"), float("nan")]


def drawn(program: Program, seed: int, special: bool = False) -> tuple[list[list[float]], list[list[float]], list[int]]:
    """Numbers for the parameters, the inputs and the integers."""
    rng = random.Random(seed)

    def number() -> float:
        return rng.choice(SPECIAL) if special and rng.random() < 0.3 else rng.uniform(-2.0, 2.0)

    return (
        [[number() for _ in range(size)] for size in program.parameters],
        [[number() for _ in range(size)] for size in program.inputs],
        [rng.randrange(INDICES) for _ in range(program.integers)],
    )


class Trial:
    """A program with its parameters, compiled for each backend, to be tried with many numbers."""

    def __init__(self, program: Program, special: bool = False, backends: Sequence[str] = BACKENDS) -> None:
        self.program, self.special = program, special
        self.parameters = [[Value(0.0) for _ in range(size)] for size in program.parameters]
        self.run = Runner(program, tame=not special)
        self.compiled = {name: autograd.compile(self.loss, backend=name, verify=not special) for name in backends}

    def loss(self, inputs: Any, integers: Any) -> Any:
        """What is compiled: the parameters are from outside."""
        return self.run.loss(self.parameters, inputs, integers)

    def set(self, seed: int) -> tuple[list[list[float]], list[int]]:
        """Give the parameters other numbers; those of the inputs are handed back."""
        numbers, inputs, integers = drawn(self.program, seed, self.special)
        for p, number in zip(flat(self.parameters), flat(numbers), strict=True):
            p.data = number
        return inputs, integers

    def eager(self, inputs: Any, integers: Any) -> tuple[Judgement, list[Value]]:
        """The eager engine's answer, and the leaves that stood for the inputs."""
        values = as_values(inputs)
        watching = Runner(self.program, tame=not self.special, watch=True)
        result = watching.loss(self.parameters, values, integers)
        if not self.special:
            nodes = list(ordered(result)) if isinstance(result, Value) else []
            assume(min(watching.near, nearest_kink(nodes)) > NEAR)
        return judge(result), flat(values)

    def check(self, seed: int) -> None:
        """All backends against eager, with the numbers of this seed."""
        inputs, integers = self.set(seed)
        true, leaves = self.eager(inputs, integers)
        parameters = flat(self.parameters)
        for name, program in self.compiled.items():
            for p in parameters:
                p.zero_grad()
            check_value(program(inputs, integers), true, name)
            check_value(program.backward(inputs, integers), true, name)
            check_gradients([p.grad for p in parameters], parameters, true, f"{name}: gradient of parameter")
            _, (found, _) = program.value_and_grad(inputs, integers)
            check_gradients(flat(found), leaves, true, f"{name}: gradient of input")


def check_everywhere(program: Program, special: bool = False) -> None:
    """Four sets of numbers, the first of which comes again: branches go another way and back, indices are others."""
    trial = Trial(program, special)
    for seed in (1, 2, 3, 1):
        trial.check(seed)


@settings(calm, max_examples=40)
@given(vector_programs())
def test_compiled_programs_agree_with_the_eager_engine(program: Program) -> None:
    check_everywhere(program)


@pytest.mark.oracle
@settings(calm, max_examples=600)
@given(vector_programs())
def test_hundreds_of_compiled_programs_agree_with_the_eager_engine(program: Program) -> None:
    check_everywhere(program)


@settings(calm, max_examples=20)
@given(vector_programs())
def test_infinite_numbers_and_nan_come_out_where_they_do_eagerly(program: Program) -> None:
    check_everywhere(program, special=True)


@pytest.mark.oracle
@settings(calm, max_examples=600)
@given(vector_programs())
def test_infinite_numbers_and_nan_come_out_right_in_hundreds_of_programs(program: Program) -> None:
    check_everywhere(program, special=True)


@pytest.mark.parametrize("name", ROWS)
def test_every_row_of_the_table_is_compiled_alone_and_over_a_list(name: str) -> None:
    """A single operation becomes scalar code, many become an array operation: each has a way back of its own."""
    rng = random.Random(7)
    for count in (1, 40):
        w = [Value(0.0) for _ in range(count)]

        def loss(xs: Any, ys: Any, w: list[Value] = w) -> Any:
            return autograd.sum([ROWS[name](x * v, y, v) for x, y, v in zip(xs, ys, w, strict=True)])

        compiled = [autograd.compile(loss, backend=backend) for backend in BACKENDS]
        for _round in range(3):
            for v in w:
                v.data = rng.uniform(-2.0, 2.0)
            inputs = [[rng.uniform(-1.5, 1.5) for _ in range(count)] for _ in range(2)]
            values = as_values(inputs)
            true = judge(loss(*values))
            for program in compiled:
                value, found = program.value_and_grad(*inputs)
                check_value(value, true)
                check_gradients(flat(list(found)), flat(values), true)
                for v in w:
                    v.zero_grad()
                program.backward(*inputs)
                check_gradients([v.grad for v in w], w, true)


def test_every_row_of_the_table_is_in_a_program() -> None:
    assert set(ROWS) == set(TABLE)


# Batches --------------------------------------------------------------------------------------------------------------


def check_batch(program: Program, size: int) -> None:
    """The mean of the eager losses of the examples, and a penalty once."""
    parameters = [[Value(0.0) for _ in range(count)] for count in program.parameters]
    leaves = flat(parameters)

    def loss(integers: Any, *inputs: Any) -> Any:
        penalty = autograd.sum([p * p * 0.1 for p in leaves])
        return Runner(program).loss(parameters, inputs, integers), penalty

    for backend in BACKENDS:
        compiled = autograd.compile(loss, batch=True, backend=backend)
        for seed in (1, 2):
            for p, number in zip(leaves, flat(drawn(program, seed)[0]), strict=True):
                p.data = number
            examples = [drawn(program, 100 * seed + k)[1:] for k in range(size)]
            runs = []
            values = [as_values(inputs) for inputs, _ in examples]
            for inputs, (_, integers) in zip(values, examples, strict=True):
                watching = Runner(program, watch=True)
                runs.append(watching.loss(parameters, inputs, integers))
                assume(not isinstance(runs[-1], Value) or nearest_kink(list(ordered(runs[-1]))) > NEAR)
                assume(watching.near > NEAR)
            true = judge(autograd.sum(runs) / size + autograd.sum([p * p * 0.1 for p in leaves]))
            for p in leaves:
                p.zero_grad()
            columns = [list(column) for column in zip(*[inputs for inputs, _ in examples], strict=True)]
            batch = [[integers for _, integers in examples], *columns]
            check_value(compiled.backward(*batch), true, backend)
            check_gradients([p.grad for p in leaves], leaves, true, f"{backend}: gradient of parameter")
            _, (_, *found) = compiled.value_and_grad(*batch)
            leaves_of_inputs = [flat(list(column)) for column in zip(*values, strict=True)]
            check_gradients(flat(found), flat(leaves_of_inputs), true, f"{backend}: gradient of input")


IN_BATCHES = [*KINDS, "index"]  # a branch of Python goes one way for a whole batch


@settings(calm, max_examples=20)
@given(vector_programs(kinds=IN_BATCHES), st.sampled_from([1, 2, 5]))
def test_a_batch_is_the_mean_of_the_eager_losses(program: Program, size: int) -> None:
    check_batch(program, size)


@pytest.mark.oracle
@settings(calm, max_examples=400)
@given(vector_programs(kinds=IN_BATCHES), st.sampled_from([1, 2, 5, 40]))
def test_hundreds_of_batches_are_the_mean_of_the_eager_losses(program: Program, size: int) -> None:
    check_batch(program, size)


# Several results, second derivatives ----------------------------------------------------------------------------------


@settings(calm, max_examples=15)
@given(vector_programs())
def test_jacobians_agree_with_the_eager_engine(program: Program) -> None:
    parameters = [[Value(0.0) for _ in range(count)] for count in program.parameters]
    integers = [1] * program.integers
    compiled = autograd.compile(lambda xs: Runner(program)(parameters, xs, integers))
    for seed in (1, 2):
        numbers, inputs, _ = drawn(program, seed)
        for p, number in zip(flat(parameters), flat(numbers), strict=True):
            p.data = number
        values = as_values(inputs)
        watching = Runner(program, watch=True)
        results = watching(parameters, values, integers)
        assume(all(nearest_kink(list(ordered(x))) > NEAR for x in results if isinstance(x, Value)))
        assume(watching.near > NEAR)
        found, rows = compiled(inputs), compiled.jacobian(inputs)
        assert len(found) == len(rows) == len(results)
        for mine, row, result in zip(found, rows, results, strict=True):
            true = judge(result)
            check_value(mine, true)
            if result in flat(values):  # an input as it is: its own leaf
                assert [x for x in flat(row) if x] == [1.0]
            else:
                check_gradients(flat(row), flat(values), true)


@settings(calm, max_examples=15)
@given(vector_programs(kinds=SMOOTH, integers=1))
def test_hessians_agree_with_the_eager_engine(program: Program) -> None:
    program = program._replace(inputs=(4,))
    parameters, (x,), _ = drawn(program, 5)

    def function(x: Any) -> Any:
        return Runner(program, smooth=True).loss(parameters, [x], [0])

    compiled = autograd.compile(function)
    for factor in (1.0, -0.7):
        x = [factor * xi for xi in x]
        variables = as_values(x)
        y = function(variables)
        found = compiled.hessian(x)
        slopes = gradients(y, variables) if isinstance(y, Value) else [0.0] * len(x)
        for row, slope in zip(found, slopes, strict=True):
            check_gradients(row, variables, judge(slope), "second derivative")


# What random numbers seldom meet --------------------------------------------------------------------------------------

INF = float("inf")


def check_at(function: Any, recorded_at: Any, *others: Any) -> None:
    """A function of one list, recorded at some numbers, at other numbers: value and gradient."""
    for backend in BACKENDS:
        program = autograd.compile(function, backend=backend)
        for x in (recorded_at, *others, recorded_at):
            values = as_values(x)
            true = judge(function(values))
            value, found = program.value_and_grad(x)
            check_value(value, true, f"{backend} at {x}")
            check_value(program(x), true, f"{backend} at {x}")
            check_gradients(found, values, true, f"{backend} at {x}: gradient")


def test_what_is_not_chosen_is_nowhere_even_where_it_is_infinite_or_nan() -> None:
    far = [1.0 + k for k in range(40)]
    near = [0.0, -1.0, *far[2:]]
    check_at(lambda xs: autograd.sum([autograd.where(x > 0, 1.0 / x, 0.0) for x in xs]), far, near)
    check_at(lambda xs: autograd.sum([autograd.where(x > 0, autograd.log(x), 0.0) for x in xs]), far, near)
    check_at(lambda xs: autograd.sum([autograd.where(x > 0, autograd.sqrt(x), x) for x in xs]), far, near)


@pytest.mark.parametrize("kind", ["lower", "upper", "ragged"])
def test_an_infinite_number_is_in_no_sum_that_does_not_have_it(kind: str) -> None:
    rng = random.Random(3)
    size = 20
    columns = {
        "lower": [range(i + 1) for i in range(size)],
        "upper": [range(i, size) for i in range(size)],
        "ragged": [sorted(rng.sample(range(size), rng.randint(8, 16))) for _ in range(size)],
    }[kind]
    W = [[Value(1.0 + 0.1 * i * j) for j in row] for i, row in enumerate(columns)]
    sums = [(row, places) for row, places in zip(W, columns, strict=True)]

    def function(x: Any) -> Any:
        found = [autograd.sum([w * x[j] for w, j in zip(row, places, strict=True)]) for row, places in sums]
        chosen = [autograd.where(s < 1e6, autograd.tanh(s * 1e-3), 0.5) for s in found]
        return autograd.sum(chosen) + autograd.where(found[-1] < 1e6, found[-1], 2.0 * found[0])

    ones = [1.0 + 0.01 * k for k in range(size)]
    check_at(function, ones, [*ones[:10], INF, *ones[11:]], [*ones[:19], INF], [INF, *ones[1:]])


def test_an_infinite_number_times_a_sum_is_that_of_each_term() -> None:
    """Σ wⱼ·s is (Σ wⱼ)·s for finite numbers; with weights of both signs it is nan where s is infinite."""
    w = [Value(1.0 + 0.1 * k * (-1) ** k) for k in range(40)]

    def function(xs: Any) -> Any:
        sums = [autograd.sum([w[(i + j) % 40] * x for j in range(7)]) for i, x in enumerate(xs)]
        return autograd.sum([autograd.tanh(s) for s in sums])

    finite = [0.1] * 40
    check_at(function, finite, [*finite[:20], INF, *finite[21:]], [-INF, *finite[1:]])


@pytest.mark.parametrize("name", ["max", "min"])
def test_ties_in_lists_of_different_lengths_are_shared_by_those_that_tie(name: str) -> None:
    function, sign = getattr(autograd, name), 1.0 if name == "max" else -1.0

    def total(xs: Any) -> Any:
        return autograd.sum([function([xs[j] for j in range(i % 4 + 2)]) for i in range(12)])

    distinct = [0.1, 0.3, 0.2, 0.5, 0.4]
    check_at(total, distinct, [1.0] * 5, [sign, sign, 0.0, sign, 0.0], [-sign * INF, -sign * INF, 0.5, 0.25, 0.5])
    check_at(total, distinct, [-sign * INF] * 5)


@pytest.mark.parametrize("numbers", [[INF, 1.0, 2.0], [INF, INF, 0.0], [-INF, -INF, -INF], [-INF, 1.0, 2.0]])
def test_logsumexp_of_infinite_numbers(numbers: list[float]) -> None:
    check_at(autograd.logsumexp, [0.5, 1.0, 2.0], numbers)
    check_at(lambda xs: autograd.log_softmax(xs)[1], [0.5, 1.0, 2.0], numbers)


def test_numbers_near_the_largest_do_not_overflow_where_they_would_not_eagerly() -> None:
    check_at(lambda xs: autograd.sum([(x - 1e300) * 1e10 for x in xs]), [1.0] * 30, [1e300] * 30)
    check_at(lambda xs: (xs[0] - xs[1]) * 1e10, [1.0, 2.0], [1e300, 1e300])
    check_at(lambda xs: 1e200 * (1e200 * xs[0]), [1e-250], [1e-300])
    check_at(lambda xs: 1e-200 * (1e-200 * xs[0]), [1e250], [1e300])


def test_a_condition_may_be_any_number() -> None:
    w = Value(3.0)
    for count in (2, 40):  # as scalar code, as an array operation

        def function(masks: Any) -> Any:
            return autograd.sum([autograd.where(m, w * k, autograd.sin(w)) for k, m in enumerate(masks)])

        program = autograd.compile(function)
        for numbers in ([1.0] * count, [2.0] * count, [0.0, -0.5] * (count // 2), [0.25] * count):
            w.zero_grad()
            function([Value(m) for m in numbers]).backward()
            expected = w.grad
            w.zero_grad()
            program.backward(numbers)
            assert agrees(w.grad, Known(expected, 3.0 * count * count))


def test_second_derivatives_on_either_side_of_a_branch() -> None:
    def function(x: Any) -> Any:
        return x[0] * x[1] if x[0] > 0 else x[0] * x[0] * x[1] + x[1] ** 3 + x[0] ** 2

    program = autograd.compile(function)
    for x in ([1.0, 2.0], [-1.0, 2.0], [3.0, 1.0], [-2.0, 0.5]):
        assert program.hessian(x) == autograd.hessian(function)(x)


# What these tests can see ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted({*KINDS, "guard", "index"}))
def test_every_kind_of_step_is_recorded_and_depends_on_parameters_and_inputs(kind: str) -> None:
    """A step that does nothing would be compiled without fault."""
    reached = set()
    for seed in range(30):
        program = Program((3,), (3,), 2, (Step(kind, seed, seed + 1, seed + 2, seed),))
        parameters, inputs, integers = drawn(program, seed)
        w, x = as_values(parameters), as_values(inputs)
        (made,) = [Runner(program)(w, x, integers)[len(x[0]) : -1]]
        for result in made:
            known = judge(result).leaves
            reached |= {leaf in flat(w) for leaf, about in known.items() if about.number != 0.0}
    assert reached == {True, False}


def test_kinks_are_seen() -> None:
    x = Value(1e-9)
    assert nearest_kink(list(ordered(autograd.relu(x) + 1.0))) == 1e-9
    assert nearest_kink(list(ordered(autograd.maximum(x, x * 1.0)))) == 0.0
    assert nearest_kink(list(ordered(autograd.maximum(x, x)))) == 1.0
    assert nearest_kink(list(ordered(autograd.max([x, Value(0.25)])))) == 0.25 - 1e-9
    assert agrees(1.0, judge(Value(1.0)).value)
    assert set(TABLE) > KINKED
