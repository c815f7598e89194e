"""The generated operators: written from the table as it is now, and recording what the table's own `record` records."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from autograd import Value, generate, unrolled, value
from autograd.value import record

NUMBERS = [2.5, 0.5, -1.5, 0.0, -0.0, 1e200, math.inf, -math.inf, math.nan]


def test_the_file_is_what_the_table_gives() -> None:
    kept = Path(unrolled.__file__).read_text(encoding="utf-8")
    assert kept == generate.formatted(generate.written()), "write it anew: make generated"


def told(node: Value) -> tuple[Any, ...]:
    """All that a node knows, with numbers as text, so that nan equals nan and -0.0 is not 0.0."""
    operands = ["Value" if isinstance(x, Value) else repr(x) for x in node.operands]
    return repr(node.data), node.op, operands, [repr(d) for d in node._partials()], node.computed


@pytest.mark.parametrize("name", [*generate.OPERATORS, "**n"])
@pytest.mark.parametrize("x", NUMBERS)
@pytest.mark.parametrize("y", NUMBERS)
def test_operators_record_what_the_table_records(name: str, x: float, y: float) -> None:
    written_out = getattr(unrolled, generate.OPERATORS.get(name, "pow"))
    assert told(written_out(Value(x), y)) == told(record(name, Value(x), y))
    if name != "**n":
        assert told(written_out(Value(x), Value(y))) == told(record(name, Value(x), Value(y)))
        reflected = getattr(unrolled, "r" + generate.OPERATORS[name])
        assert told(reflected(Value(x), y)) == told(record(name, y, Value(x)))


@pytest.mark.parametrize("name", ["neg", *generate.FUNCTIONS])
@pytest.mark.parametrize("x", NUMBERS)
def test_functions_record_what_the_table_records(name: str, x: float) -> None:
    assert told(getattr(unrolled, name)(Value(x))) == told(record(name, Value(x)))


@pytest.mark.parametrize("name", ["sum", "dot"])
def test_reductions_record_what_the_table_records(name: str) -> None:
    a, b, c = Value(2.0), Value(-3.0), Value(0.5)
    for operands in ((a, b, c), (a, 4.0, b), (a, b, c, a, b), (a, 1.5, b, 2.5, c)):
        assert told(value.FAST[name](*operands)) == told(record(name, *operands))
