"""A recorded tape, made smaller and faster, and what was done to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .roll_up import rolled_up
from .simplify import arranged, folded, merged, without_unneeded
from .tape import DOT, Tape

__all__ = ["Report", "optimized"]


@dataclass(frozen=True)
class Report:
    """How many gates a tape had, and has after each step."""

    recorded: int
    folded: int
    """How many were computed from constants alone."""
    merged: int
    """How many equalled another one, or were needed by no output."""
    rolled_up: int
    """How many stand in dot products and sums of any length now."""
    left: int
    products: int
    """How many of those that are left are dot products."""


def optimized(
    tape: Tape, numbers: npt.NDArray[np.float64], first_shared: int, optimize: bool
) -> tuple[Tape, npt.NDArray[np.intp], Report]:
    """The tape with less to do, which of its parameters are left, and what became of its gates.

    Args:
        tape: the tape.
        numbers: the number of each gate, as it was when the tape was recorded.
        first_shared: the constants before this one are data, which stays in rows.
        optimize: whether gates are merged, and sums of products rolled up into dot products, so
            that gradients are added in another order. Else only what no output needs is left out.
    """
    constant = folded(tape, numbers) if optimize else tape
    smaller, kept = without_unneeded(merged(constant, first_shared) if optimize else tape)
    rolled = smaller
    if optimize:
        rolled, order = arranged(rolled_up(smaller))
        kept = kept[order]
    report = Report(
        recorded=len(tape),
        folded=len(tape) - len(constant),
        merged=len(constant) - len(smaller),
        rolled_up=len(smaller) - len(rolled),
        left=len(rolled),
        products=int((rolled.codes == DOT).sum()),
    )
    return rolled, kept, report
