# %% [markdown]
# # 7 · Error signals
#
# A network of several layers is wrong at its end. Which of the weights deep inside have to change, and by how much? You
# will follow the answer back through the network, neuron by neuron, in numbers you can check in your head. It is the
# backpropagation of lesson 5, sorted by neurons: each neuron gets one number, its *error signal*, and from it the
# gradients of all its weights.
#
# **Time:** 40 minutes. **Builds on:** lesson 4 (a neuron: weighted sum, bias, activation) and lesson 5 (the chain
# rule).

# %%
import math

import nn
from autograd import Value, draw, steps
from checks import check, guess
from figures import BLUE, GREY, ORANGE, axes, panels, show

# %% [markdown]
# ## A network you can compute in your head
#
# Two inputs; a layer of three neurons, which are called **hidden**, because what they give is used only inside the
# network; and a layer of two outputs. We choose all weights as whole numbers. The hidden neurons have the activation
# relu: a sum above 0 goes on as it is, anything else becomes 0. The outputs have no activation.

# %%
model = nn.MLP(2, [3, 2], activation="relu")
hidden, output = model.layers
numbers = [([2, -1], 1), ([1, 1], -1), ([-1, -1], 1), ([3, -1, 2], 0), ([1, 1, -1], 1)]
for neuron, (weights, bias) in zip(hidden.neurons + output.neurons, numbers, strict=True):
    neuron.w = [Value(weight) for weight in weights]
    neuron.b = Value(bias)
draw(model)

# %% [markdown]
# On the lines are the weights, in the circles the biases. We call a neuron by its layer and its place, both counted
# from 0: the hidden neurons are 0.0, 0.1 and 0.2 from top to bottom, the outputs 1.0 and 1.1.
#
# Further names: $z$ is a neuron's **sum**: each input times its weight, added up, and the bias. $a$ is what comes out
# of the neuron, after the activation.
#
# ## Predict: forward
#
# The inputs are 1 and 2. What is the sum $z$ of the first hidden neuron, 0.0? It has the weights 2 and −1 and the
# bias 1.

# %%
my_guess = ...  # your guess


# %%
def weighted_sum(neuron, inputs):
    return sum(w.data * a for w, a in zip(neuron.w, inputs, strict=True)) + neuron.b.data


x = [1, 2]
zs = [weighted_sum(neuron, x) for neuron in hidden.neurons]
guess(my_guess, zs[0])

# %%
print("sums of the hidden neurons:", zs)
print("what they pass on:         ", [out.data for out in hidden(x)])
print("outputs:                   ", [out.data for out in model(x)])


# %% [markdown]
# The third hidden neuron is off: its sum is −2, so it passes on 0.
#
# The outputs are 1 and 4. Suppose they should be 0 and 6. As the loss we take the sum of the squared errors:
# $(1 − 0)² + (4 − 6)² = 1 + 4 = 5$.


# %%
def loss_of(model):
    first, second = model(x)
    return (first - 0) ** 2 + (second - 6) ** 2


print(loss_of(model).data)

# %% [markdown]
# ## One number for each neuron
#
# Now we ask each neuron the same question: **if your sum $z$ grew by a little, how many times as much would the loss
# change?** The answer is its **error signal**, written δ (delta): the gradient of the loss by $z$, $δ = ∂L/∂z$.
#
# A positive δ says: *your sum is too large, the loss would fall if it were smaller*. A negative one: *too small*. And 0
# says: *it does not depend on you at present*.
#
# ## Predict: the δ of an output
#
# Output neuron 1.0 gives 1 and should give 0, so its part of the loss is $z²$. What is its δ at $z = 1$?

# %%
my_guess = ...  # your guess

# %% [markdown]
# To measure it, we have to nudge $z$. That is easy: the bias is added to $z$ just as it is, so **nudging the bias is
# nudging $z$**. With this we have found the first rule, before we had any theory: *the gradient of a neuron's bias is
# its δ*.


# %%
def nudged(neuron, h=1e-6):
    before, bias = loss_of(model).data, neuron.b.data
    neuron.b.data = bias + h
    after = loss_of(model).data
    neuron.b.data = bias
    return (after - before) / h


