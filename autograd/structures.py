"""Structures: arguments and results that are nested lists, tuples and dicts of arrays.

A structure is taken apart into its leaves, in order, and what is left of it, which can be filled
with other leaves. Leaves are real numbers, arrays of them, Values and Tensors; a NumPy array of
objects is a container, of Values for example. Every leaf has a path, such as ``args[1]['W'][0]``,
by which messages call it.
"""

from __future__ import annotations

import copy
import inspect
import numbers
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np

from .backward import is_node
from .errors import OperandError
from .exact import shortened

__all__ = [
    "LEAF",
    "Structure",
    "flatten",
    "flatten_like",
    "kinds_of_nodes",
    "parameter_names",
]

# The most frequent leaves by far, known without asking further.
_PLAIN_LEAVES = frozenset({float, int})


@dataclass(frozen=True, eq=False)
class Structure:
    """What is left of nested containers when their leaves are taken out.

    >>> leaves, structure = flatten({"W": [1.0, 2.0], "b": 3.0}, "args[0]")
    >>> leaves, structure.paths("args[0]")
    ([1.0, 2.0, 3.0], ["args[0]['W'][0]", "args[0]['W'][1]", "args[0]['b']"])
    >>> structure.unflatten(leaf * 10 for leaf in leaves)
    {'W': [10.0, 20.0], 'b': 30.0}
    """

    description: str
    """The container in words, such as "a list of 2"."""
    keys: tuple[Any, ...]
    steps: tuple[str, ...]
    """What leads to each child in a path, such as ``['W']``."""
    children: tuple[Structure, ...]
    rebuild: Callable[[list[Any]], Any]

    @cached_property
    def shape(self) -> tuple[int, ...] | None:
        """The shape of the array that nested sequences are; None if they are none, or hold a dict.

        >>> flatten([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "x")[1].shape
        (2, 3)
        """
        if self is LEAF:
            return ()
        if isinstance(self.rebuild, partial) and self.rebuild.func is _refilled:
            return None
        shapes = {child.shape for child in self.children}
        if len(shapes) > 1 or None in shapes:
            return None
        inner = shapes.pop() if shapes else ()
        if isinstance(self.rebuild, partial) and self.rebuild.func is _refilled_array:
            return (*self.rebuild.args[0], *(inner or ()))
        return (len(self.children), *(inner or ()))

    def unflatten(self, leaves: Iterable[Any]) -> Any:
        """The containers again, with these leaves in them."""
        return self._filled(iter(leaves))

    def _filled(self, remaining: Iterator[Any]) -> Any:
        if self is LEAF:
            return next(remaining)
        # A leaf is not asked: there may be thousands, and a call is what most of this costs.
        return self.rebuild(
            [next(remaining) if c is LEAF else c._filled(remaining) for c in self.children]
        )

    def paths(self, name: str) -> list[str]:
        """The path of each leaf, where the whole is called ``name``."""
        if self is LEAF:
            return [name]
        return [
            path
            for step, child in zip(self.steps, self.children, strict=True)
            for path in child.paths(name + step)
        ]


def _no_container(items: list[Any]) -> Any:
    raise AssertionError("a leaf is not rebuilt")


LEAF = Structure("a single number, array or node", (), (), (), _no_container)
"""The structure of a leaf that stands in no container."""


def flatten(tree: Any, name: str) -> tuple[list[Any], Structure]:
    """The leaves of nested containers, in order (a dict's is that of its keys), and the rest.

    Args:
        tree: lists, tuples, named tuples, dicts and NumPy arrays of objects, or a leaf.
        name: what to call the whole in messages.

    Raises:
        OperandError: if a leaf is not a real number, an array of them, a Value or a Tensor.

    >>> flatten([1.0, (2.0, None)], "args[0]")
    Traceback (most recent call last):
    autograd.errors.OperandError: args[0][1][1] is None (NoneType): what is differentiated is a \
real number, an array of them, a Value or a Tensor, or a list, tuple or dict of such
    """
    leaves: list[Any] = []
    structure = _collect(tree, name, leaves)
    return leaves, structure


def _collect(tree: Any, path: str, leaves: list[Any]) -> Structure:
    opened = _opened(tree)
    if opened is None:
        _check_leaf(tree, path)
        leaves.append(tree)
        return LEAF
    children = tuple(
        _collect(item, path + step, leaves)
        for step, item in zip(opened.steps, opened.items, strict=True)
    )
    return Structure(opened.description, opened.keys, opened.steps, children, opened.rebuild)


