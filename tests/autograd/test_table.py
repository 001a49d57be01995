"""The whole table of gates: its derived forms against each other, and against mpmath."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, gradients
from autograd.gate import TABLE, Gate
from autograd.testing.strategies import gate_operands

each_gate = pytest.mark.parametrize("gate", TABLE, ids=lambda gate: gate.name)

BORDERS = [0.0, -0.0, 1.0, -1.0, 5e-324, 1e-300, 1e-8, 0.5, 2.0, 30.0, 700.0, 1e3, 1e308]
EDGES = [*BORDERS, *(-edge for edge in BORDERS), math.inf, -math.inf, math.nan]
OPERAND = st.sampled_from(EDGES) | st.floats(-40, 40) | st.floats()


def assert_within_ulps(answer: float, expected: float, ulps: int = 4) -> None:
    """Equal, both nan, or at most ``ulps`` units of the last place apart."""
    if math.isnan(expected) or math.isinf(expected):
        assert answer == expected or (math.isnan(answer) and math.isnan(expected))
    else:
        assert abs(answer - expected) <= ulps * math.ulp(expected)


@each_gate
@given(data=st.data())
def test_every_form_of_a_gate_agrees_on_every_operand(gate: Gate, data: st.DataObject) -> None:
    operands = [data.draw(OPERAND) for _ in range(gate.arity)]
    expected = gate.float_local(*range(gate.arity))(*operands)
    values = [Value(operand) for operand in operands]
    node = gate(*values)
    # The engine that runs: to the bit.
    assert_within_ulps(node.data, expected[0], ulps=0)
    for answer, derivative in zip(node.contributions(1.0), expected[1:], strict=True):
        assert_within_ulps(answer, derivative, ulps=0)
    # The formula on nodes, and the derivative formulas on nodes.
    spelled_out = gate.node_forward(*values)
    assert_within_ulps(float(spelled_out), expected[0])
    for vjp, derivative in zip(gate.node_vjps, expected[1:], strict=True):
        assert_within_ulps(float(vjp(1.0, node, *values)) if vjp else 0.0, derivative)


@each_gate
@given(data=st.data())
def test_numpy_function_agrees_on_every_operand(gate: Gate, data: st.DataObject) -> None:
    operands = [data.draw(OPERAND) for _ in range(gate.arity)]
    expected = gate.float_local(*range(gate.arity))(*operands)
    arrays = [np.array([operand] * 3) for operand in operands]
    with np.errstate(all="ignore"):
        out = gate.numpy_forward(*arrays)
        vjps = [vjp(np.ones(3), out, *arrays) if vjp else np.zeros(3) for vjp in gate.vjps]
    for answer, number in zip([out, *vjps], expected, strict=True):
        assert_within_ulps(float(np.broadcast_to(answer, 3)[0]), number)


# Independent of our formulas: mpmath's functions, to fifty digits.
REFERENCES: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "neg": lambda x: -x,
    "pow": lambda x, y: x**y,
    "reciprocal": lambda x: 1 / x,
    "square": lambda x: x**2,
    "sqrt": mpmath.sqrt,
    "exp": mpmath.exp,
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log2": lambda x: mpmath.log(x, 2),
    "log10": lambda x: mpmath.log(x, 10),
    "log1p": lambda x: mpmath.log(1 + x),
    "logaddexp": lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
    "atan2": mpmath.atan2,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "atanh": mpmath.atanh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "log_sigmoid": lambda x: -mpmath.log(1 + mpmath.exp(-x)),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "gelu": lambda x: (
        x / 2 * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (x + mpmath.mpf("0.044715") * x**3)))
    ),
}


def reference(name: str, at: tuple[float, ...], position: int, order: int) -> float:
    """A derivative of mpmath's function by one operand, of any order."""
    orders = tuple(order if i == position else 0 for i in range(len(at)))
    with mpmath.workdps(50):
        return float(mpmath.diff(REFERENCES[name], tuple(map(mpmath.mpf, at)), orders))


def test_every_smooth_gate_has_a_reference() -> None:
    assert {gate.name for gate in TABLE if not gate.kinks and not gate.flat} == set(REFERENCES)


@pytest.mark.parametrize("name", REFERENCES)
@given(data=st.data())
def test_three_orders_of_derivatives_agree_with_mpmath(name: str, data: st.DataObject) -> None:
    gate: Gate = getattr(autograd, name)
    at = data.draw(gate_operands(gate) | st.just((0.0,) * gate.arity).filter(gate.is_inside))
    values = [Value(number) for number in at]
    for position, value in enumerate(values):
        derivative = gate(*values)
        for order in (1, 2, 3):
            derivative = gradients(derivative, value, create_graph=True)
            expected = reference(name, at, position, order)
            # Relative to the size of the terms, which for these operands is about one or more.
            assert derivative.data == pytest.approx(expected, rel=1e-11, abs=1e-12)


TAILS = [-600.0, -100.0, -40.0, -20.0, -1.0, -1e-5, -1e-12, 1e-12, 1e-5, 1.0, 20.0, 40.0, 100.0]


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "log_sigmoid", "silu", "tanh", "expm1"])
@pytest.mark.parametrize("x", [*TAILS, 600.0])
def test_values_and_slopes_keep_their_digits_near_zero_and_in_both_tails(
    name: str, x: float
) -> None:
    value = Value(x)
    node = getattr(autograd, name)(value)
    node.backward()
    with mpmath.workdps(700):
        at = mpmath.mpf(x)
        expected = float(REFERENCES[name](at))
        slope = float(mpmath.diff(REFERENCES[name], at))
    assert node.data == pytest.approx(expected, rel=2e-15, abs=0)
    assert value.grad == pytest.approx(slope, rel=4e-15, abs=0)


@example(x=0.0, y=0.0)
@given(x=st.floats(-1e3, 1e3), y=st.floats(-1e3, 1e3))
def test_logaddexp_is_exact_to_the_last_digits(x: float, y: float) -> None:
    with mpmath.workdps(900):
        expected = mpmath.log(mpmath.exp(mpmath.mpf(x)) + mpmath.exp(mpmath.mpf(y)))
    assert autograd.logaddexp(x, y) == pytest.approx(float(expected), rel=1e-15, abs=2e-16)


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_second_derivatives_do_not_meet_the_branch_that_is_not_taken(kind: Any) -> None:
    # exp of it overflows, and infinity times zero is not a number.
    x = kind(800.0)
    first = gradients(autograd.elu(x), x, create_graph=True)
    assert first.data == 1.0
    assert gradients(first, x).data == 0.0


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_derivatives_as_graphs_follow_ieee_arithmetic_on_constants(kind: Any) -> None:
    x = kind(3.0)
    with np.errstate(divide="ignore"):
        assert gradients(x / 0.0, x, create_graph=True).data == math.inf