guess(my_guess, round(nudged(output.neurons[0]), 3))

# %%
for name, layer in (("hidden", hidden), ("output", output)):
    print(name, [round(nudged(neuron), 3) + 0 for neuron in layer.neurons])  # + 0: not -0.0

# %% [markdown]
# The δ of the outputs can be seen from their errors: two times the error, $2·(1 − 0) = 2$ and $2·(4 − 6) = −4$.
#
# But where do the 2, −6 and 0 of the hidden neurons come from? Nobody has told them what they should have said. Nudging
# has found it out, but it runs the whole network once more for each neuron (lesson 5). There is a shorter way.

# %% [markdown]
# ## Back along the same lines
#
# Follow neuron 0.0. Let its sum grow by 0.001.
#
# * It is on, so its output $a$ also grows by 0.001: the slope of its activation is 1.
# * It goes to output 1.0 with the weight 3. That sum grows by 0.003, and the loss follows it 2 times: **+0.006**.
# * It goes to output 1.1 with the weight 1. That sum grows by 0.001, and the loss follows it −4 times: **−0.004**.
#
# Together +0.002, two times the nudge: its δ is $3·2 + 1·(−4) = 2$. It is as we have measured.

# %% [markdown]
# ## Predict: the δ of a hidden neuron
#
# Neuron 0.1 is on as well. It goes to output 1.0 with the weight −1 and to output 1.1 with the weight 1. The outputs
# have δ = 2 and δ = −4. What is its δ?

# %%
my_guess = ...  # your guess

# %%
delta_out = [2, -4]
to_1_0, to_1_1 = (neuron.w[1].data for neuron in output.neurons)
guess(my_guess, to_1_0 * delta_out[0] + to_1_1 * delta_out[1])

# %% [markdown]
# ## Predict: a neuron that is off
#
# Neuron 0.2 goes to the outputs with the weights 2 and −1. That gives $2·2 + (−1)·(−4) = 8$. But its sum is −2. What
# is its δ?

# %%
my_guess = ...  # your guess

# %%
slope = 1 if zs[2] > 0 else 0  # of relu
guess(my_guess, 8 * slope)

# %% [markdown]
# It is off: if its sum grew from −2 to −1.999, it would still pass on 0, and nothing would change. The slope of its
# activation is 0, and so is its δ.
#
# So the rule for a hidden neuron is:
#
# $$δ = f'(z) · (w_1·δ_1 + w_2·δ_2 + …)$$
#
# Here $f$ is the neuron's own activation and $f'(z)$ its slope at $z$; 1, 2, … are the neurons it feeds. In words:
# **the δ of those it feeds, each times the weight that leads there, added up; times the slope of its own
# activation.** For neuron 0.1 in numbers: $δ = 1·((−1)·2 + 1·(−4)) = −6$.

# %% [markdown]
# It is the weighted sum that you know, in the other direction. Forward, a neuron adds up what comes *in*, each times
# the weight of the line. Backward, it adds up what comes *back* along the lines that leave it, times the same weights.
# (The next two cells only draw: you need not read them, only look at their picture.)


# %%
def network(picture, left, right, lines, where):
    for source, target, weight in lines:
        color = ORANGE if (source, target) == (0, 0) else BLUE
        start, end = -source, -0.5 - target
        picture.plot([0, 1], [start, end], color=color, linewidth=3, zorder=0)
        y = start + (end - start) * where
        picture.text(where, y, weight, ha="center", va="center", bbox={"color": "white"})
    for at, column in ((0, left), (1, right)):
        for row, text in enumerate(column):
            edge, y = "black" if text else GREY, -row - 0.5 * at
            picture.plot(at, y, "o", color="white", markeredgecolor=edge, markersize=44)
            picture.text(at, y, text, ha="center", va="center")
    picture.set(xlim=(-0.25, 1.25), ylim=(-2.4, 0.4))
    picture.set_axis_off()


