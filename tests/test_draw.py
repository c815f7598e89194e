"""Pictures of graphs: what they say, that nothing in them overlaps, and that the same graph gives the same bytes."""

from __future__ import annotations

import base64
import math
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, dot, draw, log, relu, sin, softmax, tanh, where
from autograd import sum as sum_of
from autograd.show import words
from autograd.show.facts import read
from autograd.show.grid import PLACES, Box, Edge, Grid
from autograd.show.layout import Layout, columns, height_for, layout
from autograd.show.order import count_crossings, order

SVG = "{http://www.w3.org/2000/svg}"


def expression() -> tuple[Value, ...]:
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(5.5, label="c")
    L = tanh(a * b + c)
    L.label = "L"
    return a, b, c, L


def parsed(picture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg)


def boxes(picture) -> list[ElementTree.Element]:
    groups = [(group, group.find(f"{SVG}rect")) for group in parsed(picture).iter(f"{SVG}g")]
    return [group for group, rect in groups if rect is not None and rect.get("class") in ("box", "box leaf")]


def texts(element: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()).replace("\u00a0", " ") for text in element.iter(f"{SVG}text")]


def written(picture) -> list[str]:
    """The lines of each box, one string a box; without the number on its corner."""
    return [" | ".join(line for line in texts(box)[corners(box) :]) for box in boxes(picture)]


def corners(box: ElementTree.Element) -> int:
    return sum("place" in text.get("class", "") for text in box.iter(f"{SVG}text"))


def local_derivatives(picture) -> list[str]:
    return [text.text or "" for text in parsed(picture).iter(f"{SVG}text") if "local" in text.get("class", "")]


# What a picture says --------------------------------------------------------------------------------------------------


def test_every_value_has_a_box_with_its_operation_data_and_gradient():
    *_, L = expression()
    L.backward()
    slope = words.number(1 - math.tanh(-0.5) ** 2)
    assert written(draw(L)) == [
        f"a | data | 2 | grad | {words.number(-3 * L.local_grads[0])}",
        f"b | data | −3 | grad | {words.number(2 * L.local_grads[0])}",
        f"v1 = a*b | data | −6 | grad | {slope}",
        f"c | data | 5.5 | grad | {slope}",
        f"v2 = v1 + c | data | −0.5 | grad | {slope}",
        "L = tanh(v2) | data | −0.4621 | grad | 1",
    ]


def test_edges_carry_the_local_derivatives_in_the_order_of_the_operands():
    *_, L = expression()
    assert local_derivatives(draw(L)) == ["−3", "2", "1", "1", "0.7864"]


def test_before_backward_the_gradient_is_not_computed_and_after_zero_grad_again():
    x = Value(3.0, label="x")
    y = x * x
    assert [line.endswith("grad | not computed") for line in written(draw(y))] == [True, True]
    assert ".backward()" in draw(y).svg
    y.backward()
    assert [line[line.index("grad") :] for line in written(draw(y))] == ["grad | 6", "grad | 1"]
    x.zero_grad()
    assert [line[line.index("grad") :] for line in written(draw(y))] == ["grad | not computed", "grad | 1"]


def test_a_gradient_that_is_zero_is_not_one_that_is_not_computed():
    x = Value(-2.0, label="x")
    y = relu(x)
    y.backward()
    assert written(draw(y))[0] == "x | data | −2 | grad | 0"


def test_x_times_x_has_two_edges():
    x = Value(3.0)
    picture = draw(x * x)
    assert picture.source.count("->") == 2
    assert local_derivatives(picture) == ["3", "3"]


def test_constants_stand_in_the_operation_and_are_no_boxes():
    x = Value(3.0, label="x")
    picture = draw(-2 / (x * 2 - 1) ** 2 + (-x) * -0.5)
    assert [line.split(" | ")[0] for line in written(picture)] == [
        "x", "v1 = x*2", "v2 = v1 − 1", "v3 = v2**2", "v4 = −2/v3", "v5 = −x", "v6 = v5*(−0.5)", "v7 = v4 + v6",
    ]  # fmt: skip


