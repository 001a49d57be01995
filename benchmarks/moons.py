"""One training step of a small net on two moons: gategrad's engines against micrograd.

The step is that of micrograd's demo: 100 samples through its published MLP, 2-16-16-1, hinge loss
and L2 regularisation, then ``zero_grad`` and ``backward``. The net is micrograd's own ``nn.py``,
unchanged, over each engine's Value. A step ends when its graph is dropped, so that it includes
freeing what the engine frees by itself.

Each engine is timed twice: as its users run it, with the garbage collector on and step after step
in one process, so that a step also pays for the garbage of the one before; and with the collector
off, where the graph that micrograd leaves behind, being full of cycles, is collected between the
steps and the time for that is not counted.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median
from typing import Any

import numpy as np
from graph_size import number_of_nodes
from turns import Contestant, answer

ALPHA = 1e-4
WARM_UP = 2
# Steps for one turn, one after the other as in a training loop: the garbage collector then comes
# as often as it comes there, and a turn's time is the mean over its steps.
STEPS = {"native": 100, "python": 10, "micrograd": 10}


def two_moons(samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Two half circles, one upside down and moved, with noise: points (n, 2), labels -1 or 1."""
    rng = np.random.default_rng(1)
    angle = rng.uniform(0, np.pi, samples)
    label = np.arange(samples) % 2
    x = np.where(label, 1 - np.cos(angle), np.cos(angle))
    y = np.where(label, 0.5 - np.sin(angle), np.sin(angle))
    return np.stack([x, y], axis=1) + rng.normal(scale=0.1, size=(samples, 2)), 2 * label - 1


class Training:
    """The training step over one engine's Value, as a contestant runs it.

    Args:
        name: the engine ("native", "python" or "micrograd") and the collector, "on" or "off", as
            in ``native:on``.
    """

    def __init__(self, name: str) -> None:
        engine, collector = name.split(":")
        import micrograd.engine

        if engine != "micrograd":
            import autograd

            assert autograd.engine == engine
            micrograd.engine.Value = autograd.Value
        # Imported only now, so that it takes the Value of this engine.
        from micrograd.nn import MLP

        self._value: Any = micrograd.engine.Value
        random.seed(1337)
        self._model = MLP(2, [16, 16, 1])
        # micrograd's backward calls itself as deep as the graph.
        sys.setrecursionlimit(20_000)
        if collector == "off":
            gc.disable()
        self._collector_is_off = collector == "off"

    def reply(self, samples: int, steps: int) -> dict[str, Any]:
        """Train for some steps: the mean seconds of one; of no step, the loss and the nodes."""
        points, labels = two_moons(samples)
        if not steps:
            loss = self.loss(points, labels)
            return {"loss": float(loss.data), "nodes": number_of_nodes(loss)}
        seconds = 0.0
        for _ in range(steps):
            start = time.perf_counter()
            # As in a training loop, the graph of a step goes when that of the next takes its name.
            loss = self._step(points, labels)
            seconds += time.perf_counter() - start
            if self._collector_is_off:
                # What is measured is the two passes: micrograd's graph would not go by itself.
                del loss
                gc.collect()
        return {"seconds": seconds / steps}

    def _step(self, points: np.ndarray, labels: np.ndarray) -> Any:
        loss = self.loss(points, labels)
        self._model.zero_grad()
        loss.backward()
        return loss

    def loss(self, points: np.ndarray, labels: np.ndarray) -> Any:
        """The hinge loss of the net over some samples, with the penalty on its parameters."""
        inputs = [list(map(self._value, point)) for point in points]
        scores = list(map(self._model, inputs))
        hinges = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
        penalty = ALPHA * sum(p * p for p in self._model.parameters())
        return sum(hinges) * (1.0 / len(hinges)) + penalty


def check_losses(answers: dict[str, dict[str, Any]]) -> None:
    """All engines must compute the same loss, or their times do not compare.

    Raises:
        RuntimeError: if one differs by more than 1e-12.
    """
    losses = {name: reply["loss"] for name, reply in answers.items()}
    if max(losses.values()) - min(losses.values()) > 1e-12:
        raise RuntimeError(f"the losses differ: {losses}")


def measure(samples: int, repeats: int) -> None:
    """Let the contestants take turns and print how many times faster each is than micrograd."""
    with ExitStack() as stack:
        contestants = [
            stack.enter_context(
                Contestant(__file__, f"{engine}:{collector}", engine.replace("micrograd", "python"))
            )
            for collector in ("on", "off")
            for engine in STEPS
        ]
        first = {c.name: c.ask(samples=samples, steps=0) for c in contestants}
        check_losses(first)
        for c in contestants:
            c.ask(samples=samples, steps=WARM_UP)
        seconds: dict[str, list[float]] = {c.name: [] for c in contestants}
        for _ in range(repeats):
            for c in contestants:
                steps = STEPS[c.name.split(":")[0]]
                seconds[c.name].append(c.ask(samples=samples, steps=steps)["seconds"])
    report({name: median(each) for name, each in seconds.items()}, first)


def report(times: dict[str, float], first: dict[str, dict[str, Any]]) -> None:
    """Print the ratios, and beside them the times and the sizes of the graphs."""
    for collector in ("on", "off"):
        print(f"garbage collector {collector}:")
        peer = times[f"micrograd:{collector}"]
        for engine in STEPS:
            name = f"{engine}:{collector}"
            print(
                f"  {engine:9} {peer / times[name]:7.1f} times as fast as micrograd   "
                f"({times[name] * 1e3:8.2f} ms a step, {first[name]['nodes']:,} nodes)"
            )
    print(f"loss of all engines: {first['native:on']['loss']:.15f}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or be one of the contestants; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7, help="turns of each engine (%(default)s)")
    parser.add_argument("--samples", type=int, default=100, help="points (%(default)s)")
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.contestant:
        return answer(Training(options.contestant).reply)
    measure(options.samples, options.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
