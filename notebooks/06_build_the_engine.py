# %% [markdown]
# # 6 · Build the engine yourself
#
# You will write an engine that computes derivatives: a class `Value`, whose numbers remember how they were made,
# and a `backward` of nine lines. Three ways to write it look right, and are wrong or hopelessly slow: you will see each
# of them fail, and the cure, the right *order*.
#
# **Time:** 40 minutes. **Builds on:** lesson 5 (local derivatives, paths, and why `+=`). There is more Python in this
# lesson than in the others; what is new of it is explained where it comes. In this lesson `Value` is your own; the
# library's is called `autograd.Value`.

# %%
import math
import random

import autograd
from autograd import draw
from checks import check, guess
from figures import BLUE, ORANGE, panels, show

# %% [markdown]
# ## What a number has to remember
#
# Let us compute $L = a·b + a$ with ordinary numbers.

# %%
a, b = 3.0, -2.0
L = a * b + a
print(L)

# %% [markdown]
# What is left is −3, and nothing in it tells that it came from 3 and −2. To find out how $L$ follows $a$, a number has
# to keep, besides its **data**:
#
# * its **parents**: the numbers it was made from;
# * its **local derivatives**, one for each parent: how many times as much it changes when that parent changes a little;
# * a place for the answer, **grad**: how many times as much the *final* number changes when this one does.
#
# The first two are known at the moment the number is made. The last has to wait for the backward pass.
#
# A **class** is a plan for such objects. `Value(3)` makes one, and calls `__init__` to fill it; `self` is the object
# that is being filled. `__repr__` says how it looks when it is printed.


# %%
class Value:
    def __init__(self, data, parents=(), local_grads=()):
        self.data = float(data)
        self.parents = parents  # the Values it was made from
        self.local_grads = local_grads  # one for each parent
        self.grad = 0.0  # to be filled in by the backward pass

    def __repr__(self):
        return f"Value({self.data:.4g}, grad={self.grad:.4g})"


print(Value(3))

# %% [markdown]
# ## One operation after the other
#
# **Addition.** When $a$ grows by 0.1, so does $a + b$: the local derivative is 1, for either parent. Where you write
# `a + b`, Python calls `a.__add__(b)`. So we hand the class a function of that name.


# %%
def add(a, b):
    return Value(a.data + b.data, (a, b), (1.0, 1.0))


Value.__add__ = add
print(Value(3) + Value(-2))

# %% [markdown]
# ## Predict: the local derivative of a product
#
# **Multiplication.** Let $p = a·b$ with $a = 3$ and $b = −2$. When $a$ grows by a little, how many times as much does
# $p$ change?

# %%
my_guess = ...  # your guess


# %%
def multiply(a, b):
    return Value(a.data * b.data, (a, b), (b.data, a.data))


Value.__mul__ = multiply
p = Value(3) * Value(-2)
guess(my_guess, p.local_grads[0])

# %% [markdown]
# From 3 to 3.1 the product goes from −6 to −6.2: the change of 0.1 became −0.2, which is −2 times as much. The local
# derivative for one factor is *the other factor*.
#
# These are numbers, not formulas. Nothing has to be worked out later: they are noted down while $p$ is computed.

# %%
a, b = Value(3), Value(-2)
L = a * b + a
for v in (L, L.parents[0]):
    made_from = [parent.data for parent in v.parents]
    print(v.data, "made from", made_from, "with the local derivatives", v.local_grads)

# %% [markdown]
# So the expression has become a graph of numbers that point to their parents. It is the graph that you know; here it is
# drawn by the library, from its own Values, which have no gradients yet. The numbers on the lines are the local
# derivatives. Your `Value` stores every one of them.

# %%
A, B = autograd.Value(3.0, "a"), autograd.Value(-2.0, "b")
draw(A * B + A)

# %% [markdown]
# ## First try: tell your parents
#
# In the relay of lesson 5 each runner handed its gradient on, times the local derivative, and what arrived was added
# with `+=`. Let us write down just this:
#
# *To tell: add my gradient times the local derivative to the gradient of each parent, and let it tell its own parents.*
#
# A function that calls itself, like `tell`, is called **recursive**. Lesson 5 also said that a runner *waits* until all
# who come to it have arrived. Nobody waits here. Does it matter?


# %%
def tell(value):
    for parent, local in zip(value.parents, value.local_grads, strict=True):  # side by side
        parent.grad += value.grad * local
        tell(parent)


