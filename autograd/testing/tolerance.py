"""How far a derivative may be from what differences say: from their uncertainty, not by a guess."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .extrapolation import Slope

__all__ = ["NOISE_MARGIN", "Comparison", "compared", "in_own_size"]

# An uncertainty is an estimate itself.
MARGIN = 4.0
# So many rounding errors may add up on the way of a gradient.
ROUNDING_ERRORS = 64.0
NOISE_MARGIN = 16.0
EPSILON = float(np.finfo(np.float64).eps)
HUGE = 1e280
# An uncertainty above this share of the derivative says too little of it.
UNRESOLVED = 1e-3


@dataclass(frozen=True)
class Comparison:
    """Derivatives beside those by differences; arrays of one shape."""

    actual: np.ndarray
    expected: np.ndarray
    uncertainty: np.ndarray
    excess: np.ndarray
    """Their difference in units of what it may be; zero where nothing can be said."""
    smooth: np.ndarray
    resolved: np.ndarray
    """Whether differences know the derivative well enough to tell a wrong one."""
    step: np.ndarray
    """The smallest step of these differences."""

    @property
    def worst(self) -> tuple[int, ...]:
        """The index of the largest excess."""
        place = np.unravel_index(int(np.argmax(self.excess)), self.excess.shape)
        return tuple(int(i) for i in place)

    @property
    def fails(self) -> bool:
        """Whether a derivative is wrong."""
        return not np.all(self.excess <= 1.0)

    @property
    def agrees(self) -> bool:
        """Whether every derivative is known by differences, and is right."""
        return bool(self.resolved.all() and self.smooth.all()) and not self.fails

    def with_noise(self, spread: float, magnitude: float) -> Comparison:
        """The same, with what rounding on the way may do to both derivatives.

        Args:
            spread: how far a last digit of the inputs takes the derivatives.
            magnitude: how far the roundings of all gates take the result, in units of epsilon.
        """
        with np.errstate(all="ignore"):
            noise = NOISE_MARGIN * (spread + EPSILON * magnitude / self.step)
            excused = np.isfinite(noise) & (np.abs(self.actual - self.expected) <= noise)
        return replace(
            self, excess=np.where(excused, 0.0, self.excess), resolved=self.resolved & ~excused
        )


def compared(
    actual: Any, slope: Slope, epsilon: float, size: Any = 0.0, factor: Any = 1.0
) -> Comparison:
    """Hold derivatives against a slope.

    Args:
        actual: the derivatives.
        slope: what differences say of them.
        epsilon: the relative size of a rounding error in the derivatives.
        size: of the terms that the derivatives are sums of, where these are larger.
        factor: by what the slope is to be multiplied.
    """
    actual = np.asarray(actual, dtype=np.float64)
    with np.errstate(all="ignore"):
        expected = slope.derivative * factor
        uncertainty = slope.uncertainty * np.abs(factor)
        rounding = ROUNDING_ERRORS * epsilon * (np.abs(actual) + np.abs(expected) + size)
        difference = np.abs(actual - expected)
        known = slope.smooth & np.isfinite(uncertainty) & np.isfinite(expected)
        # A rule may overflow on the way to what is all but the largest number.
        known &= np.isfinite(actual) | (np.abs(expected) < HUGE)
        allowed = MARGIN * uncertainty + rounding + np.finfo(np.float64).tiny
        # Infinite by the rule, and larger by differences the nearer they look: nothing to tell.
        # Of two readings of the slope one is to agree.
        difference = np.fmin(difference, np.abs(actual - slope.on_stair * factor))
        excess = np.where(np.isfinite(actual), difference / allowed, np.inf)
        excess = np.where(known, excess, 0.0)
        largest = np.fmax(np.abs(expected), np.abs(actual))
        resolved = known & np.isfinite(actual)
        resolved &= MARGIN * uncertainty <= UNRESOLVED * largest + 1e-9
    return Comparison(actual, expected, uncertainty, excess, slope.smooth, resolved, slope.step)


def in_own_size(x: np.ndarray, way: np.ndarray) -> np.ndarray:
    """A direction in which a number below one is moved by as much less as it is smaller.

    What a function does near zero, such as 1 / x, may show by such steps alone; but what it rounds
    shows by them as well, so they come second.
    """
    size = np.abs(x)
    return np.where((size > 0) & (size < 1), way * size, way)
