"""The page that steps, in a browser: every control by mouse and by keyboard, and every number against Python's."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from chromium import Browser, Page

import autograd
import nn
from autograd import Value, exp, logsumexp, maximum, relu, tanh, where
from autograd.show import words
from autograd.show.page import fragment, html, line, notebook
from autograd.show.stepping import steps

pytestmark = pytest.mark.oracle

Leaves = Sequence[float]


def named(**numbers: float) -> list[Value]:
    return [Value(x, label=name) for name, x in numbers.items()]


def neuron(x: float, y: float, z: float) -> Value:
    a, b, c = named(a=x, b=y, c=z)
    L = tanh(a * b + c)
    L.label = "L"
    return L


def shared(x: float, y: float, z: float) -> Value:
    a, b, c = named(a=x, b=y, c=z)
    h = a * a + exp(b) / (a + 3)
    return h * h - b**3 + h * 0.1 + (h - c) * 1e-20


def choosing(x: float, y: float, z: float) -> Value:
    a, b, c = named(a=x, b=y, c=z)
    h = relu(a * b) + maximum(b, c) + where(x > 0, a, c * 2)
    return autograd.max([h, a, c]) + autograd.clip(b, -1.0, 1.0) + (0.1 + a - a - 0.1)


def many(x: float, y: float, z: float) -> Value:
    a, b, c = named(a=x, b=y, c=z)
    d = autograd.dot([a, b, 2.0], [c, 0.5, a], bias=b)
    return logsumexp([d, a, b, c]) + autograd.prod([a, d, 3.0]) + autograd.sum([a, b, c, d, a, b]) + autograd.erf(d)


def bent(x: float, y: float, z: float) -> Value:
    """At its kinks with both triples of numbers below."""
    a, b, c = named(a=x, b=y, c=z)
    h = relu(a - 0.75) + abs(c + 0.5) * 2 + maximum(b, 1.25) + autograd.clip(a, 0.75, 2.0) * autograd.hypot(a - 2, 0.0)
    return (
        h * autograd.min([c, 5.5, a - 0.75]) + autograd.leaky_relu(b + 3) + autograd.leaky_relu(b - 1.25) + relu(h - h)
    )


GRAPHS: dict[str, Callable[[float, float, float], Value]] = {
    "neuron": neuron, "shared": shared, "choosing": choosing, "bent": bent, "many": many,
}  # fmt: skip
START, OTHER = (2.0, -3.0, 5.5), (0.75, 1.25, -0.5)


@pytest.fixture
def shown(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens the page of a walk; in the end no page may have complained, or asked the network for anything."""
    pages = []

    def show(text: str, **how: Any) -> Page:
        path = tmp_path / f"{len(pages)}.html"
        path.write_text(text, encoding="utf-8")
        pages.append(browser.open(path, **how))
        return pages[-1]

    yield show
    for page in pages:
        assert page.complaints == []
        assert page.requests == []
        page.close()


def told_by_page(page: Page) -> list[list[str]]:
    """The line, the local derivative and the sentence of every step, by going through the walk."""
    found: list[list[str]] = page.run(
        """(() => {
        const of = (part) => document.querySelector(`.${part}`).textContent, found = [];
        const press = (button) => document.querySelector(`button.${button}`).click();
        press('first');
        for (let phase = of('phase'); press('next'), of('phase') !== phase; phase = of('phase')) {
            found.push(['formula', 'local', 'sentence'].map(of));
        }
        return found;
        })()"""
    )
    return found


def told_by_python(root: Value, **how: Any) -> list[list[str]]:
    return [[line(event), event["local"], event["sentence"]] for event in steps(root, **how).data()["events"]]


def boxes_of_page(page: Page) -> list[list[str]]:
    found: list[list[str]] = page.run(
        "[...document.querySelectorAll('[data-box]')].map(b => [b.querySelector('.data').textContent,"
        " b.querySelector('.grad').textContent])"
    )
    return found


def boxes_of_python(root: Value, **how: Any) -> list[list[str]]:
    return [[box["data_text"], box["grad_text"]] for box in steps(root, **how).data()["boxes"]]


def swish(z: Value) -> Value:
    return z * autograd.sigmoid(z)


def hat(z: Value) -> Value:
    return maximum(z, -0.1 * z) + 0.5 * abs(z)


