# %% [markdown]
# # 5 · The chain rule is a relay
#
# You will find out where gradients come from: each operation knows one small slope, multiplies what it is handed by
# it, and hands the result on. You will break this relay on purpose, count what it saves, and see it win by a wide
# margin.
#
# **Time:** 40 minutes. **Builds on:** lesson 2 (slopes by nudging), lesson 3 (gradient descent), lesson 4 (fitting a
# line).

# %%
import time

import nn
from autograd import Value, draw, explain, steps
from checks import check, guess
from figures import BLUE, ORANGE, axes, show

# %% [markdown]
# ## Two slopes in a row
#
# We begin with a chain of two links: kilometres become litres, and litres become euros.
#
# ## Predict: what does a kilometre cost?
#
# A car burns 0.05 litres of fuel for each kilometre. A litre costs 2 €. How many euros does one more kilometre cost?

# %%
my_guess = ...  # in euros

# %%
distance = Value(100.0, "distance")
fuel = 0.05 * distance
cost = 2 * fuel
cost.backward()
guess(my_guess, distance.grad)

# %% [markdown]
# Nobody adds 0.05 and 2 here. You *multiply*: litres per kilometre times euros per litre makes euros per kilometre.
# That is the **chain rule**, whole:
#
# > slope of the whole chain = slope of the first link × slope of the second link
#
# On the arrows of the picture are the slopes of the single links. Read it from the right: the cost changes 2 times as
# much as the fuel, the fuel 0.05 times as much as the distance, so the cost changes 0.1 times as much as the
# distance.

# %%
draw(cost)

# %% [markdown]
# The slope of one single operation is called a **local derivative**: how many times as much its result changes when
# *one* of the numbers it was given grows by a little. Here it was the same everywhere, but mostly it depends on the
# numbers.
#
# ## Predict: a bent link
#
# u = 3·x and y = u². (From lesson 2: the slope of u² is 2·u.) Let x = 2. How many times as much does y change as x?

# %%
my_guess = ...  # your guess

# %%
x = Value(2.0, "x")
u = 3 * x
y = u**2
y.backward()
print(f"by nudging: {((3 * 2.0001) ** 2 - (3 * 2) ** 2) / 0.0001:.4g}")
guess(my_guess, x.grad)

# %% [markdown]
# It is 36. The first link has slope 3. The second has 2·u, and u is **6** here, so 12. And 3 × 12 = 36. If you got
# 12, you put x = 2 into the slope 2·u; if you got 15, you added.
#
# This is why the forward pass comes first. The slope of a link has to be taken at the number that really arrived
# there, and before the forward pass nobody knows it. A `Value` notes its local derivatives at the moment it is made:

# %%
a, b = Value(5.0, "a"), Value(-2.0, "b")
for name, made in {"a + b": a + b, "a - b": a - b, "a * b": a * b, "a**2": a**2}.items():
    print(f"{name:5} = {made.data:3.4g}   local derivatives {made.local_grads}")

# %% [markdown]
# A sum follows each of its parts 1 to 1. In a product each factor is the other one's slope: when a grows by 1, a·b
# grows by b. Nothing else has to be known about an operation: these few small rules make all gradients of the largest
# networks.
#
# ## The relay
#
# Think of the **backward pass** as a relay race from the result back to the inputs. What is handed on is a number:
# *how many times as much the result L changes, when I change*. Mathematicians write ∂L/∂u for it ("d L by d u"). The
# race starts at L with the number 1. Each runner multiplies the number received by a local derivative, and hands it
# on. No runner has to know how long the race is, nor what the others do.

# %% [markdown]
# ## Predict: two ways back
#
# Now x is used twice: u = 2·x, v = x + 1, and L = u·v. Let x = 3, so u = 6, v = 4 and L = 24. What is ∂L/∂x?

# %%
my_guess = ...  # your guess

# %%
x = Value(3.0, "x")
u = 2 * x
v = x + 1
L = u * v
L.backward()
guess(my_guess, x.grad)

# %%
draw(L)

