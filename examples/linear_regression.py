"""Hours of study and marks: the line by least squares, and by gradient descent step by step.

The data is that of the lectures: 2, 4, 6 and 8 hours, and the marks 81, 93, 91 and 97; then with
private lessons, whose numbers are made up, as a second input.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from example import Example, Save

import nn
import viz

HOURS = np.array([[2.0], [4.0], [6.0], [8.0]])
LESSONS = np.array([[0.0], [4.0], [2.0], [3.0]])
MARKS = np.array([[81.0], [93.0], [91.0], [97.0]])


def least_squares(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The weights and the bias that no other beats."""
    return np.linalg.lstsq(np.hstack([x, np.ones_like(y)]), y, rcond=None)[0].ravel()


def descend(
    x: np.ndarray, y: np.ndarray, epochs: int, rng: np.random.Generator
) -> tuple[nn.Linear, nn.History]:
    """The same by gradient descent on the mean squared error."""
    line = nn.Linear(x.shape[1], 1, rng=rng)
    history = nn.fit(
        line, (x, y), nn.mse, nn.SGD(line.parameters(), lr=0.02),
        epochs=epochs, batch_size=len(x), rng=rng, progress=False,
    )  # fmt: skip
    return line, history


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Fit both, and draw the way down."""
    for told, x in (("hours", HOURS), ("hours and lessons", np.hstack([HOURS, LESSONS]))):
        line, history = descend(x, MARKS, options.epochs, rng)
        found = np.append(line.weight.data.ravel(), line.bias.data)
        print(f"{told}: least squares {np.round(least_squares(x, MARKS), 3).tolist()}, descent "
              f"{np.round(found, 3).tolist()}, RMSE {history['loss'][-1] ** 0.5:.3f}")  # fmt: skip
        if told == "hours":
            for hours, mark in zip(HOURS.ravel(), nn.predict(line, HOURS).ravel(), strict=True):
                print(f"  {hours:g} hours: {mark:.1f} expected")
            save(viz.training_curves(history)[0], "regression_loss.svg")
            drawing = viz.draw(line, sample=HOURS, loss=lambda y: nn.mse(y, MARKS), view="tensors")
            save(drawing, "regression.svg")


main = Example(run, __doc__, epochs=(3000, "steps of gradient descent"))

if __name__ == "__main__":
    sys.exit(main())
