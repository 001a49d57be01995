"""Dataset and Table: what a file or a collection of samples is read into."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Dataset", "Table"]


class Table(NamedTuple):
    """Numbers in rows and columns."""

    x: npt.NDArray[np.floating[Any]]
    """The samples (n, columns)."""
    features: tuple[str, ...]
    """The names of the columns."""


class Dataset(NamedTuple):
    """Samples, what is to be learned of each, and what both are called."""

    x: npt.NDArray[np.floating[Any]]
    """The samples (n, columns)."""
    y: npt.NDArray[Any]
    """The labels (n,), integers that count from 0; of a regression the numbers (n,), floats."""
    features: tuple[str, ...]
    """The names of the columns of x."""
    classes: tuple[str, ...]
    """What each label stands for; empty for a regression."""
