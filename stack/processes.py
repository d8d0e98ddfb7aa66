"""Starts programs in order, prefixes what they print, and ends all of them in reverse order, whatever happens."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack import linux

STARTED = time.monotonic()


def say(text: str) -> None:
    """One line of progress with the seconds since the start. A closed pipe must not stop an orderly end."""
    with contextlib.suppress(OSError, ValueError):
        print(f"[{time.monotonic() - STARTED:6.1f} s] {text}", flush=True)


@dataclass
class Program:
    """A program we started: how to ask it to stop, and how many seconds it gets to do so."""

    name: str
    process: subprocess.Popen
    stop_signal: signal.Signals
    grace: float
    stage: int
    is_asked: bool = False


class Processes:
    """Everything this launcher started."""

    def __init__(self, folder: Path, *, quiet: bool = False, held: tuple[int, ...] = ()) -> None:
        """`held` are open files every program inherits: a lock stays locked until the last of them has ended."""
        self.folder = folder
        self.quiet = quiet
        self.held = held
        self.programs: list[Program] = []

    def start(
        self,
        name: str,
        command: list[str | Path],
        *,
        env: dict[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace: float = 10,
        stage: int = 0,
        prepare: Callable[[], None] = lambda: None,
        log: Path | None = None,
        **popen: Any,
    ) -> Program:
        """Start one program in a process group of its own; without `log` its lines are printed with its name.

        Programs of one `stage` need each other no longer once the end has begun: they are asked to stop together.
        """
        parent = os.getpid()

        def in_child() -> None:
            prepare()
            linux.die_with_parent(stop_signal, parent)

        with contextlib.ExitStack() as files:
            process = subprocess.Popen(
                [str(word) for word in command],
                cwd=self.folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=files.enter_context(log.open("ab")) if log else subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal reaches the launcher alone, which stops in order
                preexec_fn=in_child,  # noqa: PLW1509 (it takes no lock: two system calls between fork and exec)
                pass_fds=self.held,
                **popen,
            )
        program = Program(name, process, stop_signal, grace, stage)
        self.programs.append(program)
        if not log:
            threading.Thread(target=print_lines, args=(name, process), daemon=True).start()
        return program

    def dead(self) -> Program | None:
        """The first program that has ended although nobody asked it to."""
        return next((program for program in self.programs if program.process.poll() is not None), None)

    def reap_orphans(self) -> None:
        """Collect ended grandchildren the kernel handed to us, and leave our own children for `dead()` to see."""
        own = {program.process.pid for program in self.programs}
        with contextlib.suppress(ChildProcessError):
            while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if ended.si_pid in own:
                    return
                os.waitpid(ended.si_pid, os.WNOHANG)

    def stop_all(self) -> None:
        """End everything, last started first; who does not go in time is killed with its whole group."""
        while self.programs:
            for program in self.programs:
                if program.stage == self.programs[-1].stage:
                    ask_to_end(program)
            program = self.programs.pop()
            finish(program)
            self.reap_orphans()
            if not self.quiet:
                say(f"stopped {program.name}")


def print_lines(name: str, process: subprocess.Popen) -> None:
    """Copy a program's lines to our output, each with the program's name in front."""
    if process.stdout is None:
        return
    for line in process.stdout:
        with contextlib.suppress(OSError, ValueError):
            print(f"{name:>8} | {line.decode(errors='replace').rstrip()}", flush=True)


def ask_to_end(program: Program) -> None:
    """Send the signal once; a second one would cut a worker's orderly end short."""
    if not program.is_asked and program.process.poll() is None:
        program.is_asked = True
        with contextlib.suppress(ProcessLookupError):
            os.kill(program.process.pid, program.stop_signal)


def finish(program: Program) -> None:
    """Wait, then kill the group: a worker's own children must not outlive it."""
    process = program.process
    if process.poll() is None:
        try:
            process.wait(program.grace)
        except subprocess.TimeoutExpired:
            say(f"{program.name} did not stop within {program.grace:.0f} s and is killed")
    deadline = time.monotonic() + 2
    while is_group_alive(process.pid) and time.monotonic() < deadline and process.poll() is not None:
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def is_group_alive(group: int) -> bool:
    """Whether any process of the group still runs (zombies do not count)."""
    if not linux.IS_LINUX:
        return False
    return any(
        fields[2] == str(group) and fields[0] != "Z"
        for path in Path("/proc").glob("[0-9]*")
        if (fields := status_fields(int(path.name)))
    )


def is_alive(pid: int) -> bool:
    """Whether this process runs; one that ended and was not yet collected does not."""
    fields = status_fields(pid)
    return bool(fields) and fields[0] != "Z"


def status_fields(pid: int) -> list[str]:
    """What the kernel says about a process after its name: state, parent, group and so on; empty when it is gone."""
    with contextlib.suppress(OSError, IndexError):
        return Path("/proc", str(pid), "stat").read_text().rsplit(")", 1)[1].split()
    return []


def wait_until(ready: Callable[[], bool], program: Program, *, seconds: float, log: Path | None = None) -> None:
    """Wait until `ready()`; says what the program last wrote when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        ended = program.process.poll() is not None
        if ended or time.monotonic() > deadline:
            last = log.read_text(errors="replace")[-1500:] if log and log.exists() else ""
            raise SystemExit(f"{program.name} {'ended' if ended else 'was not ready'} at start. {last}".strip())
        time.sleep(0.03)


def run(command: list[str | Path], *, env: dict[str, str], folder: Path) -> None:
    """Run one step to its end; its failure ends the start with its own words."""
    parent = os.getpid()
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=env,
        preexec_fn=lambda: linux.die_with_parent(signal.SIGTERM, parent),
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"This step failed: {' '.join(str(word) for word in command[1:])}")