# %% [markdown]
# Two roads lead from L back to x, each called a **path**. Over u: 4 × 2 = 8. Over v: 6 × 1 = 6. Together 8 + 6 = 14.
#
# > Multiply along a path. Add over the paths.
#
# Why add? Let x grow by 0.001. Then u grows by 0.002, and that alone makes L grow by 4 × 0.002 = 0.008. But v grows
# as well, by 0.001, and that alone makes L grow by 6 × 0.001 = 0.006. Both happen. Compute it:


# %% tags=["digits"]
def whole(x_for_u, x_for_v):
    return (2 * x_for_u) * (x_for_v + 1)


print(f"only over u: L grows by {whole(3.001, 3) - 24:.4g}")
print(f"only over v: L grows by {whole(3, 3.001) - 24:.4g}")
print(f"both:        L grows by {whole(3.001, 3.001) - 24:.6f}")

# %% [markdown]
# 0.014 and a rest of 0.000002. The rest is the product of the two small changes, 0.002 × 0.001. With a nudge a
# thousand times smaller it is a million times smaller: it plays no part in a slope. `explain` writes all of this down
# for any gradient:

# %%
explain(L, x)

# %% [markdown]
# Now walk it. Press → and follow the backward pass: L hands 4 to u and 6 to v, u hands 8 to x, v hands 6 to x. Look
# at the very last step: "had 8, now 14". Then change x to 5 on the page, and first say what ∂L/∂x will be. (Its
# formula is 4·x + 2.)

# %%
steps(L)

# %% [markdown]
# ## The missing +=
#
# Here is the same backward pass by hand, in plain Python. Each line is one runner. There is a mistake in it.
#
# ## Predict: what does it give?
#
# Read the cell after the next one before you run it. What is `grad_x` in the end?

# %%
my_guess = ...  # the value of grad_x at the end

# %%
grad_L = 1.0
grad_u = grad_L * 4.0  # ∂L/∂u = v
grad_v = grad_L * 6.0  # ∂L/∂v = u
grad_x = grad_u * 2.0  # ∂u/∂x = 2
grad_x = grad_v * 1.0  # ∂v/∂x = 1
guess(my_guess, grad_x)

# %% [markdown]
# Not 14 but 6: the second runner who came to x threw away what the first had brought. It should have been added:
# `grad_x += …`.
#
# This mistake is famous because it is quiet. There is no error message, and as long as each number is used only once,
# all gradients are right. But a *weight* is used once for each example! Let us fit the spring of lesson 4 with this
# mistake: 0 to 4 bars of chocolate hang on it, and w·bars + b shall be its length. Each example hands 2·error·x to w
# and 2·error to b, divided by 5 for the mean; with `=` the share of the next example takes the place of the last.


# %%
def fit_spring(add):
    w, b = 0.0, 0.0
    for _ in range(400):
        grad_w = grad_b = 0.0
        for x, y in zip([0, 1, 2, 3, 4], [5.1, 6.8, 9.2, 10.9, 13.0], strict=True):
            error = w * x + b - y
            here_w, here_b = 2 * error * x / 5, 2 * error / 5
            grad_w = grad_w + here_w if add else here_w  # += or =
            grad_b = grad_b + here_b if add else here_b
        w, b = w - 0.05 * grad_w, b - 0.05 * grad_b
    return w, b


# %%
for add in (True, False):
    w, b = fit_spring(add)
    told = f"w {w:.4g}, b {b:.4g}; at 0 bars {b:.4g} cm, at 4 bars {4 * w + b:.4g} cm"
    print("with +=:" if add else "with = :", told)

# %% [markdown]
# With `=` the neuron has learnt only the last example: 13 cm at 4 bars is met exactly, and the bare spring, which
# measured 5.1 cm, is said to be 0.76 cm long. It saw five measurements and listened to one.
#
# ## Predict: backward twice
#
# So `backward()` adds to the gradients that are there. x.grad is 14 now, from above. We compute L anew, from the same
# x, and call `backward()` once more, without `zero_grad`. What is x.grad then?

