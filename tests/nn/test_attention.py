"""Attention: its weights, masks and heads, and what it refuses."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograd import Tensor
from autograd.errors import OperandError, SettingError, ShapeError
from nn import MultiHeadAttention, attention_weights, scaled_dot_product_attention


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def layer(**settings: Any) -> MultiHeadAttention:
    return MultiHeadAttention(4, 2, rng=rng(), **settings)


masks = arrays.arrays(bool, (3, 4)).filter(lambda mask: mask.any(axis=1).all())


@given(masks, st.sampled_from([1e-3, 1.0, 1e3]))
def test_weights_add_up_to_one_and_are_zero_where_the_mask_says(mask: Any, size: float) -> None:
    query, key = Tensor(size * rng().normal(size=(3, 2))), size * rng().normal(size=(4, 2))
    weights = attention_weights(query, key, mask=mask)
    np.testing.assert_allclose(weights.data.sum(axis=1), 1, rtol=1e-12)
    assert (weights.data >= 0).all()
    assert not weights.data[~mask].any()
    (weights * np.arange(4)).sum().backward()
    assert np.isfinite(query.grad).all()


@given(masks)
def test_what_is_masked_has_no_influence(mask: Any) -> None:
    key, value = rng().normal(size=(2, 4, 2))
    query = rng().normal(size=(3, 2))
    before = scaled_dot_product_attention(Tensor(query), key, value, mask=mask).data
    hidden = ~mask[0]
    key[hidden], value[hidden] = 50.0, -50.0
    after = scaled_dot_product_attention(Tensor(query), key, value, mask=mask).data
    np.testing.assert_allclose(after[0], before[0], rtol=1e-12)


def test_scores_beyond_what_exp_can_take_give_the_value_of_the_largest() -> None:
    value = np.array([[1.0], [2.0]])
    output = scaled_dot_product_attention(Tensor([[1e4]]), [[1e4], [-1e4]], value)
    assert output.data.tolist() == [[1.0]]


def test_a_causal_step_does_not_see_later_ones() -> None:
    attention, x = layer(causal=True), rng().normal(size=(2, 5, 4))
    before = attention(x).data[:, :3]
    x[:, 3:] = 9.0
    np.testing.assert_allclose(attention(x).data[:, :3], before, rtol=1e-12)


def test_self_attention_follows_the_order_of_its_steps() -> None:
    attention, x = layer(), rng().normal(size=(2, 5, 4))
    order = [3, 0, 4, 1, 2]
    np.testing.assert_allclose(attention(x[:, order]).data, attention(x).data[:, order], rtol=1e-11)


def test_one_sequence_is_a_batch_of_one() -> None:
    attention, x = layer(), rng().normal(size=(5, 4))
    np.testing.assert_allclose(attention(x).data, attention(x[None]).data[0], rtol=1e-12)


def test_a_key_is_the_value_too_where_none_is_given() -> None:
    attention = layer()
    x, memory = rng().normal(size=(2, 3, 4)), rng().normal(size=(2, 5, 4))
    np.testing.assert_array_equal(attention(x, memory).data, attention(x, memory, memory).data)
    np.testing.assert_array_equal(attention(x).data, attention(x, x, x).data)


def test_keys_that_are_padding_are_left_out_of_all_heads() -> None:
    attention, x = layer(), rng().normal(size=(2, 5, 4))
    lengths = np.array([3, 5])
    mask = (np.arange(5) < lengths[:, None])[:, None, :]
    padded = attention(x, mask=mask).data
    np.testing.assert_allclose(padded[0, :3], attention(x[0, :3]).data, rtol=1e-12)
    np.testing.assert_allclose(padded[1], attention(x[1]).data, rtol=1e-12)


def test_a_query_that_may_attend_to_nothing_is_named() -> None:
    # The mask of PyTorch's layer, which says what is forbidden.
    with pytest.raises(SettingError, match=r"the query at \[0, 0, 4\] may attend to nothing"):
        layer()(np.zeros((2, 5, 4)), mask=np.triu(np.ones((5, 5), bool), 1))
    with pytest.raises(SettingError, match=r"the query at \[0, 0, 0\] .* in a mask True is for"):
        layer(causal=True)(np.zeros((2, 2, 4)), mask=np.array([[False, True], [True, True]]))


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(2, 3, 5)], r"query of shape \(2, 3, 5\), but the layer takes 4 features, as \(n, time"),
        ([(4,)], r"query of shape \(4,\), .* or \(time, 4\)"),
        ([()], r"query of shape \(\)"),
        ([(2, 3, 4), (2, 3, 3)], r"key of shape \(2, 3, 3\), but the layer takes 4 features"),
        ([(2, 3, 4), (1, 3, 4)], r"\(2, 3, 4\) and key of shape \(1, 3, 4\); .* many sequences"),
        ([(3, 4), (2, 3, 4)], r"query of shape \(3, 4\) and key of shape \(2, 3, 4\)"),
        ([(3, 4), (5, 4), (6, 4)], r"key \(2, 5, 2\) and value \(2, 6, 2\); .* a value for each"),
        ([(3, 4), (0, 4)], r"query \(2, 3, 2\) and key \(2, 0, 2\); .* there must be a key"),
    ],
)
def test_inputs_that_do_not_fit_are_named(shapes: list[tuple[int, ...]], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        layer()(*map(np.zeros, shapes))


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(3,), (4, 3), (4, 3)], r"attention: query of shape \(3,\); pass \(\.\.\., time, feat"),
        ([(2, 3), (4, 2), (4, 3)], r"query \(2, 3\) and key \(4, 2\); they must have as many feat"),
    ],
)
def test_arrays_that_attention_cannot_compare_are_named(
    shapes: list[tuple[int, ...]], message: str
) -> None:
    with pytest.raises(ShapeError, match=message):
        scaled_dot_product_attention(*map(Tensor, map(np.zeros, shapes)))


@pytest.mark.parametrize(
    ("mask", "error", "message"),
    [
        (np.zeros((5, 5)), OperandError, r"the mask is of float64; pass booleans, True where"),
        (np.ones((5, 4), bool), ShapeError, r"mask has shape \(5, 4\), .* to \(2, 2, 5, 5\)"),
        (np.ones((3, 5, 5), bool), ShapeError, r"mask has shape \(3, 1, 5, 5\)"),
    ],
)
def test_a_mask_that_does_not_fit_is_named(mask: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"attention: .*{message}"):
        layer()(np.zeros((2, 5, 4)), mask=mask)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (partial(MultiHeadAttention, 4, 3), SettingError, r"4 features are no multiple of 3 heads"),
        (partial(MultiHeadAttention, 0, 1), SettingError, r"features is 0; pass a whole number"),
        (partial(MultiHeadAttention, 4, 0), SettingError, r"heads is 0; pass a whole number"),
    ],
)
def test_a_setting_that_is_wrong_is_named(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^MultiHeadAttention: {message}"):
        make(rng=rng())


def test_without_bias_there_are_four_matrices() -> None:
    paths = [path for path, _ in layer(bias=False).named_parameters()]
    assert paths == [f"{name}.weight" for name in ("query", "key", "value", "output")]
