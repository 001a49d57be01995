"""Wrong derivative rules on purpose: each mutation is put in the place of a gate's rule, and back.

A mutation that leaves the rule the same one is not a mutant. For a gate of the table the formula
texts say so, for an array gate the contributions, which are compared on several gradients.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from testing.array_gate_examples import Example

from autograd import ArrayGate, Tensor, kernel, tensor
from autograd.arrays import summed_to
from autograd.backward import topological_order
from autograd.gate import Gate

Change = Callable[[Any], Any]

# One derivative, as a formula and as what is done to the contribution.
_OF_A_FORMULA = {
    "sign flipped": "-({})",
    "times 2": "2 * ({})",
    "times 0.999": "0.999 * ({})",
    "plus 1e-3": "({}) + 0.001",
    "dropped": "0",
}
_OF_A_CONTRIBUTION: dict[str, Change] = {
    "sign flipped": lambda sent: -sent,
    "times 2": lambda sent: 2 * sent,
    "times 0.999": lambda sent: 0.999 * sent,
    "plus 1e-3": lambda sent: sent + 0.001,
    "dropped": lambda sent: None,
}


@dataclass(frozen=True)
class Mutant:
    """A wrong rule of a gate, and how to put it in the place of the right one."""

    gate: Gate | ArrayGate
    mutation: str
    in_place: Callable[[], AbstractContextManager[None]]

    def __str__(self) -> str:
        return f"{self.gate.name}: {self.mutation}"


# Gates of the table: the texts of their derivatives.


@contextmanager
def derivatives_replaced(gate: Gate, derivatives: tuple[str, ...]) -> Iterator[None]:
    """Give the row of a gate other derivatives, in all that is made of it but compiled code."""
    row = dict(gate.__dict__)
    tables = (kernel._BY_FIRST, kernel._BY_SECOND, kernel._BY_ALL)
    right = [table[gate.code] for table in tables]
    gate.__dict__["derivatives"] = derivatives
    for made_of_them in ("vjps", "node_vjps"):
        gate.__dict__.pop(made_of_them, None)
    kernel._BY_FIRST[gate.code] = gate.float_local(0)
    kernel._BY_SECOND[gate.code] = gate.float_local(1) if gate.arity == 2 else None
    kernel._BY_ALL[gate.code] = gate.float_local(*range(gate.arity))
    try:
        yield
    finally:
        gate.__dict__.clear()
        gate.__dict__.update(row)
        for table, functions in zip(tables, right, strict=True):
            table[gate.code] = functions


def mutants_of_formulas(gate: Gate) -> tuple[list[Mutant], int]:
    """The mutants of a row of the table, and how many mutations left it the same."""
    mutated: dict[tuple[str, ...], str] = {}
    same = 0
    for mutation, derivatives in _mutated_formulas(gate):
        if derivatives == gate.derivatives:
            same += 1
        else:
            mutated.setdefault(derivatives, mutation)
    mutants = [
        Mutant(gate, mutation, partial(derivatives_replaced, gate, derivatives))
        for derivatives, mutation in mutated.items()
    ]
    return mutants, same


def _mutated_formulas(gate: Gate) -> Iterator[tuple[str, tuple[str, ...]]]:
    right = gate.derivatives
    for i, (mutation, template) in itertools.product(range(gate.arity), _OF_A_FORMULA.items()):
        stays_zero = right[i] == "0" and mutation != "plus 1e-3"
        wrong = right[i] if stays_zero else template.format(right[i])
        yield f"derivative {i} {mutation}", (*right[:i], wrong, *right[i + 1 :])
    for i, j in itertools.combinations(range(gate.arity), 2):
        yield f"derivatives {i} and {j} exchanged", tuple(_exchanged(right, i, j))
        names = gate.operand_names
        renamed = dict(zip(names, _exchanged(names, i, j), strict=True))
        yield (
            f"operands {i} and {j} exchanged",
            tuple(
                re.sub(r"\b[xyz]\b", lambda name, of=renamed: of[name[0]], text) for text in right
            ),
        )


def _exchanged(items: Sequence[Any], i: int, j: int) -> list[Any]:
    exchanged = list(items)
    exchanged[i], exchanged[j] = exchanged[j], exchanged[i]
    return exchanged


# Any gate: its vector-Jacobian products.


@contextmanager
def vjps_replaced(gate: Gate | ArrayGate, change: Callable[[Any], Any]) -> Iterator[None]:
    """Let ``change`` make other vector-Jacobian products of those of a gate."""
    names = ("vjps", "node_vjps") if isinstance(gate, Gate) else ("vjps",)
    right = {name: getattr(gate, name) for name in names}
    # Past the gate's __setattr__: it is frozen.
    gate.__dict__.update({name: change(vjps) for name, vjps in right.items()})
    try:
        yield
    finally:
        gate.__dict__.update(right)


def _with_each(wrap: Callable[[int, Any], Any]) -> Callable[[Any], Any]:
    """A change of vjps that wraps each, whether they are listed or given by a function."""

    def change(vjps: Any) -> Any:
        if callable(vjps):
            return lambda position: wrap(position, vjps(position))
        return tuple(wrap(position, vjp) for position, vjp in enumerate(vjps))

    return change


def contribution_changed(position: int, change: Change) -> Callable[[Any], Any]:
    """A change of vjps: one operand is sent something else."""

    def wrap(i: int, vjp: Any) -> Any:
        if i != position or vjp is None:
            return vjp
        return lambda *given, **arguments: change(vjp(*given, **arguments))

    return _with_each(wrap)


def vjps_exchanged(i: int, j: int) -> Callable[[Any], Any]:
    """A change of vjps: two operands are each sent what is the other's."""
    other = {i: j, j: i}

    def change(vjps: Any) -> Any:
        if callable(vjps):
            return lambda position: vjps(other.get(position, position))
        return tuple(_exchanged(vjps, i, j))

    return change


