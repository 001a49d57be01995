"""The net of the exercise: two layers, whose backward pass is written by hand and checked.

h = relu(x W1 + b1), p = softmax(h W2 + b2). The gradients by hand are held against those of the
gates, and against differences.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from example import Example, Save

import nn
import viz
from autograd.testing import check_gradients

FLOWERS = Path(__file__).with_name("iris.csv")


def loss_of(W1, b1, W2, b2, x, y):  # noqa: ANN001, ANN201 - arrays or tensors
    """The mean cross-entropy, by gates."""
    h = np.maximum(x @ W1 + b1, 0.0)
    return nn.cross_entropy(h @ W2 + b2, y)


def gradients_by_hand(
    W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Back through the layers: what comes from above times the local derivative."""
    h = np.maximum(x @ W1 + b1, 0.0)
    scores = h @ W2 + b2
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    dscores = p / len(y)
    dh = dscores @ W2.T
    dh[h <= 0] = 0
    return x.T @ dh, dh.sum(axis=0), h.T @ dscores, dscores.sum(axis=0)


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Check the gradients, then train by them."""
    flowers = nn.read_csv(FLOWERS, label="species")
    x, y = nn.standardize(flowers.x)[0], flowers.y
    W1, b1 = rng.normal(0, 0.5, (4, options.hidden)), np.zeros(options.hidden)
    W2, b2 = rng.normal(0, 0.5, (options.hidden, 3)), np.zeros(3)
    parameters = [W1, b1, W2, b2]
    check_gradients(
        lambda *weights: loss_of(*weights, x, y),
        *parameters,
        gradient=lambda *weights: gradients_by_hand(*weights, x, y),
    )
    print("the gradients by hand are right, by W1, b1, W2 and b2")
    losses = []
    for _ in range(options.epochs):
        for parameter, gradient in zip(
            parameters, gradients_by_hand(*parameters, x, y), strict=True
        ):
            parameter -= 0.5 * gradient
        losses.append(loss_of(*parameters, x, y).item())
    scores = np.maximum(x @ W1 + b1, 0.0) @ W2 + b2
    print(f"after {options.epochs} epochs: loss {losses[-1]:.4f}, "
          f"accuracy {nn.accuracy(scores.argmax(axis=1), y):.3f}")  # fmt: skip
    save(viz.loss_curve(losses), "two_layers_loss.svg")


main = Example(
    run, __doc__, epochs=(200, "steps over all flowers"), hidden=(10, "neurons of the hidden layer")
)

if __name__ == "__main__":
    sys.exit(main())
