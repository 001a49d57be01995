"""A softmax classifier on the Iris flowers, once in NumPy with its gradient by hand, once in nn.

By hand the gradient of the mean cross-entropy is Xᵀ (p - t) / n, from ∂L/∂h = p - t; the same net
in nn has it from its gates, and both are compared at every step.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from example import Example, Save

import nn
import viz

FLOWERS = Path(__file__).with_name("iris.csv")


class SoftmaxByHand:
    """W (4, 3) and b (3,), and what the lectures do with them."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.W = 0.0001 * rng.normal(size=(4, 3))
        self.b = np.ones(3)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """The probabilities (n, 3) of samples (n, 4)."""
        h = X @ self.W + self.b
        a = np.exp(h - h.max(axis=1, keepdims=True))
        return a / a.sum(axis=1, keepdims=True)

    def loss(self, X: np.ndarray, T: np.ndarray) -> float:
        """The mean of -log p of the right class."""
        return float(-np.log(self.forward(X)[np.arange(len(T)), T]).mean())

    def gradient(self, X: np.ndarray, T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """By W and by b."""
        dh = self.forward(X)
        dh[np.arange(len(T)), T] -= 1
        return X.T @ dh / len(T), dh.mean(axis=0)


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Train both by the same steps."""
    flowers = nn.read_csv(FLOWERS, label="species")
    x, y = flowers.x, flowers.y
    by_hand = SoftmaxByHand(rng)
    net = nn.Linear(4, 3, rng=rng)
    net.load_state_dict({"weight": by_hand.W, "bias": by_hand.b})
    optimizer, furthest, losses = nn.SGD(net.parameters(), lr=0.01), 0.0, []
    for epoch in range(options.epochs):
        dW, db = by_hand.gradient(x, y)
        optimizer.zero_grad()
        loss = nn.cross_entropy(net(x), y)
        loss.backward()
        furthest = max(furthest, np.abs(net.weight.grad - dW).max(),
                       np.abs(net.bias.grad - db).max())  # fmt: skip
        by_hand.W -= 0.01 * dW
        by_hand.b -= 0.01 * db
        optimizer.step()
        losses.append(loss.item())
        if epoch % max(options.epochs // 5, 1) == 0:
            print(f"epoch {epoch:5}: loss {losses[-1]:.4f} in nn, {by_hand.loss(x, y):.4f} after "
                  "the step by hand")  # fmt: skip
    right = nn.accuracy(by_hand.forward(x).argmax(axis=1), y)
    print(f"the gradients of all {options.epochs} steps differ by {furthest:.0e} at most")
    print(f"accuracy {right:.3f} by hand, {nn.accuracy(net(x).data.argmax(axis=1), y):.3f} in nn")
    save(viz.loss_curve(losses), "softmax_loss.svg")
    drawing = viz.draw(net, sample=x[:3], loss=lambda h: nn.cross_entropy(h, y[:3]), view="tensors")
    save(drawing, "softmax.svg")


main = Example(run, __doc__, epochs=(1000, "steps over all flowers"))

if __name__ == "__main__":
    sys.exit(main())
