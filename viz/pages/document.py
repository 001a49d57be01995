"""One HTML document with its style, its script and its data inside.

A page asks the network for nothing: its content security policy allows neither that nor any script
but the page's own, whose digest it names. Text of a user's is data, and reaches the page by
``textContent`` alone.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import resources
from typing import Any, Literal, TypeAlias

from ..style import DARK, FONT_FAMILY, LIGHT, Theme

__all__ = ["Language", "Page", "PageTheme", "json_in_html"]

Language: TypeAlias = Literal["en", "ko"]
PageTheme: TypeAlias = Literal["auto", "light", "dark"]

SHARED = ("viz.pages:page.css",)

TEMPLATE = """<!DOCTYPE html>
<html lang="{language}" data-theme="{theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
{body}
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


@dataclass(frozen=True)
class Page:
    """A page and what it is made of.

    Args:
        title: of the window.
        body: HTML, in which every text of a user's is escaped.
        assets: files that lie beside the code, each as "package:name", with suffix .css or .js, in
            the order in which they are to be read.
        data: what the scripts find as JSON in the element ``data``.
        language: of the page's texts.
        theme: "auto" follows the screen.

    >>> "<title>a &lt; b</title>" in Page("a < b", "<main></main>").html
    True
    """

    title: str
    body: str
    assets: tuple[str, ...] = ()
    data: Any = None
    language: Language = "en"
    theme: PageTheme = "auto"

    @property
    def html(self) -> str:
        """The text of the document."""
        style = _colours(self.theme) + self._read(".css")
        script = self._read(".js")
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        return TEMPLATE.format(
            language=self.language,
            theme=self.theme,
            policy=(
                f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
                "img-src data:; base-uri 'none'; form-action 'none'"
            ),
            title=html.escape(self.title),
            style=style,
            body=self.body,
            data=json_in_html(self.data),
            script=script,
        )

    def _read(self, suffix: str) -> str:
        found = [asset for asset in (*SHARED, *self.assets) if asset.endswith(suffix)]
        return "\n".join(map(_asset, found))


def json_in_html(data: Any) -> str:
    r"""JSON that can stand in a script element: no text in it ends or opens an element.

    What is not finite is a string, as JSON has no number for it.

    >>> json_in_html(["</script>", float("nan")])
    '["\\u003c/script\\u003e","nan"]'
    """
    text = json.dumps(
        _finite(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
    )
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _finite(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_finite(value) for value in data]
    if isinstance(data, float) and data - data != 0.0:
        return str(data)
    return data


def _asset(asset: str) -> str:
    package, name = asset.split(":")
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def _colours(theme: PageTheme) -> str:
    """The colours of the drawings as variables of the page."""
    light, dark = _variables(LIGHT), _variables(DARK)
    font = f"--font: {FONT_FAMILY};"
    if theme == "dark":
        return f":root {{ color-scheme: dark; {font} {dark} }}\n"
    rules = f":root {{ color-scheme: light; {font} {light} }}\n"
    if theme == "light":
        return rules
    return (
        f"{rules}@media (prefers-color-scheme: dark) {{ :root {{ color-scheme: dark; {dark} }} }}\n"
    )


def _variables(theme: Theme) -> str:
    return " ".join(
        f"--{field.name.replace('_', '-')}: {getattr(theme, field.name)};"
        for field in fields(theme)
    )
