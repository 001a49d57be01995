"""The programs that turn DOT into a layout, and SVG into PNG and PDF.

The layout is made by Graphviz as WebAssembly, in this process, whether or not the ``dot`` program
is installed: each version of Graphviz places things otherwise, and a drawing is to be the same on
every machine. The ``dot`` program is asked where the embedded one fails.
"""

from __future__ import annotations

import math

from autograd.errors import FormatError, MissingExtraError, RenderError

from .embedded import embedded_layout

__all__ = ["installed_layout", "lay_out", "to_pdf", "to_png"]


def lay_out(dot: str) -> str:
    """The layout of DOT text in Graphviz's plain format.

    Raises:
        RenderError: if Graphviz refuses the text, with what it said.

    >>> lay_out("digraph { a -> b }").split()[0]
    'graph'
    """
    try:
        return embedded_layout(dot)
    except Exception as error:
        # The embedded Graphviz raises its own errors, and those of its WebAssembly runtime.
        embedded, cause = _last_line(str(error)), error
    import graphviz

    try:
        return installed_layout(dot)
    except (graphviz.ExecutableNotFound, OSError):
        native = "is not installed"
    except graphviz.CalledProcessError as error:
        native = f"failed and said {_last_line(error.stderr.decode(errors='replace'))!r}"
    raise RenderError(
        f"Graphviz could not lay the drawing out: the embedded one said {embedded!r}; the dot "
        f"program {native}; draw a smaller part, or install Graphviz from "
        "https://graphviz.org/download; .json and .mmd need no layout"
    ) from cause


def installed_layout(dot: str) -> str:
    """The layout that the ``dot`` program makes, if it is installed.

    Raises:
        graphviz.ExecutableNotFound: if it is not.
        graphviz.CalledProcessError: if it fails.
    """
    import graphviz

    return str(graphviz.pipe("dot", "plain", dot.encode(), quiet=True).decode())


def to_png(svg: str, scale: float) -> bytes:
    """The picture as PNG, ``scale`` pixels for each pixel of the SVG.

    Texts are in Open Sans, which comes with the package; what it lacks, such as Korean, in a font
    of the system, if there is one.

    Raises:
        FormatError: if ``scale`` is not a positive number.
        RenderError: if the picture cannot be drawn, for instance because it is too large, or
            because there is no renderer for this machine.
    """
    if not (isinstance(scale, (int, float)) and math.isfinite(scale) and scale > 0):
        raise FormatError(f"scale={scale!r} is not a positive number; pass one, such as scale=2")
    try:
        import resvg_py
        import ttf_opensans
    except ImportError as error:
        raise RenderError(
            f"PNG has no renderer here, as resvg-py and ttf-opensans cannot be imported: {error}; "
            "save the drawing as .svg, which needs none"
        ) from error
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
        import ttf_opensans

        vl_convert.register_font_directory(str(ttf_opensans.OPENSANS_REGULAR.path.parent))
        return bytes(vl_convert.svg_to_pdf(svg))
    except Exception as error:
        raise RenderError(f"vl-convert could not write the PDF: {error}") from error


def _last_line(said: str) -> str:
    """The last line that was said: a trap of WebAssembly begins with a page of addresses."""
    lines = said.strip().splitlines()
    return lines[-1].strip() if lines else "nothing"
