"""Losses: from outputs and targets to one number that training makes small."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.array_gates import softmax_cross_entropy
from autograd.errors import LabelError, ShapeError

__all__ = ["cross_entropy", "mse"]


def cross_entropy(logits: Tensor | npt.ArrayLike, labels: npt.ArrayLike) -> Tensor:
    """The mean of -log softmax(logits)[label], in nats.

    logits (n, k), labels (n,) of int in [0, k) -> loss (); one sample may come as logits (k,) and
    one label. It is computed from the logits, never from probabilities, and with the largest logit
    removed: no logit overflows, and a probability too small for a float still has its logarithm.
    The gradient by the logits is (softmax(logits) - one_hot(labels)) / n.

    Raises:
        ShapeError: logits are not (n, k) or (k,) with n and k of at least 1, or labels do not
            fit them.
        LabelError: a label is not an integer, or is not in [0, k); the message names its row.

    Source: Blanchard, Higham & Higham, IMA J. Numer. Anal. 41(4), 2021.

    >>> logits = Tensor([[0.0, 0.0], [0.0, 1000.0]])
    >>> round(cross_entropy(logits, [0, 1]).item(), 6)  # the mean of log 2 and 0
    0.346574
    """
    node = logits if isinstance(logits, Tensor) else Tensor(logits)
    rows = node.reshape((1, node.size)) if node.ndim == 1 else node
    if rows.ndim != 2 or 0 in rows.shape:
        raise ShapeError(
            f"cross_entropy: logits of shape {node.shape}; pass (n, k) for n samples of k classes, "
            "or (k,) for one"
        )
    classes = rows.shape[1]
    indices = _checked_labels(np.asarray(labels), node.shape, classes)
    loss: Tensor = softmax_cross_entropy(rows, labels=indices).mean()
    return loss


def _checked_labels(
    labels: npt.NDArray[Any], logits_shape: tuple[int, ...], classes: int
) -> npt.NDArray[Any]:
    """The labels as indices (n,), after every check that they fit but that of their range."""
    if labels.shape != logits_shape[:-1]:
        mend = "one-hot rows become labels by .argmax(axis=1)"
        if labels.shape != logits_shape:
            mend = f"pass labels of shape {logits_shape[:-1]}"
        raise ShapeError(
            f"cross_entropy: labels of shape {labels.shape} for logits of shape {logits_shape}; "
            f"{mend}"
        )
    rows = labels.reshape(-1)
    if rows.dtype.kind not in "iu":
        valid = f"labels are integers from 0 to {classes - 1}"
        # A float such as 1.0 is refused too: it may be a measurement passed by mistake.
        row = _first_fraction(rows)
        raise LabelError(
            f"cross_entropy: label {rows.tolist()[row]!r} in row {row} is not an integer; {valid}"
            + (", labels.astype(int) makes them" if rows.dtype.kind in "fb" else "")
        )
    return rows


def _first_fraction(labels: npt.NDArray[Any]) -> int:
    """The row of the first label that is no whole number, or 0 if only the dtype is wrong."""
    if labels.dtype.kind != "f":
        return 0
    return int(np.argmax(labels != np.floor(labels)))


def mse(prediction: Tensor | npt.ArrayLike, target: Tensor | npt.ArrayLike) -> Tensor:
    """The mean of (prediction - target)**2 over all elements.

    prediction and target of one shape, any, not empty -> loss (). Nothing is broadcast, since
    (n, 1) against (n,) would silently compare all pairs.

    Raises:
        ShapeError: the shapes differ, or there is no element.

    >>> mse(Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    2.0
    """
    guess = prediction if isinstance(prediction, Tensor) else Tensor(prediction)
    truth = target if isinstance(target, Tensor) else np.asarray(target)
    if guess.shape != truth.shape:
        raise ShapeError(
            f"mse: prediction of shape {guess.shape}, target of shape {truth.shape}; "
            f"bring the target to {guess.shape} with .reshape"
        )
    if guess.size == 0:
        raise ShapeError(f"mse: prediction of shape {guess.shape} has no element")
    loss: Tensor = ((guess - truth) ** 2).mean()
    return loss
