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

from nn.activations import (
    ELU,
    GELU,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Sigmoid,
    Sign,
    SiLU,
    Softmax,
    Softplus,
    Step,
    Tanh,
    maxout,
)
from nn.data import (
    Dataset,
    Split,
    Standardizer,
    Table,
    batches,
    load_dataset,
    one_hot,
    read_csv,
    read_idx,
    standardize,
    train_test_split,
)
from nn.init import (
    Initializer,
    he_uniform,
    xavier_uniform,
)
from nn.layers import (
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dropout,
    Flatten,
    LayerNorm,
    Linear,
    Maxout,
    MaxPool2d,
    Residual,
    RMSNorm,
    Sequential,
)
from nn.learning_rules import (
    Perceptron,
    delta_rule,
    hebbian_update,
)
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    discriminator_loss,
    generator_loss,
    hinge,
    huber,
    kl_divergence,
    l1_penalty,
    l2_penalty,
    mae,
    mse,
    multiclass_hinge,
    nll,
    rmse,
    sum_squared_error,
    yolo,
)
from nn.metrics import (
    accuracy,
    confusion_matrix,
    f1,
    precision,
    r_squared,
    recall,
)
from nn.module import (
    Module,
)
from nn.optim import (
    SGD,
)

__all__ = [
    "ELU",
    "GELU",
    "SGD",
    "AvgPool2d",
    "BatchNorm",
    "Conv2d",
    "Dataset",
    "Dropout",
    "Flatten",
    "Initializer",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MaxPool2d",
    "Maxout",
    "Module",
    "Perceptron",
    "RMSNorm",
    "ReLU",
    "Residual",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Sign",
    "Softmax",
    "Softplus",
    "Split",
    "Standardizer",
    "Step",
    "Table",
    "Tanh",
    "accuracy",
    "batches",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "confusion_matrix",
    "cross_entropy",
    "delta_rule",
    "discriminator_loss",
    "f1",
    "generator_loss",
    "he_uniform",
    "hebbian_update",
    "hinge",
    "huber",
    "kl_divergence",
    "l1_penalty",
    "l2_penalty",
    "load_dataset",
    "mae",
    "maxout",
    "mse",
    "multiclass_hinge",
    "nll",
    "one_hot",
    "precision",
    "r_squared",
    "read_csv",
    "read_idx",
    "recall",
    "rmse",
    "standardize",
    "sum_squared_error",
    "train_test_split",
    "xavier_uniform",
    "yolo",
]
