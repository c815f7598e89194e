"""Writes the course as pages that need no Python and no network, into `course/`, and as `course.zip`: `make course`.

The pages are made of the notebooks as they are, with their outputs; nothing is run. Formulae become MathML, code is
coloured, and the pages that step are files of their own beside the lessons, framed in them, alive in both places.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import zipfile
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from build import FOLDER, lessons

ROOT = FOLDER.parent
NAME = "scalar-autograd: the course"
TEXTS = {"README.md": "index.html", "TEACHERS.md": "teachers.html"}
FRAME = re.compile(r'<iframe srcdoc="([^"]*)"[^>]*title="([^"]*)"[^>]*>')
HIDDEN_UNTIL_GUESSED = re.compile(r"^guess\(", re.MULTILINE)
# A step page that stands in a lesson says how high it is, so that it need not scroll in its frame.
TELLS_HEIGHT = """<script>
if (parent !== window) new ResizeObserver(() => {
  const height = Math.ceil(document.body.getBoundingClientRect().bottom + 9);
  parent.postMessage({ height }, "*");
}).observe(document.body);
</script>
</body>"""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="course.css">
</head>
<body>
<nav class="top" aria-label="Course">{top}</nav>
<main>
{main}</main>
<nav class="end" aria-label="Next and previous">{end}</nav>
<footer>{footer}</footer>
{script}</body>
</html>
"""
FOOTER = """Whoever names the source may share and change the text of the course,
<a href="LICENSE.txt">CC BY 4.0</a>, and its code, MIT."""
SCRIPT = """<script>
addEventListener("message", ({ source, data }) => {
  for (const frame of document.querySelectorAll("iframe")) {
    if (frame.contentWindow !== source || !(data.height > 0)) continue;
    const grown = frame.dataset.width === String(frame.clientWidth) ? frame.clientHeight : 0;
    frame.dataset.width = frame.clientWidth;
    frame.style.height = `${Math.max(data.height, grown)}px`;
  }
});
</script>
"""


class Lesson:
    """A notebook, as a page and the pages that step which stand in it."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self.file = f"{path.stem}.html"
        notebook = path.with_suffix(".ipynb")
        if not notebook.exists():
            sys.exit(f"{notebook.name} is not there: make lessons writes it")
        self.cells: list[dict[str, Any]] = json.loads(notebook.read_text("utf-8"))["cells"]
        self.title = joined(self.cells[0]["source"]).split("\n")[0].removeprefix("# ")
        self.steps: dict[str, str] = {}
        self.body = "".join(map(self.cell, self.cells))

    def cell(self, cell: dict[str, Any]) -> str:
        """Text, or code with what came of it; the answer to a guess is folded."""
        source = joined(cell["source"])
        if cell["cell_type"] == "markdown":
            return f'<section class="text">\n{markdown().render(source)}</section>\n'
        out = "".join(map(self.output, cell["outputs"]))
        if out and HIDDEN_UNTIL_GUESSED.search(source):
            out = f"<details><summary>Guess first, then look</summary>\n{out}</details>\n"
        return (
            f'<section class="cell">\n{coloured(source, "python")}{out and f"<div class=out>{out}</div>"}\n</section>\n'
        )

    def output(self, output: dict[str, Any]) -> str:
        """What was printed or shown."""
        if output["output_type"] == "stream":
            return f'<pre class="printed">{escape(joined(output["text"]))}</pre>\n'
        data = {kind: joined(text) for kind, text in output["data"].items()}
        if frame := FRAME.search(data.get("text/html", "")):
            return self.walk(*map(unescape, frame.groups()))
        if "image/svg+xml" in data:
            return f"<figure>{data['image/svg+xml']}</figure>\n"
        if "text/html" in data:
            return f"<figure>{data['text/html']}</figure>\n"
        return f'<pre class="printed">{escape(data["text/plain"])}</pre>\n'

    def walk(self, page: str, title: str) -> str:
        """A frame of a page that steps, which becomes a file of its own."""
        file = f"steps-{self.name[:2]}-{len(self.steps) + 1}.html"
        self.steps[file] = page.replace("</body>", TELLS_HEIGHT)
        return (
            f'<iframe src="{file}" title="{escape(title)}" loading="lazy"></iframe>\n'
            f'<p class="alone"><a href="{file}">this step page alone</a>, to be projected</p>\n'
        )


# Text -----------------------------------------------------------------------------------------------------------------


@cache
def markdown() -> MarkdownIt:
    """The reader of Markdown: with tables, coloured code, formulae as MathML, anchors, and links within the course."""
    reader = MarkdownIt(
        "commonmark", {"html": True, "highlight": lambda code, kind, _: coloured(code, kind, inner=True)}
    )
    reader.enable("table").use(dollarmath_plugin, renderer=mathml, allow_space=False, allow_digits=False)
    reader.add_render_rule("heading_open", heading)
    reader.add_render_rule("link_open", link)
    return reader


def mathml(formula: str, options: dict[str, bool]) -> str:
    """A formula of LaTeX as MathML, which browsers show by themselves; the LaTeX is kept for who copies it."""
    made = convert(formula.strip().replace("²", "^2"), display="block" if options["display_mode"] else "inline")
    made = re.sub(r"<mi>([^\w\s<&])</mi>", r"<mo>\1</mo>", made)  # signs of Unicode are signs, no names
    if options["display_mode"]:
        made = re.sub(r"<msub>(<mo>lim</mo>.*?</mrow>)</msub>", r"<munder>\1</munder>", made)
    return made.replace("<math", f'<math alttext="{escape(formula.strip())}"', 1)


def heading(reader: Any, tokens: Any, at: int, options: Any, env: Any) -> str:
    """The start of a heading, with its anchor."""
    tokens[at].attrSet("id", anchor(tokens[at + 1].content))
    return str(reader.renderToken(tokens, at, options, env))


def anchor(title: str) -> str:
    """The name under which a heading is linked to: as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")


