"""What users attach to a node, to see or to change its gradient in a pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Hooks"]

Hook = Callable[[Any], Any]


class Hooks:
    """The hooks of one node, in the order in which they were added."""

    def __init__(self) -> None:
        self._hooks: dict[int, Hook] = {}
        self._added = 0

    def __bool__(self) -> bool:
        return bool(self._hooks)

    def add(self, hook: Hook) -> Callable[[], None]:
        """Add a hook; calling what is returned takes it away."""
        key = self._added
        self._hooks[key] = hook
        self._added += 1

        def remove() -> None:
            self._hooks.pop(key, None)

        return remove

    def apply(self, gradient: Any) -> Any:
        """The gradient after all hooks; a hook that returns None leaves it as it is."""
        for hook in list(self._hooks.values()):
            replacement = hook(gradient)
            if replacement is not None:
                gradient = replacement
        return gradient