NETWORKS: dict[str, tuple[Any, list[int], Callable[[Any], Value]]] = {
    "tanh": ("tanh", [3, 2, 1], lambda y: nn.mse_loss(y, 1.0)),
    "relu": ("relu", [4, 1], lambda y: nn.hinge_loss(y, -1)),
    "sigmoid": ("sigmoid", [2, 2], lambda y: nn.cross_entropy(y, 1)),
    "leaky_relu": ("leaky_relu", [2, 1], lambda y: nn.binary_cross_entropy_with_logits(y, 0.25)),
    "relu at the end": ("relu", [6, 3], lambda y: relu(y[0]) * y[1] + abs(y[2])),
    "elu": ("elu", [1, 1], lambda y: tanh(y) * 2.0 + y * 0.0),
    "swish": (swish, [2, 1], lambda y: (y - 0.5) ** 2),
    "hat": (hat, [5, 1], lambda y: (y - 0.5) ** 2),
}
EDITS: dict[str, Callable[[int, float], float]] = {
    "moved": lambda at, x: x + 0.75 * (at % 3 - 1),
    "turned": lambda at, x: -x,
    "at a kink": lambda at, x: 0.0,  # every weighted sum is exactly 0
    "huge": lambda at, x: x * 1e200,
    "tiny": lambda at, x: x * 1e-13,
}


def of_network(kind: str, edit: str = "") -> tuple[Value, nn.MLP]:
    activation, sizes, loss = NETWORKS[kind]
    model = nn.MLP(2, sizes, activation=activation, seed=3)
    for at, parameter in enumerate(model.parameters()):
        parameter.data = EDITS[edit](at, parameter.data) if edit else parameter.data + 0.1 * (at % 5 - 2)
    L = loss(model([0.5, -1.5]))
    L.label = "L"
    return L, model


def put_all(page: Page, numbers: list[list[float]]) -> None:
    page.run(f"document.querySelector('.autograd-steps').change({numbers})")


@pytest.mark.parametrize("network", list(NETWORKS))
def test_neurons_are_told_as_in_python_before_and_after_edits(network: str, shown: Callable[..., Page]) -> None:
    def walk(edit: str = "") -> Any:
        loss, model = of_network(network, edit)
        return steps(loss, model=model, view="neurons", train=model.parameters())

    def told(data: Any) -> list[list[str]]:
        return [[line(e), e["local"], e["sentence"]] for e in data["events"]]

    python = walk().data()
    page = shown(html(walk()).replace('classList.add("live")', 'classList.add("live"), section.change = change'))
    assert told_by_page(page) == told(python)
    for edit in EDITS:
        put_all(
            page, [[b, p.data] for b, p in zip(python["train"], of_network(network, edit)[1].parameters(), strict=True)]
        )
        changed = walk(edit).data()
        assert told_by_page(page) == told(changed)
        page.press("Home")
        assert page.text(".formula") == changed["given"]
        page.press("End")
        neurons = [neuron for layer in changed["layers"] for neuron in layer["neurons"]]
        seen = page.run(
            "[...document.querySelectorAll('.neuron')].map(e => [...e.querySelectorAll('.data, .sum, .grad')]"
            ".map(t => t.textContent))"
        )
        boxes = changed["boxes"]
        assert [[texts[0], texts[-1]] for texts in seen] == [
            [boxes[neuron["out"]]["data_text"], boxes[neuron["sum"]]["grad_text"]] for neuron in neurons
        ]
        assert page.run("document.querySelector('figure svg').getAttribute('aria-label')") == changed["told"]
        page.press("Home")
        numbers = page.run(
            "[...document.querySelectorAll('.number')].map(e => [+e.dataset.box, e.querySelector('.data').textContent])"
        )
        assert {box for box, _ in numbers} >= {neuron["bias"] for neuron in neurons}
        assert all(text == boxes[box]["data_text"] for box, text in numbers)


def test_the_weights_of_a_network_are_dragged_and_go_downhill(shown: Callable[..., Page]) -> None:
    loss, model = of_network("tanh")
    page = shown(html(steps(loss, model=model, view="neurons")))
    page.click(".downhill10")
    assert f"L: {words.number(loss.data)} → " in page.text("figcaption")
    before = page.run("document.querySelector('[data-leaf] input').value")
    page.drag("[data-weight]", 20)
    assert page.run("document.querySelector('[data-leaf] input').value") != before


