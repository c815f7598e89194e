# %% [markdown]
# # 1 · How wrong are we?
#
# A machine that learns makes one number smaller. You will choose that number in three ways and see that the choice
# decides what is learnt: the average or the middle one, an honest forecast or an exaggerated one, quickly or hardly
# at all.
#
# **Time:** 40 minutes. **Builds on:** lesson 0 (gradient, loss, the neuron and its sigmoid).

# %%
from autograd import Value, draw, log, mean, sigmoid
from checks import check, guess
from figures import BLUE, GREY, ORANGE, axes, panels, show

# %% [markdown]
# ## The way to school
#
# On five mornings you wrote down how many minutes the way to school took. On the fifth the bus broke down. Which
# single number `m` do you give when somebody asks how long it takes? The usual answer is the average: the five
# together make 80, and 80/5 = 16.
#
# The **error** for a ride is what you say minus what it was. (`mean`, and later `log` and `sigmoid`, take plain
# numbers as well as a `Value`.)

# %%
rides = [10, 11, 12, 13, 34]


def errors(m, times=rides):
    return [m - t for t in times]


# %% [markdown]
# ## Predict: the average error
#
# You say 16. What is the average of the five errors?

# %%
my_guess = ...  # your guess

# %%
print(errors(16))
guess(my_guess, mean(errors(16)))

# %% [markdown]
# Zero! Yet 16 is at least 3 minutes off on every single morning. The errors above zero and those below cancel. So the
# signs have to go before we add, and there are two usual ways:
#
# * the **absolute error** |e| is the error without its sign: |6| = 6 and |−18| = 18;
# * the **squared error** e² is the error times itself: 6² = 36 and (−18)² = 324.
#
# The mean of one or the other over all rides is a **cost**: one number that says how wrong we are. It is never below
# 0, and it is 0 only when nothing is wrong. *Cost*, *loss* and *error function* are three names for it.


# %%
def absolute(m, times=rides):
    return mean([abs(e) for e in errors(m, times)])


def squared(m, times=rides):
    return mean([e**2 for e in errors(m, times)])


print(f"say 16: absolute {absolute(16):.4g}, squared {squared(16):.4g}")

# %% [markdown]
# By hand: (6 + 5 + 4 + 3 + 18)/5 = 36/5 = 7.2, and (36 + 25 + 16 + 9 + 324)/5 = 410/5 = 82.
#
# ## Predict: say 12
#
# A friend would say 12, which is the middle one of the five. Then the absolute cost is lower: (2 + 1 + 0 + 1 + 22)/5
# = 5.2 in the place of 7.2. And the squared cost, which was 82: is it lower for 12 too, or higher?

# %%
my_guess = ...  # "lower" or "higher"

# %%
print(f"say 12: absolute {absolute(12):.4g}, squared {squared(12):.4g}")
guess(my_guess, "lower" if squared(12) < squared(16) else "higher")

# %% [markdown]
# The two costs do not agree on which answer is better. The picture shows why. Each squared error is drawn as what it
# is, a square that reaches from the ride (the dot) to the line at `m`. The squared cost is the mean area; the
# absolute cost is the mean side.

# %%
both = panels(2, "", "minutes", width=8, height=2.8, sharex=True, sharey=True)
for ax, m in zip(both, (16, 12), strict=True):
    at = 0
    for t in rides:
        side = abs(m - t)
        ax.fill([at, at + side, at + side, at], [t, t, m, m], color=ORANGE, alpha=0.35)
        ax.plot(at, t, "o", color="black")
        at += side + 2
    ax.text(at - 2 - side / 2, m + side / 2, f"{side**2}", ha="center", va="center")
    ax.axhline(m, color=BLUE)
    ax.set(title=f"say {m}: mean area {squared(m):.4g}, side {absolute(m):.4g}", aspect="equal", xticks=[])
alt = "Each error as a square. For m = 16 four small squares, and one of area 324 that is larger"
alt += " than all the others together; for m = 12 the four are tiny, and that one has area 484."
show(both[0], alt=alt)

# %% [markdown]
# One square is larger than all the others together: the morning of the broken bus makes 324 of the 410. To say 12
# makes the others tiny, but that one grows to 22² = 484. Squaring makes a large error *very* large: ten times the
# error is a hundred times the cost.
#
# ## Predict: an even longer wait
#
# Suppose that the fifth ride took 64 minutes, not 34. By how many minutes does the `m` with the least **absolute**
# cost move?

