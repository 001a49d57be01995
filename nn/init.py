"""Initial weights: random numbers whose spread keeps the signal in size from layer to layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from autograd.errors import OperandError

__all__ = ["Initializer", "he_uniform", "require_generator", "xavier_uniform"]

Initializer: TypeAlias = Callable[[int, int, np.random.Generator], npt.NDArray[np.float64]]
"""From the counts of inputs and outputs, and a generator, to weights (inputs, outputs)."""


def xavier_uniform(inputs: int, outputs: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Weights (inputs, outputs), uniform within sqrt(6 / (inputs + outputs)) of 0.

    For layers followed by sigmoid, tanh or softmax: their variance of 2 / (inputs + outputs) is a
    compromise between keeping the outputs and keeping the gradients in size.

    Source: Glorot & Bengio, AISTATS 2010, equation 16.

    >>> weights = xavier_uniform(4, 2, np.random.default_rng(0))
    >>> weights.shape, bool(abs(weights).max() <= 1)
    ((4, 2), True)
    """
    return _uniform(math.sqrt(6 / (inputs + outputs)), inputs, outputs, rng)


def he_uniform(inputs: int, outputs: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Weights (inputs, outputs), uniform within sqrt(6 / inputs) of 0.

    For layers followed by relu, which silences half of its inputs: a variance of 2 / inputs makes
    up for them.

    Source: He, Zhang, Ren & Sun, ICCV 2015, equation 10, as a uniform law of that variance.

    >>> weights = he_uniform(6, 2, np.random.default_rng(0))
    >>> weights.shape, bool(abs(weights).max() <= 1)
    ((6, 2), True)
    """
    return _uniform(math.sqrt(6 / inputs), inputs, outputs, rng)


def _uniform(
    bound: float, inputs: int, outputs: int, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    return rng.uniform(-bound, bound, size=(inputs, outputs))


def require_generator(rng: object, where: str) -> None:
    """Refuse anything but a NumPy generator, such as a bare seed.

    Raises:
        OperandError: `rng` is not a np.random.Generator; the message begins with `where`.
    """
    if not isinstance(rng, np.random.Generator):
        raise OperandError(
            f"{where}: rng is {rng!r}, not a np.random.Generator; pass np.random.default_rng(seed)"
        )