def backward_by_telling(root):
    root.grad = 1.0  # the final number follows itself, one to one
    tell(root)


# %%
a, b = Value(3), Value(-2)
L = a * b + a
backward_by_telling(L)
print(a, b)

# %% [markdown]
# Check it by hand. Over $p = a·b$ the gradient of $a$ is $b = −2$, directly it is 1, together −1. That of $b$ is
# $a = 3$. Both are right! So are we done?
#
# ## Predict: used twice
#
# Let $b = a + a$, then $c = b + b$. Since $c = 4·a$, the gradient of $a$ should be 4. What will our function say?

# %%
my_guess = ...  # your guess

# %%
a = Value(3)
b = a + a
c = b + b
backward_by_telling(c)
guess(my_guess, a.grad)

# %% [markdown]
# 6, not 4: wrong, and without a warning. Let us listen: the same function, but it says aloud what it adds.


# %%
def tell_aloud(value, indent=""):
    for parent, local in zip(value.parents, value.local_grads, strict=True):
        parent.grad += value.grad * local
        heard = f"{names[parent]}, which now has {parent.grad:.4g}"
        print(f"{indent}{names[value]} passes {value.grad:.4g} on to {heard}")
        tell_aloud(parent, indent + "    ")


a = Value(3)
b = a + a
c = b + b
names = {a: "a", b: "b", c: "c"}
c.grad = 1.0
tell_aloud(c)

# %% [markdown]
# $c$ uses $b$ twice, so $b$ is told twice. The first time $b$ knows of 1 and passes it on, to $a$ and again to $a$.
# The second time it knows of 2 and passes on **2**, although 1 of this had already gone out. So $a$ gets
# 1 + 1 + 2 + 2 = 6 instead of 4.
#
# The mistake cannot show where every number in the middle is used only once. That is why our first test passed.

# %% [markdown]
# ## Second try: pass on only what has just come
#
# The cure seems easy: hand over not your whole gradient but only the share that has just arrived. And we count the
# calls.


# %%
def tell_share(value, share):
    global calls  # the counter outside
    calls += 1
    value.grad += share
    for parent, local in zip(value.parents, value.local_grads, strict=True):
        tell_share(parent, share * local)


def doubled(times):
    start = end = Value(3)
    for _ in range(times):
        end = end + end
    return start, end


# %%
for times in (2, 3, 4, 5):
    calls = 0
    start, end = doubled(times)
    tell_share(end, 1.0)
    print(f"{times} doublings: gradient {start.grad:.4g}, {times + 1} numbers, {calls} calls")

# %% [markdown]
# The gradients are right: 4, 8, 16, 32. This is the sum over all paths of lesson 5, one path after the other.
#
# ## Predict: ten doublings
#
# With 10 doublings there are 11 numbers. How many calls?

# %%
my_guess = ...  # your guess

# %%
calls = 0
start, end = doubled(10)
tell_share(end, 1.0)
guess(my_guess, calls)

# %% [markdown]
# 2,047. With each doubling there are twice as many calls, and one more: 7, 15, 31, 63, 127, … Each is one less than a
# power of two: 2³ − 1, 2⁴ − 1, …, and for 10 doublings 2¹¹ − 1 = 2,047. For 50 it is 2⁵¹ − 1. Suppose a computer does
# a million calls a second: how many years would it need for 50 doublings, a graph of 51 numbers?

# %%
seconds = (2**51 - 1) / 1_000_000
print(f"{seconds / (365 * 24 * 3600):.4g} years")

# %% [markdown]
# The picture shows why. On the left is the graph, on the right what `tell_share` walks through: it does not notice that
# two lines lead to the same number, and so it starts again from there each time. The graph is *unfolded* into a tree.

# %%
left, right = panels(2, height=3.2)
left.set_title("3 doublings: 4 numbers")
right.set_title("what tell_share visits: 15 calls")
for level in range(4):
    for bend in (-0.12, 0.12) if level < 3 else ():
        left.plot([0, bend, 0], [level, level + 0.5, level + 1], color=BLUE)
    left.plot(0, level, "o", color=BLUE, markersize=11)
    left.text(0.18, level - 0.09, ["end", "", "", "start"][level])
    for place in range(2**level):
        x = (place + 0.5) / 2**level
        right.plot(x, level, "s", color=ORANGE, markersize=11)
        for child in (2 * place, 2 * place + 1) if level < 3 else ():
            right.plot([x, (child + 0.5) / 2 ** (level + 1)], [level, level + 1], color=ORANGE)

