"""Gate: one elementwise gate, and everything that is derived from its row of the table."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .errors import OperandError
from .formula import (
    FLOATS,
    NODES,
    NUMPY,
    NUMPY_SLOPES,
    Target,
    build_function,
    inlined,
    parse,
    vjp_of,
)
from .ieee import ANALYTIC, NUMPY_PRIMITIVES, PRIMITIVES
from .modes import OPEN_MODES, trace_here

__all__ = ["TABLE", "Gate", "Interval", "decide"]

OPERAND_NAMES = ("x", "y", "z")


@dataclass(frozen=True)
class Interval:
    """The numbers between ``low`` and ``high``, on which a gate is differentiable."""

    low: float
    high: float


ANYTHING = Interval(-math.inf, math.inf)
POSITIVE = Interval(0.0, math.inf)
ABOVE_ONE = Interval(1.0, math.inf)
ABOVE_MINUS_ONE = Interval(-1.0, math.inf)
BELOW_ONE = Interval(-1.0, 1.0)
QUARTER_TURN = Interval(-math.pi / 2, math.pi / 2)

TABLE: list[Gate] = []
"""Every elementwise gate, in the order of the rows; a gate's ``code`` is its place in it."""
_BY_NAME: dict[str, Gate] = {}


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
        flat: whether the derivatives are zero by definition, whatever the slope.
        defaults: the last operands, where they are left out.

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
    flat: bool = False
    defaults: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.derivatives) != len(self.domain):
            raise ValueError(
                f"gate {self.name}: {len(self.derivatives)} derivatives "
                f"for {len(self.domain)} operands"
            )
        object.__setattr__(self, "code", len(TABLE))
        object.__setattr__(self, "arity", len(self.domain))
        TABLE.append(self)
        _BY_NAME[self.name] = self

    code: int = -1
    arity: int = -1
    """The number of operands."""

    def __repr__(self) -> str:
        return f"<gate {self.name}: {self.formula}>"

    @property
    def operand_names(self) -> tuple[str, ...]:
        """The operands' names in the formulas."""
        return OPERAND_NAMES[: self.arity]

    @property
    def is_primitive(self) -> bool:
        """Whether the gate is taken from the mathematical library of each engine."""
        return self.formula.startswith(f"{self.name}(") and self.name in PRIMITIVES

    @cached_property
    def is_analytic(self) -> bool:
        """Whether the formula means the same on complex arrays: it neither compares nor rounds."""
        parts = list(ast.walk(inlined(parse(self.formula), definition_of)))
        if any(isinstance(part, ast.Compare) for part in parts):
            return False
        calls = {ast.unparse(part.func) for part in parts if isinstance(part, ast.Call)}
        return calls <= ANALYTIC

    @cached_property
    def float_forward(self) -> Callable[..., float]:
        """The result on Python floats, with IEEE edges."""
        return self._build(self.operand_names, {"out": self.formula}, FLOATS, PRIMITIVES)

    def float_local(self, *positions: int) -> Callable[..., tuple[float, ...]]:
        """A function on floats: the result, then the local derivatives by these operands."""
        return self._build(self.operand_names, self.local(*positions), FLOATS, PRIMITIVES)

    def local(self, *positions: int) -> dict[str, str]:
        """The formulas of the result, ``out``, and of the derivatives, ``dx``, ``dy``, ``dz``."""
        derivatives = {f"d{OPERAND_NAMES[i]}": self.derivatives[i] for i in positions}
        return {"out": self.formula, **derivatives}

    @cached_property
    def numpy_forward(self) -> Callable[..., Any]:
        """The result on NumPy arrays and numbers, broadcast."""
        return self._build(self.operand_names, {"out": self.formula}, NUMPY, NUMPY_PRIMITIVES)

    @cached_property
    def vjps(self) -> Sequence[Callable[..., Any] | None]:
        """For each operand ``vjp(g, out, *operands)`` on arrays, not yet summed to its shape.

        None stands for an operand that gets no gradient, and so does the number 0 as a result,
        where plain operands decide that there is none.
        """
        return [self._build_vjp(text, NUMPY_SLOPES, NUMPY_PRIMITIVES) for text in self.derivatives]

    @cached_property
    def node_vjps(self) -> Sequence[Callable[..., Any] | None]:
        """The vjps on nodes: their result is a graph, which can be differentiated again."""
        return [self._build_vjp(text, NODES, _functions_on_nodes()) for text in self.derivatives]

    @cached_property
    def node_forward(self) -> Callable[..., Any]:
        """The formula on nodes: the gate as a graph of the gates it is made of."""
        return self._build(self.operand_names, {"out": self.formula}, NODES, _functions_on_nodes())

    def is_inside(self, operands: Sequence[float]) -> bool:
        """Whether every operand is inside of its domain."""
        return all(
            interval.low < operand < interval.high
            for interval, operand in zip(self.domain, operands, strict=True)
        )

    def kinks_at(self, *operands: float) -> list[float]:
        """How far each kink is: zero where the gate is not differentiable at these operands."""
        return [distance(*operands) for distance in self._float_kinks]

    @cached_property
    def _float_kinks(self) -> Sequence[Callable[..., float]]:
        return self._build_kinks(FLOATS, PRIMITIVES)

    @cached_property
    def numpy_kinks(self) -> Sequence[Callable[..., Any]]:
        """The same on arrays, broadcast: one function for each kink."""
        return self._build_kinks(NUMPY, NUMPY_PRIMITIVES)

    def _build_kinks(
        self, target: Target, namespace: Mapping[str, Any]
    ) -> Sequence[Callable[..., Any]]:
        return [
            self._build(self.operand_names, {"distance": kink}, target, namespace)
            for kink in self.kinks
        ]

    def _build_vjp(
        self, derivative: str, target: Target, namespace: Mapping[str, Any]
    ) -> Callable[..., Any] | None:
        tree = vjp_of(parse(derivative))
        if tree is None:
            return None
        arguments = ("g", "out", *self.operand_names)
        return self._build(arguments, {"gradient": tree}, target, namespace)

    def _build(
        self,
        arguments: Sequence[str],
        results: Mapping[str, str | ast.expr],
        target: Target,
        namespace: Mapping[str, Any],
    ) -> Callable[..., Any]:
        trees = {
            name: parse(formula) if isinstance(formula, str) else formula
            for name, formula in results.items()
        }
        # Not the bare name: the source calls primitives, and one of them may have it.
        return build_function(
            f"gate_{self.name}", arguments, trees, target, namespace, definition_of
        )

    def __call__(self, *operands: Any) -> Any:
        """Apply the gate; the kind of the operands decides the kind of the result."""
        if len(operands) != self.arity:
            operands = self._completed(operands)
        for operand in operands:
            apply = getattr(type(operand), "apply_gate", None)
            if apply is not None:
                return apply(self, *operands)
        if all(isinstance(operand, (int, float)) for operand in operands):
            return self.float_forward(*map(float, operands))
        return self.numpy_forward(*map(self._as_array, operands))

    def _completed(self, operands: tuple[Any, ...]) -> tuple[Any, ...]:
        """The operands, and the defaults of those that were left out."""
        missing = self.arity - len(operands)
        if not 0 < missing <= len(self.defaults):
            raise OperandError(f"{self.name} takes {self.arity} operands, got {len(operands)}")
        return operands + self.defaults[-missing:]

    def _as_array(self, operand: Any) -> Any:
        if isinstance(operand, (int, float)):
            return operand  # NumPy gives the result the dtype of the array beside it
        array = np.asarray(operand)
        if array.dtype.kind == "c" and self.is_analytic:
            return array
        if array.dtype.kind not in "fiub":
            raise OperandError(
                f"{self.name}: {operand!r} is not a real number, a real array or a node"
            )
        return array if array.dtype.kind == "f" else array.astype(np.float64)


