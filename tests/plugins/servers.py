"""pytest plugin: a throw-away PostgreSQL and Valkey for the whole run, started before Django reads its settings.

All xdist workers share both: each has a database of its own (pytest-django) and Redis numbers of its own (below).
`DATABASE_URL` and `REDIS_URL`, when set, are used instead.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from common.catalogues import build
from stack import postgres, valkey
from stack.processes import Processes

ROOT = Path(__file__).resolve().parent.parent.parent


def start_servers() -> None:
    """Start what the environment does not name, in memory where the machine has such a folder, and end it at exit."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="huiyin-test-", dir=memory if os.access(memory, os.W_OK) else None))
    folder.chmod(0o755)  # PostgreSQL may run as another account and has to pass through
    processes = Processes(ROOT, quiet=True)

    def clean_up() -> None:
        processes.stop_all()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(clean_up)
    # Tests never touch the data of a product that runs here, whatever the shell or .env says.
    os.environ["HUIYIN_DATA"] = str(folder / "data")
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = postgres.start(processes, folder, throw_away=True)
    if not os.environ.get("REDIS_URL"):
        os.environ["REDIS_URL"] = valkey.start(processes, folder, throw_away=True)


def settle_environment() -> None:
    """Settings for tests: as in production, apart from those named here."""
    os.environ["SECRET_KEY"] = "only-for-tests-" + "x" * 40
    os.environ["DEBUG"] = "1"  # static files straight from their folders; pytest-django turns DEBUG itself off
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    for name in [name for name in os.environ if name.startswith("HUIYIN_")]:
        if name not in {"HUIYIN_DATA", "HUIYIN_CHROMIUM", "HUIYIN_PG_BIN", "HUIYIN_NO_NAMESPACE"}:
            del os.environ[name]
    os.environ["HUIYIN_LOG_LEVEL"] = "WARNING"
    # The browser's driver keeps an event loop in the test's thread; Django would refuse to touch the database there.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def own_redis_numbers(worker: str) -> None:
    """Give an xdist worker two Redis databases of its own, one for the broker and one for the cache."""
    number = int(worker.removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].rsplit("/", 1)[0] + f"/{2 * number}"


catalogues_built = build()  # pages speak Chinese in tests, too
worker = os.environ.get("PYTEST_XDIST_WORKER")
settle_environment()
if worker:
    own_redis_numbers(worker)
else:
    start_servers()
