"""A drawing as a flowchart of Mermaid, which GitHub, GitLab and many notebooks show.

Mermaid places the pieces itself. Of the texts it gets letters, digits and a few signs as they are,
and all others as the numbers of their characters: none can end a label, or be markup in it.
"""

from __future__ import annotations

from ..circuit import Circuit, Fork, GateBox, GroupBox, Piece, Wire
from ..dot import Direction
from ..style import Theme

__all__ = ["mermaid_text"]

PLAIN = frozenset(" .,+-=()…")
"""The signs that have no meaning within a quoted label."""


def mermaid_text(circuit: Circuit, theme: Theme, direction: Direction = "LR") -> str:
    """The circuit as a flowchart; on each wire its value, and below it its gradient.

    >>> from autograd import Value
    >>> from viz.graph import circuit_of
    >>> from viz.style import LIGHT
    >>> print(mermaid_text(circuit_of(Value(2.0, name="x").exp()), LIGHT))
    flowchart LR
      n0["x"]:::leaf
      n1(["exp"]):::gate
      out[" "]:::text
      n0 ---|"2.00"| n1
      n1 ---|"7.39"| out
      ...
    """
    lines = [f"flowchart {direction}"]
    if circuit.title:
        lines.insert(0, f'---\ntitle: "{_escaped(circuit.title)}"\n---')
    lines += [f"  {_piece(piece)}" for piece in circuit.pieces]
    lines += [f"  {_wire(wire)}" for wire in circuit.wires]
    notes = [_escaped(note) for note in circuit.notes]
    if notes:
        lines.append(f'  notes["{"<br/>".join(notes)}"]:::text')
    lines += [
        f"  classDef gate fill:{theme.gate_fill},stroke:{theme.gate_line},color:{theme.ink}",
        f"  classDef blamed fill:{theme.blamed_fill},stroke:{theme.blamed_line},color:{theme.ink},"
        "stroke-width:4px",
        f"  classDef leaf fill:{theme.leaf_fill},stroke:{theme.leaf_line},color:{theme.ink}",
        "  classDef text fill:none,stroke:none",
        f"  classDef fork fill:{theme.wire},stroke:{theme.wire}",
    ]
    return "\n".join(lines) + "\n"


def _piece(piece: Piece) -> str:
    if isinstance(piece, GateBox):
        label = _label(piece.symbol, piece.arguments)
        return f"{piece.key}([{label}]):::{'blamed' if piece.blamed else 'gate'}"
    if isinstance(piece, GroupBox):
        return f"{piece.key}({_label(*piece.lines)}):::gate"
    if isinstance(piece, Fork):
        return f'{piece.key}((" ")):::fork'
    look = "leaf" if piece.kind == "leaf" else "text"
    return f"{piece.key}[{_label(piece.label)}]:::{look}"


def _wire(wire: Wire) -> str:
    label = _label(wire.heading, wire.summary, wire.value.text, *wire.below)
    return f"{wire.source} ---|{label}| {wire.target}"


def _label(*rows: str) -> str:
    """Rows of text in quotes. An empty label would be an error of syntax."""
    return f'"{"<br/>".join(map(_escaped, filter(None, rows))) or " "}"'


def _escaped(text: str) -> str:
    return "".join(
        character if character.isalnum() or character in PLAIN else f"#{ord(character)};"
        for character in text
    )
