"""`make run`: everything in order, ready line, and an end that leaves no process and loses no row.

The order: data folder, PostgreSQL, Valkey, translations, tables, static files, demo, workers, beat, web.
"""

import fcntl
import importlib
import os
import secrets
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TextIO

import psycopg2
from django.core.exceptions import ImproperlyConfigured

from common import catalogues
from config.addresses import ROOT, data_folder, parse_lines
from stack import linux, postgres, valkey
from stack.processes import Processes, is_alive, run, say, wait_until
from stack.static_files import begin_collecting

BIN = Path(sys.executable).parent
DEMO_PASSWORD = "huiyin-demo"  # noqa: S105 (printed on purpose; demo data only)
DEMO_PEOPLE = ("customer", "agent", "lead", "manager", "admin", "merchant", "finance", "auditor")
# What a second terminal needs to talk to this stack with `python manage.py ...`.
WRITTEN_DOWN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "HUIYIN_BASE_URL", "HUIYIN_DEMO", "HUIYIN_LOG_FORMAT")


class Stopped(BaseException):
    """Somebody asked us to stop; carries the words to say."""


def main() -> int:
    """Run until asked to stop (0) or until one of the programs ends by itself (1)."""
    settings_file = ROOT / ".env"
    if settings_file.exists():
        for name, value in parse_lines(settings_file.read_text(encoding="utf-8")).items():
            os.environ.setdefault(name, value)
    data = data_folder()
    make_data_folder(data)
    with (data / "lock").open("a+") as lock:  # held until the end of the last program: one stack per data folder
        take(lock, data)
        linux.adopt_orphans()
        if "--end-with-parent" in sys.argv:  # `make` killed outright must not leave us behind
            linux.die_with_parent(signal.SIGTERM, os.getppid())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, ask_to_stop)
        processes = Processes(ROOT, held=(lock.fileno(),))
        try:
            env = environment(data)
            start_servers(processes, data, env)
            prepare(data, env)
            start_product(processes, env)
            print_ready(env)
            return watch(processes)
        except Stopped as asked:
            say(f"stopping: {asked}")
            return 0
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not cut an orderly end short
            processes.stop_all()
            written_down(data).unlink(missing_ok=True)
            say("everything is stopped")


def ask_to_stop(number: int, _frame: object) -> None:
    """A signal becomes an ordinary way out of whatever we are doing."""
    raise Stopped(signal.Signals(number).name)


def take(lock: TextIO, data: Path) -> None:
    """Take the data folder for us alone. Programs of a launcher that was killed get a moment to end."""
    deadline = time.monotonic() + 20
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError:
            lock.seek(0)
            former = lock.read().strip()
            if time.monotonic() > deadline or (former.isdigit() and is_alive(int(former))):
                raise SystemExit(f"Another `make run` already uses the data folder {data}.") from None
            time.sleep(0.2)
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()


def make_data_folder(data: Path) -> None:
    """Make the folder that holds all rows, files and secrets of this stack, closed to other accounts."""
    os.umask(0o077)
    try:
        data.mkdir(parents=True, exist_ok=True)
        (data / "run").mkdir(exist_ok=True)
        data.chmod(0o711)  # PostgreSQL may run as another account and has to pass through
    except OSError as trouble:
        raise SystemExit(f"Setting HUIYIN_DATA: {data} cannot be used ({trouble.strerror}).") from None


