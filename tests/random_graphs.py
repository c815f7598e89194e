"""Random programs over scalars, and a naive oracle of their derivatives that uses none of the engine's rules.

A program is a list of steps over named slots: it shares nodes, makes diamonds, mixes in constants and reuses a name by
`+=`. `run` executes it with any engine. Beside every node it keeps an `Exact`: the derivative of that node by every
earlier node, carried forward step by step (so it is the sum over all paths), each step differentiated numerically at
50 digits by mpmath. At kinks, where no difference quotient answers, the conventions stand here in words of their own.

What may be asked of an engine in floats: each node's number is right for the numbers it was given, and each gradient is
right relative to the sum of the absolute terms that make it up, since a sum that cancels cannot know more.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import mpmath
from hypothesis import strategies as st

EPS = 2.0**-52
DIGITS = mpmath.MPContext()
DIGITS.dps = 50
mpf = DIGITS.mpf
BOUND = 1e3  # numbers of a program stay below; a step that would leave the range is replaced by a sine


@dataclass(frozen=True)
class Operation:
    """One operation as the oracle knows it: what it computes at 50 digits, and where."""

    exact: Callable[..., Any]
    arity: int
    domain: Callable[..., bool] = lambda *xs: True
    partials: Callable[..., Sequence[Any]] | None = None  # only for what has kinks: the convention
    terms: Callable[..., Sequence[Any]] | None = None  # |terms| of each partial, where a partial is itself a sum
    sums: Callable[..., Sequence[Any]] = lambda *xs: ()  # the terms of the value, where it is a sum that may cancel
    rows: int = 1  # how many primitive operations an engine may spend on it

    def derivatives(self, xs: Sequence[float]) -> tuple[list[Any], list[Any]]:
        """The partial derivatives at `xs`, and the sums of the absolute terms that they are computed from."""
        at = [mpf(x) for x in xs]
        if self.partials is not None:
            found = [mpf(p) for p in self.partials(*at)]
        else:
            found = [
                DIGITS.diff(lambda t, i=i: self.exact(*at[:i], t, *at[i + 1 :]), at[i])  # type: ignore[misc]
                for i in range(len(at))
            ]
        sizes = [abs(t) for t in self.terms(*at)] if self.terms is not None else [abs(p) for p in found]
        return found, [max(size, mpf(1e-30)) for size in sizes]  # below lies the error of a difference quotient


def _sigma(x: Any) -> Any:
    return 1 / (1 + DIGITS.exp(-x))


def _normal(x: Any) -> Any:
    return (1 + DIGITS.erf(x / DIGITS.sqrt(2))) / 2


def _density(x: Any) -> Any:
    return DIGITS.exp(-x * x / 2) / DIGITS.sqrt(2 * DIGITS.pi)


def _ties(xs: Sequence[Any], best: Any) -> list[Any]:
    """The chosen one gets the derivative; those that tie share it equally."""
    count = len([x for x in xs if x == best])
    return [mpf(1) / count if x == best else mpf(0) for x in xs]


def _softmax(*xs: Any) -> list[Any]:
    whole = DIGITS.fsum(DIGITS.exp(x) for x in xs)
    return [DIGITS.exp(x) / whole for x in xs]


def _first_softmax_terms(*xs: Any) -> list[Any]:
    s = _softmax(*xs)
    return [s[0] * (s[i] + (1 if i == 0 else 0)) * (2 + abs(xs[i])) for i in range(len(xs))]


def _all(*xs: Any) -> Sequence[Any]:
    return xs


def _away(x: float) -> bool:
    return abs(x) >= 1e-2


def _positive(x: float) -> bool:
    return x >= 1e-2


def _small(x: float) -> bool:
    return abs(x) <= 6


OPERATIONS: dict[str, Operation] = {
    "+": Operation(lambda x, y: x + y, 2, sums=_all),
    "-": Operation(lambda x, y: x - y, 2, sums=_all),
    "*": Operation(lambda x, y: x * y, 2),
    "/": Operation(lambda x, y: x / y, 2, lambda x, y: _away(y)),
    "neg": Operation(lambda x: -x, 1),
    "**2": Operation(lambda x: x**2, 1),
    "**3": Operation(lambda x: x**3, 1),
    "**-1": Operation(lambda x: 1 / x, 1, _away),
    "**0.5": Operation(DIGITS.sqrt, 1, _positive),
    "**": Operation(lambda x, y: x**y, 2, lambda x, y: _positive(x) and _small(y)),
    "2**": Operation(lambda y: mpf(2) ** y, 1, _small),
    "exp": Operation(DIGITS.exp, 1, _small),
    "expm1": Operation(DIGITS.expm1, 1, _small),
    "log": Operation(DIGITS.log, 1, _positive),
    "log1p": Operation(DIGITS.log1p, 1, lambda x: x >= -0.9),
    "sqrt": Operation(DIGITS.sqrt, 1, _positive),
    "sin": Operation(DIGITS.sin, 1),
    "cos": Operation(DIGITS.cos, 1),
    "tanh": Operation(DIGITS.tanh, 1),
    "sinh": Operation(DIGITS.sinh, 1, _small),
    "atan": Operation(DIGITS.atan, 1),
    "asinh": Operation(DIGITS.asinh, 1),
    "atan2": Operation(DIGITS.atan2, 2, lambda y, x: _away(y) and _away(x)),
    "hypot": Operation(lambda x, y: DIGITS.sqrt(x * x + y * y), 2, lambda x, y: _away(x) or _away(y)),
    "sigmoid": Operation(_sigma, 1),
    "softplus": Operation(lambda x: DIGITS.log1p(DIGITS.exp(x)), 1),
    "silu": Operation(lambda x: x * _sigma(x), 1, terms=lambda x: [_sigma(x) + abs(x) * _sigma(x) * _sigma(-x)]),
    "gelu": Operation(lambda x: x * _normal(x), 1, _small, terms=lambda x: [_normal(x) + abs(x) * _density(x)]),
    "erf": Operation(DIGITS.erf, 1, _small),
    "relu": Operation(lambda x: max(x, mpf(0)), 1, partials=lambda x: [1 if x > 0 else 0]),
    "abs": Operation(abs, 1, partials=lambda x: [DIGITS.sign(x)]),
    "leaky_relu": Operation(lambda x: x if x > 0 else mpf(0.01) * x, 1, partials=lambda x: [1 if x > 0 else mpf(0.01)]),
    "elu": Operation(lambda x: x if x > 0 else DIGITS.expm1(x), 1, partials=lambda x: [1 if x > 0 else DIGITS.exp(x)]),
    "clip": Operation(lambda x: min(max(x, mpf(-1)), mpf(2)), 1, partials=lambda x: [1 if -1 <= x <= 2 else 0]),
    "maximum": Operation(max, 2, partials=lambda x, y: _ties((x, y), max(x, y))),
    "minimum": Operation(min, 2, partials=lambda x, y: _ties((x, y), min(x, y))),
    "where": Operation(
        lambda c, x, y: x if c > 0 else y, 3, partials=lambda c, x, y: [0, 1, 0] if c > 0 else [0, 0, 1]
    ),
    "xlogy": Operation(lambda x, y: x * DIGITS.log(y), 2, lambda x, y: _positive(y)),
    "sum": Operation(lambda *xs: DIGITS.fsum(xs), 4, sums=_all),
    "prod": Operation(lambda a, b, c: a * b * c, 3),
    "mean": Operation(lambda *xs: DIGITS.fsum(xs) / len(xs), 4, sums=_all, rows=2),
    "max": Operation(lambda *xs: max(xs), 4, partials=lambda *xs: _ties(xs, max(xs))),
    "min": Operation(lambda *xs: min(xs), 4, partials=lambda *xs: _ties(xs, min(xs))),
    "dot": Operation(lambda a, b, c, d: a * c + b * d, 4, sums=lambda a, b, c, d: [a * c, b * d]),
    "logsumexp": Operation(lambda *xs: DIGITS.log(DIGITS.fsum(DIGITS.exp(x) for x in xs)), 3, sums=_all),
    "softmax": Operation(
        lambda *xs: _softmax(*xs)[0],
        3,
        lambda *xs: all(map(_small, xs)),
        terms=_first_softmax_terms,
        sums=lambda *xs: [_softmax(*xs)[0] * (1 + max(map(abs, xs)))],  # exp(x − logsumexp): an error of the difference
        rows=3,
    ),
}


@dataclass(eq=False)
class Exact:
    """What is known of one node: its derivative by every node it came from, and how large the summed terms are."""

    by: dict[int, Any] = field(default_factory=dict)  # id of a node -> the derivative by it, at 50 digits
    size: dict[int, Any] = field(default_factory=dict)  # the same with every term made positive
    depth: int = 0  # roundings on the longest path
    terms: int = 1  # how many terms were added at most

    def __post_init__(self) -> None:
        self.by[id(self)] = self.size[id(self)] = mpf(1)

    def derivative(self, node: Exact) -> Any:
        return self.by.get(id(node), mpf(0))

    def reaches(self, node: Exact) -> bool:
        """Whether a path leads here from `node`, be its derivative 0 or not."""
        return id(node) in self.by

    def tolerance(self, node: Exact) -> float:
        """8 ulp a partial and one rounding a product and a sum, of the absolute terms; 1e-200 for what underflows."""
        return float(self.size.get(id(node), mpf(0)) * (10 * self.depth + self.terms) * EPS) + 1e-200

    @classmethod
    def of(cls, operation: Operation, xs: Sequence[float], nodes: Sequence[Exact | None]) -> Exact:
        """The node that `operation` makes of the numbers `xs`; constants stand as None among `nodes`."""
        found, sizes = operation.derivatives(xs)
        out = cls()
        for partial, size, node in zip(found, sizes, nodes, strict=True):
            if node is not None:
                for key, d in node.by.items():
                    out.by[key] = out.by.get(key, mpf(0)) + partial * d
                    out.size[key] = out.size.get(key, mpf(0)) + size * node.size[key]
        used = [node for node in nodes if node is not None]
        out.depth = operation.rows + max((node.depth for node in used), default=0)
        out.terms = operation.rows * len(nodes) + sum(node.terms for node in set(used))
        return out


def rounded_rightly(operation: Operation, xs: Sequence[float], out: float) -> bool:
    """Whether `out` is the number the operation makes of `xs`, within 8 ulp a row, of it or of its largest term."""
    at = [mpf(x) for x in xs]
    true = operation.exact(*at)
    largest = max([abs(true), *(abs(t) for t in operation.sums(*at))])
    return bool(abs(mpf(out) - true) <= 8 * operation.rows * EPS * largest + mpf(1e-300))


def library_of(module: Any) -> dict[str, Callable[..., Any]]:
    """How the operations are written with the names of `module`, which are those of `autograd`."""
    special: dict[str, Callable[..., Any]] = {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "neg": operator.neg,
        "**2": lambda x: x**2,
        "**3": lambda x: x**3,
        "**-1": lambda x: x**-1,
        "**0.5": lambda x: x**0.5,
        "**": operator.pow,
        "2**": lambda y: 2**y,
        "abs": abs,
        "clip": lambda x: module.clip(x, -1, 2),
        "where": lambda c, x, y: module.where(c > 0, x, y),
        "sum": lambda *xs: module.sum(xs),
        "prod": lambda *xs: module.prod(xs),
        "mean": lambda *xs: module.mean(xs),
        "max": lambda *xs: module.max(xs),
        "min": lambda *xs: module.min(xs),
        "dot": lambda a, b, c, d: module.dot([a, b], [c, d]),
        "logsumexp": lambda *xs: module.logsumexp(xs),
        "softmax": lambda *xs: module.softmax(xs)[0],
    }
    in_place = {"+=": operator.iadd, "-=": operator.isub, "*=": operator.imul, "/=": operator.itruediv}
    return in_place | {name: special[name] if name in special else getattr(module, name) for name in OPERATIONS}


@dataclass(frozen=True)
class Step:
    """`slot = operation(operands)`: an operand is the number of a slot (counted modulo what exists) or a constant."""

    operation: str
    operands: tuple[int | float, ...]  # an int names a slot, a float is a constant
    rebind: bool  # the result takes over the name of the first operand, as `x += y` does


@dataclass(frozen=True)
class Program:
    leaves: tuple[float, ...]
    steps: tuple[Step, ...]


_CONSTANTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.25, 3.0)
_NUMBER = st.sampled_from(_CONSTANTS) | st.floats(-3, 3).filter(lambda x: x == 0 or abs(x) > 1e-6)
_WIDTH = 6  # bytes a step: operation, four operands, whether the name is reused


def _operand(byte: int) -> int | float:
    """A constant, a recent slot (-1, -2, -3: graphs grow deep) or any slot (graphs grow wide)."""
    if byte >= 208:
        return _CONSTANTS[byte % len(_CONSTANTS)]
    return -1 - byte % 3 if byte >= 128 else byte


def decoded(numbers: bytes, names: Sequence[str]) -> tuple[Step, ...]:
    """One step for every six bytes: to draw bytes is many times faster than to draw steps one by one."""
    rows = [numbers[k : k + _WIDTH] for k in range(0, len(numbers) - _WIDTH + 1, _WIDTH)]
    return tuple(Step(names[row[0] % len(names)], tuple(map(_operand, row[1:5])), row[5] % 4 == 1) for row in rows)


def steps(names: Sequence[str] = tuple(OPERATIONS)) -> st.SearchStrategy[Step]:
    """One step alone."""
    return st.binary(min_size=_WIDTH, max_size=_WIDTH).map(lambda numbers: decoded(numbers, names)[0])


def programs(names: Sequence[str] = tuple(OPERATIONS), longest: int = 25) -> st.SearchStrategy[Program]:
    """Programs of up to four leaves and up to `longest` steps."""
    several = st.integers(1, longest).flatmap(lambda n: st.binary(min_size=_WIDTH * n, max_size=_WIDTH * n))
    return st.builds(
        Program,
        st.lists(_NUMBER, min_size=1, max_size=4).map(tuple),
        several.map(lambda numbers: decoded(numbers, names)),
    )


@dataclass
class Node:
    """A node of the engine under test beside what is exactly true of it."""

    value: Any
    exact: Exact
    operation: str = ""
    operands: tuple[Node | float, ...] = ()


def apply(
    step: Step, slots: Sequence[Node], library: dict[str, Callable[..., Any]], read: Callable[[Any], float]
) -> Node:
    """One step on existing slots; where the operation is not defined, or leaves the range, sin(first) is taken."""
    name, operation = step.operation, OPERATIONS[step.operation]
    chosen: list[Node | float] = [
        slots[k % len(slots)] if isinstance(k, int) else k for k in step.operands[: operation.arity]
    ]
    if not any(isinstance(c, Node) for c in chosen[name == "where" :]):  # the condition alone makes no node
        chosen[-1] = slots[-1]
    numbers = [read(c.value) if isinstance(c, Node) else c for c in chosen]
    value = None
    if operation.domain(*numbers):
        function = library.get(name + "=", library[name]) if step.rebind else library[name]
        value = function(*(c.value if isinstance(c, Node) else c for c in chosen))
        if not abs(read(value)) <= BOUND:
            value = None
    if value is None:
        node = next(c for c in chosen if isinstance(c, Node))
        name, operation, chosen, numbers = "sin", OPERATIONS["sin"], [node], [read(node.value)]
        value = library["sin"](node.value)
    out = read(value)
    assert math.isfinite(out)
    assert rounded_rightly(operation, numbers, out), f"{name} of {numbers} is not {out!r}"
    known = [c.exact if isinstance(c, Node) else None for c in chosen]
    if name == "where":
        known[0] = None  # `c > 0` is a bool: no path leads through it
    exact = Exact.of(operation, numbers, known)
    return Node(value, exact, name, tuple(chosen))


def run(
    program: Program,
    make: Callable[[float], Any],
    library: dict[str, Callable[..., Any]],
    read: Callable[[Any], float],
) -> tuple[list[Node], list[Node]]:
    """(leaves, every node in the order made); the root is the last."""
    leaves = [Node(make(x), Exact()) for x in program.leaves]
    slots, made = list(leaves), list(leaves)
    for step in program.steps:
        node = apply(step, slots, library, read)
        made.append(node)
        first = step.operands[0]
        if step.rebind and isinstance(first, int):
            slots[first % len(slots)] = node
        else:
            slots.append(node)
    return leaves, made
