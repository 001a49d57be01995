"""Splits: every sample once, pairs kept together, classes in proportion."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.errors import OperandError, SettingError, ShapeError
from nn import train_test_split


def samples(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows (count, 2) and labels (count,) that tell which row belongs to which label."""
    y = np.arange(count)
    return np.stack([y, 10 * y], axis=1), y


@given(st.integers(3, 30), st.floats(0.2, 0.8), st.integers(0, 9))
def test_a_split_divides_the_samples(count: int, fraction: float, seed: int) -> None:
    x, y = samples(count)
    split = train_test_split(x, y, fraction, np.random.default_rng(seed))
    assert sorted([*split.y_train, *split.y_test]) == list(range(count))
    assert len(split.y_test) == round(fraction * count)
    for rows, labels in [(split.x_train, split.y_train), (split.x_test, split.y_test)]:
        np.testing.assert_array_equal(rows[:, 0], labels)


def test_a_split_is_shuffled() -> None:
    x, y = samples(100)
    split = train_test_split(x, y, 0.5, np.random.default_rng(0))
    assert split.y_test.tolist() != sorted(split.y_test)
    assert split.y_train.tolist() != sorted(split.y_train)


def test_a_stratified_split_keeps_the_shares_of_the_classes() -> None:
    y = np.array([0] * 60 + [1] * 30 + [2] * 10)
    split = train_test_split(y, y, 0.2, np.random.default_rng(0), stratify=True)
    assert np.bincount(split.y_test).tolist() == [12, 6, 2]
    assert np.bincount(split.y_train).tolist() == [48, 24, 8]


def test_a_stratified_split_takes_labels_of_text() -> None:
    y = np.array(["cat"] * 4 + ["dog"] * 4)
    split = train_test_split(y, y, 0.25, np.random.default_rng(0), stratify=True)
    assert sorted(split.y_test) == ["cat", "dog"]


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.ones((3, 2)), np.ones(4), r"x of shape \(3, 2\) and y of shape \(4,\)"),
        (np.ones(()), np.ones(4), r"x of shape \(\) and y of shape \(4,\)"),
        (np.ones((0, 2)), np.ones(0), r"x of shape \(0, 2\) has no sample"),
    ],
)
def test_samples_that_do_not_pair_up_are_refused(x: Any, y: Any, message: str) -> None:
    with pytest.raises(ShapeError, match="train_test_split: " + message):
        train_test_split(x, y, 0.5, np.random.default_rng(0))


@pytest.mark.parametrize("fraction", [0, 1, -0.5, 25, float("nan")])
def test_a_test_fraction_outside_of_zero_to_one_is_refused(fraction: float) -> None:
    with pytest.raises(SettingError, match=f"test_fraction is {fraction!r}; pass a number between"):
        train_test_split(*samples(8), fraction, np.random.default_rng(0))


def test_a_split_with_an_empty_part_is_refused() -> None:
    with pytest.raises(SettingError, match=r"0\.1 of 3 samples leaves 3 to train and 0 to test on"):
        train_test_split(*samples(3), 0.1, np.random.default_rng(0))


def test_lists_are_split_as_arrays_are() -> None:
    split = train_test_split([[1.0], [2.0]], [0, 1], 0.5, np.random.default_rng(0))
    assert split.x_train.shape == (1, 1)
    with pytest.raises(ShapeError, match="train_test_split: x is no array: its rows differ"):
        train_test_split([[1.0], [2.0, 3.0]], [0, 1], 0.5, np.random.default_rng(0))


def test_stratifying_needs_one_label_for_each_sample() -> None:
    x, _ = samples(4)
    with pytest.raises(ShapeError, match=r"labels of shape \(4,\), and y is \(4, 2\)"):
        train_test_split(x, x, 0.5, np.random.default_rng(0), stratify=True)


def test_a_seed_in_place_of_a_generator_is_refused() -> None:
    with pytest.raises(OperandError, match="train_test_split: rng is None, not"):
        train_test_split(*samples(3), 0.5, None)  # type: ignore[arg-type]
