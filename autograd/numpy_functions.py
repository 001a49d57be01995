"""The NumPy functions that accept Tensors, and what each does to them.

A room that has the gates of a function registers it here. A function of NumPy that stands in
no table refuses a Tensor, and says how to get its plain array.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn, TypeVar

import numpy as np

from . import gates
from .backward import is_node

__all__ = [
    "DIFFERENTIABLE",
    "METHODS",
    "PLAIN",
    "UFUNC_GATES",
    "apply_function",
    "apply_ufunc",
    "blank",
    "function_name",
    "numpy_function",
]

Function = TypeVar("Function", bound=Callable[..., Any])

UFUNC_GATES: dict[Any, Any] = {
    np.add: gates.add,
    np.subtract: gates.sub,
    np.multiply: gates.mul,
    np.divide: gates.div,
    np.negative: gates.neg,
    np.power: gates.pow,
    np.reciprocal: gates.reciprocal,
    np.square: gates.square,
    np.sqrt: gates.sqrt,
    np.cbrt: gates.cbrt,
    np.hypot: gates.hypot,
    np.exp: gates.exp,
    np.exp2: gates.exp2,
    np.expm1: gates.expm1,
    np.log: gates.log,
    np.log2: gates.log2,
    np.log10: gates.log10,
    np.log1p: gates.log1p,
    np.logaddexp: gates.logaddexp,
    np.sin: gates.sin,
    np.cos: gates.cos,
    np.tan: gates.tan,
    np.arcsin: gates.asin,
    np.arccos: gates.acos,
    np.arctan: gates.atan,
    np.arctan2: gates.atan2,
    np.sinh: gates.sinh,
    np.cosh: gates.cosh,
    np.tanh: gates.tanh,
    np.arcsinh: gates.asinh,
    np.arccosh: gates.acosh,
    np.arctanh: gates.atanh,
    np.absolute: gates.abs,
    np.fabs: gates.abs,
    np.sign: gates.sign,
    np.floor: gates.floor,
    np.ceil: gates.ceil,
    np.maximum: gates.maximum,
    np.minimum: gates.minimum,
}
"""The gate of each ufunc that has one."""

DIFFERENTIABLE: dict[Any, Callable[..., Any]] = {
    **UFUNC_GATES,
    np.positive: lambda x: x,
    np.deg2rad: lambda x: x * (np.pi / 180),
    np.radians: lambda x: x * (np.pi / 180),
    np.rad2deg: lambda x: x * (180 / np.pi),
    np.degrees: lambda x: x * (180 / np.pi),
}
"""By the NumPy function, what answers with a Tensor; it has those of NumPy's parameters that are
supported."""

# fmt: off
PLAIN: frozenset[Any] = frozenset({
    np.all, np.allclose, np.any, np.argmax, np.argmin, np.argpartition, np.argsort, np.argwhere,
    np.array2string, np.array_equal, np.array_equiv, np.array_repr, np.array_str, np.bincount,
    np.can_cast, np.common_type, np.count_nonzero, np.digitize, np.flatnonzero, np.histogram,
    np.isclose, np.iscomplexobj, np.isin, np.isneginf, np.isposinf, np.isrealobj,
    np.may_share_memory, np.min_scalar_type, np.ndim, np.nonzero, np.result_type,
    np.searchsorted, np.shape, np.shares_memory, np.size, np.unique,
    np.equal, np.greater, np.greater_equal, np.isfinite, np.isinf, np.isnan, np.less,
    np.less_equal, np.logical_and, np.logical_not, np.logical_or, np.logical_xor, np.not_equal,
    np.signbit,
})
# fmt: on
"""Functions whose answer is no differentiable array: they are given the plain arrays."""

_OF_SHAPES: frozenset[Any] = frozenset({
    np.can_cast, np.common_type, np.iscomplexobj, np.isrealobj, np.ndim, np.result_type, np.shape,
    np.size,
})  # fmt: skip
"""Those of them that ask for the shape and dtype alone."""

METHODS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        np.all,
        np.any,
        np.argmax,
        np.argmin,
        np.argsort,
        np.clip,
        np.copy,
        np.cumprod,
        np.cumsum,
        np.diagonal,
        np.dot,
        np.min,
        np.nonzero,
        np.prod,
        np.ravel,
        np.repeat,
        np.searchsorted,
        np.squeeze,
        np.std,
        np.swapaxes,
        np.take,
        np.trace,
        np.var,
    )
} | {"flatten": np.ravel}
"""By the name of an array's method, the function that does the same."""

