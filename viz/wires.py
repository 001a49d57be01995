"""What is written on wires, and how thick they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from autograd.errors import SettingError

from .circuit import Mark, Wire

__all__ = ["Shown", "Weighing", "WireTexts"]

Shown: TypeAlias = Literal["value", "gradient", "local"]
Weighing: TypeAlias = Literal["width", "color"]

THINNEST, THICKEST = 0.5, 2.6
PALEST = 0.12
DECADES = 6.0
"""Gradients that are smaller than the largest by so many powers of ten have the faintest line."""


@dataclass(frozen=True)
class WireTexts:
    """What a drawing says of each wire.

    Args:
        show: "value", "gradient" and "local", the derivative of a gate by its operand.
        vanished: below which size a gradient that is not 0 is marked.
        exploded: above which size one is.
        weigh: how lines tell the size of their gradient: by their "width", or by how much of its
            "color" they have; True is "width", and by False they do not.

    Raises:
        SettingError: if one of them is out of its range.
    """

    show: tuple[Shown, ...] = ("value", "gradient")
    vanished: float = 1e-7
    exploded: float = 1e7
    weigh: bool | Weighing = False

    def __post_init__(self) -> None:
        for shown in self.show:
            if shown not in get_args(Shown):
                raise SettingError(
                    f"show has {shown!r}; it is made of {', '.join(map(repr, get_args(Shown)))}"
                )
        if self.weigh not in (True, False, *get_args(Weighing)):
            raise SettingError(f"weigh is {self.weigh!r}; pass 'width', 'color', True or False")
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
        """The wires with their widths or colours, if these are to tell the sizes of gradients."""
        if not self.weigh:
            return tuple(wires)
        sizes = [0.0 if gradient is None else _size(gradient) for gradient in gradients]
        finite = [size for size in sizes if 0 < size < math.inf]
        largest = math.log10(max(finite)) if finite else 0.0
        shares = [_share(size, largest) for size in sizes]
        if self.weigh == "color":
            return tuple(
                wire._replace(shade=PALEST + (1 - PALEST) * share)
                for wire, share in zip(wires, shares, strict=True)
            )
        return tuple(
            wire._replace(weight=THINNEST + (THICKEST - THINNEST) * share)
            for wire, share in zip(wires, shares, strict=True)
        )


def _size(gradient: Any) -> float:
    """The largest absolute value; nan if there is one."""
    if isinstance(gradient, float):
        return abs(gradient)
    with np.errstate(all="ignore"):
        return float(np.abs(np.asarray(gradient, float)).max(initial=0.0))


def _share(size: float, largest: float) -> float:
    """How far up from the smallest to the largest gradient a size is, in powers of ten."""
    if not 0 < size < math.inf:
        return 0.0 if size == 0 else 1.0
    return min(max(1 + (math.log10(size) - largest) / DECADES, 0.0), 1.0)
