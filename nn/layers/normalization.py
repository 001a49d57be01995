"""Normalizations: numbers brought to a mean of 0 and a variance of 1, or to a mean square of 1.

The variance is that of what is left once the mean is taken away, never a difference of two large
means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import SettingError, ShapeError, TraceError
from autograd.modes import trace_here
from nn.arguments import require_count, require_float
from nn.module import Module

__all__ = ["BatchNorm", "LayerNorm", "RMSNorm"]


class BatchNorm(Module):
    """(x - mean) / sqrt(variance + eps) * weight + bias, by the statistics of each feature.

    The input is (n, features), or images (n, features, height, width); the output likewise. In
    training the mean and the (biased) variance are those of the batch, over all axes but that of
    the features, and the running ones come closer to them by the share `momentum`, to the unbiased
    variance. In `eval` the running ones are taken. The parameters are `weight` (features,), which
    begins as 1, and `bias` (features,), as 0; the buffers `running_mean` (features,), as 0, and
    `running_var` (features,), as 1.

    Args:
        features: how many, at least 1; of images, the channels.
        momentum: the share of the batch in the running statistics, from 0 to 1.
        eps: is added to the variance, above 0.
        dtype: of the parameters and buffers, np.float64 or np.float32.

    Raises:
        OperandError: dtype is not a float type.
        SettingError: features is not a whole number of at least 1, or momentum or eps is out of its
            range.

    Source: Ioffe & Szegedy, ICML 2015.

    >>> layer = BatchNorm(1)
    >>> layer(np.array([[1.0], [3.0]])).data.round(3)
    array([[-1.],
           [ 1.]])
    >>> layer.running_mean, layer.running_var
    (array([0.2]), array([1.1]))
    """

    buffers: ClassVar[tuple[str, ...]] = ("running_mean", "running_var")
    settings: ClassVar[tuple[str, ...]] = ("momentum", "eps")

    def __init__(
        self,
        features: int,
        *,
        momentum: float = 0.1,
        eps: float = 1e-5,
        dtype: npt.DTypeLike = np.float64,
    ) -> None:
        require_count(features, "BatchNorm: features")
        require_float(dtype, "BatchNorm")
        if not 0 <= momentum <= 1:
            raise SettingError(f"BatchNorm: momentum is {momentum!r}; it is a share, from 0 to 1")
        self.eps = _above_zero(eps, "BatchNorm")
        self.momentum = float(momentum)
        self.weight = Tensor(np.ones(features), dtype=dtype)
        self.bias = Tensor(np.zeros(features), dtype=dtype)
        self.running_mean = np.zeros(features, dtype=dtype)
        self.running_var = np.ones(features, dtype=dtype)

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """The normalized features.

        Raises:
            ShapeError: x is not (n, features) or (n, features, height, width); or, in training, it
                has one number of each feature, whose variance would be 0.
            TraceError: in training, within a traced function: its program would not change the
                running statistics.
        """
        shape, features = np.shape(x), self.weight.shape[0]
        if len(shape) not in (2, 4) or shape[1] != features:
            raise ShapeError(
                f"BatchNorm: input of shape {shape}, but the layer takes {features} features, as "
                f"(n, {features}) or (n, {features}, height, width)"
            )
        # Of the features, against whatever axes there are after theirs.
        aligned = (features,) + (1,) * (len(shape) - 2)
        if self.training:
            centred, variance = self._of_batch(x, shape)
        else:
            centred = x - self.running_mean.reshape(aligned)
            variance = self.running_var.reshape(aligned)
        scale = self.weight.reshape(aligned) / np.sqrt(variance + self.eps)
        return centred * scale + self.bias.reshape(aligned)

    def _of_batch(self, x: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
        """What differs from the mean of the batch, and its variance; the running ones follow."""
        if trace_here() is not None:
            raise TraceError(
                "BatchNorm: in training each batch changes the running statistics, which a traced "
                "function would not do; set the net to eval() before it is traced, or leave the "
                "training step untraced"
            )
        count = x.size // shape[1]
        if count < 2:
            raise ShapeError(
                f"BatchNorm: input of shape {shape} has {count} of each feature, too few for a "
                "variance to train with; pass a larger batch, or set the net to eval()"
            )
        axes = (0, *range(2, len(shape)))
        mean = x.mean(axis=axes, keepdims=True)
        centred = x - mean
        variance = np.square(centred).mean(axis=axes, keepdims=True)
        self._follow(self.running_mean, np.asarray(mean))
        self._follow(self.running_var, np.asarray(variance) * (count / (count - 1)))
        return centred, variance

    def _follow(self, running: npt.NDArray[Any], batch: npt.NDArray[Any]) -> None:
        running += self.momentum * (batch.reshape(running.shape) - running)


class LayerNorm(Module):
    """(x - mean) / sqrt(variance + eps) * weight + bias, by the statistics of each sample.

    The input is (..., *shape), and so is the output: the mean and the (biased) variance are those
    over the last axes. The parameters are `weight`, of that shape, which begins as 1, and `bias`,
    as 0.

    Args:
        shape: of the last axes; a number stands for one axis of that length.
        eps: is added to the variance, above 0.
        dtype: of the parameters, np.float64 or np.float32.

    Raises:
        OperandError: dtype is not a float type.
        SettingError: the shape is not of whole numbers of at least 1, or eps is not above 0.

    Source: Ba, Kiros & Hinton, arXiv:1607.06450.

    >>> LayerNorm(2)(np.array([1.0, 3.0])).data.round(3)
    array([-1.,  1.])
    """

    settings: ClassVar[tuple[str, ...]] = ("eps",)

    def __init__(
        self,
        shape: int | Sequence[int],
        *,
        eps: float = 1e-5,
        dtype: npt.DTypeLike = np.float64,
    ) -> None:
        sizes = _sizes(shape, "LayerNorm")
        require_float(dtype, "LayerNorm")
        self.eps = _above_zero(eps, "LayerNorm")
        self.weight = Tensor(np.ones(sizes), dtype=dtype)
        self.bias = Tensor(np.zeros(sizes), dtype=dtype)

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """The normalized samples.

        Raises:
            ShapeError: the last axes of x are not of the layer's shape.
        """
        axes = _last_axes(x, self.weight.shape, "LayerNorm")
        centred = x - x.mean(axis=axes, keepdims=True)
        variance = np.square(centred).mean(axis=axes, keepdims=True)
        return centred * (1 / np.sqrt(variance + self.eps)) * self.weight + self.bias


class RMSNorm(Module):
    """x / sqrt(mean of x² + eps) * weight, by the mean square of each sample.

    The input is (..., *shape), and so is the output: the mean is that over the last axes. The
    parameter is `weight`, of that shape, which begins as 1.

    Args:
        shape: of the last axes; a number stands for one axis of that length.
        eps: is added to the mean square, above 0.
        dtype: of the parameter, np.float64 or np.float32.

    Raises:
        OperandError: dtype is not a float type.
        SettingError: the shape is not of whole numbers of at least 1, or eps is not above 0.

    Source: Zhang & Sennrich, NeurIPS 2019.

    >>> RMSNorm(2)(np.array([3.0, -3.0])).data.round(3)
    array([ 1., -1.])
    """

    settings: ClassVar[tuple[str, ...]] = ("eps",)

    def __init__(
        self,
        shape: int | Sequence[int],
        *,
        eps: float = 1e-5,
        dtype: npt.DTypeLike = np.float64,
    ) -> None:
        sizes = _sizes(shape, "RMSNorm")
        require_float(dtype, "RMSNorm")
        self.eps = _above_zero(eps, "RMSNorm")
        self.weight = Tensor(np.ones(sizes), dtype=dtype)

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """The scaled samples.

        Raises:
            ShapeError: the last axes of x are not of the layer's shape.
        """
        axes = _last_axes(x, self.weight.shape, "RMSNorm")
        mean_square = np.square(x).mean(axis=axes, keepdims=True)
        return x * (1 / np.sqrt(mean_square + self.eps)) * self.weight


def _above_zero(eps: float, layer: str) -> float:
    if not eps > 0:
        raise SettingError(f"{layer}: eps is {eps!r}; it must be above 0")
    return float(eps)


def _sizes(shape: int | Sequence[int], layer: str) -> tuple[int, ...]:
    sizes = tuple(shape) if isinstance(shape, Sequence) else (shape,)
    for size in sizes or (None,):
        require_count(size, f"{layer}: shape {shape!r}, of which {size!r}")
    return sizes


def _last_axes(x: Any, shape: tuple[int, ...], layer: str) -> tuple[int, ...]:
    """The axes that a layer of this shape normalizes over."""
    found = np.shape(x)
    if found[-len(shape) :] != shape:
        raise ShapeError(
            f"{layer}: input of shape {found}, but the layer takes "
            f"(..., {', '.join(map(str, shape))})"
        )
    return tuple(range(-len(shape), 0))
