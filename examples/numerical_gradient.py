"""Differences against derivatives: how far off each is, how long each takes, and who is to blame.

The difference quotient of the lectures has a step to choose: too large, and the function bends;
too small, and the rounding of the two values is all that is left.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
from example import Example, Save
from matplotlib.figure import Figure

import autograd
from autograd import Value
from autograd.errors import GradientMismatch
from autograd.testing import check_gradients, numerical_derivative
from nn import Linear, Sequential, Tanh, cross_entropy


def difference(f, x: float, width: float) -> float:  # noqa: ANN001 - any function of a number
    """The central difference quotient."""
    return (f(x + width) - f(x - width)) / (2 * width)


def steps_of_differences(save: Save) -> None:
    """The error of the difference quotient of exp(sin(x)) at 1 for every width of its step."""
    x = Value(1.0)
    autograd.exp(autograd.sin(x)).backward()
    widths = 10.0 ** np.arange(-13, 0.01, 0.25)
    errors = [abs(difference(lambda t: np.exp(np.sin(t)), 1.0, h) - x.grad) for h in widths]
    best = widths[int(np.argmin(errors))]
    print(f"exp(sin(x)) at 1: {x.grad:.12f}; the best difference, of width {best:.1e}, is off by "
          f"{min(errors):.0e}")  # fmt: skip
    axes = Figure((6.0, 3.6), layout="constrained").subplots()
    axes.loglog(widths, errors, marker=".")
    axes.set_xlabel("width of the step")
    axes.set_ylabel("error of the difference quotient")
    axes.grid(alpha=0.3)
    save(axes, "differences.svg")


def examples_of_the_lectures() -> None:
    """x² at 3, 2x + 3xy + y³ at (1, 2), and a function of a matrix, both ways."""
    functions = {
        "x²": (lambda x: x**2, 3.0),
        "2x + 3xy + y³": (lambda v: 2 * v[0] + 3 * v[0] * v[1] + v[1] ** 3, np.array([1.0, 2.0])),
        "wx + xyz + 3w + zy²": (
            lambda m: m[0, 0] * m[0, 1] + m[0, 1] * m[1, 0] * m[1, 1] + 3 * m[0, 0]
            + m[1, 1] * m[1, 0] ** 2,
            np.array([[1.0, 2.0], [3.0, 4.0]]),
        ),
    }  # fmt: skip
    for text, (f, at) in functions.items():
        by_rule = np.asarray(autograd.grad(f)(at))
        by_difference = numerical_derivative(f, at)
        print(f"{text} at {np.asarray(at).tolist()}: {by_rule.tolist()} by the gates, "
              f"{np.round(by_difference.value, 9).tolist()} by differences")  # fmt: skip


def times(rng: np.random.Generator) -> None:
    """All gradients of a net by one backward pass, and one by one."""
    net = Sequential(Linear(20, 16, rng=rng), Tanh(), Linear(16, 3, rng=rng))
    x, y = rng.normal(size=(30, 20)), rng.integers(3, size=30)
    started = time.perf_counter()
    loss = cross_entropy(net(x), y)
    loss.backward()
    middle = time.perf_counter()
    parameters = list(net.parameters())
    for parameter in parameters:
        for place in np.ndindex(parameter.shape):
            kept = parameter.data[place]
            for width in (1e-5, -1e-5):
                parameter.data[place] = kept + width
                cross_entropy(net(x), y)
            parameter.data[place] = kept
    ended = time.perf_counter()
    count = sum(parameter.size for parameter in parameters)
    print(f"{count} gradients: {(middle - started) * 1e3:.1f} ms by one backward pass, "
          f"{(ended - middle) * 1e3:.0f} ms by differences")  # fmt: skip


def a_wrong_rule() -> None:
    """A gate whose derivative forgets a square is named by the check."""

    @autograd.custom_gate(vjp=lambda g, out, x: g / (1 + abs(x)))
    def softsign(x):  # noqa: ANN001, ANN202 - an array
        """x / (1 + |x|)"""  # noqa: D403, D415 - a formula
        return x / (1 + abs(x))

    try:
        check_gradients(lambda x: (softsign(x) ** 2).sum(), np.array([0.5, -2.0]))
    except GradientMismatch as error:
        print(error)


def run(options: argparse.Namespace, rng: np.random.Generator, save: Save) -> None:
    """Compare, time, and check."""
    examples_of_the_lectures()
    steps_of_differences(save)
    times(rng)
    a_wrong_rule()


main = Example(run, __doc__)

if __name__ == "__main__":
    sys.exit(main())
