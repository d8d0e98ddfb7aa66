"""Programs are started, watched and ended as promised; tried with small ones."""

import signal
import sys
import time
from pathlib import Path

import pytest

from stack import environment
from stack.__main__ import watch
from stack.processes import Processes, is_alive, wait_until

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
open(sys.argv[1], "w").write(str(child.pid))
time.sleep(60)
"""


@pytest.fixture
def processes(tmp_path):
    processes = Processes(tmp_path, quiet=True)
    yield processes
    processes.stop_all()


def test_the_end_of_one_program_is_noticed_and_named(processes, capsys):
    processes.start("steady", ["sleep", "60"])
    processes.start("quick", [sys.executable, "-c", "raise SystemExit(3)"])
    assert watch(processes) == 1
    assert "quick ended by itself (code 3)" in capsys.readouterr().out


def test_a_program_that_ignores_the_signal_is_killed_with_its_children(processes, tmp_path):
    note = tmp_path / "child"
    program = processes.start("stubborn", [sys.executable, "-c", STUBBORN, note], grace=0.3)
    wait_until(lambda: note.exists() and note.read_text() != "", program, seconds=20)
    child = int(note.read_text())
    processes.stop_all()
    assert program.process.poll() == -signal.SIGKILL
    deadline = time.monotonic() + 5
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(child)


def test_programs_end_in_reverse_order(processes, capsys):
    processes.quiet = False
    for name, stage in (("first", 0), ("second", 1), ("third", 1)):
        processes.start(name, ["sleep", "60"], stage=stage)
    processes.stop_all()
    said = [line.split("stopped ")[1] for line in capsys.readouterr().out.splitlines() if "stopped" in line]
    assert said == ["third", "second", "first"]


def test_a_program_that_ends_at_start_is_told_with_its_last_words(processes, tmp_path):
    log = tmp_path / "log"
    program = processes.start("broken", [sys.executable, "-c", "raise SystemExit('no such disk')"], log=log)
    with pytest.raises(SystemExit, match=r"broken ended at start\. no such disk"):
        wait_until(lambda: False, program, seconds=20, log=log)


def test_an_installed_lock_is_not_installed_again(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(environment, "PYTHON", Path(sys.executable))
    assert not environment.is_installed("base")
    (tmp_path / "stamp").write_text(f"{environment.fingerprint('dev')}\n{environment.fingerprint('base')}\n")
    assert environment.is_installed("base") and environment.is_installed("dev")
    (tmp_path / "stamp").write_text(f"{environment.fingerprint('base')}\n")
    assert environment.is_installed("base") and not environment.is_installed("dev")
