"""From an arranged circuit to DOT text.

Every wire is a box of its own between what it joins, as large as its texts, so that Graphviz keeps
room for them; the texts then stand above and below the line that is drawn through the box. The
sizes are ours, hence no layout depends on the fonts of a machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from .arrangement import Arrangement, Run
from .circuit import Circuit, Fork, GateBox, GroupBox, Piece, Terminal
from .layout import PIXELS_PER_INCH
from .style import FONT_FAMILY, METRICS, Theme, room_for

__all__ = ["Direction", "dot_text"]

Direction = Literal["LR", "TB"]

MANY = 200
LARGE = {"mclimit": "0.1", "nslimit": "1"}
"""How hard Graphviz tries to shorten the wires where there are many: else it takes twice as long,
for wires that are a fifth shorter in all."""


def dot_text(
    circuit: Circuit,
    arrangement: Arrangement,
    theme: Theme,
    direction: Direction = "LR",
    *,
    labels: bool = True,
) -> str:
    """The circuit as DOT, equal byte for byte for equal circuits.

    Without ``labels`` it has the same layout, and no text of the user's.

    >>> from autograd import Value
    >>> from viz.arrangement import arranged
    >>> from viz.graph import circuit_of
    >>> from viz.style import LIGHT
    >>> circuit = circuit_of(Value(2.0, name="x").exp())
    >>> dot_text(circuit, arranged(circuit, "slides", vertical=False), LIGHT).splitlines()[0]
    'digraph {'
    """
    writer = _Writer(theme, labels, vertical=direction == "TB")
    texts = tuple(filter(None, (circuit.title, *circuit.notes)))
    graph = {
        "bgcolor": f'"{theme.background}"',
        "fontcolor": f'"{theme.muted}"',
        "fontname": f'"{FONT_FAMILY}"',
        "label": _label(texts if labels else ()),
        "nodesep": _inches(METRICS.row_gap),
        "rankdir": direction,
        **(LARGE if len(arrangement.runs) > MANY else {}),
        "ranksep": _inches(METRICS.rank_gap),
    }
    lines = [
        "digraph {",
        f"\tgraph [{_attributes(graph)}]",
        f'\tnode [fixedsize=true fontcolor="{theme.ink}" fontname="{FONT_FAMILY}" '
        f"fontsize={METRICS.number:g}]",
        f'\tedge [arrowhead=none color="{theme.wire}"]',
    ]
    lines += [writer.piece(piece) for piece in arrangement.pieces]
    forks = {piece.key for piece in arrangement.pieces if isinstance(piece, Fork)}
    # Gates and forks are round: their wires arrive and leave at any angle.
    square = {piece.key for piece in arrangement.pieces if isinstance(piece, Terminal)}
    square |= {run.wire.key for run in arrangement.runs if run.cells}
    out, into = ("e", "w") if direction == "LR" else ("s", "n")
    for run in arrangement.runs:
        key = run.wire.key
        lines.append(writer.box(run))
        if run.tail is not None:
            tail = f"{run.tail}:{out}" if run.tail in square else run.tail
            # Numbers stand near the gate that sends their gradient; a long way is gone before them.
            weight = 1 if run.tail in forks else 3
            lines.append(f"\t{tail} -> {key}:{into} [weight={weight}]")
        if run.head is not None:
            head = f"{run.head}:{into}" if run.head in square else run.head
            lines.append(f"\t{key}:{out} -> {head} [weight=4]")
    lines.append("}\n")
    return "\n".join(lines)


class _Writer:
    """Writes the nodes of the DOT text."""

    def __init__(self, theme: Theme, labels: bool, vertical: bool) -> None:
        self._vertical = vertical
        self._labels = labels
        self._theme = theme
        leaf = f'color="{theme.leaf_line}" fillcolor="{theme.leaf_fill}"'
        self._leaf = f'shape=box style="rounded,filled" {leaf}'
        self._record = f"shape=box style=filled {leaf}"
        self._point = f'shape=circle color="{theme.leaf_line}"'
        self._fork = f'shape=circle penwidth=0 fontcolor="{theme.wire}"'
        self._gate = f'color="{theme.gate_line}" fillcolor="{theme.gate_fill}"'
        self._blamed = f'color="{theme.blamed_line}" fillcolor="{theme.blamed_fill}" penwidth=3'

    def piece(self, piece: Piece) -> str:
        size = room_for(piece, vertical=self._vertical)
        if isinstance(piece, Fork):
            return self._node(piece.key, ("●",), size, self._fork)
        if isinstance(piece, GroupBox):
            return self._node(
                piece.key, piece.lines, size, f'shape=box style="rounded,filled" {self._gate}'
            )
        if isinstance(piece, GateBox):
            shape = "circle style=filled" if size[0] == size[1] else 'box style="rounded,filled"'
            # The wires of the operands arrive in the operands' order, which matters for x - y.
            look = f"ordering=in shape={shape} {self._blamed if piece.blamed else self._gate}"
            rows = (piece.symbol, piece.arguments) if piece.arguments else (piece.symbol,)
            return self._node(piece.key, rows, size, look)
        if piece.kind == "leaf" and piece.label:
            return self._node(piece.key, (piece.label,), size, self._leaf)
        plain = piece.label or piece.kind == "output"
        return self._node(
            piece.key, (piece.label,), size, "shape=plaintext" if plain else self._point
        )

    def box(self, run: Run) -> str:
        if run.cells:
            cells = " | ".join(text for _, text in run.cells)
            return self._node(run.wire.key, (cells,), run.size, self._record)
        rows = [text for text, _ in run.rows]
        rows += run.below
        colour = "" if run.wire.gradient else f' fontcolor="{self._theme.value}"'
        return self._node(run.wire.key, rows, run.size, f"shape=plaintext{colour}")

    def _node(self, key: str, rows: Sequence[str], size: tuple[float, float], look: str) -> str:
        label = _label(rows) if self._labels else '""'
        width, height = size
        return f"\t{key} [label={label} {look} width={_inches(width)} height={_inches(height)}]"


def _inches(pixels: float) -> str:
    return f"{pixels / PIXELS_PER_INCH:.4f}"


def _attributes(attributes: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in attributes.items())


def _label(rows: Sequence[str]) -> str:
    """Rows of text as a label: neither escapes, nor entities, nor markup of DOT have a meaning."""
    text = "\0".join(rows)
    if not text.isalnum():
        text = text.replace("\\", "\\\\").replace("&", "&amp;").replace('"', '\\"')
    return f'"{text}"'.replace("\0", "\\n")
