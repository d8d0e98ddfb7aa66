"""Accessibility checks in a real page: `assert violations(page) == []` with Playwright's page.

Checks WCAG 2.0 to 2.2, levels A and AA, with the vendored axe-core. Evaluated through the debugger, so the content
policy of the page stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (390, 1440)
SCHEMES = ("light", "dark")


@lru_cache(maxsize=1)
def _source() -> str:
    return (Path(__file__).parent.parent / "vendor" / "axe" / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Any, rules: Sequence[str] = ()) -> list[str]:
    """One sentence for every fault: rule, where, and what axe says about it; empty when there is none.

    `rules`, where given, are the only ones asked, such as "color-contrast".
    """
    page.evaluate(f"() => {{ if (!window.axe) {{ {_source()} }} }}")
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": RULES}
    found = page.evaluate("(only) => axe.run(document, {runOnly: only, resultTypes: ['violations']})", only)
    return [
        f"{rule['id']}: {' '.join(node['target'][0:1]) if isinstance(node['target'][0], str) else node['target']}"
        f" {' '.join(node.get('failureSummary', '').split())}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def refusals(page: Any) -> list[str]:
    """Start to collect what the browser's content policy refuses on this page; the list fills as the page works."""
    seen: list[str] = []

    def listen(message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            seen.append(message.text)

    page.on("console", listen)
    return seen


def sideways(page: Any) -> int:
    """By how many pixels the page is wider than its window; 0 is right."""
    return page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
