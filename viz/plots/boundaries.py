"""The regions of two features that a classifier gives to each of its classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import Tensor, no_grad
from autograd.arrays import real_array
from autograd.errors import LabelError, OperandError, SettingError, ShapeError
from autograd.exact import shortened
from nn import Module, predict
from nn.arguments import require_count

from ..style import LIGHT
from .figures import SMALL, note, open_frame, panel
from .palette import color_of, marker_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["decision_boundary"]

Array: TypeAlias = npt.NDArray[Any]
Classifier: TypeAlias = Module | Callable[[Array], Any]

_WHERE = "decision_boundary"


def decision_boundary(
    model: Classifier,
    x: Tensor | npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    threshold: float = 0.0,
    classes: Sequence[str] | None = None,
    features: tuple[str, str] = ("feature 0", "feature 1"),
    resolution: int = 200,
    ax: Axes | None = None,
) -> Axes:
    """Plot which class a model gives to each place of a plane, and the samples on it.

    Each class has a colour and a marker of its own; the black line is the boundary. Samples with a
    number that is not finite are left out, and counted below the plot.

    Args:
        model: a module, which is in `eval` mode meanwhile, or a function: from features (n, 2) to
            the scores of k classes (n, k), of which the largest decides, or to one output, (n,) or
            (n, 1), of a class that is or is not.
        x: (n, 2), the samples.
        y: (n,), the class of each: integers from 0, or -1 and 1 if the model has one output.
        threshold: what one output has to exceed: 0 for a logit, 0.5 for a probability or for an
            output of 0 and 1.
        classes: what each class is called.
        features: what the two features are called.
        resolution: at how many places along each feature the model is asked.
        ax: where to plot; a new figure of its own if left out, which pyplot does not keep.

    Returns:
        The axes.

    Raises:
        ShapeError: x is not (n, 2), y is not (n,), there is no finite sample, or the model gives
            what are not scores.
        LabelError: a label is not an integer, or there is no such class or no name for it.
        OperandError: model is no function, or x has no real numbers.
        SettingError: threshold is not finite, or resolution not a whole number of at least 2.
        MissingExtraError: if matplotlib is not installed.

    >>> import nn
    >>> corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    >>> both = nn.Perceptron([1.0, 1.0], -1.5)
    >>> axes = decision_boundary(both, corners, [0, 0, 0, 1], threshold=0.5)
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['class 0', 'class 1']
    """
    _check_settings(model, threshold, resolution)
    points, labels = _samples(x, y)
    finite = np.isfinite(points).all(axis=1)
    if not finite.any():
        raise ShapeError(f"{_WHERE}: x of shape {points.shape} has no sample of finite numbers")
    columns = [_along(points[finite, axis], resolution) for axis in (0, 1)]
    scores = _scores(model, columns, points.dtype)
    margins = _margins(scores, threshold)
    codes, names = _classes(labels, len(margins), classes)
    axes = panel(ax, _WHERE, 4.6)
    _draw_regions(axes, columns, margins)
    for place, name in enumerate(names):
        own = points[finite & (codes == place)]
        axes.scatter(
            own[:, 0],
            own[:, 1],
            s=26,
            marker=marker_of(place),
            facecolor=color_of(place),
            edgecolor="white",
            linewidth=0.6,
            label=name,
            zorder=3,
        )
    axes.set_xlabel(features[0])
    axes.set_ylabel(features[1])
    open_frame(axes)
    # Above the plot, where no sample is.
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=min(len(names), 4),
        frameon=False,
        fontsize=SMALL,
        columnspacing=1.2,
        handletextpad=0.3,
    )
    if not finite.all():
        lost = np.count_nonzero(~finite)
        note(axes, f"left out: {lost} of {len(points)} samples, not finite")
    if np.isnan(margins).any():
        note(axes, "white: the model's output is not finite")
    return axes


def _check_settings(model: Any, threshold: float, resolution: int) -> None:
    if not callable(model):
        raise OperandError(
            f"{_WHERE}: model is {shortened(model)}; pass a module, or a function of samples (n, 2)"
        )
    if not math.isfinite(threshold):
        raise SettingError(f"{_WHERE}: threshold is {threshold!r}; pass a finite number, such as 0")
    require_count(resolution, f"{_WHERE}: resolution")
    if resolution < 2:
        raise SettingError(f"{_WHERE}: resolution is {resolution}; pass at least 2, such as 200")


def _samples(x: Any, y: Any) -> tuple[Array, Array]:
    points, labels = real_array(x, f"{_WHERE}: x holds"), np.asarray(y)
    if points.ndim != 2 or points.shape[1] != 2 or labels.shape != points.shape[:1]:
        mend = "pass two columns of x, such as x[:, [0, 1]]"
        if points.ndim == 2 and points.shape[1] == 2:
            mend = "pass one label for each sample"
            if labels.ndim == 2:
                mend += "; one-hot rows become labels by .argmax(axis=1)"
        raise ShapeError(
            f"{_WHERE}: x of shape {points.shape} and y of shape {labels.shape}; "
            f"they are (n, 2) and (n,): {mend}"
        )
    floats = points.astype(np.result_type(points, np.float32), copy=False)
    return floats, labels


def _along(values: Array, resolution: int) -> Array:
    """Places along a feature, from somewhat before the first sample to somewhat after the last."""
    low, high = float(values.min()), float(values.max())
    margin = 0.08 * (high - low) or 0.5 * abs(low) or 0.5
    return np.linspace(low - margin, high + margin, resolution)


def _scores(model: Classifier, columns: list[Array], dtype: Any) -> Array:
    """The outputs of the model on a grid: (rows, columns) or (rows, columns, classes)."""
    shape = (len(columns[1]), len(columns[0]))
    grid = np.stack(np.meshgrid(*columns), axis=-1).reshape(-1, 2).astype(dtype)
    if isinstance(model, Module):
        outputs = predict(model, grid, batch_size=10_000)
    else:
        with no_grad():
            outputs = np.asarray(model(grid))
    if outputs.shape[:1] != grid.shape[:1] or outputs.ndim > 2 or not outputs.size:
        raise ShapeError(
            f"{_WHERE}: the model makes shape {outputs.shape} of samples {grid.shape}; it is to "
            "give (n, classes), (n, 1) or (n,)"
        )
    numbers = real_array(outputs, f"{_WHERE}: the model gives").astype(np.float64)
    return numbers.reshape(*shape, -1)


def _margins(scores: Array, threshold: float) -> Array:
    """By how much each class wins: (classes, rows, columns), above 0 where it does."""
    if scores.shape[-1] == 1:
        above = scores[..., 0] - threshold
        # Of an output that is 0 or 1, as a perceptron's, the boundary lies midway.
        if len(np.unique(above[np.isfinite(above)])) <= 2:
            above = np.where(np.isfinite(above), np.where(above > 0, 1.0, -1.0), np.nan)
        both = np.stack([-above, above])
    else:
        ordered = np.sort(scores, axis=-1)
        others = np.where(scores == ordered[..., -1:], ordered[..., -2:-1], ordered[..., -1:])
        with np.errstate(invalid="ignore"):
            both = np.moveaxis(scores - others, -1, 0)
    finite = np.isfinite(both).all(axis=0)
    return np.where(finite, both, np.nan)


def _classes(
    labels: Array, count: int, classes: Sequence[str] | None
) -> tuple[npt.NDArray[np.intp], list[str]]:
    """The class of each sample, counted from 0, and the names of all classes."""
    whole = labels.dtype.kind in "iub" or (
        labels.dtype.kind == "f" and bool((labels == np.round(labels)).all())
    )
    if not whole:
        raise LabelError(
            f"{_WHERE}: y holds {shortened(labels.tolist()[0])}, not integers from 0; their names "
            "go into classes"
        )
    codes = labels.astype(np.intp)
    signs = count == 2 and set(codes.tolist()) <= {-1, 1} and -1 in codes
    names = [f"class {sign}" for sign in ((-1, 1) if signs else range(count))]
    codes = (codes + 1) // 2 if signs else codes
    outside = np.flatnonzero((codes < 0) | (codes >= count))
    if len(outside):
        raise LabelError(
            f"{_WHERE}: y has {labels.tolist()[outside[0]]} in row {outside[0]}, and the model "
            f"tells {count} classes apart, 0 to {count - 1}"
        )
    if classes is None:
        return codes, names
    if len(classes) != count:
        raise LabelError(
            f"{_WHERE}: {len(classes)} names for {count} classes; pass one for each class"
        )
    return codes, [str(name) for name in classes]


def _draw_regions(axes: Axes, columns: list[Array], margins: Array) -> None:
    from matplotlib.colors import ListedColormap

    winners = np.where(
        np.isnan(margins[0]), np.nan, np.argmax(np.nan_to_num(margins, nan=0.0), axis=0)
    )
    axes.pcolormesh(
        *columns,
        winners,
        cmap=ListedColormap([color_of(place) for place in range(len(margins))]),
        vmin=-0.5,
        vmax=len(margins) - 0.5,
        alpha=0.2,
        shading="nearest",
        rasterized=True,
        linewidth=0,
    )
    # The two sides of two classes have the same line.
    for margin in margins[1:] if len(margins) == 2 else margins:
        known = margin[np.isfinite(margin)]
        if known.size and known.min() < 0 < known.max():
            axes.contour(*columns, margin, levels=[0.0], colors=LIGHT.ink, linewidths=1.2)