def test_a_graph_with_a_node_made_by_hand_is_walked_but_cannot_be_edited(shown: Callable[..., Page]) -> None:
    a = Value(2.0, label="a")
    hand = Value(8.0, (a,), "cube")
    hand.label = "h"
    hand._backward = lambda: None  # type: ignore[method-assign]
    root = hand * a
    root.label = "L"
    page = shown(html(steps(root)))
    assert told_by_page(page) == told_by_python(root)
    assert boxes_of_page(page) == boxes_of_python(root)
    assert page.run("document.querySelectorAll('input[type=number]').length") == 0
    assert page.text(".leaves") == (
        "Numbers cannot be changed here: h was made by hand, and only its maker knows how to compute it anew."
    )


def test_what_works_and_what_changes_is_lit(shown: Callable[..., Page]) -> None:
    page = shown(html(steps(neuron(*START))))

    def lit() -> list[list[str]]:
        kinds = [f".{kind}[data-{what}]" for kind, what in (("works", "box"), ("changes", "box"), ("flows", "edge"))]
        found: list[list[str]] = page.run(
            f"{kinds}.map(k => [...document.querySelectorAll(k)].map(e => e.dataset.box ?? e.dataset.edge).sort())"
        )
        return found

    assert lit() == [[], [], []]
    page.press("ArrowRight")
    assert lit() == [["2"], [], ["0", "1"]]
    page.press(*["ArrowRight"] * 3)
    assert lit() == [[], ["5"], []]
    page.press("ArrowRight")
    assert lit() == [["5"], ["4"], ["4"]]
    assert page.text('[data-edge="4"] text') == "0.7864"
    assert page.text('[data-edge="0"] text') == ""


def test_what_is_left_from_an_earlier_pass_is_shown_apart(shown: Callable[..., Page]) -> None:
    a = Value(3.0, label="a")
    (a * 0.1).backward()
    root = a * a
    root.label = "L"
    page = shown(html(steps(root)))
    assert told_by_page(page) == told_by_python(root)
    assert "left from an earlier backward(): 0.1" in str(told_by_page(page))
    assert boxes_of_page(page)[0] == ["3", "6"]
    assert a.grad == 0.1


def test_a_graph_that_is_out_of_date_shows_its_recorded_numbers_until_it_is_computed_anew(
    shown: Callable[..., Page],
) -> None:
    a, b = named(a=2.0, b=3.0)
    root = a * b
    root.label = "L"
    a.data = 5.0
    page = shown(html(steps(root)))
    assert told_by_page(page) == told_by_python(root)
    put(page, "b", 4.0)
    assert boxes_of_page(page)[2][0] == "20"


def test_numbers_that_are_not_finite(shown: Callable[..., Page]) -> None:
    a, b = named(a=0.0, b=math.inf)
    root = autograd.log(a) * b + a * b
    root.label = "L"
    page = shown(html(steps(root)))
    assert told_by_page(page) == told_by_python(root)
    assert boxes_of_page(page) == boxes_of_python(root)


def put(page: Page, name: str, x: float) -> None:
    page.type(f'input[type=number][aria-label="{name}, number"]', repr(x))


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_every_text_and_number_is_pythons_before_and_after_an_edit(graph: str, shown: Callable[..., Page]) -> None:
    def make(*numbers: float) -> Value:
        root = GRAPHS[graph](*numbers)
        root.label = "L"
        return root

    page = shown(html(steps(make(*START))))
    assert told_by_page(page) == told_by_python(make(*START))
    assert boxes_of_page(page) == boxes_of_python(make(*START))
    for name, x in zip("abc", OTHER, strict=True):
        put(page, name, x)
    assert told_by_page(page) == told_by_python(make(*OTHER))
    assert boxes_of_page(page) == boxes_of_python(make(*OTHER))


def test_the_page_writes_numbers_as_python_does(shown: Callable[..., Page]) -> None:
    draw = random.Random(1)
    numbers = [
        0.0,
        -0.0,
        math.inf,
        -math.inf,
        math.nan,
        2.3125,
        2.3135,
        -12344.5,
        12345.5,
        99999.6,
        9999.6,
        1e5,
        1e6,
        5e-324,
    ]
    numbers += [draw.choice((1, -1)) * draw.random() * 10.0 ** draw.randint(-12, 12) for _ in range(300)]
    numbers += [draw.randint(1, 99999) / 2.0 ** draw.randint(0, 12) for _ in range(300)]
    page = shown(
        html(steps(neuron(*START))).replace('classList.add("live")', 'classList.add("live"), section.number = number')
    )
    asked = ",".join(repr(x).replace("inf", "Infinity").replace("nan", "NaN") for x in numbers)
    assert page.run(f"[{asked}].map(document.querySelector('.autograd-steps').number)") == [*map(words.number, numbers)]