# %%
my_guess = ...  # minutes

# %%
longer = [10, 11, 12, 13, 64]
candidates = [i / 10 for i in range(50, 301)]  # 5.0, 5.1, … 30.0
best = {}
for name, cost in (("absolute", absolute), ("squared", squared)):
    best[name] = [min(candidates, key=lambda m: cost(m, times)) for times in (rides, longer)]
    print(f"{name:8}  best m before: {best[name][0]:.4g}, with the longer wait: {best[name][1]:.4g}")
guess(my_guess, best["absolute"][1] - best["absolute"][0])

# %%
both = panels(2, "m, what you say", "cost", width=8)
for ax, cost, name in zip(both, (absolute, squared), ("absolute", "squared"), strict=True):
    for times, style, color in ((rides, "-", BLUE), (longer, "--", ORANGE)):
        costs = [cost(m, times) for m in candidates]
        low = min(candidates, key=lambda m: cost(m, times))
        ax.plot(candidates, costs, style, color=color)
        ax.plot(low, min(costs), "v", color=color, markersize=10)
        ax.text(30, costs[-1], f" fifth ride {times[-1]}", va="center")
    ax.set_title(f"{name}: lowest at the marks")
alt = "Two panels. The absolute cost has kinks, and its lowest point stays at 12 when the fifth ride"
alt += " takes longer; the squared cost is a smooth bowl, and its lowest point moves from 16 to 22."
show(both[0], alt=alt)

# %% [markdown]
# The absolute cost is least at the **median**, which is the middle one when the rides stand in order: 12, however
# long the bus takes. The squared cost is least at the **mean**, the average: 16, and 22 with the longer wait. One odd
# ride drags it along. Such a ride, far from all the others, is called an *outlier*.
#
# ## Why: every ride pulls
#
# Ask each ride alone for the gradient of its own cost, with respect to `m`. If it is positive, this ride's cost grows
# with `m`, so the ride pulls `m` down; if it is negative, the ride pulls `m` up: always towards itself.


# %%
def pulls(at):
    print(f"m = {at:.4g}:    ride  squared  absolute")
    total_squared = total_absolute = 0.0
    for t in rides:
        m, same = Value(at, "m"), Value(at, "m")
        ((m - t) ** 2).backward()
        (abs(same - t)).backward()
        total_squared += m.grad
        total_absolute += same.grad
        print(f"{t:13}  {m.grad:7.4g}  {same.grad:8.4g}")
    print(f"     together  {total_squared:7.4g}  {total_absolute:8.4g}")


pulls(12.0)

# %% [markdown]
# The squared cost: a ride pulls the harder the farther away it is, with twice its error. At 12 the fifth ride pulls
# upwards with 44, the fourth helps it with 2, and only 4 and 2 pull downwards. The absolute cost: every ride pulls
# with 1, near or far, and only the side counts. At 12 two pull down and two pull up, and the one that is hit exactly
# does not pull: balance. However far away, a ride has one vote.
#
# ## Predict: where the squared cost comes to rest
#
# At 12 the five squared pulls together are −40. What are they together at the average, 16?

# %%
my_guess = ...  # your guess

# %%
pulls(16.0)
guess(my_guess, sum(2 * e for e in errors(16)))

# %% [markdown]
# Zero: each pull is twice the error, and at the average the errors cancel. That zero, useless as a cost, is what
# makes the average the lowest point of the squared cost.
#
# Which of the two is right? Neither. If the odd ride is a typing error, the absolute cost is not disturbed by it. If
# long waits are what you have to reckon with, the squared cost takes them seriously. **A cost says what you care
# about.**

# %% [markdown]
# ## Yes or no
#
# Now the truth is *yes* or *no*: rain or none. The forecast is a probability `p` of rain. What matters is `q`, the
# probability that was given to what then happened: `p` when it rained, 1 − `p` when it did not. Perfect is `q` = 1.
#
# Could we count the forecasts that were right, those with `q` above 0.5? Then 51 % and 99 % cost the same. A forecast
# that becomes better costs no less, so the gradient is 0, and there is nothing to learn from. The absolute error, 1 −
# `q`, and the squared error, (1 − `q`)², do become smaller with every step towards 1:

