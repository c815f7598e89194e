"""A steady loop of compiled training beside an eager one, where between two steps something changes."""

from __future__ import annotations

import copy
import math
import pickle
import random
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from side_by_side import close, gradients
from threads import together

import autograd
import nn
from autograd import Value, detect_anomaly, minimum, no_grad, sqrt, tanh, where
from autograd.errors import AnomalyError, NotANumberError
from nn.optimizer import Optimizer

RNG = np.random.default_rng(5)
XS = RNG.uniform(-1, 1, (6, 2))
YS = RNG.uniform(-1, 1, 6)


class Damped(Optimizer):
    """One of its own, by `update`; it keeps the last p."""

    slots = ("speed", "last")

    def __init__(self, params: Any, lr: float = 0.05) -> None:
        super().__init__(params, lr=lr)

    def update(self, p: Any, g: Any, speed: Any, last: Any, *, t: Any) -> tuple[Any, ...]:
        g += 0.1 * p  # into what it was given, which is its own
        speed = 0.5 * speed + g + 0.01 * last
        return p - self.settings["lr"] * speed, speed, p


class Rooted(Optimizer):
    """One of its own, by `formula`; its numbers change places."""

    slots = ("first", "second")

    @staticmethod
    def formula(p: Any, g: Any, first: Any, second: Any, t: Any, *, lr: Any, decay: Any) -> tuple[Any, ...]:
        after = where(t == 1, g * g, decay * second + (1 - decay) * g * g)
        return p - lr * g / (sqrt(after) + 0.1) + 0.01 * first, after, first

    def __init__(self, params: Any, lr: float = 0.02) -> None:
        super().__init__(params, lr=lr, decay=0.9)


class Warmed(Optimizer):
    """One whose formula has an `if` on t."""

    slots = ("speed",)

    @staticmethod
    def formula(p: Any, g: Any, speed: Any, t: Any, *, lr: Any) -> tuple[Any, ...]:
        if t <= 3:
            return p - 0.1 * lr * g, g
        return p - lr * (g + 0.5 * speed), g

    def __init__(self, params: Any, lr: float = 0.05) -> None:
        super().__init__(params, lr=lr)


class Clipped(Optimizer):
    """One whose update is written for one number."""

    def __init__(self, params: Any, lr: float = 0.05) -> None:
        super().__init__(params, lr=lr)

    def update(self, p: Any, g: Any, *, t: Any) -> tuple[Any, ...]:
        if abs(g) > 0.1:
            g = math.copysign(0.1, g)
        return (p - self.settings["lr"] * g,)


OPTIMISERS: dict[str, Callable[[Any], Any]] = {
    "SGD": lambda ps: nn.SGD(ps, lr=0.1),
    "momentum": lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9),
    "nesterov": lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9, nesterov=True),
    "weight decay": lambda ps: nn.SGD(ps, lr=0.1, weight_decay=0.05, momentum=0.5, dampening=0.2),
    "Adam": lambda ps: nn.Adam(ps, lr=0.02),
    "amsgrad": lambda ps: nn.Adam(ps, lr=0.02, amsgrad=True, weight_decay=0.05),
    "update": Damped,
    "formula": Rooted,
    "formula with if": Warmed,
    "update of one number": Clipped,
}
of_every_optimiser = pytest.mark.parametrize("make", OPTIMISERS.values(), ids=OPTIMISERS)
STEADY = {"SGD", "momentum", "nesterov", "weight decay", "Adam", "amsgrad", "formula"}

SCALE = 1.0


def loss_of(model: Any, holder: Any = None) -> Callable[[Any, Any], Any]:
    def loss(xs: Any, ys: Any) -> Any:
        factor = SCALE if holder is None else SCALE * holder["factor"]
        return nn.mse_loss([model(x) for x in xs], ys) * factor

    return loss


