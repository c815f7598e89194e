"""The Hessian of Rosenbrock's function in 100 dimensions, written over scalars and compiled, dense and sparse."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.hessian import DIMENSIONS, jax_hessian
from benchmarks.hessian import ours as eager_hessian
from benchmarks.pace import pace
from benchmarks.runner import Result, disagreement, in_turn, median, run
from benchmarks.table import Row

DENSE, SPARSE = ("autograd", "eager", "jax_jit", "casadi_built"), ("autograd", "eager", "casadi_built")
Hessian = Callable[[Any], Any]


def compiled(sparse: bool) -> Hessian:
    import autograd
    from benchmarks.programs import rosenbrock

    program = autograd.compile(rosenbrock)
    return lambda x: program.hessian(x, sparse=sparse)


def casadi_hessian(n: int, sparse: bool) -> Hessian:
    """CasADi's graph of scalars, built before the clock starts; its matrices are sparse, a dense one is filled up."""
    import casadi  # type: ignore[import-not-found, unused-ignore]

    from benchmarks.programs import rosenbrock

    x = casadi.SX.sym("x", n)
    H = casadi.hessian(rosenbrock(casadi.vertsplit(x)), x)[0]
    return casadi.Function("hessian", [x], [H if sparse else casadi.densify(H)])  # type: ignore[no-any-return, unused-ignore]


def work(name: str, dimensions: int, seconds: float, sparse: bool) -> Result:
    """Seconds a Hessian, and some of its numbers; each point is another one."""
    import numpy as np

    hessian = {
        "autograd": lambda: compiled(sparse),
        "eager": lambda: eager_hessian(sparse),
        "jax_jit": lambda: jax_hessian(jit=True),
        "casadi_built": lambda: casadi_hessian(dimensions, sparse),
    }[name]()
    x = np.array([0.5 + 0.01 * (k % 37) for k in range(dimensions)])

    def step(k: int) -> float:
        H = hessian(x + 0.001 * (k % 10))
        return float(H[0, 0] + H[1, 2] + H[1, 1]) if k < 5 else 0.0

    return pace(step, seconds)


def measure(quick: bool) -> tuple[list[Row], list[str]]:
    """A row for the dense and one for the sparse matrix."""
    dimensions, seconds, rounds = (10, 0.002, 1) if quick else (DIMENSIONS, 0.5, 5)
    rows, wrong = [], []
    for sparse in (True,) if quick else (False, True):
        engines = SPARSE if sparse else DENSE
        job = partial(run, "compiled_hessian", dimensions=dimensions, seconds=seconds, sparse=sparse)
        results = in_turn(rounds, engines, job)
        words = f"Hessian of Rosenbrock in {dimensions} dimensions, {'sparse' if sparse else 'dense'}, compiled"
        rows.append(Row(words, "on", {name: median(found, "seconds") for name, found in results.items()}))
        wrong += disagreement(words, results, "numbers")
    note = (
        "Hessian of Rosenbrock, compiled: ours and CasADi's written over scalars; JAX over arrays, its matrix dense. "
        "All are given a numpy array and give a matrix of their own kind."
    )
    return rows, [*wrong, note]
