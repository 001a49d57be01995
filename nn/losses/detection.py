"""The loss of an object detector that looks once: boxes, their confidence and their classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, equal, less_equal, maximum, minimum, relu, stop_gradient
from autograd.errors import LabelError, ShapeError
from nn.losses.operands import (
    Operand,
    as_tensor,
    numbers_of,
    place_of,
    plain_or_tensor,
    require_not_negative,
)
from nn.losses.reduction import Reduction, reduced

__all__ = ["yolo"]

BOX = 5
"""The numbers of a box: x, y, w, h and its confidence."""
SMALLEST_SIZE = 1e-4
"""Below this part of the image, far less than a pixel, the root of a size is a straight line."""
SMALLEST_AREA = 1e-12


def yolo(
    prediction: Operand,
    target: Operand,
    *,
    lambda_coord: float = 5.0,
    lambda_noobj: float = 0.5,
    reduction: Reduction = "mean",
    weights: Operand | None = None,
) -> Tensor:
    """The loss of YOLO v1, of S x S cells with B boxes and C classes each; the mean over images.

    prediction (n, S, S, 5 * B + C): of the cell in a row and a column first B boxes of x, y, w, h
    and confidence, then the probabilities of C classes. x and y place the centre of a box within
    the cell, from 0 to 1; w and h are parts of the whole image. target (n, S, S, 5 + C): the one
    box x, y, w, h of a cell, 1 if it holds the centre of an object and 0 if not, and the
    probabilities of its classes, such as a one-hot row; the rest of a cell without object does not
    count. B follows from both shapes -> loss ().

    In a cell with an object, the box of which the intersection with the target is the largest part
    of the union (IoU) is responsible, the first of equal ones. The loss of an image is the sum over
    its cells of

    - lambda_coord * ((x - x')**2 + (y - y')**2 + (√w - √w')**2 + (√h - √h')**2), where x', y', w',
      h' are the target, and (confidence - IoU)**2, both of the responsible box;
    - lambda_noobj * confidence**2 of every other box;
    - sum((p - p')**2) over the classes of a cell with an object.

    As in the paper IoU is a constant of the gradient, and so is who is responsible. The root of a
    negative size w, which a net may well predict, is -√|w|, which draws w upwards; below 1e-4, far
    less than a pixel, the root is w / √1e-4, so that its slope stays finite at 0.

    Args:
        prediction: what the network gives.
        target: what it should give.
        lambda_coord: how much the places and sizes of boxes count.
        lambda_noobj: how much the confidence of boxes counts that are not responsible.
        reduction: "mean", "sum" or "none"; the losses that stay apart are (n,).
        weights: of the images, (n,), as in `reduced`.

    Raises:
        ShapeError: prediction and target are not of such shapes.
        LabelError: the target of a cell is neither 0 nor 1 for an object, or there is one whose
            width or height is not above 0; the message names the cell.
        SettingError: a lambda is negative or not finite.

    Source: Redmon et al., CVPR 2016, arXiv:1506.02640.

    >>> box, one_hot = [0.5, 0.5, 0.25, 0.25], [1.0, 0.0]
    >>> target = np.array([[[box + [1.0] + one_hot]]])
    >>> yolo([[[box + [0.5] + one_hot]]], target).item()  # of confidence 0.5 where IoU is 1
    0.25
    """
    require_not_negative("yolo", "lambda_coord", lambda_coord)
    require_not_negative("yolo", "lambda_noobj", lambda_noobj)
    guess, truth, boxes = _checked_grids(prediction, target)
    images, cells = guess.shape[:2]
    box = guess[..., : BOX * boxes].reshape(images, cells, cells, boxes, BOX)
    true_box = truth[..., None, : BOX - 1]
    has_object = truth[..., BOX - 1 : BOX]

    overlap = _overlap(stop_gradient(box), true_box, cells)
    responsible = has_object * _first_largest(overlap)
    misplaced = ((box[..., :2] - true_box[..., :2]) ** 2).sum(axis=-1)
    missized = ((_root(box[..., 2:4]) - _root(true_box[..., 2:])) ** 2).sum(axis=-1)
    located = float(lambda_coord) * responsible * (misplaced + missized)

    # Of a box that is not responsible the confidence should be 0.
    counted = responsible + float(lambda_noobj) * (1.0 - responsible)
    confident = counted * (box[..., BOX - 1] - responsible * overlap) ** 2
    classified = has_object * (guess[..., BOX * boxes :] - truth[..., BOX:]) ** 2
    losses = (located + confident).sum(axis=(1, 2, 3)) + classified.sum(axis=(1, 2, 3))
    return reduced("yolo", losses, reduction, weights)


def _overlap(box: Tensor, true_box: Any, cells: int) -> Any:
    """The intersection over the union of each box with that of its cell; 0 where neither has area.

    In the unit of the image, in which a cell is 1 / cells long. From where to where the cell is
    does not matter, as both boxes are placed in it.
    """
    (low, high), (true_low, true_high) = (_corners(each, cells) for each in (box, true_box))
    shared = _area(relu(minimum(high, true_high) - maximum(low, true_low)))
    union = _area(high - low) + _area(true_high - true_low) - shared
    return shared / maximum(union, SMALLEST_AREA)


def _corners(box: Any, cells: int) -> tuple[Any, Any]:
    centre, half = box[..., :2] / cells, relu(box[..., 2:4]) / 2
    return centre - half, centre + half


def _area(sides: Any) -> Any:
    return sides[..., 0] * sides[..., 1]


def _first_largest(overlap: Any) -> Any:
    """One for the first of the largest along the last axis, zero for all others."""
    largest = equal(overlap, overlap.max(axis=-1, keepdims=True))
    return largest * less_equal(np.cumsum(largest, axis=-1), 1.0)


def _root(size: Any) -> Any:
    """The square root with the sign of the size, and with a finite slope at 0."""
    return size / maximum(abs(size), SMALLEST_SIZE) ** 0.5


def _checked_grids(prediction: Operand, target: Operand) -> tuple[Tensor, Any, int]:
    """Prediction and target, and how many boxes a cell has."""
    guess = as_tensor(prediction)
    truth = plain_or_tensor(target, guess, "yolo: the target holds")
    fits = (
        guess.ndim == truth.ndim == 4
        and guess.shape[:3] == truth.shape[:3]
        and guess.shape[1] == guess.shape[2]
        and 0 not in guess.shape
        and truth.shape[-1] >= BOX
    )
    boxes, rest = divmod(guess.shape[-1] - (truth.shape[-1] - BOX), BOX) if fits else (0, 0)
    if boxes < 1 or rest:
        raise ShapeError(
            f"yolo: prediction of shape {guess.shape}, target of shape {truth.shape}; pass "
            "(n, S, S, 5 * B + C) and (n, S, S, 5 + C) for B boxes and C classes"
        )
    _require_objects(numbers_of(truth))
    return guess, truth, boxes


def _require_objects(target: np.ndarray | None) -> None:
    if target is None:
        return
    objects = target[..., BOX - 1]
    if wrong := place_of((objects != 0) & (objects != 1)):
        raise LabelError(
            f"yolo: the target of the cell{wrong[1]} holds {objects[wrong[0]]:g} objects; it must "
            "be 1 or 0"
        )
    sizes = target[..., 2:4]
    if wrong := place_of((objects == 1) & ~(sizes > 0).all(axis=-1)):
        width, height = sizes[wrong[0]].tolist()
        raise LabelError(
            f"yolo: the object of the cell{wrong[1]} is {width:g} wide and {height:g} high; both "
            "must be above 0"
        )
