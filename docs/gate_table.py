"""Writes docs/reference/gates.md, the table of elementwise gates with their formulas."""

from __future__ import annotations

from pathlib import Path

import autograd
from autograd import ArrayGate, Gate
from autograd.gate import TABLE

__all__ = ["PAGE", "page"]

PAGE = Path(__file__).resolve().parent / "reference" / "gates.md"

INTRODUCTION = """\
# Gates

This page is generated from the table by `make docs`.

These gates are functions of `autograd`: `autograd.tanh(x)` of a number, an array, a `Value` or a
`Tensor`. NumPy's functions of the same name, applied to a `Tensor`, are these gates, and so are the
operators. In the formulas x, y and z are the operands and `out` is the result; `where(c, a, b)` is
a where c holds, else b. Where a gate has a kink, or its formula would overflow, the formula says
what is computed.
"""

ON_ARRAYS = """\
## On arrays

Gates that are not elementwise are reached by [NumPy's functions](../numpy_functions.md), such as
`np.sum` and `@`, and by the functions of [autograd](autograd.md), such as `autograd.conv2d`. NumPy
has none for these:
"""


def page() -> str:
    """The whole page."""
    lines = [INTRODUCTION, "| gate | sign | result | local derivatives |", "|---|---|---|---|"]
    lines += map(_row, TABLE)
    lines += ["", ON_ARRAYS, "| gate | result along an axis |", "|---|---|"]
    gates = [getattr(autograd, name) for name in autograd.__all__]
    lines += [
        f"| `{gate.name}` | {_code(gate.formula)} |"
        for gate in gates
        if isinstance(gate, ArrayGate)
    ]
    return "\n".join(lines) + "\n"


def _row(gate: Gate) -> str:
    derivatives = "<br>".join(
        f"∂{name}: {_code(derivative)}"
        for name, derivative in zip(gate.operand_names, gate.derivatives, strict=True)
    )
    sign = gate.symbol.replace("|", "&#124;")
    return f"| `{gate.name}` | {sign} | {_code(gate.formula)} | {derivatives} |"


def _code(formula: str) -> str:
    return f"`{formula}`"


def main() -> None:
    """Write the page and say so."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote docs/reference/{PAGE.name}")


if __name__ == "__main__":
    main()
