"""A compiled function beside the eager one: the same calls, and the value and every gradient compared."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import autograd
import nn
from autograd import Value

F = Callable[..., Any]
XS, YS = [[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]], [1.0, -1.0, 0.5]


def network() -> tuple[nn.MLP, F]:
    """A small network, and its loss over a list of examples such as XS with YS."""
    model = nn.MLP(2, [4, 3, 1], activation="tanh", seed=3)

    def loss(xs: Any, ys: Any) -> Any:
        return nn.mse_loss([model(x) for x in xs], ys) + 1e-3 * sum(p * p for p in model.parameters())

    return model, loss


def plain(x: Any) -> Any:
    """Numbers in the nesting of `x`: Values are read, arrays and tuples become lists."""
    if isinstance(x, Value):
        return x.data
    if hasattr(x, "tolist"):
        return plain(x.tolist())
    return [plain(item) for item in x] if isinstance(x, (list, tuple)) else float(x)


def close(x: Any, y: Any, tolerance: float = 1e-12) -> bool:
    """Equal in nesting, in nan and inf, and in numbers to a relative `tolerance` (absolute below one)."""
    x, y = plain(x), plain(y)
    if isinstance(x, list) or isinstance(y, list):
        return (
            isinstance(x, list)
            and isinstance(y, list)
            and len(x) == len(y)
            and all(close(a, b, tolerance) for a, b in zip(x, y, strict=True))
        )
    return x == y or (math.isnan(x) and math.isnan(y)) or abs(x - y) <= tolerance * max(1.0, abs(x), abs(y)) < math.inf


def gradients(parameters: Sequence[Value]) -> list[float]:
    return [p.grad for p in parameters]


def clear(parameters: Sequence[Value]) -> None:
    for p in parameters:
        p.zero_grad()


def eagerly(f: F, inputs: Sequence[Any], parameters: Sequence[Value]) -> tuple[float, list[float]]:
    """The value of f, and the gradients of the parameters, with nothing compiled; gradients are left cleared."""
    clear(parameters)
    result = f(*copy.deepcopy(list(inputs)))
    if isinstance(result, Value):
        result.backward()
    found = gradients(parameters)
    clear(parameters)
    return plain(result), found


def mean_eagerly(f: F, inputs: Sequence[Any], parameters: Sequence[Value]) -> tuple[float, list[float]]:
    """The same of a function of one example: the mean over the examples, plus the penalty once."""

    def whole(*columns: Any) -> Any:
        results = [f(*row) for row in zip(*columns, strict=True)]
        losses = [r[0] if isinstance(r, tuple) else r for r in results]
        penalty = results[0][1] if isinstance(results[0], tuple) else 0.0
        return autograd.mean(losses) + penalty

    return eagerly(whole, inputs, parameters)


def hold(program: Any, f: F, *calls: Sequence[Any], parameters: Sequence[Value] = (), tolerance: float = 1e-12) -> None:
    """Each call gives, compiled, the value and the gradients of the eager function; calls are tuples of inputs."""
    expect = mean_eagerly if program.batch else eagerly
    for inputs in calls:
        value, grads = expect(f, inputs, parameters)
        assert close(program(*inputs), value, tolerance), (inputs, program(*inputs), value)
        clear(parameters)
        returned = program.backward(*inputs)
        found = gradients(parameters)
        clear(parameters)
        assert close(returned, value, tolerance), (inputs, returned, value)
        assert close(found, grads, tolerance), (inputs, found, grads)


def agree(f: F, *calls: Sequence[Any], parameters: Sequence[Value] = (), **options: Any) -> Any:
    """Compile f and `hold` it against itself; the program, to look at further."""
    program = autograd.compile(f, **options)
    hold(program, f, *calls, parameters=parameters)
    return program


def recorded(program: Any) -> int:
    """How many recordings a program keeps."""
    return sum(len(branches) for branches in program.recordings.values())


@contextmanager
def right_or_refused(*words: str, errors: tuple[type[Exception], ...] = (RuntimeError, TypeError)) -> Iterator[None]:
    """What stands inside is right, or it is refused by an error that says one of the words."""
    try:
        yield
    except errors as error:
        if not any(word in str(error) for word in words):
            raise
