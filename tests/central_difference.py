"""The reference that gradients are held against: a central difference of fourth order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np


def central_difference(f: Callable[..., float], at: Sequence[float], position: int) -> float:
    """The derivative of ``f`` by one operand, from four points, error of the order step ** 4."""
    step = 1e-3 * max(1.0, abs(at[position]))

    def moved(steps: int) -> float:
        operands = list(at)
        operands[position] += steps * step
        return f(*operands)

    return (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * step)


def array_gradient(f: Callable[[np.ndarray], float], at: np.ndarray) -> np.ndarray:
    """The gradient of ``f`` by every element of an array."""
    gradient = np.zeros(at.shape)
    for index in np.ndindex(at.shape):

        def along(element: float, index: tuple[int, ...] = index) -> float:
            moved = np.array(at)
            moved[index] = element
            return f(moved)

        gradient[index] = central_difference(along, [float(at[index])], 0)
    return gradient