# %%
left.set_xlim(-1, 1)
for picture in (left, right):
    picture.set_axis_off()
    picture.invert_yaxis()
alt = "Left, four dots in a column, each joined to the next by two lines."
alt += " Right, a tree of 15 squares: 1, below it 2, then 4, then 8."
show(left, alt=alt)

# %% [markdown]
# ## Third try: every number once
#
# Then let every number tell its parents only **once**, and remember who has already spoken: in a **set**, of which one
# can ask whether something is in it.
#
# ## Predict: once each
#
# Again $b = a + a$ and $c = b + b$. Which gradient will $a$ get now?

# %%
my_guess = ...  # your guess


# %%
def tell_once(value, spoken):
    if value in spoken:
        return
    spoken.add(value)
    for parent, local in zip(value.parents, value.local_grads, strict=True):
        parent.grad += value.grad * local
        tell_once(parent, spoken)


a = Value(3)
b = a + a
c = b + b
c.grad = 1.0
tell_once(c, set())
guess(my_guess, a.grad)

# %% [markdown]
# 2: too little this time. $b$ spoke as soon as it had heard of its first 1, and gave 1 + 1 to $a$. When the second 1
# came, it had spoken already.
#
# So every number should speak once, but not too early. It is the rule of lesson 5, that a runner waits:
#
# > **A number passes on its gradient once: when every number that was made from it has passed on its own.**
#
# Only then is its gradient complete.

# %% [markdown]
# ## The right order
#
# So we need all numbers in one row, with *the parents of each before it*. Such a row is called a **topological order**.
# We go through it from the end: then whoever was made from a number speaks before that number does, which is the rule.
#
# How to make such a row? *To place a number: first place its parents, then put it at the end.* Everybody in the row is
# placed only once. It is how you get dressed: before the shoe the sock, before the coat the pullover.


# %%
def topological_order(root):
    order, placed = [], set()

    def place(value):
        if value not in placed:
            placed.add(value)
            for parent in value.parents:
                place(parent)
            order.append(value)

    place(root)
    return order


# %%
def backward(root):
    order = topological_order(root)
    root.grad = 1.0
    for value in reversed(order):
        for parent, local in zip(value.parents, value.local_grads, strict=True):
            parent.grad += value.grad * local


Value.backward = backward

# %%
a = Value(3)
b = a + a
c = b + b
c.backward()
print("in order:", [value.data for value in topological_order(c)], "   gradient of a:", a.grad)
start, end = doubled(50)
end.backward()
print("50 doublings:", start.grad == 2**50)

# %% [markdown]
# 4, as it should be. And 50 doublings, which would have taken 71 years, take 100 multiplications: two for each number
# but the first. One visit to each number, one multiplication for each line of the graph, however many paths there are.
#
# The library does the same. In its pictures the small number on the corner of a box is its turn in the backward pass.
# Look back at the first picture too: `v2`, whose turn is 1, uses `a` directly, but `a` has turn 3. It has to wait for
# `v1`, which uses it as well.

# %%
A = autograd.Value(3.0, "a")
B = A + A
C = B + B
C.backward()
draw(C, names={A: "a", B: "b", C: "c"})

# %% [markdown]
# ## Calling it twice
#
# In lesson 5 gradients doubled when $L$ was computed anew and `backward` was called again. Now we call it twice on
# the *same* $L$.
#
# ## Predict: the same L twice
#
# For $L = a·b + a$ with $a = 3$ and $b = −2$ the first call gives −1 for $a$, as before. What is `a.grad` after the
# second?

# %%
my_guess = ...  # your guess

# %%
a, b = Value(3), Value(-2)
L = a * b + a
L.backward()
L.backward()
guess(my_guess, a.grad)

# %% [markdown]
# Because of the `+=` one may expect −1 − 1 = −2. But in the middle, $p = a·b$ still had its gradient of 1 from the
# first call, was told 1 again, and passed on 2: so $a$ got −1, and then 2·(−2) + 1 = −3, together −4.
#
# The cure: numbers that were computed begin each pass with 0. Numbers that were *given*, the **leaves**, like $a$ and
# $b$, keep what they have.


# %%
def backward(root):
    order = topological_order(root)
    for value in order:
        if value.parents:
            value.grad = 0.0
    root.grad = 1.0
    for value in reversed(order):
        for parent, local in zip(value.parents, value.local_grads, strict=True):
            parent.grad += value.grad * local


Value.backward = backward