# %%
my_guess = ...  # your guess

# %%
L = (2 * x) * (x + 1)
L.backward()
guess(my_guess, x.grad)

# %% [markdown]
# 28: the old 14 and the new 14. Within one pass adding is right, since all paths count. From one pass to the next it
# is wrong: the old gradient belongs to an old place. That is why the loop says `zero_grad()` before `backward()`. And
# if it is left out? Here is the bowl of lesson 3, with its valley at 3 and learning rate 0.1:

# %%
for forget in (True, False):
    w, path = Value(0.0, "w"), []
    for _ in range(1000):
        path.append(w.data)
        if forget:
            w.zero_grad()
        ((w - 3) ** 2).backward()
        w.data -= 0.1 * w.grad
    last = path[-50:]
    print("with zero_grad:   " if forget else "without zero_grad:", *[f"{p:.3g}" for p in path[:12]])
    print(f"        the last fifty of 1000 lie between {min(last):.3g} and {max(last):.3g}")

# %% [markdown]
# Without it, the hiker carries along all slopes there have ever been, rushes through the valley, up the other side,
# and back: a swing that never comes to rest.
#
# ## So many paths
#
# Double a number by adding it to itself, and do so again and again. After three doublings:

# %%
x = Value(1.0, "x")
y = x
for _ in range(3):
    y = y + y
draw(y)

# %% [markdown]
# Two arrows lead from each box to the next, since y + y uses y twice. Back from the last box you can choose between
# two arrows, three times: 2 × 2 × 2 = 8 paths lead to x. All slopes are 1, so each path brings 1: in all 8. Here
# **the gradient counts the paths**.
#
# ## Predict: twenty doublings
#
# We double 20 times: 2 × 20 = 40 arrows. How many paths lead back?

# %%
my_guess = ...  # the number of paths

# %%
y, arrows = x, 0
for _ in range(20):
    y = y + y
    arrows += len(y.parents)
x.zero_grad()
y.backward()
print(f"arrows: {arrows}")
guess(my_guess, int(x.grad))

# %% [markdown]
# 2 × 2 × … × 2, twenty times: more than a million paths over only 40 arrows. If the backward pass walked each path by
# itself, a network with some dozens of layers could never be trained. The trick of the relay: **a runner waits until
# everybody who runs to them has arrived, adds up what they brought, and hands on once.** Each arrow is used one time,
# however many paths go over it.
#
# That is **backpropagation**: the chain rule, in an order in which nothing is computed twice. How to find this order
# is a question for lesson 6.

# %% [markdown]
# ## Why not nudge every weight?
#
# Lesson 2 found slopes without any rule: nudge, compute again, divide. Why not do that for a network? Here is a small
# one: **layers** of neurons, in which each neuron has all outputs of the layer before as its inputs. The two empty
# circles on the left are the inputs, the others are neurons, each with its bias in it (0 at the start); the lines are
# the weights. (`MLP` is short for its old name, *multi-layer perceptron*: 2 inputs, then 4, 4 and 1 neurons. The
# activation `tanh` squeezes a number into the range from −1 to 1.)

# %%
draw(nn.MLP(2, [4, 4, 1], activation="tanh", seed=1))


# %%
def forward(model):
    return (model([1.0, 2.0]) - 1.0) ** 2  # the loss for one example


def gradient_by_nudging(model, nudge=1e-6):
    passes, slopes = 1, []
    before = forward(model).data
    for p in model.parameters():
        p.data += nudge
        slopes.append((forward(model).data - before) / nudge)
        p.data -= nudge
        passes += 1
    return slopes, passes


# %% [markdown]
# ## Predict: how many forward passes?
#
# The network in the picture has 37 weights and biases: 4·2 + 4 in its first layer, 4·4 + 4 in its second and 4 + 1 in
# its last. How many times must the loss be computed, to find all 37 slopes by nudging?

# %%
my_guess = ...  # your guess

