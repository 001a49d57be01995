"""One gate of the table on floats, by its code: the result and its local derivatives.

This is the plain-Python kernel. The compiled engine takes the same functions from ``kernel.pxd``,
over C code that the build generates from the same rows.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

from .gate import TABLE

__all__ = [
    "GATE_TABLE_FINGERPRINT",
    "both",
    "every",
    "first",
    "second",
    "table_fingerprint",
    "unary",
]


def table_fingerprint() -> int:
    """A number that changes when a row of the table does: a compiled kernel must be of this one."""
    rows = [(gate.name, gate.formula, gate.derivatives) for gate in TABLE]
    return zlib.crc32(repr(rows).encode())


GATE_TABLE_FINGERPRINT = table_fingerprint()

# One function a gate and a set of operands to derive by; None where the arity does not fit.
_BY_FIRST = [gate.float_local(0) for gate in TABLE]
_BY_SECOND = [gate.float_local(1) if gate.arity == 2 else None for gate in TABLE]
_BY_ALL: list[Callable[..., tuple[float, ...]]] = [
    gate.float_local(*range(gate.arity)) for gate in TABLE
]


def unary(code: int, x: float) -> tuple[float, ...]:
    """The result of a gate of one operand, and its derivative."""
    return _BY_FIRST[code](x)


def both(code: int, x: float, y: float) -> tuple[float, ...]:
    """The result of a gate of two operands, and its derivative by each."""
    return _BY_ALL[code](x, y)


def first(code: int, x: float, y: float) -> tuple[float, ...]:
    """The result of a gate of two operands, and its derivative by the first."""
    return _BY_FIRST[code](x, y)


def second(code: int, x: float, y: float) -> tuple[float, ...]:
    """The result of a gate of two operands, and its derivative by the second."""
    by_second = _BY_SECOND[code]
    assert by_second is not None
    return by_second(x, y)


def every(code: int, x: float, y: float, z: float) -> tuple[float, ...]:
    """The result of a gate of three operands, and its derivative by each."""
    return _BY_ALL[code](x, y, z)
