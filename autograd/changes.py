"""Changes in place: how a pass notices that an array which a recorded gate needs was overwritten.

Every change bumps a clock. A node keeps the time at which it was made, and a Tensor that of its
last change: an operand that changed after its user was made is stale. The array of a leaf can also
be changed behind our back, through ``leaf.data``; from the moment on that it was handed out, its
content is compared with what it was.
"""

from __future__ import annotations

import hashlib
import threading

import numpy as np

try:
    import cython
except ImportError:
    from . import uncompiled as cython

__all__ = ["CLOCK", "MOST_COPIED", "content_of", "next_change"]

MOST_COPIED = 1 << 16
"""Up to so many bytes an array is copied where it must not change; above, it is watched."""

CLOCK = [0]
"""The number of changes so far, which is the time."""

_clock_lock = threading.Lock()


def next_change() -> int:
    """The time of a change that happens now: later than every node that was made before."""
    with _clock_lock:
        CLOCK[0] += 1
        return CLOCK[0]


def content_of(array: np.ndarray) -> bytes | int:
    """What tells whether an array still holds the same numbers, to the last bit."""
    if array.nbytes <= MOST_COPIED:
        return array.tobytes()
    numbers = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    if cython.compiled:
        return _digest(numbers)
    return hashlib.blake2b(numbers.data).digest()


def _digest(numbers: np.ndarray) -> int:
    """A number of 64 bits that a change of one byte is sure to change, at the speed of memory."""
    digest: int = content_digest(cython.address(numbers[0]), numbers.shape[0])  # type: ignore[name-defined]  # noqa: F821
    return digest
