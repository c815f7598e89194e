"""What boxes are called: labels, the variables where `draw` is called, a model's names, lists, numbers."""

from __future__ import annotations

import subprocess
import sys

from autograd import Value, draw
from autograd.show.facts import read


def heads(picture) -> list[str]:
    """The names of all boxes, as the text for Graphviz has them."""
    lines = [line for line in picture.source.splitlines() if "[label=" in line and "->" not in line]
    return [line.split('label="')[1].split("\\n")[0].split(" = ")[0] for line in lines]


def test_a_value_is_called_by_the_variable_that_is_bound_to_it():
    a, b = Value(1.0), Value(2.0)
    c = a * b + 1
    assert heads(draw(c)) == ["a", "b", "v1", "c"]


def test_of_two_variables_none_names_it():
    a = Value(1.0)
    b = same = a * 2
    assert heads(draw(b + 1)) == ["a", "v1", "v2"]
    del same
    assert heads(draw(b + 1)) == ["a", "b", "v1"]


def test_a_label_wins_over_a_variable():
    a, b = Value(1.0, label="weight"), Value(2.0)
    assert heads(draw(a * b)) == ["weight", "b", "v1"]


def test_a_variable_gives_way_to_a_label_that_is_written_alike():
    a, b = Value(1.0, label="b"), Value(2.0)
    assert heads(draw(a * b)) == ["b", "v1", "v2"]


def test_only_the_calling_frame_counts():
    outer = Value(1.0)

    def picture(inner):
        return draw(inner * 2)

    assert heads(picture(outer)) == ["inner", "v1"]


def test_a_closed_over_variable_is_a_variable_of_the_frame():
    outer = Value(1.0)

    def picture():
        return draw(outer * 2)

    assert heads(picture()) == ["outer", "v1"]


def test_comprehensions_see_what_is_around_them_in_every_python():
    a = Value(1.0)
    b = a * 2
    assert [heads(draw(b)) for _ in range(1)] == [["a", "b"]]
    assert {key: heads(draw(b)) for key in "x"} == {"x": ["a", "b"]}


def test_what_interactive_shells_keep_names_nothing():
    program = (
        "from autograd import Value, draw\n"
        "a = Value(1.0)\n"
        "_ = a * 2\n"
        "_1 = __ = _\n"
        "print(draw(_ + 1).source.count('label=\"_'))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"


def test_the_names_of_a_module_that_is_run_are_its_variables():
    program = "from autograd import Value, draw\nx = Value(1.0)\ny = x * 2\nprint(draw(y))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Graph of y = x*2: ")


def test_values_in_lists_are_called_by_their_places():
    w, table = [Value(1.0), Value(2.0)], [[Value(3.0)], (Value(4.0),)]
    total = w[0] * table[0][0] + w[1] * table[1][0]
    assert heads(draw(total)) == ["w[0]", "table[0][0]", "v1", "w[1]", "table[1][0]", "v2", "total"]


def test_of_two_lists_none_names_it():
    xs = [Value(1.0)]
    again = list(xs)
    assert heads(draw(xs[0] * 2)) == ["v1", "v2"]
    assert again == xs


def test_a_model_names_before_a_list_and_after_a_variable():
    class Model:
        def named_parameters(self):
            return [("layers.0.w", w), ("layers.0.b", ps[1])]

    w = Value(1.0)
    ps = [w, Value(2.0)]
    assert heads(draw(w + ps[1], Model())) == ["w", "layers.0.b", "v1"]


def test_large_lists_are_not_searched_for_long():
    data = [[0.0] * 100 for _ in range(10_000)]
    x = Value(1.0)
    assert heads(draw(x * 2)) == ["x", "v1"]
    assert len(data) == 10_000


def test_functions_of_the_library_name_nothing():
    node = Value(1.0)
    assert read(node * 2).boxes[0].name == "v1"
    assert heads(draw(node * 2, names={"given": node})) == ["given", "v1"]


def test_names_may_be_of_any_kind_and_empty_ones_are_none():
    x, y = Value(1.0), Value(2.0)
    z = x * y
    assert heads(draw(z, names={x: 7, y: ""})) == ["7", "y", "z"]
