"""Gates of the user's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, custom_gate, gradients
from autograd.errors import OperandError, ShapeError


@custom_gate(vjp=[lambda g, out, x, y: g * 2 * x * y, lambda g, out, x, y: g * x**2])
def squared_times(x: Any, y: Any) -> Any:
    """x ** 2 * y."""
    return x**2 * y


def test_gradients_come_from_the_vjps() -> None:
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    squared_times(x, y).sum().backward()
    np.testing.assert_array_equal(x.grad, [6.0, 16.0])
    np.testing.assert_array_equal(y.grad, [1.0, 4.0])


def test_vjps_written_with_operators_can_be_derived_again() -> None:
    x, y = Tensor(2.0), Tensor(5.0)
    first = gradients(squared_times(x, y), x, create_graph=True)
    assert gradients(first, [x, y])[0].item() == 10.0
    assert gradients(first, y).item() == 4.0


def test_arrays_give_arrays() -> None:
    assert isinstance(squared_times(np.ones(2), np.ones(2)), np.ndarray)


def test_it_has_the_name_and_the_formula_of_its_function() -> None:
    assert squared_times.name == "squared_times"
    assert squared_times.formula == "x ** 2 * y."


def test_keyword_arguments_are_arguments_of_the_gate() -> None:
    @custom_gate(vjp=lambda g, out, x, factor: g * factor)
    def scaled(x: Any, factor: float) -> Any:
        return x * factor

    x = Tensor([1.0, 2.0])
    y = scaled(x, factor=3.0)
    y.sum().backward()
    assert y.arguments == {"factor": 3.0}
    np.testing.assert_array_equal(x.grad, [3.0, 3.0])


def test_memory_that_a_vjp_hands_on_is_never_added_to() -> None:
    @custom_gate(vjp=lambda g, out, x: np.asarray(x) if isinstance(x, np.ndarray) else x)
    def half_square(x: Any) -> Any:
        return x * x / 2

    x = Tensor([1.0, 2.0])
    (half_square(x) + half_square(x)).sum().backward()
    np.testing.assert_array_equal(x.data, [1.0, 2.0])
    np.testing.assert_array_equal(x.grad, [2.0, 4.0])


def test_a_result_that_is_its_operand_is_copied() -> None:
    @custom_gate(vjp=lambda g, out, x: g)
    def same(x: Any) -> Any:
        return x

    x = Tensor([1.0, 2.0])
    assert not np.shares_memory(same(x).data, x.data)


def test_a_vjp_of_the_wrong_shape_is_named() -> None:
    @custom_gate(vjp=lambda g, out, x: g.sum())
    def wrong(x: Any) -> Any:
        return x * 2

    with pytest.raises(ShapeError, match=r"wrong: the vjp by operand 0 gives shape \(\), and"):
        wrong(Tensor([1.0, 2.0])).sum().backward()


def test_operands_without_a_vjp_are_refused() -> None:
    with pytest.raises(OperandError, match="3 operands, and 2 vjp functions"):
        squared_times(Tensor(1.0), Tensor(2.0), Tensor(3.0))


def test_what_is_no_vjp_is_refused() -> None:
    with pytest.raises(OperandError, match="custom_gate: vjp is 3"):
        custom_gate(vjp=3)  # type: ignore[arg-type]
