"""Every part that is installed says why, and nothing says why that is not installed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.ROOT)


def test_every_part_has_its_reason() -> None:
    wanted = {
        re.split(r"[~\[=<> ]", line.strip())[0]
        for name in ("base.in", "dev.in")
        for line in (ROOT / "requirements" / name).read_text().splitlines()
        if line.strip() and not line.startswith(("#", "-"))
    }
    reasons = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["huiyin"]["parts"]
    assert set(reasons) == wanted
    assert all(reasons.values())


def test_the_locks_hold_hashes_and_name_no_host() -> None:
    for name in ("base.txt", "dev.txt"):
        lock = (ROOT / "requirements" / name).read_text()
        assert "--hash=sha256:" in lock
        assert "http" not in re.sub(r"\bhttpx?\S*|\bhttpcore\S*|\bhttptools\S*", "", lock)
