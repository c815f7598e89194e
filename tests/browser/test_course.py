"""The course as pages in a browser: alive without Python and network, light and dark, on a phone, from an archive."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from chromium import Browser, Page

from build import lessons

pytestmark = pytest.mark.oracle

NAMES = [path.stem for path in lessons()]
STEPS = ".autograd-steps"
DARK = "getComputedStyle(document.body).backgroundColor"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the course, as `make course` writes it."""
    for name in ("markdown_it", "mdit_py_plugins", "latex2mathml", "pygments"):
        pytest.importorskip(name, reason=f"{name} is not installed, so the pages of the course were not looked at")
    import course as pages

    made = tmp_path_factory.mktemp("made") / "course"
    pages.main(made)
    return made


def pages_of(course: Path) -> list[Path]:
    return sorted(course.glob("*.html"))


def scrolled(page: Page) -> None:
    """Scrolls through a page, so that frames which wait for that are loaded."""
    page.run(
        "(async () => { for (let y = 0; y < document.documentElement.scrollHeight; y += 400) {"
        " scrollTo(0, y); await new Promise(done => setTimeout(done, 25)); } scrollTo(0, 0); })()"
    )


def frames(page: Page) -> list[dict[str, Any]]:
    """Where each frame of a page leads, and how high it is."""
    found: list[dict[str, Any]] = page.run(
        "[...document.querySelectorAll('iframe')].map(f => ({src: f.getAttribute('src'), high: f.clientHeight}))"
    )
    return found


# Whole ----------------------------------------------------------------------------------------------------------------


def test_every_link_leads_to_what_is_in_the_folder(course: Path) -> None:
    for path in pages_of(course):
        text = path.read_text("utf-8")
        names = set(re.findall(r'\bid="([^"]+)"', text))
        for link in re.findall(r'(?:href|src)="([^"]*)"', text):
            parts = urlsplit(link)
            if parts.scheme == "data":
                continue
            if parts.scheme:
                assert re.search(rf'<a [^>]*href="{re.escape(link)}"', text), f"{path.name} loads {link}"
                continue
            assert not link.startswith("/")
            target = course / unquote(parts.path) if parts.path else path
            assert target.is_file(), f"{path.name}: {link}"
            if parts.fragment:
                there = names if target == path else set(re.findall(r'\bid="([^"]+)"', target.read_text("utf-8")))
                assert parts.fragment in there, f"{path.name}: {link}"


def test_the_lessons_follow_each_other(course: Path) -> None:
    followed, at = [], "index"
    while found := re.search(r'href="([^"]+)\.html" rel="next"', (course / f"{at}.html").read_text("utf-8")):
        before, at = at, found[1]
        followed.append(at)
        if before != "index":
            assert f'href="{before}.html" rel="prev"' in (course / f"{at}.html").read_text("utf-8")
    assert followed == NAMES


def test_pages_load_nothing_from_elsewhere_and_complain_of_nothing(browser: Browser, course: Path) -> None:
    home = course.as_uri() + "/"
    for path in pages_of(course):
        with browser.open(path) as page:
            scrolled(page)
            assert [url for url in page.requests if not url.startswith(home)] == []
            assert page.complaints == []
            assert page.run("document.querySelectorAll('h1').length") == 1, path.name


def test_formulae_are_mathml(browser: Browser, course: Path) -> None:
    """Each is shown with some height, and nothing of LaTeX is left in the text."""
    count = 0
    for name in NAMES:
        with browser.open(course / f"{name}.html") as page:
            sizes = page.run("[...document.querySelectorAll('math')].map(m => m.getBoundingClientRect().height)")
            count += len(sizes)
            folded = page.run("document.querySelectorAll('details math').length")
            assert sum(size < 5 for size in sizes) <= folded
            left = page.run(
                "[...document.querySelectorAll('.text')].map(e => { const c = e.cloneNode(true);"
                " c.querySelectorAll('code, pre').forEach(x => x.remove()); return c.textContent; }).join(' ')"
            )
            assert re.findall(r"\\[a-zA-Z]+|\$", left) == [], name
            assert page.run("document.querySelectorAll('merror').length") == 0
    assert count > 20


# One lesson -----------------------------------------------------------------------------------------------------------


def test_a_step_page_is_alive_in_its_lesson(browser: Browser, course: Path) -> None:
    with browser.open(course / f"{NAMES[0]}.html") as page:
        scrolled(page)
        assert frames(page)[0]["src"] == "steps-00-1.html"
        page.wait_for("document.querySelector('iframe').dataset.width")
        before = page.picture("iframe")
        assert page.picture("iframe") == before
        page.click_corner("iframe")
        page.press("ArrowRight", "ArrowRight")
        page.run("new Promise(done => setTimeout(done, 300))")
        assert page.picture("iframe") != before
        assert page.complaints == []


def test_a_step_page_alone_can_be_projected(browser: Browser, course: Path) -> None:
    with browser.open(course / "steps-00-1.html") as page:
        assert page.requests == []
        page.press("ArrowRight")
        assert page.text(".phase").startswith("Forward")
        page.press("End")
        before = page.text(".formula")
        page.type(f"{STEPS} input[type=number]", "5")
        page.wait_for(f"document.querySelector('.formula').textContent !== {before!r}")
        assert page.complaints == []


