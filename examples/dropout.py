"""Overfitting, and dropout against it: few digits, a large net, with and without dropout."""

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
    few = slice(0, options.samples)
    pixels = split.x_train[0].size
    for share in (0.0, 0.5):
        net = nn.Sequential(
            nn.Flatten(),
            nn.Linear(pixels, 256, rng=rng, dtype=np.float32, init=nn.he_uniform),
            nn.ReLU(),
            nn.Dropout(share, rng=rng),
            nn.Linear(256, 10, rng=rng, dtype=np.float32),
        )
        history = nn.fit(
            net, (split.x_train[few], split.y_train[few]), nn.cross_entropy,
            nn.Adam(net.parameters(), lr=0.002), epochs=options.epochs, batch_size=32, rng=rng,
            validation=(split.x_test, split.y_test), metrics=[nn.accuracy], progress=False,
        )  # fmt: skip
        print(f"dropout {share}: loss {history['loss'][-1]:.3f} in training and "
              f"{history['validation_loss'][-1]:.3f} on test images, of which "
              f"{history['validation_accuracy'][-1]:.3f} are judged rightly")  # fmt: skip
        save(viz.training_curves(history)[0], f"dropout_{share}.svg")


main = Example(
    run, __doc__, data=(None, "a folder with MNIST; scikit-learn's digits if left out"),
    samples=(200, "to train on"), epochs=(60, "of each training"),
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
