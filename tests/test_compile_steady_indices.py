"""A steady loop of compiled training over tokens, which choose the parameters they reach, beside an eager one."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from side_by_side import close
from test_compile_steady import OPTIMISERS, STEADY, Pair, of_every_optimiser

import autograd
import nn
from autograd import Value, exp, log, where
from autograd.errors import NotANumberError, RecordingError

WORDS, WIDTH, LENGTH = 8, 3, 4
Text = tuple[Any, Any]


class Tables(nn.Module):
    """Rows for tokens, rows for places, and weights from the sum of both to logits."""

    def __init__(self, words: int, branches: bool) -> None:
        rng = random.Random(2)
        self.words, self.branches = words, branches
        self.rows = [[Value(rng.uniform(-1, 1)) for _ in range(WIDTH)] for _ in range(words)]
        self.places = [[Value(rng.uniform(-1, 1)) for _ in range(WIDTH)] for _ in range(LENGTH + 2)]
        self.weights = [[Value(rng.uniform(-1, 1)) for _ in range(WIDTH)] for _ in range(words)]

    def parameters(self) -> list[Value]:
        return [p for matrix in (self.rows, self.places, self.weights) for row in matrix for p in row]

    def loss(self, tokens: Any, targets: Any) -> Any:
        """The mean cross-entropy, over sums that grow: each token sees those before it."""
        total, seen = 0.0, []
        for place, token in enumerate(tokens):
            seen.append([r + p for r, p in zip(self.rows[token], self.places[place], strict=True)])
            mean = [sum(xs) / len(seen) for xs in zip(*seen, strict=True)]
            if self.branches and mean[0] > 2.5:
                mean = [x * 0.5 for x in mean]
            scores = [exp(sum(w * x for w, x in zip(row, mean, strict=True))) for row in self.weights]
            total = total - log(scores[targets[place]] / sum(scores))
        return total / len(tokens)


class Reader(Pair):
    """Two equal models that read texts."""

    def __init__(
        self, make: Callable[[Any], Any], words: int = WORDS, branches: bool = False, form: Any = list, **options: Any
    ) -> None:
        self.models = [Tables(words, branches) for _ in range(2)]
        self.all = [model.parameters() for model in self.models]
        self.mine, self.theirs = (make(ps) for ps in self.all)
        self.functions = [model.loss for model in self.models]
        self.program = autograd.compile(self.functions[0], optimizer=self.mine, **options)
        self.form = form

    def read(self, tokens: list[int], targets: list[int]) -> None:
        self.step(self.form(tokens), self.form(targets), eager=(tokens, targets))


def texts(kind: str, count: int, words: int = WORDS) -> list[Text]:
    """Texts that reach the same rows in another order, any rows, or one row."""
    rng = random.Random(4)
    first = [rng.randrange(words) for _ in range(LENGTH)]
    tokens = {
        "the same rows": lambda: rng.sample(first, LENGTH),
        "any rows": lambda: [rng.randrange(words) for _ in range(LENGTH)],
        "one row": lambda: [rng.randrange(words)] * LENGTH,
    }[kind]
    return [(tokens(), [rng.randrange(words) for _ in range(LENGTH)]) for _ in range(count)]


KINDS = ("the same rows", "any rows", "one row")


@pytest.mark.parametrize(
    ("kind", "words"), [("the same rows", WORDS), ("any rows", WORDS), ("any rows", 30), ("one row", WORDS)]
)
@pytest.mark.parametrize("name", OPTIMISERS)
def test_texts_go_the_short_way_and_are_right(name: str, kind: str, words: int) -> None:
    pair = Reader(OPTIMISERS[name], words)
    for text in texts(kind, 8, words):
        pair.read(*text)
        pair.check_numbers()
    assert pair.is_steady == (name in STEADY)
    pair.check()
    for text in texts(kind, 3, words):
        pair.read(*text)
    pair.check()


def test_the_short_way_is_not_left_by_another_text() -> None:
    pair = Reader(OPTIMISERS["Adam"])
    for text in texts("any rows", 3):
        pair.read(*text)
    steady, run = pair.program._steady, pair.program._run
    pair.program._run = None  # type: ignore[assignment]
    for text in texts("any rows", 5):
        pair.read(*text)
    assert steady is not None
    assert pair.program._steady is steady
    pair.program._run = run  # type: ignore[method-assign]
    pair.check()


@of_every_optimiser
@pytest.mark.parametrize("form", [list, np.array, tuple], ids=["lists", "arrays", "tuples"])
def test_however_tokens_are_given(form: Any, make: Callable[[Any], Any]) -> None:
    pair = Reader(make, form=form)
    for text in texts("any rows", 5):
        pair.read(*text)
    pair.check()


@of_every_optimiser
def test_now_lists_now_arrays_and_another_length(make: Callable[[Any], Any]) -> None:
    pair = Reader(make)
    for number, (tokens, targets) in enumerate(texts("any rows", 14)):
        pair.form = (list, list, list, np.array, np.array, tuple, list)[number % 7]
        length = LENGTH - (number % 5 == 4)
        pair.read(tokens[:length], targets[:length])
        pair.check_numbers()
    pair.check()


@of_every_optimiser
def test_branches_beside_indices(make: Callable[[Any], Any]) -> None:
    pair = Reader(make, branches=True)
    given = texts("any rows", 10)
    for text in given[:4]:
        pair.read(*text)
    for model in pair.models:
        model.rows[given[4][0][0]][0].data = 9.0  # now a branch is taken
    for text in given[4:]:
        pair.read(*text)
        pair.check_numbers()
    pair.check()


@pytest.mark.parametrize("wrong", [WORDS, -WORDS - 1, 10**400], ids=["above", "below", "huge"])
def test_a_token_that_is_none_is_an_error_and_changes_nothing(wrong: int) -> None:
    pair = Reader(OPTIMISERS["Adam"])
    given = texts("any rows", 6)
    for text in given[:4]:
        pair.read(*text)
    before = [p.data for p in pair.all[0]], pair.mine.state_dict()
    for text in given[:4]:
        pair.read(*text)
    now = [p.data for p in pair.all[0]]
    tokens, targets = given[4]
    with pytest.raises((IndexError, NotANumberError)) as raised:
        pair.program.step([wrong, *tokens[1:]], targets)
    if abs(wrong) < 1000:
        assert str(raised.value) == f"{wrong} was given where an index of a list is used; the list has {WORDS} items"
    assert [p.data for p in pair.all[0]] == now != before[0]
    for text in given:
        pair.read(*text)
    pair.check()


def test_half_a_token_is_none() -> None:
    pair = Reader(OPTIMISERS["SGD"])
    for text in texts("any rows", 4):
        pair.read(*text)
    with pytest.raises(RecordingError, match="not whole"):
        pair.program.step([0.5, 1.0, 2.0, 3.0], [0, 1, 2, 3])
    pair.read(*texts("any rows", 1)[0])
    pair.check()


def test_tokens_from_the_end() -> None:
    pair = Reader(OPTIMISERS["momentum"])
    for tokens, targets in texts("any rows", 6):
        pair.read([token - WORDS for token in tokens], [target - WORDS for target in targets])
    assert pair.is_steady
    pair.check()


def shaken(pair: Reader, rng: random.Random) -> None:
    """Something that a user does between two steps, done to both."""
    number = rng.randrange(len(pair.all[0]))
    kind = rng.choice(["data", "grad", "lr", "state", "forget", "none", "none", "backward", "value", "zero"])
    for ps, optimizer, function in zip(pair.all, pair.both, pair.functions, strict=True):
        if kind == "data":
            ps[number].data += 0.125
        elif kind == "grad":
            ps[number].grad = 3.0
        elif kind == "lr" and hasattr(optimizer, "lr"):
            optimizer.lr *= 0.75
        elif kind == "state":
            optimizer.load_state_dict(optimizer.state_dict())
        elif kind == "backward":
            function([1, 2, 3, 1], [0, 1, 2, 3]).backward()
        elif kind == "value":
            assert ps[number].data == ps[number].data * 1.0
        elif kind == "zero":
            ps[number].zero_grad()
    if kind == "forget":
        pair.program.forget()


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", OPTIMISERS)
def test_changes_in_any_order(name: str, seed: int) -> None:
    rng, words = random.Random(seed), (WORDS, 30)[seed % 2]
    pair = Reader(OPTIMISERS[name], words)
    given = [text for kind in KINDS for text in texts(kind, 5, words)]
    for _ in range(15):
        shaken(pair, rng)
        pair.read(*rng.choice(given))
        pair.check_numbers()
    pair.check()


def test_two_programs_that_share_an_optimiser() -> None:
    pair = Reader(OPTIMISERS["Adam"])
    other = autograd.compile(pair.functions[0], optimizer=pair.mine)
    for number, (tokens, targets) in enumerate(texts("any rows", 16)):
        if number % 3 == 2 or number > 11:
            assert close(
                other.step(tokens, targets), pair.eager(pair.functions[1], pair.theirs, tokens, targets), 1e-10
            )
        else:
            pair.read(tokens, targets)
        pair.check_numbers()
    pair.check()


def test_the_same_rows_by_texts_of_two_lengths() -> None:
    """What one recording knows of the ages of parameters another one changes."""
    pair = Reader(OPTIMISERS["Adam"])
    for length in (4, 4, 4, 3, 3, 3, 4, 4, 3, 4):
        pair.read([5, 2, 6, 2][:length], [0, 1, 2, 3][:length])
        pair.check_numbers()
    pair.check()


@of_every_optimiser
def test_steps_for_which_the_eager_engine_takes_over(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[Any], Any]
) -> None:
    """As it does where a number is not finite; some of them reach all rows, some not."""
    pair = Reader(make, words=LENGTH)
    given = [*[([2, 0, 3, 1], [0, 1, 2, 3])] * 9, *texts("any rows", 9, LENGTH), *texts("one row", 5, LENGTH)]
    for number, text in enumerate(given):
        with monkeypatch.context() as patch:
            if number % 4 == 3:
                patch.setattr("autograd.compiler.runner._finite", lambda numbers: False)
                pair.program._steady = None
                for runner in pair.program._last._runners.values():
                    runner._delicate = number % 8 == 7  # so that the program's own way back is not gone
            pair.read(*text)
        pair.check_numbers()
    pair.check()


@of_every_optimiser
def test_parameters_that_are_only_compared(make: Callable[[Any], Any]) -> None:
    """They are met, and never reached: they keep their value, and have no gradient."""
    pair = Reader(make)

    def compared(number: int) -> Callable[[Any, Any], Any]:
        limit = pair.all[number][-1]
        table, weights = pair.models[number].rows, pair.all[number][3 * WORDS : 3 * WORDS + 3]

        def loss(tokens: Any, targets: Any) -> Any:
            means = [sum(r * w for r, w in zip(table[token], weights, strict=True)) for token in tokens]
            return sum(where(m > limit, m * m, 0.5 * m) for m in means) + sum(x * x for x in means)

        return loss

    pair.functions = [compared(0), compared(1)]
    pair.program = autograd.compile(pair.functions[0], optimizer=pair.mine)
    for number, text in enumerate(texts("any rows", 9)):
        pair.read(*text)
        if number == 4:
            for ps in pair.all:
                ps[-1].grad = 2.0
    pair.check()
    assert not pair.all[0][-1].computed


def scores_of(model: Tables, rows: int) -> Callable[[Any, Any], Any]:
    """The loss of a table of values of actions: that of the action that was taken should be 1, whatever the others."""

    def loss(tokens: Any, targets: Any) -> Any:
        total = 0.0
        for token, target in zip(tokens, targets, strict=True):
            scores = [sum(w * x for w, x in zip(row, model.rows[token], strict=True)) for row in model.weights[:rows]]
            total = total + (scores[target] - 1.0) ** 2
        return total

    return loss


@of_every_optimiser
def test_what_led_to_numbers_that_no_index_chose_is_not_reached(make: Callable[[Any], Any]) -> None:
    """It keeps its value, also against momentum, as it does when the graph is made anew at each step."""
    pair = Reader(make)
    pair.functions = [scores_of(model, 3) for model in pair.models]
    pair.program = autograd.compile(pair.functions[0], optimizer=pair.mine)
    rng = random.Random(1)
    for _ in range(8):
        pair.read([rng.randrange(WORDS) for _ in range(2)], [rng.randrange(3) for _ in range(2)])
        pair.check_numbers()
    for _ in range(4):
        pair.read([3, 4], [1, 1])
        pair.check_numbers()
    pair.check()
    assert [row[0].computed for row in pair.models[0].weights[:3]] == [False, True, False]
    assert pair.program.latest.runner(1, False).reach.varies
    assert not pair.is_steady


@pytest.mark.parametrize("backend", ["numpy", "python"])
def test_a_choice_among_numbers_made_of_a_choice(backend: str) -> None:
    first, second = ([Value(0.5 + i) for i in range(3)] for _ in range(2))

    def f(t: Any, u: Any) -> Any:
        doubled = [x * 2.0 for x in first]
        made = [doubled[t] * p for p in second]
        return made[u] * made[u]

    program = autograd.compile(f, backend=backend)
    for t, u in ((0, 2), (2, 0), (1, 1), (0, 2)):
        for p in (*first, *second):
            p.zero_grad()
        program.backward(t, u)
        assert [p.computed for p in first] == [i == t for i in range(3)]
        assert [p.computed for p in second] == [i == u for i in range(3)]


CHOSEN: dict[str, tuple[Callable[[list[Any], Any], Any], bool]] = {
    "of the scores": (lambda xs, t: xs[t], True),
    "of a softmax": (lambda xs, t: log(_item(autograd.softmax(xs), t)), False),
    "of its logarithms": (lambda xs, t: _item([log(p) for p in autograd.softmax(xs)], t), False),
    "less the logarithm of the sum": (lambda xs, t: _item([x - autograd.logsumexp(xs) for x in xs], t), False),
    "of the sums of all others": (lambda xs, t: _item([sum(xs[:i] + xs[i + 1 :]) for i in range(len(xs))], t), True),
    "of neighbours": (lambda xs, t: _item([xs[0] * 2.0, xs[0] * xs[1], xs[1] * xs[2] + xs[0]], t), True),
}


def _item(found: list[Any], t: Any) -> Any:
    return found[t]


@pytest.mark.parametrize("name", CHOSEN)
def test_whether_what_is_reached_depends_on_the_choice(name: str) -> None:
    choose, varies = CHOSEN[name]
    models = [[Value(0.5 - i) for i in range(3)] for _ in range(2)]
    optimizers = [nn.Adam(ps, lr=0.1) for ps in models]
    functions = [lambda x, ts, ps=ps: sum(choose([p * x for p in ps], t) for t in ts) for ps in models]
    program = autograd.compile(functions[0], optimizer=optimizers[0])
    for targets in ([0], [1], [2], [1], [1], [0], [2, 2], [0, 1], [2, 0], [1, 1]):
        value = program.step(0.75, targets)
        assert close(value, Pair.eager(functions[1], optimizers[1], 0.75, targets), 1e-10)
        assert close([p.data for p in models[0]], [p.data for p in models[1]], 1e-10)
        assert [p.computed for p in models[0]] == [p.computed for p in models[1]]
        assert program.latest is not None
        assert program.latest.runner(1, False).reach.varies == varies
    assert optimizers[0].state_dict()["steps"] == optimizers[1].state_dict()["steps"]


@of_every_optimiser
def test_rows_that_are_read_and_also_score(make: Callable[[Any], Any]) -> None:
    """An index leads to them as they are, and another one to what was computed of them."""
    pair = Reader(make)

    def tied(model: Tables) -> Callable[[Any, Any], Any]:
        def loss(tokens: Any, targets: Any) -> Any:
            total = 0.0
            for token, target in zip(tokens, targets, strict=True):
                scores = [sum(w * x for w, x in zip(row, model.rows[token], strict=True)) for row in model.rows]
                total = total + (scores[target] - 1.0) ** 2
            return total

        return loss

    pair.functions = [tied(model) for model in pair.models]
    pair.program = autograd.compile(pair.functions[0], optimizer=pair.mine)
    for tokens, targets in texts("any rows", 8):
        pair.read(tokens[:2], targets[:2])
        pair.check_numbers()
    pair.check()


@pytest.mark.parametrize("backend", ["numpy", "python"])
def test_what_is_reached_in_a_batch_is_what_any_example_reaches(backend: str) -> None:
    weights = [[Value(float(i + j)) for j in range(2)] for i in range(4)]

    def loss(x: Any, action: Any) -> Any:
        scores = [sum(w * a for w, a in zip(row, x, strict=True)) for row in weights]
        return (scores[action] - 1.0) ** 2

    program = autograd.compile(loss, batch=True, backend=backend)
    for actions in ([0, 2, 2], [1, 1, 1], [3, 0, 1]):
        for row in weights:
            for w in row:
                w.zero_grad()
        program.backward([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], actions)
        assert [row[0].computed for row in weights] == [i in actions for i in range(4)]


def test_choices_are_remembered_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd.compiler.reach.MOST", 3)
    pair = Reader(OPTIMISERS["Adam"])
    pair.functions = [scores_of(model, 3) for model in pair.models]
    pair.program = autograd.compile(pair.functions[0], optimizer=pair.mine)
    rng = random.Random(1)
    for _ in range(20):
        pair.read([rng.randrange(WORDS) for _ in range(2)], [rng.randrange(3) for _ in range(2)])
        reach = pair.program.latest.runner(1, False).reach
        assert 1 <= len(reach._known) <= 3
    pair.check()


@of_every_optimiser
def test_whole_numbers_that_a_dict_is_asked_for(make: Callable[[Any], Any]) -> None:
    """The recording holds for these alone; it is left, in a steady loop too, as soon as they are others."""
    pair = Reader(make)

    def asked(model: Tables) -> Callable[[Any, Any], Any]:
        by_name = dict(enumerate(model.rows))

        def loss(tokens: Any, targets: Any) -> Any:
            means = [sum(by_name[token]) * model.weights[0][place % 3] for place, token in enumerate(tokens)]
            return sum((m - 0.25 * t) ** 2 for m, t in zip(means, targets, strict=True))

        return loss

    pair.functions = [asked(model) for model in pair.models]
    pair.program = autograd.compile(pair.functions[0], optimizer=pair.mine)
    for tokens in ([1, 2], [1, 2], [1, 2], [1, 2], [2, 1], [2, 1], [2, 1], [1, 2], [0, 0], [1, 2]):
        pair.read(tokens, [1, 3])
        pair.check_numbers()
    pair.check()


def test_a_row_that_no_text_reached_lately_stands_still() -> None:
    """Its momentum does not move it, and its steps are not counted."""
    pair = Reader(OPTIMISERS["Adam"])
    for _ in range(4):
        pair.program.step([0, 1, 2, 3], [0, 0, 0, 0])
    left = [p.data for p in pair.models[0].rows[3]]
    for _ in range(4):
        pair.program.step([0, 1, 2, 2], [0, 0, 0, 0])
    assert [p.data for p in pair.models[0].rows[3]] == left
    assert [p.computed for p in pair.models[0].rows[3]] == [False] * WIDTH
    steps = pair.mine.state_dict()["steps"]
    assert [steps[row * WIDTH] for row in range(5)] == [8, 8, 8, 4, 0]


@pytest.mark.parametrize("backend", ["numpy", "python"])
def test_numbers_that_are_not_finite_take_the_long_way(backend: str) -> None:
    pair = Reader(OPTIMISERS["SGD"], backend=backend)
    for text in texts("any rows", 4):
        pair.read(*text)
    for model in pair.models:
        model.weights[0][0].data = 1e308
    tokens, targets = texts("any rows", 1)[0]
    outcomes = []
    for run in (
        lambda: pair.program.step(tokens, targets),
        lambda: pair.eager(pair.functions[1], pair.theirs, tokens, targets),
    ):
        try:
            outcomes.append(repr(run()))
        except Exception as error:
            outcomes.append(f"{type(error).__name__}: {error}")
    assert outcomes[0] == outcomes[1]
    pair.check_numbers()
