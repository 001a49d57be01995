"""TensorProgram: a function on Tensors that is recorded once and replayed without Python's objects.

A replay fills buffers that are kept: they belong to one call at a time, and to the results of that
call as long as a backward pass may come from these. A function that cannot be replayed runs as ever.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .array_gates import ArrayGate
from .backward import carry_back
from .errors import OperandError, ShapeError, StateError, TraceWarning
from .lowering import run_on_scalars
from .modes import OPEN_MODES, is_detecting_anomalies, is_recording, line_to_record, trace_here
from .tensor import Tensor
from .tensor_gradients import Gradients
from .tensor_layout import Layout
from .tensor_recording import record
from .tensor_schedule import Schedule

__all__ = ["TensorProgram", "record_tensors"]

# So many sets of buffers are kept for calls to come: a training loop holds the result of a step
# until that of the next takes its name.
MOST_KEPT = 3


def record_tensors(
    run: Callable[[list[Tensor]], list[Any]], inputs: Sequence[np.ndarray]
) -> TensorProgram:
    """The program of a function, recorded on these numbers.

    The function is run twice. Where the two runs do not do the same, the program runs the function
    anew at each call, and a TraceWarning says why.

    Args:
        run: gets a fresh Tensor for each input, and returns Tensors or constants.
        inputs: arrays of real numbers.

    Raises:
        TraceError: if the function reads the numbers of a Tensor.
    """
    program = TensorProgram(run, inputs)
    if program.fallback is not None:
        warnings.warn(
            f"a traced function is run anew at each call: {program.fallback}",
            TraceWarning,
            stacklevel=3,
        )
    return program


class TensorProgram:
    """A recorded function on Tensors; ``record_tensors`` makes one.

    Called with an array or a Tensor for each input, of the shapes it was recorded with, it returns
    what the function did: Tensors, whose ``backward`` adds to the gradients of the Tensors that the
    function took from around it, the ``parameters``, and of the arguments that were Tensors. The
    numbers of the parameters are read at each call. ``len`` of it is the number of its gates.

    Attributes:
        parameters: the leaves that the function used and did not make.
        fallback: why the function is run anew at each call; None if it is replayed.

    >>> w = Tensor([2.0, 3.0])
    >>> program = record_tensors(lambda inputs: [(w * inputs[0]).sum()], [np.ones(2)])
    >>> program.value_and_grad([np.array([1.0, 10.0])])
    (32.0, [array([ 1., 10.])])
    """

    def __init__(
        self, run: Callable[[list[Tensor]], list[Any]], inputs: Sequence[np.ndarray]
    ) -> None:
        self._run = run
        recording = record(run, inputs)
        self.parameters: list[Tensor] = list(recording.parameters.values())
        self.fallback = recording.reason
        self._layout = None if self.fallback else Layout(recording)
        self._kept: list[_Buffers] = []

    def __call__(self, arguments: Sequence[np.ndarray | Tensor]) -> list[Any]:
        """What the function returns for these arguments.

        Raises:
            OperandError: if there are more or fewer arguments than inputs.
            ShapeError: if an argument has another shape than the input had.
        """
        layout = self._layout
        if layout is None or _runs_gate_by_gate():
            return self._run_again(arguments)
        buffers = self._loaded(arguments)
        buffers.schedule.run()
        variables = [*self.parameters, *(one for one in arguments if type(one) is Tensor)]
        replay = _Replay(self, buffers, list(arguments))
        return [
            replay.constant(place) if slot is None else replay.result(place, slot, variables)
            for place, slot in enumerate(layout.recording.outputs)
        ]

    def value_and_grad(
        self, arguments: Sequence[np.ndarray | Tensor]
    ) -> tuple[float, list[np.ndarray]]:
        """The first result, one number, and its gradient by each parameter; none is added to.

        Raises:
            OperandError: if there are more or fewer arguments than inputs.
            ShapeError: if an argument has another shape than the input had, or if the result is
                not one number.
        """
        layout = self._layout
        if layout is None or _runs_gate_by_gate():
            return self._value_and_grad_again(arguments)
        buffers = self._loaded(arguments)
        try:
            buffers.schedule.run()
            slot = layout.recording.outputs[0]
            if slot is None:
                value = layout.recording.results[0]
                gradients: Sequence[np.ndarray | None] = [None] * len(self.parameters)
            else:
                value = _one_number(buffers.schedule.arrays[slot])
                gradients = buffers.gradients(slot, tuple(layout.recording.parameters)).run()
            return float(value), [
                np.zeros_like(np.asarray(leaf)) if gradient is None else gradient.copy()
                for leaf, gradient in zip(self.parameters, gradients, strict=True)
            ]
        finally:
            self._keep(buffers)

    def __len__(self) -> int:
        return 0 if self._layout is None else len(self._layout.operations)

    def __repr__(self) -> str:
        if self._layout is None:
            return f"<tensor program, run anew at each call: {self.fallback}>"
        inputs = len(self._layout.recording.inputs)
        return f"<tensor program: {len(self)} gates, {_counted(inputs, 'input')}>"

    def _run_again(self, arguments: Sequence[np.ndarray | Tensor]) -> list[Any]:
        """The function itself, with a graph."""
        return self._run([one if type(one) is Tensor else Tensor(one) for one in arguments])

    def _value_and_grad_again(
        self, arguments: Sequence[np.ndarray | Tensor]
    ) -> tuple[float, list[np.ndarray]]:
        (loss, *_) = self._run_again(arguments)
        if type(loss) is not Tensor:
            return float(loss), [np.zeros_like(np.asarray(leaf)) for leaf in self.parameters]
        with np.errstate(all="ignore"):
            gradients = carry_back([loss], [loss.seed()], self.parameters)
        return loss.item(), [
            np.array(gradients.get(id(leaf), np.zeros_like(np.asarray(leaf))))
            for leaf in self.parameters
        ]

    def _loaded(self, arguments: Sequence[np.ndarray | Tensor]) -> _Buffers:
        """A set of buffers of this call's own, with the arguments and parameters in it."""
        layout = self._layout
        assert layout is not None
        slots = layout.recording.inputs
        if len(arguments) != len(slots):
            raise OperandError(
                f"a traced function of {_counted(len(slots), 'array')} got {len(arguments)}"
            )
        arrays = [np.asarray(argument) for argument in arguments]
        for array, slot in zip(arrays, slots, strict=True):
            if array.shape != layout.samples[slot].shape:
                raise ShapeError(
                    f"a traced function got an argument of shape {array.shape}, and was recorded "
                    f"with shape {layout.samples[slot].shape}; trace it anew for other shapes"
                )
        try:
            buffers = self._kept.pop()
        except IndexError:
            buffers = _Buffers(layout)
        schedule = buffers.schedule
        for buffer, array in zip(schedule.inputs, arrays, strict=True):
            np.copyto(buffer, array)
        for buffer, leaf in zip(schedule.parameters, self.parameters, strict=True):
            np.copyto(buffer, np.asarray(leaf))
        return buffers

    def _keep(self, buffers: _Buffers) -> None:
        """Take back a set of buffers that nothing needs any more."""
        if len(self._kept) < MOST_KEPT:
            self._kept.append(buffers)


