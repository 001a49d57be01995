"""A tiny GAN: a generator makes numbers that a discriminator cannot tell from real ones.

The real ones come from two bell curves.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from example import Example, Save
from matplotlib.figure import Figure

import nn
from autograd import no_grad


def two_bells(count: int, rng: np.random.Generator) -> np.ndarray:
    """Numbers (count, 1), half of them around -2 and half around 2."""
    return rng.normal(rng.choice([-2.0, 2.0], size=(count, 1)), 0.5)


def net(inputs: int, activation: nn.Module, rng: np.random.Generator) -> nn.Sequential:
    """Two hidden layers of 32, and one number."""
    return nn.Sequential(
        nn.Linear(inputs, 32, rng=rng, init=nn.he_uniform), activation,
        nn.Linear(32, 32, rng=rng, init=nn.he_uniform), activation,
        nn.Linear(32, 1, rng=rng),
    )  # fmt: skip


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Train both against one another, and compare what is made with what is real."""
    generator, discriminator = net(4, nn.ReLU(), rng), net(1, nn.LeakyReLU(0.2), rng)
    makes = nn.Adam(generator.parameters(), lr=0.001, betas=(0.5, 0.999))
    judges = nn.Adam(discriminator.parameters(), lr=0.001, betas=(0.5, 0.999))
    for step in range(1, options.steps + 1):
        real, fake = two_bells(128, rng), generator(rng.normal(size=(128, 4)))
        judges.zero_grad()
        judged = nn.discriminator_loss(discriminator(real), discriminator(fake.detach()))
        judged.backward()
        judges.step()
        makes.zero_grad()
        made = nn.generator_loss(discriminator(fake))
        made.backward()
        makes.step()
        if step % max(options.steps // 4, 1) == 0:
            print(f"step {step}: loss of the discriminator {judged.item():.3f}, of the generator "
                  f"{made.item():.3f}")  # fmt: skip
    with no_grad():
        numbers = generator(rng.normal(size=(5000, 4))).data
    real = two_bells(5000, rng)
    gap = np.abs(np.sort(numbers, axis=0) - np.sort(real, axis=0)).mean()
    print(f"what is made lies {gap:.2f} from what is real; the two bells are 4 apart")
    axes = Figure((6.0, 3.4), layout="constrained").subplots()
    edges = np.linspace(-4.5, 4.5, 60).tolist()
    axes.hist(real.ravel(), edges, histtype="step", color="#6f7a86", label="real")
    axes.hist(numbers.ravel(), edges, alpha=0.7, color="#3a629f", label="made")
    axes.set_xlabel("number")
    axes.legend(frameon=False)
    save(axes, "gan.svg")


main = Example(run, __doc__, steps=(3000, "of both"))

if __name__ == "__main__":
    sys.exit(main())
