"""The nets of the array benchmark compute the same in every library; none is timed here."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "benchmarks" / "array_engine.py"
NETS = ["iris", "mlp", "lenet", "lstm", "chain"]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module; the files beside it are found as when it runs."""
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    import array_engine

    module: ModuleType = array_engine
    return module


def output_of(*arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize("net", NETS)
def test_losses_and_gradients_are_those_of_pytorch(engine: ModuleType, net: str) -> None:
    pytest.importorskip("torch")
    answers = {name: engine.Training(name).check(net) for name in ("gategrad", "pytorch")}
    dtype = np.dtype(np.float32 if net in ("mlp", "lenet", "lstm") else np.float64)
    engine.check(answers, dtype)
    first, *_, last = answers["gategrad"]["losses"]
    assert last < first, "a step of gradient descent does not lower the loss"
    assert all(map(any, answers["gategrad"]["gradients"].values()))


def test_training_goes_on_from_step_to_step(engine: ModuleType) -> None:
    training = engine.Training("gategrad")
    losses = training.check("iris")["losses"]
    assert training.train(steps=20)["seconds"] > 0
    assert training.check("iris")["losses"] == losses


ANSWER = {"losses": [2.0], "gradients": {"w": [1.0, -3.0]}, "dtypes": ["float32"]}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"losses": [2.001]}, "losses: gategrad differs from pytorch by 5.0e-04"),
        ({"gradients": {"w": [1.3, -3.0]}}, "w: gategrad differs from pytorch by 1.0e-01"),
        ({"gradients": {"w": [float("nan"), -3.0]}}, "w: gategrad differs from pytorch by nan"),
        ({"dtypes": ["float32", "float64"]}, r"float32 weights made \['float32', 'float64'\]"),
    ],
)
def test_a_difference_is_reported_before_anything_is_timed(
    engine: ModuleType, wrong: dict[str, object], said: str
) -> None:
    engine.check({"gategrad": ANSWER, "pytorch": ANSWER}, np.dtype(np.float32))
    with pytest.raises(RuntimeError, match=said):
        engine.check({"gategrad": ANSWER | wrong, "pytorch": ANSWER}, np.dtype(np.float32))


def test_help_names_the_options() -> None:
    text = output_of("--help")
    assert all(option in text for option in ("--nets", "--peers", "--repeats", "--no-memory"))
    assert "--contestant" not in text


def test_a_small_run_prints_its_ratio() -> None:
    pytest.importorskip("torch")
    text = output_of("--repeats", "1", "--nets", "iris", "--peers", "--no-memory")
    assert re.search(r"iris, float64:\n +gategrad +\d+\.\d\d of pytorch", text)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what Linux and GNU alone count")
def test_training_on_more_samples_takes_more_memory(
    engine: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "BASELINE", "gategrad")
    engine.measure_memory(["gategrad"], repeats=1)
    few, many = re.findall(
        r"gategrad +1\.00 of gategrad +\( *([\d,]+) KiB\)", capsys.readouterr().out
    )
    # The gradients of the weights alone, and the inputs, hidden and output sums of all samples.
    assert 100 < int(few.replace(",", "")) < int(many.replace(",", "")) < 50_000


def test_what_is_not_installed_is_left_out_and_named(
    engine: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name != "torch" else name)
    assert engine.installed(["mygrad"]) == ["gategrad", "pytorch"]
    said = capsys.readouterr().out
    assert said == "mygrad is left out: the package mygrad is not installed\n"


def test_without_pytorch_nothing_is_measured(
    engine: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("os.environ", dict(os.environ))
    assert engine.main(["--peers"]) == 0
    assert "nothing measured: there is no PyTorch" in capsys.readouterr().out
