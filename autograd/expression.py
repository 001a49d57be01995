"""Expressions: a formula in the user's own words as a function of numbers, arrays and nodes."""

from __future__ import annotations

import ast
import difflib
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from . import gates
from .errors import FormulaError, OperandError
from .exact import shortened
from .formula import parse
from .gate import TABLE, Gate, decide

__all__ = ["CONSTANTS", "Comparison", "Expression", "Step"]

CONSTANTS: Mapping[str, float] = {"pi": math.pi, "e": math.e}
"""The numbers that have a name in an expression."""

_OPERATORS: Mapping[type[ast.operator], Gate] = {
    ast.Add: gates.add,
    ast.Sub: gates.sub,
    ast.Mult: gates.mul,
    ast.Div: gates.div,
    ast.Pow: gates.pow,
}

_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: lambda x, y: decide(gates.less, x, y),
    ast.LtE: lambda x, y: decide(gates.less_equal, x, y),
    ast.Gt: lambda x, y: decide(gates.less, y, x),
    ast.GtE: lambda x, y: decide(gates.less_equal, y, x),
    ast.Eq: lambda x, y: decide(gates.equal, x, y),
    ast.NotEq: lambda x, y: decide(gates.not_equal, x, y),
}

# What is written so elsewhere, and how it is written here.
_SPELLINGS: Mapping[str, str] = {
    "^": "a power is written x ** y",
    "²": "a square is written x ** 2",
    "³": "a cube is written x ** 3",
    "×": "a product is written x * y",
    "·": "a product is written x * y",
    "÷": "a quotient is written x / y",
    "−": "minus is written -",
    "√": "a root is written sqrt(x)",
    "|": "an absolute value is written abs(x)",
    "#": "there are no comments in a formula",
}


@dataclass(frozen=True)
class Comparison:
    """The condition of a ``where``: it compares numbers, those of nodes too."""

    compare: Callable[[Any, Any], Any]

    def __call__(self, left: Any, right: Any) -> Any:
        """Whether it holds: a bool or an array of them, or a node while a graph is traced."""
        return self.compare(left, right)


class Step(NamedTuple):
    """One gate of an expression, or the comparison that decides a ``where``."""

    apply: Gate | Comparison
    operands: tuple[int | float, ...]
    """Of each operand the place, an int, or the number itself, a float."""

    def operands_at(self, places: Sequence[Any]) -> list[Any]:
        """The operands, where these are the variables and the results of the steps before."""
        return [_at(operand, places) for operand in self.operands]


