"""From the nodes that a traced function made to their tape."""

from __future__ import annotations

from typing import Any

import numpy as np

try:
    import cython
except ImportError:
    from .. import uncompiled as cython

from .. import array_gates
from ..errors import TraceError
from ..gate import TABLE, Gate
from ..value import Value, pass_lock
from .tape import DOT, MEAN, SUM, TAKE, Tape, has_wires

__all__ = ["recorded"]

_LEAF = -1
_MANY = -2
# Places while the leaves are not counted yet: inputs and gates from 0 on, parameters from -1 down,
# constants from here down.
_FIRST_CONSTANT = -(1 << 30)
_ARITIES = [gate.arity for gate in TABLE]
_CODES_OF_MANY = {
    id(array_gates.sum): SUM,
    id(array_gates.mean): MEAN,
    id(array_gates.dot): DOT,
    id(array_gates.take): TAKE,
}


def recorded(
    nodes: list[Value], inputs: list[Value], outputs: list[Any]
) -> tuple[Tape, list[Value], np.ndarray, int]:
    """The tape of what was recorded, its parameters, and the number of each gate in this run.

    The last is how many constants were made as Values: data, which comes before the other ones.

    Args:
        nodes: the nodes that were made, in order, leaves among them.
        inputs: the leaves that stand for the arguments.
        outputs: what the function returned: Values, or numbers.

    Raises:
        TraceError: if a gate is not one that a tape holds.
    """
    with pass_lock:
        record = _Record(len(nodes), len(inputs))
        data = 0
        try:
            _number_leaves(record, nodes, inputs)
            data = len(record.constants)
            _read_gates(record, nodes)
            ends = [_place_of(record, output) for output in outputs]
        finally:
            _forget(record, nodes, inputs)
    numbers = _array(record.numbers[: record.count], np.float64)
    return _tape_of(record, ends), record.parameters, numbers, data


@cython.final
@cython.cclass
class _Record:
    """The arrays of the tape while they grow."""

    __slots__ = (
        "codes",
        "constants",
        "count",
        "first",
        "input_count",
        "numbers",
        "parameters",
        "second",
        "wires",
    )

    def __init__(self, most: int, input_count: int) -> None:
        self.codes = _empty(most, np.int16)
        self.first = _empty(most, np.int32)
        self.second = _empty(most, np.int32)
        self.numbers = _empty(most, np.float64)
        self.count = 0
        self.input_count = input_count
        self.wires: list[int] = []
        self.constants: list[float] = []
        self.parameters: list[Value] = []


def _empty(count: int, dtype: Any) -> Any:
    """Room for numbers: an array where C writes it, else a list, which Python fills faster."""
    return np.empty(count, dtype) if cython.compiled else [0] * count


def _array(numbers: Any, dtype: Any) -> np.ndarray:
    return np.asarray(numbers, dtype)


def _number_leaves(record: _Record, nodes: list[Value], inputs: list[Value]) -> None:
    """Give the inputs and the constants that the function made their places.

    A place stands in the node as what a pass has pending there; the lock keeps passes away.
    """
    for node in nodes:
        if node._code == _LEAF:
            node._pending = _FIRST_CONSTANT - len(record.constants)
            record.constants.append(node._data)
    for place, node in enumerate(inputs, 1):
        node._pending = place


def _read_gates(record: _Record, nodes: list[Value]) -> None:
    """Write the gates of the nodes down, in order."""
    codes = record.codes
    first = record.first
    second = record.second
    numbers = record.numbers
    count = 0
    for node in nodes:
        if node._code == _LEAF:
            continue
        code = node._code
        numbers[count] = node._data
        if code == _MANY:
            first[count] = len(record.wires)
            code = _read_many(record, node)
            second[count] = len(record.wires) - first[count]
        else:
            x = node._x
            y = node._y
            first[count] = _constant(record, node._dx) if x is None else _place(record, x)
            if _ARITIES[code] == 1:
                second[count] = first[count]
            else:
                second[count] = _constant(record, node._dy) if y is None else _place(record, y)
        codes[count] = code
        count += 1
        node._pending = record.input_count + count
    record.count = count


def _read_many(record: _Record, node: Value) -> int:
    """Write the operands of a gate of many down; its code."""
    gate: Any = node.gate
    code = gate.code if isinstance(gate, Gate) else _CODES_OF_MANY.get(id(gate), _LEAF)
    if code == _LEAF:
        raise TraceError(
            f"the gate {gate.name} cannot be traced: a program of scalars has the gates of the "
            "table, sum, mean, dot and take"
        )
    for operand in node.operands:
        record.wires.append(_place_of(record, operand))
    return code


def _place_of(record: _Record, operand: Any) -> int:
    if type(operand) is Value:
        return _place(record, operand)
    return _constant(record, operand)


def _place(record: _Record, node: Value) -> int:
    """The place of a node; a parameter gets its own when it is first met."""
    if node._pending == 0:
        record.parameters.append(node)
        node._pending = -len(record.parameters)
    return node._pending - 1 if node._pending > 0 else node._pending


def _constant(record: _Record, number: float) -> int:
    """The place of a plain number: each has its own."""
    record.constants.append(number)
    return _FIRST_CONSTANT - len(record.constants) + 1


def _forget(record: _Record, nodes: list[Value], inputs: list[Value]) -> None:
    """Leave no places behind in the nodes."""
    for node in nodes:
        node._pending = 0
    for node in inputs:
        node._pending = 0
    for node in record.parameters:
        node._pending = 0


def _tape_of(record: _Record, ends: list[int]) -> Tape:
    """The tape, with the places that the leaves have now that they are counted."""
    count, inputs = record.count, record.input_count
    codes = _array(record.codes[:count], np.int16)
    first = _array(record.first[:count], np.int32)
    second = _array(record.second[:count], np.int32)
    many = has_wires(codes) != 0
    return Tape(
        input_count=inputs,
        parameter_count=len(record.parameters),
        constants=_array(record.constants, np.float64),
        codes=codes,
        first=np.where(many, first, _moved(record, first)).astype(np.int32),
        second=np.where(many, second, _moved(record, second)).astype(np.int32),
        wires=_moved(record, record.wires),
        outputs=_moved(record, ends),
    )


def _moved(record: _Record, places: Any) -> Any:
    """Places from which it was not known yet how many leaves there are, now that it is."""
    inputs, parameters = record.input_count, len(record.parameters)
    leaves = inputs + parameters + len(record.constants)
    given = np.asarray(places, np.int32)
    return np.select(
        [given >= inputs, given >= 0, given > _FIRST_CONSTANT],
        [given - inputs + leaves, given, inputs - 1 - given],
        inputs + parameters + (_FIRST_CONSTANT - given),
    ).astype(np.int32)
