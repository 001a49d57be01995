"""Standardizing: columns of any unit, brought to the mean 0 and the standard deviation 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.errors import ShapeError
from nn.data.samples import Array, as_array, require_finite

__all__ = ["Standardizer", "standardize"]


class Standardizer:
    """The map (x - mean) / deviation of each column, as the training samples have them.

    It is measured on the samples it is made of, and then applied to these and to others: what a
    net is tested on must not show in how its input was prepared. A column that is constant
    becomes 0; for it the deviation is taken as 1. float32 stays float32, integers become float64.

    Args:
        train: samples (n, ...) of real numbers, n at least 1.

    Attributes:
        mean: of each column, in the shape (...) of one sample.
        deviation: the standard deviation of each column (of the n samples: divided by n), or 1.

    Raises:
        ShapeError: there is no sample.
        OperandError: a number is nan or infinite; the message names its row and column.

    >>> scale = Standardizer([[1.0, 7.0], [3.0, 7.0]])
    >>> scale([[1.0, 7.0], [2.0, 8.0]])
    array([[-1.,  0.],
           [ 0.,  1.]])
    >>> scale.inverse([[-1.0, 0.0]])
    array([[1., 7.]])
    """

    def __init__(self, train: npt.ArrayLike) -> None:
        x = _numbers(train, "Standardizer: train")
        if not len(x):
            raise ShapeError(f"Standardizer: train of shape {x.shape} has no sample")
        # From the first sample on, so that a constant column has exactly its number as the mean.
        self.mean: npt.NDArray[np.float64] = x[0] + (x - x[0]).mean(axis=0)
        self.deviation: npt.NDArray[np.float64] = _deviation(x - self.mean)

    def __call__(self, x: npt.ArrayLike) -> Array:
        """Samples (n, ...) in units of the training samples' deviation, counted from their mean.

        Raises:
            ShapeError: a sample has not the shape of the training samples.
            OperandError: a number is nan or infinite; the message names its row and column.
        """
        given = self._fitting(x, "x")
        return ((given - self.mean) / self.deviation).astype(_float_dtype(x), copy=False)

    def inverse(self, z: npt.ArrayLike) -> Array:
        """The samples (n, ...) that become z.

        Raises:
            ShapeError: as when it is called.
            OperandError: as when it is called.
        """
        given = self._fitting(z, "z")
        return (given * self.deviation + self.mean).astype(_float_dtype(z), copy=False)

    def _fitting(self, samples: npt.ArrayLike, name: str) -> npt.NDArray[np.float64]:
        given = _numbers(samples, f"Standardizer: {name}")
        if given.shape[1:] != self.mean.shape:
            raise ShapeError(
                f"Standardizer: {name} of shape {given.shape}, but it was made of samples of shape "
                f"{self.mean.shape}; pass them along the first axis, one or more"
            )
        return given


def standardize(train: npt.ArrayLike, *others: npt.ArrayLike) -> tuple[Array, ...]:
    """The training samples, and others beside them, as a `Standardizer` of the former maps them.

    train (n, ...), others (m, ...) each -> arrays of the same shapes.

    Raises:
        ShapeError: there is no training sample, or the others are of another shape.
        OperandError: a number is nan or infinite; the message names its row and column.

    >>> x_train, x_test = standardize([[1.0], [3.0]], [[4.0]])
    >>> x_train.tolist(), x_test.tolist()
    ([[-1.0], [1.0]], [[2.0]])
    """
    scale = Standardizer(train)
    return tuple(scale(samples) for samples in (train, *others))


def _numbers(samples: npt.ArrayLike, what: str) -> npt.NDArray[np.float64]:
    """The samples in double precision: the mean of many float32 would lose digits."""
    x = np.asarray(as_array(samples, what))
    if not x.ndim:
        raise ShapeError(f"{what} is one number; pass samples, along the first axis")
    require_finite(x, what)
    return x.astype(np.float64, copy=False)


def _deviation(centred: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The root of the mean square of each column, or 1 where that is 0."""
    largest = np.abs(centred).max(axis=0)
    # Relative to the largest: squares of very large or very small numbers are inf or 0.
    relative = centred / np.where(largest > 0, largest, 1.0)
    deviation = largest * np.sqrt(np.mean(relative * relative, axis=0))
    return np.where(deviation > 0, deviation, 1.0)


def _float_dtype(samples: npt.ArrayLike) -> np.dtype[Any]:
    dtype = np.asarray(samples).dtype
    return dtype if dtype.kind == "f" else np.dtype(np.float64)
