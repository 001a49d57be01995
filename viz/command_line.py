"""The command line of the drawings: what can be asked for, and how it is written."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np

from .dot import Direction
from .drawing import ThemeName
from .magnification import View
from .pages import Language
from .style import StyleName
from .wires import Shown

__all__ = ["Options", "read_options"]

EXAMPLES = """examples:
  python -m viz "(x + y) * z" x=-2 y=5 z=-4 -o graph.svg
  python -m viz "sigmoid(w * x + b)" w=2 x=-1 b=3 --steps page.html --lang ko
  python -m viz my_package.models:net x=[[0.5,-1.2]] --view modules -o net.png

exit status: 0 where all was written, 2 where it could not be
"""


@dataclass(frozen=True)
class Options:
    """What is to be drawn, and where to."""

    target: str
    """A formula, or ``module:object``."""
    inputs: dict[str, Any] = field(default_factory=dict)
    """By the names of the variables their numbers, or arrays."""
    output: str | None = None
    steps: str | None = None
    lang: Language = "en"
    digits: int = 2
    title: str | None = None
    look: dict[str, Any] = field(default_factory=dict)
    """Those arguments of `draw` that the step-through has, too: direction and theme."""
    drawing: dict[str, Any] = field(default_factory=dict)
    """The other arguments of `draw`."""


def read_options(argv: Sequence[str] | None = None) -> Options:
    """Read the arguments of a command line, by default those of this process.

    Raises:
        SystemExit: with status 2, after a message on stderr, if they cannot be read; with status 0
            after ``--help``, and where there are no arguments.

    >>> read_options(["x * y", "x=2", "y=-1"]).inputs
    {'x': 2.0, 'y': -1.0}
    """
    parser = _parser()
    given = parser.parse_args(_shielded(sys.argv[1:] if argv is None else argv))
    if given.target is None:
        parser.print_help()
        parser.exit(0)
    inputs: dict[str, Any] = {}
    for name, value in given.inputs:
        if name in inputs:
            parser.error(f"{name} is given twice")
        inputs[name] = value
    output = given.output
    if output is None and given.steps is None:
        output = "graph.svg"
    drawing = {"style": given.style, "view": given.view}
    if given.show is not None:
        drawing["show"] = given.show
    return Options(
        given.target.strip(),
        inputs,
        output,
        given.steps,
        given.lang,
        given.digits,
        given.title,
        {"direction": given.direction, "theme": given.theme},
        drawing,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m viz",
        description="Draw a formula, or what a function or a model of yours computes, with its "
        "values and gradients.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("target", nargs="?", help="a formula, or package.module:object, a function, model or node")
    add(
        "inputs",
        nargs="*",
        type=_input,
        metavar="NAME=VALUE",
        help="a number, as in x=-2, or an array, as in x=[[1,2],[3,4]]",
    )
    add("-o", "--output", metavar="FILE", help=".svg, .png, .pdf, .html, .dot, .mmd or .json; "
        "by default graph.svg")  # fmt: skip
    add("--steps", metavar="FILE", help="write the page that plays the chain rule: page.html")
    add("--view", choices=get_args(View), help="the magnification")
    add("--style", choices=get_args(StyleName), default="slides", help="by default slides")
    add("--show", nargs="+", choices=get_args(Shown), help="what is written on wires")
    add("--theme", choices=get_args(ThemeName), default="auto", help="by default auto")
    add("--direction", choices=get_args(Direction), default="LR", help="by default LR")
    add("--digits", type=int, default=2, help="decimals, by default 2")
    add("--title", help="a line above the picture")
    add("--lang", choices=get_args(Language), default="en", help="the language of pages")
    return parser


def _shielded(argv: Sequence[str]) -> list[str]:
    """The arguments, with a space before a formula that begins with a minus, lest it be an option.

    There are no options of one minus but ``-h`` and ``-o``.
    """
    return [f" {each}" if re.match(r"-(?!-|[ho]$)", each) else each for each in argv]


def _input(text: str) -> tuple[str, Any]:
    name, equals, value = text.strip().partition("=")
    try:
        if not (equals and name.strip().isidentifier()):
            raise ValueError
        read = json.loads(value) if value.lstrip().startswith("[") else float(value)
        return name.strip(), np.asarray(read, float) if isinstance(read, list) else read
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not NAME=NUMBER, such as x=-2, nor NAME=ARRAY, such as x=[[1,2],[3,4]]"
        ) from None
