"""The drawing model: the gates, leaves and wires that a drawing shows, and their texts.

A circuit is plain data. It knows neither nodes nor DOT nor colours.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

__all__ = ["Amount", "Circuit", "Fork", "GateBox", "Terminal", "Wire"]


@dataclass(frozen=True, slots=True)
class Amount:
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
class Wire:
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

    @property
    def heading(self) -> str:
        """The name of an inner node and the shape of an array, as far as there are any."""
        # After a name that is written from right to left, the mark keeps the shape in its order.
        mark = "\u200e" if any(map(_runs_leftwards, self.name)) and self.shape else ""
        return f"{self.name}{mark} {self.shape}".strip()


@dataclass(frozen=True, slots=True)
class Circuit:
    """Everything that a drawing shows, operands before their users."""

    pieces: tuple[Terminal | GateBox | Fork, ...]
    wires: tuple[Wire, ...]
    title: str
    notes: tuple[str, ...]

    @property
    def gate_count(self) -> int:
        """How many gates there are."""
        return sum(isinstance(piece, GateBox) for piece in self.pieces)

    @property
    def output(self) -> Wire:
        """The wire that leaves the last gate."""
        return self.wires[-1]


def _runs_leftwards(character: str) -> bool:
    return unicodedata.bidirectional(character) in ("R", "AL")
