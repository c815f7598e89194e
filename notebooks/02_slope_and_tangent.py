# %% [markdown]
# # 2 · Slope and tangent
#
# What exactly is "how many times as much"? You will nudge an input, make the nudge smaller and smaller, find the
# number that this leads to, see it as the slope of a straight line, and find out why the smallest nudge is the worst.
#
# **Time:** 30 minutes. **Builds on:** lesson 0 (the gradient).

# %%
from autograd import Value, explain, grad, gradcheck
from checks import check, guess
from figures import BLUE, GREY, ORANGE, axes, panels, show

# %% [markdown]
# ## A square grows
#
# The area of a square with side `x` is x². With side 3 it is 9. Now the side grows by `h`, and we ask how many times
# as much the area grows: the change of the area, divided by the change of the side,
#
# $$\frac{f(x+h)-f(x)}{h}.$$


# %%
def f(x):
    return x * x


def slope(f, x, h):
    return (f(x + h) - f(x)) / h


# %% [markdown]
# ## Predict: a tenth more
#
# The side grows from 3 to 3.1, so `h` is 0.1. How many times as much does the area grow? (3.1² = 9.61.)

# %%
my_guess = ...  # your guess

# %%
guess(my_guess, slope(f, 3, 0.1))

# %% [markdown]
# 0.61/0.1 = 6.1. Where the 6 and the 0.1 come from can be seen: what is new are two strips, 3 long and `h` wide, and
# a tiny corner, `h` by `h`.

# %%
ax = axes(width=4.2, height=3.9)
ax.fill([0, 3, 3, 0], [0, 0, 3, 3], color=BLUE, alpha=0.15)
ax.fill([3, 3.4, 3.4, 3], [0, 0, 3, 3], color=ORANGE, alpha=0.45)
ax.fill([0, 3, 3, 0], [3, 3, 3.4, 3.4], color=ORANGE, alpha=0.45)
ax.fill([3, 3.4, 3.4, 3], [3, 3, 3.4, 3.4], color=ORANGE)
for x, y, text in ((1.5, 1.5, "3 × 3"), (1.5, 3.2, "3 × h"), (3.2, 1.5, "3 × h"), (3.2, 3.2, "h²")):
    ax.text(x, y, text, ha="center", va="center", rotation=90 if (x, y) == (3.2, 1.5) else 0)
ax.set(aspect="equal")
ax.axis("off")
alt = "A square of side 3 that has grown by h: a strip of 3 times h on top, another at the right,"
alt += " and in the corner between them a small square of h times h."
show(ax, alt=alt)

# %% [markdown]
# What is new: 3·h + 3·h + h². Divided by `h`: **6 + h**. With h = 0.1 that is 6.1; so you know the result for every
# other `h` before it is computed.
#
# ## Predict: smaller and smaller
#
# What is the slope for h = 0.001?

# %%
my_guess = ...  # your guess

# %%
for h in (1, 0.1, 0.01):
    print(f"h = {h:<5}  slope {slope(f, 3, h):.4g}")
guess(my_guess, slope(f, 3, 0.001))

# %% [markdown]
# 7, 6.1, 6.01, 6.001: it comes as close to 6 as you like, if only `h` is small enough. This number, which the slopes
# lead to, is their **limit**. It is called the **derivative** of `f` at 3, written f′(3):
#
# $$f'(x)=\lim_{h\to 0}\frac{f(x+h)-f(x)}{h}.$$
#
# Note that 6 + h is never exactly 6, as long as the side grows at all. Can we not just put in h = 0?

# %%
try:
    slope(f, 3, 0)
except ZeroDivisionError as error:
    print(error)

# %% [markdown]
# No: nothing has moved, so nothing has changed, and 0/0 says nothing. A limit is where the road leads, not a place on
# it. In 6 + h we can see where it leads: the corner h² shrinks faster than the strips, and is forgotten.
#
# This is the number of lesson 0. With one input, *gradient*, *derivative* and *slope* mean the same. The library
# knows that x² has the derivative 2·x: two strips of length x. It writes ∂y/∂x, read "d y by d x", for the gradient
# of y with respect to x, and calls the slope of a single operation its *local derivative*.

# %%
x = Value(3.0, "x")
y = x**2
explain(y, x)

# %% [markdown]
# ## The straight line that it leads to
#
# Draw a line through two points of the curve, at 3 and at 3 + h. Its slope is how far it rises for each 1 to the
# right: exactly our quotient. As the second point moves towards the first, the line turns, towards the line through
# (3, 9) with slope 6. That one is the **tangent**.

