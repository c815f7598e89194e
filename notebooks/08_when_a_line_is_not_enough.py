# %% [markdown]
# # 8 · When a line is not enough
#
# A single neuron can learn AND, and no training in the world will teach it XOR. You will see why, prove it with an
# addition, and get past it in two ways: with a feature that *you* think of, and with a hidden layer that finds its own.
# Then you will look at the world as the hidden layer sees it.
#
# **Time:** 40 minutes. **Builds on:** lesson 1 (cross-entropy), lesson 4 (one neuron) and lesson 7 (layers). The cells
# that draw are long here, and use numpy, which computes with whole tables of numbers at once. You need not read them:
# run them, and look at their pictures.

# %%
import math
import random
from itertools import product

import numpy as np

import nn
from autograd import Value, draw
from checks import check, guess
from figures import BLUE, ORANGE, axes, film, panels, show

# %% [markdown]
# ## AND
#
# Two inputs, each 0 or 1. AND says 1 when *both* are 1, else 0. A neuron gets the inputs, makes the weighted sum
# $z = w_1·x_1 + w_2·x_2 + b$ and squeezes it into a probability $p = \text{sigmoid}(z)$. We read $p > 0.5$ as 1. That
# is the case exactly when $z > 0$.
#
# ## Predict: AND by hand
#
# Let the weights be 1 and 1. Which bias makes $z$ positive for (1, 1) only? There are many. Between which two numbers
# do they lie?

# %%
my_guess = ...  # two numbers: [the lower one, the higher one]

# %%
corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
for bias in (-2.5, -1.5, -0.5):
    print(f"bias {bias}: the sums are", [x1 + x2 + bias for x1, x2 in corners])
guess(my_guess, [-2, -1])

# %% [markdown]
# Between −2 and −1, for example −1.5: a single 1 must not be enough to get above 0, and two must.
#
# Now by training. This is gradient descent as you know it, for any model and any points.


# %%
def train(model, xs, ys, lr, rounds):
    for _ in range(rounds):
        loss = nn.binary_cross_entropy([model(x) for x in xs], ys)
        model.zero_grad()
        loss.backward()
        for parameter in model.parameters():
            parameter.data -= lr * parameter.grad
    return loss.data


def right(model, xs, ys):
    return sum((model(x).data > 0.5) == (y == 1) for x, y in zip(xs, ys, strict=True))


AND, XOR = [0, 0, 0, 1], [0, 1, 1, 0]
neuron = nn.Neuron(2, activation="sigmoid", seed=1)
train(neuron, corners, AND, lr=2, rounds=100)
print("AND:", right(neuron, corners, AND), "of 4 right")

# %% [markdown]
# ## XOR
#
# XOR says 1 when *exactly one* of the inputs is 1.
#
# ## Predict: after a long training
#
# The same kind of neuron, the same training, 300 rounds. What will it answer for (0, 1), where 1 is right?

# %%
my_guess = ...  # your guess

# %%
on_xor = nn.Neuron(2, activation="sigmoid", seed=1)
loss = train(on_xor, corners, XOR, lr=2, rounds=300)
guess(my_guess, on_xor([0, 1]).data)

# %%
print("all four answers:", [f"{on_xor(x).data:.4g}" for x in corners])
sizes = [abs(parameter.data) for parameter in on_xor.parameters()]
print("weights and bias, without their signs:", [round(size, 6) for size in sizes])
print(f"loss: {loss:.4g}, and of guessing: {-math.log(0.5):.4g}")

# %% [markdown]
# It answers 0.5 to everything: "I don't know." All that it has learnt is to set its weights to 0, and its loss is that
# of guessing. Is that the fault of the training? Let us leave training out and simply try 68,921 neurons, with all
# weights and biases from −2 to 2 in steps of 0.1. These are 41 values for each of the three: 41 × 41 × 41 = 68,921.
#
# ## Predict: the best of 68,921
#
# How many of the four corners does the best of them get right?

# %%
my_guess = ...  # your guess

# %%
tenths = [number / 10 for number in range(-20, 21)]
best = 0
for w1, w2, b in product(tenths, tenths, tenths):
    answers = [int(w1 * x1 + w2 * x2 + b > 0) for x1, x2 in corners]
    best = max(best, sum(given == y for given, y in zip(answers, XOR, strict=True)))