# %%
there, back = panels(2, height=3.6)
lines = [(0, 0, "·3"), (1, 0, "·(−1)"), (2, 0, "·2")]
network(there, ["a = 1", "a = 2", "a = 0"], ["z = 1", ""], lines, where=0.35)
lines = [(0, 0, "·3"), (0, 1, "·1")]
network(back, ["δ = 2", "", ""], ["δ = 2", "δ = −4"], lines, where=0.65)
there.set_title("→ 1.0 adds up what comes in:\n    1·3 + 2·(−1) + 0·2 + bias 0 = 1")
back.set_title("← 0.0 adds up what comes back:\n    (2·3 + (−4)·1) · slope 1 = 2")
alt = "Left: lines with the weights 3, −1, 2 run into output 1.0."
alt += " Right: two run back to 0.0, with the weights 3 and 1."
show(there, alt=alt)

# %% [markdown]
# The uppermost line, with the weight 3 (orange), is in both pictures: forward its weight says how strongly 0.0 moves
# the sum of 1.0, and so backward it says how much the δ of 1.0 concerns 0.0.

# %% [markdown]
# ## From δ to the weights
#
# A weight $w$ is multiplied by what comes in along its line; call it $x$. When $w$ grows by 0.001, the sum $z$ grows by
# $0.001·x$, and the loss changes $δ$ times as much as $z$. So:
#
# $$\text{gradient of a weight} = δ · \text{its input} \qquad \text{gradient of the bias} = δ$$
#
# The bias is no exception: it is a weight whose input is always 1.
#
# ## Predict: the gradient of a weight
#
# Neuron 0.1 has δ = −6, and its inputs are 1 and 2. What is the gradient of its second weight?

# %%
my_guess = ...  # your guess

# %%
loss = loss_of(model)
loss.backward()
guess(my_guess, hidden.neurons[1].w[1].grad)

# %%
for number, layer in enumerate(model.layers):
    for place, neuron in enumerate(layer.neurons):
        grads = [w.grad for w in neuron.w]
        print(f"neuron {number}.{place}: δ = {neuron.b.grad:g}, gradients of the weights: {grads}")

# %% [markdown]
# −6 × 2 = −12 for the second weight of 0.1. The outputs have three inputs: what the hidden neurons pass on, 1, 2 and 0.
#
# All of these were computed by the library's `backward`, which knows nothing of neurons, only of operations and paths.
# It finds the same as our rules for neurons: they are the chain rule, sorted by neurons.
#
# Now step through it. The page shows the whole round: the sums from left to right, the δ from right to left, and then,
# at the very end, the weights move. Change a number and see where it is felt.

# %%
steps(loss, model=model, view="neurons", lr=0.01)

# %% [markdown]
# **Try it:** go to the δ of neuron 0.2. Then raise its bias from 1 to 4, so that its sum becomes 1 and it is on, and
# look at its δ again. The outputs change too, and with them all other δ. Here is the same in Python:

# %%
hidden.neurons[2].b.data = 4.0
print("outputs:", [out.data for out in model(x)])
print("their δ:", [round(nudged(neuron), 3) for neuron in output.neurons])
print("δ of neuron 0.2:", round(nudged(hidden.neurons[2]), 3))
hidden.neurons[2].b.data = 1.0

# %% [markdown]
# $2·6 + (−1)·(−6) = 18$: what was held back before now goes through.
#
# ## The whole thing, for any network
#
# Plain numbers, no Values: three short functions. This time the activation is tanh, which squeezes any number into the
# range from −1 to 1. Its slope is $1 − a²$, so that it can be computed from the output $a$ alone.


# %%
def forward(model, x):
    """What comes out of each layer, after the inputs themselves."""
    outs = [x]
    for layer in model.layers:
        zs = [weighted_sum(neuron, outs[-1]) for neuron in layer.neurons]
        outs.append(zs if layer is model.layers[-1] else [math.tanh(z) for z in zs])
    return outs


def passed_back(layer, inputs, deltas):
    """The δ of the neurons that feed this layer: their slope times the sum of weight · δ."""
    found = []
    for j, a in enumerate(inputs):
        pairs = zip(layer.neurons, deltas, strict=True)
        found.append((1 - a * a) * sum(neuron.w[j].data * delta for neuron, delta in pairs))
    return found


