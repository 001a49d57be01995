"""What a net is trained for, which its outputs and its targets tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from autograd.errors import LabelError, SettingError, ShapeError

from ..names import displayed_name

__all__ = ["Task", "TaskKind", "require_task_kind", "task_of"]

Array: TypeAlias = npt.NDArray[Any]
TaskKind: TypeAlias = Literal["binary", "classes", "regression"]


@dataclass(frozen=True)
class Task:
    """What the outputs of a net stand for.

    `targets` (n,) are classes as numbers from 0 on, or what a regression is to give; they are None
    where it is to give several numbers.
    """

    kind: TaskKind
    targets: Array | None
    class_names: tuple[str, ...] = ()


def require_task_kind(kind: str | None) -> None:
    """Refuse a kind of task that is none.

    Raises:
        SettingError: naming those that there are.
    """
    if kind is not None and kind not in get_args(TaskKind):
        raise SettingError(
            f"TrainingRecorder: task is {kind!r}; pass {', '.join(map(repr, get_args(TaskKind)))} "
            "or None, which tells it from the targets"
        )


def task_of(
    outputs: Array,
    y: Array,
    kind: TaskKind | None = None,
    class_names: Sequence[object] | None = None,
) -> Task:
    """The task behind outputs (n, k) and targets (n,), (n, 1) or (n, k).

    Integers are classes, and so are rows of zeros with a single one; beside one output, zeros and
    ones are, and so are -1 and 1. Anything else is a regression.

    Raises:
        ShapeError: the targets are not of a shape that fits the outputs and the kind.
        LabelError: a class has no output.
        SettingError: there are not as many names as classes.

    >>> task_of(np.zeros((3, 2)), np.array([0, 1, 1])).kind
    'classes'
    >>> task_of(np.zeros((3, 1)), np.array([-1.0, 1.0, 1.0])).targets
    array([0, 1, 1])
    >>> task_of(np.zeros((3, 1)), np.array([0.5, 1.0, 2.0])).kind
    'regression'
    """
    width = outputs.shape[1]
    flat = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    found = kind or _kind(width, flat)
    if found == "regression":
        return Task(found, flat.astype(float) if flat.ndim == 1 and width == 1 else None)
    classes = flat.argmax(axis=1) if _is_one_hot(flat, width) else flat
    if classes.ndim != 1 or (found == "binary") != (width == 1):
        raise ShapeError(
            f"TrainingRecorder: targets of shape {y.shape} and outputs of shape {outputs.shape} "
            f"do not fit the task {found!r}; one output is binary, more are classes"
        )
    classes = (classes > 0 if found == "binary" else classes).astype(int)
    count = 2 if found == "binary" else width
    if classes.min() < 0 or classes.max() >= count:
        wrong = classes[(classes < 0) | (classes >= count)][0]
        raise LabelError(f"TrainingRecorder: label {wrong} in y, but the net has {count} outputs")
    return Task(found, classes, _names(class_names, count))


def _kind(width: int, flat: Array) -> TaskKind:
    if width == 1:
        values = set(np.unique(flat).tolist()) if flat.ndim == 1 else {None}
        return "binary" if values <= {0, 1} or values <= {-1, 1} else "regression"
    whole = flat.ndim == 1 and flat.dtype.kind in "iub"
    return "classes" if whole or _is_one_hot(flat, width) else "regression"


def _is_one_hot(flat: Array, width: int) -> bool:
    return (
        flat.ndim == 2
        and flat.shape[1] == width
        and bool(np.isin(flat, (0, 1)).all() and (flat.sum(axis=1) == 1).all())
    )


def _names(names: Sequence[object] | None, count: int) -> tuple[str, ...]:
    if names is None:
        return tuple(map(str, range(count)))
    if isinstance(names, str) or len(names) != count:
        raise SettingError(
            f"TrainingRecorder: {len(names)} class_names for {count} classes; pass one for each"
        )
    return tuple(map(displayed_name, names))
