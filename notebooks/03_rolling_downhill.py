# %% [markdown]
# # 3 · Rolling downhill
#
# You will go down a hill that you cannot see, feeling only how steep it is under your feet. That is how almost every
# network learns. You will take steps that are too short, right, too long and far too long, and you will get stuck.
#
# **Time:** 35 minutes. **Builds on:** lesson 0 (the loss says how wrong we are) and lesson 2 (the slope and its sign).

# %%
from autograd import Value, steps
from checks import check, guess
from figures import BLUE, GREY, ORANGE, axes, film, panels, show

# %% [markdown]
# ## The hiker in fog
#
# You stand on a hillside in fog and see nothing at all. You want to be in the valley. What can you do? You can feel
# with your feet which way the ground falls, and how steeply. So you take a step that way, stop, and feel again.
#
# That is **gradient descent**. The place is a number `w`. The height at that place is the loss. The feet are
# `backward()`: it tells the slope where you stand, and nothing about any other place.


# %%
def feel(loss, place):
    w = Value(place, "w")
    L = loss(w)
    L.backward()
    return L.data, w.grad  # the height and the slope, here


# %% [markdown]
# Our first hill is the squared error of a guess `w`, when the right answer is 3: (w − 3)². *You* know that the valley
# is at 3, and can check what the hiker does. The hiker does not know it.


# %%
def bowl(w):
    return (w - 3) ** 2


height, slope = feel(bowl, 0.0)
print(f"at w = 0: height {height:.4g}, slope {slope:.4g}")

# %% [markdown]
# ## Predict: the first step
#
# You stand at `w` = 0, and the slope is −6. Lesson 2: the slope says how many times as much the height changes when
# `w` grows by a little. Which way does the ground fall: to the left (smaller `w`) or to the right (larger `w`)?

# %%
my_guess = ...  # "left" or "right"

# %%
guess(my_guess, "right" if bowl(0.001) < bowl(0) else "left")

# %% [markdown]
# A negative slope falls to the right, a positive one falls to the left. So go *against* the sign of the slope:
#
# > new place = old place − learning rate × slope
#
# The **learning rate**, `lr` for short, is a number above 0 that you choose; let us take 0.1. In numbers: you stand
# at 0, the slope is −6, so the new place is 0 − 0.1 × (−6) = 0.6. Minus times minus is plus: to the right, as it
# should be.

# %%
w = 0 - 0.1 * slope
print(f"the new place is w = {w:.4g}, and the height is {bowl(w):.4g} in place of 9")

# %% [markdown]
# ## Predict: the second step
#
# At 0.6 you feel again. The slope of x² is 2·x; here the same curve stands 3 farther to the right, so its slope is
# 2·(w − 3), and at 0.6 that is 2 × (0.6 − 3) = −4.8. The learning rate is still 0.1. At what place are you after the
# second step?

# %%
my_guess = ...  # your guess

# %%
height, slope = feel(bowl, w)
w = w - 0.1 * slope
guess(my_guess, w)

# %% [markdown]
# 0.6 + 0.48 = 1.08. The first step was 0.6 long, the second only 0.48, with the same learning rate. **The learning
# rate is not the length of the step.** The step is the learning rate *times the slope*: long where it is steep, short
# where it is flat. Near the valley the ground is flat, so the steps get shorter by themselves, and nobody has to
# brake.
#
# Do it by hand now. Press "Step downhill" on the page below and watch `w`: 0, 0.6, 1.08, … Then "10 steps". Then
# press "Reset", type another number in the field `lr`, and try again. Try 0.5, and 1, and 1.1. (∂L/∂w is the slope;
# lesson 2.)

# %%
w = Value(0.0, "w")
L = bowl(w)
steps(L, train=[w], lr=0.1)

# %% [markdown]
# ## The loop
#
# The same in Python. `path` keeps all the places where the hiker has stood.


# %%
def descend(loss, start, lr, count):
    path = [start]
    for _ in range(count):
        _, slope = feel(loss, path[-1])
        path.append(path[-1] - lr * slope)
    return path


for place in descend(bowl, 0.0, lr=0.1, count=5):
    height, slope = feel(bowl, place)
    print(f"w {place:6.4g}   height {height:6.4g}   slope {slope:7.4g}   next step {-0.1 * slope:6.4g}")

