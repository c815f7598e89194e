"""micrograd's programs after changing the import: its two test expressions, its tracing walk, the lecture by hand."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from autograd import Value


class Dual:
    """a + b·ε with exact fractions, b a derivative by each input: an oracle that needs no graph."""

    def __init__(self, value: Any, slope: tuple[Fraction, ...]) -> None:
        self.value, self.slope = Fraction(value), slope

    def lift(self, other: Any) -> Dual:
        return other if isinstance(other, Dual) else Dual(other, (Fraction(0),) * len(self.slope))

    def _combine(self, other: Any, value: Any, p: Any, q: Any) -> Dual:
        return Dual(value, tuple(p * a + q * b for a, b in zip(self.slope, other.slope, strict=True)))

    def __add__(self, other: Any) -> Dual:
        o = self.lift(other)
        return self._combine(o, self.value + o.value, 1, 1)

    def __mul__(self, other: Any) -> Dual:
        o = self.lift(other)
        return self._combine(o, self.value * o.value, o.value, self.value)

    def __pow__(self, n: int) -> Dual:
        return self._combine(self, self.value**n, n * self.value ** (n - 1), 0)

    def relu(self) -> Dual:
        return self * 1 if self.value > 0 else self * 0

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Dual:
        return self * -1

    def __sub__(self, other: Any) -> Dual:
        return self + -self.lift(other)

    def __truediv__(self, other: Any) -> Dual:
        return self * self.lift(other) ** -1

    def __rtruediv__(self, other: Any) -> Dual:
        return self.lift(other) / self


def sanity_expression(x: Any) -> Any:
    """Products, sums and relus of one input used again and again; both orders of a constant."""
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    return h + q + q * x


def larger_expression(a: Any, b: Any) -> Any:
    """Every operator, names reused by `+=`, powers, quotients both ways."""
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g


def test_the_sanity_check() -> None:
    x = Value(-4.0)
    y = sanity_expression(x)
    y.backward()
    exact = sanity_expression(Dual(-4, (Fraction(1),)))
    assert (y.data, x.grad) == (float(exact.value), float(exact.slope[0])) == (-20.0, 46.0)


def test_the_larger_expression() -> None:
    a, b = Value(-4.0), Value(2.0)
    g = larger_expression(a, b)
    g.backward()
    exact = larger_expression(Dual(-4, (Fraction(1), Fraction(0))), Dual(2, (Fraction(0), Fraction(1))))
    assert g.data == pytest.approx(float(exact.value), rel=1e-15)
    assert (a.grad, b.grad) == pytest.approx([float(s) for s in exact.slope], rel=1e-14)
    assert f"{g.data:.4f} {a.grad:.4f} {b.grad:.4f}" == "24.7041 138.8338 645.5773"  # what micrograd's README prints


@pytest.mark.parametrize(("of", "at"), [(sanity_expression, (-4.0,)), (larger_expression, (-4.0, 2.0))])
def test_both_against_central_differences(of: Callable[..., Any], at: tuple[float, ...]) -> None:
    leaves = [Value(x) for x in at]
    of(*leaves).backward()
    for i, leaf in enumerate(leaves):
        h = Fraction(1, 2**40)  # exact, so that only the third derivative is left
        up, down = ([Dual(x, ()) for x in at] for _ in range(2))
        up[i], down[i] = Dual(Fraction(at[i]) + h, ()), Dual(Fraction(at[i]) - h, ())
        slope = (of(*up).value - of(*down).value) / (2 * h)
        assert leaf.grad == pytest.approx(float(slope), rel=1e-14)


def test_a_random_program_of_micrograds_operators_against_exact_fractions() -> None:
    small_steps: list[Callable[[Any, Any], Any]] = [
        lambda p, q: p + q,
        lambda p, q: p - q,
        lambda p, q: p * 0.5 + q,
        lambda p, q: (p * q).relu() * 0.25,
        lambda p, q: -p,
        lambda p, q: p / 4,
    ]
    rng = random.Random(0)

    def program(x: Any, y: Any, rng: random.Random) -> Any:
        pool = [x, y, x * y, x + 1]
        for _ in range(60):
            p, q = rng.choice(pool), rng.choice(pool)
            new = rng.choice(small_steps)(p, q)
            pool.append(new * 0.5)
        return pool[-1] + pool[-2] * pool[-3]

    for seed in range(20):
        rng.seed(seed)
        a, b = Value(1.5), Value(-0.75)
        out = program(a, b, rng)
        out.backward()
        rng.seed(seed)
        exact = program(Dual(1.5, (Fraction(1), Fraction(0))), Dual(-0.75, (Fraction(0), Fraction(1))), rng)
        assert out.data == pytest.approx(float(exact.value), rel=1e-9, abs=1e-12)
        assert (a.grad, b.grad) == pytest.approx([float(s) for s in exact.slope], rel=1e-9, abs=1e-12)


# --- what its notebooks reach for


def test_its_spelling_of_operations() -> None:
    a, b = Value(2.0), Value(3.0)
    assert (a + b)._op == (a + 1)._op == (1 + a)._op == "+"
    assert (a * b)._op == (2 * a)._op == "*"
    assert (a**2)._op == "**2"
    assert (a**0.5)._op == "**0.5"
    assert (a**-1)._op == "**-1"
    assert a.relu()._op == "ReLU"
    assert a.tanh()._op == "tanh"
    assert a.exp()._op == "exp"
    assert a._op == ""
    assert (a**2).op == "**"
    assert a.relu().op == "relu"


def test_its_previous_nodes() -> None:
    a, b = Value(2.0), Value(3.0)
    assert set((a * b)._prev) == {a, b}
    assert set((a * a)._prev) == {a}
    assert set((a**2)._prev) == {a}
    assert set((2 * a)._prev) == {a}
    assert set(a._prev) == set()
    assert (a * b)._prev == {a, b}  # it compares as the set it is in micrograd


def test_its_walk_over_the_graph() -> None:
    """As its trace_graph notebook does it, with the record it prints for each node."""

    def trace(root: Value) -> tuple[set[Value], set[tuple[Value, Value]]]:
        nodes: set[Value] = set()
        edges: set[tuple[Value, Value]] = set()

        def build(v: Value) -> None:
            if v not in nodes:
                nodes.add(v)
                for child in v._prev:
                    edges.add((child, v))
                    build(child)

        build(root)
        return nodes, edges

    x = Value(1.0, label="x")
    y = (x * 2 + 1).relu() + x * x
    y.backward()
    nodes, edges = trace(y)
    assert len(nodes) == 6
    assert len(edges) == 6
    records = {f"{n.label} | data {n.data:.4f} | grad {n.grad:.4f} | {n._op}" for n in nodes}
    assert "x | data 1.0000 | grad 4.0000 | " in records
    assert " | data 3.0000 | grad 1.0000 | ReLU" in records


def test_its_constructor_takes_children_and_an_operation() -> None:
    a, b = Value(2.0, label="a"), Value(3.0)
    for out in (Value(6.0, (a, b), "*"), Value(6.0, _children=(a, b), _op="*")):
        assert (out.data, out._op, out.op, out.parents) == (6.0, "*", "*", (a, b))
        assert set(out._prev) == {a, b}
    assert Value(1.0, label="leaf").label == "leaf"
    assert Value(1.0, (), "").parents == ()


def test_a_node_made_by_hand_passes_on_what_its_own_backward_says() -> None:
    """The lecture's way to add an operation: a closure assigned to `_backward`."""

    def cube(x: Value) -> Value:
        out = Value(x.data**3, (x,), "cube")

        def backward() -> None:
            x.grad += 3 * x.data**2 * out.grad

        out._backward = backward  # type: ignore[method-assign]
        return out

    a = Value(2.0)
    y = cube(a * 3) * 2 + a
    y.backward()
    assert (y.data, a.grad) == (434.0, 2 * 3 * 36 * 3 + 1.0)


