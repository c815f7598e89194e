"""nn against PyTorch in double precision: losses, optimisers, networks; and micrograd's demo with its own numbers."""

from __future__ import annotations

import itertools
import math
import random

import pytest

import autograd
import nn
from autograd import Value

pytestmark = pytest.mark.oracle
torch = pytest.importorskip("torch", reason="PyTorch is not installed: nn is not compared with it")
F = torch.nn.functional

EXTREMES = [0.0, -0.0, 1e-300, -1e-12, 0.5, -1.0, 30.0, -40.0, 700.0, -750.0, 1000.0, -1000.0]


def tensor(numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def leaf(numbers):
    return tensor(numbers).requires_grad_()


def drawn(seed, n, scale):
    generator = random.Random(seed)
    return [generator.gauss(0, scale) for _ in range(n)]


def labels(seed, n, among):
    generator = random.Random(seed + 1000)
    return [generator.choice(among) for _ in range(n)]


# Losses ---------------------------------------------------------------------------------------------------------------

POINTS = [pytest.param(EXTREMES, id="extremes")] + [
    pytest.param(drawn(seed, 8, scale), id=f"{scale}-{seed}") for scale in (1, 30, 1000) for seed in (1, 2)
]


def hinge(scores, targets, reduction):
    """By torch's relu, for it has no such loss of one score."""
    losses = torch.relu(1 - targets * scores)
    return {"mean": losses.mean, "sum": losses.sum, "none": losses.clone}[reduction]()


ELEMENTWISE = [
    pytest.param(nn.mse_loss, F.mse_loss, None, id="mse"),
    pytest.param(nn.binary_cross_entropy_with_logits, F.binary_cross_entropy_with_logits, [0, 1, 0.3], id="bce_logits"),
    pytest.param(nn.hinge_loss, lambda p, t, reduction: hinge(p, t, reduction), [-1, 1], id="hinge"),
]


def agree(ours, theirs, values, tensors, rel=1e-12, terms=None):
    """Values and gradients to `rel` of each, or, where a difference crosses zero, to 1e-15 of its terms."""
    assert ours.data == pytest.approx(theirs.item(), rel=rel, abs=1e-15 * (terms or 1.0))
    ours.backward()
    theirs.backward()
    expected = tensors.grad.flatten().tolist()
    largest = terms or max(map(abs, expected))
    assert [v.grad for v in values] == pytest.approx(expected, rel=rel, abs=1e-15 * largest)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("numbers", POINTS)
@pytest.mark.parametrize(("ours", "theirs", "among"), ELEMENTWISE)
def test_losses(ours, theirs, among, numbers, reduction):
    targets = labels(3, len(numbers), among) if among else drawn(4, len(numbers), 100)
    values, predictions = [Value(x) for x in numbers], leaf(numbers)
    agree(
        ours(values, targets, reduction=reduction),
        theirs(predictions, tensor(targets), reduction=reduction),
        values,
        predictions,
    )


@pytest.mark.parametrize(("ours", "theirs", "among"), ELEMENTWISE)
def test_losses_one_by_one_keep_their_shape(ours, theirs, among):
    numbers = [drawn(seed, 3, 2) for seed in range(4)]
    targets = [labels(seed, 3, among or [0.5, 2.0]) for seed in range(4)]
    expected = theirs(tensor(numbers), tensor(targets), reduction="none").tolist()
    found = ours(numbers, targets, reduction="none")
    assert [pytest.approx(row, rel=1e-12, abs=1e-15) for row in expected] == found


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_binary_cross_entropy(reduction):
    # Probabilities whose p(1 − p) is above 1e-12, where torch's backward pass is the derivative of its loss.
    numbers = [*random.Random(5).choices([1e-6, 0.25, 0.5, 0.999, 1 - 1e-9], k=10), 1e-9, 0.7]
    targets = labels(6, len(numbers), [0, 1, 0.3])
    values, predictions = [Value(x) for x in numbers], leaf(numbers)
    ours = nn.binary_cross_entropy(values, targets, reduction=reduction)
    agree(ours, F.binary_cross_entropy(predictions, tensor(targets), reduction=reduction), values, predictions)


def test_binary_cross_entropy_where_torch_cuts_logarithms_off():
    numbers = [0.0, 1.0, 1e-50, 5e-324, 1e-30, 1 - 2**-53]
    for targets in ([1] * 6, [0] * 6, [0.5] * 6):
        expected = F.binary_cross_entropy(tensor(numbers), tensor(targets), reduction="none").tolist()
        assert nn.binary_cross_entropy(numbers, targets, reduction="none") == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("scale", [1, 30, 1000])
def test_cross_entropy(scale, reduction):
    rows = [drawn(seed, 5, scale) for seed in range(6)] + [EXTREMES[i : i + 5] for i in (0, 4, 7)]
    targets = labels(7, len(rows), range(5))
    values, logits = [[Value(x) for x in row] for row in rows], leaf(rows)
    ours = nn.cross_entropy(values, targets, reduction=reduction)
    agree(
        ours,
        F.cross_entropy(logits, torch.tensor(targets), reduction=reduction),
        [v for row in values for v in row],
        logits,
        terms=max(abs(x) for row in rows for x in row),  # logsumexp(x) and x[c], and so the exponents of the softmax
    )
    single = leaf(rows[0])
    agree(
        nn.cross_entropy(values[0], targets[0]),
        F.cross_entropy(single, torch.tensor(targets[0])),
        fresh(values[0]),
        single,
        terms=max(map(abs, rows[0])),
    )


def fresh(values):
    for v in values:
        v.zero_grad()
    return values


# Optimisers -----------------------------------------------------------------------------------------------------------

SGD_GRID = [
    {"lr": 0.02, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay, "nesterov": nesterov}
    for momentum, dampening, weight_decay, nesterov in itertools.product((0, 0.9), (0, 0.3), (0, 0.1), (False, True))
    if not nesterov or (momentum and not dampening)
]
ADAM_GRID = [
    {"lr": 0.05, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad}
    for betas, eps, weight_decay, amsgrad in itertools.product(
        ((0.9, 0.999), (0.5, 0.7), (0.0, 0.9)), (1e-8, 1e-2), (0, 0.1), (False, True)
    )
]
CASES = [("SGD", settings) for settings in SGD_GRID] + [("Adam", settings) for settings in ADAM_GRID]


def landscape(x, y, z, step):
    """Curved differently in each direction, coupled, and moving a little with the step, as mini-batches do."""
    return (x - 1) ** 2 + 10 * (y + 0.5) ** 2 * (1 + 0.1 * x * x) + 0.3 * x * y * z + 0.1 * z**4 + math.sin(step) * z


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_trajectories_of_fifty_steps(name, settings):
    ours = [Value(1.5), Value(-0.7), Value(0.9)]
    theirs = [leaf(v.data) for v in ours]
    one, other = getattr(nn, name)(ours, **settings), getattr(torch.optim, name)(theirs, **settings, foreach=False)
    for step in range(50):
        for optimizer, parameters in ((one, ours), (other, theirs)):
            optimizer.zero_grad()
            landscape(*parameters, step).backward()
            optimizer.step()
        if step == 30:  # a schedule
            one.lr = other.param_groups[0]["lr"] = settings["lr"] / 10
        assert [v.data for v in ours] == pytest.approx([v.item() for v in theirs], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_defaults_are_torchs(name):
    ours, theirs = [Value(1.0)], [leaf(1.0)]
    one, other = getattr(nn, name)(ours), getattr(torch.optim, name)(theirs)
    for _ in range(3):
        (ours[0] ** 2).backward()
        (theirs[0] ** 2).backward()
        one.step()
        other.step()
    assert ours[0].data == pytest.approx(theirs[0].item(), rel=1e-14)


@pytest.mark.parametrize(
    ("name", "settings"), [("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.5}), ("Adam", {"lr": 0.1})]
)
def test_a_parameter_without_gradient_is_skipped(name, settings):
    ours, theirs = [Value(1.0), Value(2.0)], [leaf(1.0), leaf(2.0)]
    one, other = getattr(nn, name)(ours, **settings), getattr(torch.optim, name)(theirs, **settings)
    for step in range(12):
        for optimizer, (a, b) in ((one, ours), (other, theirs)):
            optimizer.zero_grad()
            (a**2 if step % 3 == 1 else a * b + b**2).backward()
            optimizer.step()
    assert [v.data for v in ours] == pytest.approx([v.item() for v in theirs], rel=1e-12)


# Networks -------------------------------------------------------------------------------------------------------------

MODULES = {
    "relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid, "leaky_relu": torch.nn.LeakyReLU,
    "elu": torch.nn.ELU, "gelu": torch.nn.GELU, "silu": torch.nn.SiLU, "softplus": torch.nn.Softplus,
}  # fmt: skip


def copied(model, activation):
    """The same network of torch's own layers."""
    parts = []
    for layer in model.layers:
        linear = torch.nn.Linear(layer.nin, layer.nout, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(tensor([[w.data for w in neuron.w] for neuron in layer.neurons]))
            linear.bias.copy_(tensor([neuron.b.data for neuron in layer.neurons]))
        parts += [linear, MODULES[activation]()]
    return torch.nn.Sequential(*parts[:-1])


@pytest.mark.parametrize("activation", MODULES)
def test_forward_backward_and_training(activation):
    model = nn.MLP(3, [5, 1, 4], activation=activation, seed=11)  # a hidden layer of width one
    twin = copied(model, activation)
    xs = [drawn(seed, 3, 1) for seed in range(7)]
    targets = labels(1, 7, range(4))
    ours, theirs = nn.Adam(model.parameters(), lr=0.05), torch.optim.Adam(twin.parameters(), lr=0.05)
    for _ in range(10):
        outputs, expected = [model(x) for x in xs], twin(tensor(xs))
        flat = [out.data for row in outputs for out in row]
        assert flat == pytest.approx(expected.flatten().tolist(), rel=1e-11, abs=1e-12)
        losses = nn.cross_entropy(outputs, targets), F.cross_entropy(expected, torch.tensor(targets))
        for loss, optimizer in zip(losses, (ours, theirs), strict=True):
            optimizer.zero_grad()
            loss.backward()
        grads = []
        for linear in twin[::2]:
            for weights, bias in zip(linear.weight.grad.tolist(), linear.bias.grad.tolist(), strict=True):
                grads += [*weights, bias]
        assert [p.grad for p in model.parameters()] == pytest.approx(grads, rel=1e-9, abs=1e-13)
        ours.step()
        theirs.step()


def test_schemes_have_torchs_variance():
    for scheme, init in (("kaiming", torch.nn.init.kaiming_normal_), ("xavier", torch.nn.init.xavier_uniform_)):
        layer = nn.Layer(50, 300, init=scheme, seed=1)
        weights = tensor([[w.data for w in neuron.w] for neuron in layer.neurons])
        torch.manual_seed(1)
        theirs = init(
            torch.empty(300, 50, dtype=torch.float64), **({"nonlinearity": "relu"} if scheme == "kaiming" else {})
        )
        assert weights.var().item() == pytest.approx(theirs.var().item(), rel=0.05)
        if scheme == "xavier":  # uniform: the largest is at the bound
            assert weights.abs().max().item() == pytest.approx(theirs.abs().max().item(), rel=1e-3)


# micrograd's demo -----------------------------------------------------------------------------------------------------


def test_micrograds_demo_has_the_same_losses():
    micrograd_engine = pytest.importorskip("micrograd.engine", reason="micrograd is not installed: no comparison")
    from micrograd.nn import MLP as MicrogradMLP

    generator = random.Random(1)
    xs, ys = [], []
    for i in range(20):
        angle, side = math.pi * generator.random(), i % 2
        xs.append(
            [math.cos(angle) if side else 1 - math.cos(angle), math.sin(angle) if side else 0.5 - math.sin(angle)]
        )
        ys.append(2 * side - 1)

    def run(make, value):
        random.seed(1337)
        model = make()
        losses = []
        for k in range(5):
            inputs = [list(map(value, x)) for x in xs]
            scores = list(map(model, inputs))
            terms = [(1 + -y * score).relu() for y, score in zip(ys, scores, strict=True)]
            loss = sum(terms) * (1.0 / len(terms)) + 1e-4 * sum(p * p for p in model.parameters())
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= (1.0 - 0.9 * k / 100) * p.grad
            losses.append(loss.data)
        return losses

    ours = run(lambda: nn.MLP(2, [16, 16, 1], init="uniform"), autograd.Value)
    theirs = run(lambda: MicrogradMLP(2, [16, 16, 1]), micrograd_engine.Value)
    # Its parents are a set ordered by address, so the last bits of its gradients differ from run to run.
    assert ours[0] == theirs[0]
    assert ours == pytest.approx(theirs, rel=1e-9)
