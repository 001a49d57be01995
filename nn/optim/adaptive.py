"""Optimizers that step by a length of its own for each number of a parameter."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.errors import SettingError
from autograd.update_rules import (
    ADAGRAD,
    ADAM,
    DECOUPLED_DECAY,
    RMSPROP,
    UpdateRule,
    adam_settings,
    require_positive,
    require_share,
)
from nn.optim.optimizer import Group, Optimizer, Parameters

__all__ = ["Adagrad", "Adam", "AdamW", "RMSprop"]


class Adagrad(Optimizer):
    """Gradients over the root of the sum of all their squares so far.

    What has a large gradient often is stepped shorter and shorter: parameter - lr * gradient /
    (root + eps).

    Args:
        parameters: what is trained, such as `net.parameters()`, or groups; see `Optimizer`.
        lr: the learning rate, finite and above 0.
        eps: what is added to the root, finite and above 0.
        weight_decay: times the parameter is added to its gradient; finite and not below 0.

    Raises:
        OperandError: parameters are not tensors.
        SettingError: there are none, or a setting is out of its range.

    Source: Duchi, Hazan & Singer, JMLR 12, 2011.

    >>> from autograd import Tensor
    >>> x = Tensor(3.0)
    >>> (x * x).backward()
    >>> Adagrad([x], lr=0.1).step()
    >>> round(x.item(), 6)
    2.9
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 0.01,
        *,
        eps: float = 1e-10,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr=lr, eps=eps, weight_decay=weight_decay)

    def check(self, group: Group) -> None:
        """Refuse settings that are out of their range."""
        super().check(group)
        require_positive("Adagrad", "eps", group["eps"])

    def rule(self, group: Group) -> UpdateRule:
        """Adagrad's."""
        return ADAGRAD

    def rule_settings(self, group: Group, step: int) -> Sequence[float]:
        """What is added to the root."""
        return (group["eps"],)


class RMSprop(Optimizer):
    """Gradients over the root of the running mean of their squares.

    As Adagrad, but forgetting: the mean is rho * mean + (1 - rho) * gradient**2, and the step
    parameter - lr * gradient / (root + eps).

    Args:
        parameters: what is trained, such as `net.parameters()`, or groups; see `Optimizer`.
        lr: the learning rate, finite and above 0.
        rho: how much of the running mean is kept at a step; from 0 to less than 1. PyTorch calls
            it alpha.
        eps: what is added to the root, finite and above 0.
        weight_decay: times the parameter is added to its gradient; finite and not below 0.

    Raises:
        OperandError: parameters are not tensors.
        SettingError: there are none, or a setting is out of its range.

    Source: Tieleman & Hinton, Coursera: Neural Networks for Machine Learning, lecture 6.5, 2012.

    >>> from autograd import Tensor
    >>> x = Tensor(3.0)
    >>> (x * x).backward()
    >>> RMSprop([x], lr=0.1, rho=0.75).step()
    >>> round(x.item(), 6)
    2.8
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 0.001,
        *,
        rho: float = 0.9,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay)

    def check(self, group: Group) -> None:
        """Refuse settings that are out of their range."""
        super().check(group)
        require_share("RMSprop", "rho", group["rho"])
        require_positive("RMSprop", "eps", group["eps"])

    def rule(self, group: Group) -> UpdateRule:
        """RMSprop's."""
        return RMSPROP

    def rule_settings(self, group: Group, step: int) -> Sequence[float]:
        """How much is kept, and what is added to the root."""
        return group["rho"], group["eps"]


class Adam(Optimizer):
    """The running mean of the gradients over the root of that of their squares.

    Momentum and RMSprop in one; both means are divided by how much of them is there yet, as they
    begin with 0.

    Args:
        parameters: what is trained, such as `net.parameters()`, or groups; see `Optimizer`.
        lr: the learning rate, finite and above 0.
        betas: how much of the two running means is kept at a step; from 0 to less than 1.
        eps: what is added to the root, finite and above 0.
        weight_decay: times the parameter is added to its gradient; finite and not below 0. With
            Adam it works better decoupled, as in `AdamW`.

    Raises:
        OperandError: parameters are not tensors.
        SettingError: there are none, or a setting is out of its range.

    Source: Kingma & Ba, ICLR 2015, arXiv:1412.6980, algorithm 1.

    >>> from autograd import Tensor
    >>> x = Tensor(3.0)
    >>> (x * x).backward()
    >>> Adam([x], lr=0.1).step()
    >>> round(x.item(), 6)
    2.9
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def check(self, group: Group) -> None:
        """Refuse settings that are out of their range."""
        super().check(group)
        name = type(self).__name__
        if not isinstance(group["betas"], tuple) or len(group["betas"]) != 2:
            raise SettingError(
                f"{name}: betas is {group['betas']!r}; pass two numbers, such as (0.9, 0.999)"
            )
        for place, beta in enumerate(group["betas"]):
            require_share(name, f"betas[{place}]", beta)
        require_positive(name, "eps", group["eps"])

    def rule(self, group: Group) -> UpdateRule:
        """Adam's."""
        return ADAM

    def rule_settings(self, group: Group, step: int) -> Sequence[float]:
        """What is kept, what is added to the root, and what the means are divided by."""
        return adam_settings(step, group["betas"], group["eps"])


class AdamW(Adam):
    """Adam with decoupled weight decay: before each step a parameter loses lr * weight_decay of it.

    Args:
        parameters: what is trained, such as `net.parameters()`, or groups; see `Optimizer`.
        lr: the learning rate, finite and above 0.
        betas: how much of the two running means is kept at a step; from 0 to less than 1.
        eps: what is added to the root, finite and above 0.
        weight_decay: how fast parameters shrink; finite and not below 0.

    Raises:
        OperandError: parameters are not tensors.
        SettingError: there are none, or a setting is out of its range.

    Source: Loshchilov & Hutter, ICLR 2019, arXiv:1711.05101.

    >>> from autograd import Tensor
    >>> x = Tensor(3.0)
    >>> (x * x).backward()
    >>> AdamW([x], lr=0.1, weight_decay=0.5).step()
    >>> round(x.item(), 6)
    2.75
    """

    decay = DECOUPLED_DECAY

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay=weight_decay)
