"""python -m viz: what it writes, and what it says where it cannot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from viz.__main__ import main


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))


def gradients(path: str) -> dict[str, float]:
    """By the names of the leaves the gradients in a drawing."""
    drawing = json.loads(Path(path).read_text(encoding="utf-8"))
    labels = {piece["key"]: piece.get("label") for piece in drawing["pieces"]}
    return {labels[w["from"]]: w["gradient"]["exact"] for w in drawing["wires"] if w["gradient"]}


def test_formula_is_drawn_with_the_gradients_of_the_lecture(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["(x + y) * z", "x=-2", "y=5", "z=-4", "-o", "graph.json"]) == 0
    assert capsys.readouterr().out == "graph.json: 2 gates, output -12.00\n"
    found = gradients("graph.json")
    assert (found["x"], found["y"], found["z"]) == (-4.0, -4.0, 3.0)


def test_formula_that_begins_with_a_minus_is_no_option() -> None:
    assert main(["-x**2", "x=3", "-o", "graph.json"]) == 0
    assert gradients("graph.json")["x"] == -6.0


def test_without_an_output_a_picture_is_written_and_with_steps_a_page_alone() -> None:
    assert main(["x * y", "x=1", "y=2"]) == 0
    assert Path("graph.svg").read_text(encoding="utf-8").startswith("<svg")
    Path("graph.svg").unlink()
    assert main(["x * y", "x=1", "y=2", "--steps", "page.html", "--lang", "ko"]) == 0
    assert "오차역전파법" in Path("page.html").read_text(encoding="utf-8")
    assert not Path("graph.svg").exists()


def test_style_view_and_what_is_shown_can_be_chosen() -> None:
    options = ["--style", "records", "--show", "value", "--direction", "TB", "--theme", "light"]
    assert main(["x * y", "x=1", "y=2", "-o", "graph.svg", *options]) == 0
    drawn = Path("graph.svg").read_text(encoding="utf-8")
    assert "data 1.00" in drawn and ">grad " not in drawn
    assert main(["x * y", "x=1", "y=2", "--view", "stages", "-o", "stages.json"]) == 0


def test_functions_models_and_nodes_of_a_module_are_drawn() -> None:
    Path("drawn_by_the_tests.py").write_text(
        "import nn, numpy as np\n"
        "from autograd import Value\n"
        "net = nn.Sequential(nn.Linear(2, 3, rng=np.random.default_rng(0)), nn.Tanh())\n"
        "def loss(x, w):\n    return ((x @ w) ** 2).sum()\n"
        "node = Value(2.0, name='x') * 3.0\n"
    )
    assert main(["drawn_by_the_tests:net", "x=[[1,2]]", "-o", "net.json"]) == 0
    assert [p["kind"] for p in json.loads(Path("net.json").read_text())["pieces"]].count("box") == 1
    assert main(["drawn_by_the_tests:loss", "x=[[1,2]]", "w=[0.5,1]", "-o", "loss.json"]) == 0
    assert main(["drawn_by_the_tests:node", "-o", "node.json"]) == 0
    assert gradients("node.json")["x"] == 3.0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x * y", "x=1"], "y has no number; write y=1"),
        (["__import__('os')"], "is not of the formula language"),
        (["x", "x=1", "-o", "graph.bmp"], "the format .bmp is unknown"),
        (["no_such_module_here:f"], "there is no module 'no_such_module_here'"),
        (["x", "x=one"], "'x=one' is not NAME=NUMBER"),
        (["x", "x=1", "x=2"], "x is given twice"),
        (["json:loads", "s=1"], "raised"),
    ],
)
def test_what_cannot_be_drawn_is_said_with_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert said in capsys.readouterr().err
    assert list(Path().iterdir()) == []


def test_help_with_three_examples_is_shown_without_arguments() -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-m", "viz"], capture_output=True, text=True, env=environment, check=True
    )
    assert run.stdout.count("\n  python -m viz ") == 3
    assert run.stderr == ""