# %% [markdown]
# Read it line by line: each step is 0.1 times the slope, with the other sign; the slope shrinks, and so does the
# step. Here is the walk as the hiker lives it, with learning rate 0.2. The dashed line is all that the feet can tell:
# the tangent. The arrow at the bottom is the next step. In the end the fog lifts.


# %%
def in_fog(path, now, lifted=False):
    ax = axes("place w", "height: the loss", width=6.4)
    ax.set(xlim=(-1, 7), ylim=(-1, 12), facecolor="white" if lifted else "#d5d9de")
    ax.grid(False)
    place, (height, slope) = path[now], feel(bowl, path[now])
    near = [x / 20 for x in range(-20, 141) if lifted or abs(x / 20 - place) < 0.4]
    ax.plot(near, [bowl(x) for x in near], color="black", lw=3)
    if not lifted:
        ax.plot([place - 1, place + 1], [height - slope, height + slope], "--", color=ORANGE)
        ax.annotate("", (place - 0.2 * slope, -0.6), (place, -0.6), arrowprops={"arrowstyle": "->"})
    ax.plot(path[: now + 1], [bowl(x) for x in path[: now + 1]], "o", color=BLUE, ms=5)
    ax.plot(place, height, "o", color=BLUE, ms=11)
    told = f"step {now}: slope {slope:.2g}, next step {-0.2 * slope:+.2g}"
    ax.set_title("the fog lifts" if lifted else told)
    return ax


# %%
path = descend(bowl, 0.0, lr=0.2, count=8)
walk = [in_fog(path, now) for now in (0, 1, 2, 3, 4, 6, 8)] + [in_fog(path, 8, lifted=True)]
alt = "A hiker's way down in fog. Only a short piece of the hill is visible, with its tangent. The steps"
alt += " get shorter, from 1.2 to 0.1. Then the fog lifts, and the hiker stands at the bottom of a bowl."
film(walk, alt=alt, seconds=1.0)

# %% [markdown]
# "Rolling" is only half true. A ball that rolls gathers speed and swings through the valley to the other side. Our
# hiker has no speed: each step is decided by the slope felt just now, and by nothing that was before.
#
# ## Predict: too short
#
# You take 20 steps from 0 with learning rate 0.02, a fifth of what we had. The valley is at 3. Where are you then?

# %%
my_guess = ...  # your guess

# %%
guess(my_guess, descend(bowl, 0.0, lr=0.02, count=20)[-1])

# %% [markdown]
# Not much more than half way. Nothing is wrong, it only takes long. So let us be bolder.
#
# ## Predict: bolder
#
# With learning rate 0.9 the first step goes from 0 to 0 − 0.9 × (−6) = 5.4, right across the valley and up the other
# side. After 20 steps, which hiker is nearer to the valley at 3: the one with 0.1, or the one with 0.9?

# %%
my_guess = ...  # "0.1", "0.9" or "equally near"

# %%
careful = abs(descend(bowl, 0.0, lr=0.1, count=20)[-1] - 3)
bold = abs(descend(bowl, 0.0, lr=0.9, count=20)[-1] - 3)
print(f"0.1: {careful:.4g} away from the valley      0.9: {bold:.4g} away")
same = abs(careful - bold) < 1e-9
guess(my_guess, "equally near" if same else "0.1" if careful < bold else "0.9")

# %% [markdown]
# Equally near! And with 1? And 1.1? Look at the first steps of five hikers, all from 0. The numbers count them.


# %%
def footprints(ax, path):
    xs = [x / 10 for x in range(-24, 85)]
    ax.plot(xs, [bowl(x) for x in xs], color=GREY, lw=1)
    ax.plot(path, [bowl(x) for x in path], "o-", color=BLUE, lw=1, ms=4)
    labels = {}  # steps that end close together share one
    for count, x in enumerate(path):
        labels.setdefault(round(1.3 * x), (x, []))[1].append(str(count))
    for x, counts in labels.values():
        side, room = ("right", -0.4) if x < 3 else ("left", 0.4)
        ax.text(x + room, bowl(x), " ".join(counts), ha=side, color=BLUE)


# %%
hills = panels(5, "w", "height", width=9.5, height=3.2, sharey=True)
kinds = {0.02: "too short", 0.1: "good", 0.9: "long", 1.0: "too long", 1.1: "diverging"}
for ax, (lr, kind) in zip(hills, kinds.items(), strict=True):
    footprints(ax, descend(bowl, 0.0, lr, 3 if lr > 1 else 4))
    ax.set(xlim=(-7, 12), ylim=(-1, 30), title=f"{kind}: {lr}")
