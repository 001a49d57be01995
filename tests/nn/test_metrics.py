"""Accuracy, the confusion matrix, and what is read off it; r squared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor
from autograd.errors import LabelError, OperandError, SettingError, ShapeError
from nn import accuracy, confusion_matrix, f1, precision, r_squared, recall

SHARES = [precision, recall, f1]
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
        (np.zeros((3, 2)), np.zeros(2), r"predicted \(n,\) or scores \(n, k\)"),
        (np.zeros((3, 2)), np.zeros((3, 2)), r"one-hot rows become labels by \.argmax\(axis=1\)"),
        (np.zeros((3, 1)), np.zeros(3), r"of one probability .* \(p > 0\.5\)\.reshape\(-1\)"),
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
    for share in SHARES:
        with pytest.raises(ShapeError, match=f"{share.__name__}: .*{message}"):
            share(predicted, labels)


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


@given(PAIRS)
def test_the_largest_score_of_a_row_is_the_prediction(pairs: list[tuple[int, int]]) -> None:
    predicted, labels = np.array(pairs).T
    scores = Tensor(3 * np.eye(4)[predicted] - 2)
    assert accuracy(scores, labels) == accuracy(predicted, labels)
    assert f1(scores, labels) == f1(predicted, labels)
    matrices = [confusion_matrix(each, labels, classes=4) for each in (scores, predicted)]
    np.testing.assert_array_equal(*matrices)


@given(PAIRS, st.sampled_from(["macro", "micro", None]), st.sampled_from([0.0, 1.0]))
def test_shares_are_those_of_scikit_learn(
    pairs: list[tuple[int, int]], average: Any, zero_division: float
) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    predicted, labels = np.array(pairs).T
    for share, name in zip(SHARES, ("precision", "recall", "f1"), strict=True):
        peer = getattr(metrics, f"{name}_score")
        settings = {"average": average, "zero_division": zero_division}
        np.testing.assert_allclose(
            share(predicted, labels, **settings), peer(labels, predicted, **settings)
        )
        np.testing.assert_allclose(
            share(predicted, labels, classes=5, **settings),
            peer(labels, predicted, labels=range(5), **settings),
        )


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1))
def test_shares_of_two_classes_are_those_of_the_positive_one(
    pairs: list[tuple[bool, bool]],
) -> None:
    predicted, labels = np.array(pairs, dtype=int).T
    right = int(np.sum(predicted & labels))
    wholes = [int(predicted.sum()), int(labels.sum())]
    shares = [right / whole if whole else 0.25 for whole in wholes]
    for share, expected in zip((precision, recall), shares, strict=True):
        settings: dict[str, Any] = {"average": "binary", "zero_division": 0.25}
        assert share(predicted, labels, **settings) == expected
        words = np.array(["no", "yes"])
        assert share(words[predicted], words[labels], positive="yes", **settings) == expected
    if right:
        harmonic = 2 / (1 / shares[0] + 1 / shares[1])
        assert f1(predicted, labels, average="binary") == pytest.approx(harmonic)


def test_shares_of_three_classes_worked_by_hand() -> None:
    predicted, labels = [0, 0, 1, 2, 2, 2], [0, 1, 1, 2, 2, 0]
    assert precision(predicted, labels) == pytest.approx((1 / 2 + 1 + 2 / 3) / 3)
    assert recall(predicted, labels) == pytest.approx((1 / 2 + 1 / 2 + 1) / 3)
    assert f1(predicted, labels) == pytest.approx((1 / 2 + 2 / 3 + 4 / 5) / 3)
    assert f1(predicted, labels, average="micro") == pytest.approx(4 / 6)


def test_a_class_that_was_never_predicted_has_the_precision_that_is_asked_for() -> None:
    assert precision([0, 0], [0, 1], average=None).tolist() == [0.5, 0]
    assert precision([0, 0], [0, 1], average=None, zero_division=1.0).tolist() == [0.5, 1]


@pytest.mark.parametrize("share", SHARES)
def test_shares_refuse_what_they_cannot_average(share: Callable[..., Any]) -> None:
    name = share.__name__
    with pytest.raises(
        LabelError, match=rf'{name}: average "binary" .* there are 3: 0, 1, 2; pass'
    ):
        share([0, 1, 2], [0, 1, 1], average="binary")
    with pytest.raises(SettingError, match=f"{name}: average is 'weighted'; it is one of"):
        share([0, 1], [0, 1], average="weighted")
    with pytest.raises(LabelError, match=f"{name}: labels has 2 in row 1; .* from 0 to 1"):
        share([0, 1], [0, 2], classes=2)


NUMBERS = st.integers(-9, 9)


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), min_size=2))
def test_r_squared_is_that_of_scikit_learn(rows: list[tuple[int, ...]]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    numbers = np.array(rows, dtype=float)
    predicted, target = numbers[:, :2], numbers[:, 2:]
    assert r_squared(predicted, target) == pytest.approx(metrics.r2_score(target, predicted))
    assert r_squared(Tensor(predicted[:, 0]), target[:, 0]) == pytest.approx(
        metrics.r2_score(target[:, 0], predicted[:, 0])
    )


def test_r_squared_is_one_for_the_truth_and_zero_for_its_mean() -> None:
    target = np.array([81.0, 93.0, 91.0, 97.0])
    assert r_squared(target, target) == 1
    assert r_squared(np.full(4, target.mean()), target) == 0
    assert r_squared([5, 5], [5, 5]) == 1
    assert r_squared([5, 6], [5, 5]) == 0


@pytest.mark.parametrize("shapes", [((3,), (3, 1)), ((1,), (1,)), ((), ()), ((3, 0), (3, 0))])
def test_r_squared_refuses_other_shapes(shapes: Any) -> None:
    with pytest.raises(ShapeError, match=r"r_squared: .* with n of at least 2"):
        r_squared(*map(np.zeros, shapes))


def test_r_squared_is_of_numbers() -> None:
    with pytest.raises(OperandError, match="r_squared: predicted holds real numbers"):
        r_squared(["high", "low"], [1.0, 2.0])
