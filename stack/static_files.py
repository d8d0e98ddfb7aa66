"""Collects and compresses static files, and only when one of them changed: compressing takes seconds."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from stack import linux
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


def begin_collecting(root: Path, env: dict[str, str]) -> Callable[[], None]:
    """Start collecting beside other work, unless what it would write is there; returns what waits for its end."""
    manifest, stamp = root / "staticfiles" / "staticfiles.json", root / "staticfiles.stamp"
    now = fingerprint(root)
    if manifest.exists() and stamp.exists() and stamp.read_text() == now:
        return lambda: None
    say("collecting static files ...")
    stamp.unlink(missing_ok=True)
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--clear", "-v0"]
    parent = os.getpid()
    process = subprocess.Popen(
        command,
        cwd=root,
        env=env,
        preexec_fn=lambda: linux.die_with_parent(signal.SIGTERM, parent),  # noqa: PLW1509 (as in processes.py)
    )

    def finish() -> None:
        if process.wait():
            raise SystemExit("The static files could not be collected; the lines above say why.")
        stamp.write_text(now)

    return finish
