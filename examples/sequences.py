"""Sequences: an RNN and an LSTM add the two marked numbers of a row.

Of the numbers of a row two are marked, and their sum is asked for at its end (Hochreiter &
Schmidhuber, 1997). Always saying 1 has a mean squared error of 1/6.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from example import Example, Save

import nn
import viz


def marked_numbers(
    count: int, length: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Sequences (count, length, 2) of a number and a mark, and the sums (count, 1)."""
    numbers = rng.uniform(size=(count, length))
    marks = np.zeros_like(numbers)
    places = np.argsort(rng.uniform(size=numbers.shape), axis=1)[:, :2]
    np.put_along_axis(marks, places, 1.0, axis=1)
    sums = np.sum(numbers * marks, axis=1, keepdims=True)
    return np.stack([numbers, marks], axis=2).astype(np.float32), sums.astype(np.float32)


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Train both on the same rows."""
    x, y = marked_numbers(options.rows, options.length, rng)
    x_test, y_test = marked_numbers(1000, options.length, rng)
    for name, layer in (("RNN", nn.RNN), ("LSTM", nn.LSTM)):
        net = nn.Sequential(
            layer(2, 32, rng=rng, returns="last", dtype=np.float32),
            nn.Linear(32, 1, rng=rng, dtype=np.float32),
        )
        adam = nn.Adam(net.parameters(), lr=0.005)
        history = nn.fit(
            net, (x, y), nn.mse, adam, epochs=options.epochs, batch_size=50, rng=rng,
            scheduler=nn.Scheduler(adam, nn.cosine(options.epochs)), progress=False,
        )  # fmt: skip
        error = nn.evaluate(net, (x_test, y_test), nn.mse)["loss"]
        print(f"{name:4} rows of {options.length}: mean squared error {error:.4f}, after "
              f"{options.epochs} epochs of {options.rows}")  # fmt: skip
        save(viz.training_curves(history)[0], f"sequences_{name.lower()}.svg")
    save(viz.draw(net, sample=x_test[:1]), "sequences_net.svg")


main = Example(
    run, __doc__, rows=(3000, "to learn from"), length=(15, "of a row"), epochs=(20, "of each")
)

if __name__ == "__main__":
    sys.exit(main())
