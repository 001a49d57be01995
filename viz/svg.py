"""From a circuit and its layout to SVG.

The numbers of every wire are in the picture twice: as texts that are seen, and as a tooltip and
data attributes. Colours are attributes of the elements, so that every program can draw the
picture; a picture that follows the screen has a style sheet besides.
"""

from __future__ import annotations

import math
import unicodedata
import xml.etree.ElementTree as ET
from dataclasses import dataclass

from .circuit import Circuit, Fork, GateBox, GroupBox, Piece, Terminal, Wire
from .dot import Direction
from .layout import Box, Layout
from .style import DARK, FONT_FAMILY, METRICS, Theme, piece_size, symbol_font, text_width, wire_rows

__all__ = ["svg_text"]

BASELINE = 0.36
"""How far the baseline is below the middle of a line of text, in the size of its font."""

COLOURS = {
    "background": ("fill", "background"),
    "ink": ("fill", "ink"),
    "muted": ("fill", "muted"),
    "value": ("fill", "value"),
    "gradient": ("fill", "gradient"),
    "line": ("stroke", "wire"),
    "fork": ("fill", "wire"),
    "gate": ("fill", "gate_fill"),
    "gate-line": ("stroke", "gate_line"),
    "blamed": ("fill", "blamed_fill"),
    "blamed-line": ("stroke", "blamed_line"),
    "leaf": ("fill", "leaf_fill"),
    "leaf-line": ("stroke", "leaf_line"),
}
"""For each class of elements the attribute that has its colour, and that colour's theme field."""


def svg_text(
    circuit: Circuit,
    layout: Layout,
    theme: Theme,
    direction: Direction = "LR",
    *,
    follow_screen: bool = False,
) -> str:
    """The drawing as a complete SVG document.

    With ``follow_screen`` a browser shows it in dark colours where its user prefers these.

    >>> from autograd import Value
    >>> from viz.dot import dot_text
    >>> from viz.graph import circuit_of
    >>> from viz.layout import parse_layout
    >>> from viz.render import lay_out
    >>> from viz.style import LIGHT
    >>> circuit = circuit_of(Value(2.0, name="x").exp())
    >>> layout = parse_layout(lay_out(dot_text(circuit, LIGHT)), 72.0)
    >>> svg_text(circuit, layout, LIGHT)[:4]
    '<svg'
    """
    pieces = {piece.key: piece for piece in circuit.pieces}
    painter = _Painter(circuit, layout, theme, pieces, vertical=direction == "TB")
    return painter.paint(follow_screen)


