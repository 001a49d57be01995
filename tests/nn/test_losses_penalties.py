"""Penalties on the parameters of a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Tensor
from autograd.errors import OperandError, SettingError
from nn import Linear, l1_penalty, l2_penalty

PENALTIES = [l1_penalty, l2_penalty]


@pytest.mark.parametrize(("penalty", "power"), [(l1_penalty, 1), (l2_penalty, 2)])
def test_all_parameters_are_penalized(penalty: Callable[..., Tensor], power: int) -> None:
    layer = Linear(3, 2, rng=np.random.default_rng(0))
    expected = sum((np.abs(part.data) ** power).sum() for part in layer.parameters())
    assert penalty(layer.parameters(), 0.1).item() == pytest.approx(0.1 * expected)


def test_slopes_are_the_sign_and_twice_the_weight() -> None:
    weight = Tensor([3.0, 0.0, -4.0])
    l1_penalty([weight], 0.5).backward()
    np.testing.assert_array_equal(weight.grad, [0.5, 0, -0.5])
    weight.zero_grad()
    l2_penalty(iter([weight]), 0.5).backward()
    np.testing.assert_array_equal(weight.grad, [3, 0, -4])


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (Tensor([1.0]), "parameters is a Tensor; pass a list of Tensors"),
        (Linear(1, 1, rng=np.random.default_rng(0)), r"is a Linear; .* module\.parameters\(\)"),
        ([Tensor([1.0]), 2.0], "parameter 1 is 2.0, not a Tensor"),
    ],
)
def test_what_is_no_list_of_tensors_is_refused(
    penalty: Callable[..., Tensor], parameters: Any, message: str
) -> None:
    with pytest.raises(OperandError, match=f"{penalty.__name__}: .*{message}"):
        penalty(parameters, 0.1)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_a_penalty_needs_parameters_and_a_strength(penalty: Callable[..., Tensor]) -> None:
    with pytest.raises(SettingError, match="there are no parameters"):
        penalty([], 0.1)
    for strength in (-1e-4, np.inf, np.nan):
        with pytest.raises(SettingError, match=f"strength is {strength}; pass a finite number"):
            penalty([Tensor([1.0])], strength)
