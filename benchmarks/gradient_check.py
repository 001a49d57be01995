"""Checking the gradient of a 2-16-16-1 net, against a central difference by every parameter.

The net is checked at all of its 337 parameters, on scalars (one Value each) and on arrays. The
baseline is the plain formula of the textbooks as a loop over the parameters, which is two runs of
the function for each of them; it moves the parameters in place, so that next to nothing is counted
but the runs. It tells by how far the gradient differs, and the check besides how far it may.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
from moons import two_moons

import autograd
from autograd import Value
from autograd.testing import check_gradients

SIZES = (2, 16, 16, 1)
DELTA = 1e-5


class OnArrays:
    """The mean squared error of the net, by weights and biases that are arrays."""

    def __init__(self, samples: int) -> None:
        rng = np.random.default_rng(0)
        self.points, labels = two_moons(samples)
        self.labels = labels[:, None]
        self.parameters: Any = [
            {"W": rng.normal(size=(i, j)) / np.sqrt(i), "b": np.zeros(j)}
            for i, j in pairwise(SIZES)
        ]

    def loss(self, layers: Any) -> Any:
        """The loss, as the check and the baseline run it."""
        out: Any = self.points
        for layer in layers[:-1]:
            out = np.tanh(out @ layer["W"] + layer["b"])
        out = out @ layers[-1]["W"] + layers[-1]["b"]
        return ((out - self.labels) ** 2).mean()

    def central_difference(self) -> list[float]:
        """The gradient by every parameter, from two runs for each, on plain arrays."""
        gradient = []
        for layer in self.parameters:
            for array in layer.values():
                for index in np.ndindex(array.shape):
                    kept = array[index]
                    array[index] = kept + DELTA
                    above = self.loss(self.parameters)
                    array[index] = kept - DELTA
                    below = self.loss(self.parameters)
                    array[index] = kept
                    gradient.append(float(above - below) / (2 * DELTA))
        return gradient


class OnScalars:
    """The same, where each parameter is a Value: a neuron is its weights and then its bias."""

    def __init__(self, samples: int) -> None:
        arrays = OnArrays(samples)
        self.points, self.labels = arrays.points.tolist(), arrays.labels[:, 0].tolist()
        self.parameters: Any = [
            [[Value(x) for x in row] for row in np.vstack([layer["W"], layer["b"]]).T]
            for layer in arrays.parameters
        ]

    def loss(self, layers: Any) -> Any:
        """The loss, as the check and the baseline run it."""
        errors = []
        for out, label in zip(self.points, self.labels, strict=True):
            for layer in layers[:-1]:
                out = [autograd.tanh(autograd.dot(n[:-1], out) + n[-1]) for n in layer]
            neuron = layers[-1][0]
            errors.append((autograd.dot(neuron[:-1], out) + neuron[-1] - label) ** 2)
        return autograd.mean(errors)

    def central_difference(self) -> list[float]:
        """The gradient by every parameter, from two runs for each."""
        gradient = []
        for parameter in (x for layer in self.parameters for neuron in layer for x in neuron):
            kept = parameter.data
            parameter.data = kept + DELTA
            above = self.loss(self.parameters).data
            parameter.data = kept - DELTA
            below = self.loss(self.parameters).data
            parameter.data = kept
            gradient.append((above - below) / (2 * DELTA))
        return gradient


def seconds(function: Callable[[], Any]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def measure(net: Any, repeats: int) -> tuple[float, float]:
    """The medians of a check and of the baseline, which take turns."""
    checks, baselines = [], []
    assert check_gradients(net.loss, net.parameters).compared > 0
    for _ in range(repeats):
        checks.append(seconds(lambda: check_gradients(net.loss, net.parameters)))
        baselines.append(seconds(net.central_difference))
    return median(checks), median(baselines)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=5, help="turns of each (default: 5)")
    parser.add_argument(
        "--samples", type=int, nargs="+", default=[1, 100], help="sizes of the batch"
    )
    options = parser.parse_args(argv)
    print(f"a net of {'-'.join(map(str, SIZES))}, {autograd.engine} engine")
    for name, kind in (("scalars", OnScalars), ("arrays", OnArrays)):
        for samples in options.samples:
            check, baseline = measure(kind(samples), options.repeats)
            print(
                f"  {name}, {samples:>3} samples: a check takes {check / baseline:.3f} of a full "
                f"central difference ({check * 1e3:.1f} ms against {baseline * 1e3:.1f} ms)"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
