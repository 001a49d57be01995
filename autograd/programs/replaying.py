"""A call of a program: its results as nodes, which are differentiated when a pass comes to them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..tape.machine import Machine
from ..traced_arguments import number_of
from ..value import Value, node_of_program
from .program import Program

__all__ = ["replayed"]


def replayed(program: Program, leaves: Sequence[Any]) -> Any:
    """What the program gives for these leaves of its arguments, as nodes.

    Their gradients are computed when a pass comes to them, from the numbers of this run.
    """
    places = [place for place, leaf in enumerate(leaves) if type(leaf) is Value]
    numbers = [leaf if type(leaf) is float else number_of(leaf) for leaf in leaves]
    machine, values = program.forward(numbers)
    run = _Run(program, machine, values, places)
    operands = (*[leaves[place] for place in places], *program.parameters)
    results = values[machine.output_slots].tolist()
    nodes = [
        node_of_program(program, operands, result, functools.partial(run.derivatives, i))
        for i, result in enumerate(results)
    ]
    return program.output.unflatten(nodes)


class _Run:
    """One run of a program, whose results are still to be differentiated."""

    __slots__ = ("_machine", "_places", "_program", "_values")

    def __init__(
        self, program: Program, machine: Machine, values: npt.NDArray[np.float64], places: list[int]
    ) -> None:
        self._program = program
        self._machine = machine
        self._values = values
        self._places = places

    def derivatives(self, output: int) -> tuple[float, ...]:
        """The derivatives of an output by the Values among the arguments, and the parameters."""
        seeds = np.zeros(len(self._machine.output_slots))
        seeds[output] = 1.0
        gradients = self._program.backward(self._machine, self._values, seeds)
        found = gradients[self._program.tape.input_count :].tolist()
        return (*gradients[self._places].tolist(), *found) if self._places else tuple(found)

    def __del__(self) -> None:
        self._machine.give_back(self._values)
