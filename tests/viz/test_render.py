from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograd import Value
from autograd.errors import RenderError
from viz import draw
from viz.render import lay_out

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")


def put_dot_on_path(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")


def test_installed_dot_program_makes_the_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_dot_on_path(tmp_path, "cat >/dev/null; echo graph 1 2 3", monkeypatch)
    assert lay_out("digraph {}") == "graph 1 2 3\n"


def test_without_a_dot_program_the_embedded_graphviz_makes_the_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert lay_out("digraph { a }").startswith("graph 1")


def test_broken_dot_program_is_replaced_by_the_embedded_graphviz(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_dot_on_path(tmp_path, "echo no plugins >&2; exit 1", monkeypatch)
    assert "-2.00" in draw(-Value(2.0)).svg


def test_failure_of_both_names_both_and_what_they_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_dot_on_path(tmp_path, "echo no plugins >&2; exit 1", monkeypatch)
    with pytest.raises(RenderError, match=r"embedded one said .*parse.*dot program.*'no plugins'"):
        lay_out("digraph {")


def test_threads_can_draw_at_the_same_time() -> None:
    def draw_one(number: int) -> str:
        return draw(Value(float(number)).exp()).svg

    with ThreadPoolExecutor(4) as pool:
        pictures = list(pool.map(draw_one, [1, 2] * 10))
    assert pictures == [draw_one(1), draw_one(2)] * 10