alt = "The same bowl five times. 0.02: tiny steps. 0.1: closer from one side. 0.9: from side to side,"
alt += " each time lower. 1.0: between 0 and 6 at one height. 1.1: from side to side, each time higher."
show(hills[0], alt=alt)

# %% [markdown]
# To **diverge** is to get farther and farther away. The hiker does all that was said: feels that the ground falls to
# the right, and steps to the right. But so far that the other side is higher, and steeper, so the next step is longer
# still.
#
# ## Why 0.1 and 0.9 are a pair
#
# Let *d* be the distance to the valley, d = w − 3. The slope is 2·d. One step later the distance is d − lr·2·d = (1 −
# 2·lr)·d. In words: **each step multiplies the distance by the same factor, 1 − 2·lr.** In numbers: for lr = 0.1 the
# factor is 0.8; for 0.9 it is −0.8, as large, and the sign says that you change sides. Below, the factor is also
# measured, on the first step.

# %%
for lr in (0.02, 0.1, 0.5, 0.9, 1.0, 1.1):
    path = descend(bowl, 0.0, lr, 20)
    factor = (path[1] - 3) / (path[0] - 3)
    print(f"lr {lr:4}   1 − 2·lr = {1 - 2 * lr:5.2f}   measured {factor:z5.2f}   last w {path[-1]:6.4g}")

# %% [markdown]
# A factor smaller than 1 in size arrives; one larger than 1 diverges; −1 hops between 0 and 6 for ever. The factor 0,
# for 0.5, arrives in a single step.
#
# ## Predict: the same learning rate on another hill
#
# 0.15 is a good learning rate for our bowl; the factor is 0.7. Now every height is multiplied by 10: the hill is
# 10·(w − 3)². The valley is still at 3. Does the hiker with 0.15 arrive, or diverge?


# %%
def steep(w):
    return 10 * bowl(w)


my_guess = ...  # "arrives" or "diverges"

# %%
path = descend(steep, 0.0, lr=0.15, count=6)
print([f"{w:.4g}" for w in path])
guess(my_guess, "arrives" if abs(path[-1] - 3) < 3 else "diverges")

# %% [markdown]
# The slopes are ten times as large, so the steps are. The factor is 1 − 20 × 0.15 = −2: each step ends twice as far
# away. **There is no learning rate that is good in itself. It has to fit the hill**: the more sharply the hill bends,
# that is, the faster its slope changes, the smaller it must be.
#
# ## How do you notice it in fog?
#
# You never see the hill; with a thousand weights nobody could draw it. What you do see is the loss after each step:
# the **learning curve**. Mind the upright axis: each line upwards is ten times as much as the line below.

# %%
ax = axes("step", "loss", width=7.6)
kinds = {0.02: ("falls slowly", ":"), 0.1: ("falls", "-"), 0.2: ("falls fast", "--")}
kinds |= {1.0: ("stays", "-."), 1.1: ("rises", "-")}
for lr, (kind, style) in kinds.items():
    heights = [bowl(w) for w in descend(bowl, 0.0, lr, 15)]
    ax.semilogy(heights, style, color=ORANGE if lr >= 1 else BLUE)
    ax.text(15.2, heights[-1], f"{lr}: {kind}", va={1.0: "bottom", 0.02: "top"}.get(lr, "center"))
ax.set(xlim=(0, 19), xticks=range(0, 16, 5), yticks=[10**k for k in range(-5, 5)])
alt = "Loss against step. 0.02 falls slowly, 0.1 faster, 0.2 fastest; 1.0 stays; 1.1 rises."
show(ax, alt=alt)

# %% [markdown]
# Falling slowly: try a larger learning rate. Level, or jumping up and down: a smaller one. Rising: much smaller.
#
# ## Two valleys
#
# The bowl was kind: wherever you start, down is towards 3. Most losses are not bowls. Here is one with two valleys,
# w⁴/4 + w³/3 − w² + 3. Just as w² has the slope 2·w, w³ has 3·w² and w⁴ has 4·w³. So its slope is w³ + w² − 2·w,
# which is w·(w − 1)·(w + 2). It is flat at three places: where one of the factors is 0.


# %%
def two_valleys(w):
    return w**4 / 4 + w**3 / 3 - w**2 + 3


for place in (-2.0, 0.0, 1.0):
    height, slope = feel(two_valleys, place)
    print(f"w = {place:2.0f}: height {height:.4g}, slope {slope:.4g}")

