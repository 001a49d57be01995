"""A minimal scalar autograd in plain Python, as the baseline of ``scalar_gpt.py``.

It is the plain design at its best: slots, local derivatives computed at once and kept in a tuple
beside the operands, no closures and no reference cycles, constants that make no node, and an
iterative topological order, so that a graph may be deeper than the recursion limit.
"""

from __future__ import annotations

import math

__all__ = ["TupleValue"]


class TupleValue:
    """A float that remembers its operands and its derivative by each of them."""

    __slots__ = ("_derivatives", "_operands", "data", "grad")

    def __init__(
        self,
        data: float,
        operands: tuple[TupleValue, ...] = (),
        derivatives: tuple[float, ...] = (),
    ) -> None:
        self.data = data
        self.grad = 0.0
        self._operands = operands
        self._derivatives = derivatives

    def __add__(self, other: TupleValue | float) -> TupleValue:
        if isinstance(other, TupleValue):
            return TupleValue(self.data + other.data, (self, other), (1.0, 1.0))
        return TupleValue(self.data + other, (self,), (1.0,))

    __radd__ = __add__

    def __mul__(self, other: TupleValue | float) -> TupleValue:
        if isinstance(other, TupleValue):
            return TupleValue(self.data * other.data, (self, other), (other.data, self.data))
        return TupleValue(self.data * other, (self,), (other,))

    __rmul__ = __mul__

    def __pow__(self, exponent: float) -> TupleValue:
        return TupleValue(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def exp(self) -> TupleValue:
        """The exponential of this node."""
        result = math.exp(self.data)
        return TupleValue(result, (self,), (result,))

    def log(self) -> TupleValue:
        """The natural logarithm of this node."""
        return TupleValue(math.log(self.data), (self,), (1.0 / self.data,))

    def relu(self) -> TupleValue:
        """This node where it is positive, else zero."""
        if self.data > 0.0:
            return TupleValue(self.data, (self,), (1.0,))
        return TupleValue(0.0, (self,), (0.0,))

    @property
    def operands(self) -> tuple[TupleValue, ...]:
        """The nodes that this one was computed from."""
        return self._operands

    def backward(self) -> None:
        """Add to each node below this one the derivative of this one by it."""
        order: list[TupleValue] = []
        visited = set()
        # A node is met twice: before its operands, then, as None with it, after them.
        stack: list[TupleValue | None] = [self]
        while stack:
            node = stack.pop()
            if node is None:
                order.append(stack.pop())  # type: ignore[arg-type]
            elif node not in visited:
                visited.add(node)
                if node._operands:
                    stack += (node, None)
                    stack += node._operands
        self.grad += 1.0
        for node in reversed(order):
            gradient = node.grad
            for operand, derivative in zip(node._operands, node._derivatives, strict=True):
                operand.grad += gradient * derivative
