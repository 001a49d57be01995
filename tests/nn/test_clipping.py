"""Clipping of gradients, by value and by norm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd import Tensor
from autograd.errors import DivergenceError, OperandError, SettingError
from nn import clip_by_norm, clip_by_value

GRADIENTS = st.lists(
    hnp.arrays(float, hnp.array_shapes(max_dims=2, max_side=3), elements=st.floats(-1e6, 1e6)),
    min_size=1,
    max_size=3,
)
LIMITS = st.floats(1e-3, 1e3)


def with_gradients(gradients: list[np.ndarray]) -> list[Tensor]:
    tensors = []
    for gradient in gradients:
        tensor = Tensor(np.zeros_like(gradient))
        tensor.grad = gradient.copy()
        tensors.append(tensor)
    return tensors


def flat(tensors: list[Tensor]) -> np.ndarray:
    return np.concatenate([np.ravel(np.asarray(tensor.grad)) for tensor in tensors])


@given(GRADIENTS, LIMITS)
def test_a_clipped_norm_keeps_the_direction_and_is_no_longer_than_the_limit(
    gradients: list[np.ndarray], limit: float
) -> None:
    tensors = with_gradients(gradients)
    before = flat(tensors)
    norm = clip_by_norm(tensors, limit)
    assert norm == pytest.approx(np.linalg.norm(before), rel=1e-12)
    after = flat(tensors)
    assert np.linalg.norm(after) <= limit * (1 + 1e-12) or norm <= limit
    expected = before if norm <= limit else before * (limit / norm)
    np.testing.assert_allclose(after, expected, rtol=1e-12)


@given(GRADIENTS, LIMITS)
def test_clipped_values_lie_within_the_limit(gradients: list[np.ndarray], limit: float) -> None:
    tensors = with_gradients(gradients)
    before = flat(tensors)
    clip_by_value(tensors, limit)
    np.testing.assert_array_equal(flat(tensors), np.clip(before, -limit, limit))


def test_the_norm_is_that_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    tensors = with_gradients([rng.normal(size=(3, 4)), rng.normal(size=5)])
    peers = [torch.zeros(np.shape(tensor), dtype=torch.float64) for tensor in tensors]
    for peer, tensor in zip(peers, tensors, strict=True):
        peer.grad = torch.tensor(tensor.grad)
    norm = clip_by_norm(tensors, 1.0)
    assert norm == pytest.approx(float(torch.nn.utils.clip_grad_norm_(peers, 1.0)), rel=1e-12)


def test_float32_gradients_stay_so_and_large_ones_do_not_overflow() -> None:
    tensor = Tensor(np.zeros(2, np.float32))
    tensor.grad = np.array([3e38, 3e38], np.float32)
    assert clip_by_norm([tensor], 1.0) == pytest.approx(3e38 * 2**0.5, rel=1e-6)
    assert tensor.grad.dtype == np.float32
    np.testing.assert_allclose(tensor.grad, 0.5**0.5, rtol=1e-6)


def test_parameters_without_a_gradient_are_passed_over() -> None:
    idle = Tensor(1.0)
    clip_by_value([idle], 1.0)
    assert clip_by_norm([idle], 1.0) == 0
    assert idle.grad is None


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_norm_that_is_not_finite_is_refused(bad: float) -> None:
    [tensor] = with_gradients([np.array([1.0, bad])])
    with pytest.raises(DivergenceError, match=f"the norm of the gradients is {bad}"):
        clip_by_norm([tensor], 1.0)


def test_a_nan_cannot_be_brought_within_a_limit_and_an_infinity_can() -> None:
    tensors = with_gradients([np.array([5.0]), np.array([1.0, np.nan])])
    with pytest.raises(
        DivergenceError, match=r"clip_by_value: gradient 1 has a nan; autograd\.det"
    ):
        clip_by_value(tensors, 2.0)
    assert tensors[0].grad == [5.0]
    endless = with_gradients([np.array([np.inf, -np.inf])])
    clip_by_value(endless, 2.0)
    assert flat(endless).tolist() == [2.0, -2.0]


@pytest.mark.parametrize("clip", [clip_by_norm, clip_by_value])
def test_what_cannot_be_clipped_is_refused(clip: Any) -> None:
    name = clip.__name__
    with pytest.raises(SettingError, match=f"{name}: limit is 0; it must be finite and above 0"):
        clip([Tensor(1.0)], 0)
    with pytest.raises(OperandError, match=f"{name}: parameters is a Tensor; pass a list"):
        clip(Tensor(1.0), 1.0)
    with pytest.raises(OperandError, match=rf"{name}: parameter 0 is 1\.0, not a Tensor"):
        clip([1.0], 1.0)
