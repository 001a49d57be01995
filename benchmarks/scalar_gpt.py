"""One step of a small GPT written with single numbers: gategrad against a plain-Python Value.

The step is a forward and a backward pass over one document, a name, and a step of gradient
descent; of the traced contestants, a step of Adam, which is more work. The model is
``scalar_gpt_model.py`` for all; the baseline is ``tuple_value.py``. ``traced`` trains on one
document, ``lanes`` on many of one length side by side, and its time is that of one of them. The
garbage collector is on, as it is for those who run such code.
"""

from __future__ import annotations

import argparse
import functools
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
STEPS = {"native": 100, "python": 10, "tuples": 10, "traced": 2000, "lanes": 30}
TRACED = ("traced", "lanes")
LANES = 100


def scalar_class(name: str) -> Callable[[float], Any]:
    """The Value that the contestant of this name runs on."""
    if name == "tuples":
        return TupleValue
    import autograd

    assert autograd.engine == name
    return autograd.Value


class Traced:
    """The training step of a traced model, as a contestant runs it.

    Args:
        lanes: how many documents a step is trained on, side by side.
    """

    def __init__(self, lanes: int) -> None:
        import autograd

        def largest(logits: Sequence[Any]) -> Any:
            return autograd.stop_gradient(functools.reduce(autograd.maximum, logits))

        self._lanes = lanes
        self._model = GPT(autograd.Value, take=autograd.take, largest=largest)
        self._loss = autograd.trace(self._model.loss)

    def reply(self, document: str, steps: int) -> dict[str, Any]:
        """Train for some steps: the mean seconds of one, the losses, and the nodes of the graph."""
        from autograd.update_rules import adam

        tokens = tokens_of(document)
        program = self._loss.program(tokens)
        data = tokens if self._lanes == 1 else [tokens] * self._lanes
        start = time.perf_counter()
        losses = program.minimize(adam(LEARNING_RATE), steps, (data,))
        seconds = (time.perf_counter() - start) / steps / self._lanes
        nodes = program.report.recorded + program.tape.parameter_count
        return {"seconds": seconds, "losses": losses.tolist(), "nodes": nodes}


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

    After the first step, those that descend by another rule are at other losses.

    Raises:
        RuntimeError: if one differs by more than 1e-9, which leaves room for rounding.
    """
    expected = answers["tuples"]["losses"]
    for name, reply in answers.items():
        steps = 1 if name in TRACED else len(expected)
        for one, other in zip(reply["losses"][:steps], expected[:steps], strict=True):
            if not abs(one - other) <= 1e-9:
                raise RuntimeError(f"{name} gives the losses {reply['losses']}, not {expected}")


def measure(document: str, repeats: int) -> None:
    """Let the contestants take turns and print how many times faster each is than the baseline."""
    with ExitStack() as stack:
        contestants = [
            stack.enter_context(
                Contestant(__file__, name, "python" if name in ("python", "tuples") else "native")
            )
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
            f"{name:7} {times['tuples'] / each:7.1f} times as fast as the tuples   "
            f"({each * 1e3:8.3f} ms a step, {first[name]['nodes']:,} nodes)"
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
        if options.contestant in TRACED:
            return answer(Traced(LANES if options.contestant == "lanes" else 1).reply)
        return answer(Training(options.contestant).reply)
    measure(options.document, options.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
