"""Every row of the table, value and partials, as the page computes it in a browser, against Python."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from chromium import Browser
from table_oracle import REFERENCES, Point, shown, terms

from autograd.ops import TABLE
from autograd.show.arithmetic import arithmetic, literal, row_key

pytestmark = pytest.mark.oracle

NAMES = [name for name in TABLE if name in REFERENCES]
ULPS = 8
"""How far the browser's number may be from Python's: the kernels are others, the rules the same."""


def points(name: str) -> list[Point]:
    """Every point that the reference knows of the row: ordinary, far, at kinks and edges; and nan at each operand."""
    ordinary = REFERENCES[name].points[0]
    nans = [(*ordinary[:at], math.nan, *ordinary[at + 1 :]) for at in range(len(ordinary))]
    return list(dict.fromkeys([*shown(name), *nans]))


def asked(name: str) -> str:
    rows = ", ".join(
        f"[{json.dumps(row_key(name, len(p)))}, [{', '.join(literal(x)[0] for x in p)}]]" for p in points(name)
    )
    return f"[{rows}]"


@pytest.fixture(scope="module")
def answers(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[Any]]]:
    """What the browser computes, row by row: all numbers as text, so that nan, inf and −0 come through."""
    uses = {(name, len(p)) for name in NAMES for p in points(name)}
    asking = ",\n".join(f"{json.dumps(name)}: {asked(name)}" for name in NAMES)
    path: Path = tmp_path_factory.mktemp("arithmetic") / "rows.html"
    path.write_text(
        f"<meta charset=utf-8><script>{arithmetic(uses)}\nconst asked = {{{asking}}};\n"
        "const told = (x) => x === null ? null : Object.is(x, -0) ? '-0' : String(x);\n"
        "const books = Object.fromEntries(Object.entries(asked).map(([name, list]) =>\n"
        "  [name, list.map(([key, operands]) => BOOKS[key]?.(...operands).map(told))]));\n"
        "const answers = Object.fromEntries(Object.entries(asked).map(([name, list]) =>\n"
        "  [name, list.map(([key, operands]) => ROWS[key](...operands).map(told))]));</script>"
    )
    with browser.open(path) as page:
        assert page.complaints == []
        found: dict[str, list[list[Any]]] = page.run("answers")
        found |= {f"books of {name}": told for name, told in page.run("books").items()}
    return found


def number(told: str | None) -> float | None:
    return None if told is None else float({"true": "1", "false": "0"}.get(told, told))


def apart(ours: float, theirs: float, largest: list[Any]) -> float:
    if math.isnan(ours) or math.isnan(theirs) or math.isinf(ours) or math.isinf(theirs):
        return 0.0 if ours == theirs or (math.isnan(ours) and math.isnan(theirs)) else math.inf
    scale = max([abs(ours), abs(theirs), *(float(abs(x)) for x in largest)])
    return abs(ours - theirs) / math.ulp(scale)


@pytest.mark.parametrize("name", NAMES)
def test_a_row_in_the_browser_gives_what_it_gives_in_python(name: str, answers: dict[str, list[list[Any]]]) -> None:
    row, reference = TABLE[name], REFERENCES[name]
    worst = []
    for operands, told in zip(points(name), answers[name], strict=True):
        finite = all(map(math.isfinite, operands))
        out = row.function(*operands)
        partials, live = row.partials(operands, out), row.live(operands, out)
        expected = [out, *(p if p is not None and alive else None for p, alive in zip(partials, live, strict=True))]
        for i, (theirs, ours) in enumerate(zip(map(number, told), expected, strict=True), -1):
            where = f"{'value' if i < 0 else f'partial {i}'} of {name}{operands}: {ours!r}, in the browser {theirs!r}"
            assert (ours is None) == (theirs is None), where
            if ours is None or theirs is None:
                continue
            function, at = (reference.terms, ()) if i < 0 else (reference.slope_terms, (i,))
            largest = terms(function, operands, *at) if finite else []
            error = apart(float(ours), theirs, largest)
            worst.append((error, where))
            if finite and ours == 0:
                assert math.copysign(1.0, ours) == math.copysign(1.0, theirs) or i >= 0, where
    error, where = max(worst)
    assert error <= ULPS, f"{error:.3g} ulp: {where}"


@pytest.mark.parametrize("name", [name for name in NAMES if TABLE[name].textbook])
def test_what_books_write_is_in_the_browser_what_it_is_in_python(
    name: str, answers: dict[str, list[list[Any]]]
) -> None:
    row, compared = TABLE[name], 0
    for operands, told in zip(points(name), answers[f"books of {name}"], strict=True):
        out = row.function(*operands)
        try:
            rules = row.textbook[0](operands, out) if row.variadic else [f and f(*operands, out) for f in row.textbook]
        except ArithmeticError:
            continue
        for i, (ours, theirs) in enumerate(zip(rules, map(number, told), strict=True)):
            assert (ours is None) == (theirs is None)
            if ours is not None and theirs is not None and not isinstance(ours, complex):
                compared += 1
                assert apart(float(ours), theirs, [1.0]) <= ULPS, f"{name}{operands}, {i}: {ours!r}, {theirs!r}"
    assert compared
