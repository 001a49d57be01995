"""Names that would break a file or run as a script, if something took them for more than text."""

from __future__ import annotations

import itertools

__all__ = ["HOSTILE_NAMES"]

SCRIPTS = [
    "<script>window.run = 1</script>",
    "</script><script>window.run = 1</script>",
    "<img src=x onerror=window.run=1>",
    "<svg onload=window.run=1>",
    "</title><script>window.run = 1</script>",
    "</text><script>window.run = 1</script>",
    "</style><script>window.run = 1</script>",
    "<!--<script>window.run = 1//-->",
    "]]><script>window.run = 1</script>",
    "javascript:window.run=1",
    "' onmouseover='window.run=1",
    '" onmouseover="window.run=1',
    '"><iframe src="javascript:parent.run=1">',
    "{{constructor.constructor('window.run=1')()}}",
    "${window.run=1}",
    "`;window.run=1;`",
    "\\u003cscript\\u003ewindow.run=1",
    "&lt;script&gt;window.run=1",
    "&#60;script&#62;window.run=1",
    "<a href=javascript:window.run=1>x</a>",
]
SYNTAX = [
    '"', "'", "\\", "\\\"", "\\n\\l\\N\\G", "<", ">", "<>", "<b>x</b>", "&", "&amp;", "&nope;",
    "&#0;", "{", "}", "{a|b}", "|", "[", "]", "a]:::gate", "]] --> b", "a:n", "a->b", "a -- b",
    "//", "/*", "#", "#quot;", "#35;", ";", "%%{init: {}}%%", "end", "graph TD",
    "click n0 callback", "digraph", "node", "subgraph x", "}\n", "<!DOCTYPE x>", "<?xml?>",
    "<![CDATA[", "]]>", "--", "-->", "=", "a=b, c=d", "%n%s%d", "{name}", "{gate}", "{0}",
    "{count}", "\0", "null", "undefined", "__proto__", "constructor", "toString",
]  # fmt: skip
UNICODE = [
    "\x00", "\x01", "\x1b[31m", "\x7f", "\ufffe", "\uffff", "\ud800", "\udfff", "\u2028",
    "\u2029", "\u0085", "\n", "\r\n", "\t", " ", "\u00a0", "\u200b", "\u202e" + "gro.live",
    "\u2066x", "\u200f", "שלום", "مرحبا", "가중치", "σ₁", "∂f/∂x", "😀", "👩‍👩‍👧‍👦", "🇰🇷", "é",
    "e\u0301" * 5, "Z̸̡̢" * 9, "ﬁ", "\U0010ffff",
]  # fmt: skip
LONG = ["x" * 10_000, "<" * 10_000, "가" * 10_000, "😀" * 5_000, " ".join(["word"] * 2_000)]
WRAPPED = [f"{before}{text}" for before, text in itertools.product(["w", "'\"<"], SYNTAX)]

HOSTILE_NAMES = list(dict.fromkeys([*SCRIPTS, *SYNTAX, *UNICODE, *LONG, *WRAPPED]))
