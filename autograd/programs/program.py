"""Program: a function of scalars that was run once, as a flat list of gates that replays it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import OperandError, ShapeError
from ..exact import shortened
from ..named_inputs import in_order
from ..structures import LEAF, Structure
from ..tape.leaves import read_numbers
from ..tape.machine import RUNNER, Batch, Machine, WrongIndex
from ..tape.optimized import Report
from ..tape.tape import NAMES_OF_MANY, Tape
from ..update_rules import Optimizer
from ..value import Value
from .minimization import minimized
from .report import explanation_of
from .source import graph_of, numpy_function_of, source_of

__all__ = ["Argument", "Program"]

Numbers = npt.NDArray[np.float64]


class Argument(NamedTuple):
    """An argument of a traced function."""

    name: str
    structure: Structure


class Program:
    """What a traced function does with numbers, as gates that are run one after the other.

    It is made by ``trace``, at the first call for each structure of arguments. Numbers that the
    arguments have stand for one sample; arrays with one axis more in front for many, which run side
    by side. An argument without that axis is the same for all samples.

    >>> from autograd import Value, trace
    >>> w = Value(3.0)
    >>> @trace
    ... def f(x):
    ...     return w * x * x
    >>> program = f.program(2.0)
    >>> program
    <program f: 2 gates of 1 input and 1 parameter>
    >>> program.run(2.0), program.run([1.0, 2.0, 3.0])
    (12.0, array([ 3., 12., 27.]))
    >>> program.value_and_grad([1.0, 2.0, 3.0], reduce="sum")
    (42.0, array([14.]))
    """

    symbol = "▸"

    def __init__(
        self,
        name: str,
        tape: Tape,
        parameters: Sequence[Value],
        arguments: Sequence[Argument],
        output: Structure,
        report: Report,
        in_order: bool,
        runner: ModuleType = RUNNER,
        sample: Sequence[float] = (),
    ) -> None:
        self.name = name
        self.tape = tape
        self.parameters = list(parameters)
        """The Values that the function captured; their numbers are read at each run."""
        self.arguments = tuple(arguments)
        self.output = output
        self.report = report
        self.in_order = in_order
        """Whether gradients are added in the order of the eager engine, to the last bit."""
        self.sample = list(sample) or [0.0] * tape.input_count
        """The numbers of the inputs with which the function was traced."""
        self.runner = runner
        """The module that runs the tape: compiled code, or NumPy by segments."""
        self._machines: dict[bytes, Machine] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """The number of gates."""
        return len(self.tape)

    def __repr__(self) -> str:
        counts = [
            f"{count} {what}{'' if count == 1 else 's'}"
            for count, what in [
                (len(self), "gate"),
                (self.tape.input_count, "input"),
                (self.tape.parameter_count, "parameter"),
            ]
        ]
        return f"<program {self.name}: {counts[0]} of {counts[1]} and {counts[2]}>"

    @property
    def formula(self) -> str:
        """What stands for the whole program in a drawing."""
        names = ", ".join(argument.name for argument in self.arguments)
        return f"{self.name}({names})"

    @property
    def nbytes(self) -> int:
        """The memory of the tape, of its schedules and of the numbers of one sample, in bytes."""
        schedules = [machine.schedule for machine in self._machines.values()]
        numbers = 16 * sum(schedule.uniform_count for schedule in schedules)
        return self.tape.nbytes + sum(schedule.nbytes for schedule in schedules) + numbers

    def run(self, *inputs: Any, feed: Mapping[str, Any] | None = None) -> Any:
        """What the function returns for these arguments, as floats or arrays.

        Args:
            inputs: the arguments: numbers in the structure that the program was traced for, or with
                an axis of samples in front of each.
            feed: the arguments that are not given by place, by the names that the function has for
                them: ``arguments`` lists these.

        Returns:
            The structure that the function returned, of floats for one sample, or of arrays with
            one number for each.

        Raises:
            OperandError: if an argument is missing, given twice, unknown or of another structure,
                or an index is out of range.
            ShapeError: if an argument has another shape, or two have different numbers of samples.

        >>> from autograd import trace
        >>> trace(lambda x, y: x - y).program(0.0, 0.0).run(feed={"y": 20, "x": 10})
        -10.0
        >>> program = trace(lambda x: [x[0] + x[1], x[0] * x[1]]).program([2.0, 3.0])
        >>> program.run([2.0, 3.0])
        [5.0, 6.0]
        >>> program.run(np.array([[2.0, 3.0], [4.0, 5.0]]))
        [array([5., 9.]), array([ 6., 20.])]
        """
        leaves, samples = self.leaves_of(inputs, feed)
        if samples is None:
            return self._filled(self._run_one(leaves)[0])
        return self._filled(self._run_many(leaves, samples).results.T)

    def value_and_grad(
        self,
        *inputs: Any,
        reduce: str | None = "mean",
        argnums: int | Sequence[int] | None = None,
    ) -> tuple[Any, Any]:
        """The number that the function returns, and its gradient.

        Args:
            inputs: the arguments, as for ``run``.
            reduce: what is done with the numbers of many samples before they are differentiated:
                "mean", "sum", or None for a gradient of each.
            argnums: the argument to differentiate by, or several; None for the parameters.

        Returns:
            The number, reduced or one for each sample, and the gradient: by the parameters an array
            with one element for each; by an argument in its structure, with an axis of samples
            if the argument has one.

        Raises:
            OperandError: as ``run``; and if the function does not return one number.
            ShapeError: as ``run``.

        >>> from autograd import trace
        >>> program = trace(lambda x, y: x * y).program(1.0, 1.0)
        >>> program.value_and_grad([1.0, 2.0], 3.0, reduce=None, argnums=0)
        (array([3., 6.]), array([3., 3.]))
        """
        self.check_scalar()
        if reduce not in ("mean", "sum", None):
            raise OperandError(f"reduce is {reduce!r}; it may be 'mean', 'sum' or None")
        leaves, samples = self.leaves_of(inputs)
        first = self.tape.input_count
        by_parameters = slice(first, self.tape.first_constant)
        if samples is None:
            results, gradients = self._run_one(leaves, np.ones(1))
            assert gradients is not None
            found = gradients[by_parameters] if argnums is None else gradients
            return results[0], found if argnums is None else self._by(argnums, list(found))
        seed = 1.0 / samples if reduce == "mean" else 1.0
        vary = reduce is None and argnums is None
        batch = self._run_many(leaves, samples, np.full((1, 1), seed), parameters_vary=vary)
        assert batch.gradients is not None
        values = batch.results[:, 0]
        value = values if reduce is None else values.mean() if reduce == "mean" else values.sum()
        if argnums is not None:
            return _plain(value), self._by(argnums, self._gradients_of_inputs(batch, leaves))
        if not vary:
            return _plain(value), batch.gradients[by_parameters]
        assert batch.varying_gradients is not None
        own = batch.varying_gradients.shape[1] - self.tape.parameter_count
        return _plain(value), batch.varying_gradients[:, own:].copy()

    def jvp(self, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        """What the function returns, and how it changes when its arguments change so.

        Args:
            primals: the arguments, as for ``run``.
            tangents: the direction, in the structure and shapes of the arguments.

        Raises:
            OperandError: as ``run``; and if the two do not have one structure.
            ShapeError: as ``run``.

        >>> from autograd import trace
        >>> trace(lambda x: x * x).program(3.0).jvp([3.0], [1.0])
        (9.0, 6.0)
        """
        leaves, samples = self.leaves_of(primals)
        directions, others = self.leaves_of(tangents)
        count = samples if samples is not None else others
        if None not in (samples, others) and samples != others:
            raise ShapeError(
                f"{self.name}: the primals are {samples} samples, and the tangents {others}"
            )
        columns: list[Any] = [np.broadcast_to(leaf, (count or 1,)) for leaf in leaves]
        changes = np.empty((count or 1, len(directions)))
        for column, direction in enumerate(directions):
            changes[:, column] = direction
        batch = self._run_many(columns, count or 1, tangents=changes)
        assert batch.tangents is not None
        both = [batch.results.T, batch.tangents.T]
        if count is None:
            both = [each[:, 0] for each in both]
        return self._filled(both[0]), self._filled(both[1])

    def minimize(
        self,
        optimizer: Optimizer,
        steps: int,
        data: Sequence[Any] = (),
        *,
        batch_size: int | None = None,
        callback: Callable[[int, float], object] | None = None,
    ) -> Numbers:
        """Train the parameters, so that the number that the function returns gets smaller.

        The loop runs in compiled code. However it ends, by an interrupt of the keyboard or an
        exception of the callback, the parameters are those after a whole number of steps, and the
        optimizer can go on from there.

        Args:
            optimizer: such as ``adam`` of ``autograd.update_rules``.
            steps: how many.
            data: the arguments, as for ``run``.
            batch_size: over how many samples, one after the other in order, each step takes the
                mean; None for all of them.
            callback: called after each step with its number, from 0 on, and the loss before it.

        Returns:
            The loss before each step, of shape (steps,).

        Raises:
            OperandError: if the function does not return one number, or an index is out of range.
            SettingError: for a setting outside of its range; if there are no parameters.
            ShapeError: as ``run``.

        >>> from autograd import Value, trace
        >>> from autograd.update_rules import sgd
        >>> slope, intercept = Value(0.0), Value(0.0)
        >>> @trace
        ... def squared_error(x, y):
        ...     return (slope * x + intercept - y) ** 2
        >>> hours, marks = [2.0, 4.0, 6.0, 8.0], [81.0, 93.0, 91.0, 97.0]
        >>> program = squared_error.program(0.0, 0.0)
        >>> losses = program.minimize(sgd(lr=0.02), 3000, (hours, marks))
        >>> round(slope.data, 3), round(intercept.data, 3)
        (2.3, 79.0)
        """
        return minimized(self, optimizer, steps, data, batch_size, callback)

    def source(self) -> str:
        """The straight-line Python that the program stands for: a function of its numbers.

        It has an argument for each number of the arguments, and a keyword for each parameter, with
        its present number as the default. A program that was not optimized gives its own results to
        the last bit.

        >>> from autograd import Value, trace
        >>> w = Value(3.0, name="w")
        >>> print(trace(lambda x: (w * x).exp()).program(2.0).source())
        import autograd
        <BLANKLINE>
        <BLANKLINE>
        def program(x, *, w=3.0):
            v0 = w * x
            v1 = autograd.exp(v0)
            return v1
        <BLANKLINE>
        """
        return source_of(self)

    def to_numpy(self) -> Callable[..., Any]:
        """The program as a function that computes with NumPy alone.

        It takes the arguments of ``run`` and returns what that does; the parameters have the
        numbers that they have now.

        >>> from autograd import trace
        >>> f = trace(lambda x: x * x + 1).program(0.0).to_numpy()
        >>> f(2.0), f([1.0, 2.0])
        (5.0, array([2., 5.]))
        """
        return numpy_function_of(self)

    def explain(self) -> str:
        """What became of the gates, and what each kind of them costs, which is measured.

        >>> from autograd import Value, trace
        >>> ws = [Value(1.0), Value(2.0), Value(3.0)]
        >>> f = trace(lambda xs: sum(w * x for w, x in zip(ws, xs)))
        >>> f.program([1.0, 2.0, 3.0]).explain().splitlines()[5].strip()
        '5 rolled up into sums and dot products of any length'
        """
        return explanation_of(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save the program and the present numbers of its parameters; the path is returned.

        The file is an ``.npz`` without pickles, whose format ``autograd.program_file`` documents;
        ``load_program`` reads it.

        Raises:
            OperandError: if a dict among the arguments has keys that are no texts or integers.
            FormatError: if the suffix is neither ``.npz`` nor ``.safetensors``.
            OSError: if the file cannot be written.
        """
        from .file_format import save_program

        return save_program(self, path)

    def graph(self) -> list[Any]:
        """The results as a graph of Values, at the numbers that the function was traced with.

        It can be differentiated and drawn: ``viz.draw`` of a program draws it.
        """
        return graph_of(self)

    def check_scalar(self) -> None:
        """Raise if the function does not return one number.

        Raises:
            OperandError: if it does not.
        """
        if self.output is not LEAF:
            raise OperandError(
                f"{self.name} returns {self.output.description}, and a gradient is that of one "
                "number: return the part to differentiate"
            )

    @property
    def single(self) -> Machine:
        """What runs the tape for one sample."""
        return self._machines.get(b"") or self._made(b"", np.zeros(self.tape.leaf_count, bool))

    def batched(self, leaves: Sequence[Any]) -> Machine:
        """What runs the tape for many samples of these inputs: those that are arrays vary."""
        return self._machine_for(leaves, False)

    def forward(self, inputs: Any) -> tuple[Machine, Numbers]:
        """Compute one sample from the numbers of the inputs; where all numbers lie then.

        Raises:
            OperandError: if an index is out of range.
        """
        machine = self.single
        values = machine.values(self.tape.constants)
        count = self.tape.input_count
        values[:count] = inputs
        read_numbers(self.parameters, values, count)
        try:
            machine.forward(values)
        except WrongIndex as wrong:
            raise self.index_error(wrong, values[machine.schedule.slots ^ -1]) from None
        return machine, values

    def backward(self, machine: Machine, values: Numbers, seeds: Any) -> Numbers:
        """From the gradients of the outputs those of the inputs and the parameters."""
        gradients = np.zeros_like(values)
        np.add.at(gradients, machine.output_slots, seeds)
        machine.backward(values, gradients)
        return gradients[: self.tape.first_constant]

    def _run_one(
        self, leaves: Sequence[Any], seeds: Any = None
    ) -> tuple[list[float], Numbers | None]:
        machine, values = self.forward(leaves)
        results = values[machine.output_slots].tolist()
        gradients = None if seeds is None else self.backward(machine, values, seeds)
        machine.give_back(values)
        return results, gradients

    def _run_many(
        self,
        leaves: Sequence[Any],
        samples: int,
        seeds: Numbers | None = None,
        parameters_vary: bool = False,
        tangents: Numbers | None = None,
    ) -> Batch:
        tape = self.tape
        machine = self._machine_for(leaves, parameters_vary)
        values = machine.values(tape.constants)
        shared = [leaf for leaf in leaves if type(leaf) is float]
        values[: len(shared)] = shared
        columns = np.empty((samples, len(machine.varying_leaves)))
        column = 0
        for leaf in leaves:
            if type(leaf) is not float:
                columns[:, column] = leaf
                column += 1
        if parameters_vary:
            own = np.empty(tape.parameter_count)
            read_numbers(self.parameters, own, 0)
            columns[:, column:] = own
        else:
            read_numbers(self.parameters, values, len(shared))
        try:
            machine.forward(values)
            batch = machine.run(values, columns, seeds, tangents)
        except WrongIndex as wrong:
            raise self.index_error(wrong, None) from None
        machine.give_back(values)
        return batch

    def _machine_for(self, leaves: Sequence[Any], parameters_vary: bool) -> Machine:
        """What runs the tape where these inputs vary: those that are arrays, not floats."""
        marks = [type(leaf) is not float for leaf in leaves]
        key = bytes((*marks, parameters_vary))
        machine = self._machines.get(key)
        if machine is None:
            varying = np.zeros(self.tape.leaf_count, bool)
            varying[: self.tape.input_count] = marks
            varying[self.tape.input_count : self.tape.first_constant] = parameters_vary
            machine = self._made(key, varying)
        return machine

    def _made(self, key: bytes, varying: npt.NDArray[np.bool_]) -> Machine:
        with self._lock:
            if key not in self._machines:
                self._machines[key] = Machine(self.tape, varying, self.in_order, self.runner)
            return self._machines[key]

    def _gradients_of_inputs(self, batch: Batch, leaves: Sequence[Any]) -> list[Any]:
        """The gradient of each input, an array for those that vary."""
        assert batch.gradients is not None
        assert batch.varying_gradients is not None
        found: list[Any] = list(batch.gradients[: self.tape.input_count])
        varying = [place for place, leaf in enumerate(leaves) if type(leaf) is not float]
        for column, place in enumerate(varying):
            found[place] = batch.varying_gradients[:, column]
        return found

    def _by(self, argnums: int | Sequence[int], gradients: Sequence[Any]) -> Any:
        """Gradients of the leaves of the inputs in the structures of some arguments."""
        ends = np.cumsum([0, *(len(a.structure.paths("")) for a in self.arguments)]).tolist()
        spans = list(pairwise(ends))
        wanted = [argnums] if isinstance(argnums, int) else list(argnums)
        found = []
        for argnum in wanted:
            if not 0 <= argnum < len(self.arguments):
                raise OperandError(
                    f"argnums: {self.name} has {len(self.arguments)} arguments, and none at "
                    f"place {argnum}"
                )
            argument, (begin, end) = self.arguments[argnum], spans[argnum]
            own = gradients[begin:end]
            found.append(_as_given(argument.structure, own))
        return found[0] if isinstance(argnums, int) else tuple(found)

    def _filled(self, columns: Iterable[Any]) -> Any:
        return self.output.unflatten(map(_plain, columns))

    def leaves_of(
        self, inputs: Sequence[Any], feed: Mapping[str, Any] | None = None
    ) -> tuple[list[Any], int | None]:
        """For each input a number, or an array of one for each sample; and how many there are."""
        if feed is not None or len(inputs) != len(self.arguments):
            names = [argument.name for argument in self.arguments]
            inputs = in_order(self.name, names, inputs, feed)
        leaves: list[Any] = []
        for given, argument in zip(inputs, self.arguments, strict=True):
            leaves += _leaves_like(given, argument.structure, argument.name)
        counts = {len(leaf) for leaf in leaves if type(leaf) is not float}
        if len(counts) > 1:
            raise ShapeError(
                f"{self.name}: arguments have {' and '.join(map(str, sorted(counts)))} samples; "
                "all must have as many"
            )
        return leaves, counts.pop() if counts else None

    def index_error(self, wrong: WrongIndex, numbers: Numbers | None) -> OperandError:
        """The error of an index that is out of range, at a gate of the tape."""
        gate = wrong.place - self.tape.leaf_count
        operands = self.tape.operands(gate)
        index = "" if numbers is None else f" {numbers[operands[0]]:g}"
        name = NAMES_OF_MANY[int(self.tape.codes[gate])]
        return OperandError(
            f"{name}: an index{index} of {self.name} is not one of the integers 0 to "
            f"{len(operands) - 2}"
        )


