"""README and docs tell the truth: examples print what they show, pictures are theirs, links lead
somewhere."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from page_examples import PAGES, PICTURES, pictures_of, run_examples

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
# Where things are may differ a little from one version of Graphviz to the next.
PLACES = {"cx", "cy", "height", "viewBox", "width", "x", "y", "x1", "x2", "y1", "y2", "points"}
NEAR = 40.0


def assert_alike(drawn: ET.Element, kept: ET.Element, inside: str = "") -> None:
    """The same elements with the same words and numbers, at nearly the same places."""
    where = f"{inside}/{kept.tag.rpartition('}')[2]}"
    assert drawn.tag == kept.tag, where
    assert_same_words(drawn.text or "", kept.text or "", where)
    assert drawn.keys() == kept.keys(), where
    for name, value in kept.items():
        if name not in ("d", "transform"):
            near = NEAR if name in PLACES else None
            assert_same_words(drawn.get(name, ""), value, f"{where} {name}", near)
    assert len(drawn) == len(kept), where
    for child, other in zip(drawn, kept, strict=True):
        assert_alike(child, other, where)


def assert_same_words(drawn: str, kept: str, where: str, near: float | None = None) -> None:
    assert NUMBER.sub("#", drawn) == NUMBER.sub("#", kept), where
    numbers = [float(number) for number in NUMBER.findall(kept)]
    found = [float(number) for number in NUMBER.findall(drawn)]
    assert found == pytest.approx(numbers, abs=near, rel=1e-6), where


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_print_what_is_shown_and_draw_the_pictures(page: Path, tmp_path: Path) -> None:
    if page.name == "networks.md":
        pytest.importorskip("sklearn")
    assert run_examples(page, tmp_path) > 15
    for picture in pictures_of(page):
        drawn, kept = ET.parse(tmp_path / picture).getroot(), ET.parse(PICTURES / picture).getroot()
        # What matplotlib writes is another thing in each of its versions.
        if kept.get("role") == "img":
            assert_alike(drawn, kept)


def test_all_pictures_are_those_of_a_page() -> None:
    kept = {path.relative_to(PICTURES) for path in PICTURES.rglob("*.svg")}
    assert kept == {picture for page in PAGES for picture in pictures_of(page)}


def test_every_page_with_examples_has_them_run() -> None:
    pages = {ROOT / "README.md", *(ROOT / "docs").glob("*.md")}
    assert {page for page in pages if ">>> " in page.read_text(encoding="utf-8")} == set(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_linked_files_exist(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    links = [link for link in links if "://" not in link]
    assert links
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_named_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = set(re.findall(r"^make (\w+)", README, flags=re.MULTILINE))
    assert commands == {"demo", "test"}
    assert all(f"\n{command}:" in makefile for command in commands)
