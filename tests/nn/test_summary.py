"""The summary of a model."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from nn import BatchNorm, Linear, Module, Sequential, Tanh


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_layers_come_with_output_shapes_and_parameter_counts() -> None:
    net = Sequential(Sequential(Linear(4, 16, rng=rng()), Tanh()), Linear(16, 3, rng=rng()))
    summary = net.summary(np.zeros((5, 4)))
    assert [(row.path, row.kind, row.output_shape, row.parameters) for row in summary.rows] == [
        ("0.0", "Linear", (5, 16), 80),
        ("0.1", "Tanh", (5, 16), 0),
        ("1", "Linear", (5, 3), 51),
    ]
    assert summary.parameters == 131 == sum(p.size for p in net.parameters())


def test_without_an_input_there_are_no_shapes() -> None:
    summary = Sequential(Linear(4, 2, rng=rng())).summary()
    assert [row.output_shape for row in summary.rows] == [None]
    assert "Linear" in str(summary) and "None" not in str(summary)


def test_parameters_outside_of_layers_have_a_row_of_their_own() -> None:
    class Scaled(Module):
        def __init__(self) -> None:
            self.scale = Tensor(np.ones(3))
            self.inner = Linear(3, 2, rng=rng())

        def forward(self, x: Any) -> Any:
            return self.inner(x * self.scale)

    summary = Scaled().summary(np.zeros((1, 3)))
    assert [(row.path, row.kind, row.parameters) for row in summary.rows] == [
        ("inner", "Linear", 8),
        ("", "Scaled", 3),
    ]
    assert summary.rows[1].output_shape == (1, 2)


def test_shared_parameters_are_counted_once() -> None:
    layer = Linear(3, 3, rng=rng())
    twin = Linear(3, 3, rng=rng())
    twin.weight = layer.weight
    summary = Sequential(layer, layer, twin).summary()
    assert [row.parameters for row in summary.rows] == [12, 3] and summary.parameters == 15


def test_a_layer_alone_has_its_row() -> None:
    layer = Linear(2, 1, rng=rng())
    assert [(row.kind, row.parameters) for row in layer.summary().rows] == [("Linear", 3)]


def test_the_model_stays_as_it_is() -> None:
    net = Sequential(Linear(2, 3, rng=rng()), BatchNorm(3))
    before = net.state_dict()
    net.summary(np.random.default_rng(0).normal(size=(9, 2)))
    assert net.training and net[1].training
    assert all(np.array_equal(array, before[name]) for name, array in net.state_dict().items())
