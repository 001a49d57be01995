"""One training step of small nets on arrays: gategrad against PyTorch, and against its own kind.

A step is forward, backward and gradient descent, on the same numbers in every library and on one
thread; the nets are those of ``array_nets.py``. Before anything is timed, each library must give
the losses that PyTorch gives for three steps, and its gradients in the first.

The libraries take turns, each in a process of its own. A round gives each library's time over
PyTorch's in that round; the figure is the median over the rounds. They run in several processes
one after the other, because the memory that a process happens to get decides whether large arrays
cost page faults at each step.

Memory is what the system counts as resident, at the highest while an MLP is trained, above what
it was before: the numbers of a step and of its graph, not the library's code nor the data.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import os
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from array_libraries import LIBRARIES, ONE_THREAD, Library
from array_nets import NETS, mlp
from memory_per_node import STATUS, resident
from turns import Contestant, answer

OURS, BASELINE = "gategrad", "pytorch"
# Libraries sum in different orders: so many roundings may lie between two largest elements.
ROUNDINGS = 100
CHECKED_STEPS = 3
# Long enough that what a garbage collection takes is shared by as many steps as in a training loop.
TURN_SECONDS = 0.2
TURNS = 3
MEMORY_STEPS = 10
MEMORY_SAMPLES = (100, 1000)


class Training:
    """The nets in one library, as a contestant trains them."""

    def __init__(self, name: str) -> None:
        self._library = LIBRARIES[name]
        self._training: Library | None = None

    def reply(self, task: str, **request: Any) -> dict[str, Any]:
        """Do one of ``check``, ``train`` and ``remember``."""
        tasks = {"check": self.check, "train": self.train, "remember": self.remember}
        return tasks[task](**request)

    def check(self, net: str) -> dict[str, Any]:
        """The losses of the first steps of a net, and the gradients and dtypes of the first."""
        self._training = self._library(NETS[net]())
        loss = self._training.step()
        gradients = self._training.gradients()
        dtypes = sorted(self._training.dtypes(loss))
        losses = [self._training.number(loss)]
        for _ in range(CHECKED_STEPS - 1):
            losses.append(self._training.number(self._training.step()))
        return {
            "gradients": {name: array.ravel().tolist() for name, array in gradients.items()},
            "dtypes": dtypes,
            "losses": losses,
        }

    def train(self, steps: int) -> dict[str, Any]:
        """Train for so many steps on: the mean seconds of one."""
        assert self._training is not None
        start = time.perf_counter()
        for _ in range(steps):
            # As in a training loop, the graph of a step goes when that of the next takes its name.
            loss = self._training.step()
        seconds = (time.perf_counter() - start) / steps
        assert np.isfinite(self._training.number(loss))
        return {"seconds": seconds}

    def remember(self, samples: int) -> dict[str, Any]:
        """The bytes that training the MLP on so many samples takes at the peak."""
        # First a net too small to leave much to use again: what is set up once is of no step.
        for net in (mlp(samples=1, inputs=1), mlp(samples)):
            self._training = self._library(net)
            gc.collect()
            # What lies free in the heap would hide what a step takes.
            ctypes.CDLL(None).malloc_trim(0)
            Path("/proc/self/clear_refs").write_text("5")  # forget the highest until now
            before = resident("VmRSS")
            self.train(MEMORY_STEPS)
        return {"bytes": resident("VmHWM") - before}


def contestant(name: str) -> Contestant:
    """A process that trains in the library of this name."""
    # Whichever scalar engine is installed: it is not what is measured.
    return Contestant(__file__, name, engine="")


def check(answers: dict[str, dict[str, Any]], dtype: np.dtype[Any]) -> None:
    """All must compute the same, or their times do not compare.

    Raises:
        RuntimeError: if losses or gradients differ by more than roundings, or if a number of
            gategrad's graph is of another dtype than the weights.
    """
    tolerance = ROUNDINGS * np.finfo(dtype).eps
    expected = answers[BASELINE]
    for name, given in answers.items():
        pairs = {"losses": (given["losses"], expected["losses"])}
        pairs |= {w: (given["gradients"][w], expected["gradients"][w]) for w in given["gradients"]}
        for what, (ours, theirs) in pairs.items():
            error = np.abs(np.subtract(ours, theirs)).max() / np.abs(theirs).max()
            if not error <= tolerance:
                raise RuntimeError(f"{what}: {name} differs from {BASELINE} by {error:.1e}")
    if answers[OURS]["dtypes"] != [dtype.name]:
        raise RuntimeError(f"{dtype.name} weights made {answers[OURS]['dtypes']}")


def time_net(net: str, libraries: Sequence[str], repeats: int) -> None:
    """Print how long the libraries take to train one net, over what PyTorch takes."""
    dtype = next(iter(NETS[net]().weights.values())).dtype
    rounds: list[dict[str, float]] = []
    for _ in range(repeats):
        rounds += rounds_in_new_processes(net, dtype, libraries)
    print(f"{net}, {dtype.name}:")
    for name in libraries:
        ratio = median(each[name] / each[BASELINE] for each in rounds)
        seconds = median(each[name] for each in rounds)
        print(f"  {name:9} {ratio:6.2f} of {BASELINE}   ({seconds * 1e3:8.3f} ms a step)")


def rounds_in_new_processes(
    net: str, dtype: np.dtype[Any], libraries: Sequence[str]
) -> list[dict[str, float]]:
    """Let the libraries take turns in training a net; for each round the seconds of a step."""
    with ExitStack() as stack:
        contestants = [stack.enter_context(contestant(name)) for name in libraries]
        check({c.name: c.ask(task="check", net=net) for c in contestants}, dtype)
        steps = {c.name: max(1, round(TURN_SECONDS / warm_up(c))) for c in contestants}
        return [
            {c.name: c.ask(task="train", steps=steps[c.name])["seconds"] for c in contestants}
            for _ in range(TURNS)
        ]


def warm_up(trainer: Contestant) -> float:
    """The seconds of a step once everything is loaded, roughly."""
    first = trainer.ask(task="train", steps=1)["seconds"]
    steps = max(1, round(TURN_SECONDS / 4 / first))
    return float(trainer.ask(task="train", steps=steps)["seconds"])


def measure_memory(libraries: Sequence[str], repeats: int) -> None:
    """Print what training the MLP takes at the peak, over what it takes in PyTorch."""
    if not STATUS.exists() or not hasattr(ctypes.CDLL(None), "malloc_trim"):
        print("no memory measured: that takes Linux with the C library of GNU")
        return
    for samples in MEMORY_SAMPLES:
        peaks: dict[str, list[int]] = {name: [] for name in libraries}
        for _ in range(repeats):
            for name in libraries:
                with contestant(name) as trainer:
                    peaks[name].append(trainer.ask(task="remember", samples=samples)["bytes"])
        print(f"peak memory of training the mlp on {samples:,} samples:")
        for name in libraries:
            peak = median(peaks[name])
            ratio = peak / median(peaks[BASELINE])
            print(f"  {name:9} {ratio:6.2f} of {BASELINE}   ({peak / 1024:8,.0f} KiB)")


def installed(peers: Sequence[str]) -> list[str]:
    """gategrad, PyTorch and those of the peers that are installed; the others are named."""
    libraries = [OURS]
    for name in (BASELINE, *peers):
        if LIBRARIES[name].is_installed():
            libraries.append(name)
        else:
            print(f"{name} is left out: the package {LIBRARIES[name].package} is not installed")
    return libraries


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or be one of the contestants; the exit status."""
    peers = [name for name in LIBRARIES if name not in (OURS, BASELINE)]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="processes of each (%(default)s)")
    parser.add_argument(
        "--nets", nargs="*", choices=NETS, default=list(NETS), help="by default all"
    )
    parser.add_argument("--peers", nargs="*", choices=peers, default=peers, help="by default all")
    parser.add_argument("--no-memory", action="store_true", help="measure time alone")
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    os.environ.update(ONE_THREAD)
    if options.contestant:
        return answer(Training(options.contestant).reply)
    libraries = installed(options.peers)
    if BASELINE not in libraries:
        print("nothing measured: there is no PyTorch to compare with")
        return 0
    for net in options.nets:
        time_net(net, libraries, options.repeats)
    if not options.no_memory:
        measure_memory(libraries, options.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
