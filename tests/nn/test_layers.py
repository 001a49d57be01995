"""Linear, Sequential, activations and initial weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor
from autograd.errors import OperandError, SettingError, ShapeError
from nn import Initializer, Linear, ReLU, Sequential, Sigmoid, Tanh, he_uniform, xavier_uniform


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_linear_maps_batches_and_single_samples_alike() -> None:
    layer = Linear(3, 2, rng=rng())
    batch = np.arange(12.0).reshape(4, 3)
    rows = [layer(sample).data for sample in batch]
    assert layer(batch).shape == (4, 2)
    np.testing.assert_allclose(layer(batch).data, rows, rtol=1e-14)


def test_linear_without_bias_maps_zero_to_zero() -> None:
    layer = Linear(3, 2, rng=rng(), bias=False)
    assert layer.bias is None
    assert layer(np.zeros(3)).data.tolist() == [0.0, 0.0]


def test_linear_passes_the_gradient_on_to_its_input() -> None:
    layer, x = Linear(3, 2, rng=rng()), Tensor(np.ones((4, 3)))
    layer(x).sum().backward()
    np.testing.assert_allclose(x.grad, np.tile(layer.weight.data.sum(axis=1), (4, 1)))


def test_linear_in_float32_computes_in_float32() -> None:
    layer = Linear(3, 2, rng=rng(), dtype=np.float32)
    assert layer(np.ones((1, 3), dtype=np.float32)).dtype == np.float32


def test_equal_generators_draw_equal_layers() -> None:
    first, second = Linear(3, 2, rng=rng()), Linear(3, 2, rng=rng())
    np.testing.assert_array_equal(first.weight.data, second.weight.data)


@pytest.mark.parametrize(
    ("init", "bound"), [(xavier_uniform, np.sqrt(6 / 500)), (he_uniform, np.sqrt(6 / 300))]
)
def test_initial_weights_fill_their_interval_evenly(init: Initializer, bound: float) -> None:
    weights = Linear(300, 200, rng=rng(), init=init).weight.data
    assert 0.999 * bound < np.abs(weights).max() <= bound
    assert np.std(weights) == pytest.approx(bound / np.sqrt(3), rel=0.01)
    assert np.mean(weights) == pytest.approx(0.0, abs=0.01 * bound)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 4), r"input of shape \(2, 4\), but the layer takes 3 inputs, as \(n, 3\) or \(3,\)"),
        ((), r"input of shape \(\), but the layer takes 3 inputs"),
    ],
)
def test_linear_names_an_input_that_does_not_fit(shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        Linear(3, 2, rng=rng())(np.zeros(shape))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"inputs": 0}, SettingError, r"inputs is 0; pass a whole number of at least 1"),
        ({"outputs": 2.5}, SettingError, r"outputs is 2\.5; pass a whole number"),
        ({"outputs": True}, SettingError, r"outputs is True; pass a whole number"),
        ({"rng": 0}, OperandError, r"Linear: rng is 0, .* pass np\.random\.default_rng\(seed\)"),
        ({"dtype": int}, OperandError, r"dtype is .*int.*; pass np\.float64 or np\.float32"),
    ],
)
def test_linear_names_an_argument_that_is_wrong(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Linear(**{"inputs": 3, "outputs": 2, "rng": rng(), **arguments})


def test_sequential_applies_its_layers_in_order() -> None:
    first, second = Linear(3, 2, rng=rng()), Linear(2, 1, rng=rng())
    net, x = Sequential(first, Tanh(), second), np.ones((4, 3))
    np.testing.assert_array_equal(net(x).data, second(np.tanh(first(x).data)).data)
    assert len(net) == 3
    assert net[0] is first
    assert list(net)[2] is second


def test_a_subclass_of_sequential_may_hold_more_parameters() -> None:
    class Shifted(Sequential):
        def __init__(self) -> None:
            super().__init__(Linear(1, 1, rng=rng(), bias=False))
            self.shift = Tensor(1.0)

    assert [path for path, _ in Shifted().named_parameters()] == ["0.weight", "shift"]


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Tanh, r"layer 1 is <class 'nn\.activations\.Tanh'>, not a module; pass Tanh\(\.\.\.\)"),
        (np.tanh, r"layer 1 is <ufunc 'tanh'>, not a module"),
    ],
)
def test_sequential_names_a_layer_that_is_no_module(layer: Any, message: str) -> None:
    with pytest.raises(OperandError, match=message):
        Sequential(Linear(3, 2, rng=rng()), layer)


@pytest.mark.parametrize(
    ("activation", "expected", "slope"),
    [
        (Sigmoid(), [0.2689414213699951, 0.5], [0.19661193324148185, 0.25]),
        (Tanh(), [-0.7615941559557649, 0.0], [0.41997434161402614, 1.0]),
        (ReLU(), [0.0, 0.0], [0.0, 0.0]),
    ],
)
def test_activations_give_value_and_slope(
    activation: Any, expected: list[float], slope: list[float]
) -> None:
    x = Tensor([-1.0, 0.0])
    output = activation(x)
    output.sum().backward()
    np.testing.assert_allclose(output.data, expected, rtol=1e-15)
    np.testing.assert_allclose(x.grad, slope, rtol=1e-14)
