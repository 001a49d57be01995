"""A function and its derivative at one point, as the check compares them.

Three kinds have the same face: a function that records a graph, the gradient of such a function,
and a function of any library with a gradient that was written by hand. The inputs that can be
moved are taken as one vector, a point, and so are results, whatever their structure; ``weights``
make a scalar of these for reverse mode.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from typing import Any, Protocol

import numpy as np

from ..backward import is_node, topological_order
from ..errors import AutogradError, GradientMismatch, OperandError, ShapeError
from ..exact import shortened
from ..forward import Linearization
from ..functional import gradients
from ..modes import enable_grad, no_grad
from ..structures import flatten, parameter_names
from ..tensor import Tensor
from ..value import Value
from .arguments import Arguments, numbers_in
from .replay import frozen_nodes, with_frozen
from .rounding import changes_by_last_digits, magnitude
from .tolerance import NOISE_MARGIN

__all__ = ["Derivative", "OfGradient", "OfGraph", "OfPair", "WrongPassError"]

Function = Callable[..., Any]

# From where a second pass starts, in proportion to the first.
SECOND_PASS = -0.7


class WrongPassError(AutogradError):
    """A pass whose gradients cannot be right, whatever the slope of the function is."""


class Derivative(Protocol):
    """A derivative that can be held against differences of what it is the derivative of."""

    arguments: Arguments
    weights: np.ndarray
    """One for each number of the result."""
    epsilon: float
    """The relative size of a rounding error in the results."""
    source: str
    """Who gave the derivative, in messages."""

    def values(self, point: np.ndarray) -> np.ndarray:
        """The result at a point."""
        ...

    def adjoint(self) -> np.ndarray:
        """The gradient of the weighted sum of the result at the point itself."""
        ...

    def adjoint_at(self, point: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """The same at another point, or with other weights."""
        ...

    def along(self, direction: np.ndarray) -> np.ndarray | None:
        """The derivative of the result along a direction; None where nothing gives it."""
        ...

    def magnitude(self) -> float:
        """What rounding on the way may do to the weighted sum, in units of epsilon."""
        ...

    def graph(self) -> Sequence[Any]:
        """The nodes in which a wrong gate is to be looked for, recorded anew."""
        ...

    def graph_at(self, point: np.ndarray) -> Sequence[Any]:
        """The same nodes at another point."""
        ...


class OfGraph:
    """The derivative of a function on Values or Tensors, by the graph that it records."""

    source = "backward"

    def __init__(self, f: Function, inputs: Sequence[Any], rng: np.random.Generator) -> None:
        self.f = f
        self.arguments = Arguments(inputs, parameter_names(f, len(inputs)))
        self.arguments.require_variable("check_gradients")
        self.kind = _kind_of(self.arguments)
        self.point = self.arguments.joined(self.arguments.data)
        self.nodes, self.outputs = self.recorded(self.arguments.split(self.point))
        self._held = [node.data for node in frozen_nodes(self.outputs)]
        start = _as_vector(self.outputs)
        self._size = start.size
        if not self._size:
            raise OperandError("check_gradients: the function returned no number")
        self.epsilon = max(float(np.finfo(numbers_in(o).dtype).eps) for o in self.outputs)
        self.weights = _weights(start.size, rng)
        self._linearization: Linearization | None = None
        _check_same(start, self.values(self.point))

    def recorded(self, data: Sequence[np.ndarray]) -> tuple[list[Any], list[Any]]:
        """The leaves that stand for the variables, and the outputs, with their graph."""
        nodes = [self.kind(array) for array in data]
        with enable_grad(), np.errstate(all="ignore"):
            result = self.f(*self.arguments.filled(nodes))
        outputs, _ = flatten(result, "the result of the function")
        for node, array, variable in zip(nodes, data, self.arguments.variables, strict=True):
            if node.gate is not None or not _equal(node.data, array):
                raise GradientMismatch(
                    f"check_gradients: the function changes its argument {variable.path} in place; "
                    "let it work on a copy: what depends on the old numbers has no right gradient",
                    node=_first_node(outputs),
                )
        return nodes, outputs

    def frozen(self, outputs: list[Any]) -> list[Any]:
        """The outputs with the results of ``stop_gradient`` as they are at the point itself."""
        with np.errstate(all="ignore"):
            return with_frozen(outputs, self._held) if self._held else outputs

    def values(self, point: np.ndarray) -> np.ndarray:
        """The result at a point."""
        data = self.arguments.split(point)
        with np.errstate(all="ignore"):
            if self._held:
                vector = _as_vector(self.frozen(self.recorded(data)[1]))
            else:
                # Arrays are not kept for a pass; of scalars a graph costs less than the mode does.
                with no_grad() if self.kind is Tensor else nullcontext():
                    nodes = [self.kind(array) for array in data]
                    result = self.f(*self.arguments.filled(nodes))
                    vector = _as_vector(flatten(result, "the result of the function")[0])
        if vector.size != self._size:
            raise ShapeError(
                f"check_gradients: the function returned {self._size} numbers at the point and "
                f"{vector.size} beside it; the shape of its result must not depend on its values"
            )
        return vector

    def pairs(
        self, outputs: Sequence[Any], weights: np.ndarray | None = None
    ) -> list[tuple[Any, Any]]:
        """The outputs that are nodes, each with its weights in its shape."""
        sizes = np.cumsum([np.size(numbers_in(output)) for output in outputs])[:-1]
        parts = np.split(self.weights if weights is None else weights, sizes)
        return [
            (output, float(part[0]) if type(output) is Value else part.reshape(output.shape))
            for output, part in zip(outputs, parts, strict=True)
            if is_node(output)
        ]

    def adjoint(self) -> np.ndarray:
        """By ``backward``; what a second pass from other weights adds must be in proportion."""
        first = self.sent_back(self.nodes, self.outputs)
        both = self.sent_back(self.nodes, self.outputs, SECOND_PASS * self.weights)
        expected = (1 + SECOND_PASS) * first
        wrong = np.isfinite(first) & ~np.isclose(both, expected, rtol=1e-3, atol=1e-12)
        if wrong.any():
            # The order of additions is another, which counts where large terms cancel.
            changes = changes_by_last_digits(self.adjoint_at, self.point, first)
            noise = np.abs(changes).max(axis=0) + np.finfo(np.float64).eps * self.magnitude()
            wrong &= ~(np.abs(both - expected) <= NOISE_MARGIN * noise)
        if wrong.any():
            element = int(np.argmax(wrong))
            variable, index = self.arguments.place(element)
            raise WrongPassError(
                f"a pass leaves {first[element]:.6g} in {variable.element(index)}, and after a "
                f"second one from {SECOND_PASS} times the gradient of the result it is "
                f"{both[element]:.6g}, not {expected[element]:.6g}; gradients of passes add up, "
                "and are in proportion to where they start: does a vjp or a hook leave out g, or "
                "keep or change what it was given?"
            )
        return first

    def adjoint_at(self, point: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """By ``backward`` of a graph of its own."""
        nodes, outputs = self.recorded(self.arguments.split(point))
        return self.sent_back(nodes, outputs, weights)

    def sent_back(
        self, nodes: Sequence[Any], outputs: Sequence[Any], weights: np.ndarray | None = None
    ) -> np.ndarray:
        """What the leaves hold after a pass from the outputs, zero where none has reached them.

        Other leaves, such as parameters that the function knows by itself, keep their gradients.
        """
        pairs = self.pairs(outputs, weights)
        own = set(map(id, nodes))
        order = topological_order(*(output for output, _ in pairs))
        kept = [(leaf, leaf.grad) for leaf in order if leaf.gate is None and id(leaf) not in own]
        for output, weight in pairs:
            output.backward(weight)
        for leaf, gradient in kept:
            leaf.grad = gradient
        sent = []
        for node, variable in zip(nodes, self.arguments.variables, strict=True):
            shape = np.shape(node.data)
            gradient = np.zeros(shape) if node.grad is None else node.grad
            if np.shape(gradient) != shape:
                raise WrongPassError(
                    f"the gradient by {variable.path} has shape {np.shape(gradient)}, and "
                    f"{variable.path} has shape {shape}"
                )
            sent.append(gradient)
        return self.arguments.joined(sent)

    def along(self, direction: np.ndarray) -> np.ndarray | None:
        """By forward mode, where every gate on the way has it."""
        roots = [output for output in self.outputs if is_node(output)]
        with np.errstate(all="ignore"):
            try:
                if self._linearization is None:
                    self._linearization = Linearization(roots, self.nodes, create_graph=False)
                # None, not zero, for what stands still: its derivative may be infinite.
                tangents = [way if np.any(way) else None for way in self.arguments.split(direction)]
                pushed = iter(self._linearization(tangents))
            except OperandError:
                return None  # a vjp that is not written in gates has no transpose
        parts = []
        for output in self.outputs:
            tangent = next(pushed) if is_node(output) else None
            shape = numbers_in(output).shape
            parts.append(np.broadcast_to(0.0 if tangent is None else tangent, shape).ravel())
        return np.concatenate(parts) if parts else np.zeros(0)

    def magnitude(self) -> float:
        """By the sizes of all numbers in the graph."""
        return magnitude(self.pairs(self.outputs))

    def graph(self) -> Sequence[Any]:
        """The outputs, recorded anew: with names, and with gradients as far as these come."""
        nodes, outputs = self.recorded(self.arguments.split(self.point))
        for node, variable in zip(nodes, self.arguments.variables, strict=True):
            node.name = node.name or variable.path
        with suppress(Exception):  # whoever asks for the graph looks for a rule that raises
            self.sent_back(nodes, outputs)
        return outputs

    def graph_at(self, point: np.ndarray) -> Sequence[Any]:
        """The outputs, recorded at another point."""
        return self.recorded(self.arguments.split(point))[1]

    def output(self) -> Any:
        """The first output that is a node."""
        return _first_node(self.outputs)


class OfGradient:
    """The derivative of the gradient of a function on nodes, by the graph of the gradient."""

    source = "the second backward"

    def __init__(self, first: OfGraph, rng: np.random.Generator) -> None:
        self._first = first
        self.arguments = first.arguments
        self.epsilon = first.epsilon
        self.weights = _weights(self.arguments.size, rng)

    def _recorded(self, point: np.ndarray, create_graph: bool) -> list[Any]:
        first = self._first
        with np.errstate(all="ignore"), enable_grad():
            self.nodes, outputs = first.recorded(self.arguments.split(point))
            self.outputs = first.frozen(outputs)
            pairs = first.pairs(self.outputs)
            roots, seeds = [list(part) for part in zip(*pairs, strict=True)] if pairs else ([], [])
            return list(gradients(roots, self.nodes, seeds, create_graph))

    def values(self, point: np.ndarray) -> np.ndarray:
        """The gradient at a point."""
        slopes = self._recorded(point, create_graph=False)
        return self.arguments.joined([slope.data for slope in slopes])

    def adjoint(self) -> np.ndarray:
        """The Hessian times the weights."""
        return self.adjoint_at(self._first.point)

    def adjoint_at(self, point: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """The Hessian at another point times the weights."""
        return self._product(point, self.weights if weights is None else weights)

    def along(self, direction: np.ndarray) -> np.ndarray | None:
        """The Hessian, which is symmetric, times the direction."""
        return self._product(self._first.point, direction)

    def _product(self, point: np.ndarray, vector: np.ndarray) -> np.ndarray:
        slopes = self._recorded(point, create_graph=True)
        with np.errstate(all="ignore"):
            products = [
                slope * float(part) if type(slope) is Value else (slope * part).sum()
                for slope, part in zip(slopes, self.arguments.split(vector), strict=True)
            ]
            bends = gradients(products, self.nodes)
        return self.arguments.joined([bend.data for bend in bends])

    def magnitude(self) -> float:
        """By the sizes of all numbers in the graph of the gradient."""
        slopes = self._recorded(self._first.point, create_graph=True)
        return magnitude(list(zip(slopes, self.arguments.split(self.weights), strict=True)))

    def graph(self) -> Sequence[Any]:
        """The outputs and, where the rules make a graph of them, the gradients."""
        outputs = self._first.graph()
        try:
            slopes = self._recorded(self._first.point, create_graph=True)
        except Exception:  # what raises is a rule of a gate of the outputs
            return outputs
        return [*self.outputs, *slopes]

    def graph_at(self, point: np.ndarray) -> Sequence[Any]:
        """The outputs and the gradients at another point."""
        slopes = self._recorded(point, create_graph=True)
        return [*self.outputs, *slopes]


class OfPair:
    """The derivative of a function of plain numbers and arrays, by another function."""

    source = "gradient="

    def __init__(
        self, f: Function, gradient: Function, inputs: Sequence[Any], rng: np.random.Generator
    ) -> None:
        self._f = f
        names = parameter_names(f, len(inputs))
        self.arguments = Arguments(inputs, names)
        self.arguments.require_variable("check_gradients")
        result = numbers_in(self._called(f, self.arguments.data, "the function"))
        dtypes = [result.dtype, *(array.dtype for array in self.arguments.data)]
        self.epsilon = max(float(np.finfo(dtype).eps) for dtype in dtypes)
        self.weights = _weights(result.size, rng)
        self._gradient, self._inputs, self._shape = gradient, inputs, result.shape
        given = self._called(gradient, self.arguments.data, "the gradient")
        trees = _one_for_each(given, inputs, self.arguments.moving)
        if all(tree is None for tree in trees):
            raise OperandError(
                "check_gradients: gradient= returned None for each input that holds floats"
            )
        unchecked = [i for i, tree in enumerate(trees) if tree is None]
        self.arguments = Arguments(inputs, names, constant=unchecked)
        self._jacobian = _jacobian(trees, self.arguments, result.shape)
        _check_same(result.ravel(), self.values(self.arguments.joined(self.arguments.data)))

    def _called(self, function: Function, data: Sequence[np.ndarray], what: str) -> Any:
        """What a function returns, of arguments of its own, which it must leave as they are."""
        variables = self.arguments.variables
        leaves = [v.as_given(array) for v, array in zip(variables, data, strict=True)]
        before = [numbers_in(leaf) for leaf in leaves]
        result = function(*self.arguments.filled(leaves))
        for leaf, array, variable in zip(leaves, before, variables, strict=True):
            if not _equal(numbers_in(leaf), array):
                raise GradientMismatch(
                    f"check_gradients: {what} changes its argument {variable.path} in place; let "
                    "it work on a copy"
                )
        return result

    def values(self, point: np.ndarray) -> np.ndarray:
        """The result at a point."""
        data = self.arguments.split(point)
        with np.errstate(all="ignore"):
            result = numbers_in(self._called(self._f, data, "the function"))
        return result.ravel().astype(np.float64)

    def adjoint(self) -> np.ndarray:
        """The weighted sum of the rows of the Jacobian."""
        product: np.ndarray = self.weights @ self._jacobian
        return product

    def adjoint_at(self, point: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """The same, from what the gradient function gives at another point."""
        given = self._called(self._gradient, self.arguments.split(point), "the gradient")
        trees = _one_for_each(given, self._inputs, self.arguments.moving)
        jacobian = _jacobian(trees, self.arguments, self._shape)
        product: np.ndarray = (self.weights if weights is None else weights) @ jacobian
        return product

    def along(self, direction: np.ndarray) -> np.ndarray | None:
        """The Jacobian times the direction."""
        product: np.ndarray = self._jacobian @ direction
        return product

    def magnitude(self) -> float:
        """Nothing is known of what happens on the way."""
        return 0.0

    def graph(self) -> Sequence[Any]:
        """There is none."""
        return ()

    def graph_at(self, point: np.ndarray) -> Sequence[Any]:
        """There is none."""
        return ()


def _weights(size: int, rng: np.random.Generator) -> np.ndarray:
    """Weights for a result of so many numbers; one number is its own sum."""
    if size == 1:
        return np.ones(1)
    weights: np.ndarray = rng.uniform(0.5, 1.5, size) * rng.choice([-1.0, 1.0], size)
    return weights


def _kind_of(arguments: Arguments) -> type:
    """The kind of nodes to run on: Values where one was given, else Tensors."""
    if not any(type(variable.like) is Value for variable in arguments.variables):
        return Tensor
    for variable in arguments.variables:
        if type(variable.like) is Tensor or variable.data.ndim:
            raise OperandError(
                f"check_gradients: {variable.path} is an array, and another argument a Value; they "
                "cannot stand in one graph: pass Values alone, in lists, or none"
            )
    return Value


def _check_same(first: np.ndarray, second: np.ndarray) -> None:
    """Refuse a function that gives something else at each call."""
    size = np.max(np.abs(first), initial=0.0, where=np.isfinite(first))
    if first.shape != second.shape or not np.allclose(
        first, second, rtol=0, atol=1e-3 * size, equal_nan=True
    ):
        raise OperandError(
            f"check_gradients: the function gave {shortened(first)} at one call and "
            f"{shortened(second)} at the next, for the same inputs; what it draws at random must "
            "be the same at each call: make the generator in it, from a fixed seed"
        )


def _as_vector(outputs: Sequence[Any]) -> np.ndarray:
    """All numbers of the outputs, in double precision."""
    parts = [numbers_in(output).ravel() for output in outputs]
    return np.concatenate([*parts, np.zeros(0)]).astype(np.float64)


def _equal(found: Any, expected: Any) -> bool:
    """Whether numbers or arrays are equal, nan to nan."""
    if isinstance(found, float):
        return found == expected or found != found
    return np.array_equal(found, expected, equal_nan=True)


def _first_node(outputs: Sequence[Any]) -> Any:
    return next(filter(is_node, outputs), None)


def _one_for_each(given: Any, inputs: Sequence[Any], moving: Sequence[int]) -> list[Any]:
    """What the gradient function returned, by input; None for an input that is not checked.

    Raises:
        OperandError: if it is not one gradient for each input that can be moved.
    """
    if len(moving) == 1 and not (isinstance(given, tuple) and len(given) in (1, len(inputs))):
        given = (given,)
    if not isinstance(given, (tuple, list)) or len(given) not in (len(moving), len(inputs)):
        count = len(given) if isinstance(given, (tuple, list)) else 1
        raise OperandError(
            f"check_gradients: gradient= returned {count} gradient{'s' * (count != 1)}, and "
            f"{len(moving)} of the inputs hold floats; return a tuple with one for each, None for "
            "one that is not to be checked"
        )
    given = [_plain(tree) for tree in given]
    if len(given) == len(inputs):
        return [tree if i in moving else None for i, tree in enumerate(given)]
    remaining = iter(given)
    return [next(remaining) if i in moving else None for i in range(len(inputs))]


def _plain(tree: Any) -> Any:
    """What was returned for one input, with the arrays of other libraries as NumPy's."""
    if isinstance(tree, dict):
        return {key: _plain(part) for key, part in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [_plain(part) for part in tree]
    if hasattr(tree, "__array__") and not is_node(tree):
        return numbers_in(tree, "gradient=")
    return tree


def _jacobian(trees: Sequence[Any], arguments: Arguments, shape: tuple[int, ...]) -> np.ndarray:
    """The gradients by the variables as one matrix, with a row for each number of the result."""
    columns = []
    for variable, leaf in zip(arguments.variables, arguments.leaves_of(trees), strict=True):
        jacobian = numbers_in(leaf, "gradient=").astype(np.float64)
        expected = shape + variable.data.shape
        if jacobian.shape != expected:
            transposed = " (its transpose has)" if jacobian.T.shape == expected else ""
            raise GradientMismatch(
                f"check_gradients: gradient= returned shape {jacobian.shape} for {variable.path}, "
                f"whose gradient has shape {expected}{transposed}"
            )
        columns.append(jacobian.reshape(math.prod(shape), variable.data.size))
    return np.concatenate(columns, axis=1)
