"""A gradient explained: the sum over the ways that lead back, each a product of derivatives."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd import Tensor, Value, is_node, lower, topological_order
from autograd.errors import OperandError, SettingError

from .formulas import expression, node_names, signed
from .names import displayed_name, names_by_identity
from .numerals import number_text

__all__ = ["Explanation", "Way", "explain"]


@dataclass(frozen=True)
class Way:
    """One way from the output back to a variable."""

    nodes: tuple[str, ...]
    """What the nodes on it are called, the output first."""
    locals: tuple[float, ...]
    """The derivative of each of them by the next."""
    product: float
    """What this way brings to the gradient."""


@dataclass(frozen=True)
class Explanation:
    """A gradient as the sum over the ways that lead back to a variable."""

    output: str
    variable: str
    gradient: float
    ways: tuple[Way, ...]
    """Those that bring the most, the largest first."""
    count: int
    """How many ways there are in all."""
    rest: float
    """What the others bring together."""
    gates: Mapping[str, str]
    """How the nodes on the ways are computed, where they have no name of their own."""
    digits: int = 2

    def __str__(self) -> str:
        total = f"∂{self.output}/∂{self.variable}"
        lines = [f"{total} = {self._number(self.gradient)}, {self._counted()}"]
        for way in self.ways:
            pairs = list(itertools.pairwise(way.nodes))
            if not pairs:
                continue  # the variable itself
            symbols = " · ".join(f"∂{user}/∂{operand}" for user, operand in pairs)
            first, *others = map(self._number, way.locals)
            numbers = " · ".join([first, *map(signed, others)])
            lines.append(f"  {symbols} = {numbers} = {self._number(way.product)}")
        left = self.count - len(self.ways)
        if left:
            ways = "way brings" if left == 1 else "ways bring together"
            lines.append(f"  {left:,} more {ways} {self._number(self.rest)}")
        if self.gates:
            lines.append("where")
            lines += [f"  {name} = {gate}" for name, gate in self.gates.items()]
        return "\n".join(lines)

    __repr__ = __str__

    def _counted(self) -> str:
        if not self.count:
            return f"as no way leads from {self.output} back to {self.variable}"
        if self.count == 1:
            return "by one way"
        return f"the sum of {self.count:,} ways"

    def _number(self, number: float) -> str:
        return number_text(number, self.digits)


def explain(
    output: Any,
    wrt: Any,
    *,
    index: int | tuple[int, ...] | None = None,
    names: Mapping[str, Any] | None = None,
    most: int = 20,
    digits: int = 2,
) -> Explanation:
    """Explain a gradient by the ways along which the chain rule comes back to a variable.

    Each way from the output back to `wrt` brings the product of the local derivatives along it,
    and the gradient is the sum over all ways. There may be more of them than could ever be listed:
    they are counted, those that bring the most are shown, and the rest is one number.

    Args:
        output: a Value, or a Tensor of one number, which is lowered to scalar gates.
        wrt: the variable: a Value or a Tensor in the graph of the output.
        index: which element of a Tensor.
        names: what nodes are called, such as ``locals()``; before the names that they have.
        most: how many ways are listed.
        digits: the number of decimals in the text, from 0 to 17.

    Raises:
        OperandError: output or wrt is no node, or output is not one number.
        SettingError: most is below 1, or index does not fit.

    >>> x, y, z = Value(-2.0, name="x"), Value(5.0, name="y"), Value(-4.0, name="z")
    >>> q = x + y
    >>> explain(q * z, x, names={"q": q})
    ∂v5/∂x = -4.00, by one way
      ∂v5/∂q · ∂q/∂x = -4.00 · 1.00 = -4.00
    where
      v5 = q × z = -12.00
    """
    if most < 1:
        raise SettingError(f"explain: most is {most!r}; list at least one way")
    root, variable, names = _scalars(output, wrt, index, names or {})
    order = topological_order(root)
    called = node_names(order, names_by_identity(names))
    called.setdefault(id(variable), displayed_name(variable.name or "x"))
    graph = _Graph(order, variable)
    found = graph.largest(most)
    ways = tuple(
        Way(
            tuple(called[id(node)] for node in nodes),
            locals,
            math.prod(locals),
        )
        for nodes, locals in found
    )
    shown = {id(node): node for nodes, _ in found for node in nodes}
    gates = {
        called[key]: _gate_text(node, called, digits)
        for key, node in sorted(shown.items(), key=lambda item: graph.numbers[item[0]])
        if node.gate is not None and not _has_name(node, names_by_identity(names))
    }
    gradient = graph.gradient()
    rest = gradient - math.fsum(way.product for way in ways)
    return Explanation(
        called[id(root)], called[id(variable)], gradient, ways, graph.count(), rest, gates, digits
    )


class _Graph:
    """The part of a graph that lies between an output and a variable."""

    def __init__(self, order: Sequence[Value], variable: Value) -> None:
        self.root, self.variable = order[-1], variable
        self.numbers = {id(node): number for number, node in enumerate(order)}
        self.steps: dict[int, list[tuple[Value, float]]] = {}
        """For each node on a way its operands on it, with the derivatives by them."""
        self.counts = {id(variable): 1}
        self.totals = {id(variable): 1.0}
        self.bounds = {id(variable): 1.0}
        """The size of what the way that brings the most from here to the variable multiplies."""
        for node in order:
            if node is not variable:
                self._add(node)

    def _add(self, node: Value) -> None:
        locals = node.contributions(1.0) if node.operands else ()
        steps = [
            (operand, 0.0 if local is None else local)
            for operand, local in zip(node.operands, locals, strict=True)
            if is_node(operand) and id(operand) in self.counts
        ]
        if steps:
            key = id(node)
            self.steps[key] = steps
            self.counts[key] = sum(self.counts[id(operand)] for operand, _ in steps)
            self.totals[key] = sum(local * self.totals[id(operand)] for operand, local in steps)
            self.bounds[key] = max(
                _size(local * self.bounds[id(operand)]) for operand, local in steps
            )

    def count(self) -> int:
        return self.counts.get(id(self.root), 0)

    def gradient(self) -> float:
        return self.totals.get(id(self.root), 0.0)

    def largest(self, most: int) -> list[tuple[tuple[Value, ...], tuple[float, ...]]]:
        """The ways that bring the most, the best first: each step is one that can still be best."""
        if id(self.root) not in self.counts:
            return []
        ticket = itertools.count()
        waiting: list[Any] = [(-self.bounds[id(self.root)], next(ticket), (self.root,), ())]
        found: list[tuple[tuple[Value, ...], tuple[float, ...]]] = []
        while waiting and len(found) < most:
            _, _, nodes, locals = heapq.heappop(waiting)
            if nodes[-1] is self.variable:
                found.append((nodes, locals))
                continue
            so_far = math.prod(locals)
            for operand, local in self.steps[id(nodes[-1])]:
                bound = _size(so_far * local * self.bounds[id(operand)])
                entry = (-bound, next(ticket), (*nodes, operand), (*locals, local))
                heapq.heappush(waiting, entry)
        return found


def _size(number: float) -> float:
    """The absolute value; what is no number comes first, as it spoils the sum."""
    return math.inf if math.isnan(number) else abs(number)


def _scalars(
    output: Any, wrt: Any, index: int | tuple[int, ...] | None, names: Mapping[str, Any]
) -> tuple[Value, Value, Mapping[str, Any]]:
    """The output and the variable as Values, and what the nodes are called."""
    for what, node in (("output", output), ("wrt", wrt)):
        if not is_node(node):
            raise OperandError(
                f"explain: {what} is a {type(node).__name__}; pass a Value or a Tensor"
            )
    if isinstance(output, Value):
        if isinstance(wrt, Tensor) or index is not None:
            raise OperandError("explain: the output is a Value, so wrt is one, without an index")
        return output, wrt, names
    if output.shape != () or not isinstance(wrt, Tensor):
        raise OperandError(
            f"explain: the output has shape {output.shape} and wrt is a {type(wrt).__name__}; "
            "pass an output of one number and a Tensor of its graph"
        )
    lowered = lower(output, names=names)
    try:
        variable = lowered[wrt] if index is None else lowered[wrt][index]
    except (IndexError, TypeError) as error:
        raise SettingError(f"explain: index {index!r} of a Tensor of shape {wrt.shape}") from error
    if not isinstance(variable, Value):
        raise SettingError(
            f"explain: wrt has shape {wrt.shape}; name one element of it, such as "
            f"index={(0,) * wrt.ndim}"
        )
    return lowered.output, variable, {}


def _has_name(node: Value, names: Mapping[int, str]) -> bool:
    return bool(names.get(id(node)) or node.name)


def _gate_text(node: Value, called: Mapping[int, str], digits: int) -> str:
    operands = [
        called[id(operand)] if is_node(operand) else number_text(operand, digits)
        for operand in node.operands
    ]
    assert node.gate is not None
    formula = expression(displayed_name(node.gate.symbol), operands)
    return f"{formula} = {number_text(node.data, digits)}"
