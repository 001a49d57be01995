"""Where an expression is well defined: every gate on the way inside of its domain, and smooth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..expression import Comparison, Expression, Step
from ..formula import names_in
from ..gate import Gate, Interval

__all__ = ["Demand", "Domain", "Obstacle"]


class Demand(NamedTuple):
    """How well defined an expression is to be at a point."""

    reach: float
    """By so many of its own size (at least of 1) every variable can be moved, and no gate comes to
    a kink or to a border of its domain, as far as the derivatives at the point tell."""
    largest: float
    """The largest result and derivative of a gate."""


class Obstacle(NamedTuple):
    """A step of an expression that is not well defined at its operands."""

    step: Step
    operands: tuple[float, ...]

    def __str__(self) -> str:
        numbers = ", ".join(f"{x:.3g}" for x in self.operands)
        gate = self.step.apply
        if isinstance(gate, Comparison):
            return f"the comparison of {numbers}, which are about equal"
        if gate.is_inside(self.operands):
            return f"{gate.name}({numbers}), at a kink or not finite"
        bounds = map(_bounds, gate.operand_names, gate.domain)
        return f"{gate.name}({numbers}), outside of {' and '.join(filter(None, bounds))}"


class Domain:
    """The points at which an expression is well defined.

    Args:
        expression: what is to be well defined; both branches of a ``where`` are.

    >>> domain = Domain(Expression("sqrt(x) * abs(y)"))
    >>> demand = Demand(reach=0.01, largest=1e6)
    >>> domain.obstacle((1.0, 2.0), demand)
    >>> print(domain.obstacle((-1.0, 2.0), demand))
    sqrt(-1), outside of x > 0
    >>> print(domain.obstacle((1.0, 0.001), demand))
    abs(0.001), at a kink or not finite
    """

    def __init__(self, expression: Expression) -> None:
        # Of each place, whether it moves with the variables; what a comparison decides does not.
        moves = [True] * len(expression.names)
        self._steps: list[_GateStep | _ComparisonStep] = []
        for step in expression.steps:
            moving = tuple(
                position
                for position, place in enumerate(step.operands)
                if isinstance(place, int) and moves[place]
            )
            if isinstance(step.apply, Comparison):
                self._steps.append(_ComparisonStep(step, step.apply))
                moves.append(False)
            else:
                self._steps.append(_GateStep(step, step.apply, moving))
                moves.append(bool(moving))

    def obstacle(self, point: Sequence[float], demand: Demand) -> Obstacle | None:
        """The first step that is not well defined at a point; None if all are."""
        numbers = list(point)
        # How far each place moves while every variable moves by its own size.
        moves = [max(1.0, abs(x)) for x in point]
        for defined in self._steps:
            operands = tuple(defined.step.operands_at(numbers))
            distances = tuple(
                moves[place] if isinstance(place, int) else 0.0 for place in defined.step.operands
            )
            found = defined.result(operands, distances, demand)
            if found is None:
                return Obstacle(defined.step, operands)
            result, move = found
            numbers.append(result)
            moves.append(move)
        return None


class _ComparisonStep:
    """A comparison of numbers of which one stays the larger."""

    def __init__(self, step: Step, comparison: Comparison) -> None:
        self.step = step
        self._comparison = comparison

    def result(
        self, operands: tuple[float, ...], moves: tuple[float, ...], demand: Demand
    ) -> tuple[float, float] | None:
        """What the comparison gives, which does not move; None where it may change."""
        left, right = operands
        if not abs(left - right) > demand.reach * sum(moves):
            return None
        return float(self._comparison(left, right)), 0.0


class _GateStep:
    """A gate that can be differentiated by the operands that move."""

    def __init__(self, step: Step, gate: Gate, moving: tuple[int, ...]) -> None:
        self.step = step
        self._gate = gate
        self._moving = moving
        names = {gate.operand_names[position] for position in moving}
        # A kink of operands that do not move is never crossed: where(0, x, y) is smooth.
        self._kinks = [number for number, kink in enumerate(gate.kinks) if names & names_in(kink)]
        self._local = gate.float_local(*moving) if moving else None

    def result(
        self, operands: tuple[float, ...], moves: tuple[float, ...], demand: Demand
    ) -> tuple[float, float] | None:
        """What the gate gives, and how far it moves; None where it is not well defined."""
        out, *slopes = self._local(*operands) if self._local else (self._gate(*operands),)
        if not all(math.isfinite(x) and abs(x) <= demand.largest for x in (out, *slopes)):
            return None
        if not self._is_inside(operands, moves, demand.reach):
            return None
        if not self._is_smooth(operands, moves, demand.reach):
            return None
        pairs = zip(slopes, self._moving, strict=True)
        return out, sum(abs(slope) * moves[position] for slope, position in pairs)

    def _is_inside(
        self, operands: tuple[float, ...], moves: tuple[float, ...], reach: float
    ) -> bool:
        """Whether no operand comes to a border of its interval."""
        borders = [
            border
            for position in self._moving
            for border in _borders(self._gate.domain[position])
            if not abs(operands[position] - border) > reach * moves[position]
        ]
        if borders:
            return False
        # The table gives one interval of several: 1 / x is smooth below zero, too. There a gate may
        # be cut along an axis, as atan2 is.
        return self._gate.is_inside(operands) or all(
            abs(operands[position]) > reach * moves[position] for position in self._moving
        )

    def _is_smooth(
        self, operands: tuple[float, ...], moves: tuple[float, ...], reach: float
    ) -> bool:
        """Whether the gate comes to no kink."""
        if not self._kinks:
            return True
        distances = self._gate.kinks_at(*operands)
        # A distance changes by up to pi times as much as the operands: that of floor is sin(pi x).
        margin = reach * math.pi * sum(moves)
        return all(abs(distances[number]) > margin for number in self._kinks)


def _borders(interval: Interval) -> Iterator[float]:
    return (border for border in (interval.low, interval.high) if math.isfinite(border))


def _bounds(name: str, interval: Interval) -> str:
    """An interval as a condition, such as ``-1 < x < 1``; empty where there is no border."""
    has_low, has_high = map(math.isfinite, (interval.low, interval.high))
    if has_low and not has_high:
        return f"{name} > {interval.low:.3g}"
    low = f"{interval.low:.3g} < " if has_low else ""
    return f"{low}{name} < {interval.high:.3g}" if has_high else ""
