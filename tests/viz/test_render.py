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


def test_picture_is_the_same_with_and_without_a_dot_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    without = draw(-Value(2.0)).svg
    put_dot_on_path(tmp_path, "cat >/dev/null; echo graph 1 2 3", monkeypatch)
    assert draw(-Value(2.0)).svg == without


def test_dot_program_makes_the_layout_where_the_embedded_graphviz_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(dot: str) -> str:
        raise OSError("out of memory")

    put_dot_on_path(tmp_path, "cat >/dev/null; echo graph 1 2 3", monkeypatch)
    monkeypatch.setattr("viz.render.embedded_layout", fail)
    assert lay_out("digraph {}") == "graph 1 2 3\n"


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