def _leaves_like(given: Any, structure: Structure, name: str) -> list[Any]:
    """The numbers of an argument, or the arrays of samples, in the order of its leaves."""
    shape = structure.shape
    if shape is not None:
        array = _numbers(given, name)
        if array.shape == shape:
            return array.ravel().tolist()
        if array.ndim and array.shape[1:] == shape:
            return list(array.reshape(len(array), -1).T)
        raise ShapeError(
            f"{name} has shape {array.shape}; it was traced with shape {shape}, and may have one "
            "axis of samples in front"
        )
    if not isinstance(given, (dict, list, tuple)) or len(given) != len(structure.children):
        raise OperandError(f"{name} must be {structure.description}, as it was traced")
    leaves: list[Any] = []
    for key, step, child in zip(structure.keys, structure.steps, structure.children, strict=True):
        try:
            item = given[key]
        except (KeyError, IndexError):
            raise OperandError(
                f"{name} must be {structure.description}, as it was traced"
            ) from None
        leaves += _leaves_like(item, child, name + step)
    return leaves


def _as_given(structure: Structure, leaves: Sequence[Any]) -> Any:
    """What belongs to the leaves of an argument: an array where that is one, with its samples."""
    shape = structure.shape
    if shape is None:
        ends = np.cumsum([len(child.paths("")) for child in structure.children]).tolist()
        spans = pairwise([0, *ends])
        return structure.rebuild(
            [
                _as_given(child, leaves[begin:end])
                for child, (begin, end) in zip(structure.children, spans, strict=True)
            ]
        )
    if not leaves or len(shape) == 0:
        return structure.unflatten(map(_plain, leaves))
    stacked = np.stack(np.broadcast_arrays(*leaves), axis=-1)
    return stacked.reshape(stacked.shape[:-1] + shape)


def _numbers(given: Any, name: str) -> Numbers:
    if isinstance(given, Value):
        given = given.data
    try:
        return np.asarray(given, np.float64)
    except (TypeError, ValueError, OperandError):
        raise OperandError(
            f"{name} is {shortened(given)}: it must be numbers in the shape that was traced"
        ) from None


def _plain(number: Any) -> Any:
    """A number as a float; an array as it is."""
    return number if np.ndim(number) else float(number)
