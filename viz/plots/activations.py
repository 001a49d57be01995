"""Activation functions and their derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

import autograd
from autograd import elementwise_grad, no_grad
from autograd.errors import OperandError, SettingError, ShapeError
from autograd.exact import shortened

from ..style import LIGHT
from .figures import SMALL, new_panels, note, open_frame, panel
from .palette import color_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["activation_curves"]

Array: TypeAlias = npt.NDArray[np.float64]
Function: TypeAlias = Callable[[Any], Any]

_OF_THE_LECTURES = (
    autograd.step,
    autograd.sigmoid,
    autograd.tanh,
    autograd.relu,
    autograd.leaky_relu,
    autograd.softplus,
)
_POINTS = 401


def activation_curves(
    functions: Mapping[str, Function] | Iterable[Function] = _OF_THE_LECTURES,
    *,
    span: tuple[float, float] = (-5.0, 5.0),
    ax: Axes | None = None,
) -> list[Axes]:
    """Plot activation functions, and dashed the derivative that autograd has of each.

    Where a function or a derivative jumps, its line is broken.

    Args:
        functions: elementwise functions of an array, such as the gates `autograd.relu` and
            `autograd.gelu` or the module `nn.LeakyReLU(0.1)`; a mapping gives their names.
        span: from where to where the operand goes.
        ax: where to plot all of them in one panel; without it each has its own, in a new figure
            which pyplot does not keep.

    Returns:
        The axes of each function, or the one that was given.

    Raises:
        OperandError: an entry is no function, or not elementwise, or there is none.
        SettingError: span is not two finite numbers of which the second is larger.
        ShapeError: a function changes the shape.
        MissingExtraError: if matplotlib is not installed.

    >>> import nn
    >>> axes = activation_curves([autograd.tanh, nn.LeakyReLU(0.1)])
    >>> [panel.get_title() for panel in axes]
    ['tanh', 'LeakyReLU(slope=0.1)']
    >>> value, derivative, zero = axes[0].get_lines()
    >>> float(derivative.get_ydata().max())
    1.0
    """
    named = _named(functions)
    low, high = _checked_span(span)
    x = np.linspace(low, high, _POINTS)
    computed = {name: _curves(name, function, x) for name, function in named.items()}
    if ax is None:
        panels = new_panels(len(named), 3, 2.2, 2.6, sharex=True)
    else:
        panels = [panel(ax, "activation_curves", 0)] * len(named)
    for place, (axes, (name, curves)) in enumerate(zip(panels, computed.items(), strict=True)):
        lost = int(np.count_nonzero(~np.isfinite(curves[:2]).all(axis=0)))
        colors = (LIGHT.value, LIGHT.gradient) if ax is None else (color_of(place),) * 2
        _draw(axes, x, curves, colors, ("function", "derivative") if ax is None else (name, ""))
        if ax is None:
            axes.set_title(name, fontsize=10)
        if lost:
            whose = "" if ax is None else f" of {name}"
            note(axes, f"not finite{whose} at {lost} of {len(x)} places")
    for axes in panels if ax is None else [ax]:
        axes.axhline(0.0, color=LIGHT.wire, linewidth=0.6, zorder=0)
    if ax is not None:
        ax.legend(
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            ncols=3,
            frameon=False,
            fontsize=SMALL,
            title="solid: the function, dashed: its derivative",
            title_fontsize=SMALL,
            alignment="left",
        )
        return [ax]
    figure = panels[0].get_figure(root=True)
    assert figure is not None, "panels of a new figure have it"
    # Outside of the panels, where no curve is.
    figure.legend(
        handles=panels[0].get_lines()[:2],
        loc="outside lower center",
        ncols=2,
        frameon=False,
        fontsize=SMALL,
    )
    return panels


def _named(functions: Mapping[str, Function] | Iterable[Function]) -> dict[str, Function]:
    if isinstance(functions, Mapping):
        named = dict(functions)
    else:
        listed = list(functions) if isinstance(functions, Iterable) else [functions]
        named = {_name(function): function for function in listed}
    for name, function in named.items():
        if not callable(function):
            raise OperandError(
                f"activation_curves: {name} is {shortened(function)}; pass a function, such as "
                "autograd.relu"
            )
    if not named:
        raise OperandError("activation_curves: there is no function; pass [autograd.relu]")
    return named


def _name(function: Any) -> str:
    if isinstance(function, autograd.Gate):
        return function.name.replace("_", " ")
    return str(getattr(function, "__name__", None) or shortened(function))


def _checked_span(span: tuple[float, float]) -> tuple[float, float]:
    if len(span) != 2 or not all(map(math.isfinite, span)) or not span[0] < span[1]:
        raise SettingError(
            f"activation_curves: span is {span!r}; pass two finite numbers, the smaller first, "
            "such as (-5, 5)"
        )
    return float(span[0]), float(span[1])


def _curves(name: str, function: Function, x: Array) -> Array:
    """The function, its derivative and its second derivative at x: (3, n)."""
    first = elementwise_grad(function)
    with np.errstate(all="ignore"), no_grad():
        value = np.asarray(function(x))
        if value.shape != x.shape:
            raise ShapeError(
                f"activation_curves: {name} makes shape {value.shape} of {x.shape}; pass an "
                "elementwise function"
            )
        # What depends on its neighbours has no curve, and its gradient is no derivative.
        alone = [float(np.asarray(function(x[at : at + 1])).reshape(-1)[0]) for at in (0, -2)]
        if not np.allclose(alone, value[[0, -2]], equal_nan=True):
            raise OperandError(
                f"activation_curves: {name} is not elementwise: at {x[0]:g} alone it is "
                f"{alone[0]:g}, and among others {value[0]:g}"
            )
        curves = np.stack([value, first(x), elementwise_grad(first)(x)]).astype(np.float64)
    # Where a function has no value it has no derivative, whatever the formula of one gives there.
    curves[1:, ~np.isfinite(curves[0])] = np.nan
    return curves


def _draw(
    axes: Axes, x: Array, curves: Array, colors: tuple[str, str], labels: tuple[str, str]
) -> None:
    for which, style in enumerate(("-", "--")):
        steps, heights = _broken(x, curves[which], curves[which + 1])
        axes.plot(
            steps,
            heights,
            style,
            color=colors[which],
            linewidth=1.8,
            label=labels[which] or f"_{which}",
        )
    open_frame(axes)


def _broken(x: Array, y: Array, slope: Array) -> tuple[Array, Array]:
    """The curve with a gap wherever it moves by far more than its slope tells."""
    with np.errstate(all="ignore"):
        steepest = np.maximum(np.abs(slope[:-1]), np.abs(slope[1:]))
        spread = np.ptp(y[np.isfinite(y)]) if np.isfinite(y).any() else 0.0
        jumps = np.abs(np.diff(y)) > 4 * steepest * np.diff(x) + 0.02 * spread
    after = np.flatnonzero(jumps) + 1
    return np.insert(x, after, x[after]), np.insert(y, after, np.nan)
