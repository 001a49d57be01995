"""draw() and the Drawing that it returns."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from autograd.errors import FormatError
from autograd.saving import write_whole

from .arrangement import Arrangement, arranged
from .choices import require_choice
from .circuit import Circuit
from .dot import Direction, dot_text
from .formats import document_text, mermaid_text, page_text
from .layout import Layout, parse_layout
from .magnification import View, circuit_at
from .pages import Language
from .render import lay_out, to_pdf, to_png
from .style import DARK, LIGHT, PAPER, StyleName, Theme
from .svg import svg_text
from .wires import Shown, Weighing, WireTexts

__all__ = ["Drawing", "ThemeName", "draw"]

ThemeName = Literal["auto", "light", "dark"]

LIMIT = 400
"""More boxes than these are neither legible nor quickly laid out."""

PNG_SCALE = 2.0
"""Sharp on today's screens, and on paper at the size of the SVG."""


class Drawing:
    """A computation as a picture, in every format; a notebook shows it by itself.

    It is a snapshot: passes and updates that come later do not change it. The layout is made when
    a picture is first asked for, and once.

    >>> from autograd import Value
    >>> x, y, z = Value(-2.0, name="x"), Value(5.0, name="y"), Value(-4.0, name="z")
    >>> f = (x + y) * z
    >>> f.backward()
    >>> draw(f)
    <Drawing of 2 gates, output -12.00>
    """

    def __init__(
        self,
        circuit: Circuit,
        direction: Direction = "LR",
        theme: ThemeName = "auto",
        style: StyleName = "slides",
    ) -> None:
        self.circuit = circuit
        self.direction: Direction = direction
        # Paper is white.
        self.theme: ThemeName = "light" if style == "print" else theme
        self.style: StyleName = style

    def __repr__(self) -> str:
        of = "a part: " if self.circuit.cut else ""
        end = "" if self.circuit.cut else f", output {self.circuit.output.value.text}"
        return f"<Drawing of {of}{self.circuit.contents}{end}>"

    @cached_property
    def dot(self) -> str:
        """The graph as DOT text, for Graphviz and for programs that read its language."""
        return dot_text(self.circuit, self._arrangement, self._colours, self.direction)

    @cached_property
    def json(self) -> str:
        """What the drawing shows as JSON, which `viz.formats.document` describes."""
        return document_text(self.circuit)

    @cached_property
    def mermaid(self) -> str:
        """The graph as a flowchart of Mermaid, which many pages and notebooks show."""
        return mermaid_text(self.circuit, self._colours, self.direction)

    def html(self, lang: Language = "en") -> str:
        """A page to look around in: it can be moved, enlarged and searched, and needs no network.

        Args:
            lang: the language of its texts, "en" or "ko".

        Raises:
            FormatError: if there are no texts in that language.
            RenderError: if the layout cannot be made.
        """
        require_choice("lang", lang, get_args(Language))
        return page_text(self.circuit, self.svg, theme=self.theme, language=lang)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text.

        Raises:
            RenderError: if the layout cannot be made.
        """
        return self._svg(follow_screen=self.theme == "auto")

    def png(self, scale: float = PNG_SCALE) -> bytes:
        """The picture as PNG, ``scale`` pixels for each pixel of the SVG.

        Raises:
            FormatError: if ``scale`` is not a positive number.
            RenderError: if the picture cannot be drawn.
        """
        return to_png(self._svg(), scale)

    def pdf(self) -> bytes:
        """The picture as a PDF of one page.

        Raises:
            MissingExtraError: if vl-convert-python is not installed.
            RenderError: if the picture cannot be drawn.
        """
        return to_pdf(self._svg())

    def save(self, path: str | os.PathLike[str], *, scale: float = PNG_SCALE) -> Path:
        """Save the picture in the format that the suffix names, and return the path.

        The file appears whole or not at all. ``scale`` counts for PNG alone.

        Raises:
            FormatError: if the suffix is none of .svg, .png, .pdf, .html, .dot, .mmd and .json.
            MissingExtraError: if it is .pdf and vl-convert-python is not installed.
            RenderError: if the picture cannot be drawn.
            OSError: if the file cannot be written.
        """
        formats: dict[str, Callable[[], bytes]] = {
            ".svg": lambda: self.svg.encode(),
            ".png": lambda: self.png(scale),
            ".pdf": self.pdf,
            ".html": lambda: self.html().encode(),
            ".dot": lambda: self.dot.encode(),
            ".mmd": lambda: self.mermaid.encode(),
            ".json": lambda: self.json.encode(),
        }
        suffix = Path(path).suffix
        make = formats.get(suffix.lower())
        if make is None:
            raise FormatError(
                f"cannot save {Path(path)}: {_suffix_called(suffix)}; end the name in "
                f"{', '.join(list(formats)[:-1])} or {list(formats)[-1]}"
            )
        return write_whole(path, make())

    def _repr_svg_(self) -> str:
        return self.svg

    def _svg(self, *, follow_screen: bool = False) -> str:
        return svg_text(
            self.circuit,
            self._arrangement,
            self._layout,
            self._colours,
            self.direction,
            follow_screen=follow_screen,
            arrows=self.style == "print",
        )

    @property
    def _colours(self) -> Theme:
        if self.style == "print":
            return PAPER
        return DARK if self.theme == "dark" else LIGHT

    @cached_property
    def _arrangement(self) -> Arrangement:
        return arranged(self.circuit, self.style, vertical=self.direction == "TB")

    @cached_property
    def _layout(self) -> Layout:
        bare = dot_text(
            self.circuit, self._arrangement, self._colours, self.direction, labels=False
        )
        return parse_layout(lay_out(bare))


def draw(
    node: Any,
    *,
    names: Mapping[str, Any] | None = None,
    digits: int = 2,
    title: str | None = None,
    direction: Direction = "LR",
    theme: ThemeName = "auto",
    style: StyleName = "slides",
    view: View | None = None,
    sample: Any = None,
    loss: Callable[[Any], Any] | None = None,
    expand: str | Sequence[str] = (),
    collapse: str | Sequence[str] = (),
    around: Any = None,
    depth: int = 3,
    limit: int | None = LIMIT,
    show: Sequence[Shown] = ("value", "gradient"),
    vanished: float = 1e-7,
    exploded: float = 1e7,
    weigh: bool | Weighing = False,
) -> Drawing:
    """Draw the computation of ``node``, a Value or a Tensor, as a graph of gates.

    Or draw a model, ``draw(net, sample=x)``: what it makes of a sample of its input, in `eval`
    mode, layer by layer. The gradients that its parameters have stay as they are.

    A program, which ``trace`` makes, is drawn with the numbers that it was traced with.

    A GradientMismatch, as a check of gradients raises it, is drawn as the graph that was checked,
    with the gate to blame in red.

    Every wire carries its value, in green above it, and the gradient that comes back along it, in
    red below it. Where a node is used more than once its wire forks: behind the fork each branch
    has its own contribution, and before it stands their sum, the node's gradient. Before
    ``backward()`` there are values alone.

    Args:
        node: the output of the computation, a program with one result, or a GradientMismatch.
        names: what to call nodes and constant arrays, as a mapping from names; ``names=locals()``
            calls them as the program does, and the elements of a list ``w[0]``, ``w[1]``. It goes
            before the nodes' own names. Names with a leading underscore do not count.
        digits: the number of decimals, from 0 to 17.
        title: a line above the picture.
        direction: "LR" draws from left to right, "TB" from top to bottom, values then on the left
            of a wire and gradients on its right.
        theme: "light", "dark", or "auto", an SVG that follows the screen (PNG and PDF are light).
        style: "slides", circles and wires with numbers; "records", a box of name, data and grad
            for each node; "print", black and white, dashed arrows under the gradients.
        view: the magnification: "modules", the layers of a model as boxes, repeated ones as one;
            "tensors", gates on arrays, with the mean of each and what is zero or not finite;
            "gates", gates on numbers; "stages", a few boxes of gates by their depth. By default
            what is drawn as it is: a model as modules, a Tensor by its gates on arrays.
        sample: the input of a model, or a tuple of its inputs.
        loss: from the output of a model to a number, from which gradients go back.
        expand: paths of layers, such as "encoder.0", that are opened in the view "modules".
        collapse: paths of layers that are closed in the view "tensors".
        around: a node of the graph, or the name of one, of which only the surroundings are drawn.
        depth: how many gates away these end, at least 1.
        limit: with more boxes, the next coarser view is drawn, and the picture says so; None draws
            them all, however long it takes.
        show: what is written on wires: "value", "gradient", and "local", the derivative of a gate
            by its operand, after a ∂, where it is a number.
        vanished: a gradient that is smaller, and not 0, is marked as vanished.
        exploded: one that is larger is marked as exploded.
        weigh: how lines tell the size of the gradient along them, in powers of ten: "width", the
            thicker the larger, or "color", the redder; True is "width".

    Returns:
        The drawing, which shows itself in a notebook; ``save("graph.svg")`` writes it to a file.

    Raises:
        OperandError: if ``node`` is neither a node nor a model with a sample, or ``names`` is not a
            mapping.
        FormatError: if ``digits``, ``direction``, ``theme`` or ``style`` is none of the above.
        SettingError: if the view is unknown or not one of this node, a path has no module, the
            graph has not the node ``around``, or what is shown or the sizes that are marked are
            none of the above.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> y = x * x + x
    >>> y.backward()
    >>> draw(y, names=locals()).save("graph.svg")  # doctest: +SKIP
    PosixPath('graph.svg')
    """
    require_choice("direction", direction, get_args(Direction))
    require_choice("theme", theme, get_args(ThemeName))
    require_choice("style", style, get_args(StyleName))
    circuit = circuit_at(
        node,
        view=view,
        sample=sample,
        loss=loss,
        expand=expand,
        collapse=collapse,
        around=around,
        depth=depth,
        names=names,
        digits=digits,
        title=title,
        limit=limit,
        texts=WireTexts(tuple(show), vanished, exploded, weigh),
    )
    return Drawing(circuit, direction, theme, style)


def _suffix_called(suffix: str) -> str:
    return f"the format {suffix} is unknown" if suffix else "the name has no suffix"
