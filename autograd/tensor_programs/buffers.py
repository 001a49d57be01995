"""The buffers in which a program is replayed: a set for each call, kept for the calls to come."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .gradients import Gradients
from .layout import Layout
from .schedule import Schedule

__all__ = ["BufferPool", "Buffers"]

# So many sets that no call has are kept.
MOST_KEPT = 3


class Buffers:
    """The numbers of one call, and the ways back through them."""

    def __init__(self, layout: Layout) -> None:
        self.schedule = Schedule(layout)
        self._gradients: dict[tuple[int, tuple[int, ...]], Gradients] = {}

    def gradients(self, output: int, wanted: tuple[int, ...]) -> Gradients:
        """The way from a result to these leaves, all by their slots."""
        known = self._gradients.get((output, wanted))
        if known is None:
            known = self._gradients[output, wanted] = Gradients(self.schedule, output, wanted)
        return known


class BufferPool:
    """Sets of buffers for what a layout says; calls that overlap get different ones."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._kept: list[Buffers] = []

    def computed(self, inputs: Sequence[np.ndarray], parameters: Sequence[np.ndarray]) -> Buffers:
        """A set of the caller's own, with everything computed from these numbers."""
        try:
            buffers = self._kept.pop()
        except IndexError:
            buffers = Buffers(self.layout)
        schedule = buffers.schedule
        for buffer, array in zip(schedule.inputs, inputs, strict=True):
            np.copyto(buffer, array)
        for buffer, array in zip(schedule.parameters, parameters, strict=True):
            np.copyto(buffer, array)
        schedule.run()
        return buffers

    def keep(self, buffers: Buffers) -> None:
        """Take back a set that nothing needs any more."""
        if len(self._kept) < MOST_KEPT:
            self._kept.append(buffers)