def flatten_like(tree: Any, name: str, structure: Structure, structure_name: str) -> list[Any]:
    """The leaves of a tree that is to have a known structure, in the order of that structure.

    Lists and tuples may stand for each other, and the keys of a dict may be in another order.

    Raises:
        OperandError: if the tree differs from the structure, or a leaf is of the wrong kind.
    """
    opened = _opened(tree)
    if opened is None and structure is LEAF:
        _check_leaf(tree, name)
        return [tree]
    items = None if opened is None else dict(zip(opened.keys, opened.items, strict=True))
    if items is None or structure is LEAF or items.keys() != set(structure.keys):
        description = LEAF.description if opened is None else opened.description
        raise OperandError(
            f"{name} is {description}, and {structure_name} is {structure.description}; "
            "their structures must be equal"
        )
    return [
        leaf
        for key, step, child in zip(
            structure.keys, structure.steps, structure.children, strict=True
        )
        for leaf in flatten_like(items[key], name + step, child, structure_name + step)
    ]


def parameter_names(f: Callable[..., Any], count: int) -> list[str]:
    """What messages call the first ``count`` positional arguments of a function.

    >>> parameter_names(lambda x, *rest: x, 3)
    ['x', 'args[1]', 'args[2]']
    """
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):  # what is not written in Python may have no signature
        parameters = []
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return names[:count] + [f"args[{i}]" for i in range(len(names), count)]


def kinds_of_nodes(tree: Any) -> set[type]:
    """The classes of the nodes in nested containers; whatever else stands there is passed over.

    >>> from autograd import Value
    >>> kinds_of_nodes({"x": [1.0, None], "y": Value(2.0)})
    {<class 'autograd.value.Value'>}
    """
    kinds: set[type] = set()
    _find_kinds(tree, kinds)
    return kinds


def _find_kinds(tree: Any, kinds: set[type]) -> None:
    if type(tree) in _PLAIN_LEAVES:
        return
    if isinstance(tree, dict):
        tree = tree.values()
    elif isinstance(tree, np.ndarray):
        if tree.dtype != object:
            return
        tree = tree.flat
    elif not isinstance(tree, (list, tuple)):
        if is_node(tree):
            kinds.add(type(tree))
        return
    for item in tree:
        _find_kinds(item, kinds)


class _Opened(NamedTuple):
    """A container taken apart."""

    description: str
    keys: tuple[Any, ...]
    steps: tuple[str, ...]
    items: list[Any]
    rebuild: Callable[[list[Any]], Any]


def _opened(tree: Any) -> _Opened | None:
    """The parts of a container; None for what is none."""
    if type(tree) in _PLAIN_LEAVES:
        return None
    if isinstance(tree, dict):
        keys = tuple(tree)
        names = ", ".join(map(repr, keys))
        empty = copy.copy(tree)
        empty.clear()
        return _Opened(
            f"a dict with the keys {names}" if keys else "an empty dict",
            keys,
            tuple(f"[{key!r}]" for key in keys),
            list(tree.values()),
            partial(_refilled, empty, keys),
        )
    if isinstance(tree, (list, tuple)):
        indices = range(len(tree))
        fields = getattr(tree, "_fields", None)
        return _Opened(
            f"a {type(tree).__name__} of {len(tree)}",
            tuple(indices),
            tuple(f".{field}" for field in fields) if fields else tuple(f"[{i}]" for i in indices),
            list(tree),
            getattr(tree, "_make", type(tree)),
        )
    if isinstance(tree, np.ndarray) and tree.dtype == object:
        places = tuple(np.ndindex(tree.shape))
        return _Opened(
            f"an array of objects of shape {tree.shape}",
            places,
            tuple(f"[{', '.join(map(str, place))}]" for place in places),
            list(tree.flat),
            partial(_refilled_array, tree.shape),
        )
    return None


def _refilled(empty: dict[Any, Any], keys: tuple[Any, ...], items: list[Any]) -> dict[Any, Any]:
    # A copy of the empty one is of the same class, and keeps a defaultdict's factory.
    result = copy.copy(empty)
    for key, item in zip(keys, items, strict=True):
        result[key] = item
    return result


def _refilled_array(shape: tuple[int, ...], items: list[Any]) -> np.ndarray:
    result = np.empty(shape, dtype=object)
    for place, item in zip(np.ndindex(shape), items, strict=True):
        result[place] = item
    return result


def _check_leaf(leaf: Any, path: str) -> None:
    if type(leaf) in _PLAIN_LEAVES or is_node(leaf):
        return
    if isinstance(leaf, (np.ndarray, np.generic)):
        if leaf.dtype.kind in "fiub":
            return
    elif isinstance(leaf, (numbers.Real, Decimal)):
        return
    kind = type(leaf).__name__
    if isinstance(leaf, np.ndarray):
        kind = f"an array of {leaf.dtype}"
    raise OperandError(
        f"{path} is {shortened(leaf)} ({kind}): what is differentiated is a real number, an array "
        "of them, a Value or a Tensor, or a list, tuple or dict of such"
    )
