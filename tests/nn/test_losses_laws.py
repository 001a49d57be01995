"""What holds for every loss: its derivatives, its reductions and weights, and PyTorch's numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor
from autograd.errors import SettingError, ShapeError
from autograd.testing import check_gradients

rng = np.random.default_rng(3)

NUMBERS = rng.normal(size=(4, 3))
TARGETS = NUMBERS + rng.choice([-1, 1], (4, 3)) * rng.uniform(0.2, 3.0, (4, 3))
ELEMENT_WEIGHTS = rng.uniform(0.5, 2.0, (4, 3))
SIGNS = rng.choice([-1, 1], (4, 3))
SHARES = np.array([[0.0, 1.0, 0.3], [1.0, 1.0, 0.0], [0.9, 0.0, 0.5], [0.0, 0.0, 1.0]])
PROBABILITIES = rng.uniform(0.05, 0.95, (4, 3))
LABELS = np.array([2, 0, 1, 2])
CLASS_WEIGHTS = np.array([0.5, 2.0, 1.25])
DISTRIBUTIONS = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.0, 0.4, 0.6], [0.7, 0.2, 0.1]])
LOG_PROBABILITIES = np.log(rng.dirichlet(np.ones(3), 4))


def _grids() -> tuple[np.ndarray, np.ndarray]:
    """A prediction of 2 boxes and 3 classes for 2 images of 2 x 2 cells, and its target."""
    boxes = rng.uniform(0.2, 0.8, (2, 2, 2, 2, 5)).reshape(2, 2, 2, 10)
    prediction = np.concatenate([boxes, rng.uniform(0, 1, (2, 2, 2, 3))], axis=-1)
    target = np.concatenate([rng.uniform(0.2, 0.8, (2, 2, 2, 5)), np.zeros((2, 2, 2, 3))], axis=-1)
    target[..., 4] = [[[1, 0], [0, 1]], [[0, 1], [0, 0]]]
    target[..., 6] = 1
    return prediction, target


GRID, GRID_TARGET = _grids()


@dataclass(frozen=True)
class Example:
    """A loss bound to its targets, where it is looked at, and what PyTorch calls it."""

    name: str
    loss: Callable[..., Tensor]
    at: np.ndarray
    peer: Callable[..., Any] | None = None
    """The same of torch.nn.functional, a Tensor of PyTorch and a reduction."""
    order: int = 2
    """Of the derivatives that are checked: 2 for a smooth loss."""


def _peer(name: str, target: np.ndarray, **settings: Any) -> Callable[..., Any]:
    """A loss of torch.nn.functional bound to its target; its arrays are those of PyTorch."""

    def loss(torch: Any, prediction: Any, reduction: str) -> Any:
        bound = {
            key: torch.tensor(value) if isinstance(value, np.ndarray) else value
            for key, value in settings.items()
        }
        function = getattr(torch.nn.functional, name)
        return function(prediction, torch.tensor(target), reduction=reduction, **bound)

    return loss


def _divergence(torch: Any, prediction: Any, reduction: str) -> Any:
    target = torch.tensor(DISTRIBUTIONS)
    if reduction == "none":
        return torch.nn.functional.kl_div(prediction, target, reduction="none").sum(-1)
    batchwise = "batchmean" if reduction == "mean" else reduction
    return torch.nn.functional.kl_div(prediction, target, reduction=batchwise)


def _bound(loss: Callable[..., Tensor], target: Any, **settings: Any) -> Callable[..., Tensor]:
    return lambda prediction, **more: loss(prediction, target, **settings, **more)


def _discriminator(real: Any, **settings: Any) -> Tensor:
    return nn.discriminator_loss(real, real * 0.5 - 1, **settings)


def _discriminator_peer(torch: Any, real: Any, reduction: str) -> Any:
    log_sigmoid = torch.nn.functional.logsigmoid
    losses = -log_sigmoid(real) - log_sigmoid(-(real * 0.5 - 1))
    return losses if reduction == "none" else getattr(losses, reduction)()


def _generator_peer(torch: Any, fake: Any, reduction: str, sign: int) -> Any:
    losses = -sign * torch.nn.functional.logsigmoid(sign * fake)
    return losses if reduction == "none" else getattr(losses, reduction)()


def _hinge_peer(torch: Any, scores: Any, reduction: str) -> Any:
    losses = torch.relu(0.7 - torch.tensor(SIGNS) * scores)
    return losses if reduction == "none" else getattr(losses, reduction)()


EXAMPLES = [
    Example("mse", _bound(nn.mse, TARGETS), NUMBERS, _peer("mse_loss", TARGETS)),
    Example("mae", _bound(nn.mae, TARGETS), NUMBERS, _peer("l1_loss", TARGETS), order=1),
    Example("huber", _bound(nn.huber, TARGETS), NUMBERS, _peer("huber_loss", TARGETS)),
    Example(
        "huber of another delta",
        _bound(nn.huber, TARGETS, delta=0.5),
        NUMBERS,
        _peer("huber_loss", TARGETS, delta=0.5),
    ),
    Example(
        "binary cross entropy",
        _bound(nn.binary_cross_entropy, SHARES),
        PROBABILITIES,
        _peer("binary_cross_entropy", SHARES),
    ),
    Example(
        "binary cross entropy with logits",
        _bound(nn.binary_cross_entropy_with_logits, SHARES),
        NUMBERS * 4,
        _peer("binary_cross_entropy_with_logits", SHARES),
    ),
    Example("hinge", _bound(nn.hinge, SIGNS, margin=0.7), NUMBERS, _hinge_peer, order=1),
    Example(
        "cross entropy",
        _bound(nn.cross_entropy, LABELS),
        NUMBERS,
        _peer("cross_entropy", LABELS),
    ),
    Example(
        "cross entropy of weighted classes",
        _bound(nn.cross_entropy, LABELS, class_weights=CLASS_WEIGHTS),
        NUMBERS,
        _peer("cross_entropy", LABELS, weight=CLASS_WEIGHTS),
    ),
    Example(
        "cross entropy of smoothed labels",
        _bound(nn.cross_entropy, LABELS, label_smoothing=0.2),
        NUMBERS,
        _peer("cross_entropy", LABELS, label_smoothing=0.2),
    ),
    Example(
        "cross entropy of smoothed labels of weighted classes",
        _bound(nn.cross_entropy, LABELS, label_smoothing=0.2, class_weights=CLASS_WEIGHTS),
        NUMBERS,
        _peer("cross_entropy", LABELS, label_smoothing=0.2, weight=CLASS_WEIGHTS),
    ),
    Example(
        "cross entropy of probabilities",
        _bound(nn.cross_entropy, DISTRIBUTIONS),
        NUMBERS,
        _peer("cross_entropy", DISTRIBUTIONS),
    ),
    Example(
        "cross entropy of smoothed probabilities of weighted classes",
        _bound(nn.cross_entropy, DISTRIBUTIONS, label_smoothing=0.1, class_weights=CLASS_WEIGHTS),
        NUMBERS,
        _peer("cross_entropy", DISTRIBUTIONS, label_smoothing=0.1, weight=CLASS_WEIGHTS),
    ),
    Example("nll", _bound(nn.nll, LABELS), LOG_PROBABILITIES, _peer("nll_loss", LABELS)),
    Example(
        "nll of weighted classes",
        _bound(nn.nll, LABELS, class_weights=CLASS_WEIGHTS),
        LOG_PROBABILITIES,
        _peer("nll_loss", LABELS, weight=CLASS_WEIGHTS),
    ),
    Example(
        "kl divergence", _bound(nn.kl_divergence, DISTRIBUTIONS), LOG_PROBABILITIES, _divergence
    ),
    Example(
        "multiclass hinge",
        _bound(nn.multiclass_hinge, LABELS, margin=0.7),
        NUMBERS,
        _peer("multi_margin_loss", LABELS, margin=0.7),
        order=1,
    ),
    Example("discriminator", _discriminator, NUMBERS * 4, _discriminator_peer),
    Example("generator", nn.generator_loss, NUMBERS * 4, partial(_generator_peer, sign=1)),
    Example(
        "saturating generator",
        partial(nn.generator_loss, saturating=True),
        NUMBERS * 4,
        partial(_generator_peer, sign=-1),
    ),
    Example("yolo", _bound(nn.yolo, GRID_TARGET), GRID),
]
# Of these the name says what is summed, so that there is no reduction to choose.
WHOLE = [
    Example(
        "sum squared error",
        _bound(nn.sum_squared_error, TARGETS),
        NUMBERS,
        lambda torch, guess, _: ((guess - torch.tensor(TARGETS)) ** 2).sum() / 2,
    ),
    Example(
        "rmse",
        _bound(nn.rmse, TARGETS),
        NUMBERS,
        lambda torch, guess, _: ((guess - torch.tensor(TARGETS)) ** 2).mean() ** 0.5,
    ),
    Example(
        "weighted rmse",
        _bound(nn.rmse, TARGETS, weights=ELEMENT_WEIGHTS),
        NUMBERS,
        lambda torch, guess, _: (
            torch.nn.functional.mse_loss(
                guess, torch.tensor(TARGETS), weight=torch.tensor(ELEMENT_WEIGHTS)
            )
            ** 0.5
        ),
    ),
    Example(
        "l1 penalty",
        lambda w: nn.l1_penalty([w, w[:2]], 0.3),
        NUMBERS,
        lambda torch, w, _: 0.3 * (w.abs().sum() + w[:2].abs().sum()),
        order=1,
    ),
    Example(
        "l2 penalty",
        lambda w: nn.l2_penalty([w, w[:2]], 0.3),
        NUMBERS,
        lambda torch, w, _: 0.3 * ((w**2).sum() + (w[:2] ** 2).sum()),
    ),
]

each_reducible = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
each = pytest.mark.parametrize("example", EXAMPLES + WHOLE, ids=lambda example: example.name)


def _gradient(example: Example, at: np.ndarray, **settings: Any) -> tuple[Tensor, Any]:
    leaf = Tensor(at)
    loss = example.loss(leaf, **settings)
    loss.sum().backward()
    return loss, leaf.grad


@each
def test_gradients_are_the_slopes_of_the_loss(example: Example) -> None:
    found = check_gradients(example.loss, example.at, order=example.order)
    assert found.compared and not found.not_smooth


@each
def test_lowered_loss_is_that_of_arrays(example: Example) -> None:
    loss, gradient = _gradient(example, example.at)
    leaf = Tensor(example.at, name="leaf")
    lowered = autograd.lower(example.loss(leaf))
    lowered.output.backward()
    assert lowered.output.data == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(lowered.gradient(leaf), gradient, rtol=1e-10, atol=1e-14)


@each
def test_traced_loss_is_that_of_python_at_other_numbers_too(example: Example) -> None:
    traced = autograd.trace(example.loss)
    for at in (example.at, example.at[::-1].copy()):
        loss, gradient = _gradient(example, at)
        leaf = Tensor(at)
        replayed = traced(leaf)
        replayed.backward()
        assert replayed.item() == pytest.approx(loss.item(), rel=1e-12)
        np.testing.assert_allclose(leaf.grad, gradient, rtol=1e-10, atol=1e-14)
    assert len(traced.programs) == 1


@each
def test_float32_is_kept(example: Example) -> None:
    loss, gradient = _gradient(example, example.at.astype(np.float32))
    expected, exact = _gradient(example, example.at)
    assert loss.dtype == gradient.dtype == np.float32
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    np.testing.assert_allclose(gradient, exact, rtol=1e-4, atol=1e-6)


@each
def test_a_prediction_that_is_nan_makes_the_loss_nan(example: Example) -> None:
    at = example.at.copy()
    at[0] = np.nan
    with np.errstate(invalid="ignore"):
        assert np.isnan(example.loss(Tensor(at)).item())


@each_reducible
def test_a_plain_array_will_do_for_a_prediction(example: Example) -> None:
    assert example.loss(example.at).item() == example.loss(Tensor(example.at)).item()


def _assert_is_torchs(example: Example, peer_reduction: str, **settings: Any) -> None:
    torch = pytest.importorskip("torch")
    assert example.peer is not None
    loss, gradient = _gradient(example, example.at, **settings)
    leaf = torch.tensor(example.at, requires_grad=True)
    expected = example.peer(torch, leaf, peer_reduction)
    expected.sum().backward()
    assert loss.shape == tuple(expected.shape)
    np.testing.assert_allclose(loss.data, expected.detach().numpy(), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(gradient, leaf.grad.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    "example", [each for each in EXAMPLES if each.peer], ids=lambda example: example.name
)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_losses_and_gradients_are_those_of_pytorch(example: Example, reduction: str) -> None:
    _assert_is_torchs(example, reduction, reduction=reduction)


@pytest.mark.parametrize("example", WHOLE, ids=lambda example: example.name)
def test_losses_without_reduction_are_those_of_pytorch(example: Example) -> None:
    _assert_is_torchs(example, "mean")


@pytest.mark.parametrize(("loss", "peer"), [(nn.mse, "mse_loss"), (nn.mae, "l1_loss")])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_weights_of_elements_are_those_of_pytorch(
    loss: Callable[..., Tensor], peer: str, reduction: str
) -> None:
    ours = _bound(loss, TARGETS, weights=ELEMENT_WEIGHTS, reduction=reduction)
    theirs = _peer(peer, TARGETS, weight=ELEMENT_WEIGHTS)
    _assert_is_torchs(Example(peer, ours, NUMBERS, theirs), reduction)


@each_reducible
def test_losses_that_stay_apart_have_the_sum(example: Example) -> None:
    apart = example.loss(example.at, reduction="none")
    assert apart.sum().item() == pytest.approx(example.loss(example.at, reduction="sum").item())


@each_reducible
def test_a_sample_that_weighs_twice_is_as_good_as_two(example: Example) -> None:
    counts = np.arange(len(example.at), 0, -1)
    for reduction in ("mean", "sum"):
        once = example.loss(example.at, weights=np.ones(len(counts)), reduction=reduction)
        assert once.item() == pytest.approx(example.loss(example.at, reduction=reduction).item())
    apart = example.loss(example.at, reduction="none")
    repeated = np.repeat(apart.data, counts, axis=0)
    weighted = example.loss(example.at, weights=counts, reduction="sum")
    assert weighted.item() == pytest.approx(repeated.sum())
    apart_and_weighted = example.loss(example.at, weights=counts, reduction="none")
    np.testing.assert_allclose(apart_and_weighted.sum().item(), repeated.sum())
    if "classes" not in example.name:  # whose mean is not over samples
        mean = example.loss(example.at, weights=counts).item()
        assert mean == pytest.approx(repeated.mean())


@each_reducible
def test_weights_that_do_not_fit_are_refused(example: Example) -> None:
    with pytest.raises(ShapeError, match=r": weights of shape \(7,\) for losses of shape \("):
        example.loss(example.at, weights=np.ones(7))
    negative = np.ones(len(example.at))
    negative[1] = -1
    with pytest.raises(SettingError, match=r": a weight is -1\.0 at \[1\]; it must be finite"):
        example.loss(example.at, weights=negative)
    with pytest.raises(SettingError, match="the weights add up to 0, so that there is no mean"):
        example.loss(example.at, weights=np.zeros(len(example.at)))


@each_reducible
def test_an_unknown_reduction_is_refused(example: Example) -> None:
    with pytest.raises(SettingError, match=r"reduction is 'average'; it is one of \"mean\", \"sum"):
        example.loss(example.at, reduction="average")
