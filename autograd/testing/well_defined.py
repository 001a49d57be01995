"""Which operands a gate may be given, so that a derivative by differences can be trusted there.

A difference moves the operands, and so they stand away from the borders of the gate's domain and
from its kinks; in a program the more, the faster they move with the inputs of the program.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from ..errors import SettingError
from ..gate import Gate, Interval
from .programs import ScalarProgram

__all__ = ["Place", "Tape", "central_part", "is_away_from_kinks"]

# The part of an interval that numbers are drawn from reaches so far to both sides of zero, or of
# the number of the interval that is nearest to zero.
_REACH = 4.0
_MARGIN = 1 / 16
"""Of the width of that part, how far it keeps from the borders."""
_KINK_MARGIN = 0.05
_MOVE = 0.01
"""How far the inputs of a program may be moved, in the first order, and it stays well defined."""
_LARGEST = 1e3
"""No result in a program is larger."""
_LARGEST_SPREAD = 1e2
"""How many times the rounding of a result may be that of its inputs: two digits are lost."""
_SMALLEST_SLOPE = 1e-3
"""A place that depends less on the inputs counts as one that does not."""


def central_part(interval: Interval) -> tuple[float, float]:
    """The least and the largest number of an interval to draw, both well inside of it.

    Raises:
        SettingError: if there is no number in the interval.

    >>> from autograd.gate import ANYTHING, POSITIVE
    >>> central_part(ANYTHING), central_part(POSITIVE), central_part(Interval(10.0, 20.0))
    ((-3.5, 3.5), (0.25, 3.75), (10.625, 19.375))
    """
    if not interval.low < interval.high:
        raise SettingError(
            f"no number lies between {interval.low!r} and {interval.high!r}: the low end of an "
            "Interval comes first, and is below the other"
        )
    low, high = _window(interval)
    margin = (high - low) * _MARGIN
    return low + margin, high - margin


def _window(interval: Interval) -> tuple[float, float]:
    nearest_to_zero = min(max(0.0, interval.low), interval.high)
    reach = _REACH * max(1.0, abs(nearest_to_zero))
    return max(interval.low, nearest_to_zero - reach), min(interval.high, nearest_to_zero + reach)


def is_away_from_kinks(gate: Gate, operands: Sequence[float], moving: float = 0.0) -> bool:
    """Whether the gate is smooth about these operands, which move by up to ``moving``.

    >>> from autograd import relu
    >>> is_away_from_kinks(relu, [0.1]), is_away_from_kinks(relu, [0.01])
    (True, False)
    """
    # The distance of a kink changes by up to pi times as much: that of floor is sin(pi x).
    margin = _KINK_MARGIN + math.pi * moving
    return all(abs(distance) > margin for distance in gate.kinks_at(*operands))


@dataclass(frozen=True, eq=False)
class Place:
    """A number of a program that is being made: an input, a constant, or a result of a step."""

    number: float
    spread: float = 0.0
    """The rounding errors that have come together in the number, as a multiple of one of 1.0."""
    gradient: tuple[float, ...] = ()
    """The derivative by each input; of a constant, ()."""
    gate: Gate | None = None
    operands: tuple[Place, ...] = ()

    @cached_property
    def slope(self) -> float:
        """How far the number moves at most when every input moves by one."""
        return sum(map(abs, self.gradient))

    @property
    def is_alive(self) -> bool:
        """Whether the number depends on the inputs by more than a trace."""
        return self.slope >= _SMALLEST_SLOPE

    def fits(self, interval: Interval) -> bool:
        """Whether the number stays inside the interval, also when the inputs move a little."""
        low, high = _window(interval)
        margin = (high - low) * _MARGIN + _MOVE * self.slope
        return interval.low + margin <= self.number <= interval.high - margin


@dataclass
class Tape:
    """The places of a program that is being made, and where they fit.

    >>> from autograd import exp, log
    >>> tape = Tape([0.0])
    >>> tape.append(exp, tape.inputs), tape.append(log, tape.inputs)
    (True, False)
    >>> tape.program().steps
    ((<gate exp: exp(x)>, (0,)),)
    """

    numbers: Sequence[float]
    inputs: list[Place] = field(init=False, default_factory=list)
    _places: list[Place] = field(init=False, default_factory=list)
    _fitting: dict[Interval, list[Place]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for i, number in enumerate(self.numbers):
            gradient = tuple(float(i == other) for other in range(len(self.numbers)))
            self.inputs.append(Place(number, max(1.0, abs(number)), gradient))
        for place in self.inputs:
            self._add(place)

    @property
    def latest(self) -> Place:
        """The last result, or the last input."""
        return self._places[-1]

    def fitting(self, interval: Interval) -> list[Place]:
        """The places inside of an interval, the latest last."""
        if interval not in self._fitting:
            self._fitting[interval] = [place for place in self._places if place.fits(interval)]
        return self._fitting[interval]

    def living(self, interval: Interval) -> list[Place]:
        """Those of them that depend on the inputs."""
        return [place for place in self.fitting(interval) if place.is_alive]

    def append(self, gate: Gate, operands: Sequence[Place]) -> bool:
        """Apply a gate to places inside of its domain, if the result is well defined; whether so.

        It is where the operands are away from the gate's kinks, and the result is neither large nor
        mostly rounding error.
        """
        numbers = [place.number for place in operands]
        moving = _MOVE * max(place.slope for place in operands)
        if not is_away_from_kinks(gate, numbers, moving):
            return False
        number, *derivatives = _result_and_derivatives(gate)(*numbers)
        size = max(1.0, abs(number))
        spread, gradient = 0.0, [0.0] * len(self.inputs)
        for place, derivative in zip(operands, derivatives, strict=True):
            spread += abs(derivative) * place.spread
            for i, slope in enumerate(place.gradient):
                gradient[i] += derivative * slope
        # So written that a nan is refused, too.
        if not (abs(number) <= _LARGEST and spread <= _LARGEST_SPREAD * size):
            return False
        self._add(Place(number, spread + size, tuple(gradient), gate, tuple(operands)))
        return True

    def program(self) -> ScalarProgram:
        """The program of the latest result that depends on the inputs, without what it needs not.

        Where none of them does, it is that of the latest result.
        """
        results = self._places[len(self.inputs) :]
        result = next((place for place in reversed(results) if place.is_alive), self.latest)
        constants = [operand for place in results for operand in place.operands if not operand.gate]
        constants = [place for place in constants if place not in self.inputs]
        leaves = [*self.inputs, *constants]
        results = results[: results.index(result) + 1] if result.gate else []
        numbers = {place: i for i, place in enumerate([*leaves, *results])}
        steps = tuple(_steps(results, numbers))
        return ScalarProgram(
            tuple(self.numbers), tuple(place.number for place in constants), steps
        ).pruned()

    def _add(self, place: Place) -> None:
        self._places.append(place)
        for interval, places in self._fitting.items():
            if place.fits(interval):
                places.append(place)


def _steps(
    results: Sequence[Place], numbers: dict[Place, int]
) -> Iterator[tuple[Gate, tuple[int, ...]]]:
    for place in results:
        if place.gate is not None:
            yield place.gate, tuple(numbers[operand] for operand in place.operands)


@cache
def _result_and_derivatives(gate: Gate) -> Callable[..., tuple[float, ...]]:
    return gate.float_local(*range(gate.arity))
