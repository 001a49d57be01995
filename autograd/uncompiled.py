"""Stands in for Cython's own module where a typed file runs as plain Python without Cython."""

from __future__ import annotations

from typing import TypeVar

__all__ = ["cclass", "compiled", "final", "no_gc"]

Decorated = TypeVar("Decorated")

compiled = False


def cclass(decorated: Decorated) -> Decorated:
    """Leave the class as it is."""
    return decorated


final = no_gc = cclass
