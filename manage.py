#!/usr/bin/env python
"""Django's command line for this project: `python manage.py help` lists the commands."""

import os
import sys


def main() -> None:
    """Run one management command; outside the launcher it finds the running product by its address file."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.addresses import read_running_stack

    read_running_stack()
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
