"""Gates that reduce axes: sums, means, extremes, and the softmax family."""

from __future__ import annotations

from typing import Any

import numpy as np

from .array_gate import ArrayGate, Axis

__all__ = ["log_softmax", "logsumexp", "max", "mean", "softmax", "sum"]


def _with_axes_kept(reduced: Any, like: Any, axis: Axis, keepdims: bool) -> Any:
    """A reduced array with its summed axes put back as axes of size one."""
    if keepdims or (axis is None and reduced.ndim == 0):
        return reduced
    return np.expand_dims(reduced, tuple(range(like.ndim)) if axis is None else axis)


def _sum_vjp(g: Any, out: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return np.broadcast_to(_with_axes_kept(g, x, axis, keepdims), x.shape)


def _mean_vjp(g: Any, out: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return _sum_vjp(g * (out.size / x.size), out, x, axis, keepdims)


def _max_vjp(g: Any, out: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    winners = x == _with_axes_kept(out, x, axis, keepdims)
    # Ties share the gradient evenly.
    share = g / winners.sum(axis=axis, keepdims=keepdims).astype(g.dtype)
    return np.where(winners, _with_axes_kept(share, x, axis, keepdims), 0)


def _logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    # The largest exponent becomes zero: nothing overflows, and the sum is at least one.
    largest = x.max(axis=axis, keepdims=True)
    largest = np.where(np.isfinite(largest), largest, 0)
    with np.errstate(divide="ignore"):  # all exponents minus infinity: so is the result
        result = largest + np.log(np.exp(x - largest).sum(axis=axis, keepdims=True))
    return result if keepdims else result.squeeze(axis)


def _logsumexp_vjp(g: Any, out: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return _with_axes_kept(g, x, axis, keepdims) * np.exp(
        x - _with_axes_kept(out, x, axis, keepdims)
    )


def _softmax(x: Any, axis: int = -1) -> Any:
    exponentials = np.exp(x - x.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def _softmax_vjp(g: Any, out: Any, x: Any, axis: int = -1) -> Any:
    return out * (g - (g * out).sum(axis=axis, keepdims=True))


def _log_softmax(x: Any, axis: int = -1) -> Any:
    return x - _logsumexp(x, axis=axis, keepdims=True)


def _log_softmax_vjp(g: Any, out: Any, x: Any, axis: int = -1) -> Any:
    return g - np.exp(out) * g.sum(axis=axis, keepdims=True)


sum = ArrayGate("sum", "Σ", np.sum, (_sum_vjp,), "sum(x)")
mean = ArrayGate("mean", "mean", np.mean, (_mean_vjp,), "sum(x) / size(x)")
max = ArrayGate("max", "max", np.max, (_max_vjp,), "max(x)")
logsumexp = ArrayGate("logsumexp", "lse", _logsumexp, (_logsumexp_vjp,), "log(sum(exp(x)))")
softmax = ArrayGate("softmax", "softmax", _softmax, (_softmax_vjp,), "exp(x) / sum(exp(x))")
log_softmax = ArrayGate(
    "log_softmax",
    "log softmax",
    _log_softmax,
    (_log_softmax_vjp,),
    "x - log(sum(exp(x)))",
)
