"""A drawing as a page, to look around in: it can be moved, enlarged and searched."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from ..circuit import Circuit
from ..pages import Language, Page, PageTheme
from .document import drawing_data

__all__ = ["page_text"]

TEXTS: Mapping[Language, dict[str, str]] = {
    "en": {
        "title": "A graph of gates",
        "drawing": "The graph. Drag to move it, turn the wheel or press + and - to enlarge it.",
        "search": "Search",
        "found": "{count} found",
        "larger": "Larger",
        "smaller": "Smaller",
        "fit": "The whole graph",
        "hint": "Point at a gate or a wire, or choose one, to read its numbers.",
        "value": "value",
        "gradient": "gradient",
        "local": "local derivative",
        "shape": "shape",
        "formula": "formula",
        "leaf": "leaf",
        "constant": "constant",
        "output": "output",
        "gate": "gate",
        "fork": "fork: gradients add up",
        "box": "box",
        "not finite": "not finite",
        "vanished": "vanished",
        "exploded": "exploded",
    },
    "ko": {
        "title": "게이트로 그린 계산 그래프",
        "drawing": "계산 그래프. 끌어서 옮기고, 휠이나 + 와 - 키로 확대하거나 축소합니다.",
        "search": "검색",
        "found": "{count}개 찾음",
        "larger": "확대",
        "smaller": "축소",
        "fit": "전체 보기",
        "hint": "게이트나 선을 가리키거나 선택하면 값을 볼 수 있습니다.",
        "value": "값",
        "gradient": "기울기",
        "local": "국소적 미분",
        "shape": "형상",
        "formula": "식",
        "leaf": "입력 노드",
        "constant": "상수",
        "output": "출력",
        "gate": "게이트",
        "fork": "분기: 기울기가 더해집니다",
        "box": "묶음",
        "not finite": "유한하지 않음",
        "vanished": "기울기 소실",
        "exploded": "기울기 폭발",
    },
}

BODY = """<main class="viewer">
<h1 class="hidden-visually">{title}</h1>
<div class="bar" role="search">
<label for="search" class="hidden-visually">{search}</label>
<input id="search" type="search" placeholder="{search}" autocomplete="off">
<output id="count" class="count" aria-live="polite"></output>
</div>
<div id="drawing" class="drawing" tabindex="0" role="group" aria-label="{drawing}">
{svg}
<div class="zoom">
<button id="larger" type="button" aria-label="{larger}" title="{larger}">+</button>
<button id="smaller" type="button" aria-label="{smaller}" title="{smaller}">−</button>
<button id="fit" type="button" aria-label="{fit}" title="{fit}">□</button>
</div>
</div>
<section id="card" class="card" role="status" aria-live="polite">{hint}</section>
</main>"""


def page_text(circuit: Circuit, svg: str, *, theme: PageTheme, language: Language) -> str:
    """The page of a circuit that is drawn as this SVG.

    >>> from autograd import Value
    >>> from viz import draw
    >>> page = draw(Value(2.0, name="x").exp()).html(lang="ko")
    >>> "게이트로 그린 계산 그래프" in page
    True
    """
    texts = TEXTS[language]
    title = circuit.title or texts["title"]
    shown = {name: escape(text) for name, text in (texts | {"title": title}).items()}
    return Page(
        title=title,
        body=BODY.format(svg=svg, **shown),
        assets=(
            "viz.pages:drawing.css",
            "viz.formats:viewer.css",
            "viz.pages:panzoom.js",
            "viz.pages:search.js",
            "viz.formats:viewer.js",
        ),
        data={"texts": texts, **drawing_data(circuit)},
        language=language,
        theme=theme,
    ).html
