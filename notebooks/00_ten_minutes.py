# %% [markdown]
# # 0 · Ten minutes with gradients
#
# You will build a small computation, look at it as a picture, walk through it forward and backward one number at a
# time, and train an artificial neuron. At the end you can say what a gradient is, and what it is not.
#
# **Time:** ten minutes, and ten more for the exercises. **Builds on:** a little Python. No mathematics beyond plus,
# times and an average.
#
# This page is made of **cells**: some are text, such as this one, and some are code, with what it gives below. In
# JupyterLab, `Shift+Enter` runs a cell and goes on to the next. Where you read **Predict**, first put your guess in
# the place of the three dots. Nobody counts the wrong ones; they are the ones you will remember.

# %%
from autograd import Value, draw, mean, sigmoid, steps
from checks import check, guess
from figures import BLUE, GREY, ORANGE, axes, show

# %% [markdown]
# ## A number that remembers
#
# A `Value` is a number with a name. You compute with it as with any other number. The plain number inside is its
# `.data`; the `:.4g` behind it only says that four digits are enough for printing.

# %%
a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
y = a * b + c
print(f"y = {y.data:.4g}")

# %% [markdown]
# 2 × (−3) + 10 = 4, as you would expect. But `y` has not forgotten where it comes from: which numbers went into it,
# and what was done to them. `draw` shows it.

# %%
draw(y, local_grads=False)

# %% [markdown]
# This picture is called the **graph** of the computation. Each box is a number; the arrows run from what was given,
# in the boxes with round corners, to what was computed from it. `v1` is `a*b`: we gave it no name, so it was given
# one. Computing from left to right is the **forward pass**.
#
# Below the number itself, `data`, each box has a second one, `grad`: its *gradient*. It is not computed yet. The next
# guess is about what it is. (The small numbers in circles say in which order the boxes will get theirs: from right to
# left, as you will see below.)

# %% [markdown]
# ## Predict: a small nudge
#
# We make `a` a tiny bit larger: 2.001 in the place of 2. All else stays. What will `y` be? (It was 4.)

# %%
my_guess = ...  # your guess

# %%
nudged = 2.001 * -3.0 + 10.0
guess(my_guess, nudged)

# %% [markdown]
# `a` grew by 0.001, and `y` fell by 0.003. The change of `y` is −3 times the change of `a`. That number is the
# gradient:
#
# > The **gradient** of `y` with respect to `a` says how many times as much as `a` the result `y` changes, when `a`
# > grows by a little.
#
# Its sign says which way: `y` falls when `a` grows. And why −3? Because `a` is multiplied by `b`, which is −3.

# %%
print(f"y changes {(nudged - 4.0) / 0.001:.4g} times as much as a")

# %% [markdown]
# ## Predict: who moves y most?
#
# Now `a`, `b` and `c` are nudged by the same tiny amount, one after the other. Which of the three moves `y` most?
# Remember: `a` is 2, `b` is −3, `c` is 10.

# %%
my_guess = ...  # "a", "b" or "c"

# %%
y.backward()
gradients = {"a": a.grad, "b": b.grad, "c": c.grad}
print(gradients)
guess(my_guess, max(gradients, key=lambda name: abs(gradients[name])))

# %% [markdown]
# One call of `y.backward()` found all three gradients, without a nudge. By size, without the sign, −3 is the largest.
# (If you run that cell twice, all gradients double, since `backward` adds to what is there. Lesson 5 says why.)
#
# `c` is the largest *number*, and its *gradient* is the smallest by size: when `c` grows by 0.001, so does `y`; that
# is 1 times as much. `b` is multiplied by `a`, so `y` changes 2 times as much as `b`. **How large a number is and how
# strongly it moves the result are two different things.** The picture now has both.

# %%
draw(y)

# %% [markdown]
# The number on an arrow is the gradient of that one step, its *local derivative*: `v1` changes −3 times as much as
# `a`, and `y` 1 time as much as `v1`. From `y` back to `a` they are multiplied: 1 × (−3) = −3. Lesson 5 is about that
# rule.
#
# ## One number at a time
#
# `steps` goes through all of it. Press the fourth of the five buttons, or click on the page and use the → key, and
# read the lines above the picture. First comes the forward pass. Then comes the **backward pass**: it begins at `y`
# and goes back to `a`, `b` and `c`.

