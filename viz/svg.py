"""From an arranged circuit and its layout to SVG.

The numbers of every wire are in the picture twice: as texts that are seen, and with all their
digits in a tooltip. Colours are attributes of the elements, so that every program can draw the
picture; a picture that follows the screen has a style sheet besides.
"""

from __future__ import annotations

import math

from .arrangement import Arrangement, Run, is_bold
from .canvas import Canvas, dark_rules
from .circuit import Circuit, Fork, GateBox, GroupBox, Piece, Terminal, Wire
from .dot import Direction
from .layout import PIXELS_PER_INCH, Box, Layout
from .markup import attributes, number, polyline, raised
from .style import FONT_FAMILY, METRICS, Theme, cell_width, piece_size, symbol_font, text_width

__all__ = ["svg_text"]


def svg_text(
    circuit: Circuit,
    arrangement: Arrangement,
    layout: Layout,
    theme: Theme,
    direction: Direction = "LR",
    *,
    follow_screen: bool = False,
    arrows: bool = False,
) -> str:
    """The drawing as a complete SVG document.

    With ``follow_screen`` a browser shows it in dark colours where its user prefers these. With
    ``arrows`` a dashed arrow goes back along every gradient.

    >>> from autograd import Value
    >>> from viz.arrangement import arranged
    >>> from viz.dot import dot_text
    >>> from viz.graph import circuit_of
    >>> from viz.layout import parse_layout
    >>> from viz.render import lay_out
    >>> from viz.style import LIGHT
    >>> circuit = circuit_of(Value(2.0, name="x").exp())
    >>> arrangement = arranged(circuit, "slides", vertical=False)
    >>> layout = parse_layout(lay_out(dot_text(circuit, arrangement, LIGHT)))
    >>> svg_text(circuit, arrangement, layout, LIGHT)[:4]
    '<svg'
    """
    painter = _Painter(circuit, arrangement, layout, theme, direction == "TB", arrows)
    return painter.paint(follow_screen)


