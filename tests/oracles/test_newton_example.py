"""An example, tested: how many steps Newton's method takes, and gradient descent, where both start at one point.

Newton goes to the minimum of the parabola that has the slope and the curvature of the function, so on a parabola it is
there at once. Where the curvature is negative that parabola has a maximum, and Newton goes there: descent does not.

    python tests/oracles/test_newton_example.py
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import exp, grad, hessian, value_and_grad
from autograd import sum as total

pytestmark = pytest.mark.oracle
Function = Callable[[Any], Any]


def convex(x: Any) -> Any:
    """Boyd and Vandenberghe, "Convex Optimization", equation 9.20: one minimum, at (−log(2)/2, 0)."""
    return exp(x[0] + 3 * x[1] - 0.1) + exp(x[0] - 3 * x[1] - 0.1) + exp(-x[0] - 0.1)


def parabola(x: Any) -> Any:
    """Fifty times steeper one way than the other."""
    return (x[0] - 1) ** 2 + 50 * (x[1] + 2) ** 2


def rosenbrock(x: Any) -> Any:
    """A bent valley: not convex; one minimum, at (1, 1)."""
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def bumps(x: Any) -> Any:
    """A well with a hill in it: at the top of the hill the slope is 0 too."""
    return total([v**2 / 8 for v in x]) + exp(-(x[0] ** 2) - x[1] ** 2)


def newton(f: Function, x0: list[float], damped: bool = False) -> tuple[np.ndarray, int]:
    """x − H⁻¹·g until the slope is below 1e-8; `damped` turns negative curvature round and halves what goes up."""
    x = np.array(x0)
    for step in range(200):
        value, g = value_and_grad(f)(x)
        if np.linalg.norm(g) < 1e-8:
            return x, step
        curvatures, axes = np.linalg.eigh(hessian(f)(x))
        way = -axes @ ((axes.T @ g) / (np.abs(curvatures) if damped else curvatures))
        size = 1.0
        while damped and size > 1e-10 and f(x + size * way) > value + 1e-4 * size * (g @ way):
            size /= 2
        x = x + size * way
    return x, 200


def descent(f: Function, x0: list[float], most: int = 100_000) -> tuple[np.ndarray, int]:
    """x − size·g until the slope is below 1e-8; the size is halved until the function goes down enough."""
    x, size = np.array(x0), 1.0
    for step in range(most):
        value, g = value_and_grad(f)(x)
        if np.linalg.norm(g) < 1e-8:
            return x, step
        size *= 2
        while size > 1e-12 and f(x - size * g) > value - 0.5 * size * (g @ g):
            size /= 2
        x = x - size * g
    return x, most


def shown(name: str, newton_steps: int, descent_steps: int) -> None:
    print(f"{name:22} Newton {newton_steps:4} steps, gradient descent {descent_steps:6}")


def test_a_parabola_takes_newton_one_step() -> None:
    (x, steps), (y, many) = newton(parabola, [5.0, 5.0]), descent(parabola, [5.0, 5.0])
    shown("parabola", steps, many)
    np.testing.assert_allclose(x, [1, -2], atol=1e-12)
    np.testing.assert_allclose(y, [1, -2], atol=1e-7)
    assert steps == 1
    assert many > 30


def test_a_convex_function() -> None:
    (x, steps), (y, many) = newton(convex, [-1.0, 1.0]), descent(convex, [-1.0, 1.0])
    shown("convex", steps, many)
    np.testing.assert_allclose(x, [-math.log(2) / 2, 0], atol=1e-9)
    np.testing.assert_allclose(y, x, atol=1e-6)
    assert np.linalg.eigvalsh(hessian(convex)(x)).min() > 0
    assert steps <= 10
    assert many >= 5 * steps


def test_a_function_that_is_not_convex() -> None:
    (x, steps), (y, many) = newton(rosenbrock, [-1.2, 1.0]), descent(rosenbrock, [-1.2, 1.0])
    shown("Rosenbrock", steps, many)
    np.testing.assert_allclose(x, [1, 1], atol=1e-10)
    np.testing.assert_allclose(y, [1, 1], atol=1e-6)
    assert steps <= 8
    assert many > 1000
    guarded, fewer = newton(rosenbrock, [-1.2, 1.0], damped=True)
    shown("Rosenbrock, damped", fewer, many)
    np.testing.assert_allclose(guarded, [1, 1], atol=1e-8)
    assert fewer < 40


def test_where_the_curvature_is_negative_newton_goes_to_the_top_of_the_hill() -> None:
    start = [0.3, 0.2]
    (top, steps), (bottom, many) = newton(bumps, start), descent(bumps, start)
    shown("a hill in a well", steps, many)
    np.testing.assert_allclose(top, [0, 0], atol=1e-8)
    assert np.linalg.eigvalsh(hessian(bumps)(top)).max() < 0  # a maximum
    radius = math.sqrt(math.log(8))  # where the slope r/4 − 2·r·exp(−r²) is 0
    assert np.linalg.norm(bottom) == pytest.approx(radius, abs=1e-6)
    assert np.linalg.norm(grad(bumps)(bottom)) < 1e-8
    guarded, fewer = newton(bumps, start, damped=True)
    shown("the same, damped", fewer, many)
    assert np.linalg.norm(guarded) == pytest.approx(radius, abs=1e-6)


if __name__ == "__main__":
    test_a_parabola_takes_newton_one_step()
    test_a_convex_function()
    test_a_function_that_is_not_convex()
    test_where_the_curvature_is_negative_newton_goes_to_the_top_of_the_hill()
