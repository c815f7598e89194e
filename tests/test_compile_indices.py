"""Integers in a compiled function: numbers in arithmetic, indices where they are used as such, chosen at each call."""

from __future__ import annotations

import array
import bisect
import collections
import copy
import functools
import itertools
import math
import operator
import random
import warnings
from typing import Any

import numpy as np
import pytest
from side_by_side import agree, clear, close, eagerly, gradients, hold, recorded, right_or_refused

import autograd
import nn
from autograd import Value, dot, exp, log, log_softmax, logsumexp, softmax, tanh, where
from autograd.errors import RecordingError

V, D = 5, 3
T = [[Value(0.1 * (i * D + j) + 1, label=f"t{i}{j}") for j in range(D)] for i in range(V)]
U = [[Value(0.5 - 0.2 * (i * D + j)) for j in range(D)] for i in range(V)]
W = Value(3.0)
TABLE = np.array(T, dtype=object)
NUMBERS = np.arange(10.0) ** 2
PERMUTATION = [2, 0, 1, 4, 3]
PARAMETERS = [v for rows in (T, U) for row in rows for v in row] + [W]
BACKENDS = ["numpy", "python"]


@pytest.fixture(autouse=True)
def _clean():
    clear(PARAMETERS)
    yield
    clear(PARAMETERS)


def same(f: Any, *calls: tuple[Any, ...], most: int = 1, **options: Any) -> Any:
    """Right at each call, twice over, with at most so many recordings."""
    program = agree(f, *calls, *calls, parameters=PARAMETERS, **options)
    assert recorded(program) <= most, program.recordings
    return program


# table[token], logits[target]: the operand is selected per call -------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_row_of_a_table_is_chosen_at_each_call(backend):
    calls = [(t,) for t in (0, 3, 4, 1, 0, -1, -5, 2)]
    same(lambda t: sum(T[t]), *calls, backend=backend)
    same(lambda t: T[t][1] * W, *calls, backend=backend)
    same(lambda t: dot(T[t], U[t]), *calls, backend=backend)
    same(lambda t: tanh(T[t][0]) * sum(T[0]), *calls, backend=backend)


def test_several_tokens_repeated_tokens_and_one_recording_a_length():
    f = lambda ts: sum(a * b for t in ts for a, b in zip(T[t], U[t], strict=True))  # noqa: E731
    lists = [[0, 1], [3, 3], [4, -1], [0, 0], [1, 0], [-5, 4]]
    same(f, *[(ts,) for ts in lists])
    program = same(f, *[(ts,) for ts in [*lists, [1, 2, 3], [2, 2, 2], [0], [], [4, 4, 4, 4, 4]]], most=5)
    assert recorded(program) == 5


def test_a_repeated_token_gathers_the_gradient_of_each_of_its_places():
    program = autograd.compile(lambda ts: sum(T[t][0] * (k + 1) for k, t in enumerate(ts)))
    program.backward([1, 1, 2, 1])
    assert [row[0].grad for row in T] == [0.0, 1.0 + 2.0 + 4.0, 3.0, 0.0, 0.0]


def test_the_logit_of_a_target_is_chosen_at_each_call():
    def logits(x: Any) -> list[Any]:
        return [W * x * (k + 1) + u for k, u in enumerate(T[0])]

    calls = [(1.0, 0), (1.0, 2), (2.0, 1), (-1.0, -1), (0.0, -3)]

    def negative_log(x: Any, t: Any) -> Any:
        scores = logits(x)
        return logsumexp(scores) - scores[t]

    def with_exponentials(x: Any, t: Any) -> Any:
        powers = [exp(score) for score in logits(x)]
        shares = [power / sum(powers) for power in powers]
        return -log(shares[t])

    same(negative_log, *calls)
    same(with_exponentials, *calls)
    same(lambda x, t: softmax(logits(x))[t], *calls)
    same(lambda x, t: -log_softmax(logits(x))[t], *calls)
    same(lambda x, t: nn.cross_entropy(logits(x), t), *[call for call in calls if call[1] >= 0])


