"""take: by a plain index, by a Value, and by an argument of a traced function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, Value, take, trace
from autograd.errors import OperandError, ShapeError


def table_of(rows: int, columns: int) -> list[list[Value]]:
    return [[Value(10.0 * i + j) for j in range(columns)] for i in range(rows)]


@given(st.integers(1, 6), st.integers(1, 4), st.data())
def test_row_and_its_gradient_are_those_of_the_entry_that_was_chosen(
    rows: int, columns: int, data: st.DataObject
) -> None:
    table = table_of(rows, columns)
    traced = trace(lambda index: sum((j + 1.0) * x for j, x in enumerate(take(table, index))))
    for index in data.draw(st.lists(st.integers(0, rows - 1), min_size=1, max_size=4)):
        for apply in (traced, traced.__wrapped__):
            for value in np.ravel(np.array(table, object)):
                value.grad = 0.0
            out = apply(index)
            assert out.data == sum((j + 1.0) * (10.0 * index + j) for j in range(columns))
            out.backward()
            gradients = [[value.grad for value in row] for row in table]
            expected = np.zeros((rows, columns))
            expected[index] = np.arange(columns) + 1.0
            np.testing.assert_array_equal(gradients, expected)
    assert len(traced.programs) == 1


def test_entry_of_a_list_of_numbers_is_a_number() -> None:
    assert take([5.0, 7.0], 1) == 7.0
    assert take([5.0, 7.0], Value(1)).data == 7.0
    assert take(np.array([5.0, 7.0]), np.int64(0)) == 5.0


def test_row_of_an_array_is_an_array() -> None:
    table = np.array(table_of(3, 2), object)
    row = take(table, Value(2.0))
    assert isinstance(row, np.ndarray)
    assert [value.data for value in row] == [20.0, 21.0]
    assert take(table, 2)[1] is table[2, 1]


def test_row_of_a_tensor_is_a_tensor_with_its_gradient() -> None:
    table = Tensor([[1.0, 2.0], [3.0, 4.0]])
    take(table, 1).sum().backward()
    np.testing.assert_array_equal(table.grad, [[0.0, 0.0], [1.0, 1.0]])


@pytest.mark.parametrize("index", [-1, 2, 0.5, float("nan"), Value(2.0), Value(0.5), Value(-1.0)])
def test_index_that_is_none_of_the_table_is_refused(index: Any) -> None:
    with pytest.raises(OperandError, match=r"take: the index .* is not one of the integers 0 to 1"):
        take([1.0, 2.0], index)


@pytest.mark.parametrize("index", [2, -1, 0.5, float("nan")])
def test_program_refuses_an_index_that_is_none_of_the_table(index: float) -> None:
    traced = trace(lambda index: take([Value(1.0), Value(2.0)], index))
    traced(0)
    with pytest.raises(OperandError, match=rf"take: an index {index:g} .* integers 0 to 1"):
        traced(index)
    with pytest.raises(OperandError, match=r"take: an index .* integers 0 to 1"):
        traced.programs[0].run([0, index])


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ([], "the table is empty"),
        ([[1.0], [2.0, 3.0]], "the rows of the table have 1 and 2 entries"),
        ([[1.0], 2.0], "the rows of the table have 0 and 1 entries"),
    ],
)
def test_table_without_one_shape_is_refused(table: Any, problem: str) -> None:
    with pytest.raises(ShapeError, match=problem):
        take(table, Value(0.0))


@pytest.mark.parametrize("index", ["1", [1], None])
def test_index_that_is_no_number_is_refused(index: Any) -> None:
    with pytest.raises(OperandError, match="it must be an integer"):
        take([1.0, 2.0], index)


def test_table_that_is_no_list_is_refused() -> None:
    with pytest.raises(OperandError, match="must be a list or an array"):
        take(3.0, 0)
    with pytest.raises(OperandError, match="the index is a Value, and the table a Tensor"):
        take(Tensor([1.0]), Value(0.0))