# %%
for q in (0.51, 0.52, 0.99):
    print(f"q = {q:.4g}   right: {q > 0.5}   absolute {1 - q:.4g}   squared {(1 - q) ** 2:.4g}")

# %% [markdown]
# A third cost is made for probabilities, the **cross-entropy**: −log `q`.
#
# `log` is the natural logarithm. All you need of it here: log 1 = 0, it is negative below 1, and the log of a product
# is the sum of the logs. So a perfect forecast costs −log 1 = 0, and `q` = 1/2 costs −log ½ = 0.6931.
#
# ## Predict: the cost of 1/8
#
# What does `q` = 1/8 cost? (1/8 is half of half of a half.)

# %%
my_guess = ...  # your guess

# %%
for q in (1 / 2, 1 / 4, 1 / 8, 1 / 16):
    print(f"q = {q:.4g}   cross-entropy {-log(q):.4g} = {-log(q) / log(2):.4g} × 0.6931")
guess(my_guess, -log(1 / 8))

# %% [markdown]
# Each halving of `q` costs another 0.6931: **cross-entropy counts how often 1 was halved to get the probability of
# what happened.** There is no end to it: `q` can be halved again and again, and a forecast of exactly 0 for what then
# happens costs infinitely much.
#
# ## Predict: sure, and wrong
#
# Ann gave rain a probability of 1 %, Bob 0.01 %. It rained. Bob's squared error is 1.02 times Ann's. How many times
# as large as Ann's is Bob's cross-entropy?

# %%
my_guess = ...  # how many times

# %%
ann, bob = 0.01, 0.0001
print(f"squared error   Ann {(1 - ann) ** 2:.4g}   Bob {(1 - bob) ** 2:.4g}")
print(f"cross-entropy   Ann {-log(ann):.4g}    Bob {-log(bob):.4g}")
guess(my_guess, log(bob) / log(ann))

# %%
ax = axes("q, the probability given to what happened", "cost")
qs = [i / 200 for i in range(1, 201)]
ax.plot(qs, [-log(q) for q in qs], "-", color=BLUE)
ax.plot(qs, [1 - q for q in qs], "--", color=GREY)
ax.plot(qs, [(1 - q) ** 2 for q in qs], ":", color=ORANGE)
ax.set_ylim(0, 3)
ax.text(0.07, 2.75, "cross-entropy −log q: goes on without end")
ax.text(0.03, 1.05, "absolute 1 − q")
ax.text(0.03, 0.3, "squared (1 − q)²")
alt = "Three costs of a forecast: all are 0 at q = 1. Towards q = 0 absolute and squared error end at 1,"
alt += " and the cross-entropy rises without end."
show(ax, alt=alt)

# %% [markdown]
# So this is what each punishes. *Absolute error:* every step away alike. *Squared error:* large errors more than
# small ones; but a probability cannot be off by more than 1, so to be very sure and wrong costs 1 at most.
# *Cross-entropy:* to be sure and wrong, without limit. Bob said "one in ten thousand" where Ann said "one in a
# hundred". That is a hundredth of a hundredth, 0.01 × 0.01, so its logarithm is twice as large, and he pays twice.
#
# ## Predict: an honest forecast?
#
# In the rainy season it rains on 7 days of 10. You must give the same `p` every day, from 0.01 to 0.99, and you pay
# the **absolute** error. Which `p` costs you least?

# %%
my_guess = ...  # from 0.01 to 0.99

# %%
costs = {"absolute": lambda q: 1 - q, "squared": lambda q: (1 - q) ** 2, "cross-entropy": lambda q: -log(q)}


def average(cost, p):
    return 0.7 * cost(p) + 0.3 * cost(1 - p)


ps = [i / 100 for i in range(1, 100)]
best_p = {name: min(ps, key=lambda p: average(cost, p)) for name, cost in costs.items()}
print(best_p)
guess(my_guess, best_p["absolute"])

# %%
ax = axes("p, what you say every day", "average cost, rain on 7 days of 10")
for (name, cost), style, color in zip(costs.items(), ("--", ":", "-"), (GREY, ORANGE, BLUE), strict=True):
    ax.plot(ps, [average(cost, p) for p in ps], style, color=color)
    ax.plot(best_p[name], average(cost, best_p[name]), "v", color=color, markersize=11)
    ax.text(0.3, average(cost, 0.3) + (0.04 if name != "squared" else -0.24), name)
