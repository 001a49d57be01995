"""The frame of a descent: chosen by where it goes, and a way in it, which ends at its edge."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd.errors import OperandError, SettingError
from autograd.exact import shortened

from ..style import LIGHT
from .descending import Descent, heights_on
from .figures import open_frame
from .palette import color_of, marker_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "Frame",
    "chosen_frame",
    "draw_way",
    "finite_number",
    "finite_pair",
    "given_frame",
    "require_function",
    "set_frame",
]

Array: TypeAlias = npt.NDArray[np.float64]
Frame: TypeAlias = tuple[Array, Array]
"""The lowest and the highest corner, (axes,) each."""


def chosen_frame(f: Callable[..., Any], descents: Sequence[Descent], where: str) -> Frame:
    """A frame of the places that are no higher than the start, and of the lowest one near them.

    The first step is always in it, unless it is far off: it shows where a descent goes wrong.
    """
    begin = descents[0].places[0]
    reach = 4 * max(1.0, float(np.abs(begin).max()))
    sides = [np.linspace(number - reach, number + reach, 81) for number in begin]
    grid = np.meshgrid(*sides)
    heights = heights_on(f, grid, where)
    heights[~np.isfinite(heights)] = np.inf
    lowest = np.unravel_index(int(np.argmin(heights)), heights.shape)
    inside = all(0 < index < 80 for index in lowest)
    shown = [begin[None]]
    if inside and np.isfinite(heights[lowest]):
        shown.append(np.array([[part[lowest] for part in grid]]))
    for descent in descents:
        near = (np.abs(descent.places - begin) <= reach).all(axis=1)
        low = descent.losses <= descent.losses[0]
        low[:2] = True
        shown.append(descent.places[near & low])
    every = np.concatenate(shown)
    least, most = every.min(axis=0), every.max(axis=0)
    room = np.maximum(0.15 * (most - least), 0.05 * reach)
    return least - room, most + room


def given_frame(frame: Any, where: str) -> Frame:
    """The corners of a frame, or of a span, that a caller has chosen.

    Raises:
        SettingError: a side is not two finite numbers, the smaller first.
    """
    what = "span" if where == "descent_curve" else "frame"
    if not isinstance(frame, Iterable):
        frame = (frame,)
    sides = [finite_pair(side, f"{where}: {what}", "(-8.0, 8.0)") for side in frame]
    if where == "descent_paths" and len(sides) != 2:
        raise SettingError(f"{where}: frame is {frame!r}; pass ((-8.0, 8.0), (-3.0, 3.0))")
    for low, high in sides:
        if low >= high:
            raise SettingError(f"{where}: {what} goes from {low:g} to {high:g}; swap the two")
    low, high = np.array(sides).T
    return low, high


def _cut_at_edge(way: Array, corners: Frame) -> tuple[Array, int | None]:
    """A way (n, 2) up to where it first leaves the frame, and the step that does so, if any."""
    low, high = corners
    outside = np.flatnonzero(((way < low) | (way > high)).any(axis=1))
    if not len(outside):
        return way, None
    step = int(outside[0])
    if step == 0:
        return way[:0], 0
    inner, outer = way[step - 1], way[step]
    moved = outer - inner
    # Which part of the step it is to the edge that comes first.
    with np.errstate(all="ignore"):
        parts = np.where(moved > 0, (high - inner) / moved, (low - inner) / moved)
    part = float(np.min(parts[moved != 0]))
    return np.vstack([way[:step], np.clip(inner + part * moved, low, high)]), step


def draw_way(
    axes: Axes, descent: Descent, way: Array, corners: Frame, place: int, name: str = ""
) -> int | None:
    """Draw a way up to the edge of the frame, and return the step that leaves it, if any."""
    drawn, left = _cut_at_edge(way, corners)
    label = name
    if left == 0:
        label += " (starts outside)"
    elif left is not None:
        label += f" (leaves at step {left})"
    elif descent.stopped is not None:
        label += f" (not finite at step {descent.stopped})"
    color = color_of(place) if name else LIGHT.gradient
    # No marker at the edge, where no step ends.
    marked = list(range(len(drawn) - (left is not None)))
    axes.plot(
        *drawn.T,
        color=color,
        linewidth=1.3,
        marker=marker_of(place) if name else "o",
        # Of many steps, larger markers would cover one another.
        markersize=4.5 if len(drawn) <= 50 else 2.0,
        markeredgecolor="white" if len(drawn) <= 50 else color,
        markeredgewidth=0.4,
        markevery=marked,
        label=label or "_way",
    )
    if len(drawn) and (left is not None or descent.stopped is not None):
        axes.scatter(
            drawn[-1, 0],
            drawn[-1, 1],
            s=70,
            marker="x",
            color=color,
            linewidth=2.2,
            clip_on=False,
            zorder=6,
        )
    return left


def set_frame(axes: Axes, corners: Frame) -> None:
    """Let axes show the frame (2,) and no more."""
    (left, bottom), (right, top) = corners
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    open_frame(axes)


def finite_pair(given: Any, where: str, example: str) -> Array:
    """Two finite numbers, (2,).

    Raises:
        SettingError: they are none; the message begins with `where`.
    """
    try:
        pair = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        pair = np.empty(0)
    if pair.shape != (2,) or not np.isfinite(pair).all():
        raise SettingError(
            f"{where} is {shortened(given)}; pass two finite numbers, such as {example}"
        )
    return pair


def finite_number(given: Any, where: str) -> float:
    """One finite number.

    Raises:
        SettingError: it is none; the message begins with `where`.
    """
    if isinstance(given, bool) or not isinstance(given, int | float | np.number):
        raise SettingError(f"{where} is {shortened(given)}; pass a finite number, such as 0.1")
    if not math.isfinite(given):
        raise SettingError(f"{where} is {given}; pass a finite number, such as 0.1")
    return float(given)


def require_function(given: Any, where: str, name: str, example: str) -> None:
    """Insist on a function.

    Raises:
        OperandError: it is none.
    """
    if not callable(given):
        raise OperandError(f"{where}: {name} is {shortened(given)}; pass a function: {example}")
