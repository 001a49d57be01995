from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.errors import FormatError
from viz.numerals import array_text, exact_text, number_text, shape_text


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 17))
def test_only_zero_is_written_as_zero(number: float, digits: Any) -> None:
    assert (float(number_text(number, digits)) == 0.0) == (number == 0.0)


@given(st.floats(-1e300, 1e300), st.integers(2, 17))
def test_written_number_is_near_the_number(number: float, digits: Any) -> None:
    assert math.isclose(
        float(number_text(number, digits)), number, rel_tol=0.06, abs_tol=0.51 * 10**-digits
    )


def test_minus_is_the_ascii_sign() -> None:
    assert number_text(-12.0) == "-12.00"


def test_negative_zero_has_no_sign() -> None:
    assert number_text(-0.0) == "0.00"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.004, "0.0040"), (0.00012, "1.2e-4"), (-1.2e-7, "-1.2e-7"), (0.005001, "0.01")],
)
def test_small_numbers_keep_their_leading_digits(number: float, text: str) -> None:
    assert number_text(number) == text


@pytest.mark.parametrize(
    ("number", "text"), [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf")]
)
def test_what_is_not_finite_is_named(number: float, text: str) -> None:
    assert number_text(number) == text


@pytest.mark.parametrize("digits", [-1, 18, 2.0, "2"])
def test_impossible_digits_are_refused_by_their_value(digits: Any) -> None:
    with pytest.raises(FormatError, match=f"digits={digits!r} is not a number of decimals"):
        number_text(1.0, digits)


def test_small_arrays_are_written_out() -> None:
    assert array_text(np.array([[0.1, 0.05], [-1.0, 2.0]])) == "[[0.10, 0.05], [-1.00, 2.00]]"


def test_large_arrays_are_written_by_their_range() -> None:
    assert array_text(np.linspace(-1.2, 3.4, 64).reshape(16, 4)) == "-1.20 … 3.40"


def test_arrays_with_nan_are_written_by_how_many() -> None:
    array = np.zeros((2, 3))
    array[0, 1] = math.nan
    assert array_text(array) == "1 nan"
    assert array_text(np.full((2, 3), math.nan)) == "all nan"


def test_infinite_elements_are_the_end_of_the_range() -> None:
    assert array_text(np.array([1.0, 2.0, 3.0, 4.0, -math.inf])) == "-inf … 4.00"


def test_array_without_elements_is_empty() -> None:
    assert array_text(np.zeros((0, 3))) == "empty"
    assert shape_text(np.zeros((0, 3))) == "(0, 3)"


def test_integers_and_masks_have_no_decimals() -> None:
    assert array_text(np.array([1, 2])) == "[1, 2]"
    assert array_text(np.array([True, False])) == "[True, False]"


def test_array_without_axes_is_a_number() -> None:
    assert array_text(np.array(3.0)) == "3.00"
    assert shape_text(np.array(3.0)) is None
    assert exact_text(np.array(0.1)) == "0.1"
