"""Collects and compresses static files, and only when one of them changed: compressing takes seconds."""

import hashlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from stack.processes import say


def fingerprint(root: Path) -> str:
    """Changes when any static file of ours, or any installed package, changes."""
    seen = hashlib.sha256((root / "requirements" / "base.txt").read_bytes())
    for path in sorted((root / "static").rglob("*")):
        if path.is_file():
            about = path.stat()
            seen.update(f"{path.relative_to(root)} {about.st_size} {about.st_mtime_ns}\n".encode())
    django = find_spec("django")
    seen.update(str(django.origin if django else "").encode())
    return seen.hexdigest()


def collect_static(root: Path, collect: Callable[[], None]) -> None:
    """Run `collect` unless what it would write is already there."""
    manifest, stamp = root / "staticfiles" / "staticfiles.json", root / "staticfiles.stamp"
    now = fingerprint(root)
    if manifest.exists() and stamp.exists() and stamp.read_text() == now:
        return
    say("collecting static files ...")
    stamp.unlink(missing_ok=True)
    collect()
    stamp.write_text(now)
