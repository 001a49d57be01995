"""Recurrence: the walk over a sequence that recurrent layers have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import Tensor, is_node
from autograd.errors import OperandError, SettingError, ShapeError
from nn.arguments import require_count, require_float, require_generator
from nn.init import Initializer, orthogonal, xavier_uniform
from nn.module import Module

__all__ = ["Recurrent", "Returns"]

Numbers: TypeAlias = Tensor | npt.NDArray[Any]
Returns: TypeAlias = Literal["sequence", "last"]


class Recurrent(Module):
    """What `RNN`, `LSTM` and `GRU` have in common; each of them says what one step is.

    The weights of the gates of a step lie beside each other, `hidden` columns for each. So that
    the bias needs no addition of its own, each input gets a 1 beside it: a gate is one product,
    of [x, 1, hidden] and its weights.
    """

    settings: ClassVar[tuple[str, ...]] = ("returns",)

    gates: ClassVar[int]
    """How many blocks of columns the weights have."""

    remembered: ClassVar[tuple[str, ...]] = ("hidden",)
    """What a step hands to the next; the first is the output."""

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
        layer = type(self).__name__
        require_count(inputs, f"{layer}: inputs")
        require_count(hidden, f"{layer}: hidden")
        require_generator(rng, layer)
        require_float(dtype, layer)
        if returns not in ("sequence", "last"):
            raise SettingError(f"{layer}: returns is {returns!r}; pass 'sequence' or 'last'")
        self.returns = returns
        blocks = range(self.gates)
        weight_input = np.hstack([init((inputs, hidden), rng) for _ in blocks])
        weight_hidden = np.hstack([init_hidden((hidden, hidden), rng) for _ in blocks])
        self.weight_input = Tensor(weight_input, dtype=dtype)
        self.weight_hidden = Tensor(weight_hidden, dtype=dtype)
        self.bias = Tensor(np.zeros(self.gates * hidden), dtype=dtype)

    def forward(self, x: Numbers, state: Any = None) -> Tensor:
        """The outputs alone; `run` says of what, and raises what this raises."""
        outputs, _ = self.run(x, state)
        return outputs

    def run(self, x: Numbers, state: Any = None) -> tuple[Tensor, Any]:
        """The outputs of the steps, and the state after the last: what a next call goes on from.

        Args:
            x: (n, time, inputs), or (time, inputs) for one sequence; at least one step.
            state: (n, hidden), or (hidden,) for one sequence; of an LSTM the two (hidden, cell).
                By default it is 0.

        Returns:
            the outputs (n, time, hidden), or if the layer returns the last alone (n, hidden), and
            the state, of the shape in which it is passed.

        Raises:
            ShapeError: x or the state does not have its shape, or x has no steps.
            OperandError: the state of an LSTM is not a pair.

        >>> from nn import GRU
        >>> layer = GRU(1, 2, rng=np.random.default_rng(0))
        >>> sequence = np.ones((1, 6, 1))
        >>> first, state = layer.run(sequence[:, :4])
        >>> second, _ = layer.run(sequence[:, 4:], state)
        >>> bool(np.allclose(layer(sequence)[:, 4:].data, second.data))
        True
        """
        self._require_steps(x)
        parts = self._initial(np.shape(x)[:-2], state)
        weights = self._weights()
        outputs = []
        for step in self._steps(x):
            parts = self._next(weights, step, *parts)
            outputs.append(parts[0])
        all_or_last: Any = outputs[-1] if self.returns == "last" else np.stack(outputs, axis=-2)
        return all_or_last, parts if len(parts) > 1 else parts[0]

    def _weights(self) -> list[Any]:
        """Of each gate the weights of [x, 1, hidden]."""
        hidden = self.weight_hidden.shape[0]
        joined: Any = np.concatenate((self.weight_input, self.bias[None], self.weight_hidden))
        if self.gates == 1:
            return [joined]
        return [joined[:, gate * hidden : (gate + 1) * hidden] for gate in range(self.gates)]

    def _next(self, weights: list[Any], step: Any, *parts: Any) -> tuple[Any, ...]:
        """What is remembered after a step, from its input with the 1 and what was remembered."""
        raise NotImplementedError

    def _steps(self, x: Numbers) -> Sequence[Any]:
        """The input of each step, with a 1 beside it."""
        ones = np.ones((*np.shape(x)[:-1], 1), self.bias.dtype)
        return _entries(np.moveaxis(np.concatenate((x, ones), axis=-1), -2, 0))

    def _initial(self, batch: tuple[int, ...], state: Any) -> tuple[Any, ...]:
        """What is remembered before the first step."""
        shape, layer = (*batch, self.weight_hidden.shape[0]), type(self).__name__
        if state is None:
            return (np.zeros(shape, self.bias.dtype),) * len(self.remembered)
        parts = (state,) if len(self.remembered) == 1 else state
        if not isinstance(parts, tuple | list) or len(parts) != len(self.remembered):
            raise OperandError(
                f"{layer}: the state is a {type(state).__name__}; pass "
                f"({', '.join(self.remembered)}), each of shape {shape}"
            )
        for name, part in zip(self.remembered, parts, strict=True):
            if np.shape(part) != shape:
                raise ShapeError(
                    f"{layer}: the state {name} has shape {np.shape(part)}; the input asks for "
                    f"{shape}"
                )
        return tuple(part if is_node(part) else np.asarray(part) for part in parts)

    def _require_steps(self, x: Numbers) -> None:
        inputs, shape, layer = self.weight_input.shape[0], np.shape(x), type(self).__name__
        if len(shape) not in (2, 3) or shape[-1] != inputs:
            raise ShapeError(
                f"{layer}: input of shape {shape}, but the layer takes {inputs} inputs a step, as "
                f"(n, time, {inputs}) or (time, {inputs})"
            )
        if not shape[-2]:
            raise ShapeError(f"{layer}: input of shape {shape} has no steps; pass at least one")


def _entries(x: Any) -> Sequence[Any]:
    """The entries along the first axis."""
    if not is_node(x):
        return list(x)
    if len(x) == 1:
        return [x[0]]
    # By halves: the gradient of each part is an array as large as what it was taken from. Taken
    # one by one from the whole, they would cost time that grows with the square of their number.
    middle = len(x) // 2
    return [*_entries(x[:middle]), *_entries(x[middle:])]
