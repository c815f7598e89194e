"""Compile: plain scalar code is recorded once, re-rolled into array operations, and run at their speed.

The passes, one file each: `trace` (the function becomes a flat tape), `clean` (sums of products, nothing twice),
`reroll` (groups of one form become array operations: a `program`), `lanes` (one more axis for a batch), `biases` (which
become part of the products they are added to), `splits` (axes along which a table repeats itself), `adjoint` (the way
back, of the same operations), and a backend that runs it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

from autograd.compiler.compiled import Compiled


@overload
def compile(
    function: Callable[..., Any],
    *,
    batch: bool = False,
    optimizer: Any = None,
    verify: bool = True,
    max_recordings: int = 64,
    backend: str = "numpy",
) -> Compiled: ...


@overload
def compile(
    function: None = None,
    *,
    batch: bool = False,
    optimizer: Any = None,
    verify: bool = True,
    max_recordings: int = 64,
    backend: str = "numpy",
) -> Callable[[Callable[..., Any]], Compiled]: ...


def compile(
    function: Callable[..., Any] | None = None,
    *,
    batch: bool = False,
    optimizer: Any = None,
    verify: bool = True,
    max_recordings: int = 64,
    backend: str = "numpy",
) -> Any:
    """The function as a program of array operations: recorded at the first call, replayed afterwards.

    It takes numbers, nested lists or arrays, and computes with Values; the leaf Values it meets are its parameters.
    They stay live: `.data` and `.grad` always say the truth. New numbers replay the recording, another shape is
    recorded anew. Where Python branches on data the branch is checked at each call, and another one records anew. The
    function may be run several times to record it; random numbers must be inputs. Numbers and arrays from outside are
    constants of the recording (`.constants`). A plain number that is changed is noticed, and so is an object that is
    exchanged for another one, in closures, globals and attributes; what is changed or exchanged inside a list or an
    array is not: then call `.forget()`. A comparison gives a condition and no bool, so `(x > 0) is True` never holds.

    `batch=True`: the function is written for one example and is compiled for many: the result is the mean over the
    first axis of the inputs. It may return (loss, penalty): the penalty counts once.
    `optimizer`: then `.step(*inputs)` does a whole step of training.
    `verify=False` leaves out the check of each recording against the eager engine.
    `backend="python"` runs the same program in plain loops, to read and to compare.

    >>> import autograd
    >>> from autograd import Value
    >>> w = Value(3.0)
    >>> program = autograd.compile(lambda xs: sum((w * x - 1) ** 2 for x in xs))
    >>> program([1.0, 2.0])
    29.0
    >>> program.backward([1.0, 2.0]), w.grad
    (29.0, 24.0)
    >>> w.data = 0.5
    >>> program([1.0, 2.0])
    0.25
    """

    def compiled(function: Callable[..., Any]) -> Compiled:
        return Compiled(
            function, batch=batch, optimizer=optimizer, verify=verify, max_recordings=max_recordings, backend=backend
        )

    return compiled if function is None else compiled(function)
