"""`explain(v, wrt)`: a derivative as the sum over paths of products of local derivatives, and why it is what it is."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from autograd.show import files, words
from autograd.show.account import Account, Way, account
from autograd.show.facts import ordered
from autograd.show.names import called, described, variables_of_caller
from autograd.show.refusals import no_value
from autograd.value import Value

ENDINGS = (".txt", ".tex", ".html")

STYLE = """
.autograd-explain{max-width:68em;line-height:1.45}
.autograd-explain h3{margin:1.6em 0 .2em;font-size:1.2em}
.autograd-explain h3:first-of-type{margin-top:.4em}
.autograd-explain h4{margin:1em 0 .2em;font-size:1em}
.autograd-explain p{margin:.4em 0}
.autograd-explain table{display:block;overflow-x:auto;font-size:.85em;border-collapse:collapse;margin:.3em 0}
.autograd-explain td{padding:.1em 1.2em .1em 0;text-align:left;vertical-align:top;border:0;white-space:nowrap}
.autograd-explain .math{font-family:Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace}
.autograd-explain .why{border-left:3px solid #f0851a;padding-left:.8em}
.autograd-explain .in{padding-left:1.5em}
"""

PAGE_STYLE = """
body{margin:2rem auto;padding:0 1rem;max-width:70em;font:16px system-ui,sans-serif;color:#1c2128;background:#fff}
@media (prefers-color-scheme:dark){body{color:#e8ecf1;background:#14181d}}
"""

DOCUMENT = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{amsmath}
\begin{document}
\[
%s
\]
\end{document}
"""


def explain(
    v: Value,
    wrt: Value | Sequence[Value],
    model: Any = None,
    *,
    names: Mapping[Any, Any] | None = None,
    paths: Any = 5,
) -> Explanation:
    """∂v/∂wrt told: the sum, over all paths from `v` back to `wrt`, of the products of the local derivatives.

    v : the Value whose change is asked for; `backward()` need not have been called, and nothing is changed.
    wrt : the Value that is thought to change, or a list of them.
    model : something with `named_parameters()`, whose names its parameters then bear.
    names : names for nodes, as for `draw`.
    paths : how many paths are shown; how many more there are is counted, and what they carry is said.

    Where it is short, the derivative is given as a formula too. Where it is zero, very small, very large, inf or nan,
    the first operation that made it so is named.

    >>> from autograd import Value, tanh
    >>> a, b = Value(0.5, label="a"), Value(-3.0, label="b")
    >>> print(explain(tanh(a * b), a))
    ∂v2/∂a = −0.5421
    At a = 0.5, where v2 = −0.9051: when a grows by a little, v2 falls 0.5421 times as much.
    As a formula: ∂/∂a tanh(a*b) = b·(1 − tanh²(a*b))
    <BLANKLINE>
    One path leads from v2 back to a. The slopes of its operations (their local derivatives) are
    multiplied: the chain rule.
    <BLANKLINE>
    v2 ← v1 ← a
      v2 = tanh(v1)   ∂v2/∂v1 = 1 − v2² = 1 − (−0.9051)² = 0.1807
      v1 = a*b        ∂v1/∂a  = b                        = −3
      0.1807 × (−3) = −0.5421
    """
    several = not isinstance(wrt, Value)
    by = _checked(v, wrt)
    if type(paths) is not int or paths < 1:
        raise ValueError(f"paths is how many are shown, 1 or more, was given {paths!r}: write explain(v, wrt, paths=5)")
    order = ordered(v)
    inside = set(order)
    found = called([*order, *(x for x in dict.fromkeys(by) if x not in inside)], names, model, variables_of_caller())
    return Explanation([account(v, x, found, paths) for x in by], several)


class Explanation:
    """A derivative, explained: print it, or see it in a notebook, or save it."""

    def __init__(self, accounts: Sequence[Account], several: bool = False) -> None:
        self._accounts, self._several = tuple(accounts), several

    @property
    def value(self) -> Any:
        """The derivative, the number that `v.backward()` computes; a list of them for a list."""
        values = [one.value for one in self._accounts]
        return values if self._several else values[0]

    @property
    def text(self) -> str:
        """The explanation as plain text."""
        return "\n\n\n".join("\n".join(_text(one)) for one in self._accounts)

    @property
    def latex(self) -> str:
        r"""The formulas in LaTeX, for math mode: \begin{aligned} … \end{aligned}."""
        lines = [line for one in self._accounts for line in _latex(one)]
        return "\n".join([r"\begin{aligned}", " \\\\\n".join(lines), r"\end{aligned}"])

    @property
    def html(self) -> str:
        """The explanation as a piece of HTML, in the colours of the page around it."""
        body = "".join(_html(one) for one in self._accounts)
        return f'<section class="autograd-explain">\n<style>{STYLE}</style>\n{body}</section>\n'

    @property
    def title(self) -> str:
        """∂v/∂wrt = its number, for each."""
        return ", ".join(f"{one.title} = {one.number}".replace("= ≈", "≈") for one in self._accounts)

    def show(self) -> None:
        """Shows it in the notebook that runs, or else in the browser."""
        files.show(self, self._page())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the explanation to a file that ends in .txt, .tex or .html: all of it, or nothing."""
        target, ending = files.target(
            path, ENDINGS, "an explanation is saved as .txt, .tex or .html", "explanation.txt"
        )
        content = self._page() if ending == ".html" else self.text + "\n" if ending == ".txt" else DOCUMENT % self.latex
        files.write(target, content, "the explanation")

    def _page(self) -> str:
        return files.page(self.title, self.html, PAGE_STYLE)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Explanation: {words.shortened(self.title, 100)}>"

    def _repr_html_(self) -> str:
        return self.html

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"


def _checked(v: Any, wrt: Any) -> list[Value]:
    if not isinstance(v, Value):
        raise TypeError(f"explain takes a Value, was given {no_value(v, 'explain', ', a')}")
    if isinstance(wrt, Value):
        return [wrt]
    if isinstance(wrt, str):
        raise TypeError(
            f"wrt is a Value, was given the string {wrt!r}: write explain(v, {words.clean(wrt)}), without quotes"
        )
    if not isinstance(wrt, (list, tuple)):
        by = "model.parameters()" if hasattr(wrt, "named_parameters") else "a"
        raise TypeError(f"wrt is a Value or a list of Values, was given {described(wrt)}: write explain(v, {by})")
    for x in wrt:
        if not isinstance(x, Value):
            raise TypeError(f"wrt is a list of Values, was given one with {described(x)}: write explain(v, [a, b])")
    if not wrt:
        raise ValueError("wrt is an empty list: name at least one Value to differentiate by, explain(v, [a, b])")
    return list(wrt)


# As text --------------------------------------------------------------------------------------------------------------


def _text(one: Account) -> list[str]:
    lines = [f"{one.title} = {one.number}".replace("= ≈", "≈"), *_wrapped(one.at)]
    if one.derived:
        lines.append(f"As a formula: {_formula(one)}")
    if one.reasons:
        lines += ["", *(line for reason in one.reasons for line in _wrapped(reason))]
    if one.says_how:
        lines += ["", *_wrapped(one.says_how)]
    for way in one.ways:
        lines += ["", *_text_of_way(way)]
    if one.zero:
        lines += ["", *(line for sentence in one.zero for line in _wrapped(sentence))]
    if one.others:
        lines += ["", *_wrapped(one.others)]
    return lines


def _wrapped(text: str) -> list[str]:
    """A sentence on lines of at most 100 letters, all as far in as the first."""
    margin = " " * (len(text) - len(text.lstrip()))
    return textwrap.wrap(text, 100, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False)


def _formula(one: Account) -> str:
    assert one.derived is not None
    of = one.derived.of[0]
    by = one.title.partition("/")[2]
    return f"∂/{by} {of} = {one.derived.formula.text}" if of else f"{one.title} = {one.derived.formula.text}"


def _text_of_way(way: Way) -> list[str]:
    rows = [(step.made, step.slope, step.formula, step.number) for step in way.steps]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [way.head + (f"   ({way.share} of all)" if way.share else "")]
    for made, slope, formula, number in rows:
        middle = f" = {formula:<{widths[2]}}" if widths[2] and formula else " " * (widths[2] + 3 if widths[2] else 0)
        lines.append(f"  {made:<{widths[0]}}   {slope:<{widths[1]}}{middle} = {number}")
    if way.left_out:
        lines.append(f"  {way.left_out}")
    if len(way.steps) > 1 or way.left_out:
        lines.append(f"  {way.product}")
    return lines


# As LaTeX -------------------------------------------------------------------------------------------------------------


def _latex(one: Account) -> list[str]:
    sign = r"\approx" if one.number == "≈ 0" else "="
    lines = [rf"{one.latex_title} &{sign} {one.latex_number if sign == '=' else 0}"]
    if one.derived:
        lines.append(rf"&= {one.derived.formula.latex}")
    for n, way in enumerate(one.ways):
        lines.append(rf"&\quad + {way.latex}" if n else rf"&= {way.latex}")
    if one.latex_others:
        lines.append(rf"&\quad + \cdots \text{{ ({one.latex_others})}}")
    return lines


# As HTML --------------------------------------------------------------------------------------------------------------


def _html(one: Account) -> str:
    title = f"{one.title} = {one.number}".replace("= ≈", "≈")
    parts = [f'<h3 class="math">{escape(title)}</h3>', _paragraph(one.at)]
    if one.derived:
        parts.append(f'<p>As a formula: <span class="math">{escape(_formula(one))}</span></p>')
    if one.reasons:
        parts += ['<div class="why">', *map(_paragraph, one.reasons), "</div>"]
    if one.says_how:
        parts.append(_paragraph(one.says_how))
    for way in one.ways:
        share = f" ({way.share} of all)" if way.share else ""
        parts.append(f'<h4 class="math">{escape(way.head + share)}</h4>')
        cells = [
            (step.made, step.slope, f"= {step.formula}" if step.formula else "", f"= {step.number}")
            for step in way.steps
        ]
        rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in cells)
        parts.append(f'<table class="math">\n{rows}</table>')
        if way.left_out:
            parts.append(_paragraph(way.left_out))
        if len(way.steps) > 1 or way.left_out:
            parts.append(f'<p class="math">{escape(way.product)}</p>')
    parts += map(_paragraph, one.zero)
    if one.others:
        parts.append(_paragraph(one.others))
    return "\n".join(parts) + "\n"


def _paragraph(text: str) -> str:
    inside = ' class="in"' if text.startswith("  ") else ""
    return f"<p{inside}>{files.coded(text.strip())}</p>"