def environment(data: Path) -> dict[str, str]:
    """The settings of all programs: what was set, and what makes sense on one machine where nothing was."""
    port = os.environ.get("PORT") or "8000"
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise SystemExit(f"Setting PORT: “{port}” is not a port number. See .env.example for an example.")
    if is_port_taken(int(port)):
        raise SystemExit(f"Port {port} is already in use on this machine. Choose another one: PORT=8001 make run")
    figures = data / "run" / "prometheus"
    shutil.rmtree(figures, ignore_errors=True)
    figures.mkdir(parents=True)
    defaults = {
        "HUIYIN_DATA": str(data),
        "HUIYIN_BASE_URL": f"http://127.0.0.1:{port}",
        "HUIYIN_LISTEN": f"127.0.0.1:{port}",
        "HUIYIN_DEMO": "1",
        "HUIYIN_LOG_FORMAT": "console",
        "HUIYIN_LOG_LEVEL": "WARNING",
        "PROMETHEUS_MULTIPROC_DIR": str(figures),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",  # a laptop's container
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    env = defaults | {name: value for name, value in os.environ.items() if value}
    env.setdefault("SECRET_KEY", secret_key(data))
    return env


def secret_key(data: Path) -> str:
    """The secret that signs links and sessions: made at the first start, kept beside the data, never shared."""
    path = data / "secret-key"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


def is_port_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def start_servers(processes: Processes, data: Path, env: dict[str, str]) -> None:
    """PostgreSQL and Valkey: those named in the settings, else our own."""
    if env.get("DATABASE_URL"):
        say("using the PostgreSQL of DATABASE_URL")
    else:
        env["DATABASE_URL"] = postgres.start(processes, data)
    if env.get("REDIS_URL"):
        say("using the Redis of REDIS_URL")
    else:
        env["REDIS_URL"] = valkey.start(processes, data)
    check_settings(env)
    postgres.check(env["DATABASE_URL"])
    valkey.check(env["REDIS_URL"])


def check_settings(env: dict[str, str]) -> None:
    """Read all settings once, so that a wrong one is told in one sentence before anything trips over it."""
    os.environ.update(env)
    try:
        importlib.import_module("config.settings")
    except ImproperlyConfigured as wrong:
        raise SystemExit(str(wrong)) from None


def manage(env: dict[str, str], *words: str) -> None:
    """One management command, to its end."""
    run([sys.executable, "manage.py", *words], env=env, folder=ROOT)


def prepare(data: Path, env: dict[str, str]) -> None:
    """Everything that must be there before the first page: texts, tables, static files, demo."""
    catalogues.build()
    finish_collecting = begin_collecting(ROOT, env)
    say("bringing the tables up to date ...")
    manage(env, "migrate", "-v0")
    path = written_down(data)
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={env[name]}\n" for name in WRITTEN_DOWN if name in env))
    if is_empty(env) and is_demo(env):
        say("loading the demo: shops, orders and a year of cases (once) ...")
        manage(env, "load_demo")
    finish_collecting()


def written_down(data: Path) -> Path:
    return data / "run" / "environment"


def is_demo(env: dict[str, str]) -> bool:
    return env["HUIYIN_DEMO"].lower() in {"1", "true", "yes", "on"}


def is_empty(env: dict[str, str]) -> bool:
    """Whether nobody has an account yet: the first start."""
    connection = psycopg2.connect(env["DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT NOT EXISTS (SELECT 1 FROM accounts_user)")
        (answer,) = cursor.fetchone() or (False,)
    connection.close()
    return bool(answer)


def start_product(processes: Processes, env: dict[str, str]) -> None:
    """Workers first, so that the first case filed finds them there; the sweep has a worker of its own."""
    say("starting the workers, the timetable and the web ...")
    celery: list[str | Path] = [BIN / "celery", "--quiet", "-A", "config"]
    worker = [*celery, "worker", "--without-gossip", "--without-mingle", "-l", env["HUIYIN_LOG_LEVEL"]]
    processes.start("worker", [*worker, "-n", "default@%h", "-Q", "default", "-c", "2"], env=env, grace=20, stage=1)
    processes.start("sweep", [*worker, "-n", "sweep@%h", "-Q", "sweep", "-c", "1"], env=env, grace=20, stage=1)
    processes.start("beat", [*celery, "beat", "--pidfile=", "-l", env["HUIYIN_LOG_LEVEL"]], env=env, stage=1)
    web = processes.start("web", [BIN / "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"], env=env, stage=1)
    wait_until(lambda: answers(f"http://{env['HUIYIN_LISTEN']}/healthz"), web, seconds=90)
    wait_until(lambda: answers(f"http://{env['HUIYIN_LISTEN']}/readyz"), web, seconds=90)


def answers(address: str) -> bool:
    """Whether the page comes with 200."""
    try:
        with urllib.request.urlopen(address, timeout=5) as page:  # noqa: S310 (an address of our own)
            return page.status == 200
    except (OSError, urllib.error.URLError):
        return False


def print_ready(env: dict[str, str]) -> None:
    """The line everybody waits for, and how to get in."""
    say(f"READY {env['HUIYIN_BASE_URL']}/   (Ctrl-C stops everything)")
    if is_empty(env):
        say("Nobody has an account yet. Open this once to set the product up:")
        manage(env, "setup_link")
    elif is_demo(env):
        say(f"Demo accounts, password {DEMO_PASSWORD}:")
        for person in DEMO_PEOPLE:
            say(f"    {person}@demo.test")


def watch(processes: Processes) -> int:
    """Stay until a program ends by itself: a half-running product is worse than a stopped one."""
    while True:
        if dead := processes.dead():
            say(f"{dead.name} ended by itself (code {dead.process.returncode}); stopping the rest")
            return 1
        processes.reap_orphans()
        time.sleep(0.3)


if __name__ == "__main__":
    sys.exit(main())
