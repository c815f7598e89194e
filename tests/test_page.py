"""The page that steps, the moving pictures and the page's arithmetic, without a browser: what is written."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import autograd
import nn
from autograd import Value, tanh
from autograd.ops import TABLE
from autograd.show import page, slides
from autograd.show.arithmetic import arithmetic, declarations, row_source
from autograd.show.stepping import steps

HOSTILE = "</script><script>alert(1)</script> \" ' & <b>"


def neuron() -> Value:
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(5.5, label="c")
    L = tanh(a * b + c)
    L.label = "L"
    return L


def chain(boxes: int) -> Value:
    """A graph of so many boxes: products, sums and activations of a few leaves."""
    leaves = [Value(0.1 * at + 0.1, label=f"x{at}") for at in range(5)]
    y = leaves[0]
    for at in range(boxes - len(leaves)):
        y = y * leaves[at % 5] if at % 3 == 0 else y + leaves[at % 5] if at % 3 == 1 else y.tanh()
    y.label = "L"
    return y


# How much


@pytest.mark.parametrize(("boxes", "kilobytes"), [(15, 60), (200, 400)])
def test_a_page_is_small(boxes: int, kilobytes: int) -> None:
    text = page.html(steps(chain(boxes)))
    assert text.count("data-box=") == boxes
    assert len(text.encode()) < 1000 * kilobytes


def test_a_page_takes_only_the_rows_and_functions_it_computes_with() -> None:
    text = page.html(steps(neuron()))
    table = text.partition("const ROWS = {")[2].partition("\n};")[0]
    assert re.findall(r'^  "([^"]+)":', table, re.MULTILINE) == ["*", "+", "tanh"]
    assert "const sigmoid" in text  # the slope of tanh
    assert "normal_cdf" not in text


# What it needs


def test_a_page_names_no_other_place() -> None:
    text = page.html(steps(neuron())).replace("http://www.w3.org/2000/svg", "")
    assert "http" not in text
    assert not re.search(r"<link|@import|url\(|<script src|import\(|fetch\(", text)
    assert not re.search(r'\bid="', text)


def test_a_page_is_readable_without_scripts() -> None:
    text = re.sub(r"<script.*?</script>", "", page.html(steps(neuron())), flags=re.DOTALL)
    for step in steps(neuron()):
        assert f"<li>{step}</li>" in text
    assert "−0.4621" in text


# The same each time

PROGRAM = """
from autograd import Value, maximum, tanh
from autograd.show import page
from autograd.show.stepping import steps
a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(5.5, label="c")
walk = steps(maximum(tanh(a * b + c), a) + b, train=[c, a])
import hashlib
print(hashlib.sha256((page.html(walk) + page.notebook(walk) + page.animated_svg(walk)).encode()).hexdigest())
"""


def test_the_same_walk_gives_the_same_bytes_in_every_process() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(found) == 1


def test_looking_changes_nothing() -> None:
    L = neuron()
    a = L.parents[0].parents[0].parents[0]
    walk = steps(L, train=[a])
    page.html(walk), page.notebook(walk), page.animated_svg(walk)
    assert (a.data, a.computed, L.computed, a.label) == (2.0, False, False, "a")


# Hostile labels


def test_a_hostile_label_ends_no_element() -> None:
    x = Value(1.0, label=HOSTILE)
    walk = steps(x * 2 + x, train=[x])
    for text in (page.html(walk), page.fragment(walk)):
        assert text.count("<script") == text.count("</script>") == 2
        assert "<b>" not in text
    data = re.search(r'<script type="application/json">(.*?)</script>', page.html(walk), re.DOTALL)
    assert data
    assert json.loads(data[1])["boxes"][0]["name"] == HOSTILE
    assert "<script" not in page.notebook(walk)
    ElementTree.fromstring(page.animated_svg(walk))


# Moving pictures


def test_the_moving_picture_has_no_script_and_begins_complete() -> None:
    L = neuron()
    text = page.animated_svg(steps(L))
    root = ElementTree.fromstring(text)
    assert "<script" not in text
    # Where nothing moves, what a class does not hide is seen: every number, and the gradients in words.
    hidden = set(re.findall(r"\.(k\w+-\d+)\{opacity:0;", text))
    seen = [
        "".join(element.itertext())
        for element in root.iter("{http://www.w3.org/2000/svg}g")
        if element.get("class", "").startswith("k") and element.get("class") not in hidden
    ]
    for number in ("2", "−3", "5.5", "−6", "−0.5", "−0.4621", "1", "0.7864", "−2.359", "1.573"):
        assert any(number in piece for piece in seen), number
    assert any("∂L/∂a = −2.359" in piece for piece in seen)
    assert not any("Backward pass" in piece or "Start" in piece for piece in seen)


def test_the_moving_picture_of_one_neuron_takes_twelve_seconds() -> None:
    assert "animation-duration:12s" in page.animated_svg(steps(neuron()))
    assert 'dur="12s"' in page.animated_svg(steps(neuron()))


def test_a_reader_who_wants_no_motion_has_none() -> None:
    text = page.animated_svg(steps(neuron()))
    assert text.count("animation-duration") == 1
    assert "@media (prefers-reduced-motion:no-preference){[class^=" in text


def test_a_long_walk_goes_faster_and_a_network_moves_too() -> None:
    text = page.animated_svg(steps(chain(100)))
    assert 20 < float(re.findall(r"animation-duration:([\d.]+)s", text)[0]) < 90
    model = nn.MLP(2, [3, 1], seed=1)
    loss = nn.mse_loss([model([1.0, -1.0])], [0.5])
    root = ElementTree.fromstring(page.animated_svg(steps(loss, model=model, view="neurons", train=model.parameters())))
    assert sum(1 for _ in root.iter("{http://www.w3.org/2000/svg}animateMotion")) >= 10


def test_every_kind_of_walk_is_a_page_and_a_moving_picture(tmp_path: Path) -> None:
    a = Value(0.0, label="a")
    walks = [
        a,
        a * 1,
        autograd.relu(a),
        autograd.where(a > 1, a, a * 2),
        autograd.log(a) * a,
        Value(3.0, (a,), "op") * a,
    ]
    for at, root in enumerate(walks):
        steps(root).save(tmp_path / f"{at}.html")
        steps(root).save(tmp_path / f"{at}.svg")
        ElementTree.fromstring((tmp_path / f"{at}.svg").read_text(encoding="utf-8"))


def test_a_graph_too_large_to_step_in_a_picture_is_a_page_with_its_first_steps() -> None:
    walk = steps(chain(500))
    text = page.html(walk)
    assert "500 values are too many" in text
    assert (text.count("<li>"), text.count("<li value=")) == (399, 1)
    turn = next(at for at, step in enumerate(walk, 1) if step.phase == "backward")
    assert f'<li value="{turn}">{walk[turn - 1]}</li>' in text
    assert "not computed" not in text, "the gradients are those of the walk"
    assert len(text.encode()) < 400_000
    assert "<iframe" in page.notebook(walk)
    with pytest.raises(ValueError, match="too many for a picture that moves"):
        page.animated_svg(walk)


def test_a_gif_is_the_same_for_slides(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    pytest.importorskip("resvg_py")
    x = Value(2.0, label="x")
    steps(x * x).save(tmp_path / "walk.gif")
    with image.open(tmp_path / "walk.gif") as gif:
        assert gif.n_frames > 10
        total = 0
        for at in range(gif.n_frames):
            gif.seek(at)
            total += gif.info["duration"]
        colours = {colour for _, colour in gif.convert("RGB").getcolors(1 << 20)}
    assert total == pytest.approx(1000 * (3 + len(steps(x * x))), abs=100)
    assert {(255, 255, 255), (28, 33, 40)} <= colours
    assert [path.name for path in tmp_path.iterdir()] == ["walk.gif"]


def test_a_missing_extra_says_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(ImportError, match=r"pip install 'scalar-autograd\[images\]'; \.svg, which moves too"):
        steps(neuron()).save(tmp_path / "walk.gif")
    assert list(tmp_path.iterdir()) == []


def test_the_point_of_a_line_is_where_the_line_is_drawn() -> None:
    way = [[0.0, 5.0], [10.0, 5.0], [30.0, 25.0], [40.0, 25.0]]
    for part, (x, y) in {0.0: (0, 5), 0.25: (10, 5), 0.5: (20, 15), 0.75: (30, 25), 1.0: (40, 25)}.items():
        assert slides.along(way, part) == pytest.approx((x, y))
        assert slides.along(way[::-1], 1 - part) == pytest.approx((x, y))


# The arithmetic


@pytest.mark.parametrize("name", list(TABLE))
def test_every_function_a_row_calls_is_declared(name: str) -> None:
    count = 5 if TABLE[name].variadic else len(TABLE[name].operands)
    written = arithmetic([(name, count)])
    table = row_source(name, count)
    for called in re.findall(r"\b([a-z]\w*)\(", table):
        assert called in declarations(), f"{name} calls {called}: write it in kernels.js"
    for declared in re.findall(r"^(?:const|function) (\w+)", written, re.MULTILINE):
        assert declared in ("ROWS", "BOOKS") or re.search(rf"\b{declared}\b", written.replace(f" {declared}", "", 1)), (
            declared
        )


@pytest.mark.no_cover
def test_a_long_row_is_written_in_time_and_text_that_grow_with_it() -> None:
    for name in (name for name in TABLE if TABLE[name].variadic):
        short, long = (len(row_source(name, count)) for count in (51, 201))
        assert long < 6 * short, name


def test_a_rule_cannot_ask_python_whether_a_condition_holds() -> None:
    from autograd.show.arithmetic import Listing

    (x,) = Listing(["x"]).parameters
    with pytest.raises(TypeError, match=r"write where\(condition, a, b\) in the rule"):
        bool(x > 0)


def test_the_moving_picture_in_the_documents_is_up_to_date() -> None:
    kept = (Path(__file__).parent.parent / "docs" / "steps.svg").read_text(encoding="utf-8")
    assert kept == page.animated_svg(steps(neuron())), 'write it anew: steps(L).save("docs/steps.svg") of the same L'
