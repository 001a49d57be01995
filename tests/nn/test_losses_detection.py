"""The loss of YOLO v1: worked by hand, cell by cell, and against a plain reading of the paper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor
from autograd.errors import LabelError, SettingError, ShapeError
from nn import yolo

CELLS, BOXES, CLASSES = 2, 2, 3


def _grid(cell: list[float]) -> np.ndarray:
    """One image of one cell."""
    return np.array(cell, dtype=float).reshape(1, 1, 1, -1)


def _overlap(box: Any, true: Any) -> float:
    """Intersection over union of two boxes of one cell."""
    sides = [
        max(
            0.0,
            min(box[i] / CELLS + box[i + 2] / 2, true[i] / CELLS + true[i + 2] / 2)
            - max(box[i] / CELLS - box[i + 2] / 2, true[i] / CELLS - true[i + 2] / 2),
        )
        for i in (0, 1)
    ]
    shared = sides[0] * sides[1]
    return float(shared / (box[2] * box[3] + true[2] * true[3] - shared))


def _loss_of_cell(cell: Any, true: Any) -> float:
    boxes = [cell[5 * i : 5 * i + 5] for i in range(BOXES)]
    if not true[4]:
        return 0.5 * sum(box[4] ** 2 for box in boxes)
    overlaps = [_overlap(box, true) for box in boxes]
    best = overlaps.index(max(overlaps))
    x, y, w, h, confidence = boxes[best]
    loss = 5 * ((x - true[0]) ** 2 + (y - true[1]) ** 2)
    loss += 5 * ((w**0.5 - true[2] ** 0.5) ** 2 + (h**0.5 - true[3] ** 0.5) ** 2)
    loss += (confidence - overlaps[best]) ** 2
    loss += 0.5 * sum(box[4] ** 2 for i, box in enumerate(boxes) if i != best)
    classes = zip(cell[5 * BOXES :], true[5:], strict=True)
    return float(loss + sum((p - q) ** 2 for p, q in classes))


@given(st.integers(0, 1000))
def test_loss_is_that_of_a_plain_reading_of_the_paper(seed: int) -> None:
    rng = np.random.default_rng(seed)
    prediction = rng.uniform(0.05, 1, (2, CELLS, CELLS, 5 * BOXES + CLASSES))
    target = rng.uniform(0.05, 1, (2, CELLS, CELLS, 5 + CLASSES))
    target[..., 4] = rng.integers(0, 2, target.shape[:3])
    expected = [
        sum(_loss_of_cell(image[cell], true[cell]) for cell in np.ndindex(CELLS, CELLS))
        for image, true in zip(prediction, target, strict=True)
    ]
    losses = yolo(prediction, target, reduction="none")
    np.testing.assert_allclose(losses.data, expected, rtol=1e-12)


def test_a_cell_worked_by_hand() -> None:
    # The first box lies apart; the second is the target but for its width.
    prediction = Tensor(_grid([0.5, 0.1, 0.2, 0.1, 0.4, 0.5, 0.6, 0.16, 0.25, 0.7, 0.2, 0.9]))
    target = _grid([0.5, 0.6, 0.36, 0.25, 1, 0, 1])
    overlap = 0.16 / 0.36
    placed = 5 * (0.6 - 0.4) ** 2
    certain = (0.7 - overlap) ** 2 + 0.5 * 0.4**2
    classified = 0.2**2 + 0.1**2
    loss = yolo(prediction, target)
    loss.backward()
    assert loss.item() == pytest.approx(placed + certain + classified, rel=1e-13)
    expected = np.zeros(12)
    expected[4] = 2 * 0.5 * 0.4
    expected[7] = 5 * 2 * (0.4 - 0.6) / (2 * 0.4)
    expected[9] = 2 * (0.7 - overlap)
    expected[10:] = 0.4, -0.2
    assert prediction.grad is not None
    np.testing.assert_allclose(prediction.grad.reshape(-1), expected, atol=1e-14)


def test_lambdas_weigh_places_and_boxes_without_object() -> None:
    prediction = _grid([0.5, 0.5, 0.25, 0.25, 1, 0.1, 0.9, 0.25, 0.25, 0.5])
    target = _grid([0.5, 0.75, 0.25, 0.25, 1])
    losses = [
        yolo(prediction, target, lambda_coord=coord, lambda_noobj=noobj).item()
        for coord, noobj in ((0, 0), (1, 0), (0, 1))
    ]
    # Boxes of a quarter that lie a quarter apart do not overlap, nor does the other, which is no
    # better: the first is responsible.
    assert losses == pytest.approx([1, 1 + 0.25**2, 1 + 0.5**2])


def test_of_equal_boxes_the_first_is_responsible() -> None:
    box = [0.5, 0.5, 0.25, 0.25, 0.5]
    prediction = Tensor(_grid(box + box))
    yolo(prediction, _grid([0.5, 0.5, 0.25, 0.25, 1])).backward()
    assert prediction.grad is not None
    np.testing.assert_allclose(prediction.grad[0, 0, 0, [4, 9]], [-1, 0.5])


def test_a_prediction_that_is_right_costs_nothing() -> None:
    target = _grid([0.5, 0.5, 0.3, 0.7, 1, 0, 1])
    prediction = Tensor(target)
    loss = yolo(prediction, target)
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-30)
    np.testing.assert_allclose(prediction.grad, np.zeros(target.shape), atol=1e-14)


@pytest.mark.parametrize("size", [-4.0, -0.25, -1e-9, 0.0, 1e-9])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_size_that_is_not_positive_is_drawn_upwards(size: float, dtype: Any) -> None:
    target = _grid([0.5, 0.5, 0.25, 0.25, 1])
    prediction = Tensor(_grid([0.5, 0.5, size, size, 0]), dtype=dtype)
    loss = yolo(prediction, target)
    loss.backward()
    assert prediction.grad is not None and np.isfinite(prediction.grad).all()
    slopes = prediction.grad[0, 0, 0, 2:4]
    assert (slopes < 0).all()
    if size <= -0.25:
        root = -np.sqrt(-size)
        assert loss.item() == pytest.approx(10 * (root - 0.5) ** 2)
        np.testing.assert_allclose(slopes, 10 * (root - 0.5) / (2 * -root), rtol=1e-6)


def test_the_target_of_a_cell_without_object_does_not_count() -> None:
    prediction = _grid([0.5, 0.5, 0.25, 0.25, 0.5, 0.3])
    losses = [yolo(prediction, _grid(cell)).item() for cell in ([0] * 6, [9, -9, -9, 0, 0, 7])]
    assert losses == pytest.approx([0.5 * 0.5**2] * 2)


@pytest.mark.parametrize(
    ("prediction", "target"),
    [
        ((1, 2, 2, 10), (1, 2, 2, 6)),
        ((1, 2, 2, 3), (1, 2, 2, 8)),
        ((1, 2, 2, 10), (1, 2, 2, 4)),
        ((1, 2, 3, 10), (1, 2, 3, 5)),
        ((2, 2, 2, 10), (1, 2, 2, 5)),
        ((2, 2, 10), (2, 2, 5)),
        ((0, 2, 2, 10), (0, 2, 2, 5)),
    ],
)
def test_grids_that_do_not_fit_are_refused(
    prediction: tuple[int, ...], target: tuple[int, ...]
) -> None:
    with pytest.raises(ShapeError, match=r"yolo: prediction of shape .* 5 \* B \+ C\) and \(n, S"):
        yolo(np.zeros(prediction), np.zeros(target))


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ([0.5, 0.5, 0.1, 0.1, 0.5], r"the target of the cell at \[0, 0, 0\] holds 0\.5 objects"),
        ([0.5, 0.5, 0.1, 0.1, np.nan], r"holds nan objects; it must be 1 or 0"),
        ([0.5, 0.5, 0.0, 0.1, 1], r"the object of the cell at \[0, 0, 0\] is 0 wide and 0\.1 high"),
        ([0.5, 0.5, 0.1, -0.1, 1], r"is 0\.1 wide and -0\.1 high; both must be above 0"),
    ],
)
def test_objects_that_are_none_are_refused(cell: list[float], message: str) -> None:
    with pytest.raises(LabelError, match=message):
        yolo(np.zeros((1, 1, 1, 5)), _grid(cell))


@pytest.mark.parametrize("setting", ["lambda_coord", "lambda_noobj"])
def test_lambdas_are_not_negative(setting: str) -> None:
    grid = np.zeros((1, 1, 1, 5))
    with pytest.raises(SettingError, match=f"yolo: {setting} is -1; it must be finite"):
        yolo(grid, grid, **{setting: -1})
