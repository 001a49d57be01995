"""Losses of yes or no: both ends of the probabilities, both tails of the logits, wrong labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, sigmoid
from autograd.errors import LabelError, OperandError, SettingError, ShapeError
from nn import binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, hinge

LOGITS = st.floats(-30, 30)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_of_zero_and_one_cost_nothing_or_a_hundred(dtype: Any) -> None:
    probabilities = Tensor(np.array([0, 1, 0, 1], dtype))
    losses = binary_cross_entropy(probabilities, [0, 1, 1, 0], reduction="none")
    losses.sum().backward()
    np.testing.assert_array_equal(losses.data, [0, 0, 100, 100])
    # Where the loss is held it is flat; where it is 0 it is as steep as just beside.
    np.testing.assert_array_equal(probabilities.grad, [1, -1, 0, 0])


def test_losses_at_zero_and_one_are_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    probabilities, labels = np.array([0, 1, 1e-300, 1e-40, 1e-20]), np.array([1.0, 0, 1, 0.5, 1])
    ours = binary_cross_entropy(probabilities, labels, reduction="none")
    theirs = torch.nn.functional.binary_cross_entropy(
        torch.tensor(probabilities), torch.tensor(labels), reduction="none"
    )
    np.testing.assert_allclose(ours.data, theirs.numpy(), rtol=1e-13)


def test_a_tiny_probability_keeps_its_digits_on_both_sides() -> None:
    losses = binary_cross_entropy([1e-20, 1e-20], [0, 1], reduction="none")
    np.testing.assert_allclose(losses.data, [1e-20, 20 * np.log(10)], rtol=1e-14)


def test_logits_in_both_tails_keep_their_digits() -> None:
    logits = Tensor([40.0, -40.0, 1000.0, -1000.0])
    losses = binary_cross_entropy_with_logits(logits, [1, 0, 0, 1], reduction="none")
    losses.sum().backward()
    tiny = np.exp(-40.0)
    np.testing.assert_allclose(losses.data, [tiny, tiny, 1000, 1000], rtol=1e-14)
    np.testing.assert_allclose(logits.grad, [-tiny, tiny, 1, -1], rtol=1e-14)


@given(LOGITS, st.sampled_from([0.0, 0.3, 1.0]))
def test_loss_of_a_logit_is_that_of_its_probability(logit: float, label: float) -> None:
    of_logit = binary_cross_entropy_with_logits([logit], [label]).item()
    of_probability = binary_cross_entropy(sigmoid(Tensor([logit])), [label]).item()
    assert of_logit == pytest.approx(of_probability, rel=1e-3, abs=1e-12)


@given(LOGITS, st.integers(0, 1))
def test_loss_of_a_logit_is_that_of_two_classes(logit: float, label: int) -> None:
    of_classes = cross_entropy([0.0, logit], label).item()
    of_logit = binary_cross_entropy_with_logits(logit, label).item()
    assert of_logit == pytest.approx(of_classes, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(
    ("probability", "message"),
    [
        ([0.5, 1.5], r"1\.5 at \[1\] is not a probability; for logits there is"),
        ([-0.1, 0.5], r"-0\.1 at \[0\] is not a probability"),
    ],
)
def test_what_is_no_probability_is_refused(probability: list[float], message: str) -> None:
    with pytest.raises(OperandError, match="binary_cross_entropy: " + message):
        binary_cross_entropy(probability, [1, 0])


@pytest.mark.parametrize("loss", [binary_cross_entropy, binary_cross_entropy_with_logits])
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([[0, 1], [2, 0]], r"label 2 at \[1, 0\] is not between 0 and 1"),
        ([[0, -1], [1, 0]], r"label -1 at \[0, 1\] .*; of labels -1 and 1, \(labels \+ 1\) / 2"),
        ([[np.nan, 1], [1, 0]], r"label nan at \[0, 0\] is not between 0 and 1"),
    ],
)
def test_labels_beyond_zero_and_one_are_refused(
    loss: Callable[..., Tensor], labels: Any, message: str
) -> None:
    with pytest.raises(LabelError, match=f"{loss.__name__}: {message}"):
        loss(np.full((2, 2), 0.5), labels)


@pytest.mark.parametrize("label", [0, 2, 0.5, np.nan])
def test_labels_of_a_hinge_are_signs(label: float) -> None:
    message = rf"hinge: label {label:g} at \[1\] is neither -1 nor 1; .* 2 \* labels - 1"
    with pytest.raises(LabelError, match=message):
        hinge([0.5, 0.5], [1, label])


@pytest.mark.parametrize("margin", [-1.0, np.nan])
def test_a_hinge_needs_a_margin(margin: float) -> None:
    with pytest.raises(SettingError, match=rf"hinge: margin is {margin}; it must be finite"):
        hinge([0.5], [1], margin=margin)


@pytest.mark.parametrize("loss", [binary_cross_entropy, binary_cross_entropy_with_logits, hinge])
def test_labels_are_not_broadcast(loss: Callable[..., Tensor]) -> None:
    message = rf"{loss.__name__}: prediction of shape \(3, 1\), target of shape \(3,\)"
    with pytest.raises(ShapeError, match=message):
        loss(np.ones((3, 1)), np.ones(3))
    with pytest.raises(ShapeError, match=rf"{loss.__name__}: .* has no element"):
        loss(np.ones(0), np.ones(0))
