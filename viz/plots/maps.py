"""Feature maps: what the convolutions of a model make of one image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import Tensor, no_grad
from autograd.arrays import real_array
from autograd.errors import OperandError, ShapeError
from autograd.exact import shortened
from nn import Conv2d, Module
from nn.arguments import require_count
from nn.calls import recorded_calls
from nn.modes import modes_kept

from .figures import new_figure, note
from .images import columns_of_images, draw_images, height_of_images

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["feature_maps"]

Array: TypeAlias = npt.NDArray[Any]


def feature_maps(model: Module, sample: Tensor | npt.ArrayLike, *, limit: int = 16) -> list[Axes]:
    """Plot what each convolution of a model makes of one image, a panel for each.

    The model is in `eval` mode meanwhile. In a panel one scale holds for all maps: red is above 0,
    white is 0, blue is below.

    Args:
        model: a model with `Conv2d` layers, or such a layer itself.
        sample: one image, (channels, height, width), (1, channels, height, width), or
            (height, width) if it has one channel.
        limit: how many maps of a layer are shown at most, from the first.

    Returns:
        The axes, in the order in which the layers are called, of a new figure which pyplot does
        not keep; their images are the maps.

    Raises:
        ShapeError: sample is not one image, or not as the layers take it.
        OperandError: model is no module, calls no Conv2d, or sample is not of real numbers.
        SettingError: limit is not a whole number of at least 1.
        MissingExtraError: if matplotlib is not installed.

    >>> import nn
    >>> rng = np.random.default_rng(0)
    >>> net = nn.Sequential(nn.Conv2d(1, 6, 5, rng=rng), nn.ReLU(), nn.Conv2d(6, 16, 5, rng=rng))
    >>> [axes.get_title() for axes in feature_maps(net, rng.normal(size=(28, 28)))]
    ['0: 6 maps of 24 × 24', '2: 16 maps of 20 × 20']
    """
    where = "feature_maps"
    if not isinstance(model, Module):
        raise OperandError(f"{where}: model is {shortened(model)}; pass a module")
    require_count(limit, f"{where}: limit")
    image = _one_image(real_array(sample, f"{where}: sample holds"))
    with modes_kept(model), no_grad():
        model.eval()
        calls = recorded_calls(model, image).calls
    maps = [
        (call.path, np.asarray(call.output)[0]) for call in calls if isinstance(call.module, Conv2d)
    ]
    if not maps:
        raise OperandError(f"{where}: {type(model).__name__} calls no Conv2d; it makes no maps")
    counts = [min(len(of), limit) for _, of in maps]
    heights = [
        height_of_images(count, columns_of_images(count), of.shape[1:])
        for count, (_, of) in zip(counts, maps, strict=True)
    ]
    figure = new_figure(sum(heights) + 0.3 * len(maps))
    panels: list[Axes] = (
        figure.subplots(len(maps), squeeze=False, height_ratios=heights).ravel().tolist()
    )
    for axes, (path, of) in zip(panels, maps, strict=True):
        shown = of[:limit]
        draw_images(
            axes, shown, [str(place) for place in range(len(shown))], columns_of_images(len(shown))
        )
        prefix = f"{path}: " if path else ""
        size = f"{of.shape[1]} × {of.shape[2]}"
        axes.set_title(f"{prefix}{len(of)} maps of {size}", fontsize=10)
        if len(shown) < len(of):
            note(axes, f"the first {len(shown)} of {len(of)} maps")
    return panels


def _one_image(sample: Array) -> Array:
    """The image as a batch of one, (1, channels, height, width)."""
    if sample.ndim == 4 and len(sample) == 1:
        return sample
    if sample.ndim in (2, 3) and sample.size:
        return sample.reshape((1,) * (3 - sample.ndim) + (1, *sample.shape))
    mend = "; of a batch x, pass x[0]" if sample.ndim == 4 else ""
    raise ShapeError(
        f"feature_maps: sample of shape {sample.shape}; pass one image, (channels, height, width) "
        f"or (height, width){mend}"
    )
