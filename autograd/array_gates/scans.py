"""Gates that scan an axis: running sums and products, and what their derivatives are made of.

Nothing divides: the derivative of a product by one factor is the product of the others, exact
where factors are zero, one or several, and so is the derivative of that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..numpy_functions import numpy_function
from .array_gate import ArrayGate

__all__ = ["cumprod", "cumsum", "exclusive_cumprod", "linear_recurrence", "shift"]


def _along_last(
    operation: Callable[..., Any], axis: int | None, shape: tuple[int, ...], *arrays: Any
) -> Any:
    """Do along another axis what is done along the last; None stands for the flat arrays."""
    ndim = len(shape)
    if axis is None or not ndim:
        return operation(*(x.reshape(-1) for x in arrays)).reshape(shape)
    if axis in (-1, ndim - 1):
        return operation(*arrays)
    return operation(*(x.swapaxes(axis, -1) for x in arrays)).swapaxes(axis, -1)


def _cumsum_vjp(g: Any, out: Any, x: Any, axis: int | None = None) -> Any:
    def sums_to_the_end(g: Any) -> Any:
        return cumsum(g[..., ::-1], axis=-1)[..., ::-1]

    return _along_last(sums_to_the_end, axis, x.shape, g)


def _cumprod_vjp(g: Any, out: Any, x: Any, axis: int | None = None) -> Any:
    def gradient(g: Any, x: Any) -> Any:
        # x[i] is a factor of out[i], out[i + 1], ... Take what stands before it out of all these;
        # what remains is g[i] + x[i + 1] * (g[i + 1] + x[i + 2] * (...)).
        return exclusive_cumprod(x) * linear_recurrence(x, g, reverse=True)

    return _along_last(gradient, axis, x.shape, g, x)


def _exclusive_cumprod(x: Any, reverse: bool = False) -> Any:
    if reverse:
        return _exclusive_cumprod(x[..., ::-1])[..., ::-1]
    result = np.ones_like(x)
    np.cumprod(x[..., :-1], axis=-1, out=result[..., 1:])
    return result


def _exclusive_cumprod_vjp(g: Any, out: Any, x: Any, reverse: bool = False) -> Any:
    # out[i] * (g[i + 1] + x[i + 1] * (g[i + 2] + x[i + 2] * (...))); in reverse with minus signs,
    # where the factors of the recurrence, a[i] in place of a[i + 1], have to be moved.
    factors = shift(x) if reverse else x
    return out * linear_recurrence(factors, shift(g, reverse=not reverse), reverse=not reverse)


def _linear_recurrence(a: Any, b: Any, reverse: bool = False) -> Any:
    # A loop over the axis. To combine pairs instead, and pairs of pairs, would take fewer steps,
    # but multiply elements of a that never meet here, and overflow where this does not.
    factors, terms = np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0)
    if reverse:
        # What is multiplied on the way from i + 1 to i is a[i + 1], not a[i].
        factors, terms = np.roll(factors[::-1], 1, axis=0), terms[::-1]
    results = np.empty(terms.shape, np.result_type(a, b))
    running = None
    for i, (factor, term) in enumerate(zip(factors, terms, strict=True)):
        running = term if running is None else term + factor * running
        results[i] = running
    return np.moveaxis(results[::-1] if reverse else results, 0, -1)


def _linear_recurrence_vjp_factors(g: Any, out: Any, a: Any, b: Any, reverse: bool = False) -> Any:
    by_terms = linear_recurrence(a, g, reverse=not reverse)
    return shift(by_terms) * out if reverse else by_terms * shift(out)


def _linear_recurrence_vjp_terms(g: Any, out: Any, a: Any, b: Any, reverse: bool = False) -> Any:
    return linear_recurrence(a, g, reverse=not reverse)


def _shift(x: Any, reverse: bool = False) -> Any:
    result = np.zeros_like(x)
    if reverse:
        result[..., :-1] = x[..., 1:]
    else:
        result[..., 1:] = x[..., :-1]
    return result


def _shift_vjp(g: Any, out: Any, x: Any, reverse: bool = False) -> Any:
    return shift(g, reverse=not reverse)


cumsum = ArrayGate(
    "cumsum",
    "cumsum",
    lambda x, axis=None: x.cumsum(axis),
    (_cumsum_vjp,),
    "out[i] = x[0] + ... + x[i]",
)
cumprod = ArrayGate(
    "cumprod",
    "cumprod",
    lambda x, axis=None: x.cumprod(axis),
    (_cumprod_vjp,),
    "out[i] = x[0] * ... * x[i]",
)
# The three below work along the last axis. With ``reverse`` they begin at its end.
exclusive_cumprod = ArrayGate(
    "exclusive_cumprod",
    "cumprod",
    _exclusive_cumprod,
    (_exclusive_cumprod_vjp,),
    "out[i] = x[0] * ... * x[i - 1]",
)
# In reverse out[i] = b[i] + a[i + 1] * out[i + 1].
linear_recurrence = ArrayGate(
    "linear_recurrence",
    "recurrence",
    _linear_recurrence,
    (_linear_recurrence_vjp_factors, _linear_recurrence_vjp_terms),
    "out[i] = b[i] + a[i] * out[i - 1]",
)
shift = ArrayGate(
    "shift",
    "shift",
    _shift,
    (_shift_vjp,),
    "out[i] = x[i - 1], out[0] = 0",
)


@numpy_function(np.cumsum)
def _cumsum(a: Any, axis: int | None = None) -> Any:
    return cumsum(a, axis=axis)


@numpy_function(np.cumprod)
def _cumprod(a: Any, axis: int | None = None) -> Any:
    return cumprod(a, axis=axis)
