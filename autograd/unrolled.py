"""The operators of `Value`, and its functions of one operand, with the rules of the table written in place.

Written by `python -m autograd.generate` from `ops.py`; not to be edited. It records what `value.record` records, only
faster, and leaves to `record` whatever is out of the ordinary.
"""

from __future__ import annotations

from typing import Any

from autograd import floats, modes, value
from autograd.ops import TABLE
from autograd.value import PLAIN, Operand, Value, Wide, record

new = object.__new__

ROW_ADD = TABLE["+"]


def add(self: Value, other: Operand) -> Value:
    """x + y as one node: ∂/∂x = 1, ∂/∂y = 1."""
    if modes.unusual:
        return record("+", self, other)
    try:
        x = self._data
        node = new(Value)
        if type(other) is Value:
            y = other._data
            node._data = x + y
            node._x = self
            node._dx = 1.0
            node._y = other
            node._dy = 1.0
            node._operands = None
        elif type(other) is float or type(other) is int:
            y = float(other)
            node._data = x + y
            node._x = self
            node._dx = 1.0
            node._y = None
            node._operands = y
        else:
            return record("+", self, other)
    except ArithmeticError:  # a division by zero or an overflow: IEEE 754 has an answer
        return record("+", self, other)
    node._row = ROW_ADD
    node._grad = node._wide = None
    return node


def radd(self: Value, other: Operand) -> Value:
    """x + y, where x is a number and y a Value."""
    if modes.unusual or not (type(other) is float or type(other) is int):
        return record("+", other, self)
    try:
        x = float(other)
        y = self._data
        node = new(Value)
        node._data = x + y
        node._x = self
        node._dx = 1.0
        node._y = None
        node._operands = (x, self)
    except ArithmeticError:
        return record("+", other, self)
    node._row = ROW_ADD
    node._grad = node._wide = None
    return node


ROW_SUB = TABLE["-"]


def sub(self: Value, other: Operand) -> Value:
    """x - y as one node: ∂/∂x = 1, ∂/∂y = -1."""
    if modes.unusual:
        return record("-", self, other)
    try:
        x = self._data
        node = new(Value)
        if type(other) is Value:
            y = other._data
            node._data = x - y
            node._x = self
            node._dx = 1.0
            node._y = other
            node._dy = -1.0
            node._operands = None
        elif type(other) is float or type(other) is int:
            y = float(other)
            node._data = x - y
            node._x = self
            node._dx = 1.0
            node._y = None
            node._operands = y
        else:
            return record("-", self, other)
    except ArithmeticError:  # a division by zero or an overflow: IEEE 754 has an answer
        return record("-", self, other)
    node._row = ROW_SUB
    node._grad = node._wide = None
    return node


def rsub(self: Value, other: Operand) -> Value:
    """x - y, where x is a number and y a Value."""
    if modes.unusual or not (type(other) is float or type(other) is int):
        return record("-", other, self)
    try:
        x = float(other)
        y = self._data
        node = new(Value)
        node._data = x - y
        node._x = self
        node._dx = -1.0
        node._y = None
        node._operands = (x, self)
    except ArithmeticError:
        return record("-", other, self)
    node._row = ROW_SUB
    node._grad = node._wide = None
    return node


ROW_MUL = TABLE["*"]


def mul(self: Value, other: Operand) -> Value:
    """x * y as one node: ∂/∂x = y, ∂/∂y = x."""
    if modes.unusual:
        return record("*", self, other)
    try:
        x = self._data
        node = new(Value)
        if type(other) is Value:
            y = other._data
            node._data = x * y
            node._x = self
            node._dx = y
            node._y = other
            node._dy = x
            node._operands = None
        elif type(other) is float or type(other) is int:
            y = float(other)
            node._data = x * y
            node._x = self
            node._dx = y
            node._y = None
            node._operands = y
        else:
            return record("*", self, other)
    except ArithmeticError:  # a division by zero or an overflow: IEEE 754 has an answer
        return record("*", self, other)
    node._row = ROW_MUL
    node._grad = node._wide = None
    return node


def rmul(self: Value, other: Operand) -> Value:
    """x * y, where x is a number and y a Value."""
    if modes.unusual or not (type(other) is float or type(other) is int):
        return record("*", other, self)
    try:
        x = float(other)
        y = self._data
        node = new(Value)
        node._data = x * y
        node._x = self
        node._dx = x
        node._y = None
        node._operands = (x, self)
    except ArithmeticError:
        return record("*", other, self)
    node._row = ROW_MUL
    node._grad = node._wide = None
    return node


ROW_TRUEDIV = TABLE["/"]