# A ufunc's reduce and accumulate are functions of their own.
_REDUCTIONS: dict[tuple[Any, str], Callable[..., Any]] = {
    (np.add, "reduce"): np.sum,
    (np.multiply, "reduce"): np.prod,
    (np.maximum, "reduce"): np.max,
    (np.minimum, "reduce"): np.min,
    (np.add, "accumulate"): np.cumsum,
    (np.multiply, "accumulate"): np.cumprod,
    (np.logical_and, "reduce"): np.all,
    (np.logical_or, "reduce"): np.any,
    (np.multiply, "outer"): np.outer,
}


def numpy_function(*functions: Any) -> Callable[[Function], Function]:
    """Register what these NumPy functions do to Tensors."""

    def register(implementation: Function) -> Function:
        for function in functions:
            DIFFERENTIABLE[function] = implementation
            if isinstance(function, np.ufunc) and not inspect.isfunction(implementation):
                UFUNC_GATES[function] = implementation
        return implementation

    return register


def apply_ufunc(
    ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    """What a ufunc of NumPy, called with a Tensor, answers."""
    if options.get("out") is not None:
        raise TypeError(
            f"np.{ufunc.__name__}: out= would write into an array that forgets the graph; use the "
            "result (a = a + t instead of a += t, where a is a plain array)"
        )
    if method == "__call__":
        return apply_function(ufunc, inputs, options)
    function = _REDUCTIONS.get((ufunc, method))
    if function is None or (method == "outer" and any(np.ndim(x) != 1 for x in inputs)):
        _refuse(f"np.{ufunc.__name__}.{method}")
    if method in ("reduce", "accumulate"):
        # NumPy's ufuncs reduce the first axis by default, its functions all.
        options = {"axis": 0, **options}
    return apply_function(function, inputs, options)


def apply_function(function: Any, operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What a function of NumPy, called with a Tensor among its arguments, answers."""
    implementation = DIFFERENTIABLE.get(function)
    if implementation is not None:
        # ``out=None`` and the like ask for nothing.
        asked = {key: value for key, value in options.items() if not _is_default(key, value)}
        supported = _parameters(implementation)
        unknown = sorted(asked.keys() - supported) if supported is not None else []
        if unknown or (supported is None and asked):
            raise TypeError(
                f"{function_name(function)}: {', '.join(unknown or asked)} is not supported on "
                "Tensors" + (f", only {', '.join(supported)}" if supported else "")
            )
        return implementation(*operands, **asked)
    if function in PLAIN:
        plain = blank if function in _OF_SHAPES else _plain
        return function(*map(plain, operands), **{k: plain(v) for k, v in options.items()})
    _refuse(function_name(function))


def _refuse(name: str) -> NoReturn:
    raise TypeError(
        f"{name} has no rule for Tensors, so no gradient could flow through it; pass the plain "
        "array, .data, where none is wanted"
    )


def function_name(function: Any) -> str:
    """What a function of NumPy is called where it is used."""
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"


def _is_default(key: str, value: Any) -> bool:
    """Whether an option that is passed along asks for nothing."""
    return (key in ("out", "dtype") and value is None) or (key == "where" and value is True)


@cache
def _parameters(implementation: Callable[..., Any]) -> list[str] | None:
    """The names of the parameters; None for an elementwise gate, which has no options."""
    if not inspect.isfunction(implementation):
        return None
    return list(inspect.signature(implementation).parameters)


def _plain(operand: Any) -> Any:
    if isinstance(operand, (list, tuple)):
        return type(operand)(map(_plain, operand))
    return np.asarray(operand) if is_node(operand) else operand


def blank(operand: Any) -> Any:
    """For a node an array of its shape and dtype, whose numbers are not the node's."""
    if isinstance(operand, (list, tuple)):
        return type(operand)(map(blank, operand))
    if not is_node(operand):
        return operand
    return np.broadcast_to(np.zeros((), operand.dtype), operand.shape)
