"""Random numbers: which generators have been drawn from since they were last looked at."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

__all__ = ["GENERATORS", "Generators"]

GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)
"""The classes of objects that random numbers are drawn from."""


class Generators:
    """The generators that Python and NumPy share, and those that are added, with their states.

    >>> generators = Generators()
    >>> rng = np.random.default_rng(0)
    >>> generators.add(rng, "rng")
    >>> _ = rng.normal()
    >>> list(generators.moved())
    ['rng']
    """

    def __init__(self) -> None:
        self._states: list[tuple[Any, str, Any]] = []
        self._shared: list[Any] = []
        # The generators that the functions of the two modules draw from.
        self.add(random.getstate, "the module random")
        self.add(partial(np.random.get_state, legacy=False), "np.random")
        self._shared = [state for _, _, state in self._states]

    def add(self, generator: Any, name: str) -> None:
        """Look at a generator, or at what gives the state of one."""
        state = _state_of(generator)
        # ``from random import random`` is a method of a generator that is among the first two.
        if state is not None and state not in self._shared:
            self._states.append((generator, name, state))

    def moved(self) -> Iterator[str]:
        """The names of the generators that random numbers were drawn from."""
        for generator, name, state in self._states:
            if _state_of(generator) != state:
                yield name


def _state_of(generator: Any) -> Any:
    """The state of a generator; None if it has none, as that of the operating system."""
    if isinstance(generator, np.random.Generator):
        return _comparable(generator.bit_generator.state)
    if isinstance(generator, np.random.RandomState):
        return _comparable(generator.get_state(legacy=False))
    if isinstance(generator, random.SystemRandom):
        return None
    return _comparable(
        generator.getstate() if isinstance(generator, random.Random) else generator()
    )


def _comparable(state: Any) -> Any:
    if isinstance(state, dict):
        return {key: _comparable(part) for key, part in state.items()}
    if isinstance(state, tuple):
        return tuple(map(_comparable, state))
    return state.tobytes() if isinstance(state, np.ndarray) else state
