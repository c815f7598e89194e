"""Losses: how wrong predictions are, as one number to make smaller, in forms that do not overflow.

Each takes (prediction, target) and a reduction: "mean" over all numbers, their "sum", or "none" for the losses one by
one, as lists of the prediction's shape. Predictions and targets are numbers, Values, (nested) lists of them, or arrays;
the shapes must be the same. Values in give a Value, plain numbers a float.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import Value, log, log1p, logsumexp, maximum, mean, relu, softplus, sum
from autograd.errors import NotANumberError, number
from nn.wording import counted, given, nearest

Numbers = Any  # a number, a Value, an array, or a (nested) list of them


def mse_loss(prediction: Numbers, target: Numbers, reduction: str = "mean") -> Any:
    """The squared error (p − t)².

    The gradient of the mean over n numbers is 2(p − t)/n. (Gauss 1809, "Theoria motus", article 179: least squares.)

    >>> mse_loss([1.0, 2.0], [0.0, 4.0])
    2.5
    >>> mse_loss([1.0, 2.0], [0.0, 4.0], reduction="none")
    [1.0, 4.0]
    """
    return _elementwise("mse_loss", _squared_error, prediction, target, reduction)


def binary_cross_entropy(prediction: Numbers, target: Numbers, reduction: str = "mean") -> Any:
    """−(t·log p + (1 − t)·log(1 − p)), for a probability p of "yes" and a target t between 0 (no) and 1 (yes).

    Bishop 2006, "Pattern recognition and machine learning", equation 4.90. Logarithms are cut off at −100, as in
    PyTorch, so a loss is at most 100. Where they are cut, at a probability below 4e-44, the slope is that of a
    constant, 0; PyTorch's backward pass has (p − t)/max(p(1 − p), 1e-12) there and everywhere, which is not the slope
    of its loss. For the raw outputs of a model use `binary_cross_entropy_with_logits`: nothing is cut off there.

    >>> round(binary_cross_entropy(0.25, 1), 4)
    1.3863
    >>> binary_cross_entropy([0.0, 1.0], [1, 1])
    50.0
    """
    return _elementwise("binary_cross_entropy", _cross_entropy_of_probability, prediction, target, reduction)


def binary_cross_entropy_with_logits(prediction: Numbers, target: Numbers, reduction: str = "mean") -> Any:
    """`binary_cross_entropy` of σ(x) for a logit x, any number: t·softplus(−x) + (1 − t)·softplus(x).

    No digits are lost for any x, since nothing is subtracted. The gradient is σ(x) − t (Bishop 2006, equation 4.91).

    >>> round(binary_cross_entropy_with_logits(0.0, 1), 4)
    0.6931
    >>> binary_cross_entropy_with_logits(-1000.0, 1)
    1000.0
    """
    return _elementwise("binary_cross_entropy_with_logits", _cross_entropy_of_logit, prediction, target, reduction)


def hinge_loss(score: Numbers, target: Numbers, reduction: str = "mean") -> Any:
    """max(0, 1 − t·s), for a score s and a target t of −1 or 1: zero once s is on the right side by a margin of 1.

    Where t·s = 1 the slope is 0. (Cortes and Vapnik 1995, "Support-vector networks", section 3.)

    >>> hinge_loss([0.5, -2.0, 3.0], [1, -1, -1], reduction="none")
    [0.5, 0.0, 4.0]
    >>> hinge_loss([0.5, -2.0], [1, 0])
    Traceback (most recent call last):
    ...
    ValueError: hinge_loss: the targets are −1 or 1, was given 0.0: for labels 0 and 1 write 2*y - 1
    """
    return _elementwise("hinge_loss", _hinge, score, target, reduction)


def cross_entropy(logits: Numbers, class_index: Any, reduction: str = "mean") -> Any:
    """logsumexp(x) − x[c], for logits x and the index c of the right class: −log of its softmax.

    One example is a list of C logits and one whole number from 0 to C − 1; a batch is a list of such lists and a list
    of such numbers. The gradient is softmax(x) − onehot(c) (Bishop 2006, equations 4.108 and 4.109). As a difference
    the loss is rounded relative to the largest logit.

    >>> round(cross_entropy([2.0, 0.0, -1.0], 0), 4)
    0.1698
    >>> cross_entropy([[1000.0, 0.0], [1000.0, 0.0]], [0, 1], reduction="none")
    [0.0, 1000.0]
    """
    _check_reduction("cross_entropy", reduction)
    flat, shape = _numbers(logits, "cross_entropy: the logits")
    if shape in ((), (0,)) or len(shape) > 2:
        hint = ", for a model with one output use binary_cross_entropy_with_logits" if shape == () else ""
        raise ValueError(
            "cross_entropy: the logits are a list of one number a class, or a list of such lists;"
            f" was given {_shape(shape)}{hint}"
        )
    classes = shape[-1]
    if len(shape) == 1:
        return _picked(flat, class_index)
    indices = class_index.tolist() if hasattr(class_index, "tolist") else class_index
    if not isinstance(indices, (list, tuple)) or len(indices) != shape[0]:
        raise ValueError(
            f"cross_entropy: the logits of {counted(shape[0], 'example')} need a list of as many class indices,"
            f" was given {given(class_index)}"
        )
    rows = [flat[i * classes : (i + 1) * classes] for i in range(shape[0])]
    return _reduced([_picked(x, c) for x, c in zip(rows, indices, strict=True)], shape[:1], reduction)


# The loss of one prediction -------------------------------------------------------------------------------------------


def _squared_error(p: Any, t: Any) -> Any:
    error = p - t
    return error * error if isinstance(error, float) else error**2  # a float's own power raises where the square is inf


def _cross_entropy_of_probability(p: Any, t: Any) -> Any:
    if p < 0 or p > 1:
        raise ValueError(
            f"binary_cross_entropy: a probability is between 0 and 1, was given {_read(p)}. That looks like a logit:"
            " use binary_cross_entropy_with_logits, or give sigmoid(prediction)"
        )
    return _mixed(
        t, "binary_cross_entropy", lambda: 0.0 - maximum(log(p), -100.0), lambda: 0.0 - maximum(log1p(-p), -100.0)
    )


def _cross_entropy_of_logit(x: Any, t: Any) -> Any:
    return _mixed(t, "binary_cross_entropy_with_logits", lambda: softplus(-x), lambda: softplus(x))


def _mixed(t: Any, loss: str, if_yes: Callable[[], Any], if_no: Callable[[], Any]) -> Any:
    """t·if_yes + (1 − t)·if_no; at a target of exactly 1 or 0 the other term is left out, even where it is inf."""
    if t < 0 or t > 1:
        hint = ": for labels −1 and 1 use hinge_loss, or write (y + 1) / 2" if t == -1 else ""
        raise ValueError(f"{loss}: the targets are between 0 and 1, was given {_read(t)}{hint}")
    if isinstance(t, float) and t in (0.0, 1.0):
        return if_yes() if t else if_no()
    return t * if_yes() + (1.0 - t) * if_no()


def _hinge(score: Any, t: Any) -> Any:
    if t != 1 and t != -1:
        hint = ": for labels 0 and 1 write 2*y - 1" if t == 0 else ""
        raise ValueError(f"hinge_loss: the targets are −1 or 1, was given {_read(t)}{hint}")
    return relu(1.0 - t * score)


def _picked(x: list[Any], c: Any) -> Any:
    """The cross-entropy of one example."""
    if not hasattr(c, "__index__") or isinstance(c, bool) or type(c) is Value:
        hint = ""
        if isinstance(c, (bool, float, Value)):
            hint = ": write int(y)"
        elif isinstance(c, (list, tuple)):
            hint = ": of a one-hot list write y.index(1); several examples need a list of lists of logits"
        raise TypeError(f"cross_entropy: a class index is a whole number, was given {given(c)}{hint}")
    if not 0 <= c < len(x):
        raise ValueError(f"cross_entropy: a class index for {len(x)} logits is from 0 to {len(x) - 1}, was given {c}")
    return logsumexp(x) - x[c]


# Shapes and reductions ------------------------------------------------------------------------------------------------


def _elementwise(loss: str, one: Callable[[Any, Any], Any], prediction: Any, target: Any, reduction: str) -> Any:
    """The loss of every prediction against the target at its place, reduced."""
    _check_reduction(loss, reduction)
    ps, shape = _numbers(prediction, f"{loss}: the prediction")
    ts, target_shape = _numbers(target, f"{loss}: the target")
    if shape != target_shape:
        hint = ""
        if (shape, target_shape) == ((), (1,)):
            hint = ": write target[0]"
        elif target_shape == (*shape, 1):
            hint = ": write [t[0] for t in target]"
        elif shape == (*target_shape, 1):
            hint = ": write [t] for each target t"
        raise ValueError(
            f"{loss}: prediction and target have the same shape; the prediction is {_shape(shape)},"
            f" the target {_shape(target_shape)}{hint}"
        )
    if not ps:
        raise ValueError(f"{loss}: was given no predictions, and the loss of nothing is not defined")
    return _reduced([one(p, t) for p, t in zip(ps, ts, strict=True)], shape, reduction)


def _reduced(losses: list[Any], shape: tuple[int, ...], reduction: str) -> Any:
    if not shape:
        return losses[0]
    if reduction == "none":
        for length in reversed(shape[1:]):
            losses = [losses[i : i + length] for i in range(0, len(losses), length)]
        return losses
    return mean(losses) if reduction == "mean" else sum(losses)


def _check_reduction(loss: str, reduction: str) -> None:
    known = ("mean", "sum", "none")
    if reduction not in known:
        raise ValueError(f"{loss}: unknown reduction {reduction!r}: {nearest(reduction, known)}")


def _numbers(x: Any, what: str) -> tuple[list[Any], tuple[int, ...]]:
    """All numbers of `x` in reading order, plain ones as floats, and the shape they stand in."""
    if isinstance(x, Value):
        return [x], ()
    if hasattr(x, "tolist"):
        x = x.tolist()
    if not isinstance(x, (list, tuple)):
        try:
            return ([x], ()) if isinstance(x, Value) else ([number(x)], ())
        except NotANumberError as error:
            raise NotANumberError(f"{what}: {error}") from None
    flat: list[Any] = []
    shapes: list[tuple[int, ...]] = []
    for item in x:
        numbers, shape = _numbers(item, what)
        flat += numbers
        shapes.append(shape)
    for place, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise ValueError(
                f"{what}: the items of a list have one shape;"
                f" item 0 is {_shape(shapes[0])}, item {place} is {_shape(shape)}"
            )
    return flat, (len(x), *(shapes[0] if shapes else ()))


def _shape(shape: tuple[int, ...]) -> str:
    if not shape:
        return "one number"
    if len(shape) == 1:
        return f"a list of {shape[0]}"
    return f"a nested list of shape {shape}"


def _read(x: Any) -> float:
    return x.data if isinstance(x, Value) else float(x)
