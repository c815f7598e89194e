"""The functions of the table as methods: `x.tanh()` is `tanh(x)`."""

from __future__ import annotations

from autograd import functions as f


class Methods:
    """What `Value` and its numpy manners share: each function under its own name."""

    __slots__ = ()

    exp, expm1, log, log1p, log2, log10, sqrt = f.exp, f.expm1, f.log, f.log1p, f.log2, f.log10, f.sqrt
    sin, cos, tan, asin, acos, atan, atan2 = f.sin, f.cos, f.tan, f.asin, f.acos, f.atan, f.atan2
    sinh, cosh, tanh, asinh, acosh, atanh = f.sinh, f.cosh, f.tanh, f.asinh, f.acosh, f.atanh
    sigmoid, softplus, relu, leaky_relu, elu = f.sigmoid, f.softplus, f.relu, f.leaky_relu, f.elu
    gelu, silu, erf, abs = f.gelu, f.silu, f.erf, f.abs
    maximum, minimum, clip, hypot, xlogy = f.maximum, f.minimum, f.clip, f.hypot, f.xlogy
    __abs__ = f.abs
