"""Every row of the table in every interpreter, against the independent reference; every convention by its name."""

from __future__ import annotations

import itertools
import math
import operator
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from table_oracle import (
    EDGES,
    MPMATH,
    REFERENCES,
    SLOPES,
    Latex,
    Point,
    check_partials,
    check_second,
    check_slopes,
    check_value,
    columns,
    partials,
    real,
    same,
    shown,
    terms,
    true_partial,
    true_second,
    true_value,
    ulps,
)

import autograd
from autograd import Value
from autograd.ops import TABLE
from autograd.symbols import Symbol
from autograd.symbols import derivative as derivative_of

inf, nan = math.inf, math.nan
each_row = pytest.mark.parametrize("name", list(REFERENCES))
OPERATORS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "neg": operator.neg,
    "**": operator.pow,
    "**n": operator.pow,
    "identity": Value,
    "dot": lambda *xs: autograd.dot(xs[: len(xs) // 2], xs[len(xs) // 2 : -1], bias=xs[-1]),
}


def spelled(name: str) -> Callable[..., Any]:
    """The row as a user writes it."""
    if name in OPERATORS:
        return OPERATORS[name]
    function = getattr(autograd, name, TABLE[name].function)  # a row that has no public name is called as it is
    return (lambda *xs: function(list(xs))) if TABLE[name].variadic else function


def values_of(name: str, operands: Sequence[float]) -> tuple[Any, ...]:
    """The operands as Values, but those that are never differentiated."""
    return tuple(x if i in REFERENCES[name].fixed else Value(x) for i, x in enumerate(operands))


def with_nans(name: str) -> list[tuple[int, Point]]:
    """An ordinary point with a nan at operand j, for each j where it must show."""
    reference = REFERENCES[name]
    base = max((p for p in reference.points if all(p)), key=len)
    where = range(len(base)) if reference.nans is None else reference.nans
    return [(j, (*base[:j], nan, *base[j + 1 :])) for j in where]


def gradients(f: Callable[..., Any], *xs: float) -> list[float]:
    """df/dx for each x, by ``backward``."""
    values = [Value(x) for x in xs]
    f(*values).backward()
    return [v.grad for v in values]


def equal(got: Sequence[float], expected: Sequence[float]) -> bool:
    """Equal numbers, any nan being equal to any nan and -0.0 to 0.0."""
    pairs = zip(got, expected, strict=True)
    return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in pairs)


def close_to(got: Any, expected: Any, tolerance: Any) -> bool:
    return abs(got - expected) <= tolerance if not mp.isnan(expected) else math.isnan(got)


# The table itself


def test_every_row_has_a_reference_and_every_reference_a_row() -> None:
    assert set(TABLE) == set(REFERENCES), "write the new row's formula and points into REFERENCES of table_oracle.py"
    assert set(EDGES) <= set(REFERENCES)
    assert set(SLOPES) <= set(REFERENCES)


@each_row
def test_a_row_says_its_name_operands_and_accuracy(name: str) -> None:
    row = TABLE[name]
    assert row.name == name
    assert row.op == {"**n": "**"}.get(name, name)
    assert len(row.operands) == (1 if row.variadic else len(REFERENCES[name].points[0]))
    assert row.ulps == 8 or (row.ulps > 8 and row.note), "a row that is allowed more than 8 ulp says why in its note"


# Floats


@each_row
def test_values_are_the_true_ones(name: str) -> None:
    for operands in (*REFERENCES[name].points, *REFERENCES[name].far):
        check_value(name, TABLE[name], operands)


@each_row
def test_values_at_edges(name: str) -> None:
    for *operands, expected in EDGES.get(name, ()):
        out = TABLE[name].function(*operands)
        assert type(out) is float
        close = ulps(out, mpf(expected)) <= 8 and (expected != 0.0 or same(out, expected))
        assert close, f"{name}{tuple(operands)} = {out!r}, expected {expected!r}"


@each_row
def test_partials_are_the_true_ones(name: str) -> None:
    for operands in REFERENCES[name].points:
        check_partials(name, TABLE[name], operands)


@each_row
def test_partials_at_edges_and_kinks(name: str) -> None:
    for operands, expected in SLOPES.get(name, ()):
        check_slopes(name, TABLE[name], operands, expected)


@each_row
@given(data=st.data())
@settings(max_examples=20)
def test_values_and_partials_at_random_points(name: str, data: st.DataObject) -> None:
    operands = data.draw(REFERENCES[name].random)
    check_value(name, TABLE[name], operands)
    check_partials(name, TABLE[name], operands)


@each_row
def test_nan_in_gives_nan_value_and_nan_gradient(name: str) -> None:
    reference = REFERENCES[name]
    for j, operands in with_nans(name):
        assert math.isnan(TABLE[name].function(*operands)), f"{name}{operands}"
        for i, partial in enumerate(partials(TABLE[name], operands)):
            if i not in reference.fixed and not reference.indifferent(i, j, len(operands)):
                assert math.isnan(partial), f"partial {i} of {name}{operands} is {partial!r}"


# Arrays and lists


def check_arrays(name: str, operands: Sequence[Any]) -> None:
    """The row on arrays is the row on floats, element by element, to a few units in the last place."""
    row, reference = TABLE[name], REFERENCES[name]
    shape = np.broadcast_shapes(*(np.shape(x) for x in operands))
    with np.errstate(all="ignore"):
        out = row.function(*operands)
        found, live = row.partials(operands, out), row.live(operands, out)
    assert np.shape(out) == shape
    assert np.asarray(out).dtype == float
    full = [np.broadcast_to(x, shape) for x in operands]
    live = [np.broadcast_to(x, shape) for x in live]
    for index in np.ndindex(shape):
        point = tuple(x[index].item() for x in full)
        largest = terms(reference.terms, point) if all(map(math.isfinite, point)) else ()
        assert ulps(out[index], mpf(row.function(*point)), largest) <= 8, f"{name}{point}: array {out[index]!r}"
        for i, expected in enumerate(partials(row, point)):
            if i in reference.fixed:
                assert found[i] is None
                continue
            partial = np.broadcast_to(found[i], shape)[index] if live[i][index] else 0.0
            largest = terms(reference.slope_terms, point, i) if all(map(math.isfinite, point)) else ()
            assert ulps(partial, mpf(expected), largest) <= 8, f"partial {i} of {name}{point}: array {partial!r}"


