"""The softmax classifier of the lectures: one flower, one linear layer, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import Tensor
from nn import Linear, Sequential, Softmax, cross_entropy

FLOWER = np.array([6.3, 2.7, 4.9, 1.8])
LABEL = 2
# One row for each class; a layer holds them as columns.
WEIGHT_ROWS = np.array(
    [
        [0.231595, 0.613372, -0.89624, -0.41208],
        [0.076107, -0.22382, 0.20313, -0.05043],
        [-0.30772, -0.38941, 0.693168, 0.462622],
    ]
)
BIAS = np.array([1.123884, 0.319879, 0.844128])
SUMS = [-0.89428, 1.099584, 2.083326]
PROBABILITIES = [0.035734, 0.262425, 0.701841]
# The lecture prints six digits of weights that had more: with inputs up to 6.3 a sum is known to
# 5e-5 only, and a probability p to p * (1 - p) of that.
ROUNDING = 1e-5


@pytest.fixture
def layer() -> Linear:
    linear = Linear(4, 3, rng=np.random.default_rng(0))
    linear.load_state_dict({"weight": WEIGHT_ROWS.T, "bias": BIAS})
    return linear


def test_probabilities_of_the_sums_are_those_of_the_lecture() -> None:
    np.testing.assert_allclose(Softmax()(Tensor(SUMS)).data, PROBABILITIES, atol=5e-7, rtol=0)


def test_a_larger_second_sum_moves_the_probabilities_as_in_the_lecture() -> None:
    moved = Softmax()(Tensor(SUMS) + np.array([0, 1, 0])).data
    np.testing.assert_allclose(moved, [0.024628, 0.49165, 0.483721], atol=5e-7, rtol=0)


def test_layer_gives_the_sums_and_probabilities_of_the_lecture(layer: Linear) -> None:
    sums = layer(FLOWER)
    np.testing.assert_allclose(sums.data, SUMS, atol=5e-5, rtol=0)
    # Worked in decimal arithmetic from the weights as printed.
    np.testing.assert_allclose(sums.data, [-0.8942831, 1.0996021, 2.0833278], rtol=1e-14)
    np.testing.assert_allclose(Softmax()(sums).data, PROBABILITIES, atol=ROUNDING, rtol=0)


def test_a_larger_second_bias_moves_the_probabilities_as_in_the_lecture(layer: Linear) -> None:
    layer.load_state_dict({"weight": WEIGHT_ROWS.T, "bias": BIAS + np.array([0, 1, 0])})
    probabilities = Sequential(layer, Softmax())(FLOWER).data
    np.testing.assert_allclose(probabilities, [0.024628, 0.49165, 0.483721], atol=ROUNDING, rtol=0)


def test_loss_is_the_natural_logarithm_of_the_right_probability(layer: Linear) -> None:
    loss = cross_entropy(layer(FLOWER), LABEL)
    assert loss.shape == ()
    # The lecture's 0.15376 is the logarithm to base 10.
    assert loss.item() / np.log(10) == pytest.approx(0.15376, abs=ROUNDING)
    probability = autograd.softmax(layer(FLOWER)).data[LABEL]
    assert loss.item() == pytest.approx(-np.log(probability), rel=1e-14)


def test_gradient_by_the_logits_is_probability_minus_truth(layer: Linear) -> None:
    logits = layer(FLOWER)
    cross_entropy(logits, LABEL).backward()
    truth = np.array([0, 0, 1])
    np.testing.assert_allclose(logits.grad, PROBABILITIES - truth, atol=ROUNDING, rtol=0)
    np.testing.assert_allclose(logits.grad, autograd.softmax(logits).data - truth, rtol=1e-14)


def test_gradient_by_the_weights_is_the_outer_product_with_the_input(layer: Linear) -> None:
    logits = layer(FLOWER)
    cross_entropy(logits, LABEL).backward()
    assert logits.grad is not None
    np.testing.assert_allclose(layer.weight.grad, np.outer(FLOWER, logits.grad), rtol=1e-14)
    assert layer.bias is not None
    np.testing.assert_allclose(layer.bias.grad, logits.grad, rtol=1e-14)


def test_gradient_over_a_batch_is_the_mean_over_its_samples(layer: Linear) -> None:
    samples, labels = np.array([FLOWER, FLOWER[::-1]]), np.array([2, 0])
    cross_entropy(layer(samples), labels).backward()
    together = layer.weight.grad
    assert together is not None
    apart = []
    for sample, label in zip(samples, labels, strict=True):
        layer.zero_grad()
        cross_entropy(layer(sample), label).backward()
        apart.append(layer.weight.grad)
    np.testing.assert_allclose(together, np.mean(apart, axis=0), rtol=1e-13)


def test_softmax_of_large_logits_neither_overflows_nor_warns() -> None:
    probabilities = autograd.softmax(Tensor([1.0, 2.0, 788.0, 789.0])).data
    share = 1 / (1 + np.exp(-1.0))
    np.testing.assert_allclose(probabilities, [0, 0, 1 - share, share], rtol=1e-13, atol=1e-300)
