"""Lowering: the computation of an array graph, run again as a graph of scalar gates.

A Tensor becomes a NumPy array of objects that holds one Value for each of its elements, and every
gate is applied to such arrays: an elementwise one to each element, an array gate by its form for
scalars, or by NumPy's own function where that does the right thing to objects. What was a constant
stays a plain number.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .backward import topological_order
from .errors import AutogradError, OperandError, SettingError, StaleError
from .exact import shortened
from .gate import Gate
from .modes import enable_grad, lines_as
from .structures import flatten, parameter_names
from .tensor import Tensor
from .value import Value

__all__ = ["Lowered", "lower", "run_on_scalars", "scalar_count"]


@dataclass(frozen=True, eq=False, repr=False)
class Lowered:
    """An array computation as a graph of scalar gates.

    ``lowered[tensor]`` is what a Tensor of the array graph has become, be it a leaf (which may also
    be called by its name) or an inner node: an array of its shape that holds Values, and plain
    numbers where a gate put constants; for a Tensor of shape () the Value itself. An inner node
    that only picks or moves elements holds the very Values that it picked, whose gradients are then
    those of all their uses.
    """

    output: Any
    """The output: a Value, or an array of Values if it has axes."""
    leaves: dict[str, Tensor]
    """The leaves of the array graph by their names, in topological order."""
    _scalars: dict[Tensor, np.ndarray]

    def __getitem__(self, tensor: Tensor | str) -> Any:
        return self._scalars[self._found(tensor)][()]

    def gradient(self, leaf: Tensor | str) -> np.ndarray:
        """The gradients of a leaf, given itself or by its name, as an array of its shape.

        Raises:
            OperandError: if this is no leaf of the graph.
        """
        tensor = self._found(leaf)
        if tensor.gate is not None:
            raise OperandError(
                f"gradient: {_called(tensor)} is an inner node, which may share its scalars with "
                "others; lowered[...] holds them, with the gradients of all their uses"
            )
        gradients = [value.grad for value in self._scalars[tensor].flat]
        return np.array(gradients, dtype=np.float64).reshape(tensor.shape)

    def __repr__(self) -> str:
        leaves = ", ".join(f"{name} {leaf.shape}" for name, leaf in self.leaves.items())
        return f"<Lowered: output {np.shape(self.output)}; leaves: {leaves}>"

    def _found(self, tensor: Any) -> Tensor:
        found = self.leaves.get(tensor) if isinstance(tensor, str) else tensor
        if type(found) is Tensor and found in self._scalars:
            return found
        called = _called(tensor) if type(tensor) is Tensor else shortened(tensor)
        raise OperandError(
            f"{called} is not a Tensor of the lowered graph, whose leaves are "
            f"{', '.join(self.leaves)}"
        )


def lower(
    output: Tensor | Callable[..., Tensor],
    *arguments: Any,
    names: Mapping[str, Any] | None = None,
    limit: int | None = 100_000,
) -> Lowered:
    """An array computation as a graph of scalar gates: with the same values and gradients.

    Every element of a leaf Tensor becomes a Value that is named after its place, such as
    ``W[0, 2]``; so are the results of an inner node that has a name. Constants stay plain numbers.
    A leaf without a name is called ``leaf1``, ``leaf2``, and a name that several leaves have is
    numbered, as in ``W#2``. Scalars are computed in float64, from the same numbers, whatever the
    dtype of the Tensors. A graph is made also inside of ``no_grad``. Hooks are not taken along.

    Args:
        output: a Tensor, or a function that returns one.
        arguments: what to call the function with. Floats and arrays of them, also in lists, tuples
            and dicts, become Tensors that are named after its parameters; Tensors, integers and
            all else, such as labels, are passed as they are.
        names: names for Tensors, in place of those that they have; ``locals()`` will do.
        limit: how many scalars to make at most, as estimated before any is made, where a sum of
            products, such as an element of a matrix product, counts each of these; None for no
            limit.

    Raises:
        OperandError: if ``output`` is neither, the function does not return a Tensor, or a gate
            has no form for scalars.
        SettingError: if the graph would have more than ``limit`` scalars.
        StaleError: if a leaf was changed after the graph was recorded.

    >>> w, x = Tensor([[0.1, 0.5], [-0.3, 0.8]], name="W"), Tensor([0.2, 0.4], name="x")
    >>> lowered = lower(((w @ x) ** 2).sum())
    >>> lowered.output.backward()
    >>> lowered.gradient(x).round(3)
    array([-0.112,  0.636])
    >>> lowered[w][0, 1].name
    'W[0, 1]'
    """
    named = _names_by_identity(names)
    if callable(output):
        root = _recorded(output, arguments, named)
    elif type(output) is Tensor and not arguments:
        root = output
    else:
        raise OperandError(
            f"lower: {shortened(output)} is not a Tensor or a function that returns one"
            if not arguments
            else "lower: a Tensor takes no arguments; they are for a function"
        )
    order = topological_order(root)
    leaf_names = _leaf_names(order, named)
    _check_size(order, leaf_names, limit)
    _check_numbers(order)
    with enable_grad():
        scalars = {leaf: _leaf_scalars(leaf, name) for leaf, name in leaf_names.items()}
        run_on_scalars(root, scalars)
        # A constant that stands in the output can be differentiated all the same.
        scalars[root] = _applied_to_each(_as_value, scalars[root])
    for node in order:
        name = named.get(id(node), node.name)
        if node.gate is not None and name is not None:
            _give_names(scalars[node], name)
    leaves = {name: leaf for leaf, name in leaf_names.items()}
    return Lowered(scalars[root][()], leaves, scalars)


def run_on_scalars(root: Tensor, scalars: dict[Tensor, np.ndarray]) -> np.ndarray:
    """The array of scalars of a Tensor, from those of all Tensors at which its graph begins.

    Args:
        root: what to compute.
        scalars: the arrays that are known; those of the inner nodes on the way are added.

    Raises:
        OperandError: if a gate has no form for scalars.
    """
    for node in topological_order(root, boundary=frozenset(map(id, scalars))):
        if node in scalars:
            continue
        if node.gate is None:
            scalars[node] = _leaf_scalars(node, None)
            continue
        operands = [
            scalars[operand] if type(operand) is Tensor else _constant(node, position)
            for position, operand in enumerate(node.operands)
        ]
        with lines_as(node.line):
            scalars[node] = _applied(node, operands)
    return scalars[root]


def _applied(node: Tensor, operands: list[np.ndarray]) -> np.ndarray:
    """What the gate of a node makes of arrays of scalars."""
    gate = node.gate
    if isinstance(gate, Gate):
        return _applied_to_each(gate, *operands)
    assert gate is not None
    # What gets no gradient only decides, by its numbers.
    operands = [
        _numbers(operand) if gate.vjp(position) is None else operand
        for position, operand in enumerate(operands)
    ]
    compute = gate.on_scalars or gate.forward
    try:
        result = compute(*operands, **node.arguments)
    except AutogradError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise OperandError(
            _no_scalar_form(node, f"its forward fails on arrays of Values ({error})")
        ) from error
    scalars = _as_objects(result)
    if scalars.shape != node.shape:
        raise OperandError(
            _no_scalar_form(node, f"it gives shape {scalars.shape}, not {node.shape}, on Values")
        )
    holds_numbers = isinstance(result, np.ndarray) and result.dtype != object
    if holds_numbers and any(operand.dtype == object for operand in operands):
        raise OperandError(_no_scalar_form(node, "its forward turns Values into plain numbers"))
    return scalars


def _no_scalar_form(node: Tensor, reason: str) -> str:
    line = "" if node.line is None else f", at {node.line}"
    gate = node.gate
    return (
        f"lower: the gate {gate and gate.name}{line} has no form for scalars: {reason}; give its "
        "ArrayGate an on_scalars, or compute this part with other gates"
    )


def _applied_to_each(function: Callable[..., Any], *operands: np.ndarray) -> np.ndarray:
    return _as_objects(np.frompyfunc(function, len(operands), 1)(*operands))


def _as_objects(result: Any) -> np.ndarray:
    """A result as an array of objects: NumPy gives the bare object where there are no axes."""
    if isinstance(result, np.ndarray):
        return result.astype(object, copy=False)
    scalars = np.empty((), dtype=object)
    scalars[()] = result
    return scalars


def _as_value(scalar: Any) -> Value:
    return scalar if type(scalar) is Value else Value(scalar)


def _numbers(scalars: np.ndarray) -> np.ndarray:
    # A Value is a float to NumPy.
    return scalars.astype(np.float64)


def _constant(node: Tensor, position: int) -> np.ndarray:
    return np.asarray(node.operand_array(position), dtype=np.float64)


def _leaf_scalars(leaf: Tensor, name: str | None) -> np.ndarray:
    with lines_as(leaf.line):
        scalars = _applied_to_each(Value, np.asarray(leaf, dtype=np.float64))
    if name is not None:
        _give_names(scalars, name)
    return scalars


def _give_names(scalars: np.ndarray, name: str) -> None:
    """Name each Value after its place; one that is named already keeps its name."""
    for place, scalar in np.ndenumerate(scalars):
        if type(scalar) is Value and scalar.name is None:
            scalar.name = f"{name}[{', '.join(map(str, place))}]" if place else name


def _recorded(f: Callable[..., Any], arguments: tuple[Any, ...], named: dict[int, str]) -> Tensor:
    """The result of a function, with its graph recorded; its arguments get names in ``named``."""
    tensors = [
        _as_tensors(argument, name, named)
        for argument, name in zip(arguments, parameter_names(f, len(arguments)), strict=True)
    ]
    with enable_grad():
        output = f(*tensors)
    if type(output) is not Tensor:
        raise OperandError(
            f"lower: the function returned {shortened(output)} ({type(output).__name__}), not one "
            "Tensor; arguments become Tensors if they are floats or arrays of floats"
        )
    return output


def _as_tensors(argument: Any, path: str, named: dict[int, str]) -> Any:
    """An argument with Tensors in place of its floats and arrays of floats, called by paths."""
    is_container = isinstance(argument, (dict, list, tuple)) or (
        isinstance(argument, np.ndarray) and argument.dtype == object
    )
    if is_container:
        leaves, structure = flatten(argument, path)
        paths = structure.paths(path)
        return structure.unflatten(map(_as_tensors, leaves, paths, [named] * len(leaves)))
    is_float = isinstance(argument, float) or (
        isinstance(argument, (np.ndarray, np.generic)) and argument.dtype.kind == "f"
    )
    if is_float:
        return Tensor(argument, name=path)
    if type(argument) is Tensor and argument.name is None:
        named.setdefault(id(argument), path)
    return argument


def _names_by_identity(names: Mapping[str, Any] | None) -> dict[int, str]:
    """The name of each Tensor; notebooks keep every result under one with an underscore."""
    if names is not None and not isinstance(names, Mapping):
        raise OperandError(
            f"names={shortened(names)} is not a mapping from names to Tensors; pass "
            'names=locals() or names={"W": W}'
        )
    found: dict[int, str] = {}
    for name, thing in (names or {}).items():
        if type(thing) is Tensor and not str(name).startswith("_"):
            found.setdefault(id(thing), str(name))
    return found


def _leaf_names(order: Sequence[Tensor], named: Mapping[int, str]) -> dict[Tensor, str]:
    """A name of its own for each leaf."""
    wanted = {node: named.get(id(node), node.name) for node in order if node.gate is None}
    taken = {name for name in wanted.values() if name is not None}
    given: set[str] = set()
    names: dict[Tensor, str] = {}
    for leaf, name in wanted.items():
        if name is None or name in given:
            stem, first = ("leaf", 1) if name is None else (f"{name}#", 2)
            numbered = (f"{stem}{number}" for number in itertools.count(first))
            name = next(candidate for candidate in numbered if candidate not in taken)
            taken.add(name)
        given.add(name)
        names[leaf] = name
    return names


def _check_numbers(order: Sequence[Tensor]) -> None:
    """See to it that every gate was given the numbers that the leaves hold now."""
    for node in order:
        for position, operand in enumerate(node.operands):
            seen = node.operand_array(position)
            if type(operand) is not Tensor or operand.gate is not None:
                continue
            if not np.array_equal(seen, np.asarray(operand), equal_nan=True):
                raise StaleError(
                    f"lower: {_called(operand)} has got other data after the gate "
                    f"{node.gate and node.gate.name} was recorded; compute again what depends on "
                    "it, and lower that"
                )


def _check_size(
    order: Sequence[Tensor], leaf_names: Mapping[Tensor, str], limit: int | None
) -> None:
    """Refuse a graph of too many scalars before any is made."""
    counts = [_count(node) for node in order]
    total = sum(counts)
    if limit is None or total <= limit:
        return
    largest = sorted(range(len(order)), key=lambda i: -counts[i])[:3]
    parts = "; ".join(f"{_described(order[i], leaf_names)}: {counts[i]:,}" for i in largest)
    raise SettingError(
        f"lower: the graph would have about {total:,} scalars, more than limit={limit:,}; the most "
        f"are of {parts}; lower it for fewer samples or a smaller net, or pass limit=None and wait"
    )


def scalar_count(output: Tensor) -> int:
    """About how many scalars the lowered graph of a Tensor would have, without making any."""
    return sum(map(_count, topological_order(output)))


def _count(node: Tensor) -> int:
    """About how many scalars the gate of a node makes, or how many products they are sums of."""
    gate = node.gate
    if gate is None or isinstance(gate, Gate) or len(node.operands) < 2:
        return node.size
    # Of arrays of ones, each product is one: the sum of the result is the number of them.
    ones = [np.ones(np.shape(operand)) for operand in node.operands]
    try:
        with np.errstate(all="ignore"):
            products = float(np.sum(gate.forward(*ones, **node.arguments)))
    except Exception:  # such as a singular matrix; the gate need not be one of products
        return node.size
    return max(node.size, int(products) if math.isfinite(products) else 0)


def _described(node: Tensor, leaf_names: Mapping[Tensor, str]) -> str:
    if node.gate is None:
        return f"{leaf_names[node]} {node.shape}"
    shapes = ", ".join(str(np.shape(operand)) for operand in node.operands)
    return f"{node.gate.name} of {shapes}"


def _called(tensor: Tensor) -> str:
    named = "" if tensor.name is None else f" {tensor.name!r}"
    return f"the Tensor{named} of shape {tensor.shape}"
