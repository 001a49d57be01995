"""Logic gates by perceptrons: AND, NAND and OR by hand and learned, and XOR of two layers.

One perceptron draws one line, and no line parts the corners of XOR; NAND and OR before an AND do.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from example import Example, Save

import nn
import viz
from autograd import Value, step
from autograd.errors import ConvergenceError

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
BY_HAND = {
    "AND": ([0.5, 0.5], -0.7),
    "NAND": ([-0.5, -0.5], 0.7),
    "OR": ([0.5, 0.5], -0.2),
}
XOR = np.array([0, 1, 1, 0])


def gate(name: str, x0: Value, x1: Value) -> Value:
    """One of the gates on scalars, so that it can be drawn."""
    (w0, w1), bias = BY_HAND[name]
    return step(w0 * x0 + w1 * x1 + bias)


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Build the gates, learn them, and draw XOR."""
    for name, (weights, bias) in BY_HAND.items():
        outputs = nn.Perceptron(weights, bias).predict(CORNERS)
        learned = nn.Perceptron([0, 0])
        errors = learned.fit(CORNERS, outputs)
        print(f"{name:4} by hand {outputs.tolist()}, learned in {len(errors)} epochs: ", end="")
        print(learned.predict(CORNERS).tolist())
    try:
        nn.Perceptron([0, 0]).fit(CORNERS, XOR)
    except ConvergenceError as error:
        print(f"XOR  {error}")

    def exclusive_or(x0: Value, x1: Value) -> Value:
        return gate("AND", gate("NAND", x0, x1), gate("OR", x0, x1))

    outputs = [int(exclusive_or(Value(x0), Value(x1)).data) for x0, x1 in CORNERS]
    print(f"XOR  as AND of NAND and OR {outputs}")
    x0, x1 = Value(1.0), Value(0.0)
    y = exclusive_or(x0, x1)
    save(viz.draw(y, names=locals(), title="XOR: NAND and OR before an AND"), "xor.svg")

    net = nn.Sequential(nn.Linear(2, 8, rng=rng), nn.Tanh(), nn.Linear(8, 2, rng=rng))
    recorder = viz.TrainingRecorder((CORNERS, XOR), class_names=["equal", "different"])
    nn.fit(
        net, (CORNERS, XOR), nn.cross_entropy, nn.Adam(net.parameters(), lr=0.05),
        epochs=options.epochs, rng=rng, callbacks=[recorder], progress=False,
    )  # fmt: skip
    print(f"XOR  learned by 2-8-2: {nn.predict(net, CORNERS, 'classes').tolist()}")
    save(viz.training(recorder, title="A net learns XOR"), "xor_training.html")


main = Example(run, __doc__, epochs=(100, "of the net that learns XOR"))

if __name__ == "__main__":
    sys.exit(main())
