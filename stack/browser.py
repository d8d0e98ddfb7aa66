"""A Chromium with Chinese fonts for the journeys in a real browser: the system's, else installed when we are root."""

import os
import shutil
import subprocess
import sys

PACKAGES = ["chromium", "fonts-noto-cjk"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """The browser's path: HUIYIN_CHROMIUM, else the first known name on PATH."""
    named = os.environ.get("HUIYIN_CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    return next((path for path in map(shutil.which, names) if path), None)


def has_chinese_fonts() -> bool:
    """Whether the machine can draw Chinese at all; without, every text is a row of boxes of the wrong width."""
    program = shutil.which("fc-list")
    if not program:
        return False
    return bool(subprocess.run([program, ":lang=zh"], capture_output=True, check=False).stdout.strip())


def ensure() -> str:
    """The browser's path, after installing what is missing; a sentence and the end when that cannot be done."""
    path = find()
    if path and has_chinese_fonts():
        return path
    apt = shutil.which("apt-get")
    if os.geteuid() == 0 and apt and not os.environ.get("HUIYIN_CHROMIUM"):
        print(
            f"Installing {' and '.join(PACKAGES)} from Debian's packages for the journeys in a browser ...", flush=True
        )
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *PACKAGES]):
            subprocess.run([apt, *step], env=env, check=False, stdout=subprocess.DEVNULL)
        path = find()
        if path and has_chinese_fonts():
            return path
    missing = "no font for Chinese" if path else "no Chromium"
    raise SystemExit(
        f"The journeys in a real browser cannot run: this machine has {missing}, and none could be installed. "
        f"Install them (Debian: apt-get install --no-install-recommends {' '.join(PACKAGES)}), or name a browser in "
        "HUIYIN_CHROMIUM. To run everything else: python -m pytest -m 'not journey'."
    )


if __name__ == "__main__":
    sys.stdout.write(ensure() + "\n")
