"""The splits pass alone: with axes split a program computes what it did before, and what the engine does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pass_alone
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pass_alone import Made, Numbers

import autograd as ag
from autograd.compiler.lanes import operands_of
from autograd.compiler.program import Contract, Map, Program, Table
from autograd.compiler.splits import with_splits

check = partial(pass_alone.check, with_splits)


def gathered(program: Program) -> int:
    """How many cells the tables of its sums name."""
    return sum(
        access.table.size
        for operation in program.forward
        if isinstance(operation, (Contract, Map))
        for access in (operation.out, *operands_of(operation))
        if isinstance(access, Table)
    )


def axes(program: Program) -> list[tuple[int, ...]]:
    return [operation.axes for operation in program.forward if isinstance(operation, Contract)]


def attention(n: Numbers, length: int, heads: int, size: int, causal: bool) -> Callable[[Any], Any]:
    """Weighted means of vectors, the weights of each head made from vectors of its own."""
    width = heads * size
    W, V = n.weights(width, width), n.weights(width, width)

    def f(X: Any) -> Any:
        keys = [[ag.sum([w * x for w, x in zip(row, xs, strict=True)]) for row in W] for xs in X]
        values = [[ag.sum([w * x for w, x in zip(row, xs, strict=True)]) for row in V] for xs in X]
        total = 0.0
        for position in range(length):
            seen = range(position + 1 if causal else length)
            for head in range(heads):
                part = slice(head * size, (head + 1) * size)
                scores = [
                    ag.exp(ag.sum([a * b for a, b in zip(keys[position][part], keys[key][part], strict=True)]))
                    for key in seen
                ]
                total_score = ag.sum(scores)
                for j in range(part.start, part.stop):
                    mean = ag.sum([s / total_score * values[key][j] for s, key in zip(scores, seen, strict=True)])
                    total = total + mean * mean
        return total

    return f


@pytest.mark.parametrize("causal", [True, False], ids=["causal", "all"])
@pytest.mark.parametrize(("heads", "size"), [(2, 3), (3, 2), (1, 4), (4, 1)])
def test_heads_of_attention(heads: int, size: int, causal: bool) -> None:
    n = Numbers()
    it = check(attention(n, 4, heads, size, causal), [n.rows(4, heads * size)])
    assert gathered(it.after) <= gathered(it.before)
    if causal and heads > 1 and size > 1:
        assert gathered(it.after) < gathered(it.before)
        assert (4, heads, size, 4) in axes(it.after)
        assert (4, heads * size, 4) in axes(it.before)


@pytest.mark.parametrize("lanes", [1, 3])
def test_heads_in_a_batch(lanes: int) -> None:
    n = Numbers()
    check(attention(n, 3, 2, 2, True), [n.rows(lanes, 3, 4)], lanes)


def repeating(n: Numbers, table: list[list[int]], repeats: int, form: str) -> Callable[[Any], Any]:
    """Sums over rows of cells that the table says, each used several times in a row."""
    weights, others = n.weights(12), n.weights(len(table) * repeats, 3)

    def f(x: Any) -> Any:
        found = []
        for number, row in enumerate(table):
            for again in range(repeats):
                mine = others[number * repeats + again]
                terms = [weights[cell] * mine[k % 3] * x[k % 2] for k, cell in enumerate(row)]
                found.append(
                    ag.tanh(ag.sum(terms)) if form == "sum" else ag.sum([ag.tanh(t + weights[row[0]]) for t in terms])
                )
        return ag.sum([y * y for y in found])

    return f


@settings(max_examples=40)
@given(st.data())
def test_tables_of_any_form(data: st.DataObject) -> None:
    count, width, repeats = (data.draw(st.integers(1, 4)) for _ in range(3))
    cells = st.lists(st.integers(0, 11), min_size=width, max_size=width)
    table = data.draw(st.lists(cells, min_size=count, max_size=count))
    if data.draw(st.booleans()):  # rows of several lengths
        table = [row[: 1 + data.draw(st.integers(0, width - 1))] for row in table]
    n = Numbers(data.draw(st.integers(0, 100)))
    check(repeating(n, table, repeats, data.draw(st.sampled_from(["sum", "map"]))), [n.row(2)])


def test_nothing_to_split_leaves_the_program_as_it_is() -> None:
    n = Numbers()
    W = n.weights(4, 3)
    it: Made = check(
        lambda x: ag.sum([ag.tanh(ag.sum([w * a for w, a in zip(row, x, strict=True)])) for row in W]), [n.row(3)]
    )
    assert str(it.after.steps) == str(it.before.steps)


def test_a_table_is_split_at_its_longest_repeats() -> None:
    table = Table(0, np.repeat([3, 1, 4, 1], 6)[None])
    operation = Map("tanh", (2, 24), table, (table,))
    step = type("Step", (), {"operations": [operation], "_replace": lambda self, operations: operations})()
    program = type("Program", (), {"blocks": [], "steps": [step], "_replace": lambda self, steps: steps})()
    ((found,),) = with_splits(program)  # type: ignore[misc, has-type]
    assert found.axes == (2, 4, 6)
    assert found.out.table.tolist() == [[[3], [1], [4], [1]]]