def test_a_node_made_by_hand_without_a_rule_is_never_silently_wrong() -> None:
    """Its derivative is known to nobody: an error, or whatever is right, but not a gradient of 0."""
    a = Value(2.0)
    y = Value(8.0, (a,), "cube") * 2
    with pytest.raises(Exception, match="cube"):
        y.backward()


def test_the_lectures_neuron_by_hand() -> None:
    """x·w + b through tanh, every `_backward` called by hand in reverse order, then compared with `backward()`."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    x1w1, x2w2 = x1 * w1, x2 * w2
    both = x1w1 + x2w2
    n = both + b
    o = n.tanh()
    o.grad = 1.0
    for node in (o, n, b, both, x1w1, x2w2):
        node._backward()
    by_hand = [v.grad for v in (x1, w1, x2, w2, b, n)]
    assert by_hand == pytest.approx([-1.5, 1.0, 0.5, 0.0, 0.5, 0.5], abs=1e-12)
    for v in (x1, w1, x2, w2, b):
        v.grad = 0.0
    o.backward()
    assert [v.grad for v in (x1, w1, x2, w2, b, n)] == by_hand


def test_tanh_written_out_as_the_lecture_breaks_it_up() -> None:
    n = Value(0.8813735870195432)
    e = (2 * n).exp()
    o = (e - 1) / (e + 1)
    o.backward()
    assert o.data == pytest.approx(math.tanh(n.data), rel=1e-14)
    assert n.grad == pytest.approx(0.5, rel=1e-12)


def test_zeroing_and_updating_as_its_demo_does() -> None:
    parameters = [Value(1.0), Value(-2.0)]
    for _ in range(3):
        loss = sum(p * p for p in parameters) * (1.0 / 2)
        for p in parameters:
            p.grad = 0
        loss.backward()
        for p in parameters:
            p.data -= 0.1 * p.grad
    assert [p.data for p in parameters] == pytest.approx([0.9**3, -2 * 0.9**3], rel=1e-15)


@pytest.mark.oracle
def test_the_demo_gives_the_losses_of_micrograd() -> None:
    """Two moons, MLP 2-16-16-1, hinge loss and L2, as its notebook writes it, on both libraries from one seed."""
    micrograd_engine = pytest.importorskip("micrograd.engine")
    micrograd_nn = pytest.importorskip("micrograd.nn")
    from nn import MLP

    rng = random.Random(1337)
    X, Y = [], []
    for i in range(24):
        t = math.pi * rng.random()
        upper = i % 2 == 0
        X.append((math.cos(t), math.sin(t)) if upper else (1 - math.cos(t), 0.5 - math.sin(t)))
        Y.append(-1 if upper else 1)

    def demo(value: Any, model: Any) -> list[float]:
        losses = []
        for k in range(6):
            inputs = [list(map(value, row)) for row in X]
            scores = list(map(model, inputs))
            terms = [(1 + -y * score).relu() for y, score in zip(Y, scores, strict=True)]
            data_loss = sum(terms) * (1.0 / len(terms))
            loss = data_loss + 1e-4 * sum(p * p for p in model.parameters())
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= (1.0 - 0.9 * k / 100) * p.grad
            losses.append(loss.data)
        return losses

    random.seed(1337)
    theirs = micrograd_nn.MLP(2, [16, 16, 1])
    random.seed(1337)
    ours = MLP(2, [16, 16, 1], init="uniform")
    assert [p.data for p in ours.parameters()] == [p.data for p in theirs.parameters()]
    left, right = demo(micrograd_engine.Value, theirs), demo(Value, ours)
    assert right == pytest.approx(left, rel=1e-11)
    assert len(set(right)) == 6
