"""What is written on wires: local derivatives, what is left out, and what is remarkable."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from autograd import Tensor, Value
from autograd.errors import SettingError
from viz import draw
from viz.style import LIGHT


def product() -> Value:
    x, y = Value(-2.0, name="x"), Value(3.0, name="y")
    f = x * y
    f.backward()
    return f


def test_local_derivatives_stand_at_the_wires_of_their_operands() -> None:
    f = product()
    seen = {wire.source: wire.below for wire in draw(f, show=["gradient", "local"]).circuit.wires}
    assert seen == {"n0": ("3.00", "∂ 3.00"), "n1": ("-2.00", "∂ -2.00"), "n2": ("1.00",)}
    assert "∂ -2.00" in draw(f, show=["local"]).svg


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_what_is_not_shown_is_left_out_and_stays_in_the_tooltip(
    direction: Any, wires_of: Any
) -> None:
    drawing = draw(product(), show=["gradient"], direction=direction)
    assert {(wire.value, wire.gradient) for wire in wires_of(drawing)} == {
        ("", "3.00"), ("", "-2.00"), ("", "1.00"),
    }  # fmt: skip
    assert all("value" in wire.tooltip for wire in wires_of(drawing))
    nothing = draw(product(), show=[], direction=direction)
    assert {(wire.value, wire.gradient) for wire in wires_of(nothing)} == {("", "")}


def test_arrays_have_no_local_derivative_that_is_a_number() -> None:
    y = Tensor([1.0, 2.0]).exp().sum()
    y.backward()
    assert all(wire.local is None for wire in draw(y, show=["local"]).circuit.wires)


@pytest.mark.parametrize(
    ("factor", "mark", "shown"),
    [
        (1e-9, "vanished", "1.0e-9 vanished"),
        (1e9, "exploded", "1.0e9 exploded"),
        (float("inf"), "not finite", "inf"),
        (0.0, "", "0.00"),
        (0.5, "", "0.50"),
    ],
)
def test_a_remarkable_gradient_is_marked(factor: float, mark: str, shown: str) -> None:
    f = Value(1.0, name="x") * factor
    f.backward()
    drawing = draw(f)
    [wire] = [wire for wire in drawing.circuit.wires if wire.source == "n0"]
    assert (wire.mark, wire.below) == (mark, (shown,))
    assert (f'data-mark="{mark}"' in drawing.svg) == bool(mark)


def test_the_sizes_that_are_marked_can_be_chosen() -> None:
    f = Value(1.0) * 0.01
    f.backward()
    assert "vanished" in [wire.mark for wire in draw(f, vanished=0.1).circuit.wires]
    assert "exploded" in [wire.mark for wire in draw(f, exploded=0.5).circuit.wires]


def test_the_larger_a_gradient_the_thicker_its_line() -> None:
    x = Value(1.0)
    f = (x * 0.001) * 0.1 + x * 0.0
    f.backward()
    weights = [wire.weight for wire in draw(f, weigh=True).circuit.wires if wire.gradient]
    sizes = [abs(float(w.gradient.exact)) for w in draw(f).circuit.wires if w.gradient]
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    assert [weights[i] for i in order] == sorted(weights)
    assert max(weights) == 2.6
    shades = [wire.shade for wire in draw(f, weigh="color").circuit.wires if wire.gradient]
    assert [shades[i] for i in order] == sorted(shades)
    assert max(shades) == 1.0 and min(shades) > 0.1
    assert all((wire.weight, wire.shade) == (1.0, None) for wire in draw(f).circuit.wires)


@pytest.mark.parametrize("style", ["slides", "records", "print"])
def test_lines_have_the_more_of_the_gradients_colour_the_larger_it_is(style: Any) -> None:
    f = Value(1.0, name="x") * 0.001
    f.backward()
    root = ET.fromstring(draw(f, weigh="color", style=style, theme="light").svg)
    lines = root.findall(".//*[@class='gg-shaded']")
    colour = "#000000" if style == "print" else LIGHT.gradient
    assert {line.get("stroke") for line in lines} == {colour}
    assert len({line.get("stroke-opacity") for line in lines}) > 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"show": ["values"]}, "show has 'values'; it is made of 'value', 'gradient', 'local'"),
        ({"weigh": "colour"}, "weigh is 'colour'; pass 'width', 'color', True or False"),
        ({"vanished": 2.0, "exploded": 1.0}, r"vanished is 2\.0 and exploded 1\.0"),
    ],
)
def test_what_cannot_be_shown_is_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        draw(product(), **settings)