ax.set_ylim(0, 2)
alt = "Average cost of saying p. Squared error and cross-entropy are lowest at 0.7;"
alt += " the absolute error falls all the way to p = 0.99."
show(ax, alt=alt)

# %% [markdown]
# By hand: saying 0.7 costs 0.7 × 0.3 + 0.3 × 0.7 = 0.42, and saying 0.99 costs 0.7 × 0.01 + 0.3 × 0.99 = 0.304. The
# absolute error pays you for exaggerating. (It is the median again: of ten days in order, the middle ones have rain.)
#
# With the squared error and with cross-entropy the best you can say is what is true, 0.7. That is why forecasts are
# judged, and machines are trained, with these two.

# %% [markdown]
# ## A neuron that is sure, and wrong
#
# A neuron computes a number `z` and squeezes it: `p = sigmoid(z)`. Let the truth be *yes*, 1. Its squared error then
# pulls at `z`, with a gradient that says how hard.


# %%
def pull(at):
    z = Value(at, "z")
    ((sigmoid(z) - 1) ** 2).backward()
    return z.grad


for at in (0.0, -6.0):
    print(f"z = {at:.4g}: the neuron says {sigmoid(at):.4g}, squared error {(sigmoid(at) - 1) ** 2:.4g}")
print(f"pull at z = 0: {pull(0.0):.4g}")

# %% [markdown]
# ## Predict: how hard is it pulled?
#
# At `z` = −6 the neuron is nearly sure of *no*, and far more wrong than at 0. With what gradient is it pulled there?

# %%
my_guess = ...  # your guess

# %%
guess(my_guess, pull(-6.0))

# %%
z = Value(-6.0, "z")
p = sigmoid(z)
L = (p - 1) ** 2
L.backward()
draw(L)

# %% [markdown]
# Fifty times *smaller*! The neuron is about as wrong as it can be, and hardly anything pulls at it. Read the arrows
# from `L` back to `z`: −1.995 times 1 times 0.0025. The loss does call loudly, but the sigmoid lets almost nothing
# through: it is nearly flat there, since it cannot go below 0.
#
# Now the same with cross-entropy.

# %%
z = Value(-6.0, "z")
p = sigmoid(z)
C = -log(p)
C.backward()
draw(C)

# %% [markdown]
# The gradient of the logarithm, 1/`p`, is 404 here: as large as the sigmoid's is small. The three arrows multiplied,
# −1 × 404.4 × 0.002467, give −0.9975: the error itself, p − 1. Whoever is more wrong is pulled more. Now let two
# neurons take steps against their gradients, with a learning rate of 1, until they answer 0.5.


# %%
def journey(cost):
    z, path = Value(-6.0, "z"), [sigmoid(-6.0)]
    while path[-1] < 0.5:
        z.zero_grad()
        cost(sigmoid(z)).backward()
        z.data -= 1.0 * z.grad
        path.append(sigmoid(z.data))
    return path


by_squares = journey(lambda p: (p - 1) ** 2)
by_entropy = journey(lambda p: -log(p))
print(f"squared error: {len(by_squares) - 1} steps, cross-entropy: {len(by_entropy) - 1} steps")

# %%
ax = axes("step", "p, the answer (the truth is 1)")
ax.plot(by_entropy, "-", color=BLUE)
ax.plot(by_squares, ":", color=ORANGE)
ax.text(14, 0.42, f"cross-entropy: {len(by_entropy) - 1} steps")
ax.text(120, 0.12, f"squared error: {len(by_squares) - 1} steps")
alt = "The answer of two neurons that begin at 0.0025. With cross-entropy it is above 0.5 after a few steps;"
alt += " with squared error it stays near 0 for about two hundred."
show(ax, alt=alt)

# %% [markdown]
# Not only *where* the lowest point lies depends on the cost, but also how you get there. That is why networks that
# answer *yes* or *no* are trained with cross-entropy.
#
# ## Exercises
#
# **Exercise 1.1** You said 3, and it was 1; then you said 5, and it was 6. What is the mean squared error?

