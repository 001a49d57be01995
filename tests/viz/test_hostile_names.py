"""Names are text: whatever they hold, no file breaks and nothing runs."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import browser, complaints, open_page, requests
from hostile_names import HOSTILE_NAMES

from autograd import Value
from viz import Drawing, draw, steps
from viz.render import lay_out

NODE = re.compile(r'[a-z]+\d*(_\d+)?(\[|\(\[|\(|\(\()"[^"]*"(\]|\]\)|\)|\)\)):::[a-z]+')
LINK = re.compile(r'[a-z]+\d*(_\d+)? ---\|"[^"]*"\| [a-z]+\d*')


def drawing_of(names: list[str]) -> Drawing:
    """One graph in which each of these is the name of a leaf and of an inner node."""
    total = Value(0.0)
    for name in names:
        product = Value(1.0, name=name) * 2.0
        product.name = name
        total = total + product
    total.backward()
    return draw(total, title=names[0], limit=None)


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    return drawing_of(HOSTILE_NAMES)


def test_there_are_two_hundred_of_them() -> None:
    assert len(HOSTILE_NAMES) >= 200


def test_svg_is_well_formed_and_has_nothing_but_shapes_and_texts(drawing: Drawing) -> None:
    root = ET.fromstring(drawing.svg)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    shapes = {"svg", "style", "rect", "g", "title", "path", "text", "tspan", "circle"}
    assert tags <= shapes
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on") or "href" in name]


def test_dot_has_the_nodes_that_it_would_have_with_plain_names(drawing: Drawing) -> None:
    plain = drawing_of([f"w{number}" for number in range(len(HOSTILE_NAMES))])

    def nodes(dot: str) -> list[str]:
        return [line.split(" ")[1] for line in lay_out(dot).splitlines() if line[:5] == "node "]

    assert nodes(drawing.dot) == nodes(plain.dot)


def test_json_is_read_back_with_as_many_pieces_and_wires(drawing: Drawing) -> None:
    read = json.loads(drawing.json)
    assert len(read["pieces"]) == len(drawing.circuit.pieces)
    assert len(read["wires"]) == len(drawing.circuit.wires)


def test_mermaid_has_one_statement_a_line_and_no_sign_of_its_syntax_in_labels(
    drawing: Drawing,
) -> None:
    _, title, _, kind, *lines = drawing.mermaid.splitlines()
    assert title.startswith('title: "') and kind == "flowchart LR"
    statements = [line.strip() for line in lines if "classDef" not in line]
    assert len(statements) == len(drawing.circuit.pieces) + len(drawing.circuit.wires)
    for statement in statements:
        assert NODE.fullmatch(statement) or LINK.fullmatch(statement), statement


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def test_pages_show_hostile_names_and_run_none(
    driver: Any, drawing: Drawing, tmp_path: Path
) -> None:
    leaves = [Value(1.0, name=name) for name in HOSTILE_NAMES]
    total = leaves[0]
    for leaf in leaves[1:]:
        total = total + leaf
    pages = [drawing.save(tmp_path / "drawing.html"), steps(total).save(tmp_path / "steps.html")]
    pages.append(tmp_path / "bare.svg")
    pages[-1].write_text(drawing.svg, encoding="utf-8")
    for page in pages:
        open_page(driver, page)
        assert complaints(driver) == []
        assert requests(driver) == []
        assert driver.execute_script("return window.run") is None
        found = "return document.querySelectorAll('script, iframe, img, a, object').length"
        own_scripts = 2 if page.suffix == ".html" else 0
        assert driver.execute_script(found) == own_scripts
    open_page(driver, pages[0])
    for element in driver.find_elements("css selector", ".gg-leaf-group")[:30]:
        driver.execute_script(
            "arguments[0].dispatchEvent(new PointerEvent('pointerover', {bubbles: true}))", element
        )
    assert driver.execute_script("return window.run") is None and complaints(driver) == []
