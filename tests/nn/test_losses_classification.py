"""Losses of classes: what two of them have in common, their edges, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd
from autograd import Tensor, log_softmax
from autograd.errors import LabelError, OperandError, SettingError, ShapeError
from nn import cross_entropy, hinge, kl_divergence, multiclass_hinge, nll

BY_LABEL = [cross_entropy, nll, multiclass_hinge]
BY_DISTRIBUTION = [cross_entropy, kl_divergence]
ELEMENTS = st.integers(-40, 40).map(lambda number: number / 8)


@st.composite
def logits_and_labels(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    samples, classes = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    logits = draw(hnp.arrays(np.float64, (samples, classes), elements=ELEMENTS))
    labels = draw(hnp.arrays(np.int64, samples, elements=st.integers(0, classes - 1)))
    return logits, labels


@given(logits_and_labels(), st.sampled_from([0.0, 0.1, 1.0]))
def test_one_hot_rows_are_as_good_as_labels(
    drawn: tuple[np.ndarray, np.ndarray], smoothing: float
) -> None:
    logits, labels = drawn
    one_hot = np.eye(logits.shape[1], dtype=int)[labels]
    by_labels = cross_entropy(logits, labels, label_smoothing=smoothing).item()
    by_rows = cross_entropy(logits, one_hot, label_smoothing=smoothing).item()
    assert by_rows == pytest.approx(by_labels, rel=1e-12, abs=1e-14)


@given(logits_and_labels())
def test_likelihood_and_divergence_of_labels_are_their_cross_entropy(
    drawn: tuple[np.ndarray, np.ndarray],
) -> None:
    logits, labels = drawn
    expected = cross_entropy(logits, labels, reduction="none").data
    log_probabilities = log_softmax(Tensor(logits))
    one_hot = np.eye(logits.shape[1])[labels]
    for losses in (
        nll(log_probabilities, labels, reduction="none"),
        kl_divergence(log_probabilities, one_hot, reduction="none"),
    ):
        np.testing.assert_allclose(losses.data, expected, rtol=1e-12, atol=1e-14)


@given(hnp.arrays(np.float64, (2, 3), elements=ELEMENTS))
def test_divergence_is_zero_from_itself_and_nowhere_less(logits: np.ndarray) -> None:
    ours, others = log_softmax(Tensor(logits)).data
    assert kl_divergence(ours, np.exp(ours)).item() == pytest.approx(0, abs=1e-14)
    assert kl_divergence(ours, np.exp(others)).item() >= -1e-14


def test_cross_entropy_is_that_of_the_scores_of_the_lecture() -> None:
    scores = Tensor([3.2, 5.1, -1.7])
    np.testing.assert_allclose(autograd.softmax(scores).data, [0.13, 0.87, 0.00], atol=5e-3)
    # -log 0.13, with the digits that the lecture rounds away.
    assert cross_entropy(scores, 0).item() == pytest.approx(2.0404, abs=5e-5)


def test_a_class_without_probability_adds_nothing_to_the_loss_or_the_gradient() -> None:
    logits = Tensor([0.0, 0.0, -np.inf])
    for target in (0, [1.0, 0.0, 0.0]):
        logits.zero_grad()
        loss = cross_entropy(logits, target)
        loss.backward()
        assert loss.item() == pytest.approx(np.log(2))
        np.testing.assert_allclose(logits.grad, [-0.5, 0.5, 0])
    log_probabilities = Tensor([0.0, -np.inf])
    divergence = kl_divergence(log_probabilities, [1, 0])
    divergence.backward()
    assert divergence.item() == 0
    np.testing.assert_array_equal(log_probabilities.grad, [-1, 0])


def test_a_soft_target_may_be_a_tensor_that_learns() -> None:
    logits, target = Tensor([1.0, 2.0]), Tensor([0.25, 0.75])
    cross_entropy(logits, target).backward()
    np.testing.assert_allclose(target.grad, -log_softmax(logits).data)


@pytest.mark.parametrize(
    ("loss", "target"),
    [
        (cross_entropy, 1),
        (cross_entropy, [0, 1]),
        (nll, 1),
        (multiclass_hinge, 1),
        (kl_divergence, [0.5, 0.5]),
    ],
)
def test_one_sample_has_one_loss(loss: Callable[..., Tensor], target: Any) -> None:
    scores = np.array([-1.5, -0.5])
    batch = loss(scores[None], np.asarray(target)[None], weights=[2], reduction="none")
    for reduction in ("mean", "sum", "none"):
        one = loss(scores, target, weights=2, reduction=reduction)
        assert one.shape == ()
        assert one.item() == (batch.item() / 2 if reduction == "mean" else batch.item())


def test_hinge_of_two_classes_is_half_that_of_a_sign() -> None:
    scores, labels = np.array([0.25, 2.0, -0.5]), np.array([1, 0, 1])
    both = np.stack([np.zeros(3), scores], axis=1)
    of_classes = 2 * multiclass_hinge(both, labels, reduction="none")
    of_signs = hinge(scores, 2 * labels - 1, reduction="none")
    np.testing.assert_array_equal(of_classes.data, of_signs.data)


@pytest.mark.parametrize("loss", BY_LABEL)
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 3], r"label 3 at \[1\] is out of range; labels are integers from 0 to 2"),
        ([-1, 0], r"label -1 at \[0\] is out of range; labels are integers from 0 to 2"),
        ([0.0, 1.5], r"label 1\.5 in row 1 is not an integer"),
    ],
)
def test_labels_that_are_no_class_are_refused(
    loss: Callable[..., Tensor], labels: Any, message: str
) -> None:
    with pytest.raises(LabelError, match=message):
        loss(np.zeros((2, 3)), labels)
    if loss is not multiclass_hinge:
        with pytest.raises(LabelError, match=message):
            loss(np.zeros((2, 3)), labels, class_weights=np.ones(3))


@pytest.mark.parametrize("smoothing", [0.0, 0.5])
def test_smoothed_labels_are_checked_too(smoothing: float) -> None:
    with pytest.raises(LabelError, match=r"label -1 at \[1\] is out of range"):
        cross_entropy(np.zeros((2, 3)), [0, -1], label_smoothing=smoothing)


@pytest.mark.parametrize("loss", BY_DISTRIBUTION)
@pytest.mark.parametrize(
    ("target", "message"),
    [
        ([[1, 0], [1, 1]], r"the probabilities at \[1\] of the target add up to 2, not to 1"),
        ([[0.0, 0.0], [0, 1]], r"the probabilities at \[0\] of the target add up to 0, not to 1"),
        ([[1, 0], [1.5, -0.5]], r"target -0\.5 at \[1, 1\] is not a probability"),
        ([[np.nan, 0], [1, 0]], r"target nan at \[0, 0\] is not a probability"),
    ],
)
def test_rows_that_are_no_distributions_are_refused(
    loss: Callable[..., Tensor], target: Any, message: str
) -> None:
    with pytest.raises(LabelError, match=f"{loss.__name__}: {message}"):
        loss(np.full((2, 2), -0.5), target)


@pytest.mark.parametrize("loss", [*BY_LABEL, kl_divergence])
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 0), (1, 2, 3)])
def test_scores_that_are_no_rows_of_classes_are_refused(
    loss: Callable[..., Tensor], shape: tuple[int, ...]
) -> None:
    with pytest.raises(ShapeError, match=rf"{loss.__name__}: .*; pass \(n, k\) for n samples"):
        loss(np.zeros(shape), np.zeros(shape[:-1], dtype=int))


@pytest.mark.parametrize("loss", [nll, multiclass_hinge])
def test_one_hot_rows_are_no_labels_where_no_distribution_is_taken(
    loss: Callable[..., Tensor],
) -> None:
    with pytest.raises(ShapeError, match=r"one-hot rows become labels by \.argmax\(axis=1\)"):
        loss(np.zeros((2, 2)), np.eye(2, dtype=int))


@pytest.mark.parametrize(
    ("loss", "target"),
    [(loss, [0, 0, 0]) for loss in BY_LABEL] + [(kl_divergence, np.ones((3, 1)))],
)
def test_targets_of_another_number_of_samples_are_refused(
    loss: Callable[..., Tensor], target: Any
) -> None:
    with pytest.raises(ShapeError, match=rf"{loss.__name__}: .* of shape \(3, ?1?\)"):
        loss(np.zeros((2, 1)), target)


@pytest.mark.parametrize("loss", [cross_entropy, nll])
def test_class_weights_are_one_for_each_class(loss: Callable[..., Tensor]) -> None:
    scores, labels = np.zeros((2, 3)), [0, 1]
    with pytest.raises(ShapeError, match=r"class_weights of shape \(2,\) for 3 classes; .* \(3,\)"):
        loss(scores, labels, class_weights=[1, 2])
    with pytest.raises(SettingError, match=r"a class weight is -1\.0 at \[2\]; it must be finite"):
        loss(scores, labels, class_weights=[1, 2, -1])
    with pytest.raises(SettingError, match="the weights add up to 0, so that there is no mean"):
        loss(scores, labels, class_weights=[0, 0, 1])


def test_weights_of_samples_and_of_classes_are_multiplied() -> None:
    logits, labels = np.array([[1.0, 0.0], [0.5, 2.0], [-1.0, 0.0]]), np.array([0, 1, 1])
    samples, classes = np.array([1.0, 2.0, 0.5]), np.array([3.0, 0.25])
    losses = cross_entropy(logits, labels, reduction="none").data
    for loss, scores in ((cross_entropy, logits), (nll, log_softmax(Tensor(logits)))):
        mean = loss(scores, labels, weights=samples, class_weights=classes)
        expected = np.average(losses, weights=samples * classes[labels])
        assert mean.item() == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("smoothing", [-0.1, 1.1, np.nan])
def test_label_smoothing_is_a_part(smoothing: float) -> None:
    with pytest.raises(SettingError, match=f"label_smoothing is {smoothing}; it is a part"):
        cross_entropy(np.zeros((2, 3)), [0, 1], label_smoothing=smoothing)


def test_a_multiclass_hinge_needs_a_margin() -> None:
    with pytest.raises(SettingError, match="multiclass_hinge: margin is -1; it must be finite"):
        multiclass_hinge(np.zeros((2, 3)), [0, 1], margin=-1)
    with pytest.raises(OperandError, match="multiclass_hinge: margin is 'wide'; pass numbers"):
        multiclass_hinge(np.zeros((2, 3)), [0, 1], margin="wide")  # type: ignore[arg-type]
