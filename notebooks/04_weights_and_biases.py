# %% [markdown]
# # 4 · Weights and biases
#
# You will take a neuron apart: what its weights do, what its bias does, what its activation does. You will move each
# of them, see what moves, and then let gradient descent move them until a line fits some points.
#
# **Time:** 40 minutes. **Builds on:** lesson 1 (the mean squared error) and lesson 3 (gradient descent, learning
# rate).

# %%
import nn
from autograd import Value, draw, mean, relu, sigmoid, steps, tanh
from checks import check, guess
from figures import BLUE, GREY, ORANGE, axes, film, panels, show

# %% [markdown]
# ## One neuron
#
# Is it a good day for a swim? Warmth speaks for it, wind against it. A **neuron** makes one number of that. It
# multiplies each **input** by a **weight**, adds these products up, and adds one more number, the **bias**. The
# result is called the **weighted sum**, z. With warmth in degrees above 20 °C and wind in km/h:
#
# > z = w1 × warmth + w2 × wind + b
#
# ## Predict: the weighted sum
#
# The weights are w1 = 0.5 and w2 = −0.2, the bias is b = 0.5. It is 26 °C, so warmth is 6; the wind is 10 km/h. What
# is z?

# %%
my_guess = ...  # your guess

# %%
w1, w2, b = Value(0.5, "w1"), Value(-0.2, "w2"), Value(0.5, "b")
warmth, wind = 6.0, 10.0
z = w1 * warmth + w2 * wind + b
guess(my_guess, z.data)

# %% [markdown]
# 0.5 × 6 − 0.2 × 10 + 0.5 = 3 − 2 + 0.5 = 1.5. A positive weight speaks *for*, a negative one *against*; its size
# says how much each degree, or each km/h, counts. The bias is what z is when all inputs are 0: where the neuron
# stands before it has heard anything. That is all the word means here; nobody is prejudiced.
#
# The last part of a neuron is its **activation**: a function that turns z into the output. Ours is the sigmoid, which
# you know from lesson 0; it squeezes every number into the range from 0 to 1.

# %%
y = sigmoid(z)
print(f"output: {y.data:.4g}")
draw(y, local_grads=False)

# %% [markdown]
# 0.82: a rather good day. Change the numbers on the page below: press the last of the five buttons, then move the
# sliders of w1, w2 and b, one at a time. Watch y. Can you bring it below 0.5 with the bias alone? With w2 alone?

# %%
steps(y)

# %% [markdown]
# Without its bias the neuron is at 3 − 2 = 1, so a bias below −1 does it; or, with the bias as it was, a w2 below
# −0.35.
#
# ## Predict: who can move z?
#
# Now the wind is gone: wind = 0, warmth is still 6. How many times as much does z change when the weight **w2** of
# the wind grows by a little?

# %%
my_guess = ...  # the gradient of z with respect to w2

# %%
z = w1 * 6.0 + w2 * 0.0 + b
z.backward()
print(f"gradients: w1 {w1.grad:.4g}, b {b.grad:.4g}")
guess(my_guess, w2.grad)

# %% [markdown]
# Zero. Without wind the weight of the wind does not matter, so no gradient will move it: **a weight learns only from
# examples in which its input is not 0.** The gradient of z with respect to a weight *is* the input: 6 for w1. And for
# the bias it is 1, always. You may think of the bias as the weight of one more input that always is 1.
#
# ## The line a neuron draws
#
# The output is above 0.5 where z is above 0, and below 0.5 where z is below 0. Where is the border, z = 0?
#
# ## Predict: the border
#
# The wind is 10 km/h again. At how many degrees above 20 °C is the output exactly 0.5? (0.5 × warmth − 0.2 ×
# 10 + 0.5 = 0.)

# %%
my_guess = ...  # the warmth

# %%
border = (0.2 * 10 - 0.5) / 0.5
print(f"output there: {sigmoid(0.5 * border - 0.2 * 10 + 0.5):.4g}")
guess(my_guess, border)

# %% [markdown]
# At 3 degrees. For each wind there is such a warmth, and all of these points lie on a straight line: on one side the
# neuron says "rather yes", on the other "rather no". Now move the bias, and then a weight.