def test_a_choice_shows_what_was_chosen_and_the_way_that_is_closed():
    x = Value(-1.0, label="x")
    y = where(x > 0, log(x), x**2)
    y.backward()
    picture = draw(y)
    assert "y = v1 if False else v2 | data | 1 | grad | 1" in written(picture)
    lines = [path.get("class") for path in parsed(picture).iter(f"{SVG}path") if "line" in path.get("class", "")]
    assert lines.count("line dead") == 1
    assert "dashed: local derivative 0" in picture.svg
    assert picture.source.count('[label="0" style=dashed]') == 1


def test_a_neuron_shows_each_weight_times_its_input():
    w, x, b = [Value(-3.0), Value(1.0)], [Value(2.0), Value(0.0)], Value(6.5, label="b")
    picture = draw(dot(w, x, b), names={"w": w, "x": x})
    (neuron,) = [line for line in written(picture) if "=" in line.split(" | ")[0]]
    assert neuron == (
        "v1 = w[0]*x[0] + w[1]*x[1] + b | w[0]*x[0] | −3 × 2 = −6 | w[1]*x[1] | 1 × 0 = 0 | + b | 6.5"
        " | data | 0.5 | grad | not computed"
    )
    wide = written(draw(dot([Value(1.0, label=f"w{i}") for i in range(70)], [-2.0] * 70, bias=1.0), fold=False))[-1]
    assert wide.startswith("v1 = w0*(−2) + … + w69*(−2) + 1 | w0*(−2) | 1 × (−2) = −2 | ")
    assert wide.count(" × ") == 70
    assert " | + bias | 1 | data | −139 | " in wide


def test_numbers_have_four_digits_no_minus_zero_and_rounding_is_called_near_zero():
    shown = [words.number(x) for x in (-0.0, 1 / 3, -12.346, 1e-5, 0.00012346, 99999.6, 1e6, -math.inf, math.nan)]
    assert shown == ["0", "0.3333", "−12.35", "1e−5", "0.0001235", "100000", "1e6", "−inf", "nan"]
    z = Value(0.1) + 0.2 - 0.3
    assert z.data != 0
    assert "data | ≈ 0" in written(draw(z))[-1]
    assert "data 5.551115123125783e-17" in draw(z).svg
    assert "data | ≈ 0" in written(draw(sin(Value(math.pi))))[-1]
    assert "data | 1e−20" in written(draw(Value(1e-10) * 1e-10))[-1]  # small, but no rounding
    xs = [Value(x, label=f"x{i}") for i, x in enumerate((1.0, 2.0, -1.0))]
    loss = -log(softmax(xs)[1])
    loss.backward()
    (largest,) = [line for line in written(draw(loss)) if "max(" in line]
    assert largest.endswith(("grad | ≈ 0", "grad | 0"))


def test_exact_values_are_under_the_pointer():
    a, _, _, L = expression()
    L.backward()
    titles = [title.text for title in parsed(draw(L)).iter(f"{SVG}title")]
    assert f"a\ndata 2.0\ngrad {a.grad!r}" in titles
    assert f"∂L/∂v2 = {L.local_grads[0]!r}" in titles


def test_colour_is_never_the_only_sign_of_a_gradient():
    a, b, *_, L = expression()
    L.backward()
    for node, box in zip((a, b), boxes(draw(L)), strict=False):
        hues = {rect.get("class") for rect in box.iter(f"{SVG}rect")} & {"plus", "minus"}
        assert hues == {"plus" if node.grad > 0 else "minus"}
        assert texts(box)[-1] == words.number(node.grad)
    legend = texts(parsed(draw(L)).findall(f"{SVG}g")[-1])
    assert [entry for entry in legend if entry != "·"] == [
        "gradient above 0", "below 0", "stronger colour: larger", "on a corner: place in the backward order",
        "on a line: local derivative",
    ]  # fmt: skip


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e308, 5e-324])
def test_any_number_can_be_drawn(bad):
    x = Value(bad, label="x")
    y = (x * x + x) / x
    y.backward()
    assert words.number(bad) in texts(boxes(draw(y))[0])


