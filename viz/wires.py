"""What is written on wires, and how thick they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from autograd.errors import SettingError

from .circuit import Mark, Wire

__all__ = ["Shown", "WireTexts"]

Shown: TypeAlias = Literal["value", "gradient", "local"]

THINNEST, THICKEST = 0.5, 2.6
DECADES = 6.0
"""Gradients that are smaller than the largest by so many powers of ten have the thinnest line."""


@dataclass(frozen=True)
class WireTexts:
    """What a drawing says of each wire.

    Args:
        show: "value", "gradient" and "local", the derivative of a gate by its operand.
        vanished: below which size a gradient that is not 0 is marked.
        exploded: above which size one is.
        weigh: whether lines are the thicker, the larger their gradient is.

    Raises:
        SettingError: if one of them is out of its range.
    """

    show: tuple[Shown, ...] = ("value", "gradient")
    vanished: float = 1e-7
    exploded: float = 1e7
    weigh: bool = False

    def __post_init__(self) -> None:
        for shown in self.show:
            if shown not in get_args(Shown):
                raise SettingError(
                    f"show has {shown!r}; it is made of {', '.join(map(repr, get_args(Shown)))}"
                )
        if not 0 <= self.vanished < self.exploded:
            raise SettingError(
                f"vanished is {self.vanished!r} and exploded {self.exploded!r}; the first must be "
                "from 0 on, and the second larger"
            )

    def mark(self, gradient: Any) -> Mark:
        """What is remarkable about a gradient.

        >>> [WireTexts().mark(gradient) for gradient in (0.5, 1e-9, 1e9, float("nan"), 0.0)]
        ['', 'vanished', 'exploded', 'not finite', '']
        """
        size = _size(gradient)
        if not math.isfinite(size):
            return "not finite"
        if size > self.exploded:
            return "exploded"
        return "vanished" if 0 < size < self.vanished else ""

    def weighed(self, wires: Sequence[Wire], gradients: Sequence[Any]) -> tuple[Wire, ...]:
        """The wires with their weights, if lines are to tell the sizes of gradients."""
        if not self.weigh:
            return tuple(wires)
        sizes = [0.0 if gradient is None else _size(gradient) for gradient in gradients]
        finite = [size for size in sizes if 0 < size < math.inf]
        largest = math.log10(max(finite)) if finite else 0.0
        return tuple(
            wire._replace(weight=_weight(size, largest))
            for wire, size in zip(wires, sizes, strict=True)
        )


def _size(gradient: Any) -> float:
    """The largest absolute value; nan if there is one."""
    if isinstance(gradient, float):
        return abs(gradient)
    with np.errstate(all="ignore"):
        return float(np.abs(np.asarray(gradient, float)).max(initial=0.0))


def _weight(size: float, largest: float) -> float:
    if not 0 < size < math.inf:
        return THINNEST if size == 0 else THICKEST
    share = 1 + (math.log10(size) - largest) / DECADES
    return THINNEST + (THICKEST - THINNEST) * min(max(share, 0.0), 1.0)
