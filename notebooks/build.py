"""Runs the lessons and writes them as notebooks with outputs: `make lessons`, or `python notebooks/build.py 03 05`.

A lesson is a text, `03_rolling_downhill.py`, and the notebook beside it is made of nothing else, the same bytes each
time: no time of day, no versions, no places on this machine. There is no other list of lessons than the folder.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
TIMED = "timed"  # the tag of a cell that measures time: `# %% tags=["timed"]`
SECONDS = 120  # more than any cell may take on any machine


def lessons() -> list[Path]:
    """The lessons in their order."""
    return sorted(FOLDER.glob("[0-9][0-9]_*.py"))


def read(lesson: Path) -> Any:
    """The notebook that the text of a lesson stands for, not yet run."""
    import jupytext

    notebook = jupytext.reads(lesson.read_text("utf-8"), fmt="py:percent")
    notebook.metadata = METADATA
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        name = hashlib.sha256(f"{cell.cell_type} {cell.source}".encode()).hexdigest()[:8]
        seen[name] = seen.get(name, 0) + 1
        cell["id"] = name if seen[name] == 1 else f"{name}-{seen[name]}"
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
    return notebook


def run(lesson: Path) -> Any:
    """The notebook with its outputs; an error, also a warning, says in which lesson and cell."""
    from nbclient import NotebookClient

    notebook = read(lesson)
    with quiet_jupyter():
        NotebookClient(
            notebook,
            timeout=SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": str(FOLDER)}},
            record_timing=False,
            extra_arguments=["--IPKernelApp.log_level=40"],  # else it warns of its own way to talk
        ).execute()
    notebook.metadata = METADATA
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            cell.outputs = list(merged(cell.outputs))
            for output in cell.outputs:
                if output.get("name") == "stderr":
                    raise RuntimeError(f"{lesson.name} wrote to stderr in the cell\n{cell.source}\n\n{output['text']}")
    return notebook


def merged(outputs: list[Any]) -> Iterator[Any]:
    """The outputs, with what was printed in several pieces put together; how it was cut depends on the moment."""
    last = None
    for output in outputs:
        if last is not None and output.output_type == "stream" == last.output_type and output.name == last.name:
            last.text += output.text
        else:
            if last is not None:
                yield last
            last = output
    if last is not None:
        yield last


def with_times_of(notebook: Any, earlier: Path) -> Any:
    """The notebook with the outputs that `earlier` has of cells that measure time, so that no run is another change."""
    import nbformat

    if earlier.exists():
        kept = {cell.get("id"): cell for cell in nbformat.read(earlier, as_version=4).cells}
        for cell in notebook.cells:
            if TIMED in cell.metadata.get("tags", []) and cell.id in kept:
                cell.outputs = kept[cell.id].outputs
    return notebook


def write(lesson: Path) -> bool:
    """Runs a lesson and writes its notebook; whether that changed it."""
    import nbformat

    target = lesson.with_suffix(".ipynb")
    content = nbformat.writes(with_times_of(run(lesson), target)).rstrip("\n") + "\n"
    if target.exists() and target.read_text("utf-8") == content:
        return False
    target.write_text(content, encoding="utf-8", newline="\n")
    return True


@contextmanager
def quiet_jupyter() -> Iterator[None]:
    """For a while, nothing of Jupyter's is read from or written to the home of the user; lessons find the library."""
    with tempfile.TemporaryDirectory(prefix="lessons-") as home:
        changed = {f"JUPYTER_{kind}_DIR": f"{home}/{kind.lower()}" for kind in ("CONFIG", "DATA", "RUNTIME")}
        paths = [str(FOLDER.parent), os.environ.get("PYTHONPATH", "")]
        changed |= {"IPYTHONDIR": f"{home}/ipython", "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        changed |= {"PYDEVD_DISABLE_FILE_VALIDATION": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        before = {name: os.environ.get(name) for name in changed}
        os.environ.update(changed)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value


def trust() -> None:
    """Tells the Jupyter of this user that the notebooks here are trusted, so that their pages that step are alive."""
    import nbformat
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    for lesson in lessons():
        if lesson.with_suffix(".ipynb").exists():
            notary.sign(nbformat.read(lesson.with_suffix(".ipynb"), as_version=4))


def main(names: list[str]) -> None:
    """Builds the lessons whose file names begin with one of these, or all."""
    if names == ["--trust"]:
        return trust()
    chosen = [lesson for lesson in lessons() if not names or lesson.name.startswith(tuple(names))]
    if not chosen:
        sys.exit(f"no lesson begins with {' or '.join(names)}; there are {', '.join(path.stem for path in lessons())}")
    for lesson in chosen:
        print(f"{lesson.with_suffix('.ipynb').name} {'is new' if write(lesson) else 'is as it was'}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