def test_local_derivatives_are_left_out_of_large_pictures_unless_asked_for():
    small = large = Value(0.5)
    for _ in range(29):
        small = small + 1.5
    for _ in range(30):
        large = large + 1.5
    assert len(local_derivatives(draw(small))) == 29
    assert local_derivatives(draw(large)) == []
    assert len(local_derivatives(draw(large, local_grads=True))) == 30
    assert local_derivatives(draw(small, local_grads=False)) == []
    assert "label=1" not in draw(large).source
    assert draw(small).source.count('[label="1"]') == 29


def test_a_node_made_by_hand_shows_no_derivative_that_nobody_knows():
    a, b = Value(1.0, label="a"), Value(2.0, label="b")
    c = Value(3.0, (a, b), "mix{0}")
    assert written(draw(c))[-1] == "c = mix{0}(a, b) | data | 3 | grad | not computed"
    assert local_derivatives(draw(c)) == []


# Names ----------------------------------------------------------------------------------------------------------------


def test_names_come_from_names_then_labels_then_the_model_then_numbers():
    class Model:
        def named_parameters(self):
            return [("layers.0.w", w), ("layers.0.b", b)]

    w, b, x = Value(1.0), Value(2.0, label="bias"), Value(3.0)
    y = w * x + b
    assert [line.split(" | ")[0] for line in written(draw(y))] == ["w", "x", "v1 = w*x", "bias", "y = v1 + bias"]

    def elsewhere(out, **more):
        return [line.split(" | ")[0] for line in written(draw(out, **more))]

    assert elsewhere(y) == ["v1", "v2", "v3 = v1*v2", "bias", "out = v3 + bias"]
    assert elsewhere(y, model=Model(), names={"x": x, y: "y"}) == [
        "layers.0.w", "x", "v1 = layers.0.w*x", "bias", "y = v1 + bias",
    ]  # fmt: skip


def test_all_local_variables_may_be_given_as_names():
    count, _hidden, ws, same = 3, Value(1.0), [Value(2.0), Value(3.0)], None
    first = same = _hidden * ws[0]
    y = same * ws[1]
    assert [line.split(" | ")[0] for line in written(draw(y, names=locals()))] == [
        "_hidden", "ws[0]", "same = _hidden*ws[0]", "ws[1]", "y = same*ws[1]",
    ]  # fmt: skip
    assert (count, first) == (3, same)


def test_a_number_is_not_given_that_a_label_has_taken():
    product = Value(1.0, label="v1") * Value(2.0)
    assert [line.split(" | ")[0] for line in written(draw(product * 1))] == [
        "v1",
        "v2",
        "product = v1*v2",
        "v3 = product*1",
    ]


HOSTILE = [
    "<script>alert(1)</script>",
    "</svg></style><b>",
    "\"double\" & 'single'",
    "&lt;kept&gt;",
    "back\\slash \\n \\N \\",
    "{braces} {0}",
    "line\nbreak\ttab",
    "null\x00 bell\x07 \ufffe \ud800",
    "\u202egnp.exe",
    "日本語",
    "👩‍👩‍👧",
    "x" * 1000,
    "]]>",
    "-->",
    "a - b",
    "%s %(x)s",
    " ",
]


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_are_shown_harmlessly(label, tmp_path):
    x = Value(2.0, label=label)
    picture = draw(x * 3)
    assert len(boxes(picture)) == 2
    shown = words.clean(label) or "x"
    titles = [title.text or "" for title in parsed(picture).iter(f"{SVG}title")]
    assert titles.count(f"{shown}\ndata 2.0\ngrad not computed") == 1
    assert {element.tag for element in parsed(picture).iter()} <= {
        SVG + tag for tag in ("svg", "title", "style", "rect", "g", "path", "text", "tspan")
    }
    picture.save(tmp_path / "x.html")
    page = (tmp_path / "x.html").read_text("utf-8")
    assert "<script" not in page
    assert "<b>" not in page
    assert "<script" not in picture._repr_html_()
    assert len(picture.source.splitlines()) == 8
    assert picture.graphviz.source == picture.source
    assert max(len(line) for box in boxes(picture) for line in texts(box)) <= 80


