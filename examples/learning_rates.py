"""One slope, several learning rates: too small hardly moves, too large overshoots and leaves."""

from __future__ import annotations

import argparse
import sys

import numpy as np
from example import Example, Save

import viz
from autograd import Value

RATES = [0.001, 0.3, 0.95, 1.05]


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Go down w² from -4 by each rate."""
    for rate in RATES:
        w, way = Value(-4.0), [-4.0]
        for _ in range(options.steps):
            w.zero_grad()
            (w**2).backward()
            w.data -= rate * w.grad
            way.append(w.data)
        print(
            f"learning rate {rate:<5}  {' '.join(f'{at:.3g}' for at in way[:6])} ... {w.data:.3g}"
        )
    panels = viz.descent_curve(lambda w: w**2, -4.0, RATES, options.steps)
    save(panels[0], "learning_rates.svg")


main = Example(run, __doc__, steps=(10, "steps of each descent"))

if __name__ == "__main__":
    sys.exit(main())