# %%
xs = [x / 50 for x in range(-160, 108)]


def landscape(title=""):
    ax = axes("w", "height: the loss", width=6.4)
    ax.plot(xs, [two_valleys(x) for x in xs], color="black")
    for x, y, name in (-2, -0.4, "deep valley"), (0, 3.4, "hilltop"), (1, 1.9, "shallow valley"):
        ax.text(x, y, name, ha="center")
    ax.set(ylim=(-1, 7), title=title)
    return ax


alt = "A curve with a deep valley at -2, height 0.33, a hilltop at 0, height 3, a shallow valley at 1, height 2.6."
show(landscape(), alt=alt)

# %% [markdown]
# ## Predict: which valley?
#
# A hiker starts at 0.5 with learning rate 0.1 and may take as many steps as wanted. Where does the walk end?

# %%
my_guess = ...  # the place w

# %%
guess(my_guess, descend(two_valleys, 0.5, lr=0.1, count=100)[-1])

# %% [markdown]
# In the shallow valley. At 0.5 the ground falls to the right, and that is all the hiker can feel. A hill lies between
# this hiker and the deep valley, and with steps as short as these nobody gets over it. Here are four hikers, each
# with a mark of its own.

# %%
marks = {-3.0: "s", -0.3: "^", 0.3: "v", 2.0: "o"}
walks = {start: descend(two_valleys, start, lr=0.1, count=40) for start in marks}
frames = []
for now in (0, 1, 2, 4, 6, 9, 12, 16, 40):
    frames.append(landscape(f"step {now}"))
    for start, mark in marks.items():
        place = walks[start][now]
        frames[-1].plot(place, two_valleys(place), mark, color=BLUE if place < 0 else ORANGE, ms=10)
alt = "Four hikers on the hill with two valleys. Those who start at -3 and -0.3 end in the deep valley,"
alt += " those who start at 0.3 and 2 in the shallow one."
film(frames, alt=alt)

# %% [markdown]
# Left of the hilltop all end at −2, right of it all at 1. **Where you start decides where you end.** The lowest place
# of all is the **global minimum**, here −2. A place that is lower than all places near it, such as 1, is a **local
# minimum**.
#
# ## Predict: a long step
#
# The hiker at 2 gets a larger learning rate: 0.3 in place of 0.1. The slope at 2 is 2 × 1 × 4 = 8. Work out the first
# step. In which valley does this walk end?

# %%
my_guess = ...  # "deep" or "shallow"

# %%
path = descend(two_valleys, 2.0, lr=0.3, count=100)
print([f"{w:.4g}" for w in path[:6]], "…", f"{path[-1]:.4g}")
guess(my_guess, "deep" if path[-1] < 0 else "shallow")

# %% [markdown]
# 2 − 0.3 × 8 = −0.4: over the hilltop in one step, and from there down into the deep valley. Is a long step good,
# then? The hiker did not know of the other valley, and a long step leaves a deep valley as blindly as a shallow one.
# But the learning rate decides not only how fast you arrive. It can decide where.

# %% [markdown]
# ## Exercises
#
# **Exercise 3.1** The hill is (w − 3)², you stand at `w` = 5, and the learning rate is 0.1. Where are you after one
# step?

