"""The chain rule step by step: a page that plays a forward and a backward pass, and its stills."""

from __future__ import annotations

from .walk import Walk, steps

__all__ = ["Walk", "steps"]
