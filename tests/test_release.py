"""What is released says what it is, in one place, and leaves nothing out."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

import autograd

ROOT = Path(__file__).resolve().parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("file", "pattern"), [("CHANGELOG.md", r"^## (\S+)"), ("CITATION.cff", r"^version: (\S+)$")]
)
def test_version_is_that_of_the_project(file: str, pattern: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    newest = re.search(pattern, text, flags=re.MULTILINE)
    assert newest is not None and newest[1] == PROJECT["project"]["version"]


def test_package_knows_its_version() -> None:
    assert autograd.__version__ == PROJECT["project"]["version"]


def test_version_is_looked_up_when_it_is_asked_for() -> None:
    assert "__version__" not in vars(autograd)


def test_sources_that_are_not_installed_have_no_known_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nothing_installed(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", nothing_installed)
    assert autograd.__version__ == "0+unknown"


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'autograd' has no attribute 'sigmund'"):
        autograd.sigmund  # noqa: B018


def test_all_files_of_the_packages_are_installed() -> None:
    patterns = ["*.py", *PROJECT["tool"]["setuptools"]["package-data"]["*"]]
    if shutil.which("git") is None:
        pytest.skip("there is no git to list the files")
    listed = subprocess.run(
        ["git", "ls-files", "autograd", "nn", "viz"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    # A source distribution that was unpacked in a clone is in a repository, which lists none of it.
    if listed.returncode or not listed.stdout:
        pytest.skip("this is not a clone: git does not list its files")
    files = listed.stdout.split()
    assert len(files) > 200
    left_out = [file for file in files if not any(fnmatch(Path(file).name, p) for p in patterns)]
    assert left_out == []


def test_source_distribution_has_the_files_beside_the_packages() -> None:
    manifest = (ROOT / "MANIFEST.in").read_text(encoding="utf-8").split()
    for path in ROOT.iterdir():
        if path.suffix in (".md", ".cff", ".yml") and path.name != "README.md":
            assert path.name in manifest, path.name


def test_workflows_and_citation_can_be_read() -> None:
    yaml = pytest.importorskip("yaml")
    flows = {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in (ROOT / ".github" / "workflows").glob("*.yml")
    }
    assert set(flows) == {"tests", "release"}
    pythons = flows["tests"]["jobs"]["both-engines"]["strategy"]["matrix"]["python"]
    classifiers = PROJECT["project"]["classifiers"]
    assert pythons == ["3.11", "3.12", "3.13", "3.14", "3.15"]
    assert all(f"Programming Language :: Python :: {python}" in classifiers for python in pythons)
    assert PROJECT["tool"]["cibuildwheel"]["build"].split() == [
        f"cp{python.replace('.', '')}-*" for python in pythons
    ]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["title"], citation["license"]) == ("gategrad", "MIT")


def test_extras_are_named_where_they_are_missing() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    sources = [
        path.read_text(encoding="utf-8")
        for package in ("autograd", "nn", "viz")
        for path in (ROOT / package).rglob("*.py")
    ]
    named = set(re.findall(r"extra=\"(\w+)\"", "\n".join(sources)))
    assert named
    assert named <= set(extras)
