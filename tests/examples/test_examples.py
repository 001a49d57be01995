"""Every example runs, says what it found, and leaves pictures that can be opened."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from shared_data import shared_file

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
SHARED_BY_EXAMPLES = {"example", "digits"}
FLOAT = r"-?\d+\.?\d*(?:e[-+]\d+)?"

RUNS: dict[str, tuple[str, str, set[str]]] = {
    "perceptron_gates": (
        "--epochs 30",
        r"NAND by hand \[1, 1, 1, 0\], learned in \d+ epochs: \[1, 1, 1, 0\]\n(?s:.*)"
        r"XOR  as AND of NAND and OR \[0, 1, 1, 0\]\n",
        {"xor.svg", "xor_training.html"},
    ),
    "chain_rule": (
        "",
        r"\(x \+ y\) z = -12; gradients by x -4, y -4, z 3\n(?s:.*)"
        r"sigmoid neuron 0.73; gradients \[-0.2, 0.39, -0.39, -0.59, 0.2\]\n"
        r"the sigmoid as one gate gives the same: True\n",
        {
            "neuron.svg",
            "neuron_one_gate.svg",
            "neuron_steps.html",
            "product.svg",
            "product_steps.html",
        },
    ),
    "numerical_gradient": (
        "",
        r"x² at 3.0: 6.0 by the gates, 6.0 by differences\n(?s:.*)gate to blame +softsign: x /",
        {"differences.svg"},
    ),
    "linear_regression": (
        "",
        r"hours: least squares \[2.3, 79.0\], descent \[2.3, 79.0\], RMSE 2.881\n",
        {"regression.svg", "regression_loss.svg"},
    ),
    "learning_rates": ("", r"rate 1.05 +-4 4.4 -4.84 5.32 .* -10.4\n", {"learning_rates.svg"}),
    "logistic_regression": (
        "--epochs 60",
        r"11 hours: passes with probability 0.9(?s:.*)zero or not: (0.99|1.0)\d* of 449",
        {"hours_training.html", "logistic.svg", "zero_weights.png"},
    ),
    "softmax_by_hand": (
        "--epochs 100",
        r"gradients of all 100 steps differ by [1-9]e-1[4-6] at most\n",
        {"softmax.svg", "softmax_loss.svg"},
    ),
    "two_layer_net": (
        "--epochs 120",
        r"gradients by hand are right, by W1, b1, W2 and b2\n.*accuracy 0.9",
        {"two_layers_loss.svg"},
    ),
    "batches": ("--rounds 2", r"as fast\nthe answers are the same: True\n", {"batch.svg"}),
    "vanishing_gradients": (
        "",
        rf"sigmoid first layer {FLOAT}, last {FLOAT}: \d+,\d+,\d+ times as large\n(?s:.*)"
        rf"relu    first layer {FLOAT}, last {FLOAT}: \d times as large\n",
        {
            "vanishing_relu.svg",
            "vanishing_relu_histograms.png",
            "vanishing_sigmoid.svg",
            "vanishing_sigmoid_histograms.png",
        },
    ),
    "optimizers": ("", r"SGD +is at (?s:.*)Adam +is at .* above the bottom\n", {"optimizers.svg"}),
    "dropout": (
        "--epochs 8",
        r"dropout 0.0: loss .*\nwrote .*\ndropout 0.5: loss ",
        {"dropout_0.0.svg", "dropout_0.5.svg"},
    ),
    "mnist_mlp": (
        "--epochs 3",
        r"accuracy 0.9\d+ on 450 test images of 8 x 8, after 3 epochs of 1347\n",
        {"mlp_confusion.png", "mlp_training.svg", "mlp_weights.png"},
    ),
    "lenet": (
        "--epochs 2",
        r"accuracy 0.[89]\d+ on 450 test images",
        {"lenet.svg", "lenet_kernels.png", "lenet_maps.png"},
    ),
    "sequences": (
        "--epochs 2 --rows 100 --length 5",
        rf"RNN  rows of 5: mean squared error {FLOAT}, (?s:.*)LSTM rows of 5",
        {"sequences_lstm.svg", "sequences_net.svg", "sequences_rnn.svg"},
    ),
    "gan": ("--steps 8", rf"step 8: .*\nwhat is made lies {FLOAT} from what", {"gan.svg"}),
}
ELSEWHERE = {"iris_softmax", "scalar_gpt", "zoo"}
"""Those that have tests of their own, and one that needs data from beside the repository."""


def run(name: str, arguments: str, out: Path) -> None:
    example: Any = importlib.import_module(name)
    assert example.main([*arguments.split(), "--out", str(out)]) == 0


@pytest.mark.parametrize("name", RUNS)
def test_example_says_what_it_found_and_leaves_its_pictures(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if name in ("logistic_regression", "dropout", "mnist_mlp", "lenet"):
        pytest.importorskip("sklearn")
    pytest.importorskip("matplotlib")
    arguments, found, pictures = RUNS[name]
    run(name, arguments, tmp_path / "out")
    printed = capsys.readouterr().out
    assert re.search(found, printed), printed
    assert {path.name for path in (tmp_path / "out").iterdir()} == pictures
    for picture in pictures:
        assert f"wrote {tmp_path / 'out' / picture}\n" in printed
        assert_opens(tmp_path / "out" / picture)


def assert_opens(picture: Path) -> None:
    if picture.suffix == ".svg":
        assert ElementTree.parse(picture).getroot().tag.endswith("svg")
    elif picture.suffix == ".png":
        assert picture.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    else:
        assert picture.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_animals_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    run("zoo", f"--data {shared_file('zoo.csv')}", tmp_path)
    found = re.match(r"accuracy (0.\d+) on 34 animals of 7 kinds", capsys.readouterr().out)
    assert found and float(found[1]) > 0.8
    assert {path.name for path in tmp_path.iterdir()} == {"zoo_confusion.png", "zoo_training.svg"}


@pytest.mark.parametrize("name", ["mnist_mlp", "lenet", "dropout"])
def test_examples_of_digits_take_mnist(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    folder = shared_file("mnist/t10k-images-idx3-ubyte.gz").parent
    run(name, f"--data {folder} --epochs 1", tmp_path)
    assert "2000" in capsys.readouterr().out or name == "dropout"


def test_all_examples_are_tested() -> None:
    examples = {path.stem for path in EXAMPLES.glob("*.py")} - SHARED_BY_EXAMPLES
    assert examples == set(RUNS) | ELSEWHERE


@pytest.mark.parametrize("name", [*RUNS, *sorted(ELSEWHERE)])
def test_help_tells_what_an_example_does_and_its_options(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    example: Any = importlib.import_module(name)
    with pytest.raises(SystemExit) as stop:
        example.main(["--help"])
    assert stop.value.code == 0
    told = " ".join(capsys.readouterr().out.split())
    first, _, _ = example.__doc__.partition("\n\n")
    assert " ".join(first.split()) in told
    assert "--seed" in told and "--out" in told


def test_folder_without_mnist_ends_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example: Any = importlib.import_module("mnist_mlp")
    assert example.main(["--data", str(tmp_path), "--out", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert re.fullmatch(r"mnist_mlp: .*t10k-images-idx3-ubyte.*\n", error)


def test_equal_seeds_find_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    printed = []
    for seed in (3, 3, 4):
        run("sequences", f"--epochs 1 --rows 50 --length 4 --seed {seed}", tmp_path)
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != printed[2]