@dataclass(frozen=True, slots=True)
class _Painter:
    """Draws one circuit as a tree of SVG elements."""

    circuit: Circuit
    layout: Layout
    theme: Theme
    pieces: dict[str, Piece]
    vertical: bool

    def paint(self, follow_screen: bool) -> str:
        left, top, width, height = self._frame()
        svg = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "width": _number(width),
                "height": _number(height),
                "viewBox": " ".join(map(_number, (left, top, width, height))),
                "font-family": FONT_FAMILY,
                "role": "img",
                # A title element would be a tooltip that follows the pointer everywhere.
                "aria-label": self._summary(),
                "class": "gategrad gategrad-auto" if follow_screen else "gategrad",
            },
        )
        if follow_screen:
            ET.SubElement(svg, "style").text = _dark_screen_style()
        frame = {"x": left, "y": top, "width": width, "height": height}
        self._add(svg, "rect", "background", **frame)
        for wire in self.circuit.wires:
            self._paint_wire(svg, wire)
        # After the wires, which run on to the middle of their gate.
        for piece in self.circuit.pieces:
            self._paint_piece(svg, piece)
        self._paint_margins(svg, left, top, height)
        ET.indent(svg, " ")
        return ET.tostring(svg, encoding="unicode") + "\n"

    def _frame(self) -> tuple[float, float, float, float]:
        """The left and the top edge, the width and the height of the whole picture."""
        left, right, top, bottom = self.layout.extent()
        above = 2 * METRICS.row if self.circuit.title else 0.0
        below = (METRICS.row + 2) * len(self.circuit.notes)
        texts = [text_width(self.circuit.title, METRICS.title)]
        texts += [text_width(note, METRICS.small) for note in self.circuit.notes]
        # Whole pixels, or the last row of a PNG would be half transparent.
        width = math.ceil(max(right - left, *texts) + 2 * METRICS.margin)
        height = math.ceil(bottom - top + above + below + 2 * METRICS.margin)
        return left - METRICS.margin, top - above - METRICS.margin, width, height

    def _summary(self) -> str:
        title = f"{self.circuit.title}: " if self.circuit.title else ""
        output = self.circuit.output.value.text
        return f"{title}a graph of {self.circuit.contents}; output {output}"

    def _paint_margins(self, svg: ET.Element, left: float, top: float, height: float) -> None:
        x = left + METRICS.margin
        if self.circuit.title:
            y = top + METRICS.margin + METRICS.row / 2
            self._text(svg, "ink", x, y, self.circuit.title, METRICS.title, "start", bold=True)
        y = top + height - METRICS.margin - (METRICS.row + 2) * len(self.circuit.notes)
        for note in self.circuit.notes:
            y += METRICS.row + 2
            self._text(svg, "muted", x, y - METRICS.row / 2, note, METRICS.small, "start")

    def _paint_wire(self, svg: ET.Element, wire: Wire) -> None:
        facts = {"source": wire.source, "target": wire.target, "role": wire.role}
        if wire.role == "operand":
            facts["slot"] = str(wire.slot)
        facts["value"] = wire.value.text
        if wire.gradient:
            facts["gradient"] = wire.gradient.text
        if wire.mark:
            facts["mark"] = wire.mark
        group = _group(svg, "wire", wire.key, **facts)
        ET.SubElement(group, "title").text = self._describe(wire)
        self._add(
            group,
            "path",
            "line",
            d=self._path(wire),
            fill="none",
            stroke_width=METRICS.line * wire.weight,
        )
        box = self.layout.boxes[wire.key]
        if self.vertical:
            self._paint_texts_beside(group, wire, box)
        else:
            self._paint_texts_above_and_below(group, wire, box)

    def _paint_texts_above_and_below(self, group: ET.Element, wire: Wire, box: Box) -> None:
        rows = wire_rows(wire)
        for row, (text, size) in enumerate(rows):
            y = box.y - METRICS.row * (len(rows) - row - 0.5)
            role = "value" if size == METRICS.number else "ink" if wire.name else "muted"
            self._text(group, role, box.x, y, text, size)
        for row, text in enumerate(wire.below):
            y = box.y + METRICS.row * (row + 0.5)
            self._text_below(group, wire, text, box.x, y, "middle")

    def _paint_texts_beside(self, group: ET.Element, wire: Wire, box: Box) -> None:
        rows = wire_rows(wire)
        for row, (text, size) in enumerate(rows):
            y = box.y + METRICS.row * (row - (len(rows) - 1) / 2)
            role = "value" if size == METRICS.number else "ink" if wire.name else "muted"
            self._text(group, role, box.x - METRICS.padding, y, text, size, "end")
        x = box.x + METRICS.padding
        for row, text in enumerate(wire.below):
            y = box.y + METRICS.row * (row - (len(wire.below) - 1) / 2)
            self._text_below(group, wire, text, x, y, "start")

    def _text_below(
        self, group: ET.Element, wire: Wire, text: str, x: float, y: float, anchor: str
    ) -> None:
        local = text.startswith("∂")
        role = "ink" if local else "gradient"
        bold = bool(wire.mark) and not local
        self._text(group, role, x, y, text, METRICS.number, anchor, bold=bold)

    def _path(self, wire: Wire) -> str:
        """One line, from the source's middle through the wire's box to the target's middle."""
        before = self.layout.curves[wire.source, wire.key]
        after = self.layout.curves[wire.key, wire.target]
        start = self._middle_of(wire.source)
        source = self.pieces[wire.source]
        if isinstance(source, Terminal) and source.kind == "constant":
            # Its number has nothing around it that would hide the beginning of the line.
            start = before[0]
        commands = [f"M{_point(start)} L{_point(before[0])}", *_curve(before)]
        commands += [f"L{_point(after[0])}", *_curve(after)]
        if wire.role != "output":
            commands.append(f"L{_point(self._middle_of(wire.target))}")
        return " ".join(commands)

    def _middle_of(self, key: str) -> tuple[float, float]:
        box = self.layout.boxes[key]
        return box.x, box.y

    def _paint_piece(self, svg: ET.Element, piece: Piece) -> None:
        room = self.layout.boxes[piece.key]
        box = Box(room.x, room.y, *piece_size(piece))
        if isinstance(piece, GateBox):
            self._paint_gate(svg, piece, box)
        elif isinstance(piece, GroupBox):
            self._paint_group(svg, piece, box)
        elif isinstance(piece, Fork):
            group = _group(svg, "fork", piece.key)
            self._add(group, "circle", "fork", cx=box.x, cy=box.y, r=METRICS.fork / 2)
        elif piece.kind == "leaf":
            self._paint_leaf(svg, piece, box)
        elif piece.label:
            role = "ink" if piece.kind == "output" else "muted"
            group = _group(svg, piece.kind, piece.key)
            self._text(group, role, box.x, box.y, piece.label, METRICS.name)
        elif piece.kind == "constant":
            group = _group(svg, piece.kind, piece.key)
            self._outlined(group, "leaf", box, corner=1.0)

    def _paint_gate(self, svg: ET.Element, gate: GateBox, box: Box) -> None:
        group = _group(svg, "gate", gate.key, gate=gate.gate)
        arguments = f" ({gate.arguments})" if gate.arguments else ""
        ET.SubElement(group, "title").text = f"{gate.gate}{arguments}: {gate.formula}"
        role, line = ("blamed", 3 * METRICS.line) if gate.blamed else ("gate", METRICS.line)
        self._outlined(group, role, box, corner=box.height / 2, line=line)
        y = box.y - 6 if gate.arguments else box.y
        _raise_superscripts(self._text(group, "ink", box.x, y, gate.symbol, symbol_font(gate)))
        if gate.arguments:
            self._text(group, "muted", box.x, box.y + 8, gate.arguments, METRICS.small)

    def _paint_group(self, svg: ET.Element, box: GroupBox, place: Box) -> None:
        group = _group(svg, "box", box.key, path=box.path)
        ET.SubElement(group, "title").text = box.tooltip or " ".join(box.lines)
        self._outlined(group, "gate", place, corner=7.0)
        y = place.y - place.height / 2 + METRICS.pill / 2
        for row, line in enumerate(box.lines):
            role, size = ("muted", METRICS.small) if row else ("ink", METRICS.name)
            self._text(group, role, place.x, y, line, size)
            y += METRICS.row

    def _paint_leaf(self, svg: ET.Element, leaf: Terminal, box: Box) -> None:
        group = _group(svg, "leaf", leaf.key)
        self._outlined(group, "leaf", box, corner=min(box.height / 2, 7.0))
        if leaf.label:
            self._text(group, "ink", box.x, box.y, leaf.label, METRICS.name)

    def _outlined(
        self, group: ET.Element, role: str, box: Box, corner: float, line: float = METRICS.line
    ) -> None:
        colours = {
            "fill": getattr(self.theme, COLOURS[role][1]),
            "stroke": getattr(self.theme, COLOURS[f"{role}-line"][1]),
        }
        ET.SubElement(
            group,
            "rect",
            {
                "class": f"gg-{role} gg-{role}-line",
                "x": _number(box.x - box.width / 2),
                "y": _number(box.y - box.height / 2),
                "width": _number(box.width),
                "height": _number(box.height),
                "rx": _number(corner),
                "stroke-width": _number(line),
                **colours,
            },
        )

    def _text(
        self,
        parent: ET.Element,
        role: str,
        x: float,
        y: float,
        text: str,
        size: float,
        anchor: str = "middle",
        *,
        bold: bool = False,
    ) -> ET.Element:
        """One line of text whose middle has the height ``y``."""
        weight = {"font_weight": "600"} if bold else {}
        place = {"x": x, "y": y + BASELINE * size, "font_size": size}
        element = self._add(parent, "text", role, **place, text_anchor=anchor, **weight)
        element.text = text
        return element

    def _add(
        self, parent: ET.Element, tag: str, role: str, **attributes: str | float
    ) -> ET.Element:
        """An element in the colour of its role."""
        attribute, field = COLOURS[role]
        colour = {"class": f"gg-{role}", attribute: str(getattr(self.theme, field))}
        written = {
            name.replace("_", "-"): value if isinstance(value, str) else _number(value)
            for name, value in attributes.items()
        }
        return ET.SubElement(parent, tag, colour | written)

    def _describe(self, wire: Wire) -> str:
        """The tooltip of a wire: where it runs, and its numbers with all digits."""
        ends = [_called(self.pieces[wire.source]), _called(self.pieces[wire.target])]
        lines = [" → ".join(filter(None, (ends[0], wire.name, ends[1])))]
        lines.append(f"value {wire.value.exact}")
        if wire.gradient:
            lines.append(f"gradient {wire.gradient.exact} {wire.mark}".rstrip())
        if wire.local:
            lines.append(f"local derivative {wire.local.exact}")
        return "\n".join(lines)


