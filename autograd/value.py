"""Value: a number that remembers how it was made, and so can be differentiated."""

from __future__ import annotations

from collections.abc import Callable, KeysView, Sequence
from typing import Any, NamedTuple, TypeAlias

from autograd import graph, modes
from autograd.comparing import Comparing, compared
from autograd.copying import Copying
from autograd.errors import NoGraphError, NoRuleError, NotANumberError, number
from autograd.floats import KERNELS
from autograd.methods import Methods
from autograd.numpy_manners import NumpyManners
from autograd.ops import BY_HAND, TABLE

Operand: TypeAlias = "Value | float"
OPERATORS = frozenset({"+", "-", "*", "/", "**", "**n"})
new: Any = object.__new__  # makes a node; who records a function takes its place, to see them in the order of making
FAST: dict[str, Callable[..., Value]] = {}
"""Functions that `unrolled.py` has written out for speed."""


class Value(Comparing, Methods, NumpyManners, Copying):
    """A number, the operation that made it, the operands, and ∂(this number)/∂(each operand).

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> L = a * b + a
    >>> L.backward()
    >>> a.grad, b.grad  # ∂L/∂a = b + 1, ∂L/∂b = a
    (-2.0, 2.0)
    """

    # Most operations have one or two parents, in _x and _y, with the local derivatives in _dx and _dy; the edges of
    # any other operation are in _wide; an operation with neither has dead edges only. _operands may be None where the
    # operands are just x, or x and y, and a bare float where they are x and that; () marks what was computed under
    # no_grad(). _row is None on a leaf, and _grad until it is computed.
    __slots__ = ("__dict__", "__weakref__", "_data", "_dx", "_dy", "_grad", "_operands", "_row", "_wide", "_x", "_y")

    label: str = ""  # set on a node, it goes to the node's own __dict__

    def __init__(self, data: Any, label: Any = "", _op: str = "", *, _children: Sequence[Value] = ()) -> None:
        self._data: float = data._data if isinstance(data, Value) else number(data)
        self._grad: Any = None
        self._row: Any = None
        self._x: Value | None = None
        self._y: Value | None = None
        self._dx: float = 0.0
        self._dy: float = 0.0
        self._operands: tuple[Operand, ...] | float | None = None
        self._wide: Wide | None = None
        if isinstance(data, Value):  # an identity node, linked to the Value it was made of
            if modes.unusual and not modes.is_recording():
                self._operands = ()
            else:
                self._row, self._x, self._dx = TABLE["identity"], data, 1.0
                if (recorder := modes.recorder()) is not None:
                    recorder.note(self)
        if not isinstance(label, str):  # micrograd's Value(data, _children, _op)
            label, _children = "", tuple(label)
        if _children:
            self._row, self._operands = BY_HAND._replace(op=_op), tuple(_children)
            self._wide = Wide(tuple(_children), (0.0,) * len(_children))
        if label:
            self.label = label

    # Each operator is a row of the table (and `unrolled.py` the same, written out for speed).

    def __add__(self, other: Operand) -> Value:
        return record("+", self, other)

    def __radd__(self, other: Operand) -> Value:
        return record("+", other, self)

    def __sub__(self, other: Operand) -> Value:
        return record("-", self, other)

    def __rsub__(self, other: Operand) -> Value:
        return record("-", other, self)

    def __mul__(self, other: Operand) -> Value:
        return record("*", self, other)

    def __rmul__(self, other: Operand) -> Value:
        return record("*", other, self)

    def __truediv__(self, other: Operand) -> Value:
        return record("/", self, other)

    def __rtruediv__(self, other: Operand) -> Value:
        return record("/", other, self)

    def __pow__(self, other: Operand) -> Value:
        return record("**" if isinstance(other, Value) else "**n", self, other)

    def __rpow__(self, other: Operand) -> Value:
        return record("**", other, self)

    def __neg__(self) -> Value:
        return record("neg", self)

    def __pos__(self) -> Value:
        return self

    def backward(self, gradient: float = 1.0) -> None:
        """Compute gradient · ∂self/∂v for every v it was made from: added to `.grad` on leaves, set elsewhere.

        >>> x = Value(3.0)
        >>> (x * x).backward()
        >>> x.grad
        6.0
        """
        modes.read(self, "backward()")
        if self._operands == ():
            raise NoGraphError(
                f"backward() of {self!r}, which was computed under no_grad(): no operation was recorded that leads to"
                " it; compute it outside of `with no_grad():`"
            )
        graph.backward(self, number(gradient))

    # What a node knows ----------------------------------------------------------------------------------------------

    @property
    def data(self) -> float:
        """The number; any real number may be assigned, anything else raises."""
        modes.read(self, ".data")
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        modes.read(self, ".data")
        self._data = number(data)

    @property
    def grad(self) -> float:
        """∂(the root of the last backward())/∂(this), summed over calls on a leaf; 0.0 until it is computed."""
        modes.read(self, ".grad")
        return 0.0 if self._grad is None else self._grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        modes.read(self, ".grad")
        self._grad = number(grad)

    @property
    def computed(self) -> bool:
        """Whether `.grad` was computed by a pass, or set, since the node was made or `zero_grad()` was called."""
        return self._grad is not None

    def zero_grad(self) -> None:
        """Forget the gradient: `.grad` reads 0.0 again, and is not computed."""
        modes.read(self, "zero_grad()")
        self._grad = None

    @property
    def op(self) -> str:
        """The operation that made it: `+`, `*`, `**`, `tanh`, …; empty on a leaf."""
        return "" if self._row is None else self._row.op

    @property
    def operands(self) -> tuple[Operand, ...]:
        """Everything the operation was given, Values and constants, in the order written."""
        x, y, others = self._x, self._y, self._operands
        if isinstance(others, tuple):
            return others
        if x is None:
            return ()
        if others is not None:
            return (x, others)
        return (x,) if y is None else (x, y)

    @property
    def parents(self) -> tuple[Value, ...]:
        """The Values among the operands, in order."""
        return tuple(v for v in self.operands if isinstance(v, Value))

    @property
    def local_grads(self) -> tuple[float, ...]:
        """∂(this)/∂(parent), one for each parent, as recorded when the node was made.

        >>> x = Value(3.0)
        >>> (x * x).local_grads
        (3.0, 3.0)
        """
        modes.read(self, ".local_grads")
        return tuple(0.0 if partial is None else partial for partial in self._partials())

    def item(self) -> float:
        """The number, as a Python float."""
        modes.read(self, ".item()")
        return self._data

    def detach(self) -> Value:
        """A new leaf with the same number: no gradient flows through it."""
        if (recorder := modes.recorder()) is not None:
            return recorder.detached(self)  # type: ignore[no-any-return]
        return Value(self._data, self.label)

    # micrograd's spelling ---------------------------------------------------------------------------------------------

    @property
    def _backward(self) -> Callable[[], None]:
        """Adds this node's share, gradient × local derivative, to the gradient of each parent; nothing on a leaf.

        It may be set on a node made by hand, Value(data, children, op), whose local derivatives nobody else knows.
        """
        own: Callable[[], None] = self.__dict__.get("_backward", self._pass_back)
        return own

    @_backward.setter
    def _backward(self, function: Callable[[], None]) -> None:
        if self._row is not None and self._row.rules:
            raise TypeError(
                f"{self!r} was made by {self.op!r}, whose derivative the table knows: set _backward on a node made by"
                " hand, Value(data, children, op)"
            )
        self.__dict__["_backward"] = function

    def _pass_back(self) -> None:
        if self._row is None:
            return
        if not self._row.rules:
            raise NoRuleError(
                f"{self!r}, made by hand as {self.op!r}, has no rule to pass its gradient on: set its _backward, or"
                " build it from the operations of autograd"
            )
        g = self.grad
        for parent, partial in zip(self.parents, self._partials(), strict=True):
            if partial is not None:
                parent._grad = parent.grad + g * partial

    def _partials(self) -> tuple[float | None, ...]:
        """The local derivatives, None on a dead edge: one to an operand that was not chosen, so that nothing flows."""
        if self._x is not None:
            return (self._dx,) if self._y is None else (self._dx, self._dy)
        return tuple(self._wide.partials) if self._wide is not None else (None,) * len(self.parents)

    @property
    def _prev(self) -> KeysView[Value]:
        return dict.fromkeys(self.parents).keys()  # a set that keeps its order

    @property
    def _op(self) -> str:
        if self._row is not None and self._row.name == "**n":
            return f"**{self.operands[1]:g}"
        return "ReLU" if self.op == "relu" else self.op

    # As a number ----------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        modes.read(self, "repr()")
        grad = "not computed" if self._grad is None else repr(self._grad)
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self._data!r}, grad={grad}{label})"

    def __format__(self, spec: str) -> str:
        modes.read(self, "a text with the number in it")
        return format(self._data, spec) if spec else repr(self)

    def __float__(self) -> float:
        modes.read(self, "float() or a function of math")
        raise NotANumberError(
            f"float() of {self!r} would cut it off from its graph unseen. For a function of `math` write autograd's:"
            " autograd.exp for math.exp; to read the number, v.item() or v.data; for an array,"
            " np.array(values, dtype=object)"
        )

    __int__ = __index__ = __complex__ = __float__

    @staticmethod
    def _apply(name: str, operands: tuple[Any, ...]) -> Any:
        """A function of the table met a Value among its operands: record it (`functions.apply` calls this)."""
        if name in FAST:
            return FAST[name](*operands)
        if name == "equal":
            return compared("equal", *operands)
        if name == "**" and not isinstance(operands[1], Value):
            name = "**n"
        return record(name, *operands)