class _Buffers:
    """The numbers of one call, and the ways back through them."""

    def __init__(self, layout: Layout) -> None:
        self.schedule = Schedule(layout)
        self.lock = threading.Lock()
        self._gradients: dict[tuple[int, tuple[int, ...]], Gradients] = {}

    def gradients(self, output: int, wanted: tuple[int, ...]) -> Gradients:
        """The way from a result to these leaves."""
        known = self._gradients.get((output, wanted))
        if known is None:
            known = self._gradients[output, wanted] = Gradients(self.schedule, output, wanted)
        return known


class _Replay:
    """One call of a program, as long as one of its results is there."""

    def __init__(
        self, program: TensorProgram, buffers: _Buffers, arguments: list[np.ndarray | Tensor]
    ) -> None:
        self._program = program
        self._buffers = buffers
        self._arguments = arguments
        recording = buffers.schedule.layout.recording
        # The slots of the variables: of the parameters, and of the arguments that are Tensors.
        self._leaves: tuple[int, ...] = (
            *recording.parameters,
            *(s for s, one in zip(recording.inputs, arguments, strict=True) if type(one) is Tensor),
        )
        # What the variables were sent in the pass that is running, while not all have asked.
        self._sent: tuple[Any, dict[int, Any]] | None = None

    def __del__(self) -> None:
        self._program._keep(self._buffers)

    def constant(self, place: int) -> Any:
        """A result that is the same at each call."""
        return self._buffers.schedule.layout.recording.results[place]

    def result(self, place: int, slot: int, variables: list[Tensor]) -> Tensor:
        """A result as a Tensor: a gate on the variables that it depends on."""
        if slot in self._leaves:
            return variables[self._leaves.index(slot)]
        data = self._buffers.schedule.arrays[slot].copy()
        dependent = self._dependent(slot) if is_recording() else ()
        if not dependent:
            return Tensor(data)
        operands = [variables[self._leaves.index(leaf)] for leaf in dependent]
        gate = ArrayGate(
            "program",
            "program",
            lambda *inputs: data,
            lambda position: lambda g, out, *inputs: self._vjp(
                place, slot, dependent, operands, position, g, out
            ),
            f"program of {_counted(len(self._program), 'gate')}",
            on_scalars=lambda *scalars: run_on_scalars(
                self._again(place, data), dict(zip(operands, scalars, strict=True))
            ),
        )
        return Tensor.apply_array_gate(gate, *operands)

    def _dependent(self, slot: int) -> tuple[int, ...]:
        leaves = self._buffers.schedule.layout.leaves_of(slot)
        return tuple([leaf for leaf in self._leaves if leaf in leaves])

    def _vjp(
        self,
        place: int,
        slot: int,
        dependent: tuple[int, ...],
        operands: list[Tensor],
        position: int,
        g: Any,
        out: Any,
    ) -> Any:
        if self._sent is None or self._sent[0] is not g:
            if type(g) is Tensor:
                again = self._again(place, np.asarray(out))
                # Not through the variables: what lies below them is not of this program.
                sent = carry_back([again], [g], operands, True, through_targets=False)
                contributions = [sent.get(id(operand)) for operand in operands]
            else:
                with self._buffers.lock:
                    gradients = self._buffers.gradients(slot, dependent).run(g)
                    contributions = [one if one is None else one.copy() for one in gradients]
            self._sent = g, dict(enumerate(contributions))
        contributions_left = self._sent[1]
        contribution = contributions_left.pop(position, None)
        if not contributions_left:
            self._sent = None
        return contribution

    def _again(self, place: int, data: np.ndarray) -> Tensor:
        """A result with the graph of the function itself."""
        result: Tensor = self._program._run_again(self._arguments)[place]
        # Sums may be in another order.
        tolerance = np.sqrt(np.finfo(data.dtype).eps)
        if not np.allclose(np.asarray(result), data, tolerance, tolerance, equal_nan=True):
            raise StateError(
                "a traced function gives another result than before, because a parameter or an "
                "argument has changed since; call it again before differentiating twice"
            )
        return result


def _runs_gate_by_gate() -> bool:
    """Whether something in force here wants to see each gate."""
    return bool(OPEN_MODES[0]) and (
        trace_here() is not None or is_detecting_anomalies() or line_to_record() is not None
    )


def _one_number(array: np.ndarray) -> float:
    if array.size != 1:
        raise ShapeError(
            f"value_and_grad: the result has shape {array.shape}; reduce it with .sum()"
        )
    return float(array.reshape(())[()])


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
