"""What the command line says about a check: in a few lines, what was seen or what went wrong."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import AutogradError
from .check import GradientCheck
from .subjects import Subject

__all__ = ["failure", "mismatch", "point", "summary"]

_OWN = Path(__file__).resolve().parent.parent
# Of the lines that led to an error so many are shown, the last.
_LINES = 5


def summary(subject: Subject, checks: Sequence[GradientCheck], order: int) -> str:
    """What checks at the inputs of a subject have seen, none of which found a derivative wrong."""
    count = sum(check.compared for check in checks)
    orders = ", of first and second order" if order == 2 else ""
    by, at = _listed(subject.names), _counted(len(checks), "point")
    if not count:
        lines = [f"{subject.title}: no derivative by {by} could be compared at {at}"]
    else:
        closest = max(check.closest for check in checks)
        lines = [
            f"{subject.title}: the derivatives by {by} are right at {at}",
            f"  {_counted(count, 'derivative')} compared{orders}; "
            f"the largest difference is {closest:.2g} of what it may be",
        ]
    lines += _places("not smooth", subject, [check.not_smooth for check in checks])
    lines += _places("too uncertain or not finite", subject, [check.unresolved for check in checks])
    if not all(check.forward_mode for check in checks):
        lines.append("  by reverse mode alone: a vjp is not written in gates")
    return "\n".join(lines)


def _places(what: str, subject: Subject, places: Sequence[Sequence[str]]) -> Iterator[str]:
    """How many derivatives were left out for one reason, and the first of them."""
    count = sum(map(len, places))
    if count:
        first = next(i for i, names in enumerate(places) if names)
        where = point(subject.names, subject.inputs[first])
        yield f"  {count} left out: {what}; the first by {places[first][0]} at {where}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def point(names: Sequence[str], inputs: Sequence[Any]) -> str:
    """Inputs in a line, numbers as ``--at`` takes them.

    >>> point(["x", "y"], [0.5, np.zeros((3, 4))])
    'x=0.5 y=array(3, 4)'
    """
    return " ".join(
        f"{name}={f'array{each.shape}' if isinstance(each, np.ndarray) else repr(each)}"
        for name, each in zip(names, inputs, strict=True)
    )


def mismatch(title: str, error: BaseException, where: str = "") -> str:
    """The report on a derivative that is wrong, and where it was seen.

    Args:
        title: what was checked.
        error: what the check raised; a test adds the arguments it drew as notes.
        where: the point.
    """
    at = f" at {where}" if where else ""
    lines = [f"{title}: wrong{at}", "", str(error), *getattr(error, "__notes__", ())]
    return "\n".join(lines)


def failure(title: str, error: BaseException, where: str = "") -> str:
    """Why a check could not be made.

    Where the error came up in the user's own code, the lines that led to it are shown.

    Args:
        title: what was to be checked.
        error: what was raised.
        where: the point, if it was reached.
    """
    lines = [
        f"  {frame.filename}:{frame.lineno}, in {frame.name}: {frame.line}"
        for frame in traceback.extract_tb(error.__traceback__)
        if not _is_own(frame.filename)
    ][-_LINES:]
    if isinstance(error, AutogradError) and not lines:
        return f"error: {error}"
    at = f" at {where}" if where else ""
    text = "".join(traceback.format_exception_only(error)).strip()
    return "\n".join([f"error: {title} raised{at}", *lines, f"  {text}"])


def _is_own(filename: str) -> bool:
    """Whether a file is gategrad's, or of Python's import machinery."""
    if filename.startswith("<frozen importlib"):
        return True
    path = Path(filename)
    return _OWN in path.parents or path.parts[-2:] == ("importlib", "__init__.py")
