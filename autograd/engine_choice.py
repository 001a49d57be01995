"""Which engine runs: the compiled one where it was built, else the same file as Python.

Set the environment variable ``GATEGRAD_ENGINE`` to ``python`` before the import to run the plain
engine where both are installed.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import warnings
from pathlib import Path
from types import ModuleType

__all__ = ["MODULES", "engine"]

MODULES = (
    "changes",
    "backward",
    "value",
    "tensor",
    "lanes",
    "tape.recorded",
    "tape.passes",
    "tape.roll_up",
    "tape.schedule",
    "tape.leaves",
)
"""The modules that are compiled where a compiler is found, each after those that it imports."""


def _load() -> ModuleType:
    """The modules of the engine that was asked for or that is there; ``value`` is returned."""
    wanted = os.environ.get("GATEGRAD_ENGINE", "")
    if wanted not in ("", "native", "python"):
        raise ImportError(
            f"GATEGRAD_ENGINE is {wanted!r}; it may be 'native' or 'python', or not be set"
        )
    if wanted != "python":
        try:
            from . import value
        except ImportError as error:
            if wanted == "native":
                raise
            warnings.warn(f"{error}; running as plain Python", RuntimeWarning, stacklevel=4)
        else:
            if wanted == "native" and not value.COMPILED:
                raise ImportError("the native engine was asked for, but it is not built")
            return value
    return [_load_source(name) for name in MODULES][MODULES.index("value")]


def _load_source(module_name: str) -> ModuleType:
    """A module from its Python source, also where a compiled one lies beside it."""
    name = f"{__package__}.{module_name}"
    spec = importlib.util.spec_from_file_location(
        name, Path(__file__).parent.joinpath(*module_name.split(".")).with_suffix(".py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    # As the import statement would.
    package, _, last = name.rpartition(".")
    vars(importlib.import_module(package))[last] = module
    return module


engine: str = "native" if _load().COMPILED else "python"
"""Which engine runs: "native", compiled, or "python"."""