@each_row
def test_arrays_are_the_floats_elementwise(name: str) -> None:
    check_arrays(name, columns([*shown(name), *(p for _, p in with_nans(name))]))


@each_row
@given(data=st.data())
@settings(max_examples=6)
def test_arrays_of_random_numbers_are_the_floats_elementwise(name: str, data: st.DataObject) -> None:
    check_arrays(name, columns(data.draw(st.lists(REFERENCES[name].random, min_size=1, max_size=5))))


@each_row
@pytest.mark.parametrize("shape", [(), (0,), (1,), (3,), (2, 3), (2, 0, 3), (3, 1, 2)], ids=str)
def test_arrays_of_every_shape(name: str, shape: tuple[int, ...]) -> None:
    wide = columns(REFERENCES[name].points)
    check_arrays(name, [np.resize(x, shape) for x in wide])
    check_arrays(name, [np.resize(x, shape).T for x in wide])  # not contiguous


@each_row
def test_arrays_go_with_numbers(name: str) -> None:
    wide = columns(REFERENCES[name].points)
    for i in range(len(wide)):
        check_arrays(name, [x[:7] if k == i else x[0].item() for k, x in enumerate(wide)])


@each_row
def test_arrays_are_not_written_to(name: str) -> None:
    wide = columns(REFERENCES[name].points)
    for x in wide:
        x.flags.writeable = False
    with np.errstate(all="ignore"):
        TABLE[name].partials(wide, TABLE[name].function(*wide))


FUNCTIONS = [name for name in REFERENCES if hasattr(autograd, name)]