class Pair:
    """Two equal models, one trained by a program and one by the engine."""

    def __init__(self, make: Callable[[Any], Any], more: int = 0, holder: Any = None, **options: Any) -> None:
        self.models = [nn.MLP(2, [2, 1], activation="tanh", seed=3) for _ in range(2)]
        self.extra = [[Value(0.5 * k + 1.0) for k in range(more)] for _ in range(2)]
        self.all = [m.parameters() + e for m, e in zip(self.models, self.extra, strict=True)]
        self.mine, self.theirs = (make(ps) for ps in self.all)
        self.functions = [loss_of(model, holder) for model in self.models]
        self.program = autograd.compile(self.functions[0], optimizer=self.mine, **options)

    @property
    def both(self) -> list[Any]:
        return [self.mine, self.theirs]

    @property
    def is_steady(self) -> bool:
        return self.program._steady is not None

    @staticmethod
    def eager(function: Any, optimizer: Any, xs: Any = XS, ys: Any = YS) -> float:
        loss = function(xs, ys)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.data  # type: ignore[no-any-return]

    def step(self, xs: Any = XS, ys: Any = YS, eager: tuple[Any, Any] | None = None) -> None:
        """One step of each."""
        here = self.program.step(xs, ys)
        assert type(here) is float
        assert close(here, self.eager(self.functions[1], self.theirs, *(eager or (xs, ys))), 1e-10)

    def steps(self, count: int = 3) -> None:
        for _ in range(count):
            self.step()
        self.check_numbers()

    def check_numbers(self) -> None:
        """Parameters and gradients are the same, without a look at the optimiser."""
        here, there = self.all
        assert close([p.data for p in here], [p.data for p in there], 1e-10)
        assert close(gradients(here), gradients(there), 1e-10)
        assert [p.computed for p in here] == [p.computed for p in there]

    def check(self) -> None:
        """And so is what the optimisers keep."""
        self.check_numbers()
        left, right = self.mine.state_dict(), self.theirs.state_dict()
        assert left["steps"] == right["steps"]
        assert left["settings"] == right["settings"]
        assert close(list(left["state"].values()), list(right["state"].values()), 1e-10)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_a_loop_in_which_nothing_changes_goes_the_short_way(name: str) -> None:
    pair = Pair(OPTIMISERS[name])
    pair.steps(4)
    assert pair.is_steady == (name in STEADY)
    if pair.is_steady:  # and is not left again
        steady, run = pair.program._steady, pair.program._run
        pair.program._run = None  # type: ignore[assignment]
        pair.steps(10)
        assert pair.program._steady is steady
        pair.program._run = run  # type: ignore[method-assign]
    else:
        pair.steps(10)
    pair.check()
    pair.steps(3)
    pair.check()


# What changes between two steps ---------------------------------------------------------------------------------------


def write_data(pair: Pair) -> None:
    for ps in pair.all:
        ps[1].data = 0.25
        ps[-1].data -= 0.5


def write_grad(pair: Pair) -> None:
    for ps in pair.all:
        ps[1].grad = 100.0
        ps[2].grad *= 3.0
        ps[3].zero_grad()
    pair.check_numbers()


def read(pair: Pair) -> None:
    assert close([p.grad for p in pair.all[0]], [p.grad for p in pair.all[1]], 1e-10)


def read_state(pair: Pair) -> None:
    assert close(list(pair.mine.state.values()), list(pair.theirs.state.values()), 1e-10)
    assert pair.mine.steps == pair.theirs.steps


def write_state(pair: Pair) -> None:
    for optimizer in pair.both:
        for slot in optimizer.slots:
            optimizer.state[slot][2] = 0.125
            optimizer.state[slot][0] *= 0.5


def write_steps(pair: Pair) -> None:
    """From now on the parameters are of several ages."""
    for optimizer in pair.both:
        optimizer.steps[1] = 7
        optimizer.steps[4] = 0


def new_rate(pair: Pair) -> None:
    for optimizer in pair.both:
        optimizer.lr = 0.5 * optimizer.lr


def no_rate(pair: Pair) -> None:
    for optimizer in pair.both:
        optimizer.lr = 0.0


def rate_in_place(pair: Pair) -> None:
    for optimizer in pair.both:
        optimizer.settings["lr"] = 0.03


def whole_rate_in_place(pair: Pair) -> None:
    for optimizer in pair.both:
        optimizer.settings["lr"] = 1
    pair.steps(2)
    for optimizer in pair.both:
        optimizer.settings["lr"] = 0
    pair.steps(2)
    for optimizer in pair.both:
        optimizer.settings["lr"] = np.float64(0.02)


def settings_in_place(pair: Pair) -> None:
    others = {"momentum": 0.7, "weight_decay": 0.2, "beta1": 0.5, "decay": 0.3, "dampening": 0.4}
    for optimizer in pair.both:
        optimizer.settings.update({name: x for name, x in others.items() if name in optimizer.settings})


