"""What became of the gates of a program, and what each kind of them costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..gate import TABLE
from ..tape.schedule import Part
from ..tape.tape import MATRIX, NAMES_OF_MANY

if TYPE_CHECKING:
    from .program import Program

__all__ = ["explanation_of"]

_RUNS = 9


def explanation_of(program: Program) -> str:
    """The table of ``Program.explain``."""
    report = program.report
    lines = [
        repr(program)[1:-1],
        "",
        f"{report.recorded:>12,} gates were recorded",
        f"{report.folded:>12,} folded: computed from constants alone",
        f"{report.merged:>12,} merged: equal to another one, or needed by no result",
        f"{report.rolled_up:>12,} rolled up into sums and dot products of any length",
        f"{report.left:>12,} are left, {report.products:,} of them dot products",
        "",
        f"{'kind':24}{'gates':>10}{'segments':>10}{'share of the time':>20}",
    ]
    costs = list(_costs(program))
    total = sum(seconds for *_, seconds in costs) or 1.0
    for name, gates, segments, seconds in sorted(costs, key=lambda cost: -cost[-1]):
        lines.append(f"{name:24}{gates:>10,}{segments:>10,}{seconds / total:>20.1%}")
    lines += [
        "",
        f"one sample, forward and backward, by kind: {total * 1e6:,.1f} microseconds",
        f"memory: {program.nbytes:,} bytes",
    ]
    return "\n".join(lines)


def _costs(program: Program) -> Iterator[tuple[str, int, int, float]]:
    """For each kind its name, its gates, its segments, and the seconds that these take alone."""
    machine, values = program.forward(program.sample)
    part = machine.schedule.uniform
    segments = part.segments.reshape(-1, 4)
    gradients = np.zeros_like(values)
    for code in np.unique(segments[:, 0]).tolist():
        own = segments[segments[:, 0] == code]
        alone = Part(np.ascontiguousarray(own.ravel()), part.operands, part.scratch)
        seconds = _timed(_both_ways(program, alone, values, gradients))
        yield _name_of(code), int(own[:, 1].sum()), len(own), seconds
    machine.give_back(values)


def _both_ways(
    program: Program,
    part: Part,
    values: npt.NDArray[np.float64],
    gradients: npt.NDArray[np.float64],
) -> Callable[[], None]:
    plan = program.runner.Plan(part)

    def run() -> None:
        plan.forward(values)
        plan.backward(values, gradients)

    return run


def _timed(run: Callable[[], None]) -> float:
    seconds = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return median(seconds)


def _name_of(code: int) -> str:
    if code == MATRIX:
        return "dot, matrix by vector"
    return NAMES_OF_MANY.get(code) or TABLE[code].name
