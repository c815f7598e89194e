"""Derivatives as functions of functions: `grad`, `jvp`, `vjp`, `hvp`, and `gradients` of a Value.

A function is called on fresh variables, each an identity node where a Value came in, so that derivatives nest: the
inner one stops at its own variables, the outer one goes on beyond them. Numbers in, numbers out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

from autograd import modes
from autograd.errors import NoGraphError, NotANumberError
from autograd.structure import Rebuild, flatten, form
from autograd.sweeps import pull_back, push_forward, tape
from autograd.value import Value


def gradients(y: Value, xs: Any) -> Any:
    """∂y/∂x for each x, as Values that can be differentiated again, to any order.

    xs is a Value, or a list, tuple or array of them; the result is of the same form. The rules are applied anew, to the
    operands themselves: if a leaf was changed since y was computed, that raises StaleGraphError.

    >>> x = Value(3.0)
    >>> (slope,) = gradients(x**3, [x])
    >>> (curvature,) = gradients(slope, [x])
    >>> slope.data, curvature.data
    (27.0, 18.0)
    """
    variables, rebuild = flatten(xs, "gradients")
    for x in variables:
        if not isinstance(x, Value):
            raise NotANumberError(
                f"gradients differentiates by Values, was given the number {x}: give the Value itself"
            )
    if not isinstance(y, Value):
        raise NotANumberError(f"gradients differentiates a Value, was given {y!r}: give what a computation returned")
    if y._operands == ():
        raise NoGraphError(f"gradients of {y!r}, which was computed under no_grad(): compute it outside of that")
    return rebuild(backward_sweep([y], [1], variables, exact=True, through=True))  # type: ignore[arg-type]


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The function that gives ∂f/∂(its argument number `argnums`), in the form of that argument; f gives one number.

    Several argument numbers give a tuple. A float in gives a float out, a list a list, an array an array; Values in
    (or inside another derivative) give Values.

    >>> grad(lambda x, y: x**2 * y)(3.0, 2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    >>> grad(lambda xs: xs[0] * xs[1])([2.0, 5.0])
    [5.0, 2.0]
    """
    value_and_gradient = value_and_grad(f, argnums)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return value_and_gradient(*args, **kwargs)[1]

    return gradient


def value_and_grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The function that gives (f, ∂f/∂argument): what `scipy.optimize.minimize(fun, x0, jac=True)` takes.

    >>> value_and_grad(lambda x: x**2)(3.0)
    (9.0, 6.0)
    """
    check_callable(f, "value_and_grad")

    @wraps(f)
    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        call = Call(f, args, kwargs, argnums)
        y = scalar(call.result, "grad")
        g = call.arranged(backward_sweep([y], [1], call.variables, call.exact))
        return (y if call.exact else _float(y)), g

    return value_and_gradient


def vjp(f: Callable[..., Any], xs: Any) -> tuple[Any, Callable[[Any], Any]]:
    """(f(xs), pullback): pullback(v) is Σᵢ vᵢ·∂fᵢ/∂xs, one backward sweep. A tuple xs is several arguments, f(*xs).

    >>> y, pullback = vjp(lambda x: [x[0] * x[1], x[0]], [2.0, 5.0])
    >>> y, pullback([1.0, 10.0])
    ([10.0, 2.0], [15.0, 2.0])
    """
    call = Call.of_all(f, xs, "vjp")
    outputs, rebuild = flatten(call.result, "the function given to vjp returned")

    def pullback(v: Any) -> Any:
        cotangents = _alike(v, call.result, "the vector given to the pullback", "the result of the function")
        exact = call.exact or any(isinstance(c, Value) for c in cotangents)
        return call.arranged(backward_sweep(outputs, cotangents, call.variables, exact))

    return (call.result if call.exact else rebuild([_float(y) for y in outputs])), pullback


def jvp(f: Callable[..., Any], xs: Any, v: Any) -> tuple[Any, Any]:
    """(f(xs), Σⱼ ∂f/∂xⱼ·vⱼ): one forward sweep. A tuple xs is several arguments, f(*xs), and v is then a tuple too.

    >>> jvp(lambda x: [x[0] * x[1], x[0]], [2.0, 5.0], [1.0, 10.0])
    ([10.0, 2.0], [25.0, 1.0])
    """
    call = Call.of_all(f, xs, "jvp")
    tangents = _alike(v, xs, "the direction given to jvp", "xs")
    outputs, rebuild = flatten(call.result, "the function given to jvp returned")
    exact = call.exact or any(isinstance(t, Value) for t in tangents)
    value = call.result if call.exact else rebuild([_float(y) for y in outputs])
    return value, rebuild(forward_sweep(outputs, call.variables, tangents, exact))


def hvp(f: Callable[..., Any], xs: Any, v: Any) -> Any:
    """H·v for the Hessian H of f at xs, forward over reverse, in the form of xs: what `hessp` of SciPy takes.

    >>> hvp(lambda x: x[0] ** 2 * x[1], [2.0, 5.0], [1.0, 0.0])
    [10.0, 4.0]
    """
    call = Call.of_all(f, xs, "hvp")
    tangents = _alike(v, xs, "the vector given to hvp", "xs")
    exact = call.exact or any(isinstance(t, Value) for t in tangents)
    slopes = backward_sweep([scalar(call.result, "hvp")], [1], call.variables, exact=True)
    return call.arranged(forward_sweep(slopes, call.variables, tangents, exact))


class Call:
    """One call of the user's function on fresh variables in place of the numbers that are differentiated by."""

    def __init__(
        self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], argnums: int | Sequence[int]
    ) -> None:
        self.places = _places(argnums, len(args))
        self.single = isinstance(argnums, int)
        self.exact = _nesting.depth > 0 or any(isinstance(x, Value) for x in (*args, *kwargs.values()))
        self.variables: list[Value] = []
        self.parts: list[tuple[int, Rebuild]] = []
        self.arguments: list[Any] = []
        called_with = list(args)
        for place in self.places:
            numbers, rebuild = flatten(args[place], f"argument {place}")
            self.exact = self.exact or any(isinstance(x, Value) for x in numbers)
            variables = [Value(x) for x in numbers]
            called_with[place] = rebuild(variables)
            self.variables += variables
            self.parts.append((len(variables), rebuild))
            self.arguments.append(args[place])
        with differentiating():
            self.result = f(*called_with, **kwargs)

    @classmethod
    def of_all(cls, f: Callable[..., Any], xs: Any, name: str) -> Call:
        """f(*xs) for a tuple, f(xs) for anything else, to be differentiated by all of xs."""
        check_callable(f, name)
        return cls(f, xs, {}, range(len(xs))) if isinstance(xs, tuple) else cls(f, (xs,), {}, 0)

    def arranged(self, numbers: list[Any]) -> Any:
        """One number for each variable, in the form of the arguments."""
        rest = iter(numbers)
        arranged = [rebuild([next(rest) for _ in range(size)]) for size, rebuild in self.parts]
        return arranged[0] if self.single else tuple(arranged)


