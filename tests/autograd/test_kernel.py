"""The generated C kernel, compiled and called: single gates and runs of equal gates."""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd.gate import TABLE, Gate
from autograd.kernel import GATE_TABLE_FINGERPRINT, table_fingerprint
from autograd.kernel_source import kernel_source

COMPILER = shutil.which("cc") or shutil.which("gcc")
RUNS = """
#include "gate_kernel.h"
void forward(int code, ptrdiff_t count, double *values, double *results,
             const int *xs, const int *ys, const int *zs) {
    gate_forward_run(code, count, values, results, xs, ys, zs);
}
void backward(int code, ptrdiff_t count, const double *values, const double *results_gradient,
              double *gradients, const int *xs, const int *ys, const int *zs) {
    gate_backward_run(code, count, values, results_gradient, gradients, xs, ys, zs);
}
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Any:
    if COMPILER is None:
        pytest.skip("no C compiler on this machine")
    folder = tmp_path_factory.mktemp("kernel")
    (folder / "gate_kernel.h").write_text(kernel_source())
    (folder / "runs.c").write_text(RUNS)
    flags = ["-shared", "-fPIC", "-O2", "-ffp-contract=off", "-Werror", "-Wall"]
    flags.append("-Wno-unused-function")
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
    slots = [rng.integers(len(values), size=count).astype(np.intc) for _ in range(3)]
    upstream = rng.uniform(-1, 1, count)
    results, gradients = np.empty(count), np.zeros(len(values))
    code, size = gate.code, ctypes.c_ssize_t(count)
    kernel.forward(code, size, pointer(values), pointer(results), *map(pointer, slots))
    kernel.backward(
        code, size, pointer(values), pointer(upstream), pointer(gradients), *map(pointer, slots)
    )
    expected, expected_gradients = np.empty(count), np.zeros(len(values))
    local = gate.float_local(*range(gate.arity))
    for i in reversed(range(count)):
        expected[i], *derivatives = local(*(float(values[s[i]]) for s in slots[: gate.arity]))
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
