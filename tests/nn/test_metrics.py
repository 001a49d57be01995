"""Accuracy and the confusion matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.errors import LabelError, ShapeError
from nn import accuracy, confusion_matrix

PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1)


@given(PAIRS)
def test_the_confusion_matrix_counts_every_pair(pairs: list[tuple[int, int]]) -> None:
    counts = confusion_matrix(*np.array(pairs).T, classes=4)
    expected = [[pairs.count((column, row)) for column in range(4)] for row in range(4)]
    assert counts.tolist() == expected


@given(PAIRS)
def test_accuracy_is_the_share_of_the_diagonal(pairs: list[tuple[int, int]]) -> None:
    predicted, labels = np.array(pairs).T
    counts = confusion_matrix(predicted, labels, classes=4)
    assert accuracy(predicted, labels) == pytest.approx(np.trace(counts) / len(pairs))


@pytest.mark.parametrize(
    ("predicted", "labels", "message"),
    [
        (np.zeros(2), np.zeros(3), r"predicted of shape \(2,\) and labels of shape \(3,\)"),
        (np.zeros((3, 2)), np.zeros(3), r"logits become labels by \.argmax\(axis=1\)"),
        (np.zeros(0), np.zeros(0), r"n of at least 1"),
        (1, 1, r"predicted of shape \(\) and labels of shape \(\)"),
    ],
)
def test_shapes_that_are_not_lists_of_labels_are_refused(
    predicted: Any, labels: Any, message: str
) -> None:
    with pytest.raises(ShapeError, match="accuracy: .*" + message):
        accuracy(predicted, labels)
    with pytest.raises(ShapeError, match="confusion_matrix: .*" + message):
        confusion_matrix(predicted, labels, classes=2)


@pytest.mark.parametrize(
    ("predicted", "labels", "message"),
    [
        ([0, 3], [0, 1], "predicted has 3 in row 1; labels are integers from 0 to 2"),
        ([0, 1], [0, -1], "labels has -1 in row 1; labels are integers from 0 to 2"),
        ([0.5, 1.0], [0, 1], r"predicted has 0\.5 in row 0; labels are integers from 0 to 2"),
    ],
)
def test_the_confusion_matrix_names_a_label_that_is_no_class(
    predicted: Any, labels: Any, message: str
) -> None:
    with pytest.raises(LabelError, match=message):
        confusion_matrix(predicted, labels, classes=3)
