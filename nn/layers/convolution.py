"""Conv2d: kernels that are slid over images."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from autograd import Tensor, conv2d
from autograd.array_gates.windows import PerAxis, numbers_per_axis
from nn.arguments import require_channels, require_count, require_float, require_generator
from nn.init import Initializer, xavier_uniform
from nn.module import Module

__all__ = ["Conv2d"]


class Conv2d(Module):
    """The layer conv2d(x, weight) + bias: each kernel is slid over the images, not flipped.

    The input is (n, in_channels, height, width), or without the n for one image; the output
    (n, out_channels, height', width'), where height' is
    ``(height + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1``, and width' likewise. The
    parameters are `weight` (out_channels, in_channels, kernel height, kernel width) and `bias`
    (out_channels,), or None without. The weights begin as `init` draws them, the bias as 0.

    Args:
        in_channels: of the input, at least 1.
        out_channels: how many kernels, at least 1.
        kernel_size: one number, or (height, width).
        stride: how far a kernel moves from one output to the next; one number, or (down, right).
        padding: the zeros on every side, one number or (above and below, left and right); "valid"
            for none, "same" for an output as large as the input at stride 1.
        dilation: how far apart the elements are that a kernel meets.
        rng: the generator that draws the weights.
        bias: whether a bias is added.
        dtype: of the parameters, np.float64 or np.float32.
        init: draws the weights; `he_uniform` suits a relu that follows.

    Raises:
        OperandError: dtype is not a float type, or rng is not a generator.
        SettingError: the channels are not whole numbers of at least 1, or kernel_size is out of its
            range; at a call, if stride, padding or dilation is.

    >>> layer = Conv2d(1, 1, 2, rng=np.random.default_rng(0), bias=False)
    >>> layer
    Conv2d(weight (1, 1, 2, 2), stride=1, padding=0, dilation=1)
    >>> layer.load_state_dict({"weight": [[[[1, 0], [0, 1]]]]})
    >>> layer(np.eye(3)[None]).data
    array([[[2., 0.],
            [0., 2.]]])
    """

    settings: ClassVar[tuple[str, ...]] = ("stride", "padding", "dilation")

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: PerAxis,
        stride: PerAxis = 1,
        padding: PerAxis | Literal["valid", "same"] = 0,
        dilation: PerAxis = 1,
        *,
        rng: np.random.Generator,
        bias: bool = True,
        dtype: npt.DTypeLike = np.float64,
        init: Initializer = xavier_uniform,
    ) -> None:
        require_count(in_channels, "Conv2d: in_channels")
        require_count(out_channels, "Conv2d: out_channels")
        require_generator(rng, "Conv2d")
        require_float(dtype, "Conv2d")
        kernel = numbers_per_axis("Conv2d", "kernel_size", kernel_size, 2, 1)
        self.weight = Tensor(init((out_channels, in_channels, *kernel), rng), dtype=dtype)
        self.bias = Tensor(np.zeros(out_channels), dtype=dtype) if bias else None
        self.stride = stride
        self.padding = padding
        self.dilation = dilation

    def forward(self, x: Tensor | npt.NDArray[Any]) -> Any:
        """The images under each kernel.

        Raises:
            ShapeError: x has not the channels of the layer, or is smaller than the kernel.
        """
        require_channels(x, self.weight.shape[1], "Conv2d")
        output = conv2d(x, self.weight, self.stride, self.padding, self.dilation)
        return output if self.bias is None else output + self.bias.reshape(-1, 1, 1)
