"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(path: str | os.PathLike[str], content: bytes | memoryview) -> Path:
    """Write a file so that nobody ever sees half of it, and return its path.

    It is written under another name in the same folder and then renamed, which is one step.

    Raises:
        OSError: the fitting kind of it, if the file cannot be written; an older file stays.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder, "a.txt"), b"all").read_bytes()
    b'all'
    """
    path = Path(path)
    # A link stays one, and what it points to is replaced.
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"cannot save {path}: there is no folder {target.parent}; make it first, with "
            "Path(...).mkdir(parents=True)"
        )
    if target.is_dir():
        raise IsADirectoryError(f"cannot save {path}: it is a folder; add a file name")
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        # "x" makes a new file with the permissions that the user's files have.
        with open(part, "xb") as file:
            file.write(content)
        os.replace(part, target)
    except OSError as error:
        raise type(error)(
            f"cannot save {path}: {error.strerror or error}; save it in a folder that has room "
            "and that you may write to"
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return path
