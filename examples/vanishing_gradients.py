"""Vanishing gradients: ten layers of sigmoids beside ten of relu.

What comes back to the first layer of sigmoids is next to nothing. The derivative of the sigmoid is
at most 1/4, and ten of them multiply.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from example import Example, Save

import nn
import viz


def deep(
    activation: type[nn.Module], layers: int, init: nn.Initializer, rng: np.random.Generator
) -> nn.Sequential:
    """A chain of layers of 16."""
    parts: list[nn.Module] = []
    for _ in range(layers):
        parts += [nn.Linear(16, 16, rng=rng, init=init), activation()]
    return nn.Sequential(*parts, nn.Linear(16, 2, rng=rng))


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """The mean size of the gradient in each layer of both nets."""
    x, y = rng.normal(size=(64, 16)), rng.integers(2, size=64)
    for name, activation, init in (
        ("sigmoid", nn.Sigmoid, nn.xavier_uniform),
        ("relu", nn.ReLU, nn.he_uniform),
    ):
        net = deep(activation, options.layers, init, rng)
        nn.cross_entropy(net(x), y).backward()
        weights = [p for path, p in net.named_parameters() if path.endswith("weight")]
        sizes = [float(np.abs(weight.grad).mean()) for weight in weights]
        print(f"{name:8}first layer {sizes[0]:.1e}, last {sizes[-1]:.1e}: "
              f"{sizes[-1] / sizes[0]:,.0f} times as large")  # fmt: skip
        drawing = viz.draw(
            net, sample=x, loss=lambda h: nn.cross_entropy(h, y), view="tensors",
            collapse=[path for path, layer in net.named_modules() if isinstance(layer, nn.Linear)],
            weigh="width", direction="TB", title=f"{options.layers} layers of {name}",
        )  # fmt: skip
        save(drawing, f"vanishing_{name}.svg")
        save(viz.gradient_histograms(net)[0], f"vanishing_{name}_histograms.png")


main = Example(run, __doc__, layers=(10, "before the last one"))

if __name__ == "__main__":
    sys.exit(main())
