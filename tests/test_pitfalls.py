"""What is known to go wrong in this field, by name: each was met in a real library, and must not be met here."""

from __future__ import annotations

import gc
import math
import os
import subprocess
import sys
import textwrap
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, draw
from nn import MLP

ROOT = Path(autograd.__file__).parents[1]


def in_a_fresh_process(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr[-3000:]}"
    return done.stdout


def derivative(y: Any, x: Value) -> Any:
    """dy/dx as a Value, by the partials of the rows on Values; a number where nothing depends on x."""
    known: dict[Value, Any] = {x: 1.0}

    def of(v: Any) -> Any:
        if not isinstance(v, Value) or (not v.parents and v is not x):
            return 0.0
        if v not in known:
            total: Any = 0.0
            row, xs = v._row, v.operands
            for operand, partial, live in zip(xs, row.partials(xs, v), row.live(xs, v), strict=True):
                if live and isinstance(operand, Value) and partial is not None:
                    total = total + partial * of(operand)
            known[v] = total
        return known[v]

    return of(y)


def number(v: Any) -> float:
    return v.data if isinstance(v, Value) else float(v)


# --- recursion


@pytest.mark.parametrize("operations", [990, 1100, 20_000])
def test_recursion__chains_past_the_recursion_limit(operations: int) -> None:
    x = Value(1.0)
    y = x
    for _ in range(operations):
        y = y + 1
    y.backward()
    assert x.grad == 1.0
    assert (y.parents[0].grad, y.data) == (1.0, operations + 1.0)


def test_recursion__freeing_a_deep_chain_with_a_small_stack() -> None:
    """A chain freed by plain reference counting recurses once a node; some engines crash here."""
    in_a_fresh_process("""
        import threading
        from autograd import Value
        def work():
            y = Value(1.0)
            for _ in range(100_000):
                y = y * 1.0
            del y
        threading.stack_size(1 << 20)
        for _ in range(2):
            t = threading.Thread(target=work)
            t.start()
            t.join()
        work()
        """)


def test_recursion__the_limit_is_not_raised_behind_the_users_back() -> None:
    before = sys.getrecursionlimit()
    x = y = Value(1.0)
    for _ in range(5000):
        y = y * x
    y.backward()
    assert sys.getrecursionlimit() == before


# --- non-determinism


def test_nondeterminism__the_same_program_gives_the_same_bits_in_every_process() -> None:
    program = """
        import random
        from autograd import Value, tanh
        ballast = [bytearray(hash(str(k)) % 999) for k in range(500)]
        rng = random.Random(0)
        leaves = [Value(rng.gauss(0, 1)) for _ in range(5)]
        pool = list(leaves)
        for _ in range(400):
            a, b = rng.choice(pool), rng.choice(pool[-20:])
            pool.append(rng.choice([a + b, a * b * 0.3, tanh(a - b), a / (b * b + 1)]))
        sum(pool[-50:]).backward()
        print([v.grad.hex() for v in leaves])
    """
    assert len({in_a_fresh_process(program, PYTHONHASHSEED=seed) for seed in ("0", "7", "99", "random")}) == 1


def test_nondeterminism__gradients_do_not_depend_on_what_happened_before_in_the_process() -> None:
    def once() -> str:
        x = Value(0.1)
        total = Value(0.0)
        for k in range(60):
            total += x * 10.0 ** (k % 13 - 6) * (-1) ** k
        (total * total).backward()
        return x.grad.hex()

    first = once()
    kept = []
    for k in range(30):
        kept.append([Value(float(k)) for _ in range(k)])
        assert once() == first


# --- garbage


def test_garbage__a_graph_is_no_reference_cycle() -> None:
    gc.collect()
    gc.disable()
    try:
        x = Value(2.0)
        y = autograd.exp(x * x) + autograd.dot([x, 1.0], [x, x]) - autograd.relu(x) ** 2
        y.backward()
        y._backward()
        ref = weakref.ref(y.parents[0])
        del y
        assert ref() is None
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_garbage__a_training_loop_leaves_nothing_to_the_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        w, b = Value(0.5), Value(0.0)
        for _ in range(20):
            loss = (autograd.tanh(w * 2 + b) - 1) ** 2
            w.zero_grad()
            b.zero_grad()
            loss.backward()
            w.data -= 0.1 * w.grad
        del loss
        assert gc.collect() == 0
    finally:
        gc.enable()


# --- interior gradients


def test_interior_gradients__are_not_counted_twice_by_a_second_backward() -> None:
    x = Value(2.0)
    y = x * 3
    z = y * y
    z.backward()
    z.backward()
    assert (y.grad, x.grad) == (12.0, 2 * 36.0)  # micrograd gives y 24 and x 108


