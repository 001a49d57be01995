"""Weights as images: those of the first layer, and the kernels of a convolution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.arrays import real_array
from autograd.errors import OperandError, ShapeError
from autograd.exact import shortened
from nn import Linear, Module
from nn.arguments import require_count

from ..style import LIGHT
from .figures import SMALL, note, panel
from .palette import DIVERGING, colormap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "columns_of_images",
    "draw_images",
    "height_of_images",
    "kernel_images",
    "weight_images",
]

Array: TypeAlias = npt.NDArray[Any]

COLUMNS = 8
_GAP = 0.12
_LABEL = 0.36
"""The gap between images, and the room above them for their labels, as parts of their size."""


def weight_images(
    weights: Linear | Tensor | npt.ArrayLike,
    shape: tuple[int, int] = (28, 28),
    *,
    limit: int = 64,
    ax: Axes | None = None,
) -> Axes:
    """Plot the weights of a layer that looks at images: of each output, what it looks for.

    One scale holds for all images: red is above 0, white is 0, blue is below.

    Args:
        weights: a `Linear` layer, or its weight (inputs, outputs).
        shape: (height, width) of the images that are the inputs of the layer, row after row.
        limit: of how many outputs the weights are shown at most, from the first.
        ax: where to plot; a new figure of its own if left out, which pyplot does not keep.

    Returns:
        The axes; its images are those of the outputs, in their order.

    Raises:
        ShapeError: the weight is not (height * width, outputs).
        OperandError: weights are of a module without a weight, or not real numbers.
        SettingError: limit, or a number of shape, is not a whole number of at least 1.
        MissingExtraError: if matplotlib is not installed.

    >>> import nn
    >>> layer = nn.Linear(784, 10, rng=np.random.default_rng(0))
    >>> axes = weight_images(layer)
    >>> len(axes.get_images()), axes.get_images()[0].get_array().shape
    (10, (28, 28))
    """
    where = "weight_images"
    array = _weight_of(weights, where)
    require_count(limit, f"{where}: limit")
    for size in shape:
        require_count(size, f"{where}: a number of shape {shape}")
    if len(shape) != 2 or array.ndim != 2 or len(array) != shape[0] * shape[1] or not array.size:
        raise ShapeError(
            f"{where}: weight of shape {array.shape}, which is to be (inputs, outputs), for "
            f"images of shape {shape}, with {_product(shape)} inputs; pass the height and the "
            "width of the inputs as shape"
        )
    shown = array.T[:limit].reshape(-1, *shape)
    labels = [str(place) for place in range(len(shown))]
    columns = columns_of_images(len(shown))
    axes = panel(ax, where, height_of_images(len(shown), columns, shape))
    draw_images(axes, shown, labels, columns)
    _note_rest(axes, len(shown), array.shape[1], "outputs")
    return axes


def kernel_images(
    convolution: Module | Tensor | npt.ArrayLike,
    *,
    limit: int = 64,
    ax: Axes | None = None,
) -> Axes:
    """Plot the kernels of a convolution; each row has those of the input channels of one output.

    Kernels of one channel stand in rows of at most eight. One scale holds for all: red is above 0,
    white is 0, blue is below.

    Args:
        convolution: a `Conv2d` layer, or its weight (out_channels, in_channels, height, width).
        limit: how many images are shown at most; of more channels than 8, the first 8 are.
        ax: where to plot; a new figure of its own if left out, which pyplot does not keep.

    Returns:
        The axes; its images are the kernels, in their order.

    Raises:
        ShapeError: the weight has not four axes.
        OperandError: it is of a module without a weight, or not of real numbers.
        SettingError: limit is not a whole number of at least 1.
        MissingExtraError: if matplotlib is not installed.

    >>> import nn
    >>> layer = nn.Conv2d(3, 6, 5, rng=np.random.default_rng(0))
    >>> axes = kernel_images(layer)
    >>> len(axes.get_images()), axes.get_xlabel()
    (18, 'kernel, channel')
    """
    where = "kernel_images"
    array = _weight_of(convolution, where)
    require_count(limit, f"{where}: limit")
    if array.ndim != 4 or not array.size:
        raise ShapeError(
            f"{where}: weight of shape {array.shape}; kernels are (out_channels, in_channels, "
            "height, width), as those of Conv2d"
        )
    kernels, channels = array.shape[:2]
    across = min(channels, COLUMNS, limit)
    down = min(kernels, max(limit // across, 1))
    shown = array[:down, :across].reshape(-1, *array.shape[2:])
    labels = [
        f"{kernel}" if channels == 1 else f"{kernel}, {channel}"
        for kernel in range(down)
        for channel in range(across)
    ]
    columns = columns_of_images(len(shown)) if channels == 1 else across
    axes = panel(ax, where, height_of_images(len(shown), columns, array.shape[2:]))
    draw_images(axes, shown, labels, columns)
    axes.set_xlabel("kernel" if channels == 1 else "kernel, channel", fontsize=SMALL)
    _note_rest(axes, down, kernels, "kernels")
    _note_rest(axes, across, channels, "channels")
    return axes


def columns_of_images(count: int) -> int:
    """How many images stand in a row, so that all rows are about equally long."""
    rows = -(-count // COLUMNS)
    return -(-count // rows)


def height_of_images(count: int, columns: int, shape: Sequence[int]) -> float:
    """How high a figure of so many images is, in inches."""
    rows = -(-count // columns)
    # A colorbar stands beside the images, and a note may stand below.
    width = 4.6 / max(min(count, columns), 4)
    return 0.7 + rows * (width * shape[0] / shape[1] + 0.3)


def draw_images(axes: Axes, images: Array, labels: Sequence[str], columns: int) -> None:
    """Draw images (n, height, width) in rows on one scale around 0, with their labels above them.

    What is not finite is grey, and counted below.
    """
    finite = np.isfinite(images)
    largest = float(np.abs(images[finite]).max()) if finite.any() else 0.0
    scale = largest or 1.0
    height, width = images.shape[1:]
    right, down = width * (1 + _GAP), height + _LABEL * max(height, width)
    axes.set_facecolor("none")
    for place, (image, label) in enumerate(zip(images, labels, strict=True)):
        row, column = divmod(place, columns)
        x, y = column * right, row * down
        drawn = axes.imshow(
            np.ma.masked_invalid(image),
            cmap=colormap(DIVERGING, "#808080"),
            vmin=-scale,
            vmax=scale,
            extent=(x, x + width, y + height, y),
            interpolation="nearest",
        )
        axes.add_patch(_outline(x, y, width, height))
        axes.text(x + width / 2, y - 0.02 * height, label, fontsize=SMALL, ha="center", va="bottom")
    rows, across = -(-len(images) // columns), min(len(images), columns)
    axes.set_xlim(-0.02 * width, across * right - _GAP * width + 0.02 * width)
    axes.set_ylim(rows * down - (down - height) + 0.02 * height, height - down)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    _add_colorbar(axes, drawn, rows * down / (across * right))
    if not finite.all():
        note(axes, f"grey: {np.count_nonzero(~finite):,} of {finite.size:,} numbers, not finite")


def _outline(x: float, y: float, width: float, height: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, fill=False, edgecolor=LIGHT.wire, linewidth=0.6)


def _add_colorbar(axes: Axes, drawn: Any, ratio: float) -> None:
    """Add a colorbar to axes whose height is so many times their width."""
    figure = axes.get_figure(root=True)
    assert figure is not None, "axes to draw on have a figure"
    bar = figure.colorbar(drawn, ax=axes, shrink=0.9 / max(ratio, 1.0), aspect=18, pad=0.02)
    bar.ax.tick_params(labelsize=SMALL)
    bar.ax.locator_params(nbins=5)
    bar.outline.set_visible(False)


def _weight_of(given: Any, where: str) -> Array:
    if isinstance(given, Module):
        weight = getattr(given, "weight", None)
        if not isinstance(weight, Tensor):
            raise OperandError(
                f"{where}: {shortened(given)} has no weight; pass a layer that has, such as net[0]"
            )
        given = weight
    return real_array(given, f"{where}: the weight holds")


def _note_rest(axes: Axes, shown: int, count: int, what: str) -> None:
    if shown < count:
        note(axes, f"the first {shown} of {count} {what}")


def _product(shape: Sequence[int]) -> int:
    product = 1
    for size in shape:
        product *= size
    return product