# %%
ax = axes("x", "x²", height=4.4)
xs = [i / 20 for i in range(40, 125)]
ax.plot(xs[:-3], [f(x) for x in xs[:-3]], color="black")
for h, style in ((3, ":"), (2, "-."), (1, "--")):
    ax.plot(xs, [9 + slope(f, 3, h) * (x - 3) for x in xs], style, color=GREY)
    ax.plot(3 + h, f(3 + h), "o", color="black")
    ax.text(6.25, 9 + slope(f, 3, h) * 3.2, f"h = {h}: slope {slope(f, 3, h):.4g}", va="center")
ax.plot(xs, [9 + 6 * (x - 3) for x in xs], color=ORANGE)
ax.text(6.25, 9 + 6 * 3.2, "tangent: slope 6", va="center")
ax.plot(3, 9, "o", color=ORANGE, markersize=9)
alt = "The curve of x squared and four lines through its point at x = 3: to the points at 6, 5 and 4,"
alt += " with slopes 9, 8 and 7, and below them the tangent, with slope 6."
show(ax, alt=alt)

# %% [markdown]
# ## Predict: height is not slope
#
# At x = −3 the curve is just as high as at 3: (−3)² = 9. What is its slope there?

# %%
my_guess = ...  # your guess

# %%
slopes = {x: grad(f)(float(x)) for x in (-3, -2, -1, 0, 1, 2, 3)}
for x, s in slopes.items():
    print(f"x = {x:2}   height {f(x)}   slope {s:.4g}")
guess(my_guess, slopes[-3])

# %% [markdown]
# `grad(f)` is the derivative as a function: it gives the slope for any place. At −3 it is −6: as steep as at 3, but
# downhill to the right. The height says how much there is; the slope says how it is about to change. At 0 the curve
# is as low as it gets, and its slope is 0.

# %%
ax = axes("x", "x²")
xs = [i / 20 for i in range(-75, 76)]
ax.plot(xs, [f(x) for x in xs], color=GREY)
for x, s in slopes.items():
    half = 0.7 / (1 + s * s) ** 0.5 + 0.1
    ax.plot([x - half, x + half], [f(x) - half * s, f(x) + half * s], color=ORANGE, linewidth=3)
    ax.text(x, f(x) + 1.1, f"{s:.4g}", ha="center" if x == 0 else "left" if x < 0 else "right")
alt = "The curve of x squared with a short piece of its tangent at seven places, and their slopes:"
alt += " −6, −4 and −2 on the left, 0 at the bottom, 2, 4 and 6 on the right."
show(ax, alt=alt)

# %% [markdown]
# ## Under the microscope
#
# |x| is x without its sign: |3| = 3 and |−3| = 3. Its curve comes straight down to 0 and goes straight up again. We
# take x² at 3 and |x| at 0, and make the picture 100 times as large, around that point.
#
# ## Predict: what becomes of the corner?
#
# Curves look straighter the closer you look. Will |x| too look like one straight line at 0, if you only look closely
# enough?

# %%
my_guess = ...  # "yes" or "no"

# %%
four = panels(4, width=8.6, height=2.6)
for ax, g, at, zoom in zip(four, (f, f, abs, abs), (3, 3, 0, 0), (1, 100, 1, 100), strict=True):
    xs = [at + (i / 50 - 1) / zoom for i in range(101)]
    ax.plot(xs, [g(x) for x in xs], color=BLUE)
    ax.plot(at, g(at), "o", color=ORANGE)
    ax.set(xticks=[xs[0], at, xs[-1]], yticks=[], title=f"{'x²' if g is f else '|x|'}, {zoom} ×")
alt = "x squared at 3 is bent at first, and a straight line when enlarged 100 times."
alt += " The absolute value at 0 is a corner at first, and the very same corner when enlarged."
show(four[0], alt=alt)
left, right = slope(abs, 0, -0.001), slope(abs, 0, 0.001)
print(f"|x| at 0: slope {left:.4g} to the left, {right:.4g} to the right")
guess(my_guess, "yes" if left == right else "no")

# %% [markdown]
# This is what a derivative *is*: **close enough, the curve is almost a straight line, and the derivative is the slope
# of that line.** |x| at 0 stays a corner however close you look; nudged to the left its slope is −1, to the right 1,
# and no single number serves both. There it has no derivative. A program has to answer something; this library
# answers 0, in the middle. `gradcheck` compares a derivative with nudges, and its second line reports the corner, a
# *kink*. (In its first line *reverse mode* is the backward pass, *numerically* means by nudges, and *forward mode* is
# one more way to a derivative, which you do not need here.)

