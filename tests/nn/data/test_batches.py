"""Batches: every sample once, pairs kept together, drawn when they are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor
from autograd.errors import OperandError, SettingError, ShapeError
from nn import batches


def samples(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows (count, 2) and labels (count,) that tell which row belongs to which label."""
    y = np.arange(count)
    return np.stack([y, 10 * y], axis=1), y


@given(st.integers(1, 30), st.integers(1, 40), st.integers(0, 9))
def test_batches_visit_every_sample_once_with_its_label(count: int, size: int, seed: int) -> None:
    x, y = samples(count)
    pairs = list(batches(x, y, size, np.random.default_rng(seed)))
    assert sorted(np.concatenate([labels for _, labels in pairs])) == list(range(count))
    assert all((rows[:, 1] == 10 * labels).all() for rows, labels in pairs)
    assert [len(labels) for _, labels in pairs[:-1]] == [size] * (len(pairs) - 1)


def test_batches_come_in_another_order_each_epoch() -> None:
    x, y = samples(20)
    rng = np.random.default_rng(0)
    first, second = ([labels.tolist() for _, labels in batches(x, y, 5, rng)] for _ in range(2))
    assert first != second


def test_batches_of_equal_generators_are_equal() -> None:
    x, y = samples(20)
    first, second = (
        [labels.tolist() for _, labels in batches(x, y, 5, np.random.default_rng(3))]
        for _ in range(2)
    )
    assert first == second


@given(st.integers(1, 30), st.integers(1, 40))
def test_batches_without_shuffling_keep_the_order(count: int, size: int) -> None:
    x, y = samples(count)
    pairs = list(batches(x, y, size, shuffle=False))
    np.testing.assert_array_equal(np.concatenate([rows for rows, _ in pairs]), x)
    np.testing.assert_array_equal(np.concatenate([labels for _, labels in pairs]), y)


@pytest.mark.parametrize("shuffle", [True, False])
def test_samples_are_copied_when_their_batch_is_asked_for(shuffle: bool) -> None:
    x, y = samples(6)
    pairs = batches(x, y, 4, np.random.default_rng(0), shuffle=shuffle)
    x[:] = 7
    rows, _ = next(pairs)
    assert (rows == 7).all()
    rows[:] = 0
    assert (x == 7).all()


@pytest.mark.parametrize("dtype", [np.float32, np.uint8, np.int64])
def test_batches_keep_dtypes(dtype: Any) -> None:
    x = np.ones((3, 2), dtype)
    rows, labels = next(batches(x, x[:, 0], 2, np.random.default_rng(0)))
    assert rows.dtype == labels.dtype == dtype


def test_lists_come_in_batches_of_arrays_and_tensors_in_batches_of_tensors() -> None:
    (rows, labels), _ = batches([[1.0], [2.0], [3.0]], ["a", "b", "c"], 2, shuffle=False)
    assert rows.tolist() == [[1.0], [2.0]] and labels.tolist() == ["a", "b"]
    x = Tensor([1.0, 2.0, 3.0])
    for rows, _ in batches(x, x, 2, np.random.default_rng(0)):
        rows.sum().backward()
    assert x.grad is not None and x.grad.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.ones((3, 2)), np.ones(4), r"x of shape \(3, 2\) and y of shape \(4,\)"),
        (np.ones(()), np.ones(4), r"x of shape \(\) and y of shape \(4,\)"),
        (np.ones((0, 2)), np.ones(0), r"x of shape \(0, 2\) has no sample"),
        ([[1.0], [1.0, 2.0]], np.ones(2), "x is no array: its rows differ in length"),
    ],
)
def test_samples_that_do_not_pair_up_are_refused_at_the_call(x: Any, y: Any, message: str) -> None:
    with pytest.raises(ShapeError, match="batches: " + message):
        batches(x, y, 2, np.random.default_rng(0))


@pytest.mark.parametrize("size", [0, -1, 2.0, True, None])
def test_a_batch_size_that_counts_nothing_is_refused_at_the_call(size: Any) -> None:
    with pytest.raises(SettingError, match=f"batch_size is {size}; pass a whole number of at lea"):
        batches(*samples(3), size, np.random.default_rng(0))


def test_shuffling_needs_a_generator() -> None:
    with pytest.raises(OperandError, match="batches: rng is 0, not"):
        batches(*samples(3), 1, 0)  # type: ignore[arg-type]
    with pytest.raises(OperandError, match=r"shuffled by a generator; .* or shuffle=False"):
        batches(*samples(3), 1)
