"""Value: micrograd's surface, the chain rule, accumulation, constants, bad operands."""

from __future__ import annotations

import copy
import math
import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value
from autograd.errors import OperandError


def sigmoid_neuron() -> tuple[Value, dict[str, Value]]:
    """The neuron of the slides, spelled out gate by gate."""
    numbers = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}
    v = {name: Value(number, name=name) for name, number in numbers.items()}
    return 1 / (1 + (-(v["w0"] * v["x0"] + v["w1"] * v["x1"] + v["w2"])).exp()), v


def test_sum_times_factor_of_the_slides() -> None:
    x, y, z = Value(-2), Value(5), Value(-4)
    f = (x + y) * z
    f.backward()
    assert (f.data, x.grad, y.grad, z.grad) == (-12.0, -4.0, -4.0, 3.0)


def test_sigmoid_neuron_of_the_slides() -> None:
    f, v = sigmoid_neuron()
    f.backward()
    assert round(f.data, 2) == 0.73
    gradients = {name: round(node.grad, 2) for name, node in v.items()}
    assert gradients == {"w0": -0.20, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.20}


def test_second_backward_doubles_leaf_gradients_and_not_inner_ones() -> None:
    x = Value(3.0)
    square = x * x
    fourth = square * square
    fourth.backward()
    first = x.grad, square.grad
    fourth.backward()
    assert (x.grad, square.grad) == (2 * first[0], first[1])


def test_operand_used_twice_gets_both_gradients() -> None:
    x = Value(3.0)
    (x * x).backward()
    assert x.grad == 6.0


def test_diamond_sums_both_sides() -> None:
    x = Value(2.0)
    shared = x * 3
    (shared * shared + shared).backward()
    assert x.grad == 3 * (2 * 6.0 + 1)


def test_backward_touches_only_what_the_root_depends_on() -> None:
    x = Value(2.0)
    root, bystander = x * 3, x * 5
    bystander.backward()
    root.backward()
    assert (x.grad, bystander.grad) == (8.0, 1.0)


def test_backward_from_a_leaf_adds_one() -> None:
    x = Value(2.0)
    x.backward()
    x.backward()
    assert x.grad == 2.0


def test_backward_starts_from_the_given_gradient() -> None:
    x = Value(2.0)
    (x * x).backward(grad=0.5)
    assert x.grad == 2.0


def test_chain_beyond_the_recursion_limit() -> None:
    x = node = Value(1.0)
    for _ in range(100_000):
        node = node + 1
    node.backward()
    assert (node.data, x.grad) == (100_001.0, 1.0)


def test_diamonds_in_a_row_take_linear_time_and_give_the_exact_gradient() -> None:
    x = node = Value(1.0)
    for _ in range(1000):
        node = (node + node) * 0.5
    node.backward()
    assert x.grad == 1.0


@pytest.mark.parametrize(
    ("compute", "expected"),
    [
        (lambda x: x + 2, 5.0),
        (lambda x: 2 + x, 5.0),
        (lambda x: x - 2, 1.0),
        (lambda x: 2 - x, -1.0),
        (lambda x: x * 2, 6.0),
        (lambda x: 2 * x, 6.0),
        (lambda x: x / 2, 1.5),
        (lambda x: 2 / x, 2 / 3),
        (lambda x: x**2, 9.0),
        (lambda x: 2**x, 8.0),
        (lambda x: -x, -3.0),
        (lambda x: +x, 3.0),
        (lambda x: abs(-x), 3.0),
        (lambda x: sum([x, x]), 6.0),
        (lambda x: np.float64(2) * x, 6.0),
        (lambda x: x * np.float32(2), 6.0),
        (lambda x: x * np.array(2), 6.0),
        (lambda x: x * True, 3.0),
        (lambda x: x * Fraction(1, 2), 1.5),
        (lambda x: x * Decimal("0.5"), 1.5),
        (lambda x: x.sqrt(), math.sqrt(3)),
        (lambda x: x.maximum(7), 7.0),
    ],
)
def test_numbers_on_either_side(compute: Any, expected: float) -> None:
    result = compute(Value(3.0))
    assert type(result) is Value
    assert result.data == expected


@given(st.floats(), st.floats())
def test_arithmetic_is_ieee_and_never_raises(x: float, y: float) -> None:
    with np.errstate(all="ignore"):
        a, b = np.float64(x), np.float64(y)
        expected = {"add": a + b, "sub": a - b, "mul": a * b, "div": a / b}
    for name, number in expected.items():
        node = getattr(autograd, name)(Value(x), Value(y))
        node.backward()
        assert node.data == pytest.approx(float(number), rel=0, abs=0, nan_ok=True)


def test_division_by_zero_is_infinite_and_log_of_zero_is_minus_infinity() -> None:
    assert (Value(1.0) / 0).data == math.inf
    assert (Value(-1.0) / Value(0.0)).data == -math.inf
    assert math.isnan((Value(0.0) / 0).data)
    assert Value(0.0).log().data == -math.inf
    assert math.isnan(Value(-1.0).log().data)


