"""SGD: the rule of the step and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor
from autograd.errors import OperandError, SettingError, StateError
from nn import SGD, Linear, Sequential, Tanh, cross_entropy, mse


def test_a_step_goes_against_the_gradient_by_the_learning_rate() -> None:
    weight = Tensor([1.0, -2.0])
    (weight * np.array([3.0, 4.0])).sum().backward()
    SGD([weight], lr=0.5).step()
    assert weight.data.tolist() == [-0.5, -4.0]


def test_a_step_leaves_what_was_recorded_before_it() -> None:
    weight = Tensor([1.0])
    recorded = weight.data
    (weight * 2.0).sum().backward()
    SGD([weight], lr=0.5).step()
    assert recorded.tolist() == [1.0]


def test_a_parameter_without_gradient_stays() -> None:
    used, idle = Tensor(1.0), Tensor(1.0)
    (used * 2.0).backward()
    SGD([used, idle], lr=0.5).step()
    assert (used.item(), idle.item()) == (0.0, 1.0)


def test_a_parameter_that_comes_twice_is_stepped_once() -> None:
    weight = Tensor(1.0)
    (weight * 2.0).backward()
    SGD([weight, weight], lr=0.25).step()
    assert weight.item() == 0.5


def test_a_numpy_learning_rate_keeps_float32() -> None:
    weight = Tensor(np.ones(2, dtype=np.float32))
    weight.sum().backward()
    SGD([weight], lr=np.float64(0.1)).step()
    assert weight.dtype == np.float32


def test_zero_grad_clears_the_gradients() -> None:
    weight = Tensor(1.0)
    (weight * 2.0).backward()
    SGD([weight], lr=0.1).zero_grad()
    assert weight.grad is None


def test_a_line_is_fitted() -> None:
    x = np.linspace(-1, 1, 20).reshape(20, 1)
    layer = Linear(1, 1, rng=np.random.default_rng(0))
    optimizer = SGD(layer.parameters(), lr=0.5)
    for _ in range(200):
        optimizer.zero_grad()
        mse(layer(x), 3 * x - 2).backward()
        optimizer.step()
    state = layer.state_dict()
    assert state["weight"].item() == pytest.approx(3.0)
    assert state["bias"].item() == pytest.approx(-2.0)


def test_a_hidden_layer_learns_xor() -> None:
    x, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
    rng = np.random.default_rng(0)
    net = Sequential(Linear(2, 8, rng=rng), Tanh(), Linear(8, 2, rng=rng))
    optimizer = SGD(net.parameters(), lr=0.5)
    for _ in range(300):
        optimizer.zero_grad()
        loss = cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
    assert net(x).data.argmax(axis=1).tolist() == y.tolist()
    assert loss.item() < 0.1


def test_a_step_without_any_gradient_is_refused() -> None:
    with pytest.raises(StateError, match=r"no parameter has a gradient; call loss\.backward\(\)"):
        SGD([Tensor(1.0)], lr=0.1).step()


@pytest.mark.parametrize("lr", [0.0, -0.1, float("nan"), float("inf")])
def test_a_learning_rate_that_cannot_learn_is_refused(lr: float) -> None:
    with pytest.raises(SettingError, match=f"lr is {lr!r}; pass a finite number above 0"):
        SGD([Tensor(1.0)], lr=lr)


def test_an_empty_list_of_parameters_is_refused() -> None:
    with pytest.raises(SettingError, match="no parameters to train"):
        SGD(Tanh().parameters(), lr=0.1)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (Tanh(), r"parameters is a Tanh; pass a list of Tensors, such as module\.parameters"),
        (Tensor(1.0), r"parameters is a Tensor; pass a list"),
        ([Tensor(1.0), 2.0], r"parameter 1 is 2\.0, not a Tensor"),
    ],
)
def test_parameters_of_another_kind_are_named(parameters: Any, message: str) -> None:
    with pytest.raises(OperandError, match=message):
        SGD(parameters, lr=0.1)
