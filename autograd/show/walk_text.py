"""The walk as text: what is given, what is computed forward, how the gradient comes back, and what it is in the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING

from autograd.show import words

if TYPE_CHECKING:
    from autograd.show.graph_walk import Step
    from autograd.show.stage import Stage

HEADINGS = {
    "forward": "Forward: every value from those before it",
    "backward": "Backward: how {root} changes when a value grows by a little",
    "update": "Update: every leaf a little downhill (in this walk; the leaves themselves stay as they are)",
}
MOST_LEAVES = 12
DIGITS = "(Four digits of each number are shown; it is computed with sixteen.)"
INDENT = 6
WIDTH = 110


def told(stage: Stage, leaves: Sequence[int], constants: Sequence[str], title: str, steps: Iterable[Step]) -> str:
    """The whole walk; each step is its line, its local derivative and its sentence."""
    lines = [title, "", *_wrapped(f"Given: {given(stage, leaves, constants)}"), *_stale(stage), DIGITS]
    numbered = enumerate(steps, 1)
    for phase, group in groupby(numbered, key=lambda pair: pair[1].phase):
        lines += ["", HEADINGS[phase].format(root=stage.names[stage.root]), ""]
        for number, step in group:
            lines += one(number, step)
    lines += ["", *(part for line in results(stage, leaves) for part in _wrapped(line))]
    return "\n".join(lines) + "\n"


def one(number: int, step: Step) -> Iterator[str]:
    """The lines of one step."""
    yield f"{number:>{INDENT - 2}}  {step}"
    for more in (step.local and f"with {step.local}", step.sentence):
        if more:
            yield from wrap(
                more, WIDTH, initial_indent=" " * INDENT, subsequent_indent=" " * INDENT, break_long_words=False
            )


def line(formula: str, numbers: str, note: str) -> str:
    """A step in a line: formula = numbers (note).

    >>> line("v1 = sin(x)", "sin(3.142) = ≈ 0", "")
    'v1 = sin(x) = sin(3.142) ≈ 0'
    """
    written = f"{formula} = {numbers}".replace("= ≈", "≈") if numbers else formula
    return f"{written}   ({note})" if note else written


def given(stage: Stage, leaves: Sequence[int], constants: Sequence[str] = ()) -> str:
    """The inputs and the leaves with their numbers, which are known before the first step."""
    listed = _listed([f"{stage.names[box]} = {stage.data_text(box)}" for box in leaves])
    return ", ".join(filter(None, [_listed(constants), listed]))


def results(stage: Stage, leaves: Sequence[int]) -> Iterator[str]:
    """The gradient of every leaf, and apart from it what was there before."""
    yield "Gradients: " + _listed([f"{stage.total(box)} = {stage.gradient_text(box)}" for box in leaves])
    left = [(box, grad) for box in leaves if (grad := stage.earlier(box)) is not None]
    if left:
        apart = _listed([f"{words.number(grad)} in {stage.names[box]}.grad" for box, grad in left])
        yield f"Left from an earlier backward(), not part of this walk: {apart} (zero_grad() clears it)"


def _stale(stage: Stage) -> list[str]:
    changed = [stage.names[box] for box in range(len(stage.nodes)) if stage.is_stale(box)]
    if not changed:
        return []
    return _wrapped(
        f"Changed since: {_listed(changed)} had other operands when computed; gradients are those of that time."
        " Compute the expression anew to see all in step."
    )


def _listed(items: Sequence[str]) -> str:
    rest = len(items) - MOST_LEAVES
    return ", ".join(items[:MOST_LEAVES]) + (f" and {rest:,} more" if rest > 0 else "")


def _wrapped(line: str) -> list[str]:
    return wrap(line, WIDTH, subsequent_indent=" " * INDENT, break_long_words=False)