@pytest.mark.parametrize("kind", [list, tuple, np.array])
def test_the_targets_of_many_examples(kind):
    def loss(xs: Any, ts: Any) -> Any:
        return nn.cross_entropy([[W * x * (k + 1) + u for k, u in enumerate(T[0])] for x in xs], ts)

    same(loss, *[([1.0, -2.0, 0.5], kind(ts)) for ts in ([0, 1, 2], [2, 2, 2], [1, 0, 1])])


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_batch_has_a_target_for_each_example(backend):
    model = nn.MLP(2, [4, 3], activation="tanh", seed=1)
    xs = [[1.0, 2.0], [0.5, -1.0], [2.0, 0.3], [-1.0, -1.0]]

    def f(x: Any, t: Any) -> Any:
        return nn.cross_entropy(model(x), t), 1e-2 * sum(p * p for p in model.parameters())

    targets = ([0, 1, 2, 1], [0, 0, 0, 0], [2, 1, 0, 0], [1, 1, 2, 0])
    for first in targets:
        order = [first, *targets]
        program = agree(
            f, *[(xs, ts) for ts in order], (np.array(xs), np.array(first)), (xs[:1], first[:1]), (xs * 3, first * 3),
            parameters=model.parameters(), batch=True, backend=backend,
        )  # fmt: skip
        assert recorded(program) <= 2


def test_a_batch_has_tokens_for_each_example():
    def f(ts: Any, y: Any, x: Any) -> Any:
        h = [sum(T[t][k] for t in ts) * x for k in range(D)]
        return logsumexp([dot(h, row) for row in U]) - dot(h, U[y])

    tokens, targets, xs = [[0, 1], [3, 3], [4, 0], [2, 1]], [1, 0, 4, 1], [0.1, -0.2, 0.3, 0.4]
    agree(
        f, (tokens, targets, xs), (tokens[::-1], targets, xs), (np.array(tokens), np.array(targets), np.array(xs)),
        (tokens[:1], targets[:1], xs[:1]), ([[4, 4]] * 3, [4, 3, 2], [1.0, 1.0, 1.0]),
        parameters=PARAMETERS, batch=True,
    )  # fmt: skip


def test_an_index_of_a_batch_out_of_range_is_an_index_error_for_any_example():
    program = autograd.compile(lambda t: T[t][0] * W, batch=True)
    assert close(program([0, 1, 2]), 3 * 1.3)
    for ts in ([0, 1, 5], [7, 0], [0, -6]):
        with pytest.raises(IndexError):
            program(ts)
    assert close(program([4, -1]), 3 * 2.2)


# Out of range, negative, no integers ----------------------------------------------------------------------------------


def test_an_index_out_of_range_is_an_index_error_at_any_call():
    for first in (0, 7):
        program = autograd.compile(lambda t: sum(T[t]) + W)
        if first == 7:
            with pytest.raises(IndexError):
                program(7)
        for wrong in (5, -6, 100, -(10**12), 10**30):
            assert close(program(4), sum(T[4]).data + 3.0)
            with pytest.raises(IndexError, match=r"5|range|fit"):
                program(wrong)
            with pytest.raises(IndexError):
                program.backward(wrong)
        assert not any(p.computed for p in PARAMETERS)
    program = autograd.compile(lambda i, j: T[i][j] * W)
    for wrong in ((0, 3), (5, 0), (0, -4), (-6, 0)):
        program(1, 1)
        with pytest.raises(IndexError):
            program(*wrong)


def test_a_float_is_no_index():
    program = autograd.compile(lambda t: T[t][0] * W)
    assert close(program(1), 3.9)
    for wrong in (1.0, 2.5, np.float64(1.0), float("nan")):
        with pytest.raises((TypeError, RuntimeError)):
            program(wrong)
    assert close(program(2), 4.8)


def test_bools_and_integers_of_numpy_are_indices_too():
    same(lambda t: T[t][0] * W, (True,), (False,), (1,), (np.int64(3),), (np.int32(-1),), (np.uint8(2),), most=4)
    same(lambda ts: sum(T[t][0] for t in ts), (np.array([1, 2]),), (np.array([4, 4]),), (np.array([0, -1]),))
    same(lambda ts: sum(T[t][0] for t in ts), (np.array([1, 2], dtype=np.uint8),), (np.array([3, 0], dtype=np.uint8),))


