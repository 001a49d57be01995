"""The arguments of a function as a point that can be moved, and its results as one vector."""

from __future__ import annotations

import numbers
from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from ..backward import is_node
from ..errors import OperandError
from ..exact import exact_float, shortened
from ..structures import LEAF, Structure, flatten, flatten_like
from ..tensor import Tensor
from ..value import Value

__all__ = ["Arguments", "Variable", "numbers_in", "power_of_two_above"]


class Variable(NamedTuple):
    """A leaf of the arguments that can be moved."""

    path: str
    """What messages call it, such as ``net['W'][0]``."""
    data: np.ndarray
    """Its numbers; an array of its own."""
    like: Any
    """The leaf as it was given."""

    def element(self, index: tuple[int, ...]) -> str:
        """What messages call the number at an index."""
        return f"{self.path}[{', '.join(map(str, index))}]" if index else self.path

    def as_given(self, data: np.ndarray) -> Any:
        """A leaf of the kind that was given, which holds ``data``."""
        if type(self.like) in (Value, Tensor):
            return type(self.like)(data)
        if isinstance(self.like, np.ndarray):
            return np.asarray(data).astype(
                self.like.dtype if self.like.dtype.kind == "f" else np.float64
            )
        return float(data)


class Arguments:
    """The arguments of a function: which numbers can be moved, and what goes along unmoved.

    Floats and arrays of floats, Values and Tensors can be moved, also in lists, tuples and dicts,
    and so can integers that stand by themselves. Arrays of integers or booleans (labels, indices),
    and whatever holds something else, go along as they are.

    Args:
        given: the positional arguments.
        names: what to call each in messages.
        constant: the positions of those which are not to be moved, whatever they are.
    """

    def __init__(
        self, given: Sequence[Any], names: Sequence[str], constant: Collection[int] = ()
    ) -> None:
        self.variables: list[Variable] = []
        self.moving: list[int] = []
        """The positions of the arguments that hold a variable."""
        self.shapes: list[tuple[str, tuple[int, ...]]] = []
        """What messages call each leaf, moved or not, and its shape."""
        self._names = names
        self._structures: list[Structure] = []
        # Of every leaf: the number of the variable that it is, or the constant itself.
        self._leaves: list[tuple[int | None, Any]] = []
        for position, (argument, name) in enumerate(zip(given, names, strict=True)):
            leaves, structure = _opened(argument, name)
            self._structures.append(structure)
            count = len(self.variables)
            for leaf, path in zip(leaves, structure.paths(name), strict=True):
                self._add(leaf, path, position not in constant)
            if len(self.variables) > count:
                self.moving.append(position)
        self._offsets = [0, *accumulate(variable.data.size for variable in self.variables)]
        self._all_single = all(not variable.data.ndim for variable in self.variables)

    def _add(self, leaf: Any, path: str, may_move: bool) -> None:
        self.shapes.append((path, np.shape(leaf.data if is_node(leaf) else leaf)))
        if not (may_move and _can_be_moved(leaf)):
            self._leaves.append((None, leaf))
            return
        self._leaves.append((len(self.variables), None))
        data = leaf.data if is_node(leaf) else leaf
        if not isinstance(data, (np.ndarray, np.generic)):
            data = exact_float(data)
        array = np.array(data)
        self.variables.append(
            Variable(path, array if array.dtype.kind == "f" else array.astype(np.float64), leaf)
        )

    @property
    def data(self) -> list[np.ndarray]:
        """The numbers of the variables as they were given."""
        return [variable.data for variable in self.variables]

    @property
    def size(self) -> int:
        """How many numbers can be moved."""
        return self._offsets[-1]

    def require_variable(self, who: str) -> None:
        """Refuse arguments of which nothing can be moved.

        Raises:
            OperandError: whose message begins with ``who``.
        """
        if not self.size:
            raise OperandError(
                f"{who}: none of the inputs is a float, or an array or a node with at least one "
                "element; convert what another library holds to NumPy's arrays"
            )

    def joined(self, data: Sequence[Any]) -> np.ndarray:
        """Numbers of the variables, or what belongs to each, in one vector of float64."""
        if self._all_single:
            return np.array(data, dtype=np.float64)
        return np.concatenate([np.ravel(array) for array in data]).astype(np.float64)

    def split(self, vector: np.ndarray) -> list[Any]:
        """The parts of such a vector that belong to each variable, in its shape."""
        if self._all_single:
            return list(vector)
        return [
            vector[start:stop].reshape(variable.data.shape)
            for variable, start, stop in zip(
                self.variables, self._offsets, self._offsets[1:], strict=False
            )
        ]

    def place(self, element: int) -> tuple[Variable, tuple[int, ...]]:
        """The variable to which an element of such a vector belongs, and its index in it."""
        number = bisect_right(self._offsets, element) - 1
        variable = self.variables[number]
        index = np.unravel_index(element - self._offsets[number], variable.data.shape)
        return variable, tuple(map(int, index))

    def as_given(self, data: Sequence[np.ndarray]) -> list[Any]:
        """The arguments with these numbers, each leaf of the kind that was given."""
        pairs = zip(self.variables, data, strict=True)
        return self.filled([variable.as_given(numbers) for variable, numbers in pairs])

    def filled(self, leaves: Sequence[Any]) -> list[Any]:
        """The arguments with these leaves in the places of the variables.

        An array that is not moved is copied: a function may write into it.
        """
        filled = iter(
            leaves[number]
            if number is not None
            else constant.copy()
            if isinstance(constant, np.ndarray)
            else constant
            for number, constant in self._leaves
        )
        return [structure.unflatten(filled) for structure in self._structures]

    def leaves_of(self, trees: Sequence[Any]) -> list[Any]:
        """From trees in the structures of the arguments the leaves in the places of variables.

        Raises:
            OperandError: if a tree has not the structure of its argument.
        """
        leaves: list[Any] = []
        place = 0
        for position, structure in enumerate(self._structures):
            name = self._names[position]
            own = self._leaves[place : place + len(structure.paths(name))]
            place += len(own)
            if position in self.moving:
                found = flatten_like(trees[position], f"the gradient of {name}", structure, name)
                leaves += [
                    x for x, (number, _) in zip(found, own, strict=True) if number is not None
                ]
        return leaves


