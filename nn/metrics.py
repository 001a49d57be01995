"""Metrics: how good predictions are, in numbers for people."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.arrays import real_array
from autograd.errors import LabelError, SettingError, ShapeError

__all__ = ["accuracy", "confusion_matrix", "f1", "precision", "r_squared", "recall"]

Array: TypeAlias = npt.NDArray[Any]
Predicted: TypeAlias = Tensor | npt.ArrayLike
Average: TypeAlias = Literal["macro", "micro", "binary"] | None


def accuracy(predicted: Predicted, labels: npt.ArrayLike) -> float:
    """The share of predicted labels that are right, from 0 to 1.

    predicted (n,), or scores (n, k) such as logits, of which the largest of each row is the
    prediction; labels (n,), n at least 1.

    Raises:
        ShapeError: the shapes are not these, n is 0, or k is below 2.

    >>> accuracy([0, 1, 2, 2], [0, 1, 2, 1])
    0.75
    >>> accuracy([[0.1, 0.9], [2.0, -1.0]], [1, 1])
    0.5
    """
    guesses, truth = _label_pair("accuracy", predicted, labels)
    return float(np.mean(guesses == truth))


def confusion_matrix(
    predicted: Predicted, labels: npt.ArrayLike, classes: int
) -> npt.NDArray[np.intp]:
    """How often each label (row) was predicted as each label (column).

    predicted (n,), or scores (n, k) as for `accuracy`, labels (n,), both of int in [0, classes) ->
    counts (classes, classes), whose diagonal holds what was right.

    Raises:
        ShapeError: the shapes are not these, n is 0, or k is below 2.
        LabelError: a label is not an integer in [0, classes); the message names its row.

    >>> confusion_matrix([0, 1, 2, 2], [0, 1, 2, 1], classes=3)
    array([[1, 0, 0],
           [0, 1, 1],
           [0, 0, 1]])
    """
    return _confusion(
        "confusion_matrix", *_label_pair("confusion_matrix", predicted, labels), classes
    )


def precision(
    predicted: Predicted,
    labels: npt.ArrayLike,
    *,
    average: Average = "macro",
    classes: int | None = None,
    positive: Any = 1,
    zero_division: float = 0.0,
) -> Any:
    """The share of right ones among those that were predicted as a class, from 0 to 1.

    predicted (n,), or scores (n, k) as for `accuracy`, labels (n,), n at least 1 -> a float, or
    with average=None (k,), one for each class.

    Args:
        predicted: labels, or scores of which the largest of each row is meant.
        labels: the truth.
        average: "macro" for the mean over the classes, each counting the same; "micro" for the
            share among all samples, so that frequent classes count more; "binary" for the class
            `positive` alone; None for each class.
        classes: the labels are integers in [0, classes); None for those that occur in either, in
            sorted order.
        positive: the class of "binary".
        zero_division: the share of a class that was never predicted, for which there is none.

    Raises:
        ShapeError: the shapes are not these, n is 0, or k is below 2.
        LabelError: a label is not in [0, classes); or with "binary" there are more than 2 labels,
            or 2 that are not `positive`.
        SettingError: average is none of the four.

    >>> precision([0, 1, 1, 1], [0, 0, 1, 1], average=None)
    array([1.        , 0.66666667])
    """
    right, guessed, _, names = _counts("precision", predicted, labels, classes)
    return _averaged("precision", right, guessed, names, average, positive, zero_division)


def recall(
    predicted: Predicted,
    labels: npt.ArrayLike,
    *,
    average: Average = "macro",
    classes: int | None = None,
    positive: Any = 1,
    zero_division: float = 0.0,
) -> Any:
    """The share of the samples of a class that were predicted as such, from 0 to 1.

    What it takes, gives and raises is as for `precision`; `zero_division` is the share of a class
    that has no sample.

    >>> recall([0, 1, 1, 1], [0, 0, 1, 1], average=None)
    array([0.5, 1. ])
    """
    right, _, true, names = _counts("recall", predicted, labels, classes)
    return _averaged("recall", right, true, names, average, positive, zero_division)


def f1(
    predicted: Predicted,
    labels: npt.ArrayLike,
    *,
    average: Average = "macro",
    classes: int | None = None,
    positive: Any = 1,
    zero_division: float = 0.0,
) -> Any:
    """The harmonic mean of precision and recall, from 0 to 1: high only where both are.

    What it takes, gives and raises is as for `precision`; "macro" is the mean of the f1 of the
    classes, and `zero_division` that of a class which neither occurs nor was predicted.

    >>> f1([0, 1, 1, 1], [0, 0, 1, 1], average=None)
    array([0.66666667, 0.8       ])
    """
    right, guessed, true, names = _counts("f1", predicted, labels, classes)
    # 2 / (1 / precision + 1 / recall), which divides by neither.
    return _averaged("f1", 2 * right, guessed + true, names, average, positive, zero_division)


def r_squared(predicted: Predicted, target: npt.ArrayLike) -> float:
    """The part of the variance of a target that is predicted: 1 for all, 0 for none.

    1 - sum((target - predicted)**2) / sum((target - mean)**2); it is negative for a prediction that
    is worse than the mean of the target. predicted and target (n,), or (n, m) for m quantities,
    over which the mean is taken; n at least 2. A target that does not vary gives 1 if it is
    predicted without error, else 0.

    Raises:
        ShapeError: the shapes differ, or n is below 2.

    >>> r_squared([82.0, 88.0, 94.0, 100.0], [81, 93, 91, 97])
    0.68...
    """
    guesses = real_array(predicted, "r_squared: predicted holds")
    truth = real_array(target, "r_squared: the target holds")
    if guesses.shape != truth.shape or truth.ndim not in (1, 2) or len(truth) < 2 or not truth.size:
        raise ShapeError(
            f"r_squared: predicted of shape {guesses.shape} and target of shape {truth.shape}; "
            "both must be (n,) or (n, m) with n of at least 2"
        )
    errors = np.square(truth - guesses.astype(float)).sum(axis=0)
    spread = np.square(truth - truth.mean(axis=0)).sum(axis=0)
    constant = np.where(errors == 0, 1.0, 0.0)
    varied = spread != 0
    return float(np.mean(np.where(varied, 1 - errors / np.where(varied, spread, 1), constant)))


def _label_pair(where: str, predicted: Predicted, labels: npt.ArrayLike) -> tuple[Array, Array]:
    """Predicted and true labels as arrays of one shape (n,)."""
    guesses, truth = np.asarray(predicted), np.asarray(labels)
    of_scores = guesses.ndim == 2 and guesses.shape[1] > 1
    if of_scores and guesses.shape[:1] == truth.shape:
        guesses = guesses.argmax(axis=1)
    if guesses.shape != truth.shape or truth.ndim != 1 or not truth.size:
        mend = "; one-hot rows become labels by .argmax(axis=1)" if truth.ndim == 2 else ""
        if guesses.ndim == 2 and not of_scores:
            mend = "; of one probability for each, predicted is (p > 0.5).reshape(-1).astype(int)"
        raise ShapeError(
            f"{where}: predicted of shape {guesses.shape} and labels of shape {truth.shape}; "
            f"labels must be (n,) with n of at least 1, and predicted (n,) or scores (n, k){mend}"
        )
    return guesses, truth


def _confusion(where: str, guesses: Array, truth: Array, classes: int) -> npt.NDArray[np.intp]:
    for name, values in (("predicted", guesses), ("labels", truth)):
        integers = np.issubdtype(values.dtype, np.integer)
        outside = np.flatnonzero((values < 0) | (values >= classes)) if integers else [0]
        if len(outside):
            row = int(outside[0])
            raise LabelError(
                f"{where}: {name} has {values.tolist()[row]!r} in row {row}; "
                f"labels are integers from 0 to {classes - 1}"
            )
    counts = np.zeros((classes, classes), dtype=np.intp)
    np.add.at(counts, (truth, guesses), 1)
    return counts


def _counts(
    where: str, predicted: Predicted, labels: npt.ArrayLike, classes: int | None
) -> tuple[Array, Array, Array, Array]:
    """How many of each class are right, were predicted and are true; and the names of classes."""
    guesses, truth = _label_pair(where, predicted, labels)
    names: Array = np.arange(classes or 0)
    if classes is None:
        names, places = np.unique(np.concatenate([guesses, truth]), return_inverse=True)
        guesses, truth = np.split(places, 2)
    counts = _confusion(where, guesses, truth, len(names))
    return np.diag(counts), counts.sum(axis=0), counts.sum(axis=1), names


def _averaged(
    where: str,
    parts: Array,
    wholes: Array,
    names: Array,
    average: Average,
    positive: Any,
    zero_division: float,
) -> Any:
    """The shares of the classes, parts / wholes, as `average` says."""
    if average == "micro":
        parts, wholes = parts.sum(keepdims=True), wholes.sum(keepdims=True)
    elif average == "binary":
        if len(names) > 2:
            raise LabelError(
                f'{where}: average "binary" is for 2 labels, but there are {len(names)}: '
                f'{", ".join(map(str, names[:10].tolist()))}; pass average="macro"'
            )
        found = names == positive
        if len(names) == 2 and not found.any():
            raise LabelError(
                f"{where}: positive is {positive!r}, but the labels are {names[0]} and {names[1]}"
            )
        # Where it neither occurs nor was predicted, both sums are 0.
        parts, wholes = (counts[found].sum(keepdims=True) for counts in (parts, wholes))
    elif average not in ("macro", None):
        raise SettingError(
            f'{where}: average is {average!r}; it is one of "macro", "micro", "binary" and None'
        )
    shares = np.where(wholes == 0, zero_division, parts / np.where(wholes == 0, 1, wholes))
    return shares if average is None else float(shares.mean())
