"""A product of our own to measure: the launcher's programs with production settings, data in a folder of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.addresses import ROOT
from stack import __main__ as launcher
from stack import linux, postgres, valkey
from stack.processes import Processes, say

SECRET_KEY = "only-for-measurements-" + "x" * 40


def prepare_environment(folder: Path) -> None:
    """Set every setting of this process and its children, whatever the shell or .env says."""
    for name in [name for name in os.environ if name.startswith("HUIYIN_") and name != "HUIYIN_PG_BIN"]:
        del os.environ[name]
    for name in ("DATABASE_URL", "REDIS_URL", "DEBUG", "EMAIL_URL"):
        os.environ.pop(name, None)
    port = str(valkey.free_port())
    os.environ |= {
        "PORT": port,
        "SECRET_KEY": SECRET_KEY,
        "HUIYIN_DATA": str(folder),
        "HUIYIN_DEMO": "0",
        "HUIYIN_LOG_FORMAT": "json",
        "HUIYIN_LOG_LEVEL": "WARNING",
        # Every client speaks from an address of its own, as people do: limits by address stay as they are.
        "HUIYIN_TRUSTED_PROXIES": "127.0.0.1/32",
        "DJANGO_SETTINGS_MODULE": "bench.settings",
    }


@contextmanager
def database(folder: Path, *, forgetful: bool) -> Iterator[dict[str, str]]:
    """PostgreSQL and Valkey; `forgetful` is for filling only, everything is measured on a database that syncs."""
    launcher.make_data_folder(folder)
    linux.adopt_orphans()
    processes = Processes(ROOT)
    try:
        env = launcher.environment(folder)
        env["DATABASE_URL"] = postgres.start(processes, folder, throw_away=forgetful)
        env["REDIS_URL"] = valkey.start(processes, folder)
        os.environ |= env
        launcher.manage(env, "migrate", "-v0")
        yield env
    finally:
        processes.stop_all()
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)


@contextmanager
def product(folder: Path) -> Iterator[tuple[dict[str, str], Processes]]:
    """The whole product as `make run` starts it: web, workers, sweep, beat."""
    with database(folder, forgetful=False) as env:
        launcher.prepare(folder, env)
        processes = Processes(ROOT)
        try:
            launcher.start_product(processes, env)
            say(f"the product runs on {env['HUIYIN_BASE_URL']}")
            yield env, processes
        finally:
            processes.stop_all()


def throw_away(folder: Path) -> None:
    """Forget what was filled before."""
    shutil.rmtree(folder, ignore_errors=True)
