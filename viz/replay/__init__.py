"""A training replayed: a small net epoch by epoch, on one page that needs no network."""

from __future__ import annotations

from .page import TrainingReplay, training
from .recorder import TrainingRecorder

__all__ = ["TrainingRecorder", "TrainingReplay", "training"]
