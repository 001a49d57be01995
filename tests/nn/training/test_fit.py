"""The training loop: its course, its record, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_nets import numbers_of, plain, points, with_state

import autograd
from autograd import Tensor
from autograd.errors import DivergenceError, OperandError, SettingError, ShapeError
from nn import (
    SGD,
    Callback,
    EarlyStopping,
    Linear,
    Module,
    Sequential,
    Tanh,
    accuracy,
    batches,
    cross_entropy,
    evaluate,
    fit,
    mse,
)


def trained(problem: Any, **settings: Any) -> Any:
    chosen = {"epochs": 2, "batch_size": 16, "rng": problem.rng, "progress": False} | settings
    return fit(problem.model, problem.data, cross_entropy, problem.optimizer, **chosen)


@settings(max_examples=10, deadline=None)
@given(count=st.integers(1, 30), batch_size=st.integers(1, 40), epochs=st.integers(1, 3))
def test_a_fit_is_the_loop_that_one_writes_by_hand(
    count: int, batch_size: int, epochs: int
) -> None:
    fitted, by_hand = plain(count), plain(count)
    history = trained(fitted, epochs=epochs, batch_size=batch_size)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for x, y in batches(*by_hand.data, batch_size, by_hand.rng):
            by_hand.optimizer.zero_grad()
            loss = cross_entropy(by_hand.model(x), y)
            loss.backward()
            by_hand.optimizer.step()
            total += loss.item() * len(x)
        losses.append(total / count)
    assert numbers_of(fitted.model) == numbers_of(by_hand.model)
    assert history["loss"] == losses


def test_the_history_records_each_epoch() -> None:
    history = trained(plain(), epochs=3, validation=points(20, seed=5), metrics={"right": accuracy})
    assert len(history) == 3 and history.stopped is None
    assert history.names == [
        "loss",
        "right",
        "lr",
        "validation_loss",
        "validation_right",
        "seconds",
        "samples_per_second",
    ]
    assert all(40 / s == pytest.approx(r) for s, r in zip(
        history["seconds"], history["samples_per_second"], strict=True
    ))  # fmt: skip
    with pytest.raises(OperandError, match=r"the history has no 'losses'; it has loss, right, lr"):
        history["losses"]


def test_the_validation_is_that_of_the_epoch_s_end() -> None:
    problem, held_out = with_state(), points(20, seed=5)
    history = trained(problem, validation=held_out, metrics=[accuracy])
    measured = evaluate(problem.model, held_out, cross_entropy, [accuracy])
    assert history.last["validation_loss"] == measured["loss"]
    assert history.last["validation_accuracy"] == measured["accuracy"]


def test_metrics_are_of_all_samples_of_the_epoch_together() -> None:
    seen = []

    def count(outputs: np.ndarray, targets: np.ndarray) -> float:
        seen.append((outputs.shape, targets.shape))
        return float(len(targets))

    history = trained(plain(), epochs=1, batch_size=16, metrics=[count])
    assert seen == [((40, 2), (40,))] and history["count"] == [40.0]


def test_batches_train_and_the_modes_come_back() -> None:
    class Watch(Callback):
        def on_batch(self, training: Any) -> None:
            assert all(module.training for _, module in training.model.named_modules())

    problem = with_state()
    problem.model.eval()
    problem.model[0].training = True
    modes = [module.training for _, module in problem.model.named_modules()]
    trained(problem, callbacks=[Watch()], validation=points(20))
    assert [module.training for _, module in problem.model.named_modules()] == modes


def test_callbacks_are_called_at_their_moments_also_after_an_error() -> None:
    moments = []

    class Watch(Callback):
        def on_start(self, training: Any) -> None:
            moments.append("start")

        def on_batch(self, training: Any) -> None:
            moments.append(f"batch {training.batch}")

        def on_epoch(self, training: Any) -> None:
            moments.append(f"epoch {training.epoch}")
            if training.epoch == 2:
                raise KeyboardInterrupt

        def on_end(self, training: Any) -> None:
            moments.append("end")

    with pytest.raises(KeyboardInterrupt):
        trained(plain(), epochs=3, batch_size=20, callbacks=[Watch()])
    one = ["batch 1", "batch 2"]
    assert moments == ["start", *one, "epoch 1", *one, "epoch 2", "end"]


def test_a_callback_can_stop_the_training() -> None:
    class Stop(Callback):
        def on_epoch(self, training: Any) -> None:
            training.stop("enough")

    history = trained(plain(), epochs=5, callbacks=[Stop()])
    assert len(history) == 1 and history.stopped == "enough"


class Scripted(Callback):
    """Puts numbers into the history, as if they had been measured."""

    def __init__(self, name: str, values: list[float]) -> None:
        self.name, self.values = name, values
        self.states: list[dict[str, bytes]] = []

    def on_epoch(self, training: Any) -> None:
        training.history.last[self.name] = self.values[training.epoch - 1]
        self.states.append(numbers_of(training.model))


@pytest.mark.parametrize(
    ("name", "values", "epochs", "best"),
    [
        ("validation_loss", [3.0, 2.0, 2.5, 2.0, 1.0], 4, 1),
        ("validation_loss", [3.0, 2.0, 2.5, 1.0, 1.0, 1.0, 9.0], 6, 3),
        ("accuracy", [0.5, 0.4, 0.6, 0.6, 0.5], 5, 2),
    ],
)
def test_early_stopping_waits_and_gives_the_best_back(
    name: str, values: list[float], epochs: int, best: int
) -> None:
    problem, script = plain(), Scripted(name, values)
    history = trained(problem, epochs=20, callbacks=[script, EarlyStopping(name, patience=2)])
    assert len(history) == epochs
    assert history.stopped == f"{name} was not better than {values[best]:g} for 2 epochs"
    assert numbers_of(problem.model) == script.states[best]


def test_early_stopping_may_leave_the_last_parameters() -> None:
    problem, script = plain(), Scripted("loss", [1.0, 2.0])
    stopping = EarlyStopping("loss", patience=1, restore_best=False)
    trained(problem, epochs=9, callbacks=[script, stopping])
    assert numbers_of(problem.model) == script.states[-1] != script.states[0]


def test_early_stopping_counts_gains_above_the_least() -> None:
    script = Scripted("loss", [1.0, 0.95, 0.91, 0.85])
    stopping = EarlyStopping("loss", patience=2, least_gain=0.1)
    assert len(trained(plain(), epochs=9, callbacks=[script, stopping])) == 3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"patience": 0}, "EarlyStopping: patience is 0"),
        ({"least_gain": -1.0}, "EarlyStopping: least_gain is -1.0"),
        ({"least_gain": float("nan")}, "EarlyStopping: least_gain is nan"),
    ],
)
def test_early_stopping_refuses_settings_that_never_stop(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        EarlyStopping(**settings)


class Log(Module):
    def forward(self, x: Any) -> Any:
        return autograd.log(x)


@np.errstate(all="ignore")
def test_the_first_layer_with_a_bad_output_is_named() -> None:
    rng = np.random.default_rng(0)
    model = Sequential(Linear(2, 3, rng=rng), Sequential(Tanh(), Log()), Linear(3, 2, rng=rng))
    with pytest.raises(
        DivergenceError,
        match=r"fit: the loss is nan in epoch 1, batch 1: the first bad layer is 1\.1 \(Log\), "
        r"which gives nan in \d+ of 48 places for inputs from -0\.\d+ to 0\.\d+",
    ):
        fit(
            model, points(), cross_entropy, SGD(model.parameters(), lr=0.1),
            epochs=1, batch_size=16, rng=rng, progress=False,
        )  # fmt: skip


@np.errstate(all="ignore")
def test_a_loss_that_is_bad_alone_is_named() -> None:
    problem = plain()

    def loss(outputs: Any, y: np.ndarray) -> Any:
        return (outputs - outputs.data).sum().log()

    with pytest.raises(DivergenceError, match=r"the loss is -inf in epoch 1, batch 1: the outputs "
                       r"of all layers are finite, it is the loss that is not"):  # fmt: skip
        fit(
            problem.model, problem.data, loss, problem.optimizer,
            epochs=1, rng=problem.rng, progress=False,
        )  # fmt: skip


def test_a_learning_rate_that_is_too_large_is_named_and_the_checkpoint_kept(
    tmp_path: Any,
) -> None:
    x = np.linspace(-1, 1, 64).reshape(64, 1)
    model = Sequential(Linear(1, 1, rng=np.random.default_rng(0)))
    optimizer = SGD(model.parameters(), lr=1e60)
    path = tmp_path / "run.npz"
    with (
        np.errstate(all="ignore"),
        pytest.raises(DivergenceError, match=r"fit: the loss is inf in epoch [234], batch 1: .*"
                      r"; the last good state is in .*run\.npz"),
    ):  # fmt: skip
        fit(
            model, (x, 3 * x), mse, optimizer,
            epochs=50, batch_size=64, rng=np.random.default_rng(0), checkpoint=path, progress=False,
        )  # fmt: skip
    kept = autograd.load(path)
    assert all(np.isfinite(array).all() for name, array in kept.items() if "weight" in name)


def test_parameters_that_are_spoilt_by_the_last_batch_are_not_saved(tmp_path: Any) -> None:
    problem = plain()

    class Spoil(Callback):
        def on_batch(self, training: Any) -> None:
            if training.epoch == 1 and training.batch == 3:
                training.model[2].bias.data = np.array([0.0, np.inf])

    path = tmp_path / "run.npz"
    with pytest.raises(DivergenceError, match=r"fit: 2\.bias is not finite in epoch 2, its last "
                       r"batch: a step has made 2\.bias infinite or nan; the learning rate 0\.05 "
                       r"may be too large.*the last good state is in"):  # fmt: skip
        trained(problem, checkpoint=path, callbacks=[Spoil()])
    assert np.isfinite(autograd.load(path)["state.models.0.2.bias"]).all()


def test_a_parameter_that_was_bad_before_is_named() -> None:
    problem = plain()
    problem.model[0].weight.data[0, 0] = np.nan
    with pytest.raises(DivergenceError, match=r"0\.weight was not finite before the first step"):
        trained(problem)


@pytest.mark.parametrize(("bad", "text"), [(np.nan, "nan"), (-np.inf, "-inf")])
def test_data_that_is_not_finite_is_refused_with_its_sample(bad: float, text: str) -> None:
    problem = plain()
    problem.data[0][7, 1] = bad
    with pytest.raises(
        OperandError, match=rf"fit: x has {text} in row 7, column 1; leave that row out"
    ):
        trained(problem)


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"epochs": 0}, SettingError, "fit: epochs is 0; pass a whole number of at least 1"),
        ({"batch_size": 2.5}, SettingError, "fit: batch_size is 2.5; pass a whole number"),
        ({"rng": 3}, OperandError, "fit: rng is 3, not a np.random.Generator"),
        ({"metrics": ["accuracy"]}, OperandError, "metric 'accuracy' is .*; pass a function"),
        ({"metrics": [accuracy, accuracy]}, SettingError, "two metrics have the same name"),
        ({"resume": True}, SettingError, "fit: resume needs a checkpoint to go on from"),
    ],
)
def test_bad_arguments_are_refused(change: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        trained(plain(), **change)


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        ((np.zeros((0, 2)), np.zeros(0, int)), ShapeError,
         r"fit: x of shape \(0, 2\) has no sample"),
        ((np.zeros((3, 2)), np.zeros(2, int)), ShapeError, r"x of shape \(3, 2\) and y of shape "
         r"\(2,\); the first axis"),
        (np.zeros((3, 2)), OperandError, r"fit: the data is a ndarray; pass a pair \(x, y\)"),
    ],
)  # fmt: skip
def test_bad_data_is_refused(data: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        trained(plain()._replace(data=data))


def test_a_class_is_no_model() -> None:
    with pytest.raises(OperandError, match=r"fit: the model is .*Tanh.*, not a nn\.Module"):
        trained(plain()._replace(model=Tanh))


@pytest.mark.parametrize(
    ("loss", "kind", "message"),
    [
        (lambda outputs, y: 3.0, OperandError, r"fit: the loss is 3\.0 \(float\); loss\(model"),
        (lambda outputs, y: outputs, ShapeError, r"fit: the loss has shape \(16, 2\); reduce it"),
    ],
)
def test_a_loss_that_is_no_number_of_a_graph_is_refused(
    loss: Any, kind: type[Exception], message: str
) -> None:
    problem = plain()
    with pytest.raises(kind, match=message):
        fit(
            problem.model, problem.data, loss, problem.optimizer,
            epochs=1, batch_size=16, rng=problem.rng, progress=False,
        )  # fmt: skip


def test_the_progress_bar_shows_epoch_loss_metrics_and_speed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    trained(plain(), metrics=[accuracy], progress=True)
    last = capsys.readouterr().err.rstrip().splitlines()[-1].split("\r")[-1]
    for part in ("epoch 2/2: 100%", "80.0/80.0", "samples/s", "loss=0.", "accuracy=0."):
        assert part in last
    trained(plain())
    assert capsys.readouterr().err == ""


def test_targets_may_be_numbers() -> None:
    x = np.array([[2.0], [4.0], [6.0], [8.0]])
    y = np.array([[81.0], [93.0], [91.0], [97.0]])
    model = Linear(1, 1, rng=np.random.default_rng(0))
    fit(
        model, (x, y), mse, SGD(model.parameters(), lr=0.03),
        epochs=2000, batch_size=4, rng=np.random.default_rng(0), progress=False,
    )  # fmt: skip
    assert model.weight.item() == pytest.approx(2.3, abs=1e-6)
    assert model.bias is not None and model.bias.item() == pytest.approx(79, abs=1e-5)
    assert isinstance(model(x), Tensor)
