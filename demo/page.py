"""The one page the demonstration makes: it needs no network, and is whole at any moment."""

from __future__ import annotations

import html
from pathlib import Path

PATH = Path("demo") / "index.html"

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>scalar-autograd: what the demonstration did</title>
<style>
:root {{ --text: #1c2330; --faint: #5b6472; --paper: #ffffff; --card: #f5f6f8; --line: #d9dde3; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --text: #e4e8ee; --faint: #a2abb8; --paper: #14181d; --card: #1d232b; --line: #343c47; }}
}}
body {{ font: 17px/1.55 system-ui, sans-serif; color: var(--text); background: var(--paper);
       max-width: 62rem; margin: 2.5rem auto; padding: 0 1.25rem; }}
h1 {{ font-size: 1.9rem; line-height: 1.2; }}
h2 {{ margin-top: 3rem; padding-top: 1.2rem; border-top: 1px solid var(--line); }}
p, figcaption {{ max-width: 44rem; }}
pre {{ background: var(--card); padding: .9rem 1.1rem; border-radius: 6px; overflow-x: auto; font-size: .88rem; }}
figure {{ margin: 1.2rem 0; overflow-x: auto; }}
figure > svg {{ max-width: 100%; height: auto; }}
figure.graph > svg {{ min-width: 34rem; }}
figure.plot {{ background: #ffffff; border-radius: 6px; padding: .6rem; width: fit-content; max-width: 100%; }}
figcaption, .faint {{ color: var(--faint); font-size: .92rem; }}
.plot figcaption {{ color: #5b6472; }}
table {{ border-collapse: collapse; }}
td, th {{ padding: .3rem 1.1rem .3rem 0; text-align: left; border-bottom: 1px solid var(--line); }}
td.number {{ text-align: right; font-variant-numeric: tabular-nums; }}
.mistakes {{ display: flex; flex-wrap: wrap; gap: 1rem; }}
.mistakes figure {{ margin: 0; width: 8.5rem; overflow: visible; }}
.mistakes svg {{ border: 1px solid var(--line); width: 100%; }}
</style>
</head>
<body>
<h1>A scalar autograd engine at work</h1>
<p>Everything below was computed by networks of scalar <code>Value</code>s on your machine a moment ago.</p>
{sections}</body>
</html>
"""


class Page:
    """Sections in the order they come; after each one the page on disk is complete."""

    def __init__(self, path: Path = PATH) -> None:
        self.path = path
        self.sections: list[str] = []

    def add(self, title: str, body: str) -> None:
        self.sections.append(f"<section>\n<h2>{html.escape(title)}</h2>\n{body}\n</section>\n")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".part")
        beside.write_text(TEMPLATE.format(sections="".join(self.sections)), encoding="utf-8")
        beside.replace(self.path)