@pytest.mark.parametrize(
    ("operand", "error", "message"),
    [
        ("2", OperandError, "a Value holds a real number, not '2' \\(str\\)"),
        (None, OperandError, "not None \\(NoneType\\)"),
        (1j, OperandError, "not 1j \\(complex\\)"),
        ([1], OperandError, "not \\[1\\] \\(list\\)"),
        (10**400, OverflowError, "an integer of 1329 bits is too large for a float"),
        (2**53 + 1, OverflowError, "no float equals 9007199254740993"),
        (Fraction(1, 3), OperandError, "no float equals Fraction\\(1, 3\\)"),
        (Decimal("0.1"), OperandError, "no float equals Decimal\\('0.1'\\)"),
    ],
)
def test_what_is_not_a_float_is_refused_by_name(
    operand: Any, error: type[Exception], message: str
) -> None:
    x = Value(3.0)
    for refused in (
        lambda: Value(operand),
        lambda: x + operand,
        lambda: operand * x,
        lambda: x < operand,
        lambda: setattr(x, "data", operand),
        lambda: setattr(x, "grad", operand),
        lambda: x.backward(operand),
    ):
        with pytest.raises(error, match=message):
            refused()
    assert (x.data, x.grad) == (3.0, 0.0)


def test_value_beside_a_tensor_says_what_to_do() -> None:
    for mixed in (lambda: Value(2.0) * Tensor([1.0]), lambda: Tensor([1.0]) * Value(2.0)):
        with pytest.raises(OperandError, match="a Value and a Tensor cannot stand in one graph"):
            mixed()


def test_array_beside_a_value_becomes_an_array_of_values() -> None:
    x = Value(3.0)
    products = np.array([1.0, 2.0]) * x
    assert [product.data for product in products] == [3.0, 6.0]
    assert [product.data for product in np.sqrt(np.array([x * 3]))] == [3.0]


def test_comparisons_and_truth_follow_the_number() -> None:
    small, large = Value(1.0), Value(2.0)
    assert small < large and small <= 1 and large > 1.5 and large >= small
    assert bool(large) and not bool(Value(0.0))
    assert float(large) == 2.0


def test_values_are_equal_only_to_themselves() -> None:
    x, y = Value(1.0), Value(1.0)
    assert x != y
    assert {x, y, x} == {x, y}


def test_repr_shows_data_gradient_and_name() -> None:
    x = Value(2, name="x")
    x.backward()
    assert repr(x) == "Value(data=2.0, grad=1.0, name='x')"
    assert repr(x * 2) == "Value(data=4.0, grad=0.0)"


def test_unknown_attribute_raises() -> None:
    with pytest.raises(AttributeError, match="'Value' object has no attribute 'gard'"):
        Value(1.0).gard  # noqa: B018 - reading it is the test


def test_value_cannot_be_subclassed() -> None:
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Sub", (Value,), {})


def test_contributions_sum_to_the_gradients() -> None:
    f, v = sigmoid_neuron()
    f.backward()
    received = dict.fromkeys(v.values(), 0.0)
    for node in autograd.topological_order(f):
        for operand, contribution in zip(node.operands, node.contributions(), strict=True):
            if operand in received:
                received[operand] += contribution
            assert (contribution is None) == (type(operand) is float)
    assert {node: node.grad for node in received} == received


def test_deepcopy_of_a_graph_is_a_graph_of_its_own() -> None:
    x = Value(3.0, name="x")
    y = autograd.sum([x * x, x, 2.0])
    copied = copy.deepcopy(y)
    copied.backward()
    assert (x.grad, y.grad) == (0.0, 0.0)
    (twin,) = {node for node in autograd.topological_order(copied) if not node.operands}
    assert (twin.data, twin.grad, twin.name) == (3.0, 7.0, "x")
    assert twin is not x


def test_deepcopy_of_a_container_keeps_what_its_values_share() -> None:
    x = Value(3.0)
    model = copy.deepcopy({"weight": x, "output": x * x})
    model["output"].backward()
    assert (model["weight"].grad, x.grad) == (6.0, 0.0)


def test_deepcopy_of_a_deep_graph_needs_no_recursion() -> None:
    node = Value(1.0)
    for _ in range(20_000):
        node = node + 1
    assert copy.deepcopy(node).data == 20_001.0


def test_copy_is_another_node_on_the_same_operands() -> None:
    x = Value(3.0)
    y = x * 2
    twin = copy.copy(y)
    twin.backward()
    assert twin is not y
    assert (x.grad, y.grad, twin.operands) == (2.0, 0.0, (x, 2.0))


def test_leaf_survives_pickling_and_inner_node_says_what_to_do() -> None:
    x = Value(3.0, name="x")
    x.grad = 0.5
    twin = pickle.loads(pickle.dumps(x))
    assert (twin.data, twin.grad, twin.name) == (3.0, 0.5, "x")
    with pytest.raises(TypeError, match="is an inner node of a graph; pickle its leaves"):
        pickle.dumps(x * x)


def test_hash_is_that_of_identity() -> None:
    x = Value(3.0)
    before = hash(x)
    x.data = 4.0
    assert hash(x) == before


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, 5e-324, -0.0, 2**1023])
def test_every_float_is_held_as_it_is(number: float) -> None:
    data = Value(number).data
    assert repr(data) == repr(float(number))
    assert math.copysign(1, (Value(number) * 1).data) == math.copysign(1, number)
