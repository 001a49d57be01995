"""Bytes for each node of a scalar graph: gategrad's engines against micrograd.

What is measured is resident memory, as the system counts it, of a process of its own for each
figure: before the graph is built and after. tracemalloc would not do: it sees what the allocator
is asked for, not the rounding and the pages that this costs, nor the room that a compiled class
keeps for itself in a free list. Graphs are large enough that the few hundred kilobytes that an
interpreter happens to have free do not count.

Peak figures are the highest resident memory over building and ``backward``, which also holds what
the pass itself needs: an entry in a list for each node.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from turns import Contestant, answer

STATUS = Path("/proc/self/status")
ENGINES = ["native", "python", "micrograd"]


def chain(value_class: Any, nodes: int) -> Any:
    """A product of so many factors, one after the other: every node but one is a gate."""
    factor = value_class(0.9999999)
    product = factor
    for _ in range(nodes - 1):
        product = product * factor
    return product


def sum_of_leaves(value_class: Any, nodes: int) -> Any:
    """Half of the nodes are leaves, each with a number of its own; the others add them."""
    total = value_class(0.5)
    for i in range(nodes // 2):
        total = total + value_class(i + 0.5)
    return total


def one_gate_sum(value_class: Any, nodes: int) -> Any:
    """All nodes but one are leaves, which one gate of gategrad adds."""
    import autograd

    return autograd.sum(value_class(i + 0.5) for i in range(nodes - 1))


GRAPHS: dict[str, Callable[[Any, int], Any]] = {
    "chain": chain,
    "sum of leaves": sum_of_leaves,
    "autograd.sum": one_gate_sum,
}


def resident(field: str) -> int:
    """Resident memory of this process in bytes: ``VmRSS`` now, ``VmHWM`` at its highest."""
    for line in STATUS.read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"{STATUS} has no {field}")


def bytes_per_node(engine: str, graph: str, nodes: int, backward: bool) -> float:
    """What a graph takes while it is held; with ``backward``, at the peak of the pass."""
    if engine == "micrograd":
        from micrograd.engine import Value
    else:
        from autograd import Value
    build = GRAPHS[graph]
    # The first time, whatever is set up once.
    build(Value, 100)
    gc.collect()
    before = resident("VmRSS")
    root = build(Value, nodes)
    if backward:
        root.backward()
    after = resident("VmHWM" if backward else "VmRSS")
    return (after - before) / nodes


def measured(engine: str, graph: str, nodes: int, backward: bool, repeats: int) -> float:
    """The median over several processes of the bytes for each node."""
    results = []
    for _ in range(repeats):
        with Contestant(__file__, engine, engine.replace("micrograd", "python")) as contestant:
            results.append(contestant.ask(graph=graph, nodes=nodes, backward=backward))
    return median(results)


def report(nodes: int, peak_nodes: int, repeats: int) -> None:
    """Print what a node takes in each engine, and in the native one at the peak of a pass."""
    for graph in ("chain", "sum of leaves"):
        each = {
            # A tenth is enough for micrograd: there a node takes many times as much.
            e: measured(e, graph, nodes // 10 if e == "micrograd" else nodes, False, repeats)
            for e in ENGINES
        }
        for engine in ENGINES:
            print(
                f"{graph:13} {engine:9} {each[engine] / each['micrograd']:6.3f} of micrograd   "
                f"({each[engine]:6.1f} bytes a node)"
            )
    for graph in ("chain", "autograd.sum"):
        peak = measured("native", graph, peak_nodes, True, repeats)
        print(
            f"{graph:13} native    {peak:6.1f} bytes a node at the peak of building "
            f"{peak_nodes:,} nodes and backward"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or be one of the contestants; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="processes a figure (%(default)s)")
    parser.add_argument("--nodes", type=int, default=2_000_000, help="to hold (%(default)s)")
    parser.add_argument(
        "--peak-nodes", type=int, default=10_000_000, help="to differentiate (%(default)s)"
    )
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.contestant:
        return answer(lambda **request: bytes_per_node(options.contestant, **request))
    if not STATUS.exists():
        print(f"nothing measured: this system has no {STATUS} to read resident memory from")
        return 0
    report(options.nodes, options.peak_nodes, options.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
