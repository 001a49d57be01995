"""A scheduled tape with what runs it: C code where the engine is compiled, else NumPy."""

from __future__ import annotations

from collections import deque
from types import ModuleType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..value import COMPILED
from . import numpy_machine
from .fingerprint import tape_fingerprint
from .schedule import scheduled
from .tape import Tape

__all__ = ["RUNNER", "Batch", "Machine", "WrongIndex"]

Numbers = npt.NDArray[np.float64]


def _native_machine() -> ModuleType:
    try:
        from . import native_machine
    except ImportError:  # a compiler that knows no vectors built the rest alone
        return numpy_machine
    if tape_fingerprint() != native_machine.FINGERPRINT:
        raise ImportError(
            "the compiled engine was built from other gates or update rules; install again"
        )
    return native_machine


RUNNER = _native_machine() if COMPILED else numpy_machine
"""What runs programs, where nothing else is asked for."""


class WrongIndex(Exception):
    """An index is none of those that a gate of ``take`` has: the gate's place in the tape."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


class Batch(NamedTuple):
    """What came of many samples; arrays have a row for each."""

    results: Numbers
    """Of each output."""
    gradients: Numbers | None = None
    """Of each leaf that does not vary, summed over the samples; zero for the others."""
    varying_gradients: Numbers | None = None
    """Of each leaf that varies."""
    tangents: Numbers | None = None
    """Of each output."""


class Machine:
    """A tape, scheduled for leaves of which some vary from sample to sample.

    Args:
        tape: the tape.
        varying: for each leaf whether it varies.
        in_order: whether gradients are added in the order of the scalar engine, to the last bit.
        runner: the module that runs it: ``native_machine`` or ``numpy_machine``.
    """

    def __init__(
        self,
        tape: Tape,
        varying: npt.NDArray[np.bool_],
        in_order: bool,
        runner: ModuleType = RUNNER,
    ) -> None:
        self._runner = runner
        self.schedule = scheduled(tape, varying, in_order, independent=runner is numpy_machine)
        self.uniform_leaves = np.flatnonzero(~varying)
        self.varying_leaves = self.schedule.varying_leaves
        self._leaf_count = tape.leaf_count
        self._first_constant = tape.first_constant
        self._uniform = runner.Plan(self.schedule.uniform)
        self._varying = runner.Plan(self.schedule.varying)
        self._outputs = self.schedule.slots[tape.outputs]
        # Without samples of their own all outputs are uniform.
        self.output_slots = np.where(self._outputs < 0, ~self._outputs, self._outputs)
        self._free: deque[Numbers] = deque(maxlen=8)

    def values(self, constants: Numbers) -> Numbers:
        """An array for what is uniform, with the constants in it, that no one else uses."""
        try:
            return self._free.pop()
        except IndexError:
            values = np.empty(self.schedule.uniform_count)
            values[len(self.uniform_leaves) - len(constants) : len(self.uniform_leaves)] = constants
            return values

    def give_back(self, values: Numbers) -> None:
        """Let an array from ``values`` be used again."""
        self._free.append(values)

    def forward(self, values: Numbers) -> None:
        """Compute what is uniform from the leaves, which lie in front.

        Raises:
            WrongIndex: if an index is out of range.
        """
        self._check(self._uniform.forward(values))

    def backward(self, values: Numbers, gradients: Numbers) -> None:
        """Carry the gradients of what is uniform back."""
        self._uniform.backward(values, gradients)

    def train(
        self,
        values: Numbers,
        gradients: Numbers,
        inputs: Numbers,
        first: int,
        rows: Numbers,
        rule: int,
        settings: Numbers,
        losses: Numbers,
        made: npt.NDArray[np.int64],
    ) -> None:
        """Make as many steps of an update rule as there are losses, which are filled in.

        Args:
            values: where one sample is computed.
            gradients: as many numbers.
            inputs: for each sample its inputs.
            first: the sample of the first step.
            rows: the parameters, and their states, which change.
            rule: the place of the rule among ``RULES``.
            settings: those of each step.
            losses: the number of them is that of the steps.
            made: counts the steps that were made, whatever ends them.

        Raises:
            WrongIndex: if an index is out of range; what was done before stays.
        """
        output = int(self.output_slots[0])
        wrong = self._uniform.train(
            values, gradients, inputs, first, rows, rule, settings, output, losses, made
        )
        self._check(wrong)

    def train_batches(
        self,
        values: Numbers,
        gradients: Numbers,
        inputs: Numbers,
        samples: int,
        size: int,
        first: int,
        rows: Numbers,
        rule: int,
        settings: Numbers,
        losses: Numbers,
        made: npt.NDArray[np.int64],
    ) -> None:
        """The same by batches, of which each step takes the mean.

        Args:
            values: where what is uniform is computed; its inputs are set.
            gradients: as many numbers.
            inputs: for each sample the leaves that vary, and again those of the first samples.
            samples: how many there are.
            size: how many of them, one after the other, are a batch.
            first: the sample with which the first batch begins.
            rows: the parameters, and their states, which change.
            rule: the place of the rule among ``RULES``.
            settings: those of each step.
            losses: the number of them is that of the steps.
            made: counts the steps that were made, whatever ends them.

        Raises:
            WrongIndex: if an index is out of range; what was done before stays.
        """
        constants = self._leaf_count - self._first_constant
        wrong = self._runner.train_batches(
            self._uniform,
            self._varying,
            self.schedule.varying_count,
            values,
            gradients,
            self.schedule.wanted,
            inputs,
            samples,
            size,
            self._outputs,
            first,
            len(self.uniform_leaves) - constants - rows.shape[1],
            rows,
            rule,
            settings,
            losses,
            made,
        )
        if wrong != -1:
            self._check(wrong if wrong >= 0 else ~wrong, varying=wrong >= 0)

    def run(
        self,
        values: Numbers,
        inputs: Numbers,
        seeds: Numbers | None = None,
        tangents: Numbers | None = None,
    ) -> Batch:
        """Compute many samples.

        Args:
            values: what is uniform, computed.
            inputs: for each sample the leaves that vary.
            seeds: for each sample, or for all, the gradient of each output.
            tangents: for each sample those of the leaves that vary; the others have none.

        Raises:
            WrongIndex: if an index is out of range.
        """
        samples = len(inputs)
        results = np.empty((samples, len(self._outputs)))
        uniform_gradients = varying_gradients = result_tangents = None
        if seeds is not None:
            uniform_gradients = np.zeros_like(values)
            varying_gradients = np.empty_like(inputs)
        if tangents is not None:
            result_tangents = np.zeros_like(results)  # where nothing varies
        wrong = self._runner.run_batch(
            self._varying,
            self.schedule.varying_count,
            values,
            self.schedule.wanted,
            inputs,
            self._outputs,
            results,
            seeds,
            uniform_gradients,
            varying_gradients,
            tangents,
            result_tangents,
        )
        self._check(wrong, varying=True)
        gradients = None
        if uniform_gradients is not None:
            self.backward(values, uniform_gradients)
            gradients = np.zeros(self._leaf_count)
            count = len(self.uniform_leaves)
            gradients[self.uniform_leaves] = uniform_gradients[:count]
        return Batch(results, gradients, varying_gradients, result_tangents)

    def _check(self, wrong: int, varying: bool = False) -> None:
        if wrong >= 0:
            slot = wrong if varying else ~wrong
            raise WrongIndex(int(np.flatnonzero(self.schedule.slots == slot)[0]))
