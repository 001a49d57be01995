"""Programs of functions on arrays: recorded once, and replayed into buffers that are kept."""

from __future__ import annotations

from .program import TensorProgram, record_tensors

__all__ = ["TensorProgram", "record_tensors"]
