"""TensorProgram: a function on Tensors that is recorded once and replayed without Python's objects.

A replay fills buffers that are kept: they belong to one call at a time, and to its results as long
as a backward pass may come from these. A function that cannot be replayed is run anew each time.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..backward import carry_back
from ..errors import OperandError, ShapeError, TraceWarning
from ..modes import OPEN_MODES, is_detecting_anomalies, line_to_record, trace_here
from ..named_inputs import ArrayArgument, in_order
from ..structures import LEAF
from ..tensor import Tensor
from .buffers import BufferPool, Buffers
from .layout import Layout
from .recording import Recording, record
from .replay import Replay

__all__ = ["TensorProgram", "record_tensors"]


def record_tensors(
    run: Callable[[list[Tensor]], list[Any]],
    inputs: Sequence[np.ndarray],
    name: str = "a traced function",
    arguments: Sequence[ArrayArgument] | None = None,
    filled: Callable[[list[Any]], Any] = list,
) -> TensorProgram:
    """The program of a function, recorded on these numbers.

    The function is run twice. Where the two runs do not do the same, the program runs the function
    anew at each call, and a TraceWarning says why.

    Args:
        run: gets a fresh Tensor for each input, and returns Tensors or constants.
        inputs: arrays of real numbers.
        name: what messages call the function.
        arguments: what ``run`` of the program takes, whose variables are the inputs; by default
            these themselves, ``inputs[0]`` and so on.
        filled: from the results to what ``run`` of the program returns.

    Raises:
        TraceError: if the function reads the numbers of a Tensor.
    """
    program = TensorProgram(run, inputs, name, arguments, filled)
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
        arguments: of the function, those that have variables.
        parameters: the leaves that the function used and did not make.
        fallback: why the function is run anew at each call; None if it is replayed.

    >>> w = Tensor([2.0, 3.0])
    >>> program = record_tensors(lambda inputs: [(w * inputs[0]).sum()], [np.ones(2)])
    >>> program.value_and_grad([np.array([1.0, 10.0])])
    (32.0, [array([ 1., 10.])])
    """

    def __init__(
        self,
        run: Callable[[list[Tensor]], list[Any]],
        inputs: Sequence[np.ndarray],
        name: str,
        arguments: Sequence[ArrayArgument] | None,
        filled: Callable[[list[Any]], Any],
    ) -> None:
        self._run = run
        self._filled = filled
        self.name = name
        if arguments is None:
            arguments = [ArrayArgument(f"inputs[{i}]", LEAF, [x]) for i, x in enumerate(inputs)]
        self.arguments = tuple(arguments)
        recording = record(run, inputs)
        self.parameters: list[Tensor] = list(recording.parameters.values())
        self.fallback = recording.reason
        self._pool = None if self.fallback else BufferPool(Layout(recording))

    def __call__(self, arguments: Sequence[np.ndarray | Tensor]) -> list[Any]:
        """What the function returns for these arguments.

        Raises:
            OperandError: if there are more or fewer arguments than inputs.
            ShapeError: if an argument has another shape than the input had.
        """
        pool = self._pool
        if pool is None or _runs_gate_by_gate():
            return self._run_again(arguments)
        recording = pool.layout.recording
        replay = Replay(pool, self._run_again, arguments, _arrays_for(recording, arguments))
        return [
            constant if slot is None else replay.result(place, slot)
            for place, (slot, constant) in enumerate(
                zip(recording.outputs, recording.results, strict=True)
            )
        ]

    def run(self, *inputs: Any, feed: Mapping[str, Any] | None = None) -> Any:
        """What the function returns for these arguments, as floats and arrays.

        Args:
            inputs: the arguments, in the structures they were recorded with. What is no variable,
                such as labels, is part of the program, and left out.
            feed: the arguments that are not given by place, by the names that the function has for
                them: ``arguments`` lists these.

        Raises:
            OperandError: if an argument is missing, given twice, unknown or of another structure.
            ShapeError: if an array has another shape than the recorded one.

        >>> from autograd import trace
        >>> w = Tensor([2.0, 3.0])
        >>> program = trace(lambda x, y: w * x + y).program(np.ones(2), np.ones(2))
        >>> program.run(feed={"y": [0.5, 0.5], "x": [1.0, 10.0]})
        array([ 2.5, 30.5])
        """
        names = [argument.name for argument in self.arguments]
        given = in_order(self.name, names, inputs, feed)
        variables = [
            variable
            for argument, one in zip(self.arguments, given, strict=True)
            for variable in argument.variables_in(one)
        ]
        return self._filled(self._numbers(variables))

    def _numbers(self, variables: Sequence[np.ndarray | Tensor]) -> list[Any]:
        """The results as numbers and arrays of their own."""
        pool = self._pool
        if pool is None or _runs_gate_by_gate():
            return [_copied(one) for one in self._run_again(variables)]
        recording = pool.layout.recording
        parameters = [leaf.__array__() for leaf in self.parameters]
        buffers = pool.computed(_arrays_for(recording, variables), parameters)
        try:
            arrays = buffers.schedule.arrays
            return [
                _copied(constant if slot is None else arrays[slot])
                for slot, constant in zip(recording.outputs, recording.results, strict=True)
            ]
        finally:
            pool.keep(buffers)

    def value_and_grad(
        self, arguments: Sequence[np.ndarray | Tensor]
    ) -> tuple[float, list[np.ndarray]]:
        """The first result, one number, and its gradient by each parameter; none is added to.

        Raises:
            OperandError: if there are more or fewer arguments than inputs.
            ShapeError: if an argument has another shape than the input had, or if the result is
                not one number.
        """
        pool = self._pool
        if pool is None or _runs_gate_by_gate():
            return self._value_and_grad_again(arguments)
        recording = pool.layout.recording
        (slot, *_), (constant, *_) = recording.outputs, recording.results
        parameters = [leaf.__array__() for leaf in self.parameters]
        if slot is None:
            return float(constant), [np.zeros_like(array) for array in parameters]
        buffers = pool.computed(_arrays_for(recording, arguments), parameters)
        try:
            value = _one_number(buffers.schedule.arrays[slot])
            with np.errstate(all="ignore"):
                gradients = buffers.gradients(slot, tuple(recording.parameters)).run()
            return value, [
                np.zeros_like(array) if gradient is None else gradient.copy()
                for array, gradient in zip(parameters, gradients, strict=True)
            ]
        finally:
            pool.keep(buffers)

    def __len__(self) -> int:
        return 0 if self._pool is None else len(self._pool.layout.operations)

    def explain(self) -> str:
        """How the gates are computed, and in how many steps; or why the function is run anew."""
        if self._pool is None:
            return repr(self)
        buffers = Buffers(self._pool.layout)
        recording, schedule = self._pool.layout.recording, buffers.schedule
        lines = [f"{repr(self)[1:-1]}, {_counted(len(self.parameters), 'parameter')}"]
        for way, count in schedule.ways.most_common():
            lines.append(f"{count:8} {count / len(self):4.0%} {way}")
        lines.append(f"forward: {_counted(len(schedule.steps), 'step')}")
        for slot in recording.outputs[:1]:
            if slot is None or not recording.parameters:
                continue
            steps = buffers.gradients(slot, tuple(recording.parameters)).steps
            lines.append(f"backward: {_counted(len(steps), 'step')}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        if self._pool is None:
            return f"<tensor program, run anew at each call: {self.fallback}>"
        inputs = len(self._pool.layout.recording.inputs)
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


def _arrays_for(recording: Recording, arguments: Sequence[np.ndarray | Tensor]) -> list[np.ndarray]:
    """The numbers of the arguments, one for each input."""
    if len(arguments) != len(recording.inputs):
        expected = _counted(len(recording.inputs), "argument")
        raise OperandError(f"a traced function of {expected} got {len(arguments)}")
    # NumPy's asarray would look for other protocols first.
    arrays = [one.__array__() if type(one) is Tensor else np.asarray(one) for one in arguments]
    for array, slot in zip(arrays, recording.inputs, strict=True):
        shape = recording.samples[slot].shape
        if array.shape != shape:
            raise ShapeError(
                f"a traced function got an argument of shape {array.shape}, and was recorded with "
                f"shape {shape}; record it anew for another shape"
            )
    return arrays


def _runs_gate_by_gate() -> bool:
    """Whether something in force here wants to see each gate."""
    return bool(OPEN_MODES[0]) and (
        trace_here() is not None or is_detecting_anomalies() or line_to_record() is not None
    )


def _copied(result: Any) -> Any:
    """The numbers of a result: one as a float, more as an array; what is no numbers as it is."""
    if not isinstance(result, Tensor | np.ndarray):
        return result
    array = np.array(result)
    return array if array.ndim else array.item()


def _one_number(array: np.ndarray) -> float:
    if array.size != 1:
        raise ShapeError(
            f"value_and_grad: the result has shape {array.shape}; reduce it with .sum()"
        )
    return float(array.reshape(())[()])


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
