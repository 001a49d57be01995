"""Five optimizers on one narrow valley: the ways they take, and how far each has come."""

from __future__ import annotations

import argparse
import sys

import numpy as np
from example import Example, Save

import nn
import viz
from autograd import Tensor

OPTIMIZERS = {
    "SGD": lambda parameters: nn.SGD(parameters, lr=0.95),
    "momentum": lambda parameters: nn.SGD(parameters, lr=0.1, momentum=0.9),
    "Adagrad": lambda parameters: nn.Adagrad(parameters, lr=1.5),
    "RMSprop": lambda parameters: nn.RMSprop(parameters, lr=0.3),
    "Adam": lambda parameters: nn.Adam(parameters, lr=0.3),
}
START = (-7.0, 2.0)


def valley(x: Tensor, y: Tensor) -> Tensor:
    """Twenty times as steep across as along."""
    return x**2 / 20 + y**2


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Let each go down from the same place."""
    for name, make in OPTIMIZERS.items():
        x, y = (Tensor([at]) for at in START)
        optimizer = make([x, y])
        for _ in range(options.steps):
            optimizer.zero_grad()
            valley(x, y).sum().backward()
            optimizer.step()
        print(f"{name:9} is at ({x.item():6.3f}, {y.item():6.3f}), "
              f"{valley(x, y).item():.2e} above the bottom")  # fmt: skip
    save(viz.descent_paths(valley, OPTIMIZERS, START, options.steps), "optimizers.svg")


main = Example(run, __doc__, steps=(30, "of each"))

if __name__ == "__main__":
    sys.exit(main())
