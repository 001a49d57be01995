"""Every benchmark runs, at its smallest setting; none is timed here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import autograd

ROOT = Path(__file__).resolve().parent.parent.parent
SMALLEST = {
    "moons.py": ["--repeats", "1", "--samples", "2"],
    "memory_per_node.py": ["--repeats", "1", "--nodes", "20000", "--peak-nodes", "20000"],
    "scalar_gpt.py": ["--repeats", "1", "--document", "a"],
    "time_per_node.py": ["--repeats", "1", "--samples", "1", "3"],
    "gradient_check.py": ["--repeats", "1", "--samples", "1"],
    "drawing.py": ["--repeats", "1", "--hidden", "2", "--samples", "1", "--gates", "2"],
    "traced_moons.py": ["--repeats", "1", "--samples", "2", "--many", "9"],
    "tracing_cost.py": ["--repeats", "1", "--samples", "2", "--document", "a"],
}
MEASURED = {
    "moons.py": r"native +\d+\.\d times as fast as micrograd",
    "memory_per_node.py": r"chain +native +\d\.\d+ of micrograd|nothing measured",
    "scalar_gpt.py": r"native +\d+\.\d times as fast as the tuples",
    "time_per_node.py": r"highest / lowest: \d+\.\d\d",
    "traced_moons.py": r"lanes +\d+\.\d+ of ",
    "tracing_cost.py": r"moons +\d+\.\d eager steps to trace",
    "drawing.py": r"SVG of \d+ nodes: \d\.\d+ s, of which layout \d\.\d+ s and the rest \d+\.\d ms",
    "gradient_check.py": r"arrays, +1 samples: a check takes \d\.\d+ of a full central difference",
}


def output_of(script: str, *arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / script), *arguments],
        # The script finds the packages of this tree whether or not they are installed.
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return run.stdout


@pytest.mark.parametrize("script", SMALLEST)
def test_help_names_the_options(script: str) -> None:
    text = output_of(script, "--help")
    assert "--repeats" in text
    assert "--contestant" not in text


@pytest.mark.skipif(autograd.engine != "native", reason="the compiled engine is what is measured")
@pytest.mark.parametrize("script", SMALLEST)
def test_a_small_run_prints_its_ratio(script: str) -> None:
    if script not in ("scalar_gpt.py", "gradient_check.py", "drawing.py"):
        pytest.importorskip("micrograd", reason="the peer is installed by the extra `bench`")
    text = output_of(script, *SMALLEST[script])
    assert len(text.splitlines()) >= 3
    assert re.search(MEASURED[script], text)


@pytest.mark.skipif(autograd.engine != "native", reason="the contestants start with the native one")
def test_a_contestant_that_fails_is_named() -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "scalar_gpt.py"), "--document", "A1"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert "the process of native ended without an answer: status=1" in run.stderr
