"""What is recorded while a computation runs: whether a graph is built, and whose line built it.

A mode is a context variable: it belongs to the running thread or asyncio task, and ends with its
block, whatever ends the block.
"""

from __future__ import annotations

import copy
import os
import sys
from array import array
from contextlib import ContextDecorator
from contextvars import ContextVar, Token
from types import FrameType
from typing import Any, ClassVar

import numpy as np

__all__ = [
    "OPEN_MODES",
    "detect_anomaly",
    "enable_grad",
    "is_detecting_anomalies",
    "is_recording",
    "line_to_record",
    "lines_as",
    "no_grad",
    "record_lines",
    "trace_here",
    "tracing",
    "users_line",
]

OPEN_MODES = array("i", [0, 0])
"""How many mode blocks are open anywhere, and how many of them trace: while none is open, no node
need ask for its modes."""

# NumPy and copy call the methods of the nodes that they are given in a container.
_NOT_THE_USERS = (
    os.path.dirname(__file__) + os.sep,
    os.path.dirname(np.__file__) + os.sep,
    copy.__file__,
)

_recording: ContextVar[bool] = ContextVar("recording", default=True)
# True for the line that is running, or the line to note in its place.
_recording_lines: ContextVar[bool | str] = ContextVar("recording_lines", default=False)
_detecting_anomalies: ContextVar[bool] = ContextVar("detecting_anomalies", default=False)
_trace: ContextVar[list[Any] | None] = ContextVar("trace", default=None)


class _Mode(ContextDecorator):
    """A block, or a decorated function, in which a context variable holds a value."""

    _variable: ClassVar[ContextVar[Any]]
    _setting: Any

    def __init__(self) -> None:
        self._tokens: list[Token[Any]] = []

    def __enter__(self) -> None:
        self._tokens.append(self._variable.set(self._setting))
        OPEN_MODES[0] += 1

    def __exit__(self, *exception: object) -> None:
        OPEN_MODES[0] -= 1
        self._variable.reset(self._tokens.pop())


class no_grad(_Mode):
    """A block in which nothing is recorded: results are leaves.

    >>> from autograd import Value, no_grad
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.operands
    ()
    """

    _variable = _recording
    _setting = False


class record_lines(_Mode):
    """A block in which every node remembers the file and line that made it, as its ``line``.

    >>> from autograd import Value, record_lines
    >>> with record_lines():
    ...     y = Value(3.0) * 2
    >>> y.line
    '<doctest autograd.modes.record_lines[1]>:2'
    """

    _variable = _recording_lines
    _setting = True


class lines_as(_Mode):
    """A block in which every node remembers ``line``; None where it is to remember none."""

    _variable = _recording_lines

    def __init__(self, line: str | None) -> None:
        super().__init__()
        self._setting = line or False


class enable_grad(_Mode):
    """A block in which operations are recorded, also inside of ``no_grad``."""

    _variable = _recording
    _setting = True


class detect_anomaly(_Mode):
    """A block in which the first value or gradient that is not finite raises an AnomalyError.

    The message names the gate, its operands and, within ``record_lines``, the line that made it.

    >>> from autograd import Tensor, detect_anomaly
    >>> with detect_anomaly():
    ...     Tensor([1.0, -1.0]) * [1.0, float("inf")]
    Traceback (most recent call last):
    autograd.errors.AnomalyError: the value of the gate mul is -inf; its operands: ...
    """

    _variable = _detecting_anomalies
    _setting = True


class tracing(_Mode):
    """A block in which every scalar node is noted when it is made, in its list ``nodes``.

    In it a graph is to be recorded whole: what would read the number of a node raises. What stands
    for an argument is made before it: a leaf that is made within is a constant, and may be read.
    """

    _variable = _trace

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[Any] = []
        self._setting = self.nodes

    def __enter__(self) -> None:
        super().__enter__()
        OPEN_MODES[1] += 1

    def __exit__(self, *exception: object) -> None:
        OPEN_MODES[1] -= 1
        super().__exit__(*exception)


trace_here = _trace.get
"""The list that notes the nodes which are made here and now; None outside of ``tracing``."""


def is_detecting_anomalies() -> bool:
    """Whether results that are not finite are errors here and now."""
    return _detecting_anomalies.get()


def is_recording() -> bool:
    """Whether operations are being recorded into a graph here and now."""
    return _recording.get()


def line_to_record() -> str | None:
    """The user's ``file:line`` that is running, if lines are being recorded."""
    recording = _recording_lines.get()
    if not recording or isinstance(recording, str):
        return recording or None
    return users_line()


def users_line() -> str | None:
    """The ``file:line`` outside of this package and NumPy that runs; None if none does."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code.co_filename.startswith(_NOT_THE_USERS):
        frame = frame.f_back
    return None if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"
