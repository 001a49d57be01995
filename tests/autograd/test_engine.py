"""The choice of the engine, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import autograd

SHOW = "import autograd, autograd.value; print(autograd.engine, autograd.value.__file__)"


def run(wanted: str | None, script: str = SHOW) -> subprocess.CompletedProcess[str]:
    environment = {key: word for key, word in os.environ.items() if key != "GATEGRAD_ENGINE"}
    if wanted is not None:
        environment["GATEGRAD_ENGINE"] = wanted
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def test_plain_python_can_be_asked_for() -> None:
    name, file = run("python").stdout.split()
    assert name == "python"
    assert file.endswith("value.py")


def test_native_engine_runs_where_it_is_built_and_is_missed_where_not() -> None:
    built = run(None).stdout.split()[0] == "native"
    asked = run("native")
    if built:
        assert asked.stdout.split()[0] == "native"
    else:
        assert "the native engine was asked for, but it is not built" in asked.stderr


def test_unknown_engine_is_named() -> None:
    asked = run("cuda")
    assert asked.returncode != 0
    assert "GATEGRAD_ENGINE is 'cuda'; it may be 'native' or 'python'" in asked.stderr


@pytest.mark.skipif(autograd.engine == "python", reason="the compiled engine is not running")
def test_kernel_of_another_table_is_refused_with_a_warning() -> None:
    patched = (
        "import importlib.abc, importlib.machinery, sys, warnings\n"
        "class Finder(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name != 'autograd.kernel': return None\n"
        "        spec = importlib.machinery.PathFinder.find_spec(name, path)\n"
        "        execute = spec.loader.exec_module\n"
        "        def patched(module):\n"
        "            execute(module)\n"
        "            module.table_fingerprint = lambda: 0\n"
        "        spec.loader.exec_module = patched\n"
        "        return spec\n"
        "sys.meta_path.insert(0, Finder())\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always')\n"
        "    import autograd\n"
        "print(autograd.engine, caught[0].message)\n"
    )
    done = run(None, patched)
    assert done.stdout.startswith("python the compiled engine was built from another table")