# %%
def error_signals(model, outs, target):
    """The δ of all neurons, layer by layer."""
    deltas = [[2 * (out - wanted) for out, wanted in zip(outs[-1], target, strict=True)]]
    for at in range(len(model.layers) - 1, 0, -1):
        deltas.insert(0, passed_back(model.layers[at], outs[at], deltas[0]))
    return deltas


# %% [markdown]
# We compare with the library, on a network with three layers and random weights: all δ, which are the gradients of the
# biases.

# %%
deep = nn.MLP(2, [4, 3, 2], activation="tanh", seed=5)
deltas = error_signals(deep, forward(deep, [0.5, -1.0]), [1.0, 0.0])
first, second = deep([0.5, -1.0])
((first - 1.0) ** 2 + (second - 0.0) ** 2).backward()
worst = 0.0
for layer, found in zip(deep.layers, deltas, strict=True):
    print("by our rule:", [f"{delta:.4g}" for delta in found])
    print("library:    ", [f"{neuron.b.grad:.4g}" for neuron in layer.neurons])
    for neuron, delta in zip(layer.neurons, found, strict=True):
        worst = max(worst, abs(neuron.b.grad - delta))

# %% [markdown]
# ## Not too early
#
# Once the δ of the outputs are known, one could change their weights at once, and only then go further back. Why not?
#
# ## Predict: new weights, old signals
#
# In our network of whole numbers, 0.0 feeds the outputs with the weights 3 and 1; its δ is 2. It passes on 1, so the
# gradients of these two weights are $2·1$ and $−4·1$. A step with the learning rate 0.2 makes of the weights
# $3 − 0.2·2 = 2.6$ and $1 − 0.2·(−4) = 1.8$. If we pass the signals 2 and −4 back through these *new* weights: which δ
# does neuron 0.0 get now?

# %%
my_guess = ...  # your guess

# %%
guess(my_guess, 2.6 * 2 + 1.8 * -4)

# %%
for lr in (0.001, 0.01, 0.1, 0.2):
    delta = (3 - lr * 2) * 2 + (1 + lr * 4) * -4
    print(f"learning rate {lr}: δ of neuron 0.0 is {round(delta, 6) + 0:.4g} instead of 2")

# %% [markdown]
# $2.6·2 + 1.8·(−4) = 5.2 − 7.2 = −2$ in place of 2: the neuron is now told the opposite. The signals 2 and −4 are about
# the outputs that the *old* weights have made. Sent through the new weights, they give a mixture: the slope of the loss
# neither before the step nor after it.
#
# The error grows with the learning rate: at 0.001 it is small. Does it do harm? Let us train in both ways, with eleven
# points of a curve. They differ only in what is done first: to move the weights of a layer, or to pass the signals back
# through them. (A layer may move as soon as the signals have passed it; simplest is to move all of them at the end.)


# %%
def move(layer, inputs, deltas, lr):
    for neuron, delta in zip(layer.neurons, deltas, strict=True):
        for w, x in zip(neuron.w, inputs, strict=True):
            w.data -= lr * delta * x
        neuron.b.data -= lr * delta


# %%
def train_on(model, x, target, lr, too_early):
    outs = forward(model, x)
    deltas = [2 * (outs[-1][0] - target)]
    for layer, inputs in zip(reversed(model.layers), reversed(outs[:-1]), strict=True):
        if too_early:
            move(layer, inputs, deltas, lr)
            deltas = passed_back(layer, inputs, deltas)
        else:
            before = passed_back(layer, inputs, deltas)
            move(layer, inputs, deltas, lr)
            deltas = before


# %%
points = [(i / 5, math.sin(3 * i / 5)) for i in range(-5, 6)]


def losses(lr, too_early, rounds=60):
    model, found = nn.MLP(1, [4, 4, 1], activation="tanh", seed=1), []
    for _ in range(rounds):
        found.append(sum((forward(model, [x])[-1][0] - y) ** 2 for x, y in points) / len(points))
        if found[-1] > 100:  # no hope
            break
        for x, y in points:
            train_on(model, [x], y, lr, too_early)
    return found


