"""The elements of an SVG, in the colours of a theme, written as text one after the other."""

from __future__ import annotations

from collections.abc import Iterable

from .layout import PIXELS_PER_INCH, Box
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
    "shaded": ("stroke", "gradient"),
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

FROM_LAYOUT = f' transform="scale({PIXELS_PER_INCH:g} -{PIXELS_PER_INCH:g})"'
OUTLINED = ("gate", "blamed", "leaf")


class Canvas:
    """Collects elements in the order in which they are painted."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._colours = {
            role: f' class="gg-{role}" {attribute}="{getattr(theme, field)}"'
            for role, (attribute, field) in COLOURS.items()
        }
        """Of each role the class and the colour."""
        self._outlines = {
            role: f' class="gg-{role} gg-{role}-line" fill="{getattr(theme, COLOURS[role][1])}" '
            f'stroke="{getattr(theme, COLOURS[f"{role}-line"][1])}"'
            for role in OUTLINED
        }
        """Of each outlined role both classes and colours."""
        self._texts: dict[tuple[str, float, str, bool], str] = {}
        """The beginnings of text elements, by what they have in common."""
        self.lines: list[str] = []

    def outlined(self, role: str, box: Box, corner: float, line: float = METRICS.line) -> None:
        """A rectangle with round corners."""
        x, y, width, height = box
        place = (x - width / 2, y - height / 2, width, height, corner)
        self.lines.append(
            f'  <rect{self._outlines[role]} stroke-width="{line:.1f}" '
            'x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="%.1f" />' % place
        )

    def line(self, role: str, path: str, width: float, look: str = "") -> None:
        """A line along the commands of a path."""
        self.lines.append(
            f'  <path{self._colours[role]} d="{path}" fill="none" '
            f'stroke-width="{width:.1f}"{look} />'
        )

    def laid_out_line(self, role: str, path: str, width: float, look: str = "") -> None:
        """A line along the commands of a path in the unit of the layout, y growing upwards."""
        width /= PIXELS_PER_INCH
        self.lines.append(
            f'  <path{self._colours[role]}{FROM_LAYOUT} d="{path}" fill="none" '
            f'stroke-width="{width:.5f}"{look} />'
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

    def open(self, kind: str, key: str, tooltip: str = "", data: str = "") -> None:
        """Begin the group of elements that show one thing; ``data`` are further attributes."""
        title = f"\n  <title>{escaped(tooltip)}</title>" if tooltip else ""
        self.lines.append(f' <g class="gg-{kind}-group" data-key="{key}"{data}>{title}')

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
