"""Drawings laid out by Graphviz, as images, in the browser and in notebooks: also where the programs are missing."""

from __future__ import annotations

import builtins
import shutil
import sys
import types
import webbrowser
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

import nn
from autograd import Value, draw, tanh
from autograd.show import dot_layout, raster

SVG = "{http://www.w3.org/2000/svg}"
needs_dot = pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz is not installed: apt install graphviz")


def expression() -> Value:
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(5.5, label="c")
    L = tanh(a * b + c) * a
    L.label = "L"
    L.backward()
    return L


# dot ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def no_dot(monkeypatch):
    monkeypatch.setenv("PATH", "")


@pytest.mark.usefixtures("no_dot")
def test_a_missing_dot_is_one_error_that_says_what_to_type():
    with pytest.raises(
        FileNotFoundError, match=r"apt install graphviz.*brew install graphviz.*winget install graphviz.*drop engine="
    ):
        draw(expression(), engine="graphviz")


@pytest.mark.parametrize("engine", ["dot", "Graphviz", 1, True])
def test_an_unknown_engine_is_refused(engine):
    with pytest.raises(ValueError, match='engine is None or "graphviz"'):
        draw(Value(1.0), engine=engine)


@needs_dot
def test_dot_places_the_same_boxes_for_the_same_painter():
    L = expression()
    own, by_dot = draw(L), draw(L, engine="graphviz")
    assert by_dot.source == own.source
    assert str(by_dot) == str(own)

    def said(picture):
        return sorted("".join(text.itertext()) for text in ElementTree.fromstring(picture.svg).iter(f"{SVG}text"))

    assert said(by_dot) == said(own)
    assert by_dot.svg != own.svg
    assert by_dot.svg == draw(L, engine="graphviz").svg


@needs_dot
def test_boxes_placed_by_dot_do_not_overlap():
    root = ElementTree.fromstring(draw(nn.MLP(2, [3, 1], seed=1)([1.0, 2.0]), engine="graphviz").svg)
    found = []
    for group in root.iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        if rect is not None and "box" in rect.get("class", ""):
            x, y = map(float, group.get("transform", "").removeprefix("translate(").rstrip(")").split())
            found.append((x, y, x + float(rect.get("width", 0)), y + float(rect.get("height", 0))))
    assert len(found) > 10
    for a, b in combinations(found, 2):
        assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])


@needs_dot
@pytest.mark.parametrize(("ending", "begins"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_dot_writes_images(ending, begins, tmp_path):
    draw(expression(), engine="graphviz").save(tmp_path / f"x.{ending}")
    assert (tmp_path / f"x.{ending}").read_bytes().startswith(begins)


@needs_dot
def test_labels_are_harmless_to_dot():
    x = Value(1.0, label='"]; <b>&lt; \\N {} \n')
    assert draw(x * 2, engine="graphviz").svg


def fake_dot(monkeypatch, tmp_path, script: str) -> None:
    program = tmp_path / "bin" / "dot"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for dot")
def test_a_dot_that_fails_says_why(monkeypatch, tmp_path):
    fake_dot(monkeypatch, tmp_path, "echo 'Warning: no fonts' >&2; exit 1")
    with pytest.raises(RuntimeError, match="dot failed and said 'Warning: no fonts': drop engine="):
        draw(expression(), engine="graphviz").svg  # noqa: B018


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for dot")
def test_a_dot_that_never_ends_is_ended(monkeypatch, tmp_path):
    fake_dot(monkeypatch, tmp_path, "exec sleep 20")
    monkeypatch.setattr(dot_layout, "SECONDS", 0.2)
    picture = draw(expression(), engine="graphviz")
    with pytest.raises(RuntimeError, match=r"dot was still at work after 0\.2 seconds"):
        picture.save(tmp_path / "x.png")
    assert not (tmp_path / "x.png").exists()


# Images without dot ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ending", "begins"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_images_are_written_without_dot(ending, begins, tmp_path):
    try:
        import cairosvg  # noqa: F401
        import resvg_py  # noqa: F401
    except (ImportError, OSError) as error:
        pytest.skip(f"pip install 'scalar-autograd[images,pdf]' ({error})")
    for picture in (draw(expression()), draw(nn.MLP(2, [3, 1], seed=1))):
        picture.save(tmp_path / f"x.{ending}")
        image = (tmp_path / f"x.{ending}").read_bytes()
        assert image.startswith(begins)
        assert len(image) > 9000  # a blank one has 6000


@pytest.mark.parametrize(
    ("ending", "package", "extra", "failure"),
    [
        ("png", "resvg_py", "images", ImportError("No module named 'resvg_py'")),
        ("PNG", "resvg_py", "images", ImportError("No module named 'resvg_py'")),
        ("pdf", "cairosvg", "pdf", ImportError("No module named 'cairosvg'")),
        ("pdf", "cairosvg", "pdf", OSError("no library called cairo")),
    ],
)
def test_without_an_extra_the_error_names_both_ways_and_what_always_works(
    monkeypatch, tmp_path, ending, package, extra, failure
):
    found = builtins.__import__

    def importing(name, *args, **kwargs):
        if name == package:
            raise failure
        return found(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", importing)
    with pytest.raises(ImportError) as caught:
        draw(expression()).save(tmp_path / f"x.{ending}")
    said = str(caught.value)
    for words in (
        f"pip install 'scalar-autograd[{extra}]'",
        'engine="graphviz"',
        ".svg",
        ".html",
        ".dot",
        str(failure),
    ):
        assert words in said
    assert list(tmp_path.iterdir()) == []


def test_the_image_has_light_colours_and_no_edges_around_letters():
    svg = draw(expression()).svg
    plain = raster.plain(svg)
    assert "prefers-color-scheme" in svg
    assert "prefers-color-scheme" not in plain
    assert "paint-order" not in plain
    assert plain.count("{") == plain.count("}")
    ElementTree.fromstring(plain)


# To look at -----------------------------------------------------------------------------------------------------------


def test_show_opens_the_browser_on_a_page_that_holds_the_picture(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or True)
    picture = draw(expression())
    picture.show()
    (page,) = tmp_path.iterdir()
    assert opened == [page.as_uri()]
    assert page.read_text("utf-8") == picture.html
    assert capsys.readouterr().out == ""


def test_without_a_browser_show_says_where_the_page_is(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    draw(nn.MLP(2, [1])).show()
    said = capsys.readouterr().out.strip()
    assert said.startswith("No browser was found. The page is the file ")
    assert Path(said.rsplit(" ", 1)[1]).read_text("utf-8").startswith("<!doctype html>")


def test_in_a_notebook_show_displays_the_picture(monkeypatch):
    shown: list[object] = []
    shell = types.SimpleNamespace(kernel=object())
    display = types.ModuleType("IPython.display")
    display.display = shown.append  # type: ignore[attr-defined]
    notebook = types.ModuleType("IPython")
    notebook.get_ipython = lambda: shell  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    picture = draw(expression())
    picture.show()
    assert shown == [picture]