class _Painter:
    """Writes the elements of one drawing, in the order in which they are painted."""

    def __init__(
        self,
        circuit: Circuit,
        arrangement: Arrangement,
        layout: Layout,
        theme: Theme,
        vertical: bool,
        arrows: bool,
    ) -> None:
        self.circuit = circuit
        self.arrangement = arrangement
        self.layout = layout
        self.vertical = vertical
        self.arrows = arrows
        self.pieces = {piece.key: piece for piece in circuit.pieces}
        self.hiding = {key for key, piece in self.pieces.items() if _hides_lines(piece)}
        """The pieces that hide the end of a line, which therefore goes on to their middle."""
        self.called = {key: _called(piece) for key, piece in self.pieces.items()}
        self.canvas = Canvas(theme)

    def paint(self, follow_screen: bool) -> str:
        left, top, width, height = self._frame()
        facts: dict[str, str | float] = {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": width,
            "height": height,
            "viewBox": " ".join(map(number, (left, top, width, height))),
            "font-family": FONT_FAMILY,
            "role": "img",
            # A title element would be a tooltip that follows the pointer everywhere.
            "aria-label": self._summary(),
            "class": "gategrad gategrad-auto" if follow_screen else "gategrad",
        }
        lines = self.canvas.lines
        lines.append(f"<svg{attributes(facts)}>")
        if follow_screen:
            # The class of the root keeps the rules out of the rest of a page with the drawing.
            rules = "\n".join(dark_rules(".gategrad-auto"))
            query = "@media (prefers-color-scheme: dark)"
            lines.append(f" <style>{query} {{\n{rules}\n}}</style>")
        frame: dict[str, str | float] = {"x": left, "y": top, "width": width, "height": height}
        self.canvas.filled("rect", "background", frame)
        for run in self.arrangement.runs:
            self._paint_run(run)
        # After the wires, which run on to the middle of their gate.
        for piece in self.arrangement.pieces:
            self._paint_piece(piece)
        self._paint_margins(left, top, height)
        lines.append("</svg>\n")
        return "\n".join(lines)

    def _frame(self) -> tuple[float, float, float, float]:
        """The left and the top edge, the width and the height of the whole picture."""
        above = 2 * METRICS.row if self.circuit.title else 0.0
        below = (METRICS.row + 2) * len(self.circuit.notes)
        texts = [text_width(self.circuit.title, METRICS.title)]
        texts += [text_width(note, METRICS.small) for note in self.circuit.notes]
        # Whole pixels, or the last row of a PNG would be half transparent.
        width = math.ceil(max(self.layout.width, *texts) + 2 * METRICS.margin)
        height = math.ceil(self.layout.height + above + below + 2 * METRICS.margin)
        return -METRICS.margin, -self.layout.height - above - METRICS.margin, width, height

    def _summary(self) -> str:
        title = f"{self.circuit.title}: " if self.circuit.title else ""
        return f"{title}a {self.circuit.description}"

    def _paint_margins(self, left: float, top: float, height: float) -> None:
        x = left + METRICS.margin
        if self.circuit.title:
            y = top + METRICS.margin + METRICS.row / 2
            self.canvas.text("ink", x, y, self.circuit.title, METRICS.title, "start", bold=True)
        y = top + height - METRICS.margin - (METRICS.row + 2) * len(self.circuit.notes)
        for note in self.circuit.notes:
            y += METRICS.row + 2
            self.canvas.text("muted", x, y - METRICS.row / 2, note, METRICS.small, "start")

    def _paint_run(self, run: Run) -> None:
        wire = run.wire
        # All of them are our own words, which need not be escaped.
        data = f' data-source="{wire.source}" data-target="{wire.target}" data-role="{wire.role}"'
        data += f' data-mark="{wire.mark}"' if wire.mark else ""
        self.canvas.open("wire", wire.key, self._describe(wire), data)
        path = self._path(run)
        if path:
            self._paint_line(wire, path)
        box = self.layout.boxes[wire.key]
        if run.cells:
            self._paint_record(run, box)
        elif self.vertical:
            self._paint_texts_beside(run, box)
        else:
            self._paint_texts_above_and_below(run, box)
        self.canvas.close()

    def _paint_line(self, wire: Wire, path: str) -> None:
        if wire.shade is None:
            self.canvas.laid_out_line("line", path, METRICS.line * wire.weight)
        else:
            look = f' stroke-opacity="{wire.shade:.2f}"'
            self.canvas.laid_out_line("shaded", path, 1.5 * METRICS.line, look)

    def _paint_texts_above_and_below(self, run: Run, box: Box) -> None:
        for row, (text, size) in enumerate(run.rows):
            y = box.y - METRICS.row * (len(run.rows) - row - 0.5)
            self.canvas.text(_role_above(run.wire, size), box.x, y, text, size)
        for row, text in enumerate(run.below):
            y = box.y + METRICS.row * (row + 0.5)
            self._text_below(run.wire, text, box.x, y, "middle")
            if self.arrows and not _is_local(text):
                half = text_width(text, METRICS.number) / 2
                self._paint_arrow(box.x + half, y + METRICS.row / 2, -2 * half, 0.0)

    def _paint_texts_beside(self, run: Run, box: Box) -> None:
        for row, (text, size) in enumerate(run.rows):
            y = box.y + METRICS.row * (row - (len(run.rows) - 1) / 2)
            self.canvas.text(
                _role_above(run.wire, size), box.x - METRICS.padding, y, text, size, "end"
            )
        x = box.x + METRICS.padding
        for row, text in enumerate(run.below):
            y = box.y + METRICS.row * (row - (len(run.below) - 1) / 2)
            self._text_below(run.wire, text, x, y, "start")
            if self.arrows and not _is_local(text):
                beyond = x + text_width(text, METRICS.number) + METRICS.arrow / 2
                self._paint_arrow(beyond, y + METRICS.row / 2, 0.0, -METRICS.row)

    def _text_below(self, wire: Wire, text: str, x: float, y: float, anchor: str) -> None:
        if _is_local(text):
            self.canvas.text("ink", x, y, text, METRICS.number, anchor)
        else:
            bold = wire.mark != ""
            self.canvas.text("gradient", x, y, text, METRICS.number, anchor, bold=bold)

    def _paint_arrow(self, x: float, y: float, dx: float, dy: float) -> None:
        """A dashed arrow from a point by a distance, to the left or upwards."""
        tip = x + dx, y + dy
        back = (4.0, 0.0) if dx else (0.0, 4.0)
        wings = [(tip[0] + back[0] + s * back[1], tip[1] + back[1] + s * back[0]) for s in (1, -1)]
        dashed = ' stroke-dasharray="4 2.5"'
        self.canvas.line("arrow", polyline((x, y), tip), METRICS.line / 1.4, dashed)
        head = polyline(wings[0], tip, wings[1])
        self.canvas.line("arrow", head, METRICS.line / 1.4)

    def _paint_record(self, run: Run, box: Box) -> None:
        self.canvas.outlined("leaf", box, corner=3.0)
        x = box.x - box.width / 2
        for place, (role, text) in enumerate(run.cells):
            bold = is_bold(run.wire, role)
            width = cell_width(text, bold=bold)
            if place:
                top, bottom = box.y - box.height / 2, box.y + box.height / 2
                self.canvas.line("leaf-line", polyline((x, top), (x, bottom)), 1.0)
            self.canvas.text(role, x + width / 2, box.y, text, METRICS.number, bold=bold)
            x += width

    def _path(self, run: Run) -> str:
        """One line, from the middle of its tail through the wire's box to that of its head.

        It is in the unit of the layout, y growing upwards.
        """
        key, tail, head = run.wire.key, run.tail, run.head
        parts = []
        if tail is not None:
            if tail in self.hiding:
                parts.append(self._middle(tail))
            parts.append(self.layout.curves[tail, key])
        if head is not None:
            parts.append(self.layout.curves[key, head])
            if head in self.hiding:
                parts.append(self._middle(head))
        return "M" + "L".join(parts) if parts else ""

    def _middle(self, key: str) -> str:
        box = self.layout.boxes[key]
        return f"{box.x / PIXELS_PER_INCH:.4f} {-box.y / PIXELS_PER_INCH:.4f}"

    def _paint_piece(self, piece: Piece) -> None:
        room = self.layout.boxes[piece.key]
        box = Box(room.x, room.y, *piece_size(piece))
        if isinstance(piece, GateBox):
            self._paint_gate(piece, box)
        elif isinstance(piece, GroupBox):
            self._paint_group(piece, box)
        elif isinstance(piece, Fork):
            self.canvas.open("fork", piece.key)
            self.canvas.filled("circle", "fork", {"cx": box.x, "cy": box.y, "r": METRICS.fork / 2})
            self.canvas.close()
        elif piece.label or piece.kind != "output":
            self._paint_terminal(piece, box)

    def _paint_gate(self, gate: GateBox, box: Box) -> None:
        arguments = f" ({gate.arguments})" if gate.arguments else ""
        tooltip = f"{gate.gate}{arguments}: {gate.formula}"
        self.canvas.open("gate", gate.key, tooltip, attributes({"data-gate": gate.gate}))
        role, line = ("blamed", 3 * METRICS.line) if gate.blamed else ("gate", METRICS.line)
        self.canvas.outlined(role, box, corner=box.height / 2, line=line)
        y = box.y - 6 if gate.arguments else box.y
        size = symbol_font(gate)
        self.canvas.text("ink", box.x, y, gate.symbol, size, content=raised(gate.symbol))
        if gate.arguments:
            self.canvas.text("muted", box.x, box.y + 8, gate.arguments, METRICS.small)
        self.canvas.close()

    def _paint_group(self, box: GroupBox, place: Box) -> None:
        path = attributes({"data-path": box.path})
        self.canvas.open("box", box.key, box.tooltip or " ".join(box.lines), path)
        self.canvas.outlined("gate", place, corner=7.0)
        y = place.y - place.height / 2 + METRICS.pill / 2
        for row, line in enumerate(box.lines):
            role, size = ("muted", METRICS.small) if row else ("ink", METRICS.name)
            self.canvas.text(role, place.x, y, line, size)
            y += METRICS.row
        self.canvas.close()

    def _paint_terminal(self, piece: Terminal, box: Box) -> None:
        """A leaf in its box, the text of a constant or of the output, or a small dot."""
        self.canvas.open(piece.kind, piece.key)
        if piece.kind == "leaf" or not piece.label:
            corner = min(box.height / 2, 7.0 if piece.kind == "leaf" else 1.0)
            self.canvas.outlined("leaf", box, corner)
        if piece.label:
            role = "muted" if piece.kind == "constant" else "ink"
            self.canvas.text(role, box.x, box.y, piece.label, METRICS.name)
        self.canvas.close()

    def _describe(self, wire: Wire) -> str:
        """The tooltip of a wire: where it runs, and its numbers with all digits."""
        name = f"{wire.name} → " if wire.name else ""
        text = f"{self.called[wire.source]} → {name}{self.called[wire.target]}"
        text += f"\nvalue {wire.value.exact}"
        if wire.gradient:
            text += f"\ngradient {wire.gradient.exact} {wire.mark}".rstrip(" ")
        if wire.local:
            text += f"\nlocal derivative {wire.local.exact}"
        return text


def _role_above(wire: Wire, size: float) -> str:
    if size == METRICS.number:
        return "value"
    return "ink" if wire.name else "muted"


def _is_local(text: str) -> bool:
    return text.startswith("∂")


def _hides_lines(piece: Piece) -> bool:
    return not isinstance(piece, Terminal) or piece.kind == "leaf"


def _called(piece: Piece) -> str:
    if isinstance(piece, Fork):
        return "fork"
    if isinstance(piece, GroupBox):
        return piece.lines[0]
    return piece.gate if isinstance(piece, GateBox) else piece.label or piece.kind
