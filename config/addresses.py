"""Where the local servers are: lets `manage.py` in a second terminal reach a product started by `make run`."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def data_folder() -> Path:
    """The folder that holds everything the product keeps on this disk (HUIYIN_DATA, else `.data/` beside manage.py)."""
    return Path(os.environ.get("HUIYIN_DATA") or ROOT / ".data").resolve()


def parse_lines(text: str) -> dict[str, str]:
    """Read NAME=value lines; blank lines and lines starting with # are skipped, quotes round a value are dropped."""
    found: dict[str, str] = {}
    for raw in text.splitlines():
        line = raw.strip()
        if line and not line.startswith("#") and "=" in line:
            name, value = line.split("=", 1)
            found[name.strip().removeprefix("export ").strip()] = value.strip().strip("\"'")
    return found


def read_running_stack() -> None:
    """Fill the environment from `.env` and from what `make run` wrote down; what is already set always wins."""
    for path in (ROOT / ".env", data_folder() / "run" / "environment"):
        try:
            text = path.read_text(encoding="utf-8")
        except OSError:
            continue
        for name, value in parse_lines(text).items():
            os.environ.setdefault(name, value)
