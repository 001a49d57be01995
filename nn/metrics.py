"""Metrics: how good predictions are, in numbers for people."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.errors import LabelError, ShapeError

__all__ = ["accuracy", "confusion_matrix"]


def accuracy(predicted: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """The share of predicted labels that are right, from 0 to 1.

    predicted (n,), labels (n,), n at least 1.

    Raises:
        ShapeError: the shapes are not the same (n,), or n is 0.

    >>> accuracy([0, 1, 2, 2], [0, 1, 2, 1])
    0.75
    """
    guesses, truth = _label_pair(predicted, labels, "accuracy")
    return float(np.mean(guesses == truth))


def confusion_matrix(
    predicted: npt.ArrayLike, labels: npt.ArrayLike, classes: int
) -> npt.NDArray[np.intp]:
    """How often each label (row) was predicted as each label (column).

    predicted (n,), labels (n,), both of int in [0, classes) -> counts (classes, classes), whose
    diagonal holds what was right.

    Raises:
        ShapeError: the shapes are not the same (n,), or n is 0.
        LabelError: a label is not an integer in [0, classes); the message names its row.

    >>> confusion_matrix([0, 1, 2, 2], [0, 1, 2, 1], classes=3)
    array([[1, 0, 0],
           [0, 1, 1],
           [0, 0, 1]])
    """
    guesses, truth = _label_pair(predicted, labels, "confusion_matrix")
    for name, values in (("predicted", guesses), ("labels", truth)):
        integers = np.issubdtype(values.dtype, np.integer)
        outside = np.flatnonzero((values < 0) | (values >= classes)) if integers else [0]
        if len(outside):
            row = int(outside[0])
            raise LabelError(
                f"confusion_matrix: {name} has {values.tolist()[row]!r} in row {row}; "
                f"labels are integers from 0 to {classes - 1}"
            )
    counts = np.zeros((classes, classes), dtype=np.intp)
    np.add.at(counts, (truth, guesses), 1)
    return counts


def _label_pair(
    predicted: npt.ArrayLike, labels: npt.ArrayLike, where: str
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Both as arrays of one shape (n,)."""
    guesses, truth = np.asarray(predicted), np.asarray(labels)
    if guesses.shape != truth.shape or truth.ndim != 1 or not truth.size:
        mend = "; logits become labels by .argmax(axis=1)" if guesses.ndim == 2 else ""
        raise ShapeError(
            f"{where}: predicted of shape {guesses.shape} and labels of shape {truth.shape}; "
            f"both must be (n,) with n of at least 1{mend}"
        )
    return guesses, truth