# %%
pictures = panels(3, "wind in km/h", "degrees above 20 °C", width=9.5, height=3.6, sharey=True)
settings = {"as it was": (-0.2, 0.5), "b: 0.5 → −1.5": (-0.2, -1.5), "w2: −0.2 → −0.4": (-0.4, 0.5)}
for ax, (title, (wind_weight, bias)) in zip(pictures, settings.items(), strict=True):
    border = [(-bias - wind_weight * speed) / 0.5 for speed in (0, 30)]
    ax.plot([0, 30], [-1, 11], ":", color=GREY)
    ax.plot([0, 30], border, color=BLUE)
    ax.plot(10, 6, "o", color=ORANGE, ms=9)
    ax.text(1, 9.3, "rather yes")
    ax.text(29, -1.6, "rather no", ha="right")
    ax.set(xlim=(0, 30), ylim=(-2.5, 10.5), title=f"{title}: {sigmoid(3 + wind_weight * 10 + bias):.2g}")
alt = "The border of the neuron three times, and our day as a dot. A smaller bias shifts the line upwards,"
alt += " parallel to itself. A stronger weight of the wind tilts it. Both times the dot is on the other side."
show(pictures[0], alt=alt)

# %% [markdown]
# The dot is our day, the last number above each picture is the output for it, and the dotted line is where the border
# was. In both new pictures the dot is on the "no" side. **The bias shifts the border, the weights turn it.** It is
# never bent: one neuron, one straight line. (Lesson 8 is about what to do when a line is not enough.)
#
# ## Moving w and b
#
# With a single input x we can draw the output itself: sigmoid(w·x + b).
#
# ## Predict: the middle
#
# Let w = 2 and b = −6. For which x is the output exactly 0.5?

# %%
my_guess = ...  # your guess

# %%
middle = next(x / 100 for x in range(1000) if sigmoid(2 * x / 100 - 6) >= 0.5)
guess(my_guess, middle)

# %% [markdown]
# Where w·x + b = 0, so x = −b/w = 6/2 = 3. Not 6: the bias is added *after* the multiplication.
#
# ## Predict: left or right?
#
# We make the bias larger, from −6 to −4. Does the curve move to the left or to the right?

# %%
my_guess = ...  # "left" or "right"

# %%
moved = next(x / 100 for x in range(1000) if sigmoid(2 * x / 100 - 4) >= 0.5)
print(f"the middle was at {middle:.4g} and is now at {moved:.4g}")
guess(my_guess, "left" if moved < middle else "right")

# %% [markdown]
# To the left. A larger bias makes the neuron readier: a smaller x is enough. And the middle, −b/w, moved by 1, not
# by 2. In the picture the bias moves first, then the weight.

# %%
xs = [x / 20 for x in range(-80, 161)]
frames = []
for w, b in [(2, -6), (2, -4), (2, -2), (2, 2), (1, 2), (0.5, 2), (0, 2), (-0.5, 2), (-2, 2)]:
    ax = axes("x", "output", width=6.4)
    ax.plot(xs, [sigmoid(2 * x - 6) for x in xs], ":", color=GREY)
    ax.plot(xs, [sigmoid(w * x + b) for x in xs], color=BLUE)
    told = f"w = {w:g}, b = {b:g}"
    if w:
        ax.plot(-b / w, 0.5, "o", color=ORANGE, ms=9)
        told += f": middle at {-b / w:g}"
    ax.set(ylim=(-0.05, 1.05), xlim=(-4, 8), title=told)
    frames.append(ax)
alt = "The curve sigmoid(w x + b). As b grows from -6 to 2, it moves to the left in one piece. Then, as w"
alt += " falls from 2 to 0, it gets flatter, until it is level; with w below 0 it falls in place of rising."
film(frames, alt=alt, seconds=0.8)

# %% [markdown]
# **The bias shifts, the weight sets how steep it is**, and its sign says whether the curve rises or falls. One point
# no weight can move: at x = 0 the weighted sum is w × 0 + b = b, whatever w is. Without a bias the output at 0 would
# always be 0.5; with the bias 2 of the film it is always 0.88:

# %%
print([f"w = {w}: {sigmoid(w * 0 + 2):.4g}" for w in (-5, 0, 1, 100)])

# %% [markdown]
# ## The activation
#
# The sigmoid is one of several. **tanh** goes from −1 to 1. **relu** lets through what is above 0, and makes 0 of all
# that is below. Or there is none: then the output is z itself.
#
# ## Predict: the largest output
#
# z = −2. Which of the four gives the largest output: `"none"`, `"sigmoid"`, `"tanh"` or `"relu"`?

# %%
my_guess = ...  # "none", "sigmoid", "tanh" or "relu"