def _raise_superscripts(element: ET.Element) -> None:
    """Write a superscript at the end of a text as a small letter: few fonts have its character."""
    text = element.text or ""
    decomposed = unicodedata.decomposition(text[-1:]).split()
    if decomposed[:1] == ["<super>"]:
        element.text = text[:-1]
        raised = ET.SubElement(element, "tspan", {"dy": "-0.5em", "font-size": "75%"})
        raised.text = chr(int(decomposed[1], 16))


def _called(piece: Piece) -> str:
    if isinstance(piece, Fork):
        return "fork"
    if isinstance(piece, GroupBox):
        return piece.lines[0]
    return piece.gate if isinstance(piece, GateBox) else piece.label or piece.kind


def _group(parent: ET.Element, kind: str, key: str, **facts: str) -> ET.Element:
    attributes = {"class": f"gg-{kind}-group", "data-key": key}
    attributes |= {f"data-{name}": fact for name, fact in facts.items()}
    return ET.SubElement(parent, "g", attributes)


def _curve(points: tuple[tuple[float, float], ...]) -> list[str]:
    """The path commands of a Bézier curve, but for the move to its first point."""
    triples = [points[start : start + 3] for start in range(1, len(points), 3)]
    return ["C" + " ".join(map(_point, triple)) for triple in triples]


def _point(point: tuple[float, float]) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(number: float) -> str:
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _dark_screen_style() -> str:
    # The class of the root keeps the rules out of the rest of a page that holds the drawing.
    rules = [
        f".gategrad-auto .gg-{role} {{ {attribute}: {getattr(DARK, field)} }}"
        for role, (attribute, field) in COLOURS.items()
    ]
    return "@media (prefers-color-scheme: dark) {\n" + "\n".join(rules) + "\n}"
