"""Second derivatives, compiled: the entries of the Hessian that are not zero, as a recorded program of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compiler.compiled import Compiled, like
from autograd.compiler.inputs import flat
from autograd.matrices import coloured, pattern
from autograd.sweeps import push_forward, tape
from autograd.transforms import gradients
from autograd.value import Value


class Hessian:
    """∂²f/∂xᵢ∂xⱼ for inputs of one structure.

    The derivatives are those of `autograd.hessian`, computed once on Values: the gradient is a graph, and for each
    colour of the pattern one sweep through it gives the entries of its columns. What they are made of is the program.
    """

    def __init__(self, function: Callable[..., Any], verify: bool, backend: str) -> None:
        self.function = function
        self._latest: Any = np.empty((0, 2), dtype=int)
        self._places: dict[Any, Any] = {}
        self.program = Compiled(self._entries, verify=verify, backend=backend, max_recordings=4)
        self.program.takes_plain_numbers = False

    def _entries(self, x: Any) -> list[Any]:
        """The entries on and below the diagonal that are not zero by the form of the function."""
        variables = flat(x)
        y = self.function(x)
        if isinstance(y, (list, tuple, np.ndarray)):
            raise TypeError("hessian() needs a function that returns one Value, it returned several: use jacobian()")
        slopes = gradients(y, variables) if isinstance(y, Value) else []
        way = tape(slopes, variables, exact=True)
        rows = pattern(way, slopes, variables)
        columns: list[list[int]] = [[] for _ in variables]
        for i, row in enumerate(rows):
            for j in row:
                columns[j].append(i)
        colours = coloured(columns, rows)
        tangents = []
        for colour in range(max(colours, default=-1) + 1):
            start: list[Any] = [None] * len(way.nodes)
            for variable, mine in zip(variables, colours, strict=True):
                if mine == colour and (place := way.place(variable)) is not None:
                    start[place] = 1
            tangents.append(push_forward(way.edges, start))
        entries, places = [], []
        for i, (slope, row) in enumerate(zip(slopes, rows, strict=False)):
            for j in row:
                place = way.place(slope)
                if j <= i and place is not None and (entry := tangents[colours[j]][place]) is not None:
                    entries.append(entry)
                    places.append((i, j))
        self._latest = np.array(places, dtype=int).reshape(-1, 2)
        return entries

    def __call__(self, x: Any, sparse: bool) -> Any:
        """The matrix, nested as the input is, in both ways; or a SciPy matrix over all its numbers."""
        entries = np.array(self.program(x), dtype=float)
        count = len(flat(x))
        rows, columns = self._places.setdefault(self.program.latest, self._latest).T
        if sparse:
            try:
                from scipy.sparse import csr_matrix
            except ImportError:
                raise ImportError("sparse=True needs SciPy: pip install 'scalar-autograd[sparse]'") from None
            below = rows != columns
            everything = np.concatenate([entries, entries[below]])
            i, j = np.concatenate([rows, columns[below]]), np.concatenate([columns, rows[below]])
            return csr_matrix((everything, (i, j)), shape=(count, count))
        matrix = np.zeros((count, count))
        matrix[rows, columns] = entries
        matrix[columns, rows] = entries
        if isinstance(x, np.ndarray):
            return matrix.reshape(x.shape * 2)
        return like(x, iter([like(x, iter(row)) for row in matrix.tolist()]))
