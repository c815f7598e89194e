"""The pictures of the lessons: of a stated size, with a text that says what is on them, shown once."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

pytest.importorskip("matplotlib", reason="figures are drawn by matplotlib")

import figures
from figures import SCREEN, Picture, axes, film, panels, show

ALT = "a line that rises from the left to the right"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Picture]:
    """What is shown, instead of showing it."""
    pictures: list[Picture] = []
    monkeypatch.setattr(figures, "_display", pictures.append)
    return pictures


def rising(height: float = 2.0) -> Any:
    picture = axes("x", "y", width=3.0, height=height)
    picture.plot([0, 1], [0, 1])
    return picture


def test_a_figure_has_the_size_that_is_stated_and_is_the_same_each_time(shown: list[Picture]) -> None:
    from PIL import Image

    show(rising(), alt=ALT)
    show(rising().figure, alt=ALT)
    first, second = shown
    assert first.data == second.data
    assert (first.width, first.height) == (3 * SCREEN, 2 * SCREEN)
    assert Image.open(io.BytesIO(first.data)).size == (480, 320)
    html = first._repr_html_()
    assert f'alt="{ALT}"' in html
    assert 'width="300" height="200"' in html


def test_a_long_label_does_not_change_the_size(shown: list[Picture]) -> None:
    picture = rising()
    picture.set_title("a very long title " * 5)
    show(picture, alt=ALT)
    assert (shown[0].width, shown[0].height) == (300, 200)


def test_a_film_is_one_picture_of_all_its_figures(shown: list[Picture]) -> None:
    from PIL import Image

    def drawn() -> Any:
        for top in (1, 2, 3):
            picture = rising()
            picture.set_ylim(0, top)
            yield picture

    film(drawn(), alt=ALT, seconds=0.2, last=1.0)
    made = Image.open(io.BytesIO(shown[0].data))
    assert (made.n_frames, made.size, made.info["loop"]) == (3, (300, 200), 0)
    lasting = []
    for frame in range(3):
        made.seek(frame)
        lasting.append(made.info["duration"])
    assert lasting == [200, 200, 1000]


def test_outside_of_a_notebook_the_text_is_printed(capsys: Any) -> None:
    show(rising(), alt=ALT)
    film([rising()], alt=ALT)
    assert capsys.readouterr().out.splitlines() == [f"[picture: {ALT}]", f"[film: {ALT}]"]


def test_a_figure_of_pyplot_is_not_shown_a_second_time(shown: list[Picture]) -> None:
    from matplotlib import pyplot as plt

    plt.switch_backend("agg")
    figure, _ = plt.subplots()
    show(figure, alt=ALT)
    assert plt.get_fignums() == []


def test_panels_stand_side_by_side() -> None:
    left, right = panels(2, "x", "y", sharey=True)
    assert left.figure is right.figure
    assert (left.get_xlabel(), right.get_xlabel(), left.get_ylabel(), right.get_ylabel()) == ("x", "x", "y", "")


@pytest.mark.parametrize(
    ("wrong", "error", "told"),
    [
        (lambda: show(rising(), alt="a line"), ValueError, "alt says in a sentence"),
        (lambda: show(rising(), alt=None), ValueError, "alt says in a sentence"),
        (lambda: show([1, 2], alt=ALT), TypeError, "show takes a figure of matplotlib, or its axes; was given [1, 2]"),
        (lambda: film([], alt=ALT), ValueError, "film was given no figures"),
        (lambda: film([rising(), rising(3.0)], alt=ALT), ValueError, "(300, 200) and then (300, 300)"),
    ],
)
def test_what_cannot_be_shown_says_so(wrong: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=re.escape(told)):
        wrong()
