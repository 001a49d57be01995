"""``python -m viz``: draw a formula, a function or a model from the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Expression, Program, Tensor, Value, is_node
from autograd.errors import AutogradError, OperandError
from autograd.testing.importing import imported, names_an_object
from autograd.testing.outcome import failure
from nn import Module

from .command_line import Options, read_options
from .drawing import draw
from .stepping import steps

WRITTEN, NOT_WRITTEN = 0, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Draw what the command line names, and say what was written.

    Args:
        argv: the arguments; by default those of this process.

    Returns:
        the exit status: 0 where all was written, 2 where it could not be.

    >>> main(["(x + y) * z", "x=-2", "y=5", "z=-4", "-o", "graph.svg"])  # doctest: +SKIP
    graph.svg: 2 gates, output -12.00
    0
    """
    try:
        options = read_options(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        for line in _written(options):
            print(line)
    except (Exception, SystemExit) as error:  # the user's own module can fail in every way
        text = f"error: {error}" if _is_expected(error) else failure(options.target, error)
        print(text, file=sys.stderr)
        return NOT_WRITTEN
    return WRITTEN


def _is_expected(error: BaseException) -> bool:
    return isinstance(error, (AutogradError, OSError))


def _written(options: Options) -> list[str]:
    subject, inputs = _subject(options)
    if isinstance(subject, Module):
        if options.steps is not None:
            raise OperandError("--steps plays the graph of a node, and this is a model")
        # A model that is asked for its gates on numbers needs one number; its layers do not.
        drawing = draw(
            subject,
            sample=tuple(inputs.values()),
            digits=options.digits,
            title=options.title,
            **options.look,
            **options.drawing,
        )
        return [f"{drawing.save(options.output or 'graph.svg')}: {drawing.circuit.contents}"]
    names = {name: value for name, value in inputs.items() if is_node(value)}
    common = {"digits": options.digits, "title": options.title, "names": names, **options.look}
    lines = []
    if options.output is not None:
        drawing = draw(subject, **common, **options.drawing)
        told = f"{drawing.circuit.contents}, output {drawing.circuit.output.value.text}"
        lines.append(f"{drawing.save(options.output)}: {told}")
    if options.steps is not None:
        walk = steps(subject, **common)
        lines.append(f"{walk.save(options.steps, lang=options.lang)}: {len(walk.frames)} steps")
    return lines


def _subject(options: Options) -> tuple[Any, dict[str, Any]]:
    """What is drawn, differentiated, and its inputs."""
    if not names_an_object(options.target):
        formula = Expression(options.target)
        inputs = _as_nodes(options.inputs)
        for name in formula.names:
            if name not in inputs:
                raise OperandError(f"{options.target}: {name} has no number; write {name}=1")
        subject = formula(**inputs)
    else:
        subject = imported(options.target)
        if isinstance(subject, Module):
            arrays = {name: np.asarray(value) for name, value in options.inputs.items()}
            if not arrays:
                raise OperandError(
                    f"{options.target} is a model; give it a sample of its input, such as "
                    "x=[[0.5,-1.2]]"
                )
            return subject, arrays
        inputs = _as_nodes(options.inputs)
        if callable(subject) and not is_node(subject) and not isinstance(subject, Program):
            subject = subject(**inputs)
    if is_node(subject) and np.size(subject.data) == 1:
        if subject.name is None:
            subject.name = "f"
        subject.backward()
    return subject, inputs


def _as_nodes(inputs: dict[str, Any]) -> dict[str, Any]:
    """Values, or Tensors if one of the inputs is an array: a graph is either scalar or array."""
    kind: Any = Tensor if any(isinstance(x, np.ndarray) for x in inputs.values()) else Value
    return {name: kind(value, name=name) for name, value in inputs.items()}


if __name__ == "__main__":
    sys.exit(main())
