"""The numbers, names and signs that an expression given as text is made of, and what is said of one that is wrong."""

from __future__ import annotations

import re
from typing import NamedTuple

TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?P<name>[^\W\d]\w*)|(?P<sign>\*\*|<=|>=|==|[-+*/<>()\[\],;=]))"
)
TYPED = str.maketrans("−–×·÷", "--**/")  # as other programs print them


class ExpressionError(ValueError):
    """What cannot be read, where in the text it stands, and what to write."""

    def __init__(self, problem: str, text: str, at: int) -> None:
        line = re.sub(r"\s", " ", text)
        begin = max(at - 60, 0)  # of a long text, the part around the place
        shown = ("…" if begin else "") + line[begin : at + 40] + ("…" if at + 40 < len(line) else "")
        super().__init__(f"{problem}\n  {shown}\n  {' ' * (at - begin + bool(begin))}^")
        self.problem, self.text, self.at = problem, text, at


class Token(NamedTuple):
    """A number, a name, a sign, or the end; and where it stands."""

    kind: str
    text: str
    at: int

    @property
    def end(self) -> int:
        """Where the next may begin."""
        return self.at + len(self.text)


def tokens(text: str) -> list[Token]:
    """All of a text, and the end.

    >>> [token.text for token in tokens("tanh(2e3*b)")]
    ['tanh', '(', '2e3', '*', 'b', ')', '']
    """
    plain, at, found = text.translate(TYPED), 0, []
    while plain[at:].strip():
        token = TOKEN.match(plain, at)
        if token is None:
            at += len(plain[at:]) - len(plain[at:].lstrip())
            hint = {"^": "for a power write **", ".": "a name has no dots: write a function as tanh(x)"}.get(
                plain[at], f"{plain[at]} means nothing here: there are + - * / ** ( ) [ ] , < > names and numbers"
            )
            raise ExpressionError(hint, text, at)
        kind = token.lastgroup or ""
        found.append(Token(kind, token[kind], token.start(kind)))
        at = token.end()
    return [*found, Token("end", "", len(text.rstrip()))]
