"""Checkpoints: what is killed goes on as if nothing had been."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_nets import numbers_of, plain, points, with_state

import autograd
from autograd.errors import FormatError, OperandError, StateError
from nn import SGD, Callback, EarlyStopping, Linear, Sequential, cross_entropy, fit

SCRIPT = Path(__file__).with_name("training_to_kill.py")
REPOSITORY = Path(__file__).parents[3]


class Killed(BaseException):
    pass


class KillAt(Callback):
    def __init__(self, batch: int) -> None:
        self.left = batch

    def on_batch(self, training: Any) -> None:
        self.left -= 1
        if not self.left:
            raise Killed


def run(path: Path, *callbacks: Callback, epochs: int = 4, resume: bool = True) -> Any:
    """A training whose course depends on masks, running statistics and the states of Adam."""
    problem = with_state()
    early = EarlyStopping("loss", patience=2, restore_best=False)
    history = fit(
        problem.model, problem.data, cross_entropy, problem.optimizer,
        epochs=epochs, batch_size=16, rng=problem.rng, checkpoint=path, resume=resume,
        callbacks=[early, *callbacks], progress=False,
    )  # fmt: skip
    return problem.model, history


def course(history: Any) -> list[tuple[float, float]]:
    return [(record["loss"], record["lr"]) for record in history.epochs]


@settings(max_examples=10, deadline=None)
@given(kills=st.lists(st.integers(1, 11), min_size=1, max_size=3))
def test_a_training_goes_on_as_if_it_had_not_been_stopped(
    kills: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    model, history = run(folder / "undisturbed.npz", KillAt(-1))
    path = folder / "killed.npz"
    for kill in kills:
        try:
            run(path, KillAt(kill))
        except Killed:
            continue
    again, resumed = run(path, KillAt(-1))
    assert numbers_of(again) == numbers_of(model)
    assert course(resumed) == course(history)


def test_an_undisturbed_training_does_not_depend_on_its_checkpoint(tmp_path: Path) -> None:
    with_file, _ = run(tmp_path / "run", epochs=2)
    problem = with_state()
    fit(
        problem.model, problem.data, cross_entropy, problem.optimizer,
        epochs=2, batch_size=16, rng=problem.rng, progress=False,
    )  # fmt: skip
    assert numbers_of(with_file) == numbers_of(problem.model)
    assert [file.name for file in tmp_path.iterdir()] == ["run.npz"]


def test_a_finished_training_has_nothing_left_to_do(tmp_path: Path) -> None:
    model, history = run(tmp_path / "run.npz")
    again, same = run(tmp_path / "run.npz")
    assert numbers_of(again) == numbers_of(model) and same == history


def test_a_training_can_be_made_longer(tmp_path: Path) -> None:
    run(tmp_path / "run.npz", epochs=2)
    longer, history = run(tmp_path / "run.npz", epochs=4)
    at_once, _ = run(tmp_path / "at_once.npz", epochs=4)
    assert len(history) == 4 and numbers_of(longer) == numbers_of(at_once)


def test_without_resume_it_begins_again(tmp_path: Path) -> None:
    run(tmp_path / "run.npz", epochs=3)
    _, history = run(tmp_path / "run.npz", epochs=1, resume=False)
    assert len(history) == 1


def test_early_stopping_goes_on_waiting_where_it_was(tmp_path: Path) -> None:
    class Constant(Callback):
        def on_epoch(self, training: Any) -> None:
            training.history.last["watched"] = float(training.epoch > 1)
            training.model[0].bias.data = np.full(5, float(training.epoch))

    def stopped(path: Path, *kills: Callback) -> Any:
        problem = plain()
        early = EarlyStopping("watched", patience=3)
        history = fit(
            problem.model, problem.data, cross_entropy, problem.optimizer,
            epochs=9, batch_size=40, rng=problem.rng, checkpoint=path, resume=True,
            callbacks=[Constant(), early, *kills], progress=False,
        )  # fmt: skip
        return history, problem.model[0].bias.data.tolist()

    with pytest.raises(Killed):
        stopped(tmp_path / "run.npz", KillAt(4))
    for _ in range(2):  # the second finds it finished
        history, bias = stopped(tmp_path / "run.npz", KillAt(-1))
        assert len(history) == 5 and history.stopped == "watched was not better than 1 for 3 epochs"
        assert bias == [2.0] * 5


@pytest.mark.parametrize("bits", [np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_every_generator_of_numpy_goes_on_where_it_was(tmp_path: Path, bits: Any) -> None:
    def orders(epochs: int) -> list[Any]:
        problem = plain()
        rng = np.random.Generator(bits(5))
        rng.integers(100, dtype=np.uint32)  # leaves half of a number for the next time
        history = fit(
            problem.model, problem.data, cross_entropy, problem.optimizer,
            epochs=epochs, batch_size=16, rng=rng, checkpoint=tmp_path / "run", resume=True,
            progress=False,
        )  # fmt: skip
        return [*course(history), rng.integers(1000)]

    in_parts = [orders(1), orders(3)][1]
    (tmp_path / "run.npz").unlink()
    assert orders(3) == in_parts


@pytest.mark.slow
def test_ten_trainings_killed_from_outside_end_like_the_undisturbed_one(tmp_path: Path) -> None:
    def start(name: str, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(SCRIPT), str(tmp_path / name), *options],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            text=True,
        )

    def result_of(process: subprocess.Popen[str]) -> str:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        return output.splitlines()[-1]

    undisturbed = result_of(start("undisturbed.npz"))
    killed = [start(f"{at}.npz", str(at)) for at in range(10)]
    for process in killed:
        process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL
    resumed = [start(f"{at}.npz") for at in range(10)]
    assert {result_of(process) for process in resumed} == {undisturbed}


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.npz"
    run(path, epochs=1)
    before = path.read_bytes()

    def fail(*paths: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match=r"cannot save .*run\.npz: No space left on device"):
        run(path, epochs=2)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_a_truncated_checkpoint_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    run(path, epochs=1)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FormatError, match=r"run\.npz"):
        run(path)


@pytest.mark.parametrize(
    "structure", [None, b"no json", b"[1]", json.dumps({"version": 1}).encode()[:-1]]
)
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path, structure: bytes | None) -> None:
    arrays = {} if structure is None else {"structure": np.frombuffer(structure, np.uint8)}
    path = autograd.save(tmp_path / "run.npz", {"weight": np.ones(2), **arrays})
    with pytest.raises(FormatError, match=r"run\.npz is not a checkpoint of a training"):
        run(path)


def test_a_checkpoint_of_another_version_is_refused(tmp_path: Path) -> None:
    structure = np.frombuffer(json.dumps({"version": 99}).encode(), np.uint8)
    path = autograd.save(tmp_path / "run.npz", {"structure": structure})
    with pytest.raises(FormatError, match="is a checkpoint of version 99, and this gategrad"):
        run(path)


def resumed_with(path: Path, **change: Any) -> None:
    problem = with_state()
    chosen = {
        "model": problem.model,
        "data": problem.data,
        "loss": cross_entropy,
        "optimizer": problem.optimizer,
        "epochs": 9,
        "batch_size": 16,
        "rng": problem.rng,
        "callbacks": [EarlyStopping("loss"), KillAt(-1)],
        "progress": False,
        "checkpoint": path,
        "resume": True,
    }
    fit(**(chosen | change))  # type: ignore[arg-type]


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    run(path, KillAt(-1), epochs=1)
    with pytest.raises(StateError, match=r"of a training with samples 40, not 39; go on with"):
        resumed_with(path, data=points(39))
    with pytest.raises(StateError, match=r"of a training with batch_size 16, not 8"):
        resumed_with(path, batch_size=8)
    with pytest.raises(StateError, match=r"of a training with 2 callbacks, and this one has 0"):
        resumed_with(path, callbacks=[])
    other = Sequential(Linear(2, 2, rng=np.random.default_rng(0)))
    with pytest.raises(StateError, match=r"Sequential\.load_state_dict: .*1\.running_mean"):
        resumed_with(path, model=other)
    with pytest.raises(StateError, match="SGD"):
        resumed_with(path, optimizer=SGD(with_state().model.parameters(), lr=0.1))
    philox = np.random.Generator(np.random.Philox(0))
    with pytest.raises(StateError, match=r"the random generators of .*run\.npz are others"):
        resumed_with(path, rng=philox)


def test_a_state_that_is_not_plain_is_refused(tmp_path: Path) -> None:
    class Strange(Callback):
        def state_dict(self) -> dict[str, Any]:
            return {"thing": {"set": {1, 2}}}

    with pytest.raises(
        OperandError, match=r"checkpoint: state\.callbacks\.1\.thing\.set is \{1, 2\}"
    ):
        run(tmp_path / "run", Strange())
