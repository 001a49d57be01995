"""Recording a training of a small net, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd.errors import SettingError, ShapeError
from nn import Callback, History, Module, predict
from nn.arguments import require_count
from nn.data.samples import require_finite
from nn.training.evaluation import checked_data

from ..names import displayed_name
from .net import layer_names, owner, passed
from .surface import Surface, surface_of
from .task import Task, TaskKind, require_task_kind, task_of

if TYPE_CHECKING:
    from nn import Training

__all__ = ["Frame", "TrainingRecorder"]

Array: TypeAlias = npt.NDArray[Any]

MOST_PARAMETERS = 5000
"""A net with more is neither drawn nor kept a hundred times."""
MOST_POINTS = 400
"""How many samples are drawn."""
MOST_SAMPLES = 60
ACTIVATION_NUMBERS = 150_000
"""How many activations the frames may have together."""


@dataclass(frozen=True)
class Frame:
    """A net after an epoch, its arrays as float32."""

    epoch: int
    weights: tuple[Array, ...]
    """Of each layer that is drawn, (inputs, outputs)."""
    biases: tuple[Array, ...]
    """Of each layer that is drawn, (outputs,): zeros where it has none."""
    columns: tuple[Array, ...]
    """What stands before, between and behind the layers, each (samples, width)."""
    outputs: Array
    """For each sample, (samples, k): probabilities of the classes, or the outputs themselves."""
    gradients: Array | None
    """For each layer the mean size of its gradient in the batches of the epoch, (layers,)."""
    surface: Array | None
    """What the net gives on the surface, if there is one."""


class TrainingRecorder(Callback):
    """Keeps what a small net is and does before its training and after each epoch of it.

    For `nn.fit` it is one of the `callbacks`; `viz.training` makes a page of it. It reads the
    model and changes nothing: neither modes nor gradients nor the course of the training.

    Args:
        data: x (n, features) and y (n,) or (n, k), what the net is shown on, mostly the data that
            it learns from.
        class_names: what the classes are called, by number; the numbers themselves if left out.
        feature_names: what the features are called; x1, x2, ... if left out.
        features: the places of the two features that span the picture of the decision boundary,
            while the others stay at their mean; needed where there are more than two.
        task: "binary", "classes" or "regression", if the targets do not tell it.
        logits: whether the net gives logits; False where it ends in Softmax or Sigmoid.
        every: how many epochs lie between two frames. The first and the last are always kept.
        most: how many frames are kept, at least 3. When there would be more, every other one is
            dropped, and from then on half as many are kept.

    Raises:
        ShapeError: x is not (n, features), or y is not as long.
        OperandError: x or y has a nan or an infinity.
        SettingError: a number, a name or a choice is out of its range. When the training begins:
            the net has more than 5,000 parameters.

    >>> import nn
    >>> x, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
    >>> rng = np.random.default_rng(0)
    >>> net = nn.Sequential(nn.Linear(2, 4, rng=rng), nn.Tanh(), nn.Linear(4, 2, rng=rng))
    >>> recorder = TrainingRecorder((x, y), class_names=["same", "different"])
    >>> history = nn.fit(
    ...     net, (x, y), nn.cross_entropy, nn.Adam(net.parameters()),
    ...     epochs=3, rng=rng, callbacks=[recorder], progress=False,
    ... )
    >>> [frame.epoch for frame in recorder.frames]
    [0, 1, 2, 3]
    """

    def __init__(
        self,
        data: tuple[Array, Array],
        *,
        class_names: Sequence[object] | None = None,
        feature_names: Sequence[object] | None = None,
        features: tuple[int, int] | None = None,
        task: TaskKind | None = None,
        logits: bool = True,
        every: int = 1,
        most: int = 101,
    ) -> None:
        x, y = checked_data(data, "TrainingRecorder")
        if x.ndim != 2 or not x.shape[1]:
            raise ShapeError(
                f"TrainingRecorder: x of shape {x.shape}; pass (n, features), of one feature as "
                "x[:, None]"
            )
        require_finite(x, "TrainingRecorder: x")
        require_finite(y, "TrainingRecorder: y")
        require_count(every, "TrainingRecorder: every")
        require_count(most, "TrainingRecorder: most")
        if most < 3:
            raise SettingError(f"TrainingRecorder: most is {most}; pass at least 3")
        require_task_kind(task)
        self.x, self.y = x, y
        self.class_names = class_names
        self.feature_names = _feature_names(feature_names, x.shape[1])
        self.features = _chosen(features, x.shape[1])
        self.task_kind = task
        self.logits = logits
        self.every = every
        self.most = most
        self.frames: list[Frame] = []
        """In the order of their epochs; the first is the net before its training."""
        self.history = History()
        self.planned = 0
        """How many epochs there were to be."""
        self.layers: list[str] = []
        """The layers that have parameters."""
        # The last epoch, where it is no frame: the parameters, and the sizes of the gradients.
        self._last: tuple[dict[str, Array], Array] | None = None

    def on_start(self, training: Training) -> None:
        """Look at the model, and keep it as the first frame.

        Raises:
            SettingError: it has more than 5,000 parameters.
            ShapeError: its outputs are not (n,) or (n, k), or do not fit the targets.
            LabelError: a class has no output.
        """
        model = training.model
        _require_small(model)
        self.history, self.planned = training.history, training.epochs
        self.layers = layer_names(model)
        self.frames, self._step = [], self.every
        self._last = None
        first = passed(model, self.x)
        self.task: Task = task_of(first.outputs, self.y, self.task_kind, self.class_names)
        frames = min(self.most, training.epochs // self.every + 2)
        self.surface: Surface | None = surface_of(self.x, self.task, self.features, frames)
        self.points = _spread(self.task.targets, len(self.x), MOST_POINTS)
        """The places in x of the samples that are drawn."""
        neurons = sum(column.shape[1] for column in first.columns) + first.outputs.shape[1]
        count = int(np.clip(ACTIVATION_NUMBERS // (frames * neurons), 1, MOST_SAMPLES))
        # Places in points: what can be chosen is drawn.
        targets = None if self.task.targets is None else self.task.targets[self.points]
        self.samples = _spread(targets, len(self.points), count)
        self._forget_gradients()
        self.frames.append(self._frame(model, training.epoch, None))

    def on_batch(self, training: Training) -> None:
        """Add the sizes of the gradients that the batch has left to those of the epoch."""
        sums: dict[str, list[float]] = {}
        for name, parameter in training.model.named_parameters():
            entry = sums.setdefault(owner(name), [0.0, 0])
            if parameter.grad is not None:
                entry[0] += float(np.abs(parameter.grad).sum(dtype=float))
                entry[1] += parameter.size
        self._sizes += [total / count if count else np.nan for total, count in sums.values()]
        self._batches += 1

    def on_epoch(self, training: Training) -> None:
        """Keep the model as a frame, if one is due."""
        gradients = self._sizes / self._batches
        self._forget_gradients()
        if training.epoch % self._step:
            self._last = training.model.state_dict(), gradients
            return
        self._last = None
        self.frames.append(self._frame(training.model, training.epoch, gradients))
        while len(self.frames) > self.most:
            self._step *= 2
            first, *later = self.frames
            self.frames = [first, *(f for f in later if not f.epoch % self._step)]

    def on_end(self, training: Training) -> None:
        """Keep the last epoch, too, which is known by the parameters that it ended with."""
        if self._last is None:
            return
        # Another callback may have given the model the parameters of an earlier epoch.
        now = training.model.state_dict()
        parameters, gradients = self._last
        training.model.load_state_dict(parameters)
        try:
            frame = self._frame(training.model, training.epoch, gradients)
        finally:
            training.model.load_state_dict(now)
        self.frames = [*self.frames[: self.most - 1], frame]
        self._last = None

    @np.errstate(all="ignore")  # what overflows is shown as not finite
    def _frame(self, model: Module, epoch: int, gradients: Array | None) -> Frame:
        x = self.x[self.points][self.samples]
        made = passed(model, x)
        outputs = made.outputs
        if self.task.kind != "regression":
            outputs = predict(model, x, "probabilities", logits=self.logits)
        return Frame(
            epoch,
            weights=tuple(np.array(layer.weight, np.float32) for layer in made.layers),
            biases=tuple(
                np.zeros(layer.weight.shape[1], np.float32)
                if layer.bias is None
                else np.array(layer.bias, np.float32)
                for layer in made.layers
            ),
            columns=made.columns,
            outputs=outputs.reshape(len(x), -1).astype(np.float32),
            gradients=None if gradients is None else gradients.astype(np.float32),
            surface=None
            if self.surface is None
            else self.surface.asked(model, self.task, self.logits),
        )

    def _forget_gradients(self) -> None:
        self._sizes = np.zeros(len(self.layers))
        self._batches = 0


def _require_small(model: Module) -> None:
    count = sum(parameter.size for parameter in model.parameters())
    if count > MOST_PARAMETERS:
        raise SettingError(
            f"TrainingRecorder: the model has {count:,} parameters, and only nets of at most "
            f"{MOST_PARAMETERS:,} can be looked at number by number; record a smaller one, or "
            "pass the history alone to viz.training"
        )


def _chosen(features: tuple[int, int] | None, count: int) -> tuple[int, ...] | None:
    if features is None:
        return None
    chosen = tuple(features)
    if (
        len(chosen) != 2
        or chosen[0] == chosen[1]
        or any(not isinstance(f, int | np.integer) or not 0 <= f < count for f in chosen)
    ):
        raise SettingError(
            f"TrainingRecorder: features is {features!r}; pass two places in range({count})"
        )
    return tuple(map(int, chosen))


def _feature_names(names: Sequence[object] | None, count: int) -> list[str]:
    if names is None:
        return [f"x{place}" for place in range(1, count + 1)]
    if isinstance(names, str) or len(names) != count:
        raise SettingError(
            f"TrainingRecorder: {len(names)} feature_names for {count} features; pass one for each"
        )
    return [displayed_name(name) for name in names]


def _spread(targets: Array | None, count: int, most: int) -> Array:
    """The places of at most so many samples, of every target as large a part as it has."""
    order = np.arange(count) if targets is None else np.argsort(targets, kind="stable")
    if count <= most:
        return np.arange(count)
    return np.sort(order[np.linspace(0, count - 1, most).astype(int)])