def settings_to_nothing_and_back(pair: Pair) -> None:
    for number in (0.0, 0.9, 0.0, 0.5):
        for optimizer in pair.both:
            for name in ("momentum", "weight_decay", "decay", "beta1"):
                if name in optimizer.settings:
                    optimizer.settings[name] = number
        pair.steps(2)


def other_flags(pair: Pair) -> None:
    for optimizer in pair.both:
        for name in optimizer.flags:
            optimizer.settings[name] = not optimizer.settings[name]


def exchanged_settings(pair: Pair) -> None:
    for optimizer in pair.both:
        optimizer.settings = {**optimizer.settings, "lr": 0.01}


def restored(pair: Pair) -> None:
    saved = copy.deepcopy(pair.mine.state_dict())
    pair.steps(2)
    for optimizer in pair.both:
        optimizer.load_state_dict(saved)


def restored_model(pair: Pair) -> None:
    for model in pair.models:
        model.load_state_dict({name: 0.5 * x for name, x in model.state_dict().items()})


def eager_step(pair: Pair) -> None:
    assert close(pair.eager(pair.functions[0], pair.mine), pair.eager(pair.functions[1], pair.theirs), 1e-10)


def eager_update_alone(pair: Pair) -> None:
    for optimizer in pair.both:
        optimizer.step()


def zeroed(pair: Pair) -> None:
    for optimizer in pair.both:
        optimizer.zero_grad()
    pair.check_numbers()


def another_program(pair: Pair) -> None:
    evaluate = autograd.compile(pair.models[0])
    assert close(evaluate(XS[0]), pair.models[1](XS[0]), 1e-10)
    gather = autograd.compile(lambda: sum(p * p for p in pair.all[0]))
    sum(p * p for p in pair.all[1]).backward()
    gather.backward()
    pair.check_numbers()


def another_program_that_trains(pair: Pair) -> None:
    """With the same optimiser, and with one of its own."""
    for optimizers in (pair.both, [nn.SGD(ps[:5], lr=0.05, momentum=0.5) for ps in pair.all]):
        f, g = (lambda xs, ps=ps: sum(tanh(p * x) for p, x in zip(ps[:5], xs, strict=True)) ** 2 for ps in pair.all)
        second = autograd.compile(f, optimizer=optimizers[0])
        for xs in (YS[:5], YS[1:6], YS[:5]):
            loss = g(xs)
            optimizers[1].zero_grad()
            loss.backward()
            optimizers[1].step()
            assert close(second.step(xs), loss, 1e-10)
            pair.check_numbers()
            pair.step()


def other_shapes(pair: Pair) -> None:
    for count in (4, 4, 1, 6, 4):
        pair.step(XS[:count], YS[:count])


def other_kinds(pair: Pair) -> None:
    for kind in (np.float32, np.float64, np.int64, np.float16, np.int8, np.bool_, ">f8"):
        xs, ys = (3 * XS).astype(kind), (2 * YS).astype(kind)
        for _ in range(3):
            pair.step(xs, ys, eager=(xs.astype(float), ys.astype(float)))


def lists(pair: Pair) -> None:
    for _ in range(2):
        pair.step(XS.tolist(), YS.tolist())
        pair.step(tuple(XS.tolist()), YS, eager=(XS, YS))


def other_layouts(pair: Pair) -> None:
    wide = np.zeros((12, 6))
    wide[::2, 1:5:3] = XS
    for xs in (np.asfortranarray(XS), wide[::2, 1:5:3], XS[::-1][::-1], np.broadcast_to(XS[:1], XS.shape)):
        assert xs.shape == XS.shape
        for _ in range(2):
            pair.step(xs, YS[::-1])
    still = XS.copy()
    still.flags.writeable = False
    pair.step(still, YS)


def inputs_written_in_place(pair: Pair) -> None:
    xs, ys = XS.copy(), YS.copy()
    for _ in range(4):
        pair.step(xs, ys)
        xs[1] *= 0.5
        ys += 0.125


def a_subclass_of_arrays(pair: Pair) -> None:
    with pytest.raises((NotANumberError, TypeError)):
        pair.program.step(np.ma.array(XS), YS)
    pair.check_numbers()


def by_name(pair: Pair) -> None:
    assert close(pair.program.step(ys=YS, xs=XS), pair.eager(pair.functions[1], pair.theirs), 1e-10)
    assert close(pair.program.step(XS, ys=YS[::-1]), pair.eager(pair.functions[1], pair.theirs, XS, YS[::-1]), 1e-10)


