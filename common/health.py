"""Is it alive, is it ready, and figures for Prometheus. Answers hold states and ages, never addresses or secrets."""

import os
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import prometheus_client
import structlog
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.multiprocess import MultiProcessCollector

from common.models import Outbox, OutboxState
from common.trusted_proxies import is_within

BEAT_KEY = "beat-heartbeat"
BEAT_LATE_AFTER = timedelta(seconds=60)  # the timetable notes it every 10 s
WORK_LATE_AFTER = timedelta(minutes=5)

log = structlog.get_logger()

# name -> when the oldest work that should have been done by now was due (None: nothing waits)
WATCHED: dict[str, Callable[[datetime], datetime | None]] = {}


def watch(name: str, oldest_due: Callable[[datetime], datetime | None]) -> None:
    """Let /readyz report one more kind of waiting work. Higher apps call this from `ready()`."""
    WATCHED[name] = oldest_due


def oldest_outbox_row(at: datetime) -> datetime | None:
    """When the longest-waiting message should have left; retries that wait for their next try do not count."""
    waiting = Outbox.objects.filter(state=OutboxState.WAITING, not_before__lte=at)
    return waiting.order_by("not_before").values_list("not_before", flat=True).first()


watch("outbox", oldest_outbox_row)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: this process answers. Nothing else is asked, so that a slow database restarts nobody."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready: database, cache, broker, beat and waiting work; 503 when any of them is not well."""
    parts = {"database": check(ask_database), "cache": check(ask_cache), "broker": check(ask_broker)}
    if parts["cache"]["ok"]:
        parts["beat"] = check(lambda: ask_beat(timezone.now()))
    if parts["database"]["ok"]:
        for name, oldest_due in WATCHED.items():
            parts[name] = check(partial(ask_work, oldest_due, timezone.now()))
    ready = all(part["ok"] for part in parts.values())
    return JsonResponse({"status": "ready" if ready else "not ready", "parts": parts}, status=200 if ready else 503)


def check(ask: Callable[[], dict]) -> dict:
    """One part's answer with the milliseconds it took; trouble is logged here and only named there."""
    started = time.perf_counter()
    try:
        answer = {"ok": True} | ask()
    except Exception as trouble:  # whatever a driver raises, this page must answer
        log.warning("readiness check failed", part=getattr(ask, "__name__", "work"), exc_info=trouble)
        answer = {"ok": False, "why": type(trouble).__name__}
    return answer | {"ms": round((time.perf_counter() - started) * 1000, 1)}


def ask_database() -> dict:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {}


def ask_cache() -> dict:
    key = f"readyz-{secrets.token_hex(4)}"
    cache.set(key, 1, 5)
    return {"ok": cache.get(key) == 1}


def ask_broker() -> dict:
    with current_app.connection_for_read(transport_options={"socket_timeout": 2}) as link:
        link.ensure_connection(max_retries=1, timeout=2)
    return {}


def ask_beat(at: datetime) -> dict:
    """Seconds since a worker last ran what beat sends every 10 s."""
    last = cache.get(BEAT_KEY)
    if last is None:
        return {"ok": False, "why": "no heartbeat yet"}
    age = at - datetime.fromisoformat(last)
    return {"ok": age <= BEAT_LATE_AFTER, "age_seconds": round(age.total_seconds(), 1)}


def ask_work(oldest_due: Callable[[datetime], datetime | None], at: datetime) -> dict:
    """Seconds the oldest undone work is overdue."""
    due = oldest_due(at)
    late = at - due if due else timedelta(0)
    return {"ok": late <= WORK_LATE_AFTER, "oldest_seconds": round(late.total_seconds(), 1)}


def may_read_metrics(request: HttpRequest) -> bool:
    """From a network that was named, or with the token that was set."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and secrets.compare_digest(sent.encode(), settings.METRICS_TOKEN.encode()):
        return True
    return is_within(request.META.get("REMOTE_ADDR", ""), settings.METRICS_NETWORKS)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus figures of all web processes together; to anyone else this address does not exist."""
    if not may_read_metrics(request):
        return HttpResponse(status=404)
    registry = prometheus_client.REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = prometheus_client.CollectorRegistry()
        MultiProcessCollector(registry)
    return HttpResponse(prometheus_client.generate_latest(registry), content_type=prometheus_client.CONTENT_TYPE_LATEST)
