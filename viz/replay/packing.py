"""Arrays as text in which a page carries them: little-endian numbers in base64."""

from __future__ import annotations

import base64
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["packed_floats", "packed_levels", "packed_parts"]

Array: TypeAlias = npt.NDArray[Any]

LEVELS = 32767
NO_LEVEL = -32768
"""Stands for what is not finite."""
PARTS = 254
NO_PART = 255


def packed_floats(numbers: Array) -> str:
    """Every number in 32 bits.

    >>> packed_floats(np.array([1.0]))
    'AACAPw=='
    """
    return _text(numbers.astype("<f4"))


def packed_levels(numbers: Array) -> dict[str, Any]:
    """Every number in 16 bits, as a multiple of one scale: right to 1/65534 of the largest.

    >>> packed_levels(np.array([0.0, -2.0, np.nan]))
    {'scale': 6.103701895199438e-05, 'levels': 'AAABgACA'}
    """
    finite = np.isfinite(numbers)
    known = np.where(finite, numbers, 0.0).astype(float)
    scale = float(np.abs(known).max(initial=0.0)) / LEVELS or 1.0
    levels = np.where(finite, np.rint(known / scale), NO_LEVEL)
    return {"scale": scale, "levels": _text(levels.astype("<i2"))}


def packed_parts(numbers: Array) -> str:
    """Every number, which is in [0, 1], in 8 bits: as one of 255 even steps.

    >>> packed_parts(np.array([0.0, 0.5, 1.0, np.nan]))
    'AH/+/w=='
    """
    finite = np.isfinite(numbers)
    known = np.clip(np.where(finite, numbers, 0.0), 0.0, 1.0)
    return _text(np.where(finite, np.rint(known * PARTS), NO_PART).astype("u1"))


def _text(array: Array) -> str:
    return base64.b64encode(array.tobytes()).decode()