# %%
steps(y)

# %% [markdown]
# ## Predict: drag a number
#
# In a moment you will change `a` from 2 to 5. Two gradients could change: that of `a`, which is −3 now, and that of
# `b`, which is 2 now. What will the gradient of **b** be?

# %%
my_guess = ...  # the gradient of b when a is 5

# %% [markdown]
# Now try it on the page above. Press the last of the five buttons, so that all numbers stand there. Then drag the box
# of `a` to the right, or move its slider, or type 5 in its field. Watch the gradients, not only the data.

# %%
a, b, c = Value(5.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
y = a * b + c
y.backward()
print(f"gradient of a: {a.grad:.4g}")
guess(my_guess, b.grad)

# %% [markdown]
# The gradient of `b` follows `a`; the gradient of `a` itself has not moved. In a product each factor is the other
# one's gradient. So a gradient belongs to a place: change the numbers, and it may be another.
#
# ## A neuron
#
# Six students practised for some hours; some passed the test (1), some did not (0). A **neuron** is to answer, for
# any number of hours, how likely it is to pass. It multiplies the hours by a *weight* `w`, adds a *bias*, and
# squeezes what comes out into the range from 0 to 1. This last function is called `sigmoid`.

# %%
hours = [1, 2, 3, 4, 5, 6]
passed = [0, 0, 1, 0, 1, 1]
w, bias = Value(0.0, "w"), Value(0.0, "bias")


def neuron(x):
    return sigmoid(w * x + bias)


print([neuron(x).data for x in hours])

# %% [markdown]
# With `w` = 0 and `bias` = 0 it knows nothing: 0.5 for everybody. How wrong is that? For each student take the answer
# minus the truth, and square it, so that too high and too low both count. The mean of the six squares is the
# **loss**, `L` for short: one number that says how wrong the neuron is. Here each difference is 0.5 or −0.5, each
# square 0.25, and so is their mean.


# %%
def loss():
    return mean([(neuron(x) - truth) ** 2 for x, truth in zip(hours, passed, strict=True)])


print(f"loss: {loss().data:.4g}")

# %% [markdown]
# ## Predict: which way to turn w?
#
# The loss is to become smaller. Should `w` grow or shrink? (Those who passed had practised longer.) And what sign has
# the gradient of the loss with respect to `w` then? Guess the sign.

# %%
my_guess = ...  # "positive" or "negative"

# %%
L = loss()
L.backward()
print(f"gradient of w: {w.grad:.4g}")
guess(my_guess, "positive" if w.grad > 0 else "negative")

# %% [markdown]
# Negative: when `w` grows, the loss falls. So `w` should grow, *against* the sign of its gradient. That is the whole
# trick of training: **turn every number a little against its gradient, and do it again.**
#
# Here it is for a single student, who practised 2 hours and did not pass. The truth is 0, so the loss `L` is the
# answer, squared. Go through the steps once. Then press "Step downhill" some times and watch `w`, `bias` and `L`.
# Each press takes `lr` times its gradient away from each of the two numbers; `lr` is the *learning rate*, here 0.5.
# (This student alone pulls `w` down: both gradients are positive here. The six together pulled it up.)

# %%
w, bias = Value(0.0, "w"), Value(0.0, "bias")
L = neuron(2) ** 2
steps(L, train=[w, bias], lr=0.5)

# %% [markdown]
# And here it is for all six students, a thousand times. `zero_grad` forgets the old gradients; `backward` computes
# the new ones; the last two lines are the step, with a learning rate of 1.0.

# %%
w, bias = Value(0.0, "w"), Value(0.0, "bias")
seen = {}
for step in range(1001):
    L = loss()
    if step in (0, 10, 30, 1000):
        seen[step] = (w.data, bias.data)
        print(f"step {step:4}   loss {L.data:.4g}   w {w.data:.4g}   bias {bias.data:.4g}")
    w.zero_grad()
    bias.zero_grad()
    L.backward()
    w.data -= 1.0 * w.grad
    bias.data -= 1.0 * bias.grad

# %%
ax = axes("hours of practice", "answer of the neuron", width=7.5)
xs = [i / 10 for i in range(66)]
for (step, (w0, b0)), style in zip(seen.items(), [":", "-.", "--", "-"], strict=True):
    curve = [sigmoid(w0 * x + b0) for x in xs]
    ax.plot(xs, curve, style, color=BLUE if step == 1000 else GREY)
    ax.text(6.6, curve[-1], f"step {step}", va="center")
ax.scatter(hours, passed, s=70, marker="X", color=ORANGE, zorder=3)
ax.set_yticks([0, 0.5, 1], ["not passed 0", "0.5", "passed 1"])
alt = "Six crosses, for the students, and the neuron's answer: a flat line at 0.5 at step 0,"
alt += " and at step 1000 a curve that rises from 0.1 at one hour of practice to 0.9 at six."
show(ax, alt=alt)

# %% [markdown]
# From a flat line the neuron has bent itself towards the crosses. The loss has not become 0, and cannot: the student
# with 3 hours passed and the one with 4 did not, and a curve that only rises cannot go through both. So the neuron
# does not promise anything: it says how likely it is to pass after so many hours, as far as six students can tell.
#
# Networks with billions of weights are trained by the same loop: forward, loss, backward, step.

# %% [markdown]
# ## Exercises
#
# **Exercise 0.1** Back to `y = a*b + c` with `a` = 2, `b` = −3, `c` = 10, where `y` is 4. You may turn *one* of the
# three by 0.1, up or down. What is the largest `y` that you can get?

# %%
answer = ...
check("0.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 4.3, by turning `a` *down*. The gradients are −3, 2 and 1. The largest by size is that of `a`, and it is negative:
# `y` grows when `a` falls. With `a` = 1.9, `y` is 1.9 × (−3) + 10 = 4.3. The next best is `b` up, with 4.2.
#
# </details>

# %% [markdown]
# **Exercise 0.2** Let `p` = 4, `q` = 5 and `z = p*q + p`. What is the gradient of `z` with respect to `p`? Nudge `p`
# by 0.001 in your head, or on paper, before you ask the library. Note that `p` is used twice.

# %%
answer = ...
check("0.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# It is 6: when `p` grows by 0.001, `p*q` grows by 0.005, and the `p` that is added grows by 0.001: together 0.006.
# What a number does in several places adds up.
#
# `p, q = Value(4.0), Value(5.0)`, then `z = p * q + p`, `z.backward()` and `p.grad` give 6.0.
#
# </details>

# %% [markdown]
# **Exercise 0.3** For how many hours of practice does the trained neuron answer "just as likely as not", 0.5? The
# sigmoid of 0 is 0.5, so you look for the `x` where `w*x + bias` is 0. Use the trained `w.data` and `bias.data`.

# %%
answer = ...
check("0.3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `w*x + bias` is 0 where x is −bias/w, and `-bias.data / w.data` is 3.5. That is right in the middle of the six, as
# it should be: give the picture half a turn about its middle, and the crosses lie where they lay.
#
# </details>

# %% [markdown]
# ## Heard somewhere
#
# *"The gradient of an input says how much of the result comes from it."*
#
# If that were so, the gradients would have to add up to the result, and a larger input would have a larger one.

# %%
a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
y = a * b + c
y.backward()
print(f"y is {y.data:.4g}, and the three gradients add up to {a.grad + b.grad + c.grad:.4g}")
big = Value(1000000.0, "c")
(a * b + big).backward()
print(f"c = 10 has gradient {c.grad:.4g}, c = a million has gradient {big.grad:.4g}")

# %% [markdown]
# **Not so.** The gradients add up to 0, and `y` is 4. A million has the same gradient as 10. A gradient speaks of
# *change*: what would happen if this number were a little larger. It does not share out the result.
#
# **What you know now.** Forward computes the result; backward computes, for every number, how many times as much the
# result would change; training turns every number a little against that. Next: how to say *how wrong* in one number.

# %%
assert (y.data, c.grad, big.grad) == (4.0, 1.0, 1.0)
assert abs((nudged - 4.0) / 0.001 - gradients["a"]) < 1e-6  # the gradient is what a nudge shows
assert max(gradients, key=lambda name: abs(gradients[name])) == "a"
assert (neuron(1).data < 0.2, neuron(6).data > 0.8) == (True, True)
assert loss().data < 0.15  # the neuron has learnt
assert abs(-bias.data / w.data - 3.5) < 0.01
