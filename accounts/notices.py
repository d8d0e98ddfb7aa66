"""Privacy notices: the text that comes with the product, and how a notice is shown.

Under 《个人信息保护法》 art. 17 a notice names who handles the data, why and how, which, how long, and the rights.
A notice is plain text with `## headings`, `- lists` and `**bold**`; `{organisation}` and `{hotline}` are filled in when
it is shown, because they are asked for after the first version is there.
"""

from __future__ import annotations

import re
from pathlib import Path

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

FOLDER = Path(__file__).parent / "data"


def first_notice() -> tuple[str, str]:
    """The Chinese and the English text of version 1."""
    zh, en = (FOLDER / f"privacy_1.{language}.md" for language in ("zh", "en"))
    return zh.read_text(encoding="utf-8"), en.read_text(encoding="utf-8")


def notice_html(text: str, *, organisation: str, hotline: str) -> SafeString:
    """The notice as HTML; everything in it is escaped first."""
    filled = text.replace("{organisation}", organisation).replace("{hotline}", hotline)
    parts: list[str] = []
    for block in re.split(r"\n\s*\n", filled.replace("\r\n", "\n").strip()):
        parts += _block([_inline(line.strip()) for line in block.splitlines()])
    return mark_safe("\n".join(parts))  # noqa: S308 - _inline has escaped every line


def _inline(line: str) -> str:
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(line))


def _block(lines: list[str]) -> list[str]:
    """Headings, lists and paragraphs that stand together without an empty line."""
    found: list[str] = []
    items: list[str] = []
    words: list[str] = []
    for line in [*lines, ""]:
        if items and not line.startswith("- "):
            found.append(f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>")
            items = []
        if words and (not line or line.startswith(("- ", "#"))):
            found.append(f"<p>{'<br>'.join(words)}</p>")
            words = []
        if line.startswith("#"):
            found.append(f"<h2>{line.lstrip('#').strip()}</h2>")
        elif line.startswith("- "):
            items.append(line[2:])
        elif line:
            words.append(line)
    return found
