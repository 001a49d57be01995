"""What the lectures train: study hours to marks and to pass or fail, and XOR, by nets that can."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import nn
from nn.init import he_uniform, uniform

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
XOR = np.array([[0.0], [1.0], [1.0], [0.0]])
MARKED_HOURS, MARKS = np.array([[2.0], [4.0], [6.0], [8.0]]), np.array([[81.0], [93], [91], [97]])
HOURS = np.array([[2.0], [4.0], [6.0], [8.0], [10.0], [12.0], [14.0]])
PASSED = np.array([[0.0], [0.0], [0.0], [1.0], [1.0], [1.0], [1.0]])


def train(
    net: nn.Module, x: np.ndarray, y: np.ndarray, loss: Any, optimizer: Any, steps: int
) -> Any:
    """Steps along the gradient of all samples at once."""
    rng = np.random.default_rng(0)
    return nn.fit(
        net, (x, y), loss, optimizer,
        epochs=steps, batch_size=len(x), rng=rng, progress=False,
    )  # fmt: skip


def of_sizes(*sizes: int, activation: Any, init: Any, seed: int) -> nn.Sequential:
    rng = np.random.default_rng(seed)
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs, rng=rng, init=init), activation()]
    return nn.Sequential(*layers[:-1])


def test_gradient_descent_finds_the_line_through_hours_and_marks() -> None:
    line = nn.Linear(1, 1, rng=np.random.default_rng(0))
    train(line, MARKED_HOURS, MARKS, nn.mse, nn.SGD(line.parameters(), lr=0.03), 2500)
    assert line.weight.item() == pytest.approx(2.3, abs=1e-6)
    assert line.bias is not None
    assert line.bias.item() == pytest.approx(79, abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_logistic_regression_judges_who_passes_by_the_hours(seed: int) -> None:
    net = nn.Sequential(nn.Linear(1, 1, rng=np.random.default_rng(seed)), nn.Sigmoid())
    train(net, HOURS, PASSED, nn.binary_cross_entropy, nn.Adam(net.parameters(), lr=0.2), 500)
    asked = np.array([[13.0], [11.0], [31.0], [3.0], [3.5]])
    assert nn.predict(net, asked, "classes", logits=False).tolist() == [1, 1, 1, 0, 0]
    chances = nn.predict(net, asked, "probabilities", logits=False).ravel()
    assert chances[2] > chances[0] > chances[1] > 0.9
    assert 0.1 > chances[4] > chances[3]


def test_one_layer_does_not_learn_xor_and_two_do() -> None:
    line = nn.Linear(2, 1, rng=np.random.default_rng(0))
    loss = nn.binary_cross_entropy_with_logits
    train(line, CORNERS, XOR, loss, nn.SGD(line.parameters(), lr=0.5), 500)
    assert nn.evaluate(line, (CORNERS, XOR), loss)["loss"] == pytest.approx(np.log(2), abs=1e-3)
    net = of_sizes(2, 4, 1, activation=nn.Sigmoid, init=nn.xavier_uniform, seed=0)
    train(net, CORNERS, XOR, loss, nn.Adam(net.parameters(), lr=0.1), 500)
    assert nn.predict(net, CORNERS, "classes").tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("seed", range(2))
def test_gradients_vanish_in_deep_sigmoid_layers_and_not_in_those_of_relu(seed: int) -> None:
    sizes = (2, 5, 5, 5, 5, 5, 1)
    loss = nn.binary_cross_entropy_with_logits
    # The lecture's arguments, -1 and 1, are the bounds of a uniform draw.
    deep = of_sizes(*sizes, activation=nn.Sigmoid, init=partial(uniform, bound=1.0), seed=seed)
    loss(deep(CORNERS), XOR).backward()
    first, *_, last = [np.abs(each.grad).max() for path, each in deep.named_parameters()]
    assert first < 0.01 * last
    stuck = train(deep, CORNERS, XOR, loss, nn.SGD(deep.parameters(), lr=0.1), 1000)
    np.testing.assert_allclose(stuck["loss"][600:], np.log(2), atol=5e-5)  # 0.6931

    net = of_sizes(*sizes, activation=nn.ReLU, init=he_uniform, seed=seed)
    solved = train(net, CORNERS, XOR, loss, nn.SGD(net.parameters(), lr=0.1), 1000)
    assert solved["loss"][-1] < 0.05
    assert nn.predict(net, CORNERS, "classes").tolist() == [0, 1, 1, 0]