def test_every_control_by_mouse(shown: Callable[..., Page]) -> None:
    page = shown(html(steps(neuron(*START))))
    assert page.text(".phase") == "Start"
    assert page.text(".formula") == "a = 2, b = −3, c = 5.5"
    page.click("button.next")
    assert page.text(".formula") == "v1 = a*b = 2 × (−3) = −6"
    assert boxes_of_page(page)[2] == ["−6", ""]
    page.click("button.next")
    page.click("button.back")
    assert page.text(".phase") == "Forward · step 1 of 9"
    page.click("button.last")
    assert page.text(".phase") == "Backward · step 9 of 9"
    page.click("button.first")
    assert page.text(".phase") == "Start"
    page.drag("input.at", 400, from_x=0.005)
    assert re.fullmatch(r"(For|Back)ward · step [2-8] of 9", page.text(".phase"))
    page.run("document.querySelector('.speed').value = 600")
    page.click("button.first")
    page.click("button.play")
    page.wait_for("document.querySelector('.phase').textContent.includes('step 2 ')")
    page.click("button.play")
    stopped = page.text(".phase")
    page.run("new Promise(done => setTimeout(done, 800))")
    assert page.text(".phase") == stopped
    page.click("summary")
    page.click("li:nth-child(4)")
    assert page.text(".formula") == "∂L/∂L = 1"
    assert page.run("document.querySelector('li[aria-current]').textContent") == "∂L/∂L = 1"


def test_every_control_by_keyboard(shown: Callable[..., Page]) -> None:
    page = shown(html(steps(neuron(*START), train=None)))
    page.press("ArrowRight", "ArrowRight", "ArrowLeft")
    assert page.text(".phase") == "Forward · step 1 of 9"
    page.press("End")
    assert page.text(".phase") == "Backward · step 9 of 9"
    page.press("Home")
    assert page.text(".phase") == "Start"
    page.press(" ")
    page.wait_for("document.querySelector('.phase').textContent.includes('step 1 ')")
    page.press(" ")
    order = []
    for _ in range(16):
        page.press("Tab")
        order.append(
            page.run(
                "document.activeElement.getAttribute('class') || document.activeElement.getAttribute('aria-label')"
            )
        )
    assert order[:7] == ["first", "back", "play", "next", "last", "at", "speed"]
    assert order[7:10] == ["box leaf"] * 3
    assert order[10:] == [f"{name}, {kind}" for name in "abc" for kind in ("number", "slider")]
    page.run("document.querySelector('button.next').focus()")
    page.press("Enter")
    assert page.text(".phase") == "Forward · step 2 of 9"
    page.run("document.querySelector('input.at').focus()")
    page.press("ArrowRight")
    assert page.text(".phase") == "Forward · step 3 of 9"
    page.run("document.querySelector('[data-box=\"1\"]').focus()")
    page.press("Enter")
    page.call("Input.insertText", text="4")
    assert boxes_of_page(page)[1][0] == "4"
    page.run("document.querySelector('input[type=range][aria-label=\"b, slider\"]').focus()")
    page.press("ArrowRight")
    assert float(page.run("document.querySelector('input[aria-label=\"b, number\"]').value")) > 4


def test_a_leaf_is_dragged_by_its_slider_and_in_the_picture(shown: Callable[..., Page]) -> None:
    page = shown(html(steps(neuron(*START))))
    page.press("End")
    page.drag('[data-box="0"] .frame', 50)
    x = float(page.run("document.querySelector('input[aria-label=\"a, number\"]').value"))
    assert x == pytest.approx(2.5)
    assert boxes_of_page(page) == boxes_of_python(neuron(x, -3.0, 5.5))
    page.drag('input[aria-label="c, slider"]', 40)
    z = float(page.run("document.querySelector('input[aria-label=\"c, number\"]').value"))
    assert z > 5.5
    assert boxes_of_page(page) == boxes_of_python(neuron(x, -3.0, z))
    page.click(".reset")
    assert boxes_of_page(page) == boxes_of_python(neuron(*START))


