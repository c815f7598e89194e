"""Sums of products as calls of numpy functions: by BLAS where they are products of matrices, else as they come."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd.compiler import affine
from autograd.compiler.program import Access, Axes, Strided, Table
from autograd.compiler.straight import Lines

LONG = 64
"""From so many numbers on, a sum is faster as a product with ones."""


class Products:
    """Writes calls; `_buffers` are the values and the adjoints."""

    _buffers: tuple[Any, Any]
    _lines: Lines
    factored = False
    """Whether a sum of products is computed as a product of sums, which is not the same where a number is infinite."""

    def _call(self, function: Any, *arguments: Any, **named: Any) -> None:
        self._lines.call(function, *arguments, **named)

    def _copy(self, out: Any, array: Any) -> None:
        self._lines.line("{}[...] = {}", out, array)  # which is faster than copyto

    def _send(self, factors: list[Any], coefficient: float, axes: Axes, out: Access, accumulate: bool) -> None:
        """out (+)= Σ coefficient · Π factors."""
        kept = _kept(out, axes)
        target = self._target(out, axes, kept)
        factors, coefficient, summed = self._prepared(factors, coefficient, axes, kept)
        if (
            target is not None
            and not kept
            and summed
            and self._in_one_cell(factors, coefficient, summed, target, accumulate)
        ):
            return
        if target is not None and not accumulate:
            self._product(factors, coefficient, kept, summed, target)
        elif target is not None and not factors:
            self._call(np.add, target, np.array(coefficient), out=target)
        elif target is not None and len(factors) == 1 and not summed and coefficient in (1.0, -1.0):
            self._call(np.add if coefficient == 1.0 else np.subtract, target, _only(factors[0], kept), out=target)
        else:
            share = np.empty([axes[axis] for axis in kept]) if target is None else np.empty_like(target)
            is_less = target is not None and coefficient == -1.0
            self._product(factors, 1.0 if is_less else coefficient, kept, summed, share)
            if target is not None:
                self._call(np.subtract if is_less else np.add, target, share, out=target)
            else:
                self._scatter(out, axes, kept, share, accumulate)

    def _target(self, out: Access, axes: Axes, kept: list[int]) -> Any:
        """The result as a view, if each of its cells is there once."""
        if isinstance(out, Table):
            return None
        reach = 0
        for stride, size in sorted((abs(out.strides[axis]), axes[axis]) for axis in kept):
            if stride <= reach:
                return None
            reach += stride * (size - 1)
        strides = [out.strides[axis] for axis in kept]
        return affine.view(self._buffers[out.buffer], [axes[axis] for axis in kept], out.start, strides)

    def _scatter(self, out: Access, axes: Axes, kept: list[int], share: Any, accumulate: bool) -> None:
        """Add up the shares of each cell where one cell is there several times, or the cells are given by a table."""
        buffer = self._buffers[out.buffer]
        cells = np.broadcast_to(out.cells(axes), axes)
        cells = cells[tuple(slice(None) if axis in kept else 0 for axis in range(len(axes)))].ravel()
        shares = share.reshape(-1)
        unique, counts = np.unique(cells, return_counts=True)
        if len(unique) < len(cells):
            order = np.argsort(cells, kind="stable")
            ordered = shares
            if (order[1:] < order[:-1]).any():
                ordered = np.empty(len(cells))
                self._call(shares.take, order, None, ordered, "clip")
            starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
            shares = np.empty(len(unique))
            self._call(np.add.reduceat, ordered, starts, out=shares)
            cells = unique
        if accumulate:
            there = np.empty(len(cells))
            self._call(buffer.take, cells, None, there, "clip")
            self._call(np.add, shares, there, out=there)
            shares = there
        if len(cells) and (np.diff(cells) == 1).all():
            self._copy(buffer[cells[0] : cells[-1] + 1], shares)
        else:
            self._call(buffer.__setitem__, cells, shares)

    # Products and their sums ------------------------------------------------------------------------------------------

    def _prepared(
        self, factors: list[Any], coefficient: float, axes: Axes, kept: list[int]
    ) -> tuple[list[Any], float, list[int]]:
        """At most two factors, and the axes to add up along, each of which one of them has."""
        summed = [axis for axis in range(len(axes)) if axis not in kept and axes[axis] > 1]
        factors = list(factors)
        for axis in list(summed):
            if all(factor.strides[axis] == 0 for factor in factors):
                coefficient *= axes[axis]
                summed.remove(axis)
        factors = self._each_summed_alone(factors, summed)
        while len(factors) > 2:
            a, b = factors.pop(), factors.pop()
            factors = self._each_summed_alone([*factors, self._times(a, b)], summed)
        return factors, coefficient, [axis for axis in summed if any(factor.strides[axis] for factor in factors)]

    def _each_summed_alone(self, factors: list[Any], summed: list[int]) -> list[Any]:
        """The factors, each added up first over those axes of the sum that no other factor has."""
        if len(factors) < 2:
            return factors
        for number, factor in enumerate(factors):
            others = factors[:number] + factors[number + 1 :]
            alone = [a for a in summed if factor.strides[a] and not any(other.strides[a] for other in others)]
            if alone:
                self.factored = True
                mine = without_repeats(factor)
                total = np.empty([1 if axis in alone else size for axis, size in enumerate(mine.shape)])
                self._call(np.add.reduce, mine, tuple(alone), out=total, keepdims=True)
                factors = [*factors[:number], np.broadcast_to(total, factor.shape), *factors[number + 1 :]]
        return factors

    def _times(self, a: Any, b: Any) -> Any:
        """a·b over the axes that either has."""
        x, y = without_repeats(a), without_repeats(b)
        product = np.empty(np.broadcast_shapes(x.shape, y.shape))
        self._call(np.multiply, x, y, out=product)
        return np.broadcast_to(product, a.shape)

    def _product(self, factors: list[Any], coefficient: float, kept: list[int], summed: list[int], out: Any) -> None:
        """out = coefficient · Σ Π factors, over the summed axes."""
        if not factors:
            self._call(out.fill, coefficient)
            return
        constant = [number for number, factor in enumerate(factors) if not any(factor.strides)]
        if constant and coefficient != 1.0 and len(factors) == 2 and not summed:
            factor = factors.pop(constant[0])
            named = np.multiply, _only(factors[0], kept), _only(factor, []), coefficient, out
            self._lines.line("{}({}, {}.item() * {}, {})", *named)
            return
        if len(factors) == 1:
            self._sum(factors[0], kept, summed, coefficient, out)
            return
        a, b = factors
        if summed or _is_outer(a, b, kept):
            self._matrix_product(a, b, kept, summed, out)
        else:
            self._call(np.multiply, _only(a, kept), _only(b, kept), out=out)
        if coefficient != 1.0:
            self._scale(out, coefficient)

    def _in_one_cell(
        self, factors: list[Any], coefficient: float, summed: list[int], out: Any, accumulate: bool
    ) -> bool:
        """The sum of everything, where the factors are vectors without gaps; whether they are."""
        vectors = [_vector(factor, summed) for factor in factors]
        if any(vector is None for vector in vectors):
            return False
        if len(vectors) == 1:
            vectors.append(np.ones(vectors[0].size))
        sign = "+=" if accumulate else "="
        self._lines.line("{}[()] " + sign + " {}.dot({}) * {}", out, *vectors, coefficient)
        return True

    def _sum(self, factor: Any, kept: list[int], summed: list[int], coefficient: float, out: Any) -> None:
        view = _only(factor, kept + summed)
        if not summed:
            if coefficient == 1.0:
                self._copy(out, view)
            elif coefficient == -1.0:
                self._call(np.negative, view, out=out)
            else:
                self._call(np.multiply, view, np.array(coefficient), out=out)
            return
        merged = _merge(view, [0, len(kept), len(summed)])
        if merged is not None and _for_blas(merged) and out.flags.c_contiguous and view.size >= LONG:
            self._call(np.dot, merged, np.full(merged.shape[1], coefficient), out.reshape(-1))
            return
        self._call(np.add.reduce, view, tuple(range(len(kept), view.ndim)), out=out)
        if coefficient != 1.0:
            self._scale(out, coefficient)

    def _scale(self, out: Any, coefficient: float) -> None:
        if coefficient == -1.0:
            self._call(np.negative, out, out=out)
        else:
            self._call(np.multiply, out, np.array(coefficient), out=out)

    def _matrix_product(self, a: Any, b: Any, kept: list[int], summed: list[int], out: Any) -> None:
        """out = a @ b, of axes put together: those of both, of a alone, of b alone, and those summed over."""
        both = [axis for axis in kept if a.strides[axis] and b.strides[axis]]
        rows = [axis for axis in kept if a.strides[axis] and not b.strides[axis]]
        columns = [axis for axis in kept if b.strides[axis] and not a.strides[axis]]
        neither = [axis for axis in kept if not a.strides[axis] and not b.strides[axis] and a.shape[axis] > 1]
        if both and not rows and not columns and not neither:
            self._products_of_rows(_only(a, kept + summed), _only(b, kept + summed), len(kept), out)
            return
        position = {axis: number for number, axis in enumerate(kept)}
        if rows and columns and out.strides[position[rows[-1]]] < out.strides[position[columns[-1]]]:
            a, b, rows, columns = b, a, columns, rows  # so that the result is written along its rows
        elif rows and not columns:
            a, b, rows, columns = b, a, columns, rows
        arranged = out.transpose([position[axis] for axis in both + rows + columns + neither])
        arranged_shape = arranged.shape[: len(both + rows + columns)]
        left = self._merged(_only(a, both + rows + summed), [len(both), len(rows), len(summed)])
        right = self._merged(_only(b, both + summed + columns), [len(both), len(summed), len(columns)])
        direct = None if neither else _merge(arranged, [len(both), len(rows), len(columns)])
        if direct is not None and _for_blas(direct):
            if not both and direct.flags.c_contiguous:
                self._call(np.dot, left, right, direct)
            else:
                self._call(np.matmul, left, right, out=direct)
            return
        made = np.empty((*left.shape[:-1], right.shape[-1]))
        self._call(np.matmul, left, right, out=made)
        self._copy(arranged, made.reshape(arranged_shape + (1,) * len(neither)))

    def _products_of_rows(self, a: Any, b: Any, kept: int, out: Any) -> None:
        """out = Σ a·b over all axes but the first ones."""
        rows = [_merge(array, [kept, array.ndim - kept]) for array in (a, b)]
        if all(array is not None for array in rows):
            self._call(np.vecdot, *rows, out=out)
            return
        product = np.empty(a.shape)
        self._call(np.multiply, a, b, out=product)
        self._call(np.add.reduce, product, tuple(range(kept, a.ndim)), out=out)

    def _merged(self, array: Any, parts: list[int]) -> Any:
        """The array with its axes put together in three parts, copied where that, or BLAS, needs it."""
        merged = _merge(array, parts)
        if merged is not None and _for_blas(merged):
            return merged
        packed = np.empty(array.shape)
        self._copy(packed, array)
        return _merge(packed, parts)


def _is_outer(a: Any, b: Any, axes: list[int]) -> bool:
    """Whether each axis is of one of them alone, and each has some."""
    pairs = [(bool(a.strides[axis]), bool(b.strides[axis])) for axis in axes]
    return {(True, False), (False, True)} == set(pairs)


def _kept(out: Access, axes: Axes) -> list[int]:
    """The axes that the result has."""
    if isinstance(out, Strided):
        return [axis for axis, stride in enumerate(out.strides) if stride and axes[axis] > 1]
    return [axis for axis, size in enumerate(out.table.shape) if size > 1]


def without_repeats(array: Any) -> Any:
    """The array, 1 long along axes where it only repeats."""
    return array[tuple(slice(0, 1) if stride == 0 else slice(None) for stride in array.strides)]


def _only(array: Any, axes: list[int]) -> Any:
    """The array with these axes, in this order; along the others it is the same everywhere."""
    return as_strided(array, [array.shape[axis] for axis in axes], [array.strides[axis] for axis in axes])


def _vector(array: Any, axes: list[int]) -> Any:
    """The array along these axes as one vector without gaps; None where it is none."""
    merged = _merge(_only(array, axes), [0, len(axes)])
    return merged if merged is not None and merged.strides == (8,) else None


def _merge(array: Any, parts: list[int]) -> Any:
    """A view whose axes are put together in parts, the first part left as it is; None where strides forbid it."""
    first = parts[0]
    shape, strides = list(array.shape[:first]), list(array.strides[:first])
    at = first
    for part in parts[1:]:
        size, stride = 1, 8
        for axis in reversed(range(at, at + part)):
            if array.shape[axis] == 1:
                continue
            if size > 1 and array.strides[axis] != stride * size:
                return None
            if size == 1:
                stride = array.strides[axis]
            size *= array.shape[axis]
        shape.append(size)
        strides.append(stride)
        at += part
    return as_strided(array, shape, strides)


def _for_blas(matrix: Any) -> bool:
    """Whether BLAS takes the matrices as they are: one of the last two axes without gaps, the other not within it."""
    (rows, columns), (down, along) = matrix.shape[-2:], matrix.strides[-2:]
    return bool(along == 8 and (down >= 8 * columns or rows == 1)) or (
        down == 8 and (along >= 8 * rows or columns == 1)
    )
