from __future__ import annotations

import math
import re
import unicodedata
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
import ttf_opensans
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, exp, tanh
from autograd.errors import GradientMismatch
from autograd.gate import TABLE
from autograd.testing import check_gradients
from viz import Drawing, draw
from viz.dot import Direction
from viz.layout import parse_layout
from viz.render import lay_out
from viz.style import DARK, LIGHT, Theme

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ET.fromstring(svg).iter(f"{SVG}text")]


def line_heights(group: ET.Element) -> dict[str, float]:
    """The baselines of a wire's texts, and the height of the line in its middle."""
    places = {text.get("class", ""): float(text.get("y", "")) for text in group.iter(f"{SVG}text")}
    path = group.find(f"{SVG}path")
    assert path is not None
    through = re.search(r"L[-\d.]+ ([-\d.]+)C", path.get("d", "").partition("C")[2])
    turned = re.fullmatch(r"scale\(72 (-72)\)", path.get("transform", ""))
    assert through is not None and turned is not None
    return places | {"line": float(turned[1]) * float(through[1])}


def test_value_is_above_and_gradient_below_the_line() -> None:
    x = Value(3.0, name="x")
    f = exp(x * 2.0)
    f.backward()
    for group in ET.fromstring(draw(f).svg).iter(f"{SVG}g"):
        if group.get("class") != "gg-wire-group":
            continue
        heights = line_heights(group)
        assert heights["gg-value"] < heights["line"]
        assert heights.get("gg-gradient", math.inf) > heights["line"] + 5


def test_drawn_from_top_to_bottom_values_are_left_of_their_gradients() -> None:
    f = Value(3.0).exp()
    f.backward()
    root = ET.fromstring(draw(f, direction="TB").svg)
    for group in root.iter(f"{SVG}g"):
        anchors = {text.get("class"): text for text in group.iter(f"{SVG}text")}
        if "gg-gradient" in anchors:
            value, gradient = anchors["gg-value"], anchors["gg-gradient"]
            assert float(value.get("x", "")) < float(gradient.get("x", ""))
            assert value.get("text-anchor") == "end"


def test_wires_have_all_digits_in_their_tooltips(wires_of: Any) -> None:
    x, y = Value(0.1, name="x"), Value(0.2, name="y")
    total = x + y
    total.backward()
    tooltips = [wire.tooltip for wire in wires_of(draw(total, names={"total": total}))]
    assert tooltips[0] == "x → add\nvalue 0.1\ngradient 1.0"
    assert tooltips[-1] == "add → total\nvalue 0.30000000000000004\ngradient 1.0"


def test_drawing_without_backward_says_so_in_words() -> None:
    svg = draw(Value(2.0) * 3.0).svg
    assert "values only: backward() has not run" in texts(svg)
    assert "gg-gradient" not in re.sub(r"<style>.*?</style>", "", svg, flags=re.DOTALL)


def test_tiny_gradient_is_not_shown_as_zero(numbers_of: Any) -> None:
    x = Value(1.0, name="x")
    f = x * 1.2e-7
    f.backward()
    assert numbers_of(draw(f))["x"] == ("1.00", "1.2e-7")


def test_what_is_not_finite_is_shown_by_its_name(numbers_of: Any) -> None:
    x = Value(math.inf, name="x")
    f = x * Value(0.0, name="y")
    f.backward()
    assert numbers_of(draw(f)) == {
        "x": ("inf", "0.00"),
        "y": ("0.00", "inf"),
        "×": ("nan", "1.00"),
    }


def test_superscript_of_a_symbol_is_written_with_a_plain_letter() -> None:
    assert "xy" in [text.strip() for text in texts(draw(Value(3.0) ** 2).svg)]


