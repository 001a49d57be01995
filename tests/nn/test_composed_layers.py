"""Maxout and Residual: layers that are made of other layers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autograd.errors import OperandError, SettingError, ShapeError
from nn import Linear, Maxout, Module, Residual, Tanh, xavier_uniform


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_maxout_is_the_largest_of_its_linear_functions() -> None:
    layer, x = Maxout(3, 2, 3, rng=rng()), rng().normal(size=(5, 3))
    assert layer.bias is not None
    layer.bias.data = np.arange(6.0) / 4
    pieces = zip(np.split(layer.weight.data, 3, axis=1), np.split(layer.bias.data, 3), strict=True)
    expected = np.max([x @ weight + bias for weight, bias in pieces], axis=0)
    np.testing.assert_allclose(layer(x).data, expected, rtol=1e-14)
    np.testing.assert_allclose(layer(x[0]).data, expected[0], rtol=1e-14)


def test_each_piece_of_maxout_begins_as_a_linear_layer_does() -> None:
    generator = rng()
    pieces = [xavier_uniform((3, 2), generator) for _ in range(2)]
    np.testing.assert_array_equal(Maxout(3, 2, rng=rng()).weight.data, np.hstack(pieces))


def test_residual_adds_the_module_to_the_input() -> None:
    x = np.linspace(-1, 1, 6).reshape(2, 3)
    np.testing.assert_array_equal(Residual(Tanh())(x), x + np.tanh(x))


def test_residual_lists_both_of_its_ways() -> None:
    layer = Residual(Linear(3, 2, rng=rng()), Linear(3, 2, rng=rng(), bias=False))
    paths = [path for path, _ in layer.named_parameters()]
    assert paths == ["module.weight", "module.bias", "projection.weight"]


@pytest.mark.parametrize("outputs", [1, 2])
def test_residual_refuses_shapes_that_would_only_broadcast(outputs: int) -> None:
    layer = Residual(Linear(3, outputs, rng=rng()))
    message = rf"Residual: the input has shape \(4, 3\), .* output \(4, {outputs}\); a projection"
    with pytest.raises(ShapeError, match=message):
        layer(np.zeros((4, 3)))


def test_residual_names_a_projection_that_does_not_fit() -> None:
    layer = Residual(Linear(3, 2, rng=rng()), Linear(3, 1, rng=rng()))
    with pytest.raises(ShapeError, match=r"the projection has shape \(4, 1\)"):
        layer(np.zeros((4, 3)))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: Maxout(3, 2, 0, rng=rng()),
            SettingError,
            r"Maxout: pieces is 0; pass a whole number",
        ),
        (
            lambda: Maxout(3, 0, rng=rng()),
            SettingError,
            r"Maxout: outputs is 0; pass a whole",
        ),
        (
            lambda: Maxout(0, 2, rng=rng()),
            SettingError,
            r"Maxout: inputs is 0; pass a whole",
        ),
        (lambda: Maxout(3, 2, rng=0), OperandError, r"Maxout: rng is 0"),  # type: ignore[arg-type]
        (lambda: Residual(np.tanh), OperandError, r"Residual: module is <ufunc"),  # type: ignore[arg-type]
        (lambda: Residual(Tanh(), 3), OperandError, r"Residual: projection is 3"),  # type: ignore[arg-type]
    ],
)
def test_an_argument_that_is_wrong_is_named(
    make: Callable[[], Module], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()


def test_maxout_names_an_input_that_does_not_fit() -> None:
    with pytest.raises(ShapeError, match=r"Maxout: input of shape \(4, 2\), .* takes 3 inputs"):
        Maxout(3, 2, rng=rng())(np.zeros((4, 2)))