# %%
print(gradcheck(abs, 0.0))

# %% [markdown]
# ## What the tangent is good for
#
# On the tangent one can predict: go from 3 to 3 + h, and it says 9 + 6·h. The square itself is (3 + h)². How far off
# is the tangent? Compare it with a line through the same point whose slope is a little different, 5.9.
#
# ## Predict: how far off?
#
# At 3.01 the tangent says 9.06. By how much is that too low?

# %%
my_guess = ...  # your guess

# %%
print("h       tangent off by      slope 5.9 off by")
for h in (1, 0.1, 0.01, 0.001):
    tangent, other = f(3 + h) - (9 + 6 * h), f(3 + h) - (9 + 5.9 * h)
    ours, theirs = f"{tangent:.4g} = {tangent / h:.4g} h", f"{other:.4g} = {other / h:.4g} h"
    print(f"{h:<6}  {ours:<18}  {theirs}")
guess(my_guess, f(3.01) - (9 + 6 * 0.01))

# %% [markdown]
# 3.01² = 9.0601: the tangent is off by the forgotten corner, h². A step 10 times smaller makes it 100 times better.
# The other line is off by 0.1 × h and more, however small `h` is. That is what makes a line *the* tangent: **its
# distance from the curve shrinks faster than the step.** There is only one such line.
#
# This is why learning takes small steps (lesson 3): a gradient is a promise that holds near the place where it was
# made.

# %% [markdown]
# ## Where rounding wins
#
# So the smaller `h` the better? A computer keeps about 16 digits of a number.
#
# ## Predict: a very small h
#
# The slope of x² at 3 is nearly 6. What does the computer get for h = 1e-17, which is 0.00000000000000001?

# %%
my_guess = ...  # your guess

# %%
for h in (1e-1, 1e-3, 1e-8, 1e-13, 1e-14, 1e-15):
    print(f"h = {h:.0e}   slope {slope(f, 3, h):.4g}")
print("3 + 1e-17 == 3:", 3 + 1e-17 == 3)
guess(my_guess, slope(f, 3, 1e-17))

# %% [markdown]
# Zero: with 16 digits, 3 + 1e-17 *is* 3, so nothing was nudged. And it goes wrong before that. With h = 1e-14, the
# areas before and after agree in the first 14 of their 16 digits. The subtraction removes those, two uncertain digits
# are left, and the division by `h` blows their error up. **What is lost by rounding grows as h shrinks.**
#
# Two errors, then: what the nudge adds (for x² the corner), which shrinks with `h`, and the rounding, which grows. We
# look at both on x³ at 3, where the slope is 27. `around` is a better nudge: it steps to both sides, and most of what
# is added cancels. On paper, one side gives 27 + 9·h + h², and both sides 27 + h².


# %%
def cube(x):
    return x * x * x


