"""The look of a drawing: its colours, its fonts and the sizes of what it is made of.

Values are green and stand above their wire, gradients are red and stand below it. The two colours
were chosen to differ for every kind of colour vision and to be legible on their background (a
contrast of at least 4.5, which is what WCAG 2 asks of text). On paper both are black; there a
gradient is told by its place, and by the dashed arrow that goes back along it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .circuit import Fork, GateBox, GroupBox, Piece, Terminal, Wire

__all__ = [
    "DARK",
    "FONT_FAMILY",
    "LIGHT",
    "METRICS",
    "PAPER",
    "Metrics",
    "StyleName",
    "Theme",
    "cell_width",
    "piece_size",
    "room_for",
    "symbol_font",
    "text_width",
    "wire_rows",
    "wire_size",
]

StyleName = Literal["slides", "records", "print"]

FONT_FAMILY = "Open Sans, DejaVu Sans, Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a drawing, each as CSS writes it."""

    background: str
    ink: str
    muted: str
    wire: str
    value: str
    gradient: str
    gate_fill: str
    gate_line: str
    blamed_fill: str
    blamed_line: str
    leaf_fill: str
    leaf_line: str


LIGHT = Theme(
    background="#ffffff",
    ink="#1b2430",
    muted="#667380",
    wire="#77838f",
    value="#007a6c",
    gradient="#c93400",
    gate_fill="#eaf1fd",
    gate_line="#3a629f",
    blamed_fill="#ffe1da",
    blamed_line="#b3200a",
    leaf_fill="#f5f4f0",
    leaf_line="#9a968c",
)
DARK = Theme(
    background="#12161d",
    ink="#e8ecf1",
    muted="#98a4b0",
    wire="#76828f",
    value="#5be0c0",
    gradient="#ff8066",
    gate_fill="#1d2b44",
    gate_line="#86a9e6",
    blamed_fill="#5a1a10",
    blamed_line="#ff8066",
    leaf_fill="#252a32",
    leaf_line="#6f7a86",
)
PAPER = Theme(
    background="#ffffff",
    ink="#000000",
    muted="#000000",
    wire="#000000",
    value="#000000",
    gradient="#000000",
    gate_fill="#ffffff",
    gate_line="#000000",
    blamed_fill="#ffffff",
    blamed_line="#000000",
    leaf_fill="#ffffff",
    leaf_line="#000000",
)
"""Black and white, for a printer."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """The sizes of a drawing, in pixels (72 of which Graphviz calls an inch)."""

    number: float = 13.0
    small: float = 11.0
    sign: float = 22.0
    symbol: float = 15.0
    name: float = 14.0
    title: float = 16.0
    row: float = 17.0
    gate: float = 34.0
    pill: float = 26.0
    dot: float = 8.0
    fork: float = 7.0
    fork_room: float = 24.0
    padding: float = 6.0
    margin: float = 14.0
    rank_gap: float = 17.0
    row_gap: float = 9.0
    line: float = 1.4
    arrow: float = 9.0
    """What the arrow of a gradient takes beside its number, where it has one."""


METRICS = Metrics()

NARROW = frozenset("!'()*,-./:;I[]`fijlrt{|} ")
WIDE = frozenset("%@MWmwÆŒ…—")


def text_width(text: str, size: float) -> float:
    """About how wide a text is, in the unit of ``size``, the size of its font.

    An estimate on the generous side, which holds for every font of FONT_FAMILY: a layout that
    asked one font would differ from machine to machine.

    >>> round(text_width("-12.00", 10.0), 1)
    32.0
    """
    return size * sum(map(_WIDTHS.__getitem__, text))


BOLD = 1.12
"""How much wider bold letters are."""


class _Widths(dict[str, float]):
    """The width of each character that was asked for, which is worked out once."""

    def __missing__(self, character: str) -> float:
        width = self[character] = _relative_width(character)
        return width


_WIDTHS = _Widths()


def _relative_width(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return 0.0
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return 1.05
    if character in NARROW:
        return 0.37
    if character in WIDE:
        return 0.95
    return 0.7 if character.isupper() else 0.615


def wire_rows(wire: Wire) -> tuple[tuple[str, float], ...]:
    """The rows of text above a wire, from the top, each with the size of its font."""
    above = [text for text in (wire.heading, wire.summary) if text]
    value = ((wire.value.text, METRICS.number),) if wire.value.text else ()
    return (*((text, METRICS.small) for text in above), *value)


def wire_size(
    rows: Sequence[tuple[str, float]],
    below: Sequence[str],
    *,
    vertical: bool = False,
    arrows: bool = False,
    bold: bool = False,
) -> tuple[float, float]:
    """The width and height that a wire's texts need, the wire passing through the middle.

    With ``arrows`` there is room for one beside each gradient; with ``bold`` the texts ``below``
    are bold, and wider.
    """
    before = max([text_width(text, size) for text, size in rows], default=0.0)
    after = max([text_width(text, METRICS.number) for text in below], default=0.0)
    after *= BOLD if bold else 1.0
    count = max(len(rows), len(below), 1)
    if vertical:
        after += METRICS.arrow if arrows else 0.0
        return 2 * (max(before, after) + METRICS.padding), METRICS.row * (count + 1)
    # Both halves are equally high, because the wire enters and leaves in the middle.
    return max(before, after) + 2 * METRICS.padding, 2 * METRICS.row * count


def cell_width(text: str, *, bold: bool = False) -> float:
    """The width of one cell of a record."""
    return text_width(text, METRICS.number) * (BOLD if bold else 1.0) + 2 * METRICS.padding


def symbol_font(gate: GateBox) -> float:
    """The size of the font of a gate's symbol: signs are larger than words."""
    return METRICS.sign if len(gate.symbol) == 1 and not gate.arguments else METRICS.symbol


def room_for(piece: Piece, *, vertical: bool = False) -> tuple[float, float]:
    """The width and height that are kept free for a piece."""
    width, height = piece_size(piece)
    # Wires to other pieces pass a leaf, whose corners a layout would let them touch.
    around = METRICS.padding if isinstance(piece, Terminal) and piece.label else 0.0
    return width + 2 * around, height + (2 * around if vertical else 0.0)


def piece_size(piece: Piece) -> tuple[float, float]:
    """The width and height of a gate, a leaf, a constant, the output's name or a fork."""
    if isinstance(piece, Fork):
        return METRICS.fork_room, METRICS.fork_room
    if isinstance(piece, GroupBox):
        widths = [text_width(line, METRICS.name) for line in piece.lines[:1]]
        widths += [text_width(line, METRICS.small) for line in piece.lines[1:]]
        height = METRICS.pill + METRICS.row * (len(piece.lines) - 1)
        return max(widths) + 4 * METRICS.padding, height
    if isinstance(piece, GateBox):
        # One row stands where the circle is widest and may come close to it; two rows may not.
        symbol = text_width(piece.symbol, symbol_font(piece)) + 4
        width = max(symbol, text_width(piece.arguments, METRICS.small) + 18)
        return METRICS.gate if width < METRICS.gate else max(width, symbol + 10), METRICS.gate
    if not piece.label:
        return METRICS.dot, METRICS.dot
    padding = METRICS.padding + 3.0 if piece.kind == "leaf" else 0.0
    width = text_width(piece.label, METRICS.name) + 2 * padding
    return max(width, METRICS.pill), METRICS.pill
