"""Where Graphviz puts the boxes and lines of a drawing: its "plain" output, read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["PIXELS_PER_INCH", "Box", "Layout", "parse_layout"]

PIXELS_PER_INCH = 72.0
"""How Graphviz's unit is drawn."""


class Box(NamedTuple):
    """A rectangle, given by its centre and its size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of all nodes, in pixels, and of all edges as Bézier curves."""

    width: float
    height: float
    """The picture is as wide and as high: x from 0 to the width, y from -height to 0."""
    boxes: dict[str, Box]
    """By name; y grows downwards."""
    curves: dict[tuple[str, str], str]
    """By the names of the two ends, as the data of an SVG path without its first letter.

    These are Graphviz's own numbers, in inches, y growing upwards: there are tens of thousands in
    the layout of a thousand gates, and a transform of the path spares reading and writing them.
    """


def parse_layout(plain: str) -> Layout:
    r"""Read Graphviz's plain format.

    It is described at https://graphviz.org/docs/outputs/plain/; the fields that come after
    the places are not needed.

    >>> layout = parse_layout("graph 1 2 1\nnode a 0.5 0.25 1 0.5 A solid\nstop\n")
    >>> layout.boxes["a"]
    Box(x=36.0, y=-18.0, width=72.0, height=36.0)
    >>> edge = "edge a b 4 0.5 0.5 0.5 1 1 1 1 0.5 solid black"
    >>> parse_layout(f"graph 1 2 1\n{edge}\nstop\n").curves
    {('a', 'b'): '0.5 0.5C0.5 1 1 1 1 0.5'}
    """
    width = height = 0.0
    boxes: dict[str, Box] = {}
    curves: dict[tuple[str, str], str] = {}
    for line in plain.splitlines():
        if line.startswith("edge"):
            _, tail, head, _, x, y, rest = line.split(" ", 6)
            # Without the style and the colour.
            curves[tail, head] = f"{x} {y}C{rest.rsplit(' ', 2)[0]}"
        elif line.startswith("node"):
            _, name, x, y, wide, high, _ = line.split(" ", 6)
            boxes[name] = Box(
                PIXELS_PER_INCH * float(x),
                -PIXELS_PER_INCH * float(y),
                PIXELS_PER_INCH * float(wide),
                PIXELS_PER_INCH * float(high),
            )
        elif line.startswith("graph"):
            width, height = (PIXELS_PER_INCH * float(field) for field in line.split(" ")[2:4])
    return Layout(width, height, boxes, curves)
