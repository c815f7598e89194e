"""`draw(v)`: the graph behind a value as a picture, to look at, to save and to take on to Graphviz."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd.show import dot_text, svg, words
from autograd.show.facts import Facts, read
from autograd.value import Value

if TYPE_CHECKING:
    import graphviz

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>body{{margin:1rem}}@media (prefers-color-scheme:dark){{body{{background:#14181d}}}}</style>
</head>
<body>
{svg}</body>
</html>
"""


def draw(
    v: Value, model: Any = None, *, local_grads: bool | None = None, names: Mapping[Any, Any] | None = None
) -> Drawing:
    """The graph behind `v`, from left to right: one box a value, with its operation, data and gradient.

    v : the Value to draw; `backward()` need not have been called, and nothing is changed by drawing.
    model : something with `named_parameters()`: leaves without a label are called by these names.
    local_grads : whether edges carry their local derivative, ∂(where they end)/∂(where they begin); None: in graphs of
        at most 30 boxes.
    names : names for boxes, before their labels: {"w": w}, or {w: "w"}, or all local variables, `names=locals()`.

    A notebook shows what is returned. Boxes that nothing names are called v1, v2, … in the order they were computed.
    Graphs of more than 6000 boxes raise ValueError.

    >>> from autograd import Value, tanh
    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> picture = draw(tanh(a * b + 5))
    >>> print(picture)
    Graph of v3 = tanh(v2): 5 values, 4 edges; data −0.7616, gradient not computed
    >>> print(picture.source.splitlines()[-2].strip())
    n3 -> n4 [label="0.42"]
    """
    if not isinstance(v, Value):
        raise TypeError(f"draw takes a Value, was given {_described(v)}")
    return Drawing(read(v, names, model, local_grads))


class Drawing:
    """A picture of a graph as it was when it was drawn."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    @cached_property
    def svg(self) -> str:
        """The picture: SVG text, light or dark as the reader's screen is, with exact numbers under the pointer."""
        return svg.paint(self._facts)

    @cached_property
    def source(self) -> str:
        """The graph in DOT, the language of Graphviz."""
        return dot_text.source(self._facts)

    @property
    def graphviz(self) -> graphviz.Digraph:
        """The graph as a `graphviz.Digraph`, to change and render with Graphviz."""
        import graphviz

        return graphviz.Digraph(body=dot_text.body(self._facts))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the picture to a file that ends in .svg, .html or .dot: all of it, or nothing.

        >>> from autograd import Value
        >>> draw(Value(2.0)).save("graph.png")
        Traceback (most recent call last):
        ...
        ValueError: a drawing is saved as .svg, .html or .dot, was given 'graph.png': write save('graph.svg')
        """
        target = Path(path)
        ending = target.suffix.lower()
        if ending not in (".svg", ".html", ".dot"):
            raise ValueError(
                f"a drawing is saved as .svg, .html or .dot, was given {str(target)!r}:"
                f" write save({str(target.with_suffix('.svg') if target.name else 'graph.svg')!r})"
            )
        if ending == ".html":
            _write(target, PAGE.format(title=escape(f"Graph of {self._facts.root.name}"), svg=self.svg))
        else:
            _write(target, self.svg if ending == ".svg" else self.source)

    def __str__(self) -> str:
        return self._facts.told

    def __repr__(self) -> str:
        return f"<{self}>"

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        """An image with its data inside: notebooks that are not trusted hide SVG, but show this."""
        data = base64.b64encode(self.svg.encode()).decode()
        return f'<img alt="{escape(str(self))}" src="data:image/svg+xml;base64,{data}" style="max-width:100%">'


def _write(target: Path, text: str) -> None:
    """Writes beside the target and then puts in its place, so that no broken file is ever there."""
    target = Path(os.path.realpath(target))
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        os.replace(beside, target)
    except OSError as error:
        raise type(error)(
            error.errno,
            f"the drawing was not saved ({error.strerror}): name a file in a folder that is there and open to you",
            str(target),
        ) from None
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _described(x: Any) -> str:
    """What was given in place of a Value, and what to write instead."""
    kind = type(x).__name__
    if isinstance(x, (int, float)):
        return f"the number {x!r}, which has no graph: compute with Values, Value({x!r}), and draw the result"
    if isinstance(x, (list, tuple)) or getattr(x, "shape", None):
        return f"a {kind}: draw one of its Values, draw(xs[0]), or what they add up to, draw(sum(xs))"
    if isinstance(x, str):
        return f"the string {words.shortened(repr(x), 40)}: draw takes the Value itself, without quotes"
    if hasattr(x, "named_parameters"):
        return f"the model {kind}: draw what it computes, draw(model(x), model=model)"
    if callable(x):
        return f"the function {getattr(x, '__name__', kind)}: draw what it returns, for example draw(f(Value(1.0)))"
    return f"{words.shortened(repr(x), 40)} of type {kind}"
