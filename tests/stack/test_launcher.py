"""The launcher: everything comes up, whatever ends it leaves no process behind, and no row is lost."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psycopg2
import pytest

from config.addresses import parse_lines
from stack.processes import is_alive
from stack.valkey import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DEBUG", "PYTEST_XDIST_WORKER"}

pytestmark = pytest.mark.slow


class Stack:
    """One launcher with a data folder of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.log = data.with_suffix(".log")
        self.process: subprocess.Popen | None = None

    def start(self, **settings: str) -> "Stack":
        env = {name: value for name, value in os.environ.items() if name not in OURS and not name.startswith("HUIYIN_")}
        env |= {"HUIYIN_DATA": str(self.data), "PORT": str(self.port), "HUIYIN_DEMO": "0"} | settings
        with self.log.open("a") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "stack"], cwd=ROOT, env=env, stdout=log, stderr=log)
        return self

    def wait_until_ready(self) -> "Stack":
        starts = self.log.read_text().count("READY")
        deadline = time.monotonic() + 150
        while self.log.read_text().count("READY") == starts:
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.1)
        return self

    def processes(self) -> set[int]:
        """Every process that carries this data folder in its environment, the launcher among them."""
        mark = f"HUIYIN_DATA={self.data}".encode()
        found = set()
        for path in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if mark in path.read_bytes().split(b"\0") and is_alive(int(path.parts[2])):
                    found.add(int(path.parts[2]))
        return found

    def wait_until_gone(self, seconds: float) -> set[int]:
        deadline = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return left

    def database(self):
        written = parse_lines((self.data / "run/environment").read_text())
        return psycopg2.connect(written["DATABASE_URL"])


@pytest.fixture
def stack(tmp_path):
    stack = Stack(tmp_path / "data")
    yield stack
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in stack.processes() if number == signal.SIGKILL else [stack.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        stack.wait_until_gone(30)
    stack.process.wait()


@pytest.mark.timeout(400)
def test_a_killed_launcher_leaves_no_process_and_loses_no_row(stack):
    stack.start().wait_until_ready()
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.port}/readyz") as page:
        assert page.status == 200
    assert len(stack.processes()) > 8
    link = stack.database()
    with link, link.cursor() as cursor:
        cursor.execute("INSERT INTO common_draft (owner, place, text, saved_at) VALUES ('u', 'p', '水壶漏水', now())")
    link.close()

    stack.process.send_signal(signal.SIGKILL)
    assert stack.wait_until_gone(20) == set()
    stack.process.wait()

    stack.start().wait_until_ready()
    link = stack.database()
    with link.cursor() as cursor:
        cursor.execute("SELECT text FROM common_draft")
        assert cursor.fetchall() == [("水壶漏水",)]
    link.close()

    for _ in range(2):  # an impatient person presses Ctrl-C twice
        stack.process.send_signal(signal.SIGINT)
        time.sleep(0.2)
    assert stack.process.wait(60) == 0
    assert stack.processes() == set()
    assert not (stack.data / "run/environment").exists()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PORT": "web"}, "Setting PORT: “web” is not a port number"),
        ({"HUIYIN_TIME_ZONE": "Mars/Base"}, "Setting HUIYIN_TIME_ZONE: “Mars/Base” is not a time zone name"),
        (
            {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
            "Setting DATABASE_URL: the database does not answer",
        ),
        ({"HUIYIN_PG_BIN": "/nowhere"}, "Setting HUIYIN_PG_BIN: there is no program"),
    ],
)
def test_a_wrong_setting_ends_the_start_with_a_sentence(stack, settings, sentence):
    stack.start(**settings)
    assert stack.process.wait(60) == 1
    assert sentence in stack.log.read_text()
    assert "Traceback" not in stack.log.read_text()
    assert stack.processes() == set()
