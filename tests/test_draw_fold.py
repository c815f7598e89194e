"""Large graphs fold by neuron, layer and repeated block, and what a folded box says is true of what is in it."""

from __future__ import annotations

import os
import random
import subprocess
import sys

import pytest

import nn
from autograd import Value, draw, softmax, tanh
from autograd import sum as sum_of
from autograd.graph import topological_order
from autograd.show.facts import Facts, read
from autograd.show.fold import Folding
from autograd.show.nearest import LEAVES, NEAREST


def network(*widths: int, **more) -> nn.MLP:
    return nn.MLP(widths[0], list(widths[1:]), seed=1, **more)


def loss_of(net: nn.MLP, examples: int = 1) -> Value:
    rng = random.Random(0)
    outputs = [net([rng.gauss(0, 1) for _ in range(net.layers[0].nin)]) for _ in range(examples)]
    return nn.mse_loss(outputs, [1.0] * examples)


def neuron_by_hand(xs):
    """As micrograd writes it: a chain of sums and products."""
    total = Value(0.1)
    for x in xs:
        total = total + Value(0.3) * x
    return tanh(total)


def heads(facts: Facts) -> list[str]:
    return [box.name + box.made for box in facts.boxes]


def irregular(count: int) -> Value:
    rng = random.Random(0)
    nodes = [Value(1.0) for _ in range(5)]
    while len(nodes) < count:
        a, b = rng.choice(nodes[-9:]), nodes[-1]
        nodes.append(rng.choice([a + b, a * b, tanh(b) * a, tanh(b)]))
    return nodes[-1]


# What folds -----------------------------------------------------------------------------------------------------------


def test_the_loss_of_a_2_16_16_1_network_on_one_example_is_six_boxes():
    net = network(2, 16, 16, 1)
    x = [Value(1.0), Value(-2.0)]
    loss = (net(x) - 1.0) ** 2
    loss.backward()
    facts = read(loss, model=net, variables={"x": x, "loss": loss}, fold=None)
    assert heads(facts) == [
        "x",
        "layers.0 = 16 × relu(w·x + b)",
        "layers.1 = 16 × relu(w·x + b)",
        "layers.2 = w·x + b",
        "v1 = layers.2 − 1",
        "loss = v1**2",
    ]
    assert [box.count for box in facts.boxes] == [2, 80, 304, 18, 1, 1]
    assert [use.count for use in facts.uses] == [32, 256, 16, 1, 1]
    assert [(line.left, line.right) for line in facts.boxes[1].terms][:2] == [("values", "80"), ("parameters", "48")]
    assert [facts.label(use) for use in facts.uses[:4]] == ["×32", "×256", "×16", "1"]
    assert facts.told.startswith("Graph of loss = v1**2: 406 values in 6 boxes, 675 edges; ")
    assert [box.place for box in facts.boxes] == [6, 5, 4, 3, 2, 1]


def test_the_numbers_of_a_folded_box_are_those_of_its_values():
    net = network(2, 16, 16, 1)
    x = [Value(1.0), Value(-2.0)]
    loss = (net(x) - 1.0) ** 2
    loss.backward()
    first = read(loss, model=net, fold="layer").boxes[1]
    fired = [node for node in topological_order(loss) if node.op == "relu"][:16]
    grads = [p.grad for neuron in net.layers[0].neurons for p in (*neuron.w, neuron.b)]
    assert first.grads == (min(node.grad for node in fired), max(node.grad for node in fired))
    assert f"data {min(node.data for node in fired)!r} … {max(node.data for node in fired)!r}" in first.exactly
    assert "80 values: 16 dot, 16 relu" in first.exactly
    (told,) = [line.right for line in first.terms if line.left == "their grad"]
    assert told == f"{min(grads):.4g} … {max(grads):.4g}".replace("-", "−")


def test_by_neuron_every_neuron_is_a_box():
    net = network(2, 16, 16, 1)
    facts = read(loss_of(net), model=net, fold="neuron")
    neurons = [box.name for box in facts.boxes if "neurons" in box.name]
    assert neurons == [f"layers.{at}.neurons.{k}" for at, size in enumerate((16, 16, 1)) for k in range(size)]
    assert all(use.count == 1 for use in facts.uses)


def test_without_a_model_layers_have_numbers():
    loss = loss_of(network(2, 16, 16, 1))
    assert heads(read(loss, fold=None))[:3] == [
        "layer 1 = 16 × relu(w·x + b)",
        "layer 2 = 16 × relu(w·x + b)",
        "layer 3 = w·x + b",
    ]


def test_the_examples_of_a_batch_fold_into_one():
    net = network(2, 16, 16, 1)
    facts = read(loss_of(net, examples=20), model=net, fold=None)
    assert heads(facts)[:4] == [
        "layers.0 = 320 × relu(w·x + b)",
        "layers.1 = 320 × relu(w·x + b)",
        "layers.2 = 20 × (w·x + b)",
        "part 1 = 20 × (layers.2 − 1)",
    ]
    assert len(facts.boxes) <= 7
    assert facts.boxes[0].terms[1].right == "48"