guess(my_guess, best)

# %% [markdown]
# ## The corner test
#
# Three of four, never all. Here is the reason. Add up the sums $z$ of opposite corners:
#
# $$z(0,0) + z(1,1) = b + (w_1 + w_2 + b) \qquad z(0,1) + z(1,0) = (w_2 + b) + (w_1 + b)$$
#
# It is the same, **whatever the weights are**. But for XOR the two on the left should be 0 or below, and the two on the
# right above 0. Then the left total would be at most 0 and the right one above 0, and they could not be equal.
#
# So no neuron can do it, and there is nothing to be trained. This is a proof, and you have just read all of it. Two
# neurons as examples:


# %%
def corner_test(f):
    """z(0,0) + z(1,1) − z(0,1) − z(1,0): 0 for every weighted sum."""
    z = [float(f(x1, x2)) for x1, x2 in corners]
    return z[0] + z[3] - z[1] - z[2]


print(corner_test(lambda x1, x2: 2 * x1 + 3 * x2 - 1))
print(corner_test(lambda x1, x2: -0.5 * x1 + 8 * x2 + 4))

# %% [markdown]
# In a picture: where $z = 0$, the neuron is undecided. All these points lie on a straight line, its border (lesson 4).
# The sigmoid does not bend it! It only says how fast $p$ rises on the way across: the places where $p$ is 0.1, 0.5 and
# 0.9 are parallel lines.
#
# For AND such a line can be drawn. For XOR try it with a pencil: whichever way it lies, a corner is on the wrong side.


# %%
def dots(picture, xs, ys, size=70):
    """Hollow circles for 0, filled triangles for 1."""
    for kind, marker, color in ((0, "o", ORANGE), (1, "^", BLUE)):
        chosen = [x for x, y in zip(xs, ys, strict=True) if y == kind]
        face = "white" if kind == 0 else color
        x1, x2 = zip(*chosen, strict=True)
        picture.scatter(x1, x2, s=size, marker=marker, c=face, edgecolors=color, zorder=3)


across = np.linspace(-0.5, 1.5, 60)
plane = np.array([[[x1, x2] for x1 in across] for x2 in across])
w1, w2, b = (parameter.data for parameter in neuron.parameters())
p = 1 / (1 + np.exp(-(w1 * plane[..., 0] + w2 * plane[..., 1] + b)))

# %%
left, right_side = panels(2, "x₁", "x₂", height=3.3, sharey=True)
styles = {"colors": "black", "linestyles": [":", "-", "--"]}
lines = left.contour(across, across, p, levels=[0.1, 0.5, 0.9], **styles)
places = [(0.55, 0.5), (0.55, 1.0), (1.3, 0.75)]
left.clabel(lines, fmt=lambda level: f"p = {level:g}", manual=places)
titles = "AND: one neuron, trained", "XOR: and now?"
for picture, ys, title in zip((left, right_side), (AND, XOR), titles, strict=True):
    dots(picture, corners, ys, size=110)
    picture.set(title=title, aspect="equal", xlim=(-0.5, 1.5), ylim=(-0.5, 1.5))
    picture.set(xticks=[0, 1], yticks=[0, 1])
alt = "AND: parallel borders cut off the corner (1, 1)."
alt += " XOR: equal marks lie at opposite corners."
show(left, alt=alt)

# %% [markdown]
# ## Predict: more layers
#
# Would more layers help? We put two layers of four neurons in between, but without an activation: each neuron just
# hands on its weighted sum. The weights are random. Which number does the corner test give?

# %%
my_guess = ...  # your guess

# %%
stacked = nn.MLP(2, [4, 4, 1], activation=None, seed=3)
guess(my_guess, abs(round(corner_test(lambda x1, x2: stacked([x1, x2]).data), 9)))

# %% [markdown]
# 0: weighted sums of weighted sums are weighted sums again. In numbers: if $a = 2x + 1$ and $z = 3a − 5$, then
# $z = 6x − 2$, which one neuron could have said alone. **Layers without an activation are one layer**, however many you
# stack.
#
# So something has to come in that is not a weighted sum. There are two ways.

