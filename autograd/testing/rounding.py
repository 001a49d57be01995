"""How far rounding on the way may take a result, and a gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..backward import is_node, topological_order

__all__ = ["changes_by_last_digits", "magnitude"]

# Gradients at so many points a last digit away tell what rounding does to them.
NEARBY = 3


def changes_by_last_digits(
    gradient_at: Callable[[np.ndarray], np.ndarray], point: np.ndarray, gradient: np.ndarray
) -> np.ndarray:
    """What a gradient is changed by where the last digits of the point are others.

    A gradient whose terms all but cancel has no more right digits than that.

    Returns:
        the changes at some points, a row for each; zeros where the gradient is another at each call
        for the same point, which is nothing that rounding does.
    """
    if not np.array_equal(gradient_at(point), gradient, equal_nan=True):
        return np.zeros((1, point.size))
    rng = np.random.default_rng(0)
    digits = 4 * np.finfo(np.float64).eps * point
    beside = [point + digits * rng.choice([-1.0, 1.0], digits.size) for _ in range(NEARBY)]
    return np.array([gradient_at(each) - gradient for each in beside])


def magnitude(outputs: Sequence[tuple[Any, Any]]) -> float:
    """The sum of the sizes of all numbers in a graph, each times what it counts in the result.

    Every gate rounds its result by at most a half of the last digit. To first order the result of
    the whole is then off by no more than epsilon times this: the running error analysis of
    J. H. Wilkinson, Error Analysis of Floating Point Computation, Numer. Math. 2, 1960. An input
    counts as if it were no smaller than one, which is how far a check moves it.

    Args:
        outputs: the outputs, each with its weight in the result.

    >>> from autograd import Value
    >>> x = Value(1000.0)
    >>> magnitude([((x + 1e6) - 1e6, 1.0)])
    1003000.0
    """
    sizes: dict[int, Any] = {}
    for output, weight in outputs:
        sizes[id(output)] = sizes.get(id(output), 0.0) + np.abs(weight)
    total = 0.0
    with np.errstate(all="ignore"):
        for node in reversed(topological_order(*(output for output, _ in outputs))):
            size = sizes.pop(id(node), 0.0)
            numbers = np.abs(np.asarray(node.data))
            total += float(np.sum(size * (numbers if node.gate else np.fmax(1.0, numbers))))
            for position, operand in enumerate(node.operands):
                if is_node(operand):
                    part = node.contribution(position, size)
                    sizes[id(operand)] = sizes.get(id(operand), 0.0) + np.abs(
                        0.0 if part is None else part
                    )
    return total
