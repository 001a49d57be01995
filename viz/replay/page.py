"""The page on which a training is replayed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import get_args

from autograd.errors import FormatError, OperandError
from autograd.exact import shortened
from autograd.saving import write_whole
from nn import History

from ..choices import require_choice
from ..names import displayed_name
from ..pages import Language, Page
from .contents import contents
from .recorder import TrainingRecorder
from .texts import TEXTS

__all__ = ["TrainingReplay", "training"]

BODY = """<main class="replay">
<header>
<h1>{title}</h1>
<dl id="measures" class="measures"></dl>
</header>
<div class="controls" role="group" aria-label="{controls}">
<button id="first" type="button" aria-label="{first}" title="{first}">|◀</button>
<button id="back" type="button" aria-label="{back}" title="{back}">◀</button>
<button id="play" type="button">{play}</button>
<button id="next" type="button" aria-label="{next}" title="{next}">▶</button>
<button id="last" type="button" aria-label="{last}" title="{last}">▶|</button>
<input id="slider" type="range" min="0" value="0" step="1" aria-label="{slider}">
<label class="speed"><span>{speed}</span> <select id="speed"></select></label>
</div>
<p id="notes" class="notes" hidden></p>
<div class="panels panels-{count}">
{panels}
</div>
<details class="numbers"><summary>{numbers}</summary><div id="table"></div></details>
</main>"""

PANEL = """<section id="{name}" class="panel" aria-labelledby="{name}-title">
<div class="head"><h2 id="{name}-title">{title}</h2><div class="legend"></div>{more}</div>
<div class="plot"></div>
</section>"""

CHOICE = """<label class="sample"><span>{sample}</span> <select id="sample"></select></label>
<output id="told" class="told" for="sample"></output>"""


def training(source: TrainingRecorder | History, *, title: str | None = None) -> TrainingReplay:
    """A page that replays a training epoch by epoch.

    Args:
        source: the recorder that was a callback of the training; or a history, of which the losses
            and the measures are shown alone.
        title: of the page.

    Returns:
        The replay; ``save("training.html")`` writes its page.

    Raises:
        OperandError: the source is something else, or holds no training.

    >>> replay = training(History([{"loss": 0.9, "lr": 0.1}, {"loss": 0.4, "lr": 0.1}]))
    >>> replay.html().startswith("<!DOCTYPE html>")
    True
    """
    recorder = source if isinstance(source, TrainingRecorder) else None
    history = source if recorder is None else recorder.history
    if not isinstance(history, History):
        raise OperandError(
            f"viz.training: {shortened(source)} is a {type(source).__name__}; pass the "
            "TrainingRecorder that was a callback of nn.fit, or the History that nn.fit gives"
        )
    if recorder is not None and not recorder.frames:
        raise OperandError(
            "viz.training: the recorder has recorded nothing yet; pass it to nn.fit as one of its "
            "callbacks first"
        )
    if recorder is None and not len(history):
        raise OperandError("viz.training: the history has no epoch yet")
    return TrainingReplay(history, recorder, title)


@dataclass(frozen=True)
class TrainingReplay:
    """A page that replays a training: one HTML document, which asks the network for nothing."""

    history: History
    recorder: TrainingRecorder | None = None
    title: str | None = None

    def __repr__(self) -> str:
        return f"<TrainingReplay of {len(self.history)} epochs>"

    def html(self, lang: Language = "en") -> str:
        """The text of the document, in English ("en") or Korean ("ko").

        Raises:
            FormatError: there are no texts in that language.
        """
        require_choice("lang", lang, get_args(Language))
        texts = TEXTS[lang]
        title = displayed_name(self.title or texts["title"], 80)
        data = contents(self.history, self.recorder, lang)
        panels = [name for name in ("surface", "net", "losses", "gradients") if data[name]]
        shown = {name: escape(text) for name, text in texts.items()}
        body = BODY.format(
            **(shown | {"title": escape(title)}),
            count=len(panels),
            panels="\n".join(
                PANEL.format(
                    name=name,
                    title=shown[data["surface"]["kind"] if name == "surface" else name],
                    more=CHOICE.format(**shown) if name == "net" else "",
                )
                for name in panels
            ),
        )
        assets = ("viz.replay:replay.css", "viz.replay:replay.js")
        return Page(title, body, assets, data, lang).html

    def save(self, path: str | os.PathLike[str], *, lang: Language = "en") -> Path:
        """Save the page in a file whose name ends in .html, and return the path.

        The file appears whole or not at all.

        Raises:
            FormatError: the name ends in something else, or there are no texts in that language.
            OSError: the file cannot be written.
        """
        if Path(path).suffix.lower() != ".html":
            raise FormatError(f"cannot save {Path(path)}: it is a page; end the name in .html")
        return write_whole(path, self.html(lang).encode())