# %%
answer = ...
check("3.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 4.6. The slope is 2 × (5 − 3) = 4, positive, so you go to the left: 5 − 0.1 × 4 = 4.6. Or: the distance was 2, and
# each step multiplies it by 0.8; 3 + 1.6 = 4.6. In code: `descend(bowl, 5.0, 0.1, 1)[-1]`.
#
# </details>

# %% [markdown]
# **Exercise 3.2** A network is trained, and its loss after each step is 2.1, 2.9, 4.4, 7.2, 12.5. What do you do?
# Answer with a letter, between quotes.
#
# * a) take more steps
# * b) take a smaller learning rate
# * c) take a larger learning rate
# * d) start from another place

# %%
answer = ...
check("3.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# b. The loss rises, and faster and faster: each step goes too far across the valley. More steps only go on with it, a
# larger learning rate makes it worse, and from another place the steps are still too long for this hill.
#
# </details>

# %% [markdown]
# **Exercise 3.3** The hill is 4·(w − 3)². With which learning rate does *one* step lead to the bottom, from anywhere?
# (Its slope is 8·(w − 3). Think of the factor.)

# %%
answer = ...
check("3.3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 0.125, or 1/8. A step turns the distance d into d − lr·8·d = (1 − 8·lr)·d, and that is 0 when 8·lr = 1. The larger
# the 8, which says how sharply the hill bends, the smaller the learning rate.
#
# </details>

# %% [markdown]
# **Exercise 3.4** Write gradient descent yourself. `downhill(slope, start, lr, count)` is given a *function* `slope`,
# so that `slope(w)` is the slope at `w`. It takes `count` steps and returns the last place, one number.


# %%
def downhill(slope, start, lr, count): ...


answer = ...  # when it is written: answer = downhill
check("3.4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def downhill(slope, start, lr, count):
#     w = start
#     for _ in range(count):
#         w = w - lr * slope(w)
#     return w
# ```
#
# The slope has to be asked for anew at each step. Asked for once, before the loop, all steps are as long as the
# first.
#
# </details>

# %% [markdown]
# ## Heard somewhere
#
# *"Where the slope is zero, there is the global minimum."*
#
# We have three flat places. Put a hiker on each of them, and two more beside the hilltop.

# %%
for start in (-2.0, 0.0, 1.0, -0.001, 0.001):
    slope = feel(two_valleys, start)[1]
    end = descend(two_valleys, start, lr=0.1, count=200)[-1]
    print(f"from {start:6}: slope {slope:6.2g}, ends at {end:4.2g}, height {two_valleys(end):.3g}")

# %% [markdown]
# **Not so.** The slope is zero in the shallow valley and even on top of the hill, and a hiker who starts exactly
# there stays there for ever: zero times any learning rate is no step. What is true is the other direction: at the
# bottom of a smooth valley the slope *is* zero. So zero slope says "nothing tells me where to go". It does not say
# "you are there". On the hilltop a nudge of 0.001 is enough to get away; in the shallow valley it is not.

# %% [markdown]
# *"Start with a learning rate between 10⁻¹ and 10³."*
#
# That is from 0.1 to 1000. Here are five learning rates of that range, and two smaller ones, on four bowls that
# differ only in how steep they are. *Hops* is from side to side at one height; *on the way* is not there after 100
# steps.


# %%
def outcome(steepness, lr):
    path = descend(lambda w: steepness * (w - 3) ** 2, 0.0, lr, 100)
    left = abs(path[-1] - 3) / 3  # what part of the distance is left
    if not left < 1.001:  # also when it is no number any more
        return "diverges"
    return "arrives" if left < 0.01 else "hops" if left > 0.999 and path[1] > 3 else "on the way"


print("learning rate    " + "".join(f"{lr:>12g}" for lr in (0.001, 0.01, 0.1, 1, 10, 100, 1000)))
for steepness in (0.001, 0.1, 1, 10):
    told = [outcome(steepness, lr) for lr in (0.001, 0.01, 0.1, 1, 10, 100, 1000)]
    print(f"{steepness:>5g}·(w − 3)²   " + "".join(f"{one:>12}" for one in told))

# %% [markdown]
# **Not so.** For the bowl 10·(w − 3)² everything from that range hops or diverges; it needs 0.01. For the flattest
# one, 100 is right. No range is right for every hill, and a hill may need less than 10⁻¹. What does work: begin with
# a small rate, such as 0.001, look at the learning curve, and make it ten times larger until the curve no longer
# falls well. Then take the one before.
#
# **What you know now.** Gradient descent is: feel the slope, step against it, again. The step is the learning rate
# times the slope. Too small is slow, too large diverges, and what is too large depends on the hill. Next: a hill with
# a direction for each weight.

# %%
assert [round(w, 9) for w in descend(bowl, 0.0, 0.1, 2)] == [0, 0.6, 1.08]  # ever shorter
assert abs(descend(bowl, 0.0, 0.1, 200)[-1] - 3) < 1e-9
assert abs(abs(descend(bowl, 0.0, 0.9, 20)[-1] - 3) - abs(descend(bowl, 0.0, 0.1, 20)[-1] - 3)) < 1e-9
assert abs(descend(bowl, 0.0, 1.1, 20)[-1] - 3) > 100  # diverges
assert [round(walk[-1]) for walk in walks.values()] == [-2, -2, 1, 1]  # the start decides
assert descend(two_valleys, 0.0, 0.1, 50)[-1] == 0.0  # flat, and not a minimum
assert (outcome(1, 0.1), outcome(10, 0.1), outcome(10, 1)) == ("arrives", "hops", "diverges")