def link(reader: Any, tokens: Any, at: int, options: Any, env: Any) -> str:
    """The start of a link."""
    tokens[at].attrSet("href", target(str(tokens[at].attrGet("href"))))
    return str(reader.renderToken(tokens, at, options, env))


def target(href: str) -> str:
    """Where a link of the course leads on its pages."""
    file, hash_, place = href.partition("#")
    if not file or re.match(r"[a-z]+:", file):
        return href
    if file in TEXTS:
        return TEXTS[file] + hash_ + place
    if file == "LICENSE":
        return "LICENSE.txt"
    path = Path(os.path.normpath(FOLDER / unquote(file)))
    if path.suffix in (".ipynb", ".py") and path.with_suffix(".py") in lessons():
        return f"{path.stem}.html{hash_}{place}"
    if not path.is_relative_to(ROOT) or not path.is_file():
        raise ValueError(f"a link of the course leads to {href}, where nothing is")
    return f"{path.relative_to(ROOT).as_posix().replace('/', '-')}.html"


def coloured(code: str, language: str, inner: bool = False) -> str:
    """Code as HTML, its words in classes that the style sheet colours."""
    lexer = get_lexer_by_name(language or "text", stripnl=False, ensurenl=False)
    text = str(highlight(code, lexer, HtmlFormatter(nowrap=True))).rstrip("\n")
    return text if inner else f'<pre class="code"><code>{text}</code></pre>\n'


def joined(text: str | list[str]) -> str:
    """A text as notebooks keep it, whole or in lines."""
    return text if isinstance(text, str) else "".join(text)


# The course -----------------------------------------------------------------------------------------------------------


def files() -> dict[str, str | bytes]:
    """All the files of the course by their names."""
    made: dict[str, str | bytes] = {"course.css": (FOLDER / "course.css").read_text("utf-8")}
    made["LICENSE.txt"] = (FOLDER / "LICENSE").read_text("utf-8")
    course = [Lesson(path) for path in lessons()]
    for at, lesson in enumerate(course):
        before = course[at - 1] if at else None
        after = course[at + 1] if at + 1 < len(course) else None
        made[lesson.file] = page(lesson.title, lesson.body, before, after)
        made |= lesson.steps
    for text, file in TEXTS.items():
        source = (FOLDER / text).read_text("utf-8")
        body = f'<section class="text">\n{markdown().render(source)}</section>\n'
        first = course[0] if course and text == "README.md" else None
        made[file] = page(source.split("\n")[0].removeprefix("# "), body, None, first, index=text == "README.md")
    for path in linked(made):
        relative = path.relative_to(ROOT).as_posix()
        kind = {".py": "python", ".md": "markdown", ".js": "js", ".css": "css"}.get(path.suffix, "text")
        body = f"<h1>{relative}</h1>\n{coloured(path.read_text('utf-8'), kind)}"
        made[f"{relative.replace('/', '-')}.html"] = page(relative, body, None, None)
    return made


def linked(made: dict[str, str | bytes]) -> list[Path]:
    """The files of the project that pages of the course link to."""
    hrefs = {href for text in made.values() for href in re.findall(r'href="([^":#]+)\.html"', str(text))}
    known = {path.relative_to(ROOT).as_posix().replace("/", "-"): path for path in project()}
    return [known[href] for href in sorted(hrefs) if href in known]


def project() -> list[Path]:
    """The files of the project that a reader may be sent to."""
    folders = [ROOT / name for name in ("autograd", "nn", "notebooks", "demo")]
    inside = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".js", ".css")]
    return sorted(path for path in (*inside, ROOT / "README.md", ROOT / "LICENSE") if "__pycache__" not in path.parts)


def page(title: str, body: str, before: Lesson | None, after: Lesson | None, index: bool = False) -> str:
    """A page of the course, with the ways to go on from it."""
    ways = [f'<a href="{before.file}" rel="prev">← {escape(before.title)}</a>' if before else "<span></span>"]
    ways.append(f'<a href="{after.file}" rel="next">{escape(after.title)} →</a>' if after else "<span></span>")
    return PAGE.format(
        title=escape(title if index else f"{title} · {NAME}"),
        top="" if index else f'<a href="index.html">{NAME}</a>',
        main=body,
        end="\n".join(ways),
        footer=FOOTER,
        script=SCRIPT if "<iframe" in body else "",
    )


def archive(made: dict[str, str | bytes], path: Path) -> None:
    """The files in one archive, whose bytes depend on nothing else."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(made):
            content = made[name]
            about = zipfile.ZipInfo(f"course/{name}", (1980, 1, 1, 0, 0, 0))
            about.compress_type, about.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            out.writestr(about, content.encode() if isinstance(content, str) else content)


def main(where: Path) -> None:
    """Writes the course into `where`, and beside it the archive."""
    made = files()
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir(parents=True)
    for name, content in made.items():
        (where / name).write_bytes(content.encode() if isinstance(content, str) else content)
    archive(made, where.with_suffix(".zip"))
    print(f"The course is {where / 'index.html'}, and to be carried away {where.with_suffix('.zip')}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "course")
