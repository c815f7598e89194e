"""Programs written once for every library: the operations come in as `m`, numbers as arrays that can be indexed."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

import autograd

draw = np.random.default_rng(0)
POINTS = draw.normal(size=(12, 3))
LABELS = [1.0 if p @ [1.0, -2.0, 0.5] > 0 else 0.0 for p in POINTS]


class Program(NamedTuple):
    """A function of one array of numbers, and where it is differentiated."""

    function: Callable[[Any, Any], Any]
    at: list[float]


def rosenbrock(m: Any, x: Any) -> Any:
    return m.total([100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1)])


def logistic_regression(m: Any, w: Any) -> Any:
    scores = [m.total([w[i] * float(p[i]) for i in range(3)]) + w[3] for p in POINTS]
    losses = [m.softplus(s) - y * s for s, y in zip(scores, LABELS, strict=True)]
    return m.total(losses) / len(losses) + 0.1 * m.total([w[i] ** 2 for i in range(4)])


def mlp(m: Any, w: Any) -> Any:
    """2-3-1 with tanh, over scalars."""
    loss = []
    for k in range(5):
        x = [float(POINTS[k][0]), float(POINTS[k][1])]
        h = [m.tanh(w[3 * i] * x[0] + w[3 * i + 1] * x[1] + w[3 * i + 2]) for i in range(3)]
        loss.append((m.total([w[9 + i] * h[i] for i in range(3)]) + w[12] - LABELS[k]) ** 2)
    return m.total(loss)


def cross_entropy(m: Any, logits: Any) -> Any:
    return m.logsumexp([logits[i] for i in range(len(logits))]) - logits[1]


def black_scholes(m: Any, x: Any) -> Any:
    """The price of a call: spot, strike, rate, volatility, time."""
    s, k, r, v, t = (x[i] for i in range(5))
    d1 = (m.log(s / k) + (r + v**2 / 2) * t) / (v * m.sqrt(t))
    d2 = d1 - v * m.sqrt(t)

    def phi(z: Any) -> Any:
        return (1 + m.erf(z / math.sqrt(2.0))) / 2

    return s * phi(d1) - k * m.exp(-r * t) * phi(d2)


def pendulum(m: Any, x: Any) -> Any:
    """Angle, speed, length: the angle after forty steps."""
    angle, speed, length = (x[i] for i in range(3))
    for _ in range(40):
        speed = speed - 0.05 * 9.81 / length * m.sin(angle)
        angle = angle + 0.05 * speed
    return angle


def powers(m: Any, x: Any) -> Any:
    return x[0] ** x[1] + x[1] ** x[2] + x[0] ** 3 * x[2] ** -2


def trigonometry(m: Any, x: Any) -> Any:
    return m.sin(x[0] * x[1]) * m.cos(x[1]) + m.atan2(x[0], x[1]) + m.asin(x[0] / 3) * m.tan(x[2])


def stable(m: Any, x: Any) -> Any:
    return m.expm1(x[0]) * m.log1p(x[1] ** 2) + m.sigmoid(x[0] * x[2]) + m.softplus(x[1] - x[2])


def ratios(m: Any, x: Any) -> Any:
    return x[0] / x[1] + m.sqrt(x[0] ** 2 + x[2] ** 2) / (1 + x[1] ** 2) - m.log(x[1]) / x[2]


def determinant(m: Any, x: Any) -> Any:
    a, b, c, d, e, f, g, h, i = (x[k] for k in range(9))
    return m.log(m.abs(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)))


def kepler(m: Any, x: Any) -> Any:
    """Ten Newton steps for E − e·sin E = M, then the radius."""
    mean, eccentricity = x[0], x[1]
    E = mean
    for _ in range(10):
        E = E - (E - eccentricity * m.sin(E) - mean) / (1 - eccentricity * m.cos(E))
    return 1 - eccentricity * m.cos(E)


PROGRAMS: dict[str, Program] = {
    "Rosenbrock": Program(rosenbrock, [-1.2, 1.0, 0.8, -0.3, 2.0]),
    "logistic regression": Program(logistic_regression, [0.3, -0.8, 0.1, 0.05]),
    "MLP": Program(mlp, [0.1 * k - 0.6 for k in range(13)]),
    "softmax cross-entropy": Program(cross_entropy, [2.0, -1.0, 0.5, 3.0]),
    "softmax cross-entropy at 1000": Program(cross_entropy, [1000.0, 999.0, -1000.0, 0.5]),
    "Black-Scholes": Program(black_scholes, [100.0, 105.0, 0.03, 0.2, 0.75]),
    "pendulum": Program(pendulum, [1.0, -0.5, 2.0]),
    "powers": Program(powers, [1.5, 2.5, 0.7]),
    "trigonometry": Program(trigonometry, [0.4, -1.3, 0.9]),
    "stable forms": Program(stable, [0.7, -0.4, 1.3]),
    "ratios": Program(ratios, [2.0, 0.6, -1.5]),
    "determinant": Program(determinant, [2.0, 1.0, -1.0, 0.5, 3.0, 0.2, -0.7, 1.1, 1.9]),
    "Kepler": Program(kepler, [0.9, 0.6]),
}

names = "exp expm1 log log1p sqrt sin cos tan asin atan2 tanh sigmoid softplus erf abs logsumexp".split()
OURS = SimpleNamespace(total=autograd.sum, **{name: getattr(autograd, name) for name in names})


def direction(n: int) -> list[float]:
    """A vector with small whole numbers, the same for every library."""
    return [float((7 * k + 3) % 5 - 2) for k in range(n)]


def ours(name: str) -> dict[str, Any]:
    """Everything we compute of a program, as numpy arrays; by either mode and by both."""
    program = PROGRAMS[name]
    x, v = program.at, direction(len(program.at))

    def f(x: Any) -> Any:
        return program.function(OURS, x)

    def several(x: Any) -> Any:
        """A function with several results, for the Jacobian: of nearly every program at once."""
        return [f(x), x[0] * f(x), OURS.sin(x[-1])]

    found = {
        "value": f(x),
        "gradient": autograd.grad(f)(x),
        "hessian": autograd.hessian(f)(x),
        "jvp": autograd.jvp(f, x, v)[1],
        "vjp": autograd.vjp(several, x)[1]([1.0, -2.0, 0.5]),
        "hvp": autograd.hvp(f, x, v),
        "jacobian": autograd.jacobian(several, mode="forward")(x),
        "third": autograd.grad(lambda x: OURS.total([a * b for a, b in zip(autograd.hvp(f, x, v), v, strict=True)]))(x),
        "nested": autograd.grad(
            lambda t: OURS.total([t * t * c * g for c, g in zip(v, autograd.grad(f)([t * a for a in x]), strict=True)])
        )(1.0),
    }
    return {key: np.asarray(value) for key, value in found.items()}


def agree(name: str, theirs: dict[str, Any], tolerance: float = 1e-11) -> None:
    """All of it within the tolerance, relative to the largest number of the same kind."""
    for key, mine in ours(name).items():
        other = np.asarray(theirs[key])
        assert mine.shape == other.shape, key
        scale = np.abs(mine).max()
        assert np.abs(mine - other).max() <= tolerance * scale, (name, key, mine, other)
