"""Layers and activations to try the laws of `test_layer_laws.py` on: one row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nn import (
    ELU,
    GELU,
    LeakyReLU,
    Linear,
    LogSoftmax,
    Module,
    ReLU,
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
]

LAYER_EXAMPLES = ACTIVATIONS + LAYERS
