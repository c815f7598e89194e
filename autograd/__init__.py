"""A scalar reverse-mode autograd engine: a `Value` remembers how it was made; `backward()` applies the chain rule.

>>> from autograd import Value, tanh
>>> a, b = Value(2.0), Value(-3.0)
>>> L = tanh(a * b + 5.5)
>>> L.backward()
>>> round(a.grad, 4), round(b.grad, 4)
(-2.3593, 1.5729)
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from autograd import unrolled as _unrolled
from autograd.functions import abs as abs
from autograd.functions import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    clip,
    cos,
    cosh,
    dot,
    elu,
    equal,
    erf,
    exp,
    expm1,
    gelu,
    hypot,
    leaky_relu,
    log,
    log1p,
    log2,
    log10,
    log_softmax,
    logsumexp,
    maximum,
    mean,
    minimum,
    prod,
    relu,
    sigmoid,
    silu,
    sin,
    sinh,
    softmax,
    softplus,
    sqrt,
    tan,
    tanh,
    where,
    xlogy,
)
from autograd.functions import max as max
from autograd.functions import min as min
from autograd.functions import sum as sum
from autograd.modes import detect_anomaly, no_grad
from autograd.value import Value

if _TYPE_CHECKING:
    from autograd.check import gradcheck
    from autograd.compiler import compile as compile
    from autograd.matrices import hessian, jacobian
    from autograd.show import draw, explain, steps
    from autograd.transforms import grad, gradients, hvp, jvp, value_and_grad, vjp

_unrolled.install()

# What `from autograd import *` brings: not sum, abs, max, min and compile, which would hide Python's own.
__all__ = [
    "Value", "no_grad", "detect_anomaly",
    "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "atan2",
    "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sigmoid", "softplus", "relu", "leaky_relu", "elu", "gelu",
    "silu", "erf", "maximum", "minimum", "clip", "where", "equal", "hypot", "xlogy",
    "prod", "mean", "dot", "logsumexp", "softmax", "log_softmax",
    "grad", "value_and_grad", "gradients", "jacobian", "hessian", "hvp", "jvp", "vjp", "gradcheck",
    "draw", "steps", "explain",
]  # fmt: skip

# Names whose modules load when they are first used.
_LATER = {
    **dict.fromkeys(["grad", "value_and_grad", "gradients", "hvp", "jvp", "vjp"], "autograd.transforms"),
    **dict.fromkeys(["jacobian", "hessian"], "autograd.matrices"),
    "gradcheck": "autograd.check",
    "compile": "autograd.compiler",
    **dict.fromkeys(["draw", "steps", "explain"], "autograd.show"),
}


def __getattr__(name: str) -> _Any:
    if name not in _LATER:
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")
    globals()[name] = found = getattr(_import_module(_LATER[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
