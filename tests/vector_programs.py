"""Random programs over lists of scalars: what people loop over, as data, to be run eagerly and compiled.

A program is a list of steps on a pool of lists. It begins with parameters and inputs; each step takes lists from the
pool and appends one. The steps are the things that make compiling hard: loops in permuted order, ragged sums written in
many ways, shared and swapped operands, constants, products of many factors, chains, branches, selections, indices,
numbers without a slope. All that is random is drawn beforehand: a program does the same at every run.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

import autograd as ag
from autograd import Value
from autograd.ops import TABLE

Vector = list[Any]


class Step(NamedTuple):
    """What is done, with which lists of the pool, and a seed for whatever else it needs to choose."""

    kind: str
    a: int
    b: int
    c: int
    seed: int


class Program(NamedTuple):
    """How long the lists of parameters and of inputs are, how many integers there are among these, and the steps."""

    parameters: tuple[int, ...]
    inputs: tuple[int, ...]
    integers: int
    steps: tuple[Step, ...]


def raw(name: str) -> Callable[..., Any]:
    """A row of the table as a function."""
    return TABLE[name].function


# Each row of the table on three numbers between -4 and 4, in such a way that all is finite and nothing is steep.
ROWS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "+": lambda x, y, z: x + y,
    "-": lambda x, y, z: x - y,
    "*": lambda x, y, z: x * y,
    "/": lambda x, y, z: x / (1.5 + y * y),
    "neg": lambda x, y, z: -x,
    "**n": lambda x, y, z: x**2 - 0.1 * y**3 + (z * z + 1.0) ** -0.5 + x**1 + y**0 + 0.01 * z**4,
    "**": lambda x, y, z: (1.5 + x * x) ** ag.atan(y) + 2.0 ** ag.atan(z),
    "exp": lambda x, y, z: ag.exp(0.5 * x),
    "exp_difference": lambda x, y, z: raw("exp_difference")(0.3 * x, 0.3 * y),
    "expm1": lambda x, y, z: ag.expm1(0.3 * x),
    "log": lambda x, y, z: ag.log(1.5 + x * x),
    "log1p": lambda x, y, z: ag.log1p(x * x),
    "log2": lambda x, y, z: ag.log2(1.5 + x * x),
    "log10": lambda x, y, z: ag.log10(1.5 + x * x),
    "sqrt": lambda x, y, z: ag.sqrt(1.0 + x * x),
    "xlogy": lambda x, y, z: ag.xlogy(x, 1.5 + y * y),
    "sin": lambda x, y, z: ag.sin(x),
    "cos": lambda x, y, z: ag.cos(x),
    "tan": lambda x, y, z: ag.tan(0.3 * x),
    "asin": lambda x, y, z: ag.asin(0.2 * x),
    "acos": lambda x, y, z: ag.acos(0.2 * x),
    "atan": lambda x, y, z: ag.atan(x),
    "hypot": lambda x, y, z: ag.hypot(x, y * y + 1.0),
    "atan2": lambda x, y, z: ag.atan2(x, y * y + 1.0),
    "sinh": lambda x, y, z: ag.sinh(0.3 * x),
    "cosh": lambda x, y, z: ag.cosh(0.3 * x),
    "tanh": lambda x, y, z: ag.tanh(x),
    "asinh": lambda x, y, z: ag.asinh(x),
    "acosh": lambda x, y, z: ag.acosh(1.5 + x * x),
    "atanh": lambda x, y, z: ag.atanh(0.2 * x),
    "sigmoid": lambda x, y, z: ag.sigmoid(x),
    "softplus": lambda x, y, z: ag.softplus(x),
    "relu": lambda x, y, z: ag.relu(x),
    "leaky_relu": lambda x, y, z: ag.leaky_relu(x, 0.1) + ag.leaky_relu(y, z),
    "elu": lambda x, y, z: ag.elu(x) + ag.elu(y, 0.5) + ag.elu(x, z),
    "gelu": lambda x, y, z: ag.gelu(x),
    "silu": lambda x, y, z: ag.silu(x),
    "erf": lambda x, y, z: ag.erf(x),
    "normal_cdf": lambda x, y, z: raw("normal_cdf")(x),
    "gauss": lambda x, y, z: raw("gauss")(x, 0.5),
    "abs": lambda x, y, z: abs(x),
    "sign": lambda x, y, z: raw("sign")(x) * y,
    "where": lambda x, y, z: ag.where(x, y, z),
    "maximum": lambda x, y, z: ag.maximum(x, y) + ag.maximum(z, 0.5),
    "minimum": lambda x, y, z: ag.minimum(x, y) + ag.minimum(-0.5, z),
    "clip": lambda x, y, z: ag.clip(x, -1.0, 1.0) + ag.clip(x, y, y + 1.0),
    "sum": lambda x, y, z: ag.sum([x, y, 2.0, z, x]),
    "prod": lambda x, y, z: ag.prod([x, y, z, 0.5, x]),
    "dot": lambda x, y, z: ag.dot([x, y], [z, 2.0], bias=x),
    "max": lambda x, y, z: ag.max([x, y, z]),
    "min": lambda x, y, z: ag.min([x, y, 0.3, z]),
    "logsumexp": lambda x, y, z: ag.logsumexp([x, y, z, 1.0]),
    "identity": lambda x, y, z: Value(x) * 1.0 if isinstance(x, Value) else x,
}
KINKED = frozenset({"relu", "leaky_relu", "elu", "abs", "sign", "where", "maximum", "minimum", "clip", "max", "min"})
INDICES = 4  # an integer input is below this
KINDS = "row one sums reduce prod where constants chain running detach".split()
SMOOTH = "row one sums prod constants chain running".split()


@st.composite
def vector_programs(draw: Any, kinds: Sequence[str] = (*KINDS, "guard", "index"), integers: int = 2) -> Program:
    """Programs of up to seven steps."""
    small = st.integers(0, 15)
    steps = st.builds(Step, st.sampled_from(kinds), small, small, small, st.integers(0, 999))
    lengths = st.integers(1, 9)
    return Program(
        tuple(draw(st.lists(lengths, min_size=1, max_size=2))),
        tuple(draw(st.lists(lengths, min_size=1, max_size=2))),
        integers,
        tuple(draw(st.lists(steps, min_size=1, max_size=7))),
    )


class Runner:
    """Runs a program; `near` is how close two numbers came on which a choice depends."""

    def __init__(self, program: Program, tame: bool = True, smooth: bool = False, watch: bool = False) -> None:
        self.program, self.tame_numbers, self.smooth, self.watch = program, tame, smooth, watch
        self.near = 1.0

    def __call__(self, parameters: Sequence[Vector], inputs: Sequence[Vector], integers: Sequence[Any]) -> Vector:
        """All results of the last two steps, and one number of every other list."""
        pool: list[Vector] = [*parameters, *inputs]
        for step in self.program.steps:
            rng = random.Random(step.seed)
            pool.append(getattr(self, "_" + step.kind)(step, pool, rng, integers))
        return [x for vector in pool[-2:] for x in vector] + [vector[len(vector) // 2] for vector in pool[:-2]]

    def loss(self, parameters: Sequence[Vector], inputs: Sequence[Vector], integers: Sequence[Any]) -> Any:
        """The results added up, with weights."""
        total: Any = 0.0
        for place, x in enumerate(self(parameters, inputs, integers)):
            total = total + (0.3 + 0.1 * (place % 5)) * x
        return total

    # The steps -------------------------------------------------------------------------------------------------------

    def _of(self, pool: Sequence[Vector], number: int) -> Vector:
        return pool[number % len(pool)]

    def _small(self, x: Any) -> Any:
        """A number of which the rows may be taken."""
        return 2.0 * ag.atan(x) if self.tame_numbers else x

    def _row(self, step: Step, pool: list[Vector], rng: random.Random, _: Any) -> Vector:
        """A row of the table, element by element, the operands in orders of their own."""
        names = [name for name in ROWS if not (self.smooth and name in KINKED)]
        row = ROWS[rng.choice(names)]
        operands = [self._of(pool, n) for n in (step.a, step.b, step.c)]
        count = rng.choice([min(map(len, operands)), max(map(len, operands))])
        columns = [self._order(vector, count, rng) for vector in operands]
        columns = [[self._small(x) for x in column] for column in columns]
        return [row(x, y, z) for x, y, z in zip(*columns, strict=True)]

    def _order(self, vector: Vector, count: int, rng: random.Random) -> Vector:
        """As many elements of a list as asked for: in order, backwards, shifted, by steps, one only, or at random."""
        how, n = rng.randrange(6), len(vector)
        step, start = rng.randrange(1, 4), rng.randrange(n)
        places = {
            0: [i % n for i in range(count)],
            1: [(-1 - i) % n for i in range(count)],
            2: [(i + start) % n for i in range(count)],
            3: [(i * step) % n for i in range(count)],
            4: [start for _ in range(count)],
            5: [rng.randrange(n) for _ in range(count)],
        }[how]
        return [vector[place] for place in places]

    def _one(self, step: Step, pool: list[Vector], rng: random.Random, integers: Any) -> Vector:
        """One operation, alone."""
        single = [[self._of(pool, n)[0]] for n in (step.a, step.b, step.c)]
        return self._row(Step("row", 0, 1, 2, step.seed), single, rng, integers)

    def _sums(self, step: Step, pool: list[Vector], rng: random.Random, _: Any) -> Vector:
        """Sums of products, of which some are longer than others, written in many ways."""
        a, b, bias = (self._of(pool, n) for n in (step.a, step.b, step.c))
        rows, longest = rng.randrange(1, 10), rng.randrange(1, 10)
        pattern = rng.choice(["full", "lower", "upper", "band", "sparse", "ragged"])
        style = rng.choice(["left", "right", "tree", "sum", "dot", "mixed"])
        factors = rng.choice([1, 2, 2, 3])
        swaps, signs, scaled = rng.random() < 0.4, rng.random() < 0.3, rng.random() < 0.3
        matrix, shared = rng.random() < 0.5, rng.random() < 0.3
        out = []
        for i in range(rows):
            columns = {
                "full": range(longest),
                "lower": range(min(i + 1, longest)),
                "upper": range(min(i, longest - 1), longest),
                "band": range(max(0, i - 1), min(i + 2, longest + 1)),
                "sparse": sorted(rng.sample(range(longest), rng.randint(0, longest))),
                "ragged": range(rng.randint(0, longest)),
            }[pattern]
            terms: Vector = []
            for j in columns:
                x, y = a[(i * longest + j if matrix else j) % len(a)], b[(i if shared else j) % len(b)]
                term = x if factors == 1 else y * x if swaps and (i + j) % 2 else x * y
                term = term * bias[(i + j) % len(bias)] if factors == 3 else term
                term = (0.5 + j) * term if scaled else term
                terms.append(-term if signs and j % 2 else term)
            way = rng.choice(["left", "right", "tree", "sum"]) if style == "mixed" else style
            out.append(self._small(self._added(way, terms, bias[i % len(bias)])))
        return out

    def _added(self, way: str, terms: Vector, bias: Any) -> Any:
        """The terms and the bias, added up in one of the ways in which people write that."""
        if way == "sum":
            return ag.sum(terms, start=bias)
        if way == "dot":
            return ag.dot(terms, [1.5 - i % 2 for i in range(len(terms))], bias=bias)
        if way == "right":
            total = bias
            for term in terms:
                total = term + total
            return total
        if way == "tree":
            items = [*terms, bias]
            while len(items) > 1:
                items = [x - (-y) for x, y in zip(items[::2], items[1::2], strict=False)] + items[len(items) // 2 * 2 :]
            return items[0]
        total = 0.0
        for term in terms:
            total = total + term
        return bias + total

    def _reduce(self, step: Step, pool: list[Vector], rng: random.Random, _: Any) -> Vector:
        """Functions of many numbers, of parts of a list that are not equally long."""
        vector = self._of(pool, step.a)
        names = ["logsumexp", "softmax", "log_softmax", "mean"] + (["max", "min"] if not self.smooth else [])
        function = getattr(ag, rng.choice(names))
        out: Vector = []
        for _count in range(rng.randrange(1, 8)):
            part = vector[rng.randrange(len(vector)) :]
            part = part[: rng.randint(1, len(part))]
            found = function([self._small(x) for x in part])
            out += found if isinstance(found, list) else [found]
        return out

    def _prod(self, step: Step, pool: list[Vector], rng: random.Random, _: Any) -> Vector:
        """Products of many factors, by multiplication after multiplication or by `prod`."""
        vector = [self._small(x) for x in self._of(pool, step.a) + self._of(pool, step.b)]
        out = []
        for _count in range(rng.randrange(1, 4)):
            factors = rng.choices(vector, k=rng.randrange(1, 8))
            product: Any = 0.25
            for x in factors:
                product = product * x if rng.random() < 0.7 else x * product
            out.append(ag.prod(factors) if rng.random() < 0.3 else product)
        return out

    def _constants(self, step: Step, pool: list[Vector], rng: random.Random, _: Any) -> Vector:
        """Arithmetic with plain numbers, equal ones or others for each element."""
        vector = self._of(pool, step.a)
        equal = rng.random() < 0.5
        operations: list[Callable[[Any, float], Any]] = [
            lambda x, k: x * k, lambda x, k: k * x, lambda x, k: x + k, lambda x, k: k - x, lambda x, k: x - k,
            lambda x, k: x / k, lambda x, k: -(x * k), lambda x, k: k * (x + 1.0), lambda x, k: (x * k) * 3.0 + k,
            lambda x, k: x * 0.0 + k, lambda x, k: k * 1.0 + 0.0 * x,
        ]  # fmt: skip
        operation = rng.choice(operations)
        return [operation(x, 0.75 if equal else 0.25 + i % 4) for i, x in enumerate(vector)]

    def _chain(self, step: Step, pool: list[Vector], rng: random.Random, _: Any) -> Vector:
        """One operation after the other; each of them, or the last."""
        names = [name for name in ROWS if name not in KINKED or not self.smooth]
        row, (x,), others = ROWS[rng.choice(names)], self._of(pool, step.a)[:1], self._of(pool, step.b)
        out = []
        for k in range(rng.randrange(2, 14)):
            x = row(self._small(x), self._small(others[k % len(others)]), 0.5) * 0.9 + 0.1
            out.append(x)
        return out if rng.random() < 0.5 else out[-1:]

    def _running(self, step: Step, pool: list[Vector], rng: random.Random, _: Any) -> Vector:
        """All sums of the first few: each shares all that was added before."""
        total, out = self._of(pool, step.b)[0], []
        for x in self._of(pool, step.a):
            total = total + x
            out.append(self._small(total))
        return out

    def _detach(self, step: Step, pool: list[Vector], rng: random.Random, _: Any) -> Vector:
        """Some numbers without a slope."""
        every = rng.randrange(1, 4)
        vector = [self._small(x) for x in self._of(pool, step.a)]
        return [_detached(x) * x if i % every == 0 else x for i, x in enumerate(vector)]

    def _where(self, step: Step, pool: list[Vector], rng: random.Random, _: Any) -> Vector:
        """A choice by a condition, element by element."""
        x, y, z = ([self._small(x) for x in self._order(self._of(pool, n), 5, rng)] for n in (step.a, step.b, step.c))
        how = rng.randrange(6)
        out = []
        for p, q, r in zip(x, y, z, strict=True):
            if how == 0:
                out.append(ag.where(self._less(q, p), p, q))
            elif how == 1:
                out.append(ag.where(self._less(p, 0.3) & self._less(-1.0, q), p * q, r))
            elif how == 2:
                out.append(ag.where(self._less(p, q) | self._less(r, 0.0), 1.0 / (2.0 + q * q), 0.0))
            elif how == 3:
                out.append(ag.where(self._less(p, 0.1), ag.sqrt(-1.0 - p * p), p))  # nan if it were chosen
                out[-1] = ag.where(self._less(p, 0.1), q, out[-1])
            elif how == 4:
                out.append(ag.where(self._less(q, p), 2.0, r))
            else:
                out.append(ag.where(self._less(q, p), ag.where(self._less(r, p), p, q), ag.exp(-r * r)))
        return out

    def _guard(self, step: Step, pool: list[Vector], rng: random.Random, integers: Any) -> Vector:
        """A branch of Python."""
        x, y = ([self._small(x) for x in self._of(pool, n)] for n in (step.a, step.b))
        if rng.random() < 0.3:
            return [p * 2.0 if self._less(0.0, p) else p * p for p in x[:3]]
        if self._less(x[0], y[-1]):
            return [p * 0.5 for p in x]
        if rng.random() < 0.5 and self._less(x[0], 0.0) and self._less(y[-1], 1.0):
            return [ag.sin(p) for p in y]
        return self._sums(step, pool, rng, integers)

    def _index(self, step: Step, pool: list[Vector], rng: random.Random, integers: Any) -> Vector:
        """Items of a list at places that are inputs."""
        vector, other = ([self._small(x) for x in self._of(pool, n)] for n in (step.a, step.b))
        table = [vector[k % len(vector)] + 0.1 * k for k in range(INDICES)]
        i, j = integers[step.c % len(integers)], integers[(step.c + 1) % len(integers)]
        rows = [[x * p for p in other] for x in table]
        how = rng.randrange(5)
        if how == 0:
            return [table[i], table[i] * other[0], table[j]]
        if how == 1:
            return [x * p for x, p in zip(rows[i], other, strict=True)]
        if how == 2:
            return [table[i] * i, table[i] + j]
        if how == 3:
            scores = ag.log_softmax(table)
            return [-scores[i], table[j] * table[i]]
        both = [ag.sum(row) for row in rows]
        return [both[j], both[i] * rows[j][0]]

    def _less(self, x: Any, y: Any) -> Any:
        if self.watch and x is not y:
            distance = abs(_number(x) - _number(y))
            self.near = min(self.near, distance) if distance == distance else self.near
        return x < y


def _detached(x: Any) -> Any:
    return x.detach() if isinstance(x, Value) else x


def _number(x: Any) -> float:
    return x.data if isinstance(x, Value) else float(x)


def nearest_kink(nodes: Sequence[Value]) -> float:
    """How close any number of a graph is to a place where a slope jumps, seen from where the slope is taken."""
    near = 1.0
    for node in nodes:
        if node.op not in KINKED:
            continue
        xs = [_number(x) for x in node.operands]
        if node.op in ("relu", "leaky_relu", "elu", "abs", "sign"):
            gaps = [abs(xs[0])]
        elif node.op == "clip":
            gaps = [abs(xs[0] - xs[1]), abs(xs[0] - xs[2])]
        elif node.op == "where":
            gaps = []
        else:
            gaps = [abs(node.data - x) for x, v in zip(xs, node.operands, strict=True) if x != node.data]
            chosen = [v for x, v in zip(xs, node.operands, strict=True) if x == node.data]
            gaps += [0.0] if len({id(v) for v in chosen}) > 1 else []  # equal, but not the same number
        near = min([near, *gaps])
    return near
