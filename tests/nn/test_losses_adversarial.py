"""The two players of an adversarial network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, sigmoid
from autograd.errors import ShapeError
from nn import binary_cross_entropy_with_logits, discriminator_loss, generator_loss

REAL, FAKE = np.array([2.0, -1.0, 0.5]), np.array([-3.0, 1.5])


def test_losses_are_the_sides_of_the_minimax_game() -> None:
    of_real, of_fake = (np.asarray(sigmoid(Tensor(logits))) for logits in (REAL, FAKE))
    value = np.log(of_real).mean() + np.log(1 - of_fake).mean()
    assert discriminator_loss(REAL, FAKE).item() == pytest.approx(-value, rel=1e-14)
    saturating = generator_loss(FAKE, saturating=True).item()
    assert saturating == pytest.approx(np.log(1 - of_fake).mean(), rel=1e-14)
    assert generator_loss(FAKE).item() == pytest.approx(-np.log(of_fake).mean(), rel=1e-14)


def test_a_discriminator_tells_real_from_fake_as_ones_from_zeros() -> None:
    real = binary_cross_entropy_with_logits(REAL, np.ones(3))
    fake = binary_cross_entropy_with_logits(FAKE, np.zeros(2))
    assert discriminator_loss(REAL, FAKE).item() == pytest.approx((real + fake).item(), rel=1e-15)


def test_only_the_saturating_generator_stands_still_before_a_sure_discriminator() -> None:
    slopes = []
    for saturating in (True, False):
        logits = Tensor([-50.0])
        generator_loss(logits, saturating=saturating).backward()
        assert logits.grad is not None
        slopes.append(logits.grad.item())
    assert slopes == [pytest.approx(-np.exp(-50.0)), pytest.approx(-1.0)]


def test_losses_of_pairs_need_pairs() -> None:
    with pytest.raises(ShapeError, match=r"real_logits of shape \(3,\) and fake_logits of shape"):
        discriminator_loss(REAL, FAKE, reduction="none")


@pytest.mark.parametrize(
    ("logits", "called"), [((REAL, []), "fake_logits"), (([], FAKE), "real_logits")]
)
def test_a_discriminator_without_samples_is_refused(logits: Any, called: str) -> None:
    with pytest.raises(ShapeError, match=rf"{called} of shape \(0,\) has no element"):
        discriminator_loss(*logits)


def test_a_generator_without_samples_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"generator_loss: fake_logits of shape \(0, 1\)"):
        generator_loss(np.zeros((0, 1)))
