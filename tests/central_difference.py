"""The reference that gradients are held against: a central difference of fourth order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from hypothesis import strategies as st

from autograd.gate import Gate, Interval


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


def _inside(interval: Interval) -> st.SearchStrategy[float]:
    """Floats of the interval, by a sixteenth of its width, or of four, away from its ends."""
    low, high = max(interval.low, -4.0), min(interval.high, 4.0)
    margin = (high - low) / 16
    return st.floats(low + margin, high - margin)


def gate_operands(gate: Gate) -> st.SearchStrategy[tuple[float, ...]]:
    """Operands inside of the gate's domain, away from its borders and kinks."""
    operands = st.tuples(*(_inside(interval) for interval in gate.domain))
    return operands.filter(lambda drawn: all(abs(kink) > 0.05 for kink in gate.kinks_at(*drawn)))
