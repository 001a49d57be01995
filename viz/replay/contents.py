"""What the page of a training draws, as data for its script."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nn import History
from nn.training.history import VALIDATION

from ..names import displayed_name
from ..pages import Language
from .packing import packed_floats, packed_levels, packed_parts
from .recorder import Frame, TrainingRecorder
from .surface import Surface
from .texts import TEXTS

__all__ = ["contents"]

Array: TypeAlias = npt.NDArray[Any]


def contents(
    history: History, recorder: TrainingRecorder | None, language: Language
) -> dict[str, Any]:
    """The numbers and names of a training; of its net only where there was a recorder."""
    data: dict[str, Any] = {
        "texts": TEXTS[language],
        "measures": _measures(history, language),
        "losses": {
            name: _rounded(history[key])
            for name, key in (("training", "loss"), ("validation", VALIDATION + "loss"))
            if key in history.names
        },
        "total": len(history),
        "notes": _notes(history, recorder, language),
    }
    if recorder is None:
        epochs = list(range(1, len(history) + 1))
        return {**data, "epochs": epochs, "surface": None, "net": None, "gradients": None}
    frames = recorder.frames
    return {
        **data,
        "epochs": [frame.epoch for frame in frames],
        "task": recorder.task.kind,
        "classes": recorder.task.class_names,
        "points": _points(recorder),
        "samples": recorder.samples.tolist(),
        "outputs": packed_floats(np.stack([frame.outputs for frame in frames])),
        "surface": recorder.surface and _surface(recorder, recorder.surface),
        "net": _net(recorder) if frames[0].columns else None,
        "gradients": {
            "layers": recorder.layers,
            "frames": [_gradients(frame) for frame in frames],
        }
        if recorder.layers
        else None,
    }


def _measures(history: History, language: Language) -> list[dict[str, Any]]:
    texts = TEXTS[language]
    found = []
    for measure in history.measures:
        label = displayed_name(texts[measure] if measure in ("loss", "accuracy") else measure)
        for name, told in (
            (measure, label),
            (VALIDATION + measure, texts["validation of"].format(name=label)),
        ):
            if name in history.names:
                found.append({"name": name, "label": told, "values": _rounded(history[name])})
    return found


def _notes(history: History, recorder: TrainingRecorder | None, language: Language) -> list[str]:
    texts, done = TEXTS[language], len(history)
    if history.stopped is not None:
        return [texts["stopped"].format(reason=displayed_name(history.stopped, 200))]
    if recorder is not None and done < recorder.planned:
        return [texts["broken"].format(epoch=done + 1, planned=recorder.planned)]
    return []


def _points(recorder: TrainingRecorder) -> dict[str, Any]:
    """The samples that are drawn: their rows, and what they are and should be."""
    surface, targets = recorder.surface, recorder.task.targets
    rows = recorder.points
    features = [] if surface is None else list(surface.features)
    return {
        "rows": (rows + 1).tolist(),
        "features": [_rounded(row) for row in recorder.x[rows][:, features].tolist()],
        "targets": None if targets is None else _rounded(targets[rows].tolist()),
    }


def _surface(recorder: TrainingRecorder, surface: Surface) -> dict[str, Any]:
    asked = np.stack([frame.surface for frame in recorder.frames if frame.surface is not None])
    numbers = packed_floats(asked)
    if surface.kind == "regions":
        # The classes have the probability 1 together: the first of them need not be told.
        numbers = packed_parts(asked[..., 1:] if asked.ndim == 3 else asked)
    return {
        "kind": surface.kind,
        "limits": surface.limits,
        "side": surface.side,
        "features": [recorder.feature_names[feature] for feature in surface.features],
        "means": recorder.x.shape[1] > len(surface.features),
        "numbers": numbers,
    }


def _net(recorder: TrainingRecorder) -> dict[str, Any]:
    frames = recorder.frames
    columns = [np.stack(column) for column in zip(*(f.columns for f in frames), strict=True)]
    last = columns[-1].shape[-1]
    return {
        "widths": [column.shape[-1] for column in columns],
        "inputs": recorder.feature_names,
        "outputs": recorder.task.class_names if recorder.task.kind == "classes" else [""] * last,
        "weights": packed_floats(_flat(frame.weights for frame in frames)),
        "biases": packed_floats(_flat(frame.biases for frame in frames)),
        "columns": [packed_levels(column) for column in columns],
    }


def _flat(frames: Iterable[tuple[Array, ...]]) -> Array:
    return np.concatenate([array.ravel() for arrays in frames for array in arrays])


def _gradients(frame: Frame) -> list[float] | None:
    return None if frame.gradients is None else _rounded(frame.gradients.tolist())


def _rounded(numbers: Iterable[float]) -> list[float]:
    """With seven digits, of which the page shows fewer."""
    return [float(f"{number:.7g}") for number in numbers]
