"""How hard the property tests try: ``HYPOTHESIS_PROFILE`` is ``quick`` (default) or ``thorough``.

Quick runs draw the same examples each time, so that a change is judged by what it changed.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_SHARED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("quick", max_examples=50, derandomize=True, **_SHARED)
settings.register_profile("thorough", max_examples=2000, **_SHARED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
