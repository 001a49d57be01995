"""The gate to blame: the first of a graph whose derivative is not the slope of what it computes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..backward import is_node, topological_order
from ..errors import StaleError
from ..formula import names_in
from ..gate import Gate
from ..value import Value
from .extrapolation import slope_at_zero
from .replay import frozen_nodes, gate_applied
from .tolerance import Comparison, compared, in_own_size

__all__ = ["Blame", "find_wrong_gate", "leaves_an_edge"]

EPSILON = float(np.finfo(np.float64).eps)
# Of an operand with more elements so many are tried one by one.
MOST_ELEMENTS = 64
# Of a result with more elements none is looked at by itself.
MOST_RESULTS = 256


@dataclass(frozen=True)
class Blame:
    """A gate with a wrong derivative, and what is wrong with it."""

    node: Any
    position: int
    """The operand by which the derivative is wrong."""
    what: str
    """Which derivative is compared."""
    index: tuple[int, ...]
    """Where in the operand, or in the result of an elementwise gate."""
    comparison: Comparison | None
    """The derivatives there, by the rule and by differences; None where the rule fails."""
    failure: str = ""
    """How the rule fails."""


def find_wrong_gate(outputs: Sequence[Any]) -> Blame | None:
    """The first gate in topological order that is wrong at its own operands; None if all are right.

    Each gate is differentiated by differences on its own, so that what is wrong elsewhere does not
    matter.
    """
    rng = np.random.default_rng(0)
    frozen = set(map(id, frozen_nodes(outputs)))
    for node in topological_order(*filter(is_node, outputs)):
        if node.gate is None:
            continue
        judge = _of_frozen if id(node) in frozen else _of_operand
        for position, operand in enumerate(node.operands):
            if is_node(operand):
                blame = judge(node, position, rng)
                if blame is not None:
                    return blame
    return None


def _of_frozen(node: Any, position: int, rng: np.random.Generator) -> Blame | None:
    """What is wrong with a gate whose derivative is zero by definition, whatever it computes."""
    sent = node.contribution(position, 1.0 + np.zeros(np.shape(node.data)))
    if sent is None or not np.any(sent):
        return None
    failure = "its rule sends a gradient back, and is to send none"
    return Blame(node, position, "", (), None, failure)


def _of_operand(node: Any, position: int, rng: np.random.Generator) -> Blame | None:
    """What is wrong with the derivative of a node's gate by one operand; None if nothing is."""
    shape = np.shape(node.data)
    # Of both signs: a rule may be wrong for one of them.
    g = rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape)
    g = np.asarray(g, np.asarray(node.data).dtype)
    try:
        with np.errstate(all="ignore"):
            sent = node.contribution(position, float(g) if type(node) is Value else g)
    except StaleError:
        raise
    except Exception as error:  # a rule can fail in every way
        failure = f"its rule raises {type(error).__name__}: {error}"
        return Blame(node, position, "", (), None, failure)
    operand_shape = np.shape(node.operands[position].data)
    sent = np.zeros(operand_shape) if sent is None else np.asarray(sent)
    if sent.shape != operand_shape:
        failure = f"its rule gives shape {sent.shape} for an operand of shape {operand_shape}"
        return Blame(node, position, "", (), None, failure)
    if isinstance(node.gate, Gate):
        blame = _of_elements(node, position, g)
        if blame is not None or operand_shape == shape:
            return blame
    return _of_product(node, position, g, sent, rng)


