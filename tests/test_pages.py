"""README and docs tell the truth: examples print what they show, pictures are theirs, links lead
somewhere, translations have the code of their originals."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from example_runs import PICTURES as EXAMPLE_PICTURES
from example_runs import RUNS
from gate_table import PAGE as GATES
from gate_table import page as gate_page
from page_examples import (
    PAGES,
    PICTURES,
    TRANSLATIONS,
    original_of,
    pictures_of,
    run_examples,
    with_code_of,
)
from rooms import PICTURE as ROOMS

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


EVERY_PAGE = [ROOT / "README.md", ROOT / "README.ko.md", *sorted((ROOT / "docs").rglob("*.md"))]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_examples_print_what_is_shown_and_draw_the_pictures(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if "load_dataset" in text:
        pytest.importorskip("sklearn")
    if "save_figure" in text:
        pytest.importorskip("matplotlib")
    assert run_examples(page, tmp_path) > 5
    for picture in pictures_of(page):
        drawn, kept = ET.parse(tmp_path / picture).getroot(), ET.parse(PICTURES / picture).getroot()
        # What matplotlib writes is another thing in each of its versions.
        if kept.get("role") == "img":
            assert_alike(drawn, kept)


@pytest.mark.parametrize("story", ["Build", "Show", "Prove", "Differentiate", "Trace"])
def test_each_story_of_the_readme_stands_by_itself(story: str, tmp_path: Path) -> None:
    [part] = [part for part in README.split("\n## ") if part.startswith(f"{story}\n")]
    page = tmp_path / "story.md"
    page.write_text(part, encoding="utf-8")
    assert run_examples(page, tmp_path) > 5


def test_all_pictures_are_those_of_a_page() -> None:
    kept = {path for path in PICTURES.rglob("*") if path.is_file()}
    shown = {PICTURES / picture for page in EVERY_PAGE for picture in pictures_of(page)}
    assert kept == shown
    drawn = {PICTURES / picture for page in PAGES for picture in pictures_of(page)}
    assert kept - drawn == {ROOMS, *(EXAMPLE_PICTURES / run.picture for run in RUNS)}


def test_every_block_of_python_is_run() -> None:
    for page in EVERY_PAGE:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"^```(?:python|py|pycon)\n(.*?)^```$", text, flags=re.M | re.S)
        assert all(block.startswith(">>> ") for block in blocks), page
        assert not blocks or page in PAGES or page in TRANSLATIONS, page


@pytest.mark.parametrize("translation", TRANSLATIONS, ids=name_of)
def test_translations_have_the_code_and_the_pictures_of_their_originals(translation: Path) -> None:
    original = original_of(translation)
    assert with_code_of(original, translation) == translation.read_text(encoding="utf-8")
    assert pictures_of(translation) == pictures_of(original)


def test_chapters_and_the_start_are_translated() -> None:
    course = ROOT / "docs" / "course"
    chapters = {page for page in course.glob("*.md") if ".ko" not in page.suffixes}
    assert len(chapters) == 14
    originals = {original_of(translation) for translation in TRANSLATIONS}
    assert originals == {*chapters, ROOT / "docs" / "index.md", ROOT / "README.md"}


@pytest.mark.parametrize("page", EVERY_PAGE, ids=name_of)
def test_linked_files_exist(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    links = [link for link in links if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_table_of_gates_is_up_to_date() -> None:
    assert GATES.read_text(encoding="utf-8") == gate_page()


def test_recorded_examples_are_all_that_there_are() -> None:
    text = (ROOT / "docs" / "examples.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)", text, flags=re.M) == [run.title for run in RUNS]
    examples = {path.stem for path in (ROOT / "examples").glob("*.py")} - {"example", "digits"}
    assert {run.command.split()[0] for run in RUNS} == examples


def test_named_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = set(re.findall(r"^make (\w+)", README, flags=re.MULTILINE))
    assert commands == {"demo", "test"}
    assert all(f"\n{command}:" in makefile for command in commands)
