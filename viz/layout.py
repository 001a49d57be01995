"""Where Graphviz puts the boxes and lines of a drawing: its "plain" output, read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np

__all__ = ["Box", "Layout", "parse_layout"]


class Box(NamedTuple):
    """A rectangle, given by its centre and its size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of all nodes, and of all edges as Bézier curves; y grows downwards."""

    width: float
    height: float
    """The picture is as wide and as high: x from 0 to the width, y from -height to 0."""
    boxes: dict[str, Box]
    curves: dict[tuple[str, str], list[float]]
    """By the names of its two ends a curve of n pieces: x and y of 3 n + 1 points in turn."""


def parse_layout(plain: str, scale: float) -> Layout:
    r"""Read Graphviz's plain format, whose unit is ``1 / scale`` of the layout's.

    The format is described at https://graphviz.org/docs/outputs/plain/; the fields that come after
    the places are not needed.

    >>> layout = parse_layout("graph 1 2 1\nnode a 0.5 0.25 1 0.5 A solid\nstop\n", 72.0)
    >>> layout.boxes["a"]
    Box(x=36.0, y=-18.0, width=72.0, height=36.0)
    """
    width = height = 0.0
    names: list[str] = []
    places: list[str] = []
    counts: dict[tuple[str, str], int] = {}
    coordinates: list[str] = []
    for line in plain.splitlines():
        if line.startswith("edge"):
            _, tail, head, count, rest = line.split(" ", 4)
            counts[tail, head] = 2 * int(count)
            coordinates.append(rest.rsplit(" ", 2)[0])  # without the style and the colour
        elif line.startswith("node"):
            _, name, place = line.split(" ", 2)
            names.append(name)
            places.append(" ".join(place.split(" ", 4)[:4]))
        elif line.startswith("graph"):
            width, height = (scale * float(field) for field in line.split(" ")[2:4])
    # All numbers at once: there are tens of thousands in the layout of a thousand gates.
    rows = np.fromstring(" ".join(places), sep=" ").reshape(-1, 4) * (scale, -scale, scale, scale)
    boxes = dict(zip(names, map(Box._make, rows.tolist()), strict=True))
    points = np.fromstring(" ".join(coordinates), sep=" ").reshape(-1, 2) * (scale, -scale)
    numbers = iter(points.ravel().tolist())
    curves = {ends: list(islice(numbers, count)) for ends, count in counts.items()}
    return Layout(width, height, boxes, curves)