def _of_elements(node: Any, position: int, g: np.ndarray) -> Blame | None:
    """The local derivatives of an elementwise gate, one by one."""
    operands = _operands(node)
    shape = np.shape(node.data)
    if type(node) is Value:
        local = np.asarray(node.contribution(position, 1.0))
    else:
        vjp = node.gate.vjps[position]
        with np.errstate(all="ignore"):
            # Divided again, so that a rule that drops the gradient is found.
            local = np.asarray(vjp(g, node.data, *operands) if vjp else 0.0) / g
    actual = np.broadcast_to(local, shape).ravel()

    def by_steps_of(scale: np.ndarray) -> Comparison:
        def moved(t: float) -> np.ndarray:
            result = _forward(node, operands, position, t * scale)
            return np.broadcast_to(result, shape).ravel()

        factor = np.broadcast_to(1.0 / scale, shape).ravel()
        return _confirmed(moved, lambda slope: compared(actual, slope, EPSILON, factor=factor))

    scale = np.fmax(1.0, np.abs(operands[position]))
    comparison = by_steps_of(scale)
    if comparison.fails:
        near = by_steps_of(in_own_size(np.asarray(operands[position]), scale))
        comparison.excess[near.resolved & near.smooth & (near.excess <= 1.0)] = 0.0
    # Where the derivative is not defined, nan is right.
    undefined = ~np.isfinite(comparison.actual) & _outside(node).ravel()
    comparison.excess[undefined | _beyond(node, position).ravel()] = 0.0
    if not comparison.fails:
        return None
    index = tuple(int(i) for i in np.unravel_index(comparison.worst[0], shape))
    return Blame(node, position, "the local derivative", index, comparison)


def leaves_an_edge(outputs: Sequence[Any], moved: Sequence[Any], gradient_is_finite: bool) -> bool:
    """Whether a gate is at a kink, a border of its domain or an infinity, and moves off it.

    Args:
        outputs: the outputs of a graph.
        moved: the same at a point beside.
        gradient_is_finite: whether the gradient in question is; else an infinity that does not move
            counts, too, for times zero it is not a number.
    """
    nodes, others = (list(topological_order(*filter(is_node, roots))) for roots in (outputs, moved))
    if len(nodes) != len(others):
        return True  # a branch that is decided by the numbers
    for node, other in zip(nodes, others, strict=True):
        if node.gate is None:
            continue
        edge = _edge(node)
        if not gradient_is_finite and not _is_finite(node):
            return True
        here, there = _operands(node), _operands(other)
        for position, operand in enumerate(node.operands):
            if is_node(operand) and np.any(edge[position] & (here[position] != there[position])):
                return True
    return False


def _edge(node: Any) -> list[Any]:
    """For each operand of a gate, where in the result or at all it is at an edge."""
    finite = _is_finite(node)
    if not finite or not isinstance(node.gate, Gate):
        return [not finite] * len(node.operands)
    masks = []
    for position, operand in enumerate(_operands(node)):
        domain = node.gate.domain[position]
        at_border = (operand == domain.low) | (operand == domain.high)
        masks.append(at_border | _beyond(node, position))
    return masks


def _is_finite(node: Any) -> bool:
    """Whether the result of a gate and its derivatives are."""
    ones = np.ones(np.shape(node.data), np.asarray(node.data).dtype)
    sent = node.contributions(1.0 if type(node) is Value else ones)
    return all(np.isfinite(part).all() for part in [node.data, *sent] if part is not None)


def _outside(node: Any) -> np.ndarray:
    """Where, in its result, an operand of an elementwise gate is outside of its interval."""
    mask = np.zeros(np.shape(node.data), dtype=bool)
    for operand, domain in zip(_operands(node), node.gate.domain, strict=True):
        mask |= np.logical_not((domain.low < operand) & (operand < domain.high))
    return mask


def _beyond(node: Any, position: int) -> np.ndarray:
    """Where, in its result, the rule of an elementwise gate by one operand is a convention.

    That is at a kink along this operand, and at infinity along any.
    """
    gate, operands = node.gate, _operands(node)
    mask = np.zeros(np.shape(node.data), dtype=bool)
    size = np.ones(mask.shape)
    for operand in operands:
        mask |= ~np.isfinite(operand)
        size = np.fmax(size, np.abs(operand))
    with np.errstate(all="ignore"):
        for kink, distance in zip(gate.kinks, gate.numpy_kinks, strict=True):
            if gate.operand_names[position] in names_in(kink):
                mask |= np.abs(distance(*operands)) <= 1e-12 * size
    return mask