# %%
shapes = {"none": lambda z: z, "sigmoid": sigmoid, "tanh": tanh, "relu": relu}
for name, f in shapes.items():
    print(f"{name:7} {f(-2.0):7.4g}")
guess(my_guess, max(shapes, key=lambda name: shapes[name](-2.0)))

# %%
pictures = panels(4, "z", "output", width=9.5, height=2.9, sharey=True)
zs = [z / 20 for z in range(-80, 81)]
for ax, (name, f) in zip(pictures, shapes.items(), strict=True):
    ax.plot(zs, [f(z) for z in zs], color=BLUE)
    ax.plot(-2, f(-2.0), "o", color=ORANGE)
    ax.set(ylim=(-2.2, 2.2), xticks=[-4, -2, 0, 2, 4], title=name)
alt = "Output against z: none is a straight line; sigmoid rises from 0 to 1 and tanh from -1 to 1, both flat"
alt += " at the ends; relu is 0 below 0 and a straight line above. A dot marks z = -2."
show(pictures[0], alt=alt)

# %% [markdown]
# The sigmoid: it is small on the left, but never as small as 0, which is what relu gives there. The other two go
# below 0.
#
# Now look at the flat ends of the sigmoid. Lesson 3: on flat ground the hiker hardly moves, zero slope is no step.
# How flat is it there?

# %%
for place in (0.0, 2.0, 5.0, 10.0):
    z = Value(place)
    y = sigmoid(z)
    y.backward()
    print(f"z = {place:4.3g}: output {y.data:.4g}, slope {z.grad:.2g}")

# %% [markdown]
# At 10 the slope is more than 5000 times smaller than at 0. A neuron whose z is so large, or as far below 0, is
# **saturated**: quite sure of itself, and if it is wrong, it learns that very slowly. You met one in lesson 1.
#
# ## Fitting a line
#
# Now the weights shall be *found*. You hang 0, 1, 2, 3 and 4 bars of chocolate on a spring and measure how long it
# is, in centimetres. A neuron without activation draws a straight line: length = w × bars + b. Which w and b fit
# best? The loss is the mean squared error of lesson 1.

# %%
bars = [0.0, 1.0, 2.0, 3.0, 4.0]
lengths = [5.1, 6.8, 9.2, 10.9, 13.0]


def loss(w, b):
    return mean([(w * x + b - y) ** 2 for x, y in zip(bars, lengths, strict=True)])


print(f"with w = 0 and b = 0: loss {loss(0.0, 0.0):.4g}")

# %% [markdown]
# ## Predict: the gradient of b
#
# With w = 0 and b = 0 every prediction is 0. The errors, prediction minus truth, are −5.1, −6.8, −9.2, −10.9 and −13;
# their mean is −9. A square e² changes 2·e times as much as e does, and e changes just as much as b. What is the
# gradient of b?

# %%
my_guess = ...  # your guess

# %%
w, b = Value(0.0, "w"), Value(0.0, "b")
loss(w, b).backward()
print(f"gradient of w: {w.grad:.4g}")
guess(my_guess, b.grad)

# %% [markdown]
# 2 × (−9) = −18: the mean of 2·error. The gradient of w is the mean of 2·error·**x**: each error counts as much as
# its input is large. In numbers: 2 × (0 − 6.8 − 18.4 − 32.7 − 52)/5 = −43.96. The measurement with no chocolate says
# nothing about w, and most is said by the one with four bars.
#
# Now the loop of lesson 3, for two numbers at once. Both gradients are computed *before* either number moves.
# `zero_grad` forgets the gradients of the step before; lesson 5 shows what happens if you leave it out.


# %%
def fit(lr, count):
    w, b, path = Value(0.0, "w"), Value(0.0, "b"), [(0.0, 0.0)]
    for _ in range(count):
        L = loss(w, b)
        w.zero_grad()
        b.zero_grad()
        L.backward()
        w.data -= lr * w.grad
        b.data -= lr * b.grad
        path.append((w.data, b.data))
    return path


# %%
path = fit(lr=0.05, count=400)
for step in (0, 1, 2, 3, 10, 100, 400):
    w, b = path[step]
    print(f"after step {step:3}: w {w:6.4g}   b {b:6.4g}   loss {loss(w, b):.4g}")

# %% [markdown]
# ## Predict: the bare spring
#
# The neuron has found w = 1.99 and b = 5.02. How long is the spring with nothing hung on it, says the neuron? And
# which of its two numbers tells you?

# %%
my_guess = ...  # the length in cm

# %%
guess(my_guess, w * 0 + b)

