"""The lessons keep their form: short cells, questions before answers, checked exercises, asserts, true links."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from lesson_form import WORDS, anchors, cells, faults, links, long_numbers

from build import FOLDER, TIMED, lessons
from checks import ANSWERS

ROOT = FOLDER.parent
LESSONS = lessons()
SAID = {  # sentences that are often said, each tested in a lesson
    "the global minimum",
    "touches the curve at one point only",
    "a kind of gradient descent",
    "after adjusting each layer",
    "learning rate between",
    "the most important feature",
    "must be convex",
}

by_name = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)


def text_of(lesson: Path) -> str:
    return lesson.read_text("utf-8")


def prose(lesson: Path) -> str:
    return "\n\n".join(cell.source for cell in cells(text_of(lesson)) if cell.kind == "markdown")


def notebook(lesson: Path) -> Any:
    return json.loads(lesson.with_suffix(".ipynb").read_text("utf-8"))


# The lessons ----------------------------------------------------------------------------------------------------------


@by_name
def test_the_lesson_keeps_the_form(lesson: Path) -> None:
    assert faults(lesson.name, text_of(lesson), ANSWERS) == []


def test_the_lessons_are_numbered_from_0_on_without_a_gap() -> None:
    assert [int(path.name[:2]) for path in LESSONS] == list(range(len(LESSONS)))
    assert len(LESSONS) >= 9


def test_the_ledger_holds_no_exercise_that_is_not_asked() -> None:
    asked = {name for lesson in LESSONS for name in re.findall(r'^check\("([\d.]+)", answer\)$', text_of(lesson), re.M)}
    assert set(ANSWERS) == asked


def test_what_is_often_said_is_tested() -> None:
    told = " ".join(" ".join(prose(lesson).split("## Heard somewhere")[1:]) for lesson in LESSONS)
    told = " ".join(told.split())
    assert [sentence for sentence in sorted(SAID) if sentence not in told] == []
    without = [lesson.stem for lesson in LESSONS if "## Heard somewhere" not in prose(lesson)]
    assert len(without) <= len(LESSONS) // 3


@pytest.mark.parametrize(
    "path", [*LESSONS, FOLDER / "README.md", FOLDER / "TEACHERS.md", ROOT / "README.md"], ids=lambda path: path.name
)
def test_links_lead_to_what_is_there(path: Path) -> None:
    text = prose(path) if path.suffix == ".py" else text_of(path)
    for link in links(text):
        if re.match(r"[a-z]+:", link):
            assert link.startswith("https://"), link
            continue
        file, _, place = link.partition("#")
        target = path.parent / unquote(file) if file else path
        assert target.exists(), link
        if place:
            there = target.with_suffix(".py") if target.suffix == ".ipynb" else target
            assert place in anchors(prose(there) if there.suffix == ".py" else text_of(there)), link


# The map and the page for teachers ------------------------------------------------------------------------------------


@by_name
def test_the_map_and_the_page_for_teachers_have_the_lesson(lesson: Path) -> None:
    title = text_of(lesson).splitlines()[1].removeprefix("# # ")
    assert f"]({lesson.stem}.ipynb)" in text_of(FOLDER / "README.md")
    section = text_of(FOLDER / "TEACHERS.md").split(f"## {title}\n")
    assert len(section) == 2, f"no section '## {title}' in TEACHERS.md"
    told = section[1].split("\n## ")[0]
    for part in ("**Time.**", "**Cures.**", "**Exam.**", "**Answer.**"):
        assert part in told, f"{title}: TEACHERS.md does not say {part}"


def needed() -> dict[str, list[str]]:
    """The lessons that each lesson builds on, by the map."""
    rows = re.findall(r"^\| \[(\d) · .* min \| ?(.*?) ?\|$", text_of(FOLDER / "README.md"), re.MULTILINE)
    return {name: re.findall(r"\d", builds_on) for name, builds_on in rows}


@by_name
def test_the_map_says_of_the_lesson_what_it_says_of_itself(lesson: Path) -> None:
    opening = re.search(r"\*\*Builds on:\*\*(.*?)\n\n", prose(lesson) + "\n\n", re.DOTALL)
    assert opening
    assert re.findall(r"lesson (\d)", opening[1]) == needed()[lesson.name[1]]


def test_the_evening_leaves_out_nothing_that_it_needs_but_what_is_said() -> None:
    text = text_of(FOLDER / "README.md")
    path = re.findall(r"\[(\d)\]", next(line for line in text.splitlines() if line.startswith("| one evening |")))
    missing = {need for at, name in enumerate(path) for need in needed()[name] if need not in path[:at]}
    assert re.findall(r"leaves out lessons (\d) and (\d)", text) == [("1", "4")]
    assert missing <= {"1", "4"}


# The notebooks, as they are committed ---------------------------------------------------------------------------------


@by_name
def test_the_notebook_is_the_text(lesson: Path) -> None:
    """Cell by cell; that the outputs are what the cells give is proved where they are run."""
    pairs = zip(cells(text_of(lesson)), notebook(lesson)["cells"], strict=True)
    for mine, other in pairs:
        assert (mine.kind, mine.source) == (other["cell_type"], "".join(other["source"]).rstrip())
        assert mine.tags == other["metadata"].get("tags", [])


@by_name
def test_the_notebook_tells_nothing_of_the_machine_that_made_it(lesson: Path) -> None:
    text = lesson.with_suffix(".ipynb").read_text("utf-8")
    found = json.loads(text)
    assert set(found["metadata"]) == {"kernelspec", "language_info"}
    assert "version" not in found["metadata"]["language_info"]
    assert all(set(cell["metadata"]) <= {"tags"} for cell in found["cells"])
    plain = re.sub(r"base64,[\w+/=]+", "", text)
    assert re.findall(r"/(?:home|root|tmp|Users|usr)/|0x[0-9a-f]{6,}|site-packages", plain) == []
    counts = [cell["execution_count"] for cell in found["cells"] if cell["cell_type"] == "code"]
    assert counts == list(range(1, len(counts) + 1))


@by_name
def test_what_is_printed_has_at_most_four_digits(lesson: Path) -> None:
    for cell in notebook(lesson)["cells"]:
        if "digits" not in cell["metadata"].get("tags", []):
            for output in cell.get("outputs", []):
                text = output.get("text", output.get("data", {}).get("text/plain", ""))
                assert long_numbers("".join(text)) == [], "".join(cell["source"])


@by_name
def test_every_picture_has_a_text_and_every_answer_is_open(lesson: Path) -> None:
    html = said = ""
    for cell in notebook(lesson)["cells"]:
        for output in cell.get("outputs", []):
            html += "".join(output.get("data", {}).get("text/html", ""))
            said += "".join(output.get("text", ""))
            assert output["output_type"] != "error"
            assert output.get("name") != "stderr"
    images = re.findall(r"<img [^>]*>", html)
    assert images, "a lesson without a picture"
    for image in images:
        alt = re.search(r'alt="([^"]*)"', image)
        assert alt, image[:80]
        assert len(alt[1].split()) >= WORDS, alt[1]
    exercises = re.findall(r'^check\("([\d.]+)"', text_of(lesson), re.MULTILINE)
    assert re.findall(r"^([\d.]+): not answered yet$", said, re.MULTILINE) == exercises


# What breaks the form is found ----------------------------------------------------------------------------------------

GOOD = """# %% [markdown]
# # 3 · A lesson
#
# **Time:** 5 minutes. **Builds on:** nothing.

