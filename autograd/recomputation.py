"""Checkpoints: parts of a computation that are computed again in the backward pass, not kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from .array_gates import ArrayGate
from .backward import carry_back
from .changes import next_change
from .errors import OperandError, StateError
from .lowering import run_on_scalars
from .modes import enable_grad, is_recording, trace_here
from .tensor import Tensor

__all__ = ["checkpoint"]


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function that gives the result of ``f`` as one gate, and keeps nothing in between.

    In the backward pass ``f`` is run again. Memory is then needed for one checkpoint at a time; the
    price is a second forward computation. Tensors that ``f`` takes from around it, such as
    parameters, get their gradients as ever.

    Args:
        f: a function of Tensors and other arguments that returns one Tensor, and does the same
            each time that it is run: no random numbers, no counters.

    Raises:
        OperandError: at the call, if the result is not one Tensor.
        StateError: in the backward pass, if the function then gives another result.

    >>> from autograd import Tensor
    >>> w = Tensor(3.0)
    >>> square = checkpoint(lambda x: (w * x) * (w * x))
    >>> x = Tensor(2.0)
    >>> square(x).backward()
    >>> x.grad, w.grad
    (array(36.), array(24.))
    """

    @wraps(f)
    def checkpointed(*operands: Any, **options: Any) -> Any:
        if not is_recording() or trace_here() is not None:
            # The program of a traced function keeps its buffers in any case.
            return f(*operands, **options)
        segment = _Segment(f, operands, options)
        return segment.gate(*segment.inputs)

    return checkpointed


class _Segment:
    """One call of a function under a checkpoint, as a gate on all the Tensors that it uses."""

    def __init__(
        self, f: Callable[..., Any], operands: tuple[Any, ...], options: dict[str, Any]
    ) -> None:
        self._f = f
        self._operands = operands
        self._options = options
        # What the operands were sent in the pass that is running, while not all have asked.
        self._sent: tuple[Any, dict[int, Any]] | None = None
        self._data, self.inputs = self._first_run()
        self.gate = ArrayGate(
            "checkpoint",
            "checkpoint",
            lambda *inputs: self._data,
            lambda position: lambda g, out, *inputs: self._vjp(position, g, out),
            f"{getattr(f, '__name__', 'f')}(...)",
            on_scalars=self._on_scalars,
        )

    def _first_run(self) -> tuple[Any, list[Tensor]]:
        """The result, and all Tensors it was computed from that were not made on the way."""
        start = next_change()
        output = self._run()
        inputs: dict[int, Tensor] = {}
        visited = {id(output)}
        pending = [output]
        while pending:
            node = pending.pop()
            if node.made_at < start:
                inputs[id(node)] = node
                continue
            for operand in node.operands:
                if type(operand) is Tensor and id(operand) not in visited:
                    visited.add(id(operand))
                    pending.append(operand)
        return np.asarray(output), list(inputs.values())

    def _run(self) -> Tensor:
        with enable_grad():
            output = self._f(*self._operands, **self._options)
        if type(output) is not Tensor:
            raise OperandError(f"checkpoint: the function returned {output!r}, not one Tensor")
        return output

    def _on_scalars(self, *scalars: Any) -> Any:
        return run_on_scalars(self._run(), dict(zip(self.inputs, scalars, strict=True)))

    def _vjp(self, position: int, g: Any, out: Any) -> Any:
        if self._sent is None or self._sent[0] is not g:
            self._sent = g, self._all_contributions(g, out)
        contributions = self._sent[1]
        contribution = contributions.pop(id(self.inputs[position]), None)
        if not contributions:
            self._sent = None
        return contribution

    def _all_contributions(self, g: Any, out: Any) -> dict[int, Any]:
        again = self._run()
        if not np.array_equal(np.asarray(again), np.asarray(out), equal_nan=True):
            raise StateError(
                "checkpoint: the function gave another result in the backward pass than before; it "
                "must do the same each time, without random numbers and without changing anything"
            )
        in_graph = type(g) is Tensor
        # Not through the inputs: what lies below them is not of this segment.
        return carry_back([again], [g], self.inputs, in_graph, through_targets=False)
