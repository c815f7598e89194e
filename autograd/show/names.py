"""What the values of a graph are called: by labels, by the variables of the program, by a model, or by number."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from autograd.show import words
from autograd.value import Value

LIBRARY = str(Path(__file__).resolve().parent.parent) + os.sep
COMPREHENSIONS = ("<listcomp>", "<dictcomp>", "<setcomp>")  # before Python 3.12 they have frames of their own
MOST_ITEMS = 10_000  # of the lists among the variables: beyond, no more are looked at


def called(
    order: Sequence[Value],
    names: Mapping[Any, Any] | None = None,
    model: Any = None,
    variables: Mapping[str, Any] | None = None,
) -> dict[Value, str]:
    """What each value is called, by the first of these that has a name for it.

    `names`, as given to `draw`; its label; the one variable that is bound to it; its name in `model`; its place in the
    one list among the variables that holds it; else v1, v2, … in the order of computation.

    >>> a, b, c = Value(1.0), Value(2.0, label="bias"), Value(3.0)
    >>> list(called([a, b, c], variables={"a": a, "b": b, "xs": [c]}).values())
    ['a', 'bias', 'xs[0]']
    """
    _, chosen = chosen_names(order, names, model, variables)
    taken = set(chosen.values())
    free = (name for name in map("v{}".format, range(1, len(order) + len(taken) + 1)) if name not in taken)
    return {node: chosen.get(node) or next(free) for node in order}


def chosen_names(
    order: Sequence[Value],
    names: Mapping[Any, Any] | None = None,
    model: Any = None,
    variables: Mapping[str, Any] | None = None,
) -> tuple[dict[Value, str], dict[Value, str]]:
    """The names that were given one by one, to values themselves; and these with those of models and lists."""
    wanted = set(order)
    chosen = {**_labels(order), **dict(_given(names or {}))}
    chosen = {node: name for node, name in chosen.items() if node in wanted}
    bound, held = _variables(variables or {}, wanted)
    own: dict[Value, str] = {}
    for source in (bound, {parameter: words.clean(name) for name, parameter in parameters(model)}, held):
        taken = set(chosen.values())
        chosen = {node: name for node, name in source.items() if node in wanted and name not in taken} | chosen
        own = own or dict(chosen)
    return own, chosen


def variables_of_caller() -> dict[str, Any]:
    """The local variables where the function that asks was called, if they are Values or lists; none of the library's.

    >>> from autograd import Value
    >>> def ask():
    ...     return list(variables_of_caller())
    >>> def work():
    ...     a, count, _hidden = Value(1.0), 3, Value(2.0)
    ...     return ask()
    >>> work()
    ['a']
    """
    frame: FrameType | None = sys._getframe(2)
    inner: dict[str, Any] = {}
    while frame is not None and frame.f_code.co_name in COMPREHENSIONS:
        inner = {**frame.f_locals, **inner}
        frame = frame.f_back
    if frame is None or frame.f_code.co_filename.startswith(LIBRARY):
        return {}
    return {
        name: value
        for name, value in {**frame.f_locals, **inner}.items()
        if isinstance(value, (Value, list, tuple))
        and name.isidentifier()
        and not name.startswith("_")  # interactive shells keep _1, _2
    }


def parameters(model: Any) -> list[tuple[str, Value]]:
    """The parameters of a model, by name; an error for what has none."""
    if model is None:
        return []
    if not hasattr(model, "named_parameters"):
        raise TypeError(
            f"model is something with named_parameters(), such as an MLP, was given {described(model)}:"
            " write model=net, the net itself"
        )
    return list(model.named_parameters())


def described(x: Any) -> str:
    """What was given, for an error."""
    return f"{words.shortened(repr(x), 40)} of type {type(x).__name__}"


def _labels(order: Sequence[Value]) -> dict[Value, str]:
    return {node: label for node in order if (label := words.clean(node.label or ""))}


def _given(names: Mapping[Any, Any]) -> Iterator[tuple[Value, str]]:
    """(node, name) of a mapping from names to Values, such as `locals()`, or from Values to names.

    What is no Value is passed over. Of several names for one node the last given here counts: private ones come first.
    """
    if not isinstance(names, Mapping):
        raise TypeError(
            f"names is a mapping from names to Values, was given {described(names)}: write names=locals(),"
            ' or names={"w": w}'
        )
    pairs = [(value, key) if isinstance(value, Value) else (key, value) for key, value in names.items()]
    lists = {key: value for key, value in names.items() if isinstance(key, str) and isinstance(value, (list, tuple))}
    pairs += [(node, name) for name, node in _items(lists.items())]
    nodes = [(node, words.clean(name)) for node, name in reversed(pairs) if isinstance(node, Value)]
    if names and not nodes and all(isinstance(x, (int, float, str, list, tuple)) for x in names.values()):
        key, x = next(iter(names.items()))
        raise TypeError(
            f"names is a mapping from names to Values, was given one without any: {key!r} is {described(x)}: write"
            ' names={"w": w}, where w is a Value'
        )
    return iter(sorted((pair for pair in nodes if pair[1]), key=lambda pair: not pair[1].startswith("_")))


def _variables(variables: Mapping[str, Any], wanted: set[Value]) -> tuple[dict[Value, str], dict[Value, str]]:
    """The names of the nodes that exactly one variable is bound to, and of those that exactly one list holds."""
    plain = [(name, value) for name, value in variables.items() if isinstance(value, Value)]
    lists = [(name, value) for name, value in variables.items() if isinstance(value, (list, tuple))]

    def single(pairs: Iterable[tuple[str, Value]]) -> dict[Value, str]:
        found = [(node, name) for name, node in pairs if node in wanted]
        times = Counter(node for node, _ in found)
        return {node: words.clean(name) for node, name in found if times[node] == 1}

    return single(plain), single(_items(lists))


def _items(lists: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Value]]:
    """The Values in lists, and in lists of lists: ("w[0][1]", value)."""
    left = MOST_ITEMS
    for name, value in lists:
        rows: list[tuple[str, Any]] = [(name, value)]
        for _ in range(2):
            inner: list[tuple[str, Any]] = []
            for path, row in rows:
                left -= len(row)
                if left < 0:
                    return
                for at, item in enumerate(row):
                    if isinstance(item, Value):
                        yield f"{path}[{at}]", item
                    elif isinstance(item, (list, tuple)):
                        inner.append((f"{path}[{at}]", item))
            rows = inner
