"""Losses of classes: k logits, log-probabilities or scores for each sample."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor, equal, log, log_softmax, relu, where
from autograd.array_gates import softmax_cross_entropy
from autograd.errors import SettingError, ShapeError
from nn.losses.operands import (
    Operand,
    as_tensor,
    checked_labels,
    matched,
    plain_or_tensor,
    require_distributions,
    require_labels_in_range,
    require_not_negative,
)
from nn.losses.reduction import Reduction, reduced

__all__ = ["cross_entropy", "kl_divergence", "multiclass_hinge", "nll"]


def cross_entropy(
    logits: Operand,
    labels: Operand,
    *,
    reduction: Reduction = "mean",
    weights: Operand | None = None,
    class_weights: Operand | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:
    """The mean of -log softmax(logits)[label], in nats.

    logits (n, k), labels (n,) of int in [0, k) -> loss (); one sample may come as logits (k,) and
    one label. It is computed from the logits, never from probabilities, and with the largest logit
    removed: no logit overflows, and a probability too small for a float still has its logarithm.
    The gradient by the logits is (softmax(logits) - one_hot(labels)) / n.

    Labels in the shape of the logits are probabilities t of the classes, such as one-hot rows; the
    loss of a row is then -sum(t * log softmax(logits)).

    Args:
        logits: of k classes for each sample.
        labels: integers, or probabilities of which each row adds up to 1.
        reduction: "mean", "sum" or "none"; the losses that stay apart are (n,).
        weights: of the samples, (n,), as in `reduced`.
        class_weights: (k,), how much the loss of each class counts. Of labels the mean is divided
            by the sum of the weights of their classes; of probabilities, as in PyTorch, by n.
        label_smoothing: the part in [0, 1] of each target that is spread evenly over the k classes.

    Raises:
        ShapeError: logits are not (n, k) or (k,) with n and k of at least 1, or labels or weights
            do not fit them.
        LabelError: a label is not an integer, or is not in [0, k), or a row of probabilities has a
            negative one or does not add up to 1; the message names its row.
        SettingError: a weight is negative, or label_smoothing is not in [0, 1].

    Source: Blanchard, Higham & Higham, IMA J. Numer. Anal. 41(4), 2021. Smoothing: Szegedy et al.,
    arXiv:1512.00567.

    >>> logits = Tensor([[0.0, 0.0], [0.0, 1000.0]])
    >>> round(cross_entropy(logits, [0, 1]).item(), 6)  # the mean of log 2 and 0
    0.346574
    >>> round(cross_entropy(logits, [[1.0, 0.0], [0.0, 1.0]]).item(), 6)
    0.346574
    """
    name = "cross_entropy"
    node, rows = _rows(name, "logits", logits)
    classes = rows.shape[1]
    if not 0 <= label_smoothing <= 1:
        raise SettingError(
            f"{name}: label_smoothing is {label_smoothing!r}; it is a part of the target, from 0 "
            "to 1, such as 0.1"
        )
    by_class = _class_weights(name, class_weights, rows)
    shares = None
    if np.shape(labels) == node.shape:
        targets = plain_or_tensor(labels, node, f"{name}: labels are").reshape(rows.shape)
        require_distributions(name, targets.reshape(node.shape))
    else:
        indices = checked_labels(name, labels, node.shape)
        if by_class is not None:
            require_labels_in_range(name, indices, classes)
            shares = by_class[indices]
        if not label_smoothing:
            losses = softmax_cross_entropy(rows, labels=indices)
            if shares is not None:
                losses = losses * shares
            return _reduced_rows(name, node, losses, reduction, weights, shares)
        require_labels_in_range(name, indices, classes)
        targets = np.eye(classes, dtype=node.dtype)[indices]
    if label_smoothing:
        targets = targets * (1 - float(label_smoothing)) + float(label_smoothing) / classes
    if by_class is not None:
        targets = targets * by_class
    losses = _expected(targets, -log_softmax(rows, axis=-1))
    return _reduced_rows(name, node, losses, reduction, weights, shares)


def nll(
    log_probabilities: Operand,
    labels: npt.ArrayLike,
    *,
    reduction: Reduction = "mean",
    weights: Operand | None = None,
    class_weights: Operand | None = None,
) -> Tensor:
    """The mean of -log_probabilities[label], the negative log-likelihood of the labels.

    log_probabilities (n, k), as `autograd.log_softmax` gives them, labels (n,) of int in [0, k) ->
    loss (); one sample may come as (k,) and one label. Of logits, `cross_entropy` computes the
    same. `reduction`, `weights` and `class_weights` are those of `cross_entropy`.

    Raises:
        ShapeError: log_probabilities are not (n, k) or (k,) with n and k of at least 1, or labels
            or weights do not fit them.
        LabelError: a label is not an integer in [0, k); the message names its row.
        SettingError: a weight is negative.

    >>> round(nll(Tensor([[0.5, 0.5], [0.75, 0.25]]).log(), [0, 1]).item(), 6)
    1.039721
    """
    node, rows = _rows("nll", "log_probabilities", log_probabilities)
    indices = checked_labels("nll", labels, node.shape, "log_probabilities")
    require_labels_in_range("nll", indices, rows.shape[1])
    by_class = _class_weights("nll", class_weights, rows)
    losses, shares = -_picked(rows, indices), None
    if by_class is not None:
        shares = by_class[indices]
        losses = losses * shares
    return _reduced_rows("nll", node, losses, reduction, weights, shares)


def kl_divergence(
    log_probabilities: Operand,
    target: Operand,
    *,
    reduction: Reduction = "mean",
    weights: Operand | None = None,
) -> Tensor:
    """The mean over samples of sum(t * (log(t) - log_probabilities)), in nats, from 0 up.

    log_probabilities (n, k), logarithms as `autograd.log_softmax` gives them, and the target t
    (n, k), probabilities themselves, as in PyTorch -> loss (); one sample may come as (k,) and
    (k,). Where t is 0, nothing is added, whatever the log-probability. `reduction` keeps the
    samples apart as (n,), sums them or takes their mean, which PyTorch calls "batchmean"; `weights`
    (n,) weigh them.

    Raises:
        ShapeError: the shapes differ, or are not (n, k) or (k,) with n and k of at least 1.
        LabelError: a row of the target has a negative probability or does not add up to 1.

    Source: Kullback & Leibler, Annals of Mathematical Statistics 22(1), 1951.

    >>> round(kl_divergence(Tensor([0.25, 0.75]).log(), [1.0, 0.0]).item(), 6)  # log 4
    1.386294
    """
    name = "kl_divergence"
    node, rows = _rows(name, "log_probabilities", log_probabilities)
    _, truth = matched(name, node, target)
    require_distributions(name, truth)
    targets = truth.reshape(rows.shape)
    ratios = log(where(equal(targets, 0.0), 1.0, targets)) - rows
    return _reduced_rows(name, node, _expected(targets, ratios), reduction, weights)


def multiclass_hinge(
    scores: Operand,
    labels: npt.ArrayLike,
    *,
    margin: float = 1.0,
    reduction: Reduction = "mean",
    weights: Operand | None = None,
) -> Tensor:
    """The mean over samples of sum(max(0, margin - score[label] + score[j])) / k, j not the label.

    scores (n, k), labels (n,) of int in [0, k) -> loss (); one sample may come as (k,) and one
    label. It is 0 where the score of the label leads all others by the margin. The division by k
    is that of PyTorch's multi_margin_loss. `reduction` and `weights` are those of `cross_entropy`;
    for labels -1 and 1 there is `hinge`.

    Raises:
        ShapeError: scores are not (n, k) or (k,) with n and k of at least 1, or labels or weights
            do not fit them.
        LabelError: a label is not an integer in [0, k); the message names its row.
        SettingError: the margin is negative or not finite.

    Source: Weston & Watkins, ESANN 1999.

    >>> scores = Tensor([3.2, 5.1, -1.7])
    >>> round(3 * multiclass_hinge(scores, 0).item(), 6)
    2.9
    """
    name = "multiclass_hinge"
    require_not_negative(name, "margin", margin)
    node, rows = _rows(name, "scores", scores)
    indices = checked_labels(name, labels, node.shape, "scores")
    classes = rows.shape[1]
    require_labels_in_range(name, indices, classes)
    excess = relu(rows - _picked(rows, indices)[:, None] + float(margin))
    others = (np.arange(classes) != indices[:, None]).astype(node.dtype)
    return _reduced_rows(name, node, (excess * others).sum(axis=-1) / classes, reduction, weights)


def _rows(name: str, called: str, scores: Operand) -> tuple[Tensor, Tensor]:
    """The scores, and the same as (n, k): one sample is a batch of one."""
    node = as_tensor(scores)
    rows = node.reshape((1, node.size)) if node.ndim == 1 else node
    if rows.ndim != 2 or 0 in rows.shape:
        raise ShapeError(
            f"{name}: {called} of shape {node.shape}; pass (n, k) for n samples of k classes, "
            "or (k,) for one"
        )
    return node, rows


def _class_weights(name: str, class_weights: Operand | None, rows: Tensor) -> Any:
    if class_weights is None:
        return None
    factors = plain_or_tensor(class_weights, rows, f"{name}: class_weights are")
    if factors.shape != rows.shape[1:]:
        raise ShapeError(
            f"{name}: class_weights of shape {factors.shape} for {rows.shape[1]} classes; pass one "
            f"for each, {rows.shape[1:]}"
        )
    require_not_negative(name, "a class weight", factors)
    return factors


def _picked(rows: Tensor, labels: npt.NDArray[Any]) -> Tensor:
    """Of each row the element at its label."""
    return rows[np.arange(len(labels)), labels]


def _expected(targets: Any, costs: Any) -> Tensor:
    """sum(t * cost) of each row, where a target of 0 adds nothing, though its cost be infinite."""
    total: Tensor = (targets * where(equal(targets, 0.0), 0.0, costs)).sum(axis=-1)
    return total


def _reduced_rows(
    name: str,
    node: Tensor,
    losses: Tensor,
    reduction: Reduction,
    weights: Operand | None,
    shares: Any = None,
) -> Tensor:
    """The losses (n,) reduced; of one sample (k,) without the axis of a batch of one."""
    result = reduced(name, losses, reduction, weights, shares)
    return result.reshape(()) if node.ndim == 1 and result.ndim else result
