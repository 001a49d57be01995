"""The arguments of a traced function: what stands for variables, and what a program is kept by."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Hashable
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from .errors import OperandError
from .exact import exact_float, shortened
from .tensor import Tensor
from .value import Value

__all__ = ["Call", "is_variable", "number_of", "with_opened_arrays"]

_PLAIN = frozenset({float, int})


class Call(NamedTuple):
    """The arguments of one call."""

    given: list[tuple[str, Any]]
    """The name and the value of each."""
    positional: int
    """How many of them, from the first on, were given by their place."""
    static: frozenset[str]
    """The names of those that are declared to be static."""

    def is_static(self, name: str, argument: Any) -> bool:
        """Whether an argument is passed on as it is."""
        return name in self.static or _is_static(argument)

    def key(self, kind: type, leaves: list[Any]) -> Hashable:
        """What a program for this call is kept by; the leaves for which it runs are added.

        Args:
            kind: whether the function is one of Values or of Tensors.
            leaves: where the leaves of the arguments that are not static go.
        """
        key_of = _array_key if kind is Tensor else _structure_key
        key = [
            _static_key(name, argument, name in self.static)
            if name in self.static or _is_static(argument)
            else key_of(argument, leaves)
            for name, argument in self.given
        ]
        key += [name for name, _ in self.given[self.positional :]]
        return kind, *key

    def apply(self, f: Callable[..., Any], arguments: list[Any]) -> Any:
        """Call the function with other arguments in the places of these."""
        names = [name for name, _ in self.given[self.positional :]]
        keywords = dict(zip(names, arguments[self.positional :], strict=True))
        return f(*arguments[: self.positional], **keywords)

    def with_static(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """The function with its static arguments, among what it captures."""
        kept = [argument for name, argument in self.given if self.is_static(name, argument)]
        return partial(f, *kept) if kept else f


def _is_static(argument: Any) -> bool:
    """Whether an argument is no numbers, and so is passed on as it is."""
    kind = type(argument)
    if kind in _PLAIN or kind is Value:
        return False
    if isinstance(argument, (bool, str, bytes)) or argument is None:
        return True
    containers = (list, tuple, dict, np.ndarray, np.generic, numbers.Real, Decimal, Tensor)
    return not isinstance(argument, containers)


def _static_key(name: str, argument: Any, is_declared: bool) -> Hashable:
    if not is_declared and not isinstance(argument, (bool, str, bytes, type(None))):
        # The captured variables of its program keep it, so that no other object has its id.
        return "object", id(argument)
    try:
        hash(argument)
    except TypeError:
        raise OperandError(
            f"trace: the static argument {name} is {shortened(argument)}, which is not hashable; "
            "pass a tuple for a list"
        ) from None
    return "static", type(argument), argument


def _structure_key(argument: Any, leaves: list[Any]) -> Hashable:
    """The structure of an argument, to be compared; its leaves are added to the list."""
    kind = type(argument)
    if kind in _PLAIN or kind is Value:
        leaves.append(argument)
        return ""
    if isinstance(argument, (list, tuple)):
        if _PLAIN.issuperset(map(type, argument)):
            leaves += argument
            return kind, len(argument)
        return kind, tuple([_structure_key(item, leaves) for item in argument])
    if isinstance(argument, dict):
        items = [_structure_key(item, leaves) for item in argument.values()]
        return kind, tuple(argument), tuple(items)
    if isinstance(argument, np.ndarray) and argument.ndim:
        leaves += argument.ravel().tolist()
        return kind, argument.shape
    leaves.append(argument)
    return ""


def with_opened_arrays(tree: Any) -> Any:
    """The same containers, in which arrays of numbers are arrays of objects: containers, too."""
    if isinstance(tree, np.ndarray) and tree.ndim and tree.dtype != object:
        return tree.astype(object)
    if isinstance(tree, dict) or (isinstance(tree, (list, tuple)) and _holds_array(tree)):
        keys = list(tree) if isinstance(tree, dict) else range(len(tree))
        items = [with_opened_arrays(tree[key]) for key in keys]
        if isinstance(tree, dict):
            return dict(zip(keys, items, strict=True))
        return getattr(tree, "_make", type(tree))(items)
    return tree


def _holds_array(tree: Any) -> bool:
    return not _PLAIN.issuperset(map(type, tree))


def number_of(leaf: Any) -> float:
    """The number of a leaf of a function of Values."""
    if type(leaf) is Value:
        return float(leaf)
    if isinstance(leaf, Tensor):
        raise OperandError(
            "trace: an argument is a Tensor, and the function computes with Values; pass its .data"
        )
    return exact_float(leaf)


def is_variable(leaf: Any) -> bool:
    """Whether a leaf stands for a Tensor in a function of Tensors: a Tensor, an array of floats."""
    if type(leaf) is Tensor:
        return True
    return isinstance(leaf, (np.ndarray, np.generic)) and leaf.dtype.kind == "f"


def _array_key(argument: Any, variables: list[Any]) -> Hashable:
    """The same for a function of Tensors; what is no variable counts by its number.

    A plain number takes the dtype of the array that it meets, and integers are labels or indices:
    neither can be a Tensor.
    """
    if is_variable(argument):
        variables.append(argument)
        return argument.shape, argument.dtype
    if isinstance(argument, (list, tuple)):
        return type(argument), tuple([_array_key(item, variables) for item in argument])
    if isinstance(argument, dict):
        items = [_array_key(item, variables) for item in argument.values()]
        return dict, tuple(argument), tuple(items)
    if isinstance(argument, np.ndarray) and argument.dtype != object:
        return argument.shape, argument.dtype, argument.tobytes()
    if isinstance(argument, np.ndarray):
        return argument.shape, tuple([_array_key(item, variables) for item in argument.flat])
    return type(argument), argument