# %% [markdown]
# Why not clear the leaves as well? Because adding up over several calls is useful: the gradient of a sum is the sum
# of the gradients. So you can go through your examples one at a time, with a graph for each, and the leaves collect
# the whole. It also means that you must set them to 0 yourself before the next step: this is what `zero_grad` is for.

# %%
w = Value(2)
(w * Value(3)).backward()  # slope 3
(w * w).backward()  # slope 4
print("one by one:", w.grad)
w.grad = 0.0
(w * Value(3) + w * w).backward()
print("as a sum:  ", w.grad)

# %% [markdown]
# ## More operations
#
# **Plain numbers.** `a * 2` fails so far, since 2 has no `.data`. We turn it into a Value. And for `2 * a` Python asks
# the number 2 first; when 2 does not know what to do, it asks `a.__rmul__(2)` (*r*: the Value stands on the right).
#
# `lambda a, b: …` is a function in one line, without a name of its own; what follows the colon is what it returns.


# %%
def as_value(x):
    return x if isinstance(x, Value) else Value(x)


Value.__add__ = lambda a, b: add(a, as_value(b))
Value.__radd__ = lambda a, b: add(as_value(b), a)
Value.__mul__ = lambda a, b: multiply(a, as_value(b))
Value.__rmul__ = lambda a, b: multiply(as_value(b), a)
print(2 * Value(5) + 1)

# %% [markdown]
# **Minus** needs no derivative of its own: $a − b = a + (−1)·b$ is made of what we have.

# %%
Value.__neg__ = lambda a: a * -1
Value.__sub__ = lambda a, b: a + b * -1
Value.__rsub__ = lambda a, b: b + a * -1
print(1 - Value(5))

# %% [markdown]
# **Powers** with a plain number as the exponent: $a^n$ has the local derivative $n·a^{n−1}$. With $n = 2$ and $a = 5$
# it is 10: from 5 to 5.1 the square goes from 25 to 26.01, about ten times as much. With $n = −1$ we get division for
# nothing, since $a/b = a·b^{−1}$.

# %%
# (a,) with its comma is a tuple of one: there is one parent, and one local derivative.
Value.__pow__ = lambda a, n: Value(a.data**n, (a,), (n * a.data ** (n - 1),))
Value.__truediv__ = lambda a, b: a * as_value(b) ** -1
Value.__rtruediv__ = lambda a, b: b * a**-1
x = Value(5)
y = x**2 / 10
y.backward()
print(y, x)

# %% [markdown]
# **tanh**, the activation: it squeezes any number into the range from −1 to 1. Its slope is $1 − \tanh²$: it is 1 where
# tanh is 0, and almost 0 where tanh is near ±1.


# %%
def tanh(a):
    out = math.tanh(a.data)
    return Value(out, (a,), (1 - out * out,))


Value.tanh = tanh
x = Value(0.5)
x.tanh().backward()
print(x)

# %% [markdown]
# ## Is it right?
#
# An engine that is wrong gives numbers too, as you have seen. So we test it in two ways: against **nudging**
# (lesson 2), which knows nothing of graphs, and against the library, of which you have written nothing. Here is a
# function for both. (`f(*mine)` with the star is `f(mine[0], mine[1])`.)


# %%
def f(a, b):
    c = (a * b + 1) ** 2
    d = (c - 3 * a).tanh() + b / c
    return d * c + 2 / b


def nudged(a, b, h=1e-5):
    along_a = (f(Value(a + h), Value(b)).data - f(Value(a - h), Value(b)).data) / (2 * h)
    along_b = (f(Value(a), Value(b + h)).data - f(Value(a), Value(b - h)).data) / (2 * h)
    return along_a, along_b


# %%
mine, theirs = [Value(0.7), Value(-1.3)], [autograd.Value(0.7), autograd.Value(-1.3)]
f(*mine).backward()
f(*theirs).backward()
print("my engine:  ", [f"{v.grad:.4g}" for v in mine])
print("the library:", [f"{v.grad:.4g}" for v in theirs])
print("nudging:    ", [f"{slope:.4g}" for slope in nudged(0.7, -1.3)])

# %% [markdown]
# One example is not much, as the first try has taught us. So we grow 200 random expressions, in which numbers are used
# again and again, and compare with the library.


# %%
def grown(numbers, seed):
    rng, pool = random.Random(seed), list(numbers)
    for _ in range(15):
        x, y = rng.choice(pool), rng.choice(pool)
        pool.append(rng.choice([x + y, x - y, (x * y).tanh(), x * 0.5]))
    return pool[-1] + pool[-2] * pool[-3]


