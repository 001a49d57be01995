"""What a style draws of a circuit: which of its pieces, and the runs of its wires.

Every wire is drawn as a run through a box of its own. In the styles "slides" and "print" that box
is the room for the texts of the wire, between two pieces. In the style "records" it is seen: it is
the record of the node whose wire it is, name | data | grad, and stands for the leaf, the fork or
the output at its ends, too. A wire that leaves a fork has a small box instead, for its part of the
gradient in the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from .circuit import Circuit, Fork, Piece, Terminal, Wire
from .style import METRICS, StyleName, cell_width, wire_rows, wire_size

__all__ = ["Arrangement", "Cell", "Run", "arranged", "is_bold"]

NOTHING = METRICS.row_gap, METRICS.row_gap
"""The size of the box of a wire that has no texts."""

Cell = tuple[str, str]
"""The role of a text, such as "value", and the text."""


class Run(NamedTuple):
    """A wire as it is drawn: from one box of the layout through its own box to another."""

    wire: Wire
    size: tuple[float, float]
    """The width and the height of its own box."""
    tail: str | None
    """The key of the box that it comes from; None if it begins with its own."""
    head: str | None
    """The key of the box that it goes to; None if it ends with its own."""
    rows: tuple[tuple[str, float], ...] = ()
    """The texts that stand before its line, each with the size of its font."""
    below: tuple[str, ...] = ()
    """Those that stand behind it."""
    cells: tuple[Cell, ...] = ()
    """The texts of its record, if it has one."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The pieces that are drawn, and the runs between them."""

    pieces: tuple[Piece, ...]
    runs: tuple[Run, ...]


def arranged(circuit: Circuit, style: StyleName, *, vertical: bool) -> Arrangement:
    """What is drawn of a circuit in a style.

    >>> from autograd import Value
    >>> from viz.graph import circuit_of
    >>> circuit = circuit_of(Value(2.0, name="x").exp())
    >>> [piece.key for piece in arranged(circuit, "slides", vertical=False).pieces]
    ['n0', 'n1', 'out']
    >>> records = arranged(circuit, "records", vertical=False)
    >>> [piece.key for piece in records.pieces], records.runs[0].cells
    (['n1'], (('ink', 'x'), ('value', 'data 2.00')))
    """
    if style == "records":
        return _as_records(circuit, vertical)
    arrows = style == "print"
    runs = []
    for wire in circuit.wires:
        rows, below = wire_rows(wire), wire.below
        size = wire_size(rows, below, vertical=vertical, arrows=arrows, bold=wire.mark != "")
        runs.append(Run(wire, size, wire.source, wire.target, rows, below))
    return Arrangement(circuit.pieces, tuple(runs))


def is_bold(wire: Wire, role: str) -> bool:
    """Whether a cell of a record is bold: a gradient that is marked."""
    return role == "gradient" and wire.mark != ""


def _as_records(circuit: Circuit, vertical: bool) -> Arrangement:
    pieces = {piece.key: piece for piece in circuit.pieces}
    stems = {wire.target: wire.key for wire in circuit.wires if wire.role == "stem"}
    drawn = {key for key, piece in pieces.items() if not isinstance(piece, (Terminal, Fork))}
    runs = []
    for wire in circuit.wires:
        stem = stems.get(wire.source)
        head = wire.target if wire.target in drawn else None
        if stem is None:
            tail = wire.source if wire.source in drawn else None
            cells = _cells(wire, pieces)
            size = (
                sum(cell_width(text, bold=is_bold(wire, role)) for role, text in cells),
                METRICS.pill,
            )
            runs.append(Run(wire, size, tail, head, cells=cells))
        elif head is not None:
            below = wire.below
            size = NOTHING
            if below:
                size = wire_size((), below, vertical=vertical, bold=wire.mark != "")
            runs.append(Run(wire, size, stem, head, below=below))
        # Else the output of the graph leaves a fork, and has been said by the record before it.
    return Arrangement(tuple(piece for piece in circuit.pieces if piece.key in drawn), tuple(runs))


def _cells(wire: Wire, pieces: dict[str, Piece]) -> tuple[Cell, ...]:
    names = [wire.name, *(_name_of(pieces[end]) for end in (wire.source, wire.target))]
    name = next(filter(None, names), "")
    cells = [("ink", name), ("muted", wire.shape), ("muted", wire.summary)]
    cells.append(("value", wire.value.text and f"data {wire.value.text}"))
    if wire.gradient is not None:
        marked = f"grad {wire.gradient.text} {wire.mark}".rstrip()
        cells.append(("gradient", wire.gradient.text and marked))
    if wire.local is not None:
        cells.append(("ink", f"∂ {wire.local.text}"))
    # Something must be seen of a node also where nothing is shown of it.
    return tuple(cell for cell in cells if cell[1]) or (("muted", "…"),)


def _name_of(piece: Piece) -> str:
    """The name of a leaf, a constant or an output; the number of a constant is none."""
    if not isinstance(piece, Terminal):
        return ""
    return "" if piece.kind == "constant" and _is_number(piece.label) else piece.label


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text in ("True", "False")
    return True
