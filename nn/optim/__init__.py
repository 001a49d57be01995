"""Optimizers: from gradients to better parameters.

What the optimizers of Keras are called here; what is not named has the same name in both:

======================================  ================================================
Keras                                   nn
======================================  ================================================
SGD(lr=0.1)                             SGD(parameters, lr=0.1)
SGD(lr=0.1, momentum=0.9)               SGD(parameters, lr=0.1, momentum=0.9)
SGD(..., nesterov=True)                 SGD(..., nesterov=True)
Adagrad(lr=0.01, epsilon=1e-6)          Adagrad(parameters, lr=0.01, eps=1e-6)
RMSprop(lr=0.001, rho=0.9,              RMSprop(parameters, lr=0.001, rho=0.9, eps=1e-8)
epsilon=1e-8)
Adam(lr=0.001, beta_1=0.9,              Adam(parameters, lr=0.001, betas=(0.9, 0.999),
beta_2=0.999, epsilon=1e-8)             eps=1e-8)
decay=d, of any of them                 Scheduler(optimizer, inverse_time(d)), whose step()
                                        is called after each batch
======================================  ================================================

For PyTorch's `alpha` of RMSprop there is `rho`; the momentum, dampening and centring of PyTorch's
RMSprop and SGD beyond these there are not. `foreach`, `fused` and their like have no meaning here.
"""

from __future__ import annotations

from nn.optim.adaptive import Adagrad, Adam, AdamW, RMSprop
from nn.optim.optimizer import Optimizer
from nn.optim.stochastic import SGD

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop"]