def called(pair: Pair) -> None:
    right = pair.functions[1](XS[:3], YS[:3])
    assert close(pair.program(XS[:3], YS[:3]), right, 1e-10)
    assert close(pair.program(XS[::-1], YS), pair.functions[1](XS[::-1], YS), 1e-10)
    pair.functions[1](XS, YS).backward()
    assert close(pair.program.backward(XS, YS), pair.functions[1](XS, YS), 1e-10)
    pair.check_numbers()


def by_inputs(pair: Pair) -> None:
    xs = [[Value(float(v)) for v in x] for x in XS]
    loss = pair.functions[1](xs, YS)
    found_there = autograd.gradients(loss, [v for x in xs for v in x])
    value, (found, _) = pair.program.value_and_grad(XS, YS)
    assert close(value, loss, 1e-10)
    assert close(found.ravel(), found_there, 1e-10)
    pair.check_numbers()


def forgotten(pair: Pair) -> None:
    pair.program.forget()


def pickled(pair: Pair) -> None:
    twin = pickle.loads(pickle.dumps(pair.mine))
    assert twin.state_dict() == pair.mine.state_dict()
    for p in twin.parameters:
        p.grad = 1.0
    twin.step()  # which changes nothing of the other
    pair.check()


def copied(pair: Pair) -> None:
    twin, shallow = copy.deepcopy(pair.mine), copy.copy(pair.mine)
    assert twin.steps == shallow.steps == pair.theirs.steps
    twin.state_dict()
    pair.check()


def a_wrong_input(pair: Pair) -> None:
    before = pair.mine.state_dict()
    for wrong in ((XS, "x"), (XS, None), (XS,), (XS, YS, YS), (XS[:, :1], YS), ([[1.0, "a"]], [1.0])):
        with pytest.raises((TypeError, ValueError, IndexError, RuntimeError)):
            pair.program.step(*wrong)
    assert pair.mine.state_dict() == before
    assert close([p.data for p in pair.all[0]], [p.data for p in pair.all[1]], 1e-10)


def not_finite(pair: Pair) -> None:
    """What is inf or nan is an error that changes nothing, and then it goes on."""
    for number in (math.nan, math.inf):
        ys = YS.copy()
        ys[2] = number
        for function, optimizer in ((pair.program.step, None), (pair.functions[1], pair.theirs)):
            with pytest.raises(FloatingPointError, match=r"the gradient of parameters\[\d+\] is"):
                function(XS, ys) if optimizer is None else pair.eager(function, optimizer, XS, ys)
        pair.check_numbers()
        pair.step()


def not_finite_data(pair: Pair) -> None:
    before = [p.data for p in pair.all[1]]
    for ps in pair.all:
        ps[0].data = math.nan
    with pytest.raises(FloatingPointError):
        pair.program.step(XS, YS)
    with pytest.raises(FloatingPointError):
        pair.eager(pair.functions[1], pair.theirs)
    pair.check_numbers()
    for ps in pair.all:
        ps[0].data = before[0]


def within_modes(pair: Pair) -> None:
    with detect_anomaly():
        pair.steps(2)
        with pytest.raises(AnomalyError):
            pair.program.step(XS, np.full(6, 1e200))
    pair.step()
    with no_grad():
        right = pair.functions[1](XS, YS)
        assert close(pair.program(XS, YS), right, 1e-10)
    switched = threading.Event()
    done = threading.Event()

    def elsewhere() -> None:  # a mode of another thread is none of ours
        with no_grad():
            switched.set()
            done.wait(20)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    switched.wait(20)
    pair.steps(2)
    done.set()
    thread.join()


def in_another_thread(pair: Pair) -> None:
    errors = []

    def run() -> None:
        try:
            pair.steps(3)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert not errors


def numpy_told_to_raise(pair: Pair) -> None:
    with np.errstate(all="raise"):
        pair.steps(2)
        assert np.geterr()["divide"] == "raise"
    assert np.geterr()["divide"] == "warn"


CHANGES = [
    write_data, write_grad, read, read_state, write_state, write_steps, new_rate, no_rate, rate_in_place,
    whole_rate_in_place, settings_in_place, settings_to_nothing_and_back, other_flags, exchanged_settings, restored,
    restored_model, eager_step, eager_update_alone, zeroed, another_program, another_program_that_trains, other_shapes,
    other_kinds, lists, other_layouts, inputs_written_in_place, a_subclass_of_arrays, by_name, called, by_inputs,
    forgotten, pickled, copied, a_wrong_input, not_finite, not_finite_data, within_modes, in_another_thread,
    numpy_told_to_raise,
]  # fmt: skip


