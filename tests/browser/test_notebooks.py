"""Notebooks in JupyterLab, trusted and not, and in the pages of nbconvert: the page that steps, lesson 0, the map."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import Browser, Page

from autograd import Value, tanh
from autograd.show.stepping import steps
from build import FOLDER, lessons

pytestmark = pytest.mark.oracle

LESSON = lessons()[0]


def notebook_of(*outputs: str) -> dict[str, Any]:
    """A notebook with these outputs, as if its cells had just been run."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": at + 1,
            "id": f"cell{at}",
            "metadata": {},
            "source": "steps(L)",
            "outputs": [
                {
                    "output_type": "execute_result",
                    "execution_count": at + 1,
                    "metadata": {},
                    "data": {"text/html": output, "text/plain": "steps"},
                }
            ],
        }
        for at, output in enumerate(outputs)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def walk() -> str:
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(5.5, label="c")
    L = tanh(a * b + c)
    L.label = "L"
    return steps(L, train=[a])._repr_html_()


def private(folder: Path) -> dict[str, str]:
    """The environment with all that Jupyter keeps in this folder."""
    places = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    for place in places.values():
        os.makedirs(place, exist_ok=True)
    ours = {"JUPYTER_CONFIG_PATH": str(FOLDER / ".jupyter")}  # as `make notebooks` has it
    return {**os.environ, **places, **ours, "HOME": str(folder), "IPYTHONDIR": str(folder / "ipython")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("jupyterlab", reason="jupyterlab is not installed, so the page was not looked at in a notebook")
    made = tmp_path_factory.mktemp("notebooks")
    text = json.dumps(notebook_of(walk(), walk()))
    (made / "untrusted.ipynb").write_text(text, encoding="utf-8")
    (made / "trusted.ipynb").write_text(text.replace('"id": "cell', '"id": "own'), encoding="utf-8")
    lesson = LESSON.with_suffix(".ipynb").read_text("utf-8")
    (made / "lesson_untrusted.ipynb").write_text(lesson, encoding="utf-8")
    (made / "lesson_trusted.ipynb").write_text(re.sub(r'"id": "', '"id": "own-', lesson), encoding="utf-8")
    shutil.copy(FOLDER / "README.md", made)
    sign = "from nbformat.sign import TrustNotebookApp; TrustNotebookApp.launch_instance()"
    subprocess.run(
        [sys.executable, "-c", sign, "trusted.ipynb", "lesson_trusted.ipynb"],
        cwd=made,
        env=private(made),
        check=True,
        capture_output=True,
        timeout=60,
    )
    return made


@pytest.fixture(scope="module")
def lab(folder: Path) -> Iterator[str]:
    """The address of a JupyterLab that runs in the folder."""
    log = folder / "lab.log"
    options = ["--no-browser", "--port=0", "--IdentityProvider.token=", "--ip=127.0.0.1", "--allow-root"]
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options], cwd=folder, env=private(folder), stdout=out, stderr=out
        )
        try:
            end = time.monotonic() + 60
            while not (found := re.search(r"http://127\.0\.0\.1:\d+/", log.read_text())):
                assert time.monotonic() < end, log.read_text()
                assert server.poll() is None, log.read_text()
                time.sleep(0.2)
            yield found[0]
        finally:
            server.terminate()
            server.wait(timeout=30)


def opened(browser: Browser, lab: str, name: str) -> Page:
    page = browser.open(f"{lab}lab/tree/{name}?reset")
    page.wait_for("document.querySelectorAll('.jp-OutputArea-output img.autograd-steps-still').length == 2", 90)
    return page


STILLS = (
    "[...document.querySelectorAll('img.autograd-steps-still')].map(i => [getComputedStyle(i).display, i.naturalWidth])"
)


def test_in_a_trusted_notebook_both_pages_step(browser: Browser, lab: str) -> None:
    with opened(browser, lab, "trusted.ipynb") as page:
        assert page.run("document.querySelectorAll('.jp-OutputArea-output iframe[srcdoc]').length") == 2
        assert [display for display, _ in page.run(STILLS)] == ["none", "none"]


