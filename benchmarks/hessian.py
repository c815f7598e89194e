"""The Hessian of Rosenbrock's function in 100 dimensions, written over scalars; peers have it as they like it best."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.runner import COLLECTOR, Result, clock, disagreement, in_turn, median, run
from benchmarks.table import Row

DIMENSIONS = 100
DENSE = ("autograd", "torch", "jax", "jax_jit", "casadi", "casadi_built")
SPARSE = ("autograd", "torch", "casadi", "casadi_built")
Hessian = Callable[[list[float]], Any]


def over_scalars(x: Any, total: Callable[[Any], Any]) -> Any:
    """Rosenbrock's function as it is written for numbers."""
    return total([100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(x)])


def over_arrays(x: Any) -> Any:
    """The same in a few array operations."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def ours(sparse: bool) -> Hessian:
    import autograd

    return autograd.hessian(lambda x: over_scalars(x, autograd.sum), sparse=sparse)


def torch_hessian() -> Hessian:
    import torch

    torch.set_num_threads(1)
    hessian = torch.autograd.functional.hessian
    return lambda x: hessian(over_arrays, torch.tensor(x, dtype=torch.float64))


def jax_hessian(jit: bool) -> Hessian:
    import jax  # type: ignore[import-not-found, unused-ignore]

    jax.config.update("jax_enable_x64", True)
    hessian = jax.hessian(over_arrays)
    compiled = jax.jit(hessian) if jit else hessian
    return lambda x: compiled(jax.numpy.array(x)).block_until_ready()


def casadi_hessian(n: int, before: bool) -> Hessian:
    """CasADi's graph of scalars: built anew for every Hessian, as ours is, or once before the clock starts."""
    import casadi  # type: ignore[import-not-found, unused-ignore]

    def build() -> Any:
        x = casadi.SX.sym("x", n)
        f = over_scalars(casadi.vertsplit(x), lambda terms: casadi.sum1(casadi.vertcat(*terms)))
        return casadi.Function("hessian", [x], [casadi.hessian(f, x)[0]])

    built = build() if before else None
    return lambda x: (built or build())(x)


def work(name: str, dimensions: int, runs: int, collect: bool, sparse: bool = False) -> Result:
    """Seconds a Hessian, the first call (imports, compilation) left out; and numbers to compare."""
    hessian = {
        "autograd": lambda: ours(sparse),
        "torch": torch_hessian,
        "jax": lambda: jax_hessian(jit=False),
        "jax_jit": lambda: jax_hessian(jit=True),
        "casadi": lambda: casadi_hessian(dimensions, before=False),
        "casadi_built": lambda: casadi_hessian(dimensions, before=True),
    }[name]()
    x = [0.5 + 0.01 * (k % 37) for k in range(dimensions)]
    H = hessian(x)
    dense = H.toarray() if hasattr(H, "toarray") else H
    check = [float(dense[i, j]) if hasattr(dense, "shape") else dense[i][j] for i, j in ((0, 0), (1, 2), (1, 1))]
    del H, dense
    gc.collect()
    if not collect:
        gc.disable()
    seconds = []
    for _ in range(runs):
        start = clock()
        hessian(x)
        seconds.append(clock() - start)
    return {"seconds": seconds, "check": check}


def measure(quick: bool) -> tuple[list[Row], list[str]]:
    """Rows for the dense and the sparse matrix, with the collector on and off, and the notes under the table."""
    dimensions, runs, rounds = (10, 2, 1) if quick else (DIMENSIONS, 15, 3)
    rows, notes = [], []
    for sparse, engines in ((False, DENSE), (True, SPARSE)):
        kind = "sparse" if sparse else "dense"
        for collector, collect in COLLECTOR.items():
            job = partial(run, "hessian", dimensions=dimensions, runs=runs, collect=collect, sparse=sparse)
            results = in_turn(rounds, engines, job)
            cells = {name: median(found, "seconds") for name, found in results.items()}
            rows.append(Row(f"Hessian of Rosenbrock in {dimensions} dimensions, {kind}", collector, cells))
            notes = disagreement("Hessian of Rosenbrock", results, "check") or notes
    notes.append(
        "Hessian of Rosenbrock: ours written over scalars, the graph made anew for each Hessian; PyTorch and JAX over "
        "arrays, and dense in both rows; CasADi over scalars, always sparse, its graph made anew or once before."
    )
    return rows, notes
