"""Programs as people write them, compiled: which array operations are found, and that the numbers are eager's."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from compiled_judge import Judgement, agrees, as_values, changed, check_gradients, check_value, flat, judge

import autograd
from autograd import Value, gradients
from benchmarks import patterns, programs

BACKENDS = ["numpy", "python"]
Case = tuple[Callable[..., programs.Made], dict[str, int], dict[str, int]]


def small_transformer(seed: int = 0, length: int = 3, **sizes: int) -> programs.Made:
    """A transformer of few parameters, and a text to read."""
    model = programs.Transformer(seed, **{"vocabulary": 9, "width": 4, "heads": 2, **sizes})
    text = [(7 * k + 2) % len(model.state["wte"]) for k in range(length + 1)]
    return model.loss, (text[:-1], text[1:])


# Each program, as small as it is compiled in an ordinary run of the tests, and as large as people would have it.
CASES: dict[str, Case] = {
    "moons": (programs.moons, {"examples": 3}, {"examples": 100}),
    "transformer": (small_transformer, {"length": 3}, {"length": 9, "vocabulary": 27, "width": 16, "heads": 4}),
    "convolution": (programs.convolution, {"channels": 2}, {"size": 12}),
    "recurrent": (programs.recurrent, {"steps": 9, "width": 4}, {"steps": 20, "width": 16}),
    "distances": (programs.distances, {"points": 12}, {"points": 60}),
    "black_scholes": (programs.black_scholes, {"options": 15}, {"options": 500}),
    "pendulum": (programs.pendulum, {"steps": 60}, {"steps": 200}),
    "irregular": (programs.irregular, {"operations": 800}, {"operations": 100_000}),
    "chain": (programs.chain, {"depth": 1000}, {"depth": 100_000}),
    "tree_sum": (patterns.tree_sum, {"terms": 50}, {"terms": 5000}),
    "left_leaning_sum": (patterns.left_leaning_sum, {"terms": 50}, {"terms": 5000}),
    "right_leaning_sum": (patterns.right_leaning_sum, {"terms": 50}, {"terms": 5000}),
    "swapped": (patterns.swapped, {"width": 12}, {"width": 100}),
    "feature_major": (patterns.feature_major, {"examples": 20}, {"examples": 500, "features": 30}),
    "example_major": (patterns.example_major, {"examples": 20}, {"examples": 500, "features": 30}),
    "triangular": (patterns.triangular, {"size": 16}, {"size": 120}),
    "triangular_solve": (patterns.triangular_solve, {"size": 16}, {"size": 100}),
    "sparse": (patterns.sparse, {"size": 40}, {"size": 1000}),
    "banded": (patterns.banded, {"size": 40}, {"size": 1000}),
}
TAKES_NUMBERS = sorted(
    set(CASES) - {"transformer", "moons", "distances", "irregular", "chain"}
)  # all inputs are floats


def array_operations(program: Any) -> int:
    """How many array operations the scalars became, as the program itself says."""
    found = re.match(r"[\d,]+ scalars → ([\d,]+) array operation", str(program))
    assert found
    return int(found[1].replace(",", ""))


def parameters_of(function: Callable[..., Any], inputs: Sequence[Any]) -> list[Value]:
    """The leaves that the function finds and does not make: those that two runs of it meet."""
    first, second = judge(function(*inputs)), judge(function(*inputs))
    return [leaf for leaf in first.leaves if leaf in second.leaves]


def check_against_eager(
    function: Any, program: Any, parameters: Sequence[Value], inputs: Sequence[Any], by_inputs: bool = True
) -> None:
    """The value, the gradient of every parameter, and that by the inputs, are those of the eager engine."""
    values = [as_values(x) for x in inputs]
    true = judge(function(*values))
    for p in parameters:
        p.zero_grad()
    check_value(program(*inputs), true)
    check_value(program.backward(*inputs), true)
    check_gradients([p.grad for p in parameters], parameters, true, "the gradient of parameter")
    if by_inputs:
        value, found = program.value_and_grad(*inputs)
        check_value(value, true)
        numbers = [(g, x) for g, x in zip(flat(found), flat(values), strict=True) if isinstance(x, Value)]
        check_gradients([g for g, _ in numbers], [x for _, x in numbers], true, "the gradient of input")


def check_program(made: programs.Made, backend: str) -> None:
    """A program against eager, as it was made and, replayed, with other numbers in inputs and parameters."""
    function, inputs = made
    parameters = parameters_of(function, inputs)
    assert parameters
    program = autograd.compile(function, backend=backend)
    for scale, offset in ((1.0, 0.0), (0.9, 0.03), (-1.05, 0.2)):
        for p in parameters:
            p.data = p.data * abs(scale) + offset
        inputs = tuple(changed(x, abs(scale), offset) for x in inputs)
        check_against_eager(function, program, parameters, inputs, by_inputs=bool(inputs))
    assert "1 recordings" in repr(program), "other numbers are no reason to record anew"


# The numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient_are_those_of_the_eager_engine(name: str, backend: str) -> None:
    make, small, _ = CASES[name]
    check_program(make(seed=3, **small), backend)


@pytest.mark.oracle
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", CASES)
def test_large_programs_agree_with_the_eager_engine_too(name: str, backend: str) -> None:
    make, _, large = CASES[name]
    check_program(make(seed=5, **large), backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("examples", [1, 5])
def test_one_example_of_the_demo_in_a_batch_is_the_mean_and_the_penalty_once(examples: int, backend: str) -> None:
    function, (X, y) = programs.moons_one_example(examples=max(2, examples))
    X, y = X[:examples], y[:examples]
    parameters = parameters_of(lambda: function(X[0], y[0])[0] + function(X[0], y[0])[1], ())
    assert len(parameters) == 337
    program = autograd.compile(function, batch=True, backend=backend)
    for factor in (1.0, 1.1, -0.8):
        X = changed(X, factor)
        y = [label if factor > 0 else -label for label in y]
        pairs = [function(x, label) for x, label in zip(X, y, strict=True)]
        true = judge(sum(loss for loss, _ in pairs) / len(pairs) + pairs[0][1])
        for p in parameters:
            p.zero_grad()
        check_value(program.backward(X, y), true)
        check_gradients([p.grad for p in parameters], parameters, true)


@pytest.mark.parametrize(
    ("name", "backend"), [*((name, "numpy") for name in TAKES_NUMBERS), ("swapped", "python"), ("sparse", "python")]
)
def test_in_a_batch_every_program_is_the_mean_of_its_examples(name: str, backend: str) -> None:
    make, small, _ = CASES[name]
    function, inputs = make(seed=3, **small)
    parameters = parameters_of(function, inputs)
    program = autograd.compile(function, batch=True, backend=backend)
    for offset in (0.0, 0.05):
        examples = [changed(inputs, 1 + 0.1 * k, offset) for k in range(3)]
        batch = [list(column) for column in zip(*examples, strict=True)]
        values = [as_values(column) for column in batch]
        losses = [function(*example) for example in zip(*values, strict=True)]
        true = judge(sum(losses) / len(losses))
        for p in parameters:
            p.zero_grad()
        check_value(program.backward(*batch), true)
        check_gradients([p.grad for p in parameters], parameters, true)
        _, found = program.value_and_grad(*batch)
        check_gradients(flat(found), flat(values), true, "the gradient of input")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_transformer_given_other_tokens_is_replayed(backend: str) -> None:
    function, (tokens, targets) = small_transformer()
    parameters = parameters_of(function, (tokens, targets))
    program = autograd.compile(function, backend=backend)
    for step in range(4):
        tokens = [(7 * t + step) % 9 for t in tokens]
        targets = [(5 * t + step) % 9 for t in targets]
        check_against_eager(function, program, parameters, (tokens, targets), by_inputs=False)
    check_against_eager(function, program, parameters, ([4, 4, 4], [4, 4, 4]), by_inputs=False)
    assert "1 recordings" in repr(program)


def test_a_transformer_records_once_a_length() -> None:
    model = programs.Transformer(vocabulary=9, width=4, heads=2)
    program = autograd.compile(model.loss)
    parameters = model.parameters()
    for length in (1, 2, 3, 2, 1, 3):
        tokens = [(11 * k + length) % 9 for k in range(length + 1)]
        check_against_eager(model.loss, program, parameters, (tokens[:-1], tokens[1:]), by_inputs=False)
    assert "3 recordings" in repr(program)


# Second derivatives ---------------------------------------------------------------------------------------------------


def rosenbrock_hessian(x: Sequence[float], i: int, j: int) -> tuple[float, float]:
    """∂²/∂xᵢ∂xⱼ of `programs.rosenbrock` as one finds it by hand, and the sum of its absolute terms."""
    n = len(x)
    if abs(i - j) == 1:
        return -400.0 * x[min(i, j)], 400.0 * abs(x[min(i, j)])
    if i != j:
        return 0.0, 0.0
    terms = [1200.0 * x[i] ** 2, -400.0 * x[i + 1], 2.0] if i < n - 1 else []
    terms += [200.0] if i else []
    return math.fsum(terms), math.fsum(map(abs, terms))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("size", [2, 10, 100])
def test_the_hessian_of_rosenbrock_is_that_found_by_hand(size: int, backend: str) -> None:
    program = autograd.compile(programs.rosenbrock, backend=backend)
    for offset in (0.0, 0.7):
        x = [math.sin(k + 1.0) + offset for k in range(size)]
        dense, sparse = program.hessian(x), program.hessian(x, sparse=True).toarray()
        for i in range(size):
            for j in range(size):
                number, scale = rosenbrock_hessian(x, i, j)
                assert abs(dense[i][j] - number) <= 1e-12 * scale
                assert sparse[i][j] == dense[i][j]


def first_input(made: programs.Made) -> tuple[Callable[..., Any], list[float]]:
    """A program as a function of its first input alone."""
    function, (x, *others) = made
    return (lambda x: function(x, *others)), x


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "made",
    [
        patterns.swapped(width=5),
        patterns.triangular(size=6),
        patterns.triangular_solve(size=6),
        patterns.banded(size=7),
        patterns.left_leaning_sum(terms=8),
        programs.black_scholes(options=4),
        programs.pendulum(steps=6),
    ],
    ids=["swapped", "triangular", "triangular_solve", "banded", "left_leaning_sum", "black_scholes", "pendulum"],
)
def test_hessians_are_those_of_the_eager_engine(made: programs.Made, backend: str) -> None:
    function, x = first_input(made)
    program = autograd.compile(function, backend=backend)
    for factor in (1.0, 1.2):
        x = [factor * xi for xi in x]
        found = program.hessian(x)
        variables = as_values(x)
        for row, slope in zip(found, gradients(function(variables), variables), strict=True):
            check_gradients(row, variables, judge(slope), "second derivative")


# What is found --------------------------------------------------------------------------------------------------------


def counted(made: programs.Made, **options: Any) -> int:
    """How many array operations a program becomes."""
    function, inputs = made
    program = autograd.compile(function, verify=False, **options)
    program(*inputs)
    return array_operations(program)


def test_the_demo_becomes_at_most_twenty_array_operations() -> None:
    assert counted(programs.moons(examples=30)) <= 20
    assert counted(programs.moons_one_example(examples=100), batch=True) <= 20


@pytest.mark.oracle
def test_all_hundred_examples_of_the_demo_become_at_most_twenty_too() -> None:
    assert counted(programs.moons(examples=100)) <= 20


@pytest.mark.oracle
def test_a_transformer_with_a_full_block_becomes_at_most_eighty() -> None:
    assert counted(programs.transformer(length=16)) <= 80


def test_a_transformer_becomes_at_most_eighty() -> None:
    assert counted(programs.transformer(length=4)) <= 80


@pytest.mark.parametrize(
    ("make", "small", "large"),
    [
        (programs.moons, {"examples": 8}, {"examples": 25}),
        (programs.convolution, {"size": 7}, {"size": 9}),
        (programs.distances, {"points": 8}, {"points": 14}),
        (programs.black_scholes, {"options": 30}, {"options": 50}),
        (programs.pendulum, {"steps": 20}, {"steps": 60}),
        (programs.chain, {"depth": 100}, {"depth": 700}),
        (patterns.tree_sum, {"terms": 64}, {"terms": 200}),
        (patterns.left_leaning_sum, {"terms": 64}, {"terms": 200}),
        (patterns.swapped, {"width": 14}, {"width": 22}),
        (patterns.feature_major, {"examples": 30}, {"examples": 70}),
        (patterns.triangular, {"size": 14}, {"size": 22}),
        (patterns.triangular_solve, {"size": 14}, {"size": 22}),
        (patterns.sparse, {"size": 50}, {"size": 75}),
        (patterns.banded, {"size": 50}, {"size": 75}),
    ],
    ids=lambda x: x.__name__ if callable(x) else "-".join(map(str, x.values())),
)
def test_more_of_the_same_is_no_more_array_operations(make: Any, small: Any, large: Any) -> None:
    assert counted(make(**small)) == counted(make(**large)) <= 20


def test_a_recurrent_cell_is_a_few_array_operations_a_step() -> None:
    few, many = (counted(programs.recurrent(steps=steps, width=8)) for steps in (10, 20))
    assert many - few <= 3 * 10
    assert many <= 3 * 20 + 5


def test_a_graph_without_regularity_is_a_few_hundred_at_most() -> None:
    assert counted(programs.irregular(operations=3000)) <= 200


@pytest.mark.oracle
def test_a_chain_and_a_graph_of_a_hundred_thousand_do_not_cost_one_call_an_element() -> None:
    assert counted(programs.chain()) <= 5
    assert counted(programs.irregular()) <= 1000


def test_how_a_sum_is_written_makes_no_difference() -> None:
    tree, left, right = (
        counted(make(terms=300)) for make in (patterns.tree_sum, patterns.left_leaning_sum, patterns.right_leaning_sum)
    )
    assert tree == left == right == 3  # the products, their tanh, the sum


def test_operands_changed_over_make_no_difference() -> None:
    assert counted(patterns.swapped(swap=True)) == counted(patterns.swapped(swap=False)) <= 4


def test_feature_by_feature_is_as_good_as_example_by_example() -> None:
    assert counted(patterns.feature_major()) == counted(patterns.example_major()) <= 6


@pytest.mark.parametrize("make", [patterns.triangular, patterns.sparse, patterns.banded])
def test_rows_of_different_lengths_are_still_one_array_operation(make: Any) -> None:
    assert counted(make()) <= 4


# The judge itself, and sameness ---------------------------------------------------------------------------------------


def test_the_judge_sees_an_error_of_a_hundred_billionth() -> None:
    function, inputs = programs.moons(examples=4)
    true = judge(function(*inputs))
    check_value(true.value.number, true)
    assert not agrees(true.value.number + 1e-11 * true.value.scale, true.value)
    for leaf, known in true.leaves.items():
        assert agrees(known.number, known)
        assert known.scale == 0.0 or not agrees(known.number + 1e-11 * known.scale, known), leaf.label
    assert not agrees(math.nan, true.value)
    assert not agrees(1.0, Judgement(true.value, {}).gradient(Value(0.0)))


SAME = """
import autograd
from benchmarks import patterns, programs
for make, size in ((programs.recurrent, 5), (programs.irregular, 300), (patterns.sparse, 20)):
    function, inputs = make(0, size)
    program = autograd.compile(function)
    print(program.value_and_grad(*inputs) if inputs else program(), program)
"""


def test_the_program_and_its_numbers_are_the_same_whatever_the_hash_seed() -> None:
    outputs = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        command = [sys.executable, "-c", SAME]
        run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=root)
        outputs.add(run.stdout)
    assert len(outputs) == 1
