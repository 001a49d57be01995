"""The Iris demo: what it prints, what it leaves, and how it refuses."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import numpy as np
import pytest

from autograd.errors import FormatError

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "examples" / "iris_softmax.py"
PICTURES = ["loss.png", "net.png", "net.svg", "neuron.png", "neuron.svg"]
HEADER = "sepal_length,sepal_width,petal_length,petal_width,species\n"


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    spec = importlib.util.spec_from_file_location("iris_softmax", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_run_leaves_five_valid_pictures_and_names_them(
    demo: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "folder"
    assert demo.main(["--epochs", "2", "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == PICTURES
    printed = capsys.readouterr().out
    for name in PICTURES:
        assert f"wrote {out / name}" in printed
        if name.endswith(".svg"):
            assert ElementTree.parse(out / name).getroot().tag.endswith("svg")
        else:
            assert (out / name).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_the_net_is_drawn_from_its_input_to_its_loss(demo: ModuleType, tmp_path: Path) -> None:
    assert demo.main(["--epochs", "1", "--out", str(tmp_path)]) == 0
    drawn = "".join(ElementTree.parse(tmp_path / "net.svg").getroot().itertext())
    for text in ["0.weight", "0.bias", "tanh", "2.weight", "2.bias", "softmax", "loss"]:
        assert text in drawn


@pytest.mark.parametrize("seed", range(3))
def test_default_training_tells_the_species_apart(
    demo: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    assert demo.main(["--seed", str(seed), "--out", str(tmp_path)]) == 0
    first_line = capsys.readouterr().out.splitlines()[0]
    assert float(first_line.split()[2]) >= 0.93


def test_equal_seeds_give_equal_reports(
    demo: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = []
    for _ in range(2):
        assert demo.main(["--epochs", "3", "--seed", "5", "--out", str(tmp_path)]) == 0
        reports.append(capsys.readouterr().out)
    assert reports[0] == reports[1]


def test_the_report_is_aligned_and_names_the_species(demo: ModuleType) -> None:
    text = demo.report(np.array([0, 1, 1]), np.array([0, 1, 0]), ["ash", "maple"])
    assert text.splitlines() == [
        "test accuracy 0.667 on 3 flowers",
        "",
        "       predicted",
        "true     ash  maple",
        "ash        1      1",
        "maple      0      1",
    ]


def test_the_flowers_are_150_of_three_species(demo: ModuleType) -> None:
    flowers = demo.load_flowers(demo.FLOWERS)
    assert flowers.x.shape == (150, 4)
    assert flowers.species == ["setosa", "versicolor", "virginica"]
    assert np.bincount(flowers.y).tolist() == [50, 50, 50]
    # The sample that the lectures work by hand is among them.
    assert (flowers.x == [6.3, 2.7, 4.9, 1.8]).all(axis=1).any()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"line 1: '' is not 'sepal_length,"),
        ("a,b\n1,2\n", r"line 1: 'a,b' is not 'sepal_length,"),
        (HEADER, r"no flower below the header"),
        (HEADER + "5,3,1,0.2,setosa\n5,3,1\n", r"line 3: 3 fields, not 5: '5,3,1'"),
        (HEADER + "5,3,wide,0.2,setosa\n", r"line 2: could not convert string to float: 'wide'"),
        (HEADER + "5,3,nan,0.2,setosa\n", r"line 2: a size is not finite"),
        (HEADER + "5,3,1,0.2,\n", r"line 2: .* the species is empty"),
    ],
)
def test_a_malformed_file_is_refused_by_line(
    demo: ModuleType, tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "flowers.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FormatError, match=f"flowers.csv.*{message}"):
        demo.load_flowers(path)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named(
    demo: ModuleType, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "flowers.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FormatError, match=r"flowers\.csv: cannot be read"):
        demo.load_flowers(path)


def test_a_folder_that_cannot_be_made_ends_the_run_before_training(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file, not a folder", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, str(SCRIPT), "--out", str(taken)],
        # The script finds the packages of this tree whether or not they are installed.
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr == f"iris_softmax: cannot write to --out {taken}: File exists\n"


def test_a_missing_data_file_ends_in_one_line(
    demo: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(demo, "FLOWERS", tmp_path / "gone.csv")
    assert demo.main(["--out", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("iris_softmax: ")
    assert "gone.csv: cannot be read" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs", "0"], "--epochs is 0; pass a number above 0"),
        (["--epochs", "many"], "invalid int value: 'many'"),
        (["--seed", "-1"], "--seed is -1; pass 0 or more"),
    ],
)
def test_options_out_of_range_are_refused(
    demo: ModuleType, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        demo.main(arguments)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err