class Expression:
    """A formula as a function of its variables: of numbers, arrays, Values or Tensors.

    A formula is written with ``+ - * / **``, parentheses, numbers, ``pi`` and ``e``, and the names
    of the elementwise gates; every other name is a variable. In ``where(x > 0, y, z)`` the
    condition may be a comparison, and both branches are computed. Numbers are floats, with the
    edges of IEEE 754. The text is never run as code: it is read into a tree, and the gates of the
    tree are applied to the operands.

    Args:
        text: the formula.

    Raises:
        FormulaError: if the text is not of the formula language, names a gate that there is not,
            or gives a gate too few or too many operands.

    >>> f = Expression("(x + y) * z")
    >>> f.names
    ('x', 'y', 'z')
    >>> f(-2.0, 5.0, z=-4.0)
    -12.0
    >>> Expression("sine(x)")
    Traceback (most recent call last):
    autograd.errors.FormulaError: formula 'sine(x)': no gate is called 'sine'; did you mean ...?
    """

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise OperandError(
                f"an Expression is made of a text, such as 'log(x) * y', not of {shortened(text)} "
                f"({type(text).__name__})"
            )
        self.text = text.strip()
        """The formula as it was given."""
        _check_signs(self.text)
        reader = _Reader(self.text)
        self.names = reader.names
        """The variables in the order in which they first appear."""
        self.steps = tuple(reader.steps)
        """The gates in the order in which they are applied."""
        self._result = reader.result
        # By it a caller, such as a check of gradients, learns what the operands are called.
        self.__signature__ = inspect.Signature(
            [
                inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
                for name in self.names
            ]
        )

    def __call__(self, /, *operands: Any, **named: Any) -> Any:
        """The formula at these operands: in the order of ``names``, or by name.

        Raises:
            OperandError: if an operand is missing, superfluous or unknown, or of the wrong kind.
            ShapeError: if arrays do not broadcast.
        """
        if named or len(operands) != len(self.names):
            operands = self._in_order(operands, named)
        return _at(self._result, self.places(*operands))

    def places(self, *operands: Any) -> list[Any]:
        """The operands in the order of ``names``, followed by the result of each step.

        >>> Expression("(x + y) * 2").places(1.0, 2.0)
        [1.0, 2.0, 3.0, 6.0]
        """
        places = list(operands)
        for step in self.steps:
            places.append(step.apply(*step.operands_at(places)))
        return places

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def __reduce__(self) -> tuple[type[Expression], tuple[str]]:
        return Expression, (self.text,)  # gates are known by identity: a copy would be another

    def _in_order(self, operands: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
        try:
            return self.__signature__.bind(*operands, **named).args
        except TypeError as error:
            names = ", ".join(self.names) or "none"
            raise OperandError(
                f"formula {shortened(self.text)}: {error}; its variables are {names}"
            ) from None


def _at(operand: int | float, places: Sequence[Any]) -> Any:
    return operand if isinstance(operand, float) else places[operand]


def _check_signs(text: str) -> None:
    for sign in text:
        if sign in _SPELLINGS:
            raise FormulaError(
                f"formula {shortened(text)}: {sign!r} is not of the formula language; "
                f"{_SPELLINGS[sign]}"
            )


class _Reader:
    """Reads a text into steps, without recursion: a formula may be as deep as it is long."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.steps: list[Step] = []
        self._gates = {gate.name: gate for gate in TABLE}
        tree = parse(text)
        parts = self._parts(tree)
        self.names = self._variables(parts)
        # Of each part that was read: its place, or its number.
        self._read: dict[ast.expr, int | float] = {}
        for part in parts:
            self._read[part] = self._place(part)
        self.result = self._read[tree]

    def _parts(self, tree: ast.expr) -> list[ast.expr]:
        """All parts, each after its operands, and these from left to right."""
        if isinstance(tree, ast.Compare):
            raise self._misplaced_comparison(tree)
        parts, pending = [], [tree]
        while pending:
            part = pending.pop()
            parts.append(part)
            operands = _operands(part)
            for position, operand in enumerate(operands):
                if isinstance(operand, ast.Compare) and not (position == 0 and _is_where(part)):
                    raise self._misplaced_comparison(operand)
            pending += operands
        return parts[::-1]

    def _variables(self, parts: Sequence[ast.expr]) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for part in parts:
            if not isinstance(part, ast.Name) or part.id in CONSTANTS:
                continue
            gate = self._gates.get(part.id)
            if gate is not None:
                raise self._error(f"{gate.name} is a gate; write {_call(gate)}")
            names[part.id] = None
        return tuple(names)

    def _place(self, part: ast.expr) -> int | float:
        """The place or the number of a part, whose step is appended."""
        match part:
            case ast.Name(id=name):
                return CONSTANTS[name] if name in CONSTANTS else self.names.index(name)
            case ast.Constant(value=value):
                return _as_float(value)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._read[operand]
        apply = self._applied(part)
        operands = tuple(self._read[operand] for operand in _operands(part))
        if isinstance(apply, Gate):
            operands = self._completed(apply, operands)
        self.steps.append(Step(apply, operands))
        return len(self.names) + len(self.steps) - 1

    def _applied(self, part: ast.expr) -> Gate | Comparison:
        match part:
            case ast.UnaryOp():
                return gates.neg
            case ast.BinOp(op=op):
                return _OPERATORS[type(op)]
            case ast.Compare(ops=[op]):
                return Comparison(_COMPARISONS[type(op)])
            case ast.Call(func=ast.Name(id=name)):
                gate = self._gates.get(name)
                if gate is None:
                    raise self._error(
                        f"no gate is called {shortened(name)}; {self._suggestion(name)}"
                    )
                return gate
        raise AssertionError(f"parse lets {ast.dump(part)} pass")

    def _completed(self, gate: Gate, operands: tuple[int | float, ...]) -> tuple[int | float, ...]:
        """The operands, and the defaults of those that were left out."""
        missing = gate.arity - len(operands)
        if not 0 <= missing <= len(gate.defaults):
            fewest = gate.arity - len(gate.defaults)
            count = f"{gate.arity}" if fewest == gate.arity else f"{fewest} to {gate.arity}"
            plural = "" if gate.arity == 1 else "s"
            raise self._error(
                f"{gate.name} takes {count} operand{plural}, got {len(operands)}; "
                f"write {_call(gate)}"
            )
        return operands + gate.defaults[len(gate.defaults) - missing :]

    def _suggestion(self, name: str) -> str:
        """What was meant by the name of a gate that there is not."""
        by_symbol = [gate.name for gate in TABLE if gate.symbol == name]
        close = by_symbol or difflib.get_close_matches(name.lower(), self._gates)
        if close:
            return f"did you mean {' or '.join(close)}?"
        return "a product is written x * (y)"

    def _misplaced_comparison(self, comparison: ast.expr) -> FormulaError:
        words = ast.get_source_segment(self.text, comparison) or "a comparison"
        return self._error(
            f"{shortened(words)} may stand only as the condition of where(condition, y, z)"
        )

    def _error(self, problem: str) -> FormulaError:
        return FormulaError(f"formula {shortened(self.text)}: {problem}")


def _operands(part: ast.expr) -> list[ast.expr]:
    match part:
        case ast.UnaryOp(operand=operand):
            return [operand]
        case ast.BinOp(left=left, right=right) | ast.Compare(left=left, comparators=[right]):
            return [left, right]
        case ast.Call(args=arguments):
            return arguments
    return []


def _is_where(part: ast.expr) -> bool:
    match part:
        case ast.Call(func=ast.Name(id=name)):
            return name == gates.where.name
    return False


def _call(gate: Gate) -> str:
    return f"{gate.name}({', '.join(gate.operand_names)})"


def _as_float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer beyond the largest float
        return math.inf