def definition_of(name: str) -> tuple[Sequence[str], ast.expr] | None:
    """The operand names and the formula of the gate of this name; None if it is a primitive."""
    gate = _BY_NAME.get(name)
    if gate is None or gate.is_primitive or name == "where":
        return None
    return gate.operand_names, parse(gate.formula)


def _functions_on_nodes() -> dict[str, Any]:
    return {
        **_BY_NAME,
        "where": _select,
        "decide": decide,
        "magnitude": _magnitude,
    }


def _magnitude(x: Any) -> Any:
    """``|x|`` for an even function: which side zero is on does not matter, but it must be on one.

    The gate abs has the derivative 0 there, so that second derivatives through it would vanish.
    """
    return _select(decide(_BY_NAME["less"], x, 0), -x, x)


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "less": operator.lt,
    "less_equal": operator.le,
    "equal": operator.eq,
    "not_equal": operator.ne,
}


def decide(comparison: Gate, x: Any, y: Any) -> Any:
    """A comparison in a formula on nodes: a bool or an array of them.

    While a graph is traced, it is recorded as a gate: decided anew by each run.
    """
    if OPEN_MODES[1] and (_is_node(x) or _is_node(y)) and trace_here() is not None:
        return comparison(x, y)
    return _OPERATORS[comparison.name](_plain(x), _plain(y))


def _is_node(operand: Any) -> bool:
    return hasattr(type(operand), "apply_gate")


def _is_scalar_node(operand: Any) -> bool:
    kind = type(operand)
    return hasattr(kind, "apply_gate") and not hasattr(kind, "shape")


def _plain(operand: Any) -> Any:
    # Values are equal only to themselves; it is their numbers that are compared.
    return operand.data if _is_scalar_node(operand) else operand


def _select(condition: Any, then: Any, otherwise: Any) -> Any:
    """``where`` in a formula on nodes.

    A condition on scalars is decided; that the branch not taken is not even recorded keeps its
    infinities out of the gradient.
    """
    if isinstance(condition, bool):
        return then if condition else otherwise
    return _BY_NAME["where"](condition, then, otherwise)
