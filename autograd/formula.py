"""The formula language: one text per gate, turned into code for every engine.

A formula is a Python expression over the operands ``x``, ``y``, ``z`` and, in a derivative, the
result ``out``. It may use ``+ - * / **``, signs, one comparison at a time, numbers,
``where(condition, then, otherwise)`` and the names of other gates. Nothing else is accepted, and
nothing is evaluated while reading: the text is parsed to a tree, and the tree is written out again
for a target.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any, cast

from .errors import FormulaError
from .exact import shortened

__all__ = [
    "FLOATS",
    "NODES",
    "NUMPY",
    "NUMPY_SLOPES",
    "C",
    "Target",
    "assignments",
    "build_function",
    "inlined",
    "names_in",
    "parse",
    "vjp_of",
]

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "({} < {})",
    ast.LtE: "({} <= {})",
    ast.Gt: "({} > {})",
    ast.GtE: "({} >= {})",
    ast.Eq: "({} == {})",
    ast.NotEq: "({} != {})",
}


@dataclass(frozen=True)
class Target:
    """How a formula is written for one engine: what differs between the engines.

    Args:
        divide: the template of a quotient.
        power: the template of a power.
        where: the template of a selection by a condition.
        number: writes a number.
        functions: the names of functions that are not the formula language's own.
        comparisons: the templates of the comparisons.
        inline: whether a gate that is not a primitive is replaced by its formula.
        own: the gates, not primitives, for which the engine has a function of its own.
    """

    divide: str
    power: str
    where: str
    number: Callable[[float], str]
    functions: Mapping[str, str] = field(default_factory=dict)
    comparisons: Mapping[type[ast.cmpop], str] = field(default_factory=lambda: _COMPARISONS)
    inline: bool = True
    own: frozenset[str] = frozenset()

    def operators(self) -> Mapping[type[ast.operator], str]:
        """Give the template of each binary operator."""
        return {
            ast.Add: "({} + {})",
            ast.Sub: "({} - {})",
            ast.Mult: "({} * {})",
            ast.Div: self.divide,
            ast.Pow: self.power,
        }


def _as_float(number: float) -> str:
    return repr(float(number))


# Floats: operators that raise become functions that answer as IEEE 754 does; a branch is lazy.
FLOATS = Target("divide({}, {})", "power({}, {})", "({1} if {0} else {2})", _as_float)
# NumPy: integers stay integers, which NumPy promotes to the dtype of the array beside them.
NUMPY = Target(
    "({} / {})",
    "({} ** {})",
    "where({}, {}, {})",
    repr,
    # Ten times as fast as a selection, whose branches the processor cannot foresee.
    own=frozenset({"maximum", "minimum"}),
)
# Derivatives on NumPy arrays. A condition on plain numbers, such as a constant exponent, is
# decided, and the other branch not even computed: the result need not have every operand's shape.
NUMPY_SLOPES = replace(
    NUMPY,
    where="({1} if (chosen := {0}) is True else {2} if chosen is False "
    "else where(chosen, {1}, {2}))",
)
# Nodes: every function is a gate, so that the result can be differentiated again. A comparison is
# decided, unless it is to be recorded as the gate of its name.
NODES = Target(
    # The gates, not the operators: where both operands are plain numbers, these would raise.
    "div({}, {})",
    "pow({}, {})",
    "where({}, {}, {})",
    repr,
    comparisons={
        ast.Lt: "decide(less, {0}, {1})",
        ast.LtE: "decide(less_equal, {0}, {1})",
        ast.Gt: "decide(less, {1}, {0})",
        ast.GtE: "decide(less_equal, {1}, {0})",
        ast.Eq: "decide(equal, {0}, {1})",
        ast.NotEq: "decide(not_equal, {0}, {1})",
    },
    inline=False,
)
# C: doubles and the functions of its mathematical library.
C = Target(
    "({} / {})",
    "pow({}, {})",
    "({} ? {} : {})",
    _as_float,
    functions={"abs": "fabs", "magnitude": "fabs"},
)


# Far beyond what is written by hand, and short enough for Python's own parser, which a larger text
# may crash.
LONGEST = 10_000


@lru_cache(maxsize=1024)
def parse(text: str) -> ast.expr:
    """Read a formula into its tree.

    Raises:
        FormulaError: naming the part that is not of the language; or if the text is too long.

    >>> ast.unparse(parse("where(x > 0, x, 0)"))
    'where(x > 0, x, 0)'
    >>> parse("x.real")
    Traceback (most recent call last):
    autograd.errors.FormulaError: formula 'x.real': 'x.real' is not of the formula language; ...
    """
    tree = _tree(text)
    for part in ast.walk(tree):
        if isinstance(part, ast.expr) and not _is_of_the_language(part):
            # In the words of the text; unparse would recurse.
            words = ast.get_source_segment(text, part) or text
            raise FormulaError(
                f"formula {shortened(text)}: {shortened(words)} is not of the formula language; "
                "use + - * / **, one comparison, numbers, operands and gate names"
            )
    return tree


def _tree(text: str) -> ast.expr:
    """The tree of a text that is an expression, whatever stands in it."""
    if len(text) > LONGEST:
        raise FormulaError(
            f"formula {shortened(text)} has {len(text)} characters; it may have up to {LONGEST}"
        )
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise FormulaError(f"formula {shortened(text)} cannot be read: {error.msg}") from error
    except ValueError as error:  # a character that no source may contain
        raise FormulaError(f"formula {shortened(text)} cannot be read: {error}") from error
    except (RecursionError, MemoryError):
        raise FormulaError(
            f"formula {shortened(text)} is nested too deeply, or a chain of too many operators; "
            "write it as several formulas"
        ) from None


@cache
def names_in(text: str) -> frozenset[str]:
    """The names of the operands in a formula, and of the gates.

    >>> sorted(names_in("x - hypot(x, y)"))
    ['hypot', 'x', 'y']
    """
    return frozenset(part.id for part in ast.walk(parse(text)) if isinstance(part, ast.Name))


def _is_of_the_language(part: ast.expr) -> bool:
    match part:
        case ast.Name():
            return True
        case ast.Constant(value=value):
            return type(value) in (int, float)
        case ast.BinOp(op=op):
            return isinstance(op, (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow))
        case ast.UnaryOp(op=op):
            return isinstance(op, (ast.USub, ast.UAdd))
        case ast.Compare(ops=ops):
            return len(ops) == 1 and type(ops[0]) in _COMPARISONS
        case ast.Call(func=ast.Name(), keywords=[]):
            return not any(isinstance(argument, ast.Starred) for argument in part.args)
        case _:
            return False


def vjp_of(derivative: ast.expr) -> ast.expr | None:
    """The tree of ``g * derivative``, simplified, or None where the derivative is zero.

    A derivative of one passes ``g`` on untouched, and ``g`` moves into the branches of ``where``
    and above the bar of a quotient: fewer array operations, and no array of literals whose dtype
    would not be that of ``g``.
    """
    match derivative:
        case ast.Constant(value=0):
            return None
        case ast.Constant(value=1):
            return ast.Name("g")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = vjp_of(operand)
            return None if inner is None else ast.UnaryOp(ast.USub(), inner)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            inner = vjp_of(left)
            return None if inner is None else ast.BinOp(inner, ast.Div(), right)
        case ast.Call(func=ast.Name(id="where"), args=[condition, *branches]):
            inner_branches = [vjp_of(branch) or ast.Constant(0) for branch in branches]
            return ast.Call(ast.Name("where"), [condition, *inner_branches], [])
        case _:
            return ast.BinOp(ast.Name("g"), ast.Mult(), derivative)


Definitions = Callable[[str], tuple[Sequence[str], ast.expr] | None]
"""The operand names and the formula of a gate by name; None if it is a primitive."""


def inlined(tree: ast.expr, definitions: Definitions) -> ast.expr:
    """The tree with every gate that is not a primitive replaced by its formula."""
    return cast(ast.expr, _Inliner(definitions).visit(copy.deepcopy(tree)))


class _Inliner(ast.NodeTransformer):
    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions

    def visit_Call(self, call: ast.Call) -> ast.expr:
        self.generic_visit(call)
        definition = self._definitions(cast(ast.Name, call.func).id)
        if definition is None:
            return call
        names, formula = definition
        substitution = dict(zip(names, call.args, strict=True))
        return cast(ast.expr, _Substituter(substitution).visit(copy.deepcopy(formula)))


class _Substituter(ast.NodeTransformer):
    def __init__(self, substitution: Mapping[str, ast.expr]) -> None:
        self._substitution = substitution

    def visit_Name(self, name: ast.Name) -> ast.expr:
        return self._substitution.get(name.id, name)


def assignments(
    results: Mapping[str, ast.expr], target: Target, definitions: Definitions
) -> list[tuple[str, str]]:
    """The results as ``(name, source)`` in order, each visible to the later ones.

    Sub-expressions that stand more than once become assignments of their own before.
    """
    if target.inline:
        results = {
            name: inlined(tree, lambda gate: None if gate in target.own else definitions(gate))
            for name, tree in results.items()
        }
    writer = _Writer(target, results.values())
    lines = []
    for name, tree in results.items():
        text = writer.write(tree)
        lines += [*writer.take_shared(), (name, text)]
    return lines


def build_function(
    name: str,
    arguments: Sequence[str],
    results: Mapping[str, ast.expr],
    target: Target,
    namespace: Mapping[str, Any],
    definitions: Definitions = lambda name: None,
) -> Callable[..., Any]:
    """Compile a function that computes ``results`` and returns them in their order.

    The source is made from the gate table alone, never from a user's text: running it is as safe
    as importing the table.
    """
    body = [f"def {name}({', '.join(arguments)}):"]
    body += [f"    {line} = {text}" for line, text in assignments(results, target, definitions)]
    body.append(f"    return {', '.join(results)}")
    scope = dict(namespace)
    exec(compile("\n".join(body), f"<gate {name}>", "exec"), scope)
    function: Callable[..., Any] = scope[name]
    return function


class _Writer:
    """Writes trees as source, each sub-expression that stands twice computed once."""

    def __init__(self, target: Target, trees: Iterable[ast.expr]) -> None:
        self._target = target
        self._repeated = _repeated_parts(trees)
        self._names: dict[str, str] = {}
        self._shared: list[tuple[str, str]] = []

    def take_shared(self) -> list[tuple[str, str]]:
        """The assignments of shared sub-expressions written since the last call."""
        shared, self._shared = self._shared, []
        return shared

    def write(self, tree: ast.expr) -> str:
        key = ast.dump(tree)
        if key not in self._repeated:
            return self._write_part(tree)
        if key not in self._names:
            text = self._write_part(tree)
            self._names[key] = f"shared_{len(self._names)}"
            self._shared.append((self._names[key], text))
        return self._names[key]

    def _write_part(self, tree: ast.expr) -> str:
        match tree:
            case ast.Name(id=name):
                return name
            case ast.Constant(value=value) if isinstance(value, (int, float)):
                return self._target.number(value)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.write(operand)
            case ast.UnaryOp(operand=operand):
                return f"(-{self.write(operand)})"
            case ast.BinOp(left=left, op=op, right=right):
                template = self._target.operators()[type(op)]
                return template.format(self.write(left), self.write(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                template = self._target.comparisons[type(op)]
                return template.format(self.write(left), self.write(right))
            case ast.Call(
                func=ast.Name(id="where"), args=[mask, ast.Name("g"), ast.Constant(0)]
            ) if self._target is NUMPY:
                # As the scalar engine, which multiplies by the derivative, and as fast as maximum.
                return f"(g * {self.write(mask)})"
            case ast.Call(func=ast.Name(id="where"), args=arguments):
                return self._target.where.format(*map(self.write, arguments))
            case ast.Call(func=ast.Name(id=function), args=arguments):
                name = self._target.functions.get(function, function)
                return f"{name}({', '.join(map(self.write, arguments))})"
        raise FormulaError(f"{ast.unparse(tree)!r} is not of the formula language")


def _repeated_parts(trees: Iterable[ast.expr]) -> set[str]:
    """The dumps of the compound sub-expressions that stand more than once in the trees."""
    seen: set[str] = set()
    repeated: set[str] = set()
    for part in _compound_parts(trees, seen):
        key = ast.dump(part)
        (repeated if key in seen else seen).add(key)
    return repeated


def _compound_parts(trees: Iterable[ast.expr], seen: set[str]) -> Iterator[ast.expr]:
    """The compound parts in order, without the parts of a part that was seen before."""
    pending = list(trees)[::-1]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Name, ast.Constant)):
            continue
        known = ast.dump(part) in seen
        yield part
        if not known:
            pending += [
                child for child in ast.iter_child_nodes(part) if isinstance(child, ast.expr)
            ][::-1]
