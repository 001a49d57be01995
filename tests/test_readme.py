"""The README tells the truth: its examples print what they show, its links lead somewhere."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def examples_that_were_run(text: str) -> int:
    """Run the examples of a page and assert that they print what is shown; how many there were."""
    blocks = re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    # One session, as a reader would type it: later blocks use the names of earlier ones.
    session = doctest.DocTestParser().get_doctest("".join(blocks), {}, "page", None, 0)
    report: list[str] = []
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    results = doctest.DocTestRunner(verbose=False, optionflags=flags).run(
        session, out=report.append
    )
    assert results.failed == 0, "".join(report)
    return results.attempted


def test_examples_run_in_order_and_print_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert examples_that_were_run(README) > 20
    assert (tmp_path / "neuron.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_examples_of_the_page_on_tracing_print_what_is_shown() -> None:
    page = (ROOT / "docs" / "tracing.md").read_text(encoding="utf-8")
    assert examples_that_were_run(page) > 25


def test_examples_of_the_page_on_networks_print_what_is_shown() -> None:
    pytest.importorskip("sklearn")
    page = (ROOT / "docs" / "networks.md").read_text(encoding="utf-8")
    assert examples_that_were_run(page) > 15


@pytest.mark.parametrize("page", ["README.md", "docs/networks.md", "docs/tracing.md"])
def test_linked_files_exist(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_named_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = set(re.findall(r"^make (\w+)", README, flags=re.MULTILINE))
    assert commands == {"demo", "test"}
    assert all(f"\n{command}:" in makefile for command in commands)