# %% [markdown]
# 5.02 cm, the bias; and each bar of chocolate makes it 1.99 cm longer, the weight. Both have a meaning here. See how
# they were found: on the left the line among the points, on the right the walk of the hiker seen from above. Each
# place on that map is a line on the left. The rings join places of equal loss, as the lines of a hiking map join
# places of equal height.


# %%
ws, bs = [i / 10 for i in range(-2, 45)], [i / 5 for i in range(-2, 38)]
heights = [[loss(w, b) for w in ws] for b in bs]


def both(now):
    left, right = panels(2, width=9.5, height=3.9)
    w, b = path[now]
    left.plot(bars, lengths, "x", color=ORANGE, ms=9, mew=3)
    left.plot([0, 4], [b, 4 * w + b], color=BLUE)
    left.set(xlabel="bars", ylabel="length in cm", ylim=(-0.5, 15), title=f"step {now}: loss {loss(w, b):.3g}")
    right.contour(ws, bs, heights, levels=[0.1, 0.5, 1.5, 5, 15, 40], colors=GREY, linewidths=1)
    right.plot(*zip(*path[: now + 1], strict=True), ".-", color=BLUE, lw=1)
    right.plot(w, b, "o", color=BLUE, ms=9)
    right.plot(1.99, 5.02, "x", color=ORANGE, ms=9, mew=3)
    right.set(xlabel="w", ylabel="b", title=f"w = {w:.3g}, b = {b:.3g}")
    return left


# %%
alt = "Left, a line turns up towards five crosses in three steps, too steep and too low; then it slowly rises"
alt += " and flattens until it goes through them. Right, the same on the map of w and b: two quick steps into"
alt += " a long narrow valley, then many small ones along its floor to the cross."
film([both(now) for now in (0, 1, 2, 3, 10, 30, 80, 400)], alt=alt, seconds=0.8)

# %% [markdown]
# Two steps across, hundreds along: the hill is steep in one direction and almost flat in another, and the *same*
# learning rate serves both. A larger one, to get along faster, would diverge across the valley:

# %%
print("with 0.15: loss", [f"{loss(w, b):.4g}" for w, b in fit(lr=0.15, count=40)[::10]])

# %% [markdown]
# So it has to be small, and the walk along the floor is long. (On that floor a line that is too low makes up for it
# by being too steep.)
#
# For a straight line there is also a formula for the best w and b, found by Legendre and Gauss two hundred years ago.
# Here it is in Python (you need not see why it is right). Does the hiker, who knows no formula, end at the same
# place?

# %%
x0, y0 = mean(bars), mean(lengths)
together = mean([(x - x0) * (y - y0) for x, y in zip(bars, lengths, strict=True)])
best_w = together / mean([(x - x0) ** 2 for x in bars])
best_b = y0 - best_w * x0
print(f"formula: w {best_w:.4g}, b {best_b:.4g}      hiker: w {path[-1][0]:.4g}, b {path[-1][1]:.4g}")

# %% [markdown]
# The same. But the formula is for straight lines, and the hiker needs no more than a slope.
#
# ## The same from the library
#
# `nn`, the second part of the library, has neurons ready-made. `nn.Neuron(1)` has one weight and the bias inside, and
# is given its inputs as a list. `parameters()` lists all that can be learnt. `activation=None` means none; without
# it, the activation would be relu. The weight begins at random (with `seed=1` always at the same place), the bias at
# 0.

# %%
neuron = nn.Neuron(1, activation=None, seed=1)
for _ in range(400):
    L = mean([(neuron([x]) - y) ** 2 for x, y in zip(bars, lengths, strict=True)])
    neuron.zero_grad()
    L.backward()
    for p in neuron.parameters():
        p.data -= 0.05 * p.grad
draw(neuron)

# %% [markdown]
# The circle on the left is the input, the one on the right the neuron with its bias, and the line between them is the
# weight.

# %% [markdown]
# ## Exercises
#
# **Exercise 4.1** A neuron has the weights 2 and −1, the bias 0.5, and relu as its activation. What does it give for
# the inputs (3, 4), and what for (1, 4)? Answer with a list of two numbers.

