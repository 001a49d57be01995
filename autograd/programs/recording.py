"""From a call of a traced function to its program: of scalars, or of Tensors."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..captured import Captured
from ..errors import TraceWarning
from ..modes import enable_grad, is_recording, tracing
from ..named_inputs import ArrayArgument
from ..recording import running_on
from ..structures import Structure, flatten
from ..tape.optimized import optimized
from ..tape.recorded import recorded
from ..tensor import Tensor
from ..tensor_programs import TensorProgram, record_tensors
from ..traced_arguments import Call, is_variable, number_of, with_opened_arrays
from ..value import Value
from .program import Argument, Program

__all__ = ["OnTensors", "scalar_program", "tensor_program"]


def scalar_program(
    f: Callable[..., Any], name: str, call: Call, captured: Captured, optimize: bool
) -> Program:
    """Run a function on fresh Values, and make a program of what it did.

    Args:
        f: the function.
        name: what messages call it.
        call: its arguments.
        captured: what it captures, as it was before.
        optimize: whether gates are merged, put in another order and rolled up.

    Raises:
        TraceError: if it does what would be frozen into the program.
        OperandError: if an argument or a result is no numbers.
    """
    inputs: list[Value] = []
    arguments: list[Argument] = []
    passed: list[Any] = []
    for argument_name, argument in call.given:
        if call.is_static(argument_name, argument):
            passed.append(argument)
            continue
        leaves, structure = flatten(with_opened_arrays(argument), f"{name}: {argument_name}")
        own = [Value(number_of(leaf)) for leaf in leaves]
        passed.append(structure.unflatten(own))
        arguments.append(Argument(argument_name, structure))
        inputs += own
    trace = tracing()
    with _recorded_on(Value), trace:
        result = call.apply(f, passed)
    outputs, output = flatten(with_opened_arrays(result), f"the result of {name}")
    _warn_of_changes(captured)
    tape, parameters, numbers, data = recorded(trace.nodes, inputs, outputs)
    tape, places, report = optimized(tape, numbers, data, optimize)
    kept = [parameters[place] for place in places]
    return Program(
        name,
        tape,
        kept,
        arguments,
        output,
        report,
        in_order=not optimize,
        sample=[value.data for value in inputs],
    )


class OnTensors:
    """A function of Tensors at arguments of one structure, and its program."""

    def __init__(self, f: Callable[..., Any], name: str, call: Call) -> None:
        self._f = f
        self._name = name
        self._call = call
        self._arguments = [
            ([argument], None)
            if call.is_static(argument_name, argument)
            else flatten(argument, f"{name}: {argument_name}")
            for argument_name, argument in call.given
        ]
        self._output: Structure | None = None
        arguments = [
            ArrayArgument(argument_name, structure, leaves)
            for (argument_name, _), (leaves, structure) in zip(
                call.given, self._arguments, strict=True
            )
            if structure is not None and any(map(is_variable, leaves))
        ]
        variables = [leaf for one in arguments for leaf in one.leaves if is_variable(leaf)]
        self.program: TensorProgram = record_tensors(
            self._run, list(map(np.asarray, variables)), name, arguments, self._filled
        )

    def __call__(self, variables: list[Any]) -> Any:
        """What the function returns for these arrays and Tensors in the places of its variables."""
        return self._filled(self.program(variables))

    def _filled(self, results: list[Any]) -> Any:
        assert self._output is not None
        return self._output.unflatten(results)

    def _run(self, tensors: list[Tensor]) -> list[Any]:
        """The leaves of the result of the function itself, on these Tensors for its variables."""
        remaining = iter(tensors)
        passed = []
        for leaves, structure in self._arguments:
            filled = [
                next(remaining) if structure is not None and is_variable(leaf) else leaf
                for leaf in leaves
            ]
            passed.append(filled[0] if structure is None else structure.unflatten(filled))
        with _recorded_on(Tensor):
            result = self._call.apply(self._f, passed)
        outputs, self._output = flatten(result, f"the result of {self._name}")
        return outputs


def tensor_program(f: Callable[..., Any], name: str, call: Call, captured: Captured) -> OnTensors:
    """Run a function on fresh Tensors, and record what it did.

    Raises:
        TraceError: if it reads the numbers of a Tensor.
        OperandError: if an argument or a result is no numbers.
    """
    found = OnTensors(f, name, call)
    # What is run anew at each call does all that it does.
    _warn_of_changes(captured, silent=found.program.fallback is not None)
    return found


@contextmanager
def _recorded_on(kind: type) -> Iterator[None]:
    """A block in which a function runs on nodes of this kind, with a graph."""
    with running_on(kind):
        if is_recording():
            yield  # to open a block would cost a look at each node
        else:
            with enable_grad():
                yield


def _warn_of_changes(captured: Captured, silent: bool = False) -> None:
    texts = captured.changed_within()
    for text in () if silent else texts:
        warnings.warn(text, TraceWarning, stacklevel=5)
