"""Writes the C kernel of the scalar engine from the table of gates; run by the build alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .formula import C, assignments, parse
from .gate import TABLE, definition_of
from .kernel import table_fingerprint

__all__ = ["kernel_source", "statements"]

_PREAMBLE = """\
/* Generated from the table of gates by the build; not to be edited. */
#include <math.h>
#include <stddef.h>
"""


def kernel_source() -> str:
    """The C header: one switch over the gates for each arity and set of operands to derive by."""
    parts = [_PREAMBLE, f"#define GATE_TABLE_FINGERPRINT {table_fingerprint()}LL\n"]
    for name, arity, positions in [
        ("unary", 1, (0,)),
        ("both", 2, (0, 1)),
        ("first", 2, (0,)),
        ("second", 2, (1,)),
        ("every", 3, (0, 1, 2)),
    ]:
        parts += _local_function(name, arity, positions)
    return "\n".join(parts)


def _local_function(name: str, arity: int, positions: Sequence[int]) -> Iterator[str]:
    operands = ", ".join(f"double {operand}" for operand in "xyz"[:arity])
    derivatives = ", ".join(f"double *d{'xyz'[i]}_" for i in positions)
    yield f"static inline void gate_{name}(int code, {operands}, double *out_, {derivatives}) {{"
    yield "    switch (code) {"
    for gate in TABLE:
        if gate.arity == arity:
            yield f"    case {gate.code}: {{"
            yield from statements(gate.local(*positions), "        ")
            yield "        *out_ = out;"
            yield from (f"        *d{'xyz'[i]}_ = d{'xyz'[i]};" for i in positions)
            yield "        return;"
            yield "    }"
    yield "    }"
    yield "}\n"


def statements(formulas: Mapping[str, str], indent: str) -> Iterator[str]:
    """The formulas as definitions in C, each visible to the later ones."""
    trees = {name: parse(text) for name, text in formulas.items()}
    for name, text in assignments(trees, C, definition_of):
        yield f"{indent}const double {name} = {text};"
