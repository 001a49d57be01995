"""The ways that optimizers take down a surface."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import OperandError
from autograd.exact import shortened
from nn.arguments import require_count

from ..style import LIGHT
from .descending import descend, heights_on
from .figures import SMALL, note, panel
from .frames import (
    Frame,
    chosen_frame,
    draw_way,
    finite_pair,
    given_frame,
    require_function,
    set_frame,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nn import Optimizer

__all__ = ["descent_paths"]

Array: TypeAlias = npt.NDArray[np.float64]

_LEVELS = np.linspace(0.0, 1.0, 15) ** 2
"""Of a valley, whose floor evenly spaced levels would leave empty."""


def descent_paths(
    surface: Callable[[Tensor, Tensor], Tensor],
    optimizers: Mapping[str, Callable[[list[Tensor]], Optimizer]],
    start: Sequence[float],
    steps: int = 30,
    *,
    frame: Sequence[Sequence[float]] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Plot the ways that optimizers take over the contour lines of a surface.

    A way that leaves the frame ends at its edge, and one that meets a number that is not finite at
    the last place before; a cross marks the end, and the legend names the step.

    Args:
        surface: an elementwise function of x and y, such as ``lambda x, y: x**2 / 20 + y**2``.
        optimizers: for each name, what makes an optimizer of a list of parameters, such as
            ``lambda parameters: nn.SGD(parameters, lr=0.95)``.
        start: (x, y), where all of them begin.
        steps: how many each makes.
        frame: ((lowest x, highest x), (lowest y, highest y)); chosen by the ways if left out.
        ax: where to plot; a new figure of its own if left out, which pyplot does not keep.

    Returns:
        The axes, which have one line for each optimizer, in their order.

    Raises:
        OperandError: surface is no function or gives no Tensor, or optimizers is no mapping to
            what makes optimizers.
        ShapeError: the surface changes the shape.
        SettingError: start or frame is not of finite numbers, the surface is not finite at the
            start, or steps is not a whole number of at least 1.
        MissingExtraError: if matplotlib is not installed.

    >>> import nn
    >>> axes = descent_paths(
    ...     lambda x, y: x**2 / 20 + y**2,
    ...     {"SGD": lambda parameters: nn.SGD(parameters, lr=0.95)},
    ...     start=(-7.0, 2.0),
    ... )
    >>> np.round(axes.get_lines()[0].get_xydata()[:2], 3)
    array([[-7.   ,  2.   ],
           [-6.335, -1.8  ]])
    """
    where = "descent_paths"
    require_function(surface, where, "surface", "lambda x, y: x**2 / 20 + y**2")
    if not isinstance(optimizers, Mapping) or not optimizers:
        raise OperandError(
            f"{where}: optimizers is {shortened(optimizers)}; pass a mapping such as "
            '{"SGD": lambda parameters: nn.SGD(parameters, lr=0.95)}'
        )
    begin = finite_pair(start, f"{where}: start", "(-7.0, 2.0)")
    require_count(steps, f"{where}: steps")
    descents = {
        name: descend(surface, make, begin, steps, where, f"optimizers[{name!r}]")
        for name, make in optimizers.items()
    }
    chosen = chosen_frame(surface, list(descents.values()), where)
    corners = chosen if frame is None else given_frame(frame, where)
    axes = panel(ax, where, 4.2)
    axes.set_xlabel("x")
    axes.set_ylabel("y")
    _draw_contour(axes, surface, corners, where)
    for place, (name, descent) in enumerate(descents.items()):
        draw_way(axes, descent, descent.places, corners, place, name)
    axes.scatter(
        begin[0], begin[1], s=60, facecolor="none", edgecolor=LIGHT.ink, zorder=5, label="start"
    )
    set_frame(axes, corners)
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, frameon=False, fontsize=SMALL)
    return axes


def _draw_contour(axes: Axes, surface: Callable[..., Any], corners: Frame, where: str) -> None:
    sides = [np.linspace(low, high, 121) for low, high in zip(*corners, strict=True)]
    heights = heights_on(surface, np.meshgrid(*sides), where)
    finite = np.isfinite(heights)
    if not finite.all():
        note(axes, f"{np.count_nonzero(~finite):,} of {finite.size:,} heights not finite")
    if not finite.any() or np.ptp(heights[finite]) == 0:
        return
    low, high = float(heights[finite].min()), float(heights[finite].max())
    axes.contour(
        *sides,
        np.ma.masked_invalid(heights),
        levels=low + (high - low) * _LEVELS[1:-1],
        colors=LIGHT.wire,
        linewidths=0.7,
        linestyles="solid",
        alpha=0.7,
    )
