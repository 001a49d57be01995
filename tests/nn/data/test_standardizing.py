"""Standardizing: mean 0 and deviation 1 of what is trained on, and the same map for the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd.errors import OperandError, ShapeError
from nn import Standardizer, standardize

SAMPLES = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 6), st.integers(1, 3)),
    elements=st.floats(-1e6, 1e6) | st.sampled_from([0.1, 0.3]),
)


@given(SAMPLES)
def test_each_column_has_mean_zero_and_deviation_one_unless_it_is_constant(x: np.ndarray) -> None:
    (z,) = standardize(x)
    constant = (x == x[0]).all(axis=0)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-9)
    assert (z[:, constant] == 0).all()
    # Of numbers that differ in their last digits, only some digits are left.
    spread = np.abs(x - x[0]).max(axis=0) > 1e-3 * np.abs(x).max(axis=0)
    np.testing.assert_allclose(z[:, spread].std(axis=0), 1, rtol=1e-9)


@given(SAMPLES)
def test_the_inverse_gives_the_samples_back(x: np.ndarray) -> None:
    scale = Standardizer(x)
    np.testing.assert_allclose(scale.inverse(scale(x)), x, rtol=1e-12, atol=1e-9)


@given(SAMPLES)
def test_others_are_measured_by_the_training_samples(x: np.ndarray) -> None:
    scale = Standardizer(x)
    same, shifted = standardize(x, x + 1.0)
    np.testing.assert_array_equal(same, scale(x))
    np.testing.assert_allclose(shifted, (x + 1.0 - scale.mean) / scale.deviation)


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_squares_that_no_float_holds_do_no_harm(size: float) -> None:
    (z,) = standardize(np.array([[1.0], [3.0]]) * size)
    np.testing.assert_allclose(z, [[-1.0], [1.0]])


def test_images_are_standardized_by_pixel_and_targets_by_themselves() -> None:
    images = np.arange(24.0).reshape(2, 3, 4)
    assert standardize(images)[0].tolist() == [[[-1.0] * 4] * 3, [[1.0] * 4] * 3]
    assert standardize([1.0, 3.0])[0].tolist() == [-1.0, 1.0]


@pytest.mark.parametrize(
    ("given_dtype", "dtype"),
    [(np.float32, np.float32), (np.float64, np.float64), (np.uint8, np.float64)],
)
def test_float_dtypes_stay_and_integers_become_float64(given_dtype: Any, dtype: Any) -> None:
    x = np.array([[1], [3]], given_dtype)
    scale = Standardizer(x)
    assert scale(x).dtype == scale.inverse(x).dtype == dtype
    assert scale(x[:0]).shape == (0, 1)


def test_float32_is_measured_in_double_precision() -> None:
    x = np.float32(1e4) + np.tile(np.array([[0], [1]], np.float32), (50_000, 1))
    scale = Standardizer(x)
    assert scale.mean[0] == pytest.approx(10000.5, rel=1e-9)
    assert scale.deviation[0] == pytest.approx(0.5, rel=1e-9)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([[0.0, 1.0], [0.0, np.nan]], "train has nan in row 1, column 1; leave that row out or"),
        ([[[0.0, -np.inf]]], "train has -inf in row 0, column 0, 1"),
        ([0.0, np.inf], "train has inf in row 1;"),
        ([["a"]], "train is of <U1; pass real numbers"),
    ],
)
def test_what_is_no_finite_number_is_named_with_its_column(x: Any, message: str) -> None:
    with pytest.raises(OperandError, match="Standardizer: " + message):
        standardize(x)


def test_a_nan_among_the_others_is_named_too() -> None:
    with pytest.raises(OperandError, match="Standardizer: x has nan in row 0, column 0"):
        standardize([[0.0]], [[np.nan]])


def test_no_samples_and_samples_of_another_shape_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"train of shape \(0, 2\) has no sample"):
        Standardizer(np.ones((0, 2)))
    with pytest.raises(ShapeError, match="train is one number; pass samples"):
        Standardizer(1.0)
    with pytest.raises(ShapeError, match="train is no array: its rows differ in length"):
        Standardizer([[1.0], [1.0, 2.0]])  # type: ignore[list-item]
    scale = Standardizer(np.ones((3, 2)))
    with pytest.raises(ShapeError, match=r"x of shape \(2,\), but it was made of samples of shap"):
        scale([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"z of shape \(1, 3\)"):
        scale.inverse([[1.0, 2.0, 3.0]])