def test_quotes_and_backslashes_are_themselves_in_dot():
    assert 'label="\\"q\\" \\\\N &amp;lt;\\ndata 1\\n' in draw(Value(1.0, label='"q" \\N &lt;')).source


# Nothing overlaps -----------------------------------------------------------------------------------------------------


@st.composite
def graphs(draw_from) -> tuple[list[Box], list[Edge]]:
    """Random acyclic graphs of boxes of random sizes, with edges of random labels, some of them double."""
    count = draw_from(st.integers(1, 24))
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] < pair[1])
    edges = [
        Edge(source, target, draw_from(st.integers(0, 60)))
        for source, target in (draw_from(st.lists(pairs, max_size=40)) if count > 1 else [])
    ]
    ends = [sum(edge.target == at for edge in edges) for at in range(count)]
    sizes = [draw_from(st.tuples(st.integers(10, 120), st.integers(20, 60))) for _ in range(count)]
    return [Box(2 * w, max(2 * h, height_for(n))) for (w, h), n in zip(sizes, ends, strict=True)], edges


Rectangle = tuple[float, float, float, float]  # left, top, right, bottom


def overlap(a: Rectangle, b: Rectangle) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def rectangles(sizes: list[Box], placed: Layout) -> list[Rectangle]:
    return [(x, y, x + box.width, y + box.height) for box, (x, y) in zip(sizes, placed.corners, strict=True)]


def rooms(edges: list[Edge], placed: Layout) -> list[Rectangle]:
    """Where the label of each edge stands: a line of small letters above the end, beside the tip."""
    ends = [branch[-1] for branch in placed.branches]
    return [(x - 10 - edge.room, y - 12, x - 10, y - 1) for edge, (x, y) in zip(edges, ends, strict=True) if edge.room]