def test_every_kind_of_table():
    calls = [(t,) for t in (0, 2, 1, -1, -3)]
    mixed, functions = [T[0][0], 2.0, 3], [lambda x: x * W, lambda x: x + W, tanh]
    same(lambda t: TABLE[t].sum() * W, *calls)
    same(lambda t: TABLE[t][0] * W, *calls)
    same(lambda t: (TABLE[t] * TABLE[0]).sum(), *calls)
    same(lambda t: TABLE.T[t][4] * W, *calls)
    same(lambda t: NUMBERS[t] * W, *calls)
    for f in (
        lambda t: TABLE[t, 1] * W,
        lambda t: TABLE[1, t] * W,
        lambda t: TABLE[t, t] * W,
        lambda t: tuple(T[0])[t] * W,
        lambda t: [1.5, 2.5, 4.0][t] * W,
        lambda t: mixed[t] * W,
        lambda t: sum(a * W for a in [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]][t]),
        lambda t: [tanh(v * W) for v in T[1]][t] * W,
        lambda t: [v + W for v in T[0]][:2][t % 2] * W,
        lambda t: PERMUTATION[t] * W,
        lambda t: [T[0], U[0], T[1]][t][1] * W,
        lambda t: [W, [W, W * 2][1], T[0][0]][t] * 2,
        lambda t: list(zip(T[0], U[0], strict=True))[t][1] * W,
        lambda t: functions[t](T[0][0]) * W,
        lambda t: "abc"[t].count("b") * W + T[0][0],
        lambda t: range(10, 20)[t] * W,
        lambda t: [nn.Neuron, nn.Layer, nn.MLP][t].__name__.count("e") * W + T[0][0],
        lambda t: np.eye(3)[t][1] * W + T[0][0],
        lambda t: np.eye(3)[t] @ np.array(T[0]),
    ):
        same(f, *calls, most=9)


class Rows(nn.Module):
    """A table with an index operator of its own."""

    def __init__(self) -> None:
        self.rows = T

    def __getitem__(self, t: Any) -> Any:
        return self.rows[t]

    def __len__(self) -> int:
        return len(self.rows)