# %% [markdown]
# ## Way one: you think of a feature
#
# A *feature* is another word for an input (lesson 4). We give the neuron a third one, the product $x_1·x_2$ of the
# other two, which is called **crossing** them. The neuron still only adds up. But the product itself gives 1 in the
# corner test, $0 + 1 − 0 − 0$, and not 0. So with the product as an input, the proof does not hold any more.
#
# ## Predict: for or against?
#
# For (1, 1) the first two inputs speak for 1, as for (0, 1) and (1, 0). Will the weight of the product be positive or
# negative?

# %%
my_guess = ...  # "positive" or "negative"

# %%
crossed = [[x1, x2, x1 * x2] for x1, x2 in corners]
helped = nn.Neuron(3, activation="sigmoid", seed=1)
train(helped, crossed, XOR, lr=2, rounds=200)
guess(my_guess, "positive" if helped.w[2].data > 0 else "negative")

# %%
print("XOR:", right(helped, crossed, XOR), "of 4 right")
sums = [x1 + x2 - 2 * x1 * x2 - 0.5 for x1, x2 in corners]
print("by hand, x₁ + x₂ − 2·x₁·x₂ − 0.5:", sums)
print("products of two among 100 inputs:", 100 * 99 // 2)

# %% [markdown]
# One neuron, and XOR is done. By hand, with the weights 1, 1, −2 and the bias −0.5, you can check the signs: negative,
# positive, positive, negative.
#
# But the idea with the product was *ours*. With two inputs it is the only product. With a hundred there are 4,950, and
# nobody knows whether it is a product that is wanted.

# %% [markdown]
# ## Way two: a hidden layer
#
# Two hidden neurons with relu (what is below 0 becomes 0), and an output, all weights chosen by hand:
#
# $$a_1 = \text{relu}(x_1 + x_2) \qquad a_2 = \text{relu}(x_1 + x_2 − 1) \qquad \text{output} = a_1 − 2·a_2$$
#
# In words: $a_1$ counts the ones, and $a_2$ speaks up only when there are two of them.
#
# ## Predict: (1, 1)
#
# What is the output for (1, 1)?

# %%
my_guess = ...  # your guess

# %%
by_hand = nn.MLP(2, [2, 1], activation="relu")
hidden, output = by_hand.layers
weights = [([1, 1], 0), ([1, 1], -1), ([1, -2], 0)]
for one, (w, bias) in zip(hidden.neurons + output.neurons, weights, strict=True):
    one.w, one.b = [Value(number) for number in w], Value(bias)
guess(my_guess, by_hand([1, 1]).data)

# %%
for x in corners:
    seen = [a.data for a in hidden(x)]
    print(x, "→ the hidden layer makes of it", seen, "→ output", by_hand(x).data)

# %% [markdown]
# That is XOR. And the numbers in the middle are the heart of this lesson. **The output never sees the inputs.** It sees
# only what the hidden layer makes of them, and there the corners lie elsewhere: (0, 1) and (1, 0) have become one
# point, and (1, 1) has moved away. Now a straight line is enough: in the picture it is drawn where the output is 0.5,
# half-way between 0 and 1.

# %%
before, after = panels(2, height=3.3)
dots(before, corners, XOR, size=110)
before.set(title="what comes in", xlabel="x₁", ylabel="x₂")
dots(after, [[a.data for a in hidden(x)] for x in corners], XOR, size=110)
after.plot([0, 2.5], [-0.25, 1], color="black")
for a1, a2, said in (0, 0.12, "(0, 0)"), (1, -0.22, "(0, 1) and (1, 0)"), (2, 1.12, "(1, 1)"):
    after.text(a1, a2, said, ha="center")
after.set(title="what the output sees", xlabel="a₁", ylabel="a₂")
for picture in (before, after):
    picture.set(xlim=(-0.5, 2.5), ylim=(-0.5, 1.5), xticks=[0, 1, 2], yticks=[0, 1])
alt = "Left, the XOR corners. Right, both triangles share a place,"
alt += " and a line parts them from the circles."
show(before, alt=alt)

# %% [markdown]
# ## Can it be learnt?
#
# We begin with random weights, from ten different seeds, and train: two hidden neurons, with tanh.
#
# ## Predict: ten tries
#
# How many of the ten networks learn XOR?

# %%
my_guess = ...  # your guess


# %%
def new_network(hidden, seed):
    return nn.MLP(2, [*hidden, 1], activation="tanh", output_activation="sigmoid", seed=seed)


networks = [new_network([2], seed) for seed in range(10)]
end = [train(network, corners, XOR, lr=2, rounds=100) for network in networks]
solved = [right(network, corners, XOR) == 4 for network in networks]
guess(my_guess, sum(solved))

# %%
print("losses:", [f"{loss:.2g}" for loss in end])
wide = [new_network([4], seed) for seed in range(10)]
for network in wide:
    train(network, corners, XOR, lr=2, rounds=80)
good = sum(right(network, corners, XOR) == 4 for network in wide)
print("with four hidden neurons:", good, "of 10")

# %%
stuck = networks[solved.index(False)]
print(f"the one that failed, after 300 rounds more: {train(stuck, corners, XOR, lr=2, rounds=300):.2g}")
print("its answers:", [f"{stuck(x).data:.2g}" for x in corners])

# %% [markdown]
# Nine of ten. The one that failed has a loss of 0.36, and is not merely slow: after 300 rounds more two of its answers
# are still 0.5. With two hidden neurons none is to spare; when both start out badly, the way down ends too high. With
# four there are more ways down. (Where you end depends on where you begin: lesson 3.)
#
# What has a network found? Here is the first that succeeded, with its weights and biases …

# %%
learnt = networks[solved.index(True)]
draw(learnt)


# %% [markdown]
# … and what its neurons see. Each hidden neuron draws one line, as any neuron does. The output puts the two together,
# and asks on which sides of *both* lines a point lies.


# %%
def through(model, points):
    """The points, and what each layer makes of all of them at once; of the last, the sums."""
    outs = [np.asarray(points, dtype=float)]
    for layer in model.layers:
        w = np.array([[weight.data for weight in neuron.w] for neuron in layer.neurons])
        z = outs[-1] @ w.T + np.array([neuron.b.data for neuron in layer.neurons])
        outs.append(z if layer is model.layers[-1] else np.tanh(z))
    return outs


def border(picture, across, up, z):
    """Blue where z is above 0, orange where it is below, a line between."""
    picture.contourf(across, up, z, levels=[-1e9, 0, 1e9], colors=["#fdf1e7", "#dbe7f5"])
    picture.contour(across, up, z, levels=[0], colors="black")


# %%
_, seen, decided = through(learnt, plane)
pictures = panels(3, "x₁", "x₂", height=2.9, sharey=True)
titles = ("hidden neuron 0", "hidden neuron 1", "the output")
zs = (seen[..., 0], seen[..., 1], decided[..., 0])
for picture, z, title in zip(pictures, zs, titles, strict=True):
    border(picture, across, across, z)
    dots(picture, corners, XOR)
    picture.set(title=title, xticks=[0, 1], yticks=[0, 1], aspect="equal")
alt = "Two planes, each cut by one line; in the third,"
alt += " two borders enclose the triangles in a strip."
show(pictures[0], alt=alt)

# %% [markdown]
# On the blue side the sum $z$ of that neuron is above 0. Hidden neuron 0 says: *at least one of the two* (OR). Hidden
# neuron 1 says: *not both*. And the output puts an AND between them, which a single neuron can learn. Nobody told them
# to share the work like this.

# %% [markdown]
# ## Two moons
#
# Now something nobody can do in their head: sixty points on two half-moons that reach into each other, and 200 further
# ones that no model sees in training.


# %%
def moons(count, seed):
    rng, xs, ys = random.Random(seed), [], []
    for number in range(count):
        angle, kind = math.pi * rng.random(), number % 2
        x1, x2 = math.cos(angle), math.sin(angle)
        x1, x2 = (x1, x2) if kind == 0 else (1 - x1, 0.5 - x2)
        xs.append([x1 + rng.gauss(0, 0.1), x2 + rng.gauss(0, 0.1)])
        ys.append(kind)
    return xs, ys


xs, ys = moons(60, seed=2)
new_xs, new_ys = moons(200, seed=99)

# %%
picture = axes("x₁", "x₂", width=5, height=2.8)
dots(picture, xs, ys, size=30)
alt = "Circles in an arch that opens downward,"
alt += " triangles in one that opens upward; they interlock."
show(picture, alt=alt)

# %% [markdown]
# We take three models: one neuron; one neuron with the product $x_1·x_2$ as well; and a network with four hidden
# neurons, then two, then the output. They are trained point by point, with a step after each.
#
# ## Predict: the product again
#
# The product has solved XOR at a stroke. Of the 200 new points, how many does the neuron with the product get right?
# (Who tosses a coin gets about 100.)

# %%
my_guess = ...  # your guess


# %%
def cross(points):
    return [[x1, x2, x1 * x2] for x1, x2 in points]


def point_by_point(model, xs, ys, rounds, lr=0.2):
    for _ in range(rounds):
        for x, y in zip(xs, ys, strict=True):
            train(model, [x], [y], lr, rounds=1)


line = nn.Neuron(2, activation="sigmoid", seed=1)
with_product = nn.Neuron(3, activation="sigmoid", seed=1)
point_by_point(line, xs, ys, rounds=10)
point_by_point(with_product, cross(xs), ys, rounds=10)
guess(my_guess, right(with_product, cross(new_xs), new_ys))

# %%
network = new_network([4, 2], seed=2)
history = [(0, network.state_dict())]  # its weights, now and then
for rounds in (1, 1, 2, 4, 8, 14):
    point_by_point(network, xs, ys, rounds)
    history.append((history[-1][0] + rounds, network.state_dict()))
print("one neuron:      ", right(line, new_xs, new_ys), "of 200")
print("with the product:", right(with_product, cross(new_xs), new_ys), "of 200")
print("hidden layers:   ", right(network, new_xs, new_ys), "of 200")

# %% [markdown]
# The feature that was perfect for XOR is of no use here: no more are right than without it. The network was given no
# feature at all, only random weights, and gradients. Watch what it does. On the left is the plane with its border. On
# the right are the *same points as the output sees them*, as the two numbers that come out of the second hidden layer;
# there the border of the output is always a straight line.

# %%
moon_across, up = np.linspace(-1.5, 2.5, 70), np.linspace(-1.1, 1.6, 60)
square = np.linspace(-1.15, 1.15, 60)
moon_plane = np.array([[[x1, x2] for x1 in moon_across] for x2 in up])


def frame(rounds, state):
    network.load_state_dict(state)
    in_plane, in_hidden = panels(2, height=3.3)
    border(in_plane, moon_across, up, through(network, moon_plane)[-1][..., 0])
    w1, w2, b = (parameter.data for parameter in network.layers[-1].parameters())
    border(in_hidden, square, square, w1 * square[None, :] + w2 * square[:, None] + b)
    dots(in_plane, xs, ys, size=22)
    dots(in_hidden, through(network, xs)[-2].tolist(), ys, size=22)
    in_plane.set(title=f"rounds: {rounds}", xlabel="x₁", ylabel="x₂")
    in_hidden.set(title="the same, as the output sees it", xlabel="a₁", ylabel="a₂")
    return in_plane


# %%
alt = "A nearly straight border between two moons bends into an S;"
alt += " beside it the same points part."
film((frame(*one) for one in history), alt=alt, seconds=1.0, last=3.0)

# %% [markdown]
# The end of the film, to look at in peace:

# %%
alt = "Left, the border winds between the moons. Right, the points stand apart, a line between."
show(frame(*history[-1]), alt=alt)

# %% [markdown]
# This is what hidden layers are for: **they move the points until a line is enough.** The last neuron can do no more
# than the one in the first section, and it does not have to.

# %% [markdown]
# ## Exercises
#
# **Exercise 8.1** OR says 1 when at least one input is 1. Give a weighted sum for it: a function of `x1` and `x2` that
# is positive for the three corners where OR says 1, and negative for (0, 0).

# %%
answer = ...  # lambda x1, x2: …
check("8.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `lambda x1, x2: x1 + x2 - 0.5`, for example. The bias has to be negative, and each weight by itself larger than what
# the bias takes away.
#
# </details>

# %% [markdown]
# **Exercise 8.2** Points within a circle around (0, 0) are of one kind, points outside of the other. Which *one*
# feature, as the only input, would be enough for a single neuron?
#
# * `"a"`: $x_1·x_2$
# * `"b"`: $x_1² + x_2²$
# * `"c"`: $x_1 + x_2$

# %%
answer = ...
check("8.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `"b"`: it is the square of the distance from (0, 0), so all points within the circle have a smaller one than all
# points outside. Where you know the shape, a feature is the shortest way.
#
# </details>

# %% [markdown]
# **Exercise 8.3** The network made by hand, $a_1 = \text{relu}(x_1 + x_2)$, $a_2 = \text{relu}(x_1 + x_2 − 1)$, output
# $a_1 − 2·a_2$, is given the inputs 2 and 1. What are $a_1$, $a_2$ and the output? Answer with a list.

# %%
answer = ...
check("8.3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `[3, 2, -1]`: relu(3) = 3, relu(2) = 2, and 3 − 2·2 = −1.
#
# </details>

# %% [markdown]
# **Exercise 8.4** True or false? A network with three hidden layers of a hundred neurons each, all without an
# activation, can learn XOR if it is trained long enough.

# %%
answer = ...
check("8.4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# False. Without an activation all layers together are one weighted sum. Its corner test gives 0, whatever the weights,
# and XOR would need a number below 0. Training cannot find what is not there.
#
# </details>

# %% [markdown]
# ## Heard somewhere
#
# *"There is one best setting of the weights, and training finds it."*
#
# Take the XOR network that has learnt, and swap its two hidden neurons, with all their lines. It is another setting of
# the weights. Then go half-way from the one to the other: the mean of the two settings, weight by weight.
#
# ## Predict: half-way
#
# The loss of the learnt network is about 0.03. What is it with the neurons swapped? And half-way between the two? Put
# down your guess for half-way.

# %%
my_guess = ...  # your guess


# %%
def loss_with(numbers):
    model = new_network([2], seed=0)
    for parameter, number in zip(model.parameters(), numbers, strict=True):
        parameter.data = number
    return nn.binary_cross_entropy([model(x) for x in corners], XOR).data


# The numbers are w, w, b of hidden neuron 0, then of hidden neuron 1, then of the output.
one = [parameter.data for parameter in learnt.parameters()]
swapped = one[3:6] + one[0:3] + [one[7], one[6], one[8]]
way = [step / 40 for step in range(41)]
along = [loss_with([(1 - t) * a + t * b for a, b in zip(one, swapped, strict=True)]) for t in way]
guess(my_guess, along[20])

# %%
print(f"as learnt: {along[0]:.2g}, swapped: {along[-1]:.2g}")
print("orders of ten neurons:", math.factorial(10))
picture = axes("from the learnt weights (0) to the swapped ones (1)", "loss", height=2.8)
picture.plot(way, along)
picture.plot([0, 1], [along[0], along[-1]], "o", color="black")
picture.set_ylim(0, None)
show(picture, alt="The loss is near 0 at both ends, and between them lies a hill.")

# %% [markdown]
# **Not so.** The two are equally good, and between them lies a hill. The neurons of a layer can change places as they
# like: two of them in two ways, ten in 3,628,800. So the loss of a network with a hidden layer is not convex (lesson 1:
# here a string between two points of the curve runs below it). Training finds *one* valley of many, mostly a good one,
# and which one depends on where it began.
#
# **What you know now.** A neuron draws a straight line. Features or hidden layers with an activation move the points
# until a line is enough, and only the hidden layers find out by themselves how.

# %%
assert best == 3  # no neuron can do XOR,
assert math.isclose(loss, math.log(2))  # and so one learns to guess
assert abs(corner_test(lambda x1, x2: stacked([x1, x2]).data)) < 1e-9  # three layers like one
assert right(helped, crossed, XOR) == 4
assert [by_hand(x).data for x in corners] == XOR
assert sum(solved) == 9
assert right(network, new_xs, new_ys) > 190 > right(line, new_xs, new_ys)
assert along[20] > 10 * max(along[0], along[-1])
