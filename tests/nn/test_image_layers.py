"""Conv2d, pooling and Flatten: the lectures' figures, and what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor
from autograd.errors import OperandError, SettingError, ShapeError
from nn import Conv2d, Flatten, Initializer, Linear, MaxPool2d, Sequential, he_uniform

IMAGE = [[1, 0, 1, 0], [0, 1, 1, 0], [0, 0, 1, 1], [0, 0, 1, 0]]
MASK = [[1, 0], [0, 1]]


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_a_mask_slid_over_an_image_gives_the_figure_of_the_lecture() -> None:
    layer = Conv2d(1, 1, 2, rng=rng())
    layer.load_state_dict({"weight": [[MASK]], "bias": [0]})
    output = layer(np.array([[IMAGE]], dtype=float))
    assert output.data.tolist() == [[[[2, 1, 1], [0, 2, 2], [0, 1, 1]]]]
    assert MaxPool2d(2, stride=1)(output).data.tolist() == [[[[2, 2], [2, 2]]]]


def test_a_mask_with_a_bias_adds_it_at_each_place() -> None:
    layer = Conv2d(1, 2, 2, rng=rng())
    layer.load_state_dict({"weight": [[MASK], [MASK]], "bias": [0.5, -1]})
    output = layer(np.array([IMAGE], dtype=float)).data
    np.testing.assert_array_equal(output[0] - output[1], np.full((3, 3), 1.5))


def test_the_gradient_of_a_weight_is_what_it_met() -> None:
    layer = Conv2d(1, 1, 2, rng=rng())
    image = np.array([IMAGE], dtype=float)
    layer(image).sum().backward()
    met = [[image[0, i : i + 3, j : j + 3].sum() for j in (0, 1)] for i in (0, 1)]
    assert layer.weight.grad is not None and layer.bias is not None
    assert layer.weight.grad[0, 0].tolist() == met
    np.testing.assert_array_equal(layer.bias.grad, [9.0])


def test_same_padding_keeps_the_size_and_valid_takes_none() -> None:
    images = np.zeros((2, 3, 8, 9))
    assert Conv2d(3, 4, (3, 4), padding="same", rng=rng())(images).shape == (2, 4, 8, 9)
    assert Conv2d(3, 4, (3, 4), padding="valid", rng=rng())(images).shape == (2, 4, 6, 6)


@pytest.mark.parametrize("init", [he_uniform, lambda shape, rng: rng.normal(size=shape)])
def test_the_weights_of_a_convolution_are_drawn_for_their_shape(init: Initializer) -> None:
    weight = Conv2d(3, 4, (5, 2), rng=rng(), init=init).weight
    np.testing.assert_array_equal(weight.data, init((4, 3, 5, 2), rng()))


def test_lenet_takes_images_to_logits() -> None:
    settings: Any = {"rng": rng(), "dtype": np.float32}
    net = Sequential(
        Conv2d(1, 6, 5, padding=2, **settings),
        MaxPool2d(2),
        Conv2d(6, 16, 5, **settings),
        MaxPool2d(2),
        Flatten(),
        Linear(400, 10, **settings),
    )
    logits = net(np.zeros((2, 1, 28, 28), np.float32))
    assert (logits.shape, logits.dtype) == ((2, 10), np.float32)


def test_flatten_keeps_the_samples_also_where_there_are_none() -> None:
    assert Flatten()(Tensor(np.zeros((0, 2, 3)))).shape == (0, 6)
    assert Flatten()(np.zeros(4)).shape == (4, 1)


def test_flatten_names_an_input_without_samples() -> None:
    with pytest.raises(ShapeError, match=r"Flatten: input of shape \(\); it takes \(n, \.\.\.\)"):
        Flatten()(Tensor(1.0))


@pytest.mark.parametrize("shape", [(2, 1, 5, 5), (5, 5), (1, 1, 3, 5, 5)])
def test_conv2d_names_an_input_that_does_not_fit(shape: tuple[int, ...]) -> None:
    message = r"Conv2d: input of shape \(.*\), but the layer takes 3 channels, as \(n, 3, height, "
    with pytest.raises(ShapeError, match=message):
        Conv2d(3, 2, 2, rng=rng())(np.zeros(shape))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"in_channels": 0}, SettingError, r"Conv2d: in_channels is 0; pass a whole number"),
        ({"out_channels": 1.5}, SettingError, r"Conv2d: out_channels is 1\.5; pass a whole"),
        ({"kernel_size": 0}, SettingError, r"Conv2d: kernel_size"),
        ({"kernel_size": (2, 2, 2)}, SettingError, r"Conv2d: kernel_size"),
        ({"dtype": int}, OperandError, r"Conv2d: dtype is"),
        ({"rng": 0}, OperandError, r"Conv2d: rng is 0"),
    ],
)
def test_conv2d_names_an_argument_that_is_wrong(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    given = {"in_channels": 3, "out_channels": 2, "kernel_size": 2, "rng": rng(), **arguments}
    with pytest.raises(error, match=message):
        Conv2d(**given)