@pytest.mark.parametrize(
    "f",
    [
        lambda t, x: Rows()[t][0] * x,
        lambda t, x: Rows().rows[t][0] * x,
        lambda t, x: {"a": T}["a"][t][0] * x,
        lambda t, x: T.__getitem__(t)[0] * x,
        lambda t, x: operator.itemgetter(t)(T)[0] * x,
        lambda t, x: operator.getitem(T, t)[1] * x,
        lambda t, x: next(map(T.__getitem__, [t]))[0] * x,
        lambda t, x: collections.deque(row[0] for row in T)[t] * x,
        lambda t, x: collections.UserList(row[0] for row in T)[t] * x,
        lambda t, x: next(itertools.islice((row[0] for row in T), t, None)) * x,
        lambda t, x: (T if x > 0 else U)[t][0] * x,
        lambda t, x: sum(table[t][0] * x for table in (T, U, T[:4])),
        lambda t, x: sum(table[t] * x for table in (T[0] + T[1], U[2] + U[1])),
        lambda t, x: (lambda rows: rows[t])([W * k for k in range(4)]) * x,
        lambda t, x: T[t][0] * x if T[t] == T[1] else U[t][0],
        lambda t, x: W * x * T.index(T[t]) + T[0][0],
        lambda t, x: [v for v in [W, W * 2, W * 3, W * 4] if v > 3][t % 2] * x,
        lambda t, x: ([W] * 4)[t] * x,
        lambda t, x: (lambda row: row[0] * row[1] * x)(T[t]),
        lambda t, x: T[t : t + 1][0][0] * x,
        lambda t, x: T[:4][::-1][t][0] * x,
        lambda t, x: chr(97 + t).count("b") * x * W + T[0][0],
        lambda t, x: "abcde".index("abcde"[t]) * x * W,
        lambda t, x: b"abcde"[t] * x * W,
        lambda t, x: array.array("d", [1.0, 2.0, 3.0, 5.0])[t] * x * W,
        lambda t, x: random.Random(t).random() * x * W,
        lambda t, x: bisect.bisect([0, 1, 2, 3], t) * x * W,
        lambda t, x: len(np.zeros(t)) * x * W,
        lambda t, x: np.arange(t).sum() * x * W,
        lambda t, x: sum([1, 2, 3, t]) * x * W,
        lambda t, x: max(t, 2) * x * W + [v * W for v in (1, 2, 3, 4)][min(t, 2)],
        lambda t, x: sorted([3, t, 1])[1] * x * W,
        lambda t, x: len(f"{t:05d}{t!r}") * x * W,
        lambda t, x: hash(t) * x * W,
        lambda t, x: int(str(t) * 2) * x * W,
        lambda t, x: math.comb(5, t) * x * W,
        lambda t, x: math.factorial(t) * x * W,
        lambda t, x: math.sqrt(t) * x * W,
        lambda t, x: 0.5**t * x * W,
        lambda t, x: functools.reduce(lambda a, _: a * W, range(t), x * W),
        lambda t, x: x * W if t % 2 == 0 else T[t][0],
        lambda t, x: x * W if t & 1 else T[t][0],
        lambda t, x: x * W if isinstance(t, int) else T[1][0],
        lambda t, x: {t: W, 9: T[0][0]}[2 if t == 2 else t] * x,
        lambda t, x: [*T[t], W][3] * x * T[t][0],
        lambda t, x: (lambda a, *rest: a * x)(*T[t]),
        lambda t, x: sum(v * x for v in reversed(T[t])),
        lambda t, x: next(row for k, row in enumerate(T) if k == t)[0] * x,
        lambda t, x: next(row for k, row in enumerate(T) if k != t)[0] * x,
        lambda t, x: (T[t] + U[t])[t] * x,
        lambda t, x: T[t][t % 3] * x,
        lambda t, x: T[t][[0, 2, 1, 1][t]] * x,
        lambda t, x: T[T.index(T[t])][0] * x,
        lambda t, x: (T[t][0] + T[t][0]) * T[t][0] * x,
        lambda t, x: T[t][0].detach() * T[t][1] * x,
        lambda t, x: where(T[t][0] > 1.4, T[t][0], U[t][0]) * x,
        lambda t, x: autograd.sum(T[t]) * autograd.max(T[t]) * x,
        lambda t, x: nn.mse_loss(T[t], U[t]) * x,
        lambda t, x: copy.copy(T)[t][0] * x,
        lambda t, x: [list(row) for row in T][t][0] * x,
        lambda t, x: T[t][0] * x + (T[0][0] if t else W),
    ],
)
def test_however_an_integer_is_used_it_is_right_or_an_error(f):
    calls = [(0, 1.0), (1, 2.0), (3, -1.0), (2, 0.5), (1, 1.0), (0, 3.0)]
    for order in (calls, calls[::-1], calls[1:]):
        program = autograd.compile(f)
        for inputs in order:
            try:
                value = program(*inputs)
            except (TypeError, AttributeError, IndexError, RecordingError):
                continue  # as Python says it, or with the line and what to write
            expected, expected_gradients = eagerly(f, inputs, PARAMETERS)
            assert close(value, expected), (inputs, value, expected)
            program.backward(*inputs)
            assert close(gradients(PARAMETERS), expected_gradients), inputs
            clear(PARAMETERS)


def test_rows_of_different_length_and_kind():
    ragged = [T[0][:1], T[1][:2], T[2], []]
    same(lambda t: autograd.sum(ragged[t], W), (0,), (1,), (2,), (3,), (-1,), most=9)
    same(lambda t: ragged[t][0] * W, (0,), (1,), (2,), most=9)
    same(lambda t: len(ragged[t]) * W, (0,), (1,), (2,), (3,), most=9)
    mixed = [W, T[0], 2.0, [T[1][0], 3.0, 4]]
    same(lambda t: mixed[t][0] * W if isinstance(mixed[t], list) else mixed[t] * W, (0,), (1,), (2,), (3,), most=9)


# Nested indices -------------------------------------------------------------------------------------------------------


def test_an_index_into_the_row_that_an_index_chose():
    same(lambda i, j: T[i][j] * W, (0, 0), (1, 2), (4, 1), (-1, -1), (0, 2), most=9)
    same(lambda i, j: T[i][j] * U[j][i % 3], (0, 0), (1, 2), (4, 1), most=9)
    same(lambda i, j: T[i][0] * U[j][1] + T[j][0], (0, 0), (1, 2), (4, 1), (2, 2))


