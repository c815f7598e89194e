"""Programs, optimisers and eager code in random mixtures: after every act all is as if nothing were compiled."""

from __future__ import annotations

import contextlib
import copy
import json
import pickle
import random
from collections.abc import Callable
from typing import Any

import pytest
from side_by_side import close, gradients

import autograd
import nn
from autograd import Value

pytestmark = pytest.mark.oracle  # thousands of random programs: too long for the light tests

MAKERS: list[Callable[[Any], Any]] = [
    lambda ps: nn.SGD(ps, lr=0.05),
    lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9, weight_decay=0.02),
    lambda ps: nn.SGD(ps, lr=0.02, momentum=0.9, nesterov=True),
    lambda ps: nn.Adam(ps, lr=0.02),
    lambda ps: nn.Adam(ps, lr=0.02, weight_decay=0.05, amsgrad=True),
]
CLASSES, TOKENS = 3, 4
ACTS = ["step"] * 4 + ["eager step"] * 2 + ["call", "backward", "by inputs", "zero", "data", "grad"]
ACTS += ["lr", "state", "load", "forget", "copy"]


class Side:
    """A model with a table, five losses over them, and two optimisers; the second has half of the parameters."""

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)
        self.model = nn.MLP(2, [4, CLASSES], activation="tanh", seed=seed)
        self.table = [[Value(0.1 * i - 0.2 * j) for j in range(2)] for i in range(TOKENS)]
        self.parameters = self.model.parameters() + [v for row in self.table for v in row]
        half = self.parameters[: len(self.parameters) // 2]
        self.optimizers = [draw.choice(MAKERS)(self.parameters), draw.choice(MAKERS)(half)]
        self.losses = [self.batch, self.text, self.branches, self.example, self.penalty]

    def batch(self, xs: Any, labels: Any) -> Any:
        return nn.cross_entropy([self.model(x) for x in xs], labels)

    def text(self, tokens: Any, label: Any) -> Any:
        return nn.cross_entropy(self.model([sum(self.table[t][k] for t in tokens) for k in range(2)]), label)

    def branches(self, x: Any, token: Any) -> Any:
        h, row = self.model(x), self.table[token]
        if h[0] > h[2]:
            return h[0] * h[1]
        return h[2] ** 2 + (row[0] ** 2 if row[1] * 2 > -0.2 else max(row) * h[0])

    def example(self, x: Any, label: Any) -> Any:
        return nn.cross_entropy(self.model(x), label), 0.01 * sum(p * p for p in self.parameters)

    def penalty(self) -> Any:
        return sum(p * p for p in self.parameters[3:9])

    def eagerly(self, which: int, inputs: Any) -> Any:
        if which != 3:
            return self.losses[which](*inputs)
        pairs = [self.example(x, label) for x, label in zip(*inputs, strict=True)]
        return autograd.mean([loss for loss, _ in pairs]) + pairs[0][1]

    def eager_step(self, which: int, inputs: Any, optimizer: Any) -> Any:
        loss = self.eagerly(which, inputs)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss


class Mixture:
    """Acts on two equal sides: `here` compiled where it can be, `there` never."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.here, self.there = Side(seed), Side(seed)
        self.programs = [
            [
                autograd.compile(loss, optimizer=optimizer, batch=which == 3)
                for which, loss in enumerate(self.here.losses)
            ]
            for optimizer in self.here.optimizers
        ]

    def inputs(self, which: int) -> tuple[Any, ...]:
        draw, n = self.draw, self.draw.choice([1, 2, 3, 3, 3])
        xs = [[draw.uniform(-1, 1) for _ in range(2)] for _ in range(n)]
        labels = [draw.randrange(CLASSES) for _ in range(n)]
        tokens = [draw.randrange(TOKENS) for _ in range(n)]
        return [(xs, labels), (tokens, labels[0]), (xs[0], tokens[0]), (xs, labels), ()][which]

    def act(self) -> str:
        draw, here, there = self.draw, self.here, self.there
        what, which, turn = draw.choice(ACTS), draw.randrange(5), draw.randrange(2)
        program, inputs = self.programs[turn][which], self.inputs(which)
        mine, theirs = here.optimizers[turn], there.optimizers[turn]
        if what == "step":
            try:
                expected = there.eager_step(which, inputs, theirs)
            except RuntimeError:  # none of the parameters of this optimiser was reached
                with pytest.raises(RuntimeError):
                    program.step(*inputs)
            else:
                assert close(program.step(*inputs), expected, 1e-9)
        elif what == "eager step":
            for side, optimizer in ((here, mine), (there, theirs)):
                with contextlib.suppress(RuntimeError):
                    side.eager_step(which, inputs, optimizer)
        elif what == "call":
            assert close(program(*inputs), there.eagerly(which, inputs), 1e-9)
        elif what == "backward":
            expected = there.eagerly(which, inputs)
            expected.backward()
            assert close(program.backward(*inputs), expected, 1e-9)
        elif what == "by inputs" and which in (0, 2):
            value, _ = program.value_and_grad(*inputs)
            assert close(value, there.eagerly(which, inputs), 1e-9)
        elif what == "zero":
            k = draw.randrange(3)
            for side in (here, there):
                [*side.optimizers, side.model][k].zero_grad()
        elif what in ("data", "grad"):
            k, number = draw.randrange(len(here.parameters)), draw.uniform(-1, 1)
            for side in (here, there):
                setattr(side.parameters[k], what, number)
        elif what == "lr":
            mine.lr = theirs.lr = draw.choice([0.0, 0.01, 0.05])
        elif what == "state":
            json.dumps(mine.state_dict())
        elif what == "load":
            mine.load_state_dict(json.loads(json.dumps(mine.state_dict())))
            here.model.load_state_dict(here.model.state_dict())
        elif what == "forget":
            program.forget()
        elif what == "copy":
            twin, optimizer = copy.deepcopy((here.model, mine))
            twin.parameters()[0].data = optimizer.lr = 7.0
            pickle.loads(pickle.dumps(here.parameters))[0].data = 7.0
        return f"{what} {which} {turn}"

    def check(self) -> None:
        here, there = self.here, self.there
        assert close([p.data for p in here.parameters], [p.data for p in there.parameters], 1e-9)
        assert close(gradients(here.parameters), gradients(there.parameters), 1e-9)
        assert [p.computed for p in here.parameters] == [p.computed for p in there.parameters]
        for mine, theirs in zip(here.optimizers, there.optimizers, strict=True):
            left, right = mine.state_dict(), theirs.state_dict()
            assert left["steps"] == right["steps"]
            assert left["settings"] == right["settings"]
            assert close(list(left["state"].values()), list(right["state"].values()), 1e-9)


@pytest.mark.parametrize("seed", range(24))
@pytest.mark.parametrize("every", [1, 40])
def test_all_is_as_if_nothing_were_compiled(seed, every):
    # Looked at after every act, and looked at only at the end, when a program may have kept its numbers all the time.
    mixture, log = Mixture(seed), []
    for k in range(40):
        log.append(mixture.act())
        if (k + 1) % every == 0:
            mixture.check()