@pytest.mark.parametrize("kind", [int, np.float64, np.float32, np.int64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_numbers_of_every_kind_give_floats(name: str, kind: type) -> None:
    integers = [p for p in REFERENCES[name].points if all(float(x).is_integer() and abs(x) < 10 for x in p)]
    for operands in integers[-5:]:
        out = spelled(name)(*map(kind, operands))
        assert isinstance(out, float)
        assert same(out, TABLE[name].function(*operands))


ELEMENTWISE = [name for name in REFERENCES if hasattr(autograd, name) and not TABLE[name].variadic]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_lists_and_nested_lists_are_elementwise(name: str) -> None:
    function = spelled(name)
    a, b, c = (p for p in REFERENCES[name].points[-3:])
    columns = [list(x) for x in zip(a, b, c, strict=True)]
    assert function(*columns) == [function(*a), function(*b), function(*c)]
    nested = [[[x[0], x[1]], [x[2]]] for x in columns]
    assert function(*nested) == [[function(*a), function(*b)], [function(*c)]]
    assert function(*([] for _ in a)) == []


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_lists_may_hold_values(name: str) -> None:
    a, b = REFERENCES[name].points[-2:]
    result = spelled(name)(*([v, x] for v, x in zip(values_of(name, a), b, strict=True)))
    assert isinstance(result[0], Value)
    assert result[0].data == TABLE[name].function(*a)
    assert result[1] == TABLE[name].function(*b)
    assert type(result[1]) is float


def test_erf_of_arrays_needs_no_scipy() -> None:
    program = """
import sys
sys.modules["scipy"] = sys.modules["scipy.special"] = None  # importing either now fails
import math
import numpy as np
import autograd
xs = np.array([[-30.0, -1.5, -1e-300], [0.0, 0.3, math.inf]])
assert (autograd.erf(xs) == np.array([[math.erf(x) for x in line] for line in xs])).all()
assert autograd.gelu(np.array(2.0)).shape == ()
assert math.isclose(autograd.gelu(np.array([2.0]))[0], 2.0 * 0.5 * math.erfc(-math.sqrt(2.0)), rel_tol=1e-15)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# Symbols

FLOATS = {name: row.function for name, row in TABLE.items() if name.isidentifier()} | {"pi": math.pi, "inf": inf}


def symbols_of(name: str, operands: Point) -> tuple[Symbol, ...]:
    """A symbol an operand: x1, x2, ... where there may be any number of them."""
    row = TABLE[name]
    return tuple(map(Symbol, [f"x{k + 1}" for k in range(len(operands))] if row.variadic else row.operands))


def ordinary(name: str) -> list[Point]:
    return [p for p in REFERENCES[name].points if all(x == 0 or 1e-3 <= abs(x) <= 350 for x in p)]


@each_row
def test_the_printed_text_is_the_derivative(name: str) -> None:
    for operands in ordinary(name):
        symbols = symbols_of(name, operands)
        floats = {x.text: v for x, v in zip(symbols, operands, strict=True)}
        exact = MPMATH | {x: v if isinstance(v, bool) else mpf(v) for x, v in floats.items()}
        for i in range(len(operands)):
            if i in REFERENCES[name].fixed:
                continue
            text = derivative_of(name, i, symbols).text
            match = re.fullmatch(r"∂(.+)/∂(\w+) = (.+)", text)
            assert match, text
            function, operand, partial = match.groups()
            assert operand == symbols[i].text
            largest = terms(REFERENCES[name].slope_terms, operands, i)
            expected = true_partial(name, operands, i)
            with mp.workprec(2000):
                value, slope = real(eval(function, {}, exact)), real(eval(partial, {}, exact))
            assert ulps(value, true_value(name, operands), terms(REFERENCES[name].terms, operands)) <= 8, text
            assert ulps(slope, expected, largest) <= 8, f"{text} at {operands} is {mp.nstr(slope, 17)}"
            # On floats the form of the books may lose digits that the rule keeps, but it is the same number.
            rounded = eval(partial, {}, FLOATS | floats)
            scale = max([abs(expected), 1, *map(abs, largest)])
            assert close_to(rounded, expected, 1e-9 * scale), f"{text} at {operands} is {rounded!r}"


@each_row
def test_the_printed_latex_is_the_derivative(name: str) -> None:
    for operands in ordinary(name)[:: 1 if len(ordinary(name)) < 10 else 7]:
        symbols = symbols_of(name, operands)
        variables = {x.text: v for x, v in zip(symbols, operands, strict=True)}
        for i in range(len(operands)):
            if i in REFERENCES[name].fixed:
                continue
            latex = derivative_of(name, i, symbols).latex
            left, partial = latex.split(" = ", 1)
            function = re.sub(r"^\\frac\{\\partial\}\{\\partial [^ ]+\}", "", left)
            assert function != left, latex
            with mp.workprec(2000):
                value, slope = (real(Latex(formula, variables).number()) for formula in (function, partial))
            assert ulps(value, true_value(name, operands), terms(REFERENCES[name].terms, operands)) <= 8, latex
            largest = terms(REFERENCES[name].slope_terms, operands, i)
            assert ulps(slope, true_partial(name, operands, i), largest) <= 8, f"{latex} at {operands}"


@each_row
def test_the_rule_fed_with_symbols_prints_the_rule_fed_with_floats(name: str) -> None:
    row = TABLE[name]
    kinks = [p for p, ys in SLOPES.get(name, ()) if all(map(math.isfinite, (*p, *(y or 0.0 for y in ys))))]
    for operands in (*ordinary(name), *kinks):
        symbols = symbols_of(name, operands)
        floats = FLOATS | {x.text: v for x, v in zip(symbols, operands, strict=True)}
        out = row.function(*operands)
        rules, expected = row.partials(symbols, row.function(*symbols)), row.partials(operands, out)
        for i, (rule, partial, live) in enumerate(zip(rules, expected, row.live(operands, out), strict=True)):
            if i in REFERENCES[name].fixed:
                assert rule is None
            elif live:
                text = rule.text if isinstance(rule, Symbol) else str(rule)
                scale = max([abs(partial), *map(abs, terms(REFERENCES[name].slope_terms, operands, i))])
                assert close_to(eval(text, {}, floats), partial, 1e-13 * scale), f"{name}{operands}, {i}: {text}"


# Values


@each_row
def test_values_record_what_floats_give_bit_for_bit(name: str) -> None:
    row, fixed = TABLE[name], REFERENCES[name].fixed
    for operands in (*shown(name), *(p for _, p in with_nans(name))):
        values = values_of(name, operands)
        node = spelled(name)(*values)
        assert same(node.data, row.function(*operands)), f"{name}{operands}"
        assert node._row.name == name
        assert node.op == row.op
        expected = [p for i, p in enumerate(partials(row, operands)) if i not in fixed]
        for got, partial in zip(node.local_grads, expected, strict=True):
            assert type(got) is float
            assert same(got, partial) or got == partial == 0.0, f"{name}{operands}: {got!r}, {partial!r}"
        node.backward()
        leaves = [v for i, v in enumerate(values) if i not in fixed]
        assert equal([v.grad for v in leaves], expected), f"{name}{operands}"


@each_row
@given(data=st.data())
@settings(max_examples=20)
def test_values_record_what_floats_give_at_random_points(name: str, data: st.DataObject) -> None:
    operands = data.draw(REFERENCES[name].random)
    node = spelled(name)(*values_of(name, operands))
    assert same(node.data, TABLE[name].function(*operands))
    expected = [p for i, p in enumerate(partials(TABLE[name], operands)) if i not in REFERENCES[name].fixed]
    assert all(map(same, node.local_grads, expected))


INTEGERS: dict[str, Point] = {
    "dot": (1.0, 2.0, 3.0, 4.0, 5.0),
    "clip": (5.0, -1.0, 3.0),
    "where": (True, 3.0, 2.0),
    **dict.fromkeys(["sum", "prod", "max", "min", "logsumexp"], (3.0, 2.0, 5.0)),
}
PUBLIC = [name for name in REFERENCES if name in OPERATORS or hasattr(autograd, name)]
SEVERAL = [name for name in PUBLIC if len(max(REFERENCES[name].points, key=len)) > 1]


@pytest.mark.parametrize("kind", [float, int, np.float64, np.float32, np.int64])
@pytest.mark.parametrize("name", SEVERAL)
def test_any_mix_of_values_and_numbers_in_any_order(name: str, kind: type) -> None:
    operands = INTEGERS.get(name, (3.0, 2.0))
    free = [i for i in range(len(operands)) if i not in REFERENCES[name].fixed]
    for count in range(1, len(free) + 1):
        for chosen in itertools.combinations(free, count):
            # A constant exponent is a row of its own.
            row = TABLE[{(0,): "**n"}.get(chosen, "**") if name in ("**", "**n") else name]
            mixed = [Value(x) if i in chosen else x if isinstance(x, bool) else kind(x) for i, x in enumerate(operands)]
            node = spelled(name)(*mixed)
            assert isinstance(node, Value)
            assert node._row.name == row.name
            assert same(node.data, row.function(*operands))
            assert [id(v) for v in node.parents] == [id(mixed[i]) for i in chosen]
            assert len(node.operands) == len(operands)
            assert all(a is b if isinstance(b, Value) else a == b for a, b in zip(node.operands, mixed, strict=True))
            assert equal(node.local_grads, [partials(row, operands)[i] for i in chosen])


@pytest.mark.parametrize("name", ["leaky_relu", "elu", "clip"])
def test_parameters_of_a_function_may_be_values_too(name: str) -> None:
    for operands in REFERENCES[name].points:
        slopes = gradients(spelled(name), *operands)
        for i, got in enumerate(slopes):
            assert ulps(got, true_partial(name, operands, i)) <= 8, f"{name}{operands}, operand {i}"


METHODS = [name for name in ELEMENTWISE if hasattr(Value, name)]


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_the_function(name: str) -> None:
    for operands in REFERENCES[name].points[::9]:
        if name == "where":
            continue
        a, b = values_of(name, operands), values_of(name, operands)
        method, function = getattr(a[0], name)(*a[1:]), spelled(name)(*b)
        assert same(method.data, function.data)
        assert equal(method.local_grads, function.local_grads)


def test_the_common_functions_are_methods() -> None:
    assert {"exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "softplus", "relu", "abs"} <= set(METHODS)


# Second order


@each_row
def test_second_partials_are_the_true_ones(name: str) -> None:
    tame = [p for p in REFERENCES[name].points if all(x == 0 or 1e-3 <= abs(x) <= 350 for x in p)]
    for operands in tame[:: max(1, len(tame) // 40)]:
        check_second(name, TABLE[name], operands)


@each_row
@given(data=st.data())
@settings(max_examples=8)
def test_second_partials_at_random_points(name: str, data: st.DataObject) -> None:
    tame = REFERENCES[name].random.filter(lambda p: all(x == 0 or 1e-3 <= abs(x) <= 350 for x in p))
    check_second(name, TABLE[name], data.draw(tame))


def derivative(root: Any, leaf: Value) -> Any:
    """d root / d leaf as a Value: the chain rule over the graph, with the table's partials run on Values."""
    order: list[Value] = []

    def visit(v: Value) -> None:
        if all(v is not w for w in order):
            for parent in v.parents:
                visit(parent)
            order.append(v)

    if not isinstance(root, Value):
        return 0.0
    visit(root)
    upstream: dict[int, Any] = {id(root): 1.0}
    for v in reversed(order):
        if v.parents and id(v) in upstream:  # what is not live stays out, even as 0 × inf
            found, live = v._row.partials(v.operands, v), v._row.live(v.operands, v)
            for operand, partial, alive in zip(v.operands, found, live, strict=True):
                if isinstance(operand, Value) and alive:
                    upstream[id(operand)] = upstream.get(id(operand), 0.0) + partial * upstream[id(v)]
    return upstream.get(id(leaf), 0.0)


def number(x: Any) -> float:
    return x.data if isinstance(x, Value) else float(x)


def repeated(f: Callable[[Value], Any], x: float, times: int) -> list[float]:
    """f, f', f'', ... at x."""
    leaf = Value(x)
    found = [f(leaf)]
    for _ in range(times):
        found.append(derivative(found[-1], leaf))
    return [number(y) for y in found]


def test_x_squared_at_0_has_derivatives_0_2_0_0() -> None:
    assert repeated(lambda x: x**2, 0.0, 5) == [0.0, 0.0, 2.0, 0.0, 0.0, 0.0]


def test_x_cubed_and_higher_derivatives() -> None:
    assert repeated(lambda x: x**3, 0.0, 5) == [0.0, 0.0, 0.0, 6.0, 0.0, 0.0]
    assert repeated(lambda x: x**3, -2.0, 5) == [-8.0, 12.0, -12.0, 6.0, 0.0, 0.0]
    assert repeated(lambda x: x**0, 0.0, 2) == [1.0, 0.0, 0.0]
    assert repeated(lambda x: x**-1, 2.0, 3) == [0.5, -0.25, 0.25, -0.375]


def test_exp_is_its_own_derivative_again_and_again() -> None:
    assert repeated(autograd.exp, 0.7, 4) == [math.exp(0.7)] * 5


def test_second_derivatives_of_a_power_with_a_value_exponent() -> None:
    for x, y in ((2.0, 3.0), (0.5, -1.5), (3.0, 0.0), (0.7, 1.0), (2.5, 2.0)):
        check_second("**", TABLE["**"], (x, y))


def test_mixed_second_derivative_of_x_to_the_y_at_y_0_is_1_over_x() -> None:
    for x in (0.5, 2.0, 3.0, 350.0):
        x_, y_ = Value(x), Value(0.0)
        assert math.isclose(number(derivative(derivative(x_**y_, x_), y_)), 1.0 / x, rel_tol=1e-15)
        assert math.isclose(number(derivative(derivative(x_**y_, y_), x_)), 1.0 / x, rel_tol=1e-15)


def test_mixed_second_derivative_of_xlogy_at_x_0_is_1_over_y() -> None:
    for y in (0.5, 2.0, 3.0):
        x_, y_ = Value(0.0), Value(y)
        assert number(derivative(derivative(autograd.xlogy(x_, y_), x_), y_)) == 1.0 / y
        assert number(derivative(derivative(autograd.xlogy(x_, y_), y_), x_)) == 1.0 / y


@pytest.mark.parametrize("name", ["relu", "abs"])
def test_second_derivative_at_a_kink_is_0(name: str) -> None:
    for x in (0.0, -0.0, 1.0, -1.0):
        assert repeated(spelled(name), x, 3)[2:] == [0.0, 0.0]


def test_second_derivatives_at_ties_are_0() -> None:
    for f in (autograd.maximum, autograd.minimum):
        for x, y in ((2.0, 2.0), (0.0, -0.0), (1.0, 2.0), (2.0, 1.0)):
            a, b = Value(x), Value(y)
            firsts = [derivative(f(a, b), v) for v in (a, b)]
            assert [number(derivative(first, v)) for first in firsts for v in (a, b)] == [0.0] * 4
    for g in (autograd.max, autograd.min):
        a, b = Value(2.0), Value(2.0)
        assert number(derivative(derivative(g([a, b]), a), a)) == 0.0


def test_second_derivative_through_a_kinked_function_is_that_of_the_branch() -> None:
    assert repeated(lambda x: autograd.relu(x * x * x), 2.0, 3) == [8.0, 12.0, 12.0, 6.0]
    assert repeated(lambda x: autograd.where(x > 0, x**4, -x), 1.0, 3) == [1.0, 4.0, 12.0, 24.0]
    assert repeated(lambda x: autograd.abs(x) * x, -3.0, 2) == [-9.0, 6.0, -2.0]
    assert repeated(lambda x: autograd.elu(x), -1.0, 2)[2] == math.exp(-1.0)


# Conventions, one by one


def test_overflow_is_inf() -> None:
    assert autograd.exp(1000.0) == inf
    assert autograd.exp(Value(1000.0)).data == inf
    assert gradients(autograd.exp, 1000.0) == [inf]
    assert (Value(1e308) * 10).data == inf
    assert (Value(10.0) ** 400).data == inf
    assert (Value(-10.0) ** 401).data == -inf
    assert (10.0 ** Value(400.0)).data == inf
    assert (Value(1e308) + 1e308).data == inf
    assert autograd.sinh(Value(-1000.0)).data == -inf
    assert autograd.cosh(Value(1000.0)).data == inf
    assert autograd.expm1(1000) == inf
    assert autograd.hypot(1.5e308, 1.5e308) == inf
    assert autograd.prod([1e200, Value(1e200)]).data == inf


def test_division_by_zero_is_inf_and_0_over_0_is_nan() -> None:
    assert (Value(1.0) / 0.0).data == inf
    assert (1.0 / Value(0.0)).data == inf
    assert (1.0 / Value(-0.0)).data == -inf
    assert (Value(-3.0) / Value(0.0)).data == -inf
    assert math.isnan((Value(0.0) / 0.0).data)
    assert math.isnan((0.0 / Value(0.0)).data)
    assert (Value(0.0) ** -1).data == inf
    assert autograd.log(Value(0.0)).data == -inf
    assert gradients(autograd.log, 0.0) == [inf]


def test_a_negative_number_to_a_fractional_power_is_nan() -> None:
    assert math.isnan((Value(-8.0) ** (1 / 3)).data)
    assert math.isnan((Value(-8.0) ** Value(1 / 3)).data)
    assert math.isnan((-(8.0 ** Value(1 / 3)) * 0 + (-8.0) ** Value(0.5)).data)
    assert math.isnan(autograd.sqrt(-1.0))
    assert math.isnan(autograd.log(-1.0))


def test_0_times_inf_is_nan() -> None:
    assert math.isnan((Value(0.0) * inf).data)
    assert math.isnan(gradients(lambda x: x * 0.0 * inf, 1.0)[0])
    assert math.isnan(gradients(lambda x: 0.0 * autograd.log(x), 0.0)[0])


SELECTIONS: list[tuple[str, Callable[[Any], Any], float, float, float]] = [
    # what, f, x, f(x), f'(x)
    ("where(x > 0, sqrt(x), 0)", lambda x: autograd.where(x > 0, autograd.sqrt(x), 0), 0.0, 0.0, 0.0),
    ("where(x > 0, log(x), x)", lambda x: autograd.where(x > 0, autograd.log(x), x), 0.0, 0.0, 1.0),
    ("where(x > 0, log(x), x)", lambda x: autograd.where(x > 0, autograd.log(x), x), -1.0, -1.0, 1.0),
    ("where(x != 0, 1/x, 0)", lambda x: autograd.where(x != 0, 1 / x, 0), 0.0, 0.0, 0.0),
    ("where(x != 0, 1/x, 0)", lambda x: autograd.where(x != 0, 1 / x, 0), 2.0, 0.5, -0.25),
    ("where(x <= 0, 0, x*log(x))", lambda x: autograd.where(x <= 0, 0, x * autograd.log(x)), 0.0, 0.0, 0.0),
    ("where(x < 700, x, exp(x)*exp(x))", lambda x: autograd.where(x < 1e3, x, autograd.exp(x) ** 2), 800.0, 800.0, 1.0),
    ("relu(log(x))", lambda x: autograd.relu(autograd.log(x)), 0.0, 0.0, 0.0),
    ("relu(-1/x)", lambda x: autograd.relu(-1 / x), 0.0, 0.0, 0.0),
    ("relu(sqrt(x))", lambda x: autograd.relu(autograd.sqrt(x)), 0.0, 0.0, 0.0),
    ("maximum(log(x), x)", lambda x: autograd.maximum(autograd.log(x), x), 0.0, 0.0, 1.0),
    ("maximum(x, log(x))", lambda x: autograd.maximum(x, autograd.log(x)), 0.0, 0.0, 1.0),
    ("maximum(sqrt(x), 1)", lambda x: autograd.maximum(autograd.sqrt(x), 1), 0.0, 1.0, 0.0),
    ("minimum(1/x, 3 + x)", lambda x: autograd.minimum(1 / x, 3 + x), 0.0, 3.0, 1.0),
    ("clip(log(x), -1, 1)", lambda x: autograd.clip(autograd.log(x), -1, 1), 0.0, -1.0, 0.0),
    ("clip(1/x, -1, 1)", lambda x: autograd.clip(1 / x, -1, 1), 0.0, 1.0, 0.0),
    ("clip(x, 0, 1/x)", lambda x: autograd.clip(x + 1, 0, 1 / x), 0.0, 1.0, 1.0),
    ("max([log(x), x, 2])", lambda x: autograd.max([autograd.log(x), x, 2.0]), 0.0, 2.0, 0.0),
    ("min([1/x, x, 2])", lambda x: autograd.min([1 / x, x, 2.0]), 0.0, 0.0, 1.0),
]


@pytest.mark.parametrize(("what", "f", "x", "value", "slope"), SELECTIONS)
def test_the_branch_not_chosen_contributes_nothing(
    what: str, f: Callable[[Any], Any], x: float, value: float, slope: float
) -> None:
    leaf = Value(x)
    result = f(leaf)
    assert result.data == value
    result.backward()
    assert leaf.grad == slope


def test_where_selects_on_floats_arrays_and_lists() -> None:
    assert autograd.where(True, 1, nan) == 1.0
    assert autograd.where(False, inf, 2.0) == 2.0
    xs = np.array([-1.0, 0.0, 4.0])
    with np.errstate(all="ignore"):
        assert autograd.where(xs > 0, np.sqrt(xs), 0.0).tolist() == [0.0, 0.0, 2.0]
    assert autograd.where([True, False], [1.0, nan], [nan, 2.0]) == [1.0, 2.0]


def test_live_masks_arrays_where_a_branch_is_not_chosen() -> None:
    x = np.array([-1.0, 0.0, 4.0])
    row = TABLE["where"]
    with np.errstate(all="ignore"):
        operands = (x > 0, np.log(x), x)
        out = row.function(*operands)
    live = row.live(operands, out)
    assert np.broadcast_to(live[1], x.shape).tolist() == [False, False, True]
    assert np.broadcast_to(live[2], x.shape).tolist() == [True, True, False]


def test_kinks() -> None:
    assert gradients(autograd.relu, 0.0) == [0.0]
    assert gradients(autograd.relu, -0.0) == [0.0]
    assert gradients(autograd.abs, 0.0) == gradients(autograd.abs, -0.0) == gradients(abs, 0.0) == [0.0]
    assert gradients(lambda x: autograd.leaky_relu(x, 0.3), 0.0) == [0.3]
    assert gradients(autograd.leaky_relu, 0.0) == [0.01]
    assert gradients(lambda x: autograd.elu(x, 0.7), 0.0) == [0.7]
    assert gradients(autograd.elu, 0.0) == [1.0]
    assert gradients(lambda x: autograd.clip(x, 0.0, 2.0), 0.0) == [1.0]
    assert gradients(lambda x: autograd.clip(x, 0.0, 2.0), 2.0) == [1.0]
    assert gradients(lambda x: autograd.clip(x, 0.0, 2.0), 2.0000000000000004) == [0.0]


def test_ties_half_each() -> None:
    for f in (autograd.maximum, autograd.minimum):
        assert gradients(f, 2.0, 2.0) == [0.5, 0.5]
        assert gradients(f, 0.0, -0.0) == [0.5, 0.5]
        assert gradients(lambda x, f=f: f(x, x), 3.0) == [1.0]
        assert gradients(lambda x, f=f: f(x, 3.0), 3.0) == [0.5]
        assert gradients(lambda x, f=f: f(3.0, x), 3.0) == [0.5]


def test_sqrt_has_slope_inf_at_0_of_either_sign() -> None:
    assert gradients(autograd.sqrt, 0.0) == [inf]
    assert gradients(autograd.sqrt, -0.0) == [inf]


def test_hypot_and_atan2_have_partials_0_at_the_origin() -> None:
    for f in (autograd.hypot, autograd.atan2):
        for x, y in itertools.product((0.0, -0.0), repeat=2):
            assert gradients(f, x, y) == [0.0, 0.0]
    assert math.isnan(gradients(lambda x, y: autograd.sqrt(x * x + y * y), 0.0, 0.0)[0])


def test_logsumexp_of_all_minus_inf_is_minus_inf_with_gradient_0() -> None:
    xs = [Value(-inf), Value(-inf), Value(-inf)]
    result = autograd.logsumexp(xs)
    assert result.data == -inf
    result.backward()
    assert [x.grad for x in xs] == [0.0, 0.0, 0.0]


def test_powers_with_a_constant_exponent() -> None:
    assert gradients(lambda x: x**0, 0.0) == gradients(lambda x: x**0, inf) == gradients(lambda x: x**0, -3.0) == [0.0]
    assert (Value(0.0) ** 0).data == 1.0
    assert gradients(lambda x: x**1, 0.0) == [1.0]
    assert gradients(lambda x: x**2, 0.0) == [0.0]
    assert gradients(lambda x: x**2, -3.0) == [-6.0]
    assert gradients(lambda x: x**0.5, 0.0) == [inf]
    assert gradients(lambda x: x**-1, 0.0) == [-inf]
    assert gradients(lambda x: x**-2, 2.0) == [-0.25]


def test_powers_with_a_value_as_exponent() -> None:
    power = operator.pow
    assert gradients(power, 2.0, 3.0) == [12.0, 8.0 * math.log(2.0)]
    assert gradients(power, 0.0, 0.0)[0] == 0.0
    assert gradients(power, 0.0, 2.0) == [0.0, 0.0]
    assert gradients(power, 0.0, 0.5)[1] == 0.0
    assert gradients(power, 0.0, 1.0) == [1.0, 0.0]
    slope, bend = gradients(power, -2.0, 3.0)
    assert slope == 12.0
    assert math.isnan(bend)
    assert gradients(lambda y: 2.0**y, 3.0) == [8.0 * math.log(2.0)]
    assert gradients(lambda y: 0.0**y, 3.0) == [0.0]


def test_xlogy_of_0_is_0() -> None:
    for y in (0.0, 1.0, 5e-324, inf, -1.0):
        assert autograd.xlogy(0.0, y) == 0.0
        assert autograd.xlogy(Value(0.0), Value(y)).data == 0.0
    assert gradients(autograd.xlogy, 0.0, 2.0) == [math.log(2.0), 0.0]
    assert math.isnan(gradients(lambda p: p * autograd.log(p), 0.0)[0])
    assert math.isnan((Value(0.0) * autograd.log(Value(0.0))).data)
    assert autograd.xlogy(Value(0.0), Value(0.0)).data == 0.0


def test_the_slope_of_tanh_keeps_its_digits_in_the_tails() -> None:
    for x in (1.0, 5.0, 20.0, -20.0, 350.0):
        with mp.workprec(3000):
            true = 4 / (1 + mp.exp(-2 * mpf(x))) / (1 + mp.exp(2 * mpf(x)))  # 4 σ(2x) σ(-2x)
        (slope,) = gradients(autograd.tanh, x)
        assert slope > 0.0
        assert ulps(slope, true) <= 8


def test_the_slope_of_sigmoid_keeps_its_digits_in_the_tails() -> None:
    for x in (-350.0, -40.0, 40.0, 350.0):
        with mp.workprec(3000):
            true = 1 / (1 + mp.exp(-mpf(x))) / (1 + mp.exp(mpf(x)))
        assert ulps(gradients(autograd.sigmoid, x)[0], true) <= 8


def test_stable_forms_do_not_overflow() -> None:
    assert autograd.sigmoid(-1000.0) == 0.0
    assert autograd.sigmoid(1000.0) == 1.0
    assert autograd.softplus(1000.0) == 1000.0
    assert autograd.softplus(-40.0) == pytest.approx(math.exp(-40.0), rel=1e-15)
    assert autograd.tanh(1000.0) == 1.0
    assert autograd.silu(-1000.0) == 0.0
    assert autograd.elu(1000.0) == 1000.0
    assert gradients(autograd.elu, 1000.0) == [1.0]
    assert autograd.log1p(1e-20) == 1e-20
    assert autograd.expm1(1e-20) == 1e-20
    assert autograd.hypot(3e200, 4e200) == pytest.approx(5e200, rel=1e-15)
    assert gradients(autograd.softplus, 1000.0) == [1.0]


@pytest.mark.parametrize("shift", [1000.0, -1000.0, 0.0, 1e300])
def test_logsumexp_softmax_and_log_softmax_are_stable(shift: float) -> None:
    xs = [Value(shift), Value(shift), Value(shift)]
    whole = autograd.logsumexp(xs)
    assert whole.data == pytest.approx(shift + math.log(3.0), rel=1e-15)
    whole.backward()
    assert [x.grad for x in xs] == pytest.approx([1 / 3] * 3, rel=1e-12)
    assert [p.data for p in autograd.softmax(xs)] == pytest.approx([1 / 3] * 3, rel=1e-12)
    if abs(shift) < 1e300:  # log 3 is less than half a unit in the last place of 1e300
        assert [p.data for p in autograd.log_softmax(xs)] == pytest.approx([-math.log(3.0)] * 3, rel=1e-12)


def test_softmax_of_very_different_numbers() -> None:
    xs = [Value(1000.0), Value(-1000.0)]
    assert [p.data for p in autograd.softmax(xs)] == [1.0, 0.0]
    assert [p.data for p in autograd.log_softmax(xs)] == [0.0, -2000.0]
    autograd.log_softmax(xs)[1].backward()
    assert [x.grad for x in xs] == [-1.0, 1.0]


# Reductions and compositions

TENTHS = [0.1] * 10


def test_sum_runs_left_to_right_and_is_not_compensated() -> None:
    assert math.fsum(TENTHS) == 1.0
    assert autograd.sum(TENTHS) == 0.9999999999999999
    assert autograd.sum([Value(x) for x in TENTHS]).data == 0.9999999999999999
    assert autograd.sum([1e16, 1.0, -1e16]) == 0.0
    assert autograd.sum([Value(1e16), 1.0, -1e16]).data == 0.0
    assert autograd.sum([-1e16, 1e16, Value(1.0)]).data == 1.0


def test_sum_begins_with_start() -> None:
    assert autograd.sum([]) == 0
    assert autograd.sum([], 2.5) == 2.5
    assert autograd.sum([1.0, 2.0], start=3.0) == 6.0
    assert autograd.sum([1.0, -1e16], 1e16) == 0.0
    start = Value(1.0)
    result = autograd.sum([2.0, Value(3.0)], start)
    assert result.data == 6.0
    result.backward()
    assert start.grad == 1.0
    assert autograd.sum(x for x in (1.0, 2.0)) == 3.0


def test_dot_runs_left_to_right_and_is_not_compensated() -> None:
    ones = [1.0, 1.0, 1.0]
    assert autograd.dot([1e16, 1.0, -1e16], ones) == 0.0
    assert autograd.dot([Value(1e16), 1.0, -1e16], ones).data == 0.0
    assert autograd.dot([0.1] * 10, [1.0] * 10) == 0.9999999999999999


def test_dot_and_its_bias() -> None:
    assert autograd.dot([1.0, 2.0], [3.0, 4.0]) == 11.0
    assert autograd.dot([1.0, 2.0], [3.0, 4.0], bias=0.5) == 11.5
    assert autograd.dot([1.0, 2.0], [3.0, 4.0], 0.5) == 11.5
    xs, ys, bias = [Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)], Value(0.5)
    result = autograd.dot(xs, ys, bias=bias)
    assert result.data == 11.5
    result.backward()
    assert [v.grad for v in (*xs, *ys, bias)] == [3.0, 4.0, 1.0, 2.0, 1.0]
    assert autograd.dot(np.array([1.0, 2.0]), [3.0, 4.0]) == 11.0
    assert autograd.dot(xs, np.array([3.0, 4.0])).data == 11.0


def test_dot_begins_with_the_bias_as_a_sum_begins_with_its_start() -> None:
    weights, inputs, bias = [0.1, 0.7, -0.3], [0.3, 0.9, 0.11], 0.77
    in_order = ((bias + 0.1 * 0.3) + 0.7 * 0.9) + -0.3 * 0.11
    assert in_order != ((0.1 * 0.3 + 0.7 * 0.9) + -0.3 * 0.11) + bias
    assert autograd.dot(weights, inputs, bias) == in_order
    assert autograd.dot([Value(w) for w in weights], inputs, Value(bias)).data == in_order


def test_dot_of_different_lengths_is_an_error_that_names_both() -> None:
    for xs, ys in (([1.0, 2.0], [1.0]), ([], [1.0]), ([Value(1.0)], [1.0, 2.0, 3.0])):
        with pytest.raises(ValueError, match=rf"(?s)\b{len(xs)}\b.*\b{len(ys)}\b"):
            autograd.dot(xs, ys)


def test_dot_of_nothing_is_the_bias() -> None:
    assert autograd.dot([], []) == 0.0
    assert autograd.dot([], [], bias=2.0) == 2.0


def test_prod_with_zeros() -> None:
    assert autograd.prod([]) == 1.0
    for xs, slopes in (
        ([2.0, 0.0, 5.0], [0.0, 10.0, 0.0]),
        ([0.0, 3.0, 0.0], [0.0, 0.0, 0.0]),
        ([0.0], [1.0]),
        ([2.0, 3.0, 4.0], [12.0, 8.0, 6.0]),
    ):
        assert gradients(lambda *vs: autograd.prod(vs), *xs) == slopes
    x = Value(0.0)
    assert number(derivative(derivative(autograd.prod([x, x, 3.0]), x), x)) == 6.0


def test_mean() -> None:
    assert autograd.mean([1.0, 2.0, 6.0]) == 3.0
    assert autograd.mean(TENTHS) == 0.9999999999999999 / 10
    assert gradients(lambda *vs: autograd.mean(vs), 1.0, 2.0, 6.0, 7.0) == [0.25] * 4
    assert autograd.mean([Value(1.0), 2]).data == 1.5


def test_max_and_min_share_ties_equally() -> None:
    for f in (autograd.max, autograd.min):
        assert gradients(lambda *vs, f=f: f(vs), 3.0, 3.0) == [0.5, 0.5]
        assert gradients(lambda *vs, f=f: f(vs), 3.0, 3.0, 3.0) == pytest.approx([1 / 3] * 3)
        assert gradients(lambda x, f=f: f([x, x]), 3.0) == [1.0]
    assert gradients(lambda *vs: autograd.max(vs), 1.0, 3.0, 3.0, 2.0) == [0.0, 0.5, 0.5, 0.0]
    assert autograd.max([2.0, Value(5.0), 3]).data == 5.0
    assert autograd.min([2, 1]) == 1.0


NEED_A_NUMBER = [autograd.mean, autograd.max, autograd.min, autograd.logsumexp, autograd.softmax, autograd.log_softmax]


@pytest.mark.parametrize("function", NEED_A_NUMBER)
def test_what_has_no_value_for_nothing_is_an_error(function: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=r"(?i)empty|at least one|no "):
        function([])


NAMES = [autograd.sum, autograd.prod, autograd.mean, autograd.max, autograd.min, autograd.logsumexp]


@pytest.mark.parametrize("function", NAMES)
def test_a_reduction_takes_any_sequence_and_gives_one_number(function: Callable[..., Any]) -> None:
    xs = [0.3, -1.2, 2.5]
    expected = function(xs)
    assert type(expected) is float
    assert function(tuple(xs)) == expected
    assert function(x for x in xs) == expected
    array = function(np.array(xs))
    assert np.shape(array) == ()
    assert array == pytest.approx(expected, rel=1e-15)
    node = function([Value(x) for x in xs])
    assert isinstance(node, Value)
    assert node.data == expected
    assert function([Value(xs[0]), *xs[1:]]).data == expected
    assert function([*xs[:-1], Value(xs[-1])]).data == expected


@given(st.lists(st.floats(-300, 300), min_size=1, max_size=5))
@settings(max_examples=60)
def test_softmax_and_log_softmax_are_the_true_ones(xs: list[float]) -> None:
    with mp.workprec(2000):
        total = mp.fsum(mp.exp(mpf(x)) for x in xs)
        true = [mp.exp(mpf(x)) / total for x in xs]
        logs = [mpf(x) - mp.log(total) for x in xs]
    # exp of a difference of numbers around 300: half a unit of 300 in the exponent is 2.8e-14 of the result.
    values = [Value(x) for x in xs]
    for got, p in zip(autograd.softmax(values), true, strict=True):
        assert abs(got.data - p) <= 1e-13 * p + 5e-324
    for got, log in zip(autograd.log_softmax(xs), logs, strict=True):
        assert ulps(got, log, [mpf(max(map(abs, xs))), mp.log(len(xs))]) <= 8
    for i, root in enumerate(autograd.softmax(values)):
        for v in values:
            v.zero_grad()
        root.backward()
        for j, v in enumerate(values):
            assert abs(v.grad - true[i] * ((i == j) - true[j])) <= 1e-12 * true[i]
    array = autograd.softmax(np.array(xs))
    assert isinstance(array, np.ndarray)
    assert array == pytest.approx(autograd.softmax(xs), rel=1e-13)


# A test that cannot fail tests nothing: wrong rules, and the tests that catch them


class Wrong:
    """A row with something replaced."""

    def __init__(self, row: Any, **replaced: Any) -> None:
        self._row, self._replaced = row, replaced

    def __getattr__(self, attribute: str) -> Any:
        return self._replaced[attribute] if attribute in self._replaced else getattr(self._row, attribute)


PLANTED: list[tuple[str, Callable[[str], None], dict[str, Any]]] = [
    # 1 - tanh² cancels in the tails: right to a reader, 0 at x = 20.
    ("tanh", test_partials_are_the_true_ones, {"partials": lambda xs, out: [1 - out * out]}),
    ("-", test_partials_are_the_true_ones, {"partials": lambda xs, out: [1.0, 1.0]}),
    ("cosh", test_partials_are_the_true_ones, {"partials": lambda xs, out: [-autograd.sinh(xs[0])]}),
    # out + 1 is exp(x), until exp(x) is small beside 1.
    ("expm1", test_partials_are_the_true_ones, {"partials": lambda xs, out: [out + 1]}),
    ("maximum", test_partials_are_the_true_ones, {"live": lambda xs, out: [False, False]}),
    (
        "where",
        test_partials_are_the_true_ones,
        {"live": lambda xs, out: [True] * 3, "partials": lambda xs, out: [None, 1.0, 1.0]},
    ),
    # Right everywhere but at the constant exponent 0, and at the kink.
    (
        "**n",
        test_partials_at_edges_and_kinks,
        {"partials": lambda xs, out: [xs[1] * TABLE["**"].function(xs[0], xs[1] - 1), None]},
    ),
    (
        "relu",
        test_partials_at_edges_and_kinks,
        {"live": lambda xs, out: [True], "partials": lambda xs, out: [autograd.where(xs[0] >= 0, 1.0, 0.0)]},
    ),
    (
        "relu",
        test_nan_in_gives_nan_value_and_nan_gradient,
        {"live": lambda xs, out: [xs[0] > 0], "partials": lambda xs, out: [1.0]},
    ),
    ("log1p", test_values_are_the_true_ones, {"function": lambda x: autograd.log(1 + x)}),
    # The number is right, but it is cut off from the graph.
    ("sin", test_second_partials_are_the_true_ones, {"partials": lambda xs, out: [math.cos(number(xs[0]))]}),
    (
        "hypot",
        test_second_partials_are_the_true_ones,
        {"partials": lambda xs, out: [xs[0] / out, xs[1] / number(out)]},
    ),
    # What is printed is not what is computed.
    (
        "sin",
        test_the_rule_fed_with_symbols_prints_the_rule_fed_with_floats,
        {"partials": lambda xs, out: [autograd.cos(xs[0]) * (2 if isinstance(out, Symbol) else 1)]},
    ),
    (
        "exp",
        test_arrays_are_the_floats_elementwise,
        {"partials": lambda xs, out: [np.float32(out) if isinstance(out, np.ndarray) else out]},
    ),
]


@pytest.mark.parametrize(("name", "test", "replaced"), PLANTED)
def test_a_planted_wrong_rule_is_caught(
    name: str, test: Callable[[str], None], replaced: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TABLE, name, Wrong(TABLE[name], **replaced))
    with pytest.raises((AssertionError, ZeroDivisionError)):
        test(name)


def test_a_row_without_a_reference_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLE, "new", TABLE["exp"])
    with pytest.raises(AssertionError, match="REFERENCES"):
        test_every_row_has_a_reference_and_every_reference_a_row()