@pytest.mark.parametrize(("change", "name"), [(x, ("momentum", "Adam")[n % 2]) for n, x in enumerate(CHANGES)])
def test_a_change_between_two_steps_is_seen(change: Callable[[Pair], None], name: str) -> None:
    pair = Pair(OPTIMISERS[name])
    pair.steps(3)
    assert pair.is_steady
    change(pair)
    pair.steps(3)
    change(pair)
    pair.steps(1)
    pair.check()
    pair.steps(1)
    pair.check()


@pytest.mark.parametrize(("seed", "name"), list(enumerate(OPTIMISERS)))
def test_changes_in_any_order(seed: int, name: str) -> None:
    pair, draw = Pair(OPTIMISERS[name], more=seed % 2), random.Random(seed)
    dull = [within_modes, a_wrong_input, pickled, copied, another_program_that_trains, other_kinds, write_steps]
    changes = [change for change in CHANGES if change not in dull]
    draw.shuffle(changes)
    for change in changes:
        pair.steps(draw.randrange(3))
        change(pair)
    pair.steps(2)
    pair.check()


@of_every_optimiser
def test_parameters_of_several_ages(make: Callable[[Any], Any]) -> None:
    pair = Pair(make)
    pair.steps(3)
    write_steps(pair)
    pair.steps(4)
    pair.check()
    pair.steps(2)
    pair.check()


def test_a_loss_that_is_infinite_with_gradients_that_are_not_is_followed_as_it_is_eagerly() -> None:
    pair = Pair(OPTIMISERS["Adam"])
    pair.steps(3)
    ys = YS.copy()
    ys[2] = 1e200
    pair.step(XS, ys)
    assert math.isinf(pair.functions[1](XS, ys).data)
    pair.check()
    pair.steps(2)
    pair.check()


def test_an_anomaly_that_leaves_everything_finite_is_found_in_a_steady_loop() -> None:
    w = Value(10.0)
    program = autograd.compile(lambda xs: minimum(w * xs[0], 2.0) + w * w, optimizer=nn.SGD([w], lr=0.1))
    usual, large = np.array([1.0, 2.0]), np.array([1e308, 2.0])
    for xs in (usual, usual, large, large):
        program.step(xs)
    assert program._steady is not None
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"\*"):
        program.step(large)


def side_by_side(make: Callable[[Any], Any], count: int, before: Callable[[int, Any], None]) -> None:
    """Steps of a program and of the engine, before each of which something is done to the optimiser."""
    found = []
    for compiled in (True, False):
        ws = [Value(1.0 + k) for k in range(4)]
        optimizer = make(ws)

        def loss(xs: Any, ws: list[Value] = ws) -> Any:
            return autograd.sum([(w * x - 1.0) ** 2 for w, x in zip(ws, xs, strict=True)])

        program = autograd.compile(loss, optimizer=optimizer)
        steps = []
        for number in range(count):
            before(number, optimizer)
            try:
                if compiled:
                    program.step(np.arange(4.0))
                else:
                    here = loss(np.arange(4.0))
                    optimizer.zero_grad()
                    here.backward()
                    optimizer.step()
            except ZeroDivisionError:
                steps.append("refused")
            steps.append([w.data for w in ws])
        found.append([steps, optimizer.steps, optimizer.state])
    assert found[0][1] == found[1][1]
    for mine, theirs in zip(found[0][0], found[1][0], strict=True):
        assert mine == theirs == "refused" or close(mine, theirs)
    assert close(list(found[0][2].values()), list(found[1][2].values()))


def own(formula: Any, **settings: Any) -> Callable[[Any], Any]:
    """An optimiser with this formula and these settings, which may be anything."""

    class Own(Optimizer):
        def __init__(self, params: Any) -> None:
            super().__init__(params, lr=0.1)
            self.settings.update(settings)

    Own.formula = staticmethod(formula)
    return Own


def test_a_setting_that_is_a_number_at_times_and_nothing_at_others() -> None:
    def formula(p: Any, g: Any, t: Any, *, lr: Any, clip: Any) -> tuple[Any, ...]:
        return (p - lr * (g if clip is None else minimum(g, clip)),)

    clips = [None, None, 0.1, 0.1, 0.3, None, 1, True, None, 0.1, 0.0, None, 0.2]
    side_by_side(own(formula, clip=None), len(clips), lambda k, o: o.settings.update(clip=clips[k]))


def test_settings_that_are_lists() -> None:
    def formula(p: Any, g: Any, t: Any, *, lr: Any, both: Any) -> tuple[Any, ...]:
        return (p - lr * both[0] * g - both[1],)

    side_by_side(own(formula, both=[1.0, 0.0]), 6, lambda k, o: o.settings["both"].__setitem__(1, 0.1 * k))


FACTOR = 1.0


def test_numbers_that_a_formula_takes_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = 1.0

    def formula(p: Any, g: Any, t: Any, *, lr: Any) -> tuple[Any, ...]:
        return (p - lr * FACTOR * inner * g if inner < 4.0 else p + lr * g,)

    def before(number: int, optimizer: Any) -> None:
        nonlocal inner
        inner = [1.0, 1.0, 1.0, 2.0, 2.0, 5.0, 5.0, 1.0, 1.0][number]
        monkeypatch.setitem(globals(), "FACTOR", 1.0 + number // 3)

    side_by_side(own(formula), 9, before)


@pytest.mark.parametrize("kind", ["one number", "arrays"])
def test_an_update_that_raises_is_not_counted(kind: str) -> None:
    class Own(Optimizer):
        slots = ("count",)
        bad = False

        def __init__(self, params: Any) -> None:
            super().__init__(params, lr=0.1)

        def update(self, p: Any, g: Any, count: Any, *, t: Any) -> tuple[Any, ...]:
            if self.bad:
                raise ZeroDivisionError
            p = p - self.settings["lr"] * g / t
            return (min(p, 100.0) if kind == "one number" else p), count + 1.0

    def before(number: int, optimizer: Any) -> None:
        optimizer.bad = number in (0, 3, 4, 7)
        if number == 6:
            optimizer.steps[1] = 1  # of several ages

    side_by_side(Own, 10, before)


@pytest.mark.parametrize(
    "formula",
    [
        lambda p, g, t, *, lr: (where(g * 0.0 == 0.0, p - lr * g, p),),
        lambda p, g, t, *, lr: (p - lr * g if lr == 0.1 else p,),
        lambda p, g, t, *, lr: (p - lr * g if lr != 0.1 else p + g,),
        lambda p, g, t, *, lr: (p - lr * {1: 3.0}.get(t, 1.0) * g,),
        lambda p, g, t, *, lr: (p - lr * max(g, 0.1),),
        lambda p, g, t, *, lr: (p - lr * g * (t % 2),),
        lambda p, g, t, *, lr: [p - lr * math.atan(g)],
    ],
)
def test_a_formula_is_what_it_says_also_where_it_compares(formula: Any) -> None:
    side_by_side(own(formula), 6, lambda k, o: o.steps.__setitem__(2, 1) if k == 3 else None)


# What the function takes from outside ---------------------------------------------------------------------------------


def test_a_changed_global_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = Pair(OPTIMISERS["Adam"])
    pair.steps(3)
    for scale in (2.0, 2, -0.5, 0.0, 1.0, 2.0):
        monkeypatch.setitem(globals(), "SCALE", scale)
        pair.steps(3)
    pair.check()


def test_a_number_exchanged_in_a_dict_a_closure_and_an_object_is_seen() -> None:
    holder = {"factor": 1.0}
    pair = Pair(OPTIMISERS["momentum"], holder=holder)
    pair.steps(3)
    for factor in (0.5, 2.0, 1.0):
        holder["factor"] = factor
        pair.steps(3)

    class Config:
        rate = 1.0

    def make() -> tuple[Any, Any, Any, Any]:
        w, rate, config = [Value(0.5), Value(-1.0)], 1.0, Config()

        def f(x: Any) -> Any:
            return sum(tanh(v * a * rate * config.rate) for v, a in zip(w, x, strict=True)) ** 2

        def change(to: float) -> None:
            nonlocal rate
            rate = to

        return w, f, change, config

    (w, f, change, config), (v, g, change_too, config_too) = make(), make()
    mine, theirs = nn.Adam(w, lr=0.1), nn.Adam(v, lr=0.1)
    program, x = autograd.compile(f, optimizer=mine), np.array([0.5, 2.0])
    for number in range(24):
        if number % 4 == 2:
            change(1.0 + number)
            change_too(1.0 + number)
        if number % 4 == 3:
            config.rate = config_too.rate = 0.5 * number
        loss = g(x)
        theirs.zero_grad()
        loss.backward()
        theirs.step()
        assert close(program.step(x), loss, 1e-10)
        assert close([p.data for p in w], [p.data for p in v], 1e-10)


# Parameters the loss does not meet, or the optimiser does not have ----------------------------------------------------


@of_every_optimiser
def test_parameters_that_the_loss_does_not_meet(make: Callable[[Any], Any]) -> None:
    pair = Pair(make, more=2)
    for number in range(6):
        if number == 3:
            for extra in pair.extra:
                extra[1].grad = 5.0  # is zeroed, as zero_grad() does
        pair.step()
        pair.check_numbers()
    pair.check()


@of_every_optimiser
@pytest.mark.parametrize("chosen", [slice(0, 5), slice(3, None), slice(None, None, 2), slice(None, None, -1)])
def test_an_optimiser_that_has_some_of_the_parameters(make: Callable[[Any], Any], chosen: slice) -> None:
    pair = Pair(lambda ps: make(ps[chosen]))
    for number in range(7):
        pair.step()
        pair.check_numbers()  # the gradients of the others are gathered
        if number == 4:
            for ps in pair.all:
                for p in ps:
                    p.zero_grad()
    pair.check()


@of_every_optimiser
def test_a_batch_in_a_steady_loop(make: Callable[[Any], Any]) -> None:
    pair = Pair(make)
    model = pair.models[0]
    program = autograd.compile(lambda x, y: (model(x) - y) ** 2, batch=True, optimizer=pair.mine)
    for number in range(9):
        xs, ys = (XS, YS) if number < 5 else (XS[:4], YS[:4])
        assert close(program.step(xs, ys), pair.eager(pair.functions[1], pair.theirs, xs, ys), 1e-10)
        pair.check_numbers()
    pair.check()


@of_every_optimiser
def test_plain_loops_as_backend(make: Callable[[Any], Any]) -> None:
    pair = Pair(make, backend="python")
    pair.steps(4)
    new_rate(pair)
    write_data(pair)
    pair.steps(3)
    pair.check()


# Threads --------------------------------------------------------------------------------------------------------------


def test_many_threads_that_step_one_program() -> None:
    # The order in which they come is any, but each does a whole step: with one input all are the same.
    pair = Pair(OPTIMISERS["Adam"])
    pair.steps(2)

    def run() -> None:
        for _ in range(25):
            pair.program.step(XS, YS)

    together(run, run, run, run)
    for _ in range(100):
        pair.eager(pair.functions[1], pair.theirs)
    pair.check()


def test_threads_with_programs_of_their_own() -> None:
    pairs = [Pair(OPTIMISERS[name]) for name in ("SGD", "Adam", "momentum", "formula")]

    def run(pair: Pair) -> None:
        for _ in range(5):
            pair.steps(4)
            pair.check()

    together(*(partial(run, pair) for pair in pairs))


# An optimiser of which a step is more than its formula ---------------------------------------------------------------


@pytest.mark.parametrize("name", ["step", "zero_grad"])
@pytest.mark.parametrize("patched", [False, True])
def test_a_step_of_ones_own_is_taken(name: str, patched: bool) -> None:
    calls: list[str] = []

    class Own(nn.SGD):
        pass

    def mine(self: Any) -> None:
        calls.append(name)
        getattr(nn.SGD, name)(self)

    w = Value(1.0)
    optimizer = (nn.SGD if patched else Own)([w], lr=0.1)
    if patched:
        setattr(optimizer, name, lambda: mine(optimizer))
    else:
        setattr(Own, name, mine)
    program = autograd.compile(lambda x: w * w * x, optimizer=optimizer)
    for count in (1, 2, 3):
        before = w.data
        program.step(np.array(2.0)) if count < 3 else program.step(2.0)
        assert calls == [name] * count
        assert w.data == pytest.approx(before - 0.1 * 4.0 * before, rel=1e-15)
    assert not nn.SGD([w], lr=0.1).steps_otherwise


@pytest.fixture(autouse=True)
def _numpy_as_it_was() -> Iterator[None]:
    before = np.geterr()
    yield
    assert np.geterr() == before
