"""Colours and markers of plots, which readers of every colour vision can tell apart.

Source of the colours: Okabe & Ito, Color Universal Design, 2008. Their yellow is left out, which is
too light for lines, and their black is a grey here, so that it is no ink.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

__all__ = [
    "CLASS_COLORS",
    "DIVERGING",
    "MARKERS",
    "SEQUENTIAL",
    "color_of",
    "colormap",
    "marker_of",
]

CLASS_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#555555")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
"""One more than there are colours, so that 56 classes pass before a pair of them comes again."""
DIVERGING = "RdBu_r"
"""Blue below 0, white at it, red above."""
SEQUENTIAL = "Blues"


def color_of(place: int) -> str:
    """The colour of a class or of a line, by its place."""
    return CLASS_COLORS[place % len(CLASS_COLORS)]


def marker_of(place: int) -> str:
    """The marker of a class, by its place."""
    return MARKERS[place % len(MARKERS)]


def colormap(name: str, missing: str) -> Colormap:
    """A colormap of matplotlib, and the colour of what is not finite."""
    import matplotlib

    return matplotlib.colormaps[name].with_extremes(bad=missing)
