"""What tracing costs, and what a program weighs: in eager steps, and in bytes a recorded node.

The functions are the loss of ``moons.py`` over all samples and that of the GPT of
``scalar_gpt.py`` over one document. An eager step is the loss and its gradients; to trace is to
run the function once, to make its program, and to run that. The two take turns in one process. A
program weighs its tape, its schedule, and the numbers and gradients of one sample. The last lines
are the time of one program on one sample and on many.
"""

from __future__ import annotations

import argparse
import functools
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from scalar_gpt_model import GPT, tokens_of
from traced_moons import Scalars, two_moons

import autograd
from autograd import Traced, Value, trace


def moons(samples: int) -> Callable[[], Any]:
    """The loss over all samples, as micrograd's demo computes it."""
    return Scalars(*two_moons(samples), Value).loss


def gpt(document: str) -> Callable[[], Any]:
    """The loss over a document."""

    def largest(logits: Sequence[Any]) -> Any:
        return autograd.stop_gradient(functools.reduce(autograd.maximum, logits))

    model = GPT(Value, take=autograd.take, largest=largest)
    tokens = tokens_of(document)
    return lambda: model.loss(tokens)


def seconds_of(run: Callable[[], Any]) -> float:
    """How long a call takes, and the end of what it returns."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def step(loss_of: Callable[[], Any]) -> None:
    """An eager step."""
    loss_of().backward()


def traced_anew(traced: Traced) -> None:
    """Trace, run, and differentiate once."""
    traced.retrace()
    traced().backward()


def measure(name: str, loss_of: Callable[[], Any], repeats: int) -> None:
    """Print what it costs to trace a loss, and what its programs weigh."""
    optimized, exact = trace(loss_of), trace(loss_of, optimize=False)
    turns = []
    for _ in range(repeats):
        eager = median(seconds_of(lambda: step(loss_of)) for _ in range(3))
        turns.append((eager, seconds_of(lambda: traced_anew(optimized))))
    ratio = median(tracing / eager for eager, tracing in turns)
    eager, tracing = (median(each) * 1e3 for each in zip(*turns, strict=True))
    print(f"{name:6} {ratio:5.1f} eager steps to trace   ({tracing:.1f} ms against {eager:.2f} ms)")
    for what, traced in (("optimized", optimized), ("as it was recorded", exact)):
        traced().backward()
        program = traced.program()
        weight = program.nbytes / program.report.recorded
        print(f"       {weight:5.1f} bytes a recorded node, {what}: {len(program):,} gates")


def measure_batch(samples: int, repeats: int) -> None:
    """Print what the program of the loss of one of the moons takes on one and on many samples."""
    points, labels = two_moons(samples)
    one = trace(Scalars(points[:1], labels[:1], Value).hinge).program(points[0], 1.0)
    batches = ((points[0], 1.0), (points, labels.astype(float)))
    for what, run in (("run", one.run), ("value_and_grad", one.value_and_grad)):
        turns = [
            [
                median(seconds_of(functools.partial(run, *batch)) for _ in range(50))
                for batch in batches
            ]
            for _ in range(repeats)
        ]
        ratio = median(many / single for single, many in turns)
        times = [median(each) * 1e6 for each in zip(*turns, strict=True)]
        print(
            f"{what}: {samples} samples take {ratio:.1f} times as long as one   "
            f"({times[1]:.1f} against {times[0]:.1f} microseconds)"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9, help="turns of each (%(default)s)")
    parser.add_argument("--samples", type=int, default=100, help="moons (%(default)s)")
    parser.add_argument("--document", default="sophia", help="letters a to z (%(default)s)")
    options = parser.parse_args(arguments)
    measure("moons", moons(options.samples), options.repeats)
    measure("gpt", gpt(options.document), options.repeats)
    measure_batch(options.samples, options.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
