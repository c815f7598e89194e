"""Writes the facts of a graph in DOT, the language of Graphviz: the same boxes and numbers, laid out by others."""

from __future__ import annotations

from collections.abc import Iterable

from autograd.show import words
from autograd.show.facts import Fact, Facts

HEAD = [
    "rankdir=LR",
    'node [shape=box fontname="monospace" fontsize=11]',
    'edge [fontname="monospace" fontsize=9 arrowsize=0.7]',
]


def body(facts: Facts) -> list[str]:
    """The statements between the braces, one a line."""
    statements = [*HEAD]
    for at, fact in enumerate(facts.boxes):
        style = "" if fact.formula else " style=rounded"
        statements.append(f"n{at} [label={quoted(_label(fact))} tooltip={quoted(fact.exactly)}{style}]")
    for use in facts.uses:
        label = [f"label={quoted(facts.label(use))}"] if facts.label(use) else []
        attributes = " ".join(label + ["style=dashed"] * (use.derivative == 0))
        statements.append(f"n{use.source} -> n{use.target}" + (f" [{attributes}]" if attributes else ""))
    return [f"\t{statement}\n" for statement in statements]


def source(statements: Iterable[str]) -> str:
    """The whole text, as `graphviz.Digraph` writes it."""
    return "".join(["digraph {\n", *statements, "}\n"])


def _label(fact: Fact) -> str:
    lines = [
        words.shortened(fact.name, words.LONGEST_NAME) + fact.made,
        *(f"{line.left} = {line.right}" for line in fact.terms),
        f"data {fact.data_text}",
        f"grad {fact.grad_text}",
        *([fact.note] if fact.note else []),
        *([f"backward: {fact.place}"] if fact.place is not None else []),
    ]
    return "\n".join(lines)


def quoted(text: str) -> str:
    """A DOT string: backslashes, quotes, and the ampersand, which would begin an HTML entity, stand for themselves."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;").replace("\n", "\\n")
    return f'"{escaped}"'
