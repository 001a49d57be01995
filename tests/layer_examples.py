"""Layers and activations to try the laws of `test_layer_laws.py` on: one row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nn import (
    ELU,
    GELU,
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dropout,
    Flatten,
    LayerNorm,
    LeakyReLU,
    Linear,
    LogSoftmax,
    Maxout,
    MaxPool2d,
    Module,
    ReLU,
    Residual,
    RMSNorm,
    Sequential,
    Sigmoid,
    Sign,
    SiLU,
    Softmax,
    Softplus,
    Step,
    Tanh,
)

Draw = Callable[[np.random.Generator], np.ndarray]


def normal(*shape: int) -> Draw:
    """An input that is drawn anew for each test; whole numbers would be labels or indices."""
    return lambda rng: rng.normal(size=shape)


@dataclass(frozen=True)
class LayerExample:
    """A layer, what it is applied to, and what PyTorch makes of the same numbers.

    Args:
        name: of the test; the module's class, and what is special about this one.
        make: the module, from the settings `rng` and `dtype` that a layer with parameters takes.
        reference: the outputs by PyTorch, from the module `torch`, the parameters by their dotted
            paths and the inputs; None where PyTorch has nothing of the kind.
        inputs: one for each argument of `forward`.
        smooth: whether there are second derivatives to check.
    """

    name: str
    make: Callable[..., Module]
    reference: Callable[..., Any] | None
    inputs: tuple[Draw, ...] = field(default=(normal(4, 3),))
    smooth: bool = True

    def __str__(self) -> str:
        return self.name


def activation(
    make: Callable[[], Module],
    reference: Callable[..., Any],
    *,
    smooth: bool = True,
    name: str = "",
) -> LayerExample:
    """The row of a module that has neither parameters nor settings that draw numbers."""
    return LayerExample(
        name or type(make()).__name__,
        lambda **settings: make(),
        lambda torch, parameters, x: reference(torch, x),
        smooth=smooth,
    )


ACTIVATIONS = [
    activation(Step, lambda torch, x: (x > 0) + 0 * x, smooth=False),
    activation(Sign, lambda torch, x: torch.sign(x), smooth=False),
    activation(Sigmoid, lambda torch, x: torch.sigmoid(x)),
    activation(Tanh, lambda torch, x: torch.tanh(x)),
    activation(ReLU, lambda torch, x: torch.relu(x), smooth=False),
    activation(LeakyReLU, lambda torch, x: torch.nn.functional.leaky_relu(x), smooth=False),
    activation(
        lambda: LeakyReLU(0.1),
        lambda torch, x: torch.nn.functional.leaky_relu(x, 0.1),
        smooth=False,
        name="LeakyReLU of slope 0.1",
    ),
    activation(ELU, lambda torch, x: torch.nn.functional.elu(x)),
    activation(
        lambda: ELU(0.3),
        lambda torch, x: torch.nn.functional.elu(x, 0.3),
        smooth=False,
        name="ELU of alpha 0.3",
    ),
    activation(Softplus, lambda torch, x: torch.nn.functional.softplus(x)),
    activation(SiLU, lambda torch, x: torch.nn.functional.silu(x)),
    activation(GELU, lambda torch, x: torch.nn.functional.gelu(x, approximate="tanh")),
    activation(Softmax, lambda torch, x: torch.softmax(x, -1)),
    activation(
        lambda: Softmax(axis=0), lambda torch, x: torch.softmax(x, 0), name="Softmax of columns"
    ),
    activation(LogSoftmax, lambda torch, x: torch.log_softmax(x, -1)),
]


def batch_norm(mode: bool, *, dtype: Any, **settings: Any) -> Module:
    """A BatchNorm of three features whose running statistics are no longer the first ones."""
    layer = BatchNorm(3, dtype=dtype)
    layer.running_mean += np.array([0.5, -1.0, 0.0], dtype)
    layer.running_var += np.array([0.5, -0.5, 2.0], dtype)
    return layer.train(mode)


def torch_batch_norm(torch: Any, x: Any, parameters: dict[str, Any], training: bool) -> Any:
    mean = torch.tensor([0.5, -1.0, 0.0]).double()
    variance = torch.tensor([1.5, 0.5, 3.0]).double()
    return torch.nn.functional.batch_norm(
        x, mean, variance, parameters["weight"], parameters["bias"], training
    )


def torch_maxout(x: Any, parameters: dict[str, Any]) -> Any:
    sums = x @ parameters["weight"] + parameters["bias"]
    return sums.reshape(len(x), -1, 2).max(dim=1).values


IMAGES = (normal(2, 2, 5, 6),)

LAYERS = [
    LayerExample(
        "Linear",
        lambda **settings: Linear(3, 2, **settings),
        lambda torch, p, x: x @ p["weight"] + p["bias"],
    ),
    LayerExample(
        "Linear without bias",
        lambda **settings: Linear(3, 2, bias=False, **settings),
        lambda torch, p, x: x @ p["weight"],
    ),
    LayerExample(
        "Maxout",
        lambda **settings: Maxout(3, 2, 3, **settings),
        lambda torch, p, x: torch_maxout(x, p),
        smooth=False,
    ),
    LayerExample(
        "Conv2d",
        lambda **settings: Conv2d(2, 3, (2, 3), **settings),
        lambda torch, p, x: torch.nn.functional.conv2d(x, p["weight"], p["bias"]),
        IMAGES,
    ),
    LayerExample(
        "Conv2d of strides and dilation",
        lambda **settings: Conv2d(2, 1, 2, 2, (1, 0), (1, 2), **settings),
        lambda torch, p, x: torch.nn.functional.conv2d(
            x, p["weight"], p["bias"], 2, (1, 0), (1, 2)
        ),
        IMAGES,
    ),
    LayerExample(
        "Conv2d without bias that keeps the size of one image",
        lambda **settings: Conv2d(2, 1, 3, padding="same", bias=False, **settings),
        lambda torch, p, x: torch.nn.functional.conv2d(x, p["weight"], padding="same"),
        (normal(2, 4, 5),),
    ),
    LayerExample(
        "MaxPool2d",
        lambda **settings: MaxPool2d(2),
        lambda torch, p, x: torch.nn.functional.max_pool2d(x, 2),
        IMAGES,
        smooth=False,
    ),
    LayerExample(
        "MaxPool2d that overlaps",
        lambda **settings: MaxPool2d((3, 2), 1, padding=1),
        lambda torch, p, x: torch.nn.functional.max_pool2d(x, (3, 2), 1, 1),
        IMAGES,
        smooth=False,
    ),
    LayerExample(
        "AvgPool2d",
        lambda **settings: AvgPool2d(3, 2, 1),
        lambda torch, p, x: torch.nn.functional.avg_pool2d(x, 3, 2, 1),
        IMAGES,
    ),
    LayerExample(
        "Flatten",
        lambda **settings: Flatten(),
        lambda torch, p, x: torch.flatten(x, 1),
        IMAGES,
    ),
    LayerExample("Dropout", lambda *, rng, dtype: Dropout(0.4, rng=rng), None),
    LayerExample(
        "Dropout of a trained net",
        lambda *, rng, dtype: Dropout(0.4, rng=rng).eval(),
        lambda torch, p, x: x,
    ),
    LayerExample(
        "BatchNorm",
        lambda **settings: batch_norm(True, **settings),
        lambda torch, p, x: torch_batch_norm(torch, x, p, True),
    ),
    LayerExample(
        "BatchNorm of images",
        lambda **settings: batch_norm(True, **settings),
        lambda torch, p, x: torch_batch_norm(torch, x, p, True),
        (normal(2, 3, 2, 3),),
    ),
    LayerExample(
        "BatchNorm of a trained net",
        lambda **settings: batch_norm(False, **settings),
        lambda torch, p, x: torch_batch_norm(torch, x, p, False),
        (normal(2, 3, 2, 3),),
    ),
    LayerExample(
        "LayerNorm",
        lambda *, rng, dtype: LayerNorm(3, dtype=dtype),
        lambda torch, p, x: torch.nn.functional.layer_norm(x, (3,), p["weight"], p["bias"]),
    ),
    LayerExample(
        "LayerNorm over two axes",
        lambda *, rng, dtype: LayerNorm((2, 3), dtype=dtype),
        lambda torch, p, x: torch.nn.functional.layer_norm(x, (2, 3), p["weight"], p["bias"]),
        (normal(2, 2, 2, 3),),
    ),
    LayerExample(
        "RMSNorm",
        lambda *, rng, dtype: RMSNorm(3, dtype=dtype),
        lambda torch, p, x: torch.nn.functional.rms_norm(x, (3,), p["weight"], 1e-5),
    ),
    LayerExample(
        "Residual",
        lambda **settings: Residual(Sequential(Linear(3, 3, **settings), Tanh())),
        lambda torch, p, x: x + torch.tanh(x @ p["module.0.weight"] + p["module.0.bias"]),
    ),
    LayerExample(
        "Residual with a projection",
        lambda **settings: Residual(
            Sequential(Linear(3, 2, **settings), Tanh()), Linear(3, 2, bias=False, **settings)
        ),
        lambda torch, p, x: (
            x @ p["projection.weight"] + torch.tanh(x @ p["module.0.weight"] + p["module.0.bias"])
        ),
    ),
]

LAYER_EXAMPLES = ACTIVATIONS + LAYERS
