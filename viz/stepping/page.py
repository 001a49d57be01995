"""The page that plays the steps."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..drawing import Drawing
from ..pages import Language, Page
from .frames import Frame
from .texts import WORDS, heading, hint

__all__ = ["page_text"]

BODY = """<main class="steps">
<header class="bar">
<h1>{title}</h1>
<label for="search" class="hidden-visually">{search}</label>
<input id="search" type="search" placeholder="{search}" autocomplete="off">
<output id="count" class="count" aria-live="polite"></output>
</header>
<div id="drawing" class="drawing" tabindex="0" role="group" aria-label="{drawing}">
{svg}
<div class="zoom">
<button id="larger" type="button" aria-label="{larger}" title="{larger}">+</button>
<button id="smaller" type="button" aria-label="{smaller}" title="{smaller}">−</button>
<button id="fit" type="button" aria-label="{fit}" title="{fit}">□</button>
</div>
</div>
<div class="cards">
<section id="card" class="card" role="status" aria-live="polite"></section>
<section id="history" class="card history" aria-label="{history}"><p>{hint}</p></section>
</div>
<div class="bar controls" role="toolbar" aria-label="{slider}">
<button id="first" type="button" aria-label="{first}" title="{first}">|◀</button>
<button id="back" type="button" aria-label="{back}" title="{back}">◀</button>
<button id="play" type="button">{play}</button>
<button id="next" type="button" aria-label="{next}" title="{next}">▶</button>
<button id="last" type="button" aria-label="{last}" title="{last}">▶|</button>
<input id="slider" type="range" min="1" max="{count}" value="1" aria-label="{slider}">
<output id="place" class="count"></output>
<label class="speed">{speed} <input id="speed" type="range" min="0.5" max="4" step="0.5" value="1">
<output id="pace">1×</output></label>
</div>
</main>"""


def page_text(
    drawing: Drawing, frames: Sequence[Frame], title: str | None, language: Language
) -> str:
    """The page of a drawing and the steps through it."""
    words = WORDS[language]
    shown = {name: escape(text) for name, text in words.items()}
    # The title stands above the page: within the drawing it would be said twice.
    shown["title"] = escape(title or words["title"])
    return Page(
        title=title or words["title"],
        body=BODY.format(svg=drawing.svg, **shown | {"count": str(len(frames))}),
        assets=(
            "viz.pages:drawing.css",
            "viz.stepping:steps.css",
            "viz.pages:panzoom.js",
            "viz.pages:search.js",
            "viz.stepping:steps.js",
        ),
        data={
            "words": words,
            "frames": [
                {
                    "phase": frame.phase,
                    "heading": heading(frame, language),
                    "hint": hint(frame, language),
                    "lines": frame.lines,
                    "lit": frame.lit,
                    "values": frame.values,
                    "gradients": frame.gradients,
                }
                for frame in frames
            ],
        },
        language=language,
        theme=drawing.theme,
    ).html
