"""One-hot rows: a 1 at the label, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd.errors import LabelError, SettingError, ShapeError
from nn import one_hot


@given(hnp.arrays(np.int64, hnp.array_shapes(min_dims=0, max_dims=3), elements=st.integers(0, 4)))
def test_every_label_is_the_only_one_in_its_row(labels: np.ndarray) -> None:
    rows = one_hot(labels, 5)
    assert rows.shape == (*labels.shape, 5) and rows.dtype == np.float64
    np.testing.assert_array_equal(rows.argmax(axis=-1), labels)
    np.testing.assert_array_equal(rows.sum(axis=-1), np.ones(labels.shape))
    assert set(rows.ravel()) <= {0.0, 1.0}


def test_no_labels_are_no_rows() -> None:
    assert one_hot([], 3).shape == (0, 3)


def test_rows_come_in_the_dtype_asked_for() -> None:
    assert one_hot([1], 2, np.float32).dtype == np.float32


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 3, 4], "label 3 in row 1; labels are integers from 0 to 2"),
        ([[0, 1], [1, -1]], "label -1 in row 1, 1; labels are"),
        (3, "label 3; labels are"),
        ([1.0, 2.0], r"labels are of float64, such as 1\.0; labels are integers"),
        (["a"], "labels are of <U1, such as 'a'"),
        ([True], "labels are of bool, such as True"),
    ],
)
def test_what_is_no_label_is_refused_with_its_row(labels: Any, message: str) -> None:
    with pytest.raises(LabelError, match="one_hot: " + message):
        one_hot(labels, 3)


@pytest.mark.parametrize("classes", [0, 2.0, True])
def test_classes_must_be_counted(classes: Any) -> None:
    with pytest.raises(SettingError, match=f"one_hot: classes is {classes}; pass a whole number"):
        one_hot([0], classes)


def test_ragged_labels_are_refused() -> None:
    with pytest.raises(ShapeError, match="one_hot: labels is no array: its rows differ in length"):
        one_hot([[0], [0, 1]], 2)  # type: ignore[list-item]
