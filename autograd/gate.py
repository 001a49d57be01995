"""Gate: one elementwise gate, and everything that is derived from its row of the table."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .errors import OperandError
from .formula import FLOATS, NUMPY, build_function, parse, vjp_of
from .ieee import PRIMITIVES

__all__ = ["ANYTHING", "NONNEGATIVE", "POSITIVE", "TABLE", "Gate", "Interval"]

OPERAND_NAMES = ("x", "y", "z")


@dataclass(frozen=True)
class Interval:
    """The numbers from ``low`` to ``high`` on which a gate is defined, ends included if closed."""

    low: float
    high: float
    closed: bool = False


ANYTHING = Interval(-math.inf, math.inf)
POSITIVE = Interval(0.0, math.inf)
NONNEGATIVE = Interval(0.0, math.inf, closed=True)

TABLE: list[Gate] = []
"""Every elementwise gate, in the order of the rows; a gate's ``code`` is its place in it."""


@dataclass(frozen=True, eq=False)
class Gate:
    """One row of the table of elementwise gates.

    Args:
        name: the field's name of the gate, also its name in formulas.
        symbol: what stands in its circle in a drawing.
        formula: the result, in terms of ``x``, ``y``, ``z``.
        derivatives: the local derivative by each operand, in terms of the operands and ``out``.
        domain: for each operand the interval on which the gate is defined and differentiable.
        kinks: formulas that are zero where the gate is not differentiable; the convention chosen
            there is what ``derivatives`` gives.
        commutative: whether two operands may be exchanged.

    A gate is callable on numbers, arrays, Values and Tensors.

    >>> from autograd import Value, exp
    >>> exp(0.0)
    1.0
    >>> exp(Value(0.0))
    Value(data=1.0, grad=0.0)
    """

    name: str
    symbol: str
    formula: str
    derivatives: tuple[str, ...]
    domain: tuple[Interval, ...]
    kinks: tuple[str, ...] = ()
    commutative: bool = False

    def __post_init__(self) -> None:
        if len(self.derivatives) != len(self.domain):
            raise ValueError(
                f"gate {self.name}: {len(self.derivatives)} derivatives "
                f"for {len(self.domain)} operands"
            )
        object.__setattr__(self, "code", len(TABLE))
        TABLE.append(self)

    code: int = -1

    def __repr__(self) -> str:
        return f"<gate {self.name}: {self.formula}>"

    @property
    def arity(self) -> int:
        """The number of operands."""
        return len(self.domain)

    @property
    def operand_names(self) -> tuple[str, ...]:
        """The operands' names in the formulas."""
        return OPERAND_NAMES[: self.arity]

    @cached_property
    def float_forward(self) -> Callable[..., float]:
        """The result on Python floats, with IEEE edges."""
        return self._build(self.operand_names, {"out": self._tree}, FLOATS, PRIMITIVES)

    def float_local(self, *positions: int) -> Callable[..., tuple[float, ...]]:
        """A function on floats: the result, then the local derivatives by these operands."""
        derivatives = {f"d{OPERAND_NAMES[i]}": parse(self.derivatives[i]) for i in positions}
        results = {"out": self._tree, **derivatives}
        return self._build(self.operand_names, results, FLOATS, PRIMITIVES)

    @cached_property
    def numpy_forward(self) -> Callable[..., Any]:
        """The result on NumPy arrays and numbers, broadcast."""
        return self._build(self.operand_names, {"out": self._tree}, NUMPY, vars(np))

    @cached_property
    def vjps(self) -> Sequence[Callable[..., Any] | None]:
        """For each operand ``vjp(g, out, *operands)`` on arrays, not yet summed to its shape.

        None stands for an operand that gets no gradient.
        """
        return [self._build_vjp(text) for text in self.derivatives]

    def kinks_at(self, *operands: float) -> list[float]:
        """How far each kink is: zero where the gate is not differentiable at these operands."""
        return [
            self._build(self.operand_names, {"distance": parse(kink)}, FLOATS, PRIMITIVES)(
                *operands
            )
            for kink in self.kinks
        ]

    def _build_vjp(self, derivative: str) -> Callable[..., Any] | None:
        tree = vjp_of(parse(derivative))
        if tree is None:
            return None
        return self._build(("g", "out", *self.operand_names), {"gradient": tree}, NUMPY, vars(np))

    @cached_property
    def _tree(self) -> ast.expr:
        return parse(self.formula)

    def _build(self, *recipe: Any) -> Callable[..., Any]:
        # Not the bare name: the source calls primitives, and one of them may have it.
        return build_function(f"gate_{self.name}", *recipe)

    def __call__(self, *operands: Any) -> Any:
        """Apply the gate; the kind of the operands decides the kind of the result."""
        if len(operands) != self.arity:
            raise OperandError(f"{self.name} takes {self.arity} operands, got {len(operands)}")
        for operand in operands:
            apply = getattr(type(operand), "apply_gate", None)
            if apply is not None:
                return apply(self, *operands)
        if all(isinstance(operand, (int, float)) for operand in operands):
            return self.float_forward(*map(float, operands))
        return self.numpy_forward(*map(self._as_array, operands))

    def _as_array(self, operand: Any) -> Any:
        array = np.asarray(operand)
        if array.dtype.kind not in "fiub":
            raise OperandError(
                f"{self.name}: {operand!r} is not a real number, a real array or a node"
            )
        return array if array.dtype.kind == "f" else array.astype(np.float64)
