"""Every lesson runs, and the notebook beside it holds what it gives: numbers, pictures, pages."""

from __future__ import annotations

import base64
import copy
import os
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import build
from build import FOLDER, TIMED, lessons

pytestmark = pytest.mark.oracle

ROOT = FOLDER.parent
SCALES = {"png": 1.6, "gif": 1.0}  # pixels of a picture for each that it takes on a page
RASTER = re.compile(r'<img [^>]*width="(\d+)" height="(\d+)"[^>]*src="data:image/(png|gif);base64,([^"]*)"')
SECONDS = 15.0


@pytest.fixture(autouse=True)
def _needs_jupyter() -> None:
    for name in ("jupytext", "nbclient", "nbformat", "ipykernel"):
        pytest.importorskip(name, reason=f"{name} is not installed, so the lessons were not run")


def size(kind: str, data: bytes) -> tuple[int, int]:
    """The width and height of a PNG or a GIF, read from its first bytes."""
    if kind == "png":
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        return struct.unpack(">II", data[16:24])
    assert data.startswith(b"GIF89a")
    return struct.unpack("<HH", data[6:10])


def rid(html: str) -> str:
    """HTML without the data of its raster pictures, when they have the size that is stated."""

    def stated(found: re.Match[str]) -> str:
        wide, high = size(found[3], base64.b64decode(found[4]))
        scale = SCALES[found[3]]
        assert (wide, high) == (round(int(found[1]) * scale), round(int(found[2]) * scale)), "not of the stated size"
        return found[0].replace(found[4], "…")

    assert len(RASTER.findall(html)) == len(re.findall("data:image/(?:png|gif)", html)), "a picture without a size"
    return RASTER.sub(stated, html)


def stable(notebook: Any) -> list[Any]:
    """What must be equal at each run, on each machine."""
    told = []
    for cell in notebook["cells"]:
        entry = [cell["cell_type"], cell["source"], cell["id"], cell["metadata"]]
        timed = TIMED in cell["metadata"].get("tags", [])
        for output in cell.get("outputs", []) if not timed else []:
            data = {kind: rid(text) for kind, text in output.get("data", {}).items()}
            entry.append([output["output_type"], output.get("name"), output.get("text"), data])
        told.append(entry)
    return told


def shipped(lesson: Path) -> Any:
    import nbformat

    return nbformat.read(lesson.with_suffix(".ipynb"), as_version=4)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda path: path.stem)
def test_a_lesson_gives_what_its_notebook_holds(lesson: Path) -> None:
    """Code, numbers printed, and drawings, which are SVG, byte by byte; figures by their size."""
    mine, other = stable(build.run(lesson)), stable(shipped(lesson))
    for cell, expected in zip(mine, other, strict=True):
        assert cell == expected, f"write the notebooks again, `make lessons`: {lesson.name} has changed"


@pytest.mark.parametrize("lesson", lessons(), ids=lambda path: path.stem)
def test_a_lesson_is_a_program_too(lesson: Path) -> None:
    """Run by Python alone, in another order of hashes, without a warning, within its time."""
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-W", "error", lesson.name],
        cwd=FOLDER,
        env=environment,
        capture_output=True,
        text=True,
        timeout=4 * SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    printed = "".join(
        output["text"]
        for cell in shipped(lesson).cells
        if cell.cell_type == "code" and TIMED not in cell.metadata.get("tags", [])
        for output in cell.outputs
        if output.output_type == "stream"
    )
    told = done.stdout.splitlines()
    assert [line for line in printed.splitlines() if line not in told] == []


# What is not fresh is found -------------------------------------------------------------------------------------------

