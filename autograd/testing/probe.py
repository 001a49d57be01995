"""A derivative at its point, held against differences along directions."""

from __future__ import annotations

import numpy as np

from .differentiated import Derivative
from .extrapolation import LARGEST_STEP, Slope, slope_at_zero
from .tolerance import Comparison, compared, in_own_size

__all__ = ["Probe"]

EPSILON = float(np.finfo(np.float64).eps)
# Gradients at so many points a last digit away tell what rounding does to them.
NEARBY = 3


class Probe:
    """A derivative at its point, compared along directions, which are vectors."""

    def __init__(self, derivative: Derivative) -> None:
        arguments = derivative.arguments
        self.derivative = derivative
        self.point = arguments.joined(arguments.data)
        # By how much a step of one moves each number: in steps of its own size none is lost.
        self.scales = np.fmax(1.0, np.abs(self.point))
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

    def along(
        self, direction: np.ndarray, forward_mode: bool = True
    ) -> tuple[Comparison, Comparison | None]:
        """The comparison of reverse mode, and that of forward mode where it is asked for and there.

        One that fails is made again with all that can be done to know the slope.
        """
        reverse, forward = self.glance(direction, forward_mode)
        if not reverse.fails and (forward is None or not forward.fails):
            return reverse, forward
        reverse, forward = self.glance(direction, forward_mode, thorough=True)
        near = self.glance(in_own_size(self.point, direction), forward_mode, thorough=True)
        if all(each is None or each.agrees for each in near):
            return near
        spread = self._spread(direction)
        magnitude = self.derivative.magnitude()
        return (
            reverse.with_noise(spread, magnitude),
            forward and forward.with_noise(spread, magnitude),
        )

    def glance(
        self, direction: np.ndarray, forward_mode: bool = True, *, thorough: bool = False
    ) -> tuple[Comparison, Comparison | None]:
        """The same, made once: what fails by little may yet be a matter of rounding."""
        epsilon, weights = self.derivative.epsilon, self.derivative.weights
        slope = slope_at_zero(
            lambda t: self.derivative.values(self.point + t * direction), epsilon, thorough
        )
        with np.errstate(all="ignore"):
            summed = Slope(
                np.array([weights @ slope.derivative]),
                np.array([np.abs(weights) @ slope.uncertainty]),
                np.array([weights @ slope.gap]),
                np.array([slope.smooth.all()]),
                np.array([slope.step.min(initial=LARGEST_STEP)]),
            )
            # An infinite gradient by what does not move is none of this direction.
            terms = np.where(direction == 0, 0.0, self.sent * direction)
            reverse = compared([terms.sum()], summed, epsilon, np.abs(terms).sum())
        pushed = self.derivative.along(direction) if forward_mode else None
        if pushed is None:
            return reverse, None
        size = np.max(np.abs(pushed), initial=0.0)
        return reverse, compared(pushed, slope, epsilon, size)

    def _spread(self, direction: np.ndarray) -> float:
        """How far a last digit of the inputs takes the derivative along a direction.

        A gradient whose terms all but cancel has no more right digits than that.
        """
        rng = np.random.default_rng(0)
        digits = 4 * EPSILON * self.point
        spread = 0.0
        for _ in range(NEARBY):
            beside = self.point + digits * rng.choice([-1.0, 1.0], digits.size)
            with np.errstate(all="ignore"):
                change = (self.derivative.adjoint_at(beside) - self.sent) @ direction
            spread = max(spread, abs(float(change)))
        return spread
