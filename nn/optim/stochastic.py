"""SGD: gradient descent, with and without momentum."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.errors import SettingError
from autograd.update_rules import MOMENTUM, NESTEROV, UpdateRule, require_share
from autograd.update_rules import SGD as DESCENT
from nn.optim.optimizer import Group, Optimizer, Parameters

__all__ = ["SGD"]


class SGD(Optimizer):
    """Gradient descent: each step sets a parameter to parameter - lr * gradient.

    It is stochastic when the gradient comes from a mini-batch; the rule is the same. With momentum
    a step goes along a velocity, which is momentum * velocity + gradient; Nesterov's goes along
    gradient + momentum * velocity.

    Args:
        parameters: what is trained, such as `net.parameters()`, or groups; see `Optimizer`.
        lr: the learning rate, finite and above 0.
        momentum: how much of the velocity is kept at a step; from 0, for none, to less than 1.
        nesterov: whether to look ahead; with momentum alone.
        weight_decay: times the parameter is added to its gradient; finite and not below 0.

    Raises:
        OperandError: parameters are not tensors.
        SettingError: there are none, or a setting is out of its range.

    Source: Sutskever et al., ICML 2013.

    >>> from autograd import Tensor
    >>> x = Tensor(3.0)
    >>> optimizer = SGD([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 6)
    2.4
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float,
        momentum: float = 0.0,
        *,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(
            parameters, lr=lr, momentum=momentum, nesterov=nesterov, weight_decay=weight_decay
        )

    def check(self, group: Group) -> None:
        """Refuse settings that are out of their range, and Nesterov's step without a momentum."""
        super().check(group)
        require_share("SGD", "momentum", group["momentum"])
        if group["nesterov"] and not group["momentum"]:
            raise SettingError("SGD: nesterov needs a momentum, such as 0.9")

    def rule(self, group: Group) -> UpdateRule:
        """The rule without momentum keeps nothing from step to step."""
        if not group["momentum"]:
            return DESCENT
        return NESTEROV if group["nesterov"] else MOMENTUM

    def rule_settings(self, group: Group, step: int) -> Sequence[float]:
        """The momentum, if there is one."""
        return (group["momentum"],) if group["momentum"] else ()
