"""The slope of a curve at zero by extrapolated differences, with an uncertainty for each component.

The two-sided difference ``(phi(h) - phi(-h)) / 2h`` errs by a series in ``h**2``. On a ladder of
steps, each a quarter of the one above, Richardson's extrapolation takes away its terms one after
another (L. F. Richardson, Phil. Trans. R. Soc. A 210, 1911); of all that it offers, the estimate
with the smallest uncertainty is taken, as in C. J. F. Ridders, Advances in Engineering Software
4 (2), 1982. The uncertainty of an estimate is how much the last terms have changed it, and how much
rounding can have, and how far the differences by smaller steps are from it: without the last, a
curve that wriggles between the steps would be taken for a straight line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["LARGEST_STEP", "Slope", "slope_at_zero"]

Curve = Callable[[float], np.ndarray]
"""From a number to a vector of float64, whose length is always the same."""

RATIO = 4.0
LARGEST_STEP = 1 / 16
# Down to steps of 1 / 4096; where that resolves the slope, it is enough.
FEW_STEPS = 5
# Down to 1.5e-8, where rounding shows how large it is, be it to single precision; further as long
# as it still helps.
MANY_STEPS = 12
MOST_STEPS = 21
# Relative to the size of the curve and of its slope.
RESOLVED = 1e-8
COLUMNS = 6


@dataclass(frozen=True)
class Slope:
    """The derivative of a curve at zero; arrays with an element for each component."""

    derivative: np.ndarray
    uncertainty: np.ndarray
    """How far off the derivative may be; infinite where it could not be found."""
    gap: np.ndarray
    """By how much the derivative from the right exceeds that from the left."""
    smooth: np.ndarray
    """False where the two differ, where one of them does not exist, or where they diverge."""
    step: np.ndarray
    """The smallest step that the derivative was made of."""
    on_stair: np.ndarray
    """The derivative if the curve is a staircase, and has not lost digits; nan if it is none."""


def slope_at_zero(curve: Curve, epsilon: float, thorough: bool = False) -> Slope:
    """The derivative of a curve at zero.

    Args:
        curve: the function of one number.
        epsilon: the relative size of a rounding error in its values.
        thorough: whether to go down the whole ladder and measure the rounding errors, also where a
            few steps seem to be enough: a function may round much worse than its result tells.

    >>> import numpy as np
    >>> slope = slope_at_zero(lambda t: np.exp([t, 3 * t]), epsilon=2.0**-52)
    >>> slope.derivative.round(10), bool(slope.uncertainty.max() < 1e-10)
    (array([1., 3.]), True)
    """
    ladder = _Ladder(curve, epsilon)
    if not np.isfinite(ladder.center).any():
        return ladder.unknown()
    while len(ladder.steps) < FEW_STEPS:
        ladder.descend()
    slope = ladder.slope(measured=False)
    if not thorough and ladder.is_resolved(slope):
        return slope
    while len(ladder.steps) < MANY_STEPS:
        ladder.descend()
    slope = ladder.slope(measured=True)
    while len(ladder.steps) < MOST_STEPS and not ladder.is_settled(slope):
        # Steps below which nothing is resolved help as little as rounding that grows.
        before = slope
        ladder.descend()
        ladder.descend()
        slope = ladder.slope(measured=True)
        if ladder.has_converged() and not np.any(slope.uncertainty < 0.5 * before.uncertainty):
            break
    return ladder.without_stillness(slope)


class _Ladder:
    """The values of a curve at smaller and smaller steps on both sides of zero."""

    def __init__(self, curve: Curve, epsilon: float) -> None:
        self._curve = curve
        self._epsilon = epsilon
        self.center = curve(0.0)
        self.steps: list[float] = []
        self._above: list[np.ndarray] = []
        self._below: list[np.ndarray] = []

    def descend(self) -> None:
        """Look at the curve one step nearer to zero."""
        step = LARGEST_STEP / RATIO ** len(self.steps)
        self.steps.append(step)
        self._above.append(self._curve(step))
        self._below.append(self._curve(-step))

    def unknown(self) -> Slope:
        """The answer where the curve has no value at zero."""
        nothing = np.full(self.center.shape, np.nan)
        infinite = np.full(self.center.shape, np.inf)
        rough = np.zeros(self.center.shape, dtype=bool)
        return Slope(nothing, infinite, nothing, rough, np.full(rough.shape, LARGEST_STEP), nothing)

    def slope(self, measured: bool, count: int | None = None, rounded: Any = 0.0) -> Slope:
        """The best that can be said from the steps so far, or from the largest ``count`` of them.

        ``measured`` says whether to measure the rounding errors, for which there must be steps
        small enough, or to take them for the least that they can be, which is ``rounded`` or more.
        """
        steps = np.array(self.steps[:count])[:, None]
        with np.errstate(all="ignore"):
            above, below = np.array(self._above[:count]), np.array(self._below[:count])
            differences = (above - below) / (2 * steps)
            gaps = ((above - self.center) - (self.center - below)) / steps
            table = _extrapolated(differences, first_power=2)
            least = np.fmax(self._least_rounding(above, below), rounded)
            if measured:
                least = np.fmax(least, _unevenness(gaps * steps))
                least = _scatter(table, steps, least)
            rounding = least / steps
            # Where a step ends is rounded, too: the slope is of a place as far off as that.
            bend = np.fmax.reduce(np.abs(gaps) / steps)
            rounding = rounding + 4 * self._epsilon * bend * steps
            derivative, uncertainty, last = _best(table, differences, rounding)
            # An estimate that is good to less than two digits does not know its own error.
            vague = uncertainty > 0.02 * np.fmax.reduce(np.abs(differences))
            vague &= uncertainty > 1e-6 * np.fmax.reduce(np.abs([*above, *below, self.center]))
            uncertainty[vague] = np.inf
            # A value that nothing moves may have lost what would.
            still = (above == self.center).all(axis=0) & (below == self.center).all(axis=0)
            lost = 64 * self._epsilon * np.fmax(1.0, np.abs(self.center))
            uncertainty = np.where(still, np.fmax(uncertainty, lost), uncertainty)
            gap_table = _extrapolated(gaps, first_power=1)
            gap, gap_uncertainty, _ = _best(gap_table, gaps, 4 * rounding)
            smooth = ~(np.abs(gap) > 4 * gap_uncertainty)
            if measured:
                known = 8 * self._least_rounding(above, below) / steps
                smooth &= ~(_diverges(differences, known) | _diverges(gaps, known))
        smooth &= ~self._one_sided(above, below) & np.isfinite(self.center)
        nothing = np.full(derivative.shape, np.nan)
        return Slope(derivative, uncertainty, gap, smooth, steps[last, 0], nothing)

    def is_resolved(self, slope: Slope) -> bool:
        """Whether every component is smooth and known to many digits."""
        return bool(np.all(self._known(slope) & slope.smooth))

    def is_settled(self, slope: Slope) -> bool:
        """Whether smaller steps can tell no more of any component."""
        near_enough = len(self.steps) >= MANY_STEPS + 2
        return bool(np.all(self._known(slope) | (~slope.smooth & near_enough)))

    def has_converged(self) -> bool:
        """Whether the last two steps have told nothing new."""
        with np.errstate(all="ignore"):
            last, before = ((self._above[k] - self._below[k]) / self.steps[k] for k in (-1, -3))
            return bool(np.all(np.abs(last - before) <= 0.1 * np.abs(last)))

    def without_stillness(self, slope: Slope) -> Slope:
        """The slope, for curves that stand still by the smallest steps alone from larger ones.

        A curve whose values have lost the digits of such steps looks like a flat one. Where it has
        a clear slope by the largest steps it need not be one; but a staircase is just that, and so
        both readings are given.
        """
        steps = np.array(self.steps)[:, None]
        above, below = np.array(self._above) - self.center, np.array(self._below) - self.center
        moves = (above != 0) | (below != 0)
        moved = len(self.steps) - np.argmax(moves[::-1], axis=0)
        with np.errstate(all="ignore"):
            largest = np.array([above / steps, -below / steps])[:, :3].reshape(6, -1)
        # On both sides alike: at a kink nearby it is that of one side.
        clear = largest.max(axis=0) < 2 * largest.min(axis=0)
        clear |= largest.min(axis=0) > 2 * largest.max(axis=0)
        lost = clear & (moved < len(self.steps))
        if not lost.any():
            return slope
        # What stands still has been rounded by up to a half of the least that it moves.
        changes = np.abs([*above, *below])
        quantum = np.min(changes, axis=0, where=changes > 0, initial=np.inf) / 2
        least = np.where(lost, quantum, 0.0)
        shorter = self.slope(True, max(int(moved[lost].min()), FEW_STEPS), least)
        return Slope(
            np.where(lost, shorter.derivative, slope.derivative),
            np.where(lost, shorter.uncertainty, slope.uncertainty),
            np.where(lost, shorter.gap, slope.gap),
            np.where(lost, shorter.smooth, slope.smooth),
            np.where(lost, shorter.step, slope.step),
            np.where(lost, slope.derivative, np.nan),
        )

    def _known(self, slope: Slope) -> np.ndarray:
        size = np.fmax(np.abs(self.center), np.abs(slope.derivative))
        known: np.ndarray = slope.uncertainty <= RESOLVED * size
        return known

    def _least_rounding(self, above: np.ndarray, below: np.ndarray) -> np.ndarray:
        """The rounding errors, by step and component, of values right to their last digits."""
        sizes = np.fmax(np.fmax(np.abs(above), np.abs(below)), np.abs(self.center))
        errors: np.ndarray = 4 * self._epsilon * sizes
        return errors

    @staticmethod
    def _one_sided(above: np.ndarray, below: np.ndarray) -> np.ndarray:
        """Where the curve has values on one side of zero alone."""
        right, left = np.isfinite(above).any(axis=0), np.isfinite(below).any(axis=0)
        answer: np.ndarray = right != left
        return answer


def _extrapolated(sequence: np.ndarray, first_power: int) -> list[np.ndarray]:
    """The columns of Richardson's table; row ``k`` of column ``j`` is of steps ``k`` to ``k + j``.

    ``first_power`` is that of the first term of the error; those of the others follow by twos.
    """
    columns = [sequence]
    while len(columns) <= COLUMNS and len(columns[-1]) > 1:
        factor = RATIO ** (first_power + 2 * (len(columns) - 1))
        column = columns[-1]
        columns.append(column[1:] + (column[1:] - column[:-1]) / (factor - 1))
    return columns


def _scatter(table: Sequence[np.ndarray], steps: np.ndarray, least: np.ndarray) -> np.ndarray:
    """The rounding errors that the table shows, and no less than the ``least``.

    By the smallest steps the differences are all but equal: what is left between them are rounding
    errors. The column is taken whose terms hide them least.
    """
    scatter = [
        np.abs(np.diff(column[-4:], axis=0)) * steps[-3:] for column in table[:4] if len(column) > 3
    ]
    rounding: np.ndarray = np.fmax(least, np.min([s.max(axis=0) for s in scatter], axis=0) / 1.25)
    return rounding


def _unevenness(seconds: np.ndarray) -> np.ndarray:
    """The rounding errors that second differences show, by component.

    By steps a quarter of each other they are a series in ``h**2``, of which the first term is taken
    away, or two: what is left is rounding. It is found also where first differences are alike by
    chance, as those of rounded values may be.
    """
    once = seconds[1:] - seconds[:-1] / RATIO**2
    twice = once[1:] - once[:-1] / RATIO**4
    left = [np.abs(each)[-3:].max(axis=0) for each in (once, twice)]
    uneven: np.ndarray = np.fmin(*left) / 2
    return uneven


def _best(
    table: Sequence[np.ndarray], sequence: np.ndarray, rounding: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each component the estimate in the table with the smallest uncertainty, and that.

    The third result is the number of the smallest step that the estimate is made of.
    """
    changes = np.abs(np.diff(sequence, axis=0, prepend=np.inf))
    # The differences by all smaller steps leave an estimate between these two.
    doubt = changes + 2 * rounding
    highest = _over_later(np.minimum, sequence + doubt, np.inf)
    lowest = _over_later(np.maximum, sequence - doubt, -np.inf)
    uncertainties = []
    for j, column in enumerate(table):
        change = changes if not j else _largest_change(column, table[j - 1])
        beyond = np.maximum(np.maximum(column - highest[j:], lowest[j:] - column), 0.0)
        uncertainties.append(change + 2 * rounding[j:] + beyond)
    estimates, all_uncertainties = np.concatenate(table), np.concatenate(uncertainties)
    all_uncertainties[~np.isfinite(all_uncertainties + estimates)] = np.inf
    last = np.concatenate([np.arange(j, j + len(column)) for j, column in enumerate(table)])
    choice = np.argmin(all_uncertainties, axis=0)
    return (
        np.take_along_axis(estimates, choice[None], axis=0)[0],
        np.take_along_axis(all_uncertainties, choice[None], axis=0)[0],
        last[choice],
    )


def _over_later(extreme: np.ufunc, rows: np.ndarray, nothing: float) -> np.ndarray:
    """For each row the extreme of those after it; ``nothing`` for the last."""
    later = np.full_like(rows, nothing)
    later[:-1] = extreme.accumulate(rows[:0:-1])[::-1]
    return later


def _largest_change(column: np.ndarray, before: np.ndarray) -> np.ndarray:
    """By how much the estimates of a column differ from the two that they are made of."""
    change: np.ndarray = np.maximum(np.abs(column - before[:-1]), np.abs(column - before[1:]))
    return change


def _diverges(sequence: np.ndarray, rounding: np.ndarray) -> np.ndarray:
    """Where a sequence grows all the way down the ladder, and not by rounding errors."""
    sizes = np.abs(sequence[-FEW_STEPS - 3 :])
    grows = (sizes[1:] > 1.25 * sizes[:-1]).all(axis=0)
    answer: np.ndarray = grows & (sizes > rounding[-len(sizes) :]).all(axis=0)
    return answer
