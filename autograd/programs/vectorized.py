"""vmap: a function of one sample as a function of many."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import OperandError, ShapeError
from .tracing import Traced, trace

__all__ = ["vmap"]


def vmap(f: Callable[..., Any], in_axes: int | Sequence[int | None] = 0) -> Callable[..., Any]:
    """A function of many samples, from one of a single sample.

    Args:
        f: a function of numbers, as ``trace`` takes it.
        in_axes: the axis of samples of the arguments, or one for each; None where an argument is
            the same for all.

    Raises:
        ShapeError: at a call, if arguments have different numbers of samples.

    >>> from autograd import exp
    >>> vmap(lambda x, y: x * exp(y), in_axes=(0, None))(np.array([1.0, 2.0]), 0.0)
    array([1., 2.])
    """
    traced = f if isinstance(f, Traced) else trace(f)

    def mapped(*args: Any) -> Any:
        axes = [in_axes] * len(args) if isinstance(in_axes, int) else list(in_axes)
        if len(axes) != len(args):
            raise OperandError(f"vmap: {len(axes)} axes for {len(args)} arguments")
        batches = [
            argument if axis is None else _samples_first(argument, axis)
            for argument, axis in zip(args, axes, strict=True)
        ]
        singles = [
            batch if axis is None else _first_sample(batch)
            for batch, axis in zip(batches, axes, strict=True)
        ]
        return traced.program(*singles).run(*batches)

    return functools.wraps(f)(mapped) if hasattr(f, "__name__") else mapped


def _samples_first(argument: Any, axis: int) -> Any:
    """An argument with its axis of samples in front."""
    if isinstance(argument, dict):
        return {key: _samples_first(item, axis) for key, item in argument.items()}
    array = np.asarray(argument, np.float64)
    if not -array.ndim <= axis < array.ndim:
        raise ShapeError(f"vmap: an argument of shape {array.shape} has no axis {axis}")
    return np.moveaxis(array, axis, 0)


def _first_sample(batch: Any) -> Any:
    if isinstance(batch, dict):
        return {key: _first_sample(item) for key, item in batch.items()}
    if not len(batch):
        raise ShapeError("vmap: there are no samples, of which one is needed to trace the function")
    return batch[0]