def test_descent_moves_the_trained_leaves_as_python_would(shown: Callable[..., Page]) -> None:
    def loss(w: float, b: float) -> tuple[Value, list[Value]]:
        leaves = named(w=w, b=b)
        y = leaves[0] * 1.5 + leaves[1]
        return (y - 2) ** 2, leaves

    w, b, losses = 0.5, -1.0, []
    for _ in range(11):
        root, leaves = loss(w, b)
        losses.append(root.data)
        root.backward()
        w, b = w - 0.05 * leaves[0].grad, b - 0.05 * leaves[1].grad
    root, leaves = loss(0.5, -1.0)
    page = shown(html(steps(root, train=leaves, lr=0.1)))
    page.type('input[aria-label="Learning rate"]', "0.05")
    page.click(".downhill")
    assert page.text("figcaption").endswith(f"{words.number(losses[0])} → {words.number(losses[1])} in 1 step downhill")
    page.run("document.querySelector('.downhill10').focus()")
    page.press("Enter")
    page.press("End")
    shown_as, exactly = page.run("(({ value, title }) => [value, title])(document.querySelector('[data-leaf] input'))")
    assert float(exactly) == pytest.approx(w, rel=1e-14)
    assert shown_as == repr(float(f"{w:.7g}"))
    assert len(page.run("document.querySelector('.curve polyline').getAttribute('points')").split()) == 12
    assert leaves[0].data == 0.5


def test_a_number_is_shown_readable_and_stays_what_it_is(shown: Callable[..., Page]) -> None:
    (w,) = named(w=0.8)
    root = w * 1.0
    root.label = "L"
    page = shown(html(steps(root, train=[w], lr=0.2)))

    def field() -> list[str]:
        return page.run("(({ value, title }) => [value, title])(document.querySelector('[data-leaf] input'))")  # type: ignore[no-any-return]

    page.click(".downhill")
    assert field() == ["0.6", "0.6000000000000001"]
    page.run("document.querySelector('[data-leaf] input').focus()")
    page.press("Tab")
    page.click(".downhill")
    assert field() == ["0.4", repr(0.6000000000000001 - 0.2)], "to look at a field changes nothing"
    page.type("[data-leaf] input", "0.123456789")
    page.press("Tab")
    assert field()[0] == "0.123456789", "what was typed stays as it was typed"


def test_long_names_stand_whole_over_their_fields(shown: Callable[..., Page]) -> None:
    x, long = named(x=0.5, the_weight_of_the_first_neuron=2.0)
    page = shown(html(steps(x * long)))
    spans = "[...document.querySelectorAll('[data-leaf] span')]"
    for needed, given in page.run(f"{spans}.map(e => [e.scrollWidth, e.getBoundingClientRect().width])"):
        assert needed <= given + 1


def test_a_network_of_three_layers_needs_no_scrolling_sideways(shown: Callable[..., Page]) -> None:
    model = nn.MLP(2, [4, 3, 2], activation="tanh", seed=5)
    page = shown(html(steps(nn.mse_loss(model([0.5, -0.5]), [1.0, 0.0]), model=model, view="neurons")))
    room, drawn = page.run("(f => [f.clientWidth, f.scrollWidth])(document.querySelector('figure'))")
    assert drawn <= room < 1200


def test_two_on_one_page_do_not_disturb_one_another(shown: Callable[..., Page]) -> None:
    one = fragment(steps(neuron(*START)))
    page = shown(f"<!doctype html><meta charset=utf-8><div id=one>{one}</div><div id=two>{one}</div>")
    page.click("#two button.next")
    page.press("ArrowRight")
    assert (page.text("#one .phase"), page.text("#two .phase")) == ("Start", "Forward · step 2 of 9")
    page.type('#one input[aria-label="a, number"]', "1")
    page.click("#one button.last")
    assert page.text("#one [data-box='2'] .data") == "−3"
    assert page.text("#two [data-box='2'] .data") == "−6"


def test_without_scripts_the_picture_the_numbers_and_the_steps_are_there(shown: Callable[..., Page]) -> None:
    page = shown(html(steps(neuron(*START))), scripts=False)
    page.call("Emulation.setScriptExecutionDisabled", value=False)  # to ask it
    assert boxes_of_page(page) == boxes_of_python(neuron(*START))
    assert page.run("[...document.querySelectorAll('li')].map(li => li.textContent)") == [
        str(step) for step in steps(neuron(*START))
    ]
    assert page.run("document.querySelector('details').open")
    assert page.run("document.querySelectorAll('.autograd-steps button').length") == 0