class Wide(NamedTuple):
    """The edges of an operation with more than two parents, or with a live and a dead edge, whose partial is None."""

    parents: Sequence[Value]
    partials: Sequence[float | None]


PLAIN = {Value, float}


def datum(x: Any) -> float:
    """The number that x is, Value or not."""
    return x._data if isinstance(x, Value) else number(x)


def record(name: str, *operands: Any) -> Value:
    """One operation: its value, and the local derivative by each parent as the table's rules have it now."""
    row = TABLE[name]
    kinds = set(map(type, operands))
    if kinds <= PLAIN:
        numbers = [x._data if type(x) is Value else x for x in operands]
    else:
        try:
            numbers = [datum(x) for x in operands]
        except NotANumberError:
            if name in OPERATORS and any(_answers_itself(x) for x in operands):
                return NotImplemented  # type: ignore[no-any-return]  # an array, say, whose own operator takes over
            raise
        operands = tuple(x if isinstance(x, Value) else n for x, n in zip(operands, numbers, strict=True))
    out = KERNELS[name](*numbers)
    node: Value = new(Value)
    node._data = out
    node._grad = node._row = node._x = node._y = node._wide = node._operands = None
    if modes.unusual:
        if modes.is_detecting():
            from autograd.anomaly import inspect_forward

            node.__dict__["_line"] = inspect_forward(row.op, operands, out)
        if not modes.is_recording():
            node._operands = ()
            return node
    node._row = row
    node._operands = operands
    partials = row.partials(numbers, out)
    if row.chosen:
        partials = [p if live else None for p, live in zip(partials, row.live(numbers, out), strict=True)]
    parents = operands
    if len(kinds) > 1:
        partials = [p for x, p in zip(operands, partials, strict=True) if isinstance(x, Value)]
        parents = tuple([x for x in operands if isinstance(x, Value)])
    match [p if type(p) is float or p is None else float(p) for p in partials]:
        case [float(dx)]:
            node._x, node._dx = parents[0], dx
        case [float(dx), float(dy)]:
            node._x, node._dx, node._y, node._dy = parents[0], dx, parents[1], dy
        case derivatives if any(p is not None for p in derivatives):
            node._wide = Wide(parents, derivatives)
    return node


def _answers_itself(x: Any) -> bool:
    """Whether x is of a type with operators of its own, which Python then asks: an array, another library's number."""
    return hasattr(type(x), "__radd__") and not isinstance(x, (int, complex, Value))