# %%
model = nn.MLP(2, [4, 4, 1], activation="tanh", seed=1)
slopes, passes = gradient_by_nudging(model)
forward(model).backward()
apart = max(abs(p.grad - slope) for p, slope in zip(model.parameters(), slopes, strict=True))
print(f"nudged and by backward differ by less than 0.0001: {apart < 0.0001}")
guess(my_guess, passes)

# %% [markdown]
# 38: once as it is, and once for each weight or bias. The relay needs *one* forward pass and *one* backward pass, for
# all of them together. And it has no nudge that could be too large or too small (lesson 2). Now let the network grow,
# and count weights and biases together:

# %%
sizes = {}
for width in (1, 2, 4, 8, 16, 24):
    model = nn.MLP(2, [width, width, 1], activation="tanh", seed=1)
    sizes[width] = len(model.parameters())
    passes = gradient_by_nudging(model)[1]
    print(f"{sizes[width]:4} of them:  nudging {passes:4} forward    relay 1 forward, 1 backward")

# %% [markdown]
# And in time? The next cells measure it on the machine at hand, so the picture is a little different each time. On
# both axes each labelled number is ten times the one before.


# %% tags=["timed"]
def seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# %% tags=["timed"]
nudging, relay = [], []
for width in sizes:
    model = nn.MLP(2, [width, width, 1], activation="tanh", seed=1)
    nudging.append(min(seconds(lambda m=model: gradient_by_nudging(m)) for _ in range(2)))
    relay.append(min(seconds(lambda m=model: forward(m).backward()) for _ in range(20)))
ax = axes("weights and biases", "seconds", width=7.4)
for times, style, name in ((nudging, "s--", "nudge each weight"), (relay, "o-", "relay")):
    ax.loglog(list(sizes.values()), times, style, color=ORANGE if times is nudging else BLUE)
    ax.text(800, times[-1], name, va="center")
ax.set(xlim=(5, 4000), title="time for one gradient")
alt = "Seconds for one gradient against the number of weights and biases, from 7 to 697. Nudging"
alt += " takes longer from the start, rises far more steeply, and ends far above the relay."
show(ax, alt=alt)

# %% [markdown]
# The gap itself grows. With ten times as many weights, nudging makes ten times as many passes, and each of them takes
# up to ten times as long; the relay has only the second of the two.
#
# ## Predict: a million weights
#
# One forward pass of a network with a million weights takes a second here, and a backward pass perhaps two. The relay
# has its gradient in three seconds. How many *days* does nudging take, for one single step downhill?

# %%
my_guess = ...  # in days

# %%
guess(my_guess, (1_000_000 + 1) * 1.0 / (24 * 60 * 60))

# %% [markdown]
# A million and one seconds: more than eleven days for one step, and a training has thousands of steps. So nudging is
# for *testing* a gradient at a few places; for training there is backpropagation.

# %% [markdown]
# ## Exercises
#
# **Exercise 5.1** u = 3·x + 1 and y = u². What is ∂y/∂x at x = 1?