def test_in_an_untrusted_notebook_the_picture_still_shows(browser: Browser, lab: str) -> None:
    with opened(browser, lab, "untrusted.ipynb") as page:
        assert page.run("document.querySelectorAll('.jp-OutputArea-output iframe').length") == 0
        for display, width in page.run(STILLS):
            assert display != "none"
            assert width > 500


def test_nbconvert_makes_a_page_of_it(browser: Browser, folder: Path) -> None:
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "trusted.ipynb", "--output", "page.html"]
    subprocess.run(command, cwd=folder, env=private(folder), check=True, capture_output=True, timeout=120)
    with browser.open(folder / "page.html") as page:
        assert page.run("document.querySelectorAll('iframe[srcdoc]').length") == 2
        page.run("new Promise(done => setTimeout(done, 1500))")
        frame = page.run("(({x, y}) => [x, y])(document.querySelector('iframe').getBoundingClientRect())")
        assert frame[0] >= 0
        assert [display for display, _ in page.run(STILLS)] == ["none", "none"]


# The course in JupyterLab ---------------------------------------------------------------------------------------------


def scrolled_to(page: Page, what: str) -> None:
    """Scrolls through a notebook, which draws only the cells that are seen, until something is there."""
    page.wait_for("!!document.querySelector('.jp-WindowedPanel-outer .jp-Cell')", 90)
    for _ in range(120):
        if page.run(f"!!({what})"):
            page.run(f"({what}).scrollIntoView({{block: 'center'}})")
            return
        page.run("document.querySelector('.jp-WindowedPanel-outer').scrollBy(0, 300)")
        page.run("new Promise(done => setTimeout(done, 100))")
    raise AssertionError(f"never seen in the notebook: {what}")


def test_the_step_page_of_lesson_0_is_alive_in_a_trusted_notebook(browser: Browser, lab: str) -> None:
    with browser.open(f"{lab}lab/tree/lesson_trusted.ipynb?reset") as page:
        frame = ".jp-OutputArea-output iframe[srcdoc]"
        scrolled_to(page, f"document.querySelector('{frame}')")
        page.wait_for(f"document.querySelector('{frame}').clientHeight > 300")
        for _ in range(40):  # the notebook still moves while its cells above are drawn
            page.click_corner(frame)
            if page.run("document.activeElement.tagName") == "IFRAME":
                break
            page.run("new Promise(done => setTimeout(done, 500))")
        before = page.picture(frame)
        page.press("ArrowRight", "ArrowRight")
        page.run("new Promise(done => setTimeout(done, 500))")
        assert page.picture(frame) != before
        assert [url for url in page.requests if not url.startswith((lab, lab.replace("http", "ws"), "blob:"))] == []


def test_the_pictures_of_lesson_0_show_in_an_untrusted_notebook(browser: Browser, lab: str) -> None:
    with browser.open(f"{lab}lab/tree/lesson_untrusted.ipynb?reset") as page:
        for kind in ("img[src^='data:image/svg']", "img.autograd-steps-still", "img[src^='data:image/png']"):
            image = f".jp-OutputArea-output {kind}"
            scrolled_to(page, f'document.querySelector("{image}")')
            seen = f'(({{naturalWidth, width, alt}}) => [naturalWidth, width, alt])(document.querySelector("{image}"))'
            natural, shown, alt = page.run(seen)
            assert natural > 300, kind
            assert shown > 300, kind
            assert len(alt) > 20, kind
        assert page.run("document.querySelectorAll('.jp-OutputArea-output iframe').length") == 0


def test_the_map_opens_as_a_page_and_leads_to_the_lessons(browser: Browser, lab: str) -> None:
    with browser.open(f"{lab}lab/tree/README.md?reset") as page:
        page.wait_for("!!document.querySelector('.jp-RenderedMarkdown h1')", 90)
        assert "The course" in page.text(".jp-RenderedMarkdown h1")
        page.wait_for(f"!!document.querySelector('.jp-RenderedMarkdown a[href*=\"{LESSON.stem}.ipynb\"]')")
        assert "Jupyter news" not in page.run("document.body.textContent"), "nothing asks for the network"
