"""THE table: every primitive operation is one row, and nothing else states a derivative.

A rule is a partial derivative given the operands and the output `out`. It is written with polymorphic functions, so
the same text runs on floats, on `Value`s (the gradient is then itself a graph), on numpy arrays, and on symbols (it
then prints itself).

    row(name, function, notation, ∂/∂first operand, ∂/∂second operand, …)

`None` in place of a rule: never differentiated. What holds at kinks and edges stands beside the row.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd import functions as f
from autograd.functions import (
    choose,
    cos,
    cosh,
    divide,
    equal,
    exp,
    expm1,
    gauss,
    hypot,
    log,
    normal_cdf,
    power,
    sigmoid,
    sign,
    silu,
    sin,
    sinh,
    sqrt,
    tanh,
    where,
)  # fmt: skip

Rule = Callable[..., Any]

LN2, LN10 = math.log(2.0), math.log(10.0)
TWO_BY_ROOT_PI = 2.0 / math.sqrt(math.pi)
ROOT_TWO_PI = math.sqrt(2.0 * math.pi)


class Notation(NamedTuple):
    """How an operation is written: {0}, {1}, … stand for its operands, {} for all of them.

    `binds` says how tightly: 1 a sum, 2 a product, 3 a sign, 4 a power, 9 what needs no brackets.
    `inside` says, operand by operand, how tightly what stands there must bind to go without brackets.
    """

    text: str
    latex: str
    binds: int = 9
    inside: tuple[int, ...] = ()
    latex_binds: int = 9
    latex_inside: tuple[int, ...] = ()


def infix(text: str, latex: str, binds: int, *inside: int) -> Notation:
    """A notation that needs the same brackets in text and in LaTeX."""
    return Notation(text, latex, binds, inside, binds, inside)


def call(name: str, latex: str = "") -> Notation:
    """The notation `name(x, y)`; `latex` is the command where LaTeX has one."""
    command = latex or "\\operatorname{{" + name.replace("_", "\\_") + "}}"
    return Notation(name + "({})", command + r"\left({}\right)")


CASES = Notation(
    "{1} if {0} else {2}",
    r"\begin{{cases}} {1} & \text{{if }} {0} \\ {2} & \text{{else}} \end{{cases}}",
    binds=0,
    inside=(0, 1, 0),
)


class Row(NamedTuple):
    """One primitive operation: everything that is known of it."""

    name: str
    function: Callable[..., Any]
    notation: Notation
    rules: tuple[Rule | None, ...]
    """∂out/∂operand, one an operand; one rule for all operands together, giving a list, where `variadic`."""
    chosen: tuple[Rule | None, ...] = ()
    """Whether the operand is chosen at all; where it is not, nothing of it counts, not even 0·inf. None: always."""
    textbook: tuple[Rule | None, ...] = ()
    """The derivative as books write it, for print, where the rule is written for accuracy; tests hold both equal."""
    op: str = ""
    variadic: bool = False
    ulps: float = 8
    note: str = ""

    @property
    def operands(self) -> tuple[str, ...]:
        """The names of the operands, as the rules write them."""
        names = next(rule for rule in self.rules if rule is not None).__code__.co_varnames
        return names[: len(self.rules)]

    def partials(self, operands: Sequence[Any], out: Any) -> list[Any]:
        """∂out/∂operand for each operand, in the number type of the operands; None where there is no rule."""
        if self.variadic:
            return self.rules[0](operands, out)  # type: ignore[misc,no-any-return]
        rules = self.rules[: len(operands)]
        return [rule and rule(*operands, out) for rule in rules]

    def live(self, operands: Sequence[Any], out: Any) -> list[Any]:
        """Whether each operand counts: True, a bool, or an array of them."""
        if not self.chosen:
            return [True] * len(operands)
        if self.variadic:
            return self.chosen[0](operands, out)  # type: ignore[misc,no-any-return]
        return [True if rule is None else rule(*operands, out) for rule in self.chosen]


TABLE: dict[str, Row] = {}


def row(name: str, function: Callable[..., Any], notation: Notation, *rules: Rule | None, **more: Any) -> None:
    """Enter a row into the table."""
    TABLE[name] = Row(name, function, notation, rules, **{"op": name, **more})


# fmt: off
# Arithmetic ---------------------------------------------------------------------------------------------------------

row("+",   operator.add, infix("{0} + {1}", "{0} + {1}", 1, 1, 1),   lambda x, y, out: 1,  lambda x, y, out: 1)
row("-",   operator.sub, infix("{0} - {1}", "{0} - {1}", 1, 1, 2),   lambda x, y, out: 1,  lambda x, y, out: -1)
row("*",   operator.mul, infix("{0}*{1}", r"{0} \cdot {1}", 2, 2, 2),  lambda x, y, out: y,  lambda x, y, out: x)
row("/",   divide,       Notation("{0}/{1}", r"\frac{{{0}}}{{{1}}}", 2, (2, 3)),
    lambda x, y, out: divide(1, y),
    lambda x, y, out: -divide(out, y),
    textbook=(None, lambda x, y, out: -x / y**2))
row("neg", operator.neg, infix("-{0}", "-{0}", 3, 3),                  lambda x, out: -1)

# Powers are two rows. A constant exponent n: the derivative of x**0 is the constant 0, so that x**2 has third
# derivative 0 at 0.
row("**n", power, Notation("{0}**{1}", "{0}^{{{1}}}", 4, (5, 4), 4, (5, 0)),
    lambda x, n, out: choose(equal(n, 0), 0, n * power(x, n - 1)),
    None, textbook=(lambda x, n, out: n * x ** (n - 1), None), op="**", ulps=800,
    note="n - 1 is rounded, and the power magnifies that: up to |(n - 1)·log(x)| ulp beside the 8")
# A Value as exponent. At x = 0: y = 0 gives ∂/∂x = 0, y > 0 gives ∂/∂y = 0. For x < 0: ∂/∂y is nan.
row("**",  power, Notation("{0}**{1}", "{0}^{{{1}}}", 4, (5, 4), 4, (5, 0)),
    lambda x, y, out: choose(equal(x, 0), choose(equal(y, 0), 0, y * power(x, y - 1)), y * power(x, y - 1)),
    lambda x, y, out: choose(equal(x, 0), choose(y > 0, 0, out * log(x)), out * log(x)),
    textbook=(lambda x, y, out: y * x ** (y - 1), lambda x, y, out: out * log(x)), ulps=800,
    note="y - 1 is rounded, and the power magnifies that: up to |(y - 1)·log(x)| ulp beside the 8")

# Exponentials and logarithms ----------------------------------------------------------------------------------------

row("exp",   exp,     Notation("exp({0})", "e^{{{0}}}", latex_binds=4),  lambda x, out: out)
row("exp_difference", f.exp_difference, Notation("exp({0} - {1})", "e^{{{0} - {1}}}", 9, (1, 2), 4, (1, 2)),
    lambda x, y, out: out,
    lambda x, y, out: -out)
row("expm1", expm1,   call("expm1"),         lambda x, out: exp(x))
row("log",   log,     call("log", r"\ln"),   lambda x, out: divide(1, x))
row("log1p", f.log1p, call("log1p"),         lambda x, out: divide(1, 1 + x))
row("log2",  f.log2,  call("log2", r"\log_2"),         lambda x, out: divide(1 / LN2, x),
    textbook=(lambda x, out: 1 / (x * LN2),))
row("log10", f.log10, call("log10", r"\log_{{10}}"),   lambda x, out: divide(1 / LN10, x),
    textbook=(lambda x, out: 1 / (x * LN10),))
row("sqrt",  sqrt,    Notation("sqrt({0})", r"\sqrt{{{0}}}"),      # + 0: the slope at -0.0 is inf too
    lambda x, out: divide(0.5, out + 0),     textbook=(lambda x, out: 1 / (2 * out),))
row("xlogy", f.xlogy, call("xlogy"),         # x·log(y), and 0 at x = 0: the limit replaces 0·inf inside the row
    lambda x, y, out: log(y),
    lambda x, y, out: choose(equal(y, 0), choose(equal(x, 0), 0, divide(x, y)), divide(x, y)),
    textbook=(None, lambda x, y, out: x / y))

# Angles -------------------------------------------------------------------------------------------------------------

row("sin",  sin,    call("sin", r"\sin"),    lambda x, out: cos(x))
row("cos",  cos,    call("cos", r"\cos"),    lambda x, out: -sin(x))
row("tan",  f.tan,  call("tan", r"\tan"),    lambda x, out: 1 + out**2)
row("asin", f.asin, call("asin", r"\arcsin"), lambda x, out: divide(1, sqrt((1 - x) * (1 + x))),
    textbook=(lambda x, out: 1 / sqrt(1 - x**2),))
row("acos", f.acos, call("acos", r"\arccos"), lambda x, out: divide(-1, sqrt((1 - x) * (1 + x))),
    textbook=(lambda x, out: -1 / sqrt(1 - x**2),))
row("atan", f.atan, call("atan", r"\arctan"), lambda x, out: 1 / hypot(1, x) / hypot(1, x),     # x² may overflow
    textbook=(lambda x, out: 1 / (1 + x**2),))
row("hypot", hypot, call("hypot"),           # at (0, 0) both partials are 0
    lambda x, y, out: choose(equal(out, 0), 0, cosine_in_triangle(x, y, out)),
    lambda x, y, out: choose(equal(out, 0), 0, cosine_in_triangle(y, x, out)),
    textbook=(lambda x, y, out: x / out, lambda x, y, out: y / out))
row("atan2", f.atan2, call("atan2"),         # at (0, 0) both partials are 0
    lambda y, x, out: choose(equal(hypot(x, y), 0), 0, divide(divide(x, hypot(x, y)), hypot(x, y))),
    lambda y, x, out: choose(equal(hypot(x, y), 0), 0, divide(divide(-y, hypot(x, y)), hypot(x, y))),
    textbook=(lambda y, x, out: x / (x**2 + y**2), lambda y, x, out: -y / (x**2 + y**2)))

row("sinh",  sinh,    call("sinh", r"\sinh"),  lambda x, out: cosh(x))
row("cosh",  cosh,    call("cosh", r"\cosh"),  lambda x, out: sinh(x))
row("tanh",  tanh,    call("tanh", r"\tanh"),  # 1 - tanh² loses its digits
    lambda x, out: 4 * (sigmoid(2 * x) * sigmoid(-2 * x)),
    textbook=(lambda x, out: 1 - out**2,))
row("asinh", f.asinh, call("asinh", r"\operatorname{{arsinh}}"),  lambda x, out: 1 / hypot(1, x),
    textbook=(lambda x, out: 1 / sqrt(x**2 + 1),))
row("acosh", f.acosh, call("acosh", r"\operatorname{{arcosh}}"),  lambda x, out: divide(1, sqrt(x - 1) * sqrt(x + 1)),
    textbook=(lambda x, out: 1 / sqrt(x**2 - 1),))
row("atanh", f.atanh, call("atanh", r"\operatorname{{artanh}}"),  lambda x, out: divide(1, (1 - x) * (1 + x)),
    textbook=(lambda x, out: 1 / (1 - x**2),))

# Activations --------------------------------------------------------------------------------------------------------

row("sigmoid",  sigmoid,    call("sigmoid", r"\sigma"),  # 1 - σ(x) loses its digits
    lambda x, out: out * sigmoid(-x),
    textbook=(lambda x, out: out * (1 - out),))
row("softplus", f.softplus, call("softplus"),           lambda x, out: sigmoid(x))
row("relu",     f.relu,     call("relu"),               # relu'(0) = 0; x itself where it is nan
    lambda x, out: choose(x > 0, 1, x),
    chosen=(lambda x, out: choose(x <= 0, False, True),),
    textbook=(lambda x, out: choose(x > 0, 1, 0),), op="relu")
row("leaky_relu", f.leaky_relu, call("leaky_relu"),     # the slope at 0 is `slope`
    lambda x, slope, out: choose(x > 0, 1, choose(x <= 0, slope, x)),
    lambda x, slope, out: x,
    chosen=(None, lambda x, slope, out: choose(x > 0, False, True)),
    textbook=(lambda x, slope, out: choose(x > 0, 1, slope), lambda x, slope, out: choose(x > 0, 0, x)))
row("elu",      f.elu,      call("elu"),                # the slope at 0 is `alpha`
    lambda x, alpha, out: choose(x > 0, 1, alpha * exp(x)),
    lambda x, alpha, out: expm1(x),
    chosen=(None, lambda x, alpha, out: choose(x > 0, False, True)),
    textbook=(None, lambda x, alpha, out: choose(x > 0, 0, expm1(x))))
row("gelu",     f.gelu,     call("gelu"),
    lambda x, out: normal_cdf(x) + x * gauss(x, 0.5) / ROOT_TWO_PI)
row("silu",     silu,       call("silu"),               lambda x, out: sigmoid(x) * (1 + x * sigmoid(-x)))
row("erf",      f.erf,      call("erf"),                lambda x, out: TWO_BY_ROOT_PI * gauss(x))
row("normal_cdf", normal_cdf, call("normal_cdf", r"\Phi"), lambda x, out: gauss(x, 0.5) / ROOT_TWO_PI)
row("gauss",    gauss,      Notation("exp(-{1}*{0}**2)", "e^{{-{1} \\cdot {0}^2}}", 9, (5, 3), 4, (5, 3)),
    lambda x, k, out: -2 * k * x * out, None)

# Choices: what is not chosen contributes nothing, even where it is inf or nan ---------------------------------------

row("abs",     f.abs,     Notation("abs({0})", r"\left|{0}\right|"),  lambda x, out: sign(x))    # |x|'(0) = 0
row("sign",    sign,      call("sign"),                 lambda x, out: x * 0)
row("where",   where,     CASES,
    None,
    lambda condition, a, b, out: 1,
    lambda condition, a, b, out: 1,
    chosen=(None,
            lambda condition, a, b, out: choose(condition, True, False),
            lambda condition, a, b, out: choose(condition, False, True)),
    textbook=(None,
              lambda condition, a, b, out: choose(condition, 1, 0),
              lambda condition, a, b, out: choose(condition, 0, 1)))
row("maximum", f.maximum, call("maximum", r"\max"),     # a tie: half each; out where it is nan
    lambda x, y, out: choose(x > y, 1, choose(equal(x, y), 0.5, out)),
    lambda x, y, out: choose(y > x, 1, choose(equal(x, y), 0.5, out)),
    chosen=(lambda x, y, out: choose(x < y, False, True), lambda x, y, out: choose(y < x, False, True)),
    textbook=(lambda x, y, out: choose(x > y, 1, 0), lambda x, y, out: choose(y > x, 1, 0)))
row("minimum", f.minimum, call("minimum", r"\min"),
    lambda x, y, out: choose(x < y, 1, choose(equal(x, y), 0.5, out)),
    lambda x, y, out: choose(y < x, 1, choose(equal(x, y), 0.5, out)),
    chosen=(lambda x, y, out: choose(x > y, False, True), lambda x, y, out: choose(y > x, False, True)),
    textbook=(lambda x, y, out: choose(x < y, 1, 0), lambda x, y, out: choose(y < x, 1, 0)))
row("clip",    f.clip,    call("clip"),                 # clip'(bound) = 1
    lambda x, lo, hi, out: choose(equal(x, out), 1, out),     # out where it is nan
    lambda x, lo, hi, out: choose(x < lo, 1, out),
    lambda x, lo, hi, out: choose(x > hi, 1, out),
    chosen=(lambda x, lo, hi, out: choose(x < lo, False, choose(x > hi, False, True)),
            lambda x, lo, hi, out: choose(x >= lo, False, True),
            lambda x, lo, hi, out: choose(x <= hi, False, True)),
    textbook=(lambda x, lo, hi, out: choose(x < lo, 0, choose(x > hi, 0, 1)),
              lambda x, lo, hi, out: choose(x < lo, 1, 0),
              lambda x, lo, hi, out: choose(x > hi, 1, 0)))

# Many operands: one rule gives the list of all partials -------------------------------------------------------------

row("sum",  f.sum_of,  call("sum"),           lambda xs, out: [1 for _ in xs], variadic=True)
row("prod", f.prod_of, call("prod"),          lambda xs, out: products_of_the_others(xs), variadic=True)
row("dot",  f.dot_of,  call("dot"),           # x₁ … xₙ, y₁ … yₙ, bias
    lambda xs, out: [*xs[len(xs) // 2 : -1], *xs[: len(xs) // 2], 1], variadic=True)
row("max",  f.max_of,  call("max", r"\max"),  # k equal ones have 1/k each; out where it is nan
    lambda xs, out: [choose(equal(x, out), divide(1, count_equal(xs, out)), out) for x in xs], variadic=True,
    chosen=(lambda xs, out: [choose(x < out, False, True) for x in xs],),
    textbook=(lambda xs, out: [choose(equal(x, out), 1, 0) for x in xs],))
row("min",  f.min_of,  call("min", r"\min"),
    lambda xs, out: [choose(equal(x, out), divide(1, count_equal(xs, out)), out) for x in xs], variadic=True,
    chosen=(lambda xs, out: [choose(x > out, False, True) for x in xs],),
    textbook=(lambda xs, out: [choose(equal(x, out), 1, 0) for x in xs],))
row("logsumexp", f.logsumexp_of, call("logsumexp"),  # its slopes are the softmax; of all -inf, 0
    lambda xs, out: [choose(equal(out, -math.inf), 0, p) for p in f.softmax(xs)], variadic=True,
    textbook=(lambda xs, out: [exp(x - out) for x in xs],))

# Value(v) of a Value ------------------------------------------------------------------------------------------------

row("identity", f.identity, call("identity"),  lambda x, out: 1)
# fmt: on

BY_HAND = Row("by hand", f.sum_of, call("by hand"), ())
"""micrograd's Value(data, _children, _op): what it passes back is the `_backward` its maker sets on it, if any."""


def products_of_the_others(xs: Sequence[Any]) -> list[Any]:
    """∂(x₁·x₂·…)/∂xᵢ: the product of all but xᵢ, without a division, which a zero would spoil."""
    before, after = [1], [1]
    for x, last in zip(xs[:-1], reversed(xs[1:]), strict=True):
        before.append(before[-1] * x)
        after.append(last * after[-1])
    return [b * a for b, a in zip(before, reversed(after), strict=True)][: len(xs)]


def cosine_in_triangle(x: Any, y: Any, out: Any) -> Any:
    """x/hypot(x, y), also where the hypotenuse `out` is subnormal and has few digits."""
    scale = 2.0**600
    return choose(out < 1e-290, divide(x * scale, hypot(x * scale, y * scale)), divide(x, out))


def count_equal(xs: Sequence[Any], out: Any) -> Any:
    """How many of the numbers equal `out`."""
    count: Any = 0
    for x in xs:
        count = count + choose(equal(x, out), 1, 0)
    return count
