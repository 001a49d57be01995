"""Network: a small net with its data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import find, given

from autograd import Tensor, grad, tanh
from autograd.errors import SettingError, ShapeError
from autograd.testing.networks import Network
from autograd.testing.strategies import networks

NET = Network(
    tanh,
    weights=(np.array([[1.0, -2.0]]), np.array([[0.5], [0.25]])),
    biases=(np.array([0.0, 0.5]), np.array([0.1])),
    inputs=np.array([[0.3], [-0.7]]),
    targets=np.array([[1.0], [0.0]]),
)


def test_loss_is_that_of_the_formula() -> None:
    outputs = np.tanh(NET.inputs @ NET.weights[0] + NET.biases[0]) @ NET.weights[1] + NET.biases[1]
    assert float(NET.loss(NET.parameters)) == pytest.approx(np.mean((outputs - NET.targets) ** 2))


def test_labels_mean_the_cross_entropy() -> None:
    net = Network(tanh, (np.eye(2),), (np.zeros(2),), np.array([[1.0, 3.0]]), np.array([1]))
    assert net.has_labels
    assert float(net.loss(net.parameters)) == pytest.approx(np.log1p(np.exp(-2.0)))


@given(net=networks())
def test_arrays_and_tensors_have_the_same_loss(net: Network) -> None:
    tensors = [(Tensor(weight), Tensor(bias)) for weight, bias in net.parameters]
    loss = net.loss(tensors)
    assert loss.shape == ()
    assert loss.item() == net.loss(net.parameters)


@given(net=networks())
def test_every_parameter_has_a_gradient_of_its_shape(net: Network) -> None:
    gradients = grad(net.loss)(net.parameters)
    shapes = [(weight.shape, bias.shape) for weight, bias in net.parameters]
    assert [(weight.shape, bias.shape) for weight, bias in gradients] == shapes


@given(net=networks(dtype=np.float32) | networks())
def test_pasted_source_gives_the_same_loss(net: Network) -> None:
    names: dict[str, Any] = {}
    exec(net.source, names)
    loss = net.loss([(Tensor(weight), Tensor(bias)) for weight, bias in net.parameters])
    assert names["loss"].data == loss.data
    assert names["loss"].dtype == loss.dtype
    assert repr(net) == net.source


@given(net=networks(max_layers=2, max_width=3, max_samples=2))
def test_drawn_networks_keep_to_their_bounds(net: Network) -> None:
    assert len(net.weights) <= 2
    assert max(net.sizes) <= 3
    assert len(net.inputs) <= 2
    assert not net.has_labels or (net.targets.min() >= 0 and net.targets.max() < net.sizes[-1])


@given(smooth=networks(smooth=True), bent=networks(smooth=False))
def test_activations_are_smooth_or_not_as_asked(smooth: Network, bent: Network) -> None:
    assert not smooth.activation.kinks
    assert bent.activation.kinks


def test_network_shrinks_to_one_zero_neuron() -> None:
    net = find(networks(), lambda net: True)
    assert net.sizes == (1, 1)
    assert [array.tolist() for array in (*net.weights, *net.biases, net.inputs)] == [
        [[0.0]],
        [0.0],
        [[0.0]],
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"biases": NET.biases[:1]}, "2 weights and 1 biases"),
        (
            {"weights": (NET.weights[1], NET.weights[1])},
            r"layer 0: weight of shape \(2, 1\) and bias of shape \(2,\) after 1 outputs; "
            r"pass \(1, k\) and \(k,\)",
        ),
        (
            {"targets": np.zeros(2)},
            r"targets of shape \(2,\) for 2 samples; "
            r"pass labels \(2,\) of int, or numbers \(2, 1\)",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        replace(NET, **change)


def test_networks_without_a_layer_are_refused() -> None:
    with pytest.raises(SettingError, match="max_layers=0, max_width=4, max_samples=4; pass at"):
        networks(max_layers=0)
