"""Inputs of a program by name: what is fed, in the order in which it was traced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .errors import OperandError
from .exact import shortened
from .structures import LEAF, Structure, flatten_like
from .tensor import Tensor
from .traced_arguments import is_variable

__all__ = ["ArrayArgument", "in_order"]


def in_order(
    program: str, names: Sequence[str], inputs: Sequence[Any], feed: Mapping[str, Any] | None
) -> list[Any]:
    """The inputs of a program: those given by place, and after them those of the feed.

    Args:
        program: what messages call it.
        names: of its inputs, in order.
        inputs: what was given by place.
        feed: by name what was not; None for nothing.

    Raises:
        OperandError: if an input is missing or given twice, or a name is not one of an input.

    >>> in_order("f", ["x", "y"], [1.0], {"y": 2.0})
    [1.0, 2.0]
    >>> in_order("f", ["x", "y"], [1.0], {"z": 2.0})
    Traceback (most recent call last):
    autograd.errors.OperandError: f has no input 'z'; its inputs are x, y
    """
    if feed is None:
        feed = {}
    elif not isinstance(feed, Mapping):
        raise OperandError(
            f"feed is {shortened(feed)}; pass a dict of the inputs of {program} by name: "
            f"{_listed(names)}"
        )
    if len(inputs) > len(names) or (len(inputs) < len(names) and not feed):
        raise OperandError(
            f"{program} was traced with {len(names)} arguments, and {len(inputs)} were given"
        )
    for name in feed:
        if name not in names:
            raise OperandError(
                f"{program} has no input {shortened(name)}; its inputs are {_listed(names)}"
            )
        if name in names[: len(inputs)]:
            raise OperandError(f"{program}: {name} is given by its place and in the feed")
    missing = [name for name in names[len(inputs) :] if name not in feed]
    if missing:
        raise OperandError(f"{program}: the feed lacks {_listed(missing)}")
    return [*inputs, *(feed[name] for name in names[len(inputs) :])]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


class ArrayArgument(NamedTuple):
    """An argument of a function of Tensors, as it was recorded."""

    name: str
    structure: Structure
    leaves: list[Any]
    """The arrays and Tensors that stand for variables, and what is part of the program."""

    def variables_in(self, given: Any) -> list[Any]:
        """What stands in the places of the variables, as arrays of their dtypes, or Tensors.

        Raises:
            OperandError: if the argument is of another structure, or differs from the recorded one
                in what is no variable.
        """
        if self.structure is LEAF:
            leaves = [given]
        else:
            leaves = flatten_like(given, self.name, self.structure, f"the recorded {self.name}")
        paths = self.structure.paths(self.name)
        variables = []
        for leaf, recorded, path in zip(leaves, self.leaves, paths, strict=True):
            if is_variable(recorded):
                variables.append(_array(leaf, recorded.dtype, path))
            elif not np.array_equal(leaf, recorded):
                raise OperandError(
                    f"{path} is {shortened(leaf)}, and the program was recorded with "
                    f"{shortened(recorded)}: the traced function has a program for each"
                )
        return variables


def _array(given: Any, dtype: np.dtype[Any], path: str) -> Any:
    if type(given) is Tensor:
        return given
    try:
        return np.asarray(given, dtype)
    except (TypeError, ValueError):
        raise OperandError(
            f"{path} is {shortened(given)}: it must be an array of numbers"
        ) from None
