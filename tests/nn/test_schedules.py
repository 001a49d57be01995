"""Schedules and schedulers: PyTorch's learning rates, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor
from autograd.errors import OperandError, SettingError, StateError
from nn import SGD, ReduceOnPlateau, Scheduler, cosine, inverse_time, step_decay, warm_up

SCHEDULES: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "step": (step_decay(3, 0.5), "StepLR", {"step_size": 3, "gamma": 0.5}),
    "cosine": (cosine(12, least=0.0), "CosineAnnealingLR", {"T_max": 12}),
    "warm-up": (warm_up(5, start=0.2), "LinearLR", {"start_factor": 0.2, "total_iters": 5}),
    "inverse": (inverse_time(0.3), "LambdaLR", {"lr_lambda": lambda n: 1 / (1 + 0.3 * n)}),
}


def two_groups() -> SGD:
    return SGD([{"parameters": [Tensor(1.0)]}, {"parameters": [Tensor(2.0)], "lr": 0.4}], lr=0.8)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")
def test_learning_rates_are_those_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    schedule, theirs, settings = SCHEDULES[name]
    ours = two_groups()
    scheduler = Scheduler(ours, schedule)
    peer = torch.optim.SGD(
        [{"params": [torch.zeros(1)]}, {"params": [torch.zeros(2)], "lr": 0.4}], lr=0.8
    )
    peers = getattr(torch.optim.lr_scheduler, theirs)(peer, **settings)
    for _ in range(12):
        rates = [group["lr"] for group in ours.groups]
        assert rates == pytest.approx([g["lr"] for g in peer.param_groups], rel=1e-12, abs=1e-15)
        scheduler.step()
        peers.step()


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=40), st.integers(0, 3))
def test_a_plateau_is_that_of_pytorch(losses: list[float], patience: int) -> None:
    torch = pytest.importorskip("torch")
    # There a share of a negative loss makes the bar easier, here it never does.
    losses = [abs(loss) for loss in losses]
    ours = two_groups()
    scheduler = ReduceOnPlateau(ours, 0.5, patience, least_lr=0.1)
    peer = torch.optim.SGD(
        [{"params": [torch.zeros(1)]}, {"params": [torch.zeros(2)], "lr": 0.4}], lr=0.8
    )
    peers = torch.optim.lr_scheduler.ReduceLROnPlateau(
        peer, factor=0.5, patience=patience, min_lr=0.1, eps=0.0
    )
    for loss in losses:
        scheduler.step(loss)
        peers.step(loss)
        assert [g["lr"] for g in ours.groups] == [g["lr"] for g in peer.param_groups]


def test_a_warm_up_hands_over_where_it_ends() -> None:
    schedule = warm_up(3, cosine(4, least=0.5), start=0.1)
    assert [schedule(step) for step in (3, 5, 7, 9)] == [cosine(4, 0.5)(n) for n in (0, 2, 4, 6)]


def test_the_first_learning_rate_is_set_at_once() -> None:
    optimizer = SGD([Tensor(1.0)], lr=0.8)
    Scheduler(optimizer, warm_up(10, start=0.25))
    assert optimizer.lr == pytest.approx(0.2)


@pytest.mark.parametrize(
    "make",
    [
        lambda optimizer: Scheduler(optimizer, cosine(9)),
        lambda optimizer: ReduceOnPlateau(optimizer, 0.5, patience=1),
    ],
)
def test_a_loaded_state_goes_on_where_it_was(make: Callable[[SGD], Any]) -> None:
    def rates(scheduler: Any, losses: list[float]) -> list[float]:
        found = []
        for loss in losses:
            scheduler.step(loss)
            found.append(scheduler.optimizer.lr)
        return found

    losses = [3.0, 2.0, 2.0, 2.5, 2.5, 2.5, 1.0]
    undisturbed = rates(make(two_groups()), losses)
    broken = make(two_groups())
    rates(broken, losses[:3])
    resumed = make(two_groups())
    resumed.optimizer.load_state_dict(broken.optimizer.state_dict())
    resumed.load_state_dict(broken.state_dict())
    assert rates(resumed, losses[3:]) == undisturbed[3:]


def test_a_nan_is_no_smaller_loss() -> None:
    optimizer = SGD([Tensor(1.0)], lr=0.8)
    scheduler = ReduceOnPlateau(optimizer, 0.5, patience=0)
    scheduler.step(1.0)
    scheduler.step(math.nan)
    assert optimizer.lr == 0.4


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: step_decay(0), "step_decay: every is 0; pass a whole number of at least 1"),
        (lambda: step_decay(2, -1.0), r"step_decay: factor is -1\.0; it must be finite and above"),
        (lambda: cosine(2.5), r"cosine: steps is 2\.5; pass a whole number"),  # type: ignore[arg-type]
        (lambda: cosine(2, 1.0), r"cosine: least is 1\.0; it must be from 0 to less than 1"),
        (lambda: warm_up(3, start=-0.1), r"warm_up: start is -0\.1"),
        (lambda: inverse_time(0.0), r"inverse_time: rate is 0\.0"),
        (lambda: Scheduler(two_groups(), lambda n: np.nan), "gives the factor nan at step 0; it"),
        (lambda: ReduceOnPlateau(two_groups(), 1.0), r"ReduceOnPlateau: factor is 1\.0"),
        (lambda: ReduceOnPlateau(two_groups(), 0.0), r"ReduceOnPlateau: factor is 0\.0"),
        (lambda: ReduceOnPlateau(two_groups(), patience=-1), "patience is -1 and least_lr 0"),
    ],
)
def test_settings_out_of_their_range_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        make()


def test_what_is_no_optimizer_schedule_or_loss_is_refused() -> None:
    with pytest.raises(OperandError, match=r"Scheduler: optimizer is 0\.1, not a nn\.Optimizer"):
        Scheduler(0.1, cosine(3))  # type: ignore[arg-type]
    with pytest.raises(OperandError, match=r"Scheduler: schedule is 0\.1; pass a function"):
        Scheduler(two_groups(), 0.1)  # type: ignore[arg-type]
    with pytest.raises(OperandError, match=r"ReduceOnPlateau\.step: pass the loss"):
        ReduceOnPlateau(two_groups()).step()


def test_a_state_that_does_not_fit_is_refused() -> None:
    scheduler = Scheduler(two_groups(), cosine(3))
    with pytest.raises(StateError, match="Scheduler: the state holds 'best', 'waited'; it keeps"):
        scheduler.load_state_dict(ReduceOnPlateau(two_groups()).state_dict())
    with pytest.raises(StateError, match="the state is of 1 groups, and the optimizer has 2"):
        scheduler.load_state_dict({"steps": 1, "base": [0.1]})


@pytest.mark.parametrize(
    "state", [{"steps": "many", "base": [0.8, 0.4]}, {"steps": 1, "base": [0.8, "little"]}]
)
def test_a_state_without_numbers_is_refused_and_nothing_changed(state: dict[str, Any]) -> None:
    scheduler = Scheduler(two_groups(), cosine(3))
    before = scheduler.state_dict()
    with pytest.raises(StateError, match="Scheduler: the state holds what is no number"):
        scheduler.load_state_dict(state)
    assert scheduler.state_dict() == before
    plateau = ReduceOnPlateau(two_groups())
    with pytest.raises(StateError, match="ReduceOnPlateau: the state holds what is no number"):
        plateau.load_state_dict({"best": "good", "waited": 0})
