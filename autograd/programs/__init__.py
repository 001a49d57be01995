"""Programs of functions of scalars: traced once, replayed from then on, trained, saved, told."""

from __future__ import annotations

from .file_format import load_program
from .program import Program
from .tracing import Traced, trace
from .vectorized import vmap

__all__ = ["Program", "Traced", "load_program", "trace", "vmap"]