def test_a_missing_bracket_is_caught() -> None:
    assert Latex(r"2 \cdot \left(x + 1\right)", {"x": 3.0}).number() == 8
    assert Latex(r"2 \cdot x + 1", {"x": 3.0}).number() == 7
    assert Latex(r"\frac{-1}{\sqrt{x + 1}} - x^{2}", {"x": 3.0}).number() == -9.5
    cases = r"\begin{cases} 1 & \text{if } x > 0 \\ \frac{1}{x} & \text{else} \end{cases}"
    assert [Latex(cases, {"x": x}).number() for x in (3.0, -2.0)] == [1, -0.5]


def test_the_reference_knows_its_mathematics() -> None:
    assert ulps(math.cos(0.3), true_partial("sin", (0.3,), 0)) <= 1
    assert ulps(-math.sin(0.3), true_second("sin", (0.3,), 0, 0)) <= 1
    assert ulps(1.0 / 3.0, true_second("**", (3.0, 0.0), 0, 1)) <= 1
    assert ulps(1.0, true_value("exp", (0.0,))) == 0
    assert ulps(1.0000000000000002, mpf(1)) == 1
    assert ulps(inf, mpf(2) ** 2000) == 0
    assert ulps(1e308, mpf(2) ** 2000) > 8
    assert ulps(nan, mpf(1)) == inf