def test_an_index_that_was_itself_looked_up():
    same(lambda i: T[PERMUTATION[i]][0] * W, (0,), (1,), (4,), (-1,), most=9)
    same(lambda i: T[PERMUTATION[PERMUTATION[i]]][0] * W, (0,), (1,), (4,), most=9)
    same(lambda i: T[np.array(PERMUTATION)[i]][0] * W, (0,), (1,), (4,), most=9)
    same(
        lambda order, i: T[order[i]][0] * W,
        ([2, 0, 1], 0), ([2, 0, 1], 1), ([1, 0, 2], 1), ([4, 4, 4], 2), ([0, 1, 3], -1), most=9,
    )  # fmt: skip
    same(
        lambda order, i: order[order[i]] * W + T[order[0]][0],
        ([2, 0, 1], 0), ([2, 0, 1], 1), ([1, 2, 0], 1), ([1, 1, 1], 2), most=9,
    )  # fmt: skip
    same(
        lambda order: [T[k][0] for k in order][order[0]] * W, ([1, 2, 3, 4],), ([3, 2, 1, 0],), ([0, 0, 0, 4],), most=9
    )


def test_an_index_into_an_input():
    same(lambda xs, i: W * xs[i], ([2.0, 0.5, 1.0], 0), ([2.0, 0.3, 1.0], 1), ([2.0, 0.3, 1.5], -1))
    same(lambda xs, i: W * xs[i], *[(np.array([2.0, 0.5, 1.0]), i) for i in (0, 1, 2, -1)])
    same(lambda xs, i: W * sum(xs[i]), ([[2.0, 0.5], [1.0, 4.0]], 0), ([[2.0, 0.5], [1.0, 5.0]], 1), most=9)
    same(lambda ts, i: T[ts[i]][0] * W, ([2, 4], 0), ([2, 4], 1), ([3, 0], 1), ([3, 1], -1), most=9)


# The same number as an index and as a number --------------------------------------------------------------------------


def test_one_integer_as_a_number_and_as_an_index():
    calls = [(t,) for t in (0, 3, 4, 1, 2)]
    same(lambda t: sum(T[t]) * t, *calls)
    same(lambda t: t * T[t][0] + W * t - T[0][0] ** t, *calls, most=9)
    same(lambda t: T[t][0] / (t + 1), *calls)
    same(lambda t: where(t > 2, T[t][0], W * t), *calls)
    same(lambda t: T[t][0] if t > 2 else W * t, *calls, most=2)
    same(lambda t: T[t][0] * (t == 3) + W * (t != 3), *calls, most=9)
    same(lambda t: sum(v * (1.0 if t == i else 0.0) for i, v in enumerate(T[0])) + W, *calls, most=9)
    same(lambda ts: sum(T[t][0] * t for t in ts) + T[ts[0]][1], ([0, 1],), ([3, 3],), ([4, 2],))


def test_the_gradient_by_an_integer_is_that_of_the_number_alone():
    program = autograd.compile(lambda t: T[t][0] * t * t)
    for t in (2, 3, 0):
        value, gradient = program.value_and_grad(t)
        assert close(value, T[t][0].data * t * t)
        assert close(gradient, T[t][0].data * 2 * t)
    program = autograd.compile(lambda ts, x: sum(T[t][0] * x for t in ts))
    assert close(program.value_and_grad([1, 2], 3.0), (3 * 2.9, ([0.0, 0.0], 2.9)))


def test_an_integer_that_is_only_a_number_is_no_new_recording():
    same(lambda n: W * n, *[(n,) for n in (2, 3, 0, -1, 10**9)])
    same(lambda n: W**n, *[(n,) for n in (2, 3, 0, -1)], most=4)
    same(lambda n: n * W + n / 2 * W + 1 / (n + 5) * W, *[(n,) for n in (2, 3, 0, -1)])
    same(lambda n: W * n if n > 2 else W, *[(n,) for n in (2, 3, 0, 7)], most=2)
    same(lambda n, m: W if n == m else W * n, (1, 1), (1, 2), (2, 2), (3, 1), most=4)


@pytest.mark.parametrize(
    "f",
    [
        lambda t: W * len(f"{t}"),
        lambda t: W * len(str(t)),
        lambda t: W * {"True": 2.0, "1": 3.0}.get(str(t), 4.0),
        lambda t: W * (t + 1) if isinstance(t, bool) else T[t][0],
        lambda t: W * (2 if t is True else 5),
        lambda t: T[t][0] * {1: 2.0, 0: 3.0}[t],
        lambda t: W * (~t + 3) if isinstance(t, int) and t > 1 else W * t,
    ],
)
def test_a_bool_is_not_taken_for_the_integer_that_it_equals(f):
    for order in ([1, True, 0, False], [True, 1, False, 0]):
        program = autograd.compile(f)
        for t in [*order, *order]:
            with right_or_refused("plain numbers", "test_compile_indices.py:"):
                hold(program, f, (t,), parameters=PARAMETERS)


