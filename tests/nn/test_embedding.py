"""Embedding: what it looks up, where gradients go, which indices it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as arrays

from autograd import Tensor
from autograd.errors import LabelError, OperandError, SettingError
from nn import Embedding, Linear


def made() -> Embedding:
    return Embedding(5, 3, rng=np.random.default_rng(7))


@given(
    arrays.arrays(
        arrays.integer_dtypes() | arrays.unsigned_integer_dtypes(),
        arrays.array_shapes(min_dims=0, min_side=0, max_side=4),
        elements={"min_value": 0, "max_value": 4},
    )
)
def test_looking_up_is_linear_on_one_hot_vectors(indices: Any) -> None:
    layer, linear = made(), Linear(5, 3, rng=np.random.default_rng(0), bias=False)
    linear.weight.data = layer.weight.data
    outputs = layer(indices), linear(np.eye(5)[indices])
    assert outputs[0].shape == (*indices.shape, 3)
    np.testing.assert_allclose(outputs[0].data, outputs[1].data, rtol=1e-14)
    weights = np.random.default_rng(1).normal(size=outputs[0].shape)
    for output in outputs:
        (output * weights).sum().backward()
    np.testing.assert_allclose(layer.weight.grad, linear.weight.grad, rtol=1e-12, atol=1e-14)


def test_rows_that_are_not_chosen_get_no_gradient() -> None:
    layer = made()
    layer([1, 3, 3, 3]).sum().backward()
    assert layer.weight.grad[:, 0].tolist() == [0, 1, 0, 3, 0]


def test_indices_changed_after_the_lookup_do_not_change_its_gradient() -> None:
    layer, indices = made(), np.array([1, 1])
    output = layer(indices)
    indices[:] = 4
    output.sum().backward()
    assert layer.weight.grad[:, 0].tolist() == [0, 2, 0, 0, 0]


@pytest.mark.parametrize(
    ("indices", "error", "message"),
    [
        ([[0, 4], [5, 0]], LabelError, r"index 5 at \[1, 0\] is out of range; .* from 0 to 4"),
        ([0, -1], LabelError, r"index -1 at \[1\] is out of range"),
        (7, LabelError, r"index 7 is out of range"),
        ([[0.5, 1.0]], OperandError, r"of float64, with 0\.5 at \[0, 0\]; .*astype\(int\)"),
        ([True], OperandError, r"of bool, with True at \[0\]; pass integers"),
        (["the"], OperandError, r"of <U3, with 'the' at \[0\]"),
        ([], OperandError, r"the indices are of float64; pass integers"),
        (Tensor([1.0]), OperandError, r"a Tensor of shape \(1,\), which holds no integers"),
    ],
)
def test_indices_that_name_no_row_are_named(
    indices: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^Embedding: .*{message}"):
        made()(indices)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"count": 0}, SettingError, r"count is 0; pass a whole number"),
        ({"features": 2.0}, SettingError, r"features is 2\.0; pass a whole number"),
        ({"rng": 3}, OperandError, r"rng is 3, not a np\.random\.Generator"),
        ({"dtype": int}, OperandError, r"dtype is .*int"),
    ],
)
def test_a_setting_that_is_wrong_is_named(
    settings: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^Embedding: {message}"):
        Embedding(**{"count": 5, "features": 3, "rng": np.random.default_rng(0), **settings})
