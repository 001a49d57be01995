"""The generated C loops over gates of one kind, compiled and called."""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import tape
from autograd.gate import TABLE, Gate
from autograd.kernel import GATE_TABLE_FINGERPRINT, table_fingerprint
from autograd.tape.fingerprint import tape_fingerprint
from autograd.tape.kernel_source import tape_kernel_source
from autograd.update_rules import SGD

COMPILER = shutil.which("cc") or shutil.which("gcc")
RUNS = """
#include "tape_kernel.h"
void forward(int code, ptrdiff_t count, const double *values, double *results, const int *slots) {
    tape_forward_run(code, count, values, results, slots);
}
void backward(int code, ptrdiff_t count, const double *values, const double *results,
              const double *sent, double *gradients, const int *slots) {
    tape_backward_run(code, count, values, results, sent, gradients, slots);
}
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Any:
    if COMPILER is None:
        pytest.skip("no C compiler on this machine")
    folder = tmp_path_factory.mktemp("kernel")
    (folder / "tape_kernel.h").write_text(tape_kernel_source())
    (folder / "runs.c").write_text(RUNS)
    flags = ["-shared", "-fPIC", "-O2", "-ffp-contract=off", "-Werror", "-Wall"]
    flags += ["-Wno-unused-function", "-I", str(Path(tape.__file__).parent)]
    library = folder / "runs.so"
    command = [COMPILER, *flags, "-o", str(library), str(folder / "runs.c"), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"the C compiler does not work: {done.stderr[:200]}")
    return ctypes.CDLL(str(library))


def pointer(array: np.ndarray) -> Any:
    return array.ctypes.data_as(ctypes.c_void_p)


@pytest.mark.parametrize("gate", TABLE, ids=lambda gate: gate.name)
def test_runs_of_a_gate_equal_its_single_applications(kernel: Any, gate: Gate) -> None:
    rng = np.random.default_rng(gate.code)
    count = 50
    values = np.concatenate([rng.uniform(-3, 3, 20), [0.0, -0.0, math.inf, math.nan, 1e308]])
    slots = rng.integers(len(values), size=(gate.arity, count)).astype(np.intc)
    upstream = rng.uniform(-1, 1, count)
    results, gradients = np.empty(count), np.zeros(len(values))
    code, size = gate.code, ctypes.c_ssize_t(count)
    kernel.forward(code, size, pointer(values), pointer(results), pointer(slots))
    known = map(pointer, (values, results, upstream, gradients, slots))
    kernel.backward(code, size, *known)
    expected, expected_gradients = np.empty(count), np.zeros(len(values))
    local = gate.float_local(*range(gate.arity))
    for i in reversed(range(count)):
        expected[i], *derivatives = local(*values[slots[:, i]].tolist())
        for slot, text, derivative in zip(slots, gate.derivatives, derivatives, strict=False):
            if text != "0":
                with np.errstate(all="ignore"):
                    expected_gradients[slot[i]] += upstream[i] * derivative
    np.testing.assert_array_equal(results, expected)
    np.testing.assert_array_equal(gradients, expected_gradients)


def test_fingerprint_changes_with_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    assert table_fingerprint() == GATE_TABLE_FINGERPRINT
    monkeypatch.setattr("autograd.kernel.TABLE", TABLE[:-1])
    assert table_fingerprint() != GATE_TABLE_FINGERPRINT


def test_nothing_generated_is_in_the_tree() -> None:
    package = Path(__file__).parents[2] / "autograd"
    assert not list(package.glob("*.c")) + list(package.glob("gate_kernel.h"))


def test_fingerprint_of_the_loops_changes_with_an_update_rule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = tape_fingerprint()
    monkeypatch.setitem(SGD.formulas, "new_parameter", "parameter - gradient")  # type: ignore[arg-type]
    assert tape_fingerprint() != before
