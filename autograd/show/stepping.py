"""`steps(v)`: the forward and the backward pass of any value, one event after the other."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, overload

from autograd.errors import NoGraphError, NotANumberError, number
from autograd.show import files, step_data, walk_text
from autograd.show.facts import ordered
from autograd.show.graph_walk import GraphWalk, Step
from autograd.show.names import called, described, variables_of_caller
from autograd.show.neuron_walk import NeuronWalk
from autograd.show.neurons import find, renamed
from autograd.show.refusals import no_value
from autograd.show.stage import Stage
from autograd.value import Value

VIEWS = ("graph", "neurons")
ENDINGS = (".html", ".svg", ".gif", ".txt")


def steps(
    v: Value, model: Any = None, view: str = "graph", train: Iterable[Value] | None = None, lr: float = 0.1
) -> Steps:
    """Forward to `v` and backward from it, step by step: what is computed, from which numbers, by which rule.

    v : the Value to walk to; `backward()` need not have been called, and nothing is changed by looking.
    model : something with `named_parameters()`: leaves without a label are called by these names.
    view : "graph", use by use; or "neurons", layer by layer with the error signal of each neuron of `model`.
    train : leaves that are moved downhill at the end, w ← w − lr·∂v/∂w, and by a button in the page.
    lr : how far.

    What is returned is a sequence of `Step`s. `print` writes it as text, a notebook shows a page that steps.

    >>> from autograd import Value
    >>> w, x = Value(0.5, label="w"), Value(-2.0, label="x")
    >>> L = (w * x).tanh()
    >>> for step in steps(L):
    ...     print(step)
    v1 = w*x = 0.5 × (−2) = −1
    L = tanh(v1) = tanh(−1) = −0.7616
    ∂L/∂L = 1
    ∂L/∂v1 = ∂L/∂L · ∂tanh(v1)/∂v1 = 1 × 0.42 = 0.42
    ∂L/∂w = ∂L/∂v1 · ∂v1/∂w = 0.42 × (−2) = −0.8399
    ∂L/∂x = ∂L/∂v1 · ∂v1/∂x = 0.42 × 0.5 = 0.21
    """
    if not isinstance(v, Value):
        raise TypeError(f"steps takes a Value, was given {no_value(v, 'steps')}")
    if v._operands == ():
        raise NoGraphError(
            f"steps of {v!r}, which was computed under no_grad(): no operation was recorded that leads to it; compute"
            " it outside of `with no_grad():`"
        )
    if view not in VIEWS:
        raise ValueError(f'view is "graph" or "neurons", was given {view!r}')
    rate, names = _rate(lr), called(ordered(v), model=model, variables=variables_of_caller())
    if view == "graph":
        stage = Stage(v, names)
        return Steps(GraphWalk(stage, _trained(stage, train), rate), view)
    layers = find(v, model)
    stage = Stage(v, renamed(layers, names))
    parameters = [leaf for layer in layers for neuron in layer.neurons for leaf in (*neuron.weights, neuron.bias)]
    return Steps(NeuronWalk(stage, layers, _trained(stage, parameters if train is None else train), rate), view)


class Steps(Sequence[Step]):
    """The walk, as a sequence of `Step`s, as text, and as a page."""

    def __init__(self, walk: GraphWalk | NeuronWalk, view: str) -> None:
        self.walk, self.view, self.stage, self.train, self.lr = walk, view, walk.stage, walk.train, walk.lr

    @overload
    def __getitem__(self, at: int) -> Step: ...

    @overload
    def __getitem__(self, at: slice) -> list[Step]: ...

    def __getitem__(self, at: int | slice) -> Step | list[Step]:
        if isinstance(at, slice):
            return [self.walk.step(one) for one in range(len(self))[at]]
        try:
            return self.walk.step(range(len(self))[at])
        except TypeError:
            raise TypeError(f"a step is asked for by its number, walk[0], was given {described(at)}") from None
        except IndexError:
            raise IndexError(f"there are {len(self):,} steps, from 0 to {len(self) - 1:,}; was given {at}") from None

    def __len__(self) -> int:
        return len(self.walk.events)

    @property
    def title(self) -> str:
        """What the walk is of: `Steps of L = tanh(w*x)`."""
        return f"Steps of {self.stage.title}"

    @property
    def text(self) -> str:
        """The whole walk as text."""
        return walk_text.told(self.stage, self.walk.leaves, self.walk.constants, self.title, self)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<{self.title}: {len(self):,} steps>"

    def data(self) -> dict[str, Any]:
        """The walk as plain data that JSON takes; see `step_data.py`."""
        return step_data.data(self)

    def show(self) -> None:
        """Shows the page that steps: in the notebook that runs, else in the browser."""
        from autograd.show import page

        files.show(self, page.html(self))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the walk to a file that ends in .html, .svg (animated), .gif or .txt: all of it, or nothing.

        >>> from autograd import Value
        >>> steps(Value(2.0)).save("walk.mp4")
        Traceback (most recent call last):
        ...
        ValueError: steps are saved as .html, .svg, .gif or .txt, was given 'walk.mp4': write save('walk.html')
        """
        target, ending = files.target(
            path, ENDINGS, f"steps are saved as {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}", "steps.html"
        )
        if ending == ".txt":
            files.write(target, self.text, "the walk")
            return
        from autograd.show import page

        if ending == ".gif":
            page.gif(self, target)
        else:
            files.write(target, page.html(self) if ending == ".html" else page.animated_svg(self), "the walk")

    def _repr_html_(self) -> str:
        from autograd.show import page

        return page.notebook(self)


def _trained(stage: Stage, train: Iterable[Value] | None) -> list[int]:
    """The numbers of the leaves to train; an error for what is none, or not in the graph."""
    if train is None:
        return []
    if isinstance(train, Value):
        raise TypeError("train is a list of leaves, was given one Value: write train=[w]")
    if isinstance(train, (str, Mapping)) or not isinstance(train, Iterable):
        instead = ": write train=model.parameters()" if hasattr(train, "parameters") else ""
        raise TypeError(f"train is a list of leaves such as [w, b], was given {described(train)}{instead}")
    found = []
    for place, leaf in enumerate(train):
        if not isinstance(leaf, Value):
            raise TypeError(f"train is a list of leaves such as [w, b]; train[{place}] is {described(leaf)}")
        name = stage.called.get(leaf) or leaf.label or repr(leaf)
        if leaf not in stage.sweep.number:
            raise ValueError(
                f"train[{place}], {name}, is not in the graph of {stage.names[stage.root]}, so nothing moves it:"
                " leave it out, or compute with it"
            )
        if leaf._row is not None:
            raise ValueError(
                f"train[{place}], {name} = {stage.expression(stage.sweep.number[leaf])}, is computed from others, and"
                " is computed anew when they move: give the leaves it is made of"
            )
        if stage.sweep.number[leaf] not in found:
            found.append(stage.sweep.number[leaf])
    return found


def _rate(lr: Any) -> float:
    try:
        rate = number(lr)
    except NotANumberError as error:
        raise NotANumberError(f"lr, the learning rate: {error}") from None
    if isinstance(lr, Value) or not 0 < rate < math.inf:
        raise ValueError(f"lr, the learning rate, is a number above 0, was given {lr!r}: write lr=0.1")
    return rate
