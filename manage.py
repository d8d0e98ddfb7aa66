#!/usr/bin/env python
"""Django's command line for this project: `python manage.py help` lists the commands."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
#: Commands that only count or describe, and so work where no product runs.
WITHOUT_SERVERS = {"help", "openapi", "sla_backtest"}
NOWHERE = {
    "SECRET_KEY": "signs-nothing-because-these-commands-only-count-or-describe",
    "DATABASE_URL": "postgresql:///nowhere?host=/nonexistent",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def use_own_environment() -> None:
    """Go on with the Python of `.venv/` when this one lacks the product's parts (`python manage.py` in a new shell)."""
    own = ROOT / ".venv" / "bin" / "python"
    if find_spec("django") is None and own.exists() and Path(sys.prefix) != own.parent.parent:
        os.execv(own, [str(own), *sys.argv])  # noqa: S606


def main() -> None:
    """Run one management command; outside the launcher it finds the running product by its address file."""
    use_own_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.addresses import read_running_stack

    read_running_stack()
    if len(sys.argv) > 1 and sys.argv[1] in WITHOUT_SERVERS:
        for name, value in NOWHERE.items():
            os.environ.setdefault(name, value)
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        from django.conf import settings

        settings.INSTALLED_APPS  # noqa: B018  (reads all settings, so that a wrong one is told in one sentence)
    except ImproperlyConfigured as wrong:
        sys.exit(str(wrong))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
