"""Programs as a person writes them, forward and backward: compiled, one scalar at a time, and as graphs of CasADi."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from benchmarks import random_graph
from benchmarks.pace import pace, promise
from benchmarks.runner import Result, disagreement, in_turn, median, run
from benchmarks.table import Row

ENGINES = ("autograd", "eager", "casadi_built")
IRREGULAR = "random_graph"
# A mean over its examples, and the penalty once: what `batch=True` compiles.
BATCHED = ("moons_one_example",)
QUICK: dict[str, dict[str, int]] = {IRREGULAR: {"operations": 2000}, "moons_one_example": {"examples": 10}}


class Made(NamedTuple):
    """A loss and what to call it with; and the same on Values, as a user without compile would write it."""

    loss: Callable[..., Any]
    inputs: tuple[Any, ...]
    eager: Callable[[], Any]


class Running(NamedTuple):
    """Forward and backward, which gives the value; and the gradients by the leaves."""

    step: Callable[[], float]
    gradients: Callable[[], list[float]]


def makers() -> dict[str, Callable[..., Any]]:
    """Every function of the collected programs that makes a loss, by name."""
    from benchmarks import patterns, programs

    found = {**vars(programs), **vars(patterns)}
    return {name: f for name, f in found.items() if getattr(f, "__annotations__", {}).get("return") == "Made"}


def program(name: str, sizes: dict[str, int]) -> Made:
    """The program of this name."""
    from autograd import Value

    if name == IRREGULAR:
        code = random_graph.program(**sizes)
        leaves = [Value(x) for x in code.leaves]
        return Made(lambda: code.run(leaves)[-1], (), lambda: code.run(leaves)[-1])
    loss, inputs = makers()[name](**sizes)
    if name not in BATCHED:
        return Made(loss, inputs, lambda: loss(*inputs))

    def eager() -> Any:
        pairs = [loss(*example) for example in zip(*inputs, strict=True)]
        return sum(first for first, _ in pairs) / len(pairs) + pairs[0][1]

    return Made(loss, inputs, eager)


def graph(root: Any) -> list[Any]:
    """All nodes, operands before results."""
    order: list[Any] = []
    seen: set[Any] = set()
    stack = [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack += [(parent, False) for parent in reversed(node.parents)]
    return order


def compiled(made: Made, which: str, leaves: list[Any]) -> Running:
    import autograd

    backward = autograd.compile(made.loss, batch=which in BATCHED).backward
    return Running(lambda: backward(*made.inputs), lambda: [leaf.grad for leaf in leaves])


def one_by_one(made: Made, leaves: list[Any]) -> Running:
    def step() -> float:
        root = made.eager()
        root.backward()
        return float(root.data)

    return Running(step, lambda: [leaf.grad for leaf in leaves])


def of_casadi(nodes: list[Any], leaves: list[Any]) -> Running:
    """The graph of the nodes as one function of CasADi: the value of the last, and its gradient by the leaves."""
    import casadi  # type: ignore[import-not-found, unused-ignore]

    functions: dict[str, Callable[..., Any]] = {
        "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
        "neg": operator.neg, "relu": lambda x: casadi.fmax(x, 0.0), "detach": lambda x: x,
        "sum": lambda *xs: functools.reduce(operator.add, xs),
    }  # fmt: skip
    x = casadi.SX.sym("x", len(leaves))
    found = dict(zip(leaves, casadi.vertsplit(x), strict=True))
    for node in nodes:
        if node.operands:
            function = functions.get(node.op) or getattr(casadi, node.op)
            found[node] = function(*[found.get(operand, operand) for operand in node.operands])
    f = found[nodes[-1]]
    built = casadi.Function("built", [x], [f, casadi.gradient(f, x)])
    numbers = casadi.DM([leaf.data for leaf in leaves])
    return Running(lambda: float(built(numbers)[0]), lambda: built(numbers)[1].full().ravel().tolist())


def work(name: str, which: str, sizes: dict[str, int], seconds: float) -> Result:
    """Seconds for forward and backward; and the value, the sum of the gradients and that of their absolute values."""
    made = program(which, sizes)
    nodes = graph(made.eager())
    leaves = [node for node in nodes if not node.operands]
    if name == "casadi_built":
        running = of_casadi(nodes, leaves)
    else:
        running = compiled(made, which, leaves) if name == "autograd" else one_by_one(made, leaves)
    del nodes
    value = running.step()
    total = largest = 0.0
    for gradient in running.gradients():
        total, largest = total + gradient, largest + abs(gradient)
    return {**pace(lambda k: running.step(), seconds), "numbers": [value, total, largest]}


def measure(quick: bool) -> tuple[list[Row], list[str]]:
    """A row for each program, and what is promised: never slower than eager, and of the random graph more."""
    seconds = 0.002 if quick else 0.3
    rows, notes, wrong = [], [], []
    for which in QUICK if quick else (IRREGULAR, *makers()):
        sizes = QUICK[which] if quick else {}
        job = partial(run, "compiled_programs", which=which, sizes=sizes, seconds=seconds)
        results = in_turn(1 if quick else 5 if which == IRREGULAR else 2, ENGINES, job)
        words = f"{which.replace('_', ' ')}, compiled: forward + backward"
        row = Row(words, "on", {name: median(found, "seconds") for name, found in results.items()})
        rows.append(row)
        wrong += disagreement(words, results, "numbers")
        if not quick:
            notes += promise(row, "eager", 3 if which == IRREGULAR else 1)
    notes.append(
        f"the random graph: {random_graph.OPERATIONS:,} mixed operations that all lead to the result; the other "
        "programs are those of benchmarks/programs.py and patterns.py. CasADi has the same graph of scalars, inputs as "
        "constants, as a function of value and gradient built before the clock started."
    )
    return rows, [*wrong, *notes]
