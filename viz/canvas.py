"""The elements of an SVG, in the colours of a theme, written as text one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .layout import Box
from .markup import attributes, escaped, spans
from .style import DARK, METRICS, Theme

__all__ = ["Canvas", "dark_rules"]

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
    "arrow": ("stroke", "gradient"),
    "gate": ("fill", "gate_fill"),
    "gate-line": ("stroke", "gate_line"),
    "blamed": ("fill", "blamed_fill"),
    "blamed-line": ("stroke", "blamed_line"),
    "leaf": ("fill", "leaf_fill"),
    "leaf-line": ("stroke", "leaf_line"),
}
"""For each class of elements the attribute that has its colour, and that colour's theme field."""


class Canvas:
    """Collects elements in the order in which they are painted."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._colours = {
            role: f' class="gg-{role}" {attribute}="{getattr(theme, field)}"'
            for role, (attribute, field) in COLOURS.items()
        }
        """Of each role the class and the colour."""
        self._texts: dict[tuple[str, float, str, bool], str] = {}
        """The beginnings of text elements, by what they have in common."""
        self.lines: list[str] = []

    def outlined(self, role: str, box: Box, corner: float, line: float = METRICS.line) -> None:
        """A rectangle with round corners."""
        fill = getattr(self._theme, COLOURS[role][1])
        stroke = getattr(self._theme, COLOURS[f"{role}-line"][1])
        self.lines.append(
            f'  <rect class="gg-{role} gg-{role}-line" fill="{fill}" stroke="{stroke}" '
            f'stroke-width="{line:.1f}" x="{box.x - box.width / 2:.1f}" '
            f'y="{box.y - box.height / 2:.1f}" width="{box.width:.1f}" '
            f'height="{box.height:.1f}" rx="{corner:.1f}" />'
        )

    def line(self, role: str, path: str, width: float, look: str = "") -> None:
        """A line along the commands of a path."""
        self.lines.append(
            f'  <path{self._colours[role]} d="{path}" fill="none" '
            f'stroke-width="{width:.1f}"{look} />'
        )

    def text(
        self,
        role: str,
        x: float,
        y: float,
        text: str,
        size: float,
        anchor: str = "middle",
        *,
        bold: bool = False,
        content: str = "",
    ) -> None:
        """One line of text whose middle has the height ``y``."""
        look = (role, size, anchor, bold)
        begin = self._texts.get(look)
        if begin is None:
            facts: dict[str, str | float] = {"font-size": size, "text-anchor": anchor}
            facts |= {"font-weight": "600"} if bold else {}
            begin = self._texts[look] = f"  <text{self._colours[role]}{attributes(facts)}"
        baseline = y + BASELINE * size
        self.lines.append(f'{begin} x="{x:.1f}" y="{baseline:.1f}">{content or spans(text)}</text>')

    def open(
        self, kind: str, key: str, tooltip: str = "", facts: Mapping[str, str] | None = None
    ) -> None:
        """Begin the group of elements that show one thing."""
        data = ""
        if facts:
            data = "".join([f' data-{name}="{escaped(fact)}"' for name, fact in facts.items()])
        self.lines.append(f' <g class="gg-{kind}-group" data-key="{key}"{data}>')
        if tooltip:
            self.lines.append(f"  <title>{escaped(tooltip)}</title>")

    def close(self) -> None:
        """End the group."""
        self.lines.append(" </g>")

    def filled(self, tag: str, role: str, facts: dict[str, str | float]) -> None:
        """An element without an outline."""
        self.lines.append(f"  <{tag}{self._colours[role]}{attributes(facts)} />")


def dark_rules(scope: str) -> Iterable[str]:
    """The rules of a style sheet that make a light drawing within ``scope`` dark."""
    for role, (attribute, field) in COLOURS.items():
        yield f"{scope} .gg-{role} {{ {attribute}: {getattr(DARK, field)} }}"
