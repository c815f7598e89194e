"""What is said to who gives something else than a Value where one is to be shown: what it was, and what to write."""

from __future__ import annotations

from typing import Any

from autograd.show import words


def no_value(x: Any, function: str, more: str = "") -> str:
    """What was given to `function` in place of a Value, and the call to write; `more` are its further arguments.

    >>> no_value([1.0], "draw")
    'a list: give one of its Values, draw(xs[0]), or what they add up to, draw(sum(xs))'
    >>> no_value(None, "explain", ", a")
    'None, which a function gives that ends without return: give it a line `return L`, and write explain(L, a)'
    """
    kind = type(x).__name__

    def call(v: str) -> str:
        return f"{function}({v}{more})"

    if x is None:
        return (
            f"None, which a function gives that ends without return: give it a line `return L`, and write {call('L')}"
        )
    if isinstance(x, (int, float)):
        return f"the number {x!r}, which has no graph: compute with Values, a = Value({x!r}), and write {call('a * 2')}"
    if isinstance(x, (list, tuple)) or getattr(x, "shape", None):
        return f"a {kind}: give one of its Values, {call('xs[0]')}, or what they add up to, {call('sum(xs)')}"
    if isinstance(x, str):
        name = x if x.isidentifier() else "L"
        return f"the string {words.shortened(repr(x), 40)}: give the Value itself, without quotes, {call(name)}"
    if hasattr(x, "named_parameters"):
        return f"the model {kind}: give what it computes, {function}(model(x){more}, model=model)"
    if callable(x):
        one = call("f(a)" if more else "f(Value(1.0))")
        return f"the function {getattr(x, '__name__', kind)}: give what it returns, {one}"
    return f"{words.shortened(repr(x), 40)} of type {kind}: give a Value that was computed, {call('L')}"
