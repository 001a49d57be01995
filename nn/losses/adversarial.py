"""Losses of a generative adversarial network: its two players, each against the other."""

from __future__ import annotations

from autograd import Tensor, softplus
from autograd.errors import ShapeError
from nn.losses.operands import Operand, as_tensor
from nn.losses.reduction import Reduction, reduced

__all__ = ["discriminator_loss", "generator_loss"]


def discriminator_loss(
    real_logits: Operand,
    fake_logits: Operand,
    *,
    reduction: Reduction = "mean",
    weights: Operand | None = None,
) -> Tensor:
    """The mean of -log D(x) plus the mean of -log(1 - D(G(z))), in nats.

    real_logits, of samples x of the data, and fake_logits, of generated samples G(z), of any shape,
    not empty -> loss (). D is the sigmoid of a logit; its logarithms are computed as softplus. This
    is the value of the minimax game with the sign turned, as the discriminator makes that large.
    Where it cannot tell the two, it is 2 log 2.

    Args:
        real_logits: which ought to be large.
        fake_logits: which ought to be small; there may be more or fewer of them, unless the losses
            stay apart.
        reduction: "mean" or "sum", of each of both, or "none": then they are added in pairs.
        weights: as in `reduced`, for either.

    Raises:
        ShapeError: there are no logits; or their shapes differ and reduction is "none".

    Source: Goodfellow et al., arXiv:1406.2661.

    >>> round(discriminator_loss(Tensor([0.0, 0.0]), Tensor([0.0])).item(), 6)
    1.386294
    """
    name = "discriminator_loss"
    real = _logits(name, "real_logits", real_logits)
    fake = _logits(name, "fake_logits", fake_logits)
    if reduction == "none" and real.shape != fake.shape:
        raise ShapeError(
            f"{name}: real_logits of shape {real.shape} and fake_logits of shape {fake.shape} make "
            'no pairs; reduce them with "mean" or "sum"'
        )
    of_real = reduced(name, softplus(-real), reduction, weights)
    return of_real + reduced(name, softplus(fake), reduction, weights)


def generator_loss(
    fake_logits: Operand,
    *,
    saturating: bool = False,
    reduction: Reduction = "mean",
    weights: Operand | None = None,
) -> Tensor:
    """The mean of -log D(G(z)), or with `saturating` of log(1 - D(G(z))), in nats.

    fake_logits, of generated samples G(z), of any shape, not empty -> loss (). D is the sigmoid of
    a logit. The saturating form is the generator's side of the minimax game; its slope, -D, is
    nearly 0 while the discriminator knows every fake, as it does at first. The other form has the
    same fixed point, and there the slope D - 1: it is the one to train with. `reduction` and
    `weights` are those of `reduced`.

    Raises:
        ShapeError: there are no logits.

    Source: Goodfellow et al., arXiv:1406.2661, section 3.

    >>> round(generator_loss(Tensor([0.0])).item(), 6)
    0.693147
    >>> round(generator_loss(Tensor([0.0]), saturating=True).item(), 6)
    -0.693147
    """
    fake = _logits("generator_loss", "fake_logits", fake_logits)
    losses = -softplus(fake) if saturating else softplus(-fake)
    return reduced("generator_loss", losses, reduction, weights)


def _logits(name: str, called: str, logits: Operand) -> Tensor:
    node = as_tensor(logits)
    if node.size == 0:
        raise ShapeError(f"{name}: {called} of shape {node.shape} has no element")
    return node