def test_neurons_written_as_sums_of_products_fold_as_well():
    x = [Value(1.0), Value(2.0)]
    hidden = [neuron_by_hand(x) for _ in range(8)]
    out = neuron_by_hand([neuron_by_hand(hidden) for _ in range(8)])
    assert heads(read((out - 1) ** 2, fold=None)) == [
        "inputs",
        "layer 1 = 8 × tanh(sum of products)",
        "layer 2 = 8 × tanh(sum of products)",
        "layer 3 = tanh(sum of products)",
        "v1 = (layer 3) − 1",
        "v2 = v1**2",
    ]


def test_layers_that_repeat_fold_into_a_block():
    net = network(4, *[4] * 40, 1, activation="tanh")
    facts = read(net([1.0, 2.0, 3.0, 4.0]), model=net, fold=None)
    assert any(box.formula.startswith("39 × ") for box in facts.boxes)
    assert len(facts.boxes) <= 4


def recurrence(count: int) -> Value:
    x = Value(0.5)
    h = tanh(x + 1)
    for _ in range(count):
        h = tanh(h + x)
    return h


def test_a_recurrence_folds_into_a_block():
    h = recurrence(5000)
    picture = draw(h)
    assert "block 1 = 5,000 × (tanh(…) + v1)" in picture.source
    assert str(picture).startswith("Graph of h = tanh(block 1): 10,003 values in 4 boxes, 15,002 edges; ")