# %%
answer = ...
check("5.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# It is 24. Forward: u = 4, y = 16. Back: ∂y/∂u = 2·u = 8, and ∂u/∂x = 3 (the 1 that is added changes nothing). 8 ×
# 3 = 24.
#
# </details>

# %% [markdown]
# **Exercise 5.2** u = x·x, v = 3·x and L = u·v, at x = 2. How much of ∂L/∂x comes over u, and how much over v? Answer
# with a list of two numbers. (Mind that x is used twice already in x·x.)

# %%
answer = ...
check("5.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `[24, 12]`. Forward: u = 4, v = 6, L = 24. Over u: L hands on v = 6; u = x·x is left by two arrows, each with slope
# x = 2, so 6 × 2 + 6 × 2 = 24. Over v: L hands on u = 4, and v's slope is 3, so 12. Together ∂L/∂x = 36.
#
# ```python
# x = Value(2.0)
# u, v = x * x, 3 * x
# print(explain(u * v, x))  # all three paths
# ```
#
# </details>

# %% [markdown]
# **Exercise 5.3** A network has 50,000 weights. A forward pass takes 2 milliseconds, and a backward pass 4. How many
# *seconds* does it take to find all slopes by nudging?

# %%
answer = ...
check("5.3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 100 seconds: 50,001 forward passes of 0.002 seconds each; the backward pass is not used. The relay takes one of each:
# 0.002 + 0.004 = 0.006 seconds.
#
# </details>

# %% [markdown]
# **Exercise 5.4** Write the backward pass of `u = x*x`, `v = u + x`, `L = u*v` by hand, a line for each runner, as in
# "The missing +=". Three runners come to x, two of them from u. Two come to u, from L and from v, and u has to wait
# for both. The function returns ∂L/∂x.


# %%
def slope(x):
    u = x * x
    v = u + x
    return u * v  # that is L; return ∂L/∂x in its place


answer = ...  # when it is written: answer = slope
check("5.4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def slope(x):
#     u = x * x
#     v = u + x
#     grad_L = 1.0
#     grad_v = grad_L * u
#     grad_u = grad_L * v
#     grad_u += grad_v * 1.0  # v = u + x hands on to u ...
#     grad_x = grad_v * 1.0  # ... and to x
#     grad_x += grad_u * x  # u = x*x hands on to x
#     grad_x += grad_u * x  # twice
#     return grad_x
# ```
#
# At x = 2: u = 4, v = 6, grad_v = 4, grad_u = 6 + 4 = 10, grad_x = 4 + 20 + 20 = 44.
#
# </details>

# %% [markdown]
# ## Heard somewhere
#
# *"Backpropagation is a kind of gradient descent."*
#
# If it were, `backward()` would move the weights. Does it?

# %%
model = nn.MLP(2, [4, 4, 1], activation="tanh", seed=1)
before = [p.data for p in model.parameters()]
forward(model).backward()
after = [p.data for p in model.parameters()]
print("after backward() the weights are as before:", before == after)

# %% [markdown]
# It computes slopes and moves nothing. Now the other way round: gradient descent *without* backpropagation. Two
# networks, equal at the start; one gets its slopes from the relay, the other by nudging.

# %%
one, other = (nn.MLP(2, [4, 4, 1], activation="tanh", seed=1) for _ in range(2))
for _ in range(5):
    one.zero_grad()
    forward(one).backward()
    nudged = gradient_by_nudging(other)[0]
    for p, q, slope_of_q in zip(one.parameters(), other.parameters(), nudged, strict=True):
        p.data -= 0.01 * p.grad
        q.data -= 0.01 * slope_of_q
    print(f"loss: {forward(one).data:.4g} with the relay, {forward(other).data:.4g} by nudging")

# %% [markdown]
# The same descent. And last, backpropagation without descent: Newton's way to find the number whose square is 2. Where
# is the curve x² − 2 zero? From the place where he stands he follows the *tangent* to where that is zero, and begins
# anew there: new x = old x − height/slope. There is no learning rate here, and no valley.

# %%
x = Value(1.0)
for _ in range(5):
    curve = x**2 - 2
    x.zero_grad()
    curve.backward()
    x.data -= curve.data / x.grad
    print(f"{x.data:.4g} squared is {x.data**2:.4g}")

# %% [markdown]
# **Not so.** Backpropagation *finds* slopes. Gradient descent *uses* slopes, wherever they come from. They are often
# seen together, like a map and a walk.
#
# **What you know now.** Multiply along a path, add over the paths. Backpropagation does that for all weights at once,
# using each arrow one time: a forward pass and a backward pass, in place of n + 1 forward passes. Next: you write it
# yourself.

# %%
assert distance.grad == 0.1
assert grad_x == 6.0  # what the missing += leaves of 14
assert fit_spring(add=True)[0] < 2 < fit_spring(add=False)[0]
assert (2**20, arrows) == (1048576, 40)
assert passes == sizes[24] + 1  # one forward pass for each weight, and one more
assert apart < 1e-4
assert nudging[-1] > 10 * relay[-1]
assert abs(forward(one).data - forward(other).data) < 1e-4
