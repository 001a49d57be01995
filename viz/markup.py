"""Writing SVG as text: numbers, escaped texts, and the fonts of their scripts."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import escape

__all__ = ["attributes", "escaped", "number", "polyline", "raised", "spans"]

EAST_ASIAN = (
    "Noto Sans CJK KR, Noto Sans KR, Apple SD Gothic Neo, Malgun Gothic, "
    "Noto Sans CJK JP, Noto Sans CJK SC, sans-serif"
)
OTHER = "DejaVu Sans, Noto Sans, Segoe UI, Arial Unicode MS, sans-serif"

# What is within these Open Sans has, or the mark before it belongs to it.
MARKUP = re.compile("[&<>\"']")
FOREIGN = re.compile(
    "(?P<east>[\u1100-\u11ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f"
    "\uff00-\uffef\U00020000-\U0003ffff]+)"
    "|(?P<other>[^\u0000-\u052f\u1e00-\u1eff\u2000-\u2069\u2070-\u2079\u2202\u220f-\u2212"
    "\u221a\u221e\u2248\u2260\u2264\u2265\ufb00-\ufb04\ufe0f\ufffd]+)"
)


def number(number: float) -> str:
    """A number of pixels with one decimal, which is finer than any screen.

    >>> number(2.0), number(12345.678)
    ('2', '12345.7')
    """
    return f"{number:.1f}".removesuffix(".0")


def polyline(*points: tuple[float, float]) -> str:
    """The path that joins points by straight lines.

    >>> polyline((0.0, 1.0), (2.5, 1.0))
    'M0,1 L2.5,1'
    """
    return "M" + " L".join(f"{number(x)},{number(y)}" for x, y in points)


def escaped(text: str) -> str:
    """A text in which no character is markup.

    >>> escaped('a < "b"')
    'a &lt; &quot;b&quot;'
    """
    # Most texts are numbers and names, and need no five replacements.
    return escape(text) if MARKUP.search(text) else text


def attributes(facts: dict[str, str | float]) -> str:
    """Attributes as they stand in a tag, a blank before each.

    >>> attributes({"x": 1.5, "data-key": '"<'})
    ' x="1.5" data-key="&quot;&lt;"'
    """
    return "".join(
        f' {name}="{escaped(fact) if isinstance(fact, str) else number(fact)}"'
        for name, fact in facts.items()
    )


def spans(text: str) -> str:
    """A text as the content of an element, with a font for the scripts that Open Sans lacks.

    A browser would find one by itself; what makes PNG and PDF takes any that has the characters,
    be it bold or with serifs.

    >>> spans("σ < 1")
    'σ &lt; 1'
    >>> spans("값 b")
    '<tspan font-family="Noto Sans CJK KR, ..., sans-serif">값</tspan> b'
    """
    if text.isascii():
        return escaped(text)
    # The escaped characters are ASCII, and no font but Open Sans is looked up for them.
    return FOREIGN.sub(_with_font, escape(text))


def _with_font(found: re.Match[str]) -> str:
    family = EAST_ASIAN if found["east"] else OTHER
    return f'<tspan font-family="{family}">{found[0]}</tspan>'


@lru_cache(maxsize=128)
def raised(symbol: str) -> str:
    """A symbol whose superscript at the end is written as a small letter: few fonts have it.

    >>> raised("xⁿ")
    'x<tspan dy="-0.5em" font-size="75%">n</tspan>'
    """
    decomposed = unicodedata.decomposition(symbol[-1:]).split()
    if decomposed[:1] != ["<super>"]:
        return spans(symbol)
    letter = escape(chr(int(decomposed[1], 16)))
    return f'{spans(symbol[:-1])}<tspan dy="-0.5em" font-size="75%">{letter}</tspan>'
