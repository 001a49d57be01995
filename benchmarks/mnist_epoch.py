"""One epoch of an MLP on MNIST: gategrad against PyTorch, in the same loop.

784-128-10 with relu in float32, 8,000 images in batches of 32, cross-entropy and Adam: shuffle,
and for each batch zero_grad, forward, backward and step. Both begin with the same weights, see the
batches in the same order, and run on one thread; the mean losses of the first epochs are compared
before anything is timed. `fit` is the same training by `nn.fit`.

The images in the folder ../shared/data are needed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from statistics import median
from typing import Any

import numpy as np
from array_libraries import ONE_THREAD
from trained_nets import mnist
from turns import Contestant, answer

import nn
from nn.data import batches

BASELINE = "pytorch"
BATCH = 32
LEARNING_RATE = 0.001
CHECKED_EPOCHS = 2
# Adam divides by gradients that may be as small as their roundings.
TOLERANCE = 1e-3

Epoch = Callable[[], float]


def initial_net() -> nn.Sequential:
    """The net as both begin with it."""
    rng = np.random.default_rng(0)
    return nn.Sequential(
        nn.Linear(784, 128, rng=rng, dtype=np.float32, init=nn.he_uniform),
        nn.ReLU(),
        nn.Linear(128, 10, rng=rng, dtype=np.float32),
    )


def data() -> tuple[Any, Any]:
    """Images (8000, 784) and labels (8000,)."""
    split = mnist()
    return split.x_train.reshape(-1, 784), split.y_train


def of_gategrad() -> Epoch:
    """The loop that a user writes."""
    net, (x, y), rng = initial_net(), data(), np.random.default_rng(1)
    adam = nn.Adam(net.parameters(), lr=LEARNING_RATE)

    def epoch() -> float:
        total = 0.0
        for images, labels in batches(x, y, BATCH, rng):
            adam.zero_grad()
            loss = nn.cross_entropy(net(images), labels)
            loss.backward()
            adam.step()
            total += loss.item() * len(images)
        return total / len(x)

    return epoch


def of_fit() -> Epoch:
    """The loop of the library."""
    net, samples, rng = initial_net(), data(), np.random.default_rng(1)
    adam = nn.Adam(net.parameters(), lr=LEARNING_RATE)

    def epoch() -> float:
        history = nn.fit(
            net,
            samples,
            nn.cross_entropy,
            adam,
            epochs=1,
            batch_size=BATCH,
            rng=rng,
            progress=False,
        )
        return history.last["loss"]

    return epoch


def of_pytorch() -> Epoch:
    """The same loop over PyTorch, on the same arrays."""
    import torch
    from torch.nn import functional

    torch.set_num_threads(1)
    (x, y), rng = data(), np.random.default_rng(1)
    net = torch.nn.Sequential(torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
    state = initial_net().state_dict()
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            # A Linear of PyTorch holds its weights the other way round.
            parameter.copy_(torch.from_numpy(np.asarray(state[name]).T.copy()))
    adam = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE)

    def epoch() -> float:
        total = 0.0
        for images, labels in batches(x, y, BATCH, rng):
            adam.zero_grad()
            loss = functional.cross_entropy(net(torch.from_numpy(images)), torch.from_numpy(labels))
            loss.backward()
            adam.step()
            total += loss.item() * len(images)
        return total / len(x)

    return epoch


CONTESTANTS = {"gategrad": of_gategrad, "fit": of_fit, BASELINE: of_pytorch}


class Training:
    """A contestant: it trains epoch after epoch."""

    def __init__(self, name: str) -> None:
        self._epoch = CONTESTANTS[name]()

    def reply(self) -> dict[str, float]:
        """Train one epoch: its mean loss and its seconds."""
        started = time.perf_counter()
        loss = self._epoch()
        return {"loss": loss, "seconds": time.perf_counter() - started}


def measure(epochs: int) -> None:
    """Let the contestants take turns, and print what an epoch takes of PyTorch's time.

    Raises:
        RuntimeError: if their losses differ by more than roundings.
    """
    with ExitStack() as stack:
        rivals = [
            stack.enter_context(Contestant(__file__, name, engine="")) for name in CONTESTANTS
        ]
        for _ in range(CHECKED_EPOCHS):
            losses = [rival.ask()["loss"] for rival in rivals]
            if max(losses) > min(losses) * (1 + TOLERANCE):
                raise RuntimeError(f"{', '.join(CONTESTANTS)} have the losses {losses}")
        rounds = [{rival.name: rival.ask()["seconds"] for rival in rivals} for _ in range(epochs)]
    for name in CONTESTANTS:
        ratio = median(each[name] / each[BASELINE] for each in rounds)
        seconds = median(each[name] for each in rounds)
        print(f"{name:9} {ratio:5.2f} of {BASELINE}   ({seconds:6.3f} s an epoch)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or be one of the contestants; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9, help="epochs of each (%(default)s)")
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    os.environ.update(ONE_THREAD)
    if options.contestant:
        return answer(Training(options.contestant).reply)
    try:
        mnist()
    except FileNotFoundError as error:
        print(f"nothing measured, as there is no {error.filename}")
    else:
        measure(options.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
