"""Points at which an expression is well defined, drawn by trying."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ..errors import FormulaError
from ..exact import shortened
from ..expression import Expression
from .domain import Demand, Domain, Obstacle

__all__ = ["sample_points"]

Point = tuple[float, ...]

# Comfortable points first; at some only very little can be moved.
_DEMANDS = (Demand(1e-2, 1e6), Demand(1e-6, 1e12), Demand(0.0, math.inf))
# Numbers are drawn within so many powers of ten of 1, with both signs.
_DECADES = (1.0, 3.0, 6.0)
# So many draws for each demand and reach.
_DRAWS = 1000
# Where fewer are inside, half of the draws are made close to a point that was found.
_RARE = 0.1


def sample_points(
    expression: Expression,
    rng: np.random.Generator,
    count: int,
    *,
    fixed: Mapping[str, float] | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> list[Point]:
    """Draw points at which an expression can be differentiated, by trying until some are found.

    At each of them every gate has a finite result and finite derivatives, and is away from its
    kinks and from the borders of its domain. Both branches of a ``where`` are held to that.

    Args:
        expression: what is to be well defined.
        rng: what is drawn from.
        count: how many points.
        fixed: variables that have the same number at every point.
        ranges: the least and the largest number of a variable, which is drawn evenly between them;
            others are drawn at several scales, with both signs.

    Returns:
        the points, each the numbers of ``expression.names`` in order; fewer than ``count`` where
        they are rare.

    Raises:
        FormulaError: if no point is found, naming the gate that was never inside of its domain.

    >>> rng = np.random.default_rng(0)
    >>> all(x > 0 for x, in sample_points(Expression("log(x)"), rng, 10))
    True
    >>> sample_points(Expression("log(-x*x)"), rng, 10)
    Traceback (most recent call last):
    autograd.errors.FormulaError: formula 'log(-x*x)': no point was found ... outside of x > 0; ...
    """
    draw = _Draw(expression, rng, fixed or {}, ranges or {})
    domain = Domain(expression)
    points: list[Point] = []
    for demand in _DEMANDS:
        obstacles: list[Obstacle] = []
        for drawn, decades in enumerate(np.repeat(_DECADES, _DRAWS)):
            is_rare = bool(points) and len(obstacles) > (1 - _RARE) * drawn
            point = draw.near(points) if is_rare and rng.random() < 0.5 else draw.anew(decades)
            obstacle = domain.obstacle(point, demand)
            if obstacle is not None:
                obstacles.append(obstacle)
                continue
            points.append(point)
            if len(points) >= count:
                return points
    if not points:
        raise _nowhere(expression, obstacles)
    return points


class _Draw:
    """Draws the numbers of the variables."""

    def __init__(
        self,
        expression: Expression,
        rng: np.random.Generator,
        fixed: Mapping[str, float],
        ranges: Mapping[str, tuple[float, float]],
    ) -> None:
        self._rng = rng
        self._names = expression.names
        self._ranges = {**ranges, **{name: (number, number) for name, number in fixed.items()}}

    def anew(self, decades: float) -> Point:
        """Numbers of every size, within so many powers of ten of 1."""
        return tuple(self._number(name, decades) for name in self._names)

    def near(self, points: Sequence[Point]) -> Point:
        """Numbers close to those of a point."""
        rng = self._rng
        found = points[int(rng.integers(len(points)))]
        step = 10.0 ** rng.uniform(-3.0, 0.0)
        moved = [x + abs(x) * step * rng.normal() for x in found]
        return tuple(
            min(max(x, self._ranges[name][0]), self._ranges[name][1]) if name in self._ranges else x
            for name, x in zip(self._names, moved, strict=True)
        )

    def _number(self, name: str, decades: float) -> float:
        if name in self._ranges:
            return float(self._rng.uniform(*self._ranges[name]))
        return float(self._rng.choice([-1.0, 1.0]) * 10.0 ** self._rng.uniform(-decades, decades))


def _nowhere(expression: Expression, obstacles: Sequence[Obstacle]) -> FormulaError:
    """What to say where no point was found: at which step all draws ended that came so far."""
    last = max((each.step for each in obstacles), key=expression.steps.index)
    examples = [each for each in obstacles if each.step == last]
    return FormulaError(
        f"formula {shortened(expression.text)}: no point was found at which it is well defined; "
        f"in each of the {len(examples)} draws that came so far the obstacle was {examples[0]}; "
        "give ranges of the variables, or a point"
    )
