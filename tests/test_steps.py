"""The walk through forward and backward: its numbers are those of the pass, its texts are true, and looking is free."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings

import autograd
import nn
from autograd import Value, dot, hypot, log, logsumexp, maximum, no_grad, relu, steps, tanh, where
from autograd import sum as sum_of
from autograd.errors import NoGraphError, NotANumberError
from autograd.ops import TABLE
from autograd.show.derived import Writer
from autograd.show.local import filled, locals_of
from autograd.value import record
from tests.random_graphs import library_of, programs, run

LIBRARY = library_of(autograd)


def neuron() -> tuple[Value, Value, Value, Value]:
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(5.5, label="c")
    L = tanh(a * b + c)
    L.label = "L"
    return a, b, c, L


def same(x: float | None, y: float | None) -> bool:
    return repr(x) == repr(y)


# Numbers --------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(programs())
def test_every_number_is_that_of_the_pass_to_the_bit(program):
    _, made = run(program, Value, LIBRARY, lambda v: v.data if isinstance(v, Value) else v)
    root = made[-1].value
    if not isinstance(root, Value):
        return
    walk = list(steps(root))
    nodes = {id(step.target): step.target for step in walk}
    assert not any(node.computed for node in nodes.values())
    reached: dict[int, float] = {}
    for step in walk:
        if step.phase == "forward":
            assert same(step.result, step.node.data)
        elif step.kind == "seed":
            reached[id(step.target)] = 1.0
        elif step.kind == "share":
            partial = step.node.local_grads[step.edge]
            assert step.node.parents[step.edge] is step.target
            assert same(step.result, reached[id(step.node)] * partial)  # a gradient is passed on when it is complete
            assert same(step.before, reached.get(id(step.target)))
            reached[id(step.target)] = step.now
            assert same(step.now, (step.before or 0.0) + step.result)
        else:
            assert step.kind == "dead"
            assert step.result == 0.0
    root.backward()
    for key, node in nodes.items():
        assert same(node.grad, reached.get(key, 0.0))


def test_a_step_is_what_the_chain_rule_says():
    x, w = Value(0.5, label="x"), Value(-2.1512, label="w")
    h = w * x
    h.label = "h"
    L = h + w * 0.3
    L.label = "L"
    lines = [str(step) for step in steps(L)]
    assert lines == [
        "h = w*x = −2.151 × 0.5 = −1.076",
        "v1 = w*0.3 = −2.151 × 0.3 = −0.6454",
        "L = h + v1 = −1.076 + (−0.6454) = −1.721",
        "∂L/∂L = 1",
        "∂L/∂h = ∂L/∂L · ∂(h + v1)/∂h = 1 × 1 = 1",
        "∂L/∂v1 = ∂L/∂L · ∂(h + v1)/∂v1 = 1 × 1 = 1",
        "∂L/∂w += ∂L/∂h · ∂h/∂w = 1 × 0.5 = 0.5",
        "∂L/∂x = ∂L/∂h · ∂h/∂x = 1 × (−2.151) = −2.151",
        "∂L/∂w += ∂L/∂v1 · ∂v1/∂w = 1 × 0.3 = 0.3   (had 0.5, now 0.8: paths add up)",
    ]


def test_the_local_derivative_is_told_as_formula_and_with_numbers():
    *_, L = neuron()
    walk = steps(L)
    assert [step.local for step in walk if step.local][:2] == [
        "∂tanh(v2)/∂v2 = 1 − L² = 1 − (−0.4621)² = 0.7864",
        "∂v2/∂v1 = 1",
    ]


def evaluated(rule: str, names: dict[str, float]) -> float:
    """A rule as Python reads it, with the functions of the library."""
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: "**" + found[0].translate(DIGITS), rule)
    text = text.translate(str.maketrans("−×·", "-**")).replace("π", "pi")
    return float(eval(text, {**vars(autograd.functions), **names}))


DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
NUMBERS = (0.3, 0.7, 0.45)


@pytest.mark.parametrize("name", [name for name in TABLE if name != "equal"])
def test_every_rule_that_is_shown_gives_the_number_that_is_shown(name):
    row = TABLE[name]
    numbers = [*NUMBERS, 0.6, 0.2] if name == "dot" else [*NUMBERS] if row.variadic else list(NUMBERS[: len(row.rules)])
    if name == "acosh":
        numbers = [1.3]
    operands = [Value(x) for x in numbers]
    if name == "**n":
        operands[1] = 2.5
    if name == "gauss":
        operands[1] = 0.5
    out = record(name, *operands)
    called = {node: f"n{at}" for at, node in enumerate(operands) if isinstance(node, Value)} | {out: "out"}
    values = {called[node]: node.data for node in called} | {"pi": math.pi}
    writer, places = Writer(called), [at for at, x in enumerate(operands) if isinstance(x, Value)]
    for place, local, partial in zip(places, locals_of(out, called), out._partials(), strict=True):
        if not local.rule:
            assert partial is None
            continue
        explained = writer.local(out, place)
        assert explained is None or explained.text == local.rule, "steps and explain write it alike"
        assert evaluated(local.rule, values) == pytest.approx(partial or 0.0, rel=1e-3), (name, local)

        def lookup(token: str, out: Value = out, operands: list = operands) -> float:
            return out.data if token == "out" else getattr(operands[int(token)], "data", 0.0)

        if local.arithmetic:
            told = filled(local.arithmetic, lookup)
            assert evaluated(told, {"pi": math.pi}) == pytest.approx(partial or 0.0, rel=2e-2, abs=1e-3), told


def test_what_is_not_chosen_is_told_and_passes_nothing_on_not_even_nan():
    x = Value(0.0, label="x")
    y = where(x > 1, log(x) * math.inf, x * 2)
    notes = [(step.kind, step.note) for step in steps(y) if step.kind == "dead"]
    assert notes == [("dead", "not chosen: nothing flows")]
    off = relu(Value(-1.0, label="h"))
    assert steps(off)[-1].note == "this relu is off, its input is not above 0: nothing flows"
    clipped = autograd.clip(Value(7.0), -1.0, 1.0)
    assert steps(clipped)[-1].note == "clipped, outside of its bounds: nothing flows"
    condition = where(Value(1.0), Value(2.0), Value(3.0))
    assert steps(condition)[2].note == "a condition has no slope: nothing flows"


def test_many_operands_identity_and_the_same_operand_twice():
    a, b = Value(1.0, label="a"), Value(2.0, label="b")
    for root in (
        dot([a, b], [b, 3.0], bias=a),
        sum_of([a, b, a, 4.0]),
        logsumexp([a, b, a]),
        Value(a) * a,
        autograd.prod([a, a, b]),
        autograd.max([a, b, b]),
    ):
        walk = list(steps(root))
        total: dict[Value, float] = {}
        for step in walk:
            if step.kind == "share":
                total[step.target] = step.now
        for leaf in (a, b):
            leaf.zero_grad()
        root.backward()
        for leaf in (a, b):
            if leaf in total:
                assert same(total[leaf], leaf.grad)


def test_a_tie_and_a_formula_without_a_value_are_told_as_conventions():
    a, z = Value(2.0, label="a"), Value(0.0, label="z")
    tie = steps(maximum(a, Value(2.0)))
    assert [step.result for step in tie if step.kind == "share"] == [0.5, 0.5]
    assert all(
        "share the slope, 0.5 each" in step.note and " if " not in step.local for step in tie if step.kind == "share"
    )
    assert "taken as 0" in steps(hypot(z, Value(0.0)))[-1].note
    assert not any("taken as" in step.note for step in steps(autograd.sqrt(z) + z**3 + tanh(a)))


def test_at_a_kink_both_slopes_are_told_and_which_one_is_chosen():
    def told(root: Value) -> list[str]:
        return [step.sentence for step in steps(root) if step.phase == "backward" and step.kind != "seed"]

    x = Value(0.0, label="x")
    for root, left, right, chosen in (
        (autograd.abs(x), "−1", "1", "0"),
        (relu(x), "0", "1", "0"),
        (autograd.leaky_relu(x), "0.01", "1", "0.01"),
        (autograd.clip(x, 0.0, 1.0), "0", "1", "1"),
        (maximum(x, 0.0), "0", "1", "0.5"),
        (autograd.min([x, 0.0, 1.0]), "1", "0", "0.5"),
        (hypot(x, 0.0), "−1", "1", "0"),
    ):
        root.label = "L"
        assert told(root) == [
            f"L is at a kink here: its slope is {left} where x falls, and {right} where x grows. There is no one slope,"
            f" so the engine chooses {chosen}, and what is passed on to x is {chosen}."
        ]
    assert "so the engine chooses 0.5, and what is passed on to x is −1." in told(maximum(x, 0.0) * -2)[1]
    for smooth in (autograd.elu(x), x * x, x + x, tanh(x), autograd.clip(x, -1.0, 1.0), where(x > 1, x, 0.0)):
        assert not any("kink" in sentence for sentence in told(smooth))
    stale = relu(x)
    x.data = 1.0
    assert not any("kink" in sentence for sentence in told(stale))


def test_nodes_made_by_hand_cannot_be_told_unless_they_pass_nothing_back():
    a = Value(2.0, label="a")
    h = Value(5.0, [a], "magic")
    y = h * 3
    silent = list(steps(y))
    assert (silent[-1].kind, silent[-1].result, silent[-1].now) == ("by_hand_nothing", 0.0, 0.0)
    h._backward = lambda: None
    told = list(steps(y * a))
    assert told[-1].kind == "by_hand"
    assert told[-1].result is told[-1].now is None
    assert "unknown" in str(told[-1])
    assert "magic" in str(told[0])
    assert "/∂a = unknown" in steps(y * a).text
    assert json.dumps(steps(y * a).data(), allow_nan=False)


def test_a_gradient_from_before_is_told_apart_and_never_as_a_path():
    a, *_, L = neuron()
    a.grad = 0.3
    walk = steps(L)
    step = next(step for step in walk if step.target is a)
    assert step.before is None
    assert step.note == "left from an earlier backward(): 0.3 (zero_grad() clears it)"
    assert "not part of this walk: 0.3 in a.grad" in walk.text
    assert walk.data()["boxes"][0]["earlier"] == 0.3
    a.zero_grad()
    L.backward()
    assert "left from" not in steps(L).text.lower()
    L.backward()
    assert "−2.359 in a.grad" in steps(L).text


def test_numbers_changed_after_the_expression_was_computed_are_not_told_as_arithmetic():
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    p = a * b
    p.label = "p"
    a.data = 7.0
    walk = steps(p)
    assert str(walk[0]) == "p = a*b = 6   (p was computed before numbers it is made of were changed)"
    assert next(step for step in walk if step.target is b).local == "∂(a*b)/∂b = a = 2 when it was computed"
    assert "Compute the expression anew" in " ".join(walk.text.split())
    assert walk.data()["stale"]


def test_what_is_only_rounding_is_told_as_zero():
    x = Value(0.1, label="x") + 0.2 - 0.3
    assert str(steps(x)[1]).endswith("≈ 0")
    s = autograd.sin(Value(math.pi))
    assert str(steps(s)[0]) == "s = sin(v1) = sin(3.142) ≈ 0"
    assert str(steps(6.5 + s)[1]).endswith(" = 6.5 + 1.225e−16 = 6.5")


def test_looking_changes_nothing():
    a, b, c, L = neuron()
    a.grad = 0.25
    before = [(v.data, v._grad, v.label, v.computed) for v in (a, b, c, L)]
    walk = steps(L, train=[a, b])
    assert walk.text
    assert walk.data()
    assert [(v.data, v._grad, v.label, v.computed) for v in (a, b, c, L)] == before


# A sequence -----------------------------------------------------------------------------------------------------------


def test_steps_are_a_sequence():
    *_, L = neuron()
    walk = steps(L)
    assert len(walk) == len(list(walk)) == 9
    assert [step.phase for step in walk] == ["forward"] * 3 + ["backward"] * 6
    assert walk[0].node.op == "*"
    assert walk[-1] == walk[8] == walk[8:][0]
    assert [step.formula for step in walk[1:7:2]] == [walk[1].formula, walk[3].formula, walk[5].formula]
    assert [step.box for step in reversed(walk)] == [step.box for step in walk][::-1]
    with pytest.raises(IndexError, match=r"there are 9 steps, from 0 to 8; was given 9"):
        walk[9]
    assert repr(walk) == "<Steps of L = tanh(a*b + c): 9 steps>"
    assert repr(walk[0]) == "<Step: v1 = a*b = 2 × (−3) = −6>"


def test_the_text_is_the_whole_walk():
    a, *_, L = neuron()
    text = str(steps(L, train=[a], lr=0.5))
    assert text == steps(L, train=[a], lr=0.5).text
    assert text.startswith("Steps of L = tanh(a*b + c)\n\nGiven: a = 2, b = −3, c = 5.5\n")
    assert "Backward: how L changes when a value grows by a little" in text
    assert "a ← a − lr · ∂L/∂a = 2 − 0.5 × (−2.359) = 3.18" in text
    assert "When a grows by a little, v1 falls 3 times as much; when v1 grows" in text
    assert text.endswith("Gradients: ∂L/∂a = −2.359, ∂L/∂b = 1.573, ∂L/∂c = 0.7864\n")
    assert max(map(len, text.splitlines())) <= 120


def test_a_leaf_alone_and_a_leaf_that_is_not_moved():
    x = Value(3.0, label="x")
    assert [str(step) for step in steps(x)] == ["∂x/∂x = 1"]
    update = steps(x * 2, train=[x], lr=0.25)[-1]
    assert (update.phase, update.result, update.before, x.data) == ("update", 2.5, 3.0, 3.0)


def test_names_are_those_of_draw():
    a, w = Value(1.0), Value(2.0, label="weight")
    hidden = a * w
    assert steps(hidden)[0].formula == "hidden = a*weight"
    import nn

    net = nn.MLP(1, [1], seed=1)
    out = net([a])
    walk = steps(out, model=net)
    assert walk[0].formula == "out = layers.0.neurons.0.w.0*a + layers.0.neurons.0.b"
    assert walk.data()["boxes"][-1]["expression"] == "…0.w.0*a + …neurons.0.b"  # a box has little room
    assert any(step.formula.startswith("∂out/∂layers.0.neurons.0.b = ") for step in walk)


# Files and faults -----------------------------------------------------------------------------------------------------


def test_text_is_saved_whole_or_not_at_all(tmp_path):
    *_, L = neuron()
    walk = steps(L)
    walk.save(tmp_path / "walk.txt")
    assert (tmp_path / "walk.txt").read_text(encoding="utf-8") == walk.text
    with pytest.raises(ValueError, match=r"steps are saved as .html, .svg, .gif or .txt, was given .*mp4"):
        walk.save(tmp_path / "walk.mp4")
    with pytest.raises(OSError, match="the walk was not saved"):
        walk.save(tmp_path / "nowhere" / "walk.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["walk.txt"]


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (2.0, "the number 2.0, which has no graph"),
        ([Value(1.0)], r"a list: give one of its Values, steps\(xs\[0\]\)"),
        ("L", "without quotes"),
        (tanh, "the function tanh: give what it returns"),
        (None, r"None, which a function gives that ends without return.*write steps\(L\)"),
        (nn.MLP(2, [1]), r"the model MLP: give what it computes, steps\(model\(x\), model=model\)"),
        ({}, r"\{\} of type dict: give a Value that was computed, steps\(L\)"),
    ],
)
def test_what_is_no_value_is_refused_with_what_to_write(given, hint):
    with pytest.raises(TypeError, match=hint):
        steps(given)


def test_other_bad_input_is_refused_with_what_to_write():
    a, b, _, L = neuron()
    with pytest.raises(ValueError, match='view is "graph" or "neurons", was given \'tree\''):
        steps(L, view="tree")
    with pytest.raises(TypeError, match=r"write train=\[w\]"):
        steps(L, train=a)
    with pytest.raises(TypeError, match=r"train\[1\] is 3.0 of type float"):
        steps(L, train=[a, 3.0])
    with pytest.raises(TypeError, match="train is a list of leaves"):
        steps(L, train="ab")
    with pytest.raises(ValueError, match=r"train\[0\], L = tanh\(v2\), is computed from others"):
        steps(L, train=[L])
    with pytest.raises(ValueError, match=r"train\[0\], stranger, is not in the graph of L"):
        steps(L, train=[Value(1.0, label="stranger")])
    for lr in (0, -1, math.nan, math.inf):
        with pytest.raises(ValueError, match="the learning rate, is a number above 0"):
            steps(L, lr=lr)
    with pytest.raises(NotANumberError, match="the learning rate"):
        steps(L, lr="fast")
    with pytest.raises(TypeError, match=r"named_parameters.*: write model=net, the net itself$"):
        steps(L, model=3)
    with no_grad():
        cut = a * b
    with pytest.raises(NoGraphError, match=r"computed under no_grad\(\)"):
        steps(cut)


def test_a_circle_made_by_hand_is_refused():
    a = Value(1.0, label="a")
    h = Value(2.0, [a], "f")
    h._operands = (h,)
    with pytest.raises(ValueError, match="circle"):
        steps(h)


def test_steps_load_when_first_used_and_importing_autograd_loads_nothing():
    program = (
        "import sys, autograd; assert not [m for m in sys.modules if m.startswith('autograd.show')];"
        "autograd.steps; from autograd import steps; steps(autograd.Value(1.0)); autograd.steps(autograd.Value(1.0))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_first_share_of_several_is_told_as_a_part() -> None:
    a = Value(3.0, label="a")
    L = a * a
    L.label = "L"
    first, second = (step for step in steps(L) if step.kind == "share")
    assert first.sentence == (
        "a is used 2 times; this is one of its ways to L. If it grows by a little here alone, L grows 3 times as much."
    )
    assert "is added to the 3 from before: now 6" in second.sentence


@pytest.mark.parametrize(
    ("root", "each"), [(lambda a, b: maximum(a, b), "0.5"), (lambda a, b: autograd.max([a, b, 2.0]), "0.3333")]
)
def test_a_tie_is_told_as_a_tie(root: Any, each: str) -> None:
    a, b = Value(2.0, label="a"), Value(2.0, label="b")
    notes = [step.note for step in steps(root(a, b)) if step.kind == "share"]
    assert notes == [f"a tie: those that are equal share the slope, {each} each"] * 2


def test_a_condition_is_true_or_false_in_the_title() -> None:
    a = Value(2.0, label="a")
    assert steps(where(a > 0, a * a, a)).title.endswith(" = a*a if True else a")


@pytest.mark.parametrize("path", ["", ".svg", None, 5], ids=repr)
def test_what_names_no_file_is_answered_with_a_name(path: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=rf"was given {path!r}.*: write save\('steps.html'\)"):
        steps(Value(2.0)).save(path)


def test_steps_are_asked_for_by_number() -> None:
    walk: Any = steps(Value(2.0) * 3.0)
    with pytest.raises(TypeError, match=r"a step is asked for by its number, walk\[0\], was given 'a'"):
        walk["a"]
