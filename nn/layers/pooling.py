"""Pooling: of each window of an image one number is left."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy.typing as npt

from autograd import Tensor, avg_pool2d, max_pool2d
from autograd.array_gates.windows import PerAxis
from nn.module import Module

__all__ = ["AvgPool2d", "MaxPool2d"]


class _Pool2d(Module):
    """Windows of `size` that are slid over images, from one to the next by `stride`."""

    settings: ClassVar[tuple[str, ...]] = ("size", "stride", "padding")

    def __init__(self, size: PerAxis, stride: PerAxis | None = None, padding: PerAxis = 0) -> None:
        self.size = size
        self.stride = stride
        self.padding = padding


class MaxPool2d(_Pool2d):
    """The largest number of each window.

    The input is (n, channels, height, width), or without the n for one image; the output the same
    with a height of ``(height + 2 * padding - size) // stride + 1``, and a width likewise.

    Args:
        size: the height and width of a window, one number or a pair.
        stride: how far the window moves from one output to the next; by default its size.
        padding: how many elements of minus infinity on every side; at most half the window.

    >>> import numpy as np
    >>> MaxPool2d(2)(np.arange(16.0).reshape(1, 4, 4))
    array([[[ 5.,  7.],
            [13., 15.]]])
    """

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """`autograd.max_pool2d` of x, with its errors."""
        return max_pool2d(x, self.size, self.stride, self.padding)


class AvgPool2d(_Pool2d):
    """The mean of each window.

    The input is (n, channels, height, width), or without the n for one image; the output the same
    with a height of ``(height + 2 * padding - size) // stride + 1``, and a width likewise.

    Args:
        size: the height and width of a window, one number or a pair.
        stride: how far the window moves from one output to the next; by default its size.
        padding: how many zeros on every side, which count as elements; at most half the window.

    >>> import numpy as np
    >>> AvgPool2d(2)(np.arange(16.0).reshape(1, 4, 4))
    array([[[ 2.5,  4.5],
            [10.5, 12.5]]])
    """

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """`autograd.avg_pool2d` of x, with its errors."""
        return avg_pool2d(x, self.size, self.stride, self.padding)
