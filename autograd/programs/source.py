"""A program in other forms: as the Python that it stands for, as a NumPy function, as a graph."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import gates
from ..gate import TABLE
from ..lookup import take
from ..reductions import dot, mean, sum
from ..structures import Structure
from ..tape.tape import DOT, MEAN, NAMES_OF_MANY, SUM, TAKE
from ..value import Value
from .naming import identifiers, leaf_names

if TYPE_CHECKING:
    from .program import Program

__all__ = ["graph_of", "numpy_function_of", "source_of"]

_INFIX = {gates.add.code: "+", gates.sub.code: "-", gates.mul.code: "*"}


def source_of(program: Program) -> str:
    """The straight-line Python that the program stands for: a line for each gate."""
    tape = program.tape
    names = identifiers(program)
    terms = [*names, *map(_number_text, tape.constants.tolist())]
    lines = []
    for gate, code in enumerate(tape.codes.tolist()):
        operands = [terms[place] for place in tape.operands(gate)]
        terms.append(f"v{gate}")
        lines.append(f"    v{gate} = {_gate_text(code, operands)}")
    inputs, parameters = names[: tape.input_count], names[tape.input_count :]
    numbers = [_number_text(value.data) for value in program.parameters]
    defaults = [f"{name}={text}" for name, text in zip(parameters, numbers, strict=True)]
    signature = ", ".join([*inputs, *(["*", *defaults] if defaults else [])])
    returned = _text_of(program.output, [terms[place] for place in tape.outputs.tolist()])
    function = program.name if program.name.isidentifier() else "program"
    return "\n".join(
        [
            "import autograd",
            "",
            "",
            f"def {function}({signature}):",
            *lines,
            f"    return {returned}",
            "",
        ]
    )


def _gate_text(code: int, operands: Sequence[str]) -> str:
    if code in _INFIX:
        return f"{operands[0]} {_INFIX[code]} {operands[1]}"
    if code == gates.neg.code:
        return f"-{operands[0]}"
    if code == TAKE:
        return f"autograd.take([{', '.join(operands[1:])}], {operands[0]})"
    if code == DOT:
        half = len(operands) // 2
        sides = [", ".join(side) for side in (operands[:half], operands[half:])]
        return f"autograd.dot([{sides[0]}], [{sides[1]}])"
    if code >= SUM:
        return f"autograd.{NAMES_OF_MANY[code]}([{', '.join(operands)}])"
    return f"autograd.{TABLE[code].name}({', '.join(operands)})"


def _number_text(number: float) -> str:
    if not math.isfinite(number):
        return f'float("{number}")'
    # In parentheses, so that -1.0 ** 2 or --1.0 cannot come of it.
    return repr(number) if math.copysign(1.0, number) > 0 else f"({number!r})"


def _text_of(structure: Structure, terms: Iterable[str]) -> str:
    return _container_text(structure.unflatten(map(_Term, terms)))


class _Term(str):
    """A name among the containers of a result, to be told from the keys of a dict."""


def _container_text(tree: Any) -> str:
    if isinstance(tree, _Term):
        return tree
    if isinstance(tree, dict):
        items = [f"{key!r}: {_container_text(item)}" for key, item in tree.items()]
        return f"{{{', '.join(items)}}}"
    items = [_container_text(item) for item in tree]
    if isinstance(tree, tuple):
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    return f"[{', '.join(items)}]"


def numpy_function_of(program: Program) -> Callable[..., Any]:
    """A function of the same arguments that computes with NumPy alone."""
    tape = program.tape
    fixed = [*(value.data for value in program.parameters), *tape.constants.tolist()]
    operands = [tape.operands(gate) for gate in range(len(tape))]
    codes, outputs = tape.codes.tolist(), tape.outputs.tolist()

    def function(*inputs: Any) -> Any:
        leaves, _ = program.leaves_of(inputs)
        numbers: list[Any] = [np.float64(x) if type(x) is float else x for x in leaves]
        numbers += map(np.float64, fixed)
        with np.errstate(all="ignore"):
            for code, places in zip(codes, operands, strict=True):
                numbers.append(_computed(code, [numbers[place] for place in places]))
        columns = [np.broadcast_arrays(numbers[place], *leaves)[0] for place in outputs]
        return program.output.unflatten(each if each.ndim else float(each) for each in columns)

    function.__name__ = program.name
    function.__doc__ = f"What the program {program.name} computes, with NumPy alone."
    return function


def _computed(code: int, operands: Sequence[Any]) -> Any:
    if code < SUM:
        return TABLE[code].numpy_forward(*operands)
    if code == TAKE:
        index, *choices = np.broadcast_arrays(*operands)
        return np.take_along_axis(np.stack(choices), index[None].astype(np.intp), axis=0)[0]
    if code == DOT:
        half = len(operands) // 2
        operands = [x * y for x, y in zip(operands[:half], operands[half:], strict=True)]
    total: Any = np.float64(0.0)
    for operand in operands:
        total = total + operand
    return total / len(operands) if code == MEAN else total


def graph_of(program: Program) -> list[Any]:
    """The outputs of the program as a graph of Values, at the numbers that it was traced with."""
    tape = program.tape
    numbers = [*program.sample, *(value.data for value in program.parameters)]
    named = zip(numbers, leaf_names(program), strict=True)
    nodes: list[Any] = [Value(number, name) for number, name in named]
    nodes += tape.constants.tolist()
    for gate, code in enumerate(tape.codes.tolist()):
        operands = [nodes[place] for place in tape.operands(gate)]
        nodes.append(_applied(code, operands))
    return [nodes[place] for place in tape.outputs.tolist()]


def _applied(code: int, operands: Sequence[Any]) -> Any:
    if code < SUM:
        return TABLE[code](*operands)
    if code == TAKE:
        return take(operands[1:], operands[0])
    if code == DOT:
        half = len(operands) // 2
        return dot(operands[:half], operands[half:])
    return sum(operands) if code == SUM else mean(operands)