# %%
from checks import check, guess

# %% [markdown]
# How much is 1 + 1?

# %%
my_guess = ...  # your guess

# %%
guess(my_guess, 1 + 1)

# %%
show(figure, alt="a line that rises from the left to the right")

# %% [markdown]
# **Exercise 3.1** And 2 + 2?

# %%
answer = ...
check("3.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 4
#
# </details>

# %% [markdown]
# **Exercise 3.2** And 3 + 3?

# %%
answer = ...
check("3.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 6
#
# </details>

# %%
assert 1
assert 2
assert 3
assert 4
"""
FAULTS = [
    ("# # 3 · A", "# # 4 · A", "title"),
    ("**Time:**", "Time", "Time"),
    ("**Builds on:**", "After", "Builds on"),
    ("from checks import check, guess", "import autograd", "does not import"),
    ("# How much is 1 + 1?", "# Add.", "without a question"),
    ("my_guess = ...  # your guess", "print(1)\nmy_guess = ...", "the cell of a guess does more"),
    ("guess(my_guess, 1 + 1)", "print(my_guess, 1 + 1)", "there is no guess"),
    ("guess(my_guess, 1 + 1)", "print(2)", "nothing answers"),
    ("my_guess = ...  # your guess", "my_gues = ...", "no cell for this guess"),
    ("\nguess(my_guess, 1 + 1)", "\nx = 1" * 15 + "\nguess(my_guess, 1 + 1)", "16 lines of code"),
    ("# How much", "# a\n" * 10 + "# How much", "11 lines of text"),
    ('"a line that rises from the left to the right"', '"a line"', "alt text"),
    ('show(figure, alt="a line that rises from the left to the right")', "show(figure)", "alt text"),
    ('show(figure, alt="a line that rises from the left to the right")', "plt.show()", "other means"),
    ("show(figure", "np.random.rand()\nshow(figure", "without a seed"),
    ("show(figure", "rng = default_rng()\nshow(figure", "without a seed"),
    ("**Exercise 3.2**", "**Exercise 3.3**", "are called"),
    ("**Exercise 3.2**", "", "1 exercises"),
    ('answer = ...\ncheck("3.1", answer)', 'answer = 4\ncheck("3.1", answer)', "not followed"),
    ('check("3.1", answer)', 'check("3.2", answer)', "not followed"),
    ('answer = ...\ncheck("3.1"', 'print(1)\nanswer = ...\ncheck("3.1"', "its cell does more"),
    ("# <details><summary>Solution</summary>\n#\n# 4", "# 4", "no folded solution"),
    ("assert 1", "assert answer", "depends on an answer"),
    ("assert 4\n", "", "3 asserts"),
    ("assert 4\n", "assert 4\n" * 6, "9 asserts"),
    ("assert 4\n", "assert 4\n\n# %% [markdown]\n# a\n\n# %% [markdown]\n# b\n", "more than one cell"),
    ("# %%\nshow", '# %% tags=["other"]\nshow', "tags"),
    ("# %%\nshow", "# %%\n\n# %%\nshow", "an empty cell"),
]


def test_a_lesson_that_keeps_the_form() -> None:
    assert faults("03_a_lesson.py", GOOD, {"3.1", "3.2"}) == []
    timed = GOOD.replace("# %%\nshow", f'# %% tags=["{TIMED}", "digits"]\nshow')
    assert faults("03_a_lesson.py", timed, {"3.1", "3.2"}) == []
    written = GOOD.replace('answer = ...\ncheck("3.1"', 'def f(x): ...\n\n\nanswer = ...  # f\ncheck("3.1"')
    assert faults("03_a_lesson.py", written, {"3.1", "3.2"}) == []


@pytest.mark.parametrize(
    ("written", "instead", "told"), FAULTS, ids=[f"{told}-{at}" for at, (_, _, told) in enumerate(FAULTS)]
)
def test_a_lesson_that_does_not(written: str, instead: str, told: str) -> None:
    assert written in GOOD
    found = faults("03_a_lesson.py", GOOD.replace(written, instead, 1), {"3.1", "3.2"})
    assert any(told in fault for fault in found), found


def test_an_exercise_that_is_not_in_the_ledger() -> None:
    assert faults("03_a_lesson.py", GOOD, {"3.1"}) == ["exercise 3.2 is not in the ledger of checks.py"]


def test_what_lies_between_cells_is_found() -> None:
    with pytest.raises(AssertionError, match="stands in no cell"):
        cells("import os\n" + GOOD)
    with pytest.raises(AssertionError, match="stands in no cell"):
        cells(GOOD.replace("# %% [markdown]", "# %%  [markdown]"))


def test_links_and_anchors_are_read() -> None:
    text = '# One · two!\n[a](b.md#c) `[no](no.md)` <img src="p.svg">\n```\n[no](no.md)\n# no\n```\n'
    assert links(text) == ["b.md#c", "p.svg"]
    assert anchors(text) == {"one--two"}


@pytest.mark.parametrize(
    ("text", "long"),
    [
        ("0.1235 12.35 1235 123.5 0.00001235 1.5e-12 -3.142", []),
        ("65800 steps, 1234567", []),
        ("3.14159", ["3.14159"]),
        ("x=0.30000000000000004, -12.345e5", ["0.30000000000000004", "12.345e5"]),
        ("10000.0", []),
        ("version 1.2.3", []),
    ],
)
def test_long_numbers_are_found(text: str, long: list[str]) -> None:
    assert long_numbers(text) == long
