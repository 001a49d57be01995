"""A number that changes when what the compiled loops are written from does."""

from __future__ import annotations

import zlib

from ..kernel import table_fingerprint
from ..update_rules import RULES

__all__ = ["tape_fingerprint"]


def tape_fingerprint() -> int:
    """The fingerprint of the table of gates and of the update rules."""
    rows = [(rule.name, rule.states, rule.settings, [*rule.formulas.items()]) for rule in RULES]
    return zlib.crc32(repr(rows).encode(), table_fingerprint())
