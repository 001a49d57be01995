"""Neural networks on `autograd.Tensor`: layers, losses, optimizers, data and metrics.

>>> import numpy as np
>>> rng = np.random.default_rng(0)
>>> net = Sequential(Linear(4, 16, rng=rng), Tanh(), Linear(16, 3, rng=rng))
>>> optimizer = SGD(net.parameters(), lr=0.1)
>>> loss = cross_entropy(net(rng.normal(size=(8, 4))), rng.integers(3, size=8))
>>> loss.backward()
>>> optimizer.step()
"""

from __future__ import annotations

from nn.activations import ReLU, Sigmoid, Softmax, Tanh
from nn.data import Split, batches, train_test_split
from nn.init import Initializer, he_uniform, xavier_uniform
from nn.layers import Linear, Sequential
from nn.losses import cross_entropy, mse
from nn.metrics import accuracy, confusion_matrix
from nn.module import Module
from nn.optim import SGD

__all__ = [
    "SGD",
    "Initializer",
    "Linear",
    "Module",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Split",
    "Tanh",
    "accuracy",
    "batches",
    "confusion_matrix",
    "cross_entropy",
    "he_uniform",
    "mse",
    "train_test_split",
    "xavier_uniform",
]
