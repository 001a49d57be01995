"""Pages: self-contained HTML documents, which need no network and run no script but their own."""

from __future__ import annotations

from .document import Language, Page, PageTheme

__all__ = ["Language", "Page", "PageTheme"]
