"""Reading drawings back: what the tests assert is what a person would see."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from viz import Drawing

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class SeenWire:
    """One wire of an SVG: the labels of its two ends, and its texts, found by their colours."""

    source: str
    target: str
    role: str
    heading: str
    value: str
    gradient: str
    tooltip: str


def see_wires(drawing: Drawing) -> list[SeenWire]:
    root = ET.fromstring(drawing.svg)
    groups = {group.get("data-key"): group for group in root.iter(f"{SVG}g")}
    return [_see(group, groups) for group in groups.values() if "wire" in group.get("class", "")]


def _see(group: ET.Element, groups: dict[str | None, ET.Element]) -> SeenWire:
    texts = {"value": "", "gradient": "", "ink": "", "muted": ""}
    for text in group.iter(f"{SVG}text"):
        texts[text.get("class", "").removeprefix("gg-")] = "".join(text.itertext())
    return SeenWire(
        source=_label_of(groups.get(group.get("data-source"))),
        target=_label_of(groups.get(group.get("data-target"))),
        role=group.get("data-role", ""),
        heading=texts["ink"] or texts["muted"],
        value=texts["value"],
        gradient=texts["gradient"],
        tooltip=group.findtext(f"{SVG}title") or "",
    )


def _label_of(group: ET.Element | None) -> str:
    if group is None:
        return ""
    if group.get("class") == "gg-fork-group":
        return "fork"
    text = group.find(f"{SVG}text")
    return "" if text is None else "".join(text.itertext()).strip()


@pytest.fixture
def wires_of() -> Callable[[Drawing], list[SeenWire]]:
    return see_wires


@pytest.fixture
def numbers_of() -> Callable[[Drawing], dict[str, tuple[str, str]]]:
    """The value and the gradient on the wire of each leaf, by the leaf's name."""

    def numbers(drawing: Drawing) -> dict[str, tuple[str, str]]:
        return {wire.source: (wire.value, wire.gradient) for wire in see_wires(drawing)}

    return numbers
