"""Styles of a drawing, and its formats that are no pictures."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import browser, complaints, open_page, prefer, requests
from lecture_graphs import product_of_a_sum, sigmoid_neuron

import autograd
from autograd import Value
from autograd.errors import FormatError
from viz import Drawing, draw
from viz.style import PAPER

SVG = "{http://www.w3.org/2000/svg}"


def square_and_more() -> Value:
    x = Value(3.0, name="x")
    f = x * x + x
    f.name = "f"
    f.backward()
    return f


def test_records_have_a_box_of_name_data_and_grad_for_each_node() -> None:
    root = ET.fromstring(draw(square_and_more(), style="records").svg)
    records = [
        [text.text for text in group.iter(f"{SVG}text")]
        for group in root.iter(f"{SVG}g")
        if group.find(f"{SVG}rect") is not None and group.get("class") == "gg-wire-group"
    ]
    assert records == [
        ["x", "data 3.00", "grad 7.00"],
        ["data 9.00", "grad 1.00"],
        ["f", "data 12.00", "grad 1.00"],
    ]


def test_branches_of_a_record_have_what_comes_back_along_them() -> None:
    svg = draw(square_and_more(), style="records").svg
    branches = re.findall(r'class="gg-gradient"[^>]*>(?!grad)([^<]*)<', svg)
    assert sorted(branches) == ["1.00", "3.00", "3.00"]


def test_print_is_black_and_white_also_where_the_screen_is_dark() -> None:
    for theme in ("auto", "dark"):
        svg = draw(square_and_more(), style="print", theme=theme).svg  # type: ignore[arg-type]
        assert set(re.findall(r"#[0-9a-f]{6}", svg)) == {PAPER.ink, PAPER.background}
        assert "prefers-color-scheme" not in svg
        assert svg.count("stroke-dasharray") == 6


def test_unknown_style_is_refused() -> None:
    with pytest.raises(FormatError, match="style='fancy' is unknown; pass 'slides' or"):
        draw(Value(1.0), style="fancy")  # type: ignore[arg-type]


def test_json_has_every_digit() -> None:
    x = Value(0.1, name="x")
    f = x + 0.2
    f.backward()
    read = json.loads(draw(f).json)
    assert read["wires"][-1]["value"] == {"shown": "0.30", "exact": 0.30000000000000004}
    assert read["wires"][0]["gradient"]["exact"] == 1.0


def test_mermaid_links_pieces_with_values_and_gradients() -> None:
    assert product_of_a_sum().mermaid.splitlines()[:9] == [
        "flowchart LR",
        '  n0["x"]:::leaf',
        '  n1["y"]:::leaf',
        '  n2(["+"]):::gate',
        '  n3["z"]:::leaf',
        '  n4(["#215;"]):::gate',
        '  out["f"]:::text',
        '  n0 ---|"-2.00<br/>-4.00"| n2',
        '  n1 ---|"5.00<br/>-4.00"| n2',
    ]


def test_graph_of_a_backward_pass_is_drawn_like_any_other() -> None:
    x = Value(2.0, name="x")
    [slope] = autograd.gradients(x * x.exp(), [x], create_graph=True)
    slope.backward()
    drawing = draw(slope)
    assert drawing.circuit.output.value.text == "22.17"
    assert float(drawing.circuit.wires[0].gradient.exact) == pytest.approx(4 * 7.38905609893065)


def test_a_graph_of_one_leaf_and_one_without_numbers_are_drawn() -> None:
    assert "gg-leaf" in draw(Value(1.0, name="x")).svg
    empty = autograd.Tensor([]) * 2.0
    assert "empty" in draw(empty).svg


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def save(drawing: Drawing, path: Path) -> Path:
    return drawing.save(path / "drawing.html")


def test_page_tells_of_what_is_pointed_at(driver: Any, tmp_path: Path) -> None:
    open_page(driver, save(product_of_a_sum(), tmp_path))
    card = driver.find_element("id", "card")
    driver.find_element("css selector", "[data-key=n2]").click()
    assert card.text.split() == [
        "gate",
        "add",
        "formula",
        "x",
        "+",
        "y",
        "value",
        "3",
        "gradient",
        "-4",
    ]
    driver.find_element("css selector", "[data-key=w0] text").click()
    assert " ".join(card.text.split()) == "x → add value -2 gradient -4"
    assert complaints(driver) == [] and requests(driver) == []


def test_page_is_searched_moved_and_enlarged(driver: Any, tmp_path: Path) -> None:
    open_page(driver, save(sigmoid_neuron(), tmp_path))
    search, count = driver.find_element("id", "search"), driver.find_element("id", "count")
    search.send_keys("w")
    assert count.text == "1 / 3"
    search.send_keys("\ue007")
    assert count.text == "2 / 3"
    search.send_keys("2")
    assert driver.find_element("id", "card").text.startswith("leaf w2")

    def view() -> list[float]:
        box = driver.find_element("css selector", ".drawing svg").get_dom_attribute("viewBox")
        return [float(number) for number in box.split()]

    before = view()
    driver.find_element("id", "larger").click()
    assert view()[2] < before[2]
    driver.find_element("id", "drawing").send_keys("-", "\ue014")
    assert view()[2] == pytest.approx(before[2]) and view()[0] > before[0]
    driver.find_element("id", "fit").click()
    assert view() == pytest.approx(before)
    assert complaints(driver) == []


def test_page_speaks_korean_and_fits_a_phone(driver: Any, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(sigmoid_neuron().html(lang="ko"), encoding="utf-8")
    prefer(driver, dark=True)
    open_page(driver, page, width=390, height=844)
    driver.find_element("css selector", "[data-key=n0]").click()
    assert driver.find_element("id", "card").text.startswith("입력 노드 w0")
    size = "const r = document.documentElement; return [r.scrollWidth, r.scrollHeight]"
    assert driver.execute_script(size) == [390, 844]
    with pytest.raises(FormatError, match="lang='fr' is unknown"):
        sigmoid_neuron().html(lang="fr")  # type: ignore[arg-type]
