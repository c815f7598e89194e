"""Small programs about the order in which scalar code is written: the arithmetic is the same, the text is another.

Each function here makes a loss and its inputs, as those of `programs` do. What is written in another order, or with the
operands changed over, is to become the same array operations; what is triangular or sparse, few of them all the same.
"""

from __future__ import annotations

import random
from typing import Any

from autograd import tanh
from benchmarks.programs import Made, numbers, weights


def tree_sum(seed: int = 0, terms: int = 256) -> Made:
    """Σ tanh(w·x), added up in pairs, pairs of pairs, and so on."""
    w = weights(random.Random(seed), terms)

    def loss(xs: Any) -> Any:
        items = [tanh(wi * xi) for wi, xi in zip(w, xs, strict=True)]
        while len(items) > 1:
            items = [a + b for a, b in zip(items[::2], items[1::2], strict=False)] + items[len(items) // 2 * 2 :]
        return items[0]

    return loss, (numbers(random.Random(seed + 1), terms),)


def left_leaning_sum(seed: int = 0, terms: int = 256) -> Made:
    """The same, added up one after the other."""
    w = weights(random.Random(seed), terms)

    def loss(xs: Any) -> Any:
        total = 0.0
        for wi, xi in zip(w, xs, strict=True):
            total = total + tanh(wi * xi)
        return total

    return loss, (numbers(random.Random(seed + 1), terms),)


def right_leaning_sum(seed: int = 0, terms: int = 256) -> Made:
    """The same from the other end, each time with the sum on the right."""
    w = weights(random.Random(seed), terms)

    def loss(xs: Any) -> Any:
        total = 0.0
        for wi, xi in zip(reversed(w), reversed(xs), strict=True):
            total = tanh(wi * xi) + total
        return total

    return loss, (numbers(random.Random(seed + 1), terms),)


def swapped(seed: int = 0, width: int = 24, swap: bool = True) -> Made:
    """A layer in which every other product, and every third sum, has its operands changed over."""
    rng = random.Random(seed)
    w, b = weights(rng, width, width), weights(rng, width)

    def loss(x: Any) -> Any:
        total = 0.0
        for i in range(width):
            score = b[i]
            for j in range(width):
                product = x[j] * w[i][j] if swap and (i + j) % 2 else w[i][j] * x[j]
                score = product + score if swap and (i + 2 * j) % 3 == 0 else score + product
            total = total + tanh(score) ** 2
        return total

    return loss, (numbers(random.Random(seed + 1), width),)


def feature_major(seed: int = 0, examples: int = 40, features: int = 6) -> Made:
    """A linear model over many examples, its scores built up feature by feature."""
    w, b = weights(random.Random(seed), features), weights(random.Random(seed + 2))

    def loss(X: Any, y: Any) -> Any:
        scores = [b for _ in X]
        for j in range(features):
            for i, row in enumerate(X):
                scores[i] = scores[i] + w[j] * row[j]
        return sum((tanh(score) - target) ** 2 for score, target in zip(scores, y, strict=True)) / len(X)

    rng = random.Random(seed + 1)
    return loss, (numbers(rng, examples, features), numbers(rng, examples))


def example_major(seed: int = 0, examples: int = 40, features: int = 6) -> Made:
    """The same, example by example."""
    w, b = weights(random.Random(seed), features), weights(random.Random(seed + 2))

    def loss(X: Any, y: Any) -> Any:
        total = 0.0
        for row, target in zip(X, y, strict=True):
            score = b
            for wj, xj in zip(w, row, strict=True):
                score = score + wj * xj
            total = total + (tanh(score) - target) ** 2
        return total / len(X)

    rng = random.Random(seed + 1)
    return loss, (numbers(rng, examples, features), numbers(rng, examples))


def triangular(seed: int = 0, size: int = 24) -> Made:
    """A lower triangular matrix times a vector: row i has i + 1 terms."""
    rng = random.Random(seed)
    matrix = [weights(rng, i + 1) for i in range(size)]

    def loss(x: Any, target: Any) -> Any:
        error = 0.0
        for row, t in zip(matrix, target, strict=True):
            error = error + (sum(a * xj for a, xj in zip(row, x, strict=False)) - t) ** 2
        return error

    return loss, (numbers(rng, size), numbers(rng, size))


def triangular_solve(seed: int = 0, size: int = 24) -> Made:
    """Forward substitution: xᵢ = (bᵢ − Σⱼ Lᵢⱼ·xⱼ)/Lᵢᵢ, where every row needs all rows before it."""
    rng = random.Random(seed)
    lower = [weights(rng, i, scale=0.1) for i in range(size)]
    diagonal = [weights(rng, scale=0.1) for _ in range(size)]

    def loss(b: Any) -> Any:
        x: list[Any] = []
        for row, d, bi in zip(lower, diagonal, b, strict=True):
            x.append((bi - sum(a * xj for a, xj in zip(row, x, strict=True))) / (d + 2.0))
        return sum(xi * xi for xi in x)

    return loss, (numbers(rng, size),)


def sparse(seed: int = 0, size: int = 60) -> Made:
    """A sparse matrix times a vector: each row has a few entries, in columns that are drawn."""
    rng = random.Random(seed)
    columns = [sorted(rng.sample(range(size), rng.randint(1, 6))) for _ in range(size)]
    entries = [weights(rng, len(row)) for row in columns]

    def loss(x: Any, target: Any) -> Any:
        error = 0.0
        for row, places, t in zip(entries, columns, target, strict=True):
            error = error + (sum(a * x[j] for a, j in zip(row, places, strict=True)) - t) ** 2
        return error

    return loss, (numbers(rng, size), numbers(rng, size))


def banded(seed: int = 0, size: int = 60) -> Made:
    """A tridiagonal matrix, of three bands of parameters, times a vector; the first and last row are shorter."""
    rng = random.Random(seed)
    below, middle, above = weights(rng, size - 1), weights(rng, size), weights(rng, size - 1)

    def loss(x: Any, target: Any) -> Any:
        error = 0.0
        for i in range(size):
            row = middle[i] * x[i]
            if i > 0:
                row = row + below[i - 1] * x[i - 1]
            if i < size - 1:
                row = row + above[i] * x[i + 1]
            error = error + (row - target[i]) ** 2
        return error

    return loss, (numbers(rng, size), numbers(rng, size))