LESSON = """# %% [markdown]
# # 0 · Small

# %%
from autograd import Value, draw, steps
from figures import axes, show

a = Value(2.0, "a")
print(a.data)
print("twice")

# %%
steps(a * a)

# %%
draw(a * a)

# %%
picture = axes("x", "y")
picture.plot([0, 1], [0, 1])
show(picture, alt="a line that rises from left to right")

# %% tags=["timed"]
import time

print(time.perf_counter())

# %%
a
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    for name in ("jupytext", "nbclient"):
        pytest.importorskip(name)
    lesson = tmp_path_factory.mktemp("lesson") / "00_small.py"
    lesson.write_text(LESSON, encoding="utf-8")
    assert build.write(lesson), "it is new"
    return lesson


def test_the_second_run_changes_no_byte(small: Path) -> None:
    before = small.with_suffix(".ipynb").read_bytes()
    assert not build.write(small)
    assert small.with_suffix(".ipynb").read_bytes() == before
    assert not list(small.parent.glob(".*")), "nothing else was written"


def test_each_kind_of_staleness_is_found(small: Path) -> None:
    fresh = shipped(small)
    code = [at for at, cell in enumerate(fresh.cells) if cell.cell_type == "code"]

    def changed(at: int, change: Any) -> bool:
        stale = copy.deepcopy(fresh)
        change(stale.cells[code[at]])
        return stable(stale) != stable(fresh)

    def replace(kind: str, old: str, new: str) -> Any:
        def change(cell: Any) -> None:
            assert old in cell.outputs[0].data[kind]
            cell.outputs[0].data[kind] = cell.outputs[0].data[kind].replace(old, new, 1)

        return change

    assert changed(0, lambda cell: cell.outputs[0].update(text="2.0\nthrice\n"))
    assert changed(0, lambda cell: cell.update(source="a = 3"))
    assert changed(0, lambda cell: cell.outputs.clear())
    assert changed(1, replace("text/html", "a = 2", "a = 3"))
    assert changed(2, replace("image/svg+xml", ">2<", ">3<"))
    assert changed(3, replace("text/html", "rises", "falls"))
    assert changed(5, replace("text/plain", "2", "3"))
    assert not changed(4, lambda cell: cell.outputs[0].update(text="0.5\n"))
    with pytest.raises(AssertionError, match="not of the stated size"):
        changed(3, replace("text/html", 'width="680"', 'width="681"'))
    with pytest.raises(AssertionError, match="a picture without a size"):
        changed(3, replace("text/html", 'width="680" ', ""))


@pytest.mark.parametrize(
    ("line", "error"), [("1 / 0", "ZeroDivisionError"), ("import sys; sys.stderr.write('!')", "stderr")]
)
def test_a_lesson_that_fails_or_warns_is_not_written(tmp_path: Path, line: str, error: str) -> None:
    lesson = tmp_path / "00_fails.py"
    lesson.write_text(f"# %%\n{line}\n", encoding="utf-8")
    with pytest.raises(Exception, match=error):
        build.write(lesson)
    assert not lesson.with_suffix(".ipynb").exists()


def test_the_notebooks_of_the_course_can_be_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `make notebooks` does before JupyterLab starts; a notebook that has been changed is not."""
    from nbformat.sign import NotebookNotary

    for kind in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{kind}_DIR", str(tmp_path))
    before, first = NotebookNotary(), shipped(lessons()[0])
    assert not before.check_signature(first)
    build.main(["--trust"])
    assert NotebookNotary().check_signature(first)
    first.cells[1].outputs = []
    first.cells[1].source = "changed"
    assert not NotebookNotary().check_signature(first)


def test_lessons_are_chosen_by_their_names(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    written: list[str] = []
    monkeypatch.setattr(build, "write", lambda lesson: bool(written.append(lesson.stem)))
    build.main(["00", "02"])
    assert [name[:2] for name in written] == ["00", "02"]
    assert capsys.readouterr().out.splitlines() == [f"{name}.ipynb is as it was" for name in written]
    with pytest.raises(SystemExit, match="no lesson begins with 99; there are 00_"):
        build.main(["99"])
