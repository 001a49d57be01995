"""Random expressions over arrays: values, gradients and Hessian-vector products as in PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from random_expressions import Step, expressions, run

from autograd import Tensor, gradients

torch: Any = pytest.importorskip("torch", reason="PyTorch, an independent reference")

MANY = settings(max_examples=4 * settings.default.max_examples)


@MANY
@given(expression=expressions())
def test_value_gradients_and_hessian_vector_products_agree(
    expression: tuple[list[np.ndarray], list[Step]],
) -> None:
    arrays, steps = expression
    ours = [Tensor(array) for array in arrays]
    theirs = [torch.tensor(array, requires_grad=True) for array in arrays]
    value, expected = run(ours, steps, "ours"), run(theirs, steps, "theirs")
    np.testing.assert_allclose(value.item(), expected.item(), rtol=1e-10)
    slopes = gradients(value, ours, create_graph=True)
    expected_slopes = torch.autograd.grad(expected, theirs, create_graph=True)
    directions = [np.cos(np.arange(array.size) + 1.0).reshape(array.shape) for array in arrays]
    curved = sum((slope * d).sum() for slope, d in zip(slopes, directions, strict=True))
    expected_curved = sum(
        (slope * torch.tensor(d)).sum()
        for slope, d in zip(expected_slopes, directions, strict=True)
    )
    bends = gradients(curved, ours)
    if expected_curved.requires_grad:
        expected_bends = torch.autograd.grad(
            expected_curved, theirs, allow_unused=True, materialize_grads=True
        )
    else:  # the expression is linear
        expected_bends = tuple(map(torch.zeros_like, theirs))
    answers = zip((*slopes, *bends), (*expected_slopes, *expected_bends), strict=True)
    for mine, reference in answers:
        expected_array = reference.detach().numpy()
        size = max(1.0, float(np.abs(expected_array).max()))
        np.testing.assert_allclose(mine.data, expected_array, rtol=1e-10, atol=1e-10 * size)