def _opened(argument: Any, name: str) -> tuple[list[Any], Structure]:
    """The leaves of an argument and its structure; what cannot be opened is one leaf."""
    try:
        return flatten(argument, name)
    except OperandError:
        return [argument], LEAF


def _can_be_moved(leaf: Any) -> bool:
    if is_node(leaf):
        return True
    if isinstance(leaf, np.ndarray):
        return bool(leaf.dtype.kind == "f")
    return isinstance(leaf, numbers.Real) and not isinstance(leaf, (bool, np.bool_))


def power_of_two_above(x: Any) -> Any:
    """By how much a step of one moves a number: the power of two above it, and no less than one.

    In steps of its own size a number is not lost in rounding, and by a power of two it is moved
    exactly, in any dtype.

    >>> power_of_two_above(np.array([-0.3, 5.0])).tolist()
    [1.0, 8.0]
    """
    return np.exp2(np.ceil(np.log2(np.fmax(1.0, np.abs(x)))))


def numbers_in(result: Any, of: str = "the function", allow_complex: bool = False) -> np.ndarray:
    """The number or the array that a function returned, as an array of its own.

    It may be a node, or an array of another library that NumPy can read.

    Raises:
        OperandError: if it holds anything but real numbers, or complex ones where these are
            allowed.
    """
    if is_node(result):
        result = result.data
    detach: Callable[[], Any] | None = getattr(result, "detach", None)
    try:
        # A copy that NumPy makes itself: PyTorch's arrays do not know how to be asked for one.
        array = np.asarray(result if detach is None else detach()).copy()
    except (TypeError, ValueError) as error:
        raise OperandError(f"{of} returned {shortened(result)}: {error}") from error
    if array.dtype.kind == "O" and all(map(is_node, array.flat)):
        array = np.array([node.data for node in array.flat], float).reshape(array.shape)
    if array.dtype.kind not in ("fiubc" if allow_complex else "fiub"):
        raise OperandError(
            f"{of} returned {shortened(result)} ({type(result).__name__}), which is not a real "
            "number or an array of them"
        )
    return array if array.dtype.kind in "fc" else array.astype(np.float64)
