"""What the leaves of a program are called, in its source and in drawings."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .program import Program

__all__ = ["identifiers", "leaf_names"]

# What the source of a program calls its own.
_TAKEN = re.compile(r"v\d+|autograd|float")


def leaf_names(program: Program) -> list[str]:
    """What each input and then each parameter is called.

    An input has its path, such as ``x[0][1]``; a parameter its name, if it has one, else its
    number, such as ``p3``.
    """
    paths = [path for a in program.arguments for path in a.structure.paths(a.name)]
    return paths + [value.name or f"p{i}" for i, value in enumerate(program.parameters)]


def identifiers(program: Program) -> list[str]:
    """The same as identifiers, ``x_0_1``, no two of them the same."""
    return _unique(map(_identifier, leaf_names(program)))


def _identifier(name: str) -> str:
    found = re.sub(r"\W+", "_", name).strip("_")
    if not found.isidentifier() or keyword.iskeyword(found) or _TAKEN.fullmatch(found):
        found = f"_{found}"
    return found if found.isidentifier() else "_"


def _unique(names: Iterable[str]) -> list[str]:
    taken: set[str] = set()
    found = []
    for name in names:
        candidate, number = name, 1
        while candidate in taken:
            number += 1
            candidate = f"{name}_{number}"
        taken.add(candidate)
        found.append(candidate)
    return found
