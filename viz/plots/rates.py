"""What a learning rate makes of a descent in one dimension."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import SettingError
from nn import SGD
from nn.arguments import require_count

from ..style import LIGHT
from .descending import Descent, descend, heights_on
from .figures import new_panels, note, percent
from .frames import (
    chosen_frame,
    draw_way,
    finite_number,
    given_frame,
    require_function,
    set_frame,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nn import Optimizer

__all__ = ["descent_curve"]

Array: TypeAlias = npt.NDArray[np.float64]


def descent_curve(
    f: Callable[[Tensor], Tensor],
    start: float,
    rates: Sequence[float],
    steps: int = 10,
    *,
    span: Sequence[float] | None = None,
) -> list[Axes]:
    """Plot gradient descent over a curve, with a panel for each learning rate.

    Above a panel stands what its rate does: how many steps overshoot, which is to go past a place
    where the slope is 0, and which share of the way down is done. A way that leaves the panel ends
    at its edge with a cross, and so does one at the last place before it is not finite.

    Args:
        f: an elementwise function of w, such as ``lambda w: w**2``.
        start: the w where all of them begin.
        rates: the learning rates, each above 0.
        steps: how many are made with each.
        span: (lowest w, highest w); chosen by the ways if left out.

    Returns:
        The axes, in the order of the rates, of a new figure which pyplot does not keep; the first
        line of each is the curve, the second the way.

    Raises:
        OperandError: f is no function or gives no Tensor.
        ShapeError: f changes the shape.
        SettingError: start, rates or span are not finite numbers, there is no rate, f is not finite
            at the start or in the span, or steps is not a whole number of at least 1.
        MissingExtraError: if matplotlib is not installed.

    >>> axes = descent_curve(lambda w: w**2, -4.0, [0.001, 0.3, 0.95, 1.3])
    >>> for panel in axes:
    ...     print(panel.get_title().splitlines()[1])
    hardly moves: 4% down
    100% down
    overshoots in 10 steps
    overshoots, leaves at step 2
    """
    where = "descent_curve"
    require_function(f, where, "f", "lambda w: w**2")
    begin = np.array([finite_number(start, f"{where}: start")])
    learning_rates = [finite_number(rate, f"{where}: a rate") for rate in rates]
    if not learning_rates or min(learning_rates) <= 0:
        raise SettingError(f"{where}: rates are {rates!r}; pass numbers above 0, such as [0.1]")
    require_count(steps, f"{where}: steps")
    descents = [descend(f, _sgd(rate), begin, steps, where, "SGD") for rate in learning_rates]
    corners = chosen_frame(f, descents, where)
    if span is not None:
        corners = given_frame([span], where)
    w = np.linspace(corners[0][0], corners[1][0], 400)
    heights = heights_on(f, [w], where)
    if not np.isfinite(heights).any():
        raise SettingError(
            f"{where}: from {w[0]:g} to {w[-1]:g} the function is finite nowhere; pass another span"
        )
    low, high = (float(pick(heights[np.isfinite(heights)])) for pick in (np.min, np.max))
    room = 0.06 * (high - low) or 0.5
    box = (np.array([w[0], low - room]), np.array([w[-1], high + room]))
    panels = new_panels(len(descents), 3, 2.6, 2.7)
    for place, (axes, descent) in enumerate(zip(panels, descents, strict=True)):
        axes.plot(w, heights, color=LIGHT.wire, linewidth=1.2)
        way = np.column_stack([descent.places[:, 0], descent.losses])
        left = draw_way(axes, descent, way, box, place)
        done = _verdict(descent, left, low)
        axes.set_title(f"learning rate {learning_rates[place]:g}\n{done}", fontsize=10)
        axes.set_xlabel("w")
        axes.set_ylabel("f(w)" if place % 3 == 0 else "")
        set_frame(axes, box)
        lost = int(np.count_nonzero(~np.isfinite(heights)))
        if lost:
            note(axes, f"{lost} of {len(w)} heights not finite")
    return panels


def _sgd(rate: float) -> Callable[[list[Tensor]], Optimizer]:
    return lambda parameters: SGD(parameters, lr=rate)


def _verdict(descent: Descent, left: int | None, lowest: float) -> str:
    """What a learning rate does, in a few words."""
    slopes = descent.slopes[:, 0]
    # A slope that has come down to rounding errors has any sign.
    turned = slopes[1:] * slopes[:-1] < -1e-12 * slopes[0] ** 2
    overshot = int(np.count_nonzero(turned[:left]))
    if left == 0:
        return "starts outside"
    if left is not None:
        return f"{'overshoots, ' if overshot else ''}leaves at step {left}"
    if descent.stopped is not None:
        return f"not finite at step {descent.stopped}"
    if overshot:
        return f"overshoots in {overshot} step{'s' * (overshot > 1)}"
    first, last = float(descent.losses[0]), float(descent.losses[-1])
    down = (first - last) / (first - min(lowest, last)) if first > min(lowest, last) else 1.0
    return f"{'hardly moves: ' * (down < 0.2)}{percent(down)} down"
