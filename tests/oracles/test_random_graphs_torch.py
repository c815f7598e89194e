"""The random programs of tests/random_graphs.py, differentiated by PyTorch in float64 beside the engine."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_graphs import EPS, OPERATIONS, Program, library_of, programs, run

import autograd
from autograd import Value

pytestmark = pytest.mark.oracle
torch = pytest.importorskip("torch")


def tensor(x: Any) -> Any:
    return x if isinstance(x, torch.Tensor) else torch.tensor(float(x), dtype=torch.float64)


def of_tensors(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *xs: function(*map(tensor, xs))


def stacked(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *xs: function(torch.stack([tensor(x) for x in xs]))


def stable_sigmoid(x: Any) -> Any:
    """torch's own derivative is s·(1 − s), which is 0 or a few digits where s is near 1."""
    return 1 / (1 + torch.exp(-x)) if x >= 0 else torch.exp(x) / (1 + torch.exp(x))


def stable_tanh(x: Any) -> Any:
    """torch's own derivative is 1 − t², likewise."""
    if abs(x) < 0.5:
        return torch.tanh(x)
    return (1 - torch.exp(-2 * x)) / (1 + torch.exp(-2 * x)) if x > 0 else -stable_tanh(-x)


def stable_expm1(x: Any) -> Any:
    """torch's own derivative is (eˣ − 1) + 1, which loses digits where eˣ is small."""
    return torch.expm1(x) if x > -0.5 else torch.exp(x) - 1


def torch_library() -> dict[str, Callable[..., Any]]:
    F = torch.nn.functional
    plain: dict[str, Callable[..., Any]] = {
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
        "asinh": torch.arcsinh,
        "softplus": lambda x: torch.logaddexp(x, tensor(0.0)),  # torch's own softplus is linear beyond 20
        "sigmoid": stable_sigmoid,
        "tanh": stable_tanh,
        "expm1": stable_expm1,
        "silu": lambda x: x * stable_sigmoid(x),
        "gelu": lambda x: x * torch.erfc(-x / 2**0.5) / 2,  # torch's own loses digits where Φ(x) is small
        "leaky_relu": F.leaky_relu,
        "elu": F.elu,
        "clip": lambda x: torch.clamp(x, -1, 2),
        "where": lambda c, x, y: torch.where(c > 0, x, y),
        "xlogy": torch.xlogy,
        "dot": lambda a, b, c, d: a * c + b * d,
        "prod": lambda a, b, c: a * b * c,
    }
    reductions: dict[str, Callable[..., Any]] = {
        "sum": torch.sum,
        "mean": torch.mean,
        "max": torch.amax,  # shares the gradient among ties
        "min": torch.amin,
        "logsumexp": lambda xs: torch.logsumexp(xs, 0),
        "softmax": lambda xs: torch.softmax(xs, 0)[0],
    }
    library = {name: of_tensors(function) for name, function in plain.items()}
    library |= {name: stacked(function) for name, function in reductions.items()}
    return library | {name: of_tensors(getattr(torch, name)) for name in OPERATIONS if name not in library}


ENGINE = library_of(autograd)
TORCH = torch_library()


@dataclass(eq=False)
class Pair:
    """The same number in both engines. PyTorch's is set to ours once they agree, so that both go on from one point."""

    value: Any
    tensor: Any

    def __post_init__(self) -> None:
        ours, theirs = read(self.value), float(self.tensor.detach())
        assert abs(ours - theirs) <= 64 * EPS * max(abs(ours), 1.0), (ours, theirs)
        self.tensor.data.fill_(ours)

    def __gt__(self, other: float) -> bool:
        return bool(self.value > other)


def read(x: Any) -> float:
    if isinstance(x, Pair):
        x = x.value
    return x.data if isinstance(x, Value) else float(x)


def both(name: str) -> Callable[..., Any]:
    def apply(*xs: Any) -> Pair:
        ours = ENGINE[name](*(x.value if isinstance(x, Pair) else x for x in xs))
        return Pair(ours, TORCH[name](*(x.tensor if isinstance(x, Pair) else x for x in xs)))

    return apply


def a_leaf(x: float) -> Pair:
    return Pair(Value(x), torch.tensor(x, dtype=torch.float64, requires_grad=True))


@settings(max_examples=400)
@given(programs())
def test_gradients_agree_with_torch_relative_to_the_sum_of_absolute_terms(program: Program) -> None:
    leaves, made = run(program, a_leaf, {name: both(name) for name in OPERATIONS}, read)
    root = made[-1]
    root.value.value.backward()
    root.value.tensor.backward()
    for leaf in leaves:
        theirs = leaf.value.tensor.grad
        assert leaf.value.value.computed == root.exact.reaches(leaf.exact)
        difference = abs(leaf.value.value.grad - (0.0 if theirs is None else float(theirs)))
        assert difference <= 2 * root.exact.tolerance(leaf.exact)


@settings(max_examples=200)
@given(programs())
def test_torch_agrees_with_the_naive_oracle(program: Program) -> None:
    """The oracle is worth something only if it judges an engine that is known to be right as right."""
    leaves, made = run(
        program,
        lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True),
        TORCH,
        lambda t: float(t.detach()) if isinstance(t, torch.Tensor) else float(t),
    )
    root = made[-1]
    root.value.backward()
    for leaf in leaves:
        got = 0.0 if leaf.value.grad is None else float(leaf.value.grad)
        assert abs(got - float(root.exact.derivative(leaf.exact))) <= 2 * root.exact.tolerance(leaf.exact)


@settings(max_examples=100)
@given(programs(), st.integers(0, 99))
def test_two_backward_passes_over_shared_nodes_agree_with_torch(program: Program, where: int) -> None:
    leaves, made = run(program, a_leaf, {name: both(name) for name in OPERATIONS}, read)
    first, second = made[where % len(made)], made[-1]
    theirs = [0.0] * len(
        leaves
    )  # added up here: two `.grad` of torch may share their memory, and then `+=` adds to both
    for root in (first, second):
        root.value.value.backward()
        if root.value.tensor.requires_grad:
            tensors = [leaf.value.tensor for leaf in leaves]
            found = torch.autograd.grad(root.value.tensor, tensors, retain_graph=True, allow_unused=True)
            theirs = [total + (0.0 if g is None else float(g)) for total, g in zip(theirs, found, strict=True)]
    for leaf, their in zip(leaves, theirs, strict=True):
        difference = abs(leaf.value.value.grad - their)
        assert difference <= 2 * (first.exact.tolerance(leaf.exact) + second.exact.tolerance(leaf.exact))
