"""steps() and the Walk that it returns."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from autograd import topological_order
from autograd.errors import FormatError, SettingError
from autograd.saving import write_whole

from ..choices import require_choice
from ..dot import Direction
from ..drawing import Drawing, ThemeName
from ..formulas import node_names
from ..graph import circuit_of, graph_to_draw
from ..names import displayed_name, names_by_identity
from ..pages import Language
from ..render import to_png
from ..single_pass import single_pass
from .frames import Frame, frames_of
from .page import page_text
from .stills import still

__all__ = ["Walk", "steps"]

LIMIT = 2000
"""More nodes than these are no walk that anyone would take."""


class Walk:
    """A forward and a backward pass, step by step.

    >>> from autograd import Value
    >>> x, y, z = Value(-2.0, name="x"), Value(5.0, name="y"), Value(-4.0, name="z")
    >>> walk = steps((x + y) * z, names={})
    >>> walk
    <Walk of 10 steps through 2 gates>
    >>> walk.frames[1].lines[0]
    'v3 = x + y = -2 + 5 = 3'
    """

    def __init__(
        self, drawing: Drawing, frames: tuple[Frame, ...], title: str | None = None
    ) -> None:
        self.drawing = drawing
        self.frames = frames
        self._title = title

    def __repr__(self) -> str:
        return f"<Walk of {len(self.frames)} steps through {self.drawing.circuit.contents}>"

    def html(self, lang: Language = "en") -> str:
        """The page: self-contained, and at no time asking the network for anything.

        Raises:
            FormatError: if there are no texts in that language.
            RenderError: if the layout cannot be made.
        """
        require_choice("lang", lang, get_args(Language))
        return page_text(self.drawing, self.frames, self._title, lang)

    def save(self, path: str | os.PathLike[str], *, lang: Language = "en") -> Path:
        """Save the page, whose name must end in .html, and return its path.

        Raises:
            FormatError: if it does not, or there are no texts in that language.
            RenderError: if the layout cannot be made.
            OSError: if the file cannot be written.
        """
        if Path(path).suffix.lower() != ".html":
            raise FormatError(
                f"cannot save {Path(path)}: steps are a page; end the name in .html, or save "
                "pictures by save_frames()"
            )
        return write_whole(path, self.html(lang).encode())

    def save_frames(
        self,
        folder: str | os.PathLike[str],
        *,
        format: Literal["svg", "png"] = "svg",
        lang: Language = "en",
        scale: float = 2.0,
    ) -> list[Path]:
        """Save each step as a picture, step-001.svg and so on, in a folder that is made if needed.

        Args:
            folder: where to.
            format: "svg" or "png".
            lang: the language of the captions, "en" or "ko".
            scale: pixels of a PNG for each pixel of the SVG.

        Raises:
            FormatError: if the format or the language is unknown, or scale not positive.
            RenderError: if a picture cannot be drawn.
            OSError: if a file cannot be written.
        """
        require_choice("lang", lang, get_args(Language))
        require_choice("format", format, ("svg", "png"))
        Path(folder).mkdir(parents=True, exist_ok=True)
        digits = max(3, len(str(len(self.frames))))
        saved = []
        for number in range(1, len(self.frames) + 1):
            svg = still(self._plain.svg, self.frames, number, lang)
            made = to_png(svg, scale) if format == "png" else svg.encode()
            saved.append(write_whole(Path(folder) / f"step-{number:0{digits}}.{format}", made))
        return saved

    @cached_property
    def _plain(self) -> Drawing:
        """The drawing in colours that do not change with the screen."""
        drawing = self.drawing
        theme: ThemeName = "dark" if drawing.theme == "dark" else "light"
        return Drawing(drawing.circuit, drawing.direction, theme)


def steps(
    node: Any,
    f: str | None = None,
    *,
    names: Mapping[str, Any] | None = None,
    lr: float | None = 0.1,
    digits: int = 2,
    title: str | None = None,
    direction: Direction = "LR",
    theme: ThemeName = "auto",
) -> Walk:
    """Show how the chain rule works on the graph of ``node``, step by step.

    First each gate computes its result, with numbers; then the gradient goes back, at every gate
    what comes from its output times the local derivative, with sums where a node is used more than
    once; at last each leaf is updated by gradient descent. The nodes keep the gradients that they
    have: whether ``backward()`` has run makes no difference.

    Args:
        node: a Value, a Tensor, a program with one result or a GradientMismatch.
        f: what the output is called in the formulas, by default its name, or "f".
        names: what to call nodes, as in `draw`.
        lr: the learning rate of the update; None leaves the update out.
        digits: the number of decimals, from 0 to 17.
        title: of the page.
        direction: "LR" or "TB", as in `draw`.
        theme: "light", "dark" or "auto".

    Returns:
        The walk; ``save("backprop.html")`` writes its page.

    Raises:
        OperandError: if ``node`` is no node and has none.
        SettingError: if the graph has more than 2,000 nodes, or ``lr`` is not a finite number.
        FormatError: if ``digits``, ``direction`` or ``theme`` is unknown.

    >>> from autograd import Value
    >>> x = Value(3.0, name="x")
    >>> for frame in steps(x * x, "y", lr=0.5).frames[2:5]:
    ...     print(*frame.lines, sep=", ")
    ∂y/∂y = 1
    ∂y/∂y · ∂y/∂x = 1 · 3 = 3, ∂y/∂y · ∂y/∂x = 1 · 3 = 3
    ∂y/∂x = 3 + 3 = 6
    """
    require_choice("direction", direction, get_args(Direction))
    require_choice("theme", theme, get_args(ThemeName))
    if lr is not None and not math.isfinite(lr):
        raise SettingError(f"steps: lr is {lr!r}; pass a finite number, or None for no update")
    graph = graph_to_draw(node)
    order = topological_order(graph.root)
    if len(order) > LIMIT:
        raise SettingError(
            f"steps: the graph has {len(order):,} nodes, more than {LIMIT:,}; show the steps of a "
            "part of it, or of a smaller example"
        )
    called = node_names(order, names_by_identity(names or {}))
    root = graph.root
    if f is not None or called[id(root)] == f"v{len(order)}":
        called[id(root)] = displayed_name(f or "f")
    with single_pass(order):
        circuit = circuit_of(graph, called=called, digits=digits, title=title)
        frames = frames_of(circuit, order, called, digits=digits, lr=lr)
    return Walk(Drawing(circuit, direction, theme), frames, title)