class _Nesting(threading.local):
    depth = 0


_nesting = _Nesting()


@contextmanager
def differentiating() -> Iterator[None]:
    """Inside, derivatives give Values, and what is computed is recorded even under an outer `no_grad()`."""
    _nesting.depth += 1
    try:
        with modes.recording():
            yield
    finally:
        _nesting.depth -= 1


def backward_sweep(
    outputs: list[Any], cotangents: list[Any], variables: list[Value], exact: bool, through: bool = False
) -> list[Any]:
    """Σ cotangent·∂output/∂variable, for each variable; where one depends on another, `through` it or not.

    What is asked for with weight 0 is not asked for at all: nothing of it counts, not even 0·inf.
    """
    with differentiating():
        way = tape(outputs, variables, exact, through)
        adjoints: list[Any] = [None] * len(way.nodes)
        for y, c in zip(outputs, cotangents, strict=True):
            place = way.place(y)
            if place is not None and (isinstance(c, Value) or c != 0):
                adjoints[place] = c if adjoints[place] is None else adjoints[place] + c
        pull_back(way.edges, adjoints)
    return _results([_at(adjoints, way.place(x)) for x in variables], exact)


def forward_sweep(outputs: list[Any], variables: list[Value], tangents: list[Any], exact: bool) -> list[Any]:
    """Σ ∂output/∂variable·tangent, for each output; a tangent of exactly 0 is none at all."""
    with differentiating():
        way = tape(outputs, variables, exact)
        seeds: list[Any] = [None] * len(way.nodes)
        for x, t in zip(variables, tangents, strict=True):
            place = way.place(x)
            if place is not None and (isinstance(t, Value) or t != 0):
                seeds[place] = t
        found = push_forward(way.edges, seeds)
    return _results([_at(found, way.place(y)) for y in outputs], exact)


def _at(numbers: list[Any], place: int | None) -> Any:
    return None if place is None else numbers[place]


def _results(found: list[Any], exact: bool) -> list[Any]:
    """Zero where nothing arrived; all of them Values, or all of them floats."""
    if exact:
        return [x if isinstance(x, Value) else Value(x or 0.0) for x in found]
    return [0.0 if x is None else _float(x) for x in found]


def _float(y: Any) -> float:
    return y.data if isinstance(y, Value) else float(y)


def scalar(y: Any, name: str) -> Any:
    """The one number that a function to be differentiated has returned."""
    if isinstance(y, Value) or (isinstance(y, (int, float)) and not isinstance(y, bool)):
        return y
    numbers, _ = flatten(y, f"{name} takes a function that returns one number; it returned")
    if getattr(y, "shape", None) == ():
        return numbers[0]
    several = f"a {type(y).__name__} of {len(numbers)} numbers"
    raise NotANumberError(
        f"{name} takes a function that returns one number; it returned {several}: use jacobian, or sum what it returns"
    )


def _alike(v: Any, like: Any, what: str, other: str) -> list[Any]:
    numbers, _ = flatten(v, what)
    if form(v) != form(like):
        theirs, _ = flatten(like, other)
        raise ValueError(
            f"{what} is {_shape(v)}of {len(numbers)} numbers, {other} {_shape(like)}of {len(theirs)}: give it the same"
            " form"
        )
    return numbers


def _shape(x: Any) -> str:
    return f"of shape {x.shape} " if getattr(x, "shape", None) else ""


def check_callable(f: Any, name: str) -> None:
    """Raise a TypeError that says what to write, if f is no function."""
    if not callable(f):
        hint = ": for the derivatives of a Value write gradients(y, xs)" if isinstance(f, Value) else ""
        raise TypeError(f"{name} takes a function, was given {f!r}{hint}")


def _places(argnums: int | Sequence[int], count: int) -> list[int]:
    """The numbers of the arguments to differentiate by, counted from 0, or from the end if negative."""
    places: list[Any] = list(argnums) if isinstance(argnums, (tuple, list, range)) else [argnums]
    for place in places:
        if isinstance(place, bool) or not isinstance(place, int):
            raise TypeError(f"argnums are whole numbers, counted from 0, was given {place!r}")
        if not -count <= place < count:
            raise ValueError(f"argnums {place}: the function was called with {count} arguments, numbered from 0")
    places = [place % count for place in places]
    if len(set(places)) < len(places):
        raise ValueError(f"argnums {argnums} name an argument twice: name each once")
    return places
