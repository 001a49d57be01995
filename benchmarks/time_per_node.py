"""Time for each node to build and differentiate graphs of 1,000 to 1,000,000 nodes.

The graph is the loss of the net of ``moons.py``, micrograd's published code over our Value, on more
and more samples. The time for a node should not depend on how many there are. What is in its way is
what grows faster than the graph (a search, a recursion, a list that is copied), and, however the
engine is written, that a large graph lies in memory where a small one lies in cache.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from statistics import median

from graph_size import number_of_nodes
from moons import Training, two_moons

import autograd

SAMPLES = (2, 16, 160, 1_600)


def seconds_per_node(
    training: Training, samples: int, most: int, nodes: int
) -> tuple[float, float, float]:
    """Of building, ``backward`` and freeing, over as many graphs as have the most samples."""
    building = passing = freeing = 0.0
    points, labels = two_moons(most)
    graphs = most // samples
    for graph in range(graphs):
        batch = slice(graph * samples, (graph + 1) * samples)
        start = time.perf_counter()
        loss = training.loss(points[batch], labels[batch])
        built = time.perf_counter()
        loss.backward()
        passed = time.perf_counter()
        del loss
        freed = time.perf_counter()
        building += built - start
        passing += passed - built
        freeing += freed - passed
    total = graphs * nodes
    return building / total, passing / total, freeing / total


def measure(sizes: Sequence[int], repeats: int) -> None:
    """Print the time a node for each size, and the ratio of the highest to the lowest."""
    training = Training(f"{autograd.engine}:on")
    most = max(sizes)
    points, labels = two_moons(most)
    # Graphs of every size use up the same points. Were one small graph built again and again, the
    # processor would learn its branches by heart, and the large one would seem the slower.
    nodes = {size: number_of_nodes(training.loss(points[:size], labels[:size])) for size in sizes}
    # Sizes alternate, so that a slow minute meets all of them, and the median over the rounds drops
    # a round that was disturbed.
    rounds: dict[int, list[tuple[float, float, float]]] = {size: [] for size in sizes}
    for _ in range(repeats):
        for size in sizes:
            rounds[size].append(seconds_per_node(training, size, most, nodes[size]))
    totals = {}
    for size, figures in rounds.items():
        parts = [median(part) * 1e9 for part in zip(*figures, strict=True)]
        totals[size] = median(building + passing for building, passing, _ in figures) * 1e9
        print(
            f"{nodes[size]:9,} nodes: {totals[size]:6.1f} ns a node to build and differentiate "
            f"(build {parts[0]:.1f}, backward {parts[1]:.1f}; freeing {parts[2]:.1f} more)"
        )
    ratio = max(totals.values()) / min(totals.values())
    print(f"highest / lowest: {ratio:.2f} ({autograd.engine} engine)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7, help="rounds (%(default)s)")
    parser.add_argument(
        "--samples", type=int, nargs="+", default=SAMPLES, help="samples of a graph (%(default)s)"
    )
    options = parser.parse_args(arguments)
    if min(options.samples) < 1:
        parser.error("a graph has at least one sample")
    measure(options.samples, options.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