def test_integers_and_floats_in_one_place_are_not_confused():
    same(lambda x: W * x, (2,), (2.5,), (3,), (True,), (2.0,), most=3)
    same(lambda xs: sum(W * x for x in xs), ([1, 2.5],), ([1.5, 2],), ([1.0, 2.0],), ([1, 2],), most=4)
    same(lambda n: W * (n / 2), (3,), (4,), (3.0,), most=2)
    same(lambda n: W * (n // 2 + n % 2 + -n + abs(n) + n**2), (3,), (4,), (-3,), most=9)


# In the cache key where it cannot be chosen: range, a dict ------------------------------------------------------------


def test_range_and_what_else_python_counts_with():
    same(lambda n: sum((W * i for i in range(n)), T[0][0]), (3,), (4,), (0,), (3,), (-1,), (1,), most=9)
    same(lambda n: sum(T[i][0] for i in range(1, n)) + W, (3,), (4,), (0,), (2,), most=9)
    same(lambda n: sum(T[i][0] for i in range(0, 5, n)) + W, (1,), (2,), (4,), most=9)
    same(lambda n: sum([W] * n, T[0][0]), (3,), (1,), (0,), most=9)
    same(lambda n: W * len("ab" * n), (3,), (1,), (0,), most=9)
    same(lambda n: sum(T[0][:n], W), (0,), (1,), (2,), (3,), (-1,), most=9)
    same(lambda n: sum((row[0] for row in T[n : n + 2]), W), (0,), (1,), (3,), (4,), most=9)
    same(lambda n: sum(T[0][::n], W), (1,), (2,), (-1,), most=9)
    same(lambda n: W * int(n) + float(n) * T[0][0] + round(n) * T[0][1], (1,), (7,), (-3,), most=9)


def test_a_dict_or_a_set_by_integers():
    table = {0: W, 1: T[0][0], 2: T[1][1]}
    program = same(lambda k: table[k] * W, (0,), (1,), (2,), (0,), most=3)
    with pytest.raises(KeyError, match="3"):
        program(3)
    same(lambda k: table.get(k, U[0][0]) * W, (0,), (1,), (7,), (2,), most=4)
    same(lambda k: W if k in table else T[0][0], (0,), (1,), (7,), (2,), most=4)
    same(lambda k: W if k in {1, 7} else T[0][0], (0,), (1,), (7,), (2,), most=4)
    same(lambda ts: sum(table[t] for t in ts), ([0, 1],), ([2, 2],), ([1, 0],), most=3)
    same(lambda ts: sum(T[t][0] for t in sorted(set(ts))), ([1, 1, 2],), ([2, 4, 4],), ([3, 3, 3],), most=3)
    same(lambda ts: sum(T[t][0] * ts.count(t) for t in ts), ([1, 1, 2],), ([2, 4, 4],), ([3, 3, 3],), most=9)
    same(lambda ts: W * ts.index(2) + T[0][0], ([1, 1, 2],), ([2, 4, 4],), most=9)
    same(lambda k: {"1": W, "2": T[0][0]}[f"{k}"] * 2, (1,), (2,), most=2)
    same(lambda k: {"1": W, "2": T[0][0]}[str(k)] * 2, (1,), (2,), most=2)
    same(lambda i, j: {(0, 1): W, (1, 0): T[0][0]}.get((i, j), T[1][0]) * 2, (0, 1), (1, 0), (1, 1), most=9)


def test_arithmetic_on_indices():
    calls = [(i,) for i in (0, 1, 2)]
    same(lambda i: T[i + 1][0] * W, *calls, most=3)
    same(lambda i: T[2 * i - 1][0] * W, *calls, most=3)
    same(lambda i: T[-i][0] * W, *calls, most=3)
    same(lambda i: T[i // 2][i % 2] * W, *calls, (5,), most=4)
    same(lambda i: T[V - 1 - i][0] * W, *calls, most=3)
    same(lambda i, j: T[i + j][0] * W, (0, 1), (2, 2), (1, 0), most=9)
    same(lambda i, j: T[min(i, j)][0] * T[max(i, j)][1], (0, 1), (2, 2), (1, 0), (3, 2), most=9)
    same(lambda ts: sum(T[t][0] * T[t - 1][1] for t in ts), ([0, 1],), ([3, 3],), ([4, 2],), most=3)
    same(lambda i: T[abs(i)][0] * W, (-2,), (1,), most=2)
    same(lambda i: T[i if i > 0 else 4][0] * W, *calls, most=3)


def test_lists_changed_at_an_index():
    def popped(i: Any) -> Any:
        rest = list(T[0])
        return rest.pop(i) * W + rest[0]

    def written(i: Any) -> Any:
        rest = list(T[0])
        rest[i] = W * W
        return sum(v * (k + 1) for k, v in enumerate(rest))

    def inserted(i: Any) -> Any:
        rest = list(T[0])
        rest.insert(i, W)
        del rest[i - 1]
        return sum(v * (k + 1) for k, v in enumerate(rest))

    def counted(ts: Any) -> Any:
        counts = [0] * V
        for t in ts:
            counts[t] += 1
        return sum(c * v for c, v in zip(counts, (row[0] for row in T), strict=True))

    for f in (popped, written, inserted):
        same(f, (0,), (1,), (2,), (-1,), most=9)
    same(counted, ([0, 1, 1],), ([2, 2, 2],), ([4, 0, 3],), most=9)


def test_integers_out_of_an_array():
    one, other = (np.array([1, 2]),), (np.array([4, 3]),)
    same(lambda ts: sum(TABLE[t][0] for t in ts.tolist()), one, other)
    same(lambda ts: sum(T[t][0] for t in ts.ravel()), (np.array([[0, 1]]),), (np.array([[4, 4]]),))
    same(lambda ts: sum(T[t][0] for t in ts[::-1]) * ts[0], one, other)
    same(lambda ts: sum(T[int(t)][0] for t in ts), one, other, ([2, 2],), most=9)


@pytest.mark.parametrize("index", [list, np.array])
@pytest.mark.parametrize(
    "f",
    [
        lambda ts: (TABLE[ts] * W).sum(),
        lambda ts: TABLE[ts, 0].sum() * W,
        lambda ts: NUMBERS[ts].sum() * W,
        lambda ts: np.take(TABLE[:, 0], ts).sum() * W,
    ],
)
def test_an_array_of_indices_is_right_or_says_to_take_one_after_the_other(f, index):
    program = autograd.compile(f)
    for ts in ([0, 1], [1, 1], [4, 2], [0, 1]):
        with right_or_refused("for t in", errors=(IndexError, TypeError, RecordingError)):
            hold(program, f, (index(ts),), parameters=PARAMETERS)


# A transformer given other tokens at each step records once per length ------------------------------------------------


class Attention(nn.Module):
    """One head over embeddings of tokens and places, and the loss of the next token."""

    def __init__(self) -> None:
        draw = random.Random(2)
        row = lambda n: [Value(draw.gauss(0, 0.3)) for _ in range(n)]  # noqa: E731
        self.tokens, self.places = [row(4) for _ in range(6)], [row(4) for _ in range(5)]
        self.q, self.k, self.v = ([row(4) for _ in range(4)] for _ in range(3))
        self.out = [row(4) for _ in range(6)]

    def loss(self, text: Any) -> Any:
        n = len(text) - 1
        xs = [[a + b for a, b in zip(self.tokens[text[i]], self.places[i], strict=True)] for i in range(n)]
        qs, ks, vs = ([[dot(row, x) for row in m] for x in xs] for m in (self.q, self.k, self.v))
        losses = []
        for i in range(n):
            weights = softmax([dot(qs[i], ks[j]) * 0.5 for j in range(i + 1)])
            mixed = [dot(weights, [vs[j][c] for j in range(i + 1)]) for c in range(4)]
            losses.append(nn.cross_entropy([dot(row, mixed) for row in self.out], text[i + 1]))
        return autograd.mean(losses)


@pytest.mark.parametrize(
    "make",
    [
        lambda ps: nn.SGD(ps, lr=0.1),
        lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9, weight_decay=0.01),
        lambda ps: nn.Adam(ps, lr=0.02, weight_decay=0.01),
    ],
)
def test_a_language_model_trains_as_the_eager_one_and_records_once_per_length(make):
    # Rows that a text does not reach have no gradient, so that Adam leaves them, their state and their count alone.
    here, there = Attention(), Attention()
    mine, theirs = make(here.parameters()), make(there.parameters())
    program = autograd.compile(here.loss, optimizer=mine)
    draw = random.Random(3)
    for step in range(14):
        text = [draw.randrange(6) for _ in range(3 if step % 4 == 3 else 5)]
        loss = there.loss(text)
        theirs.zero_grad()
        loss.backward()
        theirs.step()
        assert close(program.step(text), loss, 1e-9)
        assert close(gradients(here.parameters()), gradients(there.parameters()), 1e-9)
        assert [p.computed for p in here.parameters()] == [p.computed for p in there.parameters()]
    assert close(list(here.state_dict().values()), list(there.state_dict().values()), 1e-9)
    assert mine.state_dict()["steps"] == theirs.state_dict()["steps"]
    assert recorded(program) == 2


def test_many_texts_of_one_length_are_no_reason_to_warn():
    program = autograd.compile(lambda ts: sum(T[t][0] * U[t][1] for t in ts), max_recordings=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for k in range(50):
            ts = [k % 5, k * k % 5, (k + 3) % 5]
            assert close(program(ts), sum((T[t][0] * U[t][1]).data for t in ts))


def test_a_dynamic_index_says_where_it_reaches_with_a_gradient_of_0():
    # A row that was not chosen is not part of the graph: its gradient is not computed, as in the eager engine.
    program = autograd.compile(lambda t: T[t][0] * W)
    for t in (1, 3):
        clear(PARAMETERS)
        program.backward(t)
        assert [row[0].grad for row in T] == [3.0 if i == t else 0.0 for i in range(V)]
        assert [row[0].computed for row in T] == [i == t for i in range(V)]


def test_parameters_changed_outside_are_seen_through_an_index():
    f = lambda t: T[t][0] * W  # noqa: E731
    program = agree(f, (1,), (2,), parameters=PARAMETERS)
    kept = T[2][0].data
    try:
        T[2][0].data = -7.0
        hold(program, f, (2,), (1,), parameters=PARAMETERS)
    finally:
        T[2][0].data = kept


def test_a_table_of_constants_that_grows_or_is_exchanged_is_renewed_by_forget():
    table = [1.0, 2.0, 3.0]
    f = lambda t: W * table[t]  # noqa: E731
    program = agree(f, (0,), (2,), parameters=PARAMETERS)
    assert "table" in program.constants
    table.append(10.0)
    table[0] = -1.0
    program.forget()
    hold(program, f, (0,), (2,), (3,), parameters=PARAMETERS)


def test_guards_on_what_an_index_chose():
    f = lambda t: T[t][0] * W if T[t][0] > 1.5 else U[t][0]  # noqa: E731
    same(f, *[(t,) for t in range(V)], most=9)
    g = lambda t: where(T[t][0] > 1.5, T[t][0] * W, U[t][0])  # noqa: E731
    same(g, *[(t,) for t in range(V)])
    h = lambda i, j: max(T[i][0], T[j][0]) * W if U[i][0] < U[j][0] else W  # noqa: E731
    same(h, (0, 1), (1, 0), (3, 3), (2, 4), most=9)


def test_derivatives_through_an_index():
    f = lambda xs, i: xs[i] ** 3 * xs[0]  # noqa: E731
    program = autograd.compile(f)
    for i in (0, 1, 2, -1):
        _, (found, by_index) = program.value_and_grad([2.0, 3.0, 4.0], i)
        _, expected = autograd.value_and_grad(lambda xs, i=i: f(xs, i))([2.0, 3.0, 4.0])
        assert close(found, expected)
        assert by_index == 0.0
    listed = autograd.compile(lambda ts: [T[t][0] * W for t in ts])
    for ts in ([0, 1], [4, 4]):
        assert close(listed(ts), [T[t][0].data * 3 for t in ts])


def test_hypothesis_of_the_eager_engine_itself():
    # What these tests compare with is right in the first place.
    value, found = eagerly(lambda ts: sum(T[t][0] * W for t in ts), ([1, 1],), [T[1][0], W])
    assert close(value, 2 * 1.3 * 3)
    assert close(found, [6.0, 2.6])
