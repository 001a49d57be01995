"""Checkpoints: the whole state of a training in one file, to go on from after a crash.

The file is an ``.npz`` of plain arrays, one of which is the text that tells how they belong
together. It appears whole or not at all, and nothing in it is ever run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

import autograd
from autograd.errors import FormatError, OperandError, SettingError, StateError
from nn.training.history import History

if TYPE_CHECKING:
    from nn.training.loop import Training

__all__ = ["file_of", "restore_checkpoint", "write_checkpoint"]

Array: TypeAlias = npt.NDArray[Any]

_VERSION = 1
_STRUCTURE = "structure"
_ARRAY = "array"


def file_of(path: str | os.PathLike[str]) -> Path:
    """The file of a checkpoint; a name without a suffix gets ``.npz``."""
    path = Path(path)
    return path if path.suffix else path.with_suffix(".npz")


def write_checkpoint(training: Training) -> None:
    """Save all that the further course of a training depends on.

    Raises:
        OSError: the file cannot be written; an older one stays.
        OperandError: a state holds what is neither a number, a text, an array, a list nor a dict.
    """
    if training.checkpoint is not None:
        arrays: dict[str, Array] = {}
        structure = json.dumps(_without_arrays(_state(training), "state", arrays))
        arrays[_STRUCTURE] = np.frombuffer(structure.encode(), np.uint8)
        autograd.save(training.checkpoint, arrays)


def restore_checkpoint(training: Training) -> None:
    """Bring a training to the state of its checkpoint, if there is one.

    Raises:
        SettingError: the training has no checkpoint to go on from.
        FormatError: the file is damaged or no checkpoint.
        StateError: it is of another model, optimizer or data set.
    """
    path = training.checkpoint
    if path is None:
        raise SettingError("fit: resume needs a checkpoint to go on from; pass checkpoint=...")
    if not path.exists():
        return
    state = _read(path)
    for name in ("samples", "batch_size"):
        if state[name] != getattr(training, name):
            raise StateError(
                f"fit: {path} is of a training with {name} {state[name]}, not "
                f"{getattr(training, name)}; go on with that, or save to another file"
            )
    for name, parts in _parts(training).items():
        if len(parts) != len(state[name]):
            raise StateError(
                f"fit: {path} is of a training with {len(state[name])} {name}, and this one has "
                f"{len(parts)}"
            )
        for part, kept in zip(parts, state[name], strict=True):
            part.load_state_dict(kept)
    _restore_generators(path, _generators(training), state["generators"])
    training.history = History(**state["history"])


def _state(training: Training) -> dict[str, Any]:
    parts = {
        name: [part.state_dict() for part in parts] for name, parts in _parts(training).items()
    }
    return {
        "version": _VERSION,
        "samples": training.samples,
        "batch_size": training.batch_size,
        **parts,
        "generators": [generator.bit_generator.state for generator in _generators(training)],
        "history": vars(training.history),
    }


def _parts(training: Training) -> dict[str, list[Any]]:
    """What has a state of its own."""
    schedulers = [] if training.scheduler is None else [training.scheduler]
    return {
        "models": [training.model],
        "optimizers": [training.optimizer],
        "schedulers": schedulers,
        "callbacks": training.callbacks,
    }


def _generators(training: Training) -> list[np.random.Generator]:
    """The generators of the training and of its layers, each once."""
    found = [training.rng]
    for _, module in training.model.named_modules():
        found += [part for part in vars(module).values() if isinstance(part, np.random.Generator)]
    return list({id(generator): generator for generator in found}.values())


def _restore_generators(
    path: Path, generators: Sequence[np.random.Generator], states: Sequence[Mapping[str, Any]]
) -> None:
    try:
        for generator, state in zip(generators, states, strict=True):
            generator.bit_generator.state = state
    except ValueError as error:
        raise StateError(
            f"fit: the random generators of {path} are others than those of this training: {error}"
        ) from error


def _without_arrays(value: Any, path: str, arrays: dict[str, Array]) -> Any:
    """The value for JSON, in which the name of an array stands for it."""
    if isinstance(value, Mapping):
        return {
            str(name): _without_arrays(part, f"{path}.{name}", arrays)
            for name, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_arrays(part, f"{path}.{at}", arrays) for at, part in enumerate(value)]
    if isinstance(value, np.ndarray | np.generic):
        arrays[path] = np.asarray(value)
        return {_ARRAY: path}
    if value is None or isinstance(value, str | int | float):
        return value
    raise OperandError(
        f"checkpoint: {path} is {value!r}; a state_dict holds numbers, texts, arrays, lists and "
        "dicts of them"
    )


def _with_arrays(value: Any, arrays: Mapping[str, Array]) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_ARRAY}:
            return arrays[value[_ARRAY]]
        return {name: _with_arrays(part, arrays) for name, part in value.items()}
    if isinstance(value, list):
        return [_with_arrays(part, arrays) for part in value]
    return value


def _read(path: Path) -> dict[str, Any]:
    arrays = autograd.load(path)
    try:
        state: dict[str, Any] = _with_arrays(
            json.loads(arrays[_STRUCTURE].tobytes().decode()), arrays
        )
        version = state["version"]
    except (KeyError, ValueError, TypeError) as error:
        raise FormatError(f"{path} is not a checkpoint of a training") from error
    if version != _VERSION:
        raise FormatError(
            f"{path} is a checkpoint of version {version}, and this gategrad reads {_VERSION}; "
            "resume it with the gategrad that wrote it"
        )
    return state