# %%
worst = 0.0
for seed in range(200):
    mine, theirs = [Value(0.7), Value(-1.3)], [autograd.Value(0.7), autograd.Value(-1.3)]
    grown(mine, seed).backward()
    grown(theirs, seed).backward()
    for m, t in zip(mine, theirs, strict=True):
        worst = max(worst, abs(m.grad - t.grad) / (1 + abs(t.grad)))
print("all agree to 12 digits:", worst < 1e-12)

# %% [markdown]
# ## Your engine learns
#
# Gradient descent (lesson 3) on a line (lesson 4), with an engine that you wrote. The points lie on $y = 2x + 1$.
# Which two numbers should come out?

# %%
w, b = Value(0), Value(0)
for _ in range(100):
    loss = sum((w * x + b - y) ** 2 for x, y in [(-1, -1), (0, 1), (2, 5)])
    w.grad = b.grad = 0.0
    loss.backward()
    w.data -= 0.1 * w.grad
    b.data -= 0.1 * b.grad
print(f"w = {w.data:.4g}, b = {b.data:.4g}")

# %% [markdown]
# ## One more wall
#
# `place` calls itself, and for a chain of 5,000 additions it would do so 5,000 deep. That is not unusual: the sum of
# 5,000 losses is such a chain. Let us add up 5,001 times the same `x`, so that its gradient should be 5,001.

# %%
x = Value(1)
total = x
for _ in range(5000):
    total = total + x
try:
    total.backward()
except RecursionError as error:
    print(f"{type(error).__name__}: Python does not let a function call itself so deep")

# %% [markdown]
# The cure is to keep a list of what is still to be done, a **stack**, instead of calling oneself. What is put on it
# last is taken off first. Each number is put there twice: first to look at its parents, and then, *below* them, to be
# placed when they are done.


# %%
def topological_order(root):
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        value, parents_are_placed = stack.pop()
        if parents_are_placed:
            order.append(value)
        elif value not in seen:
            seen.add(value)
            stack.append((value, True))
            stack += [(parent, False) for parent in value.parents]
    return order


# %%
total.backward()
print(x.grad)

# %% [markdown]
# ## Exercises
#
# **Exercise 6.1** We made division out of two operations. Suppose we made it one: $q = a / b$. For $a = 6$ and $b = 2$,
# which two numbers belong in its `local_grads`? Answer with a list. (If you know no formula, nudge.)