def test_picture_says_what_it_is_to_screen_readers() -> None:
    root = ET.fromstring(draw(Value(3.0).exp() * 2.0, title="Twice").svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Twice: a graph of 2 gates; output 40.17"


def test_auto_theme_turns_dark_with_the_screen_and_others_do_not() -> None:
    node = Value(1.0).exp()
    assert "prefers-color-scheme: dark" in draw(node).svg
    assert "<style" not in draw(node, theme="light").svg
    dark = draw(node, theme="dark").svg
    assert DARK.background in dark
    assert LIGHT.value not in dark


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_any_name_gives_well_formed_xml_without_new_elements(name: str) -> None:
    x = Value(1.0, name=name)
    root = ET.fromstring(draw(exp(x), title=name).svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "style", "rect", "g", "title", "path", "text", "tspan", "circle")
    }


def test_nasty_name_is_shown_as_it_is() -> None:
    name = '<a href="#">&\\N{x|y}'
    assert name in texts(draw(Value(1.0, name=name)).svg)


def boxes_of(drawing: Drawing) -> list[tuple[float, float, float, float]]:
    layout = parse_layout(lay_out(drawing.dot))
    return [
        (b.x - b.width / 2, b.x + b.width / 2, b.y - b.height / 2, b.y + b.height / 2)
        for b in layout.boxes.values()
    ]


def net(direction: Direction) -> Drawing:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(16, 4))
    w1, w2 = Tensor(rng.normal(size=(4, 8)), name="w1"), Tensor(rng.normal(size=(8, 3)), name="w2")
    hidden = tanh(x @ w1 + Tensor(np.zeros(8), name="b1"))
    loss = ((hidden @ w2) ** 2).mean() + 0.01 * ((w1 * w1).sum() + (w2 * w2).sum())
    loss.backward()
    return draw(loss, names=locals(), direction=direction)


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_nothing_overlaps_in_a_net_of_two_layers(direction: Direction) -> None:
    boxes = boxes_of(net(direction))
    for index, (left, right, top, bottom) in enumerate(boxes):
        for other in boxes[:index]:
            apart = right <= other[0] or other[1] <= left or bottom <= other[2] or other[3] <= top
            assert apart


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("colour", ["ink", "muted", "value", "gradient"])
def test_texts_are_legible_on_their_background(theme: Theme, colour: str) -> None:
    low, high = sorted([luminance(getattr(theme, colour)), luminance(theme.background)])
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_symbol_of_every_gate_is_in_the_font_of_the_pictures() -> None:
    fonts = pytest.importorskip("fontTools.ttLib", reason="reads the font's table of characters")
    characters = fonts.TTFont(ttf_opensans.OPENSANS_REGULAR.path).getBestCmap()
    array_gates = [gate for gate in vars(autograd.array_gates).values() if is_array_gate(gate)]
    for gate in [*TABLE, *array_gates]:
        decomposed = unicodedata.decomposition(gate.symbol[-1:]).split()
        # A superscript at the end is drawn as a small letter.
        shown = gate.symbol[:-1] if decomposed[:1] == ["<super>"] else gate.symbol
        assert all(ord(character) in characters for character in shown), gate


def is_array_gate(thing: object) -> bool:
    return isinstance(thing, autograd.ArrayGate)


def test_a_gate_to_blame_is_told_from_others_by_more_than_its_colour() -> None:
    wrong = autograd.custom_gate(vjp=lambda g, out, x: g * x, name="half")(lambda x: x * x)
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(lambda x: np.tanh(wrong(x)), np.array([1.0, 2.0]))
    drawing = draw(caught.value)
    outlines = {
        group.get("data-gate"): group.find(f"{SVG}rect")
        for group in ET.fromstring(drawing.svg).iter(f"{SVG}g")
        if group.get("class") == "gg-gate-group"
    }
    assert outlines["half"].get("stroke") == LIGHT.blamed_line
    assert float(outlines["half"].get("stroke-width")) > 2 * float(
        outlines["tanh"].get("stroke-width")
    )
    assert "the derivative of the gate half, marked, is wrong" in texts(drawing.svg)
    assert LIGHT.blamed_line in drawing.dot
