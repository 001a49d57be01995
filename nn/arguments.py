"""What is asked of arguments, such as those of layers, and what is said where it is not so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import OperandError, SettingError, ShapeError

__all__ = [
    "require_channels",
    "require_count",
    "require_float",
    "require_generator",
    "require_last_axis",
    "require_parameters",
]


def require_count(value: object, where: str) -> None:
    """Refuse anything but a whole number of at least 1; the message begins with `where`.

    Raises:
        SettingError: it is none.
    """
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < 1:
        raise SettingError(f"{where} is {value!r}; pass a whole number of at least 1")


def require_float(dtype: npt.DTypeLike, layer: str) -> None:
    """Refuse a dtype that has no derivatives.

    Raises:
        OperandError: it is not a float type.
    """
    if not np.issubdtype(dtype, np.floating):
        raise OperandError(f"{layer}: dtype is {dtype!r}; pass np.float64 or np.float32")


def require_generator(rng: object, where: str) -> None:
    """Refuse anything but a NumPy generator, such as a bare seed.

    Raises:
        OperandError: `rng` is not a np.random.Generator; the message begins with `where`.
    """
    if not isinstance(rng, np.random.Generator):
        raise OperandError(
            f"{where}: rng is {rng!r}, not a np.random.Generator; pass np.random.default_rng(seed)"
        )


def require_last_axis(x: Any, length: int, layer: str, what: str = "inputs") -> None:
    """Refuse an input whose last axis is not of this length.

    Raises:
        ShapeError: it is not.
    """
    shape = np.shape(x)
    if not shape or shape[-1] != length:
        raise ShapeError(
            f"{layer}: input of shape {shape}, but the layer takes {length} {what}, "
            f"as (n, {length}) or ({length},)"
        )


def require_channels(x: Any, channels: int, layer: str) -> None:
    """Refuse what are not images of this many channels, (n, channels, height, width) or one.

    Raises:
        ShapeError: they are not.
    """
    shape = np.shape(x)
    if len(shape) not in (3, 4) or shape[-3] != channels:
        raise ShapeError(
            f"{layer}: input of shape {shape}, but the layer takes {channels} channels, as "
            f"(n, {channels}, height, width) or ({channels}, height, width)"
        )


def require_parameters(parameters: Iterable[Tensor], where: str) -> list[Tensor]:
    """The parameters as a list, each once; refuse what they are not.

    Raises:
        OperandError: they are no Tensors; the message begins with `where`.
    """
    if isinstance(parameters, Tensor) or not isinstance(parameters, Iterable):
        raise OperandError(
            f"{where}: parameters is a {type(parameters).__name__}; pass a list of Tensors, such "
            "as module.parameters()"
        )
    listed = list({id(parameter): parameter for parameter in parameters}.values())
    for position, parameter in enumerate(listed):
        if not isinstance(parameter, Tensor):
            raise OperandError(
                f"{where}: parameter {position} is {parameter!r}, not a Tensor; pass "
                "module.parameters()"
            )
    return listed
