"""The documentation site builds, without a warning, and has every public name."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from docstring_examples import fenced
from public_names import missing

import autograd

ROOT = Path(__file__).resolve().parent.parent
BUILT_ONCE = pytest.mark.skipif(
    autograd.engine == "native",
    reason="it is the same for both engines, and tested with the plain one",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for module in ("mkdocs", "material", "mkdocs_static_i18n", "mkdocstrings"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed; it is in the extra docs")
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    # Strict, as the settings say: each warning, such as one of a broken link, is a failure.
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@BUILT_ONCE
def test_reference_has_every_public_name(site: Path) -> None:
    assert missing(site) == []


@BUILT_ONCE
def test_missing_name_is_told(site: Path, tmp_path: Path) -> None:
    page = tmp_path / "reference" / "viz" / "index.html"
    for original in (site / "reference").glob("*/index.html"):
        copy = tmp_path / original.relative_to(site)
        copy.parent.mkdir(parents=True)
        copy.write_bytes(original.read_bytes())
    page.write_text(page.read_text(encoding="utf-8").replace('id="viz.draw"', ""), "utf-8")
    assert missing(tmp_path) == ["viz.draw is not on the page viz"]


@BUILT_ONCE
def test_both_languages_are_there_and_examples_are_code(site: Path) -> None:
    for language, word in (("", "Backpropagation"), ("ko/", "오차역전파법")):
        page = site / language / "course" / "backpropagation" / "index.html"
        assert word in page.read_text(encoding="utf-8")
    assert not list(site.rglob("*.py"))
    reference = (site / "reference" / "viz" / "index.html").read_text(encoding="utf-8")
    assert '<div class="language-pycon highlight">' in reference


@BUILT_ONCE
def test_pages_ask_the_network_for_nothing(site: Path) -> None:
    for page in (site / "index.html", site / "ko" / "course" / "rnn" / "index.html"):
        text = page.read_text(encoding="utf-8")
        assert 'src="http' not in text
        assert 'rel="stylesheet" href="http' not in text


def test_examples_of_a_docstring_are_fenced_up_to_the_empty_line() -> None:
    text = "A sum.\n\n    >>> 1 + 1\n    2\n\n    More.\n\n    >>> 2"
    assert fenced(text) == (
        "A sum.\n\n    ```pycon\n    >>> 1 + 1\n    2\n    ```\n\n    More.\n\n"
        "    ```pycon\n    >>> 2\n    ```\n"
    )
