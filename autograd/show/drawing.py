"""`draw(v)`: the graph behind a value as a picture, to look at, to save and to take on to Graphviz."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from autograd.show import dot_layout, dot_text, files, marks, network, network_svg, raster, svg
from autograd.show.facts import read
from autograd.show.layout import layout
from autograd.show.names import described, variables_of_caller
from autograd.show.refusals import no_value
from autograd.value import Value

if TYPE_CHECKING:
    import graphviz

Engine = Literal["graphviz"] | None
Fold = Literal["neuron", "layer", "block", False] | None

TEXTS = (".svg", ".html", ".dot")
IMAGES = (".png", ".pdf")
SAVED = (
    'a drawing is saved as .svg, .html or .dot, and .png or .pdf with engine="graphviz" or the extra packages of'
    " pip install 'scalar-autograd[images,pdf]'"
)


def draw(
    v: Any,
    model: Any = None,
    local_grads: bool | None = None,
    fold: Fold = None,
    names: Mapping[Any, Any] | None = None,
    *,
    engine: Engine = None,
) -> Drawing:
    """The graph behind `v`, from left to right: one box a value, with its operation, data and gradient.

    v : the Value to draw; `backward()` need not have been called, and nothing is changed by drawing. Or a model, such
        as an `MLP`: its neurons as circles, its weights as lines.
    model : something with `named_parameters()`: what has no other name is called `layers.0.neurons.2.w.1`.
    local_grads : whether edges carry their local derivative, ∂(where they end)/∂(where they begin); None: in graphs of
        at most 30 boxes.
    fold : what goes into one box, with a count: every "neuron"; every "layer", which is all that is computed alike;
        every "block" of operations that repeats; False: nothing. None: graphs of more than 60 values are folded as
        little as makes them readable; where little is alike, what is nearest to `v` is drawn, and what comes before in
        one box.
    names : names for boxes, before their labels: {"w": w}, or {w: "w"}, or all local variables, `names=locals()`.
    engine : "graphviz" has the program `dot` choose the places, and write .png and .pdf.

    A notebook shows what is returned. A box is called by its label, else by the one variable that is bound to it where
    `draw` is called, else by its name in the model, else by its place in a list, else v1, v2, … in the order of
    computation. The number on its corner is its place in the order of the backward pass.

    The gradient in a box is what the paths drawn bring, and "not computed" until a pass from `v`, or from something
    built on it, has reached `v`. A gradient that was there before is told apart from it (`autograd/show/shares.py` says
    how). Graphs of more than 6000 boxes raise ValueError.

    >>> from autograd import Value, tanh
    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> picture = draw(tanh(a * b + 5))
    >>> print(picture)
    Graph of v3 = tanh(v2): 5 values, 4 edges; data −0.7616, gradient not computed
    >>> print(picture.source.splitlines()[-2].strip())
    n3 -> n4 [label="0.42"]
    """
    if engine not in (None, "graphviz"):
        raise ValueError(f'engine is None or "graphviz", was given {engine!r}: write draw(v)')
    if local_grads is not None and not isinstance(local_grads, bool):
        raise TypeError(
            f"local_grads is True, False or None, was given {described(local_grads)}: write draw(v, local_grads=True)"
        )
    if engine:
        dot_layout.program()
    if isinstance(v, Value):
        facts = read(v, names, model, local_grads, variables_of_caller(), fold)
        place = dot_layout.layout if engine else layout
        return Drawing(
            partial(svg.paint, facts, place), partial(dot_text.body, facts), facts.told, facts.root.name, engine
        )
    if hasattr(v, "named_parameters"):
        net = network.read(v)
        return Drawing(partial(network_svg.paint, net), partial(network.dot_body, net), net.told, net.name, engine)
    raise TypeError(f"draw takes a Value or a model, was given {no_value(v, 'draw')}")


class Drawing:
    """A picture of a graph as it was when it was drawn."""

    def __init__(
        self, paint: Callable[[], str], body: Callable[[], list[str]], told: str, title: str, engine: Engine = None
    ) -> None:
        self._paint, self._body, self._told, self._title, self._engine = paint, body, told, title, engine

    @cached_property
    def svg(self) -> str:
        """The picture: SVG text, light or dark as the reader's screen is, with exact numbers under the pointer."""
        return self._paint()

    @cached_property
    def source(self) -> str:
        """The graph in DOT, the language of Graphviz."""
        return dot_text.source(self._body())

    @property
    def graphviz(self) -> graphviz.Digraph:
        """The graph as a `graphviz.Digraph`, to change and render with Graphviz."""
        import graphviz

        return graphviz.Digraph(body=self._body())

    @property
    def html(self) -> str:
        """A page that holds the picture and needs nothing else."""
        return files.page(
            f"Graph of {self._title}", f'<div style="overflow-x:auto">\n{marks.legible(self.svg)}</div>\n'
        )

    def show(self) -> None:
        """Shows the picture: in the notebook that runs, else in the browser."""
        files.show(self, self.html)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the picture to a file that ends in .svg, .html or .dot: all of it, or nothing.

        .png is written by resvg, `pip install 'scalar-autograd[images]'`, and .pdf by CairoSVG, `pip install
        'scalar-autograd[pdf]'`; both by `dot` if the picture was drawn with engine="graphviz".

        >>> from autograd import Value
        >>> draw(Value(2.0)).save("graph.jpg")
        Traceback (most recent call last):
        ...
        ValueError: a drawing is saved as .svg, .html or .dot, and .png or .pdf with engine="graphviz" or the extra
        packages of pip install 'scalar-autograd[images,pdf]', was given 'graph.jpg': write save('graph.svg')
        """
        target, ending = files.target(path, TEXTS + IMAGES, SAVED, "graph.svg")
        if ending in IMAGES:
            by_dot = self._engine == "graphviz"
            content = dot_layout.run(self.source, ending[1:]) if by_dot else raster.render(self.svg, ending)
            files.write(target, content)
        else:
            files.write(target, {".svg": self.svg, ".html": self.html}.get(ending, self.source))

    def __str__(self) -> str:
        return self._told

    def __repr__(self) -> str:
        return f"<{self}>"

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        """An image with its data inside: notebooks that are not trusted hide SVG, but show this."""
        data = base64.b64encode(self.svg.encode()).decode()
        return f'<img alt="{escape(str(self))}" src="data:image/svg+xml;base64,{data}" style="max-width:100%">'
