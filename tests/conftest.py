"""How hard properties are tried: as ``HYPOTHESIS_PROFILE`` says, ``quick`` by default."""

from __future__ import annotations

import os

from pytest_gategrad import load_profile

load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
