"""Layers: the modules that networks are built of."""

from __future__ import annotations

from nn.layers.linear import Linear
from nn.layers.sequential import Sequential

__all__ = ["Linear", "Sequential"]