def calls(work) -> int:
    """How many functions are called: work that can be counted, whatever else the machine is doing."""
    count = 0

    def counted(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.no_cover
@pytest.mark.parametrize("large", [recurrence, lambda count: irregular(2 * count)])
def test_the_work_grows_as_the_graph_does(large):
    """10,000 values, drawn in less than half a second, are about as many calls."""
    small, double = large(1500), large(3000)
    draw(large(100))
    work = [calls(lambda v=v: draw(v).svg) for v in (small, double)]
    assert work[1] < 2.2 * work[0]
    assert work[1] < 150 * len(topological_order(double))


def test_a_long_sum_is_one_box_with_its_ends_and_the_number_of_its_terms():
    first, last = Value(0.5, label="first"), Value(2.0, label="last")
    total = first + 1
    for _ in range(10_000):
        total = total + 3
    total = total + last
    (box,) = [box for box in read(total, variables={"total": total}, fold=None).boxes if box.count > 1]
    assert box.name + box.made == "total = first + 1 + … + last"
    assert [(line.left, line.right) for line in box.terms][:2] == [("values", "10,002"), ("terms", "10,003")]
    assert box.data_text == "30004"


def test_a_sum_of_losses_is_told_by_the_first_and_the_last():
    a = Value(0.3, label="a")
    total = Value(0.0)
    for k in range(100):
        total = total + (a * k - 1) ** 2
    facts = read(total, variables={"total": total}, fold=None)
    assert heads(facts)[-1] == "total = 0 + (part 1[0]) + … + (part 1[99])"


def test_what_is_labelled_stays_a_box_of_its_own():
    net = network(2, 16, 1)
    out = net([1.0, 2.0])
    hidden = topological_order(out)[-2]
    hidden.label = "look here"
    facts = read((out - 1) ** 2, fold="layer")
    assert "look here" in [box.name for box in facts.boxes if box.count == 1]


def test_softmax_and_cross_entropy_fold():
    net = network(4, 30, 10)
    loss = nn.cross_entropy([net([0.1, 0.2, 0.3, 0.4]) for _ in range(10)], [3] * 10)
    assert len(read(loss, model=net, fold=None).boxes) <= 30
    assert len(read(softmax(net([0.1, 0.2, 0.3, 0.4]))[0], model=net, fold=None).boxes) <= 30


# What does not --------------------------------------------------------------------------------------------------------


def test_small_graphs_are_not_folded_unless_asked():
    net = network(2, 3, 1)
    loss = loss_of(net)
    assert all(box.count == 1 for box in read(loss, model=net, fold=None).boxes)
    assert [box.count for box in read(loss, model=net, fold="layer").boxes] == [15, 5, 1, 1, 1, 1]


def test_nothing_is_folded_where_that_is_asked():
    net = network(2, 16, 16, 1)
    loss = loss_of(net)
    assert len(read(loss, model=net, fold=False).boxes) == len(topological_order(loss))
    assert len(read(loss).boxes) == len(topological_order(loss))


@pytest.mark.parametrize("count", [80, 300, 8000])
def test_of_an_irregular_graph_what_is_nearest_to_the_end_is_drawn(count):
    root = irregular(count)
    order = topological_order(root)
    facts = read(root, fold=None)
    assert 5 < len(facts.boxes) <= NEAREST + LEAVES + 1
    assert sum(box.count for box in facts.boxes) == len(order)
    (rest,) = [box for box in facts.boxes if box.count > 1]
    assert rest.name == "part 1"
    assert (
        rest.formula
        == f"{sum(bool(node.op) for node in order) - sum(bool(box.formula) for box in facts.boxes) + 1:,} operations"
    )
    assert "part: what comes before" in draw(root).svg
    if count > 6000:
        with pytest.raises(
            ValueError, match=rf"the graph has {len(order):,} values, .*: leave out fold=False, or draw a"
        ):
            draw(root, fold=False)


def test_what_is_named_in_an_irregular_graph_stays_and_boxes_form_no_circle():
    root = irregular(600)
    order = topological_order(root)
    for at in (5, 200, 400):
        order[at].label = f"look {at}"
    order[0].label = "start"
    facts = read(root, fold=None)
    assert {"look 5", "look 200", "look 400", "start"} <= {box.name for box in facts.boxes if box.count == 1}
    assert all(use.source < use.target for use in facts.uses)
    assert sum(box.count for box in facts.boxes) == len(order)


def test_a_graph_that_is_wide_and_irregular_is_drawn_too():
    rng = random.Random(1)
    wide = sum_of([irregular(rng.randrange(8, 30)) for _ in range(200)])
    facts = read(wide, fold=None)
    assert sum(box.count for box in facts.boxes) == len(topological_order(wide))
    assert len(facts.boxes) <= 60


def test_more_than_200_000_values_are_refused_with_what_to_do(monkeypatch):
    monkeypatch.setattr("autograd.show.facts.MOST_VALUES", 100)
    monkeypatch.setattr("autograd.show.facts.MOST_BOXES", 50)
    with pytest.raises(ValueError, match=r"a picture takes at most 50 boxes: draw a part of it, for example"):
        draw(irregular(300))


@pytest.mark.parametrize("fold", ["neurons", True, 3, 0, ["layer"]])
def test_an_unknown_folding_is_refused(fold):
    with pytest.raises(ValueError, match='fold is None, False, "neuron", "layer" or "block", was given'):
        draw(Value(1.0), fold=fold)


# Always ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["neuron", "layer", "block"])
@pytest.mark.parametrize("seed", range(12))
def test_every_value_is_in_one_box_and_boxes_form_no_circle(level, seed):
    rng = random.Random(seed)
    nodes = [Value(rng.random()) for _ in range(6)]
    for _ in range(rng.randrange(5, 120)):
        a, b, c = (rng.choice(nodes[-12:]) for _ in range(3))
        nodes.append(rng.choice([a + b, a * b, tanh(a), sum_of([a, b, c]), nn.Neuron(2, seed=1)([a, b]), a**2, -a]))
    order = topological_order(nodes[-1])
    named = [at for at in range(len(order)) if rng.random() < 0.05]
    folding = Folding(order, {*named, len(order) - 1}, None)
    groups = folding.groups(level)
    assert sorted(at for group in groups for at in group.members) == list(range(len(order)))
    box = {at: number for number, group in enumerate(groups) for at in group.members}
    for at, operands in enumerate(folding.operands):
        assert all(x < 0 or box[x] <= box[at] for x in operands)
    for at in named:
        used = {x for user in range(len(order)) if box[user] != box[at] for x in folding.operands[user]}
        assert used & set(groups[box[at]].members) <= {at}
    edges = sum(x >= 0 for operands in folding.operands for x in operands)
    facts = read(nodes[-1], fold=level)
    assert facts.inner + sum(use.count for use in facts.uses) == edges
    assert sum(fact.count for fact in facts.boxes) == len(order)


PROGRAM = """
import hashlib, nn
from autograd import draw
net = nn.MLP(2, [16, 16, 1], seed=1)
loss = nn.mse_loss([net([0.1 * k, 1.0]) for k in range(5)], [1.0] * 5)
loss.backward()
for fold in (None, "neuron", "layer", "block"):
    picture = draw(loss, net, fold=fold)
    print(hashlib.sha256((picture.svg + picture.source).encode()).hexdigest())
print(hashlib.sha256(draw(net).svg.encode()).hexdigest())
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


def test_what_is_left_from_earlier_is_counted_in_a_folded_box():
    net = network(2, 16, 16, 1)
    loss_of(net).backward()
    facts = read(loss_of(net), model=net, fold=None)
    reached = sum(bool(p.grad) for neuron in net.layers[0].neurons for p in (*neuron.w, neuron.b))
    assert facts.boxes[0].grad_text == "not computed"
    assert facts.boxes[0].note == f"in {reached} of them left from an earlier backward() (zero_grad() clears it)"


def test_folding_changes_no_number():
    net = network(2, 16, 16, 1)
    loss = loss_of(net)
    loss.backward()
    before = [(node.data, node.grad, node.computed, node.label) for node in topological_order(loss)]
    assert draw(loss, net).svg
    assert [(node.data, node.grad, node.computed, node.label) for node in topological_order(loss)] == before