# %%
answer = ...
check("1.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# The errors are 3 − 1 = 2 and 5 − 6 = −1, the squares 4 and 1, and their mean is 5/2 = 2.5.
#
# </details>

# %% [markdown]
# **Exercise 1.2** In a list of a hundred rents, one was typed with three zeros too many. You look for the single
# number with the least cost. Which cost is disturbed less: `"absolute"` or `"squared"`?

# %%
answer = ...
check("1.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `"absolute"`. The wrong rent pulls with 1, as every other one does, however far away it is. By the squared cost it
# pulls with twice its huge error, and drags the average along.
#
# </details>

# %% [markdown]
# **Exercise 1.3** On four days a forecaster gave what then happened the probabilities 1/2, 1/4, 1/2 and 1/16. What is
# the mean cross-entropy, counted in halvings (so that 1/2 costs 1)?

# %%
answer = ...
check("1.3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# The four days cost 1, 2, 1 and 4 halvings: 8/4 = 2. In natural logarithms that is 2 × 0.6931 = 1.386. Half of it is
# due to the one day on which the forecaster was sure, and wrong.
#
# </details>

# %% [markdown]
# **Exercise 1.4** You want to catch a train. If you reckon with too much time, the error `e` is positive, and each
# minute costs 1: you wait. If you reckon with too little, `e` is negative, and each minute costs 3. Write the
# function of `e` that is the cost of one error, and make it the answer: `answer = my_cost`.

# %%
answer = ...
check("1.4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `answer = lambda e: e if e > 0 else -3 * e`
#
# With this cost the best `m` for the five rides is 13 in the place of 12. Try it: `min(candidates, key=lambda m:
# mean([answer(e) for e in errors(m)]))`. You made a cost of your own, and it does what you care about.
#
# </details>

# %% [markdown]
# ## Heard somewhere
#
# *"A good loss must be convex."*
#
# A curve is **convex** if a string, stretched between any two of its points, never runs below it: the curve is a bowl
# everywhere. We stretch strings between `z` = −6 and `z` = 0, and look at the middle, `z` = −3.


# %%
def squared_z(z):
    return (sigmoid(z) - 1) ** 2


def entropy_z(z):
    return -log(sigmoid(z))


for name, f in (("squared error", squared_z), ("cross-entropy", entropy_z)):
    string = (f(-6) + f(0)) / 2
    print(f"{name}: the string is at {string:.4g}, the curve at {f(-3):.4g}")

# %%
both = panels(2, "z", "cost, when the truth is 1", width=8)
zs = [i / 10 for i in range(-80, 41)]
for ax, name, f in zip(both, ("squared error", "cross-entropy"), (squared_z, entropy_z), strict=True):
    ax.plot(zs, [f(z) for z in zs], color=BLUE)
    ax.plot([-6, 0], [f(-6), f(0)], "o--", color=ORANGE)
    ax.set_title(name)
alt = "Both costs against z, with a string from z = −6 to z = 0."
alt += " The squared error lies above its string, so it is not convex; the cross-entropy lies below."
show(both[0], alt=alt)

# %% [markdown]
# **Convex is good to have, not a must.** The squared error of a sigmoid is above its string: not convex. Yet with
# exactly this loss the neuron of lesson 0 learnt, and the slow neuron above arrived too. A convex loss has a single
# valley, so that walking downhill cannot end in a wrong one. But once neurons feed other neurons (lesson 8), the loss
# is not convex in the weights, whichever of these costs you take; and such networks are trained every day.
#
# **What you know now.** A loss is lowest where the answers are best, and its gradient should say the way from
# everywhere else. Which answers are best is your choice: squared error finds the average, absolute error the median,
# cross-entropy punishes whoever is sure and wrong. Next: what exactly a gradient is.

# %%
assert mean(errors(16)) == 0
assert best == {"absolute": [12.0, 12.0], "squared": [16.0, 22.0]}  # the mean is dragged along
assert abs(-log(1 / 8) - 3 * -log(1 / 2)) < 1e-12  # three halvings
assert best_p == {"absolute": 0.99, "squared": 0.7, "cross-entropy": 0.7}
assert abs(z.grad - (sigmoid(-6.0) - 1)) < 1e-12  # with cross-entropy the pull is the error itself
assert len(by_squares) > 20 * len(by_entropy)
assert squared_z(-3) > (squared_z(-6) + squared_z(0)) / 2  # not convex
assert entropy_z(-3) < (entropy_z(-6) + entropy_z(0)) / 2
