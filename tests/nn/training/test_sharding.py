"""Training by several workers: the course of one process, also where a worker is lost."""

from __future__ import annotations

import builtins
import os
import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from small_nets import numbers_of, plain, with_state

from autograd.errors import MissingExtraError, OperandError, SettingError
from nn import Callback, Dropout, Sequential, accuracy, cross_entropy, fit

distributed = pytest.importorskip("distributed")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster_client() -> Iterator[Any]:
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def client(cluster_client: Any) -> Any:
    # One that a test has killed comes back after a moment.
    cluster_client.wait_for_workers(2, timeout=60)
    return cluster_client


def trained(problem: Any, **settings: Any) -> Any:
    chosen = {"epochs": 3, "batch_size": 16, "rng": problem.rng, "progress": False} | settings
    return fit(problem.model, problem.data, cross_entropy, problem.optimizer, **chosen)


class KillWorker(Callback):
    """Kills one of the workers in the middle of an epoch."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.killed = 0

    def on_batch(self, training: Any) -> None:
        if (training.epoch, training.batch) == (1, 2):
            worker = next(iter(self.client.run(os.getpid).values()))
            os.kill(worker, signal.SIGKILL)
            self.killed = worker


def test_workers_give_the_course_of_one_process_also_if_one_is_killed(client: Any) -> None:
    alone, shared = plain(), plain()
    kill = KillWorker(client)
    by_one = trained(alone, metrics=[accuracy])
    by_two = trained(shared, metrics=[accuracy], workers=client, callbacks=[kill])
    assert kill.killed
    np.testing.assert_allclose(by_two["loss"], by_one["loss"], rtol=1e-10)
    assert by_two["accuracy"] == by_one["accuracy"]
    for mine, theirs in zip(alone.model.parameters(), shared.model.parameters(), strict=True):
        np.testing.assert_allclose(theirs.data, mine.data, rtol=1e-10, atol=1e-10)


def test_batches_smaller_than_the_number_of_workers_are_shared_too(client: Any) -> None:
    alone, shared = plain(5), plain(5)
    trained(alone, epochs=1, batch_size=2)
    trained(shared, epochs=1, batch_size=2, workers=client)
    for mine, theirs in zip(alone.model.parameters(), shared.model.parameters(), strict=True):
        np.testing.assert_allclose(theirs.data, mine.data, rtol=1e-10, atol=1e-10)


def test_a_loss_that_is_no_mean_is_refused(client: Any) -> None:
    problem = plain()
    with pytest.raises(SettingError, match=r"the loss of a batch is [\d.]+, the mean of those of "
                       r"its shares is [\d.]+; pass a loss that is the mean"):  # fmt: skip
        fit(
            problem.model, problem.data, lambda outputs, y: cross_entropy(outputs, y) * len(y),
            problem.optimizer, epochs=1, rng=problem.rng, workers=client, progress=False,
        )  # fmt: skip


def test_layers_that_need_the_whole_batch_are_refused(client: Any) -> None:
    before = numbers_of(with_state().model)
    problem = with_state()
    with pytest.raises(SettingError, match=r"layer 1 \(BatchNorm\) takes statistics of whole"):
        trained(problem, workers=client)
    assert numbers_of(problem.model) == before
    dropping = Sequential(*plain().model, Dropout(0.5, rng=np.random.default_rng(0)))
    with pytest.raises(SettingError, match=r"layer 3 \(Dropout\) draws random numbers"):
        trained(plain()._replace(model=dropping), workers=client)


def test_something_else_is_no_client() -> None:
    with pytest.raises(OperandError, match=r"fit: workers is 2; pass a distributed\.Client"):
        trained(plain(), workers=2)


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    load = builtins.__import__

    def without(name: str, *arguments: Any, **settings: Any) -> Any:
        if name == "distributed":
            raise ImportError(name)
        return load(name, *arguments, **settings)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r'pip install "gategrad\[distributed\]"'):
        trained(plain(), workers=object())
