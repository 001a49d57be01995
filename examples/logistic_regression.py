"""Logistic regression: hours of study to pass or fail, and whether a digit is a zero.

The hours are those of the lectures; the digits are scikit-learn's (the extra `data`), images of
8 x 8 numbers.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from example import Example, Save

import nn
import viz

HOURS = np.array([[2.0], [4.0], [6.0], [8.0], [10.0], [12.0], [14.0]])
PASSED = np.array([[0.0], [0.0], [0.0], [1.0], [1.0], [1.0], [1.0]])
ASKED = np.array([[13.0], [11.0], [31.0], [3.0], [3.5]])


def pass_or_fail(epochs: int, rng: np.random.Generator, save: Save) -> None:
    """One weight and one bias, and a curve from 0 to 1."""
    net = nn.Sequential(nn.Linear(1, 1, rng=rng), nn.Sigmoid())
    recorder = viz.TrainingRecorder((HOURS, PASSED), feature_names=["hours"], logits=False)
    nn.fit(
        net, (HOURS, PASSED), nn.binary_cross_entropy, nn.Adam(net.parameters(), lr=0.1),
        epochs=epochs, batch_size=len(HOURS), rng=rng, callbacks=[recorder], progress=False,
    )  # fmt: skip
    for (hours,), chance in zip(ASKED, nn.predict(net, ASKED).ravel(), strict=True):
        print(f"{hours:4g} hours: passes with probability {chance:.3f}")
    save(viz.training(recorder, title="Hours of study, pass or fail"), "hours_training.html")
    save(viz.draw(net, sample=ASKED[:1], loss=lambda p: p.sum(), view="gates"), "logistic.svg")


def zero_or_not(epochs: int, rng: np.random.Generator, save: Save) -> None:
    """A weight for each of 64 pixels, which together look like a zero."""
    digits = nn.load_dataset("digits")
    x, y = digits.x / 16, (digits.y == 0).astype(float)[:, None]
    split = nn.train_test_split(x, y, 1 / 4, rng)
    net = nn.Linear(64, 1, rng=rng)
    nn.fit(
        net, (split.x_train, split.y_train), nn.binary_cross_entropy_with_logits,
        nn.Adam(net.parameters(), lr=0.02), epochs=epochs // 10 + 1, rng=rng, progress=False,
    )  # fmt: skip
    classes = nn.predict(net, split.x_test, "classes")
    print(f"zero or not: {nn.accuracy(classes, split.y_test.ravel()):.3f} of "
          f"{len(classes)} test digits are judged rightly")  # fmt: skip
    save(viz.weight_images(net, (8, 8)), "zero_weights.png")


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Learn both."""
    pass_or_fail(options.epochs, rng, save)
    zero_or_not(options.epochs, rng, save)


main = Example(run, __doc__, epochs=(300, "passes over the data"))

if __name__ == "__main__":
    sys.exit(main())
