"""Recurrent layers: each step of a sequence is computed from its input and the step before.

What an application makes of them is a matter of what goes in and what is returned. Sequence to
sequence, an output for each step, such as a forecast for each day:

>>> from nn import Linear, RepeatVector, Sequential
>>> rng = np.random.default_rng(0)
>>> week = rng.normal(size=(8, 7, 3))
>>> Sequential(RNN(3, 5, rng=rng), Linear(5, 1, rng=rng))(week).shape
(8, 7, 1)

Sequence to vector, an output for all of it, such as the sentiment of a review:

>>> Sequential(LSTM(3, 5, rng=rng, returns="last"), Linear(5, 2, rng=rng))(week).shape
(8, 2)

Vector to sequence, such as the caption of an image: the vector is the input of every step.

>>> picture = rng.normal(size=(8, 3))
>>> Sequential(RepeatVector(7), GRU(3, 5, rng=rng), Linear(5, 2, rng=rng))(picture).shape
(8, 7, 2)

Layers are stacked by putting one after the other; all but the last return sequences.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from autograd import Tensor, relu, sigmoid, tanh
from autograd.errors import SettingError
from nn.init import Initializer, orthogonal, xavier_uniform
from nn.layers.recurrence import Recurrent, Returns

__all__ = ["GRU", "LSTM", "RNN"]

_ACTIVATIONS = {"tanh": tanh, "relu": relu}


class RNN(Recurrent):
    """The recurrent layer h' = tanh([x, 1, h] @ [weight_input; bias; weight_hidden]).

    The input is (n, time, inputs), the output (n, time, hidden), or (n, hidden) with
    ``returns="last"``; without n it is one sequence. `run` gives the last state as well.

    The parameters are `weight_input` (inputs, hidden), `weight_hidden` (hidden, hidden) and `bias`
    (hidden,), which begins as 0.

    Args:
        inputs: how many inputs a step has, at least 1.
        hidden: how many outputs a step has, at least 1.
        rng: the generator that draws the weights.
        activation: "tanh" or "relu".
        returns: "sequence", the outputs of all steps, or "last", those of the last.
        dtype: of the parameters, np.float64 or np.float32.
        init: draws `weight_input`.
        init_hidden: draws `weight_hidden`; what is orthogonal keeps the size of the state, and of
            its gradient, from step to step.

    Raises:
        OperandError: dtype is not a float type, or rng is not a generator.
        SettingError: inputs or hidden are not whole numbers of at least 1, or activation or returns
            is none of its words.

    Source: Elman, Cognitive Science 14, 1990.

    >>> layer = RNN(1, 2, rng=np.random.default_rng(0))
    >>> layer
    RNN(weight_input (1, 2), weight_hidden (2, 2), bias (2,), returns='sequence', activation='tanh')
    >>> layer(np.ones((8, 5, 1))).shape
    (8, 5, 2)
    """

    settings = ("returns", "activation")
    gates = 1

    def __init__(
        self,
        inputs: int,
        hidden: int,
        *,
        rng: np.random.Generator,
        activation: Literal["tanh", "relu"] = "tanh",
        returns: Returns = "sequence",
        dtype: npt.DTypeLike = np.float64,
        init: Initializer = xavier_uniform,
        init_hidden: Initializer = orthogonal,
    ) -> None:
        if activation not in _ACTIVATIONS:
            raise SettingError(f"RNN: activation is {activation!r}; pass 'tanh' or 'relu'")
        self.activation = activation
        super().__init__(
            inputs,
            hidden,
            rng=rng,
            returns=returns,
            dtype=dtype,
            init=init,
            init_hidden=init_hidden,
        )

    def _next(self, weights: list[Any], step: Any, *parts: Any) -> tuple[Any, ...]:
        (hidden,) = parts
        (weight,) = weights
        sums: Any = np.concatenate((step, hidden), axis=-1) @ weight
        return (_ACTIVATIONS[self.activation](sums),)


class LSTM(Recurrent):
    """The long short-term memory: gates decide what a cell forgets, takes up and shows.

    With i, f, g and o for the blocks of columns of [x, 1, h] @ [weight_input; bias; weight_hidden]:

        cell' = sigmoid(f) * cell + sigmoid(i) * tanh(g)
        h' = sigmoid(o) * tanh(cell')

    The input is (n, time, inputs), the output (n, time, hidden), or (n, hidden) with
    ``returns="last"``; without n it is one sequence. `run` gives the last state as well.

    The parameters are `weight_input` (inputs, 4 * hidden), `weight_hidden` (hidden, 4 * hidden)
    and `bias` (4 * hidden,), which begins as 0 but for `forget_bias`. The blocks stand in the order
    of PyTorch, whose weights are these transposed, and whose two biases add up to this one.

    Args:
        inputs: how many inputs a step has, at least 1.
        hidden: how many outputs a step has, at least 1.
        rng: the generator that draws the weights.
        returns: "sequence", the outputs of all steps, or "last", those of the last.
        forget_bias: what the biases of f begin as. With 1 a cell begins by keeping most of what it
            holds, so that gradients reach far back (as in Keras; 0 in PyTorch).
        dtype: of the parameters, np.float64 or np.float32.
        init: draws each block of `weight_input`.
        init_hidden: draws each block of `weight_hidden`.

    Raises:
        OperandError: dtype is not a float type, or rng is not a generator.
        SettingError: inputs or hidden are not whole numbers of at least 1, or returns is none of
            its words, or forget_bias is not finite.

    Source: Hochreiter & Schmidhuber, Neural Computation 9(8), 1997; with the forget gate of Gers,
    Schmidhuber & Cummins, Neural Computation 12(10), 2000; forget_bias: Jozefowicz, Zaremba &
    Sutskever, ICML 2015.

    >>> layer = LSTM(1, 2, rng=np.random.default_rng(0), returns="last")
    >>> layer
    LSTM(weight_input (1, 8), weight_hidden (2, 8), bias (8,), returns='last')
    >>> output, (hidden, cell) = layer.run(np.ones((8, 5, 1)))
    >>> output.shape, cell.shape, hidden is output
    ((8, 2), (8, 2), True)
    """

    gates = 4
    remembered = ("hidden", "cell")

    def __init__(
        self,
        inputs: int,
        hidden: int,
        *,
        rng: np.random.Generator,
        returns: Returns = "sequence",
        forget_bias: float = 1.0,
        dtype: npt.DTypeLike = np.float64,
        init: Initializer = xavier_uniform,
        init_hidden: Initializer = orthogonal,
    ) -> None:
        super().__init__(
            inputs,
            hidden,
            rng=rng,
            returns=returns,
            dtype=dtype,
            init=init,
            init_hidden=init_hidden,
        )
        if not np.isfinite(forget_bias):
            raise SettingError(f"LSTM: forget_bias is {forget_bias!r}; it must be finite")
        self.bias[hidden : 2 * hidden] = forget_bias

    def _next(self, weights: list[Any], step: Any, *parts: Any) -> tuple[Any, ...]:
        hidden, cell = parts
        xh: Any = np.concatenate((step, hidden), axis=-1)
        i, f, g, o = (xh @ weight for weight in weights)
        cell = sigmoid(f) * cell + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(cell), cell


class GRU(Recurrent):
    """The gated recurrent unit: one gate mixes the old state with a new one, one opens the old.

    With r, z and n for the blocks of columns of the weights and biases:

        r, z = sigmoid([x, 1, h] @ [weight_input; bias; weight_hidden])  of r and z
        new = tanh([x, 1] @ [weight_input; bias] + r * (h @ weight_hidden + bias_hidden))  of n
        h' = (1 - z) * new + z * h

    The input is (n, time, inputs), the output (n, time, hidden), or (n, hidden) with
    ``returns="last"``; without n it is one sequence. `run` gives the last state as well.

    The parameters are `weight_input` (inputs, 3 * hidden), `weight_hidden` (hidden, 3 * hidden),
    `bias` (3 * hidden,) and `bias_hidden` (hidden,); biases begin as 0. The blocks stand in the
    order of PyTorch, whose weights are these transposed. As there, and in Keras, r opens the
    product, not the state before it. Where the two biases of PyTorch only add up there is one.

    Args:
        inputs: how many inputs a step has, at least 1.
        hidden: how many outputs a step has, at least 1.
        rng: the generator that draws the weights.
        returns: "sequence", the outputs of all steps, or "last", those of the last.
        dtype: of the parameters, np.float64 or np.float32.
        init: draws each block of `weight_input`.
        init_hidden: draws each block of `weight_hidden`.

    Raises:
        OperandError: dtype is not a float type, or rng is not a generator.
        SettingError: inputs or hidden are not whole numbers of at least 1, or returns is none of
            its words.

    Source: Cho et al., EMNLP 2014, with r where version 1 of arXiv:1406.1078 has it.

    >>> GRU(1, 1, rng=np.random.default_rng(0))
    GRU(weight_input (1, 3), weight_hidden (1, 3), bias (3,), bias_hidden (1,), returns='sequence')
    """

    gates = 3

    def __init__(
        self,
        inputs: int,
        hidden: int,
        *,
        rng: np.random.Generator,
        returns: Returns = "sequence",
        dtype: npt.DTypeLike = np.float64,
        init: Initializer = xavier_uniform,
        init_hidden: Initializer = orthogonal,
    ) -> None:
        super().__init__(
            inputs,
            hidden,
            rng=rng,
            returns=returns,
            dtype=dtype,
            init=init,
            init_hidden=init_hidden,
        )
        self.bias_hidden = Tensor(np.zeros(hidden), dtype=dtype)

    def _weights(self) -> list[Any]:
        reset, update, new = super()._weights()
        inputs = self.weight_input.shape[0]
        return [reset, update, new[: inputs + 1], new[inputs + 1 :]]

    def _next(self, weights: list[Any], step: Any, *parts: Any) -> tuple[Any, ...]:
        (hidden,) = parts
        reset, update, new_of_input, new_of_hidden = weights
        xh: Any = np.concatenate((step, hidden), axis=-1)
        r, z = sigmoid(xh @ reset), sigmoid(xh @ update)
        new = tanh(step @ new_of_input + r * (hidden @ new_of_hidden + self.bias_hidden))
        return (new + z * (hidden - new),)
