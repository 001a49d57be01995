"""Writes the C loops over arrays from the table of gates; run by the build alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from .formula import C, Target, assignments
from .gate import TABLE, definition_of
from .lane_codes import KINDS, OPERANDS, lane_trees

__all__ = ["lane_source"]

_PREAMBLE = """\
/* Generated from the table of gates by the build; not to be edited. */
#if defined(__GNUC__)
#pragma GCC push_options
/* Both ways of a choice may be computed: no floating-point exception is ever looked at. */
#pragma GCC optimize ("no-trapping-math")
#define LANE_LOOP _Pragma("GCC ivdep")
#else
#define LANE_LOOP
#endif

#include "lane_functions.h"

/* One loop for each width of vectors; the program takes that of the processor it runs on. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
#define LANE_WIDTHS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define LANE_WIDTHS
#endif
"""
_CLOSING = """
#if defined(__GNUC__)
#pragma GCC pop_options
#endif
"""
_FUNCTIONS = {"abs": "fabs", "magnitude": "fabs", "exp": "lane_exp", "tanh": "lane_tanh"}
DOUBLES = replace(C, functions=_FUNCTIONS)
FLOATS = replace(
    C,
    number=lambda number: f"{float(number)!r}f",
    functions={
        "abs": "fabsf",
        "magnitude": "fabsf",
        "sqrt": "sqrtf",
        "exp": "lane_exp_f",
        "tanh": "lane_tanh_f",
    },
)


def lane_source() -> str:
    """The C header: for each type a function that applies one gate to arrays of numbers."""
    parts = [_PREAMBLE]
    parts += _function("float", FLOATS)
    parts += _function("double", DOUBLES)
    parts.append(_CLOSING)
    return "\n".join(parts)


def _function(real: str, target: Target) -> Iterator[str]:
    operands = ", ".join(f"const {real} *{name}s" for name in OPERANDS)
    yield f"LANE_WIDTHS static void lane_{real}(int code, ptrdiff_t count, {real} *results,"
    yield f"        {operands}) {{"
    yield "    switch (code) {"
    for code, tree in lane_trees().items():
        yield f"    case {code}: /* {TABLE[code // KINDS].name} */"
        yield "        LANE_LOOP"
        yield "        for (ptrdiff_t i = 0; i < count; i++) {"
        for name in OPERANDS:
            if _uses(tree, name):
                yield f"            const {real} {name} = {name}s[i];"
        for name, text in assignments({"result": tree}, target, definition_of):
            yield f"            const {real} {name} = {text};"
        yield "            results[i] = result;"
        yield "        }"
        yield "        return;"
    yield "    }"
    yield "}\n"


def _uses(tree: ast.expr, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(tree))
