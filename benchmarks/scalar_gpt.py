"""One step of a small GPT written with single numbers: gategrad against a plain-Python Value.

The step is a forward and a backward pass over one document, a name, and a step of gradient
descent. The model is ``scalar_gpt_model.py`` for both; the baseline is ``tuple_value.py``. The
garbage collector is on, as it is for those who run such code.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from statistics import median
from typing import Any

from graph_size import number_of_nodes
from scalar_gpt_model import GPT, tokens_of
from tuple_value import TupleValue
from turns import Contestant, answer

LEARNING_RATE = 0.01
WARM_UP = 2
# Steps for one turn, one after the other as in a training loop: the garbage collector then comes
# as often as it comes there, and a turn's time is the mean over its steps.
STEPS = {"native": 100, "python": 10, "tuples": 10}


def scalar_class(name: str) -> Callable[[float], Any]:
    """The Value that the contestant of this name runs on."""
    if name == "tuples":
        return TupleValue
    import autograd

    assert autograd.engine == name
    return autograd.Value


class Training:
    """The training step over one scalar class, as a contestant runs it."""

    def __init__(self, name: str) -> None:
        self._model = GPT(scalar_class(name))
        self._parameters = list(self._model.parameters())

    def reply(self, document: str, steps: int) -> dict[str, Any]:
        """Train for some steps: the mean seconds of one, the losses, and the nodes of the graph."""
        tokens = tokens_of(document)
        losses = []
        start = time.perf_counter()
        for _ in range(steps):
            # As in a training loop, the graph of a step goes when that of the next takes its name.
            loss = self._step(tokens)
            losses.append(float(loss.data))
        seconds = (time.perf_counter() - start) / steps
        return {"seconds": seconds, "losses": losses, "nodes": number_of_nodes(loss)}

    def _step(self, tokens: list[int]) -> Any:
        loss = self._model.loss(tokens)
        for parameter in self._parameters:
            parameter.grad = 0.0
        loss.backward()
        for parameter in self._parameters:
            parameter.data -= LEARNING_RATE * parameter.grad
        return loss


def check_losses(answers: dict[str, dict[str, Any]]) -> None:
    """All must compute the same losses, or their times do not compare.

    Raises:
        RuntimeError: if one differs by more than 1e-9, which leaves room for rounding.
    """
    for step in zip(*(reply["losses"] for reply in answers.values()), strict=True):
        if max(step) - min(step) > 1e-9:
            raise RuntimeError(f"the losses differ: {dict(zip(answers, step, strict=True))}")


def measure(document: str, repeats: int) -> None:
    """Let the contestants take turns and print how many times faster each is than the baseline."""
    with ExitStack() as stack:
        contestants = [
            stack.enter_context(Contestant(__file__, name, name.replace("tuples", "python")))
            for name in STEPS
        ]
        first = {c.name: c.ask(document=document, steps=WARM_UP) for c in contestants}
        check_losses(first)
        seconds: dict[str, list[float]] = {name: [] for name in STEPS}
        for _ in range(repeats):
            for c in contestants:
                reply = c.ask(document=document, steps=STEPS[c.name])
                seconds[c.name].append(reply["seconds"])
    times = {name: median(each) for name, each in seconds.items()}
    for name, each in times.items():
        print(
            f"{name:7} {times['tuples'] / each:6.1f} times as fast as the tuples   "
            f"({each * 1e3:7.2f} ms a step, {first[name]['nodes']:,} nodes)"
        )
    print(f"loss at the start: {first['native']['losses'][0]:.12f}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or be one of the contestants; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9, help="turns of each (%(default)s)")
    parser.add_argument("--document", default="sophia", help="letters a to z (%(default)s)")
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.contestant:
        return answer(Training(options.contestant).reply)
    measure(options.document, options.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
