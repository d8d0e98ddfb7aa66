"""Makes `.venv` from a hashed lock. Runs with the system's Python and nothing but its standard library.

`python3 stack/environment.py base` is what the product runs on, `dev` adds what tests and checks need.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".installed"
UV = "uv==0.13.9"


def fingerprint(lock: str) -> str:
    """What an installed lock is known by: its name and its text."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_bytes()
    return f"{lock} {hashlib.sha256(text).hexdigest()}"


def is_installed(lock: str) -> bool:
    """Whether `.venv` holds this lock; `dev` holds all of `base`."""
    if not PYTHON.exists() or not STAMP.exists():
        return False
    return fingerprint(lock) in STAMP.read_text(encoding="utf-8").splitlines()


def make_venv() -> None:
    """A virtual environment; on Debian its package is fetched when it is missing and we may."""
    for attempt in (1, 2):
        made = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True, check=False
        )
        if made.returncode == 0:
            return
        apt = shutil.which("apt-get")
        if attempt == 2 or os.geteuid() != 0 or not apt:
            break
        say("Installing python3-venv from Debian's packages ...")
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", "python3-venv"]):
            subprocess.run([apt, *step], env=env, stdout=subprocess.DEVNULL, check=False)
    sys.exit(
        "This Python cannot make virtual environments. On Debian: apt-get install python3-venv.\n"
        + (made.stdout + made.stderr).strip()
    )


def install(lock: str) -> None:
    """Install exactly the lock, every file checked by its hash: with uv, or with pip where uv cannot be had."""
    path = ROOT / "requirements" / f"{lock}.txt"
    quiet = ["-q", "--disable-pip-version-check"]
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        subprocess.run([PYTHON, "-m", "pip", "install", *quiet, UV], check=False)
    if uv.exists():
        command: list[str | Path] = [
            uv,
            "pip",
            "sync",
            "-q",
            "--compile-bytecode",
            "--require-hashes",
            "--python",
            PYTHON,
            path,
        ]
        if subprocess.run(command, check=False, cwd=ROOT).returncode == 0:
            return
        say("uv did not manage; trying with pip ...")
    command = [PYTHON, "-m", "pip", "install", *quiet, "--require-hashes", "-r", path]
    if subprocess.run(command, check=False, cwd=ROOT).returncode:
        sys.exit(
            "The packages could not be installed. Is the package index reachable? The lines above say what failed."
        )


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(lock: str) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 (this is the line that tells an older Python)
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Try: make PYTHON=python3.11 ...")
    if is_installed(lock):
        return
    started = time.monotonic()
    if not PYTHON.exists():
        say("Making the virtual environment .venv ...")
        make_venv()
    count = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").count("==")
    say(f"Installing {count} packages from requirements/{lock}.txt ...")
    STAMP.unlink(missing_ok=True)
    install(lock)
    held = [lock, "base"] if lock == "dev" else [lock]
    STAMP.write_text("\n".join(map(fingerprint, held)) + "\n", encoding="utf-8")
    say(f"Installed in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in {"base", "dev"}:
        sys.exit("Usage: python3 stack/environment.py base|dev")
    main(sys.argv[1])
