"""ScalarProgram: a computation on scalars that is data, so that it can be drawn at random."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import OperandError
from ..gate import Gate

__all__ = ["ScalarProgram"]


@dataclass(frozen=True, repr=False)
class ScalarProgram:
    """Gates applied in turn, each to inputs, constants or earlier results by their places.

    The places are counted from 0: the inputs first, then the constants, then the results of the
    steps. A program is a function of its inputs, of floats, Values, or whatever gates take.

    Args:
        inputs: the numbers at which the program is to be looked at.
        constants: plain numbers, which get no gradient.
        steps: for each gate the places of its operands, all of them before its own.

    >>> from autograd import Value, exp, mul
    >>> program = ScalarProgram(inputs=(0.5,), constants=(3.0,), steps=((mul, (0, 1)), (exp, (2,))))
    >>> program
    import autograd
    from autograd import Value
    <BLANKLINE>
    x0 = Value(0.5)
    v0 = autograd.mul(x0, 3.0)
    out = autograd.exp(v0)
    >>> program(0.0), program(Value(0.0))
    (1.0, Value(data=1.0, grad=0.0))
    """

    inputs: tuple[float, ...]
    constants: tuple[float, ...]
    steps: tuple[tuple[Gate, tuple[int, ...]], ...]

    def __call__(self, *leaves: Any) -> Any:
        """The result of the program at ``leaves``; as ``run``."""
        return self.run(leaves)

    def run(self, leaves: Sequence[Any], apply: Callable[..., Any] | None = None) -> Any:
        """The last result; without steps the last constant or input.

        Args:
            leaves: one number, node or array for each input.
            apply: called as ``apply(gate, *operands)`` for each step; by default the gate itself,
                which the engine of its operands then computes.

        Raises:
            OperandError: if there are not as many leaves as inputs.

        >>> from autograd import add
        >>> ScalarProgram((1.0, 2.0), (), ((add, (0, 1)),)).run(
        ...     ["a", "b"], lambda gate, x, y: f"{x} {gate.symbol} {y}"
        ... )
        'a + b'
        """
        if len(leaves) != len(self.inputs):
            raise OperandError(f"the program takes {len(self.inputs)} inputs, got {len(leaves)}")
        places = [*leaves, *self.constants]
        for gate, operands in self.steps:
            numbers = [places[place] for place in operands]
            places.append(gate(*numbers) if apply is None else apply(gate, *numbers))
        return places[-1]

    def pruned(self) -> ScalarProgram:
        """The program without the constants and the steps that its result does not depend on.

        >>> from autograd import exp, sin
        >>> ScalarProgram((0.5,), (1.0,), ((sin, (1,)), (exp, (0,)))).pruned().steps
        ((<gate exp: exp(x)>, (0,)),)
        """
        first_constant = len(self.inputs)
        first_step = first_constant + len(self.constants)
        needed = {*range(first_constant), first_step + len(self.steps) - 1}
        for place in reversed(range(len(self.steps))):
            if first_step + place in needed:
                needed.update(self.steps[place][1])
        moved = {old: new for new, old in enumerate(sorted(needed))}
        return ScalarProgram(
            self.inputs,
            tuple(c for i, c in enumerate(self.constants, first_constant) if i in needed),
            tuple(
                (gate, tuple(moved[operand] for operand in operands))
                for i, (gate, operands) in enumerate(self.steps, first_step)
                if i in needed
            ),
        )

    @property
    def source(self) -> str:
        """Python source that computes the result, ``out``, from Values; it can be pasted and run.

        Every float reads back as the same float; gates go by their names in ``autograd``.
        """
        names = [f"x{i}" for i in range(len(self.inputs))] + list(map(_literal, self.constants))
        lines = ["import autograd", "from autograd import Value", ""]
        lines += [f"x{i} = Value({_literal(number)})" for i, number in enumerate(self.inputs)]
        for i, (gate, operands) in enumerate(self.steps, 1):
            call = f"autograd.{gate.name}({', '.join(names[place] for place in operands)})"
            names.append("out" if i == len(self.steps) else f"v{i - 1}")
            lines.append(f"{names[-1]} = {call}")
        if not self.steps:
            lines.append(f"out = {names[-1]}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.source

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # What prints an example of a property puts its name before it, on the same line.
        printer.text("\n" + self.source + "\n")


def _literal(number: float) -> str:
    return repr(number) if math.isfinite(number) else f'float("{number}")'
