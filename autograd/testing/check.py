"""The gradient check: the derivative that a function gives against differences of its values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..backward import is_node, topological_order
from ..errors import AnomalyError, GradientMismatch, SettingError, StaleError
from ..modes import enable_grad, record_lines
from .blame import Blame, find_wrong_gate, leaves_an_edge
from .differentiated import Derivative, OfGradient, OfGraph, OfPair, WrongPassError
from .invariants import check_broadcasting, check_dtype
from .probe import Look, Probe
from .report import Finding, report

__all__ = ["GradientCheck", "check_gradients"]

# Up to so many numbers are moved one by one; of more, this many at random, beside all at once.
FEW = 8
SAMPLE = 2
# Where what is moved all at once meets a kink, this many are moved one by one.
MORE = 64
# To name the worst component, halves that are right are left out until so many are left.
NAMED = 32


@dataclass
class GradientCheck:
    """What a check that found nothing wrong has seen."""

    compared: int = 0
    """How many derivatives were compared."""
    not_smooth: list[str] = field(default_factory=list)
    """Where the derivatives from the left and from the right differ, or there is none."""
    unresolved: list[str] = field(default_factory=list)
    """Where differences do not know the derivative well enough to tell a wrong one."""
    forward_mode: bool = True
    """Whether forward mode was checked too: not through a vjp that is not written in gates."""
    closest: float = 0.0
    """The largest difference between two derivatives, as a share of what it may be."""


def check_gradients(
    f: Callable[..., Any],
    *inputs: Any,
    order: int = 1,
    gradient: Callable[..., Any] | None = None,
    rng: np.random.Generator | int | None = None,
) -> GradientCheck:
    """Hold the derivatives of ``f`` at these inputs against differences of its values.

    By reverse mode and, where the gates have it, forward mode. The tolerance is computed: from the
    uncertainty of the numerical derivative and the rounding errors of the dtype. It is also checked
    that gradients of two passes add up, that they do not depend on which operand was broadcast,
    that inputs are not changed, and that float32 inputs lead to the same gradients to their digits.
    A few inputs are moved one by one; many all at once along a random direction, and some of them
    one by one. What ``stop_gradient`` gives is held fixed.

    Args:
        f: a function of Tensors (or of Values, if one of the inputs is a Value) that returns nodes,
            also in lists, tuples and dicts. With ``gradient``: of plain numbers and arrays.
        inputs: numbers, arrays, Values, Tensors, and lists, tuples and dicts of them; arrays of
            integers or booleans and whatever holds something else are passed on as they are. An
            integer by itself counts as a number: bind one that is a setting in ``f``.
        order: 1, or 2 to check the second derivatives too.
        gradient: a function of the same arguments that gives the gradient of ``f`` by each input
            of floats: one, or a tuple of them, None for one that is not to be checked. For an
            array-valued ``f`` the Jacobian: the shape of the result followed by the input's. Any
            library may compute it.
        rng: what directions and samples are drawn from, or its seed; by default the same at each
            call.

    Returns:
        what was compared, and the places at which the function is not smooth, which do not fail.

    Raises:
        GradientMismatch: naming the worst component and, where a gate's own derivative is wrong,
            the gate.
        OperandError: if no input is a float, or ``f`` or ``gradient`` returns no numbers, or ``f``
            others at each call.
        SettingError: if ``order`` is not 1 or 2, or 2 with ``gradient``.

    >>> import autograd
    >>> check_gradients(lambda x, y: autograd.tanh(x) * y, 0.3, 2.0, order=2).compared
    10
    >>> check_gradients(lambda x: x**3, 2.0, gradient=lambda x: 3 * x)
    Traceback (most recent call last):
    autograd.errors.GradientMismatch: the gradient by x is wrong
    ...
    """
    if order not in (1, 2) or (order == 2 and gradient is not None):
        raise SettingError(
            f"check_gradients: order={order}; it is 1 or 2"
            + (", and 1 with gradient=" if gradient is not None else "")
        )
    rng = np.random.default_rng(0 if rng is None else rng)
    result = GradientCheck()
    # Of the infinities that are met on the way the comparison speaks, not warnings.
    with enable_grad(), np.errstate(all="ignore"):
        if gradient is not None:
            _check(OfPair(f, gradient, inputs, rng), result, rng)
            return result
        first = OfGraph(f, inputs, rng)
        sent = _check(first, result, rng)
        check_broadcasting(first, sent)
        check_dtype(first, sent, rng)
        if order == 2:
            _check(OfGradient(first, rng), result, rng)
    return result


def _check(derivative: Derivative, result: GradientCheck, rng: np.random.Generator) -> np.ndarray:
    """Check one derivative; the gradient of the weighted sum is returned."""
    try:
        probe = Probe(derivative)
        _compare_all(probe, result, rng)
    except (GradientMismatch, StaleError, AnomalyError):
        raise
    except Exception as error:  # a rule can fail in every way
        _blame_failure(derivative, error)
        raise
    return probe.sent


def _blame_failure(derivative: Derivative, error: Exception) -> None:
    """Name the gate whose rule raises; where none does, the error is not of a rule."""
    with record_lines():
        graph = derivative.graph()
        blame = find_wrong_gate(graph)
    if blame is not None or isinstance(error, WrongPassError):
        raise _mismatch(report(error, derivative, blame), graph, blame) from error


def _compare_all(probe: Probe, result: GradientCheck, rng: np.random.Generator) -> None:
    """Compare along enough directions; raises on the first mismatch."""
    elements = np.arange(probe.point.size)
    conclusive = False
    if len(elements) > FEW:
        conclusive = _compare(probe, probe.random_direction(rng), None, result)
        count = min(SAMPLE if conclusive else MORE, len(elements))
        elements = np.sort(rng.choice(elements, count, replace=False))
    for element in map(int, elements):
        variable, index = probe.derivative.arguments.place(element)
        name = variable.element(index)
        # Forward mode along one direction gives every number of the result: that is enough.
        _compare(probe, probe.unit(element), name, result, forward_mode=not conclusive)


def _compare(
    probe: Probe,
    direction: np.ndarray,
    name: str | None,
    result: GradientCheck,
    forward_mode: bool = True,
) -> bool:
    """Compare along one direction, note what was seen, and say whether it was conclusive.

    Args:
        probe: what is compared.
        direction: along which the inputs are moved.
        name: of the only number that is moved; None where many are.
        result: where it is noted.
        forward_mode: whether to compare forward mode, too.

    Raises:
        GradientMismatch: if a derivative is wrong.
    """
    look = probe.along(direction, forward_mode)
    result.forward_mode &= look.forward is not None or not forward_mode
    if look.fails:
        _raise_unless_at_edge(probe, direction, look)
    # A number of the result that does not count is not smooth.
    smooth = not look.fails and bool(np.all(look.weights))
    smooth &= all(each.smooth.all() for each in look.comparisons)
    resolved = all(each.resolved.all() for each in look.comparisons)
    if name is not None and not smooth:
        result.not_smooth.append(name)
    elif name is not None and not resolved:
        result.unresolved.append(name)
    for each in [] if look.fails else look.comparisons:
        result.compared += int(each.resolved.sum())
        result.closest = max(result.closest, float(each.excess.max(initial=0.0)))
    return smooth and resolved


def _raise_unless_at_edge(probe: Probe, direction: np.ndarray, whole: Look) -> None:
    """Find the gate to blame and the worst component, and raise; ``whole`` is what failed.

    Where all gates are right and an operand of one of them moves off a kink, its derivative there
    is a convention, which the slope of the whole need not follow; where it moves off a border of
    the domain or an infinity, what follows from infinities need not either. The point is then not
    smooth.
    """
    derivative = probe.derivative
    with record_lines():
        graph = derivative.graph()
        blame = find_wrong_gate(graph)
    if blame is None:
        moved = derivative.graph_at(probe.beside(direction))
        finite = all(np.isfinite(each.actual).all() for each in whole.comparisons)
        if leaves_an_edge(graph, moved, gradient_is_finite=finite):
            return
    findings = [
        Finding(element, float(probe.scales[element]), probe.glance(probe.unit(element)))
        for element in _wrong_elements(probe, direction)
    ]
    findings = [Finding(None, 1.0, whole), *findings]
    raise _mismatch(report(findings, derivative, blame), graph, blame)


def _wrong_elements(probe: Probe, direction: np.ndarray) -> list[int]:
    """Elements of which one is wrong: all of a few, of many those of a half that is wrong."""
    if direction.size <= NAMED:
        return list(range(direction.size))
    elements = np.flatnonzero(direction)
    while len(elements) > NAMED:
        halves = np.array_split(elements, 2)
        wrong = [half for half in halves if _fails_within(probe, direction, half)]
        if not wrong:
            break
        elements = wrong[0]
    return [int(element) for element in elements[:NAMED]]


def _fails_within(probe: Probe, direction: np.ndarray, elements: np.ndarray) -> bool:
    """Whether a derivative is wrong along a direction in which only these elements move."""
    part = np.zeros_like(direction)
    part[elements] = direction[elements]
    return probe.glance(part).fails


def _mismatch(message: str, graph: Sequence[Any], blame: Blame | None) -> GradientMismatch:
    outputs = list(filter(is_node, graph))
    if blame is None:
        return GradientMismatch(message, node=next(iter(outputs), None))
    # Of several outputs one that depends on the gate to blame.
    above = (o for o in outputs if any(node is blame.node for node in topological_order(o)))
    return GradientMismatch(
        message, node=next(above, None), blamed=blame.node, position=blame.position
    )
