"""The summary of a model: its layers with their output shapes and numbers of parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import no_grad
from nn.modes import modes_kept
from nn.observation import observed

if TYPE_CHECKING:
    from nn.module import Module

__all__ = ["Row", "Summary", "summarize"]

_TITLES = ("layer", "kind", "output shape", "parameters")


@dataclass(frozen=True)
class Row:
    """One layer."""

    path: str
    kind: str
    output_shape: tuple[int, ...] | None
    """None where no input was given, or where the layer was not called with it."""
    parameters: int
    """How many numbers of its own, and of layers in it that have no row, are learned."""


@dataclass(frozen=True)
class Summary:
    """The layers of a model, each with the shape of what it gives; as text a table."""

    rows: tuple[Row, ...]
    parameters: int
    """How many numbers are learned in all."""

    def __str__(self) -> str:
        cells = [
            (
                row.path,
                row.kind,
                "" if row.output_shape is None else str(row.output_shape),
                f"{row.parameters:,}",
            )
            for row in self.rows
        ]
        widths = [max(map(len, column)) for column in zip(_TITLES, *cells, strict=True)]
        lines = [_line(_TITLES, widths), "  ".join("-" * width for width in widths)]
        lines += [_line(row, widths) for row in cells]
        return "\n".join([*lines, "", f"{self.parameters:,} parameters"])

    __repr__ = __str__


def summarize(model: Module, inputs: tuple[Any, ...]) -> Summary:
    """The summary of a model, called with these inputs if there are any."""
    shapes = _output_shapes(model, inputs) if inputs else {}
    rows = []
    counted: set[int] = set()
    for path, module in _leaves(model):
        own = [p for p in module.parameters() if id(p) not in counted]
        counted |= {id(parameter) for parameter in own}
        rows.append(Row(path, type(module).__name__, shapes.get(id(module)), _size(own)))
    rest = [p for p in model.parameters() if id(p) not in counted]
    if rest or not rows:
        rows.append(Row("", type(model).__name__, shapes.get(id(model)), _size(rest)))
    return Summary(tuple(rows), _size(model.parameters()))


def _leaves(model: Module) -> Iterator[tuple[str, Module]]:
    """The modules that hold no others, and the paths to them."""
    for path, module in model.named_modules():
        if path and len(module.named_modules()) == 1:
            yield path, module


def _output_shapes(model: Module, inputs: tuple[Any, ...]) -> dict[int, tuple[int, ...]]:
    shapes: dict[int, tuple[int, ...]] = {}

    def note(module: Module, _: tuple[Any, ...], output: Any) -> None:
        shapes[id(module)] = np.shape(output)

    with modes_kept(model), no_grad(), observed(note):
        model.eval()  # so that no layer changes its state, or draws random numbers
        model(*inputs)
    return shapes


def _size(parameters: list[Any]) -> int:
    return sum(parameter.size for parameter in parameters)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    """Texts to the left, the count to the right."""
    *texts, count = cells
    left = [text.ljust(width) for text, width in zip(texts, widths, strict=False)]
    return "  ".join([*left, count.rjust(widths[-1])])
