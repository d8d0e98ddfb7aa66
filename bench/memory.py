"""What the programs hold in memory after their work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stack.processes import Processes, status_fields


@dataclass
class Held:
    """One process, in megabytes: resident, and its fair share where memory is shared with its siblings."""

    program: str
    role: str
    resident: float
    share: float


def held(processes: Processes) -> list[Held]:
    """Every process of the programs we started; the first of each is the one that looks after the others."""
    found = []
    for program in processes.programs:
        leader = program.process.pid
        members = sorted(
            int(path.name)
            for path in Path("/proc").glob("[0-9]*")
            if (fields := status_fields(int(path.name))) and fields[2] == str(leader) and fields[0] != "Z"
        )
        for pid in members:
            lines = Path("/proc", str(pid), "smaps_rollup").read_text().splitlines()
            sizes = {name: int(size.split()[0]) / 1024 for name, _, size in (line.partition(":") for line in lines[1:])}
            role = "master" if pid == leader and len(members) > 1 else "process"
            found.append(Held(program.name, role, round(sizes["Rss"], 1), round(sizes["Pss"], 1)))
    return found
