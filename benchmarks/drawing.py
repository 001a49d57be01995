"""Drawing graphs: how long a picture takes, beside the layout that the ``dot`` program makes of it.

A net of about a thousand scalar nodes is drawn as SVG, and laid out by the installed ``dot``
program from the same DOT text, in turns. Of the time of a drawing, the part of the embedded
Graphviz and all the rest are told apart. Besides: the first picture of a process, which finds
Graphviz compiled in the user's cache; a graph of 65,000 nodes, drawn as a summary; and the size of
the page that steps through 200 gates.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from graph_size import number_of_nodes
from moons import two_moons
from turns import ROOT

import viz.drawing
from autograd import Value
from viz import draw, steps
from viz.render import installed_layout, lay_out

FIRST = """
import time
start = time.perf_counter()
import viz
from autograd import Value
imported = time.perf_counter()
x, y, z = Value(-2.0), Value(5.0), Value(-4.0)
f = (x + y) * z
f.backward()
viz.draw(f, names={"x": x, "y": y, "z": z, "f": f}).svg
print(imported - start, time.perf_counter() - imported)
"""


def neurons(inputs: Sequence[Any], count: int, rng: random.Random) -> list[Any]:
    """A layer of neurons, gate by gate."""
    layer = []
    for _ in range(count):
        total = Value(rng.gauss(0, 1))
        for x in inputs:
            total = total + x * Value(rng.gauss(0, 1))
        layer.append(total.tanh())
    return layer


def net(inputs: int, hidden: int) -> Any:
    """The output of a net of one hidden layer, after a backward pass."""
    rng = random.Random(0)
    x = [Value(rng.gauss(0, 1)) for _ in range(inputs)]
    [output] = neurons(neurons(x, hidden, rng), 1, rng)
    output.backward()
    return output


def loss_of_moons(samples: int) -> Any:
    """The squared errors of a 2-16-16-1 net, summed; each sample has weights of its own."""
    points, labels = two_moons(samples)
    total = Value(0.0)
    for point, label in zip(points.tolist(), labels.tolist(), strict=True):
        rng = random.Random(1)
        layer = neurons(neurons(list(map(Value, point)), 16, rng), 16, rng)
        [score] = neurons(layer, 1, rng)
        total = total + (score - label) ** 2
    total.backward()
    return total


def chain(gates: int) -> Any:
    """So many gates, one after the other, half of them with a weight of their own."""
    node = Value(0.5)
    for place in range(gates):
        node = node.tanh() if place % 2 else node * Value(1.0 + place / gates)
    return node


def seconds(function: Callable[[], Any]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def measure_drawing(node: Any, repeats: int) -> None:
    """Print what an SVG takes, of which layout, and what the ``dot`` program takes for that."""
    layouts: list[float] = []

    def timed(dot: str) -> str:
        start = time.perf_counter()
        plain = lay_out(dot)
        layouts.append(time.perf_counter() - start)
        return plain

    native = shutil.which("dot") is not None
    whole, by_program = [], []
    dot = draw(node, limit=None).dot
    lay_out(dot)  # the first one compiles, or reads, the embedded Graphviz
    viz.drawing.lay_out = timed
    try:
        for _ in range(repeats):
            whole.append(seconds(lambda: draw(node, limit=None).svg))
            if native:
                by_program.append(seconds(lambda: installed_layout(dot)))
    finally:
        viz.drawing.lay_out = lay_out
    rest = median(all_ - layout for all_, layout in zip(whole, layouts, strict=True))
    print(
        f"SVG of {number_of_nodes(node):,} nodes: {median(whole):.3f} s, of which layout "
        f"{median(layouts):.3f} s and the rest {rest * 1e3:.1f} ms"
    )
    if native:
        ratio = median(whole) / median(by_program)
        print(f"  {ratio:.2f} of what dot takes to lay it out ({median(by_program):.3f} s)")


def measure_first(repeats: int) -> None:
    """Print what the first picture takes in a process of its own."""
    imports, pictures = [], []
    for _ in range(repeats + 1):
        run = subprocess.run(
            [sys.executable, "-c", FIRST],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        imported, drawn = map(float, run.stdout.split())
        imports.append(imported)
        pictures.append(drawn)
    # The first of all may have filled the cache.
    print(
        f"first picture of a process: {median(pictures[1:]):.3f} s, after {median(imports[1:]):.3f}"
        " s for the import of autograd and viz"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=7, help="turns of each (default: 7)")
    parser.add_argument("--hidden", type=int, default=34, help="neurons of the net that is drawn")
    parser.add_argument("--samples", type=int, default=67, help="samples of the large graph")
    parser.add_argument("--gates", type=int, default=200, help="gates that are stepped through")
    options = parser.parse_args(argv)
    measure_drawing(net(8, options.hidden), options.repeats)
    measure_first(options.repeats)
    large = loss_of_moons(options.samples)
    summary = median(seconds(lambda: draw(large).svg) for _ in range(options.repeats))
    print(f"summary of {number_of_nodes(large):,} nodes: {summary:.2f} s")
    page = steps(chain(options.gates)).html().encode()
    print(f"page that steps through {options.gates} gates: {len(page):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
