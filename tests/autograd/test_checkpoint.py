"""Checkpoints: the same gradients, less memory, and an error where the second run differs."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from autograd import Tensor, checkpoint, gradients, no_grad
from autograd.errors import OperandError, StateError


def block(w: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda x: (x @ w).tanh() * w.sum()


def test_gradients_are_those_without_the_checkpoint() -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(3, 3)) * 0.5 for _ in range(3)]
    answers = []
    for wrap in (checkpoint, lambda f: f):
        x, w, v = map(Tensor, arrays)
        # The input of the second block depends on what the block also takes from around it.
        h = wrap(block(w))(x)
        out = wrap(lambda h, w=w, v=v: (h * v) @ w)(h * w)
        out.sum().backward()
        answers.append([out.data, x.grad, w.grad, v.grad])
    for mine, expected in zip(*answers, strict=True):
        np.testing.assert_allclose(mine, expected, rtol=1e-14)


def test_a_captured_node_above_another_input_is_not_counted_twice() -> None:
    x = Tensor(3.0)
    y = x * x
    checkpoint(lambda x: x * y)(x).backward()
    assert x.grad == 27.0


def test_second_derivatives_pass_through() -> None:
    x = Tensor(0.5)
    f = checkpoint(lambda x: x.exp() * x)
    first = gradients(f(x), x, create_graph=True)
    second = gradients(first, x)
    assert second.item() == pytest.approx(np.exp(0.5) * 2.5, rel=1e-14)


def test_what_lies_between_is_not_kept() -> None:
    def peak(wrap: Callable[..., Callable[[Tensor], Tensor]]) -> int:
        x = Tensor(np.ones(100_000))
        tracemalloc.start()
        for _ in range(8):
            x = wrap(lambda x: (((x * 1.01).tanh() + 1.0) * 0.5).exp())(x)
        x.sum().backward()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(checkpoint) < 0.6 * peak(lambda f: f)


def test_nothing_is_recorded_where_nothing_else_is() -> None:
    with no_grad():
        assert checkpoint(lambda x: x * x)(Tensor(2.0)).operands == ()


def test_a_function_that_changes_is_refused() -> None:
    calls: list[int] = []

    def counting(x: Tensor) -> Tensor:
        calls.append(1)
        return x * float(len(calls))

    out = checkpoint(counting)(Tensor(2.0))
    with pytest.raises(StateError, match="another result in the backward pass"):
        out.backward()


def test_a_result_that_is_no_tensor_is_refused() -> None:
    with pytest.raises(OperandError, match="one Tensor"):
        checkpoint(lambda x: (x, x))(Tensor(1.0))
