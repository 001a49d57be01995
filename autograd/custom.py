"""Gates of the user's own: a forward function and its vector-Jacobian product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .array_gates import ArrayGate
from .errors import OperandError, ShapeError

__all__ = ["custom_gate"]

Vjp = Callable[..., Any]


def custom_gate(
    vjp: Vjp | Sequence[Vjp | None],
    *,
    name: str | None = None,
    symbol: str | None = None,
    formula: str | None = None,
    on_scalars: Callable[..., Any] | None = None,
) -> Callable[[Callable[..., Any]], ArrayGate]:
    """Make a gate of a function on plain arrays; a decorator.

    The gate is applied to Tensors and arrays like any other; it is differentiated by ``vjp`` alone,
    never by what the function does inside.

    Args:
        vjp: ``vjp(g, out, *operands, **arguments)``: what ``g``, the gradient of the result
            ``out``, sends back; an array of the operand's shape. One function for a gate of one
            operand, else one for each, with None where an operand gets no gradient. Written with
            operators, NumPy's functions and other gates, it can itself be differentiated, for
            derivatives of higher order.
        name: of the gate, in messages; by default that of the function.
        symbol: what stands in its circle in a drawing; by default the name.
        formula: the gate in a line of text; by default the first line of the docstring.
        on_scalars: the same computation on arrays of Values, without which the gate cannot be
            lowered to a graph of scalars.

    Returns:
        the decorator; what was keyword arguments of the function are arguments of the gate.

    Raises:
        OperandError: if ``vjp`` is neither a function nor a sequence of them.

    >>> from autograd import Tensor
    >>> @custom_gate(vjp=lambda g, out, x: g * 3 * x**2)
    ... def cube(x):
    ...     return x**3
    >>> x = Tensor([1.0, 2.0])
    >>> cube(x).sum().backward()
    >>> x.grad
    array([ 3., 12.])
    """
    vjps = (vjp,) if callable(vjp) else tuple(vjp) if isinstance(vjp, Sequence) else ()
    if not vjps or not all(each is None or callable(each) for each in vjps):
        raise OperandError(
            f"custom_gate: vjp is {vjp!r}; pass a function vjp(g, out, *operands), or one for each "
            "operand"
        )

    def decorate(forward: Callable[..., Any]) -> ArrayGate:
        own_name = getattr(forward, "__name__", "custom") if name is None else name
        first_line = (forward.__doc__ or "").strip().partition("\n")[0]

        def checked_forward(*operands: Any, **arguments: Any) -> Any:
            if len(operands) != len(vjps):
                raise OperandError(
                    f"{own_name}: {len(operands)} operands, and {len(vjps)} vjp functions; pass "
                    "what has no derivative as keyword arguments, or give None for its vjp"
                )
            result = np.asarray(forward(*operands, **arguments))
            # A result that is an operand, or a view of one, would be changed along with it.
            shares = any(np.may_share_memory(result, operand) for operand in operands)
            return result.copy() if shares else result

        def not_on_scalars(*operands: Any, **arguments: Any) -> Any:
            raise OperandError(
                f"{own_name}: a custom gate has no scalar form, so it cannot be lowered; pass "
                "on_scalars= to custom_gate"
            )

        return ArrayGate(
            own_name,
            own_name if symbol is None else symbol,
            checked_forward,
            tuple(each and _checked(each, own_name, i) for i, each in enumerate(vjps)),
            formula or first_line or f"{own_name}(...)",
            # Not the function itself: the gate is differentiated by its vjp alone.
            on_scalars or not_on_scalars,
        )

    return decorate


def _checked(vjp: Vjp, name: str, position: int) -> Vjp:
    """The vjp, held to giving a gradient of its own of the operand's shape."""

    def checked(g: Any, out: Any, *operands: Any, **arguments: Any) -> Any:
        contribution = vjp(g, out, *operands, **arguments)
        shape, expected = np.shape(contribution), np.shape(operands[position])
        if shape != expected:
            raise ShapeError(
                f"{name}: the vjp by operand {position} gives shape {shape}, and the operand has "
                f"shape {expected}"
            )
        if isinstance(contribution, (np.ndarray, np.generic)):
            # Its memory may be an operand's, to which the pass must not add.
            return np.array(contribution)
        return contribution

    return checked
