"""The form of a lesson, and what of it a text does not keep."""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

MARK = re.compile(r"^# %%(?P<markdown> \[markdown\])?(?: tags=\[(?P<tags>[^\]]*)\])?$")
TEXT, CODE = 10, 15  # lines of a cell
WORDS = 6  # of an alt text
EXERCISE = re.compile(r"\*\*Exercise (\d+\.\d+)\*\*")
SOLUTION = "<details><summary>Solution</summary>"


@dataclass
class Cell:
    """A cell of a lesson; the text of Markdown is without the signs that make it a comment."""

    kind: str
    tags: list[str]
    at: int
    lines: list[str]

    @property
    def source(self) -> str:
        return "\n".join(self.lines)

    @property
    def statements(self) -> list[ast.stmt]:
        return ast.parse(self.source).body


def cells(text: str) -> list[Cell]:
    """The cells of a lesson written as py:percent."""
    found: list[Cell] = []
    for number, line in enumerate(text.splitlines(), 1):
        if mark := MARK.match(line):
            tags = re.findall(r'"([^"]*)"', mark["tags"] or "")
            found.append(Cell("markdown" if mark["markdown"] else "code", tags, number, []))
        else:
            in_a_cell = bool(found) and not line.startswith("# %%")
            assert in_a_cell, f"line {number}: {line!r} stands in no cell"
            found[-1].lines.append(line)
    for cell in found:
        if cell.kind == "markdown":
            cell.lines = [re.sub(r"^# ?", "", line) for line in cell.lines]
        while cell.lines and not cell.lines[-1].strip():
            cell.lines.pop()
    return found


def faults(name: str, text: str, ledger: Container[str]) -> list[str]:
    """All that a lesson, whose file is called `name`, lacks of the form."""
    found = cells(text)
    number = int(name[:2])
    return [
        *opening(number, found),
        *sizes(found),
        *predictions(found),
        *exercises(number, found, ledger),
        *ending(found),
        *pictures(found),
    ]


def opening(number: int, found: list[Cell]) -> Iterator[str]:
    """A title, the time it takes, what it builds on; then the imports, seeded."""
    first = found[0]
    if first.kind != "markdown" or not re.match(rf"# {number} · \S", first.source):
        yield f"it does not begin with the title '# {number} · …'"
    for promise in ("**Time:**", "**Builds on:**"):
        if promise not in first.source:
            yield f"its first cell does not say {promise}"
    code = next(cell for cell in found if cell.kind == "code")
    if "from checks import" not in code.source:
        yield f"line {code.at}: the first code does not import check and guess"
    for cell in found:
        if cell.kind == "code" and re.search(
            r"\bnp\.random\.(?!default_rng\(\d|seed\(\d)|default_rng\(\)", cell.source
        ):
            yield f"line {cell.at}: numpy's random numbers without a seed"


def sizes(found: list[Cell]) -> Iterator[str]:
    """Text and code in short pieces; what is folded may show the whole of a program once."""
    for cell in found:
        if cell.kind == "code" and (count := sum(bool(line.strip()) for line in cell.lines)) > CODE:
            yield f"line {cell.at}: {count} lines of code, more than {CODE}"
        if cell.kind == "markdown":
            plain = re.sub(r"^```.*?^```$", "", cell.source, flags=re.MULTILINE | re.DOTALL)
            lines = [line for line in plain.splitlines() if line.strip() and not re.match(r"</?details>", line)]
            if len(lines) > TEXT:
                yield f"line {cell.at}: {len(lines)} lines of text, more than {TEXT}"
        if not cell.source.strip():
            yield f"line {cell.at}: an empty cell"
        if set(cell.tags) - {"timed", "digits"}:
            yield f"line {cell.at}: the tags {cell.tags}; there are timed and digits"


def predictions(found: list[Cell]) -> Iterator[str]:
    """A question, the cell for the guess, and the cell that answers: in this order, one to one."""
    waiting: Cell | None = None
    count = 0
    for at, cell in enumerate(found):
        if cell.kind != "code":
            continue
        if re.search(r"^my_guess = \.\.\.", cell.source, re.MULTILINE):
            count += 1
            if waiting:
                yield f"line {waiting.at}: a guess that nothing answers"
            waiting = cell
            before = "".join(one.source for one in found[max(0, at - 2) : at] if one.kind == "markdown")
            if "?" not in before:
                yield f"line {cell.at}: a guess without a question before it"
            if any(not isinstance(one, ast.FunctionDef) for one in cell.statements[:-1]):
                yield f"line {cell.at}: the cell of a guess does more"
        elif "my_guess" in cell.source:
            if [ast.unparse(one).startswith("guess(my_guess, ") for one in cell.statements].count(True) != 1:
                yield f"line {cell.at}: there is no guess(my_guess, …)"
            if waiting is None:
                yield f"line {cell.at}: no cell for this guess"
            waiting = None
    if waiting:
        yield f"line {waiting.at}: a guess that nothing answers"
    if not count:
        yield "nothing is to be predicted"


