"""Numerical derivatives of functions as users write them, and those of the lectures."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value
from autograd.errors import OperandError, SettingError
from autograd.testing import numerical_derivative

METHODS = ["extrapolated", "central", "complex"]
each_method = pytest.mark.parametrize("method", METHODS)


def of_four(p: np.ndarray) -> Any:
    """wx + xyz + 3w + zy²."""
    (w, x), (y, z) = p
    return w * x + x * y * z + 3 * w + z * y**2


# The lectures' examples: a function, where, and the derivative worked out by hand.
LECTURES: dict[str, tuple[Callable[[Any], Any], Any, Any]] = {
    "x² at 3": (lambda x: x**2, 3.0, 6.0),
    "2x + 3xy + y³ at (1, 2)": (
        lambda p: 2 * p[0] + 3 * p[0] * p[1] + p[1] ** 3,
        np.array([1.0, 2.0]),
        [8.0, 15.0],
    ),
    "wx + xyz + 3w + zy² at [[1, 2], [3, 4]]": (
        of_four,
        np.array([[1.0, 2.0], [3.0, 4.0]]),
        [[5.0, 13.0], [32.0, 15.0]],
    ),
    "3x² + eˣ + 7 at 1.3": (
        lambda x: 3 * x**2 + np.exp(x) + 7,
        1.3,
        6 * 1.3 + math.exp(1.3),
    ),
    "ln x + 1/x at 0.7": (lambda x: np.log(x) + 1 / x, 0.7, 1 / 0.7 - 1 / 0.7**2),
}


@each_method
@pytest.mark.parametrize("name", LECTURES)
def test_examples_of_the_lectures(name: str, method: Any) -> None:
    f, x, expected = LECTURES[name]
    value, uncertainty = numerical_derivative(f, x, method=method)
    tolerance = {"extrapolated": 1e-10, "central": 1e-6, "complex": 1e-13}[method]
    np.testing.assert_allclose(value, expected, rtol=tolerance)
    if method != "central":
        assert np.all(np.abs(value - np.array(expected)) <= 4 * np.array(uncertainty) + 1e-12)


@given(x=st.floats(-3, 3))
def test_the_formulas_of_the_lectures_hold_everywhere(x: float) -> None:
    value, uncertainty = numerical_derivative(lambda x: 3 * x**2 + np.exp(x) + 7, x)
    assert abs(value - (6 * x + math.exp(x))) <= 4 * uncertainty
    x = abs(x) + 0.1
    value, uncertainty = numerical_derivative(lambda x: np.log(x) + 1 / x, x)
    assert abs(value - (1 / x - 1 / x**2)) <= 4 * uncertainty


def test_central_is_the_plain_formula_with_its_delta() -> None:
    value, uncertainty = numerical_derivative(lambda x: x**3, 2.0, method="central", delta=0.5)
    assert value == (2.5**3 - 1.5**3) / 1.0
    assert math.isnan(uncertainty)


def test_complex_step_is_exact_to_rounding() -> None:
    value, _ = numerical_derivative(lambda x: np.exp(x) * np.sin(x), 0.7, method="complex")
    assert value == pytest.approx(math.exp(0.7) * (math.sin(0.7) + math.cos(0.7)), rel=1e-15)


def test_complex_step_goes_through_gates_without_kinks() -> None:
    value, _ = numerical_derivative(
        lambda x: autograd.exp(x) * autograd.tanh(x), 0.7, method="complex"
    )
    exact = math.exp(0.7) * (math.tanh(0.7) + 1 - math.tanh(0.7) ** 2)
    assert value == pytest.approx(exact, rel=1e-14)


def test_complex_step_says_where_it_cannot_go() -> None:
    with pytest.raises(OperandError, match=r"sigmoid: .* is not a real number"):
        numerical_derivative(autograd.sigmoid, 0.7, method="complex")
    with pytest.raises(OperandError, match=r"takes \.real or abs.*extrapolated"):
        numerical_derivative(lambda x: abs(x) ** 2, 0.7, method="complex")


@each_method
def test_structures_come_back_with_jacobians_in_them(method: Any) -> None:
    x = {"W": np.array([[1.0, 2.0, 0.5], [3.0, 4.0, 0.1]]), "b": [0.5, np.array([1.0, 2.0])]}
    value, uncertainty = numerical_derivative(
        lambda net: net["W"] @ np.array([1.0, 10.0, 100.0]) * net["b"][0] + net["b"][1],
        x,
        method=method,
    )
    assert value["W"].shape == uncertainty["W"].shape == (2, 2, 3)
    np.testing.assert_allclose(value["W"][0], [[0.5, 5.0, 50.0], [0, 0, 0]], atol=1e-6)
    np.testing.assert_allclose(value["b"][0], [71.0, 53.0], atol=1e-6)
    np.testing.assert_allclose(value["b"][1], np.eye(2), atol=1e-6)


def test_lists_of_numbers_give_lists_of_numbers() -> None:
    value, uncertainty = numerical_derivative(lambda p: p[0] * p[1], [2, 3.0])
    assert value == pytest.approx([3.0, 2.0])
    assert [type(each) for each in value] == [float, float]
    assert max(uncertainty) < 1e-10


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_nodes_stay_nodes_for_the_function(kind: Any) -> None:
    def f(x: Any) -> Any:
        assert type(x) is kind
        return x * x.tanh()

    exact = math.tanh(0.5) + 0.5 * (1 - math.tanh(0.5) ** 2)
    assert numerical_derivative(f, kind(0.5)).value == pytest.approx(exact)


def test_the_input_is_never_changed() -> None:
    x = np.array([1.0, 2.0])

    def f(x: np.ndarray) -> Any:
        x *= 2
        return x.sum()

    np.testing.assert_allclose(numerical_derivative(f, x).value, [2.0, 2.0])
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_arrays_keep_their_dtype_and_the_uncertainty_knows_it() -> None:
    seen = set()

    def f(x: np.ndarray) -> Any:
        seen.add(x.dtype)
        return np.sin(x).sum()

    x = np.array([0.5, 10.0], dtype=np.float32)
    value, uncertainty = numerical_derivative(f, x)
    assert seen == {np.dtype(np.float32)}
    assert np.all(np.abs(value - np.cos(x)) <= 4 * uncertainty)
    assert np.all(uncertainty < 1e-2)


def test_empty_arrays_have_empty_derivatives() -> None:
    value, uncertainty = numerical_derivative(lambda x: x.sum() * np.ones(3), np.zeros((0, 2)))
    assert value.shape == uncertainty.shape == (3, 0, 2)


def test_where_there_is_no_derivative_the_uncertainty_is_infinite() -> None:
    _, uncertainty = numerical_derivative(np.abs, np.array([0.0, 1.0]))
    assert uncertainty[0, 0] == math.inf
    assert uncertainty[1, 1] < 1e-9


def test_bad_settings_and_operands_are_refused() -> None:
    with pytest.raises(SettingError, match="method is 'forward'; it is one of extrapolated, cent"):
        numerical_derivative(np.sin, 1.0, method="forward")  # type: ignore[arg-type]
    with pytest.raises(SettingError, match="delta is 0; a step is above zero"):
        numerical_derivative(np.sin, 1.0, method="central", delta=0)
    with pytest.raises(OperandError, match=r"x is .*: a derivative is by floats"):
        numerical_derivative(np.sum, np.array([1, 2]))
    with pytest.raises(OperandError, match=r"the function returned 'text' \(str\), which is not"):
        numerical_derivative(lambda x: "text", 1.0)


@given(x=st.floats(0.5, 3))
@pytest.mark.parametrize("inside", [np.float32, lambda x: np.round(x, 4)], ids=["float32", "round"])
def test_rounding_inside_of_the_function_is_in_the_uncertainty(inside: Any, x: float) -> None:
    value, uncertainty = numerical_derivative(lambda x: float(inside(x**2)), x)
    assert abs(value - 2 * x) <= 4 * uncertainty


def test_complex_results_are_refused() -> None:
    with pytest.raises(OperandError, match="is not a real number"):
        numerical_derivative(lambda x: x * 1j, 2.0)