def test_in_a_notebook_it_is_a_frame_and_where_that_is_taken_out_a_picture(shown: Callable[..., Page]) -> None:
    output = notebook(steps(neuron(*START)))
    page = shown(f"<!doctype html><meta charset=utf-8>{output}")
    assert page.run("getComputedStyle(document.querySelector('img')).display") == "none"
    assert page.run("document.querySelector('iframe').srcdoc.includes('autograd-steps')")
    kept = re.sub(r"<style>.*?</style>|<iframe.*?</iframe>", "", output, flags=re.DOTALL)  # what sanitizers leave
    page = shown(f"<!doctype html><meta charset=utf-8>{kept}")
    assert page.run("document.querySelector('img').naturalWidth") > 500
    assert "Steps of L" in page.run("document.querySelector('img').alt")


HOSTILE = '</script><script>document.title="taken"</script> " \' & <b> {0} ${x} \\ `'


def test_a_hostile_label_is_shown_and_does_nothing(shown: Callable[..., Page]) -> None:
    a = Value(1.0, label=HOSTILE)
    root = a * 2 + a
    root.label = HOSTILE + "2"
    page = shown(html(steps(root, train=[a])))
    assert "taken" not in page.run("document.title").split("=")[0]
    assert page.run("document.querySelectorAll('script').length") == 2
    assert page.run("document.querySelectorAll('.autograd-steps b').length") == 0
    assert told_by_page(page) == told_by_python(root, train=[a])
    page = shown(f"<!doctype html><meta charset=utf-8>{notebook(steps(root))}")
    assert page.run("document.querySelectorAll('script').length") == 0


def test_hostile_labels_of_a_network_are_shown_and_do_nothing(shown: Callable[..., Page]) -> None:
    model = nn.Neuron(2, activation="tanh", seed=1)
    model.w[0].label = '</script><script>alert(1)</script>{d0}"'
    root = (model([Value(1.0, label="{g1}"), 2.0]) - 1) ** 2
    root.label = "{s1_2} = {x}"
    walk = steps(root, model=model, view="neurons", train=model.w)
    page = shown(html(walk))
    assert told_by_page(page) == [[line(e), e["local"], e["sentence"]] for e in walk.data()["events"]]


@pytest.mark.parametrize("dark", [False, True])
def test_it_is_light_or_dark_as_the_screen_is(dark: bool, shown: Callable[..., Page]) -> None:
    page = shown(html(steps(neuron(*START))), dark=dark)
    ground, text, paper = (
        page.run(f"getComputedStyle(document.querySelector('{selector}')).{what}")
        for selector, what in ((".autograd-steps", "backgroundColor"), (".formula", "color"), (".paper", "fill"))
    )
    assert (max(map(int, re.findall(r"\d+", ground)[:3])) < 60) == dark
    assert (max(map(int, re.findall(r"\d+", paper)[:3])) < 60) == dark
    assert (min(map(int, re.findall(r"\d+", text)[:3])) > 200) == dark


def test_the_page_leaves_no_name_behind(shown: Callable[..., Page]) -> None:
    bare = shown("<!doctype html><meta charset=utf-8>")
    page = shown(html(steps(neuron(*START))))
    names = "Object.getOwnPropertyNames(window).filter(name => !/^\\d+$/.test(name))"
    assert sorted(page.run(names)) == sorted(bare.run(names))


def test_a_wide_picture_follows_the_step(shown: Callable[..., Page]) -> None:
    x = Value(0.5, label="x")
    y = x
    for _ in range(30):
        y = y.tanh()
    page = shown(html(steps(y)))
    page.press("End")
    assert page.run("document.querySelector('figure').scrollLeft") < 200
    page.press("Home", "End", *["ArrowLeft"] * 31)
    assert page.run("document.querySelector('figure').scrollLeft") > 1000
    assert page.run("document.documentElement.scrollWidth <= innerWidth")


def test_the_moving_picture_moves_and_says_nothing_to_the_console(browser: Browser, tmp_path: Path) -> None:
    steps(neuron(*START)).save(tmp_path / "walk.svg")
    seen = (
        "[...document.querySelectorAll('[class^=k] text')].filter("
        "t => getComputedStyle(t.closest('[class^=k]')).opacity > 0.5).map(t => t.textContent)"
    )
    with browser.open(tmp_path / "walk.svg") as page:
        for seconds, known, unknown in ((0.5, "5.5", "−6"), (1.9, "−6", "−0.5"), (11.5, "−2.359", "Start")):
            page.run(f"document.getAnimations().forEach(a => {{ a.pause(); a.currentTime = {1000 * seconds}; }})")
            texts = page.run(seen)
            assert known in texts
            assert unknown not in texts
        assert page.run("document.getAnimations().length") > 20
        assert page.complaints == []
        assert page.requests == []
