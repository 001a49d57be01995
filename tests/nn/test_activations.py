"""Activations: maxout, and that modules and functions are the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn.activations
from autograd import Tensor
from autograd.errors import SettingError, ShapeError
from nn import ELU, LeakyReLU, Module, maxout

X = np.array([-2.0, -0.5, 0.0, 0.5, 2.0])
FUNCTIONS = {
    name.replace("_", ""): getattr(nn.activations, name)
    for name in nn.activations.__all__
    if name.islower() and name != "maxout"
}
MODULES = [
    module
    for module in vars(nn.activations).values()
    if isinstance(module, type)
    and module.__module__ == "nn.activations"
    and module.__name__[0] != "_"
]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_applies_the_function_of_its_name(module: type[Module]) -> None:
    expected = FUNCTIONS[module.__name__.lower()](X)
    np.testing.assert_array_equal(module()(Tensor(X)).data, expected)
    np.testing.assert_array_equal(module()(X), expected)


@pytest.mark.parametrize("module", [LeakyReLU(np.float64(0.1)), ELU(np.float64(0.1))])
def test_a_setting_from_numpy_keeps_float32(module: Module) -> None:
    assert module(Tensor(X.astype(np.float32))).dtype == np.float32


@pytest.mark.parametrize("axis", [0, 1, -1, -3])
def test_maxout_is_the_largest_of_equal_parts(axis: int) -> None:
    x = np.random.default_rng(0).normal(size=(6, 6, 6))
    expected = np.maximum.reduce(np.split(x, 3, axis))
    np.testing.assert_array_equal(maxout(x, 3, axis), expected)
    np.testing.assert_array_equal(maxout(Tensor(x), 3, axis).data, expected)


def test_maxout_of_one_piece_is_the_identity() -> None:
    np.testing.assert_array_equal(maxout(X, 1), X)


def test_maxout_shares_the_gradient_of_equal_elements() -> None:
    x = Tensor([1.0, 5.0, 1.0, 4.0])
    maxout(x, 2).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0.5, 1.0, 0.5, 0.0]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            (X, 2),
            ShapeError,
            r"x has shape \(5,\); its axis -1 is to be .* 2 equal parts",
        ),
        ((X, 5, 1), ShapeError, r"x has shape \(5,\); its axis 1"),
        ((X, 0), SettingError, r"pieces is 0; there is at least 1"),
    ],
)
def test_maxout_names_what_does_not_fit(
    arguments: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        maxout(*arguments)
