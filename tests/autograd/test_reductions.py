"""Sums, means and products of many as one gate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value
from autograd.errors import OperandError

NUMBERS = st.lists(st.floats(-100, 100), min_size=1, max_size=20)


def gradients_of(compute: Any, numbers: list[float]) -> tuple[float, list[float]]:
    values = [Value(number) for number in numbers]
    root = compute(values)
    root.backward()
    return root.data, [value.grad for value in values]


@given(numbers=NUMBERS)
def test_sum_equals_the_chain_of_additions(numbers: list[float]) -> None:
    assert gradients_of(autograd.sum, numbers) == gradients_of(
        lambda values: sum(values, Value(0.0)), numbers
    )


@given(numbers=NUMBERS)
def test_mean_equals_the_sum_over_the_count(numbers: list[float]) -> None:
    expected = gradients_of(lambda values: sum(values, Value(0.0)) * (1 / len(numbers)), numbers)
    data, gradients = gradients_of(autograd.mean, numbers)
    assert data == pytest.approx(expected[0], rel=1e-15)
    assert gradients == expected[1]


@given(numbers=NUMBERS)
def test_dot_equals_the_chain_of_products(numbers: list[float]) -> None:
    half = len(numbers) // 2

    def chain(values: list[Value]) -> Value:
        pairs = zip(values[:half], values[half : 2 * half], strict=True)
        return sum((x * y for x, y in pairs), Value(0.0)) + 0 * values[0]

    def one_gate(values: list[Value]) -> Value:
        return autograd.dot(values[:half], values[half : 2 * half]) + 0 * values[0]

    assert gradients_of(one_gate, numbers) == gradients_of(chain, numbers)


def test_operand_that_comes_twice_gets_both_gradients() -> None:
    x, y = Value(3.0), Value(4.0)
    autograd.dot([x, x, 2.0], [y, x, x]).backward()
    assert (x.grad, y.grad) == (4.0 + 2 * 3.0 + 2.0, 3.0)


def test_constants_among_the_operands_get_no_gradient() -> None:
    x = Value(2.0)
    total = autograd.sum([1.0, x, True, np.float32(0.5)])
    total.backward()
    assert (total.data, x.grad) == (4.5, 1.0)
    assert total.operands == (1.0, x, 1.0, 0.5)
    assert total.contributions() == (None, 1.0, None, None)


def test_gate_of_many_says_what_it_is() -> None:
    x = Value(2.0)
    gates = [gate([x, x]).gate for gate in (autograd.sum, autograd.mean)]
    gates.append(autograd.dot([x], [x]).gate)
    assert [(gate.name, gate.symbol) for gate in gates] == [
        ("sum", "Σ"),
        ("mean", "mean"),
        ("dot", "·"),
    ]


def test_plain_numbers_give_a_plain_number() -> None:
    assert autograd.sum([1, 2.5]) == 3.5
    assert autograd.mean([1, 2]) == 1.5
    assert autograd.dot([1, 2], [3, 4]) == 11.0
    assert autograd.sum([]) == 0.0


def test_generators_and_arrays_of_values_are_sequences_too() -> None:
    values = [Value(1.0), Value(2.0)]
    assert autograd.sum(value for value in values).data == 3.0
    assert autograd.sum(np.array([values, values])).data == 6.0


def test_arrays_and_tensors_are_reduced_as_arrays() -> None:
    array = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(autograd.sum(array, axis=0), array.sum(axis=0))
    np.testing.assert_array_equal(autograd.mean(Tensor(array), axis=1).data, array.mean(axis=1))
    assert autograd.dot(Tensor(array), np.ones(3)).shape == (2,)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: autograd.sum([Value(1.0), "2"]), "a Value holds a real number, not '2'"),
        (
            lambda: autograd.sum([Value(1.0), Tensor([1.0])]),
            "a sequence of Tensors; make one of them with np.stack",
        ),
        (lambda: autograd.sum([Value(1.0), np.ones(2)]), "is not a real number or a Value"),
        (lambda: autograd.mean([]), "the mean of nothing is undefined"),
        (lambda: autograd.dot([1.0], [1.0, 2.0]), "dot: 1 and 2 operands"),
    ],
)
def test_what_cannot_be_summed_is_named(wrong: Any, message: str) -> None:
    with pytest.raises(OperandError, match=message):
        wrong()
