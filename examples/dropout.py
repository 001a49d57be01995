"""Overfitting, and dropout against it: a large net on few digits, with and without dropout.

Some of the labels are drawn by lot. A net that learns these by heart does worse on other digits.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from digits import load_digits
from example import Example, Save

import nn
import viz


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Train the same net both ways on the same few images."""
    split = load_digits(options.data, rng)
    x, labels = split.x_train[: options.samples], split.y_train[: options.samples].copy()
    by_lot = rng.uniform(size=len(labels)) < options.by_lot
    labels[by_lot] = rng.integers(10, size=by_lot.sum())
    for share in (0.0, 0.5):
        net = nn.Sequential(
            nn.Flatten(),
            nn.Linear(x[0].size, 256, rng=rng, dtype=np.float32, init=nn.he_uniform),
            nn.ReLU(),
            nn.Dropout(share, rng=rng),
            nn.Linear(256, 10, rng=rng, dtype=np.float32),
        )
        history = nn.fit(
            net, (x, labels), nn.cross_entropy,
            nn.Adam(net.parameters(), lr=0.003), epochs=options.epochs, batch_size=32, rng=rng,
            validation=(split.x_test, split.y_test), metrics=[nn.accuracy], progress=False,
        )  # fmt: skip
        print(f"dropout {share}: loss {history['loss'][-1]:.3f} in training and "
              f"{history['validation_loss'][-1]:.3f} on test images, of which "
              f"{history['validation_accuracy'][-1]:.3f} are judged rightly")  # fmt: skip
        save(viz.training_curves(history)[0], f"dropout_{share}.svg")


main = Example(
    run, __doc__, data=(None, "a folder with MNIST; scikit-learn's digits if left out"),
    samples=(300, "to train on"), by_lot=(0.2, "share of labels that are drawn"),
    epochs=(60, "of each training"),
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