# %%
pictures = panels(2, xlabel="round", ylabel="loss", sharey=True)
for picture, lr in zip(pictures, (0.02, 0.25), strict=True):
    picture.semilogy(losses(lr, too_early=False), color=BLUE, label="in time")
    picture.semilogy(losses(lr, too_early=True), color=ORANGE, linestyle="--", label="too early")
    picture.set_title(f"learning rate {lr}")
    picture.legend()
alt = "At rate 0.02 the two curves almost lie on each other;"
alt += " at 0.25 the one that moves too early shoots up."
show(pictures[0], alt=alt)

# %% [markdown]
# With small steps nobody notices: the wrong δ are almost right. That makes it a nasty mistake, since everything seems
# to work. With large steps, which the right way still survives, the wrong way runs off.
#
# You need not worry with the engine: `backward` uses the local derivatives that were noted down on the way forward. You
# can change a weight before you call it, and nothing happens to the gradients.

# %%
loss = loss_of(model)
model.zero_grad()
output.neurons[0].w[0].data = 99.0  # far too early
loss.backward()
print("δ of neuron 0.0:", hidden.neurons[0].b.grad)
output.neurons[0].w[0].data = 3.0  # as it was

# %% [markdown]
# ## Once round, or once for each layer?
#
# A round of backpropagation is: *once forward, once back, then move everything.* Some imagine it otherwise: *adjust the
# last layer, run the network to see what has become of it, adjust the layer before it, run it again, …* That can be
# done too. It is another method. Let us put them side by side, and count how often the network is run forward.
#
# ## Predict: how many runs?
#
# Three layers, 150 rounds. How many runs forward does the second method need?

# %%
my_guess = ...  # your guess


# %%
def slopes_of(model):
    outputs = [model([x]) for x, _ in points]  # one run forward, with all points
    loss = nn.mse_loss(outputs, [y for _, y in points])
    model.zero_grad()
    loss.backward()
    return loss.data  # the mean of the squared errors


def history(moves, lr=0.1, rounds=150):
    """The loss at each run forward. `moves` tells which layers move together."""
    model, found = nn.MLP(1, [4, 4, 1], activation="tanh", seed=1), []
    for _ in range(rounds):
        for layers in moves:
            found.append(slopes_of(model))
            for parameter in [p for at in layers for p in model.layers[at].parameters()]:
                parameter.data -= lr * parameter.grad
    return found


# %%
together = history([[0, 1, 2]])
in_turn = history([[2], [1], [0]])
guess(my_guess, len(in_turn))

# %%
print(f"all together:     {len(together)} runs forward, loss {together[-1]:.2g}")
print(f"layer by layer:   {len(in_turn)} runs forward, loss {in_turn[-1]:.2g}")
print(f"   after {len(together)} runs: loss {in_turn[len(together) - 1]:.2g}")

# %%
picture = axes("runs forward (each is followed by one run backward)", "loss")
picture.semilogy(together, color=BLUE)
picture.semilogy(in_turn, color=ORANGE, linestyle="--")
picture.text(157, together[-1], "all layers together", va="center")
picture.text(240, in_turn[215], "layer by layer, a run after each")
alt = "Both curves fall to about the same loss,"
alt += " layer by layer after three times as many runs forward."
show(picture, alt=alt)

# %% [markdown]
# Round for round the two learn about equally well. But with three layers, layer by layer costs three runs forward and
# three back for each round, and with 100 layers it would cost 100. The point of backpropagation is that **one** run
# back gives the right slopes for **all** layers, as long as nobody moves before it is done.

# %% [markdown]
# ## Exercises
#
# **Exercise 7.1** A neuron feeds three others, with the weights 0.5, −1 and 2. Their δ are 4, 1 and −1. The slope of
# its own activation is 0.25. What is its δ?

