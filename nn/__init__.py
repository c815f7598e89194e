"""Neural networks of scalar Values: modules, layers, losses and optimisers, under PyTorch's names.

>>> import nn
>>> model = nn.MLP(2, [4, 1], seed=7)
>>> optimizer = nn.SGD(model.parameters(), lr=0.1)
>>> xs, ys = [[0.0, 1.0], [1.0, 0.0]], [1.0, -1.0]
>>> for step in range(50):
...     loss = nn.mse_loss([model(x) for x in xs], ys)
...     optimizer.zero_grad()
...     loss.backward()
...     optimizer.step()
>>> loss.data < 1e-3
True
"""

from nn.layers import MLP, Layer, Neuron, Sequential
from nn.losses import binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, hinge_loss, mse_loss
from nn.module import Module
from nn.optim import SGD, Adam

__all__ = [
    "Module",
    "Neuron",
    "Layer",
    "MLP",
    "Sequential",
    "mse_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "hinge_loss",
    "SGD",
    "Adam",
]
