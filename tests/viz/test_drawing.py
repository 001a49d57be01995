from __future__ import annotations

import gc
import os
import re
import stat
import struct
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from autograd.errors import FormatError, MissingExtraError, RenderError
from viz import Drawing, draw


@pytest.fixture
def drawing() -> Drawing:
    x = Value(3.0, name="x")
    y = x * x + x
    y.backward()
    return draw(y)


def test_saved_svg_is_the_svg(drawing: Drawing, tmp_path: Path) -> None:
    path = drawing.save(tmp_path / "graph.svg")
    assert path == tmp_path / "graph.svg"
    assert path.read_text(encoding="utf-8") == drawing.svg
    ET.parse(path)


def test_saved_dot_is_the_dot(drawing: Drawing, tmp_path: Path) -> None:
    assert drawing.save(str(tmp_path / "graph.dot")).read_text(encoding="utf-8") == drawing.dot


def test_saved_png_has_the_size_of_the_svg_times_the_scale(
    drawing: Drawing, tmp_path: Path
) -> None:
    path = drawing.save(tmp_path / "GRAPH.PNG", scale=3)
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    root = ET.fromstring(drawing.svg)
    assert (width, height) == (3 * int(root.get("width", "")), 3 * int(root.get("height", "")))


def test_png_has_text() -> None:
    # Without a font nothing is drawn where text should be, and nothing complains.
    one, eight = draw(Value(1.0)).png(), draw(Value(8.0)).png()
    assert one != eight


def test_saved_pdf_is_a_pdf(drawing: Drawing, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    assert drawing.save(tmp_path / "graph.pdf").read_bytes().startswith(b"%PDF")


def test_pdf_without_its_package_names_the_extra_and_leaves_no_file(
    drawing: Drawing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(MissingExtraError, match=r"vl-convert-python; pip install .gategrad\[pdf\]"):
        drawing.save(tmp_path / "graph.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [("graph.gif", "the format .gif is unknown"), ("graph", "the name has no suffix")],
)
def test_unknown_suffix_is_named_with_those_that_are_known(
    drawing: Drawing, tmp_path: Path, name: str, said: str
) -> None:
    with pytest.raises(FormatError, match=re.escape(f"{name}: {said}; end the name in .svg, .png")):
        drawing.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_missing_folder_is_named_with_the_way_out(drawing: Drawing, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*absent; .*mkdir"):
        drawing.save(tmp_path / "absent" / "graph.svg")


def test_folder_in_place_of_a_file_is_named(drawing: Drawing, tmp_path: Path) -> None:
    (tmp_path / "graph.svg").mkdir()
    with pytest.raises(IsADirectoryError, match=r"graph\.svg: it is a folder"):
        drawing.save(tmp_path / "graph.svg")


def test_failed_write_keeps_the_old_file_and_leaves_nothing_else(
    drawing: Drawing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "graph.svg"
    path.write_text("old")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("autograd.saving.os.replace", refuse)
    with pytest.raises(PermissionError, match=r"cannot save .*graph\.svg: Permission denied; save"):
        drawing.save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["graph.svg"]
    assert path.read_text() == "old"


def test_failed_rendering_leaves_no_file(
    drawing: Drawing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> bytes:
        raise ValueError("out of ink")

    monkeypatch.setattr("resvg_py.svg_to_bytes", fail)
    with pytest.raises(RenderError, match=r"resvg could not draw the PNG.*out of ink"):
        drawing.save(tmp_path / "graph.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_link_stays_a_link_when_its_target_is_saved_anew(drawing: Drawing, tmp_path: Path) -> None:
    (tmp_path / "real.svg").write_text("old")
    link = tmp_path / "link.svg"
    link.symlink_to("real.svg")
    drawing.save(link)
    assert link.is_symlink()
    assert (tmp_path / "real.svg").read_text(encoding="utf-8") == drawing.svg


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
def test_saved_file_has_the_permissions_of_an_ordinary_file(
    drawing: Drawing, tmp_path: Path
) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    saved = drawing.save(tmp_path / "graph.svg")
    assert stat.S_IMODE(saved.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf"), "2"])
def test_impossible_scale_is_refused_by_its_value(drawing: Drawing, scale: Any) -> None:
    with pytest.raises(FormatError, match=f"scale={scale!r} is not a positive number"):
        drawing.png(scale)


def test_notebook_shows_the_svg(drawing: Drawing) -> None:
    assert drawing._repr_svg_() == drawing.svg


def test_repr_says_how_large_the_graph_is_and_what_comes_out(drawing: Drawing) -> None:
    assert repr(drawing) == "<Drawing of 2 gates, output 12.00>"


@pytest.mark.parametrize(
    ("argument", "choice", "choices"),
    [("direction", "RL", "'LR' or 'TB'"), ("theme", "pink", "'auto' or 'light' or 'dark'")],
)
def test_unknown_choice_is_named_with_those_that_are_known(
    argument: str, choice: str, choices: str
) -> None:
    with pytest.raises(FormatError, match=f"{argument}='{choice}' is unknown; pass {choices}"):
        draw(Value(1.0), **{argument: choice})


def test_png_of_the_auto_theme_is_the_light_one() -> None:
    node = Value(1.0).exp()
    assert draw(node).png(1) == draw(node, theme="light").png(1)
    assert draw(node).png(1) != draw(node, theme="dark").png(1)


def test_path_may_be_relative(
    drawing: Drawing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert drawing.save("graph.dot") == Path("graph.dot")
    assert (tmp_path / "graph.dot").is_file()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads its memory from /proc")
def test_a_thousand_drawings_leave_nothing_behind() -> None:
    def drawn(count: int) -> tuple[float, int]:
        for number in range(count):
            x = Value(float(number), name=f"x{number}")
            y = (x * 2.0 + x).tanh()
            y.backward()
            assert draw(y).svg.endswith("</svg>\n")
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6, len(os.listdir("/proc/self/fd"))

    megabytes, files = drawn(200)
    megabytes_after, files_after = drawn(1000)
    assert files_after == files
    assert megabytes_after - megabytes < 10.0
