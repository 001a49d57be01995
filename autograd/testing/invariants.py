"""What holds for gradients besides their being right: their shape, their dtype, their sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arrays import summed_to
from ..backward import is_node, topological_order
from ..errors import GradientMismatch
from ..tensor import Tensor
from .differentiated import OfGraph

__all__ = ["check_broadcasting", "check_dtype"]

# Of so many roundings of the inputs and of the gradient itself a gradient may be made.
ROUNDINGS = 64.0


def check_broadcasting(derivative: OfGraph, sent: np.ndarray) -> None:
    """See to it that it does not matter whether an input is broadcast by a gate or was before.

    Each input is stretched to the shape in which it meets the others. Where the function takes it
    so and gives the same, the gradient, summed over what was stretched, is the same too.

    Raises:
        GradientMismatch: if it is another.
    """
    data = derivative.arguments.split(derivative.point)
    shapes = [array.shape for array in data]
    try:
        common = np.broadcast_shapes(*shapes)
    except ValueError:
        return
    if derivative.kind is not Tensor or all(shape == common for shape in shapes):
        return
    start = derivative.values(derivative.point)
    for number, shape in enumerate(shapes):
        if shape == common:
            continue
        stretched = list(data)
        stretched[number] = np.array(np.broadcast_to(stretched[number], common))
        gradient = _gradient_if_same(derivative, stretched, number, start)
        if gradient is None:
            continue
        summed = summed_to(gradient, shape)
        size = float(np.max(np.abs(gradient), initial=0.0)) * gradient.size
        own = derivative.arguments.split(sent)[number]
        if not np.allclose(summed, own, rtol=0, atol=1e-12 * size, equal_nan=True):
            path = derivative.arguments.variables[number].path
            raise GradientMismatch(
                f"check_gradients: the gradient by {path} of shape {shape} is\n{own}\n"
                f"and where {path} is first stretched to {common}, which gives the same result, it "
                f"is, summed over what was stretched,\n{summed}\n"
                "A gradient must not depend on where its operand is broadcast: is an axis left "
                "out of a sum, or summed twice?",
                node=derivative.output(),
            )


def _gradient_if_same(
    derivative: OfGraph, data: Sequence[np.ndarray], number: int, start: np.ndarray
) -> np.ndarray | None:
    """The gradient by one input at other inputs; None where the function gives something else."""
    try:
        nodes, outputs = derivative.recorded(data)
    except Exception:  # the function need not take inputs of that shape
        return None
    if not np.array_equal(_numbers(outputs), start, equal_nan=True):
        return None
    with np.errstate(all="ignore"):
        for output, weights in derivative.pairs(outputs):
            output.backward(weights)
    grad = nodes[number].grad
    return np.zeros(data[number].shape) if grad is None else np.asarray(grad)


def _numbers(outputs: Sequence[Any]) -> np.ndarray:
    parts = [np.ravel(output.data if is_node(output) else output) for output in outputs]
    return np.concatenate([*parts, np.zeros(0)])


def check_dtype(derivative: OfGraph, sent: np.ndarray, rng: np.random.Generator) -> None:
    """See to it that inputs in fewer digits lead to the same gradients, in these digits.

    How far these may be from those in double precision is measured: by how much a rounding of the
    inputs changes the latter.

    Raises:
        GradientMismatch: if one differs by more, or has another dtype than its input.
    """
    arguments = derivative.arguments
    epsilon = max((float(np.finfo(array.dtype).eps) for array in arguments.data), default=0.0)
    if derivative.kind is not Tensor or epsilon <= np.finfo(np.float64).eps:
        return
    point = derivative.point
    beside = derivative.adjoint_at(point * (1 + epsilon * rng.choice([-1.0, 1.0], point.size)))
    nodes, outputs = derivative.recorded(arguments.data)
    order = topological_order(*filter(is_node, outputs))
    if not all(np.isfinite(node.data).all() for node in order):
        return  # the function itself overflows in the dtype
    derivative.sent_back(nodes, outputs)
    exact = arguments.split(sent)
    spread = arguments.split(np.abs(beside - sent))
    for variable, node, right, off in zip(arguments.variables, nodes, exact, spread, strict=True):
        gradient = np.zeros(right.shape, variable.data.dtype) if node.grad is None else node.grad
        if gradient.dtype != variable.data.dtype:
            raise GradientMismatch(
                f"check_gradients: the gradient by {variable.path} is of {gradient.dtype}, and "
                f"{variable.path} of {variable.data.dtype}",
                node=derivative.output(),
            )
        size = np.max(np.abs(right), initial=0.0)
        digits = np.finfo(variable.data.dtype)
        if not size <= digits.max:
            continue  # there is no such number in the dtype
        allowed = digits.tiny + ROUNDINGS * (epsilon * size + np.max(off, initial=0.0))
        largest = np.max(np.abs(gradient.astype(np.float64) - right), initial=0.0)
        if not largest <= allowed:
            raise GradientMismatch(
                f"check_gradients: in {variable.data.dtype} the gradient by {variable.path} is "
                f"off by {largest:.3g}, and its digits allow {allowed:.3g}; in double precision it "
                "is right: does a rule lose digits, or overflow?",
                node=derivative.output(),
            )