def around(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


hs = [float(f"{digit}e-{k}") for k in range(1, 16) for digit in (6, 3, 1)]  # 0.6, 0.3, 0.1, 0.06, …
one_side = [abs(slope(cube, 3, h) - 27) for h in hs]
both_sides = [abs(around(cube, 3, h) - 27) for h in hs]

# %%
ax = axes("h (smaller to the left)", "error of the slope", height=4.2)
ax.loglog(hs, one_side, "o-", color=BLUE, markersize=4, linewidth=1)
ax.loglog(hs, both_sides, "^--", color=ORANGE, markersize=4, linewidth=1)
ax.text(1e-5, 3e-4, "one side", ha="right")
ax.text(2e-3, 1e-8, "both sides")
ax.text(1e-15, 1e-6, "rounding wins")
alt = "Two valleys. With large h the error falls as h shrinks; then rounding takes over, and it grows again."
alt += " One-sided the error is smallest, about 1e-7, near h = 1e-8; two-sided about 1e-10, near 1e-5."
show(ax, alt=alt)

# %% [markdown]
# On both axes each mark is 100 times the one before; 10⁻² is 0.01, and 10⁻⁸ is 1e-8. Read it from right to left: the
# error falls while the nudge shrinks, until the rounding, jagged, takes over and grows. One-sided the best is near h
# = 1e-8, where about 8 of the 16 digits are right; on both sides near 1e-5, with about 11 digits. Never all of them.
#
# The backward pass has no `h`. It uses what is known of each operation, such as 2·x for x², and here it loses
# nothing:

# %%
x = Value(3.0, "x")
cube(x).backward()
print(f"one side at best {min(one_side):.1g}, both sides at best {min(both_sides):.1g}")
print(f"backward pass {abs(x.grad - 27):.1g}")

# %% [markdown]
# But nudging has its use: it needs no rules at all. So it is what rules are checked with. `gradcheck` nudges in a
# careful way and compares: **compute by the backward pass, check by a nudge.**

# %%
print(gradcheck(cube, 3.0))

# %% [markdown]
# ## Exercises
#
# **Exercise 2.1** What is the slope of x² at x = −1.5? (Two strips of length x.)

# %%
answer = ...
check("2.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 2·x = 2 × (−1.5) = −3. The curve goes down to the right there.
#
# </details>

# %% [markdown]
# **Exercise 2.2** The tangent of x² at x = 2 touches it at height 4. What does this tangent say for x = 2.1?

# %%
answer = ...
check("2.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# The slope at 2 is 2 × 2 = 4. From 2 to 2.1 are 0.1 to the right: 4 + 4 × 0.1 = 4.4. (The curve itself is at 2.1² =
# 4.41: the tangent is too low by h² = 0.01.)
#
# </details>

# %% [markdown]
# **Exercise 2.3** True or false: where the slope of a curve is positive, the curve is above zero.

# %%
answer = ...
check("2.3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `False`. Take x² − 100 at x = 3: its slope is 6, and its height −91. Moving a curve up or down changes all of its
# heights and none of its slopes.
#
# </details>

# %% [markdown]
# **Exercise 2.4** Write a function `my_slope(f, x)` that finds the slope of any `f` at `x` by nudging. For x³ at 3
# its error shall be below 3e-8, which no one-sided nudge in the figure reaches. Then `answer = my_slope`.

# %%
answer = ...
check("2.4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# Step to both sides, with `h` where the orange valley is deepest:
#
# `answer = lambda f, x: (f(x + 1e-5) - f(x - 1e-5)) / 2e-5`
#
# </details>

# %% [markdown]
# ## Heard somewhere
#
# *"A tangent touches the curve at one point only."*
#
# The curve x³ has slope 3 at x = 1, so its tangent there is 1 + 3·(x − 1). Where else are curve and line equally
# high? And how often does the line −x meet the curve?


# %%
print(f"slope at 1: {grad(cube)(1.0):.4g}, slope at 0: {grad(cube)(0.0):.4g}")
meets = [x for x in range(-5, 6) if cube(x) == 1 + 3 * (x - 1)]
crosses = [x for x in range(-5, 6) if cube(x) == -x]
print(f"the tangent meets the curve at {meets}, the line −x meets it at {crosses}")

# %%
ax = axes("x", "x³", height=4)
xs = [i / 20 for i in range(-46, 37)]
ax.plot(xs, [cube(x) for x in xs], color="black")
ax.plot(xs, [1 + 3 * (x - 1) for x in xs], color=ORANGE)
ax.plot(xs, [-x for x in xs], ":", color=GREY)
ax.plot(meets, [cube(x) for x in meets], "o", color=ORANGE, markersize=9)
ax.text(1.1, 0.3, "tangent at 1")
ax.text(-1.85, -9.7, "meets the curve again at −2")
ax.text(-2.2, 2.8, "−x: one point, no tangent")
alt = "The curve of x cubed. Its tangent at 1 meets the curve again at −2."
alt += " The line −x meets the curve at 0 only, and crosses it there: it is no tangent."
show(ax, alt=alt)

# %% [markdown]
# **Neither way.** The tangent at 1 meets the curve a second time, at −2. (And nowhere else: the two are equal where
# (x − 1)²·(x + 2) = 0.) At 0 the tangent, which is flat, even crosses the curve. And −x meets the curve at a single
# point without being a tangent. The sentence is true of circles, where most of us heard it first. How often a line
# meets a curve far away says nothing about the slope here: a tangent is the line that fits *near the point*, better
# than every other.
#
# **What you know now.** A derivative is the limit of change by change, and the slope of the tangent. A nudge only
# comes near to it; the backward pass has no nudge. Next: going downhill by the slope alone.

# %%
assert abs(slope(f, 3, 0.001) - 6.001) < 1e-9
assert slopes == {x: 2.0 * x for x in slopes}  # two strips
assert (left, right) == (-1.0, 1.0)
assert 0.9e-6 < f(3.001) - 9.006 < 1.1e-6  # the tangent is off by h²
assert slope(f, 3, 1e-17) == 0.0  # rounding has won
assert min(one_side) > 100 * min(both_sides)  # stepping to both sides is better
assert one_side[-1] > 1000 * min(one_side)  # and the smallest h is not the best
assert meets == [-2, 1]
