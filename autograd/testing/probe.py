"""A derivative at its point, held against differences along directions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arguments import power_of_two_above
from .differentiated import Derivative
from .extrapolation import LARGEST_STEP, Slope, slope_at_zero
from .rounding import changes_by_last_digits
from .tolerance import Comparison, compared, in_own_size

__all__ = ["Look", "Probe"]


class Look(NamedTuple):
    """What was seen along one direction."""

    reverse: Comparison
    forward: Comparison | None
    """None where forward mode was not asked for, or is not there."""
    weights: np.ndarray
    """Of the numbers of the result in reverse mode: zero for those that are not smooth."""
    sent: np.ndarray
    """The gradient of their sum."""

    @property
    def comparisons(self) -> list[Comparison]:
        """Of reverse mode and, where there is one, of forward mode."""
        return [self.reverse] if self.forward is None else [self.reverse, self.forward]

    @property
    def fails(self) -> bool:
        """Whether a derivative is wrong."""
        return any(each.fails for each in self.comparisons)

    @property
    def agrees(self) -> bool:
        """Whether every derivative is known by differences, and is right."""
        return all(each.agrees for each in self.comparisons)


class Probe:
    """A derivative at its point, compared along directions, which are vectors."""

    def __init__(self, derivative: Derivative) -> None:
        arguments = derivative.arguments
        self.derivative = derivative
        self.point = arguments.joined(arguments.data)
        self.scales = power_of_two_above(self.point)
        self.sent = derivative.adjoint()

    def unit(self, element: int) -> np.ndarray:
        """The direction in which one number moves, by its scale."""
        direction = np.zeros_like(self.point)
        direction[element] = self.scales[element]
        return direction

    def random_direction(self, rng: np.random.Generator) -> np.ndarray:
        """A direction of length about one in which no number stands still."""
        size = self.point.size
        signs = rng.choice([-1.0, 1.0], size)
        direction: np.ndarray = rng.uniform(0.5, 1.5, size) * signs * self.scales / np.sqrt(size)
        return direction

    def beside(self, direction: np.ndarray) -> np.ndarray:
        """A point close by in a direction."""
        return self.point + LARGEST_STEP**2 * direction

    def along(self, direction: np.ndarray, forward_mode: bool = True) -> Look:
        """The comparison of reverse mode, and that of forward mode where it is asked for and there.

        One that fails is made again with all that can be done to know the slope.
        """
        look = self.glance(direction, forward_mode)
        if not look.fails:
            return look
        look = self.glance(direction, forward_mode, thorough=True)
        near = self.glance(in_own_size(self.point, direction), forward_mode, thorough=True)
        if near.agrees:
            return near
        spread = self._spread(direction, look)
        magnitude = self.derivative.magnitude()
        return look._replace(
            reverse=look.reverse.with_noise(spread, magnitude),
            forward=look.forward and look.forward.with_noise(spread, magnitude),
        )

    def glance(
        self, direction: np.ndarray, forward_mode: bool = True, *, thorough: bool = False
    ) -> Look:
        """The same, made once: what fails by little may yet be a matter of rounding."""
        epsilon, weights, sent = self.derivative.epsilon, self.derivative.weights, self.sent
        slope = slope_at_zero(
            lambda t: self.derivative.values(self.point + t * direction), epsilon, thorough
        )
        usable = slope.smooth & np.isfinite(slope.uncertainty)
        if usable.any() and not usable.all():
            # What is not smooth in one number of the result must not hide what is wrong in another.
            weights = np.where(usable, weights, 0.0)
            sent = self.derivative.adjoint_at(self.point, weights)
        reverse = _summed(slope, weights)
        # An infinite gradient by what does not move is none of this direction.
        terms = np.where(direction == 0, 0.0, sent * direction)
        by_reverse = compared([terms.sum()], reverse, epsilon, np.abs(terms).sum())
        pushed = self.derivative.along(direction) if forward_mode else None
        by_forward = None
        if pushed is not None:
            size = np.max(np.abs(pushed), initial=0.0, where=np.isfinite(pushed))
            by_forward = compared(pushed, slope, epsilon, size)
        return Look(by_reverse, by_forward, weights, sent)

    def _spread(self, direction: np.ndarray, look: Look) -> float:
        """How far a last digit of the inputs takes the derivative along a direction."""
        changes = changes_by_last_digits(
            lambda point: self.derivative.adjoint_at(point, look.weights), self.point, look.sent
        )
        return float(np.max(np.abs(changes @ direction)))


def _summed(slope: Slope, weights: np.ndarray) -> Slope:
    """The slope of the weighted sum; what has the weight zero does not count."""
    on_stair = np.where(np.isfinite(slope.on_stair), slope.on_stair, slope.derivative)
    counts = weights != 0
    weights = weights[counts]
    return Slope(
        np.array([weights @ slope.derivative[counts]]),
        np.array([np.abs(weights) @ slope.uncertainty[counts]]),
        np.array([weights @ slope.gap[counts]]),
        np.array([slope.smooth[counts].all()]),
        np.array([slope.step[counts].min(initial=LARGEST_STEP)]),
        np.array([weights @ on_stair[counts] if np.isfinite(slope.on_stair).any() else np.nan]),
    )