def test_frames_are_as_high_as_their_pages(browser: Browser, course: Path) -> None:
    """So that nothing need be scrolled in them, neither on a screen nor on a phone."""
    for width in (1200, 400):
        with browser.open(course / f"{NAMES[0]}.html") as page:
            page.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
            scrolled(page)
            page.wait_for("[...document.querySelectorAll('iframe')].every(f => f.dataset.width == f.clientWidth)")
            shown = frames(page)
        for frame in shown:
            with browser.open(course / frame["src"]) as alone:
                alone.call(
                    "Emulation.setDeviceMetricsOverride",
                    width=width - 45,
                    height=100,
                    deviceScaleFactor=1,
                    mobile=False,
                )
                needed = alone.run("document.documentElement.scrollHeight")
            assert needed - 40 <= frame["high"] <= needed + 160, (width, frame)


def test_solutions_are_folded_and_open(browser: Browser, course: Path) -> None:
    with browser.open(course / f"{NAMES[0]}.html", scripts=True) as page:
        solution = "[...document.querySelectorAll('details')].find(d => d.textContent.includes('Solution'))"
        assert page.run(f"{solution}.open") is False
        page.run(f"{solution}.id = 'first'")
        page.click("#first summary")
        assert page.run(f"{solution}.open") is True
        assert page.run(f"{solution}.getBoundingClientRect().height") > 60


def test_answers_to_guesses_are_folded(course: Path) -> None:
    text = (course / f"{NAMES[0]}.html").read_text("utf-8")
    for said in re.findall(r"<pre class=\"printed\">[^<]*your guess: none yet", text):
        before = text[: text.index(said)]
        assert before.rindex("<details><summary>Guess first") > before.rindex('<pre class="code">')


@pytest.mark.parametrize("name", ["index", *NAMES])
def test_the_page_fits_a_phone(browser: Browser, course: Path, name: str) -> None:
    with browser.open(course / f"{name}.html") as page:
        page.call("Emulation.setDeviceMetricsOverride", width=400, height=800, deviceScaleFactor=2, mobile=True)
        scrolled(page)
        assert page.run("document.documentElement.scrollWidth") <= 400


def test_the_page_is_light_or_dark_as_the_reader_wishes(browser: Browser, course: Path) -> None:
    for dark, paper in ((False, "rgb(255, 255, 255)"), (True, "rgb(20, 24, 29)")):
        with browser.open(course / f"{NAMES[0]}.html", dark=dark) as page:
            assert page.run(DARK) == paper
            assert page.run(CONTRAST) >= 4.5


# The least contrast between a text of the page and what is under it.
CONTRAST = """(() => {
  const light = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3)
    .map(x => x / 255).map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const under = (e) => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor; if (c !== "rgba(0, 0, 0, 0)") return c;
  } return "rgb(255, 255, 255)"; };
  return Math.min(...[...document.querySelectorAll("main *, nav *, footer *")]
    .filter(e => !e.closest("svg, math") && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .map(e => [light(getComputedStyle(e).color), light(under(e))].sort((a, b) => b - a))
    .map(([more, less]) => (more + 0.05) / (less + 0.05)));
})()"""


def test_without_scripts_all_can_be_read(browser: Browser, course: Path) -> None:
    page = Page(browser, (course / "steps-00-1.html").as_uri(), scripts=False, dark=False)
    with page:
        assert page.run(f"document.querySelectorAll('{STEPS} li').length") > 3
        assert page.run(f"document.querySelector('{STEPS} svg').getBoundingClientRect().width") > 300


# To be carried away ---------------------------------------------------------------------------------------------------


def test_the_archive_is_the_course_and_the_same_each_time(course: Path, tmp_path: Path) -> None:
    import course as pages

    first = course.with_suffix(".zip").read_bytes()
    pages.main(tmp_path / "course")
    assert (tmp_path / "course.zip").read_bytes() == first
    with zipfile.ZipFile(course.with_suffix(".zip")) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert held == {f"course/{path.name}": path.read_bytes() for path in course.iterdir()}
    assert list(held) == sorted(held)


def test_the_archive_opens_from_a_memory_stick(browser: Browser, course: Path, tmp_path: Path) -> None:
    stick = tmp_path / "MY STICK (ü)"
    with zipfile.ZipFile(course.with_suffix(".zip")) as archive:
        archive.extractall(stick)
    with browser.open(stick / "course" / "index.html") as page:
        page.click('a[rel="next"]')
        page.wait_for(f"location.href.endsWith('{NAMES[0]}.html') && document.readyState === 'complete'")
        scrolled(page)
        page.wait_for("document.querySelector('iframe').dataset.width")
        assert [url for url in page.requests if not url.startswith(stick.as_uri())] == []


def test_the_course_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("markdown_it")
    import course as pages

    with pytest.raises(ValueError, match=r"leads to nowhere\.md, where nothing is"):
        pages.target("nowhere.md")
    assert pages.target("README.md#here") == "index.html#here"
    assert pages.target(f"{NAMES[1]}.ipynb") == f"{NAMES[1]}.html"
    assert pages.target("https://example.org/a") == "https://example.org/a"
    assert pages.target("LICENSE") == "LICENSE.txt"
    monkeypatch.setattr(pages, "lessons", lambda: [tmp_path / "00_missing.py"])
    with pytest.raises(SystemExit, match="make lessons"):
        pages.files()
