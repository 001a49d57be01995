"""The drawing model: the gates, leaves and wires that a drawing shows, and their texts.

A circuit is plain data. It knows neither nodes nor DOT nor colours.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

__all__ = ["Amount", "Circuit", "Fork", "GateBox", "GroupBox", "Mark", "Piece", "Terminal", "Wire"]


class Amount(NamedTuple):
    """A number or an array as it is shown, and with all that is known of it."""

    text: str
    exact: str


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where wires begin or end: a leaf, a constant, or the name of the output.

    An empty ``label`` is a leaf, a constant or an output without a name.
    """

    key: str
    kind: Literal["leaf", "constant", "output"]
    label: str


@dataclass(frozen=True, slots=True)
class GateBox:
    """A gate: its symbol, what it computes, and the arguments of an array gate, such as axis=0."""

    key: str
    symbol: str
    gate: str
    formula: str
    arguments: str
    blamed: bool = False
    """Whether its derivative was found to be wrong."""


@dataclass(frozen=True, slots=True)
class Fork:
    """Where a wire parts because its node is used more than once; gradients add up here."""

    key: str


@dataclass(frozen=True, slots=True)
class GroupBox:
    """Many gates as one box: a layer, or a stage of a large graph."""

    key: str
    path: str
    title: str
    rows: tuple[str, ...]
    tooltip: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of text in the box, of which the first is its name."""
        return (f"{self.path} {self.title}".strip(), *self.rows)


Mark: TypeAlias = Literal["", "not finite", "vanished", "exploded"]
Piece: TypeAlias = Terminal | GateBox | Fork | GroupBox


class Wire(NamedTuple):
    """A piece of wire, with the value that it carries and the gradient that comes back along it.

    The ``role`` is "operand" for the wire to the operand at ``slot`` of a gate, "stem" for the
    piece before a fork, whose gradient is the node's whole one, and "output" for the last wire.
    """

    key: str
    role: Literal["operand", "stem", "output"]
    source: str
    target: str
    slot: int
    name: str
    shape: str
    value: Amount
    gradient: Amount | None
    summary: str = ""
    """What else is said of a large array: its mean, and how much is zero or not finite."""
    local: Amount | None = None
    """The local derivative of the gate by this operand, where it is shown."""
    mark: Mark = ""
    """What is remarkable about the gradient."""
    weight: float = 1.0
    """How thick the line is, where that tells the size of the gradient."""
    shade: float | None = None
    """How much of the gradient's colour it has, from 0 to 1, where that tells the size."""

    @property
    def below(self) -> tuple[str, ...]:
        """What stands on the side of the gradient: this, and the local derivative."""
        rows = []
        if self.gradient is not None and self.gradient.text:
            # What is not finite says so itself.
            said = "" if self.mark == "not finite" else self.mark
            rows.append(f"{self.gradient.text} {said}".strip())
        if self.local is not None:
            rows.append(f"∂ {self.local.text}")
        return tuple(rows)

    @property
    def heading(self) -> str:
        """The name of an inner node and the shape of an array, as far as there are any."""
        if not self.shape:
            return self.name
        # After a name that is written from right to left, the mark keeps the shape in its order.
        mark = "\u200e" if any(map(_runs_leftwards, self.name)) else ""
        return f"{self.name}{mark} {self.shape}".strip()


@dataclass(frozen=True, slots=True)
class Circuit:
    """Everything that a drawing shows, operands before their users."""

    pieces: tuple[Piece, ...]
    wires: tuple[Wire, ...]
    title: str
    notes: tuple[str, ...]
    cut: bool = False
    """Whether it is a part of the graph, whose output need not be in it."""

    @property
    def gate_count(self) -> int:
        """How many gates there are."""
        return sum(isinstance(piece, GateBox) for piece in self.pieces)

    @property
    def contents(self) -> str:
        """How many gates and boxes of many there are, in words."""
        boxes = sum(isinstance(piece, GroupBox) for piece in self.pieces)
        counted = [
            f"{count} {what if count == 1 else plural}"
            for count, what, plural in (
                (boxes, "box", "boxes"),
                (self.gate_count, "gate", "gates"),
            )
            if count or (what == "gate" and not boxes)
        ]
        return " and ".join(counted)

    @property
    def description(self) -> str:
        """What it is, in a few words."""
        if self.cut:
            return f"part of a graph, {self.contents}"
        return f"graph of {self.contents}; output {self.output.value.text}"

    @property
    def output(self) -> Wire:
        """The wire that leaves the last gate."""
        return self.wires[-1]


def _runs_leftwards(character: str) -> bool:
    return unicodedata.bidirectional(character) in ("R", "AL")
