"""What losses are given: predictions and targets of one shape, labels, and probabilities."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.arrays import real_array
from autograd.errors import LabelError, OperandError, SettingError, ShapeError
from autograd.modes import trace_here

__all__ = [
    "Operand",
    "as_tensor",
    "checked_labels",
    "matched",
    "numbers_of",
    "place_of",
    "plain_or_tensor",
    "require_distributions",
    "require_labels_in_range",
    "require_not_negative",
]

Operand: TypeAlias = Tensor | npt.ArrayLike
"""A Tensor, or what becomes an array."""


def as_tensor(prediction: Operand) -> Tensor:
    """The prediction itself if it is a Tensor, else a Tensor of it."""
    return prediction if isinstance(prediction, Tensor) else Tensor(prediction)


def plain_or_tensor(data: Operand, like: Tensor, what: str) -> Any:
    """A Tensor itself; anything else as an array of the dtype of `like`, which thus keeps its own.

    Raises:
        OperandError: the data are not real numbers; the message begins with `what`.
    """
    if isinstance(data, Tensor):
        return data
    return real_array(data, what).astype(like.dtype, copy=False)


def numbers_of(data: Any) -> npt.NDArray[Any] | None:
    """The numbers of an array or a Tensor to check; None of a Tensor in a traced function.

    Those are not known yet: each call of the program will have its own.
    """
    if not isinstance(data, Tensor):
        return np.asarray(data)
    return None if trace_here() is not None else data.data


def place_of(found: npt.NDArray[np.bool_]) -> tuple[tuple[int, ...], str] | None:
    """Where the first is that was found, as an index and in words; None if there is none."""
    if not np.count_nonzero(found):
        return None
    place = tuple(np.argwhere(found)[0].tolist())
    return place, f" at {list(place)}" if place else ""


def matched(name: str, prediction: Operand, target: Operand) -> tuple[Tensor, Any]:
    """Prediction and target, which must be of one shape, and not empty.

    Nothing is broadcast: (n, 1) against (n,) would silently compare all pairs.

    Raises:
        ShapeError: the shapes differ, or there is no element.
        OperandError: either does not hold real numbers.
    """
    guess = as_tensor(prediction)
    truth = plain_or_tensor(target, guess, f"{name}: the target holds")
    if guess.shape != truth.shape:
        raise ShapeError(
            f"{name}: prediction of shape {guess.shape}, target of shape {truth.shape}; "
            f"bring the target to {guess.shape} with .reshape"
        )
    if guess.size == 0:
        raise ShapeError(f"{name}: prediction of shape {guess.shape} has no element")
    return guess, truth


def checked_labels(
    name: str, labels: npt.ArrayLike, scores_shape: tuple[int, ...], called: str = "logits"
) -> npt.NDArray[Any]:
    """The labels as indices (n,), after every check that they fit but that of their range.

    Args:
        name: of the loss.
        labels: one for each row of the scores.
        scores_shape: (n, k), or (k,) for one sample.
        called: what the loss calls its scores.

    Raises:
        ShapeError: there is not one label for each row.
        LabelError: a label is not an integer; the message names its row.
    """
    array = np.asarray(labels)
    if array.shape != scores_shape[:-1]:
        mend = "one-hot rows become labels by .argmax(axis=1)"
        if array.shape != scores_shape:
            mend = f"pass labels of shape {scores_shape[:-1]}"
        raise ShapeError(
            f"{name}: labels of shape {array.shape} for {called} of shape {scores_shape}; {mend}"
        )
    rows = array.reshape(-1)
    if rows.dtype.kind not in "iu":
        # A float such as 1.0 is refused too: it may be a measurement passed by mistake.
        row = _first_fraction(rows)
        raise LabelError(
            f"{name}: label {rows.tolist()[row]!r} in row {row} is not an integer; labels are "
            f"integers from 0 to {scores_shape[-1] - 1}"
            + (", labels.astype(int) makes them" if rows.dtype.kind in "fb" else "")
        )
    return rows


def _first_fraction(labels: npt.NDArray[Any]) -> int:
    """The row of the first label that is no whole number, or 0 if only the dtype is wrong."""
    if labels.dtype.kind != "f":
        return 0
    return int(np.argmax(labels != np.floor(labels)))


def require_labels_in_range(name: str, labels: npt.NDArray[Any], classes: int) -> None:
    """Refuse labels (n,) that are no class, which as indices would count from the end.

    Raises:
        LabelError: naming the first of them and its row.
    """
    if outside := place_of((labels < 0) | (labels >= classes)):
        place, where = outside
        raise LabelError(
            f"{name}: label {labels[place]}{where} is out of range; labels are integers from 0 to "
            f"{classes - 1}"
        )


def require_distributions(name: str, targets: Any) -> None:
    """Refuse targets (n, k) or (k,) whose rows are not the probabilities of k classes.

    Raises:
        LabelError: a probability is negative or nan, or a row does not add up to 1.
    """
    numbers = numbers_of(targets)
    if numbers is None:
        return
    if wrong := place_of(~(numbers >= 0)):
        place, where = wrong
        raise LabelError(f"{name}: target {numbers[place]}{where} is not a probability")
    sums = numbers.sum(axis=-1)
    # Rounded to the dtype they may be off by a few digits, but not by what is a mistake.
    if wrong := place_of(~(np.abs(sums - 1) <= numbers.dtype.type(1e-3))):
        row, where = wrong
        raise LabelError(
            f"{name}: the probabilities{where} of the target add up to {sums[row]:.6g}, not to 1"
        )


def require_not_negative(name: str, what: str, setting: Any) -> None:
    """Refuse a setting, a number or several, that is negative or not finite.

    Raises:
        SettingError: naming the first such number.
        OperandError: it is not of real numbers.
    """
    numbers = numbers_of(setting)
    if numbers is None:
        return
    if numbers.dtype.kind not in "fiub":
        raise OperandError(f"{name}: {what} is {setting!r}; pass numbers")
    if wrong := place_of(~((numbers >= 0) & (numbers < np.inf))):
        place, where = wrong
        raise SettingError(
            f"{name}: {what} is {numbers[place]}{where}; it must be finite and not below 0"
        )
