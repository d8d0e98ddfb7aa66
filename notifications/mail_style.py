"""Mail needs its style on every element; our templates know classes only. This puts `static/css/mail.css` on them.

The rules before the first `@media` are copied to the elements, the whole sheet stands in the head for dark mode.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from pathlib import Path

from django.conf import settings

SHEET = "css/mail.css"
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_CLASSES = re.compile(r'class="([^"]*)"')
_STYLE = re.compile(r' style="[^"]*"|<style>.*?</style>', re.DOTALL)


@lru_cache(maxsize=1)
def _sheet() -> tuple[str, dict[str, str]]:
    css = (Path(settings.ROOT) / "static" / SHEET).read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/\s*", "", css, flags=re.DOTALL)
    plain = css.split("@media", maxsplit=1)[0]
    rules: dict[str, str] = {}
    for selectors, body in _RULE.findall(plain):
        declarations = " ".join(body.split())
        for selector in selectors.split(","):
            name = selector.strip()
            if name.startswith("."):
                rules[name[1:]] = f"{rules.get(name[1:], '')} {declarations}".strip()
    return css, rules


def dressed(html: str) -> str:
    """The mail as it is sent: each class also as an inline style, the sheet in place of `<style></style>`."""
    css, rules = _sheet()

    def put_on(found: re.Match[str]) -> str:
        style = " ".join(filter(None, (rules.get(name, "") for name in found[1].split())))
        return f'{found[0]} style="{escape(style)}"' if style else found[0]

    return _CLASSES.sub(put_on, html).replace("<style></style>", f"<style>{css}</style>")


def undressed(html: str, sheet_url: str) -> str:
    """A sent mail for our own pages, whose content policy allows no inline style: the sheet by its address."""
    return _STYLE.sub("", html).replace("</head>", f'<link rel="stylesheet" href="{escape(sheet_url)}"></head>')
