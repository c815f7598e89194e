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
        self._patterns: dict[Any, Pattern] = {}
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
        count = x.size if isinstance(x, np.ndarray) else len(flat(x))
        entries = np.array(self.program(x), dtype=float)
        latest = self.program.latest
        if latest not in self._patterns:
            self._patterns[latest] = Pattern(self._latest, count)
        pattern = self._patterns[latest]
        if sparse:
            return pattern.sparse(entries)
        matrix = pattern.dense(entries)
        if isinstance(x, np.ndarray):
            return matrix.reshape(x.shape * 2)
        return like(x, iter([like(x, iter(row)) for row in matrix.tolist()]))


class Pattern:
    """Where the entries of a symmetric matrix go that are given on and below the diagonal."""

    def __init__(self, places: Any, count: int) -> None:
        self.count = count
        rows, columns = places.T
        self._above = np.flatnonzero(rows != columns)
        self._rows = np.concatenate([rows, columns[self._above]])
        self._columns = np.concatenate([columns, rows[self._above]])
        self._flat = self._rows * count + self._columns
        self._compressed: Any = None

    def dense(self, entries: Any) -> Any:
        """The whole matrix."""
        matrix = np.zeros((self.count, self.count))
        matrix.put(self._flat, np.concatenate([entries, entries[self._above]]))
        return matrix

    def sparse(self, entries: Any) -> Any:
        """The matrix in compressed rows; how they are compressed is found once."""
        try:
            from scipy.sparse import csr_matrix
        except ImportError:
            raise ImportError("sparse=True needs SciPy: pip install 'scalar-autograd[sparse]'") from None
        shape = self.count, self.count
        if self._compressed is None:
            numbered = csr_matrix((np.arange(1.0, len(self._rows) + 1), (self._rows, self._columns)), shape=shape)
            self._compressed = numbered.data.astype(int) - 1, numbered.indices, numbered.indptr
        order, indices, starts = self._compressed
        everything = np.concatenate([entries, entries[self._above]])[order]
        return csr_matrix((everything, indices.copy(), starts.copy()), shape=shape)
