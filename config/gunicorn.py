"""How the web processes run: `gunicorn -c config/gunicorn.py config.wsgi`."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from prometheus_client import multiprocess

try:
    from config import checks, settings  # a wrong setting ends the start here, with its sentence
except ImproperlyConfigured as wrong:
    sys.exit(str(wrong))

bind = os.environ.get("HUIYIN_LISTEN") or "127.0.0.1:8000"
worker_class = "gthread"
workers = checks.whole_number("HUIYIN_WEB_WORKERS", os.environ.get("HUIYIN_WEB_WORKERS") or "2", low=1, high=64)
threads = checks.whole_number("HUIYIN_WEB_THREADS", os.environ.get("HUIYIN_WEB_THREADS") or "8", low=1, high=64)
preload_app = True  # one import for all, and memory shared between them
timeout = 60  # seconds; an upload over a bad line keeps a thread, not a process
graceful_timeout = 5
keepalive = 5
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112 (heartbeats never wait for a disk)
# Addresses of people are private; our own log line per request carries what operators need.
accesslog = None
loglevel = settings.LOG_LEVEL.lower()
forwarded_allow_ips = ""  # X-Forwarded-* is judged in one place: common/trusted_proxies.py


def child_exit(server, worker) -> None:
    """Let the figures of a process that ended count on."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)