def _of_product(
    node: Any, position: int, g: np.ndarray, sent: np.ndarray, rng: np.random.Generator
) -> Blame | None:
    """What a gate sends back of a random gradient, along a random direction; then by element."""
    operands = _operands(node)
    x = operands[position]
    scale = np.fmax(1.0, np.abs(x))
    epsilon = max(EPSILON, float(np.finfo(sent.dtype).eps))

    def along(way: np.ndarray) -> Comparison:
        def moved(t: float) -> np.ndarray:
            return np.atleast_1d(np.sum(g * _forward(node, operands, position, t * way)))

        terms = sent * way
        size = float(np.abs(terms).sum())
        return _confirmed(moved, lambda slope: compared([terms.sum()], slope, epsilon, size))

    way = rng.uniform(0.5, 1.5, x.shape) * rng.choice([-1.0, 1.0], x.shape) * scale
    whole = along(way)
    if not whole.fails and whole.smooth.all():
        return None
    found = []
    for index in _some_places(x.shape, rng):
        unit = np.zeros(x.shape)
        unit[index] = 1.0
        comparison = along(unit)
        if comparison.fails:
            found.append((float(comparison.excess.max()), index, comparison))
    if found:
        _, index, comparison = max(found, key=lambda one: one[0])
        return _of_result(node, position, index) or Blame(
            node, position, "what is sent back of a random gradient", index, comparison
        )
    if not whole.fails:
        return None
    what = "what is sent back of a random gradient, along a random direction"
    return Blame(node, position, what, (), whole)


def _of_result(node: Any, position: int, index: tuple[int, ...]) -> Blame | None:
    """The derivatives of the elements of a result by one element of an operand."""
    shape = np.shape(node.data)
    operands = _operands(node)
    x = operands[position]
    if math.prod(shape) > MOST_RESULTS:
        return None
    unit = np.zeros(x.shape)
    unit[index] = 1.0
    rows = []
    for place in np.ndindex(shape):
        g = np.zeros(shape, np.asarray(node.data).dtype)
        g[place] = 1.0
        with np.errstate(all="ignore"):
            row = node.contribution(position, g)
        rows.append(0.0 if row is None else float(row[index]))

    def moved(t: float) -> np.ndarray:
        return _forward(node, operands, position, t * unit).ravel()

    epsilon = max(EPSILON, float(np.finfo(np.asarray(node.data).dtype).eps))
    comparison = _confirmed(moved, lambda slope: compared(rows, slope, epsilon))
    if not comparison.fails:
        return None
    place = tuple(int(i) for i in np.unravel_index(comparison.worst[0], shape))
    element = f"the element {list(place)} of " if place else ""
    return Blame(node, position, f"the derivative of {element}its result", index, comparison)


def _confirmed(
    curve: Callable[[float], np.ndarray], judged: Callable[[Any], Comparison]
) -> Comparison:
    """The comparison; one that fails is made again with all that can be done to know the slope."""

    def quiet(t: float) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(curve(t), dtype=np.float64)

    comparison = judged(slope_at_zero(quiet, EPSILON))
    if not comparison.fails:
        return comparison
    return judged(slope_at_zero(quiet, EPSILON, thorough=True))


def _operands(node: Any) -> list[Any]:
    """What the gate of a node was given, in double precision."""
    if type(node) is Value:
        return [float(operand) for operand in node.operands]
    arrays = [node.operand_array(i) for i in range(len(node.operands))]
    return [
        np.asarray(array, dtype=np.float64) if is_node(operand) else array
        for array, operand in zip(arrays, node.operands, strict=True)
    ]


def _forward(node: Any, operands: Sequence[Any], position: int, distance: Any) -> np.ndarray:
    """What the gate of a node makes of its operands when one is moved."""
    moved = list(operands)
    moved[position] = moved[position] + distance
    return np.asarray(gate_applied(node, moved), dtype=np.float64)


def _some_places(shape: tuple[int, ...], rng: np.random.Generator) -> Iterator[tuple[int, ...]]:
    """All places in an array, or some at random where there are many."""
    places = list(np.ndindex(shape))
    if len(places) <= MOST_ELEMENTS:
        yield from places
    else:
        for i in rng.choice(len(places), MOST_ELEMENTS, replace=False):
            yield places[i]
