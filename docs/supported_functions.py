"""Writes docs/numpy_functions.md, the table of NumPy functions that accept Tensors."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import autograd
from autograd.numpy_functions import DIFFERENTIABLE, METHODS, PLAIN, function_name

PAGE = Path(__file__).resolve().parent / "numpy_functions.md"

INTRODUCTION = """\
# NumPy functions that accept Tensors

This page is generated from the code by `make docs`.

A function of NumPy that is called with a Tensor among its arguments answers with a Tensor, and its
graph is recorded. A plain array beside a Tensor is a constant. Of NumPy's options those named here
are supported; any other, and any function that is not on this page, raises a `TypeError` that names
it. Where no gradient is wanted, pass the plain array: `np.fft.fft(t.data)`.
"""


def page() -> str:
    """The whole page."""
    lines = [
        INTRODUCTION,
        "## Differentiable",
        "",
        "| function | options | what it is |",
        "|---|---|---|",
    ]
    for function in sorted(DIFFERENTIABLE, key=function_name):
        lines.append(
            f"| `{function_name(function)}` | {_options(function)} | {_meaning(function)} |"
        )
    lines += ["", "## Answered with plain arrays, numbers or booleans", ""]
    lines.append(", ".join(f"`{name}`" for name in sorted(map(function_name, PLAIN))))
    lines += ["", "## Methods of a Tensor", ""]
    own = [name for name in dir(autograd.Tensor) if not name.startswith("_")]
    gates = [gate.name for gate in autograd.gate.TABLE if gate.name.isidentifier()]
    names = sorted({*own, *METHODS, *gates})
    lines.append(", ".join(f"`{name}`" for name in names))
    return "\n".join(lines) + "\n"


def _options(function: Any) -> str:
    implementation = DIFFERENTIABLE[function]
    if not inspect.isfunction(implementation):
        return ""
    parameters = list(inspect.signature(implementation).parameters.values())
    named = [p.name for p in parameters if p.default is not p.empty or p.kind is p.KEYWORD_ONLY]
    return ", ".join(f"`{name}`" for name in named)


def _meaning(function: Any) -> str:
    implementation = DIFFERENTIABLE[function]
    first, _, _ = (inspect.getdoc(implementation) or "").partition("\n")
    gate: Any = implementation
    if not isinstance(gate, (autograd.Gate, autograd.ArrayGate)):
        name = {"amax": "max", "amin": "min"}.get(function.__name__, function.__name__)
        gate = vars(autograd.array_gates).get(name)
    if isinstance(gate, (autograd.Gate, autograd.ArrayGate)):
        first = f"the gate `{gate.name}`: `{gate.formula}`"
    if function.__name__.endswith("_like"):
        first = "a plain array"
    return (first or "made of other gates").replace("|", "\\|").replace("``", "`")


def main() -> None:
    """Write the page and say so."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote docs/{PAGE.name}")


if __name__ == "__main__":
    main()