def test_interior_gradients__are_not_counted_twice_by_two_losses() -> None:
    x = Value(2.0)
    y = x * 3
    (y * 1).backward()
    (y * 1).backward()
    assert x.grad == 6.0  # not 9


# --- doublings


def test_doublings__b_is_a_plus_a_and_c_is_b_plus_b() -> None:
    a = Value(3.0)
    b = a + a
    c = b + b
    c.backward()
    assert (c.data, c.grad, b.grad, a.grad) == (12.0, 1.0, 2.0, 4.0)


def test_doublings__take_no_exponential_time() -> None:
    a = Value(1.0)
    b = a
    for _ in range(1000):
        b = b + b
    b.backward()
    assert a.grad == 2.0**1000


# --- drawing before backward


def test_drawing__before_backward_shows_not_computed_and_not_a_gradient_of_zero() -> None:
    a = Value(2.0, label="a")
    L = a * 3
    before = draw(L)
    assert "not computed" in before.source
    assert "not computed" in before.svg
    assert "not computed" in repr(L)
    L.backward()
    after = draw(L)
    assert "not computed" not in after.source + after.svg + repr(L)


def test_drawing__a_gradient_that_is_zero_is_shown_as_zero() -> None:
    a = Value(-2.0, label="a")
    L = autograd.relu(a)
    L.backward()
    assert "not computed" not in draw(L).source


def test_drawing__changes_no_number() -> None:
    a = Value(2.0)
    L = a * 3
    draw(L).svg  # noqa: B018
    assert (a.data, a.grad, a.computed, L.computed) == (2.0, 0.0, False, False)


# --- powers


@pytest.mark.parametrize("n", [2, 2.0, 3, -1, -2.0])
def test_powers__a_negative_base_with_a_whole_exponent(n: float) -> None:
    x = Value(-3.0)
    y = x**n
    y.backward()
    assert y.data == pytest.approx((-3.0) ** n, rel=1e-15)
    assert x.grad == pytest.approx(n * (-3.0) ** (n - 1), rel=1e-15)


def test_powers__a_negative_base_with_an_exponent_that_is_a_value() -> None:
    x, n = Value(-3.0), Value(2.0)
    y = x**n
    y.backward()
    assert (y.data, x.grad) == (9.0, -6.0)
    assert math.isnan(n.grad)


def test_powers__a_negative_number_to_a_fractional_power_is_nan_and_not_complex() -> None:
    for y in (Value(-8.0) ** (1 / 3), Value(-8.0) ** Value(1 / 3), -(8.0 ** Value(0.5)) * 0 + (-8.0) ** Value(1 / 3)):
        assert type(y.data) is float
        assert math.isnan(y.data)


@pytest.mark.parametrize("base", [0.0, -0.0, 2.0, -2.0])
def test_powers__x_to_the_zero(base: float) -> None:
    x = Value(base)
    y = x**0
    y.backward()
    assert (y.data, x.grad) == (1.0, 0.0)


def test_powers__zero_to_a_value() -> None:
    x, n = Value(0.0), Value(0.0)
    y = x**n
    y.backward()
    assert (y.data, x.grad) == (1.0, 0.0)
    x, n = Value(0.0), Value(2.0)
    (x**n).backward()
    assert (x.grad, n.grad) == (0.0, 0.0)
    n = Value(2.0)
    (0**n).backward()
    assert n.grad == 0.0


@pytest.mark.parametrize("at", [0.0, 1.5, -2.0])
def test_powers__all_derivatives_of_x_squared(at: float) -> None:
    x = Value(at)
    y: Any = x**2
    for expected in (2 * at, 2.0, 0.0, 0.0):
        y = derivative(y, x)
        assert number(y) == expected


def test_powers__all_derivatives_of_x_cubed_at_zero() -> None:
    x = Value(0.0)
    y: Any = x**3
    found = []
    for _ in range(5):
        y = derivative(y, x)
        found.append(number(y))
    assert found == [0.0, 0.0, 6.0, 0.0, 0.0]


# --- stable forms


