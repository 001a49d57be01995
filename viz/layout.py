"""Where Graphviz puts the boxes and lines of a drawing: its "plain" output, read."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Box", "Layout", "parse_layout"]

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, given by its centre and its size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of all nodes, and of all edges as Bézier curves; y grows downwards.

    A curve of n pieces has 3 n + 1 points.
    """

    boxes: dict[str, Box]
    curves: dict[tuple[str, str], tuple[Point, ...]]

    def extent(self) -> tuple[float, float, float, float]:
        """The least and the greatest x, then y, of anything that is drawn."""
        points = [point for curve in self.curves.values() for point in curve]
        boxes = self.boxes.values()
        xs = [point[0] for point in points]
        ys = [point[1] for point in points]
        return (
            min([box.x - box.width / 2 for box in boxes] + xs),
            max([box.x + box.width / 2 for box in boxes] + xs),
            min([box.y - box.height / 2 for box in boxes] + ys),
            max([box.y + box.height / 2 for box in boxes] + ys),
        )


def parse_layout(plain: str, scale: float) -> Layout:
    r"""Read Graphviz's plain format, whose unit is ``1 / scale`` of the layout's.

    The format is described at https://graphviz.org/docs/outputs/plain/; the fields that come after
    the places are not needed.

    >>> layout = parse_layout("graph 1 2 1\nnode a 0.5 0.25 1 0.5 A solid\nstop\n", 72.0)
    >>> layout.boxes["a"]
    Box(x=36.0, y=-18.0, width=72.0, height=36.0)
    """
    boxes: dict[str, Box] = {}
    curves: dict[tuple[str, str], tuple[Point, ...]] = {}
    for line in plain.splitlines():
        fields = line.split(" ")
        if fields[0] == "node":
            x, y, width, height = (scale * float(field) for field in fields[2:6])
            boxes[fields[1]] = Box(x, -y, width, height)
        elif fields[0] == "edge":
            numbers = [scale * float(field) for field in fields[4 : 4 + 2 * int(fields[3])]]
            curve = zip(numbers[0::2], (-y for y in numbers[1::2]), strict=True)
            curves[fields[1], fields[2]] = tuple(curve)
    return Layout(boxes, curves)
