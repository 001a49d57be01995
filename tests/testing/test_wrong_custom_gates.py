"""The ways in which a gate of one's own goes wrong: each is found, and the message says which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import ArrayGate, Tensor, custom_gate, tanh
from autograd.errors import GradientMismatch, StaleError
from autograd.testing import check_gradients

X = np.array([0.4, -0.7, 1.3])
ROWS = np.array([[0.5, -1.1, 0.9], [1.2, 0.3, -0.6]])


def cube(vjp: Callable[..., Any]) -> ArrayGate:
    """The gate x³ with a derivative of one's own."""
    return custom_gate(vjp=vjp, name="cube")(lambda x: x * x * x)


def mismatch_of(f: Callable[..., Any], *inputs: np.ndarray) -> GradientMismatch:
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(f, *inputs)
    return caught.value


def test_the_right_gate_passes() -> None:
    right = cube(lambda g, out, x: g * 3 * x * x)
    check_gradients(lambda x: tanh(right(x)), X)


@pytest.mark.parametrize(
    "vjp",
    [
        pytest.param(lambda g, out, x: g * 2 * x * x, id="wrong factor"),
        pytest.param(lambda g, out, x: 3 * x * x, id="dropped g"),
        pytest.param(lambda g, out, x: g * 3 * out, id="the result for its square root"),
        pytest.param(lambda g, out, x: (g * 3 * x * x)[::-1], id="reversed"),
        pytest.param(lambda g, out, x: np.full_like(x, (g * 3 * x * x).mean()), id="averaged"),
        pytest.param(lambda g, out, x: (g * 3 * x * x).astype(np.float16), id="half precision"),
        pytest.param(lambda g, out, x: (g * 3 * x * x).astype(int), id="integers"),
        pytest.param(lambda g, out, x: g * np.nan, id="nan"),
    ],
)
def test_a_wrong_vjp_is_found_among_other_gates(vjp: Callable[..., Any]) -> None:
    wrong = cube(vjp)
    mismatch = mismatch_of(lambda x: tanh(wrong(x * 0.9)) * x, X)
    assert mismatch.gate is wrong
    assert "cube" in str(mismatch)


def test_a_vjp_that_raises_is_named_with_what_it_says() -> None:
    def vjp(g: Any, out: Any, x: Any) -> Any:
        raise ArithmeticError("the moon is full")

    wrong = cube(vjp)
    mismatch = mismatch_of(lambda x: tanh(wrong(x)), X)
    assert mismatch.gate is wrong
    assert "cube" in str(mismatch) and "the moon is full" in str(mismatch)


def test_a_vjp_that_leaves_a_broadcast_unsummed_is_named_with_the_shapes() -> None:
    wrong = custom_gate(
        vjp=[lambda g, out, x, row: g * row, lambda g, out, x, row: g * x], name="by_row"
    )(lambda x, row: x * row)
    mismatch = mismatch_of(wrong, ROWS, X)
    assert mismatch.gate is wrong
    assert "by_row" in str(mismatch) and "(2, 3)" in str(mismatch) and "(3,)" in str(mismatch)


@pytest.mark.parametrize("before", [lambda x: x, lambda x: x * 0.9], ids=["leaf", "inner node"])
def test_a_vjp_that_writes_into_its_operand_is_found(before: Callable[[Tensor], Tensor]) -> None:
    def vjp(g: Any, out: Any, x: Any) -> Any:
        gradient = g * 3 * x * x
        x *= 2
        return gradient

    wrong = cube(vjp)
    with pytest.raises((GradientMismatch, StaleError)) as caught:
        check_gradients(lambda x: tanh(wrong(before(x))), X)
    assert "cube" in str(caught.value) or "chang" in str(caught.value)


def test_a_vjp_that_writes_into_its_gradient_is_found() -> None:
    def vjp(g: Any, out: Any, x: Any) -> Any:
        g *= 3 * x * x
        return g

    wrong = cube(vjp)
    assert mismatch_of(lambda x: tanh(x * 0.5) + wrong(x), X)


def test_a_forward_function_that_writes_into_its_operand_is_found() -> None:
    def forward(x: Any) -> Any:
        x *= 2
        return x * 1.0

    doubled = custom_gate(vjp=lambda g, out, x: 2 * g, name="doubled")(forward)
    assert "in place" in str(mismatch_of(doubled, X))


def test_a_function_that_writes_into_its_argument_is_found() -> None:
    def f(x: Tensor) -> Tensor:
        x[0] = 0.0
        return tanh(x)

    assert "in place" in str(mismatch_of(f, X))


def test_a_hidden_constant_is_found_and_no_gate_is_blamed() -> None:
    mismatch = mismatch_of(lambda x: x * x.data, X)
    assert mismatch.gate is None


def test_a_state_that_a_vjp_keeps_is_found() -> None:
    seen: list[Any] = []

    def vjp(g: Any, out: Any, x: Any) -> Any:
        seen.append(g)
        return g * 3 * x * x * len(seen)

    assert mismatch_of(cube(vjp), X)
