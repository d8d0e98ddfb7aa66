"""The machine that the figures belong to."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from django.db import connection


def facts() -> dict[str, str]:
    """Processor, cores, memory, versions, and how busy the machine was with other things."""
    cpu = next(
        (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "unknown"
    )
    memory = next((int(line.split()[1]) // 1024 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('fsync'), current_setting('shared_buffers')"
        )
        version, fsync, buffers = cursor.fetchone()
        cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
        size = cursor.fetchone()[0]
    return {
        "processor": cpu,
        "cores": str(os.cpu_count()),
        "memory": f"{memory:,} MB",
        "python": platform.python_version(),
        "postgresql": f"{version}, fsync {fsync}, shared_buffers {buffers}",
        "database": size,
    }


def load() -> float:
    """How many processes wanted a processor in the last minute: above the number of cores, figures are too high."""
    return round(os.getloadavg()[0], 2)


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []
