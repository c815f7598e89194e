"""Parameters stay live under `autograd.compile`: whoever reads or writes them, and whatever optimiser trains them."""

from __future__ import annotations

import copy
import gc
import json
import math
import pickle
import random
import sys
import time
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from side_by_side import agree, clear, close, eagerly, gradients, hold, right_or_refused
from threads import together

import autograd
import nn
from autograd import Value, exp, relu
from autograd.compiler import parameters
from autograd.errors import NotANumberError

XS = [[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5], [1.0, 1.0]]
YS = [1.0, -1.0, 0.5, 0.0]


class Pair:
    """Two equal models with equal optimisers: `here` is trained by a program, `there` by the eager engine."""

    def __init__(self, make: Callable[[Any], Any], seed: int = 3, **options: Any) -> None:
        self.here, self.there = (nn.MLP(2, [5, 1], activation="tanh", seed=seed) for _ in range(2))
        self.mine, self.theirs = make(self.here.parameters()), make(self.there.parameters())
        self.program = autograd.compile(self.loss_of(self.here), optimizer=self.mine, **options)

    @staticmethod
    def loss_of(model: Any) -> Callable[[Any, Any], Any]:
        return lambda xs, ys: nn.mse_loss([model(x) for x in xs], ys)

    def eager(self, model: Any, optimizer: Any, xs: Any = XS, ys: Any = YS) -> float:
        loss = self.loss_of(model)(xs, ys)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.data

    def step(self, xs: Any = XS, ys: Any = YS) -> None:
        """One step each, the left one compiled."""
        assert close(self.program.step(xs, ys), self.eager(self.there, self.theirs, xs, ys), 1e-9)

    def eager_step(self, xs: Any = XS, ys: Any = YS) -> None:
        """One step each, both eager."""
        left, right = self.eager(self.here, self.mine, xs, ys), self.eager(self.there, self.theirs, xs, ys)
        assert close(left, right, 1e-9)

    def check(self) -> None:
        """Parameters, gradients and the state of the optimiser are the same."""
        assert close(list(self.here.state_dict().values()), list(self.there.state_dict().values()), 1e-9)
        assert close(gradients(self.here.parameters()), gradients(self.there.parameters()), 1e-9)
        left, right = self.mine.state_dict(), self.theirs.state_dict()
        assert left["steps"] == right["steps"]
        assert left["settings"] == right["settings"]
        assert close(list(left["state"].values()), list(right["state"].values()), 1e-9)


OPTIMISERS = {
    "SGD": lambda ps: nn.SGD(ps, lr=0.1),
    "weight decay": lambda ps: nn.SGD(ps, lr=0.1, weight_decay=0.05),
    "momentum": lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9),
    "dampening": lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9, dampening=0.3, weight_decay=0.01),
    "nesterov": lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9, nesterov=True),
    "Adam": lambda ps: nn.Adam(ps, lr=0.02),
    "Adam with all": lambda ps: nn.Adam(ps, lr=0.02, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.03, amsgrad=True),
}
of_every_optimiser = pytest.mark.parametrize("make", OPTIMISERS.values(), ids=OPTIMISERS)


# Reading or writing p.data and p.grad outside always sees and sets the truth ------------------------------------------


def test_data_written_outside_is_what_the_program_computes_with():
    w, b = Value(3.0), Value(1.0)
    program = autograd.compile(lambda x: w * x * x + b)
    for data in (3.0, -2.0, 0.0, 1e10, math.inf, math.nan, 5):
        w.data = data
        hold(program, lambda x: w * x * x + b, (2.0,), parameters=[w, b])
    w.data, b.data = 1.0, 2.0
    w.data = 7.0  # the last one counts
    assert program(2.0) == 30.0


def test_gradients_read_after_each_call_are_those_of_the_moment():
    w = Value(3.0)
    program = autograd.compile(lambda x: w * w * x)
    for k in range(1, 5):
        w.zero_grad()
        assert not w.computed
        assert w.grad == 0.0
        program.backward(float(k))
        assert w.computed
        assert w.grad == 6.0 * k
    program.backward(1.0)
    assert w.grad == 24.0 + 6.0


def test_gradients_written_outside_are_added_to():
    w, b = Value(3.0), Value(1.0)
    program = autograd.compile(lambda x: w * x + b)
    program.backward(2.0)
    w.grad = 10.0
    program.backward(2.0)
    assert gradients([w, b]) == [12.0, 2.0]
    w.grad += 1.0
    b.zero_grad()
    program.backward(2.0)
    assert gradients([w, b]) == [15.0, 1.0]
    w.grad, b.grad = 0.0, -0.0
    program.backward(2.0)
    assert gradients([w, b]) == [2.0, 1.0]


def test_a_gradient_not_read_for_many_calls_has_gathered_them_all():
    w = Value(3.0)
    program = autograd.compile(lambda x: w * x)
    for k in range(100):
        program.backward(float(k))
    assert w.grad == sum(range(100))


def test_what_shows_a_parameter_shows_the_truth():
    pair = Pair(lambda ps: nn.SGD(ps, lr=0.1))
    for _ in range(3):
        pair.step()
    for mine, theirs in zip(pair.here.parameters(), pair.there.parameters(), strict=True):
        for look in (
            repr,
            lambda p: f"{p:.6f}",
            lambda p: p.item(),
            lambda p: p.detach().data,
            lambda p: (p + 0).data,
            lambda p: (p < 0.1, p > -0.1, bool(p)),
            lambda p: Value(p).data,
            lambda p: copy.copy(p).data,
            lambda p: copy.deepcopy(p).data,
            lambda p: pickle.loads(pickle.dumps(p)).data,
            lambda p: (copy.deepcopy(p).grad, copy.deepcopy(p).computed),
            lambda p: np.array([p], dtype=object).sum().data,
            lambda p: (p.op, p.operands, p.parents, p.local_grads, p.label),
        ):
            pair.step()
            assert str(look(mine))[:9] == str(look(theirs))[:9]
    pair.check()


def test_a_loop_that_updates_the_parameters_by_hand():
    here, there = (nn.MLP(2, [5, 1], activation="tanh", seed=3) for _ in range(2))
    f, g = Pair.loss_of(here), Pair.loss_of(there)
    program = autograd.compile(f)
    for _ in range(40):
        for p in here.parameters():
            p.grad = 0.0
        there.zero_grad()
        loss = g(XS, YS)
        loss.backward()
        assert close(program.backward(XS, YS), loss, 1e-9)
        for p in (*here.parameters(), *there.parameters()):
            p.data -= 0.1 * p.grad
    assert close(list(here.state_dict().values()), list(there.state_dict().values()), 1e-9)


def test_parameters_stay_values_and_refuse_what_is_no_number():
    w = Value(3.0)
    program = autograd.compile(lambda x: w * x, optimizer=nn.SGD([w], lr=1.0))
    program.step(1.0)
    assert isinstance(w, Value)
    for wrong in ("x", None, [1.0], 1j):
        with pytest.raises(NotANumberError):
            w.data = wrong
        with pytest.raises(NotANumberError):
            w.grad = wrong
    assert (w.data, w.grad) == (2.0, 1.0)
    w.data = np.float32(0.5)
    assert (type(w.data), program(2.0)) == (float, 1.0)


def test_the_sign_of_zero_is_kept():
    w = Value(-0.0)
    program = autograd.compile(lambda x: w * x)
    assert math.copysign(1.0, program(1.0)) == -1.0
    w.data = 0.0
    assert math.copysign(1.0, program(1.0)) == 1.0
    assert math.copysign(1.0, program(-1.0)) == -1.0
    w.data = -0.0
    assert math.copysign(1.0, w.data) == -1.0
    assert math.copysign(1.0, program(1.0)) == -1.0


def test_a_graph_made_before_a_step_keeps_the_numbers_it_was_made_with():
    pair = Pair(lambda ps: nn.SGD(ps, lr=0.5))
    pair.step()
    mine, theirs = (sum(p * p for p in model.parameters()) for model in (pair.here, pair.there))
    pair.step()
    assert close(mine, theirs)
    mine.backward()
    theirs.backward()
    pair.check()


def test_everything_is_a_float():
    w = Value(3)
    program = autograd.compile(lambda x: w * x, optimizer=nn.Adam([w], lr=0.1))
    for call in (program, program.backward, program.step):
        assert type(call(2.0)) is float
        assert (type(w.data), type(w.grad)) == (float, float)
    assert repr(w) == f"Value(data={w.data}, grad={w.grad})" or str(w.data)[:4] in repr(w)


def test_the_label_and_other_attributes_stay():
    w = Value(3.0, label="slope")
    w.note = "kept"
    program = autograd.compile(lambda x: w * x, optimizer=nn.SGD([w], lr=0.1))
    program.step(1.0)
    assert (w.label, w.note, w.op, w.parents) == ("slope", "kept", "", ())


def test_a_parameter_used_nowhere_else_may_go_and_memory_is_freed():
    def train() -> tuple[Any, Any]:
        model = nn.MLP(2, [3, 1], seed=1)
        program = autograd.compile(lambda x: model(x) ** 2, optimizer=nn.Adam(model.parameters(), lr=0.1))
        program.step([1.0, 2.0])
        return weakref.ref(model), weakref.ref(program)

    references = train()
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def test_parameters_outlive_the_program_that_trained_them():
    pair = Pair(lambda ps: nn.Adam(ps, lr=0.1))
    pair.step()
    pair.step()
    del pair.program
    gc.collect()
    pair.check()
    pair.eager_step()
    pair.check()


# Parameters are the leaf Values that existed before recording ---------------------------------------------------------


def test_a_value_that_is_the_result_of_an_operation_is_live_or_refused():
    # Its leaf is a parameter of the eager function; a program must not forget the way from one to the other.
    a = Value(2.0)
    squared = a * a

    def f(x: Any) -> Any:
        return squared * x

    program = autograd.compile(f)
    with right_or_refused("computed before"):
        assert close((program.backward(3.0), a.grad), (12.0, 12.0))


SHARED = Value(7.0)


def test_a_parameter_in_every_place_a_program_can_meet_it():
    a, b, c, d, e = (Value(float(k)) for k in range(1, 6))
    cell, table = c, {"c": [c, b]}

    class Holder:
        inner = d

    def f(x: Any, default: Any = 2.0) -> Any:
        inside = [v * x for v in (a, *table["c"])]
        return sum(inside) * cell * Holder.inner * getattr(e, "detach", None)() * default + e * SHARED

    agree(f, (2.0,), (5.0,), (5.0, -1.0), parameters=[a, b, c, d, e, SHARED])


def test_another_leaf_in_place_of_one_is_met_after_forget():
    # The parameter is exchanged, not changed, in the lists of a model, through which nobody goes at each call.
    model = nn.MLP(1, [2, 1], activation="tanh", seed=1)
    f = lambda x: model([x]) * 2  # noqa: E731
    program = autograd.compile(f)
    hold(program, f, (0.5,), parameters=model.parameters())

    def weights() -> None:
        model.layers[0].neurons[0].w = [Value(-3.0)]

    def bias() -> None:
        model.layers[1].neurons[0].b = Value(7.0)

    def one_weight() -> None:
        model.layers[0].neurons[1].w[0] = Value(2.0)

    def layer() -> None:
        model.layers[0] = nn.Layer(1, 2, activation="tanh", seed=5)

    for exchange in (weights, bias, one_weight, layer):
        exchange()
        program.forget()
        hold(program, f, (0.5,), (-2.0,), parameters=model.parameters())


def test_a_leaf_rebound_in_a_cell_or_a_global_is_seen(monkeypatch):
    w = Value(3.0)

    def f(x: Any) -> Any:
        return w * x * SHARED

    program = autograd.compile(f)
    hold(program, f, (2.0,), parameters=[w, SHARED])
    w = Value(-5.0)
    hold(program, f, (2.0,), parameters=[w, SHARED])
    other = Value(0.5)
    monkeypatch.setitem(globals(), "SHARED", other)
    hold(program, f, (2.0,), parameters=[w, other])


def test_a_parameter_reached_in_one_branch_only():
    w, u = Value(3.0), Value(5.0)
    program = autograd.compile(lambda x: w * x if x > 0 else u * x)
    program.backward(2.0)
    assert (w.computed, w.grad) == (True, 2.0)
    assert u.grad == 0.0
    program.backward(-4.0)
    assert gradients([w, u]) == [2.0, -4.0]
    u.data = 7.0
    assert program(-1.0) == -7.0
    assert program(1.0) == 3.0


def test_the_optimiser_leaves_what_no_gradient_reached():
    # As in the eager engine: a parameter that the loss does not meet keeps its value and its state.
    w, unmet = Value(3.0), Value(5.0)
    v, other = Value(3.0), Value(5.0)
    mine = nn.Adam([w, unmet], lr=0.1, weight_decay=0.5)
    theirs = nn.Adam([v, other], lr=0.1, weight_decay=0.5)
    program = autograd.compile(lambda x: w * w * x, optimizer=mine)
    for x in (1.0, 2.0, -1.0):
        program.step(x)
        loss = v * v * x
        theirs.zero_grad()
        loss.backward()
        theirs.step()
        assert close([w.data, unmet.data], [v.data, other.data])
        assert (unmet.data, unmet.computed) == (5.0, False)
        assert mine.state_dict()["steps"] == theirs.state_dict()["steps"]


def test_the_optimiser_of_a_branching_loss_leaves_what_this_branch_did_not_reach():
    def make() -> tuple[Any, Any, Any]:
        w, u = Value(3.0), Value(5.0)
        return (lambda x: w * w * x if x > 0 else u * u * x), [w, u], nn.Adam([w, u], lr=0.1)

    (f, ps, mine), (g, qs, theirs) = make(), make()
    program = autograd.compile(f, optimizer=mine)
    for x in (1.0, -1.0, 2.0, 3.0, -2.0, 1.0):
        program.step(x)
        loss = g(x)
        theirs.zero_grad()
        loss.backward()
        theirs.step()
        assert close([p.data for p in ps], [q.data for q in qs])
        assert gradients(ps) == gradients(qs)
        assert [p.computed for p in ps] == [q.computed for q in qs]
        assert mine.state_dict()["steps"] == theirs.state_dict()["steps"]


def test_parameters_of_the_optimiser_that_the_loss_never_meets_are_zeroed_too():
    w, unmet = Value(3.0), Value(5.0)
    unmet.grad = 4.0
    program = autograd.compile(lambda x: w * x, optimizer=nn.SGD([w, unmet], lr=0.1))
    program.step(1.0)
    assert (unmet.grad, unmet.data) == (0.0, 5.0)
    unmet.grad = 4.0
    program.step(1.0)
    assert (unmet.grad, unmet.data) == (0.0, 5.0)


def test_a_parameter_the_optimiser_does_not_have_gathers_its_gradient():
    # zero_grad() of the optimiser does not reach it.
    w, frozen = Value(3.0), Value(5.0)
    program = autograd.compile(lambda x: w * frozen * x, optimizer=nn.SGD([w], lr=0.1))
    program.step(1.0)
    assert (w.data, w.grad, frozen.data, frozen.grad) == (2.5, 5.0, 5.0, 3.0)
    program.step(1.0)
    assert (w.data, frozen.data, frozen.grad) == (2.0, 5.0, 5.5)


# In any mix of eager and compiled use, with any optimiser -------------------------------------------------------------


@of_every_optimiser
def test_training_is_that_of_the_eager_engine(make):
    pair = Pair(make)
    for _ in range(60):
        pair.step()
    pair.check()


@of_every_optimiser
def test_eager_and_compiled_steps_in_any_mix(make):
    pair = Pair(make)
    draw = random.Random(5)
    for _ in range(60):
        what = draw.choice(["step", "step", "eager_step", "check", "zero", "state", "lr", "data", "grad", "call"])
        if what == "step":
            pair.step()
        elif what == "eager_step":
            pair.eager_step()
        elif what == "check":
            pair.check()
        elif what == "zero":
            (pair.mine if draw.random() < 0.5 else pair.here).zero_grad()
            pair.theirs.zero_grad()
        elif what == "state":
            pair.mine.load_state_dict(json.loads(json.dumps(pair.mine.state_dict())))
            pair.here.load_state_dict(pair.here.state_dict())
        elif what == "lr":
            pair.mine.lr = pair.theirs.lr = draw.choice([0.01, 0.03, 0.1])
        elif what in ("data", "grad"):
            k, number = draw.randrange(len(pair.here.parameters())), draw.uniform(-1, 1)
            for model in (pair.here, pair.there):
                setattr(model.parameters()[k], what, number)
        else:
            loss = pair.loss_of(pair.there)(XS, YS)
            loss.backward()
            assert close(pair.program(XS, YS), loss, 1e-9)
            assert close(pair.program.backward(XS, YS), loss, 1e-9)
    pair.check()


@of_every_optimiser
def test_backward_of_the_program_and_step_of_the_optimiser(make):
    pair = Pair(make)
    for _ in range(10):
        pair.mine.zero_grad()
        pair.program.backward(XS, YS)
        pair.program.backward(XS[:2], YS[:2])  # gathers, as in accumulation over batches
        pair.mine.step()
        pair.theirs.zero_grad()
        for xs, ys in ((XS, YS), (XS[:2], YS[:2])):
            pair.loss_of(pair.there)(xs, ys).backward()
        pair.theirs.step()
        pair.check()
        pair.step()
    pair.check()


@of_every_optimiser
def test_settings_changed_between_steps(make):
    pair = Pair(make)
    for k in range(20):
        pair.mine.lr = pair.theirs.lr = 0.1 / (k + 1)
        pair.step()
        if k == 10:
            changed = {**pair.mine.state_dict(), "settings": {**pair.mine.settings, "weight_decay": 0.2}}
            pair.mine.load_state_dict(changed)
            pair.theirs.load_state_dict({**pair.theirs.state_dict(), "settings": changed["settings"]})
    pair.mine.lr = pair.theirs.lr = 0.0
    pair.step()
    pair.check()


@of_every_optimiser
def test_saved_and_restored_it_goes_on_as_if_nothing_had_happened(make):
    pair = Pair(make)
    for _ in range(7):
        pair.step()
    saved = json.loads(json.dumps([pair.here.state_dict(), pair.mine.state_dict()]))
    for _ in range(5):
        pair.step()
    after = pair.here.state_dict()
    for wander in range(3):  # somewhere else, and back
        pair.program.step(XS[:2], YS[:2])
        if wander == 1:
            pair.program.forget()
    pair.here.load_state_dict(saved[0])
    pair.mine.load_state_dict(saved[1])
    for _ in range(5):
        pair.program.step(XS, YS)
    assert close(list(pair.here.state_dict().values()), list(after.values()), 1e-9)
    pair.check()
    fresh = Pair(make)
    fresh.here.load_state_dict(saved[0])
    fresh.mine.load_state_dict(saved[1])
    for _ in range(5):
        fresh.program.step(XS, YS)
    assert close(list(fresh.here.state_dict().values()), list(after.values()), 1e-9)


@of_every_optimiser
def test_a_new_shape_in_the_middle_of_training_loses_nothing(make):
    pair = Pair(make)
    for k in range(24):
        n = 1 + (k * k) % 4
        pair.step(XS[:n], YS[:n])
    pair.check()


def test_reading_every_gradient_and_number_after_each_step_changes_nothing():
    read, unread = Pair(OPTIMISERS["Adam"]), Pair(OPTIMISERS["Adam"])
    for _ in range(20):
        read.program.step(XS, YS)
        unread.program.step(XS, YS)
        assert all(math.isfinite(p.grad + p.data) for p in read.here.parameters())
        read.mine.state_dict()
        read.here.state_dict()
    assert [p.data.hex() for p in read.here.parameters()] == [p.data.hex() for p in unread.here.parameters()]
    assert [p.grad.hex() for p in read.here.parameters()] == [p.grad.hex() for p in unread.here.parameters()]


def test_an_optimiser_of_ones_own():
    class Signs(nn.optimizer.Optimizer):
        slots = ("last",)

        def __init__(self, params: Any, lr: float = 0.1) -> None:
            super().__init__(params, lr=lr)

        def update(self, p: Any, g: Any, *state: Any, t: Any) -> tuple[Any, ...]:
            return p - self.settings["lr"] * autograd.tanh(g + 0.5 * state[0]), g

    pair = Pair(lambda ps: Signs(ps, lr=0.05))
    for k in range(20):
        pair.step() if k % 5 else pair.eager_step()
    pair.check()


def test_a_loss_or_gradient_that_is_not_finite_stops_the_step_as_it_does_eagerly():
    def make() -> tuple[Any, Any, Any]:
        w, u = Value(3.0), Value(5.0)
        return (lambda x: exp(w * x) + u * x), [w, u], nn.Adam([w, u], lr=0.1)

    (f, ps, mine), (g, qs, theirs) = make(), make()
    program = autograd.compile(f, optimizer=mine)
    for x in (0.5, 1e4, -0.5, math.nan, 0.25):
        loss = g(x)
        theirs.zero_grad()
        loss.backward()
        if math.isfinite(loss.data):
            theirs.step()
            assert close(program.step(x), loss)
        else:
            with pytest.raises(FloatingPointError) as expected:
                theirs.step()
            with pytest.raises(FloatingPointError) as found:
                program.step(x)
            assert str(found.value) == str(expected.value)
        assert close([p.data for p in ps], [q.data for q in qs])
        assert close(gradients(ps), gradients(qs))
        assert mine.state_dict()["steps"] == theirs.state_dict()["steps"]
        assert close(list(mine.state_dict()["state"].values()), list(theirs.state_dict()["state"].values()))


def test_a_loss_that_meets_no_parameter_of_the_optimiser_says_so_as_it_does_eagerly():
    w = Value(3.0)
    program = autograd.compile(lambda x: x * x, optimizer=nn.SGD([w], lr=0.1))
    with pytest.raises(RuntimeError, match=r"no parameter|gradient"):
        program.step(2.0)
    assert (w.data, w.computed) == (3.0, False)


# Two programs, two optimisers, threads, copies ------------------------------------------------------------------------


@of_every_optimiser
def test_two_programs_share_one_model_and_one_optimiser(make):
    pair = Pair(make)

    def other_loss(model: Any) -> Any:
        return lambda xs: sum(relu(model(x)) ** 2 for x in xs)

    second = autograd.compile(other_loss(pair.here), optimizer=pair.mine)
    evaluate = autograd.compile(pair.here)
    for k in range(12):
        pair.step()
        if k % 3:
            loss = other_loss(pair.there)(XS)
            pair.theirs.zero_grad()
            loss.backward()
            pair.theirs.step()
            assert close(second.step(XS), loss, 1e-9)
        assert close(evaluate(XS[0]), pair.there(XS[0]), 1e-9)
    pair.check()


def test_two_programs_with_optimisers_of_their_own_share_one_model():
    makers = [lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9), lambda ps: nn.Adam(ps, lr=0.02)]
    here, there = (nn.MLP(2, [4, 1], activation="tanh", seed=2) for _ in range(2))
    mine, theirs = ([make(model.parameters()) for make in makers] for model in (here, there))
    programs = [autograd.compile(Pair.loss_of(here), optimizer=optimizer) for optimizer in mine]
    for k in range(20):
        turn = (k * k // 3) % 2
        loss = Pair.loss_of(there)(XS, YS)
        theirs[turn].zero_grad()
        loss.backward()
        theirs[turn].step()
        assert close(programs[turn].step(XS, YS), loss, 1e-9)
    assert close(list(here.state_dict().values()), list(there.state_dict().values()), 1e-9)
    for left, right in zip(mine, theirs, strict=True):
        assert left.state_dict()["steps"] == right.state_dict()["steps"]


def test_two_optimisers_for_two_parts_of_a_model():
    def make() -> Any:
        model = nn.MLP(2, [4, 1], activation="tanh", seed=2)
        first, second = model.layers
        return model, nn.SGD(first.parameters(), lr=0.1), nn.Adam(second.parameters(), lr=0.02)

    (here, *mine), (there, *theirs) = make(), make()
    programs = [autograd.compile(Pair.loss_of(here), optimizer=optimizer) for optimizer in mine]
    for k in range(20):
        for program, optimizer in zip(programs, theirs, strict=True):
            loss = Pair.loss_of(there)(XS, YS)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            assert close(program.step(XS, YS), loss, 1e-9)
        if k % 4 == 0:
            clear(here.parameters())
            clear(there.parameters())
        assert close(gradients(here.parameters()), gradients(there.parameters()), 1e-9)
    assert close(list(here.state_dict().values()), list(there.state_dict().values()), 1e-9)


def test_programs_over_overlapping_parameters():
    a, b, c = Value(1.0), Value(2.0), Value(3.0)
    first = autograd.compile(lambda x: a * b * x, optimizer=nn.SGD([a, b], lr=0.1))
    second = autograd.compile(lambda x: b * c * x, optimizer=nn.SGD([b, c], lr=0.1))
    p, q, r = 1.0, 2.0, 3.0
    for _ in range(6):
        first.step(0.5)
        p, q = p - 0.05 * q, q - 0.05 * p
        second.step(0.5)
        q, r = q - 0.05 * r, r - 0.05 * q
    assert close([a.data, b.data, c.data], [p, q, r])


def test_a_parameter_in_the_program_that_another_program_trains():
    # A target network: one copy is trained, the other follows by hand.
    online, target = (nn.MLP(2, [3, 1], activation="tanh", seed=k) for k in (1, 2))
    program = autograd.compile(
        lambda xs: nn.mse_loss([online(x) for x in xs], [target(x).detach() for x in xs]),
        optimizer=nn.SGD(online.parameters(), lr=0.1),
    )
    for k in range(10):
        expected = nn.mse_loss([online(x) for x in XS], [target(x).data for x in XS]).data
        assert close(program.step(XS), expected)
        if k % 3 == 2:
            target.load_state_dict(online.state_dict())
    assert not any(p.grad for p in target.parameters())


def test_a_model_in_use_is_copied_and_pickled_with_the_numbers_of_the_moment():
    pair = Pair(OPTIMISERS["momentum"])
    for k in range(8):
        pair.step()
        twin, stored = copy.deepcopy(pair.here), pickle.loads(pickle.dumps(pair.here))
        for other in (twin, stored):
            assert list(other.state_dict().values()) == list(pair.here.state_dict().values())
            assert gradients(other.parameters()) == gradients(pair.here.parameters())
            for p in other.parameters():
                p.data = 100.0 + k  # and is another model from now on
                p.grad = -1.0
    pair.check()


def test_a_copied_model_and_optimiser_train_on_by_themselves():
    pair = Pair(OPTIMISERS["Adam"])
    for _ in range(3):
        pair.step()
    model, optimizer = copy.deepcopy((pair.here, pair.mine))
    program = autograd.compile(Pair.loss_of(model), optimizer=optimizer)
    kept = pair.here.state_dict()
    losses = [program.step(XS, YS) for _ in range(5)]
    assert pair.here.state_dict() == kept
    expected = [pair.program.step(XS, YS) for _ in range(5)]
    assert close(losses, expected, 1e-12)
    assert close(list(model.state_dict().values()), list(pair.here.state_dict().values()), 1e-12)


def test_a_compiled_program_can_be_copied_or_says_no():
    pair = Pair(OPTIMISERS["SGD"])
    pair.step()
    for duplicate in (copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))):
        try:
            other = duplicate(pair.program)
        except (TypeError, pickle.PicklingError, AttributeError):
            continue
        assert close(other(XS, YS), pair.program(XS, YS))
    pair.step()
    pair.check()


def test_programs_of_separate_models_in_threads():
    pairs = [Pair(make, seed=k) for k, make in enumerate(OPTIMISERS.values())]
    together(*(lambda p=pair: [p.program.step(XS, YS) for _ in range(30)] for pair in pairs))
    for pair in pairs:
        for _ in range(30):
            pair.eager(pair.there, pair.theirs)
        pair.check()


def test_homes_of_parameters_are_looked_for_by_one_thread_at_a_time(monkeypatch):
    class Slow(weakref.WeakSet):
        def __iter__(self):
            for item in super().__iter__():
                time.sleep(0.004)  # while the others come, and those that came before add theirs
                yield item

    stores = Slow()
    monkeypatch.setattr(parameters, "_stores", stores)
    kept = [parameters.sources([Value(float(k))]) for k in range(4)]

    def look(number: int) -> None:
        time.sleep(0.003 * number)
        kept.append(parameters.sources([Value(1.0)]))

    together(*(partial(look, number) for number in range(4)))
    assert len(stores) == len(kept) == 8


def test_steps_of_one_program_in_many_threads_are_all_done():
    w = Value(0.0)
    program = autograd.compile(lambda x: w * x, optimizer=nn.SGD([w], lr=1.0))
    program.step(0.0)

    def work() -> None:
        for _ in range(200):
            program.step(-1.0)

    together(work, work, work, work)
    assert w.data == 800.0


def test_gradients_of_one_program_in_many_threads_all_arrive():
    w = Value(2.0)
    program = autograd.compile(lambda x: w * w * x)
    program(1.0)

    def work() -> None:
        for _ in range(200):
            program.backward(1.0)

    together(work, work, work, work)
    assert w.grad == 3200.0


# Digits-like training, as a user would write it -----------------------------------------------------------------------


def clusters(n: int, seed: int) -> tuple[list[list[float]], list[int]]:
    """n points of 6 numbers in 3 classes, shuffled."""
    draw = random.Random(seed)
    labels = [k % 3 for k in range(n)]
    draw.shuffle(labels)
    centres = [[draw.gauss(0, 1) for _ in range(6)] for _ in range(3)]
    return [[c + draw.gauss(0, 0.6) for c in centres[label]] for label in labels], labels


@of_every_optimiser
@pytest.mark.parametrize("batched", [False, True])
def test_two_epochs_of_mini_batches_are_those_of_the_eager_engine_to_1e_9(make, batched):
    here, there = (nn.MLP(6, [8, 3], seed=4) for _ in range(2))
    mine, theirs = make(here.parameters()), make(there.parameters())
    points, labels = clusters(84, seed=1)

    def loss_of(model: Any) -> Any:
        if batched:
            return lambda x, label: (
                nn.cross_entropy(model(x), label),
                1e-3 * sum(p * p for p in model.parameters()),
            )
        return lambda xs, ys: (
            nn.cross_entropy([model(x) for x in xs], ys) + 1e-3 * sum(p * p for p in model.parameters())
        )

    def whole(xs: Any, ys: Any) -> Any:
        if not batched:
            return loss_of(there)(xs, ys)
        pairs = [loss_of(there)(x, y) for x, y in zip(xs, ys, strict=True)]
        return autograd.mean([first for first, _ in pairs]) + pairs[0][1]

    program = autograd.compile(loss_of(here), optimizer=mine, batch=batched)
    losses: list[float] = []
    for epoch in range(2):
        mine.lr = theirs.lr = mine.lr / (1 + epoch)
        for start in range(0, len(points), 16):  # the last batch is shorter
            xs, ys = points[start : start + 16], labels[start : start + 16]
            expected = whole(xs, ys)
            theirs.zero_grad()
            expected.backward()
            theirs.step()
            losses.append(program.step(xs, ys))
            assert abs(losses[-1] - expected.data) <= 1e-9 * abs(expected.data)
        if epoch == 0:
            again = json.loads(json.dumps([here.state_dict(), mine.state_dict()]))
            here.load_state_dict(again[0])
            mine.load_state_dict(again[1])
    assert losses[-1] < losses[0]
    assert close(list(here.state_dict().values()), list(there.state_dict().values()), 1e-9)
    right = sum(max(range(3), key=lambda k: here(x)[k].data) == y for x, y in zip(points, labels, strict=True))
    assert right > 50


def test_a_step_does_no_python_work_for_each_parameter():
    # Counted, not timed: with nobody looking, a step calls as many Python functions for 40 as for 4000 parameters.
    def calls(n: int) -> int:
        ws = [Value(0.01 * k) for k in range(n)]
        program = autograd.compile(
            lambda xs: autograd.dot(ws, xs) ** 2 + sum(w * w for w in ws), optimizer=nn.Adam(ws, lr=0.01), verify=False
        )
        xs = np.ones(n)
        for _ in range(3):
            program.step(xs)
        count = 0

        def tick(frame: Any, event: str, _: Any) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(tick)
        try:
            program.step(xs)
        finally:
            sys.setprofile(before)
        return count

    assert calls(2000) <= calls(20) + 20


def test_verify_off_gives_the_same_numbers():
    pair = Pair(OPTIMISERS["Adam"], verify=False)
    for _ in range(10):
        pair.step()
    pair.check()


def test_the_readable_backend_trains_alike():
    pair = Pair(OPTIMISERS["Adam with all"], backend="python")
    for _ in range(10):
        pair.step()
    pair.check()


def test_recording_and_its_check_leave_gradients_as_they_were():
    w, u = Value(3.0), Value(5.0)
    w.grad = 2.5
    program = autograd.compile(lambda x: w * u * x)
    program(2.0)
    assert (w.grad, w.computed, u.computed) == (2.5, True, False)
    assert eagerly(lambda x: w * u * x, (2.0,), [w, u]) == (30.0, [10.0, 6.0])


def test_an_optimiser_whose_step_does_more_is_stepped_as_it_is():
    class Clipped(nn.SGD):
        def step(self) -> None:
            for p in self.parameters:
                p.grad = max(-0.01, min(0.01, p.grad))
            super().step()

    pair = Pair(lambda ps: Clipped(ps, lr=0.1, momentum=0.9))
    for k in range(6):
        pair.step() if k % 3 else pair.eager_step()
    pair.check()
    assert max(abs(p.grad) for p in pair.here.parameters()) == 0.01