def truediv(self: Value, other: Operand) -> Value:
    """x / y as one node: ∂/∂x = 1/y, ∂/∂y = -x/y**2."""
    if modes.unusual:
        return record("/", self, other)
    try:
        x = self._data
        node = new(Value)
        if type(other) is Value:
            y = other._data
            node._data = out = x / y
            node._x = self
            node._dx = 1.0 / y
            node._y = other
            node._dy = -(out / y)
            node._operands = None
        elif type(other) is float or type(other) is int:
            y = float(other)
            node._data = out = x / y
            node._x = self
            node._dx = 1.0 / y
            node._y = None
            node._operands = y
        else:
            return record("/", self, other)
    except ArithmeticError:  # a division by zero or an overflow: IEEE 754 has an answer
        return record("/", self, other)
    node._row = ROW_TRUEDIV
    node._grad = node._wide = None
    return node


def rtruediv(self: Value, other: Operand) -> Value:
    """x / y, where x is a number and y a Value."""
    if modes.unusual or not (type(other) is float or type(other) is int):
        return record("/", other, self)
    try:
        x = float(other)
        y = self._data
        node = new(Value)
        node._data = out = x / y
        node._x = self
        node._dx = -(out / y)
        node._y = None
        node._operands = (x, self)
    except ArithmeticError:
        return record("/", other, self)
    node._row = ROW_TRUEDIV
    node._grad = node._wide = None
    return node


ROW_POW = TABLE["**n"]


def pow(self: Value, other: Operand) -> Value:
    """x**n as one node: ∂/∂x = n*x**(n - 1); with a Value as exponent, the row `**`."""
    if modes.unusual or not (type(other) is float or type(other) is int):
        return record("**" if isinstance(other, Value) else "**n", self, other)
    try:
        x = self._data
        n = float(other)
        node = new(Value)
        node._data = out = x**n
        if type(out) is not float:  # negative ** fraction
            return record("**n", self, other)
        node._x = self
        node._dx = 0.0 if n == 0.0 else n * x ** (n - 1.0)
        node._y = None
        node._operands = n
    except ArithmeticError:
        return record("**n", self, other)
    node._row = ROW_POW
    node._grad = node._wide = None
    return node


ROW_NEG = TABLE["neg"]


def neg(self: Value) -> Value:
    """-x as one node: ∂/∂x = -1."""
    if modes.unusual:
        return record("neg", self)
    try:
        x = self._data
        node = new(Value)
        node._data = -x
        node._x = self
        node._dx = -1.0
        node._operands = None
    except ArithmeticError:
        return record("neg", self)
    node._row = ROW_NEG
    node._y = node._grad = node._wide = None
    return node


ROW_EXP = TABLE["exp"]


def exp(self: Value) -> Value:
    """exp(x) as one node: ∂/∂x = exp(x)."""
    if modes.unusual:
        return record("exp", self)
    try:
        x = self._data
        node = new(Value)
        node._data = out = floats.exp(x)
        node._x = self
        node._dx = out
        node._operands = None
    except ArithmeticError:
        return record("exp", self)
    node._row = ROW_EXP
    node._y = node._grad = node._wide = None
    return node


ROW_EXPM1 = TABLE["expm1"]


