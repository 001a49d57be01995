"""Training by a program: run, differentiate, update, again and again, in compiled code."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import OperandError, SettingError
from ..tape.leaves import read_numbers, write_numbers
from ..tape.machine import Machine, WrongIndex
from ..tape.tape import Tape
from ..update_rules import RULES, Optimizer
from ..value import Value

if TYPE_CHECKING:
    from .program import Program

__all__ = ["minimized", "minimized_over_samples"]

Numbers = npt.NDArray[np.float64]
Callback = Callable[[int, float], object]
Run = Callable[[int, Numbers, Numbers], None]

# So long, in seconds, the compiled loop runs before it looks whether it was interrupted.
_LONGEST_RUN = 0.05
_MOST_STEPS = 4096


class _Table:
    """The parameters and their states while they are trained: a row each, a column a parameter.

    They are written back where it ends, however it ends: after a whole number of steps.
    """

    def __init__(self, optimizer: Optimizer, parameters: Sequence[Value]) -> None:
        if not parameters:
            raise SettingError(
                "minimize: the function captures no Values, so there is nothing to be trained"
            )
        self._optimizer = optimizer
        self._parameters = list(parameters)
        self._columns = optimizer.columns_of(parameters)
        self.made = optimizer.made
        self.rule = RULES.index(optimizer.rule)
        self.rows = np.empty((1 + len(optimizer.states), len(parameters)))

    def __enter__(self) -> _Table:
        read_numbers(self._parameters, self.rows[0], 0)
        self.rows[1:] = self._optimizer.states[:, self._columns]
        return self

    def __exit__(self, *exception: object) -> None:
        write_numbers(self._parameters, self.rows[0])
        self._optimizer.states[:, self._columns] = self.rows[1:]

    def settings(self, steps: int) -> Numbers:
        """The settings of the next steps, a row each."""
        first = self._optimizer.steps
        found = [self._optimizer.settings_at(step) for step in range(first, first + steps)]
        return np.array(found, np.float64)

    def update(self, gradients: Numbers) -> None:
        """Make one step by these gradients."""
        settings = self._optimizer.settings_at(self._optimizer.steps)
        # One assignment: no interrupt can come between a parameter and its states.
        self.rows[:] = self._optimizer.rule.step(self.rows[0], gradients, self.rows[1:], settings)
        self.made += 1


def minimized(
    program: Program,
    optimizer: Optimizer,
    steps: int,
    data: Sequence[Any],
    batch_size: int | None,
    callback: Callback | None,
) -> Numbers:
    """The loss at each step of a training of one program; see ``Program.minimize``."""
    _check(program, steps, batch_size)
    leaves, samples = program.leaves_of(data)
    losses = np.empty(steps)
    with _Table(optimizer, program.parameters) as table:
        if samples is None or batch_size == 1:
            columns = [np.broadcast_to(leaf, (samples or 1,)) for leaf in leaves]
            inputs = np.stack(columns, axis=1) if columns else np.empty((1, 0))
            run = _one_by_one(program, table, np.ascontiguousarray(inputs))
        else:
            run = _by_batches(program, table, leaves, samples, min(batch_size or samples, samples))
        _train(program, table, losses, callback, run)
    return losses


def _train(
    program: Program,
    table: _Table,
    losses: Numbers,
    callback: Callback | None,
    run: Callable[[int, Numbers, Numbers], None],
) -> None:
    """Fill the losses in by runs of the compiled loop, so long that it can be interrupted soon.

    ``run`` makes steps: it gets how many were made before, their settings, and the losses to be
    filled in.
    """
    done, count = 0, 1
    while done < len(losses):
        count = 1 if callback else min(count, len(losses) - done)
        settings = table.settings(count)
        start = time.perf_counter()
        try:
            run(done, settings, losses[done : done + count])
        except WrongIndex as wrong:
            raise program.index_error(wrong, None) from None
        seconds = (time.perf_counter() - start) / count
        done += count
        if callback:
            callback(done - 1, float(losses[done - 1]))
        count = max(1, min(_MOST_STEPS, int(_LONGEST_RUN / max(seconds, 1e-9))))


def _one_by_one(program: Program, table: _Table, inputs: Numbers) -> Run:
    """Steps by one sample after the other."""
    machine = program.single
    values = machine.values(program.tape.constants)
    gradients = np.empty_like(values)

    def run(done: int, settings: Numbers, losses: Numbers) -> None:
        machine.train(
            values, gradients, inputs, done, table.rows, table.rule, settings, losses, table.made
        )

    return run


def _by_batches(
    program: Program, table: _Table, leaves: Sequence[Any], samples: int, size: int
) -> Run:
    """Steps by batches, whose samples run side by side."""
    machine = program.batched(leaves)
    inputs = np.stack([leaf for leaf in leaves if type(leaf) is not float], axis=1)
    if size < samples:
        # A batch that reaches beyond the last sample goes on with the first ones.
        inputs = np.concatenate([inputs, inputs[: size - 1]])
    shared = [leaf for leaf in leaves if type(leaf) is float]
    values = machine.values(program.tape.constants)
    values[: len(shared)] = shared
    gradients = np.empty_like(values)

    def run(done: int, settings: Numbers, losses: Numbers) -> None:
        first = done * size % samples
        machine.train_batches(
            values,
            gradients,
            inputs,
            samples,
            size,
            first,
            table.rows,
            table.rule,
            settings,
            losses,
            table.made,
        )

    return run


def minimized_over_samples(
    samples: Sequence[tuple[Program, Sequence[float]]],
    optimizer: Optimizer,
    steps: int,
    batch_size: int,
    callback: Callback | None,
) -> Numbers:
    """The loss at each step of a training by samples of several structures, one after the other.

    Args:
        samples: for each the program, and the numbers of its inputs.
        optimizer: the update rule.
        steps: how many steps.
        batch_size: over how many samples each takes the mean; after the last comes the first.
        callback: called with the number of each step and its loss.
    """
    if not samples:
        raise OperandError("minimize: there are no samples")
    programs = {id(program): program for program, _ in samples}
    for program in programs.values():
        _check(program, steps, batch_size)
    parameters = list(dict.fromkeys(p for each in programs.values() for p in each.parameters))
    columns = {parameter: column for column, parameter in enumerate(parameters)}
    trained = {
        key: _Trained(each.tape, each.single, [columns[p] for p in each.parameters])
        for key, each in programs.items()
    }
    losses = np.empty(steps)
    gradients = np.empty(len(parameters))
    with _Table(optimizer, parameters) as table:
        for step in range(steps):
            gradients.fill(0.0)
            losses[step] = 0.0
            for place in range(step * batch_size, (step + 1) * batch_size):
                program, numbers = samples[place % len(samples)]
                one = trained[id(program)]
                try:
                    losses[step] += one.differentiate(numbers, table.rows[0], gradients)
                except WrongIndex as wrong:
                    raise program.index_error(wrong, None) from None
            losses[step] /= batch_size
            table.update(gradients / batch_size)
            if callback:
                callback(step, float(losses[step]))
    return losses


class _Trained:
    """A program with the arrays that it is run on during a training."""

    def __init__(self, tape: Tape, machine: Machine, columns: Sequence[int]) -> None:
        self._machine = machine
        self._values = machine.values(tape.constants)
        self._gradients = np.empty_like(self._values)
        self._columns = np.array(columns, np.intp)
        self._count = tape.input_count
        self._parameters = slice(tape.input_count, tape.first_constant)

    def differentiate(
        self, numbers: Sequence[float], parameters: Numbers, gradients: Numbers
    ) -> float:
        """The loss of a sample; the gradient by each parameter is added to its column."""
        values = self._values
        values[: self._count] = numbers
        values[self._parameters] = parameters[self._columns]
        self._machine.forward(values)
        self._gradients.fill(0.0)
        self._gradients[self._machine.output_slots] = 1.0
        self._machine.backward(values, self._gradients)
        gradients[self._columns] += self._gradients[self._parameters]
        return float(values[self._machine.output_slots[0]])


def _check(program: Program, steps: int, batch_size: int | None) -> None:
    program.check_scalar()
    if steps < 0:
        raise SettingError(f"minimize: steps is {steps}; it must be 0 or more")
    if batch_size is not None and batch_size < 1:
        raise SettingError(f"minimize: batch_size is {batch_size}; it must be at least 1")
