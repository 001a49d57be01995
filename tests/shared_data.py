"""Real data that lies beside the repository, and is no part of it."""

from __future__ import annotations

from pathlib import Path

import pytest

__all__ = ["shared_file"]

FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def shared_file(name: str) -> Path:
    """The path of a file in ``../shared/data``; the test is skipped where it is absent."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"{name} is not in ../shared/data")
    return path