# %%
answer = ...
check("4.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `[2.5, 0]`. For (3, 4) the weighted sum is 2 × 3 − 1 × 4 + 0.5 = 2.5, and relu lets it through. For (1, 4) it is 2 −
# 4 + 0.5 = −1.5, and relu makes it 0.
#
# </details>

# %% [markdown]
# **Exercise 4.2** The output of sigmoid(4·x + b) shall be 0.5 at x = 2.5. Which b do you choose?

# %%
answer = ...
check("4.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# −10. The output is 0.5 where 4·x + b = 0, and 4 × 2.5 = 10. The bias is negative: the neuron has to be held back
# until x is 2.5.
#
# </details>

# %% [markdown]
# **Exercise 4.3** A neuron without activation shall turn degrees Celsius into degrees Fahrenheit. Water freezes at 0
# °C, which is 32 °F, and boils at 100 °C, which is 212 °F. Which w and b? Answer `[w, b]`; no training is needed.

# %%
answer = ...
check("4.3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `[1.8, 32]`. At input 0 the output is the bias: 32. From there to 212 it has to rise by 180 while the input rises by
# 100, so the weight is 180/100 = 1.8.
#
# </details>

# %% [markdown]
# **Exercise 4.4** A neuron w·x + b is trained with a single example: x = 0, and the right output is 7. It begins at
# w = 1, b = 1. Which of its numbers move? Answer `"weight"`, `"bias"`, `"both"` or `"neither"`.

# %%
answer = ...
check("4.4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `"bias"`. The prediction is 1, the error is −6. The gradient of the bias is 2 × (−6) = −12, so it grows
# towards 7. The gradient of the weight is 2·error·x = 2 × (−6) × 0 = 0: it stays at 1 for ever.
#
# ```python
# w, b = Value(1.0), Value(1.0)
# ((w * 0.0 + b - 7) ** 2).backward()
# print(w.grad, b.grad)  # 0.0 -12.0
# ```
#
# </details>

# %% [markdown]
# ## Heard somewhere
#
# *"The largest weight is the most important feature."*
#
# (A *feature* is another word for an input.) Our swimmer again: w1 = 0.5 for a degree, w2 = −0.2 for a km/h. So
# warmth is more important than wind? A friend measures the wind in metres a second; 1 m/s is 3.6 km/h. So in her
# neuron the weight of the wind is 3.6 times as large: −0.72 for a m/s.

# %%
days = [(6.0, 10.0), (2.0, 25.0), (8.0, 5.0), (1.0, 8.0), (4.0, 32.0)]  # warmth, wind in km/h
mine = [sigmoid(0.5 * t + -0.2 * v + 0.5) for t, v in days]
hers = [sigmoid(0.5 * t + -0.72 * (v / 3.6) + 0.5) for t, v in days]  # -0.72 = -0.2 × 3.6
for one, other in zip(mine, hers, strict=True):
    print(f"mine {one:.4f}   hers {other:.4f}")

# %% [markdown]
# The two neurons agree on every day there is: they are the same neuron. Yet in mine the largest weight (without its
# sign) is that of warmth, 0.5, and in hers that of wind, 0.72.
#
# A weight says how much z changes *for each unit* of its input. To compare inputs, ask also how much they vary.
# Multiply the weight by how far the input usually is from its mean:

# %%
for name, weight, values in (
    ("warmth", 0.5, [t for t, _ in days]),
    ("wind in km/h", -0.2, [v for _, v in days]),
    ("wind in m/s", -0.72, [v / 3.6 for _, v in days]),
):
    spread = mean([abs(x - mean(values)) for x in values])
    told = f"weight {weight:5}   spread {spread:5.3g}   weight × spread {weight * spread:6.3g}"
    print(f"{name:13} {told}")

# %% [markdown]
# **Not so.** Change the unit and you change the weight, but not what the neuron does. Weight times spread is the same
# in both units, and on these days it is the *wind* that moves z most, though its weight in my neuron is the smaller
# one. (Even this is not the last word: if wind and warmth always came together, no number could tell which of them it
# was.)
#
# **What you know now.** A neuron is a weighted sum, a bias and an activation. Weights turn and steepen, the bias
# shifts, the activation bends. Gradient descent finds them all at once. Next: where all these gradients come from.

# %%
assert 0.5 * 6 - 0.2 * 10 + 0.5 == 1.5
assert (middle, moved) == (3.0, 2.0)  # -b/w: a larger bias shifts to the left
assert max(abs(path[-1][0] - best_w), abs(path[-1][1] - best_b)) < 0.001
assert [round(p.data, 2) for p in neuron.parameters()] == [1.99, 5.02]
assert max(abs(one - other) for one, other in zip(mine, hers, strict=True)) < 1e-12
assert loss(1.99, 5.02) < min(loss(2.0, 5.2), loss(2.1, 5.0), loss(1.9, 5.0))