# %%
answer = ...
check("6.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `[0.5, -1.5]`. When $a$ grows, $q$ grows $1/b = 0.5$ times as much. When $b$ grows, $q$ gets smaller: the slope is
# $−a/b² = −6/4 = −1.5$. By nudging: $6.001/2 = 3.0005$, and $6/2.001 ≈ 2.9985$.
#
# </details>

# %% [markdown]
# **Exercise 6.2** Give your engine the function $e^a$ (`math.exp`), which is its own slope. Then compute with it
# the gradient of $x$ for $L = e^{2x}·x$ at $x = 0.5$.


# %%
def exp(a):
    return ...  # a Value


answer = ...  # the gradient of x
check("6.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def exp(a):
#     out = math.exp(a.data)
#     return Value(out, (a,), (out,))
#
# x = Value(0.5)
# (exp(2 * x) * x).backward()
# answer = x.grad
# ```
# 5.437, which is $2e$. Two paths: through the exponent $2·e^{2x}·x = e$, and through the factor $e^{2x} = e$.
#
# </details>

# %% [markdown]
# **Exercise 6.3** $p = a·b$, then $q = p + a$, then $L = p·q$. In which order may the backward pass let them speak?
#
# * `"a"`: L, p, q, a, b
# * `"b"`: L, q, p, a, b
# * `"c"`: a, b, p, q, L

# %%
answer = ...
check("6.3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `"b"`. $q$ was made from $p$, so $q$ must have spoken before $p$ does. In `"a"` $p$ would pass on what it has heard
# from $L$ alone. `"c"` is the order of computing; the backward pass goes through it from its end.
#
# </details>

# %% [markdown]
# **Exercise 6.4** True or false? If every Value were written into one long list when it is made, then going through
# that list from its end would be a right order for the backward pass too.

# %%
answer = ...
check("6.4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# True: a number can only be made after its parents, so the list *is* a topological order. Some libraries do this and
# call the list a **tape**. What the sort adds: it finds only the numbers that $L$ depends on, and nobody has to keep
# the others.
#
# </details>

# %% [markdown]
# ## Heard somewhere
#
# *"To be differentiated, a computation must be a formula: without loops, without if."*
#
# Let us try. Here is a *loop* that finds a square root without knowing any formula for it: take a guess $r$, and
# replace it by the middle between $r$ and $x/r$, until $r·r$ is near enough to $x$. How often it runs depends on the
# number. And then: what is the slope of *that*?


# %%
def square_root(x):
    r = Value(1)
    while abs(r.data**2 - x.data) > 1e-9:
        r = (r + x / r) * 0.5
    return r


x = Value(2)
r = square_root(x)
r.backward()
print(f"the root of 2 is {r.data:.4g}, its slope {x.grad:.4g}")
print(f"the formula 1/(2·√x) says   {1 / (2 * math.sqrt(2)):.4g}")

# %% [markdown]
# **Not so.** The engine never sees the loop. It sees the numbers that were in fact computed, each with its parents, and
# this is always a graph without loops. Where an `if` took one of two ways, the slope is that of the way taken.

# %% [markdown]
# ## The whole engine
#
# Here it is in one piece. Read it once more from top to bottom: you have written every line of it.
#
# <details><summary>The whole engine, in about seventy lines</summary>
#
# ```python
# import math
#
#
# class Value:
#     """A number that remembers how it was made."""
#
#     def __init__(self, data, parents=(), local_grads=()):
#         self.data, self.grad = float(data), 0.0
#         self.parents, self.local_grads = parents, local_grads
#
#     def __repr__(self):
#         return f"Value({self.data:.4g}, grad={self.grad:.4g})"
#
#     def __add__(self, other):
#         other = as_value(other)
#         return Value(self.data + other.data, (self, other), (1.0, 1.0))
#
#     def __mul__(self, other):
#         other = as_value(other)
#         return Value(self.data * other.data, (self, other), (other.data, self.data))
#
#     def __pow__(self, n):
#         return Value(self.data**n, (self,), (n * self.data ** (n - 1),))
#
#     def tanh(self):
#         out = math.tanh(self.data)
#         return Value(out, (self,), (1 - out * out,))
#
#     def __neg__(self):
#         return self * -1
#
#     def __sub__(self, other):
#         return self + other * -1
#
#     def __rsub__(self, other):
#         return other + self * -1
#
#     def __truediv__(self, other):
#         return self * as_value(other) ** -1
#
#     def __rtruediv__(self, other):
#         return other * self**-1
#
#     __radd__, __rmul__ = __add__, __mul__
#
#     def backward(self):
#         order = topological_order(self)
#         for value in order:
#             if value.parents:
#                 value.grad = 0.0
#         self.grad = 1.0
#         for value in reversed(order):
#             for parent, local in zip(value.parents, value.local_grads, strict=True):
#                 parent.grad += value.grad * local
#
#
# def as_value(x):
#     return x if isinstance(x, Value) else Value(x)
#
#
# def topological_order(root):
#     order, seen, stack = [], set(), [(root, False)]
#     while stack:
#         value, parents_are_placed = stack.pop()
#         if parents_are_placed:
#             order.append(value)
#         elif value not in seen:
#             seen.add(value)
#             stack.append((value, True))
#             stack += [(parent, False) for parent in value.parents]
#     return order
# ```
#
# </details>

# %% [markdown]
# The library's engine is the same with more operations: `autograd/ops.py` is the table of the local derivatives,
# `autograd/value.py` the class, `autograd/graph.py` the order and the backward pass. You can read them now.
#
# **What you know now.** An engine is: numbers that note down their parents and local derivatives; a row in which
# parents come first; and one walk through it from the end, adding. Next: the same walk through a network, seen by its
# neurons.

# %%
a = Value(3)
b = a + a
c = b + b
c.backward()
assert (a.grad, b.grad) == (4.0, 2.0)  # neither 6 nor 2: each speaks once, when it has heard all
c.backward()
assert (a.grad, b.grad) == (8.0, 2.0)  # leaves add up over calls, what is computed begins anew
assert [value.data for value in topological_order(c)] == [3.0, 6.0, 12.0]  # parents first
assert calls == 2**11 - 1  # path by path, the work doubles with each doubling
assert worst < 1e-12  # the engine agrees with the library
assert math.isclose(x.grad, 1 / (2 * math.sqrt(2)))  # also through a loop