def operands_exchanged(i: int, j: int) -> Callable[[Any], Any]:
    """A change of vjps: each takes two operands for each other."""

    def wrap(position: int, vjp: Any) -> Any:
        if vjp is None:
            return None
        return lambda g, out, *operands, **arguments: vjp(
            g, out, *_exchanged(operands, i, j), **arguments
        )

    return _with_each(wrap)


def axis_changed(axis: Any) -> Callable[[Any], Any]:
    """A change of vjps: each is told another axis than the gate was."""

    def wrap(position: int, vjp: Any) -> Any:
        return vjp and (lambda *given, **arguments: vjp(*given, **{**arguments, "axis": axis}))

    return _with_each(wrap)


def transposed(sent: Any) -> Any:
    """The last two axes exchanged, of what has two."""
    return sent.swapaxes(-1, -2) if np.ndim(sent) > 1 else sent


# The driver: how it undoes broadcasting.


@contextmanager
def summing_replaced(wrong: Callable[[Any, tuple[int, ...]], Any]) -> Iterator[None]:
    """Let the driver undo broadcasting in another way."""

    def summed(gradient: Any, shape: tuple[int, ...]) -> Any:
        return (
            wrong(gradient, shape) if _spread_axes(gradient, shape) else summed_to(gradient, shape)
        )

    tensor.summed_to = summed
    try:
        yield
    finally:
        tensor.summed_to = summed_to


def _spread_axes(gradient: Any, shape: tuple[int, ...]) -> list[int]:
    """The axes that were broadcast: they are to be summed."""
    extra = gradient.ndim - len(shape)
    return [
        axis
        for axis, size in enumerate(gradient.shape)
        if axis < extra or (shape[axis - extra] == 1 != size)
    ]


def left_unsummed(gradient: Any, shape: tuple[int, ...]) -> Any:
    """The gradient as it is, in the shape of the result."""
    return gradient


def one_place_picked(gradient: Any, shape: tuple[int, ...]) -> Any:
    """The first place of each axis that is to be summed."""
    for axis in _spread_axes(gradient, shape):
        gradient = gradient.take([0], axis)
    return gradient.reshape(shape)


def another_axis_summed(gradient: Any, shape: tuple[int, ...]) -> Any:
    """As many axes summed, but the next ones; in the right shape if there are as many elements."""
    axes = tuple((axis + 1) % gradient.ndim for axis in _spread_axes(gradient, shape))
    wrong = gradient.sum(axis=axes)
    return wrong.reshape(shape) if wrong.size == np.prod(shape, dtype=int) else wrong


_OF_THE_DRIVER = {
    "broadcast axis not summed": left_unsummed,
    "one place of a broadcast axis picked": one_place_picked,
    "sum over the wrong axis of a broadcast": another_axis_summed,
}


