"""The benchmarks: engines that are compared compute the same; a table says what was measured and what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import compiled_cost, compiled_demo, compiled_digits, compiled_hessian, compiled_programs
from benchmarks import compiled_transformer as transformer
from benchmarks.pace import COMPARED, pace, promise
from benchmarks.runner import disagreement, median
from benchmarks.table import Cell, Row, quantity, text


def agree(numbers: list[list[float]]) -> None:
    first, *others = numbers
    for other in others:
        assert len(first) >= 3
        assert other == pytest.approx(first, rel=1e-9)


def test_the_demo_by_hand_is_the_demo_compiled_and_the_demo_one_by_one() -> None:
    losses = {
        name: [compiled_demo.MAKERS[name](8).step(0)] for name in ("autograd", "eager", "numpy", "numpy_tuned")
    }  # one step compiles
    assert losses["numpy"] == pytest.approx(losses["autograd"], rel=1e-12)
    assert losses["numpy_tuned"] == pytest.approx(losses["autograd"], rel=1e-12)
    agree([compiled_demo.work(name, 8, 0.0, True)["numbers"] for name in ("autograd", "eager", "numpy", "numpy_tuned")])
    agree(
        [compiled_demo.work(name, 8, 0.0, True, read=True)["numbers"] for name in ("autograd", "numpy", "numpy_tuned")]
    )


def test_the_transformer_compiled_is_the_transformer_one_by_one() -> None:
    agree([transformer.work(name, 2, 0.0)["numbers"] for name in ("autograd", "eager")])


def test_every_text_of_the_transformer_reaches_the_same_parameters_in_another_order() -> None:
    texts = [tokens for tokens, _ in transformer.texts(8)]
    assert len({tuple(sorted(tokens)) for tokens in texts}) == 1
    assert len({tuple(tokens) for tokens in texts}) > 1


def test_the_digits_compiled_are_the_digits_one_by_one() -> None:
    agree([compiled_digits.work(name, 70, 2, epochs)["numbers"] for name, epochs in (("autograd", 2), ("eager", 1))])


@pytest.mark.parametrize("which", list(compiled_programs.QUICK))
def test_a_program_compiled_is_the_program_one_by_one(which: str) -> None:
    sizes = compiled_programs.QUICK[which]
    agree([compiled_programs.work(name, which, sizes, 0.0)["numbers"] for name in ("autograd", "eager")])


def test_the_programs_are_all_that_make_a_loss() -> None:
    made = compiled_programs.makers()
    assert {"moons", "transformer", "irregular", "chain", "tree_sum"} <= set(made)
    assert "weights" not in made


@pytest.mark.parametrize("sparse", [False, True])
def test_the_hessian_compiled_is_that_of_the_graph(sparse: bool) -> None:
    agree([compiled_hessian.work(name, 4, 0.0, sparse)["numbers"] for name in ("autograd", "eager")])


def test_the_cost_of_compiling_is_the_sum_of_the_passes_without_the_checks() -> None:
    cost = compiled_cost.work("autograd", "micrograd's demo", quick=True)
    passes: dict[str, float] = cost["passes"]
    checks = [passes[name] for name in compiled_cost.CHECKS]
    assert min(checks) > 0
    assert cost["seconds"] + sum(checks) == pytest.approx(sum(passes.values()))
    assert cost["operations"] < cost["scalars"]


# Measuring ------------------------------------------------------------------------------------------------------------


def test_pace_takes_the_first_numbers_and_leaves_out_the_first_step() -> None:
    asked: list[int] = []

    def step(k: int) -> float:
        asked.append(k)
        return float(k)

    assert pace(step, 0.0)["numbers"] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert asked == list(range(COMPARED))
    asked.clear()
    found = pace(step, 0.001)
    assert found["numbers"] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert asked == list(range(len(asked)))  # each step is another one
    assert len(found["seconds"]) == 3


@pytest.mark.parametrize("other", [[1.0, 2.1], [1.0, float("nan")]])
def test_other_numbers_are_a_warning_and_nan_too(other: list[float]) -> None:
    results: dict[str, list[dict[str, Any]]] = {"autograd": [{"n": [1.0, 2.0]}], "torch": [{"n": other}]}
    (warning,) = disagreement("this", results, "n")
    assert warning.startswith("WARNING, this: torch computes")
    assert disagreement("this", {"autograd": results["autograd"], "torch": results["autograd"]}, "n") == []


def test_a_promise_is_kept_or_not_and_nothing_is_said_where_the_peer_is_missing() -> None:
    row = Row("a step", "on", {"autograd": Cell(1.0), "torch": Cell(3.9), "jax_jit": Cell(words="not installed")})
    assert promise(row, "torch", 4) == [
        "a step, collector on: 3.9 times as fast as PyTorch, promised at least 4: NOT KEPT"
    ]
    assert promise(row, "torch", 3)[0].endswith("promised at least 3: kept")
    assert promise(row, "jax_jit", 1) == promise(row, "numpy", 1) == []


def test_a_peer_that_is_not_there_is_words_in_a_cell() -> None:
    assert median([{"missing": "torch"}], "seconds").words == "not installed: pip install torch"
    assert median([{"failed": "ValueError"}], "seconds").words == "ValueError"


def test_in_markdown_a_ratio_stands_beside_its_number() -> None:
    rows = [Row("a step", "on", {"autograd": Cell(20e-6), "micrograd": Cell(1.25), "torch": Cell(words="none")})]
    assert text(rows, markdown=True).splitlines()[-1] == "| a step | on        | 20.0 µs | 1.25 s, 62,500× |    none |"
    assert text(rows).splitlines()[-1].split()[-4:] == ["1.25", "s", "62,500×", "none"]
    assert quantity(0.0015, "s") == "1.50 ms"
