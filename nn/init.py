"""Initial weights: random numbers whose spread keeps the signal in size from layer to layer.

An initializer takes the shape of the weights and a generator; the same seed gives the same
weights everywhere. `functools.partial` sets what else it takes:
``Linear(4, 3, rng=rng, init=partial(nn.init.normal, std=0.01))``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from autograd.errors import SettingError, ShapeError

__all__ = [
    "Initializer",
    "fans",
    "he_normal",
    "he_uniform",
    "normal",
    "orthogonal",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

Shape: TypeAlias = tuple[int, ...]
Numbers: TypeAlias = npt.NDArray[np.float64]
Initializer: TypeAlias = Callable[[Shape, np.random.Generator], Numbers]
"""From the shape of the weights and a generator to the weights."""


def fans(shape: Shape) -> tuple[int, int]:
    """How many inputs reach an output, and how many outputs an input reaches.

    Two axes are those of `Linear`, (inputs, outputs); more are those of a convolution,
    (outputs, inputs, *kernel), each of whose weights acts at every position.

    Raises:
        ShapeError: the shape has fewer than two axes.

    >>> fans((784, 10)), fans((16, 3, 5, 5))
    ((784, 10), (75, 400))
    """
    if len(shape) < 2:
        raise ShapeError(
            f"weights of shape {shape} have no inputs and outputs to count; pass (inputs, outputs) "
            "or (outputs, inputs, *kernel)"
        )
    if len(shape) == 2:
        return shape
    outputs, inputs, *kernel = shape
    return inputs * math.prod(kernel), outputs * math.prod(kernel)


def zeros(shape: Shape, rng: np.random.Generator) -> Numbers:
    """Nothing but 0. A hidden layer that begins so learns the same in all of its neurons.

    >>> zeros((1, 2), np.random.default_rng(0))
    array([[0., 0.]])
    """
    return np.zeros(shape)


def normal(shape: Shape, rng: np.random.Generator, *, std: float = 1.0) -> Numbers:
    """Normal around 0 with a standard deviation of `std`.

    Raises:
        SettingError: std is negative or not finite.

    >>> normal((2, 3), np.random.default_rng(0), std=0.01).shape
    (2, 3)
    """
    _require_spread("normal", "std", std)
    return rng.normal(scale=std, size=shape)


def uniform(shape: Shape, rng: np.random.Generator, *, bound: float = 1.0) -> Numbers:
    """Uniform between -bound and bound.

    Raises:
        SettingError: bound is negative or not finite.

    >>> bool(abs(uniform((2, 3), np.random.default_rng(0), bound=0.5)).max() <= 0.5)
    True
    """
    _require_spread("uniform", "bound", bound)
    return rng.uniform(-bound, bound, size=shape)


def xavier_uniform(shape: Shape, rng: np.random.Generator) -> Numbers:
    """Uniform, with the variance 2 / (inputs + outputs).

    For layers followed by sigmoid, tanh or softmax: this variance is a compromise between keeping
    the outputs and keeping the gradients in size.

    Source: Glorot & Bengio, AISTATS 2010, equation 16.

    >>> weights = xavier_uniform((4, 2), np.random.default_rng(0))
    >>> weights.shape, bool(abs(weights).max() <= 1)
    ((4, 2), True)
    """
    return uniform(shape, rng, bound=math.sqrt(3 * _xavier_variance(shape)))


def xavier_normal(shape: Shape, rng: np.random.Generator) -> Numbers:
    """Normal around 0, with the variance 2 / (inputs + outputs); see `xavier_uniform`.

    >>> xavier_normal((4, 2), np.random.default_rng(0)).shape
    (4, 2)
    """
    return normal(shape, rng, std=math.sqrt(_xavier_variance(shape)))


def he_uniform(shape: Shape, rng: np.random.Generator) -> Numbers:
    """Uniform, with the variance 2 / inputs.

    For layers followed by relu, which silences half of its inputs: this variance makes up for
    them.

    Source: He, Zhang, Ren & Sun, ICCV 2015, equation 10, as a uniform law of that variance.

    >>> weights = he_uniform((6, 2), np.random.default_rng(0))
    >>> weights.shape, bool(abs(weights).max() <= 1)
    ((6, 2), True)
    """
    return uniform(shape, rng, bound=math.sqrt(3 * _he_variance(shape)))


def he_normal(shape: Shape, rng: np.random.Generator) -> Numbers:
    """Normal around 0, with the variance 2 / inputs; see `he_uniform`.

    >>> he_normal((6, 2), np.random.default_rng(0)).shape
    (6, 2)
    """
    return normal(shape, rng, std=math.sqrt(_he_variance(shape)))


def orthogonal(shape: Shape, rng: np.random.Generator, *, gain: float = 1.0) -> Numbers:
    """A random rotation times `gain`: the shorter of its two sides is an orthonormal basis.

    It keeps lengths, also through the many steps of a recurrent net. A convolution's weights count
    as the matrix (outputs, inputs * kernel).

    Raises:
        ShapeError: the shape has fewer than two axes.
        SettingError: gain is negative or not finite.

    Source: Saxe, McClelland & Ganguli, ICLR 2014; uniform over the rotations by the signs of R,
    Mezzadri, Notices of the AMS 54, 2007.

    >>> rotation = orthogonal((3, 3), np.random.default_rng(0))
    >>> bool(np.allclose(rotation @ rotation.T, np.eye(3)))
    True
    """
    fans(shape)
    _require_spread("orthogonal", "gain", gain)
    rows, columns = shape[0], math.prod(shape[1:])
    q, r = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
    q = q * np.sign(np.diagonal(r))
    basis: Numbers = q if rows >= columns else q.T
    return gain * basis.reshape(shape)


def _xavier_variance(shape: Shape) -> float:
    inputs, outputs = fans(shape)
    return 2 / (inputs + outputs)


def _he_variance(shape: Shape) -> float:
    inputs, _ = fans(shape)
    return 2 / inputs


def _require_spread(initializer: str, name: str, spread: float) -> None:
    if not (spread >= 0 and math.isfinite(spread)):
        raise SettingError(
            f"{initializer}: {name} is {spread!r}; it must be finite and not negative"
        )
