"""The compiled loops over arrays: instructions, one after the other, without Python in between."""

from __future__ import annotations

from typing import Any

import numpy as np

try:
    import cython
except ImportError:
    from . import uncompiled as cython

__all__ = ["COMPILED", "Lanes"]

COMPILED: bool = cython.compiled
"""Whether there are loops; without, ``Lanes`` cannot be called."""


@cython.final
@cython.cclass
class Lanes:
    """Instructions that are run when it is called.

    Args:
        table: the instructions, a row each: see ``lane_run.h``.
        arrays: what the addresses in the table point into.
    """

    def __init__(self, table: np.ndarray, arrays: Any) -> None:
        self._table = table
        self._arrays = arrays

    def __call__(self) -> None:
        """Run the instructions."""
        count: cython.Py_ssize_t = self._table.shape[0]
        with cython.nogil:
            run_lanes(cython.address(self._table[0, 0]), count)  # type: ignore[name-defined]  # noqa: F821
