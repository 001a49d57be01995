"""The table of gates: every row, held against independent references."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from central_difference import central_difference
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value
from autograd.errors import OperandError
from autograd.gate import TABLE, Gate
from autograd.testing.strategies import gate_operands

each_gate = pytest.mark.parametrize("gate", TABLE, ids=lambda gate: gate.name)
each_gate_with_a_slope = pytest.mark.parametrize(
    "gate", [gate for gate in TABLE if not gate.flat], ids=lambda gate: gate.name
)
ANY_FLOAT = st.floats(width=64) | st.sampled_from([0.0, -0.0, 1.0, math.inf, -math.inf, math.nan])


@each_gate
def test_gate_is_exported_under_its_own_name(gate: Gate) -> None:
    assert getattr(autograd, gate.name) is gate
    assert TABLE[gate.code] is gate


@each_gate_with_a_slope
@given(data=st.data())
def test_value_gradient_equals_central_difference(gate: Gate, data: st.DataObject) -> None:
    at = data.draw(gate_operands(gate))
    operands = [Value(number) for number in at]
    gate(*operands).backward()
    for position, operand in enumerate(operands):
        expected = central_difference(gate.float_forward, at, position)
        assert operand.grad == pytest.approx(expected, rel=1e-7, abs=1e-7)


@each_gate_with_a_slope
@given(data=st.data())
def test_tensor_gradient_equals_central_difference(gate: Gate, data: st.DataObject) -> None:
    rows = data.draw(st.lists(gate_operands(gate), min_size=1, max_size=4))
    operands = [Tensor(column) for column in zip(*rows, strict=True)]
    gate(*operands).sum().backward()
    for position, operand in enumerate(operands):
        expected = [central_difference(gate.float_forward, row, position) for row in rows]
        assert operand.grad == pytest.approx(np.array(expected), rel=1e-7, abs=1e-7)


@each_gate
@given(data=st.data())
def test_floats_and_numpy_agree_on_every_float(gate: Gate, data: st.DataObject) -> None:
    operands = [data.draw(ANY_FLOAT) for _ in range(gate.arity)]
    with np.errstate(all="ignore"):
        expected = gate.numpy_forward(*map(np.float64, operands))
    assert gate.float_forward(*operands) == pytest.approx(expected, rel=1e-15, nan_ok=True)


@each_gate
@given(data=st.data())
def test_constant_operand_gets_no_gradient_and_changes_no_other(
    gate: Gate, data: st.DataObject
) -> None:
    at = data.draw(gate_operands(gate))
    variables = [Value(number) for number in at]
    gate(*variables).backward()
    for position in range(gate.arity):
        alone = Value(at[position])
        node = gate(*at[:position], alone, *at[position + 1 :])
        node.backward()
        assert alone.grad == variables[position].grad
        assert node.operands == (*at[:position], alone, *at[position + 1 :])
        assert [c is None for c in node.contributions()] == [
            i != position for i in range(gate.arity)
        ]


@each_gate
@given(data=st.data())
def test_commutative_gates_and_no_others_may_swap_operands(gate: Gate, data: st.DataObject) -> None:
    if gate.commutative:
        x, y = data.draw(gate_operands(gate))
        assert gate(x, y) == gate(y, x)
    elif gate.arity == 2:
        assert gate(1.5, -3.25) != gate(-3.25, 1.5)


@each_gate
@given(data=st.data())
def test_float32_stays_float32_in_value_and_gradient(gate: Gate, data: st.DataObject) -> None:
    at = data.draw(gate_operands(gate))
    operands = [Tensor([number, number], dtype=np.float32) for number in at]
    result = gate(*operands)
    assert result.dtype == np.float32
    result.backward(np.ones(2))
    assert [operand.grad.dtype for operand in operands] == [np.float32] * gate.arity


# Where the first operand meets the kink of each gate that has one; the others stay.
KINKS = {
    "cbrt": (0.0,),
    "hypot": (0.0, 0.0),
    "relu": (0.0,),
    "leaky_relu": (0.0, 0.5),
    "elu": (0.0, 0.5),
    "abs": (0.0,),
    "sign": (0.0,),
    "step": (0.0,),
    "floor": (0.0,),
    "ceil": (0.0,),
    "maximum": (2.0, 2.0),
    "minimum": (2.0, 2.0),
    "clip": (2.0, 2.0, 3.0),
    "where": (0.0, 1.0, 2.0),
    "less": (2.0, 2.0),
    "less_equal": (2.0, 2.0),
    "equal": (2.0, 2.0),
    "not_equal": (2.0, 2.0),
}


def test_every_gate_with_a_kink_is_held_to_it_below() -> None:
    assert {gate.name for gate in TABLE if gate.kinks} == set(KINKS)


@pytest.mark.parametrize("name", KINKS)
def test_gate_is_not_smooth_at_its_kink_and_says_so(name: str) -> None:
    gate, at = getattr(autograd, name), KINKS[name]
    assert 0.0 in gate.kinks_at(*at)
    step = 1e-6
    here = gate.float_forward(*at)
    rise = (gate.float_forward(at[0] + step, *at[1:]) - here) / step
    fall = (here - gate.float_forward(at[0] - step, *at[1:])) / step
    # The slopes differ, or the slope is not finite: 1 / step ** (2 / 3) for the cube root.
    assert abs(rise - fall) > 0.1 or abs(rise) > 1e3


@pytest.mark.parametrize(
    ("gate", "operands", "gradients"),
    [
        ("relu", (0.0,), (0.0,)),
        ("abs", (0.0,), (0.0,)),
        ("maximum", (2.0, 2.0), (0.5, 0.5)),
        ("minimum", (2.0, 2.0), (0.5, 0.5)),
        ("pow", (0.0, 0.0), (0.0, 0.0)),
        ("pow", (0.0, 2.0), (0.0, 0.0)),
        ("pow", (-3.0, 2.0), (-6.0, math.nan)),
        ("sqrt", (0.0,), (math.inf,)),
        ("cbrt", (0.0,), (math.inf,)),
        ("hypot", (0.0, 0.0), (0.0, 0.0)),
        ("leaky_relu", (0.0, 0.1), (0.1, 0.0)),
        ("elu", (0.0, 2.0), (2.0, 0.0)),
        ("sign", (0.0,), (0.0,)),
        ("step", (0.0,), (0.0,)),
        ("floor", (2.0,), (0.0,)),
        ("ceil", (2.5,), (0.0,)),
        ("clip", (1.0, 1.0, 2.0), (1.0, 0.0, 0.0)),
        ("clip", (2.0, 1.0, 2.0), (1.0, 0.0, 0.0)),
        ("clip", (5.0, 3.0, 2.0), (0.0, 0.0, 1.0)),
        ("clip", (0.0, 3.0, 2.0), (0.0, 0.0, 1.0)),
        ("where", (1.0, 5.0, 6.0), (0.0, 1.0, 0.0)),
        ("where", (0.0, 5.0, 6.0), (0.0, 0.0, 1.0)),
        ("stop_gradient", (3.0,), (0.0,)),
        ("softplus", (-1000.0,), (0.0,)),
        ("softplus", (1000.0,), (1.0,)),
        ("log_sigmoid", (-1000.0,), (1.0,)),
        ("log_sigmoid", (700.0,), (math.exp(-700.0),)),
        ("logaddexp", (-1000.0, 1000.0), (0.0, 1.0)),
        ("logaddexp", (1000.0, 1000.0), (0.5, 0.5)),
        ("silu", (-1000.0,), (0.0,)),
        ("gelu", (-1000.0,), (0.0,)),
        ("gelu", (1e160,), (1.0,)),
        ("gelu", (-1e160,), (0.0,)),
        ("acosh", (1e200,), (1e-200,)),
        ("atan2", (1e200, 1e200), (5e-201, -5e-201)),
        ("asin", (1 - 2**-53,), (2**26,)),
        ("sigmoid", (-1000.0,), (0.0,)),
        ("sigmoid", (-700.0,), (math.exp(-700.0),)),
        ("sigmoid", (700.0,), (math.exp(-700.0),)),
        ("tanh", (300.0,), (4 * math.exp(-600.0),)),
        ("tanh", (1000.0,), (0.0,)),
    ],
)
def test_gradients_at_edges_are_the_chosen_ones(
    gate: str, operands: tuple[float, ...], gradients: tuple[float, ...]
) -> None:
    row = getattr(autograd, gate)
    values = [Value(operand) for operand in operands]
    row(*values).backward()
    tensors = [Tensor(operand) for operand in operands]
    with np.errstate(over="ignore"):  # NumPy's own warning at 1e160
        row(*tensors).backward()
    for value, tensor, expected in zip(values, tensors, gradients, strict=True):
        assert value.grad == pytest.approx(expected, rel=1e-14, nan_ok=True)
        assert tensor.grad == pytest.approx(expected, rel=1e-14, nan_ok=True)


@pytest.mark.parametrize(
    ("gate", "operand", "expected"),
    [
        ("sigmoid", -1000.0, 0.0),
        ("sigmoid", 1000.0, 1.0),
        ("exp", 1000.0, math.inf),
        ("softplus", -1000.0, 0.0),
        ("softplus", 1000.0, 1000.0),
        ("softplus", -700.0, math.exp(-700.0)),
        ("log_sigmoid", -1000.0, -1000.0),
        ("log_sigmoid", 700.0, -math.exp(-700.0)),
        ("expm1", 1e-300, 1e-300),
        ("log1p", 1e-300, 1e-300),
        ("silu", -1000.0, 0.0),
        ("gelu", 1000.0, 1000.0),
    ],
)
def test_far_operands_give_the_limit(gate: str, operand: float, expected: float) -> None:
    assert getattr(autograd, gate)(operand) == expected


def test_gate_on_plain_numbers_and_arrays_gives_plain_results() -> None:
    assert autograd.exp(0) == 1.0
    assert isinstance(autograd.maximum(1, 2.5), float)
    np.testing.assert_array_equal(autograd.relu([-1, 2]), [0.0, 2.0])


@pytest.mark.parametrize("kind", [float, Value, np.array, Tensor])
@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("less", [1.0, 0.0, 0.0, 0.0, 0.0]),
        ("less_equal", [1.0, 1.0, 0.0, 0.0, 1.0]),
        ("equal", [0.0, 1.0, 0.0, 0.0, 1.0]),
        ("not_equal", [1.0, 0.0, 1.0, 1.0, 0.0]),
    ],
)
def test_comparison_is_one_where_it_holds_which_it_does_not_with_a_nan(
    kind: Any, name: str, answers: list[float]
) -> None:
    gate: Gate = getattr(autograd, name)
    pairs = [(1.0, 2.0), (2.0, 2.0), (3.0, 2.0), (math.nan, 2.0), (-math.inf, -math.inf)]
    assert [float(gate(kind(x), kind(y))) for x, y in pairs] == answers


def test_gate_with_wrong_number_of_operands_says_how_many() -> None:
    with pytest.raises(OperandError, match="add takes 2 operands, got 1"):
        autograd.add(1.0)


def test_gate_on_text_names_it() -> None:
    with pytest.raises(OperandError, match="exp: 'abc' is not a real number"):
        autograd.exp("abc")


def test_row_with_too_few_derivatives_is_refused() -> None:
    rows = len(TABLE)
    with pytest.raises(ValueError, match="gate half: 1 derivatives for 2 operands"):
        Gate("half", "½", "x + y", ("1",), (autograd.add.domain[0],) * 2)
    assert len(TABLE) == rows