def expm1(self: Value) -> Value:
    """expm1(x) as one node: ∂/∂x = exp(x)."""
    if modes.unusual:
        return record("expm1", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.expm1(x)
        node._x = self
        node._dx = floats.exp(x)
        node._operands = None
    except ArithmeticError:
        return record("expm1", self)
    node._row = ROW_EXPM1
    node._y = node._grad = node._wide = None
    return node


ROW_LOG = TABLE["log"]


def log(self: Value) -> Value:
    """log(x) as one node: ∂/∂x = 1/x."""
    if modes.unusual:
        return record("log", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.log(x)
        node._x = self
        node._dx = 1.0 / x
        node._operands = None
    except ArithmeticError:
        return record("log", self)
    node._row = ROW_LOG
    node._y = node._grad = node._wide = None
    return node


ROW_LOG1P = TABLE["log1p"]


def log1p(self: Value) -> Value:
    """log1p(x) as one node: ∂/∂x = 1/(1 + x)."""
    if modes.unusual:
        return record("log1p", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.log1p(x)
        node._x = self
        node._dx = 1.0 / (1.0 + x)
        node._operands = None
    except ArithmeticError:
        return record("log1p", self)
    node._row = ROW_LOG1P
    node._y = node._grad = node._wide = None
    return node


ROW_LOG2 = TABLE["log2"]


def log2(self: Value) -> Value:
    """log2(x) as one node: ∂/∂x = 1/(x*log(2))."""
    if modes.unusual:
        return record("log2", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.log2(x)
        node._x = self
        node._dx = 1.0 / 0.6931471805599453 / x
        node._operands = None
    except ArithmeticError:
        return record("log2", self)
    node._row = ROW_LOG2
    node._y = node._grad = node._wide = None
    return node


ROW_LOG10 = TABLE["log10"]


def log10(self: Value) -> Value:
    """log10(x) as one node: ∂/∂x = 1/(x*log(10))."""
    if modes.unusual:
        return record("log10", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.log10(x)
        node._x = self
        node._dx = 1.0 / 2.302585092994046 / x
        node._operands = None
    except ArithmeticError:
        return record("log10", self)
    node._row = ROW_LOG10
    node._y = node._grad = node._wide = None
    return node


ROW_SQRT = TABLE["sqrt"]


def sqrt(self: Value) -> Value:
    """sqrt(x) as one node: ∂/∂x = 1/(2*sqrt(x))."""
    if modes.unusual:
        return record("sqrt", self)
    try:
        x = self._data
        node = new(Value)
        node._data = out = floats.sqrt(x)
        node._x = self
        node._dx = 0.5 / (out + 0.0)
        node._operands = None
    except ArithmeticError:
        return record("sqrt", self)
    node._row = ROW_SQRT
    node._y = node._grad = node._wide = None
    return node


ROW_SIN = TABLE["sin"]


def sin(self: Value) -> Value:
    """sin(x) as one node: ∂/∂x = cos(x)."""
    if modes.unusual:
        return record("sin", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.sin(x)
        node._x = self
        node._dx = floats.cos(x)
        node._operands = None
    except ArithmeticError:
        return record("sin", self)
    node._row = ROW_SIN
    node._y = node._grad = node._wide = None
    return node


ROW_COS = TABLE["cos"]


def cos(self: Value) -> Value:
    """cos(x) as one node: ∂/∂x = -sin(x)."""
    if modes.unusual:
        return record("cos", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.cos(x)
        node._x = self
        node._dx = -floats.sin(x)
        node._operands = None
    except ArithmeticError:
        return record("cos", self)
    node._row = ROW_COS
    node._y = node._grad = node._wide = None
    return node


ROW_TAN = TABLE["tan"]


def tan(self: Value) -> Value:
    """tan(x) as one node: ∂/∂x = 1 + tan(x)**2."""
    if modes.unusual:
        return record("tan", self)
    try:
        x = self._data
        node = new(Value)
        node._data = out = floats.tan(x)
        node._x = self
        node._dx = 1.0 + out**2.0
        node._operands = None
    except ArithmeticError:
        return record("tan", self)
    node._row = ROW_TAN
    node._y = node._grad = node._wide = None
    return node


ROW_ASIN = TABLE["asin"]


def asin(self: Value) -> Value:
    """asin(x) as one node: ∂/∂x = 1/sqrt(1 - x**2)."""
    if modes.unusual:
        return record("asin", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.asin(x)
        node._x = self
        node._dx = 1.0 / floats.sqrt((1.0 - x) * (1.0 + x))
        node._operands = None
    except ArithmeticError:
        return record("asin", self)
    node._row = ROW_ASIN
    node._y = node._grad = node._wide = None
    return node


ROW_ACOS = TABLE["acos"]


def acos(self: Value) -> Value:
    """acos(x) as one node: ∂/∂x = -1/sqrt(1 - x**2)."""
    if modes.unusual:
        return record("acos", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.acos(x)
        node._x = self
        node._dx = -1.0 / floats.sqrt((1.0 - x) * (1.0 + x))
        node._operands = None
    except ArithmeticError:
        return record("acos", self)
    node._row = ROW_ACOS
    node._y = node._grad = node._wide = None
    return node


ROW_ATAN = TABLE["atan"]


def atan(self: Value) -> Value:
    """atan(x) as one node: ∂/∂x = 1/(1 + x**2)."""
    if modes.unusual:
        return record("atan", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.atan(x)
        node._x = self
        node._dx = 1.0 / floats.hypot(1.0, x) / floats.hypot(1.0, x)
        node._operands = None
    except ArithmeticError:
        return record("atan", self)
    node._row = ROW_ATAN
    node._y = node._grad = node._wide = None
    return node


ROW_SINH = TABLE["sinh"]


def sinh(self: Value) -> Value:
    """sinh(x) as one node: ∂/∂x = cosh(x)."""
    if modes.unusual:
        return record("sinh", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.sinh(x)
        node._x = self
        node._dx = floats.cosh(x)
        node._operands = None
    except ArithmeticError:
        return record("sinh", self)
    node._row = ROW_SINH
    node._y = node._grad = node._wide = None
    return node


ROW_COSH = TABLE["cosh"]


def cosh(self: Value) -> Value:
    """cosh(x) as one node: ∂/∂x = sinh(x)."""
    if modes.unusual:
        return record("cosh", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.cosh(x)
        node._x = self
        node._dx = floats.sinh(x)
        node._operands = None
    except ArithmeticError:
        return record("cosh", self)
    node._row = ROW_COSH
    node._y = node._grad = node._wide = None
    return node


ROW_TANH = TABLE["tanh"]


def tanh(self: Value) -> Value:
    """tanh(x) as one node: ∂/∂x = 1 - tanh(x)**2."""
    if modes.unusual:
        return record("tanh", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.tanh(x)
        node._x = self
        node._dx = 4.0 * (floats.sigmoid(2.0 * x) * floats.sigmoid(-2.0 * x))
        node._operands = None
    except ArithmeticError:
        return record("tanh", self)
    node._row = ROW_TANH
    node._y = node._grad = node._wide = None
    return node


ROW_ASINH = TABLE["asinh"]


def asinh(self: Value) -> Value:
    """asinh(x) as one node: ∂/∂x = 1/sqrt(x**2 + 1)."""
    if modes.unusual:
        return record("asinh", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.asinh(x)
        node._x = self
        node._dx = 1.0 / floats.hypot(1.0, x)
        node._operands = None
    except ArithmeticError:
        return record("asinh", self)
    node._row = ROW_ASINH
    node._y = node._grad = node._wide = None
    return node


ROW_ACOSH = TABLE["acosh"]


def acosh(self: Value) -> Value:
    """acosh(x) as one node: ∂/∂x = 1/sqrt(x**2 - 1)."""
    if modes.unusual:
        return record("acosh", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.acosh(x)
        node._x = self
        node._dx = 1.0 / (floats.sqrt(x - 1.0) * floats.sqrt(x + 1.0))
        node._operands = None
    except ArithmeticError:
        return record("acosh", self)
    node._row = ROW_ACOSH
    node._y = node._grad = node._wide = None
    return node


ROW_ATANH = TABLE["atanh"]


def atanh(self: Value) -> Value:
    """atanh(x) as one node: ∂/∂x = 1/(1 - x**2)."""
    if modes.unusual:
        return record("atanh", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.atanh(x)
        node._x = self
        node._dx = 1.0 / ((1.0 - x) * (1.0 + x))
        node._operands = None
    except ArithmeticError:
        return record("atanh", self)
    node._row = ROW_ATANH
    node._y = node._grad = node._wide = None
    return node


ROW_SIGMOID = TABLE["sigmoid"]


def sigmoid(self: Value) -> Value:
    """sigmoid(x) as one node: ∂/∂x = sigmoid(x)*(1 - sigmoid(x))."""
    if modes.unusual:
        return record("sigmoid", self)
    try:
        x = self._data
        node = new(Value)
        node._data = out = floats.sigmoid(x)
        node._x = self
        node._dx = out * floats.sigmoid(-x)
        node._operands = None
    except ArithmeticError:
        return record("sigmoid", self)
    node._row = ROW_SIGMOID
    node._y = node._grad = node._wide = None
    return node


ROW_SOFTPLUS = TABLE["softplus"]


def softplus(self: Value) -> Value:
    """softplus(x) as one node: ∂/∂x = sigmoid(x)."""
    if modes.unusual:
        return record("softplus", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.softplus(x)
        node._x = self
        node._dx = floats.sigmoid(x)
        node._operands = None
    except ArithmeticError:
        return record("softplus", self)
    node._row = ROW_SOFTPLUS
    node._y = node._grad = node._wide = None
    return node


ROW_RELU = TABLE["relu"]


def relu(self: Value) -> Value:
    """relu(x) as one node: ∂/∂x = 1 if x > 0 else 0, and where x is not chosen, a dead edge."""
    if modes.unusual:
        return record("relu", self)
    x = self._data
    node = new(Value)
    node._data = floats.relu(x)
    if not x <= 0.0:
        node._x = self
        node._dx = 1.0 if x > 0.0 else x
        node._operands = None
    else:
        node._x = None
        node._operands = (self,)
    node._row = ROW_RELU
    node._y = node._grad = node._wide = None
    return node


ROW_GELU = TABLE["gelu"]


def gelu(self: Value) -> Value:
    """gelu(x) as one node: ∂/∂x = normal_cdf(x) + x*exp(-0.5*x**2)/sqrt(2*pi)."""
    if modes.unusual:
        return record("gelu", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.gelu(x)
        node._x = self
        node._dx = floats.normal_cdf(x) + x * floats.gauss(x, 0.5) / 2.5066282746310002
        node._operands = None
    except ArithmeticError:
        return record("gelu", self)
    node._row = ROW_GELU
    node._y = node._grad = node._wide = None
    return node


ROW_SILU = TABLE["silu"]


def silu(self: Value) -> Value:
    """silu(x) as one node: ∂/∂x = sigmoid(x)*(1 + x*sigmoid(-x))."""
    if modes.unusual:
        return record("silu", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.silu(x)
        node._x = self
        node._dx = floats.sigmoid(x) * (1.0 + x * floats.sigmoid(-x))
        node._operands = None
    except ArithmeticError:
        return record("silu", self)
    node._row = ROW_SILU
    node._y = node._grad = node._wide = None
    return node


ROW_ERF = TABLE["erf"]


def erf(self: Value) -> Value:
    """erf(x) as one node: ∂/∂x = (2/sqrt(pi))*exp(-1*x**2)."""
    if modes.unusual:
        return record("erf", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.erf(x)
        node._x = self
        node._dx = 1.1283791670955126 * floats.gauss(x)
        node._operands = None
    except ArithmeticError:
        return record("erf", self)
    node._row = ROW_ERF
    node._y = node._grad = node._wide = None
    return node


ROW_ABS = TABLE["abs"]


def abs(self: Value) -> Value:
    """abs(x) as one node: ∂/∂x = sign(x)."""
    if modes.unusual:
        return record("abs", self)
    try:
        x = self._data
        node = new(Value)
        node._data = floats.abs_(x)
        node._x = self
        node._dx = floats.sign(x)
        node._operands = None
    except ArithmeticError:
        return record("abs", self)
    node._row = ROW_ABS
    node._y = node._grad = node._wide = None
    return node


ROW_SUM_ = TABLE["sum"]


def sum_(*operands: Any) -> Value:
    """sum(x1, x2, x3) as one node, of any number of operands."""
    kinds = set(map(type, operands))
    if modes.unusual or not kinds <= PLAIN:
        return record("sum", *operands)
    xs: list[Any] = [x._data if type(x) is Value else x for x in operands]
    node = new(Value)
    node._data = floats.sum_(*xs)
    partials = [1.0 for _ in xs]
    if len(kinds) == 1:
        node._wide = Wide(operands, partials)
    else:
        partials = [p for x, p in zip(operands, partials, strict=True) if type(x) is Value]
        node._wide = Wide([x for x in operands if type(x) is Value], partials)
    node._operands = operands
    node._row = ROW_SUM_
    node._x = node._y = node._grad = None
    return node


ROW_DOT = TABLE["dot"]


def dot(*operands: Any) -> Value:
    """dot(x1, x2, y1, y2, bias) as one node, of any number of operands."""
    kinds = set(map(type, operands))
    if modes.unusual or not kinds <= PLAIN:
        return record("dot", *operands)
    xs: list[Any] = [x._data if type(x) is Value else x for x in operands]
    node = new(Value)
    node._data = floats.dot(*xs)
    partials = [*xs[len(xs) // 2 : -1], *xs[: len(xs) // 2], 1.0]
    if len(kinds) == 1:
        node._wide = Wide(operands, partials)
    else:
        partials = [p for x, p in zip(operands, partials, strict=True) if type(x) is Value]
        node._wide = Wide([x for x in operands if type(x) is Value], partials)
    node._operands = operands
    node._row = ROW_DOT
    node._x = node._y = node._grad = None
    return node


def install() -> None:
    """Take the place of the methods that `value.py` spells out."""
    for function in (add, radd, sub, rsub, mul, rmul, truediv, rtruediv, pow, neg):
        setattr(Value, f"__{function.__name__}__", function)
    for function in (
        exp,
        expm1,
        log,
        log1p,
        log2,
        log10,
        sqrt,
        sin,
        cos,
        tan,
        asin,
        acos,
        atan,
        sinh,
        cosh,
        tanh,
        asinh,
        acosh,
        atanh,
        sigmoid,
        softplus,
        relu,
        gelu,
        silu,
        erf,
        abs,
    ):
        setattr(Value, function.__name__, function)
        value.FAST[function.__name__] = function
    value.FAST.update(sum=sum_, dot=dot)
    Value.__abs__ = abs  # type: ignore[assignment]
