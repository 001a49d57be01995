"""One training step of a small net on two moons: traced scalar code against libraries of tensors.

The net is that of ``moons.py``, micrograd's published ``nn.py`` over gategrad's Value, 2-16-16-1
with hinge loss and L2 regularisation, in float64 and on one thread. A step is the loss, its
gradients and gradient descent on all samples. Two programs are traced: of the loss over all
samples, and of the loss of one, which is run over the samples side by side. All libraries must
give the same losses over three steps before anything is timed.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
from array_libraries import ONE_THREAD
from moons import ALPHA, two_moons
from turns import Contestant, answer

LEARNING_RATE = 0.001
WIDTHS = (2, 16, 16, 1)
CHECKED_STEPS = 3
TURN_SECONDS = 0.2
MANY = 10_000
BASELINE = "pytorch"

Weights = list[tuple[np.ndarray, np.ndarray]]


def first_weights() -> Weights:
    """A matrix (inputs, outputs) and a bias for each layer, the same for every library."""
    rng = np.random.default_rng(1337)
    return [
        (rng.uniform(-1, 1, (inputs, outputs)), np.zeros(outputs))
        for inputs, outputs in pairwise(WIDTHS)
    ]


class Scalars:
    """micrograd's net over a class of scalars, and its loss."""

    def __init__(self, points: np.ndarray, labels: np.ndarray, value: Any) -> None:
        import micrograd.engine

        micrograd.engine.Value = value
        # Imported only now, so that it takes this Value.
        from micrograd.nn import MLP

        self.points, self.labels = points.tolist(), labels.astype(float).tolist()
        self.value = value
        self.model = MLP(WIDTHS[0], list(WIDTHS[1:]))
        for layer, (matrix, bias) in zip(self.model.layers, first_weights(), strict=True):
            for place, neuron in enumerate(layer.neurons):
                neuron.b.data = float(bias[place])
                for weight, number in zip(neuron.w, matrix[:, place], strict=True):
                    weight.data = float(number)

    def hinge(self, point: Any, label: Any) -> Any:
        """The hinge loss of one sample."""
        return (1 + -label * self.model(list(point))).relu()

    def penalty(self) -> Any:
        """The L2 regularisation."""
        return ALPHA * sum(p * p for p in self.model.parameters())

    def loss(self) -> Any:
        """The loss over all samples."""
        inputs = [list(map(self.value, point)) for point in self.points]
        hinges = list(map(self.hinge, inputs, self.labels))
        return sum(hinges) * (1.0 / len(hinges)) + self.penalty()

    def train(self, steps: int) -> list[float]:
        """Steps as micrograd's demo writes them; the losses."""
        losses = []
        for _ in range(steps):
            losses.append(self.step(self.loss))
        return losses

    def step(self, loss_of: Callable[[], Any]) -> float:
        """One step; the loss."""
        loss = loss_of()
        self.model.zero_grad()
        loss.backward()
        for parameter in self.model.parameters():
            parameter.data -= LEARNING_RATE * parameter.grad
        return float(loss.data)


class Micrograd(Scalars):
    """micrograd."""

    package = "micrograd"

    def __init__(self, points: np.ndarray, labels: np.ndarray) -> None:
        import micrograd.engine

        # Its backward calls itself as deep as the graph.
        sys.setrecursionlimit(20_000)
        super().__init__(points, labels, micrograd.engine.Value)


class TracedBackward(Scalars):
    """The loss over all samples, traced; steps as micrograd's demo writes them."""

    package = "micrograd"

    def __init__(self, points: np.ndarray, labels: np.ndarray) -> None:
        import autograd

        super().__init__(points, labels, autograd.Value)
        self._traced = autograd.trace(lambda: Scalars.loss(self))

    def loss(self) -> Any:
        """The loss over all samples."""
        return self._traced()


class Traced(TracedBackward):
    """The loss over all samples, traced and minimized."""

    def train(self, steps: int) -> list[float]:
        """Steps in the compiled loop; the losses."""
        from autograd.update_rules import sgd

        losses: list[float] = self._traced.program().minimize(sgd(LEARNING_RATE), steps).tolist()
        return losses


class Lanes(TracedBackward):
    """The loss of one sample, traced, and minimized over all of them side by side."""

    def __init__(self, points: np.ndarray, labels: np.ndarray) -> None:
        import autograd

        # The program is of one sample, and the function captures no more of them.
        super().__init__(points[:1], labels[:1])
        one = autograd.trace(lambda point, label: self.hinge(point, label) + self.penalty())
        self._program = one.program(points[0], 1.0)
        self._data = points, labels.astype(float)

    def train(self, steps: int) -> list[float]:
        """Steps in the compiled loop; the losses."""
        from autograd.update_rules import sgd

        losses: list[float] = self._program.minimize(sgd(LEARNING_RATE), steps, self._data).tolist()
        return losses


class LanesByHand(Lanes):
    """The same program, with a descent that its user writes."""

    def __init__(self, points: np.ndarray, labels: np.ndarray) -> None:
        super().__init__(points, labels)
        self._parameters = self._program.parameters

    def train(self, steps: int) -> list[float]:
        """Steps from value and gradient; the losses."""
        losses = []
        for _ in range(steps):
            loss, gradients = self._program.value_and_grad(*self._data)
            for parameter, gradient in zip(self._parameters, gradients.tolist(), strict=True):
                parameter.data -= LEARNING_RATE * gradient
            losses.append(loss)
        return losses


class PyTorch:
    """PyTorch, eager, on tensors."""

    package = "torch"

    def __init__(self, points: np.ndarray, labels: np.ndarray) -> None:
        import torch

        torch.set_num_threads(1)
        self._torch = torch
        self._points = torch.tensor(points)
        self._labels = torch.tensor(labels.astype(float))
        self._weights = [
            torch.tensor(array, requires_grad=True) for pair in first_weights() for array in pair
        ]

    def _loss(self) -> Any:
        x = self._points
        for place in range(0, len(self._weights), 2):
            x = self._torch.addmm(self._weights[place + 1], x, self._weights[place])
            if place + 2 < len(self._weights):
                x = self._torch.relu(x)
        hinge = self._torch.relu(1 - self._labels * x[:, 0]).mean()
        return hinge + ALPHA * sum((w * w).sum() for w in self._weights)

    def train(self, steps: int) -> list[float]:
        """Steps by hand, which is the fastest; the losses."""
        losses = []
        for _ in range(steps):
            loss = self._loss()
            gradients = self._torch.autograd.grad(loss, self._weights)
            with self._torch.no_grad():
                for weight, gradient in zip(self._weights, gradients, strict=True):
                    weight -= LEARNING_RATE * gradient
            losses.append(loss.item())
        return losses


class Jax:
    """JAX: one jitted function of the whole step, on arrays."""

    package = "jax"

    def __init__(self, points: np.ndarray, labels: np.ndarray) -> None:
        import jax
        import jax.numpy as jnp

        jax.config.update("jax_enable_x64", True)
        inputs, targets = jnp.asarray(points), jnp.asarray(labels.astype(float))

        def loss(weights: Any) -> Any:
            x = inputs
            for place, (matrix, bias) in enumerate(weights):
                x = x @ matrix + bias
                if place + 1 < len(weights):
                    x = jnp.maximum(x, 0)
            hinge = jnp.maximum(1 - targets * x[:, 0], 0).mean()
            return hinge + ALPHA * sum((w * w).sum() for pair in weights for w in pair)

        def step(weights: Any) -> Any:
            value, gradients = jax.value_and_grad(loss)(weights)
            return value, jax.tree.map(lambda w, g: w - LEARNING_RATE * g, weights, gradients)

        self._step = jax.jit(step)
        self._weights = [tuple(map(jnp.asarray, pair)) for pair in first_weights()]

    def train(self, steps: int) -> list[float]:
        """Steps of the jitted function; the losses."""
        losses = []
        for _ in range(steps):
            loss, self._weights = self._step(self._weights)
            losses.append(float(loss))
        return losses


class Casadi:
    """CasADi: the value and the gradient as one function of scalar expressions (SX)."""

    package = "casadi"

    def __init__(self, points: np.ndarray, labels: np.ndarray) -> None:
        import casadi

        numbers = np.concatenate([array.ravel() for pair in first_weights() for array in pair])
        weights = casadi.SX.sym("weights", len(numbers))
        x, place = casadi.SX(points), 0
        for inputs, outputs in pairwise(WIDTHS):
            matrix = weights[place : place + inputs * outputs].reshape((outputs, inputs)).T
            place += inputs * outputs
            x = x @ matrix + casadi.repmat(weights[place : place + outputs].T, len(points), 1)
            place += outputs
            if place < len(numbers):
                x = casadi.fmax(x, 0)
        hinge = casadi.sum1(casadi.fmax(1 - labels * x[:, 0], 0)) / len(points)
        loss = hinge + ALPHA * casadi.sumsqr(weights)
        self._both = casadi.Function("both", [weights], [loss, casadi.gradient(loss, weights)])
        self._weights = numbers

    def train(self, steps: int) -> list[float]:
        """Steps by NumPy; the losses."""
        losses = []
        for _ in range(steps):
            loss, gradient = self._both(self._weights)
            self._weights = self._weights - LEARNING_RATE * np.asarray(gradient)[:, 0]
            losses.append(float(loss))
        return losses


LIBRARIES: dict[str, Any] = {
    "traced": Traced,
    "traced, backward()": TracedBackward,
    "lanes": Lanes,
    "lanes, value_and_grad": LanesByHand,
    "pytorch": PyTorch,
    "jax": Jax,
    "casadi": Casadi,
    "micrograd": Micrograd,
}
OVER_MANY = ("lanes", "pytorch", "jax")
"""What is also timed over many samples."""
ALSO_AGAINST = {
    "traced": ("casadi", "micrograd"),
    "traced, backward()": ("casadi", "micrograd"),
    "lanes": ("jax",),
    "lanes, value_and_grad": ("jax",),
}
"""What is compared besides with PyTorch."""


class Training:
    """One library, as a contestant."""

    def __init__(self, name: str) -> None:
        self._library = LIBRARIES[name]
        self._trainings: dict[int, Any] = {}

    def reply(self, samples: int, steps: int) -> dict[str, Any]:
        """Train for some steps: the mean seconds of one, and the losses."""
        if samples not in self._trainings:
            self._trainings[samples] = self._library(*two_moons(samples))
        start = time.perf_counter()
        losses = self._trainings[samples].train(steps)
        return {"seconds": (time.perf_counter() - start) / steps, "losses": losses[:CHECKED_STEPS]}


def check(answers: dict[str, list[float]]) -> None:
    """All must compute the same losses, or their times do not compare.

    Raises:
        RuntimeError: if one differs by more than roundings.
    """
    expected = next(iter(answers.values()))
    for name, losses in answers.items():
        for one, other in zip(losses, expected, strict=True):
            if not abs(one - other) <= 1e-9:
                raise RuntimeError(f"{name} gives the losses {losses}, not {expected}")


def measure(samples: int, names: Sequence[str], repeats: int) -> None:
    """Let the libraries take turns, and print what a step takes in each."""
    with ExitStack() as stack:
        contestants = [stack.enter_context(Contestant(__file__, name)) for name in names]
        check({c.name: c.ask(samples=samples, steps=CHECKED_STEPS)["losses"] for c in contestants})
        steps = {}
        for c in contestants:
            seconds = c.ask(samples=samples, steps=2)["seconds"]
            few = c.ask(samples=samples, steps=max(1, int(TURN_SECONDS / 8 / seconds)))["seconds"]
            steps[c.name] = max(1, int(TURN_SECONDS / few))
        times: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(repeats):
            for c in contestants:
                times[c.name].append(c.ask(samples=samples, steps=steps[c.name])["seconds"])
    report(samples, times)


def report(samples: int, times: dict[str, list[float]]) -> None:
    """Print the ratios, turn by turn, and beside them the times."""

    def share(one: str, other: str) -> float:
        return median(x / y for x, y in zip(times[one], times[other], strict=True))

    baseline = BASELINE if BASELINE in times else next(iter(times))
    print(f"{samples:,} samples:")
    for name, seconds in times.items():
        milliseconds = median(seconds) * 1e3
        others = [
            f"{1 / share(name, peer):,.2f} times as fast as {peer}"
            for peer in ALSO_AGAINST.get(name, ())
            if peer in times
        ]
        print(
            f"  {name:22} {share(name, baseline):10.3f} of {baseline}   "
            f"({', '.join([f'{milliseconds:.4f} ms a step', *others])})"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or be one of the contestants; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9, help="turns of each (%(default)s)")
    parser.add_argument("--samples", type=int, default=100, help="of a step (%(default)s)")
    parser.add_argument("--many", type=int, default=MANY, help="the other batch (%(default)s)")
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    os.environ.update(ONE_THREAD)
    if options.contestant:
        return answer(Training(options.contestant).reply)
    names = []
    for name, library in LIBRARIES.items():
        if importlib.util.find_spec(library.package) is None:
            print(f"{name} is left out: the package {library.package} is not installed")
        else:
            names.append(name)
    measure(options.samples, names, options.repeats)
    measure(options.many, [name for name in names if name in OVER_MANY], options.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
