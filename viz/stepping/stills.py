"""A step as a picture: what has not come yet is left out, and the formulas stand below."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from ..markup import number as pixels
from ..pages import Language
from ..style import METRICS, text_width
from .frames import Frame
from .texts import heading

__all__ = ["still"]

NAMESPACE = "http://www.w3.org/2000/svg"
SVG = f"{{{NAMESPACE}}}"
MOST_LINES = 6


def still(svg: str, frames: Sequence[Frame], number: int, language: Language) -> str:
    """The picture of a step.

    Args:
        svg: the drawing of the whole graph, in colours that do not follow the screen.
        frames: all steps.
        number: which of them, from 1 on.
        language: of the caption.
    """
    ET.register_namespace("", NAMESPACE)
    root = ET.fromstring(svg)
    frame, so_far = frames[number - 1], frames[:number]
    known = {
        "gg-value": {key for each in so_far for key in each.values},
        "gg-gradient": {key for each in so_far for key in each.gradients},
    }
    for group in root.iter(f"{SVG}g"):
        key = group.get("data-key", "")
        for text in list(group.findall(f"{SVG}text")):
            shown = known.get(text.get("class", ""))
            if shown is not None and key not in shown:
                group.remove(text)
        if key in frame.lit:
            _light(group)
    lines = min(MOST_LINES, max(len(each.lines) for each in frames))
    _add_caption(root, frame, lines, language)
    return ET.tostring(root, encoding="unicode") + "\n"


def _light(group: ET.Element) -> None:
    for shape in group:
        if shape.get("stroke") is not None:
            shape.set("stroke-width", f"{2.4 * float(shape.get('stroke-width', '1')):.5g}")
        if shape.tag == f"{SVG}text":
            shape.set("font-weight", "700")


def _add_caption(root: ET.Element, frame: Frame, most: int, language: Language) -> None:
    """Write what a step says below the picture, which becomes as high as for `most` lines."""
    lines = list(frame.lines)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], "…"]
    left, top, width, height = map(float, root.get("viewBox", "").split())
    sizes = [METRICS.title, *[METRICS.name] * len(lines)]
    texts = [heading(frame, language), *lines]
    ink = next((e.get("fill", "") for e in root.iter() if e.get("class") == "gg-ink"), "black")
    wide = max(text_width(text, size) for text, size in zip(texts, sizes, strict=True))
    width = max(width, wide + 2 * METRICS.margin)
    y = top + height
    # As high for every step, so that the pictures can be played one after the other.
    height += 1.5 * METRICS.row * (most + 1)
    frame_box = root.find(f"{SVG}rect")
    for element in (root, frame_box):
        assert element is not None
        element.set("width", pixels(width))
        element.set("height", pixels(height))
    root.set("viewBox", " ".join(map(pixels, (left, top, width, height))))
    for text, size in zip(texts, sizes, strict=True):
        y += 1.5 * METRICS.row
        place = {"x": pixels(left + METRICS.margin), "y": pixels(y), "font-size": pixels(size)}
        ET.SubElement(root, f"{SVG}text", place | {"fill": ink}).text = text