# %%
answer = ...
check("7.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# −0.25. What comes back is $0.5·4 + (−1)·1 + 2·(−1) = 2 − 1 − 2 = −1$, and this times the slope 0.25 is −0.25.
#
# </details>

# %% [markdown]
# **Exercise 7.2** A neuron has δ = −0.5. Its two inputs are 4 and 0. Give the gradients of its first weight, its second
# weight and its bias, as a list.

# %%
answer = ...
check("7.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `[-2, 0, -0.5]`: δ times 4, δ times 0, and δ itself. A weight whose input is 0 has had no part in the result, and this
# example teaches it nothing.
#
# </details>

# %% [markdown]
# **Exercise 7.3** The same neuron, δ = −0.5, and the learning rate 0.1. Where does gradient descent move its bias:
# `"up"`, `"down"`, or does it `"stay"`?

# %%
answer = ...
check("7.3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `"up"`: bias ← bias − 0.1·(−0.5) = bias + 0.05. A negative δ means that the sum is too small.
#
# </details>

# %% [markdown]
# **Exercise 7.4** Eight layers, 1,000 rounds. How often is the network run forward by backpropagation, and how often
# when each layer is adjusted by itself and tested? Give both numbers as a list.

# %%
answer = ...
check("7.4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `[1000, 8000]`: once a round, or once for each layer in each round.
#
# </details>

# %% [markdown]
# ## Heard somewhere
#
# *"The network tests its output after adjusting each layer, before the next."*
#
# Let us listen in on one training step of the library. A `ChattyLayer` is an `nn.Layer`, and makes a note before it
# runs. `nn.Sequential` puts layers in a row, and `step` of `nn.SGD` is our gradient descent: p ← p − lr · gradient, for
# all parameters.

# %%
heard = []


class ChattyLayer(nn.Layer):
    def forward(self, x):
        heard.append("a layer runs forward")
        return super().forward(x)


sizes = [(1, 4), (4, 4), (4, 1)]
chatty = nn.Sequential(*[ChattyLayer(*size, seed=1) for size in sizes])
optimizer = nn.SGD(chatty.parameters(), lr=0.1)
loss = (chatty([0.5]) - 1.0) ** 2
loss.backward()
heard.append("all signals have gone back")
optimizer.step()
heard.append("all weights have moved")
print("\n".join(heard))

# %% [markdown]
# **Not so.** Each layer runs forward once; then the signals go back through all layers; then all weights move, and
# nothing has been tested in between. Whether it has helped is seen in the next round.
#
# Another one that is often said:
#
# *"The error is divided among the hidden neurons in proportion to their weights."*
#
# Then output 1.0 would divide its δ, 2, in the ratio 3 : −1 : 2, and output 1.1 its −4 in the ratio 1 : 1 : −1.

# %%
shares = [0.0, 0.0, 0.0]
for neuron, delta in zip(output.neurons, delta_out, strict=True):
    total = sum(w.data for w in neuron.w)
    for j in range(3):
        shares[j] += neuron.w[j].data / total * delta
print("divided by shares:", [f"{share:.4g}" for share in shares])
print("measured by nudge:", [f"{nudged(neuron) + 0:.4g}" for neuron in hidden.neurons])

# %% [markdown]
# **Not so**, even in its signs. Nothing is divided, because nothing has to add up: each neuron is told how strongly the
# loss follows *it*. So its signal is multiplied by the weights, not by shares of them, and by the slope of its
# activation.
#
# **What you know now.** δ goes back along the lines by which the outputs went forward: times the weight, added up,
# times the slope. From δ come all gradients of a neuron, and then everything moves at once. Next: what hidden layers
# are for.

# %%
assert zs == [1.0, 2.0, -2.0]
assert [neuron.b.grad for neuron in hidden.neurons] == [2.0, -6.0, 0.0]  # whatever moved
assert all(math.isclose(nudged(neuron), neuron.b.grad, abs_tol=1e-4) for neuron in hidden.neurons)
assert hidden.neurons[1].w[1].grad == -6.0 * x[1]  # δ times the input
assert worst < 1e-12  # our rule and the library agree
assert losses(0.25, too_early=False)[-1] < 1 < losses(0.25, too_early=True)[-1]
assert len(in_turn) == 3 * len(together)
assert heard.count("a layer runs forward") == 3
