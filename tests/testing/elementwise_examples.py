"""Each gate of the table at operands where it is smooth and its derivatives are not tiny."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from testing.array_gate_examples import Example

from autograd import gates, tanh
from autograd.gate import Gate, Interval

_CLEAR_OF_KINKS = 0.15
_NOT_TINY = 0.1
_SEEDS = 200


def operands(gate: Gate, *shapes: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """An array of each shape, inside of the gate's domain.

    No element is near a kink, and each derivative that is not zero by its formula is somewhere
    not small.
    """
    drawn = _drawn(gate, shapes)
    assert drawn is not None, f"{gate.name} has no telling operands of shapes {shapes}"
    return drawn


def _drawn(gate: Gate, shapes: tuple[tuple[int, ...], ...]) -> tuple[np.ndarray, ...] | None:
    """The first telling operands of many that are drawn."""
    for seed in range(_SEEDS):
        rng = np.random.default_rng(seed)
        drawn = tuple(
            rng.uniform(*_middle_of(interval), shape)
            for interval, shape in zip(gate.domain, shapes, strict=True)
        )
        if gate is gates.where:
            # Only a condition that is zero lets the gradient of the last operand through.
            drawn = (np.arange(drawn[0].size).reshape(shapes[0]) % 2, *drawn[1:])
        if _is_telling(gate, np.broadcast_arrays(*drawn)):
            return drawn
    return None


def _fewest_operands(gate: Gate) -> tuple[np.ndarray, ...]:
    """One row of operands, or as many as it takes to show each derivative where it is not zero."""
    found = (_drawn(gate, ((size,),) * gate.arity) for size in itertools.count(1))
    return next(given for given in found if given is not None)


def _middle_of(interval: Interval) -> tuple[float, float]:
    low = max(interval.low, -2.0)
    high = min(interval.high, low + 4.0)
    margin = (high - low) / 8
    return low + margin, high - margin


def _is_telling(gate: Gate, arrays: Any) -> bool:
    rows = list(zip(*(array.ravel().tolist() for array in arrays), strict=True))
    if gate is not gates.where and any(
        abs(distance) < _CLEAR_OF_KINKS for row in rows for distance in gate.kinks_at(*row)
    ):
        return False
    slopes = np.abs([gate.float_local(*range(gate.arity))(*row)[1:] for row in rows])
    return all(
        largest > _NOT_TINY or text == "0"
        for largest, text in zip(slopes.max(axis=0), gate.derivatives, strict=True)
    )


def examples_of(gate: Gate) -> list[Example]:
    """The gate alone, and inside of a function of other gates."""
    given = _fewest_operands(gate)
    examples = [Example(gate, "alone", gate, given), inside(gate, *given)]
    if gate is gates.where:
        nonzero = (np.where(given[0], given[1], given[2]), *given[1:])
        examples += [Example(gate, "with a condition", gate, nonzero), inside(gate, *nonzero)]
    return examples


def inside(gate: Gate, *given: np.ndarray) -> Example:
    """A function that hides the gate among others, scaled so that none of them saturates."""
    result = gate(*given)
    scale = 0.5 / max(1.0, float(np.abs(result).max()))
    beside = np.linspace(-0.5, 0.5, result.size).reshape(result.shape)

    def f(x: Any, *rest: Any) -> Any:
        *others, last = rest
        return tanh(gate(x * 1.0, *others) * scale + last)

    return Example(gate, "inside", f, (*given, beside))


def examples_in_a_square(gate: Gate) -> list[Example]:
    """The gate on arrays that still fit when they are transposed, and on such that do not."""
    return [
        Example(gate, f"on {shape}", gate, operands(gate, *(shape,) * gate.arity))
        for shape in [(1, 3), (2, 2)]
    ]


def examples_of_broadcasting(gate: Gate) -> list[Example]:
    """One operand is spread over the others: a row, or a column over a square."""
    examples = []
    for i in range(gate.arity if gate.arity > 1 else 0):
        for small, full in [((2,), (3, 2)), ((2, 1), (2, 2))]:
            shapes = [small if i == position else full for position in range(gate.arity)]
            given = operands(gate, *shapes)
            examples.append(Example(gate, f"operand {i} of {small} over {full}", gate, given))
        examples.append(inside(gate, *given))
    return examples
