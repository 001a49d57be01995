"""One call of a program: its results as Tensors, and the way back from them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..array_gates import ArrayGate
from ..array_gates.array_gate import Vjp
from ..backward import carry_back
from ..changes import content_of
from ..errors import StateError
from ..lowering import run_on_scalars
from ..modes import OPEN_MODES, is_recording
from ..tensor import Tensor
from .buffers import BufferPool, Buffers

__all__ = ["Replay"]

Arguments = Sequence[np.ndarray | Tensor]


class Replay:
    """One call of a program, for as long as one of its results is there.

    A single result gives the buffers back once it has been differentiated, so that the next step
    of a training loop finds them in the cache. If it is differentiated again, the call is repeated
    on the same numbers, and must then give the same result.

    Args:
        pool: where the buffers are from.
        run_again: the function itself.
        arguments: what it is called with.
        inputs: the numbers of these.
    """

    def __init__(
        self,
        pool: BufferPool,
        run_again: Callable[[Arguments], list[Any]],
        arguments: Arguments,
        inputs: list[np.ndarray],
    ) -> None:
        self._pool = pool
        self._run_again = run_again
        self._arguments = arguments
        self._inputs = inputs
        recording = pool.layout.recording
        # The variables, by their slots: the parameters, and the arguments that are Tensors.
        self.variables: dict[int, Tensor] = dict(recording.parameters)
        for slot, argument in zip(recording.inputs, arguments, strict=True):
            if type(argument) is Tensor:
                self.variables[slot] = argument
        self._parameters = [leaf.__array__() for leaf in recording.parameters.values()]
        self._buffers: Buffers | None = None
        self._lock = threading.Lock()
        self._buffers = pool.computed(inputs, self._parameters)

    def __del__(self) -> None:
        if self._buffers is not None:
            self._pool.keep(self._buffers)

    def result(self, place: int, slot: int) -> Tensor:
        """A result as a Tensor: a gate on the variables that it depends on."""
        if slot in self.variables:
            return self.variables[slot]
        assert self._buffers is not None
        data = self._buffers.schedule.arrays[slot].copy()
        leaves = self._pool.layout.leaves_of(slot)
        wanted = tuple([each for each in self.variables if each in leaves])
        if not wanted or (OPEN_MODES[0] and not is_recording()):
            return Tensor(data)
        result = _Result(self, place, slot, data, wanted)
        gate = ArrayGate(
            "program",
            "program",
            lambda *operands: data,
            result.vjp,
            f"program of {len(self._pool.layout.operations)} gates",
            on_scalars=result.on_scalars,
        )
        return Tensor.apply_array_gate(gate, *result.operands)

    def contributions(
        self, slot: int, wanted: tuple[int, ...], g: np.ndarray, data: np.ndarray
    ) -> list[np.ndarray | None]:
        """What the gradient of a result sends to these variables; ``data`` is the result."""
        with self._lock:
            buffers = self._buffers
            if buffers is None:
                buffers = self._pool.computed(self._inputs, self._parameters)
                if not np.array_equal(buffers.schedule.arrays[slot], data, equal_nan=True):
                    raise StateError(_CHANGED)
            gradients = buffers.gradients(slot, wanted).run(g)
            sent = [None if gradient is None else gradient.copy() for gradient in gradients]
            if len(self._pool.layout.recording.outputs) == 1:
                self._buffers = None
                self._pool.keep(buffers)
        return sent

    def again(self, place: int, data: np.ndarray) -> Tensor:
        """A result with the graph of the function itself."""
        result: Tensor = self._run_again(self._arguments)[place]
        # Its sums may have been made in another order.
        tolerance = np.sqrt(np.finfo(data.dtype).eps)
        if not np.allclose(np.asarray(result), data, tolerance, tolerance, equal_nan=True):
            raise StateError(_CHANGED)
        return result


_CHANGED = (
    "a traced function gives another result than before, because a parameter or an argument has "
    "changed since; call it again, then differentiate that result"
)


class _Result:
    """What the gate of a result needs to be differentiated."""

    def __init__(
        self, replay: Replay, place: int, slot: int, data: np.ndarray, wanted: tuple[int, ...]
    ) -> None:
        self._replay, self._place, self._slot = replay, place, slot
        self._data, self._wanted = data, wanted
        self.operands = [replay.variables[each] for each in wanted]
        # What the operands were sent in the pass that is running, while not all have asked.
        self._sent: _Sent | None = None

    def vjp(self, position: int) -> Vjp:
        """The vjp by one operand."""
        return lambda g, out, *operands: self._contribution(position, g)

    def on_scalars(self, *scalars: Any) -> Any:
        """The result computed on arrays of Values."""
        again = self._replay.again(self._place, self._data)
        return run_on_scalars(again, dict(zip(self.operands, scalars, strict=True)))

    def _contribution(self, position: int, g: Any) -> Any:
        sent = self._sent
        if sent is None or not sent.is_for(g) or position not in sent.contributions:
            self._sent = sent = _Sent(g, self._contributions(g))
        contribution = sent.contributions.pop(position)
        if not sent.contributions:
            self._sent = None
        return contribution

    def _contributions(self, g: Any) -> list[Any]:
        if type(g) is not Tensor:
            return list(self._replay.contributions(self._slot, self._wanted, g, self._data))
        again = self._replay.again(self._place, self._data)
        # Not through the operands: what lies below them is not of this program.
        sent = carry_back([again], [g], self.operands, True, through_targets=False)
        return [sent.get(id(operand)) for operand in self.operands]


class _Sent:
    """What a gradient sends to the operands of a result, while not all have asked for it."""

    def __init__(self, g: Any, contributions: list[Any]) -> None:
        self._g = g
        self._content = None if type(g) is Tensor else content_of(g)
        self.contributions = dict(enumerate(contributions))

    def is_for(self, g: Any) -> bool:
        """Whether this is the same gradient, and nobody has written to it since."""
        return g is self._g and (self._content is None or content_of(g) == self._content)