@pytest.mark.parametrize(
    ("of", "at", "value", "slope"),
    [
        (autograd.tanh, 1000.0, 1.0, 0.0),
        (autograd.tanh, -1000.0, -1.0, 0.0),
        (autograd.tanh, 20.0, 1.0, 4 * math.exp(-40.0)),
        (autograd.sigmoid, 1000.0, 1.0, 0.0),
        (autograd.sigmoid, -1000.0, 0.0, 0.0),
        (autograd.sigmoid, 40.0, 1.0, math.exp(-40.0)),
        (autograd.softplus, 1000.0, 1000.0, 1.0),
        (autograd.softplus, -1000.0, 0.0, 0.0),
        (autograd.softplus, -40.0, math.exp(-40.0), math.exp(-40.0)),
        (autograd.silu, -1000.0, 0.0, 0.0),
        (autograd.gelu, -1000.0, 0.0, 0.0),
        (autograd.elu, -1000.0, -1.0, 0.0),
    ],
)
def test_stable_forms__of_one_number(of: Callable[[Value], Value], at: float, value: float, slope: float) -> None:
    x = Value(at)
    y = of(x)
    y.backward()
    assert y.data == pytest.approx(value, rel=1e-14, abs=1e-300)
    assert x.grad == pytest.approx(slope, rel=1e-14, abs=1e-300)


@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0])
def test_stable_forms__of_several_numbers(shift: float) -> None:
    xs = [Value(shift + k) for k in range(3)]
    total = math.log(sum(math.exp(k) for k in range(3)))
    out = autograd.logsumexp(xs)
    out.backward()
    assert out.data == pytest.approx(shift + total, rel=1e-15)
    weights = [math.exp(k - total) for k in range(3)]
    assert [x.grad for x in xs] == pytest.approx(weights, rel=1e-12)
    assert [s.data for s in autograd.softmax(xs)] == pytest.approx(weights, rel=1e-12)
    assert [s.data for s in autograd.log_softmax(xs)] == pytest.approx([k - total for k in range(3)], rel=1e-12)


def test_stable_forms__a_softmax_of_very_different_numbers_has_finite_gradients() -> None:
    xs = [Value(1000.0), Value(-1000.0), Value(0.0)]
    autograd.log_softmax(xs)[1].backward()
    assert [x.grad for x in xs] == [-1.0, 1.0, 0.0]


# --- width one


def test_width_one__a_hidden_layer_of_width_one_still_hands_on_a_list() -> None:
    """`out[0] if len(out) == 1 else out` in every layer breaks these."""
    for widths in ([1, 1], [1, 2, 1], [3, 1, 2], [1]):
        model = MLP(2, widths, seed=0)
        out = model([0.5, -1.0])
        assert isinstance(out, Value) if widths[-1] == 1 else [type(v) for v in out] == [Value] * widths[-1]
        total = out if isinstance(out, Value) else autograd.sum(out)
        total.backward()
        assert all(p.computed for p in model.parameters())


# --- numpy on the left


def test_numpy__a_scalar_or_an_array_on_the_left_leaves_the_operation_to_value() -> None:
    v = Value(3.0)
    out = np.float64(2.0) * v
    assert type(out) is Value
    out.backward()
    assert v.grad == 2.0
    array = np.array([1.0, 2.0]) * v
    assert [type(x) for x in array] == [Value, Value]
    array.sum().backward()
    assert v.grad == 5.0


# --- pictures


def test_pictures__are_the_same_bytes_in_every_process() -> None:
    program = """
        from autograd import Value, draw, tanh
        ballast = [bytearray(hash(str(k)) % 99) for k in range(500)]
        a, b = Value(2.0, label="a"), Value(-3.0, label="b")
        L = tanh(a * b + a) * (a - b) / b
        L.backward()
        picture = draw(L)
        print(picture.svg, picture.source)
    """
    assert len({in_a_fresh_process(program, PYTHONHASHSEED=seed) for seed in ("0", "7", "random")}) == 1


def test_pictures__two_of_one_graph_are_equal_and_name_no_address() -> None:
    def picture() -> Any:
        a = Value(2.0, label="a")
        return draw(a * a + 1)

    first, ballast, second = picture(), [object() for _ in range(100)], picture()
    assert ballast
    assert first.svg == second.svg
    assert first.source == second.source


def test_pictures__a_notebook_that_is_not_trusted_shows_them() -> None:
    """JupyterLab hides inline SVG there; an <img> with a data URI is shown."""
    picture = draw(Value(2.0) * 3)
    bundle = picture._repr_mimebundle_() if hasattr(picture, "_repr_mimebundle_") else {}
    html = bundle.get("text/html") or picture._repr_html_()
    assert "<img" in html
    assert "data:image/svg+xml" in html


# --- threads


def test_threads__the_pass_works_in_a_thread_as_on_the_main_one() -> None:
    found: list[float] = []

    def work() -> None:
        x = y = Value(1.0)
        for _ in range(3000):
            y = y * 1.0
        y.backward()
        found.append(x.grad)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == [1.0] * 3
