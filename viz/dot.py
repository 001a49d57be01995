"""From a circuit to DOT text.

Every wire is a box of its own between what it joins, as large as its texts, so that Graphviz keeps
room for them; the texts then stand above and below the line that is drawn through the box. The
sizes are ours, hence no layout depends on the fonts of a machine.
"""

from __future__ import annotations

from typing import Literal

import graphviz

from .circuit import Circuit, Fork, GateBox, GroupBox, Piece, Terminal, Wire
from .style import FONT_FAMILY, METRICS, Theme, room_for, wire_rows, wire_size

__all__ = ["PIXELS_PER_INCH", "Direction", "dot_text"]

Direction = Literal["LR", "TB"]

PIXELS_PER_INCH = 72.0


def dot_text(circuit: Circuit, theme: Theme, direction: Direction = "LR") -> str:
    """The circuit as DOT, equal byte for byte for equal circuits.

    >>> from autograd import Value
    >>> from viz.graph import circuit_of
    >>> from viz.style import LIGHT
    >>> dot_text(circuit_of(Value(2.0, name="x").exp()), LIGHT).splitlines()[0]
    'digraph {'
    """
    digraph = graphviz.Digraph(
        graph_attr={
            "rankdir": direction,
            "ranksep": _inches(METRICS.rank_gap),
            "nodesep": _inches(METRICS.row_gap),
            "bgcolor": theme.background,
            "fontname": FONT_FAMILY,
            "fontcolor": theme.muted,
            "label": _label(*filter(None, (circuit.title, *circuit.notes))),
        },
        node_attr={
            "fixedsize": "true",
            "fontname": FONT_FAMILY,
            "fontsize": f"{METRICS.number:g}",
            "fontcolor": theme.ink,
        },
        edge_attr={"arrowhead": "none", "color": theme.wire},
    )
    for piece in circuit.pieces:
        _add_piece(digraph, piece, theme)
    pieces = {piece.key: piece for piece in circuit.pieces}
    for wire in circuit.wires:
        _add_wire(digraph, wire, pieces, theme, direction)
    return str(digraph.source)


def _add_piece(digraph: graphviz.Digraph, piece: Piece, theme: Theme) -> None:
    width, height = room_for(piece)
    attributes = {"width": _inches(width), "height": _inches(height)}
    label = ""
    if isinstance(piece, Fork):
        label = "●"
        attributes |= {"shape": "circle", "penwidth": "0", "fontcolor": theme.wire}
    elif isinstance(piece, GroupBox):
        label = _label(*piece.lines)
        attributes |= {"shape": "box", "style": "rounded,filled"}
        attributes |= {"color": theme.gate_line, "fillcolor": theme.gate_fill}
    elif isinstance(piece, GateBox):
        label = _label(*filter(None, (piece.symbol, piece.arguments)))
        round_one = {"shape": "circle", "style": "filled"}
        long_one = {"shape": "box", "style": "rounded,filled"}
        attributes |= round_one if width == height else long_one
        # The wires of the operands arrive in the operands' order, which matters for x - y.
        attributes |= {"ordering": "in"}
        if piece.blamed:
            attributes |= {"color": theme.blamed_line, "fillcolor": theme.blamed_fill}
            attributes |= {"penwidth": "3"}
        else:
            attributes |= {"color": theme.gate_line, "fillcolor": theme.gate_fill}
    elif piece.kind == "leaf" and piece.label:
        label = _label(piece.label)
        attributes |= {"shape": "box", "style": "rounded,filled"}
        attributes |= {"color": theme.leaf_line, "fillcolor": theme.leaf_fill}
    elif piece.label or piece.kind == "output":
        label = _label(piece.label)
        attributes |= {"shape": "plaintext"}
    else:
        attributes |= {"shape": "circle", "color": theme.leaf_line}
    digraph.node(piece.key, label, **attributes)


def _add_wire(
    digraph: graphviz.Digraph,
    wire: Wire,
    pieces: dict[str, Piece],
    theme: Theme,
    direction: Direction,
) -> None:
    width, height = wire_size(wire, vertical=direction == "TB")
    rows = [text for text, _ in wire_rows(wire)]
    digraph.node(
        wire.key,
        _label(*rows, *(wire.below or ("",))),
        shape="plaintext",
        width=_inches(width),
        height=_inches(height),
        fontcolor=theme.value if wire.gradient is None else theme.ink,
    )
    out, into = ("e", "w") if direction == "LR" else ("s", "n")
    source, target = pieces[wire.source], pieces[wire.target]
    # Gates and forks are round: their wires arrive and leave at any angle.
    tail = f"{wire.source}:{out}" if isinstance(source, Terminal) else wire.source
    head = f"{wire.target}:{into}" if isinstance(target, Terminal) else wire.target
    # Numbers stand near the gate that sends their gradient; a long way is gone before them.
    digraph.edge(tail, f"{wire.key}:{into}", weight="1" if isinstance(source, Fork) else "3")
    digraph.edge(f"{wire.key}:{out}", head, weight="4")


def _inches(pixels: float) -> str:
    return f"{pixels / PIXELS_PER_INCH:.4f}"


def _label(*rows: str) -> str:
    """Rows of text as a label: neither escapes, nor entities, nor markup of DOT have a meaning."""
    escaped = [row.replace("\\", "\\\\").replace("&", "&amp;") for row in rows]
    label: str = graphviz.nohtml("\\n".join(escaped))
    return label