def points(line: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Points close together along a line as it is painted: level, or an S that is level at both ends."""
    for (x0, y0), (x1, y1) in pairwise(line):
        for step in range(33):
            t = step / 32
            ease = 3 * t * t * (1 - t) + t**3
            along = 1.5 * t * (1 - t) ** 2 + 1.5 * t * t * (1 - t) + t**3
            yield x0 + (x1 - x0) * (t if y0 == y1 else along), y0 + (y1 - y0) * ease


def inside(point: tuple[float, float], box: Rectangle) -> bool:
    return box[0] < point[0] < box[2] and box[1] < point[1] < box[3]


@pytest.mark.no_cover
@given(graphs())
def test_no_boxes_overlap_no_label_lies_on_a_box_and_no_line_crosses_one(graph):
    sizes, edges = graph
    placed = layout(sizes, edges)
    solid, labels = rectangles(sizes, placed), rooms(edges, placed)
    assert not any(overlap(a, b) for a, b in combinations(solid, 2))
    assert not any(overlap(a, b) for a, b in combinations(labels, 2))
    assert not any(overlap(label, box) for label in labels for box in solid)
    for line in [*placed.trunks, *placed.branches]:
        assert all(x0 <= x1 for (x0, _), (x1, _) in pairwise(line))
        assert not any(inside(point, box) for point in points(line) for box in solid)
    for line in placed.trunks:
        assert not any(inside(point, label) for point in points(line) for label in labels)
    assert all(x0 >= 0 and y0 >= 0 and x1 <= placed.width and y1 <= placed.height for x0, y0, x1, y1 in solid)
    for edge, branch in zip(edges, placed.branches, strict=True):
        left, top, _, bottom = solid[edge.target]
        assert branch[-1][0] == left
        assert top < branch[-1][1] < bottom
        trunk = placed.trunks[edge.source]
        right, middle = solid[edge.source][2], (solid[edge.source][1] + solid[edge.source][3]) / 2
        assert branch[0] in trunk or branch[0] == (right, middle)
        assert not trunk or trunk[0] == (right, middle)


@pytest.mark.no_cover
@given(graphs())
def test_the_same_graph_is_laid_out_alike(graph):
    assert layout(*graph) == layout(*graph)


def test_a_tree_has_no_crossing_lines():
    rng = random.Random(0)
    for _ in range(20):
        leaves = [Value(rng.random()) for _ in range(12)]
        while len(leaves) > 1:
            at = rng.randrange(len(leaves) - 1)
            leaves[at : at + 2] = [leaves[at] * leaves[at + 1]]
        facts = read(leaves[0])
        edges = [Edge(use.source, use.target) for use in facts.uses]
        grid = Grid([Box(2, 2)] * len(facts.boxes), edges, columns(len(facts.boxes), edges))
        order(grid)
        assert count_crossings(grid) == 0


def test_a_chain_and_a_line_beside_it_are_level():
    """h = tanh(h + x), again and again: the chain in one line, and x in another, with a bend at each end."""
    edges = [Edge(0, 1), *(Edge(at, at + 1) for at in range(1, 9)), *(Edge(0, at) for at in range(2, 10))]
    placed = layout([Box(100, 70)] * 10, edges)
    assert len({y for _, y in placed.corners[1:9]}) == 1
    assert len({y for _, y in placed.trunks[0][1:]}) <= 2


@pytest.mark.no_cover
def test_where_there_is_no_place_for_every_long_line_they_run_under_the_boxes():
    """1,000 numbers, each used early and late: half a million places would be needed."""
    half = 1000
    edges = [Edge(at, half + at) for at in range(half)] + [Edge(at, 2 * half - 1 - at) for at in range(half)]
    edges += [Edge(half + at - 1, half + at) for at in range(1, half)]
    sizes = [Box(100, 70)] * (2 * half)
    placed = layout(sizes, edges)
    assert sum(map(len, placed.trunks)) < 3 * PLACES
    assert len(placed.branches) == len(edges)
    tops: dict[float, list[float]] = {}
    for x, y in placed.corners:
        tops.setdefault(x, []).append(y)
    assert all(below - above >= 70 for column in tops.values() for above, below in pairwise(sorted(column)))


def test_text_keeps_within_its_box():
    """By the upper bound for the width of letters; what has no sure width is squeezed into it."""
    *_, L = expression()
    L.backward()
    wide = Value(-1.2345e-300, label="a name that is much too long for a box") * Value(1.0, label="日本語 name")
    for picture in (draw(L), draw(wide), draw(dot([wide, L], [-1e-100, -3.25e-200], bias=-1.0))):
        for box in boxes(picture):
            (frame, *_) = box.iter(f"{SVG}rect")
            for text in list(box.iter(f"{SVG}text"))[corners(box) :]:
                notes = [line for line in text if line.get("x")]
                for line, letters in [(note, 10) for note in notes] or [(text, 12)]:
                    size = words.width("".join(line.itertext()).rstrip(" "), letters)
                    x = float(line.get("x", 0))
                    start = x - size if text.get("text-anchor") == "end" else x
                    assert start >= 8
                    assert start + size <= float(frame.get("width", 0)) - 8


def test_the_order_of_edges_must_be_topological():
    with pytest.raises(ValueError, match="topological order"):
        layout([Box(2, 2)] * 2, [Edge(1, 0)])


# The same bytes -------------------------------------------------------------------------------------------------------

PROGRAM = """
import hashlib
from autograd import Value, dot, draw, tanh
xs = [Value(0.1 * i, label=f"x{i}") for i in range(5)]
h = [tanh(dot(xs, [Value(0.3 * i - j) for i in range(5)], Value(0.5))) for j in range(4)]
loss = (dot(h, h) - 1) ** 2
loss.backward()
picture = draw(loss, names={"h": h}, local_grads=True)
print(hashlib.sha256((picture.svg + picture.source + picture._repr_html_()).encode()).hexdigest())
"""


def test_bytes_do_not_depend_on_the_process():
    seen = set()
    for seed in ("0", "1", "271828"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
        )
        seen.add(done.stdout)
    assert len(seen) == 1


def test_there_are_no_ids_and_no_scripts_and_nothing_is_loaded():
    svg = draw(expression()[-1]).svg
    assert not re.search(r"\bid=|<script|href|url\(|@import|<image|<foreignObject", svg)


def test_a_picture_is_of_the_moment_when_it_was_drawn():
    a, *_, L = expression()
    picture = draw(L)
    before = draw(L).svg
    a.data = 100.0
    L.backward()
    assert picture.svg == before
    assert draw(L).svg != before


# Looking changes nothing ----------------------------------------------------------------------------------------------


def test_drawing_changes_no_number_and_no_label():
    nodes = expression()
    state = [(node.data, node.grad, node.computed, node.label, node.op) for node in nodes]
    picture = draw(nodes[-1], names={"other": nodes[0]})
    assert picture.svg
    assert picture.source
    assert [(node.data, node.grad, node.computed, node.label, node.op) for node in nodes] == state
    nodes[-1].backward()
    gradients = [node.grad for node in nodes]
    assert draw(nodes[-1]).svg
    assert [node.grad for node in nodes] == gradients
    nodes[-1].backward()
    assert [node.grad for node in nodes[:3]] == [2 * grad for grad in gradients[:3]]


# Bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (3.0, r"draw takes a Value or a model, was given the number 3\.0.*Value\(3\.0\)"),
        ([Value(1.0)], r"was given a list: give one of its Values, draw\(xs\[0\]\)"),
        ("v", r"was given the string 'v': give the Value itself, without quotes, draw\(v\)"),
        (None, r"was given None, which a function gives that ends without return.*write draw\(L\)"),
        (tanh, r"was given the function tanh: give what it returns, draw\(f"),
    ],
)
def test_what_is_no_value_is_refused_with_what_to_write(given, message):
    with pytest.raises(TypeError, match=message):
        draw(given)


def test_a_model_is_refused_with_what_to_write():
    class Net:
        def named_parameters(self):
            return []

    with pytest.raises(ValueError, match=r"and Net has none: draw what it computes, draw\(model\(x\), model=model\)"):
        draw(Net())


def test_names_and_model_of_the_wrong_kind_are_refused():
    with pytest.raises(TypeError, match=r"names is a mapping.*names=locals\(\)"):
        draw(Value(1.0), names=["x"])
    with pytest.raises(TypeError, match=r"without any: 'a' is 1 of type int: write names=\{\"w\": w\}"):
        draw(Value(1.0), names={"a": 1})
    assert str(draw(Value(1.0), names={"a": 1, "w": Value(2.0)})).startswith("Graph of v1")  # as locals() may be
    with pytest.raises(TypeError, match=r"model is something with named_parameters\(\).*model=net"):
        draw(Value(1.0), model=3)


@pytest.mark.parametrize("given", ["x", 1, 0.0, []])
def test_local_grads_is_yes_or_no(given):
    with pytest.raises(
        TypeError, match=r"local_grads is True, False or None, was given .*: write draw\(v, local_grads="
    ):
        draw(Value(1.0), local_grads=given)


@pytest.mark.no_cover
def test_a_chain_of_5000_is_drawn_without_recursion():
    x = h = Value(0.5)
    for _ in range(2500):
        h = tanh(h + x)
    picture = draw(h, fold=False)
    assert picture.svg.count('class="name"') == 5001
    assert picture.source.count("->") == 7500


# Files and notebooks --------------------------------------------------------------------------------------------------


def test_saving_as_svg_html_and_dot(tmp_path):
    picture = draw(expression()[-1])
    for ending in ("svg", "html", "dot"):
        picture.save(tmp_path / f"picture.{ending}")
    assert (tmp_path / "picture.svg").read_text("utf-8") == picture.svg
    assert (tmp_path / "picture.dot").read_text("utf-8") == picture.source
    page = (tmp_path / "picture.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    width = int(re.findall(r'<svg .*? width="(\d+)"', picture.svg)[0])
    (least,) = re.findall(r"min-width:([\d.]+)px;", page)
    assert float(least) == pytest.approx(0.6 * width), "a wide picture is scrolled rather than shrunk to nothing"
    assert picture.svg in page.replace(f"min-width:{least}px;", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["picture.dot", "picture.html", "picture.svg"]
    picture.save(str(tmp_path / "loud.SVG"))
    assert (tmp_path / "loud.SVG").read_text("utf-8") == picture.svg


@pytest.mark.parametrize("name", ["picture.jpg", "picture", "picture.svg.gz", ".svg"])
def test_an_unknown_ending_is_refused_by_naming_those_that_work(name, tmp_path):
    with pytest.raises(ValueError, match=r"\.svg, \.html or \.dot.*write save\('"):
        draw(Value(1.0)).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path):
    picture = draw(Value(1.0))
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.svg").mkdir()
    for path in (tmp_path / "nowhere" / "x.svg", tmp_path / "file" / "x.svg", tmp_path / "folder.svg"):
        with pytest.raises(OSError, match="the drawing was not saved"):
            picture.save(path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.svg"]


def test_a_file_that_was_there_stays_whole_when_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "x.svg"
    path.write_text("before")

    def full(self: Path, text: str, **_: object) -> int:
        with open(self, "w") as file:
            file.write(text[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left on device"):
        draw(Value(1.0)).save(path)
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["x.svg"]
    assert path.read_text() == "before"


def test_graphviz_gets_the_same_source_and_needs_no_program(monkeypatch):
    monkeypatch.setenv("PATH", "")
    import graphviz

    picture = draw(expression()[-1])
    assert isinstance(picture.graphviz, graphviz.Digraph)
    assert picture.graphviz.source == picture.source


def test_drawing_loads_graphviz_only_when_it_is_asked_for():
    program = (
        "import sys; from autograd import Value, draw; picture = draw(Value(1.0) * 2); picture.svg; picture.source;"
        " assert 'graphviz' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_notebook_shows_an_image_that_holds_the_picture():
    picture = draw(expression()[-1])
    html = picture._repr_html_()
    found = re.fullmatch(r'<img alt="([^"]*)" src="data:image/svg\+xml;base64,([^"]*)" style="[^"]*">', html)
    assert found
    assert found[1] == str(picture)
    assert base64.b64decode(found[2]).decode() == picture.svg == picture._repr_svg_()


def test_a_picture_tells_itself_to_those_who_cannot_see_it():
    *_, L = expression()
    told = "Graph of L = tanh(v2): 6 values, 5 edges; data −0.4621, gradient not computed"
    assert parsed(draw(L)).get("aria-label") == str(draw(L)) == told
    assert repr(draw(Value(1.0, label="x"))) == "<Graph of x: 1 value, 0 edges; data 1, gradient not computed>"


def test_light_and_dark_and_any_width():
    svg = draw(Value(1.0)).svg
    assert "prefers-color-scheme:dark" in svg
    assert "max-width:100%" in svg
    assert re.search(r'viewBox="0 0 \d+ \d+"', svg)


def test_many_operands_are_written_with_dots():
    xs = [Value(float(i), label=f"x{i}") for i in range(9)]
    assert written(draw(sum_of(xs)))[-1].startswith("v1 = sum(x0, x1, …, x8) | data | 36")