def mutants_of_summing(example: Example) -> list[Mutant]:
    """The mutants of the driver, if there is anything to be summed in the example."""
    if not _is_summed(example):
        return []
    return [
        Mutant(example.gate, mutation, partial(summing_replaced, wrong))
        for mutation, wrong in _OF_THE_DRIVER.items()
    ]


def _is_summed(example: Example) -> bool:
    """Whether the driver sums anything that the gate of the example sends back."""
    asked = []
    with summing_replaced(
        lambda gradient, shape: asked.append(shape) or summed_to(gradient, shape)
    ):
        list(sent_back(example))
    return bool(asked)


# The mutants of an example, and whether they can be seen there.


def node_of(example: Example) -> Tensor:
    """The node that the gate of an example makes there."""
    operands = [
        Tensor(operand) if operand.dtype.kind == "f" else operand for operand in example.operands
    ]
    nodes: list[Tensor] = topological_order(example.f(*operands))
    return next(node for node in nodes if node.gate is example.gate)


def mutants_of_vjps(example: Example) -> list[Mutant]:
    """The mutations of the vector-Jacobian products of an array gate."""
    gate = example.gate
    return [
        Mutant(gate, mutation, partial(vjps_replaced, gate, change))
        for mutation, change in _changes_of_vjps(node_of(example))
    ]


def mutants_of_transposing(example: Example) -> list[Mutant]:
    """What is sent to an operand is transposed."""
    gate, node = example.gate, node_of(example)
    return [
        Mutant(
            gate,
            f"contribution {i} transposed",
            partial(vjps_replaced, gate, contribution_changed(i, transposed)),
        )
        for i in _derived_operands(node)
        if node.operands[i].ndim > 1
    ]


def mutants_of_axes(example: Example) -> list[Mutant]:
    """The rules of a gate that works along an axis work along another."""
    gate, node = example.gate, node_of(example)
    if "axis" not in node.arguments:
        return []
    axes = max(np.ndim(each) for each in (node, *node.operands))
    return [
        Mutant(gate, f"along axis {axis}", partial(vjps_replaced, gate, axis_changed(axis)))
        for axis in _other_axes(node.arguments["axis"], axes)
    ]


def _changes_of_vjps(node: Tensor) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    positions = _derived_operands(node)
    for i, (mutation, change) in itertools.product(positions, _OF_A_CONTRIBUTION.items()):
        yield f"contribution {i} {mutation}", contribution_changed(i, change)
    for i, j in itertools.combinations(positions, 2):
        yield f"contributions {i} and {j} exchanged", vjps_exchanged(i, j)
        yield f"operands {i} and {j} exchanged", operands_exchanged(i, j)


def _derived_operands(node: Tensor) -> list[int]:
    vjps = node.gate.vjps
    return [
        i
        for i, operand in enumerate(node.operands)
        if isinstance(operand, Tensor) and (callable(vjps) or vjps[i] is not None)
    ]


def _other_axes(axis: Any, axes: int) -> list[int]:
    if axis is None:
        return [0]
    return [other for other in range(axes) if other != axis % axes] if isinstance(axis, int) else []


def is_seen(mutant: Mutant, send_back: Callable[[], Iterable[Any]]) -> bool:
    """Whether the contributions are other ones with the mutant than with the right rule."""
    right = list(send_back())
    with mutant.in_place(), np.errstate(all="ignore"):
        try:
            wrong = list(send_back())
        except Exception:  # a wrong rule may raise whatever it meets
            return True
        return any(
            np.shape(one) != np.shape(other) or not np.allclose(one, other, rtol=1e-12, atol=1e-12)
            for one, other in zip(right, wrong, strict=True)
        )


def sent_back(example: Example) -> Iterator[np.ndarray]:
    """What each of several gradients of the example's gate sends to its operands."""
    node, rng = node_of(example), np.random.default_rng(0)
    for _ in range(3):
        gradient = rng.normal(size=node.shape)
        for i in _tensors_among(node.operands):
            sent = node.contribution(i, gradient)
            yield np.zeros(node.operands[i].shape) if sent is None else np.asarray(sent)


def _tensors_among(operands: tuple[Any, ...]) -> list[int]:
    return [i for i, operand in enumerate(operands) if isinstance(operand, Tensor)]
