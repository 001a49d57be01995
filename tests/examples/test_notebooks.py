"""The notebooks run from top to bottom, and say what they show."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parent.parent.parent / "examples" / "notebooks"
NOTEBOOKS = ["build", "prove", "show"]
NUMBER = re.compile(r"-?\d+\.\d+")


def outputs_of(notebook: Any) -> list[tuple[str, list[str]]]:
    """Of each output of each cell its text, and the kinds of what it displays."""
    return [
        (output.get("text") or output.data.get("text/plain", ""), sorted(output.get("data", {})))
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]


def test_each_story_has_its_notebook() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NOTEBOOKS


# What runs notebooks is not ours, and warns of this and that.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs_and_finds_what_it_shows(name: str, tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    pytest.importorskip("matplotlib")
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", 4)
    nbformat.validate(notebook)
    kept = outputs_of(notebook)
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
    found = outputs_of(notebook)
    assert [kinds for _, kinds in found] == [kinds for _, kinds in kept]
    for (text, _), (expected, _) in zip(found, kept, strict=True):
        if text.startswith("<Figure"):
            continue
        assert NUMBER.sub("#", text) == NUMBER.sub("#", expected)
        numbers = [float(number) for number in NUMBER.findall(expected)]
        # A training ends elsewhere by a little where sums are added in another order.
        assert [float(n) for n in NUMBER.findall(text)] == pytest.approx(numbers, rel=0.02)