def exercises(number: int, found: list[Cell], ledger: Container[str]) -> Iterator[str]:
    """Two to four; each asked, answered by `...`, checked, and solved in a fold; no later cell needs the answer."""
    asked = [(at, name) for at, cell in enumerate(found) for name in EXERCISE.findall(cell.source)]
    if not 2 <= len(asked) <= 4:
        yield f"{len(asked)} exercises, not two to four"
    if [name for _, name in asked] != [f"{number}.{k}" for k in range(1, len(asked) + 1)]:
        yield f"the exercises are called {[name for _, name in asked]}"
    answered = []
    for at, name in asked:
        if name not in ledger:
            yield f"exercise {name} is not in the ledger of checks.py"
        code = next((cell for cell in found[at + 1 :] if cell.kind == "code"), None)
        if code is None or not re.search(
            rf'^answer = \.\.\.(?:  # .*)?\ncheck\("{name}", answer\)$', code.source, re.M
        ):
            yield f"exercise {name} is not followed by its answer = ... and its check"
            continue
        if any(not isinstance(one, ast.FunctionDef | ast.ClassDef) for one in code.statements[:-2]):
            yield f"exercise {name}: its cell does more"
        answered.append(code)
        after = found[found.index(code) + 1] if code is not found[-1] else code
        if after.kind != "markdown" or SOLUTION not in after.source or "</details>" not in after.source:
            yield f"exercise {name} has no folded solution after its check"
    for cell in found:
        if cell.kind == "code" and cell not in answered:
            used = {node.id for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)}
            if used & {"answer", "check"}:
                yield f"line {cell.at}: a cell that depends on an answer"


def ending(found: list[Cell]) -> Iterator[str]:
    """Asserts on what was taught."""
    code = [cell for cell in found if cell.kind == "code"]
    asserts = sum(isinstance(one, ast.Assert) for one in ast.walk(ast.parse(code[-1].source)))
    if not 4 <= asserts <= 8:
        yield f"line {code[-1].at}: {asserts} asserts in the last cell of code, not four to eight"
    if len(found) - found.index(code[-1]) > 2:
        yield "more than one cell follows the asserts"


def pictures(found: list[Cell]) -> Iterator[str]:
    """Figures are shown by `show` and `film`, with a text that says what is on them."""
    for cell in found:
        if cell.kind != "code":
            continue
        if re.search(r"plt\.show|savefig|IPython|^%|^!", cell.source, re.MULTILINE):
            yield f"line {cell.at}: shown by other means than show, film, draw and steps"
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("show", "film"):
                alt = next((one.value for one in node.keywords if one.arg == "alt"), None)
                if alt is None or (isinstance(alt, ast.Constant) and len(str(alt.value).split()) < WORDS):
                    yield f"line {cell.at + node.lineno}: {node.func.id} without an alt text of {WORDS} words or more"


# Links ----------------------------------------------------------------------------------------------------------------


def links(markdown: str) -> list[str]:
    """Where the links and pictures of a Markdown text lead, code left out."""
    plain = re.sub(r"^```.*?^```$|`[^`\n]*`", "", markdown, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", plain) + re.findall(r'(?:href|src)="([^"]+)"', plain)


def anchors(markdown: str) -> set[str]:
    """The names under which the headings of a Markdown text are linked to."""
    plain = re.sub(r"^```.*?^```$", "", markdown, flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#{1,6} (.+)$", plain, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


# Outputs --------------------------------------------------------------------------------------------------------------

NUMBER = re.compile(r"(?<![\w.])(\d+)\.(\d+)(?:e[+-]?\d+)?(?![\w.]*\.\d)", re.IGNORECASE)


def long_numbers(text: str) -> list[str]:
    """The decimal numbers of more than four significant digits that a text prints."""
    return [
        found[0]
        for found in NUMBER.finditer(text)
        if len((found[1] + found[2]).lstrip("0")) > 4 and found[2].strip("0")
    ]
