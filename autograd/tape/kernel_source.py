"""Writes the C loops over many gates of one kind from the table; run by the build alone.

There are two ways to run a tape. One sample after the other: a value is one number, and a run of
equal gates is one loop. Many samples at once, in lanes: a value is a row of numbers, and each gate
is a loop over the lanes, which the compiler turns into vector instructions. What does not depend on
the sample is one number there, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..gate import TABLE, Gate
from ..kernel_source import statements
from ..update_rules import RULES
from .fingerprint import tape_fingerprint
from .tape import DOT, MATRIX, MEAN, SUM, TAKE

__all__ = ["tape_kernel_source"]

_PREAMBLE = """\
/* Generated from the table of gates by the build; not to be edited. */
#include <math.h>
#include <stddef.h>
#include "lanes.h"
"""
_SPLIT = [
    "    const int *ys = xs + count, *zs = ys + count;",
    "    (void)ys;",
    "    (void)zs;",
]


def tape_kernel_source() -> str:
    """The C header: a function for each way and direction, one switch over the gates in each."""
    parts = [_PREAMBLE, f"#define TAPE_KERNEL_FINGERPRINT {tape_fingerprint()}LL"]
    codes = {"SUM": SUM, "MEAN": MEAN, "DOT": DOT, "TAKE": TAKE, "MATRIX": MATRIX}
    parts += [f"#define TAPE_{name} {code}" for name, code in codes.items()]
    parts += _forward_run()
    parts += _backward_run()
    parts += _forward_lanes()
    parts += _backward_lanes()
    parts += _tangent_lanes()
    parts += _update()
    return "\n".join(parts)


def _forward_run() -> Iterator[str]:
    yield "static void tape_forward_run(int code, ptrdiff_t count, const double *values,"
    yield "        double *results, const int *xs) {"
    yield from _SPLIT
    yield "    switch (code) {"
    for gate in TABLE:
        yield f"    case {gate.code}:"
        yield "        for (ptrdiff_t i = 0; i < count; i++) {"
        yield from _numbers(gate, "values[{0}s[i]]", "            ")
        yield from _out(gate, "            ")
        yield "            results[i] = out;"
        yield "        }"
        yield "        return;"
    yield "    }"
    yield "}\n"


def _backward_run() -> Iterator[str]:
    """The gradients of a run of nodes, sent back to the gradients of their operands."""
    yield "static void tape_backward_run(int code, ptrdiff_t count, const double *values,"
    yield "        const double *results, const double *sent, double *gradients, const int *xs) {"
    yield from _SPLIT
    yield "    switch (code) {"
    for gate in TABLE:
        yield f"    case {gate.code}:"
        positions = _sending(gate)
        if positions:
            yield "        for (ptrdiff_t i = count - 1; i >= 0; i--) {"
            yield from _numbers(gate, "values[{0}s[i]]", "            ")
            yield "            const double out = results[i], g = sent[i];"
            yield "            (void)out;"
            yield from _derivatives(gate, positions, "            ")
            for i in positions:
                yield f"            gradients[{'xyz'[i]}s[i]] += g * d{'xyz'[i]};"
            yield "        }"
        yield "        return;"
    yield "    }"
    yield "}\n"


def _forward_lanes() -> Iterator[str]:
    yield "TAPE_CLONES static void tape_forward_lanes(int code, ptrdiff_t count, tape_block *block,"
    yield "        ptrdiff_t first, const int *xs) {"
    yield from _SPLIT
    yield "    const ptrdiff_t lanes = block->lanes;"
    yield "    switch (code) {"
    for gate in TABLE:
        yield f"    case {gate.code}:"
        yield "        for (ptrdiff_t i = 0; i < count; i++) {"
        yield from _rows(gate)
        yield "            double *restrict out_ = tape_row(block, first + i);"
        yield "            for (ptrdiff_t l = 0; l < lanes; l++) {"
        yield from _numbers(gate, "{0}_[l]", "                ")
        yield from _out(gate, "                ")
        yield "                out_[l] = out;"
        yield "            }"
        yield "        }"
        yield "        return;"
    yield "    }"
    yield "}\n"


def _backward_lanes() -> Iterator[str]:
    yield "TAPE_CLONES static void tape_backward_lanes(int code, ptrdiff_t count,"
    yield "        tape_block *block, ptrdiff_t first, const int *xs) {"
    yield from _SPLIT
    yield "    const ptrdiff_t lanes = block->lanes;"
    yield "    switch (code) {"
    for gate in TABLE:
        yield f"    case {gate.code}:"
        positions = _sending(gate)
        if positions:
            yield "        for (ptrdiff_t i = count - 1; i >= 0; i--) {"
            yield from _rows(gate)
            yield "            const double *restrict out_ = tape_row(block, first + i);"
            yield "            const double *restrict g_ = tape_gradient_row(block, first + i);"
            # A loop for each operand: the operands may be one and the same.
            for position in positions:
                yield from _lanes_sent_back(gate, position)
            yield "        }"
        yield "        return;"
    yield "    }"
    yield "}\n"


def _lanes_sent_back(gate: Gate, position: int) -> Iterator[str]:
    name = "xyz"[position]
    yield f"            if (tape_wants_gradient(block, {name}s[i])) {{"
    yield f"                double *restrict sum_ = tape_open_gradient(block, {name}s[i]);"
    yield "                for (ptrdiff_t l = 0; l < lanes; l++) {"
    yield from _numbers(gate, "{0}_[l]", "                    ")
    yield "                    const double out = out_[l], g = g_[l];"
    yield "                    (void)out;"
    yield from _derivatives(gate, [position], "                    ")
    yield f"                    sum_[l] += g * d{name};"
    yield "                }"
    yield f"                tape_close_gradient(block, {name}s[i]);"
    yield "            }"


def _tangent_lanes() -> Iterator[str]:
    """The tangents of a run of nodes; they stand in the place of the gradients."""
    yield "TAPE_CLONES static void tape_tangent_lanes(int code, ptrdiff_t count, tape_block *block,"
    yield "        ptrdiff_t first, const int *xs) {"
    yield from _SPLIT
    yield "    const ptrdiff_t lanes = block->lanes;"
    yield "    switch (code) {"
    for gate in TABLE:
        yield f"    case {gate.code}:"
        positions = _sending(gate)
        if positions:
            yield "        for (ptrdiff_t i = 0; i < count; i++) {"
            yield from _rows(gate)
            yield "            const double *restrict out_ = tape_row(block, first + i);"
            yield "            double *restrict t_ = tape_gradient_row(block, first + i);"
            for position in positions:
                yield from _lanes_pushed(gate, position)
            yield "        }"
        yield "        return;"
    yield "    }"
    yield "}\n"


def _lanes_pushed(gate: Gate, position: int) -> Iterator[str]:
    name = "xyz"[position]
    # What is one number for all lanes is no variable here.
    yield f"            if ({name}s[i] >= 0) {{"
    yield f"                const double *restrict pushed_ = tape_gradient_row(block, {name}s[i]);"
    yield "                for (ptrdiff_t l = 0; l < lanes; l++) {"
    yield from _numbers(gate, "{0}_[l]", "                    ")
    yield "                    const double out = out_[l];"
    yield "                    (void)out;"
    yield from _derivatives(gate, [position], "                    ")
    yield f"                    t_[l] += pushed_[l] * d{name};"
    yield "                }"
    yield "            }"


def _update() -> Iterator[str]:
    """A step of an update rule over all parameters: rows of the parameters and of each state."""
    yield "TAPE_CLONES static void tape_update(int rule, ptrdiff_t count, double *restrict rows,"
    yield "        const double *restrict gradients, const double *settings) {"
    yield "    switch (rule) {"
    for code, rule in enumerate(RULES):
        yield f"    case {code}: {{"
        for place, setting in enumerate(rule.settings):
            yield f"        const double {setting} = settings[{place}];"
        yield "        for (ptrdiff_t i = 0; i < count; i++) {"
        yield "            const double parameter = rows[i], gradient = gradients[i];"
        for place, state in enumerate(rule.states, 1):
            yield f"            const double {state} = rows[{place} * count + i];"
        yield from statements(rule.formulas, "            ")
        for place, result in enumerate(rule.results):
            yield f"            rows[{place} * count + i] = {result};"
        yield "        }"
        yield "        return;"
        yield "    }"
    yield "    }"
    yield "}\n"


def _sending(gate: Gate) -> list[int]:
    """The operands to which a gate sends gradients."""
    return [i for i, text in enumerate(gate.derivatives) if text != "0"]


def _rows(gate: Gate) -> Iterator[str]:
    """The rows of the operands; what is one number for all lanes is written into a row first."""
    for place, name in enumerate(gate.operand_names):
        row = f"tape_operand(block, {name}s[i], {place})"
        yield f"            const double *restrict {name}_ = {row};"


def _numbers(gate: Gate, source: str, indent: str) -> Iterator[str]:
    for name in gate.operand_names:
        yield f"{indent}const double {name} = {source.format(name)};"
        yield f"{indent}(void){name};"


def _out(gate: Gate, indent: str) -> Iterator[str]:
    return statements({"out": gate.formula}, indent)


def _derivatives(gate: Gate, positions: list[int], indent: str) -> Iterator[str]:
    """The local derivatives, in terms of the operands and of the result that is known."""
    return statements({f"d{'xyz'[i]}": gate.derivatives[i] for i in positions}, indent)
