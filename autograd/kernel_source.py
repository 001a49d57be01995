"""Writes the C kernel of the scalar engine from the table of gates; run by the build alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .formula import C, assignments, parse
from .gate import TABLE, Gate, definition_of
from .kernel import table_fingerprint

__all__ = ["kernel_source"]

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
    parts += _forward_run()
    parts += _backward_run()
    return "\n".join(parts)


def _local_function(name: str, arity: int, positions: Sequence[int]) -> Iterator[str]:
    operands = ", ".join(f"double {operand}" for operand in "xyz"[:arity])
    derivatives = ", ".join(f"double *d{'xyz'[i]}_" for i in positions)
    yield f"static inline void gate_{name}(int code, {operands}, double *out_, {derivatives}) {{"
    yield "    switch (code) {"
    for gate in TABLE:
        if gate.arity == arity:
            yield f"    case {gate.code}: {{"
            yield from _statements(gate, positions, "        ")
            yield "        *out_ = out;"
            yield from (f"        *d{'xyz'[i]}_ = d{'xyz'[i]};" for i in positions)
            yield "        return;"
            yield "    }"
    yield "    }"
    yield "}\n"


def _forward_run() -> Iterator[str]:
    """One gate over a run of nodes whose results lie side by side: a tight loop for each gate."""
    yield "static inline void gate_forward_run(int code, ptrdiff_t count, double *values,"
    yield "        double *results, const int *xs, const int *ys, const int *zs) {"
    yield "    switch (code) {"
    for gate in TABLE:
        yield f"    case {gate.code}:"
        yield "        for (ptrdiff_t i = 0; i < count; i++) {"
        yield from _operands(gate)
        yield from _statements(gate, (), "            ")
        yield "            results[i] = out;"
        yield "        }"
        yield "        return;"
    yield "    }"
    yield "}\n"


def _backward_run() -> Iterator[str]:
    """The gradients of a run of nodes, sent back to the gradients of their operands."""
    yield "static inline void gate_backward_run(int code, ptrdiff_t count, const double *values,"
    yield "        const double *results_gradient, double *gradients,"
    yield "        const int *xs, const int *ys, const int *zs) {"
    yield "    switch (code) {"
    for gate in TABLE:
        positions = [i for i, text in enumerate(gate.derivatives) if text != "0"]
        yield f"    case {gate.code}:"
        if positions:
            yield "        for (ptrdiff_t i = count - 1; i >= 0; i--) {"
            yield from _operands(gate)
            yield from _statements(gate, positions, "            ")
            yield "            (void)out;"
            for i in positions:
                yield (
                    f"            gradients[{'xyz'[i]}s[i]] += results_gradient[i] * d{'xyz'[i]};"
                )
            yield "        }"
        yield "        return;"
    yield "    }"
    yield "}\n"


def _operands(gate: Gate) -> Iterator[str]:
    return (
        f"            const double {operand} = values[{operand}s[i]];"
        for operand in gate.operand_names
    )


def _statements(gate: Gate, positions: Sequence[int], indent: str) -> Iterator[str]:
    results = {name: parse(text) for name, text in gate.local(*positions).items()}
    for name, text in assignments(results, C, definition_of):
        yield f"{indent}const double {name} = {text};"
