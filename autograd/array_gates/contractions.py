"""Gates that multiply arrays and sum over axes that are named: tensordot and einsum."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache, partial, reduce
from string import ascii_letters
from typing import Any, NamedTuple

import numpy as np

from ..errors import OperandError
from ..numpy_functions import numpy_function
from .array_gate import ArrayGate, Vjp
from .products import dots_of_rows

__all__ = ["einsum", "tensordot"]

Axes = int | tuple[Any, Any]
Shape = tuple[int, ...]


def _summed_axes(axes: Axes, a_ndim: int, b_ndim: int) -> tuple[list[int], list[int]]:
    """The axes of both operands that are summed, pair by pair, counted from the front."""
    if isinstance(axes, Iterable):
        of_a, of_b = (list(one) if isinstance(one, Iterable) else [one] for one in axes)
    else:
        of_a, of_b = list(range(-axes, 0)), list(range(axes))
    return (
        [axis + a_ndim if axis < 0 else axis for axis in of_a],
        [axis + b_ndim if axis < 0 else axis for axis in of_b],
    )


def _tensordot(a: Any, b: Any, axes: Axes = 2) -> Any:
    try:
        return np.tensordot(a, b, axes)
    except (ValueError, IndexError) as error:
        raise ValueError(_misfit_of_axes(axes, np.shape(a), np.shape(b)) or str(error)) from error


def _misfit_of_axes(axes: Axes, left: Shape, right: Shape) -> str | None:
    """Why these axes of two shapes cannot be summed."""
    of_a, of_b = _summed_axes(axes, len(left), len(right))
    if len(of_a) != len(of_b):
        return f"{len(of_a)} axes of a and {len(of_b)} axes of b; they are summed in pairs"
    for i, j in zip(of_a, of_b, strict=True):
        if not 0 <= i < len(left) or not 0 <= j < len(right):
            return f"axis {i} of a and axis {j} of b: a has {len(left)} axes, b has {len(right)}"
        if left[i] != right[j]:
            return f"axis {i} of a has size {left[i]}, axis {j} of b has size {right[j]}"
    return None


def _tensordot_vjp_left(g: Any, out: Any, a: Any, b: Any, axes: Axes = 2) -> Any:
    of_a, of_b = _summed_axes(axes, a.ndim, np.ndim(b))
    free_b = _others(of_b, np.ndim(b))
    product = np.tensordot(g, b, (range(g.ndim - len(free_b), g.ndim), free_b))
    # What it has left of b are the summed axes, in the order of b.
    return _in_order(product, _others(of_a, a.ndim) + [of_a[k] for k in np.argsort(of_b)])


def _tensordot_vjp_right(g: Any, out: Any, a: Any, b: Any, axes: Axes = 2) -> Any:
    of_a, of_b = _summed_axes(axes, np.ndim(a), b.ndim)
    free_a = _others(of_a, np.ndim(a))
    product = np.tensordot(a, g, (free_a, range(len(free_a))))
    return _in_order(product, [of_b[k] for k in np.argsort(of_a)] + _others(of_b, b.ndim))


def _others(axes: list[int], ndim: int) -> list[int]:
    return [axis for axis in range(ndim) if axis not in axes]


def _in_order(array: Any, places: list[int]) -> Any:
    """The array with each of its axes moved to the place that is given for it."""
    order = sorted(range(len(places)), key=places.__getitem__)
    return array if order == list(range(len(places))) else array.transpose(order)


def _tensordot_of_scalars(a: Any, b: Any, axes: Axes = 2) -> Any:
    of_a, of_b = _summed_axes(axes, a.ndim, b.ndim)
    free_a, free_b = _others(of_a, a.ndim), _others(of_b, b.ndim)
    pairs = math.prod(a.shape[axis] for axis in of_a)
    rows = a.transpose(free_a + of_a)
    columns = b.transpose(free_b + of_b)
    return dots_of_rows(
        rows.reshape(rows.shape[: len(free_a)] + (1,) * len(free_b) + (pairs,)),
        columns.reshape((*columns.shape[: len(free_b)], pairs)),
    )


tensordot = ArrayGate(
    "tensordot",
    "·",
    _tensordot,
    (_tensordot_vjp_left, _tensordot_vjp_right),
    "tensordot(a, b, axes)",
    _tensordot_of_scalars,
)


@numpy_function(np.tensordot, np.linalg.tensordot)
def _tensordot_of_tensors(a: Any, b: Any, axes: Axes = 2) -> Any:
    """The product summed over pairs of axes."""
    return tensordot(a, b, axes=axes)


def _einsum(*operands: Any, subscripts: str, optimize: Any = False) -> Any:
    try:
        return np.einsum(subscripts, *operands, optimize=optimize)
    except ValueError as error:
        reason = _misfit_of_subscripts(subscripts, tuple(map(np.shape, operands)))
        raise ValueError(reason or str(error)) from error


def _misfit_of_subscripts(subscripts: str, shapes: tuple[Shape, ...]) -> str | None:
    """Why an einsum of operands of these shapes has no meaning."""
    terms = subscripts.replace(" ", "").partition("->")[0].split(",")
    if len(terms) != len(shapes):
        return f"{subscripts!r} is for {len(terms)} operands, not {len(shapes)}"
    sizes: dict[str, tuple[int, int]] = {}
    for i, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        before, ellipsis, after = term.partition("...")
        named = len(before) + len(after)
        if len(shape) < named or (len(shape) > named and not ellipsis):
            return f"{term!r} names {named} axes, operand {i} has {len(shape)}"
        after_sizes = shape[len(shape) - len(after) :]
        for letter, size in zip(before + after, shape[: len(before)] + after_sizes, strict=True):
            known, where = sizes.setdefault(letter, (size, i))
            if known != size and (1 not in (known, size) or where == i):
                return f"{letter!r} is {known} in operand {where} and {size} in operand {i}"
            if known == 1:
                sizes[letter] = size, i
    return None


@lru_cache(maxsize=1024)
def _spelled_out(subscripts: str, ndims: tuple[int, ...]) -> tuple[tuple[str, ...], str]:
    """The letters of each operand and of the result, with one for each axis of ``...``."""
    given, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = given.split(",")
    counts = [ndim - len(term.replace("...", "")) for term, ndim in zip(terms, ndims, strict=True)]
    unused = [letter for letter in ascii_letters if letter not in subscripts]
    # Aligned from the right, as in broadcasting.
    letters = "".join(unused[: max(counts)])
    inputs = tuple(
        term.replace("...", letters[len(letters) - count :])
        for term, count in zip(terms, counts, strict=True)
    )
    if not arrow:
        once = (letter for letter in set(given) - set(",.") if given.count(letter) == 1)
        output = "..." + "".join(sorted(once))
    return inputs, output.replace("...", letters)


class _Contraction(NamedTuple):
    """How the gradient by one operand of an einsum is an einsum of all the rest."""

    subscripts: str
    shape: Shape
    """The shape of its result, with axes of size one for what it lacks of the operand."""
    repeated: tuple[tuple[int, int], ...]
    """Pairs of axes of the operand on whose diagonal the result stands."""


@lru_cache(maxsize=1024)
def _contraction(subscripts: str, shapes: tuple[Shape, ...], position: int) -> _Contraction:
    inputs, output = _spelled_out(subscripts, tuple(map(len, shapes)))
    sizes = _sizes(inputs, shapes)
    rest = [letters for i, letters in enumerate(inputs) if i != position]
    rest_shapes = [shape for i, shape in enumerate(shapes) if i != position]
    # What the gradient of the result and the other operands have along each letter.
    said = _sizes([output, *rest], [[sizes[letter] for letter in output], *rest_shapes])
    own, own_shape = inputs[position], shapes[position]
    first = {letter: own.index(letter) for letter in own}
    # An axis of size one that met a longer one was broadcast: it is summed.
    kept = [letter for letter in first if letter in said and own_shape[first[letter]] != 1]
    return _Contraction(
        ",".join([output, *rest]) + "->" + "".join(kept),
        tuple(
            said[letter] if letter in kept and first[letter] == axis else 1
            for axis, letter in enumerate(own)
        ),
        tuple((first[letter], i) for i, letter in enumerate(own) if first[letter] != i),
    )


def _sizes(terms: Iterable[str], shapes: Iterable[Iterable[int]]) -> dict[str, int]:
    """The size of each letter, with those of size one broadcast."""
    sizes: dict[str, int] = {}
    for letters, shape in zip(terms, shapes, strict=True):
        for letter, size in zip(letters, shape, strict=True):
            if sizes.get(letter, 1) == 1:
                sizes[letter] = size
    return sizes


def _einsum_vjp(
    position: int, g: Any, out: Any, *operands: Any, subscripts: str, optimize: Any = False
) -> Any:
    shapes = tuple(map(np.shape, operands))
    contraction = _contraction(subscripts, shapes, position)
    rest = operands[:position] + operands[position + 1 :]
    # A path that was given is one for the operands, and not for these.
    path = optimize if isinstance(optimize, (bool, str)) else True
    gradient = np.einsum(contraction.subscripts, g, *rest, optimize=path)
    if gradient.shape != contraction.shape:
        gradient = gradient.reshape(contraction.shape)
    if contraction.repeated:
        gradient = np.where(_diagonal(shapes[position], contraction.repeated), gradient, 0)
    if gradient.shape != shapes[position]:
        gradient = np.broadcast_to(gradient, shapes[position])
    return gradient


def _diagonal(shape: Shape, repeated: tuple[tuple[int, int], ...]) -> Any:
    """Where the indices along each of these pairs of axes are equal."""
    return reduce(
        np.logical_and,
        (
            np.eye(shape[i], dtype=bool).reshape(
                [size if axis in (i, j) else 1 for axis, size in enumerate(shape)]
            )
            for i, j in repeated
        ),
    )


@lru_cache(maxsize=64)
def _einsum_vjp_by(position: int) -> Vjp:
    return partial(_einsum_vjp, position)


def _einsum_of_scalars(*operands: Any, subscripts: str, optimize: Any = False) -> Any:
    """Each element one gate: the sum, or the dot product of the products of all but the last."""
    from ..value import sum_of  # not above: a Value knows the gates of this room

    inputs, output = _spelled_out(subscripts, tuple(operand.ndim for operand in operands))
    summed = "".join(sorted(set("".join(inputs)) - set(output)))
    aligned = [
        _along(output + summed, letters, operand)
        for letters, operand in zip(inputs, operands, strict=True)
    ]
    shape = np.broadcast_shapes(*(array.shape for array in aligned))
    if not summed:
        return np.asarray(reduce(np.multiply, aligned), object)[()]
    leading = shape[: len(output)]
    rows = [
        np.broadcast_to(array, shape).reshape((*leading, math.prod(shape[len(output) :])))
        for array in aligned
    ]
    if len(rows) > 1:
        return dots_of_rows(reduce(np.multiply, rows[:-1]), rows[-1])
    sums = np.empty(leading, object)
    for index in np.ndindex(leading):
        sums[index] = sum_of(rows[0][index])
    return sums[()]


def _along(order: str, letters: str, operand: Any) -> Any:
    """An operand with an axis for each letter of ``order``, of size one for those it lacks."""
    present = "".join(letter for letter in order if letter in letters)
    # Of one operand, without a sum: a view, whatever its elements are.
    view = np.einsum(f"{letters}->{present}", operand) if letters else operand
    sizes = dict(zip(present, view.shape, strict=True))
    return view.reshape([sizes.get(letter, 1) for letter in order])


einsum = ArrayGate(
    "einsum", "Σ×", _einsum, _einsum_vjp_by, "einsum(subscripts, ...)", _einsum_of_scalars
)


@numpy_function(np.einsum)
def _einsum_of_tensors(subscripts: Any, *operands: Any, optimize: Any = False) -> Any:
    """The product of any number of operands, summed over the subscripts that the result lacks."""
    if not isinstance(subscripts, str):
        raise OperandError(
            "einsum: the subscripts come first, as one string such as 'ij,jk->ik'; lists of "
            "indices between the operands are not supported on Tensors"
        )
    options = {} if optimize is False else {"optimize": optimize}
    return einsum(*operands, subscripts=subscripts, **options)
