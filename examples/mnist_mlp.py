"""Handwritten digits by a net of one hidden layer, whose first weights are drawn as images.

With `--data` and a folder that holds MNIST these are its digits, else scikit-learn's small ones.
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
    """Train, test, and look at what the hidden neurons look for."""
    split = load_digits(options.data, rng)
    _, height, width = split.x_train[0].shape
    net = nn.Sequential(
        nn.Flatten(),
        nn.Linear(height * width, 64, rng=rng, dtype=np.float32, init=nn.he_uniform),
        nn.ReLU(),
        nn.Linear(64, 10, rng=rng, dtype=np.float32),
    )
    history = nn.fit(
        net, (split.x_train, split.y_train), nn.cross_entropy,
        nn.Adam(net.parameters(), lr=0.003), epochs=options.epochs, batch_size=32, rng=rng,
        validation=(split.x_test, split.y_test), metrics=[nn.accuracy], progress=False,
    )  # fmt: skip
    judged = nn.predict(net, split.x_test, "classes")
    print(f"accuracy {nn.accuracy(judged, split.y_test):.3f} on {len(judged)} test images of "
          f"{height} x {width}, after {options.epochs} epochs of {len(split.y_train)}")  # fmt: skip
    save(viz.training_curves(history)[0], "mlp_training.svg")
    save(viz.weight_images(net[1], (height, width)), "mlp_weights.png")
    save(viz.confusion_matrix(split.y_test, judged), "mlp_confusion.png")


main = Example(run, __doc__, data=(None, "a folder with MNIST"), epochs=(10, "of training"))

if __name__ == "__main__":
    sys.exit(main())
