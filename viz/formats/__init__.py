"""Formats of a drawing that are neither a picture nor DOT: Mermaid, JSON and a page of HTML."""

from __future__ import annotations

from .document import document_text
from .mermaid import mermaid_text
from .page import page_text

__all__ = ["document_text", "mermaid_text", "page_text"]
