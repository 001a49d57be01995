"""The slope of a curve by extrapolated differences, and what it knows of its own error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograd.gate import TABLE, Gate
from autograd.testing.extrapolation import Slope, slope_at_zero
from autograd.testing.strategies import gate_operands

EPSILON = float(np.finfo(np.float64).eps)


def slope_of(curve: Callable[[float], Any], thorough: bool = False) -> Slope:
    def quiet(t: float) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.atleast_1d(np.asarray(curve(t), dtype=np.float64))

    return slope_at_zero(quiet, EPSILON, thorough)


each_gate = pytest.mark.parametrize("gate", [g for g in TABLE if not g.flat], ids=lambda g: g.name)


@each_gate
@given(data=st.data())
def test_the_derivative_of_every_gate_is_within_the_uncertainty(
    gate: Gate, data: st.DataObject
) -> None:
    operands = data.draw(gate_operands(gate))
    # Subnormal numbers have lost digits, and so have differences of what is computed from them.
    assume(all(x == 0 or abs(x) >= np.finfo(np.float64).tiny for x in operands))
    thorough = data.draw(st.booleans())
    exact = gate.float_local(*range(gate.arity))(*operands)[1:]
    for position, derivative in enumerate(exact):

        def moved(t: float, position: int = position) -> float:
            at = list(operands)
            at[position] += t
            return gate.float_forward(*at)

        slope = slope_of(moved, thorough)
        assert slope.smooth[0]
        off = abs(slope.derivative[0] - derivative)
        assert off <= 4 * slope.uncertainty[0] + 64 * EPSILON * abs(derivative)
        assert slope.uncertainty[0] <= 1e-6 * max(1.0, abs(derivative))


# By name: a curve, its derivative at zero, and how well it is to be known.
SMOOTH: dict[str, tuple[Callable[[float], Any], float, float]] = {
    "square": (lambda t: (3 + t) ** 2, 6.0, 1e-11),
    "flat": (lambda t: 3.0, 0.0, 1e-11),
    "always zero": (lambda t: 0.0, 0.0, 1e-12),
    "tiny": (lambda t: np.exp(-300 + t), np.exp(-300.0), 1e-140),
    "huge": (lambda t: np.exp(300 + t), np.exp(300.0), 1e120),
    "quick": (lambda t: np.sin(1e4 * (t + 0.3)), 1e4 * np.cos(3e3), 1e-8),
    "near a pole": (lambda t: np.log(1e-5 + t), 1e5, 1e-4),
    "nearer a pole": (lambda t: np.log(1e-9 + t), 1e9, 100.0),
    "left of a kink": (lambda t: max(t - 1e-3, 0.0), 0.0, 1e-12),
    "right of a kink": (lambda t: max(t + 1e-5, 0.0), 1.0, 1e-12),
    "beside a jump": (lambda t: np.floor(2.0001 + t), 0.0, 1e-8),
    "third power of |t|": (lambda t: abs(t) ** 3, 0.0, 1e-12),
    "with digits lost": (lambda t: (0.3 + t + 1e8) - 1e8, 1.0, 1e-6),
}


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("thorough", [False, True])
def test_smooth_curves_are_known_well(name: str, thorough: bool) -> None:
    curve, derivative, bound = SMOOTH[name]
    slope = slope_of(curve, thorough)
    assert slope.smooth[0]
    assert abs(slope.derivative[0] - derivative) <= 4 * slope.uncertainty[0] + 1e-15
    assert slope.uncertainty[0] <= bound


NOT_SMOOTH: dict[str, Callable[[float], Any]] = {
    "|t|": abs,
    "relu": lambda t: max(t, 0.0),
    "sqrt": np.sqrt,
    "cube root": np.cbrt,
    "root of |t|": lambda t: abs(t) ** 0.5,
    "|t| to the 2/3": lambda t: abs(t) ** (2 / 3),
    "step": lambda t: float(t > 0),
    "logarithm of |t|": lambda t: np.log(np.abs(t)),
}


@pytest.mark.parametrize("name", NOT_SMOOTH)
def test_curves_without_a_derivative_are_not_smooth(name: str) -> None:
    assert not slope_of(NOT_SMOOTH[name]).smooth[0]


def test_the_gap_is_that_between_the_sides() -> None:
    slope = slope_of(lambda t: 3 * max(t, 0.0) - 0.5 * min(t, 0.0))
    assert slope.gap[0] == pytest.approx(3.5)


@pytest.mark.parametrize("at", [1.0, 10.0, 100.0])
def test_rounding_that_the_result_does_not_tell_of_is_measured(at: float) -> None:
    slope = slope_of(lambda t: np.sin(np.float32(at + t)), thorough=True)
    off = abs(slope.derivative[0] - np.cos(at))
    assert off <= 4 * slope.uncertainty[0]
    assert slope.uncertainty[0] < 2e-3


def test_a_curve_whose_digits_are_lost_is_not_taken_for_a_flat_one() -> None:
    slope = slope_of(lambda t: (0.123456 + 1.07 * t + 1e13) - 1e13, thorough=True)
    assert abs(slope.derivative[0] - 1.07) <= 4 * slope.uncertainty[0]


def test_a_wriggle_that_the_steps_miss_is_not_taken_for_a_straight_line() -> None:
    # By all but the smallest steps this is a small fraction of its slope.
    slope = slope_of(lambda t: np.sin(1e6 * (t + 0.3)), thorough=True)
    exact = 1e6 * np.cos(3e5)
    assert abs(slope.derivative[0] - exact) <= 4 * slope.uncertainty[0]


def test_components_are_independent() -> None:
    slope = slope_of(lambda t: [np.exp(t), abs(t), np.nan, np.log(1e-5 + t)])
    assert slope.smooth.tolist() == [True, False, False, True]
    np.testing.assert_allclose(slope.derivative[[0, 3]], [1.0, 1e5], rtol=1e-8)
    assert not np.isfinite(slope.uncertainty[2])


def test_few_steps_are_taken_where_they_are_enough() -> None:
    calls: list[float] = []

    def counted(t: float) -> np.ndarray:
        calls.append(t)
        return np.array([np.tanh(0.3 + t)])

    slope_at_zero(counted, EPSILON)
    assert len(calls) == 11
