"""The gates on whole arrays: each a forward function and a vector-Jacobian product by operand.

A vjp is called as ``vjp(g, out, *operands, **arguments)``, where ``g`` is the gradient of ``out``.
It knows calculus only: that an operand was broadcast is undone by the driver. It neither changes
nor keeps what it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = [
    "ArrayGate",
    "dot",
    "getitem",
    "log_softmax",
    "logsumexp",
    "matmul",
    "max",
    "mean",
    "reshape",
    "softmax",
    "sum",
    "transpose",
]

Axis = int | tuple[int, ...] | None


@dataclass(frozen=True, eq=False)
class ArrayGate:
    """A gate on whole arrays, callable on arrays and Tensors.

    Args:
        name: the field's name of the gate.
        symbol: what stands in its circle in a drawing.
        forward: ``forward(*operands, **arguments)`` on arrays.
        vjps: for each operand its vector-Jacobian product.
        formula: the gate in a line of text.
    """

    name: str
    symbol: str
    forward: Callable[..., Any]
    vjps: tuple[Callable[..., Any], ...]
    formula: str

    def __repr__(self) -> str:
        return f"<gate {self.name}: {self.formula}>"

    def __call__(self, *operands: Any, **arguments: Any) -> Any:
        """Apply the gate: a Tensor if an operand is one, else a plain array."""
        for operand in operands:
            apply = getattr(type(operand), "apply_array_gate", None)
            if apply is not None:
                return apply(self, *operands, **arguments)
        return self.forward(*map(np.asarray, operands), **arguments)


def _with_axes_kept(reduced: Any, like: Any, axis: Axis, keepdims: bool) -> Any:
    """A reduced array with its summed axes put back as axes of size one."""
    if keepdims or (axis is None and reduced.ndim == 0):
        return reduced
    return np.expand_dims(reduced, tuple(range(like.ndim)) if axis is None else axis)


def _matmul_vjp_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    if b.ndim == 1:
        return g[..., None] * b
    if a.ndim == 1:
        return (b @ g[..., None])[..., 0]
    return g @ b.swapaxes(-1, -2)


def _matmul_vjp_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    if a.ndim == 1:
        return g * a if b.ndim == 1 else a[:, None] * g[..., None, :]
    if b.ndim == 1:
        return (a.swapaxes(-1, -2) @ g[..., None])[..., 0]
    return a.swapaxes(-1, -2) @ g


def _sum_vjp(g: Any, out: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return np.broadcast_to(_with_axes_kept(g, x, axis, keepdims), x.shape)


def _mean_vjp(g: Any, out: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return _sum_vjp(g * (out.size / x.size), out, x, axis, keepdims)


def _max_vjp(g: Any, out: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    winners = x == _with_axes_kept(out, x, axis, keepdims)
    # Ties share the gradient evenly.
    share = g / winners.sum(axis=axis, keepdims=keepdims).astype(g.dtype)
    return np.where(winners, _with_axes_kept(share, x, axis, keepdims), 0)


def _getitem_vjp(g: Any, out: Any, x: Any, index: Any) -> Any:
    gradient = np.zeros(x.shape, g.dtype)
    # Unbuffered, so that an element that was taken twice gets both contributions.
    np.add.at(gradient, index, g)
    return gradient


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


def _transpose_vjp(g: Any, out: Any, x: Any, axes: tuple[int, ...] | None = None) -> Any:
    return g.transpose(None if axes is None else tuple(np.argsort([a % x.ndim for a in axes])))


matmul = ArrayGate("matmul", "@", np.matmul, (_matmul_vjp_left, _matmul_vjp_right), "a @ b")
sum = ArrayGate("sum", "Σ", np.sum, (_sum_vjp,), "sum(x)")
mean = ArrayGate("mean", "mean", np.mean, (_mean_vjp,), "sum(x) / size(x)")
max = ArrayGate("max", "max", np.max, (_max_vjp,), "max(x)")
reshape = ArrayGate(
    "reshape",
    "reshape",
    lambda x, shape: x.reshape(shape),
    (lambda g, out, x, shape: g.reshape(x.shape),),
    "reshape(x, shape)",
)
transpose = ArrayGate(
    "transpose",
    "T",
    lambda x, axes=None: x.transpose(axes),
    (_transpose_vjp,),
    "transpose(x, axes)",
)
dot = ArrayGate("dot", "·", np.matmul, matmul.vjps, "sum(a * b)")
getitem = ArrayGate("getitem", "[ ]", lambda x, index: x[index], (_getitem_vjp,), "x[index]")
logsumexp = ArrayGate("logsumexp", "lse", _logsumexp, (_logsumexp_vjp,), "log(sum(exp(x)))")
softmax = ArrayGate("softmax", "softmax", _softmax, (_softmax_vjp,), "exp(x) / sum(exp(x))")
log_softmax = ArrayGate(
    "log_softmax",
    "log softmax",
    _log_softmax,
    (_log_softmax_vjp,),
    "x - log(sum(exp(x)))",
)
