"""The elementwise functions that the compiled loops over arrays know, and their numbers.

Of each gate there is its result and what each operand receives, where the formula is made of
arithmetic, choices and functions of which a loop over vectors is faster than NumPy's own.
"""

from __future__ import annotations

import ast
from functools import cache

from .formula import inlined, parse, vjp_of
from .gate import TABLE, Gate, definition_of

__all__ = ["KINDS", "OPERANDS", "forward_code", "lane_trees", "vjp_code"]

OPERANDS = ("g", "out", "x", "y", "z")
"""What a loop may read, in the order of its arguments: the gradient, the result, the operands."""
KINDS = 4
"""Of each gate: the result, and the gradient by each of up to three operands."""
_FUNCTIONS = frozenset({"abs", "magnitude", "sqrt", "exp", "tanh", "where"})


def forward_code(gate: Gate) -> int:
    """The number of the loop that applies a gate."""
    return gate.code * KINDS


def vjp_code(gate: Gate, position: int) -> int:
    """The number of the loop that computes what an operand of a gate receives."""
    return gate.code * KINDS + 1 + position


@cache
def lane_trees() -> dict[int, ast.expr]:
    """The formulas of which there are loops, by their numbers, over g, out and the operands."""
    trees = {}
    for gate in TABLE:
        formulas = [parse(gate.formula), *(vjp_of(parse(text)) for text in gate.derivatives)]
        for kind, tree in enumerate(formulas):
            if tree is not None and _is_known(tree):
                trees[gate.code * KINDS + kind] = tree
    return trees


def _is_known(tree: ast.expr) -> bool:
    for part in ast.walk(inlined(tree, definition_of)):
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Pow):
            return False
        if isinstance(part, ast.Call) and ast.unparse(part.func) not in _FUNCTIONS:
            return False
    return True
