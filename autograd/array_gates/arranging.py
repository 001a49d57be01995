"""Gates that lay out the elements of an array anew: mirrored, shifted, repeated or padded."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import OperandError
from ..numpy_functions import numpy_function
from .array_gate import ArrayGate, Axis, plain
from .indexing import put_at

__all__ = ["flip", "pad", "repeat", "roll", "rot90", "tile"]


def _repeat_vjp(g: Any, out: Any, x: Any, repeats: Any, axis: int | None = None) -> Any:
    shape, place = ((x.size,), 0) if axis is None else (x.shape, axis % x.ndim)
    if np.size(repeats) == 1:
        times = np.asarray(repeats).item()
        copies = g.reshape(*shape[: place + 1], times, *shape[place + 1 :])
        return copies.sum(axis=place + 1).reshape(x.shape)
    origin = np.repeat(np.arange(shape[place]), repeats)
    index = (slice(None),) * place + (origin,)
    return put_at(g, index=index, shape=shape).reshape(x.shape)


def _tile_vjp(g: Any, out: Any, x: Any, reps: Any) -> Any:
    times = tuple(np.ravel(reps).tolist())
    times = (1,) * (x.ndim - len(times)) + times
    sizes = (1,) * (len(times) - x.ndim) + x.shape
    interleaved = [number for pair in zip(times, sizes, strict=True) for number in pair]
    return g.reshape(interleaved).sum(axis=tuple(range(0, 2 * len(times), 2))).reshape(x.shape)


def _pad_vjp(
    g: Any, out: Any, x: Any, pad_width: Any, mode: str = "constant", **constant: Any
) -> Any:
    if mode == "constant":
        inner = zip(x.shape, _widths(pad_width, x.ndim), strict=True)
        return g[tuple(slice(before, before + size) for size, (before, _) in inner)]
    # The elements, numbered and padded: where each of the result was taken from.
    origins = np.pad(np.arange(x.size).reshape(x.shape), pad_width, mode)  # type: ignore[call-overload]
    return put_at(g.reshape(-1), index=origins.ravel(), shape=(x.size,)).reshape(x.shape)


def _widths(pad_width: Any, ndim: int) -> list[tuple[int, int]]:
    """How much is added before and after, by axis."""
    widths = np.zeros((ndim, 2), int)
    if isinstance(pad_width, dict):
        for axis, width in pad_width.items():
            widths[axis] = width
    else:
        widths[:] = pad_width
    return [(before, after) for before, after in widths.tolist()]


flip = ArrayGate(
    "flip",
    "flip",
    np.flip,
    (lambda g, out, x, axis=None: np.flip(g, axis),),
    "flip(x, axis)",
)
roll = ArrayGate(
    "roll",
    "roll",
    np.roll,
    (lambda g, out, x, shift, axis=None: np.roll(g, np.negative(shift), axis),),
    "roll(x, shift, axis)",
)
rot90 = ArrayGate(
    "rot90",
    "rot90",
    np.rot90,
    (lambda g, out, x, k=1, axes=(0, 1): np.rot90(g, -k, axes),),
    "rot90(x, k, axes)",
)
repeat = ArrayGate("repeat", "repeat", np.repeat, (_repeat_vjp,), "repeat(x, repeats, axis)")
tile = ArrayGate("tile", "tile", np.tile, (_tile_vjp,), "tile(x, reps)")
pad = ArrayGate("pad", "pad", np.pad, (_pad_vjp,), "pad(x, pad_width, mode)")


@numpy_function(np.flip)
def _flip(m: Any, axis: Axis = None) -> Any:
    return flip(m, axis=axis)


@numpy_function(np.fliplr)
def _fliplr(m: Any) -> Any:
    return flip(m, axis=1)


@numpy_function(np.flipud)
def _flipud(m: Any) -> Any:
    return flip(m, axis=0)


@numpy_function(np.roll)
def _roll(a: Any, shift: Any, axis: Any = None) -> Any:
    return roll(a, shift=shift, axis=axis)


@numpy_function(np.rot90)
def _rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    return rot90(m, k=k, axes=axes)


@numpy_function(np.repeat)
def _repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    return repeat(a, repeats=repeats, axis=axis)


@numpy_function(np.tile)
def _tile(A: Any, reps: Any) -> Any:
    return tile(A, reps=reps)


@numpy_function(np.pad)
def _pad(array: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Any:
    if mode == "constant":
        if plain(constant_values) is not constant_values:
            raise OperandError(
                "np.pad: constant_values is a Tensor, to which no gradient would flow; pass a "
                "plain number, or join the Tensors with np.concatenate"
            )
        return pad(array, pad_width=pad_width, mode=mode, constant_values=constant_values)
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        raise OperandError(
            f"np.pad: mode {mode!r} has no rule for Tensors, only 'constant', 'edge', 'reflect', "
            "'symmetric' and 'wrap'"
        )
    return pad(array, pad_width=pad_width, mode=mode)
