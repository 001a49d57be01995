"""The command line of the gradient check: what can be asked for, and how it is written."""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Options", "read_options"]

_EXAMPLES = """examples:
  python -m autograd.testing "log(x) * sin(y)"
  python -m autograd.testing "sqrt(x) / y" --at x=2 y=-0.5 --order 2
  python -m autograd.testing my_package.losses:smooth_l1 --shape x=3,4 --range x=0:5

exit status: 0 where all derivatives that were compared are right, 1 where one is wrong or none
could be compared, 2 where the check could not be made
"""


@dataclass(frozen=True)
class Options:
    """What is to be checked, and where."""

    target: str
    """A formula, or ``module:function``."""
    at: dict[str, float] = field(default_factory=dict)
    """The numbers at which parameters are held."""
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Between which numbers parameters are drawn."""
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """The shapes of the parameters that are arrays."""
    points: int | None = None
    """How many points are drawn; None for as many as is usual."""
    seed: int = 0
    order: int = 1
    gradient: str | None = None
    """``module:function`` of a gradient that is to be checked in place of gategrad's own."""


def read_options(argv: Sequence[str] | None = None) -> Options:
    """Read the arguments of a command line, by default those of this process.

    Raises:
        SystemExit: with status 2, after a message on stderr, if they cannot be read; with status 0
            after ``--help``.

    >>> read_options(["x * y", "--at", "x=2", "y=-1"]).at
    {'x': 2.0, 'y': -1.0}
    """
    parser = _parser()
    given = parser.parse_args(_shielded(sys.argv[1:] if argv is None else argv))
    if given.target is None:
        parser.print_help()
        parser.exit(2)
    return Options(
        given.target.strip(),
        _by_name(parser, "--at", given.at),
        _by_name(parser, "--range", given.range),
        _by_name(parser, "--shape", given.shape),
        given.points,
        given.seed,
        given.order,
        given.gradient,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m autograd.testing",
        description="Check derivatives against differences of the values of the function itself.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "target",
        nargs="?",
        help="a formula, such as 'log(x) * sin(y)'; or package.module:function, a function of "
        "Tensors or a test made by @gradcheck",
    )
    add("--at", nargs="+", type=_number, metavar="NAME=NUMBER", help="check at these numbers")
    add(
        "--range",
        nargs="+",
        type=_range,
        metavar="NAME=LOW:HIGH",
        help="draw a parameter between two numbers; by default a formula's over its domain, a "
        "function's between -2 and 2",
    )
    add(
        "--shape",
        nargs="+",
        type=_shape,
        metavar="NAME=3,4",
        help="the shape of a function's parameter that is an array",
    )
    add(
        "--points",
        type=_count,
        metavar="N",
        help="how many points are drawn (default: 100 for a formula, 10 for a function)",
    )
    add("--seed", type=_seed, default=0, help="what is drawn depends on it alone (default: 0)")
    add(
        "--order",
        type=int,
        choices=(1, 2),
        default=1,
        help="2 to check the second derivatives too (default: 1)",
    )
    add(
        "--gradient",
        metavar="MODULE:FUNCTION",
        help="check the gradient that this function of the same parameters gives, by whatever "
        "library, on plain numbers and arrays",
    )
    return parser


def _shielded(argv: Sequence[str]) -> list[str]:
    """The arguments, with a space before a formula that begins with a minus, lest it be an option.

    There are no options of one minus but ``-h``.
    """
    return [f" {each}" if re.match(r"-(?!-|h$)", each) else each for each in argv]


def _by_name(
    parser: argparse.ArgumentParser, option: str, pairs: Sequence[tuple[str, Any]] | None
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in pairs or ():
        if name in values:
            parser.error(f"argument {option}: {name} is given twice")
        values[name] = value
    return values


def _named(text: str, meaning: str, read: Callable[[str], Any]) -> tuple[str, Any]:
    """The name and the value of ``name=value``, where ``read`` reads the value."""
    name, equals, value = text.partition("=")
    name = name.strip()
    if equals and name.isidentifier():
        try:
            return name, read(value)
        except ValueError:
            pass
    raise argparse.ArgumentTypeError(f"{text!r} is not {meaning}")


def _number(text: str) -> tuple[str, float]:
    return _named(text, "a parameter and a finite number, such as x=2.5", _finite)


def _range(text: str) -> tuple[str, tuple[float, float]]:
    return _named(text, "a parameter and two numbers, the smaller first, such as x=0:5", _ends)


def _shape(text: str) -> tuple[str, tuple[int, ...]]:
    return _named(text, "a parameter and a shape, such as x=3,4 or x=3x4", _lengths)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _ends(text: str) -> tuple[float, float]:
    low, high = map(_finite, text.split(":"))
    if not low < high:
        raise ValueError(text)
    return low, high


def _lengths(text: str) -> tuple[int, ...]:
    lengths = tuple(int(length) for length in re.split("[,x]", text.strip("() ").rstrip(",")))
    if min(lengths) < 1:
        raise ValueError(text)
    return lengths


def _count(text: str) -> int:
    return _whole(text, 1)


def _seed(text: str) -> int:
    return _whole(text, 0)


def _whole(text: str, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
    return number
